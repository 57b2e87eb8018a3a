//! What is asked. Whatever is out of range is status 5 of the whole command (MS-ASCMD R4270).

use std::ops::Range;

use wbxml::page::resolve_recipients as page;
use wbxml::{Element, Tag};

use crate::error::RequestError;
use crate::parse;
use crate::version::Version;
use vocabulary::Timestamp;

use super::SLOT_MS;

/// Most recipients of one request: MS-ASCMD R5655.
pub const RECIPIENTS_MAX: usize = 100;
/// Longest range of time, in milliseconds: 42 days (MS-ASCMD R5175).
pub const RANGE_MS_MAX: i64 = 42 * DAY_MS;
/// Largest MaxCertificates and MaxAmbiguousRecipients: MS-ASCMD R3248, R3253.
pub const RANGE_NUMBERS_MAX: u32 = 9_999;
/// Largest photo, in bytes: MS-ASCMD R5349.
pub const MAX_PICTURE_BYTES: u32 = 102_400;
/// Suggestions if the request does not bound them.
pub const AMBIGUOUS_DEFAULT: u32 = 20;

const DAY_MS: i64 = 86_400_000;

/// A whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Whom the client means, as it wrote them; 1 to [`RECIPIENTS_MAX`].
    pub to: Vec<String>,
    /// What it wants to know.
    pub options: Options,
}

/// What is to be told of each recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Which certificates.
    pub certificates: CertificateRetrieval,
    /// Most certificates of the whole answer.
    pub certificates_max: u32,
    /// Most suggestions for each who is ambiguous.
    pub ambiguous_max: u32,
    /// When they are busy (from 14.0).
    pub availability: Option<Availability>,
    /// How they look (from 14.1).
    pub pictures: Option<Pictures>,
}

/// Which certificates are wanted: MS-ASCMD R856 to R858.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum CertificateRetrieval {
    /// 1, the default.
    #[default]
    No,
    /// 2
    Full,
    /// 3
    Mini,
}

/// The time in which it is asked who is busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// At least half an hour, at most [`RANGE_MS_MAX`].
    pub range: Range<Timestamp>,
}

/// Bounds on photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pictures {
    /// Largest photo, in bytes.
    pub bytes_max: u32,
    /// Most photos for each who is asked for (R3290).
    pub count_max: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            certificates: CertificateRetrieval::No,
            certificates_max: RANGE_NUMBERS_MAX,
            ambiguous_max: AMBIGUOUS_DEFAULT,
            availability: None,
            pictures: None,
        }
    }
}

impl Request {
    /// Reads `<ResolveRecipients>`.
    ///
    /// # Errors
    /// Status 5 for what is missing or out of range.
    pub fn parse(root: &Element, version: Version) -> Result<Self, RequestError> {
        parse::expect_root(root, page::RESOLVE_RECIPIENTS)?;
        let mut to = Vec::new();
        for element in root.all(page::TO) {
            let text = element.value();
            if to.len() == RECIPIENTS_MAX {
                return Err(RequestError::Structure("too many recipients")); // MS-ASCMD R5656
            }
            if text.len() > parse::IDENTIFIER_BYTES_MAX {
                return Err(RequestError::Structure("a recipient's text is too long"));
            }
            to.push(text.into_owned());
        }
        if to.is_empty() {
            return Err(RequestError::Structure("no To")); // MS-ASCMD R4608
        }
        let options = root.child(page::OPTIONS).map(|options| Options::parse(options, version));
        Ok(Self { to, options: options.transpose()?.unwrap_or_default() })
    }
}

impl Options {
    fn parse(element: &Element, version: Version) -> Result<Self, RequestError> {
        let bounded =
            |tag: Tag, absent: u32| match parse::child_number::<u32>(element, tag, "a limit is no number")? {
                None => Ok(absent),
                Some(limit) if limit <= RANGE_NUMBERS_MAX => Ok(limit),
                Some(_) => Err(RequestError::Structure("a limit is above 9999")),
            };
        let certificates = match element.child_value(page::CERTIFICATE_RETRIEVAL).as_deref().map(str::trim) {
            None | Some("1") => CertificateRetrieval::No,
            Some("2") => CertificateRetrieval::Full,
            Some("3") => CertificateRetrieval::Mini,
            Some(_) => return Err(RequestError::Structure("CertificateRetrieval is none of 1, 2 and 3")),
        };
        // MS-ASCMD R6085: before 14.0 nobody asks for this; what comes all the same is not looked at.
        let availability = element.child(page::AVAILABILITY).filter(|_| version >= Version::V14_0);
        let pictures = element.child(page::PICTURE).filter(|_| version >= Version::V14_1);
        Ok(Self {
            certificates,
            certificates_max: bounded(page::MAX_CERTIFICATES, RANGE_NUMBERS_MAX)?,
            ambiguous_max: bounded(page::MAX_AMBIGUOUS_RECIPIENTS, AMBIGUOUS_DEFAULT)?,
            availability: availability.map(Availability::parse).transpose()?,
            pictures: pictures.map(Pictures::parse).transpose()?,
        })
    }
}

impl Availability {
    fn parse(element: &Element) -> Result<Self, RequestError> {
        const NO_MOMENT: RequestError = RequestError::Structure("a time of Availability cannot be read");
        let start = element.child(page::START_TIME).and_then(parse::timestamp).ok_or(NO_MOMENT)?; // R3986
        let end = match element.child(page::END_TIME) {
            Some(end) => parse::timestamp(end).ok_or(NO_MOMENT)?, // MS-ASCMD R2264
            None => Timestamp(start.0.saturating_add(7 * DAY_MS)), // MS-ASCMD R2265
        };
        let length = end.0.saturating_sub(start.0);
        if !(SLOT_MS..=RANGE_MS_MAX).contains(&length) {
            return Err(RequestError::Structure("less than 30 minutes or more than 42 days")); // R2266, R5175
        }
        Ok(Self { range: start..end })
    }
}

