//! `kontor admin domain dns`: the records by which programs find the server from an address alone, as a zone file.
//!
//! RFC 6764 (calendars and contacts), RFC 6186 and RFC 8314 (mail programs), and Microsoft's Autodiscover (phones, Outlook).
//! What is absent: where mail to the domain goes (MX) and who may send it; a server in front may do that.

use super::answer::Answer;
use super::house::House;
use crate::config::ListenSection;
use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;
use std::fmt::Write as _;
use std::net::SocketAddr;
use storage::Domain;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin domain dns example.org
  kontor admin domain dns example.org --host mail.example.org | tee -a example.org.zone
  kontor admin domain dns example.org --json

The name of the server and its ports come from the configuration; a door that is shut is said to be. --host names
another server, such as the proxy in front. With the records a phone or program needs nothing but the address.
Phones and Outlook look for autodiscover.example.org at port 443: the certificate must have that name too.";

/// How long a record may be kept, in seconds.
const TTL_S: u32 = 3_600;
/// RFC 6764 section 4: where discovery begins.
const DAV_PATH: &str = "path=/dav/";

/// Who the server is and where it listens, if that is known.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) hostname: String,
    pub(super) listen: ListenSection,
}

/// A record of the zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Record {
    name: String,
    ttl_s: u32,
    #[serde(flatten)]
    data: Data,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
enum Data {
    /// RFC 2782. The target `.` says that there is no such service.
    #[serde(rename = "SRV")]
    Service { priority: u16, weight: u16, port: u16, target: String },
    #[serde(rename = "TXT")]
    Text { text: &'static str },
    #[serde(rename = "CNAME")]
    Alias { target: String },
}

/// A service, and the door that it is served at.
struct Service {
    name: &'static str,
    /// Among those that mail is read by, the lowest is preferred: RFC 6186 section 3.4.
    priority: u16,
    /// Its usual port; `None`: there is no such service here.
    port: Option<u16>,
    door: fn(&ListenSection) -> &[SocketAddr],
    text: Option<&'static str>,
}

const fn service(
    name: &'static str,
    priority: u16,
    port: u16,
    door: fn(&ListenSection) -> &[SocketAddr],
) -> Service {
    Service { name, priority, port: Some(port), door, text: None }
}

const fn without(name: &'static str) -> Service {
    Service { name, priority: 0, port: None, door: |_| &[], text: None }
}

/// Microsoft's way of finding a server: MS-OXDISCO.
const AUTODISCOVER: &str = "_autodiscover";
/// The name under which phones and Outlook look for it before they ask for the record, always at this port.
const AUTODISCOVER_HOST: (&str, u16) = ("autodiscover", 443);

/// TLS from the first byte is preferred where there are both: RFC 8314 section 5.1.
const SERVICES: [Service; 11] = [
    Service { text: Some(DAV_PATH), ..service("_caldavs", 0, 443, |listen| &listen.https) },
    without("_caldav"),
    Service { text: Some(DAV_PATH), ..service("_carddavs", 0, 443, |listen| &listen.https) },
    without("_carddav"),
    service(AUTODISCOVER, 0, 443, |listen| &listen.https),
    service("_imaps", 0, 993, |listen| &listen.imaps),
    service("_imap", 10, 143, |listen| &listen.imap),
    service("_pop3s", 20, 995, |listen| &listen.pop3s),
    service("_pop3", 30, 110, |listen| &listen.pop3),
    service("_submissions", 0, 465, |listen| &listen.submissions),
    service("_submission", 10, 587, |listen| &listen.submission),
];

pub(super) async fn run(house: &House, name: &str, host: Option<&str>) -> Result<Answer> {
    let domain = house.domain(name).await?;
    let served = house.served();
    let host = match (host, served) {
        (Some(host), _) => host,
        (None, Some(served)) if !served.hostname.is_empty() => served.hostname.as_str(),
        (None, _) => bail!("which server? Name it with --host mail.{}", domain.name),
    };
    let host = host_name(host)?;
    let records = records(&domain, &host, served.map(|served| &served.listen))?;
    let text = zone(&domain, &host, &records);
    Answer::new(&records, text)
}

/// A name as it stands in a zone, with its final dot.
fn host_name(name: &str) -> Result<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    ensure!(
        name.split('.').all(is_label),
        "'{name}' cannot stand in a zone; write names with other letters in their xn-- form"
    );
    Ok(format!("{name}."))
}

/// The records of a domain and of its other names.
fn records(domain: &Domain, host: &str, listen: Option<&ListenSection>) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for name in std::iter::once(&domain.name).chain(&domain.aliases) {
        let zone = host_name(name).with_context(|| domain.name.clone())?;
        for service in &SERVICES {
            let name = format!("{}._tcp.{zone}", service.name);
            let port = match (service.port, listen) {
                (None, _) => None,
                (usual, None) => usual,
                // Port 0 is any port: nobody can know it beforehand.
                (Some(usual), Some(listen)) => {
                    (service.door)(listen).first().map(|address| match address.port() {
                        0 => usual,
                        port => port,
                    })
                }
            };
            let data = match port {
                Some(port) => {
                    Data::Service { priority: service.priority, weight: 1, port, target: host.to_owned() }
                }
                None => Data::Service { priority: 0, weight: 0, port: 0, target: ".".to_owned() },
            };
            records.push(Record { name: name.clone(), ttl_s: TTL_S, data });
            if let (Some(text), Some(_)) = (service.text, port) {
                records.push(Record { name, ttl_s: TTL_S, data: Data::Text { text } });
            }
            if service.name == AUTODISCOVER && port == Some(AUTODISCOVER_HOST.1) {
                let name = format!("{}.{zone}", AUTODISCOVER_HOST.0);
                records.push(Record { name, ttl_s: TTL_S, data: Data::Alias { target: host.to_owned() } });
            }
        }
    }
    Ok(records)
}

