//! ResolveRecipients: who is meant, when are they busy, how do they look. MS-ASCMD section 2.2.1.15.

mod request;
mod response;
mod slots;

pub use request::{
    AMBIGUOUS_DEFAULT, Availability, CertificateRetrieval, MAX_PICTURE_BYTES, Options, Pictures,
    RANGE_MS_MAX, RANGE_NUMBERS_MAX, RECIPIENTS_MAX, Request,
};
pub use response::{Busy, Certificates, Picture, Recipient, Response, Source, answer};
pub use slots::{SLOT_MS, merged_free_busy};
