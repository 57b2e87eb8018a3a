//! The filter of calendar-query on one object: RFC 4791 sections 9.7 and 9.9.
//!
//! A time range and the other conditions of a component filter are asked of the same component: of a changed occurrence,
//! or of the series for all others. A liberty: an alarm of any component may ring in the time range of a VALARM filter.

use calendar::{ComponentKind, Moment, Object, Zone};
use content_line::{Document, Line, unescape};
use dav_wire::TimeRange;
use dav_wire::report::{
    ComponentCondition, ComponentFilter, ParameterCondition, ParameterFilter, PropertyCondition,
    PropertyFilter, ValueTest,
};
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use vocabulary::Timestamp;

/// A filter, and the zone in which floating times and dates lie: RFC 4791 section 7.3.
pub(crate) struct CalendarFilter {
    pub(crate) filter: ComponentFilter,
    pub(crate) zone: Zone,
}

impl CalendarFilter {
    pub(crate) fn matches(&self, bytes: &[u8]) -> bool {
        let Ok(document) = Document::parse(bytes) else { return false };
        let calendar = document.roots().find(|root| is_named(&document, *root, &self.filter.name));
        let (object, overlaps) = (OnceCell::new(), RefCell::default());
        let tested = Tested { bytes, document: &document, object, overlaps, zone: &self.zone };
        match (&self.filter.condition, calendar) {
            (ComponentCondition::IsNotDefined, calendar) => calendar.is_none(),
            (_, None) => false,
            (condition, Some(calendar)) => tested.component(condition, calendar, None),
        }
    }
}

/// The range of a query, open ends as far as they go.
pub(crate) fn range(range: &TimeRange) -> Range<Timestamp> {
    range.start.unwrap_or(Timestamp(i64::MIN))..range.end.unwrap_or(Timestamp(i64::MAX))
}

fn is_named(document: &Document<'_>, component: usize, name: &str) -> bool {
    document.component(component).is_some_and(|found| found.name().eq_ignore_ascii_case(name))
}

/// A time range, and what of an object is to touch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Overlap {
    kind: ComponentKind,
    /// An alarm of a component, not the component.
    of_alarm: bool,
    /// Whether it matters which of its components do.
    of_each: bool,
    start: Timestamp,
    end: Timestamp,
}

/// Which components of an object touch a time range, by the lines of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Touching {
    Every,
    These(Rc<HashSet<usize>>),
}

impl Touching {
    fn holds(&self, component: usize) -> bool {
        match self {
            Self::Every => true,
            Self::These(components) => components.contains(&component),
        }
    }
}

struct Tested<'t, 'b> {
    bytes: &'b [u8],
    document: &'t Document<'b>,
    /// Read for the first time range only.
    object: OnceCell<Option<Object>>,
    /// What is known of time ranges: they are asked of the object, and it may have very many components.
    overlaps: RefCell<HashMap<Overlap, Touching>>,
    zone: &'t Zone,
}

impl Tested<'_, '_> {
    /// RFC 4791 section 9.7.1. `parent`: the component that this one lies in.
    fn component(&self, condition: &ComponentCondition, component: usize, parent: Option<usize>) -> bool {
        let ComponentCondition::Defined { time_range, properties, components } = condition else {
            return false;
        };
        let has_more = !(properties.is_empty() && components.is_empty());
        time_range.as_ref().is_none_or(|range| self.lies_in(range, component, parent, has_more))
            && properties.iter().all(|filter| self.property(filter, component))
            && components.iter().all(|filter| self.has_component(filter, component))
    }

    fn has_component(&self, filter: &ComponentFilter, parent: usize) -> bool {
        let mut named =
            self.document.children(parent).filter(|child| is_named(self.document, *child, &filter.name));
        match &filter.condition {
            ComponentCondition::IsNotDefined => named.next().is_none(),
            condition => named.any(|child| self.component(condition, child, Some(parent))),
        }
    }

