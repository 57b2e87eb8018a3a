//! `kontor admin device`: phones, as each account knows them; which are served, and wipes.

use super::answer::{Answer, table};
use super::house::House;
use super::{device_policy, device_rules};
use crate::clock::rfc_3339;
use anyhow::{Context as _, Result};
use clap::Subcommand;
use serde::Serialize;
use storage::{Account, Admin, Device, DeviceEvent, Read, Refusal, Subject, Verdict, WipeKind};
use vocabulary::{AccountId, EmailAddress};

pub(super) const EXAMPLES: &str = "\
Examples:
  kontor admin device list anna@example.org
  kontor admin device list --quarantined                  of all accounts
  kontor admin device show anna@example.org ANDROID1700000000
  kontor admin device allow anna@example.org ANDROID1700000000
  kontor admin device block anna@example.org ANDROID1700000000
  kontor admin device by-rules anna@example.org ANDROID1700000000
  kontor admin device wipe anna@example.org ANDROID1700000000
  kontor admin device wipe anna@example.org ANDROID1700000000 --account-only
  kontor admin device wipe anna@example.org ANDROID1700000000 --cancel
  kontor admin device remove anna@example.org ANDROID1700000000
  kontor admin device rules default example.org quarantine
  kontor admin device policy set example.org DevicePasswordEnabled 1

