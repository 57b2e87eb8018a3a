//! Which command may come when (RFC 5321 section 4.1.4, RFC 2033, RFC 3030, RFC 4954).
//!
//! The server asks before it does something and tells what it has done; an [`OutOfOrder`] is the
//! whole answer to a command that must not come now. What the store thinks of a sender or
//! recipient is the server's matter.

use crate::parameter::{Body, Mail, Rcpt};
use crate::reply::{Enhanced, Reply};

/// Which of the three protocols is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// From other servers.
    Smtp,
    /// From a server in front (RFC 2033).
    Lmtp,
    /// From users, who must authenticate first (RFC 6409 section 4.3).
    Submission,
}

/// Bounds of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most recipients; RFC 5321 section 4.5.3.1.8 wants 100 at least.
    pub recipients_max: usize,
    /// Largest message in octets.
    pub message_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { recipients_max: 1000, message_bytes_max: 50_000_000 }
    }
}

/// Which greeting came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hello {
    /// HELO: no extensions.
    Helo,
    /// EHLO.
    Ehlo,
    /// LHLO.
    Lhlo,
}

/// A command that must not come now, or not like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfOrder {
    /// LHLO in SMTP, EHLO or HELO in LMTP (RFC 2033 section 4.1).
    #[error("wrong greeting for this protocol")]
    WrongHello,
    /// No greeting yet.
    #[error("send a greeting first")]
    NoHello,
    /// Submission without AUTH (RFC 4954 section 6).
    #[error("authentication required")]
    NotAuthenticated,
    /// AUTH twice (RFC 4954 section 4).
    #[error("already authenticated")]
    AlreadyAuthenticated,
    /// STARTTLS under TLS.
    #[error("TLS is already active")]
    AlreadyTls,
    /// AUTH or STARTTLS within a transaction.
    #[error("not within a mail transaction")]
    WithinTransaction,
    /// A second MAIL.
    #[error("sender already given")]
    SecondMail,
    /// RCPT, DATA or BDAT without MAIL.
    #[error("send MAIL first")]
    NoMail,
    /// DATA or BDAT without an accepted recipient.
    #[error("no valid recipients")]
    NoRecipients,
    /// Over [`Limits::recipients_max`].
    #[error("too many recipients")]
    TooManyRecipients,
    /// DATA or RCPT after BDAT, DATA after BODY=BINARYMIME (RFC 3030 sections 2 and 3).
    #[error("not after BDAT or BODY=BINARYMIME")]
    Chunked,
    /// BDAT after a chunk failed (RFC 3030 section 2).
    #[error("an earlier chunk failed, send RSET")]
    ChunkFailed,
    /// An address outside ASCII without SMTPUTF8 (RFC 6531).
    #[error("address needs SMTPUTF8")]
    NeedsUtf8,
    /// SIZE above [`Limits::message_bytes_max`] (RFC 1870 section 6.1).
    #[error("message too large")]
    TooLarge,
    /// REQUIRETLS without TLS (RFC 8689).
    #[error("REQUIRETLS needs TLS")]
    NeedsTls,
}

impl OutOfOrder {
    /// The reply that is due.
    #[must_use]
    pub fn reply(self) -> Reply {
        let (code, enhanced) = match self {
            Self::WrongHello => (500, Enhanced(5, 5, 1)),
            // RFC 4954 section 6.
            Self::NotAuthenticated => (530, Enhanced(5, 7, 0)),
            Self::NeedsTls => (530, Enhanced(5, 7, 10)),
            // RFC 5321 section 4.5.3.1.10.
            Self::TooManyRecipients => (452, Enhanced(4, 5, 3)),
            Self::NeedsUtf8 => (553, Enhanced(5, 6, 7)),
            Self::TooLarge => (552, Enhanced(5, 3, 4)),
            Self::NoHello
            | Self::AlreadyAuthenticated
            | Self::AlreadyTls
            | Self::WithinTransaction
            | Self::SecondMail
            | Self::NoMail
            | Self::NoRecipients
            | Self::Chunked
            | Self::ChunkFailed => (503, Enhanced(5, 5, 1)),
        };
        Reply::new(code, enhanced, self.to_string())
    }
}

