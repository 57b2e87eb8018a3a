//! Single occurrences of a series that their owner does not have, shown as a series of just these. What a client says of
//! the series it says of each of them; it has no rule and no times of its own that could change.

use calendar::edit::{self, Change};
use calendar::{Moment, Object};

use super::overlay::overlay;
use super::write::CANNOT_BE_CHANGED;
use super::{Writer, change as changes, exception, read_back, show};
use crate::item::calendar::Event;
use crate::item::{ConversionError, Sent};

/// What differs from the series as it was `shown` stays as it is.
pub(super) fn change(
    old: &[u8],
    object: &Object,
    (shown, sent): (&Event, &Event),
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let reader = &writer.reader;
    let notes = show::notes(show::main(object)?);
    let absence = |tag| writer.supported.absence(tag, reader.version);
    let mut edits: Vec<(Moment, Change)> = Vec::new();
    for component in object.overrides().filter(|component| component.start.is_some()) {
        let Some(id) = &component.recurrence else { continue };
        let own = read_back(&show::properties(component, object, reader)?, reader.version);
        let inherits_notes = show::notes(component) == notes;
        let after = Event {
            body: if inherits_notes { sent.body.clone() } else { Sent::Absent },
            ..overlay(&exception::differences(own.clone(), shown), sent)
        };
        let change = changes::properties(component, &own, &after, absence, writer);
        if change != Change::default() {
            edits.push((id.moment.clone(), Change { stamp: Some(reader.now), ..change }));
        }
    }
    if edits.is_empty() {
        return Ok(old.to_vec());
    }
    edit::change_overrides(old, &edits).map_err(|_| CANNOT_BE_CHANGED)
}
