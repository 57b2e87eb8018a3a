//! Somebody's copy of a meeting: its lines, what they say, and where each occurrence and person stands.

use std::collections::{BTreeMap, BTreeSet};

use content_line::{Document, FaultKind, Line};
use vocabulary::Timestamp;

use super::address::normal;
use crate::component::Component;
use crate::expand::{ALL_TIME, Limits, occurrences};
use crate::term::{AttendeeRole, ComponentKind, Participation, Status, UserType};
use crate::zone::Zone;
use crate::{DataFault, Invalid, Moment, Object, ResourceFault, read};

/// Attendee parameter: the SEQUENCE at which the attendee was last asked anew; absent for 0. An answer to an older one
/// says nothing about what is asked now.
pub(super) const ASKED: &str = "X-KONTOR-ASKED";
/// Attendee parameter: the DTSTAMP of the attendee's last answer. RFC 5546 section 2.1.5 wants it remembered.
pub(super) const REPLIED: &str = "X-KONTOR-REPLIED";
/// Attendee parameter: nobody has asked this attendee, whose answer came by itself. The line is for the organiser to see:
/// as long as it has this mark it invites nobody, and no message has it.
pub(super) const UNASKED: &str = "X-KONTOR-UNASKED";
/// Property of the VCALENDAR: the message is all that its recipient is invited to, as of this moment. It stays in the
/// recipient's copy, so that an older message is known as such.
pub(super) const AS_OF: &str = "X-KONTOR-AS-OF";
/// Parameter of [`AS_OF`]: nobody is to notice, and a copy that was removed stays away.
pub(super) const SILENT: &str = "X-KONTOR-SILENT";
/// Parameter of an EXDATE: it was the attendee who took the occurrence out, with the DTSTAMP of the answer.
pub(super) const DECLINED: &str = "X-KONTOR-DECLINED";
/// Parameter of an EXDATE: the organiser has cancelled the occurrence, with the DTSTAMP of the CANCEL.
pub(super) const CANCELLED: &str = "X-KONTOR-CANCELLED";

/// What an expansion may cost that finds out whether a series has certain occurrences.
const LIMITS: Limits = Limits { occurrences_max: 10_000, steps_max: 100_000 };

/// Which component: the series (or the only one), or what stands for one occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Master,
    /// When it would begin if nobody had moved it. Floating times are placed by the clocks of UTC: all that are
    /// compared are placed by the same.
    Occurrence(Timestamp),
}

/// An ORGANIZER or ATTENDEE line.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Its line.
    pub(super) line: usize,
    /// In the form of [`normal`].
    pub(super) address: String,
    /// SCHEDULE-AGENT is SERVER or absent; a word that nobody knows means NONE (RFC 6638 section 7.1).
    pub(super) by_server: bool,
    pub(super) name: Option<String>,
    pub(super) role: AttendeeRole,
    pub(super) user_type: UserType,
    pub(super) participation: Participation,
    /// [`ASKED`].
    pub(super) asked: u32,
    /// [`REPLIED`].
    pub(super) replied: Option<Timestamp>,
    /// [`UNASKED`].
    pub(super) is_unasked: bool,
}

/// The people of one component.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    pub(super) organizer: Option<Person>,
    /// In the order of their lines.
    pub(super) attendees: Vec<Person>,
}

impl People {
    pub(super) fn find(&self, is_meant: impl Fn(&str) -> bool) -> Option<&Person> {
        self.attendees.iter().find(|person| is_meant(&person.address))
    }

    /// The attendees by address; of several lines for one the first.
    pub(super) fn by_address(&self) -> BTreeMap<&str, &Person> {
        self.attendees.iter().rev().map(|person| (person.address.as_str(), person)).collect()
    }
}

/// An object, read twice: as lines and as values.
pub(super) struct Copy<'a> {
    pub(super) document: Document<'a>,
    pub(super) object: Object,
    /// The VCALENDAR.
    pub(super) calendar: usize,
    /// For each component of `object`.
    pub(super) people: Vec<People>,
    /// Where each key stands; of two components with the same key the first.
    pub(super) index: BTreeMap<Key, usize>,
}

