//! Plain files: names, trees, properties, and at which doors they are shown.

use crate::harness::{START_MS, World, house, on_each_database};
use std::sync::Arc;
use storage::{
    Added, Collection, Error, Grantee, Item, NewCollection, NewItem, Read, Refusal, Result, Write, right,
};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Component, Door, LeafName, MailboxPath, Preset, Principal,
    Rights, Role, Timestamp, Uid,
};

pub(crate) fn at_dav(account: AccountId) -> Principal {
    Principal::account(account, Door::Dav)
}

pub(crate) fn path(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(crate) async fn file(world: &World, owner: AccountId, name: &str, bytes: &[u8]) -> NewItem {
    NewItem {
        component: Some(Component::File),
        resource_name: Some(name.to_owned()),
        media_type: "text/plain".to_owned(),
        ..world.prepare(owner, bytes).await
    }
}

/// A file at a path whose collection is there.
pub(crate) async fn put(world: &World, owner: AccountId, names: &[&str], bytes: &[u8]) -> Result<Added> {
    put_as(world, owner, owner, names, bytes).await
}

async fn put_as(
    world: &World,
    who: AccountId,
    owner: AccountId,
    names: &[&str],
    bytes: &[u8],
) -> Result<Added> {
    let (name, above) = names.split_last().unwrap();
    let (new, above) = (file(world, owner, name, bytes).await, path(above));
    let insert = move |tx: &mut Write<'_>| tx.insert(&tx.open_files::<right::Insert>(owner, &above)?, &new);
    world.store.write(&at_dav(who), &[owner], insert).await
}

/// A collection at a path whose collection above is there.
async fn make(world: &World, who: AccountId, owner: AccountId, names: &[&str]) -> Result<Collection> {
    let (name, above) = names.split_last().unwrap();
    let (name, above) = ((*name).to_owned(), path(above));
    let make = move |tx: &mut Write<'_>| {
        tx.create_files(&tx.open_files::<right::CreateChild>(owner, &above)?, &name)
    };
    world.store.write(&at_dav(who), &[owner], make).await
}

async fn read<T: Send + 'static>(
    world: &World,
    who: AccountId,
    work: impl for<'tx> FnOnce(&Read<'tx>) -> Result<T> + Send + 'static,
) -> Result<T> {
    world.store.read(&at_dav(who), work).await
}

async fn write<T: Send + 'static>(
    world: &World,
    who: AccountId,
    work: impl for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
) -> Result<T> {
    world.store.write(&at_dav(who), &[world.anna, world.ben], work).await
}

/// The item at a path.
async fn item(world: &World, owner: AccountId, names: &[&str]) -> Option<Item> {
    let (name, above) = names.split_last().unwrap();
    let (name, above) = ((*name).to_owned(), path(above));
    let found = read(world, owner, move |tx| {
        tx.item_by_resource(&tx.open_files::<right::ReadItems>(owner, &above)?, &name)
    });
    match found.await {
        Ok(item) => item,
        Err(Error::Refusal(Refusal::NotFound(_))) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn collection(world: &World, owner: AccountId, names: &[&str]) -> Option<CollectionId> {
    let path = path(names);
    let found =
        read(world, owner, move |tx| Ok(tx.open_files::<right::Lookup>(owner, &path)?.collection().id));
    found.await.ok()
}

async fn used(world: &World, account: AccountId) -> i64 {
    world.store.read(&house(), move |tx| Ok(tx.account(account)?.used_bytes)).await.unwrap()
}

fn is_taken<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::AlreadyExists(_))))
}

fn is_invalid<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::Invalid(_))))
}

async fn bytes(world: &World, owner: AccountId, names: &[&str]) -> Vec<u8> {
    let found = item(world, owner, names).await.unwrap();
    let above = path(&names[..names.len() - 1]);
    let stored = read(world, owner, move |tx| {
        let grant = tx.open_files::<right::ReadItems>(owner, &above)?;
        Ok(tx.contents(&grant, &[found.uid.0..=found.uid.0], false)?.pop().unwrap().1)
    });
    world.store.load(stored.await.unwrap()).await.unwrap().to_vec()
}

