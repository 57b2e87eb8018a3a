//! ItemOperations: fetch items and attachments, empty folders, move conversations. MS-ASCMD section 2.2.1.10.

mod request;
mod response;

pub use request::{Fetch, FetchOptions, OPERATIONS_MAX, Operation, Store, Target, parse};
pub use response::{AttachmentAnswer, Body, ResponseWriter};
