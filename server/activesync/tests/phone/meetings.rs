//! Meetings: made on a phone, answered on a phone. From 16.0 the server tells everybody; up to 14.1 the phone sends
//! the mails itself.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use storage::{Grantee, NewItem, ScheduleTag, right};
use vocabulary::{AccountId, CollectionKind, Rights, Role};
use wbxml::page::meeting_response as page;
use wbxml::page::{
    airsync, airsync_base, calendar, compose_mail, email, folder_hierarchy as hierarchy, item_operations,
};
use wbxml::{Element, Tag};

use crate::object::day;
use crate::phone::{Phone, text};
use crate::world::{People, World, editor, on_each_database};

const VERSIONS: [&str; 2] = ["14.1", "16.1"];

/// Anna's phone on one of her folders.
async fn phone_on<'w>(
    world: &'w World,
    user: &str,
    version: &'static str,
    class: Class,
    folder: FolderId,
) -> Phone<'w> {
    let device = format!("m{}{}", version.replace('.', ""), user.len());
    Phone { class, ..Phone::new(world, user, &device, version, folder).await }
}

/// The objects of a calendar, unfolded.
async fn objects(world: &World, account: AccountId) -> Vec<String> {
    let folder = world.folder(account, Role::Calendar).await;
    world.stored(folder).await.into_iter().map(|(_, text)| text.replace("\r\n ", "")).collect()
}

async fn object(world: &World, account: AccountId) -> String {
    let mut objects = objects(world, account).await;
    assert_eq!(objects.len(), 1, "{objects:?}");
    objects.remove(0)
}

async fn mails(world: &World, account: AccountId) -> Vec<String> {
    let inbox = world.folder(account, Role::Inbox).await;
    world.items(inbox).await.into_iter().map(|(_, subject)| subject).collect()
}

/// How an attendee stands in an object.
fn answer_of(object: &str, address: &str) -> String {
    let end = format!(":mailto:{address}");
    let line = object.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&end));
    let line = line.unwrap_or_else(|| panic!("no {address} in {object}"));
    let (_, rest) = line.split_once("PARTSTAT=").unwrap_or(("", "NEEDS-ACTION:"));
    rest.split([';', ':']).next().unwrap().to_owned()
}

/// What a phone sends of a meeting.
fn meeting(world: &World, version: &str, guests: &[&str]) -> Element {
    let start = day(world, 3);
    let end = start.replace("T090000Z", "T100000Z");
    let mut data = Element::new(airsync::APPLICATION_DATA);
    if version < "16" {
        data.push(Element::text(calendar::UID, "met"));
    } else {
        data.push(Element::text(calendar::CLIENT_UID, "met"));
    }
    for (tag, value) in [
        (calendar::SUBJECT, "Beete planen"),
        (calendar::START_TIME, start.as_str()),
        (calendar::END_TIME, &end),
        (calendar::MEETING_STATUS, "1"),
    ] {
        data.push(Element::text(tag, value));
    }
    let attendee = |address: &&str| {
        Element::new(calendar::ATTENDEE)
            .with_text(calendar::EMAIL, *address)
            .with_text(calendar::NAME, *address)
            .with_text(calendar::ATTENDEE_TYPE, "1")
    };
    data.with(guests.iter().map(attendee).fold(Element::new(calendar::ATTENDEES), Element::with))
}

/// Anna invites Ben with a phone of 16.1; her phone and the ServerId of the meeting.
async fn invites<'w>(world: &'w World, people: &People) -> (Phone<'w>, String) {
    invites_in(world, people, world.folder(people.anna, Role::Calendar).await).await
}

async fn invites_in<'w>(world: &'w World, people: &People, folder: FolderId) -> (Phone<'w>, String) {
    let mut phone = phone_on(world, &people.anna_address, "16.1", Class::Calendar, folder).await;
    phone.prime().await;
    let add = Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, "c1").with(meeting(
        world,
        "16.1",
        &[&people.ben_address],
    ));
    let answer = phone.ask_with(100, vec![add]).await;
    assert_eq!(answer.statuses("c1"), ["1"], "{answer:?}");
    let responses = answer.collection.as_ref().unwrap().child(airsync::RESPONSES).unwrap().clone();
    phone.key = answer.key;
    (phone, text(responses.child(airsync::ADD).unwrap(), airsync::SERVER_ID))
}

