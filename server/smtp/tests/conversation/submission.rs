//! Submission: who may send what to whom.

use crate::house::{Client, House, PASSWORD};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::Limits;
use std::time::Duration;
use storage::PasswordKeys;
use vocabulary::Role;

const MAIL: &str = "From: Anna <anna@blumen.test>\r\nTo: bert@blumen.test\r\nBcc: carla@garten.test,\r\n dora@x.test\r\nSubject: hello\r\n\r\nbody";

#[tokio::test]
async fn a_mail_reaches_this_house_completed_and_without_bcc() {
    let house = House::plain().await;
    let mut client = house.anna().await;
    client.envelope("anna@blumen.test", &["bert@blumen.test", "carla@garten.test"]).await;
    client.data(MAIL).await;
    client.expect("250 2.0.0 accepted").await;
    for (account, address) in [(house.bert, "bert@blumen.test"), (house.carla, "carla@garten.test")] {
        let mails = house.inbox(account).await;
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "body\r\n");
        assert!(!head.contains("Bcc") && !head.contains("dora"), "{head}");
        assert!(head.contains("\r\nDate: ") && head.contains("\r\nMessage-ID: <"), "{head}");
        assert!(head.contains(&format!("Delivered-To: {address}\r\n")), "{head}");
        assert!(head.contains("Return-Path: <anna@blumen.test>\r\n"), "{head}");
        assert!(
            head.contains(
                "Received: from laptop.test ([127.0.0.1])\r\n\tby mail.blumen.test with ESMTPA id "
            )
        );
        assert!(!head.contains("\tfor "), "several recipients must not learn of each other: {head}");
    }
    // The mail program saves its own copy.
    assert_eq!(house.mails_in(house.anna, Role::Sent).await.len(), 0);
    house.is_sound().await;
}

#[tokio::test]
async fn nobody_sends_without_a_login_or_as_somebody_else() {
    let house = House::plain().await;
    let mut client = house.submission().await;
    client.wants("LHLO laptop.test", "500 5.5.1").await;
    client.wants("MAIL FROM:<anna@blumen.test>", "503 5.5.1").await;
    client.wants("EHLO laptop.test", "250").await;
    client.wants("MAIL FROM:<anna@blumen.test>", "530 5.7.0").await;
    client.login().await;
    client.wants("AUTH PLAIN AGEAYg==", "503 5.5.1").await;
    for stranger in ["bert@blumen.test", "carla@garten.test", "x@elsewhere.test", "nobody@blumen.test"] {
        client.wants(&format!("MAIL FROM:<{stranger}>"), "550 5.7.1").await;
    }
    for from in ["bert@blumen.test", "Anna <anna@blumen.test>, Bert <bert@blumen.test>", "x@elsewhere.test"] {
        client.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
        client.data(format!("From: {from}\r\nSubject: forged\r\n\r\nbody")).await;
        client.expect("550 5.7.1 ").await;
    }
    client.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
    client.data("From: anna@blumen.test\r\nSender: bert@blumen.test\r\n\r\nforged").await;
    client.expect("550 5.7.1 ").await;
    assert_eq!(house.inbox(house.bert).await.len(), 0);

    for own in ["anna.huber@blumen.test", "Anna+shop@Blumen.Test", ""] {
        client.envelope(own, &["bert@blumen.test"]).await;
        client.data(format!("From: anna.huber@blumen.test\r\nSubject: as {own}\r\n\r\nbody")).await;
        client.expect("250 2.0.0 ").await;
    }
    assert_eq!(house.inbox(house.bert).await.len(), 3);
    house.is_sound().await;
}

