//! Changes of single occurrences: Exceptions up to 14.1, InstanceId from 16.0.

use calendar::edit::{self, Change, EditError};
use calendar::{Component, Moment, Object, Zone};
use vocabulary::Timestamp;

use super::days::Days;
use super::new_times::NewTimes;
use super::overlay::overlay;
use super::series::{self, Series};
use super::whole_days::occurrence_at_home;
use super::write::{CANNOT_BE_CHANGED, series_of, stamped};
use super::{Reader, Writer, change, exception, parse, read_back, show, times};
use crate::item::calendar::{Event, Exception};
use crate::item::{Absence, ConversionError, Sent};

/// Largest object that changed occurrences may make, in bytes: each of them says again what its series says, a phone may
/// send 256 at once, and what it was told of a series it sends in a few bytes.
const OBJECT_BYTES_MAX: usize = 2 << 20;

/// The Exceptions of a request: each says all that its occurrence has of its own. One that names no occurrence of the
/// series changes nothing; of several for the same the last counts.
pub(super) fn apply(
    old: Vec<u8>,
    sent: &[&Exception],
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    if sent.is_empty() {
        return Ok(old);
    }
    let object = parse(&old)?;
    let series = Occurrences::of(&object, &writer.reader)?;
    let mut wanted: Vec<(Occurrence<'_>, &Exception)> = Vec::new();
    for exception in sent {
        let Some(occurrence) = series.find(exception.original_start)? else { continue };
        wanted.retain(|(other, _)| other.id != occurrence.id);
        wanted.push((occurrence, exception));
    }
    let mut edits = Edits::default();
    for (occurrence, exception) in wanted {
        if occurrence.shown.as_ref() == Some(exception) {
            continue;
        }
        if exception.is_deleted {
            edits.delete(&occurrence);
        } else {
            let after = overlay(&exception.event, &occurrence.regular());
            let after = Event { body: exception.event.body.clone(), ..after };
            edits.changed.push((occurrence, after));
        }
    }
    edits.apply(old, &object, writer)
}

/// A Change with InstanceId.
pub(super) fn change_instance(
    old: &[u8],
    instance: Timestamp,
    sent: &Event,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let object = parse(old)?;
    let series = Occurrences::of(&object, &writer.reader)?;
    let occurrence = series.existing(instance)?;
    let before = occurrence.effective();
    let is_all_day = before.all_day == Sent::Value(true);
    let sent = occurrence_at_home(sent, is_all_day, &series.zone(), &writer.reader);
    let after = Event { body: sent.body.clone(), ..overlay(&sent, &before) };
    Edits { deleted: Vec::new(), changed: vec![(occurrence, after)] }.apply(old.to_vec(), &object, writer)
}

/// A Delete with InstanceId.
pub(super) fn delete_instance(
    old: &[u8],
    instance: Timestamp,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let object = parse(old)?;
    let series = Occurrences::of(&object, &writer.reader)?;
    let mut edits = Edits::default();
    edits.delete(&series.existing(instance)?);
    edits.apply(old.to_vec(), &object, writer)
}

/// What is wanted of the occurrences of one object, done at once: the work does not grow with their number times the
/// size of the object.
#[derive(Default)]
struct Edits<'a> {
    deleted: Vec<Moment>,
    /// With what they are to be; the notes, which are compared by themselves, as they were sent.
    changed: Vec<(Occurrence<'a>, Event)>,
}

impl<'a> Edits<'a> {
    fn delete(&mut self, occurrence: &Occurrence<'_>) {
        if !occurrence.was_deleted() {
            self.deleted.push(occurrence.id.clone());
        }
    }

    fn apply(self, old: Vec<u8>, object: &Object, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
        let bytes = match object.is_gathered() {
            _ if self.deleted.is_empty() => old,
            true if self.deleted.len() == object.overrides().count() => {
                return Err(ConversionError("no occurrence would be left"));
            }
            true => edit::remove_overrides(&old, &self.deleted).map_err(failed)?,
            false => stamped(&edit::add_exceptions(&old, &self.deleted).map_err(failed)?, writer)?,
        };
        if self.changed.is_empty() {
            return Ok(bytes);
        }
        let with_own = with_own_components(&bytes, self.changed.iter().map(|(one, _)| one))?;
        let object = parse(&with_own)?;
        let wanted = self.changed.len();
        let mut differing = Vec::new();
        for (occurrence, after) in self.changed {
            let change = occurrence.change(after, &object, writer)?;
            let is_like_series = change == Change::default();
            if occurrence.has_override || occurrence.was_deleted() || !is_like_series {
                differing.push((occurrence, change));
            }
        }
        let with_own = match differing.len() == wanted {
            true => with_own,
            false => with_own_components(&bytes, differing.iter().map(|(one, _)| one))?,
        };
        let stamp = |change| Change { stamp: Some(writer.reader.now), ..change };
        let changes: Vec<(Moment, Change)> = differing
            .into_iter()
            .filter(|(_, change)| *change != Change::default())
            .map(|(occurrence, change)| (occurrence.id, stamp(change)))
            .collect();
        if changes.is_empty() {
            return Ok(with_own);
        }
        edit::change_overrides(&with_own, &changes).map_err(failed)
    }
}

fn failed(error: EditError) -> ConversionError {
    match error {
        EditError::TooLarge => ConversionError("the changed occurrences would be too large"),
        _ => CANNOT_BE_CHANGED,
    }
}

fn with_own_components<'o, 'a: 'o>(
    bytes: &[u8],
    occurrences: impl Iterator<Item = &'o Occurrence<'a>>,
) -> Result<Vec<u8>, ConversionError> {
    let new = occurrences.filter(|occurrence| !occurrence.has_override);
    let new: Vec<Moment> = new.map(|occurrence| occurrence.id.clone()).collect();
    if new.is_empty() {
        return Ok(bytes.to_vec());
    }
    edit::add_overrides(bytes, &new, OBJECT_BYTES_MAX).map_err(failed)
}

