//! What an organiser's write tells, row by row: RFC 6638 section 3.2.1, RFC 5546 sections 2.1.4 and 3.2.

use calendar::schedule::{Actor, Agent, Method, Refused, Role, Written, write};

use super::given::*;

const NONE: &[(Method, &str)] = &[];

#[test]
fn all_guests_but_the_organiser_are_invited() {
    let new = event(&[&format!(
        "{ONCE}\n{PEOPLE}\nATTENDEE:MAILTO:Outside@Example.org\nATTENDEE:mailto:nobody@example.test\nATTENDEE:mailto:org.alias@example.test\nATTENDEE;EMAIL=room@example.test:urn:uuid:1\nATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:client@example.test\nATTENDEE;SCHEDULE-AGENT=NONE:mailto:none@example.test\nATTENDEE;SCHEDULE-AGENT=X-FOO:mailto:foo@example.test"
    )]);
    let plan = put(ORG, None, &new);
    assert_eq!(plan.role, Role::Organizer);
    let invited = [ANNA, BEN, "outside@example.org", "room@example.test"].map(|one| (Method::Request, one));
    assert_eq!(told(&plan.messages), invited);
    assert!(plan.messages.iter().all(|message| message.sender == ORG && message.uid == "m1"));
    let stored = stored(&plan, &new);
    // RFC 6638 sections 3.2.9 and 7.3.
    for (who, code) in
        [("ANNA", "1.2"), ("outside@example.org", "1.1"), ("nobody", "3.7"), ("urn:uuid", "1.2")]
    {
        let lines = lines(&stored, "ATTENDEE");
        let line = lines.iter().find(|line| line.to_lowercase().contains(&who.to_lowercase())).unwrap();
        assert!(line.contains(&format!("SCHEDULE-STATUS={code}")), "{line}");
    }
    let untold = ["SCHEDULE-AGENT=CLIENT:", "SCHEDULE-AGENT=NONE:", "PARTSTAT=ACCEPTED:mailto:org@"];
    assert!(untold.iter().all(|line| text(&stored).contains(line)), "{}", text(&stored));
}

/// Lines are copied without them: what is compared must not differ from what is sent to.
#[test]
fn control_characters_make_no_other_person() {
    let new = with(&once(), "ORGANIZER;CN=Org:mailto:org@e", "ORGANIZER;CN=Org:mailto:org@e\0\x7f");
    let plan = put(ORG, None, &new);
    assert_eq!(
        (plan.role, told(&plan.messages)),
        (Role::Organizer, vec![(Method::Request, ANNA), (Method::Request, BEN)])
    );
}

#[test]
fn a_message_has_what_a_guest_needs_and_nothing_of_the_servers() {
    let new = event(&[&format!(
        "{ONCE}\n{PEOPLE}\nX-UNKNOWN;A=b:c\nREQUEST-STATUS:2.0;Success\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM"
    )]);
    let new = with(
        &new,
        "ATTENDEE;CN=Anna;",
        "ATTENDEE;CN=Anna;SCHEDULE-STATUS=\"2.0\";SCHEDULE-FORCE-SEND=REQUEST;SCHEDULE-AGENT=SERVER;",
    );
    let plan = put(ORG, None, &new);
    let message = text(&for_one(&plan.messages, ANNA).object);
    assert!(message.contains("\nMETHOD:REQUEST\n") && message.contains("X-UNKNOWN;A=b:c"), "{message}");
    // RFC 6638 section 3.2.5.
    assert!(message.contains("DTSTAMP:20300101T000000Z"), "{message}");
    for absent in ["SCHEDULE-", "VALARM", "REQUEST-STATUS"] {
        assert!(!message.contains(absent), "{absent} in {message}");
    }
    let stored = text(&stored(&plan, &new));
    assert!(!stored.contains("FORCE-SEND") && stored.contains("VALARM"), "{stored}");
    assert!(std::sync::Arc::ptr_eq(&plan.messages[0].object, &plan.messages[1].object));
}

