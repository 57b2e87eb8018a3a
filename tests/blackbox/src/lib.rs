//! The harness of the black-box tests: it starts the `kontor` binary and speaks to its doors.
//!
//! It knows only the wire. Its clients are written from the specifications and share no code with the
//! product, so that a mistake in a codec cannot hide by being made twice. It blocks: a test that waits
//! for two things starts both and then reads both.
//!
//! Absent: anything a real client does by itself. Real clients are driven by the tests
//! whose names begin with `foreign`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a harness that fails is a test that fails, and says why"
)]

mod calendar_phone;
mod content;
mod dav;
mod dav_copy;
mod demo;
mod http;
mod imap;
mod mail;
mod phone;
mod pop3;
mod postgres;
mod prepared;
mod smtp;
mod stream;
mod sync;
mod tool;
mod wait;
mod wbxml;
mod xml;

pub use calendar_phone::{Hierarchy, ItemDelta, Items, berlin, kind, texts};
pub use content::{Part, berlin_as_utc, calendar, day_after, is_sunday, lines, moment_at, parts, utc};
pub use dav::{Dav, DavAnswer, Homes, Resource, resources};
pub use dav_copy::{DavCopy, Told};
pub use demo::{Account, Demo, Door, Store, on_each_store};
pub use imap::{Imap, Reply};
pub use mail::{Mail, realistic, unique};
pub use phone::{Exchange, Phone, PingAnswer, WaitingPing, WaitingSync};
pub use pop3::Pop3;
pub use smtp::Smtp;
pub use sync::{Delta, Folder, Message};
pub use tool::{Outcome, Query, probe_passes, run_tool, tool_path, tool_source};
pub use wait::{PATIENCE, eventually};
pub use wbxml::{Element, encode};
pub use xml::{Node, escaped};
