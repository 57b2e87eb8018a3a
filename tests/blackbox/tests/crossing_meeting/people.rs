//! Rooms, and other names of the same person.

use blackbox::{on_each_store, unique};

use super::{attendee, meeting, parties};

#[test]
fn a_room_accepts_and_refuses_what_collides() {
    on_each_store(|demo| {
        let [anna, ben, ..] = &parties(demo);
        let (_, domain) = anna.address().split_once('@').unwrap();
        let room = format!("{}@{domain}", unique());
        demo.admin(&["account", "add", &room, "--class", "room", "--name", "Saal"]);
        let standing = |party: &super::Party, subject: &str| {
            let line = attendee(&party.copy(subject).1, &room);
            line.split_once("PARTSTAT=").unwrap().1.split([';', ':']).next().unwrap().to_owned()
        };
        let (first, second, third) = (&unique(), &unique(), &unique());
        for (party, subject, expected) in [(anna, first, "ACCEPTED"), (ben, second, "DECLINED")] {
            let object = meeting(subject, "20270324", party.address(), &[&room]);
            party.app.put(&format!("{}{subject}.ics", party.calendar), &object).is(201);
            assert_eq!(standing(party, subject), expected);
            assert_eq!(party.counts(demo, subject), (1, 1, 1), "the room's answer");
        }
        // Called off, its time is free again.
        anna.app.delete(&format!("{}{first}.ics", anna.calendar)).is(204);
        let object = meeting(third, "20270324", ben.address(), &[&room]);
        ben.app.put(&format!("{}{third}.ics", ben.calendar), &object).is(201);
        assert_eq!(standing(ben, third), "ACCEPTED");
    });
}

#[test]
fn an_address_of_the_domains_other_name_is_the_same_person() {
    on_each_store(|demo| {
        let [anna, ben, ..] = &parties(demo);
        let (local, domain) = ben.address().split_once('@').unwrap();
        let other = format!("{}.test", unique());
        demo.admin(&["domain", "alias", "add", domain, &other]);
        let alias = format!("{local}@{other}");
        let subject = &unique();
        let object = meeting(subject, "20270325", anna.address(), &[&alias, ben.address()]);
        anna.app.put(&format!("{}{subject}.ics", anna.calendar), &object).is(201);
        assert_eq!(ben.counts(demo, subject), (1, 1, 1), "one person is told once");

        let subject = &unique();
        let object = meeting(subject, "20270326", anna.address(), &[&alias]);
        anna.app.put(&format!("{}{subject}.ics", anna.calendar), &object).is(201);
        assert_eq!(ben.counts(demo, subject), (1, 1, 1));
        let (path, text) = ben.copy(subject);
        let old = attendee(&text, &alias);
        let text = text.replace(&old, &old.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED"));
        ben.app.put(&path, &text).is(204);
        assert_eq!(anna.counts(demo, subject), (1, 1, 1));
        assert!(attendee(&anna.copy(subject).1, &alias).contains("PARTSTAT=ACCEPTED"));
    });
}
