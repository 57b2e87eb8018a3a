//! Domains, addresses, groups, passwords, devices, folders, queue, settings.

use crate::harness::{acting, address, house, on_each_database};
use storage::{
    CursorKey, Delivery, Destination, NewCollection, PasswordKeys, Refusal, RequestKey, Result, Scope, Write,
    right,
};
use vocabulary::{AccountKind, CollectionId, CollectionKind, LeafName, MailboxPath, Role, Timestamp};

#[test]
fn an_address_leads_to_its_account_through_every_spelling() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let resolve = async |text: &'static str| {
            world
                .store
                .read(&house(), move |tx| {
                    let admin = tx.administer()?;
                    tx.resolve(&admin, &address(text))
                })
                .await
        };
        world
            .store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                let domain = tx.domain_by_name("blumen.test")?;
                tx.add_domain_alias(&admin, domain.id, "flowers.test")?;
                tx.add_alias(&admin, anna, &address("info@blumen.test"))
            })
            .await
            .unwrap();
        for text in [
            "anna@blumen.test",
            "ANNA@Blumen.Test",
            "anna+shop@blumen.test",
            "anna@flowers.test",
            "info@blumen.test",
            "info+x@flowers.test",
        ] {
            assert_eq!(resolve(text).await.unwrap(), Destination::Account(anna), "{text}");
        }
        for text in ["nobody@blumen.test", "anna@elsewhere.test", "anna@nachbar.test"] {
            assert!(
                matches!(resolve(text).await.unwrap_err().refusal(), Some(Refusal::NotFound(_))),
                "{text}"
            );
        }
    });
}

async fn administer(
    world: &crate::harness::World,
    work: impl for<'tx> FnOnce(&mut Write<'tx>, &storage::Admin<'tx>) -> Result<()> + Send + 'static,
) -> Result<()> {
    let accounts = [world.anna, world.ben];
    world
        .store
        .write(&house(), &accounts, move |tx| {
            let admin = tx.administer()?;
            work(tx, &admin)
        })
        .await
}

#[test]
fn names_are_taken_once() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let taken =
            |outcome: Result<()>| matches!(outcome.unwrap_err().refusal(), Some(Refusal::AlreadyExists(_)));
        assert!(taken(
            administer(&world, |tx, admin| tx.create_domain(admin, "Blumen.test", "de").map(drop)).await
        ));
        assert!(taken(
            administer(&world, move |tx, admin| tx.add_alias(admin, anna, &address("ben@blumen.test"))).await
        ));
        assert!(taken(
            administer(&world, |tx, admin| tx.create_group(admin, &address("ben@blumen.test")).map(drop))
                .await
        ));
        assert!(taken(
            administer(&world, move |tx, admin| tx.rename_account(admin, anna, &address("ben@blumen.test")))
                .await
        ));
        let across = administer(&world, move |tx, admin| {
            tx.rename_account(admin, anna, &address("anna@nachbar.test"))
        })
        .await;
        assert!(matches!(across.unwrap_err().refusal(), Some(Refusal::Invalid(_))));
        let full = administer(&world, |tx, admin| {
            let id = tx.domain_by_name("blumen.test")?.id;
            tx.remove_domain(admin, id)
        })
        .await;
        assert!(matches!(full.unwrap_err().refusal(), Some(Refusal::Invalid(_))));
    });
}

#[test]
fn kinds_and_quotas_change_within_their_bounds() {
    on_each_database(|world| async move {
        let anna = world.anna;
        administer(&world, move |tx, admin| {
            tx.set_account_kind(admin, anna, AccountKind::Pop3)?;
            let domain = tx.domain_by_name("blumen.test")?.id;
            tx.set_domain_quota(admin, domain, 500, 1000)?;
            tx.set_account_quota(admin, anna, 1000)
        })
        .await
        .unwrap();
        let account = world.store.read(&house(), move |tx| tx.account(anna)).await.unwrap();
        assert_eq!((account.kind, account.quota_bytes), (AccountKind::Pop3, 1000));
        for bytes in [0, -1, 1001] {
            let refused = administer(&world, move |tx, admin| tx.set_account_quota(admin, anna, bytes)).await;
            assert!(matches!(refused.unwrap_err().refusal(), Some(Refusal::Invalid(_))), "{bytes}");
        }
    });
}

