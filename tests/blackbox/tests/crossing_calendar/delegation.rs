//! Folders of others: given, taken away, and changed by those who may not.

use blackbox::{Account, Dav, Demo, Element, Items, Phone, Resource, on_each_store, unique};

use super::{HEARTBEAT_S, KINDS, Kind, SOON, VERSIONS, add, change, folder_with, grant, phone_of, shared};

/// The collection of that name in the home of who may use it.
fn mounted(app: &Dav, kind: Kind, name: &str) -> Option<Resource> {
    let names = ["D:displayname", "D:owner", "D:resourcetype", "C:supported-calendar-component-set"];
    let all = app.propfind(kind.home(&app.homes()), "1", &names);
    all.into_iter().find(|one| one.found.get("D:displayname").is_some_and(|shown| shown.contains(name)))
}

/// What a phone shows once one of its items has another name.
fn renamed(items: &Items, kind: Kind, id: &str, name: &str) -> Element {
    items.items[id].showing(kind.page(), &[(kind.title(), name)])
}

#[test]
fn what_is_given_is_in_the_app_and_on_the_phone_of_who_got_it() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let app = demo.dav(&ben);
        for version in VERSIONS {
            let phone = phone_of(demo, &ben, version);
            for kind in KINDS {
                let hierarchy = phone.hierarchy("0");
                let (target, name) = shared(demo, &anna, &ben, kind, "reader");

                let added = phone.hierarchy(&hierarchy.key).added;
                let [folder] = &added[..] else { panic!("{version} {kind:?}: {added:?}") };
                assert!(folder.name.contains(&name), "{folder:?}");
                assert_eq!(folder.kind, kind.folder_type(), "{folder:?}");
                let mut items = Items::of(folder.clone());
                assert_eq!(phone.sync_items(&mut items).added.len(), 1, "{version} {kind:?}");
                assert!(items.find(kind.title(), &name).is_some(), "{version} {kind:?}");

                let found = mounted(&app, kind, &name).unwrap_or_else(|| panic!("{kind:?} {name}"));
                assert_eq!(found.components(), kind.component().as_slice(), "{found:?}");
                let is_book = found.found.has("D:resourcetype/A:addressbook");
                assert_eq!(is_book, kind == Kind::Contacts, "{found:?}");
                let owner = demo.dav(&anna).homes().principal;
                assert_eq!(found.found.get("D:owner/D:href"), Some(owner.as_str()), "{found:?}");
                let (_, text) = app.object_with(&found.href, &kind.named(&name));
                assert_eq!(text, kind.object(&name));
                assert_eq!(app.get(&kind.href(&target, &name)).is(200).text(), text);
            }
        }
    });
}

#[test]
fn what_a_reader_changes_on_the_phone_is_put_back() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        for version in VERSIONS {
            let phone = phone_of(demo, &ben, version);
            for kind in KINDS {
                let what = format!("{version} {kind:?}");
                let (target, name) = shared(demo, &anna, &ben, kind, "reader");
                let app = demo.dav(&anna);
                let href = kind.href(&target, &name);
                let before = app.get(&href).is(200).text();
                let mut items = folder_with(&phone, &name);
                let there = items.find(kind.title(), &name);
                let id = there.unwrap_or_else(|| panic!("{what}: {name}"));

                // Changed: shown as it is again.
                let shown = renamed(&items, kind, &id, "mine now");
                let data = items.items[&id].edited(version, kind.page(), &[(kind.title(), "mine now")]);
                items.items.insert(id.clone(), shown);
                phone.sync_items_once(&mut items, &[Element::change_item(&id, data)]);
                let is_there = |items: &Items| items.find(kind.title(), &name).is_some();
                assert!(
                    put_back(&phone, &mut items, is_there),
                    "{what}: it still shows what it may not change"
                );

                // Deleted: there again, under whatever name.
                let there = items.find(kind.title(), &name);
                let id = there.unwrap_or_else(|| panic!("{what}: {name}"));
                items.items.remove(&id);
                phone.sync_items_once(&mut items, &[Element::delete(&id)]);
                assert!(put_back(&phone, &mut items, is_there), "{what}: what it may not delete is gone");

                // Added: refused, or taken away again.
                let added = unique();
                let data = kind.of_phone(version, &added);
                let command = Element::add_item(&Phone::client_id(), data.clone());
                let delta = phone.sync_items_once(&mut items, &[command]);
                let response =
                    delta.responses.first().unwrap_or_else(|| panic!("an Add is answered: {delta:?}"));
                if response.get("Status").as_deref() == Some("1") {
                    let id = response.get("ServerId").unwrap();
                    items.items.insert(id, Element::holding("AirSync:ApplicationData", data));
                }
                let is_gone = |items: &Items| items.find(kind.title(), &added).is_none();
                assert!(put_back(&phone, &mut items, is_gone), "{what}: what it may not add stays");

                assert_eq!(app.get(&href).is(200).text(), before, "{what}");
                assert_eq!(app.objects(&target).len(), 1, "{what}");
                assert!(phone.sync_items(&mut items).is_empty(), "{what}: and then there is peace");
            }
        }
    });
}

