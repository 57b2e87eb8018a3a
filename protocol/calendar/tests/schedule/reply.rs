//! REPLY at the organiser: RFC 5546 sections 2.1.5 and 3.2.3, RFC 6638 section 4.2.

use calendar::schedule::{Method, Received, Why};

use super::given::*;

fn reply(sequence: u32, stamp: &str, lines: &str, who: &str, says: &str) -> Vec<u8> {
    message(
        "REPLY",
        &[&format!(
            "DTSTAMP:{stamp}\nSEQUENCE:{sequence}\n{lines}\nORGANIZER:mailto:{ORG}\nATTENDEE;PARTSTAT={says}:mailto:{who}"
        )],
    )
}

fn series() -> Vec<u8> {
    stored(&put(ORG, None, &daily()), &daily())
}

#[test]
fn the_last_answer_counts() {
    let first = taken(ORG, Some(&series()), &reply(0, "20300103T000000Z", DAILY, ANNA, "ACCEPTED"), ANNA);
    assert_eq!(answer(&first, None, ANNA).unwrap(), "Accepted");
    for stamp in ["20300103T000000Z", "20300102T000000Z"] {
        let late = reply(0, stamp, DAILY, ANNA, "DECLINED");
        assert_eq!(get(ORG, Some(&first), &late, ANNA), Received::Ignored(Why::Old), "{stamp}");
    }
    let second = taken(ORG, Some(&first), &reply(0, "20300104T000000Z", DAILY, ANNA, "DECLINED"), ANNA);
    assert_eq!(answer(&second, None, ANNA).unwrap(), "Declined");
    // Ben is another one.
    let bens = taken(ORG, Some(&second), &reply(0, "20300102T000000Z", DAILY, BEN, "TENTATIVE"), BEN);
    assert_eq!(answer(&bens, None, ANNA).unwrap(), "Declined");
    assert_eq!(answer(&bens, None, BEN).unwrap(), "Tentative");
}

#[test]
fn an_answer_to_what_was_before_does_not_count() {
    let old = series();
    let moved = with(&old, "DTEND:20300107T110000Z", "DTEND:20300107T120000Z");
    let moved = stored(&put(ORG, Some(&old), &moved), &moved);
    let late = reply(0, "20300103T000000Z", DAILY, ANNA, "ACCEPTED");
    assert_eq!(get(ORG, Some(&moved), &late, ANNA), Received::Ignored(Why::Old));
    // But one survives a SEQUENCE that went up because of an occurrence that is off.
    let less = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300108T100000Z");
    let less = stored(&put(ORG, Some(&old), &less), &less);
    assert_eq!(sequence(&less), 1);
    assert_eq!(answer(&taken(ORG, Some(&less), &late, ANNA), None, ANNA).unwrap(), "Accepted");
}

#[test]
fn one_occurrence_gets_a_component_of_its_own() {
    let day = "RECURRENCE-ID:20300109T100000Z";
    let after = taken(ORG, Some(&series()), &reply(0, "20300103T000000Z", day, ANNA, "DECLINED"), ANNA);
    assert_eq!(answer(&after, Some("20300109T100000Z"), ANNA).unwrap(), "Declined");
    assert_eq!(answer(&after, Some("20300109T100000Z"), BEN).unwrap(), "NeedsAction");
    assert_eq!(answer(&after, None, ANNA).unwrap(), "NeedsAction");
    assert_eq!(lines(&after, "BEGIN:VEVENT").len(), 2);
    // An earlier answer to the series is not an answer to the occurrence.
    let whole = taken(ORG, Some(&after), &reply(0, "20300102T120000Z", DAILY, ANNA, "ACCEPTED"), ANNA);
    assert_eq!(answer(&whole, Some("20300109T100000Z"), ANNA).unwrap(), "Declined");
    assert_eq!(answer(&whole, None, ANNA).unwrap(), "Accepted");
    for nowhere in ["RECURRENCE-ID:20300109T103000Z", "RECURRENCE-ID:20310109T100000Z"] {
        let lost = reply(0, "20300103T000000Z", nowhere, ANNA, "DECLINED");
        assert_eq!(get(ORG, Some(&series()), &lost, ANNA), Received::Ignored(Why::Old), "{nowhere}");
    }
}

