//! Sync: the items of collections, both ways. MS-ASCMD section 2.2.1.21.

pub mod options;
pub mod request;
pub mod response;

pub(crate) use options::UNFIT_FILTER;
pub use options::{Conflict, FilterType, Options};
pub use request::{ClientCommand, Collection, Request};
pub use response::{CollectionHead, CollectionWriter, ResponseWriter, ResponsesWriter};
