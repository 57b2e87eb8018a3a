//! Tests of the facade: cards as clients write them, edits byte for byte, laws.

#![expect(clippy::unwrap_used, reason = "helpers of a test may fail it")]

mod convert;
mod convert_laws;
mod corpus;
mod describe;
mod directory;
mod edit;
mod hostile;
mod index;
mod json;
mod laws;
mod oracle;
mod query;
mod traps;

use contact::{Card, CardChange};
use content_line::Document;

/// The card after an edit, as text.
fn edited(card: &str, change: &CardChange) -> String {
    String::from_utf8(contact::edit(card.as_bytes(), change).unwrap()).unwrap()
}

/// A card of version 3.0 with these lines.
fn card(lines: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{}END:VCARD\r\n", lines.replace('\n', "\r\n"))
}

fn read(card: &str) -> Card {
    Card::read(card.as_bytes()).unwrap()
}

/// How many lines of the old document the new one does not have in the same order, byte for byte.
fn lost_lines(old: &[u8], new: &[u8]) -> usize {
    let raw = |bytes| {
        let document = Document::parse(bytes).unwrap();
        document.lines().iter().map(|line| line.raw().to_vec()).collect::<Vec<_>>()
    };
    let (old, new) = (raw(old), raw(new));
    // The longest common subsequence; an inner cell is that of the first lines of both.
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for (i, a) in old.iter().enumerate() {
        for (j, b) in new.iter().enumerate() {
            common[i + 1][j + 1] =
                if a == b { common[i][j] + 1 } else { common[i][j + 1].max(common[i + 1][j]) };
        }
    }
    old.len() - common[old.len()][new.len()]
}
