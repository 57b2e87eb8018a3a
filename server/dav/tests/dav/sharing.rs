//! What colleagues share: who sees it, where, and what one may do.

use crate::client::{Client, event};
use crate::world::{World, on_each_database};
use vocabulary::{Preset, Rights, Role};

#[test]
fn what_is_shared_is_mounted_in_the_delegates_home() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let folder = world.folder(anna.id, Role::Calendar).await;
        let mount = ben.mounted(anna, folder, "");
        assert_eq!(ben.propfind(&mount, "0", "<displayname/>").await.status, 404);
        anna.put(&anna.calendar("calendar/x.ics"), event("1", "a")).await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let home = ben.propfind(&ben.calendar(""), "1", "<displayname/><owner/>").await;
        let found = home.of(&mount);
        assert_eq!(found.text("displayname").as_deref(), Some("Calendar (Anna)"));
        assert_eq!(found.paths("owner"), [anna.principal()]);
        assert_eq!(
            ben.propfind(&anna.principal(), "0", "<displayname/>").await.text("displayname").as_deref(),
            Some("Anna")
        );
        let listed = ben.propfind(&mount, "1", "<getetag/>").await.hrefs();
        assert_eq!(listed, [mount.clone(), format!("{mount}x.ics")]);
        let theirs = anna.calendar("calendar/");
        let listed = ben.propfind(&theirs, "1", "<getetag/>").await.hrefs();
        assert_eq!(listed, [theirs.clone(), format!("{theirs}x.ics")], "also where its owner has it");
        let their_home = ben.propfind(&anna.calendar(""), "1", "<displayname/>").await.hrefs();
        assert_eq!(their_home, [anna.calendar(""), theirs], "and nothing else of that home");
        assert!(!ben.propfind(&ben.book(""), "1", "<displayname/>").await.hrefs().contains(&mount));
        assert_eq!(anna.propfind(&anna.mounted(anna, folder, ""), "0", "<displayname/>").await.status, 404);
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        assert_eq!(ben.get(&format!("{mount}x.ics")).await.status, 404, "gone with the next request");
        assert_eq!(ben.propfind(&ben.calendar(""), "1", "<owner/>").await.responses().len(), 4);
    });
}

/// What somebody may do with an item of the owner, an item of its own, and the collection.
#[derive(Debug, PartialEq, Eq)]
struct May {
    get: u16,
    add: u16,
    change_own: u16,
    change_theirs: u16,
    remove_theirs: u16,
    remove_own: u16,
    delete_collection: u16,
}

async fn tries(world: &World, owner: &Client<'_>, who: &Client<'_>, rights: Rights) -> May {
    world.share(owner, Role::Calendar, who, rights).await;
    let path = owner.calendar("calendar/");
    let (theirs, own) = (format!("{path}theirs.ics"), format!("{path}own.ics"));
    owner.put(&theirs, event("theirs", "1")).await;
    let may = May {
        get: who.get(&theirs).await.status,
        add: who.put(&own, event("own", "1")).await.status,
        change_own: who.put(&own, event("own", "2")).await.status,
        change_theirs: who.put(&theirs, event("theirs", "2")).await.status,
        remove_theirs: who.delete(&theirs).await.status,
        remove_own: who.delete(&own).await.status,
        delete_collection: who.delete(&path).await.status,
    };
    owner.delete(&theirs).await;
    may
}

