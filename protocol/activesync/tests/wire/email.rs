//! Mail in both directions: MS-ASEMAIL.

use activesync_wire::Version;
use activesync_wire::body::{BodyType, Choice};
use activesync_wire::item::email::{
    Attachment, AttachmentMethod, Body, BodyData, BodyPart, CATEGORIES_MAX, Change, Destination, Email, Flag,
    FlagChange, FlagDates, FlagStatus, Importance, LastVerb, MarksChanged, MessageClass, Parts, Selection,
};
use proptest::prelude::*;
use vocabulary::Timestamp;
use wbxml::page::{airsync, airsync_base, email, email2, tasks};
use wbxml::{Element, Tag, Writer, decode};

use crate::tree::{draw, tree};

const NOON: Timestamp = Timestamp(1_767_323_045_000);

fn mail() -> Email {
    Email {
        to: "\"Anna\" <a@b.test>".into(),
        cc: String::new(),
        bcc: Some("c@b.test".into()),
        from: "\"Bert\" <b@b.test>".into(),
        sender: None,
        reply_to: None,
        subject: "Re: x\r\ny".into(),
        thread_topic: "x".into(),
        display_to: "Anna".into(),
        date_received: NOON,
        importance: Importance::High,
        read: false,
        flag: None,
        message_class: MessageClass::Note,
        meeting_request: None,
        internet_cpid: 65001,
        categories: vec!["Work".into()],
        conversation_id: [7; 16],
        conversation_index: vec![1, 2, 3, 4, 5],
        last_verb: Some((LastVerb::Forward, NOON)),
        received_as_bcc: false,
        is_draft: false,
        native_body_type: BodyType::Html,
        body: Some(Body {
            body_type: BodyType::Html,
            estimated_data_size: 1000,
            truncated: true,
            data: Some(BodyData::Text("<b>hi</b>\r\n".into())),
            preview: Some("hi".into()),
        }),
        body_part: None,
        attachments: vec![Attachment {
            display_name: "note.eml".into(),
            file_reference: "1w5x2y0".into(),
            method: AttachmentMethod::EmbeddedMessage,
            estimated_data_size: 12,
            content_id: Some("cid@x".into()),
            content_location: None,
            is_inline: true,
        }],
    }
}

fn written(mail: &Email, version: Version, schema: Option<&[Tag]>) -> String {
    let mut writer = Writer::new();
    writer.open(airsync::APPLICATION_DATA);
    mail.write(Selection { version, schema }, Destination { writer: &mut writer, parts: None });
    writer.close();
    tree(&writer.finish())
}

#[test]
fn a_mail_of_12_1_has_only_old_elements() {
    assert_eq!(
        written(&mail(), Version::V12_1, None),
        "ApplicationData(To=\"Anna\" <a@b.test> From=\"Bert\" <b@b.test> Subject=Re: x  y \
         DateReceived=2026-01-02T03:04:05.000Z DisplayTo=Anna ThreadTopic=x Importance=2 Read=0 \
         Attachments(Attachment(DisplayName=note.eml FileReference=1w5x2y0 Method=5 EstimatedDataSize=12 \
         ContentId=cid@x IsInline=1)) \
         Body(Type=2 EstimatedDataSize=1000 Truncated=1 Data=<b>hi</b>\r\n) \
         MessageClass=IPM.Note InternetCPID=65001 Flag ContentClass=urn:content-classes:message NativeBodyType=2)"
    );
}

#[test]
fn each_version_adds_its_elements() {
    let since = |version| written(&mail(), version, None);
    let (v12, v14, v16) = (since(Version::V12_1), since(Version::V14_1), since(Version::V16_1));
    let v12 = v12.replace("\r\n) MessageClass", "\r\n Preview=hi) MessageClass");
    let added = v14.strip_prefix(v12.trim_end_matches(')')).unwrap();
    assert_eq!(
        added,
        " ConversationId=[07, 07, 07, 07, 07, 07, 07, 07, 07, 07, 07, 07, 07, 07, 07, 07] \
         ConversationIndex=[01, 02, 03, 04, 05] LastVerbExecuted=3 LastVerbExecutionTime=2026-01-02T03:04:05.000Z \
         Categories(Category=Work))"
    );
    assert_eq!(v16.strip_prefix(v14.trim_end_matches(')')), Some(") IsDraft=0 Bcc=c@b.test)"));
}

