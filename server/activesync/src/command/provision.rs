//! Provision: MS-ASPROV section 3.2.5. Two phases: the policy under a temporary key, then the final
//! key, which is another one (R650, R662). What a request does is one transaction.

use activesync_wire::command::provision::{
    POLICY_TYPE, Phase, PolicyAnswer, PolicyDocument, Request, Response, Wipe,
};
use activesync_wire::status::{CommonStatus, PolicyStatus, ProvisionStatus, SettingsStatus};
use activesync_wire::{RequestError, Version};
use storage::{Device, Store, WipeKind, Write};
use vocabulary::AccountId;
use wbxml::Element;

use crate::call::{Answer, Call, Reply};
use crate::command::refuse;
use crate::device::{information, refuse_wiped};
use crate::policy::DomainPolicy;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let (account, id) = (call.account(), call.device().to_owned());
    let known = call.store().read(call.principal(), move |tx| tx.device(account, &id)).await?;
    let request = read(call, root, known.as_ref())?;
    if !matches!(request.phase, Phase::WipeDone { .. })
        && let Some(device) = &known
    {
        refuse_wiped(call, device)?;
    }
    let phone =
        Phone { store: call.store().clone(), account, id: call.device().to_owned(), version: call.version };
    let done = call.store().write(call.principal(), &[account], move |tx| phone.answer(tx, &request)).await?;
    match done {
        Done::Answered(response) => {
            Ok(Reply::bytes(response.encode(call.version)).with_status(response.status.code()))
        }
        Done::Refused(status) => refuse(status, "the device did not take the policy"), // MS-ASPROV R660
    }
}

/// The request. A wipe does not wait until the device has introduced itself.
fn read(call: &Call, root: &Element, known: Option<&Device>) -> Answer<Request> {
    let silent = |error: &RequestError| {
        matches!(error, RequestError::Common { status: CommonStatus::DeviceInformationRequired, .. })
    };
    match Request::parse(root, call.version) {
        Err(error) if silent(&error) && known.and_then(WipeKind::waiting).is_some() => {
            Ok(Request { device: None, phase: Phase::AskForWipe })
        }
        request => Ok(request?),
    }
}

/// What came of a request.
enum Done {
    Answered(Response),
    /// The device may not come in with what it took of the policy.
    Refused(CommonStatus),
}

/// The device within its transaction.
struct Phone {
    store: Store,
    account: AccountId,
    id: String,
    version: Version,
}

impl Phone {
    fn answer(&self, tx: &mut Write<'_>, request: &Request) -> storage::Result<Done> {
        let told = request.device.as_ref().map(information);
        let mut response = Response {
            status: ProvisionStatus::Success,
            device: told.as_ref().map(|_| SettingsStatus::Success),
            policy: None,
            wipe: None,
        };
        // One that only tries an account has no row.
        let mut known = tx.device(self.account, &self.id)?;
        if let (Some(device), Some(told)) = (&mut known, told) {
            device.information = told; // MS-ASPROV R488
            tx.put_device(self.account, device)?;
        }
        let waiting = known.as_ref().and_then(WipeKind::waiting);
        match &request.phase {
            Phase::WipeDone { wipe, success } => {
                let kind = kind_of(*wipe);
                if known.is_some()
                    && let Some(still) = tx.wipe_told(self.account, &self.id, kind, *success)?
                {
                    response.wipe = Some(wipe_of(still)); // MS-ASPROV R701 R66604
                    if !success {
                        response.status = ProvisionStatus::ProtocolError; // MS-ASPROV R665 R66603
                    }
                }
            }
            _ if waiting.is_some() => {
                tx.wipe_sent(self.account, &self.id)?;
                response.wipe = waiting.map(wipe_of); // MS-ASPROV R653
            }
            Phase::AskForWipe => {}
            Phase::Ask { policy_type } => {
                response.policy = Some(self.offer(tx, policy_type, known.as_ref())?);
            }
            Phase::Acknowledge { policy_type, key, status } => {
                match self.acknowledge(tx, policy_type, (*key, *status), known.as_ref())? {
                    Ok(policy) => response.policy = Some(policy),
                    Err(status) => return Ok(Done::Refused(status)),
                }
            }
        }
        Ok(Done::Answered(response))
    }

