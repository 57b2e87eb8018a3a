//! What holds for every value that an edit sets.

use calendar::edit::{self, Change, Field, Target};
use calendar::{Duration, Frequency, Moment, Object, Rule, Zone, describe};
use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::corpus::{FILES, read};
use super::given::zone;

/// What a value may hold on a line: RFC 5545 section 3.1 has no other control characters.
fn texts() -> impl Strategy<Value = String> {
    "[^\\x00-\\x08\\x0b-\\x1f\\x7f\r]{0,120}"
}

fn moments() -> impl Strategy<Value = Moment> {
    let local = (0..1_000_000_i64).prop_map(|minutes| {
        NaiveDate::from_ymd_opt(2000, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap()
            + TimeDelta::minutes(30 * minutes)
    });
    (local, 0..4_u8).prop_map(|(local, form)| match form {
        0 => Moment::Date(local.date()),
        1 => Moment::Floating(local),
        2 => Moment::Utc(local),
        _ => Moment::Zoned { local, tzid: "America/New_York".to_owned() },
    })
}

fn files() -> impl Strategy<Value = Vec<u8>> {
    prop::sample::select(FILES).prop_map(|row| read(row.0))
}

fn first(bytes: &[u8]) -> calendar::Component {
    let object = Object::parse(bytes).unwrap();
    object.master().or(object.components.first()).unwrap().clone()
}

proptest! {
    #[test]
    fn what_is_set_is_read(file in files(), summary in texts(), description in texts(), categories in prop::collection::vec("[^\\x00-\\x1f\\x7f]{1,20}", 0..4)) {
        let change = Change {
            summary: Field::Set(summary.clone()),
            description: Field::Set(description.clone()),
            html_description: Field::Set(description.clone()),
            categories: Field::Set(categories.clone()),
            ..Change::default()
        };
        let after = edit::change(&file, Target::Master, &change).unwrap();
        let component = first(&after);
        prop_assert_eq!(component.summary, Some(summary));
        prop_assert_eq!(component.description, Some(description.clone()));
        prop_assert_eq!(component.html_description, Some(description));
        prop_assert_eq!(component.categories, categories);
        prop_assert_eq!(edit::change(&after, Target::Master, &change).unwrap(), after);
    }

    #[test]
    fn times_that_are_set_are_read(file in files(), start in moments(), minutes in 1..10_000_i64) {
        let end = start.with_local(start.local() + TimeDelta::minutes(minutes) + TimeDelta::days(1));
        let change = Change { start: Field::Set(start.clone()), end: Field::Set(end.clone()), ..Change::default() };
        let after = edit::change(&file, Target::Master, &change).unwrap();
        let object = Object::parse(&after).unwrap();
        let component = first(&after);
        let clocks = zone("Europe/Berlin");
        prop_assert_eq!(component.start.as_ref(), Some(&start));
        if let Some(read) = &component.end {
            prop_assert_eq!(object.instant(read, &clocks), object.instant(&end, &clocks));
        }
        prop_assert_eq!(edit::change(&after, Target::Master, &change).unwrap(), after);
    }

    /// Whatever is taken out and put in, the series has the occurrences that it should have.
    #[test]
    fn exceptions_and_changes_add_up(days in prop::collection::vec((0..20_i64, any::<bool>()), 0..12)) {
        let start = Moment::Zoned { local: NaiveDate::from_ymd_opt(2024, 3, 20).unwrap().and_hms_opt(2, 30, 0).unwrap(), tzid: "Europe/Berlin".to_owned() };
        let mut rule = Rule::new(Frequency::Daily);
        rule.end = calendar::End::Count(20);
        let content = Change { start: Field::Set(start.clone()), rule: Field::Set(rule), ..Change::default() };
        let mut bytes = calendar::new_object(calendar::ComponentKind::Event, "1", vocabulary::Timestamp(0), &content).unwrap();
        let mut expected: Vec<Option<bool>> = vec![Some(false); 20];
        for (day, is_override) in days {
            let occurrence = start.with_local(start.local() + TimeDelta::days(day));
            bytes = if is_override {
                edit::add_override(&bytes, &occurrence).unwrap()
            } else {
                edit::add_exception(&bytes, &occurrence).unwrap()
            };
            expected[usize::try_from(day).unwrap()] = is_override.then_some(true);
        }
        let object = Object::parse(&bytes).unwrap();
        let window = vocabulary::Timestamp(0)..vocabulary::Timestamp(i64::MAX);
        let found = calendar::occurrences(&object, window, &Zone::utc(), &calendar::Limits::default());
        let shown: Vec<bool> = found.occurrences.iter().map(|occurrence| occurrence.component > 0).collect();
        prop_assert_eq!(shown, expected.into_iter().flatten().collect::<Vec<_>>());
    }

    #[test]
    fn a_duration_survives_its_text(days in -10_000..10_000_i64, seconds in 0..1_000_000_i64) {
        let duration = Duration { days, seconds: if days < 0 { -seconds } else { seconds } };
        prop_assert_eq!(Duration::parse(&duration.to_string()), Some(duration));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), file in files(), at in any::<prop::sample::Index>()) {
        let _ = describe(&bytes);
        let mut broken = file.clone();
        let at = at.index(broken.len());
        broken.splice(at..at, bytes);
        if let Ok(described) = describe(&broken) {
            prop_assert!(described.start <= described.end || described.end.is_none());
        }
        let _ = edit::add_exception(&broken, &Moment::Date(NaiveDate::from_ymd_opt(2024, 1, 1).unwrap()));
        let _ = edit::completed_copy(&broken, "x", vocabulary::Timestamp(0));
    }

    /// Any rule, however odd, in any window: in order, within the window and within the limits.
    #[test]
    fn any_rule_in_any_window_stays_in_its_bounds(
        frequency in prop::sample::select(&["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"][..]),
        parts in prop::collection::vec(parts(), 0..5),
        start in prop::sample::select(&["00010101T000000Z", "99991231T235959Z", "20240331T023000", "20240229"][..]),
        extra in prop::sample::select(&["", "\nDURATION:P99999999999W", "\nRDATE:99991231T235959Z", "\nEXDATE:00010101", "\nDTEND:00010101T000000Z"][..]),
        from in any::<i64>(),
        length in any::<i64>(),
    ) {
        let rule = parts.iter().fold(format!("FREQ={frequency}"), |rule, part| format!("{rule};{part}"));
        let object = super::given::parse(&super::given::event(&format!("DTSTART:{start}{extra}\nRRULE:{rule}")));
        let window = vocabulary::Timestamp(from)..vocabulary::Timestamp(from.saturating_add(length));
        let limits = calendar::Limits { occurrences_max: 100, steps_max: 10_000 };
        for clocks in [Zone::utc(), zone("America/St_Johns")] {
            let expansion = calendar::occurrences(&object, window.clone(), &clocks, &limits);
            prop_assert!(expansion.occurrences.len() <= limits.occurrences_max);
            prop_assert!(expansion.occurrences.is_sorted_by_key(|occurrence| occurrence.start));
            prop_assert!(expansion.occurrences.iter().all(|found| found.start <= found.end && found.overlaps(&window)));
        }
        let _ = calendar::overlaps(&object, calendar::ComponentKind::Event, &window, &Zone::utc());
    }

    #[test]
    fn a_zone_has_rules_in_any_year(year in any::<i32>(), bias in any::<i32>(), local in any::<i32>()) {
        let berlin = zone("Europe/Berlin");
        let mut rules = berlin.rules(year);
        rules.bias_minutes = bias;
        let own = Zone::by_rules(&rules, year, Some(&berlin), "own");
        let at = vocabulary::Timestamp(i64::from(local) * 1_000_000);
        prop_assert_eq!(own.instant(own.local(at)).0.abs_diff(at.0 - at.0.rem_euclid(1_000)) % 1_800_000, 0);
        prop_assert!(own.vtimezone(year).starts_with("BEGIN:VTIMEZONE\r\nTZID:"));
    }
}

/// Parts of rules with the numbers at which something might break.
fn parts() -> impl Strategy<Value = String> {
    let names = &[
        "INTERVAL",
        "COUNT",
        "BYSECOND",
        "BYMINUTE",
        "BYHOUR",
        "BYDAY",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYMONTH",
        "BYSETPOS",
        "WKST",
        "UNTIL",
    ][..];
    let values = &[
        "0",
        "1",
        "-1",
        "2",
        "31",
        "-31",
        "53",
        "60",
        "366",
        "-366",
        "4294967295",
        "-2147483648",
        "1MO",
        "-53SU",
        "SU",
        "FR",
        "99991231T235959Z",
        "00010101",
    ][..];
    (prop::sample::select(names), prop::collection::vec(prop::sample::select(values), 1..6))
        .prop_map(|(name, values)| format!("{name}={}", values.join(",")))
}
