//! MAIL and RCPT with their parameters.

use crate::PARAMETERS_MAX;
use crate::address::{ForwardPath, ReversePath};
use crate::command::SyntaxError;

/// `MAIL FROM` (RFC 5321 section 4.1.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sender.
    pub from: ReversePath,
    /// Size that the client announces, in octets (RFC 1870).
    pub size_bytes: Option<u64>,
    /// What kind of octets will come.
    pub body: Body,
    /// Addresses and header may hold UTF-8 (RFC 6531).
    pub smtputf8: bool,
    /// What a failure notice returns (RFC 3461 section 4.3).
    pub ret: Option<Ret>,
    /// The sender's name for this envelope, decoded (RFC 3461 section 4.4).
    pub envid: Option<String>,
    /// Who submitted it first, decoded and unproven (RFC 4954 section 5).
    pub auth: Option<String>,
    /// Only over TLS (RFC 8689).
    pub requiretls: bool,
}

/// `RCPT TO` (RFC 5321 section 4.1.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rcpt {
    /// The recipient.
    pub to: ForwardPath,
    /// When to notify the sender (RFC 3461 section 4.1).
    pub notify: Option<Notify>,
    /// The recipient first meant, `type;address`, decoded (RFC 3461 section 4.2).
    pub orcpt: Option<String>,
}

/// BODY parameter (RFC 6152, RFC 3030).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body {
    /// Lines of ASCII.
    #[default]
    SevenBit,
    /// Lines of octets.
    EightBitMime,
    /// Octets; only with BDAT.
    BinaryMime,
}

/// RET parameter (RFC 3461 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ret {
    /// The whole message.
    Full,
    /// The header.
    Headers,
}

/// NOTIFY parameter (RFC 3461 section 4.1); all false is `NEVER`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notify {
    /// When delivered.
    pub success: bool,
    /// When given up.
    pub failure: bool,
    /// When late.
    pub delay: bool,
}

/// Longest ENVID value in octets (RFC 3461 section 4.4).
const ENVID_BYTES_MAX: usize = 100;
/// Longest ORCPT value in octets (RFC 3461 section 4.2).
const ORCPT_BYTES_MAX: usize = 500;

impl Mail {
    /// A sender without parameters.
    #[must_use]
    pub fn new(from: ReversePath) -> Self {
        Self {
            from,
            size_bytes: None,
            body: Body::default(),
            smtputf8: false,
            ret: None,
            envid: None,
            auth: None,
            requiretls: false,
        }
    }

    /// Reads what follows `MAIL FROM:`.
    pub(crate) fn parse(argument: &str) -> Result<Self, SyntaxError> {
        let (from, rest) = ReversePath::parse(argument).map_err(SyntaxError::Sender)?;
        let mut mail = Self::new(from);
        for parameter in parameters(rest)? {
            let (keyword, value) = parameter;
            match (keyword.as_str(), value) {
                ("SIZE", Some(digits)) => mail.size_bytes = Some(size(digits)?),
                ("BODY", Some(value)) => mail.body = body(value)?,
                ("SMTPUTF8", None) => mail.smtputf8 = true,
                ("REQUIRETLS", None) => mail.requiretls = true,
                ("RET", Some(value)) => mail.ret = Some(ret(value)?),
                ("ENVID", Some(value)) => mail.envid = Some(xtext(value, ENVID_BYTES_MAX)?),
                ("AUTH", Some(value)) => mail.auth = Some(xtext(value, ORCPT_BYTES_MAX)?),
                (keyword, _) => return Err(unknown_or_bad(keyword, MAIL_KEYWORDS)),
            }
        }
        Ok(mail)
    }
}

impl Rcpt {
    /// A recipient without parameters.
    #[must_use]
    pub fn new(to: ForwardPath) -> Self {
        Self { to, notify: None, orcpt: None }
    }

