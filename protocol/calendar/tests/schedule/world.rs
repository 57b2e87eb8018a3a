//! An organiser, three guests and the messages between them.

use std::collections::{BTreeMap, BTreeSet};

use calendar::edit::{self, Change, Field, Target};
use calendar::schedule::{
    Actor, Addresses, Agent, Message, Plan, Received, Why, Written, receive, respond, write,
};
use calendar::{
    Attendee, AttendeeRole, Limits, Moment, Object, Participation, Status, UserType, Zone, occurrences,
};
use chrono::TimeDelta;
use vocabulary::Timestamp;

use super::given::{daily, status, utc};

pub(crate) const PARTIES: [&str; 4] =
    ["org@example.test", "anna@example.test", "ben@example.test", "cleo@example.test"];
const DAYS: i64 = 5;

/// What a party does.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Name(u8),
    MoveSeries(u8),
    MoveDay {
        day: u8,
        hours: u8,
    },
    NameDay {
        day: u8,
        name: u8,
    },
    LikeOthers {
        day: u8,
    },
    TakeOut {
        day: u8,
    },
    PutBack {
        day: u8,
    },
    CancelDay {
        day: u8,
    },
    Invite {
        day: Option<u8>,
        guest: u8,
    },
    Uninvite {
        day: Option<u8>,
        guest: u8,
    },
    Shorten(u8),
    Cancel(bool),
    Delete,
    Answer {
        guest: u8,
        day: Option<u8>,
        says: u8,
    },
    Decline {
        guest: u8,
        day: u8,
    },
    Alarm {
        guest: u8,
    },
    /// The client reads what is stored.
    Read {
        party: u8,
    },
    Deliver {
        which: u16,
        twice: bool,
    },
    Wait(u8),
}

/// A copy, what its client has read of it, and whether that may still be written (RFC 6638 section 3.2.10).
#[derive(Default, Clone)]
struct Seat {
    stored: Option<Vec<u8>>,
    read: Option<Vec<u8>>,
}

impl Seat {
    fn store(&mut self, bytes: Option<Vec<u8>>, keeps_tag: bool) {
        self.stored = bytes;
        if !keeps_tag {
            self.read = None;
        }
    }

    /// What the client writes on: what it has read, if its tag still stands.
    fn base(&mut self) -> Option<Vec<u8>> {
        if self.read.is_none() {
            self.read.clone_from(&self.stored);
        }
        self.read.clone()
    }
}

struct Letter {
    message: Message,
    is_silent: bool,
}

pub(crate) struct World {
    now: Timestamp,
    addresses: Vec<Addresses>,
    seats: Vec<Seat>,
    letters: Vec<Letter>,
}

impl World {
    pub(crate) fn new() -> Self {
        let addresses = PARTIES.iter().map(|party| Addresses::new(party, [])).collect();
        let seats = vec![Seat::default(); PARTIES.len()];
        let mut world = Self { now: utc("20300101T000000Z"), addresses, seats, letters: Vec::new() };
        let meeting = text(&daily()).replace("SUMMARY", "X-ODD;A=b:c\r\nSUMMARY").into_bytes();
        world.put(0, &meeting);
        world
    }

