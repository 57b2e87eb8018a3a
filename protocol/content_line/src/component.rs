//! The components of a document: what stands between BEGIN and END (RFC 5545 section 3.6, RFC 6350 section 6.1).

use std::ops::Range;

use crate::DEPTH_MAX;
use crate::error::{Fault, FaultKind, Limit, LimitExceeded};
use crate::line::{Line, LineKind};

/// One component. Components are kept flat, in the order of their BEGIN lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub(crate) name: String,
    pub(crate) parent: Option<usize>,
    pub(crate) depth: usize,
    pub(crate) lines: Range<usize>,
    pub(crate) closed: bool,
    /// The first component that does not lie within this one.
    pub(crate) next: usize,
}

impl Component {
    /// The name in upper case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The component that this one lies in.
    pub fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// How many components this one lies in.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The indexes of its lines, BEGIN and END and all nested components included.
    pub fn lines(&self) -> Range<usize> {
        self.lines.clone()
    }

    /// Whether it has its END line.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The line before which its last line would be put: its END, or what follows if it has none.
    pub(crate) fn end(&self) -> usize {
        self.lines.end - usize::from(self.closed)
    }
}

/// Components in the making.
#[derive(Default)]
pub(crate) struct Nesting {
    components: Vec<Component>,
    /// The path from the outermost to the innermost component that is not ended, with its BEGIN's offset.
    open: Vec<(usize, usize)>,
}

impl Nesting {
    /// Takes the next line of the document in.
    pub(crate) fn line(
        &mut self,
        index: usize,
        line: &Line<'_>,
        faults: &mut Vec<Fault>,
    ) -> Result<(), LimitExceeded> {
        let name = || line.value().trim().to_ascii_uppercase();
        match line.kind() {
            LineKind::Begin => self.begin(index, line.offset(), name()),
            LineKind::End => {
                if !self.end(index, &name(), faults) {
                    faults.push(Fault { kind: FaultKind::StrayEnd, offset: line.offset() });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, index: usize, offset: usize, name: String) -> Result<(), LimitExceeded> {
        let depth = self.open.len();
        if depth >= DEPTH_MAX {
            return Err(LimitExceeded { limit: Limit::Depth, offset });
        }
        let parent = self.open.last().map(|&(component, _)| component);
        self.open.push((self.components.len(), offset));
        self.components.push(Component { name, parent, depth, lines: index..index, closed: false, next: 0 });
        Ok(())
    }

    /// Ends the innermost component of that name, and before it those that lie in it. False if none is open.
    fn end(&mut self, index: usize, name: &str, faults: &mut Vec<Fault>) -> bool {
        let is_named =
            |&(component, _): &(usize, usize)| self.components.get(component).is_some_and(|c| c.name == name);
        let Some(level) = self.open.iter().rposition(is_named) else { return false };
        self.close_unended(level + 1, index, faults);
        if let Some((component, _)) = self.open.pop() {
            self.close(component, index + 1, true);
        }
        true
    }

    /// Closes what is open above a level, before a line.
    fn close_unended(&mut self, level: usize, index: usize, faults: &mut Vec<Fault>) {
        while self.open.len() > level
            && let Some((component, offset)) = self.open.pop()
        {
            faults.push(Fault { kind: FaultKind::Unclosed, offset });
            self.close(component, index, false);
        }
    }

    fn close(&mut self, component: usize, end: usize, closed: bool) {
        let next = self.components.len();
        if let Some(component) = self.components.get_mut(component) {
            component.lines.end = end;
            (component.closed, component.next) = (closed, next);
        }
    }

    /// All components, when the document has no more lines than `lines`.
    pub(crate) fn finish(mut self, lines: usize, faults: &mut Vec<Fault>) -> Vec<Component> {
        self.close_unended(0, lines, faults);
        self.components
    }
}
