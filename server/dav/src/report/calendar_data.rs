//! What `calendar-data` asks of an object: RFC 4791 sections 9.6.1 to 9.6.6.

use calendar::{ComponentKind, Limits, Moment, Object, Occurrence, Zone, occurrences};
use content_line::{Document, NewLine, Value, write_lines};
use dav_wire::TimeSpan;
use dav_wire::report::{CalendarDataRequest, ComponentSelection, Recurrences};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use vocabulary::Timestamp;

use crate::members::WRITTEN_BYTES_MAX;

/// Most occurrences that an object is expanded to.
const LIMITS: Limits = Limits { occurrences_max: 10_000, steps_max: 1_000_000 };
/// What says how a series goes on: it has no meaning for one occurrence.
const OF_THE_SERIES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];
/// What an occurrence has in a form of its own.
const OF_THE_TIME: [&str; 5] = ["DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID"];

/// An object that would be longer than an answer may be, or whose series goes on beyond the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The bytes that the client wants to see. Without a wish they are given as they came.
///
/// # Errors
/// [`TooLarge`] for a series with more occurrences than are given: a part of it would be taken for the whole.
pub(super) fn given<'b>(
    request: &CalendarDataRequest,
    zone: &Zone,
    bytes: &'b [u8],
) -> Result<Cow<'b, [u8]>, TooLarge> {
    let mut given = Cow::Borrowed(bytes);
    let reduced = match &request.recurrences {
        None => None,
        Some(Recurrences::Expand(span)) => expanded(bytes, &range(span), zone).transpose()?,
        Some(Recurrences::Limit(span)) => limited(bytes, &range(span), zone),
    };
    if let Some(reduced) = reduced {
        given = Cow::Owned(reduced);
    }
    Ok(match &request.component {
        None => given,
        Some(selection) => match selected(&given, selection) {
            Some(selected) => Cow::Owned(selected),
            None => given,
        },
    })
}

fn range(span: &TimeSpan) -> Range<Timestamp> {
    span.start..span.end
}

/// The components of a document that an [`Object`] holds, in its order.
fn components(document: &Document<'_>, calendar: usize) -> Vec<usize> {
    let kind = |child: &usize| {
        let component = document.component(*child)?;
        ComponentKind::by_name(component.name())
    };
    document.children(calendar).filter(|child| kind(child).is_some()).collect()
}

fn calendar_of(document: &Document<'_>) -> Option<usize> {
    document.roots().find(|root| document.component(*root).is_some_and(|root| root.name() == "VCALENDAR"))
}

/// RFC 4791 section 9.6.5: each occurrence in the range as a component of its own, in UTC, without time zones.
/// `None`: what cannot be read is given as it is.
fn expanded(bytes: &[u8], range: &Range<Timestamp>, zone: &Zone) -> Option<Result<Vec<u8>, TooLarge>> {
    let (document, object) = (Document::parse(bytes).ok()?, Object::parse(bytes).ok()?);
    let calendar = calendar_of(&document)?;
    let expansion = occurrences(&object, range.clone(), zone, &LIMITS);
    if expansion.truncated {
        return Some(Err(TooLarge));
    }
    let (components, line_end) = (components(&document, calendar), document.line_end());
    let is_series = object.components.iter().any(|one| one.is_recurring() || one.recurrence.is_some());
    let mut head = vec![NewLine::new("BEGIN", Value::text("VCALENDAR"))];
    head.extend(document.own_lines(calendar).map(|(_, line)| NewLine::copy_of(line)));
    let mut written = write_lines(&head, line_end);
    // What all occurrences of a component have alike is written once.
    let mut alike: HashMap<usize, Vec<u8>> = HashMap::new();
    for occurrence in &expansion.occurrences {
        let index = *components.get(occurrence.component)?;
        let name = document.component(index)?.name();
        let rest = alike.entry(index).or_insert_with(|| write_lines(&rest(&document, index), line_end));
        let mut begin = vec![NewLine::new("BEGIN", Value::text(name))];
        begin.extend(Times { occurrence, object: &object, zone, is_series }.lines());
        let begin = write_lines(&begin, line_end);
        if written.len().saturating_add(begin.len()).saturating_add(rest.len()) > WRITTEN_BYTES_MAX {
            return Some(Err(TooLarge));
        }
        written.extend_from_slice(&begin);
        written.extend_from_slice(rest);
    }
    let end = [NewLine::new("END", Value::text("VCALENDAR"))];
    written.extend(write_lines(&end, line_end));
    Some(Ok(written))
}

/// When one occurrence of an object is.
struct Times<'t> {
    occurrence: &'t Occurrence,
    object: &'t Object,
    zone: &'t Zone,
    is_series: bool,
}

