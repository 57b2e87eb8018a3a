//! Lines that are written.

use crate::fold::write_folded;
use crate::line::{Line, is_name_byte};
use crate::parameter::{Parameter, Pieces, encode};
use crate::value::strip;
use crate::{LineEnd, LineKind, Transfer, Value};

/// A line to be written. Whatever is put into it, it stays one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// Group, name and parameters. Quotation marks in it are in pairs.
    head: Vec<u8>,
    value: Vec<u8>,
}

impl NewLine {
    /// A property without parameters. Characters that no name may have are left out of `name`.
    pub fn new(name: &str, value: Value) -> Self {
        Self { head: name_bytes(name), value: value.as_str().as_bytes().to_vec() }
    }

    /// The same property as that of a document: to copy it, or to change and put it back. Control characters
    /// are left out. Quotation marks without a partner are encoded (RFC 6868), so that they cannot pair up with
    /// new ones; such a line's parameters name no encoding, and so they do not once the marks are gone.
    pub fn copy_of(line: &Line<'_>) -> Self {
        let mut head = line.head().to_vec();
        if !line.quoting() {
            let mut parts = Pieces::new(&head, b';', false);
            let named = parts.next().into_iter();
            let kept = named.chain(parts.filter(|part| Transfer::of_parameter(part) == Transfer::Plain));
            let kept = kept.collect::<Vec<_>>().join(&b";"[..]);
            head = kept.split(|&byte| byte == b'"').collect::<Vec<_>>().join(&b"^'"[..]);
        }
        let mut value = Vec::with_capacity(line.value_bytes().len());
        strip(line.value_bytes().iter().copied(), |byte| value.push(byte));
        Self { head, value }
    }

    /// Puts the line into a group of a vCard, in place of the one it is in.
    #[must_use]
    pub fn group(mut self, group: &str) -> Self {
        let (named, parameters) = self.head.split_at(self.name_end());
        let name = named.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
        self.head = [&name_bytes(group), &b"."[..], name, parameters].concat();
        self
    }

    /// Sets a parameter: in its place if the line has it, else after the others. An empty list removes it.
    #[must_use]
    pub fn parameter(mut self, name: &str, values: &[&str]) -> Self {
        let mut new = Vec::new();
        if !values.is_empty() {
            new.push(b';');
            new.extend_from_slice(&name_bytes(name));
            for (index, value) in values.iter().enumerate() {
                new.push(if index == 0 { b'=' } else { b',' });
                encode(value, &mut new);
            }
        }
        let (named, parameters) = self.head.split_at(self.name_end());
        let mut head = named.to_vec();
        for raw in Pieces::new(parameters, b';', true).skip(1) {
            if Parameter::new(raw, true).is(name) {
                // A second one of the name goes.
                head.append(&mut new);
            } else {
                head.push(b';');
                head.extend_from_slice(raw);
            }
        }
        head.append(&mut new);
        self.head = head;
        self
    }

    /// Adds a parameter that is only a value, as types of vCard 2.1 are.
    #[must_use]
    pub fn bare_parameter(mut self, value: &str) -> Self {
        self.head.push(b';');
        self.head.extend_from_slice(&name_bytes(value));
        self
    }

    /// Removes the parameters of a name; also the bare ones of vCard 2.1.
    #[must_use]
    pub fn without_parameter(self, name: &str) -> Self {
        self.parameter(name, &[])
    }

    /// Whether it has a parameter of a name, or that bare parameter.
    pub fn has_parameter(&self, name: &str) -> bool {
        let (_, parameters) = self.head.split_at(self.name_end());
        Pieces::new(parameters, b';', true).skip(1).any(|raw| Parameter::new(raw, true).is(name))
    }

    /// The encoding that its parameters name.
    pub fn transfer(&self) -> Transfer {
        Transfer::of(&[&self.head, &b":"[..]].concat())
    }

    /// The same head with another value.
    #[must_use]
    pub fn with_value(mut self, value: &Value) -> Self {
        self.value = value.as_str().as_bytes().to_vec();
        self
    }

    /// How long it is but for the colon, before it is folded.
    pub(crate) fn content_bytes(&self) -> usize {
        self.head.len() + self.value.len()
    }

    /// How many parameters it has.
    pub(crate) fn parameter_count(&self) -> usize {
        let (_, parameters) = self.head.split_at(self.name_end());
        Pieces::new(parameters, b';', true).skip(1).count()
    }

    fn name_end(&self) -> usize {
        self.head.iter().position(|&byte| byte == b';').unwrap_or(self.head.len())
    }

    pub(crate) fn write(&self, line_end: LineEnd, out: &mut Vec<u8>) {
        let content = [&self.head, &b":"[..], &self.value].concat();
        write_folded(&content, line_end, out);
    }

    /// Whether writing it would say what the line says already.
    pub(crate) fn says_the_same_as(&self, line: &Line<'_>) -> bool {
        line.kind() == LineKind::Property && self.head == line.head() && self.value == line.value_bytes()
    }
}

/// A new component: BEGIN, the lines, END. Blocks may be nested by putting one's lines among another's.
pub fn block(name: &str, lines: impl IntoIterator<Item = NewLine>) -> Vec<NewLine> {
    let name = name_bytes(name);
    let edge = |keyword: &[u8]| NewLine { head: keyword.to_vec(), value: name.clone() };
    let mut block = vec![edge(b"BEGIN")];
    block.extend(lines);
    block.push(edge(b"END"));
    block
}

/// A new document of these lines.
pub fn write_lines<'l>(lines: impl IntoIterator<Item = &'l NewLine>, line_end: LineEnd) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        line.write(line_end, &mut out);
    }
    out
}

fn name_bytes(name: &str) -> Vec<u8> {
    // A full stop would end a group.
    name.bytes().filter(|&byte| is_name_byte(byte) && byte != b'.').collect()
}
