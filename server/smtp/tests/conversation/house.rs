//! An LMTP and a submission server on loopback ports with one store, and a client that speaks to
//! them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use session::{Certificates, Context, Limits, Security, serve, system_clock};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use storage::{Database, NewAccount, Options, PasswordKeys, Store, Write, right};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use vocabulary::{AccountClass, AccountId, AccountKind, Door, EmailAddress, Principal, Role};

/// A test that waits longer fails.
const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PASSWORD: &str = "correct horse";
const HOST: &str = "mail.blumen.test";

pub(crate) struct House {
    pub(crate) context: Context,
    /// Has the alias `anna.huber@blumen.test`.
    pub(crate) anna: AccountId,
    pub(crate) bert: AccountId,
    /// Has no room for anything.
    pub(crate) full: AccountId,
    /// In another domain of the house.
    pub(crate) carla: AccountId,
    lmtp: SocketAddr,
    submission: SocketAddr,
    certificate: CertificateDer<'static>,
    _directory: tempfile::TempDir,
}

impl House {
    /// Without TLS, so that passwords are taken in the clear.
    pub(crate) async fn plain() -> Self {
        Self::new(false, Limits::default()).await
    }

    /// The same, with a postmaster.
    pub(crate) async fn appointing(postmaster: &str) -> Self {
        Self::built(false, Limits::default(), Some(postmaster.parse().unwrap())).await
    }

    pub(crate) async fn new(start_tls: bool, limits: Limits) -> Self {
        Self::built(start_tls, limits, None).await
    }

    async fn built(start_tls: bool, limits: Limits, postmaster: Option<EmailAddress>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(directory.path().join("store.sqlite"));
        let options = Options::new(database, directory.path().to_owned(), system_clock());
        let store = Store::open(options).await.unwrap();
        let [anna, bert, full, carla] = accounts(&store).await;
        let limits = Limits { wrong_answer_ms_min: 0, ..limits };
        let mut context = Context::new(store, HOST, limits).await.unwrap();
        context.postmaster = postmaster;
        let pair = rcgen::generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
        let pem = (pair.cert.pem(), pair.signing_key.serialize_pem());
        let certificates = Arc::new(Certificates::from_pem(pem.0.as_bytes(), pem.1.as_bytes()).unwrap());
        let security = match start_tls {
            true => Security::StartTls(certificates.server_config().unwrap()),
            false => Security::Plain,
        };
        let listeners = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let (lmtp, submission) = (listeners.0.local_addr().unwrap(), listeners.1.local_addr().unwrap());
        let served = serve(listeners.0, security.clone(), context.clone(), Door::Lmtp, smtp_server::lmtp);
        context.tasks.spawn(served);
        let door = Door::Submission;
        let served = serve(listeners.1, security, context.clone(), door, smtp_server::submission);
        context.tasks.spawn(served);
        let certificate = pair.cert.der().clone();
        Self { context, anna, bert, full, carla, lmtp, submission, certificate, _directory: directory }
    }

    /// Does something as the house itself.
    pub(crate) async fn admin<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&mut Write<'tx>, &storage::Admin<'tx>) -> storage::Result<T> + Send + 'static,
    {
        admin(&self.context.store, &[self.anna], work).await
    }

    /// Every test ends with it.
    pub(crate) async fn is_sound(&self) {
        assert_eq!(self.context.store.check().await.unwrap(), []);
    }

    /// The mails of a folder, in the order in which they came.
    pub(crate) async fn mails_in(&self, account: AccountId, role: Role) -> Vec<String> {
        let principal = Principal::account(account, Door::Imap);
        let contents = self.context.store.read(&principal, move |tx| {
            let folder = tx.open_role::<right::ReadItems>(account, role)?;
            tx.contents(&folder, &[1..=u32::MAX], false)
        });
        let mut mails = Vec::new();
        for (_, stored) in contents.await.unwrap() {
            let bytes: Bytes = self.context.store.load(stored).await.unwrap();
            mails.push(String::from_utf8(bytes.to_vec()).unwrap());
        }
        mails
    }

    pub(crate) async fn inbox(&self, account: AccountId) -> Vec<String> {
        self.mails_in(account, Role::Inbox).await
    }

    /// A mail for a postmaster, whom `account` must turn out to be; as it lies there.
    pub(crate) async fn to_postmaster(&self, path: &str, account: AccountId) -> String {
        let before = self.inbox(account).await.len();
        let mut client = self.lmtp().await;
        client.wants("MAIL FROM:<x@mx.test>", "250").await;
        client.wants(&format!("RCPT TO:{path}"), "250 2.1.5").await;
        client.data(format!("Subject: to {path}, the {before}th here\r\n\r\nbody")).await;
        client.expect("250 2.0.0 ").await;
        let mut mails = self.inbox(account).await;
        assert_eq!(mails.len(), before + 1, "{path}");
        mails.pop().unwrap()
    }

    /// An LMTP client that has said LHLO.
    pub(crate) async fn lmtp(&self) -> Client {
        let mut client = Client::connect(self.lmtp).await;
        client.expect("220 mail.blumen.test LMTP").await;
        assert!(client.ask("LHLO mx.test").await.starts_with("250"));
        client
    }

    /// A submission client that has read the greeting.
    pub(crate) async fn submission(&self) -> Client {
        let mut client = Client::connect(self.submission).await;
        client.expect("220 mail.blumen.test ESMTP").await;
        client
    }

    /// A submission client of Anna's.
    pub(crate) async fn anna(&self) -> Client {
        let mut client = self.submission().await;
        client.login().await;
        client
    }

    /// The handshake after STARTTLS.
    pub(crate) async fn secure(&self, client: Client) -> Client {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        assert!(client.wire.buffer().is_empty(), "something was said in the clear after 220");
        let name = ServerName::try_from(HOST).unwrap();
        let connect = TlsConnector::from(Arc::new(config)).connect(name, client.wire.into_inner());
        let stream = tokio::time::timeout(PATIENCE, connect).await.unwrap().unwrap();
        Client { wire: BufReader::new(Box::new(stream)) }
    }
}

