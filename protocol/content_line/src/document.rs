//! A document: its lines, and the components that they form.

use crate::component::{Component, Nesting};
use crate::error::{Fault, FaultKind, Limit, LimitExceeded};
use crate::line::{Line, LineKind};
use crate::unfold::Unfolder;
use crate::{DOCUMENT_BYTES_MAX, Edit, LINES_MAX, LineEnd};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes cut into content lines and components. Lines and components are named by their index.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    bytes: &'a [u8],
    lines: Vec<Line<'a>>,
    components: Vec<Component>,
    faults: Vec<Fault>,
}

impl<'a> Document<'a> {
    /// Takes bytes apart, in linear time and without recursion.
    ///
    /// # Errors
    /// Only if the document exceeds a limit of this crate.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LimitExceeded> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(LimitExceeded { limit: Limit::DocumentBytes, offset: DOCUMENT_BYTES_MAX });
        }
        let mut lines = Vec::new();
        let mut nesting = Nesting::default();
        let mut faults = Vec::new();
        for unfolded in Unfolder::new(bytes) {
            let mut unfolded = unfolded?;
            if lines.is_empty() {
                skip_byte_order_mark(&mut unfolded.text);
            }
            let line = Line::parse(bytes, unfolded)?;
            if lines.len() >= LINES_MAX {
                return Err(LimitExceeded { limit: Limit::Lines, offset: line.offset() });
            }
            find_faults(&line, &mut faults);
            nesting.line(lines.len(), &line, &mut faults)?;
            lines.push(line);
        }
        let components = nesting.finish(lines.len(), &mut faults);
        Ok(Self { bytes, lines, components, faults })
    }

    /// The bytes that were taken apart.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// All lines. Their raw bytes, one after another, are the document.
    pub fn lines(&self) -> &[Line<'a>] {
        &self.lines
    }

    /// A line by its index.
    pub fn line(&self, line: usize) -> Option<&Line<'a>> {
        self.lines.get(line)
    }

    /// All components in the order of their BEGIN lines.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// A component by its index.
    pub fn component(&self, component: usize) -> Option<&Component> {
        self.components.get(component)
    }

    /// The components that lie in no other.
    pub fn roots(&self) -> impl Iterator<Item = usize> + use<'_, 'a> {
        self.siblings(0, self.components.len())
    }

    /// The components that lie in a component, but not deeper.
    pub fn children(&self, component: usize) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let end = self.components.get(component).map_or(0, |component| component.next);
        self.siblings(component.saturating_add(1), end)
    }

    fn siblings(&self, first: usize, end: usize) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let next = |&component: &usize| self.components.get(component).map(|component| component.next);
        std::iter::successors(Some(first), next).take_while(move |&component| component < end)
    }

    /// The properties of a component with their indexes, those of nested components left out.
    pub fn own_lines(&self, component: usize) -> impl Iterator<Item = (usize, &Line<'a>)> {
        let mut children = self.children(component).filter_map(|child| self.components.get(child)).peekable();
        let lines = self.components.get(component).map(|c| c.lines.start + 1..c.end()).unwrap_or_default();
        let (mut at, end) = (lines.start, lines.end);
        std::iter::from_fn(move || {
            while let Some(nested) = children.next_if(|nested| nested.lines.start <= at) {
                at = nested.lines.end;
            }
            let index = at;
            at += 1;
            self.lines.get(index).filter(|_| index < end).map(|line| (index, line))
        })
        .filter(|(_, line)| line.kind() == LineKind::Property)
    }

    /// The properties of a name in a component, nested components left out.
    pub fn properties(&self, component: usize, name: &str) -> impl Iterator<Item = (usize, &Line<'a>)> {
        self.own_lines(component).filter(move |(_, line)| line.is(name))
    }

    /// The first property of a name in a component.
    pub fn property(&self, component: usize, name: &str) -> Option<(usize, &Line<'a>)> {
        self.properties(component, name).next()
    }

    /// What the formats forbid and this document does all the same, nearly in the order of its lines.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// How its first line ends; that is how new lines end.
    pub fn line_end(&self) -> LineEnd {
        LineEnd::of(self.bytes)
    }

    /// Begins an edit.
    pub fn edit(&self) -> Edit<'_, 'a> {
        Edit::new(self)
    }
}

fn skip_byte_order_mark(text: &mut std::borrow::Cow<'_, [u8]>) {
    use std::borrow::Cow;
    match text {
        Cow::Borrowed(text) => *text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text),
        Cow::Owned(text) if text.starts_with(BYTE_ORDER_MARK) => {
            text.drain(..BYTE_ORDER_MARK.len());
        }
        Cow::Owned(_) => {}
    }
}

fn find_faults(line: &Line<'_>, faults: &mut Vec<Fault>) {
    let mut tell = |kind| faults.push(Fault { kind, offset: line.offset() });
    if std::str::from_utf8(line.text()).is_err() {
        tell(FaultKind::NotUtf8);
    }
    if line.has_control() {
        tell(FaultKind::ControlCharacter);
    }
    if line.kind() == LineKind::Junk {
        tell(FaultKind::NoProperty);
    }
}
