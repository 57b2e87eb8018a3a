//! The words that properties and parameters are limited to. A word that is not here reads as none; its line stays.

/// Finds a word, in any case.
pub(crate) fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim())).map(|(_, value)| *value)
}

/// The word for a value.
pub(crate) fn name_of<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

/// An enum whose values are words of the format.
pub(crate) trait Term: Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];

    fn parse(word: &str) -> Option<Self> {
        named(Self::WORDS, word)
    }

    fn word(self) -> &'static str {
        name_of(Self::WORDS, &self)
    }
}

/// The component types that are items: RFC 5545 sections 3.6.1 to 3.6.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComponentKind {
    /// VEVENT.
    Event,
    /// VTODO.
    ToDo,
    /// VJOURNAL.
    Journal,
    /// VFREEBUSY; read only.
    FreeBusy,
}

impl Term for ComponentKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("VEVENT", Self::Event),
        ("VTODO", Self::ToDo),
        ("VJOURNAL", Self::Journal),
        ("VFREEBUSY", Self::FreeBusy),
    ];
}

impl ComponentKind {
    /// `VEVENT`, `VTODO`, `VJOURNAL` or `VFREEBUSY`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// Of a component name in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::parse(name)
    }
}

/// STATUS: RFC 5545 section 3.8.1.11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum Status {
    Tentative,
    Confirmed,
    Cancelled,
    NeedsAction,
    Completed,
    InProcess,
    Draft,
    Final,
}

impl Term for Status {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("TENTATIVE", Self::Tentative),
        ("CONFIRMED", Self::Confirmed),
        ("CANCELLED", Self::Cancelled),
        ("NEEDS-ACTION", Self::NeedsAction),
        ("COMPLETED", Self::Completed),
        ("IN-PROCESS", Self::InProcess),
        ("DRAFT", Self::Draft),
        ("FINAL", Self::Final),
    ];
}

/// TRANSP: RFC 5545 section 3.8.2.7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transparency {
    /// Its time is taken.
    Opaque,
    /// Its time is free.
    Transparent,
}

impl Term for Transparency {
    const WORDS: &'static [(&'static str, Self)] =
        &[("OPAQUE", Self::Opaque), ("TRANSPARENT", Self::Transparent)];
}

/// X-MICROSOFT-CDO-BUSYSTATUS and X-MICROSOFT-CDO-INTENDEDSTATUS, as Outlook and Exchange write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum BusyStatus {
    Free,
    Tentative,
    Busy,
    OutOfOffice,
    WorkingElsewhere,
}

impl Term for BusyStatus {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("FREE", Self::Free),
        ("TENTATIVE", Self::Tentative),
        ("BUSY", Self::Busy),
        ("OOF", Self::OutOfOffice),
        ("WORKINGELSEWHERE", Self::WorkingElsewhere),
    ];
}

/// CLASS: RFC 5545 section 3.8.1.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum Class {
    Public,
    Private,
    Confidential,
}

impl Term for Class {
    const WORDS: &'static [(&'static str, Self)] =
        &[("PUBLIC", Self::Public), ("PRIVATE", Self::Private), ("CONFIDENTIAL", Self::Confidential)];
}

/// ROLE: RFC 5545 section 3.2.16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum AttendeeRole {
    Chair,
    #[default]
    Required,
    Optional,
    NonParticipant,
}

impl Term for AttendeeRole {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("CHAIR", Self::Chair),
        ("REQ-PARTICIPANT", Self::Required),
        ("OPT-PARTICIPANT", Self::Optional),
        ("NON-PARTICIPANT", Self::NonParticipant),
    ];
}

/// CUTYPE: RFC 5545 section 3.2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum UserType {
    #[default]
    Individual,
    Group,
    Resource,
    Room,
    Unknown,
}

impl Term for UserType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("INDIVIDUAL", Self::Individual),
        ("GROUP", Self::Group),
        ("RESOURCE", Self::Resource),
        ("ROOM", Self::Room),
        ("UNKNOWN", Self::Unknown),
    ];
}

/// PARTSTAT: RFC 5545 section 3.2.12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum Participation {
    #[default]
    NeedsAction,
    Accepted,
    Declined,
    Tentative,
    Delegated,
    Completed,
    InProcess,
}

impl Term for Participation {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("NEEDS-ACTION", Self::NeedsAction),
        ("ACCEPTED", Self::Accepted),
        ("DECLINED", Self::Declined),
        ("TENTATIVE", Self::Tentative),
        ("DELEGATED", Self::Delegated),
        ("COMPLETED", Self::Completed),
        ("IN-PROCESS", Self::InProcess),
    ];
}

/// ACTION: RFC 5545 section 3.8.6.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum AlarmAction {
    Display,
    Audio,
    Email,
}

impl Term for AlarmAction {
    const WORDS: &'static [(&'static str, Self)] =
        &[("DISPLAY", Self::Display), ("AUDIO", Self::Audio), ("EMAIL", Self::Email)];
}
