//! Events, contacts, tasks and notes: cases worth a name.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use std::collections::HashSet;
use vocabulary::{CollectionKind, Preset, Role};
use wbxml::page::{airsync, airsync_base, calendar, contacts, item_operations, tasks};
use wbxml::{Element, Tag};

use crate::object::{Object, day, kind_of};
use crate::phone::{Answer, Did, Phone, text};
use crate::world::{People, World, on_each_database};

async fn phone_of<'w>(
    world: &'w World,
    user: &str,
    version: &'static str,
    class: Class,
    folder: FolderId,
) -> Phone<'w> {
    let device = format!("d{}{}", version.replace('.', ""), user.len());
    Phone { class, ..Phone::new(world, user, &device, version, folder).await }
}

async fn calendar_of(world: &World, people: &People) -> FolderId {
    world.folder(people.anna, Role::Calendar).await
}

fn event(world: &World, uid: &str, subject: &str) -> Object {
    Object {
        class: Class::Calendar,
        uid: uid.into(),
        subject: subject.into(),
        when: day(world, 3),
        private: false,
    }
}

fn change(id: &str, fields: &[(Tag, &str)]) -> Element {
    Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, id).with(data(fields))
}

fn data(fields: &[(Tag, &str)]) -> Element {
    let data = Element::new(airsync::APPLICATION_DATA);
    fields.iter().fold(data, |data, (tag, value)| data.with_text(*tag, *value))
}

fn add(client_id: &str, fields: &[(Tag, &str)]) -> Element {
    Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, client_id).with(data(fields))
}

/// One command that is answered.
async fn tell(phone: &mut Phone<'_>, command: Element) -> Answer {
    let answer = phone.ask_with(100, vec![command]).await;
    assert_eq!(answer.status, "1");
    phone.key.clone_from(&answer.key);
    answer
}

async fn only_text(world: &World, folder: FolderId) -> String {
    let mut stored = world.stored(folder).await;
    assert_eq!(stored.len(), 1, "{stored:?}");
    stored.remove(0).1
}

#[test]
fn a_phone_changes_what_it_shows_and_nothing_else() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        let text = String::from_utf8(event(world, "u1", "Dentist").bytes()).unwrap();
        let text = text.replace("END:VEVENT", "X-OTHER;X-P=1:kept\r\nURL:https://x.test/\r\nEND:VEVENT");
        world.put_bytes(folder, Class::Calendar, text.clone().into_bytes()).await;
        let mut phone = phone_of(world, &people.anna_address, "16.1", Class::Calendar, folder).await;
        phone.sync_all().await;
        let id = phone.id_of("Dentist");
        phone.act(&id, Did::Subject("Surgeon".into()));
        phone.sync_all().await;
        assert!(phone.ask(100).await.collection.is_none(), "its own change is not told again");
        let now = only_text(world, folder).await;
        let differs = |line: &&str| !now.contains(*line);
        let gone: Vec<&str> = text.lines().filter(differs).collect();
        assert!(
            gone.iter().all(|line| line.starts_with("SUMMARY") || line.starts_with("DTSTAMP")),
            "{gone:?}"
        );
        assert!(now.contains("SUMMARY:Surgeon"), "{now}");
    });
}

#[test]
fn what_a_phone_does_not_support_is_not_cleared_by_its_silence() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.folder(people.anna, Role::Contacts).await;
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nFN:Ann Lee\r\nN:Lee;Ann;;;\r\nTITLE:Pilot\r\nEND:VCARD\r\n";
        world.put_bytes(folder, Class::Contacts, card.as_bytes().to_vec()).await;
        for (supported, expected) in [(Some(vec![contacts::LAST_NAME]), true), (None, false)] {
            let mut phone = phone_of(world, &people.anna_address, "14.1", Class::Contacts, folder).await;
            phone.supported = supported;
            phone.sync_all().await;
            let id = phone.items.keys().next().unwrap().clone();
            let fields = [(contacts::FIRST_NAME, "Ann"), (contacts::LAST_NAME, "Li")];
            let answer = tell(&mut phone, change(&id, &fields)).await;
            assert!(answer.statuses(&id).is_empty(), "{answer:?}");
            let now = only_text(world, folder).await;
            assert_eq!(now.contains("TITLE:Pilot"), expected, "{now}");
        }
    });
}

