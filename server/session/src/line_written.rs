//! One log line for each request, whoever writes it.

/// The mark of a request whose log line its front end has written, since that knew more of it: the web's
/// server writes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineWritten;
