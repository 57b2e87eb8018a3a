//! Meetings among people of one house: RFC 6638 sections 3 and 4. Everybody is told once.

use crate::client::Client;
use crate::meeting::{answer_of, attendee, event, header, meeting, unfolded};
use crate::world::on_each_database;
use storage::Grantee;
use vocabulary::{AccountClass, AccountKind, Preset, Role};

/// Inbox messages and mails of somebody.
async fn counts(who: &Client<'_>) -> (usize, usize) {
    (who.told().await.len(), who.mails().await.len())
}

/// RFC 6638 section 3.2.1.1.
#[test]
fn each_guest_of_a_new_meeting_is_told_once() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let path = anna.calendar("calendar/m.ics");
        let stored = anna.put(&path, meeting("m", anna, &[ben, cara, dora], "")).await;
        assert_eq!((stored.status, stored.header("etag")), (201, None), "the bytes were rewritten");
        let tag = stored.header("schedule-tag").unwrap();
        for guest in [ben, cara, dora] {
            let copy = guest.copy().await;
            assert_eq!(answer_of(&copy.body, guest), "NEEDS-ACTION");
            assert!(copy.tag.is_some() && !copy.body.contains("METHOD"), "{}", copy.body);
            assert_eq!(guest.told().await, ["REQUEST"]);
            let mails = guest.mails().await;
            assert_eq!(mails.len(), 1);
            assert_eq!(header(&mails[0], "Subject").as_deref(), Some("Invitation: Beete planen"));
            assert!(
                mails[0].contains(&anna.address) && mails[0].contains("method=\"REQUEST\""),
                "{}",
                mails[0]
            );
        }
        let own = anna.get(&path).await;
        assert_eq!(own.header("schedule-tag"), Some(tag));
        assert!(attendee(&own.body, ben).contains("SCHEDULE-STATUS=1.2"), "{}", own.body);
        assert_eq!(counts(anna).await, (0, 0));
        // The same bytes again tell nobody.
        assert_eq!(anna.put(&path, own.body).await.status, 204);
        assert_eq!(counts(ben).await, (1, 1));
    });
}

/// RFC 6638 sections 3.2.2.3, 3.2.10 and 4.1.
#[test]
fn an_answer_reaches_the_organizer_and_refreshes_the_others_in_silence() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/m.ics");
        anna.put(&path, meeting("m", anna, &[ben, cara], "")).await;
        let (before, of_cara) = (anna.copy().await, cara.copy().await);
        assert_eq!(ben.answers(&ben.copy().await, "ACCEPTED").await, 204);
        let after = anna.copy().await;
        assert_eq!(answer_of(&after.body, ben), "ACCEPTED");
        assert_eq!(after.tag, before.tag, "only an answer came");
        assert_ne!(after.etag, before.etag);
        assert_eq!(anna.told().await, ["REPLY"]);
        let mails = anna.mails().await;
        assert_eq!(mails.len(), 1);
        assert_eq!(header(&mails[0], "Subject").as_deref(), Some("Accepted: Beete planen"));
        let refreshed = cara.copy().await;
        assert_eq!(answer_of(&refreshed.body, ben), "ACCEPTED");
        assert_eq!(refreshed.tag, of_cara.tag);
        assert_eq!(counts(cara).await, (1, 1), "in silence");
        assert_eq!(counts(ben).await, (1, 1));
        // The answer hangs at the invitation.
        let invitation = header(&ben.mails().await[0], "Message-ID").unwrap();
        assert_eq!(header(&mails[0], "In-Reply-To"), Some(invitation));
    });
}

/// RFC 6638 section 3.2.1.2.
#[test]
fn a_new_time_is_told_and_asks_again() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/m.ics");
        anna.put(&path, meeting("m", anna, &[ben], "")).await;
        ben.answers(&ben.copy().await, "ACCEPTED").await;
        let body = anna.copy().await.body;
        let later = body.replace("20261202T09", "20261203T09").replace("20261202T10", "20261203T10");
        assert_eq!(anna.put(&path, later).await.status, 204);
        let copy = ben.copy().await;
        assert!(copy.body.contains("20261203T090000Z"), "{}", copy.body);
        assert_eq!(answer_of(&copy.body, ben), "NEEDS-ACTION");
        assert_eq!(ben.told().await, ["REQUEST", "REQUEST"]);
        let mails = ben.mails().await;
        assert_eq!(header(&mails[1], "Subject").as_deref(), Some("Updated: Beete planen"));
        assert_eq!(header(&mails[1], "In-Reply-To"), header(&mails[0], "Message-ID"));
    });
}

