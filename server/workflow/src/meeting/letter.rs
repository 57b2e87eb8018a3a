//! A row of the outbox: one scheduling message for some recipients of this house.
//!
//! The form is our own: a version, then fields with their lengths. A row that another version wrote is not guessed at.

use calendar::schedule::Method;
use vocabulary::AccountId;

/// The kind of these rows in the outbox.
pub(crate) const ITIP: &str = "itip";
/// Recipients of one row: they are told in one transaction, and the object is stored once for all of them.
pub(super) const GUESTS_MAX: usize = 16;
const VERSION: u8 = 1;

/// What a letter does at its recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Calendar, schedule inbox and a mail.
    Told,
    /// Calendar and schedule inbox: it came by a mail, which is there already.
    Mailed,
    /// The calendar only: a copy is refreshed.
    Silent,
}

impl Manner {
    const ALL: [Self; 3] = [Self::Told, Self::Mailed, Self::Silent];

    fn code(self) -> u8 {
        match self {
            Self::Told => 0,
            Self::Mailed => 1,
            Self::Silent => 2,
        }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guest {
    /// The address in the object, in its normal form.
    pub(crate) address: String,
    /// The account, where a mail has reached it, or where it is one member of a list whose others are told otherwise;
    /// else whom the address leads to when the letter is delivered.
    pub(crate) account: Option<AccountId>,
}

/// One scheduling message for some recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) manner: Manner,
    pub(crate) method: Method,
    /// The proved address of whoever says it: the organiser's or the attendee's, in its normal form.
    pub(crate) from: String,
    /// The delegate who did it in that one's name.
    pub(crate) author: Option<AccountId>,
    /// The VCALENDAR with its METHOD.
    pub(crate) object: Vec<u8>,
    pub(crate) guests: Vec<Guest>,
}

impl Letter {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION, self.manner.code()];
        put(&mut bytes, self.method.name().as_bytes());
        put(&mut bytes, self.from.as_bytes());
        put_account(&mut bytes, self.author);
        put(&mut bytes, &self.object);
        for guest in &self.guests {
            put(&mut bytes, guest.address.as_bytes());
            put_account(&mut bytes, guest.account);
        }
        bytes
    }

    /// `None`: no version of this program wrote it.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let [VERSION, manner] = *take(&mut rest)? else { return None };
        let manner = Manner::ALL.into_iter().find(|known| known.code() == manner)?;
        let method = Method::by_name(&text(&mut rest)?)?;
        let from = text(&mut rest)?;
        let author = account(&mut rest)?;
        let object = field(&mut rest)?.to_vec();
        let mut guests = Vec::new();
        while !rest.is_empty() {
            guests.push(Guest { address: text(&mut rest)?, account: account(&mut rest)? });
        }
        Some(Self { manner, method, from, author, object, guests })
    }
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    // A content is at most 50 MB.
    bytes.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(field);
}

/// Ids begin with 1.
fn put_account(bytes: &mut Vec<u8>, account: Option<AccountId>) {
    bytes.extend_from_slice(&account.map_or(0, |account| account.0).to_be_bytes());
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(head)
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u32::from_be_bytes(*take(rest)?)).ok()?;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head)
}

fn text(rest: &mut &[u8]) -> Option<String> {
    String::from_utf8(field(rest)?.to_vec()).ok()
}

fn account(rest: &mut &[u8]) -> Option<Option<AccountId>> {
    let number = i64::from_be_bytes(*take(rest)?);
    Some((number > 0).then_some(AccountId(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_reads_back_and_a_piece_of_one_does_not() {
        for manner in Manner::ALL {
            let letter = Letter {
                manner,
                method: Method::Request,
                from: "anna@a.test".to_owned(),
                author: Some(AccountId(1 << 40)),
                object: b"BEGIN:VCALENDAR\r\n\xff\0".to_vec(),
                guests: vec![
                    Guest { address: "b\u{f6}rge@a.test".to_owned(), account: None },
                    Guest { address: String::new(), account: Some(AccountId(7)) },
                ],
            };
            let bytes = letter.encode();
            assert_eq!(Letter::decode(&bytes), Some(letter.clone()));
            let whole_guests = Letter { guests: vec![letter.guests[0].clone()], ..letter.clone() }.encode();
            for end in 0..bytes.len() {
                let ends_between_guests = end == whole_guests.len()
                    || end == Letter { guests: Vec::new(), ..letter.clone() }.encode().len();
                assert_eq!(Letter::decode(&bytes[..end]).is_some(), ends_between_guests, "{end}");
            }
        }
        assert_eq!(Letter::decode(&[2, 0]), None);
        assert_eq!(Letter::decode(b"\x01\x00\xff\xff\xff\xffREQUEST"), None);
    }
}
