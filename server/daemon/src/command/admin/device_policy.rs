//! `kontor admin device policy`: what a domain demands of devices.

use super::answer::{Answer, table};
use super::device::shown;
use super::house::House;
use activesync_server::{DomainPolicy, PolicyError};
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin device policy settings                              all that can be set
  kontor admin device policy set example.org DevicePasswordEnabled 1
  kontor admin device policy set example.org MinDevicePasswordLength 6
  kontor admin device policy set example.org UnapprovedInROMApplicationList game.exe
  kontor admin device policy set example.org AllowNonProvisionableDevices 1
  kontor admin device policy unset example.org MinDevicePasswordLength
  kontor admin device policy clear example.org
  kontor admin device policy show example.org

A device takes a policy anew after each change, with its next request. Whether it does what it says it does, nobody can
see. Once anything is demanded, a device that says it cannot apply all of it is not served, unless
AllowNonProvisionableDevices is 1. The names are those of MS-ASPROV.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What a domain demands
    Show {
        /// The domain
        domain: String,
    },
    /// All that can be demanded, and which values it takes
    Settings,
    /// Demand something, or add an entry to a list
    Set {
        /// The domain
        domain: String,
        /// Name of the setting
        setting: String,
        /// Its value
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Demand something no more; of a list, all of it
    Unset {
        /// The domain
        domain: String,
        /// Name of the setting
        setting: String,
    },
    /// Demand nothing any more
    Clear {
        /// The domain
        domain: String,
    },
}

#[derive(Serialize)]
struct View {
    domain: String,
    settings: Vec<Row>,
    allows_non_provisionable: bool,
    allows_external: bool,
}

#[derive(Serialize)]
struct Row {
    setting: &'static str,
    value: String,
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Settings => {
            let rows: Vec<Row> =
                DomainPolicy::settings().into_iter().map(|(setting, value)| Row { setting, value }).collect();
            let text = table(
                ["setting", "values"],
                rows.iter().map(|row| [row.setting.to_owned(), row.value.clone()]),
            );
            Answer::new(&rows, text)
        }
        Command::Show { domain } => show(house, &domain).await,
        Command::Set { domain, setting, value } => {
            change(house, &domain, move |policy| policy.set(&setting, &value)).await
        }
        Command::Unset { domain, setting } => {
            change(house, &domain, move |policy| policy.unset(&setting)).await
        }
        Command::Clear { domain } => {
            change(house, &domain, |policy| {
                policy.clear();
                Ok(())
            })
            .await
        }
    }
}

fn read(text: Option<&str>) -> Result<DomainPolicy> {
    text.map_or_else(|| Some(DomainPolicy::default()), DomainPolicy::parse)
        .context("the policy that is kept cannot be read")
}

async fn change(
    house: &House,
    domain: &str,
    change: impl FnOnce(&mut DomainPolicy) -> Result<(), PolicyError>,
) -> Result<Answer> {
    let id = house.domain(domain).await?.id;
    let kept = house.read(move |tx, admin| Ok(tx.domain_device_settings(admin, id)?.policy)).await?;
    let mut policy = read(kept.as_deref())?;
    change(&mut policy).context("`kontor admin device policy settings` shows all that can be set")?;
    let text = policy.to_text();
    house.write(&[], move |tx, admin| tx.set_device_policy(admin, id, &text)).await?;
    show(house, domain).await
}

async fn show(house: &House, domain: &str) -> Result<Answer> {
    let found = house.domain(domain).await?;
    let settings = house.read(move |tx, admin| tx.domain_device_settings(admin, found.id)).await?;
    let policy = read(settings.policy.as_deref())?;
    let view = View {
        domain: found.name,
        settings: policy.rows().into_iter().map(|(setting, value)| Row { setting, value }).collect(),
        allows_non_provisionable: policy.allows_non_provisionable(),
        allows_external: policy.allows_external(),
    };
    let value = |value: &str| if value.is_empty() { "(not any more)".to_owned() } else { shown(value) };
    let rows = view.settings.iter().map(|row| [row.setting.to_owned(), value(&row.value)]);
    let text = format!(
        "{}A device that applies it only in part {}; one that is managed elsewhere {}.",
        table(["setting", "value"], rows),
        may_come(view.allows_non_provisionable),
        may_come(view.allows_external)
    );
    Answer::new(&view, text)
}

fn may_come(yes: bool) -> &'static str {
    if yes { "is served" } else { "is not served" }
}
