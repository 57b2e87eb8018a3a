//! Events in both directions: MS-ASCAL.

use activesync_wire::Version;
use activesync_wire::item::calendar::{
    ATTENDEES_MAX, Attendee, AttendeeStatus, AttendeeType, BusyStatus, EXCEPTIONS_MAX, Event, Exception,
    Location, MeetingStatus, ResponseType, Sensitivity, TimeZone, UID_CHARACTERS_MAX, instance_id,
};
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence, Weekdays};
use activesync_wire::item::{
    Absence, Body, BodyData, Destination, LIST_MAX, Selection, Sent, Supported, TEXT_CHARACTERS_MAX,
};
use activesync_wire::{body::BodyType, date};
use proptest::prelude::*;
use vocabulary::Timestamp;
use wbxml::page::{airsync, airsync_base, calendar, contacts, notes, tasks};
use wbxml::{Element, Limits, Tag, Writer, decode};

use crate::tree::tree;

fn at(text: &str) -> Timestamp {
    date::parse(text).unwrap()
}

fn value<T>(value: T) -> Sent<T> {
    Sent::Value(value)
}

fn meeting() -> Event {
    let guest = |status| Attendee {
        email: "b@b.test".into(),
        name: "Bert".into(),
        status,
        kind: Some(AttendeeType::Optional),
    };
    Event {
        time_zone: value(TimeZone { bias: -60, ..TimeZone::default() }),
        dt_stamp: value(at("20260101T000000Z")),
        start_time: value(at("20260302T080000Z")),
        end_time: value(at("20260302T090000Z")),
        subject: value("Standup\r\nX".into()),
        uid: value("u1".into()),
        organizer_name: value("Anna".into()),
        organizer_email: value("a@b.test".into()),
        attendees: value(vec![guest(Some(AttendeeStatus::Accepted))]),
        location: value(Location {
            display_name: "Room 1".into(),
            city: "Köln".into(),
            ..Location::default()
        }),
        body: value(Body {
            body_type: BodyType::Plain,
            estimated_data_size: 2,
            truncated: false,
            data: Some(BodyData::Text("hi".into())),
            preview: None,
        }),
        categories: value(vec!["Work".into()]),
        sensitivity: value(Sensitivity::Private),
        busy_status: value(BusyStatus::WorkingElsewhere),
        all_day: value(false),
        reminder: value(15),
        recurrence: value(Recurrence {
            pattern: Pattern::Weekly { days: Weekdays::from_days([1]).unwrap() },
            calendar: CalendarType::Gregorian,
            interval: 2,
            end: End::Until(at("20261231T000000Z")),
            first_day_of_week: None,
        }),
        exceptions: value(vec![
            Exception { original_start: at("20260316T080000Z"), is_deleted: true, event: Event::default() },
            Exception {
                original_start: at("20260330T070000Z"),
                is_deleted: false,
                event: Event {
                    subject: value("moved".into()),
                    location: Sent::Empty,
                    attendees: value(vec![guest(None)]),
                    uid: value("never written".into()),
                    ..Event::default()
                },
            },
        ]),
        meeting_status: value(MeetingStatus { is_meeting: true, is_received: true, is_cancelled: false }),
        native_body_type: value(BodyType::Plain),
        disallow_new_time_proposal: value(false),
        response_requested: value(true),
        response_type: value(ResponseType::Accepted),
        ..Event::default()
    }
}

fn written(event: &Event, version: Version, schema: Option<&[Tag]>) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.open(airsync::APPLICATION_DATA);
    event.write(Selection { version, schema }, Destination { writer: &mut writer, parts: None });
    writer.close();
    writer.finish()
}

fn reread(event: &Event, version: Version) -> Event {
    Event::parse(&decode(&written(event, version, None), &Limits::default()).unwrap(), version).unwrap()
}

fn data(children: impl IntoIterator<Item = Element>) -> Element {
    children.into_iter().fold(Element::new(airsync::APPLICATION_DATA), Element::with)
}

