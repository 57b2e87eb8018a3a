//! PROPFIND and PROPPATCH: RFC 4918 sections 9.1 and 9.2, RFC 8144.

use crate::client::{Client, NAMESPACES, event};
use crate::world::on_each_database;
use storage::right;
use vocabulary::{Home, LeafName, Preset, Role};

#[test]
fn all_is_what_rfc_4918_defines_and_what_clients_keep() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("1", "a")).await;
        anna.proppatch(&path, "<set><prop><x:own>1</x:own></prop></set>").await;
        for body in ["", &format!("<propfind {NAMESPACES}><allprop/></propfind>")] {
            let answer = anna.send("PROPFIND", &path, &[("Depth", "1")], body).await;
            let collection = answer.of(&path);
            let names: Vec<_> = collection
                .properties()
                .iter()
                .map(|(_, element)| element.name().local().to_owned())
                .collect();
            assert_eq!(names, ["displayname", "resourcetype", "own"]);
            let item = answer.of(&format!("{path}x.ics"));
            for name in ["getetag", "getcontenttype", "getcontentlength", "resourcetype"] {
                assert_eq!(item.code_of(name), Some(200), "{name}");
            }
            assert_eq!(item.code_of("calendar-data"), None);
        }
        let names = anna.send(
            "PROPFIND",
            &path,
            &[("Depth", "0")],
            format!("<propfind {NAMESPACES}><propname/></propfind>"),
        );
        let names = names.await;
        let found = names.of(&path);
        assert!(
            found.properties().iter().all(|(status, element)| *status == 200 && element.text().is_empty())
        );
        assert_eq!(found.code_of("own"), Some(200));
        assert_eq!(found.code_of("sync-token"), Some(200));
        let include =
            format!("<propfind {NAMESPACES}><allprop/><include><s:getctag/><x:no/></include></propfind>");
        let included = anna.send("PROPFIND", &path, &[("Depth", "0")], include).await;
        assert_eq!(included.of(&path).code_of("getctag"), Some(200));
        assert_eq!(included.of(&path).code_of("no"), Some(404));
    });
}

// RFC 3253 sections 3.1.3 and 3.1.4, RFC 5995 section 3.2.1.
#[test]
fn what_a_resource_supports_is_told_if_it_is_asked_for() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (home, path) = (anna.calendar(""), anna.calendar("calendar/"));
        let item = format!("{path}x.ics");
        anna.put(&item, event("1", "a")).await;
        for (resource, has, lacks) in [
            (&home, &["sync-token", "displayname"][..], &["getctag", "getetag"][..]),
            (&path, &["add-member", "getctag", "sync-token", "bulk-requests"], &["getetag", "calendar-data"]),
            (&item, &["getetag", "supported-live-property-set"], &["add-member", "sync-token"]),
            (&anna.principal(), &["calendar-home-set"], &["sync-token"]),
            (&anna.file(""), &["supportedlock"], &["sync-token", "bulk-requests"]),
        ] {
            let wanted = "<supported-method-set/><supported-live-property-set/>";
            let found = anna.propfind(resource, "0", wanted).await.of(resource);
            let names = found.names("supported-live-property-set");
            for name in has {
                assert!(names.iter().any(|found| found == name), "{name} of {resource}: {names:?}");
            }
            for name in lacks {
                assert!(names.iter().all(|found| found != name), "{name} of {resource}: {names:?}");
            }
            let methods = found.property("supported-method-set").unwrap();
            let methods: Vec<_> =
                methods.children().map(|method| method.attributes[0].value.clone()).collect();
            let allowed = anna.send("OPTIONS", resource, &[], "").await.header("allow").unwrap();
            assert_eq!(methods.join(", "), allowed, "{resource}");
        }
    });
}

#[test]
fn what_is_not_there_is_404_or_left_out() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let wanted = "<displayname/><x:none/><c:calendar-data/><c:calendar-description/>";
        let full = anna.propfind(&path, "0", wanted).await;
        for name in ["none", "calendar-data", "calendar-description"] {
            assert_eq!(full.of(&path).code_of(name), Some(404), "{name}");
        }
        let body = format!("<propfind {NAMESPACES}><prop>{wanted}</prop></propfind>");
        for preference in [("Prefer", "return=minimal"), ("Prefer", "return-minimal"), ("Brief", "t")] {
            let headers = [("Depth", "0"), preference];
            let minimal = anna.send("PROPFIND", &path, &headers, body.clone()).await;
            assert_eq!(minimal.of(&path).properties().len(), 1, "{preference:?}");
        }
    });
}

