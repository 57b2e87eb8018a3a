//! One component: RFC 5545 sections 3.6.1 to 3.6.4, its properties of section 3.8 and those of Outlook.

use content_line::{Document, Line, split, texts, unescape};
use vocabulary::Timestamp;

use super::alarm;
use crate::component::{Attendee, Component, ExtraDate, Geo, Organizer, Period, PeriodEnd, RecurrenceId};
use crate::term::{ComponentKind, Term};
use crate::zone::Zone;
use crate::{Duration, Moment, Rule};

/// Most RRULE lines of one component that count; RFC 5545 section 3.8.5.3 wants one.
const RULES_MAX: usize = 16;

pub(crate) fn read(document: &Document<'_>, index: usize, kind: ComponentKind) -> Component {
    let mut component = empty(kind, index);
    for (_, line) in document.own_lines(index) {
        let name = line.name().to_ascii_uppercase();
        read_time(&mut component, &name, line);
        read_text(&mut component, &name, line);
        read_term(&mut component, &name, line);
        read_person(&mut component, &name, line);
    }
    component.alarms = alarm::read_all(document, index);
    component
}

/// Sets what is not said yet: of a property that stands twice, the first counts.
fn first<T>(slot: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if slot.is_none() {
        *slot = value();
    }
}

fn read_time(component: &mut Component, name: &str, line: &Line<'_>) {
    match name {
        "DTSTART" => first(&mut component.start, || moment(line)),
        "DTEND" if component.kind != ComponentKind::ToDo => first(&mut component.end, || moment(line)),
        "DUE" if component.kind == ComponentKind::ToDo => first(&mut component.end, || moment(line)),
        "DURATION" => first(&mut component.duration, || Duration::parse(&line.value())),
        "RRULE" if component.rules.len() < RULES_MAX => component.rules.extend(Rule::parse(&line.value())),
        "RDATE" => component.dates.extend(extra_dates(line)),
        "EXDATE" => component.exceptions.extend(moments(line)),
        "RECURRENCE-ID" => first(&mut component.recurrence, || recurrence(line)),
        "DTSTAMP" => first(&mut component.stamp, || instant(line)),
        "CREATED" => first(&mut component.created, || instant(line)),
        "LAST-MODIFIED" => first(&mut component.last_modified, || instant(line)),
        "COMPLETED" => first(&mut component.completed, || instant(line)),
        "FREEBUSY" => component.busy.extend(busy_periods(line)),
        _ => {}
    }
}

fn read_text(component: &mut Component, name: &str, line: &Line<'_>) {
    let text = || Some(unescape(&line.value()).into_owned());
    match name {
        "UID" => first(&mut component.uid, || text().filter(|uid| !uid.is_empty())),
        "SUMMARY" => first(&mut component.summary, text),
        "DESCRIPTION" => first(&mut component.description, text),
        "X-ALT-DESC" if is_html(line) => first(&mut component.html_description, text),
        "LOCATION" => first(&mut component.location, text),
        "URL" => first(&mut component.url, || Some(line.value().into_owned())),
        "CATEGORIES" => component.categories.extend(categories(line)),
        _ => {}
    }
}

fn categories(line: &Line<'_>) -> Vec<String> {
    texts(&line.value()).filter(|name| !name.is_empty()).map(|name| name.into_owned()).collect()
}

fn read_term(component: &mut Component, name: &str, line: &Line<'_>) {
    let value = line.value();
    match name {
        "STATUS" => first(&mut component.status, || Term::parse(&value)),
        "TRANSP" => first(&mut component.transparency, || Term::parse(&value)),
        "X-MICROSOFT-CDO-BUSYSTATUS" => first(&mut component.busy_status, || Term::parse(&value)),
        "X-MICROSOFT-CDO-INTENDEDSTATUS" => first(&mut component.intended_status, || Term::parse(&value)),
        "X-MICROSOFT-DISALLOW-COUNTER" => {
            first(&mut component.disallow_counter, || Some(value.trim().eq_ignore_ascii_case("TRUE")));
        }
        "CLASS" => first(&mut component.class, || Term::parse(&value)),
        "PRIORITY" => first(&mut component.priority, || value.trim().parse().ok()),
        "PERCENT-COMPLETE" => {
            first(&mut component.percent_complete, || {
                value.trim().parse().ok().filter(|percent| *percent <= 100)
            });
        }
        "SEQUENCE" => component.sequence = value.trim().parse().unwrap_or(component.sequence),
        "GEO" => first(&mut component.geo, || geo(&value)),
        _ => {}
    }
}

fn read_person(component: &mut Component, name: &str, line: &Line<'_>) {
    match name {
        "ORGANIZER" => first(&mut component.organizer, || {
            Some(Organizer { address: address(line), name: parameter(line, "CN") })
        }),
        "ATTENDEE" => component.attendees.push(attendee(line)),
        _ => {}
    }
}

