//! `kontor admin account`: people, shared mailboxes, rooms and resources.

use super::answer::{Answer, joined, table};
use super::house::House;
use super::{password, quantity};
use crate::clock::rfc_3339;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde::Serialize;
use storage::{Account, NewAccount};
use vocabulary::{AccountClass, AccountKind, EmailAddress};

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin account add anna@example.org --name 'Anna Huber' --password-stdin < password.txt
  kontor admin account add info@example.org --class shared --name 'Front desk'
  kontor admin account add lotus@example.org --class room --name 'Room Lotus'
  kontor admin account kind anna@example.org imap
  kontor admin account quota anna@example.org 20GB
  kontor admin account list --domain example.org
  kontor admin account suspend anna@example.org        the mail goes on coming in

A kind closes doors and deletes nothing: pop3 (POP3 and web), imap (also IMAP), exchange (every door).";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set an account up, with its special folders
    Add(Add),
    /// All accounts, or those of one domain
    List {
        /// Only this domain's
        #[arg(long)]
        domain: Option<String>,
    },
    /// One account
    Show {
        /// Any address of it
        address: EmailAddress,
    },
    /// Remove an account with everything that is its own. There is no way back
    Remove {
        /// Its address
        address: EmailAddress,
    },
    /// Give an account another address; mail, shares, app passwords and devices stay
    Rename {
        /// Its address today
        from: EmailAddress,
        /// Its new address, in the same domain
        to: EmailAddress,
    },
    /// Change what an account is sold as; nothing is deleted
    Kind {
        /// Its address
        address: EmailAddress,
        /// pop3, imap or exchange
        kind: AccountKind,
    },
    /// Change the quota of an account
    Quota {
        /// Its address
        address: EmailAddress,
        /// 5GB, 500MB or bytes
        #[arg(value_parser = quantity::parse)]
        size: i64,
    },
    /// Close every door to an account; mail is still delivered
    Suspend {
        /// Its address
        address: EmailAddress,
    },
    /// Open the doors again
    Resume {
        /// Its address
        address: EmailAddress,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Its address, which is its login; the domain must exist
    address: EmailAddress,
    /// pop3 (POP3 and web), imap (also IMAP) or exchange (every door)
    #[arg(long, default_value = "exchange")]
    kind: AccountKind,
    /// person, shared, room or resource
    #[arg(long, default_value = "person")]
    class: AccountClass,
    /// As it is shown to others
    #[arg(long, default_value = "")]
    name: String,
    /// If it is not the domain's
    #[arg(long, value_parser = ["en", "de"])]
    language: Option<String>,
    /// If it is not the domain's: 5GB
    #[arg(long, value_parser = quantity::parse)]
    quota: Option<i64>,
    /// Read the password from the first line of standard input; without one nobody can log in
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Serialize)]
struct View {
    address: String,
    name: String,
    kind: &'static str,
    class: &'static str,
    language: String,
    suspended: bool,
    aliases: Vec<String>,
    used_bytes: i64,
    quota_bytes: i64,
    used_percent: i64,
    created_at: String,
}

impl From<Account> for View {
    fn from(account: Account) -> Self {
        Self {
            address: account.address.to_string(),
            kind: account.kind.as_str(),
            class: account.class.as_str(),
            suspended: account.suspended,
            aliases: account.aliases.iter().map(ToString::to_string).collect(),
            used_bytes: account.used_bytes,
            quota_bytes: account.quota_bytes,
            used_percent: account.used_bytes.saturating_mul(100) / account.quota_bytes.max(1),
            created_at: rfc_3339(account.created_at),
            name: account.name,
            language: account.language,
        }
    }
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Add(new) => add(new, house).await,
        Command::List { domain } => list(house, domain.as_deref()).await,
        Command::Show { address } => show(house, &address).await,
        Command::Remove { address } => {
            let account = house.account(&address).await?;
            let id = account.id;
            house.write(&[id], move |tx, admin| tx.remove_account(admin, id)).await?;
            Answer::new(&View::from(account), format!("{address} is gone, with all its mail"))
        }
        Command::Rename { from, to } => {
            let (id, new) = (house.account(&from).await?.id, to.clone());
            let renamed = house.write(&[id], move |tx, admin| tx.rename_account(admin, id, &new)).await;
            renamed.with_context(|| to.to_string())?;
            show(house, &to).await
        }
        Command::Kind { address, kind } => {
            let id = house.account(&address).await?.id;
            house.write(&[id], move |tx, admin| tx.set_account_kind(admin, id, kind)).await?;
            show(house, &address).await
        }
        Command::Quota { address, size } => {
            let id = house.account(&address).await?.id;
            let set = house.write(&[id], move |tx, admin| tx.set_account_quota(admin, id, size)).await;
            set.context("`kontor admin domain quota` raises the domain's largest")?;
            show(house, &address).await
        }
        Command::Suspend { address } => suspend(house, &address, true).await,
        Command::Resume { address } => suspend(house, &address, false).await,
    }
}

async fn add(new: Add, house: &House) -> Result<Answer> {
    let keys = if new.password_stdin { Some(password::from_standard_input().await?) } else { None };
    let account = NewAccount {
        address: new.address.clone(),
        kind: new.kind,
        class: new.class,
        name: new.name,
        language: new.language,
        quota_bytes: new.quota,
    };
    let added = house.write(&[], move |tx, admin| {
        let id = tx.create_account(admin, &account)?;
        keys.map_or(Ok(()), |keys| tx.set_password(admin, id, &keys))
    });
    added.await.with_context(|| new.address.to_string())?;
    show(house, &new.address).await
}

async fn suspend(house: &House, address: &EmailAddress, suspended: bool) -> Result<Answer> {
    let id = house.account(address).await?.id;
    house.write(&[id], move |tx, admin| tx.suspend_account(admin, id, suspended)).await?;
    show(house, address).await
}

async fn list(house: &House, domain: Option<&str>) -> Result<Answer> {
    let domain = match domain {
        Some(name) => Some(house.domain(name).await?.id),
        None => None,
    };
    let accounts = house.read(move |tx, admin| tx.accounts(admin, domain)).await?;
    let views: Vec<View> = accounts.into_iter().map(View::from).collect();
    let rows = views.iter().map(|view| {
        [
            view.address.clone(),
            view.kind.to_owned(),
            format!("{} %", view.used_percent),
            quantity::shown(view.quota_bytes),
            if view.suspended { "suspended".to_owned() } else { "open".to_owned() },
            view.name.clone(),
        ]
    });
    let text = table(["address", "kind", "used", "quota", "state", "name"], rows);
    Answer::new(&views, text)
}

async fn show(house: &House, address: &EmailAddress) -> Result<Answer> {
    let view = View::from(house.account(address).await?);
    let text = format!(
        "address   {}\nname      {}\nkind      {}\nclass     {}\naliases   {}\nquota     {} of {} used ({} %)\nstate     {}\nlanguage  {}\nsince     {}",
        view.address,
        view.name,
        view.kind,
        view.class,
        joined(&view.aliases),
        quantity::shown(view.used_bytes),
        quantity::shown(view.quota_bytes),
        view.used_percent,
        if view.suspended { "suspended" } else { "open" },
        view.language,
        view.created_at,
    );
    Answer::new(&view, text)
}
