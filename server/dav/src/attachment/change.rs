//! POST to an object: RFC 8607 sections 3.3 to 3.6. One request is one write of the object, with the attachment.

use actix_web::http::header::{self, ContentDisposition, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use calendar::edit::{self, EditError, Instance, ManagedAttachment};
use calendar::schedule::Agent;
use dav_wire::{ETag, Precondition};
use http_door::{BodyError, receive, text_header};
use std::sync::Arc;
use storage::{
    ATTACHMENT_NAME_BYTES_MAX, Error, Fault, NewAttachment, Parsed, Refusal, Stored, Subject, right,
};
use vocabulary::{AccountId, Home, Timestamp};

use super::{ATTACHMENT_BYTES_MAX, essence, uri};
use crate::call::{Answer, Call, Failure, settled};
use crate::condition::Conditions;
use crate::files::media_type;
use crate::kind::OBJECT_BYTES_MAX;
use crate::location::Location;
use crate::members::READERS;
use crate::method::put::{self, Target};
use crate::property::item::Tagged as _;

/// RFC 8607 section 5.1.
const MANAGED_ID: HeaderName = HeaderName::from_static("cal-managed-id");
/// What a file is called that has no name.
const NAMELESS: &str = "attachment";
/// How often the object is read anew, if others write it meanwhile.
const ATTEMPTS_MAX: usize = 4;

/// What is to be done: RFC 8607 section 3.3.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    Add { instances: Option<Vec<Instance>> },
    Update { managed_id: String },
    Remove { managed_id: String, instances: Option<Vec<Instance>> },
}

/// A file that was posted.
#[derive(Debug, Clone)]
struct Upload {
    bytes: Bytes,
    token: String,
    uri: String,
    name: String,
    media_type: String,
}

pub(crate) async fn run(call: &Call, request: &HttpRequest, payload: web::Payload) -> Answer {
    let Location::Item(collection, name) = &call.location else { return Err(Failure::not_allowed()) };
    if collection.home != Home::Calendars || request.method() != Method::POST {
        return Err(Failure::not_allowed());
    }
    let action = Action::parse(request.query_string())?;
    let target = Target {
        address: call.folder(collection).await?,
        name: name.as_str().to_owned(),
        conditions: Conditions::of(request)?,
    };
    // Who may not change the object need not send anything.
    drop(look(call, &target).await?);
    let upload = match &action {
        Action::Add { .. } | Action::Update { .. } => Some(Upload::receive(call, request, payload).await?),
        Action::Remove { .. } => None,
    };
    let tag = carry_out(call, &target, &action, upload.as_ref()).await?;
    let mut response = match &action {
        Action::Add { .. } => HttpResponse::Created(),
        Action::Update { .. } | Action::Remove { .. } => HttpResponse::NoContent(),
    };
    response.insert_header((header::ETAG, tag.to_string()));
    if let Some(upload) = upload {
        response.insert_header((MANAGED_ID, upload.token)).insert_header((header::LOCATION, upload.uri));
    }
    Ok(response.finish())
}

impl Action {
    /// # Errors
    /// RFC 8607 section 3.11.
    fn parse(query: &str) -> Result<Self, Precondition> {
        let query = web::Query::<Vec<(String, String)>>::from_query(query);
        let query = query.map_err(|_| Precondition::ValidAction)?.into_inner();
        let values = |name: &str| -> Vec<String> {
            query.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
        };
        let (actions, mut ids, rids) = (values("action"), values("managed-id"), values("rid"));
        let [action] = &actions[..] else { return Err(Precondition::ValidAction) };
        let instances = match &rids[..] {
            [] => None,
            [rid] => Some(Instance::parse_list(rid).ok_or(Precondition::ValidRid)?),
            _ => return Err(Precondition::ValidRid),
        };
        let managed_id = match (ids.pop(), ids.is_empty()) {
            (Some(id), true) if !id.is_empty() => Some(id),
            (None, _) => None,
            (Some(_), _) => return Err(Precondition::ValidManagedId),
        };
        match (action.as_str(), managed_id) {
            ("attachment-add", None) => Ok(Self::Add { instances }),
            ("attachment-update", Some(_)) if instances.is_some() => Err(Precondition::ValidRid),
            ("attachment-update", Some(managed_id)) => Ok(Self::Update { managed_id }),
            ("attachment-remove", Some(managed_id)) => Ok(Self::Remove { managed_id, instances }),
            ("attachment-add" | "attachment-update" | "attachment-remove", _) => {
                Err(Precondition::ValidManagedId)
            }
            _ => Err(Precondition::ValidAction),
        }
    }

