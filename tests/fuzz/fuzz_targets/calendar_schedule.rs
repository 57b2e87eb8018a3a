//! Any message about any copy, and any bytes in place of a copy: what is stored is an object, and who may not say
//! something changes nothing.
//!
//! Copy and message stand one after the other, with a line `=` between them.

#![no_main]

use calendar::schedule::{Actor, Addresses, Agent, Received, Role, Written, receive, write};
use calendar::{Object, describe};
use libfuzzer_sys::fuzz_target;
use vocabulary::Timestamp;

const ORGANIZER: &str = "org@example.test";
const ATTENDEE: &str = "anna@example.test";
const BETWEEN: &[u8] = b"\n=\n";

fuzz_target!(|input: &[u8]| {
    let at = input.windows(BETWEEN.len()).position(|window| window == BETWEEN);
    let (copy, message) = at.map_or((&[][..], input), |at| (&input[..at], &input[at + BETWEEN.len()..]));
    let copy = Some(copy).filter(|copy| !copy.is_empty());
    for (owner, other) in [(ORGANIZER, ATTENDEE), (ATTENDEE, ORGANIZER)] {
        let addresses = Addresses::new(owner, []);
        let actor = Actor { owner: &addresses, now: Timestamp(1_893_456_000_000), agent: Agent::Server };
        match receive(&actor, copy, message, other) {
            Received::Store { bytes, refresh, .. } => {
                let object = Object::parse(&bytes).expect("what is stored is an object");
                assert!(object.method.is_none());
                assert!(refresh.iter().all(|message| message.recipient != owner));
            }
            Received::Answer(messages) => assert!(messages.iter().all(|message| message.recipient == other)),
            Received::Ignored(_) | Received::Show => {}
        }
        for stranger in ["eve@example.org", owner] {
            assert!(
                !matches!(receive(&actor, copy, message, stranger), Received::Store { .. })
                    || named(message, stranger)
            );
        }
        if describe(message).is_err() {
            continue;
        }
        let status = |_: &str| "1.2";
        if let Ok(plan) = write(&actor, copy, Written::Stored(message), &status) {
            let stored = plan.rewritten.as_deref().unwrap_or(message);
            assert!(describe(stored).is_ok(), "what is written stays an object");
            let mut told: Vec<&str> =
                plan.messages.iter().chain(&plan.refresh).map(|one| one.recipient.as_str()).collect();
            told.sort_unstable();
            assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "one message for each");
            assert!(!told.contains(&owner));
            if plan.role == Role::Attendee {
                assert!(told.len() <= 1);
            }
            let again =
                write(&actor, Some(stored), Written::Stored(stored), &status).expect("what is stored");
            assert!(again.messages.is_empty() && again.refresh.is_empty());
        }
    }
});

/// Whether the message names them at all; they may then speak for themselves.
fn named(message: &[u8], address: &str) -> bool {
    String::from_utf8_lossy(message).to_lowercase().replace("\r\n ", "").replace("\n ", "").contains(address)
}