fn text(tag: Tag, text: &str) -> Element {
    Element::text(tag, text)
}

#[test]
fn a_series_of_14_1_stands_as_exchange_sends_it() {
    let zone = TimeZone { bias: -60, ..TimeZone::default() }.encode();
    assert_eq!(
        tree(&written(&meeting(), Version::V14_1, None)),
        format!(
            "ApplicationData(Timezone={zone} DtStamp=20260101T000000Z StartTime=20260302T080000Z \
             Subject=Standup  X UID=u1 OrganizerName=Anna OrganizerEmail=a@b.test \
             Attendees(Attendee(Email=b@b.test Name=Bert AttendeeStatus=3 AttendeeType=2)) Location=Room 1 \
             EndTime=20260302T090000Z Body(Type=1 EstimatedDataSize=2 Data=hi) Categories(Category=Work) \
             Sensitivity=2 BusyStatus=0 AllDayEvent=0 Reminder=15 \
             Recurrence(Type=1 Until=20261231T000000Z Interval=2 DayOfWeek=2 FirstDayOfWeek=1) \
             Exceptions(Exception(Deleted=1 ExceptionStartTime=20260316T080000Z) \
             Exception(ExceptionStartTime=20260330T070000Z Subject=moved \
             Attendees(Attendee(Email=b@b.test Name=Bert AttendeeType=2)) Location)) \
             MeetingStatus=3 NativeBodyType=1 DisallowNewTimeProposal=0 ResponseRequested=1 ResponseType=3)"
        )
    );
}

#[test]
fn each_version_has_its_own_elements() {
    let drawn = |version| tree(&written(&meeting(), version, None));
    let v12 = drawn(Version::V12_1);
    for absent in ["ResponseType", "ResponseRequested", "FirstDayOfWeek", "AttendeeType=2)) Location))"] {
        assert!(!v12.contains(absent), "{absent} in {v12}");
    }
    let v16 = drawn(Version::V16_1);
    assert!(v16.contains("Location(DisplayName=Room 1 City=Köln)"), "{v16}");
    assert!(v16.contains("Exception(InstanceId=20260330T070000Z Subject=moved"), "{v16}");
    assert!(v16.contains("BusyStatus=4") && !v16.contains("ExceptionStartTime"), "{v16}");
    let chosen = written(&meeting(), Version::V16_1, Some(&[calendar::SUBJECT]));
    assert_eq!(tree(&chosen), "ApplicationData(Subject=Standup  X)");
}

#[test]
fn clients_say_only_what_is_theirs_to_say() {
    let old = reread(&meeting(), Version::V14_1);
    assert_eq!(old.uid, value("u1".into()));
    assert_eq!(old.response_type, Sent::Absent, "MS-ASCAL R404");
    let new = reread(&meeting(), Version::V16_1);
    assert_eq!((new.uid, new.dt_stamp, new.organizer_email), (Sent::Absent, Sent::Absent, Sent::Absent));
    assert_eq!(new.attendees.value().unwrap()[0].status, None, "MS-ASCAL R2028");
}

#[test]
fn absent_empty_and_present_are_told_apart() {
    let sent = data([Element::new(calendar::REMINDER), text(calendar::SUBJECT, "s")]);
    let event = Event::parse(&sent, Version::V14_1).unwrap();
    assert_eq!(
        (event.reminder, event.subject, event.busy_status),
        (Sent::Empty, value("s".into()), Sent::Absent)
    );
    let body = |children: &[Element]| {
        let sent = data([children.iter().cloned().fold(Element::new(airsync_base::BODY), Element::with)]);
        Event::parse(&sent, Version::V14_1).unwrap().body
    };
    let (plain, words) = (text(airsync_base::TYPE, "1"), text(airsync_base::DATA, "words"));
    assert!(matches!(body(&[plain.clone(), words.clone()]), Sent::Value(_)));
    assert_eq!(body(std::slice::from_ref(&plain)), Sent::Absent, "MS-ASCMD R878: no Data, no change");
    let part = [plain.clone(), text(airsync_base::TRUNCATED, "1"), words];
    assert_eq!(body(&part), Sent::Absent, "what was cut for the client is no new text");
    assert!(matches!(body(&[plain, Element::new(airsync_base::DATA)]), Sent::Value(_)));
}

