//! `Accept`: RFC 9110 section 12.5.1, RFC 6352 section 5.1.1.

use crate::property::MediaType;

/// Most ranges of one header that are looked at.
const RANGES_MAX: usize = 64;
/// The quality of what is wanted most, in thousandths.
pub const QUALITY_MAX: u16 = 1_000;
/// What the type was called before version 4.0: RFC 2426 section 1 and what clients made of it.
const OLD_NAMES: &[&str] = &["text/x-vcard", "text/directory"];

/// Which forms of a resource the client would like to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept(Vec<Range>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    /// Lower-case: `text/vcard`, `text/*`, `*/*`.
    kind: String,
    version: Option<String>,
    /// In thousandths.
    quality: u16,
}

impl Accept {
    /// Reads the value of a header. What is no range is passed over; without any range, everything is wanted alike.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let ranges = value.split(',').filter_map(Range::parse);
        Self(ranges.take(RANGES_MAX).collect())
    }

    /// How much a form is wanted, in thousandths up to [`QUALITY_MAX`]; 0: not at all. The range that describes it best
    /// decides.
    #[must_use]
    pub fn quality(&self, media: &MediaType) -> u16 {
        if self.0.is_empty() {
            return QUALITY_MAX;
        }
        let fitting = self.0.iter().filter_map(|range| Some((range.precision(media)?, range.quality)));
        fitting.max().map_or(0, |(_, quality)| quality)
    }
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().filter(|kind| kind.contains('/'))?.to_ascii_lowercase();
        let (mut version, mut quality) = (None, QUALITY_MAX);
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "version" => version = Some(value.to_owned()),
                "q" => quality = self::quality(value)?,
                // A charset, or a profile: there is one of each.
                _ => {}
            }
        }
        Some(Self { kind, version, quality })
    }

    /// How exactly it describes a form; `None`: it does not.
    fn precision(&self, media: &MediaType) -> Option<u8> {
        let family = media.content_type.split('/').next().unwrap_or_default();
        let is_old = OLD_NAMES.contains(&self.kind.as_str());
        match &self.version {
            Some(version) if *version != media.version => None,
            version if self.kind == media.content_type => Some(3 + u8::from(version.is_some())),
            _ if is_old && media.content_type == "text/vcard" && media.version != "4.0" => Some(3),
            Some(_) => None,
            None if self.kind.strip_suffix("/*") == Some(family) => Some(2),
            None if self.kind == "*/*" => Some(1),
            None => None,
        }
    }
}

/// `0.8` in thousandths; `None` for what is none, which makes the whole range void.
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_sound =
        matches!(whole, "0" | "1") && fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    let thousandths: u16 = format!("{whole}{fraction:0<3}").parse().ok()?;
    (is_sound && thousandths <= QUALITY_MAX).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110 section 12.5.1, RFC 6352 section 5.1.1.
    #[test]
    fn the_range_that_describes_a_form_best_decides() {
        for (header, three, four) in [
            ("", 1000, 1000),
            ("*/*", 1000, 1000),
            ("text/*;q=0.5, */*;q=0.1", 500, 500),
            ("text/vcard", 1000, 1000),
            ("text/vcard; version=4.0", 0, 1000),
            ("text/vcard;version=\"4.0\";charset=utf-8", 0, 1000),
            ("Text/VCard;Version=3.0", 1000, 0),
            // In the manner of DAVx5.
            ("text/vcard;version=4.0, text/vcard;charset=utf-8;q=0.8, text/vcard;q=0.5", 800, 1000),
            ("text/x-vcard, text/vcard;version=4.0;q=0.2", 1000, 200),
            ("text/directory;profile=vCard", 1000, 0),
            ("text/vcard;q=0, */*", 0, 0),
            ("application/vcard+json", 0, 0),
            ("text/html", 0, 0),
            ("nonsense", 1000, 1000),
            ("text/vcard;q=2", 1000, 1000),
            ("text/vcard;q=0.1234, text/vcard;q=0.123", 123, 123),
        ] {
            let accept = Accept::parse(header);
            let found = (accept.quality(&MediaType::VCARD_3), accept.quality(&MediaType::VCARD_4));
            assert_eq!(found, (three, four), "{header}");
        }
    }

    #[test]
    fn json_is_wanted_where_it_is_named() {
        for (header, calendar, json) in [
            ("application/calendar+json", 0, 1000),
            ("application/calendar+json;version=2.0, */*;q=0.1", 100, 1000),
            ("text/calendar, application/calendar+json;q=0.5", 1000, 500),
            ("application/*;q=0.2, text/calendar", 1000, 200),
            ("*/*", 1000, 1000),
            ("application/vcard+json", 0, 0),
        ] {
            let accept = Accept::parse(header);
            let found = (accept.quality(&MediaType::ICALENDAR), accept.quality(&MediaType::JCAL));
            assert_eq!(found, (calendar, json), "{header}");
        }
    }

    #[test]
    fn a_long_header_is_cut_off() {
        let header = format!("{}text/vcard", "text/html,".repeat(RANGES_MAX));
        assert_eq!(Accept::parse(&header).quality(&MediaType::VCARD_4), 0);
        let header = format!("{}text/vcard", "text/html,".repeat(RANGES_MAX - 1));
        assert_eq!(Accept::parse(&header).quality(&MediaType::VCARD_4), QUALITY_MAX);
    }
}
