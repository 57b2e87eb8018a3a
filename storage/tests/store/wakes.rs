//! Whoever waits on an account is woken when what it may do has changed: an open connection must
//! learn that it is to end.

use crate::harness::{World, address, house, on_each_database};
use futures::FutureExt;
use std::time::Duration;
use storage::{Admin, PasswordKeys, Result, Write};

/// Below the time after which a PostgreSQL store wakes everybody anyway.
const DEADLINE: Duration = Duration::from_secs(4);

/// In the process that acts and in another one.
async fn wakes_ben(
    world: &World,
    what: &str,
    work: impl for<'tx> FnOnce(&mut Write<'tx>, &Admin<'tx>) -> Result<()> + Send + 'static,
) {
    let other = world.open_again().await;
    let watched = [("this process", world.store.wakes(&[world.ben])), ("another", other.wakes(&[world.ben]))];
    world
        .store
        .write(&house(), &[world.ben], move |tx| {
            let admin = tx.administer()?;
            work(tx, &admin)
        })
        .await
        .unwrap();
    for (place, mut wakes) in watched {
        let woken = tokio::time::timeout(DEADLINE, wakes.any()).await;
        assert!(woken.is_ok(), "{what} woke nobody in {place}");
    }
    other.close();
}

#[test]
fn a_commit_wakes_readers_of_every_process() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let second = world.open_again().await;
        let mut there = second.wakes(&[anna]);
        let mut here = world.store.wakes(&[anna]);
        let mut elsewhere = world.store.wakes(&[world.ben]);
        // Twice, so that the second process has looked at least once since the first commit.
        for text in [&b"one"[..], b"two"] {
            world.insert(anna, inbox, text).await.unwrap();
            for wakes in [&mut there, &mut here] {
                tokio::time::timeout(DEADLINE, wakes.any()).await.expect("nobody was woken");
            }
        }
        // Its own commits tell a process whom to wake: nobody else.
        assert_eq!(elsewhere.any().now_or_never(), None);
        second.close();
    });
}

#[test]
fn a_suspended_account_is_woken() {
    on_each_database(|world| async move {
        let ben = world.ben;
        wakes_ben(&world, "suspension", move |tx, admin| tx.suspend_account(admin, ben, true)).await;
        wakes_ben(&world, "its end", move |tx, admin| tx.suspend_account(admin, ben, false)).await;
    });
}

#[test]
fn an_account_of_another_kind_is_woken() {
    on_each_database(|world| async move {
        let ben = world.ben;
        let kind = vocabulary::AccountKind::Imap;
        wakes_ben(&world, "another kind", move |tx, admin| tx.set_account_kind(admin, ben, kind)).await;
    });
}

#[test]
fn a_member_is_woken_when_it_joins_and_when_it_leaves() {
    on_each_database(|world| async move {
        let ben = world.ben;
        let group = world
            .store
            .write(&house(), &[], |tx| {
                let admin = tx.administer()?;
                tx.create_group(&admin, &address("laden@blumen.test"))
            })
            .await
            .unwrap();
        wakes_ben(&world, "joining", move |tx, admin| tx.set_member(admin, group, ben, true)).await;
        wakes_ben(&world, "leaving", move |tx, admin| tx.set_member(admin, group, ben, false)).await;
    });
}

#[test]
fn an_account_is_woken_when_an_app_password_is_revoked() {
    on_each_database(|world| async move {
        let ben = world.ben;
        world
            .store
            .write(&house(), &[ben], move |tx| {
                let admin = tx.administer()?;
                tx.add_app_password(&admin, ben, "phone", &PasswordKeys::new("phone-key").unwrap())
            })
            .await
            .unwrap();
        wakes_ben(&world, "revocation", move |tx, admin| tx.revoke_app_password(admin, ben, "phone")).await;
    });
}
