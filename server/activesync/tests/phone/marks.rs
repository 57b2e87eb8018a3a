//! Marks of mail: what one door sets every other shows, and a phone is told of no more than what changed.

use activesync_wire::server_id::FolderId;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use storage::{FlagChange, Item, MarkChange, NewItem, right};
use vocabulary::{Flags, Keyword, Keywords, Role};
use wbxml::page::{airsync, airsync_base, compose_mail, email, email2, item_operations, tasks};
use wbxml::{Element, Tag};

use crate::phone::{Answer, Phone, text};
use crate::world::{DAY_MS, World, flagged, on_each_database, seen};

const START: &str = "2026-11-24T08:00:00.000Z";
const DUE: &str = "2026-11-25T16:00:00.000Z";

/// A flag with everything that one can say.
fn full_flag() -> Element {
    [
        (tasks::SUBJECT, "Order tulips"),
        (email::STATUS, "2"),
        (email::FLAG_TYPE, "Call back"),
        (tasks::SUB_ORDINAL_DATE, "5555"),
        (tasks::REMINDER_SET, "1"),
        (tasks::START_DATE, START),
        (tasks::DUE_DATE, DUE),
        (tasks::UTC_START_DATE, START),
        (tasks::UTC_DUE_DATE, DUE),
        (tasks::REMINDER_TIME, START),
        (tasks::ORDINAL_DATE, START),
    ]
    .iter()
    .fold(Element::new(email::FLAG), |flag, (tag, value)| flag.with_text(*tag, *value))
}

fn done_flag() -> Element {
    Element::new(email::FLAG)
        .with_text(email::STATUS, "1")
        .with_text(email::COMPLETE_TIME, DUE)
        .with_text(tasks::DATE_COMPLETED, DUE)
}

fn categories(names: &[&str]) -> Element {
    names.iter().fold(Element::new(email::CATEGORIES), |list, name| list.with_text(email::CATEGORY, *name))
}

/// The categories in what a phone is told; `None` if nothing is said of them.
fn named(data: &Element) -> Option<Vec<String>> {
    let list = data.child(email::CATEGORIES)?;
    Some(list.all(email::CATEGORY).map(|one| one.value().into_owned()).collect())
}

/// One Sync with a Change; the phone takes the answer.
async fn change(phone: &mut Phone<'_>, id: &str, data: Element) -> Answer {
    let data = Element::new(airsync::APPLICATION_DATA).with(data);
    let command = Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, id).with(data);
    let answer = phone.ask_with(100, vec![command]).await;
    phone.take(&answer);
    answer
}

/// What a phone is told of one item with its next Sync.
async fn told(phone: &mut Phone<'_>) -> Option<Element> {
    let answer = phone.ask(100).await;
    phone.take(&answer);
    let commands = answer.collection.as_ref().and_then(|one| one.child(airsync::COMMANDS));
    let mut changes = commands.iter().flat_map(|list| list.children());
    let data = changes.next().map(|one| one.child(airsync::APPLICATION_DATA).unwrap().clone());
    assert!(changes.next().is_none(), "{answer:?}");
    data
}

fn tags(data: &Element) -> Vec<Tag> {
    data.children().map(|child| child.tag).collect()
}

fn sorted(flag: &Element) -> Vec<(Tag, String)> {
    let mut children: Vec<_> = flag.children().map(|one| (one.tag, one.value().into_owned())).collect();
    children.sort_by_key(|(tag, _)| format!("{tag:?}"));
    children
}

async fn put(world: &World, folder: FolderId, mail: &str) {
    let content =
        workflow::ingest(&world.store, folder.account, mail.as_bytes().to_vec().into()).await.unwrap();
    world.insert(folder, NewItem::mail(content, world.now())).await;
}

async fn only(world: &World, folder: FolderId) -> Item {
    world.items(folder).await.remove(0).0
}

