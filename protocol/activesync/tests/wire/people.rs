//! ResolveRecipients, ValidateCert and Settings: answers as they stand on the wire, and requests of any shape.

use activesync_wire::command::resolve_recipients::{
    Certificates, Recipient, Request, Response, Source, answer,
};
use activesync_wire::command::settings::{Part, parse};
use activesync_wire::command::validate_cert;
use activesync_wire::status::{AvailabilityStatus, CertificatesStatus, PictureStatus, RecipientStatus};
use activesync_wire::{Answer, Command, RequestError, Version};
use proptest::prelude::*;
use wbxml::page::{resolve_recipients as page, settings, validate_cert as validate};
use wbxml::{Element, Limits, Tag, decode, encode};

/// Tags of a tree, in its order.
fn tags(element: &Element) -> Vec<Tag> {
    element.children().map(|child| child.tag).collect()
}

// MS-ASCMD R1092 R1469 R1546 R2499 R3338 R3339 R3765 R3809 R5314
#[test]
fn an_answer_names_everything_in_its_order() {
    let recipient = Recipient {
        source: Source::Directory,
        name: "Anna".to_owned(),
        address: "anna@x.test".to_owned(),
        busy: Some(Ok("0123".to_owned())),
        certificates: Some(Certificates {
            status: CertificatesStatus::Success,
            count: 1,
            recipient_count: 1,
            certificates: vec![vec![1, 2, 3]],
        }),
        picture: Some(Ok(vec![0, 255])),
    };
    let none = Recipient {
        busy: Some(Err(AvailabilityStatus::NotAvailable)),
        certificates: None,
        picture: Some(Err(PictureStatus::NoPicture)),
        ..recipient.clone()
    };
    let one = Response {
        to: "a".to_owned(),
        status: RecipientStatus::AmbiguousPartial,
        count: 3,
        recipients: vec![recipient, none],
    };
    let root = decode(&encode(&answer(vec![one])), &Limits::default()).unwrap();
    assert_eq!((root.tag, tags(&root)), (page::RESOLVE_RECIPIENTS, vec![page::STATUS, page::RESPONSE]));
    let response = root.child(page::RESPONSE).unwrap();
    let expected = [page::TO, page::STATUS, page::RECIPIENT_COUNT, page::RECIPIENT, page::RECIPIENT];
    assert_eq!(tags(response), expected);
    assert_eq!(response.child_value(page::RECIPIENT_COUNT).as_deref(), Some("3"));
    let found: Vec<&Element> = response.all(page::RECIPIENT).collect();
    let head = [page::TYPE, page::DISPLAY_NAME, page::EMAIL_ADDRESS];
    let all = [&head[..], &[page::AVAILABILITY, page::CERTIFICATES, page::PICTURE]].concat();
    assert_eq!(tags(found[0]), all);
    let part = |recipient: &Element, tag: Tag| recipient.child(tag).unwrap().clone();
    let busy = part(found[0], page::AVAILABILITY);
    assert_eq!(tags(&busy), [page::STATUS, page::MERGED_FREE_BUSY]);
    let certificates = part(found[0], page::CERTIFICATES);
    let expected = [page::STATUS, page::CERTIFICATE_COUNT, page::RECIPIENT_COUNT, page::CERTIFICATE];
    assert_eq!(tags(&certificates), expected);
    assert_eq!(certificates.child_value(page::CERTIFICATE).as_deref(), Some("AQID"));
    let picture = part(found[0], page::PICTURE);
    assert_eq!(picture.child(page::DATA).unwrap().bytes().as_ref(), [0, 255]);
    assert_eq!(tags(&part(found[1], page::AVAILABILITY)), [page::STATUS]);
    assert_eq!(tags(&part(found[1], page::PICTURE)), [page::STATUS]);
    assert!(found[1].child(page::CERTIFICATES).is_none());
}

const TAGS: &[Tag] = &[
    page::RESOLVE_RECIPIENTS,
    page::TO,
    page::OPTIONS,
    page::AVAILABILITY,
    page::START_TIME,
    page::END_TIME,
    page::PICTURE,
    page::MAX_SIZE,
    page::MAX_AMBIGUOUS_RECIPIENTS,
    page::CERTIFICATE_RETRIEVAL,
    validate::VALIDATE_CERT,
    validate::CERTIFICATES,
    validate::CERTIFICATE_CHAIN,
    validate::CERTIFICATE,
    validate::CHECK_CRL,
    settings::SETTINGS,
    settings::OOF,
    settings::SET,
    settings::GET,
    settings::OOF_STATE,
    settings::START_TIME,
    settings::END_TIME,
    settings::OOF_MESSAGE,
    settings::APPLIES_TO_INTERNAL,
    settings::APPLIES_TO_EXTERNAL_KNOWN,
    settings::ENABLED,
    settings::REPLY_MESSAGE,
    settings::BODY_TYPE,
    settings::DEVICE_PASSWORD,
    settings::PASSWORD,
];

const TEXTS: &[&str] =
    &["", "0", "1", "2", "-1", "99999999999", "2026-12-01T00:00:00.000Z", "AAAA", "Text", "%", "an"];

fn elements() -> impl Strategy<Value = Element> {
    let tag = || prop::sample::select(TAGS);
    let leaf = (tag(), prop::sample::select(TEXTS).prop_map(str::to_owned))
        .prop_map(|(tag, text)| Element::text(tag, text));
    leaf.prop_recursive(4, 30, 6, move |inner| {
        (tag(), prop::collection::vec(inner, 0..6))
            .prop_map(|(tag, children)| children.into_iter().fold(Element::new(tag), Element::with))
    })
}

fn own_statuses(error: RequestError, command: Command, own: &str) {
    match error.answer(command, Version::V16_1) {
        Answer::Http(code) => panic!("{code}"),
        Answer::Document(document) => {
            let status = document.children().next().unwrap().value().into_owned();
            // The command's own number, or that it is no document of it.
            assert!(status == own || status == "101", "{command:?}: {status}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    // MS-ASCMD R4270 R5845
    #[test]
    fn any_tree_is_read_or_has_the_commands_own_status(mut root in elements(), as_root in 0..3_usize) {
        root.tag = [page::RESOLVE_RECIPIENTS, validate::VALIDATE_CERT, settings::SETTINGS][as_root];
        for version in Version::ALL {
            match Request::parse(&root, version) {
                Ok(request) => prop_assert!((1..=100).contains(&request.to.len())),
                Err(error) => own_statuses(error, Command::ResolveRecipients, "5"),
            }
        }
        match validate_cert::Request::parse(&root) {
            Ok(request) => prop_assert!((1..=100).contains(&request.certificates.len())),
            Err(error) => own_statuses(error, Command::ValidateCert, "2"),
        }
        match parse(&root) {
            Ok(parts) => prop_assert!(parts.iter().filter(|part| matches!(part, Part::Oof(_))).count() <= 1),
            Err(error) => own_statuses(error, Command::Settings, "2"),
        }
    }
}
