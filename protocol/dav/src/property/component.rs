//! Kinds of calendar components, as `supported-calendar-component-set` lists them: RFC 4791 section 5.2.3.

/// A kind of component that a calendar may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Component {
    /// Events.
    Event,
    /// Tasks.
    ToDo,
    /// Journal entries and notes.
    Journal,
    /// Published busy times.
    FreeBusy,
    /// RFC 7953 section 3.1.
    Availability,
}

impl Component {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Event, Self::ToDo, Self::Journal, Self::FreeBusy, Self::Availability];

    /// Its name in iCalendar.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::ToDo => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
            Self::Availability => "VAVAILABILITY",
        }
    }

    /// The component of a name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }
}
