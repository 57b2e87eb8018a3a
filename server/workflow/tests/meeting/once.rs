//! Each guest is told once, whatever crashes, and in whatever order it comes.

use storage::right;
use vocabulary::{AccountClass, Role};
use workflow::meeting::{CALENDAR_AVAILABILITY, deliver, deliver_left};

use crate::world::{Person, World, attendee, meeting, on_each_database};

/// Objects, scheduling messages and mails.
const TOLD_ONCE: (usize, usize, usize) = (1, 1, 1);

async fn three(world: &World) -> (Person<'_>, Person<'_>, Person<'_>) {
    (world.person("Anna").await, world.person("Ben").await, world.person("Cara").await)
}

#[test]
fn a_crash_between_the_write_and_its_delivery_loses_and_doubles_nothing() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address, &cara.address], "")).await;
        assert_eq!((ben.counts().await, cara.counts().await), ((0, 0, 0), (0, 0, 0)));
        assert_eq!(world.outbox("itip").await, posted);

        // The server starts again.
        deliver_left(&world.store).await.unwrap();
        assert_eq!((ben.counts().await, cara.counts().await), (TOLD_ONCE, TOLD_ONCE));
        assert_eq!(world.outbox("itip").await, []);

        // Whoever had looked at the outbox before comes late.
        deliver(&world.store, posted).await;
        deliver_left(&world.store).await.unwrap();
        assert_eq!((ben.counts().await, cara.counts().await), (TOLD_ONCE, TOLD_ONCE));
    });
}

#[test]
fn of_several_that_deliver_at_once_one_does_it() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address, &cara.address], "")).await;
        let (left, ..) = tokio::join!(
            deliver_left(&world.store),
            deliver(&world.store, posted.clone()),
            deliver(&world.store, posted.clone()),
            deliver(&world.store, posted),
        );
        left.unwrap();
        assert_eq!((ben.counts().await, cara.counts().await), (TOLD_ONCE, TOLD_ONCE));
        assert_eq!(world.outbox("itip").await, []);
    });
}

/// RFC 5546 section 2.1.5.
#[test]
fn answers_that_come_in_the_wrong_order_leave_the_last_one() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address, &cara.address], "")).await;
        deliver(&world.store, posted).await;
        let first = ben.answers("m", "ACCEPTED").await;
        let second = ben.answers("m", "DECLINED").await;
        let other = cara.answers("m", "TENTATIVE").await;
        for posted in [second, other, first] {
            deliver(&world.store, posted).await;
        }
        for who in [&anna, &ben, &cara] {
            assert_eq!(who.answer_of("m", &ben).await, "DECLINED", "at {}", who.address);
            assert_eq!(who.answer_of("m", &cara).await, "TENTATIVE", "at {}", who.address);
        }
        assert_eq!(anna.counts().await, (1, 2, 2), "what is old is no news");
        assert_eq!((ben.counts().await, cara.counts().await), (TOLD_ONCE, TOLD_ONCE));
    });
}

/// RFC 5546 section 2.1.5.
#[test]
fn news_of_the_organizer_that_comes_in_the_wrong_order_leaves_the_last() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let first = meeting("m", &anna.address, &[&ben.address, &cara.address], "");
        let asked = anna.writes(&first).await;
        let copy = anna.copy("m").await;
        let moved = anna.writes(&copy.replace("20261202T", "20261203T")).await;
        let copy = anna.copy("m").await;
        let line = format!("{}\r\n", attendee(&copy, &cara.address));
        let without_cara = anna.writes(&copy.replace("\r\n ", "").replace(&line, "")).await;
        for posted in [without_cara, moved, asked] {
            deliver(&world.store, posted).await;
        }
        assert!(ben.copy("m").await.contains("DTSTART:20261203T090000Z"), "{}", ben.copy("m").await);
        assert!(!ben.copy("m").await.contains(&cara.address));
        assert!(cara.copy("m").await.contains("STATUS:CANCELLED"), "{}", cara.copy("m").await);
        for who in [&ben, &cara] {
            let (objects, ..) = who.counts().await;
            assert_eq!(objects, 1, "of {}", who.address);
        }
    });
}

#[test]
fn a_full_mailbox_keeps_nobody_else_waiting_and_the_organizer_hears_of_it() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let id = ben.id();
        world.write(&[id], move |tx| tx.set_account_quota(&tx.administer()?, id, 1)).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address, &cara.address], "")).await;
        deliver(&world.store, posted).await;
        assert_eq!(cara.counts().await, TOLD_ONCE);
        assert_eq!(ben.counts().await, (0, 1, 0), "what counts towards no quota is there");
        let reports = anna.texts(Role::Inbox).await;
        assert_eq!(reports.len(), 1);
        assert!(reports[0].contains(&ben.address) && !reports[0].contains(&cara.address), "{}", reports[0]);
        assert_eq!((world.outbox("itip").await, world.outbox("undelivered").await), (vec![], vec![]));
    });
}

