//! The forms in which items are given: the versions of vCard (RFC 6352 section 5.1.1), jCard (RFC 7095) and jCal (RFC 7265).
//!
//! What was stored is given as it is unless the reader asks for another form. What is converted has an entity tag of its own,
//! so that nobody takes it for the stored bytes: [`ETag::of_form`](dav_wire::ETag::of_form). `getetag` is always the tag of the item, whatever form
//! stands beside it in a report; both name the item in a condition on a change.

use actix_web::HttpRequest;
use actix_web::http::header;
use bytes::Bytes;
use contact::Target;
use dav_wire::header::Accept;
use dav_wire::property::MediaType;
use dav_wire::{Form, Precondition};
use std::borrow::Cow;
use vocabulary::Component;

use crate::kind;

/// What cards without another version are: RFC 6352 section 6.2.2.
const CONTENT_TYPE: &str = "text/vcard; charset=utf-8";

/// A card as the answer to GET gives it.
pub(crate) struct Given {
    pub(crate) bytes: Bytes,
    /// With its quotes.
    pub(crate) tag: String,
    pub(crate) content_type: String,
}

/// The version that a media type asks for.
pub(crate) fn target(media: &MediaType) -> Option<Target> {
    match media {
        _ if *media == MediaType::VCARD_3 => Some(Target::V3_0),
        _ if *media == MediaType::VCARD_4 || *media == MediaType::JCARD => Some(Target::V4_0),
        _ => None,
    }
}

/// The media type of a card; `None` for what says of no version that it is of it.
pub(crate) fn media(bytes: &[u8]) -> Option<MediaType> {
    let version = contact::declared_version(bytes)?;
    Some(match version.as_str() {
        "3.0" => MediaType::VCARD_3,
        "4.0" => MediaType::VCARD_4,
        _ => MediaType { version: Cow::Owned(version), ..MediaType::VCARD_3 },
    })
}

/// The form of a card that a request accepts most; of two alike that which is stored. `tag` is that of the stored bytes,
/// `tag_of` gives those of other forms.
///
/// # Errors
/// [`Precondition::SupportedAddressDataConversion`] if it accepts none that there is.
pub(crate) fn negotiate(
    request: &HttpRequest,
    stored: Bytes,
    tag: String,
    tag_of: impl Fn(Form) -> String,
) -> Result<Given, Precondition> {
    let as_stored = |content_type: String, bytes| Given { bytes, tag, content_type };
    let Some(accept) = accept(request) else { return Ok(as_stored(CONTENT_TYPE.to_owned(), stored)) };
    // What says no version is read as 3.0.
    let media = media(&stored).unwrap_or(MediaType::VCARD_3);
    let forms = [
        (accept.quality(&media), None),
        (accept.quality(&MediaType::VCARD_3), Some((Target::V3_0, Form::VCard3))),
        (accept.quality(&MediaType::VCARD_4), Some((Target::V4_0, Form::VCard4))),
        (accept.quality(&MediaType::JCARD), Some((Target::V4_0, Form::Json))),
    ];
    let best = forms.iter().map(|(quality, _)| *quality).max().filter(|quality| *quality > 0);
    let chosen = forms.into_iter().find(|(quality, _)| Some(*quality) == best);
    let (_, form) = chosen.ok_or(Precondition::SupportedAddressDataConversion)?;
    let Some((target, form)) = form else {
        return Ok(as_stored(with_version(&media.version), stored));
    };
    if form == Form::Json {
        let json = contact::to_json(&stored).map_err(|_| Precondition::SupportedAddressDataConversion)?;
        let content_type = kind::json_content_type(Some(Component::Card)).to_owned();
        return Ok(Given { bytes: json.into(), tag: tag_of(form), content_type });
    }
    let converted = contact::convert(&stored, target);
    let converted = converted.map_err(|_| Precondition::SupportedAddressDataConversion)?;
    let content_type = with_version(target.number());
    match converted {
        Cow::Borrowed(_) => Ok(as_stored(content_type, stored)),
        Cow::Owned(bytes) => Ok(Given { bytes: bytes.into(), tag: tag_of(form), content_type }),
    }
}

/// Whether a card may be given in another form than it is stored in.
pub(crate) fn is_asked_for(request: &HttpRequest) -> bool {
    accept(request).is_some()
}

/// Whether a calendar object is wanted as jCal more than as it is stored.
pub(crate) fn is_jcal_wanted(request: &HttpRequest) -> bool {
    let accept = parsed(request);
    accept.quality(&MediaType::JCAL) > accept.quality(&MediaType::ICALENDAR)
}

/// What the request accepts; `None` if it says nothing that decides between the forms of a card, which is most often so.
fn accept(request: &HttpRequest) -> Option<Accept> {
    let accept = parsed(request);
    let forms = [MediaType::VCARD_3, MediaType::VCARD_4, MediaType::JCARD];
    let [three, four, json] = forms.map(|media| accept.quality(&media));
    (three != four || three == 0 || json > three).then_some(accept)
}

