//! Mails of the system: what is built reads back the same, and nothing can be smuggled into it.

use mime::compose::{Attachment, CalendarPart, Draft};
use mime::{Mailbox, Message, describe, header};
use proptest::prelude::*;
use vocabulary::Timestamp;

fn mailbox(name: &str, address: &str) -> Mailbox {
    Mailbox { name: name.to_owned(), address: address.to_owned() }
}

fn draft(subject: &str, text: &str) -> Draft {
    let from = mailbox("J\u{f6}rg, Kontor", "postmaster@x.test");
    let to = mailbox("", "anna@x.test");
    Draft::plain(from, to, subject, text, Timestamp::from_seconds(1_000_000_000), "id.1@x.test")
}

#[test]
fn a_draft_with_everything_reads_back() {
    let draft = Draft {
        html: Some("<p>Gr\u{fc}\u{df}e</p>".to_owned()),
        attachments: vec![Attachment {
            name: "\u{dc}bersicht.pdf".to_owned(),
            content_type: "application/pdf".to_owned(),
            bytes: (0..=255).collect(),
        }],
        references: vec!["a@x".to_owned(), "b@x".to_owned()],
        fields: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
        ..draft("Ihr Postfach ist fast voll \u{2013} bitte aufr\u{e4}umen", "Gr\u{fc}\u{df}e\nKontor\n")
    };
    let built = draft.build();
    assert_eq!(built, draft.build(), "the same draft gives the same bytes");
    assert_eq!(mime::normalise_line_ends(&built).as_ref(), built);
    let seen = describe(&built);
    assert_eq!(seen.summary.from.first(), Some(&draft.from));
    assert_eq!(seen.summary.to, draft.to);
    assert_eq!(seen.summary.subject, draft.subject);
    assert_eq!(seen.summary.date, Some(draft.date));
    assert_eq!(seen.message_id.as_deref(), Some("id.1@x.test"));
    assert_eq!(seen.references, ["a@x", "b@x"]);
    assert_eq!(seen.summary.attachments.len(), 1);
    assert_eq!(seen.summary.attachments[0].name, "\u{dc}bersicht.pdf");
    assert_eq!(seen.summary.attachments[0].size_bytes, 256);
    let message = Message::parse(&built);
    assert_eq!(message.decoded(&[2]).as_deref(), Some(draft.attachments[0].bytes.as_slice()));
    assert_eq!(message.text_body().map(|text| text.replace("\r\n", "\n")), Some(draft.text.clone()));
    assert_eq!(message.html_body(), draft.html);
    assert_eq!(message.header_values("auto-submitted"), ["auto-generated"]);
    assert_eq!(message.sent_on(), Some((2001, 9, 9)));
}

/// RFC 6047 section 2.4: a calendar program finds its object in the mail, byte for byte.
#[test]
fn an_invitation_carries_its_object_and_who_sent_it() {
    let object = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Gr\u{fc}n\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n";
    let invitation = Draft {
        sender: Some(mailbox("Bea M\u{fc}ller", "bea@x.test")),
        calendar: Some(CalendarPart { method: "REQUEST".to_owned(), bytes: object.as_bytes().to_vec() }),
        ..draft("Einladung", "Bitte kommen\n")
    };
    let built = invitation.build();
    let seen = describe(&built).summary;
    assert_eq!(seen.sender, [invitation.sender.clone().unwrap()]);
    assert_eq!(seen.class.as_str(), "IPM.Schedule.Meeting.Request");
    assert!(seen.attachments.is_empty(), "it is what the mail says, not a file");
    let message = Message::parse(&built);
    assert_eq!(message.calendar_body().as_deref(), Some(object));
    assert_eq!(message.decoded(&seen.invitation.unwrap()).as_deref(), Some(object.as_bytes()));
    assert_eq!(message.text_body().as_deref(), Some("Bitte kommen\r\n"));

    let forwarded = [b"Content-Type: message/rfc822\r\n\r\n".as_slice(), &built].concat();
    assert_eq!(Message::parse(&forwarded).calendar_body(), None, "it was for somebody else");
    assert_eq!(Message::parse(b"Subject: x\r\n\r\nBEGIN:VCALENDAR").calendar_body(), None);
}

#[test]
fn the_day_of_a_date_is_the_one_that_was_written() {
    for (date, day) in [
        ("Sat, 31 Dec 2022 23:30:00 -0500", Some((2022, 12, 31))),
        ("1 Jan 99 00:00 +0000", Some((1999, 1, 1))),
        ("Sat, 31 Dec 2016 23:59:60 +0000", Some((2016, 12, 31))),
        ("yesterday", None),
    ] {
        let mail = format!("Date: {date}\r\n\r\n");
        assert_eq!(Message::parse(mail.as_bytes()).sent_on(), day, "{date}");
    }
}

proptest! {
    #[test]
    fn no_text_of_a_draft_makes_a_second_field(
        subject in "[a-z\u{fc}\r\n:]{0,60}",
        name in "[a-z\r\n\"<>@,]{0,20}",
        text in "[a-z\u{fc}\r\n.=\\-]{0,200}",
    ) {
        let mut evil = draft(&subject, &text);
        evil.from.name = name;
        let built = evil.build();
        let names: Vec<_> = ["From", "Subject", "Date", "Message-ID", "To", "MIME-Version", "Content-Type"]
            .iter().map(|name| header::count(&built, name)).collect();
        prop_assert!(names.iter().all(|count| *count == 1), "{:?}", String::from_utf8_lossy(&built));
        let fields = mime::header::head_length(&built);
        prop_assert!(fields < built.len() || text.is_empty());
        prop_assert_eq!(describe(&built).summary.to.len(), 1);
    }
}
