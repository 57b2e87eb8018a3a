//! Random rules against a slow reader of RFC 5545 section 3.3.10 that looks at day after day.

use calendar::{Frequency, Rule, RuleDay};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use proptest::prelude::*;

use super::given::{event, parse, starts, zone};

const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
const WINDOW_DAYS: u64 = 366 * 5;

fn rules() -> impl Strategy<Value = Rule> {
    let days = (prop_oneof![3 => Just(0_i16), 1 => -5_i16..=5], 0..7_usize)
        .prop_map(|(ordinal, at)| RuleDay { ordinal, weekday: WEEKDAYS[at] });
    let frequency = prop_oneof![
        Just(Frequency::Daily),
        Just(Frequency::Weekly),
        Just(Frequency::Monthly),
        Just(Frequency::Yearly)
    ];
    let some = |strategy| prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(strategy, 1..4)];
    (
        (frequency, 1..4_u32, 0..7_usize),
        prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(days, 1..4)],
        some((-31..=31_i16).boxed()),
        some((1..=12_i16).boxed()),
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(prop_oneof![1..=366_i16, -366..=-1_i16], 1..4)],
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(prop_oneof![1..=53_i8, -53..=-1_i8], 1..3)],
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(prop_oneof![1..=3_i32, -3..=-1_i32], 1..3)],
    )
        .prop_map(|((frequency, interval, week_start), by_day, month_days, months, year_days, weeks, positions)| {
            let mut rule = Rule::new(frequency);
            rule.interval = interval;
            rule.week_start = WEEKDAYS[week_start];
            rule.by_day = by_day;
            rule.by_month_day = month_days.into_iter().filter(|day| *day != 0).map(|day| day as i8).collect();
            rule.by_month = months.into_iter().map(|month| (month as u8).into()).collect();
            rule.by_year_day = year_days;
            rule.by_week_number = if frequency == Frequency::Yearly { weeks } else { Vec::new() };
            rule.by_position = positions;
            rule
        })
}

fn days_between(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}

fn year_bounds(year: i32) -> (NaiveDate, NaiveDate) {
    (NaiveDate::from_ymd_opt(year, 1, 1).unwrap(), NaiveDate::from_ymd_opt(year, 12, 31).unwrap())
}

fn month_bounds(date: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = date.with_day(1).unwrap();
    (first, first.checked_add_months(chrono::Months::new(1)).unwrap().pred_opt().unwrap())
}

/// Counted from either end of a list, 1 and -1 being its ends.
fn is_at(list: &[NaiveDate], date: NaiveDate, wanted: i64) -> bool {
    let at = list.iter().position(|day| *day == date).map(|at| at as i64);
    at.is_some_and(|at| wanted == at + 1 || wanted == at - list.len() as i64)
}

/// The number of the week and the number of weeks of the year that it belongs to, by looking at its fourth day.
fn week(date: NaiveDate, start: Weekday) -> (i64, i64) {
    let mut first = date;
    while first.weekday() != start {
        first = first.pred_opt().unwrap();
    }
    let year = (first + Days::new(3)).year();
    let (begin, end) = year_bounds(year);
    let fourth_days: Vec<NaiveDate> =
        days_between(begin, end).filter(|day| (*day - Days::new(3)).weekday() == start).collect();
    let number = fourth_days.iter().position(|day| *day == first + Days::new(3)).unwrap() as i64 + 1;
    (number, fourth_days.len() as i64)
}

