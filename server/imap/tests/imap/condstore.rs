//! CONDSTORE is switched on by the first command that shows that the client knows stamps: RFC 7162
//! section 3.1.

use crate::harness::{Client, Reply, World, mail};

async fn filled(count: usize) -> (World, Client) {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    for number in 1..=count {
        client.append("INBOX", "", &mail(&format!("m{number}"), "x")).await;
    }
    (world, client)
}

/// The number after `before`.
fn number(text: &str, before: &str) -> u64 {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn highest(reply: &Reply) -> u64 {
    number(reply.one("[HIGHESTMODSEQ"), "HIGHESTMODSEQ ")
}

/// Nothing has switched it on: a change is told without a stamp.
async fn is_off(client: &mut Client) {
    let reply = client.ok("STORE 1 +FLAGS (\\Seen)").await;
    assert_eq!(reply.untagged, ["1 FETCH (FLAGS (\\Seen))"]);
    assert!(client.ok("STORE 1 -FLAGS.SILENT (\\Seen)").await.untagged.is_empty());
}

/// It is on: the client's own changes and those of others come with stamps and UIDs.
async fn is_on(world: &World, client: &mut Client, command: &str) {
    let told = client.ok("STORE 1 +FLAGS (\\Seen)").await;
    let line = told.one("1 FETCH (UID 1 MODSEQ (");
    assert!(line.contains("FLAGS (\\Seen)"), "{command}: {told:?}");
    let silent = client.ok("STORE 1 -FLAGS.SILENT (\\Seen)").await;
    assert!(silent.one("1 FETCH (UID 1 MODSEQ (").ends_with("))"), "{command}: {silent:?}");
    assert!(silent.with("FLAGS").is_empty(), "{command}: {silent:?}");
    let mut other = world.inbox("anna").await;
    other.ok("STORE 2 +FLAGS (\\Flagged)").await;
    let told = client.ok("NOOP").await;
    assert!(told.one("2 FETCH (UID 2 MODSEQ (").contains("FLAGS (\\Flagged)"), "{command}: {told:?}");
}

/// One selected client for each command; what is on before it and after it.
async fn switches_on(command: &str) {
    let (world, mut client) = filled(2).await;
    let selected = highest(&client.ok("SELECT INBOX").await);
    is_off(&mut client).await;
    // The stamp to start from: that of what the client has been told, once.
    let known = highest_of_status_elsewhere(&world).await;
    let reply = client.ok(command).await;
    assert_eq!(highest(&reply), known, "{command}: {reply:?}");
    assert!(known > selected);
    let again = client.ok(command).await;
    assert!(again.with("[HIGHESTMODSEQ").is_empty(), "{command}: {again:?}");
    is_on(&world, &mut client, command).await;
    world.consistent().await;
}

async fn highest_of_status_elsewhere(world: &World) -> u64 {
    let mut other = world.login("anna").await;
    number(other.ok("STATUS INBOX (HIGHESTMODSEQ)").await.one("STATUS"), "HIGHESTMODSEQ ")
}

#[tokio::test]
async fn enable_switches_it_on() {
    switches_on("ENABLE CONDSTORE").await;
}

#[tokio::test]
async fn status_of_the_highest_stamp_switches_it_on() {
    switches_on("STATUS Trash (HIGHESTMODSEQ)").await;
}

#[tokio::test]
async fn list_with_that_status_switches_it_on() {
    switches_on("LIST \"\" Trash RETURN (STATUS (HIGHESTMODSEQ))").await;
}

#[tokio::test]
async fn fetch_of_stamps_switches_it_on() {
    switches_on("FETCH 1 (MODSEQ)").await;
}

#[tokio::test]
async fn fetch_changedsince_switches_it_on() {
    switches_on("FETCH 1:* (FLAGS) (CHANGEDSINCE 1)").await;
}

#[tokio::test]
async fn search_by_stamp_switches_it_on() {
    switches_on("SEARCH NOT MODSEQ 1").await;
}

#[tokio::test]
async fn store_unchangedsince_switches_it_on() {
    switches_on("STORE 2 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Answered)").await;
}

#[tokio::test]
async fn select_and_examine_with_it_switch_it_on() {
    for command in ["SELECT INBOX (CONDSTORE)", "EXAMINE INBOX (CONDSTORE)"] {
        let (world, mut client) = filled(2).await;
        client.ok("SELECT INBOX").await;
        is_off(&mut client).await;
        client.ok(command).await.one("[HIGHESTMODSEQ");
        client.ok("SELECT INBOX").await;
        is_on(&world, &mut client, command).await;
        world.consistent().await;
    }
}

#[tokio::test]
async fn what_is_switched_on_before_select_holds_after_it() {
    let (world, mut client) = filled(2).await;
    let reply = client.ok("STATUS INBOX (HIGHESTMODSEQ)").await;
    assert!(reply.with("[HIGHESTMODSEQ").is_empty(), "no mailbox is selected: {reply:?}");
    client.ok("SELECT INBOX").await;
    is_on(&world, &mut client, "STATUS").await;
}

#[tokio::test]
async fn a_silent_conditional_store_tells_the_stamp_even_where_nothing_changed() {
    let (world, mut client) = filled(2).await;
    let known = highest(&client.ok("SELECT INBOX").await);
    client.ok("STORE 2 +FLAGS.SILENT (\\Seen)").await;
    let now = highest_of_status_elsewhere(&world).await;
    assert!(now > known);
    // RFC 7162 section 3.1.3: for each message that passed the test, changed or not.
    let reply = client.ok(&format!("STORE 1:2 (UNCHANGEDSINCE {now}) +FLAGS.SILENT (\\Seen)")).await;
    assert!(number(reply.one("1 FETCH (UID 1 MODSEQ ("), "MODSEQ (") > now, "{reply:?}");
    assert_eq!(number(reply.one("2 FETCH (UID 2 MODSEQ ("), "MODSEQ ("), now, "{reply:?}");
    assert!(reply.with("FLAGS").is_empty(), "{reply:?}");
    world.consistent().await;
}

#[tokio::test]
async fn reading_tells_uid_and_stamp_with_the_flag_and_asking_for_little_gives_little() {
    let (world, mut client) = filled(2).await;
    client.ok("SELECT INBOX (CONDSTORE)").await;
    let reply = client.ok("FETCH 1 BODY[TEXT]").await;
    let line = reply.one("1 FETCH");
    for part in ["FLAGS (\\Seen)", "UID 1", "MODSEQ ("] {
        assert!(line.contains(part), "{part}: {line}");
    }
    // RFC 7162 section 3.2.4: what a FETCH did not ask for and did not change is not added.
    assert_eq!(client.ok("FETCH 1 FLAGS").await.untagged, ["1 FETCH (FLAGS (\\Seen))"]);
    world.consistent().await;
}

#[tokio::test]
async fn esearch_tells_the_stamp_of_what_it_tells() {
    let (world, mut client) = filled(4).await;
    client.ok("SELECT INBOX (CONDSTORE)").await;
    // The stamps rise in the order 3, 1, 4, 2.
    let mut stamps = [0; 5];
    for place in [3, 1, 4, 2] {
        let reply = client.ok(&format!("STORE {place} +FLAGS.SILENT (\\Flagged)")).await;
        stamps[place] = number(reply.one("FETCH"), "MODSEQ (");
    }
    for (returns, expected) in [
        ("MIN", stamps[1]),
        ("MAX", stamps[4]),
        ("MIN MAX", stamps[4]),
        ("COUNT", stamps[2]),
        ("MIN COUNT", stamps[2]),
        ("ALL", stamps[2]),
        ("MAX ALL", stamps[2]),
    ] {
        let reply = client.ok(&format!("SEARCH RETURN ({returns}) MODSEQ 1")).await;
        assert_eq!(number(reply.one("ESEARCH"), "MODSEQ "), expected, "{returns}: {reply:?}");
    }
    let reply = client.ok("SEARCH RETURN (MIN MAX) 2:3 MODSEQ 1").await;
    assert_eq!(number(reply.one("ESEARCH"), "MODSEQ "), stamps[2], "the higher of the two: {reply:?}");
    for (command, why) in [
        ("SEARCH RETURN (MIN) FLAGGED", "no stamp was asked for"),
        ("SEARCH RETURN (MIN) SEEN MODSEQ 1", "nothing was found"),
    ] {
        let reply = client.ok(command).await;
        assert!(!reply.one("ESEARCH").contains("MODSEQ"), "{why}: {reply:?}");
    }
    assert!(client.ok("SEARCH MODSEQ 1").await.one("SEARCH").ends_with(&format!("(MODSEQ {})", stamps[2])));
    world.consistent().await;
}
