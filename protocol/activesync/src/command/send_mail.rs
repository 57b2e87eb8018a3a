//! SendMail, SmartReply and SmartForward: MS-ASCMD sections 2.2.1.17, 2.2.1.19 and 2.2.1.20.
//!
//! From 14.0 on the message comes inside WBXML; before, it is the body and the rest stands in the query.
//! Success is an empty body (MS-ASCMD R463); a failure is [`super::Command::status_document`].
//!
//! What is absent: rights management templates.

use std::borrow::Cow;

use wbxml::Element;
use wbxml::page::{airsync_base, compose_mail as page};

use super::Command;
use crate::error::RequestError;
use crate::parse;
use crate::query::Query;
use crate::status::CommonStatus;
use crate::version::Version;

/// Longest ClientId: MS-ASCMD R952.
pub const CLIENT_ID_CHARACTERS_MAX: usize = 40;

/// Longest name and address of a forwardee, in bytes.
const FORWARDEE_BYTES_MAX: usize = 1024;
/// Longest word to them, in bytes.
const WORD_BYTES_MAX: usize = 64 * 1024;

/// What the message does to the one that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// SendMail.
    Send,
    /// SmartReply.
    Reply,
    /// SmartForward.
    Forward,
}

/// The message that is answered or forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// By folder and item.
    Item {
        /// Its folder; clients may leave it out.
        folder: Option<String>,
        /// The item.
        item: String,
    },
    /// By a result of Search.
    LongId(String),
}

/// [`Target`] and, for a meeting, which occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The message.
    pub target: Target,
    /// The occurrence, as written by the client.
    pub instance: Option<String>,
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// New, reply or forward.
    pub verb: Verb,
    /// The same message has the same id (MS-ASCMD R953); none before 14.0.
    pub client_id: Option<String>,
    /// Send from this account (14.1): MS-ASCMD R724.
    pub account_id: Option<String>,
    /// Keep a copy among the sent items.
    pub save_in_sent: bool,
    /// The message is complete: nothing of the original is to be appended (MS-ASCMD R3775).
    pub replace_mime: bool,
    /// What is answered; always there unless `verb` is [`Verb::Send`].
    pub source: Option<Source>,
    /// Whom the server is to invite (16.0): then there is no message.
    pub forwardees: Vec<Forwardee>,
    /// A word to them.
    pub word: Option<String>,
    /// The message, RFC 5322; empty only if there are forwardees.
    pub mime: Cow<'a, [u8]>,
}

/// Most people to whom a meeting is forwarded at once.
pub const FORWARDEES_MAX: usize = 500;

/// Somebody to whom a meeting is forwarded: MS-ASCMD section 2.2.3.78.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwardee {
    /// Name; may be empty.
    pub name: String,
    /// E-mail address, as written.
    pub email: String,
}

impl<'a> Request<'a> {
    /// Reads the document of 14.0 and later.
    ///
    /// # Errors
    /// Status 103 if ClientId or Mime is missing, or the source of a reply or forward; from 16.0 status 178 for a message
    /// beside Forwardees or Body, and 179 for Forwardees that cannot be read.
    pub fn parse(root: &'a Element, version: Version) -> Result<Self, RequestError> {
        let verb = match root.tag {
            page::SEND_MAIL => Verb::Send,
            page::SMART_REPLY => Verb::Reply,
            page::SMART_FORWARD => Verb::Forward,
            _ => return Err(RequestError::BODY),
        };
        let client_id = parse::required(root, page::CLIENT_ID, "no ClientId")?; // MS-ASCMD R949
        if client_id.is_empty() || client_id.chars().count() > CLIENT_ID_CHARACTERS_MAX {
            return Err(RequestError::Structure("ClientId is empty or too long"));
        }
        let (forwardees, word) = match verb == Verb::Forward && version >= Version::V16_0 {
            true => by_the_server(root)?,
            false => (Vec::new(), None),
        };
        let mime = match root.child(page::MIME) {
            Some(mime) => mime.bytes(),
            None if !forwardees.is_empty() => Cow::Borrowed(&[][..]),
            None => return Err(RequestError::Structure("no Mime")),
        };
        Self {
            verb,
            client_id: Some(client_id),
            account_id: parse::optional(root, page::ACCOUNT_ID)?,
            save_in_sent: parse::flag(root.child(page::SAVE_IN_SENT_ITEMS)),
            replace_mime: parse::flag(root.child(page::REPLACE_MIME)),
            source: root.child(page::SOURCE).map(source).transpose()?,
            forwardees,
            word,
            mime,
        }
        .checked()
    }

