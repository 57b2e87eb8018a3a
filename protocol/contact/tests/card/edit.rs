//! Edits, byte for byte.

use contact::TextField::*;
use contact::{Card, CardChange, Change, Date, Unreadable, new_card};

use crate::{card, edited, read};

fn set(field: contact::TextField, text: &str) -> CardChange {
    CardChange::new().set(field, text)
}

fn clear(field: contact::TextField) -> CardChange {
    CardChange::new().clear(field)
}

#[test]
fn a_field_is_patched_in_the_line_that_it_is_read_from() {
    let before =
        card("FN:x\nitem1.TEL;type=WORK;X-Y=\"z:1\":+1\nitem1.X-ABLabel:Desk\nEMAIL;type=pref:a@b.test\n");
    assert_eq!(edited(&before, &set(BusinessPhone, "+2")), before.replace(":+1", ":+2"));
    assert_eq!(edited(&before, &set(Email1, "c@d.test")), before.replace("a@b.test", "c@d.test"));
}

#[test]
fn one_part_of_a_structured_value_leaves_the_others_as_they_are_written() {
    let before = card("N:Do\\e;John;A,B;;\nFN:John Doe\nADR;TYPE=HOME:PO 1;ext;S\\n2;C;R;1;DE;extra\n");
    assert_eq!(edited(&before, &set(HomeCity, "X;Y")), before.replace(";C;", ";X\\;Y;"));
    let renamed = edited(&before, &set(FirstName, "Jane"));
    assert!(renamed.contains("\r\nN:Do\\e;Jane;A,B;;\r\n"));
}

#[test]
fn new_lines_come_at_the_end_in_the_style_of_the_version() {
    let change = CardChange {
        anniversary: Change::Set(Date::new(Some(2001), 6, 15).unwrap()),
        birthday: Change::Set(Date::new(None, 2, 29).unwrap()),
        children: Change::Set(vec!["Kim".to_owned()]),
        picture: Change::Set(b"\x89PNG".to_vec()),
        ..set(HomeFax, "+1").set(Email1, "a@b.test").set(Spouse, "S").set(Note, "a\nb")
    };
    let after = |version| {
        let before = format!("BEGIN:VCARD\r\nVERSION:{version}\r\nN:;;;;\r\nFN:x\r\nEND:VCARD\r\n");
        let after = edited(&before, &change);
        let new = after.strip_prefix(before.strip_suffix("END:VCARD\r\n").unwrap()).unwrap();
        new.strip_suffix("END:VCARD\r\n").unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        after("3.0"),
        [
            "EMAIL;TYPE=INTERNET:a@b.test",
            "TEL;TYPE=HOME,FAX:+1",
            "item1.X-ABRELATEDNAMES:S",
            "item1.X-ABLabel:_$!<Spouse>!$_",
            "item2.X-ABRELATEDNAMES:Kim",
            "item2.X-ABLabel:_$!<Child>!$_",
            "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
            "item3.X-ABDATE:2001-06-15",
            "item3.X-ABLabel:_$!<Anniversary>!$_",
            "NOTE:a\\nb",
            "PHOTO;ENCODING=b;TYPE=PNG:iVBORw==",
        ]
    );
    assert_eq!(
        after("4.0"),
        [
            "EMAIL:a@b.test",
            "TEL;TYPE=HOME,FAX:+1",
            "RELATED;VALUE=text;TYPE=spouse:S",
            "RELATED;VALUE=text;TYPE=child:Kim",
            "BDAY:--0229",
            "ANNIVERSARY:20010615",
            "NOTE:a\\nb",
            "PHOTO:data:image/png;base64,iVBORw==",
        ]
    );
    let old = after("2.1");
    assert!(
        old.contains(&"EMAIL;INTERNET:a@b.test".to_owned()) && old.contains(&"TEL;HOME;FAX:+1".to_owned())
    );
    assert!(old.contains(&"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:a=0D=0Ab".to_owned()));
    assert!(old.contains(&"PHOTO;ENCODING=BASE64;TYPE=PNG:iVBORw==".to_owned()));
}

