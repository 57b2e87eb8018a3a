//! What an attendee may write, and what the organiser hears of it: RFC 6638 section 3.2.2.

use calendar::schedule::{Method, Refused, Role};

use super::given::*;

const END: &str = "END:VCALENDAR";

fn annas() -> Vec<u8> {
    copy_of(&event(&[&format!("{DAILY}\nDESCRIPTION:Of all\nLOCATION:Room 1\nPRIORITY:5\n{PEOPLE}")]), ANNA)
}

/// A component for the third day with these lines beside those of the series.
fn third_day(copy: &[u8], lines: &str, people: &str) -> Vec<u8> {
    let component = format!(
        "BEGIN:VEVENT\nUID:m1\nDTSTAMP:20300101T000000Z\nRECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\nDTEND:20300109T110000Z\nSUMMARY:Plan\nDESCRIPTION:Of all\nLOCATION:Room 1\nPRIORITY:5\n{lines}{people}\nEND:VEVENT\n"
    );
    with(copy, END, &format!("{component}{END}"))
}

#[track_caller]
fn says(participation: &str) -> String {
    PEOPLE.replace("CN=Anna;PARTSTAT=NEEDS-ACTION", &format!("CN=Anna;PARTSTAT={participation}"))
}

#[test]
fn an_answer_goes_to_the_organiser() {
    let old = annas();
    let new = with(&old, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=TENTATIVE");
    let new = with(&new, "SUMMARY:Plan", "SUMMARY:Plan\nCOMMENT:Perhaps\\, later");
    let plan = put(ANNA, Some(&old), &new);
    assert_eq!((plan.role, told(&plan.messages)), (Role::Attendee, vec![(Method::Reply, ORG)]));
    assert_eq!(plan.messages[0].sender, ANNA);
    // RFC 6638 section 3.2.10: only what others have answered leaves the tag.
    assert!(!plan.keeps_tag);
    let reply = text(&plan.messages[0].object);
    // RFC 5546 section 3.2.3: one attendee, and what the answer is to.
    let attendees = lines(&plan.messages[0].object, "ATTENDEE");
    assert_eq!(attendees, ["ATTENDEE;CN=Anna;PARTSTAT=TENTATIVE;RSVP=TRUE:mailto:anna@example.test"]);
    for line in [
        "METHOD:REPLY",
        "UID:m1",
        "DTSTAMP:20300101T000001Z",
        "REQUEST-STATUS:2.0;Success",
        "COMMENT:Perhaps\\, later",
        "ORGANIZER;CN=Org:mailto:org@example.test",
    ] {
        assert!(reply.contains(line), "{line} in {reply}");
    }
    assert!(!reply.contains("DESCRIPTION") && !reply.contains("X-KONTOR"), "{reply}");
    let stored = stored(&plan, &new);
    assert_eq!(lines(&stored, "ORGANIZER"), ["ORGANIZER;CN=Org;SCHEDULE-STATUS=1.2:mailto:org@example.test"]);
    let again = put(ANNA, Some(&stored), &stored);
    assert_eq!((again.rewritten, again.messages, again.keeps_tag), (None, vec![], true));
    // The comment was said.
    let accepted = with(&stored, "PARTSTAT=TENTATIVE", "PARTSTAT=ACCEPTED");
    assert!(!text(&put(ANNA, Some(&stored), &accepted).messages[0].object).contains("COMMENT"));
}

#[test]
fn what_is_the_attendees_own_is_told_to_nobody() {
    let old = annas();
    for lines in [
        "TRANSP:TRANSPARENT",
        "CATEGORIES:Boring",
        "CLASS:PRIVATE",
        "COLOR:red",
        "X-MOZ-LASTACK:20300101T000000Z",
        "PERCENT-COMPLETE:5",
        "CREATED:20290101T000000Z",
        "LAST-MODIFIED:20300101T000000Z",
        "COMMENT:To myself",
        "STATUS:CONFIRMED",
        "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Now\nTRIGGER:-PT5M\nEND:VALARM",
    ] {
        let new = with(&old, "SUMMARY:Plan", &format!("SUMMARY:Plan\n{lines}"));
        let plan = put(ANNA, Some(&old), &new);
        assert_eq!((plan.rewritten, plan.messages, plan.keeps_tag), (None, vec![], false), "{lines}");
    }
    let other = with(&old, "PRODID:-//Example//EN", "CALSCALE:GREGORIAN\nPRODID:-//Other//EN");
    assert_eq!(put(ANNA, Some(&old), &other).rewritten, None);
    // An alarm for one occurrence only.
    let alarm = "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM\n";
    let plan = put(ANNA, Some(&old), &third_day(&old, alarm, PEOPLE));
    assert_eq!(plan.messages, vec![]);
}

#[test]
fn what_is_the_organisers_is_refused() {
    let old = annas();
    for (from, to) in [
        ("SUMMARY:Plan", "SUMMARY:Party"),
        ("LOCATION:Room 1", "LOCATION:Room 2"),
        ("LOCATION:Room 1\n", ""),
        ("DESCRIPTION:Of all", "DESCRIPTION:Of none"),
        ("DTSTART:20300107T100000Z", "DTSTART:20300107T110000Z"),
        ("DTEND:20300107T110000Z", "DTEND:20300107T120000Z"),
        ("COUNT=5", "COUNT=6"),
        ("SUMMARY:Plan", "SUMMARY:Plan\nRDATE:20310101T100000Z"),
        ("SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CANCELLED"),
        ("SUMMARY:Plan", "SUMMARY:Plan\nATTACH:https://a.test/1"),
        ("SUMMARY:Plan", "SUMMARY:Plan\nATTENDEE:mailto:cleo@example.test"),
        ("ORGANIZER;CN=Org:mailto:org@example.test", "ORGANIZER;CN=Org:mailto:anna@example.test"),
        ("ORGANIZER;CN=Org:mailto:org@example.test", "ORGANIZER;CN=Org:mailto:ben@example.test"),
        ("ORGANIZER;CN=Org:mailto:org@example.test\n", ""),
        (":mailto:anna@example.test", ":mailto:dora@example.test"),
    ] {
        let new = with(&old, from, to);
        let refused = try_put(ANNA, "20300101T000000Z", Some(&old), &new);
        assert_eq!(refused, Err(Refused::AttendeeChange), "{from} {to}");
    }
    let moved = third_day(&old, "", PEOPLE);
    let moved = with(&moved, "DTSTART:20300109T100000Z", "DTSTART:20300109T090000Z");
    assert_eq!(try_put(ANNA, "20300101T000000Z", Some(&old), &moved), Err(Refused::AttendeeChange));
    let nowhere = third_day(&old, "", PEOPLE);
    let nowhere = with(
        &nowhere,
        "RECURRENCE-ID:20300109T100000Z\nDTSTART:20300109T100000Z\nDTEND:20300109T110000Z",
        "RECURRENCE-ID:20300209T100000Z\nDTSTART:20300209T100000Z\nDTEND:20300209T110000Z",
    );
    assert_eq!(try_put(ANNA, "20300101T000000Z", Some(&old), &nowhere), Err(Refused::AttendeeChange));
}

#[test]
fn what_a_client_cannot_know_is_put_back() {
    let old = annas();
    let accepted = with(&old, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
    let stale = with(&accepted, "CN=Ben;PARTSTAT=NEEDS-ACTION", "CN=Ben;PARTSTAT=DECLINED");
    let stale = with(&stale, "DTSTAMP:20300101T000000Z", "DTSTAMP:20300103T000000Z\nSEQUENCE:9");
    let plan = put(ANNA, Some(&old), &stale);
    let bytes = stored(&plan, &stale);
    assert_eq!(answer(&bytes, None, BEN).unwrap(), "NeedsAction");
    assert_eq!(lines(&bytes, "DTSTAMP"), ["DTSTAMP:20300101T000000Z"]);
    assert_eq!(sequence(&bytes), 0);
    // A guest and a line that it leaves out.
    let short = text(&accepted)
        .replace("ATTENDEE;CN=Ben;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.test\n", "")
        .replace("PRIORITY:5\n", "")
        .replace('\n', "\r\n");
    let plan = put(ANNA, Some(&old), short.as_bytes());
    assert_eq!(lines(&stored(&plan, short.as_bytes()), "ATTENDEE;CN=Ben").len(), 1);
}

#[test]
fn one_occurrence_is_answered_by_itself() {
    let old = annas();
    let new = third_day(&old, "", &says("DECLINED"));
    let plan = put(ANNA, Some(&old), &new);
    let reply = &for_one(&plan.messages, ORG).object;
    assert_eq!(lines(reply, "RECURRENCE-ID"), ["RECURRENCE-ID:20300109T100000Z"]);
    assert_eq!((lines(reply, "BEGIN:VEVENT").len(), lines(reply, "RRULE").len()), (1, 0));
    let after = stored(&plan, &new);
    // Taken back: the series stands, unanswered as it is.
    let plan = put(ANNA, Some(&after), &old);
    assert!(text(&for_one(&plan.messages, ORG).object).contains("PARTSTAT=NEEDS-ACTION"));
    // RFC 6638 section 3.2.2.3: what is taken out is declined.
    let out = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z");
    let plan = put(ANNA, Some(&old), &out);
    let reply = &for_one(&plan.messages, ORG).object;
    assert_eq!(lines(reply, "RECURRENCE-ID"), ["RECURRENCE-ID:20300109T100000Z"]);
    assert!(text(reply).contains("PARTSTAT=DECLINED"));
    let after = stored(&plan, &out);
    assert!(
        text(&after).contains("EXDATE;X-KONTOR-DECLINED=20300101T000001Z:20300109T100000Z"),
        "{}",
        text(&after)
    );
    assert_eq!(put(ANNA, Some(&after), &after).messages, vec![]);
    // Also of a series that is declined: it stays so if the rest is not.
    let none = with(&old, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=DECLINED");
    let none = stored(&put(ANNA, Some(&old), &none), &none);
    let less = with(&none, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z");
    let plan = put(ANNA, Some(&none), &less);
    let reply = &for_one(&plan.messages, ORG).object;
    assert_eq!(lines(reply, "RECURRENCE-ID"), ["RECURRENCE-ID:20300109T100000Z"]);
    // Put back, it is accepted with the rest.
    let less = stored(&plan, &less);
    let plan = put(ANNA, Some(&less), &none);
    assert_eq!(plan.messages, vec![]);
    let all = stored(&plan, &none);
    let accepted = with(&all, "CN=Anna;PARTSTAT=DECLINED", "CN=Anna;PARTSTAT=ACCEPTED");
    let plan = put(ANNA, Some(&all), &accepted);
    let reply = &for_one(&plan.messages, ORG).object;
    assert_eq!(lines(reply, "RECURRENCE-ID"), ["RECURRENCE-ID:20300109T100000Z"]);
    assert_eq!(lines(reply, "ATTENDEE;CN=Anna;PARTSTAT=ACCEPTED").len(), 2);
    // And put back it is open again.
    let plan = put(ANNA, Some(&after), &old);
    assert!(text(&for_one(&plan.messages, ORG).object).contains("PARTSTAT=NEEDS-ACTION"));
    // What the organiser took out stays out.
    let less = copy_of(&with(&daily(), "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z"), ANNA);
    let back = with(&less, "EXDATE:20300109T100000Z\n", "");
    assert_eq!(try_put(ANNA, "20300101T000000Z", Some(&less), &back), Err(Refused::AttendeeChange));
}

#[test]
fn all_answers_of_one_write_are_one_message() {
    let old = third_day(&annas(), "", &says("NEEDS-ACTION"));
    let old = stored(&put(ANNA, None, &old), &old);
    let new = text(&old)
        .replace("CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED")
        .replace('\n', "\r\n");
    let plan = put(ANNA, Some(&old), new.as_bytes());
    assert_eq!(told(&plan.messages), [(Method::Reply, ORG)]);
    assert_eq!(lines(&plan.messages[0].object, "BEGIN:VEVENT").len(), 2);
}

/// Whatever of it is still in the copy: RFC 5546 section 2.1.5.
#[test]
fn each_answer_is_later_than_the_last_one() {
    let old = annas();
    let out = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z");
    let plan = put(ANNA, Some(&old), &out);
    let first = lines(&for_one(&plan.messages, ORG).object, "DTSTAMP");
    let after = stored(&plan, &out);
    let again = put(ANNA, Some(&after), &old);
    let second = lines(&for_one(&again.messages, ORG).object, "DTSTAMP");
    assert!(first < second, "{first:?} {second:?}");
    // The organiser has told the state of things since, and the answer is gone with what it was given to.
    let newer = with(&old, "X-KONTOR-AS-OF:20300101T000000Z", "X-KONTOR-AS-OF:20300101T000005Z");
    let later =
        put(ANNA, Some(&newer), &with(&newer, "SUMMARY:Plan", "SUMMARY:Plan\nEXDATE:20300109T100000Z"));
    assert_eq!(lines(&for_one(&later.messages, ORG).object, "DTSTAMP"), ["DTSTAMP:20300101T000006Z"]);
}

#[test]
fn to_remove_is_to_decline() {
    let old = annas();
    let plan = remove(ANNA, &old, true);
    assert_eq!(told(&plan.messages), [(Method::Reply, ORG)]);
    assert!(text(&plan.messages[0].object).contains("PARTSTAT=DECLINED"));
    // RFC 6638 section 8.1.
    assert_eq!(remove(ANNA, &old, false).messages, vec![]);
    for silent in ["CN=Anna;PARTSTAT=DECLINED", "CN=Anna;SCHEDULE-X=1;PARTSTAT=DECLINED"] {
        assert_eq!(remove(ANNA, &with(&old, "CN=Anna;PARTSTAT=NEEDS-ACTION", silent), true).messages, vec![]);
    }
    let off = with(&old, "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CANCELLED");
    assert_eq!(remove(ANNA, &off, true).messages, vec![]);
    let unknown = with(
        &old,
        "mailto:org@example.test\nATTENDEE;PARTSTAT=ACCEPTED:mailto:org@",
        "mailto:nobody@example.test\nATTENDEE;PARTSTAT=ACCEPTED:mailto:org@",
    );
    assert_eq!(remove(ANNA, &unknown, true).messages, vec![]);
}

#[test]
fn a_client_that_answers_by_itself_is_not_helped() {
    let old = annas();
    for agent in ["CLIENT", "NONE", "X-OTHER"] {
        let new = with(&old, "ORGANIZER;CN=Org", &format!("ORGANIZER;SCHEDULE-AGENT={agent};CN=Org"));
        let new = with(&new, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
        let plan = put(ANNA, Some(&old), &new);
        assert_eq!((plan.rewritten, plan.messages), (None, vec![]), "{agent}");
        assert_eq!(remove(ANNA, &new, true).messages, vec![]);
    }
}

#[test]
fn an_answer_can_be_forced() {
    let old = annas();
    let new = with(&old, "ORGANIZER;CN=Org", "ORGANIZER;SCHEDULE-FORCE-SEND=REPLY;CN=Org");
    let plan = put(ANNA, Some(&old), &new);
    assert_eq!(told(&plan.messages), [(Method::Reply, ORG)]);
    assert!(!text(&stored(&plan, &new)).contains("FORCE-SEND"));
    let new = with(&old, "ORGANIZER;CN=Org", "ORGANIZER;SCHEDULE-FORCE-SEND=SMOKE;CN=Org");
    let plan = put(ANNA, Some(&old), &new);
    assert_eq!(plan.messages, vec![]);
    assert_eq!(
        lines(&stored(&plan, &new), "ORGANIZER"),
        ["ORGANIZER;CN=Org;SCHEDULE-STATUS=2.3:mailto:org@example.test"]
    );
}

#[test]
fn an_invitation_from_elsewhere_is_answered_when_it_is_stored() {
    let mail = event(&[&format!(
        "{ONCE}\nORGANIZER:mailto:boss@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna.alias@example.test"
    )]);
    let plan = put(ANNA, None, &mail);
    assert_eq!(told(&plan.messages), [(Method::Reply, "boss@example.org")]);
    assert_eq!(plan.messages[0].sender, "anna.alias@example.test");
    assert!(text(&stored(&plan, &mail)).contains("ORGANIZER;SCHEDULE-STATUS=1.1:mailto:boss@example.org"));
    let open = with(&mail, "PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION");
    assert_eq!((put(ANNA, None, &open).messages, put(ANNA, None, &open).rewritten), (vec![], None));
}

#[test]
fn a_task_is_done_without_a_word_about_it() {
    let task = copy_of(&object("VTODO", &[&format!("DUE:20300107T100000Z\nSUMMARY:Write\n{PEOPLE}")]), ANNA);
    let done = with(
        &task,
        "SUMMARY:Write",
        "SUMMARY:Write\nSTATUS:COMPLETED\nCOMPLETED:20300105T100000Z\nPERCENT-COMPLETE:100",
    );
    let plan = put(ANNA, Some(&task), &done);
    let reply = text(&for_one(&plan.messages, ORG).object);
    // RFC 5546 section 3.4.3.
    for line in ["PARTSTAT=COMPLETED", "PERCENT-COMPLETE:100", "COMPLETED:20300105T100000Z"] {
        assert!(reply.contains(line), "{line} in {reply}");
    }
    let half = with(&task, "SUMMARY:Write", "SUMMARY:Write\nPERCENT-COMPLETE:50");
    assert!(
        text(&for_one(&put(ANNA, Some(&task), &half).messages, ORG).object).contains("PERCENT-COMPLETE:50")
    );
}
