//! Who is told by push of what, and of what no more.

use crate::harness::{World, acting, house, on_each_database};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use storage::{
    DuePush, DuePushes, Grantee, NewPush, PUSH_ENDPOINT_BYTES_MAX, PUSH_REGISTRATIONS_MAX, PushOutcome,
    Refusal, Result, Silenced, Store, Whose, Write, right,
};
use vocabulary::{AccountId, CollectionId, Rights, Role, Timestamp};

/// Below the time after which a PostgreSQL store wakes everybody anyway.
const DEADLINE: Duration = Duration::from_secs(4);
const HOUR_MS: i64 = 3_600_000;

fn push(world: &World, endpoint: &str) -> NewPush {
    NewPush {
        endpoint: endpoint.to_owned(),
        public_key: vec![4; 65],
        auth_secret: vec![7; 16],
        content: true,
        properties: true,
        expires_at: Timestamp(world.now().0 + HOUR_MS),
    }
}

/// The calendar of Anna, whoever registers.
async fn register(world: &World, who: AccountId, new: NewPush) -> Result<String> {
    let anna = world.anna;
    let calendar = world.role(anna, Role::Calendar).await;
    let work =
        move |tx: &mut Write<'_>| tx.register_push(&tx.open::<right::ReadItems>(anna, calendar)?, &new);
    world.store.write(&acting(who), &[who], work).await
}

async fn due(store: &Store, whose: Whose) -> DuePushes {
    store.read(&house(), move |tx| tx.pushes_due(&tx.administer()?, &whose)).await.unwrap()
}

/// Whether there is something to send, asked by owner and of all.
async fn is_due(world: &World) -> bool {
    let all = due(&world.store, Whose::Anybody).await;
    let of_anna = due(&world.store, Whose::Accounts([world.anna].into())).await;
    assert_eq!(all, of_anna);
    assert_eq!(due(&world.store, Whose::Accounts([world.nora].into())).await, DuePushes::default());
    !all.accounts.is_empty()
}

async fn claim(world: &World, who: AccountId) -> Vec<DuePush> {
    world.store.write(&acting(who), &[who], move |tx| tx.claim_pushes(who)).await.unwrap()
}

async fn settle(world: &World, who: AccountId, push: &DuePush, outcome: PushOutcome) {
    let token = push.token.clone();
    world.store.write(&acting(who), &[who], move |tx| tx.settle_push(who, &token, outcome)).await.unwrap();
}

async fn deliver(world: &World, who: AccountId) -> DuePush {
    let claimed = claim(world, who).await;
    let [push] = claimed.as_slice() else { panic!("{claimed:?}") };
    settle(world, who, push, PushOutcome::Delivered { told: push.told, again_at: world.now() }).await;
    push.clone()
}

/// A change of Anna's calendar by somebody whose client wants to be left alone with it.
async fn insert(world: &World, who: AccountId, silenced: Silenced) {
    let anna = world.anna;
    let calendar = world.role(anna, Role::Calendar).await;
    let new = world.prepare(anna, b"event").await;
    let work = move |tx: &mut Write<'_>| {
        tx.silence_pushes(&silenced)?;
        tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &new).map(drop)
    };
    world.store.write(&acting(who), &[anna, who], work).await.unwrap();
}

async fn share(world: &World, rights: Rights) {
    let (anna, ben) = (world.anna, world.ben);
    let calendar = world.role(anna, Role::Calendar).await;
    let work = move |tx: &mut Write<'_>| {
        let grant = tx.open::<right::Administer>(anna, calendar)?;
        tx.set_permission(&grant, Grantee::Account(ben), rights)
    };
    world.store.write(&acting(anna), &[anna], work).await.unwrap();
}

async fn colour(world: &World, value: &'static str) {
    let anna = world.anna;
    let calendar = world.role(anna, Role::Calendar).await;
    let work = move |tx: &mut Write<'_>| {
        tx.set_property(&tx.open::<right::Lookup>(anna, calendar)?, "colour", Some(value))
    };
    world.store.write(&acting(anna), &[anna], work).await.unwrap();
}

