//! APPEND.

use crate::harness::{World, house, mail};
use session::Limits;

#[tokio::test]
async fn what_is_appended_is_fetched_byte_for_byte_with_flags_and_date() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let message = mail("one", "line\r\n.\r\nlast");
    let reply = client.append("INBOX", "(\\Flagged $Work) \"1-Feb-2024 03:04:05 +0100\" ", &message).await;
    assert!(reply.text.starts_with("[APPENDUID 1 1]"), "{reply:?}");
    reply.one("1 EXISTS");
    let reply = client.ok("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])").await;
    let line = reply.one("1 FETCH");
    assert!(line.contains("FLAGS (\\Flagged $Work)"), "{line}");
    assert!(line.contains("INTERNALDATE \" 1-Feb-2024 02:04:05 +0000\""), "{line}");
    assert!(line.contains(&format!("RFC822.SIZE {}", message.len())), "{line}");
    assert!(line.contains(&format!("BODY[] {{{}}}\r\n{message})", message.len())), "{line}");
    world.consistent().await;
}

#[tokio::test]
async fn commands_pipelined_behind_an_append_are_answered_in_order() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let message = mail("one", "x");
    client
        .send(format!(
            "a APPEND INBOX {{{}+}}\r\n{message}\r\nb STORE 1 +FLAGS.SILENT (\\Deleted)\r\nc EXPUNGE\r\nd NOOP\r\n",
            message.len()
        ))
        .await;
    assert!(client.until("a").await.untagged.iter().any(|line| line == "1 EXISTS"));
    assert_eq!(client.until("b").await.untagged, Vec::<String>::new());
    assert_eq!(client.until("c").await.untagged, ["1 EXPUNGE"]);
    client.until("d").await;
    world.consistent().await;
}

#[tokio::test]
async fn several_messages_are_stored_together_or_not_at_all() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let (one, two) = (mail("one", "x"), mail("two", "y"));
    let both = |end: &str| {
        format!("APPEND INBOX (\\Seen) {{{}+}}\r\n{one} {{{}+}}\r\n{two}{end}", one.len(), two.len())
    };
    let reply = client.ok(&both("")).await;
    assert!(reply.text.starts_with("[APPENDUID 1 1:2]"), "{reply:?}");
    reply.one("2 EXISTS");
    assert_eq!(client.command(&both(" nonsense")).await.status, "BAD");
    assert_eq!(client.command(&both(" {0+}\r\n")).await.status, "NO");
    client.ok("STATUS INBOX (MESSAGES)").await.one("MESSAGES 2");
    world.consistent().await;
}

#[tokio::test]
async fn what_will_not_be_taken_is_refused_before_it_is_sent() {
    let world = World::with(Limits { message_bytes_max: 1000, ..Limits::default() }).await;
    let mut client = world.login("anna").await;
    client.no("APPEND nothing {10}", "TRYCREATE").await;
    client.no("APPEND \"Other Users/ben@a.test/INBOX\" {10}", "TRYCREATE").await;
    client.no("APPEND INBOX {1001}", "TOOBIG").await;
    // What comes nevertheless is thrown away, and the conversation goes on.
    let large = "x".repeat(1001);
    let reply = client.append("INBOX", "", &large).await;
    assert!(reply.status == "NO" && reply.text.starts_with("[TOOBIG]"), "{reply:?}");
    let reply = client.append("nothing", "", "some text").await;
    assert!(reply.status == "NO" && reply.text.starts_with("[TRYCREATE]"), "{reply:?}");
    client.ok("NOOP").await;
    assert!(client.append("INBOX", "", &"x".repeat(1000)).await.status == "OK");
}

#[tokio::test]
async fn a_full_mailbox_takes_nothing_more() {
    let world = World::new().await;
    let anna = world.anna;
    world
        .context
        .store
        .write(&house(), &[anna], move |tx| tx.set_account_quota(&tx.administer()?, anna, 1500))
        .await
        .unwrap();
    let mut client = world.login("anna").await;
    assert_eq!(client.append("INBOX", "", &mail("one", &"x".repeat(900))).await.status, "OK");
    let reply = client.append("INBOX", "", &mail("two", &"x".repeat(900))).await;
    assert!(reply.status == "NO" && reply.text.starts_with("[OVERQUOTA]"), "{reply:?}");
    client.ok("SELECT INBOX").await;
    client.no("COPY 1 Trash", "OVERQUOTA").await;
    client.ok("MOVE 1 Trash").await;
    world.consistent().await;
}

#[tokio::test]
async fn a_large_message_goes_in_and_out() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let line = format!("{}\r\n", "0123456789".repeat(7));
    let message = mail("large", &line.repeat(40_000));
    assert_eq!(client.append("INBOX", "", &message).await.status, "OK");
    let reply = client.ok("FETCH 1 (UID BODY.PEEK[] RFC822.SIZE)").await;
    let expected = format!("1 FETCH (UID 1 BODY[] {{{0}}}\r\n{message} RFC822.SIZE {0})", message.len());
    assert!(reply.untagged == [expected], "{} bytes", message.len());
    world.consistent().await;
}
