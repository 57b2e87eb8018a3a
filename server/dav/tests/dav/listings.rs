//! Long lists: they are read while they are sent, tell of one moment, and break off when they cannot be told to the end.

use actix_web::http::header::HeaderMap;
use actix_web::web::Bytes;
use storage::{NewCollection, NewItem, Parsed, right};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Component, Home, LeafName, Preset, Rights, Role, Timestamp,
};

use crate::answer::Answer;
use crate::client::{Client, NAMESPACES, Pieces, event};
use crate::world::{World, on_each_database};

/// More than a page of rows.
const COUNT: usize = 1_200;
/// So much of each that less than a page of rows fits in the first piece.
const WANTED: &str = "<getetag/><getcontenttype/><owner/><current-user-principal/>";

/// Fills a calendar with events that are called by numbers.
async fn fill(world: &World, owner: AccountId, calendar: &'static str) {
    let text = Bytes::from(event("x", "as it came"));
    let content = world.store.prepare(owner, text, Parsed::default()).await.unwrap();
    world
        .write(&[owner], move |tx| {
            let grant = tx.open_resource::<right::Insert>(owner, Home::Calendars, calendar)?;
            for number in 0..COUNT {
                let new = NewItem {
                    component: Some(Component::Event),
                    component_uid: Some(number.to_string()),
                    resource_name: Some(format!("{number}.ics")),
                    ..NewItem::mail(content.clone(), Timestamp(0))
                };
                tx.insert(&grant, &new)?;
            }
            Ok(())
        })
        .await;
}

/// Begins to list a calendar: the first piece, and what it was taken from.
async fn begun(client: &Client<'_>, path: &str) -> (String, Pieces) {
    let body = format!("<propfind {NAMESPACES}><prop>{WANTED}</prop></propfind>");
    let mut pieces = client.begin("PROPFIND", path, "1", &body).await;
    let first = pieces.next().await.unwrap().unwrap();
    assert!(first.len() < 1 << 20, "{} bytes at once", first.len());
    (String::from_utf8(first.into()).unwrap(), pieces)
}

fn told(body: String) -> Vec<(String, Option<String>)> {
    let answer = Answer { status: 207, headers: HeaderMap::new(), body };
    answer.responses().iter().map(|response| (response.href(), response.text("getetag"))).collect()
}

#[test]
fn a_list_tells_of_the_moment_at_which_it_began() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        fill(world, anna.id, "calendar").await;
        let listed = async || told(anna.propfind(&path, "1", WANTED).await.body);
        let before = listed().await;
        assert_eq!(before.len(), 1 + COUNT);

        let (mut body, mut pieces) = begun(&anna, &path).await;
        let item = |name: &str| format!("{path}{name}.ics");
        assert_eq!(anna.delete(&item("1150")).await.status, 204);
        assert_eq!(anna.put(&item("1151"), event("1151", "changed since")).await.status, 204);
        let target = item("other");
        let moved = anna.send("MOVE", &item("1152"), &[("Destination", &target)], "").await;
        assert_eq!(moved.status, 201);
        assert_eq!(anna.put(&item("new"), event("new", "came since")).await.status, 201);
        let (rest, broken) = pieces.rest().await;
        assert_eq!(broken, None);
        body.push_str(&rest);
        assert_eq!(told(body), before);
        assert_ne!(listed().await, before);
    });
}

