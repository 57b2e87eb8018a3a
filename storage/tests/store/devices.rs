//! What a phone says of itself is hostile text, and both databases keep the same of it.

use crate::harness::{World, acting, on_each_database};
use storage::{Device, Refusal};
use vocabulary::Timestamp;

fn device(id: &str) -> Device {
    Device {
        id: id.to_owned(),
        device_type: "Smart\0Phone".to_owned(),
        user_agent: "Mail\r\n/1\u{9b}.0".to_owned(),
        protocol_version: "14.1\0".to_owned(),
        information: "model: X\0\u{7f}1\nimei: 5\n".to_owned(),
        policy_key: 0,
        pending_policy_key: 0,
        policy_hash: String::new(),
        wipe: String::new(),
        created_at: Timestamp(1),
        last_seen_at: Timestamp(1),
    }
}

async fn put(world: &World, id: &str) -> storage::Result<()> {
    let (anna, device) = (world.anna, device(id));
    world.store.write(&acting(anna), &[anna], move |tx| tx.put_device(anna, &device)).await
}

#[test]
fn control_characters_of_a_device_are_dropped() {
    on_each_database(|world| async move {
        let anna = world.anna;
        // New, and known.
        for _ in 0..2 {
            put(&world, "phone").await.unwrap();
            let kept =
                world.store.read(&acting(anna), move |tx| tx.device(anna, "phone")).await.unwrap().unwrap();
            assert_eq!(kept.device_type, "SmartPhone");
            assert_eq!(kept.user_agent, "Mail/1.0");
            assert_eq!(kept.protocol_version, "14.1");
            assert_eq!(kept.information, "model: X1\nimei: 5\n");
        }
    });
}

#[test]
fn a_device_id_with_a_control_character_is_refused_and_never_found() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let refused = put(&world, "pho\0ne").await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::Invalid(_))), "{refused}");
        let found = world.store.read(&acting(anna), move |tx| tx.device(anna, "pho\0ne")).await.unwrap();
        assert_eq!(found, None);
        let seen = world.store.write(&acting(anna), &[anna], move |tx| tx.device_seen(anna, "pho\0ne")).await;
        assert!(seen.is_ok());
        let removed =
            world.store.write(&acting(anna), &[anna], move |tx| tx.remove_device(anna, "pho\0ne")).await;
        assert!(matches!(removed.unwrap_err().refusal(), Some(Refusal::NotFound(_))));
    });
}
