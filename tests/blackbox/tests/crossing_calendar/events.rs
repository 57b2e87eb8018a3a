//! Single events and series, made, edited and deleted at either door.

use blackbox::{Dav, Element, Phone, calendar, day_after, kind, on_each_store, parts, texts, unique};

use super::{VERSIONS, VEVENT, add, annas, change, differing, event_of_app, event_of_phone};

#[test]
fn an_event_made_on_the_phone_is_in_the_calendar_app() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let mut items = phone.items(kind::CALENDAR);
            let target = app.own(VEVENT);
            let mut copy = app.copy_of(&target);
            let subject = unique();
            let mut data = event_of_phone(version, &subject, "20270701T070000Z", "20270701T083000Z");
            data.push(Element::body("First line\r\nsecond, with; signs"));

            let delta =
                phone.sync_items_once(&mut items, &[Element::add_item(&Phone::client_id(), data.clone())]);

            let told = app.refresh(&mut copy, None);
            let ([name], []) = (&told.changed[..], &told.removed[..]) else { panic!("{told:?}") };
            let text = app.get(&format!("{target}{name}")).is(200).text();
            let [event] = &parts(&text, "VEVENT")[..] else { panic!("{text}") };
            assert_eq!(event.value("SUMMARY"), Some(subject.as_str()));
            assert_eq!(event.value("DESCRIPTION"), Some("First line\\nsecond\\, with\\; signs"));
            assert_eq!(event.moment("DTSTART").as_deref(), Some("20270701T070000Z"), "{text}");
            assert_eq!(event.moment("DTEND").as_deref(), Some("20270701T083000Z"), "{text}");
            let [alarm] = &parts(&text, "VALARM")[..] else { panic!("{text}") };
            assert_eq!(alarm.value("TRIGGER"), Some("-PT15M"));
            // MS-ASCAL R2219: the phone's own; R2223: the server's, which the answer tells.
            let uid = match version {
                "14.1" => Some(format!("uid-{subject}")),
                _ => delta.responses[0].get("ApplicationData/UID"),
            };
            assert_eq!(event.value("UID").map(str::to_owned), uid, "{}", delta.responses[0].shown());
            items.items.insert(delta.added_as(), Element::holding("AirSync:ApplicationData", data));
            assert!(phone.sync_items(&mut items).is_empty(), "what the phone made does not come back");
        }
    });
}

#[test]
fn an_event_that_a_phone_of_16_adds_again_is_there_once() {
    on_each_store(|demo| {
        let (phone, app) = annas(demo, "16.1");
        let mut items = phone.items(kind::CALENDAR);
        let subject = unique();
        let data = event_of_phone("16.1", &subject, "20270701T070000Z", "20270701T083000Z");
        let first = add(&phone, &mut items, data.clone());
        // MS-ASCAL R2062: known by ClientUid, though everything else of the request is new.
        let again = phone.sync_items_once(&mut items, &[Element::add_item(&Phone::client_id(), data)]);
        let response = &again.responses[0];
        assert_eq!(response.get("ServerId").unwrap_or_else(|| first.clone()), first, "{}", response.shown());
        app.object_with(&app.own(VEVENT), &format!("SUMMARY:{subject}"));
    });
}

#[test]
fn an_event_whose_answer_was_lost_is_there_once() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let mut items = phone.items(kind::CALENDAR);
            let target = app.own(VEVENT);
            let (subject, meanwhile) = (unique(), unique());
            let data = event_of_phone(version, &subject, "20270701T070000Z", "20270701T083000Z");
            let add = [Element::add_item(&Phone::client_id(), data.clone())];

            phone.sync_items_once(&mut items.clone(), &add);
            app.put(&format!("{target}{meanwhile}.ics"), &event_of_app(&meanwhile, "")).is(201);
            phone.sync_items_once(&mut items.clone(), &add);
            let delta = phone.sync_items_once(&mut items, &add);

            let id = delta.added_as();
            assert!(!delta.added.contains(&id), "{version}: its own event comes as a second one: {delta:?}");
            items.items.insert(id, Element::holding("AirSync:ApplicationData", data));
            phone.sync_items(&mut items);
            assert!(items.find("Subject", &subject).is_some() && items.find("Subject", &meanwhile).is_some());
            app.object_with(&target, &format!("SUMMARY:{subject}"));
        }
    });
}

