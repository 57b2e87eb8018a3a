//! OPTIONS: MS-ASHTTP section 2.2.4.

use activesync_wire::command::options::{
    COMMANDS_HEADER, METHODS, SERVER_HEADER, VERSIONS_HEADER, commands, versions,
};
use activesync_wire::{Command, Version};

/// The headers that say what is spoken here.
pub(crate) fn headers() -> [(&'static str, String); 5] {
    [
        (VERSIONS_HEADER, versions(&Version::ALL)),
        (COMMANDS_HEADER, commands(Command::supported())),
        (SERVER_HEADER, Version::V16_1.to_string()),
        ("Allow", METHODS.to_owned()),
        ("Public", METHODS.to_owned()),
    ]
}