// MS-ASEMAIL R75 R76 R77 R96 R100 R104 R10600 R10604 R10608 R10612
#[test]
fn a_change_of_marks_says_those_that_changed_and_no_others() {
    let said = |read, flag, categories, other| {
        let mut writer = Writer::new();
        writer.open(airsync::APPLICATION_DATA);
        mail().write_marks(MarksChanged { read, flag, categories, other }, Version::V14_1, &mut writer);
        writer.close();
        tree(&writer.finish())
    };
    const VERB: &str = "LastVerbExecuted=3 LastVerbExecutionTime=2026-01-02T03:04:05.000Z";
    for (read, flag, categories, other, expected) in [
        (true, false, false, false, "Read=0".to_owned()),
        (false, true, false, false, "Flag".to_owned()),
        (false, false, true, false, "Categories(Category=Work)".to_owned()),
        (false, false, false, true, VERB.to_owned()),
        (true, true, false, false, "Read=0 Flag".to_owned()),
        (true, false, true, false, "Read=0 Categories(Category=Work)".to_owned()),
        (false, true, true, false, "Flag Categories(Category=Work)".to_owned()),
        (true, true, true, false, "Read=0 Flag Categories(Category=Work)".to_owned()),
        (true, true, true, true, format!("Read=0 Flag {VERB} Categories(Category=Work)")),
    ] {
        assert_eq!(said(read, flag, categories, other), format!("ApplicationData({expected})"));
    }
    let mut writer = Writer::new();
    writer.open(airsync::APPLICATION_DATA);
    let forgotten = Email { last_verb: None, ..mail() };
    let other = MarksChanged { other: true, ..MarksChanged::default() };
    forgotten.write_marks(other, Version::V14_1, &mut writer);
    writer.close();
    assert_eq!(tree(&writer.finish()), "ApplicationData(LastVerbExecuted=0)");
    let old = MarksChanged { read: true, flag: true, categories: true, other: true }.of(Version::V12_1);
    assert_eq!(old, MarksChanged { read: true, flag: true, categories: false, other: false });
}

// MS-ASAIRS R126 R127 R128 R129 R271 R1063
#[test]
fn a_body_part_stands_beside_the_body_from_14_1() {
    let body = Body {
        body_type: BodyType::Html,
        estimated_data_size: 9,
        truncated: true,
        data: Some(BodyData::Text("<p>".into())),
        preview: Some("p".into()),
    };
    let schema = [airsync_base::BODY_PART];
    let shown = |part, version| written(&Email { body_part: Some(part), ..mail() }, version, Some(&schema));
    let part = || BodyPart::Part(body.clone());
    assert_eq!(
        shown(part(), Version::V14_1),
        "ApplicationData(BodyPart(Status=1 Type=2 EstimatedDataSize=9 Truncated=1 Data=<p> Preview=p))"
    );
    assert_eq!(shown(part(), Version::V14_0), "ApplicationData");
    assert_eq!(
        shown(BodyPart::TooLarge, Version::V16_1),
        "ApplicationData(BodyPart(Status=176 Type=2 EstimatedDataSize=0))"
    );
    let (mut writer, mut parts) = (Writer::new(), Parts::default());
    writer.open(airsync::APPLICATION_DATA);
    let selection = Selection { version: Version::V14_1, schema: Some(&schema) };
    let mail = Email { body_part: Some(part()), ..mail() };
    mail.write(selection, Destination { writer: &mut writer, parts: Some(&mut parts) });
    writer.close();
    assert!(tree(&writer.finish()).contains("Data=<p>"), "there is no Part in a BodyPart");
    assert!(parts.into_inner().is_empty());
}

// MS-ASEMAIL R439
#[test]
fn flags_alone_and_chosen_properties_can_be_sent() {
    let mut writer = Writer::new();
    writer.open(airsync::APPLICATION_DATA);
    let all = MarksChanged { read: true, flag: true, categories: true, other: false };
    mail().write_marks(all, Version::V14_1, &mut writer);
    writer.close();
    assert_eq!(tree(&writer.finish()), "ApplicationData(Read=0 Flag Categories(Category=Work))");
    let schema = [email::SUBJECT];
    assert_eq!(written(&mail(), Version::V16_1, Some(&schema)), "ApplicationData(Subject=Re: x  y)");
}

