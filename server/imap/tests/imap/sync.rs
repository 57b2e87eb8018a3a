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
    let silent = number(reply.one("2 FETCH (UID 2 MODSEQ"), "MODSEQ (");
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
    assert_eq!(reply.with("1 FETCH (UID 1 MODSEQ").len(), 1);
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

#[tokio::test]
async fn a_star_reaches_the_end_that_the_client_may_know() {
    let (world, mut client) = filled(5).await;
    client.ok("ENABLE QRESYNC").await;
    let known = highest(&client.ok("SELECT INBOX").await);
    client.ok("UID STORE 4:5 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    // The largest UID that lives is 3.
    let reply = client.ok(&format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {known} VANISHED)")).await;
    assert_eq!(reply.one("VANISHED"), "VANISHED (EARLIER) 4:5");
    client.ok("UID STORE 1:3 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    let reply = client.ok(&format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {known} VANISHED)")).await;
    assert_eq!(reply.untagged, ["VANISHED (EARLIER) 1:5"], "also where nothing lives");
    world.consistent().await;
}

#[tokio::test]
async fn a_stamp_from_before_a_restore_counts_as_nothing_known() {
    let (world, mut client) = filled(3).await;
    client.ok("SELECT INBOX").await;
    client.ok("STORE 1 +FLAGS (\\Seen)").await;
    let reply = client.ok("SELECT INBOX (CONDSTORE)").await;
    let (validity, known) = (number(reply.one("[UIDVALIDITY"), "UIDVALIDITY "), highest(&reply));
    // A database of before: the flag is as it was, and the log knows nothing of what is lost.
    let world = world.restored().await;
    let mut back = world.login("anna").await;
    back.ok("ENABLE QRESYNC").await;
    let reply = back.ok(&format!("SELECT INBOX (QRESYNC ({validity} {known}))")).await;
    assert_eq!(reply.with("FETCH (UID").len(), 3, "every message is told anew: {reply:?}");
    assert!(highest(&reply) > known, "the highest stamp never falls");
    assert!(reply.one("VANISHED").starts_with("VANISHED (EARLIER) 4:"), "{reply:?}");
    let reply = back.ok(&format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {known} VANISHED)")).await;
    assert_eq!(reply.with("FETCH (UID").len(), 3, "{reply:?}");
    let now = highest_now(&mut back).await;
    let reply = back.ok(&format!("UID FETCH 1:* (FLAGS) (CHANGEDSINCE {now} VANISHED)")).await;
    assert!(reply.untagged.is_empty(), "a stamp of today is known: {reply:?}");

    // What the client decided by what it saw before is not done; by what it is told now it is.
    assert_eq!(back.search(&format!("SEARCH MODSEQ {known}")).await, [1, 2, 3]);
    let reply = back.ok(&format!("STORE 2 (UNCHANGEDSINCE {known}) +FLAGS.SILENT (\\Flagged)")).await;
    assert!(reply.text.starts_with("[MODIFIED 2]"), "{reply:?}");
    let told = number(back.ok("FETCH 2 (MODSEQ)").await.one("2 FETCH"), "MODSEQ (");
    assert_eq!(told, now);
    let reply = back.ok(&format!("STORE 2 (UNCHANGEDSINCE {told}) +FLAGS.SILENT (\\Flagged)")).await;
    assert!(!reply.text.contains("MODIFIED"), "{reply:?}");
    assert!(number(reply.one("2 FETCH"), "MODSEQ (") > told, "{reply:?}");
    world.consistent().await;
}

async fn highest_now(client: &mut Client) -> u64 {
    number(client.ok("STATUS INBOX (HIGHESTMODSEQ)").await.one("STATUS"), "HIGHESTMODSEQ ")
}