/// Where a series has an occurrence.
struct Place {
    /// Its RECURRENCE-ID.
    id: Moment,
    /// When it begins and ends on the wire if nothing has changed it.
    times: (Timestamp, Timestamp),
    /// How it differs from the series.
    exception: Option<Exception>,
    /// RDATE gives it an end, which a copy of the series does not have.
    has_own_end: bool,
}

impl Place {
    /// In a series that is shown by its rule an occurrence is known by its start.
    fn by_start(
        original_start: Timestamp,
        (object, master, series): (&Object, &Component, &Event),
        reader: &Reader<'_>,
    ) -> Result<Option<Self>, ConversionError> {
        let id = series::id_from_wire(original_start, master, object, reader.zone);
        let instant = object.recurrence_instant(&id, reader.zone);
        let exception = exception::at(object, master, series, original_start, reader)?;
        let is_there = exception.is_some()
            || object.override_at(instant, reader.zone).is_some()
            || series::occurrence_at(object, reader.zone, instant).is_some();
        let times = (original_start, times::end_at(series, original_start, reader));
        Ok(is_there.then_some(Self { id, times, exception, has_own_end: false }))
    }

    /// In one that is shown by a carrier it is known by its day.
    fn by_day(
        slot: Timestamp,
        days: &Days<'_>,
        (object, series): (&Object, &Event),
        reader: &Reader<'_>,
    ) -> Result<Option<Self>, ConversionError> {
        let day = days.day_from_wire(slot);
        let Some(instance) = days.on(day) else { return Ok(None) };
        Ok(Some(Self {
            id: object.recurrence_moment(instance.recurrence, reader.zone),
            times: days.regular_times(day, &instance, series),
            exception: days.exception(day, &instance, series)?,
            has_own_end: days.has_own_end(&instance),
        }))
    }
}

/// The occurrences of a series, as a client knows them.
struct Occurrences<'a> {
    object: &'a Object,
    master: &'a Component,
    reader: &'a Reader<'a>,
    /// What the series is.
    series: Event,
    /// The same as the client reads it.
    read: Event,
    /// If it is shown by a carrier.
    days: Option<Days<'a>>,
}

