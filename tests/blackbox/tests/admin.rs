//! `kontor admin` beside a server that runs: what it shows of phones, and what it takes away.

use blackbox::{Mail, eventually, on_each_store};

const INBOX: u32 = 2;

#[test]
fn a_provisioned_phone_is_shown_and_forgotten() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        assert_eq!(demo.admin(&["device", "list", &anna.address]).as_array().map(Vec::len), Some(0));
        let mut phone = demo.phone(&anna, "16.1");
        phone.synced(INBOX);

        let list = demo.admin(&["device", "list", &anna.address]);
        assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
        let shown = demo.admin(&["device", "show", &anna.address, &phone.device]);
        assert_eq!(shown, list[0]);
        for (key, value) in
            [("id", phone.device.as_str()), ("device_type", "Probe"), ("protocol_version", "16.1")]
        {
            assert_eq!(shown[key], value, "{key}: {shown}");
        }
        assert_eq!(shown["provisioned"], true);
        // What it said of itself when it was provisioned.
        let told = shown["information"].as_str().unwrap_or_default();
        assert!(told.contains("probe 1"), "{shown}");
        assert_eq!(demo.admin(&["device", "list", &ben.address]).as_array().map(Vec::len), Some(0));

        let removed = demo.admin(&["device", "remove", &anna.address, &phone.device]);
        assert_eq!(removed["id"], shown["id"]);
        assert_eq!(demo.admin(&["device", "list", &anna.address]).as_array().map(Vec::len), Some(0));

        // It comes back as a device that nobody knows: it must provision, and gets everything anew.
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let status = phone.folder_sync_status();
        assert!(["142", "144"].contains(&status.as_str()), "the old policy key counts no more: {status}");
        phone.forget_policy();
        let inbox = phone.synced(INBOX);
        assert!(inbox.items.values().any(|message| message.subject == mail.subject));
        assert_eq!(demo.admin(&["device", "show", &anna.address, &phone.device])["provisioned"], true);
    });
}

#[test]
fn a_password_that_is_taken_away_opens_no_door_and_an_app_password_still_does() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let made = demo.admin(&["app-password", "add", &anna.address, "laptop"]);
        let app_password = made["password"].as_str().unwrap_or_default();
        demo.imap(&anna);
        assert_eq!(demo.admin(&["password", "show", &anna.address])["password_set"], true);

        assert_eq!(demo.admin(&["password", "remove", &anna.address])["password_set"], false);

        let mut imap = demo.imap_greeted();
        assert_eq!(imap.command(&format!("LOGIN {} {}", anna.address, anna.password)).status, "NO");
        imap.login(&anna.address, app_password);
        imap.select("INBOX");
        // Noted beside the login, which does not wait for it.
        eventually("the use is noted", || {
            demo.admin(&["app-password", "show", &anna.address, "laptop"])["last_used_at"].as_str().map(drop)
        });
    });
}
