//! Messages that are changed part by part: texts are replaced, parts are taken out and put in. A part that is not
//! touched stays byte for byte, with its fields and its transfer encoding; only the multiparts around what was touched are
//! written anew.
//!
//! Liberties: what stands before the first and behind the last boundary of a multipart that is written anew goes
//! (RFC 2046 section 5.1.1: it is to be ignored).

use crate::field;
use crate::message::Message;
use crate::new_part::{NewFile, Text};
use crate::structure::{Kind, Part};
use crate::summary::Mailbox;
use crate::{compose, header};
use std::borrow::Cow;

/// The fields that say how a text is written.
const TEXT_FIELDS: [&str; 3] = ["Content-Type", "Content-Transfer-Encoding", "Content-MD5"];

/// A part, as it was or as it will be.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    /// Its section, if it was there before. The message itself has the empty one, also if it is a leaf.
    path: Option<Vec<u32>>,
    /// Head and body as they were; `None`: it is to be written anew.
    raw: Option<&'a [u8]>,
    /// The fields without the blank line, each with its line end.
    head: Cow<'a, [u8]>,
    body: Body<'a>,
}

#[derive(Debug, Clone)]
enum Body<'a> {
    Bytes(Cow<'a, [u8]>),
    Parts {
        /// As it was; `None`: it is to be written anew.
        whole: Option<&'a [u8]>,
        sub: Vec<u8>,
        boundary: Vec<u8>,
        parts: Vec<Node<'a>>,
    },
}

impl<'a> Node<'a> {
    /// Of a message that was taken apart; at most as deep as [`crate::DEPTH_MAX`].
    fn read(message: &Message<'a>, part: &Part, path: Vec<u32>) -> Self {
        let raw = message.range(part.head.start, part.body.end);
        let head = fields_of(message.head(part).unwrap_or_default());
        let body = match part.kind {
            Kind::Multipart => {
                let parts = (1..).zip(&part.children).filter_map(|(number, child)| {
                    let path = path.iter().copied().chain([number]).collect();
                    Some(Self::read(message, message.part(*child)?, path))
                });
                let boundary = part.content.parameters.plain("boundary").unwrap_or_default();
                Body::Parts {
                    whole: message.body(part),
                    sub: part.content.sub.clone(),
                    boundary: boundary.trim_ascii_end().to_vec(),
                    parts: parts.collect(),
                }
            }
            Kind::Leaf | Kind::Message => Body::Bytes(Cow::Borrowed(message.body(part).unwrap_or_default())),
        };
        Self { path: Some(path), raw, head: Cow::Borrowed(head), body }
    }

    /// A part that is new.
    pub(crate) fn new(head: Vec<u8>, body: Vec<u8>) -> Self {
        Self { path: None, raw: None, head: Cow::Owned(head), body: Body::Bytes(Cow::Owned(body)) }
    }

    /// A leaf of another message, byte for byte. Of the message itself only what says what its body is comes along.
    pub(crate) fn foreign(message: &Message<'a>, part: &Part, is_root: bool) -> Self {
        let raw = message.range(part.head.start, part.body.end);
        let head = fields_of(message.head(part).unwrap_or_default());
        let body = Body::Bytes(Cow::Borrowed(message.body(part).unwrap_or_default()));
        match is_root {
            false => Self { path: None, raw, head: Cow::Borrowed(head), body },
            true => Self { path: None, raw: None, head: Cow::Owned(split(head).0), body },
        }
    }

    /// Whether it is a multipart, of this kind.
    fn is_multipart(&self, kind: &str) -> bool {
        matches!(&self.body, Body::Parts { sub, .. } if sub == kind.as_bytes())
    }

