//! What must fit together before a server starts. All that is wrong is told at once.

use super::section::Config;
use anyhow::{Result, bail};

impl Config {
    /// Checks what a server needs; `kontor admin` needs only `[store]`.
    pub(crate) fn validate(&self) -> Result<()> {
        let mut wrong = Vec::new();
        if !is_hostname(&self.server.hostname) {
            wrong.push(
                "server.hostname: write the full name of this server, such as mail.example.org".to_owned(),
            );
        }
        if let Err(error) = self.server.postmaster() {
            wrong.push(format!("{error:#}"));
        }
        if let Err(error) = self.store.database() {
            wrong.push(format!("{error:#}"));
        }
        if let Err(error) = crate::log::filter(&self.log) {
            wrong.push(format!("{error:#}"));
        }
        if !self.http.has_good_url() {
            wrong
                .push("http.public_url: write it as clients do, such as https://mail.example.org".to_owned());
        }
        if let Err(error) = self.http.authorities() {
            wrong.push(format!("{error:#}"));
        }
        self.validate_doors(&mut wrong);
        if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n")) }
    }

    fn validate_doors(&self, wrong: &mut Vec<String>) {
        let listen = &self.listen;
        let with_tls = [
            &listen.imap,
            &listen.imaps,
            &listen.pop3,
            &listen.pop3s,
            &listen.submission,
            &listen.submissions,
            &listen.https,
        ];
        let needs_tls = with_tls.iter().any(|door| !door.is_empty());
        if !needs_tls && listen.lmtp.is_empty() {
            wrong.push(
                "listen: no door is open; name at least one, such as imaps = [\"[::]:993\"]".to_owned(),
            );
        }
        if needs_tls && (self.tls.certificate.is_none() || self.tls.key.is_none()) {
            wrong.push("tls: the doors need `certificate` and `key`, each the path of a PEM file".to_owned());
        }
    }
}

/// Letters, digits, hyphens and at least one dot: what other servers expect of a greeting.
fn is_hostname(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        toml::from_str::<Config>(text).unwrap().validate().unwrap_err().to_string()
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let told = problems(
            "[server]\npostmaster = \"x\"\n[listen]\nimaps = [\"[::]:993\"]\n[log]\nfilter = \"a=b=c\"\n[http]\npublic_url = \"a\"\nmail_authorities = \"/nowhere\"",
        );
        for part in [
            "server.hostname",
            "server.postmaster",
            "tls: the doors need",
            "log.filter",
            "http.public_url",
            "http.mail_authorities: /nowhere",
        ] {
            assert!(told.contains(part), "{part} is missing in:\n{told}");
        }
        assert!(problems("").contains("no door is open"));
    }

    #[test]
    fn a_complete_configuration_is_accepted() {
        let text = "[server]\nhostname = \"mail.example.org\"\npostmaster = \"anna@example.org\"\n[listen]\nlmtp = [\"127.0.0.1:24\"]";
        toml::from_str::<Config>(text).unwrap().validate().unwrap();
    }

    #[test]
    fn urls_begin_with_what_clients_reach() {
        let config = |text: &str| {
            toml::from_str::<Config>(&format!("[server]\nhostname = \"mail.a.test\"\n{text}")).unwrap()
        };
        for (text, port, expected) in [
            ("", Some(443), "https://mail.a.test"),
            ("", Some(8443), "https://mail.a.test:8443"),
            ("", None, "https://mail.a.test"),
            ("[http]\ntrusted_proxies = [\"127.0.0.1\"]", Some(8443), "https://mail.a.test"),
            ("[http]\npublic_url = \"https://b.test:444/\"", Some(443), "https://b.test:444"),
        ] {
            let config = config(text);
            assert_eq!(config.http.base_url(&config.server, port), expected, "{text} {port:?}");
            assert!(config.http.has_good_url() && config.http.activesync);
        }
        for bad in
            ["mail.a.test", "http://a.test", "https://", "https:///x", "https://a.test/?b", "https://a b"]
        {
            assert!(!config(&format!("[http]\npublic_url = \"{bad}\"")).http.has_good_url(), "{bad}");
        }
    }

    #[test]
    fn hostnames() {
        assert!(is_hostname("mail.example.org") && is_hostname("a-b.test"));
        for bad in ["", "localhost", "-a.test", "a..b", "mail example.org", "a.test."] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }
}
