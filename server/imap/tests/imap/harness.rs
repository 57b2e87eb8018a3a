//! A server on a loopback socket, a store with a few people, and a client that sees every line.

use session::{Context, Limits, Security};
use std::ops::ControlFlow;
use std::time::Duration;
use storage::{Clock, Database, Grantee, NewAccount, Options, PasswordKeys, Store, right};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionKind, Door, EmailAddress, MailboxPath, Principal, Rights,
    Timestamp,
};

/// 23 November 2026, 09:00 UTC.
pub(crate) const START_MS: i64 = 1_795_424_400_000;
const PASSWORD: &str = "correct horse";
/// What must happen at all happens within this.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) context: Context,
    pub(crate) anna: AccountId,
    pub(crate) ben: AccountId,
    address: std::net::SocketAddr,
    directory: tempfile::TempDir,
}

pub(crate) fn house() -> Principal {
    Principal::System { door: Door::Admin }
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

async fn open(directory: &tempfile::TempDir) -> Store {
    let clock = Clock::new(|| Timestamp(START_MS));
    let database = Database::Sqlite(directory.path().join("kontor.sqlite"));
    Store::open(Options::new(database, directory.path().into(), clock)).await.unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = open(&directory).await;
        let keys = PasswordKeys::new(PASSWORD).unwrap();
        let accounts = store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                tx.create_domain(&admin, "a.test", "en")?;
                let mut accounts = Vec::new();
                for (name, kind) in
                    [("anna", AccountKind::Exchange), ("ben", AccountKind::Imap), ("paul", AccountKind::Pop3)]
                {
                    let account = tx.create_account(
                        &admin,
                        &NewAccount {
                            address: address(&format!("{name}@a.test")),
                            kind,
                            class: AccountClass::Person,
                            name: name.to_owned(),
                            language: Some("en".to_owned()),
                            quota_bytes: None,
                        },
                    )?;
                    tx.set_password(&admin, account, &keys)?;
                    accounts.push(account);
                }
                Ok(accounts)
            })
            .await
            .unwrap();
        Self::serve(directory, store, limits, [accounts[0], accounts[1]]).await
    }

    async fn serve(
        directory: tempfile::TempDir,
        store: Store,
        limits: Limits,
        [anna, ben]: [AccountId; 2],
    ) -> Self {
        let limits = Limits { wrong_answer_ms_min: 0, ..limits };
        let context = Context::new(store, "mail.a.test", limits).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = context.clone();
        context.tasks.spawn(session::serve(listener, Security::Plain, serving, Door::Imap, imap_server::run));
        Self { context, anna, ben, address, directory }
    }

    /// The same database, taken for an older one that was put back: the file beside it is ahead.
    pub(crate) async fn restored(self) -> Self {
        let Self { context, anna, ben, directory, .. } = self;
        context.tasks.begin_shutdown();
        assert!(context.tasks.drained(PATIENCE).await);
        let incarnation = context.store.incarnation();
        context.store.clone().close();
        drop(context);
        std::fs::write(directory.path().join("incarnation"), (incarnation + 1).to_string()).unwrap();
        let store = open(&directory).await;
        assert_eq!(store.incarnation(), incarnation + 1);
        Self::serve(directory, store, Limits::default(), [anna, ben]).await
    }

    /// A connection that has been greeted.
    pub(crate) async fn connect(&self) -> Client {
        let mut client = Client {
            stream: TcpStream::connect(self.address).await.unwrap(),
            read: Vec::new(),
            tag: 0,
            greeting: String::new(),
        };
        client.greeting = client.line().await;
        client
    }

    pub(crate) async fn login(&self, name: &str) -> Client {
        let mut client = self.connect().await;
        client.ok(&format!("LOGIN {name}@a.test \"{PASSWORD}\"")).await;
        client
    }

    /// Logged in with INBOX selected.
    pub(crate) async fn inbox(&self, name: &str) -> Client {
        let mut client = self.login(name).await;
        client.ok("SELECT INBOX").await;
        client
    }

    /// A mail comes in, past IMAP.
    pub(crate) async fn deliver(&self, account: AccountId, bytes: &str) {
        let mail = workflow::Delivery {
            bytes: bytes.to_owned().into(),
            received_at: self.context.clock.now(),
            trace: String::new(),
            recipient: address("anna@a.test"),
            door: Door::Lmtp,
        };
        workflow::deliver(&self.context.store, account, mail).await.unwrap();
    }

    /// Anna shares a folder with Ben.
    pub(crate) async fn share(&self, path: &str, rights: Rights) {
        let (anna, ben, path) = (self.anna, self.ben, MailboxPath::parse(path).unwrap());
        self.context
            .store
            .write(&Principal::account(anna, Door::Imap), &[anna], move |tx| {
                let grant = tx.open_path::<right::Administer>(anna, CollectionKind::Mail, &path)?;
                tx.set_permission(&grant, Grantee::Account(ben), rights)
            })
            .await
            .unwrap();
    }

    /// The store's own check: nothing is torn.
    pub(crate) async fn consistent(&self) {
        let violations = self.context.store.check().await.unwrap();
        assert!(violations.is_empty(), "{violations:?}");
    }
}

