//! Cards of the directory: people, groups and rooms of a domain, in version 4.0.
//!
//! The one place for `vcard_parser`: it builds properties and checks them against RFC 6350. It writes a line break
//! as `\\n`, which reads back as a backslash and an `n`, and drops the value of a `tel:` URI; so texts here are
//! single lines, and numbers are text. It does not fold; [`content_line`] does.

use content_line::{Document, LineEnd, NewLine, block, write_lines};
use vcard_parser::error::VcardError;
use vcard_parser::traits::{HasParameters, HasValue};
use vcard_parser::vcard::parameter::Parameter;
use vcard_parser::vcard::property::Property;
use vcard_parser::vcard::value::Value;
use vcard_parser::vcard::value::value_listcomponent::ValueListComponentData;
use vcard_parser::vcard::value::value_text::ValueTextData;
use vcard_parser::vcard::value::value_textlist::ValueTextListData;
use vcard_parser::vcard::value::value_uri::ValueUriData;

use crate::Kind;
use crate::new_card::PRODID;

/// What the directory knows of a person, a group or a room. Texts are single lines: a line break becomes a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Unique and lasting, such as `urn:uuid:..`.
    pub uid: String,
    /// What it is.
    pub kind: Kind,
    /// The name to show.
    pub name: String,
    /// Family and given name of a person.
    pub person: Option<(String, String)>,
    /// E-mail addresses, the main one first.
    pub emails: Vec<String>,
    /// Telephone numbers at work.
    pub phones: Vec<String>,
    /// Company and department.
    pub organization: Option<(String, String)>,
    /// Job title.
    pub title: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// The UIDs of a group's members as URIs, or `mailto:` URIs.
    pub members: Vec<String>,
}

/// A property does not fit RFC 6350: a member that is no URI, a kind that has no word, members without number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a value of {property}")]
pub struct Unfit {
    /// The name of the property.
    pub property: &'static str,
}

/// The card of an entry.
///
/// # Errors
/// If a property does not fit.
pub fn directory_card(entry: &DirectoryEntry) -> Result<Vec<u8>, Unfit> {
    let mut properties = Vec::new();
    let mut add = |name, value| property(name, value).map(|property| properties.push(property));
    add("FN", Ok(text(&entry.name)))?;
    add("KIND", Ok(text(word(entry.kind))))?;
    add("UID", Ok(text(&entry.uid)))?;
    add("PRODID", Ok(text(PRODID)))?;
    if let Some((family, given)) = &entry.person {
        add("N", Ok(name(family, given)))?;
    }
    entry.emails.iter().try_for_each(|email| add("EMAIL", Ok(text(email))))?;
    entry.phones.iter().try_for_each(|phone| add("TEL", Ok(text(phone))))?;
    if let Some((company, department)) = &entry.organization {
        add("ORG", Ok(organization(company, department)))?;
    }
    entry.title.iter().try_for_each(|title| add("TITLE", Ok(text(title))))?;
    entry.note.iter().try_for_each(|note| add("NOTE", Ok(text(note))))?;
    // RFC 6350 section 6.6.5: a member is a URI.
    entry.members.iter().try_for_each(|member| add("MEMBER", uri(member)))?;
    folded(&properties)
}

fn property(name: &'static str, value: Result<Value, VcardError>) -> Result<Property, Unfit> {
    let built = value.and_then(|value| {
        let mut property = Property::default(name);
        property.set_value(value)?;
        if name == "TEL" {
            property.add_parameter(Parameter::try_from(";TYPE=work")?)?;
        }
        Ok(property)
    });
    built.map_err(|_| Unfit { property: name })
}

/// The word of RFC 6350 section 6.1.4. Other kinds are not of this directory, and would be refused.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Individual => "individual",
        Kind::Group => "group",
        Kind::Organization => "org",
        Kind::Location => "location",
        Kind::Other => "",
    }
}

fn single_line(text: &str) -> String {
    text.split(|character: char| character.is_ascii_control()).collect::<Vec<_>>().join(" ")
}

fn text(text: &str) -> Value {
    Value::from(ValueTextData { value: single_line(text) })
}

fn uri(uri: &str) -> Result<Value, VcardError> {
    ValueUriData::try_from(uri).map(Value::from)
}

fn organization(company: &str, department: &str) -> Value {
    let units = [company, department].into_iter().filter(|unit| !unit.is_empty()).map(single_line);
    Value::from(ValueTextListData { delimiter: ';', value: units.collect() })
}

fn name(family: &str, given: &str) -> Value {
    let value = [family, given, "", "", ""].map(|part| vec![single_line(part)]).to_vec();
    Value::from(ValueListComponentData { delimiter_parent: ';', delimiter_child: ',', value })
}

/// The properties as a card with folded lines.
fn folded(properties: &[Property]) -> Result<Vec<u8>, Unfit> {
    let exported: String = properties.iter().map(Property::export).collect();
    // Only members can be so many.
    let document = Document::parse(exported.as_bytes()).map_err(|_| Unfit { property: "MEMBER" })?;
    let version = NewLine::new("VERSION", content_line::Value::text("4.0"));
    let lines = std::iter::once(version).chain(document.lines().iter().map(NewLine::copy_of));
    Ok(write_lines(&block("VCARD", lines), LineEnd::CrLf))
}
