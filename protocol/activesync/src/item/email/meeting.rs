//! What a phone shows of an invitation that came by mail: MS-ASEMAIL section 2.2.2.48.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vocabulary::Timestamp;
use wbxml::Tag;
use wbxml::page::{airsync_base, calendar, email as page, email2};

use crate::date;
use crate::item::calendar::{BusyStatus, Event, TimeZone};
use crate::item::encode::{Out, boolean, number, optional, text};
use crate::item::format::Code;
use crate::item::recurrence::{Page, Recurrence};
use crate::version::Version;

/// Names of a recurrence within a mail. Moments as in calendars (MS-ASEMAIL section 2.2.2.85).
const RECURRENCE: Page = Page {
    kind: page::TYPE,
    interval: page::INTERVAL,
    occurrences: page::OCCURRENCES,
    until: page::UNTIL,
    day_of_week: page::DAY_OF_WEEK,
    day_of_month: page::DAY_OF_MONTH,
    week_of_month: page::WEEK_OF_MONTH,
    month_of_year: page::MONTH_OF_YEAR,
    calendar_type: email2::CALENDAR_TYPE,
    is_leap_month: email2::IS_LEAP_MONTH,
    first_day_of_week: email2::FIRST_DAY_OF_WEEK,
    moment: date::compact,
};

/// An invitation, an update of one, or that a meeting does not take place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRequest {
    /// The meeting as the calendar would show it.
    pub event: Event,
    /// Who invites, as a header value.
    pub organizer: String,
    /// The occurrence of a series that alone is meant.
    pub recurrence_id: Option<Timestamp>,
    /// The meeting was announced before.
    pub is_update: bool,
}

/// MS-ASEMAIL section 2.2.2.39.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InstanceType {
    Single,
    Series,
    Exception,
}

impl InstanceType {
    fn code(self) -> u64 {
        match self {
            Self::Single => 0,
            Self::Series => 1,
            Self::Exception => 3,
        }
    }
}

impl MeetingRequest {
    pub(super) fn write(&self, tag: Tag, out: &mut Out<'_>) {
        let Self { event, organizer, recurrence_id, is_update } = self;
        let moment = |out: &mut Out<'_>, tag, at: Option<&Timestamp>| {
            if let Some(at) = at {
                text(out, tag, &date::date_time(*at));
            }
        };
        out.writer.open(tag);
        boolean(out, page::ALL_DAY_EVENT, event.all_day.value() == Some(&true));
        moment(out, page::START_TIME, event.start_time.value());
        // Required: MS-ASEMAIL R897.
        moment(out, page::DT_STAMP, event.dt_stamp.value().or(event.start_time.value()));
        moment(out, page::END_TIME, event.end_time.value());
        let instance_type = match (recurrence_id, event.recurrence.value()) {
            (Some(_), _) => InstanceType::Exception,
            (None, Some(_)) => InstanceType::Series,
            (None, None) => InstanceType::Single,
        };
        number(out, page::INSTANCE_TYPE, instance_type.code());
        self.place(out);
        optional(out, page::ORGANIZER, Some(organizer));
        moment(out, page::RECURRENCE_ID, recurrence_id.as_ref());
        if let Some(minutes) = event.reminder.value() {
            number(out, page::REMINDER, u64::from(*minutes) * 60); // seconds: MS-ASEMAIL R687
        }
        boolean(out, page::RESPONSE_REQUESTED, event.response_requested.value() != Some(&false));
        if let Some(recurrence) = event.recurrence.value() {
            recurrences(recurrence, out);
        }
        if let Some(sensitivity) = event.sensitivity.value() {
            number(out, page::SENSITIVITY, sensitivity.code().into());
        }
        number(out, page::BUSY_STATUS, intended(event).code().into());
        // Required: MS-ASEMAIL R908.
        let zone = event.time_zone.value().cloned().unwrap_or_default();
        text(out, page::TIME_ZONE, &TimeZone::encode(&zone));
        self.identity(out);
        if out.version >= Version::V14_0 {
            let refused = event.disallow_new_time_proposal.value() == Some(&true);
            boolean(out, page::DISALLOW_NEW_TIME_PROPOSAL, refused);
        }
        if out.version >= Version::V14_1 {
            number(out, email2::MEETING_MESSAGE_TYPE, if *is_update { 2 } else { 1 }); // MS-ASEMAIL R534, R535
        }
        out.writer.close();
    }

    fn place(&self, out: &mut Out<'_>) {
        let Some(location) = self.event.location.value() else { return };
        if out.version < Version::V16_0 {
            optional(out, page::LOCATION, Some(&location.text()));
        } else {
            out.writer.open(airsync_base::LOCATION);
            optional(out, airsync_base::DISPLAY_NAME, Some(&location.text()));
            out.writer.close();
        }
    }

    /// MS-ASEMAIL R1310: from 16.0 the UID itself.
    fn identity(&self, out: &mut Out<'_>) {
        let uid = self.event.uid.value().map(String::as_str).unwrap_or_default();
        if out.version < Version::V16_0 {
            text(out, page::GLOBAL_OBJ_ID, &STANDARD.encode(global_object_id(uid)));
        } else {
            text(out, calendar::UID, uid);
        }
    }
}

