//! How fast FETCH responses are written: a mailbox of 50,000 messages is read in one command.

use std::time::{Duration, Instant};

use imap_wire::Output;
use vocabulary::{Flags, Keyword, ModSeq, Uid};

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement needs the real clock")]
fn fifty_thousand_fetch_lines_take_milliseconds() {
    let keywords = [Keyword::new("$Forwarded").unwrap()];
    let mut best = Duration::MAX;
    let mut out = Output::default();
    for _ in 0..20 {
        out.clear();
        let started = Instant::now();
        for sequence in 1..=50_000u32 {
            let mut fetch = out.fetch(sequence);
            fetch.uid(Uid(sequence + 100_000));
            let some = if sequence % 10 == 0 { &keywords[..] } else { &[] };
            fetch.flags(Flags::from_bits(i64::from(sequence % 32)), some);
            if sequence % 2 == 0 {
                fetch.modseq(ModSeq(1_099_511_627_776 + i64::from(sequence)));
            }
            fetch.end();
        }
        best = best.min(started.elapsed());
    }
    assert!(out.as_bytes().starts_with(b"* 1 FETCH (UID 100001 FLAGS (\\Seen))\r\n"));
    let per_second = 50_000.0 / best.as_secs_f64() / 1e6;
    eprintln!(
        "50,000 FETCH (UID FLAGS [MODSEQ]) lines, {} bytes: {best:?}, {per_second:.1} million lines/s",
        out.len()
    );
    assert!(best < Duration::from_millis(500), "{best:?}");
}
