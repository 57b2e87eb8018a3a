//! GET, PUT and DELETE: RFC 4791 section 5.3, RFC 6352 section 6.3, RFC 9110 section 13.

use crate::client::{card, event, todo};
use crate::world::on_each_database;
use vocabulary::{Preset, Role};

#[test]
fn what_was_put_comes_back_byte_for_byte() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (path, body, content_type) in [
            (
                anna.calendar("calendar/a b.ics"),
                event("1", "über"),
                "text/calendar; charset=utf-8; component=vevent",
            ),
            (anna.calendar("tasks/t.ics"), todo("2"), "text/calendar; charset=utf-8; component=vtodo"),
            (anna.book("contacts/ä.vcf"), card("3", "Änni"), "text/vcard; charset=utf-8"),
        ] {
            let path = path.replace(' ', "%20").replace('ä', "%C3%A4");
            let made = anna.put(&path, body.clone()).await;
            assert_eq!(made.status, 201, "{made:?}");
            let read = anna.get(&path).await;
            assert_eq!((read.status, &read.body), (200, &body));
            assert_eq!(read.header("content-type").as_deref(), Some(content_type));
            assert_eq!(read.header("etag"), made.header("etag"));
            let head = anna.send("HEAD", &path, &[], "").await;
            assert_eq!((head.status, head.header("etag")), (200, made.header("etag")));
            let again = body.replace("X-OWN", "X-OTHER").replace("X-ABLABEL", "X-OTHER");
            let changed = anna.put(&path, again.clone()).await;
            assert_eq!(changed.status, 204);
            assert_ne!(changed.header("etag"), made.header("etag"));
            assert_eq!(anna.get(&path).await.body, again);
            assert_eq!(anna.delete(&path).await.status, 204);
            assert_eq!(anna.get(&path).await.status, 404);
            assert_eq!(anna.delete(&path).await.status, 404);
        }
    });
}

#[test]
fn conditions_keep_what_somebody_else_wrote() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        let put = |headers: &'static [(&'static str, &'static str)], body: String| {
            let (anna, path) = (&anna, &path);
            async move { anna.send("PUT", path, headers, body).await }
        };
        assert_eq!(put(&[("If-Match", "*")], event("1", "a")).await.status, 412, "nothing is there");
        assert_eq!(put(&[("If-None-Match", "*")], event("1", "a")).await.status, 201);
        let first = anna.etag(&path).await.unwrap();
        assert_eq!(put(&[("If-None-Match", "*")], event("1", "b")).await.status, 412);
        assert_eq!(put(&[("If-Match", "\"0-0\"")], event("1", "b")).await.status, 412);
        assert_eq!(put(&[("If", "(<urn:no:lock>)")], event("1", "b")).await.status, 412);
        assert_eq!(put(&[("If-Match", "\"0")], event("1", "b")).await.status, 400);
        assert_eq!(anna.etag(&path).await.as_ref(), Some(&first), "none of them wrote");
        let weak = format!("\"x\", W/{first}");
        assert_eq!(anna.send("PUT", &path, &[("If-Match", &weak)], event("1", "c")).await.status, 204);
        let read = anna.send("GET", &path, &[("If-None-Match", &first)], "").await;
        assert_eq!(read.status, 200);
        let second = read.header("etag").unwrap();
        let known = anna.send("GET", &path, &[("If-None-Match", &second)], "").await;
        assert_eq!((known.status, known.body.as_str()), (304, ""));
        assert_eq!(anna.send("DELETE", &path, &[("If-Match", &first)], "").await.status, 412);
        assert_eq!(anna.send("DELETE", &path, &[("If-Match", &second)], "").await.status, 204);
    });
}

