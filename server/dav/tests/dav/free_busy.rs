//! When are others busy: RFC 6638 section 5, by POST to the outbox.

use crate::answer::Answer;
use crate::client::Client;
use crate::meeting::{event, meeting, unfolded};
use crate::world::{World, on_each_database};
use dav_wire::name::{caldav, dav};
use storage::Scope;
use vocabulary::{Rights, Role};

fn request(organizer: &Client<'_>, attendees: &[&str]) -> String {
    let lines: String = attendees.iter().map(|one| format!("ATTENDEE:mailto:{one}\r\n")).collect();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:fb1\r\n\
         DTSTAMP:20261101T000000Z\r\nDTSTART:20261202T000000Z\r\nDTEND:20261203T000000Z\r\n\
         ORGANIZER:mailto:{}\r\n{lines}END:VFREEBUSY\r\nEND:VCALENDAR\r\n",
        organizer.address
    )
}

async fn post(who: &Client<'_>, outbox: &str, body: String) -> Answer {
    who.send("POST", outbox, &[("Content-Type", "text/calendar; charset=utf-8")], body).await
}

/// Recipient, status and busy times of each response.
fn responses(answer: &Answer) -> Vec<(String, String, Vec<String>)> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let document = answer.document();
    assert_eq!(document.name(), caldav::SCHEDULE_RESPONSE);
    let response = |one: &dav_wire::xml::Element| {
        let recipient = one.child(caldav::RECIPIENT).unwrap().child(dav::HREF).unwrap().text();
        let status = one.child(caldav::REQUEST_STATUS).unwrap().text();
        let data = one.child(caldav::CALENDAR_DATA).map(|data| data.text()).unwrap_or_default();
        let busy = unfolded(&data).into_iter().filter(|line| line.starts_with("FREEBUSY")).collect();
        (recipient, status, busy)
    };
    document.children().map(response).collect()
}

async fn busy(asker: &Client<'_>, of: &Client<'_>) -> (String, usize) {
    let answer = post(asker, &asker.scheduling("outbox/"), request(asker, &[&of.address])).await;
    let (_, status, busy) = responses(&answer).remove(0);
    (status, busy.len())
}

#[test]
fn everybody_of_the_domain_sees_when_but_not_with_what() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        ben.put(&ben.calendar("calendar/e.ics"), event("e", "CLASS:PRIVATE\r\nLOCATION:geheim\r\n")).await;
        let asked = request(anna, &[&ben.address, &cara.address, &dora.address, "nobody@elsewhere.test"]);
        let answer = post(anna, &anna.scheduling("outbox/"), asked).await;
        let found = responses(&answer);
        assert_eq!(found.len(), 4);
        assert_eq!(found[0].0, format!("mailto:{}", ben.address));
        assert!(found[0].1.starts_with("2.0"), "{found:?}");
        assert_eq!(found[0].2.len(), 1);
        assert!(found[0].2[0].contains("20261202T090000Z/"), "{found:?}");
        assert!(found[1].1.starts_with("2.0") && found[1].2.is_empty(), "{found:?}");
        for unknown in &found[2..] {
            assert!(unknown.1.starts_with("3.7") && unknown.2.is_empty(), "{found:?}");
        }
        assert!(!answer.body.contains("geheim") && !answer.body.contains("Beete"), "{}", answer.body);
    });
}

/// Ben's calendar has every other minute of most of the year.
#[test]
fn whose_busy_times_are_too_many_is_unavailable_and_the_others_are_told() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        for (month, day) in (1..=10).flat_map(|month| [(month, 1), (month, 15)]) {
            let series = event(&format!("s{month}-{day}"), "RRULE:FREQ=MINUTELY;INTERVAL=2;COUNT=10000\r\n")
                .replace("20261202T090000Z", &format!("2027{month:02}{day:02}T000000Z"))
                .replace("20261202T100000Z", &format!("2027{month:02}{day:02}T000100Z"));
            let put = ben.put(&ben.calendar(&format!("calendar/{month}-{day}.ics")), series).await;
            assert_eq!(put.status, 201, "{put:?}");
        }
        let asked = request(anna, &[&ben.address, &cara.address])
            .replace("20261202T000000Z", "20270101T000000Z")
            .replace("20261203T000000Z", "20271231T000000Z");
        let found = responses(&post(anna, &anna.scheduling("outbox/"), asked).await);
        assert!(found[0].1.starts_with("5.1") && found[0].2.is_empty(), "{:?}", found[0].1);
        assert!(found[1].1.starts_with("2.0"), "{:?}", found[1]);
    });
}

