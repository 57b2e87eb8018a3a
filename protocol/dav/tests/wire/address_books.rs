//! Reports on address books: RFC 6352 section 8.

use dav_wire::collation::{Collation, MatchType};
use dav_wire::method::PropFind;
use dav_wire::property::MediaType;
use dav_wire::report::{
    AddressBookQuery, AddressDataRequest, CardCondition, CardFilter, CardPropertyFilter, ParameterCondition,
    ParameterFilter, PropertyRequest, PropertySelection, Report, Test, TextMatch,
};
use dav_wire::{Precondition, RequestError, Status};

fn query(content: &str) -> Result<AddressBookQuery, RequestError> {
    let body = format!(
        "<C:addressbook-query xmlns:C='urn:ietf:params:xml:ns:carddav' xmlns:D='DAV:'>{content}</C:addressbook-query>"
    );
    match Report::parse(body.as_bytes())? {
        Report::AddressBookQuery(query) => Ok(query),
        other => panic!("{other:?}"),
    }
}

fn text(text: &str, match_type: MatchType) -> TextMatch {
    TextMatch::new(text, Collation::UnicodeCasemap, match_type, false)
}

fn property(
    name: &str,
    test: Test,
    texts: Vec<TextMatch>,
    parameters: Vec<ParameterFilter>,
) -> CardPropertyFilter {
    CardPropertyFilter { name: name.into(), condition: CardCondition::Defined { test, texts, parameters } }
}

/// In the manner of macOS Contacts and tsdav, which list a book by asking for cards with a name.
#[test]
fn clients_list_cards_by_a_property_that_all_have() {
    let found =
        query("<D:prop><D:getetag/></D:prop><C:filter><C:prop-filter name='FN'/></C:filter>").unwrap();
    let properties = vec![property("FN", Test::AnyOf, vec![], vec![])];
    assert_eq!(found.filter, CardFilter { test: Test::AnyOf, properties });
    let all = query("<C:filter/>").unwrap();
    assert_eq!(all.filter, CardFilter { test: Test::AnyOf, properties: vec![] });
}

/// RFC 6352 sections 8.6.4, 10.5 and 10.6, in the manner of a search field.
#[test]
fn a_search_field_looks_into_names_and_addresses() {
    let found = query(
        r#"<D:prop><C:address-data><C:prop name="FN"/><C:prop name="item1.EMAIL" novalue="yes"/></C:address-data></D:prop>
           <C:filter test="allof">
             <C:prop-filter name="fn" test="allof">
               <C:text-match collation="i;octet" match-type="equals" negate-condition="yes">Anna</C:text-match>
               <C:text-match match-type="starts-with">A</C:text-match>
             </C:prop-filter>
             <C:prop-filter name="EMAIL">
               <C:text-match match-type="ends-with">a.test</C:text-match>
               <C:param-filter name="type"><C:text-match>HOME</C:text-match></C:param-filter>
               <C:param-filter name="PREF"><C:is-not-defined/></C:param-filter>
               <C:param-filter name="X-A"/>
             </C:prop-filter>
             <C:prop-filter name="BDAY"><C:is-not-defined/></C:prop-filter>
           </C:filter>
           <C:limit><C:nresults>10</C:nresults></C:limit>"#,
    )
    .unwrap();
    let parameter = |name: &str, condition| ParameterFilter { name: name.into(), condition };
    let exact = TextMatch::new("Anna", Collation::Octet, MatchType::Equals, true);
    let properties = vec![
        property("FN", Test::AllOf, vec![exact, text("A", MatchType::StartsWith)], vec![]),
        property(
            "EMAIL",
            Test::AnyOf,
            vec![text("a.test", MatchType::EndsWith)],
            vec![
                parameter("TYPE", ParameterCondition::Defined(Some(text("HOME", MatchType::Contains)))),
                parameter("PREF", ParameterCondition::IsNotDefined),
                parameter("X-A", ParameterCondition::Defined(None)),
            ],
        ),
        CardPropertyFilter { name: "BDAY".into(), condition: CardCondition::IsNotDefined },
    ];
    assert_eq!(found.filter, CardFilter { test: Test::AllOf, properties });
    assert_eq!(found.limit, Some(10));
    let selected = vec![
        PropertySelection { name: "FN".into(), no_value: false },
        PropertySelection { name: "ITEM1.EMAIL".into(), no_value: true },
    ];
    let data = AddressDataRequest { media: None, properties: Some(selected) };
    assert_eq!(found.properties.address_data, Some(data));
}

