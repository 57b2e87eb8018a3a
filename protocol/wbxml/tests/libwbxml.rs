//! Against an independent implementation: the tools `wbxml2xml` and `xml2wbxml` of libwbxml 0.11.8 (Debian
//! package libwbxml2-utils). The tests fail if the tools are missing.
//!
//! libwbxml 0.11.8 knows pages 0 to 24. It lacks MeetingResponse 0x10 and 0x11, Provision 0x3B and all of page
//! 25 (Find), and it has other names for the tags in [`OTHER_NAMES`]: the tokens are the same. It takes the
//! text of eight tags for base64 of opaque data: [`BASE64`].

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "this is a test; clippy.toml reaches only its #[test] functions"
)]

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use wbxml::page::{
    airsync, airsync_base, calendar, compose_mail, contacts, email, email2, find, gal, item_operations,
    meeting_response, provision, resolve_recipients, rights_management, search, settings, tasks,
};
use wbxml::{Element, Limits, Node, Tag, decode, encode};

/// What libwbxml has no name for, besides page 25.
const LACKING: [Tag; 3] = [
    meeting_response::PROPOSED_START_TIME,
    meeting_response::PROPOSED_END_TIME,
    provision::ACCOUNT_ONLY_REMOTE_WIPE,
];

/// Where libwbxml writes opaque data, as base64 in XML.
const BASE64: [Tag; 8] = [
    resolve_recipients::DATA,
    search::CONVERSATION_ID,
    gal::DATA,
    airsync_base::CONTENT,
    item_operations::CONVERSATION_ID,
    compose_mail::MIME,
    email2::CONVERSATION_ID,
    email2::CONVERSATION_INDEX,
];

const OTHER_NAMES: &[(Tag, &str)] = &[
    (contacts::ASSISTANT_PHONE_NUMBER, "AssistantTelephoneNumber"),
    (contacts::BUSINESS_ADDRESS_CITY, "BusinessCity"),
    (contacts::BUSINESS_ADDRESS_COUNTRY, "BusinessCountry"),
    (contacts::BUSINESS_ADDRESS_POSTAL_CODE, "BusinessPostalCode"),
    (contacts::BUSINESS_ADDRESS_STATE, "BusinessState"),
    (contacts::BUSINESS_ADDRESS_STREET, "BusinessStreet"),
    (contacts::HOME_ADDRESS_CITY, "HomeCity"),
    (contacts::HOME_ADDRESS_COUNTRY, "HomeCountry"),
    (contacts::HOME_ADDRESS_POSTAL_CODE, "HomePostalCode"),
    (contacts::HOME_ADDRESS_STATE, "HomeState"),
    (contacts::HOME_ADDRESS_STREET, "HomeStreet"),
    (contacts::OTHER_ADDRESS_CITY, "OtherCity"),
    (contacts::OTHER_ADDRESS_COUNTRY, "OtherCountry"),
    (contacts::OTHER_ADDRESS_POSTAL_CODE, "OtherPostalCode"),
    (contacts::OTHER_ADDRESS_STATE, "OtherState"),
    (contacts::OTHER_ADDRESS_STREET, "OtherStreet"),
    (email::ATT0_ID, "AttOId"),
    (email::REPLY_TO, "Reply-To"),
    (email::DT_STAMP, "DTStamp"),
    (email::TYPE, "Recurrence_Type"),
    (email::UNTIL, "Recurrence_Until"),
    (email::OCCURRENCES, "Recurrence_Occurrences"),
    (email::INTERVAL, "Recurrence_Interval"),
    (email::DAY_OF_WEEK, "Recurrence_DayOfWeek"),
    (email::DAY_OF_MONTH, "Recurrence_DayOfMonth"),
    (email::WEEK_OF_MONTH, "Recurrence_WeekOfMonth"),
    (email::MONTH_OF_YEAR, "Recurrence_MonthOfYear"),
    (email::STATUS, "FlagStatus"),
    (calendar::TIMEZONE, "TimeZone"),
    (calendar::EMAIL, "Attendee_Email"),
    (calendar::NAME, "Attendee_Name"),
    (calendar::DT_STAMP, "DTStamp"),
    (calendar::DELETED, "Exception_Deleted"),
    (calendar::EXCEPTION_START_TIME, "Exception_StartTime"),
    (calendar::ORGANIZER_EMAIL, "Organizer_Email"),
    (calendar::ORGANIZER_NAME, "Organizer_Name"),
    (calendar::TYPE, "Recurrence_Type"),
    (calendar::UNTIL, "Recurrence_Until"),
    (calendar::OCCURRENCES, "Recurrence_Occurrences"),
    (calendar::INTERVAL, "Recurrence_Interval"),
    (calendar::DAY_OF_WEEK, "Recurrence_DayOfWeek"),
    (calendar::DAY_OF_MONTH, "Recurrence_DayOfMonth"),
    (calendar::WEEK_OF_MONTH, "Recurrence_WeekOfMonth"),
    (calendar::MONTH_OF_YEAR, "Recurrence_MonthOfYear"),
    (calendar::ATTENDEE_STATUS, "Attendee_Status"),
    (calendar::ATTENDEE_TYPE, "Attendee_Type"),
    (tasks::UTC_DUE_DATE, "UTCDueDate"),
    (tasks::TYPE, "Recurrence_Type"),
    (tasks::START, "Recurrence_Start"),
    (tasks::UNTIL, "Recurrence_Until"),
    (tasks::OCCURRENCES, "Recurrence_Occurrences"),
    (tasks::INTERVAL, "Recurrence_Interval"),
    (tasks::DAY_OF_MONTH, "Recurrence_DayOfMonth"),
    (tasks::DAY_OF_WEEK, "Recurrence_DayOfWeek"),
    (tasks::WEEK_OF_MONTH, "Recurrence_WeekOfMonth"),
    (tasks::MONTH_OF_YEAR, "Recurrence_MonthOfYear"),
    (tasks::REGENERATE, "Recurrence_Regenerate"),
    (tasks::DEAD_OCCUR, "Recurrence_DeadOccur"),
    (tasks::UTC_START_DATE, "UTCStartDate"),
    (provision::REQUIRE_STORAGE_CARD_ENCRYPTION, "DeviceEncryptionEnabled"),
    (settings::SMTP_ADDRESS, "SmtpAddress"),
    (settings::RIGHTS_MANAGEMENT_INFORMATION, "ihsManagementInformation"),
    (compose_mail::MIME, "MIME"),
    (compose_mail::NAME, "ForwardeeName"),
    (compose_mail::EMAIL, "ForwardeeEmail"),
    (rights_management::OWNER, "RMOwner"),
    (rights_management::REMOVE_RIGHTS_MANAGEMENT_PROTECTION, "RemoveRightsManagementDistribution"),
];

