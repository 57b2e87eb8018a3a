//! Real clients against the demo's doors: what they do by themselves must work in full.
//!
//! They connect to `localhost` over TLS and trust the demo's own authority, so its certificate has to
//! name both `localhost` and the loopback address. The main journey of mbsync
//! runs on both databases, everything else on SQLite.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool that fails is a test that fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use blackbox::{
    Account, Demo, Mail, Store, on_each_store, realistic, run_tool, tool_path, tool_source, unique,
};

const PATIENCE: Duration = Duration::from_secs(180);

fn on_sqlite(claim: impl Fn(&Demo)) {
    let demo = Demo::start(Store::Sqlite);
    claim(&demo);
    demo.consistent();
}

fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn tls_port(demo: &Demo, door: &str) -> u16 {
    demo.door(door).tls_port.unwrap()
}

/// All files of a Maildir folder, by whole path.
fn maildir(folder: &Path) -> Vec<PathBuf> {
    let entries = |part: &str| {
        std::fs::read_dir(folder.join(part)).into_iter().flatten().map(|entry| entry.unwrap().path())
    };
    entries("new").chain(entries("cur")).collect()
}

/// How many mails the INBOX holds.
fn inbox_count(demo: &Demo, account: &Account) -> usize {
    let reply = demo.imap(account).select("INBOX");
    let lines = reply.lines();
    lines.iter().find_map(|line| line.strip_suffix(" EXISTS")).unwrap().parse().unwrap()
}

fn json(output: &str) -> serde_json::Value {
    let line = output.lines().rfind(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{output}"));
    serde_json::from_str(line).unwrap()
}

/// The configuration of mbsync for a Maildir in `mail` beneath a folder, two-way.
fn mbsync(demo: &Demo, account: &Account, folder: &Path, patterns: &str) -> PathBuf {
    let mail = folder.join("mail");
    std::fs::create_dir(&mail).unwrap();
    let config = folder.join("mbsyncrc");
    private(
        &config,
        &format!(
            "IMAPAccount demo\nHost localhost\nPort {port}\nUser {user}\nPass {password}\nSSLType IMAPS\n\
             CertificateFile {ca}\n\nIMAPStore far\nAccount demo\n\nMaildirStore near\nSubFolders Verbatim\n\
             Path {mail}/\nInbox {mail}/INBOX\n\nChannel all\nFar :far:\nNear :near:\nPatterns {patterns}\n\
             Create Both\nExpunge Both\nSyncState *\n",
            port = tls_port(demo, "imap"),
            user = account.address,
            password = account.password,
            ca = demo.ca().display(),
            mail = mail.display()
        ),
    );
    config
}

#[test]
fn mbsync_keeps_both_sides_equal() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let folder = tempfile::tempdir().unwrap();
        let mail = folder.path().join("mail");
        let config = mbsync(demo, &anna, folder.path(), "*");
        let sync = || run_tool(Command::new("mbsync").arg("-c").arg(&config).arg("-a"), PATIENCE).success();
        let inbox = mail.join("INBOX");

        sync();
        assert_eq!(maildir(&inbox).len(), inbox_count(demo, &anna), "everything is pulled");

        // From the server: a new mail. From here: a new mail, a flag, a deletion.
        let arrived = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &arrived);
        let written = Mail::plain(&anna.address, &ben.address);
        std::fs::write(inbox.join("cur").join(format!("{}:2,F", unique())), &written.bytes).unwrap();
        sync();

        let holding = |subject: &str| -> Vec<PathBuf> {
            let holds =
                |file: &PathBuf| String::from_utf8_lossy(&std::fs::read(file).unwrap()).contains(subject);
            maildir(&inbox).into_iter().filter(holds).collect()
        };
        let [local] = &holding(&arrived.subject)[..] else { panic!("one copy of the mail that arrived") };
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&written.subject)[0];
        assert!(!desktop.ok(&format!("UID FETCH {uid} FLAGS")).with("\\Flagged").is_empty());

        let name = local.file_name().unwrap().to_string_lossy().split(":2,").next().unwrap().to_owned();
        std::fs::rename(local, inbox.join("cur").join(format!("{name}:2,ST"))).unwrap();
        desktop.ok(&format!(r"UID STORE {uid} +FLAGS (\Answered)"));
        sync();

        assert!(holding(&arrived.subject).is_empty());
        desktop.ok("NOOP");
        assert!(desktop.uids_of(&arrived.subject).is_empty(), "deleted here, expunged there");
        let [local] = &holding(&written.subject)[..] else {
            panic!("one copy of the mail that was written here")
        };
        assert!(local.to_string_lossy().ends_with(":2,FR"), "{local:?}");
        assert_eq!(maildir(&inbox).len(), inbox_count(demo, &anna));
        assert_eq!(sync().matches("error").count(), 0);
    });
}

