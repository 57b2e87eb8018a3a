//! Rules whose dates are known.

use super::given::{event, parse, starts, zone};

/// `days` is a list such as `1997 Sep 2-4 9; Oct 1`, all at the time of day of the start.
fn dates(days: &str) -> Vec<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (mut year, mut month, mut dates) = (0, 0, Vec::new());
    for word in days.split([' ', ';']).filter(|word| !word.is_empty()) {
        if let Some(at) = MONTHS.iter().position(|name| *name == word) {
            month = at + 1;
        } else if word.len() == 4 && !word.contains('-') {
            year = word.parse().unwrap();
        } else {
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            for day in first.parse::<u32>().unwrap()..=last.parse().unwrap() {
                dates.push(format!("{year:04}{month:02}{day:02}"));
            }
        }
    }
    dates
}

fn occurs(start: &str, rule: &str, until: &str, expected: &str) {
    let object = parse(&event(&format!("DTSTART;TZID=America/New_York:{start}T090000\nRRULE:{rule}")));
    let found = starts(&object, "19960101T000000", until, &zone("America/New_York"));
    let expected: Vec<String> = dates(expected).iter().map(|date| format!("{date}T090000")).collect();
    assert_eq!(found, expected, "{rule}");
}

/// RFC 5545 section 3.8.5.3: the examples, cut where they are endless.
#[test]
fn the_examples_of_the_specification_hold() {
    const END: &str = "20300101T000000";
    for (start, rule, until, expected) in [
        ("19970902", "FREQ=DAILY;COUNT=10", END, "1997 Sep 2-11"),
        ("19970902", "FREQ=DAILY;UNTIL=19971224T000000Z", END, "1997 Sep 2-30 Oct 1-31 Nov 1-30 Dec 1-23"),
        ("19970902", "FREQ=DAILY;INTERVAL=2", "19970912T000000", "1997 Sep 2 4 6 8 10"),
        ("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", END, "1997 Sep 2 12 22 Oct 2 12"),
        (
            "19980101",
            "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
            END,
            "1998 Jan 1-31 1999 Jan 1-31 2000 Jan 1-31",
        ),
        (
            "19980101",
            "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1",
            END,
            "1998 Jan 1-31 1999 Jan 1-31 2000 Jan 1-31",
        ),
        ("19970902", "FREQ=WEEKLY;COUNT=10", END, "1997 Sep 2 9 16 23 30 Oct 7 14 21 28 Nov 4"),
        (
            "19970902",
            "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
            "19971224T000000",
            "1997 Sep 2 16 30 Oct 14 28 Nov 11 25 Dec 9 23",
        ),
        (
            "19970902",
            "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
            END,
            "1997 Sep 2 4 9 11 16 18 23 25 30 Oct 2",
        ),
        (
            "19970901",
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            END,
            "1997 Sep 1 3 5 15 17 19 29 Oct 1 3 13 15 17 27 29 31 Nov 10 12 14 24 26 28 Dec 8 10 12 22",
        ),
        (
            "19970902",
            "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
            END,
            "1997 Sep 2 4 16 18 30 Oct 2 14 16",
        ),
        (
            "19970905",
            "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
            END,
            "1997 Sep 5 Oct 3 Nov 7 Dec 5 1998 Jan 2 Feb 6 Mar 6 Apr 3 May 1 Jun 5",
        ),
        ("19970905", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", END, "1997 Sep 5 Oct 3 Nov 7 Dec 5"),
        (
            "19970907",
            "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            END,
            "1997 Sep 7 28 Nov 2 30 1998 Jan 4 25 Mar 1 29 May 3 31",
        ),
        (
            "19970922",
            "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
            END,
            "1997 Sep 22 Oct 20 Nov 17 Dec 22 1998 Jan 19 Feb 16",
        ),
        (
            "19970928",
            "FREQ=MONTHLY;BYMONTHDAY=-3",
            "19980301T000000",
            "1997 Sep 28 Oct 29 Nov 28 Dec 29 1998 Jan 29 Feb 26",
        ),
        (
            "19970902",
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
            END,
            "1997 Sep 2 15 Oct 2 15 Nov 2 15 Dec 2 15 1998 Jan 2 15",
        ),
        (
            "19970930",
            "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
            END,
            "1997 Sep 30 Oct 1 31 Nov 1 30 Dec 1 31 1998 Jan 1 31 Feb 1",
        ),
        (
            "19970910",
            "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            END,
            "1997 Sep 10-15 1999 Mar 10-13",
        ),
        (
            "19970902",
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
            "19980201T000000",
            "1997 Sep 2 9 16 23 30 Nov 4 11 18 25 1998 Jan 6 13 20 27",
        ),
        (
            "19970610",
            "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
            END,
            "1997 Jun 10 Jul 10 1998 Jun 10 Jul 10 1999 Jun 10 Jul 10 2000 Jun 10 Jul 10 2001 Jun 10 Jul 10",
        ),
        (
            "19970310",
            "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
            END,
            "1997 Mar 10 1999 Jan 10 Feb 10 Mar 10 2001 Jan 10 Feb 10 Mar 10 2003 Jan 10 Feb 10 Mar 10",
        ),
        (
            "19970101",
            "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            END,
            "1997 Jan 1 Apr 10 Jul 19 2000 Jan 1 Apr 9 Jul 18 2003 Jan 1 Apr 10 Jul 19 2006 Jan 1",
        ),
        ("19970519", "FREQ=YEARLY;BYDAY=20MO", "20000101T000000", "1997 May 19 1998 May 18 1999 May 17"),
        (
            "19970512",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "20000101T000000",
            "1997 May 12 1998 May 11 1999 May 17",
        ),
        (
            "19970313",
            "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
            "20000101T000000",
            "1997 Mar 13 20 27 1998 Mar 5 12 19 26 1999 Mar 4 11 18 25",
        ),
        (
            "19970605",
            "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
            "19980101T000000",
            "1997 Jun 5 12 19 26 Jul 3 10 17 24 31 Aug 7 14 21 28",
        ),
        (
            "19970913",
            "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
            "19980701T000000",
            "1997 Sep 13 Oct 11 Nov 8 Dec 13 1998 Jan 10 Feb 7 Mar 7 Apr 11 May 9 Jun 13",
        ),
        (
            "19961105",
            "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "20080101T000000",
            "1996 Nov 5 2000 Nov 7 2004 Nov 2",
        ),
        ("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", END, "1997 Sep 4 Oct 7 Nov 6"),
        (
            "19970929",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "19980401T000000",
            "1997 Sep 29 Oct 30 Nov 27 Dec 30 1998 Jan 29 Feb 26 Mar 30",
        ),
        ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", END, "1997 Aug 5 10 19 24"),
        ("19970805", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", END, "1997 Aug 5 17 19 31"),
        ("20070115", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", END, "2007 Jan 15 30 Feb 15 Mar 15 30"),
    ] {
        occurs(start, rule, until, expected);
    }
}

/// RFC 5545 section 3.8.5.3: every Friday the 13th, where EXDATE takes the start away.
#[test]
fn the_example_with_an_exception_holds() {
    let object = parse(&event(
        "DTSTART;TZID=America/New_York:19970902T090000\nEXDATE;TZID=America/New_York:19970902T090000\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    ));
    let found = starts(&object, "19970101T000000", "20010101T000000", &zone("America/New_York"));
    let expected =
        ["19980213", "19980313", "19981113", "19990813", "20001013"].map(|date| format!("{date}T090000"));
    assert_eq!(found, expected);
}

#[test]
fn rules_of_hours_minutes_and_seconds_hold() {
    for (rule, expected) in [
        // As the specification means it: its UNTIL is the local time marked as UTC.
        ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", "090000 120000 150000"),
        ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "090000 091500 093000 094500 100000 101500"),
        ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "090000 103000 120000 133000"),
        ("FREQ=SECONDLY;INTERVAL=7;COUNT=4", "090000 090007 090014 090021"),
        ("FREQ=SECONDLY;BYSECOND=0,30;BYMINUTE=5;BYHOUR=10,11;COUNT=6", "090000 100500 100530 110500 110530"),
        ("FREQ=HOURLY;BYMINUTE=0,30;BYSETPOS=-1;COUNT=4", "090000 093000 103000 113000"),
        ("FREQ=DAILY;BYHOUR=9,12;BYMINUTE=0,30;COUNT=4", "090000 093000 120000 123000"),
        ("FREQ=DAILY;BYHOUR=9,12;BYMINUTE=0,30;BYSECOND=60;COUNT=4", "090000 090059 093059 120059"),
        ("FREQ=DAILY;BYHOUR=9,12,15;BYSETPOS=-1,2;COUNT=3", "090000 120000 150000"),
    ] {
        let object = parse(&event(&format!("DTSTART;TZID=America/New_York:19970902T090000\nRRULE:{rule}")));
        let found = starts(&object, "19970902T000000", "19970903T000000", &zone("America/New_York"));
        let expected: Vec<String> = expected.split(' ').map(|time| format!("19970902T{time}")).collect();
        assert_eq!(found, expected, "{rule}");
    }
}

#[test]
fn two_ways_to_say_every_twenty_minutes_agree() {
    let found = [
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
    ]
    .map(|rule| {
        let object = parse(&event(&format!("DTSTART;TZID=America/New_York:19970902T090000\nRRULE:{rule}")));
        starts(&object, "19970902T000000", "19970912T000000", &zone("America/New_York"))
    });
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0].len(), 10 * 24);
}

#[test]
fn days_that_not_every_year_or_month_has_are_left_out() {
    const END: &str = "20100101T000000";
    for (start, rule, until, expected) in [
        ("19960229", "FREQ=YEARLY", END, "1996 Feb 29 2000 Feb 29 2004 Feb 29 2008 Feb 29"),
        (
            "19970131",
            "FREQ=MONTHLY",
            "19980101T000000",
            "1997 Jan 31 Mar 31 May 31 Jul 31 Aug 31 Oct 31 Dec 31",
        ),
        (
            "19970131",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "19970701T000000",
            "1997 Jan 31 Feb 28 Mar 31 Apr 30 May 31 Jun 30",
        ),
        ("19970131", "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2", END, "1997 Jan 31"),
        ("19970101", "FREQ=YEARLY;BYYEARDAY=366", END, "1997 Jan 1 2000 Dec 31 2004 Dec 31 2008 Dec 31"),
        ("19970101", "FREQ=YEARLY;BYYEARDAY=-366", END, "1997 Jan 1 2000 Jan 1 2004 Jan 1 2008 Jan 1"),
        ("19970101", "FREQ=MONTHLY;BYDAY=5WE", "19970801T000000", "1997 Jan 1 29 Apr 30 Jul 30"),
    ] {
        occurs(start, rule, until, expected);
    }
}

/// Week 1 is the first with four days in the year, so that its first days may lie in the year before.
#[test]
fn weeks_are_numbered_across_new_year() {
    occurs(
        "19970106",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
        "20010101T000000",
        "1997 Jan 6 Dec 29 1999 Jan 4 2000 Jan 3",
    );
    occurs(
        "19980101",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SA",
        "20060101T000000",
        "1998 Jan 1 1999 Jan 2 2005 Jan 1",
    );
    occurs(
        "19980101",
        "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=MO",
        "20010101T000000",
        "1998 Jan 1 Dec 28 1999 Dec 27 2000 Dec 25",
    );
    occurs("19970515", "FREQ=YEARLY;BYWEEKNO=20", "20000101T000000", "1997 May 15 1998 May 14 1999 May 20");
}

#[test]
fn a_start_that_the_rule_does_not_give_is_the_first() {
    occurs("19970902", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "20000101T000000", "1997 Sep 2 8 15");
}

#[test]
fn until_includes_its_own_moment_and_a_date_its_whole_day() {
    for (until, days) in [
        ("19970904T130000Z", "1997 Sep 2-4"),
        ("19970904T125959Z", "1997 Sep 2-3"),
        ("19970904T090000", "1997 Sep 2-4"),
        ("19970904", "1997 Sep 2-4"),
    ] {
        occurs("19970902", &format!("FREQ=DAILY;UNTIL={until}"), "19990101T000000", days);
    }
}