#[test]
fn a_password_is_replaced_and_app_passwords_are_revoked() {
    on_each_database(|world| async move {
        let anna = world.anna;
        administer(&world, move |tx, admin| {
            tx.set_password(admin, anna, &PasswordKeys::new("first").unwrap())?;
            tx.set_password(admin, anna, &PasswordKeys::new("second").unwrap())?;
            tx.add_app_password(admin, anna, "phone", &PasswordKeys::new("phone-key").unwrap())?;
            tx.add_app_password(admin, anna, "tablet", &PasswordKeys::new("tablet-key").unwrap()).map(drop)
        })
        .await
        .unwrap();
        let twice = administer(&world, move |tx, admin| {
            tx.add_app_password(admin, anna, "phone", &PasswordKeys::new("other").unwrap()).map(drop)
        })
        .await;
        assert!(matches!(twice.unwrap_err().refusal(), Some(Refusal::AlreadyExists(_))));
        administer(&world, move |tx, admin| tx.revoke_app_password(admin, anna, "phone")).await.unwrap();
        let living = world
            .store
            .read(&house(), move |tx| {
                let admin = tx.administer()?;
                tx.credentials(&admin, anna)
            })
            .await
            .unwrap();
        assert_eq!(living.iter().map(|c| c.app.as_deref()).collect::<Vec<_>>(), [None, Some("tablet")]);
        assert!(living[0].keys.verify("second") && !living[0].keys.verify("first"));
        let id = living[0].id;
        administer(&world, move |tx, admin| tx.credential_used(admin, anna, id)).await.unwrap();
        let used = world
            .store
            .read(&house(), move |tx| {
                let admin = tx.administer()?;
                Ok(tx.credentials(&admin, anna)?[0].last_used_at)
            })
            .await
            .unwrap();
        assert_eq!(used, Some(world.now()));
    });
}

#[test]
fn folders_have_one_name_each_and_special_ones_stay() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let make = async |parent: CollectionId, name: &'static str| {
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let name = LeafName::new(name).unwrap();
                    let new = NewCollection { parent, kind: CollectionKind::Mail, role: None, name };
                    tx.create_collection(anna, &new)
                })
                .await
        };
        let projects = make(CollectionId(0), "Projekte").await.unwrap();
        let garden = make(projects.id, "Garten").await.unwrap();
        assert!(garden.uidvalidity > projects.uidvalidity);
        let twice = make(projects.id, "Garten").await.unwrap_err();
        assert!(matches!(twice.refusal(), Some(Refusal::AlreadyExists(_))));
        let path = MailboxPath::parse("Projekte/Garten").unwrap();
        let found = world
            .store
            .read(&acting(anna), move |tx| {
                let grant = tx.open_path::<right::Lookup>(anna, CollectionKind::Mail, &path)?;
                Ok(grant.collection().id)
            })
            .await
            .unwrap();
        assert_eq!(found, garden.id);
        let rename = async |folder: CollectionId, parent: CollectionId, name: &'static str| {
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let grant = tx.open::<right::DeleteCollection>(anna, folder)?;
                    tx.rename_collection(&grant, parent, &LeafName::new(name).unwrap())
                })
                .await
        };
        let into_itself = rename(projects.id, garden.id, "Projekte").await.unwrap_err();
        assert!(matches!(into_itself.refusal(), Some(Refusal::Invalid(_))));
        let inbox = world.inbox(anna).await;
        assert!(rename(inbox, CollectionId(0), "Eingang").await.is_err());
        rename(garden.id, CollectionId(0), "Park").await.unwrap();
        let delete = async |folder: CollectionId| {
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    tx.delete_collection(&tx.open::<right::DeleteCollection>(anna, folder)?)
                })
                .await
        };
        world.insert(anna, projects.id, b"mail").await.unwrap();
        delete(projects.id).await.unwrap();
        let again = make(CollectionId(0), "Projekte").await.unwrap();
        assert!(again.uidvalidity > projects.uidvalidity && again.id != projects.id);
        assert!(delete(world.role(anna, Role::Trash).await).await.is_err());
    });
}

