//! `If` on plain files: RFC 4918 section 10.4. Its lists may speak of any resource among the same files.

use dav_wire::ETag;
use dav_wire::header::{Condition, If, IfList, StateToken};

/// What lock tokens look like: RFC 4918 section 6.5.
const TOKEN_SCHEME: &str = "urn:uuid:";

/// The URI of a lock.
pub(super) fn token_uri(token: &str) -> String {
    format!("{TOKEN_SCHEME}{token}")
}

/// The lock that a URI names, if it is one of ours.
pub(super) fn token_of(uri: &str) -> Option<&str> {
    uri.strip_prefix(TOKEN_SCHEME)
}

/// What is known of a resource.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Of an item that is there.
    pub(super) tag: Option<ETag>,
    /// Of the locks over it.
    pub(super) tokens: Vec<String>,
}

/// Whether the header holds: one of its lists does. `state_of` says what is known of the resource that a list is about.
pub(super) fn holds<E>(
    wanted: &If,
    mut state_of: impl FnMut(Option<&str>) -> Result<State, E>,
) -> Result<bool, E> {
    for IfList { resource, conditions } in &wanted.lists {
        let state = state_of(resource.as_deref())?;
        let met = |Condition { not, state: wanted }: &Condition| {
            let is_so = match wanted {
                StateToken::ETag(tag) => state.tag.is_some_and(|current| tag.names(&current)),
                StateToken::Uri(uri) => {
                    token_of(uri).is_some_and(|token| state.tokens.iter().any(|known| known == token))
                }
            };
            is_so != *not
        };
        if conditions.iter().all(met) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The locks that a request names anywhere in the header. RFC 4918 section 10.4.1: that submits them, whatever becomes of
/// the condition in which they stand.
pub(super) fn submitted(wanted: Option<&If>) -> Vec<String> {
    let conditions = wanted.into_iter().flat_map(|wanted| &wanted.lists).flat_map(|list| &list.conditions);
    let tokens = conditions.filter_map(|condition| match &condition.state {
        StateToken::Uri(uri) => token_of(uri).map(str::to_owned),
        StateToken::ETag(_) => None,
    });
    tokens.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use vocabulary::{ItemId, ModSeq};

    const TAG: ETag = ETag { item: ItemId(7), content: ModSeq(5) };

    /// `/here` has the tag and the lock `a`, `/dir/` the lock `d`; of others nothing is known.
    fn state(resource: Option<&str>) -> Result<State, Infallible> {
        Ok(match resource {
            None | Some("/here") => State { tag: Some(TAG), tokens: vec!["a".into(), "d".into()] },
            Some("/dir/") => State { tag: None, tokens: vec!["d".into()] },
            Some(_) => State::default(),
        })
    }

    // RFC 4918 sections 10.4.3, 10.4.4 and 10.4.5.
    #[test]
    fn one_list_must_hold_and_all_of_its_conditions() {
        for (header, expected) in [
            ("(<urn:uuid:a>)", true),
            ("(<urn:uuid:b>)", false),
            ("(<urn:uuid:a> [\"7-5\"])", true),
            ("(<urn:uuid:a> [\"7-6\"])", false),
            ("(<urn:uuid:a> [\"7-6\"]) ([\"7-5\"])", true),
            ("(Not <urn:uuid:a>)", false),
            ("(Not <urn:uuid:b> [\"7-5\"])", true),
            ("(<DAV:no-lock>)", false),
            ("(Not <DAV:no-lock>)", true),
            ("(<urn:uuid:b>) (Not <DAV:no-lock>)", true),
            ("(<urn:uuid:b>) (Not <DAV:no-lock> [\"7-6\"])", false),
            ("([W/\"7-5\"])", true),
            ("</here> (<urn:uuid:a>)", true),
            ("</dir/> (<urn:uuid:d>)", true),
            ("</dir/> (<urn:uuid:a>)", false),
            ("</dir/> ([\"7-5\"])", false),
            ("</there> (<urn:uuid:a>)", false),
            ("</there> (Not <urn:uuid:a>)", true),
            ("</there> ([\"7-5\"]) (<urn:uuid:a>) </dir/> (<urn:uuid:x>) (<urn:uuid:d>)", true),
            ("(<opaquelocktoken:a>)", false),
            ("(<a>)", false),
        ] {
            let wanted = If::parse(header).unwrap();
            assert_eq!(holds(&wanted, state), Ok(expected), "{header}");
        }
    }

    // RFC 4918 section 10.4.1.
    #[test]
    fn every_token_that_is_named_is_submitted() {
        let header = "</x> (<urn:uuid:a> [\"t\"]) (Not <urn:uuid:b>) </y> (<DAV:no-lock> <urn:uuid:c>)";
        assert_eq!(submitted(Some(&If::parse(header).unwrap())), ["a", "b", "c"]);
        assert_eq!(submitted(None), [""; 0]);
    }
}
