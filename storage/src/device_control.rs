//! Who may use which device: verdicts, decisions, policies taken, and wipes.
//!
//! The owner of an account and the house may ask for a wipe and take the wish back; only the house decides about a
//! device. A wipe stands in the device's row: `device` or `account` while it waits, `done` once the device has
//! confirmed it, which shuts it out until it is removed or allowed.

use crate::access::Admin;
use crate::backend::params;
use crate::device::Device;
use crate::device_access::{DeviceSettings, Verdict};
use crate::device_event::DeviceDeed;
use crate::error::{Refusal, Result, Subject, row_fault};
use crate::transaction::{Read, Write};
use vocabulary::{AccountId, Rights, Timestamp};

const DAY_MS: i64 = 86_400_000;
/// So often a day an owner is told that a device is not served: a program that comes under a new name at each start
/// must not fill the inbox.
const TOLD_A_DAY_MAX: i64 = 3;
/// The first version of the protocol that can take an account off a device.
const ACCOUNT_WIPE_SINCE: &str = "16.1";

/// How much a wipe takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WipeKind {
    /// Everything on the device.
    Device,
    /// The account on it.
    Account,
}

impl WipeKind {
    /// The wipe that waits in a device's row, if one does.
    #[must_use]
    pub fn waiting(device: &Device) -> Option<Self> {
        match device.wipe.as_str() {
            "device" => Some(Self::Device),
            "account" => Some(Self::Account),
            _ => None,
        }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Account => "account",
        }
    }
}

const DONE: &str = "done";

impl Device {
    /// Whether a wipe was confirmed: the device is shut out.
    #[must_use]
    pub fn is_wiped(&self) -> bool {
        self.wipe == DONE
    }
}

/// All that decides whether a device is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceGate {
    /// Its row, if it was seen before.
    pub device: Option<Device>,
    /// What an administrator decided about it.
    pub decision: Option<Verdict>,
    /// What was made of it last.
    pub noted: Verdict,
    /// When it took the policy that it has; the beginning of time if that is not known.
    pub policy_taken_at: Timestamp,
    /// What its domain has set.
    pub settings: DeviceSettings,
}

impl DeviceGate {
    /// What is made of the device as it is now: the decision, or what the rules say.
    #[must_use]
    pub fn verdict(&self, device: &Device) -> Verdict {
        self.decision.unwrap_or_else(|| self.settings.rules.judge(device))
    }
}

fn verdict_of(word: &str) -> Result<Option<Verdict>> {
    if word.is_empty() { Ok(None) } else { word.parse().map(Some).map_err(row_fault) }
}

impl<'tx> Read<'tx> {
    /// All that decides whether a device is served. Its owner and the house may ask.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody else.
    pub fn device_gate(&self, account: AccountId, id: &str) -> Result<DeviceGate> {
        const STANDING: &str =
            "SELECT access, verdict, policy_taken_at FROM device WHERE account_id = ?1 AND device_id = ?2";
        let device = self.device(account, id)?;
        let settings = self.device_settings(account)?;
        let (decision, policy_taken_at) = (None, Timestamp(0));
        let mut gate = DeviceGate { device, decision, noted: Verdict::Allow, policy_taken_at, settings };
        if gate.device.is_some() {
            let words = self.connection.row(STANDING, params![account.0, id], |row| {
                Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?))
            })?;
            let (access, verdict, taken_at) = words.unwrap_or_default();
            gate.policy_taken_at = Timestamp(taken_at);
            gate.decision = verdict_of(&access)?;
            gate.noted = verdict_of(&verdict)?.unwrap_or_default();
        }
        Ok(gate)
    }

    fn known_device(&self, account: AccountId, id: &str) -> Result<Device> {
        self.device(account, id)?.ok_or_else(|| Refusal::NotFound(Subject::Device).into())
    }

    /// What an administrator blocked only an administrator forgets, and what waits for its wipe too.
    pub(crate) fn may_forget_device(&self, account: AccountId, id: &str) -> Result<()> {
        let gate = self.device_gate(account, id)?;
        let device = gate.device.ok_or(Refusal::NotFound(Subject::Device))?;
        let is_held =
            gate.decision.is_some_and(|verdict| verdict != Verdict::Allow) || !device.wipe.is_empty();
        if is_held && self.principal.account_id().is_some() {
            return Err(Refusal::Denied { need: Rights::ADMINISTER }.into());
        }
        Ok(())
    }
}

impl<'tx> Write<'tx> {
    /// Notes what was made of a device, if that is new. True: its owner is to be told so, by a mail in the same
    /// transaction.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house, and for a device that nobody knows.
    pub fn note_device_verdict(&mut self, account: AccountId, id: &str) -> Result<bool> {
        const NOTE: &str = "UPDATE device SET verdict = ?3 WHERE account_id = ?1 AND device_id = ?2";
        let gate = self.device_gate(account, id)?;
        let device = gate.device.as_ref().ok_or(Refusal::NotFound(Subject::Device))?;
        let verdict = gate.verdict(device);
        if verdict == gate.noted {
            return Ok(false);
        }
        let word = if verdict == Verdict::Allow { "" } else { verdict.as_str() };
        self.connection.execute(NOTE, params![account.0, id, word])?;
        let told = self.judged_since(account, self.now().0 - DAY_MS)?;
        self.note_device_event(account, id, DeviceDeed::Judged, verdict.as_str())?;
        Ok(verdict != Verdict::Allow && gate.decision.is_none() && told < TOLD_A_DAY_MAX)
    }

