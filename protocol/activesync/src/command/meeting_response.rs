//! MeetingResponse: accept, hesitate or decline. MS-ASCMD section 2.2.1.11.
//!
//! Up to 14.1 the phone tells the organizer itself by SendMail; from 16.0 the server does, if the request has a
//! SendResponse (MS-ASCMD R7113).

use vocabulary::Timestamp;
use wbxml::Element;
use wbxml::page::{airsync_base, meeting_response as page, search};

use crate::date;
use crate::error::RequestError;
use crate::parse;
use crate::status::{CommonStatus, MeetingResponseStatus};
use crate::version::Version;

/// Most answers of one request.
pub const RESPONSES_MAX: usize = 100;
/// Longest word to the organizer, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// MS-ASCMD section 2.2.3.194.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserResponse {
    /// 1
    Accepted,
    /// 2
    Tentative,
    /// 3
    Declined,
}

/// What the server is to tell the organizer, from 16.0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendResponse {
    /// A word with the answer.
    pub body: Option<String>,
    /// Another time, begin and end, from 16.1.
    pub proposed: Option<(Timestamp, Timestamp)>,
}

/// One answer. Ids are as the client sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Yes, perhaps or no.
    pub response: UserResponse,
    /// The folder of the mail or event.
    pub collection: Option<String>,
    /// The mail or event.
    pub item: String,
    /// The occurrence of a series, from 14.1; the error if it is no moment.
    pub instance: Option<Result<Timestamp, CommonStatus>>,
    /// It is to be told; `None`: the client does that, or nobody.
    pub send: Option<SendResponse>,
}

/// One answer that cannot be read; the others of the request are not concerned (MS-ASCMD R4182).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The mail or event as the client named it.
    pub item: String,
}

/// What became of one [`Request`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The mail or event as the client named it.
    pub item: String,
    /// How it went: the command's own number, or a common one.
    pub status: Result<MeetingResponseStatus, CommonStatus>,
    /// The event, unless the meeting was declined (MS-ASCMD R830, R837).
    pub calendar_id: Option<String>,
}

/// Reads `<MeetingResponse>`.
///
/// # Errors
/// Status 103 if there is no answer, one names nothing, or there are too many.
pub fn parse(root: &Element, version: Version) -> Result<Vec<Result<Request, Unreadable>>, RequestError> {
    parse::expect_root(root, page::MEETING_RESPONSE)?;
    let mut requests = Vec::new();
    for element in root.all(page::REQUEST) {
        if requests.len() == RESPONSES_MAX {
            return Err(RequestError::Structure("too many answers"));
        }
        let item = item(element)?;
        let unreadable = Unreadable { item: item.clone() };
        requests.push(request(element, item, version).map_err(|_| unreadable));
    }
    if requests.is_empty() {
        return Err(RequestError::Structure("MeetingResponse has no Request"));
    }
    Ok(requests)
}

fn item(element: &Element) -> Result<String, RequestError> {
    // Results of Search are named by the same ids here.
    let long_id = parse::optional(element, search::LONG_ID)?;
    match parse::optional(element, page::REQUEST_ID)? {
        Some(item) => Ok(item),
        None => long_id.ok_or(RequestError::Structure("Request has neither RequestId nor LongId")),
    }
}

fn request(element: &Element, item: String, version: Version) -> Result<Request, RequestError> {
    let wrong = "UserResponse is not 1 to 3";
    let response = match parse::child_number::<u8>(element, page::USER_RESPONSE, wrong)? {
        Some(1) => UserResponse::Accepted,
        Some(2) => UserResponse::Tentative,
        Some(3) => UserResponse::Declined,
        Some(_) => return Err(RequestError::Structure(wrong)),
        None => return Err(RequestError::Structure("Request has no UserResponse")), // MS-ASCMD R4721
    };
    let instance = parse::optional(element, page::INSTANCE_ID)?;
    if instance.is_some() && version < Version::V14_1 {
        return Err(RequestError::Structure("InstanceId is younger than this version")); // MS-ASCMD R6712
    }
    Ok(Request {
        response,
        collection: parse::optional(element, page::COLLECTION_ID)?,
        item,
        // MS-ASCMD R3195
        instance: instance.map(|text| date::parse(text.trim()).ok_or(CommonStatus::InvalidDateTime)),
        send: match element.child(page::SEND_RESPONSE) {
            Some(send) if version >= Version::V16_0 => Some(send_response(send, version)?),
            Some(_) | None => None,
        },
    })
}

fn send_response(element: &Element, version: Version) -> Result<SendResponse, RequestError> {
    let data = element.child(airsync_base::BODY).and_then(|body| body.child_value(airsync_base::DATA));
    let body = match data {
        Some(data) if data.len() > BODY_BYTES_MAX => {
            return Err(RequestError::Structure("the word to the organizer is too long"));
        }
        data => data.map(std::borrow::Cow::into_owned).filter(|data| !data.trim().is_empty()),
    };
    let moment = |tag| match element.child(tag) {
        None => Ok(None),
        Some(child) => {
            parse::timestamp(child).map(Some).ok_or(RequestError::Structure("a proposed time is no moment"))
        }
    };
    let proposed = match (moment(page::PROPOSED_START_TIME)?, moment(page::PROPOSED_END_TIME)?) {
        (Some(start), Some(end)) if version >= Version::V16_1 => Some((start, end)),
        (None, None) => None,
        // MS-ASCMD R69901704, R69901725
        _ => return Err(RequestError::Structure("half a proposed time")),
    };
    Ok(SendResponse { body, proposed })
}

