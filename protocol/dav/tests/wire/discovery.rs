//! How clients find principals and collections, and make and name them.

use dav_wire::method::{Instruction, MakeCollection, PropFind, PropPatch};
use dav_wire::name::dav;
use dav_wire::property::{Component, ResourceType, Transparency};
use dav_wire::report::{Report, SearchContext, SelfMatch, Test};
use dav_wire::{Property, Value, collation::MatchType};

use crate::names;

fn asks_for(body: &str, list: &str) {
    assert_eq!(PropFind::parse(body.as_bytes()), Ok(PropFind::Prop(names(list))), "{body}");
}

/// In the manner of macOS: `A` is a prefix for DAV here, and namespaces are declared where they are used.
#[test]
fn macos_asks_for_the_principal() {
    asks_for(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<A:propfind xmlns:A="DAV:">
  <A:prop>
    <B:calendar-home-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <B:calendar-user-address-set xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:current-user-principal/>
    <A:displayname/>
    <C:dropbox-home-URL xmlns:C="http://calendarserver.org/ns/"/>
    <C:email-address-set xmlns:C="http://calendarserver.org/ns/"/>
    <A:principal-collection-set/>
    <A:principal-URL/>
    <A:resource-id/>
    <B:schedule-inbox-URL xmlns:B="urn:ietf:params:xml:ns:caldav"/>
    <A:supported-report-set/>
  </A:prop>
</A:propfind>
"#,
        "C:calendar-home-set C:calendar-user-address-set D:current-user-principal D:displayname \
         CS:dropbox-home-URL CS:email-address-set D:principal-collection-set D:principal-URL D:resource-id \
         C:schedule-inbox-URL D:supported-report-set",
    );
}

#[test]
fn davx5_thunderbird_and_kde_ask_in_their_ways() {
    asks_for(
        "<?xml version='1.0' encoding='UTF-8' ?><propfind xmlns=\"DAV:\" xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\" \
         xmlns:CARD=\"urn:ietf:params:xml:ns:carddav\"><prop><resourcetype /><displayname />\
         <CARD:addressbook-home-set /><CAL:calendar-home-set /><group-membership /></prop></propfind>",
        "D:resourcetype D:displayname CARD:addressbook-home-set C:calendar-home-set D:group-membership",
    );
    asks_for(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<D:propfind xmlns:D='DAV:' xmlns:CS='http://calendarserver.org/ns/' \
         xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:resourcetype/><D:owner/><D:current-user-principal/>\
         <D:current-user-privilege-set/><D:supported-report-set/><C:supported-calendar-component-set/><CS:getctag/>\
         </D:prop></D:propfind>",
        "D:resourcetype D:owner D:current-user-principal D:current-user-privilege-set D:supported-report-set \
         C:supported-calendar-component-set CS:getctag",
    );
    asks_for(
        "<propfind xmlns=\"DAV:\"><prop><displayname/><resourcetype/>\
         <supported-calendar-component-set xmlns=\"urn:ietf:params:xml:ns:caldav\"/>\
         <calendar-color xmlns=\"http://apple.com/ns/ical/\"/><current-user-privilege-set/></prop></propfind>",
        "D:displayname D:resourcetype C:supported-calendar-component-set A:calendar-color \
         D:current-user-privilege-set",
    );
}

/// In the manner of iOS: calendars are made under a path that the client picks.
#[test]
fn ios_makes_a_calendar() {
    let body = r##"<?xml version="1.0" encoding="UTF-8"?>
<B:mkcalendar xmlns:B="urn:ietf:params:xml:ns:caldav">
  <A:set xmlns:A="DAV:">
    <A:prop>
      <A:displayname>Café &amp; Kuchen</A:displayname>
      <B:supported-calendar-component-set><B:comp name="VEVENT"/></B:supported-calendar-component-set>
      <D:calendar-color xmlns:D="http://apple.com/ns/ical/" symbolic-color="custom">#FF2968FF</D:calendar-color>
      <D:calendar-order xmlns:D="http://apple.com/ns/ical/">4</D:calendar-order>
      <B:calendar-timezone>BEGIN:VCALENDAR&#13;
END:VCALENDAR&#13;
</B:calendar-timezone>
      <B:schedule-calendar-transp><B:opaque/></B:schedule-calendar-transp>
    </A:prop>
  </A:set>
</B:mkcalendar>"##;
    let made = MakeCollection::parse_mkcalendar(body.as_bytes()).unwrap();
    let read = |element| Property::from_name(dav_wire::xml::Element::name(element)).unwrap().read(element);
    let values: Vec<_> = made.properties.iter().map(|element| read(element).unwrap()).collect();
    let expected = [
        Value::Text("Café & Kuchen".into()),
        Value::Components(vec![Component::Event]),
        Value::Text("#FF2968FF".into()),
        Value::Integer(4),
        Value::Text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".into()),
        Value::Transparency(Transparency::Opaque),
    ];
    assert_eq!(values, expected);
    assert_eq!(made.resource_types(), Ok(Vec::new()));
}

