//! Scheduling messages that come by mail: RFC 6047. Nobody but the organiser changes a meeting, and nobody but an
//! attendee answers for itself.

use calendar::Participation;
use session::Login;
use vocabulary::{AccountClass, Door, EmailAddress, Principal, Role};
use workflow::meeting::{AnswerError, Answered, Meeting, Response, deliver, respond};
use workflow::{Submission, submit};

use crate::world::{Person, World, attendee, carrying, meeting, on_each_database, only_of};

const ELSEWHERE: &str = "olga@elsewhere.test";

/// Sends a mail as somebody who has logged in.
async fn sends(who: &Person<'_>, to: &Person<'_>, mail: &str) {
    let login = Login {
        principal: Principal::account(who.id(), Door::Submission),
        account: who.account.clone(),
        credential_id: 1,
    };
    let submission = Submission {
        reverse_path: None,
        recipients: vec![EmailAddress::parse(&to.address).unwrap()],
        bytes: mail.as_bytes().to_vec().into(),
        trace: String::new(),
        request: None,
        save_to_sent: false,
    };
    submit(&who.world.store, &login, submission).await.unwrap();
}

async fn invited(world: &World) -> (Person<'_>, Person<'_>) {
    let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
    let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address], "")).await;
    deliver(&world.store, posted).await;
    (anna, ben)
}

#[test]
fn an_invitation_from_elsewhere_is_in_the_calendar_and_its_answer_in_the_queue() {
    on_each_database(async |world| {
        let ben = world.person("Ben").await;
        let object = meeting("e", ELSEWHERE, &[&ben.address], "");
        let mail = carrying(ELSEWHERE, &ben.address, "REQUEST", &object);
        ben.gets(&mail).await;
        assert_eq!(ben.counts().await, (1, 1, 1));
        assert_eq!(ben.texts(Role::Inbox).await, std::slice::from_ref(&mail), "as it came");
        assert!(!ben.copy("e").await.contains("METHOD:"));
        // The sender's server did not hear that we have it.
        ben.gets(&mail).await;
        ben.gets(&carrying(ELSEWHERE, &ben.address, "REQUEST", &object)).await;
        assert_eq!(ben.counts().await, (1, 1, 2), "another mail that says the same");

        deliver(&world.store, ben.answers("e", "ACCEPTED").await).await;
        let queued = world.read(|tx| tx.queue_due(&tx.administer()?, 10)).await;
        let queued: Vec<(&str, &str)> =
            queued.iter().map(|one| (one.reverse_path.as_str(), one.recipient.as_str())).collect();
        assert_eq!(queued, [("ben@blumen.test", ELSEWHERE)]);

        let later = object.replace("20261202T", "20261203T").replace("20261101T", "20261102T");
        ben.gets(&carrying(
            ELSEWHERE,
            &ben.address,
            "REQUEST",
            &later.replace("DTSTAMP", "SEQUENCE:1\r\nDTSTAMP"),
        ))
        .await;
        assert!(ben.copy("e").await.contains("DTSTART:20261203T090000Z"));
        ben.gets(&carrying(
            ELSEWHERE,
            &ben.address,
            "CANCEL",
            &later.replace("DTSTAMP:20261102", "SEQUENCE:2\r\nDTSTAMP:20261103"),
        ))
        .await;
        assert!(ben.copy("e").await.contains("STATUS:CANCELLED"));
        assert_eq!(ben.counts().await, (1, 3, 4));
    });
}

#[test]
fn a_forged_organizer_changes_nothing() {
    on_each_database(async |world| {
        let (anna, ben) = invited(world).await;
        let before = (anna.copies().await, ben.copies().await);
        let newer = |uid: &str, organizer: &str| {
            let object = meeting(uid, organizer, &[&ben.address], "SEQUENCE:9\r\n");
            object.replace("20261101T", "20270101T").replace("Beete planen", "Konto leeren")
        };
        let forged = [
            // From outside, as if Anna had written it: by every name that she has.
            (anna.address.clone(), "REQUEST", newer("m", &anna.address)),
            ("Anna <ANNA@Blumen.TEST>".to_owned(), "REQUEST", newer("m", &anna.address)),
            ("anna@bluten.test".to_owned(), "REQUEST", newer("m", "anna@bluten.test")),
            (format!("{ELSEWHERE}, {}", anna.address), "REQUEST", newer("m", &anna.address)),
            (anna.address.clone(), "CANCEL", newer("m", &anna.address)),
            (anna.address.clone(), "REQUEST", newer("new", &anna.address)),
            // By somebody else, for Anna's meeting or for one of a third.
            (ELSEWHERE.to_owned(), "REQUEST", newer("m", &anna.address)),
            (ELSEWHERE.to_owned(), "REQUEST", newer("m", ELSEWHERE)),
            (ELSEWHERE.to_owned(), "CANCEL", newer("m", ELSEWHERE)),
            (ELSEWHERE.to_owned(), "REQUEST", newer("new", "third@elsewhere.test")),
            (ELSEWHERE.to_owned(), "REQUEST", newer("new", &anna.address)),
        ];
        let number = forged.len();
        for (from, method, object) in forged {
            ben.gets(&carrying(&from, &ben.address, method, &object)).await;
        }
        assert_eq!((anna.copies().await, ben.copies().await), before);
        assert_eq!(ben.counts().await, (1, 1, 1 + number), "the mails are there, as mails");
        assert_eq!(world.outbox("itip").await, []);
    });
}

