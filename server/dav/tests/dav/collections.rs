//! MKCALENDAR, extended MKCOL and DELETE of collections: RFC 4791 section 5.3.1, RFC 5689.

use crate::client::{Client, NAMESPACES, event, todo};
use crate::world::on_each_database;
use vocabulary::{CollectionKind, Preset, Role};

async fn kind_of(client: &Client<'_>, name: &str) -> CollectionKind {
    let (id, name) = (client.id, name.to_owned());
    let collections = client.world.read(move |tx| tx.collections(id)).await;
    let named = |visible: &storage::Visible| visible.collection.resource_name.as_deref() == Some(&name);
    collections.into_iter().find(named).unwrap().collection.kind
}

fn set(components: &[&str]) -> String {
    let comps: String = components.iter().map(|name| format!("<c:comp name='{name}'/>")).collect();
    format!("<c:supported-calendar-component-set>{comps}</c:supported-calendar-component-set>")
}

fn mkcalendar(properties: &str) -> String {
    format!("<c:mkcalendar {NAMESPACES}><set><prop>{properties}</prop></set></c:mkcalendar>")
}

fn mkcol(types: &str, properties: &str) -> String {
    format!(
        "<mkcol {NAMESPACES}><set><prop><resourcetype>{types}</resourcetype>{properties}</prop></set></mkcol>"
    )
}

#[test]
fn a_calendar_is_made_where_the_client_wants_it_with_all_its_properties() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("6D3B6C3A-0AF1-4B5C-9E7A-2B1B0E0C1D2E/");
        let zone = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
             END:VTIMEZONE\r\nEND:VCALENDAR\r\n";
        let properties = format!(
            "<displayname>Arbeit &amp; mehr</displayname><a:calendar-color>#FF0000FF</a:calendar-color>\
             <a:calendar-order>7</a:calendar-order><c:calendar-description xml:lang='de'>D</c:calendar-description>\
             <c:calendar-timezone>{zone}</c:calendar-timezone>{}\
             <c:schedule-calendar-transp><c:transparent/></c:schedule-calendar-transp><x:own><x:y/></x:own>",
            set(&["VEVENT"])
        );
        let made = anna.send("MKCALENDAR", &path, &[], mkcalendar(&properties)).await;
        assert_eq!(
            (made.status, made.header("cache-control").as_deref()),
            (201, Some("no-cache")),
            "{made:?}"
        );
        let wanted = "<displayname/><a:calendar-color/><a:calendar-order/><c:calendar-description/>\
             <c:calendar-timezone/><c:schedule-calendar-transp/><x:own/>";
        let answer = anna.propfind(&path, "0", wanted).await;
        let found = answer.of(&path);
        assert_eq!(found.text("displayname").as_deref(), Some("Arbeit & mehr"));
        assert_eq!(found.text("calendar-color").as_deref(), Some("#FF0000FF"));
        assert_eq!(found.text("calendar-order").as_deref(), Some("7"));
        assert_eq!(found.property("calendar-description").unwrap().language(), Some("de"));
        assert!(found.text("calendar-timezone").unwrap().contains("TZID:Europe/Berlin"));
        assert_eq!(found.names("schedule-calendar-transp"), ["transparent"]);
        assert_eq!(found.names("own"), ["y"]);
        assert_eq!(anna.put(&format!("{path}x.ics"), event("1", "a")).await.status, 201);
        let again = anna.send("MKCALENDAR", &path, &[], "").await;
        assert_eq!(again.refusal(), (403, "resource-must-be-null".into()));
        assert_eq!(anna.send("MKCOL", &path, &[], mkcol("<collection/><c:calendar/>", "")).await.status, 405);
    });
}

#[test]
fn the_set_of_components_makes_the_kind_of_folder() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (name, components, kind, takes_event, takes_todo) in [
            ("events", Some(&["VEVENT"][..]), CollectionKind::Calendar, 201, 403),
            ("todos", Some(&["VTODO"]), CollectionKind::Tasks, 403, 201),
            ("both", Some(&["VEVENT", "VTODO"]), CollectionKind::Calendar, 201, 201),
            ("any", None, CollectionKind::Calendar, 201, 201),
        ] {
            let path = anna.calendar(&format!("{name}/"));
            let body = components.map_or_else(String::new, |components| mkcalendar(&set(components)));
            assert_eq!(anna.send("MKCALENDAR", &path, &[], body).await.status, 201);
            assert_eq!(kind_of(&anna, name).await, kind, "{name}");
            assert_eq!(
                anna.put(&format!("{path}e.ics"), event("1", "a")).await.status,
                takes_event,
                "{name}"
            );
            assert_eq!(anna.put(&format!("{path}t.ics"), todo("2")).await.status, takes_todo, "{name}");
        }
    });
}

