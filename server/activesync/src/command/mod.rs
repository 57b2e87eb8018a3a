//! The commands: one file each. A command reads its document, does one thing in the store and says
//! what came of it.

mod event_file;
mod find;
mod folder_change;
mod folder_sync;
mod forwardees;
mod get_attachment;
mod get_item_estimate;
mod item_operations;
mod meeting_response;
mod move_conversation;
mod move_items;
pub(crate) mod options;
mod ping;
mod provision;
mod resolve_recipients;
mod search;
mod send_mail;
mod settings;
mod smart;
mod smart_event;
pub(crate) mod sync;
mod validate_cert;

use activesync_wire::status::CommonStatus;
use activesync_wire::{Command, RequestError};
use http_door::Body;
use wbxml::{Element, Limits};

use crate::call::{Answer, Call};

/// What a device has sent. Its body has its share of the room for bodies until this is dropped, which a command does
/// before it waits.
pub(crate) struct Sent {
    document: Option<Element>,
    _body: Body,
}

/// Runs the command of a request.
pub(crate) async fn run(call: &Call, body: Body) -> Answer {
    let command = call.query.command;
    if !command.has_document(call.version) {
        return match command {
            Command::SendMail | Command::SmartReply | Command::SmartForward => {
                send_mail::run_message(call, &body.bytes).await
            }
            Command::GetAttachment => get_attachment::run(call).await,
            _ => Err(RequestError::UNSUPPORTED.into()),
        };
    }
    let sent = Sent { document: document(&body.bytes)?, _body: body };
    match command {
        Command::Sync => return Box::pin(sync::run(call, sent)).await,
        Command::Ping => return ping::run(call, sent).await,
        _ => {}
    }
    match (command, &sent.document) {
        (_, None) => Err(RequestError::BODY.into()),
        (Command::Provision, Some(root)) => provision::run(call, root).await,
        (Command::FolderSync, Some(root)) => folder_sync::run(call, root).await,
        (Command::FolderCreate | Command::FolderDelete | Command::FolderUpdate, Some(root)) => {
            folder_change::run(call, root).await
        }
        (Command::SendMail | Command::SmartReply | Command::SmartForward, Some(root)) => {
            send_mail::run_document(call, root).await
        }
        (Command::MoveItems, Some(root)) => move_items::run(call, root).await,
        (Command::GetItemEstimate, Some(root)) => get_item_estimate::run(call, root).await,
        (Command::ItemOperations, Some(root)) => item_operations::run(call, root).await,
        (Command::MeetingResponse, Some(root)) => Box::pin(meeting_response::run(call, root)).await,
        (Command::Settings, Some(root)) => settings::run(call, root).await,
        (Command::Search, Some(root)) => Box::pin(search::run(call, root)).await,
        (Command::Find, Some(root)) => Box::pin(find::run(call, root)).await,
        (Command::ResolveRecipients, Some(root)) => Box::pin(resolve_recipients::run(call, root)).await,
        (Command::ValidateCert, Some(root)) => validate_cert::run(call, root).await,
        (Command::Sync | Command::Ping | Command::GetAttachment, Some(_)) => {
            Err(RequestError::UNSUPPORTED.into())
        }
    }
}

fn document(body: &[u8]) -> Result<Option<Element>, RequestError> {
    if body.is_empty() {
        return Ok(None);
    }
    wbxml::decode(body, &Limits::default()).map(Some).map_err(|_| RequestError::WBXML)
}

/// A failure with a common status.
pub(crate) fn refuse<T>(status: CommonStatus, reason: &'static str) -> Answer<T> {
    Err(RequestError::common(status, reason).into())
}
