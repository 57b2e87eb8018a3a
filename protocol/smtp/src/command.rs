//! One command line to one [`Command`].

use crate::address::PathError;
use crate::parameter::{Mail, Rcpt};
use crate::reply::{Enhanced, Reply};
use vocabulary::Secret;

/// A command of RFC 5321, 2033, 3030, 3207 or 4954.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Name that the client gives itself, in one of the three greetings.
    Ehlo(String),
    /// The greeting of LMTP (RFC 2033 section 4.1).
    Lhlo(String),
    /// The greeting without extensions.
    Helo(String),
    /// Begins a transaction.
    Mail(Mail),
    /// Adds a recipient.
    Rcpt(Rcpt),
    /// The message follows, after a 354.
    Data,
    /// A piece of the message follows at once (RFC 3030 section 2).
    Bdat {
        /// How many octets.
        chunk_bytes: u64,
        /// Whether the message ends with them.
        last: bool,
    },
    /// Ends the transaction without result.
    Rset,
    /// Asks about an address; never answered in full.
    Vrfy,
    /// Nothing.
    Noop,
    /// Asks for help.
    Help,
    /// Goodbye.
    Quit,
    /// Start TLS on this connection (RFC 3207 section 4).
    StartTls,
    /// SASL (RFC 4954 section 4).
    Auth {
        /// Name of the mechanism in upper case.
        mechanism: String,
        /// Base64 text of the initial response; empty for `=`.
        initial_response: Option<Secret>,
    },
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// Over [`crate::COMMAND_BYTES_MAX`] or [`crate::SASL_LINE_BYTES_MAX`]; the line is consumed.
    #[error("line too long")]
    TooLong,
    /// Control characters (a bare CR or LF among them) or bytes that are no UTF-8.
    #[error("line holds characters that are not allowed")]
    Character,
    /// No command of this name.
    #[error("unknown command")]
    UnknownCommand,
    /// A known command with an argument missing, bad or too many.
    #[error("syntax error in arguments")]
    Argument,
    /// Bad reverse-path.
    #[error("bad sender address: {0}")]
    Sender(PathError),
    /// Bad forward-path.
    #[error("bad recipient address: {0}")]
    Recipient(PathError),
    /// A parameter whose value is bad, or that comes twice.
    #[error("bad parameter")]
    ParameterValue,
    /// A parameter of no extension that we know.
    #[error("unknown parameter")]
    UnknownParameter,
    /// Not of the Base64 alphabet.
    #[error("bad Base64")]
    Base64,
}

impl SyntaxError {
    /// The reply that is due.
    #[must_use]
    pub fn reply(self) -> Reply {
        let (code, enhanced) = match self {
            // RFC 5321 section 4.5.3.1.9.
            Self::TooLong | Self::Character => (500, Enhanced(5, 5, 2)),
            Self::UnknownCommand => (500, Enhanced(5, 5, 1)),
            Self::Argument | Self::ParameterValue => (501, Enhanced(5, 5, 4)),
            Self::Sender(_) => (501, Enhanced(5, 1, 7)),
            Self::Recipient(_) => (501, Enhanced(5, 1, 3)),
            // RFC 5321 section 4.1.1.11.
            Self::UnknownParameter => (555, Enhanced(5, 5, 4)),
            // RFC 4954 section 4.
            Self::Base64 => (501, Enhanced(5, 5, 2)),
        };
        Reply::new(code, enhanced, self.to_string())
    }
}

/// Most octets of a client's name, as of any domain (RFC 5321 section 4.5.3.1.2).
const CLIENT_NAME_BYTES_MAX: usize = 255;