#[test]
fn many_changes_are_told_once_and_nothing_twice() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let token = register(&world, anna, push(&world, "https://push.test/1")).await.unwrap();
        assert!(!is_due(&world).await, "what was before is known");
        insert(&world, anna, Silenced::Nothing).await;
        insert(&world, anna, Silenced::Nothing).await;
        assert!(is_due(&world).await);
        let claimed = claim(&world, anna).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(
            (claimed[0].token.as_str(), claimed[0].content, claimed[0].properties),
            (&*token, true, false)
        );
        assert_eq!(claimed[0].end.modseq, claimed[0].collection.highest);
        assert_eq!(claim(&world, anna).await, [], "somebody sends it");
        assert!(!is_due(&world).await);
        // While it is sent, more happens.
        insert(&world, anna, Silenced::Nothing).await;
        let told = claimed[0].told;
        settle(&world, anna, &claimed[0], PushOutcome::Delivered { told, again_at: world.now() }).await;
        assert!(is_due(&world).await);
        deliver(&world, anna).await;
        assert!(!is_due(&world).await);
    });
}

#[test]
fn changes_of_items_and_of_the_collection_are_told_apart() {
    on_each_database(|world| async move {
        let anna = world.anna;
        register(&world, anna, push(&world, "https://push.test/1")).await.unwrap();
        colour(&world, "green").await;
        let told = deliver(&world, anna).await;
        assert_eq!((told.content, told.properties), (false, true));
        insert(&world, anna, Silenced::Nothing).await;
        colour(&world, "red").await;
        let told = deliver(&world, anna).await;
        assert_eq!((told.content, told.properties), (true, true));
        // One that wants to know of items only is not told of the rest.
        let renewed = NewPush { properties: false, ..push(&world, "https://push.test/1") };
        register(&world, anna, renewed).await.unwrap();
        colour(&world, "blue").await;
        assert_eq!(claim(&world, anna).await, []);
        assert!(!is_due(&world).await, "it was looked at once");
    });
}

/// Registers somebody whose push service does not take the first message; when it is tried again.
async fn not_taken(world: &World, whose: AccountId) -> Timestamp {
    register(world, whose, push(world, "https://push.test/1")).await.unwrap();
    insert(world, whose, Silenced::Nothing).await;
    let at = Timestamp(world.now().0 + 60_000);
    let claimed = claim(world, whose).await;
    settle(world, whose, &claimed[0], PushOutcome::Later { at }).await;
    at
}

#[test]
fn what_is_not_taken_is_tried_again_when_it_is_time() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let at = not_taken(&world, anna).await;
        assert_eq!(claim(&world, anna).await, []);
        assert_eq!(due(&world.store, Whose::Anybody).await.next_at, Some(at));
        world.now.fetch_add(60_000, Ordering::Relaxed);
        let claimed = claim(&world, anna).await;
        assert_eq!(claimed[0].failures, 1);
        // Whoever claimed it has ended.
        world.now.fetch_add(10 * 60_000, Ordering::Relaxed);
        let claimed = claim(&world, anna).await;
        settle(&world, anna, &claimed[0], PushOutcome::Gone).await;
        world.now.fetch_add(10 * 60_000, Ordering::Relaxed);
        assert_eq!(due(&world.store, Whose::Anybody).await, DuePushes::default());
    });
}

#[test]
fn a_client_that_comes_again_does_not_undo_the_failures_of_its_push_service() {
    on_each_database(|world| async move {
        let anna = world.anna;
        not_taken(&world, anna).await;
        register(&world, anna, push(&world, "https://push.test/1")).await.unwrap();
        assert_eq!(claim(&world, anna).await, [], "it is tried when it would have been");
        world.now.fetch_add(60_000, Ordering::Relaxed);
        assert_eq!(claim(&world, anna).await[0].failures, 1);
    });
}

