//! Answers: RFC 4918 section 13, RFC 6578 section 6.4, RFC 5689 section 5.2.

use crate::name::{QName, attribute, caldav, dav};
use crate::property::{Property, Value};
use crate::xml::Writer;
use crate::{Precondition, Status};

/// How much an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Also which of the properties asked for do not exist.
    Full,
    /// Only what exists: `return=minimal`, RFC 8144 section 2.1.
    Minimal,
}

/// What became of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It exists and holds this.
    Value(Value),
    /// It exists (`propname`), or was set or removed (PROPPATCH): only its name is given.
    Done,
    /// It does not exist, is hidden, or could not be changed.
    Failed(Status, Option<Precondition>),
}

/// One property of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyAnswer {
    /// Its name.
    pub name: QName,
    /// What became of it.
    pub outcome: Outcome,
}

impl PropertyAnswer {
    /// The property holds a value.
    #[must_use]
    pub fn value(name: impl Into<QName>, value: Value) -> Self {
        Self { name: name.into(), outcome: Outcome::Value(value) }
    }

    /// The property exists, or was changed.
    #[must_use]
    pub fn done(name: impl Into<QName>) -> Self {
        Self { name: name.into(), outcome: Outcome::Done }
    }

    /// The property does not exist.
    #[must_use]
    pub fn missing(name: impl Into<QName>) -> Self {
        Self::failed(name, Status::NOT_FOUND, None)
    }

    /// The property cannot be given or changed.
    #[must_use]
    pub fn failed(name: impl Into<QName>, status: Status, why: Option<Precondition>) -> Self {
        Self { name: name.into(), outcome: Outcome::Failed(status, why) }
    }

    /// What the answers of one `propstat` have in common.
    fn group(&self) -> Group<'_> {
        match &self.outcome {
            Outcome::Value(_) | Outcome::Done => FOUND,
            Outcome::Failed(status, why) => (*status, why.as_ref()),
        }
    }
}

type Group<'a> = (Status, Option<&'a Precondition>);
const FOUND: Group<'static> = (Status::OK, None);

/// A resource that `expand-property` found behind an href: RFC 3253 section 3.8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandedResponse {
    /// Its path.
    pub href: String,
    /// Its properties.
    pub properties: Vec<PropertyAnswer>,
}

impl ExpandedResponse {
    pub(crate) fn element(&self, detail: Detail, writer: &mut Writer) {
        response(writer, &self.href, &self.properties, detail);
    }
}

/// A `DAV:multistatus` document that is written response by response.
#[derive(Debug, Clone)]
pub struct MultiStatus {
    writer: Writer,
    detail: Detail,
}

impl MultiStatus {
    /// A document without responses.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { writer: Writer::document(dav::MULTISTATUS), detail }
    }

    /// What became of the properties of one resource.
    pub fn response(&mut self, href: &str, properties: &[PropertyAnswer]) {
        response(&mut self.writer, href, properties, self.detail);
    }

    /// What became of a resource as a whole: removed (404, RFC 6578 section 3.5), truncated here (507 with
    /// [`Precondition::NumberOfMatchesWithinLimits`], RFC 6578 section 3.6), not copied.
    pub fn status(&mut self, href: &str, status: Status, why: Option<&Precondition>) {
        self.writer.open(dav::RESPONSE);
        self.writer.leaf(dav::HREF, href);
        self.writer.leaf(dav::STATUS, &status.to_string());
        if let Some(precondition) = why {
            precondition.error(&mut self.writer);
        }
        self.writer.close();
    }

    /// Why an object of several has not been made. It has no path; Apple's bulk changes name it by its UID.
    pub fn not_made(&mut self, uid: Option<&str>, status: Status, why: Option<&Precondition>) {
        self.writer.open(dav::RESPONSE);
        self.writer.empty(dav::HREF);
        self.writer.leaf(dav::STATUS, &status.to_string());
        Precondition::error_of(why, uid, &mut self.writer);
        self.writer.close();
    }

    /// The token up to which the answer tells. The last element: RFC 6578 section 6.4.
    pub fn sync_token(&mut self, token: &str) {
        self.writer.leaf(dav::SYNC_TOKEN, token);
    }

    /// How much [`take`](Self::take) would give, in bytes.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.writer.pending_bytes()
    }

    /// What was written since the last call, to be sent while the rest is made.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        self.writer.take().into_bytes()
    }

    /// The rest.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.writer.finish().into_bytes()
    }
}

fn response(writer: &mut Writer, href: &str, properties: &[PropertyAnswer], detail: Detail) {
    writer.open(dav::RESPONSE);
    writer.leaf(dav::HREF, href);
    let hidden = |answer: &&PropertyAnswer| {
        detail == Detail::Minimal && matches!(&answer.outcome, Outcome::Failed(Status::NOT_FOUND, _))
    };
    let shown: Vec<_> = properties.iter().filter(|answer| !hidden(answer)).collect();
    propstats(writer, &shown, detail);
    writer.close();
}

/// One `propstat` for each status, the successful one first.
fn propstats(writer: &mut Writer, answers: &[&PropertyAnswer], detail: Detail) {
    let mut groups = vec![FOUND];
    for answer in answers {
        if !groups.contains(&answer.group()) {
            groups.push(answer.group());
        }
    }
    for group in groups {
        let mut members = answers.iter().filter(|answer| answer.group() == group).peekable();
        // A response has at least one propstat, if only an empty one that succeeded: RFC 4918 section 14.24,
        // RFC 6578 section 3.5.1, RFC 8144 section 2.1.
        if members.peek().is_none() && !answers.is_empty() {
            continue;
        }
        writer.open(dav::PROPSTAT);
        writer.open(dav::PROP);
        for answer in members {
            match &answer.outcome {
                Outcome::Value(value) => value.element(answer.name.name(), detail, writer),
                Outcome::Done | Outcome::Failed(..) => writer.empty(answer.name.name()),
            }
        }
        writer.close();
        let (status, why) = group;
        writer.leaf(dav::STATUS, &status.to_string());
        if let Some(precondition) = why {
            precondition.error(writer);
        }
        writer.close();
    }
}

/// Why an extended MKCOL failed: RFC 5689 section 3.
#[must_use]
pub fn mkcol_response(properties: &[PropertyAnswer]) -> Vec<u8> {
    creation_response(Writer::document(dav::MKCOL_RESPONSE), properties)
}

/// Why a MKCALENDAR failed: RFC 4791 section 9.3.
#[must_use]
pub fn mkcalendar_response(properties: &[PropertyAnswer]) -> Vec<u8> {
    creation_response(Writer::document(caldav::MKCALENDAR_RESPONSE), properties)
}

fn creation_response(mut writer: Writer, properties: &[PropertyAnswer]) -> Vec<u8> {
    let answers: Vec<_> = properties.iter().collect();
    propstats(&mut writer, &answers, Detail::Full);
    writer.finish().into_bytes()
}

/// Which properties `principal-property-search` can look into, each with an English description: RFC 3744
/// section 9.5.
#[must_use]
pub fn principal_search_property_set(properties: &[(Property, &str)]) -> Vec<u8> {
    let mut writer = Writer::document(dav::PRINCIPAL_SEARCH_PROPERTY_SET);
    for (property, description) in properties {
        writer.open(dav::PRINCIPAL_SEARCH_PROPERTY);
        writer.open(dav::PROP);
        writer.empty(property.name());
        writer.close();
        writer.open(dav::DESCRIPTION);
        writer.attribute(attribute::LANG, "en");
        writer.text(description);
        writer.close();
        writer.close();
    }
    writer.finish().into_bytes()
}
