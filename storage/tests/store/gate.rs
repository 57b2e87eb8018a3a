//! No read or write reaches a collection without its grant: every public operation is walked by
//! every kind of stranger.

use crate::harness::{World, acting, address, house, on_each_database};
use storage::{
    Candidates, CursorKey, Device, Error, Fault, FlagChange, Grantee, MarkChange, NewAccount, NewCollection,
    NewItem, PasswordKeys, PushOutcome, Read, Refusal, Result, Scope, Subject, WipeKind, Write, right,
};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionId, CollectionKind, Door, EmailAddress, Flags, Home,
    ItemId, Keyword, Keywords, LeafName, MailboxPath, ModSeq, Preset, Principal, Rights, Role, Timestamp,
    Uid,
};

/// One public function of `Read` or `Write` (the first word of the name; `surface.rs` proves that
/// none is missing), and what it needs, in the words of RFC 4314.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    needs: Rights,
    run: fn(&mut Write<'_>, &Place) -> Result<()>,
}

#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) owner: AccountId,
    pub(crate) folder: CollectionId,
    pub(crate) item: ItemId,
    pub(crate) new: NewItem,
    pub(crate) event: NewItem,
    pub(crate) stranger: AccountId,
    /// At which such folders are shown.
    pub(crate) door: Door,
}

impl Place {
    fn acting(&self, who: AccountId) -> Principal {
        Principal::account(who, self.door)
    }
}

