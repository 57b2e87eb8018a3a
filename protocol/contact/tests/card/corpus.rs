//! Cards in the manner of real clients: all are read, and an edit leaves every other line as it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use contact::TextField::{self, *};
use contact::{Card, CardChange, Change, Date, Kind, Version, describe, edit};

use crate::lost_lines;

/// A file of `tests/corpus`, what it imitates, its version, and some of its texts.
type Sample = (&'static str, &'static str, Version, &'static [(TextField, &'static str)]);

use Version::{V2_1, V3_0, V4_0};

#[rustfmt::skip]
const SAMPLES: &[Sample] = &[
    ("apple_ios", "iPhone: grouped labels, many types, phonetic names", V3_0, &[
        (FormattedName, "Dr. Anna Maria Sommer"), (Prefix, "Dr."), (MiddleName, "Maria"), (Nickname, "Anni"),
        (YomiFirstName, "Ana"), (Company, "Beispiel GmbH"), (Department, "Vertrieb"), (JobTitle, "Leiterin Vertrieb"),
        (Email1, "anna.sommer@beispiel.test"), (Email2, "anni@privat.test"), (Email3, "anna@verein.test"),
        (MobilePhone, "+49 170 1234567"), (BusinessPhone, "+49 30 123456-0"), (BusinessFax, "+49 30 123456-99"),
        (CompanyMainPhone, "+49 30 123456"), (HomePhone, "+49 30 555"), (HomeStreet, "Lindenstra\u{df}e 12\nHinterhaus"),
        (BusinessState, "Brandenburg"), (WebPage, "https://anna.test/"), (Spouse, "Bernd Sommer"), (Assistant, "Eva Klein"),
        (InstantMessage1, "skype:anna.sommer"), (Note, "Mag Tee, keinen Kaffee;\nruft lieber an."),
    ]),
    ("apple_macos_photo", "macOS: photo in base64 with a crop rectangle", V3_0, &[(LastName, "Wei\u{df}")]),
    ("apple_birthday_without_year", "iOS: dates without a year as of 1604", V3_0, &[(Company, "Okafor & S\u{f6}hne")]),
    ("apple_group", "macOS: a group as a card", V3_0, &[(LastName, "Freunde")]),
    ("apple_company", "iPhone: a company, the name parts empty", V3_0, &[
        (Company, "Hausverwaltung Nord, Kiel"), (BusinessFax, "+49 431 1"), (BusinessPhone, "+49 431 2"),
    ]),
    ("google_export", "Google's export: lists of types, escaped colons, custom labels", V3_0, &[
        (Email1, "maria@casa.test"), (Email3, "maria3@x.test"), (MobilePhone, "+351 912 345 678"), (HomePhone, "21 000 000"),
        (HomePhone2, "21 999 999"), (HomeStreet, "Rua A, 5"), (HomeCountry, "PT"), (WebPage, "https://maria.test/?a\\=1"), (Spouse, "Jos\u{e9}"),
        (Note, "linha 1\nlinha 2"),
    ]),
    ("google_carddav", "Google over CardDAV: photo as a link, an empty label", V3_0, &[
        (Company, "\u{417}\u{430}\u{432}\u{43e}\u{434} \u{2116} 5"), (Email1, "ivan@zavod.test"), (BusinessPhone, "+7 495 1"),
    ]),
    ("google_cut_characters", "Google and iOS: folds that cut characters", V3_0, &[
        (FirstName, "\u{41c}\u{438}\u{445}\u{430}\u{438}\u{43b}"), (Note, "\u{1f382} birthday cake"),
    ]),
    ("outlook_2_1", "Outlook: version 2.1, bare types, X-MS properties, a label in quoted-printable", V2_1, &[
        (Prefix, "Herr"), (Suffix, "jun."), (Company, "Kr\u{fc}ger & Co."), (Department, "Einkauf"),
        (Note, "Erste Zeile\nZweite Zeile\n"), (BusinessPhone, "+49 (40) 1000"), (BusinessPhone2, "+49 (40) 1001"),
        (Pager, "4711"), (CarPhone, "4712"), (BusinessStreet, "Hafenstr. 1"), (BusinessState, "HH"), (HomeCity, "Kiel"),
        (Email1, "joerg@krueger.test"), (Spouse, "Karin"), (Manager, "Frau Chefin"), (Assistant, "Herr Helfer"),
        (InstantMessage1, "sip:joerg@krueger.test"),
    ]),
    ("outlook_com_3_0", "Exchange and outlook.com: version 3.0, the name with a comma", V3_0, &[
        (FormattedName, "Smith, John"), (FileAs, "Smith, John"), (MiddleName, "Q."), (Department, "Research"), (Note, "\n"),
        (BusinessCity, "Redmond"), (MobilePhone, "+1 425 5550101"), (InstantMessage1, "john@im.contoso.test"),
    ]),
    ("thunderbird_4_0", "Thunderbird: version 4.0, PREF by number, VALUE=TEXT", V4_0, &[
        (Email1, "erik@fjord.test"), (HomePhone, "+47 22 00 00 00"), (MobilePhone, "+47 900 00 000"), (HomeCity, "Bergen"),
        (InstantMessage1, "xmpp:erik@fjord.test"), (Department, "Salg"),
    ]),
    ("thunderbird_photo_4_0", "Thunderbird: photo as a data URI, the preferred address last", V4_0, &[
        (Email1, "first@p.test"), (Email2, "second@p.test"),
    ]),
    ("davx5_3_0", "DAVx5 on version 3.0: types in lower case, X-ANDROID-CUSTOM", V3_0, &[
        (Email1, "luc@travail.test"), (Email2, "luc@maison.test"), (Email3, "luc@club.test"), (AssistantPhone, "+33 1 00 00 00 02"),
        (RadioPhone, "12"), (BusinessFax, "+33 1 00 00 00 01"), (Spouse, "Marie"), (YomiFirstName, "L\u{fc}k"),
    ]),
    ("davx5_4_0", "DAVx5 on version 4.0: RELATED, a list of types in quotation marks, tel URIs", V4_0, &[
        (HomePhone, "tel-home"), (MobilePhone, "+86-10-5555"), (Spouse, "Wei"), (Department, "\u{7814}\u{53d1}"),
    ]),
    ("evolution", "Evolution: X-EVOLUTION properties, UI slots, empty lines", V3_0, &[
        (FileAs, "Vega, In\u{e9}s"), (Manager, "Don Jefe"), (Assistant, "Pepa"), (Spouse, "Juan"), (OfficeLocation, "Despacho 12"),
        (AssistantPhone, "91 2"), (RadioPhone, "91 3"), (CompanyMainPhone, "91 4"), (InstantMessage1, "ines@jabber.test"),
        (InstantMessage2, "ines.aim"), (BusinessStreet, "Calle Mayor 1"),
    ]),
    ("kaddressbook", "KAddressBook: sorted lines, X-KADDRESSBOOK properties", V3_0, &[
        (Email1, "lars@hem.test"), (Assistant, "Lisa"), (Manager, "Bosse"), (Spouse, "Maja"), (MobilePhone, "+46 70 1"), (InstantMessage1, "lars@im.test"),
    ]),
    ("nextcloud", "Nextcloud's web client: version 4.0, labels in upper case", V4_0, &[
        (HomePhone, "+31 20 1"), (HomePhone2, "+31 111"), (MobilePhone, "+31 6 2"), (HomePostalCode, "1015"), (Email2, "zoe@werk.test"),
    ]),
    ("nextcloud_group", "a group of version 4.0", V4_0, &[(FormattedName, "Vrienden")]),
    ("phone_nokia_2_1", "a Nokia phone: no formatted name, quoted-printable", V2_1, &[
        (LastName, "\u{d6}zt\u{fc}rk"), (FirstName, "Ay\u{15f}e"), (MobilePhone, "+90532"), (HomePhone, "+90212"),
    ]),
    ("phone_sony_2_1_latin", "a Sony Ericsson phone: quoted-printable in ISO-8859-1", V2_1, &[
        (FormattedName, "J\u{f6}rg M\u{fc}ller"), (HomeStreet, "Stra\u{df}e 1"), (HomeCity, "K\u{f6}ln"), (HomeCountry, "Deutschland"),
    ]),
    ("phone_base64_bare", "an old phone: base64 without indentation", V2_1, &[(MobilePhone, "1")]),
    ("phone_agent_2_1", "version 2.1 with a card inside of the card, LF line ends", V2_1, &[
        (FormattedName, "Fred Friday"), (BusinessPhone, "+1-213-555-1234"), (JobTitle, "Boss"),
    ]),
    ("android_2_1", "Android's export: quoted-printable with soft breaks", V2_1, &[
        (FormattedName, "\u{41e}\u{43b}\u{435}\u{433} \u{418}\u{432}\u{430}\u{43d}\u{43e}\u{432}"), (Note, "a\nb"), (YomiFirstName, "Oleg"),
        (HomePhone, "+7-496-000"),
    ]),
    ("lf_line_ends", "a script: LF line ends, none at the end, more numbers than places", V3_0, &[
        (HomePhone, "1"), (HomePhone2, "2"), (Email1, "u@unix.test"),
    ]),
    ("tab_folds_and_blank_lines", "folds by tabs, white lines inside and at the end", V3_0, &[
        (FormattedName, "TabFolded"), (Note, "abc  "), (Email1, "t@t.test"),
    ]),
    ("lower_case", "everything in lower case", V3_0, &[(BusinessPhone, "1"), (Spouse, "Upper"), (FirstName, "lower")]),
    ("groups_and_odd_labels", "labels in place of types, in groups of any name", V3_0, &[
        (BusinessPhone, "+1"), (HomePhone, "+2"), (CarPhone, "+3"), (OtherStreet, "Street"), (Email1, "w@odd.test"), (FirstName, "Odd"),
    ]),
    ("many_values", "more of everything than there are places", V3_0, &[
        (Email3, "m3@many.test"), (BusinessPhone2, "2"), (MobilePhone, "91"), (HomeStreet, "Home 1"), (BusinessStreet, "Work 1"),
        (OtherStreet, "Elsewhere 1"), (Note, "first note"), (WebPage, "https://1.test"), (MiddleName, "A,B"), (Suffix, "M.D.,Ph.D."),
    ]),
    ("broken_values", "values that nobody should write", V3_0, &[
        (FormattedName, "C:\\Users\new; unescaped, text"), (LastName, "Broken"), (Company, "Only"), (BusinessPhone, "+5"), (Email1, "b@b.test"),
    ]),
    ("pinned_by_kontor", "places that Kontor has pinned", V3_0, &[(Email2, "second@pin.test"), (BusinessPhone2, "22")]),
    ("byte_order_mark", "a byte order mark", V3_0, &[(Email1, "b@bom.test")]),
    ("gif_and_carets", "version 4.0 with encoded parameters and a number with an extension", V4_0, &[
        (FormattedName, "Caret \"Quote\" User"), (BusinessStreet, "1 Road"), (BusinessPhone, "+1-555-0100;ext=5"),
    ]),
    ("soft_breaks_and_folds", "version 2.1 with soft breaks inside of folds and characters", V2_1, &[
        (Note, "first line\nsecond \u{e4} end"), (HomeStreet, "Road\nFloor 2"), (HomeCity, "Town"), (HomePostalCode, "1"),
    ]),
    ("yomi_japanese", "Japanese phonetic names", V3_0, &[
        (YomiLastName, "\u{3084}\u{307e}\u{3060}"), (YomiCompany, "\u{308c}\u{3044}"), (LastName, "\u{5c71}\u{7530}"),
    ]),
    ("icloud_instant_messages", "iCloud's web client: IMPP beside X-AIM", V3_0, &[
        (InstantMessage1, "aim:one"), (InstantMessage2, "one"), (InstantMessage3, "xmpp:two@im.test"),
    ]),
];

