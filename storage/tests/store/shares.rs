//! Sharing as people see it: who is told of what, and what is out of sight.

use crate::harness::{World, acting, address, house, on_each_database};
use storage::{Delegation, Error, Grantee, NewCollection, News, Notice, Refusal, Share, Write, right};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, GroupId, LeafName, Preset, Principal, Rights, Role,
};

/// Anna's calendar.
async fn calendar(world: &World) -> CollectionId {
    world.role(world.anna, Role::Calendar).await
}

async fn give(world: &World, by: &Principal, grantee: Grantee, rights: Rights) {
    let (anna, folder) = (world.anna, calendar(world).await);
    let give = move |tx: &mut Write<'_>| {
        let grant = tx.open::<right::Administer>(anna, folder)?;
        tx.set_permission(&grant, grantee, rights)
    };
    world.store.write(by, &[anna], give).await.unwrap();
}

async fn show(world: &World, who: AccountId, in_sight: bool) -> storage::Result<()> {
    let (anna, folder) = (world.anna, calendar(world).await);
    let show = move |tx: &mut Write<'_>| {
        let grant = tx.open::<right::Lookup>(anna, folder)?;
        tx.show_share(&grant, in_sight)
    };
    world.store.write(&acting(who), &[anna, who], show).await
}

async fn notices(world: &World, who: AccountId) -> Vec<Notice> {
    world.store.read(&acting(who), |tx| tx.notices()).await.unwrap()
}

async fn news(world: &World, who: AccountId) -> Vec<News> {
    notices(world, who).await.into_iter().map(|notice| notice.news).collect()
}

async fn shares(world: &World) -> Vec<Share> {
    let (anna, folder) = (world.anna, calendar(world).await);
    let read = move |tx: &storage::Read<'_>| tx.shares(&tx.open::<right::Administer>(anna, folder)?);
    world.store.read(&acting(anna), read).await.unwrap()
}

async fn listed(world: &World, who: AccountId) -> usize {
    world.store.read(&acting(who), |tx| Ok(tx.shared_collections()?.len())).await.unwrap()
}

/// A group of Ben's.
async fn team(world: &World) -> GroupId {
    let ben = world.ben;
    let make = move |tx: &mut Write<'_>| {
        let admin = tx.administer()?;
        let group = tx.create_group(&admin, &address("team@blumen.test"))?;
        tx.set_member(&admin, group, ben, true)?;
        Ok(group)
    };
    world.store.write(&house(), &[], make).await.unwrap()
}

#[test]
fn a_list_of_shares_says_what_people_call_each_other() {
    on_each_database(|world| async move {
        let group = team(&world).await;
        let by = acting(world.anna);
        let reader = Preset::Reader.rights();
        for grantee in [Grantee::Account(world.ben), Grantee::Group(group), Grantee::Anyone] {
            give(&world, &by, grantee, reader).await;
        }
        let share = |grantee, called: Option<&str>, name: &str| Share {
            grantee,
            rights: reader,
            address: called.map(address),
            name: name.to_owned(),
            in_sight: true,
        };
        let expected = [
            share(Grantee::Account(world.ben), Some("ben@blumen.test"), "ben@blumen.test"),
            share(Grantee::Anyone, None, ""),
            share(Grantee::Group(group), Some("team@blumen.test"), "team"),
        ];
        assert_eq!(shares(&world).await, expected);
        give(&world, &by, Grantee::Anyone, Rights::NONE).await;
        assert_eq!(shares(&world).await.len(), 2);
    });
}