/// RFC 6638 section 3.2.1.3.
#[test]
fn a_removed_meeting_is_called_off_once() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/m.ics");
        anna.put(&path, meeting("m", anna, &[ben], "")).await;
        assert_eq!(anna.delete(&path).await.status, 204);
        let copy = ben.copy().await;
        assert!(unfolded(&copy.body).contains(&"STATUS:CANCELLED".to_owned()), "{}", copy.body);
        assert_eq!(ben.told().await, ["REQUEST", "CANCEL"]);
        let mails = ben.mails().await;
        assert_eq!(header(&mails[1], "Subject").as_deref(), Some("Canceled: Beete planen"));
        // What does not take place is taken out without a word.
        assert_eq!(ben.delete(&copy.path).await.status, 204);
        assert_eq!(counts(anna).await, (0, 0));
    });
}

/// RFC 6638 sections 3.2.2.4 and 8.1.
#[test]
fn who_takes_a_meeting_out_declines_it_unless_nothing_is_to_be_said() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        anna.put(&anna.calendar("calendar/m.ics"), meeting("m", anna, &[ben, cara], "")).await;
        let copy = ben.copy().await;
        assert_eq!(ben.send("DELETE", &copy.path, &[("Schedule-Reply", "F")], "").await.status, 204);
        assert_eq!(counts(anna).await, (0, 0));
        assert_eq!(cara.delete(&cara.copy().await.path).await.status, 204);
        assert_eq!(answer_of(&anna.copy().await.body, cara), "DECLINED");
        assert_eq!(answer_of(&anna.copy().await.body, ben), "NEEDS-ACTION");
        assert_eq!(counts(anna).await, (1, 1));
    });
}

/// RFC 6638 section 3.2.3.2: a collection goes as a whole, and each meeting in it is called off.
#[test]
fn with_a_calendar_its_meetings_are_called_off_once_each() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let other = anna.calendar("other/");
        assert_eq!(anna.send("MKCALENDAR", &other, &[], "").await.status, 201);
        anna.put(&format!("{other}m.ics"), meeting("m", anna, &[ben], "")).await;
        anna.put(&format!("{other}n.ics"), meeting("n", anna, &[ben], "")).await;
        anna.put(&format!("{other}e.ics"), event("e", "")).await;
        assert_eq!(anna.delete(&other).await.status, 204);
        assert_eq!(ben.told().await, ["REQUEST", "REQUEST", "CANCEL", "CANCEL"]);
        assert_eq!(ben.mails().await.len(), 4);
        let cancelled = ben.copies().await.iter().filter(|copy| copy.body.contains("CANCELLED")).count();
        assert_eq!(cancelled, 2);
    });
}

/// RFC 6638 sections 3.2.3.3 and 3.2.3.4.
#[test]
fn what_moves_between_calendars_is_no_news() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (path, other) = (anna.calendar("calendar/m.ics"), anna.calendar("other/m.ics"));
        anna.send("MKCALENDAR", &anna.calendar("other/"), &[], "").await;
        anna.put(&path, meeting("m", anna, &[ben], "")).await;
        let copied = anna.send("COPY", &path, &[("Destination", &other)], "").await;
        assert_eq!(copied.refusal(), (403, "unique-scheduling-object-resource".to_owned()));
        let moved = anna.send("MOVE", &path, &[("Destination", &other)], "").await;
        assert_eq!(moved.status, 201);
        assert_eq!(counts(ben).await, (1, 1));
        // It is the same meeting still.
        ben.answers(&ben.copy().await, "TENTATIVE").await;
        assert_eq!(answer_of(&anna.get(&other).await.body, ben), "TENTATIVE");
    });
}

