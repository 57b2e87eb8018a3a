//! Flags: RFC 9051 section 6.4.6, as far as the rights of RFC 4314 section 4 go.

use crate::access::{Grant, right};
use crate::backend::params;
use crate::collection::Difference;
use crate::error::Result;
use crate::item::{UidRanges, keywords_of, masked_range_params, uid_of};
use crate::marks::{MarkStamps, Marked, Marks, Said};
use crate::transaction::Write;
use vocabulary::{Flags, Keyword, Keywords, ModSeq, Rights, Uid};

const MARKED: &str = "SELECT uid, flags, keywords, modseq, author_id, follow_up, verb, verb_at, seen_modseq, \
     flag_modseq, label_modseq, other_modseq FROM item WHERE account_id = ?1 AND collection_id = ?2 \
     AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 AND private <= ?5 ORDER BY uid";
const SET_FLAGS: &str = "UPDATE item SET flags = ?4, keywords = ?5, modseq = ?6, quiet_for = ?7, follow_up = ?8, \
     verb = ?9, verb_at = ?10, seen_modseq = ?11, flag_modseq = ?12, label_modseq = ?13, other_modseq = ?14 \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid = ?3";
/// All expressions see the row as it was. `\Seen` is 1, `\Flagged` 4, `\Draft` 16.
const SET_FLAGS_RANGE: &str = "UPDATE item SET flags = ((flags | ?5) & ?6), modseq = ?7, quiet_for = ?8, \
     seen_modseq = CASE WHEN (((flags | ?5) & ?6) & 1) <> (flags & 1) THEN ?7 ELSE seen_modseq END, \
     flag_modseq = CASE WHEN (((flags | ?5) & ?6) & 4) <> (flags & 4) THEN ?7 ELSE flag_modseq END, \
     follow_up = CASE WHEN (((flags | ?5) & ?6) & 4) <> (flags & 4) THEN '' ELSE follow_up END, \
     other_modseq = CASE WHEN (((flags | ?5) & ?6) & 16) <> (flags & 16) THEN ?7 ELSE other_modseq END \
     WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 \
     AND private <= ?9 AND ((flags | ?5) & ?6) <> flags";

/// What who may change its own items may do with the flags of those.
const OF_OWN_ITEMS: Rights = Rights::of(&[Rights::WRITE, Rights::DELETE_ITEMS]);

/// How a STORE changes flags: RFC 9051 section 6.4.6.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagChange {
    /// `+FLAGS`.
    Add(Flags, Keywords),
    /// `-FLAGS`.
    Remove(Flags, Keywords),
    /// `FLAGS`.
    Replace(Flags, Keywords),
}

impl FlagChange {
    /// The flags after the change, where the rights allow it.
    fn apply(&self, flags: Flags, keywords: &Keywords, rights: Rights) -> (Flags, Keywords) {
        let may = changeable(rights);
        let may_write = rights.contains(Rights::WRITE);
        let merged = |wanted: Flags| (flags & !may) | (wanted & may);
        match self {
            Self::Add(more, words) => {
                let mut set = keywords.clone();
                if may_write {
                    words.iter().for_each(|word: &Keyword| {
                        set.insert(word.clone());
                    });
                }
                (merged(flags | *more), set)
            }
            Self::Remove(less, words) => {
                let mut set = keywords.clone();
                if may_write {
                    words.iter().for_each(|word| set.remove(word));
                }
                (merged(flags & !*less), set)
            }
            Self::Replace(all, words) => {
                (merged(*all), if may_write { words.clone() } else { keywords.clone() })
            }
        }
    }

    /// For changes of system flags only, but for \Answered, of which a row says more: `(flags | or) & and`.
    fn masks(&self, rights: Rights) -> Option<(Flags, Flags)> {
        let may = changeable(rights);
        if let Self::Add(flags, _) | Self::Remove(flags, _) = self
            && flags.contains(Flags::ANSWERED)
        {
            return None;
        }
        match self {
            Self::Add(more, words) if words.is_empty() => Some((*more & may, Flags::ALL)),
            Self::Remove(less, words) if words.is_empty() => Some((Flags::NONE, !(*less & may))),
            _ => None,
        }
    }
}

/// RFC 4314 section 4: `s` is for \Seen, `t` for \Deleted, `w` for the rest.
pub(crate) fn changeable(rights: Rights) -> Flags {
    let mut may = Flags::NONE;
    if rights.contains(Rights::SEEN) {
        may = may | Flags::SEEN;
    }
    if rights.contains(Rights::DELETE_ITEMS) {
        may = may | Flags::DELETED;
    }
    if rights.contains(Rights::WRITE) {
        may = may | Flags::ANSWERED | Flags::FLAGGED | Flags::DRAFT;
    }
    may
}