    fn actor(&self, party: usize) -> Actor<'_> {
        Actor { owner: &self.addresses[party], now: self.now, agent: Agent::Server }
    }

    fn post(&mut self, plan: &Plan) {
        // Each guest gets at most one message, of one kind.
        let recipients: Vec<&str> =
            plan.messages.iter().chain(&plan.refresh).map(|message| message.recipient.as_str()).collect();
        assert_eq!(recipients.iter().collect::<BTreeSet<_>>().len(), recipients.len(), "{recipients:?}");
        let letter = |is_silent| move |message: &Message| Letter { message: message.clone(), is_silent };
        self.letters.extend(plan.messages.iter().map(letter(false)));
        self.letters.extend(plan.refresh.iter().map(letter(true)));
    }

    fn put(&mut self, party: usize, bytes: &[u8]) {
        let old = self.seats[party].stored.clone();
        let Ok(plan) = write(&self.actor(party), old.as_deref(), Written::Stored(bytes), &status) else {
            return;
        };
        let stored = plan.rewritten.clone().unwrap_or_else(|| bytes.to_vec());
        // A write that changes nothing tells nothing.
        let again = write(&self.actor(party), Some(&stored), Written::Stored(&stored), &status)
            .expect("what is stored");
        assert_eq!((&again.rewritten, &again.messages, &again.refresh), (&None, &vec![], &vec![]));
        assert_eq!(lines_of_others(&stored), lines_of_others(bytes), "unknown lines are kept");
        self.seats[party].store(Some(stored), plan.keeps_tag);
        self.post(&plan);
    }

    pub(crate) fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Wait(seconds) => self.now.0 += i64::from(*seconds) * 400,
            Deed::Read { party } => {
                let seat = &mut self.seats[usize::from(*party)];
                seat.read.clone_from(&seat.stored);
            }
            Deed::Deliver { which, twice } => {
                if !self.letters.is_empty() {
                    let at = usize::from(*which) % self.letters.len();
                    self.deliver(at, !twice);
                }
            }
            Deed::Answer { guest, day, says } => self.answer(*guest, *day, *says),
            Deed::Decline { guest, day } => {
                self.edit(usize::from(*guest), |bytes| edit::add_exception(bytes, &day_at(*day)).ok())
            }
            Deed::Alarm { guest } => self.edit(usize::from(*guest), |bytes| {
                let alarm = calendar::Trigger::FromStart(calendar::Duration::from_seconds(-300));
                edit::change(bytes, Target::Master, &Change { alarm: Field::Set(alarm), ..Change::default() })
                    .ok()
            }),
            Deed::Delete => {
                if let Some(old) = self.seats[0].stored.clone() {
                    let written = Written::Removed { reply: true };
                    let plan = write(&self.actor(0), Some(&old), written, &status).expect("a removal");
                    self.seats[0].store(None, false);
                    self.post(&plan);
                }
            }
            deed => self.edit(0, |bytes| organize(bytes, deed)),
        }
    }

    fn edit(&mut self, party: usize, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
        let Some(base) = self.seats[party].base() else { return };
        if let Some(bytes) = change(&base) {
            self.put(party, &bytes);
        }
    }

    fn answer(&mut self, guest: u8, day: Option<u8>, says: u8) {
        let party = usize::from(guest);
        let Some(base) = self.seats[party].base() else { return };
        let says = [Participation::Accepted, Participation::Tentative, Participation::Declined]
            [usize::from(says % 3)];
        let is_out = |day: &Moment| {
            let object = Object::parse(&base).unwrap();
            object.master().is_some_and(|master| master.exceptions.contains(day))
        };
        let day = day.map(day_at);
        if day.as_ref().is_some_and(is_out) {
            return;
        }
        if let Ok(bytes) = respond(&self.actor(party), &base, day.as_ref(), says, None) {
            self.put(party, &bytes);
        }
    }

    /// Whether it is done with.
    fn deliver(&mut self, at: usize, is_last: bool) -> bool {
        let Letter { message, is_silent } = &self.letters[at];
        let (message, is_silent) = (message.clone(), *is_silent);
        let party = PARTIES.iter().position(|party| *party == message.recipient).expect("a party");
        let stored = self.seats[party].stored.clone();
        let received = receive(&self.actor(party), stored.as_deref(), &message.object, &message.sender);
        match received {
            Received::Store { bytes, keeps_tag, refresh, is_new } => {
                assert_eq!(is_new, stored.is_none());
                assert!(calendar::describe(&bytes).is_ok(), "{}", text(&bytes));
                self.seats[party].store(Some(bytes), keeps_tag);
                self.letters.extend(refresh.into_iter().map(|message| Letter { message, is_silent: true }));
            }
            // What was to be silent came before what it is about: in the house it cannot, so it waits.
            Received::Ignored(Why::Unknown) if is_silent && self.has_others(at) => return false,
            Received::Ignored(Why::Old | Why::Unknown) => {}
            other => panic!("{other:?} for {}", text(&message.object)),
        }
        if is_last {
            self.letters.remove(at);
        }
        true
    }

    fn has_others(&self, at: usize) -> bool {
        let recipient = &self.letters[at].message.recipient;
        self.letters.iter().any(|letter| !letter.is_silent && letter.message.recipient == *recipient)
    }

    /// Delivers everything that is on its way, in an order that `order` decides.
    pub(crate) fn settle(&mut self, order: &[u16]) {
        let mut order = order.iter().cycle();
        for _ in 0..10_000 {
            if self.letters.is_empty() {
                return;
            }
            let first = usize::from(*order.next().expect("an order"));
            let count = self.letters.len();
            assert!(
                (first..first + count).any(|at| self.deliver(at % count, true)),
                "all wait for each other"
            );
        }
        panic!("it never ends");
    }

    /// Every guest's copy says what the organiser's does.
    pub(crate) fn check(&self) {
        let organizers = self.seats[0].stored.as_deref();
        for (party, guest) in PARTIES.iter().enumerate().skip(1) {
            let (mut expected, out) = (shown(organizers, guest), self.seats[party].stored.as_deref());
            let mut found = shown(out, guest);
            // What a guest has taken out of his copy he has declined.
            let declines = |days: &Days| -> BTreeSet<Timestamp> {
                let is_declined =
                    |(_, day): &(&Timestamp, &Day)| day.people.get(*guest) == Some(&Participation::Declined);
                days.iter().filter(is_declined).map(|(at, _)| *at).collect()
            };
            let (declined, seen) = (declines(&expected), declines(&found));
            assert!(seen.is_subset(&declined), "{guest} has declined what the organiser does not know of");
            let hidden: Vec<Timestamp> = declined.difference(&seen).copied().collect();
            hidden.iter().for_each(|at| drop(expected.remove(at)));
            let out_of = out.map(|bytes| Object::parse(bytes).unwrap());
            let is_out = |at: &Timestamp| {
                let master = out_of.as_ref().and_then(|object| object.master());
                master.is_some_and(|master| {
                    master.exceptions.iter().any(|day| Zone::utc().instant(day.local()) == *at)
                })
            };
            assert!(
                hidden.iter().all(is_out),
                "{guest} does not see what the organiser thinks he has declined"
            );
            found.retain(|_, day| day.is_mine);
            assert_eq!(
                found,
                expected,
                "{guest}\n{}\n{}",
                text(out.unwrap_or_default()),
                text(organizers.unwrap_or_default())
            );
        }
    }
}