/// An object of the same UID that is no meeting comes in its place.
#[test]
fn a_meeting_that_something_else_takes_the_place_of_is_called_off() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        anna.send("MKCALENDAR", &anna.calendar("other/"), &[], "").await;
        for (n, method) in [(1, "MOVE"), (2, "COPY")] {
            let uid = format!("m{n}");
            let path = anna.calendar(&format!("calendar/{uid}.ics"));
            let other = anna.calendar(&format!("other/{uid}.ics"));
            assert_eq!(anna.put(&other, event(&uid, "")).await.status, 201);
            anna.put(&path, meeting(&uid, anna, &[ben], "")).await;
            let kept = anna.send(method, &other, &[("Destination", &path), ("Overwrite", "F")], "").await;
            assert_eq!((kept.status, counts(ben).await), (412, (2 * n - 1, 2 * n - 1)), "{method}");
            let done = anna.send(method, &other, &[("Destination", &path)], "").await;
            assert_eq!(done.status, 204, "{method}: {done:?}");
            assert_eq!(counts(ben).await, (2 * n, 2 * n), "{method}");
            let copies = ben.copies().await;
            let copy = copies.iter().find(|copy| copy.body.contains(&format!("UID:{uid}"))).unwrap();
            assert!(copy.body.contains("STATUS:CANCELLED"), "{method}: {}", copy.body);
        }
        assert_eq!(ben.told().await, ["REQUEST", "CANCEL", "REQUEST", "CANCEL"]);
    });
}

/// A calendar that moves is the same; what is in its way is removed; a copy would be the same meetings twice.
#[test]
fn a_whole_calendar_is_moved_without_a_word_and_not_copied_with_meetings_in_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let [one, two, three] = ["one/", "two/", "three/"].map(|name| anna.calendar(name));
        for (path, uid) in [(&one, "m"), (&two, "n")] {
            assert_eq!(anna.send("MKCALENDAR", path, &[], "").await.status, 201);
            anna.put(&format!("{path}{uid}.ics"), meeting(uid, anna, &[ben], "")).await;
        }
        let copied = anna.send("COPY", &one, &[("Destination", &three)], "").await;
        assert_eq!(copied.refusal(), (403, "unique-scheduling-object-resource".to_owned()));
        let moved = anna.send("MOVE", &one, &[("Destination", &three)], "").await;
        assert_eq!((moved.status, counts(ben).await), (201, (2, 2)));
        let kept = anna.send("MOVE", &three, &[("Destination", &two), ("Overwrite", "F")], "").await;
        assert_eq!((kept.status, counts(ben).await), (412, (2, 2)));
        let moved = anna.send("MOVE", &three, &[("Destination", &two)], "").await;
        assert_eq!((moved.status, counts(ben).await), (204, (3, 3)));
        let cancelled: Vec<_> =
            ben.copies().await.into_iter().filter(|copy| copy.body.contains("CANCELLED")).collect();
        assert_eq!(cancelled.len(), 1);
        assert!(cancelled[0].body.contains("UID:n"), "{}", cancelled[0].body);
        assert_eq!(anna.get(&format!("{two}m.ics")).await.status, 200);
    });
}

#[test]
fn a_delegate_invites_in_the_owners_name() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let folder = world.folder(anna.id, Role::Calendar).await;
        let mounted = ben.mounted(anna, folder, "m.ics");
        assert_eq!(ben.put(&mounted, meeting("m", anna, &[cara], "")).await.status, 201);
        let mails = cara.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(header(&mails[0], "From").unwrap().contains(&anna.address), "{}", mails[0]);
        assert!(header(&mails[0], "Sender").unwrap().contains(&ben.address), "{}", mails[0]);
        let copy = cara.copy().await.body;
        let organizer = unfolded(&copy).into_iter().find(|line| line.starts_with("ORGANIZER")).unwrap();
        let sent_by = format!("SENT-BY=\"mailto:{}\"", ben.address);
        assert!(organizer.contains(&sent_by) && organizer.ends_with(&anna.address), "{organizer}");
        cara.answers(&cara.copy().await, "ACCEPTED").await;
        assert_eq!(
            (counts(anna).await, counts(ben).await),
            ((1, 1), (0, 0)),
            "the answer is for the organizer"
        );
        assert_eq!(answer_of(&anna.copy().await.body, cara), "ACCEPTED");
    });
}

