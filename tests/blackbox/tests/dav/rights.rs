//! Who may see and change what: owners, readers, authors, editors, strangers, other domains.

use blackbox::{Account, Dav, Demo, on_each_store};

use super::{VEVENT, event, foreigner, new_calendar, proppatch};

fn grant(demo: &Demo, owner: &Account, folder: &str, to: &Account, rights: &str) {
    demo.admin(&["grant", "set", &owner.address, folder, &to.address, rights]);
}

#[test]
fn a_reader_reads_and_changes_nothing() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, reader) = (demo.dav(&anna), demo.dav(&ben));
        let (calendar, name) = new_calendar(&owner, VEVENT);
        let target = format!("{calendar}x.ics");
        owner.put(&target, &event("x", 1)).is(201);
        reader.get(&target).is(404);
        grant(demo, &anna, &name, &ben, "reader");

        assert_eq!(reader.get(&target).is(200).text(), event("x", 1));
        reader.put(&target, &event("x", 2)).is_error(403, "D:need-privileges");
        reader.put(&format!("{calendar}y.ics"), &event("y", 2)).is_error(403, "D:need-privileges");
        reader.delete(&target).is_error(403, "D:need-privileges");
        reader.delete(&calendar).is(403);
        let privileges = reader.propfind(&calendar, "0", &["D:current-user-privilege-set"]);
        let privileges = privileges[0].privileges();
        assert!(privileges.contains(&"D:read"), "{privileges:?}");
        for writing in ["D:write", "D:write-content", "D:bind", "D:unbind", "D:all"] {
            assert!(!privileges.contains(&writing), "{privileges:?}");
        }
        assert_eq!(owner.get(&target).is(200).text(), event("x", 1));
    });
}

#[test]
fn an_author_changes_own_things_only() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, author) = (demo.dav(&anna), demo.dav(&ben));
        let (calendar, name) = new_calendar(&owner, VEVENT);
        let (theirs, own) = (format!("{calendar}x.ics"), format!("{calendar}y.ics"));
        owner.put(&theirs, &event("x", 1)).is(201);
        grant(demo, &anna, &name, &ben, "author");
        author.put(&own, &event("y", 1)).is(201);
        author.put(&own, &event("y", 2)).is(204);
        author.put(&theirs, &event("x", 2)).is_error(403, "D:need-privileges");
        author.delete(&theirs).is_error(403, "D:need-privileges");
        assert_eq!(owner.get(&own).is(200).text(), event("y", 2));
        assert_eq!(owner.get(&theirs).is(200).text(), event("x", 1));
        author.delete(&own).is(204);
        owner.get(&own).is(404);
    });
}

#[test]
fn an_editor_changes_everything_in_the_folder_but_not_the_folder() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, editor) = (demo.dav(&anna), demo.dav(&ben));
        let (calendar, name) = new_calendar(&owner, VEVENT);
        let target = format!("{calendar}x.ics");
        owner.put(&target, &event("x", 1)).is(201);
        grant(demo, &anna, &name, &ben, "editor");
        editor.put(&target, &event("x", 2)).is(204);
        assert_eq!(owner.get(&target).is(200).text(), event("x", 2));
        editor.delete(&target).is(204);
        owner.get(&target).is(404);
        editor.delete(&calendar).is(403);
        owner.ask_propfind(&calendar, "0", &["D:displayname"]).is(207);
    });
}

