//! Writes FETCH responses: RFC 9051 section 7.5.2.

use super::plan::{Plan, Wanted};
use crate::completion::Failure;
use crate::connection::Connection;
use crate::object_id;
use crate::view::{View, sequence};
use imap_wire::Output;
use imap_wire::command::{FetchItem, Partial, Section, SectionText};
use imap_wire::response::FetchResponse;
use mime::Message;
use std::borrow::Cow;
use std::cell::OnceCell;
use storage::{Item, Parsed};
use vocabulary::AccountId;

/// What is known of one message beyond the view.
pub(crate) struct Record<'r> {
    pub(crate) account: AccountId,
    pub(crate) item: &'r Item,
    pub(crate) parsed: Option<&'r Parsed>,
    pub(crate) content: Option<&'r [u8]>,
    /// Being read has changed its flags: the client is told with the message.
    pub(crate) flags_changed: bool,
}

/// A message of which only what the view knows is asked. No memory is taken but in `out`.
pub(crate) fn from_view(plan: &Plan<'_>, view: &View, place: usize, out: &mut Output) {
    let Some(row) = view.row(place) else { return };
    let mut response = out.fetch(sequence(place));
    for wanted in &plan.wanted {
        match wanted.item {
            FetchItem::Uid => response.uid(row.uid),
            FetchItem::ModSeq => response.modseq(row.modseq),
            _ => response.flags(row.flags, view.keywords(row)),
        }
    }
    response.end();
}

/// One message with everything. `true`: something could not be decoded.
pub(crate) async fn message(
    plan: &Plan<'_>,
    view: &View,
    place: usize,
    record: &Record<'_>,
    connection: &mut Connection,
) -> Result<bool, Failure> {
    let Some(row) = view.row(place) else { return Ok(false) };
    let opened = Opened { bytes: record.content.unwrap_or_default(), message: OnceCell::new() };
    let mut undecodable = false;
    let mut first = connection.out.fetch(sequence(place)).suspend();
    for wanted in &plan.wanted {
        let mut response = connection.out.resume_fetch(first);
        // What is large by nature is not gathered: its header is written here, its bytes are sent below.
        let literal = match wanted.item {
            FetchItem::Uid => {
                response.uid(row.uid);
                None
            }
            FetchItem::ModSeq => {
                response.modseq(row.modseq);
                None
            }
            FetchItem::Flags => {
                response.flags(row.flags, view.keywords(row));
                None
            }
            FetchItem::Section { section, partial, .. } => {
                let (origin, bytes) = part_of(*partial, opened.section(section, &wanted.names));
                match &bytes {
                    Some(bytes) => response.section_header(section, origin, bytes.len() as u64),
                    None => response.section(section, origin, None),
                }
                bytes
            }
            FetchItem::Binary { part, partial, .. } => match opened.decoded(part) {
                Some(Some(decoded)) => {
                    let (origin, bytes) = part_of(*partial, Some(decoded));
                    response.binary_header(part, origin, bytes.as_deref().unwrap_or_default());
                    bytes
                }
                unknown => {
                    undecodable |= unknown.is_some();
                    // No such part, or one that nobody can decode.
                    let origin = partial.filter(|_| unknown.is_some()).map(|partial| partial.offset);
                    response.binary(part, origin, None);
                    None
                }
            },
            FetchItem::BinarySize { part } => match opened.decoded(part) {
                Some(Some(bytes)) => {
                    response.binary_size(part, bytes.len() as u64);
                    None
                }
                Some(None) => {
                    undecodable = true;
                    None
                }
                None => {
                    response.binary_size(part, 0);
                    None
                }
            },
            FetchItem::Rfc822 { .. } => {
                response.rfc822_start(opened.bytes.len() as u64);
                Some(Cow::Borrowed(opened.bytes))
            }
            FetchItem::Rfc822Header => {
                let header = opened.text(&SectionText::Header);
                response.rfc822_header_start(header.len() as u64);
                Some(header)
            }
            FetchItem::Rfc822Text { .. } => {
                let text = opened.text(&SectionText::Text);
                response.rfc822_text_start(text.len() as u64);
                Some(text)
            }
            _ => {
                from_rows(wanted, record, &mut response);
                None
            }
        };
        first = response.suspend();
        if let Some(bytes) = literal {
            connection.literal(&bytes).await?;
        }
        connection.flush_if_full().await?;
        if matches!(wanted.item, FetchItem::Binary { .. } | FetchItem::BinarySize { .. }) {
            // Decoding costs time, and a request may have many of them.
            tokio::task::yield_now().await;
        }
    }
    let mut response = connection.out.resume_fetch(first);
    if record.flags_changed {
        // RFC 9051 section 6.4.5: flags that reading has changed are told with it.
        if !plan.asks_flags {
            response.flags(row.flags, view.keywords(row));
        }
        let asked = |item: FetchItem| plan.wanted.iter().any(|wanted| *wanted.item == item);
        if plan.condstore && !asked(FetchItem::Uid) {
            response.uid(row.uid);
        }
        if plan.condstore && !asked(FetchItem::ModSeq) {
            response.modseq(row.modseq);
        }
    }
    response.end();
    Ok(undecodable)
}

