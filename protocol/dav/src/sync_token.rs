//! Synchronisation tokens: RFC 6578 section 4.
//!
//! A token must be a URI. Ours holds `:` and `/`, because GNOME takes a token without either for a ctag and
//! reads everything again.

use std::fmt;
use std::str::FromStr;

const COLLECTION: &str = "data:,kontor/items/";
const HOME: &str = "data:,kontor/homes/";

/// A reader's place in the log, opaque to the reader. Display and parsing are exact inverses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyncToken {
    /// In the log of one collection.
    Collection {
        /// Whose collection.
        owner: i64,
        /// Which.
        collection: i64,
        /// The epoch of the reader's view.
        epoch: i64,
        /// Changes of known items are told up to here ..
        modseq: i64,
        /// .. and of those with this very number up to this UID.
        uid: u32,
        /// Items up to this UID are known.
        added: u32,
        /// Bodies of known items are told up to here.
        told: i64,
    },
    /// In the list of collections of a home.
    Home {
        /// Whose home it is to whom, and which collections of others stand in it, as one number.
        shared: u64,
        /// How far its collections were told.
        told: HomeMarks,
        /// The pass through the home that has begun and not ended.
        pass: Option<HomePass>,
    },
}

/// How far the collections of a home were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HomeMarks {
    /// Changes of those of its owner up to here; 0: none was.
    pub modseq: i64,
    /// The state of those of others, as one number; 0: none was.
    pub shared: u64,
}

/// A pass through a home that ended at a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HomePass {
    /// How far the collections are told when it is at its end.
    pub until: HomeMarks,
    /// The owner of the collection that was told last ..
    pub owner: i64,
    /// .. and which it was.
    pub collection: i64,
}

impl fmt::Display for SyncToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collection { owner, collection, epoch, modseq, uid, added, told } => {
                write!(f, "{COLLECTION}{owner}/{collection}/{epoch}/{modseq}/{uid}/{added}/{told}")
            }
            Self::Home { shared, told, pass } => {
                write!(f, "{HOME}{shared}/{}/{}", told.modseq, told.shared)?;
                let Some(HomePass { until, owner, collection }) = pass else { return Ok(()) };
                write!(f, "/{}/{}/{owner}/{collection}", until.modseq, until.shared)
            }
        }
    }
}

/// Not a token that we gave: answered with
/// [`Precondition::ValidSyncToken`](crate::Precondition::ValidSyncToken), never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a synchronisation token of this server")]
pub struct NotASyncToken;

impl FromStr for SyncToken {
    type Err = NotASyncToken;

    fn from_str(text: &str) -> Result<Self, NotASyncToken> {
        let token = if let Some(numbers) = text.strip_prefix(COLLECTION) {
            let mut numbers = numbers.split('/');
            let (owner, collection) = (next(&mut numbers)?, next(&mut numbers)?);
            let (epoch, modseq) = (next(&mut numbers)?, next(&mut numbers)?);
            let (uid, added, told) = (next(&mut numbers)?, next(&mut numbers)?, next(&mut numbers)?);
            Self::Collection { owner, collection, epoch, modseq, uid, added, told }
        } else {
            let mut numbers = text.strip_prefix(HOME).ok_or(NotASyncToken)?.split('/');
            let shared = next(&mut numbers)?;
            let told = HomeMarks { modseq: next(&mut numbers)?, shared: next(&mut numbers)? };
            let mut numbers = numbers.peekable();
            let pass = match numbers.peek() {
                None => None,
                Some(_) => {
                    let until = HomeMarks { modseq: next(&mut numbers)?, shared: next(&mut numbers)? };
                    Some(HomePass { until, owner: next(&mut numbers)?, collection: next(&mut numbers)? })
                }
            };
            Self::Home { shared, told, pass }
        };
        // Another spelling (a sign, a leading zero, a number too many) was not made by us.
        if token.to_string() == text { Ok(token) } else { Err(NotASyncToken) }
    }
}

fn next<'a, N: FromStr>(numbers: &mut impl Iterator<Item = &'a str>) -> Result<N, NotASyncToken> {
    numbers.next().and_then(|number| number.parse().ok()).ok_or(NotASyncToken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens() -> impl Strategy<Value = SyncToken> {
        let of_collection = (any::<[i64; 5]>(), any::<[u32; 2]>()).prop_map(|(numbers, [uid, added])| {
            let [owner, collection, epoch, modseq, told] = numbers;
            SyncToken::Collection { owner, collection, epoch, modseq, uid, added, told }
        });
        let marks = || (any::<i64>(), any::<u64>()).prop_map(|(modseq, shared)| HomeMarks { modseq, shared });
        let pass = (marks(), any::<[i64; 2]>()).prop_map(|(until, [owner, collection])| HomePass {
            until,
            owner,
            collection,
        });
        let of_home = (any::<u64>(), marks(), proptest::option::of(pass))
            .prop_map(|(shared, told, pass)| SyncToken::Home { shared, told, pass });
        prop_oneof![of_collection, of_home]
    }

    #[test]
    fn a_token_is_a_uri_that_gnome_keeps() {
        let token =
            SyncToken::Collection { owner: 8, collection: 9, epoch: 1, modseq: 2, uid: 3, added: 4, told: 5 };
        assert_eq!(token.to_string(), "data:,kontor/items/8/9/1/2/3/4/5");
        assert!(token.to_string().contains([':', '/']));
    }

    // RFC 6578 section 3.2.
    #[test]
    fn whatever_we_did_not_write_is_refused() {
        for bad in [
            "",
            "5",
            "data:,kontor/items/",
            "data:,kontor/items/8/9/1/2/3/4",
            "data:,kontor/items/8/9/1/2/3/4/5/6",
            "data:,kontor/items/8/9/1/2/3/4/5/",
            "data:,kontor/items/8/9/01/2/3/4/5",
            "data:,kontor/items/8/9/+1/2/3/4/5",
            "data:,kontor/items/8/9/1/2/-3/4/5",
            "data:,kontor/items/8/9/1/2/3/4294967296/5",
            "data:,kontor/items/8/9/1/9223372036854775808/3/4/5",
            " data:,kontor/items/8/9/1/2/3/4/5",
            "DATA:,kontor/items/8/9/1/2/3/4/5",
            "data:,kontor/homes/1/2/3/4/5",
            "data:,kontor/homes/1/2",
            "data:,kontor/homes/1/2/3/",
            "data:,kontor/homes/1/2/-3",
            "data:,kontor/homes/1/2/3/4/5/6",
            "data:,kontor/homes/1/2/3/4/5/6/7/8",
            "http://sabre.io/ns/sync/5",
        ] {
            assert_eq!(bad.parse::<SyncToken>(), Err(NotASyncToken), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_token_comes_back_as_it_went(token in tokens()) {
            prop_assert_eq!(token.to_string().parse(), Ok(token));
        }

        #[test]
        fn only_one_text_is_a_given_token(token in tokens(), at: prop::sample::Index, with in "[0-9/+-]") {
            let mut text = token.to_string();
            text.insert_str(at.index(text.len() + 1), &with);
            if let Ok(other) = text.parse::<SyncToken>() {
                prop_assert_ne!(other, token);
            }
        }
    }
}