#[test]
fn a_delegate_is_who_was_named_and_not_everybody() {
    on_each_database(|world| async move {
        let (by, folder) = (acting(world.anna), calendar(&world).await);
        let delegations =
            async |who: AccountId| world.store.read(&acting(who), |tx| tx.delegations()).await.unwrap();
        give(&world, &by, Grantee::Anyone, Preset::Editor.rights()).await;
        assert_eq!(delegations(world.ben).await, []);
        let group = team(&world).await;
        give(&world, &by, Grantee::Group(group), Preset::Reader.rights()).await;
        give(&world, &by, Grantee::Account(world.ben), Rights::INSERT).await;
        let expected = Delegation {
            owner: world.anna,
            address: address("anna@blumen.test"),
            collection: folder,
            kind: CollectionKind::Calendar,
            rights: Preset::Reader.rights() | Rights::INSERT,
        };
        assert_eq!(delegations(world.ben).await, [expected]);
        assert_eq!(delegations(world.nora).await, []);
        assert_eq!(delegations(world.anna).await, []);
        let suspend = async |suspended| {
            let anna = world.anna;
            let work = move |tx: &mut Write<'_>| {
                let admin = tx.administer()?;
                tx.suspend_account(&admin, anna, suspended)
            };
            world.store.write(&house(), &[], work).await.unwrap();
        };
        suspend(true).await;
        assert_eq!(delegations(world.ben).await, [], "nobody acts for who is not there");
        suspend(false).await;
        give(&world, &by, Grantee::Group(group), Rights::NONE).await;
        give(&world, &by, Grantee::Account(world.ben), Rights::NONE).await;
        assert_eq!(delegations(world.ben).await, []);
    });
}

#[test]
fn the_groups_of_an_account_are_those_that_it_is_in_now() {
    on_each_database(|world| async move {
        let (group, ben, anna) = (team(&world).await, world.ben, world.anna);
        let groups = async |who: AccountId| {
            world.store.read(&house(), move |tx| tx.memberships(&tx.administer()?, who)).await.unwrap()
        };
        assert_eq!(groups(ben).await, [address("team@blumen.test")]);
        assert_eq!(groups(anna).await, []);
        let leave = move |tx: &mut Write<'_>| {
            let admin = tx.administer()?;
            tx.set_member(&admin, group, ben, false)
        };
        world.store.write(&house(), &[], leave).await.unwrap();
        assert_eq!(groups(ben).await, []);
    });
}

#[test]
fn whoever_is_concerned_is_told_and_nobody_else() {
    on_each_database(|world| async move {
        let (ben, by) = (Grantee::Account(world.ben), acting(world.anna));
        give(&world, &by, ben, Preset::FreeBusy.rights()).await;
        assert_eq!(news(&world, world.ben).await, [], "busy times are not a folder");
        give(&world, &house(), ben, Preset::Reader.rights()).await;
        let told = notices(&world, world.ben).await;
        let [Notice { owner, collection, other, news: News::Given, kind, name, resource_name, .. }] =
            &told[..]
        else {
            panic!("{told:?}")
        };
        assert_eq!(*kind, CollectionKind::Calendar);
        assert_eq!((*owner, *collection, *other), (world.anna, calendar(&world).await, world.anna));
        assert_eq!((name.as_str(), resource_name.as_str()), ("Kalender", "calendar"));
        assert_eq!(news(&world, world.anna).await, []);
        assert_eq!(news(&world, world.nora).await, []);

        let forget = async |who: AccountId| {
            let (owner, folder) = (world.anna, calendar(&world).await);
            let forget = move |tx: &mut Write<'_>| tx.forget_notice(owner, folder, owner);
            world.store.write(&acting(who), &[who], forget).await.unwrap();
        };
        forget(world.nora).await;
        assert_eq!(news(&world, world.ben).await.len(), 1, "one's own only");
        forget(world.ben).await;
        assert_eq!(news(&world, world.ben).await, []);
        give(&world, &by, ben, Preset::Reader.rights()).await;
        assert_eq!(news(&world, world.ben).await, [], "nothing changed");
        give(&world, &by, ben, Preset::Editor.rights()).await;
        assert_eq!(news(&world, world.ben).await, [News::Given]);
        give(&world, &by, ben, Preset::FreeBusy.rights()).await;
        assert_eq!(news(&world, world.ben).await, [News::Taken]);
        give(&world, &by, ben, Rights::NONE).await;
        assert_eq!(news(&world, world.ben).await, [News::Taken]);
        world.pass_days(91);
        world.store.sweep().await.unwrap();
        assert_eq!(news(&world, world.ben).await, [], "after a while nobody wants to know");
    });
}

