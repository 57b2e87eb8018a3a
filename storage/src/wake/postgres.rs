//! LISTEN/NOTIFY between the processes that share a PostgreSQL store.
//!
//! NOTIFY goes out after the commit on a connection of its own: inside the writing transaction it
//! would serialise all commits. Payloads are numbers, never bodies.

use super::Hub;
use crate::error::{Fault, Result};
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;
use vocabulary::{AccountId, ModSeq};

const CHANNEL: &str = "kontor_wake";
/// Whoever waits on several processes looks again after this long anyway.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Accounts in one payload: well below PostgreSQL's 8,000 bytes.
const ACCOUNTS_PER_NOTIFY_MAX: usize = 150;

pub(crate) async fn join(url: &str, hub: &Arc<Hub>) -> Result<()> {
    let open = |error: sqlx::Error| Fault::Open(error.to_string());
    let options = crate::backend::postgres::connect_options(url)?;
    // To PostgreSQL a NOTIFY is a commit like others; this one would wait for the disk to keep nothing.
    let telling = options.clone().options([("synchronous_commit", "off")]);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(telling).await.map_err(open)?;
    let listen_pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.map_err(open)?;
    let mut listener = PgListener::connect_with(&listen_pool).await.map_err(open)?;
    listener.listen(CHANNEL).await.map_err(open)?;
    let (outward, changes) = mpsc::unbounded_channel();
    hub.set_outward(outward);
    spawn(tell(pool, changes));
    spawn(hear(listener, Arc::downgrade(hub)));
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "storage knows no session; both tasks end with the hub")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// Coalesces what is waiting: one NOTIFY for many commits.
async fn tell(pool: sqlx::PgPool, mut changes: mpsc::UnboundedReceiver<(AccountId, ModSeq)>) {
    while let Some(first) = changes.recv().await {
        let mut latest = HashMap::from([first]);
        while latest.len() < ACCOUNTS_PER_NOTIFY_MAX
            && let Ok((account, modseq)) = changes.try_recv()
        {
            let known = latest.entry(account).or_insert(modseq);
            *known = modseq.max(*known);
        }
        let payload: Vec<String> =
            latest.iter().map(|(account, modseq)| format!("{account}:{modseq}")).collect();
        let sent =
            sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload.join(" ")).execute(&pool);
        if let Err(error) = sent.await {
            // The others look again by themselves; nothing is lost but time.
            tracing::warn!(%error, "other processes could not be woken");
        }
    }
}

async fn hear(mut listener: PgListener, hub: Weak<Hub>) {
    // A clock of its own: busy traffic must not put off the look that finds what was lost.
    let mut look_again = tokio::time::interval(LOOK_AGAIN);
    // The first one comes at once.
    look_again.tick().await;
    loop {
        let heard = tokio::select! {
            heard = listener.try_recv() => Some(heard),
            _ = look_again.tick() => None,
        };
        let Some(hub) = hub.upgrade() else { return };
        match heard {
            Some(Ok(Some(notification))) => hub.raise(&parse(notification.payload())),
            Some(Ok(None)) | None => hub.raise_all(),
            Some(Err(error)) => {
                tracing::warn!(%error, "wake-ups of other processes are not heard");
                hub.raise_all();
                look_again.tick().await;
            }
        }
    }
}

fn parse(payload: &str) -> Vec<(AccountId, ModSeq)> {
    payload
        .split(' ')
        .filter_map(|pair| {
            let (account, modseq) = pair.split_once(':')?;
            Some((AccountId(account.parse().ok()?), ModSeq(modseq.parse().ok()?)))
        })
        .collect()
}
