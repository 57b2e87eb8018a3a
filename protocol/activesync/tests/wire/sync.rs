//! Sync in both directions: MS-ASCMD section 2.2.1.21.

use activesync_wire::command::sync::request::{COLLECTIONS_MAX, ClientCommand, Request};
use activesync_wire::command::sync::{CollectionHead, FilterType, ResponseWriter};
use activesync_wire::item::Class;
use activesync_wire::status::SyncStatus;
use activesync_wire::sync_key::{ClientKey, SyncKey};
use activesync_wire::{Answer, Command, RequestError, Version};
use wbxml::page::{airsync as page, airsync_base, contacts, email, email2};
use wbxml::{Element, Tag};

use crate::tree::{draw, tree};

fn collection(children: &[(Tag, &str)]) -> Element {
    children.iter().fold(Element::new(page::COLLECTION), |element, (tag, value)| match *value {
        "" => element.with_empty(*tag),
        value => element.with_text(*tag, value),
    })
}

fn request(collections: impl IntoIterator<Item = Element>) -> Element {
    let list = collections.into_iter().fold(Element::new(page::COLLECTIONS), Element::with);
    Element::new(page::SYNC).with(list)
}

const KEY: (Tag, &str) = (page::SYNC_KEY, "3.1");
const ZERO: (Tag, &str) = (page::SYNC_KEY, "0");
const ID: (Tag, &str) = (page::COLLECTION_ID, "1w5");

fn refusal(root: &Element) -> String {
    match Request::parse(root).unwrap_err().answer(Command::Sync, Version::V16_1) {
        Answer::Document(document) => draw(&document),
        Answer::Http(code) => format!("HTTP {code}"),
    }
}

// MS-ASCMD R3129 R3459 R4767 R5555 R5556
#[test]
fn the_defaults_are_those_of_the_specification() {
    let root = request([collection(&[KEY, ID])]);
    let read = Request::parse(&root).unwrap();
    assert_eq!((read.hold_seconds, read.window_size, read.partial), (None, None, false));
    let collection = &read.collections[0];
    assert_eq!(collection.key, ClientKey::Issued(SyncKey { generation: 3, counter: 1 }));
    assert_eq!(collection.folder().unwrap().to_string(), "1w5");
    assert!(collection.get_changes && collection.deletes_as_moves && !collection.conversation_mode);
    assert_eq!(collection.window_size, 100);
    assert!(collection.options.is_none() && collection.commands.is_empty() && collection.supported.is_none());

    let root = request([collection_prime()]);
    assert!(!Request::parse(&root).unwrap().collections[0].get_changes);
}

fn collection_prime() -> Element {
    collection(&[ZERO, ID])
}

// MS-ASCMD R3127
#[test]
fn booleans_and_windows_are_read() {
    for (children, get_changes, deletes_as_moves, window_size) in [
        (&[KEY, ID, (page::GET_CHANGES, "0")][..], false, true, 100),
        (&[KEY, ID, (page::GET_CHANGES, "")], true, true, 100),
        (&[KEY, ID, (page::DELETES_AS_MOVES, "0")], true, false, 100),
        (&[KEY, ID, (page::DELETES_AS_MOVES, "")], true, true, 100),
        (&[KEY, ID, (page::WINDOW_SIZE, "0")], true, true, 512),
        (&[KEY, ID, (page::WINDOW_SIZE, "1")], true, true, 1),
        (&[KEY, ID, (page::WINDOW_SIZE, "512")], true, true, 512),
        (&[KEY, ID, (page::WINDOW_SIZE, "513")], true, true, 512),
        (&[KEY, ID, (page::WINDOW_SIZE, "70000")], true, true, 512),
        (&[(page::CLASS, "Email"), KEY, ID], true, true, 100),
    ] {
        let root = request([collection(children)]);
        let read = Request::parse(&root).unwrap();
        let read = &read.collections[0];
        assert_eq!(
            (read.get_changes, read.deletes_as_moves, read.window_size),
            (get_changes, deletes_as_moves, window_size),
            "{children:?}"
        );
    }
}