    /// RFC 4791 section 9.9.
    fn lies_in(
        &self,
        time_range: &TimeRange,
        component: usize,
        parent: Option<usize>,
        of_each: bool,
    ) -> bool {
        let Some(object) = self.object() else { return false };
        let kind = |index: usize| ComponentKind::by_name(self.document.component(index)?.name());
        let (kind, of_alarm) = match (kind(component), parent.and_then(kind)) {
            (Some(kind), _) => (kind, false),
            (None, Some(kind)) => (kind, true),
            (None, None) => return false,
        };
        let range = range(time_range);
        let asked = Overlap { kind, of_alarm, of_each, start: range.start, end: range.end };
        if let Some(known) = self.overlaps.borrow().get(&asked) {
            return known.holds(component);
        }
        let all_or_none = |touches| if touches { Touching::Every } else { Touching::These(Rc::default()) };
        let touching = match (of_alarm, of_each) {
            (true, _) => all_or_none(calendar::alarm_overlaps(object, kind, &range, self.zone)),
            // The first that is found is enough.
            (false, false) => all_or_none(calendar::overlaps(object, kind, &range, self.zone)),
            (false, true) => self.touching(object, kind, &range),
        };
        let holds = touching.holds(component);
        self.overlaps.borrow_mut().insert(asked, touching);
        holds
    }

    fn touching(&self, object: &Object, kind: ComponentKind, range: &Range<Timestamp>) -> Touching {
        let Some(found) = calendar::overlapping(object, kind, range, self.zone) else {
            return Touching::Every;
        };
        let lines = |index: usize| object.components.get(index).map(calendar::Component::document_component);
        Touching::These(Rc::new(found.into_iter().filter_map(lines).collect()))
    }

    fn object(&self) -> Option<&Object> {
        self.object.get_or_init(|| Object::parse(self.bytes).ok()).as_ref()
    }

    /// RFC 4791 section 9.7.2.
    fn property(&self, filter: &PropertyFilter, component: usize) -> bool {
        let mut lines = self.document.properties(component, &filter.name).map(|(_, line)| line);
        match &filter.condition {
            PropertyCondition::IsNotDefined => lines.next().is_none(),
            PropertyCondition::Defined { value, parameters } => lines.any(|line| {
                value.as_ref().is_none_or(|test| self.value(test, line))
                    && parameters.iter().all(|filter| parameter(filter, line))
            }),
        }
    }

    fn value(&self, test: &ValueTest, line: &Line<'_>) -> bool {
        match test {
            ValueTest::Text(text) => text.matches(&unescape(&line.value())),
            ValueTest::TimeRange(time_range) => {
                let moment = Moment::parse(&line.value(), line.parameter_value("TZID").as_deref());
                let (Some(moment), Some(object)) = (moment, self.object()) else { return false };
                range(time_range).contains(&object.instant(&moment, self.zone))
            }
        }
    }
}