// MS-ASEMAIL R76 R86 R88 R434 R436 R439 R440 R1021 R1069 R8800
#[test]
fn a_flag_is_kept_whole_and_every_door_shows_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let mut old = Phone::new(world, &people.anna_address, "old", "12.1", inbox).await;
        let mut new = Phone::new(world, &people.anna_address, "new", "16.1", inbox).await;
        for device in [&mut phone, &mut old, &mut new] {
            device.sync_all().await;
        }
        let id = phone.id_of("one");
        let answer = change(&mut phone, &id, full_flag()).await;
        assert!(answer.statuses(&id).is_empty(), "{answer:?}");
        assert!(only(world, inbox).await.flags.contains(Flags::FLAGGED), "mail programs see it");
        assert_eq!(told(&mut phone).await, None, "it knows");
        for device in [&mut old, &mut new] {
            let data = told(device).await.unwrap();
            assert_eq!(tags(&data), [email::FLAG]);
            assert_eq!(sorted(data.child(email::FLAG).unwrap()), sorted(&full_flag()));
        }

        change(&mut new, &id, done_flag()).await;
        assert!(!only(world, inbox).await.flags.contains(Flags::FLAGGED));
        for device in [&mut old, &mut phone] {
            let data = told(device).await.unwrap();
            let flag = data.child(email::FLAG).unwrap();
            assert_eq!(text(flag, email::STATUS), "1");
            assert_eq!(text(flag, email::COMPLETE_TIME), DUE);
            assert_eq!(text(flag, tasks::SUBJECT), "Order tulips", "what it was about is still known");
        }

        // Another program flags it anew, and takes that back.
        for (on, expected) in [(true, Some("2")), (false, None)] {
            world.flag(inbox, &only(world, inbox).await, flagged(on)).await;
            for device in [&mut old, &mut phone, &mut new] {
                let data = told(device).await.unwrap();
                assert_eq!(tags(&data), [email::FLAG]);
                let flag = data.child(email::FLAG).unwrap();
                assert_eq!(flag.child_value(email::STATUS).as_deref(), expected);
                assert!(flag.child(tasks::SUBJECT).is_none() && flag.child(email::COMPLETE_TIME).is_none());
            }
        }
        for cleared in [Element::new(email::FLAG), Element::new(email::FLAG).with_text(email::STATUS, "0")] {
            change(&mut phone, &id, full_flag()).await;
            told(&mut new).await;
            change(&mut phone, &id, cleared).await;
            let data = told(&mut new).await.unwrap();
            assert_eq!(data.child(email::FLAG).map(|flag| flag.children().count()), Some(0));
            assert!(!only(world, inbox).await.flags.contains(Flags::FLAGGED));
        }
    });
}

// MS-ASEMAIL R75 R76 R81 R96 R100 R104 R10600 R10604 R10608 R10612
#[test]
fn a_phone_is_told_of_the_marks_that_changed_and_no_others() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let mut old = Phone::new(world, &people.anna_address, "old", "12.1", inbox).await;
        phone.sync_all().await;
        old.sync_all().await;
        let word =
            |text: &str| FlagChange::Add(Flags::NONE, Keywords::from_iter([Keyword::new(text).unwrap()]));
        let changes = [
            (vec![seen(true)], vec![email::READ]),
            (vec![flagged(true)], vec![email::FLAG]),
            (vec![word("Red")], vec![email::CATEGORIES]),
            (vec![seen(false), flagged(false)], vec![email::READ, email::FLAG]),
            (vec![seen(true), word("Blue")], vec![email::READ, email::CATEGORIES]),
            (vec![flagged(true), word("Green")], vec![email::FLAG, email::CATEGORIES]),
            (
                vec![seen(false), flagged(false), word("Pink")],
                vec![email::READ, email::FLAG, email::CATEGORIES],
            ),
            (
                vec![FlagChange::Add(Flags::ANSWERED, Keywords::default())],
                vec![email2::LAST_VERB_EXECUTED, email2::LAST_VERB_EXECUTION_TIME],
            ),
            // No phone shows these.
            (vec![FlagChange::Add(Flags::DELETED, Keywords::default())], vec![]),
        ];
        for (changes, expected) in changes {
            let has_any = !expected.is_empty();
            let is_old = expected.iter().any(|tag| [email::READ, email::FLAG].contains(tag));
            for change in changes {
                world.flag(inbox, &only(world, inbox).await, change).await;
            }
            let data = told(&mut phone).await;
            assert_eq!(data.as_ref().map(tags).unwrap_or_default(), expected);
            assert_eq!(data.is_some(), has_any);
            assert_eq!(told(&mut old).await.is_some(), is_old, "12.1 has no categories");
        }
    });
}

