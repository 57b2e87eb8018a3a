//! Search: what is asked and what is answered. MS-ASCMD section 2.2.1.16.

use activesync_wire::Version;
use activesync_wire::body::MimeSupport;
use activesync_wire::command::search::{
    COLLECTIONS_MAX, Entry, Picture, PictureOptions, Query, Range, ResponseWriter, failed, parse,
};
use activesync_wire::item::Class;
use activesync_wire::search_text::{TEXT_BYTES_MAX, words};
use activesync_wire::status::{PictureStatus, SearchStatus as Status};
use mime::search::Expression;
use wbxml::page::{airsync, airsync_base, document_library, email, search as page};
use wbxml::{Element, Tag};

use crate::tree::{draw, tree};

fn store(name: &str, query: Element, options: &[Element]) -> Element {
    let options = options.iter().cloned().fold(Element::new(page::OPTIONS), Element::with);
    let store = Element::new(page::STORE).with_text(page::NAME, name).with(query).with(options);
    Element::new(page::SEARCH).with(store)
}

fn and(children: &[Element]) -> Element {
    let and = children.iter().cloned().fold(Element::new(page::AND), Element::with);
    Element::new(page::QUERY).with(and)
}

fn asked(root: &Element, version: Version) -> Result<Query, Status> {
    parse(root, version).unwrap()
}

fn compare(tag: Tag, value: &str) -> Element {
    Element::new(tag).with_empty(email::DATE_RECEIVED).with_text(page::VALUE, value)
}

fn free(text: &str) -> Element {
    Element::text(page::FREE_TEXT, text)
}

#[test]
fn a_search_of_the_mailbox_is_read_with_everything() {
    let query = and(&[
        Element::text(airsync::CLASS, "Email"),
        Element::text(airsync::CLASS, "Calendar"),
        Element::text(airsync::COLLECTION_ID, "1w5"),
        Element::text(airsync::COLLECTION_ID, "1w6"),
        free("two words"),
        Element::opaque(page::CONVERSATION_ID, vec![7; 16]),
        compare(page::GREATER_THAN, "2026-03-01T00:00:00.000Z"),
        compare(page::LESS_THAN, "2026-03-02T00:00:00.000Z"),
    ]);
    let preference = Element::new(airsync_base::BODY_PREFERENCE).with_text(airsync_base::TYPE, "4");
    let options = [
        Element::text(airsync::MIME_SUPPORT, "2"),
        preference,
        Element::text(page::RANGE, "10-19"),
        Element::new(page::DEEP_TRAVERSAL),
        Element::new(page::REBUILD_RESULTS),
    ];
    let Ok(Query::Mailbox(read)) = asked(&store("Mailbox", query, &options), Version::V14_0) else {
        panic!("no search of the mailbox")
    };
    assert_eq!(read.classes, [Class::Email, Class::Calendar]);
    assert_eq!(read.collections, ["1w5", "1w6"]);
    assert_eq!(read.text, words("two words").unwrap());
    assert_eq!(read.conversation, Some(vec![7; 16]));
    assert_eq!(read.before.unwrap().0 - read.after.unwrap().0, 86_400_000);
    assert_eq!((read.range, read.is_deep), (Some(Range { first: 10, last: 19 }), true));
    assert_eq!((read.mime_support, read.body_preferences.len()), (MimeSupport::Always, 1));
}

#[test]
fn without_folders_or_with_the_root_everything_is_searched() {
    for named in [&[][..], &["0"], &[""], &["1w5", "0"]] {
        let mut parts: Vec<_> = named.iter().map(|id| Element::text(airsync::COLLECTION_ID, *id)).collect();
        parts.push(free("x"));
        let Ok(Query::Mailbox(read)) = asked(&store("mailbox", and(&parts), &[]), Version::V12_1) else {
            panic!("{named:?}")
        };
        assert!(read.collections.is_empty() && read.classes.is_empty() && !read.is_deep, "{named:?}");
        assert_eq!(read.range, None);
    }
    let Ok(Query::Mailbox(read)) = asked(&store("Mailbox", and(&[]), &[]), Version::V12_1) else {
        panic!("nothing asked is everything")
    };
    assert_eq!(read.text, Expression::Always(true));
}

