//! `kontor admin device`: phones, as each account knows them.

use super::answer::{Answer, table};
use super::house::House;
use crate::clock::rfc_3339;
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;
use storage::{Device, Refusal, Subject};
use vocabulary::EmailAddress;

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin device list anna@example.org
  kontor admin device show anna@example.org ANDROID1700000000
  kontor admin device remove anna@example.org ANDROID1700000000

There is no `add`: devices come by themselves, with their first login. To keep a lost one out, revoke its
password too, with `kontor admin app-password remove`.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The devices of an account
    List {
        /// The account
        address: EmailAddress,
    },
    /// One device
    Show {
        /// The account
        address: EmailAddress,
        /// What it calls itself
        device: String,
    },
    /// Forget a device and where it stood; if it comes back it starts anew
    Remove {
        /// The account
        address: EmailAddress,
        /// What it calls itself
        device: String,
    },
}

#[derive(Serialize)]
struct View {
    id: String,
    device_type: String,
    user_agent: String,
    protocol_version: String,
    information: String,
    provisioned: bool,
    wipe: String,
    created_at: String,
    last_seen_at: String,
}

impl From<Device> for View {
    fn from(device: Device) -> Self {
        Self {
            provisioned: device.policy_key != 0,
            created_at: rfc_3339(device.created_at),
            last_seen_at: rfc_3339(device.last_seen_at),
            id: device.id,
            device_type: device.device_type,
            user_agent: device.user_agent,
            protocol_version: device.protocol_version,
            information: device.information,
            wipe: device.wipe,
        }
    }
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::List { address } => list(house, &address).await,
        Command::Show { address, device } => {
            let view = find(house, &address, &device).await?;
            let text = format!(
                "device    {}\ntype      {}\nprogram   {}\nprotocol  {}\ntold      {}\nfirst     {}\nlast      {}",
                shown(&view.id),
                shown(&view.device_type),
                shown(&view.user_agent),
                shown(&view.protocol_version),
                shown(&view.information),
                view.created_at,
                view.last_seen_at,
            );
            Answer::new(&view, text)
        }
        Command::Remove { address, device } => {
            let view = find(house, &address, &device).await?;
            let id = house.account(&address).await?.id;
            house.write(&[id], move |tx, _| tx.remove_device(id, &device)).await?;
            let text = format!("{} is forgotten", shown(&view.id));
            Answer::new(&view, text)
        }
    }
}

async fn find(house: &House, address: &EmailAddress, device: &str) -> Result<View> {
    let (id, asked) = (house.account(address).await?.id, device.to_owned());
    let found = house
        .read(move |tx, _| tx.device(id, &asked)?.ok_or(Refusal::NotFound(Subject::Device).into()))
        .await;
    Ok(View::from(found.with_context(|| format!("{address}, '{device}'"))?))
}

async fn list(house: &House, address: &EmailAddress) -> Result<Answer> {
    let id = house.account(address).await?.id;
    let devices = house.read(move |tx, _| tx.devices(id)).await?;
    let views: Vec<View> = devices.into_iter().map(View::from).collect();
    let rows = views.iter().map(|view| {
        [shown(&view.id), shown(&view.device_type), shown(&view.user_agent), view.last_seen_at.clone()]
    });
    let text = table(["device", "type", "program", "last seen"], rows);
    Answer::new(&views, text)
}

/// A device wrote it: what could steer a terminal is not shown as it is.
fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}
