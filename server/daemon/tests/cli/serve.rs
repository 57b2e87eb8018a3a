//! `kontor serve`.

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use super::process::{PATIENCE, Process, eventually};
use super::{House, kontor, text};

impl House {
    /// Doors on ports that the system chooses, and a log for programs.
    pub(crate) fn with_doors() -> Self {
        let house = Self::new();
        let folder = house.folder.path();
        let path = |name: &str| format!("{:?}", folder.join(name).display().to_string());
        let more = format!(
            "[server]\nhostname = \"mail.blumen.test\"\n[tls]\ncertificate = {}\nkey = {}\n\
             [listen]\nimaps = [\"127.0.0.1:0\"]\nhttps = [\"127.0.0.1:0\"]\n[log]\nformat = \"json\"\n",
            path("chain.pem"),
            path("key.pem"),
        );
        let store = std::fs::read_to_string(house.config()).unwrap();
        std::fs::write(house.config(), store + &more).unwrap();
        house
    }

    /// Puts a new certificate and its key where the configuration says.
    pub(crate) fn new_certificate(&self) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(self.folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        std::fs::write(self.folder.path().join("chain.pem"), made.cert.pem()).unwrap();
        made.cert.der().clone()
    }

    fn serve(&self) -> Process {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = kontor();
        command.args(["serve", "--config"]).arg(self.config());
        Process(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }

    /// What the server has logged so far.
    fn log(&self) -> Vec<Value> {
        let whole = std::fs::read_to_string(self.folder.path().join("log")).unwrap();
        whole.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits until the doors are open; gives the port of each.
    fn ports(&self, process: &mut Process) -> BTreeMap<String, u16> {
        let lines = eventually("the doors are open", || {
            let lines = self.log();
            if let Some(status) = process.0.try_wait().unwrap() {
                panic!("{status}: {lines:#?}");
            }
            lines.iter().any(|line| line["message"] == "all doors are open").then_some(lines)
        });
        let port = |line: &Value| {
            let address: SocketAddr = line["address"].as_str().unwrap().parse().unwrap();
            (line["door"].as_str().unwrap().to_owned(), address.port())
        };
        lines.iter().filter(|line| line["message"] == "listening").map(port).collect()
    }
}

type Tls = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// A connection that trusts this certificate only. The handshake is done with the first byte.
fn tls(port: u16, trusted: &CertificateDer<'static>) -> Tls {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    // A configuration for each connection: none takes up the session of another, without a certificate.
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    BufReader::new(StreamOwned::new(connection, connected(port)))
}

fn connected(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// IMAP over TLS, greeted; nothing if the server shows another certificate than the trusted one.
fn imap(port: u16, trusted: &CertificateDer<'static>) -> Option<Tls> {
    let mut stream = tls(port, trusted);
    let mut greeting = String::new();
    match stream.read_line(&mut greeting) {
        Ok(_) => {
            assert!(greeting.starts_with("* OK"), "{greeting}");
            Some(stream)
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
            None
        }
    }
}

/// Sends an IMAP command; gives its tagged response without the tag.
fn imap_says(stream: &mut Tls, command: &str) -> String {
    stream.get_mut().write_all(format!("a {command}\r\n").as_bytes()).unwrap();
    stream.get_mut().flush().unwrap();
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "{command}: the server closed the connection");
        if let Some(tagged) = line.strip_prefix("a ") {
            return tagged.to_owned();
        }
    }
}

const HTTP_REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";

#[test]
fn a_configured_server_serves_by_tls_only_takes_a_new_certificate_and_ends_well() {
    let house = House::with_doors();
    let old = house.new_certificate();
    house.json(&["domain", "add", "blumen.test"]);
    house.json_with(&["account", "add", "anna@blumen.test", "--password-stdin"], "tulip fields\n");
    let mut process = house.serve();
    let ports = house.ports(&mut process);
    assert_eq!(ports.keys().collect::<Vec<_>>(), ["https", "imaps"], "what is configured and nothing else");

    let mut early = imap(ports["imaps"], &old).expect("the configured certificate");
    let told = imap_says(&mut early, "LOGIN anna@blumen.test wrong");
    assert!(told.starts_with("NO"), "{told}");
    let told = imap_says(&mut early, "LOGIN anna@blumen.test \"tulip fields\"");
    assert!(told.starts_with("OK"), "{told}");

    let mut secure = tls(ports["https"], &old);
    secure.get_mut().write_all(HTTP_REQUEST).unwrap();
    let mut status = String::new();
    secure.read_line(&mut status).unwrap();
    assert!(status.starts_with("HTTP/1.1 200"), "{status}");
    let mut plain = connected(ports["https"]);
    plain.write_all(HTTP_REQUEST).unwrap();
    let mut answer = Vec::new();
    // A connection that is reset says no less than one that is closed.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{}", text(&answer));

    // Half a certificate changes nothing.
    std::fs::write(house.folder.path().join("chain.pem"), "rubbish").unwrap();
    process.signal("-HUP");
    eventually("the refusal is logged", || {
        let refused =
            |line: &Value| line["message"].as_str().is_some_and(|told| told.contains("stays as it was"));
        house.log().iter().any(refused).then_some(())
    });
    assert!(imap(ports["imaps"], &old).is_some());

    let new = house.new_certificate();
    assert!(imap(ports["imaps"], &new).is_none(), "not before the signal");
    process.signal("-HUP");
    let mut late = eventually("the new certificate is shown", || imap(ports["imaps"], &new));
    assert!(imap(ports["imaps"], &old).is_none(), "the old one no more");
    for stream in [&mut early, &mut late] {
        let told = imap_says(stream, "NOOP");
        assert!(told.starts_with("OK"), "{told}");
    }

    assert_eq!(process.terminate(), Some(0), "{:#?}", house.log());
    house.sound();
}
