//! What a stranger can make of a meeting is bounded, and large meetings cost what they weigh.

use std::fmt::Write as _;

use calendar::schedule::{Received, Refused};

use super::given::*;

fn guests(count: usize) -> String {
    let mut lines = PEOPLE.to_owned();
    for guest in 0..count {
        write!(lines, "\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:guest{guest}@example.test").unwrap();
    }
    lines
}

/// Octets of different objects.
fn weight(messages: &[calendar::schedule::Message]) -> usize {
    let mut objects: Vec<_> =
        messages.iter().map(|message| (message.object.as_ptr(), message.object.len())).collect();
    objects.sort_unstable();
    objects.dedup();
    objects.iter().map(|(_, len)| len).sum()
}

#[test]
fn thousands_of_guests_share_one_object() {
    let new = event(&[&format!("{DAILY}\n{}", guests(3_000))]);
    let plan = put(ORG, None, &new);
    assert_eq!(plan.messages.len(), 3_002);
    assert!(weight(&plan.messages) < 2 * new.len());
    let old = stored(&plan, &new);
    let out = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300108T100000Z");
    let plan = put(ORG, Some(&old), &out);
    assert_eq!(plan.messages.len(), 3_002);
    assert!(weight(&plan.messages) < 2 * new.len());
    let gone = remove(ORG, &old, true);
    assert_eq!((gone.messages.len(), gone.messages[0].method.name()), (3_002, "CANCEL"));
    // One answer does not go round to all.
    let one = message(
        "REPLY",
        &[&format!(
            "DTSTAMP:20300103T000000Z\n{DAILY}\nORGANIZER:mailto:{ORG}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:guest7@example.test"
        )],
    );
    let Received::Store { bytes, refresh, .. } = get(ORG, Some(&old), &one, "guest7@example.test") else {
        panic!("lost")
    };
    assert_eq!(
        (answer(&bytes, None, "guest7@example.test").unwrap().as_str(), refresh.len()),
        ("Accepted", 0)
    );
}

#[test]
fn a_hundred_guests_see_each_other_at_once_and_more_do_not() {
    for (count, refreshed) in [(98, 99), (99, 0)] {
        let new = event(&[&format!("{DAILY}\n{}", guests(count))]);
        let old = stored(&put(ORG, None, &new), &new);
        let one = message(
            "REPLY",
            &[&format!(
                "DTSTAMP:20300103T000000Z\n{DAILY}\nORGANIZER:mailto:{ORG}\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{ANNA}"
            )],
        );
        let Received::Store { refresh, .. } = get(ORG, Some(&old), &one, ANNA) else { panic!("lost") };
        assert_eq!(refresh.len(), refreshed, "{count}");
    }
}

fn changed_days(count: i64, people: impl Fn(i64) -> String) -> Vec<String> {
    let day = |day: i64| {
        calendar::Zone::utc()
            .local(vocabulary::Timestamp(utc("20300107T100000Z").0 + day * 86_400_000))
            .format("%Y%m%dT%H%M%SZ")
            .to_string()
    };
    (0..count)
        .map(|number| {
            format!("RECURRENCE-ID:{0}\nDTSTART:{0}\nSUMMARY:Day {number}\n{1}", day(number), people(number))
        })
        .collect()
}

#[test]
fn thousands_of_changed_occurrences_are_one_message() {
    let endless = DAILY.replace(";COUNT=5", "");
    let mut components = vec![format!("{endless}\n{PEOPLE}")];
    components.extend(changed_days(4_000, |_| PEOPLE.to_owned()));
    let components: Vec<&str> = components.iter().map(String::as_str).collect();
    let new = event(&components);
    let plan = put(ORG, None, &new);
    assert_eq!((plan.messages.len(), weight(&plan.messages) < 2 * new.len()), (2, true));
    let old = stored(&plan, &new);
    let renamed = with(&old, "SUMMARY:Plan", "SUMMARY:Planning");
    let plan = put(ORG, Some(&old), &renamed);
    assert_eq!(plan.messages.len(), 2);
    let annas = taken(ANNA, None, &put(ORG, None, &new).messages[0].object, ORG);
    let after = taken(ANNA, Some(&annas), &for_one(&plan.messages, ANNA).object, ORG);
    assert_eq!(lines(&after, "BEGIN:VEVENT").len(), 4_001);
    // All gone at once: too many to be named one by one.
    let plan = put(ORG, Some(&old), &event(&[&format!("{endless}\n{PEOPLE}")]));
    assert!(plan.messages.iter().all(|message| message.method.name() == "REQUEST"));
}

