//! Which absent elements mean deletion: MS-ASCMD sections 2.2.3.24 and 2.2.3.179.

use std::collections::BTreeMap;

use wbxml::Tag;
use wbxml::page::{airsync_base, calendar, contacts, contacts2, notes, tasks};

use crate::version::Version;

/// What the absence of an element in a Change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Absence {
    /// The stored value stays.
    Keep,
    /// The stored value goes.
    Clear,
}

/// What the client said in Supported when it primed a folder; the server keeps it with the device's
/// folder (MS-ASCMD R4548).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supported {
    /// The elements named, as bits of their token, by code page; `None` if there was no Supported.
    pages: Option<BTreeMap<u8, u64>>,
}

/// Only these pages have elements that can be ghosted (MS-ASCMD R4536).
const PAGES: [u8; 4] = [
    contacts::CATEGORIES.page(),
    contacts2::NICK_NAME.page(),
    calendar::SUBJECT.page(),
    airsync_base::BODY.page(),
];

/// Stay unchanged when absent, in every class and version: MS-ASCMD R876 and R878, MS-ASNOTE R10003,
/// MS-ASTASK R369 and R370.
const NEVER_CLEARED: [Tag; 8] = [
    airsync_base::BODY,
    airsync_base::ATTACHMENTS,
    contacts::PICTURE,
    calendar::EXCEPTIONS,
    notes::SUBJECT,
    tasks::IMPORTANCE,
    tasks::REMINDER_SET,
    tasks::REMINDER_TIME,
];

impl Supported {
    /// From the children of the Supported element, or from its absence. Elements that cannot be ghosted
    /// are left out.
    #[must_use]
    pub fn new(tags: Option<&[Tag]>) -> Self {
        let Some(tags) = tags else { return Self::default() };
        let mut pages = BTreeMap::new();
        for tag in tags.iter().filter(|tag| PAGES.contains(&tag.page())) {
            *pages.entry(tag.page()).or_insert(0) |= bit(*tag);
        }
        Self { pages: Some(pages) }
    }

    /// For a row of the store: empty without Supported, else a byte of 1 and nine bytes a page, at most 37.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Some(pages) = &self.pages else { return Vec::new() };
        let mut bytes = vec![1];
        for (page, bits) in pages {
            bytes.push(*page);
            bytes.extend(bits.to_le_bytes());
        }
        bytes
    }

    /// Reads what [`Self::encode`] wrote; `None` for anything else.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let Some((head, rest)) = bytes.split_first() else { return Some(Self::default()) };
        let (entries, remainder) = rest.as_chunks::<9>();
        if *head != 1 || !remainder.is_empty() {
            return None;
        }
        let mut pages = BTreeMap::new();
        for [page, bits @ ..] in entries {
            if !PAGES.contains(page) || pages.insert(*page, u64::from_le_bytes(*bits)).is_some() {
                return None;
            }
        }
        Some(Self { pages: Some(pages) })
    }

    /// What it means that a Change does not have the element.
    ///
    /// MS-ASCAL lists which elements can be ghosted; here all of the class can be, save Location
    /// (MS-ASCAL R301), so that nothing is lost that the client did not ask for.
    #[must_use]
    pub fn absence(&self, tag: Tag, version: Version) -> Absence {
        let is_calendar = tag.page() == calendar::SUBJECT.page() || tag == airsync_base::LOCATION;
        // MS-ASCAL R2231, R2232: from 16.0 the client sends what it changed.
        if NEVER_CLEARED.contains(&tag) || (is_calendar && version >= Version::V16_0) {
            return Absence::Keep;
        }
        if self.is_ghosted(tag) {
            return Absence::Keep; // MS-ASCMD R5911
        }
        Absence::Clear // MS-ASCMD R879, R5912
    }

    /// MS-ASCMD R5906 (no Supported), R5908 (named or not), R5909 (an empty one).
    fn is_ghosted(&self, tag: Tag) -> bool {
        let can_be = PAGES.contains(&tag.page()) && tag != calendar::LOCATION;
        let Some(pages) = &self.pages else { return false };
        can_be && pages.get(&tag.page()).is_none_or(|bits| bits & bit(tag) == 0)
    }
}

/// Tokens are below 64.
fn bit(tag: Tag) -> u64 {
    1_u64.checked_shl(tag.token().into()).unwrap_or(0)
}
