//! What clients get, byte for byte.

use dav_wire::property::{
    Ace, AcePrincipal, AclRestrictions, BulkLimits, Component, MediaType, Privilege, ReportName,
    ResourceType, SupportedPrivilege, Transparency, UserType,
};
use dav_wire::xml::{Element, Limits, parse};
use dav_wire::{
    Detail, ETag, ExpandedResponse, HomeMarks, MultiStatus, Precondition, Property, PropertyAnswer, Status,
    SyncToken, Value, collation::Collation, mkcalendar_response, mkcol_response, name::QName,
    principal_search_property_set,
};
use vocabulary::{ItemId, ModSeq};

use crate::seconds;

const ROOT: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\" \
    xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:CARD=\"urn:ietf:params:xml:ns:carddav\" \
    xmlns:CS=\"http://calendarserver.org/ns/\" xmlns:A=\"http://apple.com/ns/ical/\">";
const OK: &str = "<D:status>HTTP/1.1 200 OK</D:status>";

fn multistatus(detail: Detail, write: impl FnOnce(&mut MultiStatus)) -> String {
    let mut answer = MultiStatus::new(detail);
    write(&mut answer);
    let text = String::from_utf8(answer.finish()).unwrap();
    parse(text.as_bytes(), &Limits::REPORT).unwrap();
    let content = text.strip_prefix(ROOT).unwrap();
    content.strip_suffix("</D:multistatus>").unwrap_or(content).to_owned()
}

/// One property as it stands in an answer.
fn property(name: impl Into<QName>, value: Value) -> String {
    let text =
        multistatus(Detail::Full, |answer| answer.response("/", &[PropertyAnswer::value(name, value)]));
    let text = text.strip_prefix("<D:response><D:href>/</D:href><D:propstat><D:prop>").unwrap();
    text.strip_suffix(&format!("</D:prop>{OK}</D:propstat></D:response>")).unwrap().to_owned()
}

// RFC 4918 section 13, RFC 8144 section 2.1.
#[test]
fn properties_are_grouped_by_status() {
    let unknown = QName::new("urn:x&y", "z").unwrap();
    let answers = [
        PropertyAnswer::missing(unknown),
        PropertyAnswer::value(Property::DisplayName, Value::Text("A&B".into())),
        PropertyAnswer::failed(Property::Acl, Status::FORBIDDEN, None),
        PropertyAnswer::missing(Property::CTag),
        PropertyAnswer::value(Property::CalendarOrder, Value::Integer(1)),
    ];
    let found = format!(
        "<D:response><D:href>/a/</D:href><D:propstat><D:prop><D:displayname>A&amp;B</D:displayname>\
         <A:calendar-order>1</A:calendar-order></D:prop>{OK}</D:propstat>"
    );
    let missing = "<D:propstat><D:prop><X6:z xmlns:X6=\"urn:x&amp;y\"/><CS:getctag/></D:prop>\
                   <D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
    let forbidden =
        "<D:propstat><D:prop><D:acl/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status></D:propstat>";
    let end = "</D:response>";

    let full = multistatus(Detail::Full, |answer| answer.response("/a/", &answers));
    assert_eq!(full, format!("{found}{missing}{forbidden}{end}"));
    let minimal = multistatus(Detail::Minimal, |answer| answer.response("/a/", &answers));
    assert_eq!(minimal, format!("{found}{forbidden}{end}"));
}

// RFC 4918 section 14.24, RFC 6578 section 3.5.1, RFC 8144 section 2.1.
#[test]
fn a_response_always_has_a_propstat() {
    let expected =
        format!("<D:response><D:href>/a</D:href><D:propstat><D:prop/>{OK}</D:propstat></D:response>");
    assert_eq!(multistatus(Detail::Full, |answer| answer.response("/a", &[])), expected);
    let missing = [PropertyAnswer::missing(Property::Owner)];
    assert_eq!(multistatus(Detail::Minimal, |answer| answer.response("/a", &missing)), expected);
}

