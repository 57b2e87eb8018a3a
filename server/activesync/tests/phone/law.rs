//! The law of synchronisation: whatever happens in whatever order, when everything goes quiet every
//! phone shows the folder as it is within its filter; nothing was made or sent twice; no change that
//! was taken is lost; no phone was told to begin anew without a reason; the row stays small.

use activesync_wire::server_id::{FolderId, ServerId};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use vocabulary::{AccountId, CollectionKind, Flags, ItemId, Rights, Role, Timestamp};

use crate::phone::{Answer, Did, Phone, Shown};
use crate::world::{DAY_MS, World, editor, flagged, on_each_database, seen};

/// Something happens. `phone` and `which` are taken modulo what there is.
#[derive(Debug, Clone)]
enum Event {
    /// Mail comes, or is appended with an old date.
    Mail {
        phone: usize,
        days_ago: i64,
    },
    SeenElsewhere {
        phone: usize,
        which: usize,
        on: bool,
    },
    FlaggedElsewhere {
        phone: usize,
        which: usize,
        on: bool,
    },
    RemovedElsewhere {
        phone: usize,
        which: usize,
    },
    MovedAway {
        phone: usize,
        which: usize,
    },
    MovedBack {
        phone: usize,
        which: usize,
    },
    TimePasses {
        hours: i64,
    },
    /// The phone asks.
    Asks {
        phone: usize,
        window: u32,
        fate: Fate,
    },
    /// It moves an item to the archive; so many answers are lost.
    Moves {
        phone: usize,
        which: usize,
        lost: usize,
    },
    /// The folder of the watch is deleted, and another one made.
    FolderDeleted,
    /// The same request twice at once.
    AsksTwice {
        phone: usize,
        window: u32,
    },
    Reads {
        phone: usize,
        which: usize,
        on: bool,
    },
    Flags {
        phone: usize,
        which: usize,
        on: bool,
    },
    Deletes {
        phone: usize,
        which: usize,
        moves: bool,
    },
    Filters {
        phone: usize,
        filter: u8,
    },
    BeginsAnew {
        phone: usize,
    },
    Drafts {
        phone: usize,
    },
    Edits {
        phone: usize,
        which: usize,
    },
    Rights {
        given: bool,
    },
}

impl Event {
    /// The phone in whose folder somebody else does something.
    fn in_folder_of(&self) -> Option<usize> {
        match self {
            Self::Mail { phone, .. }
            | Self::SeenElsewhere { phone, .. }
            | Self::FlaggedElsewhere { phone, .. }
            | Self::RemovedElsewhere { phone, .. }
            | Self::MovedAway { phone, .. }
            | Self::MovedBack { phone, .. } => Some(*phone),
            _ => None,
        }
    }
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    Lost,
    /// The phone shows it and ends before it has noted the key.
    KeyLost {
        forgets_what_it_did: bool,
    },
}

pub(crate) fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Arrives),
        2 => Just(Fate::Lost),
        2 => any::<bool>().prop_map(|forgets_what_it_did| Fate::KeyLost { forgets_what_it_did }),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let phone = || 0_usize..PHONES;
    let which = || 0_usize..8;
    let asks =
        (phone(), 1_u32..5, fates()).prop_map(|(phone, window, fate)| Event::Asks { phone, window, fate });
    let event = prop_oneof![
        5 => (phone(), 0_i64..40).prop_map(|(phone, days)| Event::Mail { phone, days_ago: (days - 20).max(0) }),
        2 => (phone(), which(), any::<bool>()).prop_map(|(phone, which, on)| Event::SeenElsewhere { phone, which, on }),
        2 => (phone(), which(), any::<bool>()).prop_map(|(phone, which, on)| Event::FlaggedElsewhere { phone, which, on }),
        2 => (phone(), which()).prop_map(|(phone, which)| Event::RemovedElsewhere { phone, which }),
        2 => (phone(), which()).prop_map(|(phone, which)| Event::MovedAway { phone, which }),
        2 => (phone(), which()).prop_map(|(phone, which)| Event::MovedBack { phone, which }),
        1 => (1_i64..60).prop_map(|hours| Event::TimePasses { hours }),
        14 => asks,
        1 => (phone(), 1_u32..5).prop_map(|(phone, window)| Event::AsksTwice { phone, window }),
        3 => (phone(), which(), any::<bool>()).prop_map(|(phone, which, on)| Event::Reads { phone, which, on }),
        2 => (phone(), which(), any::<bool>()).prop_map(|(phone, which, on)| Event::Flags { phone, which, on }),
        2 => (phone(), which(), any::<bool>()).prop_map(|(phone, which, moves)| Event::Deletes { phone, which, moves }),
        2 => (phone(), 0_u8..5).prop_map(|(phone, filter)| Event::Filters { phone, filter }),
        1 => phone().prop_map(|phone| Event::BeginsAnew { phone }),
        2 => phone().prop_map(|phone| Event::Drafts { phone }),
        3 => (phone(), which()).prop_map(|(phone, which)| Event::Edits { phone, which }),
        1 => any::<bool>().prop_map(|given| Event::Rights { given }),
        1 => (phone(), which(), 0_usize..3).prop_map(|(phone, which, lost)| Event::Moves { phone, which, lost }),
        1 => Just(Event::FolderDeleted),
    ];
    prop::collection::vec(event, 1..80)
}

