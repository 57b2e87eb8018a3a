//! Who may see and change what: owners, readers, authors, editors, strangers, other domains.

use blackbox::{Account, Dav, Demo, calendar, on_each_store, unique};

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

/// An address book of its own for one test; its address and what people call it.
fn new_book(dav: &Dav) -> (String, String) {
    let name = unique();
    let book = format!("{}{name}/", dav.homes().contacts);
    let set = format!(
        "<D:set><D:prop><D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>\
         <D:displayname>{name}</D:displayname></D:prop></D:set>"
    );
    dav.ask_xml("MKCOL", &book, "0", "D:mkcol", &set).is(201);
    (book, name)
}

/// A card with a note that tells one edit from another.
fn card(uid: &str, edit: u32) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Zoë {uid}\r\nN:{uid};Zoë;;;\r\nNOTE:{edit}\r\n\
         X-PROBE;X-P=\"a;b\":1,2\r\nEND:VCARD\r\n"
    )
}

#[test]
fn a_reader_an_author_and_an_editor_may_do_to_cards_what_they_may_do_to_events() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, other) = (demo.dav(&anna), demo.dav(&ben));
        let (book, name) = new_book(&owner);
        let (theirs, own) = (format!("{book}x.vcf"), format!("{book}y.vcf"));
        owner.put(&theirs, &card("x", 1)).is(201);
        other.get(&theirs).is(404);
        let privileges = || {
            let found = other.propfind(&book, "0", &["D:current-user-privilege-set"]);
            found[0].privileges().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };

        grant(demo, &anna, &name, &ben, "reader");
        assert_eq!(other.get(&theirs).is(200).text(), card("x", 1));
        other.put(&theirs, &card("x", 2)).is_error(403, "D:need-privileges");
        other.put(&own, &card("y", 1)).is_error(403, "D:need-privileges");
        other.delete(&theirs).is_error(403, "D:need-privileges");
        let held = privileges();
        assert!(held.iter().any(|one| one == "D:read"), "{held:?}");
        for writing in ["D:write", "D:write-content", "D:bind", "D:unbind", "D:all"] {
            assert!(!held.iter().any(|one| one == writing), "{held:?}");
        }

        grant(demo, &anna, &name, &ben, "author");
        other.put(&own, &card("y", 1)).is(201);
        other.put(&own, &card("y", 2)).is(204);
        assert_eq!(owner.get(&own).is(200).text(), card("y", 2));
        other.put(&theirs, &card("x", 2)).is_error(403, "D:need-privileges");
        other.delete(&theirs).is_error(403, "D:need-privileges");
        assert_eq!(owner.get(&theirs).is(200).text(), card("x", 1));
        other.delete(&own).is(204);
        owner.get(&own).is(404);

        grant(demo, &anna, &name, &ben, "editor");
        other.put(&theirs, &card("x", 3)).is(204);
        assert_eq!(owner.get(&theirs).is(200).text(), card("x", 3));
        owner.put(&theirs, &card("x", 4)).is(204);
        assert_eq!(other.get(&theirs).is(200).text(), card("x", 4));
        other.delete(&theirs).is(204);
        owner.get(&theirs).is(404);
        other.delete(&book).is(403);
        owner.ask_propfind(&book, "0", &["D:displayname"]).is(207);
    });
}

#[test]
fn a_shared_address_book_or_task_list_is_in_the_home_of_who_may_see_it_until_it_is_taken_away() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (owner, delegate) = (demo.dav(&anna), demo.dav(&ben));
        let (homes, todo) = (delegate.homes(), "VTODO");
        let (book, tasks) = (new_book(&owner), new_calendar(&owner, todo));
        let task = calendar(todo, "t", "SUMMARY:T\nX-PROBE:1\n");
        for (home, (target, name), resource, text, kind) in [
            (&homes.contacts, book, "c.vcf", card("c", 1), "D:resourcetype/A:addressbook"),
            (&homes.calendars, tasks, "t.ics", task, "D:resourcetype/C:calendar"),
        ] {
            let href = format!("{target}{resource}");
            owner.put(&href, &text).is(201);
            let mounted = || {
                let all = delegate.propfind(home, "1", &["D:displayname", "D:owner", "D:resourcetype"]);
                all.into_iter()
                    .find(|one| one.found.get("D:displayname").is_some_and(|shown| shown.contains(&name)))
            };
            assert!(mounted().is_none(), "{name}");

            grant(demo, &anna, &name, &ben, "reader");
            let shared = mounted().unwrap_or_else(|| panic!("{name} is not in {home}"));
            assert!(shared.found.has(kind), "{shared:?}");
            assert_eq!(shared.found.get("D:owner/D:href"), Some(owner.homes().principal.as_str()));
            assert!(shared.href.starts_with(home.as_str()), "{shared:?}");
            let objects = delegate.objects(&shared.href);
            assert_eq!(objects, [(resource.to_owned(), text.clone())]);
            let copy = delegate.copy_of(&shared.href);
            assert_eq!(copy.items.len(), 1, "{copy:?}");

            demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);
            assert!(mounted().is_none(), "{name}");
            delegate.get(&href).is(404);
            delegate.get(&format!("{}{resource}", shared.href)).is(404);
            delegate.ask_sync(&shared.href, &copy.token, None, "0").is(404);
            assert_eq!(owner.get(&href).is(200).text(), text);
        }
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
