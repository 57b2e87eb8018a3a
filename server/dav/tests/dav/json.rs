//! Calendar objects and cards in JSON: jCal (RFC 7265) and jCard (RFC 7095), read and written.

use crate::answer::Answer;
use crate::client::{Client, card, event, todo};
use crate::world::on_each_database;

const JCAL: (&str, &str) = ("Content-Type", "application/calendar+json; charset=utf-8");
const JCARD: (&str, &str) = ("Content-Type", "application/vcard+json");

/// An event in JSON, as a program would write it.
fn jcal(uid: &str, summary: &str) -> String {
    format!(
        r#"["vcalendar",[["version",{{}},"text","2.0"],["prodid",{{}},"text","-//x//EN"]],[["vevent",[["uid",{{}},"text","{uid}"],
        ["dtstamp",{{}},"date-time","2026-11-01T00:00:00Z"],["dtstart",{{}},"date-time","2026-11-23T09:00:00Z"],
        ["duration",{{}},"duration","PT1H"],["summary",{{}},"text","{summary}"],["x-own",{{"x-p":"1"}},"unknown","kept  as it is"]],[]]]]"#
    )
}

fn jcard(uid: &str, name: &str) -> String {
    format!(
        r#"["vcard",[["fn",{{}},"text","{name}"],["uid",{{}},"text","{uid}"],["n",{{}},"text",["{name}","","","",""]],
        ["tel",{{"group":"item1","type":["home","cell"]}},"text","1"],["version",{{}},"text","4.0"]]]"#
    )
}

async fn read(client: &Client<'_>, path: &str, accept: &str, known: &str) -> Answer {
    client.send("GET", path, &[("Accept", accept), ("If-None-Match", known)], "").await
}

fn vary(answer: &Answer) -> String {
    let lines = answer.headers.get_all("vary").map(|value| value.to_str().unwrap().to_ascii_lowercase());
    lines.collect::<Vec<_>>().join(",")
}

// RFC 9110 sections 8.8.3.3, 12.5.1 and 13.1.
#[test]
fn a_get_gives_json_to_whoever_wants_it_under_a_tag_of_its_own() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (path, stored, media_type, content_type, told) in [
            (
                anna.calendar("calendar/x.ics"),
                event("1", "Tee; gut"),
                "application/calendar+json",
                "application/calendar+json; component=vevent",
                r#"["summary",{},"text","Tee; gut"]"#,
            ),
            (
                anna.calendar("tasks/t.ics"),
                todo("2"),
                "application/calendar+json",
                "application/calendar+json; component=vtodo",
                r#"[["vtodo",[["uid",{},"text","2"],"#,
            ),
            (
                anna.book("contacts/x.vcf"),
                card("3", "Drei").replace("VERSION:3.0", "VERSION:4.0"),
                "application/vcard+json",
                "application/vcard+json",
                r#"["n",{},"text",["Drei","","","",""]],["x-ablabel",{"group":"item1"},"unknown","x"]"#,
            ),
        ] {
            let put = anna.put(&path, stored.as_str()).await;
            assert_eq!(put.status, 201, "{put:?}");
            let tag = put.header("etag").unwrap();
            let json = read(&anna, &path, media_type, "\"x\"").await;
            assert_eq!((json.status, json.header("content-type").as_deref()), (200, Some(content_type)));
            assert!(json.body.starts_with("[\"v") && json.body.contains(told), "{}", json.body);
            assert!(vary(&json).contains("accept"), "{json:?}");
            let form = json.header("etag").unwrap();
            assert!(form != tag && !form.starts_with("W/"), "{form}");
            // Each tag names its own bytes when they are read.
            assert_eq!(read(&anna, &path, media_type, &form).await.status, 304);
            assert_eq!(read(&anna, &path, media_type, &tag).await.status, 200);
            assert_eq!(read(&anna, &path, "*/*", &tag).await.status, 304);
            for same in ["*/*", "text/*, application/*;q=0.5", ""] {
                let plain = read(&anna, &path, same, &form).await;
                assert_eq!(
                    (plain.status, &plain.body, plain.header("etag")),
                    (200, &stored, Some(tag.clone()))
                );
                assert!(vary(&plain).contains("accept"), "{plain:?}");
            }
            let head = anna.send("HEAD", &path, &[("Accept", media_type)], "").await;
            assert_eq!((head.status, head.header("etag")), (200, Some(form.clone())));
            // And each names the state of the item when it is changed.
            let changed = stored.replace("gut", "heiß").replace("to do", "done").replace("FN:Drei", "FN:3");
            assert_eq!(anna.send("PUT", &path, &[("If-Match", &form)], changed.as_str()).await.status, 204);
            assert_eq!(anna.send("PUT", &path, &[("If-Match", &form)], changed.as_str()).await.status, 412);
        }
    });
}