// MS-ASCMD R2066
#[test]
fn of_two_edits_the_first_wins_and_the_loser_is_told() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let (subject, first, second) = (unique(), unique(), unique());
            let target = format!("{}{subject}.ics", app.own(VEVENT));
            let text = event_of_app(&subject, "");
            app.put(&target, &text).is(201);
            let mut items = phone.items(kind::CALENDAR);
            let id = items.id_of(&subject);
            app.put(&target, &text.replace(&format!("SUMMARY:{subject}"), &format!("SUMMARY:{first}")))
                .is(204);

            // The phone has not heard of it. MS-ASCMD, `Conflict`: the server wins unless the phone says otherwise.
            let data = items.items[&id].edited(version, "Calendar", &[("Subject", &second)]);
            items.items.insert(id.clone(), Element::holding("AirSync:ApplicationData", data.clone()));
            let delta = phone.sync_items_once(&mut items, &[Element::change_item(&id, data)]);

            let [response] = &delta.responses[..] else {
                panic!("a Change that lost is answered: {delta:?}")
            };
            assert_eq!(response.get("Status").as_deref(), Some("7"), "{}", response.shown());
            phone.sync_items(&mut items);
            assert_eq!(items.items[&id].get("Subject").as_ref(), Some(&first), "the phone shows the winner");
            assert!(app.get(&target).is(200).text().contains(&format!("SUMMARY:{first}\r\n")));
        }
    });
}

#[test]
fn an_event_made_in_the_calendar_app_is_on_the_phone() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let mut items = phone.items(kind::CALENDAR);
            let subject = unique();
            app.put(&format!("{}{subject}.ics", app.own(VEVENT)), &event_of_app(&subject, "")).is(201);

            let delta = phone.sync_items(&mut items);

            assert_eq!((delta.added.len(), delta.changed.len(), delta.deleted.len()), (1, 0, 0), "{delta:?}");
            let event = items.with(&subject);
            let location = if version < "16" {
                event.get("Calendar:Location")
            } else {
                event.get("Location/DisplayName")
            };
            assert_eq!(location.as_deref(), Some("Werkstatt"), "{version}: {}", event.shown());
            for (path, value) in [
                ("StartTime", "20270315T080000Z"),
                ("EndTime", "20270315T090000Z"),
                ("AllDayEvent", "0"),
                ("Reminder", "30"),
            ] {
                assert_eq!(event.get(path).as_deref(), Some(value), "{version} {path}: {}", event.shown());
            }
            let body = event.get("Body/Data").unwrap_or_default();
            assert_eq!(body.replace("\r\n", "\n").trim_end(), "Line one\nline two");
        }
    });
}

#[test]
fn an_edit_on_the_phone_leaves_what_it_cannot_show() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let (subject, newer) = (unique(), unique());
            let target = format!("{}{subject}.ics", app.own(VEVENT));
            let before = event_of_app(&subject, "CLASS:PUBLIC\nURL:https://probe.test/\nX-APPLE-TRAVEL:1\n");
            app.put(&target, &before).is(201);
            let mut items = phone.items(kind::CALENDAR);
            let id = items.id_of(&subject);
            let data = items.items[&id].edited(version, "Calendar", &[("Subject", &newer)]);

            change(&phone, &mut items, Element::change_item(&id, data));

            let after = app.get(&target).is(200).text();
            let expected = (vec![format!("SUMMARY:{subject}")], vec![format!("SUMMARY:{newer}")]);
            assert_eq!(differing(&before, &after), expected, "{version}: {after}");
            if version == "16.1" {
                // MS-ASCAL R2232: it should send what is edited and nothing else.
                let data = texts("Calendar", &[("Subject", &subject)]);
                change(&phone, &mut items, Element::change_item(&id, data));
                let last = app.get(&target).is(200).text();
                assert_eq!(differing(&before, &last), (vec![], vec![]), "{last}");
            }
        }
    });
}

