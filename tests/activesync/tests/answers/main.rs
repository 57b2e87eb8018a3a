//! The answers of the server against what the specification says of each element: `answers.tsv`.
//!
//! One account is filled through the other doors, and a phone of each version asks for everything in every way
//! that it can, right and wrong. Each rule must be met by an answer and broken by none.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod answering;
mod bodies;
mod collections;
mod contacts;
mod content;
mod drive;
mod fetched;
mod filters;
mod http;
mod mailbox;
mod meanings;
mod rules;
mod sending;

use blackbox::{Demo, Store};

use contacts::contact_rows;

const VERSIONS: [&str; 5] = ["12.1", "14.0", "14.1", "16.0", "16.1"];

#[test]
fn every_answer_has_the_form_that_the_specification_gives() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let word = content::fill(&demo, &anna, &ben);
    let (mut judge, mut waiting) = (rules::Judge::new(rules::rules()), rules::Judge::new(rules::waiting()));
    for version in VERSIONS {
        let phone = drive::drive(&demo, &anna, version, &word);
        for (_, answer) in phone.answers() {
            judge.hear(version, &answer);
            waiting.hear(version, &answer);
        }
    }
    demo.consistent();
    for row in waiting.holding() {
        println!("holds now, move it from answers_waiting.tsv to answers.tsv: {row}");
    }
    let (broken, unmet) = judge.verdict();
    assert!(broken.is_empty() && unmet.is_empty(), "{}\n{}", broken.join("\n"), unmet.join("\n"));
}
