//! The two laws for contacts: every element, every version, every Supported.

use activesync_wire::Version;
use activesync_wire::body::{BodyPreference, BodyType};
use activesync_wire::convert::contact::{Reader, Writer, from_wire, to_wire};
use activesync_wire::item::contact::{Contact, Picture};
use activesync_wire::item::{Body, BodyData, Destination, Selection, Sent, Supported};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseError;
use vocabulary::Timestamp;
use wbxml::page::{airsync, contacts, contacts2};
use wbxml::{Limits, Tag, decode};

use crate::any::{DAY_S, PREFERENCES, bodies, body, body_after, labels, lossy, no_body, sent, text};
use crate::contact::CARD;
use crate::corpus::differences;

/// One text element, and the line that it is stored in.
struct Row {
    line: &'static str,
    tag: Tag,
    slot: fn(&mut Contact) -> &mut Sent<String>,
}

const fn row(line: &'static str, tag: Tag, slot: fn(&mut Contact) -> &mut Sent<String>) -> Row {
    Row { line, tag, slot }
}

const TEXTS: &[Row] = &[
    row("X-EVOLUTION-FILE-AS", contacts::FILE_AS, |contact| &mut contact.file_as),
    row("N", contacts::TITLE, |contact| &mut contact.title),
    row("N", contacts::FIRST_NAME, |contact| &mut contact.first_name),
    row("N", contacts::MIDDLE_NAME, |contact| &mut contact.middle_name),
    row("N", contacts::LAST_NAME, |contact| &mut contact.last_name),
    row("N", contacts::SUFFIX, |contact| &mut contact.suffix),
    row("NICKNAME", contacts2::NICK_NAME, |contact| &mut contact.nick_name),
    row("X-PHONETIC-FIRST-NAME", contacts::YOMI_FIRST_NAME, |contact| &mut contact.yomi_first_name),
    row("X-PHONETIC-LAST-NAME", contacts::YOMI_LAST_NAME, |contact| &mut contact.yomi_last_name),
    row("X-PHONETIC-ORG", contacts::YOMI_COMPANY_NAME, |contact| &mut contact.yomi_company_name),
    row("ORG", contacts::COMPANY_NAME, |contact| &mut contact.company_name),
    row("ORG", contacts::DEPARTMENT, |contact| &mut contact.department),
    row("TITLE", contacts::JOB_TITLE, |contact| &mut contact.job_title),
    row("ORG", contacts::OFFICE_LOCATION, |contact| &mut contact.office_location),
    row("X-ABRELATEDNAMES", contacts2::MANAGER_NAME, |contact| &mut contact.manager_name),
    row("X-ABRELATEDNAMES", contacts::ASSISTANT_NAME, |contact| &mut contact.assistant_name),
    row("EMAIL", contacts::EMAIL1_ADDRESS, |contact| &mut contact.email1),
    row("EMAIL", contacts::EMAIL2_ADDRESS, |contact| &mut contact.email2),
    row("EMAIL", contacts::EMAIL3_ADDRESS, |contact| &mut contact.email3),
    row("TEL", contacts::BUSINESS_PHONE_NUMBER, |contact| &mut contact.business_phone),
    row("TEL", contacts::BUSINESS2_PHONE_NUMBER, |contact| &mut contact.business_phone2),
    row("TEL", contacts::BUSINESS_FAX_NUMBER, |contact| &mut contact.business_fax),
    row("TEL", contacts2::COMPANY_MAIN_PHONE, |contact| &mut contact.company_main_phone),
    row("TEL", contacts::ASSISTANT_PHONE_NUMBER, |contact| &mut contact.assistant_phone),
    row("TEL", contacts::HOME_PHONE_NUMBER, |contact| &mut contact.home_phone),
    row("TEL", contacts::HOME2_PHONE_NUMBER, |contact| &mut contact.home_phone2),
    row("TEL", contacts::HOME_FAX_NUMBER, |contact| &mut contact.home_fax),
    row("TEL", contacts::MOBILE_PHONE_NUMBER, |contact| &mut contact.mobile_phone),
    row("TEL", contacts::CAR_PHONE_NUMBER, |contact| &mut contact.car_phone),
    row("TEL", contacts::RADIO_PHONE_NUMBER, |contact| &mut contact.radio_phone),
    row("TEL", contacts::PAGER_NUMBER, |contact| &mut contact.pager),
    row("X-KONTOR-MMS", contacts2::MMS, |contact| &mut contact.mms),
    row("IMPP", contacts2::IM_ADDRESS, |contact| &mut contact.im_address),
    row("IMPP", contacts2::IM_ADDRESS2, |contact| &mut contact.im_address2),
    row("IMPP", contacts2::IM_ADDRESS3, |contact| &mut contact.im_address3),
    row("ADR", contacts::BUSINESS_ADDRESS_STREET, |contact| &mut contact.business_address.street),
    row("ADR", contacts::BUSINESS_ADDRESS_CITY, |contact| &mut contact.business_address.city),
    row("ADR", contacts::BUSINESS_ADDRESS_STATE, |contact| &mut contact.business_address.state),
    row("ADR", contacts::BUSINESS_ADDRESS_POSTAL_CODE, |contact| &mut contact.business_address.postal_code),
    row("ADR", contacts::BUSINESS_ADDRESS_COUNTRY, |contact| &mut contact.business_address.country),
    row("ADR", contacts::HOME_ADDRESS_STREET, |contact| &mut contact.home_address.street),
    row("ADR", contacts::HOME_ADDRESS_CITY, |contact| &mut contact.home_address.city),
    row("ADR", contacts::HOME_ADDRESS_STATE, |contact| &mut contact.home_address.state),
    row("ADR", contacts::HOME_ADDRESS_POSTAL_CODE, |contact| &mut contact.home_address.postal_code),
    row("ADR", contacts::HOME_ADDRESS_COUNTRY, |contact| &mut contact.home_address.country),
    row("ADR", contacts::OTHER_ADDRESS_STREET, |contact| &mut contact.other_address.street),
    row("ADR", contacts::OTHER_ADDRESS_CITY, |contact| &mut contact.other_address.city),
    row("ADR", contacts::OTHER_ADDRESS_STATE, |contact| &mut contact.other_address.state),
    row("ADR", contacts::OTHER_ADDRESS_POSTAL_CODE, |contact| &mut contact.other_address.postal_code),
    row("ADR", contacts::OTHER_ADDRESS_COUNTRY, |contact| &mut contact.other_address.country),
    row("X-ABRELATEDNAMES", contacts::SPOUSE, |contact| &mut contact.spouse),
    row("URL", contacts::WEB_PAGE, |contact| &mut contact.web_page),
    row("X-KONTOR-ACCOUNT-NAME", contacts2::ACCOUNT_NAME, |contact| &mut contact.account_name),
    row("X-KONTOR-CUSTOMER-ID", contacts2::CUSTOMER_ID, |contact| &mut contact.customer_id),
    row("X-KONTOR-GOVERNMENT-ID", contacts2::GOVERNMENT_ID, |contact| &mut contact.government_id),
];

