//! TLS at every door: by STARTTLS or STLS, and from the first byte. RFC 9051, RFC 2595, RFC 3207.

use blackbox::{Demo, Mail, Store, eventually};

#[test]
fn every_door_is_entered_by_each_of_its_ways_into_tls() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();

    let mut by_start_tls = demo.imap_after_start_tls(b"");
    by_start_tls.login(&anna.address, &anna.password);
    for mut imap in [by_start_tls, demo.imap(&anna)] {
        assert!(imap.ok("CAPABILITY").with("STARTTLS").is_empty(), "no TLS within TLS");
        imap.select("INBOX");
        imap.ok("LOGOUT");
    }

    let mut by_stls = demo.pop3_after_stls(b"");
    by_stls.login(&anna.address, &anna.password);
    by_stls.ok("STAT");
    // One at a time: a maildrop may be open once.
    by_stls.ok("QUIT");
    let mut implicit = demo.pop3(&anna);
    implicit.ok("STAT");
    implicit.ok("QUIT");

    let mut sent = Vec::new();
    for mut smtp in [demo.submission(&anna), demo.submission_with_tls(&anna)] {
        let mail = Mail::plain(&anna.address, &ben.address);
        smtp.deliver(&anna.address, &[&ben.address], &mail);
        smtp.expect("QUIT", 221);
        sent.push(mail);
    }
    let mail = Mail::plain(&anna.address, &ben.address);
    demo.lmtp_with_tls().deliver(&anna.address, &[&ben.address], &mail);
    sent.push(mail);
    let mut imap = demo.imap(&ben);
    for mail in &sent {
        eventually("the mail is in the Inbox", || {
            imap.select("INBOX");
            (imap.uids_of(&mail.subject).len() == 1).then_some(())
        });
    }

    assert!(demo.url("https").starts_with("https://"));
    assert_eq!(demo.phone(&anna, "16.1").options_status(), 200);
    demo.dav(&anna).homes();
    demo.consistent();
}

#[test]
fn no_door_takes_a_password_in_the_clear() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();

    let mut imap = demo.imap_plain();
    assert!(imap.greeting.contains("STARTTLS"), "{}", imap.greeting);
    assert!(imap.greeting.contains("LOGINDISABLED"), "{}", imap.greeting);
    let reply = imap.command(&format!("LOGIN {} {}", anna.address, anna.password));
    assert_eq!(reply.status, "NO", "{reply:?}");
    assert!(reply.text.contains("[PRIVACYREQUIRED]"), "{reply:?}");

    let mut pop3 = demo.pop3_plain();
    for command in [format!("USER {}", anna.address), "AUTH PLAIN".to_owned()] {
        let told = pop3.command(&command);
        assert!(told.starts_with("-ERR [SYS/PERM]"), "{command}: {told}");
    }

    let mut smtp = demo.submission_plain();
    assert!(smtp.extensions.iter().any(|extension| extension == "STARTTLS"), "{:?}", smtp.extensions);
    let offered = smtp.extensions.iter().find(|extension| extension.starts_with("AUTH"));
    assert_eq!(offered, None);
    let (code, text) = smtp.command("AUTH PLAIN");
    assert!(code >= 500, "{code} {text}");
    demo.consistent();
}

/// Whoever can write into a connection before TLS must not be heard within it.
#[test]
fn what_came_after_starttls_in_the_same_packet_is_thrown_away() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();

    // RFC 9051 section 6.2.1. An answer to `evil` would come first, and fail the client.
    let evil = format!("evil NOOP\r\nevil LOGIN {} {}\r\n", ben.address, ben.password);
    let mut imap = demo.imap_after_start_tls(evil.as_bytes());
    assert_ne!(imap.command("SELECT INBOX").status, "OK", "nobody is logged in");
    imap.login(&anna.address, &anna.password);
    imap.select("INBOX");

    // RFC 2595 section 4. To CAPA and USER the answer would be +OK.
    let evil = format!("CAPA\r\nUSER {}\r\n", ben.address);
    let mut pop3 = demo.pop3_after_stls(evil.as_bytes());
    let told = pop3.command(&format!("PASS {}", ben.password));
    assert!(told.starts_with("-ERR"), "{told}");
    pop3.login(&anna.address, &anna.password);
    pop3.ok("STAT");

    // RFC 3207 section 4.2. A reply to NOOP would be 250, and EHLO would allow what comes now.
    let mut smtp = demo.submission_after_start_tls(b"NOOP\r\nEHLO evil.test\r\n");
    smtp.expect(&format!("MAIL FROM:<{}>", anna.address), 503);
    smtp.expect("EHLO probe.test", 250);
    smtp.authenticate(&anna.address, &anna.password);
    let mut lmtp = demo.lmtp_after_start_tls(b"NOOP\r\nLHLO evil.test\r\n");
    lmtp.expect(&format!("MAIL FROM:<{}>", anna.address), 503);
    lmtp.expect("LHLO probe.test", 250);
    lmtp.expect(&format!("MAIL FROM:<{}>", anna.address), 250);
    demo.consistent();
}
