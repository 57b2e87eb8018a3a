//! RFC 7529: rules that count in other calendar systems, and what becomes of days that are not there.

use calendar::{Limits, RuleMonth, Scale, has_unknown_scale, occurrences};
use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use proptest::sample::select;

use super::given::{event, parse, starts, utc, zone};

/// The days of a rule that begins on `start`, as many as `days` names, or all before a day.
fn days(start: &str, rule: &str, until: &str) -> Vec<String> {
    let object = parse(&event(&format!("DTSTART;VALUE=DATE:{start}\nRRULE:{rule}")));
    let found = starts(&object, "00010101T000000", &format!("{until}T000000"), &zone("UTC"));
    found.iter().map(|at| at.trim_end_matches("T000000").to_owned()).collect()
}

fn occurs(start: &str, rule: &str, expected: &str) {
    let count = expected.split(' ').count();
    let found = days(start, &format!("{rule};COUNT={count}"), "99991231");
    assert_eq!(found.join(" "), expected, "{rule} from {start}");
}

/// RFC 7529 section 4.3, and further ones that were found with calendars of other makers.
#[test]
fn known_rules_give_known_days() {
    for (start, rule, expected) in [
        ("20130210", "RSCALE=CHINESE;FREQ=YEARLY", "20130210 20140131 20150219 20160208 20170128"),
        ("20130906", "RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13", "20130906 20140906 20150906 20160906"),
        (
            "20140208",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD",
            "20140208 20150227 20160217 20170306 20180223",
        ),
        (
            "20140208",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=BACKWARD",
            "20140208 20150128 20160217 20170204 20180124",
        ),
        (
            "20140208",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8",
            "20140208 20160217 20190213 20220209",
        ),
        ("20140208", "RSCALE=HEBREW;FREQ=YEARLY", "20140208 20160217 20190213 20220209"),
        ("20140208", "RSCALE=HEBREW;FREQ=YEARLY;SKIP=FORWARD", "20140208 20150227 20160217"),
        ("20120229", "RSCALE=GREGORIAN;FREQ=YEARLY", "20120229 20160229 20200229"),
        (
            "20120229",
            "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD",
            "20120229 20130301 20140301 20150301 20160229",
        ),
        (
            "20120229",
            "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD",
            "20120229 20130228 20140228 20150228 20160229",
        ),
        ("20140131", "RSCALE=GREGORIAN;FREQ=MONTHLY", "20140131 20140331 20140531 20140731"),
        (
            "20140131",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD",
            "20140131 20140228 20140331 20140430 20140531",
        ),
        (
            "20140131",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD",
            "20140131 20140301 20140331 20140501 20140531",
        ),
        (
            "20140131",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=2;SKIP=FORWARD",
            "20140131 20140331 20140531 20140731 20141001 20141201",
        ),
        // What falls on one day occurs once.
        (
            "20140128",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;SKIP=BACKWARD",
            "20140128 20140129 20140130 20140131 20140228 20140328 20140329 20140330 20140331",
        ),
        (
            "20140131",
            "RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTHDAY=1,31;SKIP=FORWARD",
            "20140131 20140201 20140301 20140331 20140401 20140501 20140531 20140601 20140701",
        ),
        // From the end of the month, the day that is not there lies before its first.
        (
            "20140131",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=BACKWARD",
            "20140131 20140301 20140331 20140501 20140531",
        ),
        (
            "20140101",
            "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=FORWARD",
            "20140101 20140201 20140301 20140401 20140501",
        ),
        (
            "20140910",
            "RSCALE=ETHIOPIC;FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=-1",
            "20140910 20150911 20160910 20170910 20180910 20190911",
        ),
        ("20140910", "RSCALE=ethioaa;FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=-1", "20140910 20150911 20160910"),
        ("20140920", "RSCALE=CHINESE;FREQ=MONTHLY", "20140920 20141020 20141119 20141218 20150117 20150215"),
        ("20131013", "RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=10;BYMONTH=9", "20131013 20131014 20141003"),
        (
            "20141102",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=10;BYMONTH=9,9L",
            "20141102 20151022 20161010 20171029",
        ),
        (
            "20131013",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=10;BYMONTH=9L;SKIP=FORWARD",
            "20131013 20131112 20141102 20151121",
        ),
        (
            "20131013",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=10;BYMONTH=9L;SKIP=BACKWARD",
            "20131013 20131014 20141102 20151022",
        ),
        (
            "20131013",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTHDAY=10;BYMONTH=9,9L;SKIP=BACKWARD",
            "20131013 20131014 20141003 20141102 20151022",
        ),
        ("20200523", "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=4L", "20200523 20580522 20690521"),
        // The month that is not there comes after the last of the year.
        (
            "20260217",
            "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=12L;BYMONTHDAY=1;SKIP=FORWARD",
            "20260217 20270206 20280126 20290213",
        ),
        (
            "20200209",
            "RSCALE=CHINESE;FREQ=MONTHLY;BYMONTHDAY=30;SKIP=BACKWARD",
            "20200209 20200222 20200323 20200422 20200522 20200620 20200720 20200818",
        ),
        (
            "20130517",
            "RSCALE=DANGI;FREQ=YEARLY;BYMONTHDAY=8;BYMONTH=4",
            "20130517 20140506 20150525 20160514",
        ),
        ("20131025", "RSCALE=ISLAMIC-CIVIL;FREQ=MONTHLY", "20131025 20131124 20131224 20140122 20140221"),
        (
            "20130709",
            "RSCALE=ISLAMIC-CIVIL;FREQ=YEARLY;BYMONTH=9",
            "20130709 20140629 20150618 20160607 20170527",
        ),
        (
            "20230421",
            "RSCALE=ISLAMIC-CIVIL;FREQ=YEARLY;BYMONTH=9;BYDAY=-1FR",
            "20230421 20240405 20250328 20260313",
        ),
        ("20130709", "RSCALE=ISLAMIC-TBLA;FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2", "20130709 20140629 20150618"),
        (
            "20240311",
            "RSCALE=ISLAMIC-UMALQURA;FREQ=YEARLY",
            "20240311 20250301 20260218 20270208 20280128 20290116",
        ),
        ("20240311", "RSCALE=ISLAMIC;FREQ=YEARLY", "20240311 20250301 20260218 20270208"),
        ("20200321", "RSCALE=PERSIAN;FREQ=YEARLY", "20200321 20210322 20220322 20230322 20240321 20250322"),
        (
            "20210320",
            "RSCALE=PERSIAN;FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=30;SKIP=BACKWARD",
            "20210320 20220320 20230320 20240319 20250320 20260320",
        ),
        (
            "20210320",
            "RSCALE=PERSIAN;FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=30;SKIP=FORWARD",
            "20210320 20220321 20230321 20240320 20250320 20260321",
        ),
        ("20230911", "RSCALE=COPTIC;FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=6", "20230911 20270911 20310911"),
        ("20230912", "RSCALE=COPTIC;FREQ=YEARLY", "20230912 20240911 20250911 20260911 20270912"),
        (
            "20240321",
            "RSCALE=INDIAN;FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1",
            "20240321 20250322 20260322 20270322 20280321",
        ),
        ("20231225", "RSCALE=BUDDHIST;FREQ=YEARLY", "20231225 20241225 20251225"),
        ("20240211", "RSCALE=JAPANESE;FREQ=YEARLY", "20240211 20250211 20260211"),
        ("20241010", "RSCALE=ROC;FREQ=YEARLY;INTERVAL=2", "20241010 20261010 20281010"),
        // Leap months count as months.
        (
            "20230916",
            "RSCALE=HEBREW;FREQ=MONTHLY;INTERVAL=6",
            "20230916 20240311 20240904 20250301 20250825 20260218",
        ),
        (
            "20240324",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=14",
            "20240324 20250314 20260303 20270323 20280312",
        ),
        (
            "20231114",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;SKIP=FORWARD",
            "20231114 20241201 20251121 20261110 20271130",
        ),
        (
            "20230916",
            "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=1;BYDAY=1SA",
            "20230916 20241005 20250927 20260912 20271002",
        ),
        (
            "20230915",
            "RSCALE=HEBREW;FREQ=YEARLY;BYYEARDAY=-1",
            "20230915 20241002 20250922 20260911 20271001",
        ),
        ("20271001", "RSCALE=HEBREW;FREQ=YEARLY;BYYEARDAY=385", "20271001 20351003 20380929 20431004"),
        ("20240210", "RSCALE=HEBREW;FREQ=DAILY;BYMONTH=5L;BYMONTHDAY=1,2", "20240210 20240211 20270208"),
        ("20200505", "RSCALE=CHINESE;FREQ=MONTHLY;BYDAY=2TU", "20200505 20200602 20200630"),
    ] {
        occurs(start, rule, expected);
    }
}