#[test]
fn a_shared_calendar_is_in_the_home_of_who_may_see_it_with_its_owner() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, delegate) = (demo.dav(&anna), demo.dav(&ben));
        let (calendar, name) = new_calendar(&owner, VEVENT);
        owner.put(&format!("{calendar}x.ics"), &event(&name, 1)).is(201);
        let home = delegate.homes().calendars;
        let mounted = || {
            let all = delegate.propfind(&home, "1", &["D:displayname", "D:owner", "D:resourcetype"]);
            all.into_iter()
                .find(|one| one.found.get("D:displayname").is_some_and(|shown| shown.contains(&name)))
        };
        assert!(mounted().is_none());
        grant(demo, &anna, &name, &ben, "editor");
        let shared = mounted().unwrap_or_else(|| panic!("{name} is not in {home}"));
        assert!(shared.found.has("D:resourcetype/C:calendar"), "{shared:?}");
        assert_eq!(shared.found.get("D:owner/D:href"), Some(owner.homes().principal.as_str()));
        // The sharer is shown by name: RFC 3744 section 4 lets a colleague read it.
        let principal = delegate.property(&owner.homes().principal, "D:displayname");
        assert_eq!(principal.text, anna.name);

        assert!(shared.href.starts_with(&home), "{shared:?}");
        let (target, text) = delegate.object_with(&shared.href, &name);
        assert_eq!(text, event(&name, 1));
        // What the delegate calls it is the delegate's own.
        proppatch(
            &delegate,
            &shared.href,
            "<D:set><D:prop><D:displayname>Mine</D:displayname></D:prop></D:set>",
        );
        assert_eq!(delegate.property(&shared.href, "D:displayname").text, "Mine");
        assert_eq!(owner.property(&calendar, "D:displayname").text, name);
        delegate.put(&target, &event(&name, 5)).is(204);
        assert_eq!(owner.get(&format!("{calendar}x.ics")).is(200).text(), event(&name, 5));
    });
}

#[test]
fn strangers_and_other_domains_see_nothing_at_all() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let owner = demo.dav(&anna);
        let (calendar, _) = new_calendar(&owner, VEVENT);
        let target = format!("{calendar}x.ics");
        owner.put(&target, &event("x", 1)).is(201);
        let nothing = format!("{calendar}nothing.ics");
        for stranger in [&ben, &foreigner(demo, &anna)] {
            let dav = demo.dav(stranger);
            dav.get(&target).is(404);
            // As where there is no such calendar at all: RFC 4918 section 9.7.1.
            let nowhere = dav.put(&format!("{}n.ics", calendar.replacen("probe", "nobe", 1)), &event("n", 2));
            assert!([404, 409].contains(&nowhere.status), "{}", nowhere.shown());
            for place in [&target, &nothing] {
                let answer = dav.put(place, &event("x", 2)).is(nowhere.status);
                assert_eq!(answer.body, nowhere.body);
            }
            dav.delete(&target).is(404);
            dav.delete(&calendar).is(404);
            dav.ask_propfind(&calendar, "1", &["D:displayname"]).is(404);
            dav.ask_sync(&calendar, "", None, "0").is(404);
            proppatch_is(&dav, &calendar, 404);
        }
        let other = demo.dav(&foreigner(demo, &anna));
        other.ask_propfind(&owner.homes().principal, "0", &["D:displayname"]).is(404);
        other.ask_propfind(&owner.homes().calendars, "1", &["D:displayname"]).is(404);
        assert_eq!(owner.get(&target).is(200).text(), event("x", 1));
    });
}

fn proppatch_is(dav: &Dav, target: &str, status: u16) {
    let set = "<D:set><D:prop><X:own>1</X:own></D:prop></D:set>";
    dav.ask_xml("PROPPATCH", target, "0", "D:propertyupdate", set).is(status);
}

#[test]
fn a_folder_that_is_taken_away_is_gone_with_its_token() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, delegate) = (demo.dav(&anna), demo.dav(&ben));
        let (calendar, name) = new_calendar(&owner, VEVENT);
        let target = format!("{calendar}x.ics");
        owner.put(&target, &event("x", 1)).is(201);
        grant(demo, &anna, &name, &ben, "reader");
        let copy = delegate.copy_of(&calendar);
        assert_eq!(copy.items.len(), 1);
        demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);
        delegate.get(&target).is(404);
        delegate.ask_propfind(&calendar, "0", &["D:displayname"]).is(404);
        delegate.ask_sync(&calendar, &copy.token, None, "0").is(404);
        let listed = delegate.propfind(&delegate.homes().calendars, "1", &["D:displayname"]);
        let shown: Vec<_> = listed.iter().filter_map(|one| one.found.get("D:displayname")).collect();
        assert!(!shown.iter().any(|shown| shown.contains(&name)), "{shown:?}");
    });
}