#[test]
fn who_comes_is_for_guests_to_say() {
    let new = with(&once(), "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
    let plan = put(ORG, None, &new);
    assert_eq!(answer(&stored(&plan, &new), None, ANNA).unwrap(), "NeedsAction");
    let old = answered();
    let new = with(&old, "PARTSTAT=ACCEPTED;RSVP=TRUE", "PARTSTAT=DECLINED;RSVP=TRUE");
    let plan = put(ORG, Some(&old), &new);
    assert_eq!(answer(&stored(&plan, &new), None, ANNA).unwrap(), "Accepted");
    assert_eq!(told(&plan.messages), NONE);
    // A client that handles a guest itself says it.
    let new = with(&new, "CN=Anna;", "CN=Anna;SCHEDULE-AGENT=CLIENT;");
    let plan = put(ORG, Some(&with(&old, "CN=Anna;", "CN=Anna;SCHEDULE-AGENT=CLIENT;")), &new);
    assert_eq!((plan.rewritten, plan.messages), (None, Vec::new()));
}

/// The organiser's copy after Anna has accepted.
fn answered() -> Vec<u8> {
    answered_of(&once())
}

fn answered_of(new: &[u8]) -> Vec<u8> {
    let organizers = stored(&put(ORG, None, new), new);
    let annas = copy_of(new, ANNA);
    let accepted = with(&annas, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
    let plan = put(ANNA, Some(&annas), &accepted);
    taken(ORG, Some(&organizers), &plan.messages[0].object, ANNA)
}

/// What a change is: who is told how, whether SEQUENCE goes up, and whether Anna is asked anew.
struct Row {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    told: &'static [(Method, &'static str)],
    bumps: bool,
    asks: bool,
    refreshes: bool,
}

const fn row(
    name: &'static str,
    from: &'static str,
    to: &'static str,
    told: &'static [(Method, &'static str)],
    (bumps, asks, refreshes): (bool, bool, bool),
) -> Row {
    Row { name, from, to, told, bumps, asks, refreshes }
}

const BOTH: &[(Method, &str)] = &[(Method::Request, ANNA), (Method::Request, BEN)];
const CANCEL_BOTH: &[(Method, &str)] = &[(Method::Cancel, ANNA), (Method::Cancel, BEN)];
const NOTHING: (bool, bool, bool) = (false, false, false);

/// RFC 5546 section 2.1.4 and the table of RFC 6638 section 3.2.8.
const ROWS: &[Row] = &[
    row("nothing", "SUMMARY:Plan", "SUMMARY:Plan", NONE, NOTHING),
    row("summary", "SUMMARY:Plan", "SUMMARY:Planning", BOTH, NOTHING),
    row("location", "SUMMARY:Plan", "SUMMARY:Plan\nLOCATION:Room 1", BOTH, NOTHING),
    row("an unknown property", "SUMMARY:Plan", "SUMMARY:Plan\nCONFERENCE:https://a.test/1", BOTH, NOTHING),
    row("start", "DTSTART:20300107T100000Z", "DTSTART:20300107T103000Z", BOTH, (true, true, false)),
    row("end", "DTEND:20300107T110000Z", "DTEND:20300107T120000Z", BOTH, (true, true, false)),
    row("end as duration", "DTEND:20300107T110000Z", "DURATION:PT1H", NONE, NOTHING),
    row(
        "start in another form",
        "DTSTART:20300107T100000Z\nDTEND:20300107T110000Z",
        "DTSTART;TZID=Europe/Berlin:20300107T110000\nDTEND;TZID=Europe/Berlin:20300107T120000",
        BOTH,
        (true, true, false),
    ),
    row("more occurrences", "COUNT=5", "COUNT=6", BOTH, (true, true, false)),
    row("fewer occurrences", "COUNT=5", "COUNT=4", BOTH, (true, false, false)),
    row("an earlier end", "COUNT=5", "UNTIL=20300109T100000Z", BOTH, (true, false, false)),
    row("another rhythm", "FREQ=DAILY", "FREQ=WEEKLY", BOTH, (true, true, false)),
    row("RDATE", "SUMMARY:Plan", "SUMMARY:Plan\nRDATE:20300201T100000Z", BOTH, (true, true, false)),
    row("EXDATE", "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300108T100000Z", CANCEL_BOTH, (true, false, false)),
    row(
        "EXDATE of nothing",
        "SUMMARY:Plan",
        "SUMMARY:Plan\nEXDATE:20300108T110000Z",
        NONE,
        (true, false, false),
    ),
    row(
        "EXDATE beside a new name",
        "SUMMARY:Plan",
        "SUMMARY:Other\nEXDATE:20300108T100000Z",
        BOTH,
        (true, false, false),
    ),
    row("status", "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:TENTATIVE", BOTH, (true, false, false)),
    row("said what it was", "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CONFIRMED", NONE, NOTHING),
    row("cancelled", "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CANCELLED", CANCEL_BOTH, (true, false, false)),
    row(
        "alarm",
        "SUMMARY:Plan",
        "SUMMARY:Plan\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM",
        NONE,
        NOTHING,
    ),
    row("transparency", "SUMMARY:Plan", "SUMMARY:Plan\nTRANSP:TRANSPARENT", NONE, NOTHING),
    row("categories", "SUMMARY:Plan", "SUMMARY:Plan\nCATEGORIES:Work", NONE, NOTHING),
    row("an extension", "SUMMARY:Plan", "SUMMARY:Plan\nX-MOZ-GENERATION:1", NONE, NOTHING),
    row("a name", "CN=Ben;", "CN=Benjamin;", NONE, (false, false, true)),
    row("a role", "CN=Ben;", "CN=Ben;ROLE=OPT-PARTICIPANT;", NONE, (false, false, true)),
    row(
        "the organiser's own answer",
        "PARTSTAT=ACCEPTED:mailto:org",
        "PARTSTAT=DECLINED:mailto:org",
        NONE,
        (false, false, true),
    ),
];