/// What is to be kept of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    subject: String,
    seen: bool,
    flagged: bool,
}

impl Known {
    fn of(item: &storage::Item, subject: String) -> Self {
        let (seen, flagged) = (item.flags.contains(Flags::SEEN), item.flags.contains(Flags::FLAGGED));
        Self { subject, seen, flagged }
    }
}

/// One case.
struct Case<'w> {
    world: &'w World,
    phones: Vec<Phone<'w>>,
    /// Owners of the devices.
    accounts: Vec<AccountId>,
    archive: FolderId,
    shared: [FolderId; 2],
    shared_with: AccountId,
    is_shared: bool,
    /// The rights of a phone's owner changed: it may be told to begin anew.
    may_begin_anew: [bool; PHONES],
    /// The folder of the watch is gone and it does not know.
    is_watch_lost: bool,
    /// What the last writer of each item said of it.
    truth: HashMap<ItemId, Known>,
    /// Makes names.
    count: usize,
}

const PHONES: usize = 6;
/// The phones of a colleague, with whom the folders are shared.
const COLLEAGUES: [usize; 2] = [1, 4];
/// They hold drafts, which they write.
const WRITERS: [usize; 3] = [2, 3, 4];
/// It holds a folder that comes and goes.
const WATCH: usize = 5;

impl<'w> Case<'w> {
    async fn new(world: &'w World) -> Self {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        let archive = world.folder(people.anna, Role::Archive).await;
        let travel = world.make_folder(people.anna, CollectionKind::Mail, "Travel").await;
        for folder in [inbox, drafts] {
            world.share(folder, people.ben, editor()).await;
        }
        let mut phones = vec![
            Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await,
            Phone::new(world, &people.ben_address, "phone", "14.1", inbox).await,
            Phone::new(world, &people.anna_address, "tablet", "16.1", drafts).await,
            Phone::new(world, &people.anna_address, "laptop", "16.0", drafts).await,
            Phone::new(world, &people.ben_address, "tablet", "16.1", drafts).await,
            Phone::new(world, &people.anna_address, "watch", "14.1", travel).await,
        ];
        phones[3].conflict = Some("0");
        phones[4].conflict = Some("1");
        Self {
            world,
            phones,
            accounts: vec![people.anna, people.ben, people.anna, people.anna, people.ben, people.anna],
            archive,
            shared: [inbox, drafts],
            shared_with: people.ben,
            is_shared: true,
            may_begin_anew: [false; PHONES],
            is_watch_lost: false,
            truth: HashMap::new(),
            count: 0,
        }
    }