#[test]
fn an_edit_that_edits_nothing_changes_no_byte() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let target = app.own(VEVENT);
            let mut items = phone.items(kind::CALENDAR);
            // A plain one and each difficult series of the demo.
            for (name, subject) in [
                ("accounts.ics", "Monatsabschluss"),
                ("stocktaking.ics", "Inventur"),
                ("delivery.ics", "Lieferung Großmarkt"),
                ("watering.ics", "Gießen"),
                ("leap.ics", "Geburtstag Oma Lina"),
                ("fair.ics", "Messe IPM"),
            ] {
                let before = app.get(&format!("{target}{name}")).is(200).text();
                let id = items.id_of(subject);
                let data = items.items[&id].edited(version, "Calendar", &[]);
                change(&phone, &mut items, Element::change_item(&id, data));
                let after = app.get(&format!("{target}{name}")).is(200).text();
                let (gone, new) = differing(&before, &after);
                assert!(gone.is_empty() && new.is_empty(), "{version} {name}: {gone:#?} {new:#?}");
            }
        }
    });
}

#[test]
fn an_edit_in_the_calendar_app_is_on_the_phone_once() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let (subject, newer) = (unique(), unique());
            let target = format!("{}{subject}.ics", app.own(VEVENT));
            let before = event_of_app(&subject, "");
            app.put(&target, &before).is(201);
            let mut items = phone.items(kind::CALENDAR);
            let id = items.id_of(&subject);

            app.put(&target, &before.replace(&format!("SUMMARY:{subject}"), &format!("SUMMARY:{newer}")))
                .is(204);

            let delta = phone.sync_items(&mut items);
            assert_eq!((&delta.changed[..], delta.added.len() + delta.deleted.len()), (&[id.clone()][..], 0));
            assert_eq!(items.items[&id].get("Subject"), Some(newer));
            assert!(phone.sync_items(&mut items).is_empty(), "nothing is sent twice");
        }
    });
}

#[test]
fn an_event_deleted_at_one_door_is_gone_at_the_other() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let target = app.own(VEVENT);
            let (one, two) = (unique(), unique());
            let at = |name: &str| format!("{target}{name}.ics");
            app.put(&at(&one), &event_of_app(&one, "")).is(201);
            app.put(&at(&two), &event_of_app(&two, "")).is(201);
            let mut items = phone.items(kind::CALENDAR);
            let mut copy = app.copy_of(&target);
            let (first, second) = (items.id_of(&one), items.id_of(&two));

            app.delete(&at(&one)).is(204);
            assert_eq!(phone.sync_items(&mut items).deleted, [first]);
            change(&phone, &mut items, Element::delete(&second));
            items.items.remove(&second);

            app.get(&at(&two)).is(404);
            let mut removed = app.refresh(&mut copy, None).removed;
            removed.sort();
            let mut expected = [format!("{one}.ics"), format!("{two}.ics")];
            expected.sort();
            assert_eq!(removed, expected);
            assert!(phone.sync_items(&mut items).is_empty());
        }
    });
}

