//! Messages that cross each other, as the laws of [`convergence`](super::convergence) have found them.

use super::convergence::{agrees_after_every_step, converges};
use super::world::Deed;

/// Ben has answered one day by itself, which Anna did not know when she answered them all, and then that day alike.
#[test]
fn an_answer_to_all_days_crosses_another_guests_to_one() {
    let deeds = [
        Deed::Deliver { which: 391, twice: false },
        Deed::CancelDay { day: 2 },
        Deed::Answer { guest: 2, day: Some(1), says: 0 },
        Deed::Deliver { which: 55776, twice: false },
        Deed::Answer { guest: 1, day: None, says: 1 },
        Deed::Answer { guest: 1, day: Some(1), says: 1 },
    ];
    converges(&deeds, &[1762]);
}

/// Anna has taken the day out while the series, called off before, was on again without her knowing.
#[test]
fn a_day_is_called_off_that_a_guest_has_taken_out() {
    let deeds = [
        Deed::Cancel(true),
        Deed::Deliver { which: 0, twice: false },
        Deed::Deliver { which: 0, twice: false },
        Deed::Name(0),
        Deed::Deliver { which: 0, twice: false },
        Deed::Deliver { which: 0, twice: false },
        Deed::LikeOthers { day: 0 },
        Deed::Cancel(false),
        Deed::Decline { guest: 1, day: 4 },
        Deed::CancelDay { day: 4 },
        Deed::Deliver { which: 5425, twice: false },
    ];
    converges(&deeds, &[14644]);
}

/// The series is told anew between two cancellations of a day, and comes after them.
#[test]
fn a_day_is_called_off_that_was_out_and_came_back() {
    let deeds = [
        Deed::Deliver { which: 0, twice: false },
        Deed::MoveDay { day: 0, hours: 1 },
        Deed::Uninvite { day: None, guest: 3 },
        Deed::Deliver { which: 13400, twice: false },
        Deed::Answer { guest: 1, day: None, says: 0 },
        Deed::Answer { guest: 2, day: None, says: 0 },
        Deed::Answer { guest: 2, day: None, says: 1 },
        Deed::MoveDay { day: 1, hours: 1 },
        Deed::MoveDay { day: 0, hours: 0 },
        Deed::Deliver { which: 59628, twice: true },
        Deed::CancelDay { day: 2 },
        Deed::Name(0),
        Deed::Deliver { which: 27838, twice: false },
        Deed::Name(1),
        Deed::MoveDay { day: 0, hours: 1 },
        Deed::NameDay { day: 0, name: 0 },
        Deed::MoveSeries(0),
        Deed::CancelDay { day: 2 },
    ];
    converges(&deeds, &[12358]);
}

/// What Ben has taken out stays declined when he accepts the rest.
#[test]
fn a_day_of_a_declined_series_is_taken_out() {
    let deeds = [
        Deed::Name(0),
        Deed::Wait(5),
        Deed::Answer { guest: 2, day: None, says: 2 },
        Deed::Decline { guest: 2, day: 0 },
        Deed::Answer { guest: 2, day: None, says: 0 },
    ];
    agrees_after_every_step(&deeds);
}

/// Both answers are of one second, and the first is gone from the copy.
#[test]
fn a_guest_answers_again_what_was_asked_again() {
    let deeds = [
        Deed::Deliver { which: 20802, twice: true },
        Deed::Decline { guest: 1, day: 3 },
        Deed::Decline { guest: 1, day: 0 },
        Deed::Invite { day: None, guest: 1 },
        Deed::MoveDay { day: 0, hours: 0 },
        Deed::Deliver { which: 58014, twice: true },
        Deed::Deliver { which: 38522, twice: false },
        Deed::Answer { guest: 1, day: Some(3), says: 0 },
    ];
    converges(&deeds, &[0]);
}

/// The occurrence that he had answered stands on by itself, without him.
#[test]
fn an_answer_of_somebody_uninvited_comes_twice() {
    let deeds = [
        Deed::Deliver { which: 11358, twice: true },
        Deed::Uninvite { day: Some(0), guest: 1 },
        Deed::Alarm { guest: 1 },
        Deed::CancelDay { day: 0 },
        Deed::Uninvite { day: None, guest: 3 },
        Deed::Deliver { which: 3091, twice: false },
        Deed::Answer { guest: 2, day: Some(1), says: 0 },
        Deed::MoveDay { day: 0, hours: 0 },
        Deed::Answer { guest: 1, day: None, says: 1 },
        Deed::Deliver { which: 3192, twice: false },
        Deed::Deliver { which: 45463, twice: true },
        Deed::Answer { guest: 1, day: None, says: 0 },
        Deed::Uninvite { day: None, guest: 2 },
        Deed::Deliver { which: 18204, twice: false },
    ];
    converges(&deeds, &[0, 4773, 10052, 0, 0, 0, 0, 0]);
}

/// Ben learns only of the day that the organiser makes anew, not that it was like the others between.
#[test]
fn an_answer_is_given_up_with_its_day() {
    let deeds = [
        Deed::Deliver { which: 3992, twice: false },
        Deed::CancelDay { day: 2 },
        Deed::Answer { guest: 1, day: None, says: 0 },
        Deed::Name(0),
        Deed::Answer { guest: 1, day: None, says: 1 },
        Deed::Deliver { which: 30322, twice: false },
        Deed::Invite { day: None, guest: 3 },
        Deed::Uninvite { day: Some(0), guest: 1 },
        Deed::Name(1),
        Deed::Answer { guest: 2, day: Some(0), says: 0 },
        Deed::Deliver { which: 32143, twice: false },
        Deed::Deliver { which: 37773, twice: false },
        Deed::MoveDay { day: 0, hours: 0 },
        Deed::LikeOthers { day: 0 },
        Deed::Invite { day: Some(0), guest: 1 },
    ];
    converges(&deeds, &[5943, 5586, 0, 0]);
}

/// Ben no more sees the day that is cancelled, and then is told an older state of the series.
#[test]
fn a_cancelled_day_is_taken_out() {
    let deeds = [
        Deed::Shorten(0),
        Deed::MoveDay { day: 4, hours: 0 },
        Deed::Deliver { which: 9990, twice: false },
        Deed::Deliver { which: 2755, twice: false },
        Deed::Deliver { which: 2740, twice: false },
        Deed::Deliver { which: 297, twice: false },
        Deed::Invite { day: None, guest: 1 },
        Deed::Deliver { which: 5768, twice: false },
        Deed::Uninvite { day: Some(0), guest: 2 },
        Deed::Deliver { which: 17893, twice: false },
        Deed::Decline { guest: 2, day: 0 },
    ];
    converges(&deeds, &[0]);
}
