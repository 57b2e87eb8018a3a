//! ID: RFC 2971. What the client says about itself is not kept.

use crate::completion::Completion;
use imap_wire::Output;

pub(crate) fn run(out: &mut Output) -> Completion {
    out.id(&[("name", "Kontor")]);
    Completion::ok("pleased to meet you")
}
