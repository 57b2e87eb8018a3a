//! LIST, LSUB and NAMESPACE: RFC 9051 sections 7.3.1 and 7.3.2.

use vocabulary::MailboxPath;

use crate::Output;
use crate::extension::SpecialUse;

/// `mbx-list-flags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListAttribute {
    /// There is no mailbox of this name.
    NonExistent,
    /// It cannot be selected.
    NoSelect,
    /// Nothing can be made beneath it.
    NoInferiors,
    /// Something is beneath it.
    HasChildren,
    /// Nothing is beneath it.
    HasNoChildren,
    /// It is subscribed.
    Subscribed,
    /// What it is for.
    Use(SpecialUse),
}

impl ListAttribute {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NonExistent => "\\NonExistent",
            Self::NoSelect => "\\Noselect",
            Self::NoInferiors => "\\Noinferiors",
            Self::HasChildren => "\\HasChildren",
            Self::HasNoChildren => "\\HasNoChildren",
            Self::Subscribed => "\\Subscribed",
            Self::Use(special) => special.as_str(),
        }
    }
}

/// One `* LIST` response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListResponse<'a> {
    /// What is to be known about it.
    pub attributes: &'a [ListAttribute],
    /// The whole name in Unicode; empty in the answer to a LIST of the empty name.
    pub mailbox: &'a str,
    /// `CHILDINFO ("SUBSCRIBED")`: something beneath it is subscribed (RFC 5258 section 3.5).
    pub child_subscribed: bool,
    /// `OLDNAME`: the name until now, or the one the client wrote (RFC 9051 section 6.3.9.7).
    pub old_name: Option<&'a str>,
}

impl Output {
    /// `* LIST (...) "/" mailbox [(...)]`
    pub fn list(&mut self, list: &ListResponse<'_>) {
        self.list_line(b"* LIST (", list);
    }

    /// `* LSUB (...) "/" mailbox` (RFC 3501); extended data is left out.
    pub fn lsub(&mut self, list: &ListResponse<'_>) {
        self.list_line(b"* LSUB (", &ListResponse { child_subscribed: false, old_name: None, ..*list });
    }

    fn list_line(&mut self, start: &[u8], list: &ListResponse<'_>) {
        self.raw(start);
        for (place, attribute) in list.attributes.iter().enumerate() {
            if place > 0 {
                self.raw(b" ");
            }
            self.raw(attribute.as_str().as_bytes());
        }
        self.raw(b") ");
        self.delimiter();
        self.raw(b" ");
        self.mailbox_text(list.mailbox);
        if list.child_subscribed || list.old_name.is_some() {
            self.raw(b" (");
            if list.child_subscribed {
                self.raw(b"\"CHILDINFO\" (\"SUBSCRIBED\")");
            }
            if let Some(name) = list.old_name {
                self.raw(if list.child_subscribed { b" \"OLDNAME\" (" } else { b"\"OLDNAME\" (" });
                self.mailbox_text(name);
                self.raw(b")");
            }
            self.raw(b")");
        }
        self.crlf();
    }

    fn delimiter(&mut self) {
        self.string(MailboxPath::DELIMITER.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `* NAMESPACE personal others shared`
    pub fn namespace(&mut self, namespaces: &[&[NamespaceDescription<'_>]; 3]) {
        self.raw(b"* NAMESPACE");
        for namespace in namespaces {
            self.raw(b" ");
            if namespace.is_empty() {
                self.raw(b"NIL");
                continue;
            }
            self.raw(b"(");
            for description in *namespace {
                self.raw(b"(");
                self.namespace_prefix(description.prefix);
                self.raw(b" ");
                self.delimiter();
                self.raw(b")");
            }
            self.raw(b")");
        }
        self.crlf();
    }

    /// A prefix is a string, never an atom.
    fn namespace_prefix(&mut self, prefix: &str) {
        let mut wire = Self::new(self.encoding());
        wire.mailbox_text(prefix);
        let bare = wire.as_bytes().first().is_some_and(|byte| !matches!(byte, b'"' | b'{'));
        if bare { self.string(wire.as_bytes()) } else { self.raw(wire.as_bytes()) }
    }
}

/// One prefix of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamespaceDescription<'a> {
    /// What stands before the names, with the delimiter: empty for the personal one.
    pub prefix: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let mut out = Output::default();
        out.list(&ListResponse {
            attributes: &[ListAttribute::HasNoChildren, ListAttribute::Use(SpecialUse::Sent)],
            mailbox: "Gesendete Entwürfe",
            ..ListResponse::default()
        });
        out.list(&ListResponse { attributes: &[ListAttribute::NoSelect], ..ListResponse::default() });
        let both = ListResponse {
            mailbox: "a",
            child_subscribed: true,
            old_name: Some("b c"),
            ..ListResponse::default()
        };
        out.list(&both);
        out.lsub(&both);
        out.namespace(&[
            &[NamespaceDescription { prefix: "" }],
            &[NamespaceDescription { prefix: "Other Users/" }, NamespaceDescription { prefix: "#x/" }],
            &[],
        ]);
        let expected = "* LIST (\\HasNoChildren \\Sent) \"/\" \"Gesendete Entw&APw-rfe\"\r\n\
            * LIST (\\Noselect) \"/\" \"\"\r\n\
            * LIST () \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\") \"OLDNAME\" (\"b c\"))\r\n\
            * LSUB () \"/\" a\r\n\
            * NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")(\"#x/\" \"/\")) NIL\r\n";
        assert_eq!(String::from_utf8(out.take()).unwrap(), expected);
    }
}
