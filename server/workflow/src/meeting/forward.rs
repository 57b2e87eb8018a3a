//! A meeting is passed on to further people: from then on they are invited as all others are.
//!
//! Only the organiser invites. So whoever passes a meeting on has the organiser's own object say so, if the organiser is
//! somebody of this house who has invited them, and a mail in the organiser's Inbox tells of it. Of a meeting of another
//! house nobody here can do that.

use calendar::edit::{self, Field, Target};
use calendar::schedule::{Written, normal};
use calendar::{Attendee, AttendeeRole, Object, Organizer, Participation, UserType, Zone};
use mime::Mailbox;
use mime::compose::Draft;
use storage::{Account, Error, NewItem, Outgoing, Read, Refusal, ScheduleTag, Store, right};
use vocabulary::{CollectionId, EmailAddress, ItemId, Principal, Role, Timestamp};

use super::calendars::{Change, Stored, stored};
use super::delegate::check_sender;
use super::people::{Directory, HOUSE, Place, place_of};
use super::plan::{Known, Word, Writer, owner_addresses, plan_saying};
use super::respond::{AnswerError, in_calendar};
use crate::fresh_id::fresh_id;
use crate::ingest::ingest;
use crate::time_zone::time_zone;

/// Most people to whom a meeting is passed on at once.
pub const FORWARDEES_MAX: usize = 500;
/// How often it is prepared anew because somebody else wrote the object meanwhile.
const ATTEMPTS_MAX: usize = 4;

/// Somebody to whom a meeting is passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwardee {
    /// Name; may be empty.
    pub name: String,
    /// E-mail address.
    pub address: EmailAddress,
}

/// What is passed on, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forward {
    /// One occurrence of a series, by the moment at which it would begin or begins. `None`: all of it.
    pub occurrence: Option<Timestamp>,
    /// To whom.
    pub people: Vec<Forwardee>,
    /// A word to them and to the organiser.
    pub word: Option<String>,
}

