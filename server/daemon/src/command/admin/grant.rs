//! `kontor admin grant`: rights on folders. They never cross a domain.

use super::answer::{Answer, joined, table};
use super::folder::{Folder, folders, named};
use super::group::find_group;
use super::house::House;
use super::rights;
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use serde::Serialize;
use storage::{Admin, Destination, Grantee, Permission, Read, right};
use vocabulary::{AccountId, EmailAddress, Rights};

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin grant set anna@example.org Calendar ben@example.org reader
  kontor admin grant set anna@example.org inbox team@example.org lrs
  kontor admin grant set anna@example.org Contacts anyone reader
  kontor admin grant list anna@example.org
  kontor admin grant remove anna@example.org Calendar ben@example.org

FOLDER is the path as its owner sees it (Archive/2026), or what the folder is for: inbox, sent, drafts, trash,
junk, archive, calendar, contacts, tasks, notes, files. RIGHTS is free-busy, reader, author, editor, owner, or letters
of RFC 4314. `anyone` is everybody of the owner's domain.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Give somebody rights on a folder, or change them
    #[command(visible_alias = "add", after_help = EXAMPLES)]
    Set {
        /// Whose folder
        owner: EmailAddress,
        /// Its path, or what it is for
        folder: String,
        /// An account, a group, or `anyone`
        grantee: String,
        /// A word, or letters of RFC 4314
        #[arg(value_parser = rights::parse)]
        rights: Rights,
    },
    /// All rights that an account has given
    List {
        /// Whose folders
        owner: EmailAddress,
        /// Also the folders that nobody else sees
        #[arg(long)]
        all: bool,
    },
    /// Who holds rights on one folder
    Show {
        /// Whose folder
        owner: EmailAddress,
        /// Its path, or what it is for
        folder: String,
    },
    /// Take somebody's rights on a folder away
    Remove {
        /// Whose folder
        owner: EmailAddress,
        /// Its path, or what it is for
        folder: String,
        /// An account, a group, or `anyone`
        grantee: String,
    },
}

#[derive(Serialize)]
struct FolderView {
    owner: String,
    folder: String,
    kind: &'static str,
    role: Option<&'static str>,
    grants: Vec<GrantView>,
}

#[derive(Serialize)]
struct GrantView {
    grantee: String,
    rights: String,
    preset: Option<&'static str>,
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::Set { owner, folder, grantee, rights } => set(house, &owner, folder, &grantee, rights).await,
        Command::List { owner, all } => list(house, &owner, all).await,
        Command::Show { owner, folder } => show(house, &owner, folder).await,
        Command::Remove { owner, folder, grantee } => remove(house, &owner, folder, &grantee).await,
    }
}

async fn set(
    house: &House,
    owner: &EmailAddress,
    folder: String,
    grantee: &str,
    rights: Rights,
) -> Result<Answer> {
    let account = house.account(owner).await?.id;
    let grantee = grantee_of(house, grantee).await?;
    let name = folder.clone();
    let accounts = [account];
    let set = house.write(&accounts, move |tx, _| {
        let id = named(tx, account, &name)?.collection.id;
        let grant = tx.open::<right::Administer>(account, id)?;
        tx.set_permission(&grant, grantee, rights)
    });
    set.await.with_context(|| format!("{owner}, folder '{folder}'"))?;
    show(house, owner, folder).await
}

async fn remove(house: &House, owner: &EmailAddress, folder: String, grantee: &str) -> Result<Answer> {
    let account = house.account(owner).await?.id;
    let word = grantee.to_owned();
    let grantee = grantee_of(house, grantee).await?;
    let name = folder.clone();
    let accounts = [account];
    let removed = house.write(&accounts, move |tx, _| {
        let id = named(tx, account, &name)?.collection.id;
        let grant = tx.open::<right::Administer>(account, id)?;
        let held = tx.permissions(&grant)?.iter().any(|permission| permission.grantee == grantee);
        if held {
            tx.set_permission(&grant, grantee, Rights::NONE)?;
        }
        Ok(held)
    });
    if !removed.await.with_context(|| format!("{owner}, folder '{folder}'"))? {
        bail!(
            "{word} holds no rights of their own on '{folder}'; `kontor admin grant show {owner} '{folder}'` shows who does"
        );
    }
    show(house, owner, folder).await
}

