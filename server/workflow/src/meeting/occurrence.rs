//! Which occurrence of a series a phone means by a moment.

use calendar::{Component, Limits, Moment, Object, Zone, occurrences};
use vocabulary::Timestamp;

/// An occurrence that is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant<'o> {
    /// As RECURRENCE-ID names it.
    pub id: Moment,
    /// What says what it is: its own component if it differs from the others, else that of the series.
    pub component: &'o Component,
    /// When it begins.
    pub start: Timestamp,
}

/// The occurrence that would begin at a moment if nobody had moved it, else the changed one that begins then: clients
/// use both. Dates and floating times are those of the clocks of `zone`. `None`: there is none.
#[must_use]
pub fn occurrence<'o>(object: &'o Object, at: Timestamp, zone: &Zone) -> Option<Meant<'o>> {
    let master = object.master();
    if master.is_some_and(|master| !master.is_recurring()) {
        return None;
    }
    let is_all_day = master.is_some_and(Component::is_all_day);
    let day = day(at, zone);
    let (id, instant) = match is_all_day {
        true => (day.clone(), object.instant(&day, zone)),
        false => (object.recurrence_moment(at, zone), at),
    };
    let changed = |component: &'o Component| {
        let start = component.start.as_ref().map_or(instant, |start| object.instant(start, zone));
        component.recurrence.as_ref().map(|own| Meant { id: own.moment.clone(), component, start })
    };
    if let Some(component) = object.override_at(instant, zone) {
        return changed(component);
    }
    let window = instant..Timestamp(instant.0.saturating_add(1));
    let found = master.and_then(|master| {
        let all = occurrences(object, window, zone, &Limits::default()).occurrences;
        let found = all.into_iter().find(|one| one.recurrence == instant && one.start == instant)?;
        Some(Meant { id, component: master, start: found.start })
    });
    let begins = |component: &&Component| match &component.start {
        Some(start) if start.is_date() => {
            *start == day && (is_midnight_utc(at) || object.instant(start, zone) == at)
        }
        start => start.as_ref().is_some_and(|start| object.instant(start, zone) == at),
    };
    found.or_else(|| object.overrides().find(begins).and_then(changed))
}

/// A day has no moment on the wire of phones: midnight UTC is the date itself, in every version, and everything else is
/// read by the clocks of `zone`.
fn day(at: Timestamp, zone: &Zone) -> Moment {
    let utc = Zone::utc();
    Moment::Date((if is_midnight_utc(at) { &utc } else { zone }).local(at).date())
}

fn is_midnight_utc(at: Timestamp) -> bool {
    at.0.rem_euclid(86_400_000) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Daily from 1 December 2026 for a week; the 3rd was moved to the afternoon and the 4th has another name.
    fn series(value: &str, start: &str, moved: &str, others: &[&str; 2]) -> Object {
        let [third, fourth] = others;
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n\
             BEGIN:VEVENT\r\nUID:s\r\nDTSTART{value}:{start}\r\nRRULE:FREQ=DAILY;COUNT=7\r\nSUMMARY:all\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:s\r\nRECURRENCE-ID{value}:{third}\r\nDTSTART{moved}\r\nSUMMARY:moved\r\nEND:VEVENT\r\n\
             BEGIN:VEVENT\r\nUID:s\r\nRECURRENCE-ID{value}:{fourth}\r\nDTSTART{value}:{fourth}\r\nSUMMARY:named\r\n\
             END:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        Object::parse(text.as_bytes()).unwrap()
    }

    /// Of December 2026.
    fn utc(day: i64, hour: i64) -> Timestamp {
        Timestamp(1_796_083_200_000 + ((day - 1) * 24 + hour) * 3_600_000)
    }

    fn said(object: &Object, at: Timestamp, zone: &Zone) -> Option<(String, String)> {
        let meant = occurrence(object, at, zone)?;
        Some((meant.component.summary.clone()?, meant.id.local().date().to_string()))
    }

    #[test]
    fn an_occurrence_is_named_by_where_it_was_or_where_it_is() {
        let object =
            series("", "20261201T090000Z", ":20261203T150000Z", &["20261203T090000Z", "20261204T090000Z"]);
        for (day, hour, expected) in [
            (1, 9, Some(("all", "2026-12-01"))),
            (3, 9, Some(("moved", "2026-12-03"))),
            (3, 15, Some(("moved", "2026-12-03"))),
            (4, 9, Some(("named", "2026-12-04"))),
            (7, 9, Some(("all", "2026-12-07"))),
            (8, 9, None),
            (1, 10, None),
        ] {
            let expected = expected.map(|(summary, date)| (summary.to_owned(), date.to_owned()));
            assert_eq!(said(&object, utc(day, hour), &Zone::utc()), expected, "{day} {hour}");
        }
    }

    /// From 16.0 midnight UTC names a day; before, its midnight where the people are, in the east and in the west.
    #[test]
    fn a_whole_day_is_named_in_each_version_wherever_people_live() {
        let object = series(";VALUE=DATE", "20261201", ";VALUE=DATE:20261220", &["20261203", "20261204"]);
        for name in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"] {
            let zone = Zone::by_name(name).unwrap();
            for (day, expected) in [
                (1, Some(("all", "2026-12-01"))),
                (3, Some(("moved", "2026-12-03"))),
                (4, Some(("named", "2026-12-04"))),
                (8, None),
                (20, Some(("moved", "2026-12-03"))),
            ] {
                let expected = expected.map(|(summary, date)| (summary.to_owned(), date.to_owned()));
                let local = zone.instant(Zone::utc().local(utc(day, 0)));
                for at in [utc(day, 0), local] {
                    assert_eq!(said(&object, at, &zone), expected, "{name} {day} {at:?}");
                }
            }
        }
    }
}
