//! Managed attachments: RFC 8607 sections 3.2 to 3.11, 5 and 6.

use crate::answer::Answer;
use crate::client::{Client, anonymous, event, todo};
use crate::world::on_each_database;
use vocabulary::{Preset, Rights, Role};

const TEXT: [(&str, &str); 2] = [
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Disposition", "attachment; filename=\"my plan.txt\""),
];
const REPRESENTED: (&str, &str) = ("Prefer", "return=representation");

/// What an object names: MANAGED-ID, and the path that the link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    id: String,
    path: String,
    line: String,
}

fn named(object: &str) -> Vec<Named> {
    let unfolded = object.replace("\r\n ", "");
    let lines = unfolded.lines().filter(|line| line.starts_with("ATTACH;"));
    let of = |line: &str| {
        let id = line.split("MANAGED-ID=").nth(1)?.split([';', ':']).next()?;
        let path = line.find("/dav/").map(|at| line[at..].to_owned())?;
        Some(Named { id: id.to_owned(), path, line: line.to_owned() })
    };
    lines.map(|line| of(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

async fn post(client: &Client<'_>, path: &str, query: &str, body: &str) -> Answer {
    client.send("POST", &format!("{path}?action=attachment-{query}"), &TEXT, body).await
}

/// Attaches a text to an object that has nothing attached.
async fn attach(client: &Client<'_>, path: &str, text: &str) -> Named {
    let answer = post(client, path, "add", text).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let mut found = named(&client.get(path).await.body);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(answer.header("cal-managed-id"), Some(found[0].id.clone()));
    found.remove(0)
}

fn with_line(object: &str, line: &str) -> String {
    object.replace("SUMMARY", &format!("{line}\r\nSUMMARY"))
}

/// How many bytes count in the quota of somebody.
async fn used(client: &Client<'_>) -> i64 {
    let id = client.id;
    client.world.read(move |tx| Ok(tx.account(id)?.used_bytes)).await
}

#[test]
fn a_file_is_posted_to_an_object_and_read_by_its_link() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (path, object) in
            [(anna.calendar("calendar/x.ics"), event("1", "a")), (anna.calendar("tasks/t.ics"), todo("2"))]
        {
            anna.put(&path, object).await;
            let before = anna.etag(&path).await;
            let answer = post(&anna, &path, "add", "the plan").await;
            assert_eq!((answer.status, answer.body.as_str()), (201, ""), "{answer:?}");
            assert_eq!(answer.header("etag"), anna.etag(&path).await);
            assert_ne!(answer.header("etag"), before);
            let object = anna.get(&path).await.body;
            let found = named(&object);
            assert_eq!(found.len(), 1, "{object}");
            let Named { id, path: link, line } = &found[0];
            assert_eq!(answer.header("cal-managed-id").as_ref(), Some(id));
            let location = answer.header("location").unwrap();
            assert!(location.starts_with("http://") && location.ends_with(link.as_str()), "{location}");
            assert!(line.ends_with(&format!(":{location}")), "{line}");
            for parameter in [";FMTTYPE=text/plain;", ";FILENAME=my plan.txt;", ";SIZE=8:"] {
                assert!(line.contains(parameter), "{line}");
            }
            let got = anna.get(link).await;
            assert_eq!((got.status, got.body.as_str()), (200, "the plan"));
            assert_eq!(got.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
            assert_eq!(got.header("content-security-policy").as_deref(), Some("sandbox"));
            let tag = got.header("etag").unwrap();
            assert_eq!(anna.etag(link).await.as_ref(), Some(&tag));
            assert_eq!(anna.send("GET", link, &[("If-None-Match", &tag)], "").await.status, 304);
            assert_eq!(anna.send("GET", link, &[("If-Match", "\"x\"")], "").await.status, 412);
            let part = anna.send("GET", link, &[("Range", "bytes=4-7")], "").await;
            assert_eq!((part.status, part.body.as_str()), (206, "plan"));
            for method in ["PUT", "DELETE", "POST", "PROPFIND", "MOVE", "LOCK"] {
                assert_eq!(anna.send(method, link, &[("Depth", "0")], "").await.status, 405, "{method}");
            }
            assert_eq!(anonymous(world, "GET", link, &[], "").await.status, 401);
        }
        assert_eq!(anna.get("/dav/attachments/0123456789abcdef").await.status, 404);
        assert_eq!(anna.get("/dav/attachments/").await.status, 404);
    });
}

#[test]
fn what_could_run_is_saved_under_its_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let headers = [
            ("Content-Type", "text/html"),
            ("Content-Disposition", "attachment; filename*=UTF-8''%C3%BC%22.html"),
        ];
        anna.send("POST", &format!("{path}?action=attachment-add"), &headers, "<script>").await;
        let found = named(&anna.get(&path).await.body);
        assert!(found[0].line.contains(";FILENAME=ü^'.html;"), "{found:?}");
        let got = anna.get(&found[0].path).await;
        assert_eq!(
            got.header("content-disposition").as_deref(),
            Some("attachment; filename*=UTF-8''%C3%BC%22.html")
        );
        assert_eq!(got.header("x-content-type-options").as_deref(), Some("nosniff"));
    });
}

