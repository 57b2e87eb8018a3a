//! Accept, decline or hesitate where no calendar program edits the object: on phones.

use calendar::schedule::{self, Addresses, Agent, Method, Received, Written};
use calendar::{Component, Moment, Object, Participation, Zone};
use mime::Message;
use storage::{Account, Error, Outgoing, Read, Refusal, ScheduleTag, Store, Subject, right};
use vocabulary::{AccountId, CollectionId, ItemId, Principal, Timestamp};

use super::calendars::{Change, Stored, stored};
use super::commit::Letters;
use super::delegate::check_sender;
use super::occurrence::occurrence;
use super::people::{Directory, HOUSE, Place, place_of};
use super::plan::{Known, PlanError, Writer, owner_addresses, plan_with};
use super::repeat::{remember, repeated};
use crate::submit::ClientRequest;
use crate::time_zone::time_zone;

/// How often an answer is prepared anew because somebody else wrote the object meanwhile.
const ATTEMPTS_MAX: usize = 4;

/// The meeting that is answered.
#[derive(Debug, Clone, Copy)]
pub enum Meeting<'a> {
    /// An item of one of the owner's calendars.
    Item(CollectionId, ItemId),
    /// A mail that invites the owner.
    Mail(&'a [u8]),
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Yes, no or perhaps.
    pub participation: Participation,
    /// The occurrence of a series that is meant, by the moment at which it would begin, or begins now. `None`: all that
    /// is invited to, which of a mail can be single occurrences.
    pub occurrence: Option<Timestamp>,
    /// A word to the organiser.
    pub comment: Option<String>,
    /// Another time that would suit better.
    pub proposed: Option<(Timestamp, Timestamp)>,
    /// By what a repeat is known, and what tells this answer from others.
    pub request: Option<(ClientRequest, Vec<u8>)>,
}

/// What became of an answer.
#[derive(Debug)]
pub struct Answered {
    /// Where the owner's copy is; `None`: it is gone, because the whole meeting was declined.
    pub item: Option<(CollectionId, ItemId)>,
    /// To be given to [`deliver`](super::deliver).
    pub posted: Vec<Outgoing>,
}

/// Why an answer is not possible.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Nothing that the owner is invited to.
    #[error("no invitation")]
    NoInvitation,
    /// An occurrence of what is no series, or one that it does not have.
    #[error("no such occurrence")]
    NoOccurrence,
    /// The store refuses or is broken.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

impl From<PlanError> for AnswerError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Store(error) => Self::Store(error),
            PlanError::Refused(_) => Self::NoInvitation,
        }
    }
}

/// Answers a meeting in the owner's calendar, and tells the organiser unless the client does that itself. Durable when
/// it returns.
///
/// # Errors
/// [`AnswerError`].
pub async fn respond(
    store: &Store,
    principal: &Principal,
    writer: &Writer,
    meeting: Meeting<'_>,
    response: &Response,
) -> Result<Answered, AnswerError> {
    let mut attempt = 1;
    loop {
        match attempt_once(store, principal, writer, meeting, response).await {
            Err(AnswerError::Store(Error::Refusal(Refusal::Stale { .. }))) if attempt < ATTEMPTS_MAX => {
                attempt += 1;
                // Perhaps it was this very answer that came first.
                if let Some((request, said)) = &response.request
                    && let Some(answered) = repeated(store, principal, writer.owner.id, request, said).await?
                {
                    return Ok(answered);
                }
            }
            outcome => return outcome,
        }
    }
}

/// What is answered: the copy that is there, and its bytes or those that the invitation makes.
pub(super) struct Invited {
    pub(super) copy: Option<Stored>,
    pub(super) bytes: Vec<u8>,
    /// To which occurrences the invitation invites, if not to the whole.
    named: Vec<Timestamp>,
}

