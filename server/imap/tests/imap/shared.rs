//! Folders of colleagues.

use crate::harness::{Client, World, mail};
use vocabulary::{Preset, Rights};

const THEIRS: &str = "\"Other Users/anna@a.test/INBOX\"";

#[tokio::test]
async fn what_is_not_shared_does_not_exist() {
    let world = World::new().await;
    let mut ben = world.login("ben").await;
    for command in ["SELECT", "DELETE", "SUBSCRIBE"] {
        let hidden = ben.no(&format!("{command} {THEIRS}"), "NONEXISTENT").await.text;
        let absent =
            ben.no(&format!("{command} \"Other Users/nobody@a.test/INBOX\""), "NONEXISTENT").await.text;
        assert_eq!(hidden, absent, "{command}");
    }
    ben.no(&format!("STATUS {THEIRS} (MESSAGES)"), "NONEXISTENT").await;
    ben.ok("CREATE mine").await;
    for (command, path, uses) in [
        ("CREATE", "x", ""),
        ("CREATE", "x/y", ""),
        ("CREATE", "x", " (USE (\\Sent))"),
        ("RENAME mine", "x", ""),
    ] {
        let with = |name: &str| format!("{command} \"Other Users/{name}@a.test/{path}\"{uses}");
        let hidden = ben.no(&with("anna"), "NOPERM").await.text;
        assert_eq!(hidden, ben.no(&with("nobody"), "NOPERM").await.text, "{command} {path}{uses}");
    }
    let hidden = ben.no(&format!("RENAME {THEIRS} x"), "NONEXISTENT").await.text;
    let absent = ben.no("RENAME \"Other Users/nobody@a.test/INBOX\" x", "NONEXISTENT").await.text;
    assert_eq!(hidden, absent);
    assert!(ben.ok("LIST \"\" *").await.with("Other Users").is_empty());
    // Free/busy alone shows nothing here.
    world.share("INBOX", Preset::FreeBusy.rights()).await;
    ben.no(&format!("SELECT {THEIRS}"), "NONEXISTENT").await;
}

#[tokio::test]
async fn a_reader_reads_and_changes_nothing() {
    let world = World::new().await;
    world.deliver(world.anna, &mail("hello", "x")).await;
    world.share("INBOX", Preset::Reader.rights()).await;
    let mut ben = world.login("ben").await;
    let reply = ben.ok("LIST \"\" *").await;
    reply.one("LIST (\\HasNoChildren) \"/\" \"Other Users/anna@a.test/INBOX\"");
    reply.one("LIST (\\NonExistent \\Noselect \\HasChildren) \"/\" \"Other Users\"");
    ben.ok("LSUB \"\" *").await.one("anna@a.test/INBOX");
    let reply = ben.ok(&format!("SELECT {THEIRS}")).await;
    assert!(reply.text.starts_with("[READ-ONLY]"), "{reply:?}");
    ben.ok("FETCH 1 BODY[]").await;
    ben.no("STORE 1 +FLAGS (\\Seen)", "CANNOT").await;
    ben.no(&format!("APPEND {THEIRS} {{1}}"), "NOPERM").await;
    ben.no(&format!("DELETE {THEIRS}"), "NOPERM").await;
    assert_eq!(ben.ok(&format!("GETQUOTAROOT {THEIRS}")).await.untagged, [format!("QUOTAROOT {THEIRS}")]);
    // Out of it into one's own mailbox.
    let reply = ben.ok("COPY 1 INBOX").await;
    assert!(reply.text.contains(" 1 1]"), "{reply:?}");
    ben.ok("SELECT INBOX").await.one("1 EXISTS");
    ben.no(&format!("COPY 1 {THEIRS}"), "NOPERM").await;
    world.consistent().await;
}

