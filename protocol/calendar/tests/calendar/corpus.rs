//! Objects as real clients write them, made by us in their manner.

use std::fs;
use std::path::Path;

use calendar::edit::{self, Change, Field, Target};
use calendar::{
    Attendee, AttendeeRole, BusyStatus, Class, Component, ComponentKind, Duration, Geo, Moment, Object,
    Organizer, Participation, Rule, Status, Transparency, Trigger, UserType, describe,
};
use content_line::{Document, Line, LineKind};
use vocabulary::Timestamp;

use super::given::utc;

/// A file, what it imitates, its kind, its range in UTC and whether it is a series.
type Row = (&'static str, &'static str, ComponentKind, &'static str, &'static str, bool);

const EVENT: ComponentKind = ComponentKind::Event;
const TASK: ComponentKind = ComponentKind::ToDo;
const JOURNAL: ComponentKind = ComponentKind::Journal;

#[rustfmt::skip]
pub(crate) const FILES: &[Row] = &[
    ("apple_all_day_series", "a birthday of Apple's Calendar, without a year", EVENT, "16040429T100000", "", true),
    ("apple_invitation", "an invitation of Apple's Calendar with a room", EVENT, "20240709T120000", "20240709T130000", false),
    ("apple_reminder_series", "Apple's Reminders", TASK, "20240304T170000", "", true),
    ("apple_series_with_overrides", "iOS, a series with exceptions", EVENT, "20240108T081500", "20241230T083000", true),
    ("apple_timed", "Apple's Calendar, place and alarms", EVENT, "20240618T083000", "20240618T093000", false),
    ("attachment_inline", "an attachment in the object", EVENT, "20240601T120000", "20240601T130000", false),
    ("bare_minimum", "the least that a script writes", EVENT, "20240601T120000", "20240601T120000", false),
    ("busy_published", "published free-busy", ComponentKind::FreeBusy, "", "", false),
    ("davx5_event", "DAVx5, its time zone last", EVENT, "20240711T170000", "20240711T190000", false),
    ("davx5_series_rdate", "DAVx5 with Etar, extra dates", EVENT, "20240102T100000", "20240720T120000", true),
    ("exchange_series_customized_zone", "Exchange, last workday, a zone by definition only", EVENT, "20240131T120000", "20241231T130000", true),
    ("exchange_zone_of_nowhere", "Exchange, a zone like no other", EVENT, "20240601T104300", "20240601T114300", false),
    ("gnome_event", "GNOME Calendar, a TZID with prefix", EVENT, "20240624T190000", "20240624T213000", false),
    ("gnome_task", "GNOME, a task that is done", TASK, "20240614T100000", "20240615T120000", false),
    ("google_meet", "Google Calendar with a conference", EVENT, "20240712T120000", "20240712T123000", false),
    ("google_series_ny", "Google Calendar, first Friday", EVENT, "20240105T133000", "20241206T143000", true),
    ("google_this_and_future", "a series that changes for good", EVENT, "20240201T160000", "20240418T180000", true),
    ("invited_to_one", "an invitation to one occurrence", EVENT, "20240605T083000", "20240605T093000", true),
    ("jtx_journal", "jtx Board, a journal entry", JOURNAL, "20240704T100000", "20240706T120000", false),
    ("jtx_note", "jtx Board, a note in two languages", JOURNAL, "", "", false),
    ("kde_event", "KOrganizer, floating time", EVENT, "20240615T210000", "20240617T010000", false),
    ("kde_task_series", "KOrganizer, a recurring task", TASK, "20240611T080000", "", true),
    ("lower_case_lf", "a home-grown script: lower case, LF", EVENT, "20240601T110000", "20240601T113000", false),
    ("nextcloud_event", "Nextcloud Calendar", EVENT, "20240620T130000", "20240620T140000", false),
    ("nextcloud_task", "Nextcloud Tasks, LF, local times", TASK, "20240629T220000", "20240701T000000", false),
    ("odd_folding", "a phone that folds inside a character", EVENT, "20240601T120000", "20240601T130000", false),
    ("outlook_all_day_oof", "Outlook, holidays", EVENT, "20240728T100000", "20240810T120000", false),
    ("outlook_meeting", "Outlook, a meeting with HTML", EVENT, "20240625T080000", "20240625T090000", false),
    ("outlook_shown_zone", "old Outlook, a zone by the text it shows", EVENT, "20240601T100000", "20240601T110000", false),
    ("status_cancelled_override", "Exchange, a cancelled occurrence", EVENT, "20240603T080000", "20240617T090000", true),
    ("tasks_org_task", "Tasks.org, two alarms", TASK, "20240730T100000", "", true),
    ("thunderbird_task", "Thunderbird, a task under way", TASK, "20240601T070000", "20240731T160000", false),
    ("thunderbird_timed", "Thunderbird, HTML as ALTREP", EVENT, "20240614T173000", "20240614T200000", false),
    ("todoman_done_series", "todoman, a recurring task, LF", TASK, "20240609T100000", "20240619T120000", true),
    ("todoman_task", "todoman", TASK, "20240620T160000", "20240620T160000", false),
];

