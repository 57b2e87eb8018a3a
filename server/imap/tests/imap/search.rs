//! SEARCH.

use crate::harness::{Client, World, mail};

const ENCODED: &str = "From: =?iso-8859-1?q?J=FCrgen?= <j@a.test>\r\nTo: anna@a.test\r\nCc: Chris <chris@a.test>\r\n\
Subject: =?utf-8?b?w4RSR0VS?=\r\nDate: Tue, 1 Dec 2026 00:30:00 +0200\r\nX-Note:\r\nMIME-Version: 1.0\r\n\
Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nStra=C3=9Fe und =\r\nWeg\r\n";

async fn filled() -> (World, Client) {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    client
        .append("INBOX", "(\\Seen) \"30-Nov-2026 23:30:00 -0500\" ", &mail("Hello world", "first body"))
        .await;
    client.append("INBOX", "(\\Flagged $Work) \"02-Dec-2026 12:00:00 +0000\" ", ENCODED).await;
    client.append("INBOX", "(\\Deleted) ", &mail("third", &"long ".repeat(400))).await;
    (world, client)
}

#[tokio::test]
async fn every_key_finds_what_it_should() {
    let (_world, mut client) = filled().await;
    for (keys, found) in [
        ("ALL", &[1, 2, 3][..]),
        ("SEEN", &[1]),
        ("UNSEEN UNDELETED", &[2]),
        ("OR SEEN DELETED", &[1, 3]),
        ("NOT SEEN", &[2, 3]),
        ("(FLAGGED KEYWORD $work)", &[2]),
        ("UNKEYWORD $Work", &[1, 3]),
        ("RECENT", &[]),
        ("OLD", &[1, 2, 3]),
        ("2:*", &[2, 3]),
        ("UID 3,9", &[3]),
        ("UID 9:*", &[3]),
        ("NOT 1", &[2, 3]),
        ("LARGER 1000", &[3]),
        ("SMALLER 1000", &[1, 2]),
        ("SUBJECT HELLO", &[1]),
        ("SUBJECT \"\"", &[1, 2, 3]),
        ("FROM \"jürgen\"", &[2]),
        ("FROM @a.test", &[1, 2, 3]),
        ("TO anna", &[1, 2, 3]),
        ("CC chris", &[2]),
        ("CC \"\"", &[2]),
        ("BCC x", &[]),
        ("SUBJECT \"ärger\"", &[2]),
        ("HEADER Subject \"ärger\"", &[2]),
        ("HEADER X-Note \"\"", &[2]),
        ("HEADER X-None \"\"", &[]),
        ("HEADER Message-ID third@a.test", &[3]),
        ("BODY \"straße\"", &[2]),
        ("BODY \"straße und weg\"", &[2]),
        ("BODY hello", &[]),
        ("TEXT hello", &[1]),
        ("TEXT \"first body\"", &[1]),
        ("SENTON 1-Dec-2026", &[2]),
        ("SENTBEFORE 1-Dec-2026", &[1, 3]),
        ("SENTSINCE 1-Dec-2026", &[2]),
        ("ON 1-Dec-2026", &[1]),
        ("BEFORE 2-Dec-2026", &[1, 3]),
        ("SINCE 1-Dec-2026", &[1, 2]),
        ("SAVEDON 23-Nov-2026", &[1, 2, 3]),
        ("YOUNGER 60", &[1, 2, 3]),
        ("OLDER 60", &[]),
        ("MODSEQ 1", &[1, 2, 3]),
        ("CHARSET UTF-8 BODY weg", &[2]),
    ] {
        assert_eq!(client.search(&format!("SEARCH {keys}")).await, found, "{keys}");
        assert_eq!(client.search(&format!("UID SEARCH {keys}")).await, found, "UID {keys}");
    }
    client.no("SEARCH CHARSET KOI8-R TEXT x", "BADCHARSET (US-ASCII UTF-8)").await;
    assert_eq!(client.command("SEARCH 4").await.status, "BAD");
}

#[tokio::test]
async fn literals_may_stand_in_a_search() {
    let (_world, mut client) = filled().await;
    assert_eq!(client.search("SEARCH SUBJECT {5+}\r\nHello BODY {5+}\r\nfirst").await, [1]);
    let tag = client.begin("SEARCH SUBJECT {5}").await;
    client.told("+ ").await;
    client.send("third\r\n").await;
    assert_eq!(client.until(&tag).await.one("SEARCH"), "SEARCH 3");
    assert_eq!(client.search("SEARCH SUBJECT {0+}\r\n").await, [1, 2, 3]);
}

#[tokio::test]
async fn extended_answers_and_the_saved_result() {
    let (_world, mut client) = filled().await;
    let reply = client.ok("UID SEARCH RETURN (MIN MAX COUNT ALL) NOT SEEN").await;
    assert!(reply.one("ESEARCH").ends_with("UID MIN 2 MAX 3 COUNT 2 ALL 2:3"), "{reply:?}");
    assert!(client.ok("SEARCH RETURN () SEEN").await.one("ESEARCH").ends_with(") ALL 1"));
    assert!(client.ok("SEARCH RETURN (COUNT ALL) DRAFT").await.one("ESEARCH").ends_with(") COUNT 0"));

    assert!(client.ok("SEARCH RETURN (SAVE) NOT SEEN").await.untagged.is_empty());
    assert_eq!(client.ok("FETCH $ UID").await.untagged, ["2 FETCH (UID 2)", "3 FETCH (UID 3)"]);
    assert_eq!(client.search("UID SEARCH UID $ DELETED").await, [3]);
    client.ok("STORE 2 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("UID EXPUNGE 2").await;
    assert_eq!(client.ok("UID FETCH $ FLAGS").await.untagged, ["2 FETCH (UID 3 FLAGS (\\Deleted))"]);
    client.no("SEARCH RETURN (SAVE) CHARSET X TEXT x", "BADCHARSET").await;
    assert!(client.ok("FETCH $ UID").await.untagged.is_empty(), "a failed search leaves nothing");
    let reply = client.ok("SEARCH MODSEQ 1").await;
    assert!(reply.one("SEARCH").contains("(MODSEQ "), "{reply:?}");
}

#[tokio::test]
async fn many_keys_are_looked_for_in_one_reading_and_too_many_are_refused() {
    let (_world, mut client) = filled().await;
    let keys = |count: usize| (0..count).map(|n| format!("NOT BODY absent{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(client.search(&format!("SEARCH {} TEXT long", keys(63))).await, [3]);
    // The same key again is the same question.
    assert_eq!(client.search(&format!("SEARCH {}", "BODY first ".repeat(500).trim_end())).await, [1]);
    client.no(&format!("SEARCH {}", keys(65)), "LIMIT").await;
}
