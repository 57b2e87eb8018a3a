//! One command line to one [`Command`].

use std::num::NonZeroU32;
use vocabulary::Secret;

/// Number of a message in the listing of the session, from 1 (RFC 1939 section 5).
pub type MessageNumber = NonZeroU32;

/// A command of RFC 1939, 2449, 2595, 5034 or 6856.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What the server can do (RFC 2449 section 5).
    Capa,
    /// Start TLS on this connection (RFC 2595 section 4).
    Stls,
    /// Name of the mailbox (RFC 1939 section 7).
    User(String),
    /// Password, with all its spaces (RFC 1939 section 7).
    Pass(Secret),
    /// Digest login: known by name only, to be refused.
    Apop,
    /// `AUTH` alone: a client that asks which mechanisms there are, as some did before CAPA.
    AuthList,
    /// SASL (RFC 5034 section 4).
    Auth {
        /// Name of the mechanism in upper case.
        mechanism: String,
        /// Base64 text of the initial response; empty for `=`.
        initial_response: Option<Secret>,
    },
    /// Number and size of all messages (RFC 1939 section 5).
    Stat,
    /// Sizes, of one message or of all (RFC 1939 section 5).
    List(Option<MessageNumber>),
    /// Unique ids, of one message or of all (RFC 1939 section 7).
    Uidl(Option<MessageNumber>),
    /// Header and the first lines of the body (RFC 1939 section 7).
    Top {
        /// Which message.
        message: MessageNumber,
        /// How many lines of the body.
        lines: u32,
    },
    /// The whole message (RFC 1939 section 5).
    Retr(MessageNumber),
    /// Mark for deletion (RFC 1939 section 5).
    Dele(MessageNumber),
    /// Nothing (RFC 1939 section 5).
    Noop,
    /// Unmark all (RFC 1939 section 5).
    Rset,
    /// Goodbye (RFC 1939 sections 5 and 6).
    Quit,
    /// UTF-8 in messages and names (RFC 6856).
    Utf8,
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
    /// The command wants an argument.
    #[error("argument missing")]
    MissingArgument,
    /// More arguments than the command takes.
    #[error("too many arguments")]
    ExtraArgument,
    /// Not a number, or not one of a message.
    #[error("not a valid number")]
    Number,
    /// Not a SASL mechanism name, or a response that is not of the Base64 alphabet.
    #[error("bad SASL argument")]
    Sasl,
}

impl Command {
    /// Reads a line without its CRLF.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let line = text(line)?;
        let (keyword, argument) = match line.split_once(' ') {
            Some((keyword, argument)) => (keyword, Some(argument)),
            None => (line, None),
        };
        // The longest keyword has four letters (RFC 2449 section 3).
        match keyword.to_ascii_uppercase().as_str() {
            "CAPA" => alone(argument, Self::Capa),
            "STLS" => alone(argument, Self::Stls),
            "STAT" => alone(argument, Self::Stat),
            "NOOP" => alone(argument, Self::Noop),
            "RSET" => alone(argument, Self::Rset),
            "QUIT" => alone(argument, Self::Quit),
            "UTF8" => alone(argument, Self::Utf8),
            "APOP" => Ok(Self::Apop),
            "USER" => Ok(Self::User(wanted(argument)?.trim().to_owned())),
            // RFC 1939 section 7: spaces are part of the password, not separators.
            "PASS" => Ok(Self::Pass(Secret::new(wanted(argument)?))),
            "AUTH" => auth(argument),
            "LIST" => Ok(Self::List(optional_message(argument)?)),
            "UIDL" => Ok(Self::Uidl(optional_message(argument)?)),
            "RETR" => Ok(Self::Retr(message(wanted(argument)?)?)),
            "DELE" => Ok(Self::Dele(message(wanted(argument)?)?)),
            "TOP" => top(wanted(argument)?),
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

fn alone(argument: Option<&str>, command: Command) -> Result<Command, SyntaxError> {
    match argument.map(str::trim) {
        None | Some("") => Ok(command),
        Some(_) => Err(SyntaxError::ExtraArgument),
    }
}

fn wanted(argument: Option<&str>) -> Result<&str, SyntaxError> {
    argument.filter(|argument| !argument.trim().is_empty()).ok_or(SyntaxError::MissingArgument)
}

fn number(digits: &str) -> Result<u32, SyntaxError> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all_digits).ok_or(SyntaxError::Number)
}

fn message(argument: &str) -> Result<MessageNumber, SyntaxError> {
    MessageNumber::new(number(argument.trim())?).ok_or(SyntaxError::Number)
}

fn optional_message(argument: Option<&str>) -> Result<Option<MessageNumber>, SyntaxError> {
    argument.map(str::trim).filter(|argument| !argument.is_empty()).map(message).transpose()
}

