//! Locks on plain files: who may have which beside which, and when they end.

use crate::files::{at_dav, path, put};
use crate::harness::{World, house, on_each_database};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use storage::{
    Error, Grantee, LOCK_OWNER_BYTES_MAX, LOCKS_MAX, Lock, NewLock, Read, Refusal, Result, Write, right,
};
use vocabulary::{AccountId, Preset, Rights};

fn new(names: &[&str], deep: bool, exclusive: bool) -> NewLock {
    NewLock { path: path(names), deep, exclusive, owner: "<owner/>".to_owned(), seconds: 60 }
}

/// Locks a collection, or an item in the collection above.
async fn lock(
    world: &World,
    who: AccountId,
    new: NewLock,
    is_collection: bool,
) -> Result<std::result::Result<Lock, Vec<Lock>>> {
    let anna = world.anna;
    let holder = match is_collection {
        true => new.path.clone(),
        false => new.path[..new.path.len() - 1].to_vec(),
    };
    let work = move |tx: &mut Write<'_>| {
        let grant = tx.open_files::<right::Replace>(anna, &holder)?;
        tx.lock_files(&grant, &new)
    };
    world.store.write(&at_dav(who), &[anna], work).await
}

async fn paths(world: &World) -> Vec<String> {
    let anna = world.anna;
    let look = move |tx: &Read<'_>| tx.locks(&tx.open_files::<right::Lookup>(anna, &[])?);
    let locks = world.store.read(&at_dav(anna), look).await.unwrap();
    let mut paths: Vec<String> = locks.within(&[]).map(|lock| lock.path.join("/")).collect();
    paths.sort();
    paths
}

async fn write<T: Send + 'static>(
    world: &World,
    who: AccountId,
    work: impl for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
) -> Result<T> {
    world.store.write(&at_dav(who), &[world.anna], work).await
}

/// `a/` with `b/` with the file `f`, shared with Ben.
async fn tree(world: &Arc<World>) -> AccountId {
    let (anna, ben) = (world.anna, world.ben);
    let make = move |tx: &mut Write<'_>| {
        tx.create_files(&tx.open_files::<right::CreateChild>(anna, &[])?, "a")?;
        let grant = tx.open_files::<right::Administer>(anna, &path(&["a"]))?;
        tx.set_permission(&grant, Grantee::Account(ben), Preset::Editor.rights())?;
        tx.create_files(&tx.open_files::<right::CreateChild>(anna, &path(&["a"]))?, "b").map(drop)
    };
    write(world, anna, make).await.unwrap();
    put(world, anna, &["a", "b", "f"], b"f").await.unwrap();
    anna
}

#[test]
fn locks_stand_beside_others_only_where_all_are_shared() {
    on_each_database(|world| async move {
        let (anna, ben) = (tree(&world).await, world.ben);
        let deep = lock(&world, anna, new(&["a"], true, false), true).await.unwrap().unwrap();
        assert_eq!((deep.holder, deep.owner.as_str()), (anna, "<owner/>"));
        let against = lock(&world, ben, new(&["a", "b", "f"], false, true), false).await.unwrap();
        assert_eq!(against, Err(vec![deep.clone()]));
        lock(&world, ben, new(&["a", "b", "f"], false, false), false).await.unwrap().unwrap();
        assert_eq!(paths(&world).await, ["a", "a/b/f"]);
        let nothing = lock(&world, anna, new(&["a", "x"], false, false), false).await;
        assert!(matches!(nothing, Err(Error::Refusal(Refusal::NotFound(_)))), "{nothing:?}");
        let elsewhere = lock(&world, anna, new(&["a", "b", "f"], false, false), true).await;
        assert!(elsewhere.is_err(), "a file is locked with the grant of its collection: {elsewhere:?}");
    });
}

