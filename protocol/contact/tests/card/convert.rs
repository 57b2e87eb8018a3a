//! Cards in the manner of real clients in another version: RFC 6350 and RFC 2426, property by property.

use contact::{Kind, Target, convert, describe};

/// A card of a version in another one, without its frame, unfolded, with LF.
fn lines(version: &str, lines: &str, target: Target) -> String {
    let card =
        format!("BEGIN:VCARD\nVERSION:{version}\nFN:x\nN:x;;;;\n{lines}END:VCARD\n").replace('\n', "\r\n");
    let converted = convert(card.as_bytes(), target).unwrap();
    let text = String::from_utf8(converted.into_owned()).unwrap().replace("\r\n ", "").replace("\r\n", "\n");
    let frame = format!("BEGIN:VCARD\nVERSION:{}\nFN:x\nN:x;;;;\n", target.number());
    assert!(text.starts_with(&frame), "{text}");
    let rest = text.strip_prefix(&frame).unwrap();
    rest.strip_suffix("END:VCARD\n").unwrap().to_owned()
}

fn to_4(three: &str) -> String {
    lines("3.0", three, Target::V4_0)
}

fn to_3(four: &str) -> String {
    lines("4.0", four, Target::V3_0)
}

/// What it is imitating, version 3.0, version 4.0, and version 3.0 again if that is spelled otherwise.
type Row = (&'static str, &'static str, &'static str, Option<&'static str>);