/// One occurrence as somebody sees it.
#[derive(Debug, PartialEq)]
struct Day {
    start: Timestamp,
    end: Timestamp,
    summary: Option<String>,
    people: BTreeMap<String, Participation>,
    is_mine: bool,
}

type Days = BTreeMap<Timestamp, Day>;

/// What takes place and names the guest.
fn shown(copy: Option<&[u8]>, guest: &str) -> Days {
    let Some(object) = copy.map(|bytes| Object::parse(bytes).unwrap()) else { return Days::new() };
    if object.master().is_some_and(|master| master.status == Some(Status::Cancelled)) {
        return Days::new();
    }
    let window = utc("20290101T000000Z")..utc("20350101T000000Z");
    let found = occurrences(&object, window, &Zone::utc(), &Limits::default()).occurrences;
    let day = |occurrence: calendar::Occurrence| {
        let component = &object.components[occurrence.component];
        let people: BTreeMap<String, Participation> = (component.attendees.iter())
            .map(|attendee| (attendee.address.clone(), attendee.participation))
            .collect();
        let day = Day {
            start: occurrence.start,
            end: occurrence.end,
            summary: component.summary.clone(),
            is_mine: people.contains_key(guest),
            people,
        };
        (component.status != Some(Status::Cancelled) && day.is_mine).then_some((occurrence.recurrence, day))
    };
    found.into_iter().filter_map(day).collect()
}

fn day_at(day: u8) -> Moment {
    let first = Moment::parse("20300107T100000Z", None).expect("a time");
    first.with_local(first.local() + TimeDelta::days(i64::from(day) % DAYS))
}