/// Sender and accepted recipients. `T` is what the server found out about a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<T> {
    /// The sender.
    pub mail: Mail,
    /// The accepted recipients in the order of their RCPTs; one that came twice is here twice, for
    /// LMTP owes each a reply.
    pub recipients: Vec<(Rcpt, T)>,
}

/// Where a connection stands.
#[derive(Debug)]
pub struct Transaction<T> {
    dialect: Dialect,
    limits: Limits,
    hello: Option<(Hello, String)>,
    tls: bool,
    authenticated: bool,
    envelope: Option<Envelope<T>>,
    chunks: Chunks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chunks {
    None,
    Some,
    Failed,
}

impl<T> Transaction<T> {
    /// At the start of a connection; `tls` if it began with a handshake.
    #[must_use]
    pub fn new(dialect: Dialect, limits: Limits, tls: bool) -> Self {
        let (hello, envelope, chunks) = (None, None, Chunks::None);
        Self { dialect, limits, hello, tls, authenticated: false, envelope, chunks }
    }

    /// Which protocol is spoken.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Which greeting came, and the name in it.
    #[must_use]
    pub fn hello(&self) -> Option<(Hello, &str)> {
        self.hello.as_ref().map(|(hello, name)| (*hello, name.as_str()))
    }

    /// Whether the connection is under TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Whether AUTH succeeded.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// Takes a greeting; it ends a running transaction (RFC 5321 section 4.1.4).
    ///
    /// # Errors
    /// [`OutOfOrder::WrongHello`], and nothing is changed.
    pub fn greet(&mut self, hello: Hello, name: String) -> Result<(), OutOfOrder> {
        // RFC 2033 section 4.1: LHLO and nothing else in LMTP, and only there.
        if (hello == Hello::Lhlo) != (self.dialect == Dialect::Lmtp) {
            return Err(OutOfOrder::WrongHello);
        }
        self.reset();
        self.hello = Some((hello, name));
        Ok(())
    }

    /// Whether STARTTLS may come now.
    ///
    /// # Errors
    /// [`OutOfOrder`] under TLS and within a transaction.
    pub fn may_start_tls(&self) -> Result<(), OutOfOrder> {
        if self.tls {
            return Err(OutOfOrder::AlreadyTls);
        }
        self.outside_transaction()
    }

    /// The handshake is done: all that was said before is forgotten (RFC 3207 section 4.2).
    pub fn tls_started(&mut self) {
        *self = Self::new(self.dialect, self.limits, true);
    }

    /// Whether AUTH may come now.
    ///
    /// # Errors
    /// [`OutOfOrder`] before a greeting, after success, within a transaction.
    pub fn may_authenticate(&self) -> Result<(), OutOfOrder> {
        self.greeted()?;
        if self.authenticated {
            return Err(OutOfOrder::AlreadyAuthenticated);
        }
        self.outside_transaction()
    }

    /// AUTH succeeded.
    pub fn set_authenticated(&mut self) {
        self.authenticated = true;
    }

    /// Whether this MAIL may come now. After the server has accepted the sender as well, it calls
    /// [`Transaction::begin`].
    ///
    /// # Errors
    /// [`OutOfOrder`].
    pub fn may_begin(&self, mail: &Mail) -> Result<(), OutOfOrder> {
        self.greeted()?;
        if self.dialect == Dialect::Submission && !self.authenticated {
            return Err(OutOfOrder::NotAuthenticated);
        }
        if self.envelope.is_some() {
            return Err(OutOfOrder::SecondMail);
        }
        if mail.size_bytes.is_some_and(|bytes| bytes > self.limits.message_bytes_max) {
            return Err(OutOfOrder::TooLarge);
        }
        if mail.requiretls && !self.tls {
            return Err(OutOfOrder::NeedsTls);
        }
        let is_ascii = mail.from.mailbox().is_none_or(|mailbox| mailbox.is_ascii());
        if is_ascii || mail.smtputf8 { Ok(()) } else { Err(OutOfOrder::NeedsUtf8) }
    }

    /// Begins a transaction.
    pub fn begin(&mut self, mail: Mail) {
        self.envelope = Some(Envelope { mail, recipients: Vec::new() });
        self.chunks = Chunks::None;
    }