#[test]
fn an_address_book_is_made_by_extended_mkcol() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("friends/");
        let body = mkcol("<collection/><r:addressbook/>", "<displayname>Freunde</displayname>");
        assert_eq!(anna.send("MKCOL", &path, &[], body).await.status, 201);
        assert_eq!(
            anna.propfind(&path, "0", "<displayname/>").await.text("displayname").as_deref(),
            Some("Freunde")
        );
        assert_eq!(kind_of(&anna, "friends").await, CollectionKind::Contacts);
        for (types, path) in [
            ("<collection/><c:calendar/>", anna.book("x/")),
            ("<collection/><r:addressbook/>", anna.calendar("x/")),
            ("<collection/>", anna.calendar("x/")),
            ("<collection/><x:planner/>", anna.calendar("x/")),
        ] {
            let answer = anna.send("MKCOL", &path, &[], mkcol(types, "")).await;
            assert_eq!(answer.refusal(), (403, "valid-resourcetype".into()), "{types}");
            assert_eq!(anna.propfind(&path, "0", "<displayname/>").await.status, 404);
        }
        let odd =
            anna.send("MKCOL", &anna.book("x/"), &[("Content-Type", "xzy-foo/bar-512")], "afafafaf").await;
        assert_eq!(odd.status, 415);
        assert_eq!(anna.send("MKCOL", &anna.book("x/"), &[], "<mkcol").await.status, 400);
    });
}

#[test]
fn a_property_that_cannot_be_set_undoes_the_whole() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("x/");
        let properties = "<displayname>X</displayname><getetag>1</getetag>";
        let calendar = anna.send("MKCALENDAR", &path, &[], mkcalendar(properties)).await;
        assert_eq!((calendar.status, calendar.document().name().local()), (207, "mkcalendar-response"));
        let collection =
            anna.send("MKCOL", &path, &[], mkcol("<collection/><c:calendar/>", properties)).await;
        assert_eq!((collection.status, collection.document().name().local()), (403, "mkcol-response"));
        assert!(
            collection.body.contains("424") && collection.body.contains("cannot-modify-protected-property")
        );
        let bad_set = mkcalendar(&set(&["VEVENT", "VWISH"]));
        assert_eq!(anna.send("MKCALENDAR", &path, &[], bad_set).await.status, 207);
        for nothing_to_hold in [&["VFREEBUSY"][..], &[]] {
            let body = mkcalendar(&set(nothing_to_hold));
            assert_eq!(anna.send("MKCALENDAR", &path, &[], body).await.status, 207, "{nothing_to_hold:?}");
        }
        let nameless = anna.send("MKCALENDAR", &anna.calendar("%20/"), &[], "").await;
        assert_eq!(nameless.refusal(), (403, "calendar-collection-location-ok".into()));
        let bad_zone = mkcalendar("<c:calendar-timezone>Europe/Berlin</c:calendar-timezone>");
        assert_eq!(anna.send("MKCALENDAR", &path, &[], bad_zone).await.status, 207);
        assert_eq!(anna.propfind(&path, "0", "<displayname/>").await.status, 404, "nothing was made");
        assert_eq!(anna.send("MKCALENDAR", &path, &[], "").await.status, 201);
    });
}

#[test]
fn collections_lie_in_ones_own_home_and_nowhere_else() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        for (path, expected) in [
            (anna.calendar("calendar/inner/"), 403),
            (anna.calendar("~1.2/"), 403),
            (anna.calendar("nothing/inner/"), 409),
            ("/dav/x/".to_owned(), 404),
            (anna.calendar(""), 403),
            (ben.calendar("x/"), 409),
            (people.dora.calendar("x/"), 409),
            (anna.book("x/"), 403),
        ] {
            assert_eq!(anna.send("MKCALENDAR", &path, &[], "").await.status, expected, "{path}");
        }
        world.share(ben, Role::Calendar, anna, Preset::Editor.rights()).await;
        let refused = anna.send("MKCALENDAR", &ben.calendar("x/"), &[], "").await;
        assert_eq!(refused.refusal(), (403, "need-privileges".into()), "the home is seen, but not one's own");
    });
}

#[test]
fn a_collection_goes_with_all_that_is_in_it_but_a_special_one_stays() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("work/");
        anna.send("MKCALENDAR", &path, &[], "").await;
        anna.put(&format!("{path}x.ics"), event("1", "a")).await;
        assert_eq!(anna.delete(&path).await.status, 204);
        assert_eq!(anna.get(&format!("{path}x.ics")).await.status, 404);
        assert_eq!(anna.delete(&path).await.status, 404);
        assert_eq!(anna.delete(&anna.calendar("calendar/")).await.status, 403);
        assert_eq!(anna.delete(&anna.calendar("")).await.status, 405);
        // The name is free again, and what is made anew is empty.
        assert_eq!(anna.send("MKCALENDAR", &path, &[], "").await.status, 201);
        assert_eq!(anna.propfind(&path, "1", "<getetag/>").await.hrefs(), [path]);
    });
}

#[test]
fn two_calendars_of_one_name_are_both_made() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (name, expected) in [("a/", "Arbeit"), ("b/", "Arbeit (2)"), ("c/", "Arbeit (3)")] {
            let body = mkcalendar("<displayname>Arbeit</displayname>");
            assert_eq!(anna.send("MKCALENDAR", &anna.calendar(name), &[], body).await.status, 201);
            let shown = anna.propfind(&anna.calendar(name), "0", "<displayname/>").await.text("displayname");
            assert_eq!(shown.as_deref(), Some(expected), "each has a name of its own at every door");
        }
        let body = mkcalendar("<displayname>a\nb</displayname>");
        assert_eq!(anna.send("MKCALENDAR", &anna.calendar("d/"), &[], body).await.status, 207);
        let body = mkcalendar("<displayname> </displayname>");
        assert_eq!(anna.send("MKCALENDAR", &anna.calendar("d/"), &[], body).await.status, 201);
        let shown = anna.propfind(&anna.calendar("d/"), "0", "<displayname/>").await.text("displayname");
        assert_eq!(shown.as_deref(), Some("d"));
    });
}
