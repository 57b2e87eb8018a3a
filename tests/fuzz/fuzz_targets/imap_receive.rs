//! One connection: how the network cuts the bytes does not matter, and reading ends.
//!
//! The first byte is the length of the pieces, its lowest bit whether APPEND is refused.

#![no_main]

use imap_wire::{Limits, Next, Receiver};
use libfuzzer_sys::fuzz_target;

/// Small, so that a fuzzer reaches them.
const LIMITS: Limits =
    Limits { command_bytes_max: 2000, literals_max: 8, message_bytes_max: 1000, skip_bytes_max: 8000 };

fuzz_target!(|input: &[u8]| {
    let Some((&first, dialogue)) = input.split_first() else { return };
    let refuse = first & 1 == 1;
    let whole = receive(dialogue, usize::MAX, refuse);
    assert_eq!(receive(dialogue, usize::from(first) + 1, refuse), whole);
});

/// What came; pieces of a message joined.
fn receive(dialogue: &[u8], piece_bytes: usize, refuse: bool) -> Vec<Next> {
    let mut receiver = Receiver::new(LIMITS);
    let mut events = Vec::new();
    for piece in dialogue.chunks(piece_bytes) {
        receiver.feed(piece);
        loop {
            match receiver.next() {
                Next::NeedBytes => break,
                Next::GiveUp => {
                    events.push(Next::GiveUp);
                    return events;
                }
                Next::AppendData(bytes) => match events.last_mut() {
                    Some(Next::AppendData(joined)) => joined.extend_from_slice(&bytes),
                    _ => events.push(Next::AppendData(bytes)),
                },
                event => {
                    if refuse && matches!(event, Next::AppendStart { .. }) {
                        receiver.refuse_append();
                    }
                    events.push(event);
                }
            }
            // Each step takes a byte, or announces or ends what took one.
            assert!(events.len() <= 4 * dialogue.len() + 4, "steps that consume nothing");
        }
    }
    events
}
