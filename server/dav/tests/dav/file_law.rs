//! The law of plain files: whatever two people do with a tree in whatever order, with and without locks, each answer is the
//! one that a tree in memory gives, and in the end both trees are equal, with what is kept of each resource and its locks.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use vocabulary::Preset;

use crate::client::{Client, NAMESPACES};
use crate::file_locks::lock_body;
use crate::files::share;
use crate::law::seed;
use crate::world::{World, on_each_database};

type Path = Vec<&'static str>;

/// A tree that has more resources is not copied from any more: each copy may double it.
const RESOURCES_MAX: usize = 60;

#[derive(Debug, Clone)]
enum Deed {
    Put(Path, u32),
    Make(Path),
    Delete(Path),
    Copy { from: Path, to: Path, deep: bool, overwrite: bool },
    Move { from: Path, to: Path, overwrite: bool },
    Keep(Path, u32),
    Lock { path: Path, deep: bool, exclusive: bool },
    Unlock(usize),
}

/// A deed, who does it, and whether it names its locks.
type Step = (usize, bool, Deed);

fn path() -> impl Strategy<Value = Path> {
    prop::collection::vec(prop_oneof![Just("a"), Just("b"), Just("\u{e9}")], 1..4)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let deed = prop_oneof![
        4 => (path(), any::<u32>()).prop_map(|(path, text)| Deed::Put(path, text)),
        5 => path().prop_map(Deed::Make),
        2 => path().prop_map(Deed::Delete),
        3 => (path(), path(), any::<(bool, bool)>())
            .prop_map(|(from, to, (deep, overwrite))| Deed::Copy { from, to, deep, overwrite }),
        3 => (path(), path(), any::<bool>()).prop_map(|(from, to, overwrite)| Deed::Move { from, to, overwrite }),
        2 => (path(), any::<u32>()).prop_map(|(path, text)| Deed::Keep(path, text)),
        2 => (path(), any::<(bool, bool)>()).prop_map(|(path, (deep, exclusive))| Deed::Lock { path, deep, exclusive }),
        1 => (0..4_usize).prop_map(Deed::Unlock),
    ];
    prop::collection::vec((0..2_usize, prop::bool::weighted(0.7), deed), 1..40)
}

/// What lies at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resource {
    /// `None`: a collection.
    text: Option<String>,
    kept: String,
}

#[derive(Debug, Clone)]
struct Held {
    path: Path,
    deep: bool,
    exclusive: bool,
    by: usize,
    uri: String,
}

#[derive(Debug, Default)]
struct Model {
    resources: BTreeMap<Path, Resource>,
    locks: Vec<Held>,
}

