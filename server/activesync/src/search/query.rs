//! A query made ready: texts folded, contents numbered.

use activesync_wire::item::Class;
use activesync_wire::search_text::Term;
use mime::search::{CONTENTS_MAX, Content, Expression, Facts, Needle};
use std::ops::Range;
use std::sync::Arc;
use vocabulary::{AccountId, Timestamp};

use super::walk::Candidate;
use crate::command::sync::component_of;

/// One test of an item.
#[derive(Debug)]
enum Leaf {
    Received(Range<Timestamp>),
    /// One of [`Query::contents`].
    Content(usize),
}

/// What items must be.
#[derive(Debug)]
pub(crate) struct Query {
    test: Expression<Leaf>,
    pub(super) contents: Arc<[Content]>,
    /// Empty for all.
    pub(crate) classes: Vec<Class>,
    /// A conversation of mail: whose, and which.
    pub(crate) conversation: Option<(AccountId, i64)>,
    /// Received after this moment.
    pub(crate) after: Option<Timestamp>,
    /// Received before this moment.
    pub(crate) before: Option<Timestamp>,
}

impl Query {
    /// `None` if it asks for more than can be looked for at once.
    pub(crate) fn new(text: Expression<Term>) -> Option<Self> {
        let mut contents: Vec<Content> = Vec::new();
        let test = text.try_map(&mut |term| {
            let content = match term {
                Term::Received(span) => return Ok(Expression::Leaf(Leaf::Received(span))),
                Term::Seen(text) => Content::Seen(Needle::new(&text)),
                Term::Field(field, text) => Content::Field(field, Needle::new(&text)),
                Term::Shown(text) => Content::Shown(Needle::new(&text)),
                Term::Attachment(text) => Content::Attachment(Needle::new(&text)),
                Term::HasAttachments => Content::HasAttachments,
                Term::Sent(first, last) => Content::Sent(first..=last),
            };
            let known = contents.iter().position(|known| *known == content);
            let at = known.unwrap_or(contents.len());
            if at == CONTENTS_MAX {
                return Err(());
            }
            if known.is_none() {
                contents.push(content);
            }
            Ok(Expression::Leaf(Leaf::Content(at)))
        });
        Some(Self {
            test: test.ok()?,
            contents: contents.into(),
            classes: Vec::new(),
            conversation: None,
            after: None,
            before: None,
        })
    }

    /// The verdict, as far as the row and the facts tell.
    pub(super) fn decide(&self, candidate: &Candidate, facts: Facts) -> Option<bool> {
        let item = &candidate.item;
        let is_of_class = self.classes.is_empty() || self.classes.contains(&candidate.class);
        let is_in_conversation = self.conversation.is_none_or(|(account, thread)| {
            candidate.class == Class::Email && candidate.folder.account == account && item.thread == thread
        });
        let is_in_time = self.after.is_none_or(|after| item.received_at > after)
            && self.before.is_none_or(|before| item.received_at < before);
        // A calendar can hold to-dos of other clients, which no phone is shown.
        let is_shown = item.component == component_of(candidate.class);
        if !(is_of_class && is_in_conversation && is_in_time && is_shown) {
            return Some(false);
        }
        self.test.decide(&|leaf| match leaf {
            Leaf::Received(span) => Some(span.contains(&item.received_at)),
            Leaf::Content(at) => facts.verdict(*at),
        })
    }
}
