//! How much somebody may do with what is shared.

use crate::name::{Name, calendarserver, dav};
use crate::xml::Writer;

/// What somebody may do with a collection of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareAccess {
    /// Read.
    Read,
    /// Read and change.
    ReadWrite,
}

impl ShareAccess {
    const fn calendarserver(self) -> Name<'static> {
        match self {
            Self::Read => calendarserver::READ,
            Self::ReadWrite => calendarserver::READ_WRITE,
        }
    }

    pub(super) const fn dav(self) -> Name<'static> {
        match self {
            Self::Read => dav::READ,
            Self::ReadWrite => dav::READ_WRITE,
        }
    }

    /// `<CS:access><CS:read/></CS:access>`. macOS takes nothing without it.
    pub(super) fn element(self, writer: &mut Writer) {
        writer.open(calendarserver::ACCESS);
        writer.empty(self.calendarserver());
        writer.close();
    }
}

/// What a collection is to whoever looks at it: `DAV:share-access`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareState {
    /// The viewer's own, and nobody else's.
    NotShared,
    /// The viewer's own, and open to others.
    SharedOwner,
    /// Of somebody else.
    Shared(ShareAccess),
}

impl ShareState {
    pub(super) const fn name(self) -> Name<'static> {
        match self {
            Self::NotShared => dav::NOT_SHARED,
            Self::SharedOwner => dav::SHARED_OWNER,
            Self::Shared(access) => access.dav(),
        }
    }
}
