//! An Add or a Change of a whole event.

use calendar::edit::{self, Change, Field, Target};
use calendar::{Component, ComponentKind, End, Moment, Object, Rule, Zone, new_object};
use wbxml::page::calendar as page;

use super::new_times::{NewTimes, Wanted, zone_of};
use super::series;
use super::shown::{NewRule, Shown};
use super::whole_days::at_home;
use super::{Reader, Writer, change as changes, gathered, occurrence, parse, show};
use crate::convert::{Edit, rule};
use crate::item::calendar::{Event, Exception};
use crate::item::recurrence::Recurrence;
use crate::item::{Absence, ConversionError, Sent};
use crate::version::Version;

pub(super) const CANNOT_BE_CHANGED: ConversionError = ConversionError("the stored event cannot be changed");

/// A new event: its times first, then everything else as a change of it.
pub(super) fn create(sent: &Event, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    let reader = &writer.reader;
    let sent = &at_home(sent, None, reader);
    let wanted = Wanted::of_new(sent, reader.now)?;
    let zone = match sent.time_zone.value() {
        Some(blob) => zone_of(blob, Some(wanted.start), reader.zone, reader),
        None => reader.zone.clone(),
    };
    let span = wanted.new_span(&zone, reader);
    let uid = sent.uid.value().map(String::as_str).filter(|uid| !uid.trim().is_empty());
    let times = Change {
        start: Field::Set(span.start),
        end: Field::Set(span.end),
        zones: vec![zone],
        ..Change::default()
    };
    let draft = new_object(ComponentKind::Event, uid.unwrap_or(writer.uid), reader.now, &times)
        .map_err(|_| ConversionError("the event cannot be made"))?;
    // The times are there already; left in, they would only be compared with themselves.
    let rest = Event {
        time_zone: Sent::Absent,
        start_time: Sent::Absent,
        end_time: Sent::Absent,
        all_day: Sent::Absent,
        ..sent.clone()
    };
    change(&draft, &rest, writer)
}

/// A change of a stored event.
pub(super) fn change(old: &[u8], sent: &Event, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    let reader = &writer.reader;
    let object = parse(old)?;
    let component = show::main(&object)?;
    let sent = &at_home(sent, Some((component, &object)), reader);
    let shown = Shown::of(&object, component, sent, reader)?;
    let (bytes, moves) = match object.is_gathered() {
        true => (gathered::change(old, &object, (&shown.event, sent), writer)?, false),
        false => changed(old, (component, &object), &shown, sent, writer)?,
    };
    let is_unchanged = bytes == old;
    let repeated = shown.event.exceptions.value();
    let is_news = |exception: &&Exception| {
        // What an exception inherits is another thing once its series has changed.
        let inherits_nothing = is_unchanged || (exception.is_deleted && !moves);
        !inherits_nothing || !repeated.is_some_and(|all| all.contains(exception))
    };
    let exceptions: Vec<&Exception> = sent.exceptions.value().into_iter().flatten().filter(is_news).collect();
    occurrence::apply(bytes, &exceptions, writer)
}

/// All but the exceptions that are sent, and whether the series is elsewhere after that.
fn changed(
    old: &[u8],
    (component, object): (&Component, &Object),
    shown: &Shown<'_>,
    sent: &Event,
    writer: &Writer<'_>,
) -> Result<(Vec<u8>, bool), ConversionError> {
    let reader = &writer.reader;
    let absence = |tag| writer.supported.absence(tag, reader.version);
    let mut change = changes::properties(component, &shown.event, sent, absence, writer);
    let rule = shown.new_rule(recurrence_edit(&shown.event, sent, writer), sent);
    let becomes_series = matches!(rule, NewRule::Edit(Edit::Set(_))) && !component.is_recurring();
    let (before, after) = shown.times(&rule, sent)?;
    let times = NewTimes::of(component, object, (&before, &after), becomes_series, reader)?;
    // To a client that was shown a carrier RDATE is part of the rule.
    let loses_dates = match rule {
        NewRule::Edit(Edit::Clear) => true,
        NewRule::Edit(Edit::Set(_)) => shown.is_carried(),
        NewRule::Edit(Edit::Keep) | NewRule::LastDay(_) => false,
    };
    change.rule = new_rule(component, &times, rule, reader)?;
    let moves = times.differ() || change.rule != Field::Keep;
    times.apply(&mut change);
    let meeting = shown.event.meeting_status.value();
    change.next_sequence = moves && meeting.is_none_or(|meeting| !meeting.is_received);
    let ends_series = matches!(change.rule, Field::Clear);
    let mut bytes = edited(old, Target::Master, change, writer)?;
    if loses_dates && !component.dates.is_empty() {
        bytes = edit::drop_dates(&bytes).map_err(|_| CANNOT_BE_CHANGED)?;
    }
    if component.is_recurring() && moves {
        bytes = without_stale_exceptions(bytes, ends_series, writer)?;
    }
    Ok((bytes, moves))
}

