//! What holds for every meeting and every write.

use calendar::schedule::{Received, Role};
use proptest::prelude::*;

use super::given::*;

/// Lines that nobody here knows, oddly written.
fn odd_lines() -> impl Strategy<Value = Vec<String>> {
    let name = "X-[A-Z]{1,8}-[A-Z0-9]{1,8}|[A-Z]{2}QQ[A-Z]{1,6}";
    let parameters = "(;X-[A-Z]{1,5}=[a-z0-9]{1,9}){0,3}";
    let value = "[ -~äöü€😀]{0,90}";
    prop::collection::vec(
        (name, parameters, value).prop_map(|(name, parameters, value)| format!("{name}{parameters}:{value}")),
        0..6,
    )
}

/// The organiser's object with these lines, some of them folded in odd places.
fn with_lines(lines: &[String], fold_at: usize) -> Vec<u8> {
    let mut folded = String::new();
    for line in lines {
        let at = line.char_indices().map(|(at, _)| at).nth(fold_at).unwrap_or(line.len());
        let (start, end) = line.split_at(at);
        folded += &if end.is_empty() { format!("{line}\n") } else { format!("{start}\n {end}\n") };
    }
    event(&[&format!("{DAILY}\n{}{PEOPLE}", folded)])
}

fn all_in(lines: &[String], bytes: &[u8]) -> Result<(), TestCaseError> {
    let text = text(bytes);
    let missing = lines.iter().find(|line| !text.lines().any(|found| found == *line));
    prop_assert_eq!(missing, None, "{}", text);
    Ok(())
}

