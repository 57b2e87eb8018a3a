//! Request headers: RFC 4918 section 10, RFC 7240, RFC 8144, RFC 9110 sections 12.5.1 and 14.

mod accept;
mod condition;
mod lock;
mod range;

pub use accept::{Accept, QUALITY_MAX};
pub use condition::{Condition, If, IfList, StateToken};
pub use lock::{LockToken, Timeout};
pub use range::ByteRange;

use crate::href::{Href, HrefError, split};

/// The header's value is none that its specification allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bad value of the header {0}")]
pub struct HeaderError(pub &'static str);

/// How far below the resource a request reaches: RFC 4918 section 10.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The resource alone.
    Zero,
    /// The resource and its members.
    One,
    /// Everything below.
    Infinity,
}

impl Depth {
    /// Reads the value; what its absence means differs from method to method.
    ///
    /// # Errors
    /// For anything but `0`, `1` and `infinity`.
    pub fn parse(value: &str) -> Result<Self, HeaderError> {
        match value.trim() {
            "0" => Ok(Self::Zero),
            "1" => Ok(Self::One),
            other if other.eq_ignore_ascii_case("infinity") => Ok(Self::Infinity),
            _ => Err(HeaderError("Depth")),
        }
    }
}

/// Whether COPY and MOVE replace what is at the destination: RFC 4918 section 10.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwrite {
    /// `T`, and the meaning of an absent header.
    Replace,
    /// `F`.
    Keep,
}

impl Overwrite {
    /// # Errors
    /// For anything but `T` and `F`.
    pub fn parse(value: Option<&str>) -> Result<Self, HeaderError> {
        match value.map(str::trim) {
            None | Some("T" | "t") => Ok(Self::Replace),
            Some("F" | "f") => Ok(Self::Keep),
            Some(_) => Err(HeaderError("Overwrite")),
        }
    }
}

/// Where COPY and MOVE lead: RFC 4918 section 10.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Host and port, if the header has a whole URI. Another host than ours is answered with 502.
    pub authority: Option<String>,
    /// The path.
    pub href: Href,
}

impl Destination {
    /// # Errors
    /// [`HrefError`].
    pub fn parse(value: &str) -> Result<Self, HrefError> {
        let (authority, path) = split(value)?;
        Ok(Self { authority: authority.map(str::to_owned), href: Href::parse_path(path)? })
    }
}

/// What the client would like to get or to be spared: RFC 7240 section 2. Unknown preferences are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefer {
    /// `return=minimal` (RFC 8144 section 2), its old spelling `return-minimal`, or Microsoft's `Brief: t`.
    pub minimal: bool,
    /// `return=representation`: the answer to a PUT or a failed condition holds the resource (RFC 8144
    /// section 3).
    pub representation: bool,
    /// `depth-noroot`: without the resource itself (RFC 8144 section 4).
    pub depth_noroot: bool,
}

impl Prefer {
    /// Reads all `Prefer` headers of a request and its `Brief`.
    #[must_use]
    pub fn parse<'a>(prefer: impl IntoIterator<Item = &'a str>, brief: Option<&str>) -> Self {
        let mut found = Self {
            minimal: brief.is_some_and(|value| value.trim().eq_ignore_ascii_case("t")),
            ..Self::default()
        };
        for preference in prefer.into_iter().flat_map(|value| value.split(',')) {
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let name = name.trim().to_ascii_lowercase();
            match (name.as_str(), value.trim().trim_matches('"')) {
                ("return", "minimal") | ("return-minimal", _) => found.minimal = true,
                ("return", "representation") | ("return-representation", _) => found.representation = true,
                ("depth-noroot", _) => found.depth_noroot = true,
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4918 sections 10.2 and 10.6.
    #[test]
    fn depth_and_overwrite_have_few_values() {
        assert_eq!(Depth::parse("0"), Ok(Depth::Zero));
        assert_eq!(Depth::parse(" 1"), Ok(Depth::One));
        assert_eq!(Depth::parse("Infinity"), Ok(Depth::Infinity));
        for bad in ["", "2", "1,noroot", "-1"] {
            assert_eq!(Depth::parse(bad), Err(HeaderError("Depth")), "{bad}");
        }
        assert_eq!(Overwrite::parse(None), Ok(Overwrite::Replace));
        assert_eq!(Overwrite::parse(Some("T")), Ok(Overwrite::Replace));
        assert_eq!(Overwrite::parse(Some("F")), Ok(Overwrite::Keep));
        assert_eq!(Overwrite::parse(Some("no")), Err(HeaderError("Overwrite")));
    }

    // RFC 4918 section 10.3.
    #[test]
    fn a_destination_is_a_uri_or_a_path() {
        let destination = Destination::parse("https://a.test:8443/dav/b%40c/").unwrap();
        assert_eq!(destination.authority.as_deref(), Some("a.test:8443"));
        assert_eq!(destination.href.to_string(), "/dav/b@c/");
        assert_eq!(Destination::parse("/x").unwrap().authority, None);
        assert!(Destination::parse("x").is_err());
    }

    // RFC 7240 section 2, RFC 8144 section 2.
    #[test]
    fn preferences_come_in_several_spellings() {
        let none = Prefer::default();
        let minimal = Prefer { minimal: true, ..none };
        for (prefer, brief, expected) in [
            (&["return=minimal"][..], None, minimal),
            (&["return-minimal"], None, minimal),
            (&["handling=lenient, Return = \"minimal\"; foo=\"bar\""], None, minimal),
            (&[], Some("t"), minimal),
            (&[], Some("f"), none),
            (&["return=maximal", "wait=5"], None, none),
            (
                &["return=representation", "depth-noroot"],
                None,
                Prefer { representation: true, depth_noroot: true, ..none },
            ),
        ] {
            assert_eq!(Prefer::parse(prefer.iter().copied(), brief), expected, "{prefer:?}");
        }
    }
}
