//! Where messages begin and end: smuggling, cuts, limits, chunks.

use proptest::prelude::*;
use smtp_wire::{
    Command, ContentFault, DataEnd, DataWriter, LineEnds, MessageRules, Next, Receiver, SaslResponse,
    SyntaxError, TEXT_LINE_BYTES_MAX,
};

const MIB: u64 = 1024 * 1024;

fn rules(line_ends: LineEnds) -> MessageRules {
    MessageRules { message_bytes_max: 8 * MIB, line_ends, binary: false }
}

/// What a server sees of a connection.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Command(Command),
    Message(Vec<u8>),
    Chunk(u64),
    Fault(ContentFault),
    Invalid(SyntaxError),
    EarlyData,
}

/// A server that takes every DATA and BDAT, on bytes cut in pieces. DATA ends a piece, as it does
/// for a client that waits.
struct Server {
    rules: MessageRules,
    receiver: Receiver,
    events: Vec<Event>,
    spool: Vec<u8>,
}

impl Server {
    fn new(rules: MessageRules) -> Self {
        Self { rules, receiver: Receiver::new(rules), events: Vec::new(), spool: Vec::new() }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.receiver.feed(bytes);
        loop {
            let event = match self.receiver.next() {
                Next::NeedBytes => return,
                Next::Data(piece) => {
                    assert!(!piece.is_empty());
                    self.spool.extend_from_slice(piece);
                    continue;
                }
                Next::DataEnd(end) => self.end(end),
                Next::Invalid(error) => Event::Invalid(error),
                Next::Response(SaslResponse::Cancelled | SaslResponse::Base64(_)) => unreachable!(),
                Next::Command(command) => Event::Command(command),
            };
            match &event {
                Event::Command(Command::Data) if self.receiver.expect_data().is_err() => {
                    self.events.push(Event::EarlyData);
                }
                Event::Command(Command::Bdat { .. }) => self.receiver.accept_chunk(),
                _ => {}
            }
            self.events.push(event);
        }
    }

    fn end(&mut self, end: DataEnd) -> Event {
        if end.last {
            self.receiver.start_message(self.rules);
        }
        match end {
            DataEnd { fault: Some(fault), .. } => {
                self.spool.clear();
                Event::Fault(fault)
            }
            DataEnd { last: false, message_bytes, .. } => Event::Chunk(message_bytes),
            DataEnd { message_bytes, .. } => {
                assert_eq!(message_bytes, self.spool.len() as u64);
                Event::Message(std::mem::take(&mut self.spool))
            }
        }
    }

    /// Events of DATA with this after it, the command itself left out.
    fn data(rules: MessageRules, body: &[u8], cut_bytes: usize) -> Vec<Event> {
        let mut server = Self::new(rules);
        server.feed(b"DATA\r\n");
        for piece in body.chunks(cut_bytes) {
            server.feed(piece);
        }
        assert_eq!(server.events.remove(0), Event::Command(Command::Data));
        server.events
    }

    fn commands(rules: MessageRules, bytes: &[u8], cut_bytes: usize) -> Vec<Event> {
        let mut server = Self::new(rules);
        bytes.chunks(cut_bytes).for_each(|piece| server.feed(piece));
        server.events
    }
}

/// The ends that some server somewhere has taken for the end of a message.
const SMUGGLERS: &[(&str, &[u8])] = &[
    ("LF.LF", b"\n.\n"),
    ("LF.CRLF", b"\n.\r\n"),
    ("CRLF.LF", b"\r\n.\n"),
    ("CR.CR", b"\r.\r"),
    ("CRLF.CR", b"\r\n.\r"),
    ("CR.CRLF", b"\r.\r\n"),
    ("CRLF.NUL CRLF", b"\r\n.\0\r\n"),
    ("CRLF NUL.CRLF", b"\r\n\0.\r\n"),
    ("NUL LF.NUL LF", b"\0\n.\0\n"),
    ("CR NUL LF.CRLF", b"\r\0\n.\r\n"),
    ("CRLF.CR NUL LF", b"\r\n.\r\0\n"),
    ("CR CR LF.LF", b"\r\r\n.\n"),
    ("CRLF.CR CR LF", b"\r\n.\r\r\n"),
    ("LF.CR CR LF", b"\n.\r\r\n"),
];