    /// Whether this RCPT may come now. After the server has accepted the recipient as well, it
    /// calls [`Transaction::add_recipient`].
    ///
    /// # Errors
    /// [`OutOfOrder`].
    pub fn may_add_recipient(&self, rcpt: &Rcpt) -> Result<(), OutOfOrder> {
        let envelope = self.running()?;
        if self.chunks != Chunks::None {
            return Err(OutOfOrder::Chunked);
        }
        if envelope.recipients.len() >= self.limits.recipients_max {
            return Err(OutOfOrder::TooManyRecipients);
        }
        let is_ascii = rcpt.to.mailbox().is_none_or(|mailbox| mailbox.is_ascii());
        if is_ascii || envelope.mail.smtputf8 { Ok(()) } else { Err(OutOfOrder::NeedsUtf8) }
    }

    /// Adds a recipient to the running transaction.
    pub fn add_recipient(&mut self, rcpt: Rcpt, target: T) {
        if let Some(envelope) = &mut self.envelope {
            envelope.recipients.push((rcpt, target));
        }
    }

    /// The running transaction.
    #[must_use]
    pub fn envelope(&self) -> Option<&Envelope<T>> {
        self.envelope.as_ref()
    }

    /// Whether DATA may come now.
    ///
    /// # Errors
    /// [`OutOfOrder`].
    pub fn may_send_data(&self) -> Result<(), OutOfOrder> {
        let envelope = self.running()?;
        // RFC 3030 sections 2 and 3.
        if self.chunks != Chunks::None || envelope.mail.body == Body::BinaryMime {
            return Err(OutOfOrder::Chunked);
        }
        // RFC 2033 section 4.2 wants 503 for it in LMTP; RFC 5321 section 3.3 leaves 503 or 554.
        if envelope.recipients.is_empty() { Err(OutOfOrder::NoRecipients) } else { Ok(()) }
    }

    /// Takes note of a BDAT. On success the server calls `Receiver::accept_chunk`.
    ///
    /// # Errors
    /// [`OutOfOrder`]: the reply is due after the chunk was swallowed.
    pub fn chunk(&mut self) -> Result<(), OutOfOrder> {
        if self.running()?.recipients.is_empty() {
            return Err(OutOfOrder::NoRecipients);
        }
        if self.chunks == Chunks::Failed {
            return Err(OutOfOrder::ChunkFailed);
        }
        self.chunks = Chunks::Some;
        Ok(())
    }

    /// A chunk was answered with an error: no more of them until RSET (RFC 3030 section 2).
    pub fn fail_chunk(&mut self) {
        self.chunks = Chunks::Failed;
    }

    /// The message is received: hands out the envelope and ends the transaction.
    ///
    /// In LMTP one reply is due for each of its recipients, in their order (RFC 2033 section 4.2);
    /// otherwise one for all.
    pub fn finish(&mut self) -> Option<Envelope<T>> {
        self.chunks = Chunks::None;
        self.envelope.take()
    }

    /// How many replies the end of the message gets.
    #[must_use]
    pub fn replies_after_message(&self) -> usize {
        match (self.dialect, &self.envelope) {
            (Dialect::Lmtp, Some(envelope)) => envelope.recipients.len(),
            _ => 1,
        }
    }

    /// RSET: the transaction is over, the greeting and the login stay (RFC 5321 section 4.1.1.5).
    pub fn reset(&mut self) {
        self.envelope = None;
        self.chunks = Chunks::None;
    }

    fn greeted(&self) -> Result<(), OutOfOrder> {
        if self.hello.is_some() { Ok(()) } else { Err(OutOfOrder::NoHello) }
    }

    fn outside_transaction(&self) -> Result<(), OutOfOrder> {
        if self.envelope.is_none() { Ok(()) } else { Err(OutOfOrder::WithinTransaction) }
    }

