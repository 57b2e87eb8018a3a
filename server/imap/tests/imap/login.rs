//! Before and around the login.

use crate::harness::{Client, World};
use session::Limits;

/// base64 of `\0anna@a.test\0correct horse`.
const PLAIN: &str = "AGFubmFAYS50ZXN0AGNvcnJlY3QgaG9yc2U=";

#[tokio::test]
async fn the_greeting_offers_what_helps_to_log_in() {
    let world = World::new().await;
    let mut client = world.connect().await;
    assert!(client.greeting.starts_with("* OK [CAPABILITY IMAP4rev1 "), "{}", client.greeting);
    assert!(
        client.greeting.contains("AUTH=PLAIN") && !client.greeting.contains("IDLE"),
        "{}",
        client.greeting
    );
    for early in ["SELECT INBOX", "LIST \"\" *", "FETCH 1 FLAGS", "IDLE", "CLOSE"] {
        assert_eq!(client.command(early).await.status, "BAD", "{early}");
    }
    assert_eq!(client.append("INBOX", "", "x").await.status, "NO");
    client.ok("NOOP").await;
}

#[tokio::test]
async fn every_way_to_log_in_works_and_tells_the_capabilities() {
    let world = World::new().await;
    let mut client = world.connect().await;
    let reply = client.ok("LOGIN {11+}\r\nanna@a.test {13}\r\ncorrect horse").await;
    assert!(reply.text.starts_with("[CAPABILITY IMAP4rev1 "), "{reply:?}");
    assert!(reply.text.contains(" IDLE ") && reply.text.contains(" APPENDLIMIT="), "{reply:?}");
    assert_eq!(client.command("LOGIN anna@a.test x").await.status, "BAD");

    let mut client = world.connect().await;
    client.ok(&format!("AUTHENTICATE PLAIN {PLAIN}")).await;
    let mut client = world.connect().await;
    let tag = client.begin("AUTHENTICATE PLAIN").await;
    assert_eq!(client.line().await, "+ ");
    client.send(format!("{PLAIN}\r\n")).await;
    assert_eq!(client.until(&tag).await.status, "OK");
}

#[tokio::test]
async fn a_login_that_fails_says_why_with_a_code() {
    let world = World::new().await;
    let mut client = world.connect().await;
    client.no("LOGIN anna@a.test wrong", "AUTHENTICATIONFAILED").await;
    client.no("LOGIN nobody@a.test wrong", "AUTHENTICATIONFAILED").await;
    client.no("LOGIN paul@a.test \"correct horse\"", "AUTHORIZATIONFAILED").await;
    client.no("AUTHENTICATE CRAM-MD5", "CANNOT").await;
    assert_eq!(client.command("AUTHENTICATE PLAIN !!!!").await.status, "BAD");
    assert_eq!(client.command("STARTTLS").await.status, "BAD");
    let tag = client.begin("AUTHENTICATE PLAIN").await;
    client.line().await;
    client.send("*\r\n").await;
    assert_eq!(client.until(&tag).await.status, "BAD");
}

async fn is_sent_away(client: &mut Client) {
    client.told("* BYE").await;
    assert_eq!(client.line().await, "");
}

#[tokio::test]
async fn guessing_and_nonsense_end_the_connection() {
    let limits = Limits { failed_logins_max: 2, bad_commands_max: 3, ..Limits::default() };
    let world = World::with(limits).await;
    let mut client = world.connect().await;
    client.no("LOGIN anna@a.test a", "AUTHENTICATIONFAILED").await;
    client.no("LOGIN anna@a.test b", "AUTHENTICATIONFAILED").await;
    is_sent_away(&mut client).await;

    let mut client = world.connect().await;
    client.send("nonsense\r\n* x\r\na b c\r\n").await;
    is_sent_away(&mut client).await;
}

#[tokio::test]
async fn a_silent_client_is_told_and_left() {
    let world = World::with(Limits { before_login_timeout_s: 0, ..Limits::default() }).await;
    is_sent_away(&mut world.connect().await).await;
    let world = World::with(Limits { idle_timeout_s: 0, ..Limits::default() }).await;
    is_sent_away(&mut world.connect().await).await;
}

#[tokio::test]
async fn shutdown_says_goodbye_to_everybody() {
    let world = World::new().await;
    let mut idling = world.inbox("anna").await;
    idling.begin("IDLE").await;
    idling.told("+ ").await;
    let mut quiet = world.login("ben").await;
    world.context.tasks.begin_shutdown();
    is_sent_away(&mut idling).await;
    is_sent_away(&mut quiet).await;
    assert!(world.context.tasks.drained(std::time::Duration::from_secs(20)).await);
}

#[tokio::test]
async fn memory_before_login_is_bounded() {
    let world = World::new().await;
    let mut client = world.connect().await;
    let reply = client.command("LOGIN {9999999}").await;
    assert_eq!(reply.status, "BAD", "{reply:?}");
    client.send("a LOGIN {99999999+}\r\n").await;
    is_sent_away(&mut client).await;
}

#[tokio::test]
async fn logout_says_bye_and_ok() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let reply = client.ok("LOGOUT").await;
    reply.one("BYE");
    assert_eq!(client.line().await, "");
    let mut client = world.connect().await;
    client.ok("ID (\"name\" \"test\" \"version\" NIL)").await.one("ID (\"name\" \"Kontor\")");
    client.ok("ID NIL").await;
}
