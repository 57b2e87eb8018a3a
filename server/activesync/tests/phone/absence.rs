//! Settings: absence, and the parts that are refused.

use storage::{Absence, Audience, Away, Scope};
use vocabulary::Role;
use wbxml::page::settings as page;
use wbxml::{Element, Tag};

use crate::phone::{Phone, text};
use crate::world::{World, on_each_database};

const VERSIONS: [&str; 5] = ["12.1", "14.0", "14.1", "16.0", "16.1"];

async fn phone<'w>(
    world: &'w World,
    user: &str,
    version: &'static str,
    id: vocabulary::AccountId,
) -> Phone<'w> {
    let inbox = world.folder(id, Role::Inbox).await;
    Phone::new(world, user, &format!("s{}", version.replace('.', "")), version, inbox).await
}

async fn settings(phone: &Phone<'_>, parts: Vec<Element>) -> Element {
    let request = parts.into_iter().fold(Element::new(page::SETTINGS), Element::with);
    phone.command("Settings", Some(&request)).await.unwrap()
}

fn oof(inner: Element) -> Element {
    Element::new(page::OOF).with(inner)
}

fn get(form: &str) -> Element {
    oof(Element::new(page::GET).with_text(page::BODY_TYPE, form))
}

fn message(audience: Tag, enabled: &str, reply: Option<(&str, &str)>) -> Element {
    let message = Element::new(page::OOF_MESSAGE).with_empty(audience).with_text(page::ENABLED, enabled);
    match reply {
        Some((form, reply)) => message.with_text(page::REPLY_MESSAGE, reply).with_text(page::BODY_TYPE, form),
        None => message,
    }
}

/// State, times, and of each audience whether it is answered, with what and in which form.
fn shown(root: &Element) -> (String, Vec<String>, Vec<[String; 3]>) {
    assert_eq!(text(root, page::STATUS), "1");
    let part = root.child(page::OOF).unwrap();
    assert_eq!(text(part, page::STATUS), "1");
    let get = part.child(page::GET).unwrap();
    let times = [page::START_TIME, page::END_TIME];
    let times = times.iter().filter_map(|tag| get.child_value(*tag)).map(|time| time.into_owned()).collect();
    let audiences =
        [page::APPLIES_TO_INTERNAL, page::APPLIES_TO_EXTERNAL_KNOWN, page::APPLIES_TO_EXTERNAL_UNKNOWN];
    let messages = get.all(page::OOF_MESSAGE).zip(audiences).map(|(message, audience)| {
        assert!(message.child(audience).is_some(), "{message:?}");
        [page::ENABLED, page::REPLY_MESSAGE, page::BODY_TYPE]
            .map(|tag| message.child_value(tag).unwrap_or_default().into_owned())
    });
    (text(get, page::OOF_STATE), times, messages.collect())
}

// MS-ASCMD R786 R787 R795 R796 R804 R805 R816 R2002 R2251 R2252 R5866 R5867
#[test]
fn absence_is_set_by_a_phone_and_told_to_every_other() {
    on_each_database(async |world| {
        for version in VERSIONS {
            let people = world.people().await;
            let phone = phone(world, &people.anna_address, version, people.anna).await;
            let (state, times, messages) = shown(&settings(&phone, vec![get("Text")]).await);
            assert_eq!((state.as_str(), times.len(), messages.len()), ("0", 0, 3), "{version}");
            assert!(messages.iter().all(|message| *message == ["0", "", ""]), "{messages:?}");

            let set = Element::new(page::SET)
                .with_text(page::OOF_STATE, "2")
                .with_text(page::START_TIME, "2026-12-24T00:00:00.000Z")
                .with_text(page::END_TIME, "2027-01-02T00:00:00.000Z")
                .with(message(page::APPLIES_TO_INTERNAL, "1", Some(("Text", "Ich bin weg.\nAnna & Ben"))))
                .with(message(page::APPLIES_TO_EXTERNAL_KNOWN, "0", None))
                .with(message(
                    page::APPLIES_TO_EXTERNAL_UNKNOWN,
                    "1",
                    Some(("HTML", "<p>Away <b>now</b></p>")),
                ));
            let answer = settings(&phone, vec![oof(set)]).await;
            let part = answer.child(page::OOF).unwrap();
            assert_eq!(
                (text(part, page::STATUS), part.children().count()),
                ("1".to_owned(), 1),
                "{answer:?}"
            );

            let (state, times, messages) = shown(&settings(&phone, vec![get("Text")]).await);
            assert_eq!(state, "2");
            assert_eq!(times, ["2026-12-24T00:00:00.000Z", "2027-01-02T00:00:00.000Z"]);
            assert_eq!(messages[0], ["1", "Ich bin weg.\r\nAnna & Ben", "Text"]);
            assert_eq!(messages[1], ["0", "", ""]);
            assert!(messages[2][1].contains("Away") && !messages[2][1].contains('<'), "{messages:?}");
            let (_, _, messages) = shown(&settings(&phone, vec![get("HTML")]).await);
            assert_eq!(messages[2], ["1", "<p>Away <b>now</b></p>", "HTML"]);
            assert!(messages[0][1].contains("Anna &amp; Ben"), "{messages:?}");

            // What is not named stays, and whoever delivers mail reads it.
            let off = Element::new(page::SET).with_text(page::OOF_STATE, "1").with(message(
                page::APPLIES_TO_INTERNAL,
                "0",
                None,
            ));
            settings(&phone, vec![oof(off)]).await;
            let anna = people.anna;
            let kept: Absence = world.read(move |tx| tx.absence(anna)).await;
            assert_eq!((kept.away, kept.holds_at(world.now())), (Away::Yes, true));
            let internal = kept.reply(Audience::Internal);
            assert_eq!((internal.enabled, internal.html, internal.text.len()), (false, false, 24));
            assert!(kept.reply(Audience::ExternalUnknown).enabled);
            let ben = people.ben;
            assert_eq!(world.read(move |tx| tx.absence(ben)).await, Absence::default());
        }
    });
}

