//! The `If` header: RFC 4918 section 10.4.
//!
//! ```abnf
//! If           = "If" ":" ( 1*No-tag-list / 1*Tagged-list )
//! No-tag-list  = List
//! Tagged-list  = Resource-Tag 1*List
//! List         = "(" 1*Condition ")"
//! Condition    = ["Not"] (State-token / "[" entity-tag "]")
//! State-token  = Coded-URL                  ; "<" absolute-URI ">"
//! Resource-Tag = "<" Simple-ref ">"
//! ```

use super::HeaderError;
use crate::etag::EntityTag;

/// Longest value that is read, in bytes. It bounds the lists and conditions too.
const BYTES_MAX: usize = 8 * 1024;
const BAD: HeaderError = HeaderError("If");

/// The header: it holds if one of its lists does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct If {
    /// At least one.
    pub lists: Vec<IfList>,
}

/// A list: it holds if all of its conditions do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfList {
    /// The resource that the list is about, as it stands in the header; `None`: the one of the request.
    pub resource: Option<String>,
    /// At least one.
    pub conditions: Vec<Condition>,
}

/// A condition on the state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// It holds if the state is another.
    pub not: bool,
    /// The state.
    pub state: StateToken,
}

/// A state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateToken {
    /// The token of a lock, or of a synchronisation (RFC 6578 section 5).
    Uri(String),
    /// The entity tag.
    ETag(EntityTag),
}

impl If {
    /// # Errors
    /// If the value does not follow the grammar or is longer than 8 KiB.
    pub fn parse(value: &str) -> Result<Self, HeaderError> {
        if value.len() > BYTES_MAX {
            return Err(BAD);
        }
        let mut rest = value.trim();
        let tagged = rest.starts_with('<');
        let mut resource = None;
        let mut lists = Vec::new();
        while !rest.is_empty() {
            if tagged && rest.starts_with('<') {
                let (tag, after) = cut_uri(rest)?;
                if !after.starts_with('(') {
                    return Err(BAD);
                }
                resource = Some(tag);
                rest = after;
            }
            let (conditions, after) = cut_list(rest)?;
            lists.push(IfList { resource: resource.clone(), conditions });
            rest = after;
        }
        if lists.is_empty() { Err(BAD) } else { Ok(Self { lists }) }
    }
}

fn cut_list(text: &str) -> Result<(Vec<Condition>, &str), HeaderError> {
    let mut rest = text.strip_prefix('(').ok_or(BAD)?.trim_start();
    let mut conditions = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return if conditions.is_empty() { Err(BAD) } else { Ok((conditions, after.trim_start())) };
        }
        let (condition, after) = cut_condition(rest)?;
        conditions.push(condition);
        rest = after;
    }
}

fn cut_condition(text: &str) -> Result<(Condition, &str), HeaderError> {
    let (not, text) = match text.split_at_checked(3) {
        Some((word, rest)) if word.eq_ignore_ascii_case("not") => (true, rest.trim_start()),
        _ => (false, text),
    };
    if let Some(text) = text.strip_prefix('[') {
        let (etag, rest) = EntityTag::cut(text).ok_or(BAD)?;
        let rest = rest.strip_prefix(']').ok_or(BAD)?.trim_start();
        return Ok((Condition { not, state: StateToken::ETag(etag) }, rest));
    }
    let (uri, rest) = cut_uri(text)?;
    Ok((Condition { not, state: StateToken::Uri(uri) }, rest))
}

fn cut_uri(text: &str) -> Result<(String, &str), HeaderError> {
    let (uri, rest) = text.strip_prefix('<').and_then(|text| text.split_once('>')).ok_or(BAD)?;
    if uri.is_empty() || uri.contains(|c: char| c.is_whitespace() || c == '<') {
        return Err(BAD);
    }
    Ok((uri.to_owned(), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn uri(text: &str) -> Condition {
        Condition { not: false, state: StateToken::Uri(text.into()) }
    }

    fn etag(opaque: &str, weak: bool) -> Condition {
        Condition { not: false, state: StateToken::ETag(EntityTag { weak, opaque: opaque.into() }) }
    }

    fn not(condition: Condition) -> Condition {
        Condition { not: true, ..condition }
    }

    fn list(resource: Option<&str>, conditions: Vec<Condition>) -> IfList {
        IfList { resource: resource.map(str::to_owned), conditions }
    }

    // RFC 4918 section 10.4.
    #[test]
    fn lists_with_and_without_a_resource() {
        let token = "urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2";
        for (value, expected) in [
            ("(<a:b>)", vec![list(None, vec![uri("a:b")])]),
            (
                "(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2> [\"I am an ETag\"]) ([\"another\"])",
                vec![
                    list(None, vec![uri(token), etag("I am an ETag", false)]),
                    list(None, vec![etag("another", false)]),
                ],
            ),
            ("(Not <a:b> <c:d>)", vec![list(None, vec![not(uri("a:b")), uri("c:d")])]),
            (
                "(<a:b>)(NOT<DAV:no-lock>)",
                vec![list(None, vec![uri("a:b")]), list(None, vec![not(uri("DAV:no-lock"))])],
            ),
            (
                "</r1> (<a:b> [W/\"w\"]) ([\"s\"]) <http://h/r2> (<c:d>)",
                vec![
                    list(Some("/r1"), vec![uri("a:b"), etag("w", true)]),
                    list(Some("/r1"), vec![etag("s", false)]),
                    list(Some("http://h/r2"), vec![uri("c:d")]),
                ],
            ),
        ] {
            assert_eq!(If::parse(value), Ok(If { lists: expected }), "{value}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_refused() {
        for bad in [
            "",
            "()",
            "(",
            "(<a:b>",
            "<a:b>",
            "(<a:b>) x",
            "(a:b)",
            "([a])",
            "([\"a\")",
            "(Not)",
            "(<>)",
            "</r>",
            "</r> </s> (<a:b>)",
            "(<a:b>) </r> (<c:d>)",
            "(<a b>)",
            "(<a:b>>)",
        ] {
            assert_eq!(If::parse(bad), Err(BAD), "{bad}");
        }
        let lists = "(<a>)".repeat(BYTES_MAX / 5);
        assert!(If::parse(&lists).is_ok());
        assert_eq!(If::parse(&format!("{lists}(<a>)")), Err(BAD));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[()<>\\[\\]\"Notab: /W]{0,60}") {
            let _ = If::parse(&text);
        }
    }
}
