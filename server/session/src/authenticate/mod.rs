//! Who is it? Passwords of all front ends are checked here.
//!
//! Three rules. Every guess costs one argon2 computation, also for a user that does not exist, and
//! only so many are computed at a time. A password that was right is remembered for five minutes
//! (as a keyed hash), which spares the computation and nothing else: account and credentials are
//! read each time, so that suspending, revoking and changing hold at once. Wrong guesses are counted
//! for all doors together, by network and user; a right password that is remembered, or that comes
//! from elsewhere, is never refused because somebody guesses.
//!
//! What is absent: whether the connection is safe enough to ask
//! ([`crate::Stream::may_authenticate`]); SASL.

mod hashing;
mod login_name;
mod proved;
mod throttle;

use crate::{Limits, Tasks};
use hashing::Hashing;
use login_name::LoginName;
use proved::{Key, Proved};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use storage::{
    Account, Clock, Credential, Error, Fault, PASSWORD_BYTES_MAX, PasswordKeys, Read, Refusal, Store,
};
use throttle::{Guess, Throttle};
use vocabulary::{AccountId, AccountKind, Door, Principal, Timestamp};

/// Longest user name that is looked at, in bytes: a domain, a backslash and an address.
const USER_BYTES_MAX: usize = 600;
/// How exact it is known when a credential was last used.
const USED_STEP_MS: i64 = 60_000;

/// Somebody who has proved who it is.
#[derive(Debug, Clone)]
pub struct Login {
    /// The actor of this account's transactions.
    pub principal: Principal,
    /// The account, as it was at the login.
    pub account: Account,
    /// With which password: the number of the credential.
    pub credential_id: i64,
}

impl Login {
    /// Whether the login would succeed again: the account exists and is not suspended, its kind
    /// still opens the door, and the password is neither changed nor revoked. A session that lasts
    /// asks before it does something; one that is told `false` says so in its protocol's words and
    /// ends.
    ///
    /// # Errors
    /// [`Fault`] only.
    pub async fn still_valid(&self, store: &Store) -> Result<bool, Error> {
        Ok(self.renewed(store).await?.is_some())
    }

    /// The same, with the account as it is now. `None`: the session is over.
    ///
    /// # Errors
    /// [`Fault`] only.
    pub async fn renewed(&self, store: &Store) -> Result<Option<Account>, Error> {
        let (account, credential_id, door) = (self.account.id, self.credential_id, self.principal.door());
        let house = Principal::System { door };
        let read = store.read(&house, move |tx| {
            let admin = tx.administer()?;
            let account = match tx.account(account) {
                Ok(account) if !account.suspended && account.kind.opens(door) => account,
                Ok(_) | Err(Error::Refusal(Refusal::NotFound(_))) => return Ok(None),
                Err(error) => return Err(error),
            };
            let living = tx.credentials(&admin, account.id)?;
            Ok(living.iter().any(|credential| credential.id == credential_id).then_some(account))
        });
        read.await
    }
}