fn request(item: &str, folder: FolderId, response: &str, send: Option<Element>) -> Element {
    let mut request = Element::new(page::REQUEST)
        .with_text(page::USER_RESPONSE, response)
        .with_text(page::COLLECTION_ID, folder.to_string())
        .with_text(page::REQUEST_ID, item);
    if let Some(send) = send {
        request.push(send);
    }
    Element::new(page::MEETING_RESPONSE).with(request)
}

async fn respond(phone: &Phone<'_>, body: &Element) -> (String, Option<String>) {
    let root = phone.command("MeetingResponse", Some(body)).await.unwrap();
    let result = root.child(page::RESULT).unwrap_or_else(|| panic!("{root:?}"));
    (text(result, page::STATUS), result.child_value(page::CALENDAR_ID).map(|id| id.into_owned()))
}

/// The mail that invites, as the phone is told of it.
async fn invitation(phone: &mut Phone<'_>) -> (String, Element) {
    phone.prime().await;
    let answer = phone.ask(100).await;
    let commands = answer.collection.as_ref().unwrap().child(airsync::COMMANDS).unwrap().clone();
    let add = commands.child(airsync::ADD).unwrap().clone();
    phone.take(&answer);
    (text(&add, airsync::SERVER_ID), add.child(airsync::APPLICATION_DATA).unwrap().clone())
}

/// MS-ASCMD R7113 and section 2.2.1.11.
// MS-ASCMD R830 R831 R3843 R5068 R5071 R5723 R5828
// MS-ASHTTP R432
// MS-ASEMAIL R715
#[test]
fn an_invitation_is_shown_and_answered_by_its_mail() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            invites(world, &people).await;
            assert_eq!(mails(world, people.ben).await, ["Invitation: Beete planen"]);
            let inbox = world.folder(people.ben, Role::Inbox).await;
            let mut phone = phone_on(world, &people.ben_address, version, Class::Email, inbox).await;
            let (id, data) = invitation(&mut phone).await;
            assert_eq!(text(&data, email::MESSAGE_CLASS), "IPM.Schedule.Meeting.Request");
            assert_eq!(text(&data, email::CONTENT_CLASS), "urn:content-classes:calendarmessage");
            let shown = data.child(email::MEETING_REQUEST).unwrap_or_else(|| panic!("{data:?}"));
            assert!(text(shown, email::ORGANIZER).contains(&people.anna_address));
            assert_eq!(text(shown, email::RESPONSE_REQUESTED), "1");
            assert_eq!(text(shown, email::START_TIME).get(11..), Some("09:00:00.000Z"));

            let send = (version == "16.1").then(|| Element::new(page::SEND_RESPONSE));
            let (status, event) = respond(&phone, &request(&id, inbox, "1", send.clone())).await;
            assert_eq!(status, "1");
            let folder = world.folder(people.ben, Role::Calendar).await;
            let mut calendar = phone_on(world, &people.ben_address, version, Class::Calendar, folder).await;
            calendar.sync_all().await;
            assert_eq!(Some(calendar.id_of("Beete planen")), event);
            assert_eq!(answer_of(&object(world, people.ben).await, &people.ben_address), "ACCEPTED");

            let told = send.is_some();
            let expected = if told { "ACCEPTED" } else { "NEEDS-ACTION" };
            assert_eq!(answer_of(&object(world, people.anna).await, &people.ben_address), expected);
            let expected: &[&str] = if told { &["Accepted: Beete planen"] } else { &[] };
            assert_eq!(mails(world, people.anna).await, expected);
        }
    });
}

