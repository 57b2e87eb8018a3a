//! What there is to be read in an event, task, note or card: for searches.

use contact::Card;
use content_line::{Document, Line, unescape};

/// The objects that people read; what alarms and zones say nobody looks for.
const OBJECTS: [&str; 3] = ["VEVENT", "VTODO", "VJOURNAL"];
const TEXTS: [&str; 6] = ["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CATEGORIES", "CONTACT"];
const PEOPLE: [&str; 2] = ["ORGANIZER", "ATTENDEE"];

/// Hands out every text of an object, with the names and addresses of its people and the names of its attachments.
/// What cannot be read has no text.
pub fn texts(bytes: &[u8], mut found: impl FnMut(&str)) {
    let Ok(document) = Document::parse(bytes) else { return };
    for (at, component) in document.components().iter().enumerate() {
        if OBJECTS.iter().any(|name| component.name().eq_ignore_ascii_case(name)) {
            document.own_lines(at).for_each(|(_, line)| line_texts(line, &mut found));
        }
    }
    if let Ok(card) = Card::read(bytes) {
        card.texts().for_each(|(_, text)| found(text));
        card.categories.iter().chain(&card.children).for_each(|text| found(text));
    }
}

fn line_texts(line: &Line<'_>, found: &mut impl FnMut(&str)) {
    if TEXTS.iter().any(|name| line.is(name)) {
        found(&unescape(&line.value()));
    } else if PEOPLE.iter().any(|name| line.is(name)) {
        found(&line.parameter_value("CN").unwrap_or_default());
        let value = line.value();
        let (scheme, address) = value.split_once(':').unwrap_or_default();
        found(if scheme.eq_ignore_ascii_case("mailto") { address } else { value.as_ref() });
    } else if line.is("ATTACH") {
        found(&line.parameter_value("FILENAME").unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> String {
        let mut all = Vec::new();
        texts(text.replace('\n', "\r\n").as_bytes(), |text| all.push(text.to_owned()));
        all.retain(|text| !text.is_empty());
        all.join("|")
    }

    #[test]
    fn what_people_read_is_found_and_the_rest_is_not() {
        let event = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:hidden\nBEGIN:VEVENT\nUID:hidden\nSUMMARY:Board\\, again\n\
            DESCRIPTION:long\n  text\nLOCATION:Room 4\nORGANIZER;CN=Anna:mailto:anna@x.test\nATTENDEE:MAILTO:ben@x.test\n\
            ATTACH;FILENAME=plan.pdf:https://hidden.test/1\nBEGIN:VALARM\nDESCRIPTION:hidden\nEND:VALARM\n\
            END:VEVENT\nEND:VCALENDAR\n";
        assert_eq!(joined(event), "Board, again|long text|Room 4|Anna|anna@x.test|ben@x.test|plan.pdf");
        let card = "BEGIN:VCARD\nVERSION:3.0\nUID:hidden\nFN:Cem Alan\nN:Alan;Cem;;;\nORG:Works\nNOTE:likes tea\n\
            CATEGORIES:friends\nEND:VCARD\n";
        let found = joined(card);
        for text in ["Cem", "Alan", "Works", "likes tea", "friends"] {
            assert!(found.contains(text), "{text} in {found}");
        }
        assert!(!found.contains("hidden"));
        assert_eq!(joined("no object"), "");
    }
}