#[rustfmt::skip]
const THERE_AND_BACK: &[Row] = &[
    ("iPhone: a preferred address with a type",
     "EMAIL;type=INTERNET;type=HOME;type=pref:a@x.test\n", "EMAIL;type=HOME;PREF=1:a@x.test\n",
     Some("EMAIL;type=HOME,pref:a@x.test\n")),
    ("iPhone: a labelled number", "item1.TEL;type=pref:1\nitem1.X-ABLabel:H\u{fc}tte\n",
     "item1.TEL;PREF=1:1\nitem1.X-ABLabel:H\u{fc}tte\n", Some("item1.TEL;TYPE=pref:1\nitem1.X-ABLabel:H\u{fc}tte\n")),
    ("iPhone: types that only version 3.0 knows", "TEL;TYPE=IPHONE,CELL:1\n", "TEL;TYPE=IPHONE,CELL:1\n", None),
    ("iPhone: the anniversary", "item6.X-ABDATE;type=pref:2010-06-19\nitem6.X-ABLabel:_$!<Anniversary>!$_\n",
     "item6.ANNIVERSARY;PREF=1:20100619\n",
     Some("item6.X-ABDATE;TYPE=pref:2010-06-19\nitem6.X-ABLabel:_$!<Anniversary>!$_\n")),
    ("iPhone: other dates are not known to version 4.0", "item6.X-ABDATE:2010-06-19\nitem6.X-ABLabel:Umzug\n",
     "item6.X-ABDATE:2010-06-19\nitem6.X-ABLabel:Umzug\n", None),
    ("iPhone: a date without a year", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29\n", "BDAY:--0229\n", None),
    ("iPhone: relations", "item7.X-ABRELATEDNAMES:Bernd\nitem7.X-ABLabel:_$!<Spouse>!$_\nitem8.X-ABRELATEDNAMES:Clara\n\
      item8.X-ABLabel:_$!<Daughter>!$_\nitem9.X-ABRELATEDNAMES:Eva\nitem9.X-ABLabel:_$!<Assistant>!$_\n",
     "item7.RELATED;VALUE=text;TYPE=spouse:Bernd\nitem8.RELATED;VALUE=text;TYPE=daughter,child:Clara\n\
      item9.RELATED;VALUE=text;TYPE=assistant:Eva\n", None),
    ("iPhone: a relation of the user's own", "item7.X-ABRELATEDNAMES:Rosa\nitem7.X-ABLabel:Tante\n",
     "item7.RELATED;VALUE=text:Rosa\nitem7.X-ABLabel:Tante\n", None),
    ("iPhone: Skype and a social profile", "IMPP;X-SERVICE-TYPE=Skype;type=pref:skype:a\n\
      X-SOCIALPROFILE;type=twitter:https://t.test/a\n", "IMPP;X-SERVICE-TYPE=Skype;PREF=1:skype:a\n\
      X-SOCIALPROFILE;type=twitter:https://t.test/a\n",
     Some("IMPP;X-SERVICE-TYPE=Skype;TYPE=pref:skype:a\nX-SOCIALPROFILE;type=twitter:https://t.test/a\n")),
    ("macOS: a photo with a crop rectangle", "PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0;ENCODING=b;TYPE=JPEG:/9j/4AAQ\n",
     "PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0:data:image/jpeg;base64,/9j/4AAQ\n",
     Some("PHOTO;X-ABCROP-RECTANGLE=ABClipRect_1&0;ENCODING=b;TYPE=JPEG:/9j/4AAQ\n")),
    ("macOS: a company", "X-ABShowAs:COMPANY\n", "KIND:org\n", None),
    ("macOS: a group", "X-ADDRESSBOOKSERVER-KIND:group\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:A-1\n",
     "KIND:group\nMEMBER:urn:uuid:A-1\n", None),
    ("macOS: a UID without a scheme", "UID:7F0C5E1A-1\n", "UID;VALUE=text:7F0C5E1A-1\n", None),
    ("Google: escaped addresses and labels", "item2.URL:https\\://m.test/?a=1\nitem2.X-ABLabel:_$!<HomePage>!$_\n",
     "item2.URL:https://m.test/?a=1\nitem2.X-ABLabel:_$!<HomePage>!$_\n",
     Some("item2.URL:https://m.test/?a=1\nitem2.X-ABLabel:_$!<HomePage>!$_\n")),
    ("Google: a relation by a plain label", "item3.X-ABRELATEDNAMES:Jos\u{e9}\nitem3.X-ABLabel:spouse\n",
     "item3.RELATED;VALUE=text;TYPE=spouse:Jos\u{e9}\n",
     Some("item3.X-ABRELATEDNAMES:Jos\u{e9}\nitem3.X-ABLabel:_$!<Spouse>!$_\n")),
    ("Google over CardDAV: a photo as a link", "PHOTO:https://p.test/i.jpg\n", "PHOTO:https://p.test/i.jpg\n",
     Some("PHOTO;VALUE=uri:https://p.test/i.jpg\n")),
    ("Outlook and Exchange: how an address is printed", "ADR;TYPE=WORK:;B7;One Way;R;WA;98052;US\n\
      LABEL;TYPE=WORK:One Way\\nR\\, WA\n", "ADR;TYPE=WORK;LABEL=\"One Way^nR, WA\":;B7;One Way;R;WA;98052;US\n", None),
    ("Outlook and Exchange: a moment with its type", "REV;VALUE=DATE-TIME:2026-02-03T04:05:06Z\n",
     "REV:20260203T040506Z\n", Some("REV:2026-02-03T04:05:06Z\n")),
    ("Outlook and Exchange: privacy and charset", "CLASS:PRIVATE\nX-MS-OL-DESIGN;CHARSET=utf-8:x;y\n",
     "CLASS:PRIVATE\nX-MS-OL-DESIGN:x;y\n", Some("CLASS:PRIVATE\nX-MS-OL-DESIGN:x;y\n")),
    ("DAVx5: a relation by TYPE, the preferred by number", "X-ABRELATEDNAMES;TYPE=spouse:Marie\n\
      EMAIL;TYPE=work;PREF=1:l@x.test\n", "RELATED;TYPE=spouse;VALUE=text:Marie\nEMAIL;TYPE=work;PREF=1:l@x.test\n",
     Some("item1.X-ABRELATEDNAMES:Marie\nitem1.X-ABLabel:_$!<Spouse>!$_\nEMAIL;TYPE=work,pref:l@x.test\n")),
    ("DAVx5: what Android only knows", "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Paul;2;;\n",
     "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Paul;2;;\n", None),
    ("Evolution: the anniversary of a vendor", "X-EVOLUTION-ANNIVERSARY:2006-06-06\nX-EVOLUTION-SPOUSE:Juan\n",
     "ANNIVERSARY:20060606\nX-EVOLUTION-SPOUSE:Juan\n",
     Some("item1.X-ABDATE:2006-06-06\nitem1.X-ABLabel:_$!<Anniversary>!$_\nX-EVOLUTION-SPOUSE:Juan\n")),
    ("KAddressBook: a time of birth", "BDAY:1991-03-21T00:00:00\n", "BDAY:19910321T000000\n",
     Some("BDAY;VALUE=date-time:1991-03-21T00:00:00\n")),
    ("RFC 2426: place and zone", "GEO:37.386;-122.083\nTZ:-05:00\nTZ;VALUE=text:Europe/Berlin\n",
     "GEO:geo:37.386,-122.083\nTZ;VALUE=utc-offset:-0500\nTZ:Europe/Berlin\n", None),
    ("RFC 2426: who acts for somebody", "AGENT;VALUE=uri:CID:a@x.test\n", "RELATED;TYPE=agent:CID:a@x.test\n", None),
    ("RFC 2426: a key and a sound", "KEY;TYPE=PGP;ENCODING=b:aGVsbG8=\nSOUND;TYPE=BASIC;ENCODING=b:aGVsbG8=\n",
     "KEY:data:application/pgp-keys;base64,aGVsbG8=\nSOUND:data:audio/basic;base64,aGVsbG8=\n",
     Some("KEY;ENCODING=b;TYPE=PGP:aGVsbG8=\nSOUND;ENCODING=b;TYPE=BASIC:aGVsbG8=\n")),
    ("RFC 2426: a logo elsewhere", "LOGO;VALUE=uri;TYPE=GIF:https://x.test/l\n", "LOGO;MEDIATYPE=image/gif:https://x.test/l\n",
     None),
    ("a gender as people write it", "X-GENDER:Female\n", "GENDER:F\n", Some("X-GENDER:F\n")),
    ("what nobody knows", "X-ODD;A=\"b:c\";D=e,f:g;h\\;i,j\n", "X-ODD;A=\"b:c\";D=e,f:g;h\\;i,j\n", None),
];

// RFC 6350 sections 5.3, 6.1.4, 6.2.4, 6.2.5, 6.2.6, 6.2.7, 6.3.1, 6.5.1, 6.5.2, 6.6.3, 6.6.5, 6.6.6, 6.7.4, 6.7.5,
// 6.7.6 and 6.8.1, RFC 2426 sections 3.2.2, 3.3.2, 3.4.1, 3.4.2, 3.5.3, 3.5.4, 3.6.4, 3.6.6 and 3.7.2.
#[test]
fn cards_go_there_and_back() {
    for (imitates, three, four, back) in THERE_AND_BACK {
        assert_eq!(to_4(three), *four, "{imitates}");
        assert_eq!(to_3(four), back.unwrap_or(three), "{imitates}");
        let again = to_4(&to_3(four));
        assert_eq!(to_4(&to_3(&again)), again, "{imitates}");
    }
}

/// What version 4.0 says in ways of its own: in the manner of Thunderbird, Nextcloud and DAVx5.
#[rustfmt::skip]
const FROM_4: &[(&str, &str)] = &[
    ("TEL;VALUE=uri;TYPE=\"cell,text\":tel:+86-10-5555\n", "TEL;TYPE=cell,text:+86-10-5555\n"),
    ("TEL;VALUE=uri;PREF=1:tel:+1-555-0100;ext=5\n", "TEL;TYPE=pref:+1-555-0100\\;ext=5\n"),
    ("TEL;VALUE=uri:sip:a@x.test\n", "TEL;VALUE=uri:sip:a@x.test\n"),
    ("TEL;TYPE=cell;VALUE=TEXT:+47 900\n", "TEL;TYPE=cell:+47 900\n"),
    ("EMAIL;PREF=2:b@x.test\nEMAIL;PREF=1:a@x.test\n", "EMAIL;PREF=2:b@x.test\nEMAIL;TYPE=pref:a@x.test\n"),
    ("URL;TYPE=home;VALUE=URL:https://f.test\n", "URL;TYPE=home:https://f.test\n"),
    ("BDAY;VALUE=DATE:--0517\n", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-17\n"),
    ("ANNIVERSARY;VALUE=DATE-AND-OR-TIME:20210903\n",
     "item1.X-ABDATE:2021-09-03\nitem1.X-ABLabel:_$!<Anniversary>!$_\n"),
    ("BDAY:1985-04\n", "BDAY:1985-04\n"),
    ("KIND:individual\n", ""),
    ("KIND:location\n", "X-ADDRESSBOOKSERVER-KIND:location\n"),
    ("KIND:org\nX-ABShowAs:COMPANY\n", "X-ABShowAs:COMPANY\n"),
    ("GENDER:O;intersex\n", "X-GENDER:O;intersex\n"),
    ("RELATED;TYPE=friend:urn:uuid:03a0e51f\n", "RELATED;TYPE=friend:urn:uuid:03a0e51f\n"),
    ("RELATED;TYPE=colleague;VALUE=text:Li\nRELATED;VALUE=text:Bo\n",
     "item1.X-ABRELATEDNAMES:Li\nitem1.X-ABLabel:_$!<Colleague>!$_\nitem2.X-ABRELATEDNAMES:Bo\nitem2.X-ABLabel:_$!<Other>!$_\n"),
    ("ITEM7.TEL:1\nRELATED;TYPE=child;VALUE=text:Lan\n",
     "ITEM7.TEL:1\nitem8.X-ABRELATEDNAMES:Lan\nitem8.X-ABLabel:_$!<Child>!$_\n"),
    ("LANG;PREF=1;TYPE=work:fr\nCALADRURI:mailto:a@x.test\n", "LANG;TYPE=work,pref:fr\nCALADRURI:mailto:a@x.test\n"),
    ("GEO;VALUE=uri:geo:37.386,-122.083,12;u=5\n", "GEO:37.386;-122.083\n"),
    ("TZ;VALUE=utc-offset:-05\n", "TZ:-05:00\n"),
    ("PHOTO:data:image/png;base64\\,iVBORw0KGgo=\n", "PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=\n"),
    ("PHOTO:data:image/svg+xml,%3Csvg/%3E\n", "PHOTO;VALUE=uri:data:image/svg+xml,%3Csvg/%3E\n"),
    ("UID:urn:uuid:2f9f8a44\n", "UID:urn:uuid:2f9f8a44\n"),
    ("TITLE;ALTID=1;LANGUAGE=fr:Patron\nTITLE;ALTID=1;LANGUAGE=en:Boss\nTITLE:Other\n",
     "TITLE;ALTID=1;LANGUAGE=fr:Patron\nX-KONTOR-ALT-TITLE;ALTID=1;LANGUAGE=en:Boss\nTITLE:Other\n"),
    ("FN;LANGUAGE=ja:y\n", "X-KONTOR-ALT-FN;LANGUAGE=ja:y\n"),
    ("SOURCE:ldap://x.test/a,b\nCLIENTPIDMAP:1;urn:uuid:1\n", "SOURCE:ldap://x.test/a,b\nCLIENTPIDMAP:1;urn:uuid:1\n"),
];

// RFC 6350 sections 4.3.1, 5.2, 5.4, 6.4.1 and 6.4.4.
#[test]
fn what_only_version_4_says_is_not_lost() {
    for (four, three) in FROM_4 {
        assert_eq!(to_3(four), *three, "{four}");
    }
    // All but the height, the words for what is meant without them, and the place of a label come back.
    for (four, again) in [
        ("EMAIL;PREF=2:b@x.test\nEMAIL;PREF=1:a@x.test\n", "EMAIL;PREF=2:b@x.test\nEMAIL;PREF=1:a@x.test\n"),
        (
            "TITLE;ALTID=1;LANGUAGE=fr:P\nTITLE;ALTID=1;LANGUAGE=en:B\n",
            "TITLE;ALTID=1;LANGUAGE=fr:P\nTITLE;ALTID=1;LANGUAGE=en:B\n",
        ),
        ("FN;LANGUAGE=ja:y\n", "FN;LANGUAGE=ja:y\n"),
        ("RELATED;VALUE=text;TYPE=colleague:Li\n", "item1.RELATED;VALUE=text;TYPE=colleague:Li\n"),
        ("TZ;VALUE=utc-offset:-0500\n", "TZ;VALUE=utc-offset:-0500\n"),
        ("GENDER:O;intersex\n", "GENDER:O;intersex\n"),
        ("BDAY;VALUE=text:circa 1800\n", "BDAY;VALUE=text:circa 1800\n"),
    ] {
        assert_eq!(to_4(&to_3(four)), again);
    }
}

// RFC 6350 section 5.9, RFC 2426 section 3.6.5.
#[test]
fn how_a_name_is_sorted_stands_in_the_name_or_beside_it() {
    let card = |version: &str, name: &str| {
        format!("BEGIN:VCARD\r\nVERSION:{version}\r\nFN:R\r\n{name}END:VCARD\r\n")
    };
    let three = card("3.0", "N:van der Harten;Rene;;;\r\nSORT-STRING:Harten\r\n");
    let four = card("4.0", "N;SORT-AS=Harten:van der Harten;Rene;;;\r\n");
    assert_eq!(convert(three.as_bytes(), Target::V4_0).unwrap(), four.as_bytes());
    assert_eq!(convert(four.as_bytes(), Target::V3_0).unwrap(), three.as_bytes());
    let listed = card("4.0", "N;SORT-AS=\"Harten,Rene\":van der Harten;Rene;;;\r\n");
    let three = card("3.0", "N:van der Harten;Rene;;;\r\nSORT-STRING:Harten\\,Rene\r\n");
    assert_eq!(convert(listed.as_bytes(), Target::V3_0).unwrap(), three.as_bytes());
    assert_eq!(convert(three.as_bytes(), Target::V4_0).unwrap(), listed.as_bytes());
}

#[test]
fn labels_find_their_addresses() {
    for (three, four) in [
        // Each behind its own.
        (
            "ADR;TYPE=HOME:;;1;;;;\nLABEL;TYPE=HOME:L1\nADR;TYPE=HOME:;;2;;;;\nLABEL;TYPE=home:L2\n",
            "ADR;TYPE=HOME;LABEL=L1:;;1;;;;\nADR;TYPE=HOME;LABEL=L2:;;2;;;;\n",
        ),
        // The second only.
        (
            "ADR;TYPE=HOME:;;1;;;;\nADR;TYPE=HOME:;;2;;;;\nLABEL;TYPE=HOME:L2\n",
            "ADR;TYPE=HOME:;;1;;;;\nADR;TYPE=HOME;LABEL=L2:;;2;;;;\n",
        ),
        // In their order, and by their types, whatever the order of these.
        (
            "ADR;TYPE=HOME:;;1;;;;\nADR;TYPE=WORK,DOM,pref:;;2;;;;\nNOTE:n\nLABEL;TYPE=dom,work:L2\nLABEL;TYPE=HOME:L1\n",
            "ADR;TYPE=HOME;LABEL=L1:;;1;;;;\nADR;TYPE=WORK,DOM;PREF=1;LABEL=L2:;;2;;;;\nNOTE:n\n",
        ),
        // Without an address, or saying more than the address could.
        ("LABEL;TYPE=WORK:L\n", "LABEL;TYPE=WORK:L\n"),
        ("ADR:;;1;;;;\nLABEL;LANGUAGE=de:L\n", "ADR:;;1;;;;\nLABEL;LANGUAGE=de:L\n"),
    ] {
        assert_eq!(to_4(three), four);
    }
}

// vCard 2.1: bare types, quoted-printable, base64, charsets, a card within the card.
#[test]
fn old_cards_become_cards_of_either_version() {
    let old = "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:x=C3=B6;J=\n=C3=B6;;;\nTEL;WORK;VOICE;PREF:1\n\
        NOTE;ENCODING=QUOTED-PRINTABLE:a; b=0D=0Ac\nCATEGORIES;QUOTED-PRINTABLE:a,b=2Cc\nPHOTO;JPEG;BASE64:\n /9j/\n 4AAQ\n\n\
        SOUND;VALUE=URL:https://x.test/a\nADR;HOME;ENCODING=QUOTED-PRINTABLE:;;S=3B1;T;;1;\n\
        LABEL;HOME;ENCODING=QUOTED-PRINTABLE:S=0D=0AT\nX-O;ENCODING=QUOTED-PRINTABLE:p=3Bq;r\n\
        AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Agent;A\nEND:VCARD\n";
    let rest = |version| {
        let card = format!("BEGIN:VCARD\nVERSION:2.1\nFN:x\n{old}END:VCARD\n").replace('\n', "\r\n");
        let text = String::from_utf8(convert(card.as_bytes(), version).unwrap().into_owned()).unwrap();
        text.replace("\r\n ", "").replace("\r\n", "\n")
    };
    let agent = "AGENT:BEGIN:VCARD\\nVERSION:2.1\\nN:Agent\\;A\\nEND:VCARD\nEND:VCARD\n";
    assert_eq!(
        rest(Target::V3_0),
        format!(
            "BEGIN:VCARD\nVERSION:3.0\nFN:x\nN:x\u{f6};J\u{f6};;;\nTEL;TYPE=WORK,VOICE,PREF:1\nNOTE:a\\; b\\nc\nCATEGORIES:a,b\\,c\n\
             PHOTO;TYPE=JPEG;ENCODING=b:/9j/4AAQ\nSOUND;VALUE=uri:https://x.test/a\nADR;TYPE=HOME:;;S\\;1;T;;1;\n\
             LABEL;TYPE=HOME:S\\nT\nX-O:p\\;q;r\n{agent}"
        )
    );
    assert_eq!(
        rest(Target::V4_0),
        format!(
            "BEGIN:VCARD\nVERSION:4.0\nFN:x\nN:x\u{f6};J\u{f6};;;\nTEL;TYPE=WORK,VOICE;PREF=1:1\nNOTE:a\\; b\\nc\nCATEGORIES:a,b\\,c\n\
             PHOTO:data:image/jpeg;base64,/9j/4AAQ\nSOUND:https://x.test/a\nADR;TYPE=HOME;LABEL=S^nT:;;S\\;1;T;;1;\n\
             X-O:p\\;q;r\n{agent}"
        )
    );
}

// RFC 6350 section 6.2.1, RFC 2426 sections 3.1.1 and 3.1.2.
#[test]
fn what_a_version_demands_is_added() {
    let convert = |card: &str, target| {
        String::from_utf8(convert(card.as_bytes(), target).unwrap().into_owned()).unwrap()
    };
    let old = "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Doe;John\r\nEND:VCARD\r\n";
    assert_eq!(
        convert(old, Target::V4_0),
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:John Doe\r\nN:Doe;John\r\nEND:VCARD\r\n"
    );
    let four =
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Team\r\nKIND:group\r\nMEMBER:mailto:a@x.test\r\nEND:VCARD\r\n";
    assert_eq!(
        convert(four, Target::V3_0),
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Team\r\nN:Team;;;;\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n\
         X-ADDRESSBOOKSERVER-MEMBER:mailto:a@x.test\r\nEND:VCARD\r\n"
    );
    let four = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Jo\r\nEND:VCARD\r\n";
    assert_eq!(convert(four, Target::V3_0), "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jo\r\nN:;;;;\r\nEND:VCARD\r\n");
}

#[test]
fn a_card_of_the_version_is_given_byte_for_byte() {
    let odd = "begin:vcard\nversion: 3.0 \nfn:a\n  b\nno colon\n\nend:vcard";
    assert_eq!(convert(odd.as_bytes(), Target::V3_0).unwrap(), odd.as_bytes());
    let unknown = "BEGIN:VCARD\r\nVERSION:5.0\r\nFN:a\r\nN:a;;;;\r\nEND:VCARD\r\n";
    assert_eq!(convert(unknown.as_bytes(), Target::V3_0).unwrap(), unknown.replace("5.0", "3.0").as_bytes());
    assert!(convert(b"no card", Target::V3_0).is_err());
    let empty_group = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:a\r\nN:a;;;;\r\n.END:VCARD\r\nEND:VCARD\r\n";
    let expected = empty_group.replace("4.0", "3.0").replace(".END:VCARD\r\n", "");
    assert_eq!(convert(empty_group.as_bytes(), Target::V3_0).unwrap(), expected.as_bytes());
}

/// A group is a group in both versions, whoever made it.
#[test]
fn groups_of_both_styles_are_groups_in_both_versions() {
    for (name, bytes) in crate::corpus::cards().filter(|(name, _)| name.ends_with("_group")) {
        for target in [Target::V3_0, Target::V4_0] {
            let converted = convert(&bytes, target).unwrap();
            let text = String::from_utf8_lossy(&converted);
            assert_eq!(describe(&converted).unwrap().kind, Kind::Group, "{name}");
            let (kind, member) = match target {
                Target::V3_0 => {
                    ("\nX-ADDRESSBOOKSERVER-KIND:group\r", "\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:")
                }
                Target::V4_0 => ("\nKIND:group\r", "\nMEMBER:urn:uuid:"),
            };
            assert!(text.contains(kind) && text.contains(member), "{name}: {text}");
        }
    }
}

/// Bombs: many of what is looked for among many others.
#[test]
fn hostile_cards_take_linear_time() {
    let many = |line: &str| {
        format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nN:x;;;;\r\n{}END:VCARD\r\n", line.repeat(60_000))
            .into_bytes()
    };
    for line in [
        "LABEL:a\r\nADR;TYPE=HOME:b\r\n",
        "ADR:;;;;;;\r\nADR:;;;;;;\r\nLABEL:a\r\n",
        "item1.X-ABRELATEDNAMES:a\r\nitem1.X-ABLabel:Friend\r\n",
        "X-ABDATE;TYPE=anniversary:2010-01-01\r\n",
        "FN;ALTID=1:a\r\nTITLE;ALTID=1:b\r\n",
        "SORT-STRING:a\r\nN:b\r\n",
        "TEL;VALUE=uri;TYPE=a,b,c:tel:1\r\n",
        "AGENT:\r\nBEGIN:VCARD\r\nEND:VCARD\r\n",
    ] {
        let bytes = many(line);
        let four = convert(&bytes, Target::V4_0).unwrap();
        let three = convert(&four, Target::V3_0).unwrap();
        assert!(three.len() < 4 * bytes.len(), "{line}");
    }
}