#[test]
fn broken_events_are_refused() {
    let attendees = |count: usize| {
        let one = Element::new(calendar::ATTENDEE).with_text(calendar::EMAIL, "a@b.test");
        data([(0..count).fold(Element::new(calendar::ATTENDEES), |list, _| list.with(one.clone()))])
    };
    let exceptions = |count: usize| {
        let one =
            Element::new(calendar::EXCEPTION).with_text(calendar::EXCEPTION_START_TIME, "20260101T000000Z");
        data([(0..count).fold(Element::new(calendar::EXCEPTIONS), |list, _| list.with(one.clone()))])
    };
    let categories = |count: usize| {
        data([(0..count).fold(Element::new(calendar::CATEGORIES), |list, index| {
            list.with_text(calendar::CATEGORY, index.to_string())
        })])
    };
    for (limit, of) in [
        (ATTENDEES_MAX, &attendees as &dyn Fn(usize) -> Element),
        (EXCEPTIONS_MAX, &exceptions),
        (LIST_MAX, &categories),
        (UID_CHARACTERS_MAX, &|length| data([text(calendar::UID, &"ü".repeat(length))])),
        (TEXT_CHARACTERS_MAX, &|length| data([text(calendar::SUBJECT, &"ü".repeat(length))])),
    ] {
        assert!(Event::parse(&of(limit), Version::V14_1).is_ok(), "{limit}");
        assert!(Event::parse(&of(limit + 1), Version::V14_1).is_err(), "{limit} and one");
    }
    for wrong in [
        text(calendar::START_TIME, "soon"),
        text(calendar::BUSY_STATUS, "5"),
        text(calendar::SENSITIVITY, "4"),
        text(calendar::ALL_DAY_EVENT, "2"),
        text(calendar::REMINDER, "-1"),
        text(calendar::TIMEZONE, "AAAA"),
        Element::new(calendar::EXCEPTIONS)
            .with(Element::new(calendar::EXCEPTION).with_text(calendar::DELETED, "1")),
        Element::new(airsync_base::BODY)
            .with_text(airsync_base::TYPE, "3")
            .with_text(airsync_base::DATA, "x"),
    ] {
        assert!(Event::parse(&data([wrong.clone()]), Version::V14_1).is_err(), "{:?}", wrong.tag);
    }
}

#[test]
fn an_occurrence_has_no_zone_and_no_series() {
    let zone = TimeZone::default().encode();
    let subject = || text(calendar::SUBJECT, "s");
    assert!(Event::parse_instance(&data([subject()]), Version::V16_1).is_ok());
    for wrong in [
        text(calendar::TIMEZONE, &zone),
        Element::new(calendar::RECURRENCE),
        Element::new(calendar::EXCEPTIONS),
    ] {
        assert!(Event::parse_instance(&data([subject(), wrong]), Version::V16_1).is_err());
    }
    assert_eq!(instance_id("20260101T000000Z"), Ok(at("20260101T000000Z")));
    assert_eq!(instance_id("2026-01-01T00:00:00.000Z"), Ok(at("20260101T000000Z")));
    assert!(instance_id("first").is_err());
}

fn recurrence(children: &[(Tag, &str)]) -> Option<Recurrence> {
    let element = children
        .iter()
        .fold(Element::new(calendar::RECURRENCE), |element, (tag, text)| element.with_text(*tag, *text));
    let event = Event::parse(&data([element]), Version::V14_1).ok()?;
    event.recurrence.into_value()
}

