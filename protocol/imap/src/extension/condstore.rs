//! Which commands tell that the client knows stamps: RFC 7162 section 3.1.

use crate::command::{Authenticated, FetchItem, Search, SearchKey, Selected, StatusItem};
use crate::extension::Enableable;

impl Authenticated {
    /// Whether this is a "CONDSTORE enabling command" (RFC 7162 section 3.1). What is asked counts, not
    /// what is answered.
    #[must_use]
    pub fn enables_condstore(&self) -> bool {
        match self {
            Self::Enable(enable) => enable
                .capabilities
                .iter()
                .any(|one| matches!(one, Enableable::Condstore | Enableable::Qresync)),
            Self::Select(select) | Self::Examine(select) => select.condstore,
            Self::Status(status) => status.items.contains(&StatusItem::HighestModSeq),
            // RFC 5819 section 2: the same question for each name.
            Self::List(list) => list.returns.status.contains(&StatusItem::HighestModSeq),
            Self::Create(_)
            | Self::Delete(_)
            | Self::Rename(_)
            | Self::Subscribe(_)
            | Self::Unsubscribe(_)
            | Self::Lsub(_)
            | Self::Namespace
            | Self::Idle
            | Self::GetQuota(_)
            | Self::GetQuotaRoot(_) => false,
        }
    }
}

impl Selected {
    /// Whether this is a "CONDSTORE enabling command" (RFC 7162 section 3.1).
    #[must_use]
    pub fn enables_condstore(&self) -> bool {
        match self {
            Self::Fetch(fetch) => fetch.changed_since.is_some() || fetch.items.contains(&FetchItem::ModSeq),
            Self::Store(store) => store.unchanged_since.is_some(),
            Self::Search(search) => search.asks_modseq(),
            Self::Check
            | Self::Close
            | Self::Unselect
            | Self::Expunge
            | Self::UidExpunge(_)
            | Self::Copy(_)
            | Self::Move(_) => false,
        }
    }
}

impl Search {
    /// Whether `MODSEQ` occurs among the keys: then the answer tells a stamp (RFC 7162 section 3.1.5).
    #[must_use]
    pub fn asks_modseq(&self) -> bool {
        any_modseq(&self.keys)
    }
}

/// Nesting is bounded where keys are read.
fn any_modseq(keys: &[SearchKey]) -> bool {
    keys.iter().any(|key| match key {
        SearchKey::ModSeq(_) => true,
        SearchKey::And(keys) | SearchKey::Or(keys) => any_modseq(keys),
        SearchKey::Not(key) => any_modseq(std::slice::from_ref(key)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::command::Body;
    use crate::command::testing::read;

    fn enables(command: &str) -> bool {
        match read(command).unwrap() {
            Body::Authenticated(body) => body.enables_condstore(),
            Body::Selected(body) => body.enables_condstore(),
            Body::Any(_) | Body::NotAuthenticated(_) => false,
        }
    }

    #[test]
    fn every_enabling_command_is_known() {
        for command in [
            "ENABLE CONDSTORE",
            "ENABLE QRESYNC",
            "SELECT a (CONDSTORE)",
            "EXAMINE a (CONDSTORE)",
            "STATUS a (MESSAGES HIGHESTMODSEQ)",
            "LIST \"\" * RETURN (STATUS (HIGHESTMODSEQ))",
            "FETCH 1 (FLAGS MODSEQ)",
            "UID FETCH 1 FLAGS (CHANGEDSINCE 5)",
            "UID STORE 1 (UNCHANGEDSINCE 5) +FLAGS (\\Seen)",
            "SEARCH MODSEQ 5",
            "SEARCH OR SEEN NOT (DELETED MODSEQ 5)",
        ] {
            assert!(enables(command), "{command}");
        }
    }

    #[test]
    fn no_other_command_enables() {
        for command in [
            "ENABLE IMAP4rev2",
            "SELECT a",
            "STATUS a (MESSAGES UIDNEXT)",
            "LIST \"\" * RETURN (STATUS (MESSAGES))",
            "FETCH 1 (FLAGS UID)",
            "STORE 1 +FLAGS (\\Seen)",
            "SEARCH SEEN",
            "EXPUNGE",
            "IDLE",
            "NOOP",
        ] {
            assert!(!enables(command), "{command}");
        }
    }
}
