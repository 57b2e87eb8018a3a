//! FETCH.

use crate::harness::{World, mail};

const NESTED: &str = "From: a@b.test\r\nTo: anna@a.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=x\r\n\r\npreamble\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZQ==\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n\
Subject: inner\r\nX-One: 1\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n\
Content-Type: text/plain\r\nX-Part: yes\r\n\r\nplain\r\n--y\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--y--\r\n\
--x--\r\n";

#[tokio::test]
async fn sections_of_nested_messages() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    client.append("INBOX", "", NESTED).await;
    for (item, text) in [
        ("BODY.PEEK[1]", "{12}\r\nR3LDvMOfZQ=="),
        ("BODY.PEEK[1.MIME]", "{78}"),
        ("BODY.PEEK[2.HEADER]", "Subject: inner\r\nX-One: 1\r\n"),
        ("BODY.PEEK[2.HEADER.FIELDS (x-one)]", "{12}\r\nX-One: 1\r\n\r\n"),
        ("BODY.PEEK[2.HEADER.FIELDS.NOT (x-one content-type)]", "{18}\r\nSubject: inner\r\n\r\n"),
        ("BODY.PEEK[2.1]", "{5}\r\nplain"),
        ("BODY.PEEK[2.1.MIME]", "X-Part: yes"),
        ("BODY.PEEK[2.2]", "{11}\r\n<p>html</p>"),
        ("BODY.PEEK[2.TEXT]<4.12>", "BODY[2.TEXT]<4> {12}\r\n\nContent-Typ"),
        ("BODY.PEEK[2.1]<5.10>", "BODY[2.1]<5> {0}\r\n"),
        ("BODY.PEEK[2.1]<4294967296.10>", "{0}\r\n"),
        ("BODY.PEEK[7]", "BODY[7] NIL"),
        ("BODY.PEEK[HEADER.FIELDS (none)]", "{2}\r\n\r\n"),
        ("BINARY.PEEK[1]", "{7}\r\nGrüße"),
        ("BINARY.SIZE[1]", "BINARY.SIZE[1] 7"),
        ("RFC822.HEADER", "RFC822.HEADER {"),
        ("PREVIEW", "PREVIEW "),
    ] {
        let reply = client.ok(&format!("FETCH 1 {item}")).await;
        assert!(reply.one("1 FETCH").contains(text), "{item}: {reply:#?}");
    }
    assert!(client.ok("FETCH 1 FLAGS").await.with("\\Seen").is_empty(), "nothing of that reads it");
}

#[tokio::test]
async fn envelope_and_structure_tell_nil_from_empty_and_send_no_raw_utf8() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    client.append("INBOX", "", NESTED).await;
    let reply = client.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY)").await;
    let line = reply.one("FETCH");
    assert!(line.is_ascii(), "{line}");
    let from = "((NIL NIL \"a\" \"b.test\"))";
    assert!(
        line.contains(&format!(
            "ENVELOPE (NIL \"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\" {from} {from} {from} \
             ((NIL NIL \"anna\" \"a.test\")) NIL NIL NIL NIL)"
        )),
        "{line}"
    );
    assert!(line.contains("\"message\" \"rfc822\"") || line.contains("\"MESSAGE\" \"RFC822\""), "{line}");
}

#[tokio::test]
async fn reading_without_peek_marks_as_read_and_both_sessions_learn_it() {
    let world = World::new().await;
    let (mut one, mut two) = (world.inbox("anna").await, world.inbox("anna").await);
    one.append("INBOX", "", &mail("a", "x")).await;
    one.append("INBOX", "", &mail("b", "y")).await;
    two.ok("NOOP").await.one("2 EXISTS");
    let reply = one.ok("FETCH 1:2 BODY[TEXT]").await;
    assert_eq!(reply.untagged.len(), 2, "flags come with the message: {reply:#?}");
    assert!(reply.untagged.iter().all(|line| line.contains("FLAGS (\\Seen)")), "{reply:#?}");
    assert_eq!(two.ok("NOOP").await.untagged, ["1 FETCH (FLAGS (\\Seen))", "2 FETCH (FLAGS (\\Seen))"]);
    assert!(one.ok("FETCH 1 BODY[TEXT]").await.with("FLAGS").is_empty());
    assert!(one.ok("NOOP").await.untagged.is_empty());
}