/// In the manner of DAVx5 and of the Python library caldav: extended MKCOL. RFC 5689 section 4.1.
#[test]
fn davx5_makes_collections_by_mkcol() {
    let body = "<?xml version='1.0' encoding='UTF-8' ?><mkcol xmlns=\"DAV:\" \
        xmlns:CAL=\"urn:ietf:params:xml:ns:caldav\"><set><prop><resourcetype><collection /><CAL:calendar />\
        </resourcetype><displayname>Work</displayname></prop></set></mkcol>";
    let made = MakeCollection::parse_mkcol(body.as_bytes()).unwrap();
    assert_eq!(made.resource_types(), Ok(vec![ResourceType::Collection, ResourceType::Calendar]));
    assert_eq!(made.properties[1].name(), dav::DISPLAYNAME);
}

/// In the manner of macOS: order and colour are changed in one request, after a drag in the list.
#[test]
fn macos_sets_and_removes_properties() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
<A:propertyupdate xmlns:A="DAV:">
  <A:set><A:prop><D:calendar-order xmlns:D="http://apple.com/ns/ical/">7</D:calendar-order></A:prop></A:set>
  <A:remove><A:prop><B:calendar-timezone xmlns:B="urn:ietf:params:xml:ns:caldav"/></A:prop></A:remove>
</A:propertyupdate>"#;
    let [Instruction::Set(order), Instruction::Remove(zone)] =
        &PropPatch::parse(body.as_bytes()).unwrap().instructions[..]
    else {
        panic!()
    };
    assert_eq!(Property::CalendarOrder.read(order), Ok(Value::Integer(7)));
    assert_eq!(zone.name(), Property::CalendarTimezone.name());
}

/// In the manner of macOS: who lets me see and change their calendars. RFC 3253 section 3.8.
#[test]
fn macos_expands_proxies() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
<A:expand-property xmlns:A="DAV:">
  <A:property name="calendar-proxy-read-for" namespace="http://calendarserver.org/ns/">
    <A:property name="email-address-set" namespace="http://calendarserver.org/ns/"/>
    <A:property name="displayname" namespace="DAV:"/>
  </A:property>
  <A:property name="calendar-proxy-write-for" namespace="http://calendarserver.org/ns/"/>
  <A:property name="displayname"/>
</A:expand-property>"#;
    let Ok(Report::ExpandProperty(report)) = Report::parse(body.as_bytes()) else { panic!() };
    let outer: Vec<_> = report.properties.iter().map(|property| property.name.clone()).collect();
    assert_eq!(outer, names("CS:calendar-proxy-read-for CS:calendar-proxy-write-for D:displayname"));
    let inner: Vec<_> =
        report.properties[0].properties.iter().map(|property| property.name.clone()).collect();
    assert_eq!(inner, names("CS:email-address-set D:displayname"));
}

/// In the manner of macOS: the field for attendees.
#[test]
fn macos_searches_people() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
<C:calendarserver-principal-search xmlns:C="http://calendarserver.org/ns/" context="attendee">
  <C:search-token>anna</C:search-token><C:search-token>berg</C:search-token>
  <C:limit><C:nresults>50</C:nresults></C:limit>
  <A:prop xmlns:A="DAV:"><A:displayname/><C:email-address-set/></A:prop>
</C:calendarserver-principal-search>"#;
    let Ok(Report::CalendarServerPrincipalSearch(search)) = Report::parse(body.as_bytes()) else { panic!() };
    assert_eq!(search.context, Some(SearchContext::Attendee));
    assert_eq!(search.tokens, ["anna", "berg"]);
    assert_eq!(search.limit, Some(50));
    assert_eq!(search.properties, PropFind::Prop(names("D:displayname CS:email-address-set")));
}