async fn attempt_once(
    store: &Store,
    principal: &Principal,
    writer: &Writer,
    meeting: Meeting<'_>,
    response: &Response,
) -> Result<Answered, AnswerError> {
    let owner = &writer.owner;
    let addresses = owner_addresses(store, owner, &writer.uris).await?;
    let now = store.clock().now();
    let mut known = Known { addresses, directory: Directory::default(), now };
    let invited = match meeting {
        Meeting::Item(collection, id) => in_calendar(store, principal, owner.id, collection, id).await?,
        Meeting::Mail(mail) => in_mail(store, &known, owner, mail).await?,
    };
    let zone = time_zone(store, owner.id, owner.domain).await?;
    let meant = Occurrences::of(&invited, response.occurrence, &zone)?;
    let actor = known.actor(Agent::Server);
    let comment = response.comment.as_deref().filter(|comment| !comment.trim().is_empty());
    let respond = |bytes: &[u8], occurrence: Option<&Moment>| {
        schedule::respond(&actor, bytes, occurrence, response.participation, comment)
            .map_err(|_| AnswerError::NoInvitation)
    };
    let answered = match meant.ids.split_first() {
        None => respond(&invited.bytes, None)?,
        Some((first, others)) => {
            let answered = respond(&invited.bytes, Some(first))?;
            others.iter().try_fold(answered, |answered, id| respond(&answered, Some(id)))?
        }
    };
    known.directory = Directory::of(store, &[Some(&invited.bytes), Some(&answered)]).await?;
    // Who proposes another time says so, and nothing else.
    let agent = if response.proposed.is_some() { Agent::Client } else { writer.agent };
    let writing = Writer { agent, ..writer.clone() };
    let mut planned =
        plan_with(store, &writing, &known, Some(&invited.bytes), Written::Stored(&answered)).await?;
    if let Some((start, end)) = response.proposed.filter(|_| writer.agent == Agent::Server) {
        let utc = |at| Moment::Utc(Zone::utc().local(at));
        let actor = known.actor(Agent::Server);
        let (start, end) = (utc(start), utc(end));
        let message = schedule::propose(&actor, &invited.bytes, meant.ids.first(), &start, &end, comment)
            .map_err(|_| AnswerError::NoInvitation)?;
        let letters = Letters::of(store, writer, &known.directory, vec![message]).await?;
        check_sender(store, writer).await?;
        planned.letters = planned.letters.and(letters);
    }
    let is_gone =
        response.participation == Participation::Declined && meant.are_all && response.proposed.is_none();
    let bytes = planned.rewritten.take().unwrap_or(answered);
    let tag = match planned.schedule_tag {
        ScheduleTag::None => ScheduleTag::New,
        tag => tag,
    };
    let change = Change::prepare(store, owner.id, invited.copy.as_ref(), bytes, tag, now).await?;
    let change = change.ok_or(AnswerError::NoInvitation)?;
    let letters = planned.letters;
    let (owner, accounts) = (owner.id, [owner.id, writer.author.id]);
    let uid = schedule::uid_of(&invited.bytes).unwrap_or_default();
    let said = |(request, said): &(ClientRequest, Vec<u8>)| (request.clone(), store.fingerprint(owner, said));
    let request = response.request.as_ref().map(said);
    let written = store.write(principal, &accounts, move |tx| {
        let item = match is_gone {
            true => change.remove(tx)?,
            false => Some(change.make(tx)?),
        };
        if let Some(request) = &request {
            remember(tx, owner, request, item, &uid)?;
        }
        Ok(Answered { item, posted: letters.post(tx)? })
    });
    Ok(written.await?)
}

pub(super) async fn in_calendar(
    store: &Store,
    principal: &Principal,
    owner: AccountId,
    collection: CollectionId,
    id: ItemId,
) -> Result<Invited, AnswerError> {
    let find = move |tx: &Read<'_>| {
        let grant = tx.open::<right::ReadItems>(owner, collection)?;
        let item = tx.item_by_id(&grant, id)?.filter(|item| !item.vanished && item.component.is_some());
        let item = item.ok_or(Refusal::NotFound(Subject::Item))?;
        let content = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
        let (_, content) = content.ok_or(Refusal::NotFound(Subject::Content))?;
        Ok((item, content))
    };
    let (item, content) = match store.read(principal, find).await {
        Err(Error::Refusal(Refusal::NotFound(_))) => return Err(AnswerError::NoInvitation),
        found => found?,
    };
    let bytes = store.load(content).await?;
    Ok(Invited { bytes: bytes.to_vec(), copy: Some(Stored { collection, item, bytes }), named: Vec::new() })
}

