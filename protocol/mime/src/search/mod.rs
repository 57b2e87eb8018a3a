//! Searching messages: one engine for every door.
//!
//! What is asked is an [`Expression`] whose leaves the door chooses; those that look into a message are its
//! [`Content`]s, and [`Facts`] says what is known of them: first by the summary that was made when the message came
//! in, and only if that does not decide, by its bytes.

mod content;
mod expression;
mod text;

pub use content::{CONTENTS_MAX, Content, Facts, Field};
pub use expression::Expression;
pub use text::{Haystack, Needle, fold};
