//! `kontor admin device rules` and `expiry`: which devices of a domain are served, and for how long they are
//! remembered.

use super::answer::{Answer, table};
use super::device::shown;
use super::house::House;
use anyhow::{Context as _, Result, ensure};
use clap::Subcommand;
use serde::Serialize;
use storage::{DeviceExpiry, DeviceRule, DeviceRules, DeviceSettings, DeviceTrait, Verdict};

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin device rules show example.org
  kontor admin device rules default example.org quarantine         new devices wait for a decision
  kontor admin device rules add example.org allow type iPhone
  kontor admin device rules add example.org block agent Outlook-iOS-Android/
  kontor admin device rules add example.org quarantine model SM-
  kontor admin device rules remove example.org agent Outlook-iOS-Android/

A rule looks at how a device's type, model or program (agent) begins, in any case. The first that fits decides, else the
default. All of it is the device's own word: rules sort devices out, they do not stop a liar. The owner of a device that
is not served is told by a mail. `kontor admin device allow` and `block` decide about one device, above all rules.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The rules of a domain
    Show {
        /// The domain
        domain: String,
    },
    /// What is made of a device that no rule fits: allow unless set
    Default {
        /// The domain
        domain: String,
        /// What is made of it
        #[arg(value_parser = ["allow", "quarantine", "block"])]
        verdict: String,
    },
    /// Add a rule behind the others
    Add {
        /// The domain
        domain: String,
        /// What is made of such devices
        #[arg(value_parser = ["allow", "quarantine", "block"])]
        verdict: String,
        /// What is looked at
        #[arg(value_parser = ["type", "model", "agent"])]
        by: String,
        /// With what it begins
        prefix: String,
    },
    /// Take a rule away
    Remove {
        /// The domain
        domain: String,
        /// What it looks at
        #[arg(value_parser = ["type", "model", "agent"])]
        by: String,
        /// With what that begins
        prefix: String,
    },
}

#[derive(Serialize)]
struct View {
    domain: String,
    default: &'static str,
    rules: Vec<RuleView>,
    expiry_days: i64,
    expiry_outlook_days: i64,
}

#[derive(Serialize)]
struct RuleView {
    verdict: &'static str,
    by: &'static str,
    prefix: String,
}

impl View {
    fn new(domain: &str, settings: &DeviceSettings) -> Self {
        let rule = |rule: &DeviceRule| RuleView {
            verdict: rule.verdict.as_str(),
            by: rule.by.as_str(),
            prefix: rule.prefix.clone(),
        };
        Self {
            domain: domain.to_owned(),
            default: settings.rules.default.as_str(),
            rules: settings.rules.rules.iter().map(rule).collect(),
            expiry_days: settings.expiry.days,
            expiry_outlook_days: settings.expiry.outlook_days,
        }
    }

    fn text(&self) -> String {
        let rows = self
            .rules
            .iter()
            .map(|rule| [rule.verdict.to_owned(), rule.by.to_owned(), shown(&rule.prefix)])
            .chain([[self.default.to_owned(), "all others".to_owned(), String::new()]]);
        let days = |days: i64| if days == 0 { "for ever".to_owned() } else { format!("{days} days") };
        format!(
            "{}remembered  {}, classic Outlook {}",
            table(["what", "looks at", "which begins with"], rows),
            days(self.expiry_days),
            days(self.expiry_outlook_days)
        )
    }
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Show { domain } => show(house, &domain).await,
        Command::Default { domain, verdict } => {
            let verdict: Verdict = verdict.parse()?;
            change(house, &domain, move |rules| {
                rules.default = verdict;
                true
            })
            .await?;
            show(house, &domain).await
        }
        Command::Add { domain, verdict, by, prefix } => {
            let rule = DeviceRule { verdict: verdict.parse()?, by: by.parse()?, prefix };
            let added = change(house, &domain, move |rules| {
                let is_new = !rules.rules.iter().any(|old| old.by == rule.by && old.prefix == rule.prefix);
                if is_new {
                    rules.rules.push(rule);
                }
                is_new
            });
            ensure!(added.await?, "there is such a rule already; remove it first");
            show(house, &domain).await
        }
        Command::Remove { domain, by, prefix } => {
            let by: DeviceTrait = by.parse()?;
            let removed = change(house, &domain, move |rules| {
                let before = rules.rules.len();
                rules.rules.retain(|rule| rule.by != by || rule.prefix != prefix);
                rules.rules.len() < before
            });
            ensure!(
                removed.await?,
                "there is no such rule; `kontor admin device rules show {domain}` shows all"
            );
            show(house, &domain).await
        }
    }
}

/// Whether the change found what it changes.
async fn change(
    house: &House,
    domain: &str,
    change: impl FnOnce(&mut DeviceRules) -> bool + Send + 'static,
) -> Result<bool> {
    let id = house.domain(domain).await?.id;
    let changed = house.write(&[], move |tx, admin| {
        let mut rules = tx.domain_device_settings(admin, id)?.rules;
        let found = change(&mut rules);
        if found {
            tx.set_device_rules(admin, id, &rules)?;
        }
        Ok(found)
    });
    changed.await.with_context(|| domain.to_owned())
}

pub(super) async fn expiry(house: &House, domain: &str, days: i64, outlook_days: i64) -> Result<Answer> {
    let id = house.domain(domain).await?.id;
    let expiry = DeviceExpiry { days, outlook_days };
    let set = house.write(&[], move |tx, admin| tx.set_device_expiry(admin, id, expiry)).await;
    set.with_context(|| domain.to_owned())?;
    show(house, domain).await
}

async fn show(house: &House, domain: &str) -> Result<Answer> {
    let found = house.domain(domain).await?;
    let settings = house.read(move |tx, admin| tx.domain_device_settings(admin, found.id)).await?;
    let view = View::new(&found.name, &settings);
    let text = view.text();
    Answer::new(&view, text)
}