pub(crate) fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(format!("{name}.ics"));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_file_has_a_row() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, FILES.iter().map(|row| row.0).collect::<Vec<_>>());
}

#[test]
fn every_file_is_described_right() {
    for (name, imitates, kind, start, end, is_recurring) in FILES {
        let described = describe(&read(name)).unwrap_or_else(|error| panic!("{name} ({imitates}): {error}"));
        let moment = |text: &str| Some(text).filter(|text| !text.is_empty()).map(utc);
        if *kind != ComponentKind::FreeBusy {
            assert_eq!((described.start, described.end), (moment(start), moment(end)), "{name} ({imitates})");
        }
        assert_eq!((described.kind, described.is_recurring), (*kind, *is_recurring), "{name} ({imitates})");
    }
}

fn unfold(line: &Line<'_>) -> String {
    let raw = line.raw();
    let joined: Vec<u8> = raw
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|part| !part.is_empty())
        .enumerate()
        .flat_map(|(index, part)| part.iter().copied().skip(usize::from(index > 0)))
        .collect();
    format!("{}\r\n", String::from_utf8(joined).unwrap())
}

/// `calcard` reads the same files by itself.
#[test]
fn another_reader_sees_the_same() {
    use calcard::icalendar::{ICalendar, ICalendarProperty, ICalendarValue};
    for (name, ..) in FILES {
        let bytes = read(name);
        let object = Object::parse(&bytes).unwrap();
        // It takes text only, and so no fold inside a character.
        let lines = Document::parse(&bytes).unwrap();
        let unfolded: String = lines.lines().iter().map(unfold).collect();
        let other = ICalendar::parse(&unfolded).unwrap();
        let others: Vec<_> = other
            .components
            .iter()
            .filter(|other| ComponentKind::by_name(other.component_type.as_str()).is_some())
            .collect();
        assert_eq!(object.components.len(), others.len(), "{name}");
        for (ours, other) in object.components.iter().zip(others) {
            let value = |property| other.property(&property).and_then(|entry| entry.values.first());
            let text = |property| value(property).and_then(ICalendarValue::as_text).map(str::to_owned);
            assert_eq!(ours.uid, text(ICalendarProperty::Uid), "{name}");
            assert_eq!(ours.summary, text(ICalendarProperty::Summary), "{name}");
            let start =
                value(ICalendarProperty::Dtstart).and_then(ICalendarValue::as_partial_date_time).cloned();
            let start = start.map(|start| {
                (
                    i32::from(start.year.unwrap()),
                    start.month.unwrap(),
                    start.day.unwrap(),
                    start.hour.unwrap_or(0),
                    start.minute.unwrap_or(0),
                )
            });
            let own = ours.start.as_ref().map(|start| {
                use chrono::{Datelike, Timelike};
                let local = start.local();
                let small = |number: u32| u8::try_from(number).unwrap();
                (
                    local.year(),
                    small(local.month()),
                    small(local.day()),
                    small(local.hour()),
                    small(local.minute()),
                )
            });
            assert_eq!(own, start, "{name}");
            assert_eq!(
                ours.attendees.len(),
                other.properties(&ICalendarProperty::Attendee).count(),
                "{name}"
            );
        }
    }
}

/// A change that says what the component says already.
pub(crate) fn same(component: &Component) -> Change {
    fn field<T: Clone>(value: Option<&T>) -> Field<T> {
        value.cloned().into()
    }
    let ours = component.alarms.iter().find(|alarm| {
        matches!(alarm.action, Some(calendar::AlarmAction::Display | calendar::AlarmAction::Audio))
    });
    Change {
        summary: field(component.summary.as_ref()),
        description: field(component.description.as_ref()),
        html_description: field(component.html_description.as_ref()),
        location: field(component.location.as_ref()),
        url: field(component.url.as_ref()),
        geo: field(component.geo.as_ref()),
        status: component.status.into(),
        transparency: component.transparency.into(),
        busy_status: component.busy_status.into(),
        intended_status: component.intended_status.into(),
        class: component.class.into(),
        priority: component.priority.into(),
        percent_complete: component.percent_complete.into(),
        completed: component.completed.into(),
        categories: Field::Set(component.categories.clone()),
        start: field(component.start.as_ref()),
        end: component.end.clone().map_or(Field::Keep, Field::Set),
        rule: field(component.rules.first()),
        organizer: field(component.organizer.as_ref()),
        attendees: Field::Set(component.attendees.clone()),
        alarm: ours.and_then(|alarm| alarm.trigger).into(),
        uid: field(component.uid.as_ref()),
        ..Change::default()
    }
}

