//! Bytes become a content: line ends made right, described once, hashed, compressed.

use bytes::Bytes;
use std::borrow::Cow;
use storage::{Parsed, Prepared, Store};
use vocabulary::AccountId;

/// Describes a message in the store's columns.
#[must_use]
pub fn parsed(bytes: &[u8]) -> Parsed {
    let description = mime::describe(bytes);
    let plain_bytes = u32::try_from(description.structure_plain.len()).unwrap_or(u32::MAX);
    let mut structure =
        Vec::with_capacity(4 + description.structure_plain.len() + description.structure.len());
    structure.extend_from_slice(&plain_bytes.to_be_bytes());
    structure.extend_from_slice(&description.structure_plain);
    structure.extend_from_slice(&description.structure);
    Parsed {
        header_bytes: description.header_bytes,
        message_id: description.message_id,
        preview: description.preview,
        envelope: description.envelope,
        structure,
        summary: description.summary.to_bytes(),
        references: description.references,
    }
}

/// IMAP BODY and BODYSTRUCTURE out of the column that holds both.
#[must_use]
pub fn structures(parsed: &Parsed) -> Option<(&[u8], &[u8])> {
    let (length, rest) = parsed.structure.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// The decoded fields of a message; those of an empty one if another version wrote the column.
#[must_use]
pub fn summary(parsed: &Parsed) -> mime::Summary {
    mime::Summary::from_bytes(&parsed.summary).unwrap_or_default()
}

/// Makes a message ready to be inserted into an account. Bare CR and LF become CRLF, so that every
/// protocol sends what the size says.
///
/// # Errors
/// As [`Store::prepare`].
pub async fn ingest(store: &Store, account: AccountId, bytes: Bytes) -> storage::Result<Prepared> {
    let bytes = match mime::normalise_line_ends(&bytes) {
        Cow::Borrowed(_) => bytes,
        Cow::Owned(repaired) => repaired.into(),
    };
    let parsed = parsed(&bytes);
    store.prepare(account, bytes, parsed).await
}
