//! What a calendar app shares and delegates by itself: the phone, the other apps and the operator see the same.

use blackbox::{Account, Dav, Demo, on_each_store};

use super::{KINDS, Kind, folder_with, phone_of};

/// The property `acl` of a collection gets one more entry.
fn acl_with(app: &Dav, target: &str, who: &str, privileges: &[&str]) -> u16 {
    let entries = kept(app, target, None);
    let granted: String =
        privileges.iter().map(|one| format!("<D:privilege><{one}/></D:privilege>")).collect();
    let entry = format!(
        "<D:ace><D:principal><D:href>{who}</D:href></D:principal><D:grant>{granted}</D:grant></D:ace>"
    );
    app.ask_xml("ACL", target, "0", "D:acl", &(entries + &entry)).status
}

/// The entries that can be changed, without those of one principal.
fn kept(app: &Dav, target: &str, without: Option<&str>) -> String {
    let acl = app.property(target, "D:acl");
    let mut entries = String::new();
    for ace in acl.all("D:ace").filter(|ace| !ace.has("D:protected")) {
        let who = ace.get("D:principal/D:href");
        if who.is_some() && who == without {
            continue;
        }
        let principal = who.map_or("<D:authenticated/>".to_owned(), |who| format!("<D:href>{who}</D:href>"));
        let privileges: String = ace
            .at("D:grant")
            .into_iter()
            .flat_map(|grant| grant.all("D:privilege"))
            .flat_map(|privilege| &privilege.children)
            .map(|one| format!("<D:privilege><{}/></D:privilege>", one.name))
            .collect();
        entries +=
            &format!("<D:ace><D:principal>{principal}</D:principal><D:grant>{privileges}</D:grant></D:ace>");
    }
    entries
}

fn share(app: &Dav, target: &str, who: &Account, access: &str) -> u16 {
    let href = format!("<D:href>mailto:{}</D:href>", who.address);
    let change = match access {
        "" => format!("<S:remove>{href}</S:remove>"),
        access => format!("<S:set>{href}<S:{access}/></S:set>"),
    };
    app.ask_xml("POST", target, "0", "S:share", &change).status
}

/// What the operator is told that somebody holds on a folder.
fn preset(demo: &Demo, owner: &Account, folder: &str, who: &Account) -> Option<String> {
    let shown = demo.admin(&["grant", "show", &owner.address, folder]);
    let grants = shown["grants"].as_array().unwrap().clone();
    let held = grants.iter().find(|grant| grant["grantee"] == who.address.as_str())?;
    Some(held["preset"].as_str().unwrap_or_default().to_owned())
}

fn mounted(app: &Dav, kind: Kind, name: &str) -> Option<String> {
    let all = app.propfind(kind.home(&app.homes()), "1", &["D:displayname"]);
    let found =
        all.into_iter().find(|one| one.found.get("D:displayname").is_some_and(|shown| shown.contains(name)));
    found.map(|one| one.href)
}

/// A collection of the owner's, with one object that has its name.
fn own(app: &Dav, kind: Kind) -> (String, String) {
    let name = blackbox::unique();
    let target = kind.make(app, &name);
    app.put(&kind.href(&target, &name), &kind.object(&name)).is(201);
    (target, name)
}

/// Whichever way it was shared by an app: it is on the phone with what is in it, in the app, and told to the operator,
/// until it is taken away.
#[test]
fn what_an_app_shares_is_everywhere_and_vanishes_everywhere() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (app, other) = (demo.dav(&anna), demo.dav(&ben));
        let bens = other.homes().principal;
        let phone = phone_of(demo, &ben, "16.1");
        for kind in KINDS {
            for by_acl in [true, false] {
                let what = format!("{kind:?} by ACL: {by_acl}");
                let (target, name) = own(&app, kind);
                let hierarchy = phone.hierarchy("0");
                let given = match by_acl {
                    true => acl_with(&app, &target, &bens, &["D:read", "D:write"]),
                    false => share(&app, &target, &ben, "read-write"),
                };
                assert_eq!(given, 200, "{what}");

                let added = phone.hierarchy(&hierarchy.key).added;
                let [folder] = &added[..] else { panic!("{what}: {added:?}") };
                assert!(folder.name.contains(&name), "{what}: {folder:?}");
                let items = folder_with(&phone, &name);
                assert!(items.find(kind.title(), &name).is_some(), "{what}");
                let mount = mounted(&other, kind, &name).unwrap_or_else(|| panic!("{what}: not in the home"));
                assert_eq!(other.objects(&mount).len(), 1, "{what}");
                assert_eq!(preset(demo, &anna, &name, &ben).as_deref(), Some("editor"), "{what}");
                let hierarchy = phone.hierarchy("0");

                let taken = match by_acl {
                    true => {
                        app.ask_xml("ACL", &target, "0", "D:acl", &kept(&app, &target, Some(&bens))).status
                    }
                    false => share(&app, &target, &ben, ""),
                };
                assert_eq!(taken, 200, "{what}");
                assert_eq!(
                    phone.hierarchy(&hierarchy.key).deleted,
                    std::slice::from_ref(&items.folder.id),
                    "{what}"
                );
                other.get(&kind.href(&target, &name)).is(404);
                assert_eq!(mounted(&other, kind, &name), None, "{what}");
                assert_eq!(preset(demo, &anna, &name, &ben), None, "{what}");
            }
        }
    });
}