#[test]
fn infinity_is_refused_by_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        for headers in [&[("Depth", "infinity")][..], &[]] {
            let answer = anna.send("PROPFIND", &path, headers, "").await;
            assert_eq!(answer.refusal(), (403, "propfind-finite-depth".into()));
        }
        assert_eq!(anna.send("PROPFIND", &path, &[("Depth", "2")], "").await.status, 400);
        assert_eq!(anna.send("PROPFIND", &path, &[("Depth", "0")], "<propfind").await.status, 400);
        let bomb = "<!DOCTYPE x [<!ENTITY a 'b'>]><propfind xmlns='DAV:'><allprop/></propfind>";
        assert_eq!(anna.send("PROPFIND", &path, &[("Depth", "0")], bomb).await.status, 403);
        anna.put(&format!("{path}x.ics"), event("1", "a")).await;
        assert_eq!(anna.send("PROPFIND", &format!("{path}x.ics"), &[], "").await.status, 207);
    });
}

#[test]
fn properties_are_set_all_or_none() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let value = "<x:own xml:lang='de'>a &amp; b<x:deep y='1'/></x:own>";
        let body = format!("<set><prop>{value}<a:calendar-color>#00FF00</a:calendar-color></prop></set>");
        let set = anna.proppatch(&path, &body).await;
        assert_eq!(set.of(&path).code_of("own"), Some(200));
        let found = anna.propfind(&path, "0", "<x:own/><a:calendar-color/>").await.of(&path);
        let own = found.property("own").unwrap();
        assert_eq!((own.text().as_str(), own.language()), ("a & b", Some("de")));
        assert_eq!(found.names("own"), ["deep"]);
        let refused = "<remove><prop><x:own/></prop></remove><set><prop><a:calendar-color>#111111</a:calendar-color>\
             <getetag>x</getetag><a:calendar-order>first</a:calendar-order></prop></set>";
        let answer = anna.proppatch(&path, refused).await.of(&path);
        assert_eq!(answer.code_of("getetag"), Some(403));
        assert_eq!(answer.code_of("calendar-order"), Some(409));
        assert_eq!((answer.code_of("own"), answer.code_of("calendar-color")), (Some(424), Some(424)));
        let found = anna.propfind(&path, "0", "<x:own/><a:calendar-color/>").await.of(&path);
        assert!(found.property("own").is_some());
        assert_eq!(found.text("calendar-color").as_deref(), Some("#00FF00"));
        // In the order of the request; what is not there may be removed.
        let ordered = "<set><prop><x:a>1</x:a></prop></set><remove><prop><x:a/><x:b/></prop></remove>\
             <remove><prop><x:own/></prop></remove>";
        assert_eq!(anna.proppatch(&path, ordered).await.of(&path).code_of("b"), Some(200));
        let found = anna.propfind(&path, "0", "<x:own/><x:a/>").await.of(&path);
        assert_eq!((found.code_of("own"), found.code_of("a")), (Some(404), Some(404)));
        let home = anna.calendar("");
        let answer = anna.proppatch(&home, "<set><prop><x:a>1</x:a></prop></set>").await;
        assert_eq!(answer.of(&home).code_of("a"), Some(403));
        assert_eq!(anna.proppatch(&anna.calendar("no/"), "<set><prop><x:a/></prop></set>").await.status, 404);
    });
}

/// What a calendar is called here, and what its folder is, which the other doors show.
async fn names(client: &Client<'_>, calendar: &'static str) -> (String, String) {
    let path = client.calendar(&format!("{calendar}/"));
    let shown = client.propfind(&path, "0", "<displayname/>").await.text("displayname").unwrap();
    let account = client.id;
    let folder = client.world.read(move |tx| {
        let grant = tx.open_resource::<right::Lookup>(account, Home::Calendars, calendar)?;
        Ok(grant.collection().name.as_str().to_owned())
    });
    (shown, folder.await)
}

async fn rename(client: &Client<'_>, calendar: &str, to: &str) -> Option<u16> {
    let path = client.calendar(&format!("{calendar}/"));
    let change = format!("<set><prop><displayname>{to}</displayname></prop></set>");
    client.proppatch(&path, &change).await.of(&path).code_of("displayname")
}

