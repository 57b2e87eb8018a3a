//! The device's row: met with every request, provisioned before anything else is served.

use activesync_wire::command::settings::DeviceInformation;
use activesync_wire::status::CommonStatus;
use activesync_wire::{Command, RequestError, Version};
use storage::{Device, Refusal, Verdict, WipeKind};
use vocabulary::{Door, Principal};
use workflow::Elsewhere;

use crate::call::{Answer, Call};
use crate::command::refuse;
use crate::policy::DomainPolicy;
use crate::quarantine;

/// Old programs try an account with this id; it is no device.
const TRIAL: &str = "validate";
/// How often `last_seen_at` is written.
const SEEN_STEP_MS: i64 = 60_000;
/// Longest User-Agent that is kept.
const USER_AGENT_CHARACTERS_MAX: usize = 200;

/// The calling device, and what is made of it.
pub(crate) struct Met {
    pub(crate) device: Device,
    pub(crate) verdict: Verdict,
    /// The rules turn it away before it could say what it is: it provisions first, which gives it no data, and is
    /// judged then.
    pub(crate) is_unheard: bool,
    /// The policy that it took is too old.
    pub(crate) is_to_refresh: bool,
    /// What is demanded of it; nothing if that cannot be read.
    pub(crate) policy: Option<DomainPolicy>,
}

/// What a request begins with.
pub(crate) enum Known {
    /// Its device, which may be served.
    Here(Box<Met>),
    /// The phones of its account belong to another server.
    Elsewhere(Elsewhere),
}

/// The row of the calling device, made when it comes for the first time. A verdict that is new is noted, and its
/// owner is told by a mail.
///
/// # Errors
/// Status 177 if the account has too many devices.
pub(crate) async fn meet(call: &Call, user_agent: &str) -> Answer<Known> {
    let user_agent: String =
        user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS_MAX).collect();
    let (account, id, now) = (call.account(), call.device().to_owned(), call.now());
    let house = Principal::System { door: Door::ActiveSync };
    let (context, owner) = (call.server.context.clone(), call.login.account.clone());
    // One transaction for all that every request asks.
    let read = call.store().read(&house, move |tx| match workflow::elsewhere_in(tx, &context, &owner)? {
        Some(place) => Ok(Err(place)),
        None => tx.device_gate(account, &id).map(Ok),
    });
    let gate = match read.await? {
        Ok(gate) => gate,
        Err(place) => return Ok(Known::Elsewhere(place)),
    };
    let version = call.version.to_string();
    let is_new = gate.device.is_none();
    let mut device = gate.device.clone().unwrap_or_else(|| unknown(call));
    let same = device.device_type == call.query.device_type
        && device.user_agent == user_agent
        && device.protocol_version == version;
    let recent = now.0 - device.last_seen_at.0 < SEEN_STEP_MS;
    device.device_type.clone_from(&call.query.device_type);
    (device.user_agent, device.protocol_version) = (user_agent, version);
    let policy = DomainPolicy::of(&gate.settings);
    let verdict = gate.verdict(&device);
    let is_turned_away = verdict != Verdict::Allow && gate.decision.is_none();
    let is_unheard =
        is_turned_away && device.policy_key == 0 && device.information.is_empty() && device.id != TRIAL;
    let is_judged = !is_unheard && verdict != gate.noted;
    let is_to_refresh = policy.as_ref().is_some_and(|policy| policy.is_old(gate.policy_taken_at, now));
    let met = Met { device: device.clone(), verdict, is_unheard, is_to_refresh, policy };
    if (!is_new && same && recent && !is_judged) || device.id == TRIAL {
        return Ok(Known::Here(Box::new(met)));
    }
    device.last_seen_at = now;
    let is_told = is_judged && is_turned_away;
    let letter = if is_told { Some(quarantine::letter(call, &device, verdict).await?) } else { None };
    // What the rules say the house does, not the owner.
    let principal = if is_judged { &house } else { call.principal() };
    let accounts = [account];
    let written = call.store().write(principal, &accounts, move |tx| {
        let fresh = tx.device(account, &device.id)?.unwrap_or_else(|| device.clone());
        let device = Device {
            device_type: device.device_type,
            user_agent: device.user_agent,
            protocol_version: device.protocol_version,
            last_seen_at: device.last_seen_at,
            ..fresh
        };
        tx.put_device(account, &device)?;
        let tell = is_judged && tx.note_device_verdict(account, &device.id)?;
        if let Some(letter) = letter.filter(|_| tell) {
            quarantine::deliver(tx, account, letter)?;
        }
        Ok(device)
    });
    match written.await {
        Ok(device) => Ok(Known::Here(Box::new(Met { device, ..met }))),
        Err(storage::Error::Refusal(Refusal::Invalid(_))) if is_new => {
            refuse(CommonStatus::TooManyDevices, "the account has too many devices")
        }
        Err(error) => unwritten(error, is_new || is_judged, met).map(|met| Known::Here(Box::new(met))),
    }
}

/// A row that could not be written. Who only reads does not fail because the store cannot note when it was here.
fn unwritten(error: storage::Error, is_needed: bool, met: Met) -> Answer<Met> {
    if is_needed {
        return Err(error.into());
    }
    match error {
        storage::Error::Fault(fault) => drop(session::incident(&fault)),
        storage::Error::Refusal(refusal) => {
            tracing::warn!(device = met.device.id, %refusal, "when a device was seen is not noted");
        }
    }
    Ok(met)
}

