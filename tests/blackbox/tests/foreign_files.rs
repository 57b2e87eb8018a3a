//! Real WebDAV programs against the plain files of the demo: litmus, which tests servers, and cadaver, which people use.
//!
//! Both come by the door without TLS, which the demo opens on loopback: neither can be told to trust an authority.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that fails is a test that fails")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use blackbox::{Account, Demo, Store, on_each_store, run_tool};

const PATIENCE: Duration = Duration::from_secs(120);

/// The suites of litmus 0.13, and how many tests each has: none is dropped unseen.
const SUITES: [(&str, usize); 5] =
    [("basic", 16), ("copymove", 13), ("props", 30), ("locks", 41), ("http", 4)];
/// Warnings that are expected, each with its reason.
const WARNINGS: [(&str, &str); 1] = [(
    // actix-web's URI ends at the `#`, so no handler sees that there was one; RFC 9112 section 3.2 has no fragment in a
    // request's target, and no client but this test sends one.
    "delete_fragment",
    "DELETE removed collection resource with Request-URI including fragment; unsafe",
)];

/// The plain files of an account, without TLS.
fn files(demo: &Demo, account: &Account) -> String {
    format!("{}/dav/files/{}/", demo.url("http").trim_end_matches('/'), account.address)
}

fn exchange_accounts(demo: &Demo) -> Vec<Account> {
    demo.accounts().into_iter().filter(|account| account.kind == "exchange").collect()
}

/// One line of a suite: the name of a test, and what became of it.
fn outcome(line: &str) -> Option<(&str, &str)> {
    let (number, rest) = line.trim_start().split_once(". ")?;
    number.parse::<usize>().ok()?;
    let (name, verdict) = rest.split_once(' ')?;
    Some((name.trim_end_matches('.'), verdict.trim()))
}

/// Reads everything that litmus wrote of one suite. Fails on whatever is neither a pass nor a listed warning.
fn passes(suite: &str, tests: usize, output: &str) {
    let mut lines =
        output.lines().map(|line| line.rsplit('\r').next().unwrap_or(line)).filter(|line| !line.is_empty());
    let begin = format!("-> running `{suite}':");
    assert!(lines.any(|line| line == begin), "{output}");
    let (mut passed, mut warned, mut current, mut ended) = (0, 0, "", false);
    for line in lines {
        if let Some(summary) = line.strip_prefix("<- summary for ") {
            let told = format!("`{suite}': of {tests} tests run: {tests} passed, 0 failed. 100.0%");
            assert_eq!(summary, told, "{output}");
            ended = true;
        } else if let Some(rest) = line.strip_prefix("-> ") {
            let told = if warned == 1 {
                "1 warning was issued.".to_owned()
            } else {
                format!("{warned} warnings were issued.")
            };
            assert!(ended && rest == told, "{line}: {output}");
        } else if let Some((name, verdict)) = outcome(line) {
            current = name;
            if let Some(warning) = verdict.strip_prefix("WARNING: ") {
                assert!(WARNINGS.contains(&(name, warning)), "{suite}, {name}: {warning}");
                warned += 1;
            } else {
                assert_eq!(verdict, "pass", "{suite}, {name}: {output}");
                passed += 1;
            }
        } else if let Some(rest) = line.trim_start().strip_prefix('.') {
            // What follows a warning of the test that was named before.
            assert_eq!(
                rest.trim_start_matches('.').trim(),
                "pass (with 1 warning)",
                "{suite}, {current}: {output}"
            );
            passed += 1;
        } else {
            panic!("{suite}: what does this line say? {line:?} in {output}");
        }
    }
    assert!(ended && passed == tests, "{suite}: {passed} of {tests}: {output}");
}

#[test]
fn litmus_passes_every_test_of_every_suite() {
    on_each_store(|demo| {
        let accounts = exchange_accounts(demo);
        assert!(accounts.len() >= 2, "{accounts:?}");
        for account in accounts {
            for (suite, tests) in SUITES {
                let folder = tempfile::tempdir().unwrap();
                let mut command = Command::new("/usr/bin/litmus");
                // It leaves its log in the working directory.
                command.arg(files(demo, &account)).args([&account.address, &account.password]);
                command.env("TESTS", suite).current_dir(folder.path());
                passes(suite, tests, &run_tool(&mut command, PATIENCE).success());
            }
        }
    });
}