/// What is set in tests: everything that must be escaped, and characters of several bytes.
const NEW_TEXT: &str = "Z\u{fc}rich; a, b\nC:\\new = \u{1f382}";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// All cards with their names.
pub(crate) fn cards() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
    SAMPLES.iter().map(|(name, ..)| (*name, std::fs::read(folder().join(format!("{name}.vcf"))).unwrap()))
}

/// The formatted name follows these.
fn decides_the_name(field: TextField) -> bool {
    matches!(field, FormattedName | LastName | FirstName | MiddleName | Prefix | Suffix | Company | Nickname)
        || matches!(field, Email1 | MobilePhone | BusinessPhone | HomePhone)
}

/// Everything of the card but these fields.
fn others(card: &Card, fields: &[TextField]) -> Vec<(TextField, String)> {
    card.texts()
        .filter(|(field, _)| !fields.contains(field))
        .map(|(field, text)| (field, text.to_owned()))
        .collect()
}

#[test]
fn every_file_is_in_the_table_and_there_are_enough() {
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let table: BTreeSet<String> = SAMPLES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(files, table);
    assert!(files.len() >= 30);
}

#[test]
fn every_card_is_valid_and_read() {
    for ((name, imitates, version, texts), (_, bytes)) in SAMPLES.iter().zip(cards()) {
        let described = describe(&bytes).unwrap_or_else(|invalid| panic!("{name} ({imitates}): {invalid}"));
        assert_eq!(described.version, *version, "{name}");
        assert_eq!(described.kind == Kind::Group, name.ends_with("group"), "{name}");
        let card = Card::read(&bytes).unwrap();
        for (field, expected) in *texts {
            assert_eq!(card.text(*field), Some(*expected), "{name} ({imitates}): {field:?}");
        }
    }
}

