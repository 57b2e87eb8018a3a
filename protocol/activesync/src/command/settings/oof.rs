//! Out of office: MS-ASCMD sections 2.2.3.122, 2.2.3.123 and 2.2.3.124.
//!
//! What cannot be read is answered inside `<Oof>` (R484): 2 for what the schema forbids, 5 for a value that there is
//! not, 6 for parts that contradict each other.

use wbxml::page::settings as page;
use wbxml::{Element, Tag};

use super::with_status;
use crate::status::SettingsStatus;
use crate::{date, parse};
use vocabulary::Timestamp;

/// In which form replies are written: MS-ASCMD R821.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OofFormat {
    /// `Text`
    Text,
    /// `HTML`
    Html,
}

/// Who is answered: MS-ASCMD section 2.2.3.123.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OofAudience {
    /// People of the same organisation.
    Internal,
    /// People elsewhere who stand in the user's contacts.
    ExternalKnown,
    /// Everybody else.
    ExternalUnknown,
}

/// Whether the user is absent: MS-ASCMD R3530.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OofState {
    /// 0
    Disabled,
    /// 1
    Global,
    /// 2: within a span of time.
    TimeBased,
}

/// What is asked of `<Oof>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OofRequest {
    /// The settings, with replies in this form.
    Get(OofFormat),
    /// Other settings.
    Set(OofChange),
}

/// What is set. What is not named stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OofChange {
    /// Whether the user is absent.
    pub state: Option<OofState>,
    /// From when to when.
    pub span: Option<(Timestamp, Timestamp)>,
    /// One for each audience at most.
    pub messages: Vec<OofMessage>,
}

/// What one audience is told, as it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OofMessage {
    /// Who.
    pub audience: OofAudience,
    /// Whether it is told anything.
    pub enabled: Option<bool>,
    /// What.
    pub reply: Option<(OofFormat, String)>,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oof {
    /// Whether the user is absent.
    pub state: OofState,
    /// From when to when, if it was said.
    pub span: Option<(Timestamp, Timestamp)>,
    /// In the form that was asked for.
    pub format: OofFormat,
    /// All three audiences (R3504, R3505).
    pub replies: [(OofAudience, OofReply); 3],
}

/// What one audience is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OofReply {
    /// Whether it is told.
    pub enabled: bool,
    /// What; may be empty.
    pub text: String,
}

impl OofAudience {
    /// In the order in which they are told to clients.
    pub const ALL: [Self; 3] = [Self::Internal, Self::ExternalKnown, Self::ExternalUnknown];

    fn tag(self) -> Tag {
        match self {
            Self::Internal => page::APPLIES_TO_INTERNAL,
            Self::ExternalKnown => page::APPLIES_TO_EXTERNAL_KNOWN,
            Self::ExternalUnknown => page::APPLIES_TO_EXTERNAL_UNKNOWN,
        }
    }
}

impl OofState {
    fn from_code(code: &str) -> Option<Self> {
        match code {
            "0" => Some(Self::Disabled),
            "1" => Some(Self::Global),
            "2" => Some(Self::TimeBased),
            _ => None,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Disabled => "0",
            Self::Global => "1",
            Self::TimeBased => "2",
        }
    }
}

impl OofFormat {
    fn read(element: &Element) -> Result<Self, SettingsStatus> {
        match element.value().trim() {
            word if word.eq_ignore_ascii_case("Text") => Ok(Self::Text),
            word if word.eq_ignore_ascii_case("HTML") => Ok(Self::Html),
            "" => Err(SettingsStatus::ProtocolError), // MS-ASCMD R824, R825: not without a value
            _ => Err(SettingsStatus::InvalidArguments),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Html => "HTML",
        }
    }
}

impl OofRequest {
    /// Reads `<Oof>`.
    ///
    /// # Errors
    /// The status of the part.
    pub fn parse(element: &Element) -> Result<Self, SettingsStatus> {
        match (element.child(page::GET), element.child(page::SET)) {
            (Some(get), None) => {
                let format = get.child(page::BODY_TYPE).ok_or(SettingsStatus::ProtocolError)?; // R824
                OofFormat::read(format).map(Self::Get)
            }
            (None, Some(set)) => OofChange::parse(set).map(Self::Set),
            (Some(_), Some(_)) | (None, None) => Err(SettingsStatus::ProtocolError),
        }
    }
}