/// Opens a mailbox with neomutt and presses keys.
fn neomutt(demo: &Demo, account: &Account, mailbox: &str, keys: &str) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("neomuttrc");
    private(
        &config,
        &format!(
            "set imap_user=\"{user}\" imap_pass=\"{password}\"\nset folder=imaps://localhost:{port}/\n\
             set spoolfile=+{mailbox}\nset ssl_ca_certificates_file={ca} ssl_force_tls=yes\nset header_cache=\n\
             set quit=yes delete=yes mark_old=no confirmappend=no wait_key=no\nset trash=\n\
             set pager_stop=yes pager_index_lines=0 move=no abort_key=\"\\Cg\"\n",
            user = account.address,
            password = account.password,
            port = tls_port(demo, "imap"),
            ca = demo.ca().display()
        ),
    );
    // It needs a terminal: `script` gives it one.
    let neomutt = format!("neomutt -F {} -e 'push \"{keys}\"'", config.display());
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &neomutt, "/dev/null"]);
    command.env("TERM", "xterm").env("HOME", folder.path()).env("LINES", "40").env("COLUMNS", "100");
    run_tool(&mut command, PATIENCE).success();
}

#[test]
fn neomutt_reads_flags_and_deletes() {
    on_sqlite(|demo| {
        let (anna, ben) = demo.colleagues();
        let (flagged, deleted) =
            (Mail::plain(&ben.address, &anna.address), Mail::plain(&ben.address, &anna.address));
        let mut lmtp = demo.lmtp();
        lmtp.deliver(&ben.address, &[&anna.address], &flagged);
        lmtp.deliver(&ben.address, &[&anna.address], &deleted);
        let word = |mail: &Mail| mail.subject.split(' ').nth(1).unwrap().to_owned();

        let keys = format!(
            "<limit>~s {}<enter><flag-message><display-message><exit><limit>~s {}<enter><delete-message><quit>",
            word(&flagged),
            word(&deleted)
        );
        neomutt(demo, &anna, "INBOX", &keys);

        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&flagged.subject)[0];
        let flags = desktop.ok(&format!("UID FETCH {uid} FLAGS"));
        assert!(!flags.with("\\Flagged").is_empty() && !flags.with("\\Seen").is_empty(), "{flags:?}");
        assert!(desktop.uids_of(&deleted.subject).is_empty());
    });
}

/// What imapflow can do in a mailbox.
fn imapflow(demo: &Demo, account: &Account, mailbox: &str) -> serde_json::Value {
    let mut command = Command::new("node");
    command.arg(tool_source("npm/imapflow.cjs")).env("NODE_PATH", tool_path("npm/node_modules"));
    command.env("NODE_EXTRA_CA_CERTS", demo.ca()).env("HOST", "localhost");
    command.env("PORT", tls_port(demo, "imap").to_string()).env("MAILBOX", mailbox);
    command.env("ADDRESS", &account.address).env("PASSWORD", &account.password).env("SUBJECT", unique());
    json(&run_tool(&mut command, PATIENCE).success())
}