#[test]
fn dates_lists_and_pictures_are_read() {
    let card = |wanted: &str| {
        let (_, bytes) = cards().find(|(name, _)| *name == wanted).unwrap();
        Card::read(&bytes).unwrap()
    };
    let day = |year, month, day| Date::new(year, month, day);
    for (name, birthday, anniversary) in [
        ("apple_ios", day(Some(1985), 4, 12), day(Some(2010), 6, 19)),
        ("apple_birthday_without_year", day(None, 2, 29), day(None, 12, 24)),
        ("google_export", day(Some(1990), 1, 31), day(Some(2012), 9, 2)),
        ("outlook_2_1", day(Some(1970), 6, 15), day(Some(1999), 9, 9)),
        ("thunderbird_4_0", day(None, 5, 17), day(Some(2005), 8, 20)),
        ("davx5_3_0", day(Some(1979), 11, 30), day(Some(2008), 8, 8)),
        ("evolution", day(Some(1982), 7, 7), day(Some(2006), 6, 6)),
        ("kaddressbook", day(Some(1991), 3, 21), day(Some(2017), 7, 1)),
        ("nextcloud", day(Some(2000), 2, 29), day(Some(2021), 9, 3)),
        ("broken_values", None, None),
    ] {
        assert_eq!((card(name).birthday, card(name).anniversary), (birthday, anniversary), "{name}");
    }
    assert_eq!(card("apple_ios").children, ["Clara", "David"]);
    assert_eq!(card("outlook_2_1").children, ["Lena"]);
    assert_eq!(card("davx5_4_0").children, ["Lan"]);
    assert_eq!(card("groups_and_odd_labels").children, ["Kim"]);
    assert_eq!(card("many_values").categories, ["one", "two", "three, four"]);
    assert_eq!(card("google_export").categories, ["myContacts", "Fam\u{ed}lia"]);
    let begins = |name, with: &[u8]| card(name).picture.is_some_and(|bytes| bytes.starts_with(with));
    for name in ["apple_macos_photo", "outlook_2_1", "phone_base64_bare", "davx5_4_0"] {
        assert!(begins(name, b"\xFF\xD8\xFF"), "{name}");
    }
    assert!(begins("thunderbird_photo_4_0", b"\x89PNG"));
    assert!(begins("gif_and_carets", b"GIF89a"));
    assert_eq!(card("google_carddav").picture, None);
    assert_eq!(card("broken_values").picture, None);
}

