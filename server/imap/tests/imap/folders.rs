//! Mailboxes as wholes.

use crate::harness::{World, mail};

#[tokio::test]
async fn a_folder_is_made_with_those_above_it_renamed_and_deleted() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    let reply = client.ok("CREATE a/b/c").await;
    assert!(reply.text.starts_with("[MAILBOXID (F"), "{reply:?}");
    client.no("CREATE a/b", "ALREADYEXISTS").await;
    client.no("CREATE INBOX", "ALREADYEXISTS").await;
    client.no("CREATE a//b", "CANNOT").await;
    client.no("DELETE a", "HASCHILDREN").await;
    client.no("DELETE nothing", "NONEXISTENT").await;
    client.no("DELETE Inbox", "CANNOT").await;
    client.ok("RENAME a x/y").await;
    let reply = client.ok("LIST \"\" x*").await;
    let names: Vec<_> = reply.untagged.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(names, ["x", "x/y", "x/y/b", "x/y/b/c"]);
    client.no("RENAME x/y x/y/b/z", "CANNOT").await;
    client.no("RENAME x/y INBOX", "ALREADYEXISTS").await;
    client.ok("DELETE x/y/b/c").await;
    client.ok("CREATE new/").await;
    world.consistent().await;
}

#[tokio::test]
async fn a_name_made_anew_has_another_uidvalidity_and_a_rename_keeps_it() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    let validity = |reply: crate::harness::Reply| {
        reply.one("UIDVALIDITY").split(['(', ')', '[', ']']).nth(1).unwrap().to_owned()
    };
    client.ok("CREATE a").await;
    client.append("a", "", &mail("one", "x")).await;
    let first = validity(client.ok("STATUS a (UIDVALIDITY)").await);
    client.ok("RENAME a b").await;
    let status = client.ok("STATUS b (UIDVALIDITY UIDNEXT MESSAGES)").await;
    assert!(status.one("STATUS b").contains("UIDNEXT 2") && status.one("STATUS b").contains(&first));
    client.ok("DELETE b").await;
    client.ok("CREATE b").await;
    assert_ne!(validity(client.ok("STATUS b (UIDVALIDITY)").await), first);
}

#[tokio::test]
async fn renaming_inbox_moves_its_mail_and_keeps_it() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    client.append("INBOX", "(\\Flagged) ", &mail("one", "x")).await;
    let reply = client.ok("RENAME INBOX Old").await;
    reply.one("1 EXPUNGE");
    let reply = client.ok("SELECT Old").await;
    reply.one("1 EXISTS");
    client.ok("FETCH 1 FLAGS").await.one("\\Flagged");
    client.ok("SELECT INBOX").await.one("0 EXISTS");
    world.consistent().await;
}

#[tokio::test]
async fn list_follows_wildcards_and_tells_roles_and_children() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    client.ok("CREATE Work/2026/Q1").await;
    assert_eq!(client.ok("LIST \"\" \"\"").await.untagged, ["LIST (\\Noselect) \"/\" \"\""]);
    let reply = client.ok("LIST \"\" %").await;
    for part in [
        "LIST (\\HasNoChildren) \"/\" INBOX",
        "LIST (\\HasNoChildren \\Sent) \"/\" Sent",
        "LIST (\\HasNoChildren \\Drafts) \"/\" Drafts",
        "LIST (\\HasNoChildren \\Trash) \"/\" Trash",
        "LIST (\\HasNoChildren \\Junk) \"/\" Junk",
        "LIST (\\HasNoChildren \\Archive) \"/\" Archive",
        "LIST (\\HasChildren) \"/\" Work",
    ] {
        reply.one(part);
    }
    assert!(reply.with("Calendar").is_empty() && reply.with("2026").is_empty(), "only mail: {reply:#?}");
    assert_eq!(client.ok("LIST Work/ %").await.untagged.len(), 1);
    assert_eq!(client.ok("LIST \"\" Work*").await.untagged.len(), 3);
    client.ok("LIST \"\" inbox").await.one("INBOX");
    assert_eq!(client.ok("LIST (SPECIAL-USE) \"\" *").await.untagged.len(), 5);
    assert_eq!(client.ok("LIST \"\" (INBOX Sent) RETURN (CHILDREN)").await.untagged.len(), 2);
}

#[tokio::test]
async fn list_status_comes_right_after_its_list() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    client.append("Sent", "(\\Seen \\Deleted) ", &mail("one", "x")).await;
    let reply = client.ok("LIST \"\" (INBOX Sent) RETURN (STATUS (MESSAGES UNSEEN DELETED))").await;
    assert_eq!(
        reply.untagged,
        [
            "LIST (\\HasNoChildren) \"/\" INBOX",
            "STATUS INBOX (MESSAGES 0 UNSEEN 0 DELETED 0)",
            "LIST (\\HasNoChildren \\Sent) \"/\" Sent",
            "STATUS Sent (MESSAGES 1 UNSEEN 0 DELETED 1)",
        ]
    );
    let size = mail("one", "x").len();
    let reply = client.ok("STATUS Sent (SIZE DELETED-STORAGE UIDNEXT RECENT HIGHESTMODSEQ MAILBOXID)").await;
    let line = reply.one("STATUS Sent");
    assert!(line.contains(&format!("SIZE {size} DELETED-STORAGE {size} UIDNEXT 2 RECENT 0")), "{line}");
    client.no("STATUS nothing (MESSAGES)", "NONEXISTENT").await;
}

