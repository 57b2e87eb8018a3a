//! What the laws are tried with: texts, bodies, labels, rules, and elements that may be absent.

use std::fmt::Debug;

use activesync_wire::Version;
use activesync_wire::body::{BodyPreference, BodyType};
use activesync_wire::item::recurrence::{Pattern, Recurrence, Weekdays};
use activesync_wire::item::{Body, BodyData, Sent};
use proptest::prelude::*;

pub(crate) const DAY_S: i64 = 86_400;

const fn prefer(body_type: BodyType, truncation_size: Option<u32>) -> BodyPreference {
    BodyPreference { body_type, truncation_size, all_or_none: false, preview: 0 }
}

/// Of a phone that takes both forms: what is stored is what it is shown.
pub(crate) const NATIVE: &[BodyPreference] = &[prefer(BodyType::Plain, None), prefer(BodyType::Html, None)];

/// Of phones that take one form only, or only the beginning.
pub(crate) const PREFERENCES: [&[BodyPreference]; 5] = [
    &[],
    NATIVE,
    &[prefer(BodyType::Plain, Some(6))],
    &[prefer(BodyType::Html, None)],
    &[prefer(BodyType::Html, Some(6))],
];

/// The element with a value, empty, or not there.
pub(crate) fn sent<T: Debug + Clone + 'static>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Sent<T>> {
    prop_oneof![
        4 => values.prop_map(Sent::Value),
        1 => Just(Sent::<T>::Empty),
        1 => Just(Sent::<T>::Absent),
    ]
}

/// The element with a value or not there: where an empty one means nothing.
pub(crate) fn optional<T: Debug + Clone + 'static>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Sent<T>> {
    prop_oneof![
        4 => values.prop_map(Sent::Value),
        1 => Just(Sent::<T>::Absent),
    ]
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    "[a-zäöü€,;\\\\\"=:]{1,12}"
}

/// A list on the wire has no entry twice.
pub(crate) fn labels() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(text(), 1..4).prop_map(|set| set.into_iter().collect::<Vec<String>>())
}

pub(crate) fn body(body_type: BodyType, text: &str) -> Body {
    let estimated_data_size = u64::try_from(text.len()).unwrap();
    let data = Some(BodyData::Text(text.to_owned()));
    Body { body_type, estimated_data_size, truncated: false, data, preview: None }
}

/// Text and HTML that never say the same: HTML that only repeats the text is no change (`body.rs`).
pub(crate) fn bodies() -> impl Strategy<Value = Body> {
    prop_oneof![
        "p[a-zäöü,;\\\\<>&=]{0,8}(( |\n\n?)[a-zäöü,;]{1,6}){0,4}"
            .prop_map(|text| body(BodyType::Plain, &text.replace('\n', "\r\n"))),
        "h[a-zäöü]{0,8}( [a-z]{1,6}){0,3}".prop_map(|text| body(BodyType::Html, &format!("<p>{text}</p>"))),
    ]
}

pub(crate) fn no_body() -> Sent<Body> {
    Sent::Value(body(BodyType::Plain, ""))
}

pub(crate) fn patterns() -> impl Strategy<Value = Pattern> {
    let days = || (1_u8..=127).prop_map(|bits| Weekdays::from_bits(bits).unwrap());
    prop_oneof![
        Just(Pattern::Daily),
        days().prop_map(|days| Pattern::Weekly { days }),
        (1_u8..=31).prop_map(|day| Pattern::Monthly { day }),
        (1_u8..=5, days()).prop_map(|(week, days)| Pattern::MonthlyNth { week, days }),
        (1_u8..=12, 1_u8..=31).prop_map(|(month, day)| Pattern::Yearly { month, day }),
        (1_u8..=12, 1_u8..=5, days()).prop_map(|(month, week, days)| Pattern::YearlyNth {
            month,
            week,
            days
        }),
    ]
}

/// A recurrence as it is shown again. The nth of all days is a plain day of the month; RRULE has a first day
/// of the week for weeks only; and the wire has one from 14.1 on.
pub(crate) fn shown_again(recurrence: Recurrence, version: Version) -> Recurrence {
    let pattern = match recurrence.pattern {
        Pattern::MonthlyNth { week, days: Weekdays::ALL } if week < 5 => Pattern::Monthly { day: week },
        Pattern::YearlyNth { month, week, days: Weekdays::ALL } if week < 5 => {
            Pattern::Yearly { month, day: week }
        }
        other => other,
    };
    let first_day_of_week = match pattern {
        _ if version < Version::V14_1 => None,
        Pattern::Weekly { .. } => Some(recurrence.first_day_of_week.unwrap_or(1)),
        _ => Some(1),
    };
    Recurrence { pattern, first_day_of_week, ..recurrence }
}

/// What stands there after a change of a class whose absent elements go.
pub(crate) fn or_gone<T: Clone>(sent: &Sent<T>) -> Sent<T> {
    match sent {
        Sent::Value(value) => Sent::Value(value.clone()),
        Sent::Empty | Sent::Absent => Sent::Empty,
    }
}

/// What stands there after a change of an element that stays when it is absent.
pub(crate) fn or_old<T: Clone>(old: &Sent<T>, sent: &Sent<T>) -> Sent<T> {
    if sent.is_absent() { old.clone() } else { sent.clone() }
}

/// Bodies stay when they are absent, in every class and version.
pub(crate) fn body_after(old: &Sent<Body>, sent: &Sent<Body>) -> Sent<Body> {
    if *sent == Sent::Empty { no_body() } else { or_old(old, sent) }
}

pub(crate) fn lossy(stored: &[u8]) -> String {
    String::from_utf8_lossy(stored).into_owned()
}
