//! QUOTA: RFC 9208. SETQUOTA is absent: limits are set by the operator.

use crate::{Input, Output, SyntaxError};

/// `SP quota-root-name` of GETQUOTA.
pub(crate) fn quota_root(input: &mut Input<'_>) -> Result<String, SyntaxError> {
    input.space()?;
    input.text().map(std::borrow::Cow::into_owned)
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuotaResource {
    /// Space in units of 1,024 octets (RFC 9208 section 5.1).
    Storage,
    /// Messages (RFC 9208 section 5.2).
    Message,
}

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaUsage {
    /// Of what.
    pub resource: QuotaResource,
    /// How much is used.
    pub used: u64,
    /// How much may be used.
    pub limit: u64,
}

impl Output {
    /// `* QUOTA root (STORAGE used limit ...)`: RFC 9208 section 4.2.1.
    pub fn quota(&mut self, root: &str, usages: &[QuotaUsage]) {
        self.raw(b"* QUOTA ");
        self.astring(root.as_bytes());
        self.raw(b" (");
        for (place, usage) in usages.iter().enumerate() {
            if place > 0 {
                self.raw(b" ");
            }
            self.raw(match usage.resource {
                QuotaResource::Storage => b"STORAGE ",
                QuotaResource::Message => b"MESSAGE ",
            });
            self.number64(usage.used);
            self.raw(b" ");
            self.number64(usage.limit);
        }
        self.raw(b")\r\n");
    }

    /// `* QUOTAROOT mailbox root ...`: RFC 9208 section 4.2.2. The mailbox as the client named it.
    pub fn quota_root(&mut self, mailbox: &str, roots: &[&str]) {
        self.raw(b"* QUOTAROOT ");
        self.mailbox_text(mailbox);
        for root in roots {
            self.raw(b" ");
            self.astring(root.as_bytes());
        }
        self.crlf();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses() {
        let mut out = Output::default();
        out.quota_root("INBOX", &["", "#user/alice"]);
        out.quota(
            "#user/alice",
            &[
                QuotaUsage { resource: QuotaResource::Storage, used: 54, limit: 111 },
                QuotaUsage { resource: QuotaResource::Message, used: 42, limit: 1000 },
            ],
        );
        let expected =
            "* QUOTAROOT INBOX \"\" #user/alice\r\n* QUOTA #user/alice (STORAGE 54 111 MESSAGE 42 1000)\r\n";
        assert_eq!(String::from_utf8(out.take()).unwrap(), expected);
    }
}
