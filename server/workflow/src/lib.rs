//! What more than one front end does, one verb per file.

mod deliver;
mod fresh_id;
mod ingest;
mod resolve;
mod submit;
mod undelivered;

pub use deliver::{Delivered, Delivery, deliver};
pub use ingest::{ingest, parsed, structures, summary};
pub use resolve::resolve;
pub use submit::{ClientRequest, RECIPIENTS_MAX, RecipientOutcome, Submission, Submitted, leads_to, submit};
pub use undelivered::send_reports;
