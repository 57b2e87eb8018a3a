//! The task that sends: it waits for changes of anybody, looks who is to be told, and hands each account to a task of its
//! own, so that a push service that does not answer holds up nobody but whose it is.
//!
//! Several processes on one store may do so beside each other: a registration is claimed before it is sent.

use dav_wire::push::push_message;
use http_door::post;
use session::Context;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use storage::{DuePush, Error, PushOutcome, Refusal, Whose};
use tokio::sync::{Notify, Semaphore};
use vocabulary::{AccountId, Door, Principal, Timestamp};

use super::encrypt::Recipient;
use super::{HOUSE, Push};
use crate::cursor;

/// Changes that come within this time are one message, or within the interval between two if that is shorter.
const GATHER_MS_MAX: i64 = 1_000;
/// Accounts that are served at once, a handful of messages each.
const ACCOUNTS_MAX: usize = 32;
/// How soon one looks again after what could not be looked at.
const AGAIN_MS: i64 = 5_000;
/// The first pause after a failure; it doubles with each that follows.
const PAUSE_MS: i64 = 60_000;
const PAUSE_MS_MAX: i64 = 6 * 3_600_000;
/// What a push service may ask for itself.
const RETRY_AFTER_S_MAX: u32 = 24 * 3_600;
/// After this many failures, a day and more of them, a registration is given up: "Removal of Invalid Subscriptions".
const FAILURES_MAX: i64 = 12;
/// How long a push service keeps a message for a client that is away, in seconds: RFC 8030 section 5.2. It will have
/// asked by itself by then.
const TTL_S: u32 = 24 * 3_600;
/// How much of a pseudonym the header `Topic` is: 32 characters, RFC 8030 section 5.4.
const HEADER_TOPIC_BYTES: usize = 24;
/// "Push Message" of the Web Push transport.
const CONTENT_TYPE: &str = "application/xml; charset=\"UTF-8\"";

