//! Reading: the file, then the environment over it.

use super::section::Config;
use super::{environment, explain};
use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize as _;
use std::path::Path;
use toml::Table;

/// Largest configuration file in bytes: a larger one is something else.
const FILE_BYTES_MAX: u64 = 1_000_000;

/// Reads a file, if there is one, and overlays the environment.
pub(crate) fn read(file: Option<&Path>) -> Result<Config> {
    let table = match file {
        Some(file) => table_of(file)?,
        None => Table::new(),
    };
    environment::overlay(table, &environment::variables())
}

fn table_of(file: &Path) -> Result<Table> {
    let shown = file.display().to_string();
    let found = std::fs::metadata(file)
        .with_context(|| format!("the configuration {shown} cannot be read; name it with --config FILE"))?;
    if found.len() > FILE_BYTES_MAX {
        return Err(anyhow!("{shown} has {} bytes: that is no configuration", found.len()));
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
    // Read into the sections first: only then do errors have a line.
    let explained = |error: toml::de::Error| anyhow!(explain::in_file(&error, &text, &shown));
    toml::from_str::<Config>(&text).map_err(explained)?;
    text.parse::<Table>().map_err(explained)
}

impl Config {
    /// From a table whose lines nobody knows any more.
    pub(super) fn deserialize_table(table: &Table) -> Result<Self, toml::de::Error> {
        Self::deserialize(table.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        explain::in_file(&toml::from_str::<Config>(text).unwrap_err(), text, "kontor.toml")
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_a_suggestion() {
        let text = "[server]\nhostname = \"a.test\"\n\n[listen]\n# doors\nimap_s = [\"[::]:993\"]\n";
        assert_eq!(error_of(text), "kontor.toml, line 6: unknown key 'imap_s'; did you mean 'imaps'?");
        assert_eq!(
            error_of("[stroe]\ndirectory = \"/x\"\n"),
            "kontor.toml, line 1: unknown key 'stroe'; did you mean 'store'?"
        );
        assert_eq!(
            error_of("[log]\n\ncolour = true\n"),
            "kontor.toml, line 3: unknown key 'colour'; known here: format, filter"
        );
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_line() {
        let error = error_of("[store]\nretention_days = \"many\"\n");
        assert!(error.starts_with("kontor.toml, line 2: ") && error.contains("many"), "{error}");
        let error = error_of("[listen]\nimap = [\"143\"]\n");
        assert!(error.starts_with("kontor.toml, line 2: "), "{error}");
        let error = error_of("[http]\n\ntrusted_proxies = [\"10.0.0.0/33\"]\n");
        assert!(error.starts_with("kontor.toml, line 3: '10.0.0.0/33' is no network"), "{error}");
        let error = error_of("[listen\n");
        assert!(error.starts_with("kontor.toml, line 1: "), "{error}");
    }

    #[test]
    fn the_example_is_read_and_shows_every_key() {
        let example = include_str!("../../../../deploy/kontor.example.toml");
        toml::from_str::<Config>(example).unwrap_or_else(|error| {
            panic!("{}", explain::in_file(&error, example, "deploy/kontor.example.toml"))
        });
        for section in environment::SECTIONS {
            assert!(example.contains(&format!("\n[{section}]\n")), "[{section}]");
            let error = toml::from_str::<Config>(&format!("[{section}]\nzzz = 1")).unwrap_err();
            for key in error.message().split('`').skip(3).step_by(2) {
                let shown = example.lines().any(|line| {
                    line.trim_start_matches("# ")
                        .strip_prefix(key)
                        .is_some_and(|rest| rest.starts_with(" = "))
                });
                assert!(shown, "deploy/kontor.example.toml does not show {key} of [{section}]");
            }
        }
    }
}