#[test]
fn a_full_room_books_nothing_and_promises_nothing() {
    on_each_database(async |world| {
        let anna = world.person("Anna").await;
        let room = world.account("Saal", AccountClass::Room).await;
        let id = room.id();
        world.write(&[id], move |tx| tx.set_account_quota(&tx.administer()?, id, 1)).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&room.address], "")).await;
        deliver(&world.store, posted).await;
        assert_eq!(room.copies().await, []);
        assert_eq!(anna.answer_of("m", &room).await, "NEEDS-ACTION");
        let reports = anna.texts(Role::Inbox).await;
        assert_eq!(reports.len(), 1);
        assert!(reports[0].contains(&room.address), "{}", reports[0]);
        assert_eq!((world.outbox("itip").await, world.outbox("undelivered").await), (vec![], vec![]));
    });
}

#[test]
fn an_answer_that_finds_no_room_is_told_to_no_other_guest() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address, &cara.address], "")).await;
        deliver(&world.store, posted).await;
        let id = anna.id();
        world.write(&[id], move |tx| tx.set_account_quota(&tx.administer()?, id, 1)).await;
        deliver(&world.store, ben.answers("m", "TENTATIVE").await).await;
        assert_eq!(anna.answer_of("m", &ben).await, "NEEDS-ACTION");
        assert_eq!(cara.answer_of("m", &ben).await, "NEEDS-ACTION");
        assert_eq!(world.outbox("itip").await, []);
    });
}

#[test]
fn many_guests_are_told_once_each_and_those_elsewhere_by_one_mail() {
    on_each_database(async |world| {
        let anna = world.person("Anna").await;
        let mut guests = Vec::new();
        for number in 0..40 {
            guests.push(world.person(&format!("guest{number}")).await);
        }
        let mut addresses: Vec<&str> = guests.iter().map(|guest| guest.address.as_str()).collect();
        addresses.extend(["x@elsewhere.test", "y@other.test", "nobody@blumen.test"]);
        let posted = anna.writes(&meeting("m", &anna.address, &addresses, "")).await;
        let queued = world.read(|tx| tx.queue_due(&tx.administer()?, 10)).await;
        let mut recipients: Vec<&str> = queued.iter().map(|one| one.recipient.as_str()).collect();
        recipients.sort_unstable();
        assert_eq!(recipients, ["x@elsewhere.test", "y@other.test"]);
        assert_eq!(
            (queued[0].queue_id, queued[0].reverse_path.as_str()),
            (queued[1].queue_id, "anna@blumen.test")
        );
        deliver(&world.store, posted).await;
        for guest in &guests {
            assert_eq!(guest.counts().await, TOLD_ONCE, "{}", guest.address);
        }
        let copy = anna.copy("m").await;
        for (address, status) in
            [("guest0@blumen.test", "1.2"), ("x@elsewhere.test", "1.1"), ("nobody@blumen.test", "3.7")]
        {
            let line = attendee(&copy, address);
            assert!(line.contains(&format!("SCHEDULE-STATUS={status}")), "{line}");
        }
        assert_eq!(anna.counts().await, (1, 0, 0));
    });
}

#[test]
fn a_guest_who_is_gone_before_the_delivery_is_reported() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let posted = anna.writes(&meeting("m", &anna.address, &[&ben.address, &cara.address], "")).await;
        let id = ben.id();
        world.write(&[id], move |tx| tx.remove_account(&tx.administer()?, id)).await;
        deliver(&world.store, posted).await;
        assert_eq!(cara.counts().await, TOLD_ONCE);
        let reports = anna.texts(Role::Inbox).await;
        assert_eq!(reports.len(), 1);
        assert!(reports[0].contains(&ben.address), "{}", reports[0]);
    });
}

