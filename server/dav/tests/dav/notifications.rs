//! Sharing in the manner of macOS and iOS: who is invited, who is told, and what goes out of sight.

use crate::client::{Client, event};
use crate::world::on_each_database;
use dav_wire::name::calendarserver;
use dav_wire::xml::Element;
use vocabulary::{Preset, Rights, Role};

fn share(changes: &[(&str, &str)]) -> String {
    let change = |(href, access): &(&str, &str)| match *access {
        "" => format!("<s:remove><href>{href}</href></s:remove>"),
        access => format!("<s:set><href>{href}</href><s:summary>x</s:summary><s:{access}/></s:set>"),
    };
    format!("<s:share>{}</s:share>", changes.iter().map(change).collect::<String>())
}

fn mailto(who: &Client<'_>) -> String {
    format!("mailto:{}", who.address)
}

/// The users of an `invite`: address, name, state and access. Each must have an access, or macOS takes none.
async fn invited(who: &Client<'_>, path: &str) -> Vec<[String; 4]> {
    let found = who.propfind(path, "0", "<s:invite/>").await.of(path);
    let Some(invite) = found.property("invite") else { return Vec::new() };
    let organizer = invite.child(calendarserver::ORGANIZER).expect("whose it is");
    assert!(organizer.children().all(|child| !child.text().is_empty()), "{organizer:?}");
    let users = invite.children().filter(|child| child.name() == calendarserver::USER);
    let of = |user: &Element| {
        let text = |index: usize| user.children().nth(index).unwrap().text();
        let state = user.children().nth(2).unwrap().name().local().to_owned();
        let access = user.child(calendarserver::ACCESS).expect("an access").children().next().unwrap();
        [text(0), text(1), state, access.name().local().to_owned()]
    };
    users.map(of).collect()
}

fn user(who: &Client<'_>, name: &str, state: &str, access: &str) -> [String; 4] {
    [mailto(who), name.to_owned(), state.to_owned(), access.to_owned()]
}

async fn types(who: &Client<'_>, path: &str) -> Vec<String> {
    who.propfind(path, "0", "<resourcetype/>").await.of(path).names("resourcetype")
}

fn notifications(of: &Client<'_>) -> String {
    format!("/dav/notifications/{}/", of.address)
}

/// The documents in a collection of notifications, oldest first.
async fn told(who: &Client<'_>) -> Vec<(String, String)> {
    let path = notifications(who);
    let mut documents = Vec::new();
    for href in who.propfind(&path, "1", "<getetag/>").await.hrefs() {
        if href != path {
            documents.push((href.clone(), who.get(&href).await.body));
        }
    }
    documents
}

#[test]
fn an_owner_shares_and_it_is_there_at_once() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let path = anna.calendar("calendar/");
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let found =
            anna.propfind(&path, "0", "<s:allowed-sharing-modes/><s:invite/><share-access/>").await.of(&path);
        assert_eq!(found.names("allowed-sharing-modes"), ["can-be-shared"]);
        assert_eq!(found.code_of("invite"), Some(404), "it is shared with nobody");
        assert_eq!(found.names("share-access"), ["not-shared"]);
        assert_eq!(types(anna, &path).await, ["collection", "calendar"]);

        let answer =
            anna.post(&path, &share(&[(&mailto(ben), "read-write"), (&cara.principal(), "read")])).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        assert_eq!(types(anna, &path).await, ["collection", "calendar", "shared-owner"]);
        assert_eq!(
            invited(anna, &path).await,
            [
                user(ben, "Ben", "invite-accepted", "read-write"),
                user(cara, "Cara", "invite-accepted", "read")
            ]
        );
        // The other side: a calendar of another, with its owner and one's own access, and nobody else.
        assert_eq!(types(ben, &mount).await, ["collection", "calendar", "shared"]);
        assert_eq!(invited(ben, &mount).await, [user(ben, "Ben", "invite-accepted", "read-write")]);
        let wanted = "<s:shared-url/><owner/><s:allowed-sharing-modes/><share-access/><share-resource-uri/>";
        let found = ben.propfind(&mount, "0", wanted).await.of(&mount);
        assert_eq!(found.paths("shared-url"), std::slice::from_ref(&path));
        assert_eq!(found.paths("owner"), [anna.principal()]);
        assert_eq!(found.code_of("allowed-sharing-modes"), Some(404), "it is not the delegate's to share");
        assert_eq!(found.names("share-access"), ["read-write"]);
        let owners =
            anna.propfind(&path, "0", "<share-resource-uri/>").await.of(&path).paths("share-resource-uri");
        assert_eq!(found.paths("share-resource-uri"), owners);
        assert_eq!(ben.put(&format!("{mount}x.ics"), event("x", "1")).await.status, 201);
        assert_eq!(cara.put(&format!("{path}y.ics"), event("y", "1")).await.status, 403);

        // Changed and taken away in one request; whoever is not of the domain is told apart.
        let answer = anna
            .post(
                &path,
                &share(&[
                    (&mailto(ben), "read"),
                    (&mailto(cara), ""),
                    (&mailto(dora), "read"),
                    ("mailto:nobody@nowhere.test", "read"),
                    (&mailto(anna), "read"),
                ]),
            )
            .await;
        let codes: Vec<_> =
            answer.responses().iter().map(|one| (one.href(), one.status().unwrap())).collect();
        let expected = [
            (mailto(ben), 200),
            (mailto(cara), 200),
            (mailto(dora), 403),
            ("mailto:nobody@nowhere.test".to_owned(), 403),
            (mailto(anna), 403),
        ];
        assert_eq!(codes, expected);
        assert_eq!(invited(anna, &path).await, [user(ben, "Ben", "invite-accepted", "read")]);
        assert_eq!(cara.propfind(&path, "0", "<owner/>").await.status, 404);
        anna.post(&path, &share(&[(&mailto(ben), "")])).await;
        assert_eq!(types(anna, &path).await, ["collection", "calendar"]);
        assert_eq!(ben.propfind(&mount, "0", "<owner/>").await.status, 404);
    });
}