    async fn happens(&mut self, event: Event) {
        let world = self.world;
        if self.is_watch_lost && event.in_folder_of() == Some(WATCH) {
            return;
        }
        match event {
            Event::Mail { phone, days_ago } => {
                self.count += 1;
                let folder = self.phones[phone].folder;
                let is_draft = WRITERS.contains(&phone);
                let flags = if is_draft { Flags::DRAFT | Flags::SEEN } else { Flags::NONE };
                let at = Timestamp(world.now().0 - days_ago * DAY_MS);
                let subject = format!("mail {}", self.count);
                let id = world.append(folder, &subject, at, flags).await;
                self.truth.insert(id, Known { subject, seen: flags.contains(Flags::SEEN), flagged: false });
            }
            Event::SeenElsewhere { phone, which, on } => {
                if let Some(item) = self.item(phone, which).await {
                    world.flag(self.phones[phone].folder, &item, seen(on)).await;
                    self.truth.get_mut(&item.id).unwrap().seen = on;
                }
            }
            Event::FlaggedElsewhere { phone, which, on } => {
                if let Some(item) = self.item(phone, which).await {
                    world.flag(self.phones[phone].folder, &item, flagged(on)).await;
                    self.truth.get_mut(&item.id).unwrap().flagged = on;
                }
            }
            Event::RemovedElsewhere { phone, which } => {
                if let Some(item) = self.item(phone, which).await {
                    world.remove(self.phones[phone].folder, &item).await;
                }
            }
            Event::MovedAway { phone, which } => {
                if let Some(item) = self.item(phone, which).await {
                    world.move_to(self.phones[phone].folder, self.archive, &item).await;
                }
            }
            Event::MovedBack { phone, which } => {
                let items = world.items(self.archive).await;
                if let Some((item, _)) = items.get(which % items.len().max(1)) {
                    world.move_to(self.archive, self.phones[phone].folder, item).await;
                }
            }
            Event::TimePasses { hours } => world.pass_ms(hours * 3_600_000),
            Event::Asks { phone, window, fate } => {
                self.asks(phone, window, fate).await;
            }
            Event::Moves { phone, which, lost } => self.moves(phone, which, lost).await,
            Event::FolderDeleted => self.folder_deleted().await,
            Event::AsksTwice { phone, window } => self.asks_twice(phone, window).await,
            Event::Reads { phone, which, on } => self.acts(phone, which, Did::Read(on)),
            Event::Flags { phone, which, on } => self.acts(phone, which, Did::Flag(on)),
            Event::Deletes { phone, which, moves } => self.acts(phone, which, Did::Delete { moves }),
            Event::Filters { phone, filter } => self.phones[phone].filter = filter,
            Event::BeginsAnew { phone } => {
                self.phones[phone].pending.clear();
                self.begins_anew(phone).await;
            }
            Event::Drafts { phone } => {
                self.count += 1;
                let client_id = format!("c{}", self.count);
                let subject = format!("draft {}", self.count);
                let writer = &mut self.phones[WRITERS[phone % WRITERS.len()]];
                writer
                    .pending
                    .push((client_id.clone(), Did::Add { client_id, subject, when: String::new() }));
            }
            Event::Edits { phone, which } => {
                self.count += 1;
                let phone = WRITERS[phone % WRITERS.len()];
                let names: Vec<String> = self.phones[phone]
                    .pending
                    .iter()
                    .filter(|(_, did)| matches!(did, Did::Add { .. }))
                    .map(|(name, _)| name.clone())
                    .chain(self.phones[phone].items.keys().cloned())
                    .collect();
                if let Some(name) = names.get(which % names.len().max(1)) {
                    let subject = format!("edited {}", self.count);
                    self.phones[phone].act(&name.clone(), Did::Subject(subject));
                }
            }
            Event::Rights { given } => {
                let rights = if given { editor() } else { Rights::NONE };
                for folder in self.shared {
                    world.share(folder, self.shared_with, rights).await;
                }
                self.is_shared = given;
                COLLEAGUES.iter().for_each(|phone| self.may_begin_anew[*phone] = true);
            }
        }
    }

    async fn item(&self, phone: usize, which: usize) -> Option<storage::Item> {
        let items = self.world.items(self.phones[phone].folder).await;
        items.get(which % items.len().max(1)).map(|(item, _)| item.clone())
    }

    fn acts(&mut self, phone: usize, which: usize, did: Did) {
        let phone = &mut self.phones[phone];
        let id = phone.items.keys().nth(which % phone.items.len().max(1)).cloned();
        if let Some(id) = id {
            phone.act(&id, did);
        }
    }

    async fn begins_anew(&mut self, phone: usize) {
        self.phones[phone].prime().await;
    }

    fn is_shut_out(&self, phone: usize) -> bool {
        COLLEAGUES.contains(&phone) && !self.is_shared
    }

    /// The answers before the last one are lost; each says the same.
    async fn moves(&mut self, phone: usize, which: usize, lost: usize) {
        let Some(id) = self.phones[phone].items.keys().nth(which).cloned() else { return };
        let first = self.phones[phone].move_to(&id, self.archive).await;
        for _ in 0..lost {
            assert_eq!(self.phones[phone].move_to(&id, self.archive).await, first);
        }
        if first.0 == "3" {
            self.phones[phone].in_doubt = true;
            self.phones[phone].items.remove(&id);
            self.phones[phone].pending.retain(|(name, _)| *name != id);
        }
    }

