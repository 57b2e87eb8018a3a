//! How much a document may ask of the reader.

/// Bounds of [`parse`](super::parse). Each is checked before the memory it bounds is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a document.
    pub bytes_max: usize,

    /// Deepest nesting; the root has depth 1.
    ///
    /// 64: the deepest that clients send is 12 (a text-match within filters of an alarm). A tree of this
    /// depth is also safe to compare, clone and drop, all of which recurse.
    pub depth_max: usize,

    /// Most elements, attributes and runs of text together.
    ///
    /// 100,000: a multiget of 30,000 items, each an `href` element, its text and the line break after it.
    pub nodes_max: usize,

    /// Most attributes of one element, namespace declarations included. Telling duplicates apart is
    /// quadratic in it.
    pub attributes_max: usize,
}

impl Limits {
    /// For bodies that only ask or set: 1 MiB, the largest time zone definitions many times over.
    pub const REQUEST: Self =
        Self { bytes_max: 1 << 20, depth_max: 64, nodes_max: 100_000, attributes_max: 64 };
    /// For what was read within [`REQUEST`](Self::REQUEST) and written again: escaped it is up to six times as
    /// long, and namespaces are declared again where they are used.
    pub const STORED: Self =
        Self { bytes_max: 64 << 20, depth_max: 64, nodes_max: 300_000, attributes_max: 192 };
    /// For reports: 10 MiB, because a multiget lists what it wants.
    pub const REPORT: Self = Self { bytes_max: 10 << 20, ..Self::REQUEST };
}
