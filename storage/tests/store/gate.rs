//! No read or write reaches a collection without its grant: every public operation is walked by
//! every kind of stranger.

use crate::harness::{World, acting, address, house, on_each_database};
use storage::{
    CursorKey, Device, Error, Fault, FlagChange, Grantee, NewAccount, NewCollection, NewItem, PasswordKeys,
    Read, Refusal, Result, Scope, Write, right,
};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionId, CollectionKind, Door, EmailAddress, Flags, Keywords,
    LeafName, MailboxPath, Preset, Principal, Rights, Role, Timestamp, Uid,
};

/// What an operation needs, in the words of RFC 4314.
struct Operation {
    name: &'static str,
    needs: Rights,
    run: fn(&mut Write<'_>, &Place) -> Result<()>,
}

#[derive(Clone)]
struct Place {
    owner: AccountId,
    folder: CollectionId,
    new: NewItem,
    event: NewItem,
    stranger: AccountId,
}

/// Every public operation on a collection and its items.
fn operations() -> Vec<Operation> {
    let swt = Rights::WRITE;
    vec![
        op("lookup", Rights::LOOKUP, |tx, p| tx.open::<right::Lookup>(p.owner, p.folder).map(drop)),
        op("items", Rights::READ, |tx, p| {
            tx.items(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &[1..=9]).map(drop)
        }),
        op("item_flags", Rights::READ, |tx, p| {
            tx.item_flags(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &(1..=9)).map(drop)
        }),
        op("item_by_id", Rights::READ, |tx, p| {
            tx.item_by_id(&tx.open::<right::ReadItems>(p.owner, p.folder)?, vocabulary::ItemId(1)).map(drop)
        }),
        op("items_newest_first", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.items_newest_first(&grant, (Timestamp(i64::MAX), Uid(u32::MAX)), Timestamp(0), 5).map(drop)
        }),
        op("count_since", Rights::READ, |tx, p| {
            tx.count_since(&tx.open::<right::ReadItems>(p.owner, p.folder)?, Timestamp(0)).map(drop)
        }),
        op("parsed", Rights::READ, |tx, p| {
            tx.parsed(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &[1..=9]).map(drop)
        }),
        op("contents", Rights::READ, |tx, p| {
            tx.contents(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &[1..=9], true).map(drop)
        }),
        op("changes_since", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.changes_since(&grant, storage::Cursor::start(grant.epoch()), 9).map(drop)
        }),
        op("has_moved", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.has_moved(&grant, &storage::Cursor::start(grant.epoch())).map(drop)
        }),
        op("insert", Rights::INSERT, |tx, p| {
            tx.insert(&tx.open::<right::Insert>(p.owner, p.folder)?, &p.new).map(drop)
        }),
        op("replace", Rights::REPLACE, |tx, p| {
            tx.replace(&tx.open::<right::Replace>(p.owner, p.folder)?, Uid(1), &p.event, None, None).map(drop)
        }),
        op("replace_mail", Rights::of(&[Rights::DELETE_ITEMS, Rights::EXPUNGE, Rights::INSERT]), |tx, p| {
            let remove = tx.open::<right::Remove>(p.owner, p.folder)?;
            let insert = tx.open::<right::Insert>(p.owner, p.folder)?;
            tx.replace_mail(&remove, &insert, Uid(1), &p.new).map(drop)
        }),
        op("change_flags", swt, |tx, p| {
            let grant = tx.open::<right::ChangeFlags>(p.owner, p.folder)?;
            let change = FlagChange::Add(Flags::FLAGGED, Keywords::default());
            tx.change_flags(&grant, &[1..=9], &change, None, None).map(drop)
        }),
        op("remove", Rights::of(&[Rights::DELETE_ITEMS, Rights::EXPUNGE]), |tx, p| {
            tx.remove(&tx.open::<right::Remove>(p.owner, p.folder)?, &[1..=1]).map(drop)
        }),
        op("copy", Rights::of(&[Rights::READ, Rights::INSERT]), |tx, p| {
            let source = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            let target = tx.open::<right::Insert>(p.owner, p.folder)?;
            tx.copy(&source, &target, &[1..=9]).map(drop)
        }),
        op(
            "move_items",
            Rights::of(&[Rights::READ, Rights::DELETE_ITEMS, Rights::EXPUNGE, Rights::INSERT]),
            |tx, p| {
                let source = tx.open::<right::Remove>(p.owner, p.folder)?;
                let read = tx.open::<right::ReadItems>(p.owner, p.folder)?;
                let target = tx.open::<right::Insert>(p.owner, p.folder)?;
                tx.move_items(&source, &read, &target, &[1..=9]).map(drop)
            },
        ),
        op("create_collection beneath", Rights::CREATE, |tx, p| {
            let name = LeafName::new("child").unwrap();
            let new = NewCollection { parent: p.folder, kind: CollectionKind::Mail, role: None, name };
            tx.create_collection(p.owner, &new).map(drop)
        }),
        op("rename_collection", Rights::DELETE_COLLECTION, |tx, p| {
            let grant = tx.open::<right::DeleteCollection>(p.owner, p.folder)?;
            let parent = grant.collection().parent;
            tx.rename_collection(&grant, parent, &LeafName::new("renamed").unwrap())
        }),
        op("set_role", Rights::DELETE_COLLECTION, |tx, p| {
            let grant = tx.open::<right::DeleteCollection>(p.owner, p.folder)?;
            tx.set_role(&grant, Role::Outbox)
        }),
        op("delete_collection", Rights::DELETE_COLLECTION, |tx, p| {
            tx.delete_collection(&tx.open::<right::DeleteCollection>(p.owner, p.folder)?)
        }),
        op("permissions", Rights::ADMINISTER, |tx, p| {
            tx.permissions(&tx.open::<right::Administer>(p.owner, p.folder)?).map(drop)
        }),
        op("set_permission", Rights::ADMINISTER, |tx, p| {
            let grant = tx.open::<right::Administer>(p.owner, p.folder)?;
            tx.set_permission(&grant, Grantee::Anyone, Preset::Reader.rights())
        }),
        op("open_path", Rights::READ, |tx, p| {
            let path = MailboxPath::parse("shared").unwrap();
            tx.open_path::<right::ReadItems>(p.owner, CollectionKind::Mail, &path).map(drop)
        }),
    ]
}