impl<'a> Occurrences<'a> {
    fn of(object: &'a Object, reader: &'a Reader<'a>) -> Result<Self, ConversionError> {
        let master = series_of(object)?;
        let series = show::properties(master, object, reader)?;
        let read = read_back(&series, reader.version);
        let days = match Series::of(master, object, reader) {
            Series::Unsayable => Days::of(object, master, reader),
            Series::Single | Series::Recurring(_) => None,
        };
        Ok(Self { object, master, reader, series, read, days })
    }

    /// Its clocks.
    fn zone(&self) -> Zone {
        show::clocks(self.master, self.object, self.reader)
    }

    fn find(&self, original_start: Timestamp) -> Result<Option<Occurrence<'_>>, ConversionError> {
        let (object, series) = (self.object, &self.series);
        let place = match &self.days {
            Some(days) => Place::by_day(original_start, days, (object, series), self.reader)?,
            None => Place::by_start(original_start, (object, self.master, series), self.reader)?,
        };
        let Some(Place { id, times, exception, has_own_end }) = place else { return Ok(None) };
        let instant = self.object.recurrence_instant(&id, self.reader.zone);
        let own = self.object.override_at(instant, self.reader.zone);
        let has_override = own.is_some();
        let id = own.and_then(|own| own.recurrence.as_ref()).map_or(id, |id| id.moment.clone());
        let exceptions = exception.map_or(Sent::Absent, |exception| Sent::Value(vec![exception]));
        let alone = read_back(&Event { exceptions, ..Event::default() }, self.reader.version);
        let shown = alone.exceptions.value().and_then(|exceptions| exceptions.first().cloned());
        Ok(Some(Occurrence { id, shown, series: &self.read, times, has_override, has_own_end }))
    }

    fn existing(&self, instance: Timestamp) -> Result<Occurrence<'_>, ConversionError> {
        self.find(instance)?.ok_or(ConversionError("InstanceId names no occurrence"))
    }
}

/// One occurrence of a series.
struct Occurrence<'a> {
    /// Its RECURRENCE-ID.
    id: Moment,
    /// As the client was shown it, if it differs from the series.
    shown: Option<Exception>,
    series: &'a Event,
    /// When it begins and ends if nothing has changed it.
    times: (Timestamp, Timestamp),
    /// Whether it has a component of its own.
    has_override: bool,
    /// RDATE gives it an end, which a copy of the series does not have.
    has_own_end: bool,
}

impl Occurrence<'_> {
    /// As the series has it.
    fn regular(&self) -> Event {
        let (start, end) = self.times;
        Event {
            start_time: Sent::Value(start),
            end_time: Sent::Value(end),
            ..overlay(&Event::default(), self.series)
        }
    }

    /// As it is now.
    fn effective(&self) -> Event {
        let own = self.shown.as_ref().map(|exception| &exception.event);
        overlay(own.unwrap_or(&Event::default()), &self.regular())
    }

    fn was_deleted(&self) -> bool {
        self.shown.as_ref().is_some_and(|exception| exception.is_deleted)
    }

    /// What makes it `after`, in an object where it has a component of its own.
    fn change(&self, after: Event, object: &Object, writer: &Writer<'_>) -> Result<Change, ConversionError> {
        let component = self.component(object, writer)?;
        let effective = self.effective();
        let mut change = change::properties(component, &effective, &after, |_| Absence::Clear, writer);
        let before = self.times_before(component, object, effective, writer)?;
        NewTimes::of(component, object, (&before, &after), false, &writer.reader)?.apply(&mut change);
        Ok(change)
    }

    /// The times that a change is compared with: a copy of the series has its length, whatever RDATE says.
    fn times_before(
        &self,
        component: &Component,
        object: &Object,
        effective: Event,
        writer: &Writer<'_>,
    ) -> Result<Event, ConversionError> {
        if self.has_override || !self.has_own_end {
            return Ok(effective);
        }
        let copied = show::properties(component, object, &writer.reader)?;
        Ok(Event { start_time: copied.start_time, end_time: copied.end_time, ..effective })
    }

    fn component<'a>(
        &self,
        object: &'a Object,
        writer: &Writer<'_>,
    ) -> Result<&'a Component, ConversionError> {
        let instant = object.recurrence_instant(&self.id, writer.reader.zone);
        let found = object.override_at(instant, writer.reader.zone);
        found.ok_or(ConversionError("the occurrence has no component"))
    }
}
