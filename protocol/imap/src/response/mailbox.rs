//! What is known about a mailbox: RFC 9051 sections 7.3.3 to 7.5.1, RECENT of RFC 3501, and VANISHED.

use vocabulary::{Flags, Keyword, ModSeq, Uid, UidValidity};

use crate::Output;
use crate::command::StatusItem;

/// One value of a STATUS response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusValue<'a> {
    /// `MESSAGES`
    Messages(u32),
    /// `RECENT`
    Recent(u32),
    /// `UIDNEXT`
    UidNext(Uid),
    /// `UIDVALIDITY`
    UidValidity(UidValidity),
    /// `UNSEEN`
    Unseen(u32),
    /// `DELETED`
    Deleted(u32),
    /// `DELETED-STORAGE`
    DeletedStorage(u64),
    /// `SIZE`
    Size(u64),
    /// `HIGHESTMODSEQ`
    HighestModSeq(ModSeq),
    /// `MAILBOXID`
    MailboxId(&'a str),
}

impl StatusValue<'_> {
    /// Which question this answers.
    #[must_use]
    pub fn item(&self) -> StatusItem {
        match self {
            Self::Messages(_) => StatusItem::Messages,
            Self::Recent(_) => StatusItem::Recent,
            Self::UidNext(_) => StatusItem::UidNext,
            Self::UidValidity(_) => StatusItem::UidValidity,
            Self::Unseen(_) => StatusItem::Unseen,
            Self::Deleted(_) => StatusItem::Deleted,
            Self::DeletedStorage(_) => StatusItem::DeletedStorage,
            Self::Size(_) => StatusItem::Size,
            Self::HighestModSeq(_) => StatusItem::HighestModSeq,
            Self::MailboxId(_) => StatusItem::MailboxId,
        }
    }

    fn write(&self, out: &mut Output) {
        match *self {
            Self::Messages(number) | Self::Recent(number) | Self::Unseen(number) | Self::Deleted(number) => {
                out.number(number);
            }
            Self::UidNext(uid) => out.number(uid.0),
            Self::UidValidity(validity) => out.number(validity.0),
            Self::Size(octets) | Self::DeletedStorage(octets) => out.number64(octets),
            Self::HighestModSeq(modseq) => out.number64(modseq.0.unsigned_abs()),
            Self::MailboxId(id) => {
                out.raw(b"(");
                out.text(id);
                out.raw(b")");
            }
        }
    }
}

impl Output {
    /// `* STATUS mailbox (...)`; the mailbox in Unicode.
    pub fn status(&mut self, mailbox: &str, values: &[StatusValue<'_>]) {
        self.raw(b"* STATUS ");
        self.mailbox_text(mailbox);
        self.raw(b" (");
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.raw(b" ");
            }
            self.raw(value.item().as_str().as_bytes());
            self.raw(b" ");
            value.write(self);
        }
        self.raw(b")\r\n");
    }

    /// `* FLAGS (...)`: what may occur in the mailbox.
    pub fn flags_response<'a>(&mut self, flags: Flags, keywords: impl IntoIterator<Item = &'a Keyword>) {
        self.raw(b"* FLAGS ");
        self.flags(flags, keywords);
        self.crlf();
    }

    /// `* n EXISTS`
    pub fn exists(&mut self, count: u32) {
        self.counted(count, b" EXISTS\r\n");
    }

    /// `* n RECENT` (RFC 3501)
    pub fn recent(&mut self, count: u32) {
        self.counted(count, b" RECENT\r\n");
    }

    /// `* n EXPUNGE`; the numbers above it fall by one.
    pub fn expunge(&mut self, sequence: u32) {
        self.counted(sequence, b" EXPUNGE\r\n");
    }

    fn counted(&mut self, number: u32, rest: &[u8]) {
        self.raw(b"* ");
        self.number(number);
        self.raw(rest);
    }

    /// `* VANISHED [(EARLIER)] uids` (RFC 7162 section 3.2.10); nothing without UIDs.
    pub fn vanished(&mut self, earlier: bool, uids: &[(u32, u32)]) {
        if uids.is_empty() {
            return;
        }
        self.raw(if earlier { b"* VANISHED (EARLIER) " } else { b"* VANISHED " });
        self.ranges(uids);
        self.crlf();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let mut out = Output::default();
        out.status("blurdy bloop", &[StatusValue::Messages(231), StatusValue::UidNext(Uid(44_292))]);
        out.status(
            "ü",
            &[StatusValue::HighestModSeq(ModSeq(7)), StatusValue::MailboxId("F2"), StatusValue::Size(0)],
        );
        out.flags_response(Flags::SEEN | Flags::ANSWERED, &[Keyword::new("a").unwrap()]);
        out.exists(23);
        out.recent(0);
        out.expunge(4);
        out.vanished(true, &[(41, 41), (43, 116)]);
        out.vanished(false, &[(405, 405)]);
        out.vanished(false, &[]);
        let expected = "* STATUS \"blurdy bloop\" (MESSAGES 231 UIDNEXT 44292)\r\n\
            * STATUS &APw- (HIGHESTMODSEQ 7 MAILBOXID (F2) SIZE 0)\r\n\
            * FLAGS (\\Answered \\Seen a)\r\n* 23 EXISTS\r\n* 0 RECENT\r\n* 4 EXPUNGE\r\n\
            * VANISHED (EARLIER) 41,43:116\r\n* VANISHED 405\r\n";
        assert_eq!(String::from_utf8(out.take()).unwrap(), expected);
    }
}
