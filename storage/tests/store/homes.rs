//! What becomes of the collections of a home, for those who follow it.

use crate::harness::{World, acting, on_each_database};
use storage::{Error, Grantee, HomeLog, NewCollection, Read, Refusal, Result, Write, right};
use vocabulary::{AccountId, CollectionId, CollectionKind, Home, LeafName, ModSeq, Preset, Role};

async fn calendar(world: &World, name: &'static str) -> CollectionId {
    let anna = world.anna;
    let new = NewCollection {
        parent: CollectionId(0),
        kind: CollectionKind::Calendar,
        role: None,
        name: LeafName::new(name).unwrap(),
        resource_name: Some(name.to_owned()),
    };
    let make = move |tx: &mut Write<'_>| tx.create_collection(anna, &new);
    world.store.write(&acting(anna), &[anna], make).await.unwrap().id
}

async fn rename(world: &World, folder: CollectionId, name: &'static str) {
    let anna = world.anna;
    let work = move |tx: &mut Write<'_>| {
        tx.rename_resource(&tx.open::<right::DeleteCollection>(anna, folder)?, name)
    };
    world.store.write(&acting(anna), &[anna], work).await.unwrap();
}

async fn delete(world: &World, folder: CollectionId) {
    let anna = world.anna;
    let work =
        move |tx: &mut Write<'_>| tx.delete_collection(&tx.open::<right::DeleteCollection>(anna, folder)?);
    world.store.write(&acting(anna), &[anna], work).await.unwrap();
}

async fn log(world: &World, home: Home, since: ModSeq) -> Result<HomeLog> {
    let anna = world.anna;
    world.store.read(&acting(anna), move |tx: &Read<'_>| tx.home_log(anna, home, since)).await
}

async fn gone(world: &World, home: Home, since: ModSeq) -> Vec<String> {
    let vanished = log(world, home, since).await.unwrap().vanished;
    vanished.into_iter().map(|one| one.resource_name).collect()
}

async fn end(world: &World) -> ModSeq {
    log(world, Home::Calendars, ModSeq::ZERO).await.unwrap().end
}

fn must_begin_anew<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::ResyncRequired { .. })))
}

#[test]
fn a_name_that_went_is_told_to_whoever_may_have_known_it() {
    on_each_database(|world| async move {
        let begin = end(&world).await;
        let (one, two) = (calendar(&world, "one").await, calendar(&world, "two").await);
        let between = end(&world).await;
        assert!(between > begin);
        world.insert(world.anna, world.inbox(world.anna).await, b"mail").await.unwrap();
        assert_eq!(end(&world).await, between, "a mail is no matter of calendars");
        delete(&world, one).await;
        rename(&world, two, "three").await;
        let last = end(&world).await;
        assert!(last > between);
        assert_eq!(gone(&world, Home::Calendars, between).await, ["one", "two"]);
        assert_eq!(
            gone(&world, Home::Calendars, begin).await,
            ["one", "two"],
            "whoever made one is told too"
        );
        assert!(gone(&world, Home::AddressBooks, between).await.is_empty());
        assert!(gone(&world, Home::Calendars, last).await.is_empty());
        assert!(gone(&world, Home::Calendars, ModSeq::ZERO).await.is_empty());
        assert_eq!(world.collection(world.anna, two).await.resource_name.as_deref(), Some("three"));
        rename(&world, two, "one").await;
        assert_eq!(gone(&world, Home::Calendars, last).await, ["three"]);
    });
}

#[test]
fn what_is_not_known_any_more_is_not_guessed() {
    on_each_database(|world| async move {
        let one = calendar(&world, "one").await;
        let before = end(&world).await;
        delete(&world, one).await;
        let after = end(&world).await;
        for never in [ModSeq(after.0 + 1_000), ModSeq::start_of(7), ModSeq(-1)] {
            assert!(must_begin_anew(&log(&world, Home::Calendars, never).await), "{never}");
        }
        world.pass_days(89);
        world.store.sweep().await.unwrap();
        assert_eq!(gone(&world, Home::Calendars, before).await, ["one"]);
        world.pass_days(2);
        assert!(world.store.sweep().await.unwrap().rows > 0);
        assert!(must_begin_anew(&log(&world, Home::Calendars, before).await));
        assert!(gone(&world, Home::Calendars, after).await.is_empty());
        assert!(gone(&world, Home::AddressBooks, before).await.is_empty(), "another home has its own floor");
        assert_eq!(end(&world).await, after, "nothing happened since");
    });
}

#[test]
fn what_is_kept_of_others_is_counted_for_whoever_keeps_it() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let folder = world.role(anna, Role::Calendar).await;
        let give = move |tx: &mut Write<'_>| {
            let grant = tx.open::<right::Administer>(anna, folder)?;
            tx.set_permission(&grant, Grantee::Account(ben), Preset::Reader.rights())
        };
        world.store.write(&acting(anna), &[anna], give).await.unwrap();
        let set = async |who: AccountId, value: Option<&'static str>| {
            let work = move |tx: &mut Write<'_>| {
                tx.set_property(&tx.open::<right::Lookup>(anna, folder)?, "colour", value)
            };
            world.store.write(&acting(who), &[anna, ben], work).await.unwrap();
        };
        let kept = async |who: AccountId| {
            world.store.read(&acting(who), |tx: &Read<'_>| tx.kept_of_others()).await.unwrap()
        };
        set(anna, Some("red")).await;
        assert_eq!(kept(ben).await, (0, ModSeq::ZERO));
        set(ben, Some("blue")).await;
        let first = kept(ben).await;
        set(ben, Some("green")).await;
        let second = kept(ben).await;
        assert!(first.0 == 1 && second.0 == 1 && second.1 > first.1, "{first:?} {second:?}");
        set(ben, None).await;
        assert_eq!(kept(ben).await.0, 0);
        assert_eq!(kept(anna).await, (0, ModSeq::ZERO), "what one keeps of one's own is no matter of others");
    });
}
