//! The filter of addressbook-query on one card: RFC 6352 section 10.5.

use contact::Query;
use dav_wire::report::{
    CardCondition, CardFilter, CardPropertyFilter, ParameterCondition, ParameterFilter, Test,
};

pub(super) fn matches(filter: &CardFilter, bytes: &[u8]) -> bool {
    let Ok(card) = Query::new(bytes) else { return false };
    // An empty filter is about every card: section 8.6.
    filter.properties.is_empty()
        || holds(filter.test, filter.properties.iter().map(|filter| property(filter, &card)))
}

fn holds(test: Test, mut conditions: impl Iterator<Item = bool>) -> bool {
    match test {
        Test::AnyOf => conditions.any(|holds| holds),
        Test::AllOf => conditions.all(|holds| holds),
    }
}

/// Section 10.5.1: all conditions are asked of one and the same property.
fn property(filter: &CardPropertyFilter, card: &Query<'_>) -> bool {
    let mut properties = card.properties(&filter.name);
    match &filter.condition {
        CardCondition::IsNotDefined => properties.next().is_none(),
        CardCondition::Defined { texts, parameters, .. } if texts.is_empty() && parameters.is_empty() => {
            properties.next().is_some()
        }
        CardCondition::Defined { test, texts, parameters } => properties.any(|property| {
            let value = property.text();
            let texts = texts.iter().map(|text| text.matches(&value));
            holds(*test, texts.chain(parameters.iter().map(|filter| parameter(filter, &property))))
        }),
    }
}

/// Section 10.5.2.
fn parameter(filter: &ParameterFilter, property: &contact::Property<'_, '_>) -> bool {
    match (&filter.condition, property.parameter(&filter.name)) {
        (ParameterCondition::IsNotDefined, values) => values.is_none(),
        (ParameterCondition::Defined(_), None) => false,
        (ParameterCondition::Defined(None), Some(_)) => true,
        (ParameterCondition::Defined(Some(text)), Some(values)) => {
            values.iter().any(|value| text.matches(value))
        }
    }
}

#[cfg(test)]
mod tests {
    use dav_wire::report::Report;

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Anna Groß\r\nN:Groß;Anna;;;\r\n\
        item1.EMAIL;TYPE=WORK:anna@blumen.test\r\nEMAIL;TYPE=HOME:anna@heim.test\r\nNICKNAME:Änni\r\nEND:VCARD\r\n";

    fn matches(attributes: &str, filters: &str) -> bool {
        let body = format!(
            "<c:addressbook-query xmlns:c='urn:ietf:params:xml:ns:carddav'><c:filter {attributes}>{filters}</c:filter>\
             </c:addressbook-query>"
        );
        let Report::AddressBookQuery(query) = Report::parse(body.as_bytes()).unwrap() else {
            panic!("another")
        };
        super::matches(&query.filter, CARD.as_bytes())
    }

    #[test]
    fn known_answers() {
        let email =
            |inner: &str| matches("", &format!("<c:prop-filter name='EMAIL'>{inner}</c:prop-filter>"));
        let text = |match_type: &str, text: &str| {
            email(&format!("<c:text-match match-type='{match_type}'>{text}</c:text-match>"))
        };
        assert!(matches("", ""));
        assert!(
            text("contains", "BLUMEN") && text("equals", "anna@heim.test") && text("starts-with", "anna@")
        );
        assert!(text("ends-with", ".test") && !text("starts-with", "blumen") && !text("equals", "anna"));
        let both = "<c:text-match>heim</c:text-match>\
            <c:param-filter name='TYPE'><c:text-match>work</c:text-match></c:param-filter>";
        assert!(email(both), "any of the two of one property");
        assert!(!matches("", &format!("<c:prop-filter name='EMAIL' test='allof'>{both}</c:prop-filter>")));
        assert!(email("<c:param-filter name='PREF'><c:is-not-defined/></c:param-filter>"));
        assert!(matches("", "<c:prop-filter name='TEL'><c:is-not-defined/></c:prop-filter>"));
        assert!(!matches("", "<c:prop-filter name='TEL'/>"));
    }

    #[test]
    fn filters_are_joined_as_the_query_says() {
        let filters = "<c:prop-filter name='NICKNAME'><c:text-match>ÄNNI</c:text-match></c:prop-filter>\
            <c:prop-filter name='TEL'/>";
        assert!(
            matches("", filters) && matches("test='anyof'", filters) && !matches("test='allof'", filters)
        );
    }
}
