//! OPTIONS: MS-ASHTTP section 2.2.4.

use activesync_wire::command::options::{
    BEGIN_ANEW_HEADER, COMMANDS_HEADER, METHODS, SERVER_HEADER, VERSIONS_HEADER, commands, versions,
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

/// What a device is told when it begins anew: MS-ASHTTP R1104 R1105.
pub(crate) fn at_the_beginning() -> [(&'static str, String); 3] {
    [
        (BEGIN_ANEW_HEADER, versions(&Version::ALL)),
        (VERSIONS_HEADER, versions(&Version::ALL)),
        (COMMANDS_HEADER, commands(Command::supported())),
    ]
}
