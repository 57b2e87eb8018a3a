//! What stands between a request and a change: conditions, and the locks of others.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use dav_wire::{Href, Precondition};
use storage::{Lock, Locks, Read};
use vocabulary::AccountId;

use super::condition::{self, State};
use super::place::{FilePath, Place};
use crate::call::{Answer, Call, Failure};
use crate::condition::Conditions;
use crate::location::Location;

/// What a request says must hold, and the locks that it says it knows of.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    conditions: Conditions,
    tokens: Vec<String>,
    me: AccountId,
}

impl Guard {
    /// # Errors
    /// 400 for a header that cannot be read.
    pub(crate) fn of(call: &Call, request: &HttpRequest) -> Answer<Self> {
        let conditions = Conditions::of(request)?;
        let tokens = condition::submitted(conditions.state());
        Ok(Self { conditions, tokens, me: call.account().id })
    }

    pub(crate) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// The locks that the request names.
    pub(crate) fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The same without `If-None-Match`, which a GET answers otherwise.
    pub(crate) fn of_reading(&self) -> Self {
        Self { conditions: self.conditions.of_reading(), ..self.clone() }
    }

    /// Whether the conditions hold of the resource of the request as it is now.
    ///
    /// # Errors
    /// 412.
    pub(crate) fn check(
        &self,
        tx: &Read<'_>,
        path: &FilePath,
        place: &Place<'_>,
        locks: &Locks,
    ) -> Answer<()> {
        let tags = match place {
            Place::Collection(_) => self.conditions.tags_hold_of_collection(),
            other => self.conditions.tags_hold(other.tag().as_ref()),
        };
        let state_of = |resource: Option<&str>| match resource {
            None => Ok(state(&path.names, place, locks)),
            Some(text) => state_elsewhere(tx, path, text, locks),
        };
        let state = match self.conditions.state() {
            Some(wanted) => condition::holds(wanted, state_of)?,
            None => true,
        };
        if tags && state { Ok(()) } else { Err(StatusCode::PRECONDITION_FAILED.into()) }
    }

    /// Whether what lies at each of these paths may be changed: RFC 4918 section 7. A collection changes when a name in it
    /// comes or goes.
    ///
    /// # Errors
    /// 423 with the locks whose tokens are missing, or whose holder is another: section 6.4.
    pub(crate) fn may_change(&self, tx: &Read<'_>, locks: &Locks, paths: &[&FilePath]) -> Answer<()> {
        let mut roots: Vec<String> = Vec::new();
        for path in paths {
            for lock in self.in_the_way(locks, &path.names) {
                let root = root(tx, path, lock)?.to_string();
                if !roots.contains(&root) {
                    roots.push(root);
                }
            }
        }
        if roots.is_empty() { Ok(()) } else { Err(Precondition::LockTokenSubmitted(roots).into()) }
    }

    /// The paths of locked members beneath a collection that may not be changed with it.
    pub(crate) fn locked_beneath(
        &self,
        tx: &Read<'_>,
        locks: &Locks,
        path: &FilePath,
    ) -> storage::Result<Vec<String>> {
        let mut members: Vec<String> = Vec::new();
        for lock in locks.within(&path.names).filter(|lock| lock.path != path.names) {
            if !self.in_the_way(locks, &lock.path).is_empty() {
                let member = root(tx, path, lock)?.to_string();
                if !members.contains(&member) {
                    members.push(member);
                }
            }
        }
        Ok(members)
    }

    /// The locks over a path, none of which is one's own and named. Whoever holds one of several shared locks may change
    /// what they lock.
    fn in_the_way<'l>(&self, locks: &'l Locks, path: &'l [String]) -> Vec<&'l Lock> {
        let over: Vec<&Lock> = locks.over(path).collect();
        let held = |lock: &&&Lock| lock.holder == self.me && self.tokens.contains(&lock.token);
        if over.iter().any(|lock| held(&lock)) { Vec::new() } else { over }
    }
}

fn state(path: &[String], place: &Place<'_>, locks: &Locks) -> State {
    State { tag: place.tag(), tokens: locks.over(path).map(|lock| lock.token.clone()).collect() }
}

/// Of what is not among the same files, and of what may not be seen, nothing is known.
fn state_elsewhere(tx: &Read<'_>, path: &FilePath, resource: &str, locks: &Locks) -> Answer<State> {
    let location = Href::parse(resource).ok().and_then(|href| Location::of(&href));
    let Some(Location::File(location)) = location else { return Ok(State::default()) };
    if location.owner != path.owner.address {
        return Ok(State::default());
    }
    let other = path.beside(location.names.iter().map(|name| name.as_str().to_owned()).collect());
    match other.place(tx) {
        Ok(place) => Ok(state(&other.names, &place, locks)),
        Err(storage::Error::Refusal(_)) => Ok(State::default()),
        Err(error) => Err(Failure::Store(error)),
    }
}

/// The path of what a lock among the same files was made on.
pub(super) fn root(tx: &Read<'_>, among: &FilePath, lock: &Lock) -> storage::Result<Href> {
    let root = among.beside(lock.path.clone());
    let is_collection = match root.place(tx) {
        Ok(place) => place.is_collection(),
        Err(storage::Error::Refusal(_)) => false,
        Err(error) => return Err(error),
    };
    Ok(root.href(is_collection))
}
