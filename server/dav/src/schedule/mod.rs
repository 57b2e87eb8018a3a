//! Scheduling: RFC 6638. What a write means to others is planned before its transaction, posted inside it, and delivered
//! after it; `workflow::meeting` does all three.

mod inbox;
mod outbox;
mod people;

pub(crate) use inbox::patch as patch_inbox;
pub(crate) use outbox::run as post_to_outbox;

use bytes::Bytes;
use calendar::schedule::{Agent, Refused, Written};
use dav_wire::property::{Component, MediaType};
use dav_wire::{Precondition, Property, Value};
use storage::{Account, Item, Outgoing, Refusal, Stored};
use vocabulary::{ContentId, Home, ModSeq};
use workflow::meeting::{self, PlanError, Planned, Writer};

use crate::address::FolderAddress;
use crate::call::{Answer, Call, Failure};
use crate::kind::Kind;
use crate::location;

/// An item as a write found it.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    content: ContentId,
    bytes: Bytes,
}

/// What a write was planned against.
#[derive(Debug, Clone)]
pub(crate) enum Against {
    /// Neither what is there nor what is written is a meeting.
    NoMeeting,
    /// The item that is there, if there is one.
    Item(Option<Before>),
}

impl Against {
    /// # Errors
    /// As [`storage::Store::load`].
    pub(crate) async fn item(call: &Call, found: Option<(Item, Stored)>) -> Answer<Self> {
        let Some((item, stored)) = found else { return Ok(Self::Item(None)) };
        let bytes = call.store().load(stored).await?;
        Ok(Self::Item(Some(Before { content: item.content, bytes })))
    }

    /// Checks that the plan still holds for what is there now.
    ///
    /// # Errors
    /// [`Refusal::Stale`].
    pub(crate) fn check(&self, now: Option<&Item>) -> storage::Result<()> {
        let holds = match self {
            Self::NoMeeting => now.is_none_or(|item| item.schedule_modseq.is_none()),
            Self::Item(before) => {
                before.as_ref().map(|before| before.content) == now.map(|item| item.content)
            }
        };
        let current = now.map_or(ModSeq::ZERO, |item| item.content_modseq);
        if holds { Ok(()) } else { Err(Refusal::Stale { current }.into()) }
    }
}

/// Somebody who writes in a calendar of `owner`.
pub(crate) fn writer(call: &Call, owner: &Account, agent: Agent) -> Writer {
    Writer {
        owner: owner.clone(),
        author: call.account().clone(),
        agent,
        uris: vec![location::principal(&owner.address).to_string()],
    }
}

/// What a write to a collection amounts to. What is no calendar concerns nobody else.
pub(crate) async fn plan(
    call: &Call,
    address: &FolderAddress,
    agent: Agent,
    against: &Against,
    written: Written<'_>,
) -> Answer<Planned> {
    let before = match against {
        Against::Item(before) if address.home == Home::Calendars => before,
        Against::Item(_) | Against::NoMeeting => return Ok(Planned::unscheduled()),
    };
    let old = before.as_ref().map(|before| &before.bytes[..]);
    let old_by_mail = old.and_then(people::readdressed);
    let old = old_by_mail.as_deref().or(old);
    let by_mail = match written {
        Written::Stored(bytes) => people::readdressed(bytes),
        Written::Removed { .. } => None,
    };
    let written = by_mail.as_deref().map_or(written, Written::Stored);
    let planned = meeting::plan(call.store(), &writer(call, &address.owner, agent), old, written).await;
    let mut planned = planned.map_err(|error| failure(error, address))?;
    if planned.is_scheduled() {
        planned.rewritten = planned.rewritten.take().or(by_mail);
    }
    Ok(planned)
}

/// What RFC 6638 section 3.2.4 calls the rule that forbids a write.
pub(crate) fn failure(error: PlanError, address: &FolderAddress) -> Failure {
    match error {
        PlanError::Store(error) => error.into(),
        PlanError::Refused(refused) => match refused {
            Refused::AttendeeChange => Precondition::AllowedAttendeeSchedulingObjectChange.into(),
            Refused::OrganizerChange => Precondition::AllowedOrganizerSchedulingObjectChange.into(),
            Refused::SameOrganizer => Precondition::SameOrganizerInAllComponents.into(),
            Refused::TooMany => Precondition::MaxAttendeesPerInstance.into(),
            Refused::Invalid(_) if address.home == Home::Calendars => {
                Precondition::ValidCalendarObjectResource.into()
            }
            Refused::Invalid(_) => Kind::of_folder(address.home).unsupported_media.clone().into(),
        },
    }
}

/// Delivers what was posted.
pub(crate) async fn deliver(call: &Call, posted: Vec<Outgoing>) {
    meeting::deliver_in_task(call.store(), &call.context.tasks, posted).await;
}

/// Whether the user may ask and send in somebody's name: the owner, and the members of the owner's
/// `calendar-proxy-write` (`proxy.rs`).
pub(crate) async fn may_act_for(call: &Call, owner: &Account) -> Answer<bool> {
    Ok(meeting::may_send_for(call.store(), call.account().id, owner.id).await?)
}

/// Properties of an outbox: RFC 6638 section 2.1.
pub(crate) fn outbox_value(property: Property) -> Option<Value> {
    match property {
        Property::DisplayName => Some(Value::Text("Outbox".to_owned())),
        Property::SupportedCalendarData => Some(Value::MediaTypes(vec![MediaType::ICALENDAR])),
        Property::SupportedCalendarComponentSet => Some(Value::Components(vec![Component::FreeBusy])),
        _ => None,
    }
}
