//! A server on a loopback port with a store of its own, and a client that speaks to it.

use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use session::{Certificates, Context, Limits, Security, serve, system_clock};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use storage::{Database, NewAccount, NewItem, Options, PasswordKeys, Store, right};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use vocabulary::{AccountClass, AccountId, AccountKind, Door, Principal, Role, Timestamp};

/// A test that waits longer fails.
const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const ANNA: &str = "anna@blumen.test";
pub(crate) const PASSWORD: &str = "correct horse";
const HOST: &str = "mail.blumen.test";

pub(crate) struct House {
    pub(crate) context: Context,
    pub(crate) anna: AccountId,
    pub(crate) address: SocketAddr,
    certificate: CertificateDer<'static>,
    _directory: tempfile::TempDir,
}

impl House {
    /// Without TLS, so that passwords are taken in the clear.
    pub(crate) async fn plain() -> Self {
        Self::new(false, Limits::default()).await
    }

    pub(crate) async fn start_tls() -> Self {
        Self::new(true, Limits::default()).await
    }

    pub(crate) async fn new(start_tls: bool, limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(directory.path().join("store.sqlite"));
        let options = Options::new(database, directory.path().to_owned(), system_clock());
        let store = Store::open(options).await.unwrap();
        let anna = account(&store).await;
        let limits = Limits { wrong_answer_ms_min: 0, ..limits };
        let context = Context::new(store, HOST, limits).await.unwrap();
        let pair = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
        let pem = (pair.cert.pem(), pair.signing_key.serialize_pem());
        let certificates = Arc::new(Certificates::from_pem(pem.0.as_bytes(), pem.1.as_bytes()).unwrap());
        let security = match start_tls {
            true => Security::StartTls(certificates.server_config().unwrap()),
            false => Security::Plain,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = serve(listener, security, context.clone(), Door::Pop3, pop3_server::run);
        context.tasks.spawn(served);
        Self { context, anna, address, certificate: pair.cert.der().clone(), _directory: directory }
    }

    /// Every test ends with it.
    pub(crate) async fn is_sound(&self) {
        assert_eq!(self.context.store.check().await.unwrap(), []);
    }

    pub(crate) fn anna(&self) -> Principal {
        Principal::account(self.anna, Door::Imap)
    }

    /// Puts a mail into the Inbox; its UID.
    pub(crate) async fn mail(&self, bytes: &[u8]) -> u32 {
        let (store, anna) = (&self.context.store, self.anna);
        let content = workflow::ingest(store, anna, bytes.to_vec().into()).await.unwrap();
        let new = NewItem::mail(content, Timestamp(1_700_000_000_000));
        let added = store
            .write(&self.anna(), &[anna], move |tx| {
                let inbox = tx.open_role::<right::Insert>(anna, Role::Inbox)?;
                tx.insert(&inbox, &new)
            })
            .await;
        added.unwrap().uid.0
    }

    pub(crate) async fn remove(&self, uid: u32) {
        let anna = self.anna;
        let removed = self
            .context
            .store
            .write(&self.anna(), &[anna], move |tx| {
                let inbox = tx.open_role::<right::Remove>(anna, Role::Inbox)?;
                tx.remove(&inbox, &[uid..=uid])
            })
            .await;
        assert_eq!(removed.unwrap(), 1);
    }

    /// UIDs of the Inbox.
    pub(crate) async fn uids(&self) -> Vec<u32> {
        let (anna, principal) = (self.anna, self.anna());
        let items = self.context.store.read(&principal, move |tx| {
            let inbox = tx.open_role::<right::ReadItems>(anna, Role::Inbox)?;
            tx.items(&inbox, &[1..=u32::MAX])
        });
        items.await.unwrap().iter().map(|item| item.uid.0).collect()
    }

    /// Closes every door of the account.
    pub(crate) async fn suspend(&self, suspended: bool) {
        let (anna, admin) = (self.anna, Principal::System { door: Door::Admin });
        let done = self.context.store.write(&admin, &[], move |tx| {
            let admin = tx.administer()?;
            tx.suspend_account(&admin, anna, suspended)
        });
        done.await.unwrap();
    }

    pub(crate) async fn set_password(&self, password: &str) {
        let (anna, admin) = (self.anna, Principal::System { door: Door::Admin });
        let (accounts, keys) = ([anna], PasswordKeys::new(password).unwrap());
        let done = self.context.store.write(&admin, &accounts, move |tx| {
            let admin = tx.administer()?;
            tx.set_password(&admin, anna, &keys)
        });
        done.await.unwrap();
    }

    pub(crate) async fn connect(&self) -> Client {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut client = Client { wire: BufReader::new(Box::new(stream)) };
        client.expect("+OK mail.blumen.test POP3 ready").await;
        client
    }

    pub(crate) async fn login(&self) -> Client {
        let mut client = self.connect().await;
        client.say(&format!("USER {ANNA}\r\nPASS {PASSWORD}\r\n")).await;
        client.expect("+OK").await;
        client.expect("+OK").await;
        client
    }

    /// The handshake after STLS.
    pub(crate) async fn secure(&self, client: Client) -> Client {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        assert!(client.wire.buffer().is_empty(), "something was said in the clear after +OK");
        let name = ServerName::try_from(HOST).unwrap();
        let connect = TlsConnector::from(Arc::new(config)).connect(name, client.wire.into_inner());
        let stream = tokio::time::timeout(PATIENCE, connect).await.unwrap().unwrap();
        Client { wire: BufReader::new(Box::new(stream)) }
    }
}

async fn account(store: &Store) -> AccountId {
    let (keys, admin) = (PasswordKeys::new(PASSWORD).unwrap(), Principal::System { door: Door::Admin });
    let created = store.write(&admin, &[], move |tx| {
        let admin = tx.administer()?;
        tx.create_domain(&admin, "blumen.test", "en")?;
        let new = NewAccount {
            address: ANNA.parse().unwrap(),
            kind: AccountKind::Pop3,
            class: AccountClass::Person,
            name: "Anna".to_owned(),
            language: None,
            quota_bytes: None,
        };
        let anna = tx.create_account(&admin, &new)?;
        tx.set_password(&admin, anna, &keys)?;
        Ok(anna)
    });
    created.await.unwrap()
}

pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub(crate) struct Client {
    wire: BufReader<Box<dyn Wire>>,
}

impl Client {
    pub(crate) async fn say(&mut self, text: &str) {
        self.wire.get_mut().write_all(text.as_bytes()).await.unwrap();
        self.wire.get_mut().flush().await.unwrap();
    }

