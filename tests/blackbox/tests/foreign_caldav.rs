//! The two test suites that the CalDAV world shares, without a preset: what they expect of a server is what the
//! specifications say, and nothing is excused but by a reason that stands here.
#![expect(clippy::unwrap_used, reason = "a tool that fails is a test that fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use blackbox::{Account, Demo, Store, run_tool, tool_path};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(600);
/// The version of the library whose source distribution `tests/run` unpacks.
const SUITE: &str = "caldav-3.6.0";

/// What `caldav-server-tester` does not call "full", what it says instead, and why that is right.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    (
        "url.encode-at.identity",
        "unsupported",
        "`@` and `%40` are one resource: clients write both for the same address",
    ),
    (
        "search.time-range.comp-type-optional",
        "unsupported",
        "RFC 4791 section 9.9 has no time range of a VCALENDAR: valid-filter",
    ),
    (
        "search.text.comp-type-optional",
        "unsupported",
        "RFC 4791 section 9.7.1: the properties of a VCALENDAR are not those of its events",
    ),
    (
        "scheduling.schedule-tag.stable-partstat",
        "unsupported",
        "it writes the attendee's own answer, and RFC 6638 section 3.2.10 keeps the tag for the answers of others only",
    ),
    ("well-known", "unknown", "not asked of a server that is called localhost"),
];

/// Why tests of the library's suite are left out, in its own words.
const SKIPPED: &[&str] = &[
    // They are about other servers, and about a proxy that the suite would start.
    "could not import 'xandikos'",
    "need both Xandikos and Radicale",
    "No HTTP server available for proxy testing",
    // It says so itself.
    "work in progress",
    // They are about servers that do not tell the addresses of a principal.
    "server populates calendar-user-address-set",
    // The one deviation of above.
    "Server keeps the Schedule-Tag stable when an attendee performs a PARTSTAT-only update",
    // They run where a preset says so; `server/dav/tests` asks the same.
    "No feature information available, skipping scheduling.schedule-tag test",
];

/// Three people of one domain.
fn three(demo: &Demo) -> Vec<Account> {
    let (anna, ben) = demo.colleagues();
    let domain = anna.address.split_once('@').unwrap().1.to_owned();
    let others = demo.accounts().into_iter().filter(|one| {
        one.kind == "exchange" && one.address.ends_with(&domain) && one.address != anna.address
    });
    let other = others.into_iter().find(|one| one.address != ben.address).unwrap();
    vec![anna, ben, other]
}

fn root(demo: &Demo) -> String {
    format!("{}/dav/", demo.url("https").trim_end_matches('/')).replace("127.0.0.1", "localhost")
}

#[test]
fn caldav_server_tester_calls_every_capability_full() {
    let demo = Demo::start(Store::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let section = |account: &Account| {
        json!({
            "caldav_url": root(&demo),
            "caldav_user": account.address,
            "caldav_pass": account.password,
            "caldav_ssl_verify_cert": demo.ca(),
        })
    };
    let sections: BTreeMap<String, Value> =
        three(&demo).iter().enumerate().map(|(at, one)| (format!("user{at}"), section(one))).collect();
    let configuration = folder.path().join("caldav.json");
    std::fs::write(&configuration, serde_json::to_vec(&sections).unwrap()).unwrap();

    let mut command = Command::new(tool_path("venv/bin/caldav-server-tester"));
    command.env("CALDAV_CONFIG_FILE", &configuration).env("HOME", folder.path()).args(["--format", "json"]);
    for name in sections.keys() {
        command.args(["--config-section", name]);
    }
    let output = run_tool(&mut command, PATIENCE).success();
    let (from, to) = (output.find("\n{").unwrap(), output.rfind("\n}").unwrap() + 2);
    let found: Value = serde_json::from_str(&output[from..to]).unwrap();
    let features = found["features"].as_object().unwrap();
    assert!(features.len() > DEVIATIONS.len(), "it tells of nothing: {output}");
    let support = |feature: &Value| feature["support"].as_str().unwrap_or("full").to_owned();
    let deviations: BTreeMap<&str, String> = features
        .iter()
        .map(|(name, feature)| (name.as_str(), support(feature)))
        .filter(|(_, support)| support != "full")
        .collect();
    let expected = DEVIATIONS.iter().map(|(name, support, _)| (*name, (*support).to_owned())).collect();
    assert_eq!(deviations, expected, "{output}");
    demo.consistent();
}

#[test]
fn the_suite_of_the_caldav_library_passes() {
    let demo = Demo::start(Store::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let users: Vec<Value> = three(&demo)
        .iter()
        .map(|one| {
            json!({
                "url": root(&demo),
                "username": one.address,
                "password": one.password,
                "ssl_verify_cert": demo.ca(),
            })
        })
        .collect();
    let mut server = users[0].clone();
    server["type"] = json!("external");
    server["enabled"] = json!(true);
    server["scheduling_users"] = json!(users);
    // The suite asks its tester too; it is told of the one deviation that the others of the table are not expected with.
    server["features"] = json!({"scheduling.schedule-tag.stable-partstat": {"support": "unsupported"}});
    let configuration = folder.path().join(".config/caldav/test_servers.json");
    std::fs::create_dir_all(configuration.parent().unwrap()).unwrap();
    let servers = json!({"test-servers": {"kontor": server}});
    std::fs::write(&configuration, serde_json::to_vec(&servers).unwrap()).unwrap();

    let output = run_tool(&mut suite(folder.path(), demo.ca()), PATIENCE).success();
    let told = output.lines().rfind(|line| line.contains(" passed")).unwrap();
    assert!(!told.contains("failed") && !told.contains("error"), "{output}");
    let passed: u32 =
        told.split(" passed").next().unwrap().rsplit([' ', ',']).next().unwrap().parse().unwrap();
    assert!(passed > 120, "hardly anything ran: {output}");
    for line in output.lines().filter(|line| line.starts_with("SKIPPED")) {
        let known = SKIPPED.iter().any(|reason| line.contains(reason));
        assert!(known, "left out without a reason that we know: {line}");
    }
    demo.consistent();
}

fn suite(home: &Path, ca: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(tool_path("venv/bin/python"));
    command.current_dir(tool_path(SUITE)).args(["-m", "pytest", "-q", "-rs", "--tb=short"]);
    command.args(["-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function"]);
    // The suite takes warnings for errors, and calls a function of its own that it calls deprecated.
    command.args(["-W", "ignore:principals() is deprecated:DeprecationWarning"]);
    command.args(["tests/test_caldav.py", "tests/test_async_integration.py"]);
    command.env("HOME", home).env("PYTHON_CALDAV_TEST_DOCKER", "0");
    command.env("REQUESTS_CA_BUNDLE", &ca).env("SSL_CERT_FILE", &ca);
    command
}
