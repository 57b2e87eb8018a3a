//! The laws of the lens between a card's bytes and its fields.

use contact::{Card, CardChange, Change, Date, TextField, edit, new_card};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::lost_lines;

/// Lines that share roles, groups and places in odd ways.
const LINES: &[&str] = &[
    "N:Doe;John;;;",
    "N:Only",
    "N;ENCODING=QUOTED-PRINTABLE:D=C3=B6;J",
    "FN:John Doe",
    "FN:",
    "A.FN;X=1:Second",
    "X-EVOLUTION-FILE-AS:Doe\\, John",
    "ORG:C;D;E",
    "ORG:",
    "EMAIL:1@x.test",
    "EMAIL;TYPE=pref:2@x.test",
    "EMAIL;X-KONTOR-SLOT=2:3@x.test",
    "EMAIL;X-KONTOR-SLOT=0:4@x.test",
    "item1.EMAIL:5@x.test",
    "item1.X-ABLabel:Work",
    "TEL;TYPE=WORK:1",
    "TEL;WORK;VOICE:2",
    "TEL:3",
    "TEL;TYPE=HOME;PREF=1:4",
    "TEL;VALUE=uri:tel:+5",
    "TEL;TYPE=HOME,FAX:6",
    "TEL;X-KONTOR-SLOT=9;TYPE=WORK:7",
    "item1.TEL:8",
    "ADR;TYPE=WORK:;;S;C;;;",
    "ADR:;;;;;;",
    "IMPP:xmpp:a\\,b",
    "X-AIM:me",
    "URL:https\\://x.test/,;",
    "item2.X-ABRELATEDNAMES:Kim",
    "item2.X-ABLabel:_$!<Child>!$_",
    "item3.X-ABRELATEDNAMES:Pat",
    "item3.X-ABLabel:_$!<Spouse>!$_",
    "RELATED;TYPE=child;VALUE=text:Lou",
    "X-EVOLUTION-CHILD:Max",
    "BDAY:1985-04-12",
    "BDAY:circa",
    "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
    "ANNIVERSARY:--0229",
    "CATEGORIES:a,b\\,c",
    "CATEGORIES;ENCODING=QUOTED-PRINTABLE:=C3=A4,b",
    "NOTE:one",
    "NOTE:tw\n o\\n",
    "NOTE;ENCODING=BASE64:w6Q=",
    "PHOTO;ENCODING=b:/9j/",
    "PHOTO:https://x.test/p.jpg",
    "X-UNKNOWN;P=\"a:b\":kept",
    "no colon",
    "  ",
];

fn cards() -> impl Strategy<Value = Vec<u8>> {
    let version = select(&["2.1", "3.0", "4.0", ""][..]);
    let end = select(&["\r\n", "\n"][..]);
    (version, vec(select(LINES), 0..14), end, any::<bool>()).prop_map(|(version, lines, end, closed)| {
        let mut all = vec!["BEGIN:VCARD".to_owned(), format!("VERSION:{version}")];
        all.extend(lines.into_iter().map(str::to_owned));
        all.extend(closed.then(|| "END:VCARD".to_owned()));
        (all.join("\n") + "\n").replace('\n', end).into_bytes()
    })
}

/// Texts that are kept as they are: no control characters, not empty.
fn texts() -> impl Strategy<Value = String> {
    vec(prop_oneof![select("\\;,:\"^= \n\tn".chars().collect::<Vec<_>>()), any::<char>()], 1..40)
        .prop_map(|characters| {
            characters
                .into_iter()
                .filter(|c| *c == '\n' || *c == '\t' || !c.is_ascii_control())
                .collect::<String>()
        })
        .prop_filter("empty", |text| !text.is_empty())
}

fn dates() -> impl Strategy<Value = Date> {
    (prop::option::of(1_u16..=9999), 1_u8..=12, 1_u8..=31)
        .prop_filter_map("no such day", |(year, month, day)| Date::new(year, month, day))
}

fn change_of<T: std::fmt::Debug + Clone>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Change<T>> {
    prop_oneof![2 => Just(Change::Keep), 1 => Just(Change::Clear), 2 => values.prop_map(Change::Set)]
}

fn changes() -> impl Strategy<Value = CardChange> {
    let fields = vec((select(TextField::ALL), change_of(texts())), 0..12);
    let lists = || change_of(vec(texts(), 1..4));
    (fields, change_of(dates()), change_of(dates()), lists(), lists(), change_of(vec(any::<u8>(), 1..200)))
        .prop_map(|(fields, birthday, anniversary, children, categories, picture)| {
            let mut change =
                CardChange { birthday, anniversary, children, categories, picture, ..CardChange::new() };
            for (field, text) in fields {
                change.change_text(field, text);
            }
            change
        })
}

fn owned(change: Change<&str>) -> Change<String> {
    match change {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(text) => Change::Set(text.to_owned()),
    }
}

/// The formatted name and the filing name have rules of their own: see `edit.rs`.
fn is_derived(field: TextField) -> bool {
    matches!(field, TextField::FormattedName | TextField::FileAs)
}