impl Times<'_> {
    /// The lines that tell it, in the place of the component's own.
    fn lines(&self) -> Vec<NewLine> {
        let Occurrence { recurrence, start, end, component, all_day } = *self.occurrence;
        let Some(component) = self.object.components.get(component) else { return Vec::new() };
        let mut lines = Vec::new();
        if component.start.is_some() {
            lines.extend(self.line("DTSTART", start, all_day));
        }
        if component.end.is_some() || component.duration.is_some() {
            let name = if component.kind == ComponentKind::ToDo { "DUE" } else { "DTEND" };
            lines.extend(self.line(name, end, all_day));
        }
        if self.is_series {
            lines.extend(self.line("RECURRENCE-ID", recurrence, all_day));
        }
        lines
    }

    fn line(&self, name: &str, at: Timestamp, all_day: bool) -> Option<NewLine> {
        let moment = match all_day {
            true => Moment::Date(self.zone.local(at).date()),
            false => Moment::Utc(Zone::utc().local(at)),
        };
        let line = NewLine::new(name, Value::raw(moment.to_string()).ok()?);
        Some(if all_day { line.parameter("VALUE", &["DATE"]) } else { line })
    }
}

/// What every occurrence of a component has as the component has it, to its end.
fn rest(document: &Document<'_>, index: usize) -> Vec<NewLine> {
    let mut lines = Vec::new();
    let Some(component) = document.component(index) else { return lines };
    for (_, line) in document.own_lines(index) {
        let of_any = |names: &[&str]| names.iter().any(|name| line.is(name));
        if !(of_any(&OF_THE_SERIES) || of_any(&OF_THE_TIME)) {
            lines.push(NewLine::copy_of(line));
        }
    }
    for child in document.children(index) {
        copy(document, child, &mut lines);
    }
    lines.push(NewLine::new("END", Value::text(component.name())));
    lines
}

/// Copies a component with what lies in it.
fn copy(document: &Document<'_>, index: usize, lines: &mut Vec<NewLine>) {
    let Some(component) = document.component(index) else { return };
    lines.push(NewLine::new("BEGIN", Value::text(component.name())));
    lines.extend(document.own_lines(index).map(|(_, line)| NewLine::copy_of(line)));
    // As deep as a document nests, which its reader bounds.
    for child in document.children(index) {
        copy(document, child, lines);
    }
    lines.push(NewLine::new("END", Value::text(component.name())));
}

/// RFC 4791 section 9.6.6: the series and those changed occurrences that lie in the range, or did before the change.
fn limited(bytes: &[u8], range: &Range<Timestamp>, zone: &Zone) -> Option<Vec<u8>> {
    let (document, object) = (Document::parse(bytes).ok()?, Object::parse(bytes).ok()?);
    let calendar = calendar_of(&document)?;
    let expansion = occurrences(&object, range.clone(), zone, &LIMITS);
    let inside: HashSet<usize> = expansion.occurrences.iter().map(|one| one.component).collect();
    let mut edit = document.edit();
    for (index, (component, lines)) in
        object.components.iter().zip(components(&document, calendar)).enumerate()
    {
        let Some(id) = &component.recurrence else { continue };
        let now_inside = expansion.truncated || inside.contains(&index);
        let once_inside = range.contains(&object.recurrence_instant(&id.moment, zone));
        if !(now_inside || once_inside || id.this_and_future) {
            edit.remove_component(lines);
        }
    }
    Some(edit.finish())
}

