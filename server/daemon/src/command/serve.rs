//! `kontor serve`: the server, by its configuration.

use crate::config::{self, Config};
use crate::doors::Doors;
use crate::{log, server};
use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use session::Certificates;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  kontor serve --config /etc/kontor/kontor.toml --check   says what is wrong, starts nothing
  KONTOR_LOG_FILTER=debug kontor serve --config kontor.toml

Each key of the file can be set by the environment as KONTOR_SECTION_KEY. SIGTERM ends the server:
what was acknowledged is safe, open waits are answered. SIGHUP reads the certificate again.";

/// What `kontor serve` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The configuration; deploy/kontor.example.toml shows every key
    #[arg(long, value_name = "FILE", env = "KONTOR_CONFIG", default_value = "/etc/kontor/kontor.toml")]
    config: PathBuf,
    /// Check configuration and certificate, and start nothing
    #[arg(long)]
    check: bool,
}

/// Serves until a signal ends it.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let config = config::read(Some(&arguments.config))?;
    config.validate().with_context(|| format!("{} cannot be used:", arguments.config.display()))?;
    let certificates = certificates(&config)?;
    if arguments.check {
        super::print(&format!("{} is sound\n", arguments.config.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    log::start(&config.log)?;
    let doors = Doors::bind(&config.listen)?;
    doors.log_addresses()?;
    let options = config.store.options(session::system_clock())?;
    let store = server::open_store(options).await?;
    let limits = config.limits.clone();
    let (own, http, push) = (&config.server, &config.http, &config.push);
    let running = server::start(store, own, http, push, limits, doors, certificates.as_ref()).await?;
    tracing::info!(hostname = config.server.hostname, "all doors are open");
    running
        .until_ended(|| {
            let (Some(old), Some(new)) = (&certificates, self::certificates(&config)?) else { return Ok(()) };
            old.replace(&new);
            Ok(())
        })
        .await
}

/// The certificate, if the configuration names one.
fn certificates(config: &Config) -> Result<Option<Arc<Certificates>>> {
    let (Some(chain), Some(key)) = (&config.tls.certificate, &config.tls.key) else { return Ok(None) };
    let read = Certificates::from_files(chain, key).map_err(|error| anyhow!("tls: {error}"))?;
    Ok(Some(Arc::new(read)))
}