#[test]
fn what_is_out_of_sight_is_listed_nowhere_until_it_is_shown_again() {
    on_each_database(|world| async move {
        let (ben, by) = (Grantee::Account(world.ben), acting(world.anna));
        assert!(show(&world, world.ben, false).await.is_err(), "what is not shared is not there");
        give(&world, &by, ben, Preset::Reader.rights()).await;
        show(&world, world.ben, true).await.unwrap();
        assert_eq!((listed(&world, world.ben).await, news(&world, world.anna).await), (1, vec![]));
        assert_eq!(news(&world, world.ben).await, [], "who answers has heard");

        show(&world, world.ben, false).await.unwrap();
        assert_eq!(listed(&world, world.ben).await, 0);
        assert_eq!(news(&world, world.anna).await, [News::Declined]);
        assert!(!shares(&world).await[0].in_sight);
        let (anna, folder) = (world.anna, calendar(&world).await);
        let open = move |tx: &storage::Read<'_>| {
            Ok((tx.open::<right::ReadItems>(anna, folder).is_ok(), tx.is_out_of_sight(anna, folder)?))
        };
        assert_eq!(
            world.store.read(&acting(world.ben), open).await.unwrap(),
            (true, true),
            "the right stays"
        );

        show(&world, world.ben, true).await.unwrap();
        assert_eq!(
            (listed(&world, world.ben).await, news(&world, world.anna).await),
            (1, vec![News::Accepted])
        );

        show(&world, world.ben, false).await.unwrap();
        give(&world, &by, ben, Rights::NONE).await;
        give(&world, &by, ben, Preset::Reader.rights()).await;
        assert_eq!(listed(&world, world.ben).await, 1, "given anew, it is there again");

        let own = show(&world, world.anna, false).await;
        assert!(matches!(own, Err(Error::Refusal(Refusal::Invalid(_)))), "{own:?}");
        assert!(show(&world, world.nora, false).await.is_err());
    });
}

/// By whatever door it is made. What its owner makes there is nobody else's until it is shared.
#[test]
fn who_makes_a_folder_beneath_a_colleagues_sees_it() {
    on_each_database(|world| async move {
        let (anna, above) = (world.anna, calendar(&world).await);
        give(&world, &acting(anna), Grantee::Account(world.ben), Preset::Editor.rights()).await;
        let make = async |who: AccountId, name: &'static str| {
            let new = NewCollection {
                parent: above,
                kind: CollectionKind::Calendar,
                role: None,
                name: LeafName::new(name).unwrap(),
                resource_name: None,
            };
            let make = move |tx: &mut Write<'_>| Ok(tx.create_collection(anna, &new)?.id);
            world.store.write(&acting(who), &[anna], make).await.unwrap()
        };
        make(anna, "hers").await;
        let his = make(world.ben, "his").await;
        let shared = world.store.read(&acting(world.ben), |tx| tx.shared_collections()).await.unwrap();
        let shared: Vec<_> = shared.iter().map(|one| (one.collection.id, one.rights)).collect();
        assert_eq!(shared, [(above, Preset::Editor.rights()), (his, Preset::Editor.rights())]);
    });
}

#[test]
fn what_is_told_of_a_folder_or_an_account_goes_with_it() {
    on_each_database(|world| async move {
        let (ben, by) = (world.ben, acting(world.anna));
        let anna = world.anna;
        let second = move |tx: &mut Write<'_>| {
            let new = NewCollection {
                parent: CollectionId(0),
                kind: CollectionKind::Contacts,
                role: None,
                name: LeafName::new("Second").unwrap(),
                resource_name: None,
            };
            let id = tx.create_collection(anna, &new)?.id;
            tx.set_permission(&tx.open(anna, id)?, Grantee::Account(ben), Preset::Reader.rights())?;
            Ok(id)
        };
        let second = world.store.write(&by, &[anna], second).await.unwrap();
        assert_eq!(news(&world, ben).await, [News::Given]);
        let delete = move |tx: &mut Write<'_>| tx.delete_collection(&tx.open(anna, second)?);
        world.store.write(&by, &[anna], delete).await.unwrap();
        assert_eq!(news(&world, ben).await, []);

        give(&world, &by, Grantee::Account(ben), Preset::Reader.rights()).await;
        show(&world, ben, false).await.unwrap();
        give(&world, &by, Grantee::Account(ben), Preset::Editor.rights()).await;
        assert_eq!((news(&world, ben).await.len(), news(&world, world.anna).await.len()), (1, 1));
        let remove = move |tx: &mut Write<'_>| {
            let admin = tx.administer()?;
            tx.remove_account(&admin, ben)
        };
        world.store.write(&house(), &[ben], remove).await.unwrap();
        assert_eq!(news(&world, world.anna).await, []);
        assert_eq!(shares(&world).await, []);
    });
}