/// The answer, one Result for each request.
#[must_use]
pub fn answer(answered: impl IntoIterator<Item = Answered>) -> Element {
    let mut document = Element::new(page::MEETING_RESPONSE);
    for one in answered {
        let code = match one.status {
            Ok(status) => status.code(),
            Err(status) => status.code(),
        };
        let mut result = Element::new(page::RESULT)
            .with(Element::text(page::REQUEST_ID, one.item))
            .with(Element::text(page::STATUS, code.to_string()));
        if let Some(id) = one.calendar_id {
            result.push(Element::text(page::CALENDAR_ID, id));
        }
        document.push(result);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(children: impl IntoIterator<Item = Element>) -> Element {
        let mut request = Element::new(page::REQUEST).with(Element::text(page::USER_RESPONSE, "2"));
        children.into_iter().for_each(|child| request.push(child));
        Element::new(page::MEETING_RESPONSE).with(request)
    }

    fn item() -> Element {
        Element::text(page::REQUEST_ID, "1w5x2")
    }

    fn unreadable() -> Unreadable {
        Unreadable { item: "1w5x2".into() }
    }

    #[test]
    fn an_answer_is_read() {
        let root = one([item(), Element::text(page::COLLECTION_ID, "1w5")]);
        let expected = Request {
            response: UserResponse::Tentative,
            collection: Some("1w5".into()),
            item: "1w5x2".into(),
            instance: None,
            send: None,
        };
        assert_eq!(parse(&root, Version::V14_1).unwrap(), [Ok(expected)]);
    }

    #[test]
    fn an_occurrence_is_named_by_its_start() {
        for (text, expected) in [
            ("2026-11-23T09:00:00.000Z", Ok(Timestamp(1_795_424_400_000))),
            ("Monday", Err(CommonStatus::InvalidDateTime)),
        ] {
            let root = one([item(), Element::text(page::INSTANCE_ID, text)]);
            let read = |version| parse(&root, version).unwrap().remove(0);
            assert_eq!(read(Version::V14_1).unwrap().instance, Some(expected));
            assert_eq!(read(Version::V14_0), Err(unreadable()), "MS-ASCMD R6712");
        }
    }

    #[test]
    fn from_16_0_the_server_is_told_to_tell() {
        let send = |children: Vec<Element>| {
            let mut send = Element::new(page::SEND_RESPONSE);
            children.into_iter().for_each(|child| send.push(child));
            one([item(), send])
        };
        let said = |root: &Element, version| parse(root, version).unwrap().remove(0).map(|one| one.send);
        assert_eq!(said(&send(Vec::new()), Version::V14_1), Ok(None));
        assert_eq!(said(&send(Vec::new()), Version::V16_0), Ok(Some(SendResponse::default())));
        let body = Element::new(airsync_base::BODY)
            .with(Element::text(airsync_base::TYPE, "1"))
            .with(Element::text(airsync_base::DATA, "Gerne"));
        let times = [
            Element::text(page::PROPOSED_START_TIME, "20261123T090000Z"),
            Element::text(page::PROPOSED_END_TIME, "20261123T100000Z"),
        ];
        let both = send([vec![body], times.to_vec()].concat());
        let proposed = Some((Timestamp(1_795_424_400_000), Timestamp(1_795_428_000_000)));
        let expected = SendResponse { body: Some("Gerne".into()), proposed };
        assert_eq!(said(&both, Version::V16_1), Ok(Some(expected)));
        assert!(said(&both, Version::V16_0).is_err(), "a proposal is younger");
        assert!(said(&send(times[..1].to_vec()), Version::V16_1).is_err(), "half a proposal");
    }

    // MS-ASCMD R4182
    #[test]
    fn incomplete_answers_are_refused_alone() {
        assert!(parse(&Element::new(page::MEETING_RESPONSE), Version::V16_1).is_err());
        assert!(parse(&one([]), Version::V16_1).is_err());
        for response in ["0", "4", "yes"] {
            let request =
                Element::new(page::REQUEST).with(Element::text(page::USER_RESPONSE, response)).with(item());
            let good = one([item()]).child(page::REQUEST).unwrap().clone();
            let root = Element::new(page::MEETING_RESPONSE).with(request).with(good);
            let read = parse(&root, Version::V16_1).unwrap();
            assert_eq!((&read[0], read[1].is_ok()), (&Err(unreadable()), true), "{response}");
        }
        let mut many = Element::new(page::MEETING_RESPONSE);
        for _ in 0..RESPONSES_MAX {
            many.push(one([item()]).child(page::REQUEST).unwrap().clone());
        }
        assert_eq!(parse(&many, Version::V16_1).unwrap().len(), RESPONSES_MAX);
        many.push(one([item()]).child(page::REQUEST).unwrap().clone());
        assert!(parse(&many, Version::V16_1).is_err());
    }

    #[test]
    fn the_event_is_named_where_there_is_one() {
        let document = answer([
            Answered {
                item: "a".into(),
                status: Ok(MeetingResponseStatus::Success),
                calendar_id: Some("b".into()),
            },
            Answered { item: "c".into(), status: Err(CommonStatus::NotRecurring), calendar_id: None },
        ]);
        let results: Vec<_> = document.all(page::RESULT).collect();
        assert_eq!(results[0].child_value(page::CALENDAR_ID).as_deref(), Some("b"));
        assert_eq!(results[0].child_value(page::STATUS).as_deref(), Some("1"));
        assert_eq!(results[1].child_value(page::STATUS).as_deref(), Some("146"));
        assert!(results[1].child(page::CALENDAR_ID).is_none());
    }
}