/// As on a phone, by the mail.
async fn accepts(who: &Person<'_>, mail: &str) -> Result<Answered, AnswerError> {
    answers(who, mail, Participation::Accepted).await
}

async fn answers(
    who: &Person<'_>,
    mail: &str,
    participation: Participation,
) -> Result<Answered, AnswerError> {
    let response = Response { participation, occurrence: None, comment: None, proposed: None, request: None };
    respond(&who.world.store, &who.principal(), &who.writer(), Meeting::Mail(mail.as_bytes()), &response)
        .await
}

/// The mail names one occurrence, so the answer to it answers no other: of a series that is in the calendar, and of one
/// to which the guest is not invited otherwise.
// MS-ASCMD R5071 R5072
#[test]
fn an_invitation_to_one_occurrence_is_answered_for_that_one() {
    on_each_database(async |world| {
        for participation in [Participation::Declined, Participation::Accepted] {
            let name = format!("{participation:?}");
            let ben = world.person(&format!("Ben{name}")).await;
            let series = meeting("s", ELSEWHERE, &[&ben.address], "RRULE:FREQ=DAILY;COUNT=5\r\n");
            ben.gets(&carrying(ELSEWHERE, &ben.address, "REQUEST", &series)).await;
            let single = |uid: &str| {
                let id = "SEQUENCE:1\r\nRECURRENCE-ID:20261203T090000Z\r\n";
                let one = meeting(uid, ELSEWHERE, &[&ben.address], id);
                let moved = one.replace("DTSTART:20261202T090000Z", "DTSTART:20261203T140000Z");
                moved
                    .replace("DTEND:20261202T100000Z", "DTEND:20261203T150000Z")
                    .replace("DTSTAMP:202611", "DTSTAMP:202612")
            };
            for uid in ["s", "alone"] {
                let mail = carrying(ELSEWHERE, &ben.address, "REQUEST", &single(uid));
                ben.gets(&mail).await;
                let answered = answers(&ben, &mail, participation).await.unwrap();
                let is_gone = uid == "alone" && participation == Participation::Declined;
                assert_eq!(answered.item.is_none(), is_gone, "{name} {uid}");
            }
            let queued = world.read(|tx| tx.queue_due(&tx.administer()?, 10)).await;
            let told = queued.iter().filter(|one| one.reverse_path == ben.address).count();
            assert_eq!(told, 2, "{name}");
            let copies = ben.copies().await;
            let count = if participation == Participation::Declined { 1 } else { 2 };
            assert_eq!(copies.len(), count, "{copies:?}");
            let copy = ben.copy("s").await;
            let (series, one) = copy.split_at(copy.rfind("BEGIN:VEVENT").unwrap());
            let says =
                |text: &str, word: &str| attendee(text, &ben.address).contains(&format!("PARTSTAT={word}"));
            assert!(says(series, "NEEDS-ACTION"), "{copy}");
            assert!(says(one, &name.to_uppercase()), "{copy}");
        }
    });
}

