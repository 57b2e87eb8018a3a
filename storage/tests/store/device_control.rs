//! Who may do what with a device, what is noted of it, and when it is forgotten.

use crate::harness::{World, acting, house, on_each_database};
use crate::retention::number;
use crate::schema::execute;
use storage::{
    CursorKey, DEVICES_MAX, Device, DeviceDeed, DeviceExpiry, DeviceRule, DeviceRules, DeviceTrait, Refusal,
    Verdict, WipeKind, Write,
};
use vocabulary::{AccountId, Principal};

fn device(world: &World, id: &str, device_type: &str) -> Device {
    Device {
        id: id.to_owned(),
        device_type: device_type.to_owned(),
        user_agent: "Mail/1".to_owned(),
        protocol_version: "16.1".to_owned(),
        information: String::new(),
        policy_key: 7,
        pending_policy_key: 0,
        policy_hash: "hash".to_owned(),
        wipe: String::new(),
        created_at: world.now(),
        last_seen_at: world.now(),
    }
}

/// A device that comes now.
async fn comes(world: &World, id: &str, device_type: &str) -> storage::Result<()> {
    let (anna, device) = (world.anna, device(world, id, device_type));
    world.store.write(&acting(anna), &[anna], move |tx| tx.put_device(anna, &device)).await
}

async fn act(
    world: &World,
    who: &Principal,
    work: impl for<'tx> FnOnce(&mut Write<'tx>, AccountId) -> storage::Result<()> + Send + 'static,
) -> storage::Result<()> {
    let anna = world.anna;
    world.store.write(who, &[anna], move |tx| work(tx, anna)).await
}

fn refused<T: std::fmt::Debug>(outcome: storage::Result<T>) -> Refusal {
    outcome.unwrap_err().refusal().cloned().expect("a refusal")
}

async fn decide(world: &World, who: &Principal, decision: Option<Verdict>) -> storage::Result<()> {
    act(world, who, move |tx, anna| {
        let admin = tx.administer()?;
        tx.decide_device(&admin, anna, "phone", decision)
    })
    .await
}

async fn found(world: &World, id: &'static str) -> Option<Device> {
    let anna = world.anna;
    world.store.read(&house(), move |tx| tx.device(anna, id)).await.unwrap()
}

async fn deeds(world: &World) -> Vec<(DeviceDeed, Option<AccountId>, String)> {
    let anna = world.anna;
    let events = world.store.read(&acting(anna), move |tx| tx.device_events(anna)).await.unwrap();
    let mut deeds: Vec<_> = events.into_iter().map(|event| (event.deed, event.actor, event.detail)).collect();
    deeds.reverse();
    deeds
}

async fn rules(world: &World, rules: DeviceRules) -> storage::Result<()> {
    act(world, &house(), move |tx, anna| {
        let admin = tx.administer()?;
        let domain = tx.account(anna)?.domain;
        tx.set_device_rules(&admin, domain, &rules)
    })
    .await
}

#[test]
fn a_wipe_is_asked_for_by_the_owner_or_the_house_and_by_nobody_else() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        for stranger in [acting(world.ben), acting(world.nora)] {
            let asked = act(&world, &stranger, |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Device)).await;
            assert!(matches!(refused(asked), Refusal::NotFound(_)));
        }
        assert!(found(&world, "phone").await.unwrap().wipe.is_empty());
        let anna = world.anna;
        for who in [acting(anna), house()] {
            act(&world, &who, |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Account)).await.unwrap();
            act(&world, &who, |tx, anna| tx.cancel_wipe(anna, "phone")).await.unwrap();
        }
        let again = act(&world, &house(), |tx, anna| tx.cancel_wipe(anna, "phone")).await;
        assert!(matches!(refused(again), Refusal::Invalid(_)), "none waits");
        let detail = || "account".to_owned();
        let expected = [
            (DeviceDeed::WipeAsked, Some(anna), detail()),
            (DeviceDeed::WipeCancelled, Some(anna), detail()),
            (DeviceDeed::WipeAsked, None, detail()),
            (DeviceDeed::WipeCancelled, None, detail()),
        ];
        assert_eq!(deeds(&world).await, expected);
        let unknown = act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "other", WipeKind::Device)).await;
        assert!(matches!(refused(unknown), Refusal::NotFound(_)));
    });
}

