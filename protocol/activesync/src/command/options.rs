//! HTTP OPTIONS: what the server speaks. MS-ASHTTP section 2.2.4.

use super::Command;
use crate::version::Version;

/// Header that lists the versions.
pub const VERSIONS_HEADER: &str = "MS-ASProtocolVersions";
/// Header that lists the commands.
pub const COMMANDS_HEADER: &str = "MS-ASProtocolCommands";
/// Header that names the newest version.
pub const SERVER_HEADER: &str = "MS-Server-ActiveSync";
/// Header that says to a client that it has to begin anew: MS-ASHTTP section 2.2.2.1.2.9.
pub const BEGIN_ANEW_HEADER: &str = "X-MS-RP";
/// Header that names another server: MS-ASHTTP section 2.2.2.1.2.6. In lower case, as all names for `from_static`.
pub const LOCATION_HEADER: &str = "x-ms-location";
/// Header that says why a device is slowed down: MS-ASHTTP section 2.2.2.1.2.13. In lower case.
pub const THROTTLE_HEADER: &str = "x-ms-asthrottle";
/// Value of [`THROTTLE_HEADER`]: more commands than may be in the time. Documents list no values; the word is that of
/// Exchange's own settings for devices that it slows down.
pub const TOO_MANY_COMMANDS: &str = "CommandFrequency";
/// The path of the resource: MS-ASHTTP R237.
pub const PATH: &str = "/Microsoft-Server-ActiveSync";
/// For the `Allow` and `Public` headers.
pub const METHODS: &str = "OPTIONS,POST";

/// Value of [`LOCATION_HEADER`] for a server, `host` or `host:port`: MS-ASHTTP R224.
#[must_use]
pub fn location(host: &str) -> String {
    format!("https://{host}{PATH}")
}

/// Value of [`VERSIONS_HEADER`]; also of X-MS-RP, when versions were added.
#[must_use]
pub fn versions(offered: &[Version]) -> String {
    let names: Vec<_> = offered.iter().map(|version| version.as_str()).collect();
    names.join(",")
}

/// Value of [`COMMANDS_HEADER`].
#[must_use]
pub fn commands(offered: impl IntoIterator<Item = Command>) -> String {
    let names: Vec<_> = offered.into_iter().map(Command::name).collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_joined_by_commas() {
        assert_eq!(versions(&[Version::V14_1, Version::V16_1]), "14.1,16.1");
        assert_eq!(commands([Command::Sync, Command::Ping]), "Sync,Ping");
        assert!(commands(Command::supported()).contains("FolderSync"));
        assert!(commands(Command::supported()).contains("ResolveRecipients,ValidateCert"));
    }
}