async fn grantee_of(house: &House, word: &str) -> Result<Grantee> {
    if word == "anyone" {
        return Ok(Grantee::Anyone);
    }
    let address: EmailAddress = word.parse().with_context(|| format!("'{word}' is no grantee"))?;
    let asked = address.clone();
    let found = house.read(move |tx, admin| tx.resolve(admin, &asked)).await;
    Ok(match found.with_context(|| address.to_string())? {
        Destination::Account(id) => Grantee::Account(id),
        Destination::Group(..) => Grantee::Group(find_group(house, &address).await?.id),
    })
}

async fn show(house: &House, owner: &EmailAddress, folder: String) -> Result<Answer> {
    let account = house.account(owner).await?;
    let (id, address, name) = (account.id, account.address.to_string(), folder.clone());
    let read = house.read(move |tx, admin| {
        let folder = named(tx, id, &name)?;
        view(tx, admin, id, &address, &folder)
    });
    let view = read.await.with_context(|| format!("{owner}, folder '{folder}'"))?;
    let text = text(std::slice::from_ref(&view));
    Answer::new(&view, text)
}

async fn list(house: &House, owner: &EmailAddress, all: bool) -> Result<Answer> {
    let account = house.account(owner).await?;
    let (id, address) = (account.id, account.address.to_string());
    let read = house.read(move |tx, admin| {
        let views: storage::Result<Vec<FolderView>> =
            folders(tx, id)?.iter().map(|folder| view(tx, admin, id, &address, folder)).collect();
        Ok(views?.into_iter().filter(|view| all || !view.grants.is_empty()).collect::<Vec<_>>())
    });
    let views = read.await?;
    let text = text(&views);
    Answer::new(&views, text)
}

fn view<'tx>(
    tx: &Read<'tx>,
    admin: &Admin<'tx>,
    account: AccountId,
    owner: &str,
    folder: &Folder,
) -> storage::Result<FolderView> {
    let grant = tx.open::<right::Administer>(account, folder.collection.id)?;
    let grants: storage::Result<Vec<GrantView>> =
        tx.permissions(&grant)?.iter().map(|permission| grant_view(tx, admin, account, permission)).collect();
    Ok(FolderView {
        owner: owner.to_owned(),
        folder: folder.path.to_string(),
        kind: folder.collection.kind.as_str(),
        role: folder.collection.role.map(vocabulary::Role::as_str),
        grants: grants?,
    })
}

fn grant_view<'tx>(
    tx: &Read<'tx>,
    admin: &Admin<'tx>,
    owner: AccountId,
    permission: &Permission,
) -> storage::Result<GrantView> {
    let grantee = match permission.grantee {
        Grantee::Anyone => "anyone".to_owned(),
        Grantee::Account(id) => tx.account(id)?.address.to_string(),
        Grantee::Group(id) => {
            let domain = tx.account(owner)?.domain;
            let name =
                tx.domains(admin)?.into_iter().find(|found| found.id == domain).map(|found| found.name);
            let group = tx.groups(admin, domain)?.into_iter().find(|group| group.id == id);
            match (group, name) {
                (Some(group), Some(name)) => format!("{}@{name}", group.name),
                _ => format!("group {id}"),
            }
        }
    };
    let letters = permission.rights.letters();
    Ok(GrantView { grantee, rights: letters, preset: rights::word(permission.rights) })
}

fn text(views: &[FolderView]) -> String {
    let rows = views.iter().map(|view| {
        let grants: Vec<String> = view
            .grants
            .iter()
            .map(|grant| format!("{} {}", grant.grantee, grant.preset.unwrap_or(&grant.rights)))
            .collect();
        [view.folder.clone(), view.kind.to_owned(), joined(&grants)]
    });
    table(["folder", "kind", "who may what"], rows)
}