fn op(name: &'static str, needs: Rights, run: fn(&mut Write<'_>, &Place) -> Result<()>) -> Operation {
    Operation { name, needs, run }
}

/// What only the owner of an account (or the house) may do.
fn owner_operations() -> Vec<Operation> {
    vec![
        op("account", Rights::NONE, |tx, p| tx.account(p.owner).map(drop)),
        op("create_collection at the root", Rights::NONE, |tx, p| {
            let name = LeafName::new("at the root").unwrap();
            let new = NewCollection { parent: CollectionId(0), kind: CollectionKind::Mail, role: None, name };
            tx.create_collection(p.owner, &new).map(drop)
        }),
        op("subscribe", Rights::NONE, |tx, p| {
            tx.subscribe(&tx.open::<right::Lookup>(p.owner, p.folder)?, false)
        }),
        op("devices", Rights::NONE, |tx, p| tx.devices(p.owner).map(drop)),
        op("device", Rights::NONE, |tx, p| tx.device(p.owner, "phone").map(drop)),
        op("put_device", Rights::NONE, |tx, p| tx.put_device(p.owner, &phone())),
        op("device_seen", Rights::NONE, |tx, p| tx.device_seen(p.owner, "phone")),
        op("cursor_state", Rights::NONE, |tx, p| tx.cursor_state(&key(p)).map(drop)),
        op("put_cursor_state", Rights::NONE, |tx, p| tx.put_cursor_state(&key(p), b"state")),
        op("remove_cursor_state", Rights::NONE, |tx, p| tx.remove_cursor_state(&key(p))),
        op("remove_device", Rights::NONE, |tx, p| tx.remove_device(p.owner, "phone")),
        op("setting", Rights::NONE, |tx, p| tx.setting(Scope::Account(p.owner), "x").map(drop)),
        op("put_setting", Rights::NONE, |tx, p| tx.put_setting(Scope::Account(p.owner), "x", "y")),
        op("push_outgoing", Rights::NONE, |tx, p| tx.push_outgoing(p.owner, "push", b"x").map(drop)),
        op("enqueue", Rights::NONE, |tx, p| {
            tx.enqueue(p.owner, "", &["x@elsewhere.test".to_owned()], &p.new.content).map(drop)
        }),
    ]
}

fn key(place: &Place) -> CursorKey<'static> {
    CursorKey { account: place.owner, reader: "phone", owner: place.owner, collection: place.folder }
}