#[test]
fn an_account_alone_is_wiped_off_devices_that_know_how() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let old = Device { protocol_version: "16.0".to_owned(), ..device(&world, "phone", "iPhone") };
        world.store.write(&acting(anna), &[anna], move |tx| tx.put_device(anna, &old)).await.unwrap();
        let asked = act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Account)).await;
        assert!(matches!(refused(asked), Refusal::Invalid(_)));
        act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Device)).await.unwrap();
    });
}

#[test]
fn a_wipe_survives_what_a_device_says_of_itself_and_its_owner_cannot_forget_the_device() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Device)).await.unwrap();
        comes(&world, "phone", "iPhone").await.unwrap();
        assert_eq!(found(&world, "phone").await.unwrap().wipe, "device");
        let owner = acting(world.anna);
        let remove = |tx: &mut Write<'_>, anna: AccountId| tx.remove_device(anna, "phone");
        assert!(matches!(refused(act(&world, &owner, remove).await), Refusal::Denied { .. }));
        let allowed = decide(&world, &house(), Some(Verdict::Allow)).await;
        assert!(matches!(refused(allowed), Refusal::Invalid(_)), "the wipe waits");

        let told = |kind, success| {
            act(&world, &owner, move |tx, anna| tx.wipe_told(anna, "phone", kind, success).map(drop))
        };
        told(WipeKind::Account, true).await.unwrap();
        assert_eq!(found(&world, "phone").await.unwrap().wipe, "device", "another one was asked for");
        told(WipeKind::Device, true).await.unwrap();
        assert!(found(&world, "phone").await.unwrap().is_wiped());
        let again = act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Device)).await;
        assert!(matches!(refused(again), Refusal::Invalid(_)));
        assert!(matches!(refused(act(&world, &owner, remove).await), Refusal::Denied { .. }));

        decide(&world, &house(), Some(Verdict::Allow)).await.unwrap();
        let anew = found(&world, "phone").await.unwrap();
        assert_eq!((anew.wipe.as_str(), anew.policy_key, anew.policy_hash.as_str()), ("", 0, ""));
        act(&world, &owner, remove).await.unwrap();
        assert_eq!(found(&world, "phone").await, None);
        assert_eq!(deeds(&world).await.last().unwrap().0, DeviceDeed::Removed, "what happened stays known");
    });
}

#[test]
fn only_the_house_decides_and_its_decision_stands_above_the_rules() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        for who in [acting(world.anna), acting(world.ben), acting(world.nora)] {
            assert!(matches!(
                refused(decide(&world, &who, Some(Verdict::Allow)).await),
                Refusal::Denied { .. }
            ));
        }
        let block =
            DeviceRule { verdict: Verdict::Block, by: DeviceTrait::Type, prefix: "iphone".to_owned() };
        rules(&world, DeviceRules { default: Verdict::Allow, rules: vec![block.clone()] }).await.unwrap();
        let anna = world.anna;
        let verdict = async || {
            let gate =
                world.store.read(&acting(anna), move |tx| tx.device_gate(anna, "phone")).await.unwrap();
            gate.verdict(gate.device.as_ref().unwrap())
        };
        assert_eq!(verdict().await, Verdict::Block);
        for decision in [Verdict::Allow, Verdict::Quarantine, Verdict::Block] {
            decide(&world, &house(), Some(decision)).await.unwrap();
            assert_eq!(verdict().await, decision);
        }
        let remove = act(&world, &acting(anna), |tx, anna| tx.remove_device(anna, "phone")).await;
        assert!(matches!(refused(remove), Refusal::Denied { .. }), "an administrator blocked it");
        rules(&world, DeviceRules::default()).await.unwrap();
        assert_eq!(verdict().await, Verdict::Block);
        decide(&world, &house(), None).await.unwrap();
        assert_eq!(verdict().await, Verdict::Allow);
        let many = DeviceRules { default: Verdict::Allow, rules: vec![block; 101] };
        assert!(matches!(refused(rules(&world, many).await), Refusal::Invalid(_)));
        // The wall: another domain has rules of its own.
        let nora = world.nora;
        let hers = world.store.read(&acting(nora), move |tx| tx.device_settings(nora)).await.unwrap();
        assert_eq!(hers.rules, DeviceRules::default());
        let peeped = world.store.read(&acting(anna), move |tx| tx.device_settings(nora)).await;
        assert!(matches!(refused(peeped), Refusal::NotFound(_)));
    });
}