#[test]
fn an_event_that_is_added_again_is_the_same_event() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        world.put(folder, &event(world, "u1", "Stored")).await;
        let when = day(world, 3);
        let fields = |tag, uid| {
            [
                (tag, uid),
                (calendar::SUBJECT, "Mine"),
                (calendar::START_TIME, &*when),
                (calendar::END_TIME, &*when),
            ]
        };
        let mut old = phone_of(world, &people.anna_address, "14.1", Class::Calendar, folder).await;
        old.prime().await;
        let answer = tell(&mut old, add("c1", &fields(calendar::UID, "u1"))).await;
        old.items.clear();
        assert_eq!(answer.statuses("c1"), ["1"]);
        assert_eq!(
            world.objects(folder, Class::Calendar).await[0].1.subject,
            "Stored",
            "not known, so not lost"
        );
        old.sync_all().await;

        // From 16.0 by the word of the client's own, also after it began anew.
        let mut new = phone_of(world, &people.anna_address, "16.1", Class::Calendar, folder).await;
        let mut uids = HashSet::new();
        for round in ["c2", "c3"] {
            new.prime().await;
            let answer = tell(&mut new, add(round, &fields(calendar::CLIENT_UID, "word"))).await;
            assert_eq!(answer.statuses(round), ["1"]);
            let responses = answer.collection.as_ref().unwrap().child(airsync::RESPONSES).unwrap();
            let named = responses.child(airsync::ADD).unwrap().child(airsync::APPLICATION_DATA).unwrap();
            uids.insert(text(named, calendar::UID)); // MS-ASCAL R2223
        }
        assert_eq!(uids.len(), 1);
        assert_eq!(world.objects(folder, Class::Calendar).await.len(), 2);
    });
}

// MS-ASCMD R2068 R2069 R4444
#[test]
fn an_event_that_both_changed_is_the_servers_unless_the_client_shall_win() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        world.put(folder, &event(world, "u1", "Before")).await;
        for (conflict, status, expected) in [("1", Some("7"), "Server"), ("0", None, "Phone")] {
            let mut phone = phone_of(world, &people.anna_address, "16.1", Class::Calendar, folder).await;
            phone.conflict = Some(conflict);
            phone.sync_all().await;
            let id = phone.items.keys().next().unwrap().clone();
            let (item, _) = world.objects(folder, Class::Calendar).await.remove(0);
            world.replace(folder, &item, &event(world, "u1", "Server")).await;
            phone.act(&id, Did::Subject("Phone".into()));
            let answer = phone.ask(100).await;
            assert_eq!(answer.statuses(&id).first().map(String::as_str), status);
            phone.take(&answer);
            phone.sync_all().await;
            assert_eq!(phone.items[&id].subject, expected);
            assert_eq!(world.objects(folder, Class::Calendar).await[0].1.subject, expected);
        }
    });
}

#[test]
fn what_a_reader_may_not_do_to_events_is_undone_on_its_phone() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        world.share(folder, people.ben, Preset::Reader.rights()).await;
        world.put(folder, &event(world, "u1", "One")).await;
        world.put(folder, &event(world, "u2", "Two")).await;
        world.put(folder, &Object { private: true, ..event(world, "u3", "Secret") }).await;
        let mut phone = phone_of(world, &people.ben_address, "16.1", Class::Calendar, folder).await;
        phone.may_be_refused = true;
        phone.sync_all().await;
        let before = phone.items.clone();
        assert_eq!(before.len(), 2, "private events are not there");
        let (one, two) = (phone.id_of("One"), phone.id_of("Two"));
        phone.act(&one, Did::Subject("Mine".into()));
        phone.act(&two, Did::Delete { moves: true });
        let (client_id, subject, when) = ("c1".to_owned(), "New".to_owned(), day(world, 1));
        phone.pending.push(("c1".into(), Did::Add { client_id, subject, when }));
        let answer = phone.ask(100).await;
        for (name, status) in [(&*one, "7"), (&*two, "7"), ("c1", "6")] {
            assert_eq!(answer.statuses(name), [status], "{name}");
        }
        phone.take(&answer);
        phone.sync_all().await;
        assert_eq!(phone.items, before);
        assert_eq!(world.objects(folder, Class::Calendar).await.len(), 3);
    });
}