    /// Reads the form of 12.1: the parameters in the query, the message in the body.
    ///
    /// # Errors
    /// As [`Request::parse`]; and if the query's command sends nothing.
    pub fn from_query(query: &Query, message: &'a [u8]) -> Result<Self, RequestError> {
        let verb = match query.command {
            Command::SendMail => Verb::Send,
            Command::SmartReply => Verb::Reply,
            Command::SmartForward => Verb::Forward,
            _ => return Err(RequestError::BODY),
        };
        let target = match (&query.item_id, &query.long_id) {
            (Some(item), _) => Some(Target::Item { folder: query.collection_id.clone(), item: item.clone() }),
            (None, Some(id)) => Some(Target::LongId(id.clone())),
            (None, None) => None,
        };
        Self {
            verb,
            client_id: None,
            account_id: None,
            save_in_sent: query.save_in_sent,
            replace_mime: false,
            source: target.map(|target| Source { target, instance: query.occurrence.clone() }),
            forwardees: Vec::new(),
            word: None,
            mime: Cow::Borrowed(message),
        }
        .checked()
    }

    fn checked(self) -> Result<Self, RequestError> {
        if self.mime.is_empty() && self.forwardees.is_empty() {
            return Err(RequestError::Structure("the message is empty"));
        }
        if self.verb != Verb::Send && self.source.is_none() {
            return Err(RequestError::Structure("reply or forward of nothing"));
        }
        Ok(self)
    }
}

/// Whom the server is to invite, and what it is to say: MS-ASCMD R7176, R7467, R7468, R7470.
fn by_the_server(root: &Element) -> Result<(Vec<Forwardee>, Option<String>), RequestError> {
    let (list, body) = (root.child(page::FORWARDEES), root.child(airsync_base::BODY));
    if list.is_none() && body.is_none() {
        return Ok((Vec::new(), None));
    }
    let others = [page::MIME, page::SAVE_IN_SENT_ITEMS, page::REPLACE_MIME];
    if others.iter().any(|tag| root.child(*tag).is_some()) {
        let status = CommonStatus::InvalidSmartForwardCombination;
        return Err(RequestError::common(status, "a message beside Forwardees or Body"));
    }
    let word = body.and_then(|body| body.child_value(airsync_base::DATA));
    if word.as_ref().is_some_and(|word| word.len() > WORD_BYTES_MAX) {
        return Err(RequestError::common(CommonStatus::InvalidForwardees, "Body is too long"));
    }
    let word = word.map(Cow::into_owned).filter(|word| !word.trim().is_empty());
    Ok((list.map(forwardees).transpose()?.unwrap_or_default(), word))
}

fn forwardees(list: &Element) -> Result<Vec<Forwardee>, RequestError> {
    let unread = || RequestError::common(CommonStatus::InvalidForwardees, "Forwardees cannot be read");
    let mut forwardees = Vec::new();
    for element in list.all(page::FORWARDEE) {
        let email = element.child_value(page::EMAIL).unwrap_or_default().trim().to_owned();
        let name = element.child_value(page::NAME).unwrap_or_default();
        let is_odd = |text: &str| text.len() > FORWARDEE_BYTES_MAX || text.chars().any(char::is_control);
        if email.is_empty() || is_odd(&email) || is_odd(&name) || forwardees.len() == FORWARDEES_MAX {
            return Err(unread());
        }
        forwardees.push(Forwardee { name: name.into_owned(), email });
    }
    if forwardees.is_empty() { Err(unread()) } else { Ok(forwardees) }
}