#[test]
fn a_whole_day_is_the_same_day_at_both_doors() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let mut items = phone.items(kind::CALENDAR);
            let target = app.own(VEVENT);
            // Midnight in Berlin in summer for 14.1, the date itself for 16.1 (MS-ASCAL section 2.2.2.1).
            let (start, end) = match version {
                "14.1" => ("20270713T220000Z", "20270715T220000Z"),
                _ => ("20270714T000000Z", "20270716T000000Z"),
            };
            let subject = unique();
            let mut data = event_of_phone(version, &subject, start, end);
            data.retain(|one| one.tag != "Calendar:AllDayEvent");
            data.retain(|one| version < "16" || one.tag != "Calendar:Timezone");
            data.extend(texts("Calendar", &[("AllDayEvent", "1")]));

            add(&phone, &mut items, data);

            let (_, text) = app.object_with(&target, &format!("SUMMARY:{subject}"));
            let event = parts(&text, "VEVENT").remove(0);
            assert_eq!(event.line("DTSTART"), Some("DTSTART;VALUE=DATE:20270714"), "{version}: {text}");
            assert_eq!(event.line("DTEND"), Some("DTEND;VALUE=DATE:20270716"), "{version}: {text}");

            let subject = unique();
            let inner =
                format!("DTSTART;VALUE=DATE:20270714\nDTEND;VALUE=DATE:20270716\nSUMMARY:{subject}\n");
            app.put(&format!("{target}{subject}.ics"), &calendar("VEVENT", &subject, &inner)).is(201);
            phone.sync_items(&mut items);
            let event = items.with(&subject);
            assert_eq!(event.get("AllDayEvent").as_deref(), Some("1"), "{}", event.shown());
            if version == "16.1" {
                assert_eq!(event.get("StartTime").as_deref(), Some(start), "{}", event.shown());
                assert_eq!(event.get("EndTime").as_deref(), Some(end), "{}", event.shown());
                assert!(event.at("Timezone").is_none(), "a day floats: {}", event.shown());
            } else {
                // Midnight somewhere, and two days long: which zone the blob says is the server's choice.
                let moment = |name: &str| event.get(name).unwrap();
                let hour = |moment: &str| moment[9..].to_owned();
                assert_eq!(hour(&moment("StartTime")), hour(&moment("EndTime")), "{}", event.shown());
                assert_eq!(
                    day_after(&moment("StartTime")[..8], 2),
                    moment("EndTime")[..8],
                    "{}",
                    event.shown()
                );
            }
        }
    });
}

/// What the calendar app finds of an object within a time.
fn is_happening(app: &Dav, calendar: &str, name: &str, start: &str, end: &str) -> bool {
    app.happening(calendar, start, end).iter().any(|found| found == name)
}

#[test]
fn a_series_with_exceptions_made_on_a_phone_of_14_is_one_in_the_calendar_app() {
    on_each_store(|demo| {
        let (phone, app) = annas(demo, "14.1");
        let mut items = phone.items(kind::CALENDAR);
        let target = app.own(VEVENT);
        let (subject, moved) = (unique(), unique());
        // Mondays 09:00 in Berlin, eight times over the change to summer; the second is said off, the third moved.
        let mut data = event_of_phone("14.1", &subject, "20270301T080000Z", "20270301T090000Z");
        let rule = [("Type", "1"), ("Interval", "1"), ("DayOfWeek", "2"), ("Occurrences", "8")];
        data.push(Element::holding("Calendar:Recurrence", texts("Calendar", &rule)));
        let off = texts("Calendar", &[("Deleted", "1"), ("ExceptionStartTime", "20270308T080000Z")]);
        let other = [
            ("ExceptionStartTime", "20270315T080000Z"),
            ("StartTime", "20270316T130000Z"),
            ("EndTime", "20270316T140000Z"),
            ("Subject", &moved),
        ];
        let exceptions = [off, texts("Calendar", &other)];
        let exceptions = exceptions.map(|one| Element::holding("Calendar:Exception", one)).to_vec();
        data.push(Element::holding("Calendar:Exceptions", exceptions));

        add(&phone, &mut items, data);

        let (href, text) = app.object_with(&target, &format!("SUMMARY:{subject}"));
        let name = href.rsplit('/').next().unwrap();
        let all = parts(&text, "VEVENT");
        let [master, exception] = &all[..] else { panic!("{text}") };
        assert_eq!(master.moment("DTSTART").as_deref(), Some("20270301T080000Z"));
        assert_eq!(master.moment("EXDATE").as_deref(), Some("20270308T080000Z"), "{text}");
        assert_eq!(exception.moment("RECURRENCE-ID").as_deref(), Some("20270315T080000Z"), "{text}");
        assert_eq!(exception.moment("DTSTART").as_deref(), Some("20270316T130000Z"), "{text}");
        assert_eq!(exception.value("SUMMARY"), Some(moved.as_str()));
        let at = |start: &str, end: &str| is_happening(&app, &target, name, start, end);
        assert!(at("20270301T080000Z", "20270301T090000Z"));
        assert!(!at("20270308T000000Z", "20270309T000000Z"), "said off");
        assert!(!at("20270315T000000Z", "20270316T000000Z"), "moved away");
        assert!(at("20270316T130000Z", "20270316T140000Z"), "moved there");
        // In summer 09:00 in Berlin is an hour earlier.
        assert!(at("20270329T070000Z", "20270329T071500Z"), "{text}");
        assert!(!at("20270329T080000Z", "20270329T100000Z"), "{text}");
        assert!(at("20270419T070000Z", "20270419T071500Z"), "the eighth");
        assert!(!at("20270426T000000Z", "20270427T000000Z"), "there is no ninth: {text}");
    });
}

