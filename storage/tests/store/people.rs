//! Whom an account writes to, and what it says while it is away.

use crate::harness::{World, acting, address, house, on_each_database};
use std::sync::Arc;
use storage::{
    ABSENCE_REPLY_BYTES_MAX, Absence, Audience, Away, RECIPIENTS_KEPT_MAX, RECIPIENTS_OF_A_MAIL_MAX,
    Recipient, Refusal,
};
use vocabulary::{EmailAddress, Timestamp};

async fn write_to(world: &World, people: Vec<(EmailAddress, String)>) {
    let anna = world.anna;
    let note = move |tx: &mut storage::Write<'_>| tx.note_recipients(&tx.administer()?, anna, &people);
    world.store.write(&house(), &[anna], note).await.unwrap();
}

async fn recipients(world: &World, limit: usize) -> Vec<Recipient> {
    let anna = world.anna;
    world.store.read(&acting(anna), move |tx| tx.recipients(anna, limit)).await.unwrap()
}

fn person(number: i64) -> (EmailAddress, String) {
    (address(&format!("p{number}@elsewhere.test")), format!("P{number}"))
}

#[test]
fn those_who_are_written_to_most_come_first_and_keep_their_number() {
    on_each_database(|world: Arc<World>| async move {
        write_to(&world, vec![person(1), person(2)]).await;
        write_to(&world, vec![(person(2).0, "Zwei\0\n".to_owned())]).await;
        let before = recipients(&world, 10).await;
        let names: Vec<&str> = before.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Zwei", "P1"], "the name that stood with it last");
        world.pass_days(120);
        write_to(&world, vec![(person(1).0, String::new())]).await;
        let after = recipients(&world, 10).await;
        assert_eq!(
            (after[0].id, after[0].name.as_str()),
            (before[1].id, "P1"),
            "later weighs more; no name, the old one"
        );
        assert_eq!(after[1], before[0]);
        assert_eq!(recipients(&world, 1).await, after[..1]);
        world.consistent().await;
    });
}

#[test]
fn the_list_is_bounded_and_the_least_go() {
    on_each_database(|world: Arc<World>| async move {
        let mailing: Vec<_> = (0..200).map(person).collect();
        write_to(&world, mailing).await;
        assert_eq!(
            recipients(&world, 1_000).await.len(),
            RECIPIENTS_OF_A_MAIL_MAX,
            "a mailing is not people"
        );
        write_to(&world, vec![person(7)]).await;
        for number in 0..RECIPIENTS_KEPT_MAX / 50 {
            let first = 1_000 + number * 50;
            write_to(&world, (first..first + 50).map(person).collect()).await;
        }
        let kept = recipients(&world, 10_000).await;
        assert_eq!(i64::try_from(kept.len()).unwrap(), RECIPIENTS_KEPT_MAX);
        assert_eq!(kept[0].address, person(7).0.to_string());
        assert_eq!(kept.last().unwrap().rank, kept[1].rank, "of equals the oldest went");
        world.consistent().await;
    });
}

#[test]
fn an_absence_is_kept_whole_or_refused() {
    on_each_database(|world: Arc<World>| async move {
        let anna = world.anna;
        let put = async |absence: Absence| {
            world.store.write(&acting(anna), &[anna], move |tx| tx.put_absence(anna, &absence)).await
        };
        let mut absence =
            Absence { away: Away::Scheduled, span: Some((Timestamp(5), Timestamp(9))), ..Absence::default() };
        for (audience, text) in [
            (Audience::Internal, "a\nb"),
            (Audience::ExternalKnown, ""),
            (Audience::ExternalUnknown, "<p>\u{e4}</p>"),
        ] {
            let reply = absence.reply_mut(audience);
            (reply.enabled, reply.html, reply.text) = (true, text.starts_with('<'), text.to_owned());
        }
        absence.reply_mut(Audience::ExternalKnown).text = "x".repeat(ABSENCE_REPLY_BYTES_MAX);
        put(absence.clone()).await.unwrap();
        let kept = async || world.store.read(&acting(anna), move |tx| tx.absence(anna)).await.unwrap();
        assert_eq!(kept().await, absence);
        let other = |change: fn(&mut Absence)| {
            let mut other = absence.clone();
            change(&mut other);
            other
        };
        for wrong in [
            other(|absence| absence.span = Some((Timestamp(9), Timestamp(9)))),
            other(|absence| absence.span = None),
            other(|absence| absence.reply_mut(Audience::Internal).text.push('\0')),
        ] {
            let refused = put(wrong).await.unwrap_err();
            assert!(matches!(refused.refusal(), Some(Refusal::Invalid(_))), "{refused}");
        }
        let long = other(|absence| absence.reply_mut(Audience::ExternalKnown).text.push('x'));
        assert!(matches!(put(long).await.unwrap_err().refusal(), Some(Refusal::TooLarge { .. })));
        assert_eq!(kept().await, absence, "what was refused changed nothing");
        world.consistent().await;
    });
}
