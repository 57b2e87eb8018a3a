//! Messages between calendar users: RFC 5546 section 1.4.

use std::sync::Arc;

use crate::term::Term;

/// METHOD: RFC 5546 section 1.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are those of the format")]
pub enum Method {
    Publish,
    Request,
    Reply,
    Add,
    Cancel,
    Refresh,
    Counter,
    DeclineCounter,
}

impl Term for Method {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("PUBLISH", Self::Publish),
        ("REQUEST", Self::Request),
        ("REPLY", Self::Reply),
        ("ADD", Self::Add),
        ("CANCEL", Self::Cancel),
        ("REFRESH", Self::Refresh),
        ("COUNTER", Self::Counter),
        ("DECLINECOUNTER", Self::DeclineCounter),
    ];
}

impl Method {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.word()
    }

    /// Of a METHOD in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::parse(name)
    }
}

/// What must be told to one calendar user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it asks for.
    pub method: Method,
    /// The address of whoever it comes from, without `mailto:`, in lower case.
    pub sender: String,
    /// The address of whoever it goes to, in the same form. A URI without a mailbox is whole.
    pub recipient: String,
    /// The VCALENDAR with its METHOD. The messages of one change share it where they say the same, so that a thousand
    /// guests cost one object.
    pub object: Arc<[u8]>,
    /// UID of the object.
    pub uid: String,
    /// The highest SEQUENCE in it.
    pub sequence: u32,
}