#[test]
fn an_author_adds_changes_and_deletes_its_own_on_its_phone() {
    on_each_database(async |world| {
        let people = world.people().await;
        for (class, version) in OF_EACH_KIND {
            let folder = shared_with_author(world, &people, class, version).await;
            let mut phone = phone_of(world, &people.ben_address, version, class, folder).await;
            phone.sync_all().await;
            let (client_id, subject, when) = ("c1".to_owned(), "Mine".to_owned(), when(world, class));
            phone.pending.push(("c1".into(), Did::Add { client_id, subject, when }));
            let answer = phone.ask(100).await;
            assert_eq!(answer.statuses("c1"), ["1"], "{class:?} {version}");
            phone.take(&answer);
            phone.sync_all().await;
            assert_eq!(subjects(world, folder, class).await, ["Mine", "One", "Two"], "{class:?} {version}");

            let own = phone.id_of("Mine");
            phone.act(&own, Did::Subject("Mine still".into()));
            let answer = phone.ask(100).await;
            assert!(answer.statuses(&own).is_empty(), "{class:?} {version}: {answer:?}");
            phone.take(&answer);
            phone.sync_all().await;
            assert_eq!(phone.items[&own].subject, "Mine still", "{class:?} {version}");
            let now = subjects(world, folder, class).await;
            assert_eq!(now, ["Mine still", "One", "Two"], "{class:?} {version}");

            phone.act(&own, Did::Delete { moves: true });
            let answer = phone.ask(100).await;
            assert!(answer.statuses(&own).is_empty(), "{class:?} {version}: {answer:?}");
            phone.take(&answer);
            phone.sync_all().await;
            assert!(!phone.items.contains_key(&own), "{class:?} {version}");
            assert_eq!(subjects(world, folder, class).await, ["One", "Two"], "{class:?} {version}");
        }
    });
}

#[test]
fn what_an_author_does_to_the_items_of_others_is_undone_on_its_phone() {
    on_each_database(async |world| {
        let people = world.people().await;
        for (class, version) in OF_EACH_KIND {
            let folder = shared_with_author(world, &people, class, version).await;
            let mut phone = phone_of(world, &people.ben_address, version, class, folder).await;
            phone.sync_all().await;
            let (before, stored) = (phone.items.clone(), world.stored(folder).await);
            let (one, two) = (phone.id_of("One"), phone.id_of("Two"));
            phone.act(&one, Did::Subject("Mine".into()));
            phone.act(&two, Did::Delete { moves: true });
            // One of its own in the same request is made all the same.
            let (client_id, subject, when) = ("c1".to_owned(), "New".to_owned(), when(world, class));
            phone.pending.push(("c1".into(), Did::Add { client_id, subject, when }));

            let answer = phone.ask(100).await;

            for (name, status) in [(&*one, "7"), (&*two, "7"), ("c1", "1")] {
                assert_eq!(answer.statuses(name), [status], "{class:?} {version} {name}");
            }
            phone.take(&answer);
            phone.sync_all().await;
            let new = phone.id_of("New");
            phone.items.remove(&new);
            assert_eq!(phone.items, before, "{class:?} {version}");
            let mut now = world.stored(folder).await;
            assert_eq!(now.pop().map(|(item, _)| item.author), Some(Some(people.ben)), "{class:?} {version}");
            let bytes = |list: &[(storage::Item, String)]| -> Vec<String> {
                list.iter().map(|(_, text)| text.clone()).collect()
            };
            assert_eq!(bytes(&now), bytes(&stored), "{class:?} {version}");
        }
    });
}

const OF_EACH_KIND: [(Class, &str); 6] = [
    (Class::Calendar, "14.1"),
    (Class::Calendar, "16.1"),
    (Class::Contacts, "14.1"),
    (Class::Contacts, "16.1"),
    (Class::Tasks, "14.1"),
    (Class::Tasks, "16.1"),
];

