//! Conversations: what they are called, and where a mail stands in one. MS-ASCON.

use activesync_wire::server_id::FolderId;
use storage::Item;
use vocabulary::{AccountId, Timestamp};

/// The same for the whole thread, in every folder and on every device.
pub(crate) fn id(folder: FolderId, item: &Item) -> [u8; 16] {
    let mut bytes = [0; 16];
    let (account, thread) = bytes.split_at_mut(8);
    account.copy_from_slice(&folder.account.0.to_be_bytes());
    thread.copy_from_slice(&item.thread.to_be_bytes());
    bytes
}

/// Whose thread an id names, and which; `None` if we did not make it.
pub(crate) fn thread(id: &[u8]) -> Option<(AccountId, i64)> {
    let (account, rest) = id.split_first_chunk::<8>()?;
    let thread = rest.first_chunk::<8>().filter(|_| rest.len() == 8)?;
    Some((AccountId(i64::from_be_bytes(*account)), i64::from_be_bytes(*thread)))
}

/// 100 ns since 1601.
fn file_time(at: Timestamp) -> i64 {
    const MILLISECONDS_1601_TO_1970: i64 = 11_644_473_600_000;
    at.0.saturating_add(MILLISECONDS_1601_TO_1970).saturating_mul(10_000)
}

/// MS-ASCON section 2.2.2.4: five bytes for when the conversation began, as clients know it five more for when this
/// mail came as an answer to it.
pub(crate) fn index(began: Timestamp, received_at: Timestamp) -> Vec<u8> {
    // Of the eight bytes of the time those below the highest, which stands still for centuries.
    let mut index = file_time(began).to_be_bytes().get(1..6).unwrap_or_default().to_vec();
    let passed = file_time(received_at).saturating_sub(file_time(began));
    if passed > 0 {
        index.extend_from_slice(&level(passed));
    }
    index
}

/// A response level of MS-OXOMSG section 2.2.1.3: a bit for the scale, 31 bits of the time, a byte left free.
fn level(passed: i64) -> [u8; 5] {
    /// About 1.7 years: beyond it the coarse scale counts.
    const COARSE_FROM: i64 = 1 << 49;
    const BITS_31: i64 = 0x7fff_ffff;
    let time = match passed < COARSE_FROM {
        true => (passed >> 18) & BITS_31,
        false => (1 << 31) | ((passed >> 23) & BITS_31),
    };
    let mut level = [0; 5];
    if let Some(bytes) = time.to_be_bytes().last_chunk::<4>() {
        level[..4].copy_from_slice(bytes);
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_thread() {
        let bytes = [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2];
        assert_eq!(thread(&bytes), Some((AccountId(3), 258)));
        assert_eq!(thread(&bytes[1..]), None);
        assert_eq!(thread(&[&bytes[..], &[0]].concat()), None);
    }

    /// MS-ASCON R90, R91
    #[test]
    fn an_answer_has_a_level_of_its_own() {
        let began = Timestamp(1_795_510_800_000);
        let first = index(began, began);
        assert_eq!(first.len(), 5);
        assert_eq!(first, (134_399_844_000_000_000_i64).to_be_bytes()[1..6]);
        let hour = Timestamp(began.0 + 3_600_000);
        let answer = index(began, hour);
        assert_eq!((&answer[..5], answer.len()), (&first[..], 10));
        assert_eq!(answer[5..], [&((3_600_i64 * 10_000_000) >> 18).to_be_bytes()[4..], &[0]].concat());
        let years = Timestamp(began.0 + 4 * 365 * 86_400_000);
        assert_eq!(index(began, years)[5] & 0x80, 0x80, "the coarse scale");
        assert_eq!(index(hour, began).len(), 5);
    }
}
