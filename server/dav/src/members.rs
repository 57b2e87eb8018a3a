//! Long answers: the members of a collection, page by page.
//!
//! What is to be told is known from one transaction, or all that a collection holds: then its rows are read page by page
//! too, as they were when the answer began. Bodies are read a page at a time, while the client takes what was written
//! before; each page reads rows and bytes of one moment, so a tag never stands beside other bytes.

use bytes::Bytes;
use dav_wire::report::PropertyRequest;
use dav_wire::{Href, MultiStatus, Precondition, PropertyAnswer, Segment, Status, Value};
use std::collections::{HashMap, VecDeque};
use std::ops::RangeInclusive;
use std::sync::Arc;
use storage::{Candidates, Fault, Listed, Resource, Stored, right};
use tokio::sync::Semaphore;
use vocabulary::Uid;

use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::pages::{self, PAGE_WRITTEN_BYTES, Pages};
use crate::property::{self, Subject};
use crate::report::{Data, Filter, Ungiven};

/// Most matches that one answer holds.
pub(crate) const MATCHES_MAX: usize = 100_000;
/// How many rows of a collection are in memory at once.
const PAGE_ROWS: usize = 1_000;
/// How much of a collection one page holds.
const PAGE_BODIES: usize = 64;
const PAGE_BYTES_MAX: i64 = 4 << 20;
/// Most bytes that one object is written as, and after which a page ends: a series that is expanded is
/// written many times over.
pub(crate) const WRITTEN_BYTES_MAX: usize = 16 << 20;

/// Pages with bodies that are made at once in the whole house: it bounds their memory, and the threads that
/// filters and expansions hold.
pub(crate) static READERS: Semaphore = Semaphore::const_new(4);

/// One response of an answer, to be written when its turn comes.
#[derive(Debug)]
pub(crate) enum Entry {
    /// The collection itself.
    Collection,
    /// A member of the collection, as it was when the answer began.
    Item(Resource),
    /// Nothing but a status.
    Status(String, Status, Option<Precondition>),
}

/// Members whose rows are still to be read, in the order of their UIDs.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    candidates: Candidates,
    /// Those that are listed, in order; `None`: all.
    only: Option<Arc<[Uid]>>,
    after: Uid,
}

impl Listing {
    pub(crate) fn of(candidates: Candidates) -> Self {
        Self { candidates, only: None, after: Uid(0) }
    }

    /// Those of these UIDs, which are in order.
    pub(crate) fn of_uids(uids: Vec<Uid>) -> Self {
        Self { candidates: Candidates::All, only: Some(uids.into()), after: Uid(0) }
    }

    fn contains(&self, item: &Resource) -> bool {
        self.only.as_ref().is_none_or(|uids| uids.binary_search(&item.uid).is_ok())
    }
}

/// An answer about a collection and its members.
pub(crate) struct Members {
    pub(crate) call: Arc<Call>,
    pub(crate) folder: Arc<Folder>,
    pub(crate) request: PropertyRequest,
    pub(crate) entries: VecDeque<Entry>,
    /// What follows them.
    pub(crate) listing: Option<Listing>,
    /// Which members are told of; needs their bodies.
    pub(crate) filter: Option<Arc<Filter>>,
    /// How bodies are given; `None`: they are not asked for.
    pub(crate) data: Option<Data>,
    pub(crate) matches_max: usize,
    /// A member that went while the answer was written: left out, or (multiget) answered with 404.
    pub(crate) tell_of_vanished: bool,
    /// Where the reader is in the log after this answer.
    pub(crate) token: Option<String>,
}

impl Members {
    pub(crate) async fn answer(mut self) -> Answer {
        let reading = Reading { filter: self.filter.take(), data: self.data.take() };
        let (call, output) = (Arc::clone(&self.call), MultiStatus::new(self.call.detail()));
        let base = Href { is_collection: true, ..self.folder.address.href.clone() }.to_string();
        let reading = Arc::new(reading);
        pages::answer(&call, Writing { members: self, base, reading, output, matches: 0 }).await
    }

    fn are_told(&self) -> bool {
        self.entries.is_empty() && self.listing.is_none()
    }
}

/// What is done with bodies, away from the threads that serve connections.
struct Reading {
    filter: Option<Arc<Filter>>,
    data: Option<Data>,
}

/// An entry of a page, after its body was read.
enum Made {
    /// It has no body.
    Entry(Entry),
    /// It is wanted, with its body as it is asked for.
    Item(Resource, Option<Result<Value, Ungiven>>),
    /// Its body is not there any more.
    Vanished(Resource),
}