#[test]
fn who_has_the_access_already_keeps_all_that_it_has() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        let owner = Preset::Owner.rights();
        world.share(anna, Role::Calendar, ben, owner).await;
        anna.post(&path, &share(&[(&mailto(ben), "read-write")])).await;
        assert_eq!(world.granted(anna, Role::Calendar).await[0].rights, owner);
        anna.post(&path, &share(&[(&mailto(ben), ""), (&mailto(ben), "read-write")])).await;
        assert_eq!(
            world.granted(anna, Role::Calendar).await[0].rights,
            Preset::Editor.rights(),
            "one after the other"
        );
        // Busy times are no access.
        world.share(anna, Role::Calendar, ben, Preset::FreeBusy.rights()).await;
        assert_eq!(invited(anna, &path).await, [] as [[String; 4]; 0]);
        anna.post(&path, &share(&[(&mailto(ben), "read")])).await;
        assert_eq!(world.granted(anna, Role::Calendar).await[0].rights, Preset::Reader.rights());
    });
}

#[test]
fn the_draft_says_the_same_in_other_words() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.book("contacts/");
        let sharee = |access: &str| {
            format!(
                "<share-resource><sharee><href>{}</href><share-access><{access}/></share-access></sharee>\
                 </share-resource>",
                mailto(ben)
            )
        };
        assert_eq!(anna.post(&path, &sharee("read-write")).await.status, 200);
        let found = anna.propfind(&path, "0", "<invite/><share-access/><resourcetype/>").await.of(&path);
        assert_eq!(found.names("share-access"), ["shared-owner"]);
        assert_eq!(
            found.names("invite"),
            ["sharee", "href", "prop", "displayname", "share-access", "read-write", "invite-accepted"]
        );
        assert_eq!(
            found.names("resourcetype"),
            ["collection", "addressbook"],
            "programs for contacts know no more"
        );
        let theirs = ben.propfind(&path, "0", "<share-access/><invite/>").await.of(&path);
        assert_eq!(theirs.names("share-access"), ["read-write"]);
        assert_eq!(theirs.names("invite").len(), 7);
        assert_eq!(anna.post(&path, &sharee("no-access")).await.status, 200);
        assert_eq!(ben.propfind(&path, "0", "<owner/>").await.status, 404);
    });
}

