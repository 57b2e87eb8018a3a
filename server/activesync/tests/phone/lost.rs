//! Answers that do not arrive, or of which the phone keeps everything but the key.

use vocabulary::{Flags, Rights, Role};

use crate::phone::{Did, Phone};
use crate::world::{editor, on_each_database};

#[test]
fn what_a_lost_answer_brought_and_is_gone_since_goes() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "history", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.prime().await;
        // An empty page of history: the phone has a key of the generation, and nothing else.
        let answer = phone.ask(1).await;
        phone.show(&answer);
        world.append(inbox, "new", world.now(), Flags::NONE).await;
        phone.in_doubt = true;
        let answer = phone.ask(100).await;
        phone.show(&answer);
        assert_eq!(phone.items.len(), 2, "{:?}", phone.items);
        for (item, _) in world.items(inbox).await {
            world.remove(inbox, &item).await;
        }
        // The phone has shown both mails and knows the old key only. A second lost answer changes nothing.
        phone.ask(100).await;
        phone.sync_all().await;
        assert!(phone.items.is_empty(), "{:?}", phone.items);
        assert!(phone.ask(100).await.collection.is_none());
    });
}

#[test]
fn what_a_lost_answer_took_away_and_is_back_comes_again() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let archive = world.folder(people.anna, Role::Archive).await;
        world.append(inbox, "mail", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let (item, _) = world.items(inbox).await.remove(0);
        world.move_to(inbox, archive, &item).await;
        phone.in_doubt = true;
        let answer = phone.ask(100).await;
        phone.show(&answer);
        assert!(phone.items.is_empty());
        let (item, _) = world.items(archive).await.remove(0);
        world.move_to(archive, inbox, &item).await;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 1);
    });
}

#[test]
fn a_draft_whose_answer_was_lost_is_made_once_though_the_rights_changed_since() {
    on_each_database(async |world| {
        let people = world.people().await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        world.share(drafts, people.ben, editor()).await;
        let mut phone = Phone::new(world, &people.ben_address, "phone", "16.1", drafts).await;
        phone.sync_all().await;
        let add = Did::Add { client_id: "c1".into(), subject: "once".into(), when: String::new() };
        phone.pending.push(("c1".into(), add));
        phone.ask(100).await;
        for rights in [editor() | Rights::SEE_PRIVATE, editor()] {
            world.share(drafts, people.ben, rights).await;
        }
        phone.in_doubt = true;
        let answer = phone.ask(100).await;
        assert_eq!(answer.statuses("c1"), ["1"], "the result of what ran");
        phone.take(&answer);
        let answer = phone.ask(100).await;
        assert_eq!(answer.status, "3", "and only then it begins anew");
        phone.prime().await;
        phone.sync_all().await;
        let made: Vec<String> = world.items(drafts).await.into_iter().map(|(_, subject)| subject).collect();
        assert_eq!(made, ["once"]);
        assert_eq!(phone.items.len(), 1);
    });
}

#[test]
fn nothing_runs_for_a_view_that_is_no_longer_todays() {
    on_each_database(async |world| {
        let people = world.people().await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        world.share(drafts, people.ben, editor()).await;
        let mut phone = Phone::new(world, &people.ben_address, "phone", "16.1", drafts).await;
        phone.sync_all().await;
        world.share(drafts, people.ben, editor() | Rights::SEE_PRIVATE).await;
        let add = Did::Add { client_id: "c1".into(), subject: "once".into(), when: String::new() };
        phone.pending.push(("c1".into(), add));
        assert_eq!(phone.ask(100).await.status, "3");
        assert!(world.items(drafts).await.is_empty());
        phone.prime().await;
        phone.sync_all().await;
        assert_eq!(world.items(drafts).await.len(), 1, "the phone did it again under its new key");
    });
}

#[test]
fn hundreds_of_items_of_one_request_are_made_once_and_not_told_to_their_maker() {
    const COUNT: usize = 300;
    on_each_database(async |world| {
        let people = world.people().await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        for number in 0..3 {
            world.append(drafts, &format!("old {number}"), world.now(), Flags::DRAFT | Flags::SEEN).await;
        }
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", drafts).await;
        // With its very first request, before it has seen anything.
        phone.prime().await;
        for number in 0..COUNT {
            let client_id = format!("c{number}");
            let subject = format!("new {number}");
            phone.pending.push((client_id.clone(), Did::Add { client_id, subject, when: String::new() }));
        }
        phone.ask(2).await; // This answer is lost.
        world.append(drafts, "between", world.now(), Flags::DRAFT | Flags::SEEN).await;
        let answer = phone.ask(2).await;
        phone.take(&answer);
        assert_eq!(phone.items.len(), COUNT + 2);
        // What is sent twice fails in `take`.
        phone.in_doubt = false;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), COUNT + 4);
        assert_eq!(world.items(drafts).await.len(), COUNT + 4);
        let bytes = world.state_bytes(people.anna, "phone", drafts).await;
        assert!(bytes <= 1024, "the row has {bytes} bytes");
        let tablet = &mut Phone::new(world, &people.anna_address, "tablet", "16.1", drafts).await;
        tablet.sync_all().await;
        assert_eq!(tablet.items, phone.items);
    });
}

#[test]
fn a_client_that_shall_win_wins() {
    on_each_database(async |world| {
        let people = world.people().await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        world.append(drafts, "draft", world.now(), Flags::DRAFT | Flags::SEEN).await;
        for (conflict, status, expected) in [("0", None, "phone 0"), ("1", Some("7"), "tablet")] {
            let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", drafts).await;
            let mut tablet = Phone::new(world, &people.anna_address, "tablet", "16.1", drafts).await;
            phone.conflict = Some(conflict);
            for one in [&mut phone, &mut tablet] {
                one.sync_all().await;
            }
            let id = phone.items.keys().next().unwrap().clone();
            tablet.act(&id, Did::Subject("tablet".into()));
            tablet.sync_all().await;
            phone.act(&id, Did::Subject(format!("phone {conflict}")));
            let answer = phone.ask(100).await;
            assert_eq!(answer.statuses(&id).first().map(String::as_str), status);
            phone.take(&answer);
            phone.sync_all().await;
            tablet.sync_all().await;
            for one in [&phone, &tablet] {
                assert_eq!(one.items[&id].subject, expected, "{}", one.device);
            }
        }
    });
}