// MS-ASEMAIL R313 R318 R319 R320 R321
#[test]
fn categories_are_kept_and_those_that_cannot_be_are_taken_back() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let mut other = Phone::new(world, &people.anna_address, "other", "16.1", inbox).await;
        phone.sync_all().await;
        other.sync_all().await;
        let id = phone.id_of("one");
        let names = ["Red", "Müller & Söhne", "$odd"];
        change(&mut phone, &id, categories(&names)).await;
        let data = told(&mut other).await.unwrap();
        assert_eq!(named(&data).unwrap(), names);
        assert!(only(world, inbox).await.keywords.has("Red"), "mail programs see what is an atom");
        change(&mut phone, &id, Element::text(email::READ, "1")).await;
        assert_eq!(tags(&told(&mut other).await.unwrap()), [email::READ], "they stay");
        change(&mut phone, &id, categories(&[])).await;
        let data = told(&mut other).await.unwrap();
        assert_eq!(named(&data), Some(vec![]));
        let long = "ü".repeat(200);
        let answer = change(&mut phone, &id, categories(&["Red", &long])).await;
        let list = answer.collection.as_ref().and_then(|one| one.child(airsync::COMMANDS)).unwrap();
        let data = list.children().next().unwrap().child(airsync::APPLICATION_DATA).unwrap();
        assert_eq!(named(data).unwrap(), ["Red"], "the phone sees what is kept");
    });
}

fn reply(tag: Tag, id: &str, phone: &Phone<'_>, item: &str, mime: String) -> Element {
    let source = Element::new(compose_mail::SOURCE)
        .with_text(compose_mail::FOLDER_ID, phone.folder.to_string())
        .with_text(compose_mail::ITEM_ID, item);
    Element::new(tag)
        .with_text(compose_mail::CLIENT_ID, id)
        .with(source)
        .with_empty(compose_mail::REPLACE_MIME)
        .with_opaque(compose_mail::MIME, mime.into_bytes())
}

// MS-ASEMAIL R510 R513 R514 R522
#[test]
fn what_was_last_done_with_a_mail_and_when_is_told() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna_address, &people.ben_address);
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = format!("From: {ben}\r\nTo: {anna}, x@elsewhere.test\r\nSubject: one\r\n\r\nText\r\n");
        put(world, inbox, &mail).await;
        let mut phone = Phone::new(world, anna, "phone", "14.1", inbox).await;
        let mut other = Phone::new(world, anna, "other", "16.1", inbox).await;
        phone.sync_all().await;
        other.sync_all().await;
        let id = phone.id_of("one");
        for (number, tag, to, verb, minute) in [
            (1, compose_mail::SMART_REPLY, ben.clone(), "1", "00"),
            (2, compose_mail::SMART_REPLY, format!("{ben}\r\nCc: {anna}"), "2", "01"),
            (3, compose_mail::SMART_FORWARD, ben.clone(), "3", "02"),
        ] {
            let mime = format!("From: {anna}\r\nTo: {to}\r\nSubject: Re: one\r\n\r\nAnswer\r\n");
            let command = if tag == compose_mail::SMART_REPLY { "SmartReply" } else { "SmartForward" };
            let request = reply(tag, &number.to_string(), &phone, &id, mime);
            assert!(phone.command(command, Some(&request)).await.is_none());
            let data = loop {
                // Anna may have written to herself.
                let answer = other.ask(100).await;
                other.take(&answer);
                let commands = answer.collection.as_ref().unwrap().child(airsync::COMMANDS).unwrap();
                let mine = commands.all(airsync::CHANGE).next();
                if let Some(change) = mine {
                    break change.child(airsync::APPLICATION_DATA).unwrap().clone();
                }
            };
            assert_eq!(text(&data, email2::LAST_VERB_EXECUTED), verb);
            let time = format!("2026-11-24T09:{minute}:00.000Z");
            assert_eq!(text(&data, email2::LAST_VERB_EXECUTION_TIME), time);
            assert!(data.child(email::READ).is_none() && data.child(airsync_base::BODY).is_none());
            world.pass_ms(60_000);
        }
        let item = world.items(inbox).await.into_iter().find(|(_, subject)| subject == "one").unwrap().0;
        assert!(item.flags.contains(Flags::ANSWERED) && item.keywords.has("$Forwarded"));
        let forwarded = Keywords::from_iter([Keyword::new("$Forwarded").unwrap()]);
        world.flag(inbox, &item, FlagChange::Remove(Flags::ANSWERED, forwarded)).await;
        let data = told(&mut other).await.unwrap();
        assert_eq!(text(&data, email2::LAST_VERB_EXECUTED), "0");
    });
}

