//! Reports on calendars: RFC 4791 section 7.

use dav_wire::collation::{Collation, MatchType};
use dav_wire::method::PropFind;
use dav_wire::property::MediaType;
use dav_wire::report::{
    CalendarDataRequest, CalendarQuery, ComponentCondition, ComponentFilter, ComponentSelection, Multiget,
    ParameterCondition, ParameterFilter, PropertyCondition, PropertyFilter, PropertySelection, Recurrences,
    Report, TextMatch, TimeZone, ValueTest,
};
use dav_wire::{Precondition, RequestError, Status, TimeRange, TimeSpan};

use crate::{names, seconds};

/// 2006-01-04T00:00:00Z and a day later.
const START: i64 = 1_136_332_800;
const END: i64 = START + 86_400;

fn query(body: &str) -> Result<CalendarQuery, RequestError> {
    match Report::parse(body.as_bytes())? {
        Report::CalendarQuery(query) => Ok(query),
        other => panic!("{other:?}"),
    }
}

fn filter(content: &str) -> Result<ComponentFilter, RequestError> {
    query(&format!(
        "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'>{content}</C:calendar-query>"
    ))
    .map(|query| query.filter)
}

fn span() -> TimeSpan {
    TimeSpan { start: seconds(START), end: seconds(END) }
}

fn component(
    name: &str,
    time_range: Option<TimeRange>,
    properties: Vec<PropertyFilter>,
    components: Vec<ComponentFilter>,
) -> ComponentFilter {
    ComponentFilter {
        name: name.into(),
        condition: ComponentCondition::Defined { time_range, properties, components },
    }
}

fn calendar(components: Vec<ComponentFilter>) -> ComponentFilter {
    component("VCALENDAR", None, Vec::new(), components)
}

fn property(name: &str, value: Option<ValueTest>, parameters: Vec<ParameterFilter>) -> PropertyFilter {
    PropertyFilter { name: name.into(), condition: PropertyCondition::Defined { value, parameters } }
}

fn text(text: &str, collation: Collation, negate: bool) -> TextMatch {
    TextMatch::new(text, collation, MatchType::Contains, negate)
}

/// In the manner of macOS and Thunderbird: ETags of the events of a month.
#[test]
fn macos_asks_for_the_events_of_a_time_range() {
    let found = query(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<B:calendar-query xmlns:B="urn:ietf:params:xml:ns:caldav">
  <A:prop xmlns:A="DAV:"><A:getetag/><A:resourcetype/></A:prop>
  <B:filter>
    <B:comp-filter name="VCALENDAR">
      <B:comp-filter name="VEVENT">
        <B:time-range start="20060104T000000Z" end="20060105T000000Z"/>
      </B:comp-filter>
    </B:comp-filter>
  </B:filter>
</B:calendar-query>"#,
    )
    .unwrap();
    let range = TimeRange { start: Some(seconds(START)), end: Some(seconds(END)) };
    assert_eq!(found.filter, calendar(vec![component("VEVENT", Some(range), vec![], vec![])]));
    assert_eq!(found.properties.selection, PropFind::Prop(names("D:getetag D:resourcetype")));
    assert_eq!(found.properties.calendar_data, None);
    assert_eq!(found.time_zone, None);
}

/// In the manner of DAVx5: open at one end. RFC 4791 section 9.9.
#[test]
fn davx5_asks_for_everything_since() {
    let found = filter(
        "<D:prop><D:getetag /></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter \
         name=\"VEVENT\"><C:time-range start=\"20060104T000000Z\" /></C:comp-filter></C:comp-filter></C:filter>",
    );
    let range = TimeRange { start: Some(seconds(START)), end: None };
    assert_eq!(found, Ok(calendar(vec![component("VEVENT", Some(range), vec![], vec![])])));
}

