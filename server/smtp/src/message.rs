//! A message while it is received, in memory that the connections of a door share.

use bytes::Bytes;
use session::{Held, Room, Share};
use vocabulary::AccountId;

/// Most bytes of messages that the connections of a door together hold between DATA and its reply.
/// Five of the largest, or 25,000 ordinary ones.
const ROOM_BYTES: usize = 256 * 1024 * 1024;
/// What a message takes at first, and the least by which it grows.
const STEP_BYTES: usize = 16 * 1024;
/// Messages of the largest size that one account may have under way.
const SHARE_MESSAGES: usize = 2;

/// Mail that comes in. What users send can never keep it out.
static INCOMING: Room = Room::new(ROOM_BYTES);
/// Mail of our users.
static SUBMITTED: Room = Room::new(ROOM_BYTES);

/// The bytes so far, and the room they take.
///
/// Nobody waits for room: senders that wait for each other while each holds half a message would
/// wait for ever. Without room the message is thrown away and its sender told to come again.
#[derive(Debug)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    message_bytes_max: usize,
    /// `None`: there was not enough, and the message is lost.
    held: Option<Held>,
}

impl Message {
    /// An empty one: of the account that sends it, or of the mail server in front.
    pub(crate) fn new(sender: Option<AccountId>, message_bytes_max: usize) -> Self {
        let share = |account| Share { account, bytes_max: message_bytes_max.saturating_mul(SHARE_MESSAGES) };
        let held = match sender {
            Some(account) => SUBMITTED.enter(Some(share(account))),
            None => INCOMING.enter(None),
        };
        Self { bytes: Vec::new(), message_bytes_max, held: Some(held) }
    }

    /// Adds a piece.
    pub(crate) fn append(&mut self, piece: &[u8]) {
        if self.held.is_none() {
            return;
        }
        let wanted_bytes = self.bytes.len() + piece.len();
        if wanted_bytes > self.bytes.capacity() && !self.grow(wanted_bytes) {
            (self.bytes, self.held) = (Vec::new(), None);
            return;
        }
        self.bytes.extend_from_slice(piece);
    }

    /// By half if the largest message needs it, so that copying stays linear; what is counted is
    /// what is allocated.
    fn grow(&mut self, wanted_bytes: usize) -> bool {
        let held_bytes = self.bytes.capacity();
        let half_more = held_bytes + (held_bytes / 2).max(STEP_BYTES);
        let capacity = wanted_bytes.max(half_more.min(self.message_bytes_max));
        if !self.held.as_mut().is_some_and(|held| held.grow(capacity - held_bytes)) {
            return false;
        }
        self.bytes.reserve_exact(capacity - self.bytes.len());
        true
    }

    /// The whole message with its room, which is held until delivery is over. `None`: there was not
    /// enough.
    pub(crate) fn finish(self) -> Option<(Bytes, Held)> {
        self.held.map(|held| (self.bytes.into(), held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGEST: usize = 1_000_000;

    #[test]
    fn pieces_become_the_message_and_the_room_is_given_back() {
        let free_bytes = SUBMITTED.free_bytes();
        let mut message = Message::new(Some(AccountId(1)), LARGEST);
        let mut expected = Vec::new();
        for round in 0..300_u32 {
            let piece = vec![round as u8; 1000];
            message.append(&piece);
            expected.extend_from_slice(&piece);
        }
        let (bytes, room) = message.finish().unwrap();
        assert_eq!(bytes, expected);
        assert!(SUBMITTED.free_bytes() <= free_bytes - expected.len());
        drop(room);
        assert_eq!(SUBMITTED.free_bytes(), free_bytes);
    }

    #[test]
    fn an_account_has_two_of_the_largest_under_way_and_the_third_is_turned_away() {
        let largest = vec![b'x'; LARGEST];
        let message = || {
            let mut message = Message::new(Some(AccountId(2)), LARGEST);
            largest.chunks(1000).for_each(|piece| message.append(piece));
            message
        };
        let (one, two) = (message(), message());
        assert!(message().finish().is_none());
        let mut incoming = Message::new(None, LARGEST);
        incoming.append(&largest);
        assert!(incoming.finish().is_some(), "mail that comes in is not concerned");
        assert!(one.finish().is_some());
        assert!(message().finish().is_some());
        assert!(two.finish().is_some());
    }

    #[test]
    fn without_room_a_message_is_turned_away_and_holds_none() {
        let mut taken = INCOMING.enter(None);
        let free_bytes = INCOMING.free_bytes();
        assert!(taken.grow(free_bytes - 2 * STEP_BYTES));
        let mut message = Message::new(None, LARGEST);
        message.append(&[b'x'; STEP_BYTES]);
        assert!(INCOMING.free_bytes() < 2 * STEP_BYTES);
        message.append(&[b'x'; 2 * STEP_BYTES]);
        assert_eq!(INCOMING.free_bytes(), 2 * STEP_BYTES);
        message.append(b"more");
        assert!(message.finish().is_none());
        drop(taken);
        assert_eq!(INCOMING.free_bytes(), free_bytes);
    }
}