#[test]
fn a_series_of_the_calendar_app_has_its_exceptions_on_the_phone() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let team = app.get(&format!("{}team.ics", app.own(VEVENT))).is(200).text();
            let all = parts(&team, "VEVENT");
            let items = phone.items(kind::CALENDAR);
            let event = items.with("Teamrunde");
            assert_eq!(event.get("StartTime"), all[0].moment("DTSTART"), "{}", event.shown());
            for (path, value) in [("Type", "1"), ("DayOfWeek", "2"), ("Interval", "1")] {
                let found = event.get(&format!("Recurrence/{path}"));
                assert!(found.as_deref() == Some(value) || path == "Interval" && found.is_none(), "{path}");
            }
            let exceptions: Vec<&Element> = event.at("Exceptions").unwrap().all("Exception").collect();
            // MS-ASCAL R2107: 16.x names an occurrence by InstanceId.
            let of = if version < "16" { "ExceptionStartTime" } else { "InstanceId" };
            let of = |moment: &Option<String>| {
                let mut found = exceptions.iter().filter(|one| &one.get(of) == moment);
                let first =
                    *found.next().unwrap_or_else(|| panic!("{version} {moment:?}: {}", event.shown()));
                assert!(found.next().is_none(), "{moment:?} twice: {}", event.shown());
                first
            };
            assert_eq!(exceptions.len(), 3, "{}", event.shown());
            assert_eq!(of(&all[0].moment("EXDATE")).get("Deleted").as_deref(), Some("1"));
            let moved = of(&all[1].moment("RECURRENCE-ID"));
            assert_eq!(moved.get("StartTime"), all[1].moment("DTSTART"), "{}", moved.shown());
            assert_eq!(moved.get("EndTime"), all[1].moment("DTEND"), "{}", moved.shown());
            assert_eq!(moved.get("Subject").as_deref(), Some("Teamrunde (verschoben)"));
            let renamed = of(&all[2].moment("RECURRENCE-ID"));
            assert_eq!(renamed.get("Subject").as_deref(), Some("Teamrunde mit Inventur"));
        }
    });
}

