//! Who is busy when: RFC 5545 section 3.2.9, RFC 5546 section 3.3, RFC 6638 section 5.

use calendar::schedule::{BusyFault, BusyKind, BusyPeriod, BusyRequest, busy_periods, free_busy, merged};
use calendar::{Limits, Object, Zone};

use super::given::*;

fn busy(bytes: &[u8], owner: &str) -> Vec<(BusyKind, String)> {
    let object = Object::parse(bytes).unwrap();
    let window = utc("20300108T000000Z")..utc("20300110T000000Z");
    let zone = Zone::by_name("Europe/Berlin").unwrap();
    let found = busy_periods(&object, &known(owner), window, &zone, &Limits::default());
    let text = |at| Zone::utc().local(at).format("%d %H:%M").to_string();
    found
        .iter()
        .map(|busy| (busy.kind, format!("{}-{}", text(busy.range.start), text(busy.range.end))))
        .collect()
}

#[test]
fn each_way_of_having_no_time() {
    let day = |kind| vec![(kind, "08 10:00-08 11:00".to_owned()), (kind, "09 10:00-09 11:00".to_owned())];
    let plain = event(&[DAILY]);
    for (lines, kind) in [
        ("", Some(BusyKind::Busy)),
        ("TRANSP:OPAQUE", Some(BusyKind::Busy)),
        ("TRANSP:TRANSPARENT", None),
        ("STATUS:CANCELLED", None),
        ("STATUS:TENTATIVE", Some(BusyKind::Tentative)),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", Some(BusyKind::Unavailable)),
        ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", Some(BusyKind::Tentative)),
        ("X-MICROSOFT-CDO-BUSYSTATUS:FREE", None),
    ] {
        let bytes = with(&plain, "SUMMARY:Plan", format!("SUMMARY:Plan\n{lines}").trim_end());
        assert_eq!(busy(&bytes, ANNA), kind.map(day).unwrap_or_default(), "{lines}");
    }
    for (says, kind) in [
        ("NEEDS-ACTION", Some(BusyKind::Tentative)),
        ("ACCEPTED", Some(BusyKind::Busy)),
        ("TENTATIVE", Some(BusyKind::Tentative)),
        ("DECLINED", None),
        ("DELEGATED", None),
    ] {
        let bytes = with(&daily(), "CN=Anna;PARTSTAT=NEEDS-ACTION", &format!("CN=Anna;PARTSTAT={says}"));
        assert_eq!(busy(&bytes, ANNA), kind.map(day).unwrap_or_default(), "{says}");
        assert_eq!(busy(&bytes, ORG), day(BusyKind::Busy), "{says}");
    }
    let whole_day = event(&["DTSTART;VALUE=DATE:20300108"]);
    assert_eq!(busy(&whole_day, ANNA), [(BusyKind::Busy, "08 00:00-08 23:00".to_owned())]);
    assert_eq!(busy(&object("VTODO", &["DUE:20300108T100000Z"]), ANNA), []);
    let published =
        object("VFREEBUSY", &["FREEBUSY:20300108T100000Z/PT1H,20300109T100000Z/20300112T100000Z"]);
    assert_eq!(busy(&published, ANNA)[1].1, "09 10:00-10 00:00");
}

#[test]
fn the_busiest_counts_where_several_overlap() {
    let period = |kind, start: i64, end: i64| BusyPeriod {
        range: vocabulary::Timestamp(start)..vocabulary::Timestamp(end),
        kind,
    };
    use BusyKind::{Busy, Tentative, Unavailable};
    let periods = [
        period(Tentative, 0, 10),
        period(Busy, 4, 6),
        period(Unavailable, 5, 8),
        period(Busy, 20, 30),
        period(Busy, 30, 40),
        period(Busy, 25, 26),
        period(Busy, 50, 50),
    ];
    let expected = [
        period(Tentative, 0, 4),
        period(Busy, 4, 5),
        period(Unavailable, 5, 8),
        period(Tentative, 8, 10),
        period(Busy, 20, 40),
    ];
    assert_eq!(merged(&periods), expected);
    assert_eq!(merged(&[]), []);
}

#[test]
fn a_question_is_answered_for_each_attendee() {
    let question = with(
        &object(
            "VFREEBUSY",
            &[&format!(
                "DTSTART:20300108T000000Z\nDTEND:20300110T000000Z\nX-CALENDARSERVER-MASK-UID:m7\nORGANIZER:mailto:Org@example.test\nATTENDEE;CN=Anna:mailto:Anna@example.test\nATTENDEE:mailto:{BEN}\nATTENDEE:MAILTO:{BEN}"
            )],
        ),
        "VERSION:2.0",
        "VERSION:2.0\nMETHOD:REQUEST",
    );
    let request = BusyRequest::parse(&question).unwrap();
    assert_eq!(
        (request.organizer.as_str(), request.attendees.as_slice()),
        (ORG, &[ANNA.to_owned(), BEN.to_owned()][..])
    );
    assert_eq!(request.range, utc("20300108T000000Z")..utc("20300110T000000Z"));
    assert_eq!(request.masked_uid.as_deref(), Some("m7"));
    let taken = [
        BusyPeriod { range: utc("20300108T100000Z")..utc("20300108T110000Z"), kind: BusyKind::Busy },
        BusyPeriod { range: utc("20300109T100000Z")..utc("20300109T110000Z"), kind: BusyKind::Tentative },
    ];
    let reply = text(&request.reply(ANNA, &taken, utc("20300101T000000Z")));
    for line in [
        "METHOD:REPLY",
        "UID:m1",
        "ATTENDEE;CN=Anna:mailto:Anna@example.test",
        "DTSTART:20300108T000000Z",
        "FREEBUSY:20300108T100000Z/20300108T110000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20300109T100000Z/20300109T110000Z",
    ] {
        assert!(reply.contains(&format!("{line}\n")), "{line} in {reply}");
    }
    assert!(!reply.contains("ben@"), "{reply}");
    for (from, to) in [
        ("METHOD:REQUEST", "METHOD:REPLY"),
        ("DTSTART:20300108T000000Z", "DTSTART:20300111T000000Z"),
        ("DTEND:20300110T000000Z\n", ""),
        ("ORGANIZER:mailto:Org@example.test\n", ""),
        ("UID:m1\n", ""),
    ] {
        assert_eq!(BusyRequest::parse(&with(&question, from, to)), Err(BusyFault::NoRequest), "{from}");
    }
    assert!(matches!(BusyRequest::parse(b"x"), Err(BusyFault::Invalid(_))));
    assert_eq!(BusyRequest::parse(&message("REQUEST", &[ONCE])), Err(BusyFault::NoRequest));
    let report = free_busy(&request.range, &taken, utc("20300101T000000Z"));
    assert_eq!(Object::parse(&report).unwrap().components[0].busy.len(), 2);
}
