//! Version 2: the URLs of the house. Nobody is looked up, so nobody is told of.

use autodiscover_wire::json::{Protocol, Refused};

use crate::Served;

/// Before the address in the longer form of the path.
const VERSION: &str = "/v1.0/";

/// The answer to `GET /autodiscover/autodiscover.json{rest}?{query}`. `Err`: what is wrong, as JSON too.
pub(crate) fn answer(served: &Served, rest: &str, query: &str) -> Result<String, String> {
    let in_path = rest.strip_prefix(VERSION).or_else(|| rest.strip_prefix("/v2.0/")).unwrap_or_default();
    // Only whether there is one, and a word of plain letters, matter: nothing is to be decoded.
    let value = |wanted: &str| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
            .next()
            .unwrap_or_default()
    };
    if value("Email").is_empty() && in_path.is_empty() {
        return Err(Refused::Missing { parameter: "Email" }.json());
    }
    let asked = value("Protocol");
    if asked.is_empty() {
        return Err(Refused::Missing { parameter: "Protocol" }.json());
    }
    let all = Protocol::ALL.into_iter();
    let offered: Vec<Protocol> =
        all.filter(|protocol| *protocol != Protocol::ActiveSync || served.active_sync).collect();
    match Protocol::parse(asked).filter(|protocol| offered.contains(protocol)) {
        Some(protocol) => Ok(protocol.at(&match protocol {
            Protocol::ActiveSync => served.active_sync_url(),
            Protocol::AutodiscoverV1 => served.xml_url(),
        })),
        None => Err(Refused::UnknownProtocol { asked, served: &offered }.json()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(active_sync: bool) -> Served {
        let base_url = "https://mail.a.test:8443".to_owned();
        Served { base_url, mail_host: "mail.a.test".to_owned(), mail: Vec::new(), active_sync }
    }

    #[test]
    fn urls_of_the_house_are_told_in_both_forms_of_the_path() {
        let active_sync =
            "{\"Protocol\":\"ActiveSync\",\"Url\":\"https://mail.a.test:8443/Microsoft-Server-ActiveSync\"}";
        let xml = "{\"Protocol\":\"AutodiscoverV1\",\"Url\":\"https://mail.a.test:8443/autodiscover/autodiscover.xml\"}";
        for (rest, query, expected) in [
            ("", "Email=anna@a.test&Protocol=ActiveSync", active_sync),
            ("", "RedirectCount=1&PROTOCOL=activesync&email=nobody%40a.test", active_sync),
            ("/v1.0/anna@a.test", "Protocol=ActiveSync", active_sync),
            ("/v1.0/anna@a.test", "Protocol=AutodiscoverV1", xml),
        ] {
            assert_eq!(answer(&served(true), rest, query).as_deref(), Ok(expected), "{rest} {query}");
        }
    }

    #[test]
    fn what_is_missing_or_not_served_is_said() {
        for (rest, query, expected) in [
            ("", "", "'Email'"),
            ("", "Protocol=ActiveSync", "'Email'"),
            ("/v1.0/", "Protocol=ActiveSync", "'Email'"),
            ("", "Email=a@a.test", "'Protocol'"),
            ("", "Email=a@a.test&Protocol=Ews", "'ActiveSync,AutodiscoverV1'"),
        ] {
            let refused = answer(&served(true), rest, query).unwrap_err();
            assert!(refused.contains(expected), "{rest} {query}: {refused}");
        }
        let refused = answer(&served(false), "", "Email=a@a.test&Protocol=ActiveSync").unwrap_err();
        assert!(refused.contains("'AutodiscoverV1'"), "{refused}");
    }
}