/// The other elements that can be ghosted, behind the texts.
const OTHERS: [Tag; 4] =
    [contacts::BIRTHDAY, contacts::ANNIVERSARY, contacts::CHILDREN, contacts::CATEGORIES];

#[test]
fn no_text_is_left_out() {
    // The formatted name has no element, and the notes are a body.
    assert_eq!(TEXTS.len() + 2, ::contact::TextField::ALL.len());
}

/// Which elements Supported names, in the order of [`TEXTS`] and [`OTHERS`]; `None` if there is no Supported.
type Named = Option<Vec<bool>>;

fn named() -> impl Strategy<Value = Named> {
    proptest::option::of(proptest::collection::vec(any::<bool>(), TEXTS.len() + OTHERS.len()))
}

struct Phone {
    version: Version,
    named: Named,
    supported: Supported,
    preferences: &'static [BodyPreference],
}

impl Phone {
    fn new(version: Version, named: Named) -> Self {
        let supported = match &named {
            None => Supported::new(None),
            Some(named) => {
                let tags = TEXTS.iter().map(|row| row.tag).chain(OTHERS).zip(named);
                let tags: Vec<Tag> = tags.filter(|(_, is_named)| **is_named).map(|(tag, _)| tag).collect();
                Supported::new(Some(&tags))
            }
        };
        Self { version, named, supported, preferences: &[] }
    }

