//! PUT: RFC 4791 section 5.3.2, RFC 6352 section 6.3.2. The bytes are stored as they come, but for what scheduling
//! must write into a meeting (RFC 6638 section 3.2), and what comes in JSON is stored as the lines that it means; then
//! the client gets no entity tag and reads it again.

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use calendar::schedule::{Agent, Written};
use dav_wire::{ETag, Precondition, Property, ScheduleTag, Segment};
use http_door::{BodyError, receive, text_header};
use storage::{
    Collection, Error, Grant, Item, NewAttachment, NewItem, Outgoing, Prepared, Read, Refusal, Write, right,
};
use vocabulary::{Component, Home};
use workflow::meeting::{self, Planned};

use crate::address::FolderAddress;
use crate::attachment::{self, Foreign, Ingested};
use crate::call::{Answer, Call, Checked, Failure, retried, settled};
use crate::condition::Conditions;
use crate::folder::{Folder, Kept};
use crate::kind::{self, Kind, OBJECT_BYTES_MAX};
use crate::location::{self, Location};
use crate::property::item::Tagged as _;
use crate::schedule::{self, Against};

pub(crate) async fn run(call: &Call, request: &HttpRequest, payload: web::Payload) -> Answer {
    let Location::Item(collection, name) = &call.location else { return Err(Failure::not_allowed()) };
    if collection.home == Home::Scheduling {
        return Err(Failure::not_allowed());
    }
    let kind = Kind::of_folder(collection.home);
    let conditions = Conditions::of(request)?;
    let form = check_head(kind, request)?;
    let target = Target {
        address: call.folder(collection).await.map_err(no_parent)?,
        name: name.as_str().to_owned(),
        conditions,
    };
    let bytes = receive_object(call, kind, request, payload, form).await?;
    let stored = store(call, target, bytes, Agent::Server).await?.having_come_in(form);
    let mut response = if stored.is_new { HttpResponse::Created() } else { HttpResponse::NoContent() };
    Ok(stored.tell(&mut response).finish())
}

/// The form in which an object comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyForm {
    /// The one in which it is stored.
    Lines,
    /// jCal or jCard.
    Json,
}

/// Refuses what says to be no whole object of this kind, before its bytes are taken. Gives the form that it says to have.
pub(super) fn check_head(kind: &Kind, request: &HttpRequest) -> Answer<BodyForm> {
    let form = check_media_type(kind, text_header(request, "Content-Type"))?;
    // RFC 9110 section 14.5: a part of a resource must not be taken for the whole.
    if request.headers().contains_key(header::CONTENT_RANGE) {
        return Err(actix_web::http::StatusCode::BAD_REQUEST.into());
    }
    Ok(form)
}

/// The bytes of an object as it is to be stored.
pub(super) async fn receive_object(
    call: &Call,
    kind: &Kind,
    request: &HttpRequest,
    payload: web::Payload,
    form: BodyForm,
) -> Answer<Bytes> {
    let body = receive(&call.context, call.account().id, request, payload, OBJECT_BYTES_MAX).await;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => Failure::from(kind.too_large.clone()),
        other => other.status().into(),
    })?;
    if form == BodyForm::Lines {
        return Ok(body.bytes.clone());
    }
    let lines = (kind.from_json)(&body.bytes)?;
    if lines.len() > OBJECT_BYTES_MAX { Err(kind.too_large.clone().into()) } else { Ok(lines.into()) }
}

/// Where an object is to be stored, and under which conditions.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: FolderAddress,
    pub(crate) name: String,
    pub(crate) conditions: Conditions,
}

/// An object that has been stored.
pub(crate) struct StoredObject {
    pub(crate) is_new: bool,
    pub(crate) etag: ETag,
    pub(crate) schedule_tag: Option<ScheduleTag>,
    /// Its bytes are not those that the client sent.
    pub(crate) is_rewritten: bool,
    /// What others are to be told.
    pub(crate) posted: Vec<Outgoing>,
}

impl StoredObject {
    /// One that is stored as it was sent and concerns nobody else.
    pub(crate) fn of(is_new: bool, etag: ETag) -> Self {
        Self { is_new, etag, schedule_tag: None, is_rewritten: false, posted: Vec::new() }
    }

    /// The same, if it may have come in another form than it is stored in.
    pub(super) fn having_come_in(self, form: BodyForm) -> Self {
        Self { is_rewritten: self.is_rewritten || form == BodyForm::Json, ..self }
    }