    /// The next line without its CRLF; empty at the end of the connection.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = Vec::new();
        let read = self.wire.read_until(b'\n', &mut line);
        tokio::time::timeout(PATIENCE, read).await.expect("the server answers").unwrap();
        let line = String::from_utf8(line).unwrap();
        assert!(line.is_empty() || line.ends_with("\r\n"), "{line:?}");
        line.trim_end().to_owned()
    }

    pub(crate) async fn expect(&mut self, start: &str) -> String {
        let line = self.line().await;
        assert!(line.starts_with(start), "wanted {start:?}, got {line:?}");
        line
    }

    pub(crate) async fn ask(&mut self, command: &str) -> String {
        self.say(&format!("{command}\r\n")).await;
        self.line().await
    }

    /// The bytes of an answer of many lines, as sent, up to the final dot.
    pub(crate) async fn many(&mut self, command: &str) -> String {
        let first = self.ask(command).await;
        assert!(first.starts_with("+OK"), "{command}: {first}");
        self.rest().await
    }

    pub(crate) async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        while !(all == b".\r\n" || all.ends_with(b"\r\n.\r\n")) {
            let read = self.wire.read_until(b'\n', &mut all);
            let count = tokio::time::timeout(PATIENCE, read).await.expect("the server answers").unwrap();
            assert_ne!(count, 0, "closed within an answer: {:?}", String::from_utf8_lossy(&all));
        }
        all.truncate(all.len() - 3);
        String::from_utf8(all).unwrap()
    }

    /// Nothing more comes.
    pub(crate) async fn closed(mut self) {
        let mut rest = Vec::new();
        let read = self.wire.read_to_end(&mut rest);
        tokio::time::timeout(PATIENCE, read).await.expect("the server closes").unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}