// RFC 4918 section 9.2.
#[test]
fn a_failed_proppatch_says_which_and_why() {
    let why = Precondition::CannotModifyProtectedProperty;
    let answers = [
        PropertyAnswer::failed(Property::ETag, Status::FORBIDDEN, Some(why.clone())),
        PropertyAnswer::failed(Property::DisplayName, Status::FAILED_DEPENDENCY, None),
        PropertyAnswer::failed(Property::CTag, Status::FORBIDDEN, Some(why)),
    ];
    let expected = "<D:response><D:href>/</D:href><D:propstat><D:prop><D:getetag/><CS:getctag/></D:prop>\
        <D:status>HTTP/1.1 403 Forbidden</D:status><D:error><D:cannot-modify-protected-property/></D:error>\
        </D:propstat><D:propstat><D:prop><D:displayname/></D:prop><D:status>HTTP/1.1 424 Failed Dependency\
        </D:status></D:propstat></D:response>";
    assert_eq!(multistatus(Detail::Full, |answer| answer.response("/", &answers)), expected);
}

// RFC 4918 section 9.2, RFC 4791 section 9.3, RFC 5689 section 5.2.
#[test]
fn success_and_creation_give_names_only() {
    let done = [PropertyAnswer::done(Property::DisplayName)];
    let propstat = format!("<D:propstat><D:prop><D:displayname/></D:prop>{OK}</D:propstat>");
    let expected = format!("<D:response><D:href>/</D:href>{propstat}</D:response>");
    assert_eq!(multistatus(Detail::Full, |answer| answer.response("/", &done)), expected);
    for (body, root) in
        [(mkcol_response(&done), "D:mkcol-response"), (mkcalendar_response(&done), "C:mkcalendar-response")]
    {
        let body = String::from_utf8(body).unwrap();
        assert!(body.ends_with(&format!("{propstat}</{root}>")), "{body}");
        assert!(body.contains(&format!("\n<{root} xmlns:")), "{body}");
    }
}

// RFC 6578 sections 3.5.2, 3.6 and 6.4.
#[test]
fn a_synchronisation_ends_with_its_token() {
    let etag = Value::Text(ETag { item: ItemId(7), content: ModSeq(9) }.to_string());
    let token = SyncToken::Home { shared: 1, told: HomeMarks { modseq: 2, shared: 3 }, pass: None };
    let text = multistatus(Detail::Full, |answer| {
        answer.response("/c/a.ics", &[PropertyAnswer::value(Property::ETag, etag)]);
        answer.status("/c/b.ics", Status::NOT_FOUND, None);
        answer.status("/c/", Status::INSUFFICIENT_STORAGE, Some(&Precondition::NumberOfMatchesWithinLimits));
        answer.sync_token(&token.to_string());
    });
    let expected = format!(
        "<D:response><D:href>/c/a.ics</D:href><D:propstat><D:prop><D:getetag>\"7-9\"</D:getetag></D:prop>{OK}\
         </D:propstat></D:response>\
         <D:response><D:href>/c/b.ics</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\
         <D:response><D:href>/c/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>\
         <D:error><D:number-of-matches-within-limits/></D:error></D:response>\
         <D:sync-token>data:,kontor/homes/1/2/3</D:sync-token>"
    );
    assert_eq!(text, expected);
}

// Apple's bulk changes, section 3: an object that was not made has no path.
#[test]
fn what_was_not_made_is_told_by_its_uid() {
    let why = Precondition::NoUidConflict("/c/a.ics".to_owned());
    let text = multistatus(Detail::Full, |answer| {
        answer.not_made(Some("u&1"), why.status(), Some(&why));
        answer.not_made(None, Status::FORBIDDEN, None);
    });
    let expected = "<D:response><D:href/><D:status>HTTP/1.1 403 Forbidden</D:status><D:error><C:no-uid-conflict>\
         <D:href>/c/a.ics</D:href></C:no-uid-conflict><CS:uid>u&amp;1</CS:uid></D:error></D:response>\
         <D:response><D:href/><D:status>HTTP/1.1 403 Forbidden</D:status></D:response>";
    assert_eq!(text, expected);
}

