//! What an organizer and an attendee may not do: RFC 6638 section 3.2.4; and how they do not overwrite each other's
//! changes: section 3.2.10.

use crate::meeting::{answer_of, event, meeting};
use crate::world::on_each_database;

/// RFC 6638 section 3.2.4.4.
#[test]
fn an_attendee_changes_only_what_is_its_own() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        anna.put(&anna.calendar("calendar/m.ics"), meeting("m", anna, &[ben], "")).await;
        let copy = ben.copy().await;
        for (old, new) in
            [("SUMMARY:Beete planen", "SUMMARY:Ohne mich"), ("DTSTART:20261202", "DTSTART:20261201")]
        {
            let refused = ben.put(&copy.path, copy.body.replace(old, new)).await;
            let expected = (403, "allowed-attendee-scheduling-object-change".to_owned());
            assert_eq!(refused.refusal(), expected, "{new}");
        }
        assert_eq!(ben.copy().await.body, copy.body);
        let alarm =
            "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
        assert_eq!(ben.put(&copy.path, copy.body.replace("END:VEVENT", alarm)).await.status, 204);
        assert_eq!(
            (anna.told().await.len(), anna.mails().await.len()),
            (0, 0),
            "an alarm is nobody's business"
        );
    });
}

/// RFC 6638 sections 3.2.4.2 and 3.2.4.3.
#[test]
fn a_meeting_has_one_organizer_and_keeps_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/m.ics");
        let whole = meeting("m", anna, &[ben], "RRULE:FREQ=DAILY;COUNT=3\r\n");
        let other = meeting("m", ben, &[anna], "RECURRENCE-ID:20261203T090000Z\r\n");
        let begin = other.find("BEGIN:VEVENT").unwrap();
        let end = other.find("END:VCALENDAR").unwrap();
        let both = whole.replace("END:VCALENDAR", &format!("{}END:VCALENDAR", &other[begin..end]));
        let refused = anna.put(&path, both).await;
        assert_eq!(refused.refusal(), (403, "same-organizer-in-all-components".to_owned()));

        anna.put(&path, whole.clone()).await;
        let taken = whole.replace(
            &format!("ORGANIZER:mailto:{}", anna.address),
            &format!("ORGANIZER:mailto:{}", ben.address),
        );
        let refused = anna.put(&path, taken).await;
        assert_eq!(refused.refusal(), (403, "allowed-organizer-scheduling-object-change".to_owned()));
        assert_eq!(ben.told().await, ["REQUEST"]);
    });
}

/// RFC 6638 section 3.2.4.1.
#[test]
fn a_meeting_lies_in_one_calendar() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        anna.send("MKCALENDAR", &anna.calendar("other/"), &[], "").await;
        let (path, other) = (anna.calendar("calendar/m.ics"), anna.calendar("other/m.ics"));
        anna.put(&path, meeting("m", anna, &[ben], "")).await;
        let refused = anna.put(&other, meeting("m", anna, &[ben], "")).await;
        assert_eq!(refused.refusal(), (403, "unique-scheduling-object-resource".to_owned()));
        assert!(refused.body.contains(&path), "{}", refused.body);
        assert_eq!(ben.told().await, ["REQUEST"]);
        // Events of nobody may be twins.
        assert_eq!(anna.put(&anna.calendar("calendar/e.ics"), event("e", "")).await.status, 201);
        assert_eq!(anna.put(&anna.calendar("other/e.ics"), event("e", "")).await.status, 201);
    });
}

/// RFC 6638 section 3.2.10.1.
#[test]
fn an_organizer_who_has_not_seen_an_answer_does_not_undo_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/m.ics");
        anna.put(&path, meeting("m", anna, &[ben], "")).await;
        let before = anna.copy().await;
        ben.answers(&ben.copy().await, "ACCEPTED").await;
        let tag = before.tag.clone().unwrap();
        let placed = before.body.replace("SUMMARY:", "LOCATION:Gewächshaus\r\nSUMMARY:");
        let stale = anna.send("PUT", &path, &[("If-Match", &before.etag)], placed.clone()).await;
        assert_eq!(stale.status, 412);
        let stored = anna.send("PUT", &path, &[("If-Schedule-Tag-Match", &tag)], placed.clone()).await;
        assert_eq!(stored.status, 204);
        let after = anna.copy().await;
        assert!(after.body.contains("LOCATION:Gew"), "{}", after.body);
        assert_eq!(answer_of(&after.body, ben), "ACCEPTED", "the answer is kept");
        assert_ne!(after.tag, before.tag);
        let late = anna.send("PUT", &path, &[("If-Schedule-Tag-Match", &tag)], placed).await;
        assert_eq!(late.status, 412);
        let late = anna.send("DELETE", &path, &[("If-Schedule-Tag-Match", &tag)], "").await;
        assert_eq!(late.status, 412);
        let now = after.tag.unwrap();
        assert_eq!(anna.send("DELETE", &path, &[("If-Schedule-Tag-Match", &now)], "").await.status, 204);
        let gone = anna.send("PUT", &path, &[("If-Schedule-Tag-Match", &now)], event("m", "")).await;
        assert_eq!(gone.status, 412, "nothing has that tag");
    });
}

/// RFC 6638 section 9.3.
#[test]
fn only_meetings_have_a_schedule_tag() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (plain, met) = (anna.calendar("calendar/e.ics"), anna.calendar("calendar/m.ics"));
        let stored = anna.put(&plain, event("e", "")).await;
        assert_eq!(stored.header("schedule-tag"), None);
        assert!(stored.header("etag").is_some(), "its bytes are as they came");
        anna.put(&met, meeting("m", anna, &[ben], "")).await;
        let property = "<c:schedule-tag/>";
        let found = anna.propfind(&anna.calendar("calendar/"), "1", property).await;
        assert_eq!(found.of(&plain).code_of("schedule-tag"), Some(404));
        let head = anna.send("HEAD", &met, &[], "").await.header("schedule-tag");
        assert_eq!(found.of(&met).text("schedule-tag"), head);
        assert!(head.is_some());
        // Without guests it is nobody else's business any more.
        let stored = anna.put(&met, event("m", "")).await;
        assert_eq!((stored.status, stored.header("schedule-tag")), (204, None));
        assert_eq!(ben.told().await, ["REQUEST", "CANCEL"]);
    });
}
