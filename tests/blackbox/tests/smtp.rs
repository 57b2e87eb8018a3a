//! LMTP and submission at the wire: RFC 5321, RFC 2033, RFC 6409.

use blackbox::{Demo, Mail, Store, on_each_store};

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

/// A mail hidden in another by a bare LF or CR must stay inside it or be refused: never two mails.
#[test]
fn only_crlf_dot_crlf_ends_the_data() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    for end in ["\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r"] {
        let outer = Mail::plain(&ben.address, &anna.address);
        let inner = Mail::plain(&ben.address, &anna.address);
        let mut lmtp = demo.lmtp();
        lmtp.expect(&format!("MAIL FROM:<{}>", ben.address), 250);
        lmtp.expect(&format!("RCPT TO:<{}>", anna.address), 250);
        lmtp.expect("DATA", 354);
        lmtp.send_raw(format!("Subject: {}\r\n\r\nouter{end}", outer.subject).as_bytes());
        lmtp.send_raw(format!("MAIL FROM:<{0}>\r\nRCPT TO:<{0}>\r\nDATA\r\n", anna.address).as_bytes());
        lmtp.send_raw(format!("Subject: {}\r\n\r\ninner\r\n.\r\n", inner.subject).as_bytes());
        let (code, text) = lmtp.reply();
        assert!(code == 250 || code >= 500, "{end:?}: {code} {text}");
        let mut imap = demo.imap(&anna);
        imap.select("INBOX");
        assert!(imap.uids_of(&inner.subject).is_empty(), "{end:?} smuggled a mail");
    }
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
