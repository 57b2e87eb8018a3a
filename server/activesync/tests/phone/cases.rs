//! Cases worth a name: provisioning, folders, rights, requests without a body.

use actix_web::http::StatusCode;
use vocabulary::{Flags, Rights, Role};
use wbxml::page::{airsync, folder_hierarchy as hierarchy};
use wbxml::{Element, Limits, decode, encode};

use crate::phone::{Did, Phone, text};
use crate::world::{editor, on_each_database};

fn status_of(bytes: &[u8]) -> String {
    let root = decode(bytes, &Limits::default()).unwrap();
    root.children().next().unwrap().value().into_owned()
}

fn folder_sync(key: &str) -> Element {
    Element::new(hierarchy::FOLDER_SYNC).with_text(hierarchy::SYNC_KEY, key)
}

/// Names of the folders of one kind of change.
fn changes(root: &Element, tag: wbxml::Tag, what: wbxml::Tag) -> Vec<String> {
    let changes = root.child(hierarchy::CHANGES).unwrap_or_else(|| panic!("{root:?}"));
    changes.all(tag).map(|one| text(one, what)).collect()
}

// MS-ASCMD R4912
// MS-ASPROV R509 R537
#[test]
fn a_device_provisions_before_it_is_served() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for (version, key, expected) in [
            ("12.1", "", Err(449)),
            ("12.1", "12345", Err(449)),
            ("14.1", "", Ok("142")),
            ("14.1", "0", Ok("142")),
            ("16.1", "12345", Ok("144")),
        ] {
            let device = format!("d{}{}", version.replace('.', ""), key.len());
            let mut phone = Phone::new(world, &people.anna_address, &device, version, inbox).await;
            key.clone_into(&mut phone.policy_key);
            let (http, bytes) = phone.post("FolderSync", encode(&folder_sync("0"))).await;
            match expected {
                Ok(status) => assert_eq!((http, status_of(&bytes).as_str()), (StatusCode::OK, status)),
                Err(code) => assert_eq!((http.as_u16(), bytes.len()), (code, 0)),
            }
        }
    });
}

#[test]
fn a_folder_is_made_once_and_own_changes_are_not_told_again() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let first = phone.command("FolderSync", Some(&folder_sync("0"))).await.unwrap();
        let key = text(&first, hierarchy::SYNC_KEY);
        let create = |key: &str, kind: &str| {
            Element::new(hierarchy::FOLDER_CREATE)
                .with_text(hierarchy::SYNC_KEY, key)
                .with_text(hierarchy::PARENT_ID, "0")
                .with_text(hierarchy::DISPLAY_NAME, "Reisen/2026")
                .with_text(hierarchy::TYPE, kind)
        };
        let made = phone.command("FolderCreate", Some(&create(&key, "12"))).await.unwrap();
        assert_eq!(text(&made, hierarchy::STATUS), "1");
        // The answer was lost: the same request gets the same folder.
        let again = phone.command("FolderCreate", Some(&create(&key, "12"))).await.unwrap();
        let id = text(&made, hierarchy::SERVER_ID);
        assert_eq!(text(&again, hierarchy::SERVER_ID), id);
        let key = text(&again, hierarchy::SYNC_KEY);
        for (kind, status) in [("12", "2"), ("2", "10")] {
            let refused = phone.command("FolderCreate", Some(&create(&key, kind))).await.unwrap();
            assert_eq!(text(&refused, hierarchy::STATUS), status);
            assert!(refused.child(hierarchy::SYNC_KEY).is_none(), "only success moves the key");
        }
        let quiet = phone.command("FolderSync", Some(&folder_sync(&key))).await.unwrap();
        assert_eq!(text(quiet.child(hierarchy::CHANGES).unwrap(), hierarchy::COUNT), "0", "{quiet:?}");

        let change = |tag: wbxml::Tag, key: &str, id: &str| {
            let mut element =
                Element::new(tag).with_text(hierarchy::SYNC_KEY, key).with_text(hierarchy::SERVER_ID, id);
            if tag == hierarchy::FOLDER_UPDATE {
                element =
                    element.with_text(hierarchy::PARENT_ID, "0").with_text(hierarchy::DISPLAY_NAME, "Neu");
            }
            element
        };
        let inbox = inbox.to_string();
        for (command, tag, id, status) in [
            ("FolderDelete", hierarchy::FOLDER_DELETE, inbox.as_str(), "3"),
            ("FolderUpdate", hierarchy::FOLDER_UPDATE, inbox.as_str(), "2"),
            ("FolderDelete", hierarchy::FOLDER_DELETE, "nothing", "4"),
            ("FolderUpdate", hierarchy::FOLDER_UPDATE, id.as_str(), "1"),
        ] {
            let answer = phone.command(command, Some(&change(tag, &key, id))).await.unwrap();
            assert_eq!(text(&answer, hierarchy::STATUS), status, "{command} {id}");
        }
        let other = Phone::new(world, &people.anna_address, "other", "16.1", phone.folder).await;
        let all = other.command("FolderSync", Some(&folder_sync("0"))).await.unwrap();
        assert!(changes(&all, hierarchy::ADD, hierarchy::DISPLAY_NAME).contains(&"Neu".to_owned()));
        let bad = phone.command("FolderSync", Some(&folder_sync("1.1"))).await.unwrap();
        assert_eq!(text(&bad, hierarchy::STATUS), "9");
    });
}

