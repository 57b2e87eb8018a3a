//! Tests a message with what is at hand; `None` where more must be read.

use super::test::{Test, compares};
use crate::object_id;
use crate::view::{Row, View};
use mime::search::{Expression, Facts};
use storage::Item;
use vocabulary::{AccountId, Timestamp};

const DAY_S: i64 = 86_400;

/// One message, as far as it was read.
pub(crate) struct Known<'k> {
    pub(crate) view: &'k View,
    pub(crate) place: usize,
    pub(crate) row: &'k Row,
    pub(crate) deep: Deep<'k>,
}

/// How far.
pub(crate) enum Deep<'k> {
    View,
    Item { account: AccountId, item: &'k Item, facts: Facts },
}

/// Nesting is bounded where keys are read.
pub(crate) fn run(test: &Expression<Test>, known: &Known<'_>) -> Option<bool> {
    test.decide(&|leaf| by_view(leaf, known))
}

fn by_view(test: &Test, known: &Known<'_>) -> Option<bool> {
    match test {
        Test::Among(places) => {
            let after = places.partition_point(|places| places.start <= known.place);
            let within = after.checked_sub(1).and_then(|at| places.get(at));
            Some(within.is_some_and(|places| places.contains(&known.place)))
        }
        Test::Has(flags) => Some(known.row.flags.contains(*flags)),
        Test::Lacks(flags) => Some((known.row.flags & *flags).is_empty()),
        Test::HasKeyword(keyword) => Some(known.view.keywords(known.row).any(|one| one == keyword)),
        Test::ModSeq(modseq) => Some(known.row.modseq >= *modseq),
        _ => by_rows(test, known),
    }
}

fn by_rows(test: &Test, known: &Known<'_>) -> Option<bool> {
    let Deep::Item { account, item, facts } = &known.deep else { return None };
    let size = item.size_bytes.unsigned_abs();
    Some(match test {
        Test::Received(comparison, day) => compares(*comparison, day_of(item.received_at), *day),
        Test::Saved(comparison, day) => compares(*comparison, day_of(item.saved_at), *day),
        Test::ReceivedBy(moment) => item.received_at <= *moment,
        Test::ReceivedFrom(moment) => item.received_at >= *moment,
        Test::Larger(octets) => size > *octets,
        Test::Smaller(octets) => size < *octets,
        Test::EmailId(id) => *id == object_id::email(*account, item.id),
        Test::ThreadId(id) => *id == object_id::thread(*account, item.thread),
        Test::Content(at) => return facts.verdict(*at),
        _ => return None,
    })
}

fn day_of(moment: Timestamp) -> i64 {
    moment.seconds().div_euclid(DAY_S)
}
