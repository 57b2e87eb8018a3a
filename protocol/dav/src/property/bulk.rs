//! `bulk-requests`: "Calendar Server Bulk Change Requests for *DAV Protocols" (Apple, 2011), section 5.1.

use crate::name::{Name, mobileme};
use crate::xml::Writer;

/// How much one request may change at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLimits {
    /// Most resources.
    pub resources_max: usize,
    /// Largest body, in bytes.
    pub bytes_max: usize,
}

impl BulkLimits {
    /// The limits of both kinds of request.
    pub(super) fn elements(self, writer: &mut Writer) {
        for kind in [mobileme::SIMPLE, mobileme::CRUD] {
            self.element(kind, writer);
        }
    }

    fn element(self, kind: Name<'_>, writer: &mut Writer) {
        writer.open(kind);
        writer.leaf(mobileme::MAX_RESOURCES, &self.resources_max.to_string());
        writer.leaf(mobileme::MAX_BYTES, &self.bytes_max.to_string());
        writer.close();
    }
}
