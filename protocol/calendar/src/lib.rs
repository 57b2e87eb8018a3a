//! RFC 5545 calendar objects: read, expand, edit in place, author.
//!
//! Pure: no clock, no randomness, no I/O. Objects are stored and served as the bytes that a client sent;
//! [`content_line`] takes them apart without loss, and this crate gives their lines a meaning.
//!
//! * [`describe`] is called once, when an object comes in: it refuses what is none, and says what a store keeps beside
//!   the bytes, its range in time and its [`Index`] above all, so that a query need not read most objects.
//! * [`Object::parse`] gives typed views of the components; a property that nobody can read is absent from them.
//! * [`occurrences`] expands a series within limits; [`overlaps`] and [`alarm_overlaps`] are the time ranges of RFC 4791.
//! * [`edit`] changes single lines; [`new_object`] writes objects of our own; [`Split`] cuts a calendar of many apart.
//! * [`Zone`] is a time zone: from names, definitions or rules, and back to them.
//! * [`to_json`] and [`from_json`] are the way to jCal and back.
//!
//! The editor must see what the reader sees, so both stand on the same lines. `calcard` knows the time zone names of
//! Windows here, and reads the whole corpus a second time in the tests. It is not the reader, because it reads
//! `INTERVAL=65537` as 1 and BYMONTHDAY=-129 as 127, loses a rule with an odd UNTIL, splits X-ALT-DESC at its
//! semicolons, lets a final backslash swallow the line end, and does not decode RFC 6868. `icalendar` builds the frame
//! of new objects. No type of theirs leaves the crate.
//!
//! Liberties: see `expand.rs` and `zone/mod.rs`. Absent: EXRULE, and properties of the VCALENDAR other than METHOD.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::as_conversions))]

mod author;
mod availability;
mod component;
mod describe;
mod duration;
pub mod edit;
mod expand;
mod index;
mod invalid;
mod json;
mod length;
mod moment;
mod object;
mod overlap;
mod read;
mod rule;
pub mod schedule;
mod split;
mod term;
mod unknown_scale;
mod zone;

pub use author::new_object;
pub use availability::{is_availability, unavailable};
pub use component::{
    Alarm, Attendee, Component, ExtraDate, Geo, Organizer, Period, PeriodEnd, RecurrenceId, Trigger,
};
pub use describe::{Described, describe};
pub use duration::Duration;
pub use expand::{Expansion, FIRST_MOMENT, LAST_MOMENT, Limits, Occurrence, occurrences};
pub use index::{Index, IndexedComponent};
pub use invalid::{DataFault, Invalid, ResourceFault};
pub use json::{from_json, to_json};
pub use moment::Moment;
pub use object::Object;
pub use overlap::{alarm_overlaps, overlapping, overlaps};
pub use read::{ALARMS_MAX, COMPONENTS_MAX, ZONES_MAX};
pub use rule::{End, Frequency, Rule, RuleDay, RuleMonth, Scale, Skip};
pub use split::Split;
pub use term::{
    AlarmAction, AttendeeRole, BusyStatus, Class, ComponentKind, Participation, Status, Transparency,
    UserType,
};
pub use unknown_scale::has_unknown_scale;
pub use zone::{
    Season, Transition, YearlyDate, Zone, ZoneRules, defined_zone, with_known_zones, without_known_zones,
};
