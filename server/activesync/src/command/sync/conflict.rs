//! Who wins when a device and somebody else changed the same item: MS-ASCMD section 2.2.3.34.
//!
//! Flags merge and a deletion wins, so for mail only the text of a draft can be in conflict.

use activesync_wire::command::sync::Conflict;
use storage::{Item, Refusal};

use crate::cursor::Progress;

/// Refuses a change of the content if the device has not seen the present one and does not insist.
///
/// # Errors
/// [`Refusal::Stale`]: the server's version stands (MS-ASCMD R2066, R2068).
pub(crate) fn check(progress: &Progress, conflict: Option<Conflict>, item: &Item) -> Result<(), Refusal> {
    let seen = match progress.ahead.iter().find(|ahead| ahead.id == item.id) {
        Some(ahead) => ahead.uid == item.uid,
        None => item.uid <= progress.cursor.added,
    };
    match conflict.unwrap_or_default() {
        Conflict::Server if !seen => Err(Refusal::Stale { current: item.content_modseq }),
        Conflict::Server | Conflict::Client => Ok(()),
    }
}
