//! ENVELOPE, BODYSTRUCTURE and the decoded fields: known answers, broken mails, laws.

use imap_codec::ResponseCodec;
use imap_codec::decode::Decoder;
use mime::{Importance, Message, MessageClass, Summary, describe};
use proptest::prelude::*;
use vocabulary::Timestamp;

fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The message of the dialogue in RFC 9051 section 8: 3028 octets on 92 lines.
#[test]
fn the_message_of_rfc_9051_section_8_has_the_envelope_and_body_shown_there() {
    let mut mail = crlf(
        "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\nFrom: Terry Gray <gray@cac.washington.edu>\n\
         Subject: IMAP4rev2 WG mtg summary and minutes\nTo: imap@cac.washington.edu\n\
         cc: minutes@CNRI.Reston.VA.US,\n John Klensin <KLENSIN@MIT.EDU>\n\
         Message-Id: <B27397-0100000@cac.washington.edu>\nMIME-Version: 1.0\n\
         Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n\n",
    );
    let head = mail.len();
    for line in 0..92 {
        mail.extend(vec![b'x'; if line == 0 { 3028 - 92 * 2 - 91 * 30 } else { 30 }]);
        mail.extend(b"\r\n");
    }
    let seen = describe(&mail);
    let gray = r#"(("Terry Gray" NIL "gray" "cac.washington.edu"))"#;
    assert_eq!(
        text(&seen.envelope),
        format!(
            r#"("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" {gray} {gray} {gray} ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")"#
        )
    );
    assert_eq!(
        text(&seen.structure_plain),
        r#"("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 3028 92)"#
    );
    assert_eq!(
        text(&seen.structure),
        r#"("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 3028 92 NIL NIL NIL NIL)"#
    );
    assert_eq!(seen.header_bytes as usize, head);
    assert_eq!(seen.message_id.as_deref(), Some("B27397-0100000@cac.washington.edu"));
    assert_eq!(seen.sent_at, Some(Timestamp::from_seconds(837_595_405)));
}

#[test]
fn envelopes_follow_the_rules_for_nil_groups_defaults_and_8_bit() {
    let nothing = "NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL";
    let table: &[(&str, &str)] = &[
        ("\n", nothing),
        ("", nothing),
        ("Subject:\nDate:\nTo:\n\n", "\"\" \"\" NIL NIL NIL NIL NIL NIL NIL NIL"),
        (
            "From: a@b.test\nSender: c@d.test\nTo: undisclosed-recipients:;\n\n",
            r#"NIL NIL ((NIL NIL "a" "b.test")) ((NIL NIL "c" "d.test")) ((NIL NIL "a" "b.test")) ((NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)) NIL NIL NIL NIL"#,
        ),
        (
            "Subject: Gr\u{fc}\u{df}e\nCc: \"\u{dc} \\\"x\\\"\" <u@x.test>, postmaster\n\n",
            r#"NIL "=?utf-8?B?R3LDvMOfZQ==?=" NIL NIL NIL NIL (("=?utf-8?B?w5wgIngi?=" NIL "u" "x.test")(NIL NIL "postmaster" "MISSING_DOMAIN")) NIL NIL NIL"#,
        ),
        (
            "Subject: a \"q\" \\ \n  folded\nSubject: second\nIn-Reply-To: <1@x>\n <2@x>\n\n",
            r#"NIL "a \"q\" \\   folded" NIL NIL NIL NIL NIL NIL "<1@x> <2@x>" NIL"#,
        ),
        (
            "Subject: =?utf-8?Q?stays?=\nTo: a@x.test\nTo: b@x.test\n\n",
            r#"NIL "=?utf-8?Q?stays?=" NIL NIL NIL ((NIL NIL "a" "x.test")(NIL NIL "b" "x.test")) NIL NIL NIL NIL"#,
        ),
    ];
    for (mail, expected) in table {
        assert_eq!(text(&describe(&crlf(mail)).envelope), format!("({expected})"), "{mail}");
    }
    let latin = b"Subject: Gr\xfc\xdfe\r\n\r\n";
    assert!(text(&describe(latin).envelope).contains("=?utf-8?B?R3LDvMOfZQ==?="));
}

