//! `kontor admin device` beside a server that runs: which phones are served, what is demanded of them, and wipes.

use blackbox::{Phone, on_each_store};

const INBOX: u32 = 2;

/// What happened to a device, the oldest first.
fn events(shown: &serde_json::Value) -> Vec<String> {
    let events = shown["events"].as_array().into_iter().flatten().rev();
    events.filter_map(|event| event["what"].as_str().map(str::to_owned)).collect()
}

fn refused(phone: &Phone) -> String {
    phone.folder_sync_status()
}

#[test]
fn a_new_phone_waits_in_quarantine_until_it_is_allowed() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let domain = anna.address.split_once('@').unwrap().1;
        let mut known = demo.phone(&anna, "16.1");
        known.synced(INBOX);
        let rules = demo.admin(&["device", "rules", "default", domain, "quarantine"]);
        assert_eq!(rules["default"], "quarantine");
        demo.admin(&["device", "allow", &anna.address, &known.device]);
        assert_eq!(refused(&known), "1");

        let mut phone = demo.phone(&anna, "16.1");
        phone.provision();
        assert_eq!(refused(&phone), "130");
        let waiting = demo.admin(&["device", "list", "--quarantined"]);
        let ids: Vec<_> = waiting.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [phone.device.as_str()]);
        assert_eq!(waiting[0]["account"], anna.address.as_str());
        let inbox = known.synced(INBOX);
        assert!(
            inbox.items.values().any(|mail| mail.subject.contains("wart") || mail.subject.contains("waits"))
        );

        let shown = demo.admin(&["device", "allow", &anna.address, &phone.device]);
        assert_eq!((&shown["access"], &shown["decided"]), (&"allow".into(), &"allow".into()));
        phone.synced(INBOX);
        demo.admin(&["device", "block", &anna.address, &phone.device]);
        assert_eq!(refused(&phone), "129");

        // A rule lets its kind in; the decision about the one device stands above it.
        demo.admin(&["device", "rules", "add", domain, "allow", "type", "probe"]);
        assert_eq!(refused(&phone), "129");
        let shown = demo.admin(&["device", "by-rules", &anna.address, &phone.device]);
        assert_eq!(shown["decided"], serde_json::Value::Null);
        assert_eq!(refused(&phone), "1");
        demo.admin(&["device", "rules", "remove", domain, "type", "probe"]);
        assert_eq!(refused(&phone), "130");
        assert!(
            demo.admin_refuses(&["device", "rules", "remove", domain, "type", "probe"])
                .contains("no such rule")
        );
        let rules = demo.admin(&["device", "expiry", domain, "90", "0"]);
        assert_eq!((&rules["expiry_days"], &rules["expiry_outlook_days"]), (&90.into(), &0.into()));
    });
}

#[test]
fn a_policy_is_taken_anew_after_each_change() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let domain = anna.address.split_once('@').unwrap().1;
        let mut phone = demo.phone(&anna, "14.1");
        phone.synced(INBOX);
        let set = |setting, value| demo.admin(&["device", "policy", "set", domain, setting, value]);
        let shown = set("DevicePasswordEnabled", "1");
        assert_eq!(shown["settings"][0]["setting"], "DevicePasswordEnabled");
        assert_eq!(shown["allows_non_provisionable"], false);
        assert_eq!(refused(&phone), "144");
        phone.provision();
        assert_eq!(refused(&phone), "1");
        for (setting, value) in [("MinDevicePasswordLength", "17"), ("NoSuchThing", "1")] {
            demo.admin_refuses(&["device", "policy", "set", domain, setting, value]);
        }
        assert_eq!(refused(&phone), "1", "nothing was changed");
        assert_eq!(set("AllowNonProvisionableDevices", "1")["allows_non_provisionable"], true);
        assert_eq!(set("MaxEmailBodyTruncationSize", "-1")["settings"].as_array().map(Vec::len), Some(3));
        demo.admin(&["device", "policy", "unset", domain, "MaxEmailBodyTruncationSize"]);
        demo.admin(&["device", "policy", "clear", domain]);
        assert_eq!(refused(&phone), "144");
        phone.provision();
        phone.synced(INBOX);
        let settings = demo.admin(&["device", "policy", "settings"]);
        assert!(settings.as_array().unwrap().len() > 40);
    });
}

#[test]
fn a_lost_phone_is_wiped_and_stays_shut_out() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        phone.synced(INBOX);
        let named = [anna.address.as_str(), phone.device.as_str()];
        let asked = demo.admin(&["device", "wipe", named[0], named[1], "--account-only"]);
        assert_eq!(asked["wipe"], "account");
        demo.admin(&["device", "wipe", named[0], named[1], "--cancel"]);
        assert_eq!(refused(&phone), "1");
        demo.admin(&["device", "wipe", named[0], named[1]]);
        assert_eq!(refused(&phone), "140");

        phone.erase_itself();
        assert_eq!(refused(&phone), "129");
        let shown = demo.admin(&["device", "show", named[0], named[1]]);
        assert_eq!(shown["wipe"], "done");
        let expected = ["wipe-asked", "wipe-cancelled", "wipe-asked", "wipe-sent", "wipe-confirmed"];
        assert_eq!(events(&shown), expected);
        assert_eq!(shown["events"][0]["by"], anna.address.as_str());
        assert_eq!(shown["events"][2]["by"], "the house");

        demo.admin(&["device", "allow", named[0], named[1]]);
        phone.forget_policy();
        phone.synced(INBOX);
    });
}
