//! The fields of a head that lists and answers need, and ENVELOPE: RFC 9051 section 7.5.2.

use crate::ENVELOPE_ADDRESSES_MAX;
use crate::address::{self, Entry};
use crate::field;
use crate::wire;

/// Raw values, each of the first field of its name; addresses of all fields of their name.
#[derive(Debug, Default)]
pub(crate) struct Head<'a> {
    pub(crate) date: Option<&'a [u8]>,
    pub(crate) subject: Option<&'a [u8]>,
    pub(crate) message_id: Option<&'a [u8]>,
    pub(crate) in_reply_to: Option<&'a [u8]>,
    pub(crate) references: Option<&'a [u8]>,
    pub(crate) importance: Option<&'a [u8]>,
    pub(crate) priority: Option<&'a [u8]>,
    pub(crate) list_id: Option<&'a [u8]>,
    pub(crate) from: Vec<Entry>,
    pub(crate) sender: Vec<Entry>,
    pub(crate) reply_to: Vec<Entry>,
    pub(crate) to: Vec<Entry>,
    pub(crate) cc: Vec<Entry>,
    pub(crate) bcc: Vec<Entry>,
}

impl<'a> Head<'a> {
    /// Goes once through a header block.
    pub(crate) fn read(head: &'a [u8]) -> Self {
        let mut seen = Self::default();
        for field in field::fields(head) {
            let slot = match field.name.to_ascii_lowercase().as_slice() {
                b"date" => &mut seen.date,
                b"subject" => &mut seen.subject,
                b"message-id" => &mut seen.message_id,
                b"in-reply-to" => &mut seen.in_reply_to,
                b"references" => &mut seen.references,
                b"importance" => &mut seen.importance,
                b"x-priority" => &mut seen.priority,
                b"list-id" => &mut seen.list_id,
                other => {
                    if let Some(list) = seen.list(other) {
                        address::parse(field.raw, ENVELOPE_ADDRESSES_MAX, list);
                    }
                    continue;
                }
            };
            slot.get_or_insert(field.raw);
        }
        seen
    }

    fn list(&mut self, name: &[u8]) -> Option<&mut Vec<Entry>> {
        Some(match name {
            b"from" => &mut self.from,
            b"sender" => &mut self.sender,
            b"reply-to" => &mut self.reply_to,
            b"to" => &mut self.to,
            b"cc" => &mut self.cc,
            b"bcc" => &mut self.bcc,
            _ => return None,
        })
    }

    /// Appends the parenthesised ENVELOPE.
    pub(crate) fn envelope(&self, out: &mut Vec<u8>) {
        let or_from = |list: &'_ [Entry]| if list.is_empty() { self.from.clone() } else { list.to_vec() };
        out.push(b'(');
        wire::optional_text(out, self.date);
        out.push(b' ');
        wire::optional_text(out, self.subject);
        // RFC 9051 section 7.5.2: Sender and Reply-To default to From.
        for list in
            [&self.from, &or_from(&self.sender), &or_from(&self.reply_to), &self.to, &self.cc, &self.bcc]
        {
            out.push(b' ');
            addresses(out, list);
        }
        out.push(b' ');
        wire::optional_text(out, self.in_reply_to);
        out.push(b' ');
        wire::optional_text(out, self.message_id);
        out.push(b')');
    }
}

fn addresses(out: &mut Vec<u8>, list: &[Entry]) {
    if list.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for entry in list {
        match entry {
            Entry::GroupStart(name) => {
                out.extend_from_slice(b"(NIL NIL ");
                wire::text(out, name);
                out.extend_from_slice(b" NIL)");
            }
            Entry::GroupEnd => out.extend_from_slice(b"(NIL NIL NIL NIL)"),
            Entry::Mailbox { name, local, domain } => {
                out.push(b'(');
                wire::optional_text(out, Some(name.as_slice()).filter(|name| !name.is_empty()));
                out.extend_from_slice(b" NIL ");
                // A NIL would make it the mark of a group.
                wire::text(out, if local.is_empty() { b"MISSING_MAILBOX" } else { local });
                out.push(b' ');
                wire::text(out, if domain.is_empty() { b"MISSING_DOMAIN" } else { domain });
                out.push(b')');
            }
        }
    }
    out.push(b')');
}