/// RFC 6638 section 6.2: a calendar that everybody may write in makes nobody send in its owner's name.
#[test]
fn whoever_is_no_delegate_sends_nothing_in_the_owners_name() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        world.grant(anna, Role::Calendar, Grantee::Anyone, Preset::Editor.rights()).await;
        let path = |name: &str| anna.calendar(&format!("calendar/{name}"));
        assert_eq!(ben.put(&path("e.ics"), event("e", "")).await.status, 201, "which tells nobody");
        let refused = ben.put(&path("m.ics"), meeting("m", anna, &[cara], "")).await;
        assert_eq!(refused.refusal(), (403, "need-privileges".to_owned()));
        assert!(refused.body.contains("schedule-send"), "{refused:?}");
        assert_eq!((counts(cara).await, anna.copies().await.len()), ((0, 0), 1));
        assert_eq!(ben.propfind(&anna.scheduling("outbox/"), "0", "<displayname/>").await.status, 404);

        anna.put(&path("n.ics"), meeting("n", anna, &[cara], "")).await;
        assert_eq!(ben.delete(&path("n.ics")).await.status, 403);
        let own = ben.calendar("calendar/n.ics");
        assert_eq!(ben.send("MOVE", &path("n.ics"), &[("Destination", &own)], "").await.status, 403);
        assert_eq!((ben.get(&own).await.status, anna.get(&path("n.ics")).await.status), (404, 200));
        // Nor does it go for what comes in its place.
        assert_eq!(ben.put(&own, event("n", "")).await.status, 201);
        for method in ["COPY", "MOVE"] {
            let refused = ben.send(method, &own, &[("Destination", &path("n.ics"))], "").await;
            assert_eq!(refused.status, 403, "{method}: {refused:?}");
        }
        let moved = meeting("n", anna, &[cara], "LOCATION:elsewhere\n");
        let changed = ben.calendar("calendar/changed.ics");
        assert_eq!(ben.delete(&own).await.status, 204);
        assert_eq!(ben.put(&changed, moved).await.status, 201, "it is none of Ben's");
        assert_eq!(ben.send("COPY", &changed, &[("Destination", &path("n.ics"))], "").await.status, 403);
        assert!(anna.get(&path("n.ics")).await.body.contains("ATTENDEE"));
        assert_eq!(counts(cara).await, (1, 1));
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        assert_eq!(ben.put(&path("m.ics"), meeting("m", anna, &[cara], "")).await.status, 201);
        assert_eq!(counts(cara).await, (2, 2));
    });
}

/// RFC 6638 section 3.2.3.4: it is no meeting of its organiser's any more, and nobody else's is one.
#[test]
fn a_meeting_that_moves_to_another_account_is_called_off() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        world.share(ben, Role::Calendar, anna, Preset::Editor.rights()).await;
        let folder = world.folder(ben.id, Role::Calendar).await;
        let path = |name: &str| anna.calendar(&format!("calendar/{name}"));
        anna.put(&path("m.ics"), meeting("m", anna, &[cara], "")).await;
        anna.put(&path("e.ics"), event("e", "")).await;
        for name in ["e.ics", "m.ics"] {
            let to = anna.mounted(ben, folder, name);
            assert_eq!(
                anna.send("MOVE", &path(name), &[("Destination", &to)], "").await.status,
                201,
                "{name}"
            );
            assert_eq!(
                (anna.get(&path(name)).await.status, anna.get(&to).await.status),
                (404, 200),
                "{name}"
            );
        }
        assert_eq!(cara.told().await, ["REQUEST", "CANCEL"]);
        assert!(cara.copy().await.body.contains("STATUS:CANCELLED"));
        assert_eq!((counts(cara).await, counts(ben).await), ((2, 2), (0, 0)));
    });
}