fn when(world: &World, class: Class) -> String {
    match class {
        Class::Calendar => day(world, 1),
        Class::Tasks => "0".to_owned(),
        _ => String::new(),
    }
}

/// A folder of Anna's with two items of others, in which Ben is an author.
async fn shared_with_author(world: &World, people: &People, class: Class, version: &str) -> FolderId {
    let name = format!("{class:?} {version}");
    let folder = world.make_folder(people.anna, kind_of(class), &name).await;
    world.share(folder, people.ben, Preset::Author.rights()).await;
    for (uid, subject) in [("u1", "One"), ("u2", "Two")] {
        let when = when(world, class);
        world.put(folder, &Object { class, when, ..event(world, uid, subject) }).await;
    }
    folder
}

async fn subjects(world: &World, folder: FolderId, class: Class) -> Vec<String> {
    let all = world.objects(folder, class).await.into_iter();
    let mut subjects: Vec<String> = all.map(|(_, object)| object.subject).collect();
    subjects.sort();
    subjects
}

#[test]
fn deleted_events_are_gone_and_not_in_the_trash() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        world.put(folder, &event(world, "u1", "One")).await;
        let mut phone = phone_of(world, &people.anna_address, "14.1", Class::Calendar, folder).await;
        phone.sync_all().await;
        let id = phone.id_of("One");
        phone.act(&id, Did::Delete { moves: true });
        phone.sync_all().await;
        assert!(world.stored(folder).await.is_empty());
        let trash = world.folder(people.anna, Role::Trash).await;
        assert!(world.items(trash).await.is_empty());
    });
}

#[test]
fn a_calendar_shows_events_only() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        world.put(folder, &event(world, "u1", "Event")).await;
        world
            .put(folder, &Object { class: Class::Tasks, when: "0".into(), ..event(world, "u2", "To do") })
            .await;
        let mut phone = phone_of(world, &people.anna_address, "16.1", Class::Calendar, folder).await;
        phone.sync_all().await;
        assert_eq!(phone.items.values().map(|item| &*item.subject).collect::<Vec<_>>(), ["Event"]);
    });
}

#[test]
fn one_occurrence_is_changed_and_another_deleted() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = calendar_of(world, &people).await;
        let text = String::from_utf8(event(world, "u1", "Weekly").bytes()).unwrap();
        let text = text.replace("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=5\r\nEND:VEVENT");
        world.put_bytes(folder, Class::Calendar, text.into_bytes()).await;
        let mut phone = phone_of(world, &people.anna_address, "16.1", Class::Calendar, folder).await;
        phone.sync_all().await;
        let id = phone.id_of("Weekly");
        let occurrence = |tag: Tag, days| {
            Element::new(tag)
                .with_text(airsync::SERVER_ID, &*id)
                .with_text(airsync_base::INSTANCE_ID, day(world, days))
        };
        // Both in one request: the second is made of what the first left.
        let changed = occurrence(airsync::CHANGE, 4).with(data(&[(calendar::SUBJECT, "Once")]));
        let answer = phone.ask_with(100, vec![changed, occurrence(airsync::DELETE, 5)]).await;
        assert!(answer.statuses(&id).is_empty(), "{answer:?}");
        let now = only_text(world, folder).await;
        assert!(now.contains("RECURRENCE-ID") && now.contains("SUMMARY:Once"), "{now}");
        assert!(now.contains("EXDATE") && now.contains("SUMMARY:Weekly"), "{now}");
        phone.key.clone_from(&answer.key);
        assert!(phone.ask(100).await.collection.is_none(), "its own change is not told again");
    });
}