impl OofChange {
    fn parse(set: &Element) -> Result<Self, SettingsStatus> {
        let state = set
            .child(page::OOF_STATE)
            .map(|state| OofState::from_code(state.value().trim()).ok_or(SettingsStatus::InvalidArguments));
        let mut messages: Vec<OofMessage> = Vec::new();
        for element in set.all(page::OOF_MESSAGE) {
            let message = OofMessage::parse(element)?;
            if messages.iter().any(|known| known.audience == message.audience) {
                return Err(SettingsStatus::ConflictingArguments); // MS-ASCMD R3526
            }
            messages.push(message);
        }
        Ok(Self { state: state.transpose()?, span: span(set)?, messages })
    }
}

fn span(set: &Element) -> Result<Option<(Timestamp, Timestamp)>, SettingsStatus> {
    let (start, end) = match (set.child(page::START_TIME), set.child(page::END_TIME)) {
        (None, None) => return Ok(None),
        (Some(start), Some(end)) => (start, end),
        _ => return Err(SettingsStatus::ProtocolError), // MS-ASCMD R2272, R3992
    };
    let read = |element| parse::timestamp(element).ok_or(SettingsStatus::InvalidArguments);
    let (start, end) = (read(start)?, read(end)?);
    if start < end { Ok(Some((start, end))) } else { Err(SettingsStatus::ConflictingArguments) }
}

impl OofMessage {
    fn parse(element: &Element) -> Result<Self, SettingsStatus> {
        let mut named = OofAudience::ALL.into_iter().filter(|one| element.child(one.tag()).is_some());
        let (Some(audience), None) = (named.next(), named.next()) else {
            return Err(SettingsStatus::ProtocolError); // MS-ASCMD R3517
        };
        let enabled = element
            .child(page::ENABLED)
            .map(|enabled| parse::boolean(enabled).ok_or(SettingsStatus::InvalidArguments));
        let format = element.child(page::BODY_TYPE).map(OofFormat::read).transpose()?;
        let reply = match (element.child_value(page::REPLY_MESSAGE), format) {
            (None, _) => None,
            (Some(text), Some(format)) => Some((format, text.into_owned())),
            (Some(_), None) => return Err(SettingsStatus::ProtocolError), // MS-ASCMD R825
        };
        Ok(Self { audience, enabled: enabled.transpose()?, reply })
    }
}

