//! Edits of single lines, one by one.

use calendar::edit::{self, Change, EditError, Field, Target};
use calendar::{
    Attendee, AttendeeRole, ComponentKind, Duration, Moment, Object, Organizer, Participation, Rule, Status,
    Trigger, UserType, Zone, new_object,
};

use super::given::{component, event, parse, starts, utc, zone};

fn moment(text: &str, tzid: &str) -> Moment {
    Moment::parse(text, Some(tzid).filter(|tzid| !tzid.is_empty())).expect(text)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn changed(old: &str, change: &Change) -> String {
    text(edit::change(old.as_bytes(), Target::Master, change).unwrap())
}

/// The lines that an edit took away and those that it put in.
fn difference(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let missing = |from: &str, other: &str| {
        let mut rest: Vec<&str> = other.lines().collect();
        from.lines()
            .filter(|line| match rest.iter().position(|other| other == line) {
                Some(at) => {
                    rest.remove(at);
                    false
                }
                None => true,
            })
            .map(str::to_owned)
            .collect()
    };
    (missing(old, new), missing(new, old))
}

#[track_caller]
fn replaces(old: &str, change: &Change, gone: &[&str], put: &[&str]) {
    let new = changed(old, change);
    let (gone_lines, put_lines) = difference(old, &new);
    assert_eq!(
        (gone_lines, put_lines),
        (
            gone.iter().map(|line| (*line).to_owned()).collect(),
            put.iter().map(|line| (*line).to_owned()).collect()
        )
    );
}

fn set<T>(value: T) -> Field<T> {
    Field::Set(value)
}

#[test]
fn one_property_is_one_line() {
    let old = event(
        "DTSTART:20240701T100000Z\nsummary;LANGUAGE=de:Alt\nX-KEEP;A=b:c\nSTATUS:CONFIRMED\nPRIORITY:5",
    );
    let summary = |text: &str| Change { summary: set(text.to_owned()), ..Change::default() };
    replaces(
        &old,
        &summary("Neu, schön; \\ so"),
        &["summary;LANGUAGE=de:Alt"],
        &["summary;LANGUAGE=de:Neu\\, schön\\; \\\\ so"],
    );
    replaces(&old, &summary("Alt"), &[], &[]);
    replaces(
        &old,
        &Change { status: set(Status::Tentative), ..Change::default() },
        &["STATUS:CONFIRMED"],
        &["STATUS:TENTATIVE"],
    );
    replaces(&old, &Change { priority: Field::Clear, ..Change::default() }, &["PRIORITY:5"], &[]);
    replaces(
        &old,
        &Change { location: set("Room\r\n1".to_owned()), ..Change::default() },
        &[],
        &["LOCATION:Room\\n1"],
    );
}

#[test]
fn a_new_description_drops_the_old_html_beside_it() {
    let old = event("DTSTART:20240701T100000Z\nDESCRIPTION;ALTREP=\"data:text/html,old\";X-A=1:old");
    let change = Change { description: set("new".to_owned()), ..Change::default() };
    replaces(
        &old,
        &change,
        &["DESCRIPTION;ALTREP=\"data:text/html,old\";X-A=1:old"],
        &["DESCRIPTION;X-A=1:new"],
    );
}

#[test]
fn the_same_in_another_language_stays() {
    let old = component("VJOURNAL", "DESCRIPTION:Milch\nDESCRIPTION;LANGUAGE=en:Milk");
    let change = Change { description: set("Brot".to_owned()), ..Change::default() };
    replaces(&old, &change, &["DESCRIPTION:Milch"], &["DESCRIPTION:Brot"]);
    let rules =
        event("DTSTART:20240701T100000Z\nRRULE:FREQ=DAILY\nRRULE:FREQ=YEARLY\nCATEGORIES:a\nCATEGORIES:b");
    let change = Change {
        rule: set(Rule::parse("FREQ=WEEKLY").unwrap()),
        categories: set(vec!["c".to_owned()]),
        ..Change::default()
    };
    let gone = ["RRULE:FREQ=DAILY", "RRULE:FREQ=YEARLY", "CATEGORIES:a", "CATEGORIES:b"];
    replaces(&rules, &change, &gone, &["RRULE:FREQ=WEEKLY", "CATEGORIES:c"]);
}

#[test]
fn times_keep_their_form_where_the_zone_is_the_same() {
    let tzid = "/a.test/1/Europe/Berlin";
    let old = event(&format!("DTSTART;TZID={tzid};X-A=1:20240701T100000\nDURATION:PT1H"));
    let start = |moment| Change { start: set(moment), ..Change::default() };
    replaces(
        &old,
        &start(moment("20240702T100000", "Europe/Berlin")),
        &[&format!("DTSTART;TZID={tzid};X-A=1:20240701T100000")],
        &[&format!("DTSTART;TZID={tzid};X-A=1:20240702T100000")],
    );
    replaces(&old, &start(moment("20240701T100000", "Europe/Berlin")), &[], &[]);
    let new = changed(&old, &start(moment("20240701", "")));
    assert!(new.contains("DTSTART;X-A=1;VALUE=DATE:20240701\r\n"), "{new}");
}

#[test]
fn a_new_zone_is_defined_once() {
    let old = event("DTSTART:20240701T100000Z\nDTEND:20240701T110000Z");
    let change = Change {
        start: set(moment("20240701T100000", "Europe/Berlin")),
        end: set(moment("20240701T110000", "Europe/Berlin")),
        ..Change::default()
    };
    let new = changed(&old, &change);
    assert_eq!(new.matches("BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n").count(), 1);
    assert!(new.find("BEGIN:VTIMEZONE") < new.find("BEGIN:VEVENT"));
    let later = Change { start: set(moment("20240702T100000", "Europe/Berlin")), ..Change::default() };
    assert_eq!(changed(&new, &later).matches("BEGIN:VTIMEZONE").count(), 1);
}

#[test]
fn a_zone_of_a_phone_is_defined_by_its_rules() {
    let mut rules = zone("Europe/Berlin").rules(2024);
    rules.bias_minutes = -77;
    let own = Zone::by_rules(&rules, 2024, None, "Customized Time Zone");
    let start = moment("20240701T100000", "Customized Time Zone");
    let change = Change { start: set(start.clone()), zones: vec![own.clone()], ..Change::default() };
    let object = parse(&changed(&event("DTSTART:20240701T100000Z"), &change));
    assert_eq!(object.instant(&start, &Zone::utc()), own.instant(start.local()));
}

#[test]
fn an_end_takes_the_place_of_a_duration_only_if_it_says_more() {
    let old = event("DTSTART:20240701T100000Z\nDURATION:PT1H");
    let end = |text| Change { end: set(moment(text, "")), ..Change::default() };
    replaces(&old, &end("20240701T110000Z"), &[], &[]);
    replaces(&old, &end("20240701T113000Z"), &["DURATION:PT1H"], &["DTEND:20240701T113000Z"]);
    let day = event("DTSTART;VALUE=DATE:20240701");
    replaces(&day, &end("20240702"), &[], &[]);
    replaces(&day, &end("20240703"), &[], &["DTEND;VALUE=DATE:20240703"]);
    let task = component("VTODO", "SUMMARY:x");
    replaces(&task, &end("20240703"), &[], &["DUE;VALUE=DATE:20240703"]);
}

#[test]
fn people_that_stay_keep_their_lines() {
    let old = event(
        "DTSTART:20240701T100000Z\nORGANIZER;X-O=1;CN=Boss:mailto:boss@a.test\nATTENDEE;X-NUM-GUESTS=0;PARTSTAT=NEEDS-ACTION;CN=Anna:MAILTO:Anna@a.test\nATTENDEE;CN=Ben:mailto:ben@a.test",
    );
    let mut people = parse(&old).components[0].attendees.clone();
    let all = |people: &[Attendee]| Change { attendees: set(people.to_vec()), ..Change::default() };
    replaces(&old, &all(&people), &[], &[]);
    people[0].participation = Participation::Accepted;
    people[0].address = "anna@A.test".to_owned();
    replaces(
        &old,
        &all(&people),
        &["ATTENDEE;X-NUM-GUESTS=0;PARTSTAT=NEEDS-ACTION;CN=Anna:MAILTO:Anna@a.test"],
        &["ATTENDEE;X-NUM-GUESTS=0;PARTSTAT=ACCEPTED;CN=Anna:MAILTO:Anna@a.test"],
    );
    people = parse(&old).components[0].attendees.clone();
    people.remove(1);
    people.push(Attendee {
        address: "eve@a.test".to_owned(),
        name: Some("Eve \"x\": y".to_owned()),
        user_type: UserType::Room,
        role: AttendeeRole::Optional,
        participation: Participation::Tentative,
        rsvp: true,
    });
    let new = changed(&old, &all(&people));
    assert_eq!(parse(&new).components[0].attendees, people);
    assert!(new.contains("X-NUM-GUESTS=0"));
    let organizer = Organizer { address: "boss@a.test".to_owned(), name: Some("Chief".to_owned()) };
    let change = Change { organizer: set(organizer), ..Change::default() };
    replaces(
        &old,
        &change,
        &["ORGANIZER;X-O=1;CN=Boss:mailto:boss@a.test"],
        &["ORGANIZER;X-O=1;CN=Chief:mailto:boss@a.test"],
    );
    let change = Change {
        organizer: set(Organizer { address: "new@a.test".to_owned(), name: Some("N".to_owned()) }),
        ..Change::default()
    };
    let object = parse(&changed(&event("DTSTART:20240701T100000Z"), &change));
    assert_eq!(
        object.components[0].organizer.as_ref().map(|organizer| organizer.name.as_deref()),
        Some(Some("N"))
    );
}

#[test]
fn only_the_first_shown_alarm_is_ours() {
    let old = event(
        "DTSTART:20240701T100000Z\nBEGIN:VALARM\nACTION:EMAIL\nTRIGGER:-PT1H\nEND:VALARM\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;X-A=1:-PT15M\nX-WR-ALARMUID:7\nEND:VALARM\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM",
    );
    let minutes = |minutes: i64| Change {
        alarm: set(Trigger::FromStart(Duration::from_seconds(60 * minutes))),
        ..Change::default()
    };
    replaces(&old, &minutes(-15), &[], &[]);
    replaces(&old, &minutes(-30), &["TRIGGER;X-A=1:-PT15M"], &["TRIGGER:-PT30M"]);
    let cleared = changed(&old, &Change { alarm: Field::Clear, ..Change::default() });
    assert!(
        !cleared.contains("X-WR-ALARMUID")
            && cleared.contains("ACTION:EMAIL")
            && cleared.contains("ACTION:AUDIO")
    );
    let at = Change { alarm: set(Trigger::At(utc("20240701T080000"))), ..Change::default() };
    let object = parse(&changed(&event("DTSTART:20240701T100000Z\nSUMMARY:Lunch"), &at));
    assert_eq!(object.components[0].alarms[0].trigger, Some(Trigger::At(utc("20240701T080000"))));
    assert_eq!(object.components[0].alarms[0].description.as_deref(), Some("Lunch"));
}

#[test]
fn stamps_are_what_is_asked_for() {
    let old = event("DTSTART:20240701T100000Z\nDTSTAMP:20200101T000000Z\nSEQUENCE:4");
    let change = Change { stamp: Some(utc("20240801T000000")), next_sequence: true, ..Change::default() };
    replaces(
        &old,
        &change,
        &["DTSTAMP:20200101T000000Z", "SEQUENCE:4"],
        &["DTSTAMP:20240801T000000Z", "SEQUENCE:5", "LAST-MODIFIED:20240801T000000Z"],
    );
}

const SERIES: &str = "DTSTART;TZID=Europe/Berlin:20240325T090000\nDTEND;TZID=Europe/Berlin:20240325T100000\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Team\nX-KEEP:1\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM";

#[test]
fn an_exception_is_in_the_form_of_the_start() {
    let old = event(SERIES);
    let new = text(edit::add_exception(old.as_bytes(), &moment("20240401T070000Z", "")).unwrap());
    assert_eq!(
        difference(&old, &new),
        (vec![], vec!["EXDATE;TZID=Europe/Berlin:20240401T090000".to_owned()])
    );
    let again =
        text(edit::add_exception(new.as_bytes(), &moment("20240401T090000", "Europe/Berlin")).unwrap());
    assert_eq!(again, new);
    let back = text(edit::remove_exception(new.as_bytes(), &moment("20240401T070000Z", "")).unwrap());
    assert_eq!(back, old);
    let dates = event("DTSTART;VALUE=DATE:20240701\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20240703");
    let new = text(edit::add_exception(dates.as_bytes(), &moment("20240702", "")).unwrap());
    assert!(new.contains("EXDATE;VALUE=DATE:20240703\r\nEXDATE;VALUE=DATE:20240702\r\n"));
}

#[test]
fn an_override_says_what_the_series_says_until_it_is_changed() {
    let old = event(SERIES);
    let occurrence = moment("20240401T070000Z", "");
    let new = text(edit::add_override(old.as_bytes(), &occurrence).unwrap());
    assert!(difference(&old, &new).0.is_empty());
    let object = parse(&new);
    let component = object.override_at(utc("20240401T070000"), &Zone::utc()).unwrap();
    assert_eq!(component.recurrence.as_ref().unwrap().moment, moment("20240401T090000", "Europe/Berlin"));
    assert_eq!(component.start, Some(moment("20240401T090000", "Europe/Berlin")));
    assert_eq!(component.end, Some(moment("20240401T100000", "Europe/Berlin")));
    assert_eq!(
        (component.rules.len(), component.alarms.len(), component.summary.as_deref()),
        (0, 1, Some("Team"))
    );
    let clocks = zone("Europe/Berlin");
    let whole = |text: &str| starts(&parse(text), "20240101T000000", "20250101T000000", &clocks);
    assert_eq!(whole(&new), whole(&old));
    let change = Change { summary: set("Moved".to_owned()), ..Change::default() };
    let changed = text(edit::change(new.as_bytes(), Target::Occurrence(&occurrence), &change).unwrap());
    assert_eq!(
        difference(&new, &changed),
        (vec!["SUMMARY:Team".to_owned()], vec!["SUMMARY:Moved".to_owned()])
    );
    assert_eq!(text(edit::remove_override(changed.as_bytes(), &occurrence).unwrap()), old);
    let without = text(edit::add_exception(changed.as_bytes(), &occurrence).unwrap());
    assert_eq!(whole(&without).len(), 3);
    let put_back = text(edit::add_override(without.as_bytes(), &occurrence).unwrap());
    assert_eq!((whole(&put_back).len(), put_back.contains("EXDATE")), (4, false));
    assert_eq!(text(edit::drop_exceptions(put_back.as_bytes()).unwrap()), old);
}

#[test]
fn several_occurrences_are_what_each_of_them_would_be() {
    let old = event(&format!("{SERIES}\nX-LAST:1"));
    let ids = [moment("20240401T070000Z", ""), moment("20240408T090000", "Europe/Berlin")];
    let by_one = |each: fn(&[u8], &Moment) -> Result<Vec<u8>, EditError>, old: &str| {
        ids.iter().fold(old.to_owned(), |bytes, id| text(each(bytes.as_bytes(), id).unwrap()))
    };
    let without = text(edit::add_exceptions(old.as_bytes(), &ids).unwrap());
    assert_eq!(without, by_one(edit::add_exception, &old));
    let twice = [&ids[..], &ids[..]].concat();
    assert_eq!(text(edit::add_exceptions(old.as_bytes(), &twice).unwrap()), without);
    let changed = by_one(edit::add_override, &old);
    for old in [&old, &without] {
        assert_eq!(text(edit::add_overrides(old.as_bytes(), &twice, usize::MAX).unwrap()), changed);
    }
    let begin = old.find("BEGIN:VEVENT").unwrap();
    let end = old.find("END:VCALENDAR").unwrap();
    let limit = old.len() + 2 * (end - begin);
    assert_eq!(text(edit::add_overrides(old.as_bytes(), &twice, limit).unwrap()), changed);
    assert_eq!(edit::add_overrides(old.as_bytes(), &ids, limit - 1), Err(EditError::TooLarge));
    assert_eq!(text(edit::add_overrides(changed.as_bytes(), &ids, 0).unwrap()), changed);
    assert_eq!(text(edit::remove_overrides(changed.as_bytes(), &ids).unwrap()), old);
    let named = |name: &str| Change { summary: set(name.to_owned()), ..Change::default() };
    let changes = [(ids[0].clone(), named("one")), (ids[1].clone(), named("two"))];
    let renamed = text(edit::change_overrides(changed.as_bytes(), &changes).unwrap());
    assert_eq!(
        difference(&changed, &renamed),
        (vec!["SUMMARY:Team".to_owned(); 2], vec!["SUMMARY:one".to_owned(), "SUMMARY:two".to_owned()])
    );
}

#[test]
fn dates_go_line_by_line() {
    let old = event(SERIES);
    let dated =
        old.replace("SUMMARY:Team", "RDATE:20240702T070000Z\r\nSUMMARY:Team\r\nRDATE;VALUE=DATE:20240703");
    assert_ne!(dated, old);
    assert_eq!(text(edit::drop_dates(dated.as_bytes()).unwrap()), old);
    assert_eq!(text(edit::drop_dates(old.as_bytes()).unwrap()), old);
}

#[test]
fn what_does_not_exist_is_an_error() {
    let single = event("DTSTART:20240701T100000Z");
    let occurrence = moment("20240702T100000Z", "");
    assert_eq!(edit::add_exception(single.as_bytes(), &occurrence), Err(EditError::NotRecurring));
    assert_eq!(edit::add_override(single.as_bytes(), &occurrence), Err(EditError::NotRecurring));
    assert_eq!(edit::remove_override(single.as_bytes(), &occurrence), Err(EditError::NoComponent));
    let target = Target::Occurrence(&occurrence);
    assert_eq!(edit::change(single.as_bytes(), target, &Change::default()), Err(EditError::NoComponent));
    assert_eq!(edit::advance(single.as_bytes(), &Zone::utc()), Err(EditError::NotRecurring));
    assert!(matches!(edit::change(b"hello", Target::Master, &Change::default()), Err(EditError::Invalid(_))));
}

#[test]
fn a_recurring_task_moves_on() {
    let old = component(
        "VTODO",
        "DTSTART;TZID=Europe/Berlin:20240329T090000\nDUE;TZID=Europe/Berlin:20240329T180000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Europe/Berlin:20240330T090000\nX-APPLE-SORT-ORDER:5\nSTATUS:COMPLETED\nCOMPLETED:20240329T100000Z\nPERCENT-COMPLETE:100",
    );
    let next = text(edit::advance(old.as_bytes(), &Zone::utc()).unwrap().unwrap());
    let task = &parse(&next).components[0];
    assert_eq!(task.start, Some(moment("20240331T090000", "Europe/Berlin")));
    assert_eq!(task.end, Some(moment("20240331T180000", "Europe/Berlin")));
    assert_eq!((task.status, task.completed, task.percent_complete), (Some(Status::NeedsAction), None, None));
    assert_eq!(task.rules[0], Rule::parse("FREQ=DAILY;COUNT=2").unwrap());
    assert!(next.contains("X-APPLE-SORT-ORDER:5\r\n"));
    let last = text(edit::advance(next.as_bytes(), &Zone::utc()).unwrap().unwrap());
    assert_eq!(edit::advance(last.as_bytes(), &Zone::utc()).unwrap(), None);
}

/// At nine in Berlin, in winter and in summer. What rings before the task moves with it anyway.
#[test]
fn the_alarms_of_a_task_move_on_with_it() {
    let alarm = |trigger: &str| format!("BEGIN:VALARM\nACTION:DISPLAY\n{trigger}\nEND:VALARM\n");
    for (due, zone) in [
        ("DUE;TZID=Europe/Berlin:20240328T180000", Zone::utc()),
        ("DUE;VALUE=DATE:20240328", self::zone("Europe/Berlin")),
    ] {
        let alarms = [
            alarm("TRIGGER;VALUE=DATE-TIME:20240328T080000Z"),
            alarm("TRIGGER:-PT15M"),
            alarm("TRIGGER;VALUE=DATE-TIME:20240327T080000Z"),
        ];
        let old = component("VTODO", &format!("{due}\nRRULE:FREQ=WEEKLY\n{}", alarms.concat().trim_end()));
        let next = text(edit::advance(old.as_bytes(), &zone).unwrap().unwrap());
        let triggers: Vec<&str> = next.lines().filter(|line| line.starts_with("TRIGGER")).collect();
        assert_eq!(
            triggers,
            [
                "TRIGGER;VALUE=DATE-TIME:20240404T070000Z",
                "TRIGGER:-PT15M",
                "TRIGGER;VALUE=DATE-TIME:20240403T070000Z",
            ]
        );
    }
}

/// RFC 7529 section 4.1: the 31st stays the 31st, although the task has stood at another day.
#[test]
fn a_task_that_was_moved_by_skip_comes_back_to_its_day() {
    let mut task =
        component("VTODO", "DUE;VALUE=DATE:20240131\nRRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD");
    for due in ["20240229", "20240331", "20240430", "20240531"] {
        task = text(edit::advance(task.as_bytes(), &Zone::utc()).unwrap().unwrap());
        assert_eq!(parse(&task).components[0].end, Some(moment(due, "")), "{task}");
    }
}

#[test]
fn a_task_without_start_moves_its_due_date() {
    let old = component("VTODO", "DUE;VALUE=DATE:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1");
    let next = parse(&text(edit::advance(old.as_bytes(), &Zone::utc()).unwrap().unwrap()));
    assert_eq!(
        (next.components[0].end.clone(), next.components[0].start.clone()),
        (Some(moment("20240229", "")), None)
    );
}

#[test]
fn a_completed_copy_is_a_task_of_its_own() {
    let old =
        component("VTODO", "DUE:20240131T100000Z\nRRULE:FREQ=MONTHLY\nEXDATE:20240229T100000Z\nSUMMARY:Rent");
    let copy = parse(&text(edit::completed_copy(old.as_bytes(), "copy-1", utc("20240130T120000")).unwrap()));
    let task = &copy.components[0];
    assert_eq!((task.uid.as_deref(), task.is_recurring(), task.exceptions.len()), (Some("copy-1"), false, 0));
    assert_eq!((task.status, task.completed), (Some(Status::Completed), Some(utc("20240130T120000"))));
    let done = parse(&text(edit::complete(old.as_bytes(), Target::Master, utc("20240130T120000")).unwrap()));
    assert_eq!((done.components[0].percent_complete, done.components[0].is_recurring()), (Some(100), true));
}

#[test]
fn new_objects_say_what_they_are_told() {
    for kind in [ComponentKind::Event, ComponentKind::ToDo, ComponentKind::Journal] {
        let content = Change {
            summary: set("Größe, \"x\"; \\n".to_owned()),
            description: set("line 1\nline 2 🦀".repeat(20)),
            start: set(moment("20240701T100000", "Europe/Berlin")),
            rule: set(Rule::parse("FREQ=WEEKLY;BYDAY=MO").unwrap()),
            categories: set(vec!["a,b".to_owned(), "c".to_owned()]),
            ..Change::default()
        };
        let bytes = new_object(kind, "uid,1", utc("20240601T000000"), &content).unwrap();
        let written = text(bytes.clone());
        assert!(written.lines().all(|line| line.len() <= 75), "{written}");
        assert_eq!(written.matches("BEGIN:VTIMEZONE").count(), 1);
        let described = calendar::describe(&bytes).unwrap();
        assert_eq!((described.kind, described.uid.as_str()), (kind, "uid,1"));
        let object = Object::parse(&bytes).unwrap();
        let component = &object.components[0];
        assert_eq!(component.summary.as_deref(), Some("Größe, \"x\"; \\n"));
        assert_eq!(component.categories, ["a,b", "c"]);
        assert_eq!(
            (component.stamp, component.created),
            (Some(utc("20240601T000000")), Some(utc("20240601T000000")))
        );
        assert_eq!(changed(&written, &content), written);
    }
}