/// `a/` with `b/` with the file `f`, and the file `g` in `a/`.
async fn tree(world: &Arc<World>) -> AccountId {
    let anna = world.anna;
    make(world, anna, anna, &["a"]).await.unwrap();
    make(world, anna, anna, &["a", "b"]).await.unwrap();
    put(world, anna, &["a", "b", "f"], b"deep").await.unwrap();
    put(world, anna, &["a", "g"], b"shallow").await.unwrap();
    anna
}

#[test]
fn a_name_is_that_of_one_thing_whatever_it_is() {
    on_each_database(|world| async move {
        let anna = world.anna;
        make(&world, anna, anna, &["folder"]).await.unwrap();
        put(&world, anna, &["file"], b"x").await.unwrap();
        assert!(is_taken(&make(&world, anna, anna, &["folder"]).await));
        assert!(is_taken(&make(&world, anna, anna, &["file"]).await));
        assert!(is_taken(&put(&world, anna, &["folder"], b"x").await));
        assert!(is_taken(&put(&world, anna, &["file"], b"x").await));
        // The same to people, not to programs; and what people cannot read.
        for name in ["caf\u{e9}", "cafe\u{301}", " ", "(1)", "(2)", "\u{a0}", "x\u{2028}"] {
            make(&world, anna, anna, &[name]).await.unwrap();
            put(&world, anna, &[name, name], b"x").await.unwrap();
            assert!(item(&world, anna, &[name, name]).await.is_some(), "{name:?}");
        }
        let long = "n".repeat(storage::RESOURCE_NAME_BYTES_MAX);
        make(&world, anna, anna, &[&long]).await.unwrap();
        for bad in ["", "a\nb", &format!("{long}n")] {
            assert!(is_invalid(&make(&world, anna, anna, &[bad]).await), "{bad:?}");
        }
    });
}

#[test]
fn a_file_keeps_its_bytes_and_what_they_are_said_to_be() {
    on_each_database(|world| async move {
        let anna = world.anna;
        put(&world, anna, &["x"], b"\0\xff").await.unwrap();
        let found = item(&world, anna, &["x"]).await.unwrap();
        assert_eq!((found.media_type.as_str(), found.component), ("text/plain", Some(Component::File)));
        assert_eq!(bytes(&world, anna, &["x"]).await, b"\0\xff");
        assert_eq!(used(&world, anna).await, 2);
        let new = NewItem { media_type: "image/png".to_owned(), ..file(&world, anna, "x", b"png").await };
        let replace = move |tx: &mut Write<'_>| {
            tx.replace(&tx.open_files::<right::Replace>(anna, &[])?, Uid(1), &new, None, None)
        };
        write(&world, anna, replace).await.unwrap();
        let found = item(&world, anna, &["x"]).await.unwrap();
        assert_eq!((found.media_type.as_str(), found.size_bytes), ("image/png", 3));
        assert_eq!(used(&world, anna).await, 3);
    });
}

