//! One line per connection or request, on standard error: for people or for machines.

use crate::config::{LogFormat, LogSection};
use anyhow::{Context as _, Result};
use tracing_subscriber::EnvFilter;

/// Starts logging. Called once, before anything is logged.
pub(crate) fn start(section: &LogSection) -> Result<()> {
    let filter = filter(section)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match section.format {
        LogFormat::Text => lines.with_ansi(false).with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}

/// Libraries that tell at `info` what nobody asked; a filter that names them says otherwise.
const QUIET: &str = "actix_server=warn,sea_orm_migration=warn,sqlx=warn";

/// The filter of a section, or what is wrong with it.
pub(crate) fn filter(section: &LogSection) -> Result<EnvFilter> {
    EnvFilter::try_new(format!("{QUIET},{}", section.filter)).with_context(|| {
        format!(
            "log.filter: '{}' is no filter; write a level (error, warn, info, debug) or name=level,..",
            section.filter
        )
    })
}