async fn admin<T, F>(store: &Store, accounts: &[AccountId], work: F) -> T
where
    T: Send + 'static,
    F: for<'tx> FnOnce(&mut Write<'tx>, &storage::Admin<'tx>) -> storage::Result<T> + Send + 'static,
{
    let house = Principal::System { door: Door::Admin };
    let done = store.write(&house, accounts, move |tx| {
        let admin = tx.administer()?;
        work(tx, &admin)
    });
    done.await.unwrap()
}

async fn accounts(store: &Store) -> [AccountId; 4] {
    let keys = PasswordKeys::new(PASSWORD).unwrap();
    admin(store, &[], move |tx, admin| {
        let domain = tx.create_domain(admin, "blumen.test", "en")?;
        tx.add_domain_alias(admin, domain, "flowers.test")?;
        tx.create_domain(admin, "garten.test", "en")?;
        let mut ids = [AccountId(0); 4];
        let addresses = ["anna@blumen.test", "bert@blumen.test", "full@blumen.test", "carla@garten.test"];
        for (id, address) in ids.iter_mut().zip(addresses) {
            let new = NewAccount {
                address: address.parse().unwrap(),
                kind: AccountKind::Exchange,
                class: AccountClass::Person,
                name: address.to_owned(),
                language: None,
                quota_bytes: address.starts_with("full").then_some(1),
            };
            *id = tx.create_account(admin, &new)?;
            tx.set_password(admin, *id, &keys)?;
        }
        tx.add_alias(admin, ids[0], &"anna.huber@blumen.test".parse().unwrap())?;
        Ok(ids)
    })
    .await
}

pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub(crate) struct Client {
    wire: BufReader<Box<dyn Wire>>,
}

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { wire: BufReader::new(Box::new(stream)) }
    }

    pub(crate) async fn say(&mut self, text: impl AsRef<[u8]>) {
        self.wire.get_mut().write_all(text.as_ref()).await.unwrap();
        self.wire.get_mut().flush().await.unwrap();
    }

    /// The next reply, all its lines; empty at the end of the connection.
    pub(crate) async fn reply(&mut self) -> String {
        let mut reply = Vec::new();
        loop {
            let start = reply.len();
            let read = self.wire.read_until(b'\n', &mut reply);
            tokio::time::timeout(PATIENCE, read).await.expect("the server answers").unwrap();
            if reply.get(start + 3) != Some(&b'-') {
                return String::from_utf8(reply).unwrap();
            }
        }
    }

    pub(crate) async fn expect(&mut self, start: &str) -> String {
        let reply = self.reply().await;
        assert!(reply.starts_with(start), "wanted {start:?}, got {reply:?}");
        reply
    }

    pub(crate) async fn ask(&mut self, command: &str) -> String {
        self.say(format!("{command}\r\n")).await;
        self.reply().await
    }

    /// The reply to a command; `None` if the server has said 421 or closed, also before.
    pub(crate) async fn ask_while_open(&mut self, command: &str) -> Option<String> {
        // What was sent to a closed connection shows in what is read.
        let _ = self.wire.get_mut().write_all(format!("{command}\r\n").as_bytes()).await;
        let _ = self.wire.get_mut().flush().await;
        let mut reply = String::new();
        loop {
            let start = reply.len();
            let read = tokio::time::timeout(PATIENCE, self.wire.read_line(&mut reply));
            match read.await.expect("the server answers or closes") {
                Ok(0) | Err(_) => return None,
                Ok(_) if reply.starts_with("421 ") => return None,
                Ok(_) if reply.as_bytes().get(start + 3) == Some(&b'-') => {}
                Ok(_) => return Some(reply),
            }
        }
    }

    /// Whether the server says something, or closes, within a time. Nothing is taken.
    pub(crate) async fn speaks_within(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.wire.fill_buf()).await.is_ok()
    }

    /// A command and how its reply must begin.
    pub(crate) async fn wants(&mut self, command: &str, start: &str) {
        let reply = self.ask(command).await;
        assert!(reply.starts_with(start), "{command}: wanted {start:?}, got {reply:?}");
    }

    /// EHLO and AUTH as Anna.
    pub(crate) async fn login(&mut self) {
        self.wants("EHLO laptop.test", "250").await;
        let secret = STANDARD.encode(format!("\0anna@blumen.test\0{PASSWORD}"));
        self.wants(&format!("AUTH PLAIN {secret}"), "235 2.7.0").await;
    }

    /// Sender and recipients, which must all be taken.
    pub(crate) async fn envelope(&mut self, from: &str, to: &[&str]) {
        self.wants(&format!("MAIL FROM:<{from}>"), "250 2.1.0").await;
        for to in to {
            self.wants(&format!("RCPT TO:<{to}>"), "250 2.1.5").await;
        }
    }

    /// The message; its replies are still to be read.
    pub(crate) async fn data(&mut self, message: impl AsRef<[u8]>) {
        self.wants("DATA", "354").await;
        self.say(message).await;
        self.say("\r\n.\r\n").await;
    }

    /// Nothing more comes.
    pub(crate) async fn closed(mut self) {
        let mut rest = Vec::new();
        let read = self.wire.read_to_end(&mut rest);
        tokio::time::timeout(PATIENCE, read).await.expect("the server closes").unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
    }
}