#[tokio::test]
async fn flags_change_as_far_as_the_rights_go() {
    let world = World::new().await;
    world.deliver(world.anna, &mail("hello", "x")).await;
    world.share("INBOX", Rights::LOOKUP | Rights::READ | Rights::SEEN | Rights::INSERT).await;
    let mut ben = world.login("ben").await;
    let mut anna = world.inbox("anna").await;
    let reply = ben.ok(&format!("SELECT {THEIRS}")).await;
    reply.one("[PERMANENTFLAGS (\\Seen)]");
    let reply = ben.ok("STORE 1 +FLAGS (\\Seen \\Flagged \\Deleted $k)").await;
    assert_eq!(reply.untagged, ["1 FETCH (FLAGS (\\Seen))"]);
    assert_eq!(anna.ok("NOOP").await.untagged, ["1 FETCH (FLAGS (\\Seen))"]);
    ben.append(THEIRS, "(\\Seen \\Flagged) ", &mail("two", "x")).await;
    assert_eq!(anna.ok("NOOP").await.untagged, ["2 EXISTS"]);
    assert_eq!(anna.ok("FETCH 2 FLAGS").await.untagged, ["2 FETCH (FLAGS (\\Seen))"]);
    ben.no("EXPUNGE", "NOPERM").await;
    ben.no("MOVE 1 INBOX", "NOPERM").await;
    ben.ok("SELECT INBOX").await.one("0 EXISTS");
    world.consistent().await;
}

/// Two mails in Anna's INBOX, the second by Ben, who is an author there and has selected it.
async fn author() -> (World, Client) {
    let world = World::new().await;
    world.deliver(world.anna, &mail("theirs", "x")).await;
    world.share("INBOX", Preset::Author.rights()).await;
    let mut ben = world.login("ben").await;
    let reply = ben.append(THEIRS, "", &mail("mine", "x")).await;
    assert_eq!(reply.status, "OK", "{reply:?}");
    let reply = ben.ok(&format!("SELECT {THEIRS}")).await;
    reply.one("2 EXISTS");
    assert!(reply.text.starts_with("[READ-WRITE]"), "{reply:?}");
    (world, ben)
}

#[tokio::test]
async fn an_author_flags_and_deletes_its_own_mail() {
    let (world, mut ben) = author().await;
    let mut anna = world.inbox("anna").await;
    let all = "(\\Answered \\Flagged \\Draft $k)";
    assert_eq!(
        ben.ok(&format!("STORE 2 +FLAGS {all}")).await.with("2 FETCH"),
        [format!("2 FETCH (FLAGS {all})")]
    );
    ben.ok("STORE 2 -FLAGS (\\Draft $k)").await;
    anna.ok("NOOP").await;
    let expected = "2 FETCH (FLAGS (\\Answered \\Flagged))";
    assert_eq!(anna.ok("FETCH 2 FLAGS").await.untagged, [expected]);
    ben.ok("STORE 2 +FLAGS (\\Deleted)").await;
    ben.ok("EXPUNGE").await.one("2 EXPUNGE");
    assert!(!anna.ok("NOOP").await.with("2 EXPUNGE").is_empty());

    // One more is moved to where all is its own.
    ben.append(THEIRS, "", &mail("more", "x")).await;
    ben.ok("MOVE 2 INBOX").await.one("2 EXPUNGE");
    ben.ok("SELECT INBOX").await.one("1 EXISTS");
    world.consistent().await;
}

#[tokio::test]
async fn an_author_is_told_the_flags_that_it_may_change_of_its_own_mail() {
    let (_world, mut ben) = author().await;
    let reply = ben.ok(&format!("SELECT {THEIRS}")).await;
    // RFC 9051 section 7.1: `\*` says that keywords can be made.
    reply.one("[PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)]");
}

#[tokio::test]
async fn an_author_appends_with_the_flags_that_it_may_set_then() {
    let (world, mut ben) = author().await;
    ben.append(THEIRS, "(\\Seen \\Flagged $k) ", &mail("flagged", "x")).await;
    let expected = "3 FETCH (FLAGS (\\Flagged \\Seen $k))";
    assert_eq!(ben.ok("FETCH 3 FLAGS").await.with("3 FETCH"), [expected]);
    world.consistent().await;
}

