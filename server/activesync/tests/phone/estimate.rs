//! GetItemEstimate: MS-ASCMD section 2.2.1.9.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use vocabulary::{Flags, Role, Timestamp};
use wbxml::Element;
use wbxml::page::{airsync, get_item_estimate as estimate};

use crate::phone::{Phone, text};
use crate::world::{DAY_MS, on_each_database};

/// Status and count.
async fn ask(phone: &Phone<'_>, key: &str, folder: FolderId, filter: Option<&str>) -> (String, Option<u32>) {
    let mut collection = Element::new(estimate::COLLECTION)
        .with_text(airsync::SYNC_KEY, key)
        .with_text(estimate::COLLECTION_ID, folder.to_string());
    if let Some(filter) = filter {
        collection.push(Element::new(airsync::OPTIONS).with_text(airsync::FILTER_TYPE, filter));
    }
    let request =
        Element::new(estimate::GET_ITEM_ESTIMATE).with(Element::new(estimate::COLLECTIONS).with(collection));
    let root = phone.command("GetItemEstimate", Some(&request)).await.unwrap();
    let response = root.child(estimate::RESPONSE).unwrap();
    let count = response.child(estimate::COLLECTION).map(|one| text(one, estimate::ESTIMATE));
    (text(response, estimate::STATUS), count.map(|count| count.parse().unwrap()))
}

// MS-ASCMD R3005 R3006 R3007 R3009 R3010 R3011 R3012 R3013 R3014 R3015 R3016 R3017 R3018 R3019 R3020 R3021 R3022 R3023 R3024
#[test]
fn a_filter_that_the_class_does_not_have_is_refused() {
    on_each_database(async |world| {
        let people = world.people().await;
        for (class, role, good) in [
            (Class::Calendar, Role::Calendar, [0, 4, 5, 6, 7].as_slice()),
            (Class::Tasks, Role::Tasks, &[0, 8]),
            (Class::Email, Role::Inbox, &[0, 1, 2, 3, 4, 5]),
        ] {
            let folder = world.folder(people.anna, role).await;
            let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", folder).await;
            phone.class = class;
            phone.prime().await;
            for (filter, says_class) in (0..=8).flat_map(|filter| [(filter, false), (filter, true)]) {
                let mut options =
                    Element::new(airsync::OPTIONS).with_text(airsync::FILTER_TYPE, filter.to_string());
                if says_class {
                    options.push(Element::text(airsync::CLASS, class.name()));
                }
                let collection = Element::new(estimate::COLLECTION)
                    .with_text(airsync::SYNC_KEY, &phone.key)
                    .with_text(estimate::COLLECTION_ID, folder.to_string())
                    .with(options);
                let request = Element::new(estimate::GET_ITEM_ESTIMATE)
                    .with(Element::new(estimate::COLLECTIONS).with(collection));
                let root = phone.command("GetItemEstimate", Some(&request)).await.unwrap();
                let status = text(root.child(estimate::RESPONSE).unwrap_or(&root), estimate::STATUS);
                let expected = if good.contains(&filter) { "1" } else { "110" };
                assert_eq!(status, expected, "{class:?} {filter} {says_class}");
            }
        }
    });
}

// MS-ASCMD R2967 R2970 R4135 R4136 R4139
#[test]
fn an_estimate_is_what_sync_brings() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for days_ago in [0, 0, 2, 5, 40] {
            let at = Timestamp(world.now().0 - days_ago * DAY_MS);
            world.append(inbox, "mail", at, Flags::NONE).await;
        }
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        assert_eq!(ask(&phone, "0", inbox, None).await, ("3".into(), None), "MS-ASCMD R4139");
        phone.prime().await;
        let one = |count| ("1".to_owned(), Some(count));
        assert_eq!(ask(&phone, &phone.key, inbox, None).await, one(5));
        for (filter, count) in [("0", 5), ("1", 2), ("2", 3), ("3", 4), ("5", 4)] {
            assert_eq!(ask(&phone, &phone.key, inbox, Some(filter)).await, one(count), "FilterType {filter}");
        }
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 5);
        assert_eq!(ask(&phone, &phone.key, inbox, None).await, one(0));
        assert_eq!(ask(&phone, &phone.key, inbox, Some("1")).await, one(3), "what a narrower filter takes");
        world.append(inbox, "new", world.now(), Flags::NONE).await;
        assert_eq!(ask(&phone, &phone.key, inbox, None).await, one(1));
        phone.sync_all().await;
        assert_eq!(ask(&phone, &phone.key, inbox, None).await, one(0));

        assert_eq!(ask(&phone, "77.1", inbox, None).await, ("4".into(), None), "no key of this folder");
        let theirs = world.folder(people.ben, Role::Inbox).await;
        assert_eq!(ask(&phone, &phone.key, theirs, None).await, ("2".into(), None));
    });
}