There is no `add`: devices come by themselves, with their first login. A wipe goes out with the next request of the
device; once the device has confirmed it, the device stays shut out until `allow` or `remove`. To keep a lost one out,
revoke its password too, with `kontor admin app-password remove`. These doors do not close IMAP or DAV.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// The devices of an account, or of all
    List {
        /// The account; if left out, all
        address: Option<EmailAddress>,
        /// Only those that wait for a decision
        #[arg(long)]
        quarantined: bool,
    },
    /// One device, and what happened to it in the last 90 days
    Show(Named),
    /// Forget a device and where it stood; if it comes back it starts anew
    Remove(Named),
    /// Serve a device, whatever the rules say; also one that was wiped
    Allow(Named),
    /// Give a device no data, and let it wait
    Quarantine(Named),
    /// Give a device no data
    Block(Named),
    /// Leave a device to the rules of its domain again
    ByRules(Named),
    /// Have a device erase itself with its next request
    Wipe {
        #[command(flatten)]
        named: Named,
        /// Only the account is taken off it; for devices that speak 16.1
        #[arg(long)]
        account_only: bool,
        /// Take the wish back, if the device has not got it yet
        #[arg(long, conflicts_with = "account_only")]
        cancel: bool,
    },
    /// Which devices of a domain are served
    #[command(subcommand, after_help = device_rules::EXAMPLES)]
    Rules(device_rules::Command),
    /// What a domain demands of devices
    #[command(subcommand, after_help = device_policy::EXAMPLES)]
    Policy(device_policy::Command),
    /// How long a domain remembers devices that do not come any more; 0 days: for ever
    Expiry {
        /// The domain
        domain: String,
        /// Of phones and all others; 180 unless set
        days: i64,
        /// Of classic Outlook, which comes as a new device at each start; 30 unless set
        outlook_days: i64,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct Named {
    /// The account
    address: EmailAddress,
    /// What the device calls itself
    device: String,
}

#[derive(Serialize)]
struct View {
    account: String,
    id: String,
    device_type: String,
    user_agent: String,
    protocol_version: String,
    information: String,
    provisioned: bool,
    access: &'static str,
    decided: Option<&'static str>,
    wipe: String,
    created_at: String,
    last_seen_at: String,
    events: Vec<EventView>,
}

#[derive(Serialize)]
struct EventView {
    at: String,
    by: String,
    what: &'static str,
    detail: String,
}

impl View {
    fn new(account: &Account, device: Device, verdict: Verdict, decision: Option<Verdict>) -> Self {
        Self {
            account: account.address.to_string(),
            provisioned: device.policy_key != 0,
            access: verdict.as_str(),
            decided: decision.map(Verdict::as_str),
            created_at: rfc_3339(device.created_at),
            last_seen_at: rfc_3339(device.last_seen_at),
            id: device.id,
            device_type: device.device_type,
            user_agent: device.user_agent,
            protocol_version: device.protocol_version,
            information: device.information,
            wipe: device.wipe,
            events: Vec::new(),
        }
    }

    fn with_events(mut self, events: &[DeviceEvent], own: AccountId) -> Self {
        let own_name = self.account.clone();
        let by = |actor: Option<AccountId>| match actor {
            None => "the house".to_owned(),
            Some(id) if id == own => own_name.clone(),
            Some(id) => format!("account {id}"),
        };
        let of_device = events.iter().filter(|event| event.device == self.id);
        self.events = of_device
            .map(|event| EventView {
                at: rfc_3339(event.at),
                by: by(event.actor),
                what: event.deed.as_str(),
                detail: event.detail.clone(),
            })
            .collect();
        self
    }

    fn text(&self) -> String {
        let mut text = format!(
            "device    {}\nof        {}\ntype      {}\nprogram   {}\nprotocol  {}\ntold      {}\naccess    {}\nwipe      {}\n\
             first     {}\nlast      {}\n",
            shown(&self.id),
            self.account,
            shown(&self.device_type),
            shown(&self.user_agent),
            shown(&self.protocol_version),
            shown(&self.information),
            self.decided
                .map_or_else(|| format!("{}, by the rules", self.access), |word| format!("{word}, decided")),
            wipe_words(&self.wipe),
            self.created_at,
            self.last_seen_at,
        );
        for EventView { at, by, what, detail } in &self.events {
            text.push_str(&format!("{at}  {what} {} (by {by})\n", shown(detail)));
        }
        text
    }
}

fn wipe_words(wipe: &str) -> &str {
    match wipe {
        "" => "-",
        "device" => "of the device, asked for",
        "account" => "of the account, asked for",
        "done" => "confirmed by the device; it is shut out",
        other => other,
    }
}

pub(super) async fn run(command: Command, house: &House) -> Result<Answer> {
    match command {
        Command::List { address, quarantined } => list(house, address.as_ref(), quarantined).await,
        Command::Show(named) => show(house, &named).await,
        Command::Remove(named) => {
            let view = find(house, &named).await?;
            let id = house.account(&named.address).await?.id;
            house.write(&[id], move |tx, _| tx.remove_device(id, &named.device)).await?;
            let text = format!("{} is forgotten", shown(&view.id));
            Answer::new(&view, text)
        }
        Command::Allow(named) => decide(house, &named, Some(Verdict::Allow)).await,
        Command::Quarantine(named) => decide(house, &named, Some(Verdict::Quarantine)).await,
        Command::Block(named) => decide(house, &named, Some(Verdict::Block)).await,
        Command::ByRules(named) => decide(house, &named, None).await,
        Command::Wipe { named, account_only, cancel } => {
            let kind = if account_only { WipeKind::Account } else { WipeKind::Device };
            wipe(house, &named, (!cancel).then_some(kind)).await
        }
        Command::Rules(command) => device_rules::run(command, house).await,
        Command::Policy(command) => device_policy::run(command, house).await,
        Command::Expiry { domain, days, outlook_days } => {
            device_rules::expiry(house, &domain, days, outlook_days).await
        }
    }
}

async fn decide(house: &House, named: &Named, decision: Option<Verdict>) -> Result<Answer> {
    let (id, device) = (house.account(&named.address).await?.id, named.device.clone());
    let decided = house.write(&[id], move |tx, admin| tx.decide_device(admin, id, &device, decision)).await;
    decided.with_context(|| format!("{}, '{}'", named.address, named.device))?;
    show(house, named).await
}

/// `None` takes a wish back.
async fn wipe(house: &House, named: &Named, kind: Option<WipeKind>) -> Result<Answer> {
    let (id, device) = (house.account(&named.address).await?.id, named.device.clone());
    let asked = house
        .write(&[id], move |tx, _| match kind {
            Some(kind) => tx.ask_wipe(id, &device, kind),
            None => tx.cancel_wipe(id, &device),
        })
        .await;
    asked.with_context(|| format!("{}, '{}'", named.address, named.device))?;
    show(house, named).await
}

async fn show(house: &House, named: &Named) -> Result<Answer> {
    let view = find(house, named).await?;
    let text = view.text();
    Answer::new(&view, text)
}

async fn find(house: &House, named: &Named) -> Result<View> {
    let (account, asked) = (house.account(&named.address).await?, named.device.clone());
    let found = house
        .read(move |tx, _| {
            let events = tx.device_events(account.id)?;
            view(tx, &account, &asked, &events)?.ok_or(Refusal::NotFound(Subject::Device).into())
        })
        .await;
    found.with_context(|| format!("{}, '{}'", named.address, named.device))
}

fn view(tx: &Read<'_>, account: &Account, id: &str, events: &[DeviceEvent]) -> storage::Result<Option<View>> {
    let mut gate = tx.device_gate(account.id, id)?;
    let Some(device) = gate.device.take() else { return Ok(None) };
    let verdict = gate.verdict(&device);
    Ok(Some(View::new(account, device, verdict, gate.decision).with_events(events, account.id)))
}

fn views(tx: &Read<'_>, account: &Account) -> storage::Result<Vec<View>> {
    let devices = tx.devices(account.id)?;
    let events = if devices.is_empty() { Vec::new() } else { tx.device_events(account.id)? };
    let mut views = Vec::with_capacity(devices.len());
    for device in devices {
        views.extend(view(tx, account, &device.id, &events)?);
    }
    Ok(views)
}

fn asked_accounts<'tx>(
    tx: &Read<'tx>,
    admin: &Admin<'tx>,
    account: Option<Account>,
) -> storage::Result<Vec<Account>> {
    match account {
        Some(account) => Ok(vec![account]),
        None => tx.accounts(admin, None),
    }
}

async fn list(house: &House, address: Option<&EmailAddress>, quarantined: bool) -> Result<Answer> {
    let account = match address {
        Some(address) => Some(house.account(address).await?),
        None => None,
    };
    let read = house.read(move |tx, admin| {
        let mut all = Vec::new();
        for account in asked_accounts(tx, admin, account)? {
            all.extend(views(tx, &account)?);
        }
        Ok(all)
    });
    let is_asked = |view: &View| !quarantined || view.access == Verdict::Quarantine.as_str();
    let views: Vec<View> = read.await?.into_iter().filter(is_asked).collect();
    let rows = views.iter().map(|view| {
        let state =
            if view.wipe.is_empty() { view.access.to_owned() } else { format!("wipe: {}", view.wipe) };
        [
            view.account.clone(),
            shown(&view.id),
            shown(&view.device_type),
            shown(&view.user_agent),
            state,
            view.last_seen_at.clone(),
        ]
    });
    let text = table(["account", "device", "type", "program", "access", "last seen"], rows);
    Answer::new(&views, text)
}

/// A device wrote it: what could steer a terminal is not shown as it is.
pub(super) fn shown(text: &str) -> String {
    text.escape_debug().to_string()
}