/// RFC 4791 section 9.7.3.
fn parameter(filter: &ParameterFilter, line: &Line<'_>) -> bool {
    let parameter = line.parameter(&filter.name);
    match &filter.condition {
        ParameterCondition::IsNotDefined => parameter.is_none(),
        ParameterCondition::Defined(None) => parameter.is_some(),
        ParameterCondition::Defined(Some(text)) => {
            parameter.is_some_and(|parameter| parameter.values().any(|value| text.matches(&value)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar_index;
    use super::*;
    use dav_wire::report::Report;

    const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:20261101T000000Z\r\nDTSTART:20261123T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n\
        SUMMARY:Wochen\\, Planung im G\r\n roßen Saal\r\nATTENDEE;PARTSTAT=ACCEPTED;CN=\"Ben B\":mailto:ben@x.test\r\n\
        CATEGORIES:work,plan\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";

    fn matches(condition: &str) -> bool {
        let body = format!(
            "<c:calendar-query xmlns:c='urn:ietf:params:xml:ns:caldav'><c:filter><c:comp-filter name='VCALENDAR'>\
             {condition}</c:comp-filter></c:filter></c:calendar-query>"
        );
        let Report::CalendarQuery(query) = Report::parse(body.as_bytes()).unwrap() else {
            panic!("another report")
        };
        let found =
            CalendarFilter { filter: query.filter.clone(), zone: Zone::utc() }.matches(EVENT.as_bytes());
        if calendar_index::is_covered(&query.filter) {
            let index = calendar::describe(EVENT.as_bytes()).unwrap().index;
            let index = calendar::Index::read(&index).unwrap();
            assert_eq!(calendar_index::matches(&query.filter, index), found, "{condition}");
        }
        found
    }

    #[test]
    fn an_index_covers_what_it_knows_all_about() {
        let covered = |condition: &str| {
            let body = format!(
                "<c:calendar-query xmlns:c='urn:ietf:params:xml:ns:caldav'><c:filter>\
                 <c:comp-filter name='VCALENDAR'>{condition}</c:comp-filter></c:filter></c:calendar-query>"
            );
            let Report::CalendarQuery(query) = Report::parse(body.as_bytes()).unwrap() else {
                panic!("another report")
            };
            calendar_index::is_covered(&query.filter)
        };
        let event = |inner: &str| covered(&format!("<c:comp-filter name='VEVENT'>{inner}</c:comp-filter>"));
        let property =
            |name: &str, inner: &str| event(&format!("<c:prop-filter name='{name}'>{inner}</c:prop-filter>"));
        assert!(covered("") && event("") && property("summary", "<c:text-match>a</c:text-match>"));
        assert!(property("STATUS", "<c:is-not-defined/>") && event("<c:is-not-defined/>"));
        assert!(!covered("<c:comp-filter name='VTIMEZONE'/>") && !covered("<c:prop-filter name='VERSION'/>"));
        assert!(
            !event("<c:comp-filter name='VALARM'/>") && !event("<c:time-range start='20261201T000000Z'/>")
        );
        assert!(!property("DESCRIPTION", "") && !property("BEGIN", ""));
        assert!(!property("SUMMARY", "<c:param-filter name='LANGUAGE'/>"));
        assert!(!property("COMPLETED", "<c:time-range start='20261201T000000Z'/>"));
    }

    fn event(condition: &str) -> bool {
        matches(&format!("<c:comp-filter name='VEVENT'>{condition}</c:comp-filter>"))
    }

    #[test]
    fn components_are_there_or_not() {
        assert!(matches("") && event(""));
        assert!(!matches("<c:comp-filter name='VTODO'/>"));
        assert!(matches("<c:comp-filter name='VTODO'><c:is-not-defined/></c:comp-filter>"));
        assert!(!event("<c:is-not-defined/>"));
        assert!(event("<c:comp-filter name='VALARM'/>"));
        assert!(matches("<c:prop-filter name='VERSION'/>"));
    }

    #[test]
    fn any_occurrence_may_lie_in_the_range() {
        for (start, end, expected) in [
            ("20261123T000000Z", "20261124T000000Z", true),
            ("20261214T093000Z", "20261214T093100Z", true),
            ("20261214T100000Z", "20261221T000000Z", false),
            ("20261124T000000Z", "20261130T090000Z", false),
        ] {
            assert_eq!(event(&format!("<c:time-range start='{start}' end='{end}'/>")), expected, "{start}");
        }
        assert!(event("<c:time-range start='20261201T000000Z'/>"));
        assert!(!event("<c:time-range start='20270101T000000Z'/>"));
        assert!(event("<c:time-range end='20261123T090001Z'/>"));
        assert!(event(
            "<c:comp-filter name='VALARM'><c:time-range start='20261130T084400Z' end='20261130T084600Z'/></c:comp-filter>"
        ));
        assert!(!event(
            "<c:comp-filter name='VALARM'><c:time-range start='20261130T084600Z' end='20261130T090000Z'/></c:comp-filter>"
        ));
        assert!(event(
            "<c:prop-filter name='DTSTAMP'><c:time-range start='20261101T000000Z'/></c:prop-filter>"
        ));
        assert!(!event(
            "<c:prop-filter name='DTSTAMP'><c:time-range end='20261101T000000Z'/></c:prop-filter>"
        ));
    }

    #[test]
    fn a_range_is_asked_of_an_object_once_for_components_and_once_for_alarms() {
        let range = |start: &str, end: &str| format!("<c:time-range start='{start}' end='{end}'/>");
        let alarm = |range: &str| format!("<c:comp-filter name='VALARM'>{range}</c:comp-filter>");
        let early = range("20261123T084400Z", "20261123T084600Z");
        let late = range("20261123T090000Z", "20261123T091000Z");
        assert!(!event(&early) && event(&alarm(&early)), "the alarm rings before the event");
        assert!(event(&format!("{late}{}", alarm(&early))));
        assert!(!event(&format!("{early}{}", alarm(&early))), "the range is the same, the question is not");
        assert!(!event(&format!("{late}{}", alarm(&late))));
    }

    #[test]
    fn a_range_and_other_conditions_are_asked_of_the_same_occurrence() {
        let changed = EVENT.replace(
            "END:VCALENDAR",
            "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID:20261130T090000Z\r\n\
             DTSTART:20261201T150000Z\r\nDURATION:PT1H\r\nSUMMARY:Ausflug\r\nEND:VEVENT\r\nEND:VCALENDAR",
        );
        let asked = |summary: &str, start: &str, end: &str| {
            let body = format!(
                "<c:calendar-query xmlns:c='urn:ietf:params:xml:ns:caldav'><c:filter>\
                 <c:comp-filter name='VCALENDAR'><c:comp-filter name='VEVENT'>\
                 <c:time-range start='{start}T000000Z' end='{end}T000000Z'/><c:prop-filter name='SUMMARY'>\
                 <c:text-match>{summary}</c:text-match></c:prop-filter></c:comp-filter></c:comp-filter></c:filter>\
                 </c:calendar-query>"
            );
            let Report::CalendarQuery(query) = Report::parse(body.as_bytes()).unwrap() else {
                panic!("another report")
            };
            CalendarFilter { filter: query.filter, zone: Zone::utc() }.matches(changed.as_bytes())
        };
        assert!(asked("Ausflug", "20261201", "20261202") && !asked("Planung", "20261201", "20261202"));
        assert!(asked("Planung", "20261123", "20261124") && !asked("Ausflug", "20261123", "20261124"));
        assert!(!asked("Planung", "20261130", "20261201"), "it was moved away");
        assert!(asked("Planung", "20261123", "20261215") && asked("Ausflug", "20261123", "20261215"));
    }

    #[test]
    fn texts_are_compared_unfolded_and_unescaped() {
        let summary = |attributes: &str, text: &str| {
            event(&format!(
                "<c:prop-filter name='SUMMARY'><c:text-match {attributes}>{text}</c:text-match></c:prop-filter>"
            ))
        };
        assert!(summary("", "wochen, planung"));
        assert!(summary("", "großen"));
        assert!(!summary("collation='i;octet'", "wochen"));
        assert!(!summary("negate-condition='yes'", "wochen") && summary("negate-condition='yes'", "urlaub"));
        assert!(event("<c:prop-filter name='LOCATION'><c:is-not-defined/></c:prop-filter>"));
        assert!(event("<c:prop-filter name='categories'><c:text-match>plan</c:text-match></c:prop-filter>"));
    }

    #[test]
    fn parameters_belong_to_the_line() {
        let attendee =
            |inner: &str| event(&format!("<c:prop-filter name='ATTENDEE'>{inner}</c:prop-filter>"));
        let with = |text: &str| {
            attendee(&format!(
                "<c:text-match>mailto:ben@x.test</c:text-match>\
                 <c:param-filter name='PARTSTAT'><c:text-match>{text}</c:text-match></c:param-filter>"
            ))
        };
        assert!(with("accepted") && !with("declined"));
        assert!(attendee("<c:param-filter name='CN'/>"));
        assert!(!attendee("<c:param-filter name='CN'><c:is-not-defined/></c:param-filter>"));
        assert!(attendee("<c:param-filter name='ROLE'><c:is-not-defined/></c:param-filter>"));
    }
}