fn parsed(request: &HttpRequest) -> Accept {
    let lines: Vec<&str> =
        request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    Accept::parse(&lines.join(","))
}

/// RFC 6350 section 10.1.
fn with_version(version: &str) -> String {
    format!("{CONTENT_TYPE}; version={version}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use dav_wire::ETag;
    use vocabulary::{ItemId, ModSeq};

    const TAG: ETag = ETag { item: ItemId(7), content: ModSeq(5) };

    /// The version of the card, the tag and the media type that an answer has.
    fn given(version: &str, accept: &str) -> Option<(String, String, String)> {
        let card = format!("BEGIN:VCARD\r\nVERSION:{version}\r\nFN:A\r\nN:A;;;;\r\nEND:VCARD\r\n");
        let request = TestRequest::default().insert_header((header::ACCEPT, accept)).to_http_request();
        let given = negotiate(&request, card.into(), TAG.to_string(), |form| TAG.of_form(form)).ok()?;
        Some((contact::declared_version(&given.bytes)?, given.tag, given.content_type))
    }

    // RFC 7095 section 3.
    #[test]
    fn a_card_is_given_in_json_to_whoever_wants_that_most() {
        let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:A\r\nN:A;;;;\r\nEND:VCARD\r\n";
        let json = r#"["vcard",[["version",{},"text","4.0"],["fn",{},"text","A"],["n",{},"text",["A","","","",""]]]]"#;
        for (accept, is_json) in [
            ("application/vcard+json", true),
            ("application/vcard+json; version=4.0, text/vcard;q=0.5", true),
            ("application/*, text/*;q=0.9", true),
            ("application/vcard+json, text/vcard", false),
            ("application/vcard+json;q=0.5, text/vcard;q=0.6", false),
            ("*/*", false),
        ] {
            let request = TestRequest::default().insert_header((header::ACCEPT, accept)).to_http_request();
            let given = negotiate(&request, card.into(), TAG.to_string(), |form| TAG.of_form(form)).unwrap();
            let (body, tag) = if is_json { (json, "\"7-5-json\"") } else { (card, "\"7-5\"") };
            assert_eq!((given.bytes, given.tag.as_str()), (Bytes::from(body), tag), "{accept}");
            assert_eq!(given.content_type == "application/vcard+json", is_json, "{accept}");
        }
    }

    #[test]
    fn a_calendar_object_is_given_in_json_only_if_that_is_wanted_more() {
        for (accept, expected) in [
            ("application/calendar+json", true),
            ("application/calendar+json, text/calendar;q=0.9", true),
            ("application/calendar+json, text/calendar", false),
            ("application/calendar+json, */*", false),
            ("text/html", false),
            ("application/vcard+json", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((header::ACCEPT, accept)).to_http_request();
            assert_eq!(is_jcal_wanted(&request), expected, "{accept}");
        }
    }

    // RFC 6352 section 5.1.1, RFC 9110 section 12.5.1.
    #[test]
    fn known_answers() {
        let form = |version: &str, tag: &str, said: bool| {
            let content_type = if said { with_version(version) } else { CONTENT_TYPE.to_owned() };
            Some((version.to_owned(), tag.to_owned(), content_type))
        };
        for (stored, accept, expected) in [
            ("3.0", "*/*", form("3.0", "\"7-5\"", false)),
            ("4.0", "text/vcard", form("4.0", "\"7-5\"", false)),
            ("4.0", "text/vcard, text/html;q=0.1", form("4.0", "\"7-5\"", false)),
            ("3.0", "text/vcard; version=4.0", form("4.0", "\"7-5-v4\"", true)),
            ("4.0", "text/vcard; version=4.0", form("4.0", "\"7-5\"", true)),
            ("4.0", "text/vcard; version=3.0", form("3.0", "\"7-5-v3\"", true)),
            ("3.0", "text/vcard; version=4.0, text/vcard;q=0.5", form("4.0", "\"7-5-v4\"", true)),
            ("3.0", "text/vcard; version=4.0;q=0.5, text/vcard", form("3.0", "\"7-5\"", true)),
            ("4.0", "text/x-vcard", form("3.0", "\"7-5-v3\"", true)),
            ("2.1", "text/x-vcard", form("2.1", "\"7-5\"", true)),
            ("2.1", "text/vcard; version=3.0", form("3.0", "\"7-5-v3\"", true)),
            ("3.0", "text/vcard; version=5.0", None),
            ("3.0", "application/calendar+json", None),
            ("3.0", "text/html", None),
            ("3.0", "", form("3.0", "\"7-5\"", false)),
        ] {
            assert_eq!(given(stored, accept), expected, "{stored} for {accept}");
        }
    }
}
