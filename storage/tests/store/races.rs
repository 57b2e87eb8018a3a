//! Administrators who act at the same time, and accounts that do not wait for each other.

use crate::changes::{rounds, spawn};
use crate::contents::run;
use crate::harness::{acting, address, house, on_each_database};
use std::sync::{Arc, Barrier};
use storage::{Database, Error, NewAccount, Refusal, Subject};
use vocabulary::{AccountClass, AccountKind};

fn new_account(text: &str) -> NewAccount {
    NewAccount {
        address: address(text),
        kind: AccountKind::Exchange,
        class: AccountClass::Person,
        name: String::new(),
        language: None,
        quota_bytes: None,
    }
}

/// Whoever comes first wins; `check` knows an account without a domain.
#[test]
fn a_domain_is_not_removed_from_under_an_account_that_is_being_set_up() {
    on_each_database(|world| async move {
        for round in 0..rounds(20) {
            let name = format!("d{round}.test");
            let (named, account) = (name.clone(), new_account(&format!("anna@{name}")));
            let domain = world
                .store
                .write(&house(), &[], move |tx| {
                    let admin = tx.administer()?;
                    tx.create_domain(&admin, &named, "de")
                })
                .await
                .unwrap();
            let (creator, remover) = (world.store.clone(), world.store.clone());
            let create = spawn(async move {
                let work = move |tx: &mut storage::Write<'_>| {
                    let admin = tx.administer()?;
                    tx.create_account(&admin, &account)
                };
                creator.write(&house(), &[], work).await
            });
            let remove = spawn(async move {
                let work = move |tx: &mut storage::Write<'_>| {
                    let admin = tx.administer()?;
                    tx.remove_domain(&admin, domain)
                };
                remover.write(&house(), &[], work).await
            });
            match (create.await.unwrap(), remove.await.unwrap()) {
                (Ok(_), Err(Error::Refusal(Refusal::Invalid(_)))) => {}
                (Err(Error::Refusal(Refusal::NotFound(Subject::Domain))), Ok(())) => {}
                both => panic!("round {round}: {both:?}"),
            }
        }
    });
}

/// Only PostgreSQL runs two writing transactions at a time.
#[test]
fn accounts_that_queue_and_push_in_any_order_do_not_wait_for_each_other() {
    on_each_database(|world| async move {
        if matches!(world.database, Database::Sqlite(_)) {
            return;
        }
        let both_hold_one = Arc::new(Barrier::new(2));
        let to = ["x@elsewhere.test".to_owned()];
        let tasks = [(world.anna, true), (world.ben, false)].map(|(account, pushes_first)| {
            let (world, barrier, to) = (Arc::clone(&world), Arc::clone(&both_hold_one), to.clone());
            spawn(async move {
                let mail = world.prepare(account, b"outgoing").await.content;
                let work = move |tx: &mut storage::Write<'_>| {
                    let mut take = |push: bool| match push {
                        true => tx.push_outgoing(account, "push", b"payload"),
                        false => tx.enqueue(account, "", &to, &mail),
                    };
                    take(pushes_first)?;
                    barrier.wait();
                    take(!pushes_first)
                };
                world.store.write(&acting(account), &[account], work).await
            })
        });
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
}

#[test]
fn numbers_of_the_outbox_go_on_above_those_that_the_whole_house_shared() {
    on_each_database(|world| async move {
        run(&world.database, "INSERT INTO counter (name, value) VALUES ('outbox', 57)").await;
        for (account, expected) in [(world.anna, 58), (world.anna, 59), (world.ben, 58)] {
            let push = move |tx: &mut storage::Write<'_>| tx.push_outgoing(account, "push", b"payload");
            assert_eq!(world.store.write(&acting(account), &[account], push).await.unwrap(), expected);
        }
    });
}
