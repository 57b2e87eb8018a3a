//! Laws of conversion: nothing that a phone shows changes, there and back is where one was, and nothing grows.

use contact::{Card, Kind, Target, TextField, convert, describe};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Lines of all versions, in combinations that clients write and in others.
const LINES: &[&str] = &[
    "N:Doe;John;;;",
    "N;SORT-AS=\"Doe,John\":Doe;John;;;",
    "N;ENCODING=QUOTED-PRINTABLE:D=C3=B6;J",
    "FN;ALTID=1;LANGUAGE=en:Other",
    "A.FN;X=1:Second",
    "X-KONTOR-ALT-FN:Third",
    "SORT-STRING:Doe",
    "ORG:C;D;E",
    "ORG;ALTID=a:C",
    "ORG;ALTID=a;LANGUAGE=fr:S",
    "EMAIL;TYPE=INTERNET,HOME,pref:2@x.test",
    "EMAIL;PREF=2:3@x.test",
    "EMAIL;PREF=1;TYPE=pref:4@x.test",
    "EMAIL;X-KONTOR-SLOT=2:5@x.test",
    "item1.EMAIL:6@x.test",
    "item1.X-ABLabel:Work",
    "TEL;TYPE=WORK;TYPE=VOICE;TYPE=pref:1",
    "TEL;WORK;VOICE:2",
    "TEL;VALUE=uri;TYPE=\"home,voice\":tel:+5;ext=6",
    "TEL;VALUE=uri:tel:tel:6",
    "TEL;VALUE=TEXT:7",
    "item1.TEL:8",
    "ADR;TYPE=WORK:;;S;C;;;",
    "ADR;TYPE=work;LABEL=\"S^nC\":;;S;C;;;",
    "ADR;TYPE=HOME,pref:;;H;;;;",
    "LABEL;TYPE=WORK:S\\nC",
    "LABEL;HOME;ENCODING=QUOTED-PRINTABLE:H=0D=0AX",
    "IMPP;X-SERVICE-TYPE=Skype;type=pref:skype:a\\,b",
    "X-AIM:me",
    "URL:https\\://x.test/,;",
    "URL;ENCODING=QUOTED-PRINTABLE:https://x.test/=3Ba;b",
    "item2.X-ABRELATEDNAMES;type=pref:Kim",
    "item2.X-ABLabel:_$!<Daughter>!$_",
    "item3.X-ABRELATEDNAMES:Pat",
    "item3.X-ABLabel:_$!<Spouse>!$_",
    "item4.X-ABRELATEDNAMES:Tante",
    "item4.X-ABLabel:Tante",
    "X-ABRELATEDNAMES;TYPE=spouse:Max",
    "X-ABRELATEDNAMES:Nobody",
    "RELATED;TYPE=child;VALUE=text:Lou",
    "RELATED;TYPE=\"wife,manager\";VALUE=text:Eva",
    "item1.RELATED;TYPE=assistant;VALUE=text:Ann",
    "RELATED;TYPE=friend:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af",
    "RELATED;TYPE=agent:mailto:a@x.test",
    "AGENT;VALUE=uri:CID:1",
    "AGENT:BEGIN:VCARD\\nFN:A\\nEND:VCARD",
    "X-EVOLUTION-CHILD:Max",
    "BDAY:1985-04-12",
    "BDAY:1991-03-21T00:00:00Z",
    "BDAY;VALUE=text:circa",
    "BDAY:circa",
    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
    "BDAY:--0229",
    "item5.X-ABDATE;type=pref:2010-06-19",
    "item5.X-ABLabel:_$!<Anniversary>!$_",
    "X-ABDATE;TYPE=anniversary:2011-06-19",
    "ANNIVERSARY:--0229",
    "X-EVOLUTION-ANNIVERSARY:2006-06-06",
    "X-MS-ANNIVERSARY:",
    "X-GENDER:Male",
    "GENDER:F;grrrl",
    "KIND:individual",
    "KIND:org",
    "X-ABShowAs:COMPANY",
    "GEO:37.386;-122.083",
    "GEO:geo:37.386,-122.083,5",
    "TZ:-05:00",
    "TZ:Europe/Berlin",
    "TZ;VALUE=utc-offset:-0500",
    "REV:2026-01-02T00:00:00Z",
    "REV;VALUE=DATE-TIME:20260102T000000Z",
    "UID:7F0C5E1A",
    "UID:urn:uuid:7F0C5E1A",
    "CATEGORIES:a,b\\,c",
    "CATEGORIES;ENCODING=QUOTED-PRINTABLE:=C3=A4,b",
    "NOTE:tw\n o\\n",
    "NOTE;ENCODING=BASE64:w6QNCg==",
    "NOTE;CHARSET=ISO-8859-15:\u{e4}",
    "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ",
    "PHOTO;JPEG;BASE64:/9j/4AAQ",
    "PHOTO;ENCODING=b:no*base64",
    "PHOTO:data:image/png;base64\\,iVBORw0KGgo=",
    "PHOTO;MEDIATYPE=image/gif:https://x.test/p.gif",
    "KEY;TYPE=PGP;ENCODING=b:aGVsbG8=",
    "SOUND;TYPE=BASIC;VALUE=URL:https://x.test/a",
    "X-UNKNOWN;P=\"a:b\";Q=c:a;b\\;c,d",
    "X-CODED;ENCODING=QUOTED-PRINTABLE:a=3B;b",
    "X-BYTES;ENCODING=b:aGVsbG8=",
    "CLASS:PRIVATE",
    "PROFILE:VCARD",
    "LANG;PREF=1:de",
    "CLIENTPIDMAP:1;urn:uuid:1",
    "no colon",
    "  ",
];

