//! Contents that are lost or damaged: the phone does without them, and with all others.

use activesync_wire::item::Class;
use std::fs;
use std::path::{Path, PathBuf};
use storage::{DeviceDeed, NewItem};
use vocabulary::{Flags, Role};

use crate::object::{Object, day};
use crate::phone::{Did, Phone};
use crate::world::{World, on_each_database};

/// More than a row holds, also when it is packed.
fn noise() -> String {
    let mut state = 1_u64;
    let mut line = || {
        let digit = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'!' + 32 + u8::try_from(state >> 58).unwrap() % 58)
        };
        (0..70).map(digit).collect::<String>()
    };
    (0..2_000).map(|_| format!(" {}\r\n", line().replace('\\', "_"))).collect()
}

fn blobs(world: &World) -> Vec<PathBuf> {
    fn walk(at: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { walk(&entry, found) } else { found.push(entry) }
        }
    }
    let mut found = Vec::new();
    walk(&world.directory.path().join("blobs"), &mut found);
    found
}

/// The blob that came since.
fn newest(world: &World, before: &[PathBuf]) -> (PathBuf, Vec<u8>) {
    let new: Vec<PathBuf> = blobs(world).into_iter().filter(|path| !before.contains(path)).collect();
    let [path] = new.as_slice() else { panic!("{new:?}") };
    (path.clone(), fs::read(path).unwrap())
}

#[test]
fn mails_that_are_damaged_or_lost_are_left_out_and_all_others_arrive() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, inbox) = (people.anna, world.folder(people.anna, Role::Inbox).await);
        world.append(inbox, "first", world.now(), Flags::NONE).await;
        let mut kept = Vec::new();
        for subject in ["good", "damaged", "lost"] {
            let before = blobs(world);
            let text = format!("Subject: {subject}\r\n\r\n{}", noise());
            let content = workflow::ingest(&world.store, anna, text.into_bytes().into()).await.unwrap();
            world.insert(inbox, NewItem::mail(content, world.now())).await;
            kept.push(newest(world, &before));
        }
        world.append(inbox, "last", world.now(), Flags::NONE).await;
        fs::write(&kept[1].0, b"damaged").unwrap();
        fs::remove_file(&kept[2].0).unwrap();

        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let mut subjects: Vec<&str> = phone.items.values().map(|item| item.subject.as_str()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["first", "good", "last"]);
        let events = world.read(move |tx| tx.device_events(anna)).await;
        assert_eq!(events.iter().filter(|event| event.deed == DeviceDeed::LeftOut).count(), 2, "{events:?}");
        assert!(phone.ask(100).await.collection.is_none(), "it is quiet");
        for (path, bytes) in kept {
            fs::write(path, bytes).unwrap();
        }
    });
}

#[test]
fn a_damaged_event_fails_its_own_command_alone_and_can_be_deleted() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.folder(people.anna, Role::Calendar).await;
        let object = |subject: &str| Object {
            class: Class::Calendar,
            uid: subject.into(),
            subject: subject.into(),
            when: day(world, 1),
            private: false,
        };
        world.put(folder, &object("good")).await;
        let before = blobs(world);
        let text = String::from_utf8(object("damaged").bytes()).unwrap();
        let large = text.replace("END:VEVENT", &format!("DESCRIPTION:\r\n{}END:VEVENT", noise()));
        world.put_bytes(folder, Class::Calendar, large.into_bytes()).await;
        let (path, bytes) = newest(world, &before);
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", folder).await;
        phone.class = Class::Calendar;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 2);

        fs::write(&path, b"damaged").unwrap();
        let (good, damaged) = (phone.id_of("good"), phone.id_of("damaged"));
        phone.act(&damaged, Did::Subject("renamed".into()));
        phone.act(&good, Did::Subject("better".into()));
        let answer = phone.ask(100).await;
        assert_eq!((answer.status.as_str(), answer.statuses(&damaged)), ("1", vec!["6".to_owned()]));
        phone.take(&answer);
        phone.act(&damaged, Did::Delete { moves: false });
        phone.sync_all().await;
        let left: Vec<String> =
            world.objects(folder, Class::Calendar).await.into_iter().map(|(_, one)| one.subject).collect();
        assert_eq!(left, ["better"]);
        fs::write(path, bytes).unwrap();
    });
}