#[test]
fn imapflow_lists_fetches_appends_searches_and_moves() {
    on_sqlite(|demo| {
        let (anna, _) = demo.colleagues();
        let before = inbox_count(demo, &anna);
        let seen = imapflow(demo, &anna, "INBOX");

        assert_eq!(
            (seen["exists"].as_u64(), seen["fetched"].as_u64()),
            (Some(before as u64), Some(before as u64))
        );
        for claim in ["same", "appended", "moved"] {
            assert_eq!(seen[claim], true, "{claim}: {seen}");
        }
        assert_eq!(seen["left"].as_array().map(Vec::len), Some(0), "{seen}");
        let roles: Vec<&str> =
            seen["folders"].as_array().unwrap().iter().filter_map(|f| f["specialUse"].as_str()).collect();
        for role in ["\\Inbox", "\\Sent", "\\Drafts", "\\Trash", "\\Junk"] {
            assert!(roles.contains(&role), "{role} of {roles:?}");
        }
    });
}

const LARGE_MAILS: usize = 3_000;
const LARGE: &str = "Large";

/// A folder of 3,000 realistic mails; gives them as they were put in.
fn large_folder(demo: &Demo, account: &Account) -> Vec<Mail> {
    const AT_ONCE: usize = 500;
    let mails = realistic(LARGE_MAILS, "juergen@elsewhere.test", &account.address);
    let mut imap = demo.imap(account);
    imap.ok(&format!("CREATE {LARGE}"));
    for some in mails.chunks(AT_ONCE) {
        imap.append_many(LARGE, &some.iter().map(|mail| mail.bytes.clone()).collect::<Vec<_>>());
    }
    assert!(!imap.select(LARGE).with(&format!("{LARGE_MAILS} EXISTS")).is_empty());
    mails
}

#[test]
fn mbsync_keeps_both_sides_of_3000_mails_equal() {
    on_sqlite(|demo| {
        let (anna, _) = demo.colleagues();
        let mails = large_folder(demo, &anna);
        let folder = tempfile::tempdir().unwrap();
        let config = mbsync(demo, &anna, folder.path(), LARGE);
        let sync = || run_tool(Command::new("mbsync").arg("-c").arg(&config).arg("-a"), PATIENCE).success();
        let local = folder.path().join("mail").join(LARGE);
        sync();

        // By subject: which file it is.
        let subject_of = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap().trim().to_owned()
        };
        let pulled: BTreeMap<String, (PathBuf, Vec<u8>)> = maildir(&local)
            .into_iter()
            .map(|file| (file.clone(), std::fs::read(file).unwrap()))
            .map(|(file, bytes)| (subject_of(&bytes), (file, bytes)))
            .collect();
        assert_eq!(pulled.len(), LARGE_MAILS, "all of them, each once");
        for mail in &mails {
            let (_, bytes) = &pulled[&mail.subject];
            // Line ends are those of a Maildir, and mbsync marks each copy with a field of its own.
            let kept = |line: &&str| !line.starts_with("X-TUID: ");
            let pulled: String = String::from_utf8_lossy(bytes).split_inclusive('\n').filter(kept).collect();
            assert_eq!(pulled, String::from_utf8_lossy(&mail.bytes).replace("\r\n", "\n"));
        }

        // Every tenth is marked here, every tenth there, and every hundredth goes on either side.
        let mut desktop = demo.imap(&anna);
        desktop.select(LARGE);
        desktop.ok(&format!(r"STORE {} +FLAGS.SILENT (\Flagged)", every(10, 1)));
        desktop.ok(&format!(r"STORE {} +FLAGS.SILENT (\Deleted)", every(100, 50)));
        desktop.ok("EXPUNGE");
        for number in (5..LARGE_MAILS).step_by(10) {
            let (file, _) = &pulled[&mails[number].subject];
            let name = file.file_name().unwrap().to_string_lossy().split(":2,").next().unwrap().to_owned();
            let flags = if number % 100 == 75 { "ST" } else { "RS" };
            std::fs::rename(file, local.join("cur").join(format!("{name}:2,{flags}"))).unwrap();
        }
        sync();
        desktop.ok("NOOP");

        let left = LARGE_MAILS - 2 * (LARGE_MAILS / 100);
        assert_eq!(maildir(&local).len(), left);
        assert!(
            !desktop.ok(&format!("STATUS {LARGE} (MESSAGES)")).with(&format!("MESSAGES {left}")).is_empty()
        );
        let with = |letter: char| {
            let flags =
                |file: &PathBuf| file.to_string_lossy().rsplit(":2,").next().unwrap().contains(letter);
            maildir(&local).iter().filter(|file| flags(file)).count()
        };
        let answered = LARGE_MAILS / 10 - LARGE_MAILS / 100;
        assert_eq!((with('F'), with('R')), (LARGE_MAILS / 10, answered));
        assert_eq!(desktop.ok("SEARCH FLAGGED").found().len(), LARGE_MAILS / 10);
        assert_eq!(desktop.ok("SEARCH ANSWERED SEEN").found().len(), answered);
        assert!(!sync().contains("error"));
    });
}