#[tokio::test]
async fn recipients_outside_and_unknown_ones_are_refused_at_rcpt() {
    let house = House::plain().await;
    let mut client = house.anna().await;
    client.wants("MAIL FROM:<anna@blumen.test>", "250").await;
    let outside = client.ask("RCPT TO:<x@elsewhere.test>").await;
    assert_eq!(outside, "550 5.4.4 mail to other domains is not set up on this server\r\n");
    client.wants("RCPT TO:<nobody@blumen.test>", "550 5.1.1").await;
    client.wants("RCPT TO:<nobody@flowers.test>", "550 5.1.1").await;
    client.wants("DATA", "503").await;
    client.wants("RCPT TO:<bert@flowers.test>", "250").await;
    client.data(MAIL).await;
    client.expect("250 2.0.0 ").await;
    let mail = &house.inbox(house.bert).await[0];
    assert!(mail.contains("\tfor <bert@flowers.test>;"), "{mail}");
    house.is_sound().await;
}

#[tokio::test]
async fn a_full_mailbox_is_reported_and_the_others_have_the_mail() {
    let house = House::plain().await;
    let mut client = house.anna().await;
    client.envelope("anna@blumen.test", &["full@blumen.test", "bert@blumen.test"]).await;
    client.data(MAIL).await;
    client.expect("250 2.0.0 ").await;
    assert_eq!(house.inbox(house.bert).await.len(), 1);
    assert_eq!(house.inbox(house.full).await.len(), 0);
    let reports = house.inbox(house.anna).await;
    assert!(reports.len() == 1 && reports[0].contains("full@blumen.test"), "{reports:?}");
    house.is_sound().await;
}

#[tokio::test]
async fn a_mail_that_comes_again_after_a_lost_250_is_sent_once() {
    let house = House::plain().await;
    let same = format!("Message-ID: <1@laptop.test>\r\n{MAIL}");
    for _ in 0..2 {
        let mut client = house.anna().await;
        client.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
        client.data(&same).await;
        client.expect("250 2.0.0 ").await;
    }
    assert_eq!(house.inbox(house.bert).await.len(), 1);
    let mut client = house.anna().await;
    client.envelope("anna@blumen.test", &["carla@garten.test"]).await;
    client.data(&same).await;
    client.expect("250 2.0.0 ").await;
    assert_eq!(house.inbox(house.carla).await.len(), 1, "another recipient is another mail");
    house.is_sound().await;
}

#[tokio::test]
async fn plain_and_login_work_with_and_without_an_initial_response() {
    let house = House::plain().await;
    let user = "YW5uYUBibHVtZW4udGVzdA==";
    let password = "Y29ycmVjdCBob3JzZQ==";
    let plain = "AGFubmFAYmx1bWVuLnRlc3QAY29ycmVjdCBob3JzZQ==";
    assert_eq!(PASSWORD, "correct horse");
    let dialogues: [&[(&str, &str)]; 4] = [
        &[(&format!("AUTH PLAIN {plain}"), "235 2.7.0")],
        &[("AUTH PLAIN", "334 \r\n"), (plain, "235 2.7.0")],
        &[("AUTH LOGIN", "334 VXNlcm5hbWU6"), (user, "334 UGFzc3dvcmQ6"), (password, "235 2.7.0")],
        &[(&format!("auth login {user}"), "334 UGFzc3dvcmQ6"), (password, "235 2.7.0")],
    ];
    for dialogue in dialogues {
        let mut client = house.submission().await;
        client.wants("AUTH PLAIN", "503 5.5.1").await;
        assert!(client.ask("EHLO laptop.test").await.contains("AUTH PLAIN LOGIN\r\n"));
        client.wants("AUTH CRAM-MD5", "504 5.5.4").await;
        client.wants("AUTH PLAIN", "334 ").await;
        client.wants("*", "501 5.7.0").await;
        client.wants("AUTH LOGIN", "334 ").await;
        client.wants("!", "501 5.5.2").await;
        client.wants("AUTH PLAIN", "334 ").await;
        client.wants(&"A".repeat(20_000), "500 5.5.6").await;
        for (line, start) in dialogue {
            client.wants(line, start).await;
        }
        client.wants("MAIL FROM:<anna@blumen.test>", "250").await;
    }
    house.is_sound().await;
}

