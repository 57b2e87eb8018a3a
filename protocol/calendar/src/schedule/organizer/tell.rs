//! The messages of an organiser, each object written once for all who get the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vocabulary::Timestamp;

use super::super::compose::{Pieces, Ready, StatusLine, ready};
use super::super::copy::Copy;
use super::super::message::{Message, Method};
use super::super::{Actor, Refused};
use super::StatusOf;
use super::guests::{Part, guests};

/// Most guests whose copies are refreshed in silence when somebody answers: what one answer costs is what they all
/// weigh. In larger meetings guests learn of each other with the next REQUEST.
pub(in super::super) const REFRESHED_MAX: usize = 100;
/// Most octets of the different objects that one write makes.
const OBJECTS_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is told.
#[derive(Default)]
pub(super) struct Told {
    pub(super) messages: Vec<Message>,
    pub(super) refresh: Vec<Message>,
    /// SCHEDULE-STATUS by recipient.
    pub(super) statuses: BTreeMap<String, &'static str>,
}

/// Writes messages.
pub(super) struct Teller<'c> {
    sender: String,
    uid: String,
    /// SEQUENCE of what is cancelled: RFC 5546 section 3.2.5.
    next_sequence: u32,
    stamp: Timestamp,
    status: StatusOf<'c>,
    told: Told,
    bytes: usize,
}

impl<'c> Teller<'c> {
    pub(super) fn new(
        actor: &Actor<'_>,
        old: Option<&Copy<'_>>,
        stamp: Timestamp,
        status: StatusOf<'c>,
    ) -> Self {
        Self {
            sender: actor.owner.primary().to_owned(),
            uid: old.and_then(|old| old.object.uid()).unwrap_or_default().to_owned(),
            next_sequence: old.map_or(0, |old| old.sequence().saturating_add(1)),
            stamp,
            status,
            told: Told::default(),
            bytes: 0,
        }
    }

    pub(super) fn finish(self) -> Told {
        self.told
    }

    /// REQUEST: each gets all that concerns him, and nothing else (RFC 6638 section 3.2.6).
    pub(super) fn request(
        &mut self,
        copy: &Copy<'_>,
        recipients: &[(&String, &Part)],
        is_silent: bool,
    ) -> Result<(), Refused> {
        if recipients.is_empty() {
            return Ok(());
        }
        let how = Ready {
            stamp: self.stamp,
            sequence: None,
            status: StatusLine::Kept,
            attendees: None,
            is_short: false,
        };
        let bytes = ready(copy, &how);
        let pieces = Pieces::of(&bytes)?;
        let mut objects: BTreeMap<&Part, (Arc<[u8]>, u32)> = BTreeMap::new();
        for (address, part) in recipients {
            let (object, sequence) = match objects.get(part) {
                Some(known) => known.clone(),
                None => {
                    let object = view(&pieces, part, Method::Request, Some((self.stamp, is_silent)));
                    let made = (self.count(object)?, sequence_of(copy, part));
                    objects.insert(part, made.clone());
                    made
                }
            };
            self.send(copy, Method::Request, address, object, sequence, is_silent);
        }
        Ok(())
    }

    /// CANCEL of the whole.
    pub(super) fn cancel_all(
        &mut self,
        old: &Copy<'_>,
        recipients: BTreeMap<String, Part>,
    ) -> Result<(), Refused> {
        self.cancel(old, recipients, StatusLine::Cancelled)
    }

    /// CANCEL for those who are not invited any more.
    pub(super) fn uninvite(
        &mut self,
        old: &Copy<'_>,
        recipients: BTreeMap<String, Part>,
    ) -> Result<(), Refused> {
        self.cancel(old, recipients, StatusLine::Absent)
    }