/// In the manner of older macOS and of KDE. RFC 3744 section 9.4.
#[test]
fn principals_are_searched_by_property() {
    let body = r#"<A:principal-property-search xmlns:A="DAV:" test="anyof">
  <A:property-search><A:prop><A:displayname/></A:prop><A:match match-type="starts-with">anna</A:match></A:property-search>
  <A:property-search><A:prop><B:calendar-user-address-set xmlns:B="urn:ietf:params:xml:ns:caldav"/></A:prop>
    <A:match> mailto:anna@a.test </A:match></A:property-search>
  <A:prop><A:displayname/></A:prop>
  <A:apply-to-principal-collection-set/>
</A:principal-property-search>"#;
    let Ok(Report::PrincipalPropertySearch(search)) = Report::parse(body.as_bytes()) else { panic!() };
    assert_eq!(search.test, Test::AnyOf);
    assert!(search.in_all_collections);
    assert_eq!((search.limit, search.user_type), (None, None));
    assert_eq!(search.searches[0].properties, names("D:displayname"));
    assert_eq!(search.searches[0].match_type, MatchType::StartsWith);
    assert_eq!(search.searches[1].text, "mailto:anna@a.test");
    assert_eq!(search.searches[1].match_type, MatchType::Contains);

    let rooms = body.replace("test=\"anyof\"", "type=\"room\"");
    let Ok(Report::PrincipalPropertySearch(search)) = Report::parse(rooms.as_bytes()) else { panic!() };
    assert_eq!(search.user_type, Some(dav_wire::property::UserType::Room));

    let all = body.replace(" test=\"anyof\"", "").replace("<A:apply-to-principal-collection-set/>", "");
    let Ok(Report::PrincipalPropertySearch(search)) = Report::parse(all.as_bytes()) else { panic!() };
    assert_eq!(search.test, Test::AllOf);
    assert!(!search.in_all_collections);
    let no_match = "<principal-property-search xmlns='DAV:'><property-search/></principal-property-search>";
    assert!(Report::parse(no_match.as_bytes()).is_err());
}

/// What Python's `caldav` sends to list everybody.
#[test]
fn everybody_is_asked_for_by_no_search_and_names_beside_prop() {
    let body = r#"<D:principal-property-search xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
  <D:prop/><C:calendar-home-set/><D:displayname/></D:principal-property-search>"#;
    let Ok(Report::PrincipalPropertySearch(search)) = Report::parse(body.as_bytes()) else { panic!() };
    assert_eq!(search.searches, []);
    assert_eq!(search.properties, PropFind::Prop(names("C:calendar-home-set D:displayname")));
    let within = body.replace("<D:prop/>", "<D:prop><D:owner/></D:prop>");
    let Ok(Report::PrincipalPropertySearch(search)) = Report::parse(within.as_bytes()) else { panic!() };
    assert_eq!(search.properties, PropFind::Prop(names("D:owner")));
}

// RFC 3744 sections 9.2, 9.3 and 9.5.
#[test]
fn the_other_reports_on_principals() {
    let parse = |body: &str| Report::parse(body.as_bytes());
    let Ok(Report::PrincipalMatch(found)) =
        parse("<D:principal-match xmlns:D='DAV:'><D:self/><D:prop><D:owner/></D:prop></D:principal-match>")
    else {
        panic!()
    };
    assert_eq!(found.of, SelfMatch::Principal);
    assert_eq!(found.properties, PropFind::Prop(names("D:owner")));
    let Ok(Report::PrincipalMatch(found)) = parse(
        "<D:principal-match xmlns:D='DAV:'><D:principal-property><D:owner/></D:principal-property></D:principal-match>",
    ) else {
        panic!()
    };
    assert_eq!(found.of, SelfMatch::Property(names("D:owner").remove(0)));
    assert!(parse("<D:principal-match xmlns:D='DAV:'/>").is_err());

    let set = "<D:principal-search-property-set xmlns:D='DAV:'/>";
    assert_eq!(parse(set), Ok(Report::PrincipalSearchPropertySet));
    let acl = "<D:acl-principal-prop-set xmlns:D='DAV:'><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>";
    assert_eq!(parse(acl), Ok(Report::AclPrincipalPropSet(PropFind::Prop(names("D:displayname")))));
}
