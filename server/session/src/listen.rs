//! From a listening socket to connections: as many as there is room for, each on a task of its own.

use crate::stream::Counts;
use crate::{Context, Limits, Peer, Stream, network::prefix};
use rustls::ServerConfig;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use vocabulary::{Door, Timestamp};

/// How a listener is protected.
#[derive(Debug, Clone)]
pub enum Security {
    /// Not at all: on the loopback, or behind a proxy that ends TLS.
    Plain,
    /// In the clear until the client says STARTTLS.
    StartTls(Arc<ServerConfig>),
    /// TLS from the first byte.
    Implicit(Arc<ServerConfig>),
}

/// A connection from its greeting to its end.
pub type Conversation = Pin<Box<dyn Future<Output = ()> + Send>>;

/// First and longest pause after accepting has failed for want of descriptors or memory.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Accepts connections and gives each to `handler`, until shutdown is asked for. Connections that
/// are open then are not cut: their handlers watch [`crate::Tasks::requested`] themselves.
///
/// Above [`Limits::connections_max`] and the limits per address a connection is closed unanswered.
pub async fn serve<H, F>(listener: TcpListener, security: Security, context: Context, door: Door, handler: H)
where
    H: Fn(Stream, Peer, Context) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let handler = Arc::new(handler);
    let places = Arc::new(Places::default());
    let mut pause = PAUSE_FIRST;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = context.tasks.requested() => return,
        };
        match accepted {
            Ok((socket, address)) => {
                pause = PAUSE_FIRST;
                let peer = Peer::new(address);
                let Some(place) = Places::take(&places, peer.address.ip(), &context.limits) else {
                    tracing::debug!(%door, peer = %peer.address, "no room for another connection");
                    continue;
                };
                let (security, handler, own) = (security.clone(), Arc::clone(&handler), context.clone());
                context.tasks.spawn(async move {
                    let _place = place;
                    connection(socket, security, own, door, peer, handler).await;
                });
            }
            // That client has gone again; the next one may be fine.
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::warn!(%door, %error, pause_ms = pause.as_millis(), "cannot accept connections");
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = context.tasks.requested() => return,
                }
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted, TimedOut};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted | TimedOut)
}

async fn connection<H, F>(
    socket: TcpStream,
    security: Security,
    context: Context,
    door: Door,
    peer: Peer,
    handler: Arc<H>,
) where
    H: Fn(Stream, Peer, Context) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    // Answers are written whole; waiting for more would only delay them.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%door, peer = %peer.address, %error, "TCP_NODELAY");
    }
    let (start_tls, implicit) = match security {
        Security::Plain => (None, false),
        Security::StartTls(config) => (Some(config), false),
        Security::Implicit(config) => (Some(config), true),
    };
    let mut stream = Stream::plain(socket, start_tls, &context.limits);
    let mut line = LogLine {
        door,
        peer: peer.clone(),
        began_at: context.clock.now(),
        counts: stream.counts(),
        context: context.clone(),
        tls_error: None,
    };
    if implicit {
        stream = match stream.start_tls().await {
            Ok(stream) => stream,
            Err(error) => {
                line.tls_error = Some(error);
                return;
            }
        };
    }
    handler(stream, peer, context).await;
}

/// Writes the connection's one line when it is dropped: at the end, and also after a panic.
struct LogLine {
    door: Door,
    peer: Peer,
    began_at: Timestamp,
    counts: Arc<Counts>,
    context: Context,
    tls_error: Option<io::Error>,
}

impl Drop for LogLine {
    fn drop(&mut self) {
        let (account, device) = self.peer.identity();
        tracing::info!(
            door = %self.door,
            peer = %self.peer.address,
            connection = self.peer.connection_id,
            account = account.map(|account| account.0),
            // The client chose it: Debug escapes what would forge a log line.
            device = device.map(tracing::field::debug),
            duration_ms = self.context.clock.now().0.saturating_sub(self.began_at.0),
            read_bytes = self.counts.read.load(Ordering::Relaxed),
            written_bytes = self.counts.written.load(Ordering::Relaxed),
            tls_error = self.tls_error.as_ref().map(tracing::field::display),
            panicked = std::thread::panicking().then_some(true),
            "connection closed"
        );
    }
}

/// The connections of one listener, by address.
#[derive(Debug, Default)]
struct Places {
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// One connection's place, given back when it is dropped.
#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    network: IpAddr,
}

impl Places {
    fn take(places: &Arc<Self>, address: IpAddr, limits: &Limits) -> Option<Place> {
        // Whoever has one IPv6 address has a /64 of them.
        let network = prefix(address, 32, 64);
        let network_max = if address.is_loopback() {
            limits.connections_per_loopback_max
        } else {
            limits.connections_per_address_max
        };
        let mut taken = places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let here = taken.by_network.get(&network).copied().unwrap_or(0);
        if taken.total >= limits.connections_max || here >= network_max {
            return None;
        }
        taken.total += 1;
        taken.by_network.insert(network, here + 1);
        Some(Place { places: Arc::clone(places), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total = taken.total.saturating_sub(1);
        if let Some(here) = taken.by_network.get_mut(&self.network) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                taken.by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_address_and_in_all_and_given_back() {
        let limits = Limits {
            connections_max: 4,
            connections_per_address_max: 2,
            connections_per_loopback_max: 3,
            ..Limits::default()
        };
        let places = Arc::new(Places::default());
        let take = |address: &str| Places::take(&places, address.parse().unwrap(), &limits);
        let one = take("2001:db8::1");
        let two = take("2001:db8::2");
        assert!(one.is_some() && two.is_some());
        assert!(take("2001:db8::3").is_none(), "the same /64");
        let three = take("127.0.0.1");
        let four = take("127.0.0.1");
        assert!(three.is_some() && four.is_some());
        assert!(take("192.0.2.1").is_none(), "four in all");
        drop(one);
        assert!(take("192.0.2.1").is_some());
        drop((two, three, four));
        let taken = places.taken.lock().unwrap();
        assert_eq!((taken.total, taken.by_network.len()), (0, 0));
    }

    #[test]
    fn only_errors_of_one_client_are_passed_over_without_a_pause() {
        assert!(is_of_the_client(&io::ErrorKind::ConnectionAborted.into()));
        // Linux: EMFILE and ENFILE, the descriptors of the process and of the computer.
        assert!(!is_of_the_client(&io::Error::from_raw_os_error(24)));
        assert!(!is_of_the_client(&io::Error::from_raw_os_error(23)));
    }
}