#[test]
fn plain_text_has_no_preview_and_bytes_that_are_no_text_go_opaque() {
    let mut mail = mail();
    let body = |body_type, data| {
        Some(Body {
            body_type,
            estimated_data_size: u64::MAX,
            truncated: false,
            data,
            preview: Some("p".into()),
        })
    };
    let schema = [airsync_base::BODY];
    let text = Some(BodyData::Text("hi".into()));
    for (body, expected) in [
        (body(BodyType::Plain, text), "Body(Type=1 EstimatedDataSize=2147483647 Data=hi)"),
        (body(BodyType::Html, None), "Body(Type=2 EstimatedDataSize=2147483647 Preview=p)"),
        (
            body(BodyType::Mime, Some(BodyData::Message(b"a\xff".to_vec()))),
            "Body(Type=4 EstimatedDataSize=2147483647 Data=[61, ff] Preview=p)",
        ),
        (
            body(BodyType::Mime, Some(BodyData::Message(b"a\0".to_vec()))),
            "Body(Type=4 EstimatedDataSize=2147483647 Data=[61, 00] Preview=p)",
        ),
        (
            body(BodyType::Mime, Some(BodyData::Message(b"To: a\r\n".to_vec()))),
            "Body(Type=4 EstimatedDataSize=2147483647 Data=To: a\r\n Preview=p)",
        ),
    ] {
        mail.body = body;
        assert_eq!(written(&mail, Version::V14_1, Some(&schema)), format!("ApplicationData({expected})"));
    }
}

#[test]
fn a_multipart_answer_carries_bodies_as_parts() {
    let (mut writer, mut parts) = (Writer::new(), Parts::default());
    writer.open(airsync::APPLICATION_DATA);
    let schema = [airsync_base::BODY];
    let selection = Selection { version: Version::V14_1, schema: Some(&schema) };
    mail().write(selection, Destination { writer: &mut writer, parts: Some(&mut parts) });
    writer.close();
    let expected = "ApplicationData(Body(Type=2 EstimatedDataSize=1000 Truncated=1 Part=1 Preview=hi))";
    assert_eq!(tree(&writer.finish()), expected);
    assert_eq!(parts.into_inner(), [b"<b>hi</b>\r\n".to_vec()]);
}

fn data(children: impl IntoIterator<Item = Element>) -> Element {
    children.into_iter().fold(Element::new(airsync::APPLICATION_DATA), Element::with)
}

fn flag(children: &[(Tag, &str)]) -> Element {
    data([children.iter().fold(Element::new(email::FLAG), |flag, (tag, value)| flag.with_text(*tag, *value))])
}

const ACTIVE: (Tag, &str) = (email::STATUS, "2");
const DONE: (Tag, &str) = (email::STATUS, "1");
const DATE: &str = "2026-01-02T03:04:05.000Z";
const EARLIER: &str = "2026-01-01T03:04:05.000Z";

#[test]
fn flags_are_set_and_cleared() {
    for cleared in [data([Element::new(email::FLAG)]), flag(&[(email::STATUS, "0")])] {
        assert_eq!(Change::parse(&cleared, Version::V14_1).unwrap().flag, Some(FlagChange::Clear));
    }
    let full = flag(&[
        ACTIVE,
        (email::FLAG_TYPE, "Flag for follow up"),
        (tasks::SUBJECT, "s"),
        (tasks::START_DATE, DATE),
        (tasks::DUE_DATE, DATE),
        (tasks::UTC_START_DATE, DATE),
        (tasks::UTC_DUE_DATE, DATE),
        (tasks::REMINDER_SET, "1"),
        (tasks::REMINDER_TIME, DATE),
        (tasks::ORDINAL_DATE, DATE),
        (tasks::SUB_ORDINAL_DATE, "5555"),
        (email::COMPLETE_TIME, DATE),
        (tasks::DATE_COMPLETED, DATE),
    ]);
    let expected = Flag {
        status: FlagStatus::Active,
        flag_type: Some("Flag for follow up".into()),
        subject: Some("s".into()),
        complete_time: Some(NOON),
        date_completed: Some(NOON),
        dates: Some(FlagDates { start: NOON, due: NOON, utc_start: NOON, utc_due: NOON }),
        reminder: Some(NOON),
        ordinal_date: Some(NOON),
        sub_ordinal_date: Some("5555".into()),
    };
    assert_eq!(Change::parse(&full, Version::V12_1).unwrap().flag, Some(FlagChange::Set(expected)));
}