    /// The tags, as the answer has them.
    pub(super) fn tell<'a>(&self, response: &'a mut HttpResponseBuilder) -> &'a mut HttpResponseBuilder {
        // RFC 4791 section 5.3.4.
        if !self.is_rewritten {
            response.insert_header((header::ETAG, self.etag.to_string()));
        }
        // RFC 6638 section 8.2.
        if let Some(tag) = &self.schedule_tag {
            response.insert_header((SCHEDULE_TAG, tag.to_string()));
        }
        response
    }
}

/// The header that tells the schedule tag.
pub(crate) const SCHEDULE_TAG: HeaderName = HeaderName::from_static("schedule-tag");

/// An object that is ready to be placed.
pub(super) struct Placing {
    pub(super) target: Target,
    pub(super) new: NewItem,
    is_rewritten: bool,
    pub(super) against: Against,
    pub(super) planned: Planned,
}

/// Stores the bytes of an object, in a new item or instead of the old bytes, and tells those whom it concerns unless
/// `agent` does.
pub(crate) async fn store(call: &Call, target: Target, bytes: Bytes, agent: Agent) -> Answer<StoredObject> {
    retried(async || store_with(call, target.clone(), bytes.clone(), Vec::new(), agent).await).await
}

/// The same once, with attachments that come with it.
///
/// # Errors
/// [`Refusal::Stale`] if somebody else wrote the object meanwhile.
pub(crate) async fn store_with(
    call: &Call,
    target: Target,
    bytes: Bytes,
    attached: Vec<NewAttachment>,
    agent: Agent,
) -> Answer<StoredObject> {
    let against = admit_early(call, &target, &bytes).await?;
    let ingested = attachment::ingest(call, &target, bytes, attached, Foreign::KeptForGuests).await?;
    let placing = prepare(call, target, against, ingested, agent).await?;
    let contents = contents(&placing.new);
    let accounts = call.accounts(placing.target.address.owner.id);
    let written = call.write(&accounts, move |tx| place(tx, &placing));
    let outcome = settled(written.await);
    for content in contents {
        discard_refused(call, content, &outcome).await;
    }
    let mut stored = outcome.map_err(no_parent)?;
    schedule::deliver(call, std::mem::take(&mut stored.posted)).await;
    Ok(stored)
}

/// All bytes that are stored with an item.
pub(super) fn contents(new: &NewItem) -> Vec<Prepared> {
    let attached = new.attachments.new.iter().map(|attached| &attached.content);
    std::iter::once(&new.content).chain(attached).cloned().collect()
}

/// Plans a write of what is an object of its kind.
pub(super) async fn prepare(
    call: &Call,
    target: Target,
    against: Against,
    ingested: Ingested,
    agent: Agent,
) -> Answer<Placing> {
    let Ingested { mut new, bytes, mut is_rewritten } = ingested;
    let mut planned = match plan(call, &target.address, agent, &against, &bytes).await {
        Ok(planned) => planned,
        Err(failure) => {
            for content in contents(&new) {
                call.store().discard(content).await;
            }
            return Err(failure);
        }
    };
    if let Some(rewritten) = planned.rewritten.take() {
        let (owner, home, now) = (target.address.owner.id, target.address.home, call.context.clock.now());
        call.store().discard(new.content).await;
        let attached = new.attachments.new;
        new = kind::ingest(home, call.store(), owner, rewritten.into(), now).await?;
        new.attachments.new = attached;
        is_rewritten = true;
    }
    new.resource_name = Some(target.name.clone());
    new.schedule_tag = planned.schedule_tag;
    Ok(Placing { target, new, is_rewritten, against, planned })
}

async fn plan(
    call: &Call,
    address: &FolderAddress,
    agent: Agent,
    against: &Against,
    bytes: &[u8],
) -> Answer<Planned> {
    let planned = schedule::plan(call, address, agent, against, Written::Stored(bytes)).await?;
    if agent == Agent::Server || planned.is_scheduled() {
        return Ok(planned);
    }
    // What is copied over a meeting, and is none, removes it: that is told, whoever tells of the copy.
    let removed = Written::Removed { reply: true };
    let Planned { letters, .. } = schedule::plan(call, address, Agent::Server, against, removed).await?;
    Ok(Planned { letters, ..planned })
}

