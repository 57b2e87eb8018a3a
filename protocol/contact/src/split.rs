//! A file of many cards, cut into cards with the very bytes that they have there.

use content_line::{Document, LimitExceeded};
use std::ops::Range;

use crate::{Invalid, Reason, text};

/// The cards of a file.
#[derive(Debug)]
pub struct Split<'a> {
    bytes: &'a [u8],
    cards: Vec<Card>,
}

#[derive(Debug)]
struct Card {
    uid: Option<String>,
    /// Where it stands in the bytes.
    place: Range<usize>,
}

impl<'a> Split<'a> {
    /// Finds the cards, in their order. What stands between them is passed over; what is wrong with one is found when it
    /// is stored.
    ///
    /// # Errors
    /// If there is none, or the file exceeds a limit of [`content_line`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let too_large =
            |exceeded: LimitExceeded| Invalid { reason: Reason::TooLarge, offset: exceeded.offset };
        let document = Document::parse(bytes).map_err(too_large)?;
        let cards: Vec<_> = document.roots().filter_map(|root| card(&document, root)).collect();
        if cards.is_empty() {
            return Err(Invalid { reason: Reason::NoCard, offset: 0 });
        }
        Ok(Self { bytes, cards })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cards.len()
    }

    /// The UID of a card, if it has one.
    #[must_use]
    pub fn uid(&self, card: usize) -> Option<&str> {
        self.cards.get(card)?.uid.as_deref()
    }

    /// A card; empty if there are not so many.
    #[must_use]
    pub fn bytes(&self, card: usize) -> &'a [u8] {
        let place = self.cards.get(card).map(|card| card.place.clone());
        place.and_then(|place| self.bytes.get(place)).unwrap_or_default()
    }
}

fn card(document: &Document<'_>, root: usize) -> Option<Card> {
    let component = document.component(root).filter(|component| component.name() == "VCARD")?;
    let lines = component.lines();
    let (first, last) = (document.line(lines.start)?, document.line(lines.end.checked_sub(1)?)?);
    let uid = document.property(root, "UID").map(|(_, line)| text::read(line).trim().to_owned());
    Some(Card {
        uid: uid.filter(|uid| !uid.is_empty()),
        place: first.offset()..last.offset().saturating_add(last.raw().len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe;

    #[test]
    fn each_card_keeps_its_bytes() {
        let cards = [
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:A\r\nNOTE:fol\r\n ded\r\nEND:VCARD\r\n",
            "BEGIN:VCARD\nVERSION:4.0\nFN:B\nEND:VCARD\n",
            "BEGIN:VCARD\r\nVERSION:2.1\r\nN:C\r\nUID:3\r\nEND:VCARD",
        ];
        let file = format!("{}\r\n{}junk\r\n{}", cards[0], cards[1], cards[2]);
        let split = Split::new(file.as_bytes()).unwrap();
        let found: Vec<_> = (0..split.count()).map(|card| split.bytes(card)).collect();
        assert_eq!(found, cards.map(str::as_bytes));
        assert_eq!([split.uid(0), split.uid(1), split.uid(2)], [Some("1"), None, Some("3")]);
        assert!(found.iter().all(|card| describe(card).is_ok()));
        assert_eq!((split.bytes(3), split.uid(3)), (&b""[..], None));
    }

    #[test]
    fn a_file_without_cards_is_refused() {
        for bytes in ["", "x", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"] {
            assert!(Split::new(bytes.as_bytes()).is_err(), "{bytes}");
        }
    }
}