pub(crate) fn attendee(line: &Line<'_>) -> Attendee {
    Attendee {
        address: address(line),
        name: parameter(line, "CN"),
        user_type: term(line, "CUTYPE"),
        role: term(line, "ROLE"),
        participation: term(line, "PARTSTAT"),
        rsvp: parameter(line, "RSVP").is_some_and(|rsvp| rsvp.eq_ignore_ascii_case("TRUE")),
    }
}

/// The address behind `mailto:`. Outlook and Exchange write people without a mailbox as `invalid:nomail`, and some
/// clients put the address into EMAIL (RFC 7986 section 6.2).
fn address(line: &Line<'_>) -> String {
    let uri = line.value();
    let uri = uri.trim();
    match uri.split_once(':') {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto") => address.to_owned(),
        _ => parameter(line, "EMAIL").unwrap_or_else(|| uri.to_owned()),
    }
}

fn parameter(line: &Line<'_>, name: &str) -> Option<String> {
    line.parameter_value(name).map(|value| value.into_owned()).filter(|value| !value.is_empty())
}

fn term<T: Term + Default>(line: &Line<'_>, name: &str) -> T {
    line.parameter_value(name).and_then(|word| T::parse(&word)).unwrap_or_default()
}

pub(crate) fn is_html(line: &Line<'_>) -> bool {
    line.parameter_value("FMTTYPE").is_none_or(|format| format.eq_ignore_ascii_case("text/html"))
}

/// A date or time with the TZID beside it. `VALUE=DATE` makes a date of a time, as all clients read it.
pub(crate) fn moment(line: &Line<'_>) -> Option<Moment> {
    moment_of(line, &line.value())
}

pub(crate) fn moment_of(line: &Line<'_>, value: &str) -> Option<Moment> {
    let moment =
        Moment::parse(value, line.parameter_value("TZID").as_deref().filter(|tzid| !tzid.is_empty()))?;
    let is_date = line.parameter_value("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE"));
    Some(if is_date { Moment::Date(moment.local().date()) } else { moment })
}

fn moments(line: &Line<'_>) -> Vec<Moment> {
    split(&line.value(), ',').filter_map(|value| moment_of(line, value)).collect()
}

fn extra_dates(line: &Line<'_>) -> Vec<ExtraDate> {
    let extra = |value: &str| match value.split_once('/') {
        Some((start, end)) => {
            Some(ExtraDate { start: moment_of(line, start)?, end: Some(period_end(line, end)?) })
        }
        None => Some(ExtraDate { start: moment_of(line, value)?, end: None }),
    };
    split(&line.value(), ',').filter_map(extra).collect()
}

fn period_end(line: &Line<'_>, text: &str) -> Option<PeriodEnd> {
    Duration::parse(text).map(PeriodEnd::After).or_else(|| moment_of(line, text).map(PeriodEnd::At))
}

/// RFC 4791 section 9.9: the FBTYPE FREE does not overlap anything.
fn busy_periods(line: &Line<'_>) -> Vec<Period> {
    if line.parameter_value("FBTYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("FREE")) {
        return Vec::new();
    }
    let period = |value: &str| {
        let (start, end) = value.split_once('/')?;
        Some(Period { start: moment_of(line, start)?, end: period_end(line, end)? })
    };
    split(&line.value(), ',').filter_map(period).collect()
}

fn recurrence(line: &Line<'_>) -> Option<RecurrenceId> {
    let this_and_future =
        line.parameter_value("RANGE").is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
    Some(RecurrenceId { moment: moment(line)?, this_and_future })
}

/// A time of UTC. Without `Z`, which RFC 5545 section 3.8.7 forbids, UTC is meant all the same.
pub(super) fn instant(line: &Line<'_>) -> Option<Timestamp> {
    Some(Zone::utc().instant(moment(line)?.local()))
}

fn geo(value: &str) -> Option<Geo> {
    // Google and some phones write a comma.
    let (latitude, longitude) = value.split_once([';', ','])?;
    let degrees = |text: &str| {
        text.trim().trim_end_matches('\\').parse().ok().filter(|degrees: &f64| degrees.is_finite())
    };
    Some(Geo { latitude: degrees(latitude)?, longitude: degrees(longitude)? })
}

fn empty(kind: ComponentKind, lines: usize) -> Component {
    Component {
        kind,
        uid: None,
        recurrence: None,
        start: None,
        end: None,
        duration: None,
        rules: Vec::new(),
        dates: Vec::new(),
        exceptions: Vec::new(),
        summary: None,
        description: None,
        html_description: None,
        location: None,
        url: None,
        geo: None,
        status: None,
        transparency: None,
        busy_status: None,
        intended_status: None,
        disallow_counter: None,
        class: None,
        priority: None,
        categories: Vec::new(),
        organizer: None,
        attendees: Vec::new(),
        alarms: Vec::new(),
        sequence: 0,
        stamp: None,
        created: None,
        last_modified: None,
        completed: None,
        percent_complete: None,
        busy: Vec::new(),
        lines,
    }
}
