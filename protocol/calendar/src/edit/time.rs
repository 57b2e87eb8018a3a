//! DTSTART, DTEND and DUE, each in the form it is asked for, and the time zones that they need.

use chrono::Datelike;
use content_line::{NewLine, Value};

use super::{Change, Field, Patch, plain};
use crate::component::Component;
use crate::length::Length;
use crate::term::ComponentKind;
use crate::zone::Zone;
use crate::{Moment, read};

impl Patch<'_, '_> {
    pub(super) fn set_times(&mut self, component: &Component, change: &Change) {
        let start =
            change.start.wanted().map(|wanted| wanted.map(|moment| self.as_written(component, moment)));
        let end = change.end.wanted().map(|wanted| wanted.map(|moment| self.as_written(component, moment)));
        if let Some(wanted) = &start {
            self.set_moment(component, "DTSTART", wanted.as_ref(), component.start.as_ref(), &change.zones);
        }
        let name = if component.kind == ComponentKind::ToDo { "DUE" } else { "DTEND" };
        let begin = start.unwrap_or_else(|| component.start.clone());
        match end {
            Some(None) => {
                self.remove_all(component, name);
                self.remove_all(component, "DURATION");
            }
            Some(Some(wanted)) if !self.ends_there_anyway(component, begin.as_ref(), &wanted) => {
                self.set_moment(component, name, Some(&wanted), component.end.as_ref(), &change.zones);
                // RFC 5545 section 3.6.1: never both.
                self.remove_all(component, "DURATION");
            }
            _ => {}
        }
    }

    /// Whether DURATION, or nothing at all, says this end already.
    fn ends_there_anyway(&self, component: &Component, start: Option<&Moment>, end: &Moment) -> bool {
        let clocks = Zone::utc();
        let Some(start) = start.filter(|start| component.end.is_none() && start.is_date() == end.is_date())
        else {
            return false;
        };
        if component.kind == ComponentKind::ToDo && component.duration.is_none() {
            return false;
        }
        let moved = Component { start: Some(start.clone()), ..component.clone() };
        let zone = self.object.zone_of(start, &clocks);
        Length::of(&moved, self.object, &clocks).end(start.local(), zone) == self.object.instant(end, &clocks)
    }

    /// The same moment under the TZID that the component has for its zone.
    fn as_written(&self, component: &Component, moment: &Moment) -> Moment {
        let Moment::Zoned { local, tzid } = moment else { return moment.clone() };
        let zone = Zone::by_name(tzid);
        let is_same =
            |known: &&str| *known == tzid || (zone.is_some() && self.object.zone(known) == zone.as_ref());
        let known =
            [&component.start, &component.end].into_iter().flatten().filter_map(Moment::tzid).find(is_same);
        Moment::Zoned { local: *local, tzid: known.unwrap_or(tzid).to_owned() }
    }

    pub(super) fn set_moment(
        &mut self,
        component: &Component,
        name: &str,
        wanted: Option<&Moment>,
        current: Option<&Moment>,
        zones: &[Zone],
    ) {
        if wanted == current {
            return;
        }
        let Some(moment) = wanted else { return self.remove_all(component, name) };
        let line = match self.document.property(component.lines, name) {
            Some((_, line)) => NewLine::copy_of(line),
            None => NewLine::new(name, plain(moment)),
        };
        let line = in_form_of(line, moment);
        match self.document.property(component.lines, name) {
            Some((old, _)) => self.edit.replace(old, line),
            None => self.edit.append_line(component.lines, line),
        }
        self.define_zone(moment, zones);
    }

    /// Puts the VTIMEZONE of a new TZID before the first component (RFC 5545 section 3.2.19).
    fn define_zone(&mut self, moment: &Moment, zones: &[Zone]) {
        let Some(tzid) = moment.tzid() else { return };
        let Some(calendar) = read::calendar(self.document) else { return };
        let is_known = self.object.zone(tzid).is_some() || self.defined.iter().any(|known| known == tzid);
        if is_known || read::has_timezone(self.document, calendar, tzid) {
            return;
        }
        let zone = zones.iter().find(|zone| zone.name() == tzid).cloned().or_else(|| Zone::by_name(tzid));
        let first = self.document.children(calendar).next().and_then(|child| self.document.component(child));
        if let (Some(zone), Some(first)) = (zone, first) {
            for line in zone.vtimezone_lines(tzid, moment.local().year()) {
                self.edit.insert_before(first.lines().start, line);
            }
            self.defined.push(tzid.to_owned());
        }
    }
}

/// The line with this moment as its value, and the parameters VALUE and TZID that belong to it.
pub(super) fn in_form_of(line: NewLine, moment: &Moment) -> NewLine {
    let line =
        if moment.is_date() { line.parameter("VALUE", &["DATE"]) } else { line.without_parameter("VALUE") };
    let line = match moment.tzid() {
        Some(tzid) => line.parameter("TZID", &[tzid]),
        None => line.without_parameter("TZID"),
    };
    line.with_value(&Value::stripped(&moment.to_string()))
}

/// A new line with this moment.
pub(crate) fn moment_line(name: &str, moment: &Moment) -> NewLine {
    in_form_of(NewLine::new(name, plain(moment)), moment)
}

/// A change of the start and the end alone.
pub(super) fn times(start: Option<Moment>, end: Option<Moment>) -> Change {
    let field = |moment: Option<Moment>| moment.map_or(Field::Keep, Field::Set);
    Change { start: field(start), end: field(end), ..Change::default() }
}