#[tokio::test]
async fn sequence_sets_mean_what_clients_rely_on() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    assert!(client.ok("FETCH 1:* FLAGS").await.untagged.is_empty(), "an empty mailbox");
    assert!(client.ok("UID FETCH 1:* FLAGS").await.untagged.is_empty());
    for subject in ["a", "b", "c"] {
        client.append("INBOX", "", &mail(subject, "x")).await;
    }
    let uids = |reply: crate::harness::Reply| reply.untagged.join("|");
    assert_eq!(uids(client.ok("UID FETCH 100:* FLAGS").await), "3 FETCH (UID 3 FLAGS ())");
    assert_eq!(uids(client.ok("FETCH 100:* UID").await), "3 FETCH (UID 3)");
    assert_eq!(uids(client.ok("FETCH * UID").await), "3 FETCH (UID 3)");
    assert_eq!(uids(client.ok("FETCH 3,1 UID").await), "1 FETCH (UID 1)|3 FETCH (UID 3)");
    assert!(client.ok("UID FETCH 77 FLAGS").await.untagged.is_empty());
    assert_eq!(client.command("FETCH 4 FLAGS").await.status, "BAD");
    assert_eq!(client.command("FETCH 0 FLAGS").await.status, "BAD");
}

#[tokio::test]
async fn outlooks_old_items_and_the_macros_are_known() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let message = mail("a", "x");
    client.append("INBOX", "", &message).await;
    let reply = client.ok("UID FETCH 1 (UID RFC822.SIZE RFC822.PEEK)").await;
    let text = format!("1 FETCH (UID 1 RFC822.SIZE {0} RFC822 {{{0}}}\r\n{message})", message.len());
    assert_eq!(reply.untagged, [text]);
    let reply = client.ok("FETCH 1 FULL").await;
    for part in ["FLAGS ()", "INTERNALDATE ", "RFC822.SIZE ", "ENVELOPE (", "BODY (\""] {
        reply.one(part);
    }
    let reply = client.ok("FETCH 1 (EMAILID THREADID SAVEDATE MODSEQ)").await;
    let line = reply.one("EMAILID (M");
    assert!(line.contains("THREADID (T") && line.contains("SAVEDATE \"23-Nov-2026"), "{line}");
}

#[tokio::test]
async fn many_messages_come_in_batches_in_order() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let mut command = "APPEND INBOX".to_owned();
    for number in 0..600 {
        let message = mail(&format!("number {number}"), "x");
        command.push_str(&format!(" {{{}+}}\r\n{message}", message.len()));
    }
    client.ok(&command).await.one("600 EXISTS");
    client.ok("STORE 100:300 +FLAGS.SILENT (\\Deleted)").await;
    client.ok("EXPUNGE").await;
    let reply = client.ok("FETCH 1:* (UID ENVELOPE BODY.PEEK[HEADER.FIELDS (SUBJECT)])").await;
    assert_eq!(reply.untagged.len(), 399);
    for (place, line) in reply.untagged.iter().enumerate() {
        let uid = if place < 99 { place + 1 } else { place + 202 };
        assert!(line.starts_with(&format!("{} FETCH (UID {uid} ENVELOPE", place + 1)), "{line}");
        assert!(line.contains(&format!("Subject: number {}\r\n", uid - 1)), "{line}");
    }
    world.consistent().await;
}

#[tokio::test]
async fn every_large_item_is_sent_whole_and_in_its_place_and_once() {
    let world = World::new().await;
    let mut client = world.inbox("anna").await;
    let message = mail("large", &format!("{}\r\n", "0123456789".repeat(7)).repeat(4_000));
    client.append("INBOX", "", &message).await;
    let text = message.split_once("\r\n\r\n").unwrap().1;
    let items = "RFC822.PEEK RFC822.TEXT.PEEK RFC822.TEXT.PEEK BINARY.PEEK[1] BODY.PEEK[TEXT] RFC822.PEEK RFC822.SIZE";
    let reply = client.ok(&format!("FETCH 1 (UID {items})")).await;
    let (all, part) =
        (format!("{{{}}}\r\n{message}", message.len()), format!("{{{}}}\r\n{text}", text.len()));
    let expected = format!(
        "1 FETCH (UID 1 RFC822 {all} RFC822.TEXT {part} BINARY[1] {part} BODY[TEXT] {part} RFC822.SIZE {})",
        message.len()
    );
    assert!(reply.untagged == [expected], "{:?}", reply.untagged.iter().map(String::len).collect::<Vec<_>>());
}
