//! `kontor admin alias`: further addresses of accounts.

use super::answer::{Answer, table};
use super::house::House;
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;
use storage::Destination;
use vocabulary::EmailAddress;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin alias add anna@example.org info@example.org
  kontor admin alias list anna@example.org
  kontor admin alias show info@example.org             where its mail goes
  kontor admin alias remove anna@example.org info@example.org

An alias leads to one account; for several people make a group.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give an account a further address
    Add {
        /// The account
        address: EmailAddress,
        /// The further address, in the same domain
        alias: EmailAddress,
    },
    /// All aliases, or those of one account
    List {
        /// Only this account's
        address: Option<EmailAddress>,
    },
    /// Where mail to an address goes
    Show {
        /// Any address
        address: EmailAddress,
    },
    /// Take a further address away
    Remove {
        /// The account
        address: EmailAddress,
        /// The further address
        alias: EmailAddress,
    },
}

#[derive(Serialize)]
struct View {
    alias: String,
    account: String,
}

#[derive(Serialize)]
struct Leads {
    address: String,
    accounts: Vec<String>,
    group: bool,
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Add { address, alias } => {
            let (id, new) = (house.account(&address).await?.id, alias.clone());
            let added = house.write(&[id], move |tx, admin| tx.add_alias(admin, id, &new)).await;
            added.with_context(|| alias.to_string())?;
            show(house, &alias).await
        }
        Command::List { address } => list(house, address.as_ref()).await,
        Command::Show { address } => show(house, &address).await,
        Command::Remove { address, alias } => {
            let (account, old) = (house.account(&address).await?, alias.clone());
            let removed =
                house.write(&[account.id], move |tx, admin| tx.remove_alias(admin, account.id, &old)).await;
            removed.with_context(|| alias.to_string())?;
            let view = View { alias: alias.to_string(), account: account.address.to_string() };
            Answer::new(&view, format!("{alias} no longer leads to {}", view.account))
        }
    }
}

async fn list(house: &House, only: Option<&EmailAddress>) -> Result<Answer> {
    let accounts = match only {
        Some(address) => vec![house.account(address).await?],
        None => house.read(|tx, admin| tx.accounts(admin, None)).await?,
    };
    let views: Vec<View> = accounts
        .iter()
        .flat_map(|account| account.aliases.iter().map(move |alias| (alias, &account.address)))
        .map(|(alias, account)| View { alias: alias.to_string(), account: account.to_string() })
        .collect();
    let rows = views.iter().map(|view| [view.alias.clone(), view.account.clone()]);
    let text = table(["alias", "account"], rows);
    Answer::new(&views, text)
}

async fn show(house: &House, address: &EmailAddress) -> Result<Answer> {
    let asked = address.clone();
    let found = house.read(move |tx, admin| {
        let (ids, group) = match tx.resolve(admin, &asked)? {
            Destination::Account(id) => (vec![id], false),
            Destination::Group(_, members) => (members, true),
        };
        let accounts: storage::Result<Vec<String>> =
            ids.into_iter().map(|id| Ok(tx.account(id)?.address.to_string())).collect();
        Ok((accounts?, group))
    });
    let (accounts, group) = found.await.with_context(|| address.to_string())?;
    let through = if group { " (a group)" } else { "" };
    let text = format!("{address} leads to {}{through}", super::answer::joined(&accounts));
    Answer::new(&Leads { address: address.to_string(), accounts, group }, text)
}
