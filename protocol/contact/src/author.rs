//! New lines, in the style that the clients of a card's version read.

use content_line::{NewLine, Value};

use crate::Version;
use crate::role::Role;

/// A line without its value, and the label that Apple's clients want beside it.
pub(crate) struct Authored {
    pub(crate) line: NewLine,
    pub(crate) label: Option<&'static str>,
}

/// The beginning of a line that will be read as having this role.
pub(crate) fn line(role: Role, version: Version) -> Authored {
    let named = |name: &str, label| Authored { line: NewLine::new(name, Value::text("")), label };
    let typed = |name: &str, types: &[&str]| Authored {
        line: with_types(NewLine::new(name, Value::text("")), types, version),
        label: None,
    };
    match role {
        Role::FormattedName => named("FN", None),
        Role::FileAs => named("X-EVOLUTION-FILE-AS", None),
        Role::Name => named("N", None),
        Role::Nickname => named("NICKNAME", None),
        Role::YomiFirstName => named("X-PHONETIC-FIRST-NAME", None),
        Role::YomiLastName => named("X-PHONETIC-LAST-NAME", None),
        Role::YomiCompany => named("X-PHONETIC-ORG", None),
        Role::Organization => named("ORG", None),
        Role::JobTitle => named("TITLE", None),
        Role::Email if version == Version::V4_0 => named("EMAIL", None),
        Role::Email => typed("EMAIL", &["INTERNET"]),
        Role::BusinessPhone => typed("TEL", &["WORK", "VOICE"]),
        Role::BusinessFax => typed("TEL", &["WORK", "FAX"]),
        Role::CompanyMainPhone => typed("TEL", &["MAIN"]),
        Role::AssistantPhone => typed("TEL", &["X-EVOLUTION-ASSISTANT"]),
        Role::HomePhone => typed("TEL", &["HOME", "VOICE"]),
        Role::HomeFax => typed("TEL", &["HOME", "FAX"]),
        Role::MobilePhone => typed("TEL", &["CELL"]),
        Role::CarPhone => typed("TEL", &["CAR"]),
        Role::RadioPhone => typed("TEL", &["X-EVOLUTION-RADIO"]),
        Role::Pager => typed("TEL", &["PAGER"]),
        Role::Mms => named("X-KONTOR-MMS", None),
        Role::InstantMessage => named("IMPP", None),
        Role::WebPage => named("URL", None),
        Role::BusinessAddress => typed("ADR", &["WORK"]),
        Role::HomeAddress => typed("ADR", &["HOME"]),
        Role::OtherAddress => named("ADR", None),
        Role::Spouse if version == Version::V4_0 => related("spouse"),
        Role::Child if version == Version::V4_0 => related("child"),
        Role::Spouse => named("X-ABRELATEDNAMES", Some("_$!<Spouse>!$_")),
        Role::Child => named("X-ABRELATEDNAMES", Some("_$!<Child>!$_")),
        Role::Manager => named("X-ABRELATEDNAMES", Some("_$!<Manager>!$_")),
        Role::Assistant => named("X-ABRELATEDNAMES", Some("_$!<Assistant>!$_")),
        Role::Birthday => named("BDAY", None),
        Role::Anniversary if version == Version::V4_0 => named("ANNIVERSARY", None),
        Role::Anniversary => named("X-ABDATE", Some("_$!<Anniversary>!$_")),
        Role::Categories => named("CATEGORIES", None),
        Role::CustomerId => named("X-KONTOR-CUSTOMER-ID", None),
        Role::GovernmentId => named("X-KONTOR-GOVERNMENT-ID", None),
        Role::AccountName => named("X-KONTOR-ACCOUNT-NAME", None),
        Role::Note => named("NOTE", None),
        Role::Picture => named("PHOTO", None),
    }
}

/// RFC 6350 section 6.6.6.
fn related(relation: &str) -> Authored {
    let line =
        NewLine::new("RELATED", Value::text("")).parameter("VALUE", &["text"]).parameter("TYPE", &[relation]);
    Authored { line, label: None }
}

fn with_types(line: NewLine, types: &[&str], version: Version) -> NewLine {
    match version {
        Version::V2_1 => types.iter().fold(line, |line, word| line.bare_parameter(word)),
        Version::V3_0 | Version::V4_0 => line.parameter("TYPE", types),
    }
}
