//! Conversations: known alike everywhere, moved for good, synchronised whole. MS-ASCON.

use activesync_wire::server_id::FolderId;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use storage::NewItem;
use vocabulary::{CollectionKind, Door, EmailAddress, Flags, Role, Timestamp};
use wbxml::page::{airsync, compose_mail, email2, get_item_estimate as estimate, item_operations};
use wbxml::{Element, Tag};
use workflow::Delivery;

use crate::phone::{Did, Phone, text};
use crate::world::{DAY_MS, People, World, on_each_database, seen};

fn mail(subject: &str, id: &str, answers: Option<&str>) -> String {
    let references = answers.map(|id| format!("References: <{id}@x.test>\r\n")).unwrap_or_default();
    format!(
        "From: ben@x.test\r\nTo: a@x.test\r\nMessage-ID: <{id}@x.test>\r\n{references}Subject: {subject}\r\n\r\n\
         Text of {subject}\r\n"
    )
}

async fn put(world: &World, folder: FolderId, mail: &str, received_at: Timestamp) {
    let bytes = mail.as_bytes().to_vec();
    let content = workflow::ingest(&world.store, folder.account, bytes.into()).await.unwrap();
    world.insert(folder, NewItem::mail(content, received_at)).await;
}

async fn arrives(world: &World, people: &People, mail: &str) {
    let delivery = Delivery {
        bytes: mail.as_bytes().to_vec().into(),
        trace: String::new(),
        recipient: EmailAddress::parse(&people.anna_address).unwrap(),
        received_at: world.now(),
        door: Door::Lmtp,
    };
    workflow::deliver(&world.store, people.anna, delivery).await.unwrap();
}

async fn subjects(world: &World, folder: FolderId) -> Vec<String> {
    world.items(folder).await.into_iter().map(|(_, subject)| subject).collect()
}

/// ApplicationData of the first Sync, by subject.
async fn first_sync(phone: &Phone<'_>) -> Vec<(String, Element)> {
    let answer = phone.ask(100).await;
    let commands = answer.collection.as_ref().and_then(|one| one.child(airsync::COMMANDS)).unwrap().clone();
    let data = commands.children().map(|one| one.child(airsync::APPLICATION_DATA).unwrap().clone());
    data.map(|data| (text(&data, wbxml::page::email::SUBJECT), data)).collect()
}

fn bytes(data: &Element, tag: Tag) -> Vec<u8> {
    data.child(tag).unwrap_or_else(|| panic!("{data:?}")).bytes().into_owned()
}

// MS-ASCON R74 R76 R79 R81 R86 R87 R90 R91 R93 R192 R195 R196 R304
#[test]
fn a_conversation_is_the_same_in_every_folder_and_on_every_device() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (inbox, sent) =
            (world.folder(people.anna, Role::Inbox).await, world.folder(people.anna, Role::Sent).await);
        let began = world.now();
        put(world, inbox, &mail("plan", "one", None), began).await;
        put(world, sent, &mail("Re: plan", "two", Some("one")), Timestamp(began.0 + DAY_MS)).await;
        put(world, inbox, &mail("other", "three", None), began).await;
        let mut all = Vec::new();
        for (device, version, folder) in
            [("a", "14.0", inbox), ("b", "16.1", inbox), ("c", "14.1", sent), ("d", "16.0", sent)]
        {
            let mut phone = Phone::new(world, &people.anna_address, device, version, folder).await;
            phone.prime().await;
            all.extend(first_sync(&phone).await);
        }
        let of = |subject: &str, tag| {
            let found: BTreeSet<Vec<u8>> =
                all.iter().filter(|(one, _)| one == subject).map(|(_, data)| bytes(data, tag)).collect();
            assert_eq!(found.len(), 1, "{subject} is shown alike everywhere");
            found.into_iter().next().unwrap()
        };
        let id = of("plan", email2::CONVERSATION_ID);
        assert_eq!(id.len(), 16);
        assert_eq!(of("Re: plan", email2::CONVERSATION_ID), id);
        assert_ne!(of("other", email2::CONVERSATION_ID), id);
        let (first, answer) =
            (of("plan", email2::CONVERSATION_INDEX), of("Re: plan", email2::CONVERSATION_INDEX));
        assert_eq!((first.len(), answer.len()), (5, 10));
        assert_eq!(answer[..5], first[..]);
    });
}

fn move_of(id: &[u8], to: &str, always: bool) -> Element {
    let mut operation = Element::new(item_operations::MOVE)
        .with_opaque(item_operations::CONVERSATION_ID, id.to_vec())
        .with_text(item_operations::DST_FLD_ID, to);
    if always {
        let options = Element::new(item_operations::OPTIONS).with_empty(item_operations::MOVE_ALWAYS);
        operation = operation.with(options);
    }
    Element::new(item_operations::ITEM_OPERATIONS).with(operation)
}

