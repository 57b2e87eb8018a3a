//! One mailbox, two sessions: what each is told, and when.

use crate::harness::{Client, Reply, World, mail};

async fn pair(count: usize) -> (World, Client, Client) {
    let world = World::new().await;
    let mut one = world.login("anna").await;
    for number in 1..=count {
        one.append("INBOX", "", &mail(&format!("m{number}"), "x")).await;
    }
    one.ok("SELECT INBOX").await;
    let two = world.inbox("anna").await;
    (world, one, two)
}

fn sent(reply: &Reply) -> &[String] {
    &reply.untagged
}

#[tokio::test]
async fn expunge_is_not_told_during_fetch_store_and_search_but_with_uid_commands() {
    let (world, mut one, mut two) = pair(4).await;
    one.ok("STORE 2 +FLAGS.SILENT (\\Deleted)").await;
    one.ok("EXPUNGE").await;
    for command in ["FETCH 4 UID", "SEARCH ALL", "STORE 4 +FLAGS.SILENT (\\Flagged)"] {
        let reply = two.ok(command).await;
        assert!(reply.with("EXPUNGE").is_empty(), "{command}: {reply:#?}");
    }
    // Numbers are of the view: 4 is still the message with UID 4.
    assert!(two.ok("FETCH 4 UID").await.one("4 FETCH").contains("UID 4"));
    // What is gone cannot be sent, and the client learns why.
    let reply = two.ok("FETCH 1:4 RFC822.SIZE").await;
    assert_eq!(reply.untagged.len(), 3);
    assert!(reply.text.starts_with("[EXPUNGEISSUED]"), "{reply:?}");
    let reply = two.ok("UID FETCH 4 FLAGS").await;
    reply.one("2 EXPUNGE");
    assert!(two.ok("FETCH 3 UID").await.one("3 FETCH").contains("UID 4"));
    world.consistent().await;
}

#[tokio::test]
async fn arrivals_and_expunges_keep_the_numbers_right() {
    let (world, mut one, mut two) = pair(3).await;
    one.ok("STORE 1,3 +FLAGS.SILENT (\\Deleted)").await;
    one.ok("EXPUNGE").await;
    one.append("INBOX", "", &mail("new", "x")).await;
    // Gone, not told yet: their numbers stay, so the new one is the fourth.
    let reply = two.ok("FETCH 2 FLAGS").await;
    assert_eq!(sent(&reply), ["2 FETCH (FLAGS ())", "4 EXISTS"]);
    let reply = two.ok("NOOP").await;
    assert_eq!(sent(&reply), ["1 EXPUNGE", "2 EXPUNGE"]);
    assert_eq!(sent(&two.ok("FETCH 1:* UID").await), ["1 FETCH (UID 2)", "2 FETCH (UID 4)"]);
    // Come and gone between two looks: never mentioned.
    one.append("INBOX", "(\\Deleted) ", &mail("short", "x")).await;
    one.ok("EXPUNGE").await;
    assert!(sent(&two.ok("NOOP").await).is_empty());
    world.consistent().await;
}

#[tokio::test]
async fn flags_of_one_are_told_to_the_other_and_silence_is_only_for_oneself() {
    let (world, mut one, mut two) = pair(2).await;
    assert_eq!(sent(&one.ok("STORE 1 +FLAGS (\\Seen)").await), ["1 FETCH (FLAGS (\\Seen))"]);
    assert_eq!(sent(&one.ok("STORE 1 +FLAGS (\\Seen)").await), ["1 FETCH (FLAGS (\\Seen))"]);
    assert!(sent(&one.ok("STORE 2 +FLAGS.SILENT (\\Flagged)").await).is_empty());
    assert_eq!(sent(&two.ok("NOOP").await), ["1 FETCH (FLAGS (\\Seen))", "2 FETCH (FLAGS (\\Flagged))"]);
    // Somebody else's change on top of a silent one is told.
    two.ok("STORE 1 +FLAGS.SILENT (\\Answered)").await;
    let reply = one.ok("STORE 1 +FLAGS.SILENT (\\Draft)").await;
    assert_eq!(sent(&reply), ["1 FETCH (FLAGS (\\Answered \\Seen \\Draft))"]);
    assert_eq!(sent(&one.ok("UID STORE 2 -FLAGS (\\Flagged)").await), ["2 FETCH (UID 2 FLAGS ())"]);
    world.consistent().await;
}

