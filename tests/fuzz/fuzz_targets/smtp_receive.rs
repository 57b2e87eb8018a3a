//! One connection: how the network cuts the bytes does not matter, and every step consumes something.
//!
//! The first byte is the length of the pieces. DATA is accepted only in a second run without that law,
//! because bytes that come with DATA rightly close the connection.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtp_wire::{Command, LineEnds, MessageRules, Next, Receiver};

/// What came, owned; pieces of message data joined.
#[derive(Debug, PartialEq)]
enum Event {
    Data(Vec<u8>),
    Other(String),
}

fuzz_target!(|input: &[u8]| {
    let Some((&piece_bytes, dialogue)) = input.split_first() else { return };
    let piece_bytes = usize::from(piece_bytes) + 1;
    for line_ends in [LineEnds::Refuse, LineEnds::Repair] {
        let whole = receive(dialogue, usize::MAX, line_ends, false);
        assert_eq!(receive(dialogue, piece_bytes, line_ends, false), whole);
        receive(dialogue, piece_bytes, line_ends, true);
    }
});

fn receive(dialogue: &[u8], piece_bytes: usize, line_ends: LineEnds, accept_data: bool) -> Vec<Event> {
    let rules = MessageRules { message_bytes_max: 1 << 20, line_ends, binary: false };
    let mut receiver = Receiver::new(rules);
    let mut events = Vec::new();
    let mut steps = 0;
    for piece in dialogue.chunks(piece_bytes) {
        receiver.feed(piece);
        loop {
            steps += 1;
            assert!(steps <= 4 * dialogue.len() + 4, "steps that consume nothing");
            let mut data = false;
            match receiver.next() {
                Next::NeedBytes => break,
                Next::Data(octets) => match events.last_mut() {
                    Some(Event::Data(joined)) => joined.extend_from_slice(octets),
                    _ => events.push(Event::Data(octets.to_vec())),
                },
                other => {
                    data = matches!(other, Next::Command(Command::Data));
                    events.push(Event::Other(format!("{other:?}")));
                }
            }
            if let Some(Event::Other(last)) = events.last() {
                if data && accept_data {
                    receiver.start_message(rules);
                    let _ = receiver.expect_data();
                } else if last.starts_with("Command(Bdat") {
                    receiver.accept_chunk();
                }
            }
        }
    }
    events
}