// RFC 8607 sections 3.5 and 3.6.
#[test]
fn it_is_updated_and_removed() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let first = attach(&anna, &path, "first").await;
        let answer = post(&anna, &path, &format!("update&managed-id={}", first.id), "second").await;
        assert_eq!(answer.status, 204, "{answer:?}");
        let found = named(&anna.get(&path).await.body);
        assert_eq!((found.len(), answer.header("cal-managed-id")), (1, Some(found[0].id.clone())));
        assert_ne!(found[0].id, first.id);
        assert!(found[0].line.contains(";SIZE=6:"), "{found:?}");
        assert_eq!(anna.get(&found[0].path).await.body, "second");
        assert_eq!(anna.get(&first.path).await.status, 404, "nothing names it any more");
        let gone = post(&anna, &path, &format!("remove&managed-id={}", found[0].id), "").await;
        assert_eq!((gone.status, gone.header("cal-managed-id")), (204, None));
        assert_eq!(gone.header("etag"), anna.etag(&path).await);
        assert!(named(&anna.get(&path).await.body).is_empty());
        assert_eq!(anna.get(&found[0].path).await.status, 404);
    });
}

#[test]
fn who_prefers_it_gets_the_object_as_it_is_then() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let send = async |query: String, body: &'static str| {
            let target = format!("{path}?action=attachment-{query}");
            let answer = anna.send("POST", &target, &[TEXT[0], TEXT[1], REPRESENTED], body).await;
            assert_eq!(answer.body, anna.get(&path).await.body, "{answer:?}");
            assert_eq!(answer.header("content-location").as_ref(), Some(&path));
            assert_eq!(answer.header("preference-applied").as_deref(), Some("return=representation"));
            assert_eq!(answer.header("etag"), anna.etag(&path).await);
            answer
        };
        let added = send("add".to_owned(), "one").await;
        let found = named(&added.body).remove(0);
        assert_eq!((added.status, added.header("cal-managed-id")), (201, Some(found.id.clone())));
        assert!(added.header("location").unwrap().ends_with(&found.path));
        let updated = send(format!("update&managed-id={}", found.id), "two").await;
        let found = named(&updated.body).remove(0);
        assert_eq!((updated.status, updated.header("cal-managed-id")), (200, Some(found.id.clone())));
        let removed = send(format!("remove&managed-id={}", found.id), "").await;
        assert_eq!((removed.status, named(&removed.body)), (200, Vec::new()));
    });
}

// RFC 8607 section 3.3.2.
#[test]
fn an_occurrence_may_have_its_own() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        let series = event("1", "a").replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=3\r\nSUMMARY");
        anna.put(&path, series).await;
        let answer = post(&anna, &path, "add&rid=20261124T090000Z", "for Tuesday").await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let object = anna.get(&path).await.body;
        assert!(object.contains("RECURRENCE-ID:20261124T090000Z"), "{object}");
        assert_eq!(named(&object).len(), 1, "{object}");
        let everywhere = post(&anna, &path, "add", "for all").await;
        let object = anna.get(&path).await.body;
        assert_eq!(named(&object).len(), 3, "{object}");
        let id = everywhere.header("cal-managed-id").unwrap();
        let removed = post(&anna, &path, &format!("remove&rid=M&managed-id={id}"), "").await;
        assert_eq!(removed.status, 204, "{removed:?}");
        assert_eq!(named(&anna.get(&path).await.body).len(), 2);
        let refused = post(&anna, &path, "add&rid=20261124T100000Z", "never").await;
        assert_eq!(refused.refusal(), (403, "valid-rid".into()));
        assert_eq!(named(&anna.get(&path).await.body).len(), 2);
    });
}