#[test]
fn people_are_asked_for_by_the_paths_of_their_principals_too() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        ben.put(&ben.calendar("calendar/e.ics"), event("e", "")).await;
        let asked = request(anna, &[&ben.address])
            .replace(&format!("mailto:{}", anna.address), &anna.principal())
            .replace(&format!("mailto:{}", ben.address), &ben.principal());
        let found = responses(&post(anna, &anna.scheduling("outbox/"), asked).await);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, ben.principal());
        assert!(found[0].1.starts_with("2.0") && found[0].2.len() == 1, "{found:?}");

        // RFC 6638 section 5: a response for each, also for who is nobody here.
        let elsewhere = ben.principal().replace("/dav/", "/DAV/");
        let asked = request(anna, &[&ben.address]).replace(&format!("mailto:{}", ben.address), &elsewhere);
        let found = responses(&post(anna, &anna.scheduling("outbox/"), asked).await);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.starts_with("3.7"), "{found:?}");
    });
}

#[test]
fn only_what_takes_time_counts() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        for (name, lines) in [("t", "TRANSP:TRANSPARENT\r\n"), ("c", "STATUS:CANCELLED\r\n")] {
            ben.put(&ben.calendar(&format!("calendar/{name}.ics")), event(name, lines)).await;
        }
        assert_eq!(busy(anna, ben).await.1, 0);
        cara.put(&cara.calendar("calendar/m.ics"), meeting("m", cara, &[ben], "")).await;
        assert_eq!(busy(anna, ben).await.1, 1);
        let copy = ben.copies().await.into_iter().find(|copy| copy.body.contains("ORGANIZER")).unwrap();
        ben.answers(&copy, "DECLINED").await;
        assert_eq!(busy(anna, ben).await.1, 0, "declined");
        assert_eq!(busy(anna, cara).await.1, 1, "the organizer is busy");
        // RFC 6638 section 9.1.
        let transparent = "<set><prop><c:schedule-calendar-transp><c:transparent/></c:schedule-calendar-transp>\
                           </prop></set>";
        let calendar = cara.calendar("calendar/");
        assert_eq!(cara.proppatch(&calendar, transparent).await.status, 207);
        let shown =
            cara.propfind(&calendar, "0", "<c:schedule-calendar-transp/>").await.responses().remove(0);
        assert_eq!(shown.names("schedule-calendar-transp"), ["transparent"]);
        assert_eq!(busy(anna, cara).await.1, 0);
    });
}

async fn granted_only(world: &World, who: &Client<'_>) {
    let id = who.id;
    world
        .write(&[id], move |tx| tx.put_setting(Scope::Account(id), workflow::meeting::FREE_BUSY, "granted"))
        .await;
}

#[test]
fn who_wants_it_so_is_seen_by_those_who_have_the_right() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        ben.put(&ben.calendar("calendar/e.ics"), event("e", "")).await;
        granted_only(world, ben).await;
        assert_eq!(busy(anna, ben).await.1, 0);
        assert_eq!(busy(ben, ben).await.1, 1, "one's own");
        world.share(ben, Role::Calendar, anna, Rights::FREE_BUSY).await;
        assert_eq!(busy(anna, ben).await.1, 1);
        assert_eq!(busy(cara, ben).await.1, 0);
        assert_eq!(anna.get(&ben.calendar("calendar/e.ics")).await.status, 404, "and nothing more");
    });
}

