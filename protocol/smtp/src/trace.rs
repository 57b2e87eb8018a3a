//! Header lines that delivery puts before a message (RFC 5321 section 4.4).
//!
//! What stands in them comes from clients. Each value is cleaned where it is written, so that a
//! call makes exactly one header field whatever it is given.

use crate::address::{Mailbox, ReversePath};
use std::net::IpAddr;
use vocabulary::Timestamp;

/// How the message came, for the `with` clause (RFC 3848, RFC 6531).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct With {
    /// LMTP instead of SMTP.
    pub lmtp: bool,
    /// Greeted with EHLO; LMTP has no other greeting.
    pub extended: bool,
    /// SMTPUTF8 was asked for.
    pub utf8: bool,
    /// Under TLS.
    pub tls: bool,
    /// After AUTH.
    pub authenticated: bool,
}

impl With {
    fn keyword(self) -> String {
        let stem = match (self.lmtp, self.utf8, self.extended) {
            (true, true, _) => "UTF8LMTP",
            (true, false, _) => "LMTP",
            (false, true, _) => "UTF8SMTP",
            (false, false, true) => "ESMTP",
            (false, false, false) => return "SMTP".to_owned(),
        };
        let tls = if self.tls { "S" } else { "" };
        let authenticated = if self.authenticated { "A" } else { "" };
        format!("{stem}{tls}{authenticated}")
    }
}

/// One `Received:` field.
#[derive(Debug, Clone)]
pub struct Received<'a> {
    /// The name that the client gave itself.
    pub client_name: &'a str,
    /// Where it came from; none for a local socket.
    pub client_address: Option<IpAddr>,
    /// Our name.
    pub host: &'a str,
    /// How it came.
    pub with: With,
    /// How the log names the message.
    pub id: &'a str,
    /// The recipient, if there is one only: several must not learn of each other (RFC 5321 section
    /// 7.2).
    pub recipient: Option<&'a Mailbox>,
    /// When.
    pub at: Timestamp,
}

impl Received<'_> {
    /// Appends the field with its CRLF.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let mut field = format!("Received: from {}", clean(self.client_name));
        match self.client_address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => field.push_str(&format!(" ([{address}])")),
            Some(IpAddr::V6(address)) => field.push_str(&format!(" ([IPv6:{address}])")),
            None => {}
        }
        let (host, with, id) = (clean(self.host), self.with.keyword(), clean(self.id));
        field.push_str(&format!("\r\n\tby {host} with {with} id {id}"));
        // Outside an SMTPUTF8 message the header is ASCII.
        if let Some(mailbox) = self.recipient.filter(|mailbox| mailbox.is_ascii() || self.with.utf8) {
            field.push_str(&format!("\r\n\tfor <{}>", one_line(&mailbox.to_string())));
        }
        field.push_str(&format!(";\r\n\t{}\r\n", date_time(self.at)));
        out.extend_from_slice(field.as_bytes());
    }
}

/// Appends `Return-Path:`, which final delivery puts first (RFC 5321 section 4.4).
pub fn write_return_path(from: &ReversePath, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("Return-Path: {}\r\n", one_line(&from.to_string())).as_bytes());
}

/// Appends `Delivered-To:`, which tells a later delivery that it goes in circles.
pub fn write_delivered_to(mailbox: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("Delivered-To: {}\r\n", one_line(mailbox)).as_bytes());
}

/// Most characters of one word: any domain fits, and three words stay below the 998 of a line.
const WORD_CHARS_MAX: usize = 300;
/// Most characters of an address: the longest [`Mailbox`] with all its quoting fits.
const ADDRESS_CHARS_MAX: usize = 900;

/// One word: what could end it, open a comment or leave the line becomes `?`.
fn clean(word: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() && !"()<>\\\";,".contains(c) { c } else { '?' };
    let cleaned: String = word.chars().take(WORD_CHARS_MAX).map(plain).collect();
    if cleaned.is_empty() { "unknown".to_owned() } else { cleaned }
}

/// Text that stays on its line.
fn one_line(text: &str) -> String {
    let plain = |c: char| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '?' } else { c };
    text.chars().take(ADDRESS_CHARS_MAX).map(plain).collect()
}