fn source(element: &Element) -> Result<Source, RequestError> {
    let item = parse::optional(element, page::ITEM_ID)?;
    let long_id = parse::optional(element, page::LONG_ID)?;
    let target = match (item, long_id) {
        (Some(item), None) => Target::Item { folder: parse::optional(element, page::FOLDER_ID)?, item },
        (None, Some(id)) => Target::LongId(id),
        _ => return Err(RequestError::Structure("Source needs one of ItemId and LongId")),
    };
    Ok(Source { target, instance: parse::optional(element, page::INSTANCE_ID)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"From: a@b.test\r\n\r\n\xff\x00hi\r\n";

    fn document(root: wbxml::Tag) -> Element {
        Element::new(root)
            .with(Element::text(page::CLIENT_ID, "abc"))
            .with(Element::new(page::SAVE_IN_SENT_ITEMS))
    }

    fn item_source() -> Element {
        Element::new(page::SOURCE)
            .with(Element::text(page::FOLDER_ID, "1w5"))
            .with(Element::text(page::ITEM_ID, "1w5x2"))
    }

    #[test]
    fn a_message_is_read_byte_for_byte() {
        let root = document(page::SEND_MAIL).with(Element::opaque(page::MIME, MESSAGE.to_vec()));
        let request = Request::parse(&root, Version::V16_1).unwrap();
        assert_eq!((request.verb, request.client_id.as_deref()), (Verb::Send, Some("abc")));
        assert!(request.save_in_sent && !request.replace_mime && request.source.is_none());
        assert_eq!(request.mime, MESSAGE);
    }

    #[test]
    fn a_reply_names_its_source() {
        let root = document(page::SMART_REPLY)
            .with(item_source())
            .with(Element::new(page::REPLACE_MIME))
            .with(Element::opaque(page::MIME, MESSAGE.to_vec()));
        let request = Request::parse(&root, Version::V16_1).unwrap();
        assert!(request.replace_mime);
        let target = Target::Item { folder: Some("1w5".into()), item: "1w5x2".into() };
        assert_eq!(request.source, Some(Source { target, instance: None }));
    }

    #[test]
    fn the_query_of_12_1_says_the_same() {
        let query = Query::parse(
            "Cmd=SmartForward&DeviceId=a&DeviceType=b&SaveInSent=T&CollectionId=1w5&ItemId=1w5x2",
        );
        let query = query.unwrap();
        let request = Request::from_query(&query, MESSAGE).unwrap();
        assert_eq!((request.verb, request.save_in_sent), (Verb::Forward, true));
        assert!(request.source.is_some());
        let send = Query::parse("Cmd=SendMail&DeviceId=a&DeviceType=b").unwrap();
        assert!(!Request::from_query(&send, MESSAGE).unwrap().save_in_sent);
        assert!(Request::from_query(&send, b"").is_err());
        let sync = Query::parse("Cmd=Sync&DeviceId=a&DeviceType=b").unwrap();
        assert_eq!(Request::from_query(&sync, MESSAGE), Err(RequestError::BODY));
    }

    // MS-ASCMD R6623 R7467 R7468 R7470
    #[test]
    fn forwardees_stand_alone_from_16_0_on() {
        let person = |email: &str| {
            Element::new(page::FORWARDEE)
                .with(Element::text(page::EMAIL, email))
                .with(Element::text(page::NAME, "Cora"))
        };
        let bare = || {
            Element::new(page::SMART_FORWARD).with(Element::text(page::CLIENT_ID, "abc")).with(item_source())
        };
        let to = |email: &str| Element::new(page::FORWARDEES).with(person(email));
        let body = |word: &str| {
            let typed = Element::new(airsync_base::BODY).with(Element::text(airsync_base::TYPE, "1"));
            typed.with(Element::text(airsync_base::DATA, word))
        };
        let root = bare().with(to("cora@x.test"));
        let request = Request::parse(&root, Version::V16_0).unwrap();
        assert_eq!(request.forwardees, [Forwardee { name: "Cora".into(), email: "cora@x.test".into() }]);
        assert!(request.mime.is_empty());
        assert!(matches!(Request::parse(&root, Version::V14_1), Err(RequestError::Structure(_))));
        let refused = |root: &Element| match Request::parse(root, Version::V16_1) {
            Err(RequestError::Common { status, .. }) => status.code(),
            other => panic!("{other:?}"),
        };
        for (element, code) in [
            (Element::opaque(page::MIME, MESSAGE.to_vec()), 178),
            (Element::new(page::SAVE_IN_SENT_ITEMS), 178),
            (Element::new(page::REPLACE_MIME), 178),
        ] {
            assert_eq!(refused(&bare().with(to("cora@x.test")).with(element.clone())), code);
            assert_eq!(refused(&bare().with(body("Come!")).with(element)), code);
        }
        let spoken = bare().with(to("cora@x.test")).with(body("Come!"));
        assert_eq!(Request::parse(&spoken, Version::V16_0).unwrap().word.as_deref(), Some("Come!"));
        let long = body(&"x".repeat(WORD_BYTES_MAX + 1));
        assert_eq!(refused(&bare().with(to("cora@x.test")).with(long)), 179);
        for list in [Element::new(page::FORWARDEES), to(""), to("a\nb@x.test"), to(&"x".repeat(2000))] {
            assert_eq!(refused(&bare().with(list)), 179);
        }
        let many = (0..=FORWARDEES_MAX)
            .fold(Element::new(page::FORWARDEES), |list, _| list.with(person("c@x.test")));
        assert_eq!(refused(&bare().with(many)), 179);
    }

    #[test]
    fn incomplete_messages_are_refused() {
        let mime = || Element::opaque(page::MIME, MESSAGE.to_vec());
        let long = "x".repeat(CLIENT_ID_CHARACTERS_MAX + 1);
        for root in [
            document(page::SEND_MAIL),
            document(page::SEND_MAIL).with(Element::new(page::MIME)),
            document(page::SMART_REPLY).with(mime()),
            document(page::SMART_REPLY).with(Element::new(page::SOURCE)).with(mime()),
            document(page::SMART_REPLY)
                .with(item_source().with(Element::text(page::LONG_ID, "1")))
                .with(mime()),
            Element::new(page::SEND_MAIL).with(mime()),
            Element::new(page::SEND_MAIL).with(Element::text(page::CLIENT_ID, "")).with(mime()),
            Element::new(page::SEND_MAIL).with(Element::text(page::CLIENT_ID, long)).with(mime()),
        ] {
            assert!(
                matches!(Request::parse(&root, Version::V16_1), Err(RequestError::Structure(_))),
                "{root:?}"
            );
        }
    }
}
