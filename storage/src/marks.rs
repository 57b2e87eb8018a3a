//! Marks of mail beside its flags: the follow-up as phones say it, and what was last done with it.
//!
//! `\Flagged`, `\Answered` and `$Forwarded` are the truth for every door; these columns only say more of them. When a
//! door that knows no more changes such a flag, what was said of it before holds no longer.

use crate::access::{Grant, right};
use crate::backend::Row;
use crate::error::{Refusal, Result};
use crate::item_flags::{FlagChange, FlagsChanged};
use crate::transaction::Write;
use vocabulary::{Flags, Keyword, Keywords, ModSeq, Timestamp, Uid};

/// Longest text that is kept of a follow-up.
pub const FOLLOW_UP_BYTES_MAX: usize = 4096;

/// What was last done with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Its author was answered.
    Reply,
    /// All were answered.
    ReplyAll,
    /// It was forwarded.
    Forward,
}

/// Marks beside the flags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// What a door says of the follow-up, in words of its own; empty if there is nothing but `\Flagged`.
    pub follow_up: String,
    /// What was last done with it, and when; `None`: only the flags say whether anything was.
    pub verb: Option<(Verb, Timestamp)>,
}

/// When which kind of mark last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarkStamps {
    /// `\Seen`.
    pub seen: ModSeq,
    /// `\Flagged` and what is said of the follow-up.
    pub flag: ModSeq,
    /// Keywords that people chose.
    pub labels: ModSeq,
    /// `\Answered`, `\Draft`, what was last done, keywords of programs.
    pub other: ModSeq,
}

/// A change of the marks of one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkChange {
    /// Flags and keywords.
    pub flags: FlagChange,
    /// What is said of the follow-up from now on; `None` to say nothing of it.
    pub follow_up: Option<String>,
    /// What was done just now.
    pub verb: Option<Verb>,
}

impl Verb {
    const ALL: [Self; 3] = [Self::Reply, Self::ReplyAll, Self::Forward];

    fn code(self) -> i64 {
        match self {
            Self::Reply => 1,
            Self::ReplyAll => 2,
            Self::Forward => 3,
        }
    }
}

impl Marks {
    /// From three columns.
    pub(crate) fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        let code = row.int(first + 1)?;
        let verb = Verb::ALL.into_iter().find(|verb| verb.code() == code);
        let at = Timestamp(row.int(first + 2)?);
        Ok(Self { follow_up: row.text(first)?.to_owned(), verb: verb.map(|verb| (verb, at)) })
    }

    pub(crate) fn verb_code(&self) -> i64 {
        self.verb.map_or(0, |(verb, _)| verb.code())
    }

    pub(crate) fn verb_at(&self) -> i64 {
        self.verb.map_or(0, |(_, at)| at.0)
    }
}

impl MarkStamps {
    /// From four columns.
    pub(crate) fn read(row: &Row<'_>, first: usize) -> Result<Self> {
        let stamp = |index| row.int(index).map(ModSeq);
        let (seen, flag) = (stamp(first)?, stamp(first + 1)?);
        Ok(Self { seen, flag, labels: stamp(first + 2)?, other: stamp(first + 3)? })
    }
}

/// Flags, keywords and marks of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) flags: Flags,
    pub(crate) keywords: Keywords,
    pub(crate) marks: Marks,
}

/// What a door says beside flags and keywords.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    pub(crate) follow_up: Option<&'a str>,
    pub(crate) verb: Option<Verb>,
}

impl Marked {
    /// What the row says once its flags and keywords are these.
    pub(crate) fn with(&self, flags: Flags, keywords: Keywords, said: Said<'_>, now: Timestamp) -> Self {
        let was_flagged = self.flags.contains(Flags::FLAGGED);
        let follow_up = match said.follow_up {
            Some(text) => text.to_owned(),
            None if flags.contains(Flags::FLAGGED) != was_flagged => String::new(),
            None => self.marks.follow_up.clone(),
        };
        let marks = Marks { follow_up, verb: self.verb_with(flags, &keywords, said.verb, now) };
        Self { flags, keywords, marks }
    }

    fn verb_with(
        &self,
        flags: Flags,
        keywords: &Keywords,
        said: Option<Verb>,
        now: Timestamp,
    ) -> Option<(Verb, Timestamp)> {
        let answered = |flags: Flags| flags.contains(Flags::ANSWERED);
        let (is_answered, is_forwarded) = (answered(flags), keywords.has(Keyword::FORWARDED));
        if let Some(verb) = said {
            return Some((verb, now));
        }
        if is_answered && !answered(self.flags) {
            return Some((Verb::Reply, now));
        }
        if is_forwarded && !self.keywords.has(Keyword::FORWARDED) {
            return Some((Verb::Forward, now));
        }
        self.marks.verb.filter(|(verb, _)| match verb {
            Verb::Reply | Verb::ReplyAll => is_answered,
            Verb::Forward => is_forwarded,
        })
    }