/// Why not.
#[derive(Debug)]
pub enum Denied {
    /// No such user, another password, or suspended: the client is not told which.
    Wrong,
    /// The password is right, but an account of this kind does not come through this door.
    DoorClosed {
        /// The account's.
        kind: AccountKind,
        /// The one that it knocked at.
        door: Door,
    },
    /// Too many wrong guesses from this network; this one was not looked at.
    Throttled {
        /// When the next will be, in seconds; at least 1.
        retry_after_s: u32,
    },
    /// The store failed, or more logins wait than will be answered in time ([`Refusal::Busy`]).
    Fault(Error),
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// Checks passwords.
#[derive(Debug)]
pub struct Authenticator {
    store: Store,
    clock: Clock,
    tasks: Tasks,
    wrong_answer_min: Duration,
    hashing: Hashing,
    proved: Proved,
    throttle: Throttle,
    /// What the password of an unknown user is compared with.
    nobody: PasswordKeys,
    key: Key,
}

/// What the store knows of a user name.
struct Candidate {
    /// The name in the form that guesses are counted by. Known and unknown users have one.
    identity: String,
    /// The account and its living credentials.
    known: Option<(Account, Vec<Credential>)>,
}

impl Authenticator {
    /// An authenticator on a store. It keeps counts, so a server has one for all its doors.
    ///
    /// # Errors
    /// [`Fault`] if the operating system gives no random bytes.
    pub async fn new(store: Store, tasks: Tasks, limits: Arc<Limits>) -> storage::Result<Self> {
        let key = Key::random()?;
        let nobody = tokio::task::spawn_blocking(|| PasswordKeys::new("nobody's password"))
            .await
            .map_err(|error| Fault::Panic(error.to_string()))??;
        Ok(Self {
            clock: store.clock().clone(),
            store,
            tasks,
            wrong_answer_min: Duration::from_millis(limits.wrong_answer_ms_min),
            hashing: Hashing::new(),
            proved: Proved::default(),
            throttle: Throttle::new(&limits),
            nobody,
            key,
        })
    }

    /// Checks a user name and a password.
    ///
    /// The name is an address (`anna@example.org`, an alias, `anna+detail@..`), `EXAMPLE\anna` as
    /// Windows and phones write it, or `anna` alone if the server has exactly one domain. The
    /// password is the account's or one of its app passwords. `device` is the device's own name, if
    /// the protocol has one.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn password(
        &self,
        user: &str,
        password: &str,
        door: Door,
        peer: IpAddr,
        device: Option<String>,
    ) -> Result<Login, Denied> {
        // The time runs from here; it is waited for only if the answer is "wrong".
        let not_before = tokio::time::sleep(self.wrong_answer_min);
        let outcome = self.attempt(user, password, door, peer, device).await;
        match &outcome {
            Ok(_) | Err(Denied::Fault(_)) => {}
            // The user name is not logged: people type their password into that field.
            Err(Denied::Wrong) => {
                tracing::info!(%door, %peer, reason = "wrong", "login refused");
                not_before.await;
            }
            Err(Denied::DoorClosed { kind, .. }) => {
                tracing::info!(%door, %peer, reason = "door closed", %kind, "login refused");
            }
            Err(Denied::Throttled { retry_after_s }) => {
                tracing::info!(%door, %peer, reason = "throttled", retry_after_s, "login refused");
            }
        }
        outcome
    }

    /// How many argon2 computations there have been: for measuring, and for tests that claim that
    /// there was none.
    #[must_use]
    pub fn hashes_computed(&self) -> u64 {
        self.hashing.computed()
    }

    async fn attempt(
        &self,
        user: &str,
        password: &str,
        door: Door,
        peer: IpAddr,
        device: Option<String>,
    ) -> Result<Login, Denied> {
        if user.len() > USER_BYTES_MAX || password.len() > PASSWORD_BYTES_MAX {
            return Err(Denied::Wrong);
        }
        let candidate = self.candidate(user, door).await?;
        if let Some(index) = self.remembered(&candidate, password) {
            return self.admit(candidate, index, door, device);
        }
        let guess = Guess::new(&self.key, peer, &candidate.identity, password);
        // One at a time: a client that opens five connections at once computes once, and guesses in
        // parallel are counted like guesses in a row.
        let turn = self.throttle.turn(&guess).await;
        if let Some(index) = self.remembered(&candidate, password) {
            return self.admit(candidate, index, door, device);
        }
        let attempt = self
            .throttle
            .begin(guess, self.clock.now())
            .map_err(|retry_after_s| Denied::Throttled { retry_after_s })?;
        let found = self.hashing.verify(self.keys(&candidate), password).await?;
        let suspended = candidate.known.as_ref().is_none_or(|(account, _)| account.suspended);
        let Some(index) = found.filter(|_| !suspended) else { return Err(Denied::Wrong) };
        attempt.was_right();
        if let Some((account, credentials)) = &candidate.known
            && let Some(credential) = credentials.get(index)
        {
            self.proved.remember(self.key.proof(account.id, credential, password), self.clock.now());
        }
        drop(turn);
        self.admit(candidate, index, door, device)
    }

