//! Autodiscover as values: MS-ASCMD section 2.2.1.1 for phones, MS-OXDSCLI for Outlook, and the JSON that came later.
//!
//! [`Request`] reads what is posted in either schema; [`Phone`], [`Outlook`] and [`Failure`] write the XML that answers it,
//! [`json`] the answers of version 2.
//!
//! Liberties: elements are known by their names whatever their namespace, for clients mix the two request schemas; which
//! answer is wanted is said by AcceptableResponseSchema alone.
//!
//! Absent: the SOAP service, MAPI and web services in the answers for Outlook (there are none here), certificate enrolment.

mod failure;
pub mod json;
mod outlook;
mod phone;
mod request;
mod write;

pub use failure::{ErrorCode, Failure};
pub use outlook::{Account, Encryption, Kind, Outlook, Server};
pub use phone::{Action, Phone};
pub use request::{REQUEST_BYTES_MAX, Request, RequestError, Schema};
