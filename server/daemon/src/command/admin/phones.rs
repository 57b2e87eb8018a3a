//! `kontor admin phones`: where the phones of a domain or of one person belong, if not here.

use super::answer::Answer;
use super::house::House;
use anyhow::{Context as _, Result, ensure};
use clap::Subcommand;
use serde::Serialize;
use storage::Scope;
use vocabulary::EmailAddress;
use workflow::{Elsewhere, PHONES};

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin phones send example.org mail.elsewhere.org        the domain is served by another server
  kontor admin phones send anna@example.org anna@other.org       this person has another address now
  kontor admin phones keep anna@example.org
  kontor admin phones show example.org

Phones that still come are told where to go (HTTP 451), and Autodiscover tells it to new ones. What is set for a person counts
more than what is set for the domain. Mail programs and calendars are not concerned.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send phones to another server
    Send {
        /// A domain, or any address of an account
        whose: String,
        /// The server, such as mail.example.org or mail.example.org:8443; of one person also a new address
        to: Elsewhere,
    },
    /// Let phones come here again
    Keep {
        /// A domain, or any address of an account
        whose: String,
    },
    /// Where phones belong
    Show {
        /// A domain, or any address of an account
        whose: String,
    },
}

#[derive(Serialize)]
struct View {
    whose: String,
    phones: String,
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    let whose = match command {
        Command::Send { whose, to } => {
            let scope = scope(house, &whose).await?;
            ensure!(
                matches!(scope, Scope::Account(_)) || matches!(to, Elsewhere::Host(_)),
                "a whole domain goes to a server, such as mail.example.org, not to an address"
            );
            put(house, scope, to.to_string()).await?;
            whose
        }
        Command::Keep { whose } => {
            put(house, scope(house, &whose).await?, String::new()).await?;
            whose
        }
        Command::Show { whose } => whose,
    };
    let scope = scope(house, &whose).await?;
    let set = house.read(move |tx, _| tx.setting(scope, PHONES)).await?.filter(|place| !place.is_empty());
    let phones = set.unwrap_or_else(|| match scope {
        Scope::Domain(_) => "here".to_owned(),
        Scope::Account(_) => "as the domain's".to_owned(),
    });
    let text = format!("phones of {whose}: {phones}");
    Answer::new(&View { whose, phones }, text)
}

async fn put(house: &House, scope: Scope, place: String) -> Result<()> {
    house.write(&[], move |tx, _| tx.put_setting(scope, PHONES, &place)).await
}

async fn scope(house: &House, whose: &str) -> Result<Scope> {
    if whose.contains('@') {
        let address = whose.parse::<EmailAddress>().context(whose.to_owned())?;
        return Ok(Scope::Account(house.account(&address).await?.id));
    }
    Ok(Scope::Domain(house.domain(whose).await?.id))
}
