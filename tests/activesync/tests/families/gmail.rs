//! Gmail for Android: since 2025.11.02 FolderSync with key 0 before each pull (Z-Push issue 176).

use phones::{Family, Handset};

use super::{
    change_elsewhere, has_the_whole_inbox, mails_before, on_a_server, provisioned_when_told, pull, sees,
    tells_of_itself,
};

const FAMILY: Family = Family {
    device_type: "Android",
    user_agent: "Android-Mail/2025.11.02.829642372.Release",
    asks_in_base64: false,
    window: 10,
    bodies: &[(2, Some(200_000))],
    filter: "0",
};

#[test]
fn gmail_that_asks_for_all_folders_with_each_pull_loses_nothing_and_sees_nothing_twice() {
    on_a_server(|demo, anna, ben| {
        for version in ["14.1", "16.1"] {
            let before = mails_before(demo, anna, ben);
            let mut handset = Handset::new(demo, anna, FAMILY, version);
            handset.phone.options("MS-ASProtocolVersions").unwrap();
            provisioned_when_told(&mut handset);
            tells_of_itself(&handset);
            handset.sync_folders(true);
            pull(&mut handset);
            has_the_whole_inbox(&handset, demo, anna);
            let folders: Vec<String> = handset.folders.keys().cloned().collect();

            let changes = change_elsewhere(demo, anna, ben, before);
            for _ in 0..4 {
                handset.sync_folders(true);
                assert!(handset.folders.keys().eq(&folders), "the folders have the ids that they had");
                pull(&mut handset);
                sees(&handset, &changes);
            }
            has_the_whole_inbox(&handset, demo, anna);
        }
    });
}