#[test]
fn one_occurrence_changed_on_a_phone_of_16_is_an_exception_in_the_calendar_app() {
    on_each_store(|demo| {
        let (phone, app) = annas(demo, "16.1");
        let target = app.own(VEVENT);
        let (subject, newer) = (unique(), unique());
        let href = format!("{target}{subject}.ics");
        app.put(&href, &event_of_app(&subject, "RRULE:FREQ=WEEKLY;COUNT=8\n")).is(201);
        let mut items = phone.items(kind::CALENDAR);
        let id = items.id_of(&subject);

        // The second Monday gets another name and an hour more; the third is deleted.
        let data = texts("Calendar", &[("Subject", &newer), ("EndTime", "20270322T100000Z")]);
        change(&phone, &mut items, Element::change_occurrence(&id, "20270322T080000Z", data));
        // 09:00 in Berlin, which has summer from the 28th on.
        change(&phone, &mut items, Element::delete_occurrence(&id, "20270329T070000Z"));
        assert!(phone.sync_items(&mut items).is_empty(), "what the phone did does not come back");

        let text = app.get(&href).is(200).text();
        let all = parts(&text, "VEVENT");
        let [master, exception] = &all[..] else { panic!("{text}") };
        assert_eq!(master.value("SUMMARY"), Some(subject.as_str()), "the series keeps its name");
        assert_eq!(master.value("RRULE"), Some("FREQ=WEEKLY;COUNT=8"));
        assert_eq!(master.moment("EXDATE").as_deref(), Some("20270329T070000Z"), "{text}");
        assert_eq!(exception.moment("RECURRENCE-ID").as_deref(), Some("20270322T080000Z"), "{text}");
        assert_eq!(exception.value("SUMMARY"), Some(newer.as_str()));
        assert_eq!(exception.moment("DTSTART").as_deref(), Some("20270322T080000Z"), "{text}");
        assert_eq!(exception.moment("DTEND").as_deref(), Some("20270322T100000Z"), "{text}");
        let at = |start: &str, end: &str| is_happening(&app, &target, &format!("{subject}.ics"), start, end);
        assert!(at("20270322T093000Z", "20270322T094500Z"), "the hour more");
        assert!(!at("20270329T000000Z", "20270330T000000Z"), "deleted");
        assert!(at("20270405T070000Z", "20270405T071500Z"), "the fourth is as it was");

        // Another phone, of the older version, sees the same exceptions.
        let (other, _) = annas(demo, "14.1");
        let shown = other.items(kind::CALENDAR).with(&subject).clone();
        let exceptions: Vec<_> = shown.at("Exceptions").unwrap().all("Exception").collect();
        assert_eq!(exceptions.len(), 2, "{}", shown.shown());
    });
}

/// The exceptions that a phone shows of a series: of which occurrence, called what, beginning when.
fn exceptions(version: &str, event: &Element) -> Vec<[Option<String>; 3]> {
    // MS-ASCAL R2107: 16.x names an occurrence by InstanceId.
    let of = if version < "16" { "ExceptionStartTime" } else { "InstanceId" };
    let all = event.at("Exceptions").into_iter().flat_map(|list| list.all("Exception"));
    all.map(|one| [of, "Subject", "StartTime"].map(|name| one.get(name))).collect()
}

fn exception(of: &str, subject: &str, start: &str) -> [Option<String>; 3] {
    [of, subject, start].map(|text| Some(text.to_owned()))
}

#[test]
fn an_exception_that_the_app_makes_in_a_series_of_the_phone_is_shown_as_are_its_edits() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let mut items = phone.items(kind::CALENDAR);
            let (subject, first, second) = (unique(), unique(), unique());
            // Mondays 09:00 in Berlin.
            let mut data = event_of_phone(version, &subject, "20270301T080000Z", "20270301T090000Z");
            let rule = [("Type", "1"), ("Interval", "1"), ("DayOfWeek", "2"), ("Occurrences", "4")];
            data.push(Element::holding("Calendar:Recurrence", texts("Calendar", &rule)));
            let id = add(&phone, &mut items, data);
            let (href, series) = app.object_with(&app.own(VEVENT), &format!("SUMMARY:{subject}"));

            // The second is called otherwise and is a day later.
            let master = parts(&series, "VEVENT").remove(0);
            let (start, end) = (master.line("DTSTART").unwrap(), master.line("DTEND").unwrap());
            let own = |day: &str, name: &str| {
                let of = start.replacen("DTSTART", "RECURRENCE-ID", 1).replace("20270301", "20270308");
                let (start, end) = (start.replace("20270301", day), end.replace("20270301", day));
                let uid = master.line("UID").unwrap();
                let own = format!(
                    "BEGIN:VEVENT\r\n{uid}\r\nDTSTAMP:20260101T000000Z\r\n{of}\r\n{start}\r\n{end}\r\n\
                     SUMMARY:{name}\r\nX-PROBE-OWN:kept\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
                );
                series.replace("END:VCALENDAR\r\n", &own)
            };
            for (day, name) in [("20270309", &first), ("20270310", &second)] {
                app.put(&href, &own(day, name)).is(204);
                assert_eq!(phone.sync_items(&mut items).changed, std::slice::from_ref(&id), "{version}");
                let event = &items.items[&id];
                let expected = exception("20270308T080000Z", name, &format!("{day}T080000Z"));
                assert_eq!(exceptions(version, event), [expected], "{version}: {}", event.shown());
                assert_eq!(event.get("Subject").as_ref(), Some(&subject), "the series keeps its name");
            }

            app.put(&href, &series).is(204);
            phone.sync_items(&mut items);
            let event = &items.items[&id];
            assert!(exceptions(version, event).is_empty(), "{version}: {}", event.shown());
        }
    });
}

