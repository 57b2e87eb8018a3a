//! Fills an empty store with the demo's people, rights, mails, appointments, contacts, tasks and notes, once.

use super::insert::{insert_mails, insert_objects};
use super::objects::TIME_ZONE;
use super::people::{COLLECTOR, DOMAINS, PASSWORD, Person, ROOM, everybody};
use anyhow::{Context as _, Result, anyhow, bail};
use storage::{Account, Admin, Domain, Grantee, NewAccount, PasswordKeys, Read, Scope, Store, Write, right};
use vocabulary::{AccountClass, AccountId, AccountKind, Door, EmailAddress, Preset, Principal, Role};

const LANGUAGE: &str = "en";
const TEAM: &str = "team@blumen-huber.test";
/// Every demo has the same mails.
const SEED: u64 = 1;
/// The setting of the first domain that is written last.
const MARK: &str = "demo";
const MARK_VALUE: &str = "complete";
/// Emil's share of his quota, in thousandths.
const COLLECTOR_USES_PER_MILLE: i64 = 715;

/// The people of the demo, whose data are in the store when this returns, and their room.
///
/// A filling that was interrupted is taken away and begun again.
pub(crate) async fn fill(store: &Store) -> Result<Vec<Person>> {
    let house = Principal::System { door: Door::Admin };
    let state = store.read(&house, |tx| tx.administer().and_then(|admin| state(tx, &admin))).await?;
    match state {
        State::Complete(people) => return Ok(people),
        State::Foreign(domain) => bail!(
            "this store holds the domain {domain}, which is not the demo's; the demo gives everybody the password '{PASSWORD}', so it wants a store of its own"
        ),
        State::Interrupted(accounts) => {
            store.write(&house, &accounts.clone(), move |tx| clear(tx, &accounts)).await?;
        }
        State::Empty => {}
    }
    let keys = passwords().await?;
    let everybody = everybody()?;
    let people: Vec<Person> = store
        .write(&house, &[], move |tx| {
            let admin = tx.administer()?;
            set_up(tx, &admin, &everybody, &keys)
        })
        .await?;
    let ids: Vec<AccountId> = people.iter().map(|person| person.id).collect();
    insert_mails(store, &ids, SEED).await?;
    insert_objects(store, &ids, SEED).await?;
    let (all, shown) = (ids.clone(), people);
    let everybody = store
        .write(&house, &all, move |tx| {
            let admin = tx.administer()?;
            share(tx, &admin, &shown)?;
            limit_collector(tx, &admin, &shown)?;
            let room = set_up_room(tx, &admin)?;
            let domain = tx.domain_by_name(DOMAINS[0])?.id;
            tx.put_setting(Scope::Domain(domain), MARK, MARK_VALUE)?;
            Ok(shown.into_iter().chain([room]).collect())
        })
        .await?;
    Ok(everybody)
}

enum State {
    Empty,
    Foreign(String),
    Interrupted(Vec<AccountId>),
    Complete(Vec<Person>),
}

fn state<'tx>(tx: &Read<'tx>, admin: &Admin<'tx>) -> storage::Result<State> {
    let domains = tx.domains(admin)?;
    let Some(first) = domains.first() else { return Ok(State::Empty) };
    let mark = tx.setting(Scope::Domain(first.id), MARK)?;
    if mark.as_deref() == Some(MARK_VALUE) {
        return Ok(State::Complete(tx.accounts(admin, None)?.into_iter().map(Person::from).collect()));
    }
    let ours = |domain: &Domain| DOMAINS.contains(&domain.name.as_str());
    Ok(match domains.iter().find(|domain| !ours(domain)) {
        Some(foreign) => State::Foreign(foreign.name.clone()),
        None => State::Interrupted(tx.accounts(admin, None)?.iter().map(|account| account.id).collect()),
    })
}

fn clear(tx: &mut Write<'_>, accounts: &[AccountId]) -> storage::Result<()> {
    let admin = tx.administer()?;
    for account in accounts {
        tx.remove_account(&admin, *account)?;
    }
    for domain in tx.domains(&admin)? {
        for group in tx.groups(&admin, domain.id)? {
            tx.remove_group(&admin, group.id)?;
        }
        tx.remove_domain(&admin, domain.id)?;
    }
    Ok(())
}