#[test]
fn a_lock_is_refreshed_and_ended_by_its_holder_only() {
    on_each_database(|world| async move {
        let (anna, ben) = (tree(&world).await, world.ben);
        let token = lock(&world, ben, new(&["a"], true, true), true).await.unwrap().unwrap().token;
        let refresh = |who: AccountId, seconds: u32| {
            let token = token.clone();
            let work = move |tx: &mut Write<'_>| {
                let grant = tx.open_files::<right::Lookup>(anna, &path(&["a"]))?;
                Ok(tx.refresh_lock(&grant, &token, seconds)?.expires_at)
            };
            write(&world, who, work)
        };
        let end = |who: AccountId| {
            let token = token.clone();
            let work = move |tx: &mut Write<'_>| {
                tx.unlock(&tx.open_files::<right::Lookup>(anna, &path(&["a"]))?, &token)
            };
            write(&world, who, work)
        };
        assert!(matches!(refresh(anna, 9).await, Err(Error::Refusal(Refusal::Denied { .. }))));
        assert!(matches!(end(anna).await, Err(Error::Refusal(Refusal::Denied { .. }))));
        assert_eq!(refresh(ben, u32::MAX).await.unwrap().0, world.now().0 + 86_400_000);
        assert_eq!(refresh(ben, 9).await.unwrap().0, world.now().0 + 9_000);
        world.now.fetch_add(8_999, Ordering::Relaxed);
        assert_eq!(paths(&world).await, ["a"]);
        world.now.fetch_add(1, Ordering::Relaxed);
        assert_eq!(paths(&world).await, [""; 0]);
        assert!(matches!(refresh(ben, 9).await, Err(Error::Refusal(Refusal::NotFound(_)))));
        assert!(matches!(end(ben).await, Err(Error::Refusal(Refusal::NotFound(_)))));
        lock(&world, anna, new(&["a"], true, true), true).await.unwrap().unwrap();
        world.now.fetch_add(60_000, Ordering::Relaxed);
        assert!(world.store.sweep().await.unwrap().rows >= 1, "what has ended is swept");
    });
}

#[test]
fn locks_survive_the_server() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        let lock = lock(&world, anna, new(&["a", "b"], true, true), true).await.unwrap().unwrap();
        let store = world.open_again().await;
        let look = move |tx: &Read<'_>| tx.locks(&tx.open_files::<right::Lookup>(anna, &[])?);
        let locks = store.read(&at_dav(anna), look).await.unwrap();
        assert_eq!(locks.over(&path(&["a", "b", "f"])).collect::<Vec<_>>(), [&lock]);
        store.close();
    });
}

#[test]
fn a_lock_goes_with_what_it_is_of_and_not_before() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        for (names, is_collection) in [(&["a"][..], true), (&["a", "b"], true), (&["a", "b", "f"], false)] {
            lock(&world, anna, new(names, false, true), is_collection).await.unwrap().unwrap();
        }
        // Within one transaction something else comes there.
        let anew = crate::files::file(&world, anna, "f", b"anew").await;
        let replace = move |tx: &mut Write<'_>| {
            let above = path(&["a", "b"]);
            tx.remove(&tx.open_files::<right::Remove>(anna, &above)?, &[1..=1])?;
            tx.insert(&tx.open_files::<right::Insert>(anna, &above)?, &anew).map(drop)
        };
        write(&world, anna, replace).await.unwrap();
        assert_eq!(paths(&world).await, ["a", "a/b", "a/b/f"]);
        let remove = move |tx: &mut Write<'_>| {
            tx.remove(&tx.open_files::<right::Remove>(anna, &path(&["a", "b"]))?, &[1..=9]).map(drop)
        };
        write(&world, anna, remove).await.unwrap();
        assert_eq!(paths(&world).await, ["a", "a/b"]);
        let rename = move |tx: &mut Write<'_>| {
            let grant = tx.open_files::<right::DeleteCollection>(anna, &path(&["a", "b"]))?;
            tx.move_files(&grant, &tx.open_files::<right::CreateChild>(anna, &[])?, "b")
        };
        write(&world, anna, rename).await.unwrap();
        assert_eq!(paths(&world).await, ["a"]);
        let delete = move |tx: &mut Write<'_>| {
            tx.delete_files(&tx.open_files::<right::DeleteCollection>(anna, &path(&["a"]))?)
        };
        write(&world, anna, delete).await.unwrap();
        assert_eq!(paths(&world).await, [""; 0]);
    });
}