fn allows(rule: &Rule, start: NaiveDate, date: NaiveDate) -> bool {
    use Frequency::{Monthly, Weekly, Yearly};
    let in_month: Vec<NaiveDate> = {
        let (first, last) = month_bounds(date);
        days_between(first, last).collect()
    };
    let in_year: Vec<NaiveDate> = {
        let (first, last) = year_bounds(date.year());
        days_between(first, last).collect()
    };
    let bare = rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_year_day.is_empty();
    if bare && rule.by_week_number.is_empty() {
        match rule.frequency {
            Weekly if date.weekday() != start.weekday() => return false,
            Monthly | Yearly if date.day() != start.day() => return false,
            Yearly if rule.by_month.is_empty() && date.month() != start.month() => return false,
            _ => {}
        }
    }
    if rule.by_day.is_empty() && rule.frequency == Weekly && date.weekday() != start.weekday() {
        return false;
    }
    if bare && !rule.by_week_number.is_empty() && date.weekday() != start.weekday() {
        return false;
    }
    let counts = matches!(rule.frequency, Monthly | Yearly) && rule.by_week_number.is_empty();
    let by_day = rule.by_day.is_empty()
        || rule.by_day.iter().filter(|day| day.weekday == date.weekday()).any(|day| {
            let within =
                if rule.frequency == Yearly && rule.by_month.is_empty() { &in_year } else { &in_month };
            let same: Vec<NaiveDate> =
                within.iter().copied().filter(|other| other.weekday() == date.weekday()).collect();
            !counts || day.ordinal == 0 || is_at(&same, date, day.ordinal.into())
        });
    let (number, weeks) = week(date, rule.week_start);
    by_day
        && (rule.by_month.is_empty()
            || rule.by_month.iter().any(|month| u32::from(month.number) == date.month()))
        && (rule.by_month_day.is_empty()
            || rule.by_month_day.iter().any(|day| is_at(&in_month, date, (*day).into())))
        && (rule.by_year_day.is_empty()
            || rule.by_year_day.iter().any(|day| is_at(&in_year, date, (*day).into())))
        && (rule.by_week_number.is_empty()
            || rule
                .by_week_number
                .iter()
                .any(|wanted| i64::from(*wanted) == number || i64::from(*wanted) == number - weeks - 1))
}

/// Number of the period that a day lies in; only differences mean something.
fn period(rule: &Rule, date: NaiveDate) -> i64 {
    match rule.frequency {
        Frequency::Yearly => date.year().into(),
        Frequency::Monthly => i64::from(date.year()) * 12 + i64::from(date.month()),
        Frequency::Weekly => {
            let days = date.signed_duration_since(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap()).num_days();
            // 1 January 1900 was a Monday.
            (days - i64::from(rule.week_start.num_days_from_monday())).div_euclid(7)
        }
        _ => date.signed_duration_since(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap()).num_days(),
    }
}

fn slowly(rule: &Rule, start: NaiveDate) -> Vec<String> {
    let first = start - Days::new(400);
    let mut sets: Vec<(i64, Vec<NaiveDate>)> = Vec::new();
    for date in days_between(first, start + Days::new(WINDOW_DAYS + 400)) {
        let number = period(rule, date);
        if (number - period(rule, start)).rem_euclid(rule.interval.into()) != 0 {
            continue;
        }
        if sets.last().is_none_or(|(last, _)| *last != number) {
            sets.push((number, Vec::new()));
        }
        if allows(rule, start, date) {
            sets.last_mut().unwrap().1.push(date);
        }
    }
    let mut found = vec![start];
    for (_, set) in &sets {
        let picked = set.iter().filter(|date| {
            rule.by_position.is_empty()
                || rule.by_position.iter().any(|position| is_at(set, **date, (*position).into()))
        });
        found.extend(picked.filter(|date| **date > start));
    }
    found.retain(|date| *date < start + Days::new(WINDOW_DAYS));
    found.iter().map(|date| date.format("%Y%m%dT000000").to_string()).collect()
}

proptest! {
    #[test]
    fn any_rule_gives_the_days_that_a_slow_reader_finds(rule in rules(), day in 0..3_000_u64) {
        let start = NaiveDate::from_ymd_opt(1998, 1, 1).unwrap() + Days::new(day);
        let object = parse(&event(&format!("DTSTART;VALUE=DATE:{}\nRRULE:{rule}", start.format("%Y%m%d"))));
        let end = (start + Days::new(WINDOW_DAYS)).format("%Y%m%dT000000").to_string();
        let found = starts(&object, "19900101T000000", &end, &zone("UTC"));
        prop_assert_eq!(found, slowly(&rule, start), "{} from {}", rule, start);
    }

    #[test]
    fn a_window_shows_what_the_whole_shows_there(rule in rules(), day in 0..3_000_u64, from in 0..900_u64, length in 1..400_u64) {
        let start = NaiveDate::from_ymd_opt(1998, 1, 1).unwrap() + Days::new(day);
        let object = parse(&event(&format!("DTSTART;TZID=Europe/Berlin:{}T013000\nRRULE:{rule}", start.format("%Y%m%d"))));
        let text = |days: u64| (start + Days::new(days)).format("%Y%m%dT000000").to_string();
        let clocks = zone("UTC");
        let whole = starts(&object, "19900101T000000", &text(from + length), &clocks);
        let part = starts(&object, &text(from), &text(from + length), &clocks);
        let expected: Vec<String> = whole.into_iter().filter(|at| *at >= text(from)).collect();
        prop_assert_eq!(part, expected, "{}", rule);
    }
}