impl Reading {
    fn needs_bodies(&self) -> bool {
        self.filter.is_some() || self.data.is_some()
    }

    /// What a page tells, in its order, and the entries for which it has no room.
    fn make(&self, page: Vec<Entry>, mut bodies: HashMap<Uid, (Resource, Bytes)>) -> (Vec<Made>, Vec<Entry>) {
        let mut made = Vec::with_capacity(page.len());
        let mut page = page.into_iter();
        let mut written_bytes = 0_usize;
        while written_bytes < WRITTEN_BYTES_MAX {
            let Some(entry) = page.next() else { break };
            let one = match entry {
                Entry::Item(then) => match bodies.remove(&then.uid) {
                    Some((item, bytes)) => self.make_one(item, &bytes),
                    None => Some(Made::Vanished(then)),
                },
                other => Some(Made::Entry(other)),
            };
            if let Some(Made::Item(_, Some(Ok(Value::Data { text, .. })))) = &one {
                written_bytes = written_bytes.saturating_add(text.len());
            }
            made.extend(one);
        }
        (made, page.collect())
    }

    /// `None`: it is not wanted.
    fn make_one(&self, item: Resource, bytes: &Bytes) -> Option<Made> {
        if self.filter.as_ref().is_some_and(|filter| !filter.matches(bytes)) {
            return None;
        }
        let value = self.data.as_ref().map(|data| data.value(bytes));
        Some(Made::Item(item, value))
    }
}

struct Writing {
    /// Filter and data of it are with `reading`.
    members: Members,
    /// The path of the collection, spelled once for all that is in it.
    base: String,
    reading: Arc<Reading>,
    output: MultiStatus,
    matches: usize,
}

impl Pages for Writing {
    async fn page(&mut self) -> Answer<Option<Bytes>> {
        if self.reading.needs_bodies() {
            self.write_with_bodies().await?;
        } else {
            self.write_without_bodies().await?;
        }
        if self.members.are_told() {
            if let Some(token) = &self.members.token {
                self.output.sync_token(token);
            }
            return Ok(None);
        }
        Ok(Some(self.output.take().into()))
    }

    fn end(self) -> Vec<u8> {
        self.output.finish()
    }
}

impl Writing {
    /// Reads more rows when those that were read are told.
    async fn fill(&mut self) -> Answer<()> {
        let Members { call, folder, entries, listing, .. } = &mut self.members;
        let Some(Listing { candidates, only: _, after }) = *listing else { return Ok(()) };
        if !entries.is_empty() {
            return Ok(());
        }
        let (folder, at) = (Arc::clone(folder), folder.collection.highest);
        let read = call.store().read(call.principal(), move |tx| {
            let grant = folder.open_again::<right::ReadItems>(tx)?;
            tx.resources_at(&grant, &candidates, at, after, PAGE_ROWS)
        });
        let Listed { resources, next } = read.await?;
        let wanted =
            resources.into_iter().filter(|item| listing.as_ref().is_some_and(|all| all.contains(item)));
        entries.extend(wanted.map(Entry::Item));
        *listing = listing.take().zip(next).map(|(all, after)| Listing { after, ..all });
        Ok(())
    }

    async fn write_without_bodies(&mut self) -> Answer<()> {
        while self.output.pending_bytes() < PAGE_WRITTEN_BYTES && !self.members.are_told() {
            self.fill().await?;
            match self.members.entries.pop_front() {
                Some(Entry::Item(item)) => self.write_match(item, None),
                Some(other) => self.write(other),
                None => {}
            }
        }
        Ok(())
    }