#[test]
fn a_line_of_litmus_that_is_no_pass_is_noticed() {
    let suite = |lines: &str| format!("x\n-> running `s':\n 0. init.................. pass\n{lines}");
    let end = "<- summary for `s': of 2 tests run: 2 passed, 0 failed. 100.0%\n";
    passes("s", 2, &suite(&format!(" 1. begin................. pass\n{end}")));
    let warning = " 1. delete_fragment....... WARNING: DELETE removed collection resource with Request-URI including \
         fragment; unsafe\n    ...................... pass (with 1 warning)\n";
    passes("s", 2, &suite(&format!("{warning}{end}-> 1 warning was issued.\n")));
    for bad in [
        format!(" 1. begin................. FAIL (no)\n{end}"),
        format!(" 1. begin................. SKIPPED\n{end}"),
        format!(
            " 1. begin................. WARNING: another\n    ...................... pass (with 1 warning)\n{end}"
        ),
        format!("{warning}{end}-> 2 warnings were issued.\n"),
        format!(" 1. begin................. pass\nsomething else\n{end}"),
        " 1. begin................. pass\n".to_owned(),
        end.to_owned(),
        " 1. begin................. pass\n<- summary for `s': of 2 tests run: 1 passed, 1 failed. 50.0%\n"
            .to_owned(),
    ] {
        let found = std::panic::catch_unwind(|| passes("s", 2, &suite(&bad)));
        assert!(found.is_err(), "{bad}");
    }
}

/// Runs commands of cadaver, one each line, as somebody who has logged in before; gives what it wrote.
fn cadaver(demo: &Demo, account: &Account, home: &Path, commands: &[&str]) -> String {
    let (login, script) = (home.join(".netrc"), home.join("script"));
    let Account { address, password, .. } = account;
    std::fs::write(&login, format!("machine 127.0.0.1 login {address} password {password}\n")).unwrap();
    std::fs::write(&script, format!("{}\nquit\n", commands.join("\n"))).unwrap();
    let mut command = Command::new("/usr/bin/cadaver");
    command.arg("--rcfile").arg(&script).arg(files(demo, account));
    command.env("HOME", home).current_dir(home);
    run_tool(&mut command, PATIENCE).success()
}

#[test]
fn cadaver_puts_gets_makes_moves_copies_locks_and_sets_properties() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    let bytes: Vec<u8> = (0..100_000_u32).map(|number| number.to_be_bytes()[3]).collect();
    std::fs::write(path("local.bin"), &bytes).unwrap();
    let output = cadaver(
        &demo,
        &anna,
        home.path(),
        &[
            "mkcol photos",
            "cd photos",
            "put local.bin tree.bin",
            "copy tree.bin copy.bin",
            "move copy.bin moved.bin",
            "propset tree.bin colour green",
            "propget tree.bin colour",
            "lock tree.bin",
            "discover tree.bin",
            "put local.bin tree.bin",
            "unlock tree.bin",
            "get moved.bin back.bin",
            "ls",
            "cd ..",
            "copy photos again",
            "rmcol photos",
            "ls",
        ],
    );
    for trouble in ["failed", "rror:", "Could not", "denied"] {
        assert!(!output.contains(trouble), "{output}");
    }
    assert_eq!(std::fs::read(path("back.bin")).unwrap(), bytes);
    assert!(output.contains("green"), "{output}");
    let listed: Vec<&str> =
        output.lines().filter(|line| line.contains(".bin") && line.contains("100000")).collect();
    assert_eq!(listed.len(), 2, "{output}");
    let dav = demo.dav(&anna);
    let root = format!("/dav/files/{}/", anna.address);
    let names = |target: &str| -> Vec<String> {
        dav.propfind(target, "1", &["D:getetag"])
            .iter()
            .map(|found| found.name().to_owned())
            .skip(1)
            .collect()
    };
    assert_eq!(names(&root), ["again"]);
    let mut copied = names(&format!("{root}again/"));
    copied.sort();
    assert_eq!(copied, ["moved.bin", "tree.bin"]);
    assert_eq!(dav.get(&format!("{root}again/tree.bin")).is(200).body, bytes);

    // Somebody else's files are not there, and a lock of Anna's keeps her own other program out.
    let others = home.path().join("other");
    std::fs::create_dir(&others).unwrap();
    std::fs::write(others.join("local.bin"), b"x").unwrap();
    cadaver(&demo, &anna, home.path(), &["cd again", "lock tree.bin"]);
    let refused = cadaver(&demo, &anna, &others, &["cd again", "put local.bin tree.bin"]);
    assert!(refused.contains("423 Locked"), "{refused}");
    let hers = format!("{root}again/tree.bin");
    demo.dav(&ben).get(&hers).is(404);
    assert_eq!(dav.get(&hers).is(200).body, bytes);
    demo.consistent();
}
