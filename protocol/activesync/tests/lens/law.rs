//! The two laws for events: what was written is read back, and writing back what was read changes nothing.

use activesync_wire::Version;
use activesync_wire::convert::calendar::{
    DAYS_TOLD, Reader, Writer, change_instance, delete_instance, from_wire, is_as_sent,
};
use activesync_wire::date::compact;
use activesync_wire::item::Sent;
use activesync_wire::item::calendar::{
    Attendee, AttendeeStatus, AttendeeType, BusyStatus, Event, Exception, Location, Sensitivity, TimeZone,
};
use activesync_wire::item::recurrence::{CalendarType, End, Pattern, Recurrence};
use calendar::{Limits, Object, Zone, occurrences};
use proptest::prelude::*;
use proptest::sample::select;
use vocabulary::Timestamp;

use crate::any::{
    DAY_S, NATIVE, PREFERENCES, bodies, body_after, labels, lossy, no_body, optional, patterns, sent,
    shown_again, text,
};
use crate::phone::{NOW, Phone, vevent};

const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC", "America/Sao_Paulo"];
/// UTC without a name is all zeros, which phones send for their own zone.
const TOLD_ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney"];

fn phones() -> impl Strategy<Value = (Version, &'static str)> {
    (select(&Version::ALL[..]), select(&ZONES[..]))
}

fn phone((version, zone): (Version, &str)) -> Phone {
    Phone { zone: Zone::by_name(zone).unwrap(), preferences: NATIVE, ..Phone::new(version) }
}

/// When a series ends.
#[derive(Debug, Clone, Copy)]
enum Last {
    Never,
    Count(u16),
    /// So many days after its start. Until is a day to clients, whatever time of it they write: series.rs.
    Day(i64),
}

#[derive(Debug, Clone, Copy)]
struct Series {
    pattern: Pattern,
    interval: u16,
    last: Last,
    first_day_of_week: Option<u8>,
}

/// What a phone is going to say, whatever its version and zone.
#[derive(Debug, Clone)]
struct Draft {
    /// All but times and recurrence.
    event: Event,
    all_day: bool,
    day: i64,
    minute: i64,
    /// Days or minutes.
    length: i64,
    zone: Option<&'static str>,
    series: Option<Series>,
}

fn serieses() -> impl Strategy<Value = Series> {
    let last = prop_oneof![
        Just(Last::Never),
        (1_u16..=999).prop_map(Last::Count),
        (0_i64..1000).prop_map(Last::Day),
    ];
    (patterns(), 1_u16..=99, last, proptest::option::of(0_u8..=6)).prop_map(
        |(pattern, interval, last, first_day_of_week)| Series { pattern, interval, last, first_day_of_week },
    )
}

/// Of a place there are a name and coordinates: the parts of its address have no property of their own.
fn places() -> impl Strategy<Value = Location> {
    (text(), proptest::option::of((-90_000_i32..90_000, -180_000_i32..180_000))).prop_map(
        |(display_name, degrees)| {
            let text = |thousandths: i32| (f64::from(thousandths) / 1000.0).to_string();
            let (latitude, longitude) =
                degrees.map_or_else(Default::default, |(north, east)| (text(north), text(east)));
            Location { display_name, latitude, longitude, ..Location::default() }
        },
    )
}

/// In order, each once. A name that is the address says nothing.
fn guests() -> impl Strategy<Value = Vec<Attendee>> {
    let status = select(vec![
        None,
        Some(AttendeeStatus::Unknown),
        Some(AttendeeStatus::Tentative),
        Some(AttendeeStatus::Accepted),
        Some(AttendeeStatus::Declined),
        Some(AttendeeStatus::NotResponded),
    ]);
    let kind = select(vec![
        None,
        Some(AttendeeType::Required),
        Some(AttendeeType::Optional),
        Some(AttendeeType::Resource),
    ]);
    let guest = ("[a-zäöü,;:]{1,8}", status, kind);
    proptest::collection::btree_map("[a-d]", guest, 1..4).prop_map(|guests| {
        let guest = |(letter, (name, status, kind)): (String, (String, _, _))| Attendee {
            email: format!("{letter}@b.test"),
            name,
            status,
            kind,
        };
        guests.into_iter().map(guest).collect::<Vec<_>>()
    })
}

