//! Sync keys: opaque to clients, `generation.counter` to us (MS-ASCMD section 2.2.3.181).
//!
//! The same form serves FolderSync and each collection of Sync. A generation is never used again.

use std::fmt;
use std::str::FromStr;

/// A key that the server gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SyncKey {
    /// Which life of the state; a new one begins at each key 0.
    pub generation: u32,
    /// Which answer of that life, from 1.
    pub counter: u64,
}

/// The text is no key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sync key of this server")]
pub struct NotOurs;

/// A key as a client sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKey {
    /// `0`: begin anew.
    Initial,
    /// Has the form of a key of ours; whether it is current is for the store to say.
    Issued(SyncKey),
    /// Anything else. The answer is status 3 (Sync), 9 (FolderSync) or 4 (GetItemEstimate).
    Foreign,
}

impl ClientKey {
    /// Reads what the client sent.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "0" => Self::Initial,
            text => text.parse().map_or(Self::Foreign, Self::Issued),
        }
    }
}

impl fmt::Display for SyncKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.generation, self.counter)
    }
}

impl FromStr for SyncKey {
    type Err = NotOurs;

    /// Accepts exactly what `Display` writes: one key has one spelling.
    fn from_str(text: &str) -> Result<Self, NotOurs> {
        let (generation, counter) = text.split_once('.').ok_or(NotOurs)?;
        let key = Self {
            generation: canonical(generation)?.parse().map_err(|_| NotOurs)?,
            counter: canonical(counter)?.parse().map_err(|_| NotOurs)?,
        };
        Ok(key)
    }
}

fn canonical(digits: &str) -> Result<&str, NotOurs> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    if plain && (digits == "0" || !digits.starts_with('0')) { Ok(digits) } else { Err(NotOurs) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn foreign_keys_are_recognised() {
        for text in
            ["", ".", "1", "987654321", "4711-bad", "{GUID}3", "01.2", "1.02", "+1.2", "1.2.3", "1. 2"]
        {
            assert_eq!(ClientKey::parse(text), ClientKey::Foreign, "{text}");
        }
        assert_eq!(ClientKey::parse("0"), ClientKey::Initial);
        assert_eq!(ClientKey::parse("7.1"), ClientKey::Issued(SyncKey { generation: 7, counter: 1 }));
    }

    proptest! {
        #[test]
        fn every_key_reads_back_and_is_short(generation: u32, counter: u64) {
            let key = SyncKey { generation, counter };
            let text = key.to_string();
            prop_assert!(text.len() <= 64);
            prop_assert_eq!(text.parse(), Ok(key));
        }

        #[test]
        fn one_key_has_one_spelling(text in "[0-9.+ ]{0,12}") {
            if let Ok(key) = text.parse::<SyncKey>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