#[test]
fn setting_what_is_read_changes_not_one_byte() {
    for (name, bytes) in cards() {
        let card = Card::read(&bytes).unwrap();
        let mut change =
            card.texts().fold(CardChange::new(), |change, (field, text)| change.set(field, text));
        change.birthday = card.birthday.map_or(Change::Clear, Change::Set);
        change.anniversary = card.anniversary.map_or(Change::Clear, Change::Set);
        change.children = Change::Set(card.children.clone());
        change.categories = Change::Set(card.categories.clone());
        change.picture = card.picture.clone().map_or(Change::Clear, Change::Set);
        for &field in TextField::ALL.iter().filter(|&&field| card.text(field).is_none()) {
            change = change.clear(field);
        }
        assert_eq!(edit(&bytes, &change).unwrap(), bytes, "{name}");
    }
}

#[test]
fn every_text_can_be_set_in_every_card_and_nothing_else_changes() {
    for (name, bytes) in cards() {
        let before = Card::read(&bytes).unwrap();
        for &field in TextField::ALL {
            let after = edit(&bytes, &CardChange::new().set(field, NEW_TEXT)).unwrap();
            let card = Card::read(&after).unwrap();
            assert_eq!(card.text(field), Some(NEW_TEXT), "{name}: {field:?}");
            // The filing name is the formatted name where it has no line of its own.
            let mut concerned = vec![field];
            let mut lines = 1;
            if decides_the_name(field) {
                concerned.extend([FormattedName, FileAs]);
                lines += usize::from(field != FormattedName);
            }
            assert_eq!(others(&card, &concerned), others(&before, &concerned), "{name}: {field:?}");
            assert_eq!((card.birthday, card.anniversary), (before.birthday, before.anniversary));
            assert_eq!((&card.children, &card.categories), (&before.children, &before.categories));
            assert_eq!(card.picture, before.picture);
            let lost = lost_lines(&bytes, &after);
            assert!(lost <= lines, "{name}: {field:?} changed {lost} lines");
            assert_eq!(describe(&after).map(|d| d.uid), describe(&bytes).map(|d| d.uid), "{name}: {field:?}");
        }
    }
}