/// The sequence numbers of every so many messages of the large folder, from one on.
fn every(step: usize, first: usize) -> String {
    let numbers: Vec<String> = (first..=LARGE_MAILS).step_by(step).map(|number| number.to_string()).collect();
    numbers.join(",")
}

#[test]
fn neomutt_finds_flags_and_deletes_among_3000_mails() {
    on_sqlite(|demo| {
        let (anna, _) = demo.colleagues();
        large_folder(demo, &anna);
        let keys = "<tag-pattern>~s Rechnung<enter><tag-prefix><flag-message><untag-pattern>~A<enter>\
                    <delete-pattern>~s Lunch<enter><quit>";
        neomutt(demo, &anna, LARGE, keys);
        let mut desktop = demo.imap(&anna);
        let sixth = LARGE_MAILS / 6;
        let left = LARGE_MAILS - sixth;
        assert!(!desktop.select(LARGE).with(&format!("{left} EXISTS")).is_empty());
        assert_eq!(desktop.ok("SEARCH FLAGGED").found().len(), sixth);
        assert_eq!(desktop.ok("SEARCH FLAGGED SUBJECT Rechnung").found().len(), sixth);
        assert!(desktop.ok("SEARCH SUBJECT Lunch").found().is_empty());
    });
}

#[test]
fn imapflow_works_on_3000_mails() {
    on_sqlite(|demo| {
        let (anna, _) = demo.colleagues();
        large_folder(demo, &anna);
        let seen = imapflow(demo, &anna, LARGE);
        let all = Some(LARGE_MAILS as u64);
        assert_eq!((seen["exists"].as_u64(), seen["fetched"].as_u64()), (all, all));
        for claim in ["same", "appended", "moved"] {
            assert_eq!(seen[claim], true, "{claim}: {seen}");
        }
        assert_eq!(seen["left"].as_array().map(Vec::len), Some(0), "{seen}");
        let folders = seen["folders"].as_array().unwrap();
        let large = folders.iter().find(|folder| folder["path"] == LARGE).unwrap();
        assert_eq!(large["messages"].as_u64(), all);
    });
}

/// Runs getmail once; gives the number of mails that all runs with this retriever have fetched.
fn getmail(demo: &Demo, account: &Account, retriever: &str, door: &str, folder: &Path) -> usize {
    let fetched = folder.join(retriever);
    std::fs::create_dir_all(&fetched).unwrap();
    let config = folder.join(format!("{retriever}.rc"));
    // Its own Maildir delivery refuses root; a command may be allowed to it. One that ends before getmail waits for it is
    // waited for in vain, so it looks whether getmail sleeps.
    private(
        &config,
        &format!(
            "[retriever]\ntype = {retriever}\nserver = localhost\nport = {}\nusername = {}\npassword = {}\n\
             ca_certs = {}\n\n[destination]\ntype = MDA_external\npath = /bin/sh\nallow_root_commands = true\n\
             arguments = (\"-c\", \"cat >$(mktemp {}/XXXXXXXX); \
             until grep -q '^State:.S' /proc/$PPID/status; do :; done\")\n\n\
             [options]\nread_all = false\ndelete = false\ndelivered_to = false\nreceived = false\n",
            tls_port(demo, door),
            account.address,
            account.password,
            demo.ca().display(),
            fetched.display()
        ),
    );
    let mut command = Command::new("getmail");
    command.arg(format!("--getmaildir={}", folder.display())).arg(format!("--rcfile={}", config.display()));
    run_tool(command.env("HOME", folder), PATIENCE).success();
    std::fs::read_dir(&fetched).unwrap().count()
}