#[test]
fn the_lock_of_a_delegate_holds_as_long_as_its_rights() {
    on_each_database(|world| async move {
        let (anna, ben) = (tree(&world).await, world.ben);
        lock(&world, ben, new(&["a"], true, true), true).await.unwrap().unwrap();
        let share = |rights: Rights| {
            let work = move |tx: &mut Write<'_>| {
                let grant = tx.open_files::<right::Administer>(anna, &path(&["a"]))?;
                tx.set_permission(&grant, Grantee::Account(ben), rights)
            };
            write(&world, anna, work)
        };
        for (rights, held) in [
            (Preset::Author.rights(), true),
            (Preset::Reader.rights(), false),
            (Preset::Editor.rights(), true),
            (Rights::NONE, false),
        ] {
            share(rights).await.unwrap();
            assert_eq!(!paths(&world).await.is_empty(), held, "{rights}");
        }
        lock(&world, anna, new(&["a"], true, true), true).await.unwrap().unwrap();
        let gone = move |tx: &mut Write<'_>| tx.remove_account(&tx.administer()?, ben);
        world.store.write(&house(), &[ben], gone).await.unwrap();
        assert_eq!(paths(&world).await, ["a"]);
    });
}

#[test]
fn an_author_locks_only_what_is_its_own() {
    on_each_database(|world| async move {
        let (anna, ben) = (tree(&world).await, world.ben);
        let share = move |tx: &mut Write<'_>| {
            let grant = tx.open_files::<right::Administer>(anna, &path(&["a", "b"]))?;
            tx.set_permission(&grant, Grantee::Account(ben), Preset::Author.rights())
        };
        write(&world, anna, share).await.unwrap();
        let own = crate::files::file(&world, anna, "own", b"own").await;
        let insert = move |tx: &mut Write<'_>| {
            tx.insert(&tx.open_files::<right::Insert>(anna, &path(&["a", "b"]))?, &own).map(drop)
        };
        write(&world, ben, insert).await.unwrap();
        for (names, is_collection, may) in [
            (&["a", "b", "own"][..], false, true),
            (&["a", "b", "f"], false, false),
            (&["a", "b"], true, false),
        ] {
            let outcome = lock(&world, ben, new(names, false, false), is_collection).await;
            let denied = matches!(outcome, Err(Error::Refusal(Refusal::Denied { .. })));
            assert_eq!((outcome.is_ok(), denied), (may, !may), "{names:?}: {outcome:?}");
        }
    });
}

#[test]
fn locks_are_bounded() {
    on_each_database(|world| async move {
        let anna = tree(&world).await;
        let of_owner = |bytes: usize| NewLock { owner: "o".repeat(bytes), ..new(&["a"], false, false) };
        lock(&world, anna, of_owner(LOCK_OWNER_BYTES_MAX), true).await.unwrap().unwrap();
        let long = lock(&world, anna, of_owner(LOCK_OWNER_BYTES_MAX + 1), true).await;
        assert!(matches!(long, Err(Error::Refusal(Refusal::Invalid(_)))), "{long:?}");
        let fill = move |tx: &mut Write<'_>| {
            for _ in 1..LOCKS_MAX {
                let grant = tx.open_files::<right::Replace>(anna, &path(&["a"]))?;
                tx.lock_files(&grant, &new(&["a"], false, false))?.unwrap();
            }
            Ok(())
        };
        write(&world, anna, fill).await.unwrap();
        let full = lock(&world, anna, new(&["a"], false, false), true).await;
        assert!(matches!(full, Err(Error::Refusal(Refusal::Invalid(_)))), "{full:?}");
        world.now.fetch_add(60_000, Ordering::Relaxed);
        lock(&world, anna, new(&["a"], false, false), true).await.unwrap().unwrap();
    });
}