/// What a change of flags came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlagsChanged {
    /// Items whose flags were changed, or were so already, in UID order.
    pub matched: Vec<Uid>,
    /// Items that had changed since `unchanged_since` and were left alone (RFC 7162 MODIFIED).
    pub modified: Vec<Uid>,
    /// The stamp, if anything was changed.
    pub modseq: Option<ModSeq>,
}

impl<'tx> Write<'tx> {
    /// Changes flags of living items, as far as the grant's rights go.
    ///
    /// # Errors
    /// [`crate::Fault`] only; a UID that is not there is no error.
    pub fn change_flags(
        &mut self,
        grant: &Grant<'tx, right::ChangeFlags>,
        ranges: &UidRanges,
        change: &FlagChange,
        unchanged_since: Option<ModSeq>,
        quiet_for: Option<&str>,
    ) -> Result<FlagsChanged> {
        self.change(grant, ranges, change, Said::default(), unchanged_since, quiet_for)
    }

    /// [`Write::change_flags`], and what a door says beside.
    pub(crate) fn change(
        &mut self,
        grant: &Grant<'tx, right::ChangeFlags>,
        ranges: &UidRanges,
        change: &FlagChange,
        said: Said<'_>,
        unchanged_since: Option<ModSeq>,
        quiet_for: Option<&str>,
    ) -> Result<FlagsChanged> {
        let (account, collection) = (grant.collection().account, grant.collection().id);
        let rights = grant.rights();
        let own = self
            .principal
            .account_id()
            .map(|id| id.0)
            .filter(|_| rights.contains(Rights::OWN_ITEMS) && !rights.contains(OF_OWN_ITEMS));
        let mut outcome = FlagsChanged::default();
        let mut unseen = 0;
        for range in ranges {
            let rows = self.connection.rows(MARKED, &masked_range_params(grant, range), |row| {
                let (flags, keywords) = (Flags::from_bits(row.int(1)?), keywords_of(row.text(2)?));
                let marked = Marked { flags, keywords, marks: Marks::read(row, 5)? };
                let (uid, modseq) = (uid_of(row.int(0)?)?, ModSeq(row.int(3)?));
                Ok((uid, marked, modseq, row.opt_int(4)?, MarkStamps::read(row, 8)?))
            })?;
            let mut changed = Vec::new();
            let mut all_pass = true;
            for (uid, old, modseq, author, stamps) in rows {
                let rights = if own.is_some() && author == own {
                    all_pass = false;
                    rights | OF_OWN_ITEMS
                } else {
                    rights
                };
                if unchanged_since.is_some_and(|limit| modseq > limit) {
                    outcome.modified.push(uid);
                    all_pass = false;
                    continue;
                }
                outcome.matched.push(uid);
                let said = if rights.contains(Rights::WRITE) { said } else { Said::default() };
                let (flags, keywords) = change.apply(old.flags, &old.keywords, rights);
                let new = old.with(flags, keywords, said, self.now());
                if new != old {
                    unseen += i64::from(!new.flags.contains(Flags::SEEN))
                        - i64::from(!old.flags.contains(Flags::SEEN));
                    changed.push((uid, old, new, stamps));
                }
            }
            if changed.is_empty() {
                continue;
            }
            let modseq = self.stamp(account)?;
            outcome.modseq = Some(modseq);
            match change.masks(rights).filter(|_| all_pass && changed.len() > 1) {
                // One statement for many rows: a STORE on 50,000 mails.
                Some((or, and)) => {
                    let (first, last) = (i64::from(*range.start()), i64::from(*range.end()));
                    let params = params![
                        account.0,
                        collection.0,
                        first,
                        last,
                        or.bits(),
                        and.bits(),
                        modseq.0,
                        quiet_for,
                        grant.private_max(),
                    ];
                    self.connection.execute(SET_FLAGS_RANGE, params)?;
                }
                None => {
                    for (uid, old, new, stamps) in &changed {
                        let column = new.keywords.to_column();
                        let stamps = old.stamps(new, *stamps, modseq);
                        let params = params![
                            account.0,
                            collection.0,
                            i64::from(uid.0),
                            new.flags.bits(),
                            &column,
                            modseq.0,
                            quiet_for,
                            new.marks.follow_up.as_str(),
                            new.marks.verb_code(),
                            new.marks.verb_at(),
                            stamps.seen.0,
                            stamps.flag.0,
                            stamps.labels.0,
                            stamps.other.0,
                        ];
                        self.connection.execute(SET_FLAGS, params)?;
                    }
                }
            }
        }
        if let Some(modseq) = outcome.modseq {
            self.count(account, collection, modseq, Difference { messages: 0, unseen, bytes: 0 })?;
        }
        Ok(outcome)
    }
}
