//! ServerIds: numbers of ours in a form that every client keeps unharmed.
//!
//! Digits are `0-9a-v` (base 32, lower case, no leading zero); the letters `w`, `x` and `y` stand before
//! the collection, the item and the attachment: folder `1w5`, item `1w5x2k`, attachment `1w5x2ky0`. A LongId
//! (`1z2k`) names an item wherever its folder is, for as long as it lives; whoever uses one is asked for rights anew.
//! Letters and digits only, because clients have been seen to split ids at punctuation. The root folder
//! is `0` (MS-ASCMD R80), which no id of ours can be. With numbers below 2^60 an item id has at most 38
//! characters, with any numbers at most 41; clients keep 64 (MS-ASCMD R3931).

use std::fmt;
use std::str::FromStr;

use vocabulary::{AccountId, CollectionId, ItemId};

/// The parent of top-level folders: MS-ASCMD R80.
pub const ROOT_FOLDER: &str = "0";

/// Names one folder, also one of another account that is shared with the device's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderId {
    /// Whose folder.
    pub account: AccountId,
    /// Which one of the account.
    pub collection: CollectionId,
}

/// Names one item in its folder. A move gives a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId {
    /// Where it is.
    pub folder: FolderId,
    /// Which item of the account.
    pub item: ItemId,
}

/// Names one attachment of one item: `airsyncbase:FileReference`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileReference {
    /// The message.
    pub item: ServerId,
    /// Its attachment, counted from 0 in the order of the message.
    pub part: u32,
}

/// Names one item of an account wherever it is: `search:LongId`. A move leaves it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LongId {
    /// Whose item.
    pub account: AccountId,
    /// Which one of the account.
    pub item: ItemId,
}

/// The text names nothing that this server could have named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this server")]
pub struct NotOurs;

/// What clients call the recipient information cache: MS-ASCMD R2037.
const RECIPIENTS: &str = "RI";

impl FolderId {
    /// The recipient information cache of whoever asks. No account and no collection has these numbers.
    pub const RECIPIENTS: Self = Self { account: AccountId(0), collection: CollectionId(-1) };
}

impl fmt::Display for FolderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::RECIPIENTS {
            return f.write_str(RECIPIENTS);
        }
        digits(f, self.account.0.cast_unsigned())?;
        f.write_str("w")?;
        digits(f, self.collection.0.cast_unsigned())
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x", self.folder)?;
        digits(f, self.item.0.cast_unsigned())
    }
}

impl fmt::Display for FileReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}y", self.item)?;
        digits(f, self.part.into())
    }
}

impl fmt::Display for LongId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        digits(f, self.account.0.cast_unsigned())?;
        f.write_str("z")?;
        digits(f, self.item.0.cast_unsigned())
    }
}

impl FromStr for LongId {
    type Err = NotOurs;

    fn from_str(text: &str) -> Result<Self, NotOurs> {
        let (account, item) = text.split_once('z').ok_or(NotOurs)?;
        Ok(Self {
            account: AccountId(number(account)?.cast_signed()),
            item: ItemId(number(item)?.cast_signed()),
        })
    }
}

impl FromStr for FolderId {
    type Err = NotOurs;

    fn from_str(text: &str) -> Result<Self, NotOurs> {
        if text == RECIPIENTS {
            return Ok(Self::RECIPIENTS);
        }
        let (account, collection) = text.split_once('w').ok_or(NotOurs)?;
        let id = Self {
            account: AccountId(number(account)?.cast_signed()),
            collection: CollectionId(number(collection)?.cast_signed()),
        };
        // It has one spelling.
        if id == Self::RECIPIENTS { Err(NotOurs) } else { Ok(id) }
    }
}

impl FromStr for ServerId {
    type Err = NotOurs;

    fn from_str(text: &str) -> Result<Self, NotOurs> {
        let (folder, item) = text.split_once('x').ok_or(NotOurs)?;
        Ok(Self { folder: folder.parse()?, item: ItemId(number(item)?.cast_signed()) })
    }
}

impl FromStr for FileReference {
    type Err = NotOurs;

