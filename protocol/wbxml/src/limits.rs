//! How much a document may ask of the reader.

/// Bounds of [`decode`](crate::decode). Each is checked before the memory it bounds is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a document, and most bytes of all its strings and opaque values together once they are
    /// decoded: references into the string table and the replacement of bad UTF-8 make text longer than
    /// what was sent.
    ///
    /// 64 MiB: a message of 50 MiB, which ComposeMail carries in one opaque value, and room for the rest.
    pub bytes_max: usize,

    /// Deepest nesting; the root has depth 1.
    ///
    /// 32: the deepest that ActiveSync defines is 11 (Sync, Collections, Collection, Commands, Change,
    /// ApplicationData, Exceptions, Exception, Attendees, Attendee, Email), leaving room for nested `And` and
    /// `Or` of a search. A tree of this depth is also safe to compare, clone and drop, all of which recurse.
    pub depth_max: usize,

    /// Most elements.
    ///
    /// 200,000: a Sync of 512 items (the largest `WindowSize`) with nearly 400 elements each. An element
    /// that costs one byte of a document costs some 150 bytes of memory, so this also bounds the tree to
    /// about 30 MiB beyond its values.
    pub elements_max: usize,

    /// Most values: strings, references, entities and opaque values, also empty ones.
    pub values_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes_max: 64 << 20, depth_max: 32, elements_max: 200_000, values_max: 200_000 }
    }
}