fn above(path: &[&'static str]) -> Path {
    path[..path.len() - 1].to_vec()
}

impl Model {
    fn is_folder(&self, path: &[&'static str]) -> bool {
        path.is_empty() || self.resources.get(path).is_some_and(|found| found.text.is_none())
    }

    fn is_there(&self, path: &[&'static str]) -> bool {
        path.is_empty() || self.resources.contains_key(path)
    }

    fn is_free(&self, path: &[&'static str]) -> bool {
        !self.is_there(path) && self.is_folder(&above(path))
    }

    fn over<'m>(&'m self, path: &'m [&'static str]) -> impl Iterator<Item = &'m Held> {
        self.locks.iter().filter(move |lock| lock.path == path || (lock.deep && path.starts_with(&lock.path)))
    }

    fn may(&self, by: usize, names: bool, path: &[&'static str]) -> bool {
        self.over(path).next().is_none() || (names && self.over(path).any(|lock| lock.by == by))
    }

    /// Whether something beneath is locked against a change of all of it.
    fn is_locked_beneath(&self, by: usize, names: bool, path: &[&'static str]) -> bool {
        let beneath =
            self.locks.iter().filter(|lock| lock.path.len() > path.len() && lock.path.starts_with(path));
        beneath.into_iter().any(|lock| !self.may(by, names, &lock.path))
    }

    fn cut(&mut self, path: &[&'static str]) -> Vec<(Path, Resource)> {
        let whole: Vec<Path> = self.resources.keys().filter(|one| one.starts_with(path)).cloned().collect();
        whole
            .into_iter()
            .map(|one| (one[path.len()..].to_vec(), self.resources.remove(&one).unwrap()))
            .collect()
    }

    fn settle(&mut self) {
        let mut locks = std::mem::take(&mut self.locks);
        locks.retain(|lock| self.is_there(&lock.path));
        self.locks = locks;
    }

    fn transfer(
        &mut self,
        step: (usize, bool),
        from: &Path,
        to: &Path,
        moves: bool,
        deep: bool,
        overwrite: bool,
    ) -> u16 {
        let (by, names) = step;
        if !self.is_there(from) {
            return 404;
        }
        let is_folder = self.is_folder(from);
        let deep = deep || !is_folder;
        if from == to || (is_folder && deep && to.starts_with(from)) {
            return 403;
        }
        let there = self.is_there(to);
        if !there && !self.is_free(to) {
            return 409;
        }
        if there && !overwrite {
            return 412;
        }
        if there && from.starts_with(to) {
            return 403;
        }
        let in_place = there && !is_folder && !self.is_folder(to);
        let source = [from.clone(), above(from)];
        let mut touched: Vec<Path> = if moves { source.to_vec() } else { Vec::new() };
        touched.extend(there.then(|| to.clone()));
        touched.extend((!in_place).then(|| above(to)));
        if touched.iter().any(|path| !self.may(by, names, path)) {
            return 423;
        }
        let locked = |path: &Path| self.is_folder(path) && self.is_locked_beneath(by, names, path);
        if (moves && locked(from)) || (there && locked(to)) {
            return 207;
        }
        self.cut(to);
        let whole = match moves {
            true => self.cut(from),
            false => {
                let copied = self.resources.iter().filter(|(path, _)| path.starts_with(from));
                let copied = copied.map(|(path, found)| (path[from.len()..].to_vec(), found.clone()));
                copied.filter(|(rest, _)| deep || rest.is_empty()).collect()
            }
        };
        for (rest, found) in whole {
            self.resources.insert(to.iter().copied().chain(rest).collect(), found);
        }
        self.settle();
        if there { 204 } else { 201 }
    }

    /// What the deed is answered with; a new lock is noted by who did it.
    fn answer(&mut self, by: usize, names: bool, deed: &Deed) -> u16 {
        match deed {
            Deed::Put(path, text) => {
                let text = Some(text.to_string());
                if self.is_folder(path) {
                    405
                } else if let Some(found) = self.resources.get(path).cloned() {
                    if !self.may(by, names, path) {
                        return 423;
                    }
                    self.resources.insert(path.clone(), Resource { text, ..found });
                    204
                } else if !self.is_free(path) {
                    409
                } else if !self.may(by, names, &above(path)) {
                    423
                } else {
                    self.resources.insert(path.clone(), Resource { text, kept: String::new() });
                    201
                }
            }
            Deed::Make(path) => {
                if self.is_there(path) {
                    405
                } else if !self.is_free(path) {
                    409
                } else if !self.may(by, names, &above(path)) {
                    423
                } else {
                    self.resources.insert(path.clone(), Resource { text: None, kept: String::new() });
                    201
                }
            }
            Deed::Delete(path) => {
                if !self.is_there(path) {
                    404
                } else if !self.may(by, names, path) || !self.may(by, names, &above(path)) {
                    423
                } else if self.is_folder(path) && self.is_locked_beneath(by, names, path) {
                    207
                } else {
                    self.cut(path);
                    self.settle();
                    204
                }
            }
            Deed::Copy { from, to, deep, overwrite } => {
                self.transfer((by, names), from, to, false, *deep, *overwrite)
            }
            Deed::Move { from, to, overwrite } => {
                self.transfer((by, names), from, to, true, true, *overwrite)
            }
            Deed::Keep(path, text) => {
                if !self.is_there(path) {
                    404
                } else if !self.may(by, names, path) {
                    423
                } else {
                    self.resources.get_mut(path).unwrap().kept = text.to_string();
                    207
                }
            }
            Deed::Lock { path, deep, exclusive } => {
                let free = self.is_free(path);
                if !self.is_there(path) && !free {
                    return 409;
                }
                let against = |lock: &&Held| lock.exclusive || *exclusive;
                if self.over(path).any(|lock| against(&lock)) {
                    return 423;
                }
                let beneath = |lock: &&Held| lock.path.len() > path.len() && lock.path.starts_with(path);
                if *deep && self.locks.iter().filter(beneath).any(|lock| against(&lock)) {
                    return 207;
                }
                if free {
                    if !self.may(by, names, &above(path)) {
                        return 423;
                    }
                    let empty = Resource { text: Some(String::new()), kept: String::new() };
                    self.resources.insert(path.clone(), empty);
                }
                if free { 201 } else { 200 }
            }
            Deed::Unlock(number) => match self.locks.get(*number) {
                Some(lock) if lock.by == by => {
                    self.locks.remove(*number);
                    204
                }
                Some(_) => 403,
                None => 0,
            },
        }
    }
}

/// One person of two, who works in Anna's files.
struct Worker<'w> {
    client: &'w Client<'w>,
    anna: &'w Client<'w>,
}

impl Worker<'_> {
    fn href(&self, path: &[&str]) -> String {
        self.anna.file(&path.join("/").replace('\u{e9}', "%C3%A9"))
    }

    async fn does(&self, deed: &Deed, model: &Model, state: Option<&str>) -> Option<crate::answer::Answer> {
        let send = async |method: &str, path: &[&str], headers: &[(&str, &str)], body: String| {
            let mut headers = headers.to_vec();
            headers.extend(state.map(|state| ("If", state)));
            Some(self.client.send(method, &self.href(path), &headers, body).await)
        };
        let overwrites = |overwrite: bool| if overwrite { "T" } else { "F" };
        match deed {
            Deed::Put(path, text) => send("PUT", path, &[], text.to_string()).await,
            Deed::Make(path) => send("MKCOL", path, &[], String::new()).await,
            Deed::Delete(path) => send("DELETE", path, &[], String::new()).await,
            Deed::Copy { from, to, deep, overwrite } => {
                let to = self.href(to);
                let depth = if *deep { "infinity" } else { "0" };
                let headers =
                    [("Destination", to.as_str()), ("Depth", depth), ("Overwrite", overwrites(*overwrite))];
                send("COPY", from, &headers, String::new()).await
            }
            Deed::Move { from, to, overwrite } => {
                let to = self.href(to);
                let headers = [("Destination", to.as_str()), ("Overwrite", overwrites(*overwrite))];
                send("MOVE", from, &headers, String::new()).await
            }
            Deed::Keep(path, text) => {
                let body = format!(
                    "<propertyupdate {NAMESPACES}><set><prop><x:p>{text}</x:p></prop></set></propertyupdate>"
                );
                send("PROPPATCH", path, &[], body).await
            }
            Deed::Lock { path, deep, exclusive } => {
                let depth = if *deep { "infinity" } else { "0" };
                let body = lock_body(if *exclusive { "exclusive" } else { "shared" });
                send("LOCK", path, &[("Depth", depth)], body).await
            }
            Deed::Unlock(number) => {
                let lock = model.locks.get(*number)?;
                send("UNLOCK", &lock.path, &[("Lock-Token", &format!("<{}>", lock.uri))], String::new()).await
            }
        }
    }

    /// Everything that is there, with the URIs of the locks over it.
    async fn found(&self) -> BTreeMap<String, (Resource, BTreeSet<String>)> {
        let (mut waiting, mut found) = (vec![self.href(&[])], BTreeMap::new());
        while let Some(folder) = waiting.pop() {
            let listed = self.client.propfind(&folder, "1", "<x:p/><lockdiscovery/>").await;
            for response in listed.responses() {
                let href = response.href();
                if href == folder {
                    continue;
                }
                let text = match href.ends_with('/') {
                    true => None,
                    false => Some(self.client.get(&href).await.body),
                };
                if text.is_none() {
                    waiting.push(href.clone());
                }
                let locks = response.property("lockdiscovery").unwrap();
                let uris = locks.children().map(|lock| {
                    use dav_wire::name::dav;
                    lock.child(dav::LOCKTOKEN).unwrap().child(dav::HREF).unwrap().text()
                });
                let resource = Resource { text, kept: response.text("p").unwrap_or_default() };
                found.insert(href.trim_end_matches('/').to_owned(), (resource, uris.collect()));
            }
        }
        found
    }
}

async fn holds(world: &World, steps: Vec<Step>) {
    let people = world.people().await;
    let (anna, ben) = (&people.anna, &people.ben);
    share(world, anna, &[], ben, Preset::Owner.rights()).await;
    let workers = [Worker { client: anna, anna }, Worker { client: ben, anna }];
    let mut model = Model::default();
    for (by, names, deed) in steps {
        if matches!(deed, Deed::Copy { .. }) && model.resources.len() > RESOURCES_MAX {
            continue;
        }
        let own: String = model
            .locks
            .iter()
            .filter(|lock| lock.by == by)
            .map(|lock| format!("(<{}>) ", lock.uri))
            .collect();
        let state = names.then(|| format!("{own}(Not <DAV:no-lock>)"));
        let Some(answer) = workers[by].does(&deed, &model, state.as_deref()).await else { continue };
        let expected = model.answer(by, names, &deed);
        assert_eq!(answer.status, expected, "{by} {names} {deed:?}: {answer:?}, {model:#?}");
        if let Deed::Lock { path, deep, exclusive } = deed
            && matches!(expected, 200 | 201)
        {
            let uri = answer.header("lock-token").unwrap().trim_matches(['<', '>']).to_owned();
            model.locks.push(Held { path, deep, exclusive, by, uri });
        }
    }
    for worker in &workers {
        let expected: BTreeMap<_, _> = model
            .resources
            .iter()
            .map(|(path, resource)| {
                let over = model.over(path).map(|lock| lock.uri.clone()).collect();
                (worker.href(path), (resource.clone(), over))
            })
            .collect();
        assert_eq!(worker.found().await, expected);
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "proptest calls a plain function, on a runtime thread set aside"
)]
fn every_tree_is_what_was_done_to_it() {
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    on_each_database(async move |world| {
        let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let outcome = runner.run(&steps(), |steps| {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(holds(world, steps)));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("KONTOR_TEST_SEED={seed}: {error}"));
    });
}
