//! Results as they are remembered.

use activesync_wire::status::SyncStatus;
use vocabulary::{ItemId, ModSeq, Timestamp, Uid};

use super::Effect;
use crate::cursor::Ahead;

pub(super) fn write(effect: &Effect) -> Vec<u8> {
    let mut bytes = effect.status.code().to_be_bytes().to_vec();
    bytes.push(u8::from(effect.restore));
    if let Some(made) = effect.made {
        bytes.extend_from_slice(&made.id.0.to_be_bytes());
        bytes.extend_from_slice(&made.filter_at.0.to_be_bytes());
        bytes.extend_from_slice(&made.modseq.0.to_be_bytes());
        bytes.extend_from_slice(&made.uid.0.to_be_bytes());
    }
    bytes
}

/// `None` if another program wrote it.
pub(super) fn read(bytes: &[u8]) -> Option<Effect> {
    let (code, rest) = bytes.split_first_chunk::<2>()?;
    let code = u16::from_be_bytes(*code);
    let status = SyncStatus::ALL.iter().copied().find(|status| status.code() == code)?;
    let (&restore, rest) = rest.split_first()?;
    Some(Effect { status, made: made(rest), restore: restore != 0 })
}

fn made(bytes: &[u8]) -> Option<Ahead> {
    let (id, rest) = bytes.split_first_chunk::<8>()?;
    let (filter_at, rest) = rest.split_first_chunk::<8>()?;
    let (modseq, rest) = rest.split_first_chunk::<8>()?;
    let (uid, _) = rest.split_first_chunk::<4>()?;
    Some(Ahead {
        id: ItemId(i64::from_be_bytes(*id)),
        uid: Uid(u32::from_be_bytes(*uid)),
        filter_at: Timestamp(i64::from_be_bytes(*filter_at)),
        modseq: ModSeq(i64::from_be_bytes(*modseq)),
        held: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_read_back() {
        let made = Ahead {
            id: ItemId(1 << 41),
            uid: Uid(u32::MAX),
            filter_at: Timestamp(i64::MIN),
            modseq: ModSeq(7),
            held: true,
        };
        for status in SyncStatus::ALL.iter().copied() {
            for (made, restore) in [(None, true), (Some(made), false)] {
                let effect = Effect { status, made, restore };
                assert_eq!(read(&write(&effect)), Some(effect));
            }
        }
        assert_eq!(read(&[]), None);
    }
}
