//! Absence: an account is away, and what who writes to it then is told.
//!
//! It is kept as settings of the account: whoever delivers mail reads it ([`Read::absence`]) and answers by it. The
//! texts are settings of their own, so that each may be as long as a setting may.

use crate::error::{Refusal, Result, row_fault};
use crate::setting::{SETTING_BYTES_MAX, Scope};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, Timestamp};

/// Longest text of a reply, in bytes.
pub const ABSENCE_REPLY_BYTES_MAX: usize = 32 * 1024;

const ABSENCE: &str = "absence";
/// In the order of [`Absence::replies`].
const REPLIES: [&str; 3] = ["absence.internal", "absence.external_known", "absence.external_unknown"];

/// When an account is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Away {
    /// It is not.
    #[default]
    No,
    /// Until it says otherwise.
    Yes,
    /// Within [`Absence::span`].
    Scheduled,
}

/// To whom a reply is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// People of the same domain.
    Internal,
    /// People elsewhere who stand in the account's contacts.
    ExternalKnown,
    /// Everybody else.
    ExternalUnknown,
}

/// What one audience is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AbsenceReply {
    /// Whether it is told anything.
    pub enabled: bool,
    /// Whether the text is HTML.
    pub html: bool,
    /// At most [`ABSENCE_REPLY_BYTES_MAX`].
    pub text: String,
}

/// The absence of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Absence {
    /// When.
    pub away: Away,
    /// From when to when, if it was said; kept also while it does not hold.
    pub span: Option<(Timestamp, Timestamp)>,
    /// For each audience, in the order of [`Audience`].
    pub replies: [AbsenceReply; 3],
}

impl Absence {
    /// What an audience is told.
    #[must_use]
    pub fn reply(&self, audience: Audience) -> &AbsenceReply {
        let [internal, known, unknown] = &self.replies;
        match audience {
            Audience::Internal => internal,
            Audience::ExternalKnown => known,
            Audience::ExternalUnknown => unknown,
        }
    }

    /// What an audience shall be told.
    pub fn reply_mut(&mut self, audience: Audience) -> &mut AbsenceReply {
        let [internal, known, unknown] = &mut self.replies;
        match audience {
            Audience::Internal => internal,
            Audience::ExternalKnown => known,
            Audience::ExternalUnknown => unknown,
        }
    }

    /// Whether the account is away at a moment.
    #[must_use]
    pub fn holds_at(&self, moment: Timestamp) -> bool {
        match (self.away, self.span) {
            (Away::No, _) | (Away::Scheduled, None) => false,
            (Away::Yes, _) => true,
            (Away::Scheduled, Some((start, end))) => start <= moment && moment < end,
        }
    }

    /// `scheduled 1795510800000 1795597200000`
    fn encode(&self) -> String {
        let word = match self.away {
            Away::No => "no",
            Away::Yes => "yes",
            Away::Scheduled => "scheduled",
        };
        match self.span {
            Some((start, end)) => format!("{word} {} {}", start.0, end.0),
            None => word.to_owned(),
        }
    }

    fn decode(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let away = match words.next()? {
            "no" => Away::No,
            "yes" => Away::Yes,
            "scheduled" => Away::Scheduled,
            _ => return None,
        };
        let moment = |word: &str| word.parse().ok().map(Timestamp);
        let span = match (words.next(), words.next()) {
            (None, None) => None,
            (Some(start), Some(end)) => Some((moment(start)?, moment(end)?)),
            _ => return None,
        };
        Some(Self { away, span, replies: Default::default() })
    }
}

impl AbsenceReply {
    /// `on html`, a line end, and the text.
    fn encode(&self) -> String {
        let (on, form) = (if self.enabled { "on" } else { "off" }, if self.html { "html" } else { "text" });
        format!("{on} {form}\n{}", self.text)
    }

    fn decode(value: &str) -> Option<Self> {
        let (head, text) = value.split_once('\n')?;
        let (on, form) = head.split_once(' ')?;
        Some(Self { enabled: on == "on", html: form == "html", text: text.to_owned() })
    }
}

impl Read<'_> {
    /// Whether an account is away, and what it says then. Its owner and the house may ask.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for others.
    pub fn absence(&self, account: AccountId) -> Result<Absence> {
        let scope = Scope::Account(account);
        let broken = || row_fault("a setting of absence cannot be read");
        let mut absence = match self.setting(scope, ABSENCE)? {
            Some(text) => Absence::decode(&text).ok_or_else(broken)?,
            None => Absence::default(),
        };
        for (name, reply) in REPLIES.into_iter().zip(&mut absence.replies) {
            if let Some(value) = self.setting(scope, name)? {
                *reply = AbsenceReply::decode(&value).ok_or_else(broken)?;
            }
        }
        Ok(absence)
    }
}

impl Write<'_> {
    /// Sets whether an account is away, and what it says then. Its owner and the house may.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for others, [`Refusal::TooLarge`] above [`ABSENCE_REPLY_BYTES_MAX`], [`Refusal::Invalid`]
    /// for a span that ends before it begins, or a schedule without one.
    pub fn put_absence(&mut self, account: AccountId, absence: &Absence) -> Result<()> {
        const _: () = assert!(ABSENCE_REPLY_BYTES_MAX + 16 <= SETTING_BYTES_MAX);
        let scope = Scope::Account(account);
        if absence.replies.iter().any(|reply| reply.text.len() > ABSENCE_REPLY_BYTES_MAX) {
            return Err(Refusal::TooLarge { limit_bytes: ABSENCE_REPLY_BYTES_MAX as i64 }.into());
        }
        if absence.text_has_nul() {
            return Err(Refusal::Invalid("a reply holds a NUL").into());
        }
        match absence.span {
            Some((start, end)) if start >= end => {
                return Err(Refusal::Invalid("an absence ends before it begins").into());
            }
            None if absence.away == Away::Scheduled => {
                return Err(Refusal::Invalid("an absence is scheduled without a time").into());
            }
            _ => {}
        }
        self.put_setting(scope, ABSENCE, &absence.encode())?;
        for (name, reply) in REPLIES.into_iter().zip(&absence.replies) {
            self.put_setting(scope, name, &reply.encode())?;
        }
        Ok(())
    }
}

impl Absence {
    /// PostgreSQL keeps no such text.
    fn text_has_nul(&self) -> bool {
        self.replies.iter().any(|reply| reply.text.contains('\0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back() {
        let span = Some((Timestamp(-5), Timestamp(7)));
        for away in [Away::No, Away::Yes, Away::Scheduled] {
            for span in [None, span] {
                let absence = Absence { away, span, ..Absence::default() };
                assert_eq!(Absence::decode(&absence.encode()), Some(absence));
            }
        }
        for text in ["", "a\nb\n", "\n on html"] {
            let reply = AbsenceReply { enabled: true, html: text.is_empty(), text: text.to_owned() };
            assert_eq!(AbsenceReply::decode(&reply.encode()), Some(reply));
        }
    }

    #[test]
    fn a_schedule_holds_from_its_start_until_its_end() {
        let scheduled = |span| Absence { away: Away::Scheduled, span, ..Absence::default() };
        let within = scheduled(Some((Timestamp(10), Timestamp(20))));
        let held: Vec<bool> = [9, 10, 19, 20].map(|at| within.holds_at(Timestamp(at))).into();
        assert_eq!(held, [false, true, true, false]);
        assert!(!scheduled(None).holds_at(Timestamp(10)));
        assert!(Absence { away: Away::Yes, ..within.clone() }.holds_at(Timestamp(99)));
        assert!(!Absence { away: Away::No, ..within }.holds_at(Timestamp(15)));
    }
}
