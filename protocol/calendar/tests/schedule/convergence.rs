//! Whatever the organiser and the guests do, and however the messages arrive, all copies say the same in the end.

use proptest::prelude::*;

use super::world::{Deed, World};

fn deeds() -> impl Strategy<Value = Deed> {
    let (day, guest) = (0..5_u8, 1..4_u8);
    let some_day = prop::option::of(day.clone());
    prop_oneof![
        2 => (0..4_u8).prop_map(Deed::Name),
        1 => (0..3_u8).prop_map(Deed::MoveSeries),
        2 => (day.clone(), 0..4_u8).prop_map(|(day, hours)| Deed::MoveDay { day, hours }),
        2 => (day.clone(), 0..4_u8).prop_map(|(day, name)| Deed::NameDay { day, name }),
        1 => day.clone().prop_map(|day| Deed::LikeOthers { day }),
        1 => day.clone().prop_map(|day| Deed::TakeOut { day }),
        1 => day.clone().prop_map(|day| Deed::PutBack { day }),
        1 => day.clone().prop_map(|day| Deed::CancelDay { day }),
        2 => (some_day.clone(), guest.clone()).prop_map(|(day, guest)| Deed::Invite { day, guest }),
        2 => (some_day.clone(), guest.clone()).prop_map(|(day, guest)| Deed::Uninvite { day, guest }),
        1 => (0..5_u8).prop_map(Deed::Shorten),
        1 => any::<bool>().prop_map(Deed::Cancel),
        6 => (guest.clone(), some_day, 0..3_u8).prop_map(|(guest, day, says)| Deed::Answer { guest, day, says }),
        2 => (guest.clone(), day).prop_map(|(guest, day)| Deed::Decline { guest, day }),
        1 => guest.prop_map(|guest| Deed::Alarm { guest }),
        2 => (0..4_u8).prop_map(|party| Deed::Read { party }),
        12 => (any::<u16>(), any::<bool>()).prop_map(|(which, twice)| Deed::Deliver { which, twice }),
        2 => (0..8_u8).prop_map(Deed::Wait),
    ]
}

/// What is done, and then everything delivered in this order.
pub(crate) fn converges(deeds: &[Deed], order: &[u16]) {
    let mut world = World::new();
    deeds.iter().for_each(|deed| world.act(deed));
    world.settle(order);
    world.check();
}

/// The same with every message delivered at once, as in the house.
pub(crate) fn agrees_after_every_step(deeds: &[Deed]) {
    let mut world = World::new();
    world.settle(&[0]);
    for deed in deeds {
        world.act(deed);
        world.settle(&[0]);
        world.check();
    }
}

proptest! {
    #[test]
    fn copies_converge(
        mut deeds in prop::collection::vec(deeds(), 0..40),
        is_deleted in prop::bool::weighted(0.1),
        order in prop::collection::vec(any::<u16>(), 1..30),
    ) {
        if is_deleted {
            deeds.push(Deed::Delete);
        }
        converges(&deeds, &order);
    }

    #[test]
    fn in_order_they_agree_after_every_step(mut deeds in prop::collection::vec(deeds(), 0..40)) {
        deeds.retain(|deed| !matches!(deed, Deed::Deliver { .. }));
        agrees_after_every_step(&deeds);
    }
}
