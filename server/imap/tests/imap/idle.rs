//! IDLE.

use crate::harness::{World, house, mail};

#[tokio::test]
async fn an_idle_client_is_told_of_everything_by_whomever() {
    let world = World::new().await;
    let mut other = world.inbox("anna").await;
    let mut idle = world.inbox("anna").await;
    let tag = idle.begin("IDLE").await;
    idle.told("+ ").await;
    world.deliver(world.anna, &mail("by lmtp", "x")).await;
    assert_eq!(idle.line().await, "* 1 EXISTS");
    other.ok("NOOP").await;
    other.ok("STORE 1 +FLAGS (\\Seen)").await;
    assert_eq!(idle.line().await, "* 1 FETCH (FLAGS (\\Seen))");
    other.ok("MOVE 1 Trash").await;
    assert_eq!(idle.line().await, "* 1 EXPUNGE");
    idle.send("done\r\n").await;
    assert_eq!(idle.until(&tag).await.status, "OK");
    world.consistent().await;
}

#[tokio::test]
async fn what_happened_before_idle_is_told_at_once() {
    let world = World::new().await;
    let mut idle = world.inbox("anna").await;
    world.deliver(world.anna, &mail("early", "x")).await;
    idle.begin("IDLE").await;
    idle.told("+ ").await;
    assert_eq!(idle.line().await, "* 1 EXISTS");
}

#[tokio::test]
async fn done_and_the_next_commands_may_come_in_one_packet() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    for _ in 0..3 {
        client.send("a IDLE\r\n").await;
        client.told("+ ").await;
        client.send("DONE\r\nb NOOP\r\nc STATUS INBOX (MESSAGES)\r\n").await;
        for tag in ["a", "b", "c"] {
            assert_eq!(client.until(tag).await.status, "OK");
        }
    }
    // All of it in one packet.
    client.send("a IDLE\r\nDONE\r\nb NOOP\r\n").await;
    assert_eq!(client.until("a").await.status, "OK");
    assert_eq!(client.until("b").await.status, "OK");
}

#[tokio::test]
async fn only_done_ends_idle_well_and_it_works_without_a_mailbox() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    let tag = client.begin("IDLE").await;
    client.told("+ ").await;
    client.send("DONE\r\n").await;
    assert_eq!(client.until(&tag).await.status, "OK");
    let tag = client.begin("IDLE").await;
    client.told("+ ").await;
    client.send("b NOOP\r\n").await;
    assert_eq!(client.until(&tag).await.status, "BAD");
    client.ok("NOOP").await;
}

#[tokio::test]
async fn a_suspended_account_is_sent_away() {
    let world = World::new().await;
    let anna = world.anna;
    let (mut idle, mut selected, mut bare) =
        (world.inbox("anna").await, world.inbox("anna").await, world.login("anna").await);
    idle.begin("IDLE").await;
    idle.told("+ ").await;
    world
        .context
        .store
        .write(&house(), &[anna], move |tx| tx.suspend_account(&tx.administer()?, anna, true))
        .await
        .unwrap();
    idle.told("* BYE [UNAVAILABLE]").await;
    selected.begin("NOOP").await;
    selected.told("* BYE [UNAVAILABLE]").await;
    bare.begin("SELECT INBOX").await;
    bare.told("* BYE [UNAVAILABLE]").await;
}
