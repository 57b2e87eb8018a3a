//! Login, the frozen list, and the update at QUIT.

use crate::house::{ANNA, House, PASSWORD};
use session::Limits;
use std::time::Duration;

const ONE: &[u8] = b"Subject: one\r\nMessage-ID: <1@x>\r\n\r\n.dot\r\nline 2\r\n\r\nline 4\r\n";
const TWO: &[u8] = b"Subject: two\nFrom: a@b\n\nbare line feeds\n";
const THREE: &[u8] = b"Subject: three\r\n\r\nthree\r\n";

/// What a client stores of a message that was sent.
fn unstuffed(sent: &str) -> String {
    sent.split_inclusive("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect()
}

#[tokio::test]
async fn a_session_lists_retrieves_and_deletes_at_quit_only() {
    let house = House::plain().await;
    let uids = [house.mail(ONE).await, house.mail(TWO).await, house.mail(THREE).await];
    let mut client = house.login().await;

    let list = client.many("LIST").await;
    let sizes: Vec<usize> =
        list.lines().map(|line| line.split_once(' ').unwrap().1.parse().unwrap()).collect();
    assert_eq!(client.ask("STAT").await, format!("+OK 3 {}", sizes.iter().sum::<usize>()));
    for (number, size) in (1..).zip(&sizes) {
        let message = unstuffed(&client.many(&format!("RETR {number}")).await);
        assert_eq!(message.len(), *size, "what is sent has the size that was listed");
        assert_eq!(client.ask(&format!("LIST {number}")).await, format!("+OK {number} {size}"));
    }
    assert_eq!(unstuffed(&client.many("RETR 1").await).as_bytes(), ONE);
    assert_eq!(client.many("RETR 2").await, "Subject: two\r\nFrom: a@b\r\n\r\nbare line feeds\r\n");

    assert!(client.ask("DELE 2").await.starts_with("+OK"));
    assert!(client.ask("RETR 2").await.starts_with("-ERR"));
    assert!(client.ask("DELE 2").await.starts_with("-ERR"));
    assert!(client.ask("LIST 2").await.starts_with("-ERR"));
    assert_eq!(client.ask("STAT").await, format!("+OK 2 {}", sizes[0] + sizes[2]));
    assert_eq!(client.many("LIST").await, format!("1 {}\r\n3 {}\r\n", sizes[0], sizes[2]));
    assert!(client.ask("RSET").await.starts_with("+OK"));
    assert!(client.ask("STAT").await.starts_with("+OK 3 "));
    assert!(client.ask("DELE 1").await.starts_with("+OK"));
    assert!(client.ask("DELE 3").await.starts_with("+OK"));
    assert_eq!(house.uids().await, uids, "nothing is deleted before QUIT");
    assert!(client.ask("QUIT").await.starts_with("+OK"));
    client.closed().await;
    assert_eq!(house.uids().await, uids[1..2]);
    house.is_sound().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_deletes_nothing() {
    let house = House::plain().await;
    let uids = [house.mail(ONE).await, house.mail(TWO).await];
    let mut client = house.login().await;
    assert!(client.ask("DELE 1").await.starts_with("+OK"));
    drop(client);
    house.context.tasks.begin_shutdown();
    assert!(house.context.tasks.drained(Duration::from_secs(60)).await);
    assert_eq!(house.uids().await, uids);
    house.is_sound().await;
}

#[tokio::test]
async fn the_list_is_frozen_and_what_vanished_meanwhile_is_still_retrieved() {
    let house = House::plain().await;
    let (one, two) = (house.mail(ONE).await, house.mail(TWO).await);
    let mut client = house.login().await;
    house.remove(one).await;
    let new = house.mail(THREE).await;
    assert!(client.ask("STAT").await.starts_with("+OK 2 "));
    assert_eq!(unstuffed(&client.many("RETR 1").await).as_bytes(), ONE);
    assert!(client.ask("RETR 3").await.starts_with("-ERR"));
    // Both are marked: one that is gone already, and its neighbour. What came later stays.
    assert!(client.ask("DELE 1").await.starts_with("+OK"));
    assert!(client.ask("DELE 2").await.starts_with("+OK"));
    assert!(client.ask("QUIT").await.starts_with("+OK"));
    assert_eq!(house.uids().await, [new]);
    assert_ne!(new, two);
    house.is_sound().await;
}

#[tokio::test]
async fn unique_ids_are_the_same_in_every_session_and_are_not_given_again() {
    let house = House::plain().await;
    house.mail(ONE).await;
    house.mail(TWO).await;
    let mut first = house.login().await;
    let ids = first.many("UIDL").await;
    let id_of_two = ids.lines().nth(1).unwrap().split_once(' ').unwrap().1.to_owned();
    assert_eq!(first.ask("UIDL 2").await, format!("+OK 2 {id_of_two}"));
    assert!(first.ask("DELE 1").await.starts_with("+OK"));
    assert!(first.ask("QUIT").await.starts_with("+OK"));
    house.mail(THREE).await;
    let mut second = house.login().await;
    let after = second.many("UIDL").await;
    assert_eq!(after.lines().next(), Some(format!("1 {id_of_two}").as_str()));
    let old: Vec<&str> = ids.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    let new = after.lines().nth(1).unwrap().split_once(' ').unwrap().1;
    assert!(!old.contains(&new), "{new} in {old:?}");
    house.is_sound().await;
}

#[tokio::test]
async fn top_gives_the_header_and_so_many_lines() {
    let house = House::plain().await;
    house.mail(ONE).await;
    let mut client = house.login().await;
    let header = "Subject: one\r\nMessage-ID: <1@x>\r\n\r\n";
    assert_eq!(client.many("TOP 1 0").await, header);
    assert_eq!(client.many("TOP 1 1").await, format!("{header}..dot\r\n"));
    assert_eq!(client.many("TOP 1 2").await, format!("{header}..dot\r\nline 2\r\n"));
    assert_eq!(unstuffed(&client.many("TOP 1 1000").await).as_bytes(), ONE);
    assert!(client.ask("TOP 2 0").await.starts_with("-ERR"));
    assert!(client.ask("TOP 1").await.starts_with("-ERR"));
    house.is_sound().await;
}

#[tokio::test]
async fn a_large_message_and_many_pipelined_commands_arrive_whole() {
    let house = House::plain().await;
    let body = ".a line that begins with a dot\r\n".repeat(40_000);
    house.mail(format!("Subject: large\r\n\r\n{body}").as_bytes()).await;
    let mut client = house.login().await;
    client.say(&format!("{}STAT\r\n", "RETR 1\r\n".repeat(5))).await;
    for _ in 0..5 {
        client.expect("+OK").await;
        assert_eq!(unstuffed(&client.rest().await), format!("Subject: large\r\n\r\n{body}"));
    }
    client.expect("+OK 1 ").await;
    house.is_sound().await;
}

#[tokio::test]
async fn commands_out_of_place_change_nothing() {
    let house = House::plain().await;
    house.mail(ONE).await;
    let mut client = house.connect().await;
    for command in ["STAT", "LIST", "UIDL", "RETR 1", "DELE 1", "TOP 1 0", "RSET", "NOOP", "PASS x", "XYZZY"]
    {
        assert!(client.ask(command).await.starts_with("-ERR"), "{command}");
    }
    assert!(client.ask("APOP a b").await.starts_with("-ERR"));
    assert!(client.ask("STLS").await.starts_with("-ERR"), "there is no TLS here");
    assert!(client.ask("QUIT").await.starts_with("+OK"));
    client.closed().await;
    let mut client = house.login().await;
    for command in ["USER x", "PASS x", "AUTH PLAIN", "AUTH", "STLS", "UTF8", "RETR 0", "RETR 2", "DELE x"] {
        assert!(client.ask(command).await.starts_with("-ERR"), "{command}");
    }
    assert!(client.ask("NOOP").await.starts_with("+OK"));
    assert!(client.ask("STAT").await.starts_with("+OK 1 "));
    house.is_sound().await;
}

#[tokio::test]
async fn plain_is_taken_at_once_and_after_a_challenge() {
    let house = House::plain().await;
    // \0anna@blumen.test\0correct horse
    let right = "AGFubmFAYmx1bWVuLnRlc3QAY29ycmVjdCBob3JzZQ==";
    let mut client = house.connect().await;
    assert!(client.many("CAPA").await.contains("SASL PLAIN\r\n"));
    assert_eq!(client.many("AUTH").await, "PLAIN\r\n");
    assert!(client.ask("AUTH CRAM-MD5").await.starts_with("-ERR"));
    assert_eq!(client.ask("AUTH PLAIN").await, "+");
    assert!(client.ask("*").await.starts_with("-ERR"));
    assert!(client.ask("AUTH PLAIN AGFubmEAYQ==").await.starts_with("-ERR [AUTH]"));
    assert_eq!(client.ask("AUTH PLAIN").await, "+");
    assert!(client.ask(right).await.starts_with("+OK"));
    let mut client = house.connect().await;
    assert!(client.ask(&format!("AUTH PLAIN {right}")).await.starts_with("+OK"));
    house.is_sound().await;
}

#[tokio::test]
async fn wrong_passwords_end_the_connection_after_a_few() {
    let house = House::new(false, Limits { failed_logins_max: 3, ..Limits::default() }).await;
    let mut client = house.connect().await;
    for attempt in 0..3 {
        assert!(client.ask(&format!("USER {ANNA}")).await.starts_with("+OK"));
        assert!(client.ask(&format!("PASS wrong {attempt}")).await.starts_with("-ERR [AUTH] "));
    }
    client.closed().await;
    house.is_sound().await;
}

#[tokio::test]
async fn a_closed_account_is_refused_at_the_door_and_within() {
    let house = House::plain().await;
    house.mail(ONE).await;
    let mut within = house.login().await;
    assert!(within.ask("DELE 1").await.starts_with("+OK"));
    house.suspend(true).await;
    assert!(within.ask("QUIT").await.starts_with("-ERR [AUTH] "), "no update, and the client is told");
    within.closed().await;
    let mut outside = house.connect().await;
    assert!(outside.ask(&format!("USER {ANNA}")).await.starts_with("+OK"));
    assert!(outside.ask(&format!("PASS {PASSWORD}")).await.starts_with("-ERR"));
    house.suspend(false).await;
    assert_eq!(house.uids().await.len(), 1);
    house.is_sound().await;
}

#[tokio::test]
async fn without_tls_no_password_is_asked_for_where_tls_is_to_be_had() {
    let house = House::start_tls().await;
    let mut client = house.connect().await;
    let capabilities = client.many("CAPA").await;
    assert!(capabilities.contains("STLS\r\n"));
    assert!(!capabilities.contains("USER") && !capabilities.contains("SASL"), "{capabilities}");
    assert!(client.ask(&format!("USER {ANNA}")).await.starts_with("-ERR [SYS/PERM]"));
    assert!(client.ask(&format!("PASS {PASSWORD}")).await.starts_with("-ERR"));
    assert!(client.ask("AUTH PLAIN AGFubmFAYmx1bWVuLnRlc3QAY29ycmVjdCBob3JzZQ==").await.starts_with("-ERR"));
    assert!(client.ask("STLS").await.starts_with("+OK"));
    let mut client = house.secure(client).await;
    let capabilities = client.many("CAPA").await;
    assert!(capabilities.contains("USER\r\nSASL PLAIN\r\n") && !capabilities.contains("STLS"));
    assert!(client.ask("STLS").await.starts_with("-ERR"));
    assert!(client.ask(&format!("USER {ANNA}")).await.starts_with("+OK"));
    assert!(client.ask(&format!("PASS {PASSWORD}")).await.starts_with("+OK"));
    house.is_sound().await;
}

#[tokio::test]
async fn what_was_said_before_the_handshake_is_forgotten() {
    let house = House::start_tls().await;
    let mut client = house.connect().await;
    client.say("STLS\r\nCAPA\r\nUSER evil@blumen.test\r\n").await;
    client.expect("+OK").await;
    let mut client = house.secure(client).await;
    // An answer to the injected CAPA would come first.
    assert!(client.ask(&format!("PASS {PASSWORD}")).await.starts_with("-ERR USER comes first"));
    house.is_sound().await;
}

#[tokio::test]
async fn a_silent_client_is_sent_away_and_a_shutdown_says_so() {
    let limits = Limits { before_login_timeout_s: 0, ..Limits::default() };
    let house = House::new(false, limits).await;
    house.connect().await.closed().await;

    let house = House::plain().await;
    house.mail(ONE).await;
    let mut client = house.login().await;
    assert!(client.ask("DELE 1").await.starts_with("+OK"));
    house.context.tasks.begin_shutdown();
    client.expect("-ERR [SYS/TEMP] ").await;
    client.closed().await;
    assert!(house.context.tasks.drained(Duration::from_secs(60)).await);
    assert_eq!(house.uids().await.len(), 1);
    house.is_sound().await;
}

#[tokio::test]
async fn too_many_bad_lines_end_the_connection_and_none_harms() {
    let house = House::new(false, Limits { bad_commands_max: 4, ..Limits::default() }).await;
    let mut client = house.connect().await;
    client.say(&format!("NO\0OP\r\n{}\r\n\u{1b}\r\n\r\n", "x".repeat(20_000))).await;
    for _ in 0..4 {
        client.expect("-ERR").await;
    }
    client.closed().await;
    house.is_sound().await;
}

#[tokio::test]
async fn a_changed_password_ends_the_sessions_of_the_old_one() {
    let house = House::plain().await;
    house.mail(ONE).await;
    let commands = ["LIST", "LIST 1", "UIDL", "RETR 1", "TOP 1 0", "DELE 1", "QUIT"];
    let mut sessions = Vec::new();
    for command in commands {
        let mut client = house.login().await;
        client.many("LIST").await;
        sessions.push((command, client));
    }
    house.set_password("another one").await;
    for (command, mut client) in sessions {
        let answer = client.ask(command).await;
        assert!(answer.starts_with("-ERR [AUTH] the password was changed"), "{command}: {answer}");
        client.closed().await;
    }
    assert_eq!(house.uids().await.len(), 1);
    house.is_sound().await;
}

#[tokio::test]
async fn a_second_large_message_at_once_is_answered_and_not_waited_for() {
    let house = House::plain().await;
    let body = "sixty-four bytes of text in one line, which are many if repeated\r\n".repeat(550_000);
    house.mail(format!("Subject: large\r\n\r\n{body}").as_bytes()).await;
    let (mut slow, mut other) = (house.login().await, house.login().await);
    // Begun, and more than the sockets hold.
    assert!(slow.ask("RETR 1").await.starts_with("+OK"));
    assert_eq!(other.ask("RETR 1").await, "-ERR [SYS/TEMP] busy, try again");
    house.mail(ONE).await;
    let mut third = house.login().await;
    assert_eq!(unstuffed(&third.many("RETR 2").await).as_bytes(), ONE, "small ones need no room");
    slow.rest().await;
    assert!(slow.ask("NOOP").await.starts_with("+OK"));
    other.many("RETR 1").await;
    house.is_sound().await;
}