// MS-ASCMD R772 R923 R2032 R2086 R3105 R3143 R3220
#[test]
fn what_does_not_stand_within_one_and_is_too_complex() {
    let id = Element::text(airsync::COLLECTION_ID, "1w5");
    let class = Element::text(airsync::CLASS, "Email");
    let conversation = Element::opaque(page::CONVERSATION_ID, vec![7; 16]);
    let (above, below) = (
        compare(page::GREATER_THAN, "2026-03-01T00:00:00.000Z"),
        compare(page::LESS_THAN, "2026-03-01T00:00:00.000Z"),
    );
    for child in [free("x"), id, class, conversation, above, below] {
        let bare = Element::new(page::QUERY).with(child.clone());
        assert_eq!(asked(&store("Mailbox", bare, &[]), Version::V14_1), Err(Status::TooComplex), "{child:?}");
        let within_or = Element::new(page::QUERY).with(Element::new(page::OR).with(child.clone()));
        assert_eq!(asked(&store("Mailbox", within_or, &[]), Version::V14_1), Err(Status::TooComplex));
        let good = and(std::slice::from_ref(&child));
        assert!(asked(&store("Mailbox", good, &[]), Version::V14_1).is_ok(), "{child:?}");
    }
    let and_of = |text: &str| Element::new(page::AND).with(free(text));
    for two in [
        Element::new(page::QUERY).with(and_of("a")).with(and_of("b")),
        Element::new(page::QUERY).with(and_of("a").with(and_of("b"))),
    ] {
        assert_eq!(asked(&store("Mailbox", two, &[]), Version::V14_1), Err(Status::TooComplex));
    }
    let many: Vec<_> = (0..=COLLECTIONS_MAX).map(|_| Element::text(airsync::COLLECTION_ID, "1w5")).collect();
    assert_eq!(asked(&store("Mailbox", and(&many), &[]), Version::V14_1), Err(Status::TooComplex));
    let long = free(&"x".repeat(TEXT_BYTES_MAX + 1));
    assert_eq!(asked(&store("Mailbox", and(&[long]), &[]), Version::V14_1), Err(Status::TooComplex));
}

// MS-ASCMD R431 R3725 R4329
#[test]
fn an_invalid_parameter_is_the_stores_own_status() {
    let invalid = |root: Element, version| {
        assert_eq!(asked(&root, version), Err(Status::InvalidRequest), "{root:?}");
    };
    for range in ["", "5", "9-1", "-1-5", "a-b", "0-99999999999", "0-1-2", "+1-2"] {
        let options = [Element::text(page::RANGE, range)];
        invalid(store("Mailbox", and(&[free("x")]), &options), Version::V14_1);
        invalid(store("GAL", Element::text(page::QUERY, "x"), &options), Version::V14_1);
    }
    for part in [
        free(" "),
        Element::text(airsync::CLASS, "Journal"),
        Element::text(page::GREATER_THAN, "x"),
        compare(page::GREATER_THAN, "soon"),
        Element::new(page::LESS_THAN).with_text(page::VALUE, "2026-03-01T00:00:00.000Z"),
    ] {
        invalid(store("Mailbox", and(&[free("x"), part]), &[]), Version::V14_1);
    }
    let twice = [Element::text(page::RANGE, "0-1"), Element::text(page::RANGE, "0-1")];
    invalid(store("Mailbox", and(&[free("x")]), &twice), Version::V14_1);
    invalid(store("Mailbox", and(&[free("x"), free("y")]), &[]), Version::V14_1);
    let mime = [Element::text(airsync::MIME_SUPPORT, "3")];
    invalid(store("Mailbox", and(&[free("x")]), &mime), Version::V14_1);
    invalid(store("Mailbox", Element::new(page::QUERY), &[]), Version::V14_1);
    invalid(store("Elsewhere", and(&[free("x")]), &[]), Version::V14_1);
    invalid(store("GAL", Element::text(page::QUERY, " "), &[]), Version::V14_1);
    assert!(parse(&Element::new(page::SEARCH), Version::V14_1).is_err());
    assert!(parse(&Element::new(airsync::SYNC), Version::V14_1).is_err());
}

// MS-ASCMD R920
#[test]
fn classes_are_those_of_the_version() {
    for (class, since) in [
        ("Tasks", Version::V12_1),
        ("Email", Version::V12_1),
        ("Calendar", Version::V12_1),
        ("Contacts", Version::V12_1),
        ("Notes", Version::V14_0),
        ("SMS", Version::V14_0),
    ] {
        for version in Version::ALL {
            let query = and(&[free("x"), Element::text(airsync::CLASS, class)]);
            let read = asked(&store("Mailbox", query, &[]), version);
            assert_eq!(read.is_ok(), version >= since, "{class} {version}");
        }
    }
}

