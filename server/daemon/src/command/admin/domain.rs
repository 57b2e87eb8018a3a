//! `kontor admin domain`: domains, their other names and quotas.

use super::answer::{Answer, joined, table};
use super::house::House;
use super::quantity;
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;
use storage::{Domain, Scope};
use vocabulary::DomainId;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin domain add example.org --language de
  kontor admin domain quota example.org 10GB 50GB      of new accounts, and the largest
  kontor admin domain time-zone example.org Europe/Berlin
  kontor admin domain free-busy example.org granted    only who was given the right sees when others are busy
  kontor admin domain alias add example.org example.net
  kontor admin domain dns example.org                  records for the zone, so that programs find the server
  kontor admin domain remove example.org               when it has no accounts any more

Rights and groups never cross a domain: people who share calendars belong to one.";

const ALIAS_EXAMPLES: &str = "\
Examples:
  kontor admin domain alias add example.org example.net
  kontor admin domain alias remove example.org example.net

Mail to anna@example.net then reaches anna@example.org.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set a domain up
    Add {
        /// Its name, such as example.org
        domain: String,
        /// Language of its accounts: names of folders, mails of the server
        #[arg(long, default_value = "en", value_parser = ["en", "de"])]
        language: String,
    },
    /// All domains
    List,
    /// One domain
    Show {
        /// Its name, or another name of it
        domain: String,
    },
    /// Remove a domain that has no accounts any more
    Remove {
        /// Its name
        domain: String,
    },
    /// Other names of a domain: the same people, the same domain for sharing
    #[command(subcommand, after_help = ALIAS_EXAMPLES)]
    Alias(Alias),
    /// The DNS records by which programs find the server: calendars, contacts, mail
    #[command(after_help = super::dns::EXAMPLES)]
    Dns {
        /// Its name
        domain: String,
        /// The server's name; if left out, server.hostname of the configuration
        #[arg(long, value_name = "NAME")]
        host: Option<String>,
    },
    /// Where its people live: places appointments without a time zone, and whole days
    TimeZone {
        /// Its name
        domain: String,
        /// A name of the IANA database, such as Europe/Berlin; UTC unless one is set
        zone: String,
    },
    /// Who may see when its people are busy (nobody sees with what)
    FreeBusy {
        /// Its name
        domain: String,
        /// Everybody of the domain, or those who were granted the right on a calendar
        #[arg(value_parser = ["domain", "granted"])]
        policy: String,
    },
    /// Quota of new accounts, and the largest that an account may have
    Quota {
        /// Its name
        domain: String,
        /// Of new accounts: 5GB
        #[arg(value_parser = quantity::parse)]
        default: i64,
        /// The largest; if left out, the same
        #[arg(value_parser = quantity::parse)]
        largest: Option<i64>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Alias {
    /// Give a domain another name
    Add {
        /// The domain
        domain: String,
        /// Its other name
        alias: String,
    },
    /// Take another name away
    Remove {
        /// The domain
        domain: String,
        /// Its other name
        alias: String,
    },
}

#[derive(Serialize)]
struct View {
    name: String,
    aliases: Vec<String>,
    quota_default_bytes: i64,
    quota_max_bytes: i64,
    language: String,
    time_zone: String,
    free_busy: String,
}

/// What is set of a domain.
#[derive(Default)]
struct Settings {
    time_zone: Option<String>,
    free_busy: Option<String>,
}

impl Settings {
    fn read(tx: &storage::Read<'_>, domain: DomainId) -> storage::Result<Self> {
        let setting = |name| tx.setting(Scope::Domain(domain), name);
        Ok(Self {
            time_zone: setting(workflow::TIME_ZONE)?,
            free_busy: setting(workflow::meeting::FREE_BUSY)?,
        })
    }
}

impl View {
    fn new(domain: Domain, settings: Settings) -> Self {
        let Domain { name, aliases, quota_default_bytes, quota_max_bytes, language, .. } = domain;
        let time_zone = settings.time_zone.unwrap_or_else(|| "UTC".to_owned());
        let free_busy = settings.free_busy.unwrap_or_else(|| "domain".to_owned());
        Self { name, aliases, quota_default_bytes, quota_max_bytes, language, time_zone, free_busy }
    }
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Add { domain, language } => {
            let name = domain.clone();
            let added = house.write(&[], move |tx, admin| tx.create_domain(admin, &name, &language)).await;
            added.with_context(|| domain.clone())?;
            show(house, &domain).await
        }
        Command::List => list(house).await,
        Command::Show { domain } => show(house, &domain).await,
        Command::Remove { domain } => {
            let found = house.domain(&domain).await?;
            let removed = house.write(&[], move |tx, admin| tx.remove_domain(admin, found.id)).await;
            removed.with_context(|| domain.clone())?;
            Answer::new(&View::new(found, Settings::default()), format!("{domain} is gone"))
        }
        Command::Alias(Alias::Add { domain, alias }) => {
            let found = house.domain(&domain).await?;
            let name = alias.clone();
            let added = house.write(&[], move |tx, admin| tx.add_domain_alias(admin, found.id, &name)).await;
            added.context(alias)?;
            show(house, &domain).await
        }
        Command::Alias(Alias::Remove { domain, alias }) => {
            let found = house.domain(&domain).await?;
            anyhow::ensure!(
                found.aliases.contains(&alias.to_lowercase()),
                "{alias} is no other name of {domain}; `kontor admin domain show {domain}` shows all"
            );
            house.write(&[], move |tx, admin| tx.remove_domain_alias(admin, &alias)).await?;
            show(house, &domain).await
        }
        Command::Dns { domain, host } => super::dns::run(house, &domain, host.as_deref()).await,
        Command::TimeZone { domain, zone } => {
            let found = house.domain(&domain).await?;
            let zone = workflow::known_time_zone(&zone)
                .with_context(|| format!("'{zone}' is no name of a time zone, such as Europe/Berlin"))?;
            house
                .write(&[], move |tx, _| tx.put_setting(Scope::Domain(found.id), workflow::TIME_ZONE, &zone))
                .await?;
            show(house, &domain).await
        }
        Command::FreeBusy { domain, policy } => {
            let found = house.domain(&domain).await?;
            let name = workflow::meeting::FREE_BUSY;
            house.write(&[], move |tx, _| tx.put_setting(Scope::Domain(found.id), name, &policy)).await?;
            show(house, &domain).await
        }
        Command::Quota { domain, default, largest } => {
            let found = house.domain(&domain).await?;
            let largest = largest.unwrap_or(default);
            house.write(&[], move |tx, admin| tx.set_domain_quota(admin, found.id, default, largest)).await?;
            show(house, &domain).await
        }
    }
}

