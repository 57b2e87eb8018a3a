//! The law of synchronisation: whatever several programs do in whatever order, a reader that asks with any limit holds in
//! the end what the collection holds, was never told of the going of what it did not have, and was told nothing twice in
//! one answer.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use vocabulary::{Preset, Role};

use crate::client::{Client, event};
use crate::sync::sync;
use crate::world::{World, on_each_database};

#[derive(Debug, Clone)]
enum Event {
    Put { by: usize, name: usize, version: u32 },
    Delete { by: usize, name: usize },
    Move { name: usize, to: usize },
    MoveAway { name: usize },
    Recolour,
    Read { reader: usize, limit: Option<usize> },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let name = 0..6_usize;
    let limit = prop_oneof![Just(None), (1..4_usize).prop_map(Some)];
    let one = prop_oneof![
        4 => (0..2_usize, name.clone(), any::<u32>()).prop_map(|(by, name, version)| Event::Put { by, name, version }),
        2 => (0..2_usize, name.clone()).prop_map(|(by, name)| Event::Delete { by, name }),
        1 => (name.clone(), name.clone()).prop_map(|(name, to)| Event::Move { name, to }),
        1 => name.prop_map(|name| Event::MoveAway { name }),
        1 => Just(Event::Recolour),
        3 => (0..2_usize, limit).prop_map(|(reader, limit)| Event::Read { reader, limit }),
    ];
    prop::collection::vec(one, 1..40)
}

/// What a program holds of the collection.
#[derive(Debug, Default)]
struct Copy {
    token: String,
    items: BTreeMap<String, String>,
}

impl Copy {
    /// One page; whether there is more.
    async fn read(&mut self, client: &Client<'_>, path: &str, limit: Option<usize>) -> bool {
        let initial = self.token.is_empty();
        let answer = sync(client, path, &self.token, limit).await;
        let mut told = BTreeSet::new();
        let mut more = false;
        for response in answer.responses() {
            let href = response.href();
            assert!(told.insert(href.clone()), "{href} stands twice in one answer");
            match response.status() {
                Some(507) => more = true,
                Some(404) => {
                    assert!(!initial, "{href} is removed in an initial answer");
                    assert!(self.items.remove(&href).is_some(), "{href} goes and was never there");
                }
                Some(other) => panic!("{other}"),
                None => drop(self.items.insert(href, response.text("getetag").unwrap())),
            }
        }
        assert!(limit.is_none_or(|limit| told.len() <= limit + usize::from(more)));
        self.token = answer.sync_token();
        more
    }
}

async fn holds(world: &World, events: Vec<Event>) {
    let people = world.people().await;
    let (anna, ben) = (&people.anna, &people.ben);
    world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
    anna.send("MKCALENDAR", &anna.calendar("away/"), &[], "").await;
    let path = anna.calendar("calendar/");
    let item = |name: usize| format!("{path}{name}.ics");
    let (writers, mut copies) = ([anna, ben], [Copy::default(), Copy::default()]);
    // What is called by a name today; a UID goes with its bytes.
    let mut fresh = 0;
    for one in events {
        match one {
            Event::Put { by, name, version } => {
                let old = writers[by].get(&item(name)).await;
                let uid = match old.status {
                    200 => old.body.split("UID:").nth(1).unwrap().split("\r\n").next().unwrap().to_owned(),
                    _ => {
                        fresh += 1;
                        format!("uid{fresh}")
                    }
                };
                let status = writers[by].put(&item(name), event(&uid, &version.to_string())).await.status;
                assert!(matches!(status, 201 | 204), "{status}");
            }
            Event::Delete { by, name } => drop(writers[by].delete(&item(name)).await),
            Event::Move { name, to } => {
                anna.send("MOVE", &item(name), &[("Destination", &item(to)), ("Overwrite", "F")], "").await;
            }
            Event::MoveAway { name } => {
                fresh += 1;
                let away = anna.calendar(&format!("away/{fresh}.ics"));
                anna.send("MOVE", &item(name), &[("Destination", &away)], "").await;
            }
            Event::Recolour => {
                let change = format!("<set><prop><a:calendar-color>{fresh}</a:calendar-color></prop></set>");
                anna.proppatch(&path, &change).await;
            }
            Event::Read { reader, limit } => drop(copies[reader].read(writers[reader], &path, limit).await),
        }
    }
    let listing = anna.propfind(&path, "1", "<getetag/>").await.responses();
    let there: BTreeMap<String, String> =
        listing.iter().filter_map(|response| Some((response.href(), response.text("getetag")?))).collect();
    for (reader, copy) in writers.into_iter().zip(&mut copies) {
        let mut pages = 0;
        while copy.read(reader, &path, Some(2)).await {
            pages += 1;
            assert!(pages < 100, "it never ends");
        }
        assert_eq!(copy.items, there);
    }
}

/// Another one each time, but for one that is to be looked at again.
#[expect(clippy::disallowed_methods, reason = "the seed comes by environment")]
pub(crate) fn seed() -> u64 {
    let given = std::env::var("KONTOR_TEST_SEED").ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| RandomState::new().hash_one(0))
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "proptest calls a plain function, on a runtime thread set aside"
)]
fn every_copy_becomes_the_collection() {
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    on_each_database(async move |world| {
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let outcome = runner.run(&events(), |events| {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(holds(world, events)));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("KONTOR_TEST_SEED={seed}: {error}"));
    });
}