#[test]
fn a_tree_moves_as_one_and_stays_what_it_was() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        make(&world, anna, anna, &["to"]).await.unwrap();
        let (before, deep) =
            (collection(&world, anna, &["a", "b"]).await, item(&world, anna, &["a", "b", "f"]).await);
        let go = |from: &'static [&'static str], to: &'static [&'static str], name: &'static str| {
            let work = move |tx: &mut Write<'_>| {
                let grant = tx.open_files::<right::DeleteCollection>(anna, &path(from))?;
                tx.move_files(&grant, &tx.open_files::<right::CreateChild>(anna, &path(to))?, name)
            };
            write(&world, anna, work)
        };
        go(&["a"], &["to"], "moved").await.unwrap();
        assert_eq!(collection(&world, anna, &["a"]).await, None);
        assert_eq!(collection(&world, anna, &["to", "moved", "b"]).await, before);
        assert_eq!(item(&world, anna, &["to", "moved", "b", "f"]).await, deep);
        assert!(is_invalid(&go(&["to"], &["to", "moved", "b"], "x").await), "into itself");
        assert!(is_invalid(&go(&["to"], &["to"], "x").await), "into itself");
        assert!(is_invalid(&go(&[], &["to"], "x").await), "the root");
        assert!(is_taken(&go(&["to", "moved", "b"], &["to", "moved"], "g").await), "there is a file");
        assert!(is_taken(&go(&["to", "moved", "b"], &[], "to").await), "there is a folder");
        go(&["to", "moved"], &["to"], "renamed").await.unwrap();
        assert_eq!(bytes(&world, anna, &["to", "renamed", "g"]).await, b"shallow");
    });
}

#[test]
fn trees_have_a_deepest_level() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let levels = vec!["d"; MailboxPath::DEPTH_MAX];
        // The root is a level too.
        for depth in 1..MailboxPath::DEPTH_MAX {
            make(&world, anna, anna, &levels[..depth]).await.unwrap();
        }
        assert!(is_invalid(&make(&world, anna, anna, &levels).await));
        make(&world, anna, anna, &["two"]).await.unwrap();
        make(&world, anna, anna, &["two", "levels"]).await.unwrap();
        let go = |depth: usize, copies: bool| {
            let above = path(&vec!["d"; depth]);
            let work = move |tx: &mut Write<'_>| {
                let to = tx.open_files::<right::CreateChild>(anna, &above)?;
                let from = path(&["two"]);
                match copies {
                    true => tx.copy_files(&tx.open_files(anna, &from)?, &to, "copy", true).map(drop),
                    false => tx.move_files(&tx.open_files(anna, &from)?, &to, "moved"),
                }
            };
            write(&world, anna, work)
        };
        let room = MailboxPath::DEPTH_MAX - 3;
        assert!(is_invalid(&go(room + 1, true).await) && is_invalid(&go(room + 1, false).await));
        go(room, true).await.unwrap();
        go(room, false).await.unwrap();
    });
}

#[test]
fn a_tree_is_copied_whole_or_not_at_all() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        set(&world, anna, &["a"], None, "of a").await;
        set(&world, anna, &["a", "b"], Some("f"), "of f").await;
        let go = |deep: bool, to: &'static [&'static str], name: &'static str| {
            let work = move |tx: &mut Write<'_>| {
                let source = tx.open_files::<right::ReadItems>(anna, &path(&["a"]))?;
                tx.copy_files(&source, &tx.open_files::<right::CreateChild>(anna, &path(to))?, name, deep)
            };
            write(&world, anna, work)
        };
        go(true, &[], "copy").await.unwrap();
        // What the files hold, and what is kept of two resources.
        let (bytes_held, bytes_kept) = (11, 2 * 5);
        assert_eq!(used(&world, anna).await, 2 * (bytes_held + bytes_kept));
        assert_eq!(bytes(&world, anna, &["copy", "b", "f"]).await, b"deep");
        assert_eq!(kept(&world, anna, &["copy"], None).await, "of a");
        assert_eq!(kept(&world, anna, &["copy", "b"], Some("f")).await, "of f");
        assert_ne!(
            item(&world, anna, &["copy", "g"]).await.unwrap().id,
            item(&world, anna, &["a", "g"]).await.unwrap().id
        );
        go(false, &[], "empty").await.unwrap();
        assert_eq!(kept(&world, anna, &["empty"], None).await, "of a");
        assert_eq!(item(&world, anna, &["empty", "g"]).await, None);
        assert!(is_taken(&go(true, &[], "copy").await));
        assert!(is_invalid(&go(true, &["a", "b"], "x").await), "into itself");
        go(false, &["a", "b"], "x").await.unwrap();
        // There is room for the files, but not for what is kept of them.
        let room = used(&world, anna).await + bytes_held;
        let limit = move |tx: &mut Write<'_>| tx.set_account_quota(&tx.administer()?, anna, room);
        world.store.write(&house(), &[anna], limit).await.unwrap();
        let full = go(true, &[], "another").await;
        assert!(matches!(full, Err(Error::Refusal(Refusal::OverQuota { .. }))), "{full:?}");
        assert_eq!(collection(&world, anna, &["another"]).await, None);
    });
}

