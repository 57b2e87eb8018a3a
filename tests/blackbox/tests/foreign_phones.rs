//! Programs for ActiveSync that are not ours: the probe for phones in every version and with both forms of the
//! query, and the rest of what `pyactivesync` can do.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that fails is a test that fails")]

use std::process::Command;
use std::time::Duration;

use blackbox::{Demo, Mail, Query, Store, probe_passes, run_tool, tool_path, tool_source, unique};

const PATIENCE: Duration = Duration::from_secs(240);

/// The classes whose steps the probe must pass, as `easprobe.py` lists them.
const CLASSES: &str = "mail,contacts,calendar,tasks,notes";
/// How many steps that are, so that none is dropped in the probe unseen.
const STEPS: usize = 49 + 41;
/// Find is of 16.1.
const STEPS_BEFORE_16_1: usize = STEPS - 1;
/// 12.1 has no notes.
const CLASSES_OF_12_1: &str = "mail,contacts,calendar,tasks";
/// Without the steps for notes, and those that 12.1 cannot have: `STEPS_LACKING` of `easprobe.py`.
const STEPS_OF_12_1: usize = STEPS_BEFORE_16_1 - 8 - 2;

fn probed(version: &str, query: Query, classes: &str, steps: usize) {
    let demo = Demo::start(Store::Sqlite);
    probe_passes(&demo, classes, (version, query), steps, PATIENCE);
    demo.consistent();
}

macro_rules! probed {
    ($($name:ident: $version:literal, $query:ident, $classes:expr, $steps:expr;)*) => {$(
        #[test]
        fn $name() {
            probed($version, Query::$query, $classes, $steps);
        }
    )*};
}

probed! {
    the_probe_finds_no_fault_in_12_1: "12.1", Plain, CLASSES_OF_12_1, STEPS_OF_12_1;
    the_probe_finds_no_fault_in_12_1_in_base64: "12.1", Base64, CLASSES_OF_12_1, STEPS_OF_12_1;
    the_probe_finds_no_fault_in_14_0: "14.0", Plain, CLASSES, STEPS_BEFORE_16_1;
    the_probe_finds_no_fault_in_14_0_in_base64: "14.0", Base64, CLASSES, STEPS_BEFORE_16_1;
    the_probe_finds_no_fault_in_14_1: "14.1", Plain, CLASSES, STEPS_BEFORE_16_1;
    the_probe_finds_no_fault_in_14_1_in_base64: "14.1", Base64, CLASSES, STEPS_BEFORE_16_1;
    the_probe_finds_no_fault_in_16_0: "16.0", Plain, CLASSES, STEPS_BEFORE_16_1;
    the_probe_finds_no_fault_in_16_0_in_base64: "16.0", Base64, CLASSES, STEPS_BEFORE_16_1;
    the_probe_finds_no_fault_in_16_1: "16.1", Plain, CLASSES, STEPS;
    the_probe_finds_no_fault_in_16_1_in_base64: "16.1", Base64, CLASSES, STEPS;
}

/// What `pyactivesync` sees when it takes these steps, and the subject of the mail that waited for it.
fn by_pyactivesync(steps: &[&str]) -> (serde_json::Value, String, String) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let subject = unique();
    let text = format!(
        "From: <{}>\r\nTo: <{}>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         It holds a word: {subject}.\r\n--b\r\nContent-Type: application/pdf; name=plan.pdf\r\n\
         Content-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         YSBwbGFu\r\n--b--\r\n",
        ben.address, anna.address
    );
    let mail = Mail { subject: subject.clone(), bytes: text.into_bytes() };
    demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);

    let https = demo.url("https");
    let port = https.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let mut command = Command::new(tool_path("venv/bin/python"));
    command.arg(tool_source("python/commands_by_pyactivesync.py")).args(steps);
    command.env("SERVER", format!("localhost:{port}")).env("REQUESTS_CA_BUNDLE", demo.ca());
    command.env("ADDRESS", &anna.address).env("PASSWORD", &anna.password);
    command.env("OTHER", &ben.address).env("OTHER_NAME", &ben.name).env("SUBJECT", &subject);
    let output = run_tool(&mut command, PATIENCE).success();
    demo.consistent();
    let line = output.lines().rfind(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output}"));
    (serde_json::from_str(line).unwrap(), subject, ben.address)
}

#[test]
fn pyactivesync_makes_folders_reads_attachments_and_writes_drafts() {
    let (seen, subject, _) = by_pyactivesync(&["folders", "attachment", "draft"]);
    let expected = serde_json::json!({
        "folders": [[format!("{subject} new")], [format!("{subject} renamed")], []],
        "attachment": ["plan.pdf", "a plan"],
        "draft": ["1", format!("{subject} draft"), "not yet done", ["a draft of a plan"]],
    });
    assert_eq!(seen, expected);
}

#[test]
fn pyactivesync_is_away_and_back() {
    let (seen, subject, _) = by_pyactivesync(&["oof"]);
    assert_eq!(seen["oof"], serde_json::json!([1, [format!("away {subject}")], 0]));
}

#[test]
fn pyactivesync_resolves_a_colleague() {
    let (seen, _, ben) = by_pyactivesync(&["recipients"]);
    assert_eq!(seen["recipients"], serde_json::json!([ben]));
}

#[test]
fn pyactivesync_searches_the_directory_and_the_inbox() {
    let (seen, _, _) = by_pyactivesync(&["search"]);
    assert_eq!(seen["search"], serde_json::json!([true, 1]));
}

#[test]
fn pyactivesync_finds_in_the_directory_and_the_inbox() {
    let (seen, subject, _) = by_pyactivesync(&["find"]);
    assert_eq!(seen["find"], serde_json::json!([true, [subject]]));
}