fn contents() -> impl Strategy<Value = Event> {
    let busy = select(vec![
        BusyStatus::Free,
        BusyStatus::Tentative,
        BusyStatus::Busy,
        BusyStatus::OutOfOffice,
        BusyStatus::WorkingElsewhere,
    ]);
    let sensitivity = select(vec![
        Sensitivity::Normal,
        Sensitivity::Personal,
        Sensitivity::Private,
        Sensitivity::Confidential,
    ]);
    (
        sent(text()),
        sent(places()),
        sent(labels()),
        optional(busy),
        optional(sensitivity),
        sent(0_u32..20_000),
        sent(bodies()),
        (sent(guests()), optional(any::<bool>()), optional(any::<bool>())),
    )
        .prop_map(
            |(
                subject,
                location,
                categories,
                busy_status,
                sensitivity,
                reminder,
                body,
                (attendees, response_requested, disallow_new_time_proposal),
            )| Event {
                response_requested,
                disallow_new_time_proposal,
                subject,
                location,
                categories,
                busy_status,
                sensitivity,
                reminder,
                body,
                attendees,
                ..Event::default()
            },
        )
}

fn drafts(series: impl Strategy<Value = Option<Series>>) -> impl Strategy<Value = Draft> {
    // From the end of 2023 to 2030, when no zone of these changes its rules.
    let when = (any::<bool>(), 19_700_i64..22_000, 0_i64..1440, 0_i64..10_000);
    (contents(), when, proptest::option::of(select(&TOLD_ZONES[..])), series).prop_map(
        |(event, (all_day, day, minute, length), zone, series)| {
            let is_until = series.is_some_and(|series| matches!(series.last, Last::Day(_)));
            Draft {
                event,
                all_day,
                day,
                // Not in an hour that comes twice or never: the other days of the series would be elsewhere.
                minute: if is_until { minute.max(240) } else { minute },
                length: if all_day { 1 + length % 9 } else { length },
                // Which day the last is depends on the clocks.
                zone: if is_until { zone.or(Some("Europe/Berlin")) } else { zone },
                series,
            }
        },
    )
}

fn any_draft() -> impl Strategy<Value = Draft> {
    drafts(proptest::option::of(serieses()))
}

/// The zone as the wire says it of an event of this moment.
fn blob(zone: &Zone, at: Timestamp) -> TimeZone {
    let phone = Phone { zone: zone.clone(), ..Phone::new(Version::V14_1) };
    phone.sees(&vevent(&[&format!("DTSTART:{}", compact(at))])).time_zone.into_value().unwrap()
}

impl Draft {
    /// Its clocks, as far as the phone tells them.
    fn clocks(&self, phone: &Phone) -> Zone {
        self.zone.filter(|_| !self.all_day).and_then(Zone::by_name).unwrap_or_else(|| phone.zone.clone())
    }

    /// So many days after the first.
    fn at(&self, days: i64, minute: i64, phone: &Phone) -> Timestamp {
        let local = Timestamp::from_seconds((self.day + days) * DAY_S + minute * 60);
        match self.all_day {
            true if phone.version >= Version::V16_0 => local,
            _ => self.clocks(phone).instant(Zone::utc().local(local)),
        }
    }

    fn said(&self, phone: &Phone) -> Event {
        let minute = if self.all_day { 0 } else { self.minute };
        let start = self.at(0, minute, phone);
        let end = match self.all_day {
            true => self.at(self.length, 0, phone),
            false => Timestamp::from_seconds(start.seconds() + self.length * 60),
        };
        let recurrence = self.series.map(|series| Recurrence {
            pattern: series.pattern,
            calendar: CalendarType::Gregorian,
            interval: series.interval,
            end: match series.last {
                Last::Never => End::Never,
                Last::Count(count) => End::Occurrences(count),
                Last::Day(days) => End::Until(self.at(days, minute, phone)),
            },
            first_day_of_week: series.first_day_of_week,
        });
        // Up to 14.1 a day is a midnight of the phone, which says where; from 16.0 it is a date.
        let zone = match self.all_day {
            true => (phone.version < Version::V16_0).then(|| phone.zone.clone()),
            false => self.zone.and_then(Zone::by_name),
        };
        Event {
            all_day: Sent::Value(self.all_day),
            start_time: Sent::Value(start),
            end_time: Sent::Value(end),
            time_zone: Sent::from(zone.map(|zone| blob(&zone, start))),
            recurrence: Sent::from(recurrence),
            ..self.event.clone()
        }
    }
}