    /// MS-ASCMD R5906, R5908: what is not named is ghosted, if there is a Supported.
    fn ghosts(&self, index: usize) -> bool {
        self.named.as_ref().is_some_and(|named| !named[index])
    }

    fn reader(&self) -> Reader<'static> {
        Reader { version: self.version, preferences: self.preferences }
    }

    fn sees(&self, stored: &[u8]) -> Contact {
        to_wire(stored, &self.reader()).unwrap()
    }

    fn writes(&self, old: Option<&[u8]>, sent: &Contact) -> Vec<u8> {
        let mut document = wbxml::Writer::new();
        document.open(airsync::APPLICATION_DATA);
        let selection = Selection { version: self.version, schema: None };
        sent.write(selection, Destination { writer: &mut document, parts: None });
        let data = decode(&document.finish(), &Limits::default()).unwrap();
        let sent = Contact::parse(&data, self.version).unwrap();
        let writer = Writer { reader: self.reader(), supported: &self.supported, uid: "u9" };
        from_wire(old, &sent, &writer).unwrap()
    }

    /// Writes, and compares every element with what is read then.
    fn checked(&self, old: Option<&[u8]>, sent: &Contact) -> Result<Vec<u8>, TestCaseError> {
        let mut before = old.map_or_else(nobody, |old| self.sees(old));
        let stored = self.writes(old, sent);
        let (mut sent, mut seen) = (sent.clone(), self.sees(&stored));
        for (index, row) in TEXTS.iter().enumerate() {
            let said = std::mem::take((row.slot)(&mut sent));
            // Without a line of its own it is the formatted name, which follows the name.
            if row.tag == contacts::FILE_AS && said.value().is_none() {
                continue;
            }
            let expected = after((row.slot)(&mut before), &said, self.ghosts(index));
            prop_assert_eq!(&*(row.slot)(&mut seen), &expected, "{} of {}", row.line, lossy(&stored));
        }
        let ghosts = |other: usize| self.ghosts(TEXTS.len() + other);
        prop_assert_eq!(&seen.birthday, &after(&before.birthday, &sent.birthday.map(day_of), ghosts(0)));
        prop_assert_eq!(
            &seen.anniversary,
            &after(&before.anniversary, &sent.anniversary.map(day_of), ghosts(1))
        );
        prop_assert_eq!(&seen.children, &after(&before.children, &sent.children, ghosts(2)));
        prop_assert_eq!(&seen.categories, &after(&before.categories, &sent.categories, ghosts(3)));
        prop_assert_eq!(&seen.body, &body_after(&before.body, &sent.body.map(without_form)));
        // An empty picture is no deletion: iOS sends one with every edit.
        let picture_after = if sent.picture.value().is_some() { sent.picture } else { before.picture };
        prop_assert_eq!(&seen.picture, &picture_after);
        Ok(stored)
    }
}

fn nobody() -> Contact {
    Contact { body: no_body(), ..Contact::default() }
}

fn after<T: Clone>(old: &Sent<T>, sent: &Sent<T>, is_ghosted: bool) -> Sent<T> {
    match sent {
        Sent::Value(value) => Sent::Value(value.clone()),
        Sent::Absent if is_ghosted => old.clone(),
        Sent::Absent | Sent::Empty => Sent::Absent,
    }
}

