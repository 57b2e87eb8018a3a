//! Version 2: a GET that names an address and a protocol is answered with a URL, without a password.
//!
//! Microsoft documents no schema of it; these are the names and words of Exchange's own answers.

use serde_json::json;

/// A protocol that has a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `ActiveSync`.
    ActiveSync,
    /// `AutodiscoverV1`: the XML.
    AutodiscoverV1,
}

/// Why there is no URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused<'a> {
    /// A parameter is missing or empty.
    Missing {
        /// Its name.
        parameter: &'static str,
    },
    /// The protocol is none of those that are served.
    UnknownProtocol {
        /// As it was asked for.
        asked: &'a str,
        /// Those that are served.
        served: &'a [Protocol],
    },
}

impl Protocol {
    /// All that have a URL.
    pub const ALL: [Self; 2] = [Self::ActiveSync, Self::AutodiscoverV1];

    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ActiveSync => "ActiveSync",
            Self::AutodiscoverV1 => "AutodiscoverV1",
        }
    }

    /// By its name in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }

    /// The answer that names its URL.
    #[must_use]
    pub fn at(self, url: &str) -> String {
        json!({ "Protocol": self.name(), "Url": url }).to_string()
    }
}

impl Refused<'_> {
    /// The answer.
    #[must_use]
    pub fn json(&self) -> String {
        let (code, message) = match self {
            Self::Missing { parameter } => (
                "MandatoryParameterMissing",
                format!("A valid value must be provided for the query parameter '{parameter}'"),
            ),
            Self::UnknownProtocol { asked, served } => {
                let served: Vec<&str> = served.iter().map(|protocol| protocol.name()).collect();
                let served = served.join(",");
                let asked: String = asked.chars().take(64).collect();
                (
                    "InvalidProtocol",
                    format!("The given protocol value '{asked}' is invalid. Supported values are '{served}'"),
                )
            }
        };
        json!({ "ErrorCode": code, "ErrorMessage": message }).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_is_found_in_any_case_and_its_url_told() {
        assert_eq!(Protocol::parse("activesync"), Some(Protocol::ActiveSync));
        assert_eq!(Protocol::parse("AUTODISCOVERV1"), Some(Protocol::AutodiscoverV1));
        assert_eq!(Protocol::parse("Ews"), None);
        assert_eq!(
            Protocol::ActiveSync.at("https://a/b"),
            "{\"Protocol\":\"ActiveSync\",\"Url\":\"https://a/b\"}"
        );
    }

    #[test]
    fn a_refusal_says_what_would_have_been_right() {
        let served = [Protocol::AutodiscoverV1];
        let asked = "\"x\"".repeat(100);
        let json = Refused::UnknownProtocol { asked: &asked, served: &served }.json();
        assert!(json.starts_with("{\"ErrorCode\":\"InvalidProtocol\",") && json.len() < 300, "{json}");
        assert!(json.contains("'AutodiscoverV1'"), "{json}");
        assert!(Refused::Missing { parameter: "Protocol" }.json().contains("MandatoryParameterMissing"));
    }
}