#[test]
fn only_who_may_read_a_collection_is_told_of_it() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let new = || push(&world, "https://push.test/ben");
        for (rights, may) in [
            (Rights::NONE, false),
            (Rights::LOOKUP | Rights::FREE_BUSY, false),
            (Rights::LOOKUP | Rights::READ, true),
        ] {
            share(&world, rights).await;
            let registered = register(&world, ben, new()).await;
            assert_eq!(registered.is_ok(), may, "{rights}: {registered:?}");
        }
        assert!(register(&world, world.nora, new()).await.is_err());
        insert(&world, anna, Silenced::Nothing).await;
        deliver(&world, ben).await;
        // A change of rights alone sends nothing; the next change finds that they are gone.
        share(&world, Rights::NONE).await;
        insert(&world, anna, Silenced::Nothing).await;
        assert!(is_due(&world).await);
        assert_eq!(claim(&world, ben).await, []);
        share(&world, Rights::LOOKUP | Rights::READ).await;
        insert(&world, anna, Silenced::Nothing).await;
        assert!(!is_due(&world).await, "it was removed");
    });
}

#[test]
fn a_client_is_not_told_of_what_it_did_itself() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        share(&world, Rights::ALL).await;
        let one = register(&world, anna, push(&world, "https://push.test/1")).await.unwrap();
        register(&world, anna, push(&world, "https://push.test/2")).await.unwrap();
        let bens = register(&world, ben, push(&world, "https://push.test/3")).await.unwrap();
        let told = async || {
            let mut told = Vec::new();
            for who in [anna, ben] {
                for push in claim(&world, who).await {
                    let outcome = PushOutcome::Delivered { told: push.told, again_at: world.now() };
                    settle(&world, who, &push, outcome).await;
                    told.push(push.endpoint.rsplit('/').next().unwrap().to_owned());
                }
            }
            told.sort();
            told.concat()
        };
        insert(&world, anna, Silenced::These(vec![one.clone()])).await;
        assert_eq!(told().await, "23");
        insert(&world, anna, Silenced::Own).await;
        assert_eq!(told().await, "3");
        // Nobody keeps the clients of others from knowing.
        insert(&world, anna, Silenced::These(vec![bens.clone(), "unknown".to_owned()])).await;
        assert_eq!(told().await, "123");
        insert(&world, ben, Silenced::These(vec![bens])).await;
        assert_eq!(told().await, "12");
        // What another did before is still to be told.
        insert(&world, ben, Silenced::Nothing).await;
        insert(&world, anna, Silenced::These(vec![one])).await;
        assert_eq!(told().await, "123");
        assert!(!is_due(&world).await);
    });
}

#[test]
fn a_client_that_comes_again_has_one_registration() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let first = register(&world, anna, push(&world, "https://push.test/1")).await.unwrap();
        let again = NewPush { auth_secret: vec![9; 16], ..push(&world, "https://push.test/1") };
        assert_eq!(register(&world, anna, again).await.unwrap(), first);
        insert(&world, anna, Silenced::Nothing).await;
        assert_eq!(deliver(&world, anna).await.auth_secret, vec![9; 16]);
        let remove = async |token: String| {
            world.store.write(&acting(anna), &[anna], move |tx| tx.remove_push(anna, &token)).await.unwrap()
        };
        assert!(remove(first.clone()).await);
        assert!(!remove(first).await && !remove("\0".to_owned()).await);
        insert(&world, anna, Silenced::Nothing).await;
        assert!(!is_due(&world).await);
    });
}

#[test]
fn registrations_are_bounded_and_end() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let of_length = |bytes: usize| NewPush { endpoint: "x".repeat(bytes), ..push(&world, "") };
        register(&world, anna, of_length(PUSH_ENDPOINT_BYTES_MAX)).await.unwrap();
        for bad in [of_length(PUSH_ENDPOINT_BYTES_MAX + 1), push(&world, "https://push.test/\0")] {
            let refused = register(&world, anna, bad).await.unwrap_err();
            assert!(matches!(refused.refusal(), Some(Refusal::Invalid(_))), "{refused}");
        }
        let calendar = world.role(anna, Role::Calendar).await;
        let more =
            (1..PUSH_REGISTRATIONS_MAX).map(|number| push(&world, &format!("https://push.test/{number}")));
        let more: Vec<NewPush> = more.collect();
        let work = move |tx: &mut Write<'_>| {
            let grant = tx.open::<right::ReadItems>(anna, calendar)?;
            more.iter().try_for_each(|new| tx.register_push(&grant, new).map(drop))
        };
        world.store.write(&acting(anna), &[anna], work).await.unwrap();
        let one_more = async || register(&world, anna, push(&world, "https://push.test/one-more")).await;
        assert!(matches!(one_more().await.unwrap_err().refusal(), Some(Refusal::Invalid(_))));
        insert(&world, anna, Silenced::Nothing).await;
        assert!(is_due(&world).await);
        world.now.fetch_add(HOUR_MS, Ordering::Relaxed);
        assert!(!is_due(&world).await, "an expired one is not told");
        one_more().await.unwrap();
        world.now.fetch_add(HOUR_MS, Ordering::Relaxed);
        assert_eq!(
            world.store.sweep().await.unwrap().rows,
            1,
            "those before went with the next registration"
        );
    });
}