// MS-ASCMD R3160 R3162 R3225 R3227 R3228 R3229 R3230 R4459 R4460 R4461 R4746 R4748 R5780 R5781 R5782
#[test]
fn waits_are_bounded_and_exclusive() {
    let with = |children: &[(Tag, &str)]| {
        children
            .iter()
            .fold(request([collection(&[KEY, ID])]), |root, (tag, value)| root.with_text(*tag, *value))
    };
    for (tag, value, seconds) in [
        (page::WAIT, "1", 60),
        (page::WAIT, "59", 3540),
        (page::HEARTBEAT_INTERVAL, "60", 60),
        (page::HEARTBEAT_INTERVAL, "3540", 3540),
    ] {
        assert_eq!(Request::parse(&with(&[(tag, value)])).unwrap().hold_seconds, Some(seconds));
    }
    for (tag, value, limit) in [
        (page::WAIT, "0", 1),
        (page::WAIT, "60", 59),
        (page::WAIT, "-5", 1),
        (page::HEARTBEAT_INTERVAL, "59", 60),
        (page::HEARTBEAT_INTERVAL, "3541", 3540),
        (page::HEARTBEAT_INTERVAL, "99999", 3540),
        (page::HEARTBEAT_INTERVAL, "99999999999", 3540),
    ] {
        assert_eq!(refusal(&with(&[(tag, value)])), format!("Sync(Status=14 Limit={limit})"), "{value}");
    }
    assert_eq!(refusal(&with(&[(page::WAIT, "5"), (page::HEARTBEAT_INTERVAL, "60")])), "Sync(Status=4)");
    assert_eq!(refusal(&with(&[(page::WAIT, "soon")])), "Sync(Status=4)");
}

// MS-ASCMD R3128 R4430 R4545 R4456 R5838
// MS-ASAIRS R348
#[test]
fn what_the_schema_forbids_is_status_4() {
    for children in [
        &[ID, KEY][..],
        &[KEY],
        &[ID],
        &[KEY, KEY, ID],
        &[KEY, ID, (page::WINDOW_SIZE, "5"), (page::GET_CHANGES, "1")],
        &[ZERO, ID, (page::GET_CHANGES, "1")],
        &[ZERO, ID, (page::GET_CHANGES, "")],
        &[KEY, ID, (page::GET_CHANGES, "2")],
        &[KEY, ID, (page::WINDOW_SIZE, "x")],
        &[KEY, (page::SUPPORTED, ""), ID],
        &[(page::CLASS, "Odd"), KEY, ID],
    ] {
        assert_eq!(refusal(&request([collection(children)])), "Sync(Status=4)", "{children:?}");
    }
    let body = Element::new(airsync_base::BODY_PREFERENCE)
        .with_text(airsync_base::TRUNCATION_SIZE, "5")
        .with_text(airsync_base::TYPE, "1");
    let root = request([collection(&[KEY, ID]).with(Element::new(page::OPTIONS).with(body))]);
    assert_eq!(refusal(&root), "Sync(Status=4)");
    assert_eq!(refusal(&Element::new(page::SYNC)), "Sync(Status=13)");
    assert_eq!(refusal(&Element::new(email::SUBJECT)), "Sync(Status=101)");
}

#[test]
fn partial_requests_need_something_beside() {
    let partial = || Element::new(page::SYNC).with_empty(page::PARTIAL);
    assert_eq!(refusal(&partial()), "Sync(Status=4)");
    let waiting = partial().with_text(page::WAIT, "10");
    let read = Request::parse(&waiting).unwrap();
    assert!(read.partial && read.hold_seconds == Some(600) && read.collections.is_empty());
    let smaller = partial().with_text(page::WINDOW_SIZE, "7");
    assert_eq!(Request::parse(&smaller).unwrap().window_size, Some(7));
}

#[test]
fn too_many_collections_are_told_the_limit() {
    let many = |count| request((0..count).map(|_| collection(&[KEY, ID])));
    assert_eq!(Request::parse(&many(COLLECTIONS_MAX)).unwrap().collections.len(), COLLECTIONS_MAX);
    assert_eq!(refusal(&many(COLLECTIONS_MAX + 1)), format!("Sync(Status=15 Limit={COLLECTIONS_MAX})"));
}

#[test]
fn supported_is_kept_at_key_0_only() {
    let supported = || Element::new(page::SUPPORTED).with_empty(contacts::FIRST_NAME);
    let read_supported = |key, list: Element| {
        let root = request([collection(&[key, ID]).with(list)]);
        Request::parse(&root).unwrap().collections[0].supported.clone()
    };
    assert_eq!(read_supported(ZERO, supported()), Some(vec![contacts::FIRST_NAME]));
    assert_eq!(read_supported(ZERO, Element::new(page::SUPPORTED)), Some(vec![]));
    assert_eq!(read_supported(KEY, supported()), None);
}

