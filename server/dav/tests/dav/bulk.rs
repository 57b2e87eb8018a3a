//! Several objects or changes in one request: Apple's bulk changes.

use crate::answer::Answer;
use crate::client::{Client, card, event, todo};
use crate::world::on_each_database;
use dav_wire::name::dav;
use vocabulary::{Preset, Role};

const CALENDAR: (&str, &str) = ("Content-Type", "text/calendar; charset=utf-8");
const CARDS: (&str, &str) = ("Content-Type", "text/vcard; charset=utf-8");
const DOCUMENT: (&str, &str) = ("Content-Type", "application/xml; charset=utf-8");
const BYTES_MAX: usize = 10 << 20;

/// One calendar with the components of several.
fn together(objects: &[String]) -> String {
    let inner = objects.iter().map(|object| {
        let (_, rest) = object.split_once("PRODID:-//x//EN\r\n").unwrap();
        rest.strip_suffix("END:VCALENDAR\r\n").unwrap()
    });
    let inner: String = inner.collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{inner}END:VCALENDAR\r\n")
}

/// Status, preconditions and UIDs of what was not made, in the order of the answer; nothing of what was.
fn failures(answer: &Answer) -> Vec<Option<(u16, Vec<String>)>> {
    let errors = answer.document();
    let errors = errors.children().filter(|child| child.name() == dav::RESPONSE).map(|response| {
        let error = response.child(dav::ERROR);
        error
            .iter()
            .flat_map(|error| error.children())
            .map(|what| match what.name().local() {
                "uid" => what.text(),
                name => name.to_owned(),
            })
            .collect::<Vec<_>>()
    });
    let errors: Vec<_> = errors.collect();
    let responses = answer.responses().into_iter().zip(errors);
    responses.map(|(response, error)| response.status().map(|status| (status, error))).collect()
}

async fn multiput(client: &Client<'_>, path: &str, changes: &str) -> Answer {
    let body = format!(
        "<m:multiput xmlns:m='http://me.com/_namespace/' xmlns='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav' \
         xmlns:r='urn:ietf:params:xml:ns:carddav'>{changes}</m:multiput>"
    );
    client.send("POST", path, &[DOCUMENT], body).await
}

#[test]
fn events_that_are_posted_together_become_items_each() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}taken.ics"), event("taken", "1")).await;
        let objects = [event("a", "first"), event("taken", "2"), todo("t"), event("b", "second")];
        let answer = anna.send("POST", &path, &[CALENDAR], together(&objects)).await;
        let names = |name: &str, uid: &str| vec![name.to_owned(), uid.to_owned()];
        assert_eq!(
            failures(&answer),
            [
                None,
                Some((403, names("no-uid-conflict", "taken"))),
                Some((403, names("supported-calendar-component", "t"))),
                None
            ]
        );
        assert!(answer.body.contains(&format!("{path}taken.ics")), "{answer:?}");
        let made = answer.responses();
        for (made, object, uid) in [(&made[0], &objects[0], "a"), (&made[3], &objects[3], "b")] {
            assert_eq!(made.text("uid").as_deref(), Some(uid));
            assert!(made.href().starts_with(&path) && made.href().ends_with(".ics"), "{made:?}");
            let stored = anna.get(&made.href()).await;
            assert_eq!((&stored.body, stored.header("etag")), (object, made.text("getetag")));
        }
        assert_eq!(made[1].href(), "");
        assert_eq!(anna.propfind(&path, "1", "<getetag/>").await.responses().len(), 4);
        // Once more: nothing is made twice.
        let again = anna.send("POST", &path, &[CALENDAR], together(&objects)).await;
        assert!(failures(&again).iter().all(Option::is_some), "{again:?}");
    });
}

#[test]
fn a_series_stays_one_item_and_takes_its_zone_along() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let zone = "BEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
             TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
        let part = |uid: &str, lines: &str| {
            format!("BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{lines}END:VEVENT\r\n")
        };
        let master = part("s", "DTSTART;TZID=Here:20261123T090000\r\nRRULE:FREQ=DAILY\r\n");
        let other = part("o", "DTSTART:20261123T090000Z\r\n");
        let moved =
            part("s", "RECURRENCE-ID;TZID=Here:20261124T090000\r\nDTSTART;TZID=Here:20261124T100000\r\n");
        let calendar = |inner: &str, head: &str| {
            format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}PRODID:x\r\n{inner}END:VCALENDAR\r\n")
        };
        let body = calendar(&format!("{zone}{master}{other}{moved}"), "METHOD:PUBLISH\r\n");
        let answer = anna.send("POST", &path, &[CALENDAR], body).await;
        let made = answer.responses();
        assert_eq!(failures(&answer), [None, None], "{answer:?}");
        let series = calendar(&format!("{zone}{master}{moved}"), "");
        assert_eq!(anna.get(&made[0].href()).await.body, series);
        assert_eq!(anna.get(&made[1].href()).await.body, calendar(&other, ""));
    });
}