/// MS-ASCAL section 2.2.2.37.1.
#[test]
fn every_type_of_recurrence_is_read() {
    use calendar::{DAY_OF_MONTH, DAY_OF_WEEK, MONTH_OF_YEAR, TYPE, WEEK_OF_MONTH};
    let days = |bits| Weekdays::from_bits(bits).unwrap();
    for (children, pattern) in [
        (&[(TYPE, "0")][..], Pattern::Daily),
        (&[(TYPE, "0"), (DAY_OF_WEEK, "62")], Pattern::Weekly { days: days(62) }),
        (&[(TYPE, "1"), (DAY_OF_WEEK, "127")], Pattern::Weekly { days: days(127) }),
        (&[(TYPE, "2"), (DAY_OF_MONTH, "31")], Pattern::Monthly { day: 31 }),
        (
            &[(TYPE, "3"), (WEEK_OF_MONTH, "5"), (DAY_OF_WEEK, "4")],
            Pattern::MonthlyNth { week: 5, days: days(4) },
        ),
        (&[(TYPE, "5"), (DAY_OF_MONTH, "29"), (MONTH_OF_YEAR, "2")], Pattern::Yearly { month: 2, day: 29 }),
        (
            &[(TYPE, "6"), (WEEK_OF_MONTH, "1"), (DAY_OF_WEEK, "2"), (MONTH_OF_YEAR, "12")],
            Pattern::YearlyNth { month: 12, week: 1, days: days(2) },
        ),
        (
            &[(TYPE, "6"), (WEEK_OF_MONTH, "5"), (MONTH_OF_YEAR, "1")],
            Pattern::YearlyNth { month: 1, week: 5, days: Weekdays::ALL },
        ),
    ] {
        assert_eq!(recurrence(children).unwrap().pattern, pattern);
    }
    let both = [(TYPE, "0"), (calendar::OCCURRENCES, "999"), (calendar::UNTIL, "20260101T000000Z")];
    assert_eq!(recurrence(&both).unwrap().end, End::Occurrences(999), "MS-ASCAL R53911");
}

/// MS-ASCAL section 2.2.2.10.
#[test]
fn the_calendar_of_a_recurrence_is_read_and_written() {
    use calendar::{CALENDAR_TYPE, DAY_OF_MONTH, IS_LEAP_MONTH, MONTH_OF_YEAR, TYPE};
    let yearly = [(TYPE, "5"), (DAY_OF_MONTH, "8"), (MONTH_OF_YEAR, "4")];
    let chinese = |is_leap_month| CalendarType::Chinese { is_leap_month };
    for (code, leap, expected) in [
        ("0", "0", CalendarType::Gregorian),
        ("3", "0", CalendarType::Gregorian),
        ("1", "1", CalendarType::Gregorian), // it has no leap months
        ("6", "1", CalendarType::Hijri),
        ("8", "0", CalendarType::Hebrew),
        ("15", "0", chinese(false)),
        ("15", "1", chinese(true)),
        ("20", "1", CalendarType::Korean { is_leap_month: true }),
    ] {
        let children = [&yearly[..], &[(CALENDAR_TYPE, code), (IS_LEAP_MONTH, leap)]].concat();
        let read = recurrence(&children).unwrap();
        assert_eq!(read.calendar, expected, "{code} {leap}");
        let event = Event { recurrence: value(read), ..Event::default() };
        assert_eq!(reread(&event, Version::V14_1).recurrence, event.recurrence);
    }
    let monthly = [(TYPE, "2"), (DAY_OF_MONTH, "1"), (CALENDAR_TYPE, "15"), (IS_LEAP_MONTH, "1")];
    assert_eq!(recurrence(&monthly).unwrap().calendar, chinese(false), "of no year");
}