/// macOS keeps the hours with the inbox: RFC 7953 section 7.2.4.
#[test]
fn outside_of_the_hours_of_the_inbox_or_a_calendar_nobody_is_available() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        ben.put(&ben.calendar("calendar/e.ics"), event("e", "")).await;
        let hours = |from: &str, to: &str| {
            format!(
                "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VAVAILABILITY\nUID:a\nDTSTAMP:20261101T000000Z\n\
                 BEGIN:AVAILABLE\nUID:b\nDTSTAMP:20261101T000000Z\nDTSTART:20261102T{from}0000Z\n\
                 DTEND:20261102T{to}0000Z\nRRULE:FREQ=DAILY\nEND:AVAILABLE\nEND:VAVAILABILITY\nEND:VCALENDAR\n"
            )
        };
        let set = |text: &str| {
            format!("<set><prop><c:calendar-availability>{text}</c:calendar-availability></prop></set>")
        };
        let inbox = ben.scheduling("inbox/");
        let done = ben.proppatch(&inbox, &set(&hours("08", "16"))).await;
        assert_eq!(done.of(&inbox).code_of("calendar-availability"), Some(200));
        let shown = ben.propfind(&inbox, "0", "<c:calendar-availability/>").await;
        assert!(shown.body.contains("DTSTART:20261102T080000Z"), "{shown:?}");
        let lines = async || {
            let asked = request(anna, &[&ben.address]);
            responses(&post(anna, &anna.scheduling("outbox/"), asked).await).remove(0).2
        };
        let unavailable = "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:";
        assert_eq!(
            lines().await,
            [
                format!("{unavailable}20261202T000000Z/20261202T080000Z"),
                "FREEBUSY:20261202T090000Z/20261202T100000Z".to_owned(),
                format!("{unavailable}20261202T160000Z/20261203T000000Z"),
            ]
        );
        // A calendar may say so too; what either says counts.
        let calendar = ben.calendar("calendar/");
        assert_eq!(ben.proppatch(&calendar, &set(&hours("09", "18"))).await.status, 207);
        let found = lines().await;
        assert_eq!(found[0], format!("{unavailable}20261202T000000Z/20261202T090000Z"));
        assert_eq!(found[2], format!("{unavailable}20261202T160000Z/20261203T000000Z"));
        // Nobody learns more of the hours than of the rest.
        granted_only(world, ben).await;
        assert!(lines().await.is_empty());
        world.share(ben, Role::Calendar, anna, Rights::FREE_BUSY).await;
        assert_eq!(lines().await, found);
        assert_eq!(busy(cara, ben).await.1, 0);
    });
}

/// RFC 6638 sections 5.2.1 and 5.2.2.
#[test]
fn what_is_no_request_is_refused_by_name() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let outbox = anna.scheduling("outbox/");
        let good = request(anna, &[&ben.address]);
        for (body, expected) in [
            ("BEGIN:VCALENDAR".to_owned(), "valid-calendar-data"),
            (good.replace("METHOD:REQUEST\r\n", ""), "valid-scheduling-message"),
            (good.replace("METHOD:REQUEST", "METHOD:REPLY"), "valid-scheduling-message"),
            (
                meeting("m", anna, &[ben], "").replace("BEGIN:VEVENT", "METHOD:REQUEST\r\nBEGIN:VEVENT"),
                "valid-scheduling-message",
            ),
            (request(ben, &[&ben.address]), "valid-organizer"),
        ] {
            let refused = post(anna, &outbox, body).await;
            assert_eq!(refused.refusal(), (403, expected.to_owned()));
        }
        let typed = anna.send("POST", &outbox, &[("Content-Type", "text/plain")], good.clone()).await;
        assert_eq!(typed.refusal(), (403, "supported-calendar-data".to_owned()));
        assert_eq!(post(ben, &outbox, good.clone()).await.status, 404, "it is not Ben's");
        assert_eq!(post(anna, &anna.scheduling("inbox/"), good).await.status, 405);
    });
}