#[test]
fn libraries_are_refused_by_what_is_wrong_with_the_link() {
    let library = |link: &str| {
        let equal =
            Element::new(page::EQUAL_TO).with_empty(document_library::LINK_ID).with_text(page::VALUE, link);
        store("DocumentLibrary", Element::new(page::QUERY).with(equal), &[])
    };
    for (link, status) in [
        (r"\\server\share", Status::AccessBlocked),
        ("https://x.test/docs", Status::AccessBlocked),
        ("not a link", Status::BadLink),
        ("://", Status::BadLink),
    ] {
        assert_eq!(asked(&library(link), Version::V14_1), Err(status), "{link}");
    }
    let without = store("DocumentLibrary", Element::new(page::QUERY), &[]);
    assert_eq!(asked(&without, Version::V14_1), Err(Status::InvalidRequest));
}

#[test]
fn pictures_are_asked_for_from_14_1_within_limits() {
    let picture = |size: &str| {
        let picture =
            Element::new(page::PICTURE).with_text(page::MAX_SIZE, size).with_text(page::MAX_PICTURES, "3");
        store("GAL", Element::text(page::QUERY, "Anna"), &[picture])
    };
    let options = |size, version| match asked(&picture(size), version) {
        Ok(Query::Directory(query)) => query.picture,
        other => panic!("{other:?}"),
    };
    assert_eq!(options("10", Version::V14_0), None);
    assert_eq!(options("10", Version::V14_1), Some(PictureOptions { size_max: 10, count_max: 3 }));
    assert_eq!(options("999999", Version::V16_1).unwrap().size_max, 102_400);
    assert_eq!(asked(&picture("-1"), Version::V16_1), Err(Status::InvalidRequest));
}

// MS-ASCMD R2784 R2513 R2546 R2501 R3850 R2858 R4638 R5849
#[test]
fn results_of_the_mailbox_stand_in_their_order_with_range_and_total() {
    let mut answer = ResponseWriter::new(Status::Success, 10);
    for number in ["1", "2"] {
        answer.item(Class::Email, &format!("1z{number}"), "1w5", |out| {
            out.writer.text(email::SUBJECT, number);
        });
    }
    assert_eq!(answer.count(), 2);
    assert_eq!(
        tree(&answer.finish(12, true)),
        "Search(Status=1 Response(Store(Status=1 \
         Result(Class=Email LongId=1z1 CollectionId=1w5 Properties(Subject=1)) \
         Result(Class=Email LongId=1z2 CollectionId=1w5 Properties(Subject=2)) \
         Range=10-11 Total=12)))"
    );
    let nothing = ResponseWriter::new(Status::EndOfRange, 0).finish(0, true);
    assert_eq!(tree(&nothing), "Search(Status=1 Response(Store(Status=12 Result Range=0-0 Total=0)))");
    assert_eq!(draw(&failed(Status::TooComplex)), "Search(Status=1 Response(Store(Status=8)))");
}

// MS-ASCMD R2381 R2383 R1473 R2747 R3691 R3692 R3847
#[test]
fn people_are_told_by_what_is_known_of_them() {
    let mut answer = ResponseWriter::new(Status::Success, 0);
    let picture = |status, data| Some(Picture { status, data });
    let anna = Entry {
        display_name: "Anna Blum".into(),
        alias: "anna".into(),
        first_name: "Anna".into(),
        last_name: "Blum".into(),
        email_address: "anna@x.test".into(),
        picture: picture(PictureStatus::Success, Some(vec![1, 2])),
    };
    let group = Entry {
        display_name: "all@x.test".into(),
        email_address: "all@x.test".into(),
        picture: picture(PictureStatus::NoPicture, None),
        ..Entry::default()
    };
    answer.entry(&anna);
    answer.entry(&group);
    assert_eq!(
        tree(&answer.finish(2, false)),
        "Search(Status=1 Response(Store(Status=1 \
         Result(Properties(DisplayName=Anna Blum Alias=anna FirstName=Anna LastName=Blum \
         EmailAddress=anna@x.test Picture(Status=1 Data=[01, 02]))) \
         Result(Properties(DisplayName=all@x.test EmailAddress=all@x.test Picture(Status=173))) \
         Range=0-1 Total=2)))"
    );
    let nobody = ResponseWriter::new(Status::Success, 0).finish(0, false);
    assert_eq!(tree(&nobody), "Search(Status=1 Response(Store(Status=1 Range=0-0 Total=0)))");
}