fn phone() -> Device {
    Device {
        id: "phone".to_owned(),
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

async fn place(world: &World) -> Place {
    let anna = world.anna;
    let folder = world
        .store
        .write(&acting(anna), &[anna], move |tx| {
            let name = LeafName::new("shared").unwrap();
            let new = NewCollection { parent: CollectionId(0), kind: CollectionKind::Mail, role: None, name };
            Ok(tx.create_collection(anna, &new)?.id)
        })
        .await
        .unwrap();
    world.insert(anna, folder, b"one").await.unwrap();
    Place {
        owner: anna,
        folder,
        new: world.prepare(anna, b"new").await,
        event: world.prepare(anna, b"event").await,
        stranger: world.nora,
    }
}

/// Runs an operation and undoes it: what counts is whether the gate opened.
async fn attempt(world: &World, who: &Principal, operation: &Operation, place: &Place) -> Result<()> {
    let (run, owner, place) = (operation.run, place.owner, place.clone());
    let outcome: Result<()> = world
        .store
        .write(who, &[owner], move |tx| {
            run(tx, &place)?;
            Err(Refusal::Invalid("undone").into())
        })
        .await;
    match outcome {
        Err(Error::Refusal(Refusal::Invalid("undone"))) => Ok(()),
        other => other,
    }
}

fn refused(outcome: &Result<()>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })))
}

async fn share(world: &World, place: &Place, rights: Rights) {
    let (anna, ben, folder) = (world.anna, world.ben, place.folder);
    world
        .store
        .write(&acting(anna), &[anna], move |tx| {
            let grant = tx.open::<right::Administer>(anna, folder)?;
            tx.set_permission(&grant, Grantee::Account(ben), rights)
        })
        .await
        .unwrap();
}

#[test]
fn every_operation_needs_its_right() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, nora) = (acting(world.anna), acting(world.ben), acting(world.nora));
        for operation in operations().iter().chain(&owner_operations()) {
            let name = operation.name;
            if name != "remove_device" {
                let owners = attempt(&world, &anna, operation, &place).await;
                assert!(owners.is_ok(), "{name} by its owner: {owners:?}");
            }
            assert!(refused(&attempt(&world, &ben, operation, &place).await), "{name} by a colleague");
            assert!(refused(&attempt(&world, &nora, operation, &place).await), "{name} across the wall");
        }
        for operation in operations() {
            let name = operation.name;
            let enough = Rights::LOOKUP | operation.needs;
            share(&world, &place, enough).await;
            let outcome = attempt(&world, &ben, &operation, &place).await;
            assert!(outcome.is_ok(), "{name} with {enough}: {outcome:?}");
            for one in [
                Rights::READ,
                Rights::INSERT,
                Rights::EXPUNGE,
                Rights::REPLACE,
                Rights::CREATE,
                Rights::DELETE_COLLECTION,
                Rights::ADMINISTER,
            ] {
                if operation.needs.contains(one) {
                    let less = without(Rights::ALL, one);
                    share(&world, &place, less).await;
                    let outcome = attempt(&world, &ben, &operation, &place).await;
                    assert!(refused(&outcome), "{name} without {one}: {outcome:?}");
                }
            }
            // Without lookup it does not exist, whatever else is given.
            share(&world, &place, without(Rights::ALL, Rights::LOOKUP)).await;
            let hidden = attempt(&world, &ben, &operation, &place).await;
            assert!(matches!(hidden, Err(Error::Refusal(Refusal::NotFound(_)))), "{name}: {hidden:?}");
        }
        share(&world, &place, Rights::ALL).await;
        for operation in owner_operations() {
            let outcome = attempt(&world, &ben, &operation, &place).await;
            assert!(refused(&outcome), "{} by a delegate with all rights", operation.name);
        }
    });
}

fn without(rights: Rights, one: Rights) -> Rights {
    Rights::from_bits(rights.bits() & !one.bits())
}

#[test]
fn the_domain_is_a_wall() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, nora, folder) = (world.anna, world.nora, place.folder);
        let across = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::Administer>(anna, folder)?;
                tx.set_permission(&grant, Grantee::Account(nora), Rights::ALL)
            })
            .await
            .unwrap_err();
        assert!(matches!(across.refusal(), Some(Refusal::Invalid(_))));
        let anyone = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::Administer>(anna, folder)?;
                tx.set_permission(&grant, Grantee::Anyone, Preset::Reader.rights())
            })
            .await;
        assert!(anyone.is_ok());
        let sees = async |who: AccountId| {
            let seen = world.store.read(&acting(who), |tx| tx.shared_collections()).await.unwrap();
            seen.iter().any(|one| one.collection.id == folder)
        };
        assert!(sees(world.ben).await);
        assert!(!sees(place.stranger).await);
    });
}