    /// What it is made of; it is to be written anew.
    fn opened(&mut self) -> Option<&mut Vec<Node<'a>>> {
        match &mut self.body {
            Body::Parts { whole, parts, .. } => {
                (self.raw, *whole) = (None, None);
                Some(parts)
            }
            Body::Bytes(_) => None,
        }
    }

    /// Whether a part is this one, or is in it.
    fn holds(&self, path: &[u32]) -> bool {
        let is_it = self.path.as_deref() == Some(path);
        is_it || matches!(&self.body, Body::Parts { parts, .. } if parts.iter().any(|part| part.holds(path)))
    }

    /// The part of a section, and all around it, to be written anew.
    fn opened_at(&mut self, path: &[u32]) -> Option<&mut Self> {
        if self.path.as_deref() == Some(path) {
            self.raw = None;
            return Some(self);
        }
        let at = match &self.body {
            Body::Parts { parts, .. } => parts.iter().position(|part| part.holds(path))?,
            Body::Bytes(_) => return None,
        };
        self.opened()?.get_mut(at)?.opened_at(path)
    }

    /// Takes parts out, and multiparts that have none any more. Whether it is one of them itself.
    fn without(&mut self, doomed: &dyn Fn(&[u32]) -> bool) -> bool {
        if self.path.as_deref().is_some_and(|path| !path.is_empty() && doomed(path)) {
            return true;
        }
        let Body::Parts { whole, parts, .. } = &mut self.body else { return false };
        let untouched = |parts: &[Node<'_>]| parts.iter().filter(|part| part.raw.is_some()).count();
        let before = (parts.len(), untouched(parts));
        parts.retain_mut(|part| !part.without(doomed));
        if (parts.len(), untouched(parts)) != before {
            (self.raw, *whole) = (None, None);
        }
        parts.is_empty()
    }

    /// Gives the fields about the content and the content itself to a part of its own, and becomes a multipart.
    fn wrap(&mut self, sub: &str, boundary: &[u8]) {
        let (content, others) = split(&self.head);
        let inner = Self {
            path: self.path.take(),
            raw: None,
            head: Cow::Owned(content),
            body: std::mem::replace(&mut self.body, Body::Bytes(Cow::Borrowed(b""))),
        };
        let mut head = with_version(others);
        head.extend_from_slice(&content_type_of(sub, boundary));
        self.head = Cow::Owned(head);
        self.raw = None;
        self.body = Body::Parts {
            sub: sub.as_bytes().to_vec(),
            boundary: boundary.to_vec(),
            whole: None,
            parts: vec![inner],
        };
    }

    /// Puts a text in the place of what was there.
    fn set_text(&mut self, text: &Text<'_>) {
        let mut head = with_version(header::remove(&self.head, &TEXT_FIELDS).into_owned());
        let (fields, body) = text.write();
        head.extend_from_slice(&fields);
        (self.raw, self.head, self.body) = (None, Cow::Owned(head), Body::Bytes(Cow::Owned(body)));
    }

    fn has(&self, needle: &[u8]) -> bool {
        let contains = |bytes: &[u8]| memchr::memmem::find(bytes, needle).is_some();
        if let Some(raw) = self.raw {
            return contains(raw);
        }
        contains(&self.head)
            || match &self.body {
                Body::Bytes(bytes) => contains(bytes),
                Body::Parts { whole: Some(whole), .. } => contains(whole),
                Body::Parts { parts, .. } => parts.iter().any(|part| part.has(needle)),
            }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if let Some(raw) = self.raw {
            out.extend_from_slice(raw);
            return;
        }
        out.extend_from_slice(&self.head);
        if !self.head.is_empty() && !self.head.ends_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        match &self.body {
            Body::Bytes(bytes) => out.extend_from_slice(bytes),
            Body::Parts { whole: Some(whole), .. } => out.extend_from_slice(whole),
            Body::Parts { boundary, parts, .. } => {
                for part in parts {
                    out.extend_from_slice(b"--");
                    out.extend_from_slice(boundary);
                    out.extend_from_slice(b"\r\n");
                    part.write(out);
                    out.extend_from_slice(b"\r\n");
                }
                out.extend_from_slice(b"--");
                out.extend_from_slice(boundary);
                out.extend_from_slice(b"--\r\n");
            }
        }
    }
}

/// A message that is changed.
#[derive(Debug, Clone)]
pub struct Rework<'a> {
    root: Node<'a>,
    plain: Vec<Vec<u32>>,
    html: Vec<Vec<u32>>,
    seed: String,
    boundaries: usize,
}