    /// Reads account and credentials, at one moment.
    async fn candidate(&self, user: &str, door: Door) -> Result<Candidate, Denied> {
        let name = LoginName::parse(user);
        Ok(self.store.read(&Principal::System { door }, move |tx| find(tx, &name)).await?)
    }

    /// What the password is compared with: for a user without credentials, with nobody's.
    fn keys(&self, candidate: &Candidate) -> Vec<PasswordKeys> {
        match &candidate.known {
            Some((_, credentials)) if !credentials.is_empty() => {
                credentials.iter().map(|credential| credential.keys.clone()).collect()
            }
            _ => vec![self.nobody.clone()],
        }
    }

    /// Which of the candidate's living credentials has been proved with this password lately.
    fn remembered(&self, candidate: &Candidate, password: &str) -> Option<usize> {
        let (account, credentials) = candidate.known.as_ref().filter(|(account, _)| !account.suspended)?;
        let now = self.clock.now();
        credentials
            .iter()
            .position(|credential| self.proved.holds(&self.key.proof(account.id, credential, password), now))
    }

    /// The password is right; is the door open?
    fn admit(
        &self,
        candidate: Candidate,
        index: usize,
        door: Door,
        device: Option<String>,
    ) -> Result<Login, Denied> {
        let (account, credentials) = candidate.known.ok_or(Denied::Wrong)?;
        let credential = credentials.get(index).ok_or(Denied::Wrong)?;
        if !account.kind.opens(door) {
            return Err(Denied::DoorClosed { kind: account.kind, door });
        }
        self.note_use(account.id, credential, door);
        Ok(Login {
            principal: Principal::Account { account: account.id, door, device },
            credential_id: credential.id,
            account,
        })
    }

    /// Has the use of a credential written down, without waiting for it, at most once a minute.
    fn note_use(&self, account: AccountId, credential: &Credential, door: Door) {
        let now = self.clock.now();
        let is_recent = |used: Timestamp| now.0.saturating_sub(used.0) < USED_STEP_MS;
        if credential.last_used_at.is_some_and(is_recent)
            || !self.proved.take_turn_to_note((account, credential.id), now, USED_STEP_MS)
        {
            return;
        }
        let (store, id) = (self.store.clone(), credential.id);
        self.tasks.spawn(async move {
            let house = Principal::System { door };
            let note = store.write(&house, &[], move |tx| {
                let admin = tx.administer()?;
                tx.credential_used(&admin, account, id)
            });
            if let Err(error) = note.await {
                tracing::warn!(account = account.0, ?error, "the use of a password was not noted");
            }
        });
    }
}

fn find(tx: &Read<'_>, name: &LoginName) -> storage::Result<Candidate> {
    let admin = tx.administer()?;
    let address = match name {
        LoginName::Address(address) => Some(address.clone()),
        LoginName::Local(local) => match tx.domains(&admin)?.as_slice() {
            [only] => login_name::in_domain(local, &only.name),
            _ => None,
        },
        LoginName::Nothing(_) => None,
    };
    let Some(address) = address else {
        return Ok(Candidate { identity: name.text(), known: None });
    };
    let identity = address.without_detail().unwrap_or_else(|| address.clone()).to_string();
    let known = match tx.account_by_address(&admin, &address) {
        Ok(account) => {
            let credentials = tx.credentials(&admin, account.id)?;
            Some((account, credentials))
        }
        Err(Error::Refusal(Refusal::NotFound(_))) => None,
        Err(error) => return Err(error),
    };
    Ok(Candidate { identity, known })
}

#[cfg(test)]
mod tests;