fn smuggled(end: &[u8]) -> Vec<u8> {
    let second = b"MAIL FROM:<admin@x.test>\r\nRCPT TO:<b@x.test>\r\nDATA\r\nevil\r\n.\r\n";
    [&b"Subject: one\r\n\r\nfirst"[..], end, &second[..]].concat()
}

#[test]
fn no_sequence_smuggles_a_second_message_and_refuse_stores_none() {
    for (name, end) in SMUGGLERS {
        for cut_bytes in [1, 2, 3, 7, usize::MAX] {
            let events = Server::data(rules(LineEnds::Refuse), &smuggled(end), cut_bytes);
            assert!(
                matches!(events[..], [Event::Fault(ContentFault::BareLineEnd | ContentFault::Nul)]),
                "{name} in pieces of {cut_bytes}: {events:?}"
            );
        }
    }
}

#[test]
fn no_sequence_smuggles_a_second_message_and_repair_stores_one() {
    for (name, end) in SMUGGLERS {
        for cut_bytes in [1, 2, 3, 7, usize::MAX] {
            let events = Server::data(rules(LineEnds::Repair), &smuggled(end), cut_bytes);
            let [Event::Message(message)] = &events[..] else { panic!("{name}: {events:?}") };
            assert!(message.starts_with(b"Subject: one\r\n\r\nfirst"), "{name}");
            assert!(message.ends_with(b"\r\nDATA\r\nevil\r\n"), "{name}: {}", message.escape_ascii());
            assert!(is_clean(message), "{name}: {}", message.escape_ascii());
            // Handed on, it is still one message for the strictest and the laxest receiver.
            let mut out = Vec::new();
            let mut writer = DataWriter::new();
            writer.write(message, &mut out);
            writer.finish(&mut out);
            let again = Server::data(rules(LineEnds::Refuse), &out, usize::MAX);
            assert_eq!(again, [Event::Message(message.clone())], "{name}");
        }
    }
}

/// Lines end with CRLF only, and no NUL.
fn is_clean(message: &[u8]) -> bool {
    let text = String::from_utf8_lossy(message).replace("\r\n", "");
    !text.contains(['\r', '\n', '\0'])
}

#[test]
fn data_known_answers() {
    let message = |text: &str| vec![Event::Message(text.as_bytes().to_vec())];
    let table: &[(&str, &str)] = &[
        (".\r\n", ""),
        ("\r\n.\r\n", "\r\n"),
        ("a\r\n.\r\n", "a\r\n"),
        ("a\r\n..\r\n.\r\n", "a\r\n.\r\n"),
        ("..a\r\n.b\r\n...\r\n.\r\n", ".a\r\nb\r\n..\r\n"),
        ("a.\r\n.\r\n", "a.\r\n"),
        ("a\r\n\r\n\r\n.\r\n", "a\r\n\r\n\r\n"),
        ("ü\r\n.\r\n", "ü\r\n"),
    ];
    for (body, text) in table {
        for cut_bytes in [1, 2, 3, usize::MAX] {
            for line_ends in [LineEnds::Refuse, LineEnds::Repair] {
                let got = Server::data(rules(line_ends), body.as_bytes(), cut_bytes);
                assert_eq!(got, message(text), "{body:?}");
            }
        }
    }
}

#[test]
fn repair_known_answers() {
    let table: &[(&[u8], &[u8])] = &[
        (b"a\nb\n\r\n.\r\n", b"a\r\nb\r\n\r\n"),
        (b"a\rb\r\r\n.\r\n", b"a\r\nb\r\n"),
        (b"a\0b\r\n.\r\n", b"a b\r\n"),
        // Behind a bare line end a dot is content, and stays.
        (b"a\n.\n..\r\n.\r\n", b"a\r\n.\r\n..\r\n"),
        (b"a\r\n.\rb\r\n.\r\n", b"a\r\n\r\nb\r\n"),
    ];
    for (body, text) in table {
        for cut_bytes in [1, 2, 3, usize::MAX] {
            let got = Server::data(rules(LineEnds::Repair), body, cut_bytes);
            assert_eq!(got, [Event::Message(text.to_vec())], "{}", body.escape_ascii());
        }
    }
}

