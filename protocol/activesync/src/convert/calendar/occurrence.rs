//! Changes of single occurrences: Exceptions up to 14.1, InstanceId from 16.0.

use calendar::edit::{self, Change, Target};
use calendar::{Component, Moment, Object};
use vocabulary::Timestamp;

use super::days::Days;
use super::new_times::NewTimes;
use super::overlay::overlay;
use super::series::{self, Series};
use super::whole_days::occurrence_at_home;
use super::write::{edited, series_of, stamped};
use super::{Reader, Writer, change, exception, parse, read_back, show, times};
use crate::item::calendar::{Event, Exception};
use crate::item::{Absence, ConversionError, Sent};

/// One of the Exceptions of a request: it says all that its occurrence has of its own. One that names no
/// occurrence of the series changes nothing.
pub(super) fn apply(old: Vec<u8>, sent: &Exception, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    let object = parse(&old)?;
    let Some(occurrence) = Occurrence::find(&object, sent.original_start, writer)? else { return Ok(old) };
    if occurrence.shown.as_ref() == Some(sent) {
        return Ok(old);
    }
    if sent.is_deleted {
        return occurrence.delete(old, writer);
    }
    let wanted = overlay(&sent.event, &occurrence.regular);
    occurrence.change(&old, &sent.event, wanted, writer)
}

/// A Change with InstanceId.
pub(super) fn change_instance(
    old: &[u8],
    instance: Timestamp,
    sent: &Event,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let object = parse(old)?;
    let occurrence = existing(&object, instance, writer)?;
    let effective = occurrence.effective();
    let zone = show::clocks(series_of(&object)?, &object, &writer.reader);
    let is_all_day = effective.all_day == Sent::Value(true);
    let sent = occurrence_at_home(sent, is_all_day, &zone, &writer.reader);
    let wanted = overlay(&sent, &effective);
    occurrence.change(old, &sent, wanted, writer)
}

/// A Delete with InstanceId.
pub(super) fn delete_instance(
    old: &[u8],
    instance: Timestamp,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let object = parse(old)?;
    existing(&object, instance, writer)?.delete(old.to_vec(), writer)
}

fn existing(
    object: &Object,
    instance: Timestamp,
    writer: &Writer<'_>,
) -> Result<Occurrence, ConversionError> {
    let occurrence = Occurrence::find(object, instance, writer)?;
    occurrence.ok_or(ConversionError("InstanceId names no occurrence"))
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
        (object, master, series): (&Object, &Component, &Event),
        reader: &Reader<'_>,
    ) -> Result<Option<Self>, ConversionError> {
        let Some(days) = Days::of(object, master, reader) else { return Ok(None) };
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

/// One occurrence of a series.
struct Occurrence {
    /// Its RECURRENCE-ID.
    id: Moment,
    /// As the client was shown it, if it differs from the series.
    shown: Option<Exception>,
    /// As the series has it.
    regular: Event,
    /// Whether it has a component of its own.
    has_override: bool,
    /// RDATE gives it an end, which a copy of the series does not have.
    has_own_end: bool,
}

impl Occurrence {
    fn find(
        object: &Object,
        original_start: Timestamp,
        writer: &Writer<'_>,
    ) -> Result<Option<Self>, ConversionError> {
        let reader = &writer.reader;
        let master = series_of(object)?;
        let series = show::properties(master, object, reader)?;
        let all = (object, master, &series);
        let place = match Series::of(master, object, reader) {
            Series::Unsayable => Place::by_day(original_start, all, reader)?,
            Series::Single | Series::Recurring(_) => Place::by_start(original_start, all, reader)?,
        };
        let Some(Place { id, times: (start, end), exception, has_own_end }) = place else { return Ok(None) };
        let instant = object.recurrence_instant(&id, reader.zone);
        let has_override = object.override_at(instant, reader.zone).is_some();
        let exceptions = exception.map_or(Sent::Absent, |exception| Sent::Value(vec![exception]));
        let event = read_back(&Event { exceptions, ..series }, reader.version);
        let shown = event.exceptions.value().and_then(|exceptions| exceptions.first().cloned());
        let regular = Event { start_time: Sent::Value(start), end_time: Sent::Value(end), ..event };
        Ok(Some(Self { id, shown, regular, has_override, has_own_end }))
    }

    /// As it is now.
    fn effective(&self) -> Event {
        let own = self.shown.as_ref().map(|exception| &exception.event);
        overlay(own.unwrap_or(&Event::default()), &self.regular)
    }

    fn was_deleted(&self) -> bool {
        self.shown.as_ref().is_some_and(|exception| exception.is_deleted)
    }

    fn delete(&self, old: Vec<u8>, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
        let failed = |_| ConversionError("the stored event cannot be changed");
        if self.was_deleted() {
            return Ok(old);
        }
        let bytes = edit::add_exception(&old, &self.id).map_err(failed)?;
        stamped(&bytes, writer)
    }

    /// `own` is what was sent, for the notes, which are compared by themselves.
    fn change(
        &self,
        old: &[u8],
        own: &Event,
        wanted: Event,
        writer: &Writer<'_>,
    ) -> Result<Vec<u8>, ConversionError> {
        let failed = |_| ConversionError("the stored event cannot be changed");
        let was_deleted = self.was_deleted();
        let effective = self.effective();
        let wanted = Event { body: own.body.clone(), ..wanted };
        let with_override = match self.has_override {
            true => old.to_vec(),
            false => edit::add_override(old, &self.id).map_err(failed)?,
        };
        let object = parse(&with_override)?;
        let component = self.component(&object, writer)?;
        let mut change = change::properties(component, &effective, &wanted, |_| Absence::Clear, writer);
        let before = self.times_before(component, &object, effective, writer)?;
        let times = NewTimes::of(component, &object, (&before, &wanted), false, &writer.reader)?;
        times.apply(&mut change);
        let is_like_series = change == Change::default();
        if !self.has_override && is_like_series && !was_deleted {
            return Ok(old.to_vec()); // it is like its series
        }
        edited(&with_override, Target::Occurrence(&self.id), change, writer)
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
