//! Find: what is asked and what is answered. MS-ASCMD section 2.2.1.2.

use activesync_wire::command::find::{Criterion, Found, Request, ResponseWriter};
use activesync_wire::command::search::{Entry, PictureOptions, Range};
use activesync_wire::item::email::Importance;
use activesync_wire::search_text::words;
use activesync_wire::status::FindStatus;
use activesync_wire::{Answer, Command, RequestError, Version};
use vocabulary::Timestamp;
use wbxml::Element;
use wbxml::page::{airsync, find as page};

use crate::tree::{draw, tree};

const ID: &str = "98F1B0A2-0D5C-4B1E-8C0B-7F6F2B6D9E11";

fn find(id: &str, criterion: Element) -> Element {
    let search = Element::new(page::EXECUTE_SEARCH).with(criterion);
    Element::new(page::FIND).with_text(page::SEARCH_ID, id).with(search)
}

fn mailbox(query: &[Element], options: &[Element]) -> Element {
    let query = query.iter().cloned().fold(Element::new(page::QUERY), Element::with);
    let options = options.iter().cloned().fold(Element::new(page::OPTIONS), Element::with);
    Element::new(page::MAIL_BOX_SEARCH_CRITERION).with(query).with(options)
}

fn free(text: &str) -> Element {
    Element::text(page::FREE_TEXT, text)
}

fn read(root: &Element) -> Result<Request, RequestError> {
    Request::parse(root, Timestamp(0))
}

#[test]
fn a_find_of_mail_is_read_with_everything() {
    let query = [
        Element::text(airsync::CLASS, "Email"),
        Element::text(airsync::COLLECTION_ID, "1w5"),
        free("two words"),
    ];
    let options = [Element::text(page::RANGE, "5-9"), Element::new(page::DEEP_TRAVERSAL)];
    let request = read(&find(ID, mailbox(&query, &options))).unwrap();
    assert_eq!(request.range, Some(Range { first: 5, last: 9 }));
    let expected = Criterion::Mailbox {
        text: words("two words").unwrap(),
        collection: Some("1w5".into()),
        is_deep: true,
    };
    assert_eq!(request.criterion, expected);
    let root = [Element::text(airsync::COLLECTION_ID, "0"), free("x")];
    let everywhere = read(&find(&format!("{{{ID}}}"), mailbox(&root, &[]))).unwrap();
    assert!(matches!(everywhere.criterion, Criterion::Mailbox { collection: None, is_deep: false, .. }));
}

#[test]
fn people_are_found_with_their_pictures() {
    let picture =
        Element::new(page::PICTURE).with_text(page::MAX_SIZE, "100").with_text(page::MAX_PICTURES, "1");
    let expected = Criterion::Directory {
        text: "Anna".into(),
        picture: Some(PictureOptions { size_max: 100, count_max: 1 }),
    };
    for query in [Element::text(page::QUERY, " Anna "), Element::new(page::QUERY).with(free(" Anna "))] {
        let criterion = Element::new(page::GAL_SEARCH_CRITERION)
            .with(query)
            .with(Element::new(page::OPTIONS).with(picture.clone()));
        assert_eq!(read(&find(ID, criterion)).unwrap().criterion, expected);
    }
}

// MS-ASCMD R72172512 R37071811 R37071812
#[test]
fn an_invalid_parameter_is_status_2_of_the_whole() {
    let good = mailbox(&[free("x")], &[]);
    assert!(read(&find(ID, good.clone())).is_ok());
    let mut bad = vec![
        find("", good.clone()),
        find("no guid", good.clone()),
        find(&ID.replace('9', "x"), good.clone()),
        Element::new(page::FIND).with_text(page::SEARCH_ID, ID),
        find(ID, Element::new(page::OPTIONS)),
        find(ID, mailbox(&[], &[])),
        find(ID, mailbox(&[free(" ")], &[])),
        find(ID, mailbox(&[free("x"), free("y")], &[])),
        find(ID, mailbox(&[free("received:soon")], &[])),
        find(ID, mailbox(&[free("x"), Element::text(airsync::CLASS, "Calendar")], &[])),
        find(ID, mailbox(&[free(&"x".repeat(2_000))], &[])),
    ];
    for range in ["", "5", "9-1", "0-1000", "a-b", "-1-5"] {
        bad.push(find(ID, mailbox(&[free("x")], &[Element::text(page::RANGE, range)])));
    }
    let both = Element::new(page::EXECUTE_SEARCH)
        .with(good)
        .with(Element::new(page::GAL_SEARCH_CRITERION).with(Element::new(page::QUERY).with(free("x"))));
    bad.push(Element::new(page::FIND).with_text(page::SEARCH_ID, ID).with(both));
    for root in bad {
        let error = read(&root).expect_err(&draw(&root));
        match error.answer(Command::Find, Version::V16_1) {
            Answer::Document(document) => assert_eq!(draw(&document), "Find(Status=2)"),
            Answer::Http(code) => panic!("HTTP {code}: {}", draw(&root)),
        }
    }
}

// MS-ASCMD R65591909 R70481805 R99911 R36841704 R72171804 R45251807 R46301803
#[test]
fn results_stand_in_their_order_with_range_and_total() {
    let mail = Found {
        server_id: "1w5x1".into(),
        collection_id: "1w5".into(),
        subject: "a\tb".into(),
        date_received: Timestamp(0),
        display_to: "Anna; Ben".into(),
        display_cc: String::new(),
        display_bcc: "Cem".into(),
        importance: Importance::High,
        is_read: true,
        is_draft: false,
        preview: "It begins".into(),
        has_attachments: true,
        from: "ben@x.test".into(),
    };
    let mut answer = ResponseWriter::new(FindStatus::Success, 3);
    answer.mail(&mail);
    assert_eq!(
        tree(&answer.finish(Some(4))),
        "Find(Status=1 Response(Store=Mailbox Status=1 \
         Result(Class=Email ServerId=1w5x1 CollectionId=1w5 Properties(Subject=a b \
         DateReceived=1970-01-01T00:00:00.000Z DisplayTo=Anna; Ben DisplayBcc=Cem Importance=2 Read=1 IsDraft=0 \
         Preview=It begins HasAttachments=1 From=ben@x.test)) Range=3-3 Total=4))"
    );
    let mut people = ResponseWriter::new(FindStatus::Success, 0);
    people.entry(&Entry { display_name: "Anna".into(), ..Entry::default() });
    assert_eq!(
        tree(&people.finish(Some(1))),
        "Find(Status=1 Response(Store=Mailbox Status=1 Result(Properties(DisplayName=Anna)) Range=0-0 Total=1))"
    );
}

// MS-ASCMD R38391805
#[test]
fn without_a_result_there_is_none_in_the_answer() {
    let nothing = ResponseWriter::new(FindStatus::Success, 0).finish(Some(0));
    assert_eq!(tree(&nothing), "Find(Status=1 Response(Store=Mailbox Status=1 Total=0))");
    let refused = ResponseWriter::new(FindStatus::BeginAtZero, 0).finish(None);
    assert_eq!(tree(&refused), "Find(Status=1 Response(Store=Mailbox Status=4))");
}