/// In the manner of KDE and of the Python library caldav: all of a kind, and all that is not done.
#[test]
fn open_tasks_are_those_without_completion() {
    let found = filter(
        r#"<C:filter><C:comp-filter name="vcalendar"><C:comp-filter name="VTODO">
             <C:prop-filter name="COMPLETED"><C:is-not-defined/></C:prop-filter>
             <C:prop-filter name="STATUS"><C:text-match negate-condition="yes">CANCELLED</C:text-match></C:prop-filter>
             <C:prop-filter name="SUMMARY"/>
           </C:comp-filter></C:comp-filter></C:filter>"#,
    );
    let cancelled = ValueTest::Text(text("CANCELLED", Collation::AsciiCasemap, true));
    let properties = vec![
        PropertyFilter { name: "COMPLETED".into(), condition: PropertyCondition::IsNotDefined },
        property("STATUS", Some(cancelled), vec![]),
        property("SUMMARY", None, vec![]),
    ];
    assert_eq!(found, Ok(calendar(vec![component("VTODO", None, properties, vec![])])));
}

/// RFC 4791 sections 7.8.5, 7.8.6 and 7.8.7 in one: alarms, UIDs, participation.
#[test]
fn a_filter_has_all_its_parts() {
    let found = filter(
        r#"<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
             <C:prop-filter name="ATTENDEE">
               <C:text-match collation="i;octet">mailto:lisa@example.com</C:text-match>
               <C:param-filter name="partstat"><C:text-match collation="i;unicode-casemap">NEEDS-ACTION</C:text-match></C:param-filter>
               <C:param-filter name="CN"/>
               <C:param-filter name="X-A"><C:is-not-defined/></C:param-filter>
             </C:prop-filter>
             <C:prop-filter name="LAST-MODIFIED"><C:time-range end="20060105T000000Z"/></C:prop-filter>
             <C:comp-filter name="VALARM"><C:time-range start="20060104T000000Z"/></C:comp-filter>
             <C:comp-filter name="X-OTHER"><C:is-not-defined/></C:comp-filter>
           </C:comp-filter></C:comp-filter></C:filter>"#,
    );
    let parameter = |name: &str, condition| ParameterFilter { name: name.into(), condition };
    let needs_action = text("NEEDS-ACTION", Collation::UnicodeCasemap, false);
    let attendee = property(
        "ATTENDEE",
        Some(ValueTest::Text(text("mailto:lisa@example.com", Collation::Octet, false))),
        vec![
            parameter("PARTSTAT", ParameterCondition::Defined(Some(needs_action))),
            parameter("CN", ParameterCondition::Defined(None)),
            parameter("X-A", ParameterCondition::IsNotDefined),
        ],
    );
    let before = TimeRange { start: None, end: Some(seconds(END)) };
    let since = TimeRange { start: Some(seconds(START)), end: None };
    let modified = property("LAST-MODIFIED", Some(ValueTest::TimeRange(before)), vec![]);
    let alarm = component("VALARM", Some(since), vec![], vec![]);
    let other = ComponentFilter { name: "X-OTHER".into(), condition: ComponentCondition::IsNotDefined };
    let event = component("VEVENT", None, vec![attendee, modified], vec![alarm, other]);
    assert_eq!(found, Ok(calendar(vec![event])));
}