#[test]
fn structures_show_parts_embedded_messages_and_extension_data() {
    let mail = crlf(
        "Content-Type: multipart/mixed; boundary=\"=_b\"; x=1\nContent-Language: de, en\n\npreamble\n\
         --=_b\n\nplain\n--=_b\nContent-Type: image/PNG; name*=utf-8''%C3%BC.png\nContent-ID: <i@x>\n\
         Content-Description: Bild\nContent-Transfer-Encoding: BASE64\nContent-MD5: abc==\n\
         Content-Disposition: Attachment; filename=\"a \\\"b\\\".png\"\nContent-Location: http://x.test/\n\nAAAA\n\
         --=_b\nContent-Type: message/rfc822\n\nSubject: inner\nFrom: a@b.test\n\nline\nline\n--=_b--\nepilogue\n",
    );
    let seen = describe(&mail);
    let a = r#"((NIL NIL "a" "b.test"))"#;
    let inner = format!(r#"(NIL "inner" {a} {a} {a} NIL NIL NIL NIL NIL)"#);
    assert_eq!(
        text(&seen.structure),
        [
            r#"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0 NIL NIL NIL NIL)"#,
            r#"("image" "png" ("name*" "utf-8''%C3%BC.png") "<i@x>" "Bild" "base64" 4 "abc==" "#,
            r#"("attachment" ("filename" "a \"b\".png")) NIL "http://x.test/")"#,
            &format!(r#"("message" "rfc822" NIL NIL NIL "7bit" 44 {inner} "#),
            r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL) "#,
            r#""mixed" ("boundary" "=_b" "x" "1") NIL ("de" "en") NIL)"#,
        ]
        .concat()
    );
    assert_eq!(
        text(&seen.structure_plain),
        [
            r#"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0)"#,
            r#"("image" "png" ("name*" "utf-8''%C3%BC.png") "<i@x>" "Bild" "base64" 4)"#,
            &format!(r#"("message" "rfc822" NIL NIL NIL "7bit" 44 {inner} "#),
            r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 1) 4) "mixed")"#,
        ]
        .concat()
    );
    let attachments: Vec<_> =
        seen.summary.attachments.iter().map(|a| (a.section.clone(), a.name.as_str())).collect();
    assert_eq!(attachments, [(vec![2], "a \"b\".png"), (vec![3], "inner.eml")]);
    assert_eq!(seen.summary.attachments[0].size_bytes, 3);
    assert_eq!(seen.summary.attachments[0].content_id, "i@x");
    assert_eq!(seen.preview, "plain");
}

