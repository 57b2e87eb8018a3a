//! `kontor admin group`: one address for several people, and rights for all of them.

use super::answer::{Answer, joined, table};
use super::house::House;
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;
use storage::{Group, Refusal, Subject};
use vocabulary::EmailAddress;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin group add team@example.org anna@example.org ben@example.org
  kontor admin group member add team@example.org david@example.org
  kontor admin grant set anna@example.org Calendar team@example.org reader

Mail to a group reaches all members, and what is granted to it is granted to each of them.";

const MEMBER_EXAMPLES: &str = "\
Examples:
  kontor admin group member add team@example.org david@example.org
  kontor admin group member remove team@example.org ben@example.org";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Set a group up; mail to its address reaches all members
    Add {
        /// Its address
        group: EmailAddress,
        /// Its first members
        members: Vec<EmailAddress>,
    },
    /// All groups, or those of one domain
    List {
        /// Only this domain's
        #[arg(long)]
        domain: Option<String>,
    },
    /// One group
    Show {
        /// Its address
        group: EmailAddress,
    },
    /// Remove a group; what its members held through it is gone at once
    Remove {
        /// Its address
        group: EmailAddress,
    },
    /// Who belongs to a group
    #[command(subcommand, after_help = MEMBER_EXAMPLES)]
    Member(Member),
}

#[derive(Debug, Subcommand)]
pub(super) enum Member {
    /// Add members
    Add {
        /// The group's address
        group: EmailAddress,
        /// Accounts of the same domain
        #[arg(required = true)]
        members: Vec<EmailAddress>,
    },
    /// End memberships
    Remove {
        /// The group's address
        group: EmailAddress,
        /// Its members
        #[arg(required = true)]
        members: Vec<EmailAddress>,
    },
}

#[derive(Serialize)]
struct View {
    address: String,
    members: Vec<String>,
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Add { group, members } => {
            let new = group.clone();
            let added = house.write(&[], move |tx, admin| {
                let id = tx.create_group(admin, &new)?;
                for member in members {
                    let account = tx.account_by_address(admin, &member)?.id;
                    tx.set_member(admin, id, account, true)?;
                }
                Ok(())
            });
            added.await.with_context(|| group.to_string())?;
            show(house, &group).await
        }
        Command::List { domain } => list(house, domain.as_deref()).await,
        Command::Show { group } => show(house, &group).await,
        Command::Remove { group } => {
            let (found, view) = find(house, &group).await?;
            house.write(&[], move |tx, admin| tx.remove_group(admin, found.id)).await?;
            Answer::new(&view, format!("{group} is gone"))
        }
        Command::Member(Member::Add { group, members }) => set(house, &group, members, true).await,
        Command::Member(Member::Remove { group, members }) => set(house, &group, members, false).await,
    }
}

async fn set(
    house: &House,
    group: &EmailAddress,
    members: Vec<EmailAddress>,
    member: bool,
) -> Result<Answer> {
    let id = find(house, group).await?.0.id;
    let mut accounts = Vec::new();
    for address in &members {
        accounts.push(house.account(address).await?.id);
    }
    let set = house.write(&[], move |tx, admin| {
        accounts.into_iter().try_for_each(|account| tx.set_member(admin, id, account, member))
    });
    set.await?;
    show(house, group).await
}

/// A group by its address.
pub(super) async fn find_group(house: &House, address: &EmailAddress) -> Result<Group> {
    Ok(find(house, address).await?.0)
}

async fn find(house: &House, address: &EmailAddress) -> Result<(Group, View)> {
    let asked = address.clone();
    let found = house.read(move |tx, admin| {
        let domain = tx.domain_by_name(asked.domain())?;
        let group = tx.groups(admin, domain.id)?.into_iter().find(|group| group.name == asked.local());
        let group = group.ok_or(Refusal::NotFound(Subject::Group))?;
        let view = view(tx, &group, &domain.name)?;
        Ok((group, view))
    });
    found.await.with_context(|| address.to_string())
}

fn view(tx: &storage::Read<'_>, group: &Group, domain: &str) -> storage::Result<View> {
    let members: storage::Result<Vec<String>> =
        group.members.iter().map(|id| Ok(tx.account(*id)?.address.to_string())).collect();
    Ok(View { address: format!("{}@{domain}", group.name), members: members? })
}

async fn list(house: &House, domain: Option<&str>) -> Result<Answer> {
    let only = match domain {
        Some(name) => Some(house.domain(name).await?.id),
        None => None,
    };
    let read = house.read(move |tx, admin| {
        let mut views = Vec::new();
        for domain in tx.domains(admin)?.into_iter().filter(|domain| only.is_none_or(|id| id == domain.id)) {
            for group in tx.groups(admin, domain.id)? {
                views.push(view(tx, &group, &domain.name)?);
            }
        }
        Ok(views)
    });
    let views = read.await?;
    let rows = views.iter().map(|view| [view.address.clone(), joined(&view.members)]);
    let text = table(["group", "members"], rows);
    Answer::new(&views, text)
}

async fn show(house: &House, address: &EmailAddress) -> Result<Answer> {
    let (_, view) = find(house, address).await?;
    let text = format!("group    {}\nmembers  {}", view.address, joined(&view.members));
    Answer::new(&view, text)
}