/// As the other doors do it.
async fn rename_elsewhere(client: &Client<'_>, calendar: &'static str, to: &str) {
    let (account, name) = (client.id, LeafName::new(to).unwrap());
    client
        .world
        .write(&[account], move |tx| {
            let grant = tx.open_resource::<right::DeleteCollection>(account, Home::Calendars, calendar)?;
            tx.rename_collection(&grant, grant.collection().parent, &name)
        })
        .await;
}

#[test]
fn the_name_of_a_collection_is_that_of_the_folder() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for calendar in ["a/", "b/"] {
            assert_eq!(anna.send("MKCALENDAR", &anna.calendar(calendar), &[], "").await.status, 201);
        }
        let both = |name: &str| (name.to_owned(), name.to_owned());
        // A special folder too; a name that a neighbour has gets a number; white space around it is no name.
        for (calendar, to, expected) in [
            ("a", "Arbeit", "Arbeit"),
            ("b", "Arbeit", "Arbeit (2)"),
            ("b", "Arbeit", "Arbeit (2)"),
            ("b", "Privat", "Privat"),
            ("a", "Arbeit (2)", "Arbeit (2)"),
            ("b", "Arbeit", "Arbeit"),
            ("calendar", "Mein Kalender", "Mein Kalender"),
            ("calendar", "Arbeit", "Arbeit (3)"),
            ("a", "\n  a/b &amp; u\u{308}\n", "a/b & \u{fc}"),
            ("a", " \n ", "a/b & \u{fc}"),
        ] {
            assert_eq!(rename(&anna, calendar, to).await, Some(200), "{to:?}");
            assert_eq!(names(&anna, calendar).await, both(expected), "{to:?}");
        }
        for impossible in ["a\nb".to_owned(), "x".repeat(256)] {
            assert_eq!(rename(&anna, "a", &impossible).await, Some(409), "{impossible:?}");
        }
        let path = anna.calendar("a/");
        let removed = anna.proppatch(&path, "<remove><prop><displayname/></prop></remove>").await;
        assert_eq!(removed.of(&path).code_of("displayname"), Some(200), "it has one all the same");
        assert_eq!(names(&anna, "a").await, both("a/b & \u{fc}"));
    });
}

#[test]
fn a_name_given_at_another_door_is_the_name_here() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        assert_eq!(anna.send("MKCALENDAR", &anna.calendar("a/"), &[], "").await.status, 201);
        let both = |name: &str| (name.to_owned(), name.to_owned());
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let shown = async || ben.propfind(&mount, "0", "<displayname/>").await.text("displayname").unwrap();
        for (here, there) in [("Arbeit", "Work"), ("Arbeit", "Work"), ("Calendar", "Kalender")] {
            for calendar in ["a", "calendar"] {
                let (here, there) = (format!("{here} of {calendar}"), format!("{there} of {calendar}"));
                assert_eq!(rename(anna, calendar, &here).await, Some(200));
                assert_eq!(names(anna, calendar).await, both(&here));
                rename_elsewhere(anna, calendar, &there).await;
                assert_eq!(names(anna, calendar).await, both(&there));
            }
            // Delegates are shown it as long as they have no name of their own.
            assert_eq!(shown().await, format!("{there} of calendar (Anna)"));
        }
        let change = |inner: &str| format!("<set><prop><displayname>{inner}</displayname></prop></set>");
        ben.proppatch(&mount, &change("Chefin")).await;
        rename_elsewhere(anna, "calendar", "Again").await;
        assert_eq!((shown().await, names(anna, "calendar").await), ("Chefin".to_owned(), both("Again")));
        ben.proppatch(&mount, &change("")).await;
        assert_eq!(shown().await, "Again (Anna)");
    });
}

#[test]
fn a_change_of_the_collection_changes_its_tag_and_no_member() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("1", "a")).await;
        let tags = || async {
            let found = anna.propfind(&path, "0", "<s:getctag/><sync-token/>").await.of(&path);
            (found.text("getctag").unwrap(), found.text("sync-token").unwrap())
        };
        let (ctag, token) = tags().await;
        assert_eq!(tags().await, (ctag.clone(), token.clone()));
        anna.proppatch(&path, "<set><prop><a:calendar-color>#00FF00</a:calendar-color></prop></set>").await;
        let (changed, _) = tags().await;
        assert_ne!(changed, ctag);
        let news = format!(
            "<sync-collection><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>\
             </sync-collection>"
        );
        assert_eq!(anna.report(&path, &news).await.hrefs(), [] as [String; 0]);
        anna.put(&format!("{path}y.ics"), event("2", "a")).await;
        assert_ne!(tags().await.0, changed);
    });
}
