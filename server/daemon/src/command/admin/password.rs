//! `kontor admin password`: the main password. It never stands on a command line, where every
//! process of the machine could read it.

use super::answer::{Answer, table};
use super::house::House;
use crate::clock::rfc_3339;
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use serde::Serialize;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use storage::{Account, Credential, PASSWORD_BYTES_MAX, PasswordKeys};
use vocabulary::EmailAddress;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin password set anna@example.org < password.txt
  pass show mail/anna | kontor admin password set anna@example.org
  kontor admin password list --domain example.org
  kontor admin password list --json | jq '.[] | select(.password_set | not) | .address'
  kontor admin password remove anna@example.org

It is never an argument, because every process of the machine can read those; and never shown.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set the password to the first line of standard input; the old one is gone at once
    #[command(visible_alias = "add", after_help = EXAMPLES)]
    Set {
        /// The account
        address: EmailAddress,
    },
    /// Who has a password and who has none; never the passwords themselves
    List {
        /// Only this domain's
        #[arg(long)]
        domain: Option<String>,
    },
    /// Whether there is a password, since when, and when it was last used; never the password itself
    Show {
        /// The account
        address: EmailAddress,
    },
    /// Take the password away: nobody can log in with it any more; app passwords stay
    Remove {
        /// The account
        address: EmailAddress,
    },
}

#[derive(Serialize)]
struct View {
    address: String,
    password_set: bool,
    set_at: Option<String>,
    last_used_at: Option<String>,
}

impl View {
    fn new(account: &Account, credentials: Vec<Credential>) -> Self {
        let main = credentials.into_iter().find(|credential| credential.app.is_none());
        Self {
            address: account.address.to_string(),
            password_set: main.is_some(),
            set_at: main.as_ref().map(|main| rfc_3339(main.created_at)),
            last_used_at: main.and_then(|main| main.last_used_at).map(rfc_3339),
        }
    }
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Set { address } => {
            let account = house.account(&address).await?;
            let keys = from_standard_input().await?;
            house.write(&[account.id], move |tx, admin| tx.set_password(admin, account.id, &keys)).await?;
            let view = find(house, &address).await?;
            Answer::new(&view, format!("{} has a new password", view.address))
        }
        Command::List { domain } => list(house, domain.as_deref()).await,
        Command::Show { address } => {
            let view = find(house, &address).await?;
            let text = match &view.set_at {
                Some(set_at) => format!(
                    "{} has a password since {set_at}; last used: {}",
                    view.address,
                    view.last_used_at.as_deref().unwrap_or("never")
                ),
                None => format!("{} has no password", view.address),
            };
            Answer::new(&view, text)
        }
        Command::Remove { address } => remove(house, &address).await,
    }
}

async fn remove(house: &House, address: &EmailAddress) -> Result<Answer> {
    if !find(house, address).await?.password_set {
        bail!("{address} has no password; `kontor admin app-password list {address}` shows the others");
    }
    let id = house.account(address).await?.id;
    house.write(&[id], move |tx, admin| tx.remove_password(admin, id)).await?;
    let view = find(house, address).await?;
    Answer::new(&view, format!("{} has no password any more", view.address))
}

async fn find(house: &House, address: &EmailAddress) -> Result<View> {
    let account = house.account(address).await?;
    let id = account.id;
    let credentials = house.read(move |tx, admin| tx.credentials(admin, id)).await?;
    Ok(View::new(&account, credentials))
}

async fn list(house: &House, domain: Option<&str>) -> Result<Answer> {
    let domain = match domain {
        Some(name) => Some(house.domain(name).await?.id),
        None => None,
    };
    let read = house.read(move |tx, admin| {
        let with_password = |account: Account| {
            let credentials = tx.credentials(admin, account.id)?;
            Ok(View::new(&account, credentials))
        };
        tx.accounts(admin, domain)?.into_iter().map(with_password).collect::<storage::Result<Vec<_>>>()
    });
    let views = read.await?;
    let rows = views.iter().map(|view| {
        let set = view.set_at.clone().unwrap_or_else(|| "none".to_owned());
        let used = if view.password_set { view.last_used_at.as_deref().unwrap_or("never") } else { "-" };
        [view.address.clone(), set, used.to_owned()]
    });
    let text = table(["address", "password since", "last used"], rows);
    Answer::new(&views, text)
}

/// The keys of the password on the first line of standard input.
pub(super) async fn from_standard_input() -> Result<PasswordKeys> {
    tokio::task::spawn_blocking(|| {
        let password = first_line()?;
        PasswordKeys::new(&password).map_err(super::reason::explained)
    })
    .await
    .context("the password could not be hashed")?
}

fn first_line() -> Result<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        // Nothing is echoed by a pipe; a terminal shows what is typed.
        write!(std::io::stderr(), "Password (shown as you type; a pipe hides it): ")?;
    }
    let mut line = Vec::new();
    let longest = PASSWORD_BYTES_MAX as u64 + 2;
    input.lock().take(longest).read_until(b'\n', &mut line).context("standard input cannot be read")?;
    let mut text = String::from_utf8(line).context("the password is not UTF-8")?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        bail!("standard input holds no password; write `kontor admin password set ADDRESS < FILE`");
    }
    Ok(text)
}
