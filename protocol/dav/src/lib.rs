//! WebDAV, CalDAV and CardDAV on the wire: request bodies and headers to values, values to answers.
//!
//! RFC 4918, RFC 3253 (reports), RFC 3744 (principals, ACL), RFC 4791 (CalDAV), RFC 6352 (CardDAV), RFC 5689
//! (extended MKCOL), RFC 6578 (sync-collection), RFC 8144 (Prefer), and what Apple's programs add.
//!
//! A request body is read by [`method`] or [`report`]; an answer is written with [`MultiStatus`] or as the
//! body of a [`Precondition`]. [`property`] lists what we know of properties; the others are dead and kept
//! as [`xml::Element`]s. Filters are values: evaluating them needs the calendar and contact crates.
//!
//! Liberties when reading: unknown elements and attributes are ignored (RFC 4918 section 17), but not inside a
//! filter, where a condition that is overlooked gives a wrong answer; `Depth` may replace `sync-level`;
//! entity tags may be weak or without quotes; paths may repeat slashes.
//!
//! [`push`] reads and writes the documents of WebDAV-Push, as drafted.
//!
//! What is absent: HTTP.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::as_conversions))]

pub mod collation;
mod error;
pub mod etag;
pub mod header;
pub mod href;
pub mod method;
mod multistatus;
pub mod name;
mod precondition;
pub mod property;
pub mod push;
pub mod report;
mod schedule_response;
pub mod sharing;
mod status;
mod sync_token;
mod time;
pub mod xml;

pub use error::RequestError;
pub use etag::{ETag, ETagList, Form, ScheduleTag};
pub use href::{Href, Segment};
pub use multistatus::{
    Detail, ExpandedResponse, MultiStatus, Outcome, PropertyAnswer, mkcalendar_response, mkcol_response,
    principal_search_property_set,
};
pub use precondition::{MissingPrivilege, Precondition};
pub use property::{Property, Value};
pub use schedule_response::{ScheduleResponse, schedule_response};
pub use status::Status;
pub use sync_token::{HomeMarks, HomePass, NotASyncToken, SyncToken};
pub use time::{TimeRange, TimeSpan, date_time, http_date, parse_date_time, parse_http_date};