#[test]
fn each_change_tells_what_it_must() {
    let old = answered_of(&daily());
    for row in ROWS {
        let new = with(&old, row.from, row.to);
        let plan = put(ORG, Some(&old), &new);
        assert_eq!(told(&plan.messages), row.told, "{}", row.name);
        let stored = stored(&plan, &new);
        assert_eq!(sequence(&stored), sequence(&old) + u32::from(row.bumps), "{}", row.name);
        let expected = if row.asks { "NeedsAction" } else { "Accepted" };
        assert_eq!(answer(&stored, None, ANNA).unwrap(), expected, "{}", row.name);
        assert_eq!(
            answer(&stored, None, ORG).unwrap() == "Declined",
            row.to.contains("DECLINED"),
            "{}",
            row.name
        );
        assert_eq!(!plan.refresh.is_empty(), row.refreshes, "{}", row.name);
        let again = put(ORG, Some(&stored), &stored);
        assert_eq!((again.rewritten, again.messages, again.refresh), (None, vec![], vec![]), "{}", row.name);
    }
}

/// RFC 6638 section 3.2.8: answers to what was called off with its series do not count for what takes place again.
#[test]
fn what_takes_place_again_is_asked_anew() {
    let day =
        "RECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\nDTEND:20300109T110000Z\nSUMMARY:Other";
    let old = answered_of(&event(&[&format!("{DAILY}\n{PEOPLE}"), &format!("{day}\n{PEOPLE}")]));
    let off = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CANCELLED");
    let off = stored(&put(ORG, Some(&old), &off), &off);
    let on = with(&off, "STATUS:CANCELLED\n", "");
    let plan = put(ORG, Some(&off), &on);
    assert_eq!(told(&plan.messages), BOTH);
    let on = stored(&plan, &on);
    for occurrence in [None, Some("20300109T100000Z")] {
        assert_eq!(answer(&on, occurrence, ANNA).unwrap(), "NeedsAction");
    }
    let object = calendar::Object::parse(&on).unwrap();
    assert!(object.components.iter().all(|component| component.sequence == 2), "{}", text(&on));
}

#[test]
fn a_client_that_counts_by_itself_counts_once() {
    let old = stored(&put(ORG, None, &once()), &once());
    let moved = with(&old, "DTSTART:20300107T100000Z", "DTSTART:20300107T103000Z\nSEQUENCE:1");
    assert_eq!(sequence(&stored(&put(ORG, Some(&old), &moved), &moved)), 1);
    let ahead = with(&moved, "SEQUENCE:1", "SEQUENCE:7");
    let ahead = stored(&put(ORG, Some(&old), &ahead), &ahead);
    assert_eq!(sequence(&ahead), 7);
    let back = with(&ahead, "SEQUENCE:7", "SEQUENCE:0");
    assert_eq!(sequence(&stored(&put(ORG, Some(&ahead), &back), &back)), 7);
}