impl<'a> Rework<'a> {
    /// Takes a message apart. New boundaries are made of `seed`, which need not be secret.
    #[must_use]
    pub fn new(bytes: &'a [u8], seed: &str) -> Self {
        let message = Message::parse(bytes);
        let root = match message.part(0) {
            Some(part) => Node::read(&message, part, Vec::new()),
            None => Node::new(Vec::new(), Vec::new()),
        };
        let is_leaf = matches!(root.body, Body::Bytes(_));
        let bodies = |sub: &str| {
            let leaves = message.leaves();
            let bodies = leaves.iter().filter(|leaf| leaf.is_body(sub));
            bodies.map(|leaf| if is_leaf { Vec::new() } else { leaf.path.clone() }).collect::<Vec<_>>()
        };
        let (plain, html) = (bodies("plain"), bodies("html"));
        let seed = seed.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        Self { root, plain, html, seed, boundaries: 0 }
    }

    /// Whether it has a text to read of its own in this form.
    #[must_use]
    pub fn has_plain(&self) -> bool {
        !self.plain.is_empty()
    }

    /// See [`Rework::has_plain`].
    #[must_use]
    pub fn has_html(&self) -> bool {
        !self.html.is_empty()
    }

    /// Puts another value in the place of all header fields of a name; `None` takes them out. The value is Unicode on one
    /// line.
    pub fn set_field(&mut self, name: &str, value: Option<&str>) {
        self.set_raw(name, value.map(|value| compose::text_field(name, value)));
    }

    /// As [`Rework::set_field`] for addresses; an empty list takes the field out.
    pub fn set_mailboxes(&mut self, name: &str, mailboxes: &[Mailbox]) {
        let field = (!mailboxes.is_empty()).then(|| compose::address_field(name, mailboxes));
        self.set_raw(name, field);
    }

    /// As [`Rework::set_field`] with a field that is written already, line end and all.
    pub(crate) fn set_raw(&mut self, name: &str, field: Option<Vec<u8>>) {
        let place = field::fields(&self.root.head).position(|field| field.is(name));
        let mut head = Vec::with_capacity(self.root.head.len() + 100);
        for (at, old) in field::fields(&self.root.head).enumerate() {
            match &field {
                Some(new) if place == Some(at) => head.extend_from_slice(new),
                _ if old.is(name) => {}
                _ => head.extend_from_slice(old.whole),
            }
        }
        if let Some(new) = field.filter(|_| place.is_none()) {
            head = [new, head].concat();
        }
        (self.root.raw, self.root.head) = (None, Cow::Owned(head));
    }

    /// Takes parts out by their sections; the message itself cannot be taken out.
    pub fn remove(&mut self, sections: &[Vec<u32>]) {
        let is_gone = |path: &[u32]| sections.iter().any(|section| section == path);
        if self.root.without(&is_gone) {
            self.root.set_text(&Text::plain(""));
            self.plain = vec![Vec::new()];
            self.html.clear();
            return;
        }
        // With a multipart all that is in it goes.
        self.plain.retain(|path| self.root.holds(path));
        self.html.retain(|path| self.root.holds(path));
        // A message that is a file.
        if sections.iter().any(|section| section == &[1]) && matches!(self.root.body, Body::Bytes(_)) {
            self.root.set_text(&Text::plain(""));
            self.plain = vec![Vec::new()];
        }
    }

    /// Puts these in the place of everything there is to read. At least one of the two is wanted.
    pub fn set_texts(&mut self, plain: Option<&Text<'_>>, html: Option<&Text<'_>>) {
        let (own_plain, own_html) = (self.plain.clone(), self.html.clone());
        let first = match (plain, html) {
            (Some(_), _) => own_plain.first().or(own_html.first()),
            (None, _) => own_html.first().or(own_plain.first()),
        };
        let Some(first) = first.cloned() else { return self.insert(plain, html) };
        let both = match (own_plain.first(), own_html.first()) {
            (Some(plain), Some(html)) => Some((plain.clone(), html.clone())),
            _ => None,
        };
        let kept: Vec<Vec<u32>> = match (plain, html, both) {
            (Some(plain), Some(html), Some((plain_at, html_at))) => {
                self.replace(&plain_at, plain);
                self.replace(&html_at, html);
                vec![plain_at, html_at]
            }
            (Some(plain), Some(html), None) => {
                self.replace_by_both(&first, plain, html);
                vec![first]
            }
            (Some(text), None, _) | (None, Some(text), _) => {
                self.replace(&first, text);
                vec![first]
            }
            (None, None, _) => return,
        };
        let others = own_plain.into_iter().chain(own_html).filter(|path| !kept.contains(path));
        let others: Vec<Vec<u32>> = others.collect();
        if !others.is_empty() {
            self.root.without(&|path| others.iter().any(|other| other == path));
        }
    }