/// What stands ready in columns.
fn from_rows(wanted: &Wanted<'_>, record: &Record<'_>, response: &mut FetchResponse<'_>) {
    let item = record.item;
    match wanted.item {
        FetchItem::InternalDate => response.internal_date(item.received_at),
        FetchItem::Rfc822Size => response.size(item.size_bytes.unsigned_abs()),
        FetchItem::EmailId => response.email_id(&object_id::email(record.account, item.id)),
        FetchItem::ThreadId => {
            response.thread_id(Some(&object_id::thread(record.account, item.thread)));
        }
        FetchItem::SaveDate => response.save_date(Some(item.saved_at)),
        _ => {
            let Some(parsed) = record.parsed else { return };
            let (plain, whole) = workflow::structures(parsed).unwrap_or_default();
            match wanted.item {
                FetchItem::Envelope => response.envelope(&parsed.envelope),
                FetchItem::Body => response.body(plain),
                FetchItem::BodyStructure => response.body_structure(whole),
                FetchItem::Preview { .. } => response.preview(Some(&parsed.preview)),
                _ => {}
            }
        }
    }
}

/// The bytes of a message; its parts are looked for when one is asked for.
struct Opened<'b> {
    bytes: &'b [u8],
    message: OnceCell<Message<'b>>,
}

impl<'b> Opened<'b> {
    fn message(&self) -> &Message<'b> {
        self.message.get_or_init(|| Message::parse(self.bytes))
    }

    fn section(&self, section: &Section, names: &[&str]) -> Option<Cow<'b, [u8]>> {
        let what = match &section.text {
            SectionText::Whole if section.part.is_empty() => return Some(Cow::Borrowed(self.bytes)),
            SectionText::Whole => mime::SectionText::All,
            SectionText::Header => mime::SectionText::Header,
            SectionText::HeaderFields { not, .. } => mime::SectionText::HeaderFields { names, not: *not },
            SectionText::Text => mime::SectionText::Text,
            SectionText::Mime => mime::SectionText::Mime,
        };
        self.message().section(&section.part, what)
    }

    fn text(&self, text: &SectionText) -> Cow<'b, [u8]> {
        let section = Section { part: Vec::new(), text: text.clone() };
        self.section(&section, &[]).unwrap_or_default()
    }

    /// The outer `None`: no such part; the inner one: nobody knows its encoding.
    fn decoded(&self, part: &[u32]) -> Option<Option<Cow<'b, [u8]>>> {
        let known = self.message().knows_encoding(part)?;
        Some(if known { self.message().decoded(part) } else { None })
    }
}

/// The bytes of `<offset.length>`, and the offset that the response names.
fn part_of(partial: Option<Partial>, bytes: Option<Cow<'_, [u8]>>) -> (Option<u64>, Option<Cow<'_, [u8]>>) {
    let Some(partial) = partial else { return (None, bytes) };
    let part = bytes.map(|bytes| match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(partial.of(bytes)),
        Cow::Owned(bytes) => Cow::Owned(partial.of(&bytes).to_vec()),
    });
    (Some(partial.offset), part)
}