// MS-ASEMAIL R434
#[test]
fn marks_go_with_a_mail_that_is_moved_or_copied() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let trash = world.folder(people.anna, Role::Trash).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.sync_all().await;
        let id = phone.id_of("one");
        change(&mut phone, &id, full_flag()).await;
        change(&mut phone, &id, categories(&["Red"])).await;
        let before = only(world, inbox).await;
        world
            .write(&[people.anna], move |tx| {
                let read = tx.open::<right::ReadItems>(inbox.account, inbox.collection)?;
                let target = tx.open::<right::Insert>(trash.account, trash.collection)?;
                tx.copy(&read, &target, &[1..=u32::MAX])
            })
            .await;
        assert_eq!(phone.move_to(&id, trash).await.0, "3");
        let there = world.items(trash).await;
        assert_eq!(there.len(), 2);
        for (item, _) in there {
            assert_eq!((item.flags, &item.keywords), (before.flags, &before.keywords));
            assert_eq!(item.marks, before.marks);
        }
        let mut other = Phone::new(world, &people.anna_address, "other", "16.1", trash).await;
        other.sync_all().await;
        assert!(other.items.values().all(|item| item.flagged));
    });
}

/// One thing that somebody does with the marks of a mail.
#[derive(Debug, Clone)]
enum Step {
    Phone(usize, Mark),
    Imap(FlagChange),
    Sync(usize),
}

#[derive(Debug, Clone)]
enum Mark {
    Read(bool),
    Full,
    Done,
    Clear,
    Categories(bool),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let mark = prop_oneof![
        any::<bool>().prop_map(Mark::Read),
        Just(Mark::Full),
        Just(Mark::Done),
        Just(Mark::Clear),
        any::<bool>().prop_map(Mark::Categories),
    ];
    let imap = prop_oneof![
        any::<bool>().prop_map(seen),
        any::<bool>().prop_map(flagged),
        Just(FlagChange::Replace(Flags::FLAGGED | Flags::ANSWERED, Keywords::default())),
        Just(FlagChange::Add(Flags::NONE, Keywords::from_column("Red $Forwarded"))),
        Just(FlagChange::Replace(Flags::NONE, Keywords::default())),
    ];
    let step = prop_oneof![
        3 => (0..2_usize, mark).prop_map(|(who, mark)| Step::Phone(who, mark)),
        3 => imap.prop_map(Step::Imap),
        2 => (0..2_usize).prop_map(Step::Sync),
    ];
    prop::collection::vec(step, 1..14)
}

/// What a phone shows of the mail, as it has heard it bit by bit.
fn hear(shown: &mut std::collections::BTreeMap<String, Vec<(Tag, String)>>, answer: &Answer) {
    let commands = answer.collection.as_ref().and_then(|one| one.child(airsync::COMMANDS));
    for data in commands
        .iter()
        .flat_map(|list| list.children())
        .filter_map(|one| one.child(airsync::APPLICATION_DATA))
    {
        for child in data.children() {
            if [email::READ, email::FLAG, email::CATEGORIES, email2::LAST_VERB_EXECUTED].contains(&child.tag)
            {
                let mut value = sorted(child);
                value.push((child.tag, child.value().into_owned()));
                shown.insert(format!("{:?}", child.tag), value);
            }
        }
    }
}