    /// The object with the change made.
    fn edit(&self, bytes: &[u8], upload: Option<&Upload>, at: Timestamp) -> Result<Vec<u8>, EditError> {
        match (self, upload.map(Upload::line)) {
            (Self::Add { instances }, Some(line)) => edit::attach(bytes, instances.as_deref(), &line, at),
            (Self::Update { managed_id }, Some(line)) => {
                edit::reattach(bytes, &[(managed_id.as_str(), line)], Some(at))
            }
            (Self::Remove { managed_id, instances }, _) => {
                edit::detach(bytes, instances.as_deref(), managed_id, at)
            }
            // Without a file there is nothing to attach.
            (Self::Add { .. } | Self::Update { .. }, None) => Err(EditError::NoAttachment),
        }
    }
}

/// How a change that cannot be made is refused.
fn unmet(error: &EditError) -> Precondition {
    match error {
        EditError::Invalid(_) => Precondition::ValidCalendarData,
        EditError::NoComponent | EditError::NotRecurring => Precondition::ValidRid,
        EditError::NoAttachment => Precondition::ValidManagedId,
        EditError::TooLarge => Precondition::MaxResourceSize,
    }
}

impl Upload {
    async fn receive(call: &Call, request: &HttpRequest, payload: web::Payload) -> Answer<Self> {
        let body = receive(&call.context, call.account().id, request, payload, ATTACHMENT_BYTES_MAX).await;
        let body = body.map_err(|error| match error {
            BodyError::TooLarge => Failure::from(Precondition::MaxAttachmentSize),
            other => other.status().into(),
        })?;
        let token = workflow::fresh_id()?;
        Ok(Self {
            bytes: body.bytes.clone(),
            uri: uri(&call.origin, &token),
            token,
            name: file_name(request),
            media_type: media_type(text_header(request, "Content-Type")),
        })
    }

    fn line(&self) -> ManagedAttachment<'_> {
        ManagedAttachment {
            uri: &self.uri,
            managed_id: &self.token,
            media_type: essence(&self.media_type),
            name: Some(&self.name),
            size_bytes: u64::try_from(self.bytes.len()).unwrap_or(u64::MAX),
        }
    }

    async fn prepared(&self, call: &Call, owner: AccountId) -> Answer<NewAttachment> {
        let content = call.store().prepare(owner, self.bytes.clone(), Parsed::default()).await?;
        let (token, name, media_type) = (self.token.clone(), self.name.clone(), self.media_type.clone());
        Ok(NewAttachment { token, content, name, media_type })
    }
}

/// The last part of the name that `Content-Disposition` gives the file: RFC 6266 section 4.3. The encoded one is preferred.
fn file_name(request: &HttpRequest) -> String {
    let header = request.headers().get(header::CONTENT_DISPOSITION);
    let disposition = header.and_then(|value| ContentDisposition::from_raw(value).ok());
    let encoded = disposition.as_ref().and_then(|disposition| disposition.get_filename_ext());
    let encoded = encoded.and_then(|value| String::from_utf8(value.value.clone()).ok());
    let plain = disposition.as_ref().and_then(|disposition| disposition.get_filename()).map(str::to_owned);
    let name = encoded.or(plain).unwrap_or_default();
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut last: String = last.chars().filter(|character| !character.is_control()).collect();
    last.truncate(last.floor_char_boundary(ATTACHMENT_NAME_BYTES_MAX));
    let last = last.trim();
    if last.is_empty() { NAMELESS.to_owned() } else { last.to_owned() }
}

/// The object as it is now, if it may be changed and its conditions hold.
async fn look(call: &Call, target: &Target) -> Answer<(ETag, Stored)> {
    let Target { address, name, conditions } = target.clone();
    let read = call.store().read(call.principal(), move |tx| {
        let missing = || Refusal::NotFound(Subject::Item);
        let grant = address.open::<right::ReadItems>(tx)?;
        let item = tx.item_by_resource(&grant, &name)?.ok_or_else(missing)?;
        let range = item.uid.0..=item.uid.0;
        let replace = address.open::<right::Replace>(tx)?;
        tx.refuse_foreign(&replace, &range)?;
        let tag = item.etag();
        let stored = tx.contents(&grant, &[range], false)?.pop().ok_or_else(missing)?.1;
        Ok(conditions.check(&address, &grant, &name, Some(&tag)).map(|()| (tag, stored)))
    });
    settled(read.await)
}

