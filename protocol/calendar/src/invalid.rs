//! Why bytes are no calendar object resource.

use content_line::LimitExceeded;

/// The precondition of RFC 4791 section 5.3.2.1 that does not hold.
///
/// The others of that section are not of the bytes alone: supported-calendar-component, no-uid-conflict and the
/// rest are the caller's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// `CALDAV:valid-calendar-data`: not a calendar.
    #[error("valid-calendar-data: {0}")]
    CalendarData(DataFault),
    /// `CALDAV:valid-calendar-object-resource`: a calendar, but not one thing that can be stored.
    #[error("valid-calendar-object-resource: {0}")]
    ObjectResource(ResourceFault),
}

/// What is wrong with the data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataFault {
    /// It is larger than anything that is read.
    #[error("{0}")]
    Limit(#[from] LimitExceeded),
    /// It has more components than [`COMPONENTS_MAX`](crate::COMPONENTS_MAX).
    #[error("too many components")]
    TooManyComponents,
    /// There is no VCALENDAR, or more than one, or something beside it.
    #[error("exactly one VCALENDAR is expected")]
    NotOneCalendar,
    /// BEGIN and END do not match at this offset.
    #[error("BEGIN and END do not match at octet {offset}")]
    Unbalanced {
        /// Where, in octets.
        offset: usize,
    },
    /// A value is not UTF-8 at this offset (RFC 5545 section 3.1.4).
    #[error("not UTF-8 at octet {offset}")]
    NotUtf8 {
        /// Where, in octets.
        offset: usize,
    },
    /// An event has no DTSTART that can be read (RFC 5545 section 3.6.1).
    #[error("an event needs a DTSTART")]
    NoStart,
}

/// What is wrong with the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResourceFault {
    /// No component but time zones.
    #[error("no component but time zones")]
    NoComponent,
    /// Components of several types.
    #[error("components of several types")]
    SeveralKinds,
    /// A component without UID.
    #[error("a component without UID")]
    NoUid,
    /// Components with several UIDs.
    #[error("several UIDs")]
    SeveralUids,
    /// A METHOD.
    #[error("a METHOD")]
    Method,
}

impl From<LimitExceeded> for Invalid {
    fn from(limit: LimitExceeded) -> Self {
        Self::CalendarData(DataFault::Limit(limit))
    }
}

impl From<DataFault> for Invalid {
    fn from(fault: DataFault) -> Self {
        Self::CalendarData(fault)
    }
}

impl From<ResourceFault> for Invalid {
    fn from(fault: ResourceFault) -> Self {
        Self::ObjectResource(fault)
    }
}