proptest! {
    /// Whatever is written and told, unknown lines stay, those of each for himself; X-MS- is said by the organiser.
    #[test]
    fn unknown_lines_survive(lines in odd_lines(), own in odd_lines(), fold_at in 3..40_usize) {
        let written = with_lines(&lines, fold_at);
        let plan = put(ORG, None, &written);
        let organizers = stored(&plan, &written);
        all_in(&lines, &organizers)?;
        let raw = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        // Byte for byte, folds and all.
        let block = raw(&written);
        let block = &block[block.find("SUMMARY:Plan").unwrap()..block.find("ORGANIZER").unwrap()];
        prop_assert!(raw(&organizers).contains(block));
        let annas = taken(ANNA, None, &for_one(&plan.messages, ANNA).object, ORG);
        prop_assert!(raw(&annas).contains(block));
        let own: Vec<String> = own.into_iter().filter(|line| line.starts_with("X-") && !line.starts_with("X-MS-") && !lines.iter().any(|other| name(other) == name(line))).collect();
        let own_lines = own.join("\n");
        let accepted = with(&annas, "SUMMARY:Plan", format!("SUMMARY:Plan\n{own_lines}").trim_end_matches('\n'));
        let accepted = with(&accepted, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
        let reply = put(ANNA, Some(&annas), &accepted);
        let annas = stored(&reply, &accepted);
        all_in(&lines, &annas)?;
        all_in(&own, &annas)?;
        let organizers = taken(ORG, Some(&organizers), &reply.messages[0].object, ANNA);
        prop_assert!(raw(&organizers).contains(block));
        let moved = with(&organizers, "DTEND:20300107T110000Z", "DTEND:20300107T120000Z");
        let plan = put(ORG, Some(&organizers), &moved);
        prop_assert!(raw(&stored(&plan, &moved)).contains(block));
        let annas = taken(ANNA, Some(&annas), &for_one(&plan.messages, ANNA).object, ORG);
        all_in(&lines, &annas)?;
        all_in(&own, &annas)?;
        let off = remove(ORG, &stored(&plan, &moved), true);
        all_in(&own, &taken(ANNA, Some(&annas), &for_one(&off.messages, ANNA).object, ORG))?;
    }

    /// Whatever an attendee writes, the organiser's copy says what it said, but for what the attendee answers.
    #[test]
    fn an_attendees_write_changes_nothing_of_the_organisers(
        at in any::<prop::sample::Index>(),
        cut in 0..60_usize,
        inserted in prop::sample::select(&[
            "", "SUMMARY:Trap", "DTSTART:20310101T000000Z", "ATTENDEE:mailto:eve@example.org", "RRULE:FREQ=SECONDLY",
            "EXDATE:20300108T100000Z", "STATUS:CANCELLED", "SEQUENCE:99", "DTSTAMP:20400101T000000Z", "LOCATION:There",
            "PARTSTAT=DECLINED", "ORGANIZER:mailto:anna@example.test", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@example.test",
            "END:VEVENT", "RECURRENCE-ID:20300108T100000Z", "BEGIN:VALARM\nEND:VALARM",
        ][..]),
        accepts in any::<bool>(),
    ) {
        let organizers = stored(&put(ORG, None, &daily()), &daily());
        let annas = copy_of(&daily(), ANNA);
        let mut written = if accepts {
            with(&annas, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED")
        } else {
            annas.clone()
        };
        let starts: Vec<usize> = written.windows(2).enumerate().filter(|(_, pair)| *pair == b"\r\n").map(|(at, _)| at + 2).collect();
        let start = starts[at.index(starts.len())];
        let end = (start + cut).min(written.len());
        let line = if inserted.is_empty() { String::new() } else { format!("{}\r\n", inserted.replace('\n', "\r\n")) };
        written.splice(start..end, line.into_bytes());
        let Ok(plan) = try_put(ANNA, "20300102T000000Z", Some(&annas), &written) else { return Ok(()) };
        prop_assert!(plan.role != Role::Organizer);
        prop_assert!(plan.messages.len() <= 1);
        for message in &plan.messages {
            prop_assert_eq!(message.recipient.as_str(), ORG);
            if let Received::Store { bytes, .. } = get(ORG, Some(&organizers), &message.object, ANNA) {
                for occurrence in [None, Some("20300108T100000Z")] {
                    if let Some(bens) = answer(&bytes, occurrence, BEN) {
                        prop_assert_eq!(bens, "NeedsAction");
                    }
                }
                let object = calendar::Object::parse(&bytes).unwrap();
                for component in &object.components {
                    prop_assert_eq!(component.summary.as_deref(), Some("Plan"));
                    prop_assert_eq!((component.attendees.len(), component.sequence, component.status), (3, 0, None));
                    prop_assert_eq!(&component.location, &None);
                }
                prop_assert_eq!(object.components[0].start.clone(), Some(at_("20300107T100000Z")));
                prop_assert_eq!(object.components[0].exceptions.len(), 0);
            }
        }
    }

    /// Any bytes as a message about any copy: nothing breaks, and what is stored is an object.
    #[test]
    fn any_message_is_taken_or_passed_over(
        cut in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..40),
        method in prop::sample::select(&["REQUEST", "CANCEL", "REPLY", "ADD", "COUNTER", "REFRESH", "DECLINECOUNTER"][..]),
        to_organizer in any::<bool>(),
    ) {
        let organizers = stored(&put(ORG, None, &daily()), &daily());
        let annas = copy_of(&daily(), ANNA);
        let mut message = message(method, &[&format!("RECURRENCE-ID:20300108T100000Z\n{DAILY}\n{PEOPLE}"), &format!("{DAILY}\n{PEOPLE}")]);
        let at = cut.index(message.len());
        message.splice(at..at, bytes);
        let (owner, copy, from) = if to_organizer { (ORG, &organizers, ANNA) } else { (ANNA, &annas, ORG) };
        for copy in [Some(copy.as_slice()), None] {
            if let Received::Store { bytes, .. } = get(owner, copy, &message, from) {
                prop_assert!(calendar::Object::parse(&bytes).is_ok());
                prop_assert!(!text_of(&bytes).contains("METHOD:"));
            }
        }
    }
}

fn at_(text: &str) -> calendar::Moment {
    at(text)
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn name(line: &str) -> &str {
    line.split([';', ':']).next().unwrap()
}