/// MS-ASCMD R5072: what is declined leaves the calendar.
// MS-ASCMD R837 R5072 R5678 R5708 R5709 R5790
#[test]
fn an_event_is_declined_by_itself_and_another_time_is_proposed() {
    on_each_database(async |world| {
        let people = world.people().await;
        invites(world, &people).await;
        let folder = world.folder(people.ben, Role::Calendar).await;
        let mut phone = phone_on(world, &people.ben_address, "16.1", Class::Calendar, folder).await;
        phone.sync_all().await;
        let id = phone.id_of("Beete planen");
        let (start, end) = (day(world, 4), day(world, 4).replace("T090000Z", "T110000Z"));
        let body = Element::new(airsync_base::BODY)
            .with_text(airsync_base::TYPE, "1")
            .with_text(airsync_base::DATA, "Am Tag danach?");
        let proposal = Element::new(page::SEND_RESPONSE)
            .with(body)
            .with_text(page::PROPOSED_START_TIME, &start)
            .with_text(page::PROPOSED_END_TIME, &end);
        let (status, event) = respond(&phone, &request(&id, folder, "2", Some(proposal))).await;
        assert_eq!((status.as_str(), event.as_deref()), ("1", Some(id.as_str())));
        assert_eq!(mails(world, people.anna).await, ["New time proposed: Beete planen"]);
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = world.stored(inbox).await.remove(0).1;
        assert!(mail.contains("Am Tag danach?") && mail.contains("method=\"COUNTER\""), "{mail}");
        let own = object(world, people.anna).await;
        assert!(!own.contains(&start), "the organiser decides: {own}");

        let send = Some(Element::new(page::SEND_RESPONSE));
        assert_eq!(respond(&phone, &request(&id, folder, "3", send)).await, ("1".to_owned(), None));
        assert_eq!(objects(world, people.ben).await.len(), 0);
        assert_eq!(answer_of(&object(world, people.anna).await, &people.ben_address), "DECLINED");
        phone.sync_all().await;
        assert!(phone.items.is_empty());
    });
}

/// The answers to the phone were lost. Who changes its mind and back has answered three times.
#[test]
fn the_same_answer_again_tells_nobody_again() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (mut organiser, meeting) = invites(world, &people).await;
        let inbox = world.folder(people.ben, Role::Inbox).await;
        let folder = world.folder(people.ben, Role::Calendar).await;
        let mut mail = phone_on(world, &people.ben_address, "16.1", Class::Email, inbox).await;
        let (invitation, _) = invitation(&mut mail).await;
        let items = std::collections::BTreeMap::new();
        let mut calendar =
            Phone { class: Class::Calendar, folder, key: "0".to_owned(), items, ..mail.clone() };
        calendar.sync_all().await;
        let event = calendar.id_of("Beete planen");
        let send = |children: &[(Tag, &str)]| {
            let send = Element::new(page::SEND_RESPONSE);
            Some(children.iter().fold(send, |send, (tag, value)| send.with_text(*tag, *value)))
        };
        let (start, end) = (day(world, 4), day(world, 4).replace("T090000Z", "T110000Z"));
        let times = [(page::PROPOSED_START_TIME, start.as_str()), (page::PROPOSED_END_TIME, end.as_str())];
        let proposal = request(&event, folder, "2", send(&times));
        let [accept, decline] = ["1", "3"].map(|word| request(&invitation, inbox, word, send(&[])));
        let mut told = 0;
        for body in [&proposal, &accept, &decline, &accept, &decline] {
            world.pass_ms(60_000);
            let first = respond(&mail, body).await;
            told += 1;
            assert_eq!(first.0, "1", "{body:?}");
            for _ in 0..2 {
                assert_eq!(respond(&mail, body).await, first, "{body:?}");
                assert_eq!(mails(world, people.anna).await.len(), told, "{body:?}");
            }
        }
        assert_eq!(objects(world, people.ben).await, [""; 0], "declined");
        world.pass_ms(60_000);
        assert_eq!(respond(&mail, &accept).await.0, "1");

        // What is another meeting now is answered anew.
        organiser.key = organiser.ask(100).await.key;
        let (start, end) = (day(world, 5), day(world, 5).replace("T090000Z", "T100000Z"));
        let moved = Element::new(airsync::APPLICATION_DATA)
            .with_text(calendar::START_TIME, start)
            .with_text(calendar::END_TIME, end);
        let moved = Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &meeting).with(moved);
        organiser.key = organiser.ask_with(100, vec![moved]).await.key;
        assert_eq!(answer_of(&object(world, people.ben).await, &people.ben_address), "NEEDS-ACTION");
        world.pass_ms(60_000);
        assert_eq!(respond(&mail, &accept).await.0, "1");
        assert_eq!(answer_of(&object(world, people.anna).await, &people.ben_address), "ACCEPTED");

        // By the event, which a declining takes away.
        calendar.sync_all().await;
        let decline = request(&calendar.id_of("Beete planen"), folder, "3", send(&[]));
        let before = mails(world, people.anna).await.len();
        world.pass_ms(60_000);
        for _ in 0..3 {
            assert_eq!(respond(&calendar, &decline).await, ("1".to_owned(), None));
        }
        assert_eq!(mails(world, people.anna).await.len(), before + 1);
    });
}

