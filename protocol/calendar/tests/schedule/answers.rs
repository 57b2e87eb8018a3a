//! Answers without a calendar app: buttons, phones and rooms.

use calendar::schedule::{Actor, Addresses, Agent, Method, answer as room_answer, respond};
use calendar::{Participation, Zone};

use super::given::*;

fn actor(owner: &Addresses) -> Actor<'_> {
    Actor { owner, now: utc("20300102T000000Z"), agent: Agent::Server }
}

#[test]
fn an_answer_is_written_where_it_belongs() {
    let owner = known(ANNA);
    let actor = actor(&owner);
    let annas = copy_of(&daily(), ANNA);
    let day = at("20300109T100000Z");
    let accepted = respond(&actor, &annas, None, Participation::Accepted, Some("Fine, thanks")).unwrap();
    let plan = put(ANNA, Some(&annas), &accepted);
    let reply = text(&for_one(&plan.messages, ORG).object);
    assert!(reply.contains("PARTSTAT=ACCEPTED") && reply.contains("COMMENT:Fine\\, thanks"), "{reply}");
    let annas = stored(&plan, &accepted);
    let declined = respond(&actor, &annas, Some(&day), Participation::Declined, None).unwrap();
    let plan = put(ANNA, Some(&annas), &declined);
    let reply = text(&for_one(&plan.messages, ORG).object);
    assert!(
        reply.contains("RECURRENCE-ID:20300109T100000Z") && reply.contains("PARTSTAT=DECLINED"),
        "{reply}"
    );
    assert!(!reply.contains("COMMENT"), "{reply}");
    let annas = stored(&plan, &declined);
    // The whole once more: what was answered by itself stays.
    let maybe = respond(&actor, &annas, None, Participation::Tentative, None).unwrap();
    assert_eq!(answer(&maybe, None, ANNA).unwrap(), "Tentative");
    assert_eq!(answer(&maybe, Some("20300109T100000Z"), ANNA).unwrap(), "Declined");
    let same = respond(&actor, &annas, None, Participation::Declined, None).unwrap();
    assert_eq!(answer(&same, Some("20300109T100000Z"), ANNA).unwrap(), "Declined");
    assert!(respond(&actor, &copy_of(&once(), BEN), Some(&day), Participation::Accepted, None).is_err());
    let stranger = known("dora@example.test");
    assert!(
        respond(&Actor { owner: &stranger, ..actor }, &annas, None, Participation::Accepted, None).is_err()
    );
}

const ROOM: &str = "room@example.test";

fn rooms(organizers: &[u8]) -> Vec<u8> {
    let invited =
        with(organizers, "SUMMARY:Plan", "SUMMARY:Plan\nATTENDEE;CUTYPE=ROOM:mailto:room@example.test");
    copy_of(&invited, ROOM)
}

/// What the room says of the whole and of each day from the 7th.
fn say(copy: &[u8], busy: &[(&str, &str)]) -> Option<(String, Vec<Option<String>>)> {
    let owner = Addresses::new(ROOM, []);
    let busy: Vec<_> = busy.iter().map(|(start, end)| utc(start)..utc(end)).collect();
    let horizon = utc("20300101T000000Z")..utc("20310101T000000Z");
    let berlin = Zone::by_name("Europe/Berlin").unwrap();
    let answered = room_answer(&actor(&owner), copy, &busy, horizon, &berlin)?;
    let days = (7..12).map(|day| answer(&answered, Some(&format!("203001{day:02}T100000Z")), ROOM)).collect();
    Some((answer(&answered, None, ROOM)?, days))
}

#[test]
fn a_room_takes_what_it_has_time_for() {
    let declined = || Some("Declined".to_owned());
    let one = rooms(&once());
    let free = [("20300107T090000Z", "20300107T100000Z"), ("20300107T110000Z", "20300107T120000Z")];
    assert_eq!(say(&one, &free).unwrap().0, "Accepted");
    assert_eq!(say(&one, &[("20300107T103000Z", "20300107T103100Z")]).unwrap().0, "Declined");
    let series = rooms(&daily());
    assert_eq!(say(&series, &[]).unwrap(), ("Accepted".to_owned(), vec![None; 5]));
    let third = [("20300109T000000Z", "20300110T000000Z"), ("20300120T000000Z", "20300121T000000Z")];
    assert_eq!(
        say(&series, &third).unwrap(),
        ("Accepted".to_owned(), vec![None, None, declined(), None, None])
    );
    assert_eq!(say(&series, &[("20300101T000000Z", "20300201T000000Z")]).unwrap().0, "Declined");
    // Endless, and all taken within the horizon but for a few.
    let endless = rooms(&with(&daily(), ";COUNT=5", ""));
    let months = [("20300101T000000Z", "20300401T000000Z")];
    assert_eq!(say(&endless, &months).unwrap().0, "Declined");
}

#[test]
fn a_room_is_a_guest_as_others_are() {
    let series = rooms(&daily());
    let owner = Addresses::new(ROOM, []);
    let busy = [utc("20300109T000000Z")..utc("20300110T000000Z")];
    let horizon = utc("20300101T000000Z")..utc("20310101T000000Z");
    let answered = room_answer(&actor(&owner), &series, &busy, horizon.clone(), &Zone::utc()).unwrap();
    let plan = put(ROOM, Some(&series), &answered);
    assert_eq!(told(&plan.messages), [(Method::Reply, ORG)]);
    assert_eq!(lines(&plan.messages[0].object, "BEGIN:VEVENT").len(), 2);
    let after = stored(&plan, &answered);
    assert_eq!(room_answer(&actor(&owner), &after, &busy, horizon.clone(), &Zone::utc()), None);
    let off = with(&series, "SUMMARY:Plan", "SUMMARY:Plan\nSTATUS:CANCELLED");
    assert_eq!(room_answer(&actor(&owner), &off, &busy, horizon.clone(), &Zone::utc()), None);
    assert_eq!(room_answer(&actor(&owner), &once(), &busy, horizon, &Zone::utc()), None);
}