#[test]
fn a_verdict_is_told_once() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        let anna = world.anna;
        let note = async || {
            let note = move |tx: &mut Write<'_>| tx.note_device_verdict(anna, "phone");
            world.store.write(&house(), &[anna], note).await.unwrap()
        };
        assert!(!note().await, "that it is served is no news");
        rules(&world, DeviceRules { default: Verdict::Quarantine, rules: Vec::new() }).await.unwrap();
        assert!(note().await);
        assert!(!note().await);
        rules(&world, DeviceRules::default()).await.unwrap();
        assert!(!note().await);
        let words: Vec<_> = deeds(&world).await.into_iter().map(|(_, _, detail)| detail).collect();
        assert_eq!(words, ["quarantine", "allow"]);
    });
}

#[test]
fn a_device_takes_the_policy_that_it_was_given() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        let owner = acting(world.anna);
        act(&world, &owner, |tx, anna| tx.offer_policy(anna, "phone", 11, "first")).await.unwrap();
        let offered = found(&world, "phone").await.unwrap();
        assert_eq!(
            (offered.policy_key, offered.pending_policy_key, offered.policy_hash.as_str()),
            (7, 11, "hash")
        );
        let anna = world.anna;
        let taken_at = async || {
            world
                .store
                .read(&acting(anna), move |tx| tx.device_gate(anna, "phone"))
                .await
                .unwrap()
                .policy_taken_at
        };
        assert_eq!(taken_at().await.0, 0);
        world.pass_days(1);
        act(&world, &owner, |tx, anna| tx.take_policy(anna, "phone", 12)).await.unwrap();
        let taken = found(&world, "phone").await.unwrap();
        assert_eq!((taken.policy_key, taken.policy_hash.as_str()), (12, "first"));
        assert!(taken_at().await.0 - taken.created_at.0 >= 86_400_000);
    });
}

#[test]
fn a_device_that_does_not_come_any_more_is_forgotten_with_its_cursors() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        for (id, device_type) in
            [("outlook", "windowsOUTLOOK15"), ("phone", "iPhone"), ("lost", "iPhone"), ("held", "iPhone")]
        {
            comes(&world, id, device_type).await.unwrap();
            let key = CursorKey { account: anna, reader: "outlook", owner: anna, collection: inbox };
            world
                .store
                .write(&acting(anna), &[anna], move |tx| tx.put_cursor_state(&key, b"state"))
                .await
                .unwrap();
        }
        act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "lost", WipeKind::Device)).await.unwrap();
        act(&world, &house(), |tx, anna| {
            let admin = tx.administer()?;
            tx.decide_device(&admin, anna, "held", Some(Verdict::Block))
        })
        .await
        .unwrap();
        let left = async || {
            world.store.sweep().await.unwrap();
            let devices = world.store.read(&house(), move |tx| tx.devices(anna)).await.unwrap();
            devices.into_iter().map(|device| device.id).collect::<Vec<_>>()
        };
        world.pass_days(30);
        assert_eq!(left().await, ["held", "lost", "outlook", "phone"], "not before");
        assert_eq!(number(&world, "SELECT COUNT(*) FROM cursor").await, 1);
        world.now.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(left().await, ["held", "lost", "phone"]);
        assert_eq!(number(&world, "SELECT COUNT(*) FROM cursor").await, 0);
        let expired = deeds(&world).await;
        assert_eq!(expired.last(), Some(&(DeviceDeed::Expired, None, String::new())));

        // For ever, and then as long as the domain says.
        let administrator = house();
        let expiry = |days| {
            act(&world, &administrator, move |tx, anna| {
                let admin = tx.administer()?;
                let domain = tx.account(anna)?.domain;
                tx.set_device_expiry(&admin, domain, DeviceExpiry { days, outlook_days: 0 })
            })
        };
        expiry(0).await.unwrap();
        world.pass_days(1_000);
        assert_eq!(left().await, ["held", "lost", "phone"]);
        assert!(matches!(refused(expiry(-1).await), Refusal::Invalid(_)));
        expiry(900).await.unwrap();
        assert_eq!(left().await, ["held", "lost"], "what was decided is never forgotten by itself");
    });
}