async fn list(house: &House) -> Result<Answer> {
    let domains = house.read(|tx, admin| {
        let with_settings = |domain: Domain| {
            let settings = Settings::read(tx, domain.id)?;
            Ok(View::new(domain, settings))
        };
        tx.domains(admin)?.into_iter().map(with_settings).collect::<storage::Result<Vec<_>>>()
    });
    let views = domains.await?;
    let rows = views.iter().map(|view| {
        [
            view.name.clone(),
            joined(&view.aliases),
            quantity::shown(view.quota_default_bytes),
            quantity::shown(view.quota_max_bytes),
            view.language.clone(),
        ]
    });
    let text = table(["domain", "other names", "quota", "largest", "language"], rows);
    Answer::new(&views, text)
}

async fn show(house: &House, name: &str) -> Result<Answer> {
    let found = house.domain(name).await?;
    let id = found.id;
    let settings = house.read(move |tx, _| Settings::read(tx, id)).await?;
    let view = View::new(found, settings);
    let text = format!(
        "domain       {}\nother names  {}\nquota        {} for new accounts, {} at most\nlanguage     {}\n\
         time zone    {}\nfree-busy    {}",
        view.name,
        joined(&view.aliases),
        quantity::shown(view.quota_default_bytes),
        quantity::shown(view.quota_max_bytes),
        view.language,
        view.time_zone,
        view.free_busy,
    );
    Answer::new(&view, text)
}