impl Pictures {
    fn parse(element: &Element) -> Result<Self, RequestError> {
        let number = |tag| parse::child_number::<u32>(element, tag, "a limit on photos is no number");
        let bytes_max = number(page::MAX_SIZE)?.unwrap_or(MAX_PICTURE_BYTES);
        if bytes_max > MAX_PICTURE_BYTES {
            return Err(RequestError::Structure("MaxSize is above 100 KB"));
        }
        Ok(Self { bytes_max, count_max: number(page::MAX_PICTURES)?.unwrap_or(u32::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(options: Element) -> Element {
        Element::new(page::RESOLVE_RECIPIENTS).with_text(page::TO, "anna").with(options)
    }

    fn options(children: &[(Tag, &str)]) -> Element {
        children.iter().fold(Element::new(page::OPTIONS), |all, (tag, text)| all.with_text(*tag, *text))
    }

    fn availability(start: &str, end: &str) -> Element {
        let mut inner = Element::new(page::AVAILABILITY).with_text(page::START_TIME, start);
        if !end.is_empty() {
            inner.push(Element::text(page::END_TIME, end));
        }
        Element::new(page::OPTIONS).with(inner)
    }

    // MS-ASCMD R809 R856 R857 R858 R5350 R5351
    #[test]
    fn options_are_read_where_the_version_has_them() {
        let all = options(&[
            (page::CERTIFICATE_RETRIEVAL, "2"),
            (page::MAX_CERTIFICATES, "7"),
            (page::MAX_AMBIGUOUS_RECIPIENTS, "0"),
        ])
        .with(
            Element::new(page::AVAILABILITY)
                .with_text(page::START_TIME, "2026-12-01T00:00:00.000Z")
                .with_text(page::END_TIME, "2026-12-01T00:30:00.000Z"),
        )
        .with(
            Element::new(page::PICTURE).with_text(page::MAX_SIZE, "100").with_text(page::MAX_PICTURES, "3"),
        );
        let read = |version| Request::parse(&request(all.clone()), version).unwrap().options;
        let newest = read(Version::V16_1);
        assert_eq!(newest.certificates, CertificateRetrieval::Full);
        assert_eq!((newest.certificates_max, newest.ambiguous_max), (7, 0));
        assert_eq!(newest.pictures, Some(Pictures { bytes_max: 100, count_max: 3 }));
        let asked = newest.availability.unwrap().range;
        assert_eq!(asked.end.0 - asked.start.0, SLOT_MS);
        assert!(read(Version::V12_1).availability.is_none());
        assert!(read(Version::V14_0).availability.is_some() && read(Version::V14_0).pictures.is_none());
        let none = Element::new(page::RESOLVE_RECIPIENTS).with_text(page::TO, "anna");
        assert_eq!(Request::parse(&none, Version::V16_1).unwrap().options, Options::default());
    }

    // MS-ASCMD R813 R2264 R2266 R3986 R4270 R5175
    #[test]
    fn times_out_of_range_are_refused() {
        let day = "2026-12-01T00:00:00.000Z";
        for (start, end, good) in [
            (day, "", true),
            (day, "2026-12-01T00:29:59.000Z", false),
            (day, "2027-01-12T00:00:00.000Z", true),
            (day, "2027-01-12T00:00:00.001Z", false),
            (day, "2026-11-30T00:00:00.000Z", false),
            (day, "soon", false),
            ("soon", day, false),
        ] {
            let read = Request::parse(&request(availability(start, end)), Version::V16_1);
            assert_eq!(read.is_ok(), good, "{start} {end}: {read:?}");
        }
        let without = Element::new(page::OPTIONS).with(Element::new(page::AVAILABILITY));
        assert!(Request::parse(&request(without), Version::V16_1).is_err());
        let open = Request::parse(&request(availability(day, "")), Version::V16_1).unwrap();
        let range = open.options.availability.unwrap().range;
        assert_eq!(range.end.0 - range.start.0, 7 * DAY_MS);
    }

    // MS-ASCMD R4270 R5656
    #[test]
    fn numbers_out_of_range_and_too_many_recipients_are_refused() {
        for children in [
            [(page::CERTIFICATE_RETRIEVAL, "4")],
            [(page::MAX_CERTIFICATES, "10000")],
            [(page::MAX_AMBIGUOUS_RECIPIENTS, "-1")],
        ] {
            let read = Request::parse(&request(options(&children)), Version::V16_1);
            assert!(matches!(read, Err(RequestError::Structure(_))), "{children:?}");
        }
        let large = Element::new(page::PICTURE).with_text(page::MAX_SIZE, "102401");
        assert!(Request::parse(&request(Element::new(page::OPTIONS).with(large)), Version::V16_1).is_err());
        let many = |count| {
            (0..count).fold(Element::new(page::RESOLVE_RECIPIENTS), |all, _| all.with_text(page::TO, "x"))
        };
        assert_eq!(Request::parse(&many(100), Version::V12_1).unwrap().to.len(), 100);
        for count in [0, 101] {
            let read = Request::parse(&many(count), Version::V12_1);
            assert!(matches!(read, Err(RequestError::Structure(_))), "{count}");
        }
        let long = Element::new(page::RESOLVE_RECIPIENTS).with_text(page::TO, "x".repeat(257));
        assert!(Request::parse(&long, Version::V12_1).is_err());
    }
}