#[test]
fn each_guest_for_one_occurrence_gets_no_more_than_that() {
    let endless = DAILY.replace(";COUNT=5", "");
    let mut components = vec![format!("{endless}\n{PEOPLE}")];
    components.extend(changed_days(3_000, |day| {
        format!("ORGANIZER:mailto:{ORG}\nATTENDEE:mailto:guest{day}@example.test")
    }));
    let components: Vec<&str> = components.iter().map(String::as_str).collect();
    let new = event(&components);
    let plan = put(ORG, None, &new);
    assert_eq!(plan.messages.len(), 3_002);
    assert!(for_one(&plan.messages, "guest7@example.test").object.len() < 500);
    // Anna and Ben are told which days are not theirs.
    assert_eq!(lines(&for_one(&plan.messages, ANNA).object, "EXDATE").len(), 3_000);
}

#[test]
fn what_would_weigh_too_much_is_refused() {
    // Each guest is asked for all days but one, so that no two get the same.
    let count = 300;
    let everybody: Vec<String> = (0..count)
        .map(|guest| format!("ATTENDEE:mailto:guest-with-a-name-that-is-long{guest}@example.test"))
        .collect();
    let mut components =
        vec![format!("{DAILY}\nORGANIZER:mailto:{ORG}\n{}", everybody.join("\n")).replace(";COUNT=5", "")];
    components.extend(changed_days(count, |day| {
        let others: Vec<&str> = everybody
            .iter()
            .enumerate()
            .filter(|(guest, _)| i64::try_from(*guest).unwrap() != day)
            .map(|(_, line)| line.as_str())
            .collect();
        format!("ORGANIZER:mailto:{ORG}\n{}", others.join("\n"))
    }));
    let components: Vec<&str> = components.iter().map(String::as_str).collect();
    assert_eq!(try_put(ORG, "20300101T000000Z", None, &event(&components)), Err(Refused::TooMany));
}

#[test]
fn one_guest_cannot_blow_up_the_organisers_copy() {
    let endless = with(&daily(), ";COUNT=5", "");
    let old = stored(&put(ORG, None, &endless), &endless);
    let days: Vec<String> =
        changed_days(3_000, |_| format!("ORGANIZER:mailto:{ORG}\nATTENDEE;PARTSTAT=DECLINED:mailto:{ANNA}"));
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let reply = message("REPLY", &days);
    let Received::Store { bytes, .. } = get(ORG, Some(&old), &reply, ANNA) else { panic!("lost") };
    assert_eq!(lines(&bytes, "BEGIN:VEVENT").len(), 1_001);
    // With a thousand guests each occurrence weighs a thousand lines.
    let crowded = event(&[&format!("{}\n{}", DAILY.replace(";COUNT=5", ""), guests(1_000))]);
    let crowded = stored(&put(ORG, None, &crowded), &crowded);
    assert!(matches!(get(ORG, Some(&crowded), &reply, ANNA), Received::Ignored(_)));
}

#[test]
fn a_meeting_has_ten_thousand_guests_at_most() {
    let meeting = |count: usize| event(&[&format!("{DAILY}\n{}", guests(count))]);
    assert_eq!(put(ORG, None, &meeting(9_998)).messages.len(), 10_000);
    assert_eq!(try_put(ORG, "20300101T000000Z", None, &meeting(9_999)), Err(Refused::TooMany));
}

#[test]
fn what_is_large_is_not_told_again_for_each_day_that_is_off() {
    let attachment = format!("ATTACH;ENCODING=BASE64;VALUE=BINARY:{}", "A".repeat(3_000_000));
    let old = event(&[&format!("{}\n{attachment}\n{PEOPLE}", DAILY.replace(";COUNT=5", ""))]);
    let old = stored(&put(ORG, None, &old), &old);
    let days: String = (8..31).map(|day| format!("\nEXDATE:203001{day:02}T100000Z")).collect();
    let plan = put(ORG, Some(&old), &with(&old, "SUMMARY:Plan", &format!("SUMMARY:Plan{days}")));
    assert_eq!((plan.messages.len(), plan.messages[0].method.name()), (2, "CANCEL"));
    assert!(weight(&plan.messages) < 100_000);
    // A guest who declines many days does not repeat it in the organiser's copy without end.
    let days =
        changed_days(100, |_| format!("ORGANIZER:mailto:{ORG}\nATTENDEE;PARTSTAT=DECLINED:mailto:{ANNA}"));
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    assert!(matches!(get(ORG, Some(&old), &message("REPLY", &days), ANNA), Received::Ignored(_)));
}
