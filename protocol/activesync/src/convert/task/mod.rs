//! Tasks: VTODO and MS-ASTASK.
//!
//! A recurring task stands at one occurrence. When a phone completes it, that occurrence becomes a task of its own that
//! is done, and the series moves on, as todoman and Reminders do it. A phone that does this itself marks the
//! occurrence as dead (MS-ASTASK R152, R157): then it is done and recurs no more.
//!
//! Liberties:
//! - Dates without a time of day are days.
//! - A rule that ActiveSync cannot say is not shown; it stays stored.
//! - A task that is completed without its Recurrence keeps it: otherwise a phone that does not know recurring
//!   tasks would end the series.
//! - Whether the next occurrence is counted from completion (Regenerate) has no word in RFC 5545: it is the
//!   property `X-KONTOR-REGENERATE`.

mod dates;
mod regenerate;
mod show;
mod write;

use calendar::edit::Change;
use calendar::{ComponentKind, Object, Zone, new_object};
use vocabulary::Timestamp;
use wbxml::{Limits, Writer as Document, decode};

use crate::body::BodyPreference;
use crate::item::task::Task;
use crate::item::{ConversionError, Destination, Selection, Supported};
use crate::version::Version;

/// Who looks at a task list.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Which elements there are.
    pub version: Version,
    /// Where days and floating times are.
    pub zone: &'a Zone,
    /// In which forms notes are wanted.
    pub preferences: &'a [BodyPreference],
}

/// Who changes a task list.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// As the client was shown it.
    pub reader: Reader<'a>,
    /// What the client said in Supported.
    pub supported: &'a Supported,
    /// The moment of the change.
    pub now: Timestamp,
    /// UID of a new task, and of the finished copy of an occurrence.
    pub uid: &'a str,
}

/// What a change leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The task.
    pub task: Vec<u8>,
    /// The occurrence that was completed, to be added as a further task with [`Writer::uid`].
    pub completed: Option<Vec<u8>>,
}

/// The task as a phone sees it.
///
/// # Errors
/// If the bytes are no calendar object.
pub fn to_wire(stored: &[u8], reader: &Reader<'_>) -> Result<Task, ConversionError> {
    show::task(stored, &parse(stored)?, reader)
}

/// The task after an Add (`old` is `None`) or a Change. Bytes that need no change come back as they are.
///
/// # Errors
/// Item status 6 if the old bytes are no task.
pub fn from_wire(old: Option<&[u8]>, sent: &Task, writer: &Writer<'_>) -> Result<Written, ConversionError> {
    let Some(old) = old else {
        let draft = new_object(ComponentKind::ToDo, writer.uid, writer.now, &Change::default())
            .map_err(|_| ConversionError("the task cannot be made"))?;
        return write::change(&draft, sent, writer);
    };
    write::change(old, sent, writer)
}

fn parse(stored: &[u8]) -> Result<Object, ConversionError> {
    Object::parse(stored).map_err(|_| ConversionError("the stored task cannot be read"))
}

/// What is shown, as the client's own element would be read: this is what its changes are compared with.
fn read_back(shown: &Task, version: Version) -> Task {
    let mut document = Document::new();
    document.open(wbxml::page::airsync::APPLICATION_DATA);
    shown.write(Selection { version, schema: None }, Destination { writer: &mut document, parts: None });
    let data = decode(&document.finish(), &Limits::default());
    data.ok().and_then(|data| Task::parse(&data, version).ok()).unwrap_or_else(|| shown.clone())
}