/// One of them cannot be read: the other is done.
// MS-ASCMD R4182 R6712
#[test]
fn an_answer_that_cannot_be_read_is_refused_alone() {
    on_each_database(async |world| {
        let people = world.people().await;
        invites(world, &people).await;
        let inbox = world.folder(people.ben, Role::Inbox).await;
        let mut phone = phone_on(world, &people.ben_address, "14.0", Class::Email, inbox).await;
        let (id, _) = invitation(&mut phone).await;
        let one = |word: &str| request(&id, inbox, word, None).child(page::REQUEST).unwrap().clone();
        let both = Element::new(page::MEETING_RESPONSE)
            .with(one("1").with_text(page::INSTANCE_ID, "2026-11-27T09:00:00.000Z"))
            .with(one("4"))
            .with(one("1"));
        let root = phone.command("MeetingResponse", Some(&both)).await.unwrap();
        let statuses: Vec<String> = root.all(page::RESULT).map(|one| text(one, page::STATUS)).collect();
        assert_eq!(statuses, ["2", "2", "1"]);
    });
}

/// MS-ASCMD section 2.2.3.177.9.
// MS-ASCMD R3195 R3196 R4183 R4819
#[test]
fn what_cannot_be_answered_is_told_so() {
    on_each_database(async |world| {
        let people = world.people().await;
        invites(world, &people).await;
        let inbox = world.folder(people.ben, Role::Inbox).await;
        let calendar = world.folder(people.ben, Role::Calendar).await;
        world.append(inbox, "no invitation", world.now(), vocabulary::Flags::NONE).await;
        let mut phone = phone_on(world, &people.ben_address, "16.1", Class::Email, inbox).await;
        phone.sync_all().await;
        let (plain, id) = (phone.id_of("no invitation"), phone.id_of("Invitation: Beete planen"));
        let theirs = world.folder(people.anna, Role::Calendar).await;
        for (item, folder) in [
            (plain.as_str(), inbox),
            ("nonsense", inbox),
            (&format!("{inbox}x999"), inbox),
            (&id, calendar),
            (&format!("{theirs}x1"), theirs),
        ] {
            assert_eq!(respond(&phone, &request(item, folder, "1", None)).await.0, "2", "{item}");
        }
        let with = |value: &str| {
            let whole = request(&id, inbox, "1", None);
            let one = whole.child(page::REQUEST).unwrap().clone().with_text(page::INSTANCE_ID, value);
            Element::new(page::MEETING_RESPONSE).with(one)
        };
        let (single, broken) = (with("2026-11-26T09:00:00.000Z"), with("no moment"));
        assert_eq!(respond(&phone, &single).await.0, "146", "it is no series: MS-ASCMD R3196");
        assert_eq!(respond(&phone, &broken).await.0, "104", "MS-ASCMD R3195");
        let nothing = Element::new(page::MEETING_RESPONSE);
        let root = phone.command("MeetingResponse", Some(&nothing)).await.unwrap();
        assert_eq!(text(&root, page::STATUS), "103");
        assert_eq!(answer_of(&object(world, people.ben).await, &people.ben_address), "NEEDS-ACTION");
        assert_eq!(mails(world, people.anna).await, [""; 0]);
    });
}

