//! Responses: RFC 9051 section 7. Each file adds its writers to [`Output`](crate::Output).

mod code;
mod fetch;
mod list;
mod mailbox;
mod search;
mod status;

pub use code::Code;
pub use fetch::FetchResponse;
pub use list::{ListAttribute, ListResponse, NamespaceDescription};
pub use mailbox::StatusValue;
pub use search::Esearch;
pub use status::Condition;
