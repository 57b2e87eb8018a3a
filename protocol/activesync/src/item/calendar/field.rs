//! The elements of an event.

use wbxml::page::{airsync_base, calendar as page};

use super::code::{MEETING_STATUS, ResponseType};
use super::{BusyStatus, Event, Sensitivity, attendee, exception, location, recurrence, time_zone};
use crate::item::ConversionError;
use crate::item::email::write_attachments;
use crate::item::encode;
use crate::item::format::{
    BODY, BOOLEAN, COMPACT, Format, LINE, NATIVE_BODY_TYPE, NUMBER, code, entries, write_entries,
};
use crate::item::sent::{Field, Sent, Versions, field};
use crate::version::Version;

const ALL: Versions = Versions::since(Version::V12_1);
const SINCE_14_0: Versions = Versions::since(Version::V14_0);
const SINCE_14_1: Versions = Versions::since(Version::V14_1);
const SINCE_16_0: Versions = Versions::since(Version::V16_0);
const UNTIL_14_1: Versions = Versions::until(Version::V14_1);

/// MS-ASCAL section 2.2.2, in the order in which Exchange sends them.
pub(super) const FIELDS: &[Field<Event>] = &[
    field!(page::TIMEZONE, ALL, time_zone, TIME_ZONE),
    field!(page::DT_STAMP, ALL, dt_stamp, COMPACT),
    field!(page::START_TIME, ALL, start_time, COMPACT),
    field!(page::SUBJECT, ALL, subject, LINE),
    field!(page::UID, ALL, uid, LINE),
    field!(page::CLIENT_UID, SINCE_16_0, client_uid, LINE),
    field!(page::ORGANIZER_NAME, ALL, organizer_name, LINE),
    field!(page::ORGANIZER_EMAIL, ALL, organizer_email, LINE),
    field!(page::ATTENDEES, ALL, attendees, attendee::ATTENDEES),
    field!(page::LOCATION, UNTIL_14_1, location, location::TEXT),
    field!(airsync_base::LOCATION, SINCE_16_0, location, location::CONTAINER),
    field!(page::END_TIME, ALL, end_time, COMPACT),
    field!(airsync_base::BODY, ALL, body, BODY),
    field!(page::CATEGORIES, ALL, categories, CATEGORIES),
    field!(page::SENSITIVITY, ALL, sensitivity, code::<Sensitivity>()),
    field!(page::BUSY_STATUS, ALL, busy_status, BUSY_STATUS),
    field!(page::ALL_DAY_EVENT, ALL, all_day, BOOLEAN),
    field!(page::REMINDER, ALL, reminder, NUMBER),
    field!(page::RECURRENCE, ALL, recurrence, recurrence::RECURRENCE),
    field!(page::EXCEPTIONS, ALL, exceptions, exception::EXCEPTIONS),
    field!(page::MEETING_STATUS, ALL, meeting_status, MEETING_STATUS),
    field!(airsync_base::NATIVE_BODY_TYPE, ALL, native_body_type, NATIVE_BODY_TYPE),
    field!(page::DISALLOW_NEW_TIME_PROPOSAL, SINCE_14_0, disallow_new_time_proposal, BOOLEAN),
    field!(page::RESPONSE_REQUESTED, SINCE_14_0, response_requested, BOOLEAN),
    field!(page::APPOINTMENT_REPLY_TIME, SINCE_14_0, appointment_reply_time, COMPACT),
    field!(page::RESPONSE_TYPE, SINCE_14_0, response_type, code::<ResponseType>()),
    // What a client says of them is read by AttachmentChanges: it adds and takes away.
    Field {
        tag: airsync_base::ATTACHMENTS,
        versions: SINCE_16_0,
        read: |_, _| Ok(()),
        write: |event, tag, out| write_attachments(out, tag, &event.attachments),
    },
    field!(page::ONLINE_MEETING_EXTERNAL_LINK, SINCE_14_1, online_meeting_external_link, LINE),
];

const CATEGORIES: Format<Vec<String>> = Format {
    read: |element| entries(element, page::CATEGORY).map(Some),
    write: |categories, tag, out| write_entries(categories, tag, page::CATEGORY, out),
};

const TIME_ZONE: Format<time_zone::TimeZone> = Format {
    read: |element| {
        let zone = time_zone::TimeZone::parse(&element.value());
        zone.map(Some).ok_or(ConversionError("Timezone is not 172 bytes in base64"))
    },
    write: |zone, tag, out| encode::text(out, tag, &zone.encode()),
};

/// Working elsewhere is younger than 14.1 (MS-ASCAL R2235, R2043, R2044): older clients see it as free.
const BUSY_STATUS: Format<BusyStatus> = Format {
    read: code::<BusyStatus>().read,
    write: |status, tag, out| {
        let status = match status {
            BusyStatus::WorkingElsewhere if out.version < Version::V16_0 => BusyStatus::Free,
            status => *status,
        };
        (code::<BusyStatus>().write)(&status, tag, out);
    },
};
