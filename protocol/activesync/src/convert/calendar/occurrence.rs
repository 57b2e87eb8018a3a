//! Changes of single occurrences: Exceptions up to 14.1, InstanceId from 16.0.

use calendar::edit::{self, Change, Target};
use calendar::{Component, Moment, Object};
use chrono::NaiveTime;
use vocabulary::Timestamp;

use super::new_times::NewTimes;
use super::overlay::overlay;
use super::write::{edited, series_of, stamped};
use super::{Reader, Writer, change, parse, read_back, series, show};
use crate::item::calendar::{Event, Exception};
use crate::item::{Absence, ConversionError, Sent};
use crate::version::Version;

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
    let wanted = overlay(sent, &occurrence.effective());
    occurrence.change(old, sent, wanted, writer)
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

/// A series that cannot be said is shown as its next occurrence. What the client changes of its times is that
/// occurrence; everything else is the series.
pub(super) fn change_unsayable(
    old: &[u8],
    object: &Object,
    (shown, sent): (&Event, &Event),
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let component = show::main(object)?;
    let absence = |tag| writer.supported.absence(tag, writer.reader.version);
    let change = change::properties(component, shown, sent, absence, writer);
    let bytes = edited(old, Target::Master, change, writer)?;
    let (Some(start), Some(shown_start)) = (sent.start_time.value(), shown.start_time.value()) else {
        return Ok(bytes);
    };
    let was_shown_before = series::occurrence_at(object, writer.reader.zone, *start).is_some();
    let is_same_length = sent.end_time == shown.end_time || was_shown_before;
    if (start == shown_start && is_same_length) || was_shown_before {
        return Ok(bytes);
    }
    let times =
        Event { start_time: sent.start_time.clone(), end_time: sent.end_time.clone(), ..Event::default() };
    change_instance(&bytes, *shown_start, &times, writer)
}

fn existing(
    object: &Object,
    instance: Timestamp,
    writer: &Writer<'_>,
) -> Result<Occurrence, ConversionError> {
    let occurrence = Occurrence::find(object, instance, writer)?;
    occurrence.ok_or(ConversionError("InstanceId names no occurrence"))
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
}

impl Occurrence {
    fn find(
        object: &Object,
        original_start: Timestamp,
        writer: &Writer<'_>,
    ) -> Result<Option<Self>, ConversionError> {
        let reader = &writer.reader;
        let master = series_of(object)?;
        let event = read_back(&show::event(object, reader)?, reader.version);
        let id = series::id_from_wire(original_start, master, object, reader.zone);
        let instant = object.recurrence_instant(&id, reader.zone);
        let shown = event.exceptions.value().and_then(|exceptions| {
            exceptions.iter().find(|exception| exception.original_start == original_start).cloned()
        });
        let has_override = object.override_at(instant, reader.zone).is_some();
        let is_there =
            shown.is_some() || has_override || series::occurrence_at(object, reader.zone, instant).is_some();
        if !is_there {
            return Ok(None);
        }
        let end = match (event.start_time.value(), event.end_time.value()) {
            (Some(start), Some(end)) if by_midnights(&event, reader) => {
                let day = |at: Timestamp| reader.zone.local(at).date();
                let last = day(original_start) + (day(*end) - day(*start));
                reader.zone.instant(last.and_time(NaiveTime::MIN))
            }
            (Some(start), Some(end)) => {
                Timestamp(original_start.0.saturating_add(end.0.saturating_sub(start.0)))
            }
            _ => original_start,
        };
        let regular = Event { start_time: Sent::Value(original_start), end_time: Sent::Value(end), ..event };
        Ok(Some(Self { id, shown, regular, has_override }))
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
        let times = NewTimes::of(component, &object, (&effective, &wanted), false, &writer.reader)?;
        times.apply(&mut change);
        let is_like_series = change == Change::default();
        if !self.has_override && is_like_series && !was_deleted {
            return Ok(old.to_vec()); // it is like its series
        }
        edited(&with_override, Target::Occurrence(&self.id), change, writer)
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

/// Up to 14.1 whole days are said by the moments of their midnights, and a day may have 23 or 25 hours.
fn by_midnights(event: &Event, reader: &Reader<'_>) -> bool {
    reader.version < Version::V16_0 && event.all_day == Sent::Value(true)
}