/// Every public operation on a collection and its items.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        op("open", Rights::LOOKUP, |tx, p| tx.open::<right::Lookup>(p.owner, p.folder).map(drop)),
        op("collections", Rights::LOOKUP, |tx, p| {
            seen(tx.collections(p.owner)?.iter().any(|one| one.collection.id == p.folder))
        }),
        op("locate", Rights::READ, |tx, p| seen(tx.locate(p.owner, p.item)? == Some((p.folder, Uid(1))))),
        op("items", Rights::READ, |tx, p| {
            tx.items(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &[1..=9]).map(drop)
        }),
        op("item_flags", Rights::READ, |tx, p| {
            tx.item_flags(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &(1..=9)).map(drop)
        }),
        op("item_by_id", Rights::READ, |tx, p| {
            tx.item_by_id(&tx.open::<right::ReadItems>(p.owner, p.folder)?, vocabulary::ItemId(1)).map(drop)
        }),
        op("resources", Rights::READ, |tx, p| {
            tx.resources(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &[1..=9]).map(drop)
        }),
        op("resources_at", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.resources_at(&grant, &Candidates::All, grant.collection().highest, Uid(0), 9).map(drop)
        }),
        op("item_by_resource", Rights::READ, |tx, p| {
            tx.item_by_resource(&tx.open::<right::ReadItems>(p.owner, p.folder)?, "x").map(drop)
        }),
        op("item_by_component_uid", Rights::READ, |tx, p| {
            tx.item_by_component_uid(&tx.open::<right::ReadItems>(p.owner, p.folder)?, "x").map(drop)
        }),
        op("attachments_named", Rights::READ, |tx, p| {
            tx.attachments_named(&tx.open::<right::ReadItems>(p.owner, p.folder)?, Uid(1)).map(drop)
        }),
        op("before", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            let item = tx.items(&grant, &[1..=1])?.remove(0);
            tx.before(&grant, &item, &storage::Cursor::start(0)).map(drop)
        }),
        op("properties", Rights::LOOKUP, |tx, p| {
            tx.properties(&tx.open::<right::Lookup>(p.owner, p.folder)?).map(drop)
        }),
        op("properties_named", Rights::LOOKUP, |tx, p| {
            tx.properties_named(&tx.open::<right::Lookup>(p.owner, p.folder)?, &["x".to_owned()]).map(drop)
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
        op("summaries", Rights::READ, |tx, p| {
            tx.summaries(&tx.open::<right::ReadItems>(p.owner, p.folder)?, None, |_, _| ())
        }),
        op("contents", Rights::READ, |tx, p| {
            tx.contents(&tx.open::<right::ReadItems>(p.owner, p.folder)?, &[1..=9], true).map(drop)
        }),
        op("changes_since", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.changes_since(&grant, storage::Cursor::start(grant.epoch()), 9).map(drop)
        }),
        op("check_cursor", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.check_cursor(&grant, &storage::Cursor::start(grant.epoch()))
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
        op("change_flags", Rights::WRITE, |tx, p| {
            let grant = tx.open::<right::ChangeFlags>(p.owner, p.folder)?;
            let change = FlagChange::Add(Flags::FLAGGED, Keywords::default());
            tx.change_flags(&grant, &[1..=9], &change, None, None).map(drop)
        }),
        op("change_marks", Rights::WRITE, |tx, p| {
            let grant = tx.open::<right::ChangeFlags>(p.owner, p.folder)?;
            let flags = FlagChange::Add(Flags::FLAGGED, Keywords::default());
            let change = MarkChange { flags, follow_up: Some("due".to_owned()), verb: None };
            tx.change_marks(&grant, Uid(1), &change, None).map(drop)
        }),
        op("conversation", Rights::READ, |tx, p| {
            let grant = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.conversation(&grant, 1, Uid(u32::MAX)).map(drop)
        }),
        op("conversation_rule", Rights::READ, |tx, p| {
            tx.conversation_rule(&tx.open::<right::ReadItems>(p.owner, p.folder)?, 1).map(drop)
        }),
        op(
            "set_conversation_rule",
            Rights::of(&[Rights::DELETE_ITEMS, Rights::EXPUNGE, Rights::INSERT]),
            |tx, p| {
                let inbox = tx.open::<right::Remove>(p.owner, p.folder)?;
                let target = tx.open::<right::Insert>(p.owner, p.folder)?;
                tx.set_conversation_rule(&inbox, &target, 1)
            },
        ),
        op("insert_arrived", Rights::INSERT, |tx, p| {
            tx.insert_arrived(&tx.open::<right::Insert>(p.owner, p.folder)?, &p.new).map(drop)
        }),
        op("refuse_foreign", Rights::of(&[Rights::DELETE_ITEMS, Rights::EXPUNGE]), |tx, p| {
            tx.refuse_foreign(&tx.open::<right::Remove>(p.owner, p.folder)?, &(1..=1))
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
        op(
            "move_resource",
            Rights::of(&[Rights::READ, Rights::DELETE_ITEMS, Rights::EXPUNGE, Rights::INSERT]),
            |tx, p| {
                let source = tx.open::<right::Remove>(p.owner, p.folder)?;
                let read = tx.open::<right::ReadItems>(p.owner, p.folder)?;
                let target = tx.open::<right::Insert>(p.owner, p.folder)?;
                tx.move_resource(&source, &read, &target, Uid(1), "name").map(drop)
            },
        ),
        op("create_collection beneath", Rights::CREATE, |tx, p| {
            let name = LeafName::new("child").unwrap();
            let new = NewCollection {
                parent: p.folder,
                kind: CollectionKind::Mail,
                role: None,
                name,
                resource_name: None,
            };
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
        op("shares", Rights::ADMINISTER, |tx, p| {
            tx.shares(&tx.open::<right::Administer>(p.owner, p.folder)?).map(drop)
        }),
        // Nobody gives what it does not hold.
        op("set_permission", Rights::ADMINISTER | Preset::Reader.rights(), |tx, p| {
            let grant = tx.open::<right::Administer>(p.owner, p.folder)?;
            tx.set_permission(&grant, Grantee::Anyone, Preset::Reader.rights())
        }),
        op("open_path", Rights::READ, |tx, p| {
            let path = MailboxPath::parse("shared").unwrap();
            tx.open_path::<right::ReadItems>(p.owner, CollectionKind::Mail, &path).map(drop)
        }),
    ]
}

/// What is not listed does not exist for whoever asks.
fn seen(listed: bool) -> Result<()> {
    if listed { Ok(()) } else { Err(Refusal::NotFound(Subject::Collection).into()) }
}

/// Those that find a folder by what it is for.
pub(crate) fn role_operations() -> Vec<Operation> {
    vec![op("open_role", Rights::READ, |tx, p| {
        tx.open_role::<right::ReadItems>(p.owner, Role::Inbox).map(drop)
    })]
}

pub(crate) fn op(
    name: &'static str,
    needs: Rights,
    run: fn(&mut Write<'_>, &Place) -> Result<()>,
) -> Operation {
    Operation { name, needs, run }
}

/// What only the owner of an account (or the house) may do.
pub(crate) fn owner_operations() -> Vec<Operation> {
    vec![
        op("account", Rights::NONE, |tx, p| tx.account(p.owner).map(drop)),
        op("create_collection at the root", Rights::NONE, |tx, p| {
            let name = LeafName::new("at the root").unwrap();
            let new = NewCollection {
                parent: CollectionId(0),
                kind: CollectionKind::Mail,
                role: None,
                name,
                resource_name: None,
            };
            tx.create_collection(p.owner, &new).map(drop)
        }),
        op("subscribe", Rights::NONE, |tx, p| {
            tx.subscribe(&tx.open::<right::Lookup>(p.owner, p.folder)?, false)
        }),
        op("devices", Rights::NONE, |tx, p| tx.devices(p.owner).map(drop)),
        op("device", Rights::NONE, |tx, p| tx.device(p.owner, "phone").map(drop)),
        op("put_device", Rights::NONE, |tx, p| tx.put_device(p.owner, &phone())),
        op("device_seen", Rights::NONE, |tx, p| tx.device_seen(p.owner, "phone")),
        op("device_settings", Rights::NONE, |tx, p| tx.device_settings(p.owner).map(drop)),
        op("device_gate", Rights::NONE, |tx, p| tx.device_gate(p.owner, "phone").map(drop)),
        op("device_events", Rights::NONE, |tx, p| tx.device_events(p.owner).map(drop)),
        op("note_device_verdict", Rights::NONE, |tx, p| tx.note_device_verdict(p.owner, "phone").map(drop)),
        op("offer_policy", Rights::NONE, |tx, p| tx.offer_policy(p.owner, "phone", 1, "hash")),
        op("take_policy", Rights::NONE, |tx, p| tx.take_policy(p.owner, "phone", 2)),
        op("note_policy_not_met", Rights::NONE, |tx, p| tx.note_policy_not_met(p.owner, "phone", "in part")),
        op("ask_wipe", Rights::NONE, |tx, p| tx.ask_wipe(p.owner, "phone", WipeKind::Device)),
        op("wipe_sent", Rights::NONE, |tx, p| tx.wipe_sent(p.owner, "phone")),
        op("wipe_told", Rights::NONE, |tx, p| {
            tx.wipe_told(p.owner, "phone", WipeKind::Device, false).map(drop)
        }),
        op("cancel_wipe", Rights::NONE, |tx, p| {
            tx.ask_wipe(p.owner, "phone", WipeKind::Device)?;
            tx.cancel_wipe(p.owner, "phone")
        }),
        op("note_left_out", Rights::NONE, |tx, p| tx.note_left_out(p.owner, "phone", "an item")),
        op("cursor_state", Rights::NONE, |tx, p| tx.cursor_state(&key(p)).map(drop)),
        op("put_cursor_state", Rights::NONE, |tx, p| tx.put_cursor_state(&key(p), b"state")),
        op("remove_cursor_state", Rights::NONE, |tx, p| tx.remove_cursor_state(&key(p))),
        op("remove_device", Rights::NONE, |tx, p| tx.remove_device(p.owner, "phone")),
        op("home_log", Rights::NONE, |tx, p| tx.home_log(p.owner, Home::Calendars, ModSeq::ZERO).map(drop)),
        op("setting", Rights::NONE, |tx, p| tx.setting(Scope::Account(p.owner), "x").map(drop)),
        op("put_setting", Rights::NONE, |tx, p| tx.put_setting(Scope::Account(p.owner), "x", "y")),
        op("absence", Rights::NONE, |tx, p| tx.absence(p.owner).map(drop)),
        op("put_absence", Rights::NONE, |tx, p| tx.put_absence(p.owner, &storage::Absence::default())),
        op("recipients", Rights::NONE, |tx, p| tx.recipients(p.owner, 10).map(drop)),
        op("objects_of_uid", Rights::NONE, |tx, p| tx.objects_of_uid(p.owner, "x").map(drop)),
        op("push_outgoing", Rights::NONE, |tx, p| tx.push_outgoing(p.owner, "push", b"x").map(drop)),
        op("remove_push", Rights::NONE, |tx, p| tx.remove_push(p.owner, "token").map(drop)),
        op("claim_pushes", Rights::NONE, |tx, p| tx.claim_pushes(p.owner).map(drop)),
        op("settle_push", Rights::NONE, |tx, p| tx.settle_push(p.owner, "token", PushOutcome::Gone)),
        op("copy_properties", Rights::NONE, |tx, p| {
            let from = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            tx.copy_properties(&from, &tx.open::<right::Insert>(p.owner, p.folder)?)
        }),
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
            tx.put_device(anna, &phone())?;
            let name = LeafName::new("shared").unwrap();
            let new = NewCollection {
                parent: CollectionId(0),
                kind: CollectionKind::Mail,
                role: None,
                name,
                resource_name: None,
            };
            Ok(tx.create_collection(anna, &new)?.id)
        })
        .await
        .unwrap();
    place_in(world, folder).await
}

/// A folder of anna's with one mail, and what the operations put there.
async fn place_in(world: &World, folder: CollectionId) -> Place {
    let anna = world.anna;
    let added = world.insert(anna, folder, b"one").await.unwrap();
    Place {
        owner: anna,
        folder,
        item: added.id,
        new: world.prepare(anna, b"new").await,
        event: world.prepare(anna, b"event").await,
        stranger: world.nora,
        door: Door::Imap,
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

pub(crate) async fn share(world: &World, place: &Place, rights: Rights) {
    let (anna, ben, folder) = (world.anna, world.ben, place.folder);
    world
        .store
        .write(&place.acting(anna), &[anna], move |tx| {
            let grant = tx.open::<right::Administer>(anna, folder)?;
            tx.set_permission(&grant, Grantee::Account(ben), rights)
        })
        .await
        .unwrap();
}

#[test]
fn every_operation_needs_its_right() {
    on_each_database(|world| async move {
        let shared = place(&world).await;
        let inbox = place_in(&world, world.inbox(world.anna).await).await;
        walk(&world, &shared, &operations()).await;
        walk(&world, &inbox, &role_operations()).await;
        for operation in owner_operations() {
            only_the_owner(&world, &shared, &operation).await;
            share(&world, &shared, Rights::ALL).await;
            let outcome = attempt(&world, &acting(world.ben), &operation, &shared).await;
            assert!(refused(&outcome), "{} by a delegate with all rights", operation.name);
            share(&world, &shared, Rights::NONE).await;
        }
    });
}

pub(crate) async fn walk(world: &World, place: &Place, operations: &[Operation]) {
    for operation in operations {
        only_the_owner(world, place, operation).await;
        needs_its_right(world, place, operation).await;
        share(world, place, Rights::NONE).await;
    }
}

async fn only_the_owner(world: &World, place: &Place, operation: &Operation) {
    let name = operation.name;
    let owners = attempt(world, &place.acting(world.anna), operation, place).await;
    assert!(owners.is_ok(), "{name} by its owner: {owners:?}");
    let colleagues = attempt(world, &place.acting(world.ben), operation, place).await;
    assert!(refused(&colleagues), "{name} by a colleague: {colleagues:?}");
    let strangers = attempt(world, &place.acting(place.stranger), operation, place).await;
    assert!(refused(&strangers), "{name} across the wall: {strangers:?}");
}

async fn needs_its_right(world: &World, place: &Place, operation: &Operation) {
    let (name, ben) = (operation.name, place.acting(world.ben));
    let enough = Rights::LOOKUP | operation.needs;
    share(world, place, enough).await;
    let outcome = attempt(world, &ben, operation, place).await;
    assert!(outcome.is_ok(), "{name} with {enough}: {outcome:?}");
    for one in [
        Rights::READ,
        Rights::INSERT,
        Rights::EXPUNGE,
        Rights::DELETE_ITEMS,
        Rights::REPLACE,
        Rights::CREATE,
        Rights::DELETE_COLLECTION,
        Rights::ADMINISTER,
        // Flags open with any of `s`, `w` and `t`: all three must be missing.
        Rights::of(&[Rights::SEEN, Rights::WRITE, Rights::DELETE_ITEMS]),
    ] {
        let needed = operation.needs.bits() & one.bits() != 0;
        if needed {
            let less = without(without(Rights::ALL, one), Rights::OWN_ITEMS);
            share(world, place, less).await;
            let outcome = attempt(world, &ben, operation, place).await;
            assert!(refused(&outcome), "{name} without {one}: {outcome:?}");
        }
    }
    // Without lookup it does not exist, whatever else is given.
    share(world, place, without(Rights::ALL, Rights::LOOKUP)).await;
    let hidden = attempt(world, &ben, operation, place).await;
    assert!(matches!(hidden, Err(Error::Refusal(Refusal::NotFound(_)))), "{name}: {hidden:?}");
}

#[test]
fn flags_change_as_far_as_the_rights_go_and_no_further() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, folder) = (world.anna, world.ben, place.folder);
        let others = Flags::ANSWERED | Flags::FLAGGED | Flags::DRAFT;
        for (right, may) in
            [(Rights::SEEN, Flags::SEEN), (Rights::DELETE_ITEMS, Flags::DELETED), (Rights::WRITE, others)]
        {
            share(&world, &place, Rights::LOOKUP | Rights::READ | right).await;
            let flags_after = async |change: FlagChange| {
                world
                    .store
                    .write(&acting(ben), &[anna], move |tx| {
                        let grant = tx.open::<right::ChangeFlags>(anna, folder)?;
                        tx.change_flags(&grant, &[1..=1], &change, None, None)?;
                        let read = tx.open::<right::ReadItems>(anna, folder)?;
                        let item = tx.items(&read, &[1..=1])?.remove(0);
                        Ok((item.flags, item.keywords.to_column()))
                    })
                    .await
                    .unwrap()
            };
            let word = || Keywords::from_iter([Keyword::new("Work").unwrap()]);
            let kept = if right == Rights::WRITE { "Work" } else { "" };
            for change in [FlagChange::Add(Flags::ALL, word()), FlagChange::Replace(Flags::ALL, word())] {
                assert_eq!(flags_after(change).await, (may, kept.to_owned()), "with {right}");
                let none = FlagChange::Remove(Flags::ALL, word());
                assert_eq!(flags_after(none).await, (Flags::NONE, String::new()), "with {right}");
            }
            // By its masks: without keywords a change of many rows is one statement.
            let masked = FlagChange::Add(Flags::ALL, Keywords::default());
            assert_eq!(flags_after(masked).await.0, may, "with {right}");
            let masked = FlagChange::Remove(Flags::ALL, Keywords::default());
            assert_eq!(flags_after(masked).await.0, Flags::NONE, "with {right}");
        }
    });
}

#[test]
fn what_is_shared_is_listed_to_those_who_may_see_it() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, folder) = (world.anna, world.ben, place.folder);
        let listed = async |who: AccountId| {
            let seen = world.store.read(&acting(who), |tx| tx.shared_collections()).await.unwrap();
            assert!(seen.iter().all(|one| one.collection.id == folder && one.collection.account == anna));
            seen.len()
        };
        assert_eq!(listed(ben).await, 0);
        share(&world, &place, without(Rights::ALL, Rights::LOOKUP)).await;
        assert_eq!(listed(ben).await, 0);
        share(&world, &place, Rights::LOOKUP).await;
        assert_eq!((listed(ben).await, listed(anna).await, listed(world.nora).await), (1, 0, 0));
        let suspend = async |suspended: bool| {
            let work = move |tx: &mut Write<'_>| {
                let admin = tx.administer()?;
                tx.suspend_account(&admin, ben, suspended)
            };
            world.store.write(&house(), &[ben], work).await.unwrap();
        };
        suspend(true).await;
        assert_eq!(listed(ben).await, 0);
        suspend(false).await;
        assert_eq!(listed(ben).await, 1);
        share(&world, &place, Rights::NONE).await;
        assert_eq!(listed(ben).await, 0);
    });
}