/// Takes back the bytes of a write that was refused. After a fault its row may be committed all the same.
pub(crate) async fn discard_refused<T>(call: &Call, content: Prepared, outcome: &Answer<T>) {
    if outcome.as_ref().is_err_and(is_refusal) {
        call.store().discard(content).await;
    }
}

fn is_refusal(failure: &Failure) -> bool {
    !matches!(failure, Failure::Store(Error::Fault(_)))
}

/// Refuses before the bytes are worked on what would be refused afterwards too. Gives what the write is to be planned
/// against.
pub(super) async fn admit_early(call: &Call, target: &Target, bytes: &Bytes) -> Answer<Against> {
    let names_somebody = target.address.home == Home::Calendars && meeting::names_somebody(bytes);
    let (address, name) = (target.address.clone(), target.name.clone());
    let conditions = target.conditions.clone();
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let found = tx.item_by_resource(&grant, &name)?;
        match &found {
            Some(_) => drop(address.open::<right::Replace>(tx)?),
            None => drop(address.open::<right::Insert>(tx)?),
        }
        if let Err(failure) = conditions
            .check(&address, &grant, &name, found.as_ref().map(|item| item.etag()).as_ref())
            .and_then(|()| conditions.check_schedule_tag(found.as_ref()))
        {
            return Ok(Err(failure));
        }
        if !names_somebody && found.as_ref().is_none_or(|item| item.schedule_modseq.is_none()) {
            return Ok(Ok(None));
        }
        let Some(item) = found else { return Ok(Ok(Some(None))) };
        let stored = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
        Ok(Ok(Some(stored.map(|(_, stored)| (item, stored)))))
    });
    match read.await.map_err(Failure::from).map_err(no_parent)?? {
        None => Ok(Against::NoMeeting),
        Some(found) => Against::item(call, found).await,
    }
}

pub(super) fn place(tx: &mut Write<'_>, placing: &Placing) -> Checked<StoredObject> {
    let Placing { target: Target { address, name, conditions }, new, is_rewritten, against, planned } =
        placing;
    let read = address.open::<right::ReadItems>(tx)?;
    let found = tx.item_by_resource(&read, name)?;
    if let Err(failure) = conditions
        .check(address, &read, name, found.as_ref().map(|item| item.etag()).as_ref())
        .and_then(|()| conditions.check_schedule_tag(found.as_ref()))
    {
        return Ok(Err(failure));
    }
    against.check(found.as_ref())?;
    if let Err(unmet) = check_component(tx, address, new.component)? {
        return Ok(Err(unmet.into()));
    }
    let twin = match &new.component_uid {
        Some(uid) => tx.item_by_component_uid(&read, uid)?,
        None => None,
    };
    if let Some(unmet) = uid_conflict(address, found.as_ref(), twin.as_ref(), new.component_uid.as_deref()) {
        return Ok(Err(unmet.into()));
    }
    if let Some(unmet) = second_meeting(tx, address, &read, planned, new)? {
        return Ok(Err(unmet.into()));
    }
    let placed = match &found {
        Some(item) => {
            let grant = address.open::<right::Replace>(tx)?;
            tx.replace(&grant, item.uid, new, None, None).map(|content| ETag { item: item.id, content })
        }
        None => {
            let grant = address.open::<right::Insert>(tx)?;
            tx.insert(&grant, new).map(|added| ETag { item: added.id, content: added.modseq })
        }
    };
    match placed {
        Ok(etag) => {
            let now = if planned.is_scheduled() { tx.item_by_id(&read, etag.item)? } else { None };
            Ok(Ok(StoredObject {
                is_new: found.is_none(),
                etag,
                schedule_tag: now.as_ref().and_then(|item| item.schedule_tag()),
                is_rewritten: *is_rewritten,
                posted: planned.letters.post(tx)?,
            }))
        }
        Err(Error::Refusal(Refusal::AlreadyExists(_))) => Ok(Err(hidden_conflict(address).into())),
        Err(error) => Err(error),
    }
}

/// The twin is a private item, which is not there for who may not see it.
pub(super) fn hidden_conflict(address: &FolderAddress) -> Precondition {
    (Kind::of_folder(address.home).uid_conflict)(address.href.to_string())
}