impl Command {
    /// Reads a line without its CRLF.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        // RFC 5321 section 4.1.1: white space at the end is tolerated.
        let line = text(line)?.trim_end_matches(' ');
        let (keyword, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim_start_matches(' ');
        match keyword.to_ascii_uppercase().as_str() {
            "EHLO" => client_name(argument).map(Self::Ehlo),
            "LHLO" => client_name(argument).map(Self::Lhlo),
            "HELO" => client_name(argument).map(Self::Helo),
            "MAIL" => Mail::parse(after(argument, "FROM:")?).map(Self::Mail),
            "RCPT" => Rcpt::parse(after(argument, "TO:")?).map(Self::Rcpt),
            "DATA" => alone(argument, Self::Data),
            "BDAT" => bdat(argument),
            "RSET" => alone(argument, Self::Rset),
            "VRFY" if argument.is_empty() => Err(SyntaxError::Argument),
            "VRFY" => Ok(Self::Vrfy),
            // RFC 5321 section 4.1.1.9: the argument is ignored.
            "NOOP" => Ok(Self::Noop),
            "HELP" => Ok(Self::Help),
            "QUIT" => alone(argument, Self::Quit),
            "STARTTLS" => alone(argument, Self::StartTls),
            "AUTH" => auth(argument),
            _ => Err(SyntaxError::UnknownCommand),
        }
    }
}

/// Text without control characters.
pub(crate) fn text(line: &[u8]) -> Result<&str, SyntaxError> {
    let text = std::str::from_utf8(line).map_err(|_| SyntaxError::Character)?;
    if text.chars().any(char::is_control) { Err(SyntaxError::Character) } else { Ok(text) }
}

/// Whether a text may be Base64; the decoder decides about its padding.
pub(crate) fn is_base64(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

fn alone(argument: &str, command: Command) -> Result<Command, SyntaxError> {
    if argument.is_empty() { Ok(command) } else { Err(SyntaxError::Argument) }
}

/// Clients give themselves all kinds of names; any one word is taken, for it proves nothing.
fn client_name(argument: &str) -> Result<String, SyntaxError> {
    let fits = (1..=CLIENT_NAME_BYTES_MAX).contains(&argument.len());
    if fits && !argument.contains(' ') { Ok(argument.to_owned()) } else { Err(SyntaxError::Argument) }
}

fn after<'a>(argument: &'a str, word: &str) -> Result<&'a str, SyntaxError> {
    match argument.split_at_checked(word.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(word) => Ok(rest.trim_start_matches(' ')),
        _ => Err(SyntaxError::Argument),
    }
}

fn bdat(argument: &str) -> Result<Command, SyntaxError> {
    let (digits, marker) = argument.split_once(' ').unwrap_or((argument, ""));
    let last = match marker.trim() {
        "" => false,
        marker if marker.eq_ignore_ascii_case("LAST") => true,
        _ => return Err(SyntaxError::Argument),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SyntaxError::Argument);
    }
    // A count that does not fit will never be sent in full; the connection ends before.
    Ok(Command::Bdat { chunk_bytes: digits.parse().unwrap_or(u64::MAX), last })
}

