//! SmartForward of a meeting to people whom the server is to invite, from 16.0: MS-ASCMD sections 2.2.3.79 and 2.2.3.169.
//! Who asks again invites nobody again. A word (`airsyncbase:Body`) goes to those who are invited and to the organiser.

use activesync_wire::command::send_mail::{Request, Source};
use activesync_wire::item::Class;
use activesync_wire::item::calendar::instance_id;
use activesync_wire::status::CommonStatus;
use storage::{Error, Refusal};
use vocabulary::EmailAddress;
use workflow::meeting::{self, AnswerError, Forward, Forwardee};

use super::{refuse, smart};
use crate::call::{Answer, Call, Reply};
use crate::status;

pub(super) async fn run(call: &Call, request: &Request<'_>, source: &Source) -> Answer {
    let id = smart::id_of(call, &source.target).await?;
    let Ok(instance) = source.instance.as_deref().map(instance_id).transpose() else {
        return refuse(CommonStatus::InvalidDateTime, "the occurrence is no moment"); // MS-ASCMD R541
    };
    let mut people = Vec::with_capacity(request.forwardees.len());
    for one in &request.forwardees {
        let Ok(address) = EmailAddress::parse(&one.email) else {
            return refuse(CommonStatus::InvalidForwardees, "no address"); // MS-ASCMD R7470
        };
        people.push(Forwardee { name: one.name.clone(), address });
    }
    let owner = match call.owner(id.folder.account).await {
        Ok(owner) => owner,
        Err(Error::Refusal(_)) => return refuse(CommonStatus::SourceNotFound, "no such owner"),
        Err(fault) => return Err(fault.into()),
    };
    // From 16.0 the server tells.
    let writer = call.writer(&owner, Class::Calendar);
    let item = (id.folder.collection, id.item);
    let passed = Forward { occurrence: instance, people, word: request.word.clone() };
    let forwarded = Box::pin(meeting::forward(call.store(), call.principal(), &writer, item, &passed)).await;
    match forwarded {
        Ok(posted) => {
            call.deliver(posted).await;
            Ok(Reply::Empty) // MS-ASCMD R568
        }
        Err(AnswerError::NoInvitation | AnswerError::NoOccurrence) => {
            refuse(CommonStatus::SourceNotFound, "no meeting that can be forwarded") // MS-ASCMD R4930
        }
        // Who may not see it is not told that it is there.
        Err(AnswerError::Store(Error::Refusal(Refusal::NotFound(_)))) => {
            refuse(CommonStatus::SourceNotFound, "no such meeting")
        }
        Err(AnswerError::Store(Error::Refusal(refusal))) => {
            refuse(status::sending(&refusal), "not forwarded")
        }
        Err(AnswerError::Store(fault)) => Err(fault.into()),
    }
}
