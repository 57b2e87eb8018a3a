//! Response codes: RFC 9051 section 7.1, and those of the extensions.

use vocabulary::{Flags, Keyword, ModSeq, Uid, UidValidity};

use crate::Output;
use crate::capability::Capability;

/// `resp-text-code`. Sets of UIDs are ranges in the order in which they are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code<'a> {
    /// Show the text to the user.
    Alert,
    /// `ALREADYEXISTS`
    AlreadyExists,
    /// `APPENDUID`: where the message went, or the messages of RFC 3502.
    AppendUid(UidValidity, &'a [(u32, u32)]),
    /// `AUTHENTICATIONFAILED`
    AuthenticationFailed,
    /// `AUTHORIZATIONFAILED`
    AuthorizationFailed,
    /// `BADCHARSET`, with the charsets that are known.
    BadCharset(&'a [&'a str]),
    /// `CANNOT`
    Cannot,
    /// `CAPABILITY`
    Capability(&'a [Capability<'a>]),
    /// `CLIENTBUG`
    ClientBug,
    /// `CLOSED`: what follows is about the next mailbox.
    Closed,
    /// `CONTACTADMIN`
    ContactAdmin,
    /// `COPYUID`: UIDVALIDITY of the target, UIDs here, UIDs there, in the same order.
    CopyUid(UidValidity, &'a [(u32, u32)], &'a [(u32, u32)]),
    /// `CORRUPTION`
    Corruption,
    /// `EXPIRED`
    Expired,
    /// `EXPUNGEISSUED`
    ExpungeIssued,
    /// `HASCHILDREN`
    HasChildren,
    /// `HIGHESTMODSEQ` (RFC 7162 section 3.1.2.1)
    HighestModSeq(ModSeq),
    /// `INUSE`
    InUse,
    /// `LIMIT`
    Limit,
    /// `MAILBOXID` (RFC 8474)
    MailboxId(&'a str),
    /// `MODIFIED`: what STORE UNCHANGEDSINCE left out (RFC 7162 section 3.1.3).
    Modified(&'a [(u32, u32)]),
    /// `NOMODSEQ` (RFC 7162 section 3.1.2.2)
    NoModSeq,
    /// `NONEXISTENT`
    NonExistent,
    /// `NOPERM`
    NoPerm,
    /// `NOTSAVED`: SEARCH kept nothing as `$`.
    NotSaved,
    /// `OVERQUOTA`
    OverQuota,
    /// `PARSE`
    Parse,
    /// `PERMANENTFLAGS`; `\*` lets the client make keywords.
    PermanentFlags(Flags, &'a [Keyword], bool),
    /// `PRIVACYREQUIRED`
    PrivacyRequired,
    /// `READ-ONLY`
    ReadOnly,
    /// `READ-WRITE`
    ReadWrite,
    /// `SERVERBUG`
    ServerBug,
    /// `TOOBIG` (RFC 4469, RFC 7888 section 5)
    TooBig,
    /// `TRYCREATE`
    TryCreate,
    /// `UIDNEXT`
    UidNext(Uid),
    /// `UIDNOTSTICKY`
    UidNotSticky,
    /// `UIDVALIDITY`
    UidValidity(UidValidity),
    /// `UNAVAILABLE`
    Unavailable,
    /// `UNKNOWN-CTE`: BINARY of a part that cannot be decoded.
    UnknownCte,
    /// `UNSEEN` (RFC 3501): the first message without `\Seen`.
    Unseen(u32),
    /// `USEATTR` (RFC 6154 section 3)
    UseAttr,
}

impl Code<'_> {
    pub(super) fn write(&self, out: &mut Output) {
        match self {
            Self::AppendUid(validity, uids) => {
                out.raw(b"APPENDUID ");
                out.number(validity.0);
                out.raw(b" ");
                out.ranges(uids);
            }
            Self::BadCharset(known) => bad_charset(known, out),
            Self::Capability(all) => Capability::write_all(all, out),
            Self::CopyUid(validity, here, there) => {
                out.raw(b"COPYUID ");
                out.number(validity.0);
                out.raw(b" ");
                out.ranges(here);
                out.raw(b" ");
                out.ranges(there);
            }
            Self::HighestModSeq(modseq) => number(out, b"HIGHESTMODSEQ ", modseq.0.unsigned_abs()),
            Self::MailboxId(id) => {
                out.raw(b"MAILBOXID (");
                out.text(id);
                out.raw(b")");
            }
            Self::Modified(messages) => {
                out.raw(b"MODIFIED ");
                out.ranges(messages);
            }
            Self::PermanentFlags(flags, keywords, more) => {
                out.raw(b"PERMANENTFLAGS (");
                let any = out.flag_words(*flags, *keywords);
                if *more {
                    out.raw(if any { b" \\*" } else { b"\\*" });
                }
                out.raw(b")");
            }
            Self::UidNext(uid) => number(out, b"UIDNEXT ", u64::from(uid.0)),
            Self::UidValidity(validity) => number(out, b"UIDVALIDITY ", u64::from(validity.0)),
            Self::Unseen(sequence) => number(out, b"UNSEEN ", u64::from(*sequence)),
            word => out.raw(word.word().as_bytes()),
        }
    }

    /// The codes that are one word.
    fn word(&self) -> &'static str {
        match self {
            Self::Alert => "ALERT",
            Self::AlreadyExists => "ALREADYEXISTS",
            Self::AuthenticationFailed => "AUTHENTICATIONFAILED",
            Self::AuthorizationFailed => "AUTHORIZATIONFAILED",
            Self::Cannot => "CANNOT",
            Self::ClientBug => "CLIENTBUG",
            Self::Closed => "CLOSED",
            Self::ContactAdmin => "CONTACTADMIN",
            Self::Corruption => "CORRUPTION",
            Self::Expired => "EXPIRED",
            Self::ExpungeIssued => "EXPUNGEISSUED",
            Self::HasChildren => "HASCHILDREN",
            Self::InUse => "INUSE",
            Self::Limit => "LIMIT",
            Self::NoModSeq => "NOMODSEQ",
            Self::NonExistent => "NONEXISTENT",
            Self::NoPerm => "NOPERM",
            Self::NotSaved => "NOTSAVED",
            Self::OverQuota => "OVERQUOTA",
            Self::Parse => "PARSE",
            Self::PrivacyRequired => "PRIVACYREQUIRED",
            Self::ReadOnly => "READ-ONLY",
            Self::ReadWrite => "READ-WRITE",
            Self::ServerBug => "SERVERBUG",
            Self::TooBig => "TOOBIG",
            Self::TryCreate => "TRYCREATE",
            Self::UidNotSticky => "UIDNOTSTICKY",
            Self::Unavailable => "UNAVAILABLE",
            Self::UnknownCte => "UNKNOWN-CTE",
            Self::UseAttr => "USEATTR",
            Self::AppendUid(..) => "APPENDUID",
            Self::BadCharset(_) => "BADCHARSET",
            Self::Capability(_) => "CAPABILITY",
            Self::CopyUid(..) => "COPYUID",
            Self::HighestModSeq(_) => "HIGHESTMODSEQ",
            Self::MailboxId(_) => "MAILBOXID",
            Self::Modified(_) => "MODIFIED",
            Self::PermanentFlags(..) => "PERMANENTFLAGS",
            Self::UidNext(_) => "UIDNEXT",
            Self::UidValidity(_) => "UIDVALIDITY",
            Self::Unseen(_) => "UNSEEN",
        }
    }
}

