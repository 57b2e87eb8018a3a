//! Arguments that extensions bring: one extension, one file.

mod condstore;
mod enable;
mod id;
mod qresync;
mod quota;
mod special_use;

pub use enable::{Enable, Enableable};
pub use id::Id;
pub use qresync::Qresync;
pub use quota::{QuotaResource, QuotaUsage};
pub use special_use::SpecialUse;

pub(crate) use quota::quota_root;