/// RFC 1035 section 5.
fn zone(domain: &Domain, host: &str, records: &[Record]) -> String {
    let mut text = format!(
        "; How programs find the server of {}. {host} needs A or AAAA records of its own.\n",
        domain.name
    );
    let width = records.iter().map(|record| record.name.len()).max().unwrap_or_default();
    for Record { name, ttl_s, data } in records {
        // Writing into a string cannot fail.
        let _ = match data {
            Data::Service { priority, weight, port, target } => {
                writeln!(text, "{name:<width$} {ttl_s} IN SRV {priority} {weight} {port} {target}")
            }
            Data::Alias { target } => writeln!(text, "{name:<width$} {ttl_s} IN CNAME {target}"),
            Data::Text { text: value } => writeln!(text, "{name:<width$} {ttl_s} IN TXT \"{value}\""),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::DomainId;

    fn domain(aliases: &[&str]) -> Domain {
        Domain {
            id: DomainId(1),
            name: "a.test".to_owned(),
            aliases: aliases.iter().map(ToString::to_string).collect(),
            quota_default_bytes: 1,
            quota_max_bytes: 1,
            language: "en".to_owned(),
        }
    }

    fn lines(listen: Option<&ListenSection>) -> Vec<String> {
        let domain = domain(&[]);
        let records = records(&domain, "mail.a.test.", listen).unwrap();
        let zone = zone(&domain, "mail.a.test.", &records);
        zone.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    // RFC 6764 sections 3 and 4, RFC 6186 section 3.
    #[test]
    fn without_a_configuration_the_usual_ports_are_told() {
        assert_eq!(
            lines(None)[1..],
            [
                "_caldavs._tcp.a.test. 3600 IN SRV 0 1 443 mail.a.test.",
                "_caldavs._tcp.a.test. 3600 IN TXT \"path=/dav/\"",
                "_caldav._tcp.a.test. 3600 IN SRV 0 0 0 .",
                "_carddavs._tcp.a.test. 3600 IN SRV 0 1 443 mail.a.test.",
                "_carddavs._tcp.a.test. 3600 IN TXT \"path=/dav/\"",
                "_carddav._tcp.a.test. 3600 IN SRV 0 0 0 .",
                "_autodiscover._tcp.a.test. 3600 IN SRV 0 1 443 mail.a.test.",
                "autodiscover.a.test. 3600 IN CNAME mail.a.test.",
                "_imaps._tcp.a.test. 3600 IN SRV 0 1 993 mail.a.test.",
                "_imap._tcp.a.test. 3600 IN SRV 10 1 143 mail.a.test.",
                "_pop3s._tcp.a.test. 3600 IN SRV 20 1 995 mail.a.test.",
                "_pop3._tcp.a.test. 3600 IN SRV 30 1 110 mail.a.test.",
                "_submissions._tcp.a.test. 3600 IN SRV 0 1 465 mail.a.test.",
                "_submission._tcp.a.test. 3600 IN SRV 10 1 587 mail.a.test.",
            ]
        );
    }

    // RFC 2782: a target of "." means that there is decidedly no such service.
    #[test]
    fn a_door_that_is_shut_is_said_to_be_and_an_odd_port_is_told() {
        let listen = ListenSection {
            https: vec!["[::]:8443".parse().unwrap(), "[::]:443".parse().unwrap()],
            imaps: vec!["[::]:0".parse().unwrap()],
            ..ListenSection::default()
        };
        let lines = lines(Some(&listen));
        let has = |line: &str| assert!(lines.iter().any(|found| found == line), "{line}: {lines:#?}");
        has("_caldavs._tcp.a.test. 3600 IN SRV 0 1 8443 mail.a.test.");
        has("_autodiscover._tcp.a.test. 3600 IN SRV 0 1 8443 mail.a.test.");
        assert!(!lines.iter().any(|line| line.contains("CNAME")), "nobody looks at another port: {lines:#?}");
        has("_imaps._tcp.a.test. 3600 IN SRV 0 1 993 mail.a.test.");
        has("_imap._tcp.a.test. 3600 IN SRV 0 0 0 .");
        let shut = ListenSection::default();
        assert!(!self::lines(Some(&shut)).iter().any(|line| line.contains("TXT")));
    }

    #[test]
    fn other_names_of_the_domain_lead_to_the_same_server() {
        let records = records(&domain(&["b.test"]), "mail.a.test.", None).unwrap();
        let is_there = |record: &Record| record.name == "_caldavs._tcp.b.test.";
        assert_eq!(records.iter().filter(|record| is_there(record)).count(), 2);
        assert_eq!(records.len(), 2 * (SERVICES.len() + 3));
    }

    #[test]
    fn what_cannot_stand_in_a_zone_is_refused() {
        assert_eq!(host_name("Mail.A.test").unwrap(), "mail.a.test.");
        assert_eq!(host_name("mail.a.test.").unwrap(), "mail.a.test.");
        for bad in ["", ".", "a..b", "bücher.test", "a b.test", "a;b.test", "a\".test"] {
            assert!(host_name(bad).is_err(), "{bad}");
        }
    }
}