#[test]
fn after_a_refused_message_the_next_command_is_read() {
    let events = Server::data(rules(LineEnds::Refuse), b"a\nb\r\n.\r\nRSET\r\n", usize::MAX);
    assert_eq!(events, [Event::Fault(ContentFault::BareLineEnd), Event::Command(Command::Rset)]);
    let reply = ContentFault::BareLineEnd.reply().to_bytes();
    assert!(reply.starts_with(b"550 5.5.2 "));
}

#[test]
fn message_size_limit_below_at_and_above() {
    let rules = MessageRules { message_bytes_max: 100, ..rules(LineEnds::Refuse) };
    for (text_bytes, fits) in [(97, true), (98, true), (99, false)] {
        let text = "x".repeat(text_bytes) + "\r\n";
        let expected = if fits {
            Event::Message(text.clone().into_bytes())
        } else {
            Event::Fault(ContentFault::TooLarge)
        };
        let got = Server::data(rules, (text + ".\r\n").as_bytes(), 7);
        assert_eq!(got, [expected], "{text_bytes}");
    }
    assert!(ContentFault::TooLarge.reply().to_bytes().starts_with(b"552 5.3.4 "));
}

#[test]
fn a_message_far_over_the_limit_is_swallowed() {
    let rules = MessageRules { message_bytes_max: 1000, ..rules(LineEnds::Refuse) };
    let mut server = Server::new(rules);
    server.feed(b"DATA\r\n");
    let piece = b"0123456789\r\n".repeat(1000);
    for _ in 0..1000 {
        server.feed(&piece);
        assert!(server.spool.len() as u64 <= 1000);
    }
    server.feed(b".\r\nQUIT\r\n");
    let expected = [Event::Fault(ContentFault::TooLarge), Event::Command(Command::Quit)];
    assert_eq!(server.events[1..], expected);
}

#[test]
fn text_line_limit_below_at_and_above() {
    let max = usize::try_from(TEXT_LINE_BYTES_MAX).unwrap();
    for (line_bytes, fits) in [(max - 1, true), (max, true), (max + 1, false)] {
        let body = "x".repeat(line_bytes) + "\r\n.\r\n";
        let got = Server::data(rules(LineEnds::Refuse), body.as_bytes(), 65_536);
        assert_eq!(matches!(got[..], [Event::Message(_)]), fits, "{line_bytes}");
        assert_eq!(got == [Event::Fault(ContentFault::LineTooLong)], !fits, "{line_bytes}");
    }
}

#[test]
fn command_line_limit_below_at_and_above() {
    for (name_bytes, error) in
        [(4088, SyntaxError::Argument), (4089, SyntaxError::Argument), (4090, SyntaxError::TooLong)]
    {
        let line = format!("EHLO {}\r\nQUIT\r\n", "x".repeat(name_bytes));
        let got = Server::commands(rules(LineEnds::Refuse), line.as_bytes(), 100);
        assert_eq!(got, [Event::Invalid(error), Event::Command(Command::Quit)], "{name_bytes}");
    }
    for (bytes, fits) in [(12_287, true), (12_288, true), (12_289, false)] {
        let line = format!("AUTH PLAIN {}\r\n", "A".repeat(bytes - 13));
        let got = Server::commands(rules(LineEnds::Refuse), line.as_bytes(), usize::MAX);
        assert_eq!(matches!(got[..], [Event::Command(_)]), fits, "{bytes}");
    }
}

#[test]
fn an_endless_command_line_costs_one_error() {
    let mut server = Server::new(rules(LineEnds::Refuse));
    for _ in 0..10_000 {
        server.feed(&[b'A'; 1024]);
    }
    server.feed(b"\r\nRSET\r\n");
    assert_eq!(server.events, [Event::Invalid(SyntaxError::TooLong), Event::Command(Command::Rset)]);
}

#[test]
fn a_bare_line_feed_starts_no_second_command() {
    let got = Server::commands(rules(LineEnds::Repair), b"NOOP\nRSET\nQUIT\r\nRSET\r\n", usize::MAX);
    assert_eq!(got, [Event::Invalid(SyntaxError::Character), Event::Command(Command::Rset)]);
}

#[test]
fn data_before_the_354_is_found_and_nothing_after_it_is_heard() {
    let mut server = Server::new(rules(LineEnds::Refuse));
    server.feed(b"DATA\r\nSubject: too early\r\n.\r\nMAIL FROM:<>\r\n");
    server.feed(b"QUIT\r\n");
    assert_eq!(server.events, [Event::EarlyData, Event::Command(Command::Data)]);
}

