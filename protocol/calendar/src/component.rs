//! What one VEVENT, VTODO, VJOURNAL or VFREEBUSY says, as values.

use vocabulary::Timestamp;

use crate::term::{
    AlarmAction, AttendeeRole, BusyStatus, Class, ComponentKind, Participation, Status, Transparency,
    UserType,
};
use crate::{Duration, Moment, Rule};

/// One component. What it does not say, or says in a way that nobody can read, is `None` or empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// VEVENT, VTODO, VJOURNAL or VFREEBUSY.
    pub kind: ComponentKind,
    /// UID.
    pub uid: Option<String>,
    /// RECURRENCE-ID: the component stands for this occurrence of the series.
    pub recurrence: Option<RecurrenceId>,
    /// DTSTART.
    pub start: Option<Moment>,
    /// DTEND of an event, DUE of a task.
    pub end: Option<Moment>,
    /// DURATION.
    pub duration: Option<Duration>,
    /// RRULE, rarely more than one.
    pub rules: Vec<Rule>,
    /// RDATE.
    pub dates: Vec<ExtraDate>,
    /// EXDATE.
    pub exceptions: Vec<Moment>,
    /// SUMMARY.
    pub summary: Option<String>,
    /// DESCRIPTION, plain text.
    pub description: Option<String>,
    /// X-ALT-DESC with FMTTYPE=text/html.
    pub html_description: Option<String>,
    /// LOCATION.
    pub location: Option<String>,
    /// URL.
    pub url: Option<String>,
    /// GEO.
    pub geo: Option<Geo>,
    /// STATUS.
    pub status: Option<Status>,
    /// TRANSP.
    pub transparency: Option<Transparency>,
    /// X-MICROSOFT-CDO-BUSYSTATUS.
    pub busy_status: Option<BusyStatus>,
    /// X-MICROSOFT-CDO-INTENDEDSTATUS.
    pub intended_status: Option<BusyStatus>,
    /// X-MICROSOFT-DISALLOW-COUNTER: guests shall propose no other time.
    pub disallow_counter: Option<bool>,
    /// CLASS.
    pub class: Option<Class>,
    /// PRIORITY: 1 is highest, 9 lowest, 0 undefined.
    pub priority: Option<u8>,
    /// CATEGORIES of all its lines.
    pub categories: Vec<String>,
    /// ORGANIZER.
    pub organizer: Option<Organizer>,
    /// ATTENDEE.
    pub attendees: Vec<Attendee>,
    /// VALARM.
    pub alarms: Vec<Alarm>,
    /// SEQUENCE.
    pub sequence: u32,
    /// DTSTAMP.
    pub stamp: Option<Timestamp>,
    /// CREATED.
    pub created: Option<Timestamp>,
    /// LAST-MODIFIED.
    pub last_modified: Option<Timestamp>,
    /// COMPLETED.
    pub completed: Option<Timestamp>,
    /// PERCENT-COMPLETE, 0 to 100.
    pub percent_complete: Option<u8>,
    /// FREEBUSY: periods of a VFREEBUSY that are not FREE.
    pub busy: Vec<Period>,
    /// Which component of the document's lines it is.
    pub(crate) lines: usize,
}

/// RECURRENCE-ID: RFC 5545 section 3.8.4.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecurrenceId {
    /// When the occurrence would begin without the change.
    pub moment: Moment,
    /// RANGE=THISANDFUTURE: it stands for all later ones too.
    pub this_and_future: bool,
}

/// One value of RDATE: RFC 5545 section 3.8.5.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraDate {
    /// When the additional occurrence begins.
    pub start: Moment,
    /// Its own end, if it is a PERIOD.
    pub end: Option<PeriodEnd>,
}

/// The second half of a PERIOD: RFC 5545 section 3.3.9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeriodEnd {
    /// It ends at this moment.
    At(Moment),
    /// It is so long.
    After(Duration),
}

/// A PERIOD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Its begin.
    pub start: Moment,
    /// Its end.
    pub end: PeriodEnd,
}

/// GEO: RFC 5545 section 3.8.1.6.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geo {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// ORGANIZER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organizer {
    /// The e-mail address, or the whole URI if it is none.
    pub address: String,
    /// CN.
    pub name: Option<String>,
}

/// ATTENDEE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// The e-mail address, or the whole URI if it is none.
    pub address: String,
    /// CN.
    pub name: Option<String>,
    /// CUTYPE.
    pub user_type: UserType,
    /// ROLE.
    pub role: AttendeeRole,
    /// PARTSTAT.
    pub participation: Participation,
    /// RSVP.
    pub rsvp: bool,
}

/// VALARM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// ACTION; `None` for an unknown one.
    pub action: Option<AlarmAction>,
    /// TRIGGER.
    pub trigger: Option<Trigger>,
    /// REPEAT: how often it rings again.
    pub repeat: u32,
    /// DURATION between two rings.
    pub interval: Option<Duration>,
    /// DESCRIPTION.
    pub description: Option<String>,
    pub(crate) lines: usize,
}

/// TRIGGER: RFC 5545 section 3.8.6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// So long after the start (before it, if negative).
    FromStart(Duration),
    /// So long after the end or the due time: RELATED=END.
    FromEnd(Duration),
    /// At this moment.
    At(Timestamp),
}

impl Component {
    /// Its index in the [`content_line::Document`] of the same bytes.
    #[must_use]
    pub fn document_component(&self) -> usize {
        self.lines
    }

    /// Whether it is a series of its own.
    #[must_use]
    pub fn is_recurring(&self) -> bool {
        !self.rules.is_empty() || !self.dates.is_empty()
    }

    /// What its occurrences are counted from: DTSTART, or for a task without it DUE.
    #[must_use]
    pub fn anchor(&self) -> Option<&Moment> {
        self.start.as_ref().or(if self.kind == ComponentKind::ToDo { self.end.as_ref() } else { None })
    }

    /// Whether it is of whole days.
    #[must_use]
    pub fn is_all_day(&self) -> bool {
        self.anchor().is_some_and(Moment::is_date)
    }
}