    fn running(&self) -> Result<&Envelope<T>, OutOfOrder> {
        self.greeted()?;
        self.envelope.as_ref().ok_or(OutOfOrder::NoMail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(argument: &str) -> Mail {
        Mail::parse(argument).unwrap()
    }

    fn rcpt(argument: &str) -> Rcpt {
        Rcpt::parse(argument).unwrap()
    }

    fn greeted(dialect: Dialect) -> Transaction<()> {
        let limits = Limits { recipients_max: 3, message_bytes_max: 1000 };
        let mut transaction = Transaction::new(dialect, limits, false);
        let hello = if dialect == Dialect::Lmtp { Hello::Lhlo } else { Hello::Ehlo };
        transaction.greet(hello, "client.test".to_owned()).unwrap();
        transaction
    }

    fn begun(dialect: Dialect, recipients: usize) -> Transaction<()> {
        let mut transaction = greeted(dialect);
        transaction.begin(mail("<a@x.test>"));
        for _ in 0..recipients {
            transaction.add_recipient(rcpt("<b@x.test>"), ());
        }
        transaction
    }

    #[test]
    fn each_protocol_has_its_greeting() {
        for (dialect, hello, fits) in [
            (Dialect::Smtp, Hello::Helo, true),
            (Dialect::Smtp, Hello::Ehlo, true),
            (Dialect::Smtp, Hello::Lhlo, false),
            (Dialect::Submission, Hello::Ehlo, true),
            (Dialect::Submission, Hello::Lhlo, false),
            (Dialect::Lmtp, Hello::Helo, false),
            (Dialect::Lmtp, Hello::Ehlo, false),
            (Dialect::Lmtp, Hello::Lhlo, true),
        ] {
            let mut transaction = Transaction::<()>::new(dialect, Limits::default(), false);
            let expected = if fits { Ok(()) } else { Err(OutOfOrder::WrongHello) };
            assert_eq!(transaction.greet(hello, "x".to_owned()), expected, "{dialect:?} {hello:?}");
            assert_eq!(transaction.hello().is_some(), fits);
        }
    }

    #[test]
    fn nothing_before_the_greeting() {
        let mut transaction = Transaction::<()>::new(Dialect::Smtp, Limits::default(), false);
        assert_eq!(transaction.may_begin(&mail("<>")), Err(OutOfOrder::NoHello));
        assert_eq!(transaction.may_add_recipient(&rcpt("<b@x.test>")), Err(OutOfOrder::NoHello));
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::NoHello));
        assert_eq!(transaction.chunk(), Err(OutOfOrder::NoHello));
        assert_eq!(transaction.may_authenticate(), Err(OutOfOrder::NoHello));
        assert_eq!(transaction.may_start_tls(), Ok(()));
    }