    /// The stamps once this has become `new` at `modseq`.
    pub(crate) fn stamps(&self, new: &Self, old: MarkStamps, modseq: ModSeq) -> MarkStamps {
        let differs = |flags: Flags| self.flags & flags != new.flags & flags;
        let words = |marked: &Self, labels: bool| {
            let words = marked.keywords.iter().filter(|word| word.is_label() == labels);
            words.cloned().collect::<Keywords>().to_column()
        };
        let stamp = |has_changed: bool, old: ModSeq| if has_changed { modseq } else { old };
        let flag = differs(Flags::FLAGGED) || self.marks.follow_up != new.marks.follow_up;
        let other = differs(Flags::ANSWERED | Flags::DRAFT)
            || self.marks.verb != new.marks.verb
            || words(self, false) != words(new, false);
        MarkStamps {
            seen: stamp(differs(Flags::SEEN), old.seen),
            flag: stamp(flag, old.flag),
            labels: stamp(words(self, true) != words(new, true), old.labels),
            other: stamp(other, old.other),
        }
    }
}

impl<'tx> Write<'tx> {
    /// Changes the marks of a living item, as far as the grant's rights go: whoever may not flag says nothing of a
    /// follow-up either.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if more is said than [`FOLLOW_UP_BYTES_MAX`]; a UID that is not there is no error.
    pub fn change_marks(
        &mut self,
        grant: &Grant<'tx, right::ChangeFlags>,
        uid: Uid,
        change: &MarkChange,
        quiet_for: Option<&str>,
    ) -> Result<FlagsChanged> {
        let follow_up = change.follow_up.as_deref();
        if follow_up.is_some_and(|text| text.len() > FOLLOW_UP_BYTES_MAX) {
            return Err(Refusal::Invalid("more is said of a follow-up than is kept").into());
        }
        let said = Said { follow_up, verb: change.verb };
        self.change(grant, &[uid.0..=uid.0], &change.flags, said, None, quiet_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(7);

    fn marked(flags: Flags, words: &str, follow_up: &str, verb: Option<(Verb, Timestamp)>) -> Marked {
        let marks = Marks { follow_up: follow_up.to_owned(), verb };
        Marked { flags, keywords: Keywords::from_column(words), marks }
    }

    #[test]
    fn what_was_said_of_a_flag_ends_with_it() {
        let flagged = marked(Flags::FLAGGED, "", "due", None);
        let silent = Said::default();
        let none = Keywords::default;
        assert_eq!(flagged.with(Flags::FLAGGED | Flags::SEEN, none(), silent, NOW).marks.follow_up, "due");
        let cleared = flagged.with(Flags::NONE, none(), silent, NOW);
        assert_eq!(cleared.with(Flags::FLAGGED, none(), silent, NOW).marks.follow_up, "");
        let done = flagged.with(Flags::NONE, none(), Said { follow_up: Some("done"), verb: None }, NOW);
        assert_eq!(done.marks.follow_up, "done");
        assert_eq!(done.with(Flags::FLAGGED, none(), silent, NOW).marks.follow_up, "");
    }

    #[test]
    fn what_was_last_done_follows_the_flags() {
        let none = marked(Flags::NONE, "", "", None);
        let words = |text: &str| Keywords::from_column(text);
        let silent = Said::default();
        let answered = none.with(Flags::ANSWERED, words(""), silent, NOW);
        assert_eq!(answered.marks.verb, Some((Verb::Reply, NOW)));
        let said = Said { follow_up: None, verb: Some(Verb::ReplyAll) };
        let to_all = answered.with(Flags::ANSWERED, words(""), said, Timestamp(9));
        assert_eq!(to_all.marks.verb, Some((Verb::ReplyAll, Timestamp(9))));
        let forwarded = to_all.with(Flags::ANSWERED, words("$forwarded"), silent, Timestamp(11));
        assert_eq!(forwarded.marks.verb, Some((Verb::Forward, Timestamp(11))));
        assert_eq!(forwarded.with(Flags::ANSWERED, words(""), silent, NOW).marks.verb, None);
        assert_eq!(to_all.with(Flags::NONE, words(""), silent, NOW).marks.verb, None);
    }

    #[test]
    fn only_what_changed_gets_a_stamp() {
        let old = MarkStamps::default();
        let before = marked(Flags::NONE, "Red $a", "", None);
        let stamps = |flags, text: &str| {
            let new = before.with(flags, Keywords::from_column(text), Said::default(), NOW);
            let MarkStamps { seen, flag, labels, other } = before.stamps(&new, old, ModSeq(5));
            [seen, flag, labels, other].map(|stamp| stamp == ModSeq(5))
        };
        assert_eq!(stamps(Flags::SEEN, "Red $a"), [true, false, false, false]);
        assert_eq!(stamps(Flags::FLAGGED, "Red $a"), [false, true, false, false]);
        assert_eq!(stamps(Flags::NONE, "Blue $a"), [false, false, true, false]);
        assert_eq!(stamps(Flags::NONE, "Red"), [false, false, false, true]);
        assert_eq!(stamps(Flags::ANSWERED, "Red $a"), [false, false, false, true]);
        assert_eq!(stamps(Flags::DELETED, "Red $a"), [false; 4]);
    }
}
