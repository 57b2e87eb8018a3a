//! MeetingResponse: MS-ASCMD section 2.2.1.11. What is answered is named by the mail that invites or by the event.
//!
//! A declined meeting leaves the calendar (R5072); the mail stays where it is, for the phone deletes or keeps it. The same
//! answer again tells nobody anything.

use activesync_wire::Version;
use activesync_wire::command::meeting_response::{
    Answered, Request, Unreadable, UserResponse, answer, parse,
};
use activesync_wire::item::Class;
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::{CommonStatus, MeetingResponseStatus as Status};
use calendar::Participation;
use std::str::FromStr;
use storage::{Account, Error, Read, Refusal, Subject, right};
use vocabulary::Timestamp;
use wbxml::Element;
use workflow::ClientRequest;
use workflow::meeting::{self, AnswerError, Meeting, Response};

use crate::call::{Answer, Call, Reply};
use crate::{long_id, status};

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let requests = parse(root, call.version)?;
    let mut answered = Vec::with_capacity(requests.len());
    for request in requests {
        let (item, outcome) = match request {
            Ok(request) => {
                let outcome = respond(call, &request).await;
                (request.item, outcome)
            }
            Err(Unreadable { item }) => (item, Err(Status::InvalidRequest.into())), // MS-ASCMD R4182
        };
        answered.push(Answered {
            item,
            status: outcome.as_ref().map(|_| Status::Success).or_else(|refused| match refused {
                Refused::Own(status) => Ok(*status),
                Refused::Common(status) => Err(*status),
            }),
            calendar_id: outcome.ok().flatten().map(|id| id.to_string()),
        });
    }
    Ok(Reply::document(&answer(answered)))
}

/// Why one answer is not given.
enum Refused {
    Own(Status),
    Common(CommonStatus),
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self::Own(status)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Own(status::meeting_response(&error))
    }
}

/// The event, if it is in the calendar afterwards.
async fn respond(call: &Call, request: &Request) -> Result<Option<ServerId>, Refused> {
    let id = match ServerId::from_str(&request.item) {
        Ok(id) => id,
        // A result of Search.
        Err(_) => match long_id::find(call, &request.item).await {
            Err(Error::Refusal(_)) => return Err(Status::InvalidRequest.into()),
            found => found?,
        },
    };
    let named = request.collection.as_deref().map(FolderId::from_str);
    if named.is_some_and(|folder| folder != Ok(id.folder)) {
        return Err(Status::InvalidRequest.into());
    }
    let occurrence = request.instance.transpose().map_err(Refused::Common)?;
    let place =
        |collection, item| ServerId { folder: FolderId { account: id.folder.account, collection }, item };
    let key = known_by(call, id, occurrence, request);
    let before = meeting::repeated(call.store(), call.principal(), id.folder.account, &key.0, &key.1);
    if let Some(answered) = before.await? {
        return Ok(answered.item.map(|(collection, item)| place(collection, item)));
    }
    let (owner, mail) = find(call, id).await?;
    // MS-ASCMD R6068, R7509, R7510: events are answered from 14.1 on.
    if mail.is_none() && call.version < Version::V14_1 {
        return Err(Status::InvalidRequest.into());
    }
    let send = request.send.as_ref();
    let response = Response {
        participation: match request.response {
            UserResponse::Accepted => Participation::Accepted,
            UserResponse::Tentative => Participation::Tentative,
            UserResponse::Declined => Participation::Declined,
        },
        occurrence,
        comment: send.and_then(|send| send.body.clone()),
        proposed: send.and_then(|send| send.proposed),
        request: Some(key),
    };
    let mut writer = call.writer(&owner, Class::Calendar);
    if send.is_none() {
        // MS-ASCMD R7113: nobody is told; before 16.0 the phone tells.
        writer.agent = calendar::schedule::Agent::Client;
    }
    let meeting = match &mail {
        Some(mail) => Meeting::Mail(mail),
        None => Meeting::Item(id.folder.collection, id.item),
    };
    let answered = meeting::respond(call.store(), call.principal(), &writer, meeting, &response).await;
    match answered {
        Ok(answered) => {
            call.deliver(answered.posted).await;
            Ok(answered.item.map(|(collection, item)| place(collection, item)))
        }
        Err(AnswerError::NoInvitation) => Err(Status::InvalidRequest.into()),
        Err(AnswerError::NoOccurrence) => Err(Refused::Common(CommonStatus::NotRecurring)), // R3196
        Err(AnswerError::Store(error)) => Err(error.into()),
    }
}

/// The meeting and occurrence that a device answers, and what tells one answer from another.
fn known_by(
    call: &Call,
    id: ServerId,
    occurrence: Option<Timestamp>,
    request: &Request,
) -> (ClientRequest, Vec<u8>) {
    let occurrence = occurrence.map(|at| at.0.to_string()).unwrap_or_default();
    let key = ClientRequest { reader: call.device().to_owned(), id: format!("{id} {occurrence}") };
    (key, format!("{:?} {:?}", request.response, request.send).into_bytes())
}

/// Whose calendar it is about, and the mail, if the id names one.
async fn find(call: &Call, id: ServerId) -> Result<(Account, Option<bytes::Bytes>), Refused> {
    let found = call.store().read(call.principal(), move |tx: &Read<'_>| {
        let grant = tx.open::<right::ReadItems>(id.folder.account, id.folder.collection)?;
        let item = tx.item_by_id(&grant, id.item)?.filter(|item| !item.vanished);
        let item = item.ok_or(Refusal::NotFound(Subject::Item))?;
        if item.component.is_some() {
            return Ok(None);
        }
        let content = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
        let (_, content) = content.ok_or(Refusal::NotFound(Subject::Content))?;
        Ok(Some(content))
    });
    let mail = match found.await? {
        Some(content) => Some(call.store().load(content).await?),
        None => None,
    };
    let owner = id.folder.account;
    // Who reads a colleague's mail may not answer it by that alone.
    if mail.is_some() && owner != call.account() {
        return Err(Status::InvalidRequest.into());
    }
    Ok((call.owner(owner).await?, mail))
}