    async fn folder_deleted(&mut self) {
        if self.is_watch_lost {
            return;
        }
        self.count += 1;
        let old = self.phones[WATCH].folder;
        self.world.delete_folder(old).await;
        self.is_watch_lost = true;
    }

    /// FolderSync told the watch of another folder.
    async fn finds_another_folder(&mut self) {
        let name = format!("Travel {}", self.count);
        let watch = &mut self.phones[WATCH];
        watch.folder = self.world.make_folder(watch.folder.account, CollectionKind::Mail, &name).await;
        "0".clone_into(&mut watch.key);
        watch.items.clear();
        watch.pending.clear();
        self.is_watch_lost = false;
    }

    /// Whether there was an answer to take.
    async fn asks(&mut self, phone: usize, window: u32, fate: Fate) -> Option<Answer> {
        if self.phones[phone].key == "0" {
            self.begins_anew(phone).await;
        }
        if self.phones[phone].key == "0" {
            let is_lost = phone == WATCH && self.is_watch_lost;
            assert!(self.is_shut_out(phone) || is_lost, "only what may not be seen cannot be primed");
            if is_lost {
                self.finds_another_folder().await;
            }
            return None;
        }
        let before = self.known_of(phone).await;
        let answer = self.phones[phone].ask(window).await;
        self.note_truth(phone, &before).await;
        match answer.status.as_str() {
            "1" => {}
            "3" if self.may_begin_anew[phone] => {
                self.may_begin_anew[phone] = false;
                self.begins_anew(phone).await;
                return None;
            }
            "12" if phone == WATCH && self.is_watch_lost => {
                self.finds_another_folder().await;
                return None;
            }
            "12" if self.is_shut_out(phone) => {
                self.phones[phone].key = "0".to_owned();
                self.phones[phone].items.clear();
                self.phones[phone].pending.clear();
                return None;
            }
            other => panic!("phone {phone} got status {other} without a reason"),
        }
        let one = &mut self.phones[phone];
        match fate {
            Fate::Arrives => {
                one.take(&answer);
                return Some(answer);
            }
            Fate::Lost => {}
            Fate::KeyLost { forgets_what_it_did } => {
                one.show(&answer);
                if forgets_what_it_did {
                    one.pending.clear();
                }
            }
        }
        one.in_doubt = true;
        None
    }

    async fn asks_twice(&mut self, phone: usize, window: u32) {
        if self.phones[phone].key == "0" || (phone == WATCH && self.is_watch_lost) {
            return;
        }
        let before = self.known_of(phone).await;
        let newer = self.phones[phone].ask_twice(window).await;
        self.note_truth(phone, &before).await;
        if let Some(newer) = newer {
            self.phones[phone].take(&newer);
        }
    }

    async fn known_of(&self, phone: usize) -> HashMap<ItemId, Known> {
        if phone == WATCH && self.is_watch_lost {
            return HashMap::new();
        }
        let items = self.world.items(self.phones[phone].folder).await;
        items.into_iter().map(|(item, subject)| (item.id, Known::of(&item, subject))).collect()
    }

    /// A request changes an item only as one of its commands says; what it changed is the truth now.
    async fn note_truth(&mut self, phone: usize, before: &HashMap<ItemId, Known>) {
        for (id, now) in self.known_of(phone).await {
            let name = ServerId { folder: self.phones[phone].folder, item: id }.to_string();
            let pending = &self.phones[phone].pending;
            let made = |did: &Did| matches!(did, Did::Add { subject, .. } if *subject == now.subject);
            let said =
                |test: &dyn Fn(&Did) -> bool| pending.iter().any(|(known, did)| *known == name && test(did));
            let is_said = match before.get(&id) {
                None => now.seen && !now.flagged && pending.iter().any(|(_, did)| made(did)),
                Some(old) => {
                    (old.subject == now.subject
                        || pending.iter().any(|(_, did)| made(did))
                        || said(&|did| *did == Did::Subject(now.subject.clone())))
                        && (old.seen == now.seen || said(&|did| *did == Did::Read(now.seen)))
                        && (old.flagged == now.flagged || said(&|did| *did == Did::Flag(now.flagged)))
                }
            };
            assert!(is_said, "{name} became {now:?} from {:?} and nobody said so", before.get(&id));
            self.truth.insert(id, now);
        }
    }

