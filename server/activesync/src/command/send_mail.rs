//! SendMail: MS-ASCMD section 2.2.1.17; replies and forwards are completed by `smart.rs`.
//!
//! Success is an empty body (R463). The same ClientId again is status 118 and nothing is sent.

use activesync_wire::RequestError;
use activesync_wire::command::send_mail::{Request, Verb};
use activesync_wire::status::CommonStatus;
use storage::Error;
use wbxml::Element;
use workflow::{ClientRequest, Submission, Submitted};

use super::{forwardees, refuse, smart};
use crate::call::{Answer, Call, Reply};
use crate::{recipient, status};

/// From 14.0 the message is in the document.
pub(crate) async fn run_document(call: &Call, root: &Element) -> Answer {
    Box::pin(send(call, Request::parse(root, call.version)?)).await
}

/// Before, it is the body.
pub(crate) async fn run_message(call: &Call, message: &[u8]) -> Answer {
    Box::pin(send(call, Request::from_query(&call.query, message)?)).await
}

async fn send(call: &Call, request: Request<'_>) -> Answer {
    if request.account_id.is_some() {
        return refuse(CommonStatus::InvalidAccountId, "there is one account only");
    }
    if let Some(source) = request.source.as_ref().filter(|_| !request.forwardees.is_empty()) {
        return forwardees::run(call, &request, source).await;
    }
    if !mime::header::is_there(&request.mime) {
        return refuse(CommonStatus::InvalidMime, "no field of a header"); // MS-ASCMD R4826
    }
    let reader = || call.device().to_owned();
    let known_by = request.client_id.map(|id| ClientRequest { reader: reader(), id: format!("mail {id}") });
    let source = match &request.source {
        Some(source) => {
            // Its original may be gone since.
            if let Some(known_by) = &known_by
                && workflow::was_submitted(call.store(), &call.login, known_by).await?
            {
                return repeated();
            }
            Some(smart::find(call, source).await?)
        }
        None => None,
    };
    let message = match &source {
        Some(source) if !request.replace_mime => {
            smart::complete(call, request.verb, request.mime.to_vec(), source).await?
        }
        _ => request.mime.to_vec(),
    };
    let recipients =
        recipient::recipients(&message).map_err(|status| RequestError::common(status, "recipients"))?;
    let submission = Submission {
        reverse_path: None,
        recipients,
        bytes: message.into(),
        trace: String::new(),
        request: known_by,
        save_to_sent: request.save_in_sent,
    };
    match workflow::submit(call.store(), &call.login, submission).await {
        Ok(Submitted::Sent(_)) => {}
        Ok(Submitted::Repeated) => return repeated(),
        Err(Error::Refusal(refusal)) => return refuse(status::sending(&refusal), "not sent"),
        Err(fault) => return Err(fault.into()),
    }
    if let Some(source) = &source
        && request.verb != Verb::Send
        && let Err(error) = smart::mark(call, request.verb, &request.mime, source).await
    {
        // The mail is on its way; that its original is not marked must not make the client send again.
        tracing::info!(account = call.account().0, %error, "the original was not marked");
    }
    Ok(Reply::Empty)
}

/// MS-ASCMD R953, R4848
fn repeated() -> Answer {
    refuse(CommonStatus::PreviouslySent, "the same ClientId again")
}