/// RFC 5322 section 3.3 date-time in UTC, kept within the four digits of a year.
fn date_time(at: Timestamp) -> String {
    const YEAR_1_MS: i64 = -62_135_596_800_000;
    const YEAR_9999_MS: i64 = 253_402_300_799_000;
    chrono::DateTime::from_timestamp_millis(at.0.clamp(YEAR_1_MS, YEAR_9999_MS))
        .unwrap_or_default()
        .format("%a, %d %b %Y %H:%M:%S +0000")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::ForwardPath;
    use proptest::prelude::*;

    const WITH: With = With { lmtp: false, extended: true, utf8: false, tls: true, authenticated: true };

    fn text(received: &Received<'_>) -> String {
        let mut out = Vec::new();
        received.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn mailbox(path: &str) -> Mailbox {
        ForwardPath::parse(path).unwrap().0.mailbox().unwrap().clone()
    }

    #[test]
    fn known_answers() {
        let anna = mailbox("<anna@blumen.test>");
        let mut received = Received {
            client_name: "mx.test",
            client_address: Some("192.0.2.1".parse().unwrap()),
            host: "kontor.test",
            with: WITH,
            id: "0198",
            recipient: Some(&anna),
            at: Timestamp::from_seconds(1_795_428_000),
        };
        let expected = "Received: from mx.test ([192.0.2.1])\r\n\tby kontor.test with ESMTPSA id 0198\r\n\
                        \tfor <anna@blumen.test>;\r\n\tMon, 23 Nov 2026 10:00:00 +0000\r\n";
        assert_eq!(text(&received), expected);
        received.client_address = Some("2001:db8::1".parse().unwrap());
        received.recipient = None;
        received.client_name = "[x] (evil)\r\nBcc: a";
        let expected = "Received: from [x]??evil???Bcc:?a ([IPv6:2001:db8::1])\r\n\
                        \tby kontor.test with ESMTPSA id 0198;\r\n\tMon, 23 Nov 2026 10:00:00 +0000\r\n";
        assert_eq!(text(&received), expected);
    }

    #[test]
    fn with_keywords() {
        let keyword = |lmtp, extended, utf8, tls, authenticated| {
            With { lmtp, extended, utf8, tls, authenticated }.keyword()
        };
        assert_eq!(keyword(false, false, false, false, false), "SMTP");
        assert_eq!(keyword(false, true, false, false, false), "ESMTP");
        assert_eq!(keyword(false, true, false, true, false), "ESMTPS");
        assert_eq!(keyword(false, true, false, false, true), "ESMTPA");
        assert_eq!(keyword(true, true, false, false, false), "LMTP");
        assert_eq!(keyword(true, true, true, true, true), "UTF8LMTPSA");
        assert_eq!(keyword(false, true, true, true, false), "UTF8SMTPS");
    }

    #[test]
    fn return_path_and_delivered_to() {
        let mut out = Vec::new();
        write_return_path(&ReversePath::Null, &mut out);
        write_return_path(&ReversePath::Mailbox(mailbox("<\"a b\"@x.test>")), &mut out);
        write_delivered_to("anna@x.test\r\nBcc: b", &mut out);
        let expected =
            "Return-Path: <>\r\nReturn-Path: <\"a b\"@x.test>\r\nDelivered-To: anna@x.test??Bcc: b\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn clocks_gone_mad_still_make_a_date() {
        assert_eq!(date_time(Timestamp(i64::MIN)), "Mon, 01 Jan 0001 00:00:00 +0000");
        assert_eq!(date_time(Timestamp(i64::MAX)), "Fri, 31 Dec 9999 23:59:59 +0000");
        assert_eq!(date_time(Timestamp(0)), "Thu, 01 Jan 1970 00:00:00 +0000");
    }

    proptest! {
        #[test]
        fn each_call_makes_one_field(client in any::<String>(), id in any::<String>(), host in any::<String>()) {
            let received = Received {
                client_name: &client,
                client_address: None,
                host: &host,
                with: WITH,
                id: &id,
                recipient: None,
                at: Timestamp(0),
            };
            let field = text(&received);
            let lines: Vec<_> = field.split_terminator("\r\n").collect();
            prop_assert_eq!(lines.len(), 3);
            prop_assert!(lines.iter().all(|line| line.len() <= 998 && !line.contains(['\r', '\n', '\0'])));
            prop_assert!(lines[1..].iter().all(|line| line.starts_with('\t')));
            let mut out = Vec::new();
            write_delivered_to(&client, &mut out);
            prop_assert_eq!(out.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count(), 2);
        }
    }
}
