//! The form in which objects are given: the attributes of `calendar-data` and `address-data`.

use std::borrow::Cow;

use crate::name::attribute;
use crate::xml::{Element, Writer};

/// A media type and its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// Lower-case, without parameters.
    pub content_type: Cow<'static, str>,
    /// As the attribute has it.
    pub version: Cow<'static, str>,
}

impl MediaType {
    /// What `calendar-data` without attributes means: RFC 4791 section 9.6.
    pub const ICALENDAR: Self = Self::known("text/calendar", "2.0");
    /// What `address-data` without attributes means: RFC 6352 section 10.4.
    pub const VCARD_3: Self = Self::known("text/vcard", "3.0");
    /// RFC 6350.
    pub const VCARD_4: Self = Self::known("text/vcard", "4.0");
    /// jCal: RFC 7265.
    pub const JCAL: Self = Self::known("application/calendar+json", "2.0");
    /// jCard, which version 4.0 alone has: RFC 7095.
    pub const JCARD: Self = Self::known("application/vcard+json", "4.0");

    const fn known(content_type: &'static str, version: &'static str) -> Self {
        Self { content_type: Cow::Borrowed(content_type), version: Cow::Borrowed(version) }
    }

    /// Whether it is iCalendar or vCard in JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.content_type.ends_with("+json")
    }

    /// What the attributes of an element ask for; `None` if there are none. A missing one is taken from
    /// `default`, but for the version of a type that has one only.
    pub(crate) fn parse(element: &Element, default: &Self) -> Option<Self> {
        let content_type = element.attribute(attribute::CONTENT_TYPE);
        let version = element.attribute(attribute::VERSION);
        if content_type.is_none() && version.is_none() {
            return None;
        }
        let bare = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let content_type =
            content_type.map_or_else(|| default.content_type.clone(), |text| bare(text).into());
        let only = [Self::JCAL, Self::JCARD].into_iter().find(|known| known.content_type == content_type);
        let version = match version {
            Some(text) => text.trim().to_owned().into(),
            None => only.map_or_else(|| default.version.clone(), |known| known.version),
        };
        Some(Self { content_type, version })
    }

    pub(crate) fn attributes(&self, writer: &mut Writer) {
        writer.attribute(attribute::CONTENT_TYPE, &self.content_type);
        writer.attribute(attribute::VERSION, &self.version);
    }
}