    /// First: the policy under a temporary key.
    fn offer(
        &self,
        tx: &mut Write<'_>,
        policy_type: &str,
        known: Option<&Device>,
    ) -> storage::Result<PolicyAnswer> {
        if policy_type != POLICY_TYPE {
            return Ok(answer(policy_type, PolicyStatus::UnknownPolicyType, None, None));
        }
        let Some(policy) = DomainPolicy::of(&tx.device_settings(self.account)?) else {
            return Ok(answer(policy_type, PolicyStatus::Corrupt, None, None)); // MS-ASPROV R381
        };
        let key = self.fresh_key(tx, known);
        let hash = policy.hash(&self.store, self.account, self.version);
        tx.offer_policy(self.account, &self.id, key.into(), &hash)?;
        Ok(answer(policy_type, PolicyStatus::Success, Some(key), Some(policy.document())))
    }

    /// Second: the final key, if the device took as much as its domain demands. Else the status that refuses it.
    fn acknowledge(
        &self,
        tx: &mut Write<'_>,
        policy_type: &str,
        (key, status): (Option<u32>, u8),
        known: Option<&Device>,
    ) -> storage::Result<Result<PolicyAnswer, CommonStatus>> {
        if policy_type != POLICY_TYPE {
            return Ok(Ok(answer(policy_type, PolicyStatus::UnknownPolicyType, None, None)));
        }
        let pending = known.map(|device| device.pending_policy_key).filter(|pending| *pending != 0);
        if pending.is_none() || key.map(i64::from) != pending {
            // MS-ASPROV R657 R382
            return Ok(Ok(answer(policy_type, PolicyStatus::WrongKey, None, None)));
        }
        let Some(policy) = DomainPolicy::of(&tx.device_settings(self.account)?) else {
            return Ok(Ok(answer(policy_type, PolicyStatus::Corrupt, None, None)));
        };
        let (how, allowed, refused) = match status {
            1 => ("", true, CommonStatus::DeviceNotFullyProvisionable),
            // MS-ASPROV R455 R684
            2 => ("in part", policy.allows_non_provisionable(), CommonStatus::DeviceNotFullyProvisionable),
            // MS-ASPROV R461 R687
            4 => ("managed elsewhere", policy.allows_external(), CommonStatus::ExternallyManagedDevice),
            _ => ("not at all", policy.allows_non_provisionable(), CommonStatus::DeviceNotProvisionable),
        };
        if !how.is_empty() {
            tx.note_policy_not_met(self.account, &self.id, how)?;
        }
        if !allowed {
            return Ok(Err(refused));
        }
        let key = self.fresh_key(tx, known);
        tx.take_policy(self.account, &self.id, key.into())?;
        Ok(Ok(answer(policy_type, PolicyStatus::Success, Some(key), None)))
    }

    /// A key that nobody can guess and that is none of the old ones.
    fn fresh_key(&self, tx: &Write<'_>, known: Option<&Device>) -> u32 {
        let old = known.map_or([0, 0], |device| [device.policy_key, device.pending_policy_key]);
        let candidate = |round: u32| {
            let seed = format!("policy {} {} {old:?} {round}", self.id, tx.now().0);
            let hash = self.store.fingerprint(self.account, seed.as_bytes());
            let bytes = hash.first_chunk::<4>().copied().unwrap_or_default();
            // Some clients read the key as a signed number.
            u32::from_be_bytes(bytes) >> 1
        };
        (0..).map(candidate).find(|key| *key != 0 && !old.contains(&i64::from(*key))).unwrap_or(1)
    }
}

fn answer(
    policy_type: &str,
    status: PolicyStatus,
    key: Option<u32>,
    document: Option<PolicyDocument>,
) -> PolicyAnswer {
    PolicyAnswer { policy_type: policy_type.to_owned(), status, key, document }
}

fn kind_of(wipe: Wipe) -> WipeKind {
    match wipe {
        Wipe::Device => WipeKind::Device,
        Wipe::Account => WipeKind::Account,
    }
}

fn wipe_of(kind: WipeKind) -> Wipe {
    match kind {
        WipeKind::Device => Wipe::Device,
        WipeKind::Account => Wipe::Account,
    }
}
