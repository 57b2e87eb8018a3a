//! Folders of others: given, taken away, and changed by those who may not.

use blackbox::{Account, Demo, Element, Items, Phone, on_each_store, unique};

use super::{HEARTBEAT_S, SOON, VERSIONS, add, change, event_of_phone, folder_with, grant, phone_of, shared};

#[test]
fn what_a_reader_changes_on_the_phone_is_put_back() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (anna, ben) = demo.colleagues();
            let (target, name) = shared(demo, &anna, &ben, "reader");
            let app = demo.dav(&anna);
            let href = format!("{target}{name}.ics");
            let before = app.get(&href).is(200).text();
            let phone = phone_of(demo, &ben, version);
            let mut items = folder_with(&phone, &name);
            let id = items.id_of(&name);

            // Changed: shown as it is again.
            let data = items.items[&id].edited(version, "Calendar", &[("Subject", "mine now")]);
            items.items.insert(id.clone(), Element::holding("AirSync:ApplicationData", data.clone()));
            phone.sync_items_once(&mut items, &[Element::change_item(&id, data)]);
            let told = put_back(&phone, &mut items, |items| items.find("Subject", &name).is_some());
            assert!(told, "the phone still shows what it may not change");

            // Deleted: there again, under whatever name.
            items.items.remove(&id);
            phone.sync_items_once(&mut items, &[Element::delete(&id)]);
            assert!(put_back(&phone, &mut items, |items| items.find("Subject", &name).is_some()));

            // Added: refused, or taken away again.
            let subject = unique();
            let data = event_of_phone(version, &subject, "20270601T080000Z", "20270601T090000Z");
            let delta =
                phone.sync_items_once(&mut items, &[Element::add_item(&Phone::client_id(), data.clone())]);
            let response = delta.responses.first().unwrap_or_else(|| panic!("an Add is answered: {delta:?}"));
            if response.get("Status").as_deref() == Some("1") {
                let id = response.get("ServerId").unwrap();
                items.items.insert(id, Element::holding("AirSync:ApplicationData", data));
            }
            assert!(put_back(&phone, &mut items, |items| items.find("Subject", &subject).is_none()));

            assert_eq!(app.get(&href).is(200).text(), before);
            assert_eq!(app.objects(&target).len(), 1);
            assert!(phone.sync_items(&mut items).is_empty(), "and then there is peace");
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
        for version in VERSIONS {
            let (anna, ben) = demo.colleagues();
            let (target, name) = shared(demo, &anna, &ben, "editor");
            let (owners, editors) = (phone_of(demo, &anna, version), phone_of(demo, &ben, version));
            let mut owned = folder_with(&owners, &name);
            let mut items = folder_with(&editors, &name);
            let id = items.id_of(&name);
            let waiting = owners.ping(&[&owned.folder], HEARTBEAT_S);
            let newer = unique();

            let data = items.items[&id].edited(version, "Calendar", &[("Subject", &newer)]);
            change(&editors, &mut items, Element::change_item(&id, data));

            let answer = waiting.answer();
            assert_eq!(answer.status, "2");
            assert!(answer.after <= SOON, "{answer:?}");
            owners.sync_items(&mut owned);
            assert!(owned.find("Subject", &newer).is_some());
            let text = demo.dav(&anna).get(&format!("{target}{name}.ics")).is(200).text();
            assert!(text.contains(&format!("SUMMARY:{newer}\r\n")), "{text}");
            let subject = unique();
            let made = event_of_phone(version, &subject, "20270601T080000Z", "20270601T090000Z");
            add(&editors, &mut items, made);
            demo.dav(&anna).object_with(&target, &format!("SUMMARY:{subject}"));
        }
    });
}

#[test]
fn a_folder_that_is_taken_away_vanishes_from_the_phone_and_the_app() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (anna, ben) = demo.colleagues();
            let (target, name) = shared(demo, &anna, &ben, "editor");
            let (phone, app) = (phone_of(demo, &ben, version), demo.dav(&ben));
            let mut items = folder_with(&phone, &name);
            let hierarchy = phone.hierarchy("0");
            app.get(&format!("{target}{name}.ics")).is(200);
            let waiting = phone.ping(&[&items.folder], HEARTBEAT_S);

            demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);

            // MS-ASCMD: 7 says that the folders must be asked for, 2 that the folder must.
            let answer = waiting.answer();
            assert!(["2", "7"].contains(&answer.status.as_str()), "{answer:?}");
            assert_eq!(phone.hierarchy(&hierarchy.key).deleted, [items.folder.id.clone()]);
            let status = phone.sync_items_status(&items);
            assert!(["3", "8", "12"].contains(&status.as_str()), "no data any more: {status}");
            app.get(&format!("{target}{name}.ics")).is(404);
            let listed = app.propfind(&app.homes().calendars, "1", &["D:displayname"]);
            assert!(
                !listed.iter().any(|one| one.found.get("D:displayname").is_some_and(|n| n.contains(&name)))
            );

            // Given again, everything is there again.
            grant(demo, &anna, &name, &ben, "reader");
            items = folder_with(&phone, &name);
            assert_eq!(items.items.len(), 1);
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