/// SKIP counts beside RSCALE, and where days are made of numbers.
#[test]
fn a_rule_without_scale_or_months_skips_nothing() {
    occurs("20140131", "FREQ=MONTHLY;SKIP=BACKWARD", "20140131 20140331 20140531");
    occurs(
        "20140131",
        "RSCALE=GREGORIAN;FREQ=DAILY;BYMONTHDAY=31;SKIP=BACKWARD",
        "20140131 20140331 20140531",
    );
}

#[test]
fn rules_of_an_unknown_scale_give_their_start_only() {
    assert_eq!(days("20130210", "RSCALE=RUSSIAN;FREQ=YEARLY", "99991231"), ["20130210"]);
    let rule = |rule: &str| has_unknown_scale(event(&format!("DTSTART:20130210T000000Z\n{rule}")).as_bytes());
    assert!(rule("RRULE:RSCALE=RUSSIAN;FREQ=YEARLY"));
    assert!(rule("RRULE;X-A=\"b:c\":FREQ=YEARLY;RrSc\n ale=X;rsc\n ale=mayan"), "folded");
    for known in Scale::supported() {
        assert!(!rule(&format!("RRULE:FREQ=YEARLY;RSCALE={known}")), "{known}");
    }
    assert!(!rule("SUMMARY:RSCALE=RUSSIAN;FREQ=YEARLY\nRRULE:FREQ=DAILY"));
    assert!(!has_unknown_scale(b"RSCALE"));
}