#[tokio::test]
async fn an_author_leaves_the_mail_of_others_as_it_is() {
    let (world, mut ben) = author().await;
    let mut anna = world.inbox("anna").await;
    // What it may not change is left alone, in silence as long as there is something that it may.
    let reply = ben.ok("STORE 1 +FLAGS (\\Seen \\Flagged \\Deleted $k)").await;
    assert_eq!(reply.with("1 FETCH"), ["1 FETCH (FLAGS (\\Seen))"]);
    ben.command("STORE 1 FLAGS (\\Seen \\Answered \\Draft)").await;
    anna.ok("NOOP").await;
    assert_eq!(anna.ok("FETCH 1 FLAGS").await.untagged, ["1 FETCH (FLAGS (\\Seen))"]);

    anna.ok("STORE 1 +FLAGS (\\Deleted)").await;
    ben.no("UID EXPUNGE 1", "NOPERM").await;
    ben.no("EXPUNGE", "NOPERM").await;
    ben.ok("CLOSE").await;
    anna.ok("NOOP").await;
    anna.ok("FETCH 1 FLAGS").await.one("1 FETCH (FLAGS (\\Deleted \\Seen))");
    world.consistent().await;
}

#[tokio::test]
async fn a_mail_of_others_that_an_author_may_not_move_is_not_copied_either() {
    let (world, mut ben) = author().await;
    ben.no("MOVE 1 INBOX", "NOPERM").await;
    ben.no("MOVE 1:2 INBOX", "NOPERM").await;
    ben.ok("FETCH 1:2 FLAGS").await;
    ben.ok("SELECT INBOX").await.one("0 EXISTS");
    world.consistent().await;
}

#[tokio::test]
async fn close_expunges_what_an_author_may_expunge() {
    let (world, mut ben) = author().await;
    let mut anna = world.inbox("anna").await;
    ben.ok("STORE 2 +FLAGS (\\Deleted)").await;
    ben.ok("CLOSE").await;
    assert!(!anna.ok("NOOP").await.with("2 EXPUNGE").is_empty());
    world.consistent().await;
}

#[tokio::test]
async fn an_editor_moves_mail_between_two_accounts() {
    let world = World::new().await;
    world.deliver(world.anna, &mail("hello", "x")).await;
    world.share("INBOX", Preset::Editor.rights()).await;
    let mut anna = world.inbox("anna").await;
    let mut ben = world.login("ben").await;
    ben.ok(&format!("SELECT {THEIRS}")).await;
    ben.ok("STORE 1 FLAGS (\\Flagged $k)").await;
    let reply = ben.ok("MOVE 1 INBOX").await;
    assert!(reply.untagged[0].contains("COPYUID") && reply.untagged[1] == "1 EXPUNGE", "{reply:?}");
    assert!(!anna.ok("NOOP").await.with("1 EXPUNGE").is_empty());
    ben.ok("SELECT INBOX").await;
    assert_eq!(ben.ok("FETCH 1 FLAGS").await.untagged, ["1 FETCH (FLAGS (\\Flagged $k))"]);
    // A target that fails never costs the source.
    ben.no("MOVE 1 \"Other Users/anna@a.test/nothing\"", "TRYCREATE").await;
    ben.ok("FETCH 1 FLAGS").await.one("FLAGS");
    ben.ok(&format!("MOVE 1 {THEIRS}")).await;
    anna.ok("NOOP").await.one("1 EXISTS");
    ben.ok("CREATE \"Other Users/anna@a.test/INBOX/beneath\"").await;
    anna.ok("LIST \"\" INBOX/%").await.one("INBOX/beneath");
    world.consistent().await;
}

#[tokio::test]
async fn a_revoked_right_is_gone_from_a_running_session() {
    let world = World::new().await;
    world.share("INBOX", Preset::Reader.rights()).await;
    let mut ben = world.login("ben").await;
    ben.ok(&format!("SELECT {THEIRS}")).await;
    ben.begin("IDLE").await;
    ben.told("+ ").await;
    world.share("INBOX", Rights::NONE).await;
    ben.told("* BYE").await;
    assert_eq!(ben.line().await, "");

    // More rights: the view is read anew, and nothing is told twice.
    world.share("INBOX", Preset::Reader.rights()).await;
    world.deliver(world.anna, &mail("hello", "x")).await;
    let mut ben = world.login("ben").await;
    ben.ok(&format!("SELECT {THEIRS}")).await.one("1 EXISTS");
    world.share("INBOX", Preset::Editor.rights()).await;
    world.deliver(world.anna, &mail("more", "x")).await;
    assert_eq!(ben.ok("NOOP").await.untagged, ["2 EXISTS"]);
}