/// Status, and the conversation that it is of.
async fn moved(phone: &Phone<'_>, id: &[u8], to: &str, always: bool) -> (String, Vec<u8>) {
    let root = phone.command("ItemOperations", Some(&move_of(id, to, always))).await.unwrap();
    assert_eq!(text(&root, item_operations::STATUS), "1");
    let response = root.child(item_operations::RESPONSE).and_then(|one| one.child(item_operations::MOVE));
    let response = response.unwrap_or_else(|| panic!("{root:?}"));
    (text(response, item_operations::STATUS), bytes(response, item_operations::CONVERSATION_ID))
}

// MS-ASCON R68 R69 R118 R126 R130 R139 R142 R143 R146 R172 R215 R216 R262 R317 R338
// MS-ASCMD R4942
#[test]
fn a_conversation_that_is_moved_for_good_takes_its_later_mail_along() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = async |role| world.folder(people.anna, role).await;
        let (inbox, sent, trash) =
            (folder(Role::Inbox).await, folder(Role::Sent).await, folder(Role::Trash).await);
        let calendar = folder(Role::Calendar).await;
        let drafts = folder(Role::Drafts).await;
        let project = world.make_folder(people.anna, CollectionKind::Mail, "Project").await;
        let at = world.now();
        put(world, inbox, &mail("plan", "one", None), at).await;
        put(world, sent, &mail("Re: plan", "two", Some("one")), at).await;
        put(world, trash, &mail("AW: plan", "three", Some("two")), at).await;
        put(world, inbox, &mail("other", "four", None), at).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.prime().await;
        let id = first_sync(&phone).await.into_iter().find(|(subject, _)| subject == "plan").unwrap().1;
        let id = bytes(&id, email2::CONVERSATION_ID);
        let theirs = world.folder(people.ben, Role::Inbox).await;
        let nowhere = FolderId { collection: vocabulary::CollectionId(9999), ..project };
        let (project_id, unknown) = (project.to_string(), [id[..8].to_vec(), vec![9; 8]].concat());
        for (id, to, always, status) in [
            (&id, project_id.clone(), false, "155"),
            (&id, calendar.to_string(), true, "156"),
            (&id, drafts.to_string(), true, "156"),
            (&id, "RI".to_owned(), true, "105"),
            (&id, nowhere.to_string(), true, "6"),
            (&id, theirs.to_string(), true, "6"),
            (&id, "nonsense".to_owned(), true, "6"),
            (&unknown, project_id.clone(), true, "6"),
            (&vec![1, 2, 3], project_id.clone(), true, "6"),
        ] {
            assert_eq!(moved(&phone, id, &to, always).await, (status.to_owned(), id.clone()), "{to}");
        }
        // What must be there and is not.
        for missing in [item_operations::CONVERSATION_ID, item_operations::DST_FLD_ID] {
            let whole = move_of(&id, &project_id, true);
            let mut one = Element::new(item_operations::MOVE);
            for child in whole.child(item_operations::MOVE).unwrap().children() {
                if child.tag != missing {
                    one.push(child.clone());
                }
            }
            let request = Element::new(item_operations::ITEM_OPERATIONS).with(one);
            let root = phone.command("ItemOperations", Some(&request)).await.unwrap();
            assert_eq!(text(&root, item_operations::STATUS), "2", "{missing:?}: {root:?}");
        }
        assert_eq!(subjects(world, inbox).await, ["plan", "other"], "nothing has happened");

        assert_eq!(moved(&phone, &id, &project_id, true).await.0, "1");
        let sorted = async |folder| BTreeSet::from_iter(subjects(world, folder).await);
        assert_eq!(sorted(project).await, BTreeSet::from(["plan".to_owned(), "AW: plan".to_owned()]));
        assert_eq!(subjects(world, sent).await, ["Re: plan"], "what was sent stays");
        assert_eq!(subjects(world, inbox).await, ["other"]);
        arrives(world, &people, &mail("later", "five", Some("three"))).await;
        arrives(world, &people, &mail("another", "six", None)).await;
        assert!(sorted(project).await.contains("later"));
        assert_eq!(subjects(world, inbox).await, ["other", "another"]);
        // A repeat of a mail that was delivered is still known.
        arrives(world, &people, &mail("later", "five", Some("three"))).await;
        assert_eq!(subjects(world, project).await.len(), 3);

        // Back to the Inbox: the rule ends. A folder that is gone ends it too.
        assert_eq!(moved(&phone, &id, &inbox.to_string(), true).await.0, "1");
        arrives(world, &people, &mail("last", "seven", Some("five"))).await;
        assert!(sorted(inbox).await.is_superset(&BTreeSet::from(["plan".to_owned(), "last".to_owned()])));
        assert_eq!(moved(&phone, &id, &project_id, true).await.0, "1");
        world.delete_folder(project).await;
        arrives(world, &people, &mail("after all", "eight", Some("five"))).await;
        assert!(subjects(world, inbox).await.contains(&"after all".to_owned()));
    });
}

