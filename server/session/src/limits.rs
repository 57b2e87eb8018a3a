//! How much of everything one client may have.
//!
//! Times are in seconds unless the name says otherwise. The configuration file overrides single
//! fields; one that is not known here is an error.

use serde::Deserialize;

/// How long a logged-in connection may say nothing. RFC 9051 asks for at least 30 minutes.
const IDLE_TIMEOUT_S: u64 = 30 * 60;
/// RFC 1939 section 3 asks for at least 10 minutes.
const POP3_IDLE_TIMEOUT_S: u64 = 10 * 60;
/// RFC 5321 section 4.5.3.2.7 asks for at least 5 minutes.
const SMTP_IDLE_TIMEOUT_S: u64 = 5 * 60;
/// A person at a prompt needs less, a program much less.
const BEFORE_LOGIN_TIMEOUT_S: u64 = 60;
/// Two round trips over the worst mobile network, with room.
const TLS_HANDSHAKE_TIMEOUT_S: u64 = 20;
/// A client that takes less than 64 KiB in so long is gone or means harm.
const WRITE_TIMEOUT_S: u64 = 60;
/// Per listener: a phone holds 1 to 5 connections; each costs some 50 kB with TLS.
const CONNECTIONS_MAX: usize = 20_000;
/// A household or a small office behind one address (IPv6: one /64).
const CONNECTIONS_PER_ADDRESS_MAX: usize = 200;
/// A proxy or webmail on the same computer stands for everybody.
const CONNECTIONS_PER_LOOPBACK_MAX: usize = 10_000;
/// RFC 5321 section 4.5.3.1.8 asks for at least 100.
const RECIPIENTS_MAX: usize = 1_000;
/// Syntax errors and the like, until the connection is closed.
const BAD_COMMANDS_MAX: u32 = 20;
/// Wrong passwords of one connection, until it is closed.
const FAILED_LOGINS_MAX: u32 = 5;
/// Wrong passwords for one account from one network, before more are refused for a while.
const GUESSES_PER_ACCOUNT_MAX: u32 = 10;
/// Wrong passwords of one network in all: an office of people who mistype fits, a list does not.
const GUESSES_PER_NETWORK_MAX: u32 = 100;
/// The time in which those numbers fall back to nothing.
const GUESSES_WINDOW_S: u32 = 5 * 60;
/// How soon "wrong" is said at the earliest. An account with app passwords costs more hashing than
/// one that does not exist; this hides the difference.
const WRONG_ANSWER_MS_MIN: u64 = 1_000;
/// A phone that is set up asks some hundred times in a minute or two; one that is in a loop never ends.
const ACTIVESYNC_REQUESTS_AT_ONCE: u32 = 3_000;
/// Ten times what a phone in the hand of its owner asks.
const ACTIVESYNC_REQUESTS_PER_MINUTE: u32 = 120;

/// The limits of all front ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long a logged-in IMAP connection may say nothing. 30 minutes.
    pub idle_timeout_s: u64,
    /// The same for POP3. 10 minutes.
    pub pop3_idle_timeout_s: u64,
    /// The same for SMTP and LMTP. 5 minutes.
    pub smtp_idle_timeout_s: u64,
    /// How long a connection may stay without a login, whatever it says. 1 minute.
    pub before_login_timeout_s: u64,
    /// How long a TLS handshake may take. 20 seconds.
    pub tls_handshake_timeout_s: u64,
    /// How long a client may be waited for until it has taken 64 KiB; [`crate::Stream`] sees to it.
    /// 1 minute.
    pub write_timeout_s: u64,
    /// Most connections of one listener. 20,000.
    pub connections_max: usize,
    /// Most connections of one listener from one IPv4 address or IPv6 /64. 200.
    pub connections_per_address_max: usize,
    /// The same for 127.0.0.0/8 and ::1. 10,000.
    pub connections_per_loopback_max: usize,
    /// Largest message in bytes, through whichever door. What the store takes: 50 MiB.
    pub message_bytes_max: usize,
    /// Most recipients of one message. 1,000.
    pub recipients_max: usize,
    /// Commands that are no commands, until the connection is closed. 20.
    pub bad_commands_max: u32,
    /// Wrong passwords of one connection, until it is closed. 5.
    pub failed_logins_max: u32,
    /// Wrong passwords for one account from one network (IPv4 /24, IPv6 /64). 10.
    pub guesses_per_account_max: u32,
    /// Wrong passwords of one network (IPv4 /24, IPv6 /56). 100.
    pub guesses_per_network_max: u32,
    /// The time in which these two fall back to nothing. 5 minutes.
    pub guesses_window_s: u32,
    /// How soon "wrong password" is said at the earliest, in milliseconds. 1 second.
    pub wrong_answer_ms_min: u64,
    /// Requests of one ActiveSync device at once, before it may ask only as often as the next says. Those that bring it
    /// further items do not count. 3,000.
    pub activesync_requests_at_once: u32,
    /// Requests of one ActiveSync device in a minute, in the long run. 0: as many as it likes. 120.
    pub activesync_requests_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            idle_timeout_s: IDLE_TIMEOUT_S,
            pop3_idle_timeout_s: POP3_IDLE_TIMEOUT_S,
            smtp_idle_timeout_s: SMTP_IDLE_TIMEOUT_S,
            before_login_timeout_s: BEFORE_LOGIN_TIMEOUT_S,
            tls_handshake_timeout_s: TLS_HANDSHAKE_TIMEOUT_S,
            write_timeout_s: WRITE_TIMEOUT_S,
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_PER_ADDRESS_MAX,
            connections_per_loopback_max: CONNECTIONS_PER_LOOPBACK_MAX,
            message_bytes_max: storage::CONTENT_BYTES_MAX,
            recipients_max: RECIPIENTS_MAX,
            bad_commands_max: BAD_COMMANDS_MAX,
            failed_logins_max: FAILED_LOGINS_MAX,
            guesses_per_account_max: GUESSES_PER_ACCOUNT_MAX,
            guesses_per_network_max: GUESSES_PER_NETWORK_MAX,
            guesses_window_s: GUESSES_WINDOW_S,
            wrong_answer_ms_min: WRONG_ANSWER_MS_MIN,
            activesync_requests_at_once: ACTIVESYNC_REQUESTS_AT_ONCE,
            activesync_requests_per_minute: ACTIVESYNC_REQUESTS_PER_MINUTE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_can_be_set_alone_and_an_unknown_one_is_refused() {
        let some: Limits = serde_json::from_str(r#"{"recipients_max": 7}"#).unwrap();
        assert_eq!(some, Limits { recipients_max: 7, ..Limits::default() });
        assert!(serde_json::from_str::<Limits>(r#"{"recipient_max": 7}"#).is_err());
    }
}
