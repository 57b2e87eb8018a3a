//! EHLO, LHLO and HELO (RFC 5321 section 4.1.1.1, RFC 2033 section 4.1).

use crate::conversation::Conversation;
use smtp_wire::{Dialect, Extension, Hello, Reply};

/// The mechanisms of AUTH. LOGIN is in no standard and in many mail programs.
pub(crate) const MECHANISMS: &[&str] = &["PLAIN", "LOGIN"];

impl Conversation<'_> {
    pub(crate) fn hello(&mut self, hello: Hello, name: String) -> Reply {
        if let Err(error) = self.transaction.greet(hello, name) {
            return error.reply();
        }
        self.forget_message();
        match hello {
            Hello::Helo => Reply::hello(&self.context.hostname, &[]),
            Hello::Ehlo | Hello::Lhlo => Reply::hello(&self.context.hostname, &self.extensions()),
        }
    }

    fn extensions(&self) -> Vec<Extension> {
        let mut extensions = vec![
            Extension::Pipelining,
            Extension::EnhancedStatusCodes,
            Extension::EightBitMime,
            Extension::SmtpUtf8,
            Extension::Chunking,
            Extension::Size(self.rules.message_bytes_max),
            Extension::RecipientsMax(self.context.limits.recipients_max),
        ];
        if self.connection.can_start_tls() {
            extensions.push(Extension::StartTls);
        }
        // A login that would be refused is not offered.
        if self.transaction.dialect() == Dialect::Submission && self.connection.may_authenticate() {
            extensions.push(Extension::Auth(MECHANISMS.to_vec()));
        }
        extensions
    }
}