/// Whatever doors change the marks of a mail, in whatever order: in the end every phone shows what one shows that
/// looks for the first time.
#[test]
fn marks_set_at_one_door_are_seen_at_every_other() {
    on_each_database(async |world| {
        let mut runner = TestRunner::deterministic();
        for number in 0..12 {
            let steps = steps().new_tree(&mut runner).unwrap().current();
            let people = world.people().await;
            let inbox = world.folder(people.anna, Role::Inbox).await;
            world.append(inbox, "one", world.now(), Flags::NONE).await;
            let mut phones = Vec::new();
            let mut shown = vec![std::collections::BTreeMap::new(); 2];
            for (which, device) in ["a", "b"].into_iter().enumerate() {
                let mut phone = Phone::new(world, &people.anna_address, device, "14.1", inbox).await;
                phone.prime().await;
                let answer = phone.ask(100).await;
                phone.take(&answer);
                hear(&mut shown[which], &answer);
                phones.push(phone);
            }
            let id = phones[0].id_of("one");
            for step in &steps {
                world.pass_ms(1000);
                match step {
                    Step::Imap(change) => world.flag(inbox, &only(world, inbox).await, change.clone()).await,
                    Step::Sync(who) => {
                        let answer = phones[*who].ask(100).await;
                        phones[*who].take(&answer);
                        hear(&mut shown[*who], &answer);
                    }
                    Step::Phone(who, mark) => {
                        let data = match mark {
                            Mark::Read(read) => Element::text(email::READ, if *read { "1" } else { "0" }),
                            Mark::Full => full_flag(),
                            Mark::Done => done_flag(),
                            Mark::Clear => Element::new(email::FLAG),
                            Mark::Categories(red) => {
                                categories(if *red { &["Red", "two words"] } else { &[] })
                            }
                        };
                        // What it did it shows; what is completed beside it hears from the server by a new look only.
                        let answer = change(&mut phones[*who], &id, data.clone()).await;
                        let own = Element::new(airsync::COMMANDS).with(
                            Element::new(airsync::CHANGE)
                                .with(Element::new(airsync::APPLICATION_DATA).with(data)),
                        );
                        let own = Answer {
                            collection: Some(Element::new(airsync::COLLECTION).with(own)),
                            ..answer.clone()
                        };
                        hear(&mut shown[*who], &own);
                        hear(&mut shown[*who], &answer);
                    }
                }
            }
            let mut fresh = Phone::new(world, &people.anna_address, "fresh", "14.1", inbox).await;
            fresh.prime().await;
            let first = fresh.ask(100).await;
            let mut expected = std::collections::BTreeMap::new();
            hear(&mut expected, &first);
            for (phone, shown) in phones.iter_mut().zip(&mut shown) {
                let answer = phone.ask(100).await;
                phone.take(&answer);
                hear(shown, &answer);
                for (what, value) in &expected {
                    let verb = format!("{:?}", email2::LAST_VERB_EXECUTED);
                    let done = |value: &Vec<(Tag, String)>| value.contains(&(email::STATUS, "1".to_owned()));
                    if *what == verb || done(value) {
                        continue;
                    }
                    assert_eq!(shown.get(what), Some(value), "case {number}: {what} after {steps:?}");
                }
            }
        }
    });
}

async fn fetched(phone: &Phone<'_>, item: &str, options: Element) -> Element {
    let fetch = Element::new(item_operations::FETCH)
        .with_text(item_operations::STORE, "Mailbox")
        .with_text(airsync::COLLECTION_ID, phone.folder.to_string())
        .with_text(airsync::SERVER_ID, item)
        .with(options);
    let request = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
    phone.command("ItemOperations", Some(&request)).await.unwrap()
}

fn properties(root: &Element) -> &Element {
    let fetch = root.child(item_operations::RESPONSE).and_then(|one| one.child(item_operations::FETCH));
    fetch.and_then(|one| one.child(item_operations::PROPERTIES)).unwrap_or_else(|| panic!("{root:?}"))
}