impl<'a> Copy<'a> {
    /// # Errors
    /// If the bytes are no balanced calendar object of one kind and one UID.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let document = Document::parse(bytes)?;
        let object = read::object(&document)?;
        let calendar = read::calendar(&document).ok_or(DataFault::NotOneCalendar)?;
        let unbalanced = |kind| matches!(kind, FaultKind::StrayEnd | FaultKind::Unclosed);
        if let Some(fault) = document.faults().iter().find(|fault| unbalanced(fault.kind)) {
            return Err(DataFault::Unbalanced { offset: fault.offset }.into());
        }
        let uid = object.uid().ok_or(ResourceFault::NoUid)?;
        if object.components.iter().any(|component| component.kind != object.kind()) {
            return Err(ResourceFault::SeveralKinds.into());
        }
        if object.components.iter().any(|component| component.uid.as_deref() != Some(uid)) {
            return Err(ResourceFault::SeveralUids.into());
        }
        let people = object.components.iter().map(|component| people(&document, component)).collect();
        let mut index = BTreeMap::new();
        for (at, component) in object.components.iter().enumerate() {
            index.entry(key(&object, component)).or_insert(at);
        }
        Ok(Self { document, object, calendar, people, index })
    }

    /// Names single occurrences as another copy does, which has their series: a client may write the RECURRENCE-ID
    /// of whole days as times.
    pub(super) fn name_as(&mut self, other: &Copy<'_>) {
        if self.master().is_some() || other.master().is_none() {
            return;
        }
        self.index.clear();
        for (at, component) in self.object.components.iter().enumerate() {
            self.index.entry(key(&other.object, component)).or_insert(at);
        }
    }

    pub(super) fn component(&self, at: usize) -> Option<&Component> {
        self.object.components.get(at)
    }

    pub(super) fn people(&self, at: usize) -> &People {
        static NOBODY: People = People { organizer: None, attendees: Vec::new() };
        self.people.get(at).unwrap_or(&NOBODY)
    }

    pub(super) fn at(&self, key: Key) -> Option<usize> {
        self.index.get(&key).copied()
    }

    pub(super) fn master(&self) -> Option<usize> {
        self.at(Key::Master)
    }

    /// The components for single occurrences, by occurrence.
    pub(super) fn overrides(&self) -> impl Iterator<Item = (Timestamp, usize)> + '_ {
        self.index.iter().filter_map(|(key, &at)| match key {
            Key::Master => None,
            Key::Occurrence(recurrence) => Some((*recurrence, at)),
        })
    }

    /// The component that says what an occurrence is.
    pub(super) fn base_of(&self, key: Key) -> Option<usize> {
        self.at(key).or(self.master())
    }

    /// Whether a component, or with it the whole, is cancelled.
    pub(super) fn is_cancelled(&self, at: usize) -> bool {
        let says_so = |at: usize| self.component(at).is_some_and(|one| one.status == Some(Status::Cancelled));
        says_so(at) || self.master().is_some_and(says_so)
    }

    /// The organiser that the components name.
    pub(super) fn organizer(&self) -> Option<&Person> {
        self.people.iter().find_map(|people| people.organizer.as_ref())
    }

    /// RFC 6638 section 3.2.4.2.
    pub(super) fn has_several_organizers(&self) -> bool {
        let mut organizers = self.people.iter().filter_map(|people| people.organizer.as_ref());
        let first = organizers.next();
        organizers.any(|other| first.is_some_and(|first| first.address != other.address))
    }

    /// Events and tasks are what people are invited to: RFC 5546 section 1.4.
    pub(super) fn is_schedulable(&self) -> bool {
        matches!(self.object.kind(), ComponentKind::Event | ComponentKind::ToDo)
    }

    /// The highest SEQUENCE.
    pub(super) fn sequence(&self) -> u32 {
        self.object.components.iter().map(|component| component.sequence).max().unwrap_or(0)
    }

    /// The latest DTSTAMP.
    pub(super) fn stamp(&self) -> Option<Timestamp> {
        self.object.components.iter().filter_map(|component| component.stamp).max()
    }

    /// [`AS_OF`], and whether it is silent.
    pub(super) fn as_of(&self) -> Option<(Timestamp, bool)> {
        let (_, line) = self.document.property(self.calendar, AS_OF)?;
        let at = instant(&line.value())?;
        Some((at, line.parameter_value(SILENT).is_some()))
    }

    /// What EXDATE takes out of the series.
    pub(super) fn exceptions(&self) -> BTreeSet<Timestamp> {
        let master = self.master().and_then(|at| self.component(at));
        master.into_iter().flat_map(|master| &master.exceptions).map(|moment| self.instant(moment)).collect()
    }

    /// What the attendee took out of the series, and when: [`DECLINED`].
    pub(super) fn own_exceptions(&self) -> BTreeMap<Timestamp, Timestamp> {
        self.marked_exceptions(DECLINED)
    }

    /// What was cancelled and is taken out of the series, and when: [`CANCELLED`].
    pub(super) fn cancelled_exceptions(&self) -> BTreeMap<Timestamp, Timestamp> {
        self.marked_exceptions(CANCELLED)
    }

    fn marked_exceptions(&self, mark: &str) -> BTreeMap<Timestamp, Timestamp> {
        let Some(master) = self.master().and_then(|at| self.component(at)) else { return BTreeMap::new() };
        let mut marked = BTreeMap::new();
        for (_, line) in self.document.properties(master.lines, "EXDATE") {
            let Some(stamp) = line.parameter_value(mark) else { continue };
            let stamp = instant(&stamp).unwrap_or_default();
            for at in self.exdates(line) {
                let last = marked.entry(at).or_insert(stamp);
                *last = stamp.max(*last);
            }
        }
        marked
    }

    /// The occurrences that one EXDATE line names.
    pub(super) fn exdates(&self, line: &Line<'_>) -> Vec<Timestamp> {
        let value = line.value();
        let moments = content_line::split(&value, ',').filter_map(|value| read::moment_of(line, value));
        moments.map(|moment| self.instant(&moment)).collect()
    }

    /// The occurrence that a RECURRENCE-ID or EXDATE means.
    pub(super) fn instant(&self, moment: &Moment) -> Timestamp {
        self.object.recurrence_instant(moment, &Zone::utc())
    }

    /// An occurrence in the form of DTSTART.
    pub(super) fn moment(&self, recurrence: Timestamp) -> Moment {
        self.object.recurrence_moment(recurrence, &Zone::utc())
    }

    /// The occurrences of the series, those that EXDATE takes out left out.
    pub(super) fn instants(&self) -> Instants {
        let expansion = occurrences(&self.object.series_alone(), ALL_TIME, &Zone::utc(), &LIMITS);
        let found = expansion.occurrences.iter().map(|occurrence| occurrence.recurrence).collect();
        Instants { found, exceptions: self.exceptions(), is_complete: !expansion.truncated }
    }
}

