//! The formatted name that a card must have: RFC 6350 section 6.2.1, RFC 2426 section 3.1.1.

use crate::TextField as Field;

/// The parts of a name in the order in which they are spoken.
pub(crate) const PARTS: &[Field] =
    &[Field::Prefix, Field::FirstName, Field::MiddleName, Field::LastName, Field::Suffix];

/// What names a card that has no name, the best first.
const STAND_INS: &[Field] = &[
    Field::Company,
    Field::Nickname,
    Field::Email1,
    Field::MobilePhone,
    Field::BusinessPhone,
    Field::HomePhone,
];

/// The formatted name that fits these texts; empty if there is nothing to make it of.
pub(crate) fn formatted(text: impl Fn(Field) -> Option<String>) -> String {
    let parts: Vec<String> = PARTS.iter().filter_map(|&part| text(part)).collect();
    if !parts.is_empty() {
        return parts.join(" ");
    }
    STAND_INS.iter().find_map(|&field| text(field)).unwrap_or_default()
}