    fn from_str(text: &str) -> Result<Self, NotOurs> {
        let (item, part) = text.split_once('y').ok_or(NotOurs)?;
        Ok(Self { item: item.parse()?, part: u32::try_from(number(part)?).map_err(|_| NotOurs)? })
    }
}

fn digits(f: &mut fmt::Formatter<'_>, value: u64) -> fmt::Result {
    let width = (u64::BITS - value.leading_zeros()).div_ceil(5).max(1);
    for place in (0..width).rev() {
        let digit = u32::try_from((value >> (place * 5)) & 31).unwrap_or_default();
        fmt::Write::write_char(f, char::from_digit(digit, 32).unwrap_or('0'))?;
    }
    Ok(())
}

/// One number has one spelling: no upper case, no leading zeros.
fn number(text: &str) -> Result<u64, NotOurs> {
    if text.is_empty() || text.len() > 13 || (text.len() > 1 && text.starts_with('0')) {
        return Err(NotOurs);
    }
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'v')) {
        return Err(NotOurs);
    }
    u64::from_str_radix(text, 32).map_err(|_| NotOurs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn server_id(account: i64, collection: i64, item: i64) -> ServerId {
        let folder = FolderId { account: AccountId(account), collection: CollectionId(collection) };
        ServerId { folder, item: ItemId(item) }
    }

    #[test]
    fn known_ids_have_their_known_form() {
        let id = server_id(1, 5, 84);
        assert_eq!(id.folder.to_string(), "1w5");
        assert_eq!(id.to_string(), "1w5x2k");
        assert_eq!(FileReference { item: id, part: 0 }.to_string(), "1w5x2ky0");
        assert_eq!(LongId { account: AccountId(1), item: ItemId(84) }.to_string(), "1z2k");
    }

    // MS-ASCMD R2033
    #[test]
    fn the_recipient_cache_has_the_name_that_clients_know() {
        assert_eq!(FolderId::RECIPIENTS.to_string(), "RI");
        assert_eq!("RI".parse(), Ok(FolderId::RECIPIENTS));
        let id = ServerId { folder: FolderId::RECIPIENTS, item: ItemId(84) };
        assert_eq!((id.to_string().as_str(), id.to_string().parse()), ("RIx2k", Ok(id)));
        assert_eq!("ri".parse::<FolderId>(), Err(NotOurs));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "0", "w", "1w", "w5", "01w5", "1W5", "1w5x", "1w5x2k", "1wz", "1w+5", "zzzzzzzzzzzzzzw1"]
        {
            assert_eq!(text.parse::<FolderId>(), Err(NotOurs), "{text}");
        }
        for text in ["1w5", "1w5x", "1w5xx1", "1w5x01", "nosuchitem-99999", "1w5x1y0"] {
            assert_eq!(text.parse::<ServerId>(), Err(NotOurs), "{text}");
        }
        for text in ["1z", "z2", "1z02", "1z2z3", "1w5x2k", "1z2k "] {
            assert_eq!(text.parse::<LongId>(), Err(NotOurs), "{text}");
        }
        assert_eq!("1w5x1y4000000".parse::<FileReference>(), Err(NotOurs), "a part above 2^32");
    }

    proptest! {
        #[test]
        fn every_id_reads_back(account in 0..i64::MAX, collection in 0..i64::MAX, item in 0..i64::MAX, part: u32) {
            let id = server_id(account, collection, item);
            prop_assert_eq!(id.folder.to_string().parse(), Ok(id.folder));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
            let file = FileReference { item: id, part };
            prop_assert_eq!(file.to_string().parse(), Ok(file));
            let long = LongId { account: id.folder.account, item: id.item };
            prop_assert_eq!(long.to_string().parse(), Ok(long));
        }

        #[test]
        fn ids_of_real_stores_have_at_most_40_characters(
            account in 0..1_i64 << 60, collection in 0..1_i64 << 60, item in 0..1_i64 << 60,
        ) {
            prop_assert!(server_id(account, collection, item).to_string().len() <= 40);
        }

        #[test]
        fn one_id_has_one_spelling(text in "[0-9a-z]{1,20}") {
            if let Ok(id) = text.parse::<ServerId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}