#[test]
fn registrations_go_with_their_collection_and_their_account() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        share(&world, Rights::LOOKUP | Rights::READ).await;
        register(&world, ben, push(&world, "https://push.test/1")).await.unwrap();
        insert(&world, anna, Silenced::Nothing).await;
        let suspend = async |suspended: bool| {
            let work = move |tx: &mut Write<'_>| tx.suspend_account(&tx.administer()?, ben, suspended);
            world.store.write(&house(), &[ben], work).await.unwrap();
        };
        suspend(true).await;
        assert!(!is_due(&world).await);
        suspend(false).await;
        assert!(is_due(&world).await);
        let remove = move |tx: &mut Write<'_>| tx.remove_account(&tx.administer()?, anna);
        world.store.write(&house(), &[anna], remove).await.unwrap();
        assert_eq!(due(&world.store, Whose::Anybody).await, DuePushes::default());
    });
}

#[test]
fn a_deleted_collection_tells_nobody() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let made: CollectionId = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let new = storage::NewCollection {
                    parent: CollectionId(0),
                    kind: vocabulary::CollectionKind::Calendar,
                    role: None,
                    name: vocabulary::LeafName::new("garden").unwrap(),
                    resource_name: Some("garden".to_owned()),
                };
                Ok(tx.create_collection(anna, &new)?.id)
            })
            .await
            .unwrap();
        let new = push(&world, "https://push.test/1");
        let work = move |tx: &mut Write<'_>| {
            tx.register_push(&tx.open::<right::ReadItems>(anna, made)?, &new)?;
            let grant = tx.open::<right::DeleteCollection>(anna, made)?;
            tx.delete_collection(&grant)
        };
        world.store.write(&acting(anna), &[anna], work).await.unwrap();
        assert!(is_due(&world).await, "it is to be looked at");
        assert_eq!(claim(&world, anna).await, []);
        assert!(!is_due(&world).await);
    });
}

#[test]
fn two_processes_keep_one_secret() {
    on_each_database(|world| async move {
        let secret = async |store: &Store, fresh: &'static str| {
            let work = move |tx: &mut Write<'_>| tx.house_secret(&tx.administer()?, "key", fresh);
            store.write(&house(), &[], work).await.unwrap()
        };
        let other = world.open_again().await;
        assert_eq!(secret(&world.store, "first").await, "first");
        assert_eq!(secret(&other, "second").await, "first");
        other.close();
    });
}

#[test]
fn a_reader_of_all_accounts_hears_of_every_process() {
    on_each_database(|world: Arc<World>| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let other = world.open_again().await;
        let (here, there) = (world.store.house_wakes(), other.house_wakes());
        // Twice, so that the second process has looked at least once since the first commit.
        for text in [&b"one"[..], b"two"] {
            world.insert(anna, inbox, text).await.unwrap();
            let whose = tokio::time::timeout(DEADLINE, here.changed()).await.expect("nobody was woken");
            let is_hers = match &whose {
                Whose::Accounts(accounts) => accounts.contains(&anna),
                Whose::Anybody => true,
            };
            assert!(is_hers, "{whose:?}");
            tokio::time::timeout(DEADLINE, there.changed()).await.expect("the other was not woken");
        }
        other.close();
    });
}
