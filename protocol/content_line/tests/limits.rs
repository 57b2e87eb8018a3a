//! Every limit at its last good value and one above; work that stays linear.

use std::time::{Duration, Instant};

use content_line::{
    DEPTH_MAX, DOCUMENT_BYTES_MAX, Document, LINE_BYTES_MAX, LINES_MAX, Limit, PARAMETERS_MAX,
};

fn limit(bytes: &[u8]) -> Option<Limit> {
    Document::parse(bytes).err().map(|exceeded| exceeded.limit)
}

#[test]
fn a_document_has_a_size() {
    // Lines of 4 KiB, so that nothing else is exceeded.
    let mut bytes =
        [b"X:".to_vec(), vec![b'a'; 4093], b"\n".to_vec()].concat().repeat(DOCUMENT_BYTES_MAX / 4096);
    assert_eq!(bytes.len(), DOCUMENT_BYTES_MAX);
    assert_eq!(limit(&bytes), None);
    bytes.push(b'\n');
    assert_eq!(limit(&bytes), Some(Limit::DocumentBytes));
}

#[test]
fn a_line_has_a_length_folded_or_not() {
    let mut bytes = [b"X:".to_vec(), vec![b'a'; LINE_BYTES_MAX - 2]].concat();
    assert_eq!(limit(&bytes), None);
    bytes.push(b'a');
    assert_eq!(limit(&bytes), Some(Limit::LineBytes));

    let mut bytes = [b"X:".to_vec(), vec![b'a'; LINE_BYTES_MAX - 3], b"\n a".to_vec()].concat();
    assert_eq!(limit(&bytes), None);
    bytes.push(b'a');
    assert_eq!(limit(&bytes), Some(Limit::LineBytes));
}

#[test]
fn a_document_has_so_many_lines() {
    let mut bytes = b"\n".repeat(LINES_MAX);
    assert_eq!(limit(&bytes), None);
    bytes.push(b'\n');
    assert_eq!(limit(&bytes), Some(Limit::Lines));
}

#[test]
fn components_lie_so_deep() {
    assert_eq!(limit(&b"BEGIN:A\n".repeat(DEPTH_MAX)), None);
    let exceeded = Document::parse(&b"BEGIN:A\n".repeat(DEPTH_MAX + 1)).unwrap_err();
    assert_eq!((exceeded.limit, exceeded.offset), (Limit::Depth, 8 * DEPTH_MAX));
}

#[test]
fn a_line_has_so_many_parameters() {
    let line = |parameters| [b"X".to_vec(), b";A=b".repeat(parameters), b":v\n".to_vec()].concat();
    assert_eq!(limit(&line(PARAMETERS_MAX)), None);
    assert_eq!(limit(&line(PARAMETERS_MAX + 1)), Some(Limit::Parameters));
}

/// Bombs that would take minutes if any step were quadratic.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test of time needs a clock")]
fn hostile_documents_take_linear_time() {
    let lines = LINES_MAX / 2;
    let nested: Vec<u8> =
        [&b"BEGIN:A\n".repeat(DEPTH_MAX - 1)[..], &b"BEGIN:B\nEND:B\n".repeat(lines / 2)].concat();
    let bombs = [
        b"X\n =".repeat(DOCUMENT_BYTES_MAX / 8),
        [&b"X;QUOTED-PRINTABLE:"[..], &b"=\n".repeat(DOCUMENT_BYTES_MAX / 4)].concat(),
        [&b"X;BASE64:"[..], &b"\nA".repeat(DOCUMENT_BYTES_MAX / 4)].concat(),
        [&b"X"[..], &b"\n ;\"".repeat(DOCUMENT_BYTES_MAX / 8)].concat(),
        b"END:A\n".repeat(lines),
        b"X;A=\"\n".repeat(lines),
        nested,
    ];
    for bomb in bombs {
        let begin = Instant::now();
        if let Ok(document) = Document::parse(&bomb) {
            for component in 0..document.components().len() {
                let _ = document.children(component).next();
            }
            let _ = document.own_lines(0).count();
            assert_eq!(document.edit().finish(), bomb);
        }
        let name = String::from_utf8_lossy(&bomb[..20]).into_owned();
        assert!(begin.elapsed() < Duration::from_secs(5), "{name:?} took {:?}", begin.elapsed());
    }
}