#[test]
fn a_phone_of_16_moves_and_calls_off_and_each_guest_hears_it_once() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (mut phone, id) = invites(world, &people).await;
        let change = |fields: &[(Tag, &str)]| {
            let data = Element::new(airsync::APPLICATION_DATA);
            let data = fields.iter().fold(data, |data, (tag, value)| data.with_text(*tag, *value));
            Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &id).with(data)
        };
        let (start, end) = (day(world, 5), day(world, 5).replace("T090000Z", "T100000Z"));
        let moved = change(&[(calendar::START_TIME, &start), (calendar::END_TIME, &end)]);
        let answer = phone.ask_with(100, vec![moved]).await;
        assert_eq!(answer.status, "1");
        phone.key = answer.key;
        assert_eq!(mails(world, people.ben).await, ["Invitation: Beete planen", "Updated: Beete planen"]);
        assert!(object(world, people.ben).await.contains(&format!("DTSTART:{start}")));

        let reminded = change(&[(calendar::REMINDER, "10")]);
        let answer = phone.ask_with(100, vec![reminded]).await;
        phone.key = answer.key;
        assert_eq!(mails(world, people.ben).await.len(), 2, "an alarm is nobody's business");

        let delete = Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, &id);
        let answer = phone.ask_with(100, vec![delete]).await;
        assert_eq!(answer.status, "1");
        assert_eq!(mails(world, people.ben).await.get(2..), Some(&["Canceled: Beete planen".to_owned()][..]));
        assert!(object(world, people.ben).await.contains("STATUS:CANCELLED"));
        assert_eq!(objects(world, people.anna).await.len(), 0);
        assert_eq!(mails(world, people.anna).await.len(), 0);
    });
}

/// By a delegate, who may remove it, but not read it.
#[test]
fn with_a_calendar_its_meetings_are_called_off() {
    on_each_database(async |world| {
        let people = world.people().await;
        let folder = world.make_folder(people.anna, CollectionKind::Calendar, "Garten").await;
        invites_in(world, &people, folder).await;
        assert_eq!(mails(world, people.ben).await, ["Invitation: Beete planen"]);
        world.share(folder, people.ben, Rights::LOOKUP | Rights::DELETE_COLLECTION).await;
        let refused = removes(world, &people.ben_address, folder).await;
        assert_eq!((refused.as_str(), mails(world, people.ben).await.len()), ("3", 1), "he is none yet");
        world.share(world.folder(people.anna, Role::Calendar).await, people.ben, editor()).await;
        assert_eq!(removes(world, &people.ben_address, folder).await, "1");
        assert_eq!(mails(world, people.ben).await.get(1..), Some(&["Canceled: Beete planen".to_owned()][..]));
        assert!(object(world, people.ben).await.contains("STATUS:CANCELLED"));
    });
}

#[test]
fn a_folder_that_stays_calls_off_nothing() {
    on_each_database(async |world| {
        let people = world.people().await;
        let own = world.folder(people.anna, Role::Calendar).await;
        invites(world, &people).await;
        let list = world.make_folder(people.anna, CollectionKind::Tasks, "Beete").await;
        world.make_folder_in(list, CollectionKind::Tasks, "Rosen").await;
        add_task(world, &people, list, "t1").await;
        let may = Rights::LOOKUP | Rights::READ | Rights::DELETE_COLLECTION | Rights::DELETE_ITEMS;
        world.share(list, people.ben, may).await;
        world.share(own, people.ben, editor()).await;
        let before = (object(world, people.ben).await, mails(world, people.ben).await);
        // A special folder, and one beneath which there is another that he does not even see.
        for (who, folder) in [(&people.anna_address, own), (&people.ben_address, list)] {
            assert_eq!(removes(world, who, folder).await, "3");
            let waiting = world.read(|tx| tx.outbox_due(&tx.administer()?, "itip", 10)).await;
            assert_eq!(waiting, [], "nothing waits to be told");
        }
        assert_eq!((object(world, people.ben).await, mails(world, people.ben).await), before);
        assert_eq!((world.items(own).await.len(), world.items(list).await.len()), (1, 1));
    });
}