// RFC 7265 section 4, RFC 7095 section 4, RFC 4791 section 5.3.4.
#[test]
fn what_comes_in_json_is_stored_as_its_lines() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let lines = event("1", "Tee").replace("kept\r\n  as", "kept  as");
        let vcard = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Drei\r\nUID;VALUE=text:3\r\nN:Drei;;;;\r\n\
             item1.TEL;TYPE=home,cell:1\r\nEND:VCARD\r\n";
        for (collection, name, header, body, changed, stored) in [
            (
                anna.calendar("calendar/"),
                "x.ics",
                JCAL,
                jcal("1", "Tee"),
                jcal("1", "Kaffee"),
                lines.as_str(),
            ),
            (anna.book("contacts/"), "x.vcf", JCARD, jcard("3", "Drei"), jcard("3", "Vier"), vcard),
        ] {
            let path = format!("{collection}{name}");
            let made = anna.send("PUT", &path, &[header], body.as_str()).await;
            assert_eq!((made.status, made.header("etag")), (201, None), "what was sent is not what is there");
            assert_eq!(anna.get(&path).await.body, stored);
            let tag = anna.etag(&path).await.unwrap();
            let again = anna.send("PUT", &path, &[header, ("If-Match", &tag)], changed).await;
            assert_eq!((again.status, again.header("etag")), (204, None));
            assert_ne!(anna.etag(&path).await, Some(tag));
            // What is read can be written.
            let accept = header.1.split(';').next().unwrap();
            let now = read(&anna, &path, accept, "\"x\"").await;
            let before = anna.get(&path).await.body;
            assert_eq!(anna.send("PUT", &path, &[header], now.body.as_str()).await.status, 204);
            assert_eq!(anna.get(&path).await.body, before);
            // A new member, and the UID that is there.
            let target = format!("{collection}?add-member");
            let twin = anna.send("POST", &target, &[header], body.as_str()).await;
            assert_eq!(twin.refusal(), (403, "no-uid-conflict".into()));
            let other =
                body.replace(r#""text","1"]"#, r#""text","9"]"#).replace(r#""text","3"]"#, r#""text","9"]"#);
            let posted = anna.send("POST", &target, &[header], other).await;
            assert_eq!((posted.status, posted.header("etag")), (201, None), "{posted:?}");
            let there = posted.header("location").unwrap();
            assert!(anna.get(&there).await.body.starts_with("BEGIN:VC"), "{there}");
        }
    });
}

// RFC 4791 section 5.3.2.1, RFC 6352 section 6.3.2.1.
#[test]
fn json_that_is_no_object_is_refused_by_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (item, contact) = (anna.calendar("calendar/x.ics"), anna.book("contacts/x.vcf"));
        let mut cut = jcal("1", "a");
        cut.pop();
        let frame = jcal("1", "a").replace("x-own", "end");
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for (body, expected) in [
            (String::new(), "valid-calendar-data"),
            ("{}".to_owned(), "valid-calendar-data"),
            (event("1", "a"), "valid-calendar-data"),
            (jcard("1", "a"), "valid-calendar-data"),
            (jcal("1", "a").replace("2026-11-23T09:00:00Z", "soon"), "valid-calendar-data"),
            (cut, "valid-calendar-data"),
            (frame, "valid-calendar-data"),
            (deep.clone(), "valid-calendar-data"),
            (jcal("1", "a").replace("prodid", "method"), "valid-calendar-object-resource"),
            (jcal("1", "a").replace(r#"["uid""#, r#"["x-uid""#), "valid-calendar-object-resource"),
        ] {
            let answer = anna.send("PUT", &item, &[JCAL], body).await;
            assert_eq!(answer.refusal(), (403, expected.into()));
        }
        for body in [jcal("1", "a"), card("1", "a"), deep, jcard("1", "a").replace("4.0", "3.0")] {
            let answer = anna.send("PUT", &contact, &[JCARD], body).await;
            assert_eq!(answer.refusal(), (403, "valid-address-data".into()));
        }
        let wrong = anna.send("PUT", &item, &[JCARD], jcard("1", "a")).await;
        assert_eq!(wrong.refusal(), (403, "supported-calendar-data".into()));
        let wrong = anna.send("PUT", &contact, &[JCAL], jcal("1", "a")).await;
        assert_eq!(wrong.refusal(), (403, "supported-address-data".into()));
        // Several at once come in lines only.
        let bulk = anna.send("POST", &anna.calendar("calendar/"), &[JCAL], jcal("1", "a")).await;
        assert_eq!(bulk.refusal(), (403, "supported-calendar-data".into()));
        assert_eq!((anna.get(&item).await.status, anna.get(&contact).await.status), (404, 404));
    });
}