#[test]
fn group_members_hold_what_their_group_holds_and_lose_it_at_once() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, folder) = (world.anna, world.ben, place.folder);
        let group = world
            .store
            .write(&house(), &[anna], move |tx| {
                let admin = tx.administer()?;
                let group = tx.create_group(&admin, &address("laden@blumen.test"))?;
                tx.set_member(&admin, group, ben, true)?;
                let grant = tx.open::<right::Administer>(anna, folder)?;
                tx.set_permission(&grant, Grantee::Group(group), Preset::Reader.rights())?;
                Ok(group)
            })
            .await
            .unwrap();
        let read = async || {
            let open =
                move |tx: &Read<'_>| tx.open::<right::ReadItems>(anna, folder).map(|grant| grant.epoch());
            world.store.read(&acting(ben), open).await
        };
        let first = read().await.unwrap();
        world
            .store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                tx.set_member(&admin, group, ben, false)
            })
            .await
            .unwrap();
        assert!(read().await.is_err());
        world
            .store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                tx.set_member(&admin, group, ben, true)
            })
            .await
            .unwrap();
        assert!(read().await.unwrap() > first);
    });
}

#[test]
fn a_suspended_account_reaches_nothing() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let anna = world.anna;
        world
            .store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                tx.suspend_account(&admin, anna, true)
            })
            .await
            .unwrap();
        for operation in operations().iter().chain(&owner_operations()) {
            let outcome = attempt(&world, &acting(anna), operation, &place).await;
            assert!(refused(&outcome), "{} by a suspended owner: {outcome:?}", operation.name);
        }
    });
}

#[test]
fn only_the_house_administers() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let refused = world.store.read(&acting(anna), |tx| tx.administer().map(drop)).await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::Denied { .. })));
        let admin = Principal::System { door: Door::Admin };
        assert!(world.store.read(&admin, |tx| tx.administer().map(drop)).await.is_ok());
    });
}

#[test]
fn an_account_that_was_not_declared_cannot_be_written() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let new = world.prepare(anna, b"mail").await;
        let fault = world
            .store
            .write(&acting(anna), &[], move |tx| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new))
            .await
            .unwrap_err();
        assert!(matches!(fault, Error::Fault(Fault::NotDeclared(id)) if id == anna.0));
    });
}

#[test]
fn a_new_account_on_an_old_address_inherits_nothing() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        share(&world, &place, Rights::ALL).await;
        let (anna, ben, folder) = (world.anna, world.ben, place.folder);
        let fresh = world
            .store
            .write(&house(), &[ben], move |tx| {
                let admin = tx.administer()?;
                tx.set_password(&admin, ben, &PasswordKeys::new("geheim").unwrap())?;
                tx.rename_account(&admin, ben, &address("benno@blumen.test"))?;
                tx.create_account(&admin, &new_account("ben@blumen.test"))
            })
            .await
            .unwrap();
        assert_ne!(fresh, ben);
        let can = async |who: AccountId| {
            world
                .store
                .read(&acting(who), move |tx| tx.open::<right::Lookup>(anna, folder).map(drop))
                .await
                .is_ok()
        };
        assert!(can(ben).await);
        assert!(!can(fresh).await);
        let removed: Result<()> = world
            .store
            .write(&house(), &[ben], move |tx| {
                let admin = tx.administer()?;
                tx.remove_account(&admin, ben)
            })
            .await;
        removed.unwrap();
        assert!(!can(ben).await);
        let again = world
            .store
            .write(&house(), &[], |tx| {
                let admin = tx.administer()?;
                tx.create_account(&admin, &new_account("benno@blumen.test"))
            })
            .await
            .unwrap();
        assert!(again.0 > fresh.0);
        assert!(!can(again).await);
    });
}

fn new_account(text: &str) -> NewAccount {
    let address: EmailAddress = address(text);
    NewAccount {
        address,
        kind: AccountKind::Imap,
        class: AccountClass::Person,
        name: text.to_owned(),
        language: None,
        quota_bytes: None,
    }
}
