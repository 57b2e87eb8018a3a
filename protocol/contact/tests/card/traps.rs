//! What the crates that were measured for this format misread, lose or rewrite without a word: `calcard`,
//! `vcard_parser` and `ical`. Each case is a trap of one of them.

use contact::TextField::*;
use contact::{Card, CardChange, Change, Kind, Query, TextField, Version, describe, edit};

/// Lines that come out differently when one of them has read and written them, or that spoil the card for it.
const REWRITTEN: &[(&str, &[&str])] = &[
    (
        "2.1",
        &[
            // Bytes that happen to be UTF-8 become text; a type without its name is dropped.
            "PHOTO;JPEG;ENCODING=BASE64:aGVsbG8=",
            "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:one=0D=0Atwo=3B",
            "NOTE;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:M=FCller",
            "TEL;CELL;VOICE:+1",
        ],
    ),
    (
        "3.0",
        &[
            "NOTE:K\u{e4}se",
            "EMAIL;TYPE=INTERNET;TYPE=WORK:a@b.test",
            "item1.EMAIL;PID=4.1,5.2:a@b.test\nitem1.X-ABLabel:_$!<Other>!$_",
            "KIND:group\nX-ADDRESSBOOKSERVER-KIND:group",
            "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Max,Mo;1;;",
            "X-SOCIALPROFILE;TYPE=twitter;SERVICE-TYPE=x:https://x.test/a;b,c",
            "PHOTO;ENCODING=b;TYPE=JPEG:/9j/",
            "REV:2024-07-01T10:00:00Z",
            "a line without a colon",
        ],
    ),
    (
        "4.0",
        &[
            "PHOTO:data:image/png;base64,iVBORw==",
            "CLIENTPIDMAP:1;urn:uuid:3df403f4-5924-4bb7-b077-3c711d9eb34b",
            "TEL;VALUE=uri;TYPE=\"work,voice\":tel:+1;ext=5",
            "BDAY;VALUE=text:circa 1800",
            "ADR;LABEL=\"Gasse 1\\nK\u{f6}ln\":;;Gasse 1;K\u{f6}ln;;;",
            "N;SORT-AS=\"Doe,J^'x\":Doe;J;;;",
            "REV:20240701T100000Z",
        ],
    ),
];

fn of_version(version: &str, lines: &str) -> String {
    format!("BEGIN:VCARD\nVERSION:{version}\nFN:x\n{lines}\nTITLE:old\nEND:VCARD\n").replace('\n', "\r\n")
}

fn read(version: &str, lines: &str) -> Card {
    Card::read(of_version(version, lines).as_bytes()).unwrap()
}

#[test]
fn an_edit_keeps_what_others_rewrite() {
    for (version, cases) in REWRITTEN {
        for lines in *cases {
            let before = of_version(version, lines);
            let after = edit(before.as_bytes(), &CardChange::new().set(JobTitle, "new")).unwrap();
            assert_eq!(String::from_utf8(after).unwrap(), before.replace("TITLE:old", "TITLE:new"));
        }
    }
}

/// Version, lines, a field, and what it is.
type Read = (&'static str, &'static str, TextField, &'static str);

#[rustfmt::skip]
const READ: &[Read] = &[
    ("4.0", "NOTE:a\\nb\\Nc", Note, "a\nb\nc"),
    ("4.0", "TEL;VALUE=uri;TYPE=work:tel:+1;ext=5", BusinessPhone, "+1;ext=5"),
    ("4.0", "EMAIL;PID=4.1,5.2:a@b.test", Email1, "a@b.test"),
    ("3.0", "N:Doe;John;Q", MiddleName, "Q"),
    ("3.0", "TEL;CELL:+1", MobilePhone, "+1"),
    ("3.0", "NOTE;CHARSET=UTF-8:K\u{e4}se", Note, "K\u{e4}se"),
    ("3.0", "NOTE:D:\\\nNICKNAME:Jo", Note, "D:\\"),
    ("3.0", "NOTE:D:\\\nNICKNAME:Jo", Nickname, "Jo"),
    ("3.0", "NOTE:D:\\Daten", Note, "D:\\Daten"),
    ("2.1", "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:one=0D=0Atwo=3B", Note, "one\ntwo;"),
    ("2.1", "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Other\nNICKNAME:inner\nEND:VCARD\nNICKNAME:outer", Nickname, "outer"),
    ("2.1", "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Other\nNOTE:inner\nEND:VCARD", JobTitle, "old"),
];

#[test]
fn texts_that_others_lose_are_read() {
    for (version, lines, field, expected) in READ {
        assert_eq!(read(version, lines).text(*field), Some(*expected), "{lines}");
    }
}

#[test]
fn what_a_card_inside_says_is_not_said_of_the_card() {
    let card = read("2.1", "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Other;O\nNOTE:inner\nTEL;CELL:+1\nEND:VCARD");
    assert_eq!((card.text(Note), card.text(MobilePhone), card.text(LastName)), (None, None, None));
}

#[test]
fn a_date_in_words_is_no_date_and_no_loss() {
    let before = of_version("4.0", "BDAY;VALUE=text:circa 1800");
    assert_eq!(Card::read(before.as_bytes()).unwrap().birthday, None);
    let query = Query::new(before.as_bytes()).unwrap();
    let texts: Vec<String> = query.properties("BDAY").map(|property| property.text()).collect();
    assert_eq!(texts, ["circa 1800"]);
    // A phone shows no birthday there, and says so.
    let cleared = CardChange { birthday: Change::Clear, ..CardChange::new() };
    assert_eq!(String::from_utf8(edit(before.as_bytes(), &cleared).unwrap()).unwrap(), before);
}

#[test]
fn pictures_are_their_bytes() {
    for (version, line, expected) in [
        ("2.1", "PHOTO;JPEG;ENCODING=BASE64:aGVsbG8=", &b"hello"[..]),
        ("3.0", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/", b"\xFF\xD8\xFF"),
        ("4.0", "PHOTO:data:image/png;base64,iVBORw==", b"\x89PNG"),
        ("4.0", "PHOTO:data:image/png\\;base64\\,iVBORw==", b"\x89PNG"),
    ] {
        assert_eq!(read(version, line).picture.as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn small_letters_and_one_bad_line_spoil_nothing() {
    let card = "begin:vcard\r\nversion:3.0\r\nfn:x\r\nkind:group\r\nTEL;TYPE=\"work:1\r\nno colon\r\nnote:a\r\nend:vcard\r\n";
    let described = describe(card.as_bytes()).unwrap();
    assert_eq!(
        (described.version, described.kind, described.name.as_str()),
        (Version::V3_0, Kind::Group, "x")
    );
    assert_eq!(Card::read(card.as_bytes()).unwrap().text(Note), Some("a"));
}