#[test]
fn a_room_takes_one_meeting_at_a_time() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (_, domain) = anna.address.split_once('@').unwrap();
        let room = &world.account("Saal", domain, AccountKind::Exchange, AccountClass::Room).await;
        anna.put(&anna.calendar("calendar/m.ics"), meeting("m", anna, &[room], "")).await;
        assert_eq!(answer_of(&anna.copy().await.body, room), "ACCEPTED");
        assert_eq!(anna.told().await, ["REPLY"]);
        assert_eq!(room.mails().await.len(), 0, "nobody would read it");
        // A series that collides with the first.
        let series = meeting("s", ben, &[room], "RRULE:FREQ=DAILY;COUNT=3\r\n");
        let series = series.replace("20261202T09", "20261130T09").replace("20261202T10", "20261130T10");
        ben.put(&ben.calendar("calendar/s.ics"), series).await;
        let body = ben.copy().await.body;
        assert!(body.contains("DECLINED"), "the third day is taken: {body}");
        assert_eq!(answer_of(&anna.copy().await.body, room), "ACCEPTED");
        // Once the first is called off, its time is free.
        anna.delete(&anna.calendar("calendar/m.ics")).await;
        anna.put(&anna.calendar("calendar/n.ics"), meeting("n", anna, &[room], "")).await;
        assert_eq!(answer_of(&anna.copy().await.body, room), "ACCEPTED");
    });
}

/// RFC 6638 section 2.4.1: a principal's path is one of its calendar user addresses. Mails know it not.
#[test]
fn who_is_named_by_the_path_of_a_principal_is_told_too() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let by_path = |object: &str| {
            [anna, ben].iter().fold(object.to_owned(), |object, who| {
                object.replace(&format!("mailto:{}", who.address), &who.principal())
            })
        };
        let path = anna.calendar("calendar/m.ics");
        let stored = anna.put(&path, by_path(&meeting("m", anna, &[ben], ""))).await;
        assert_eq!((stored.status, stored.header("etag")), (201, None), "the bytes were rewritten");
        assert_eq!(counts(ben).await, (1, 1));
        let from = header(&ben.mails().await[0], "From").unwrap();
        assert!(from.contains(&anna.address), "{from}");
        let copy = ben.copy().await;
        assert!(!copy.body.contains("/dav/principals/"), "{}", copy.body);
        let answered = copy.body.replace("\r\n ", "").replace("NEEDS-ACTION", "TENTATIVE");
        assert_eq!(ben.put(&copy.path, by_path(&answered)).await.status, 204);
        assert_eq!(answer_of(&anna.get(&path).await.body, ben), "TENTATIVE");
        assert_eq!(anna.delete(&path).await.status, 204);
        assert_eq!(ben.told().await, ["REQUEST", "CANCEL"]);
    });
}

#[test]
fn an_alias_is_the_same_person() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (_, domain) = ben.address.split_once('@').unwrap();
        let (alias, other) = (format!("benjamin@{domain}"), format!("other-{domain}"));
        let (id, name, second) = (ben.id, alias.clone(), other.clone());
        let domain = domain.to_owned();
        world
            .write(&[], move |tx| {
                let admin = tx.administer()?;
                tx.add_alias(&admin, id, &vocabulary::EmailAddress::parse(&name).unwrap())?;
                let domain = tx.domain_by_name(&domain)?.id;
                tx.add_domain_alias(&admin, domain, &second)
            })
            .await;
        for (uid, address) in [("m", alias.clone()), ("n", format!("BEN@{other}"))] {
            let before = ben.mails().await.len();
            let body =
                meeting(uid, anna, &[], &format!("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{address}\r\n"));
            anna.put(&anna.calendar(&format!("calendar/{uid}.ics")), body).await;
            assert_eq!(ben.mails().await.len(), before + 1, "{address}");
        }
        let copies = ben.copies().await;
        assert_eq!(copies.len(), 2);
        let accepted = copies[0].body.replace("\r\n ", "");
        let accepted = accepted.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED");
        assert_eq!(ben.put(&copies[0].path, accepted).await.status, 204);
        assert_eq!(anna.told().await, ["REPLY"]);
    });
}