// RFC 8607 section 3.11.
#[test]
fn what_cannot_be_done_is_refused_by_its_name() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let Named { id, .. } = attach(anna, &path, "one").await;
        let before = anna.get(&path).await;
        for (query, unmet) in [
            ("steal", "valid-action"),
            (&*format!("add&managed-id={id}"), "valid-managed-id"),
            ("update", "valid-managed-id"),
            ("update&managed-id=nothing", "valid-managed-id"),
            (&*format!("update&managed-id={id}&rid=M"), "valid-rid"),
            ("remove", "valid-managed-id"),
            ("remove&managed-id=nothing", "valid-managed-id"),
            ("add&rid=x", "valid-rid"),
            ("add&rid=20261123T090000Z", "valid-rid"),
        ] {
            let answer = post(anna, &path, query, "x").await;
            assert_eq!(answer.refusal(), (403, unmet.into()), "{query}");
        }
        let add = format!("{path}?action=attachment-add");
        let large = "x".repeat(50 * 1024 * 1024 + 1);
        let refused = anna.send("POST", &add, &TEXT, large).await;
        assert_eq!(refused.refusal(), (403, "max-attachment-size".into()));
        let stale = anna.send("POST", &add, &[("If-Match", "\"0-0\"")], "x").await;
        assert_eq!(stale.status, 412);
        let missing = anna.calendar("calendar/no.ics");
        assert_eq!(post(anna, &missing, "add", "x").await.status, 404);
        let after = anna.get(&path).await;
        assert_eq!((after.body, after.headers.get("etag")), (before.body, before.headers.get("etag")));
        assert_eq!(post(&people.ben, &path, "add", "x").await.status, 404);
        assert_eq!(post(&people.dora, &path, "add", "x").await.status, 404);
    });
}

#[test]
fn an_object_has_so_many_and_no_more() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let collection = anna.calendar("calendar/");
        let wanted = "<c:max-attachments-per-resource/><c:max-attachment-size/>";
        let told = anna.propfind(&collection, "0", wanted).await;
        assert_eq!(told.of(&collection).text("max-attachment-size").as_deref(), Some("52428800"));
        let max: usize = told.of(&collection).text("max-attachments-per-resource").unwrap().parse().unwrap();
        for number in 0..max {
            assert_eq!(post(&anna, &path, "add", "x").await.status, 201, "{number}");
        }
        let refused = post(&anna, &path, "add", "x").await;
        assert_eq!(refused.refusal(), (403, "max-attachments-per-resource".into()));
        assert_eq!(named(&anna.get(&path).await.body).len(), max);
    });
}

// RFC 8607 sections 3.7 and 3.11.
#[test]
fn what_a_put_names_must_be_there_for_whoever_puts_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let one = attach(anna, &path, "the plan").await;
        // What an object has it keeps.
        let changed = with_line(&event("1", "b"), &one.line);
        let answer = anna.put(&path, changed.as_str()).await;
        assert_eq!((answer.status, answer.header("etag")), (204, anna.etag(&path).await));
        assert_eq!(anna.get(&path).await.body, changed);
        // Another object may name it too.
        let other = anna.calendar("calendar/y.ics");
        let copy = with_line(&event("2", "c"), &one.line);
        assert_eq!(anna.put(&other, copy.as_str()).await.status, 201);
        anna.delete(&path).await;
        assert_eq!(anna.get(&one.path).await.body, "the plan");
        // Without any it is gone, but an object that comes back finds it.
        anna.delete(&other).await;
        assert_eq!(anna.get(&one.path).await.status, 404);
        assert_eq!(used(anna).await, 0);
        let foreign = ben.calendar("calendar/x.ics");
        let refused = ben.put(&foreign, copy.as_str()).await;
        assert_eq!(refused.refusal(), (403, "valid-managed-id-parameter".into()));
        assert_eq!(anna.put(&other, copy.as_str()).await.status, 201);
        assert_eq!(anna.get(&one.path).await.body, "the plan");
        assert_eq!(used(anna).await, (copy.len() + "the plan".len()) as i64);
        // What nobody has, and what others have, is nothing to name.
        let unknown = with_line(&event("3", "a"), "ATTACH;MANAGED-ID=nothing:https://a.test/x");
        let refused = anna.put(&anna.calendar("calendar/z.ics"), unknown).await;
        assert_eq!(refused.refusal(), (403, "valid-managed-id-parameter".into()));
        for client in [ben, &people.dora] {
            let refused = client.put(&client.calendar("calendar/x.ics"), copy.as_str()).await;
            assert_eq!(refused.refusal(), (403, "valid-managed-id-parameter".into()));
        }
    });
}

