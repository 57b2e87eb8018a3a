//! The system's own mails: quota warnings, delivery reports, the answers of rooms.

use crate::summary::Mailbox;
use mail_builder::MessageBuilder;
use mail_builder::headers::Header;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::mime::{BodyPart, MimePart};
use vocabulary::Timestamp;

/// A file of a [`Draft`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Name of the file.
    pub name: String,
    /// `type/subtype`.
    pub content_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// An iTIP object that a mail carries: RFC 6047 section 2.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarPart {
    /// Its METHOD.
    pub method: String,
    /// The object; its bytes are kept as they are.
    pub bytes: Vec<u8>,
}

/// A message to be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Author.
    pub from: Mailbox,
    /// Who sent it for the author (RFC 5322 section 3.6.2).
    pub sender: Option<Mailbox>,
    /// Recipients; may be empty.
    pub to: Vec<Mailbox>,
    /// Unicode, one line.
    pub subject: String,
    /// Plain text, any line ends.
    pub text: String,
    /// The same as HTML, if wanted.
    pub html: Option<String>,
    /// The same as a scheduling message, for calendar programs.
    pub calendar: Option<CalendarPart>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// `Date`.
    pub date: Timestamp,
    /// Message-ID without `<>`; must be unique. The boundaries are made of it.
    pub message_id: String,
    /// Ids of the conversation without `<>`; the last one is answered.
    pub references: Vec<String>,
    /// Further fields, say `("Auto-Submitted", "auto-generated")`. Line ends are taken out.
    pub fields: Vec<(String, String)>,
}

impl Draft {
    /// A plain text mail; fill in the rest by struct update.
    #[must_use]
    pub fn plain(
        from: Mailbox,
        to: Mailbox,
        subject: &str,
        text: &str,
        date: Timestamp,
        message_id: &str,
    ) -> Self {
        Self {
            from,
            sender: None,
            to: vec![to],
            subject: subject.to_owned(),
            text: text.to_owned(),
            html: None,
            calendar: None,
            attachments: Vec::new(),
            date,
            message_id: message_id.to_owned(),
            references: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// The message with CRLF line ends: the same bytes for the same draft.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut builder = MessageBuilder::new()
            .from(address(&self.from))
            .subject(one_line(&self.subject))
            .date(Date::new(self.date.seconds()))
            .message_id(one_line(&self.message_id));
        if let Some(sender) = &self.sender {
            builder = builder.sender(address(sender));
        }
        if !self.to.is_empty() {
            builder = builder.to(Address::new_list(self.to.iter().map(address).collect()));
        }
        if let Some(last) = self.references.last() {
            let ids: Vec<String> = self.references.iter().map(|id| one_line(id)).collect();
            builder = builder.in_reply_to(one_line(last)).references(ids);
        }
        for (name, value) in &self.fields {
            builder = builder.header(one_line(name), mail_builder::headers::text::Text::new(one_line(value)));
        }
        let mut out = Vec::new();
        builder.body(self.body()).serialize(&mut out);
        crate::normalise_line_ends(&out).into_owned()
    }

    fn body(&self) -> MimePart<'_> {
        let text = MimePart::new("text/plain", self.text.as_str());
        let html = self.html.iter().map(|html| MimePart::new("text/html", html.as_str()));
        let calendar = self.calendar.iter().map(|calendar| {
            let content_type = ContentType::new("text/calendar")
                .attribute("charset", "utf-8")
                .attribute("method", one_line(&calendar.method));
            MimePart::new(content_type, BodyPart::Binary(calendar.bytes.as_slice().into()))
        });
        let others: Vec<_> = html.chain(calendar).collect();
        let readable = if others.is_empty() {
            text
        } else {
            self.multipart("alternative", std::iter::once(text).chain(others).collect())
        };
        if self.attachments.is_empty() {
            return readable;
        }
        let mut parts = vec![readable];
        parts.extend(self.attachments.iter().map(|file| {
            MimePart::new(one_line(&file.content_type), BodyPart::Binary(file.bytes.as_slice().into()))
                .attachment(one_line(&file.name))
        }));
        self.multipart("mixed", parts)
    }

    /// With a boundary of our own: the library's would depend on the clock.
    fn multipart<'x>(&self, kind: &str, parts: Vec<MimePart<'x>>) -> MimePart<'x> {
        let unique: String = self.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        // RFC 2045 section 6.7: `=_` cannot occur in quoted-printable, nor in base64.
        let boundary = format!("=_{kind}_{unique}");
        MimePart::new(ContentType::new(format!("multipart/{kind}")).attribute("boundary", boundary), parts)
    }
}

/// A moment in UTC as RFC 5322 section 3.3 writes it.
#[must_use]
pub fn date_text(moment: Timestamp) -> String {
    Date::new(moment.seconds()).to_rfc822()
}

/// A header field of a text, with its line end; the text is encoded if it must be.
pub(crate) fn text_field(name: &str, value: &str) -> Vec<u8> {
    let mut out = format!("{name}: ").into_bytes();
    let column = out.len();
    mail_builder::headers::text::Text::new(one_line(value)).write_header(&mut out, column);
    out
}

/// A header field of addresses, with its line end; names are encoded if they must be.
pub(crate) fn address_field(name: &str, mailboxes: &[Mailbox]) -> Vec<u8> {
    let mut out = format!("{name}: ").into_bytes();
    let column = out.len();
    Address::new_list(mailboxes.iter().map(address).collect()).write_header(&mut out, column);
    out
}

fn address(mailbox: &Mailbox) -> Address<'static> {
    let name = Some(one_line(&mailbox.name)).filter(|name| !name.is_empty());
    Address::new_address(name, one_line(&mailbox.address))
}

/// Nothing that a header is made of may split a line.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