#[test]
fn a_forged_invitation_changes_nothing_by_being_answered() {
    on_each_database(async |world| {
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let cara = world.person("Cara").await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&cara.address], "")).await;
        deliver(&world.store, posted).await;
        let before = anna.copies().await;
        for uid in ["m", "new"] {
            let object = meeting(uid, &anna.address, &[&ben.address], "SEQUENCE:9\r\n");
            let mail = carrying(&anna.address, &ben.address, "REQUEST", &object);
            ben.gets(&mail).await;
            let answered = accepts(&ben, &mail).await;
            assert!(matches!(answered, Err(AnswerError::NoInvitation)), "{answered:?}");
        }
        assert_eq!((anna.copies().await, ben.copies().await), (before, vec![]));
        assert_eq!(world.outbox("itip").await, []);

        // Anna does invite him, and so does somebody elsewhere.
        let object = meeting("real", &anna.address, &[&ben.address], "");
        anna.writes(&object).await;
        for (from, object) in
            [(anna.address.as_str(), object), (ELSEWHERE, meeting("e", ELSEWHERE, &[&ben.address], ""))]
        {
            let answered = accepts(&ben, &carrying(from, &ben.address, "REQUEST", &object)).await.unwrap();
            deliver(&world.store, answered.posted).await;
        }
        assert_eq!(ben.copies().await.len(), 2);
        assert_eq!(anna.answer_of("real", &ben).await, "ACCEPTED");
    });
}

#[test]
fn a_forged_answer_changes_nothing() {
    on_each_database(async |world| {
        let (anna, ben) = invited(world).await;
        let cara = world.person("Cara").await;
        let before = anna.copies().await;
        let answer = meeting("m", &anna.address, &[&ben.address], "SEQUENCE:9\r\n")
            .replace("NEEDS-ACTION", "DECLINED")
            .replace("20261101T", "20270101T");
        let answer = only_of(&answer, &ben.address);
        for from in [ELSEWHERE, &ben.address, &anna.address] {
            anna.gets(&carrying(from, &anna.address, "REPLY", &answer)).await;
        }
        // One of ours, who proves that she is not Ben.
        sends(&cara, &anna, &carrying(&cara.address, &anna.address, "REPLY", &answer)).await;
        assert_eq!(anna.copies().await, before);
        // Ben himself.
        sends(&ben, &anna, &carrying(&ben.address, &anna.address, "REPLY", &answer)).await;
        assert_eq!(anna.answer_of("m", &ben).await, "DECLINED");
        assert_eq!(anna.counts().await, (1, 1, 5), "his mail is there, and no second one");
    });
}

/// As phones do that send the mails themselves.
#[test]
fn who_has_logged_in_invites_by_a_mail_of_its_own() {
    on_each_database(async |world| {
        let (anna, ben) = (world.person("Anna").await, world.person("Ben").await);
        let room = world.account("Saal", AccountClass::Room).await;
        let object = meeting("m", "anna@bluten.test", &[&ben.address, &room.address], "");
        sends(&anna, &ben, &carrying(&anna.address, &ben.address, "REQUEST", &object)).await;
        assert_eq!(ben.counts().await, (1, 1, 1));
        sends(&anna, &room, &carrying(&anna.address, &room.address, "REQUEST", &object)).await;
        let line = attendee(&room.copy("m").await, &room.address);
        assert!(line.contains("PARTSTAT=ACCEPTED"), "{line}");
        // Anna has no copy: the answer is told, and makes none.
        assert_eq!(anna.copies().await, []);
    });
}

#[test]
fn a_mail_from_outside_books_no_room() {
    on_each_database(async |world| {
        let room = world.account("Saal", AccountClass::Room).await;
        let object = meeting("e", ELSEWHERE, &[&room.address], "");
        room.gets(&carrying(ELSEWHERE, &room.address, "REQUEST", &object)).await;
        assert_eq!(room.counts().await, (0, 0, 1), "the mail is there, as a mail");
        assert_eq!(world.read(|tx| tx.queue_due(&tx.administer()?, 10)).await.len(), 0);
        assert_eq!(world.outbox("itip").await, []);
    });
}

#[test]
fn what_is_no_scheduling_message_is_a_mail_and_nothing_else() {
    on_each_database(async |world| {
        let ben = world.person("Ben").await;
        let object = meeting("e", ELSEWHERE, &[&ben.address], "");
        let whole = carrying(ELSEWHERE, &ben.address, "REQUEST", &object);
        let mut mails = vec![
            whole.replace("METHOD:REQUEST\r\n", ""),
            whole.replace("END:VCALENDAR\r\n", ""),
            whole.replace("text/calendar", "text/plain"),
            whole.replace("ORGANIZER", "X-ORGANIZER"),
            whole.replace("METHOD:REQUEST", "METHOD:REPLY"),
            whole.replace("From: olga", "From: X\r\nX-From: olga"),
        ];
        mails.extend((97..whole.len() - 20).step_by(97).map(|end| whole.get(..end).unwrap().to_owned()));
        let number = mails.len();
        for mail in mails {
            ben.gets(&mail).await;
        }
        let (objects, messages, mails) = ben.counts().await;
        assert_eq!((objects, messages, mails), (0, 0, number));
    });
}