fn number(out: &mut Output, name: &[u8], value: u64) {
    out.raw(name);
    out.number64(value);
}

fn bad_charset(known: &[&str], out: &mut Output) {
    out.raw(b"BADCHARSET");
    for (place, charset) in known.iter().enumerate() {
        out.raw(if place == 0 { b" (" } else { b" " });
        out.astring(charset.as_bytes());
    }
    if !known.is_empty() {
        out.raw(b")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Condition;

    #[test]
    fn known_answers() {
        let work = [Keyword::new("$Work").unwrap()];
        for (code, wire) in [
            (Code::ReadOnly, "READ-ONLY"),
            (Code::UnknownCte, "UNKNOWN-CTE"),
            (Code::AppendUid(UidValidity(38_505), &[(3955, 3955)]), "APPENDUID 38505 3955"),
            (
                Code::CopyUid(UidValidity(1), &[(304, 304), (319, 320)], &[(3956, 3958)]),
                "COPYUID 1 304,319:320 3956:3958",
            ),
            (Code::BadCharset(&[]), "BADCHARSET"),
            (Code::BadCharset(&["US-ASCII", "UTF-8"]), "BADCHARSET (US-ASCII UTF-8)"),
            (Code::Capability(&[Capability::Named("IMAP4rev1")]), "CAPABILITY IMAP4rev1"),
            (Code::HighestModSeq(ModSeq(715_194_045_007)), "HIGHESTMODSEQ 715194045007"),
            (Code::Modified(&[(7, 7), (9, 9)]), "MODIFIED 7,9"),
            (Code::PermanentFlags(Flags::NONE, &[], true), "PERMANENTFLAGS (\\*)"),
            (Code::PermanentFlags(Flags::SEEN, &work, true), "PERMANENTFLAGS (\\Seen $Work \\*)"),
            (Code::PermanentFlags(Flags::NONE, &[], false), "PERMANENTFLAGS ()"),
            (Code::UidNext(Uid(4392)), "UIDNEXT 4392"),
            (Code::MailboxId("F1"), "MAILBOXID (F1)"),
            (Code::Unseen(12), "UNSEEN 12"),
        ] {
            let mut out = Output::default();
            out.done(crate::Tag::new(b"A1").as_ref(), Condition::Ok, Some(&code), "done\r\nx");
            assert_eq!(String::from_utf8(out.take()).unwrap(), format!("A1 OK [{wire}] done  x\r\n"));
        }
        let mut out = Output::default();
        out.done(None, Condition::Bad, None, "what?");
        out.untagged(Condition::Bye, None, "");
        out.continuation("");
        assert_eq!(out.take(), b"* BAD what?\r\n* BYE \r\n+ \r\n");
    }
}
