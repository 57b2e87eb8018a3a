//! What a client was shown before it changed the whole event, and what its change means for a series that it knows by a
//! carrier: rule and days stay, unless it wants another rule, no rule, or an earlier end.

use calendar::{Component, Object};
use chrono::NaiveDate;
use vocabulary::Timestamp;

use super::carrier::{Carrier, nth_slot};
use super::days::{Days, month_begin};
use super::new_times::Wanted;
use super::series::{self, Series};
use super::{Reader, read_back, show, times};
use crate::convert::Edit;
use crate::convert::span::plus_days;
use crate::item::calendar::Event;
use crate::item::recurrence::{End, Recurrence};
use crate::item::{ConversionError, Sent};
use crate::version::Version;

/// A client is told again when a month has passed; who has not asked since then may have older views, so many months
/// old.
const MONTHS_KEPT: u32 = 4;

/// What becomes of the rule.
pub(super) enum NewRule {
    /// What the client says.
    Edit(Edit<Recurrence>),
    /// It stays, and ends on this day.
    LastDay(NaiveDate),
}

/// What the client was shown.
pub(super) struct Shown<'a> {
    pub(super) event: Event,
    object: &'a Object,
    component: &'a Component,
    reader: &'a Reader<'a>,
    /// If it was shown by a carrier.
    days: Option<Days<'a>>,
}

impl<'a> Shown<'a> {
    /// The view of this month, or that of a month before if this is what the client repeats.
    pub(super) fn of(
        object: &'a Object,
        component: &'a Component,
        sent: &Event,
        reader: &'a Reader<'a>,
    ) -> Result<Self, ConversionError> {
        let mut view = View::of(object, component, reader)?;
        let ages = view.is_carried || !component.dates.is_empty();
        if ages && !view.is_repeated_by(sent) {
            view = earlier(object, component, sent, reader)?.unwrap_or(view);
        }
        let days = if view.is_carried { Days::of(object, component, reader) } else { None };
        Ok(Self { event: view.event, object, component, reader, days })
    }

    pub(super) fn is_carried(&self) -> bool {
        self.days.is_some()
    }

    /// What an edit of the recurrence that was shown means for the rule that is stored. Another end of the carrier is
    /// one of the series if it comes before the last day that was told; a later one says nothing that was not known.
    pub(super) fn new_rule(&self, edit: Edit<Recurrence>, sent: &Event) -> NewRule {
        let (Some(days), Some(shown)) = (&self.days, self.event.recurrence.value()) else {
            return NewRule::Edit(edit);
        };
        match edit {
            Edit::Set(wanted) if (wanted.pattern, wanted.interval) == (shown.pattern, shown.interval) => {
                let last = self.earlier_last_day(days, shown, &wanted, sent);
                last.map_or(NewRule::Edit(Edit::Keep), NewRule::LastDay)
            }
            edit => NewRule::Edit(edit),
        }
    }

    fn earlier_last_day(
        &self,
        days: &Days<'_>,
        shown: &Recurrence,
        wanted: &Recurrence,
        sent: &Event,
    ) -> Option<NaiveDate> {
        let start = self.component.start.as_ref()?;
        let shown_start = self.event.start_time.value()?;
        let last_day = |recurrence: &Recurrence, first: &Timestamp| match recurrence.end {
            End::Never => None,
            End::Until(until) => Some(series::until_day(until, start, days.zone())),
            End::Occurrences(count) => nth_slot(shown.pattern, days.day_from_wire(*first), count),
        };
        let last = last_day(wanted, sent.start_time.value().unwrap_or(shown_start))?;
        let is_earlier = last < last_day(shown, shown_start)? && !self.was_told_last(last);
        (is_earlier && days.can_end_on(last)).then_some(last)
    }

    /// Whether it was the last day in one of the months before. A client may repeat by its day an end that it was told by
    /// a number; nobody means to end a series there.
    fn was_told_last(&self, day: NaiveDate) -> bool {
        (1..=MONTHS_KEPT).any(|months_before| {
            let reader = Reader { now: month_begin(self.reader.now, months_before), ..*self.reader };
            let days = Days::of(self.object, self.component, &reader);
            days.is_some_and(|days| Carrier::of(&days).last() == day)
        })
    }

    /// The times that the client was shown and those that it sends, as they concern what is stored: the slots of a
    /// carrier are not the times of its series.
    pub(super) fn times(&self, rule: &NewRule, sent: &Event) -> Result<(Event, Event), ConversionError> {
        let Some(days) = &self.days else { return Ok((self.event.clone(), sent.clone())) };
        let own = show::properties(self.component, self.object, self.reader)?;
        let stored = Event { start_time: own.start_time, end_time: own.end_time, ..self.event.clone() };
        let said = match rule {
            NewRule::Edit(Edit::Keep) | NewRule::LastDay(_) => self.on_its_days(days, &stored, sent),
            NewRule::Edit(Edit::Set(_) | Edit::Clear) => self.anew(sent),
        };
        Ok((stored, said))
    }

    /// What begins anew begins where the client sees it begin.
    fn anew(&self, sent: &Event) -> Event {
        if sent.start_time.value().is_some() || sent.end_time.value().is_some() {
            return sent.clone();
        }
        let Event { start_time, end_time, .. } = &self.event;
        Event { start_time: start_time.clone(), end_time: end_time.clone(), ..sent.clone() }
    }