/// The copy in the calendar, which may be newer than the mail; else what the mail would have made.
async fn in_mail(store: &Store, known: &Known, owner: &Account, mail: &[u8]) -> Result<Invited, AnswerError> {
    let object = Message::parse(mail).calendar_body().ok_or(AnswerError::NoInvitation)?.into_bytes();
    let is_request = schedule::brief(&object).is_some_and(|brief| brief.method == Method::Request);
    let uid = schedule::uid_of(&object).filter(|_| is_request).ok_or(AnswerError::NoInvitation)?;
    let parsed = Object::parse(&object).map_err(|_| AnswerError::NoInvitation)?;
    let named = match parsed.master() {
        Some(_) => Vec::new(),
        None => {
            let zone = time_zone(store, owner.id, owner.domain).await?;
            let ids = parsed.overrides().filter_map(|component| component.recurrence.as_ref());
            ids.map(|id| parsed.recurrence_instant(&id.moment, &zone)).collect()
        }
    };
    if let Some(copy) = stored(store, owner.id, &uid).await? {
        return Ok(Invited { bytes: copy.bytes.to_vec(), copy: Some(copy), named });
    }
    let organizer = parsed.components.iter().find_map(|component| component.organizer.as_ref());
    let organizer = organizer.ok_or(AnswerError::NoInvitation)?;
    let from = schedule::normal(&organizer.address);
    if !may_be_of(store, &from, &uid, &known.addresses).await? {
        return Err(AnswerError::NoInvitation);
    }
    match schedule::receive(&known.actor(Agent::Server), None, &object, &from) {
        Received::Store { bytes, .. } => Ok(Invited { copy: None, bytes, named }),
        Received::Ignored(_) | Received::Show | Received::Answer(_) => Err(AnswerError::NoInvitation),
    }
}

/// Whether a mail that made no copy may be an invitation of this organiser. What proved its sender is not known any
/// more: so somebody of this house must have the meeting and name the guest in it, or a forged mail would do by its answer
/// what it could not do by itself. Nobody can ask that of another house.
async fn may_be_of(store: &Store, organizer: &str, uid: &str, guest: &Addresses) -> storage::Result<bool> {
    let organizer = organizer.to_owned();
    let place = store.read(&HOUSE, move |tx: &Read<'_>| place_of(tx, &tx.administer()?, &organizer));
    let account = match place.await? {
        Place::Elsewhere => return Ok(true),
        Place::Account(account) => account,
        Place::Group(_) | Place::Nowhere => return Ok(false),
    };
    let Some(copy) = stored(store, account, uid).await? else { return Ok(false) };
    let Ok(object) = Object::parse(&copy.bytes) else { return Ok(false) };
    let mut attendees = object.components.iter().flat_map(|component| &component.attendees);
    Ok(attendees.any(|attendee| guest.contains(&attendee.address)))
}

/// What is answered of a meeting.
struct Occurrences {
    /// None: the whole.
    ids: Vec<Moment>,
    /// Whether nothing is left beside them.
    are_all: bool,
}

impl Occurrences {
    /// What the client names; else what the invitation is about.
    fn of(invited: &Invited, named: Option<Timestamp>, zone: &Zone) -> Result<Self, AnswerError> {
        let moments = named.map_or_else(|| invited.named.clone(), |at| vec![at]);
        if moments.is_empty() {
            return Ok(Self { ids: Vec::new(), are_all: true });
        }
        let object = Object::parse(&invited.bytes).map_err(|_| AnswerError::NoInvitation)?;
        if object.master().is_some_and(|master| !master.is_recurring()) {
            return Err(AnswerError::NoOccurrence);
        }
        let id = |at: Timestamp| Some(occurrence(&object, at, zone)?.id);
        let ids: Option<Vec<Moment>> = moments.into_iter().map(id).collect();
        let ids = ids.ok_or(AnswerError::NoInvitation)?;
        let is_meant = |component: &Component| {
            component.recurrence.as_ref().is_some_and(|own| ids.contains(&own.moment))
        };
        let are_all = object.components.iter().all(is_meant);
        Ok(Self { ids, are_all })
    }
}
