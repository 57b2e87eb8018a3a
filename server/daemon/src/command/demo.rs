//! `kontor demo`: a server with sample data.

use crate::config::{self, HttpSection, PushSection, ServerSection, StoreSection};
use crate::demo::{self, Authority, DemoPorts};
use crate::{clock, log, server};
use anyhow::{Context as _, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use vocabulary::Timestamp;

const EXAMPLES: &str = "\
Examples:
  kontor demo                                  data in ./kontor-demo; delete it to forget everything
  kontor demo --now 2026-11-23T09:00           a clock that starts there: the same mails every time
  kontor demo --ports 0 --json demo.json       free ports, told to a program when all are open
  kontor demo --database postgres://kontor:secret@127.0.0.1/demo

Nothing listens but on loopback, nothing is fetched, and no rights are needed. Every password is 'demo'.";

/// What `kontor demo` takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Where the data lies; a second start finds it again
    #[arg(long, value_name = "DIR", default_value = "kontor-demo")]
    dir: PathBuf,
    /// Write addresses, ports and accounts to this file when all doors are open
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Let the clock start at this moment (UTC unless it says otherwise) and run on
    #[arg(long, value_name = "TIME", value_parser = clock::parse)]
    now: Option<Timestamp>,
    /// Keep the data in this database: `sqlite:PATH` or `postgres://..`
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// 0: take free ports instead of 8443, 8080, 1143 and so on
    #[arg(long, value_name = "0", value_parser = clap::value_parser!(u16).range(0..=0))]
    ports: Option<u16>,
}

/// Serves the sample data until a signal ends it.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    // Only [log], [limits] and http.activesync count here; the rest is the demo's own.
    let config = config::read(None)?;
    log::start(&config.log)?;
    let section = StoreSection::in_directory(&arguments.dir, arguments.database.as_deref());
    let clock = arguments.now.map_or_else(session::system_clock, clock::starting_at);
    let options = section.options(clock)?;
    let database = options.database.clone();
    let store = server::open_store(options).await?;
    let directory = arguments.dir.canonicalize().context("--dir")?;
    let authority = Authority::in_directory(&directory)?;
    let people = demo::fill(&store).await?;

    let ports = if arguments.ports.is_some() { DemoPorts::Free } else { DemoPorts::Usual };
    let (doors, addresses) = demo::bind(ports)?;
    let certificates = Arc::new(authority.certificates()?);
    let own = ServerSection { hostname: demo::HOSTNAME.to_owned(), ..ServerSection::default() };
    let http = HttpSection {
        public_url: addresses.base_url(),
        activesync: config.http.activesync,
        ..HttpSection::default()
    };
    // It would send what happens in the demo to whom it does not know.
    let no_push = PushSection { enabled: false, ..PushSection::default() };
    let limits = config.limits;
    let running = server::start(store, &own, &http, &no_push, limits, doors, Some(&certificates)).await?;
    let announcement = demo::Announcement::new(&directory, &database, authority.file(), &addresses, &people);
    if let Some(file) = &arguments.json {
        announcement.write(file)?;
    }
    super::print(&announcement.text())?;
    running.until_ended(|| Ok(())).await
}