#[test]
fn whoever_may_read_an_object_may_read_what_it_names() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        let one = attach(anna, &path, "the plan").await;
        assert_eq!(ben.get(&one.path).await.status, 404);
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        assert_eq!(ben.get(&one.path).await.body, "the plan");
        // To read is not to change.
        let theirs = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "x.ics");
        assert_eq!(post(ben, &theirs, "add", "x").await.refusal(), (403, "need-privileges".into()));
        let remove = format!("remove&managed-id={}", one.id);
        assert_eq!(post(ben, &theirs, &remove, "").await.refusal(), (403, "need-privileges".into()));
        // What is private is not there.
        let private = with_line(&event("1", "a"), &format!("CLASS:PRIVATE\r\n{}", one.line));
        assert_eq!(anna.put(&path, private).await.status, 204);
        assert_eq!((ben.get(&one.path).await.status, anna.get(&one.path).await.status), (404, 200));
        anna.put(&path, with_line(&event("1", "a"), &one.line)).await;
        assert_eq!(ben.get(&one.path).await.status, 200);
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        assert_eq!(post(ben, &theirs, "add", "x").await.status, 201);
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        assert_eq!(ben.get(&one.path).await.status, 404, "gone with the next request");
        assert_eq!(people.dora.get(&one.path).await.status, 404);
    });
}

#[test]
fn whoever_is_invited_and_whoever_reads_their_calendar_may_read_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/x.ics");
        let guests = format!(
            "ORGANIZER;SCHEDULE-AGENT=CLIENT:mailto:{}\r\nATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:{}\r\n\
             ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:{}",
            anna.address,
            ben.address.to_uppercase(),
            people.dora.address
        );
        let meeting = with_line(&event("meeting", "a"), &guests);
        anna.put(&path, meeting.as_str()).await;
        let one = attach(anna, &path, "the plan").await;
        assert_eq!(ben.get(&one.path).await.body, "the plan");
        assert_eq!(people.dora.get(&one.path).await.status, 404, "of another domain");
        assert_eq!(cara.get(&one.path).await.status, 404);
        // The guest's copy names the organiser's file, as it is.
        let own = ben.calendar("calendar/their.ics");
        let copy = with_line(&meeting, &one.line);
        let stored = ben.put(&own, copy.as_str()).await;
        assert!(matches!(stored.status, 201 | 204), "{stored:?}");
        assert_eq!(named(&ben.get(&own).await.body), std::slice::from_ref(&one));
        // Who reads the guest's calendar reads it too.
        world.share(ben, Role::Calendar, cara, Preset::Reader.rights()).await;
        assert_eq!(cara.get(&one.path).await.body, "the plan");
        // Who is not invited any more, or to nothing, does not; naming it is not enough.
        anna.put(&path, with_line(&event("meeting", "a"), &one.line)).await;
        assert_eq!((ben.get(&one.path).await.status, cara.get(&one.path).await.status), (404, 404));
    });
}