#[test]
fn broken_structures_become_leaves_that_can_be_read() {
    let plain = |size| format!(r#"("text" "plain" NIL NIL NIL "7bit" {size} 0)"#);
    let octets = |size| format!(r#"("application" "octet-stream" NIL NIL NIL "base64" {size})"#);
    let table = [
        ("Content-Type: multipart/mixed; boundary=x\n\nno part", plain(7)),
        ("Content-Type: multipart/mixed\n\nno part", plain(7)),
        ("Content-Type: multipart/mixed; boundary=\"\"\n\n--\nab", r#"("text" "plain" NIL NIL NIL "7bit" 6 1)"#.to_owned()),
        ("Content-Type: multipart/mixed; boundary=x\n\n--x--\n", r#"("text" "plain" NIL NIL NIL "7bit" 7 1)"#.to_owned()),
        ("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAA", octets(4)),
        ("Content-Type: nonsense\n\nx", r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0)"#.to_owned()),
        ("Content-Type: multipart/mixed; boundary=x\n\n--x\nX: y\n--x\n\n--x--", {
            let empty = r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)"#;
            format!(r#"({empty}{empty} "mixed")"#)
        }),
        (
            "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: d\n\nb",
            r#"(("message" "rfc822" NIL NIL NIL "7bit" 15 (NIL "d" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0) 2) "digest")"#.to_owned(),
        ),
    ];
    for (mail, expected) in table {
        assert_eq!(text(&describe(&crlf(mail)).structure_plain), expected, "{mail}");
    }
}

#[test]
fn references_are_joined_without_doublets_and_the_last_fifty_stay() {
    let mail =
        crlf("Message-ID: bare@x\nReferences: <a@x> <b@x>\n <a@x>\nIn-Reply-To: \"x\" <c@x> <b@x>\n\n");
    let seen = describe(&mail);
    assert_eq!(seen.references, ["a@x", "b@x", "c@x"]);
    assert_eq!(seen.message_id.as_deref(), Some("bare@x"));
    let many: String = (0..300).map(|n| format!(" <{n}@x>\r\n")).collect();
    let seen = describe(format!("References:{many}\r\n").as_bytes());
    assert_eq!(seen.references.len(), mime::REFERENCES_MAX);
    assert_eq!(seen.references.last().map(String::as_str), Some("299@x"));
}

#[test]
fn the_kind_of_message_is_recognised() {
    let calendar = |method: &str, rest: &str| {
        format!(
            "Content-Type: text/calendar; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:{method}\n{rest}\nEND:VCALENDAR\n"
        )
    };
    let report = |action: &str| {
        format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nhi\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: {action}\n--b--\n"
        )
    };
    let table = [
        ("\n".to_owned(), MessageClass::Note),
        (calendar("REQUEST", ""), MessageClass::MeetingRequest),
        (calendar("CANCEL", ""), MessageClass::MeetingCanceled),
        (calendar("REPLY", "ATTENDEE;PARTST\n AT=ACCEPTED:mailto:a@b"), MessageClass::MeetingAccepted),
        (calendar("REPLY", "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b"), MessageClass::MeetingDeclined),
        (calendar("PUBLISH", ""), MessageClass::Note),
        (report("failed"), MessageClass::ReportNotDelivered),
        (report("delayed"), MessageClass::ReportDelayed),
        (report("delivered"), MessageClass::ReportDelivered),
        ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx".to_owned(), MessageClass::Smime),
        (
            "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n--b\n\nx\n--b--"
                .to_owned(),
            MessageClass::SmimeMultipartSigned,
        ),
    ];
    for (mail, expected) in table {
        let seen = describe(&crlf(&mail)).summary;
        assert_eq!(seen.class, expected, "{mail}");
        assert_eq!(seen.invitation.is_some(), expected.as_str().contains("Meeting"), "{mail}");
    }
}

#[test]
fn lists_get_decoded_names_subjects_and_previews() {
    let mail = crlf(
        "From: =?iso-8859-1?Q?J=F6rg_M=FCller?= <joerg@x.test>\nTo: G: a@x.test, B <b@x.test>;\nX-Priority: 1 (Highest)\n\
         Subject: Re: =?utf-8?B?R3LDvMOf?=\n =?utf-8?B?ZQ==?=\nList-Id: \"Liste\" <l.x.test>\n\
         Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\n\
         Content-Transfer-Encoding: quoted-printable\n\n> zitiert\nSch=F6ne=20\nGr=FC=DFe\n\
         --b\nContent-Type: text/html; charset=utf-8\n\n<p>x</p>\n--b--\n",
    );
    let seen = describe(&mail);
    assert_eq!(seen.summary.from[0].name, "J\u{f6}rg M\u{fc}ller");
    assert_eq!(seen.summary.from[0].address, "joerg@x.test");
    assert_eq!(seen.summary.to.len(), 2);
    assert_eq!(seen.summary.subject, "Re: Gr\u{fc}\u{df}e");
    assert_eq!(seen.summary.thread_topic(), "Gr\u{fc}\u{df}e");
    assert_eq!(seen.summary.importance, Importance::High);
    assert_eq!(seen.summary.list_id, "l.x.test");
    assert_eq!(seen.summary.code_page, 28591);
    assert!(seen.summary.has_html && seen.summary.has_text && seen.summary.attachments.is_empty());
    assert_eq!(seen.preview, "Sch\u{f6}ne Gr\u{fc}\u{df}e");
    let html = "Content-Type: text/html\n\n<head><style>p{}</style></head><p>Hallo&nbsp;<b>Welt</b> &amp; <br>du</p>";
    assert_eq!(describe(&crlf(html)).preview, "Hallo Welt & du");
}

#[test]
fn inline_pictures_and_nameless_parts_are_attachments() {
    let mail = crlf(
        "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/related; boundary=i\n\n\
         --i\nContent-Type: text/html\n\n<img src=\"cid:p@x\">\n--i\nContent-Type: image/png\nContent-ID: <p@x>\n\nX\n--i--\n\
         --o\nContent-Type: application/pdf\n\nX\n--o\nContent-Type: text/plain; name=notes.txt\n\nX\n--o--\n",
    );
    let attachments = describe(&mail).summary.attachments;
    let seen: Vec<_> =
        attachments.iter().map(|a| (a.section.as_slice(), a.name.as_str(), a.inline)).collect();
    assert_eq!(
        seen,
        [
            ([1, 2].as_slice(), "attachment.png", true),
            ([2].as_slice(), "attachment.pdf", false),
            ([3].as_slice(), "notes.txt", false),
        ]
    );
}

/// Pieces that make parsers stumble, in any order.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: message/rfc822\r\n",
        b"Content-Type: text/html; charset=x\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Disposition: attachment; filename*0*=a'b'%zz; filename*1=\"\r\n",
        b"Subject: =?utf-8?b?",
        b"From: \"a <b@c>, (((;:<>@",
        b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n",
        b"References: <<a>> <\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b"\xff\xfe",
        b"<style><p>&#x110000;&nbsp",
        b" ",
        b"?=",
        b"METHOD:REPLY\r\n",
    ];
    proptest::collection::vec(
        prop_oneof![
            4 => proptest::sample::select(pieces).prop_map(<[u8]>::to_vec),
            1 => proptest::collection::vec(any::<u8>(), 0..20),
        ],
        0..40,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_described_in_ascii_and_summaries_survive_the_database(bytes in hostile()) {
        let seen = describe(&bytes);
        for answer in [&seen.envelope, &seen.structure, &seen.structure_plain] {
            prop_assert!(answer.is_ascii() && !answer.contains(&0));
        }
        prop_assert!(seen.preview.chars().count() <= mime::PREVIEW_CHARS_MAX);
        prop_assert!(!seen.preview.contains(['\r', '\n']));
        let stored = seen.summary.to_bytes();
        prop_assert_eq!(Summary::from_bytes(&stored), Some(seen.summary));
        for cut in 0..stored.len() {
            prop_assert_eq!(Summary::from_bytes(&stored[..cut]), None);
        }
        let fetch = [b"* 1 FETCH (ENVELOPE ", seen.envelope.as_slice(), b" BODYSTRUCTURE ", &seen.structure, b" BODY ",
            &seen.structure_plain, b")\r\n"].concat();
        let decoded = ResponseCodec::new().decode(&fetch);
        prop_assert!(decoded.is_ok_and(|(rest, _)| rest.is_empty()), "{}", text(&fetch));
        let message = Message::parse(&bytes);
        message.searchable_header(|_| {});
        message.searchable_text(|_| {});
        let _ = (message.text_body(), message.html_body().map(|html| mime::html_to_text(&html)));
    }

    #[test]
    fn no_bytes_make_a_summary_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut versioned = vec![1];
        versioned.extend(&bytes);
        let _ = Summary::from_bytes(&versioned);
        let _ = Summary::from_bytes(&bytes);
    }
}