    /// Puts another text in the place of the last one of its form.
    pub(crate) fn set_last(&mut self, text: &Text<'_>) {
        let last = if text.is_html() { self.html.last() } else { self.plain.last() };
        if let Some(path) = last.cloned() {
            self.replace(&path, text);
        }
    }

    /// Puts two forms of a text in the place of the last plain one.
    pub(crate) fn set_last_plain(&mut self, plain: &Text<'_>, html: &Text<'_>) {
        match self.plain.last().cloned() {
            Some(path) => self.replace_by_both(&path, plain, html),
            None => self.insert(Some(plain), Some(html)),
        }
    }

    /// Puts a text in front, where there was none.
    pub(crate) fn insert(&mut self, plain: Option<&Text<'_>>, html: Option<&Text<'_>>) {
        let node = match (plain, html) {
            (Some(plain), Some(html)) => self.alternative(plain, html),
            (Some(text), None) | (None, Some(text)) => text_node(text),
            (None, None) => return,
        };
        if let Some(parts) = self.mixed(&node) {
            parts.insert(0, node);
        }
    }

    fn replace(&mut self, path: &[u32], text: &Text<'_>) {
        if let Some(node) = self.root.opened_at(path) {
            node.set_text(text);
        }
    }

    fn replace_by_both(&mut self, path: &[u32], plain: &Text<'_>, html: &Text<'_>) {
        let boundary = self.boundary("alternative", &[]);
        let parts = vec![text_node(plain), text_node(html)];
        let Some(node) = self.root.opened_at(path) else { return };
        let mut head = with_version(header::remove(&node.head, &TEXT_FIELDS).into_owned());
        head.extend_from_slice(&content_type_of("alternative", &boundary));
        node.head = Cow::Owned(head);
        node.body = Body::Parts { whole: None, sub: b"alternative".to_vec(), boundary, parts };
    }

    fn alternative(&mut self, plain: &Text<'_>, html: &Text<'_>) -> Node<'a> {
        let boundary = self.boundary("alternative", &[]);
        Node {
            path: None,
            raw: None,
            head: Cow::Owned(content_type_of("alternative", &boundary)),
            body: Body::Parts {
                whole: None,
                sub: b"alternative".to_vec(),
                boundary,
                parts: vec![text_node(plain), text_node(html)],
            },
        }
    }

    /// Attaches a file behind all others.
    pub fn attach(&mut self, file: &NewFile<'_>) {
        let (head, body) = file.write();
        self.append(Node::new(head, body));
    }

    /// Puts a part behind all others.
    pub(crate) fn append(&mut self, node: Node<'a>) {
        if let Some(parts) = self.mixed(&node) {
            parts.push(node);
        }
    }

    /// The parts of a multipart/mixed that is the message, in whose delimiters a new part fits.
    fn mixed(&mut self, new: &Node<'_>) -> Option<&mut Vec<Node<'a>>> {
        if !self.root.is_multipart("mixed") {
            let boundary = self.boundary("mixed", &[new]);
            self.root.wrap("mixed", &boundary);
        }
        let collides = match &self.root.body {
            Body::Parts { boundary, .. } => boundary.is_empty() || new.has(boundary),
            Body::Bytes(_) => false,
        };
        if collides {
            let fresh = self.boundary("mixed", &[new]);
            let head = header::remove(&self.root.head, &["Content-Type"]).into_owned();
            self.root.head = Cow::Owned([head, content_type_of("mixed", &fresh)].concat());
            if let Body::Parts { boundary, .. } = &mut self.root.body {
                *boundary = fresh;
            }
        }
        self.root.opened()
    }

    /// Puts parts that an HTML text shows beside it: RFC 2387.
    pub(crate) fn relate(&mut self, nodes: Vec<Node<'a>>) {
        let news: Vec<&Node<'_>> = nodes.iter().collect();
        let boundary = self.boundary("related", &news);
        let path = self.html.last().or(self.plain.last()).cloned();
        let mut node = &mut self.root;
        while node.is_multipart("mixed") {
            let Body::Parts { parts, .. } = &node.body else { return };
            // What was just put in stands first.
            let at = path.as_ref().and_then(|path| parts.iter().position(|part| part.holds(path)));
            let Some(parts) = node.opened() else { return };
            let Some(child) = parts.get_mut(at.unwrap_or(0)) else { return };
            node = child;
        }
        node.wrap("related", &boundary);
        if let Some(parts) = node.opened() {
            parts.extend(nodes);
        }
    }

    /// A boundary that occurs nowhere: RFC 2046 section 5.1.1.
    fn boundary(&mut self, kind: &str, news: &[&Node<'_>]) -> Vec<u8> {
        loop {
            self.boundaries += 1;
            // RFC 2045 section 6.7: `=_` cannot occur in quoted-printable, nor in base64.
            let boundary = format!("=_{kind}_{}_{}", self.boundaries, self.seed).into_bytes();
            if !self.root.has(&boundary) && news.iter().all(|node| !node.has(&boundary)) {
                return boundary;
            }
        }
    }

    /// The message.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.root.write(&mut out);
        out
    }
}

