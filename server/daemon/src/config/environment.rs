//! `KONTOR_SECTION_KEY=value` overlays `key` of `[section]`.

use super::explain;
use super::section::Config;
use anyhow::{Result, bail};
use toml::{Table, Value};

const PREFIX: &str = "KONTOR_";
/// The sections of [`Config`]; a test keeps the two together.
pub(super) const SECTIONS: [&str; 8] = ["server", "store", "tls", "listen", "http", "push", "log", "limits"];

/// The variables of this process that begin with `KONTOR_`.
pub(super) fn variables() -> Vec<(String, String)> {
    let mut variables: Vec<_> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    variables.sort();
    variables
}

/// Puts variables over a table that is a configuration already.
///
/// A variable whose first word is no section, nor nearly one, is not ours: Kubernetes, for one, sets
/// `KONTOR_SERVICE_HOST` beside a service of that name.
pub(super) fn overlay(mut table: Table, variables: &[(String, String)]) -> Result<Config> {
    for (name, text) in variables {
        let Some((section, key)) = section_and_key(name)? else { continue };
        let value = value_of(&table, &section, &key, text);
        let Value::Table(keys) = table.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()))
        else {
            bail!("[{section}] is a section, not a value");
        };
        keys.insert(key, value);
        if let Err(error) = Config::deserialize_table(&table) {
            bail!("environment variable {name}: {}", explain::reason(&error));
        }
    }
    Config::deserialize_table(&table).map_err(|error| anyhow::anyhow!(explain::reason(&error)))
}

fn section_and_key(name: &str) -> Result<Option<(String, String)>> {
    let lower = name.trim_start_matches(PREFIX).to_lowercase();
    let Some((section, key)) = lower.split_once('_') else { return Ok(None) };
    if SECTIONS.contains(&section) {
        return Ok(Some((section.to_owned(), key.to_owned())));
    }
    match explain::nearest(section, &SECTIONS) {
        Some(near) => {
            bail!("environment variable {name}: there is no section '{section}'; did you mean '{near}'?")
        }
        None => Ok(None),
    }
}

/// A number, boolean or list where the text is one and the key takes it; otherwise the text.
fn value_of(table: &Table, section: &str, key: &str, text: &str) -> Value {
    let plain = Value::String(text.to_owned());
    let takes = |value: &Value| {
        let mut trial = Table::new();
        trial.insert(key.to_owned(), value.clone());
        let mut whole = table.clone();
        whole.insert(section.to_owned(), Value::Table(trial));
        Config::deserialize_table(&whole).is_ok()
    };
    if takes(&plain) {
        return plain;
    }
    // One address is a list of one, several stand side by side: KONTOR_LISTEN_IMAP=[::1]:143,127.0.0.1:143.
    let list = Value::Array(text.split(',').map(|part| Value::String(part.trim().to_owned())).collect());
    if takes(&list) {
        return list;
    }
    let parsed = format!("value = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlaid(variables: &[(&str, &str)]) -> Result<Config> {
        let owned: Vec<_> = variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        overlay(Table::new(), &owned)
    }

    #[test]
    fn each_type_of_value_can_be_set() {
        let config = overlaid(&[
            ("KONTOR_LISTEN_IMAP", "[::1]:143, 127.0.0.1:143"),
            ("KONTOR_LISTEN_HTTPS", "[\"127.0.0.1:443\"]"),
            ("KONTOR_SERVER_HOSTNAME", "mail.example.org"),
            ("KONTOR_STORE_RETENTION_DAYS", "7"),
            ("KONTOR_HTTP_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
            ("KONTOR_PUSH_ENABLED", "false"),
            ("KONTOR_PUSH_OWN_NETWORKS", "10.0.0.0/8"),
            ("KONTOR_LOG_FORMAT", "json"),
        ])
        .unwrap();
        assert_eq!(config.listen.imap.len(), 2);
        assert_eq!(config.listen.https.len(), 1);
        assert_eq!(config.server.hostname, "mail.example.org");
        assert_eq!(config.store.retention_days, 7);
        let proxies = ["127.0.0.1", "10.0.0.0/8"].map(|text| text.parse::<session::Network>().unwrap());
        assert_eq!(config.http.trusted_proxies, proxies);
        assert!(!config.push.enabled && config.push.own_networks == proxies[1..]);
        assert_eq!(config.log.format, super::super::LogFormat::Json);
    }

    #[test]
    fn a_slip_is_named_with_what_was_meant() {
        let error = overlaid(&[("KONTOR_STORE_DIRECTROY", "/x")]).unwrap_err().to_string();
        assert_eq!(
            error,
            "environment variable KONTOR_STORE_DIRECTROY: unknown key 'directroy'; did you mean 'directory'?"
        );
        let error = overlaid(&[("KONTOR_STROE_DIRECTORY", "/x")]).unwrap_err().to_string();
        assert!(error.ends_with("there is no section 'stroe'; did you mean 'store'?"), "{error}");
        let error = overlaid(&[("KONTOR_STORE_RETENTION_DAYS", "many")]).unwrap_err().to_string();
        assert!(error.contains("KONTOR_STORE_RETENTION_DAYS"), "{error}");
    }

    #[test]
    fn variables_of_others_are_left_alone() {
        overlaid(&[("KONTOR_SERVICE_HOST", "10.0.0.1"), ("KONTOR_PORT_143_TCP", "tcp://10.0.0.1:143")])
            .unwrap();
        overlaid(&[("KONTOR_BIN", "kontor"), ("KONTOR_TEST_POSTGRES", "x")]).unwrap();
    }

    #[test]
    fn the_list_of_sections_is_that_of_the_configuration() {
        let error = toml::from_str::<Config>("zzz = 1").unwrap_err();
        let known: Vec<&str> = error.message().split('`').skip(3).step_by(2).collect();
        assert_eq!(known, SECTIONS);
    }
}