fn top(argument: &str) -> Result<Command, SyntaxError> {
    let (first, second) = argument.trim().split_once(' ').ok_or(SyntaxError::MissingArgument)?;
    Ok(Command::Top { message: message(first)?, lines: number(second.trim())? })
}

fn auth(argument: Option<&str>) -> Result<Command, SyntaxError> {
    let Some(argument) = argument.map(str::trim).filter(|argument| !argument.is_empty()) else {
        return Ok(Command::AuthList);
    };
    let (mechanism, response) = match argument.split_once(' ') {
        Some((mechanism, response)) => (mechanism, Some(response.trim())),
        None => (argument, None),
    };
    // RFC 4422 section 3.1: 1 to 20 letters, digits, hyphens, underscores.
    let known_form = mechanism.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if mechanism.len() > 20 || !known_form || !response.is_none_or(is_base64) {
        return Err(SyntaxError::Sasl);
    }
    // RFC 5034 section 4: "=" is a response that is present and empty.
    let initial_response = response.map(|text| Secret::new(if text == "=" { "" } else { text }));
    Ok(Command::Auth { mechanism: mechanism.to_ascii_uppercase(), initial_response })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn n(number: u32) -> MessageNumber {
        MessageNumber::new(number).unwrap()
    }

    #[test]
    fn known_answers() {
        let auth = |mechanism: &str, response: Option<&str>| Command::Auth {
            mechanism: mechanism.to_owned(),
            initial_response: response.map(Secret::new),
        };
        let table = [
            ("CAPA", Command::Capa),
            ("stls", Command::Stls),
            ("USER anna@blumen.test", Command::User("anna@blumen.test".to_owned())),
            ("USER ünal", Command::User("ünal".to_owned())),
            ("PASS  a b ", Command::Pass(Secret::new(" a b "))),
            ("APOP anna c4c9334bac560ecc979e58001b3e22fb", Command::Apop),
            ("AUTH", Command::AuthList),
            ("AUTH plain", auth("PLAIN", None)),
            ("AUTH PLAIN =", auth("PLAIN", Some(""))),
            ("AUTH PLAIN dGVzdAB0ZXN0AHRlc3Q=", auth("PLAIN", Some("dGVzdAB0ZXN0AHRlc3Q="))),
            ("STAT", Command::Stat),
            ("STAT ", Command::Stat),
            ("LIST", Command::List(None)),
            ("LIST 7", Command::List(Some(n(7)))),
            ("UIDL", Command::Uidl(None)),
            ("uidl 4294967295", Command::Uidl(Some(n(u32::MAX)))),
            ("TOP 1 0", Command::Top { message: n(1), lines: 0 }),
            ("RETR 001", Command::Retr(n(1))),
            ("DELE 2", Command::Dele(n(2))),
            ("NOOP", Command::Noop),
            ("RSET", Command::Rset),
            ("Quit", Command::Quit),
            ("UTF8", Command::Utf8),
        ];
        for (line, command) in table {
            assert_eq!(Command::parse(line.as_bytes()), Ok(command), "{line}");
        }
    }

    #[test]
    fn known_errors() {
        use SyntaxError::*;
        let table: &[(&[u8], SyntaxError)] = &[
            (b"", UnknownCommand),
            (b" STAT", UnknownCommand),
            (b"LANG de", UnknownCommand),
            (b"GET / HTTP/1.1", UnknownCommand),
            (b"STAT 1", ExtraArgument),
            (b"USER", MissingArgument),
            (b"PASS ", MissingArgument),
            (b"RETR", MissingArgument),
            (b"RETR 0", Number),
            (b"RETR -1", Number),
            (b"RETR +1", Number),
            (b"RETR 1 2", Number),
            (b"RETR 4294967296", Number),
            (b"LIST 99999999999999999999999999", Number),
            (b"TOP 1", MissingArgument),
            (b"TOP 1 x", Number),
            (b"USER a\nPASS b", Character),
            (b"USER a\rb", Character),
            (b"USER a\0b", Character),
            (b"USER \xff", Character),
            (b"AUTH PLAIN ab cd", Sasl),
            (b"AUTH PL*IN", Sasl),
            (b"AUTH ABCDEFGHIJKLMNOPQRSTU", Sasl),
        ];
        for (line, error) in table {
            assert_eq!(Command::parse(line), Err(*error), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn debug_of_a_login_shows_no_secret() {
        for line in ["PASS hunter2", "AUTH PLAIN aHVudGVyMg=="] {
            let shown = format!("{:?}", Command::parse(line.as_bytes()).unwrap());
            assert!(!shown.contains("hunter2") && !shown.contains("aHVudGVyMg"), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_the_parser_panic(line in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Command::parse(&line);
        }
    }
}