/// The status of somebody's FolderDelete.
async fn removes(world: &World, user: &str, folder: FolderId) -> String {
    let phone = phone_on(world, user, "16.1", Class::Email, folder).await;
    let all = Element::new(hierarchy::FOLDER_SYNC).with_text(hierarchy::SYNC_KEY, "0");
    let all = phone.command("FolderSync", Some(&all)).await.unwrap();
    let delete = Element::new(hierarchy::FOLDER_DELETE)
        .with_text(hierarchy::SYNC_KEY, text(&all, hierarchy::SYNC_KEY))
        .with_text(hierarchy::SERVER_ID, folder.to_string());
    text(&phone.command("FolderDelete", Some(&delete)).await.unwrap(), hierarchy::STATUS)
}

/// Whatever version its phone says that it speaks: who is no delegate does not send in the owner's name, so whoever waits
/// for a message would never hear.
#[test]
fn whoever_is_no_delegate_neither_changes_nor_removes_what_would_be_told() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let folder = world.folder(people.anna, Role::Calendar).await;
            invites(world, &people).await;
            world
                .write(&[folder.account], move |tx| {
                    let grant = tx.open::<right::Administer>(folder.account, folder.collection)?;
                    tx.set_permission(&grant, Grantee::Anyone, editor())
                })
                .await;
            let before = object(world, people.anna).await;
            let mut phone = phone_on(world, &people.ben_address, version, Class::Calendar, folder).await;
            let (id, _) = invitation(&mut phone).await;
            let renamed = Element::new(airsync::APPLICATION_DATA).with_text(calendar::LOCATION, "woanders");
            for command in [
                Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &id).with(renamed),
                Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, &id),
            ] {
                let answer = phone.ask_with(100, vec![command]).await;
                phone.key = answer.key;
                assert_eq!(object(world, people.anna).await, before, "{version}");
            }
            world.share(folder, people.ben, editor()).await;
            let (id, _) = invitation(&mut phone).await;
            let delete = Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, &id);
            assert_eq!(phone.ask_with(100, vec![delete]).await.status, "1", "{version}");
            assert_eq!(objects(world, people.anna).await, [] as [&str; 0], "{version}: a delegate");
        }
    });
}

/// Phones know nothing of tasks with guests, so the server tells, whatever version they speak.
#[test]
fn a_task_that_is_removed_alone_or_with_its_list_is_called_off() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let list = world.make_folder(people.anna, CollectionKind::Tasks, "Beete").await;
            for uid in ["t1", "t2"] {
                add_task(world, &people, list, uid).await;
            }
            let mut phone = phone_on(world, &people.anna_address, version, Class::Tasks, list).await;
            let (id, _) = invitation(&mut phone).await;
            let delete = Element::new(airsync::DELETE).with_text(airsync::SERVER_ID, &id);
            assert_eq!(phone.ask_with(100, vec![delete]).await.status, "1");
            assert_eq!(mails(world, people.ben).await.len(), 1, "{version}");
            assert_eq!(removes(world, &people.anna_address, list).await, "1");
            assert_eq!(mails(world, people.ben).await, ["Canceled: Gießen", "Canceled: Gießen"], "{version}");
        }
    });
}

/// A task of Anna's that Ben was asked to do, and his copy.
async fn add_task(world: &World, people: &People, list: FolderId, uid: &str) {
    let task = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n\
         SUMMARY:Gießen\r\nORGANIZER:mailto:{}\r\nATTENDEE:mailto:{}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        people.anna_address, people.ben_address
    );
    let (store, now) = (&world.store, world.now());
    for folder in [list, world.folder(people.ben, Role::Tasks).await] {
        let bytes = task.clone().into_bytes().into();
        let new = workflow::ingest_calendar_object(store, folder.account, bytes, now).await.unwrap();
        world.insert(folder, NewItem { schedule_tag: ScheduleTag::New, ..new }).await;
    }
}