// MS-ASEMAIL R92 R334 R358 R359 R407 R409 R643 R648 R702 R723 R739 R757 R851 R853 R862 R864
#[test]
fn changes_that_cannot_be_are_conversion_errors() {
    let text = |tag, value: &str| data([Element::text(tag, value)]);
    for (wrong, why) in [
        (text(email::READ, "2"), "R643"),
        (text(email::READ, ""), "R643"),
        (data([Element::opaque(email2::CONVERSATION_ID, vec![1])]), "R347"),
        (text(email2::RECEIVED_AS_BCC, "1"), "R648"),
        (text(email2::SENDER, "a@b.test"), "R723"),
        (flag(&[(email::STATUS, "3")]), "R757"),
        (flag(&[ACTIVE, (tasks::DUE_DATE, DATE)]), "R409"),
        (
            flag(&[
                ACTIVE,
                (tasks::START_DATE, DATE),
                (tasks::DUE_DATE, EARLIER),
                (tasks::UTC_START_DATE, DATE),
                (tasks::UTC_DUE_DATE, DATE),
            ]),
            "R407",
        ),
        (
            flag(&[
                ACTIVE,
                (tasks::START_DATE, DATE),
                (tasks::DUE_DATE, DATE),
                (tasks::UTC_START_DATE, DATE),
                (tasks::UTC_DUE_DATE, EARLIER),
            ]),
            "R851",
        ),
        (flag(&[ACTIVE, (tasks::REMINDER_SET, "1")]), "R702"),
        (flag(&[DONE]), "R334"),
        (flag(&[DONE, (email::COMPLETE_TIME, DATE)]), "R358"),
        (flag(&[ACTIVE, (tasks::DATE_COMPLETED, DATE)]), "R359"),
        (flag(&[ACTIVE, (tasks::START_DATE, DATE), (tasks::UTC_START_DATE, DATE)]), "R864"),
        (flag(&[ACTIVE, (email::COMPLETE_TIME, "soon")]), "a moment"),
    ] {
        assert!(Change::parse(&wrong, Version::V14_1).is_err(), "{why}");
    }
}

// MS-ASEMAIL R319 R320
#[test]
fn categories_are_replaced_removed_or_left_alone() {
    let categories = |names: &[&str]| {
        let list = names
            .iter()
            .fold(Element::new(email::CATEGORIES), |list, name| list.with_text(email::CATEGORY, *name));
        Change::parse(&data([list]), Version::V14_1).map(|change| change.categories)
    };
    assert_eq!(categories(&["a", "b", "a", " "]), Ok(Some(vec!["a".to_owned(), "b".to_owned()])));
    assert_eq!(categories(&[]), Ok(Some(vec![])));
    assert_eq!(Change::parse(&data([]), Version::V14_1), Ok(Change::default()));
    let many: Vec<_> = (0..=CATEGORIES_MAX).map(|n| n.to_string()).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert!(categories(&many[1..]).is_ok() && categories(&many).is_err());
}

#[test]
fn drafts_are_read_from_16_0_on() {
    let attachments = Element::new(airsync_base::ATTACHMENTS)
        .with(
            Element::new(airsync_base::ADD)
                .with_text(airsync_base::CLIENT_ID, "7")
                .with_text(airsync_base::DISPLAY_NAME, "a.txt")
                .with_text(airsync_base::METHOD, "1")
                .with_opaque(airsync_base::CONTENT, vec![0, 255]),
        )
        .with(Element::new(airsync_base::DELETE).with_text(airsync_base::FILE_REFERENCE, "1w5x2y0"));
    let body = Element::new(airsync_base::BODY)
        .with_text(airsync_base::TYPE, "2")
        .with_text(airsync_base::DATA, "<b>hi</b>");
    let sent = data([
        Element::text(email::TO, "a@b.test\r\nX-Evil: 1"),
        Element::text(email2::BCC, "c@b.test"),
        Element::text(email::SUBJECT, "s"),
        Element::text(email::IMPORTANCE, "0"),
        body,
        attachments,
    ]);
    assert_eq!(Change::parse(&sent, Version::V14_1).unwrap().draft, None);
    let draft = Change::parse(&sent, Version::V16_0).unwrap().draft.unwrap();
    assert_eq!(draft.to.as_deref(), Some("a@b.test  X-Evil: 1"), "a header stays one line");
    assert_eq!((draft.bcc.as_deref(), draft.subject.as_deref()), (Some("c@b.test"), Some("s")));
    assert_eq!(draft.importance, Some(Importance::Low));
    assert_eq!(draft.body, Some((BodyType::Html, b"<b>hi</b>".to_vec())));
    assert_eq!(draft.attachments_added[0].content, [0, 255]);
    assert_eq!(draft.attachments_deleted, ["1w5x2y0"]);

    for wrong in [
        data([Element::text(email::IMPORTANCE, "3")]),
        data([Element::new(airsync_base::BODY).with_text(airsync_base::TYPE, "3")]),
        data([Element::new(airsync_base::ATTACHMENTS).with(Element::new(airsync_base::ADD))]),
        data([Element::new(airsync_base::ATTACHMENTS).with(Element::new(airsync_base::DELETE))]),
        data([Element::text(email::TO, "x".repeat(32_769))]),
    ] {
        assert!(
            Change::parse(&wrong, Version::V16_1).is_err(),
            "{}",
            draw(&wrong).get(..40).unwrap_or_default()
        );
    }
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_102_444_800_000).prop_map(Timestamp)
}