/// The time of the client is its own: MS-ASCNTC R109001, R999. After noon, by UTC, it is the next day there.
fn day_of(moment: Timestamp) -> Timestamp {
    let seconds = moment.seconds();
    let is_next = seconds.rem_euclid(DAY_S) / 3600 > 12;
    Timestamp::from_seconds((seconds.div_euclid(DAY_S) + i64::from(is_next)) * DAY_S)
}

/// A card has no place for HTML: its text is what is kept.
fn without_form(sent: Body) -> Body {
    match &sent.data {
        Some(BodyData::Text(html)) if sent.body_type == BodyType::Html => {
            body(BodyType::Plain, html.trim_start_matches("<p>").trim_end_matches("</p>"))
        }
        _ => sent,
    }
}

fn contact() -> impl Strategy<Value = Contact> {
    let day = || {
        let moment = (-25_000_i64..25_000, 0_i64..24);
        sent(moment.prop_map(|(day, hour)| Timestamp::from_seconds(day * DAY_S + hour * 3600)))
    };
    let picture =
        proptest::collection::vec(any::<u8>(), 1..64).prop_map(|bytes| Picture::new(bytes).unwrap());
    (
        proptest::collection::vec(sent(text()), TEXTS.len()),
        day(),
        day(),
        sent(labels()),
        sent(labels()),
        sent(bodies()),
        sent(picture),
    )
        .prop_map(|(texts, birthday, anniversary, children, categories, body, picture)| {
            let mut contact =
                Contact { birthday, anniversary, children, categories, body, picture, ..Contact::default() };
            for (row, text) in TEXTS.iter().zip(texts) {
                *(row.slot)(&mut contact) = text;
            }
            contact
        })
}

/// No card, or one with lines of other clients, of each version of vCard.
fn olds() -> impl Strategy<Value = Option<Vec<u8>>> {
    select(vec!["", "2.1", "3.0", "4.0"]).prop_map(|version| {
        let card = CARD.replace("VERSION:3.0", &format!("VERSION:{version}"));
        (!version.is_empty()).then_some(card.into_bytes())
    })
}

fn versions() -> impl Strategy<Value = Version> {
    select(&Version::ALL[..])
}

proptest! {
    #[test]
    fn every_element_is_read_back(
        old in olds(),
        before in contact(),
        change in contact(),
        names in named(),
        who in (versions(), versions()),
    ) {
        let stored = Phone::new(who.0, None).checked(old.as_deref(), &before)?;
        let phone = Phone::new(who.1, names);
        let stored = phone.checked(Some(&stored), &change)?;
        prop_assert_eq!(phone.writes(Some(&stored), &phone.sees(&stored)), stored);
    }

    /// MS-ASCMD R5911.
    #[test]
    fn a_ghosted_element_that_is_absent_keeps_its_bytes(
        old in olds(),
        before in contact(),
        names in named(),
        version in versions(),
    ) {
        let stored = Phone::new(version, None).writes(old.as_deref(), &before);
        let phone = Phone::new(version, names);
        let mut sent = Contact { body: Sent::Absent, picture: Sent::Absent, ..phone.sees(&stored) };
        for (_, row) in TEXTS.iter().enumerate().filter(|(index, _)| phone.ghosts(*index)) {
            *(row.slot)(&mut sent) = Sent::Absent;
        }
        let ghosts = |other: usize| phone.ghosts(TEXTS.len() + other);
        let sent = Contact {
            birthday: if ghosts(0) { Sent::Absent } else { sent.birthday },
            anniversary: if ghosts(1) { Sent::Absent } else { sent.anniversary },
            children: if ghosts(2) { Sent::Absent } else { sent.children },
            categories: if ghosts(3) { Sent::Absent } else { sent.categories },
            ..sent
        };
        prop_assert_eq!(phone.writes(Some(&stored), &sent), stored);
    }

    #[test]
    fn a_text_touches_the_line_that_it_stands_in(
        before in contact(),
        which in any::<Index>(),
        word in text(),
        version in versions(),
    ) {
        let stored = Phone::new(version, None).writes(Some(CARD.as_bytes()), &before);
        let (which, row) = (which.index(TEXTS.len()), which.get(TEXTS));
        let only = (0..TEXTS.len() + OTHERS.len()).map(|index| index == which).collect();
        let mut sent = Contact::default();
        *(row.slot)(&mut sent) = Sent::Value(word);
        let changed = Phone::new(version, Some(only)).writes(Some(&stored), &sent);
        // The formatted name follows, and a related person who is new has a label.
        let allowed = [row.line, "FN", "X-ABLABEL"];
        let strange: Vec<String> = differences(&stored, &changed)
            .into_iter()
            .filter(|name| !allowed.contains(&name.as_str()))
            .collect();
        prop_assert!(strange.is_empty(), "{:?} changed too: {}", strange, lossy(&changed));
    }

    #[test]
    fn any_card_can_be_repeated(
        vcard in select(vec!["2.1", "3.0", "4.0"]),
        lines in proptest::collection::vec(select(LINES), 0..14),
        names in named(),
        version in versions(),
        preferences in select(&PREFERENCES[..]),
    ) {
        let lines = lines.join("\r\n");
        let card = format!("BEGIN:VCARD\r\nVERSION:{vcard}\r\n{lines}\r\nUID:u1\r\nEND:VCARD\r\n");
        let phone = Phone { preferences, ..Phone::new(version, names) };
        let again = phone.writes(Some(card.as_bytes()), &phone.sees(card.as_bytes()));
        prop_assert_eq!(lossy(&again), card);
    }
}