    /// A series that stays on its days takes another time of day and another length. It takes no other days, which its
    /// rules have, and no other clocks.
    fn on_its_days(&self, days: &Days<'_>, stored: &Event, sent: &Event) -> Event {
        let all_day = self.event.all_day == Sent::Value(true);
        let Some((start, end)) = self.span(sent) else {
            return Event { end_time: sent.end_time.clone(), ..Event::default() };
        };
        if sent.all_day.value().is_some_and(|wanted| *wanted != all_day) {
            return Event::default();
        }
        let (Sent::Value(own_start), Sent::Value(own_end)) = (&stored.start_time, &stored.end_time) else {
            return Event::default();
        };
        let said = |start, end| Event {
            start_time: Sent::Value(start),
            end_time: Sent::Value(end),
            ..Event::default()
        };
        if end < start {
            return said(start, end); // refused as ever
        }
        if all_day {
            let count = |(start, end)| day_count(start, end, self.reader);
            let wanted = count((start, end));
            let is_same = self.span(&self.event).map(count) == Some(wanted);
            let last =
                times::day_to_wire(plus_days(days.first(), wanted), self.reader.zone, self.reader.version);
            return said(*own_start, if is_same { *own_end } else { last });
        }
        let is_slot = days.slot(days.day_from_wire(start)) == start;
        let new_start = match is_slot || !days.can_move() {
            true => *own_start,
            false => days.zone().instant(days.first().and_time(days.zone().local(start).time())),
        };
        said(new_start, Timestamp(new_start.0.saturating_add(end.0.saturating_sub(start.0))))
    }

    /// Start and end of an event that has a start; the end of what was shown moves with it.
    fn span(&self, event: &Event) -> Option<(Timestamp, Timestamp)> {
        let start = *event.start_time.value()?;
        let end = event.end_time.value().copied();
        Some((start, end.unwrap_or_else(|| times::end_at(&self.event, start, self.reader))))
    }
}

/// Whether a client that has sent this of a stored event now believes what is shown of it. Only a carrier makes a
/// difference: it is told again to a client that has changed its slots.
pub(super) fn is_as_sent(
    object: &Object,
    sent: &Event,
    reader: &Reader<'_>,
) -> Result<bool, ConversionError> {
    let component = show::main(object)?;
    let view = View::of(object, component, reader)?;
    if !view.is_carried {
        return Ok(true);
    }
    // Such a change takes the exceptions away at the client (MS-ASCAL R2114, R2180), and with them all days between.
    let moves = sent.start_time.value().is_some() || sent.recurrence.value().is_some();
    if moves && reader.version >= Version::V16_0 {
        return Ok(false);
    }
    let shown = &view.event;
    let is_deleted = |slot: Timestamp| {
        let mut exceptions = shown.exceptions.value().into_iter().flatten();
        exceptions.any(|one| one.is_deleted && one.original_start == slot)
    };
    let mut exceptions = sent.exceptions.value().into_iter().flatten();
    Ok(is_silent_or(&sent.start_time, &shown.start_time)
        && is_silent_or(&sent.end_time, &shown.end_time)
        && is_silent_or(&sent.all_day, &shown.all_day)
        && is_silent_or(&sent.recurrence, &shown.recurrence)
        && exceptions.all(|one| is_deleted(one.original_start) == one.is_deleted))
}

fn is_silent_or<T: PartialEq>(sent: &Sent<T>, shown: &Sent<T>) -> bool {
    sent.value().is_none() || sent == shown
}

/// The event as the client reads it.
struct View {
    event: Event,
    is_carried: bool,
}

impl View {
    fn of(object: &Object, component: &Component, reader: &Reader<'_>) -> Result<Self, ConversionError> {
        let event = read_back(&show::event(object, reader)?, reader.version);
        let is_carried =
            component.recurrence.is_none() && Series::of(component, object, reader) == Series::Unsayable;
        Ok(Self { event, is_carried })
    }

    /// Whether the client says of times and recurrence what this view says of them, or nothing.
    fn is_repeated_by(&self, sent: &Event) -> bool {
        is_silent_or(&sent.start_time, &self.event.start_time)
            && is_silent_or(&sent.recurrence, &self.event.recurrence)
    }

    fn has_recurrence_of(&self, sent: &Event) -> bool {
        sent.recurrence.value().is_some() && sent.recurrence == self.event.recurrence
    }
}

/// The view of one of the months before that the client repeats, at least its recurrence.
fn earlier(
    object: &Object,
    component: &Component,
    sent: &Event,
    reader: &Reader<'_>,
) -> Result<Option<View>, ConversionError> {
    let mut repeated = None;
    for months_before in 0..=MONTHS_KEPT {
        let now = month_begin(reader.now, months_before);
        let view = View::of(object, component, &Reader { now, ..*reader })?;
        if view.is_repeated_by(sent) {
            return Ok(Some(view));
        }
        if repeated.is_none() && view.has_recurrence_of(sent) {
            repeated = Some(view);
        }
    }
    Ok(repeated)
}

/// How many days a client means by start and end of a whole-day event.
fn day_count(start: Timestamp, end: Timestamp, reader: &Reader<'_>) -> i64 {
    let span = Wanted { all_day: true, start, end }.new_span(reader.zone, reader);
    (span.end.local().date() - span.start.local().date()).num_days()
}