fn auth(argument: &str) -> Result<Command, SyntaxError> {
    let (mechanism, response) = match argument.split_once(' ') {
        Some((mechanism, response)) => (mechanism, Some(response.trim())),
        None => (argument, None),
    };
    // RFC 4422 section 3.1: 1 to 20 letters, digits, hyphens, underscores.
    let known_form = mechanism.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !(1..=20).contains(&mechanism.len()) || !known_form {
        return Err(SyntaxError::Argument);
    }
    if !response.is_none_or(is_base64) {
        return Err(SyntaxError::Base64);
    }
    // RFC 4954 section 4: "=" is a response that is present and empty.
    let initial_response = response.map(|text| Secret::new(if text == "=" { "" } else { text }));
    Ok(Command::Auth { mechanism: mechanism.to_ascii_uppercase(), initial_response })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::ReversePath;
    use proptest::prelude::*;

    #[test]
    fn known_answers() {
        let auth = |mechanism: &str, response: Option<&str>| Command::Auth {
            mechanism: mechanism.to_owned(),
            initial_response: response.map(Secret::new),
        };
        let null = || Command::Mail(Mail::new(ReversePath::Null));
        let table = [
            ("EHLO mx.test", Command::Ehlo("mx.test".to_owned())),
            ("ehlo  [192.0.2.1] ", Command::Ehlo("[192.0.2.1]".to_owned())),
            ("LHLO mx.test", Command::Lhlo("mx.test".to_owned())),
            ("HELO mx_1", Command::Helo("mx_1".to_owned())),
            ("MAIL FROM:<>", null()),
            ("mail from: <> ", null()),
            ("DATA", Command::Data),
            ("BDAT 86 LAST", Command::Bdat { chunk_bytes: 86, last: true }),
            ("bdat 0 last", Command::Bdat { chunk_bytes: 0, last: true }),
            ("BDAT 100000", Command::Bdat { chunk_bytes: 100_000, last: false }),
            ("BDAT 99999999999999999999999", Command::Bdat { chunk_bytes: u64::MAX, last: false }),
            ("RSET ", Command::Rset),
            ("VRFY anna", Command::Vrfy),
            ("NOOP whatever", Command::Noop),
            ("HELP", Command::Help),
            ("QUIT", Command::Quit),
            ("STARTTLS", Command::StartTls),
            ("AUTH LOGIN", auth("LOGIN", None)),
            ("AUTH plain AGEAYg==", auth("PLAIN", Some("AGEAYg=="))),
            ("AUTH SCRAM-SHA-256 =", auth("SCRAM-SHA-256", Some(""))),
        ];
        for (line, command) in table {
            assert_eq!(Command::parse(line.as_bytes()), Ok(command), "{line}");
        }
    }

    #[test]
    fn known_errors() {
        use SyntaxError::*;
        let table: &[(&[u8], SyntaxError, &str)] = &[
            (b"", UnknownCommand, "500 5.5.1"),
            (b"GET / HTTP/1.1", UnknownCommand, "500 5.5.1"),
            (b"EXPN list", UnknownCommand, "500 5.5.1"),
            (b"EHLO", Argument, "501 5.5.4"),
            (b"EHLO a b", Argument, "501 5.5.4"),
            (b"MAIL <>", Argument, "501 5.5.4"),
            (b"MAIL TO:<>", Argument, "501 5.5.4"),
            (b"MAIL FROM:a@x.test", Sender(PathError::Brackets), "501 5.1.7"),
            (b"RCPT TO:<anna>", Recipient(PathError::Form), "501 5.1.3"),
            (b"RCPT TO:<>", Recipient(PathError::Form), "501 5.1.3"),
            (b"MAIL FROM:<> X=1", UnknownParameter, "555 5.5.4"),
            (b"MAIL FROM:<> SIZE=x", ParameterValue, "501 5.5.4"),
            (b"DATA now", Argument, "501 5.5.4"),
            (b"BDAT", Argument, "501 5.5.4"),
            (b"BDAT x", Argument, "501 5.5.4"),
            (b"BDAT +5", Argument, "501 5.5.4"),
            (b"BDAT 5 FIRST", Argument, "501 5.5.4"),
            (b"VRFY", Argument, "501 5.5.4"),
            (b"AUTH", Argument, "501 5.5.4"),
            (b"AUTH PLAIN a b", Base64, "501 5.5.2"),
            (b"EHLO a\nMAIL FROM:<>", Character, "500 5.5.2"),
            (b"EHLO a\r", Character, "500 5.5.2"),
            (b"EHLO a\0", Character, "500 5.5.2"),
            (b"EHLO \xff", Character, "500 5.5.2"),
        ];
        for (line, error, reply) in table {
            assert_eq!(Command::parse(line), Err(*error), "{}", line.escape_ascii());
            let bytes = error.reply().to_bytes();
            assert!(bytes.starts_with(reply.as_bytes()), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn client_name_limit_below_at_and_above() {
        for (bytes, fits) in [(254, true), (255, true), (256, false)] {
            assert_eq!(Command::parse(format!("EHLO {}", "x".repeat(bytes)).as_bytes()).is_ok(), fits);
        }
    }

    #[test]
    fn debug_of_a_login_shows_no_secret() {
        let shown = format!("{:?}", Command::parse(b"AUTH PLAIN aHVudGVyMg==").unwrap());
        assert!(!shown.contains("aHVudGVyMg"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_line_makes_the_parser_panic(
            start in prop_oneof![
                Just(&b""[..]), Just(&b"MAIL FROM:"[..]), Just(&b"RCPT TO:<"[..]), Just(&b"BDAT "[..])
            ],
            rest in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let _ = Command::parse(&[start, &rest].concat());
        }
    }
}