impl Oof {
    /// `<Oof>` of an answer to Get.
    pub(super) fn answer(&self) -> Element {
        let mut get = Element::new(page::GET).with_text(page::OOF_STATE, self.state.code());
        if let Some((start, end)) = self.span {
            get.push(Element::text(page::START_TIME, date::date_time(start)));
            get.push(Element::text(page::END_TIME, date::date_time(end)));
        }
        for (audience, reply) in &self.replies {
            let mut message = Element::new(page::OOF_MESSAGE)
                .with_empty(audience.tag())
                .with_text(page::ENABLED, if reply.enabled { "1" } else { "0" });
            if !reply.text.is_empty() {
                // MS-ASCMD R826: never one without the other.
                message.push(Element::text(page::REPLY_MESSAGE, reply.text.clone()));
                message.push(Element::text(page::BODY_TYPE, self.format.word()));
            }
            get.push(message);
        }
        with_status(page::OOF, SettingsStatus::Success.code()).with(get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(children: Vec<Element>) -> Result<OofRequest, SettingsStatus> {
        let set = children.into_iter().fold(Element::new(page::SET), Element::with);
        OofRequest::parse(&Element::new(page::OOF).with(set))
    }

    fn message(audience: Tag, children: &[(Tag, &str)]) -> Element {
        let message = Element::new(page::OOF_MESSAGE).with_empty(audience);
        children.iter().fold(message, |message, (tag, text)| message.with_text(*tag, *text))
    }

    // MS-ASCMD R783 R793 R802 R821 R3530
    #[test]
    fn settings_are_read() {
        let read = set(vec![
            Element::text(page::OOF_STATE, "2"),
            Element::text(page::START_TIME, "2026-12-24T00:00:00.000Z"),
            Element::text(page::END_TIME, "2027-01-02T00:00:00.000Z"),
            message(
                page::APPLIES_TO_INTERNAL,
                &[(page::ENABLED, "1"), (page::REPLY_MESSAGE, "Ich bin weg."), (page::BODY_TYPE, "text")],
            ),
            message(page::APPLIES_TO_EXTERNAL_UNKNOWN, &[(page::ENABLED, "0")]),
        ]);
        let OofRequest::Set(change) = read.unwrap() else { panic!("no Set") };
        assert_eq!(change.state, Some(OofState::TimeBased));
        let (start, end) = change.span.unwrap();
        assert_eq!(
            (date::date_time(start), end.0 - start.0),
            ("2026-12-24T00:00:00.000Z".into(), 9 * 86_400_000)
        );
        let text = Some((OofFormat::Text, "Ich bin weg.".to_owned()));
        assert_eq!(
            change.messages,
            [
                OofMessage { audience: OofAudience::Internal, enabled: Some(true), reply: text },
                OofMessage { audience: OofAudience::ExternalUnknown, enabled: Some(false), reply: None },
            ]
        );
    }

    // MS-ASCMD R2272 R3992 R5681 R5827 R825 R5582 R5583 R5845
    #[test]
    fn what_cannot_be_meant_has_its_status() {
        let start = || Element::text(page::START_TIME, "2026-12-24T00:00:00.000Z");
        let end = |text: &str| Element::text(page::END_TIME, text);
        let internal = |children: &[(Tag, &str)]| message(page::APPLIES_TO_INTERNAL, children);
        for (children, status) in [
            (vec![start()], SettingsStatus::ProtocolError),
            (vec![end("2026-12-24T00:00:00.000Z")], SettingsStatus::ProtocolError),
            (vec![start(), end("tomorrow")], SettingsStatus::InvalidArguments),
            (vec![start(), end("2026-12-24T00:00:00.000Z")], SettingsStatus::ConflictingArguments),
            (vec![Element::text(page::OOF_STATE, "3")], SettingsStatus::InvalidArguments),
            (vec![Element::new(page::OOF_MESSAGE)], SettingsStatus::ProtocolError),
            (vec![internal(&[]).with_empty(page::APPLIES_TO_EXTERNAL_KNOWN)], SettingsStatus::ProtocolError),
            (vec![internal(&[]), internal(&[])], SettingsStatus::ConflictingArguments),
            (vec![internal(&[(page::REPLY_MESSAGE, "x")])], SettingsStatus::ProtocolError),
            (
                vec![internal(&[(page::REPLY_MESSAGE, "x"), (page::BODY_TYPE, "RTF")])],
                SettingsStatus::InvalidArguments,
            ),
            (vec![internal(&[(page::ENABLED, "yes")])], SettingsStatus::InvalidArguments),
        ] {
            assert_eq!(set(children.clone()), Err(status), "{children:?}");
        }
        let get = |get: Element| OofRequest::parse(&Element::new(page::OOF).with(get));
        assert_eq!(get(Element::new(page::GET)), Err(SettingsStatus::ProtocolError));
        let html = Element::new(page::GET).with_text(page::BODY_TYPE, "HTML");
        assert_eq!(get(html), Ok(OofRequest::Get(OofFormat::Html)));
        assert_eq!(OofRequest::parse(&Element::new(page::OOF)), Err(SettingsStatus::ProtocolError));
    }

    // MS-ASCMD R485 R486 R826 R2002 R2251 R2252
    #[test]
    fn every_audience_is_told_and_a_text_has_its_form() {
        let reply = |enabled, text: &str| OofReply { enabled, text: text.to_owned() };
        let [internal, known, unknown] = OofAudience::ALL;
        let oof = Oof {
            state: OofState::Disabled,
            span: None,
            format: OofFormat::Html,
            replies: [
                (internal, reply(true, "<p>x</p>")),
                (known, reply(false, "")),
                (unknown, reply(true, "")),
            ],
        };
        let answer = oof.answer();
        assert_eq!(answer.children().next().unwrap().tag, page::STATUS);
        let get = answer.child(page::GET).unwrap();
        assert!(get.child(page::START_TIME).is_none());
        let messages: Vec<_> = get.all(page::OOF_MESSAGE).collect();
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[0].child_value(page::BODY_TYPE).as_deref(), Some("HTML"));
        for (message, enabled) in messages.iter().zip(["1", "0", "1"]) {
            assert_eq!(message.child_value(page::ENABLED).as_deref(), Some(enabled));
            assert_eq!(
                message.child(page::BODY_TYPE).is_some(),
                message.child(page::REPLY_MESSAGE).is_some()
            );
        }
        assert!(messages[1].child(page::APPLIES_TO_EXTERNAL_KNOWN).is_some());
    }
}