    #[test]
    fn mail_then_rcpt_then_data() {
        let mut transaction = greeted(Dialect::Smtp);
        assert_eq!(transaction.may_add_recipient(&rcpt("<b@x.test>")), Err(OutOfOrder::NoMail));
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::NoMail));
        assert_eq!(transaction.may_begin(&mail("<a@x.test>")), Ok(()));
        transaction.begin(mail("<a@x.test>"));
        assert_eq!(transaction.may_begin(&mail("<a@x.test>")), Err(OutOfOrder::SecondMail));
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::NoRecipients));
        assert_eq!(transaction.chunk(), Err(OutOfOrder::NoRecipients));
        transaction.add_recipient(rcpt("<b@x.test>"), ());
        assert_eq!(transaction.may_send_data(), Ok(()));
        let envelope = transaction.finish().unwrap();
        assert_eq!(envelope.recipients.len(), 1);
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::NoMail));
        assert_eq!(transaction.may_begin(&mail("<>")), Ok(()));
    }

    #[test]
    fn a_greeting_and_rset_end_the_transaction() {
        let mut transaction = begun(Dialect::Smtp, 1);
        transaction.reset();
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::NoMail));
        let mut transaction = begun(Dialect::Smtp, 1);
        transaction.greet(Hello::Ehlo, "again".to_owned()).unwrap();
        assert!(transaction.envelope().is_none());
        let mut transaction = begun(Dialect::Lmtp, 1);
        assert_eq!(transaction.greet(Hello::Ehlo, "x".to_owned()), Err(OutOfOrder::WrongHello));
        assert!(transaction.envelope().is_some());
    }

    #[test]
    fn submission_needs_authentication() {
        let mut transaction = greeted(Dialect::Submission);
        assert_eq!(transaction.may_begin(&mail("<a@x.test>")), Err(OutOfOrder::NotAuthenticated));
        assert_eq!(transaction.may_authenticate(), Ok(()));
        transaction.set_authenticated();
        assert_eq!(transaction.may_authenticate(), Err(OutOfOrder::AlreadyAuthenticated));
        transaction.begin(mail("<a@x.test>"));
        assert_eq!(transaction.may_start_tls(), Err(OutOfOrder::WithinTransaction));
    }

    #[test]
    fn tls_forgets_all_that_was_said_before() {
        let mut transaction = begun(Dialect::Submission, 1);
        transaction.set_authenticated();
        transaction.tls_started();
        assert!(transaction.is_tls() && !transaction.is_authenticated());
        assert!(transaction.hello().is_none() && transaction.envelope().is_none());
        assert_eq!(transaction.may_start_tls(), Err(OutOfOrder::AlreadyTls));
    }

    #[test]
    fn recipients_limit_below_at_and_above() {
        for (count, expected) in [(1, Ok(())), (2, Ok(())), (3, Err(OutOfOrder::TooManyRecipients))] {
            let transaction = begun(Dialect::Smtp, count);
            assert_eq!(transaction.may_add_recipient(&rcpt("<b@x.test>")), expected, "{count}");
        }
        assert_eq!(Limits::default().recipients_max, 1000);
    }

    #[test]
    fn size_limit_below_at_and_above() {
        for (bytes, expected) in [(999, Ok(())), (1000, Ok(())), (1001, Err(OutOfOrder::TooLarge))] {
            let transaction = greeted(Dialect::Smtp);
            assert_eq!(transaction.may_begin(&mail(&format!("<> SIZE={bytes}"))), expected, "{bytes}");
        }
    }

    #[test]
    fn chunks_exclude_data_and_stop_at_a_failure() {
        let mut transaction = begun(Dialect::Smtp, 1);
        assert_eq!(transaction.chunk(), Ok(()));
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::Chunked));
        assert_eq!(transaction.may_add_recipient(&rcpt("<c@x.test>")), Err(OutOfOrder::Chunked));
        transaction.fail_chunk();
        assert_eq!(transaction.chunk(), Err(OutOfOrder::ChunkFailed));
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::Chunked));
        transaction.reset();
        transaction.begin(mail("<a@x.test> BODY=BINARYMIME"));
        transaction.add_recipient(rcpt("<b@x.test>"), ());
        assert_eq!(transaction.may_send_data(), Err(OutOfOrder::Chunked));
        assert_eq!(transaction.chunk(), Ok(()));
    }

    #[test]
    fn addresses_outside_ascii_need_smtputf8() {
        let mut transaction = greeted(Dialect::Smtp);
        assert_eq!(transaction.may_begin(&mail("<jörg@x.test>")), Err(OutOfOrder::NeedsUtf8));
        assert_eq!(transaction.may_begin(&mail("<jörg@x.test> SMTPUTF8")), Ok(()));
        transaction.begin(mail("<a@x.test>"));
        assert_eq!(transaction.may_add_recipient(&rcpt("<jörg@x.test>")), Err(OutOfOrder::NeedsUtf8));
        transaction.begin(mail("<a@x.test> SMTPUTF8"));
        assert_eq!(transaction.may_add_recipient(&rcpt("<jörg@x.test>")), Ok(()));
        assert_eq!(transaction.may_begin(&mail("<> REQUIRETLS")), Err(OutOfOrder::SecondMail));
        transaction.reset();
        assert_eq!(transaction.may_begin(&mail("<> REQUIRETLS")), Err(OutOfOrder::NeedsTls));
    }

    #[test]
    fn lmtp_answers_each_recipient() {
        assert_eq!(begun(Dialect::Lmtp, 3).replies_after_message(), 3);
        assert_eq!(begun(Dialect::Smtp, 3).replies_after_message(), 1);
    }

    #[test]
    fn replies() {
        for (error, start) in [
            (OutOfOrder::NoMail, "503 5.5.1 "),
            (OutOfOrder::WrongHello, "500 5.5.1 "),
            (OutOfOrder::NotAuthenticated, "530 5.7.0 "),
            (OutOfOrder::TooManyRecipients, "452 4.5.3 "),
            (OutOfOrder::NeedsUtf8, "553 5.6.7 "),
            (OutOfOrder::TooLarge, "552 5.3.4 "),
        ] {
            assert!(error.reply().to_bytes().starts_with(start.as_bytes()), "{error}");
        }
    }
}
