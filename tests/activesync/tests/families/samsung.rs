//! Samsung's Email: Options for SMS that nobody asked for, and connections that the network cuts in a hold.

use blackbox::{Element, kind, texts};
use phones::{Family, Handset};

use super::{
    INBOX, change_elsewhere, has_the_whole_inbox, mails_before, on_a_server, provisioned_when_told, pull,
    sees, tells_of_itself,
};

const FAMILY: Family = Family {
    device_type: "SAMSUNGSMS921B",
    user_agent: "SAMSUNG-SM-S921B/101.15",
    asks_in_base64: false,
    window: 100,
    bodies: &[(1, Some(512)), (2, Some(51_200)), (4, Some(51_200))],
    filter: "0",
};

fn set_up(demo: &blackbox::Demo, anna: &blackbox::Account, version: &str) -> Handset {
    let mut handset = Handset::new(demo, anna, FAMILY, version);
    handset.phone.options("MS-ASProtocolVersions").unwrap();
    provisioned_when_told(&mut handset);
    tells_of_itself(&handset);
    handset.sync_folders(true);
    pull(&mut handset);
    handset
}

#[test]
fn options_for_sms_change_nothing_of_what_is_wanted_of_mails() {
    on_a_server(|demo, anna, ben| {
        for version in ["14.1", "16.1"] {
            let before = mails_before(demo, anna, ben);
            let mut handset = set_up(demo, anna, version);
            let changes = change_elsewhere(demo, anna, ben, before);
            let inbox = handset.id(INBOX);
            let mut of_mail = handset.options(INBOX);
            of_mail.insert(1, Element::text("AirSync:Class", "Email"));
            let of_sms = vec![
                Element::text("AirSync:FilterType", "1"),
                Element::text("AirSync:Class", "SMS"),
                Element::of(
                    "AirSyncBase:BodyPreference",
                    texts("AirSyncBase", &[("Type", "1"), ("TruncationSize", "5")]),
                ),
            ];
            let both = [Element::of("AirSync:Options", of_mail), Element::of("AirSync:Options", of_sms)];
            loop {
                let request = handset.request_with(&inbox, &[], &both);
                let Some(root) = handset.phone.command("Sync", Some(&request)) else { break };
                if !handset.take(&inbox, &root) {
                    break;
                }
            }
            // The filter and the size of SMS are not those of mails: nothing went, and texts are whole.
            has_the_whole_inbox(&handset, demo, anna);
            let mail = &handset.folder(INBOX).items[&handset.item(INBOX, &changes.arrived[1])];
            assert!(mail.get("Body/Data").is_some_and(|text| text.len() > 5), "{}", mail.shown());
            pull(&mut handset);
            sees(&handset, &changes);
        }
    });
}

#[test]
fn a_hold_whose_connection_is_cut_loses_nothing_and_keeps_nobody_waiting() {
    on_a_server(|demo, anna, ben| {
        for version in ["14.1", "16.1"] {
            let before = mails_before(demo, anna, ben);
            let mut handset = set_up(demo, anna, version);
            let ids = [handset.id(INBOX), handset.id(kind::CALENDAR)];
            let folders: Vec<blackbox::Folder> = ids
                .iter()
                .zip([INBOX, kind::CALENDAR])
                .map(|(id, kind)| blackbox::Folder {
                    id: id.clone(),
                    name: String::new(),
                    kind,
                    key: String::new(),
                    items: Default::default(),
                })
                .collect();
            let folders: Vec<&blackbox::Folder> = folders.iter().collect();
            // Cut in the hold, three times over, as a network does that is idle for too long.
            for _ in 0..3 {
                drop(handset.phone.ping(&folders, 480));
            }
            let changes = change_elsewhere(demo, anna, ben, before);
            // The next one with nothing in it repeats the last (MS-ASCMD, Ping); what came meanwhile ends it.
            let root = handset.phone.command("Ping", None).unwrap();
            assert_eq!(root.get("Status").as_deref(), Some("2"), "{}", root.shown());
            pull(&mut handset);
            sees(&handset, &changes);
            has_the_whole_inbox(&handset, demo, anna);
        }
    });
}