#[test]
fn what_is_deleted_goes_with_all_beneath_it() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        set(&world, anna, &["a", "b"], Some("f"), "of f").await;
        let go = |names: &'static [&'static str]| {
            let work = move |tx: &mut Write<'_>| {
                tx.delete_files(&tx.open_files::<right::DeleteCollection>(anna, &path(names))?)
            };
            write(&world, anna, work)
        };
        assert!(is_invalid(&go(&[]).await), "the root");
        go(&["a"]).await.unwrap();
        assert_eq!((collection(&world, anna, &["a"]).await, used(&world, anna).await), (None, 0));
        make(&world, anna, anna, &["a"]).await.unwrap();
        assert_eq!(item(&world, anna, &["a", "g"]).await, None);
        world.pass_days(200);
        world.store.sweep().await.unwrap();
        assert!(collection(&world, anna, &["a"]).await.is_some());
    });
}

async fn set(
    world: &World,
    owner: AccountId,
    names: &'static [&'static str],
    item: Option<&'static str>,
    value: &'static str,
) {
    let work = move |tx: &mut Write<'_>| {
        let read = tx.open_files::<right::ReadItems>(owner, &path(names))?;
        let item = match item {
            Some(name) => tx.item_by_resource(&read, name)?,
            None => None,
        };
        let grant = tx.open_files::<right::Replace>(owner, &path(names))?;
        tx.set_file_property(&grant, item.as_ref(), "p", Some(value))
    };
    write(world, owner, work).await.unwrap();
}

/// The property of [`set`]; empty if there is none.
async fn kept(
    world: &World,
    who: AccountId,
    names: &'static [&'static str],
    item: Option<&'static str>,
) -> String {
    let anna = world.anna;
    let found = read(world, who, move |tx| {
        let grant = tx.open_files::<right::ReadItems>(anna, &path(names))?;
        let id = match item {
            Some(name) => tx.item_by_resource(&grant, name)?.map(|item| item.id),
            None => None,
        };
        Ok(tx.file_properties(&grant, id)?.remove("p").unwrap_or_default())
    });
    found.await.unwrap()
}

#[test]
fn what_is_kept_of_a_file_goes_where_it_goes_and_is_the_same_to_all() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        share(&world, &["a"], Preset::Editor.rights()).await;
        set(&world, anna, &["a"], Some("g"), "first").await;
        assert_eq!(kept(&world, world.ben, &["a"], Some("g")).await, "first");
        let (ben, anna_id) = (world.ben, anna);
        let by_ben = move |tx: &mut Write<'_>| {
            let read = tx.open_files::<right::ReadItems>(anna_id, &path(&["a"]))?;
            let item = tx.item_by_resource(&read, "g")?;
            let grant = tx.open_files::<right::Replace>(anna_id, &path(&["a"]))?;
            tx.set_file_property(&grant, item.as_ref(), "p", Some("second"))
        };
        write(&world, ben, by_ben).await.unwrap();
        assert_eq!(kept(&world, anna, &["a"], Some("g")).await, "second");
        let go = |copies: bool, name: &'static str| {
            let work = move |tx: &mut Write<'_>| {
                let read = tx.open_files::<right::ReadItems>(anna, &path(&["a"]))?;
                let uid = tx.item_by_resource(&read, "g")?.unwrap().uid;
                let to = tx.open_files::<right::Insert>(anna, &[])?;
                match copies {
                    true => tx.copy_resource(&read, &to, uid, name),
                    false => {
                        let remove = tx.open_files::<right::Remove>(anna, &path(&["a"]))?;
                        tx.move_resource(&remove, &read, &to, uid, name)
                    }
                }
            };
            write(&world, anna, work)
        };
        go(true, "copy").await.unwrap();
        assert!(is_taken(&go(true, "a").await) && is_taken(&go(false, "a").await));
        go(false, "moved").await.unwrap();
        assert_eq!(kept(&world, anna, &[], Some("copy")).await, "second");
        assert_eq!(kept(&world, anna, &[], Some("moved")).await, "second");
        assert_eq!(item(&world, anna, &["a", "g"]).await, None);
        put(&world, anna, &["a", "g"], b"another").await.unwrap();
        assert_eq!(kept(&world, anna, &["a"], Some("g")).await, "");
    });
}