#[test]
fn a_new_guest_is_invited_and_one_who_goes_is_told_so() {
    let old = stored(&put(ORG, None, &once()), &once());
    let new = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nATTENDEE:mailto:cleo@example.test");
    let plan = put(ORG, Some(&old), &new);
    assert_eq!(told(&plan.messages), [(Method::Request, "cleo@example.test")]);
    assert_eq!(told(&plan.refresh), BOTH);
    let line = lines(&old, "ATTENDEE;CN=Ben")[0].clone();
    let folded = text(&old).replace(&format!("{line}\n"), "").replace('\n', "\r\n").into_bytes();
    let plan = put(ORG, Some(&old), &folded);
    assert_eq!(told(&plan.messages), [(Method::Cancel, BEN)]);
    let cancel = text(&plan.messages[0].object);
    // RFC 5546 section 3.2.5: only who is uninvited is named, and the meeting is not called off.
    assert_eq!(lines(&plan.messages[0].object, "ATTENDEE").len(), 1);
    assert!(!cancel.contains("STATUS:CANCELLED") && cancel.contains("SEQUENCE:1"), "{cancel}");
    assert_eq!(sequence(&stored(&plan, &folded)), 1);
}

/// The table of RFC 6638 section 3.2.1.2.
#[test]
fn the_agent_decides_who_tells() {
    let guest = |agent: &str| match agent {
        "" => event(&[&format!("{ONCE}\nORGANIZER:mailto:{ORG}\nATTENDEE:mailto:{BEN}")]),
        agent => event(&[&format!(
            "{ONCE}\nORGANIZER:mailto:{ORG}\nATTENDEE:mailto:{BEN}\nATTENDEE;SCHEDULE-AGENT={agent}:mailto:{ANNA}"
        )]),
    };
    for (old, new, expected) in [
        ("", "SERVER", Some(Method::Request)),
        ("", "CLIENT", None),
        ("", "NONE", None),
        ("SERVER", "", Some(Method::Cancel)),
        ("SERVER", "CLIENT", Some(Method::Cancel)),
        ("SERVER", "NONE", Some(Method::Cancel)),
        ("CLIENT", "", None),
        ("CLIENT", "SERVER", Some(Method::Request)),
        ("CLIENT", "NONE", None),
        ("NONE", "", None),
        ("NONE", "SERVER", Some(Method::Request)),
        ("NONE", "CLIENT", None),
    ] {
        let plan = put(ORG, Some(&guest(old)), &guest(new));
        let annas = plan.messages.iter().find(|message| message.recipient == ANNA);
        assert_eq!(annas.map(|message| message.method), expected, "{old} {new}");
    }
}

#[test]
fn a_removed_meeting_is_cancelled_for_all() {
    let old = stored(&put(ORG, None, &once()), &once());
    let plan = remove(ORG, &old, true);
    assert_eq!(told(&plan.messages), CANCEL_BOTH);
    let cancel = text(&plan.messages[0].object);
    for line in ["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1", "DTSTAMP:20300101T000001Z"] {
        assert!(cancel.contains(line), "{line} in {cancel}");
    }
    assert_eq!(told(&remove(ORG, &with(&old, "SUMMARY", "STATUS:CANCELLED\nSUMMARY"), true).messages), NONE);
    // What is no meeting any more is one that was removed: RFC 6638 section 3.2.3.1.
    let plain = event(&[ONCE]);
    assert_eq!(told(&put(ORG, Some(&old), &plain).messages), CANCEL_BOTH);
    assert_eq!(put(ORG, Some(&old), &plain).role, Role::None);
}

#[test]
fn a_guest_of_one_occurrence_knows_of_no_other() {
    let series = format!("{DAILY}\n{PEOPLE}");
    let one = format!(
        "RECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\nDTEND:20300109T110000Z\nSUMMARY:Plan\n{PEOPLE}\nATTENDEE:mailto:cleo@example.test"
    );
    let new = event(&[&series, &one]);
    let plan = put(ORG, None, &new);
    let cleo = &for_one(&plan.messages, "cleo@example.test").object;
    // RFC 6638 section 3.2.6, first example.
    assert_eq!((lines(cleo, "BEGIN:VEVENT").len(), lines(cleo, "RRULE").len()), (1, 0));
    // The second: Ben is not asked for one occurrence.
    let without_ben =
        one.replace("ATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.test\n", "");
    let plan = put(ORG, None, &event(&[&series, &without_ben]));
    let ben = &for_one(&plan.messages, BEN).object;
    assert_eq!(lines(ben, "EXDATE"), ["EXDATE:20300109T100000Z"]);
    assert_eq!(lines(ben, "BEGIN:VEVENT").len(), 1);
    assert_eq!(lines(&for_one(&plan.messages, ANNA).object, "BEGIN:VEVENT").len(), 2);
}