/// Who takes a shared collection out of the own list has it out of sight on the phone too, and may take it back.
#[test]
fn what_is_taken_out_of_sight_in_the_app_is_so_on_the_phone() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (app, other) = (demo.dav(&anna), demo.dav(&ben));
        let phone = phone_of(demo, &ben, "16.1");
        for kind in KINDS {
            let (target, name) = own(&app, kind);
            assert_eq!(share(&app, &target, &ben, "read"), 200);
            let items = folder_with(&phone, &name);
            let hierarchy = phone.hierarchy("0");
            let mount = mounted(&other, kind, &name).unwrap();
            other.delete(&mount).is(204);
            assert_eq!(
                phone.hierarchy(&hierarchy.key).deleted,
                std::slice::from_ref(&items.folder.id),
                "{kind:?}"
            );
            assert_eq!(mounted(&other, kind, &name), None, "{kind:?}");
            app.get(&kind.href(&target, &name)).is(200);
            let answer = format!(
                "<D:href>mailto:{}</D:href><S:invite-accepted/><S:hosturl><D:href>{target}</D:href></S:hosturl>",
                ben.address
            );
            let home = kind.home(&other.homes()).to_owned();
            let accepted = other.ask_xml("POST", &home, "0", "S:invite-reply", &answer).is(200).xml();
            assert_eq!(accepted.get("D:href"), Some(mount.as_str()), "{kind:?}");
            assert!(folder_with(&phone, &name).find(kind.title(), &name).is_some(), "{kind:?}");
        }
    });
}

/// macOS' way: who is made a delegate has all calendars and task lists, on the phone as well.
#[test]
fn a_delegate_has_all_calendars_on_the_phone_until_it_is_none_any_more() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (app, other) = (demo.dav(&anna), demo.dav(&ben));
        let (calendar, tasks) = (own(&app, Kind::Calendar), own(&app, Kind::Tasks));
        let phone = phone_of(demo, &ben, "16.1");
        let group = format!("{}calendar-proxy-write/", app.homes().principal);
        let members = app.property(&group, "D:group-member-set");
        let others: String =
            members.all("D:href").map(|href| format!("<D:href>{}</D:href>", href.text)).collect();
        let set = |members: &str| {
            let change =
                format!("<D:set><D:prop><D:group-member-set>{members}</D:group-member-set></D:prop></D:set>");
            let answer = app.ask_xml("PROPPATCH", &group, "0", "D:propertyupdate", &change).resources();
            assert!(answer[0].lacking.is_empty(), "{answer:?}");
        };
        set(&format!("{others}<D:href>{}</D:href>", other.homes().principal));
        let shown = |name: &str| phone.hierarchy("0").added.iter().any(|folder| folder.name.contains(name));
        for (_, name) in [&calendar, &tasks] {
            assert!(shown(name), "{name}");
            assert_eq!(preset(demo, &anna, name, &ben).as_deref(), Some("editor"));
        }
        let owners = other.property(&other.homes().principal, "S:calendar-proxy-write-for");
        assert!(owners.all("D:href").any(|href| href.text == app.homes().principal), "{owners:?}");
        set(&others);
        for (target, name) in [&calendar, &tasks] {
            assert!(!shown(name), "{name}");
            other.ask_propfind(target, "0", &["D:displayname"]).is(404);
        }
    });
}

#[test]
fn nothing_is_shared_with_another_domain_in_any_way() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let domain = |account: &Account| account.address.split('@').nth(1).unwrap().to_owned();
        let foreign = demo.accounts().into_iter().find(|other| domain(other) != domain(&anna)).unwrap();
        let (app, theirs) = (demo.dav(&anna), demo.dav(&foreign));
        let (target, name) = own(&app, Kind::Calendar);
        let principal = theirs.homes().principal;
        let entry = format!(
            "<D:ace><D:principal><D:href>{principal}</D:href></D:principal><D:grant><D:privilege><D:read/>\
             </D:privilege></D:grant></D:ace>"
        );
        app.ask_xml("ACL", &target, "0", "D:acl", &entry).is_error(403, "D:recognized-principal");
        assert_eq!(share(&app, &target, &foreign, "read"), 207, "each is answered for itself");
        let group = format!("{}calendar-proxy-read/", app.homes().principal);
        let change = format!(
            "<D:set><D:prop><D:group-member-set><D:href>{principal}</D:href></D:group-member-set></D:prop></D:set>"
        );
        let answer = app.ask_xml("PROPPATCH", &group, "0", "D:propertyupdate", &change).resources();
        assert_eq!(answer[0].lacking, [(403, "D:group-member-set".to_owned())]);
        theirs.ask_propfind(&target, "0", &["D:displayname"]).is(404);
        theirs.ask_propfind(&app.homes().principal, "0", &["D:displayname"]).is(404);
        assert_eq!(mounted(&theirs, Kind::Calendar, &name), None);
        assert_eq!(preset(demo, &anna, &name, &foreign), None);
    });
}