/// Writes the object with the change made; its new tag.
async fn carry_out(call: &Call, target: &Target, action: &Action, upload: Option<&Upload>) -> Answer<ETag> {
    let (owner, now) = (target.address.owner.id, call.context.clock.now());
    let work = Arc::new((action.clone(), upload.cloned()));
    for _ in 0..ATTEMPTS_MAX {
        let (tag, stored) = look(call, target).await?;
        let bytes = call.store().load(stored).await?;
        let (work, turn) = (Arc::clone(&work), READERS.acquire().await);
        let edit = move || {
            let _turn = turn;
            let (action, upload) = &*work;
            action.edit(&bytes, upload.as_ref(), now)
        };
        let edited = tokio::task::spawn_blocking(edit).await;
        let edited = edited.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())))?;
        let edited = edited.map_err(|error| unmet(&error))?;
        if edited.len() > OBJECT_BYTES_MAX {
            return Err(Precondition::MaxResourceSize.into());
        }
        let attached = match upload {
            Some(upload) => vec![upload.prepared(call, owner).await?],
            None => Vec::new(),
        };
        let as_read = Target { conditions: Conditions::of_state(&tag), ..target.clone() };
        match put::store_with(call, as_read, edited.into(), attached, Agent::Server).await {
            // Somebody else wrote it; whether what the client asks for still holds is seen with the next look.
            Err(Failure::Status(StatusCode::PRECONDITION_FAILED)) => {}
            Err(Failure::Store(Error::Refusal(Refusal::Stale { .. }))) => {}
            stored => return Ok(stored?.etag),
        }
    }
    Err(Refusal::Busy.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    // RFC 8607 sections 3.3.1, 3.3.2, 3.3.3 and 3.11.
    #[test]
    fn an_action_has_what_it_needs_and_nothing_else() {
        let id = || "a/b".to_owned();
        let master = || Some(vec![Instance::Master]);
        assert_eq!(Action::parse("action=attachment-add"), Ok(Action::Add { instances: None }));
        assert_eq!(Action::parse("rid=M&action=attachment-add"), Ok(Action::Add { instances: master() }));
        assert_eq!(
            Action::parse("action=attachment-update&managed-id=a%2Fb"),
            Ok(Action::Update { managed_id: id() })
        );
        assert_eq!(
            Action::parse("action=attachment-remove&managed-id=a%2Fb&rid=M"),
            Ok(Action::Remove { managed_id: id(), instances: master() })
        );
        for (query, unmet) in [
            ("", Precondition::ValidAction),
            ("action=", Precondition::ValidAction),
            ("action=attachment-steal", Precondition::ValidAction),
            ("action=attachment-add&action=attachment-add", Precondition::ValidAction),
            ("action=attachment-add&managed-id=a", Precondition::ValidManagedId),
            ("action=attachment-update", Precondition::ValidManagedId),
            ("action=attachment-update&managed-id=", Precondition::ValidManagedId),
            ("action=attachment-remove", Precondition::ValidManagedId),
            ("action=attachment-remove&managed-id=a&managed-id=b", Precondition::ValidManagedId),
            ("action=attachment-update&managed-id=a&rid=M", Precondition::ValidRid),
            ("action=attachment-add&rid=", Precondition::ValidRid),
            ("action=attachment-add&rid=M,x", Precondition::ValidRid),
            ("action=attachment-add&rid=M&rid=M", Precondition::ValidRid),
        ] {
            assert_eq!(Action::parse(query), Err(unmet), "{query}");
        }
    }

    // RFC 6266 section 4.3.
    #[test]
    fn a_file_is_called_by_the_last_part_of_its_name() {
        let named = |value: &'static str| {
            file_name(&TestRequest::default().append_header(("Content-Disposition", value)).to_http_request())
        };
        assert_eq!(named("attachment; filename=plan.pdf"), "plan.pdf");
        assert_eq!(named("attachment; filename=\"my plan.pdf\""), "my plan.pdf");
        assert_eq!(named("attachment; filename=x; filename*=UTF-8''%C3%BC.txt"), "\u{fc}.txt");
        assert_eq!(named("attachment; filename=\"../../etc/passwd\""), "passwd");
        assert_eq!(named("attachment; filename=\"C:/a/b.txt\""), "b.txt");
        for nameless in ["attachment", "attachment; filename=\"a/\"", ";;;", ""] {
            assert_eq!(named(nameless), NAMELESS, "{nameless}");
        }
        assert_eq!(file_name(&TestRequest::default().to_http_request()), NAMELESS);
    }
}
