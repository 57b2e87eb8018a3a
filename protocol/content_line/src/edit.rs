//! Patches single lines of a document. Every line that no patch names keeps its bytes.

use std::collections::BTreeMap;

use crate::{Document, Line, LineKind, NewLine, Parameter, Transfer, Value};

/// Changes to a document, written by [`Edit::finish`].
///
/// Lines and components are named by their indexes in the document as it was read, however many changes have
/// been made. A change of what does not exist, or of a line that is no property, does nothing. A change that
/// says what the line says already leaves its bytes alone.
#[derive(Debug, Clone)]
pub struct Edit<'d, 'a> {
    document: &'d Document<'a>,
    /// What a line becomes; `None`: it is removed.
    changed: BTreeMap<usize, Option<NewLine>>,
    /// What is put before a line, or at the end.
    inserted: BTreeMap<usize, Vec<NewLine>>,
}

impl<'d, 'a> Edit<'d, 'a> {
    pub(crate) fn new(document: &'d Document<'a>) -> Self {
        Self { document, changed: BTreeMap::new(), inserted: BTreeMap::new() }
    }

    /// The line as the changes so far leave it; `None` if it is removed, or no property.
    fn current(&self, line: usize) -> Option<NewLine> {
        match self.changed.get(&line) {
            Some(changed) => changed.clone(),
            None => self.property(line).map(NewLine::copy_of),
        }
    }

    fn property(&self, line: usize) -> Option<&'d Line<'a>> {
        self.document.line(line).filter(|line| line.kind() == LineKind::Property)
    }

    /// The line of the document, if no change has touched it yet.
    fn untouched(&self, line: usize) -> Option<&'d Line<'a>> {
        self.property(line).filter(|_| !self.changed.contains_key(&line))
    }

    /// Replaces the value of a line. Group, name and parameters stay.
    pub fn set_value(&mut self, line: usize, value: &Value) {
        let said = |old: &Line<'_>| old.value_bytes() == value.as_str().as_bytes();
        if self.untouched(line).is_some_and(said) {
            return;
        }
        if let Some(current) = self.current(line) {
            self.replace(line, current.with_value(value));
        }
    }

    /// Sets a parameter of a line: in its place if the line has it, else after the others.
    pub fn set_parameter(&mut self, line: usize, name: &str, values: &[&str]) {
        let said = |parameter: Parameter<'_>| parameter.values().eq(values.iter().copied());
        if self.untouched(line).and_then(|old| old.parameter(name)).is_some_and(said) {
            return;
        }
        if let Some(current) = self.current(line) {
            self.replace(line, current.parameter(name, values));
        }
    }

    /// Removes the parameters of a name from a line.
    pub fn remove_parameter(&mut self, line: usize, name: &str) {
        if let Some(current) = self.current(line) {
            self.replace(line, current.without_parameter(name));
        }
    }

    /// Puts another line in the place of one.
    pub fn replace(&mut self, line: usize, new: NewLine) {
        let Some(old) = self.property(line) else { return };
        if new.says_the_same_as(old) {
            self.changed.remove(&line);
        } else {
            self.changed.insert(line, Some(new));
        }
    }

    /// Removes a line.
    pub fn remove(&mut self, line: usize) {
        if self.property(line).is_some() {
            self.changed.insert(line, None);
        }
    }

    /// Puts a line before another one, after what was put there before.
    pub fn insert_before(&mut self, line: usize, new: NewLine) {
        if line < self.document.lines().len() {
            self.insert(line, [new]);
        }
    }

    /// Puts a line after another one, after what was put there before.
    pub fn insert_after(&mut self, line: usize, new: NewLine) {
        if line < self.document.lines().len() {
            self.insert(line + 1, [new]);
        }
    }

    /// Puts a property into a component, after its own properties: before the first nested component.
    pub fn append_line(&mut self, component: usize, new: NewLine) {
        let nested =
            self.document.children(component).next().and_then(|child| self.document.component(child));
        match nested {
            Some(nested) => self.insert(nested.lines.start, [new]),
            None => self.append_last(component, new),
        }
    }

    /// Puts a line at the very end of a component, after nested ones.
    pub fn append_last(&mut self, component: usize, new: NewLine) {
        self.append_component(component, vec![new]);
    }

    /// Puts a component (see [`block`](crate::block)) at the end of another one: before its END, but also before
    /// a nested component that is never ended, because there it would become a part of that.
    pub fn append_component(&mut self, parent: usize, new: Vec<NewLine>) {
        let Some(component) = self.document.component(parent) else { return };
        let mut nested = self.document.children(parent).filter_map(|child| self.document.component(child));
        let unclosed = nested.find(|nested| !nested.closed);
        self.insert(unclosed.map_or(component.end(), |nested| nested.lines.start), new);
    }

    /// Puts a component in the place of one, with everything that lies in it.
    pub fn replace_component(&mut self, component: usize, new: Vec<NewLine>) {
        if let Some(begin) = self.document.component(component).map(|component| component.lines.start) {
            self.remove_component(component);
            self.insert(begin, new);
        }
    }

    /// Removes a component with everything that lies in it, inserted lines included.
    pub fn remove_component(&mut self, component: usize) {
        let Some(component) = self.document.component(component) else { return };
        for line in component.lines() {
            self.changed.insert(line, None);
            if line > component.lines.start {
                self.inserted.remove(&line);
            }
        }
    }

    fn insert(&mut self, before: usize, new: impl IntoIterator<Item = NewLine>) {
        self.inserted.entry(before).or_default().extend(new);
    }

    /// The document with the changes made.
    pub fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.document.bytes().len());
        for (index, line) in self.document.lines().iter().enumerate() {
            self.write_inserted(index, &mut out);
            match self.changed.get(&index) {
                None => out.extend_from_slice(line.raw()),
                Some(Some(new)) => self.write(new, &mut out),
                Some(None) => {}
            }
        }
        let end = self.document.lines().len();
        if self.inserted.contains_key(&end) {
            self.end_last_line(&mut out);
            self.write_inserted(end, &mut out);
        }
        out
    }

    /// Makes sure that what follows the last line of the document does not become a part of it.
    fn end_last_line(&self, out: &mut Vec<u8>) {
        let Some(last) = self.document.lines().last().filter(|last| out.ends_with(last.raw())) else {
            return;
        };
        let line_end = self.document.line_end().as_bytes();
        if !out.ends_with(b"\n") {
            out.extend_from_slice(line_end);
        }
        // An empty line ends a soft break that nothing has followed so far.
        if last.transfer() == Transfer::QuotedPrintable && last.raw().trim_ascii_end().ends_with(b"=") {
            out.extend_from_slice(line_end);
        }
    }

    fn write_inserted(&self, before: usize, out: &mut Vec<u8>) {
        for new in self.inserted.get(&before).into_iter().flatten() {
            self.write(new, out);
        }
    }

    fn write(&self, new: &NewLine, out: &mut Vec<u8>) {
        new.write(self.document.line_end(), out);
    }
}