#[test]
fn changes_of_one_occurrence_concern_its_guests() {
    let old = stored(&put(ORG, None, &daily()), &daily());
    let one = |lines: &str| {
        let end = "END:VCALENDAR";
        with(
            &old,
            end,
            &format!("BEGIN:VEVENT\nUID:m1\nRECURRENCE-ID:20300109T100000Z\n{lines}\nEND:VEVENT\n{end}"),
        )
    };
    let same = "DTSTART:20300109T100000Z\nDTEND:20300109T110000Z\nSUMMARY:Plan";
    let moved = "DTSTART:20300109T120000Z\nDTEND:20300109T130000Z\nSUMMARY:Plan";
    let no_ben =
        PEOPLE.replace("\nATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.test", "");
    // Moved: both are asked, and SEQUENCE of the series stays.
    let new = one(&format!("{moved}\n{PEOPLE}"));
    let plan = put(ORG, Some(&old), &new);
    assert_eq!(told(&plan.messages), BOTH);
    let sequences = lines(&stored(&plan, &new), "SEQUENCE");
    assert_eq!(sequences, ["SEQUENCE:1"]);
    // Without Ben: he is told that it is off, Anna sees the shorter list.
    let plan = put(ORG, Some(&old), &one(&format!("{same}\n{no_ben}")));
    assert_eq!(told(&plan.messages), [(Method::Cancel, BEN)]);
    assert_eq!(lines(&plan.messages[0].object, "RECURRENCE-ID"), ["RECURRENCE-ID:20300109T100000Z"]);
    assert_eq!(told(&plan.refresh), [(Method::Request, ANNA)]);
    // Off for all.
    let plan = put(ORG, Some(&old), &one(&format!("{same}\nSTATUS:CANCELLED\n{PEOPLE}")));
    assert_eq!(told(&plan.messages), CANCEL_BOTH);
    // Another alarm is nobody's business; that the day stands by itself now, guests need not notice.
    let plan = put(
        ORG,
        Some(&old),
        &one(&format!("{same}\n{PEOPLE}\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM")),
    );
    assert_eq!((told(&plan.messages), told(&plan.refresh)), (vec![], BOTH.to_vec()));
    // Back to what the series says.
    let changed = one(&format!("{moved}\n{PEOPLE}"));
    let changed = stored(&put(ORG, Some(&old), &changed), &changed);
    let plan = put(ORG, Some(&changed), &old);
    assert_eq!(told(&plan.messages), BOTH);
    assert!(sequence(&stored(&plan, &old)) > 1);
}

#[test]
fn an_answer_that_the_client_has_not_seen_is_not_lost() {
    let organizers = stored(&put(ORG, None, &daily()), &daily());
    let annas = copy_of(&daily(), ANNA);
    let end = "END:VCALENDAR";
    let declined = with(
        &annas,
        end,
        &format!(
            "BEGIN:VEVENT\nUID:m1\nRECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\nDTEND:20300109T110000Z\nSUMMARY:Plan\n{}\nEND:VEVENT\n{end}",
            PEOPLE.replace("CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=DECLINED")
        ),
    );
    let reply = put(ANNA, Some(&annas), &declined);
    assert_eq!(told(&reply.messages), [(Method::Reply, ORG)]);
    let after = taken(ORG, Some(&organizers), &reply.messages[0].object, ANNA);
    assert_eq!(answer(&after, Some("20300109T100000Z"), ANNA).unwrap(), "Declined");
    // RFC 6638 section 3.2.10.1: the client still has what it has read before.
    let stale = with(&organizers, "SUMMARY:Plan", "SUMMARY:Planning");
    let plan = put(ORG, Some(&after), &stale);
    let merged = stored(&plan, &stale);
    assert_eq!(answer(&merged, Some("20300109T100000Z"), ANNA).unwrap(), "Declined");
    assert_eq!(lines(&merged, "SUMMARY"), ["SUMMARY:Planning", "SUMMARY:Planning"]);
    assert_eq!(told(&plan.messages), BOTH);
}

