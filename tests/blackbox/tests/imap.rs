//! IMAP at the wire: what every mail program relies on. RFC 9051, RFC 3501.

use blackbox::{Demo, Mail, Store, on_each_store};

#[test]
fn one_connection_walks_through_a_mailbox_of_its_own() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut imap = demo.imap(&anna);
        for capability in ["IMAP4rev1", "IDLE", "UIDPLUS", "CONDSTORE", "SPECIAL-USE", "MOVE"] {
            let reply = imap.ok("CAPABILITY");
            assert!(!reply.with(capability).is_empty(), "{capability}: {reply:?}");
        }
        imap.ok("CREATE Probe/Within");
        assert!(!imap.ok("LIST \"\" Probe/%").with("Probe/Within").is_empty());

        let mail = Mail::plain(&ben.address, &anna.address);
        let uid = imap.append("Probe/Within", r"\Seen", &mail.bytes);
        assert!(!imap.select("Probe/Within").with("1 EXISTS").is_empty());
        assert_eq!(imap.body_of(uid), mail.bytes);
        let fetched = imap.ok("FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
        let line = fetched.lines().remove(0);
        for part in
            [&format!("UID {uid}"), "\\Seen", &format!("RFC822.SIZE {}", mail.bytes.len()), &mail.subject]
        {
            assert!(line.contains(part), "{part}: {line}");
        }

        // RFC 4315 section 3: COPYUID and APPENDUID name what was made.
        let copied = imap.ok(&format!("UID COPY {uid} INBOX"));
        assert!(copied.text.contains("[COPYUID "), "{copied:?}");
        imap.ok(r"STORE 1 +FLAGS (\Deleted)");
        assert!(!imap.ok("EXPUNGE").with("1 EXPUNGE").is_empty());
        imap.ok("CLOSE");
        imap.ok("DELETE Probe/Within");
    });
}

#[test]
fn a_command_that_cannot_be_understood_gets_bad_and_ends_nothing() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let mut imap = demo.imap(&anna);
    for wrong in ["NONSENSE", "SELECT", "FETCH 0 FLAGS", "UID FETCH 1:", "STORE 1 FLAGS"] {
        assert_eq!(imap.command(wrong).status, "BAD", "{wrong}");
    }
    imap.ok("NOOP");
    demo.consistent();
}

#[test]
fn before_login_nothing_is_to_be_had() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let mut imap = demo.imap_plain();
    for early in ["SELECT INBOX", "LIST \"\" *"] {
        assert_ne!(imap.command(early).status, "OK", "{early}");
    }
    assert_eq!(imap.command(&format!("LOGIN {} wrong", anna.address)).status, "NO");
    imap.ok("LOGOUT");
    demo.consistent();
}

#[test]
fn the_wall_between_domains_holds() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let domain = |address: &str| address.split('@').nth(1).map(str::to_owned);
    let accounts = demo.accounts();
    let Some(stranger) = accounts.iter().find(|other| domain(&other.address) != domain(&anna.address)) else {
        panic!("the demo has two domains: {accounts:?}")
    };
    let list = demo.imap(&anna).ok("LIST \"\" *");
    assert!(list.with(&stranger.address).is_empty(), "{list:?}");
    demo.consistent();
}
