//! BodyPreference and MIMESupport: MS-ASAIRS section 2.2.2.12, MS-ASCMD section 2.2.3.110.

use wbxml::page::{airsync, airsync_base as page};
use wbxml::{Element, Tag};

use super::BodyType;
use crate::error::RequestError;
use crate::parse;
use crate::status::CommonStatus;

/// One form in which the client would take a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyPreference {
    /// Which form.
    pub body_type: BodyType,
    /// No more bytes than this; `None` for all.
    pub truncation_size: Option<u32>,
    /// Rather nothing of this form than a part of it. Without a size it means nothing (MS-ASAIRS R75).
    pub all_or_none: bool,
    /// Characters of plain text wanted beside it, 0 for none; never above 255 (MS-ASAIRS R266).
    pub preview: u8,
}

/// When the whole message is wanted: MS-ASCMD R3406.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum MimeSupport {
    /// 0
    #[default]
    Never,
    /// 1: for signed and encrypted messages.
    SmimeOnly,
    /// 2
    Always,
}

/// Reads the preferences of an Options element; `tag` is BodyPreference or BodyPartPreference.
pub(crate) fn body_preferences(options: &Element, tag: Tag) -> Result<Vec<BodyPreference>, RequestError> {
    let mut preferences: Vec<BodyPreference> = Vec::new();
    for element in options.all(tag) {
        let preference = body_preference(element)?;
        if preferences.iter().any(|other| other.body_type == preference.body_type) {
            return Err(RequestError::Structure("a body type stands twice")); // MS-ASAIRS R349
        }
        preferences.push(preference);
    }
    Ok(preferences)
}

/// Reads how a body part is wanted, from 14.1.
///
/// # Errors
/// Status 164 for any form but HTML (MS-ASCON R241, MS-ASCMD R5412).
pub(crate) fn body_part_preference(options: &Element) -> Result<Option<BodyPreference>, RequestError> {
    let preferences = body_preferences(options, page::BODY_PART_PREFERENCE)?;
    if preferences.iter().any(|preference| preference.body_type != BodyType::Html) {
        let status = CommonStatus::BodyPartTypeUnsupported;
        return Err(RequestError::common(status, "body parts are HTML only"));
    }
    Ok(preferences.into_iter().next())
}

fn body_preference(element: &Element) -> Result<BodyPreference, RequestError> {
    const ORDER: [Tag; 4] = [page::TYPE, page::TRUNCATION_SIZE, page::ALL_OR_NONE, page::PREVIEW];
    let places = element.children().filter_map(|child| ORDER.iter().position(|tag| *tag == child.tag));
    if !places.is_sorted_by(|a, b| a < b) {
        return Err(RequestError::Structure("body preference out of order")); // MS-ASAIRS R348, R351
    }
    let body_type = parse::child_number(element, page::TYPE, "body type is no number")?
        .and_then(BodyType::from_code)
        .ok_or(RequestError::Structure("body preference without a known type"))?; // MS-ASAIRS R151
    let preview: u32 = parse::child_number(element, page::PREVIEW, "preview is no number")?.unwrap_or(0);
    let preview = u8::try_from(preview).map_err(|_| RequestError::Structure("preview above 255"))?;
    let truncation_size: Option<u64> =
        parse::child_number(element, page::TRUNCATION_SIZE, "truncation size is no number")?;
    let all_or_none = match element.child(page::ALL_OR_NONE) {
        None => false,
        Some(child) => {
            parse::boolean(child).ok_or(RequestError::Structure("AllOrNone is no boolean"))? // MS-ASAIRS R350
        }
    };
    // Clients say "everything" with 2^32-1 and more.
    let truncation_size = truncation_size.map(|size| u32::try_from(size).unwrap_or(u32::MAX));
    Ok(BodyPreference { body_type, truncation_size, all_or_none, preview })
}

pub(crate) fn mime_support(options: &Element) -> Result<MimeSupport, RequestError> {
    match parse::child_number(options, airsync::MIME_SUPPORT, "MIMESupport is no number")? {
        None | Some(0_u8) => Ok(MimeSupport::Never),
        Some(1) => Ok(MimeSupport::SmimeOnly),
        Some(2) => Ok(MimeSupport::Always),
        Some(_) => Err(RequestError::Structure("MIMESupport above 2")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preference(children: &[(Tag, &str)]) -> Element {
        let mut element = Element::new(page::BODY_PREFERENCE);
        for (tag, value) in children {
            element.push(Element::text(*tag, *value));
        }
        Element::new(airsync::OPTIONS).with(element)
    }

    fn read(children: &[(Tag, &str)]) -> Result<Vec<BodyPreference>, RequestError> {
        body_preferences(&preference(children), page::BODY_PREFERENCE)
    }

    #[test]
    fn a_full_preference_is_read() {
        let all = [
            (page::TYPE, "2"),
            (page::TRUNCATION_SIZE, "512"),
            (page::ALL_OR_NONE, "1"),
            (page::PREVIEW, "255"),
        ];
        let expected = BodyPreference {
            body_type: BodyType::Html,
            truncation_size: Some(512),
            all_or_none: true,
            preview: 255,
        };
        assert_eq!(read(&all).unwrap(), [expected]);
        let endless = read(&[(page::TYPE, "1"), (page::TRUNCATION_SIZE, "4294967296")]).unwrap();
        assert_eq!(endless[0].truncation_size, Some(u32::MAX));
    }

    // MS-ASAIRS R350 R351
    #[test]
    fn broken_preferences_are_refused() {
        for children in [
            &[(page::TRUNCATION_SIZE, "512"), (page::TYPE, "2")][..],
            &[(page::TYPE, "2"), (page::ALL_OR_NONE, "1"), (page::TRUNCATION_SIZE, "5")],
            &[(page::TYPE, "2"), (page::ALL_OR_NONE, "1"), (page::ALL_OR_NONE, "1")],
            &[(page::TYPE, "2"), (page::ALL_OR_NONE, "2")],
            &[(page::TYPE, "2"), (page::ALL_OR_NONE, "")],
            &[(page::TYPE, "0")],
            &[(page::TYPE, "5")],
            &[(page::TRUNCATION_SIZE, "512")],
            &[(page::TYPE, "1"), (page::TRUNCATION_SIZE, "-1")],
            &[(page::TYPE, "1"), (page::PREVIEW, "256")],
        ] {
            assert!(matches!(read(children), Err(RequestError::Structure(_))), "{children:?}");
        }
        let twice = preference(&[(page::TYPE, "1")])
            .with(Element::new(page::BODY_PREFERENCE).with(Element::text(page::TYPE, "1")));
        assert!(body_preferences(&twice, page::BODY_PREFERENCE).is_err());
    }
}