/// One set of keys for each person: equal passwords have different salts.
async fn passwords() -> Result<Vec<PasswordKeys>> {
    let computing: Vec<_> =
        (0..6).map(|_| tokio::task::spawn_blocking(|| PasswordKeys::new(PASSWORD))).collect();
    let mut keys = Vec::new();
    for computed in computing {
        keys.push(computed.await.context("a password could not be hashed")??);
    }
    Ok(keys)
}

fn set_up<'tx>(
    tx: &mut Write<'tx>,
    admin: &Admin<'tx>,
    everybody: &[(EmailAddress, AccountKind, &'static str)],
    keys: &[PasswordKeys],
) -> storage::Result<Vec<Person>> {
    for domain in DOMAINS {
        let domain = tx.create_domain(admin, domain, LANGUAGE)?;
        tx.put_setting(Scope::Domain(domain), workflow::TIME_ZONE, TIME_ZONE)?;
    }
    let mut people = Vec::new();
    for ((address, kind, name), keys) in everybody.iter().zip(keys) {
        let new = NewAccount {
            address: address.clone(),
            kind: *kind,
            class: AccountClass::Person,
            name: (*name).to_owned(),
            language: None,
            quota_bytes: None,
        };
        let id = tx.create_account(admin, &new)?;
        tx.set_password(admin, id, keys)?;
        people.push(Person::from(tx.account(id)?));
    }
    Ok(people)
}

fn set_up_room<'tx>(tx: &mut Write<'tx>, admin: &Admin<'tx>) -> storage::Result<Person> {
    let (name, address) = ROOM;
    let new = NewAccount {
        address: EmailAddress::parse(address).map_err(|_| storage::Refusal::Invalid("the room's address"))?,
        kind: AccountKind::Exchange,
        class: AccountClass::Room,
        name: name.to_owned(),
        language: None,
        quota_bytes: None,
    };
    let id = tx.create_account(admin, &new)?;
    tx.account(id).map(Person::from)
}

/// Ben reads Anna's calendar and Inbox, David edits the calendar and adds to her tasks, the team reads her
/// contacts. Nora, of another domain, is refused by the store.
fn share<'tx>(tx: &mut Write<'tx>, admin: &Admin<'tx>, people: &[Person]) -> storage::Result<()> {
    let [anna, ben, clara, david, _, nora] = people else { return Ok(()) };
    let team = EmailAddress::parse(TEAM).map_err(|_| storage::Refusal::Invalid("the team's address"))?;
    let team = tx.create_group(admin, &team)?;
    for member in [anna, ben, clara, david] {
        tx.set_member(admin, team, member.id, true)?;
    }
    let grants = [
        (Role::Calendar, Grantee::Account(ben.id), Preset::Reader),
        (Role::Calendar, Grantee::Account(david.id), Preset::Editor),
        (Role::Tasks, Grantee::Account(david.id), Preset::Author),
        (Role::Inbox, Grantee::Account(ben.id), Preset::Reader),
        (Role::Contacts, Grantee::Group(team), Preset::Reader),
    ];
    for (role, grantee, preset) in grants {
        let folder = tx.open_role::<right::Administer>(anna.id, role)?;
        tx.set_permission(&folder, grantee, preset.rights())?;
    }
    let calendar = tx.open_role::<right::Administer>(anna.id, Role::Calendar)?;
    match tx.set_permission(&calendar, Grantee::Account(nora.id), Preset::Reader.rights()) {
        Err(storage::Error::Refusal(_)) => Ok(()),
        Ok(()) => Err(storage::Refusal::Invalid("a grant crossed the wall between domains").into()),
        Err(fault) => Err(fault),
    }
}

fn limit_collector<'tx>(tx: &mut Write<'tx>, admin: &Admin<'tx>, people: &[Person]) -> storage::Result<()> {
    let Some(collector) = people.get(COLLECTOR) else { return Ok(()) };
    let Account { used_bytes, .. } = tx.account(collector.id)?;
    tx.set_account_quota(admin, collector.id, used_bytes * 1_000 / COLLECTOR_USES_PER_MILLE)
}

/// The place in the store of a person's account, by its number in the data set.
pub(super) fn account_of(people: &[AccountId], number: usize) -> Result<AccountId> {
    people
        .get(number)
        .copied()
        .ok_or_else(|| anyhow!("the demo's mails are for {number}, who does not exist"))
}