#[test]
fn every_text_can_be_cleared_in_every_card_and_the_others_keep_their_places() {
    for (name, bytes) in cards() {
        let before = Card::read(&bytes).unwrap();
        for (field, _) in before.texts().filter(|(field, _)| !matches!(field, FormattedName | FileAs)) {
            let after = edit(&bytes, &CardChange::new().clear(field)).unwrap();
            let card = Card::read(&after).unwrap();
            assert_eq!(card.text(field), None, "{name}: {field:?}");
            let concerned = [field, FormattedName, FileAs];
            assert_eq!(others(&card, &concerned), others(&before, &concerned), "{name}: {field:?}");
            assert_eq!((&card.children, &card.categories), (&before.children, &before.categories));
        }
    }
}

#[test]
fn dates_lists_and_pictures_can_be_set_in_every_card() {
    let picture = b"\xFF\xD8\xFF and so on".repeat(20);
    let children = vec!["One; 1".to_owned(), "Two, 2".to_owned()];
    for (name, bytes) in cards() {
        let before = Card::read(&bytes).unwrap();
        for date in [Date::new(Some(2001), 2, 3), Date::new(None, 2, 29)] {
            let change = CardChange {
                birthday: Change::Set(date.unwrap()),
                anniversary: Change::Set(date.unwrap()),
                children: Change::Set(children.clone()),
                categories: Change::Set(children.clone()),
                picture: Change::Set(picture.clone()),
                ..CardChange::new()
            };
            let after = edit(&bytes, &change).unwrap();
            let card = Card::read(&after).unwrap();
            assert_eq!((card.birthday, card.anniversary), (date, date), "{name}");
            assert_eq!((&card.children, &card.categories), (&children, &children), "{name}");
            assert_eq!(card.picture.as_ref(), Some(&picture), "{name}");
            assert_eq!(others(&card, &[]), others(&before, &[]), "{name}");

            let cleared = CardChange {
                birthday: Change::Clear,
                anniversary: Change::Clear,
                children: Change::Clear,
                categories: Change::Clear,
                picture: Change::Clear,
                ..CardChange::new()
            };
            let card = Card::read(&edit(&after, &cleared).unwrap()).unwrap();
            assert_eq!((card.birthday, card.anniversary, card.picture), (None, None, None), "{name}");
            assert_eq!((card.children.len(), card.categories.len()), (0, 0), "{name}");
        }
    }
}