#[test]
fn limits_of_bulk_requests_stand_in_a_namespace_of_their_own() {
    let limits = Value::BulkRequests(BulkLimits { resources_max: 5, bytes_max: 70 });
    let text = multistatus(Detail::Full, |answer| {
        answer.response("/c/", &[PropertyAnswer::value(Property::BulkRequests, limits)]);
    });
    let document = parse(format!("{ROOT}{text}</D:multistatus>").as_bytes(), &Limits::REPORT).unwrap();
    let mut below = &document;
    let path = ["response", "propstat", "prop", "bulk-requests"];
    for name in path {
        below = below.children().find(|child| child.name().local() == name).unwrap();
    }
    assert_eq!(below.name().namespace(), "http://me.com/_namespace/");
    let kinds: Vec<_> = below.children().collect();
    assert_eq!(kinds.iter().map(|kind| kind.name().local()).collect::<Vec<_>>(), ["simple", "crud"]);
    for kind in kinds {
        let numbers: Vec<_> = kind.children().map(Element::text).collect();
        assert_eq!(numbers, ["5", "70"]);
    }
}

#[test]
fn an_answer_can_be_taken_piece_by_piece() {
    let mut whole = MultiStatus::new(Detail::Full);
    let mut pieces = MultiStatus::new(Detail::Full);
    let mut taken = pieces.take();
    assert!(taken.ends_with(b">"));
    for href in ["/a", "/b", "/c"] {
        whole.response(href, &[]);
        pieces.response(href, &[]);
        taken.extend(pieces.take());
    }
    taken.extend(pieces.finish());
    assert_eq!(taken, whole.finish());
}

