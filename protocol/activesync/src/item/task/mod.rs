//! Tasks: MS-ASTASK. [`Task`] goes both ways.

mod recurrence;

pub use recurrence::TaskRecurrence;

use vocabulary::Timestamp;
use wbxml::Element;
use wbxml::page::{airsync_base, tasks as page};

use super::ConversionError;
use super::calendar::Sensitivity;
use super::email::Body;
use super::encode::{Destination, Selection};
use super::format::NUMBER;
use super::format::{BODY, BOOLEAN, DATE_TIME, Format, LINE, NATIVE_BODY_TYPE, code, entries, write_entries};
use super::sent::{self, Field, Sent, Versions, field};
use crate::body::BodyType;
use crate::version::Version;

/// A task. Dates without `utc` are the local ones, written as if they were UTC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Task {
    /// What is to do.
    pub subject: Sent<String>,
    /// 0 low, 1 normal, 2 high; other numbers are kept as they are (MS-ASTASK R550).
    pub importance: Sent<u32>,
    /// When work begins, UTC.
    pub utc_start_date: Sent<Timestamp>,
    /// When work begins, local.
    pub start_date: Sent<Timestamp>,
    /// When it is due, UTC.
    pub utc_due_date: Sent<Timestamp>,
    /// When it is due, local.
    pub due_date: Sent<Timestamp>,
    /// Its notes.
    pub body: Sent<Body>,
    /// Labels.
    pub categories: Sent<Vec<String>>,
    /// When it recurs.
    pub recurrence: Sent<TaskRecurrence>,
    /// Done or not.
    pub complete: Sent<bool>,
    /// When it was done; always told of a task that is done (MS-ASTASK R124).
    pub date_completed: Sent<Timestamp>,
    /// Who may see it.
    pub sensitivity: Sent<Sensitivity>,
    /// Whether a reminder is set.
    pub reminder_set: Sent<bool>,
    /// When to remind.
    pub reminder_time: Sent<Timestamp>,
    /// How the notes are stored; told by the server only.
    pub native_body_type: Sent<BodyType>,
}

const ALL: Versions = Versions::since(Version::V12_1);

/// MS-ASTASK section 2.2.2. OrdinalDate and SubOrdinalDate belong to the flags of mails.
const FIELDS: &[Field<Task>] = &[
    field!(page::SUBJECT, ALL, subject, LINE),
    field!(page::IMPORTANCE, ALL, importance, NUMBER),
    field!(page::UTC_START_DATE, ALL, utc_start_date, DATE_TIME),
    field!(page::START_DATE, ALL, start_date, DATE_TIME),
    field!(page::UTC_DUE_DATE, ALL, utc_due_date, DATE_TIME),
    field!(page::DUE_DATE, ALL, due_date, DATE_TIME),
    field!(airsync_base::BODY, ALL, body, BODY),
    field!(page::CATEGORIES, ALL, categories, CATEGORIES),
    field!(page::RECURRENCE, ALL, recurrence, recurrence::RECURRENCE),
    field!(page::COMPLETE, ALL, complete, BOOLEAN),
    field!(page::DATE_COMPLETED, ALL, date_completed, DATE_TIME),
    field!(page::SENSITIVITY, ALL, sensitivity, code::<Sensitivity>()),
    field!(page::REMINDER_SET, ALL, reminder_set, BOOLEAN),
    field!(page::REMINDER_TIME, ALL, reminder_time, DATE_TIME),
    field!(airsync_base::NATIVE_BODY_TYPE, ALL, native_body_type, NATIVE_BODY_TYPE),
];

const CATEGORIES: Format<Vec<String>> = Format {
    read: |element| entries(element, page::CATEGORY).map(Some),
    write: |categories, tag, out| write_entries(categories, tag, page::CATEGORY, out),
};

impl Task {
    /// Reads the ApplicationData of an Add or Change.
    ///
    /// # Errors
    /// Item status 6: values of the wrong kind, ReminderSet that is not 0 or 1 (MS-ASTASK R252), a recurrence
    /// without Type or Start (R289, R37011) or one that contradicts its type (R132, R320, R532).
    pub fn parse(data: &Element, version: Version) -> Result<Self, ConversionError> {
        sent::read(data, version, FIELDS, None)
    }

    /// Writes what stands inside ApplicationData or Properties.
    pub fn write(&self, selection: Selection<'_>, destination: Destination<'_>) {
        sent::write_item(self, FIELDS, selection, destination);
    }
}
