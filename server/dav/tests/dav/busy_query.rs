//! free-busy-query: RFC 4791 section 7.10, RFC 7953 section 7.2.4.

use crate::answer::Answer;
use crate::client::{Client, event, event_at, todo};
use crate::world::on_each_database;
use vocabulary::{Preset, Role};

const BODY: &str =
    "<c:free-busy-query><c:time-range start='20261123T000000Z' end='20261125T000000Z'/></c:free-busy-query>";

async fn ask(client: &Client<'_>, path: &str) -> Answer {
    client.report(path, BODY).await
}

/// The periods, with their type if it is not BUSY.
fn periods(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.header("content-type").unwrap().starts_with("text/calendar"));
    assert!(answer.body.contains("DTSTART:20261123T000000Z\r\nDTEND:20261125T000000Z\r\n"), "{answer:?}");
    let lines = answer.body.lines().filter(|line| line.starts_with("FREEBUSY"));
    lines.map(|line| line.trim_start_matches("FREEBUSY").trim_start_matches([':', ';']).to_owned()).collect()
}

#[test]
fn what_takes_time_is_told_and_nothing_else() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("any/");
        anna.send("MKCALENDAR", &path, &[], "").await;
        let with = |uid: &str, start: &str, lines: &str| {
            event_at(uid, "x", start).replace("SUMMARY", &format!("{lines}\r\nSUMMARY"))
        };
        for (name, body) in [
            ("one.ics", event("1", "Secret")),
            // Overlaps the first; then a series with a tentative occurrence on the second day.
            ("two.ics", event_at("2", "x", "20261123T093000Z")),
            ("series.ics", with("3", "20261117T140000Z", "STATUS:TENTATIVE\r\nRRULE:FREQ=WEEKLY")),
            ("free.ics", with("4", "20261123T120000Z", "TRANSP:TRANSPARENT")),
            ("off.ics", with("5", "20261123T130000Z", "STATUS:CANCELLED")),
            ("outside.ics", event_at("6", "x", "20261125T000000Z")),
            ("todo.ics", todo("7")),
        ] {
            assert_eq!(anna.put(&format!("{path}{name}"), body).await.status, 201, "{name}");
        }
        let answer = ask(&anna, &path).await;
        let expected =
            ["20261123T090000Z/20261123T103000Z", "FBTYPE=BUSY-TENTATIVE:20261124T140000Z/20261124T150000Z"];
        assert_eq!(periods(&answer), expected);
        assert!(!answer.body.contains("Secret"));
        let wrong = anna.report(&anna.book("contacts/"), BODY).await;
        assert_eq!(wrong.refusal(), (403, "supported-report".into()));
    });
}

#[test]
fn who_may_only_ask_when_sees_private_times_too_but_no_event() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let private = event("1", "Secret").replace("SUMMARY", "CLASS:PRIVATE\r\nSUMMARY");
        anna.put(&anna.calendar("calendar/x.ics"), private).await;
        world.share(anna, Role::Calendar, ben, Preset::FreeBusy.rights() | vocabulary::Rights::LOOKUP).await;
        let folder = world.folder(anna.id, Role::Calendar).await;
        let mounted = ben.mounted(anna, folder, "");
        assert_eq!(periods(&ask(ben, &mounted).await), ["20261123T090000Z/20261123T100000Z"]);
        assert_eq!(ben.get(&format!("{mounted}x.ics")).await.status, 403);
        assert_eq!(ask(cara, &cara.mounted(anna, folder, "")).await.status, 404);
        world.share(anna, Role::Calendar, cara, vocabulary::Rights::LOOKUP).await;
        let refused = ask(cara, &cara.mounted(anna, folder, "")).await;
        assert_eq!(refused.refusal(), (403, "need-privileges".into()));
        assert!(refused.body.contains("read-free-busy"), "{refused:?}");
    });
}

#[test]
fn outside_of_the_hours_of_work_nobody_is_available() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("1", "x")).await;
        let availability = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VAVAILABILITY\nUID:a\nDTSTAMP:20261101T000000Z\n\
             BEGIN:AVAILABLE\nUID:b\nDTSTAMP:20261101T000000Z\nDTSTART:20261102T080000Z\nDTEND:20261102T160000Z\n\
             RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\nEND:VAVAILABILITY\nEND:VCALENDAR\n";
        let set = |text: &str| {
            format!("<set><prop><c:calendar-availability>{text}</c:calendar-availability></prop></set>")
        };
        let refused = anna.proppatch(&path, &set("BEGIN:VCALENDAR\nEND:VCALENDAR")).await;
        assert_eq!(refused.of(&path).code_of("calendar-availability"), Some(403));
        assert!(refused.body.contains("valid-calendar-data"), "{refused:?}");
        let done = anna.proppatch(&path, &set(availability)).await;
        assert_eq!(done.of(&path).code_of("calendar-availability"), Some(200));
        let kind = "FBTYPE=BUSY-UNAVAILABLE:";
        assert_eq!(
            periods(&ask(&anna, &path).await),
            [
                format!("{kind}20261123T000000Z/20261123T080000Z"),
                "20261123T090000Z/20261123T100000Z".to_owned(),
                format!("{kind}20261123T160000Z/20261124T080000Z"),
                format!("{kind}20261124T160000Z/20261125T000000Z"),
            ]
        );
    });
}
