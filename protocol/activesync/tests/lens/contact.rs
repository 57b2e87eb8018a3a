//! Contacts: vCard and MS-ASCNTC.

use activesync_wire::Version;
use activesync_wire::body::BodyType;
use activesync_wire::convert::contact::{Reader, Writer, from_wire, to_wire};
use activesync_wire::item::contact::{Address, Contact, Picture};
use activesync_wire::item::{Body, BodyData, Destination, Selection, Sent, Supported};
use proptest::prelude::*;
use vocabulary::Timestamp;
use wbxml::page::{airsync, contacts};
use wbxml::{Limits, decode};

pub(crate) const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nN:Prøbe;Zoë;;;\r\nFN:Zoë Prøbe\r\n\
    item1.EMAIL;type=INTERNET;X-A=1:z@a.test\r\nitem1.X-ABLabel:Club\r\nEMAIL:z2@a.test\r\nEMAIL:z3@a.test\r\n\
    EMAIL:z4@a.test\r\nTEL;TYPE=CELL:+49 170 1\r\nBDAY;VALUE=date:1980-02-29\r\nNOTE:one\\ntwo\r\n\
    PHOTO;ENCODING=b;TYPE=JPEG:AQID\r\nX-OF-OTHERS:keep\r\nEND:VCARD\r\n";

fn reader(version: Version) -> Reader<'static> {
    Reader { version, preferences: &[] }
}

fn writes(old: Option<&[u8]>, sent: &Contact, supported: &Supported) -> Vec<u8> {
    let version = Version::V14_1;
    let mut document = wbxml::Writer::new();
    document.open(airsync::APPLICATION_DATA);
    sent.write(Selection { version, schema: None }, Destination { writer: &mut document, parts: None });
    let sent = Contact::parse(&decode(&document.finish(), &Limits::default()).unwrap(), version).unwrap();
    from_wire(old, &sent, &Writer { reader: reader(version), supported, uid: "u9" }).unwrap()
}

fn sees(stored: &[u8]) -> Contact {
    to_wire(stored, &reader(Version::V14_1)).unwrap()
}

fn note(text: &str) -> Sent<Body> {
    Sent::Value(Body {
        body_type: BodyType::Plain,
        estimated_data_size: u64::try_from(text.len()).unwrap(),
        truncated: false,
        data: Some(BodyData::Text(text.into())),
        preview: None,
    })
}

fn text(stored: &[u8]) -> String {
    String::from_utf8_lossy(stored).replace("\r\n ", "")
}

#[test]
fn a_card_is_shown_with_three_addresses_and_its_picture() {
    let seen = sees(CARD.as_bytes());
    let value = |text: &str| Sent::Value(text.to_owned());
    assert_eq!((seen.first_name, seen.last_name), (value("Zoë"), value("Prøbe")));
    assert_eq!(
        (seen.email1, seen.email2, seen.email3),
        (value("z@a.test"), value("z2@a.test"), value("z3@a.test"))
    );
    assert_eq!(seen.birthday, Sent::Value(Timestamp(320_630_400_000)));
    assert_eq!(seen.body, note("one\r\ntwo"));
    assert_eq!(seen.picture, Sent::from(Picture::new(vec![1, 2, 3])));
}

#[test]
fn a_change_of_nothing_changes_no_byte() {
    let none = Supported::default();
    assert_eq!(text(&writes(Some(CARD.as_bytes()), &sees(CARD.as_bytes()), &none)), text(CARD.as_bytes()));
    let iphone = Contact { picture: Sent::Empty, ..sees(CARD.as_bytes()) };
    assert_eq!(
        writes(Some(CARD.as_bytes()), &iphone, &none),
        CARD.as_bytes(),
        "an empty picture deletes nothing"
    );
}

#[test]
fn what_is_left_out_goes_or_stays_as_supported_said() {
    let new_name = Contact {
        first_name: Sent::Value("Zoe".into()),
        last_name: Sent::Value("Prøbe".into()),
        ..Contact::default()
    };
    let all = text(&writes(Some(CARD.as_bytes()), &new_name, &Supported::default()));
    for gone in ["EMAIL;type=INTERNET", "TEL", "BDAY"] {
        assert!(!all.contains(gone), "MS-ASCMD R879: {gone} in {all}");
    }
    for kept in [":z4@a.test", "NOTE:one\\ntwo", "PHOTO", "X-OF-OTHERS:keep", "FN:Zoe Prøbe"] {
        assert!(all.contains(kept), "MS-ASCMD R878: {kept} in {all}");
    }
    let named = Supported::new(Some(&[contacts::FIRST_NAME, contacts::LAST_NAME]));
    let some = text(&writes(Some(CARD.as_bytes()), &new_name, &named));
    for kept in
        ["item1.EMAIL;type=INTERNET;X-A=1:z@a.test", "TEL;TYPE=CELL:+49 170 1", "BDAY;VALUE=date:1980-02-29"]
    {
        assert!(some.contains(kept), "MS-ASCMD R5911: {kept} in {some}");
    }
}

