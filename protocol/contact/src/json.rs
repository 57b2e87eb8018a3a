//! jCard, the JSON form of version 4.0: RFC 7095. [`content_line::json`] converts; what it must know of properties is
//! here.

use content_line::Document;
use content_line::json::{self, Dialect, Family, JsonError, PropertyForm, Shape, ValueType};

use crate::convert::{Target, convert};
use crate::error::Unreadable;
use crate::view::View;

const JCARD: Dialect = Dialect { family: Family::Card, form };

/// The first card of a document in JSON. What is of another version is converted first.
///
/// # Errors
/// If there is no card in the bytes, or they exceed a limit, in their own version or in version 4.0.
pub fn to_json(bytes: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let card = convert(bytes, Target::V4_0)?;
    let document = Document::parse(&card)?;
    let view = View::new(&document)?;
    Ok(json::write(&document, view.card(), &JCARD))
}

/// The card of version 4.0 that a JSON text is the form of. Whether it can be stored, [`describe`](crate::describe())
/// says.
///
/// # Errors
/// If the text is not that of one card of this version.
pub fn from_json(text: &[u8]) -> Result<Vec<u8>, JsonError> {
    json::read(text, &JCARD)
}

/// The forms of the properties of RFC 6350 and of what extends it.
fn form(name: &str) -> Option<PropertyForm> {
    use ValueType::{DateAndOrTime, LanguageTag, Text, Timestamp, Uri};
    let form = match name {
        // RFC 6350 section 6.
        "EMAIL" | "FN" | "KIND" | "NOTE" | "PRODID" | "ROLE" | "TEL" | "TITLE" | "TZ" | "VERSION" | "XML" => {
            PropertyForm::single(Text)
        }
        "CATEGORIES" | "NICKNAME" => PropertyForm::list(Text),
        "GENDER" | "ORG" => PropertyForm::texts(Shape::Parts),
        "ADR" | "N" => PropertyForm::texts(Shape::ListParts),
        "CLIENTPIDMAP" => PropertyForm::texts(Shape::Pair),
        "ANNIVERSARY" | "BDAY" => PropertyForm::single(DateAndOrTime),
        "LANG" => PropertyForm::single(LanguageTag),
        "REV" => PropertyForm::single(Timestamp),
        "CALADRURI" | "CALURI" | "FBURL" | "GEO" | "IMPP" | "KEY" | "LOGO" | "MEMBER" | "PHOTO"
        | "RELATED" | "SOUND" | "SOURCE" | "UID" | "URL" => PropertyForm::single(Uri),
        // RFC 6474, RFC 6715, RFC 8605.
        "BIRTHPLACE" | "DEATHPLACE" | "EXPERTISE" | "HOBBY" | "INTEREST" => PropertyForm::single(Text),
        "DEATHDATE" => PropertyForm::single(DateAndOrTime),
        "CONTACT-URI" | "ORG-DIRECTORY" => PropertyForm::single(Uri),
        // RFC 9554.
        "GRAMGENDER" | "PRONOUNS" => PropertyForm::single(Text),
        "CREATED" => PropertyForm::single(Timestamp),
        "LANGUAGE" => PropertyForm::single(LanguageTag),
        "SOCIALPROFILE" => PropertyForm::single(Uri),
        _ => return None,
    };
    Some(form)
}
