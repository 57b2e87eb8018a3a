//! What a command does to mail: its flags, and from 16.0 the text of drafts.

use activesync_wire::Version;
use activesync_wire::command::sync::ClientCommand;
use activesync_wire::item::Class;
use activesync_wire::item::email::Change;
use activesync_wire::server_id::ServerId;
use activesync_wire::status::SyncStatus;
use storage::{Error, NewItem, Refusal, Subject};
use vocabulary::{Flags, Role};
use workflow::meeting::Letters;
use workflow::{ClientRequest, Submission};

use super::super::View;
use super::super::draft::{self, Before};
use super::prepare::{Deed, Named, stored};
use super::{Commands, Kind};
use crate::call::Call;
use crate::recipient;

/// # Errors
/// What the store refuses.
pub(super) async fn deed(
    call: &Call,
    view: &View,
    asked: &Commands<'_>,
    named: &Named<'_>,
) -> storage::Result<Deed> {
    let drafts = call.version >= Version::V16_0 && view.role == Some(Role::Drafts);
    let (data, send) = match named.command {
        ClientCommand::Delete { .. } => return Ok(Deed::Delete { to_trash: asked.deletes_as_moves }),
        ClientCommand::Fetch { .. } => return Ok(Deed::Refuse(SyncStatus::ProtocolError)),
        // Phones send their text messages unasked, and again if they are refused.
        ClientCommand::Add { class: Some(Class::Sms), .. } => return Ok(Deed::Ignore),
        // MS-ASCMD: mail comes by SendMail; only drafts are added.
        ClientCommand::Add { .. } if !drafts => return Ok(Deed::Refuse(SyncStatus::Conversion)),
        ClientCommand::Add { data, send, .. } => (Some(*data), *send),
        ClientCommand::Change { data, send, .. } => (*data, *send && drafts),
    };
    let Ok(change) = data.map_or(Ok(Change::default()), |data| Change::parse(data, call.version)) else {
        return Ok(Deed::Refuse(SyncStatus::Conversion));
    };
    let before = match named.id {
        Some(id) if drafts && (change.draft.is_some() || send) => Some(stored(call, view.folder, id).await?),
        _ => None,
    };
    let request_id = named.request_id(view.folder, asked.base.key);
    let is_add = named.kind == Kind::Add;
    let name = |id| ServerId { folder: view.folder, item: id };
    let old = before.as_ref().zip(named.id).map(|((_, bytes), id)| Before { id: name(id), bytes });
    let message = match (&change.draft, old) {
        (Some(said), old) if drafts => Some(draft::build(call, &request_id, said, old)),
        (None, Some(old)) => Some(Ok(old.bytes.to_vec())),
        _ if is_add => Some(draft::build(call, &request_id, &Default::default(), None)),
        _ => None,
    };
    let Ok(message) = message.transpose() else { return Ok(Deed::Refuse(SyncStatus::Conversion)) };
    // Files are named by their places: those behind one that goes have other names now.
    let renames = change.draft.as_ref().is_some_and(|said| !said.attachments_deleted.is_empty());
    let Some(message) = message else { return Ok(Deed::Flags(change)) };
    if send {
        return send_draft(call, message, request_id).await;
    }
    let content = workflow::ingest(call.store(), view.folder.account, message.into()).await?;
    let new = NewItem {
        flags: Flags::DRAFT | Flags::SEEN,
        created_by: is_add.then(|| call.generation_name(asked.base.key)),
        ..NewItem::mail(content, call.now())
    };
    Ok(match before {
        Some((item, _)) => {
            Deed::Redraft { was: item.content, new: Box::new(new), flags: change, restore: renames }
        }
        None => Deed::Add { new: Box::new(new), flags: change, letters: Letters::default() },
    })
}

async fn send_draft(call: &Call, message: Vec<u8>, request_id: String) -> storage::Result<Deed> {
    let Ok(recipients) = recipient::recipients(&message) else {
        return Ok(Deed::Refuse(SyncStatus::DraftRecipientInvalid)); // MS-ASCMD R7472
    };
    let request = ClientRequest { reader: call.device().to_owned(), id: request_id };
    let submission = Submission {
        reverse_path: None,
        recipients,
        bytes: message.into(),
        trace: String::new(),
        request: Some(request),
        save_to_sent: true,
    };
    match workflow::submit(call.store(), &call.login, submission).await {
        Ok(_) => Ok(Deed::Sent),
        // Status 8 would say that the draft is gone.
        Err(Error::Refusal(Refusal::NotFound(Subject::Address | Subject::Domain | Subject::Group))) => {
            Ok(Deed::Refuse(SyncStatus::DraftRecipientInvalid))
        }
        // Status 7 would have the draft shown as it was.
        Err(Error::Refusal(Refusal::Denied { .. })) => Ok(Deed::Refuse(SyncStatus::Conversion)),
        Err(error) => Err(error),
    }
}