// MS-ASCMD R469 R480 R481 R484 R2272 R3535 R3992 R5582 R5583 R5713 R5845
#[test]
fn a_part_that_cannot_be_set_is_refused_alone_and_changes_nothing() {
    on_each_database(async |world| {
        let people = world.people().await;
        let phone = phone(world, &people.anna_address, "16.1", people.anna).await;
        let start = || Element::new(page::SET).with_text(page::START_TIME, "2026-12-24T00:00:00.000Z");
        let spanned = |end: &str| start().with_text(page::END_TIME, end);
        let known = page::APPLIES_TO_EXTERNAL_KNOWN;
        let long = "x".repeat(storage::ABSENCE_REPLY_BYTES_MAX + 1);
        for (set, status) in [
            (start(), "2"),
            (spanned("2026-12-23T00:00:00.000Z"), "6"),
            (spanned("nonsense"), "5"),
            (Element::new(page::SET).with_text(page::OOF_STATE, "2"), "5"),
            (Element::new(page::SET).with(message(known, "1", Some(("Text", &long)))), "5"),
            (Element::new(page::SET).with(message(known, "1", None)).with(message(known, "0", None)), "6"),
        ] {
            let user = Element::new(page::USER_INFORMATION).with_empty(page::GET);
            let answer = settings(&phone, vec![oof(set.clone()), user]).await;
            let parts: Vec<(Tag, String)> =
                answer.children().skip(1).map(|part| (part.tag, text(part, page::STATUS))).collect();
            let expected = [(page::OOF, status.to_owned()), (page::USER_INFORMATION, "1".to_owned())];
            assert_eq!(parts, expected, "{set:?}");
        }
        let anna = people.anna;
        assert_eq!(world.read(move |tx| tx.absence(anna)).await, Absence::default());
        // Times without a schedule are taken, and wait for one.
        let answer = settings(&phone, vec![oof(spanned("2026-12-25T00:00:00.000Z"))]).await;
        assert_eq!(text(answer.child(page::OOF).unwrap(), page::STATUS), "1");
        let kept = world.read(move |tx| tx.absence(anna)).await;
        assert_eq!((kept.away, kept.span.is_some()), (Away::No, true));
    });
}

// MS-ASCMD R4398 R4400 R5702 R1517 R3863
#[test]
fn passwords_and_rights_management_are_refused_one_by_one() {
    on_each_database(async |world| {
        let people = world.people().await;
        let phone = phone(world, &people.anna_address, "14.1", people.anna).await;
        let password = |password: &str| {
            let set = Element::new(page::SET).with_text(page::PASSWORD, password);
            Element::new(page::DEVICE_PASSWORD).with(set)
        };
        for (part, status) in [
            (password("1234"), "7"),
            (password(&"1".repeat(256)), "5"),
            (Element::new(page::DEVICE_PASSWORD), "2"),
            (Element::new(page::RIGHTS_MANAGEMENT_INFORMATION).with_empty(page::GET), "168"),
        ] {
            let tag = part.tag;
            let answer = settings(&phone, vec![part]).await;
            assert_eq!(text(&answer, page::STATUS), "1");
            assert_eq!(text(answer.child(tag).unwrap(), page::STATUS), status);
        }
        let scope = Scope::Account(people.anna);
        let kept = world.read(move |tx| tx.setting(scope, "absence")).await;
        assert_eq!(kept, None, "nothing of it was kept");
    });
}