#[test]
fn each_kind_of_value_has_its_form() {
    let moment = seconds(784_111_777);
    let data = |text: &str, media| Value::Data { text: text.into(), media };
    for (name, value, expected) in [
        (Property::SupportedLock, Value::Empty, "<D:supportedlock/>"),
        (Property::ContentLength, Value::Integer(12), "<D:getcontentlength>12</D:getcontentlength>"),
        (
            Property::LastModified,
            Value::HttpDate(moment),
            "<D:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</D:getlastmodified>",
        ),
        (
            Property::CreationDate,
            Value::DateTime(moment),
            "<D:creationdate>1994-11-06T08:49:37Z</D:creationdate>",
        ),
        (
            Property::MinDateTime,
            Value::UtcDateTime(moment),
            "<C:min-date-time>19941106T084937Z</C:min-date-time>",
        ),
        (Property::Owner, Value::Href("/p/a&b/".into()), "<D:owner><D:href>/p/a&amp;b/</D:href></D:owner>"),
        (
            Property::CalendarHomeSet,
            Value::Hrefs(vec!["/a/".into(), "/b/".into()]),
            "<C:calendar-home-set><D:href>/a/</D:href><D:href>/b/</D:href></C:calendar-home-set>",
        ),
        (
            Property::CurrentUserPrincipal,
            Value::Unauthenticated,
            "<D:current-user-principal><D:unauthenticated/></D:current-user-principal>",
        ),
        (
            Property::ResourceType,
            Value::ResourceTypes(vec![
                ResourceType::Collection,
                ResourceType::Calendar,
                ResourceType::Subscribed,
            ]),
            "<D:resourcetype><D:collection/><C:calendar/><CS:subscribed/></D:resourcetype>",
        ),
        (
            Property::CurrentUserPrivilegeSet,
            Value::Privileges(vec![Privilege::Read, Privilege::ReadFreeBusy]),
            "<D:current-user-privilege-set><D:privilege><D:read/></D:privilege><D:privilege><C:read-free-busy/>\
             </D:privilege></D:current-user-privilege-set>",
        ),
        (
            Property::AclRestrictions,
            Value::AclRestrictions(AclRestrictions { grant_only: true, no_invert: true }),
            "<D:acl-restrictions><D:grant-only/><D:no-invert/></D:acl-restrictions>",
        ),
        (
            Property::SupportedMethodSet,
            Value::Methods(vec!["GET", "PUT"]),
            "<D:supported-method-set><D:supported-method name=\"GET\"/><D:supported-method name=\"PUT\"/>\
             </D:supported-method-set>",
        ),
        (
            Property::SupportedLivePropertySet,
            Value::LiveProperties(vec![Property::ETag, Property::CTag]),
            "<D:supported-live-property-set><D:supported-live-property><D:prop><D:getetag/></D:prop>\
             </D:supported-live-property><D:supported-live-property><D:prop><CS:getctag/></D:prop>\
             </D:supported-live-property></D:supported-live-property-set>",
        ),
        (
            Property::SupportedReportSet,
            Value::Reports(vec![ReportName::SyncCollection, ReportName::CalendarQuery]),
            "<D:supported-report-set><D:supported-report><D:report><D:sync-collection/></D:report>\
             </D:supported-report><D:supported-report><D:report><C:calendar-query/></D:report></D:supported-report>\
             </D:supported-report-set>",
        ),
        (
            Property::SupportedCalendarComponentSet,
            Value::Components(vec![Component::Event, Component::ToDo]),
            "<C:supported-calendar-component-set><C:comp name=\"VEVENT\"/><C:comp name=\"VTODO\"/>\
             </C:supported-calendar-component-set>",
        ),
        (
            Property::SupportedCalendarComponentSets,
            Value::ComponentSets(vec![vec![Component::Event], vec![Component::ToDo]]),
            "<C:supported-calendar-component-sets><C:supported-calendar-component-set><C:comp name=\"VEVENT\"/>\
             </C:supported-calendar-component-set><C:supported-calendar-component-set><C:comp name=\"VTODO\"/>\
             </C:supported-calendar-component-set></C:supported-calendar-component-sets>",
        ),
        (
            Property::SupportedCalendarData,
            Value::MediaTypes(vec![MediaType::ICALENDAR]),
            "<C:supported-calendar-data><C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>\
             </C:supported-calendar-data>",
        ),
        (
            Property::SupportedAddressData,
            Value::MediaTypes(vec![MediaType::VCARD_3, MediaType::VCARD_4]),
            "<CARD:supported-address-data><CARD:address-data-type content-type=\"text/vcard\" version=\"3.0\"/>\
             <CARD:address-data-type content-type=\"text/vcard\" version=\"4.0\"/></CARD:supported-address-data>",
        ),
        (
            Property::CalendarCollationSet,
            Value::Collations(vec![Collation::Octet]),
            "<C:supported-collation-set><C:supported-collation>i;octet</C:supported-collation></C:supported-collation-set>",
        ),
        (
            Property::CardCollationSet,
            Value::Collations(vec![Collation::UnicodeCasemap]),
            "<CARD:supported-collation-set><CARD:supported-collation>i;unicode-casemap</CARD:supported-collation>\
             </CARD:supported-collation-set>",
        ),
        (
            Property::SupportedRscaleSet,
            Value::Rscales(vec!["GREGORIAN", "CHINESE"]),
            "<C:supported-rscale-set><C:supported-rscale>GREGORIAN</C:supported-rscale>\
             <C:supported-rscale>CHINESE</C:supported-rscale></C:supported-rscale-set>",
        ),
        (
            Property::EmailAddressSet,
            Value::EmailAddresses(vec!["anna@a.test".into()]),
            "<CS:email-address-set><CS:email-address>anna@a.test</CS:email-address></CS:email-address-set>",
        ),
        (
            Property::ScheduleCalendarTransp,
            Value::Transparency(Transparency::Transparent),
            "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>",
        ),
        (
            Property::CalendarUserType,
            Value::UserType(UserType::Room),
            "<C:calendar-user-type>ROOM</C:calendar-user-type>",
        ),
        (
            Property::CalendarData,
            data("A:]]>\r\n\t<b>\u{8}\u{1F600}\u{FFFF}\u{FF21}\u{7F}", None),
            "<C:calendar-data>A:]]&gt;&#13;\n\t&lt;b&gt;\u{FFFD}\u{1F600}\u{FFFD}\u{FF21}\u{7F}</C:calendar-data>",
        ),
        (
            Property::AddressData,
            data("B", Some(MediaType::VCARD_4)),
            "<CARD:address-data content-type=\"text/vcard\" version=\"4.0\">B</CARD:address-data>",
        ),
    ] {
        assert_eq!(property(name, value), expected);
    }
}