    fn cancel(
        &mut self,
        old: &Copy<'_>,
        recipients: BTreeMap<String, Part>,
        status: StatusLine,
    ) -> Result<(), Refused> {
        if recipients.is_empty() {
            return Ok(());
        }
        let named: BTreeSet<&str> = recipients.keys().map(String::as_str).collect();
        let attendees = (status == StatusLine::Absent).then_some(&named);
        let how = Ready {
            stamp: self.stamp,
            sequence: Some(self.next_sequence),
            status,
            attendees,
            is_short: false,
        };
        let bytes = ready(old, &how);
        let pieces = Pieces::of(&bytes)?;
        let mut objects: BTreeMap<&Part, Arc<[u8]>> = BTreeMap::new();
        for (address, part) in &recipients {
            let object = match objects.get(part) {
                Some(known) => known.clone(),
                None => {
                    let components: Vec<Cow<'_, [u8]>> = match pieces.copy.master().filter(|_| part.master) {
                        Some(master) => vec![pieces.component(master)],
                        None => part.overrides.iter().map(|(_, at)| pieces.component(*at)).collect(),
                    };
                    let object = pieces.message(Method::Cancel, Some((self.stamp, false)), components);
                    let object = self.count(object)?;
                    objects.insert(part, object.clone());
                    object
                }
            };
            self.send(old, Method::Cancel, address, object, self.next_sequence, false);
        }
        Ok(())
    }

    /// CANCEL of single occurrences.
    pub(super) fn cancel_occurrences(
        &mut self,
        old: &Copy<'_>,
        for_all: &[Timestamp],
        recipients: Vec<(&String, bool, Vec<Timestamp>)>,
    ) -> Result<(), Refused> {
        if recipients.is_empty() {
            return Ok(());
        }
        let status = StatusLine::Cancelled;
        let how = Ready {
            stamp: self.stamp,
            sequence: Some(self.next_sequence),
            status,
            attendees: None,
            is_short: true,
        };
        let bytes = ready(old, &how);
        let pieces = Pieces::of(&bytes)?;
        let mut objects: BTreeMap<(bool, Vec<Timestamp>), Arc<[u8]>> = BTreeMap::new();
        for (address, is_for_all, occurrences) in recipients {
            let which = (is_for_all, occurrences);
            let object = match objects.get(&which) {
                Some(known) => known.clone(),
                None => {
                    let common = for_all.iter().filter(|_| which.0);
                    let components = common.chain(&which.1).map(|occurrence| pieces.occurrence(*occurrence));
                    let object = self.count(pieces.message(Method::Cancel, None, components))?;
                    objects.insert(which, object.clone());
                    object
                }
            };
            self.send(old, Method::Cancel, address, object, self.next_sequence, false);
        }
        Ok(())
    }

    fn count(&mut self, object: Vec<u8>) -> Result<Arc<[u8]>, Refused> {
        self.bytes = self.bytes.saturating_add(object.len());
        if self.bytes > OBJECTS_BYTES_MAX { Err(Refused::TooMany) } else { Ok(object.into()) }
    }

    fn send(
        &mut self,
        copy: &Copy<'_>,
        method: Method,
        recipient: &str,
        object: Arc<[u8]>,
        sequence: u32,
        is_silent: bool,
    ) {
        let sender = copy.organizer().map_or(&self.sender, |organizer| &organizer.address).clone();
        let uid = copy.object.uid().unwrap_or(&self.uid).to_owned();
        let message = Message { method, sender, recipient: recipient.to_owned(), object, uid, sequence };
        if is_silent {
            self.told.refresh.push(message);
            return;
        }
        let status = (self.status)(recipient);
        self.told.statuses.insert(recipient.to_owned(), status);
        if is_deliverable(status) {
            self.told.messages.push(message);
        }
    }
}

/// Whether a delivery status means that somebody gets the message: RFC 6638 section 3.2.9.
pub(in super::super) fn is_deliverable(status: &str) -> bool {
    !status.starts_with(['3', '5'])
}

/// All that a guest is invited to.
fn view(pieces: &Pieces<'_>, part: &Part, method: Method, as_of: Option<(Timestamp, bool)>) -> Vec<u8> {
    let mut components = Vec::new();
    if let Some(master) = pieces.copy.master().filter(|_| part.master) {
        let mut mine = part.overrides.iter().peekable();
        let mut others = Vec::new();
        for (recurrence, _) in pieces.copy.overrides() {
            if mine.next_if(|(own, _)| *own == recurrence).is_none() {
                others.push(recurrence);
            }
        }
        components.push(pieces.series_without(master, &others));
    }
    components.extend(part.overrides.iter().map(|(_, at)| pieces.component(*at)));
    pieces.message(method, as_of, components)
}

fn sequence_of(copy: &Copy<'_>, part: &Part) -> u32 {
    let master = copy.master().filter(|_| part.master);
    let overrides = part.overrides.iter().map(|(_, at)| *at);
    let components = master.into_iter().chain(overrides).filter_map(|at| copy.component(at));
    components.map(|component| component.sequence).max().unwrap_or(0)
}

/// The state of things in silence, for all guests who can be told of each other, but for `but` only if `is_late`.
pub(in super::super) fn refresh(
    actor: &Actor<'_>,
    copy: &Copy<'_>,
    but: &str,
    is_late: bool,
    is_own: &dyn Fn(&str) -> bool,
) -> Vec<Message> {
    let guests = guests(copy, is_own);
    let tells_others = guests.len() <= REFRESHED_MAX;
    let is_told = |address: &str| if address == but { is_late } else { tells_others };
    let recipients: Vec<(&String, &Part)> = guests.iter().filter(|(address, _)| is_told(address)).collect();
    let stamp = copy.stamp().unwrap_or(actor.now);
    let mut teller = Teller::new(actor, None, stamp, &|_| "1.2");
    match teller.request(copy, &recipients, true) {
        Ok(()) => teller.finish().refresh,
        Err(_) => Vec::new(),
    }
}

/// The state of things for one who asks for it (RFC 5546 section 3.2.6).
pub(in super::super) fn request_for(
    actor: &Actor<'_>,
    copy: &Copy<'_>,
    recipient: &str,
    is_own: &dyn Fn(&str) -> bool,
) -> Vec<Message> {
    let guests = guests(copy, is_own);
    let Some((address, part)) = guests.get_key_value(recipient) else { return Vec::new() };
    let stamp = copy.stamp().unwrap_or(actor.now);
    let mut teller = Teller::new(actor, None, stamp, &|_| "1.2");
    match teller.request(copy, &[(address, part)], false) {
        Ok(()) => teller.finish().messages,
        Err(_) => Vec::new(),
    }
}