// MS-ASCON R166 R213 R214
#[test]
fn a_conversation_that_is_ignored_goes_to_the_trash() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (inbox, trash) =
            (world.folder(people.anna, Role::Inbox).await, world.folder(people.anna, Role::Trash).await);
        arrives(world, &people, &mail("noise", "one", None)).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let mut other = Phone::new(world, &people.anna_address, "other", "16.1", inbox).await;
        other.prime().await;
        let id = bytes(&first_sync(&other).await[0].1, email2::CONVERSATION_ID);
        assert_eq!(moved(&phone, &id, &trash.to_string(), true).await, ("1".to_owned(), id.clone()));
        // From another of the house, in one transaction with the sending.
        let answer = format!(
            "From: {}\r\nTo: {}\r\nReferences: <one@x.test>\r\nSubject: more noise\r\n\r\nText\r\n",
            people.ben_address, people.anna_address
        );
        let ben = Phone::new(world, &people.ben_address, "ben", "16.1", inbox).await;
        let send = Element::new(compose_mail::SEND_MAIL)
            .with_text(compose_mail::CLIENT_ID, "1")
            .with_opaque(compose_mail::MIME, answer.into_bytes());
        assert!(ben.command("SendMail", Some(&send)).await.is_none());
        assert!(subjects(world, inbox).await.is_empty());
        assert_eq!(subjects(world, trash).await, ["noise", "more noise"]);
        phone.sync_all().await;
        assert!(phone.items.is_empty(), "the phone hears that they are gone");
    });
}

// MS-ASCON R130
#[test]
fn a_delegate_moves_a_conversation_only_with_the_rights_to() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let project = world.make_folder(people.anna, CollectionKind::Mail, "Project").await;
        put(world, inbox, &mail("plan", "one", None), world.now()).await;
        let reader = vocabulary::Rights::of(&[vocabulary::Rights::LOOKUP, vocabulary::Rights::READ]);
        world.share(inbox, people.ben, reader).await;
        world.share(project, people.ben, crate::world::editor()).await;
        let mut phone = Phone::new(world, &people.ben_address, "phone", "16.1", inbox).await;
        phone.prime().await;
        let id = bytes(&first_sync(&phone).await[0].1, email2::CONVERSATION_ID);
        assert_eq!(moved(&phone, &id, &project.to_string(), true).await.0, "16");
        assert_eq!(subjects(world, inbox).await, ["plan"]);
        world.share(inbox, people.ben, crate::world::editor()).await;
        assert_eq!(moved(&phone, &id, &project.to_string(), true).await.0, "1");
        assert_eq!(subjects(world, project).await, ["plan"]);
    });
}

async fn estimated(phone: &Phone<'_>, folder: FolderId) -> Element {
    let collection = Element::new(estimate::COLLECTION)
        .with_text(airsync::SYNC_KEY, &phone.key)
        .with_text(estimate::COLLECTION_ID, folder.to_string())
        .with_text(airsync::CONVERSATION_MODE, "1")
        .with(Element::new(airsync::OPTIONS).with_text(airsync::FILTER_TYPE, phone.filter.to_string()));
    let request =
        Element::new(estimate::GET_ITEM_ESTIMATE).with(Element::new(estimate::COLLECTIONS).with(collection));
    phone.command("GetItemEstimate", Some(&request)).await.unwrap()
}