/// Passes a meeting of a calendar on. What is to be told goes to [`deliver`](super::deliver). Durable when it returns; who
/// is invited already is not invited again.
///
/// # Errors
/// [`AnswerError::NoInvitation`] if it is nothing that the owner of the calendar organises or is invited to by somebody of
/// this house; [`AnswerError::NoOccurrence`]; [`Refusal::Denied`] for whoever may not send in the owner's name.
pub async fn forward(
    store: &Store,
    principal: &Principal,
    writer: &Writer,
    (collection, item): (CollectionId, ItemId),
    passed: &Forward,
) -> Result<Vec<Outgoing>, AnswerError> {
    let mut attempt = 1;
    loop {
        match attempt_once(store, principal, writer, (collection, item), passed).await {
            Err(AnswerError::Store(Error::Refusal(Refusal::Stale { .. }))) if attempt < ATTEMPTS_MAX => {
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

/// In whose calendar it is written, by whom, and what is there.
struct Seat {
    writer: Writer,
    principal: Principal,
    copy: Stored,
}

async fn attempt_once(
    store: &Store,
    principal: &Principal,
    writer: &Writer,
    (collection, item): (CollectionId, ItemId),
    Forward { occurrence, people, word }: &Forward,
) -> Result<Vec<Outgoing>, AnswerError> {
    let owner = &writer.owner;
    let invited = in_calendar(store, principal, owner.id, collection, item).await?;
    check_sender(store, writer).await?;
    let own = invited.copy.ok_or(AnswerError::NoInvitation)?;
    let Seat { writer: acting, principal, copy } = organizers(store, principal, writer, own).await?;
    let organizer = &acting.owner;
    let zone = time_zone(store, organizer.id, organizer.domain).await?;
    let bytes = with_guests(&copy.bytes, organizer, *occurrence, people, &zone)?;
    if bytes == copy.bytes[..] {
        return Ok(Vec::new());
    }
    let now = store.clock().now();
    let known = Known {
        addresses: owner_addresses(store, organizer, &[]).await?,
        directory: Directory::of(store, &[Some(&copy.bytes), Some(&bytes)]).await?,
        now,
    };
    let new: Vec<String> = people.iter().map(|one| normal(&one.address.to_string())).collect();
    let word = word.as_deref().filter(|word| !word.trim().is_empty());
    let said = word.map(|text| Word { text, to: &new });
    let mut planned =
        plan_saying(store, &acting, &known, Some(&copy.bytes), Written::Stored(&bytes), said).await?;
    let bytes = planned.rewritten.take().unwrap_or(bytes);
    let tag = match planned.schedule_tag {
        ScheduleTag::None => ScheduleTag::New,
        tag => tag,
    };
    let change = Change::prepare(store, organizer.id, Some(&copy), bytes, tag, now).await?;
    let change = change.ok_or(AnswerError::NoInvitation)?;
    let notice = match organizer.id == owner.id {
        true => None,
        false => {
            let mail = notice(owner, organizer, &copy.bytes, people, word, now)?;
            Some(ingest(store, organizer.id, mail.into()).await?)
        }
    };
    let letters = planned.letters;
    let (to, accounts) = (organizer.id, [organizer.id, acting.author.id]);
    let written = store.write(&principal, &accounts, move |tx| {
        change.make(tx)?;
        if let Some(notice) = notice {
            let inbox = tx.open_role::<right::Insert>(to, Role::Inbox)?;
            tx.insert(&inbox, &NewItem::mail(notice, now))?;
        }
        letters.post(tx)
    });
    Ok(written.await?)
}

/// The organiser's own object: the one that is passed on, or the one that invites.
async fn organizers(
    store: &Store,
    principal: &Principal,
    writer: &Writer,
    own: Stored,
) -> Result<Seat, AnswerError> {
    let object = Object::parse(&own.bytes).map_err(|_| AnswerError::NoInvitation)?;
    let addresses = owner_addresses(store, &writer.owner, &[]).await?;
    let organizer = object.components.iter().find_map(|component| component.organizer.as_ref());
    let address = match organizer {
        // An appointment of one's own becomes a meeting.
        None => return Ok(Seat { writer: writer.clone(), principal: principal.clone(), copy: own }),
        Some(organizer) if addresses.contains(&organizer.address) => {
            return Ok(Seat { writer: writer.clone(), principal: principal.clone(), copy: own });
        }
        Some(organizer) => normal(&organizer.address),
    };
    let place = move |tx: &Read<'_>| match place_of(tx, &tx.administer()?, &address)? {
        Place::Account(account) => tx.account(account).map(Some),
        Place::Group(_) | Place::Elsewhere | Place::Nowhere => Ok(None),
    };
    let organizer = store.read(&HOUSE, place).await?.ok_or(AnswerError::NoInvitation)?;
    let uid = calendar::schedule::uid_of(&own.bytes).ok_or(AnswerError::NoInvitation)?;
    let copy = stored(store, organizer.id, &uid).await?.ok_or(AnswerError::NoInvitation)?;
    // Whoever is not invited cannot invite: a copy may be forged.
    let theirs = Object::parse(&copy.bytes).map_err(|_| AnswerError::NoInvitation)?;
    let organizers_addresses = owner_addresses(store, &organizer, &[]).await?;
    let is_theirs = theirs.components.iter().any(|component| {
        component.organizer.as_ref().is_some_and(|one| organizers_addresses.contains(&one.address))
            && component.attendees.iter().any(|guest| addresses.contains(&guest.address))
    });
    if !is_theirs {
        return Err(AnswerError::NoInvitation);
    }
    Ok(Seat { writer: Writer::house_of(&organizer), principal: HOUSE.clone(), copy })
}

/// The object with further guests in it.
fn with_guests(
    bytes: &[u8],
    organizer: &Account,
    occurrence: Option<Timestamp>,
    people: &[Forwardee],
    zone: &Zone,
) -> Result<Vec<u8>, AnswerError> {
    let object = Object::parse(bytes).map_err(|_| AnswerError::NoInvitation)?;
    let Some(at) = occurrence else {
        let mut bytes = with_guests_in(bytes, Target::Master, organizer, people)?;
        // Occurrences that differ name their guests themselves.
        for component in &object.components {
            if let Some(recurrence) = &component.recurrence {
                bytes = with_guests_in(&bytes, Target::Occurrence(&recurrence.moment), organizer, people)?;
            }
        }
        return Ok(bytes);
    };
    if object.master().is_none() {
        return Err(AnswerError::NoOccurrence);
    }
    let moment = super::occurrence(&object, at, zone).ok_or(AnswerError::NoOccurrence)?.id;
    let bytes = edit::add_override(bytes, &moment).map_err(|_| AnswerError::NoOccurrence)?;
    with_guests_in(&bytes, Target::Occurrence(&moment), organizer, people)
}

fn with_guests_in(
    bytes: &[u8],
    target: Target<'_>,
    organizer: &Account,
    people: &[Forwardee],
) -> Result<Vec<u8>, AnswerError> {
    let object = Object::parse(bytes).map_err(|_| AnswerError::NoInvitation)?;
    let component = match target {
        Target::Master => object.master().or(object.components.first()),
        Target::Occurrence(moment) => object.components.iter().find(|component| {
            component.recurrence.as_ref().is_some_and(|recurrence| recurrence.moment == *moment)
        }),
    };
    let component = component.ok_or(AnswerError::NoOccurrence)?;
    let mut attendees = component.attendees.clone();
    let count = attendees.len();
    for person in people {
        let address = person.address.to_string();
        let is = |other: &str| normal(other) == normal(&address);
        let is_organizer = component.organizer.as_ref().is_some_and(|one| is(&one.address));
        if !is_organizer && !attendees.iter().any(|guest| is(&guest.address)) {
            attendees.push(Attendee {
                address,
                name: Some(person.name.clone()).filter(|name| !name.trim().is_empty()),
                user_type: UserType::Individual,
                role: AttendeeRole::Required,
                participation: Participation::NeedsAction,
                rsvp: true,
            });
        }
    }
    if attendees.len() == count {
        return Ok(bytes.to_vec());
    }
    let own = || Organizer { address: organizer.address.to_string(), name: Some(organizer.name.clone()) };
    let change = edit::Change {
        attendees: Field::Set(attendees),
        organizer: if component.organizer.is_none() { Field::Set(own()) } else { Field::Keep },
        ..edit::Change::default()
    };
    edit::change(bytes, target, &change).map_err(|_| AnswerError::NoInvitation)
}

/// What the organiser reads.
fn notice(
    by: &Account,
    organizer: &Account,
    meeting: &[u8],
    people: &[Forwardee],
    word: Option<&str>,
    now: Timestamp,
) -> storage::Result<Vec<u8>> {
    let object = Object::parse(meeting).ok();
    let master = object.as_ref().and_then(|object| object.master().or(object.components.first()));
    let summary = master.and_then(|master| master.summary.clone()).unwrap_or_default();
    let mailbox =
        |account: &Account| Mailbox { name: account.name.clone(), address: account.address.to_string() };
    let list: String = people.iter().map(|one| format!("  {} {}\r\n", one.name, one.address)).collect();
    let word = word.map(|word| format!("\r\n{word}\r\n")).unwrap_or_default();
    let text = format!("{} has forwarded your meeting \"{summary}\" to:\r\n\r\n{list}{word}", by.name);
    let id = format!("{}@{}", fresh_id()?, organizer.address.domain());
    let subject = format!("Meeting forwarded: {summary}");
    let draft = Draft {
        fields: vec![("Auto-Submitted".to_owned(), "auto-generated".to_owned())],
        ..Draft::plain(mailbox(by), mailbox(organizer), &subject, &text, now, &id)
    };
    Ok(draft.build())
}
