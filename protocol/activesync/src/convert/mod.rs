//! Lenses: between the bytes that are stored and what a phone sees of them.
//!
//! Reading shows as much of an object as the version can say. Writing compares what the phone sends with
//! what it was shown, and changes the lines of the differences: what the phone cannot express, and
//! what it only repeats, stays byte for byte. So writing back what was read changes nothing, and what was
//! written is read back, as far as the version can say it.
//!
//! Events are VEVENT, tasks VTODO, notes VJOURNAL; contacts are vCards.

mod alarm;
mod body;
pub mod calendar;
mod class;
pub mod contact;
mod day;
mod edit;
pub mod note;
mod rule;
mod span;
pub mod task;
pub mod texts;
mod zone;

use edit::Edit;
