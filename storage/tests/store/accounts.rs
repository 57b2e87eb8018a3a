//! Domains, addresses, groups, passwords, devices, folders, queue, settings.

use crate::harness::{World, acting, address, house, on_each_database};
use storage::{
    CursorKey, Delivery, Destination, Device, NewCollection, PasswordKeys, Refusal, RequestKey, Result,
    Scope, Write, right,
};
use vocabulary::{
    AccountId, AccountKind, CollectionId, CollectionKind, LeafName, MailboxPath, Principal, Role, Timestamp,
};

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

/// Those of plain logins and those of challenges.
#[test]
fn the_keys_of_a_password_are_read_back_as_they_were_written() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let written = ["main-key", "phone-key"].map(|password| PasswordKeys::new(password).unwrap());
        let [main, phone] = written.clone();
        administer(&world, move |tx, admin| {
            tx.set_password(admin, anna, &main)?;
            tx.add_app_password(admin, anna, "phone", &phone).map(drop)
        })
        .await
        .unwrap();
        let living = world
            .store
            .read(&house(), move |tx| {
                let admin = tx.administer()?;
                tx.credentials(&admin, anna)
            })
            .await
            .unwrap();
        let read: Vec<_> = living.into_iter().map(|credential| credential.keys).collect();
        assert_eq!(read, written);
        for (keys, password) in read.iter().zip(["main-key", "phone-key"]) {
            assert!(keys.verify(password));
            // As long as SHA-256 and its random salt are.
            let scram = keys.scram();
            assert!(scram.iterations >= 4096);
            assert_eq!([scram.salt.len(), scram.stored_key.len(), scram.server_key.len()], [16, 32, 32]);
        }
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
                    let new = NewCollection {
                        parent,
                        kind: CollectionKind::Mail,
                        role: None,
                        name,
                        resource_name: None,
                    };
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
                Ok((tx.outbox_due(&admin, "push", 10)?, tx.setting(Scope::Account(anna), "absence")?))
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
                tx.outbox_due(&admin, "push", 10)
            })
            .await
            .unwrap();
        assert!(left.is_empty());
    });
}

fn request(reader: &'static str, account: AccountId, collection: CollectionId) -> RequestKey<'static> {
    RequestKey { account, reader, collection, sync_key: "1", client_key: "a" }
}

/// What a principal remembers about a collection, as text.
async fn remembered(
    world: &World,
    who: &Principal,
    reader: &'static str,
    owner: AccountId,
    folder: CollectionId,
) -> Option<String> {
    let read = move |tx: &storage::Read<'_>| tx.remembered(&request(reader, owner, folder));
    let found = world.store.read(who, read).await.unwrap();
    found.map(|(_, result)| String::from_utf8(result).unwrap())
}

#[test]
fn answers_are_remembered_for_each_principal_apart() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let everybody = [acting(anna), acting(world.ben), acting(world.nora), house()];
        for (number, who) in everybody.iter().enumerate() {
            assert_eq!(remembered(&world, who, "phone", anna, inbox).await, None);
            let answer = format!("for {number}");
            let remember = move |tx: &mut Write<'_>| {
                tx.remember(&request("phone", anna, inbox), b"hash", answer.as_bytes())
            };
            world.store.write(who, &[anna], remember).await.unwrap();
        }
        for (number, who) in everybody.iter().enumerate() {
            let answer = remembered(&world, who, "phone", anna, inbox).await;
            assert_eq!(answer, Some(format!("for {number}")));
        }
        for (number, who) in everybody.iter().enumerate().skip(1) {
            let forget = move |tx: &mut Write<'_>| tx.forget_remembered(anna, "phone", inbox, "1");
            world.store.write(who, &[anna], forget).await.unwrap();
            assert_eq!(remembered(&world, who, "phone", anna, inbox).await, None, "{number}");
        }
        let hers = remembered(&world, &everybody[0], "phone", anna, inbox).await;
        assert_eq!(hers.as_deref(), Some("for 0"), "a stranger took it away");
        // Nobody writes them into an account that the transaction did not declare.
        let undeclared = move |tx: &mut Write<'_>| tx.remember(&request("phone", anna, inbox), b"", b"");
        assert!(world.store.write(&acting(world.nora), &[], undeclared).await.is_err());
    });
}

