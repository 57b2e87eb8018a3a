//! LMTP: one reply for each recipient.

use crate::house::House;
use session::Limits;
use std::time::Duration;
use vocabulary::{AccountId, GroupId, Role};

const MAIL: &str = "Message-ID: <1@mx.test>\r\nFrom: <x@mx.test>\r\nSubject: hello\r\n\r\nbody";

#[tokio::test]
async fn each_recipient_has_a_reply_of_its_own() {
    let house = House::plain().await;
    let mut client = house.lmtp().await;
    client.wants("MAIL FROM:<x@mx.test> SIZE=100 BODY=8BITMIME", "250 2.1.0").await;
    client.wants("RCPT TO:<anna@blumen.test>", "250 2.1.5").await;
    client.wants("RCPT TO:<nobody@blumen.test>", "550 5.1.1").await;
    client.wants("RCPT TO:<x@elsewhere.test>", "550 5.1.1").await;
    client.wants("RCPT TO:<full@blumen.test>", "250 2.1.5").await;
    client.wants("RCPT TO:<carla@garten.test>", "250 2.1.5").await;
    client.data(MAIL).await;
    client.expect("250 2.0.0 ").await;
    client.expect("452 4.2.2 ").await;
    client.expect("250 2.0.0 ").await;
    client.wants("QUIT", "221 2.0.0").await;
    client.closed().await;

    assert_eq!(house.inbox(house.full).await.len(), 0);
    assert_eq!(house.inbox(house.carla).await.len(), 1);
    let mails = house.inbox(house.anna).await;
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    let top = "Return-Path: <x@mx.test>\r\nDelivered-To: anna@blumen.test\r\nReceived: from mx.test ([127.0.0.1])\r\n\tby mail.blumen.test with LMTP id ";
    assert!(mail.starts_with(top), "{mail}");
    assert!(mail.contains("\r\n\tfor <anna@blumen.test>;\r\n"), "{mail}");
    assert!(mail.ends_with(&format!("+0000\r\n{MAIL}\r\n")), "{mail}");
    house.is_sound().await;
}

#[tokio::test]
async fn a_mail_that_comes_again_after_a_lost_250_is_stored_once() {
    let house = House::plain().await;
    for _ in 0..2 {
        let mut client = house.lmtp().await;
        client.envelope("x@mx.test", &["anna@blumen.test", "bert@blumen.test"]).await;
        client.data(MAIL).await;
        client.expect("250 2.0.0 ").await;
        // The second 250 is never read.
    }
    // Two at once, as after a time-out of the sender.
    let (mut one, mut two) = (house.lmtp().await, house.lmtp().await);
    for client in [&mut one, &mut two] {
        client.envelope("x@mx.test", &["bert@blumen.test"]).await;
        client.wants("DATA", "354").await;
    }
    for client in [&mut one, &mut two] {
        client.say(format!("{MAIL}\r\n.\r\n")).await;
    }
    one.expect("250 ").await;
    two.expect("250 ").await;
    assert_eq!(house.inbox(house.anna).await.len(), 1);
    assert_eq!(house.inbox(house.bert).await.len(), 1);

    // Another mail is another mail.
    let mut client = house.lmtp().await;
    client.envelope("x@mx.test", &["anna@blumen.test"]).await;
    client.data(MAIL.replace("<1@", "<2@")).await;
    client.expect("250 2.0.0 ").await;
    assert_eq!(house.inbox(house.anna).await.len(), 2);
    house.is_sound().await;
}

#[tokio::test]
async fn only_crlf_dot_crlf_ends_a_message() {
    let house = House::plain().await;
    let ends: [&[u8]; 9] = [
        b"\n.\n",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r.\r",
        b"\r.\r\n",
        b"\r\n.\r",
        b"\r\r\n.\r\r\n",
        b"\r\n\0.\r\n",
        b"\r\n.\0\r\n",
    ];
    for (index, end) in ends.iter().enumerate() {
        let mut client = house.lmtp().await;
        client.envelope("x@mx.test", &["anna@blumen.test"]).await;
        let mut message = format!("Message-ID: <smuggled.{index}@mx.test>\r\n\r\none").into_bytes();
        message.extend_from_slice(end);
        message.extend_from_slice(b"MAIL FROM:<evil@mx.test>\r\nRCPT TO:<bert@blumen.test>\r\nDATA\r\ntwo");
        client.data(&message).await;
        client.expect("250 2.0.0 ").await;
        // Had there been a second message, its replies would come before this one.
        client.wants("NOOP", "250 2.0.0 ok").await;
        let mails = house.inbox(house.anna).await;
        assert_eq!(mails.len(), index + 1, "{end:?}");
        let mail = &mails[index];
        assert!(mail.contains("MAIL FROM:<evil@mx.test>\r\n") && mail.ends_with("two\r\n"), "{mail:?}");
        assert!(!mail.replace("\r\n", "").contains(['\r', '\n', '\0']), "{mail:?}");
    }
    assert_eq!(house.inbox(house.bert).await.len(), 0);
    house.is_sound().await;
}