/// Apart from what only the server knows; of the zone see [`same_clocks`]. Guests who stay keep their lines,
/// so that their order is that of the lines.
fn told(event: &Event) -> Event {
    let sorted = |mut guests: Vec<Attendee>| {
        guests.sort_by(|one, other| one.email.cmp(&other.email));
        guests
    };
    Event {
        subject: event.subject.clone(),
        location: event.location.clone(),
        categories: event.categories.clone(),
        start_time: event.start_time.clone(),
        end_time: event.end_time.clone(),
        all_day: event.all_day.clone(),
        busy_status: event.busy_status.clone(),
        sensitivity: event.sensitivity.clone(),
        reminder: event.reminder.clone(),
        body: event.body.clone(),
        attendees: event.attendees.clone().map(sorted),
        response_requested: event.response_requested.clone(),
        disallow_new_time_proposal: event.disallow_new_time_proposal.clone(),
        recurrence: event.recurrence.clone(),
        ..Event::default()
    }
}

fn personal_is_private(sensitivity: Sensitivity) -> Sensitivity {
    // CLASS has no word for it.
    if sensitivity == Sensitivity::Personal { Sensitivity::Private } else { sensitivity }
}

/// Those who are known keep what is not said of them.
fn guests_after(old: &Event, said: Vec<Attendee>, version: Version) -> Vec<Attendee> {
    let known = |guest: &Attendee| {
        old.attendees.value().into_iter().flatten().find(|known| known.email == guest.email)
    };
    let shown = |guest: Attendee| {
        let status = match guest.status {
            Some(AttendeeStatus::Unknown) => Some(AttendeeStatus::NotResponded),
            status => status,
        };
        let status =
            status.or(known(&guest).map_or(Some(AttendeeStatus::NotResponded), |known| known.status));
        Attendee {
            // A client of 16.0 or later never says it.
            status: status.filter(|_| version < Version::V16_0),
            kind: guest.kind.or(known(&guest).map_or(Some(AttendeeType::Required), |known| known.kind)),
            ..guest
        }
    };
    said.into_iter().map(shown).collect()
}

/// What is there after `draft` is said of an event that `old` is seen of.
fn expected(old: &Event, draft: &Draft, phone: &Phone) -> Event {
    let said = Event::parse(&phone.document(&draft.said(phone)), phone.version).unwrap();
    let stays = phone.version >= Version::V16_0;
    fn after<T: Clone>(old: &Sent<T>, said: &Sent<T>, stays: bool, gone: Sent<T>) -> Sent<T> {
        match said {
            Sent::Value(value) => Sent::Value(value.clone()),
            Sent::Absent if stays => old.clone(),
            Sent::Absent | Sent::Empty => gone,
        }
    }
    let nowhere = || if stays { Sent::Empty } else { Sent::Absent };
    let no_reminder = if stays { Sent::Empty } else { Sent::Absent };
    let guests = said.attendees.clone().map(|guests| guests_after(old, guests, phone.version));
    let recurrence = said.recurrence.clone().map(|recurrence| shown_again(recurrence, phone.version));
    let attendees = after(&old.attendees, &guests, stays, Sent::Empty);
    let has_guests = attendees.value().is_some_and(|guests| !guests.is_empty());
    let knows = phone.version >= Version::V14_0;
    let default = |value: bool| if knows { Sent::Value(value) } else { Sent::Absent };
    told(&Event {
        // MS-ASCAL R397: it is one of all guests. Without any it says nothing.
        response_requested: match has_guests {
            true => after(&old.response_requested, &said.response_requested, true, Sent::Absent),
            false => default(true),
        },
        // Without a word of it 0 is meant (MS-ASCAL R214).
        disallow_new_time_proposal: after(
            &old.disallow_new_time_proposal,
            &said.disallow_new_time_proposal,
            stays,
            default(false),
        ),
        subject: after(&old.subject, &said.subject, stays, Sent::Empty),
        location: after(&old.location, &said.location, stays, nowhere()),
        categories: after(&old.categories, &said.categories, stays, Sent::Empty),
        busy_status: after(&old.busy_status, &said.busy_status, stays, Sent::Value(BusyStatus::Busy)),
        sensitivity: after(
            &old.sensitivity,
            &said.sensitivity.clone().map(personal_is_private),
            stays,
            Sent::Value(Sensitivity::Normal),
        ),
        reminder: after(&old.reminder, &said.reminder, stays, no_reminder),
        body: body_after(&old.body, &said.body),
        attendees,
        recurrence: after(&old.recurrence, &recurrence, stays, Sent::Absent),
        ..said
    })
}

