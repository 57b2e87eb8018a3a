//! What comes by mail from other houses: RFC 6047.

use blackbox::{Mail, on_each_store, unique};

use super::{carrying, meeting, only_of, parties};

const ELSEWHERE: &str = "olga@elsewhere.test";

#[test]
fn an_invitation_that_comes_by_mail_is_in_the_calendar() {
    on_each_store(|demo| {
        let [_, ben, ..] = &parties(demo);
        let subject = &unique();
        let object = meeting(subject, "20270331", ELSEWHERE, &[ben.address()]);
        let deliver = |mail: &Mail| demo.lmtp().deliver(ELSEWHERE, &[ben.address()], mail);
        let request = carrying(ELSEWHERE, &[ben.address()], "REQUEST", subject, &object);
        deliver(&request);
        assert_eq!(ben.counts(demo, subject), (1, 1, 1));
        // The other server did not hear that it came, and sends it again.
        deliver(&request);
        assert_eq!(ben.counts(demo, subject), (1, 1, 1));
        ben.answers(subject, "ACCEPTED", "");
        let newer = object.replace("DTSTAMP:2026", "SEQUENCE:1\r\nDTSTAMP:2027");
        deliver(&carrying(ELSEWHERE, &[ben.address()], "CANCEL", subject, &newer));
        assert_eq!(ben.counts(demo, subject), (1, 2, 2));
        assert!(ben.copy(subject).1.contains("STATUS:CANCELLED"));
    });
}

#[test]
fn a_forged_organizer_changes_nothing() {
    on_each_store(|demo| {
        let [anna, ben, ..] = &parties(demo);
        let subject = &unique();
        let object = meeting(subject, "20270401", anna.address(), &[ben.address()]);
        anna.app.put(&format!("{}{subject}.ics", anna.calendar), &object).is(201);
        let before = [anna.copy(subject), ben.copy(subject)];
        let forged = object.replace("DTSTAMP:2026", "SEQUENCE:9\r\nDTSTAMP:2028").replace("T09", "T07");
        let other = unique();
        let strange = forged.replace(subject, &other);
        let tries = [
            (anna.address(), "REQUEST", &forged),
            (anna.address(), "CANCEL", &forged),
            (ELSEWHERE, "REQUEST", &forged),
            (ELSEWHERE, "CANCEL", &forged),
            (anna.address(), "REQUEST", &strange),
            (ELSEWHERE, "REQUEST", &strange),
        ];
        for (from, method, object) in tries {
            let mail = carrying(from, &[ben.address()], method, subject, object);
            demo.lmtp().deliver(from, &[ben.address()], &mail);
        }
        // Ben's answer by somebody else.
        let reply = only_of(&forged.replace("NEEDS-ACTION", "DECLINED"), ben.address());
        for from in [ben.address(), ELSEWHERE] {
            let mail = carrying(from, &[anna.address()], "REPLY", subject, &reply);
            demo.lmtp().deliver(from, &[anna.address()], &mail);
        }
        assert_eq!([anna.copy(subject), ben.copy(subject)], before);
        assert_eq!(ben.counts(demo, subject), (1, 1, 1 + tries.len()), "they are mails and nothing else");
        assert_eq!(anna.counts(demo, subject), (1, 0, 2));
        assert_eq!(ben.counts(demo, &other).0, 0);
    });
}

/// RFC 5546 section 2.1.5.
#[test]
fn answers_that_come_in_the_wrong_order_leave_the_last_one() {
    on_each_store(|demo| {
        let [anna, ..] = &parties(demo);
        let subject = &unique();
        let path = format!("{}{subject}.ics", anna.calendar);
        anna.app.put(&path, &meeting(subject, "20270402", anna.address(), &[ELSEWHERE])).is(201);
        let (_, asked) = anna.copy(subject);
        let sequence = asked.lines().find(|line| line.starts_with("SEQUENCE:")).unwrap_or("SEQUENCE:0");
        for (participation, stamp) in [("DECLINED", "20270203T000000Z"), ("ACCEPTED", "20270202T000000Z")] {
            let object = meeting(subject, "20270402", anna.address(), &[ELSEWHERE])
                .replace("PARTSTAT=NEEDS-ACTION", &format!("PARTSTAT={participation}"))
                .replace("DTSTAMP:20260101T000000Z", &format!("{sequence}\r\nDTSTAMP:{stamp}"));
            let mail = carrying(ELSEWHERE, &[anna.address()], "REPLY", subject, &only_of(&object, ELSEWHERE));
            demo.lmtp().deliver(ELSEWHERE, &[anna.address()], &mail);
        }
        let (_, text) = anna.copy(subject);
        assert!(super::attendee(&text, ELSEWHERE).contains("PARTSTAT=DECLINED"), "{text}");
        assert_eq!(anna.counts(demo, subject), (1, 1, 2), "the older one is a mail and no news");
    });
}