    /// Reads what follows `RCPT TO:`.
    pub(crate) fn parse(argument: &str) -> Result<Self, SyntaxError> {
        let (to, rest) = ForwardPath::parse(argument).map_err(SyntaxError::Recipient)?;
        let mut rcpt = Self::new(to);
        for (keyword, value) in parameters(rest)? {
            match (keyword.as_str(), value) {
                ("NOTIFY", Some(value)) => rcpt.notify = Some(notify(value)?),
                ("ORCPT", Some(value)) => rcpt.orcpt = Some(orcpt(value)?),
                (keyword, _) => return Err(unknown_or_bad(keyword, RCPT_KEYWORDS)),
            }
        }
        Ok(rcpt)
    }
}

const MAIL_KEYWORDS: &[&str] = &["SIZE", "BODY", "SMTPUTF8", "REQUIRETLS", "RET", "ENVID", "AUTH"];
const RCPT_KEYWORDS: &[&str] = &["NOTIFY", "ORCPT"];

/// A keyword that we know came here because its value is missing or should not be there.
fn unknown_or_bad(keyword: &str, known: &[&str]) -> SyntaxError {
    if known.contains(&keyword) { SyntaxError::ParameterValue } else { SyntaxError::UnknownParameter }
}

/// Splits ` KEY=value KEY`. A keyword that comes twice is an error (RFC 3461 section 4.5).
fn parameters(text: &str) -> Result<Vec<(String, Option<&str>)>, SyntaxError> {
    if !text.is_empty() && !text.starts_with(' ') {
        return Err(SyntaxError::ParameterValue);
    }
    let mut found: Vec<(String, Option<&str>)> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (keyword, value) = match word.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (word, None),
        };
        let keyword = keyword.to_ascii_uppercase();
        let twice = found.iter().any(|(known, _)| *known == keyword);
        if twice || found.len() == PARAMETERS_MAX || value == Some("") {
            return Err(SyntaxError::ParameterValue);
        }
        found.push((keyword, value));
    }
    Ok(found)
}

/// RFC 1870 section 3: 1 to 20 digits. What does not fit an integer is too large for anybody.
fn size(digits: &str) -> Result<u64, SyntaxError> {
    let well_formed = (1..=20).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed { Ok(digits.parse().unwrap_or(u64::MAX)) } else { Err(SyntaxError::ParameterValue) }
}

fn body(value: &str) -> Result<Body, SyntaxError> {
    match value.to_ascii_uppercase().as_str() {
        "7BIT" => Ok(Body::SevenBit),
        "8BITMIME" => Ok(Body::EightBitMime),
        "BINARYMIME" => Ok(Body::BinaryMime),
        _ => Err(SyntaxError::ParameterValue),
    }
}

fn ret(value: &str) -> Result<Ret, SyntaxError> {
    match value.to_ascii_uppercase().as_str() {
        "FULL" => Ok(Ret::Full),
        "HDRS" => Ok(Ret::Headers),
        _ => Err(SyntaxError::ParameterValue),
    }
}

fn notify(value: &str) -> Result<Notify, SyntaxError> {
    let mut notify = Notify::default();
    if value.eq_ignore_ascii_case("NEVER") {
        return Ok(notify);
    }
    for word in value.split(',') {
        match word.to_ascii_uppercase().as_str() {
            "SUCCESS" => notify.success = true,
            "FAILURE" => notify.failure = true,
            "DELAY" => notify.delay = true,
            _ => return Err(SyntaxError::ParameterValue),
        }
    }
    Ok(notify)
}

fn orcpt(value: &str) -> Result<String, SyntaxError> {
    let (address_type, address) = value.split_once(';').ok_or(SyntaxError::ParameterValue)?;
    let well_formed = address_type.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if address_type.is_empty() || !well_formed || value.len() > ORCPT_BYTES_MAX {
        return Err(SyntaxError::ParameterValue);
    }
    Ok(format!("{address_type};{}", xtext(address, ORCPT_BYTES_MAX)?))
}