/// A new event before anything is said of it.
fn nothing(phone: &Phone) -> Event {
    let stays = phone.version >= Version::V16_0;
    let default = |value| if phone.version >= Version::V14_0 { Sent::Value(value) } else { Sent::Absent };
    Event {
        response_requested: default(true),
        disallow_new_time_proposal: default(false),
        subject: Sent::Empty,
        location: if stays { Sent::Empty } else { Sent::Absent },
        categories: Sent::Empty,
        busy_status: Sent::Value(BusyStatus::Busy),
        sensitivity: Sent::Value(Sensitivity::Normal),
        reminder: if stays { Sent::Empty } else { Sent::Absent },
        body: no_body(),
        attendees: Sent::Empty,
        ..Event::default()
    }
}

/// Names of zones are the server's own.
fn same_clocks(zone: &TimeZone) -> TimeZone {
    TimeZone { standard_name: String::new(), daylight_name: String::new(), ..zone.clone() }
}

/// What a changed occurrence is going to say, whatever its series.
#[derive(Debug, Clone)]
struct Other {
    which: usize,
    is_deleted: bool,
    /// Minutes that it moves and takes.
    times: Option<(i64, i64)>,
    event: Event,
}

/// Up to 12.1 occurrences have no guests of their own.
fn others() -> impl Strategy<Value = Vec<Other>> {
    let times = proptest::option::of((-600_i64..600, 0_i64..600));
    let other = (any::<bool>(), times, contents()).prop_map(|(is_deleted, times, event)| {
        let body = if event.body == Sent::Empty { Sent::Absent } else { event.body };
        let event = Event { attendees: Sent::Absent, body, ..event };
        (is_deleted, times, event)
    });
    proptest::collection::btree_map(0_usize..6, other, 1..4).prop_map(|others| {
        let other = |(which, (is_deleted, times, event))| Other { which, is_deleted, times, event };
        others.into_iter().map(other).collect::<Vec<_>>()
    })
}

/// What is not said is as in the series, and what is empty is not there: MS-ASCAL R539.
fn effective(own: &Event, series: &Event) -> Event {
    fn over<T: Clone>(own: &Sent<T>, series: &Sent<T>) -> Sent<T> {
        match if own.is_absent() { series } else { own } {
            Sent::Value(value) => Sent::Value(value.clone()),
            Sent::Empty | Sent::Absent => Sent::Empty,
        }
    }
    let blank = |text: &String| text.is_empty();
    let subject = over(&own.subject, &series.subject);
    let categories = over(&own.categories, &series.categories);
    Event {
        subject: if subject.value().is_some_and(blank) { Sent::Empty } else { subject },
        location: over(&own.location, &series.location),
        categories: if categories.value().is_some_and(Vec::is_empty) { Sent::Empty } else { categories },
        busy_status: over(&own.busy_status, &series.busy_status),
        sensitivity: over(&own.sensitivity, &series.sensitivity).map(personal_is_private),
        reminder: over(&own.reminder, &series.reminder),
        body: over(&own.body, &series.body),
        ..Event::default()
    }
}