#[test]
fn to_say_what_is_said_already_changes_no_byte() {
    for (name, ..) in FILES {
        let bytes = read(name);
        for component in &Object::parse(&bytes).unwrap().components {
            let target =
                component.recurrence.as_ref().map_or(Target::Master, |id| Target::Occurrence(&id.moment));
            let after = edit::change(&bytes, target, &same(component)).unwrap();
            assert_eq!(String::from_utf8_lossy(&after), String::from_utf8_lossy(&bytes), "{name}");
        }
    }
}

fn other_attendees(component: &Component) -> Vec<Attendee> {
    let mut attendees: Vec<Attendee> = component.attendees.iter().skip(1).cloned().collect();
    attendees.push(Attendee {
        address: "new@example.test".to_owned(),
        name: Some("New, Person".to_owned()),
        user_type: UserType::Individual,
        role: AttendeeRole::Optional,
        participation: Participation::NeedsAction,
        rsvp: true,
    });
    attendees
}

/// Each settable property: its lines, a change of it, and whether the change can be read back.
#[expect(clippy::type_complexity, reason = "one table of one test")]
fn edits(component: &Component) -> Vec<(&'static [&'static str], Change, Box<dyn Fn(&Component) -> bool>)> {
    fn text(value: &str) -> Field<String> {
        Field::Set(value.to_owned())
    }
    let base = Change::default;
    let long = "Ünïcode, with; all \"sorts\" of\nthings \\ that need care 🦀 ".repeat(4);
    let (new, longer) = (long.clone(), long.clone());
    let attendees = other_attendees(component);
    let wanted = attendees.clone();
    let rule = Rule::parse("FREQ=WEEKLY;COUNT=7;BYDAY=MO,TH").unwrap();
    let expected = rule.clone();
    let start =
        component.start.as_ref().map_or_else(|| Moment::Utc(when()), |start| start.with_local(when()));
    let begin = start.clone();
    let end_name: &[&str] =
        if component.kind == TASK { &["DUE", "DURATION"] } else { &["DTEND", "DURATION"] };
    let end = start.with_local(when() + chrono::TimeDelta::days(3));
    let last = end.clone();
    let organizer = Organizer { address: "chief@example.test".to_owned(), name: None };
    let chief = organizer.clone();
    vec![
        (
            &["SUMMARY"],
            Change { summary: Field::Set(long.clone()), ..base() },
            Box::new(move |read| read.summary.as_ref() == Some(&new)),
        ),
        (&["SUMMARY"], Change { summary: Field::Clear, ..base() }, Box::new(|read| read.summary.is_none())),
        (
            &["DESCRIPTION"],
            Change { description: Field::Set(long), ..base() },
            Box::new(move |read| read.description.as_ref() == Some(&longer)),
        ),
        (
            &["X-ALT-DESC"],
            Change { html_description: text("<p>a;b, c</p>"), ..base() },
            Box::new(|read| read.html_description.as_deref() == Some("<p>a;b, c</p>")),
        ),
        (
            &["LOCATION"],
            Change { location: text("Here"), ..base() },
            Box::new(|read| read.location.as_deref() == Some("Here")),
        ),
        (
            &["URL"],
            Change { url: text("https://example.test/?a=b;c,d"), ..base() },
            Box::new(|read| read.url.as_deref() == Some("https://example.test/?a=b;c,d")),
        ),
        (
            &["GEO"],
            Change { geo: Field::Set(Geo { latitude: -1.5, longitude: 100.25 }), ..base() },
            Box::new(|read| read.geo == Some(Geo { latitude: -1.5, longitude: 100.25 })),
        ),
        (
            &["STATUS"],
            Change { status: Field::Set(Status::Cancelled), ..base() },
            Box::new(|read| read.status == Some(Status::Cancelled)),
        ),
        (
            &["TRANSP"],
            Change { transparency: Field::Set(Transparency::Transparent), ..base() },
            Box::new(|read| read.transparency == Some(Transparency::Transparent)),
        ),
        (
            &["X-MICROSOFT-CDO-BUSYSTATUS"],
            Change { busy_status: Field::Set(BusyStatus::Tentative), ..base() },
            Box::new(|read| read.busy_status == Some(BusyStatus::Tentative)),
        ),
        (
            &["X-MICROSOFT-CDO-INTENDEDSTATUS"],
            Change { intended_status: Field::Set(BusyStatus::Free), ..base() },
            Box::new(|read| read.intended_status == Some(BusyStatus::Free)),
        ),
        (
            &["CLASS"],
            Change { class: Field::Set(Class::Confidential), ..base() },
            Box::new(|read| read.class == Some(Class::Confidential)),
        ),
        (
            &["PRIORITY"],
            Change { priority: Field::Set(3), ..base() },
            Box::new(|read| read.priority == Some(3)),
        ),
        (
            &["PERCENT-COMPLETE"],
            Change { percent_complete: Field::Set(33), ..base() },
            Box::new(|read| read.percent_complete == Some(33)),
        ),
        (
            &["COMPLETED"],
            Change { completed: Field::Set(Timestamp(86_400_000)), ..base() },
            Box::new(|read| read.completed == Some(Timestamp(86_400_000))),
        ),
        (
            &["CATEGORIES"],
            Change { categories: Field::Set(vec!["x,y".to_owned(), "z".to_owned()]), ..base() },
            Box::new(|read| read.categories == ["x,y", "z"]),
        ),
        (
            &["RRULE"],
            Change { rule: Field::Set(rule), ..base() },
            Box::new(move |read| read.rules == [expected.clone()]),
        ),
        (&["RRULE"], Change { rule: Field::Clear, ..base() }, Box::new(|read| read.rules.is_empty())),
        (
            &["DTSTART"],
            Change { start: Field::Set(start), ..base() },
            Box::new(move |read| read.start.as_ref() == Some(&begin)),
        ),
        (
            end_name,
            Change { end: Field::Set(end), ..base() },
            Box::new(move |read| read.end.as_ref() == Some(&last)),
        ),
        (
            &["ATTENDEE"],
            Change { attendees: Field::Set(attendees), ..base() },
            Box::new(move |read| read.attendees == wanted),
        ),
        (
            &["ORGANIZER"],
            Change { organizer: Field::Set(organizer), ..base() },
            Box::new(move |read| read.organizer.as_ref().is_some_and(|read| read.address == chief.address)),
        ),
        (
            &["UID"],
            Change { uid: text("other;uid"), ..base() },
            Box::new(|read| read.uid.as_deref() == Some("other;uid")),
        ),
        (
            &["TRIGGER"],
            Change { alarm: Field::Set(Trigger::FromStart(Duration::from_seconds(-420))), ..base() },
            Box::new(|read| {
                read.alarms
                    .iter()
                    .any(|alarm| alarm.trigger == Some(Trigger::FromStart(Duration::from_seconds(-420))))
            }),
        ),
        (
            &["DTSTAMP", "LAST-MODIFIED", "SEQUENCE"],
            Change { stamp: Some(Timestamp(0)), next_sequence: true, ..base() },
            Box::new(|read| read.stamp == Some(Timestamp(0)) && read.sequence > 0),
        ),
    ]
}