#[test]
fn recurrences_that_contradict_themselves_are_refused() {
    use calendar::{
        CALENDAR_TYPE, DAY_OF_MONTH, DAY_OF_WEEK, FIRST_DAY_OF_WEEK, INTERVAL, IS_LEAP_MONTH, MONTH_OF_YEAR,
        OCCURRENCES, TYPE, WEEK_OF_MONTH,
    };
    for children in [
        &[(TYPE, "4")][..],
        &[(TYPE, "7")],
        &[(TYPE, "1")],
        &[(TYPE, "1"), (DAY_OF_WEEK, "128")],
        &[(TYPE, "0"), (DAY_OF_MONTH, "1")],
        &[(TYPE, "2"), (DAY_OF_MONTH, "1"), (DAY_OF_WEEK, "1")],
        &[(TYPE, "2"), (DAY_OF_MONTH, "32")],
        &[(TYPE, "2"), (DAY_OF_MONTH, "0")],
        &[(TYPE, "3"), (DAY_OF_WEEK, "1")],
        &[(TYPE, "3"), (WEEK_OF_MONTH, "6"), (DAY_OF_WEEK, "1")],
        &[(TYPE, "2"), (DAY_OF_MONTH, "1"), (MONTH_OF_YEAR, "1")],
        &[(TYPE, "5"), (DAY_OF_MONTH, "1"), (MONTH_OF_YEAR, "13")],
        &[(TYPE, "5"), (DAY_OF_MONTH, "1"), (MONTH_OF_YEAR, "1"), (WEEK_OF_MONTH, "1")],
        &[(TYPE, "0"), (FIRST_DAY_OF_WEEK, "7")],
        &[(TYPE, "0"), (CALENDAR_TYPE, "13")],
        &[(TYPE, "0"), (CALENDAR_TYPE, "14")],
        &[(TYPE, "5"), (DAY_OF_MONTH, "1"), (MONTH_OF_YEAR, "6"), (CALENDAR_TYPE, "8")],
        &[(TYPE, "5"), (DAY_OF_MONTH, "1"), (MONTH_OF_YEAR, "5"), (CALENDAR_TYPE, "8"), (IS_LEAP_MONTH, "1")],
        &[
            (TYPE, "5"),
            (DAY_OF_MONTH, "1"),
            (MONTH_OF_YEAR, "5"),
            (CALENDAR_TYPE, "15"),
            (IS_LEAP_MONTH, "2"),
        ],
        &[(TYPE, "0"), (CALENDAR_TYPE, "1"), (CALENDAR_TYPE, "1")],
        &[(TYPE, "0"), (INTERVAL, "1000")],
        &[(TYPE, "0"), (OCCURRENCES, "1000")],
        &[(TYPE, "0"), (OCCURRENCES, "0")],
    ] {
        assert_eq!(recurrence(children), None, "{children:?}");
    }
}

/// MS-ASCMD sections 2.2.3.24 and 2.2.3.179.
#[test]
fn absence_means_what_supported_said() {
    use Absence::{Clear, Keep};
    let none = Supported::new(None);
    let empty = Supported::new(Some(&[]));
    let some = Supported::new(Some(&[contacts::FIRST_NAME, calendar::SUBJECT, notes::SUBJECT]));
    for (tag, version, expected) in [
        (contacts::FIRST_NAME, Version::V14_1, [Clear, Keep, Clear]),
        (contacts::LAST_NAME, Version::V14_1, [Clear, Keep, Keep]),
        (contacts::LAST_NAME, Version::V16_1, [Clear, Keep, Keep]),
        (contacts::PICTURE, Version::V14_1, [Keep, Keep, Keep]),
        (calendar::SUBJECT, Version::V14_1, [Clear, Keep, Clear]),
        (calendar::REMINDER, Version::V14_1, [Clear, Keep, Keep]),
        (calendar::SUBJECT, Version::V16_0, [Keep, Keep, Keep]),
        (airsync_base::LOCATION, Version::V16_1, [Keep, Keep, Keep]),
        (calendar::LOCATION, Version::V14_1, [Clear, Clear, Clear]),
        (calendar::EXCEPTIONS, Version::V12_1, [Keep, Keep, Keep]),
        (airsync_base::BODY, Version::V12_1, [Keep, Keep, Keep]),
        (tasks::DUE_DATE, Version::V16_1, [Clear, Clear, Clear]),
        (tasks::IMPORTANCE, Version::V14_1, [Keep, Keep, Keep]),
        (notes::CATEGORIES, Version::V14_1, [Clear, Clear, Clear]),
        (notes::SUBJECT, Version::V14_1, [Keep, Keep, Keep]),
    ] {
        let meanings = [&none, &empty, &some].map(|supported| supported.absence(tag, version));
        assert_eq!(meanings, expected, "{tag} in {version}");
    }
}