    /// Decides about a device, or leaves it to the rules again. A device that was wiped and is allowed begins anew.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Invalid`] to allow a device whose wipe waits.
    pub fn decide_device(
        &mut self,
        _admin: &Admin<'tx>,
        account: AccountId,
        id: &str,
        decision: Option<Verdict>,
    ) -> Result<()> {
        const DECIDE: &str = "UPDATE device SET access = ?3 WHERE account_id = ?1 AND device_id = ?2";
        const ANEW: &str = "UPDATE device SET wipe = '', policy_key = 0, pending_policy_key = 0, policy_hash = '' \
             WHERE account_id = ?1 AND device_id = ?2 AND wipe = 'done'";
        let device = self.known_device(account, id)?;
        if decision == Some(Verdict::Allow) {
            if WipeKind::waiting(&device).is_some() {
                return Err(Refusal::Invalid("its wipe waits; take that back first").into());
            }
            self.connection.execute(ANEW, params![account.0, id])?;
        }
        let word = decision.map_or("", Verdict::as_str);
        self.connection.execute(DECIDE, params![account.0, id, word])?;
        self.note_device_event(account, id, DeviceDeed::Decided, decision.map_or("rules", Verdict::as_str))?;
        self.note_device_verdict(account, id)?;
        self.wake(account);
        Ok(())
    }

    /// Asks for a wipe; the device gets it with its next request. Its owner and the house may.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody else; [`Refusal::Invalid`] for the wipe of an account on a device that last
    /// spoke a version before 16.1, which knows none, and for a device that was wiped already.
    pub fn ask_wipe(&mut self, account: AccountId, id: &str, kind: WipeKind) -> Result<()> {
        let device = self.known_device(account, id)?;
        if device.is_wiped() {
            return Err(Refusal::Invalid("it was wiped already").into());
        }
        if kind == WipeKind::Account && device.protocol_version != ACCOUNT_WIPE_SINCE {
            return Err(Refusal::Invalid(
                "only a device that speaks 16.1 can be told to remove the account alone",
            )
            .into());
        }
        self.set_wipe(account, id, kind.as_str())?;
        self.note_device_event(account, id, DeviceDeed::WipeAsked, kind.as_str())?;
        self.wake(account);
        Ok(())
    }

    /// Takes the wish for a wipe back. A device that got it already may be on its way. Its owner and the house may.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody else; [`Refusal::Invalid`] if none waits.
    pub fn cancel_wipe(&mut self, account: AccountId, id: &str) -> Result<()> {
        let device = self.known_device(account, id)?;
        let kind = WipeKind::waiting(&device).ok_or(Refusal::Invalid("no wipe waits for this device"))?;
        self.set_wipe(account, id, "")?;
        self.note_device_event(account, id, DeviceDeed::WipeCancelled, kind.as_str())
    }

    /// Notes that the device is told to wipe. Nothing happens if no wipe waits.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house, and for a device that nobody knows.
    pub fn wipe_sent(&mut self, account: AccountId, id: &str) -> Result<()> {
        match WipeKind::waiting(&self.known_device(account, id)?) {
            Some(kind) => self.note_device_event_once(account, id, DeviceDeed::WipeSent, kind.as_str()),
            None => Ok(()),
        }
    }

    /// Notes what the device says of its wipe: one that succeeded shuts it out, one that failed waits on. Which wipe
    /// waits now. Nothing happens if another one waits, or none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house, and for a device that nobody knows.
    pub fn wipe_told(
        &mut self,
        account: AccountId,
        id: &str,
        kind: WipeKind,
        success: bool,
    ) -> Result<Option<WipeKind>> {
        let waiting = WipeKind::waiting(&self.known_device(account, id)?);
        if waiting != Some(kind) {
            return Ok(waiting);
        }
        if !success {
            self.note_device_event_once(account, id, DeviceDeed::WipeFailed, kind.as_str())?;
            return Ok(waiting);
        }
        self.set_wipe(account, id, DONE)?;
        self.note_device_event(account, id, DeviceDeed::WipeConfirmed, kind.as_str())?;
        Ok(None)
    }

    fn set_wipe(&self, account: AccountId, id: &str, wipe: &str) -> Result<()> {
        const SET: &str = "UPDATE device SET wipe = ?3 WHERE account_id = ?1 AND device_id = ?2";
        self.connection.execute(SET, params![account.0, id, wipe]).map(drop)
    }

    /// Gives a device a policy under a key, until it acknowledges that one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn offer_policy(&mut self, account: AccountId, id: &str, key: i64, hash: &str) -> Result<()> {
        const OFFER: &str = "UPDATE device SET pending_policy_key = ?3, pending_policy_hash = ?4 \
             WHERE account_id = ?1 AND device_id = ?2";
        self.require_owner(account)?;
        self.connection.execute(OFFER, params![account.0, id, key, hash]).map(drop)
    }

    /// The device has taken the policy that it was given last: `key` is its key from now on. What it took is what it
    /// was given, whatever has been set since.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn take_policy(&mut self, account: AccountId, id: &str, key: i64) -> Result<()> {
        const TAKE: &str = "UPDATE device SET policy_key = ?3, policy_hash = pending_policy_hash, policy_taken_at = ?4 \
             WHERE account_id = ?1 AND device_id = ?2";
        self.require_owner(account)?;
        self.connection.execute(TAKE, params![account.0, id, key, self.now().0]).map(drop)
    }

    /// Notes that the device did not take all of the policy; `how` in a word.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn note_policy_not_met(&mut self, account: AccountId, id: &str, how: &str) -> Result<()> {
        if self.device(account, id)?.is_none() {
            return Ok(());
        }
        self.note_device_event_once(account, id, DeviceDeed::PolicyNotMet, how)
    }
}
