//! REQUEST, ADD, REFRESH, COUNTER and PUBLISH at their recipients: RFC 5546 section 3.2, RFC 6638 section 4.1.

use calendar::schedule::{
    Actor, Agent, Method, Received, Refused, Why, brief, decline_proposal, propose, uid_of,
};

use super::given::*;

fn invitation(sequence: u32, stamp: &str, lines: &str) -> Vec<u8> {
    message("REQUEST", &[&format!("DTSTAMP:{stamp}\nSEQUENCE:{sequence}\n{lines}\n{PEOPLE}")])
}

#[test]
fn an_invitation_becomes_a_meeting() {
    let invited = invitation(
        0,
        "20291201T000000Z",
        &format!(
            "{ONCE}\nX-ODD;A=b:c\nTRANSP:TRANSPARENT\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM\nBEGIN:VALARM\nACTION:EMAIL\nTRIGGER:-PT5M\nATTENDEE:mailto:victim@example.org\nEND:VALARM"
        ),
    );
    let Received::Store { bytes, is_new, keeps_tag, refresh } = get(ANNA, None, &invited, "Org@Example.test")
    else {
        panic!("not stored");
    };
    assert_eq!((is_new, keeps_tag, refresh), (true, false, vec![]));
    assert!(calendar::describe(&bytes).is_ok());
    let text = text(&bytes);
    assert!(text.contains("X-ODD;A=b:c") && text.contains("ACTION:DISPLAY"), "{text}");
    assert!(!text.contains("METHOD") && !text.contains("victim"), "{text}");
    assert_eq!(uid_of(&invited).as_deref(), Some("m1"));
}

