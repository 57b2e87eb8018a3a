//! The public keys of a card: RFC 6350 section 6.8.1, RFC 2426 section 3.7.2.

use content_line::Document;

use crate::picture;

/// Most keys of a card that are looked at.
const KEYS_MAX: usize = 16;

/// The bytes of each key or certificate that stands in the first card itself, of whatever kind; what is only linked to,
/// or is no card at all, gives none.
#[must_use]
pub fn keys(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(document) = Document::parse(bytes) else { return Vec::new() };
    let card = document.components().iter().position(|component| component.name() == "VCARD");
    let lines = card.into_iter().flat_map(|card| document.own_lines(card).map(|(_, line)| line));
    // As pictures are: base64, or a URI that holds its data.
    lines.filter(|line| line.is("KEY")).filter_map(picture::read).take(KEYS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_every_version() {
        let card = |version: &str, lines: &str| {
            format!("BEGIN:VCARD\r\nVERSION:{version}\r\nFN:Ann\r\n{lines}END:VCARD\r\n").into_bytes()
        };
        let old = card("3.0", "KEY;TYPE=X509;ENCODING=b:MAMC\r\n AQA=\r\nitem1.KEY;ENCODING=b:AQ==\r\n");
        assert_eq!(keys(&old), [vec![0x30, 3, 2, 1, 0], vec![1]]);
        let new = card("4.0", "KEY:data:application/pkix-cert;base64,MAMCAQA=\r\nKEY:https://x.test/k\r\n");
        assert_eq!(keys(&new), [vec![0x30, 3, 2, 1, 0]]);
        assert!(keys(b"nothing").is_empty());
    }
}