fn when() -> chrono::NaiveDateTime {
    Moment::parse("20300305T081500", None).unwrap().local()
}

/// The very bytes of all lines but those of some properties.
fn others(bytes: &[u8], names: &[&str]) -> Vec<Vec<u8>> {
    let document = Document::parse(bytes).unwrap();
    let lines = document.lines().iter();
    lines
        .filter(|line| line.kind() != LineKind::Property || !names.iter().any(|name| line.is(name)))
        .map(|line| line.raw().to_vec())
        .collect()
}

#[test]
fn an_edit_of_one_property_leaves_all_other_lines_as_they_are() {
    for (name, ..) in FILES {
        let bytes = read(name);
        let object = Object::parse(&bytes).unwrap();
        for (index, component) in object.components.iter().enumerate() {
            let target =
                component.recurrence.as_ref().map_or(Target::Master, |id| Target::Occurrence(&id.moment));
            for (names, change, holds) in edits(component) {
                let after = edit::change(&bytes, target, &change).unwrap();
                let shown = String::from_utf8_lossy(&after).into_owned();
                assert!(
                    holds(&Object::parse(&after).unwrap().components[index]),
                    "{name} {names:?}: {shown}"
                );
                if names != ["TRIGGER"] || after.len() < bytes.len() + 40 {
                    assert_eq!(others(&after, names), others(&bytes, names), "{name} {names:?}");
                }
                let again = edit::change(&after, target, &Change { next_sequence: false, ..change.clone() });
                assert_eq!(again.unwrap(), after, "{name} {names:?} twice");
            }
        }
    }
}