/// The occurrences of a series as far as it is expanded.
pub(super) struct Instants {
    found: BTreeSet<Timestamp>,
    exceptions: BTreeSet<Timestamp>,
    is_complete: bool,
}

impl Instants {
    /// Whether the series has this occurrence. Where it was too long to be expanded the answer is yes.
    pub(super) fn has(&self, recurrence: Timestamp) -> bool {
        let is_beyond = !self.is_complete && self.found.last().is_none_or(|last| recurrence > *last);
        self.found.contains(&recurrence) || (is_beyond && !self.exceptions.contains(&recurrence))
    }

    /// Whether it has no occurrence that the other lacks. Where either was too long to be expanded the answer is no.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.is_complete && other.is_complete && self.found.is_subset(&other.found)
    }
}

/// A time of UTC as parameters and properties of ours write it.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    Moment::parse(text, None).map(|moment| Zone::utc().instant(moment.local()))
}

/// The same, written.
pub(super) fn instant_text(at: Timestamp) -> String {
    Moment::Utc(Zone::utc().local(at)).to_string()
}

fn key(object: &Object, component: &Component) -> Key {
    match &component.recurrence {
        None => Key::Master,
        Some(id) => Key::Occurrence(object.recurrence_instant(&id.moment, &Zone::utc())),
    }
}

fn people(document: &Document<'_>, component: &Component) -> People {
    let mut people = People::default();
    for (at, line) in document.own_lines(component.lines) {
        if line.is("ATTENDEE") {
            people.attendees.push(person(at, line));
        } else if line.is("ORGANIZER") && people.organizer.is_none() {
            people.organizer = Some(person(at, line));
        }
    }
    people
}

fn person(at: usize, line: &Line<'_>) -> Person {
    let attendee = read::attendee(line);
    let number = |name: &str| line.parameter_value(name).and_then(|value| value.trim().parse().ok());
    Person {
        line: at,
        address: normal(&attendee.address),
        by_server: line
            .parameter_value("SCHEDULE-AGENT")
            .is_none_or(|agent| agent.trim().eq_ignore_ascii_case("SERVER")),
        name: attendee.name,
        role: attendee.role,
        user_type: attendee.user_type,
        participation: attendee.participation,
        asked: number(ASKED).unwrap_or(0),
        replied: line.parameter_value(REPLIED).and_then(|value| instant(&value)),
        is_unasked: line.parameter(UNASKED).is_some(),
    }
}