/// RFC 6638 section 3.2.4.1: a meeting lies in one calendar only, or nobody knew which one an update is for.
pub(super) fn second_meeting<'tx, R>(
    tx: &Write<'tx>,
    address: &FolderAddress,
    grant: &Grant<'tx, R>,
    planned: &Planned,
    new: &NewItem,
) -> storage::Result<Option<Precondition>> {
    let Some(uid) = new.component_uid.as_deref().filter(|_| planned.is_scheduled()) else { return Ok(None) };
    let Some(other) = tx.scheduled_elsewhere(grant, uid)? else { return Ok(None) };
    // Where it lies is for those to know who see that calendar.
    let href = match tx.open::<right::Lookup>(address.owner.id, other.collection) {
        Ok(lookup) => path_of(address, lookup.collection(), other.item.resource_name.as_deref()),
        Err(Error::Refusal(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Some(Precondition::UniqueSchedulingObjectResource(href)))
}

fn path_of(address: &FolderAddress, collection: &Collection, item: Option<&str>) -> Option<String> {
    let collection = Segment::new(collection.resource_name.as_deref()?).ok()?;
    let home = location::home(Home::Calendars, &address.owner.address);
    Some(home.collection(collection).item(Segment::new(item?).ok()?).to_string())
}

/// RFC 4791 section 5.3.2.1, RFC 6352 section 6.3.2.1: no two objects of a collection have one UID, and an object keeps
/// its own, once it has one.
pub(super) fn uid_conflict(
    address: &FolderAddress,
    found: Option<&Item>,
    twin: Option<&Item>,
    uid: Option<&str>,
) -> Option<Precondition> {
    let conflict = |item: &Item| {
        let href = address.item(item.resource_name.as_deref().unwrap_or_default());
        (Kind::of_folder(address.home).uid_conflict)(href.to_string())
    };
    match (found, twin) {
        (None, Some(twin)) => Some(conflict(twin)),
        (Some(item), Some(twin)) if item.uid != twin.uid => Some(conflict(twin)),
        (Some(item), None) if item.component_uid.is_some() && item.component_uid.as_deref() != uid => {
            Some(conflict(item))
        }
        _ => None,
    }
}

/// RFC 4791 section 5.2.3.
pub(super) fn check_component(
    tx: &Read<'_>,
    address: &FolderAddress,
    component: Option<Component>,
) -> storage::Result<Result<(), Precondition>> {
    if address.home != Home::Calendars {
        return Ok(Ok(()));
    }
    let set = Kept::stored([Property::SupportedCalendarComponentSet, Property::ResourceType]);
    let taken = Folder::read(tx, address.clone(), &set)?.components();
    let is_taken = component.and_then(kind::on_the_wire).is_some_and(|component| taken.contains(&component));
    Ok(if is_taken { Ok(()) } else { Err(Precondition::SupportedCalendarComponent) })
}

/// The bytes decide what they are; but what says to be something else is not looked at.
fn check_media_type(kind: &Kind, content_type: Option<&str>) -> Result<BodyForm, Precondition> {
    /// What programs send that know nothing of types.
    const UNTYPED: [&str; 2] = ["application/octet-stream", "application/x-www-form-urlencoded"];
    let essence =
        content_type.map(|text| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    match essence.as_deref() {
        None | Some("") => Ok(BodyForm::Lines),
        Some(essence) if kind.media_types.contains(&essence) || UNTYPED.contains(&essence) => {
            Ok(BodyForm::Lines)
        }
        Some(essence) if kind.is_json(essence) => Ok(BodyForm::Json),
        Some(_) => Err(kind.unsupported_media.clone()),
    }
}

/// RFC 4918 section 9.7.1: what has no parent cannot be made.
pub(crate) fn no_parent(failure: Failure) -> Failure {
    match failure {
        Failure::Store(Error::Refusal(Refusal::NotFound(_))) => actix_web::http::StatusCode::CONFLICT.into(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::StatusCode;
    use storage::{Fault, Subject};

    #[test]
    fn after_a_fault_the_bytes_stay() {
        let refusals = [
            Failure::from(StatusCode::PRECONDITION_FAILED),
            Precondition::ValidCalendarData.into(),
            Refusal::NotFound(Subject::Item).into(),
        ];
        assert!(refusals.iter().all(is_refusal));
        for fault in [Fault::Closed, Fault::Database("the connection broke at COMMIT".to_owned())] {
            assert!(!is_refusal(&Failure::Store(Error::Fault(fault))));
        }
    }
}
