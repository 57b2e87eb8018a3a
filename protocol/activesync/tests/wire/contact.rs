//! Contacts in both directions: MS-ASCNTC.

use activesync_wire::Version;
use activesync_wire::item::contact::{Address, Contact, PICTURE_BASE64_BYTES_MAX, Picture};
use activesync_wire::item::{Destination, Selection, Sent};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use vocabulary::Timestamp;
use wbxml::page::{airsync, contacts, contacts2};
use wbxml::{Element, Limits, Tag, Writer, decode};

use crate::tree::tree;

fn written(contact: &Contact) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.open(airsync::APPLICATION_DATA);
    let selection = Selection { version: Version::V14_1, schema: None };
    contact.write(selection, Destination { writer: &mut writer, parts: None });
    writer.close();
    writer.finish()
}

fn read(data: &Element) -> Option<Contact> {
    Contact::parse(data, Version::V14_1).ok()
}

fn one(tag: Tag, text: &str) -> Element {
    Element::new(airsync::APPLICATION_DATA).with_text(tag, text)
}

/// Every element of MS-ASCNTC section 2.2.2 that stores text, by its page.
fn text_elements() -> Vec<Tag> {
    let skipped = [
        contacts::ANNIVERSARY,
        contacts::BIRTHDAY,
        contacts::BODY,
        contacts::BODY_SIZE,
        contacts::BODY_TRUNCATED,
        contacts::CATEGORIES,
        contacts::CATEGORY,
        contacts::CHILDREN,
        contacts::CHILD,
        contacts::PICTURE,
        contacts::ALIAS,
        contacts::WEIGHTED_RANK,
    ];
    let all = |page| (5..0x40).map(move |token| Tag::new(page, token)).filter(|tag| tag.name().is_some());
    all(1).chain(all(12)).filter(|tag| !skipped.contains(tag)).collect()
}

#[test]
fn every_element_has_a_field_of_its_own() {
    let tags = text_elements();
    assert_eq!(tags.len(), 55);
    let sent = tags.iter().enumerate().fold(Element::new(airsync::APPLICATION_DATA), |data, (index, tag)| {
        data.with_text(*tag, format!("value {index}"))
    });
    let written = decode(&written(&read(&sent).unwrap()), &Limits::default()).unwrap();
    assert_eq!(written.children().count(), tags.len());
    for (index, tag) in tags.iter().enumerate() {
        assert_eq!(written.child_value(*tag).as_deref(), Some(format!("value {index}").as_str()), "{tag}");
    }
}

#[test]
fn days_lists_and_streets_have_their_form() {
    let contact = Contact {
        birthday: Sent::Value(Timestamp(319_334_400_000)),
        children: Sent::Value(vec!["Zoë".into(), "Ben".into()]),
        categories: Sent::Value(vec!["A".into()]),
        home_address: Address { street: Sent::Value("Weg 1\nHof".into()), ..Address::default() },
        spouse: Sent::Empty,
        picture: Sent::from(Picture::new(vec![1, 2, 3])),
        ..Contact::default()
    };
    let bytes = written(&contact);
    assert_eq!(
        tree(&bytes),
        "ApplicationData(HomeAddressStreet=Weg 1\r\nHof Birthday=1980-02-14T00:00:00.000Z Spouse \
         Children(Child=Zoë Child=Ben) Categories(Category=A) Picture=AQID)"
    );
    assert_eq!(read(&decode(&bytes, &Limits::default()).unwrap()), Some(contact));
}

/// MS-ASCNTC R381, R384.
#[test]
fn a_picture_has_at_most_48_kilobytes_of_base64() {
    let bytes_max = PICTURE_BASE64_BYTES_MAX / 4 * 3;
    assert!(Picture::new(vec![7; bytes_max]).is_some());
    assert!(Picture::new(vec![7; bytes_max + 1]).is_none() && Picture::new(Vec::new()).is_none());
    let sent = |count| one(contacts::PICTURE, &STANDARD.encode(vec![7; count]));
    let picture = read(&sent(bytes_max)).unwrap().picture.into_value().unwrap();
    assert_eq!(picture.bytes().len(), bytes_max);
    assert_eq!(read(&sent(bytes_max + 1)), None);
    assert_eq!(read(&one(contacts::PICTURE, "no base64!")), None);
    let blank = Element::new(airsync::APPLICATION_DATA).with_empty(contacts::PICTURE);
    assert_eq!(read(&blank).unwrap().picture, Sent::Empty);
}

#[test]
fn what_is_no_moment_is_refused() {
    assert_eq!(read(&one(contacts::BIRTHDAY, "1980-02-30T00:00:00.000Z")), None);
    assert!(read(&one(contacts::BIRTHDAY, "19800229T000000Z")).is_some());
}

proptest! {
    #[test]
    fn a_contact_survives_the_wire(texts in proptest::collection::vec("[a-zäöü€ ]{0,12}", 55)) {
        let sent = text_elements().into_iter().zip(&texts).fold(
            Element::new(airsync::APPLICATION_DATA),
            |data, (tag, text)| data.with_text(tag, text.as_str()),
        );
        let contact = read(&sent).unwrap();
        prop_assert_eq!(read(&decode(&written(&contact), &Limits::default()).unwrap()), Some(contact.clone()));
        let nick = sent.child_value(contacts2::NICK_NAME).unwrap();
        prop_assert_eq!(contact.nick_name.value().map_or("", String::as_str), nick.as_ref());
    }
}