type Headers = Vec<(&'static str, String)>;
/// The origins that did not answer, and until when they are not asked again for what else they would get.
type Silent = BTreeMap<String, Timestamp>;

/// What became of a handful of messages.
enum Told {
    Some {
        /// Whether none is to be tried again.
        all: bool,
    },
    NothingLeft,
}

struct Sender {
    context: Context,
    push: Push,
    gather: Duration,
    /// Accounts that a task is at.
    served: Mutex<BTreeSet<AccountId>>,
    places: Semaphore,
    /// Something is to be tried again, and it is not known when.
    failed: Notify,
}

pub(super) fn start(context: &Context, push: &Push) {
    let sender = Arc::new(Sender {
        context: context.clone(),
        push: push.clone(),
        gather: Duration::from_millis(push.inner.interval_ms.clamp(0, GATHER_MS_MAX).unsigned_abs()),
        served: Mutex::default(),
        places: Semaphore::new(ACCOUNTS_MAX),
        failed: Notify::new(),
    });
    context.tasks.spawn(sender.run());
}

impl Sender {
    async fn run(self: Arc<Self>) {
        let tasks = &self.context.tasks;
        let wakes = self.context.store.house_wakes();
        // What the end of the server left.
        let mut whose = Whose::Anybody;
        let mut next_at = None;
        loop {
            let is_whole = whose == Whose::Anybody;
            let found = match self.look(whose).await {
                Ok(found) => found,
                Err(error) => {
                    tracing::error!(%error, "who is to be told by push could not be asked");
                    Some(self.after(AGAIN_MS))
                }
            };
            next_at = if is_whole { found } else { earlier(next_at, found) };
            whose = tokio::select! {
                () = tasks.requested() => return,
                whose = wakes.changed() => whose,
                () = self.failed.notified() => Whose::Anybody,
                () = self.until(next_at) => Whose::Anybody,
            };
            tokio::select! {
                () = tasks.requested() => return,
                () = tokio::time::sleep(self.gather) => {}
            }
            if let Some(more) = wakes.take() {
                whose = whose.and(more);
            }
        }
    }

    /// Serves the accounts that are to be told of what changed; when to look again.
    async fn look(self: &Arc<Self>, whose: Whose) -> storage::Result<Option<Timestamp>> {
        let ask = move |tx: &storage::Read<'_>| tx.pushes_due(&tx.administer()?, &whose);
        let due = self.context.store.read(&HOUSE, ask).await?;
        let mut next_at = due.next_at;
        for account in due.accounts {
            if !self.served().insert(account) {
                // Its task may have asked for the last time already.
                next_at = earlier(next_at, Some(self.after(AGAIN_MS)));
                continue;
            }
            let own = Arc::clone(self);
            self.context.tasks.spawn(async move {
                let all_told = own.serve(account).await;
                own.served().remove(&account);
                if !all_told {
                    own.failed.notify_one();
                }
            });
        }
        Ok(next_at)
    }

    /// Sends all that an account is to be told; whether nothing is to be tried again. Between one handful and the next
    /// the others have their turn.
    async fn serve(&self, account: AccountId) -> bool {
        let tasks = &self.context.tasks;
        let (mut silent, mut all_told) = (Silent::new(), true);
        loop {
            let Ok(_place) = self.places.acquire().await else { return true };
            let told = tokio::select! {
                () = tasks.requested() => return true,
                told = Box::pin(self.tell(account, &mut silent)) => told,
            };
            match told {
                Ok(Told::Some { all }) => all_told &= all,
                Ok(Told::NothingLeft) => return all_told,
                // It was removed or suspended meanwhile.
                Err(Error::Refusal(Refusal::NotFound(_))) => return true,
                Err(error) => {
                    tracing::error!(%error, account = account.0, "push is late");
                    return false;
                }
            }
        }
    }

    /// Sends some of what an account is to be told. The account acts itself: what it may not read it is not told of.
    async fn tell(&self, account: AccountId, silent: &mut Silent) -> storage::Result<Told> {
        let (store, principal) = (&self.context.store, Principal::account(account, Door::Dav));
        let claimed = store.write(&principal, &[account], move |tx| tx.claim_pushes(account)).await?;
        if claimed.is_empty() {
            return Ok(Told::NothingLeft);
        }
        let mut all = true;
        for push in claimed {
            let outcome = self.send(&push, silent).await;
            all &= !matches!(outcome, PushOutcome::Later { .. });
            let settle = move |tx: &mut storage::Write<'_>| tx.settle_push(account, &push.token, outcome);
            store.write(&principal, &[account], settle).await?;
        }
        Ok(Told::Some { all })
    }

    async fn send(&self, push: &DuePush, silent: &mut Silent) -> PushOutcome {
        // Settings may have changed since it was registered.
        let Some(target) = self.push.target(&push.endpoint) else { return PushOutcome::Gone };
        // The rest of the URL is a secret of the client.
        let origin = target.origin();
        if silent.get(&origin).is_some_and(|until| self.context.clock.now() < *until) {
            return self.failed(push, None);
        }
        let Some((headers, body)) = self.message(push, &origin) else { return self.failed(push, None) };
        match post(&self.push.inner.outbound, &target, &headers, &body).await {
            Ok(answered) => {
                tracing::debug!(origin, status = answered.status, "push");
                match answered.status {
                    200..=299 => PushOutcome::Delivered {
                        told: push.told,
                        again_at: self.after(self.push.inner.interval_ms),
                    },
                    // RFC 8030 section 7.3: there is no such subscription, or not any more.
                    404 | 410 => PushOutcome::Gone,
                    _ => self.failed(push, answered.retry_after_s),
                }
            }
            Err(error) => {
                tracing::debug!(origin, %error, "push");
                silent.insert(origin, self.after(PAUSE_MS));
                self.failed(push, None)
            }
        }
    }

    /// Headers and body of a message: RFC 8030 section 5.
    fn message(&self, push: &DuePush, origin: &str) -> Option<(Headers, Vec<u8>)> {
        let vapid = &self.push.inner.vapid;
        let token = push.content.then(|| cursor::token(&push.collection, &push.end));
        let text = push_message(&self.push.topic(&push.collection), token.as_deref(), push.properties);
        let recipient = Recipient { public_key: &push.public_key, auth_secret: &push.auth_secret };
        let body = recipient.encrypt(&text).ok()?;
        // A message takes the place of one that says the same and was not fetched yet.
        let says = format!("message/{}/{}{}", push.token, u8::from(push.content), u8::from(push.properties));
        let urgency = if push.content { "normal" } else { "low" };
        let headers = vec![
            ("Content-Type", CONTENT_TYPE.to_owned()),
            ("Content-Encoding", "aes128gcm".to_owned()),
            ("Authorization", vapid.authorization(origin, self.context.clock.now()).ok()?),
            ("TTL", TTL_S.to_string()),
            ("Topic", vapid.pseudonym(&says, HEADER_TOPIC_BYTES)),
            ("Urgency", urgency.to_owned()),
        ];
        Some((headers, body))
    }

    fn failed(&self, push: &DuePush, retry_after_s: Option<u32>) -> PushOutcome {
        match pause_ms(push.failures, retry_after_s) {
            Some(pause_ms) => PushOutcome::Later { at: self.after(pause_ms) },
            None => PushOutcome::Gone,
        }
    }

    fn after(&self, ms: i64) -> Timestamp {
        Timestamp(self.context.clock.now().0.saturating_add(ms))
    }

    /// Waits until a moment; without one for ever.
    async fn until(&self, moment: Option<Timestamp>) {
        match moment {
            Some(moment) => {
                let ms = moment.0.saturating_sub(self.context.clock.now().0).max(0);
                tokio::time::sleep(Duration::from_millis(ms.unsigned_abs())).await;
            }
            None => std::future::pending().await,
        }
    }

    fn served(&self) -> MutexGuard<'_, BTreeSet<AccountId>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

/// How long to wait after one more failure, in milliseconds. `None`: it is given up.
fn pause_ms(failures: i64, retry_after_s: Option<u32>) -> Option<i64> {
    let tried = u32::try_from(failures).ok().filter(|_| failures + 1 < FAILURES_MAX)?;
    let asked_ms = i64::from(retry_after_s.unwrap_or(0).min(RETRY_AFTER_S_MAX)) * 1_000;
    let pause_ms = PAUSE_MS.checked_shl(tried).map_or(PAUSE_MS_MAX, |pause| pause.min(PAUSE_MS_MAX));
    Some(pause_ms.max(asked_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_to_an_end_and_a_service_may_ask_for_more() {
        let minutes: Vec<_> =
            (0..20).map_while(|failures| pause_ms(failures, None)).map(|ms| ms / 60_000).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert!(minutes.iter().sum::<i64>() > 20 * 60, "a night without a push service is survived");
        assert_eq!(pause_ms(0, Some(30)), Some(60_000));
        assert_eq!(pause_ms(0, Some(600)), Some(600_000));
        assert_eq!(pause_ms(0, Some(u32::MAX)), Some(86_400_000));
        assert_eq!(pause_ms(FAILURES_MAX - 1, Some(1)), None);
        assert_eq!(pause_ms(i64::MAX - 1, None), None);
    }

    #[test]
    fn the_earlier_of_two_moments_counts() {
        let (one, two) = (Some(Timestamp(1)), Some(Timestamp(2)));
        assert_eq!(
            [earlier(one, two), earlier(two, one), earlier(None, two), earlier(one, None)],
            [one, one, two, one]
        );
        assert_eq!(earlier(None, None), None);
    }
}