#[test]
fn a_cleared_field_takes_its_line_and_the_label_that_nothing_else_needs() {
    let before = card(
        "FN:x\nitem1.URL:u\nitem1.X-ABLabel:_$!<HomePage>!$_\nitem2.ADR;TYPE=HOME:;;S;;;;\nitem2.X-ABADR:de\nitem2.X-OTHER:1\n",
    );
    assert_eq!(
        edited(&before, &clear(WebPage)),
        before.replace("item1.URL:u\r\nitem1.X-ABLabel:_$!<HomePage>!$_\r\n", "")
    );
    assert_eq!(
        edited(&before, &clear(HomeStreet)),
        before.replace("item2.ADR;TYPE=HOME:;;S;;;;\r\n", ""),
        "item2 has another line"
    );
}

#[test]
fn a_part_that_is_cleared_leaves_the_line_to_the_others() {
    let before = card("FN:x\nORG:C;D\nADR:PO;;S;;;;\n");
    assert_eq!(edited(&before, &clear(Company)), before.replace("ORG:C;D", "ORG:;D"));
    assert_eq!(edited(&before, &clear(Company).clear(Department)), before.replace("ORG:C;D\r\n", ""));
    assert_eq!(
        edited(&before, &clear(OtherStreet)),
        before.replace("PO;;S;;;;", "PO;;;;;;"),
        "a post box is not shown, and stays"
    );
}

#[test]
fn what_follows_a_cleared_line_keeps_its_place() {
    let before = card("FN:x\nEMAIL:1@x.test\nEMAIL:2@x.test\nEMAIL:3@x.test\nEMAIL:4@x.test\n");
    let after = edited(&before, &clear(Email1));
    let seen = read(&after);
    assert_eq!(
        (seen.text(Email1), seen.text(Email2), seen.text(Email3)),
        (None, Some("2@x.test"), Some("3@x.test"))
    );
    assert!(
        after.contains("EMAIL;X-KONTOR-SLOT=0:4@x.test"),
        "the fourth does not come up: a phone would delete it"
    );
    let again = edited(&after, &set(Email1, "new@x.test"));
    assert_eq!(read(&again).text(Email1), Some("new@x.test"));
    assert_eq!(read(&again).text(Email2), Some("2@x.test"));
}

#[test]
fn the_second_can_be_set_without_the_first() {
    let after = edited(&card("FN:x\n"), &set(BusinessPhone2, "2"));
    assert!(after.contains("TEL;TYPE=WORK,VOICE;X-KONTOR-SLOT=2:2\r\n"));
    let seen = read(&after);
    assert_eq!((seen.text(BusinessPhone), seen.text(BusinessPhone2)), (None, Some("2")));
    let both = edited(&after, &set(BusinessPhone, "1"));
    assert_eq!((read(&both).text(BusinessPhone), read(&both).text(BusinessPhone2)), (Some("1"), Some("2")));
}

#[test]
fn a_new_number_does_not_push_one_of_no_known_kind_aside() {
    let before = card("FN:x\nTEL:1\n");
    let after = edited(&before, &set(HomePhone2, "2"));
    assert!(after.contains("\r\nTEL:1\r\n"), "its line is as it was");
    assert_eq!((read(&after).text(HomePhone), read(&after).text(HomePhone2)), (Some("1"), Some("2")));
}

#[test]
fn the_formatted_name_follows_the_name() {
    let before = card("N:Doe;John;;;\nFN:Johnny D.\n");
    assert!(edited(&before, &set(LastName, "Roe")).contains("\r\nFN:John Roe\r\n"));
    assert!(edited(&before, &set(LastName, "Roe").set(FormattedName, "R.")).contains("\r\nFN:R.\r\n"));
    assert!(edited(&before, &set(Company, "C")).contains("\r\nFN:Johnny D.\r\n"), "that is no part of it");
    assert!(edited(&before, &clear(FormattedName)).contains("\r\nFN:John Doe\r\n"));
    let company = card("N:;;;;\nFN:ACME\nORG:ACME\n");
    assert!(edited(&company, &set(Company, "Bolt")).contains("\r\nFN:Bolt\r\n"), "it stood for the company");
    let nothing = edited(&before, &clear(LastName).clear(FirstName));
    assert!(nothing.contains("\r\nFN:Johnny D.\r\n"), "a card has a formatted name");
    assert!(nothing.contains("\r\nN:;;;;\r\n"), "and a name");
}