/// A guest elsewhere is told nothing of an occurrence that stands by itself because another guest answered it.
#[test]
fn an_answer_to_the_series_is_one_to_the_occurrences_that_others_answered() {
    const DAY: &str = "20300109T100000Z";
    let day = format!("RECURRENCE-ID:{DAY}");
    let bens = taken(ORG, Some(&series()), &reply(0, "20300103T000000Z", &day, BEN, "DECLINED"), BEN);
    let whole = reply(0, "20300104T000000Z", DAILY, ANNA, "ACCEPTED");
    let Received::Store { bytes: both, refresh, .. } = get(ORG, Some(&bens), &whole, ANNA) else {
        panic!("not taken");
    };
    assert_eq!(answer(&both, Some(DAY), ANNA).unwrap(), "Accepted");
    assert_eq!(answer(&both, Some(DAY), BEN).unwrap(), "Declined");
    assert_eq!(answer(&both, None, ANNA).unwrap(), "Accepted");
    // Anna learns how her answer was taken.
    assert_eq!(told(&refresh).iter().filter(|(_, recipient)| *recipient == ANNA).count(), 1);
    // It says nothing of one to the occurrence that was given before and comes after.
    let late = reply(0, "20300103T120000Z", &day, ANNA, "DECLINED");
    let late = taken(ORG, Some(&both), &late, ANNA);
    assert_eq!(answer(&late, Some(DAY), ANNA).unwrap(), "Declined");
    let again = reply(0, "20300105T000000Z", DAILY, ANNA, "TENTATIVE");
    assert_eq!(answer(&taken(ORG, Some(&late), &again, ANNA), Some(DAY), ANNA).unwrap(), "Declined");
    // Nor of an occurrence that is otherwise.
    let (series, occurrence) =
        text(&bens).split_once(&day).map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let occurrence = occurrence.replace("SUMMARY:Plan", "SUMMARY:Other");
    let named = format!("{series}{day}{occurrence}").replace('\n', "\r\n").into_bytes();
    assert_eq!(answer(&taken(ORG, Some(&named), &whole, ANNA), Some(DAY), ANNA).unwrap(), "NeedsAction");
}

#[test]
fn its_status_stands_beside_the_attendee() {
    let codes = format!("{DAILY}\nREQUEST-STATUS:2.0;Success\nREQUEST-STATUS:2.4;Odd");
    let after = taken(ORG, Some(&series()), &reply(0, "20300103T000000Z", &codes, ANNA, "ACCEPTED"), ANNA);
    assert!(lines(&after, "ATTENDEE;CN=Anna")[0].contains("SCHEDULE-STATUS=\"2.0,2.4\""), "{}", text(&after));
    let after = taken(ORG, Some(&series()), &reply(0, "20300103T000000Z", DAILY, ANNA, "ACCEPTED"), ANNA);
    assert!(lines(&after, "ATTENDEE;CN=Anna")[0].contains("SCHEDULE-STATUS=2.0"), "{}", text(&after));
}

#[test]
fn nobody_answers_for_somebody_else() {
    let annas = reply(0, "20300103T000000Z", DAILY, ANNA, "ACCEPTED");
    for from in [BEN, ORG, "eve@example.org"] {
        assert_eq!(get(ORG, Some(&series()), &annas, from), Received::Ignored(Why::Forged), "{from}");
    }
    let both = with(&annas, "ORGANIZER", "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.test\nORGANIZER");
    assert_eq!(get(ORG, Some(&series()), &both, ANNA), Received::Ignored(Why::Forged));
    let other = with(&annas, "ORGANIZER:mailto:org@", "ORGANIZER:mailto:boss@");
    assert_eq!(get(ORG, Some(&series()), &other, ANNA), Received::Ignored(Why::NotForUs));
    assert_eq!(get(ORG, None, &annas, ANNA), Received::Ignored(Why::Unknown));
    let off = with(&series(), "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CANCELLED");
    assert_eq!(get(ORG, Some(&off), &annas, ANNA), Received::Ignored(Why::Old));
}