// MS-ASCMD R930
#[test]
fn options_of_text_messages_leave_those_of_mail_alone() {
    let options = |class, filter| {
        Element::new(page::OPTIONS).with_text(page::FILTER_TYPE, filter).with_text(page::CLASS, class)
    };
    let root = request([collection(&[KEY, ID]).with(options("SMS", "1")).with(options("Email", "3"))]);
    let read = Request::parse(&root).unwrap();
    let read = &read.collections[0];
    assert!(read.check(Class::Email).is_ok());
    assert_eq!(read.own_options(Class::Email).unwrap().filter_type, FilterType::OneWeek);
    assert!(read.check(Class::Contacts).is_err());

    let twice = request([collection(&[KEY, ID]).with(options("Email", "1")).with(options("Email", "3"))]);
    assert_eq!(refusal(&twice), "Sync(Status=4)");
}

// MS-ASCMD R3080
#[test]
fn what_depends_on_the_class_is_checked_when_it_is_known() {
    let eight = Element::new(page::OPTIONS).with_text(page::FILTER_TYPE, "8");
    let root = request([collection(&[KEY, ID]).with(eight)]);
    let read = Request::parse(&root).unwrap();
    assert!(read.collections[0].check(Class::Email).is_err(), "MS-ASCMD R3080");
    assert!(read.collections[0].check(Class::Tasks).is_ok());

    let root = request([collection(&[KEY, ID, (page::CONVERSATION_MODE, "1")])]);
    let read = Request::parse(&root).unwrap();
    assert!(read.collections[0].check(Class::Email).is_ok());
    assert!(read.collections[0].check(Class::Calendar).is_err(), "MS-ASCMD R2117");
}

#[test]
fn commands_keep_their_order_and_data() {
    let data = || Element::new(page::APPLICATION_DATA).with_text(email::READ, "1");
    let commands = Element::new(page::COMMANDS)
        .with(Element::new(page::ADD).with_text(page::CLIENT_ID, "c1").with(data()).with_empty(email2::SEND))
        .with(
            Element::new(page::CHANGE)
                .with_text(page::SERVER_ID, "1w5x2")
                .with_text(airsync_base::INSTANCE_ID, "20260102T030405Z")
                .with(data()),
        )
        .with(Element::new(page::CHANGE).with_text(page::SERVER_ID, "1w5x3").with_empty(email2::SEND))
        .with(Element::new(page::DELETE).with_text(page::SERVER_ID, "1w5x4"))
        .with(Element::new(page::FETCH).with_text(page::SERVER_ID, "1w5x5"));
    let root = request([collection(&[KEY, ID]).with(commands)]);
    let read = Request::parse(&root).unwrap();
    let data = data();
    let expected = [
        ClientCommand::Add { client_id: "c1".into(), class: None, data: &data, send: true },
        ClientCommand::Change {
            server_id: "1w5x2".into(),
            instance_id: Some("20260102T030405Z".into()),
            data: Some(&data),
            send: false,
        },
        ClientCommand::Change { server_id: "1w5x3".into(), instance_id: None, data: None, send: true },
        ClientCommand::Delete { server_id: "1w5x4".into(), instance_id: None },
        ClientCommand::Fetch { server_id: "1w5x5".into() },
    ];
    assert_eq!(read.collections[0].commands, expected);
}

#[test]
fn a_deletion_that_says_more_than_is_understood_deletes_nothing() {
    // Annotation for InstanceId would take the whole series instead of one occurrence.
    let delete = Element::new(page::DELETE)
        .with_text(page::SERVER_ID, "1w5x4")
        .with_text(airsync_base::CONTENT_ID, "20260102T030405Z");
    let root = request([collection(&[KEY, ID]).with(Element::new(page::COMMANDS).with(delete))]);
    assert!(Request::parse(&root).is_err());
}