#[test]
fn readers_states_and_remembered_answers_are_kept_apart() {
    on_each_database(|world| async move {
        let (anna, ben, inbox) = (world.anna, world.ben, world.inbox(world.anna).await);
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let key = CursorKey { account: anna, reader: "phone", owner: anna, collection: inbox };
                tx.put_cursor_state(&key, b"one")?;
                tx.put_cursor_state(&key, b"two")?;
                let request = RequestKey {
                    account: anna,
                    reader: "phone",
                    collection: inbox,
                    sync_key: "1",
                    client_key: "a",
                };
                tx.remember(&request, b"hash", b"result")
            })
            .await
            .unwrap();
        let (state, own) = world
            .store
            .read(&acting(anna), move |tx| {
                let key = CursorKey { account: anna, reader: "phone", owner: anna, collection: inbox };
                let request = RequestKey {
                    account: anna,
                    reader: "phone",
                    collection: inbox,
                    sync_key: "1",
                    client_key: "a",
                };
                Ok((tx.cursor_state(&key)?, tx.remembered(&request)?))
            })
            .await
            .unwrap();
        assert_eq!(state.as_deref(), Some(&b"two"[..]));
        assert_eq!(own, Some((b"hash".to_vec(), b"result".to_vec())));
        let foreign = world
            .store
            .read(&acting(ben), move |tx| {
                let request = RequestKey {
                    account: anna,
                    reader: "phone",
                    collection: inbox,
                    sync_key: "1",
                    client_key: "a",
                };
                tx.remembered(&request)
            })
            .await
            .unwrap();
        assert_eq!(foreign, None);
        let large = vec![0; storage::STATE_BYTES_MAX + 1];
        let refused = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let key = CursorKey { account: anna, reader: "phone", owner: anna, collection: inbox };
                tx.put_cursor_state(&key, &large)
            })
            .await
            .unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::TooLarge { .. })));
    });
}

#[test]
fn each_queued_recipient_has_a_state_of_its_own() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let mail = world.prepare(anna, b"to elsewhere").await.content;
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let to = ["a@x.test".to_owned(), "b@x.test".to_owned(), "c@x.test".to_owned()];
                tx.enqueue(anna, "anna@blumen.test", &to, &mail)
            })
            .await
            .unwrap();
        let due = async || {
            world
                .store
                .read(&house(), |tx| {
                    let admin = tx.administer()?;
                    tx.queue_due(&admin, 10)
                })
                .await
                .unwrap()
        };
        let first = due().await;
        assert_eq!(first.len(), 3);
        let later = Timestamp(world.now().0 + 60_000);
        let outcomes = [Delivery::Done, Delivery::Failed, Delivery::Waiting];
        for (recipient, state) in first.clone().into_iter().zip(outcomes) {
            world
                .store
                .write(&house(), &[], move |tx| {
                    let admin = tx.administer()?;
                    tx.settle_recipient(&admin, &recipient, state, "250 ok", later, state == Delivery::Failed)
                })
                .await
                .unwrap();
        }
        assert_eq!(due().await.len(), 0);
        world.now.fetch_add(60_000, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(due().await.len(), 1);
        let done = first[0].clone();
        let again = world
            .store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                tx.settle_recipient(&admin, &done, Delivery::Failed, "550", later, true)
            })
            .await
            .unwrap_err();
        assert!(matches!(again.refusal(), Some(Refusal::NotFound(_))));
    });
}

#[test]
fn the_outbox_and_settings_keep_what_they_were_given() {
    on_each_database(|world| async move {
        let anna = world.anna;
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                tx.push_outgoing(anna, "push", b"payload")?;
                tx.put_setting(Scope::Account(anna), "absence", "weg")?;
                tx.put_setting(Scope::Account(anna), "absence", "da")
            })
            .await
            .unwrap();
        let (due, setting) = world
            .store
            .read(&house(), move |tx| {
                let admin = tx.administer()?;
                Ok((tx.outbox_due(&admin, 10)?, tx.setting(Scope::Account(anna), "absence")?))
            })
            .await
            .unwrap();
        assert_eq!((due.len(), setting.as_deref()), (1, Some("da")));
        let id = due[0].id;
        administer(&world, move |tx, admin| tx.settle_outgoing(admin, anna, id, None).map(drop))
            .await
            .unwrap();
        let left = world
            .store
            .read(&house(), |tx| {
                let admin = tx.administer()?;
                tx.outbox_due(&admin, 10)
            })
            .await
            .unwrap();
        assert!(left.is_empty());
    });
}
