//! Search: the mailbox, the directory, document libraries. MS-ASCMD section 2.2.1.16.

mod directory;
mod request;
mod response;

pub(crate) use directory::picture_options;
pub use directory::{Entry, PICTURE_BYTES_MAX, Picture, PictureOptions};
pub use request::{COLLECTIONS_MAX, DirectoryQuery, MailboxQuery, Query, Range, parse};
pub(crate) use request::{is_everything, range, range_text};
pub use response::{ResponseWriter, failed};