/// What the server said to a command.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: String,
    pub(crate) text: String,
    pub(crate) untagged: Vec<String>,
}

impl Reply {
    pub(crate) fn with(&self, part: &str) -> Vec<&str> {
        self.untagged.iter().map(String::as_str).filter(|line| line.contains(part)).collect()
    }

    /// The one untagged response with this in it.
    pub(crate) fn one(&self, part: &str) -> &str {
        let all = self.with(part);
        assert_eq!(all.len(), 1, "one {part} in {self:#?}");
        all[0]
    }
}

pub(crate) struct Client {
    stream: TcpStream,
    read: Vec<u8>,
    tag: u32,
    pub(crate) greeting: String,
}

impl Client {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    async fn fill(&mut self) -> ControlFlow<()> {
        let mut piece = [0; 4096];
        let count = tokio::time::timeout(PATIENCE, self.stream.read(&mut piece)).await.expect("an answer");
        match count {
            Ok(0) | Err(_) => ControlFlow::Break(()),
            Ok(count) => {
                self.read.extend_from_slice(&piece[..count]);
                ControlFlow::Continue(())
            }
        }
    }

    /// One response with its literals, without its last line end. Empty at the end of the connection.
    pub(crate) async fn line(&mut self) -> String {
        let mut from = 0;
        loop {
            let Some(end) = self.read[from..].windows(2).position(|pair| pair == b"\r\n") else {
                if self.fill().await.is_break() {
                    return String::new();
                }
                continue;
            };
            let end = from + end;
            if let Some(length) = announced(&self.read[from..end]) {
                while self.read.len() < end + 2 + length {
                    if self.fill().await.is_break() {
                        return String::new();
                    }
                }
                from = end + 2 + length;
                continue;
            }
            let line = String::from_utf8_lossy(&self.read[..end]).into_owned();
            self.read.drain(..end + 2);
            return line;
        }
    }

    /// Waits for an untagged response.
    pub(crate) async fn told(&mut self, part: &str) -> String {
        loop {
            let line = self.line().await;
            assert!(!line.is_empty(), "the connection ended before {part}");
            if line.contains(part) {
                return line;
            }
        }
    }

    pub(crate) async fn begin(&mut self, command: &str) -> String {
        self.tag += 1;
        let tag = format!("t{}", self.tag);
        self.send(format!("{tag} {command}\r\n")).await;
        tag
    }

    pub(crate) async fn until(&mut self, tag: &str) -> Reply {
        let mut untagged = Vec::new();
        loop {
            let line = self.line().await;
            assert!(!line.is_empty(), "the connection ended before {tag}: {untagged:#?}");
            if let Some(rest) = line.strip_prefix(&format!("{tag} ")) {
                let (status, text) = rest.split_once(' ').unwrap();
                return Reply { status: status.to_owned(), text: text.to_owned(), untagged };
            }
            untagged.push(line.strip_prefix("* ").unwrap_or(&line).to_owned());
        }
    }

    pub(crate) async fn command(&mut self, command: &str) -> Reply {
        let tag = self.begin(command).await;
        self.until(&tag).await
    }

    pub(crate) async fn ok(&mut self, command: &str) -> Reply {
        let reply = self.command(command).await;
        assert_eq!(reply.status, "OK", "{command}: {reply:#?}");
        reply
    }

    pub(crate) async fn no(&mut self, command: &str, code: &str) -> Reply {
        let reply = self.command(command).await;
        assert_eq!(reply.status, "NO", "{command}: {reply:#?}");
        assert!(reply.text.starts_with(&format!("[{code}")), "{command}: {reply:#?}");
        reply
    }

    /// APPEND without waiting for a continuation.
    pub(crate) async fn append(&mut self, mailbox: &str, arguments: &str, message: &str) -> Reply {
        self.command(&format!("APPEND {mailbox} {arguments}{{{}+}}\r\n{message}", message.len())).await
    }

    /// The numbers of the SEARCH response.
    pub(crate) async fn search(&mut self, keys: &str) -> Vec<u32> {
        let reply = self.ok(keys).await;
        let line = reply.one("SEARCH");
        line.split_whitespace()
            .skip(1)
            .take_while(|word| !word.starts_with('('))
            .map(|n| n.parse().unwrap())
            .collect()
    }
}

fn announced(line: &[u8]) -> Option<usize> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('}')?;
    line.rsplit_once('{')?.1.parse().ok()
}

/// A small mail.
pub(crate) fn mail(subject: &str, body: &str) -> String {
    format!(
        "From: Ben <ben@a.test>\r\nTo: anna@a.test\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\
         Message-ID: <{}@a.test>\r\n\r\n{body}\r\n",
        subject.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
    )
}