#[tokio::test]
async fn wrong_passwords_end_the_connection_after_a_few() {
    let house = House::new(false, Limits { failed_logins_max: 3, ..Limits::default() }).await;
    let mut client = house.submission().await;
    client.wants("EHLO laptop.test", "250").await;
    for wrong in
        ["AGFubmFAYmx1bWVuLnRlc3QAYQ==", "AG5vYm9keUBibHVtZW4udGVzdABh", "AGFubmFAYmx1bWVuLnRlc3QAYg=="]
    {
        client.wants(&format!("AUTH PLAIN {wrong}"), "535 5.7.8 credentials invalid").await;
    }
    client.closed().await;
    house.is_sound().await;
}

#[tokio::test]
async fn a_closed_account_sends_nothing_more() {
    let house = House::plain().await;
    let mut client = house.anna().await;
    let anna = house.anna;
    house.admin(move |tx, admin| tx.suspend_account(admin, anna, true)).await;
    client.wants("MAIL FROM:<anna@blumen.test>", "421 4.7.0").await;
    client.closed().await;
    house.is_sound().await;
}

#[tokio::test]
async fn a_changed_password_ends_the_sessions_of_the_old_one() {
    let house = House::plain().await;
    let mut client = house.anna().await;
    client.wants("MAIL FROM:<anna@blumen.test>", "250 2.1.0").await;
    client.wants("RSET", "250").await;
    let (anna, keys) = (house.anna, PasswordKeys::new("another one").unwrap());
    house.admin(move |tx, admin| tx.set_password(admin, anna, &keys)).await;
    client.wants("MAIL FROM:<anna@blumen.test>", "421 4.7.0 the password was changed").await;
    client.closed().await;
    house.is_sound().await;
}

#[tokio::test]
async fn one_sender_cannot_keep_others_mail_out() {
    let house = House::new(false, Limits { message_bytes_max: 1 << 20, ..Limits::default() }).await;
    // The reply to a chunk says that it is held.
    let chunk = format!("BDAT 1000000\r\n{}", "x".repeat(1_000_000));
    let mut held = [house.anna().await, house.anna().await];
    for client in &mut held {
        client.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
        client.say(&chunk).await;
        client.expect("250 2.0.0 1000000 octets").await;
    }
    let mut third = house.anna().await;
    third.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
    let large = format!("From: anna@blumen.test\r\n\r\n{}", "a line of text\r\n".repeat(50_000));
    third.data(&large).await;
    third.expect("452 4.3.1 ").await;

    let mut incoming = house.lmtp().await;
    incoming.envelope("x@mx.test", &["anna@blumen.test"]).await;
    incoming.data(&large).await;
    incoming.expect("250 2.0.0 ").await;

    let [mut first, _] = held;
    first.wants("RSET", "250").await;
    third.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
    third.data(&large).await;
    third.expect("250 2.0.0 ").await;
    house.is_sound().await;
}