#[test]
fn a_first_synchronisation_tells_of_the_moment_of_its_token() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        fill(world, anna.id, "calendar").await;
        let report = |token: &str| {
            format!(
                "<sync-collection {NAMESPACES}><sync-token>{token}</sync-token><sync-level>1</sync-level>\
                 <prop>{WANTED}</prop></sync-collection>"
            )
        };
        let mut pieces = anna.begin("REPORT", &path, "0", &report("")).await;
        let first = pieces.next().await.unwrap().unwrap();
        let item = |name: &str| format!("{path}{name}.ics");
        anna.delete(&item("1150")).await;
        anna.put(&item("new"), event("new", "came since")).await;
        let (rest, broken) = pieces.rest().await;
        assert_eq!(broken, None);
        let body = String::from_utf8(first.to_vec()).unwrap() + &rest;
        let answer = Answer { status: 207, headers: HeaderMap::new(), body };
        let (hrefs, token) = (answer.hrefs(), answer.sync_token());
        assert_eq!((hrefs.len(), hrefs.contains(&item("1150"))), (COUNT, true));
        let news = anna.send("REPORT", &path, &[("Depth", "0")], report(&token)).await;
        assert_eq!(news.hrefs(), [item("1150"), item("new")]);
        assert_eq!(news.of(&item("1150")).status(), Some(404));
    });
}

/// The status was told long ago, so the end of the document is left out.
#[test]
fn a_list_breaks_off_when_it_may_not_be_read_any_more() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        fill(world, anna.id, "calendar").await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let (_, mut pieces) = begun(ben, &anna.calendar("calendar/")).await;
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        let (rest, broken) = pieces.rest().await;
        assert!(broken.is_some() && !rest.contains("</D:multistatus>"));
    });
}

#[test]
fn a_list_of_a_collection_that_went_tells_nothing_of_another_at_its_path() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("work/");
        anna.send("MKCALENDAR", &path, &[], "").await;
        fill(world, anna.id, "work").await;
        let (_, mut pieces) = begun(&anna, &path).await;
        assert_eq!(anna.delete(&path).await.status, 204);
        assert_eq!(anna.send("MKCALENDAR", &path, &[], "").await.status, 201);
        let (rest, broken) = pieces.rest().await;
        assert!(broken.is_some() && !rest.contains("</D:multistatus>"));
        assert_eq!(told(anna.propfind(&path, "1", WANTED).await.body).len(), 1);
    });
}

/// Each with properties that are large together.
#[test]
fn a_home_is_told_in_pieces_too() {
    const CALENDARS: usize = 40;
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let id = anna.id;
        world
            .write(&[id], move |tx| {
                for number in 0..CALENDARS {
                    let name = LeafName::new(&format!("calendar {number}")).unwrap();
                    let new = NewCollection {
                        parent: CollectionId(0),
                        kind: CollectionKind::Calendar,
                        role: None,
                        name,
                        resource_name: Some(number.to_string()),
                    };
                    let made = tx.create_collection(id, &new)?;
                    let grant = tx.open::<right::Lookup>(id, made.id)?;
                    let value = format!("<x xmlns='urn:x'>{}</x>", "x".repeat(60_000));
                    tx.set_property(&grant, "{urn:x}x", Some(&value))?;
                }
                Ok(())
            })
            .await;
        let home = anna.calendar("");
        let all = format!("<propfind {NAMESPACES}><allprop/></propfind>");
        let mut pieces = anna.begin("PROPFIND", &home, "1", &all).await;
        let first = pieces.next().await.unwrap().unwrap();
        assert!(first.len() < 2 << 20, "{} bytes at once", first.len());
        assert_eq!(anna.delete(&anna.calendar("39/")).await.status, 204);
        let (rest, broken) = pieces.rest().await;
        assert_eq!(broken, None);
        let body = String::from_utf8(first.to_vec()).unwrap() + &rest;
        assert_eq!(body.matches("<D:response>").count(), 1 + 3 + CALENDARS - 1, "one went meanwhile");
        assert!(body.len() > (CALENDARS - 1) * 60_000 && body.ends_with("</D:multistatus>"));
        // What is not asked for is not read, so all are told at once.
        let mut names = anna
            .begin("PROPFIND", &home, "1", &all.replace("<allprop/>", "<prop><displayname/></prop>"))
            .await;
        let first = names.next().await.unwrap().unwrap();
        assert_eq!(
            String::from_utf8(first.to_vec()).unwrap().matches("<D:response>").count(),
            1 + 3 + CALENDARS - 1
        );
        assert!(names.next().await.is_none());
    });
}