/// READ alone does not lead to an item: without LOOKUP its folder does not exist.
#[test]
fn an_item_is_located_only_where_its_folder_may_be_seen() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, item) = (world.anna, world.ben, place.item);
        let located = async || world.store.read(&acting(ben), move |tx| tx.locate(anna, item)).await.unwrap();
        for (rights, expected) in [
            (Rights::READ, None),
            (Rights::LOOKUP, None),
            (Rights::LOOKUP | Rights::READ, Some((place.folder, Uid(1)))),
            (without(Rights::ALL, Rights::LOOKUP), None),
        ] {
            share(&world, &place, rights).await;
            assert_eq!(located().await, expected, "with {rights}");
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
fn nobody_gives_what_it_does_not_hold() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, folder) = (world.anna, world.ben, place.folder);
        let give = async |who: Principal, grantee: Grantee, rights: Rights| {
            let give = move |tx: &mut Write<'_>| {
                tx.set_permission(&tx.open::<right::Administer>(anna, folder)?, grantee, rights)
            };
            world.store.write(&who, &[anna], give).await.map_err(|error| error.refusal().cloned())
        };
        let denied = |need: Rights| Err(Some(Refusal::Denied { need }));
        let (reader, shares) = (Preset::Reader.rights(), Preset::Reader.rights() | Rights::ADMINISTER);
        give(acting(anna), Grantee::Account(ben), shares).await.unwrap();
        for grantee in [Grantee::Account(ben), Grantee::Anyone] {
            assert_eq!(give(acting(ben), grantee, shares | Rights::REPLACE).await, denied(Rights::REPLACE));
            assert_eq!(give(acting(ben), grantee, Rights::ALL).await, denied(without(Rights::ALL, shares)));
        }
        assert_eq!(give(acting(ben), Grantee::Anyone, reader).await, Ok(()));
        // What the grantee holds already is not given; it can be left and taken.
        give(acting(anna), Grantee::Anyone, Preset::Editor.rights()).await.unwrap();
        let seen = Preset::Author.rights();
        assert_eq!(give(acting(ben), Grantee::Anyone, seen).await, Ok(()));
        assert_eq!(
            give(acting(ben), Grantee::Anyone, seen | Rights::SEE_PRIVATE).await,
            denied(Rights::SEE_PRIVATE)
        );
        assert_eq!(give(acting(ben), Grantee::Anyone, Rights::NONE).await, Ok(()));
        assert_eq!(give(acting(ben), Grantee::Account(ben), Rights::NONE).await, Ok(()));
        assert_eq!(
            give(acting(ben), Grantee::Account(ben), reader).await,
            Err(Some(Refusal::NotFound(Subject::Collection)))
        );
    });
}

#[test]
fn group_members_hold_what_their_group_holds_and_lose_it_at_once() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        let (anna, ben, folder) = (world.anna, world.ben, place.folder);
        let group = world
            .store
            .write(&house(), &[anna, ben], move |tx| {
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
            .write(&house(), &[ben], move |tx| {
                let admin = tx.administer()?;
                tx.set_member(&admin, group, ben, false)
            })
            .await
            .unwrap();
        assert!(read().await.is_err());
        world
            .store
            .write(&house(), &[ben], move |tx| {
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
            .write(&house(), &[anna], move |tx| {
                let admin = tx.administer()?;
                tx.suspend_account(&admin, anna, true)
            })
            .await
            .unwrap();
        for operation in operations().iter().chain(&role_operations()).chain(&owner_operations()) {
            let outcome = attempt(&world, &acting(anna), operation, &place).await;
            assert!(refused(&outcome), "{} by a suspended owner: {outcome:?}", operation.name);
        }
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
