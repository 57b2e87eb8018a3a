//! Series that ActiveSync cannot say: what is shown of them changes with time, and with what a phone does to it.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use std::time::Duration;
use tokio::time::timeout;
use vocabulary::Role;
use wbxml::Element;
use wbxml::page::{airsync, calendar, ping};

use crate::phone::{Answer, Phone, text};
use crate::world::{DAY_MS, World, on_each_database};

/// Who has not answered by then waits.
const WAITS: Duration = Duration::from_millis(300);
const NINE_TO_TEN: &str = "DTSTART:20260107T090000Z\r\nDTEND:20260107T100000Z";

async fn put(world: &World, folder: FolderId, name: &str, rule: &str) {
    let bytes = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x.test//EN\r\nBEGIN:VEVENT\r\nUID:{name}\r\n\
         DTSTAMP:20261123T090000Z\r\nSUMMARY:{name}\r\n{NINE_TO_TEN}\r\n{rule}END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    world.put_bytes(folder, Class::Calendar, bytes.into_bytes()).await;
}

async fn phone<'w>(world: &'w World, version: &'static str) -> Phone<'w> {
    let people = world.people().await;
    let folder = world.folder(people.anna, Role::Calendar).await;
    Phone {
        class: Class::Calendar,
        ..Phone::new(world, &people.anna_address, "phone", version, folder).await
    }
}

/// Subject and start of what an answer changes, which is all that it does.
fn changed(answer: &Answer) -> Vec<(String, String)> {
    let commands = answer.collection.as_ref().and_then(|one| one.child(airsync::COMMANDS));
    let change = |one: &Element| {
        assert_eq!(one.tag, airsync::CHANGE);
        let data = one.child(airsync::APPLICATION_DATA).unwrap();
        (text(data, calendar::SUBJECT), text(data, calendar::START_TIME))
    };
    commands.iter().flat_map(|list| list.children()).map(change).collect()
}

/// The status of a Ping; `None` if it waits.
async fn status_of_ping(phone: &Phone<'_>) -> Option<String> {
    let folder = Element::new(ping::FOLDER)
        .with_text(ping::ID, phone.folder.to_string())
        .with_text(ping::CLASS, "Calendar");
    let request = Element::new(ping::PING)
        .with_text(ping::HEARTBEAT_INTERVAL, "3540")
        .with(Element::new(ping::FOLDERS).with(folder));
    let answer = timeout(WAITS, phone.command("Ping", Some(&request))).await.ok()?;
    Some(text(&answer.unwrap(), ping::STATUS))
}

#[test]
fn what_no_rule_says_is_told_again_when_a_month_has_begun() {
    on_each_database(async |world| {
        for version in ["14.1", "16.1"] {
            let mut phone = phone(world, version).await;
            for (name, rule) in [
                ("rent", "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8\r\n"),
                ("weekly", "RRULE:FREQ=WEEKLY\r\n"),
                ("wages", "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,17\r\n"),
                ("soon over", "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,9;UNTIL=20270131T000000Z\r\n"),
                ("single", ""),
            ] {
                put(world, phone.folder, name, rule).await;
            }
            phone.sync_all().await;
            assert_eq!(phone.items.len(), 5);
            assert!(phone.ask(100).await.collection.is_none());
            assert_eq!(status_of_ping(&phone).await, None);

            world.pass_ms(31 * DAY_MS);
            assert_eq!(status_of_ping(&phone).await.as_deref(), Some("2"));
            let lost = phone.ask(1).await;
            assert_eq!(changed(&lost).len(), 1);
            let mut told = Vec::new();
            loop {
                let answer = phone.ask(1).await;
                told.extend(changed(&answer));
                phone.take(&answer);
                if !answer.more {
                    break;
                }
            }
            told.sort();
            let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["rent", "wages"], "each once, and nothing that looks as before");
            assert!(phone.ask(100).await.collection.is_none());
            assert_eq!(status_of_ping(&phone).await, None);
        }
    });
}

/// The phone ends the rule that it was shown; the days between are told again, for it has lost their exceptions.
#[test]
fn a_phone_that_ends_such_a_series_is_told_what_is_left_of_it() {
    on_each_database(async |world| {
        for version in ["14.1", "16.1"] {
            let mut phone = phone(world, version).await;
            put(world, phone.folder, "rent", "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8\r\n").await;
            phone.sync_all().await;
            let id = phone.id_of("rent");
            let shown = phone.items.values().next().unwrap().when.clone();
            let end = shown.replace("T09", "T10");
            let recurrence = Element::new(calendar::RECURRENCE)
                .with_text(calendar::TYPE, "0")
                .with_text(calendar::INTERVAL, "1")
                .with_text(calendar::UNTIL, "20270107T090000Z");
            let data = Element::new(airsync::APPLICATION_DATA)
                .with_text(calendar::SUBJECT, "rent")
                .with_text(calendar::START_TIME, &shown)
                .with_text(calendar::END_TIME, &end)
                .with(recurrence);
            let command = Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, &id).with(data);
            let answer = phone.ask_with(100, vec![command]).await;
            assert!(answer.statuses(&id).is_empty(), "{answer:?}");
            assert_eq!(changed(&answer), [("rent".to_owned(), shown)]);
            phone.take(&answer);
            assert!(phone.ask(100).await.collection.is_none());
            let stored = world.stored(phone.folder).await;
            let line = "RRULE:FREQ=MONTHLY;UNTIL=20270107T090000Z;BYMONTHDAY=7,8";
            assert!(stored.iter().any(|(_, text)| text.contains(line)), "{stored:?}");
        }
    });
}