#[test]
fn rules_of_all_scales_are_walked_within_bounds() {
    use std::time::{Duration as Elapsed, Instant};
    for scale in ["CHINESE", "HEBREW", "ISLAMIC-UMALQURA"] {
        for rule in [
            "FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=1;SKIP=FORWARD;BYDAY=MO;COUNT=4294967295",
            "FREQ=YEARLY;BYWEEKNO=55,-55;BYYEARDAY=100",
            "FREQ=YEARLY;BYWEEKNO=1,20,53;BYMONTH=12L;SKIP=BACKWARD",
            "FREQ=YEARLY;INTERVAL=4294967295",
            "FREQ=MONTHLY;INTERVAL=4294967295;SKIP=FORWARD",
            "FREQ=MONTHLY;BYMONTH=12L;BYMONTHDAY=30",
            "FREQ=MONTHLY;BYMONTHDAY=30;BYYEARDAY=1",
            "FREQ=DAILY;BYMONTH=12L",
            "FREQ=SECONDLY;BYMONTH=12L",
        ] {
            let object = parse(&event(&format!("DTSTART:00010101T000000Z\nRRULE:RSCALE={scale};{rule}")));
            #[expect(clippy::disallowed_methods, reason = "the test measures its own time")]
            let began = Instant::now();
            let all = utc("00010101T000000")..utc("99991231T235959");
            let expansion = occurrences(&object, all, &zone("UTC"), &Limits::default());
            assert!(expansion.occurrences.len() <= Limits::default().occurrences_max, "{scale} {rule}");
            assert!(began.elapsed() < Elapsed::from_secs(2), "{scale} {rule} took {:?}", began.elapsed());
        }
    }
}

/// A day costs what reckoning its month does, unless its weekday already says that it does not count.
#[test]
fn days_of_other_calendars_cost_more_steps() {
    let found = |rule: &str| {
        let object = parse(&event(&format!("DTSTART:20260106T000000Z\nRRULE:{rule}")));
        let limits = Limits { steps_max: 9_000, ..Limits::default() };
        let all = utc("20260101T000000")..utc("99991231T235959");
        let expansion = occurrences(&object, all, &zone("UTC"), &limits);
        assert!(expansion.truncated, "{rule}");
        expansion.occurrences.len()
    };
    let (gregorian, chinese) = (found("FREQ=DAILY"), found("RSCALE=CHINESE;FREQ=DAILY"));
    assert!(gregorian > 3 * chinese, "{gregorian} days and {chinese}");
    let hours = (found("FREQ=HOURLY"), found("RSCALE=CHINESE;FREQ=HOURLY"));
    assert!(hours.0 > 2 * hours.1, "{hours:?}");
    let weeks = found("RSCALE=CHINESE;FREQ=WEEKLY;BYDAY=TU");
    assert!(weeks > 500, "{weeks}");
    // All months of a year are reckoned to find one.
    let years = found("RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=1");
    assert!(years < 9_000 / 50, "{years}");
    let months = found("RSCALE=CHINESE;FREQ=MONTHLY;BYMONTH=1");
    assert!(months < 9_000 / 50, "{months}");
}

fn scales() -> impl Strategy<Value = Scale> {
    select(Scale::supported().map(Scale::by_name).collect::<Vec<_>>())
}

fn day_of(scale: &Scale, date: NaiveDate) -> (RuleMonth, u8) {
    scale.month_and_day(date).unwrap()
}

fn text(date: NaiveDate) -> String {
    date.format("%Y%m%d").to_string()
}