#[test]
fn what_another_shares_goes_out_of_sight_and_comes_back() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        // By whatever door: all look the same.
        world.share(anna, Role::Calendar, ben, Preset::Owner.rights()).await;
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        assert_eq!(ben.send("DELETE", &mount, &[("If-None-Match", "*")], "").await.status, 412);
        assert_eq!(ben.delete(&mount).await.status, 204);
        for gone in [mount.clone(), format!("{mount}x.ics")] {
            assert_eq!(ben.propfind(&gone, "0", "<owner/>").await.status, 404);
        }
        assert!(!ben.propfind(&ben.calendar(""), "1", "<owner/>").await.hrefs().contains(&mount));
        assert_eq!(anna.get(&format!("{path}x.ics")).await.status, 200, "nothing was deleted");
        assert_eq!(ben.get(&format!("{path}x.ics")).await.status, 200, "and the right stays");
        assert_eq!(invited(anna, &path).await, [user(ben, "Ben", "invite-declined", "read-write")]);
        let [(_, reply)] = &told(anna).await[..] else { panic!("the owner is told") };
        assert!(reply.contains("<CS:invite-reply>") && reply.contains("<CS:invite-declined/>"), "{reply}");
        assert!(reply.contains(&mailto(ben)) && reply.contains(&path), "{reply}");

        let answer = |state: &str, host: &str| {
            format!(
                "<s:invite-reply><href>{}</href><s:invite-{state}/><s:hosturl><href>{host}</href></s:hosturl>\
                 <s:in-reply-to>1</s:in-reply-to></s:invite-reply>",
                mailto(ben)
            )
        };
        let accepted = ben.post(&ben.calendar(""), &answer("accepted", &path)).await;
        assert_eq!(accepted.status, 200);
        let shared_as = accepted.document();
        assert_eq!(shared_as.name(), calendarserver::SHARED_AS);
        assert_eq!(shared_as.children().next().unwrap().text(), mount);
        assert_eq!(ben.get(&format!("{mount}x.ics")).await.status, 200);
        assert_eq!(invited(anna, &path).await, [user(ben, "Ben", "invite-accepted", "read-write")]);
        assert_eq!(ben.post(&ben.calendar(""), &answer("declined", &mount)).await.status, 204);
        assert_eq!(ben.get(&format!("{mount}x.ics")).await.status, 404);
        assert_eq!(ben.post(&ben.calendar(""), &answer("accepted", &mount)).await.status, 200);
        assert_eq!(ben.get(&format!("{mount}x.ics")).await.status, 200);

        // What is not shared cannot be taken up, nor in another's name.
        assert_eq!(cara.post(&cara.calendar(""), &answer("accepted", &path)).await.status, 404);
        assert_eq!(cara.post(&ben.calendar(""), &answer("declined", &path)).await.status, 404);
        assert_eq!(ben.post(&ben.calendar(""), &answer("accepted", &anna.principal())).await.status, 404);
        assert_eq!(anna.post(&anna.calendar(""), &answer("declined", &path)).await.status, 403, "one's own");
        // Given anew, it is in sight.
        ben.delete(&mount).await;
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        assert_eq!(ben.get(&format!("{mount}x.ics")).await.status, 200);
    });
}

#[test]
fn whoever_is_given_something_is_told_once_and_may_forget_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = notifications(ben);
        let found = ben.propfind(&ben.principal(), "0", "<s:notification-URL/>").await.of(&ben.principal());
        assert_eq!(found.paths("notification-URL"), std::slice::from_ref(&path));
        let found = ben.propfind(&anna.principal(), "0", "<s:notification-URL/>").await.of(&anna.principal());
        assert_eq!(found.code_of("notification-URL"), Some(404));
        assert_eq!(types(ben, &path).await, ["collection", "notification"]);
        let ctag = async || ben.propfind(&path, "0", "<s:getctag/>").await.text("getctag").unwrap();
        let before = ctag().await;

        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        world.share(anna, Role::Contacts, ben, Preset::Editor.rights()).await;
        assert_ne!(ctag().await, before);
        let answer =
            ben.propfind(&path, "1", "<getetag/><resourcetype/><s:notificationtype/><getcontenttype/>").await;
        let [_, calendar, book] = &answer.responses()[..] else { panic!("{answer:?}") };
        assert_eq!(calendar.names("notificationtype"), ["invite-notification"]);
        let kind = book.property("notificationtype").unwrap();
        assert_eq!(kind.children().next().unwrap().attributes[0].value, "addressbook");
        let href = calendar.href();
        let got = ben.get(&href).await;
        assert_eq!(got.header("etag"), calendar.text("getetag"));
        assert_eq!(got.header("content-type"), calendar.text("getcontenttype"));
        let document = got.document();
        assert_eq!(document.name(), calendarserver::NOTIFICATION);
        let body = &got.body;
        for part in [
            "<CS:invite-accepted/>",
            "<CS:access><CS:read/></CS:access>",
            &format!("<CS:hosturl><D:href>{}</D:href></CS:hosturl>", anna.calendar("calendar/")),
            &format!("<CS:organizer><D:href>{}</D:href><CS:common-name>Anna</CS:common-name>", mailto(anna)),
            "<CS:summary>Calendar</CS:summary>",
            "<C:comp name=\"VEVENT\"/>",
        ] {
            assert!(body.contains(part), "{part}: {body}");
        }
        // Once: a repetition replaces it.
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let after = told(ben).await;
        assert_eq!(after.len(), 2);
        assert!(
            after.iter().any(|(name, body)| *name == href && body.contains("<CS:read-write/>")),
            "{after:?}"
        );
        assert_eq!(
            ben.send("GET", &href, &[("If-None-Match", &ben.etag(&href).await.unwrap())], "").await.status,
            304
        );

        assert_eq!(ben.send("DELETE", &href, &[("If-Match", "\"1-1\"")], "").await.status, 412);
        assert_eq!(ben.delete(&href).await.status, 204);
        assert_eq!(ben.get(&href).await.status, 404);
        assert_eq!(told(ben).await.len(), 1);
        world.share(anna, Role::Contacts, ben, Rights::NONE).await;
        let [(_, gone)] = &told(ben).await[..] else { panic!("it is told that it ended") };
        assert!(gone.contains("<CS:invite-deleted/>") && gone.contains("<CS:access>"), "{gone}");

        // Nobody else reads it, and nobody writes it.
        for (who, method, path) in [
            (cara, "PROPFIND", path.clone()),
            (&people.dora, "PROPFIND", path.clone()),
            (cara, "GET", told(ben).await[0].0.clone()),
            (cara, "DELETE", told(ben).await[0].0.clone()),
        ] {
            assert_eq!(who.send(method, &path, &[("Depth", "1")], "").await.status, 404, "{method} {path}");
        }
        assert_eq!(ben.put(&format!("{path}x.xml"), "<x/>").await.status, 405);
        assert_eq!(ben.delete(&path).await.status, 405);
    });
}