// MS-ASCON R234 R236 R237 R239 R240 R241 R243 R245 R246 R247 R248 R340
#[test]
fn the_part_of_a_message_that_is_its_own_can_be_had_alone() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = "From: ben@x.test\r\nTo: a@x.test\r\nSubject: one\r\nContent-Type: text/html\r\n\r\n\
                    <p>Yes, on Monday.</p><blockquote><p>Shall we meet?</p></blockquote>\r\n";
        put(world, inbox, mail).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.sync_all().await;
        let id = phone.id_of("one");
        let whole = || Element::new(airsync_base::BODY_PREFERENCE).with_text(airsync_base::TYPE, "2");
        let part = |children: &[(Tag, &str)]| {
            let part = Element::new(airsync_base::BODY_PART_PREFERENCE);
            children.iter().fold(part, |part, (tag, value)| part.with_text(*tag, *value))
        };
        let html = (airsync_base::TYPE, "2");
        for (preferences, has_body, has_part) in [
            (vec![], true, false),
            (vec![whole()], true, false),
            (vec![part(&[html])], false, true),
            (vec![whole(), part(&[html])], true, true),
        ] {
            let in_operations =
                preferences.iter().cloned().fold(Element::new(item_operations::OPTIONS), Element::with);
            let root = fetched(&phone, &id, in_operations).await;
            let of_fetch = properties(&root).clone();
            let options = preferences.into_iter().fold(Element::new(airsync::OPTIONS), Element::with);
            let mut other = Phone::new(world, &people.anna_address, "other", "16.1", inbox).await;
            other.prime().await;
            let of_sync = first_sync(&other, options).await;
            for data in [of_fetch, of_sync] {
                assert_eq!(data.child(airsync_base::BODY).is_some(), has_body, "{data:?}");
                let part = data.child(airsync_base::BODY_PART);
                assert_eq!(part.is_some(), has_part, "{data:?}");
                if let Some(part) = part {
                    assert_eq!(text(part, airsync_base::STATUS), "1");
                    assert_eq!(text(part, airsync_base::DATA), "<p>Yes, on Monday.</p>");
                }
            }
        }
        let options = |children: &[(Tag, &str)]| Element::new(item_operations::OPTIONS).with(part(children));
        let cut = options(&[html, (airsync_base::TRUNCATION_SIZE, "6"), (airsync_base::PREVIEW, "3")]);
        let root = fetched(&phone, &id, cut).await;
        let cut = properties(&root).child(airsync_base::BODY_PART).unwrap();
        assert_eq!(text(cut, airsync_base::DATA), "<p>Yes");
        assert_eq!(text(cut, airsync_base::TRUNCATED), "1");
        assert_eq!(text(cut, airsync_base::ESTIMATED_DATA_SIZE), "22");
        assert_eq!(text(cut, airsync_base::PREVIEW), "Yes");
        let wrong = fetched(&phone, &id, options(&[(airsync_base::TYPE, "1")])).await;
        assert_eq!(text(&wrong, item_operations::STATUS), "164");
        let mut old = Phone::new(world, &people.anna_address, "old", "14.0", inbox).await;
        old.sync_all().await;
        let root = fetched(&old, &id, options(&[html])).await;
        assert!(properties(&root).child(airsync_base::BODY_PART).is_none(), "14.0 has no parts");
        assert!(properties(&root).child(airsync_base::BODY).is_some());
    });
}

/// What the first Sync says of the only mail.
async fn first_sync(phone: &Phone<'_>, options: Element) -> Element {
    let collection = Element::new(airsync::COLLECTION)
        .with_text(airsync::SYNC_KEY, &phone.key)
        .with_text(airsync::COLLECTION_ID, phone.folder.to_string())
        .with(options);
    let request = Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection));
    let root = phone.command("Sync", Some(&request)).await.unwrap();
    let collection = root.child(airsync::COLLECTIONS).and_then(|list| list.child(airsync::COLLECTION));
    let commands =
        collection.and_then(|one| one.child(airsync::COMMANDS)).unwrap_or_else(|| panic!("{root:?}"));
    commands.children().next().unwrap().child(airsync::APPLICATION_DATA).unwrap().clone()
}

#[test]
fn signed_and_encrypted_mail_reaches_the_phone_byte_for_byte() {
    on_each_database(async |world| {
        let people = world.people().await;
        let signed = "From: ben@x.test\r\nTo: a@x.test\r\nSubject: signed\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nTab\tand  blanks \r\n\u{e4}\r\n--b\r\n\
            Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            MIIB\r\n--b--\r\n";
        let opaque = "From: ben@x.test\r\nTo: a@x.test\r\nSubject: opaque\r\nMIME-Version: 1.0\r\n\
            Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nMIICAQ==\r\n";
        for (mail, class) in [(signed, "IPM.Note.SMIME.MultipartSigned"), (opaque, "IPM.Note.SMIME")] {
            let people = world.people().await;
            let inbox = world.folder(people.anna, Role::Inbox).await;
            put(world, inbox, mail).await;
            for version in ["12.1", "14.1", "16.1"] {
                let device = format!("phone{}", version.replace('.', ""));
                let mut phone = Phone::new(world, &people.anna_address, &device, version, inbox).await;
                phone.prime().await;
                let preference = |kind: &str| {
                    Element::new(airsync_base::BODY_PREFERENCE).with_text(airsync_base::TYPE, kind)
                };
                let options = Element::new(airsync::OPTIONS)
                    .with_text(airsync::MIME_SUPPORT, "1")
                    .with(preference("1"))
                    .with(preference("4"));
                let data = first_sync(&phone, options).await;
                assert_eq!(text(&data, email::MESSAGE_CLASS), class);
                let body = data.child(airsync_base::BODY).unwrap();
                assert_eq!(text(body, airsync_base::TYPE), "4");
                let bytes = body.child(airsync_base::DATA).unwrap().bytes().into_owned();
                assert_eq!(bytes, mail.as_bytes(), "{version}");
            }
        }
        // Without MIMESupport it is text, rather than nothing.
        let inbox = world.folder(people.anna, Role::Inbox).await;
        put(world, inbox, signed).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.sync_all().await;
        let root = fetched(&phone, &phone.id_of("signed"), Element::new(item_operations::OPTIONS)).await;
        let body = properties(&root).child(airsync_base::BODY).unwrap();
        assert_eq!(text(body, airsync_base::TYPE), "1");
        assert!(text(body, airsync_base::DATA).starts_with("Tab\tand  blanks"));
    });
}

