//! `kill -9` at random moments under load: everything acknowledged is there, byte for byte, in one
//! place and once, and the store is sound.
//!
//! The victim is this very test binary, started again with a variable set: it adds, flags, moves and
//! removes mails from several tasks and prints a line for each step that was acknowledged. The parent
//! kills it, opens the store and compares. A step that was under way may have happened or not, but
//! wholly, and whatever it was after the first look it stays.

use crate::changes::{Random, rounds, spawn};
use crate::harness::{START_MS, Scratch, acting, house, open};
use crate::processes::{start, url_of};
use crate::schema::{has_todays_schema, write_first_schema};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use storage::{Database, FlagChange, NewAccount, NewItem, Parsed, Result, Store, Write, right};
use vocabulary::{AccountClass, AccountId, AccountKind, Flags, Keywords, Role, Timestamp, Uid};

const VICTIM: &str = "KONTOR_TEST_VICTIM";
const OPENER: &str = "KONTOR_TEST_OPENER";
/// Far more than it takes to start a process.
const DEADLINE: Duration = Duration::from_secs(60);
const ANNA: AccountId = AccountId(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Insert,
    Flag,
    Move,
    Remove,
}

/// What a writer does with its mail, one transaction after the other.
fn plan(number: u64) -> &'static [Step] {
    use Step::{Flag, Insert, Move, Remove};
    match number % 8 {
        0 => &[Insert],
        1 => &[Insert, Flag],
        2 => &[Insert, Move],
        3 => &[Insert, Remove],
        4 => &[Insert, Flag, Move],
        5 => &[Insert, Move, Flag],
        6 => &[Insert, Move, Remove],
        _ => &[Insert, Flag, Move, Remove],
    }
}

/// Where a mail is and whether it is flagged.
type State = (Role, bool);

/// The state after so many steps; `None` where there is no such mail.
fn after(number: u64, steps: usize) -> Option<State> {
    plan(number).iter().take(steps).fold(None, |state, step| match (step, state) {
        (Step::Insert, _) => Some((Role::Inbox, false)),
        (Step::Flag, Some((role, _))) => Some((role, true)),
        (Step::Move, Some((_, flagged))) => Some((Role::Archive, flagged)),
        (Step::Remove, _) | (_, None) => None,
    })
}

fn body(writer: u64, number: u64) -> Vec<u8> {
    // Every seventh is large enough to become a blob.
    let length = if number.is_multiple_of(7) { 150_000 } else { 500 };
    let mut random = Random(1 + writer * 1_000_003 + number);
    let mut bytes = format!("{writer} {number} ").into_bytes();
    bytes.extend((0..length).map(|_| random.below(256) as u8));
    bytes
}

/// One step; where the mail is afterwards.
fn take(tx: &mut Write<'_>, step: Step, new: &NewItem, (role, uid): (Role, Uid)) -> Result<(Role, Uid)> {
    let range = [uid.0..=uid.0];
    match step {
        Step::Insert => {
            let added = tx.insert(&tx.open_role::<right::Insert>(ANNA, role)?, new)?;
            return Ok((role, added.uid));
        }
        Step::Flag => {
            let grant = tx.open_role::<right::ChangeFlags>(ANNA, role)?;
            let change = FlagChange::Add(Flags::FLAGGED, Keywords::default());
            assert_eq!(tx.change_flags(&grant, &range, &change, None, None)?.matched, [uid]);
        }
        Step::Move => {
            let source = tx.open_role::<right::Remove>(ANNA, role)?;
            let read = tx.open_role::<right::ReadItems>(ANNA, role)?;
            let target = tx.open_role::<right::Insert>(ANNA, Role::Archive)?;
            return Ok((Role::Archive, tx.move_items(&source, &read, &target, &range)?[0].to));
        }
        Step::Remove => {
            assert_eq!(tx.remove(&tx.open_role::<right::Remove>(ANNA, role)?, &range)?, 1);
        }
    }
    Ok((role, uid))
}

async fn write_until_killed(store: Store, first: u64) {
    let writers: Vec<_> = (0..4_u64)
        .map(|writer| {
            let store = store.clone();
            spawn(async move {
                for number in first.. {
                    let bytes = bytes::Bytes::from(body(writer, number));
                    let content = store.prepare(ANNA, bytes, Parsed::default()).await.unwrap();
                    let new = NewItem::mail(content, Timestamp(START_MS));
                    let mut place = (Role::Inbox, Uid(0));
                    for (index, step) in plan(number).iter().enumerate() {
                        let new = new.clone();
                        let work = move |tx: &mut Write<'_>| take(tx, *step, &new, place);
                        place = store.write(&acting(ANNA), &[ANNA], work).await.unwrap();
                        let line = format!("{writer} {number} {}\n", index + 1);
                        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
                    }
                }
            })
        })
        .collect();
    futures::future::join_all(writers).await;
}

