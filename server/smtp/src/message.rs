//! A message while it is received, in memory that all connections share.

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Most bytes of messages that all connections together hold between DATA and its reply. Five of
/// the largest, or 25,000 ordinary ones.
const ROOM_BYTES: usize = 256 * 1024 * 1024;
/// What a message takes at first, and the least by which it grows.
const STEP_BYTES: usize = 16 * 1024;

static ROOM: Semaphore = Semaphore::const_new(ROOM_BYTES);

/// The bytes so far, and the room they take.
///
/// Nobody waits for room: senders that wait for each other while each holds half a message would
/// wait for ever. Without room the message is thrown away and its sender told to come again.
#[derive(Debug, Default)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    room: Option<SemaphorePermit<'static>>,
    turned_away: bool,
}

impl Message {
    /// Adds a piece.
    pub(crate) fn append(&mut self, piece: &[u8]) {
        if self.turned_away {
            return;
        }
        let wanted_bytes = self.bytes.len() + piece.len();
        if wanted_bytes > self.bytes.capacity() && !self.grow(wanted_bytes) {
            *self = Self { turned_away: true, ..Self::default() };
            return;
        }
        self.bytes.extend_from_slice(piece);
    }

    /// By half at least, so that copying stays linear; what is counted is what is allocated.
    fn grow(&mut self, wanted_bytes: usize) -> bool {
        let held_bytes = self.bytes.capacity();
        let capacity = wanted_bytes.max(held_bytes + (held_bytes / 2).max(STEP_BYTES));
        let Ok(more) = u32::try_from(capacity - held_bytes) else { return false };
        let Ok(permit) = ROOM.try_acquire_many(more) else { return false };
        match &mut self.room {
            Some(room) => room.merge(permit),
            None => self.room = Some(permit),
        }
        self.bytes.reserve_exact(capacity - self.bytes.len());
        true
    }

    /// The whole message with its room, which is held until delivery is over. `None`: there was not
    /// enough.
    pub(crate) fn finish(self) -> Option<(Bytes, Option<SemaphorePermit<'static>>)> {
        if self.turned_away { None } else { Some((self.bytes.into(), self.room)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_the_message_and_the_room_is_given_back() {
        let mut message = Message::default();
        let mut expected = Vec::new();
        for round in 0..300_u32 {
            let piece = vec![round as u8; 1000];
            message.append(&piece);
            expected.extend_from_slice(&piece);
        }
        let (bytes, room) = message.finish().unwrap();
        assert_eq!(bytes, expected);
        assert!(ROOM.available_permits() <= ROOM_BYTES - expected.len());
        drop(room);
        assert_eq!(ROOM.available_permits(), ROOM_BYTES);
    }

    #[test]
    fn without_room_a_message_is_turned_away_and_holds_none() {
        let taken = ROOM.try_acquire_many(u32::try_from(ROOM_BYTES - 2 * STEP_BYTES).unwrap()).unwrap();
        let mut message = Message::default();
        message.append(&[b'x'; STEP_BYTES]);
        let before = ROOM.available_permits();
        assert!(before < 2 * STEP_BYTES);
        message.append(&[b'x'; 2 * STEP_BYTES]);
        assert_eq!(ROOM.available_permits(), 2 * STEP_BYTES);
        message.append(b"more");
        assert!(message.finish().is_none());
        drop(taken);
        assert_eq!(ROOM.available_permits(), ROOM_BYTES);
    }
}