/// Nothing but what differs, and stamps if anything does.
pub(super) fn edited(
    old: &[u8],
    target: Target<'_>,
    mut change: Change,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    if change == Change::default() {
        return Ok(old.to_vec());
    }
    change.stamp = Some(writer.reader.now);
    edit::change(old, target, &change).map_err(|_| CANNOT_BE_CHANGED)
}

/// DTSTAMP and LAST-MODIFIED of the series, after its exceptions have changed.
pub(super) fn stamped(bytes: &[u8], writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    edited(bytes, Target::Master, Change { stamp: Some(writer.reader.now), ..Change::default() }, writer)
}

/// Up to 14.1 a series becomes a single event by leaving Recurrence out, from 16.0 by an empty one (MS-ASCAL
/// R2180002). A change without its StartTime is no whole event and says nothing of the series.
fn recurrence_edit(shown: &Event, sent: &Event, writer: &Writer<'_>) -> Edit<Recurrence> {
    let absence = match sent.start_time {
        Sent::Value(_) => writer.supported.absence(page::RECURRENCE, writer.reader.version),
        Sent::Absent | Sent::Empty => Absence::Keep,
    };
    Edit::between(&shown.recurrence, sent.recurrence.clone(), absence)
}

/// A rule that says in other words what is stored is no other rule. A series that is moved to another time of day ends on
/// the same day: its UNTIL moves too.
fn new_rule(
    component: &Component,
    times: &NewTimes,
    wanted: NewRule,
    reader: &Reader<'_>,
) -> Result<Field<Rule>, ConversionError> {
    let old_start = component.start.as_ref().ok_or(ConversionError("an event without start"))?;
    let new_start = match &times.start {
        Field::Set(start) => start,
        Field::Keep | Field::Clear => old_start,
    };
    let clocks = if new_start.is_date() { reader.zone } else { &times.zone };
    let moved_end = |rule: &Rule| moved_end(rule, old_start, new_start, &times.zone);
    let stays = |rule: &Rule| match moved_end(rule) {
        end if new_start == old_start || end == rule.end => Field::Keep,
        end => Field::Set(Rule { end, ..rule.clone() }),
    };
    Ok(match (wanted, &component.rules[..]) {
        (NewRule::Edit(Edit::Set(recurrence)), old) => {
            let new = series::rule_from_wire(&recurrence, new_start, clocks);
            let first = new_start.local().date();
            match old {
                [old] if series::has_days_of(old, &recurrence, first) && moved_end(old) == new.end => {
                    stays(old)
                }
                _ => Field::Set(new),
            }
        }
        (NewRule::Edit(Edit::Clear), _) => Field::Clear,
        (NewRule::LastDay(day), [rule]) => {
            let end = End::Until(rule::until_of_day(day, new_start, &times.zone));
            Field::Set(Rule { end, ..rule.clone() })
        }
        (NewRule::Edit(Edit::Keep), [rule]) => stays(rule),
        (NewRule::Edit(Edit::Keep) | NewRule::LastDay(_), _) => Field::Keep,
    })
}

/// The end of a rule, as a series says it that begins at `new_start`.
fn moved_end(rule: &Rule, old_start: &Moment, new_start: &Moment, zone: &Zone) -> End {
    let End::Until(until) = &rule.end else { return rule.end.clone() };
    let day = match (until, old_start) {
        (Moment::Utc(_), Moment::Zoned { .. } | Moment::Utc(_)) => {
            zone.local(Zone::utc().instant(until.local())).date()
        }
        _ => until.local().date(),
    };
    End::Until(rule::until_of_day(day, new_start, zone))
}

/// From 16.0 a series that moves loses its exceptions (MS-ASCAL R2097, R2114, R2180, R2202). Before, those
/// stay whose occurrence is still there (R541); the others would be events of their own.
fn without_stale_exceptions(
    bytes: Vec<u8>,
    ends_series: bool,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let failed = |_| CANNOT_BE_CHANGED;
    let bare = edit::drop_exceptions(&bytes).map_err(failed)?;
    if ends_series || writer.reader.version >= Version::V16_0 {
        return Ok(bare);
    }
    let zone = writer.reader.zone;
    let (object, series) = (parse(&bytes)?, parse(&bare)?);
    let is_stale =
        |id: &&Moment| series::occurrence_at(&series, zone, object.recurrence_instant(id, zone)).is_none();
    let ids = object.overrides().filter_map(|component| Some(&component.recurrence.as_ref()?.moment));
    let stale: Vec<Moment> = ids.filter(is_stale).cloned().collect();
    if stale.is_empty() {
        return Ok(bytes);
    }
    edit::remove_overrides(&bytes, &stale).map_err(failed)
}

/// The series of an object.
pub(super) fn series_of(object: &Object) -> Result<&Component, ConversionError> {
    let series = object.master().filter(|master| master.is_recurring() && master.start.is_some());
    series.ok_or(ConversionError("not an occurrence of a series"))
}