/// Between 1901 and 2095 for the most part, where calendars of the moon follow tables of it, else where they follow its
/// mean: between the two they take a leap.
fn dates() -> impl Strategy<Value = NaiveDate> {
    let days = prop_oneof![3 => 694_000..764_800, 1 => 1..675_000, 1 => 803_600..3_645_000];
    days.prop_map(|day| NaiveDate::from_num_days_from_ce_opt(day).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The days of a month of the year are those that the calendar calls so, and all of them.
    #[test]
    fn a_yearly_rule_gives_the_days_of_its_name(scale in scales(), start in dates()) {
        let (month, day) = day_of(&scale, start);
        let end = start + Days::new(366 * 5);
        let rule = format!("RSCALE={};FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}", scale.name());
        let expected: Vec<_> = start
            .iter_days()
            .take_while(|date| *date < end)
            .filter(|date| day_of(&scale, *date) == (month, day))
            .map(text)
            .collect();
        prop_assert_eq!(days(&text(start), &rule, &text(end)), expected.clone(), "{}", rule);
        // Month and day are those of DTSTART if the rule does not say them.
        let bare = format!("RSCALE={};FREQ=YEARLY", scale.name());
        prop_assert_eq!(days(&text(start), &bare, &text(end)), expected, "{}", bare);
    }

    /// No month is passed over and none comes twice, in whatever year.
    #[test]
    fn a_monthly_rule_gives_each_month(scale in scales(), start in dates(), day in 1_u8..=30) {
        let end = start + Days::new(366 * 3);
        let rule = format!("RSCALE={};FREQ=MONTHLY;BYMONTHDAY={day}", scale.name());
        let mut expected = vec![text(start)];
        let later = start.iter_days().skip(1).take_while(|date| *date < end);
        expected.extend(later.filter(|date| day_of(&scale, *date).1 == day).map(text));
        prop_assert_eq!(days(&text(start), &rule, &text(end)), expected, "{}", rule);
    }

    /// SKIP leaves what is there, and puts the rest on the last day before it or the first one after it.
    #[test]
    fn skip_gives_each_month_its_day(scale in scales(), start in dates(), day in prop_oneof![5_u8..=31, 29_u8..=31]) {
        let end = start + Days::new(366 * 2);
        let found = |skip: &str| {
            let rule = format!("RSCALE={};FREQ=MONTHLY;BYMONTHDAY={day};SKIP={skip}", scale.name());
            days(&text(start), &rule, &text(end))
        };
        let (omit, back, forward) = (found("OMIT"), found("BACKWARD"), found("FORWARD"));
        for all in [&back, &forward] {
            prop_assert!(all.is_sorted_by(|one, next| one < next), "{all:?}");
            prop_assert!(omit.iter().all(|date| all.contains(date)), "{omit:?} {all:?}");
        }
        let expected = |is_backward: bool| -> Vec<String> {
            let later = start.iter_days().skip(1).take_while(|date| *date < end);
            let substitutes = |date: &NaiveDate| {
                let own = day_of(&scale, *date).1;
                let before = day_of(&scale, date.pred_opt().unwrap()).1;
                // The month before that of DTSTART is none of the rule's.
                let is_first = own == 1 && day > before && date.pred_opt().unwrap() >= start;
                let is_last = day > own && day_of(&scale, date.succ_opt().unwrap()).1 == 1;
                own == day || if is_backward { is_last } else { is_first }
            };
            std::iter::once(text(start)).chain(later.filter(substitutes).map(text)).collect()
        };
        prop_assert_eq!(&back, &expected(true));
        prop_assert_eq!(&forward, &expected(false));
    }

    /// A window shows what the whole shows there, also what was moved into it.
    #[test]
    fn windows_lose_nothing_that_was_moved(
        scale in scales(),
        start in dates(),
        skip in select(vec!["OMIT", "BACKWARD", "FORWARD"]),
        rule in select(vec!["FREQ=MONTHLY;BYMONTHDAY=31,-31,1", "FREQ=MONTHLY", "FREQ=YEARLY", "FREQ=YEARLY;BYMONTHDAY=30,31"]),
        interval in 1..4,
        from in 0..900_u64,
        length in 1..200_u64,
    ) {
        let rule = format!("RSCALE={};{rule};INTERVAL={interval};SKIP={skip}", scale.name());
        let object = parse(&event(&format!("DTSTART;VALUE=DATE:{}\nRRULE:{rule}", text(start))));
        let at = |days: u64| format!("{}T000000", text(start + Days::new(days)));
        let clocks = zone("UTC");
        let whole = starts(&object, &at(0), &at(from + length), &clocks);
        let part = starts(&object, &at(from), &at(from + length), &clocks);
        let expected: Vec<String> = whole.into_iter().filter(|found| *found >= at(from)).collect();
        prop_assert_eq!(part, expected, "{}", rule);
    }
}