#[test]
fn the_filing_name_is_the_formatted_name_until_it_is_another() {
    let before = card("N:Doe;John;;;\nFN:John Doe\n");
    assert_eq!(edited(&before, &set(FileAs, "John Doe")), before);
    let filed = edited(&before, &set(FileAs, "Doe, John"));
    assert!(filed.contains("X-EVOLUTION-FILE-AS:Doe\\, John\r\n"));
    assert_eq!(edited(&filed, &clear(FileAs)), before);
    let both = edited(&before, &set(FileAs, "John Doe").set(LastName, "Roe"));
    assert_eq!(
        (read(&both).text(FileAs), read(&both).text(FormattedName)),
        (Some("John Doe"), Some("John Roe"))
    );
}

#[test]
fn dates_keep_their_spelling() {
    let date =
        |year| CardChange { birthday: Change::Set(Date::new(year, 3, 4).unwrap()), ..CardChange::new() };
    for (before, year, after) in [
        ("BDAY:1985-04-12\n", Some(1990), "BDAY:1990-03-04\n"),
        ("BDAY;VALUE=date:19850412\n", Some(1990), "BDAY;VALUE=date:19900304\n"),
        ("BDAY;VALUE=date-time:1985-04-12T00:00:00Z\n", Some(1990), "BDAY:1990-03-04\n"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\n", Some(1990), "BDAY:1990-03-04\n"),
        ("BDAY:1985-04-12\n", None, "BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-04\n"),
    ] {
        assert_eq!(edited(&card(before), &date(year)), card(after), "{before}");
    }
}

#[test]
fn children_keep_their_lines_where_their_names_stay() {
    let before = card(
        "FN:x\na.X-ABRELATEDNAMES:Ann\na.X-ABLabel:_$!<Daughter>!$_\nb.X-ABRELATEDNAMES:Bob\nb.X-ABLabel:_$!<Son>!$_\nc.X-ABRELATEDNAMES:Cy\nc.X-ABLabel:_$!<Son>!$_\n",
    );
    let children = |names: &[&str]| CardChange {
        children: Change::Set(names.iter().map(|name| (*name).to_owned()).collect()),
        ..CardChange::new()
    };
    let without_ann = before.replace("a.X-ABRELATEDNAMES:Ann\r\na.X-ABLabel:_$!<Daughter>!$_\r\n", "");
    assert_eq!(edited(&before, &children(&["Bob", "Cy"])), without_ann);
    assert_eq!(edited(&before, &children(&["Ann", "Ben", "Cy"])), before.replace(":Bob", ":Ben"));
    let more = edited(&before, &children(&["Ann", "Bob", "Cy", "Di", "Di"]));
    assert_eq!(read(&more).children, ["Ann", "Bob", "Cy", "Di", "Di"]);
    assert!(more.starts_with(before.strip_suffix("END:VCARD\r\n").unwrap()));
}

#[test]
fn a_new_picture_loses_what_was_said_of_the_old_one() {
    let before =
        card("FN:x\nPHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0&0&1&1&abc==;ENCODING=b;TYPE=JPEG:/9j/\n");
    let change = CardChange { picture: Change::Set(b"GIF89a".to_vec()), ..CardChange::new() };
    assert_eq!(edited(&before, &change), card("FN:x\nPHOTO;ENCODING=b;TYPE=GIF:R0lGODlh\n"));
}

#[test]
fn a_picture_that_is_only_a_link_is_not_cleared_by_who_cannot_see_it() {
    let before = card("FN:x\nPHOTO;VALUE=uri:https://x.test/p.jpg\n");
    let change = CardChange { picture: Change::Clear, ..CardChange::new() };
    assert_eq!(edited(&before, &change), before);
}

#[test]
fn a_number_that_was_a_uri_becomes_text() {
    let before = "BEGIN:VCARD\nVERSION:4.0\nFN:x\nTEL;VALUE=uri;TYPE=work:tel:+1\nEND:VCARD\n";
    assert_eq!(
        edited(before, &set(BusinessPhone, "+2 3")),
        before.replace(";VALUE=uri;TYPE=work:tel:+1", ";TYPE=work:+2 3")
    );
}

#[test]
fn quoted_printable_lines_stay_quoted_printable() {
    let before = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\r\nFN:x\r\nEND:VCARD\r\n";
    let after = edited(before, &set(FirstName, "J\u{fc}rgen"));
    assert!(after.contains("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen;;;\r\n"));
    assert_eq!(read(&after).text(LastName), Some("M\u{fc}ller"));
}

#[test]
fn line_breaks_and_control_characters_of_a_phone_are_made_harmless() {
    let after = edited(&card("FN:x\n"), &set(Note, "a\r\nb\rc\0\u{b}END:VCARD"));
    assert_eq!(read(&after).text(Note), Some("a\nb\ncEND:VCARD"));
    assert_eq!(
        edited(&card("FN:x\nNOTE:n\n"), &set(Note, "\0\u{7}")),
        card("FN:x\n"),
        "nothing is left: that is clearing"
    );
}

#[test]
fn what_is_read_from_a_line_with_control_characters_can_be_set_back() {
    let before = "BEGIN:VCARD\nVERSION:3.0\nFN:x\nNOTE:a\u{0}b\rc\nEND:VCARD\n";
    let note = read(before).text(Note).unwrap().to_owned();
    assert_eq!(note, "ab\nc");
    assert_eq!(edited(before, &set(Note, &note)), before);

    // What a backslash before one stands for is told by the backslash alone.
    let before = "BEGIN:VCARD\nVERSION:3.0\nFN:x\nN:Gr\\\0;Odd;;;\nEND:VCARD\n";
    let after = edited(before, &set(MiddleName, "von"));
    assert_eq!(read(&after).text(LastName), Some("Gr\\"));
    assert_eq!(read(&after).text(FirstName), Some("Odd"));

    // In the types of a line they are not seen: they are gone once another part of it is written.
    let before = "BEGIN:VCARD\nVERSION:3.0\nFN:x\nADR;TYPE=ho\0me\0:;;Road 1;;;;\nEND:VCARD\n";
    let after = edited(before, &set(HomeCountry, "Norway"));
    assert_eq!(read(&after).text(HomeCountry), Some("Norway"));
    assert_eq!(read(&after).text(HomeStreet), Some("Road 1"));
    assert!(after.contains("ADR;TYPE=home:;;Road 1;;;;Norway\n"));
}

#[test]
fn a_card_inside_that_is_never_ended_takes_no_line_of_the_outer_one() {
    let before = "BEGIN:VCARD\nVERSION:2.1\nFN:x\nBEGIN:ODD\nN:y\nEND:VCARD\n";
    assert_eq!(read(&edited(before, &set(Note, "n"))).text(Note), Some("n"));
}

#[test]
fn a_new_card_says_what_it_was_given() {
    let fields = CardChange {
        birthday: Change::Set(Date::new(Some(1985), 4, 12).unwrap()),
        ..set(FirstName, "Ann").set(LastName, "Lee").set(MobilePhone, "+1")
    };
    let new = String::from_utf8(new_card("u;1", &fields)).unwrap();
    assert_eq!(
        new,
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Kontor//Kontor//EN\r\nUID:u\\;1\r\nFN:Ann Lee\r\nN:Lee;Ann;;;\r\nTEL;TYPE=CELL:+1\r\nBDAY:1985-04-12\r\nEND:VCARD\r\n"
    );
    let described = contact::describe(new.as_bytes()).unwrap();
    assert_eq!((described.uid.as_deref(), described.name.as_str()), (Some("u;1"), "Ann Lee"));
    let empty = new_card("u", &CardChange::new());
    assert!(contact::describe(&empty).is_ok());
    assert_eq!(Card::read(&empty).unwrap(), Card::default());
}

#[test]
fn what_is_no_card_is_not_edited() {
    assert_eq!(
        contact::edit(b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", &CardChange::new()),
        Err(Unreadable::NoCard)
    );
    let deep = "BEGIN:VCARD\n".repeat(content_line::DEPTH_MAX + 1);
    assert!(matches!(Card::read(deep.as_bytes()), Err(Unreadable::TooLarge(_))));
}