#[test]
fn a_message_can_be_forced() {
    let old = stored(&put(ORG, None, &once()), &once());
    let new = with(&old, "ATTENDEE;CN=Ben;", "ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST;CN=Ben;");
    let plan = put(ORG, Some(&old), &new);
    assert_eq!(told(&plan.messages), [(Method::Request, BEN)]);
    assert!(!text(&stored(&plan, &new)).contains("FORCE-SEND"));
    let new = with(&old, "ATTENDEE;CN=Ben;", "ATTENDEE;SCHEDULE-FORCE-SEND=POSTCARD;CN=Ben;");
    let plan = put(ORG, Some(&old), &new);
    assert_eq!(told(&plan.messages), NONE);
    assert!(text(&stored(&plan, &new)).contains("SCHEDULE-STATUS=2.3"));
}

#[test]
fn an_organiser_stays_one() {
    let old = stored(&put(ORG, None, &once()), &once());
    let other = with(&old, "ORGANIZER;CN=Org:mailto:org@", "ORGANIZER;CN=Org:mailto:anna@");
    let refused = |new: &[u8]| try_put(ORG, "20300101T000000Z", Some(&old), new).unwrap_err();
    assert_eq!(refused(&other), Refused::OrganizerChange);
    let two = event(&[
        &format!("{DAILY}\n{PEOPLE}"),
        "RECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\nORGANIZER:mailto:ben@example.test",
    ]);
    assert_eq!(refused(&two), Refused::SameOrganizer);
    // Guests know him by the address that they were told first.
    let alias = with(&old, "ORGANIZER;CN=Org:mailto:org@", "ORGANIZER;CN=Org:mailto:org.alias@");
    let plan = put(ORG, Some(&old), &alias);
    assert_eq!(lines(&stored(&plan, &alias), "ORGANIZER"), lines(&old, "ORGANIZER"));
}

#[test]
fn a_phone_that_sends_by_itself_is_not_helped() {
    let owner = known(ORG);
    let actor = Actor { owner: &owner, now: utc("20300101T000000Z"), agent: Agent::Client };
    let plan = write(&actor, None, Written::Stored(&once()), &status).unwrap();
    assert_eq!((plan.role, plan.rewritten, plan.messages), (Role::Organizer, None, vec![]));
    let old = answered();
    let moved = with(&old, "DTSTART:20300107T100000Z", "DTSTART:20300107T103000Z");
    let plan = write(&actor, Some(&old), Written::Stored(&moved), &status).unwrap();
    assert_eq!(plan.messages, vec![]);
    let stored = stored(&plan, &moved);
    assert_eq!((sequence(&stored), answer(&stored, None, ANNA).unwrap().as_str()), (0, "NeedsAction"));
}

#[test]
fn what_nobody_is_invited_to_is_left_alone() {
    for plain in [
        event(&[ONCE]),
        event(&[&format!("{ONCE}\nORGANIZER:mailto:{BEN}\nATTENDEE:mailto:{ANNA}")]),
        object("VJOURNAL", &[&format!("DTSTART:20300107T100000Z\n{PEOPLE}")]),
    ] {
        let plan = put(ORG, None, &plain);
        assert_eq!((plan.role, plan.rewritten, plan.messages), (Role::None, None, vec![]));
    }
}

#[test]
fn a_task_is_assigned_as_a_meeting_is_held() {
    let task = object("VTODO", &[&format!("DUE:20300107T100000Z\nSUMMARY:Write\n{PEOPLE}")]);
    let plan = put(ORG, None, &task);
    assert_eq!(told(&plan.messages), BOTH);
    let old = stored(&plan, &task);
    let due = with(&old, "DUE:20300107T100000Z", "DUE:20300108T100000Z");
    let plan = put(ORG, Some(&old), &due);
    assert_eq!((told(&plan.messages), sequence(&stored(&plan, &due))), (BOTH.to_vec(), 1));
    let done = with(&old, "SUMMARY:Write", "SUMMARY:Write\nSTATUS:IN-PROCESS\nPERCENT-COMPLETE:50");
    assert_eq!(told(&put(ORG, Some(&old), &done).messages), NONE);
}