/// RFC 4791 section 9.6.1: chosen components with chosen properties.
fn selected(bytes: &[u8], selection: &ComponentSelection) -> Option<Vec<u8>> {
    let document = Document::parse(bytes).ok()?;
    let calendar = calendar_of(&document).filter(|_| selection.name == "VCALENDAR")?;
    let mut edit = document.edit();
    let mut waiting = vec![(calendar, selection)];
    while let Some((component, selection)) = waiting.pop() {
        if let Some(properties) = &selection.properties {
            for (index, line) in document.own_lines(component) {
                match properties.iter().find(|wanted| line.is(&wanted.name)) {
                    None => edit.remove(index),
                    Some(wanted) if wanted.no_value => edit.set_value(index, &Value::text("")),
                    Some(_) => {}
                }
            }
        }
        let Some(components) = &selection.components else { continue };
        for child in document.children(component) {
            let name = document.component(child)?.name();
            match components.iter().find(|wanted| wanted.name.eq_ignore_ascii_case(name)) {
                None => edit.remove_component(child),
                Some(wanted) => waiting.push((child, wanted)),
            }
        }
    }
    Some(edit.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dav_wire::report::Report;

    const SERIES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
        END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\n\
        DTSTART;TZID=Europe/Berlin:20261023T090000\r\nDTEND;TZID=Europe/Berlin:20261023T100000\r\n\
        RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Europe/Berlin:20261106T090000\r\nSUMMARY:Jour fixe\r\n\
        BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261030T090000\r\n\
        DTSTART;TZID=Europe/Berlin:20261031T120000\r\nDTEND;TZID=Europe/Berlin:20261031T130000\r\n\
        SUMMARY:Anders\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    fn given_of(object: &str, data: &str) -> Result<String, TooLarge> {
        let body = format!(
            "<c:calendar-multiget xmlns:c='urn:ietf:params:xml:ns:caldav' xmlns='DAV:'><prop><c:calendar-data>{data}\
             </c:calendar-data></prop></c:calendar-multiget>"
        );
        let Report::CalendarMultiget(wanted) = Report::parse(body.as_bytes()).unwrap() else {
            panic!("another")
        };
        let request = wanted.properties.calendar_data.unwrap();
        let given = given(&request, &Zone::utc(), object.as_bytes());
        given.map(|given| String::from_utf8(given.into_owned()).unwrap())
    }

    fn given_as(data: &str) -> String {
        given_of(SERIES, data).unwrap()
    }

    #[test]
    fn without_a_wish_not_one_byte_changes() {
        assert_eq!(given_as(""), SERIES);
        assert_eq!(given_as("<c:comp name='VCALENDAR'><c:allprop/><c:allcomp/></c:comp>"), SERIES);
    }

    #[test]
    fn each_occurrence_stands_for_itself_in_utc() {
        let given = given_as("<c:expand start='20261023T000000Z' end='20261114T000000Z'/>");
        let lines: Vec<_> =
            given.lines().filter(|line| line.starts_with("DT") || line.starts_with("REC")).collect();
        let stamp = "DTSTAMP:20261101T000000Z";
        let expected = [
            ["DTSTART:20261023T070000Z", "DTEND:20261023T080000Z", "RECURRENCE-ID:20261023T070000Z", stamp],
            ["DTSTART:20261031T110000Z", "DTEND:20261031T120000Z", "RECURRENCE-ID:20261030T080000Z", stamp],
            ["DTSTART:20261113T080000Z", "DTEND:20261113T090000Z", "RECURRENCE-ID:20261113T080000Z", stamp],
        ];
        assert_eq!(lines, expected.concat());
        assert!(!given.contains("RRULE") && !given.contains("EXDATE") && !given.contains("VTIMEZONE"));
        assert_eq!((given.matches("Anders").count(), given.matches("BEGIN:VALARM").count()), (1, 2));
    }

    #[test]
    fn a_series_is_expanded_whole_or_not_at_all() {
        let daily = |text_bytes: usize| {
            let lines = format!("DESCRIPTION:{}\r\nRRULE:FREQ=DAILY", "x".repeat(text_bytes));
            SERIES.replace("RRULE:FREQ=WEEKLY", &lines)
        };
        let days = |object: &str, until: &str| {
            let expand = format!("<c:expand start='20261101T000000Z' end='{until}T000000Z'/>");
            given_of(object, &expand).map(|given| given.matches("BEGIN:VEVENT").count())
        };
        let large = daily(WRITTEN_BYTES_MAX / 20);
        assert_eq!(days(&large, "20261116"), Ok(14), "fifteen days but for one exception");
        assert_eq!(days(&large, "20261210"), Err(TooLarge), "too many bytes");
        let small = daily(1);
        assert_eq!(days(&small, "20531101").map(|count| count > 9_000), Ok(true));
        assert_eq!(days(&small, "20551101"), Err(TooLarge), "too many occurrences");
    }

    #[test]
    fn a_series_is_limited_to_changes_that_matter() {
        let limit = |start: &str, end: &str| {
            given_as(&format!("<c:limit-recurrence-set start='{start}' end='{end}'/>")).contains("Anders")
        };
        assert!(limit("20261030T000000Z", "20261030T120000Z"), "where it was");
        assert!(limit("20261031T000000Z", "20261101T000000Z"), "where it is");
        assert!(!limit("20261101T000000Z", "20261201T000000Z"));
    }

    #[test]
    fn only_what_was_chosen_is_given() {
        let given = given_as(
            "<c:comp name='VCALENDAR'><c:prop name='VERSION'/><c:comp name='VEVENT'><c:prop name='UID'/>\
             <c:prop name='summary' novalue='yes'/></c:comp></c:comp>",
        );
        let event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:\r\n";
        assert!(given.starts_with(&format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}")), "{given}");
        assert!(!given.contains("VTIMEZONE") && !given.contains("PRODID") && !given.contains("DTSTART"));
    }
}
