//! `sync-collection`: RFC 6578 section 3.2.

use super::{PropertyRequest, results_limit};
use crate::RequestError;
use crate::header::Depth;
use crate::name::dav;
use crate::xml::Element;

/// How far below the collection changes are told: RFC 6578 section 6.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncLevel {
    /// Its members.
    One,
    /// Everything below.
    Infinite,
}

/// What changed in a collection since a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncCollection {
    /// The token as the client sent it; `None`: from the beginning.
    pub token: Option<String>,
    /// `None` in requests from before RFC 6578, which have only the header `Depth`.
    pub level: Option<SyncLevel>,
    /// At most so many changes: RFC 6578 section 3.7.
    pub limit: Option<u32>,
    /// What to tell of each.
    pub properties: PropertyRequest,
}

impl SyncCollection {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let missing = || RequestError::malformed(root.name(), "no sync-token");
        let token = root.child(dav::SYNC_TOKEN).ok_or_else(missing)?.text().trim().to_owned();
        let level = match root.child(dav::SYNC_LEVEL).map(|level| level.text().trim().to_owned()).as_deref() {
            None => None,
            Some("1") => Some(SyncLevel::One),
            Some("infinite" | "infinity") => Some(SyncLevel::Infinite),
            Some(_) => return Err(RequestError::malformed(dav::SYNC_LEVEL, "neither 1 nor infinite")),
        };
        Ok(Self {
            token: Some(token).filter(|token| !token.is_empty()),
            level,
            limit: results_limit(root, dav::LIMIT, dav::NRESULTS)?,
            properties: PropertyRequest::parse(root)?,
        })
    }

    /// The level. RFC 6578 section 3.2 wants `Depth: 0` beside it; Thunderbird sends `Depth: 1` with it, and
    /// older clients nothing but the header (RFC 6578 appendix A), which counts only for them.
    #[must_use]
    pub fn level(&self, depth: Option<Depth>) -> SyncLevel {
        match (self.level, depth) {
            (Some(level), _) => level,
            (None, Some(Depth::Infinity)) => SyncLevel::Infinite,
            (None, _) => SyncLevel::One,
        }
    }
}