#[test]
fn a_colleagues_folder_comes_and_goes_with_the_rights() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, &people.ben_address, "phone", "16.1", inbox).await;
        let first = phone.command("FolderSync", Some(&folder_sync("0"))).await.unwrap();
        let key = text(&first, hierarchy::SYNC_KEY);

        world.share(inbox, people.ben, editor()).await;
        let shared = phone.command("FolderSync", Some(&folder_sync(&key))).await.unwrap();
        let name = format!("Inbox ({})", people.anna_address);
        assert_eq!(changes(&shared, hierarchy::ADD, hierarchy::DISPLAY_NAME), [name]);
        assert_eq!(changes(&shared, hierarchy::ADD, hierarchy::SERVER_ID), [inbox.to_string()]);

        world.share(inbox, people.ben, Rights::NONE).await;
        let key = text(&shared, hierarchy::SYNC_KEY);
        let gone = phone.command("FolderSync", Some(&folder_sync(&key))).await.unwrap();
        assert_eq!(changes(&gone, hierarchy::DELETE, hierarchy::SERVER_ID), [inbox.to_string()]);
        assert_eq!(phone.ask(1).await.status, "12");
    });
}

#[test]
fn what_a_reader_may_not_do_is_shown_to_it_as_it_is() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.share(inbox, people.ben, Rights::of(&[Rights::LOOKUP, Rights::READ])).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        world.append(inbox, "two", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.ben_address, "phone", "14.1", inbox).await;
        phone.sync_all().await;
        let before = phone.items.clone();
        let (one, two) = (phone.id_of("one"), phone.id_of("two"));
        phone.act(&one, Did::Read(true));
        phone.act(&two, Did::Delete { moves: true });
        let answer = phone.ask(100).await;
        let responses = answer.collection.as_ref().unwrap().child(airsync::RESPONSES).unwrap();
        let statuses: Vec<String> = responses.children().map(|one| text(one, airsync::STATUS)).collect();
        assert_eq!(statuses, ["7", "7"], "the server's version stands");
        // The answer is lost; the repeat tells the same again.
        phone.sync_all().await;
        assert_eq!(phone.items, before);
        assert!(phone.ask(100).await.collection.is_none(), "and then it is quiet");
    });
}

#[test]
fn an_answer_without_a_body_has_no_type_and_no_encoding() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        assert!(phone.ask(100).await.collection.is_none());
        phone.accepts = "gzip";
        // MS-ASHTTP R212
        let (status, headers, bytes) = phone.exchange("Sync", Vec::new()).await;
        assert_eq!((status, bytes.len()), (StatusCode::OK, 0));
        assert!(
            !headers.contains_key("content-type") && !headers.contains_key("content-encoding"),
            "{headers:?}"
        );

        let (_, headers, bytes) = phone.exchange("FolderSync", encode(&folder_sync("0"))).await;
        assert_eq!(headers.get("content-encoding").unwrap(), "gzip");
        assert_eq!(bytes.first_chunk(), Some(&[0x1f, 0x8b]), "as gzip begins");
    });
}

#[test]
fn a_sync_without_a_body_repeats_the_last_one_or_asks_for_all_of_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let unknown = phone.command("Sync", None).await.unwrap();
        assert_eq!(text(&unknown, airsync::STATUS), "13");
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        phone.sync_all().await;
        // Whether the last answer arrived only the phone knows.
        let unsure = phone.command("Sync", None).await.unwrap();
        assert_eq!(text(&unsure, airsync::STATUS), "13");
        assert!(phone.ask(100).await.collection.is_none());
        assert!(phone.command("Sync", None).await.is_none(), "nothing is new");
        world.append(inbox, "two", world.now(), Flags::NONE).await;
        let new = phone.command("Sync", None).await.unwrap();
        let collection = new.child(airsync::COLLECTIONS).unwrap().child(airsync::COLLECTION).unwrap();
        assert_eq!(collection.child(airsync::COMMANDS).unwrap().all(airsync::ADD).count(), 1);
    });
}
