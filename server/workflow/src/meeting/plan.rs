//! What a write of an event or task amounts to, before its transaction.

use calendar::schedule::{self, Actor, Addresses, Agent, Refused, Role, Written};
use storage::{Account, Read, ScheduleTag, Store};
use vocabulary::Timestamp;

use super::commit::Letters;
use super::delegate::check_sender;
use super::people::{Directory, HOUSE, addresses_of};

/// In whose calendar somebody writes.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The owner of the calendar: messages are from the owner, whoever writes.
    pub owner: Account,
    /// Who writes: the owner, or a delegate, whom mails name as their sender.
    pub author: Account,
    /// Whether the client sends the messages itself.
    pub agent: Agent,
    /// Further URIs by which objects may name the owner, such as that of the principal.
    pub uris: Vec<String>,
}

impl Writer {
    /// The house acts for the owner.
    pub(super) fn house_of(owner: &Account) -> Self {
        Self { owner: owner.clone(), author: owner.clone(), agent: Agent::Server, uris: Vec::new() }
    }
}

/// What a write amounts to.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The bytes to be stored in place of those that were sent; `None`: those.
    pub rewritten: Option<Vec<u8>>,
    /// What the stored item is to say of its schedule tag.
    pub schedule_tag: ScheduleTag,
    /// What is to be told, and to whom.
    pub letters: Letters,
}

impl Planned {
    /// Nobody but the owner is concerned.
    #[must_use]
    pub fn unscheduled() -> Self {
        Self { rewritten: None, schedule_tag: ScheduleTag::None, letters: Letters::default() }
    }

    /// Whether the owner is the organiser or an attendee of it.
    #[must_use]
    pub fn is_scheduled(&self) -> bool {
        self.schedule_tag != ScheduleTag::None
    }
}

/// Why a write is not planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A rule of scheduling forbids it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store refuses or is broken.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

/// Plans a write. `old` are the bytes of the item that it replaces or removes; the transaction that carries it out
/// must find that item unchanged.
///
/// # Errors
/// [`PlanError::Refused`] for what an organiser or attendee may not change; [`storage::Refusal::Denied`] for what would have
/// to be told in the owner's name, by the server or by the client, if the author is neither the owner nor a delegate.
pub async fn plan(
    store: &Store,
    writer: &Writer,
    old: Option<&[u8]>,
    written: Written<'_>,
) -> Result<Planned, PlanError> {
    let new = match written {
        Written::Stored(new) => Some(new),
        Written::Removed { .. } => None,
    };
    if !old.into_iter().chain(new).any(names_somebody) {
        return Ok(Planned::unscheduled());
    }
    let addresses = owner_addresses(store, &writer.owner, &writer.uris).await?;
    let directory = Directory::of(store, &[old, new]).await?;
    let now = store.clock().now();
    plan_with(store, writer, &Known { addresses, directory, now }, old, written).await
}

/// What planning needs to know of people.
pub(super) struct Known {
    pub(super) addresses: Addresses,
    pub(super) directory: Directory,
    pub(super) now: Timestamp,
}

impl Known {
    pub(super) fn actor(&self, agent: Agent) -> Actor<'_> {
        Actor { owner: &self.addresses, now: self.now, agent }
    }
}

/// A word of whoever writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    /// Who reads it, by their addresses in normal form.
    pub(super) to: &'a [String],
}

pub(super) async fn plan_with(
    store: &Store,
    writer: &Writer,
    known: &Known,
    old: Option<&[u8]>,
    written: Written<'_>,
) -> Result<Planned, PlanError> {
    plan_saying(store, writer, known, old, written, None).await
}

/// [`plan_with`], with a word beside it in the messages to some.
pub(super) async fn plan_saying(
    store: &Store,
    writer: &Writer,
    known: &Known,
    old: Option<&[u8]>,
    written: Written<'_>,
    word: Option<Word<'_>>,
) -> Result<Planned, PlanError> {
    let status = |address: &str| known.directory.status(address);
    let mut plan = schedule::write(&known.actor(writer.agent), old, written, &status)?;
    let schedule_tag = match (plan.role, plan.keeps_tag) {
        (Role::None, _) => ScheduleTag::None,
        (Role::Organizer | Role::Attendee, true) => ScheduleTag::Kept,
        (Role::Organizer | Role::Attendee, false) => ScheduleTag::New,
    };
    if let Some(word) = word {
        schedule::comment(&mut plan.messages, word.text, |recipient| {
            word.to.iter().any(|one| one == recipient)
        });
    }
    let told = Letters::of(store, writer, &known.directory, plan.messages).await?;
    let letters = told.and(Letters::refreshing(writer.author.id, &known.directory, plan.refresh));
    let concerns_others = match writer.agent {
        Agent::Server => !letters.is_empty(),
        Agent::Client if writer.author.id == writer.owner.id => false,
        // Of the same write the server would tell.
        Agent::Client => {
            let plan = schedule::write(&known.actor(Agent::Server), old, written, &status)?;
            !plan.messages.is_empty() || !plan.refresh.is_empty()
        }
    };
    if concerns_others {
        check_sender(store, writer).await?;
    }
    Ok(Planned { rewritten: plan.rewritten, schedule_tag, letters })
}

pub(crate) async fn owner_addresses(
    store: &Store,
    owner: &Account,
    uris: &[String],
) -> storage::Result<Addresses> {
    let (owner, uris) = (owner.clone(), uris.to_vec());
    store.read(&HOUSE, move |tx: &Read<'_>| addresses_of(tx, &owner, &uris)).await
}

/// Whether an address is one of an account, in whatever spelling.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn is_address_of(store: &Store, account: &Account, address: &str) -> storage::Result<bool> {
    Ok(owner_addresses(store, account, &[]).await?.contains(address))
}

/// Whether an object has an organiser or attendees: most have neither, and are not looked at any further.
#[must_use]
pub fn names_somebody(bytes: &[u8]) -> bool {
    const NAMES: [&[u8]; 2] = [b"ORGANIZER", b"ATTENDEE"];
    let begins = |line: &[u8]| {
        NAMES.iter().any(|name| {
            line.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
                && matches!(line.get(name.len()), Some(b':' | b';' | b'\r') | None)
        })
    };
    bytes.split(|byte| *byte == b'\n').any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_name_people_make_a_meeting() {
        for (line, expected) in [
            ("ATTENDEE:mailto:a@x.test", true),
            ("organizer;CN=A:mailto:a@x.test", true),
            ("ATTENDEE\r\n ;CN=A:mailto:a@x.test", true),
            ("DESCRIPTION:ATTENDEE:x", false),
            (" ATTENDEE:x", false),
            ("ATTENDEES:x", false),
            ("ORGANIZER-X:x", false),
        ] {
            let bytes = format!("BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\n");
            assert_eq!(names_somebody(bytes.as_bytes()), expected, "{line}");
        }
    }
}
