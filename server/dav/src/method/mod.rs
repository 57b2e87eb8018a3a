//! One file for each method; REPORT has a folder of its own.

pub(crate) mod acl;
pub(crate) mod add_member;
pub(crate) mod bulk;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod make_collection;
pub(crate) mod options;
pub(crate) mod post;
pub(crate) mod preference;
pub(crate) mod propfind;
pub(crate) mod proppatch;
pub(crate) mod put;
pub(crate) mod share;
pub(crate) mod transfer;
mod transfer_collection;
