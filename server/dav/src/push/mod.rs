//! WebDAV-Push, as drafted: clients register with a collection, and are told by Web Push (RFC 8030) when it changed.
//!
//! | file | does |
//! | --- | --- |
//! | `register.rs` | POST of a registration, DELETE of its URL |
//! | `sender.rs` | the task that sends: who is to be told, when, and what becomes of it |
//! | `encrypt.rs` | RFC 8291 and RFC 8188 |
//! | `vapid.rs` | RFC 8292 |
//!
//! What is to be told is no list of events but the difference between a collection's stamps and those that its
//! registration was last told (`storage`). So changes by every door are told, many at once are one message, and what a
//! crash interrupts is told later.
//!
//! Absent: homes, principals, schedule inboxes and plain files, whose members nobody is told of; that a collection was
//! removed; properties that a delegate keeps for itself; `Urgency` by alarms; a new key of ours, which stays the same.

mod encrypt;
mod register;
mod sender;
mod vapid;

pub(crate) use register::{register, remove};

use dav_wire::push::{supported_triggers, transports};
use dav_wire::xml::Element;
use http_door::Target;
use session::{Context, Network, Outbound};
use std::sync::Arc;
use storage::{Collection, Fault};
use vapid::Vapid;
use vocabulary::{Door, Principal};

/// Under this name our key is kept.
const KEY: &str = "vapid_key";
/// How much of a pseudonym a topic is: what nobody meets twice.
const TOPIC_BYTES: usize = 16;
const HOUSE: Principal = Principal::System { door: Door::Dav };

/// How push behaves.
#[derive(Debug, Clone)]
pub struct PushSettings {
    /// A URI (`mailto:` or `https:`) by which operators of push services reach the operator of this server: RFC 8292
    /// section 2.1.
    pub contact: String,
    /// Networks of our own in which push services may lie, also without TLS. Everything else must be on the public
    /// Internet and be asked over TLS.
    pub own_networks: Arc<[Network]>,
    /// How long a client is left alone after a message, in milliseconds.
    pub interval_ms: i64,
}

/// Push for the clients of one server. Cheap to clone.
#[derive(Clone)]
pub struct Push {
    inner: Arc<Inner>,
}

struct Inner {
    vapid: Vapid,
    outbound: Outbound,
    interval_ms: i64,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Push")
    }
}

impl Push {
    /// Reads the key that the house has, or draws it once, and begins to send.
    ///
    /// # Errors
    /// [`Fault`] if the store fails, its key is damaged, or there are no random bytes or no TLS.
    pub async fn start(context: &Context, settings: PushSettings) -> storage::Result<Self> {
        let fault = |what: &str| Fault::Open(format!("push: {what}"));
        let fresh = Vapid::draw().map_err(|_| fault("no random bytes"))?;
        let keep = move |tx: &mut storage::Write<'_>| tx.house_secret(&tx.administer()?, KEY, &fresh);
        let kept = context.store.write(&HOUSE, &[], keep).await?;
        let vapid =
            Vapid::from_kept(&kept, settings.contact).map_err(|_| fault("the key that is kept is none"))?;
        let outbound = Outbound::new(settings.own_networks).map_err(|error| fault(&error.to_string()))?;
        let inner = Inner { vapid, outbound, interval_ms: settings.interval_ms };
        let push = Self { inner: Arc::new(inner) };
        sender::start(context, &push);
        Ok(push)
    }

    /// The property `transports`.
    pub(crate) fn transports(&self) -> Element {
        transports(self.inner.vapid.public_key())
    }

    /// The property `topic`: the same for everybody who sees the collection, wherever it is mounted.
    pub(crate) fn topic(&self, collection: &Collection) -> String {
        let of = format!("collection/{}/{}", collection.account, collection.id);
        self.inner.vapid.pseudonym(&of, TOPIC_BYTES)
    }

    /// The property `supported-triggers`.
    pub(crate) fn triggers(&self) -> Element {
        supported_triggers()
    }

    /// Where messages may be sent, if they may. What a name means is asked when something is sent.
    fn target(&self, push_resource: &str) -> Option<Target> {
        let target = Target::parse(push_resource)?;
        let may = match target.address() {
            Some(address) => self.inner.outbound.permits(address, target.is_secure()),
            None => target.is_secure(),
        };
        may.then_some(target)
    }
}