#[test]
fn a_uid_is_there_once_and_an_object_keeps_its_own() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (one, two) = (anna.calendar("calendar/one.ics"), anna.calendar("calendar/two.ics"));
        anna.put(&one, event("1", "a")).await;
        let twin = anna.put(&two, event("1", "b")).await;
        assert_eq!(twin.refusal(), (403, "no-uid-conflict".into()));
        assert!(twin.body.contains(&one), "it names the other: {}", twin.body);
        let other_uid = anna.put(&one, event("2", "a")).await;
        assert_eq!(other_uid.refusal(), (403, "no-uid-conflict".into()));
        // Another collection may have it.
        anna.send("MKCALENDAR", &anna.calendar("work/"), &[], "").await;
        assert_eq!(anna.put(&anna.calendar("work/one.ics"), event("1", "a")).await.status, 201);
        anna.delete(&one).await;
        assert_eq!(anna.put(&two, event("1", "b")).await.status, 201);
        let book = |name: &str| anna.book(&format!("contacts/{name}.vcf"));
        anna.put(&book("a"), card("1", "A")).await;
        let twin = anna.put(&book("b"), card("1", "A")).await;
        assert_eq!(twin.refusal(), (403, "no-uid-conflict".into()));
        assert!(twin.body.contains("urn:ietf:params:xml:ns:carddav"));
    });
}

#[test]
fn what_cannot_be_stored_is_refused_by_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        let two = event("1", "a").replace("END:VCALENDAR\r\n", "")
            + event("2", "b").split_once("PRODID:-//x//EN\r\n").unwrap().1;
        for (body, expected) in [
            ("no calendar".to_owned(), "valid-calendar-data"),
            (card("1", "A"), "valid-calendar-data"),
            (two, "valid-calendar-object-resource"),
            (event("1", "a").replace("PRODID", "METHOD:REQUEST\r\nPRODID"), "valid-calendar-object-resource"),
            (todo("1"), "supported-calendar-component"),
        ] {
            assert_eq!(anna.put(&path, body.clone()).await.refusal(), (403, expected.into()), "{body}");
        }
        let contact = anna.book("contacts/x.vcf");
        assert_eq!(anna.put(&contact, event("1", "a")).await.refusal(), (403, "valid-address-data".into()));
        let typed = |content_type: &'static str| {
            let (anna, path) = (&anna, &path);
            async move { anna.send("PUT", path, &[("Content-Type", content_type)], event("1", "a")).await }
        };
        assert_eq!(typed("application/json").await.refusal(), (403, "supported-calendar-data".into()));
        assert_eq!(anna.get(&path).await.status, 404, "nothing was stored");
        assert_eq!(typed("text/calendar; charset=\"utf-8\"").await.status, 201);
        // RFC 4918 section 9.7.1.
        assert_eq!(anna.put(&anna.calendar("nothing/x.ics"), event("1", "a")).await.status, 409);
        assert_eq!(anna.put(&anna.calendar("calendar/"), event("1", "a")).await.status, 405);
        assert_eq!(anna.get(&anna.calendar("calendar/")).await.status, 405);
        assert_eq!(anna.put(&anna.calendar("calendar/x.ics/y"), event("1", "a")).await.status, 404);
    });
}

#[test]
fn a_twin_that_may_not_be_seen_is_a_conflict_all_the_same() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let secret = event("1", "secret").replace("SUMMARY", "CLASS:PRIVATE\r\nSUMMARY");
        assert_eq!(anna.put(&anna.calendar("calendar/secret.ics"), secret).await.status, 201);
        let answer = ben.put(&anna.calendar("calendar/mine.ics"), event("1", "mine")).await;
        assert_eq!(answer.refusal(), (403, "no-uid-conflict".into()));
        assert!(!answer.body.contains("secret"), "{}", answer.body);
        assert_eq!(ben.get(&anna.calendar("calendar/secret.ics")).await.status, 404);
        let same_name = ben.put(&anna.calendar("calendar/secret.ics"), event("2", "mine")).await;
        assert_eq!(same_name.status, 403);
        let mine = anna.calendar("calendar/mine.ics");
        assert_eq!(ben.put(&mine, event("2", "mine")).await.status, 201);
        let taken = anna.calendar("calendar/secret.ics");
        let moved = ben.send("MOVE", &mine, &[("Destination", &taken)], "").await;
        assert_eq!(moved.refusal(), (403, "no-uid-conflict".into()));
        assert_eq!(ben.get(&mine).await.status, 200);
    });
}

#[test]
fn a_card_may_get_the_uid_that_it_lacks() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/x.vcf");
        assert_eq!(anna.put(&path, card("", "A").replace("UID:\r\n", "")).await.status, 201);
        assert_eq!(anna.put(&path, card("1", "A")).await.status, 204);
        assert_eq!(anna.put(&path, card("2", "A")).await.refusal(), (403, "no-uid-conflict".into()));
        assert_eq!(anna.get(&path).await.body, card("1", "A"));
    });
}
