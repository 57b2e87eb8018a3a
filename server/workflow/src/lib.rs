//! What more than one front end does, one verb per file.

mod attachment;
mod deliver;
mod elsewhere;
mod fresh_id;
mod ingest;
mod ingest_file;
mod ingest_object;
pub mod meeting;
mod resolve;
mod submit;
mod time_zone;
mod undelivered;

pub use attachment::{NamedAttachment, managed_attachment};
pub use deliver::{Delivered, Delivery, deliver};
pub use elsewhere::{Elsewhere, NotAPlace, PHONES, elsewhere, elsewhere_in};
pub use fresh_id::fresh_id;
pub use ingest::{ingest, parsed, structures, summary};
pub use ingest_file::ingest_file;
pub use ingest_object::{ObjectError, ingest_calendar_object, ingest_card};
pub use resolve::resolve;
pub use submit::{
    ClientRequest, RECIPIENTS_MAX, RecipientOutcome, Submission, Submitted, leads_to, submit, was_submitted,
};
pub use time_zone::{TIME_ZONE, known_time_zone, time_zone};
pub use undelivered::send_reports;