#[test]
fn getmail_fetches_everything_once() {
    on_sqlite(|demo| {
        let account = demo.account("pop3");
        let folder = tempfile::tempdir().unwrap();
        let held = demo.pop3(&account).listing("LIST").len();
        assert_eq!(getmail(demo, &account, "SimplePOP3SSLRetriever", "pop3", folder.path()), held);

        // What it has seen it knows by UIDL: a second run fetches only what is new.
        let mail = Mail::plain(&account.address, &account.address);
        demo.lmtp().deliver(&account.address, &[&account.address], &mail);
        assert_eq!(getmail(demo, &account, "SimplePOP3SSLRetriever", "pop3", folder.path()), held + 1);

        let (anna, _) = demo.colleagues();
        let held = inbox_count(demo, &anna);
        assert_eq!(getmail(demo, &anna, "SimpleIMAPSSLRetriever", "imap", folder.path()), held);
    });
}

#[test]
fn fetchmail_fetches_everything_and_deletes_what_it_fetched() {
    on_sqlite(|demo| {
        let account = demo.account("pop3");
        let held = demo.pop3(&account).listing("LIST").len();
        assert!(held > 0);
        let folder = tempfile::tempdir().unwrap();
        let fetched = folder.path().join("fetched");
        std::fs::create_dir(&fetched).unwrap();
        let config = folder.path().join("fetchmailrc");
        private(
            &config,
            &format!(
                "poll localhost service {} protocol POP3 uidl\n  user \"{}\" password \"{}\"\n  ssl sslcertck \
                 sslcertfile \"{}\"\n  fetchall no keep no rewrite no mimedecode\n  \
                 mda \"cat >$(mktemp {}/XXXXXXXX)\"\n",
                tls_port(demo, "pop3"),
                account.address,
                account.password,
                demo.ca().display(),
                fetched.display()
            ),
        );
        let mut command = Command::new("fetchmail");
        command.arg("--fetchmailrc").arg(&config).args([
            "--nodetach",
            "--nosyslog",
            "--bad-header",
            "accept",
        ]);
        command
            .arg("--pidfile")
            .arg(folder.path().join("pid"))
            .arg("--idfile")
            .arg(folder.path().join("ids"));
        command.env("HOME", folder.path()).env("FETCHMAILHOME", folder.path());
        run_tool(&mut command, PATIENCE).success();

        assert_eq!(std::fs::read_dir(&fetched).unwrap().count(), held);
        assert_eq!(demo.pop3(&account).listing("LIST").len(), 0, "deleted at QUIT");
        assert_eq!(run_tool(&mut command, PATIENCE).code, Some(1), "1: there was no mail");
    });
}

#[test]
fn pyactivesync_syncs_sends_waits_flags_and_moves() {
    on_sqlite(|demo| {
        let (anna, _) = demo.colleagues();
        let before = inbox_count(demo, &anna);
        let https = demo.url("https");
        let port = https.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
        let subject = unique();
        let mut command = Command::new(tool_path("venv/bin/python"));
        command.arg(tool_source("python/mail_by_pyactivesync.py"));
        command.env("SERVER", format!("localhost:{port}")).env("REQUESTS_CA_BUNDLE", demo.ca());
        command.env("ADDRESS", &anna.address).env("PASSWORD", &anna.password).env("SUBJECT", &subject);
        let seen = json(&run_tool(&mut command, PATIENCE).success());

        let expected: BTreeMap<&str, serde_json::Value> = BTreeMap::from([
            ("items", before.into()),
            ("changed", true.into()),
            ("subjects", vec![subject].into()),
            ("body", "plain text body".into()),
            ("change", "1".into()),
            ("estimate", 0.into()),
            ("in_trash", true.into()),
        ]);
        for (key, value) in expected {
            assert_eq!(seen[key], value, "{key}: {seen}");
        }
    });
}
