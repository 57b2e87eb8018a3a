//! Rights on a collection: the letters of RFC 4314 section 2.1 and Kontor's own.

use std::fmt;
use std::ops::{BitAnd, BitOr};

/// A set of rights.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rights(u32);

impl Rights {
    /// No right at all.
    pub const NONE: Self = Self(0);
    /// `l`: the folder is visible.
    pub const LOOKUP: Self = Self(1);
    /// `r`: read items.
    pub const READ: Self = Self(1 << 1);
    /// `s`: keep `\Seen`.
    pub const SEEN: Self = Self(1 << 2);
    /// `w`: other flags and keywords.
    pub const WRITE: Self = Self(1 << 3);
    /// `i`: insert items.
    pub const INSERT: Self = Self(1 << 4);
    /// `p`: send mail to the folder's submission address.
    pub const POST: Self = Self(1 << 5);
    /// `k`: create folders beneath.
    pub const CREATE: Self = Self(1 << 6);
    /// `x`: delete the folder.
    pub const DELETE_COLLECTION: Self = Self(1 << 7);
    /// `t`: set `\Deleted`.
    pub const DELETE_ITEMS: Self = Self(1 << 8);
    /// `e`: expunge.
    pub const EXPUNGE: Self = Self(1 << 9);
    /// `a`: administer.
    pub const ADMINISTER: Self = Self(1 << 10);
    /// Sees when the owner is busy, not with what.
    pub const FREE_BUSY: Self = Self(1 << 16);
    /// Sees private items.
    pub const SEE_PRIVATE: Self = Self(1 << 17);
    /// Replaces the content of an item.
    pub const REPLACE: Self = Self(1 << 18);
    /// Account-wide: sends as the owner.
    pub const SEND_AS: Self = Self(1 << 19);
    /// Account-wide: sends on behalf of the owner.
    pub const SEND_ON_BEHALF: Self = Self(1 << 20);
    /// Changes and deletes the items that it made itself, whatever it may do to those of others.
    pub const OWN_ITEMS: Self = Self(1 << 21);
    /// What an owner holds.
    pub const ALL: Self = Self(0x7ff | 0x3f << 16);

    const LETTERS: [(char, Self); 11] = [
        ('l', Self::LOOKUP),
        ('r', Self::READ),
        ('s', Self::SEEN),
        ('w', Self::WRITE),
        ('i', Self::INSERT),
        ('p', Self::POST),
        ('k', Self::CREATE),
        ('x', Self::DELETE_COLLECTION),
        ('t', Self::DELETE_ITEMS),
        ('e', Self::EXPUNGE),
        ('a', Self::ADMINISTER),
    ];

    /// The union of several, where `|` cannot stand (constants).
    #[must_use]
    pub const fn of(rights: &[Self]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < rights.len() {
            set |= rights[index].0;
            index += 1;
        }
        Self(set)
    }

    /// Whether all of `other` are in here.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What of it is not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether items may be added and changed, if only one's own.
    #[must_use]
    pub const fn writes_items(self) -> bool {
        self.contains(Self::INSERT) && (self.contains(Self::REPLACE) || self.contains(Self::OWN_ITEMS))
    }

    /// Whether no right is left.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The number in the database.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0 as i64
    }

    /// From the database; bits that this version does not know give nothing.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(u32::try_from(bits).unwrap_or(0) & Self::ALL.0)
    }

    /// The RFC 4314 letters, in that document's order.
    #[must_use]
    pub fn letters(self) -> String {
        Self::LETTERS.iter().filter(|(_, right)| self.contains(*right)).map(|(letter, _)| *letter).collect()
    }

    /// From RFC 4314 letters. The obsolete `c` and `d` stand for their sets (section 2.1.1).
    #[must_use]
    pub fn from_letters(letters: &str) -> Option<Self> {
        letters.chars().try_fold(Self::NONE, |set, letter| {
            let right = match letter {
                'c' => Self::CREATE | Self::DELETE_COLLECTION,
                'd' => Self::DELETE_ITEMS | Self::EXPUNGE | Self::DELETE_COLLECTION,
                _ => Self::LETTERS.iter().find(|(known, _)| *known == letter)?.1,
            };
            Some(set | right)
        })
    }
}

impl BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rights({})", self.letters())
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.letters())
    }
}

/// The steps of the sharing dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Sees when, not what.
    FreeBusy,
    /// Reads.
    Reader,
    /// Reads, creates, changes and deletes its own.
    Author,
    /// Changes everything.
    Editor,
    /// As the owner, except for handing the account on.
    Owner,
}

impl Preset {
    /// The rights behind the word.
    #[must_use]
    pub fn rights(self) -> Rights {
        let reader = Rights::LOOKUP | Rights::READ | Rights::FREE_BUSY;
        let author = reader | Rights::SEEN | Rights::INSERT | Rights::POST | Rights::OWN_ITEMS;
        let editor = author
            | Rights::WRITE
            | Rights::REPLACE
            | Rights::DELETE_ITEMS
            | Rights::EXPUNGE
            | Rights::CREATE;
        match self {
            Self::FreeBusy => Rights::FREE_BUSY,
            Self::Reader => reader,
            Self::Author => author,
            Self::Editor => editor,
            Self::Owner => editor | Rights::ADMINISTER | Rights::DELETE_COLLECTION | Rights::SEE_PRIVATE,
        }
    }

    /// The word on the command line.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "free-busy" => Self::FreeBusy,
            "reader" => Self::Reader,
            "author" => Self::Author,
            "editor" => Self::Editor,
            "owner" => Self::Owner,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_there_and_back() {
        let all = Rights::from_letters("lrswipkxtea").unwrap_or_default();
        assert_eq!(all.letters(), "lrswipkxtea");
        assert_eq!(Rights::from_letters("cd").map(Rights::letters).as_deref(), Some("kxte"));
        assert_eq!(Rights::from_letters("z"), None);
    }

    #[test]
    fn presets_rise() {
        let steps = [Preset::Reader, Preset::Author, Preset::Editor, Preset::Owner].map(Preset::rights);
        assert!(steps.windows(2).all(|pair| pair[1].contains(pair[0]) && pair[0] != pair[1]));
    }
}