#[tokio::test]
async fn subscriptions_are_kept() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    client.ok("CREATE a/b").await;
    client.ok("UNSUBSCRIBE a").await;
    client.no("SUBSCRIBE nothing", "NONEXISTENT").await;
    let lsub = |reply: crate::harness::Reply| reply.untagged.join("\n");
    assert!(!lsub(client.ok("LSUB \"\" a*").await).contains("\"/\" a\n"));
    assert_eq!(client.ok("LSUB \"\" %").await.one("\"/\" a"), "LSUB (\\Noselect) \"/\" a");
    let reply = client.ok("LIST (SUBSCRIBED RECURSIVEMATCH) \"\" a").await;
    assert!(reply.one("\"/\" a").ends_with("(\"CHILDINFO\" (\"SUBSCRIBED\"))"), "{reply:?}");
    client.ok("SUBSCRIBE a").await;
    assert!(client.ok("LIST (SUBSCRIBED) \"\" a").await.one("\"/\" a").contains("\\Subscribed"));
}

#[tokio::test]
async fn names_go_both_ways_in_modified_utf7_and_utf8() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    // U+1F4EC needs a surrogate pair.
    for name in ["B&APw-cher", "a &- b", "&2D3c7A-"] {
        client.ok(&format!("CREATE \"{name}\"")).await;
        let reply = client.ok("LIST \"\" *").await;
        assert_eq!(reply.with(name).len(), 1, "{reply:#?}");
    }
    client.ok("ENABLE IMAP4rev2").await.one("ENABLED IMAP4rev2");
    let reply = client.ok("LIST \"\" *").await;
    for name in ["Bücher", "a & b", "\u{1f4ec}"] {
        assert_eq!(reply.with(name).len(), 1, "{reply:#?}");
    }
    client.ok("SELECT \"Bücher\"").await.one("LIST () \"/\" \"Bücher\"");
}

#[tokio::test]
async fn special_use_is_given_once() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    client.no("CREATE More (USE (\\Sent))", "USEATTR").await;
    client.no("CREATE All (USE (\\All))", "USEATTR").await;
    client.no("DELETE Sent", "CANNOT").await;
    client.no("RENAME Sent x", "CANNOT").await;
}

#[tokio::test]
async fn quota_and_namespace() {
    let world = World::new().await;
    let mut client = world.login("anna").await;
    client.append("INBOX", "", &mail("one", &"x".repeat(2000))).await;
    let reply = client.ok("GETQUOTAROOT INBOX").await;
    assert_eq!(reply.one("QUOTAROOT"), "QUOTAROOT INBOX \"\"");
    assert!(reply.one("QUOTA ").starts_with("QUOTA \"\" (STORAGE 3 "), "{reply:?}");
    client.ok("GETQUOTA \"\"").await.one("QUOTA \"\"");
    client.no("GETQUOTA x", "NONEXISTENT").await;
    assert_eq!(
        client.ok("NAMESPACE").await.untagged,
        ["NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) NIL"]
    );
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_leaves_none_selected() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let reply = client.no("SELECT nothing", "NONEXISTENT").await;
    reply.one("OK [CLOSED]");
    assert_eq!(client.command("FETCH 1 FLAGS").await.status, "BAD");
    client.ok("SELECT INBOX").await;
    client.ok("UNSELECT").await;
    assert_eq!(client.command("CLOSE").await.status, "BAD");
    let reply = client.ok("EXAMINE INBOX").await;
    assert!(reply.text.starts_with("[READ-ONLY]"));
    reply.one("[PERMANENTFLAGS ()]");
    client.append("INBOX", "", &mail("one", "x")).await;
    client.no("STORE 1 +FLAGS (\\Seen)", "CANNOT").await;
    client.no("MOVE 1 Trash", "CANNOT").await;
    client.no("EXPUNGE", "CANNOT").await;
    client.ok("FETCH 1 BODY[]").await;
    assert!(client.ok("FETCH 1 FLAGS").await.with("\\Seen").is_empty(), "EXAMINE changes nothing");
    client.ok("COPY 1 Trash").await;
}

#[tokio::test]
async fn a_folder_deleted_under_a_session_ends_it_and_ones_own_deletion_does_not() {
    let world = World::new().await;
    let (mut one, mut two) = (world.login("anna").await, world.login("anna").await);
    one.ok("CREATE a").await;
    one.ok("SELECT a").await;
    two.ok("SELECT a").await;
    one.ok("DELETE a").await.one("OK [CLOSED]");
    one.ok("SELECT INBOX").await;
    two.send("x NOOP\r\n").await;
    two.told("* BYE").await;
    assert_eq!(two.line().await, "");
}