#[tokio::test]
async fn a_group_reaches_its_members_and_nobody_twice() {
    let house = House::plain().await;
    let team = house
        .admin(|tx, admin| {
            tx.create_group(admin, &"empty@blumen.test".parse().unwrap())?;
            tx.create_group(admin, &"team@blumen.test".parse().unwrap())
        })
        .await;
    add_members(&house, team, &[house.anna, house.bert]).await;
    let mut client = house.lmtp().await;
    client.wants("MAIL FROM:<>", "250").await;
    client.wants("RCPT TO:<empty@blumen.test>", "550 5.2.4").await;
    client.wants("RCPT TO:<team@blumen.test>", "250").await;
    client.wants("RCPT TO:<anna@flowers.test>", "250").await;
    client.wants("RCPT TO:<anna.huber@blumen.test>", "250").await;
    client.data(MAIL).await;
    for _ in 0..3 {
        client.expect("250 2.0.0 ").await;
    }
    client.wants("NOOP", "250 2.0.0 ok").await;
    for account in [house.anna, house.bert] {
        let mails = house.inbox(account).await;
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };
        assert!(mail.starts_with("Return-Path: <>\r\nDelivered-To: team@blumen.test\r\n"), "{mail}");
    }

    // One member without room: the sender tries again, the others keep their one copy.
    add_members(&house, team, &[house.full]).await;
    for _ in 0..2 {
        client.envelope("x@mx.test", &["team@blumen.test"]).await;
        client.data(MAIL.replace("<1@", "<2@")).await;
        client.expect("452 4.2.2 ").await;
    }
    assert_eq!(house.inbox(house.anna).await.len(), 2);
    house.is_sound().await;
}

async fn add_members(house: &House, group: GroupId, members: &[AccountId]) {
    for member in members.iter().copied() {
        house.admin(move |tx, admin| tx.set_member(admin, group, member, true)).await;
    }
}

#[tokio::test]
async fn chunks_make_one_message_and_none_without_recipients() {
    let house = House::plain().await;
    let mut client = house.lmtp().await;
    client.envelope("x@mx.test", &["anna@blumen.test", "bert@blumen.test"]).await;
    client.say("BDAT 12\r\nSubject: a\r\n").await;
    client.expect("250 2.0.0 12 octets").await;
    client.say("BDAT 9 LAST\r\n\r\nb\n.\r\nc\n").await;
    client.expect("250 2.0.0 accepted").await;
    client.expect("250 2.0.0 accepted").await;
    assert!(house.inbox(house.anna).await[0].ends_with("\r\nSubject: a\r\n\r\nb\r\n.\r\nc\r\n"));

    // RFC 2033 section 4.3: no recipient, no reply.
    client.wants("MAIL FROM:<x@mx.test>", "250").await;
    client.wants("RCPT TO:<nobody@blumen.test>", "550").await;
    client.say("BDAT 6 LAST\r\nNOOP\r\nNOOP\r\n").await;
    client.expect("250 2.0.0 ok").await;
    client.wants("MAIL FROM:<x@mx.test>", "250 2.1.0").await;
    client.wants("DATA", "503 5.5.1").await;
    house.is_sound().await;
}

#[tokio::test]
async fn who_talks_before_the_354_is_cut_off() {
    let house = House::plain().await;
    let mut client = house.lmtp().await;
    client.envelope("x@mx.test", &["anna@blumen.test"]).await;
    client.say("DATA\r\nSubject: early\r\n\r\n.\r\n").await;
    client.expect("554 5.5.1").await;
    client.closed().await;
    assert_eq!(house.inbox(house.anna).await.len(), 0);
    house.is_sound().await;
}

#[tokio::test]
async fn what_is_too_large_or_goes_in_circles_is_refused_and_the_next_is_taken() {
    let limits = Limits { message_bytes_max: 16 * 1024 + 5_000, ..Limits::default() };
    let house = House::new(false, limits).await;
    let mut client = house.lmtp().await;
    assert!(client.ask("LHLO mx.test").await.contains("250-SIZE 5000\r\n"));
    client.wants("MAIL FROM:<x@mx.test> SIZE=5001", "552 5.3.4").await;
    for (text, replies) in [
        (format!("Subject: large\r\n\r\n{}", "x".repeat(5_000)), "552 5.3.4 "),
        ("Received: a\r\n".repeat(101), "554 5.4.6 "),
        ("Received: a\r\n".repeat(100), "250 2.0.0 "),
    ] {
        client.envelope("x@mx.test", &["anna@blumen.test", "bert@blumen.test"]).await;
        client.data(text).await;
        client.expect(replies).await;
        client.expect(replies).await;
    }
    assert_eq!(house.inbox(house.anna).await.len(), 1);
    house.is_sound().await;
}