proptest! {
    #[test]
    fn what_was_added_is_read_back(draft in any_draft(), who in phones()) {
        let phone = phone(who);
        let stored = phone.adds(&draft.said(&phone));
        let seen = phone.repeats(&stored);
        prop_assert_eq!(told(&seen), expected(&nothing(&phone), &draft, &phone), "{}", lossy(&stored));
        if let (false, Some(zone)) = (draft.all_day, draft.said(&phone).time_zone.value()) {
            prop_assert_eq!(seen.time_zone.value().map(same_clocks), Some(same_clocks(zone)));
        }
        prop_assert_eq!(phone.changes(&stored, &seen), stored);
    }

    #[test]
    fn what_was_changed_is_read_back(
        before in any_draft(),
        change in any_draft(),
        who in phones(),
        maker in phones(),
        other in phones(),
        preferences in select(&PREFERENCES[..]),
    ) {
        let (phone, maker) = (phone(who), phone(maker));
        let stored = maker.adds(&before.said(&maker));
        let old = phone.repeats(&stored);
        let stored = phone.changes(&stored, &change.said(&phone));
        let seen = phone.repeats(&stored);
        let mut wanted = expected(&old, &change, &phone);
        // The last day of a series that only moves moves with it: series.rs.
        if let (None, Sent::Value(stays), Sent::Value(moved)) =
            (change.series, &mut wanted.recurrence, &seen.recurrence)
        {
            stays.end = moved.end;
        }
        prop_assert_eq!(told(&seen), wanted, "{}", lossy(&stored));
        let other = Phone { preferences, ..self::phone(other) };
        let repeated = other.changes(&stored, &other.repeats(&stored));
        prop_assert_eq!(repeated, stored, "another phone that only looks changes nothing");
    }

    /// Up to 14.1 by Exceptions, from 16.0 by InstanceId; also of a series that the phone has not made.
    #[test]
    fn what_was_said_of_an_occurrence_is_read_back(
        draft in drafts(serieses().prop_map(Some)),
        unsayable in proptest::option::of(select(UNSAYABLE)),
        others in others(),
        who in phones(),
    ) {
        let phone = phone(who);
        let mut stored = match unsayable {
            None => phone.adds(&draft.said(&phone)),
            Some(lines) => {
                let single = Draft { series: None, ..draft.clone() };
                with_lines(&phone.adds(&single.said(&phone)), lines)
            }
        };
        let series = phone.sees(&stored);
        let object = Object::parse(&stored).unwrap();
        let first = *series.start_time.value().unwrap();
        let start = match draft.all_day && phone.version >= Version::V16_0 {
            true => phone.zone.instant(Zone::utc().local(first)),
            false => first,
        };
        // Of a series that no rule says so many days are told.
        let days = if unsayable.is_some() { DAYS_TOLD } else { 400 };
        let window = start..Timestamp(start.0 + days * DAY_S * 1000);
        let limits = Limits { occurrences_max: 6, steps_max: 100_000 };
        let mut found = occurrences(&object, window, &phone.zone, &limits).occurrences;
        // What began before the first day that is told is not told, however long it lasts.
        found.retain(|occurrence| occurrence.recurrence >= start);
        // From 16.0 on an occurrence of days is known by its date.
        let name = |at: Timestamp| match draft.all_day && phone.version >= Version::V16_0 {
            true => Zone::utc().instant(phone.zone.local(at)),
            false => at,
        };
        let said: Vec<Exception> = others
            .iter()
            .filter_map(|other| {
                let original_start = name(found.get(other.which)?.recurrence);
                let unit = if draft.all_day { DAY_S } else { 60 };
                // Midnights are not always as far from each other; days stay where they are.
                let times = other.times.filter(|_| !draft.all_day).map(|(moved, length)| {
                    let start = original_start.seconds() + moved * unit;
                    (Timestamp::from_seconds(start), Timestamp::from_seconds(start + length * unit))
                });
                let event = Event {
                    start_time: Sent::from(times.map(|(start, _)| start)),
                    end_time: Sent::from(times.map(|(_, end)| end)),
                    ..other.event.clone()
                };
                let event = if other.is_deleted { Event::default() } else { event };
                Some(Exception { original_start, is_deleted: other.is_deleted, event })
            })
            .collect();
        if phone.version < Version::V16_0 {
            let event = Event { exceptions: Sent::Value(said.clone()), ..phone.repeats(&stored) };
            stored = phone.changes(&stored, &event);
        } else {
            for one in &said {
                stored = if one.is_deleted {
                    delete_instance(&stored, one.original_start, &phone.writer()).unwrap()
                } else {
                    let event = Event::parse_instance(&phone.document(&one.event), phone.version).unwrap();
                    change_instance(&stored, one.original_start, &event, &phone.writer()).unwrap()
                };
            }
        }
        let seen = phone.sees(&stored);
        prop_assert_eq!(told(&seen), told(&series), "{}", lossy(&stored));
        for one in &said {
            let mut all = seen.exceptions.value().into_iter().flatten();
            let shown = all.find(|shown| shown.original_start == one.original_start);
            prop_assert_eq!(shown.is_some_and(|shown| shown.is_deleted), one.is_deleted);
            if one.is_deleted {
                continue;
            }
            // One that is like its series is none.
            let own = shown.map_or_else(Event::default, |shown| shown.event.clone());
            let wanted = Event::parse(&phone.document(&one.event), phone.version).unwrap();
            prop_assert_eq!(effective(&own, &series), effective(&wanted, &series), "{}", lossy(&stored));
            if one.event.start_time.value().is_some() && shown.is_some() {
                prop_assert_eq!(
                    (&own.start_time, &own.end_time),
                    (&one.event.start_time, &one.event.end_time)
                );
            }
        }
        prop_assert_eq!(phone.changes(&stored, &phone.repeats(&stored)), stored);
    }

    /// What another client has made is renamed and keeps its days; a view of the month before is no change.
    #[test]
    fn a_series_that_no_rule_says_keeps_its_days(
        draft in drafts(Just(None)),
        lines in select(UNSAYABLE),
        subject in text(),
        who in phones(),
        other in phones(),
    ) {
        let (phone, other) = (phone(who), self::phone(other));
        let stored = with_lines(&other.adds(&draft.said(&other)), lines);
        let repeated = phone.repeats(&stored);
        let next_month = Reader { now: Timestamp(NOW.0 + 31 * DAY_S * 1000), ..phone.reader() };
        let writer = Writer { reader: next_month, ..phone.writer() };
        prop_assert_eq!(from_wire(Some(&stored), &repeated, &writer).unwrap(), stored.clone());
        let renamed = Event { subject: Sent::Value(subject), ..repeated.clone() };
        let changed = phone.changes(&stored, &renamed);
        let seen = phone.repeats(&changed);
        prop_assert_eq!(told(&seen), told(&renamed), "{}", lossy(&changed));
        prop_assert_eq!(&seen.exceptions, &repeated.exceptions);
        prop_assert!(lossy(&changed).contains(lines));
        let is_as_sent = is_as_sent(&changed, &renamed, &phone.reader()).unwrap();
        prop_assert_eq!(is_as_sent, phone.version < Version::V16_0);
    }

    #[test]
    fn any_event_can_be_repeated(
        lines in proptest::collection::vec(
            select(vec![
                "DTEND;TZID=Europe/Berlin:20260302T100000",
                "DTEND:20260301T000000Z",
                "DURATION:P1DT2H",
                "RRULE:FREQ=DAILY;COUNT=2000",
                "RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO",
                "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20400101",
                "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8;COUNT=30",
                "RRULE:FREQ=HOURLY;INTERVAL=5;UNTIL=20260801",
                "RDATE:20270101T080000Z",
                "RDATE:20270310T080000Z",
                "RDATE;VALUE=DATE:20260420",
                "RDATE;TZID=Europe/Berlin:20260305T150000,20260306T080000",
                "RDATE;VALUE=PERIOD:20260421T100000Z/PT3H",
                "EXDATE:20260303T080000Z",
                "EXDATE;VALUE=DATE:20260304",
                "STATUS:CANCELLED",
                "CLASS:X-ODD",
                "ORGANIZER:invalid:nomail",
                "ATTENDEE:mailto:anna@a.test",
                "ATTENDEE;CUTYPE=ROOM:mailto:",
                "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
                "LOCATION:a\\nb\\tc",
                "SUMMARY: x\ty ",
                "GEO:1.5;2.5",
                "CATEGORIES:a,b,a",
                "CATEGORIES:",
                "DESCRIPTION:one\\n\\ntwo",
                "X-ALT-DESC;FMTTYPE=text/html:<p>one</p>",
            ]),
            0..8,
        ),
        start in select(vec![
            "DTSTART:20260302T080000Z",
            "DTSTART:20260302T080000",
            "DTSTART;VALUE=DATE:20260302",
            "DTSTART;TZID=Europe/Berlin:20260302T090000",
            "DTSTART;TZID=Nowhere:20260302T090000",
        ]),
        override_lines in proptest::collection::vec(select(OVERRIDE_LINES), 0..5),
        id in proptest::option::of(select(IDS)),
        who in phones(),
        preferences in select(&PREFERENCES[..]),
    ) {
        let phone = Phone { preferences, ..phone(who) };
        let occurrence = id.map_or_else(String::new, |id| {
            let lines = [&["BEGIN:VEVENT", "UID:u1", id], &override_lines[..]].concat().join("\r\n");
            format!("END:VEVENT\r\n{lines}\r\n")
        });
        let stored = lossy(&vevent(&[&[start], &lines[..]].concat()));
        let stored = stored.replace("END:VEVENT\r\n", &format!("{occurrence}END:VEVENT\r\n")).into_bytes();
        let repeated = phone.repeats(&stored);
        prop_assert_eq!(phone.changes(&stored, &repeated), stored.clone());
        let next_month = Reader { now: Timestamp(NOW.0 + 31 * DAY_S * 1000), ..phone.reader() };
        let writer = Writer { reader: next_month, ..phone.writer() };
        prop_assert_eq!(from_wire(Some(&stored), &repeated, &writer).unwrap(), stored);
    }
}