/// RFC 4791 section 7.8: each has its own name.
#[test]
fn a_wrong_filter_is_refused_by_name() {
    let inside = |content: &str| {
        format!(
            "<C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'>{content}</C:comp-filter></C:comp-filter></C:filter>"
        )
    };
    for (content, expected) in [
        (String::new(), Precondition::ValidFilter),
        ("<C:filter/>".into(), Precondition::ValidFilter),
        ("<C:filter><C:comp-filter name='VEVENT'/></C:filter>".into(), Precondition::ValidFilter),
        ("<C:filter><C:comp-filter/></C:filter>".into(), Precondition::ValidFilter),
        (
            "<C:filter><C:comp-filter name='VCALENDAR'/><C:comp-filter name='VCALENDAR'/></C:filter>".into(),
            Precondition::ValidFilter,
        ),
        (
            "<C:filter><C:comp-filter name='VCALENDAR'><C:time-range start='20060104T000000Z'/></C:comp-filter></C:filter>"
                .into(),
            Precondition::ValidFilter,
        ),
        ("<C:filter><C:prop-filter name='UID'/></C:filter>".into(), Precondition::SupportedFilter),
        (inside("<C:time-range/>"), Precondition::ValidFilter),
        (inside("<C:time-range start='20060104T000000'/>"), Precondition::ValidFilter),
        (
            inside("<C:time-range start='20060104T000000Z'/><C:time-range start='20060104T000000Z'/>"),
            Precondition::ValidFilter,
        ),
        (inside("<C:is-not-defined/><C:prop-filter name='UID'/>"), Precondition::ValidFilter),
        (inside("<C:prop-filter/>"), Precondition::ValidFilter),
        (inside("<C:prop-filter name=''/>"), Precondition::ValidFilter),
        (
            inside(
                "<C:prop-filter name='UID'><C:text-match negate-condition='maybe'>x</C:text-match></C:prop-filter>",
            ),
            Precondition::ValidFilter,
        ),
        (
            inside(
                "<C:prop-filter name='UID'><C:text-match>x</C:text-match><C:text-match>y</C:text-match></C:prop-filter>",
            ),
            Precondition::ValidFilter,
        ),
        (
            inside(
                "<C:prop-filter name='UID'><C:text-match collation='i;*'>x</C:text-match></C:prop-filter>",
            ),
            Precondition::SupportedCollation,
        ),
        (
            inside("<C:prop-filter name='UID'><D:text-match>x</D:text-match></C:prop-filter>"),
            Precondition::SupportedFilter,
        ),
        (
            inside(
                "<C:prop-filter name='UID'><C:param-filter name='X'><C:time-range/></C:param-filter></C:prop-filter>",
            ),
            Precondition::SupportedFilter,
        ),
        (inside("<C:loose-match/>"), Precondition::SupportedFilter),
    ] {
        let refused = filter(&content).unwrap_err();
        assert_eq!(refused.status(), Status::FORBIDDEN);
        assert_eq!(refused, RequestError::Refused(expected), "{content}");
    }
}

fn data(content: &str) -> Result<CalendarDataRequest, RequestError> {
    let body = format!(
        "<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop>{content}</D:prop>\
         <D:href>/a.ics</D:href></C:calendar-multiget>"
    );
    match Report::parse(body.as_bytes())? {
        Report::CalendarMultiget(report) => Ok(report.properties.calendar_data.unwrap()),
        other => panic!("{other:?}"),
    }
}

// RFC 4791 section 9.6.
#[test]
fn objects_can_be_asked_for_in_part() {
    let whole = CalendarDataRequest::default();
    let named = |name: &str, no_value| PropertySelection { name: name.into(), no_value };
    let selection =
        |name: &str, properties, components| ComponentSelection { name: name.into(), properties, components };
    for (content, expected) in [
        ("<C:calendar-data/>", whole.clone()),
        (
            "<C:calendar-data content-type='Text/Calendar; charset=utf-8' version='2.0'/>",
            CalendarDataRequest { media: Some(MediaType::ICALENDAR), ..whole.clone() },
        ),
        (
            "<C:calendar-data><C:expand start='20060104T000000Z' end='20060105T000000Z'/></C:calendar-data>",
            CalendarDataRequest { recurrences: Some(Recurrences::Expand(span())), ..whole.clone() },
        ),
        (
            "<C:calendar-data><C:limit-recurrence-set start='20060104T000000Z' end='20060105T000000Z'/>\
             <C:limit-freebusy-set start='20060104T000000Z' end='20060105T000000Z'/></C:calendar-data>",
            CalendarDataRequest {
                recurrences: Some(Recurrences::Limit(span())),
                free_busy: Some(span()),
                ..whole.clone()
            },
        ),
        (
            "<C:calendar-data><C:comp name='VCALENDAR'><C:prop name='VERSION'/><C:comp name='VEVENT'>\
             <C:prop name='summary'/><C:prop name='DESCRIPTION' novalue='yes'/></C:comp><C:comp name='VTIMEZONE'/>\
             <C:comp name='VTODO'><C:allprop/></C:comp><C:comp name='VJOURNAL'><C:allprop/><C:allcomp/></C:comp>\
             </C:comp></C:calendar-data>",
            CalendarDataRequest {
                component: Some(selection(
                    "VCALENDAR",
                    Some(vec![named("VERSION", false)]),
                    Some(vec![
                        selection(
                            "VEVENT",
                            Some(vec![named("SUMMARY", false), named("DESCRIPTION", true)]),
                            Some(vec![]),
                        ),
                        selection("VTIMEZONE", None, None),
                        selection("VTODO", None, Some(vec![])),
                        selection("VJOURNAL", None, None),
                    ]),
                )),
                ..whole
            },
        ),
    ] {
        assert_eq!(data(content), Ok(expected), "{content}");
    }
    for bad in [
        "<C:calendar-data><C:expand start='20060104T000000Z'/></C:calendar-data>",
        "<C:calendar-data><C:comp/></C:calendar-data>",
        "<C:calendar-data><C:expand start='20060104T000000Z' end='20060105T000000Z'/>\
         <C:limit-recurrence-set start='20060104T000000Z' end='20060105T000000Z'/></C:calendar-data>",
    ] {
        assert_eq!(data(bad).unwrap_err().status(), Status::BAD_REQUEST, "{bad}");
    }
}

