//! Tasks, those that repeat too, and notes.

use blackbox::{Element, calendar, kind, on_each_store, parts, texts, unique};

use super::{VERSIONS, add, annas, change};

#[test]
fn a_recurring_task_completed_on_the_phone_goes_on_and_leaves_one_that_is_done() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let list = app.own(Some("VTODO"));
            let subject = unique();
            let href = format!("{list}{subject}.ics");
            let inner = format!(
                "DTSTART;VALUE=DATE:20270306\nDUE;VALUE=DATE:20270306\nSUMMARY:{subject}\nX-PROBE:1\n\
                 RRULE:FREQ=WEEKLY;BYDAY=SA\n"
            );
            app.put(&href, &calendar("VTODO", &subject, &inner)).is(201);
            let mut items = phone.items(kind::TASKS);
            let mut copy = app.copy_of(&list);
            let id = items.id_of(&subject);
            assert_eq!(items.items[&id].get("Complete").as_deref(), Some("0"));

            let done = [("Complete", "1"), ("DateCompleted", "2027-03-06T10:00:00.000Z")];
            let data = items.items[&id].edited(version, "Tasks", &done);
            change(&phone, &mut items, Element::change_item(&id, data));

            let text = app.get(&href).is(200).text();
            let todo = &parts(&text, "VTODO")[0];
            assert_eq!(todo.moment("DUE").as_deref(), Some("20270313"), "the next Saturday: {text}");
            assert_eq!(todo.value("RRULE"), Some("FREQ=WEEKLY;BYDAY=SA"), "{text}");
            assert!(todo.line("COMPLETED").is_none(), "{text}");
            assert_ne!(todo.value("STATUS"), Some("COMPLETED"));
            assert_eq!(todo.value("X-PROBE"), Some("1"));
            let told = app.refresh(&mut copy, None);
            let made: Vec<_> =
                told.changed.iter().filter(|name| **name != format!("{subject}.ics")).collect();
            let [made] = &made[..] else { panic!("one that is done: {told:?}") };
            let text = app.get(&format!("{list}{made}")).is(200).text();
            let todo = &parts(&text, "VTODO")[0];
            assert_eq!(todo.value("STATUS"), Some("COMPLETED"), "{text}");
            assert_eq!(todo.moment("DUE").as_deref(), Some("20270306"), "{text}");
            assert!(todo.line("RRULE").is_none() && todo.line("COMPLETED").is_some(), "{text}");
            assert_ne!(todo.value("UID"), Some(subject.as_str()));

            // The phone is told what became of both.
            phone.sync_items(&mut items);
            let mut shown: Vec<_> = items
                .items
                .values()
                .filter(|data| data.get("Subject").as_deref() == Some(&subject))
                .map(|data| (data.get("Complete").unwrap(), data.get("DueDate").unwrap()[..10].to_owned()))
                .collect();
            shown.sort();
            let pair = |complete: &str, due: &str| (complete.to_owned(), due.to_owned());
            assert_eq!(shown, [pair("0", "2027-03-13"), pair("1", "2027-03-06")]);
        }
    });
}

#[test]
fn a_task_made_on_the_phone_is_one_in_the_app_and_is_completed_there() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let list = app.own(Some("VTODO"));
            let mut items = phone.items(kind::TASKS);
            let subject = unique();
            let mut data = texts(
                "Tasks",
                &[
                    ("Subject", &subject),
                    ("Importance", "2"),
                    ("UtcDueDate", "2027-05-03T00:00:00.000Z"),
                    ("DueDate", "2027-05-03T00:00:00.000Z"),
                    ("Complete", "0"),
                    ("Sensitivity", "0"),
                    ("ReminderSet", "0"),
                ],
            );
            data.insert(0, Element::body("note"));
            let id = add(&phone, &mut items, data);

            let (href, text) = app.object_with(&list, &format!("SUMMARY:{subject}"));
            let todo = &parts(&text, "VTODO")[0];
            assert!(todo.moment("DUE").is_some_and(|due| due.starts_with("20270503")), "{text}");
            assert_eq!(todo.value("DESCRIPTION"), Some("note"), "{text}");
            let priority: u32 = todo.value("PRIORITY").unwrap().parse().unwrap();
            assert!((1..=4).contains(&priority), "high is 1 to 4 (RFC 5545 section 3.8.1.9): {text}");

            let done =
                text.replace("END:VTODO", "STATUS:COMPLETED\r\nCOMPLETED:20270502T100000Z\r\nEND:VTODO");
            let done = done.replace("STATUS:NEEDS-ACTION\r\n", "");
            app.put(&href, &done).is(204);
            phone.sync_items(&mut items);
            assert_eq!(
                items.items[&id].get("Complete").as_deref(),
                Some("1"),
                "{}",
                items.items[&id].shown()
            );
        }
    });
}

#[test]
fn a_note_is_the_same_at_both_doors() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let book = app.own(Some("VJOURNAL"));
            let mut items = phone.items(kind::NOTES);
            let shown = items.with("Öffnungszeiten");
            let body = shown.get("Body/Data").unwrap_or_default().replace("\r\n", "\n");
            assert_eq!(body.trim_end(), "Mo-Fr 8-18\nSa 8-14\nAdvent bis 16 Uhr");

            let subject = unique();
            let mut data = texts("Notes", &[("Subject", &subject), ("MessageClass", "IPM.StickyNote")]);
            data.insert(0, Element::body("Two\r\nlines, €"));
            let id = add(&phone, &mut items, data);
            let (href, text) = app.object_with(&book, &format!("SUMMARY:{subject}"));
            assert_eq!(parts(&text, "VJOURNAL")[0].value("DESCRIPTION"), Some("Two\\nlines\\, €"), "{text}");

            app.put(&href, &text.replace("DESCRIPTION:Two", "DESCRIPTION:Three")).is(204);
            phone.sync_items(&mut items);
            let body = items.items[&id].get("Body/Data").unwrap_or_default().replace("\r\n", "\n");
            assert_eq!(body.trim_end(), "Three\nlines, €");
            change(&phone, &mut items, Element::delete(&id));
            app.get(&href).is(404);
        }
    });
}