/// Whether the phone shows it so after it has asked once or twice, as it does right after its own change.
fn put_back(phone: &Phone, items: &mut Items, is_so: impl Fn(&Items) -> bool) -> bool {
    (0..2).any(|_| {
        phone.sync_items(items);
        is_so(items)
    })
}

#[test]
fn what_an_editor_changes_wakes_the_owners_phone_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        for version in VERSIONS {
            let (owners, editors) = (phone_of(demo, &anna, version), phone_of(demo, &ben, version));
            for kind in KINDS {
                let what = format!("{version} {kind:?}");
                let (target, name) = shared(demo, &anna, &ben, kind, "editor");
                let mut owned = folder_with(&owners, &name);
                let mut items = folder_with(&editors, &name);
                let id = items.find(kind.title(), &name).unwrap_or_else(|| panic!("{what}: {name}"));
                let waiting = owners.ping(&[&owned.folder], HEARTBEAT_S);
                let newer = unique();

                let data = items.items[&id].edited(version, kind.page(), &[(kind.title(), &newer)]);
                change(&editors, &mut items, Element::change_item(&id, data));

                let answer = waiting.answer();
                assert_eq!(answer.status, "2", "{what}");
                assert!(answer.after <= SOON, "{what}: {answer:?}");
                owners.sync_items(&mut owned);
                assert!(owned.find(kind.title(), &newer).is_some(), "{what}");
                let text = demo.dav(&anna).get(&kind.href(&target, &name)).is(200).text();
                assert!(text.contains(&kind.named(&newer)), "{what}: {text}");
            }
        }
    });
}

#[test]
fn an_editor_and_the_owner_see_what_the_other_adds_changes_and_deletes() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        for version in VERSIONS {
            let phones = [&anna, &ben].map(|account| phone_of(demo, account, version));
            let apps = [&anna, &ben].map(|account| demo.dav(account));
            for kind in KINDS {
                let (target, name) = shared(demo, &anna, &ben, kind, "editor");
                let mut folders = phones.each_ref().map(|phone| folder_with(phone, &name));
                for (doer, watcher) in [(0, 1), (1, 0)] {
                    let what = format!("{version} {kind:?} by {doer}");
                    let (app, phone) = (&apps[watcher], &phones[watcher]);
                    let shows = |folders: &mut [Items; 2], name: &str| {
                        phone.sync_items(&mut folders[watcher]);
                        folders[watcher].find(kind.title(), name).is_some()
                    };

                    // By the app of the one.
                    let (first, second) = (unique(), unique());
                    let href = kind.href(&target, &first);
                    apps[doer].put(&href, &kind.object(&first)).is(201);
                    assert!(shows(&mut folders, &first), "{what}: the app's new one");
                    let text = kind.object(&first).replace(&kind.named(&first), &kind.named(&second));
                    apps[doer].put(&href, &text).is(204);
                    assert_eq!(app.get(&href).is(200).text(), text, "{what}");
                    assert!(shows(&mut folders, &second), "{what}: the app's edit");
                    apps[doer].delete(&href).is(204);
                    app.get(&href).is(404);
                    assert!(!shows(&mut folders, &second), "{what}: the app's deletion");

                    // By the phone of the one.
                    let (first, second) = (unique(), unique());
                    let items = &mut folders[doer];
                    phones[doer].sync_items(items);
                    let id = add(&phones[doer], items, kind.of_phone(version, &first));
                    let (href, _) = app.object_with(&target, &kind.named(&first));
                    assert!(shows(&mut folders, &first), "{what}: the phone's new one");
                    let items = &mut folders[doer];
                    let data = items.items[&id].edited(version, kind.page(), &[(kind.title(), &second)]);
                    change(&phones[doer], items, Element::change_item(&id, data));
                    let text = app.get(&href).is(200).text();
                    assert!(text.contains(&kind.named(&second)), "{what}: {text}");
                    assert!(shows(&mut folders, &second), "{what}: the phone's edit");
                    let items = &mut folders[doer];
                    change(&phones[doer], items, Element::delete(&id));
                    items.items.remove(&id);
                    app.get(&href).is(404);
                    assert!(!shows(&mut folders, &second), "{what}: the phone's deletion");
                }
            }
        }
    });
}