#[test]
fn answers_are_remembered_as_long_as_their_key_lives() {
    on_each_database(|world| async move {
        let (anna, ben, inbox) = (world.anna, world.ben, world.inbox(world.anna).await);
        let key = CursorKey { account: ben, reader: "phone", owner: anna, collection: inbox };
        let keep = move |tx: &mut Write<'_>| {
            tx.put_cursor_state(&key, b"a key")?;
            tx.remember(&request("phone", anna, inbox), b"hash", b"of a living key")?;
            tx.remember(&request("watch", anna, inbox), b"hash", b"of a key that is gone")?;
            tx.remember(&request("phone", anna, CollectionId(0)), b"hash", b"of no key")
        };
        world.store.write(&acting(ben), &[anna, ben], keep).await.unwrap();
        let answers = async |reader, folder| remembered(&world, &acting(ben), reader, anna, folder).await;
        world.pass_days(13);
        world.store.sweep().await.unwrap();
        assert!(answers("watch", inbox).await.is_some());
        assert!(answers("phone", CollectionId(0)).await.is_some());
        world.pass_days(30);
        world.store.sweep().await.unwrap();
        assert_eq!(answers("phone", inbox).await.as_deref(), Some("of a living key"));
        assert_eq!(answers("watch", inbox).await, None);
        assert_eq!(answers("phone", CollectionId(0)).await, None);
        let end = move |tx: &mut Write<'_>| tx.remove_cursor_state(&key);
        world.store.write(&acting(ben), &[ben], end).await.unwrap();
        world.store.sweep().await.unwrap();
        assert_eq!(answers("phone", inbox).await, None);
    });
}

fn device(id: &str) -> Device {
    Device {
        id: id.to_owned(),
        device_type: "SmartPhone".to_owned(),
        user_agent: String::new(),
        protocol_version: String::new(),
        information: String::new(),
        policy_key: 0,
        pending_policy_key: 0,
        policy_hash: String::new(),
        wipe: String::new(),
        created_at: Timestamp(0),
        last_seen_at: Timestamp(0),
    }
}

/// A phone that comes back under its old id must not get the answers of its former life.
#[test]
fn a_removed_device_is_forgotten_with_its_states_and_answers() {
    // Alike enough for a pattern that is not exact.
    const DEVICES: [&str; 4] = ["phone", "phone2", "%", "phon_"];
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                for reader in DEVICES {
                    tx.put_device(anna, &device(reader))?;
                    let key = CursorKey { account: anna, reader, owner: anna, collection: inbox };
                    tx.put_cursor_state(&key, b"state")?;
                    tx.remember(&request(reader, anna, inbox), b"hash", b"result")?;
                }
                Ok(())
            })
            .await
            .unwrap();
        let mut left = DEVICES.to_vec();
        // By its owner and by the house, which acts as nobody in particular.
        for (who, gone) in [(acting(anna), "phon_"), (house(), "phone"), (acting(anna), "%")] {
            let remove = move |tx: &mut Write<'_>| tx.remove_device(anna, gone);
            world.store.write(&who, &[anna], remove).await.unwrap();
            left.retain(|id| *id != gone);
            for reader in DEVICES {
                let there = left.contains(&reader);
                let answer = remembered(&world, &acting(anna), reader, anna, inbox).await;
                assert_eq!(answer.is_some(), there, "the answer of {reader} without {gone}");
                let key = CursorKey { account: anna, reader, owner: anna, collection: inbox };
                let state = world.store.read(&acting(anna), move |tx| tx.cursor_state(&key)).await.unwrap();
                assert_eq!(state.is_some(), there, "the state of {reader} without {gone}");
            }
        }
    });
}