#[test]
fn an_exception_that_the_app_made_is_edited_on_the_phone_and_nothing_else_is() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let (subject, own, newer) = (unique(), unique(), unique());
            let href = format!("{}{subject}.ics", app.own(VEVENT));
            // The second Monday is called otherwise and is two hours later.
            let series = event_of_app(&subject, "RRULE:FREQ=WEEKLY;COUNT=8\n");
            let begin = series.find("BEGIN:VEVENT").unwrap();
            let end = series.find("END:VCALENDAR").unwrap();
            let moved = series[begin..end]
                .replace("RRULE:FREQ=WEEKLY;COUNT=8", "RECURRENCE-ID;TZID=Europe/Berlin:20270322T090000")
                .replace("20270315T090000", "20270322T110000")
                .replace("20270315T100000", "20270322T120000")
                .replace(&format!("SUMMARY:{subject}"), &format!("SUMMARY:{own}"));
            let before = format!("{}{moved}END:VCALENDAR\r\n", &series[..end]);
            app.put(&href, &before).is(201);
            let mut items = phone.items(kind::CALENDAR);
            let id = items.id_of(&subject);
            let of = "20270322T080000Z";
            let shown = &items.items[&id];
            let expected = exception(of, &own, "20270322T100000Z");
            assert_eq!(exceptions(version, shown), [expected], "{version}: {}", shown.shown());

            let edits = [("Subject", newer.as_str())];
            let command = shown.edit_occurrence(version, &id, of, &edits);
            let shown = shown.showing_occurrence(version, of, &edits);
            change(&phone, &mut items, command);

            let after = app.get(&href).is(200).text();
            let expected = (vec![format!("SUMMARY:{own}")], vec![format!("SUMMARY:{newer}")]);
            assert_eq!(differing(&before, &after), expected, "{version}: {after}");

            let edits = [("StartTime", "20270323T120000Z"), ("EndTime", "20270323T123000Z")];
            change(&phone, &mut items, shown.edit_occurrence(version, &id, of, &edits));

            let after = app.get(&href).is(200).text();
            let all = parts(&after, "VEVENT");
            let [master, occurrence] = &all[..] else { panic!("{version}: {after}") };
            assert_eq!(master.moment("DTSTART").as_deref(), Some("20270315T080000Z"), "{version}: {after}");
            assert_eq!(master.value("SUMMARY"), Some(subject.as_str()), "{version}: {after}");
            assert_eq!(occurrence.moment("RECURRENCE-ID").as_deref(), Some(of), "{version}: {after}");
            assert_eq!(
                occurrence.moment("DTSTART").as_deref(),
                Some("20270323T120000Z"),
                "{version}: {after}"
            );
            assert_eq!(occurrence.moment("DTEND").as_deref(), Some("20270323T123000Z"), "{version}: {after}");
            assert_eq!(occurrence.value("SUMMARY"), Some(newer.as_str()), "{version}: {after}");
            assert_eq!(occurrence.value("X-PROBE"), Some("1,2"), "{version}: {after}");
            // It is heard of at the owner's other phone, of the other version too.
            let other = VERSIONS.into_iter().find(|other| *other != version).unwrap();
            let shown = annas(demo, other).0.items(kind::CALENDAR).with(&subject).clone();
            let expected = exception(of, &newer, "20270323T120000Z");
            assert_eq!(exceptions(other, &shown), [expected], "{other}: {}", shown.shown());
        }
    });
}