#[test]
fn incomplete_commands_are_status_4() {
    for command in [
        Element::new(page::ADD).with_empty(page::APPLICATION_DATA),
        Element::new(page::ADD).with_text(page::CLIENT_ID, "1"),
        Element::new(page::CHANGE).with_empty(page::APPLICATION_DATA),
        Element::new(page::CHANGE).with_text(page::SERVER_ID, "1w5x2"),
        Element::new(page::DELETE),
        Element::new(page::FETCH),
    ] {
        let root = request([collection(&[KEY, ID]).with(Element::new(page::COMMANDS).with(command))]);
        assert!(matches!(Request::parse(&root), Err(RequestError::Structure(_))), "{root:?}");
    }
}

fn head(class: Option<Class>) -> CollectionHead<'static> {
    CollectionHead { class, key: "3.2", id: "1w5", status: SyncStatus::Success }
}

#[test]
fn an_answer_has_its_elements_in_order() {
    let mut answer = ResponseWriter::new();
    let mut collection = answer.collection(head(Some(Class::Email)));
    collection.add("1w5x1", |writer| writer.text(email::SUBJECT, "a"));
    collection.change("1w5x2", |writer| writer.text(email::READ, "1"));
    collection.soft_delete("1w5x3");
    collection.delete("1w5x4");
    collection.more_available();
    collection.more_available();
    let mut responses = collection.responses();
    responses.added("c1", Some("1w5x9"), SyncStatus::Success, None);
    responses.changed("1w5x2", None, SyncStatus::Conflict, None);
    responses.deleted("1w5x8", None, SyncStatus::NotFound);
    responses.fetched("1w5x7", |writer| writer.text(email::SUBJECT, "b"));
    responses.not_fetched("1w5x6", SyncStatus::NotFound);
    responses.finish();
    assert_eq!(
        tree(&answer.finish().unwrap()),
        "Sync(Collections(Collection(Class=Email SyncKey=3.2 CollectionId=1w5 Status=1 MoreAvailable \
         Commands(Add(ServerId=1w5x1 ApplicationData(Subject=a)) Change(ServerId=1w5x2 ApplicationData(Read=1)) \
         SoftDelete(ServerId=1w5x3) Delete(ServerId=1w5x4)) \
         Responses(Add(ClientId=c1 ServerId=1w5x9 Status=1) Change(ServerId=1w5x2 Status=7) \
         Delete(ServerId=1w5x8 Status=8) Fetch(ServerId=1w5x7 Status=1 ApplicationData(Subject=b)) \
         Fetch(ServerId=1w5x6 Status=8)))))"
    );
}

#[test]
fn nothing_empty_is_ever_written() {
    assert_eq!(ResponseWriter::new().finish(), None);
    let mut answer = ResponseWriter::new();
    answer.collection(head(None)).finish();
    answer.collection(head(None)).responses().finish();
    let mut last = answer.collection(head(None));
    last.more_available();
    last.finish();
    let bare = "SyncKey=3.2 CollectionId=1w5 Status=1";
    let expected =
        format!("Sync(Collections(Collection({bare}) Collection({bare}) Collection({bare} MoreAvailable)))");
    assert_eq!(tree(&answer.finish().unwrap()), expected);
}

#[test]
fn more_available_stands_right_in_each_collection() {
    let mut answer = ResponseWriter::new();
    for count in 0..4 {
        let mut collection = answer.collection(head(None));
        for item in 0..count {
            collection.add(&format!("1w5x{item}"), |writer| {
                writer.text(email::SUBJECT, "s");
                writer.text(email2::SENDER, "x");
            });
        }
        if count % 2 == 1 {
            collection.more_available();
        }
        collection.finish();
    }
    let drawn = tree(&answer.finish().unwrap());
    let collections: Vec<_> = drawn.split(" Collection(").collect();
    assert_eq!(collections.len(), 4);
    for (count, collection) in collections.iter().enumerate() {
        assert_eq!(collection.contains("Status=1 MoreAvailable Commands("), count % 2 == 1, "{collection}");
        assert_eq!(collection.matches("Sender=x").count(), count);
    }
}

#[test]
fn the_running_size_is_that_of_the_document() {
    let mut answer = ResponseWriter::new();
    let mut collection = answer.collection(head(None));
    let before = collection.bytes();
    collection.add("1w5x1", |writer| writer.text(email::SUBJECT, &"x".repeat(1000)));
    assert!(collection.bytes() >= before + 1000);
    collection.more_available();
    collection.finish();
    let running = answer.len();
    let document = answer.finish().unwrap();
    assert!(document.len() >= running && document.len() <= running + 4, "{} {running}", document.len());
}