#[tokio::test]
async fn a_message_that_comes_byte_by_byte_ends_the_connection() {
    let house = House::new(false, Limits { smtp_idle_timeout_s: 2, ..Limits::default() }).await;
    for begin in ["DATA", "BDAT 1000000\r\nx"] {
        let mut client = amid_a_message(&house, begin).await;
        // Never silent for long, and never done.
        let drip = async {
            while !client.speaks_within(Duration::from_millis(100)).await {
                client.say("x").await;
            }
        };
        tokio::time::timeout(END_IN_TIME, drip).await.expect("an end in time");
        client.expect("421 ").await;
    }
    // Nor do commands between two chunks buy time.
    let mut client = amid_a_message(&house, "BDAT 1\r\nx").await;
    let commands = async {
        while let Some(reply) = client.ask_while_open("NOOP").await {
            assert!(reply.starts_with("250 "), "{reply}");
            client.speaks_within(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(END_IN_TIME, commands).await.expect("an end in time");
    house.is_sound().await;
}

/// Far longer than the server's patience, and far shorter than for ever.
const END_IN_TIME: Duration = Duration::from_secs(60);

/// A client of Anna's who has begun a message. On a busy machine the server's patience may end before
/// that: then it begins anew.
async fn amid_a_message(house: &House, begin: &str) -> Client {
    const TRIES: usize = 50;
    for _ in 0..TRIES {
        let mut client = house.submission().await;
        if begins(&mut client, begin).await {
            return client;
        }
    }
    panic!("no message was begun in {TRIES} tries");
}

async fn begins(client: &mut Client, begin: &str) -> bool {
    let secret = STANDARD.encode(format!("\0anna@blumen.test\0{PASSWORD}"));
    let commands = [
        ("EHLO laptop.test".to_owned(), "250"),
        (format!("AUTH PLAIN {secret}"), "235"),
        ("MAIL FROM:<anna@blumen.test>".to_owned(), "250"),
        ("RCPT TO:<bert@blumen.test>".to_owned(), "250"),
    ];
    for (command, start) in commands {
        let Some(reply) = client.ask_while_open(&command).await else { return false };
        assert!(reply.starts_with(start), "{command}: {reply}");
    }
    match begin {
        "DATA" => client.ask_while_open(begin).await.is_some_and(|reply| reply.starts_with("354")),
        // The chunk is whole: it has a reply.
        "BDAT 1\r\nx" => {
            client.say(begin).await;
            client.reply().await.starts_with("250 2.0.0 1 octets")
        }
        _ => {
            client.say(begin).await;
            true
        }
    }
}

#[tokio::test]
async fn without_tls_no_password_is_asked_for_where_tls_is_to_be_had() {
    let house = House::new(true, Limits::default()).await;
    let mut client = house.submission().await;
    let hello = client.ask("EHLO laptop.test").await;
    assert!(hello.contains("STARTTLS\r\n") && !hello.contains("AUTH"), "{hello}");
    client.wants("AUTH PLAIN AGFubmFAYmx1bWVuLnRlc3QAY29ycmVjdCBob3JzZQ==", "538 5.7.11").await;
    client.wants("AUTH LOGIN", "538 5.7.11").await;
    client.wants("STARTTLS", "220 2.0.0").await;
    let mut client = house.secure(client).await;
    client.wants("MAIL FROM:<anna@blumen.test>", "503 5.5.1").await;
    let hello = client.ask("EHLO laptop.test").await;
    assert!(hello.contains("AUTH PLAIN LOGIN\r\n") && !hello.contains("STARTTLS"), "{hello}");
    client.wants("STARTTLS", "503 5.5.1").await;
    client.login().await;
    client.envelope("anna@blumen.test", &["bert@blumen.test"]).await;
    client.data(MAIL).await;
    client.expect("250 2.0.0 ").await;
    assert!(house.inbox(house.bert).await[0].contains(" with ESMTPSA id "));
    house.is_sound().await;
}

#[tokio::test]
async fn what_was_said_before_the_handshake_is_forgotten() {
    let house = House::new(true, Limits::default()).await;
    let mut client = house.submission().await;
    client.say("EHLO evil.test\r\nSTARTTLS\r\nNOOP\r\nEHLO evil.test\r\n").await;
    client.expect("250").await;
    client.expect("220 2.0.0").await;
    let mut client = house.secure(client).await;
    // A reply to the injected NOOP would come first; the injected EHLO would allow AUTH.
    client.wants("AUTH PLAIN", "503 5.5.1").await;
    house.is_sound().await;
}

#[tokio::test]
async fn silence_and_nonsense_end_a_connection() {
    let limits = Limits { before_login_timeout_s: 0, ..Limits::default() };
    let house = House::new(false, limits).await;
    let mut client = house.submission().await;
    client.expect("421 4.3.2 ").await;
    client.closed().await;

    let house = House::new(false, Limits { bad_commands_max: 3, ..Limits::default() }).await;
    let mut client = house.submission().await;
    client.say(format!("XYZZY\r\n{}\r\n\u{1b}\r\n", "x".repeat(10_000))).await;
    client.expect("500 ").await;
    client.expect("500 ").await;
    client.expect("421 4.3.2 ").await;
    client.closed().await;
    house.is_sound().await;
}