#[test]
fn cards_that_are_posted_together_become_items_each() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/");
        let cards = [
            card("1", "Ada"),
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:2\r\nEND:VCARD\r\n".to_owned(),
            card("3", "Eve"),
        ];
        let answer = anna.send("POST", &path, &[CARDS], cards.concat()).await;
        let invalid = Some((403, vec!["valid-address-data".to_owned(), "2".to_owned()]));
        assert_eq!(failures(&answer), [None, invalid, None]);
        let made = answer.responses();
        for (made, card, uid) in [(&made[0], &cards[0], "1"), (&made[2], &cards[2], "3")] {
            assert!(made.href().ends_with(".vcf"));
            assert_eq!(made.text("uid").as_deref(), Some(uid));
            let stored = anna.get(&made.href()).await;
            assert_eq!((&stored.body, stored.header("etag")), (card, made.text("getetag")));
        }
        for (body, unmet) in [("", "valid-address-data"), ("no cards", "valid-address-data")] {
            assert_eq!(anna.send("POST", &path, &[CARDS], body).await.refusal(), (403, unmet.into()));
        }
    });
}

#[test]
fn a_list_of_changes_is_carried_out_one_after_the_other() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let item = |name: &str| format!("{path}{name}.ics");
        for name in ["kept", "changed", "gone", "stale"] {
            anna.put(&item(name), event(name, "1")).await;
        }
        let tag = anna.etag(&item("changed")).await.unwrap();
        let set =
            |object: String| format!("<set><prop><c:calendar-data>\n{object}</c:calendar-data></prop></set>");
        let condition = |tag: &str| format!("<m:if-match><getetag>{tag}</getetag></m:if-match>");
        let of = |name: &str| format!("<href>{}</href>", item(name));
        let colour = "<set><prop><displayname>no</displayname></prop></set>";
        let changes = [
            set(event("new", "1")),
            format!("{}{}{}", of("changed"), condition(&tag), set(event("changed", "2"))),
            format!("{}{}{}", of("stale"), condition("\"0-0\""), set(event("stale", "2"))),
            format!("{}<m:delete/>", of("gone")),
            format!("{}{}<m:delete/>", of("kept"), condition("\"0-0\"")),
            format!("{}<m:delete/>", of("none")),
            format!("{}{}", of("none"), set(event("none", "1"))),
            format!("<href>{}</href><m:delete/>", anna.calendar("tasks/x.ics")),
            format!("{}{}{colour}", of("kept"), set(event("kept", "2"))),
            set("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned()),
            // What was freed before may be taken now.
            set(event("gone", "2")),
        ];
        let changes: String =
            changes.iter().map(|change| format!("<m:resource>{change}</m:resource>")).collect();
        let answer = multiput(&anna, &path, &changes).await;
        let told = answer.responses();
        let statuses: Vec<_> = told.iter().map(|one| one.status()).collect();
        assert_eq!(
            statuses,
            [
                None,
                None,
                Some(412),
                Some(200),
                Some(412),
                Some(404),
                Some(404),
                Some(403),
                None,
                Some(403),
                None
            ],
            "{answer:?}"
        );
        assert_eq!(told[0].text("uid").as_deref(), Some("new"));
        assert_eq!(
            anna.get(&told[0].href()).await.body,
            event("new", "1"),
            "line ends are those of the format"
        );
        assert_eq!(
            (told[1].href(), told[1].text("getetag")),
            (item("changed"), anna.etag(&item("changed")).await)
        );
        assert_eq!(anna.get(&item("changed")).await.body, event("changed", "2"));
        assert_eq!(anna.get(&item("stale")).await.body, event("stale", "1"));
        assert_eq!((anna.get(&item("gone")).await.status, anna.get(&item("none")).await.status), (404, 404));
        let refused = &told[8];
        assert_eq!(
            (refused.code_of("displayname"), refused.code_of("calendar-data")),
            (Some(403), Some(424))
        );
        assert_eq!(anna.get(&item("kept")).await.body, event("kept", "1"));
        assert_eq!(anna.get(&told[10].href()).await.body, event("gone", "2"));
        for bad in ["", "<m:resource/>", "<m:resource><m:delete/></m:resource>"] {
            assert_eq!(multiput(&anna, &path, bad).await.status, 400, "{bad}");
        }
    });
}