/// What stands before the root element.
const PROLOGUE: &str = concat!(
    r#"<?xml version="1.0"?>"#,
    r#"<!DOCTYPE ActiveSync PUBLIC "-//MICROSOFT//DTD ActiveSync//EN" "http://www.microsoft.com/">"#
);

/// Every tag that libwbxml knows as well.
fn shared_tags() -> Vec<Tag> {
    let all = (0..=24).flat_map(|page| (0x05..=0x3F).map(move |token| Tag::new(page, token)));
    all.filter(|tag| tag.name().is_some() && !LACKING.contains(tag)).collect()
}

fn name(tag: Tag) -> &'static str {
    let other = OTHER_NAMES.iter().find(|row| row.0 == tag).map(|row| row.1);
    other.or(tag.name()).expect("only known tags are written here")
}

fn namespace(tag: Tag) -> &'static str {
    match tag.namespace().expect("only known pages are written here") {
        "GAL" => "Gal",
        namespace => namespace,
    }
}

fn run(tool: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(tool)
        .args(arguments)
        .args(["-o", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{tool} of the Debian package libwbxml2-utils is needed: {error}"));
    // The tools read all before they write.
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("succeeded"), "{tool}: {said}\n{input:02x?}");
    output.stdout
}

fn wbxml2xml(document: &[u8]) -> String {
    String::from_utf8(run("wbxml2xml", &["-l", "ACTIVESYNC", "-k", "-m", "0"], document)).unwrap()
}

/// The XML of a tree in the form that libwbxml writes: a namespace where it differs from that of the parent.
fn xml(root: &Element) -> String {
    fn write(out: &mut String, element: &Element, parent: Option<Tag>) {
        let name = name(element.tag);
        out.push_str(&format!("<{name}"));
        if parent.is_none_or(|parent| parent.page() != element.tag.page()) {
            out.push_str(&format!(" xmlns=\"{}:\"", namespace(element.tag)));
        }
        if element.is_empty() {
            return out.push_str("/>");
        }
        out.push('>');
        for node in &element.nodes {
            match node {
                Node::Element(child) => write(out, child, Some(element.tag)),
                Node::Text(text) => text.chars().for_each(|character| match character {
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '&' => out.push_str("&amp;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&apos;"),
                    _ => out.push(character),
                }),
                Node::Opaque(bytes) => out.push_str(&STANDARD.encode(bytes)),
            }
        }
        out.push_str(&format!("</{name}>"));
    }
    let mut out = PROLOGUE.to_owned();
    write(&mut out, root, None);
    out
}

/// Our bytes, read by libwbxml, say what our tree says; and the XML of our tree, written by libwbxml in
/// all its ways, is read by us as our tree.
fn agrees(tree: &Element) {
    let expected = xml(tree);
    assert_eq!(wbxml2xml(&encode(tree)), expected);
    for arguments in
        [&["-k", "-n", "-a"][..], &["-k", "-a"], &["-k"], &["-k", "-n", "-v", "1.1"], &["-k", "-v", "1.2"]]
    {
        let document = run("xml2wbxml", arguments, expected.as_bytes());
        let seen = decode(&document, &Limits::default());
        assert_eq!(seen.as_ref(), Ok(tree), "xml2wbxml {arguments:?}: {document:02x?}");
    }
    // Without string table and type, its bytes are ours.
    assert_eq!(run("xml2wbxml", &["-k", "-n", "-a"], expected.as_bytes()), encode(tree));
}

#[test]
fn every_tag_of_pages_0_to_24_means_the_same() {
    let mut root = Element::new(airsync::SYNC);
    for tag in shared_tags() {
        root.push(if BASE64.contains(&tag) { Element::new(tag) } else { Element::text(tag, "x") });
    }
    assert_eq!(root.nodes.len(), 608 - 22 - LACKING.len());
    agrees(&root);
}

#[test]
fn libwbxml_still_lacks_what_is_said_above() {
    for tag in LACKING.into_iter().chain([find::FIND]) {
        assert!(wbxml2xml(&encode(&Element::new(tag))).contains("<unknown"), "{tag}");
    }
}

#[test]
fn a_sync_and_a_sent_mail_mean_the_same() {
    let body = Element::new(airsync_base::BODY)
        .with_text(airsync_base::TYPE, "2")
        .with_text(airsync_base::DATA, "<p>Grüße & \"Küsse\"</p>\n 'twice' 😀");
    let item = Element::new(airsync::ADD).with_text(airsync::SERVER_ID, "5:17").with(
        Element::new(airsync::APPLICATION_DATA)
            .with_text(email::SUBJECT, "Grüße")
            .with(body)
            .with_opaque(email2::CONVERSATION_ID, (0..16).collect())
            .with_empty(email::FLAG),
    );
    agrees(
        &Element::new(airsync::SYNC).with(
            Element::new(airsync::COLLECTIONS).with(
                Element::new(airsync::COLLECTION)
                    .with_text(airsync::SYNC_KEY, "12")
                    .with_text(airsync::STATUS, "1")
                    .with_empty(airsync::MORE_AVAILABLE)
                    .with(Element::new(airsync::COMMANDS).with(item)),
            ),
        ),
    );
    agrees(
        &Element::new(compose_mail::SEND_MAIL)
            .with_text(compose_mail::CLIENT_ID, "1")
            .with_empty(compose_mail::SAVE_IN_SENT_ITEMS)
            .with_opaque(compose_mail::MIME, b"Subject: x\r\n\r\n\0\xFF<&>".repeat(1000)),
    );
}

/// Trees that XML can say: text only from its characters and never beside text, bytes only where libwbxml
/// has them.
fn trees() -> impl Strategy<Value = Element> {
    let plain: Vec<Tag> = shared_tags().into_iter().filter(|tag| !BASE64.contains(tag)).collect();
    let leaf = prop_oneof![
        3 => (select(plain.clone()), "[^\\p{Cc}\u{FFFE}\u{FFFF}]{1,40}").prop_map(|(tag, text)| Element::text(tag, text)),
        1 => select(plain.clone()).prop_map(Element::new),
        1 => (select(&BASE64[..]), vec(any::<u8>(), 1..300)).prop_map(|(tag, bytes)| Element::opaque(tag, bytes)),
    ];
    let tree = leaf.prop_recursive(6, 40, 5, move |child| {
        (select(plain.clone()), vec(child, 1..5))
            .prop_map(|(tag, children)| children.into_iter().fold(Element::new(tag), Element::with))
    });
    // libwbxml finds the type of an XML document by its root.
    vec(tree, 0..5).prop_map(|children| children.into_iter().fold(Element::new(airsync::SYNC), Element::with))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn random_trees_mean_the_same(tree in trees()) {
        agrees(&tree);
    }
}