#[tokio::test]
async fn a_new_keyword_is_announced_before_it_is_used() {
    let (world, mut one, mut two) = pair(1).await;
    one.ok("STORE 1 +FLAGS ($Work Later)").await;
    let reply = two.ok("NOOP").await;
    assert_eq!(
        sent(&reply),
        [
            "FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work Later)",
            "1 FETCH (FLAGS ($Work Later))"
        ]
    );
    assert_eq!(sent(&one.ok("STORE 1 -FLAGS ($WORK)").await), ["1 FETCH (FLAGS (Later))"]);
    let reply = two.ok("SELECT INBOX").await;
    reply.one("[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft Later \\*)]");
    world.consistent().await;
}

#[tokio::test]
async fn copy_and_move_tell_where_things_went_before_they_vanish() {
    let (world, mut one, mut two) = pair(3).await;
    one.ok("STORE 1 FLAGS (\\Flagged $k)").await;
    two.ok("NOOP").await;
    let reply = one.ok("COPY 1,3 Archive").await;
    assert!(reply.text.starts_with("[COPYUID "), "{reply:?}");
    assert!(reply.text.contains(" 1,3 1:2]"), "{reply:?}");
    let reply = one.ok("UID MOVE 2:3 Archive").await;
    assert!(
        sent(&reply)[0].starts_with("OK [COPYUID ") && sent(&reply)[0].contains(" 2:3 3:4]"),
        "{reply:?}"
    );
    assert_eq!(sent(&reply)[1..], ["2 EXPUNGE", "2 EXPUNGE"]);
    assert_eq!(sent(&two.ok("NOOP").await), ["2 EXPUNGE", "2 EXPUNGE"]);
    one.no("MOVE 1 nothing", "TRYCREATE").await;
    one.no("COPY 1 nothing", "TRYCREATE").await;
    assert!(one.ok("UID COPY 99 Archive").await.text.starts_with("copied"));
    one.ok("SELECT Archive").await.one("4 EXISTS");
    let line = one.ok("FETCH 1 (FLAGS INTERNALDATE)").await;
    assert!(line.one("FETCH").contains("(\\Flagged $k) INTERNALDATE \"23-Nov-2026 09:00:00"), "{line:?}");
    world.consistent().await;
}

#[tokio::test]
async fn expunge_takes_what_is_marked_and_uid_expunge_only_what_is_named() {
    let (world, mut one, mut two) = pair(4).await;
    one.ok("STORE 1:3 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(sent(&one.ok("UID EXPUNGE 2,4").await), ["2 EXPUNGE"]);
    // Marked by one, removed by the other.
    let reply = two.ok("EXPUNGE").await;
    assert_eq!(reply.with("EXPUNGE"), ["1 EXPUNGE", "1 EXPUNGE", "1 EXPUNGE"]);
    assert_eq!(sent(&one.ok("NOOP").await), ["1 EXPUNGE", "1 EXPUNGE"]);
    one.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    assert!(sent(&one.ok("CLOSE").await).is_empty(), "CLOSE is silent");
    assert_eq!(two.ok("NOOP").await.with("EXPUNGE"), ["1 EXPUNGE"]);
    world.consistent().await;
}

#[tokio::test]
async fn what_another_session_removed_is_not_copied_in_part() {
    let (world, mut one, mut two) = pair(3).await;
    for command in ["COPY 1:3 Trash", "UID MOVE 1:3 Trash"] {
        one.ok("STORE 2 +FLAGS.SILENT (\\Deleted)").await;
        one.ok("EXPUNGE").await;
        let reply = two.no(command, "EXPUNGEISSUED").await;
        assert_eq!(reply.with("EXPUNGE").len(), 1, "{reply:?}");
        two.ok("STATUS Trash (MESSAGES)").await.one("MESSAGES 0");
        one.append("INBOX", "", &mail("more", "x")).await;
        one.ok("NOOP").await;
        two.ok("NOOP").await;
    }
    assert!(two.ok("COPY 1:* Trash").await.text.starts_with("[COPYUID"));
    world.consistent().await;
}
