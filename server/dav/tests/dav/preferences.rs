//! New members by POST (RFC 5995), what clients prefer to be told (RFC 8144), and subscribed calendars.

use crate::client::{NAMESPACES, card, event, todo};
use crate::world::on_each_database;

#[test]
fn a_posted_object_gets_a_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (path, body, extension) in [
            (anna.calendar("calendar/"), event("1", "a"), ".ics"),
            (anna.book("contacts/"), card("1", "Ada"), ".vcf"),
        ] {
            let told = anna.propfind(&path, "0", "<add-member/>").await;
            let target = told.of(&path).paths("add-member").remove(0);
            assert_eq!(target, format!("{path}?add-member"));
            let made = anna.send("POST", &target, &[], body.as_str()).await;
            let there = made.header("location").unwrap();
            assert_eq!(made.status, 201, "{made:?}");
            assert!(there.starts_with(&path) && there.ends_with(extension), "{there}");
            let got = anna.get(&there).await;
            assert_eq!((got.body.as_str(), got.header("etag")), (body.as_str(), made.header("etag")));
            // The same again is not another.
            let again = anna.send("POST", &target, &[], body).await;
            assert_eq!(again.refusal(), (403, "no-uid-conflict".into()));
            assert!(again.body.contains(&there), "{again:?}");
        }
        let path = anna.calendar("calendar/?add-member");
        assert_eq!(
            anna.send("POST", &path, &[], todo("2")).await.refusal(),
            (403, "supported-calendar-component".into())
        );
        assert_eq!(
            anna.send("POST", &path, &[("Content-Type", "text/vcard")], card("3", "x")).await.refusal(),
            (403, "supported-calendar-data".into())
        );
        let none = anna.calendar("no/?add-member");
        assert_eq!(anna.send("POST", &none, &[], event("4", "x")).await.status, 404);
        // To an object only attachments are posted.
        let object = anna.send("POST", &anna.calendar("calendar/x.ics"), &[], event("5", "x")).await;
        assert_eq!(object.refusal(), (403, "valid-action".into()));
        assert_eq!(anna.send("POST", &anna.book("contacts/x.vcf"), &[], card("5", "x")).await.status, 405);
    });
}

#[test]
fn who_prefers_it_gets_what_was_stored_or_stands_in_the_way() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/x.ics");
        let prefer = ("Prefer", "return=representation");
        let (first, second) = (event("1", "a"), event("1", "b"));
        let made = anna.send("PUT", &path, &[prefer, ("If-None-Match", "*")], first.as_str()).await;
        assert_eq!((made.status, made.body.as_str()), (201, first.as_str()));
        assert_eq!(made.header("preference-applied").as_deref(), Some("return=representation"));
        assert_eq!(made.header("content-location").as_deref(), Some(path.as_str()));
        assert_eq!(made.header("etag"), anna.etag(&path).await);
        let refused = anna.send("PUT", &path, &[prefer, ("If-None-Match", "*")], second.as_str()).await;
        assert_eq!((refused.status, refused.body.as_str()), (412, first.as_str()));
        assert_eq!(refused.header("etag"), anna.etag(&path).await);
        let replaced = anna.send("PUT", &path, &[prefer], second.as_str()).await;
        assert_eq!((replaced.status, replaced.body.as_str()), (200, second.as_str()));
        let missing =
            anna.send("PUT", &anna.calendar("calendar/y.ics"), &[prefer, ("If-Match", "*")], first).await;
        assert_eq!((missing.status, missing.body.as_str()), (412, ""));
        let posted =
            anna.send("POST", &anna.calendar("calendar/?add-member"), &[prefer], event("2", "c")).await;
        assert_eq!((posted.status, posted.body.as_str()), (201, event("2", "c").as_str()));
        assert_eq!(posted.header("content-location"), posted.header("location"));
        let body = "<propfind xmlns='DAV:'><prop><displayname/></prop></propfind>";
        let minimal = [("Prefer", "return=minimal"), ("Depth", "0")];
        let told = anna.send("PROPFIND", &path, &minimal, body).await;
        assert_eq!(told.header("preference-applied").as_deref(), Some("return=minimal"));
    });
}

#[test]
fn a_subscribed_calendar_is_kept_for_its_source() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("holidays/");
        let body = format!(
            "<mkcol {NAMESPACES}><set><prop><resourcetype><collection/><s:subscribed/></resourcetype>\
             <s:source><href>https://holidays.test/de.ics</href></s:source><displayname>Feiertage</displayname>\
             </prop></set></mkcol>"
        );
        assert_eq!(anna.send("MKCOL", &path, &[], body.as_str()).await.status, 201);
        let listed = anna.propfind(&anna.calendar(""), "1", "<resourcetype/><s:source/><displayname/>").await;
        let found = listed.of(&path);
        assert_eq!(found.names("resourcetype"), ["collection", "subscribed"]);
        assert_eq!(found.paths("source"), ["https://holidays.test/de.ics"]);
        assert_eq!(found.text("displayname").as_deref(), Some("Feiertage"));
        let refused = anna.put(&format!("{path}x.ics"), event("1", "a")).await;
        assert_eq!(refused.refusal(), (403, "supported-calendar-component".into()));
        let calendar = anna.propfind(&anna.calendar("calendar/"), "0", "<resourcetype/>").await;
        assert_eq!(
            calendar.of(&anna.calendar("calendar/")).names("resourcetype"),
            ["collection", "calendar"]
        );
        let book = body.replace("<s:source>", "<x:source>").replace("</s:source>", "</x:source>");
        let elsewhere = anna.send("MKCOL", &anna.book("holidays/"), &[], book).await;
        assert_eq!(elsewhere.refusal(), (403, "valid-resourcetype".into()));
    });
}