    /// Everything goes quiet: what is on the phones is what is in the folders.
    async fn is_settled(&mut self) {
        for round in 0..2 {
            for phone in 0..self.phones.len() {
                let is_shut_out = self.is_shut_out(phone);
                goes_quiet(phone, is_shut_out, async || self.asks(phone, 3, Fate::Arrives).await).await;
            }
            if round == 1 {
                for phone in 0..self.phones.len() {
                    self.shows_the_folder(phone).await;
                }
            }
        }
        for folder in self.shared {
            let mut subjects = HashSet::new();
            for (item, subject) in self.world.items(folder).await {
                assert!(subjects.insert(subject.clone()), "{subject} was made twice");
                let truth = self.truth.get(&item.id);
                assert_eq!(truth, Some(&Known::of(&item, subject)), "a change was lost");
            }
        }
    }

    async fn shows_the_folder(&self, phone: usize) {
        if self.is_shut_out(phone) {
            return;
        }
        let one = &self.phones[phone];
        let days = [None, Some(1), Some(3), Some(7), Some(14)][usize::from(one.filter)];
        let since = days.map_or(i64::MIN, |days| (self.world.now().0.div_euclid(DAY_MS) - days) * DAY_MS);
        let items = self.world.items(one.folder).await;
        let expected: BTreeMap<String, Shown> = items
            .into_iter()
            .filter(|(item, _)| item.filter_at.0 >= since)
            .map(|(item, subject)| {
                let id = ServerId { folder: one.folder, item: item.id }.to_string();
                let (read, flagged) = (item.flags.contains(Flags::SEEN), item.flags.contains(Flags::FLAGGED));
                (id, Shown { subject, read, flagged, when: String::new() })
            })
            .collect();
        assert_eq!(one.items, expected, "phone {phone}, filter {}", one.filter);
        let bytes = self.world.state_bytes(self.accounts[phone], &one.device, one.folder).await;
        assert!(bytes <= 1024, "the row has {bytes} bytes");
    }
}

/// A phone asks until nothing is left for it. One that is shut out learns only that.
pub(crate) async fn goes_quiet(
    phone: usize,
    is_shut_out: bool,
    mut asks: impl AsyncFnMut() -> Option<Answer>,
) {
    const ROUNDS_MAX: usize = 400;
    if is_shut_out {
        asks().await;
        return;
    }
    for _ in 0..ROUNDS_MAX {
        let Some(answer) = asks().await else { continue };
        if !answer.more {
            // Who was told that there is no more is told nothing when it asks at once.
            let Some(next) = asks().await else { continue };
            assert!(next.collection.is_none(), "{answer:?}");
            return;
        }
    }
    panic!("phone {phone} does not come to rest");
}

/// Of each law on each database; KONTOR_TEST_FACTOR multiplies them.
#[expect(clippy::disallowed_methods, reason = "the number of rounds comes by environment")]
fn cases() -> u32 {
    const CASES: u32 = 8;
    let factor = std::env::var("KONTOR_TEST_FACTOR").ok().and_then(|text| text.parse::<u32>().ok());
    CASES * factor.unwrap_or(1)
}

/// Another one each time, but for one that is to be looked at again.
#[expect(clippy::disallowed_methods, reason = "the seed comes by environment")]
fn seed() -> u64 {
    let given = std::env::var("KONTOR_TEST_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| RandomState::new().hash_one(0))
}

/// Cases that failed once are kept beside this file and come first.
fn config(kept: &'static str) -> Config {
    Config {
        cases: cases(),
        max_shrink_iters: 2000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        ..Config::default()
    }
}

/// Checks a law for many cases on each database. A failure tells the seed.
#[expect(
    clippy::disallowed_methods,
    reason = "proptest calls a plain function, on a runtime thread set aside"
)]
pub(crate) fn holds<T: std::fmt::Debug + 'static>(
    kept: &'static str,
    cases: impl Strategy<Value = T> + 'static,
    law: impl AsyncFn(&World, T) + 'static,
) {
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    on_each_database(async move |world| {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config(kept), rng);
        let outcome = runner.run(&cases, |case| {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(law(world, case)));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("KONTOR_TEST_SEED={seed}: {error}"));
    });
}

#[test]
fn when_everything_goes_quiet_every_phone_shows_its_folder() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/phone/law.regressions");
    holds(kept, events(), async |world, events| {
        let mut case = Case::new(world).await;
        for event in events {
            case.happens(event).await;
        }
        case.is_settled().await;
    });
}