#[test]
fn a_collection_that_changed_meanwhile_takes_nothing() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let ctag = async || anna.propfind(&path, "0", "<s:getctag/>").await.text("getctag").unwrap();
        let post = async |ctag: &str, uid: &str| {
            let condition = format!("(<http://me.com/_namespace/ctag/{ctag}>)");
            let headers = [CALENDAR, ("If", condition.as_str())];
            anna.send("POST", &path, &headers, event(uid, "1")).await
        };
        let known = ctag().await;
        assert_eq!(post(&known, "a").await.responses().len(), 1);
        assert_eq!(post(&known, "b").await.refusal(), (412, "ctag-ok".into()));
        assert_eq!(failures(&post(&ctag().await, "b").await), [None]);
    });
}

#[test]
fn what_is_posted_says_what_it_is_and_needs_the_right_to_add() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        let one = || event("1", "a");
        assert_eq!(anna.send("POST", &path, &[], one()).await.status, 415);
        assert_eq!(
            anna.send("POST", &path, &[CARDS], card("1", "x")).await.refusal(),
            (403, "supported-calendar-data".into())
        );
        assert_eq!(
            anna.send("POST", &path, &[CALENDAR], "no calendar").await.refusal(),
            (403, "valid-calendar-data".into())
        );
        assert_eq!(anna.send("POST", &anna.calendar("no/"), &[CALENDAR], one()).await.status, 404);
        let item = anna.send("POST", &format!("{path}x.ics"), &[CALENDAR], one()).await;
        assert_eq!(item.refusal(), (403, "valid-action".into()));
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let refused = ben.send("POST", &path, &[CALENDAR], one()).await;
        assert_eq!(refused.refusal(), (403, "need-privileges".into()));
        let name = "<m:bulk-requests xmlns:m='http://me.com/_namespace/'/>";
        assert_eq!(ben.propfind(&path, "0", name).await.of(&path).code_of("bulk-requests"), Some(404));
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        let change = format!("<m:resource><href>{path}x.ics</href><m:delete/></m:resource>");
        let refused = multiput(ben, &path, &change).await;
        assert_eq!(failures(&refused), [Some((403, vec!["need-privileges".to_owned()]))]);
        assert_eq!(anna.get(&format!("{path}x.ics")).await.status, 200);
        world.share(anna, Role::Calendar, ben, Preset::Author.rights()).await;
        assert_eq!(failures(&ben.send("POST", &path, &[CALENDAR], one()).await), [None]);
    });
}

#[test]
fn bulk_requests_keep_within_the_limits_that_are_told() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, book) = (anna.calendar("calendar/"), anna.book("contacts/"));
        let name = "<m:bulk-requests xmlns:m='http://me.com/_namespace/'/>";
        for path in [&path, &book] {
            let told = anna.propfind(path, "0", name).await.of(path).property("bulk-requests").unwrap();
            for kind in told.children() {
                let numbers: Vec<_> = kind.children().map(|number| number.text()).collect();
                assert_eq!(numbers, ["1000".to_owned(), BYTES_MAX.to_string()]);
            }
            assert_eq!(told.children().count(), 2);
        }
        // Each is refused by itself, so that nothing is stored.
        let nameless = |count: usize, head: &str| {
            format!(
                "BEGIN:VCALENDAR\r\n{head}{}END:VCALENDAR\r\n",
                "BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(count)
            )
        };
        let post = async |body: String| anna.send("POST", &path, &[CALENDAR], body).await;
        let most = post(nameless(1_000, "")).await;
        assert_eq!(most.responses().len(), 1_000);
        assert!(failures(&most).iter().all(Option::is_some));
        assert_eq!(post(nameless(1_001, "")).await.status, 413);
        // Each object takes the head of the calendar along.
        let head = format!("X-HEAD:{}\r\n", "x".repeat(1 << 20));
        assert_eq!(post(nameless(39, &head)).await.responses().len(), 39);
        assert_eq!(post(nameless(40, &head)).await.status, 413);
        let change = format!("<m:resource><href>{path}x.ics</href><m:delete/></m:resource>");
        assert_eq!(multiput(&anna, &path, &change.repeat(1_000)).await.responses().len(), 1_000);
        assert_eq!(multiput(&anna, &path, &change.repeat(1_001)).await.status, 413);
        let padded = |bytes: usize| {
            let (head, tail) = ("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:A\r\nNOTE:", "\r\nEND:VCARD\r\n");
            format!("{head}{}{tail}", "x".repeat(bytes - head.len() - tail.len()))
        };
        assert_eq!(anna.send("POST", &book, &[CARDS], padded(BYTES_MAX + 1)).await.status, 413);
        assert_eq!(failures(&anna.send("POST", &book, &[CARDS], padded(BYTES_MAX)).await), [None]);
    });
}