// MS-ASCON R180 R211 R332
// MS-ASCMD R2100 R2107 R2117
#[test]
fn a_conversation_comes_whole_if_any_of_it_is_within_the_filter() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let ago = |days: i64| Timestamp(world.now().0 - days * DAY_MS);
        put(world, inbox, &mail("old", "a1", None), ago(40)).await;
        put(world, inbox, &mail("Re: old", "a2", Some("a1")), ago(1)).await;
        put(world, inbox, &mail("alone", "b1", None), ago(40)).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        (phone.filter, phone.conversations) = (2, true);
        phone.prime().await;
        let root = estimated(&phone, inbox).await;
        let response = root.child(estimate::RESPONSE).unwrap();
        assert_eq!(text(response.child(estimate::COLLECTION).unwrap(), estimate::ESTIMATE), "2");
        phone.sync_all().await;
        let shown =
            |phone: &Phone<'_>| BTreeSet::from_iter(phone.items.values().map(|item| item.subject.clone()));
        assert_eq!(shown(&phone), BTreeSet::from(["old".to_owned(), "Re: old".to_owned()]));
        put(world, inbox, &mail("Re: alone", "b2", Some("b1")), world.now()).await;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 4, "what is new brings the rest along");
        let item = world.items(inbox).await.into_iter().find(|(_, subject)| subject == "alone").unwrap().0;
        world.flag(inbox, &item, seen(true)).await;
        phone.sync_all().await;
        assert!(phone.items.values().any(|item| item.subject == "alone" && item.read));
        world.pass_ms(3 * DAY_MS);
        phone.sync_all().await;
        assert_eq!(shown(&phone), BTreeSet::from(["alone".to_owned(), "Re: alone".to_owned()]));
        assert!(phone.ask(100).await.collection.is_none(), "and then it is quiet");

        let calendar = world.folder(people.anna, Role::Calendar).await;
        let mut events = Phone::new(world, &people.anna_address, "events", "14.1", calendar).await;
        events.class = activesync_wire::item::Class::Calendar;
        events.prime().await;
        assert_eq!(text(&estimated(&events, calendar).await, estimate::STATUS), "103");
        let collection = Element::new(airsync::COLLECTION)
            .with_text(airsync::SYNC_KEY, &events.key)
            .with_text(airsync::COLLECTION_ID, calendar.to_string())
            .with_text(airsync::CONVERSATION_MODE, "1");
        let request = Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection));
        assert_eq!(text(&events.command("Sync", Some(&request)).await.unwrap(), airsync::STATUS), "4");
    });
}

#[derive(Debug, Clone)]
enum Step {
    /// A mail so many days old, in one of a few threads.
    Arrives {
        thread: usize,
        days_ago: i64,
    },
    /// The mail at this place goes, or comes back from elsewhere.
    Goes(usize),
    /// All of a thread.
    ThreadGoes(usize),
    Seen(usize, bool),
    Days(i64),
    Filter(u8),
    /// A Sync whose answer arrives, or not.
    Sync {
        window: u32,
        is_lost: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0..4_usize, 0..12_i64).prop_map(|(thread, days_ago)| Step::Arrives { thread, days_ago }),
        2 => (0..20_usize).prop_map(Step::Goes),
        1 => (0..4_usize).prop_map(Step::ThreadGoes),
        1 => (0..20_usize, any::<bool>()).prop_map(|(place, on)| Step::Seen(place, on)),
        1 => (1..3_i64).prop_map(Step::Days),
        1 => prop_oneof![Just(0_u8), Just(1), Just(2), Just(3)].prop_map(Step::Filter),
        4 => (1..6_u32, prop::bool::weighted(0.2)).prop_map(|(window, is_lost)| Step::Sync { window, is_lost }),
    ];
    prop::collection::vec(step, 4..28)
}

/// What a phone should show: every mail of a thread of which any is within the filter.
async fn expected(world: &World, folder: FolderId, filter: u8) -> BTreeSet<String> {
    let days = [None, Some(1), Some(3), Some(7)][usize::from(filter)];
    let since = days.map_or(i64::MIN, |days: i64| (world.now().0.div_euclid(DAY_MS) - days) * DAY_MS);
    let items = world.items(folder).await;
    let is_wanted =
        |thread: i64| items.iter().any(|(item, _)| item.thread == thread && item.received_at.0 >= since);
    items.iter().filter(|(item, _)| is_wanted(item.thread)).map(|(_, subject)| subject.clone()).collect()
}

