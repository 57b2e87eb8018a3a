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
            "[server]\npostmaster = \"x\"\n[listen]\nimaps = [\"[::]:993\"]\n[http]\nmail_authorities = \"/nowhere\"\n[log]\nfilter = \"a=b=c\"",
        );
        for part in [
            "server.hostname",
            "server.postmaster",
            "tls: the doors need",
            "log.filter",
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
    fn hostnames() {
        assert!(is_hostname("mail.example.org") && is_hostname("a-b.test"));
        for bad in ["", "localhost", "-a.test", "a..b", "mail example.org", "a.test."] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }
}
