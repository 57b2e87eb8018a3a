//! The device's row: met with every request, provisioned before anything else is served.

use activesync_wire::command::settings::DeviceInformation;
use activesync_wire::status::CommonStatus;
use activesync_wire::{Command, RequestError};
use storage::{Device, Refusal};

use crate::call::{Answer, Call, Failure};
use crate::command::refuse;
use crate::policy;

/// What a row says of a wipe.
pub(crate) mod wipe {
    /// The whole device shall be wiped.
    pub(crate) const DEVICE: &str = "device";
    /// The account shall be taken off the device (16.1).
    pub(crate) const ACCOUNT: &str = "account";
    /// The device said that it is done; it stays shut out.
    pub(crate) const DONE: &str = "done";
}

/// Old programs try an account with this id; it is no device.
const TRIAL: &str = "validate";
/// How often `last_seen_at` is written.
const SEEN_STEP_MS: i64 = 60_000;
/// Longest User-Agent that is kept.
const USER_AGENT_CHARACTERS_MAX: usize = 200;

/// The row of the calling device, made when it comes for the first time.
///
/// # Errors
/// Status 177 if the account has too many devices.
pub(crate) async fn meet(call: &Call, user_agent: &str) -> Answer<Device> {
    let user_agent: String =
        user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS_MAX).collect();
    let (account, id, now) = (call.account(), call.device().to_owned(), call.now());
    let known = call.store().read(call.principal(), move |tx| tx.device(account, &id)).await?;
    let version = call.version.to_string();
    let is_new = known.is_none();
    let mut device = known.unwrap_or_else(|| Device {
        id: call.device().to_owned(),
        device_type: String::new(),
        user_agent: String::new(),
        protocol_version: String::new(),
        information: String::new(),
        policy_key: 0,
        pending_policy_key: 0,
        policy_hash: String::new(),
        wipe: String::new(),
        created_at: now,
        last_seen_at: now,
    });
    let same = device.device_type == call.query.device_type
        && device.user_agent == user_agent
        && device.protocol_version == version;
    let recent = now.0 - device.last_seen_at.0 < SEEN_STEP_MS;
    if (!is_new && same && recent) || device.id == TRIAL {
        return Ok(device);
    }
    device.device_type.clone_from(&call.query.device_type);
    (device.user_agent, device.protocol_version, device.last_seen_at) = (user_agent, version, now);
    let written = change(call, move |row| {
        let fresh = row.take().unwrap_or_else(|| device.clone());
        *row = Some(Device {
            device_type: device.device_type,
            user_agent: device.user_agent,
            protocol_version: device.protocol_version,
            last_seen_at: device.last_seen_at,
            ..fresh
        });
    });
    match written.await {
        Ok(Some(device)) => Ok(device),
        Ok(None) => refuse(CommonStatus::StateNotFound, "the device's row is gone"),
        Err(storage::Error::Refusal(Refusal::Invalid(_))) if is_new => {
            refuse(CommonStatus::TooManyDevices, "the account has too many devices")
        }
        Err(error) => Err(error.into()),
    }
}

/// Changes the row of the calling device in one transaction.
pub(crate) async fn change(
    call: &Call,
    edit: impl FnOnce(&mut Option<Device>) + Send + 'static,
) -> storage::Result<Option<Device>> {
    let (account, id) = (call.account(), call.device().to_owned());
    call.store()
        .write(call.principal(), &[account], move |tx| {
            let mut row = tx.device(account, &id)?;
            edit(&mut row);
            if let Some(device) = &row {
                tx.put_device(account, device)?;
            }
            Ok(row)
        })
        .await
}

/// Whether the device may go on, or has to provision first: MS-ASPROV section 3.2.5.1.
///
/// Ping is served without: it tells nothing but that something changed, and what fetches the change is
/// asked again.
///
/// # Errors
/// Status 140, 142 and 144 (449 before 14.0).
pub(crate) fn admit(call: &Call, device: &Device, policy_key: Option<u32>) -> Result<(), Failure> {
    let command = call.query.command;
    if command == Command::Provision {
        return Ok(());
    }
    if device.wipe == wipe::DONE {
        return refuse(CommonStatus::DeviceNotAllowed, "the device was wiped");
    }
    if !device.wipe.is_empty() {
        return refuse(CommonStatus::RemoteWipeRequested, "a wipe waits");
    }
    if command == Command::Ping {
        return Ok(());
    }
    let (_, hash) = policy::of(call);
    let sent = policy_key.filter(|key| *key != 0).map(i64::from);
    match sent {
        None => Err(RequestError::common(CommonStatus::DeviceNotProvisioned, "no policy key").into()),
        Some(key) if key != device.policy_key || device.policy_hash != hash => {
            refuse(CommonStatus::InvalidPolicyKey, "another policy key")
        }
        Some(_) => Ok(()),
    }
}

/// What the device says of itself, as it is kept: one line for each thing that it said.
pub(crate) fn information(said: &DeviceInformation) -> String {
    let lines = [
        ("model", &said.model),
        ("imei", &said.imei),
        ("friendly_name", &said.friendly_name),
        ("operating_system", &said.operating_system),
        ("operating_system_language", &said.operating_system_language),
        ("phone_number", &said.phone_number),
        ("user_agent", &said.user_agent),
        ("mobile_operator", &said.mobile_operator),
    ];
    let line =
        |(name, value): (&str, &Option<String>)| value.as_ref().map(|value| format!("{name}: {value}\n"));
    lines.into_iter().filter_map(line).collect()
}
