//! CONDSTORE and QRESYNC.

use crate::harness::{Client, Reply, World, mail};

async fn filled(count: usize) -> (World, Client) {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    for number in 1..=count {
        client.append("INBOX", "", &mail(&format!("m{number}"), "x")).await;
    }
    (world, client)
}

fn number(text: &str, before: &str) -> u64 {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn highest(reply: &Reply) -> u64 {
    number(reply.one("[HIGHESTMODSEQ"), "HIGHESTMODSEQ ")
}

#[tokio::test]
async fn stamps_rise_with_every_change_and_are_told() {
    let (world, mut client) = filled(3).await;
    let start = highest(&client.ok("SELECT INBOX (CONDSTORE)").await);
    let reply = client.ok("STORE 1 +FLAGS (\\Seen)").await;
    let stored = number(reply.one("1 FETCH"), "MODSEQ (");
    assert!(stored > start, "{reply:?}");
    let reply = client.ok("STORE 2 +FLAGS.SILENT (\\Seen)").await;
    let silent = number(reply.one("2 FETCH (MODSEQ"), "MODSEQ (");
    assert!(silent > stored && reply.with("FLAGS").is_empty(), "{reply:?}");
    assert_eq!(
        client.ok(&format!("FETCH 1:* (UID) (CHANGEDSINCE {stored})")).await.untagged,
        [format!("2 FETCH (UID 2 MODSEQ ({silent}))")]
    );
    client.ok("STORE 3 +FLAGS.SILENT (\\Deleted)").await;
    let reply = client.ok("EXPUNGE").await;
    assert!(number(&reply.text, "HIGHESTMODSEQ ") > silent, "{reply:?}");
    world.consistent().await;
}

#[tokio::test]
async fn store_unchangedsince_leaves_out_what_has_changed() {
    let (world, mut client) = filled(3).await;
    let start = highest(&client.ok("SELECT INBOX (CONDSTORE)").await);
    let mut other = world.inbox("anna").await;
    other.ok("STORE 2 +FLAGS (\\Flagged)").await;
    let reply = client.ok(&format!("STORE 1:3 (UNCHANGEDSINCE {start}) +FLAGS.SILENT (\\Seen)")).await;
    assert!(reply.text.starts_with("[MODIFIED 2]"), "{reply:?}");
    assert!(reply.one("2 FETCH").contains("FLAGS (\\Flagged)"), "{reply:?}");
    assert_eq!(reply.with("1 FETCH (MODSEQ").len(), 1);
    let reply = client.ok(&format!("UID STORE 1:3 (UNCHANGEDSINCE {start}) +FLAGS.SILENT (\\Draft)")).await;
    assert!(reply.text.starts_with("[MODIFIED 1:3]"), "{reply:?}");
    world.consistent().await;
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_vanished_and_what_changed() {
    let (world, mut client) = filled(5).await;
    let reply = client.ok("SELECT INBOX").await;
    let (validity, known) = (number(reply.one("[UIDVALIDITY"), "UIDVALIDITY "), highest(&reply));
    client.ok("STORE 2:3 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    client.ok("STORE 1 +FLAGS (\\Seen)").await;
    client.append("INBOX", "", &mail("new", "x")).await;

    let mut back = world.login("anna").await;
    assert_eq!(back.command(&format!("SELECT INBOX (QRESYNC ({validity} {known}))")).await.status, "BAD");
    back.ok("ENABLE QRESYNC").await.one("ENABLED QRESYNC");
    let reply = back.ok(&format!("SELECT INBOX (QRESYNC ({validity} {known} 1:5))")).await;
    assert_eq!(reply.one("VANISHED"), "VANISHED (EARLIER) 2:3");
    assert!(reply.one("1 FETCH").starts_with("1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ ("), "{reply:?}");
    assert_eq!(reply.with("FETCH").len(), 1, "UID 6 was not among the known ones: {reply:?}");
    let reply = back.ok(&format!("SELECT INBOX (QRESYNC ({validity} {known}))")).await;
    reply.one("4 FETCH (UID 6");
    // Unknown times are answered in full.
    for unknown in [1, u64::MAX >> 1] {
        let reply = back.ok(&format!("SELECT INBOX (QRESYNC ({validity} {unknown}))")).await;
        assert_eq!(reply.one("VANISHED"), "VANISHED (EARLIER) 2:3", "{unknown}");
    }
    let reply = back.ok(&format!("SELECT INBOX (QRESYNC ({} {known}))", validity + 1)).await;
    assert!(reply.with("VANISHED").is_empty(), "of another mailbox nothing is told");

    let reply = back.ok(&format!("UID FETCH 1:9 (FLAGS) (CHANGEDSINCE {known} VANISHED)")).await;
    assert_eq!(reply.one("VANISHED"), "VANISHED (EARLIER) 2:3");
    client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    let reply = back.ok("NOOP").await;
    assert_eq!(reply.one("VANISHED"), "VANISHED 1");
    assert!(reply.with("EXPUNGE").is_empty());
    world.consistent().await;
}

#[tokio::test]
async fn a_client_learns_that_removals_are_held_back() {
    let (world, mut client) = filled(3).await;
    let mut back = world.login("anna").await;
    back.ok("ENABLE QRESYNC").await;
    let known = highest(&back.ok("SELECT INBOX").await);
    client.ok("SELECT INBOX").await;
    client.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    client.ok("STORE 1 +FLAGS.SILENT (\\Seen)").await;
    // FETCH by number may not tell the removal, and tells a later stamp.
    let reply = back.ok("FETCH 3 UID").await;
    assert!(number(reply.one("FETCH (UID 2"), "MODSEQ (") > known, "{reply:?}");
    assert_eq!(number(reply.one("[HIGHESTMODSEQ"), "HIGHESTMODSEQ "), known);
    let reply = back.ok("NOOP").await;
    assert_eq!(reply.untagged, ["VANISHED 1"]);
    world.consistent().await;
}