#[test]
fn supported_is_kept_in_few_bytes() {
    let every: Vec<Tag> =
        (0..=25_u8).flat_map(|page| (5..0x40_u8).map(move |token| Tag::new(page, token))).collect();
    for tags in [None, Some(&every[..0]), Some(&every[..]), Some(&[contacts::SPOUSE][..])] {
        let supported = Supported::new(tags);
        let bytes = supported.encode();
        assert!(bytes.len() <= 37, "{}", bytes.len());
        assert_eq!(Supported::decode(&bytes), Some(supported));
    }
    for wrong in [&[2][..], &[1, 1], &[1, 9, 0, 0, 0, 0, 0, 0, 0, 0]] {
        assert_eq!(Supported::decode(wrong), None);
    }
}

fn moments() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_102_444_800).prop_map(Timestamp::from_seconds)
}

fn words() -> impl Strategy<Value = Sent<String>> {
    prop_oneof![Just(Sent::Absent), Just(Sent::Empty), "[a-zäöü€ ]{1,20}".prop_map(Sent::Value)]
}

fn patterns() -> impl Strategy<Value = Pattern> {
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

fn recurrences() -> impl Strategy<Value = Recurrence> {
    let end = prop_oneof![
        Just(End::Never),
        (1_u16..=999).prop_map(End::Occurrences),
        moments().prop_map(End::Until)
    ];
    (patterns(), 1_u16..=999, end, 0_u8..=6, any::<bool>()).prop_map(
        |(pattern, interval, end, first, is_chinese)| Recurrence {
            pattern,
            calendar: match pattern {
                Pattern::Daily | Pattern::Weekly { .. } => CalendarType::Gregorian,
                Pattern::Yearly { month, .. } if is_chinese => {
                    CalendarType::Chinese { is_leap_month: month > 6 }
                }
                _ if is_chinese => CalendarType::Hijri,
                _ => CalendarType::Gregorian,
            },
            interval,
            end,
            first_day_of_week: Some(first),
        },
    )
}

proptest! {
    #[test]
    fn an_event_survives_the_wire(
        subject in words(),
        place in words(),
        moments in (moments(), moments(), moments()),
        recurrence in recurrences(),
        reminder in proptest::option::of(0_u32..100_000),
        flags in proptest::bool::ANY,
        version in proptest::sample::select(&Version::ALL[2..]),
    ) {
        let inner = Event { subject: subject.clone(), start_time: value(moments.2), ..Event::default() };
        let event = Event {
            subject,
            location: place.map(|display_name| Location { display_name, ..Location::default() }),
            start_time: value(moments.0),
            end_time: value(moments.1),
            recurrence: value(recurrence),
            reminder: reminder.map_or(Sent::Empty, Sent::Value),
            all_day: value(flags),
            meeting_status: value(MeetingStatus { is_meeting: flags, ..MeetingStatus::default() }),
            exceptions: value(vec![Exception { original_start: moments.2, is_deleted: false, event: inner }]),
            ..Event::default()
        };
        prop_assert_eq!(reread(&event, version), event);
    }
}