#[test]
fn it_goes_with_its_object_to_other_names_and_other_accounts() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let source = ben.calendar("calendar/x.ics");
        ben.send("MKCALENDAR", &ben.calendar("work/"), &[], "").await;
        let before = used(ben).await;
        ben.put(&source, event("1", "a")).await;
        let one = attach(ben, &source, "the plan").await;
        // Within the account it is the same.
        let copied = ben.calendar("work/x.ics");
        assert_eq!(ben.send("COPY", &source, &[("Destination", &copied)], "").await.status, 201);
        let moved = ben.calendar("calendar/z.ics");
        assert_eq!(ben.send("MOVE", &source, &[("Destination", &moved)], "").await.status, 201);
        for path in [&copied, &moved] {
            assert_eq!(named(&ben.get(path).await.body), std::slice::from_ref(&one));
        }
        ben.delete(&copied).await;
        assert_eq!(ben.get(&one.path).await.body, "the plan");
        // In another account there is a copy, which its owner reads.
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let folder = world.folder(anna.id, Role::Calendar).await;
        let (put, sent) = (ben.mounted(anna, folder, "put.ics"), ben.mounted(anna, folder, "sent.ics"));
        let answer = ben.put(&put, with_line(&event("2", "a"), &one.line)).await;
        assert_eq!((answer.status, answer.header("etag")), (201, None), "it is not what was sent");
        let theirs = named(&anna.get(&anna.calendar("calendar/put.ics")).await.body).remove(0);
        assert_ne!(theirs.id, one.id);
        assert!(theirs.line.contains(";FILENAME=my plan.txt;"), "{theirs:?}");
        assert_eq!(
            (anna.get(&theirs.path).await.body, anna.get(&one.path).await.status),
            ("the plan".into(), 404)
        );
        assert_eq!(ben.send("MOVE", &moved, &[("Destination", &sent)], "").await.status, 201);
        assert_eq!(ben.get(&one.path).await.status, 404);
        assert_eq!(used(ben).await, before);
        let sent = named(&anna.get(&anna.calendar("calendar/sent.ics")).await.body).remove(0);
        assert_eq!(anna.get(&sent.path).await.body, "the plan");
    });
}

#[test]
fn it_counts_in_the_quota_of_whose_calendar_it_is() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/x.ics");
        anna.put(&path, event("1", "a")).await;
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let theirs = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "x.ics");
        assert_eq!(post(ben, &theirs, "add", "12345678").await.status, 201);
        let object = anna.get(&path).await.body;
        assert_eq!((used(anna).await, used(ben).await), (object.len() as i64 + 8, 0));
        let (owner, limit) = (anna.id, used(anna).await + 600);
        world
            .write(&[owner], move |tx| {
                let admin = tx.administer()?;
                tx.set_account_quota(&admin, owner, limit)
            })
            .await;
        let refused = post(anna, &path, "add", &"x".repeat(600)).await;
        assert_eq!(refused.refusal(), (507, "quota-not-exceeded".into()));
        assert_eq!(anna.get(&path).await.body, object);
    });
}

// RFC 8607 sections 3.2 and 6.1.
#[test]
fn programs_are_told_that_they_may() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let home = anna.calendar("");
        let path = anna.calendar("calendar/x.ics");
        for place in [&home, &anna.calendar("calendar/"), &path] {
            let told = anonymous(world, "OPTIONS", place, &[], "").await;
            let classes = told.header("dav").unwrap();
            assert!(classes.split(", ").any(|class| class == "calendar-managed-attachments"), "{classes}");
        }
        let allowed = async |path: &str| anonymous(world, "OPTIONS", path, &[], "").await.header("allow");
        assert!(allowed(&path).await.unwrap().contains("POST"));
        assert!(!allowed(&anna.book("contacts/x.vcf")).await.unwrap().contains("POST"));
        assert_eq!(allowed("/dav/attachments/0a").await.as_deref(), Some("OPTIONS, GET, HEAD"));
        let told = anna.propfind(&home, "0", "<c:managed-attachments-server-URL/>").await;
        let found = told.of(&home);
        assert_eq!(found.code_of("managed-attachments-server-URL"), Some(200));
        assert_eq!(found.paths("managed-attachments-server-URL"), [""; 0], "the host that was asked");
        let books = anna.propfind(&anna.book(""), "0", "<c:managed-attachments-server-URL/>").await;
        assert_eq!(books.of(&anna.book("")).code_of("managed-attachments-server-URL"), Some(404));
    });
}
