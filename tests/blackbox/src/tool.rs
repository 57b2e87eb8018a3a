//! Programs that are not ours, with a deadline.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Demo;

/// How a program ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code; nothing if it was killed.
    pub code: Option<i32>,
    /// Its standard output and standard error, in that order.
    pub output: String,
}

impl Outcome {
    /// Fails unless the program ended with 0; gives its output.
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.output);
        self.output
    }
}

/// Runs a program to its end. A program that is missing, or not done in time, fails the test.
pub fn run_tool(command: &mut Command, patience: Duration) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let file = |path: &Path| Stdio::from(std::fs::File::create(path).unwrap());
    command.stdin(Stdio::null()).stdout(file(&out)).stderr(file(&err));
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));

    let deadline = Instant::now() + patience;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if Instant::now() >= deadline {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    };
    let text = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let output = format!("{command:?}\n{}{}", text(&out), text(&err));
    let status = status.unwrap_or_else(|| panic!("not done in {patience:?}: {output}"));
    Outcome { code: status.code(), output }
}

/// A program or folder below the ignored `.test-tools`, where `tests/run` puts what is not of Debian.
pub fn tool_path(relative: &str) -> PathBuf {
    let tools =
        std::env::var_os("KONTOR_TEST_TOOLS").map_or_else(|| repository().join(".test-tools"), PathBuf::from);
    let path = tools.join(relative);
    assert!(path.exists(), "{} is missing: `tests/run foreign` installs it", path.display());
    path
}

/// A script or file of `tests/tools`.
pub fn tool_source(relative: &str) -> PathBuf {
    repository().join("tests/tools").join(relative)
}

/// How the parameters of a command are asked with (MS-ASHTTP section 2.2.1.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// By their names.
    Plain,
    /// As bytes in base64.
    Base64,
}

/// The probe for phones passes every step of these classes that a version can have. `steps` is how many these
/// are, so that none is dropped in the probe unseen.
pub fn probe_passes(
    demo: &Demo,
    classes: &str,
    (version, query): (&str, Query),
    steps: usize,
    patience: Duration,
) {
    let (anna, ben) = demo.colleagues();
    let mut command = Command::new("/usr/bin/python3");
    command.arg(tool_source("easprobe.py"));
    command.args(["--url", &demo.url("activesync"), "--version", version]);
    command.args(["--user", &anna.address, "--password", &anna.password]);
    command.args(["--user2", &ben.address, "--password2", &ben.password]);
    command.args(["--classes", classes, "--heartbeat", "60"]);
    if query == Query::Base64 {
        command.arg("--base64");
    }
    let output = run_tool(command.arg("check"), patience).success();
    let told = format!("\n{steps} passed, 0 failed, 0 skipped");
    assert!(output.contains(&told), "{version} {query:?}: {output}");
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
