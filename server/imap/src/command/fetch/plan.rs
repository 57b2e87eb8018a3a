//! What a FETCH needs, decided once for all its messages.

use imap_wire::Numbering;
use imap_wire::command::{Fetch, FetchItem, SectionText};

/// What must be read for each message.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Needs {
    /// The item's own row.
    pub(crate) item: bool,
    /// What was parsed when it came in.
    pub(crate) parsed: bool,
    /// Its bytes.
    pub(crate) content: bool,
}

impl Needs {
    /// Whether the view is not enough.
    pub(crate) fn store(self) -> bool {
        self.item || self.parsed || self.content
    }

    fn add(&mut self, item: &FetchItem) {
        match item {
            FetchItem::Flags | FetchItem::Uid | FetchItem::ModSeq => {}
            FetchItem::InternalDate
            | FetchItem::Rfc822Size
            | FetchItem::EmailId
            | FetchItem::ThreadId
            | FetchItem::SaveDate => self.item = true,
            FetchItem::Body | FetchItem::BodyStructure | FetchItem::Envelope | FetchItem::Preview { .. } => {
                self.parsed = true;
            }
            FetchItem::Section { .. }
            | FetchItem::Binary { .. }
            | FetchItem::BinarySize { .. }
            | FetchItem::Rfc822 { .. }
            | FetchItem::Rfc822Header
            | FetchItem::Rfc822Text { .. } => self.content = true,
        }
    }
}

/// One thing to be written, with what can be prepared for it.
#[derive(Debug)]
pub(crate) struct Wanted<'f> {
    pub(crate) item: &'f FetchItem,
    /// The names of HEADER.FIELDS.
    pub(crate) names: Vec<&'f str>,
}

/// A FETCH, planned.
#[derive(Debug)]
pub(crate) struct Plan<'f> {
    pub(crate) wanted: Vec<Wanted<'f>>,
    pub(crate) needs: Needs,
    /// Reading it marks it as read.
    pub(crate) sets_seen: bool,
    /// Flags are asked for, so that a change of them need not be told twice.
    pub(crate) asks_flags: bool,
    /// UID and MODSEQ go with every change that is told (RFC 7162 section 3.2.4).
    pub(crate) condstore: bool,
}

impl<'f> Plan<'f> {
    pub(crate) fn new(fetch: &'f Fetch, condstore: bool) -> Self {
        static UID: FetchItem = FetchItem::Uid;
        static MODSEQ: FetchItem = FetchItem::ModSeq;
        let mut items: Vec<&FetchItem> = Vec::with_capacity(fetch.items.len());
        for item in &fetch.items {
            // Whoever asks for the same twice is told once. The grammar bounds how many there are.
            if !items.contains(&item) {
                items.push(item);
            }
        }
        // RFC 9051 section 6.4.9: UID FETCH tells the UID; RFC 7162 section 3.1.4: CHANGEDSINCE the stamp.
        if fetch.numbering == Numbering::Uid && !items.contains(&&UID) {
            items.insert(0, &UID);
        }
        if fetch.changed_since.is_some() && !items.contains(&&MODSEQ) {
            items.push(&MODSEQ);
        }
        let mut needs = Needs::default();
        items.iter().for_each(|item| needs.add(item));
        Self {
            sets_seen: items.iter().any(|item| sets_seen(item)),
            asks_flags: items.contains(&&FetchItem::Flags),
            wanted: items.into_iter().map(|item| Wanted { item, names: names(item) }).collect(),
            needs,
            condstore,
        }
    }
}

fn names(item: &FetchItem) -> Vec<&str> {
    match item {
        FetchItem::Section { section, .. } => match &section.text {
            SectionText::HeaderFields { names, .. } => names.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn sets_seen(item: &FetchItem) -> bool {
    match item {
        FetchItem::Section { peek, .. }
        | FetchItem::Binary { peek, .. }
        | FetchItem::Rfc822 { peek }
        | FetchItem::Rfc822Text { peek } => !peek,
        FetchItem::Body
        | FetchItem::BodyStructure
        | FetchItem::Envelope
        | FetchItem::Flags
        | FetchItem::InternalDate
        | FetchItem::Rfc822Size
        | FetchItem::Uid
        | FetchItem::BinarySize { .. }
        | FetchItem::Rfc822Header
        | FetchItem::ModSeq
        | FetchItem::EmailId
        | FetchItem::ThreadId
        | FetchItem::SaveDate
        | FetchItem::Preview { .. } => false,
    }
}