fn flags() -> impl Strategy<Value = Flag> {
    let words = || prop::option::of("[a-z]{1,20}");
    let dates = (moments(), 0_i64..1_000_000).prop_map(|(start, length)| {
        let due = Timestamp(start.0 + length);
        FlagDates { start, due, utc_start: start, utc_due: due }
    });
    let status = prop_oneof![Just(FlagStatus::Active), Just(FlagStatus::Complete)];
    let optional = || prop::option::of(moments());
    (
        status,
        words(),
        words(),
        words(),
        prop::option::of(dates),
        (optional(), optional(), optional(), optional()),
    )
        .prop_map(|(status, flag_type, subject, sub_ordinal_date, dates, moments)| Flag {
            status,
            flag_type,
            subject,
            complete_time: moments.0,
            date_completed: moments.1,
            dates,
            reminder: moments.2,
            ordinal_date: moments.3,
            sub_ordinal_date,
        })
        .prop_filter("says when it was done", |flag| {
            flag.complete_time.is_some() == flag.date_completed.is_some()
                && (flag.status == FlagStatus::Active || flag.complete_time.is_some())
        })
}

fn choice(body_type: BodyType, truncation_size: Option<u32>, preview: u8) -> Choice {
    Choice { body_type, truncation_size, withhold: false, preview }
}

#[test]
fn bodies_are_cut_and_counted() {
    let text = |body: Body| match body.data {
        Some(BodyData::Text(text)) => (text, body.truncated, body.estimated_data_size, body.preview),
        other => panic!("{other:?}"),
    };
    let cut = Body::text(choice(BodyType::Plain, Some(3), 9), "hé\nllo", "");
    assert_eq!(text(cut), ("hé".into(), true, 8, None), "MS-ASAIRS R1001036: no preview beside plain text");
    let whole = Body::text(choice(BodyType::Html, Some(8), 4), "hé\nllo", "one two");
    assert_eq!(text(whole), ("hé\r\nllo".into(), false, 8, Some("one".into())));

    let withheld = Body::text(Choice { withhold: true, ..choice(BodyType::Html, Some(1), 0) }, "abc", "");
    assert_eq!((withheld.data, withheld.truncated, withheld.estimated_data_size), (None, true, 3));

    let message = Body::message(choice(BodyType::Mime, Some(2), 0), "aé\r\n".as_bytes(), "");
    assert_eq!((message.data, message.truncated), (Some(BodyData::Message(b"a".to_vec())), true));
    assert_eq!(message.estimated_data_size, 5);
    let binary = Body::message(choice(BodyType::Mime, Some(2), 0), &[0xff, 0xfe, 0xfd], "");
    assert_eq!(binary.data, Some(BodyData::Message(vec![0xff, 0xfe])));
}

proptest! {
    #[test]
    fn a_body_never_exceeds_what_was_asked(text in "(?s).{0,80}", bytes_max in 0_u32..100) {
        let body = Body::text(choice(BodyType::Html, Some(bytes_max), 0), &text, "");
        let Some(BodyData::Text(data)) = body.data else { panic!("no text") };
        prop_assert!(data.len() <= bytes_max as usize);
        prop_assert_eq!(body.truncated, (data.len() as u64) < body.estimated_data_size);
        let message = Body::message(choice(BodyType::Mime, Some(bytes_max), 0), text.as_bytes(), "");
        let Some(BodyData::Message(data)) = message.data else { panic!("no message") };
        prop_assert!(data.len() <= bytes_max as usize && text.as_bytes().starts_with(&data));
        prop_assert!(std::str::from_utf8(&data).is_ok(), "no character is split");
    }

    #[test]
    fn a_flag_survives_the_wire(flag in flags(), read: bool) {
        let mail = Email { flag: Some(flag.clone()), read, ..mail() };
        let mut writer = Writer::new();
        writer.open(airsync::APPLICATION_DATA);
        let all = MarksChanged { read: true, flag: true, categories: true, other: true };
        mail.write_marks(all, Version::V16_1, &mut writer);
        writer.close();
        let document = decode(&writer.finish(), &wbxml::Limits::default()).unwrap();
        let change = Change::parse(&document, Version::V16_1).unwrap();
        prop_assert_eq!(change.flag, Some(FlagChange::Set(flag)));
        prop_assert_eq!(change.read, Some(read));
        prop_assert_eq!(change.categories, Some(mail.categories));
    }
}