async fn share(world: &World, names: &'static [&'static str], rights: Rights) {
    let (anna, ben) = (world.anna, world.ben);
    let give = move |tx: &mut Write<'_>| {
        let grant = tx.open_files::<right::Administer>(anna, &path(names))?;
        tx.set_permission(&grant, Grantee::Account(ben), rights)
    };
    write(world, anna, give).await.unwrap();
}

#[test]
fn what_is_made_among_shared_files_is_shared() {
    on_each_database(|world| async move {
        let (anna, ben) = (tree(&world).await, world.ben);
        share(&world, &["a"], Preset::Editor.rights()).await;
        assert!(make(&world, ben, anna, &["x"]).await.is_err(), "the root is not shared");
        let seen = |names: &'static [&'static str]| {
            read(&world, ben, move |tx| tx.open_files::<right::Insert>(anna, &path(names)).map(drop))
        };
        assert!(seen(&["a", "b"]).await.is_err(), "it was there before");
        make(&world, ben, anna, &["a", "his"]).await.unwrap();
        make(&world, anna, anna, &["a", "hers"]).await.unwrap();
        make(&world, ben, anna, &["a", "his", "deeper"]).await.unwrap();
        put_as(&world, ben, anna, &["a", "his", "deeper", "x"], b"x").await.unwrap();
        seen(&["a", "hers"]).await.unwrap();
        let listed = read(&world, ben, move |tx| {
            let grant = tx.open_files::<right::Lookup>(anna, &path(&["a"]))?;
            let names = |limit| -> Result<Vec<_>> {
                let beneath = tx.files_beneath(&grant, CollectionId(0), limit)?;
                Ok(beneath.into_iter().map(|one| one.collection.resource_name.unwrap()).collect())
            };
            Ok((names(1)?, names(9)?))
        });
        assert_eq!(
            listed.await.unwrap(),
            (vec!["his".to_owned()], vec!["his".to_owned(), "hers".to_owned()])
        );
        let delete = move |tx: &mut Write<'_>| {
            tx.delete_files(&tx.open_files::<right::DeleteCollection>(anna, &path(&["a"]))?)
        };
        share(&world, &["a"], Preset::Owner.rights()).await;
        let outcome = write(&world, ben, delete).await;
        assert!(matches!(outcome, Err(Error::Refusal(Refusal::Denied { .. }))), "not all of it: {outcome:?}");
        assert_eq!(bytes(&world, anna, &["a", "his", "deeper", "x"]).await, b"x");
    });
}

