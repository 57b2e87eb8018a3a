//! How much a client may send.

/// Limits of one connection; checked before memory is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one command, its literals included and the messages of APPEND excluded.
    pub command_bytes_max: usize,
    /// Most literals of one command.
    pub literals_max: usize,
    /// Largest message of APPEND. A synchronising literal above it is refused before a byte is read
    /// (RFC 7889), a non-synchronising one is read and thrown away (RFC 7888 section 4).
    pub message_bytes_max: u64,
    /// Most bytes that are read only to be thrown away; beyond it the connection is given up.
    pub skip_bytes_max: u64,
}

impl Limits {
    /// Before authentication: what LOGIN, AUTHENTICATE and ID need.
    pub const BEFORE_LOGIN: Self = Self {
        command_bytes_max: 8 * 1024,
        literals_max: 8,
        message_bytes_max: 0,
        skip_bytes_max: 64 * 1024,
    };

    /// After authentication. 2 MiB: SOGo sends sequence sets of that size in one line. 50 MB is the
    /// limit of one message at every door.
    pub const AFTER_LOGIN: Self = Self {
        command_bytes_max: 2 * 1024 * 1024,
        literals_max: 4096,
        message_bytes_max: 50_000_000,
        skip_bytes_max: 256 * 1024 * 1024,
    };
}