proptest! {
    #[test]
    fn what_is_set_is_read_and_what_is_kept_stays(bytes in cards(), change in changes()) {
        let before = Card::read(&bytes).unwrap();
        let written = edit(&bytes, &change).unwrap();
        let after = Card::read(&written).unwrap();
        for &field in TextField::ALL {
            let change = owned(change.text(field));
            if is_derived(field) && !matches!(change, Change::Set(_)) {
                continue;
            }
            let expected = change.apply(before.text(field).map(str::to_owned));
            prop_assert_eq!(after.text(field), expected.as_deref(), "{:?} of {}", field, String::from_utf8_lossy(&written));
        }
        prop_assert_eq!(after.birthday, change.birthday.clone().apply(before.birthday));
        prop_assert_eq!(after.anniversary, change.anniversary.clone().apply(before.anniversary));
        prop_assert_eq!(&after.children, &change.children.clone().apply(Some(before.children)).unwrap_or_default());
        prop_assert_eq!(&after.categories, &change.categories.clone().apply(Some(before.categories)).unwrap_or_default());
        prop_assert_eq!(&after.picture, &change.picture.clone().apply(before.picture));
    }

    #[test]
    fn setting_what_is_read_changes_not_one_byte(bytes in cards()) {
        let card = Card::read(&bytes).unwrap();
        let mut change = CardChange {
            birthday: card.birthday.map_or(Change::Clear, Change::Set),
            anniversary: card.anniversary.map_or(Change::Clear, Change::Set),
            children: Change::Set(card.children.clone()),
            categories: Change::Set(card.categories.clone()),
            picture: card.picture.clone().map_or(Change::Clear, Change::Set),
            ..CardChange::new()
        };
        for &field in TextField::ALL {
            match card.text(field) {
                Some(text) => change = change.set(field, text),
                None if is_derived(field) => {}
                None => change = change.clear(field),
            }
        }
        prop_assert_eq!(edit(&bytes, &change).unwrap(), bytes);
    }

    #[test]
    fn doing_it_twice_is_doing_it_once(bytes in cards(), change in changes()) {
        let once = edit(&bytes, &change).unwrap();
        prop_assert_eq!(edit(&once, &change).unwrap(), once);
    }

    #[test]
    fn setting_one_text_touches_one_line_and_the_formatted_name(bytes in cards(), field in select(TextField::ALL), text in texts()) {
        let after = edit(&bytes, &CardChange::new().set(field, text)).unwrap();
        prop_assert!(lost_lines(&bytes, &after) <= 2);
        for line in ["X-UNKNOWN;P=\"a:b\":kept", "no colon", "item1.X-ABLabel:Work"] {
            let count = |bytes: &[u8]| String::from_utf8_lossy(bytes).matches(line).count();
            prop_assert_eq!(count(&bytes), count(&after));
        }
    }

    #[test]
    fn a_new_card_is_valid_and_says_what_it_was_given(uid in texts(), change in changes()) {
        let bytes = new_card(&uid, &change);
        prop_assert!(contact::describe(&bytes).is_ok());
        let card = Card::read(&bytes).unwrap();
        for &field in TextField::ALL.iter().filter(|&&field| !is_derived(field)) {
            let expected = owned(change.text(field)).apply(None);
            prop_assert_eq!(card.text(field), expected.as_deref());
        }
        prop_assert_eq!(card.birthday, change.birthday.apply(None));
        prop_assert_eq!(card.picture, change.picture.apply(None));
    }
}

/// Cards of the corpus with some bytes cut out, doubled or replaced.
fn damaged_cards() -> impl Strategy<Value = Vec<u8>> {
    let cards: Vec<Vec<u8>> = crate::corpus::cards().map(|(_, bytes)| bytes).collect();
    let damage =
        (any::<prop::sample::Index>(), 0_usize..12, vec(select(&b"\r\n :;,=\"\\^.\t\0\xC3\xFFaE"[..]), 0..6));
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
    fn damaged_cards_obey_the_laws_too(bytes in damaged_cards(), field in select(TextField::ALL)) {
        let _ = contact::describe(&bytes);
        let Ok(card) = Card::read(&bytes) else { return Ok(()) };
        let mut same = card.texts().fold(CardChange::new(), |change, (field, text)| change.set(field, text));
        same.birthday = card.birthday.map_or(Change::Keep, Change::Set);
        same.anniversary = card.anniversary.map_or(Change::Keep, Change::Set);
        same.children = Change::Set(card.children.clone());
        same.categories = Change::Set(card.categories.clone());
        same.picture = card.picture.clone().map_or(Change::Keep, Change::Set);
        prop_assert_eq!(&edit(&bytes, &same).unwrap(), &bytes);

        let text = "new; text\nof a phone";
        let after = Card::read(&edit(&bytes, &CardChange::new().set(field, text)).unwrap()).unwrap();
        prop_assert_eq!(after.text(field), Some(text), "{}", String::from_utf8_lossy(&bytes));
    }
}
