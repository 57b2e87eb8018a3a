//! A calendar object resource: all that is said of one UID (RFC 4791 section 4.1).

use std::collections::BTreeMap;

use chrono::NaiveTime;
use content_line::Document;
use vocabulary::Timestamp;

use crate::component::{Component, ExtraDate};
use crate::term::ComponentKind;
use crate::zone::Zone;
use crate::{Invalid, Moment, read};

/// One event, task or journal entry with its changed occurrences and its time zones.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// METHOD, which no stored object may have.
    pub method: Option<String>,
    /// The components, as they stand in the object; never empty.
    pub components: Vec<Component>,
    /// What each TZID that occurs means; `None` if nobody knows.
    zones: Vec<(String, Option<Zone>)>,
    /// Where the component stands that is the whole.
    master: Option<usize>,
}

impl Object {
    /// Reads the bytes. A property that cannot be read is left out of the view; its line stays in the bytes.
    ///
    /// # Errors
    /// If there is no VCALENDAR with a component of a known kind, or a limit is exceeded.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        read::object(&Document::parse(bytes)?)
    }

    pub(crate) fn new(
        method: Option<String>,
        components: Vec<Component>,
        zones: Vec<(String, Option<Zone>)>,
    ) -> Self {
        let master = components.iter().position(|component| component.recurrence.is_none());
        Self { method, components, zones, master }
    }

    /// The series without its changed occurrences.
    pub(crate) fn series_alone(&self) -> Self {
        Self::new(None, self.master().cloned().into_iter().collect(), self.zones.clone())
    }

    /// Several single occurrences of a series that is not there (RFC 4791 section 4.1), and a master for them: a series of
    /// just these, which says what the first of them says. `None` if there is a master already, or only one occurrence.
    #[must_use]
    pub fn gathered(&self) -> Option<Self> {
        if self.master.is_some() {
            return None;
        }
        let known = |component: &Component| {
            let id = component.recurrence.as_ref()?.moment.clone();
            Some((self.instant(&id, &Zone::utc()), id))
        };
        let mut ids: BTreeMap<Timestamp, (Moment, &Component)> = BTreeMap::new();
        for component in &self.components {
            if let Some((at, id)) = known(component) {
                ids.entry(at).or_insert((id, component));
            }
        }
        let mut ids = ids.into_values();
        let (start, first) = ids.next()?;
        let dates: Vec<ExtraDate> = ids.map(|(start, _)| ExtraDate { start, end: None }).collect();
        if dates.is_empty() {
            return None;
        }
        let own_start = first.start.as_ref().filter(|own| own.is_date() == start.is_date());
        let shift = own_start.map(|own| start.local() - own.local());
        let end = first.end.as_ref().zip(shift).and_then(|(end, shift)| {
            end.local().checked_add_signed(shift).map(|local| end.with_local(local))
        });
        let master = Component {
            recurrence: None,
            duration: first.duration.filter(|_| shift.is_some()),
            start: Some(start),
            end,
            rules: Vec::new(),
            dates,
            exceptions: Vec::new(),
            ..first.clone()
        };
        let components = self.components.iter().cloned().chain([master]).collect();
        Some(Self::new(self.method.clone(), components, self.zones.clone()))
    }

    /// Whether its master is only there because it was [`gathered`](Self::gathered).
    #[must_use]
    pub fn is_gathered(&self) -> bool {
        self.master().is_some_and(|master| self.overrides().any(|one| one.lines == master.lines))
    }

    /// The kind of its first component.
    #[must_use]
    pub fn kind(&self) -> ComponentKind {
        self.components.first().map_or(ComponentKind::Event, |component| component.kind)
    }

    /// The UID of its first component.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.components.first()?.uid.as_deref()
    }

    /// The component that stands for the whole: the first without RECURRENCE-ID. An invitation to single occurrences
    /// has none.
    #[must_use]
    pub fn master(&self) -> Option<&Component> {
        self.components.get(self.master?)
    }

    /// The components that stand for one occurrence.
    pub fn overrides(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|component| component.recurrence.is_some())
    }

    /// The component for the occurrence that would begin at `recurrence`; `floating` places floating times and dates.
    #[must_use]
    pub fn override_at(&self, recurrence: Timestamp, floating: &Zone) -> Option<&Component> {
        self.overrides().find(|component| {
            component
                .recurrence
                .as_ref()
                .is_some_and(|id| self.recurrence_instant(&id.moment, floating) == recurrence)
        })
    }

    /// What a TZID of this object means: the zone that its name means to everybody, else what its VTIMEZONE says, as
    /// the zone of the database with the same rules if there is one. `None`: unknown and not defined.
    #[must_use]
    pub fn zone(&self, tzid: &str) -> Option<&Zone> {
        self.zones.iter().find(|(known, _)| known == tzid)?.1.as_ref()
    }

    /// The TZIDs that occur and have a meaning, each with its zone.
    pub(crate) fn zones(&self) -> impl Iterator<Item = (&str, &Zone)> {
        self.zones.iter().filter_map(|(name, zone)| Some((name.as_str(), zone.as_ref()?)))
    }

    /// The zone of a moment. Floating times, dates and times of a zone that nobody knows are in `floating`: whoever
    /// wrote "9 o'clock" under a name of their own most likely lives where the reader lives.
    #[must_use]
    pub fn zone_of<'a>(&'a self, moment: &Moment, floating: &'a Zone) -> &'a Zone {
        static UTC: Zone = Zone::utc();
        match moment {
            Moment::Utc(_) => &UTC,
            Moment::Zoned { tzid, .. } => self.zone(tzid).unwrap_or(floating),
            Moment::Date(_) | Moment::Floating(_) => floating,
        }
    }

    /// When a moment is; a date is its midnight.
    #[must_use]
    pub fn instant(&self, moment: &Moment, floating: &Zone) -> Timestamp {
        self.zone_of(moment, floating).instant(moment.local())
    }

    /// The occurrence that a RECURRENCE-ID or EXDATE means. RFC 5545 section 3.8.4.4 wants the form of DTSTART; where
    /// a client writes another one, its date or its time is taken for the series.
    #[must_use]
    pub fn recurrence_instant(&self, id: &Moment, floating: &Zone) -> Timestamp {
        let Some(anchor) = self.master().and_then(Component::anchor) else {
            return self.instant(id, floating);
        };
        match id {
            _ if anchor.is_date() => floating.instant(id.local().date().and_time(NaiveTime::MIN)),
            Moment::Date(date) => {
                self.instant(&anchor.with_local(date.and_time(anchor.local().time())), floating)
            }
            Moment::Floating(local) => self.instant(&anchor.with_local(*local), floating),
            Moment::Utc(_) | Moment::Zoned { .. } => self.instant(id, floating),
        }
    }

    /// The occurrence as RECURRENCE-ID and EXDATE name it, in the form of DTSTART.
    #[must_use]
    pub fn recurrence_moment(&self, recurrence: Timestamp, floating: &Zone) -> Moment {
        match self.master().and_then(Component::anchor) {
            Some(anchor) => anchor.with_local(self.zone_of(anchor, floating).local(recurrence)),
            None => Moment::Utc(Zone::utc().local(recurrence)),
        }
    }
}