    async fn write_with_bodies(&mut self) -> Answer<()> {
        self.fill().await?;
        let page = self.next_entries();
        // It is never closed. Taken before anything is loaded: it bounds the memory as well.
        let turn = READERS.acquire().await;
        let bodies = self.bodies(&page).await?;
        let reading = Arc::clone(&self.reading);
        let making = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            reading.make(page, bodies)
        });
        let made = making.await.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())));
        let (made, left) = made?;
        for entry in left.into_iter().rev() {
            self.members.entries.push_front(entry);
        }
        for made in made {
            match made {
                Made::Entry(entry) => self.write(entry),
                Made::Item(item, value) => self.write_match(item, value),
                Made::Vanished(item) => self.vanished(item),
            }
        }
        Ok(())
    }

    /// An entry without its body.
    fn write(&mut self, entry: Entry) {
        match entry {
            Entry::Collection => {
                let folder = Arc::clone(&self.members.folder);
                self.respond(&Subject::Folder(folder), None);
            }
            Entry::Status(href, status, why) => self.output.status(&href, status, why.as_ref()),
            Entry::Item(item) => self.respond(&self.subject(item), None),
        }
    }

    fn next_entries(&mut self) -> Vec<Entry> {
        let mut page = Vec::new();
        let mut bytes = 0;
        while page.len() < PAGE_BODIES && bytes < PAGE_BYTES_MAX {
            let Some(entry) = self.members.entries.pop_front() else { break };
            if let Entry::Item(item) = &entry {
                bytes += item.size_bytes;
            }
            page.push(entry);
        }
        page
    }

    /// The items of a page as they are now, with their bytes.
    async fn bodies(&self, page: &[Entry]) -> Answer<HashMap<Uid, (Resource, Bytes)>> {
        let uids = page.iter().filter_map(|entry| match entry {
            Entry::Item(item) => Some(item.uid.0),
            Entry::Collection | Entry::Status(..) => None,
        });
        let ranges = ranges(uids.collect());
        let (call, folder) = (&self.members.call, Arc::clone(&self.members.folder));
        let read = call.store().read(call.principal(), move |tx| {
            let grant = folder.open_again::<right::ReadItems>(tx)?;
            Ok((tx.resources(&grant, &ranges)?, tx.contents(&grant, &ranges, false)?))
        });
        let (items, contents) = read.await?;
        let mut contents: HashMap<Uid, Stored> = contents.into_iter().collect();
        let mut bodies = HashMap::with_capacity(items.len());
        for item in items {
            if let Some(stored) = contents.remove(&item.uid) {
                let bytes = call.store().load(stored).await?;
                bodies.insert(item.uid, (item, bytes));
            }
        }
        Ok(bodies)
    }

    fn write_match(&mut self, item: Resource, value: Option<Result<Value, Ungiven>>) {
        if self.matches >= self.members.matches_max {
            // RFC 6352 section 8.6.2, RFC 4791 section 7.8: the rest is left out, and said to be.
            self.members.entries.clear();
            self.members.listing = None;
            if self.matches == self.members.matches_max {
                self.matches += 1;
                let href = self.members.folder.address.href.to_string();
                let why = Precondition::NumberOfMatchesWithinLimits;
                self.output.status(&href, why.status(), Some(&why));
            }
            return;
        }
        self.matches += 1;
        let subject = self.subject(item);
        match value.transpose() {
            Ok(value) => self.respond(&subject, value),
            // A part would be taken for the whole.
            Err(ungiven) => {
                let (status, why) = ungiven.why();
                self.output.status(&self.path(&subject), status, Some(&why));
            }
        }
    }

    fn vanished(&mut self, item: Resource) {
        if self.members.tell_of_vanished {
            let href = self.path(&self.subject(item));
            self.output.status(&href, Status::NOT_FOUND, None);
        }
    }

    fn subject(&self, item: Resource) -> Subject {
        Subject::Item(Arc::clone(&self.members.folder), item)
    }

    fn respond(&mut self, subject: &Subject, data: Option<Value>) {
        let Members { call, request, folder, .. } = &self.members;
        let mut answers = property::answers(call.account(), subject, &request.selection);
        if let Some(value) = data {
            let property = folder.kind().data;
            answers.retain(|answer| answer.name.name() != property.name());
            answers.push(PropertyAnswer::value(property, value));
        }
        self.output.response(&self.path(subject), &answers);
    }

    fn path(&self, subject: &Subject) -> String {
        let name = match subject {
            Subject::Item(_, item) => item.resource_name.as_deref().and_then(|name| Segment::new(name).ok()),
            _ => None,
        };
        match name {
            Some(name) => format!("{}{name}", self.base),
            None => subject.href().to_string(),
        }
    }
}

/// The ranges that hold exactly these UIDs.
pub(crate) fn ranges(mut uids: Vec<u32>) -> Vec<RangeInclusive<u32>> {
    uids.sort_unstable();
    let mut ranges: Vec<RangeInclusive<u32>> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some(last) if uid <= last.end().saturating_add(1) => *last = *last.start()..=uid,
            _ => ranges.push(uid..=uid),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_read_at_once() {
        assert_eq!(ranges(vec![5, 1, 2, 2, 3, 7]), [1..=3, 5..=5, 7..=7]);
        assert_eq!(ranges(vec![u32::MAX, 1]), [1..=1, u32::MAX..=u32::MAX]);
        assert_eq!(ranges(Vec::new()), []);
    }
}