#[test]
fn what_came_with_starttls_is_thrown_away() {
    let mut receiver = Receiver::new(rules(LineEnds::Refuse));
    receiver.feed(b"STARTTLS\r\nMAIL FROM:<evil@x.test>\r\nRC");
    assert_eq!(receiver.next(), Next::Command(Command::StartTls));
    assert!(receiver.has_unread());
    assert_eq!(receiver.discard(), 27);
    receiver.feed(b"NOOP\r\n");
    assert_eq!(receiver.next(), Next::Command(Command::Noop));
}

#[test]
fn a_sasl_exchange_is_lines() {
    let mut receiver = Receiver::new(rules(LineEnds::Refuse));
    receiver.feed(b"AUTH LOGIN\r\nYW5uYQ==\r\n*\r\nno!\r\nRSET\r\n");
    assert!(matches!(receiver.next(), Next::Command(Command::Auth { .. })));
    receiver.expect_response();
    let Next::Response(SaslResponse::Base64(user)) = receiver.next() else { panic!("no response") };
    assert_eq!(user.expose(), "YW5uYQ==");
    receiver.expect_response();
    assert_eq!(receiver.next(), Next::Response(SaslResponse::Cancelled));
    receiver.expect_response();
    assert_eq!(receiver.next(), Next::Invalid(SyntaxError::Base64));
    assert_eq!(receiver.next(), Next::Command(Command::Rset));
}

fn bdat(chunk_bytes: u64, last: bool) -> Event {
    Event::Command(Command::Bdat { chunk_bytes, last })
}

#[test]
fn chunks_are_counted_and_pipelined() {
    let bytes = b"BDAT 5\r\na\r\n.\rBDAT 6\r\n\nQUIT\rBDAT 0 LAST\r\nQUIT\r\n";
    for cut_bytes in [1, 2, 3, usize::MAX] {
        let got = Server::commands(rules(LineEnds::Refuse), bytes, cut_bytes);
        let expected = [
            bdat(5, false),
            Event::Chunk(4),
            bdat(6, false),
            Event::Chunk(10),
            bdat(0, true),
            // The CR that ended the second chunk was bare.
            Event::Message(b"a\r\n.\r\nQUIT\r\n".to_vec()),
            Event::Command(Command::Quit),
        ];
        assert_eq!(got, expected, "in pieces of {cut_bytes}");
    }
}

#[test]
fn bare_line_ends_in_chunks_are_repaired_whatever_the_setting() {
    for line_ends in [LineEnds::Refuse, LineEnds::Repair] {
        let got = Server::commands(rules(line_ends), b"BDAT 12 LAST\r\na\n.\n\0b\r.\r\n.\n", usize::MAX);
        assert_eq!(got, [bdat(12, true), Event::Message(b"a\r\n.\r\n b\r\n.\r\n.\r\n".to_vec())]);
    }
}

#[test]
fn binary_chunks_are_kept_byte_for_byte() {
    let rules = MessageRules { binary: true, ..rules(LineEnds::Refuse) };
    let got = Server::commands(rules, b"BDAT 8 LAST\r\n\0\r\r\n\n.\r\n", 3);
    assert_eq!(got, [bdat(8, true), Event::Message(b"\0\r\r\n\n.\r\n".to_vec())]);
}

#[test]
fn the_size_of_all_chunks_counts() {
    let rules = MessageRules { message_bytes_max: 10, ..rules(LineEnds::Refuse) };
    let got = Server::commands(rules, b"BDAT 6\r\n123456BDAT 4\r\n7890BDAT 1 LAST\r\nxQUIT\r\n", 4);
    let expected = [
        bdat(6, false),
        Event::Chunk(6),
        bdat(4, false),
        Event::Chunk(10),
        bdat(1, true),
        Event::Fault(ContentFault::TooLarge),
        Event::Command(Command::Quit),
    ];
    assert_eq!(got, expected);
}