#[test]
fn rights_decide_what_goes_through() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let reader = May {
            get: 200,
            add: 403,
            change_own: 403,
            change_theirs: 403,
            remove_theirs: 403,
            remove_own: 404,
            delete_collection: 403,
        };
        let author = May { add: 201, change_own: 204, remove_own: 204, ..reader };
        let editor = May { change_theirs: 204, remove_theirs: 204, ..author };
        assert_eq!(tries(world, anna, ben, Preset::Reader.rights()).await, reader);
        assert_eq!(tries(world, anna, ben, Preset::Author.rights()).await, author);
        assert_eq!(tries(world, anna, ben, Preset::Editor.rights()).await, editor);
        let nothing = May {
            get: 404,
            add: 409,
            change_own: 409,
            change_theirs: 409,
            remove_theirs: 404,
            remove_own: 404,
            delete_collection: 404,
        };
        assert_eq!(
            tries(world, anna, ben, Preset::FreeBusy.rights()).await,
            nothing,
            "busy times are not a folder"
        );
        for stranger in [&people.cara, &people.dora] {
            let path = anna.calendar("calendar/");
            anna.put(&format!("{path}x.ics"), event("x", "1")).await;
            for (method, path, status) in [
                ("GET", format!("{path}x.ics"), 404),
                ("PUT", format!("{path}x.ics"), 409),
                ("DELETE", format!("{path}x.ics"), 404),
                ("PROPFIND", path.clone(), 404),
                ("PROPFIND", anna.calendar(""), 404),
                ("REPORT", path.clone(), 404),
                ("DELETE", path.clone(), 404),
            ] {
                let body = match method {
                    "PUT" => event("x", "2"),
                    "REPORT" => "<sync-collection xmlns='DAV:'><sync-token/></sync-collection>".to_owned(),
                    _ => String::new(),
                };
                let answer = stranger.send(method, &path, &[("Depth", "0")], body).await;
                assert_eq!(answer.status, status, "{method} {path}");
                assert!(answer.body.is_empty(), "{}", answer.body);
            }
        }
    });
}

#[test]
fn what_is_seen_but_may_not_be_changed_names_the_missing_privilege() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        for (answer, privilege) in [
            (ben.put(&format!("{path}new.ics"), event("y", "1")).await, "bind"),
            (ben.put(&format!("{path}x.ics"), event("x", "2")).await, "write-content"),
            (ben.delete(&format!("{path}x.ics")).await, "unbind"),
        ] {
            assert_eq!(answer.refusal(), (403, "need-privileges".into()));
            assert!(
                answer.body.contains(&format!("{privilege}/>")) && answer.body.contains(&path),
                "{}",
                answer.body
            );
        }
    });
}

async fn held(who: &Client<'_>, path: String) -> Vec<String> {
    let found = who.propfind(&path, "0", "<current-user-privilege-set/>").await.of(&path);
    let mut names = found.names("current-user-privilege-set");
    names.retain(|name| name != "privilege");
    names
}

#[test]
fn privileges_are_told_as_the_rights_are() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        let all = [
            "read",
            "read-current-user-privilege-set",
            "read-free-busy",
            "write",
            "write-properties",
            "write-content",
            "bind",
            "unbind",
        ];
        let owners = [&["all"][..], &all, &["share", "read-acl", "write-acl", "see-private"]].concat();
        assert_eq!(held(anna, path.clone()).await, owners);
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        assert_eq!(held(ben, path.clone()).await, all[..3]);
        world.share(anna, Role::Calendar, ben, Preset::Author.rights()).await;
        let author = held(ben, path.clone()).await;
        assert!(author.contains(&"bind".to_owned()) && !author.contains(&"write".to_owned()), "{author:?}");
        assert!(!held(ben, format!("{path}x.ics")).await.contains(&"write-content".to_owned()));
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        assert_eq!(held(ben, path.clone()).await, all);
        assert!(held(anna, anna.calendar("")).await.contains(&"bind".to_owned()));
        assert!(!held(ben, anna.calendar("")).await.contains(&"bind".to_owned()));
    });
}

#[test]
fn a_delegate_has_properties_of_its_own() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        anna.proppatch(&path, "<set><prop><a:calendar-color>#0000FF</a:calendar-color></prop></set>").await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let shown = async |who: &Client<'_>, path: &str| {
            let found = who.propfind(path, "0", "<displayname/><a:calendar-color/>").await.of(path);
            (found.text("displayname").unwrap(), found.text("calendar-color").unwrap())
        };
        assert_eq!(
            shown(ben, &mount).await,
            ("Calendar (Anna)".into(), "#0000FF".into()),
            "the owner's are the default"
        );
        let changes = "<set><prop><displayname>Chefin</displayname><a:calendar-color>#FF0000</a:calendar-color>\
             <a:calendar-order>3</a:calendar-order></prop></set>";
        assert_eq!(ben.proppatch(&mount, changes).await.of(&mount).code_of("calendar-order"), Some(200));
        assert_eq!(shown(ben, &mount).await, ("Chefin".into(), "#FF0000".into()));
        assert_eq!(shown(anna, &path).await, ("Calendar".into(), "#0000FF".into()), "nobody else sees them");
        ben.proppatch(&mount, "<remove><prop><displayname/></prop></remove>").await;
        assert_eq!(shown(ben, &mount).await.0, "Calendar (Anna)");
    });
}
