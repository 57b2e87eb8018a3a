//! Listening from outside: real sockets on the loopback, TLS with a certificate made here.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use session::{Certificates, Context, Limits, Peer, Security, Stream, serve, system_clock};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use storage::{Database, Options, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use vocabulary::Door;

/// Nothing here takes so long; a test that hangs fails.
const DEADLINE: Duration = Duration::from_secs(60);

struct Server {
    address: SocketAddr,
    context: Context,
    _directory: tempfile::TempDir,
}

/// Serves a protocol of one-byte commands: `e` echoes the next byte, `s` starts TLS, `t` tells
/// whether it is on, `b` gives the channel binding, `f` floods, and everything else ends it.
async fn start(security: Security, limits: Limits) -> Server {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(directory.path().join("store.sqlite"));
    let options = Options::new(database, directory.path().to_owned(), system_clock());
    let store = Store::open(options).await.unwrap();
    let context = Context::new(store, "mail.test", limits).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    context.tasks.spawn(serve(listener, security, context.clone(), Door::Imap, talk));
    Server { address, context, _directory: directory }
}

async fn talk(mut stream: Stream, peer: Peer, context: Context) {
    assert!(peer.address.ip().is_loopback());
    loop {
        let command = tokio::select! {
            command = stream.read_u8() => command.unwrap_or(b'q'),
            () = context.tasks.requested() => return,
        };
        let answer = match command {
            b'e' => vec![stream.read_u8().await.unwrap()],
            b't' => vec![
                u8::from(stream.is_tls()),
                u8::from(stream.can_start_tls()),
                u8::from(stream.may_authenticate()),
            ],
            b'b' => stream.tls_exporter().unwrap().to_vec(),
            b's' => {
                stream = match stream.start_tls().await {
                    Ok(stream) => stream,
                    Err(_) => return,
                };
                continue;
            }
            b'f' => {
                let error = loop {
                    if let Err(error) = stream.write_all(&[0; 65_536]).await {
                        break error;
                    }
                };
                if error.kind() == std::io::ErrorKind::TimedOut {
                    return;
                }
                // What is never drained fails the test; a panic here would not.
                std::future::pending().await
            }
            _ => return,
        };
        if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

/// A certificate for `mail.test`, and a client that trusts it and nothing else.
fn certificate() -> (Certificates, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(vec!["mail.test".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let chain = vec![made.cert.der().clone()];
    let connector = client(made.cert.der(), rustls::ALL_VERSIONS);
    (Certificates::from_der(chain, key).unwrap(), connector)
}

fn client(
    trusted: &CertificateDer<'static>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn handshake(connector: &TlsConnector, socket: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
    connector.connect(ServerName::try_from("mail.test").unwrap(), socket).await
}

async fn ask<S>(stream: &mut S, command: &[u8], answer_bytes: usize) -> std::io::Result<Vec<u8>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    stream.write_all(command).await?;
    let mut answer = vec![0; answer_bytes];
    tokio::time::timeout(DEADLINE, stream.read_exact(&mut answer)).await.expect("an answer in time")?;
    Ok(answer)
}

#[tokio::test]
async fn a_connection_in_the_clear_is_served_and_may_log_in_where_no_tls_is_configured() {
    let server = start(Security::Plain, Limits::default()).await;
    let mut one = TcpStream::connect(server.address).await.unwrap();
    let mut two = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut one, b"ex", 1).await.unwrap(), b"x");
    assert_eq!(ask(&mut two, b"ey", 1).await.unwrap(), b"y");
    assert_eq!(ask(&mut one, b"t", 3).await.unwrap(), [0, 0, 1]);
    assert!(ask(&mut one, b"s", 1).await.is_err(), "there is no TLS to start");
}

#[tokio::test]
async fn implicit_tls_serves_both_versions_and_binds_the_channel() {
    let made = rcgen::generate_simple_self_signed(vec!["mail.test".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    let certificates = Arc::new(Certificates::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap());
    let security = Security::Implicit(certificates.server_config().unwrap());
    let server = start(security, Limits::default()).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let socket = TcpStream::connect(server.address).await.unwrap();
        let connector = client(made.cert.der(), &[version]);
        let mut stream = handshake(&connector, socket).await.unwrap();
        assert_eq!(ask(&mut stream, b"t", 3).await.unwrap(), [1, 0, 1]);
        if version.version == rustls::ProtocolVersion::TLSv1_3 {
            let binding = ask(&mut stream, b"b", 32).await.unwrap();
            let (_, connection) = stream.get_ref();
            let own = connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", None);
            assert_eq!(binding, own.unwrap());
        }
    }
}

#[tokio::test]
async fn starttls_turns_a_clear_connection_into_one_that_may_log_in() {
    let (certificates, connector) = certificate();
    let security = Security::StartTls(Arc::new(certificates).server_config().unwrap());
    let server = start(security, Limits::default()).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut socket, b"t", 3).await.unwrap(), [0, 1, 0]);
    socket.write_all(b"s").await.unwrap();
    let mut stream = handshake(&connector, socket).await.unwrap();
    assert_eq!(ask(&mut stream, b"t", 3).await.unwrap(), [1, 0, 1]);
    assert!(ask(&mut stream, b"s", 1).await.is_err(), "TLS within TLS");
}

