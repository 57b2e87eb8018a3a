//! `kontor admin`: the operator's hand, on the store itself. A server that runs need not stop: it
//! reads rights, kinds and passwords anew in each transaction.

mod account;
mod alias;
mod answer;
mod app_password;
mod check;
mod device;
mod device_policy;
mod device_rules;
mod dns;
mod domain;
mod folder;
mod grant;
mod group;
mod house;
mod password;
mod phones;
mod quantity;
mod reason;
mod rights;
mod sweep;

use crate::config::{self, StoreSection};
use crate::server;
use answer::Answer;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use house::House;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use storage::Database;

const DEFAULT_CONFIG: &str = "/etc/kontor/kontor.toml";
const EXAMPLES: &str = "\
Examples:
  kontor admin domain add example.org
  kontor admin account add anna@example.org --kind exchange --name 'Anna Huber'
  kontor admin password set anna@example.org < password.txt
  kontor admin grant set anna@example.org Calendar ben@example.org reader
  kontor admin account list --json | jq '.[] | select(.used_percent > 70) | .address'
  kontor admin --dir kontor-demo check

The store is found by --config FILE (or KONTOR_CONFIG, or /etc/kontor/kontor.toml), by --dir DIR for a demo,
or by --database URL. A server may run meanwhile: what is changed here holds there with the next command.";

/// What every admin command takes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Answer in JSON, for programs; the names of the fields stay
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// Where the store is.
#[derive(Debug, Args)]
struct Place {
    /// The server's configuration; only [store] counts here
    #[arg(long, global = true, value_name = "FILE", env = "KONTOR_CONFIG")]
    config: Option<PathBuf>,
    /// The directory of a store, such as a demo's
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The database, if it is not kontor.db in that directory: `sqlite:PATH` or `postgres://..`
    #[arg(long, global = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Domains, their other names and quotas
    #[command(subcommand, after_help = domain::EXAMPLES)]
    Domain(domain::Command),
    /// Accounts: people, shared mailboxes, rooms
    #[command(subcommand, after_help = account::EXAMPLES)]
    Account(account::Command),
    /// Further addresses of accounts
    #[command(subcommand, after_help = alias::EXAMPLES)]
    Alias(alias::Command),
    /// Groups: one address for several people, and rights for all of them
    #[command(subcommand, after_help = group::EXAMPLES)]
    Group(group::Command),
    /// The main password of an account
    #[command(subcommand, after_help = password::EXAMPLES)]
    Password(password::Command),
    /// App passwords: one for each device, each revocable
    #[command(subcommand, after_help = app_password::EXAMPLES)]
    AppPassword(app_password::Command),
    /// Rights on folders
    #[command(subcommand, after_help = grant::EXAMPLES)]
    Grant(grant::Command),
    /// Phones, as each account knows them
    #[command(subcommand, after_help = device::EXAMPLES)]
    Device(device::Command),
    /// Where phones belong, if not here
    #[command(subcommand, after_help = phones::EXAMPLES)]
    Phones(phones::Command),
    /// Check every invariant of the store, the bytes of every mail included
    #[command(after_help = check::EXAMPLES)]
    Check,
    /// Take away what has outlived its time (a server does so every hour)
    Sweep,
}

/// Runs one command and prints its answer.
pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode> {
    let served = arguments.place.served()?;
    let section = arguments.place.section()?;
    let store = Box::pin(server::open_store(section.options(session::system_clock())?)).await?;
    let house = House::new(store.clone(), served);
    let answered = answer(arguments.command, &house).await;
    drop(house);
    store.close();
    let answer = answered?;
    super::print(&answer.shown(arguments.json)?)?;
    Ok(answer.code())
}

async fn answer(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Domain(command) => domain::run(command, house).await,
        Command::Account(command) => account::run(command, house).await,
        Command::Alias(command) => alias::run(command, house).await,
        Command::Group(command) => group::run(command, house).await,
        Command::Password(command) => password::run(command, house).await,
        Command::AppPassword(command) => app_password::run(command, house).await,
        Command::Grant(command) => grant::run(command, house).await,
        Command::Device(command) => device::run(command, house).await,
        Command::Phones(command) => phones::run(command, house).await,
        Command::Check => check::run(house).await,
        Command::Sweep => sweep::run(house).await,
    }
}

impl Place {
    /// What the configuration says of the server; nothing if the store was named in another way.
    fn served(&self) -> Result<Option<dns::Served>> {
        if self.dir.is_some() || self.database.is_some() {
            return Ok(None);
        }
        let file = self.config.as_deref().unwrap_or(Path::new(DEFAULT_CONFIG));
        if !file.exists() {
            // Whoever looks for the store there says so.
            return Ok(None);
        }
        let config::Config { server, listen, .. } = config::read(Some(file))?;
        Ok(Some(dns::Served { hostname: server.hostname, listen }))
    }

    fn section(self) -> Result<StoreSection> {
        let Self { config, dir, database } = self;
        let directory = match (dir, database.as_deref().map(str::parse)) {
            (Some(dir), _) => Some(dir),
            (None, None) => None,
            (None, Some(Ok(Database::Sqlite(path)))) => Some(match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                _ => PathBuf::from("."),
            }),
            (None, Some(Ok(Database::Postgres(_)))) => {
                bail!("--database names PostgreSQL; name the store's directory too, with --dir DIR")
            }
            (None, Some(Err(error))) => return Err(error).context("--database"),
        };
        let Some(directory) = directory else {
            let file = config.unwrap_or_else(|| PathBuf::from(DEFAULT_CONFIG));
            let read = config::read(Some(&file));
            return Ok(read
                .context("no store was named: use --config FILE, --dir DIR or --database URL")?
                .store);
        };
        let section = StoreSection::in_directory(&directory, database.as_deref());
        // A slip of the pen must not make an empty store.
        if let Database::Sqlite(file) = section.database()?
            && !file.exists()
        {
            bail!("there is no store: {} does not exist", file.display());
        }
        Ok(section)
    }
}