// RFC 4791 sections 5.2.4 and 9.6, RFC 6352 sections 6.2.2 and 10.4.
#[test]
fn reports_give_json_where_it_is_asked_for() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (calendar, book) = (anna.calendar("calendar/"), anna.book("contacts/"));
        let (item, contact) = (format!("{calendar}x.ics"), format!("{book}x.vcf"));
        anna.put(&item, event("1", "Tee")).await;
        anna.put(&contact, card("3", "Drei")).await;
        let as_jcal = "content-type='application/calendar+json'";
        let multiget = |form: &str, inner: &str| {
            format!(
                "<c:calendar-multiget><prop><getetag/><c:calendar-data {form}>{inner}</c:calendar-data></prop>\
                 <href>{item}</href></c:calendar-multiget>"
            )
        };
        let query = format!(
            "<c:calendar-query><prop><getetag/><c:calendar-data {as_jcal} version='2.0'/></prop>\
             <c:filter><c:comp-filter name='VCALENDAR'/></c:filter></c:calendar-query>"
        );
        let tag = anna.etag(&item).await;
        for body in [multiget(as_jcal, ""), query] {
            let answer = anna.report(&calendar, &body).await;
            let found = answer.of(&item);
            let data = found.property("calendar-data").unwrap_or_else(|| panic!("{answer:?}"));
            let attributes: Vec<_> =
                data.attributes.iter().map(|attribute| attribute.value.as_str()).collect();
            assert_eq!(attributes, ["application/calendar+json", "2.0"]);
            assert!(data.text().contains(r#"["summary",{},"text","Tee"]"#), "{}", data.text());
            assert_eq!(found.text("getetag"), tag, "the tag is that of the item");
        }
        let part = "<c:comp name='VCALENDAR'><c:prop name='VERSION'/><c:comp name='VEVENT'><c:prop name='UID'/>\
             </c:comp></c:comp>";
        let answer = anna.report(&calendar, &multiget(as_jcal, part)).await;
        let expected =
            r#"["vcalendar",[["version",{},"text","2.0"]],[["vevent",[["uid",{},"text","1"]],[]]]]"#;
        assert_eq!(answer.of(&item).text("calendar-data").as_deref(), Some(expected));

        let cards = |inner: &str| {
            format!(
                "<r:addressbook-multiget><prop><r:address-data content-type='application/vcard+json'>{inner}\
                 </r:address-data></prop><href>{contact}</href></r:addressbook-multiget>"
            )
        };
        let answer = anna.report(&book, &cards("")).await;
        let data = answer.of(&contact).property("address-data").unwrap_or_else(|| panic!("{answer:?}"));
        let attributes: Vec<_> = data.attributes.iter().map(|attribute| attribute.value.as_str()).collect();
        assert_eq!(attributes, ["application/vcard+json", "4.0"]);
        assert!(data.text().starts_with(r#"["vcard",[["version",{},"text","4.0"],"#), "{}", data.text());
        let answer = anna.report(&book, &cards("<r:prop name='FN'/>")).await;
        let expected = r#"["vcard",[["version",{},"text","4.0"],["fn",{},"text","Drei"]]]"#;
        assert_eq!(answer.of(&contact).text("address-data").as_deref(), Some(expected));

        for (path, property, media_type) in [
            (&calendar, "supported-calendar-data", "application/calendar+json"),
            (&book, "supported-address-data", "application/vcard+json"),
        ] {
            let name = if *path == calendar { "c" } else { "r" };
            let told = anna.propfind(path, "0", &format!("<{name}:{property}/>")).await;
            let forms = told.of(path).property(property).unwrap();
            assert!(forms.children().any(|form| form.attributes[0].value == media_type), "{told:?}");
        }
    });
}
