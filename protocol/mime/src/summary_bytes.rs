//! The bytes of a [`Summary`] in the database: a version, then fields in a fixed order, numbers as
//! LEB128, texts and lists with their length before them.

use crate::summary::{AttachmentSummary, Importance, Mailbox, MessageClass, Summary};
use vocabulary::Timestamp;

/// Raised when the order or meaning of the fields changes; older bytes are then computed anew.
const VERSION: u8 = 1;

impl Summary {
    /// For the database.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(vec![VERSION]);
        for list in [&self.from, &self.sender, &self.reply_to, &self.to, &self.cc, &self.bcc] {
            out.list(list, |out, mailbox| {
                out.text(&mailbox.name);
                out.text(&mailbox.address);
            });
        }
        out.text(&self.subject);
        out.optional(self.date.as_ref(), |out, date| out.signed(date.0));
        out.number(match self.importance {
            Importance::Low => 0,
            Importance::Normal => 1,
            Importance::High => 2,
        });
        out.list(&self.attachments, |out, attachment| {
            out.section(&attachment.section);
            out.text(&attachment.name);
            out.text(&attachment.content_type);
            out.number(attachment.size_bytes);
            out.text(&attachment.content_id);
            out.text(&attachment.content_location);
            out.number(u64::from(attachment.inline));
        });
        let bits = [self.has_text, self.has_html, self.is_signed, self.is_encrypted];
        out.number(bits.iter().rev().fold(0, |number, bit| number << 1 | u64::from(*bit)));
        let class = MessageClass::ALL.iter().position(|class| *class == self.class).unwrap_or(0);
        out.number(class as u64);
        out.number(u64::from(self.code_page));
        out.text(&self.list_id);
        out.optional(self.invitation.as_ref(), |out, section| out.section(section));
        out.0
    }

    /// From the database; `None` if the bytes are of another version or no summary.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let mut input = Reader(rest);
        let summary = Self::read_fields(&mut input)?;
        input.0.is_empty().then_some(summary)
    }

    fn read_fields(input: &mut Reader<'_>) -> Option<Self> {
        let mut summary = Self {
            from: input.mailboxes()?,
            sender: input.mailboxes()?,
            reply_to: input.mailboxes()?,
            to: input.mailboxes()?,
            cc: input.mailboxes()?,
            bcc: input.mailboxes()?,
            subject: input.text()?,
            date: input.optional(|input| input.signed().map(Timestamp))?,
            importance: match input.number()? {
                0 => Importance::Low,
                1 => Importance::Normal,
                2 => Importance::High,
                _ => return None,
            },
            attachments: input.list(Reader::attachment)?,
            ..Self::default()
        };
        let bits = input.number()?;
        summary.has_text = bits & 1 != 0;
        summary.has_html = bits & 2 != 0;
        summary.is_signed = bits & 4 != 0;
        summary.is_encrypted = bits & 8 != 0;
        summary.class = *MessageClass::ALL.get(usize::try_from(input.number()?).ok()?)?;
        summary.code_page = u32::try_from(input.number()?).ok()?;
        summary.list_id = input.text()?;
        summary.invitation = input.optional(Reader::section)?;
        Some(summary)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push((number & 0x7f) as u8);
    }

    /// Zigzag: small negative numbers stay short.
    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn section(&mut self, section: &[u32]) {
        self.list(section, |out, number| out.number(u64::from(*number)));
    }

    fn list<T>(&mut self, list: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(list.len() as u64);
        for element in list {
            write(self, element);
        }
    }

    fn optional<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        self.number(u64::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    /// No list is longer than the bytes that are left: each element takes one at least.
    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = usize::try_from(self.number()?).ok().filter(|count| *count <= self.0.len())?;
        (0..count).map(|_| read(self)).collect()
    }

    fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.number()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }

    fn section(&mut self) -> Option<Vec<u32>> {
        self.list(|input| u32::try_from(input.number()?).ok())
    }

    fn mailboxes(&mut self) -> Option<Vec<Mailbox>> {
        self.list(|input| Some(Mailbox { name: input.text()?, address: input.text()? }))
    }

    fn attachment(&mut self) -> Option<AttachmentSummary> {
        Some(AttachmentSummary {
            section: self.section()?,
            name: self.text()?,
            content_type: self.text()?,
            size_bytes: self.number()?,
            content_id: self.text()?,
            content_location: self.text()?,
            inline: self.number()? != 0,
        })
    }
}