#[test]
fn a_refused_chunk_is_swallowed_whole() {
    let mut receiver = Receiver::new(rules(LineEnds::Refuse));
    receiver.feed(b"BDAT 20 LAST\r\nRSET\r\nMAIL FROM:<>\r\nQUIT\r\n");
    assert_eq!(receiver.next(), Next::Command(Command::Bdat { chunk_bytes: 20, last: true }));
    assert_eq!(receiver.next(), Next::DataEnd(DataEnd { message_bytes: 0, last: true, fault: None }));
    assert_eq!(receiver.next(), Next::Command(Command::Quit));
    receiver.feed(b"BDAT 18446744073709551615\r\n");
    assert!(matches!(receiver.next(), Next::Command(Command::Bdat { chunk_bytes: u64::MAX, .. })));
    for _ in 0..1000 {
        receiver.feed(&[b'x'; 10_000]);
        assert_eq!(receiver.next(), Next::NeedBytes);
        assert!(!receiver.has_unread());
    }
}

#[test]
fn a_new_message_begins_at_nothing() {
    let rules = MessageRules { message_bytes_max: 10, ..rules(LineEnds::Refuse) };
    let mut server = Server::new(rules);
    server.feed(b"DATA\r\n");
    server.feed(b"12345678901234567890\r\n.\r\n");
    assert_eq!(server.events.pop(), Some(Event::Fault(ContentFault::TooLarge)));
    server.feed(b"DATA\r\n");
    server.feed(b"12345678\r\n.\r\n");
    assert_eq!(server.events.pop(), Some(Event::Message(b"12345678\r\n".to_vec())));
}

/// Bytes that are mostly trouble.
fn trouble() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\r\n".to_vec()),
        Just(b".".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\0".to_vec()),
        Just(b"RSET\r\n".to_vec()),
        Just(b"BDAT 7\r\n".to_vec()),
        Just(b"BDAT 3 LAST\r\n".to_vec()),
        Just(b"text".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_events(bytes in trouble(), cut_bytes in 1_usize..20, repair in any::<bool>()) {
        let rules = rules(if repair { LineEnds::Repair } else { LineEnds::Refuse });
        let whole = Server::data(rules, &bytes, usize::MAX);
        prop_assert_eq!(&whole, &Server::data(rules, &bytes, cut_bytes));
        let commands = Server::commands(rules, &bytes, usize::MAX);
        prop_assert_eq!(commands, Server::commands(rules, &bytes, cut_bytes));
    }

    #[test]
    fn data_ends_exactly_at_the_first_crlf_dot_crlf(bytes in trouble(), repair in any::<bool>()) {
        let rules = rules(if repair { LineEnds::Repair } else { LineEnds::Refuse });
        let mut receiver = Receiver::new(rules);
        receiver.feed(b"DATA\r\n");
        let _ = receiver.next();
        receiver.expect_data().unwrap();
        receiver.feed(&bytes);
        let mut stored = Vec::new();
        let ended = loop {
            match receiver.next() {
                Next::Data(piece) => stored.extend_from_slice(piece),
                Next::DataEnd(_) => break true,
                _ => break false,
            }
        };
        // The CRLF of the DATA line counts as the first half (RFC 5321 section 4.1.1.4).
        let with_start = [&b"\r\n"[..], &bytes].concat();
        let end = with_start.windows(5).position(|window| window == b"\r\n.\r\n");
        prop_assert_eq!(ended, end.is_some());
        let left = end.map_or(0, |end| with_start.len() - end - 5);
        if ended {
            prop_assert_eq!(receiver.discard(), left);
        }
        prop_assert!(is_clean(&stored) || !ended);
    }

    #[test]
    fn stuffing_and_unstuffing_give_the_message_back(
        lines in proptest::collection::vec("[.a-c ]{0,6}", 0..20),
        write_bytes in 1_usize..9,
        cut_bytes in 1_usize..9,
    ) {
        let message: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let (mut writer, mut out) = (DataWriter::new(), Vec::new());
        message.as_bytes().chunks(write_bytes).for_each(|piece| writer.write(piece, &mut out));
        writer.finish(&mut out);
        let got = Server::data(rules(LineEnds::Refuse), &out, cut_bytes);
        prop_assert_eq!(got, [Event::Message(message.into_bytes())]);
    }

    #[test]
    fn whatever_is_written_out_is_one_clean_message(message in trouble(), write_bytes in 1_usize..9) {
        let (mut writer, mut out) = (DataWriter::new(), Vec::new());
        message.chunks(write_bytes).for_each(|piece| writer.write(piece, &mut out));
        writer.finish(&mut out);
        let got = Server::data(rules(LineEnds::Repair), &out, usize::MAX);
        prop_assert!(matches!(got[..], [Event::Message(_)]), "{:?}", got);
    }
}
