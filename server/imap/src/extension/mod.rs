//! What extensions brought: one extension, one file.

pub(crate) mod enable;
pub(crate) mod id;
pub(crate) mod idle;
pub(crate) mod namespace;
pub(crate) mod quota;