#[test]
fn a_folder_that_is_taken_away_vanishes_from_the_phone_and_the_app() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let app = demo.dav(&ben);
        for version in VERSIONS {
            let phone = phone_of(demo, &ben, version);
            for kind in KINDS {
                let what = format!("{version} {kind:?}");
                let (target, name) = shared(demo, &anna, &ben, kind, "editor");
                let mut items = folder_with(&phone, &name);
                let hierarchy = phone.hierarchy("0");
                let href = kind.href(&target, &name);
                app.get(&href).is(200);
                let copy = app.copy_of(&target);

                demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);

                assert_eq!(phone.hierarchy(&hierarchy.key).deleted, [items.folder.id.clone()], "{what}");
                let status = phone.sync_items_status(&items);
                assert!(["3", "8", "12"].contains(&status.as_str()), "{what}: no data any more: {status}");
                app.get(&href).is(404);
                app.ask_sync(&target, &copy.token, None, "0").is(404);
                assert!(mounted(&app, kind, &name).is_none(), "{what}");

                // Given again, everything is there again.
                grant(demo, &anna, &name, &ben, "reader");
                items = folder_with(&phone, &name);
                assert_eq!(items.items.len(), 1, "{what}");
                assert!(mounted(&app, kind, &name).is_some(), "{what}");
            }
        }
    });
}

#[test]
fn a_phone_is_woken_within_a_second_when_a_folder_is_taken_away() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let phone = phone_of(demo, &ben, "16.1");
        for kind in KINDS {
            let (_, name) = shared(demo, &anna, &ben, kind, "editor");
            let items = folder_with(&phone, &name);
            let waiting = phone.ping(&[&items.folder], HEARTBEAT_S);

            demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);

            // MS-ASCMD: 7 says that the folders must be asked for, 2 that the folder must.
            let answer = waiting.answer();
            assert!(["2", "7"].contains(&answer.status.as_str()), "{kind:?}: {answer:?}");
            assert!(answer.after <= SOON, "{kind:?}: {answer:?}");
        }
    });
}

#[test]
fn a_mail_folder_that_is_taken_away_vanishes_from_imap_and_the_phone() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let name = unique();
        demo.imap(&anna).ok(&format!("CREATE {name}"));
        let mail = blackbox::Mail::plain(&ben.address, &anna.address);
        demo.imap(&anna).append(&name, "", &mail.bytes);
        grant(demo, &anna, &name, &ben, "reader");
        let phone = phone_of(demo, &ben, "16.1");
        let listed = |demo: &Demo| !demo.imap(&ben).ok("LIST \"\" \"*\"").with(&name).is_empty();
        assert!(listed(demo));
        let hierarchy = phone.hierarchy("0");
        let folder = hierarchy.added.iter().find(|folder| folder.name.contains(&name));
        let folder = folder.unwrap_or_else(|| panic!("{name} is not in {:?}", hierarchy.added));

        demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);

        assert!(!listed(demo));
        assert_eq!(phone.hierarchy(&hierarchy.key).deleted, std::slice::from_ref(&folder.id));
    });
}

#[test]
fn nothing_is_given_to_another_domain() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let domain = |account: &Account| account.address.split('@').nth(1).unwrap().to_owned();
        let others: Vec<Account> =
            demo.accounts().into_iter().filter(|other| domain(other) != domain(&anna)).collect();
        let [foreign, ..] = &others[..] else { panic!("nobody of another domain") };
        let name = unique();
        let app = demo.dav(&anna);
        app.make_calendar(&format!("{}{name}/", app.homes().calendars), &name, "VEVENT").is(201);
        let says = demo.admin_refuses(&["grant", "set", &anna.address, &name, &foreign.address, "reader"]);
        assert!(says.to_ascii_lowercase().contains("domain"), "it says why: {says}");
        assert!(!says.contains("panicked"), "{says}");
        let dav = demo.dav(foreign);
        let listed = dav.propfind(&dav.homes().calendars, "1", &["D:displayname"]);
        assert!(!listed.iter().any(|one| one.found.get("D:displayname").is_some_and(|n| n.contains(&name))));
    });
}
