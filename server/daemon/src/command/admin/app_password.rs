//! `kontor admin app-password`: one password for each device, made here, shown once.

use super::answer::{Answer, table};
use super::house::House;
use super::reason::explained;
use crate::clock::rfc_3339;
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;
use storage::{PasswordKeys, Refusal, Subject};
use vocabulary::EmailAddress;

/// Letters that nobody confuses on a phone's keyboard: no i, l, o, 0 or 1.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
/// 16 letters of 31 are 79 bits.
const LETTERS: usize = 16;
const LETTERS_OF_GROUP: usize = 4;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin app-password add anna@example.org 'phone of Anna'
  kontor admin app-password list anna@example.org      with the last use of each
  kontor admin app-password remove anna@example.org 'phone of Anna'

One for each device: when it is lost, only that one is revoked, and the main password stays.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an app password and show it once
    Add {
        /// The account
        address: EmailAddress,
        /// What it is for, such as "Anna's phone"
        name: String,
    },
    /// The app passwords of an account, with last use
    List {
        /// The account
        address: EmailAddress,
    },
    /// One app password: since when it is there, and when it was last used; never the password itself
    Show {
        /// The account
        address: EmailAddress,
        /// What it is for
        name: String,
    },
    /// Revoke an app password; the next command that uses it is refused
    Remove {
        /// The account
        address: EmailAddress,
        /// What it is for
        name: String,
    },
}

#[derive(Serialize)]
struct Made {
    address: String,
    name: String,
    password: String,
}

#[derive(Serialize)]
struct View {
    name: String,
    created_at: String,
    last_used_at: Option<String>,
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Add { address, name } => add(house, &address, name).await,
        Command::List { address } => list(house, &address).await,
        Command::Show { address, name } => show(house, &address, &name).await,
        Command::Remove { address, name } => {
            let (id, old) = (house.account(&address).await?.id, name.clone());
            let revoked = house.write(&[id], move |tx, admin| tx.revoke_app_password(admin, id, &old)).await;
            revoked.with_context(|| format!("{address}, '{name}'"))?;
            list(house, &address).await
        }
    }
}

async fn add(house: &House, address: &EmailAddress, name: String) -> Result<Answer> {
    let account = house.account(address).await?;
    let password = random_password()?;
    let (secret, new) = (password.clone(), name.clone());
    let keys = tokio::task::spawn_blocking(move || PasswordKeys::new(&secret));
    let keys = keys.await.context("the password could not be hashed")??;
    let added = house
        .write(&[account.id], move |tx, admin| tx.add_app_password(admin, account.id, &new, &keys))
        .await;
    added.with_context(|| format!("'{name}'"))?;
    let made = Made { address: account.address.to_string(), name, password };
    let text = format!("{}\nIt is shown only now. The login is {}.", made.password, made.address);
    Answer::new(&made, text)
}

/// `abcd-efgh-jkmn-pqrs`, from the operating system's random numbers.
fn random_password() -> Result<String> {
    let mut password = String::new();
    let mut letters = 0;
    while letters < LETTERS {
        let mut byte = [0_u8; 1];
        getrandom::fill(&mut byte).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        let letter = ALPHABET.get(usize::from(byte[0] % 32)).copied().unwrap_or(b'-');
        // Drawing again keeps every letter equally likely.
        if letter == b'-' {
            continue;
        }
        if letters > 0 && letters % LETTERS_OF_GROUP == 0 {
            password.push('-');
        }
        password.push(char::from(letter));
        letters += 1;
    }
    Ok(password)
}

async fn show(house: &House, address: &EmailAddress, name: &str) -> Result<Answer> {
    let found = views(house, address).await?.into_iter().find(|view| view.name == name);
    let missing = || explained(Refusal::NotFound(Subject::Credential).into());
    let view = found.ok_or_else(missing).with_context(|| format!("{address}, '{name}'"))?;
    let used = view.last_used_at.as_deref().unwrap_or("never");
    let text = format!("name       {}\nmade       {}\nlast used  {used}", view.name, view.created_at);
    Answer::new(&view, text)
}

async fn views(house: &House, address: &EmailAddress) -> Result<Vec<View>> {
    let id = house.account(address).await?.id;
    let credentials = house.read(move |tx, admin| tx.credentials(admin, id)).await?;
    let views = credentials
        .into_iter()
        .filter_map(|credential| {
            Some(View {
                name: credential.app?,
                created_at: rfc_3339(credential.created_at),
                last_used_at: credential.last_used_at.map(rfc_3339),
            })
        })
        .collect();
    Ok(views)
}

async fn list(house: &House, address: &EmailAddress) -> Result<Answer> {
    let views = views(house, address).await?;
    let rows = views.iter().map(|view| {
        let used = view.last_used_at.clone().unwrap_or_else(|| "never".to_owned());
        [view.name.clone(), view.created_at.clone(), used]
    });
    let text = table(["name", "made", "last used"], rows);
    Answer::new(&views, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_passwords_differ_and_can_be_typed() {
        let made: std::collections::HashSet<String> = (0..100).map(|_| random_password().unwrap()).collect();
        assert_eq!(made.len(), 100);
        for password in made {
            assert_eq!(password.len(), 19);
            assert!(password.split('-').all(|group| group.len() == 4), "{password}");
            assert!(password.chars().all(|c| c == '-' || c.is_ascii_lowercase() || c.is_ascii_digit()));
            assert!(!password.contains(['i', 'l', 'o', '0', '1']), "{password}");
        }
    }
}
