//! ActiveSync at the wire: MS-ASHTTP, MS-ASPROV, MS-ASCMD.

use blackbox::{Element, Mail, on_each_store};

const INBOX: u32 = 2;

#[test]
fn a_new_phone_provisions_and_gets_the_whole_inbox() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let mut imap = demo.imap(&anna);
        let exists = imap.select("INBOX").with(" EXISTS").remove(0);
        for version in ["14.1", "16.1"] {
            let mut phone = demo.phone(&anna, version);
            let versions = phone.options("MS-ASProtocolVersions").expect("a list of versions");
            assert!(versions.split(',').any(|offered| offered == version), "{versions}");
            let inbox = phone.synced(INBOX);
            assert_eq!(format!("{} EXISTS", inbox.items.len()), exists);
            assert_eq!(phone.estimate(&inbox), 0, "nothing is left");
        }
    });
}

#[test]
fn the_folders_are_those_of_imap_and_come_once() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        phone.provision();
        let folders = phone.folders();
        for kind in [2, 3, 4, 5] {
            assert_eq!(
                folders.iter().filter(|folder| folder.kind == kind).count(),
                1,
                "type {kind}: {folders:?}"
            );
        }
        assert!(phone.folders().is_empty(), "nothing is new");
        demo.imap(&anna).ok("CREATE \"Probe\"");
        let new: Vec<String> = phone.folders().into_iter().map(|folder| folder.name).collect();
        assert_eq!(new, ["Probe"]);
    });
}

#[test]
fn deleting_and_marking_in_one_request_both_happen() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "14.1");
        let mut inbox = phone.synced(INBOX);
        let (kept, deleted) =
            (Mail::plain(&ben.address, &anna.address), Mail::plain(&ben.address, &anna.address));
        let mut lmtp = demo.lmtp();
        lmtp.deliver(&ben.address, &[&anna.address], &kept);
        lmtp.deliver(&ben.address, &[&anna.address], &deleted);
        let added = phone.sync_all(&mut inbox).added;
        let id = |mail: &Mail| {
            let (id, _) = added
                .iter()
                .find(|(_, data)| data.get("Email:Subject") == Some(mail.subject.clone()))
                .unwrap();
            id.clone()
        };

        phone.sync(&mut inbox, &[Element::change_read(&id(&kept), true), Element::delete(&id(&deleted))]);

        let mut imap = demo.imap(&anna);
        imap.select("INBOX");
        assert!(imap.uids_of(&deleted.subject).is_empty());
        let uid = imap.uids_of(&kept.subject)[0];
        assert!(!imap.ok(&format!("UID FETCH {uid} FLAGS")).with("\\Seen").is_empty());
    });
}