/// Rules that ActiveSync cannot say, with one occurrence a day, at the time of the series.
const UNSAYABLE: &[&str] = &[
    "RRULE:FREQ=MONTHLY;BYMONTHDAY=7,8",
    "RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO",
    "RRULE:FREQ=MONTHLY;BYMONTHDAY=-2;COUNT=40",
    "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "RRULE:FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=10,20",
    "RRULE:FREQ=YEARLY;BYYEARDAY=100",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;BYMONTH=4,5,6,10",
    "RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20290101",
    "RRULE:FREQ=WEEKLY\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1",
];

fn with_lines(stored: &[u8], lines: &str) -> Vec<u8> {
    lossy(stored).replace("BEGIN:VEVENT\r\n", &format!("BEGIN:VEVENT\r\n{lines}\r\n")).into_bytes()
}

const IDS: &[&str] = &[
    "RECURRENCE-ID:20260303T080000Z",
    "RECURRENCE-ID;VALUE=DATE:20260303",
    "RECURRENCE-ID;TZID=Europe/Berlin:20260303T090000",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T080000Z",
    "RECURRENCE-ID:20991231T080000Z",
];

/// Lines of an occurrence as clients write them, sound and odd.
const OVERRIDE_LINES: &[&str] = &[
    "DTSTART:20260303T100000Z",
    "DTSTART;VALUE=DATE:20260305",
    "DTSTART;TZID=Europe/Berlin:20260303T120000",
    "DTEND:20260303T110000Z",
    "DURATION:PT2H",
    "SUMMARY:other",
    "LOCATION:elsewhere",
    "GEO:1.5;2.5",
    "STATUS:CANCELLED",
    "CLASS:PRIVATE",
    "TRANSP:TRANSPARENT",
    "CATEGORIES:c",
    "DESCRIPTION:other\\nlines",
    "X-ALT-DESC;FMTTYPE=text/html:<p>other</p>",
    "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@a.test",
    "ORGANIZER:mailto:bert@a.test",
    "DTSTAMP:20260201T000000Z",
    "SEQUENCE:3",
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM",
];