#[test]
fn an_account_that_is_full_forgets_the_longest_unseen_device_that_is_dead() {
    on_each_database(|world| async move {
        comes(&world, "outlook-old", "WindowsOutlook15").await.unwrap();
        comes(&world, "phone-old", "iPhone").await.unwrap();
        world.pass_days(1);
        for number in 2..DEVICES_MAX {
            comes(&world, &format!("phone{number}"), "iPhone").await.unwrap();
        }
        let full = comes(&world, "one-more", "iPhone").await;
        assert!(matches!(refused(full), Refusal::Invalid(_)), "all were here within a day");
        world.now.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        comes(&world, "one-more", "iPhone").await.unwrap();
        assert_eq!(found(&world, "outlook-old").await, None);
        let full = comes(&world, "two-more", "iPhone").await;
        assert!(matches!(refused(full), Refusal::Invalid(_)), "phones live longer");
        assert!(found(&world, "phone-old").await.is_some());
        world.pass_days(180);
        comes(&world, "two-more", "iPhone").await.unwrap();
        assert_eq!(found(&world, "phone-old").await, None);
        // Only one gave way.
        assert_eq!(number(&world, "SELECT COUNT(*) FROM device").await, DEVICES_MAX as i64);
    });
}

#[test]
fn what_happened_to_devices_is_known_for_90_days_and_within_bounds() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        let owner = acting(world.anna);
        act(&world, &owner, |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Device)).await.unwrap();
        for _ in 0..3 {
            act(&world, &owner, |tx, anna| {
                tx.wipe_sent(anna, "phone")?;
                tx.wipe_told(anna, "phone", WipeKind::Device, false).map(drop)
            })
            .await
            .unwrap();
        }
        assert_eq!(deeds(&world).await.len(), 3, "asked; sent and failed once an hour");
        act(&world, &owner, |tx, anna| {
            tx.cancel_wipe(anna, "phone")?;
            tx.ask_wipe(anna, "phone", WipeKind::Device)?;
            tx.wipe_sent(anna, "phone")
        })
        .await
        .unwrap();
        assert_eq!(deeds(&world).await.len(), 6, "another wipe is told again");
        let count = "SELECT COUNT(*) FROM device_event";
        world.pass_days(90);
        world.store.sweep().await.unwrap();
        assert_eq!(number(&world, count).await, 6);
        world.now.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        world.store.sweep().await.unwrap();
        assert_eq!(number(&world, count).await, 0);

        act(&world, &owner, |tx, anna| tx.cancel_wipe(anna, "phone")).await.unwrap();
        act(&world, &owner, |tx, anna| {
            for _ in 0..1_050 {
                tx.ask_wipe(anna, "phone", WipeKind::Device)?;
                tx.cancel_wipe(anna, "phone")?;
            }
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(number(&world, count).await, 2_000, "the oldest give way");
        assert_eq!(deeds(&world).await.len(), 500);
    });
}

#[test]
fn what_happened_to_devices_goes_with_their_account() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        act(&world, &house(), |tx, anna| tx.ask_wipe(anna, "phone", WipeKind::Device)).await.unwrap();
        act(&world, &house(), |tx, anna| {
            let admin = tx.administer()?;
            tx.remove_account(&admin, anna)
        })
        .await
        .unwrap();
        assert_eq!(number(&world, "SELECT COUNT(*) FROM device_event").await, 0);
    });
}

/// A word that no program of ours writes is found.
#[test]
fn a_device_in_no_known_state_is_found_by_the_check() {
    on_each_database(|world| async move {
        comes(&world, "phone", "iPhone").await.unwrap();
        execute(&world.database, "UPDATE device SET access = 'perhaps'").await;
        let violations = world.store.check().await.unwrap();
        assert_eq!(violations.iter().map(|one| one.invariant).collect::<Vec<_>>(), ["S8"]);
        execute(&world.database, "UPDATE device SET access = ''").await;
    });
}