/// Lines as clients write them, sound and odd.
const LINES: &[&str] = &[
    "X-OF-OTHERS;X-A=1:keep",
    "N:Prøbe;Zoë;;;",
    "N:Prøbe",
    "FN:Zoë Prøbe",
    "FN:",
    "X-EVOLUTION-FILE-AS:Prøbe\\, Zoë",
    "NICKNAME:a,b",
    "ORG:A;B;C;D",
    "ORG:",
    "TITLE: x\ty ",
    "EMAIL:a@a.test",
    "EMAIL;TYPE=PREF:b@a.test",
    "EMAIL;X-KONTOR-SLOT=2:c@a.test",
    "EMAIL;PREF=7:d@a.test",
    "item1.EMAIL;type=INTERNET:e@a.test",
    "item1.X-ABLabel:Club",
    "TEL;TYPE=CELL:+49 1",
    "TEL;VALUE=uri:tel:+1-555",
    "TEL;HOME;VOICE:2",
    "TEL:3",
    "TEL;TYPE=WORK,FAX:4",
    "ADR;TYPE=WORK:;;Street\\, 1\\nYard;Town;;12345;",
    "ADR;TYPE=HOME:pobox;ext;x",
    "ADR:",
    "BDAY:1980-02-29",
    "BDAY:--0412",
    "BDAY:circa 1800",
    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
    "ANNIVERSARY:20010911T120000Z",
    "CATEGORIES:a,b,a",
    "CATEGORIES:",
    "NOTE:one\\ntwo\\n",
    "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BCller=0D=0A <b>",
    "PHOTO;ENCODING=b;TYPE=JPEG:AQID",
    "PHOTO;VALUE=uri:http://x.test/p.jpg",
    "PHOTO:data:image/png;base64,AQID",
    "X-SPOUSE:Kim",
    "RELATED;VALUE=text;TYPE=child:Ida",
    "item2.X-ABRELATEDNAMES:Max",
    "item2.X-ABLabel:_$!<Child>!$_",
    "X-EVOLUTION-MANAGER:Boss",
    "IMPP:xmpp:z@a.test",
    "X-JABBER:z",
    "URL:https://x.test/a,b;c",
    "X-KONTOR-MMS:5",
    "X-PHONETIC-FIRST-NAME:zoe",
];