#[test]
fn a_body_that_is_about_something_else_is_not_taken() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        assert_eq!(anna.post(&path, "<x:other></x:other>").await.status, 415);
        assert_eq!(anna.post(&path, "<s:share></s:share>").await.status, 400);
        assert_eq!(anna.send("POST", &path, &[("Content-Type", "text/xml")], "").await.status, 400);
        let body = share(&[(&mailto(ben), "read")]);
        // What a form on a page of somebody else can send.
        for form in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let answer = anna.send("POST", &path, &[("Content-Type", form)], body.clone()).await;
            assert_eq!(answer.refusal(), (403, "supported-calendar-data".into()), "{form}");
        }
        assert_eq!(anna.send("POST", &path, &[], body.clone()).await.status, 415);
        assert_eq!(world.granted(anna, Role::Calendar).await, []);
        for (path, status) in [
            (anna.calendar(""), 415),
            (anna.principal(), 405),
            (anna.calendar("none/"), 404),
            ("/dav/".to_owned(), 405),
        ] {
            assert_eq!(anna.post(&path, &body).await.status, status, "{path}");
        }
    });
}

/// Each has its own view of what is shared; a reader too may say how it is shown.
#[test]
fn a_reader_says_how_a_shared_calendar_is_shown() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let path = anna.calendar("calendar/");
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let properties = [
            ("displayname", "<displayname>Chefin</displayname>"),
            ("calendar-color", "<a:calendar-color>#FF0000FF</a:calendar-color>"),
            ("calendar-order", "<a:calendar-order>7</a:calendar-order>"),
            (
                "schedule-calendar-transp",
                "<c:schedule-calendar-transp><c:transparent/></c:schedule-calendar-transp>",
            ),
            ("calendar-description", "<c:calendar-description>hers</c:calendar-description>"),
        ];
        for (name, value) in properties {
            let answer = ben.proppatch(&mount, &format!("<set><prop>{value}</prop></set>")).await.of(&mount);
            assert_eq!(answer.code_of(name), Some(200), "{name}");
        }
        let wanted = "<displayname/><a:calendar-color/><a:calendar-order/><c:schedule-calendar-transp/>\
             <c:calendar-description/>";
        let theirs = ben.propfind(&mount, "0", wanted).await.of(&mount);
        assert_eq!(theirs.text("displayname").as_deref(), Some("Chefin"));
        assert_eq!(theirs.text("calendar-order").as_deref(), Some("7"));
        assert_eq!(theirs.names("schedule-calendar-transp"), ["transparent"]);
        let owners = anna.propfind(&path, "0", wanted).await.of(&path);
        assert_eq!(owners.text("displayname").as_deref(), Some("Calendar"));
        assert_eq!(owners.names("schedule-calendar-transp"), ["opaque"]);
        for name in ["calendar-color", "calendar-order", "calendar-description"] {
            assert_eq!(owners.code_of(name), Some(404), "{name}");
        }
    });
}