/// RFC 5546 section 3.2.3: somebody who was not asked.
#[test]
fn a_party_crasher_is_kept_but_nobody_who_was_uninvited() {
    let crasher = "dora@example.org";
    let Received::Store { bytes, keeps_tag: true, refresh, .. } =
        get(ORG, Some(&series()), &reply(0, "20300103T000000Z", DAILY, crasher, "ACCEPTED"), crasher)
    else {
        panic!("not kept");
    };
    assert_eq!(answer(&bytes, None, crasher).unwrap(), "Accepted");
    assert_eq!(refresh, [], "the others do not know him");
    // He hears nothing of what goes on, and the others nothing of him.
    let asks = message("REFRESH", &[&format!("ORGANIZER:mailto:{ORG}\nATTENDEE:mailto:{crasher}")]);
    assert_eq!(get(ORG, Some(&bytes), &asks, crasher), Received::Ignored(Why::Unknown));
    let renamed = with(&bytes, "SUMMARY:Plan", "SUMMARY:Secret");
    let plan = put(ORG, Some(&bytes), &renamed);
    assert_eq!(told(&plan.messages), [(Method::Request, ANNA), (Method::Request, BEN)]);
    assert!(!text(&plan.messages[0].object).contains("dora"));
    let kept = stored(&plan, &renamed);
    assert_eq!(answer(&kept, None, crasher).unwrap(), "Accepted");
    assert_eq!(told(&remove(ORG, &kept, true).messages).len(), 2);
    let again = reply(0, "20300104T000000Z", DAILY, crasher, "DECLINED");
    assert_eq!(answer(&taken(ORG, Some(&kept), &again, crasher), None, crasher).unwrap(), "Declined");
    // A client that drops what it does not know has invited nobody, also where it puts the meeting off.
    let without_mark = text(&kept).replace(";X-KONTOR-UNASKED=TRUE", "").replace('\n', "\r\n");
    for (from, to) in
        [("SUMMARY:Secret", "SUMMARY:Open"), ("DTEND:20300107T110000Z", "DTEND:20300107T120000Z")]
    {
        let edited = with(without_mark.as_bytes(), from, to);
        let plan = put(ORG, Some(&kept), &edited);
        assert_eq!(told(&plan.messages), [(Method::Request, ANNA), (Method::Request, BEN)], "{to}");
        let edited = stored(&plan, &edited);
        assert_eq!(answer(&edited, None, crasher).unwrap(), "Accepted");
        assert!(lines(&edited, "ATTENDEE").iter().any(|line| line.contains("X-KONTOR-UNASKED=TRUE")), "{to}");
    }
    // The organiser invites him.
    let asked = |line: &str| match line.contains("dora") {
        true => line.replace("PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION"),
        false => line.to_owned(),
    };
    let invited: String = without_mark.split_inclusive('\n').map(asked).collect();
    let plan = put(ORG, Some(&kept), invited.as_bytes());
    assert!(told(&plan.messages).contains(&(Method::Request, crasher)), "{:?}", told(&plan.messages));
    let invited = stored(&plan, invited.as_bytes());
    assert_eq!(answer(&invited, None, crasher).unwrap(), "Accepted");
    let old = series();
    let without =
        text(&old).lines().filter(|line| !line.contains("CN=Ben")).collect::<Vec<_>>().join("\r\n") + "\r\n";
    let without = stored(&put(ORG, Some(&old), without.as_bytes()), without.as_bytes());
    let late = reply(0, "20300103T000000Z", DAILY, BEN, "ACCEPTED");
    assert_eq!(get(ORG, Some(&without), &late, BEN), Received::Ignored(Why::Old));
}
