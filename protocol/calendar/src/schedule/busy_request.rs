//! Asking when others are busy: RFC 5546 section 3.3, RFC 6638 section 5.

use std::ops::Range;

use content_line::{Document, LineEnd, NewLine, Value, block, write_lines};
use vocabulary::Timestamp;

use super::address::normal;
use super::busy::{BusyKind, BusyPeriod};
use super::message::Method;
use crate::author::PRODUCT;
use crate::edit::{plain, stamp};
use crate::term::ComponentKind;
use crate::zone::Zone;
use crate::{Invalid, Moment, read};

/// Most attendees that one request asks for.
const ATTENDEES_MAX: usize = 1_000;

/// A VFREEBUSY that asks for the busy times of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyRequest {
    /// UID.
    pub uid: String,
    /// Who asks, as [`normal`](super::normal) writes it.
    pub organizer: String,
    /// Who is asked for, in the order of the request, each once, in the same form.
    pub attendees: Vec<String>,
    /// The time that is asked for.
    pub range: Range<Timestamp>,
    /// X-CALENDARSERVER-MASK-UID: the meeting that is being moved, which is not to count. Apple's clients write it.
    pub masked_uid: Option<String>,
    organizer_line: NewLine,
    attendee_lines: Vec<NewLine>,
}

/// Why it is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BusyFault {
    /// `CALDAV:valid-calendar-data`.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// `CALDAV:valid-scheduling-message` (RFC 6638 section 5.2.1): no VFREEBUSY with METHOD:REQUEST that has all that
    /// RFC 5546 section 3.3.2 wants.
    #[error("not a request for busy times")]
    NoRequest,
}

impl BusyRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// If the bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, BusyFault> {
        let document = Document::parse(bytes).map_err(Invalid::from)?;
        let object = read::object(&document)?;
        let is_request = object.method.as_deref().and_then(Method::by_name) == Some(Method::Request)
            && object.kind() == ComponentKind::FreeBusy;
        let component = object.components.first().filter(|_| is_request).ok_or(BusyFault::NoRequest)?;
        let utc = Zone::utc();
        let at = |moment: Option<&Moment>| moment.map(|moment| object.instant(moment, &utc));
        let range = at(component.start.as_ref()).zip(at(component.end.as_ref()));
        let range = range.filter(|(start, end)| start < end).ok_or(BusyFault::NoRequest)?;
        let organizer = component.organizer.as_ref().ok_or(BusyFault::NoRequest)?;
        let line = document.property(component.lines, "ORGANIZER").ok_or(BusyFault::NoRequest)?.1;
        let (mut attendees, mut attendee_lines) = (Vec::new(), Vec::new());
        for (_, line) in document.properties(component.lines, "ATTENDEE").take(ATTENDEES_MAX) {
            let address = normal(&read::attendee(line).address);
            if !attendees.contains(&address) {
                attendees.push(address);
                attendee_lines.push(NewLine::copy_of(line));
            }
        }
        if attendees.is_empty() {
            return Err(BusyFault::NoRequest);
        }
        let masked = document.property(component.lines, "X-CALENDARSERVER-MASK-UID");
        Ok(Self {
            uid: component.uid.clone().ok_or(BusyFault::NoRequest)?,
            organizer: normal(&organizer.address),
            attendees,
            range: range.0..range.1,
            masked_uid: masked.map(|(_, line)| content_line::unescape(&line.value()).into_owned()),
            organizer_line: NewLine::copy_of(line),
            attendee_lines,
        })
    }

    /// The REPLY for one of its attendees: RFC 5546 section 3.3.3.
    #[must_use]
    pub fn reply(&self, attendee: &str, busy: &[BusyPeriod], now: Timestamp) -> Vec<u8> {
        let attendee = normal(attendee);
        let at = self.attendees.iter().position(|asked| *asked == attendee);
        let mut lines = vec![
            NewLine::new("UID", Value::text(&self.uid)),
            NewLine::new("DTSTAMP", stamp(now)),
            self.organizer_line.clone(),
        ];
        lines.extend(at.and_then(|at| self.attendee_lines.get(at)).cloned());
        lines.push(NewLine::new("DTSTART", stamp(self.range.start)));
        lines.push(NewLine::new("DTEND", stamp(self.range.end)));
        lines.extend(busy.iter().map(period));
        let mut calendar = vec![
            NewLine::new("VERSION", Value::text("2.0")),
            NewLine::new("PRODID", Value::text(PRODUCT)),
            NewLine::new("METHOD", Value::text(Method::Reply.name())),
        ];
        calendar.extend(block("VFREEBUSY", lines));
        write_lines(&block("VCALENDAR", calendar), LineEnd::CrLf)
    }
}

fn period(busy: &BusyPeriod) -> NewLine {
    let text = |at: Timestamp| Moment::Utc(Zone::utc().local(at)).to_string();
    let value = plain(format!("{}/{}", text(busy.range.start), text(busy.range.end)));
    let line = NewLine::new("FREEBUSY", value);
    // BUSY is what a line without FBTYPE means.
    if busy.kind == BusyKind::Busy { line } else { line.parameter("FBTYPE", &[busy.kind.name()]) }
}

/// The VFREEBUSY that a free-busy-query gets: RFC 4791 section 7.10.
#[must_use]
pub fn free_busy(range: &Range<Timestamp>, busy: &[BusyPeriod], now: Timestamp) -> Vec<u8> {
    let mut lines = vec![
        NewLine::new("DTSTAMP", stamp(now)),
        NewLine::new("DTSTART", stamp(range.start)),
        NewLine::new("DTEND", stamp(range.end)),
    ];
    lines.extend(busy.iter().map(period));
    let mut calendar =
        vec![NewLine::new("VERSION", Value::text("2.0")), NewLine::new("PRODID", Value::text(PRODUCT))];
    calendar.extend(block("VFREEBUSY", lines));
    write_lines(&block("VCALENDAR", calendar), LineEnd::CrLf)
}
