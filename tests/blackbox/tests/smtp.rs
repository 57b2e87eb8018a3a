//! LMTP and submission at the wire: RFC 5321, RFC 2033, RFC 6409.

use blackbox::{Demo, Mail, Store, on_each_store, unique};

#[test]
fn mail_to_an_unknown_address_is_refused_at_rcpt() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let nobody = anna.address.replacen('@', "-nobody@", 1);
        let mut lmtp = demo.lmtp();
        lmtp.expect(&format!("MAIL FROM:<{}>", anna.address), 250);
        lmtp.expect(&format!("RCPT TO:<{nobody}>"), 550);
        lmtp.expect(&format!("RCPT TO:<{}>", anna.address), 250);
        lmtp.expect("RSET", 250);
        lmtp.expect("QUIT", 221);
    });
}

#[test]
fn each_recipient_has_an_answer_of_its_own_and_a_mail_of_its_own() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&anna.address, &ben.address);
        demo.lmtp().deliver(&anna.address, &[&anna.address, &ben.address], &mail);
        for account in [&anna, &ben] {
            let mut imap = demo.imap(account);
            imap.select("INBOX");
            let uids = imap.uids_of(&mail.subject);
            assert_eq!(uids.len(), 1, "{}", account.address);
            assert!(imap.body_of(uids[0]).ends_with(&mail.bytes));
        }
    });
}

/// What some server somewhere has taken for the end of a message.
const SMUGGLERS: [&str; 14] = [
    "\n.\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r\n.\r",
    "\r.\r\n",
    "\n.\r",
    "\r.\n",
    "\r\n.\0\r\n",
    "\r\n\0.\r\n",
    "\0\n.\0\n",
    "\r\r\n.\n",
    "\r\n.\r\r\n",
    "\n.\r\r\n",
];

/// A mail hidden in another must stay inside it or be refused: never two mails, never a command obeyed.
#[test]
fn only_crlf_dot_crlf_ends_the_data() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let outer = |end: &str| format!("outer {} {}", end.escape_debug(), unique());
    let mut lmtp = demo.lmtp();
    let mut hidden = Vec::new();
    for end in SMUGGLERS {
        let inner = Mail::plain(&ben.address, &anna.address);
        lmtp.expect(&format!("MAIL FROM:<{}>", ben.address), 250);
        lmtp.expect(&format!("RCPT TO:<{}>", anna.address), 250);
        lmtp.expect("DATA", 354);
        lmtp.send_raw(format!("Subject: {}\r\n\r\nouter{end}", outer(end)).as_bytes());
        lmtp.send_raw(format!("MAIL FROM:<{0}>\r\nRCPT TO:<{0}>\r\nDATA\r\n", anna.address).as_bytes());
        lmtp.send_raw(format!("Subject: {}\r\n\r\ninner\r\n.\r\n", inner.subject).as_bytes());
        // One recipient, one reply; whatever else was obeyed would be answered before this.
        lmtp.send_raw(b"QUIT\r\n");
        let replies = lmtp.replies_until(221);
        let [(code, text)] = &replies[..] else { panic!("{end:?} was taken for an end: {replies:?}") };
        assert!(*code == 250 || *code >= 500, "{end:?}: {code} {text}");
        hidden.push((end, inner.subject));
        lmtp = demo.lmtp();
    }
    let mut imap = demo.imap(&anna);
    imap.select("INBOX");
    for (end, subject) in hidden {
        assert!(imap.uids_of(&subject).is_empty(), "{end:?} smuggled a mail");
    }
    demo.consistent();
}

/// The same bytes with the right end are two mails: the test above can see what it looks for.
#[test]
fn two_messages_with_their_ends_are_two_mails() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let (first, second) =
        (Mail::plain(&ben.address, &anna.address), Mail::plain(&ben.address, &anna.address));
    let mut lmtp = demo.lmtp();
    lmtp.expect(&format!("MAIL FROM:<{}>", ben.address), 250);
    lmtp.expect(&format!("RCPT TO:<{}>", anna.address), 250);
    lmtp.expect("DATA", 354);
    lmtp.send_raw(format!("Subject: {}\r\n\r\nouter\r\n.\r\n", first.subject).as_bytes());
    lmtp.send_raw(format!("MAIL FROM:<{0}>\r\nRCPT TO:<{0}>\r\n", anna.address).as_bytes());
    let (code, _) = lmtp.reply();
    assert_eq!(code, 250);
    assert_eq!(lmtp.reply().0, 250, "MAIL");
    assert_eq!(lmtp.reply().0, 250, "RCPT");
    lmtp.expect("DATA", 354);
    lmtp.send_raw(format!("Subject: {}\r\n\r\ninner\r\n.\r\nQUIT\r\n", second.subject).as_bytes());
    assert_eq!(lmtp.replies_until(221).len(), 1);
    let mut imap = demo.imap(&anna);
    imap.select("INBOX");
    for mail in [first, second] {
        assert_eq!(imap.uids_of(&mail.subject).len(), 1);
    }
    demo.consistent();
}

#[test]
fn the_mail_server_in_front_may_use_tls_and_reaches_the_postmaster() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let offered = demo.lmtp().extensions;
    assert!(offered.iter().any(|extension| extension == "STARTTLS"), "{offered:?}");
    let mail = Mail::plain("root@elsewhere.test", &anna.address);
    let mut lmtp = demo.lmtp_with_tls();
    lmtp.expect("MAIL FROM:<root@elsewhere.test>", 250);
    // RFC 5321 section 4.5.1: without a domain, in any case.
    lmtp.expect("RCPT TO:<POSTMASTER>", 250);
    lmtp.send_message(&mail);
    lmtp.expect("QUIT", 221);
    let found = demo.accounts().iter().filter(|account| account.kind != "pop3").any(|account| {
        let mut imap = demo.imap(account);
        imap.select("INBOX");
        imap.uids_of(&mail.subject).len() == 1
    });
    assert!(found, "somebody reads it");
    demo.consistent();
}

#[test]
fn nobody_sends_in_the_name_of_a_stranger() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let mut smtp = demo.submission(&anna);
    let (code, _) = smtp.command("MAIL FROM:<somebody-else@elsewhere.test>");
    assert!(code >= 500, "a sender that is not one's own is refused: {code}");
    demo.consistent();
}