#[tokio::test]
async fn lmtp_is_not_smtp_and_knows_no_login() {
    let house = House::plain().await;
    let mut client = house.lmtp().await;
    assert!(!client.ask("LHLO mx.test").await.contains("AUTH"));
    client.wants("EHLO mx.test", "500 5.5.1").await;
    client.wants("HELO mx.test", "500 5.5.1").await;
    client.wants("AUTH PLAIN AGEAYg==", "502 5.5.1").await;
    client.wants("STARTTLS", "454 4.7.0").await;
    client.wants("MAIL FROM:<x@mx.test> BODY=BINARYMIME", "555 5.5.4").await;
    client.wants("MAIL FROM:<x@mx.test> RET=FULL", "555 5.5.4").await;
    client.wants("RCPT TO:<anna@blumen.test>", "503 5.5.1").await;
    client.wants("MAIL FROM:<x@mx.test>", "250").await;
    client.wants("RCPT TO:<anna@blumen.test> NOTIFY=SUCCESS", "555 5.5.4").await;
    client.wants("VRFY anna", "252").await;
    client.wants("RSET", "250").await;
    client.wants("DATA", "503 5.5.1").await;
    house.is_sound().await;
}

#[tokio::test]
async fn mail_to_the_postmaster_is_always_taken() {
    let house = House::plain().await;
    // Nobody has the address and nobody was appointed: who has been in the domain longest.
    for (to, account, own) in [
        ("<Postmaster>", house.anna, "postmaster@blumen.test"),
        ("<POSTMASTER@blumen.test>", house.anna, "postmaster@blumen.test"),
        ("<postmaster@flowers.test>", house.anna, "postmaster@blumen.test"),
        ("<postmaster@garten.test>", house.carla, "postmaster@garten.test"),
    ] {
        let mail = house.to_postmaster(to, account).await;
        assert!(mail.contains(&format!("Delivered-To: {own}\r\n")), "{to}: {mail}");
    }
    let mut client = house.lmtp().await;
    client.wants("MAIL FROM:<x@mx.test>", "250").await;
    client.wants("RCPT TO:<postmaster@elsewhere.test>", "550").await;
    client.wants("RCPT TO:<postmasters@blumen.test>", "550 5.1.1").await;

    // Then whoever has it.
    let bert = house.bert;
    house.admin(move |tx, admin| tx.add_alias(admin, bert, &"postmaster@blumen.test".parse().unwrap())).await;
    for to in ["<Postmaster>", "<postmaster@blumen.test>"] {
        house.to_postmaster(to, house.bert).await;
    }
    house.to_postmaster("<postmaster@garten.test>", house.carla).await;
    house.is_sound().await;
}

#[tokio::test]
async fn an_appointed_postmaster_reads_for_every_domain_that_has_none() {
    let house = House::appointing("bert@blumen.test").await;
    for to in ["<Postmaster>", "<postmaster@blumen.test>", "<postmaster@garten.test>"] {
        house.to_postmaster(to, house.bert).await;
    }
    // Whom nobody knows any more cannot read: then it is as without.
    let bert = house.bert;
    house
        .admin(move |tx, admin| tx.rename_account(admin, bert, &"robert@blumen.test".parse().unwrap()))
        .await;
    house.to_postmaster("<Postmaster>", house.anna).await;
    let anna = house.anna;
    house.admin(move |tx, admin| tx.suspend_account(admin, anna, true)).await;
    house.to_postmaster("<Postmaster>", house.bert).await;
    house.is_sound().await;
}

#[tokio::test]
async fn tls_is_offered_to_the_mail_server_in_front_and_not_required() {
    let house = House::new(true, Limits::default()).await;
    let mut client = house.lmtp().await;
    assert!(client.ask("LHLO mx.test").await.contains("STARTTLS\r\n"));
    client.envelope("x@mx.test", &["anna@blumen.test"]).await;
    client.data("Subject: in the clear\r\n\r\nbody").await;
    client.expect("250 2.0.0 ").await;
    client.wants("STARTTLS", "220 2.0.0").await;
    let mut client = house.secure(client).await;
    let hello = client.ask("LHLO mx.test").await;
    assert!(!hello.contains("STARTTLS") && !hello.contains("AUTH"), "{hello}");
    client.envelope("x@mx.test", &["anna@blumen.test"]).await;
    client.data("Subject: hidden\r\n\r\nbody").await;
    client.expect("250 2.0.0 ").await;
    let mails = house.inbox(house.anna).await;
    assert!(mails[0].contains(" with LMTP id ") && mails[1].contains(" with LMTPS id "), "{mails:?}");
    house.is_sound().await;
}

#[tokio::test]
async fn at_a_shutdown_the_message_under_way_is_taken_and_the_idle_are_told() {
    let house = House::plain().await;
    let mut idle = house.lmtp().await;
    let mut busy = house.lmtp().await;
    busy.envelope("x@mx.test", &["anna@blumen.test"]).await;
    busy.wants("DATA", "354").await;
    busy.say("Subject: under way\r\n").await;
    house.context.tasks.begin_shutdown();
    idle.expect("421 4.3.2 mail.blumen.test ").await;
    idle.closed().await;
    busy.say("\r\nbody\r\n.\r\n").await;
    busy.expect("250 2.0.0 ").await;
    busy.expect("421 4.3.2 ").await;
    busy.closed().await;
    assert!(house.context.tasks.drained(Duration::from_secs(60)).await);
    assert_eq!(house.mails_in(house.anna, Role::Inbox).await.len(), 1);
    house.is_sound().await;
}