#[test]
fn a_recurring_task_that_is_completed_moves_on_and_leaves_its_occurrence() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.folder(people.anna, Role::Tasks).await;
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x.test//EN\r\nBEGIN:VTODO\r\nUID:t1\r\n\
            DTSTAMP:20261123T090000Z\r\nSUMMARY:Water\r\nDUE;VALUE=DATE:20261124\r\n\
            DTSTART;VALUE=DATE:20261124\r\nRRULE:FREQ=WEEKLY\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
        world.put_bytes(folder, Class::Tasks, text.as_bytes().to_vec()).await;
        let mut phone = phone_of(world, &people.anna_address, "16.1", Class::Tasks, folder).await;
        phone.prime().await;
        let answer = phone.ask(100).await;
        phone.take(&answer);
        let id = phone.id_of("Water");
        // The phone sends all of the task again, done.
        let told = answer.collection.as_ref().unwrap().child(airsync::COMMANDS).unwrap();
        let shown = told.child(airsync::ADD).unwrap().child(airsync::APPLICATION_DATA).unwrap();
        let done = data(&[(tasks::COMPLETE, "1"), (tasks::DATE_COMPLETED, "2026-11-24T10:00:00.000Z")]);
        let kept = shown.children().filter(|child| done.child(child.tag).is_none());
        let done = kept.fold(done.clone(), |data, child| data.with(child.clone()));
        let change = Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &*id).with(done);
        let answer = tell(&mut phone, change).await;
        assert!(answer.statuses(&id).is_empty(), "{answer:?}");
        phone.show(&answer);
        phone.sync_all().await;
        let mut completed: Vec<&str> = phone.items.values().map(|item| &*item.when).collect();
        completed.sort_unstable();
        assert_eq!(completed, ["0", "1"], "{:?}", phone.items);
    });
}

#[test]
fn every_class_is_fetched_and_moved() {
    on_each_database(async |world| {
        let people = world.people().await;
        for (class, tag) in [
            (Class::Calendar, calendar::SUBJECT),
            (Class::Contacts, contacts::LAST_NAME),
            (Class::Tasks, tasks::SUBJECT),
            (Class::Notes, wbxml::page::notes::SUBJECT),
        ] {
            let when = if class == Class::Tasks { "0".into() } else { day(world, 3) };
            let folder = world.make_folder(people.anna, kind_of(class), "From").await;
            let other = world.make_folder(people.anna, kind_of(class), "To").await;
            world.put(folder, &Object { class, when, ..event(world, "u1", "Thing") }).await;
            let mut phone = phone_of(world, &people.anna_address, "14.1", class, folder).await;
            phone.sync_all().await;
            let id = phone.id_of("Thing");
            let fetch = Element::new(item_operations::FETCH)
                .with_text(item_operations::STORE, "Mailbox")
                .with_text(airsync::COLLECTION_ID, folder.to_string())
                .with_text(airsync::SERVER_ID, &*id);
            let request = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
            let root = phone.command("ItemOperations", Some(&request)).await.unwrap();
            let fetched =
                root.child(item_operations::RESPONSE).unwrap().child(item_operations::FETCH).unwrap();
            assert_eq!(text(fetched, airsync::CLASS), class.name());
            assert_eq!(text(fetched.child(item_operations::PROPERTIES).unwrap(), tag), "Thing");

            let (status, moved) = phone.move_to(&id, other).await;
            assert_eq!(status, "3");
            phone.sync_all().await;
            assert!(phone.items.is_empty());
            let mut there = Phone { folder: other, key: "0".into(), ..phone.clone() };
            there.sync_all().await;
            assert_eq!(there.items.keys().cloned().collect::<Vec<_>>(), [moved.unwrap()]);
        }
    });
}

#[test]
fn a_class_has_its_own_filters() {
    on_each_database(async |world| {
        let people = world.people().await;
        for (kind, class, filter, status) in [
            (CollectionKind::Calendar, Class::Calendar, 1, "4"),
            (CollectionKind::Calendar, Class::Calendar, 4, "1"),
            (CollectionKind::Tasks, Class::Tasks, 4, "4"),
            (CollectionKind::Tasks, Class::Tasks, 8, "1"),
            (CollectionKind::Notes, Class::Notes, 1, "1"),
        ] {
            let folder = world.make_folder(people.anna, kind, &format!("{class:?} {filter}")).await;
            let mut phone = phone_of(world, &people.anna_address, "16.1", class, folder).await;
            phone.prime().await;
            phone.filter = filter;
            assert_eq!(phone.status_of_sync().await, status, "{class:?} {filter}");
        }
    });
}
