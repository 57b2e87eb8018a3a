//! The crate from outside: what clients send, what strangers send, what clients get.

#[cfg(test)]
mod address_books;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod calendars;
#[cfg(test)]
mod discovery;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod synchronisation;

#[cfg(test)]
use dav_wire::name::{self, QName};
#[cfg(test)]
use vocabulary::Timestamp;

/// Names in their namespaces: `D:getetag`, `C:calendar-data`, `CARD:..`, `CS:..`, `A:..`.
#[cfg(test)]
fn names(list: &str) -> Vec<QName> {
    list.split_whitespace()
        .map(|prefixed| {
            let (prefix, local) = prefixed.split_once(':').unwrap();
            let namespace = match prefix {
                "D" => name::DAV,
                "C" => name::CALDAV,
                "CARD" => name::CARDDAV,
                "CS" => name::CALENDARSERVER,
                "A" => name::APPLE,
                other => panic!("{other}"),
            };
            QName::new(namespace, local).unwrap()
        })
        .collect()
}

/// Seconds since 1970.
#[cfg(test)]
fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}