#[test]
fn files_are_shown_at_their_doors_only() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        let folder = collection(&world, anna, &["a"]).await.unwrap();
        for door in Door::ALL {
            let shown = matches!(door, Door::Dav | Door::Web | Door::Admin);
            for principal in [Principal::account(anna, *door), Principal::System { door: *door }] {
                let look = move |tx: &Read<'_>| {
                    let listed = tx.collections(anna)?;
                    let listed =
                        listed.iter().filter(|one| one.collection.kind == CollectionKind::Files).count();
                    let opened = tx.open::<right::Lookup>(anna, folder).is_ok();
                    Ok((listed, opened, tx.open_role::<right::Lookup>(anna, Role::Files).is_ok()))
                };
                let seen = world.store.read(&principal, look).await.unwrap();
                assert_eq!(seen, (if shown { 3 } else { 0 }, shown, shown), "{principal:?}");
            }
        }
        share(&world, &["a"], Preset::Reader.rights()).await;
        for (door, expected) in [(Door::Dav, 1), (Door::Imap, 0), (Door::ActiveSync, 0)] {
            let shared = |tx: &Read<'_>| Ok(tx.shared_collections()?.len());
            let seen = world.store.read(&Principal::account(world.ben, door), shared).await.unwrap();
            assert_eq!(seen, expected, "{door}");
        }
    });
}

#[test]
fn kinds_do_not_mix() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        let inbox = world.inbox(anna).await;
        let files = collection(&world, anna, &["a"]).await.unwrap();
        for (parent, kind, role) in [
            (inbox, CollectionKind::Files, None),
            (files, CollectionKind::Mail, None),
            (files, CollectionKind::Calendar, None),
            (CollectionId(0), CollectionKind::Files, None),
        ] {
            let new =
                NewCollection { parent, kind, role, name: LeafName::new("x").unwrap(), resource_name: None };
            let made = write(&world, anna, move |tx| tx.create_collection(anna, &new)).await;
            assert!(is_invalid(&made), "{kind} beneath {parent}: {made:?}");
        }
        let beneath = move |tx: &mut Write<'_>| {
            let grant = tx.open_role::<right::CreateChild>(anna, Role::Inbox)?;
            tx.create_files(&grant, "x")
        };
        assert!(is_invalid(&write(&world, anna, beneath).await));
        let rename = move |tx: &mut Write<'_>| {
            let grant = tx.open::<right::DeleteCollection>(anna, files)?;
            tx.rename_collection(&grant, CollectionId(0), &LeafName::new("x").unwrap())
        };
        assert!(is_invalid(&write(&world, anna, rename).await));
    });
}

#[test]
fn pages_hold_every_file_once() {
    on_each_database(|world| async move {
        let anna = world.anna;
        for number in 0..7 {
            put(&world, anna, &[&format!("f{number}")], b"x").await.unwrap();
            make(&world, anna, anna, &[&format!("d{number}")]).await.unwrap();
        }
        let all = read(&world, anna, move |tx| {
            let (read, look) = (tx.open_files::<right::ReadItems>(anna, &[])?, tx.open_files(anna, &[])?);
            let (mut names, mut last) = (Vec::new(), Uid(0));
            loop {
                let page = tx.files(&read, last, 3)?;
                let Some(end) = page.last() else { break };
                last = end.uid;
                names.extend(page.into_iter().filter_map(|item| item.resource_name));
            }
            let mut last = CollectionId(0);
            loop {
                let page = tx.files_beneath(&look, last, 3)?;
                let Some(end) = page.last() else { break };
                last = end.collection.id;
                names.extend(page.into_iter().filter_map(|one| one.collection.resource_name));
            }
            Ok(names)
        });
        let expected: Vec<String> =
            ["f", "d"].iter().flat_map(|kind| (0..7).map(move |number| format!("{kind}{number}"))).collect();
        assert_eq!(all.await.unwrap(), expected);
    });
}

#[test]
fn a_new_file_has_its_moments() {
    on_each_database(|world| async move {
        let anna = world.anna;
        put(&world, anna, &["x"], b"x").await.unwrap();
        world.pass_days(1);
        let new = file(&world, anna, "x", b"y").await;
        let replace = move |tx: &mut Write<'_>| {
            tx.replace(&tx.open_files::<right::Replace>(anna, &[])?, Uid(1), &new, None, None)
        };
        write(&world, anna, replace).await.unwrap();
        let found = item(&world, anna, &["x"]).await.unwrap();
        assert_eq!((found.received_at, found.filter_at), (Timestamp(START_MS), world.now()));
    });
}
