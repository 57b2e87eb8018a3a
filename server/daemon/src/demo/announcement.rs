//! What the demo tells when all doors are open: to people in words, to programs in JSON.

use super::people::{COLLECTOR, PASSWORD, Person};
use super::ports::{DemoAddresses, HOST};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use storage::Database;
use vocabulary::Door;

/// Everything a client needs to know.
#[derive(Debug)]
pub(crate) struct Announcement<'a> {
    directory: &'a Path,
    database: &'a Database,
    ca: &'a Path,
    ports: &'a DemoAddresses,
    people: &'a [Person],
}

impl<'a> Announcement<'a> {
    /// Gathers what there is to tell.
    pub(crate) fn new(
        directory: &'a Path,
        database: &'a Database,
        ca: &'a Path,
        ports: &'a DemoAddresses,
        people: &'a [Person],
    ) -> Self {
        Self { directory, database, ca, ports, people }
    }

    fn json(&self) -> Value {
        let ports = self.ports;
        let https = ports.base_url();
        let database = match self.database {
            Database::Sqlite(path) => {
                format!("sqlite:{}", path.canonicalize().unwrap_or_else(|_| path.clone()).display())
            }
            Database::Postgres(url) => url.clone(),
        };
        let accounts: Vec<Value> = self
            .people
            .iter()
            .filter(|person| !person.is_room)
            .map(|person| {
                let mut account = json!({
                    "address": person.address.to_string(),
                    "password": PASSWORD,
                    "kind": person.kind.as_str(),
                    "name": person.name,
                });
                if person.kind.opens(Door::Dav) {
                    account["files"] = format!("{https}/dav/files/{}/", person.address).into();
                }
                account
            })
            .collect();
        let rooms = self.people.iter().filter(|person| person.is_room);
        let rooms: Vec<Value> =
            rooms.map(|room| json!({"address": room.address.to_string(), "name": room.name})).collect();
        let door =
            |port: u16, tls_port: Option<u16>| json!({"host": HOST, "port": port, "tls_port": tls_port});
        json!({
            "pid": std::process::id(),
            "ca": self.ca,
            "http": format!("http://{HOST}:{}", ports.http),
            "https": https,
            "activesync": format!("{https}/Microsoft-Server-ActiveSync"),
            "autodiscover": format!("{https}/autodiscover/autodiscover.xml"),
            "dav": format!("{https}/dav/"),
            "imap": door(ports.imap, Some(ports.imaps)),
            "pop3": door(ports.pop3, Some(ports.pop3s)),
            "lmtp": door(ports.lmtp, None),
            "submission": door(ports.submission, Some(ports.submissions)),
            "database": database,
            "directory": self.directory,
            "accounts": accounts,
            "rooms": rooms,
        })
    }

    /// Writes the JSON so that a file that is there is whole.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let text = format!("{:#}\n", self.json());
        let mut name = file.file_name().context("--json needs the name of a file")?.to_owned();
        name.push(format!(".{}", std::process::id()));
        let next: PathBuf = file.with_file_name(name);
        let write = || -> std::io::Result<()> {
            std::fs::File::create(&next)?.write_all(text.as_bytes())?;
            std::fs::rename(&next, file)
        };
        write().with_context(|| format!("--json: {} cannot be written", file.display()))
    }

    /// Addresses, and commands to try.
    pub(crate) fn text(&self) -> String {
        let DemoAddresses { https, http, imap, imaps, pop3, pop3s, lmtp, submission, submissions } =
            *self.ports;
        let (ca, directory) = (self.ca.display(), self.directory.display());
        let mut people = String::new();
        for (number, person) in self.people.iter().enumerate() {
            let note = match number {
                COLLECTOR => "  (71 % of the quota is used)",
                _ if person.is_room => "  (a room: accepts what finds it free; nobody logs in)",
                _ => "",
            };
            let kind = person.kind.as_str();
            people.push_str(&format!(
                "  {:<26} {kind:<9} {}{note}\n",
                person.address.to_string(),
                person.name
            ));
        }
        format!(
            "\
Demo firm \"Blumen Huber\" and its neighbour are ready, in {directory} (delete it to forget them)

{people}  Everybody's password is '{PASSWORD}'. Ben reads Anna's calendar and Inbox, David edits
  the calendar and adds to her tasks. Nora was to read the calendar too: refused, she is of another domain.

  Phones      https://{HOST}:{https}/Microsoft-Server-ActiveSync   account type Exchange
  Calendars   https://{HOST}:{https}/dav/   CalDAV and CardDAV: the address is all that an app needs
  Files       https://{HOST}:{https}/dav/files/anna@blumen-huber.test/   WebDAV with locks; so for each exchange account
  Web         https://{HOST}:{https}/   or http://{HOST}:{http}/
  IMAP        {HOST}:{imap} with STARTTLS, {imaps} with TLS
  POP3        {HOST}:{pop3} with STLS, {pop3s} with TLS
  Submission  {HOST}:{submission} with STARTTLS, {submissions} with TLS
  LMTP        {HOST}:{lmtp}, for a mail server in front
  Authority   {ca}

Try:
  curl --cacert {ca} -u anna@blumen-huber.test:{PASSWORD} imaps://{HOST}:{imaps}/INBOX -X 'STATUS INBOX (MESSAGES UNSEEN)'
  printf 'Subject: hello\\r\\n\\r\\nworld\\r\\n' | curl --cacert {ca} --ssl-reqd -u ben@blumen-huber.test:{PASSWORD} smtp://{HOST}:{submission} --mail-from ben@blumen-huber.test --mail-rcpt anna@blumen-huber.test -T -
  curl --cacert {ca} -u anna@blumen-huber.test:{PASSWORD} -X OPTIONS -i https://{HOST}:{https}/Microsoft-Server-ActiveSync
  curl --cacert {ca} -u anna@blumen-huber.test:{PASSWORD} https://{HOST}:{https}/dav/calendars/anna@blumen-huber.test/calendar/team.ics
  cadaver http://{HOST}:{http}/dav/files/anna@blumen-huber.test/
  openssl s_client -quiet -CAfile {ca} -connect {HOST}:{pop3s}
  neomutt -e 'set imap_user=anna@blumen-huber.test imap_pass={PASSWORD} ssl_ca_certificates_file={ca}' -f imaps://{HOST}:{imaps}/INBOX
  kontor admin --dir {directory} account list

Ctrl-C ends it.
"
        )
    }
}
