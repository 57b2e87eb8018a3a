//! Outlook for Windows as it speaks ActiveSync: only its User-Agent tells what it is, it sends no Settings, since
//! 2408 it has a new DeviceId at each start (Z-Push issue 167), it asks FolderSync without end (issue 52), and it
//! moves mails before it knows where they went.

use phones::{Family, Handset};

use super::{
    INBOX, TRASH, change_elsewhere, has_the_whole_inbox, mails_before, on_a_server, provisioned_when_told,
    pull, sees,
};

const FAMILY: Family = Family {
    device_type: "WindowsOutlook15",
    user_agent: "Outlook/16.0 (16.0.17928.20114; x64)",
    asks_in_base64: true,
    window: 512,
    bodies: &[(2, Some(1_048_576))],
    filter: "0",
};
const VERSIONS: [&str; 2] = ["14.0", "14.1"];

/// A start of Outlook: a device that nobody has seen.
fn started(demo: &blackbox::Demo, anna: &blackbox::Account, version: &str) -> Handset {
    let mut handset = Handset::new(demo, anna, FAMILY, version);
    handset.phone.options("MS-ASProtocolVersions").unwrap();
    provisioned_when_told(&mut handset);
    handset.sync_folders(true);
    pull(&mut handset);
    handset
}

#[test]
fn outlook_that_is_another_device_at_each_start_sees_the_same_each_time() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let before = mails_before(demo, anna, ben);
            let first = started(demo, anna, version);
            has_the_whole_inbox(&first, demo, anna);
            let changes = change_elsewhere(demo, anna, ben, before);
            let mut devices = vec![first.phone.device.clone()];
            for _ in 0..3 {
                let again = started(demo, anna, version);
                assert!(!devices.contains(&again.phone.device));
                devices.push(again.phone.device.clone());
                sees(&again, &changes);
                has_the_whole_inbox(&again, demo, anna);
                assert!(
                    again.folders.keys().eq(first.folders.keys()),
                    "the folders have the ids that they had"
                );
            }
            // The one that was there before has not been forgotten for it.
            let mut first = first;
            pull(&mut first);
            sees(&first, &changes);
        }
    });
}

#[test]
fn outlook_that_asks_for_folders_without_end_gets_the_same_key_to_nothing_new() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let before = mails_before(demo, anna, ben);
            let mut handset = started(demo, anna, version);
            let folders = handset.folders.len();
            for _ in 0..20 {
                handset.sync_folders(false);
                assert_eq!(handset.folders.len(), folders);
            }
            let changes = change_elsewhere(demo, anna, ben, before);
            pull(&mut handset);
            sees(&handset, &changes);
        }
    });
}

#[test]
fn a_mail_that_outlook_moves_and_moves_back_is_in_one_folder_once() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let [subject, ..] = mails_before(demo, anna, ben);
            let mut handset = started(demo, anna, version);
            let item = handset.item(INBOX, &subject);
            let there = handset.move_item(&item, INBOX, TRASH);
            pull(&mut handset);
            assert_eq!((handset.sees(INBOX, &subject), handset.sees(TRASH, &subject)), (0, 1));
            handset.move_item(&there, TRASH, INBOX);
            pull(&mut handset);
            assert_eq!((handset.sees(INBOX, &subject), handset.sees(TRASH, &subject)), (1, 0));
            handset.saw_no_reset();
            has_the_whole_inbox(&handset, demo, anna);
        }
    });
}