// MS-ASCON R180
// MS-ASCMD R2107
#[test]
fn whole_conversations_are_what_a_naive_look_finds() {
    on_each_database(async |world| {
        let mut runner = TestRunner::deterministic();
        for number in 0..40 {
            let steps = steps().new_tree(&mut runner).unwrap().current();
            let people = world.people().await;
            let inbox = world.folder(people.anna, Role::Inbox).await;
            let trash = world.folder(people.anna, Role::Trash).await;
            let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
            (phone.filter, phone.conversations) = (2, true);
            phone.prime().await;
            let mut count = 0;
            for step in &steps {
                let items = world.items(inbox).await;
                match step {
                    Step::Arrives { thread, days_ago } => {
                        count += 1;
                        let (id, first) = (format!("m{count}"), format!("t{thread}"));
                        let text = mail(&format!("{number}.{count}"), &id, Some(&first));
                        put(world, inbox, &text, Timestamp(world.now().0 - days_ago * DAY_MS)).await;
                    }
                    Step::Goes(place) => {
                        if let Some((item, _)) = items.get(*place) {
                            world.move_to(inbox, trash, item).await;
                        }
                    }
                    Step::ThreadGoes(place) => {
                        if let Some((first, _)) = items.get(*place) {
                            for (item, _) in items.iter().filter(|(item, _)| item.thread == first.thread) {
                                world.remove(inbox, item).await;
                            }
                        }
                    }
                    Step::Seen(place, on) => {
                        if let Some((item, _)) = items.get(*place) {
                            world.flag(inbox, item, seen(*on)).await;
                        }
                    }
                    Step::Days(days) => world.pass_ms(days * DAY_MS),
                    Step::Filter(filter) => phone.filter = *filter,
                    Step::Sync { window, is_lost } => {
                        let answer = phone.ask(*window).await;
                        match is_lost {
                            true => phone.in_doubt = true,
                            false => phone.take(&answer),
                        }
                    }
                }
            }
            phone.in_doubt = true;
            phone.sync_all().await;
            let shown: BTreeSet<String> = phone.items.values().map(|item| item.subject.clone()).collect();
            let expected = expected(world, inbox, phone.filter).await;
            assert_eq!(shown, expected, "case {number}, FilterType {}: {steps:?}", phone.filter);
            let flags: Vec<_> = world.items(inbox).await;
            for (item, subject) in flags.iter().filter(|(_, subject)| shown.contains(subject)) {
                let read = phone.items.values().find(|one| one.subject == *subject).map(|one| one.read);
                assert_eq!(
                    read,
                    Some(item.flags.contains(Flags::SEEN)),
                    "case {number}: {subject} {steps:?}"
                );
            }
        }
    });
}

// MS-ASCON R157 R158 R170 R199 R200 R201 R203 R204 R207 R209 R217 R218 R284 R325 R326 R337
#[test]
fn what_is_done_to_all_mails_of_a_conversation_leaves_others_and_later_ones_alone() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (inbox, trash) =
            (world.folder(people.anna, Role::Inbox).await, world.folder(people.anna, Role::Trash).await);
        let project = world.make_folder(people.anna, CollectionKind::Mail, "Project").await;
        put(world, inbox, &mail("plan", "one", None), world.now()).await;
        put(world, inbox, &mail("Re: plan", "two", Some("one")), world.now()).await;
        put(world, inbox, &mail("other", "three", None), world.now()).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.conversations = true;
        phone.sync_all().await;
        let all = ["plan", "Re: plan"];
        let flags = async |folder| -> Vec<(String, Flags)> {
            world.items(folder).await.into_iter().map(|(item, subject)| (subject, item.flags)).collect()
        };
        for (did, expected) in [
            (Did::Read(true), Flags::SEEN),
            (Did::Read(false), Flags::NONE),
            (Did::Flag(true), Flags::FLAGGED),
            (Did::Flag(false), Flags::NONE),
        ] {
            for subject in all {
                phone.act(&phone.id_of(subject), did.clone());
            }
            phone.sync_all().await;
            for (subject, flags) in flags(inbox).await {
                assert_eq!(
                    flags,
                    if subject == "other" { Flags::NONE } else { expected },
                    "{subject} {did:?}"
                );
            }
        }
        for subject in all {
            assert_eq!(phone.move_to(&phone.id_of(subject), project).await.0, "3");
        }
        assert_eq!(subjects(world, inbox).await, ["other"]);
        phone.sync_all().await;
        let mut there = Phone::new(world, &people.anna_address, "there", "16.1", project).await;
        there.sync_all().await;
        for subject in all {
            there.act(&there.id_of(subject), Did::Delete { moves: true });
        }
        there.sync_all().await;
        assert!(subjects(world, project).await.is_empty());
        assert_eq!(subjects(world, trash).await, all);
        arrives(world, &people, &mail("later", "four", Some("two"))).await;
        assert_eq!(subjects(world, inbox).await, ["other", "later"], "what is to come stays where it comes");
    });
}

/// A client that asks for it the other way begins anew, rather than being told half of it.
#[test]
fn a_phone_that_changes_its_mind_about_conversations_begins_anew() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        put(world, inbox, &mail("one", "a1", None), world.now()).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        phone.conversations = true;
        assert_eq!(phone.ask(100).await.status, "3");
        phone.prime().await;
        phone.sync_all().await;
        assert_eq!(phone.items.len(), 1);
    });
}