/// RFC 5546 section 2.1.5.
#[test]
fn only_what_is_newer_counts() {
    let known = taken(ANNA, None, &invitation(2, "20291205T000000Z", ONCE), ORG);
    for (sequence, stamp, is_newer) in [
        (2, "20291205T000000Z", false),
        (2, "20291204T000000Z", false),
        (1, "20291206T000000Z", false),
        (2, "20291206T000000Z", true),
        (3, "20291201T000000Z", true),
    ] {
        let next = invitation(sequence, stamp, &ONCE.replace("Plan", "New plan"));
        match get(ANNA, Some(&known), &next, ORG) {
            Received::Store { bytes, is_new: false, keeps_tag: false, .. } => {
                assert!(is_newer && text(&bytes).contains("New plan"), "{sequence} {stamp}");
            }
            Received::Ignored(why) => assert_eq!((is_newer, why), (false, Why::Old), "{sequence} {stamp}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nobody_but_the_organiser_changes_a_meeting() {
    let known = taken(ANNA, None, &invitation(0, "20291205T000000Z", ONCE), ORG);
    let next = invitation(1, "20291206T000000Z", &ONCE.replace("Plan", "Trap"));
    let bens = with(&next, "ORGANIZER;CN=Org:mailto:org@", "ORGANIZER;CN=Org:mailto:ben@");
    let own = with(&next, "ORGANIZER;CN=Org:mailto:org@", "ORGANIZER;CN=Org:mailto:anna.alias@");
    let two = message(
        "REQUEST",
        &[
            &format!("{DAILY}\n{PEOPLE}"),
            &format!(
                "RECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\n{}",
                PEOPLE.replace("CN=Org:mailto:org@", "CN=Org:mailto:ben@")
            ),
        ],
    );
    let plain = event(&[ONCE]);
    for (stored, next, from) in [
        (Some(&known), &next, BEN),
        (Some(&known), &bens, BEN),
        (Some(&known), &bens, ORG),
        (Some(&known), &own, "anna.alias@example.test"),
        (Some(&plain), &next, ORG),
        (None, &bens, ORG),
        (None, &two, ORG),
        (None, &next, "eve@example.org"),
    ] {
        assert_eq!(
            get(ANNA, stored.map(Vec::as_slice), next, from),
            Received::Ignored(Why::Forged),
            "{from}"
        );
        let cancel = with(next, "METHOD:REQUEST", "METHOD:CANCEL");
        assert_eq!(
            get(ANNA, stored.map(Vec::as_slice), &cancel, from),
            Received::Ignored(Why::Forged),
            "{from}"
        );
    }
    // The organiser's own copy is not changed from outside.
    let own = stored(&put(ORG, None, &once()), &once());
    assert_eq!(get(ORG, Some(&own), &next, ORG), Received::Ignored(Why::Forged));
}

#[test]
fn what_is_not_for_the_owner_is_passed_over() {
    let next = invitation(0, "20291206T000000Z", ONCE);
    assert_eq!(get("dora@example.test", None, &next, ORG), Received::Ignored(Why::NotForUs));
    let publish = with(&next, "METHOD:REQUEST", "METHOD:PUBLISH");
    assert_eq!(get(ANNA, None, &publish, ORG), Received::Ignored(Why::NotForUs));
    for nothing in [&b"BEGIN:VCALENDAR"[..], b"", &once(), &message("POSTCARD", &[ONCE])] {
        assert_eq!(get(ANNA, None, nothing, ORG), Received::Ignored(Why::NotForUs));
    }
    let other = with(&once(), "UID:m1", "UID:m2");
    assert_eq!(get(ANNA, Some(&other), &next, ORG), Received::Ignored(Why::Unknown));
}

#[test]
fn what_is_the_attendees_own_survives_the_organisers_changes() {
    let organizers = stored(&put(ORG, None, &daily()), &daily());
    let annas = copy_of(&daily(), ANNA);
    let own = "TRANSP:TRANSPARENT\nCATEGORIES:Mine\nX-MOZ-LASTACK:20300101T000000Z\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT1H\nEND:VALARM";
    let annas_own = with(&annas, "SUMMARY:Plan", &format!("SUMMARY:Plan\n{own}"));
    let accepted = with(&annas_own, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
    let reply = put(ANNA, Some(&annas), &accepted);
    let annas = stored(&reply, &accepted);
    // The organiser names it before the answer arrives, and moves one occurrence.
    let new = with(&organizers, "SUMMARY:Plan", "SUMMARY:Planning\nX-ORG:1");
    let end = "END:VCALENDAR";
    let new = with(
        &new,
        end,
        &format!(
            "BEGIN:VEVENT\nUID:m1\nRECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T120000Z\nDTEND:20300109T130000Z\nSUMMARY:Planning\n{PEOPLE}\nEND:VEVENT\n{end}"
        ),
    );
    let plan = put(ORG, Some(&organizers), &new);
    let after = taken(ANNA, Some(&annas), &for_one(&plan.messages, ANNA).object, ORG);
    assert_eq!(answer(&after, None, ANNA).unwrap(), "Accepted");
    assert_eq!(answer(&after, Some("20300109T100000Z"), ANNA).unwrap(), "NeedsAction");
    for (line, times) in [
        ("SUMMARY:Planning", 2),
        ("X-ORG:1", 1),
        ("TRANSP:TRANSPARENT", 2),
        ("CATEGORIES:Mine", 2),
        ("X-MOZ-LASTACK", 2),
        ("ACTION:AUDIO", 2),
    ] {
        assert_eq!(lines(&after, line).len(), times, "{line} in {}", text(&after));
    }
    // Then the answer arrives, and counts for the series.
    let organizers = taken(ORG, Some(&stored(&plan, &new)), &reply.messages[0].object, ANNA);
    assert_eq!(answer(&organizers, None, ANNA).unwrap(), "Accepted");
    assert_eq!(answer(&organizers, Some("20300109T100000Z"), ANNA).unwrap(), "NeedsAction");
}

#[test]
fn whoever_is_asked_anew_has_not_answered() {
    let organizers = stored(&put(ORG, None, &once()), &once());
    let annas = copy_of(&once(), ANNA);
    let accepted = with(&annas, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
    let reply = put(ANNA, Some(&annas), &accepted);
    let moved = with(&organizers, "DTSTART:20300107T100000Z", "DTSTART:20300107T103000Z");
    let plan = put(ORG, Some(&organizers), &moved);
    let after = taken(ANNA, Some(&stored(&reply, &accepted)), &for_one(&plan.messages, ANNA).object, ORG);
    assert_eq!(answer(&after, None, ANNA).unwrap(), "NeedsAction");
    let late = get(ORG, Some(&stored(&plan, &moved)), &reply.messages[0].object, ANNA);
    assert_eq!(late, Received::Ignored(Why::Old));
}

#[test]
fn what_others_answer_does_not_touch_the_tag() {
    let organizers = stored(&put(ORG, None, &daily()), &daily());
    let (annas, bens) = (copy_of(&daily(), ANNA), copy_of(&daily(), BEN));
    let accepted = with(&bens, "CN=Ben;PARTSTAT=NEEDS-ACTION", "CN=Ben;PARTSTAT=ACCEPTED");
    let reply = try_put(BEN, "20300101T060000Z", Some(&bens), &accepted).unwrap();
    let Received::Store { bytes, keeps_tag: true, refresh, .. } =
        get(ORG, Some(&organizers), &reply.messages[0].object, BEN)
    else {
        panic!("the organiser's tag");
    };
    assert_eq!(told(&refresh), [(Method::Request, ANNA)]);
    let Received::Store { bytes: annas_new, keeps_tag: true, .. } =
        get(ANNA, Some(&annas), &refresh[0].object, ORG)
    else {
        panic!("Anna's tag");
    };
    assert_eq!(answer(&annas_new, None, BEN).unwrap(), "Accepted");
    // One occurrence, by the same way.
    let bens = stored(&reply, &accepted);
    let out = with(&bens, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z");
    let reply = try_put(BEN, "20300101T180000Z", Some(&bens), &out).unwrap();
    let Received::Store { refresh, keeps_tag: true, .. } =
        get(ORG, Some(&bytes), &reply.messages[0].object, BEN)
    else {
        panic!("the organiser's tag");
    };
    let Received::Store { bytes, keeps_tag: true, .. } = get(ANNA, Some(&annas_new), &refresh[0].object, ORG)
    else {
        panic!("Anna's tag");
    };
    assert_eq!(answer(&bytes, Some("20300109T100000Z"), BEN).unwrap(), "Declined");
    // What was removed does not come back because of it.
    assert_eq!(get(ANNA, None, &refresh[0].object, ORG), Received::Ignored(Why::Unknown));
    // Whoever is asked anew is to notice.
    let moved = with(&organizers, "DTEND:20300107T110000Z", "DTEND:20300107T120000Z");
    let plan = put(ORG, Some(&organizers), &moved);
    let received = get(ANNA, Some(&annas), &for_one(&plan.messages, ANNA).object, ORG);
    assert!(matches!(received, Received::Store { keeps_tag: false, .. }));
    // So is whoever is asked to one more, which a client that has not seen it would drop.
    let day =
        "RECURRENCE-ID:20300120T100000Z\nDTSTART:20300120T100000Z\nDTEND:20300120T110000Z\nSUMMARY:Plan";
    let more = event(&[&format!("{DAILY}\n{PEOPLE}"), &format!("{day}\n{PEOPLE}")]);
    let plan = put(ORG, Some(&organizers), &more);
    let Received::Store { bytes, keeps_tag: false, .. } =
        get(ANNA, Some(&annas), &for_one(&plan.messages, ANNA).object, ORG)
    else {
        panic!("Anna's tag");
    };
    assert_eq!(try_put(ANNA, "20300102T000000Z", Some(&bytes), &annas), Err(Refused::AttendeeChange));
}

#[test]
fn an_occurrence_of_another_server_finds_its_series() {
    let series = taken(ANNA, None, &invitation(0, "20291205T000000Z", DAILY), ORG);
    let one = |stamp: &str, start: &str| {
        message(
            "REQUEST",
            &[&format!(
                "DTSTAMP:{stamp}\nSEQUENCE:1\nRECURRENCE-ID:20300109T100000Z\nDTSTART:{start}\nDTEND:20300109T180000Z\nSUMMARY:Later\n{PEOPLE}"
            )],
        )
    };
    let once = taken(ANNA, Some(&series), &one("20291206T000000Z", "20300109T150000Z"), ORG);
    assert_eq!(lines(&once, "BEGIN:VEVENT").len(), 2);
    assert!(text(&once).contains("DTSTART:20300109T150000Z"));
    let twice = taken(ANNA, Some(&once), &one("20291207T000000Z", "20300109T160000Z"), ORG);
    assert_eq!(lines(&twice, "BEGIN:VEVENT").len(), 2);
    assert!(text(&twice).contains("DTSTART:20300109T160000Z"));
    assert_eq!(
        get(ANNA, Some(&twice), &one("20291206T000000Z", "20300109T150000Z"), ORG),
        Received::Ignored(Why::Old)
    );
    // A new name for the series leaves it; another rhythm does not.
    let named =
        taken(ANNA, Some(&twice), &invitation(0, "20291208T000000Z", &DAILY.replace("Plan", "Name")), ORG);
    assert_eq!(lines(&named, "SUMMARY"), ["SUMMARY:Name", "SUMMARY:Later"]);
    let other = taken(
        ANNA,
        Some(&named),
        &invitation(2, "20291209T000000Z", &DAILY.replace("COUNT=5", "COUNT=7")),
        ORG,
    );
    assert_eq!(lines(&other, "BEGIN:VEVENT").len(), 1);
    // For one who is invited to this one only.
    let alone = taken(ANNA, None, &one("20291206T000000Z", "20300109T150000Z"), ORG);
    assert!(calendar::describe(&alone).is_ok());
    // What EXDATE took out comes back.
    let out = taken(
        ANNA,
        None,
        &invitation(0, "20291205T000000Z", &format!("{DAILY}\nEXDATE:20300108T100000Z,20300109T100000Z")),
        ORG,
    );
    let back = taken(ANNA, Some(&out), &one("20291206T000000Z", "20300109T150000Z"), ORG);
    assert_eq!(lines(&back, "EXDATE"), ["EXDATE:20300108T100000Z"]);
}

#[test]
fn a_zone_comes_with_its_occurrence() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Nowhere\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE";
    let series = taken(ANNA, None, &invitation(0, "20291205T000000Z", DAILY), ORG);
    let one = message(
        "REQUEST",
        &[&format!(
            "DTSTAMP:20291206T000000Z\nRECURRENCE-ID:20300109T100000Z\nDTSTART;TZID=Nowhere:20300109T150000\n{PEOPLE}"
        )],
    );
    let one = with(&one, "BEGIN:VEVENT", &format!("{zone}\nBEGIN:VEVENT"));
    let after = taken(ANNA, Some(&series), &one, ORG);
    assert_eq!(lines(&after, "TZID"), ["TZID:Nowhere"]);
}

/// RFC 5546 section 3.2.4.
#[test]
fn an_addition_needs_something_to_be_added_to() {
    let add = message(
        "ADD",
        &[&format!(
            "DTSTAMP:20291206T000000Z\nSEQUENCE:1\nDTSTART:20300301T100000Z\nDTEND:20300301T120000Z\nSUMMARY:Extra\n{PEOPLE}"
        )],
    );
    let series = taken(ANNA, None, &invitation(0, "20291205T000000Z", DAILY), ORG);
    let after = taken(ANNA, Some(&series), &add, ORG);
    assert_eq!(lines(&after, "RDATE"), ["RDATE:20300301T100000Z"]);
    assert_eq!(lines(&after, "SUMMARY"), ["SUMMARY:Plan", "SUMMARY:Extra"]);
    assert_eq!(get(ANNA, Some(&after), &add, ORG), Received::Ignored(Why::Old));
    let Received::Answer(messages) = get(ANNA, None, &add, ORG) else { panic!("no question") };
    assert_eq!(told(&messages), [(Method::Refresh, ORG)]);
    assert_eq!(lines(&messages[0].object, "ATTENDEE").len(), 1);
    // RFC 5546 section 3.2.6: the organiser answers with the state of things.
    let organizers = stored(&put(ORG, None, &daily()), &daily());
    let Received::Answer(messages) = get(ORG, Some(&organizers), &messages[0].object, ANNA) else {
        panic!("no answer")
    };
    assert_eq!(told(&messages), [(Method::Request, ANNA)]);
    assert_eq!(uid_of(&messages[0].object).as_deref(), Some("m1"));
    let refresh =
        message("REFRESH", &[&format!("ORGANIZER:mailto:{ORG}\nATTENDEE:mailto:dora@example.test")]);
    assert_eq!(get(ORG, Some(&organizers), &refresh, "dora@example.test"), Received::Ignored(Why::Unknown));
}

/// RFC 5546 sections 3.2.7 and 3.2.8.
#[test]
fn a_proposal_is_shown_and_changes_nothing() {
    let organizers = stored(&put(ORG, None, &daily()), &daily());
    let annas = copy_of(&daily(), ANNA);
    let owner = known(ANNA);
    let actor = Actor { owner: &owner, now: utc("20300102T000000Z"), agent: Agent::Server };
    let (day, start, end) = (at("20300109T100000Z"), at("20300109T140000Z"), at("20300109T150000Z"));
    let counter = propose(&actor, &annas, Some(&day), &start, &end, Some("Earlier is too early")).unwrap();
    assert_eq!((counter.method, counter.recipient.as_str()), (Method::Counter, ORG));
    let brief = brief(&counter.object).unwrap();
    assert_eq!((brief.start, brief.occurrence), (Some(start), Some(day)));
    assert_eq!(brief.comment.as_deref(), Some("Earlier is too early"));
    assert_eq!(get(ORG, Some(&organizers), &counter.object, ANNA), Received::Show);
    assert_eq!(
        get(ORG, Some(&organizers), &counter.object, "dora@example.test"),
        Received::Ignored(Why::Forged)
    );
    assert_eq!(get(ORG, None, &counter.object, ANNA), Received::Ignored(Why::Unknown));
    let owner = known(ORG);
    let actor = Actor { owner: &owner, ..actor };
    let declined = decline_proposal(&actor, &organizers, &counter.object, ANNA).unwrap();
    assert_eq!((declined.method, declined.recipient.as_str()), (Method::DeclineCounter, ANNA));
    assert_eq!(get(ANNA, Some(&annas), &declined.object, ORG), Received::Show);
    assert_eq!(get(ANNA, Some(&annas), &declined.object, BEN), Received::Ignored(Why::Forged));
    assert_eq!(get(ANNA, None, &declined.object, ORG), Received::Ignored(Why::Unknown));
    let owner = known(ANNA);
    let actor = Actor { owner: &owner, ..actor };
    assert_eq!(decline_proposal(&actor, &annas, &counter.object, ANNA), None);
}

#[test]
fn a_message_is_told_in_short() {
    let request = brief(&invitation(3, "20291206T000000Z", &format!("{DAILY}\nLOCATION:Room\\, 1"))).unwrap();
    assert_eq!(request.method, Method::Request);
    assert_eq!((request.summary.as_deref(), request.location.as_deref()), (Some("Plan"), Some("Room, 1")));
    assert_eq!((request.is_series, request.is_update, request.attendees), (true, true, 3));
    assert_eq!(request.organizer.unwrap().name.as_deref(), Some("Org"));
    assert_eq!(brief(&once()), None);
}
