//! The demo: the flower shop Blumen Huber and its neighbour, 3,000 mails, a year of appointments, contacts,
//! tasks and notes. The same data is the fixture of the tests.

mod announcement;
mod authority;
mod fill;
mod insert;
mod mails;
mod mails_files;
mod mails_text;
mod objects;
mod people;
mod ports;

pub(crate) use announcement::Announcement;
pub(crate) use authority::Authority;
pub(crate) use fill::fill;
pub(crate) use ports::{DemoPorts, bind};

/// The name that the demo greets with; nothing outside knows it.
pub(crate) const HOSTNAME: &str = "mail.blumen-huber.test";
