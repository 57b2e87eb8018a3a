//! The log: one line for each connection and request, and never a secret or a content.
#![expect(clippy::unwrap_used, reason = "a test that fails says why")]

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blackbox::{Account, Demo, Element, Mail, Phone, Store, calendar, unique};
use serde_json::Value;

const INBOX: u32 = 2;
/// What `Dav::own` asks to find a calendar.
const REQUESTS_OF_OWN: usize = 4;

/// What must never be written: each with what it is.
type Secrets = Vec<(&'static str, String)>;

/// What a run through every door leaves to look for.
struct Run {
    secrets: Secrets,
    /// How many connections and requests were made, by door.
    made: BTreeMap<&'static str, usize>,
}

/// Goes through every door once: logins right and wrong, mails in and out.
fn through_every_door(demo: &Demo) -> Run {
    let (mut anna, ben) = demo.colleagues();
    let wrong = format!("wrong-{}", unique());
    anna.password = format!("right-{}", unique());
    demo.admin_with(&["password", "set", &anna.address], &format!("{}\n", anna.password));
    let mail = Mail::plain(&anna.address, &anna.address);
    let body = "a line that begins with a dot".to_owned();
    assert!(String::from_utf8_lossy(&mail.bytes).contains(&body));

    let mut lmtp = demo.lmtp();
    lmtp.deliver(&ben.address, &[&anna.address], &mail);
    lmtp.expect("QUIT", 221);

    let mut imap = demo.imap_greeted();
    assert_eq!(imap.command(&format!("LOGIN {} {wrong}", anna.address)).status, "NO");
    imap.login(&anna.address, &anna.password);
    imap.select("INBOX");
    let uid = imap.uids_of(&mail.subject)[0];
    imap.body_of(uid);
    imap.append("INBOX", "", &mail.bytes);
    imap.command("NONSENSE");
    imap.ok("LOGOUT");

    let mut pop3 = demo.pop3(&anna);
    let count = pop3.listing("LIST").len();
    pop3.lines(&format!("RETR {count}"));
    pop3.ok("QUIT");

    let mut smtp = demo.submission(&anna);
    smtp.deliver(&anna.address, &[&anna.address], &mail);
    smtp.expect("QUIT", 221);

    let requests = on_the_phone(demo, &anna, &mail);
    let stranger = Account { password: wrong.clone(), ..anna.clone() };
    assert_eq!(demo.phone(&stranger, "16.1").options_status(), 401);
    let appointment = unique();
    let dav_requests = in_the_calendar(demo, &anna, &appointment);
    demo.dav(&stranger).get("/dav/").is(401);

    let basic = |password: &str| STANDARD.encode(format!("{}:{password}", anna.address));
    let plain = |password: &str| STANDARD.encode(format!("\0{}\0{password}", anna.address));
    let mut secrets = vec![
        ("the subject", mail.subject.clone()),
        ("a line of the body", body),
        ("the password", anna.password.clone()),
        ("a wrong password", wrong.clone()),
        ("the Basic header", basic(&anna.password)),
        ("a wrong Basic header", basic(&wrong)),
        ("the SASL response", plain(&anna.password)),
        ("the name of an appointment", appointment),
    ];
    secrets.extend(demo.database_password().map(|password| ("the database's password", password.to_owned())));
    let made = BTreeMap::from([
        ("lmtp", 1),
        ("imap", 1),
        ("pop3", 1),
        ("submission", 1),
        ("activesync", requests + 1),
        ("dav", dav_requests + 1),
    ]);
    Run { secrets, made }
}

/// Gives how many requests it made.
fn on_the_phone(demo: &Demo, anna: &Account, mail: &Mail) -> usize {
    let mut phone: Phone = demo.phone(anna, "16.1");
    assert_eq!(phone.options_status(), 200);
    let mut inbox = phone.synced(INBOX);
    let item = inbox.items.iter().find(|(_, message)| message.subject == mail.subject).unwrap().0.clone();
    phone.sync(&mut inbox, &[Element::change_read(&item, true)]);
    phone.fetch_mime(&inbox, &item);
    assert_eq!(phone.send_mail(&Phone::client_id(), mail), None);
    assert_eq!(phone.status_of("Sync", b"this is no WBXML"), 200, "a status says so");
    // What HTTP alone answers after the login: in the old version 449, provision first.
    let old = demo.phone(anna, "12.1");
    assert_eq!(old.status_of("FolderSync", b""), 449);
    phone.requests() + old.requests()
}

/// Gives how many requests it made.
fn in_the_calendar(demo: &Demo, anna: &Account, name: &str) -> usize {
    let dav = demo.dav(anna);
    let target = format!("{}{name}.ics", dav.own(Some("VEVENT")));
    let when = "DTSTART:20270104T090000Z\nDTEND:20270104T100000Z\n";
    dav.put(&target, &calendar("VEVENT", name, &format!("{when}SUMMARY:{name}\n"))).is(201);
    assert!(dav.get(&target).is(200).text().contains(name));
    dav.put(&target, &format!("BEGIN:VCALENDAR\r\nSUMMARY:{name}\r\n")).is(403);
    dav.delete(&target).is(204);
    REQUESTS_OF_OWN + 4
}

fn nothing_secret(log: &str, secrets: &Secrets) {
    for (what, secret) in secrets {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(secret.as_str())).collect();
        assert!(lines.is_empty(), "{what} is logged: {lines:#?}");
    }
}