fn text_node<'a>(text: &Text<'_>) -> Node<'a> {
    let (head, body) = text.write();
    Node::new(head, body)
}

fn content_type_of(sub: &str, boundary: &[u8]) -> Vec<u8> {
    let mut field = format!("Content-Type: multipart/{sub};\r\n boundary=\"").into_bytes();
    field.extend_from_slice(boundary);
    field.extend_from_slice(b"\"\r\n");
    field
}

/// A message whose parts are written says so; parts of it need not.
fn with_version(mut head: Vec<u8>) -> Vec<u8> {
    let is_message = field::fields(&head).any(|field| !is_content(&field));
    let has_version = field::fields(&head).any(|field| field.is("MIME-Version"));
    if !head.is_empty() && !head.ends_with(b"\n") {
        head.extend_from_slice(b"\r\n");
    }
    if is_message && !has_version {
        head.extend_from_slice(b"MIME-Version: 1.0\r\n");
    }
    head
}

fn is_content(field: &field::Field<'_>) -> bool {
    field.name.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case(b"content-"))
}

/// A head without its blank line.
fn fields_of(head: &[u8]) -> &[u8] {
    let length = field::fields(head).map(|field| field.whole.len()).sum();
    head.get(..length).unwrap_or(head)
}

/// The fields about the content, and the others.
fn split(head: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut content, mut others) = (Vec::new(), Vec::new());
    for field in field::fields(head) {
        let out = if is_content(&field) { &mut content } else { &mut others };
        out.extend_from_slice(field.whole);
    }
    (content, others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALTERNATIVE: &[u8] = b"From: a@x.test\r\nX-Own: 1\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
        preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\nContent-ID: <h>\r\n\r\n\
        <p>html</p>\r\n--b--\r\n";

    fn reworked(bytes: &[u8], change: impl FnOnce(&mut Rework<'_>)) -> String {
        let mut rework = Rework::new(bytes, "seed");
        change(&mut rework);
        String::from_utf8(rework.finish()).unwrap()
    }

    #[test]
    fn a_text_takes_the_place_of_its_form_and_its_part_keeps_its_name() {
        let both = reworked(ALTERNATIVE, |rework| {
            rework.set_texts(Some(&Text::plain("new")), Some(&Text::html("<i>new</i>")));
        });
        let parsed = Message::parse(both.as_bytes());
        assert_eq!(parsed.text_body().as_deref(), Some("new"));
        assert_eq!(parsed.html_body().as_deref(), Some("<i>new</i>"));
        assert!(both.contains("X-Own: 1\r\n") && both.contains("Content-ID: <h>\r\n"), "{both}");
        let plain = reworked(ALTERNATIVE, |rework| rework.set_texts(Some(&Text::plain("new")), None));
        assert_eq!(Message::parse(plain.as_bytes()).html_body(), None);
        let single = b"Subject: x\r\n\r\nold";
        let both = reworked(single, |rework| {
            rework.set_texts(Some(&Text::plain("new")), Some(&Text::html("<i>new</i>")));
        });
        assert_eq!(
            Message::parse(both.as_bytes()).content_type(&[]).as_deref(),
            Some("multipart/alternative")
        );
        assert_eq!(both.matches("MIME-Version: 1.0").count(), 1, "{both}");
    }

    #[test]
    fn files_come_and_go_and_the_rest_stays() {
        let file =
            NewFile { name: "a.bin", content_type: "application/x", bytes: b"AAAA", ..NewFile::default() };
        let with = reworked(ALTERNATIVE, |rework| {
            rework.attach(&file);
            rework.attach(&NewFile { name: "b.bin", ..file });
        });
        let files = crate::describe(with.as_bytes()).summary.attachments;
        assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["a.bin", "b.bin"]);
        let one = reworked(with.as_bytes(), |rework| rework.remove(&[files[0].section.clone()]));
        let left = crate::describe(one.as_bytes()).summary.attachments;
        assert_eq!(left.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["b.bin"]);
        assert_eq!(Message::parse(one.as_bytes()).html_body().as_deref(), Some("<p>html</p>"));
        let none = reworked(b"Content-Type: application/x\r\n\r\nAAAA", |rework| rework.remove(&[vec![1]]));
        assert_eq!(crate::describe(none.as_bytes()).summary.attachments, []);
    }

    #[test]
    fn a_field_is_set_once_and_where_it_was() {
        let message = b"Subject: a\r\n b\r\nTo: x@x.test\r\nsubject: c\r\n\r\nbody";
        let set = reworked(message, |rework| rework.set_field("Subject", Some("new\r\nX-Evil: 1")));
        assert_eq!(set, "Subject: newX-Evil: 1\r\nTo: x@x.test\r\n\r\nbody");
        let begun = ALTERNATIVE.split(|byte| *byte == b'\n').position(|line| line == b"\r").unwrap();
        let body = |text: &str| text.lines().skip(begun).map(str::to_owned).collect::<Vec<_>>();
        let set = reworked(ALTERNATIVE, |rework| rework.set_field("X-Own", Some("2")));
        assert_eq!(body(&set), body(std::str::from_utf8(ALTERNATIVE).unwrap()), "the preamble too");
        let cleared = reworked(message, |rework| rework.set_mailboxes("To", &[]));
        assert!(!cleared.contains("To:"));
        let people = [Mailbox { name: "M\u{fc}ller, B".into(), address: "b@x.test".into() }];
        let set = reworked(message, |rework| rework.set_mailboxes("Cc", &people));
        assert_eq!(crate::describe(set.as_bytes()).summary.cc, people);
    }

    #[test]
    fn what_goes_with_a_multipart_is_no_place_for_a_text() {
        let message = b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
            Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n<p>\r\n--r--\r\n\
            --o\r\nContent-Type: text/plain\r\n\r\nold\r\n--o--\r\n";
        let made = reworked(message, |rework| {
            rework.remove(&[vec![1]]);
            rework.set_texts(Some(&Text::plain("plain")), Some(&Text::html("<p>html</p>")));
        });
        let parsed = Message::parse(made.as_bytes());
        assert_eq!(parsed.html_body().as_deref(), Some("<p>html</p>"), "{made}");
        assert_eq!(parsed.text_body().as_deref(), Some("plain"));
    }

    proptest! {
        #[test]
        fn what_nobody_touches_stays_byte_for_byte(bytes in "(--b|--b--|Content-Type: multipart/mixed; boundary=b|a: b|\r\n|\n|x){0,30}") {
            prop_assert_eq!(Rework::new(bytes.as_bytes(), "seed").finish(), bytes.as_bytes());
        }

        #[test]
        fn a_text_that_is_set_is_the_one_that_is_read(
            bytes in "(--b\r\n|--b--\r\n|Content-Type: multipart/mixed; boundary=b\r\n|Content-Type: text/html\r\n|a: b\r\n|\r\n|x){0,30}",
        ) {
            let made = reworked(bytes.as_bytes(), |rework| {
                rework.set_texts(Some(&Text::plain("plain")), Some(&Text::html("<p>html</p>")));
            });
            let parsed = Message::parse(made.as_bytes());
            let (plain, html) = (parsed.text_body(), parsed.html_body());
            prop_assert_eq!(plain.as_deref(), Some("plain"));
            prop_assert_eq!(html.as_deref(), Some("<p>html</p>"));
        }
    }
}