/// The organiser's changes.
fn organize(bytes: &[u8], deed: &Deed) -> Option<Vec<u8>> {
    let later =
        |moment: &Moment, hours: u8| moment.with_local(moment.local() + TimeDelta::hours(i64::from(hours)));
    let one_hour = |start: Moment| {
        let end = later(&start, 1);
        Change { start: Field::Set(start), end: Field::Set(end), ..Change::default() }
    };
    let name = |name: u8| Change { summary: Field::Set(format!("Name {name}")), ..Change::default() };
    let with_status = |status: Option<Status>| Change { status: status.into(), ..Change::default() };
    let on_day = |day: u8, change: &Change| {
        let day = day_at(day);
        let object = Object::parse(bytes).ok()?;
        let master = object.master()?;
        if master.exceptions.contains(&day) || master.start.as_ref()?.local().time() != day.local().time() {
            return None;
        }
        let bytes = edit::add_override(bytes, &day).ok()?;
        edit::change(&bytes, Target::Occurrence(&day), change).ok()
    };
    match deed {
        Deed::Name(new) => edit::change(bytes, Target::Master, &name(*new)).ok(),
        Deed::MoveSeries(hours) => {
            // As most clients do: what has been changed begins anew.
            let bytes = edit::drop_exceptions(bytes).ok()?;
            edit::change(&bytes, Target::Master, &one_hour(later(&day_at(0), hours % 3))).ok()
        }
        Deed::MoveDay { day, hours } => on_day(*day, &one_hour(later(&day_at(*day), *hours))),
        Deed::NameDay { day, name: new } => on_day(*day, &name(*new)),
        Deed::CancelDay { day } => on_day(*day, &with_status(Some(Status::Cancelled))),
        Deed::LikeOthers { day } => edit::remove_override(bytes, &day_at(*day)).ok(),
        Deed::TakeOut { day } => edit::add_exception(bytes, &day_at(*day)).ok(),
        Deed::PutBack { day } => edit::remove_exception(bytes, &day_at(*day)).ok(),
        Deed::Invite { day, guest } | Deed::Uninvite { day, guest } => {
            let guest = PARTIES[usize::from(*guest)];
            let invites = matches!(deed, Deed::Invite { .. });
            let change = |bytes: &[u8], target: Target<'_>| {
                let object = Object::parse(bytes).ok()?;
                let component = match target {
                    Target::Master => object.master()?,
                    Target::Occurrence(day) => {
                        object.override_at(Zone::utc().instant(day.local()), &Zone::utc())?
                    }
                };
                let mut attendees = component.attendees.clone();
                attendees.retain(|attendee| attendee.address != guest);
                if invites {
                    attendees.push(attendee(guest));
                }
                let attendees = Field::Set(attendees);
                edit::change(bytes, target, &Change { attendees, ..Change::default() }).ok()
            };
            match day {
                Some(day) => change(&on_day(*day, &Change::default())?, Target::Occurrence(&day_at(*day))),
                None => change(bytes, Target::Master),
            }
        }
        Deed::Shorten(count) => {
            let object = Object::parse(bytes).ok()?;
            let mut rule = object.master()?.rules.first()?.clone();
            rule.end = calendar::End::Count(u32::from(count % 5) + 1);
            edit::change(bytes, Target::Master, &Change { rule: Field::Set(rule), ..Change::default() }).ok()
        }
        Deed::Cancel(is_off) => {
            edit::change(bytes, Target::Master, &with_status(is_off.then_some(Status::Cancelled))).ok()
        }
        _ => None,
    }
}

fn attendee(address: &str) -> Attendee {
    Attendee {
        address: address.to_owned(),
        name: None,
        user_type: UserType::Individual,
        role: AttendeeRole::Required,
        participation: Participation::NeedsAction,
        rsvp: true,
    }
}

/// Lines that nobody here knows.
fn lines_of_others(bytes: &[u8]) -> BTreeSet<String> {
    text(bytes).lines().filter(|line| line.starts_with("X-ODD")).map(str::to_owned).collect()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