/// RFC 6352 sections 8.3 and 8.6.
#[test]
fn a_wrong_filter_is_refused() {
    let inside =
        |content: &str| format!("<C:filter><C:prop-filter name='FN'>{content}</C:prop-filter></C:filter>");
    let refused = |content: &str| query(content).unwrap_err();
    for (content, expected) in [
        (
            inside("<C:text-match collation='i;ascii-numeric'>x</C:text-match>"),
            Precondition::CardSupportedCollation,
        ),
        (inside("<C:time-range/>"), Precondition::CardSupportedFilter),
        (
            inside(
                "<C:param-filter name='X'><C:text-match>a</C:text-match><C:text-match>b</C:text-match></C:param-filter>",
            ),
            Precondition::CardSupportedFilter,
        ),
        ("<C:filter><C:comp-filter name='VCARD'/></C:filter>".into(), Precondition::CardSupportedFilter),
    ] {
        assert_eq!(refused(&content), RequestError::Refused(expected), "{content}");
    }
    for content in [
        String::new(),
        "<C:filter/><C:filter/>".into(),
        "<C:filter test='someof'/>".into(),
        "<C:filter><C:prop-filter/></C:filter>".into(),
        inside("<C:text-match match-type='sounds-like'>x</C:text-match>"),
        inside("<C:is-not-defined/><C:text-match>x</C:text-match>"),
        "<C:filter/><C:limit><C:nresults>ten</C:nresults></C:limit>".into(),
        "<C:filter/><C:limit/>".into(),
    ] {
        assert_eq!(refused(&content).status(), Status::BAD_REQUEST, "{content}");
    }
}

/// In the manner of DAVx5 and Thunderbird: version 4.0 if the server has it. RFC 6352 section 8.7.2.
#[test]
fn cards_can_be_asked_for_in_another_version() {
    let body = "<CARD:addressbook-multiget xmlns='DAV:' xmlns:CARD='urn:ietf:params:xml:ns:carddav'><prop>\
         <getetag/><CARD:address-data content-type='text/vcard' version='4.0'/></prop><href>/a.vcf</href>\
         </CARD:addressbook-multiget>";
    let Ok(Report::AddressBookMultiget(report)) = Report::parse(body.as_bytes()) else { panic!() };
    let data = AddressDataRequest { media: Some(MediaType::VCARD_4), properties: None };
    assert_eq!(report.properties.address_data, Some(data));
    assert_eq!(report.hrefs, ["/a.vcf"]);
}

/// In the manner of programs that know servers which take it for a property.
#[test]
fn a_propfind_may_name_the_card_as_it_names_properties() {
    let parse = |content: &str| {
        let body = format!(
            "<propfind xmlns='DAV:' xmlns:A='urn:ietf:params:xml:ns:carddav' xmlns:C='urn:ietf:params:xml:ns:caldav'>\
             {content}</propfind>"
        );
        PropertyRequest::of_propfind(body.as_bytes())
    };
    let found = parse("<prop><getetag/><A:address-data version='4.0'/><C:calendar-data/></prop>").unwrap();
    assert_eq!(
        found.address_data,
        Some(AddressDataRequest { media: Some(MediaType::VCARD_4), properties: None })
    );
    assert_eq!(found.calendar_data, None, "RFC 4791 section 9.6");
    let PropFind::Prop(names) = found.selection else { panic!("{:?}", found.selection) };
    assert_eq!(names.len(), 3);
    for content in ["<prop><getetag/></prop>", "<allprop/>", "<propname/>"] {
        assert_eq!(parse(content).unwrap().address_data, None, "{content}");
    }
    assert_eq!(
        PropertyRequest::of_propfind(b"").unwrap().selection,
        PropFind::AllProp { include: Vec::new() }
    );
    assert_eq!(parse("<prop/><prop/>").unwrap_err().status(), Status::BAD_REQUEST);
    let nameless = parse("<prop><A:address-data><A:prop/></A:address-data></prop>").unwrap_err();
    assert_eq!(nameless.status(), Status::BAD_REQUEST);
}