pub(crate) fn cards() -> impl Strategy<Value = Vec<u8>> {
    let version = select(&["2.1", "3.0", "4.0", "5.0"][..]);
    (version, vec(select(LINES), 0..16)).prop_map(|(version, lines)| {
        let mut all = vec!["BEGIN:VCARD".to_owned(), format!("VERSION:{version}"), "FN:First".to_owned()];
        all.extend(lines.into_iter().map(str::to_owned));
        all.push("END:VCARD\n".to_owned());
        all.join("\n").replace('\n', "\r\n").into_bytes()
    })
}

fn converted(bytes: &[u8], target: Target) -> Vec<u8> {
    convert(bytes, target).unwrap().into_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// To both versions and back, beginning with the other one than the card's.
fn round(bytes: &[u8]) -> Vec<u8> {
    converted(&converted(bytes, Target::V4_0), Target::V3_0)
}

/// What does not change whatever becomes of a card.
fn laws(bytes: &[u8]) -> Result<(), TestCaseError> {
    let before = Card::read(bytes).unwrap();
    let described = describe(bytes).unwrap();
    for target in [Target::V3_0, Target::V4_0] {
        let after = converted(bytes, target);
        prop_assert_eq!(Card::read(&after).unwrap(), before.clone(), "{}", text(&after));
        let again = describe(&after).unwrap();
        prop_assert_eq!(contact::declared_version(&after), Some(target.number().to_owned()));
        prop_assert_eq!((&again.uid, again.is_private), (&described.uid, described.is_private));
        prop_assert_eq!(again.kind == Kind::Group, described.kind == Kind::Group);
        prop_assert_eq!(&converted(&after, target), &after, "it is of the version already");
        prop_assert!(after.len() <= 5 * bytes.len() + 400, "{} bytes of {}", after.len(), bytes.len());
    }
    // There and back is where one was, from the first time on.
    let once = round(bytes);
    let twice = round(&once);
    prop_assert_eq!(text(&round(&twice)), text(&twice));
    // Each related person gets a label, which is longer than the shortest line of one.
    prop_assert!(twice.len() <= 3 * once.len() + 100, "{}\n{}", text(&once), text(&twice));
    prop_assert_eq!(Card::read(&twice).unwrap(), before);
    Ok(())
}

proptest! {
    #[test]
    fn conversion_keeps_what_a_card_says(bytes in cards()) {
        laws(&bytes)?;
    }
}

#[test]
fn cards_of_real_clients_obey_the_laws() {
    for (name, bytes) in crate::corpus::cards() {
        // A card without FN gets one, and a group an N, which is what they lacked.
        let has_name = Card::read(&bytes).unwrap().text(TextField::FormattedName).is_some();
        if has_name && name != "nextcloud_group" {
            laws(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// Cards of the corpus with some bytes cut out, doubled or replaced.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let cards: Vec<Vec<u8>> = crate::corpus::cards().map(|(_, bytes)| bytes).collect();
    let new = vec(select(&b"\r\n :;,=\"\\^.\t\0\xC3\xFFaE"[..]), 0..6);
    let damage = (any::<prop::sample::Index>(), 0_usize..12, new);
    (select(cards), vec(damage, 1..5)).prop_map(|(mut bytes, damages)| {
        for (at, length, new) in damages {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..(at + length).min(bytes.len()), new);
        }
        bytes
    })
}

proptest! {
    #[test]
    fn damaged_cards_end_somewhere_too(bytes in damaged()) {
        let Ok(_) = convert(&bytes, Target::V4_0) else { return Ok(()) };
        let (once, twice) = (round(&bytes), round(&round(&bytes)));
        let thrice = round(&twice);
        prop_assert_eq!(text(&round(&thrice)), text(&thrice));
        prop_assert!(once.len() <= 8 * bytes.len() + 1000);
        prop_assert!(std::str::from_utf8(&once).is_ok());
    }
}
