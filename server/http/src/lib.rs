//! What every HTTP front end does alike.
//!
//! [`log_in`] says who asks, [`peer_address`] from where, [`receive`] takes a body within limits of size, time and memory,
//! [`without_mark`] keeps compression from making something of nothing, [`post`](fn@post) sends a request of our own.
//!
//! What is absent: paths, methods and documents. They are the front ends' own.

mod basic;
mod body;
mod compression;
mod origin;
mod peer;
mod post;

pub use basic::{CHALLENGE, log_in};
pub use body::{Body, BodyError, receive};
pub use compression::{leave_plain, without_mark};
pub use origin::origin;
pub use peer::{PeerAddress, peer_address};
pub use post::{Answered, PostError, Target, post};

use actix_web::HttpRequest;

/// A header as text; `None` if it is not there or not ASCII.
#[must_use]
pub fn text_header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
