//! Protocol versions: MS-ASHTTP sections 2.2.1.1.1.1 and 2.2.1.1.2.

use std::fmt;

/// A protocol version that this crate can speak. Ordered by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Exchange 2007 SP1.
    V12_1,
    /// Exchange 2010.
    V14_0,
    /// Exchange 2010 SP1.
    V14_1,
    /// Exchange 2016.
    V16_0,
    /// Exchange 2016, June 2016.
    V16_1,
}

impl Version {
    /// All versions, oldest first.
    pub const ALL: [Self; 5] = [Self::V12_1, Self::V14_0, Self::V14_1, Self::V16_0, Self::V16_1];

    /// Reads the MS-ASProtocolVersion header.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str() == text.trim())
    }

    /// As written in headers, `14.1`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V12_1 => "12.1",
            Self::V14_0 => "14.0",
            Self::V14_1 => "14.1",
            Self::V16_0 => "16.0",
            Self::V16_1 => "16.1",
        }
    }

    /// The version byte of a base64 query (MS-ASHTTP R24, R26, R451).
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.code() == code)
    }

    /// The version byte of a base64 query: ten times the version.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::V12_1 => 121,
            Self::V14_0 => 140,
            Self::V14_1 => 141,
            Self::V16_0 => 160,
            Self::V16_1 => 161,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_reads_back_from_text_and_code() {
        for version in Version::ALL {
            assert_eq!(Version::parse(version.as_str()), Some(version));
            assert_eq!(Version::from_code(version.code()), Some(version));
        }
        assert_eq!(Version::parse("2.5"), None);
        assert_eq!(Version::parse("14"), None);
        assert!(Version::V12_1 < Version::V14_0 && Version::V16_0 < Version::V16_1);
    }
}
