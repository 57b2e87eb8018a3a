//! The filter of addressbook-query on one card: RFC 6352 section 10.5.

use contact::{Index, Query};
use dav_wire::report::{
    CardCondition, CardFilter, CardPropertyFilter, ParameterCondition, ParameterFilter, Test, TextMatch,
};

pub(super) fn matches(filter: &CardFilter, bytes: &[u8]) -> bool {
    let Ok(card) = Query::new(bytes) else { return false };
    joined(filter, |filter| property(filter, &card))
}

/// The same for the index of a card, if the index covers the filter.
pub(super) fn matches_index(filter: &CardFilter, index: Index<'_>) -> bool {
    joined(filter, |filter| {
        let mut texts = index.texts(&filter.name);
        match &filter.condition {
            CardCondition::IsNotDefined => texts.next().is_none(),
            CardCondition::Defined { texts: wanted, .. } if wanted.is_empty() => texts.next().is_some(),
            CardCondition::Defined { test, texts: wanted, .. } => {
                texts.any(|text| holds(*test, each(wanted, text)))
            }
        }
    })
}

/// Whether an index can answer a filter: it knows all its properties, and no parameters.
pub(super) fn is_covered(filter: &CardFilter) -> bool {
    filter.properties.iter().all(|filter| {
        let asks_parameters = match &filter.condition {
            CardCondition::IsNotDefined => false,
            CardCondition::Defined { parameters, .. } => !parameters.is_empty(),
        };
        Index::covers(&filter.name) && !asks_parameters
    })
}

/// How many conditions on properties and their texts a filter has.
pub(super) fn conditions(filter: &CardFilter) -> usize {
    let of = |filter: &CardPropertyFilter| match &filter.condition {
        CardCondition::IsNotDefined => 1,
        CardCondition::Defined { texts, .. } => texts.len().max(1),
    };
    filter.properties.iter().map(of).sum()
}

/// An empty filter is about every card: section 8.6.
fn joined(filter: &CardFilter, met: impl Fn(&CardPropertyFilter) -> bool) -> bool {
    filter.properties.is_empty() || holds(filter.test, filter.properties.iter().map(met))
}

fn holds(test: Test, mut conditions: impl Iterator<Item = bool>) -> bool {
    match test {
        Test::AnyOf => conditions.any(|holds| holds),
        Test::AllOf => conditions.all(|holds| holds),
    }
}

/// Which of the texts a value matches.
fn each(wanted: &[TextMatch], value: &str) -> impl Iterator<Item = bool> {
    wanted.iter().map(move |text| text.matches(value))
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
            let parameters = parameters.iter().map(|filter| parameter(filter, &property));
            holds(*test, each(texts, &value).chain(parameters))
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
    use contact::Index;
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
        let found = super::matches(&query.filter, CARD.as_bytes());
        if super::is_covered(&query.filter) {
            let index = contact::index(CARD.as_bytes());
            assert_eq!(super::matches_index(&query.filter, Index::read(&index).unwrap()), found, "{filters}");
        }
        found
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

    // RFC 6352 section 10.5.4: a condition may be that a text is not there; section 10.5.1: of one of the properties.
    #[test]
    fn what_is_negated_and_what_is_structured() {
        let one = |name: &str, text: &str| {
            matches("", &format!("<c:prop-filter name='{name}'>{text}</c:prop-filter>"))
        };
        let negated = "<c:text-match negate-condition='yes'>heim</c:text-match>";
        assert!(one("EMAIL", negated), "the other address has no such text");
        assert!(!one("TEL", negated), "there is no number");
        assert!(one("N", "<c:text-match match-type='equals'>Groß;Anna;;;</c:text-match>"));
        assert!(one("N", "<c:text-match match-type='starts-with' collation='i;octet'>Groß;</c:text-match>"));
        assert!(!one("N", "<c:text-match collation='i;octet'>groß</c:text-match>"));
        assert!(!one("N", "<c:text-match collation='i;ascii-casemap'>GROSS</c:text-match>"));
        assert!(one("item1.EMAIL", "<c:text-match>blumen</c:text-match>"));
        assert!(!one("item1.EMAIL", "<c:text-match>heim</c:text-match>"));
    }

    #[test]
    fn an_index_covers_what_it_knows_all_about() {
        let covered = |filters: &str| {
            let body = format!(
                "<c:addressbook-query xmlns:c='urn:ietf:params:xml:ns:carddav'><c:filter>{filters}</c:filter>\
                 </c:addressbook-query>"
            );
            let Report::AddressBookQuery(query) = Report::parse(body.as_bytes()).unwrap() else {
                panic!("another")
            };
            super::is_covered(&query.filter)
        };
        assert!(covered("") && covered("<c:prop-filter name='fn'/><c:prop-filter name='EMAIL'/>"));
        assert!(!covered("<c:prop-filter name='NOTE'/>") && !covered("<c:prop-filter name='item1.EMAIL'/>"));
        assert!(!covered("<c:prop-filter name='EMAIL'><c:param-filter name='TYPE'/></c:prop-filter>"));
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