/// What the time will be once the meeting is accepted.
fn intended(event: &Event) -> BusyStatus {
    match event.busy_status.value() {
        Some(BusyStatus::Free) => BusyStatus::Free,
        Some(BusyStatus::OutOfOffice) => BusyStatus::OutOfOffice,
        _ => BusyStatus::Busy,
    }
}

fn recurrences(recurrence: &Recurrence, out: &mut Out<'_>) {
    out.writer.open(page::RECURRENCES);
    out.writer.open(page::RECURRENCE);
    recurrence.write(&RECURRENCE, out);
    out.writer.close();
    out.writer.close();
}

/// MS-ASEMAIL section 2.2.2.37: what Outlook itself has named stands for itself, another UID is wrapped.
fn global_object_id(uid: &str) -> Vec<u8> {
    const CLASS_ID: [u8; 16] =
        [0x04, 0x00, 0x00, 0x00, 0x82, 0x00, 0xE0, 0x00, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
    /// Date of the instance, moment of making, and reserved bytes: none of them said.
    const UNSAID: [u8; 20] = [0; 20];
    const MARK: &[u8] = b"vCal-Uid\x01\x00\x00\x00";
    if let Some(own) = from_hex(uid).filter(|own| own.starts_with(&CLASS_ID)) {
        return own;
    }
    let data = [MARK, uid.as_bytes(), b"\0"].concat();
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes();
    [&CLASS_ID[..], &UNSAID, &length, &data].concat()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Sent;
    use crate::item::calendar::Location;
    use wbxml::{Element, Limits, Writer, decode};

    fn written(request: &MeetingRequest, version: Version) -> Element {
        let mut writer = Writer::new();
        let mut out = Out { writer: &mut writer, parts: None, version };
        request.write(page::MEETING_REQUEST, &mut out);
        decode(&writer.finish(), &Limits::default()).unwrap()
    }

    fn request() -> MeetingRequest {
        let location = Location { display_name: "Gew\u{e4}chshaus".into(), ..Location::default() };
        let event = Event {
            uid: Sent::Value("m1".into()),
            start_time: Sent::Value(Timestamp(1_795_424_400_000)),
            end_time: Sent::Value(Timestamp(1_795_428_000_000)),
            reminder: Sent::Value(15),
            location: Sent::Value(location),
            busy_status: Sent::Value(BusyStatus::Tentative),
            ..Event::default()
        };
        let organizer = "\"Anna\" <anna@a.test>".to_owned();
        MeetingRequest { event, organizer, recurrence_id: None, is_update: true }
    }

    // MS-ASEMAIL R490 R491 R687 R896 R897 R898 R908
    #[test]
    fn an_invitation_says_when_where_and_who() {
        let old = written(&request(), Version::V12_1);
        for (tag, expected) in [
            (page::ALL_DAY_EVENT, "0"),
            (page::START_TIME, "2026-11-23T09:00:00.000Z"),
            (page::DT_STAMP, "2026-11-23T09:00:00.000Z"),
            (page::END_TIME, "2026-11-23T10:00:00.000Z"),
            (page::INSTANCE_TYPE, "0"),
            (page::LOCATION, "Gew\u{e4}chshaus"),
            (page::ORGANIZER, "\"Anna\" <anna@a.test>"),
            (page::REMINDER, "900"),
            (page::RESPONSE_REQUESTED, "1"),
            (page::BUSY_STATUS, "2"),
        ] {
            assert_eq!(old.child_value(tag).as_deref(), Some(expected), "{tag:?}");
        }
        assert!(TimeZone::parse(&old.child_value(page::TIME_ZONE).unwrap()).is_some());
        assert!(old.child(email2::MEETING_MESSAGE_TYPE).is_none() && old.child(calendar::UID).is_none());
    }

    // MS-ASEMAIL R528 R530 R532 R535 R911 R1305
    #[test]
    fn from_16_0_identity_and_place_have_other_names() {
        let new = written(&request(), Version::V16_1);
        assert_eq!(new.child_value(calendar::UID).as_deref(), Some("m1"));
        assert_eq!(new.child_value(email2::MEETING_MESSAGE_TYPE).as_deref(), Some("2"));
        assert!(new.child(page::GLOBAL_OBJ_ID).is_none() && new.child(page::LOCATION).is_none());
        let place = new.child(airsync_base::LOCATION).unwrap();
        assert_eq!(place.child_value(airsync_base::DISPLAY_NAME).as_deref(), Some("Gew\u{e4}chshaus"));
    }

    // MS-ASEMAIL R909
    #[test]
    fn a_uid_is_wrapped_unless_outlook_made_it() {
        let wrapped = global_object_id("m1");
        assert_eq!(wrapped.len(), 16 + 20 + 4 + 12 + 3);
        assert!(wrapped.ends_with(b"\x0f\x00\x00\x00vCal-Uid\x01\x00\x00\x00m1\0"));
        let own = "040000008200E00074C5B7101A82E00800000000A0F0";
        assert_eq!(global_object_id(own).len(), own.len() / 2);
        for other in ["04", "zz", "0400\u{e9}"] {
            assert!(global_object_id(other).windows(8).any(|part| part == b"vCal-Uid"), "{other}");
        }
    }
}