/// In the manner of vdirsyncer, which escapes little and lists many. RFC 4791 section 7.9.
#[test]
fn a_multiget_keeps_the_paths_as_they_came() {
    let body = "<?xml version='1.0' encoding='utf-8' ?><C:calendar-multiget xmlns='DAV:' \
         xmlns:C='urn:ietf:params:xml:ns:caldav'><prop><getetag/><C:calendar-data/></prop>\
         <href>/dav/anna@a.test/office/a%20b.ics</href><href>\n https://a.test/x&amp;y.ics </href><href>nonsense</href>\
         </C:calendar-multiget>";
    let Ok(Report::CalendarMultiget(Multiget { properties, hrefs })) = Report::parse(body.as_bytes()) else {
        panic!()
    };
    assert_eq!(hrefs, ["/dav/anna@a.test/office/a%20b.ics", "https://a.test/x&y.ics", "nonsense"]);
    assert_eq!(properties.selection, PropFind::Prop(names("D:getetag C:calendar-data")));
    assert_eq!(properties.calendar_data, Some(CalendarDataRequest::default()));
}

// RFC 4791 section 7.10.
#[test]
fn free_busy_needs_both_ends() {
    let body = |range| {
        format!("<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'>{range}</C:free-busy-query>")
    };
    let both = body("<C:time-range start='20060104T000000Z' end='20060105T000000Z'/>");
    let Ok(Report::FreeBusyQuery(report)) = Report::parse(both.as_bytes()) else { panic!() };
    assert_eq!(report.span, span());
    for bad in ["", "<C:time-range start='20060104T000000Z'/>"] {
        assert_eq!(Report::parse(body(bad).as_bytes()).unwrap_err().status(), Status::BAD_REQUEST, "{bad}");
    }
}

// RFC 4791 section 9.8, RFC 7809 section 6.2.
#[test]
fn floating_times_get_a_zone() {
    let zone = |content: &str| {
        query(&format!(
            "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:filter><C:comp-filter \
             name='VCALENDAR'/></C:filter>{content}</C:calendar-query>"
        ))
        .map(|query| query.time_zone)
    };
    assert_eq!(
        zone("<C:timezone><![CDATA[BEGIN:VCALENDAR\r\n]]></C:timezone>"),
        Ok(Some(TimeZone::Definition("BEGIN:VCALENDAR\n".into())))
    );
    assert_eq!(
        zone("<C:timezone-id> Europe/Berlin </C:timezone-id>"),
        Ok(Some(TimeZone::Id("Europe/Berlin".into())))
    );
}