/// Not a test of its own: the child's half. Without the variable it has nothing to say.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent tells the child what to do by this way")]
fn victim() {
    let Ok(orders) = std::env::var(VICTIM) else { return };
    let mut parts = orders.splitn(3, ' ');
    let (directory, first, url) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store =
            open(&url.parse().unwrap(), PathBuf::from(directory), &Arc::new(AtomicI64::new(START_MS))).await;
        write_until_killed(store, first.parse().unwrap()).await;
    });
}

/// Which steps were acknowledged, by (writer, number).
type Promised = BTreeMap<(u64, u64), usize>;

fn kill_after(directory: &Path, url: &str, first: u64, lines: u64) -> Promised {
    let mut child = start("crash::victim", VICTIM, format!("{} {first} {url}", directory.display()));
    let mut acknowledged = Promised::new();
    let mut count = 0;
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let Ok(line) = line else { break };
        let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        if let [writer, number, steps] = numbers[..] {
            acknowledged.insert((writer, number), steps as usize);
            count += 1;
        }
        if count >= lines && !killed {
            // SIGKILL. What it had printed before is still in the pipe and is read to the end.
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the victim ended by itself after {count} lines");
    acknowledged
}

/// Every mail of both folders, whole, once.
async fn found(store: &Store) -> BTreeMap<(u64, u64), State> {
    let mut all = BTreeMap::new();
    for role in [Role::Inbox, Role::Archive] {
        let (items, stored) = store
            .read(&acting(ANNA), move |tx| {
                let grant = tx.open_role::<right::ReadItems>(ANNA, role)?;
                let every = [1..=u32::MAX];
                Ok((tx.items(&grant, &every)?, tx.contents(&grant, &every, false)?))
            })
            .await
            .unwrap();
        assert_eq!(items.len(), stored.len());
        for (item, (uid, stored)) in items.into_iter().zip(stored) {
            assert_eq!(item.uid, uid);
            let bytes = store.load(stored).await.unwrap();
            let head = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
            let mut words = head.split(' ').map(|word| word.parse::<u64>());
            let key = match (words.next(), words.next()) {
                (Some(Ok(writer)), Some(Ok(number))) => (writer, number),
                _ => panic!("{role:?} {uid} is no mail that was written"),
            };
            assert!(bytes == body(key.0, key.1), "{role:?} {uid} is not what was written");
            // I2: nothing is there twice, neither in one folder nor in two.
            let before = all.insert(key, (role, item.flags.contains(Flags::FLAGGED)));
            assert_eq!(before, None, "{key:?} is there twice");
        }
    }
    all
}

/// I1, and P5 of the moved: each is where its acknowledged steps left it, or one step further when
/// that step was under way.
fn compare(promised: &mut Promised, found: &BTreeMap<(u64, u64), State>) {
    for (key, steps) in promised.iter_mut() {
        let state = found.get(key).copied();
        if state == after(key.1, *steps) {
            continue;
        }
        let under_way = *steps < plan(key.1).len() && state == after(key.1, *steps + 1);
        assert!(under_way, "{key:?}: {state:?} after {steps} acknowledged steps of {:?}", plan(key.1));
        *steps += 1;
    }
    for (key, state) in found {
        // Its insert was under way, so no other step of it was.
        promised.entry(*key).or_insert_with(|| {
            assert_eq!(Some(*state), after(key.1, 1), "{key:?}");
            1
        });
    }
}

async fn survive(database: Database, directory: &Path, seed: u64) {
    let now = Arc::new(AtomicI64::new(START_MS));
    let store = open(&database, directory.to_owned(), &now).await;
    store
        .write(&house(), &[], |tx| {
            let admin = tx.administer()?;
            tx.create_domain(&admin, "blumen.test", "de")?;
            let new = NewAccount {
                address: crate::harness::address("anna@blumen.test"),
                kind: AccountKind::Imap,
                class: AccountClass::Person,
                name: String::new(),
                language: None,
                quota_bytes: None,
            };
            assert_eq!(tx.create_account(&admin, &new)?, ANNA);
            Ok(())
        })
        .await
        .unwrap();
    store.close();
    let mut random = Random(seed);
    let mut promised = Promised::new();
    for round in 0..rounds(5) {
        let (place, url) = (directory.to_owned(), url_of(&database));
        let lines = 20 + random.below(200);
        let victims = move || kill_after(&place, &url, round * 1_000_000, lines);
        let acknowledged = tokio::task::spawn_blocking(victims).await.unwrap();
        let whole = acknowledged.iter().filter(|(key, steps)| plan(key.1).len() == **steps).count();
        assert!(whole > 0, "too few steps to learn anything");
        promised.extend(acknowledged);
        let store = open(&database, directory.to_owned(), &now).await;
        assert_eq!(store.check().await.unwrap(), []);
        compare(&mut promised, &found(&store).await);
        store.close();
    }
}

#[test]
fn what_was_acknowledged_survives_kill_9_in_one_place_and_once() {
    let seed = 0x6b69_6c6c_0001;
    println!("seed {seed:#x}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kontor.db");
        survive(Database::Sqlite(path), directory.path(), seed).await;

        let scratch = Scratch::create().await;
        let directory = tempfile::tempdir().unwrap();
        survive(Database::Postgres(scratch.url.clone()), directory.path(), seed).await;
        scratch.remove().await;
    });
}