#[tokio::test]
async fn bytes_that_come_in_the_clear_after_starttls_end_the_connection() {
    let (certificates, _) = certificate();
    let security = Security::StartTls(Arc::new(certificates).server_config().unwrap());
    let server = start(security, Limits::default()).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    socket.write_all(b"sexexexexexexex").await.unwrap();
    let mut rest = Vec::new();
    // An alert of TLS, or nothing: but no echo. A reset is an end as well.
    let _ = tokio::time::timeout(DEADLINE, socket.read_to_end(&mut rest)).await.expect("an end in time");
    assert!(!rest.contains(&b'x'), "{rest:?}");
}

#[tokio::test]
async fn a_client_that_never_finishes_its_handshake_is_cut_off() {
    let (certificates, _) = certificate();
    let security = Security::Implicit(Arc::new(certificates).server_config().unwrap());
    let limits = Limits { tls_handshake_timeout_s: 0, ..Limits::default() };
    let server = start(security, limits).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    let mut rest = Vec::new();
    let end = tokio::time::timeout(DEADLINE, socket.read_to_end(&mut rest)).await.expect("an end in time");
    assert!(end.is_err() || rest.is_empty());
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_cut_off() {
    let limits = Limits { write_timeout_s: 0, ..Limits::default() };
    let server = start(Security::Plain, limits).await;
    let mut socket = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut socket, b"f", 1).await.unwrap(), [0], "the flood has begun");
    // While it floods, the handler does not look at shutdown: its end is the time limit's doing.
    server.context.tasks.begin_shutdown();
    assert!(server.context.tasks.drained(DEADLINE).await);
}

#[tokio::test]
async fn an_exchanged_certificate_is_for_the_next_handshake_and_open_connections_go_on() {
    let (old, trusts_old) = certificate();
    let (new, trusts_new) = certificate();
    let certificates = Arc::new(old);
    let security = Security::Implicit(certificates.server_config().unwrap());
    let server = start(security, Limits::default()).await;
    let mut open = handshake(&trusts_old, TcpStream::connect(server.address).await.unwrap()).await.unwrap();
    certificates.replace(&new);
    assert_eq!(ask(&mut open, b"ex", 1).await.unwrap(), b"x");
    let socket = TcpStream::connect(server.address).await.unwrap();
    let mut next = handshake(&trusts_new, socket).await.unwrap();
    assert_eq!(ask(&mut next, b"ey", 1).await.unwrap(), b"y");
}

#[tokio::test]
async fn above_the_limit_a_connection_is_closed_and_a_place_comes_back() {
    let limits = Limits { connections_per_loopback_max: 2, ..Limits::default() };
    let server = start(Security::Plain, limits).await;
    let mut one = TcpStream::connect(server.address).await.unwrap();
    let mut two = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut one, b"ex", 1).await.unwrap(), b"x");
    assert_eq!(ask(&mut two, b"ex", 1).await.unwrap(), b"x");
    let mut three = TcpStream::connect(server.address).await.unwrap();
    assert!(ask(&mut three, b"ex", 1).await.is_err());

    one.write_all(b"q").await.unwrap();
    let mut rest = Vec::new();
    one.read_to_end(&mut rest).await.unwrap();
    // The place is free a moment after the end is seen here.
    let served = async {
        loop {
            let mut next = TcpStream::connect(server.address).await.unwrap();
            if ask(&mut next, b"ex", 1).await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(DEADLINE, served).await.expect("a place in time");
}

#[tokio::test]
async fn shutdown_ends_listening_and_waits_for_the_connections() {
    let server = start(Security::Plain, Limits::default()).await;
    let mut one = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(ask(&mut one, b"ex", 1).await.unwrap(), b"x");
    assert!(!server.context.tasks.drained(Duration::from_millis(1)).await);
    server.context.tasks.begin_shutdown();
    assert!(server.context.tasks.drained(DEADLINE).await);
    assert!(TcpStream::connect(server.address).await.is_err());
}