#[test]
fn an_address_is_stored_without_its_name() {
    let sent = Contact { email1: Sent::Value("\"Zoë <P>\" <zz@a.test>".into()), ..sees(CARD.as_bytes()) };
    let changed = text(&writes(Some(CARD.as_bytes()), &sent, &Supported::default()));
    assert!(changed.contains("item1.EMAIL;type=INTERNET;X-A=1:zz@a.test"), "{changed}");
}

/// Some clients store the name as well; it is what the phone is shown, so repeating it is no change.
#[test]
fn an_address_that_stands_with_its_name_stays() {
    let card = CARD.replace("EMAIL:z2@a.test", "EMAIL:Zoë <z2@a.test>");
    let repeated = sees(card.as_bytes());
    assert_eq!(repeated.email2, Sent::Value("Zoë <z2@a.test>".into()));
    assert_eq!(text(&writes(Some(card.as_bytes()), &repeated, &Supported::default())), text(card.as_bytes()));
}

#[test]
fn a_new_card_has_its_uid_and_all_that_was_said() {
    let sent = Contact {
        first_name: Sent::Value("Ben".into()),
        home_address: Address { street: Sent::Value("Weg 1\nHof".into()), ..Address::default() },
        children: Sent::Value(vec!["Ida".into(), "Max".into()]),
        categories: Sent::Value(vec!["A".into(), "B, C".into()]),
        anniversary: Sent::Value(Timestamp(320_630_400_000 + 8 * 3_600_000)),
        body: note("hello"),
        picture: Sent::from(Picture::new(vec![0xff, 0xd8, 0xff, 1])),
        ..Contact::default()
    };
    let stored = writes(None, &sent, &Supported::default());
    assert!(text(&stored).contains("UID:u9"), "{}", text(&stored));
    let seen = sees(&stored);
    assert_eq!(
        (seen.first_name, seen.children, seen.categories),
        (sent.first_name, sent.children, sent.categories)
    );
    assert_eq!((seen.home_address, seen.body, seen.picture), (sent.home_address, sent.body, sent.picture));
    assert_eq!(seen.anniversary, Sent::Value(Timestamp(320_630_400_000)));
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        names in proptest::collection::vec("[a-zäöü€,;\\\\]{1,10}", 8),
        places in proptest::collection::vec("[a-zäöü,;]{1,10}", 5),
        on_card: bool,
    ) {
        let value = |index: usize| Sent::Value(names[index].clone());
        let place = |index: usize| Sent::Value(places[index].clone());
        let sent = Contact {
            first_name: value(0),
            last_name: value(1),
            nick_name: value(2),
            company_name: value(3),
            job_title: value(4),
            spouse: value(5),
            home_phone: value(6),
            manager_name: value(7),
            business_address: Address {
                street: place(0),
                city: place(1),
                state: place(2),
                postal_code: place(3),
                country: place(4),
            },
            ..Contact::default()
        };
        let stored = writes(on_card.then_some(CARD.as_bytes()), &sent, &Supported::default());
        let seen = sees(&stored);
        prop_assert_eq!(&seen.first_name, &sent.first_name);
        prop_assert_eq!(&seen.last_name, &sent.last_name);
        prop_assert_eq!(&seen.nick_name, &sent.nick_name);
        prop_assert_eq!(&seen.company_name, &sent.company_name);
        prop_assert_eq!(&seen.job_title, &sent.job_title);
        prop_assert_eq!(&seen.spouse, &sent.spouse);
        prop_assert_eq!(&seen.home_phone, &sent.home_phone);
        prop_assert_eq!(&seen.manager_name, &sent.manager_name);
        prop_assert_eq!(&seen.business_address, &sent.business_address);
        prop_assert_eq!(writes(Some(&stored), &seen, &Supported::default()), stored);
    }
}