// RFC 3744 sections 5.3 and 5.5.
#[test]
fn access_control_is_told_as_rfc_3744_has_it() {
    let ace = |principal, grant| Ace { principal, grant, is_protected: false, inherited_from: None };
    let owner = AcePrincipal::Property(Property::Owner.into());
    let entries = vec![
        Ace { is_protected: true, ..ace(owner, vec![Privilege::All]) },
        Ace {
            inherited_from: Some("/a/".into()),
            ..ace(AcePrincipal::Href("/p/".into()), vec![Privilege::Read])
        },
        ace(AcePrincipal::Authenticated, vec![Privilege::ReadFreeBusy]),
    ];
    assert_eq!(
        property(Property::Acl, Value::Acl(entries)),
        "<D:acl><D:ace><D:principal><D:property><D:owner/></D:property></D:principal><D:grant><D:privilege><D:all/>\
         </D:privilege></D:grant><D:protected/></D:ace><D:ace><D:principal><D:href>/p/</D:href></D:principal>\
         <D:grant><D:privilege><D:read/></D:privilege></D:grant><D:inherited><D:href>/a/</D:href></D:inherited>\
         </D:ace><D:ace><D:principal><D:authenticated/></D:principal><D:grant><D:privilege><C:read-free-busy/>\
         </D:privilege></D:grant></D:ace></D:acl>"
    );
    let leaf = |privilege, description| SupportedPrivilege {
        privilege,
        is_abstract: true,
        description,
        contains: Vec::new(),
    };
    let all = SupportedPrivilege {
        is_abstract: false,
        contains: vec![leaf(Privilege::Read, "Read")],
        ..leaf(Privilege::All, "Everything")
    };
    assert_eq!(
        property(Property::SupportedPrivilegeSet, Value::SupportedPrivileges(vec![all])),
        "<D:supported-privilege-set><D:supported-privilege><D:privilege><D:all/></D:privilege>\
         <D:description xml:lang=\"en\">Everything</D:description><D:supported-privilege><D:privilege><D:read/>\
         </D:privilege><D:abstract/><D:description xml:lang=\"en\">Read</D:description></D:supported-privilege>\
         </D:supported-privilege></D:supported-privilege-set>"
    );
}

// RFC 3253 section 3.8.
#[test]
fn an_expanded_property_holds_responses() {
    let inner = ExpandedResponse {
        href: "/p/".into(),
        properties: vec![PropertyAnswer::value(Property::DisplayName, Value::Text("P".into()))],
    };
    assert_eq!(
        property(Property::CalendarProxyReadFor, Value::Responses(vec![inner])),
        format!(
            "<CS:calendar-proxy-read-for><D:response><D:href>/p/</D:href><D:propstat><D:prop><D:displayname>P\
             </D:displayname></D:prop>{OK}</D:propstat></D:response></CS:calendar-proxy-read-for>"
        )
    );
}

/// In the manner of litmus, `propvalnspace` and `propnullns`.
#[test]
fn dead_properties_keep_their_namespaces() {
    let dead = |text: &str| {
        let element = Element::decode(text).unwrap();
        property(element.name.clone(), Value::Dead(element))
    };
    assert_eq!(
        dead("<b xmlns='urn:b' xml:lang='de'><t:f xmlns:t='urn:t' t:a='1'/><t:f xmlns:t='urn:t'/></b>"),
        "<X6:b xmlns:X6=\"urn:b\" xml:lang=\"de\"><X7:f xmlns:X7=\"urn:t\" X7:a=\"1\"/><X7:f xmlns:X7=\"urn:t\"/></X6:b>"
    );
    assert_eq!(dead("<n>v<D:x xmlns:D='DAV:'/></n>"), "<n>v<D:x/></n>");
}

// RFC 3744 section 9.5.
#[test]
fn clients_learn_what_can_be_searched() {
    let body = principal_search_property_set(&[(Property::DisplayName, "Name")]);
    let expected = "<D:principal-search-property><D:prop><D:displayname/></D:prop><D:description xml:lang=\"en\">\
        Name</D:description></D:principal-search-property></D:principal-search-property-set>";
    assert!(String::from_utf8(body).unwrap().ends_with(expected));
}