/// Decodes xtext (RFC 3461 section 4). The result is printable: an encoded line end is an error.
fn xtext(value: &str, bytes_max: usize) -> Result<String, SyntaxError> {
    if value.len() > bytes_max {
        return Err(SyntaxError::ParameterValue);
    }
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'+' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else { return Err(SyntaxError::ParameterValue) };
        decoded.push(u8::try_from(high * 16 + low).map_err(|_| SyntaxError::ParameterValue)?);
    }
    let text = String::from_utf8(decoded).map_err(|_| SyntaxError::ParameterValue)?;
    if text.chars().any(char::is_control) { Err(SyntaxError::ParameterValue) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_known_answer() {
        let line = "<a@x.test>  size=1000 BODY=8bitmime SMTPUTF8 RET=hdrs ENVID=QQ+2B314 AUTH=<> REQUIRETLS ";
        let mail = Mail::parse(line).unwrap();
        assert_eq!(mail.from.to_string(), "<a@x.test>");
        assert_eq!((mail.size_bytes, mail.body), (Some(1000), Body::EightBitMime));
        assert!(mail.smtputf8 && mail.requiretls);
        assert_eq!((mail.ret, mail.envid.as_deref()), (Some(Ret::Headers), Some("QQ+314")));
        assert_eq!(mail.auth.as_deref(), Some("<>"));
        assert_eq!(Mail::parse("<>"), Ok(Mail::new(ReversePath::Null)));
    }

    #[test]
    fn rcpt_known_answer() {
        let rcpt = Rcpt::parse("<b@x.test> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob+40x.test").unwrap();
        assert_eq!(rcpt.notify, Some(Notify { success: true, failure: false, delay: true }));
        assert_eq!(rcpt.orcpt.as_deref(), Some("rfc822;Bob@x.test"));
        let never = Rcpt::parse("<Postmaster> NOTIFY=NEVER").unwrap();
        assert_eq!((never.to, never.notify), (ForwardPath::Postmaster, Some(Notify::default())));
    }

    #[test]
    fn bad_values_are_told_from_unknown_keywords() {
        let bad = [
            "SIZE",
            "SIZE=",
            "SIZE=x",
            "SIZE=-1",
            "SIZE=1 SIZE=1",
            "SMTPUTF8=1",
            "BODY=9BIT",
            "RET=NONE",
            "ENVID=a+0D+0Ab",
            "ENVID=+4",
            "ENVID=+GG",
            "AUTH",
        ];
        for parameter in bad {
            let got = Mail::parse(&format!("<> {parameter}"));
            assert_eq!(got, Err(SyntaxError::ParameterValue), "{parameter}");
        }
        for parameter in ["NOTIFY=NEVER,DELAY", "NOTIFY=", "ORCPT=x", "ORCPT=;x", "ORCPT=rfc822;+0A"] {
            let got = Rcpt::parse(&format!("<a@x.test> {parameter}"));
            assert_eq!(got, Err(SyntaxError::ParameterValue), "{parameter}");
        }
        assert_eq!(Mail::parse("<> HOLDFOR=1"), Err(SyntaxError::UnknownParameter));
        assert_eq!(Rcpt::parse("<a@x.test> SIZE=1"), Err(SyntaxError::UnknownParameter));
        assert_eq!(Mail::parse("<>SIZE=1"), Err(SyntaxError::ParameterValue));
    }

    #[test]
    fn limits_below_at_and_above() {
        for (digits, fits) in [(19, true), (20, true), (21, false)] {
            assert_eq!(Mail::parse(&format!("<> SIZE={}", "9".repeat(digits))).is_ok(), fits, "{digits}");
        }
        assert_eq!(Mail::parse("<> SIZE=99999999999999999999").unwrap().size_bytes, Some(u64::MAX));
        for (bytes, fits) in [(99, true), (100, true), (101, false)] {
            assert_eq!(Mail::parse(&format!("<> ENVID={}", "e".repeat(bytes))).is_ok(), fits, "{bytes}");
        }
        for (bytes, fits) in [(499, true), (500, true), (501, false)] {
            let orcpt = format!("rfc822;{}", "e".repeat(bytes - 7));
            assert_eq!(Rcpt::parse(&format!("<a@x.test> ORCPT={orcpt}")).is_ok(), fits, "{bytes}");
        }
        for (count, error) in [
            (15, SyntaxError::UnknownParameter),
            (16, SyntaxError::UnknownParameter),
            (17, SyntaxError::ParameterValue),
        ] {
            let parameters: String = (0..count).map(|index| format!(" X{index}=1")).collect();
            assert_eq!(Mail::parse(&format!("<>{parameters}")), Err(error), "{count}");
        }
    }
}