/// A device that was never seen before.
fn unknown(call: &Call) -> Device {
    Device {
        id: call.device().to_owned(),
        device_type: String::new(),
        user_agent: String::new(),
        protocol_version: String::new(),
        information: String::new(),
        policy_key: 0,
        pending_policy_key: 0,
        policy_hash: String::new(),
        wipe: String::new(),
        created_at: call.now(),
        last_seen_at: call.now(),
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

/// How far a device may go.
pub(crate) enum Admitted {
    /// It is served.
    Whole,
    /// It may say what it is.
    ToTellOfItself,
}

/// Whether the device may go on, or has to provision first: MS-ASPROV section 3.2.5.1.
///
/// Provision is for every device: it gives no data, and by it a device tells its model and gets its wipe. Ping is
/// served without a policy: it tells nothing but that something changed, and what fetches the change is asked again.
///
/// # Errors
/// Status 129 (403 before 14.0) for a device that is blocked or was wiped, 130 (403) for one in quarantine, 140, 142,
/// 143 and 144 (449).
pub(crate) fn admit(call: &Call, met: &Met, policy_key: Option<u32>) -> Answer<Admitted> {
    let command = call.query.command;
    if command == Command::Provision {
        return Ok(Admitted::Whole);
    }
    refuse_wiped(call, &met.device)?;
    if WipeKind::waiting(&met.device).is_some() {
        return refuse(CommonStatus::RemoteWipeRequested, "a wipe waits"); // MS-ASCMD R5280
    }
    match met.verdict {
        Verdict::Allow => {}
        _ if command == Command::Settings => return Ok(Admitted::ToTellOfItself),
        _ if met.is_unheard => {
            return refuse(CommonStatus::DeviceNotProvisioned, "it has not said what it is");
        }
        Verdict::Quarantine => return refuse(CommonStatus::AccessDenied, "the device is in quarantine"),
        Verdict::Block => return refuse(CommonStatus::DeviceNotAllowed, "the device is blocked"),
    }
    if command == Command::Ping {
        return Ok(Admitted::Whole);
    }
    let sent = policy_key.filter(|key| *key != 0).map(i64::from);
    match sent {
        None => Err(RequestError::common(CommonStatus::DeviceNotProvisioned, "no policy key").into()),
        Some(key) if key != met.device.policy_key || !has_taken(call, &met.device, met.policy.as_ref()) => {
            refuse(CommonStatus::InvalidPolicyKey, "another policy key")
        }
        // MS-ASCMD R4909
        Some(_) if met.is_to_refresh => refuse(CommonStatus::PolicyRefresh, "the policy is to be taken anew"),
        Some(_) => Ok(Admitted::Whole),
    }
}

/// Whether the device has taken the policy of today.
fn has_taken(call: &Call, device: &Device, policy: Option<&DomainPolicy>) -> bool {
    policy.is_some_and(|policy| device.policy_hash == policy.hash(call.store(), call.account(), call.version))
}

/// A device that was wiped stays shut out; so does one whose account is to be removed and that speaks a version in
/// which it cannot be told (MS-ASPROV R6906).
///
/// # Errors
/// Status 129.
pub(crate) fn refuse_wiped(call: &Call, device: &Device) -> Answer<()> {
    if device.is_wiped() {
        return refuse(CommonStatus::DeviceNotAllowed, "the device was wiped");
    }
    if WipeKind::waiting(device) == Some(WipeKind::Account) && call.version < Version::V16_1 {
        return refuse(CommonStatus::DeviceNotAllowed, "the account is to be removed from the device");
    }
    Ok(())
}

/// Whether a request that waits is not to be served any more: its password or its door is gone, its device is shut out,
/// or is to take another policy before it gets data (MS-ASPROV R693).
pub(crate) async fn is_shut_out(call: &Call) -> storage::Result<bool> {
    if !call.login.still_valid(call.store()).await? {
        return Ok(true);
    }
    let (account, id) = (call.account(), call.device().to_owned());
    let gate = call.store().read(call.principal(), move |tx| tx.device_gate(account, &id)).await?;
    let policy = DomainPolicy::of(&gate.settings);
    let gives_data = call.query.command != Command::Ping;
    let is_served = |device: &Device| {
        device.wipe.is_empty()
            && gate.verdict(device) == Verdict::Allow
            && (!gives_data || has_taken(call, device, policy.as_ref()))
    };
    Ok(!gate.device.as_ref().is_some_and(is_served))
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

#[cfg(test)]
mod tests {
    use super::*;
    use storage::Fault;
    use vocabulary::Timestamp;

    #[test]
    fn a_known_device_is_served_by_a_store_that_cannot_be_written() {
        let met = || Met {
            device: Device {
                id: "phone".into(),
                device_type: String::new(),
                user_agent: String::new(),
                protocol_version: String::new(),
                information: String::new(),
                policy_key: 1,
                pending_policy_key: 0,
                policy_hash: String::new(),
                wipe: String::new(),
                created_at: Timestamp(1),
                last_seen_at: Timestamp(1),
            },
            verdict: Verdict::Allow,
            is_unheard: false,
            is_to_refresh: false,
            policy: None,
        };
        let full = || storage::Error::from(Fault::Database("disk full".into()));
        for error in [full(), Refusal::Busy.into()] {
            assert!(unwritten(error, false, met()).is_ok_and(|met| met.device.id == "phone"));
        }
        assert!(unwritten(full(), true, met()).is_err(), "a new device, or another verdict, must be noted");
    }
}
