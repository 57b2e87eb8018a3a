//! Provision: MS-ASPROV section 3.2.5. Two phases: the policy under a temporary key, then the final
//! key, which is another one (R650, R662).

use activesync_wire::command::provision::{
    POLICY_TYPE, Phase, PolicyAnswer, PolicyDocument, Request, Response, Wipe,
};
use activesync_wire::status::{PolicyStatus, ProvisionStatus, SettingsStatus};
use storage::Device;
use wbxml::Element;

use crate::call::{Answer, Call, Reply};
use crate::device::{change, information, wipe};
use crate::policy;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let request = Request::parse(root, call.version)?;
    let told = request.device.as_ref().map(information);
    let account = call.account();
    let id = call.device().to_owned();
    let known = call.store().read(call.principal(), move |tx| tx.device(account, &id)).await?;
    let waiting = known.as_ref().and_then(waiting_wipe);
    let mut response = Response {
        status: ProvisionStatus::Success,
        device: told.as_ref().map(|_| SettingsStatus::Success),
        policy: None,
        wipe: None,
    };
    if let Phase::WipeDone { success, .. } = request.phase {
        let done = move |device: &mut Device| wipe::DONE.clone_into(&mut device.wipe);
        match waiting.filter(|_| success) {
            Some(_) => edit(call, done).await?,
            None => response.wipe = waiting,
        }
    } else if waiting.is_some() {
        response.wipe = waiting; // MS-ASPROV R653
    } else {
        response.policy = policy_answer(call, &request.phase, known.as_ref()).await?;
    }
    if let Some(told) = told {
        edit(call, move |device| device.information = told).await?;
    }
    Ok(Reply::bytes(response.encode(call.version)).with_status(response.status.code()))
}

fn waiting_wipe(device: &Device) -> Option<Wipe> {
    match device.wipe.as_str() {
        wipe::DEVICE => Some(Wipe::Device),
        wipe::ACCOUNT => Some(Wipe::Account),
        _ => None,
    }
}

async fn edit(call: &Call, edit: impl FnOnce(&mut Device) + Send + 'static) -> storage::Result<()> {
    let changed = change(call, move |row| {
        if let Some(device) = row {
            edit(device);
        }
    });
    changed.await.map(drop)
}

async fn policy_answer(
    call: &Call,
    phase: &Phase,
    known: Option<&Device>,
) -> storage::Result<Option<PolicyAnswer>> {
    let (document, hash) = policy::of(call);
    let (policy_type, acknowledged) = match phase {
        Phase::Ask { policy_type } => (policy_type, None),
        Phase::Acknowledge { policy_type, key, status } => (policy_type, Some((*key, *status))),
        Phase::AskForWipe | Phase::WipeDone { .. } => return Ok(None),
    };
    let answer = |status, key, document: Option<PolicyDocument>| {
        Some(PolicyAnswer { policy_type: policy_type.clone(), status, key, document })
    };
    if policy_type != POLICY_TYPE {
        return Ok(answer(PolicyStatus::UnknownPolicyType, None, None));
    }
    let old = known.map_or(0, |device| device.policy_key);
    let pending = known.map_or(0, |device| device.pending_policy_key);
    let fresh = fresh_key(call, &[old, pending]);
    let Some((key, _status)) = acknowledged else {
        edit(call, move |device| device.pending_policy_key = fresh.into()).await?;
        return Ok(answer(PolicyStatus::Success, Some(fresh), Some(document)));
    };
    // Nothing is demanded, so it does not matter how much of it the device took.
    let key = key.map(i64::from);
    if key.is_none() || (key != Some(pending) && key != Some(old)) {
        return Ok(answer(PolicyStatus::WrongKey, None, None)); // MS-ASPROV R382
    }
    edit(call, move |device| {
        device.policy_key = fresh.into();
        device.policy_hash = hash;
    })
    .await?;
    Ok(answer(PolicyStatus::Success, Some(fresh), None))
}

/// A key that nobody can guess and that is none of the old ones.
fn fresh_key(call: &Call, old: &[i64]) -> u32 {
    let candidate = |round: u32| {
        let seed = format!("policy {} {} {old:?} {round}", call.device(), call.now().0);
        let hash = call.store().fingerprint(call.account(), seed.as_bytes());
        let bytes = hash.first_chunk::<4>().copied().unwrap_or_default();
        // Some clients read the key as a signed number.
        u32::from_be_bytes(bytes) >> 1
    };
    (0..).map(candidate).find(|key| *key != 0 && !old.contains(&i64::from(*key))).unwrap_or(1)
}