/// Whether a line tells the end of a connection or a request: it has a duration.
fn tells_one(line: &Value) -> bool {
    line["duration_ms"].is_number()
}

/// A demo on each database, the second with a password of its own.
fn on_each_store_with(environment: &[(&str, &str)], claim: impl Fn(&mut Demo)) {
    for store in [Store::Sqlite, Store::Postgres] {
        let mut demo = Demo::start_with(store, environment);
        assert_eq!(demo.database_password().is_some(), store == Store::Postgres);
        claim(&mut demo);
        demo.consistent();
    }
}

#[test]
fn each_connection_and_request_has_one_line_and_none_has_a_secret() {
    on_each_store_with(&[("KONTOR_LOG_FORMAT", "json")], has_one_line_each_and_no_secret);
}

fn has_one_line_each_and_no_secret(demo: &mut Demo) {
    let run = through_every_door(demo);
    // When it has ended every line is written, also a second one where there must be only one.
    demo.begin_to_terminate();
    assert_eq!(demo.ended(), Some(0));
    let log = demo.log();
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(tells_one)
        .collect();
    let mut by_door: BTreeMap<String, usize> = BTreeMap::new();
    for line in &lines {
        *by_door.entry(line["door"].as_str().unwrap_or("no door").to_owned()).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> =
        run.made.iter().map(|(door, count)| ((*door).to_owned(), *count)).collect();
    assert_eq!(by_door, expected, "{lines:#?}");

    // Whose it was stands in each line of a login that succeeded: the account's number, and the device.
    let account = lines.iter().find(|line| line["door"] == "imap").unwrap()["account"].clone();
    assert!(account.is_number());
    for line in lines.iter().filter(|line| line["door"] != "lmtp") {
        if line["status"] == 401 {
            assert!(line["account"].is_null(), "{line}");
            continue;
        }
        assert_eq!(line["account"], account, "{line}");
        // OPTIONS comes from no device.
        let has_device = line["door"] == "activesync" && line["command"] != "Options";
        assert_eq!(line["device"].is_string(), has_device, "{line}");
    }
    nothing_secret(&log, &run.secrets);
}

#[test]
fn at_the_level_for_debugging_no_secret_is_written_either() {
    on_each_store_with(&[("KONTOR_LOG_FILTER", "debug")], |demo| {
        let run = through_every_door(demo);
        demo.begin_to_terminate();
        assert_eq!(demo.ended(), Some(0));
        let log = demo.log();
        assert!(log.contains("connection closed") && log.contains("DEBUG"), "the level is on");
        nothing_secret(&log, &run.secrets);
    });
}