/// Not told of by the sub-folder's own removal, but by that of what it lies in.
#[test]
fn what_lies_in_folders_beneath_an_emptied_one_is_called_off_too() {
    on_each_database(async |world| {
        let people = world.people().await;
        let list = world.make_folder(people.anna, CollectionKind::Tasks, "Beete").await;
        let beneath = world.make_folder_in(list, CollectionKind::Tasks, "Rosen").await;
        add_task(world, &people, list, "t1").await;
        add_task(world, &people, beneath, "t2").await;
        let phone = phone_on(world, &people.anna_address, "16.1", Class::Tasks, list).await;
        let empty = Element::new(item_operations::EMPTY_FOLDER_CONTENTS)
            .with_text(airsync::COLLECTION_ID, list.to_string())
            .with(Element::new(item_operations::OPTIONS).with_empty(item_operations::DELETE_SUB_FOLDERS));
        let empty = Element::new(item_operations::ITEM_OPERATIONS).with(empty);
        phone.command("ItemOperations", Some(&empty)).await.unwrap();
        assert_eq!(mails(world, people.ben).await, ["Canceled: Gießen", "Canceled: Gießen"]);
        assert_eq!(world.items(list).await, []);
    });
}

#[test]
fn a_phone_of_14_sends_the_mails_itself_and_nobody_is_told_twice() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna_address, &people.ben_address);
        let folder = world.folder(people.anna, Role::Calendar).await;
        let mut phone = phone_on(world, anna, "14.1", Class::Calendar, folder).await;
        phone.prime().await;
        let add = Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, "c1").with(meeting(
            world,
            "14.1",
            &[ben],
        ));
        let answer = phone.ask_with(100, vec![add]).await;
        assert_eq!(answer.statuses("c1"), ["1"]);
        let own = object(world, people.anna).await;
        assert_eq!((mails(world, people.ben).await.len(), objects(world, people.ben).await.len()), (0, 0));

        let carrying = |from: &str, to: &str, method: &str, object: &str| {
            let object = object.replace("BEGIN:VEVENT", &format!("METHOD:{method}\r\nBEGIN:VEVENT"));
            let mail = format!(
                "From: {from}\r\nTo: {to}\r\nSubject: by the phone\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/calendar; method={method}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: 8bit\r\n\r\n{object}"
            );
            Element::new(compose_mail::SEND_MAIL)
                .with_text(compose_mail::CLIENT_ID, method)
                .with_opaque(compose_mail::MIME, mail.into_bytes())
        };
        let mail = carrying(anna, ben, "REQUEST", &own);
        assert!(phone.command("SendMail", Some(&mail)).await.is_none());
        assert_eq!(mails(world, people.ben).await, ["by the phone"]);
        assert_eq!(answer_of(&object(world, people.ben).await, ben), "NEEDS-ACTION");

        let inbox = world.folder(people.ben, Role::Inbox).await;
        let mut other = phone_on(world, ben, "14.1", Class::Email, inbox).await;
        let (id, data) = invitation(&mut other).await;
        assert_eq!(text(&data, email::MESSAGE_CLASS), "IPM.Schedule.Meeting.Request");
        assert_eq!(respond(&other, &request(&id, inbox, "1", None)).await.0, "1");
        assert_eq!(mails(world, people.anna).await.len(), 0);
        // An answer names whoever gives it and no other attendee: RFC 5546 section 3.2.3.
        let answered = object(world, people.ben).await;
        let stays = |line: &&str| !line.starts_with("ATTENDEE") || line.ends_with(ben);
        let answered: String = answered.lines().filter(stays).map(|line| format!("{line}\r\n")).collect();
        let mail = carrying(ben, anna, "REPLY", &answered);
        assert!(other.command("SendMail", Some(&mail)).await.is_none());
        assert_eq!(answer_of(&object(world, people.anna).await, ben), "ACCEPTED");
        assert_eq!(mails(world, people.anna).await, ["by the phone"]);
        assert_eq!(mails(world, people.ben).await.len(), 1);
    });
}