// MS-ASAIRS R2299
#[test]
fn an_enclosed_message_has_the_ending_that_phones_open() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = "From: ben@x.test\r\nSubject: one\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nSee.\r\n--b\r\nContent-Type: message/rfc822; name=\"old mail\"\r\n\
            Content-Disposition: attachment; filename=\"old mail\"\r\n\r\nFrom: c@x.test\r\nSubject: old\r\n\r\nOld\r\n--b--\r\n";
        put(world, inbox, mail).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "12.1", inbox).await;
        phone.prime().await;
        let data =
            first_sync(&phone, Element::new(airsync::OPTIONS).with_text(airsync::FILTER_TYPE, "0")).await;
        let file = data.child(airsync_base::ATTACHMENTS).unwrap().child(airsync_base::ATTACHMENT).unwrap();
        assert_eq!(text(file, airsync_base::METHOD), "5");
        assert_eq!(text(file, airsync_base::DISPLAY_NAME), "old mail.eml");
    });
}

// MS-ASEMAIL R646 R649
#[test]
fn a_blind_recipient_is_told_so() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna_address, &people.ben_address);
        let inbox = world.folder(people.ben, Role::Inbox).await;
        let sender = Phone::new(world, anna, "sender", "14.1", inbox).await;
        let mail = format!("From: {anna}\r\nTo: {anna}\r\nBcc: {ben}\r\nSubject: blind\r\n\r\nText\r\n");
        let request = Element::new(compose_mail::SEND_MAIL)
            .with_text(compose_mail::CLIENT_ID, "1")
            .with_opaque(compose_mail::MIME, mail.into_bytes());
        assert!(sender.command("SendMail", Some(&request)).await.is_none());
        let mine = world.folder(people.anna, Role::Inbox).await;
        for (user, folder, version, expected) in
            [(ben, inbox, "14.0", Some("1")), (ben, inbox, "12.1", None), (anna, mine, "14.1", None)]
        {
            let device = format!("phone{}", version.replace('.', ""));
            let mut phone = Phone::new(world, user, &device, version, folder).await;
            phone.prime().await;
            let data = first_sync(&phone, Element::new(airsync::OPTIONS)).await;
            assert_eq!(data.child_value(email2::RECEIVED_AS_BCC).as_deref(), expected, "{version}");
        }
    });
}

/// Two phones change different marks at once: both changes stay.
#[test]
fn changes_of_different_marks_at_once_both_stay() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut one = Phone::new(world, &people.anna_address, "one", "14.1", inbox).await;
        let mut two = Phone::new(world, &people.anna_address, "two", "16.1", inbox).await;
        one.sync_all().await;
        two.sync_all().await;
        let id = one.id_of("one");
        let (first, second) =
            tokio::join!(change(&mut one, &id, full_flag()), change(&mut two, &id, categories(&["Red"])));
        assert!(first.statuses(&id).is_empty() && second.statuses(&id).is_empty());
        let item = only(world, inbox).await;
        assert!(item.flags.contains(Flags::FLAGGED) && item.keywords.has("Red"));
        assert!(item.marks.follow_up.contains("Order tulips"));
        world.pass_ms(DAY_MS);
        // A house that says nothing of a follow-up leaves it.
        let change = MarkChange { flags: seen(true), follow_up: None, verb: None };
        let uid = item.uid;
        world
            .write(&[people.anna], move |tx| {
                let grant = tx.open::<right::ChangeFlags>(inbox.account, inbox.collection)?;
                tx.change_marks(&grant, uid, &change, None)
            })
            .await;
        assert_eq!(only(world, inbox).await.marks, item.marks);
    });
}