/// Not a test of its own: the child's half. Without the variable it has nothing to say.
#[test]
#[expect(clippy::disallowed_methods, reason = "the parent tells the child what to do by this way")]
fn opener() {
    let Ok(orders) = std::env::var(OPENER) else { return };
    let (directory, url) = orders.split_once(' ').unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        std::io::stdout().lock().write_all(b"begins\n").unwrap();
        let now = Arc::new(AtomicI64::new(START_MS));
        let _store = open(&url.parse().unwrap(), PathBuf::from(directory), &now).await;
        std::io::stdout().lock().write_all(b"is open\n").unwrap();
        // Until it is killed.
        std::io::stdin().read_line(&mut String::new()).unwrap();
    });
}

/// Kills a process that opens a store, at the latest when this time has passed since it began. Whether
/// it was still opening.
fn kill_while_opening(directory: &Path, url: &str, patience: Duration) -> bool {
    let mut child = start("crash::opener", OPENER, format!("{} {url}", directory.display()));
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (tell, told) = mpsc::channel();
    let reading = std::thread::spawn(move || {
        // The receiver has gone when nobody wants to know any more.
        lines.map_while(Result::ok).try_for_each(|line| tell.send(line)).ok();
    });
    while !told.recv_timeout(DEADLINE).expect("the child did not begin").contains("begins") {}
    let opening = told.recv_timeout(patience).is_err();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(told);
    reading.join().unwrap();
    opening
}

/// Kills a process again and again while it opens the same store, new or of the first schema.
async fn open_after_kills(database: Database, directory: &Path, random: &mut Random) -> usize {
    let now = Arc::new(AtomicI64::new(START_MS));
    let mut interrupted = 0;
    // Widened until a process gets through: so the kills are spread over all that happens before.
    for exponent in 0..20 {
        let patience = Duration::from_micros(random.below(500 << exponent));
        let (place, url) = (directory.to_owned(), url_of(&database));
        let kill = move || kill_while_opening(&place, &url, patience);
        if !tokio::task::spawn_blocking(kill).await.unwrap() {
            break;
        }
        interrupted += 1;
    }
    let store = open(&database, directory.to_owned(), &now).await;
    has_todays_schema(&database).await;
    assert_eq!(store.check().await.unwrap(), []);
    store.close();
    interrupted
}

/// P13: migration can be killed at any statement.
#[test]
fn a_store_whose_opening_was_killed_is_opened_whole() {
    let seed = 0x6b69_6c6c_0002;
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut interrupted = [0, 0];
        for round in 0..rounds(2) {
            let old = round % 2 == 0;
            let directory = tempfile::tempdir().unwrap();
            let database = Database::Sqlite(directory.path().join("kontor.db"));
            if old {
                write_first_schema(&database).await;
            }
            interrupted[0] += open_after_kills(database, directory.path(), &mut random).await;

            let scratch = Scratch::create().await;
            let directory = tempfile::tempdir().unwrap();
            let database = Database::Postgres(scratch.url.clone());
            if old {
                write_first_schema(&database).await;
            }
            interrupted[1] += open_after_kills(database, directory.path(), &mut random).await;
            scratch.remove().await;
        }
        assert!(interrupted.iter().all(|kills| *kills > 0), "no process was killed in time: {interrupted:?}");
    });
}