/// The answer of a room is told in the same delivery, and a second meeting at that time is refused.
#[test]
fn a_room_takes_what_comes_first() {
    on_each_database(async |world| {
        let (anna, ben, _) = three(world).await;
        let room = world.account("Saal", AccountClass::Room).await;
        let first = anna.writes(&meeting("m", &anna.address, &[&room.address], "")).await;
        let second = ben.writes(&meeting("n", &ben.address, &[&room.address], "")).await;
        tokio::join!(deliver(&world.store, first), deliver(&world.store, second));
        let answers = (anna.answer_of("m", &room).await, ben.answer_of("n", &room).await);
        let one_of_them = [("ACCEPTED", "DECLINED"), ("DECLINED", "ACCEPTED")];
        assert!(one_of_them.contains(&(answers.0.as_str(), answers.1.as_str())), "{answers:?}");
        assert_eq!((anna.counts().await, ben.counts().await), (TOLD_ONCE, TOLD_ONCE));
        assert_eq!(world.outbox("itip").await, []);
        assert_eq!(room.texts(Role::Inbox).await.len(), 0, "nobody reads it");
    });
}

// RFC 7953 section 7.2.4.
#[test]
fn a_room_refuses_what_lies_out_of_its_hours() {
    on_each_database(async |world| {
        let anna = world.person("Anna").await;
        let room = world.account("Saal", AccountClass::Room).await;
        let id = room.id();
        let open = async |from: u8, to: u8| {
            let hours = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VAVAILABILITY\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\n\
                 BEGIN:AVAILABLE\r\nUID:b\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261102T{from:02}0000Z\r\n\
                 DTEND:20261102T{to:02}0000Z\r\nRRULE:FREQ=DAILY\r\nEND:AVAILABLE\r\nEND:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
            );
            let say = move |tx: &mut storage::Write<'_>| {
                let inbox = tx.open_role::<right::Lookup>(id, Role::ScheduleInbox)?;
                tx.set_property(&inbox, CALENDAR_AVAILABILITY, Some(&hours))
            };
            world.write(&[id], say).await;
        };
        for (uid, hours, answer) in [("m", (14, 16), "DECLINED"), ("n", (0, 23), "ACCEPTED")] {
            open(hours.0, hours.1).await;
            let posted = anna.writes(&meeting(uid, &anna.address, &[&room.address], "")).await;
            deliver(&world.store, posted).await;
            assert_eq!(anna.answer_of(uid, &room).await, answer, "open from {} to {}", hours.0, hours.1);
        }
    });
}

/// What a room answers says when it is free: nobody else is to know, no more than by a question for busy times.
#[test]
fn a_room_answers_nobody_of_another_domain() {
    on_each_database(async |world| {
        let (olaf, room) = (world.neighbour("Olaf").await, world.account("Saal", AccountClass::Room).await);
        let posted = olaf.writes(&meeting("m", &olaf.address, &[&room.address], "")).await;
        deliver(&world.store, posted).await;
        assert_eq!(room.counts().await, (0, 0, 0));
        assert_eq!(olaf.answer_of("m", &room).await, "NEEDS-ACTION");
        assert_eq!(olaf.counts().await, (1, 0, 0));
        assert_eq!(world.outbox("itip").await, []);
    });
}

/// By name and by two lists: in letters of their own, as there are more guests than one letter has.
#[test]
fn whoever_is_invited_in_several_ways_is_told_once() {
    on_each_database(async |world| {
        let (anna, ben, cara) = three(world).await;
        let zoe = world.person("Zoe").await;
        let early = world.list("aaa", &[&zoe, &ben]).await;
        let late = world.list("zzz", &[&zoe, &ben, &cara]).await;
        let mut guests = vec![early.as_str(), &zoe.address, &late];
        let mut others = Vec::new();
        for number in 0..20 {
            others.push(world.person(&format!("guest{number}")).await);
        }
        guests.extend(others.iter().map(|other| other.address.as_str()));
        let mut posted = anna.writes(&meeting("m", &anna.address, &guests, "")).await;
        assert!(posted.len() > 1);
        // By her name before by the first list.
        posted.reverse();
        deliver(&world.store, posted).await;
        assert_eq!(zoe.counts().await, TOLD_ONCE);
        for member in [&ben, &cara] {
            assert_eq!(member.counts().await, (0, 1, 1), "{}: the list is invited", member.address);
        }
        for other in &others {
            assert_eq!(other.counts().await, TOLD_ONCE, "{}", other.address);
        }

        // Called off, for each of them once.
        let copy = anna.copy("m").await;
        let mut off = anna.writes(&copy.replace("SUMMARY", "STATUS:CANCELLED\r\nSUMMARY")).await;
        off.reverse();
        deliver(&world.store, off).await;
        let (_, messages, mails) = zoe.counts().await;
        assert_eq!((messages, mails), (2, 2));
        for member in [&ben, &cara] {
            assert_eq!(member.counts().await, (0, 2, 2), "{}", member.address);
        }
    });
}
