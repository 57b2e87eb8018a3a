//! What a domain demands of phones. Unless it has set something that is mild: nothing is demanded.
//!
//! The setting is a text of lines, `NAME VALUE`; a name alone is what was set before and is not any more, which the
//! devices that took it are told (MS-ASPROV R1044, R1045).

use activesync_wire::Version;
use activesync_wire::command::policy::{PolicyDocument, Setting};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use storage::{DeviceSettings, Store};
use vocabulary::{AccountId, Timestamp};

/// Whether a device may come in that cannot apply all of the policy, or did not.
const NON_PROVISIONABLE: &str = "AllowNonProvisionableDevices";
/// Whether a device may come in that says it is managed by somebody else.
const EXTERNAL: &str = "AllowExternalDeviceManagement";
/// After how many hours the policy is to be taken anew, changed or not.
const REFRESH: &str = "PolicyRefreshHours";
/// Most of them: a year.
const REFRESH_HOURS_MAX: i64 = 8_760;
/// Programs of the device that may not run.
const UNAPPROVED: &str = "UnapprovedInROMApplicationList";
/// Hashes of the only programs that may be installed.
const APPROVED: &str = "ApprovedApplicationList";

/// Most entries of a list.
const ENTRIES_MAX: usize = 200;
/// Longest name of a program, in characters.
const ENTRY_CHARACTERS_MAX: usize = 200;
const SHA_1_BYTES: usize = 20;
const HOUR_MS: i64 = 3_600_000;

/// Why a policy cannot be set so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// There is no such setting.
    #[error("there is no setting '{0}'")]
    Unknown(String),
    /// It takes other values.
    #[error("{setting} takes {expected}")]
    Value {
        /// Which.
        setting: &'static str,
        /// What it takes.
        expected: String,
    },
}

/// What a domain demands of phones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DomainPolicy {
    document: PolicyDocument,
    non_provisionable: Option<bool>,
    external: Option<bool>,
    refresh_hours: Option<i64>,
}

impl DomainPolicy {
    /// Reads what [`DomainPolicy::to_text`] wrote; nothing if it is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut policy = Self::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some((name, value)) => policy.set(name, value).ok()?,
                None => policy.unset(line).ok()?,
            }
        }
        Some(policy)
    }

    /// Of these settings of a domain; nothing if they cannot be read.
    pub(crate) fn of(settings: &DeviceSettings) -> Option<Self> {
        settings.policy.as_deref().map_or_else(|| Some(Self::default()), Self::parse)
    }

    /// As it is kept.
    #[must_use]
    pub fn to_text(&self) -> String {
        let line = |(name, value): (&str, String)| match value.as_str() {
            "" => format!("{name}\n"),
            value => format!("{name} {value}\n"),
        };
        self.rows().into_iter().map(line).collect()
    }

    /// What was set: names and values, empty for what was set once and is not any more. A list has a row for each
    /// entry.
    #[must_use]
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let value = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut rows: Vec<_> =
            self.document.values().map(|(setting, number)| (setting.name(), value(number))).collect();
        for (name, list) in [
            (UNAPPROVED, &self.document.unapproved_applications),
            (APPROVED, &self.document.approved_application_hashes),
        ] {
            match list.as_deref() {
                None => {}
                Some([]) => rows.push((name, String::new())),
                Some(entries) => rows.extend(entries.iter().map(|entry| (name, entry.clone()))),
            }
        }
        for (name, flag) in [(NON_PROVISIONABLE, self.non_provisionable), (EXTERNAL, self.external)] {
            if let Some(flag) = flag {
                rows.push((name, i64::from(flag).to_string()));
            }
        }
        rows.extend(self.refresh_hours.map(|hours| (REFRESH, hours.to_string())));
        rows
    }

    /// All that can be set, and which values it takes.
    #[must_use]
    pub fn settings() -> Vec<(&'static str, String)> {
        let mut all: Vec<_> =
            Setting::ALL.iter().map(|setting| (setting.name(), setting.values().words())).collect();
        all.push((UNAPPROVED, "a program's name; each one is added".to_owned()));
        all.push((APPROVED, "a program's SHA-1 in base64; each one is added".to_owned()));
        all.push((NON_PROVISIONABLE, "0 or 1; 1 unless something is demanded".to_owned()));
        all.push((EXTERNAL, "0 or 1; 1 unless something is demanded".to_owned()));
        all.push((REFRESH, refresh_values()));
        all
    }

    /// Sets one value, or adds an entry to a list. Names are read in any case.
    ///
    /// # Errors
    /// [`PolicyError`]; nothing has changed then.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), PolicyError> {
        let wrong = |setting, expected: &str| PolicyError::Value { setting, expected: expected.to_owned() };
        let flag = |setting| match value.trim() {
            "0" => Ok(Some(false)),
            "1" => Ok(Some(true)),
            _ => Err(wrong(setting, "0 or 1")),
        };
        match Name::of(name)? {
            Name::NonProvisionable => self.non_provisionable = flag(NON_PROVISIONABLE)?,
            Name::External => self.external = flag(EXTERNAL)?,
            Name::Refresh => {
                let hours = value.trim().parse().ok().filter(|hours| (1..=REFRESH_HOURS_MAX).contains(hours));
                self.refresh_hours = Some(hours.ok_or_else(|| wrong(REFRESH, &refresh_values()))?);
            }
            Name::Setting(setting) => {
                let values = setting.values();
                let number = value.trim().parse().ok().filter(|number| values.contain(*number));
                let number = number.ok_or_else(|| wrong(setting.name(), &values.words()))?;
                self.document = std::mem::take(&mut self.document).with(setting, Some(number));
            }
            Name::Unapproved => {
                let good = (1..=ENTRY_CHARACTERS_MAX).contains(&value.trim().chars().count())
                    && !value.contains(char::is_control);
                let expected = "a program's name of at most 200 characters, and 200 names at most";
                add(&mut self.document.unapproved_applications, value, good)
                    .ok_or_else(|| wrong(UNAPPROVED, expected))?;
            }
            Name::Approved => {
                let hash = STANDARD.decode(value.trim());
                let good = hash.is_ok_and(|hash| hash.len() == SHA_1_BYTES);
                let expected = "a program's SHA-1 in base64, and 200 of them at most";
                add(&mut self.document.approved_application_hashes, value, good)
                    .ok_or_else(|| wrong(APPROVED, expected))?;
            }
        }
        Ok(())
    }

    /// Takes a setting or a whole list back. Devices that took it are told what demands nothing.
    ///
    /// # Errors
    /// [`PolicyError::Unknown`].
    pub fn unset(&mut self, name: &str) -> Result<(), PolicyError> {
        match Name::of(name)? {
            Name::NonProvisionable => self.non_provisionable = None,
            Name::External => self.external = None,
            Name::Refresh => self.refresh_hours = None,
            Name::Setting(setting) => {
                self.document = std::mem::take(&mut self.document).with(setting, None);
            }
            Name::Unapproved => self.document.unapproved_applications = Some(Vec::new()),
            Name::Approved => self.document.approved_application_hashes = Some(Vec::new()),
        }
        Ok(())
    }

    /// Takes all of it back.
    pub fn clear(&mut self) {
        for (name, _) in self.rows() {
            // Every row has a name that is known.
            let _known = self.unset(name);
        }
    }

    /// What a device is given.
    pub(crate) fn document(&self) -> PolicyDocument {
        let base = PolicyDocument::default()
            .with(Setting::DevicePasswordEnabled, None)
            .with(Setting::AttachmentsEnabled, None)
            .with(Setting::AllowSimpleDevicePassword, None);
        let values = self.document.values();
        let mut whole = values.fold(base, |document, (setting, value)| document.with(setting, value));
        whole.unapproved_applications.clone_from(&self.document.unapproved_applications);
        whole.approved_application_hashes.clone_from(&self.document.approved_application_hashes);
        whole
    }

    /// Its hash, as a device of this version gets it: another hash means that the device must take it anew.
    pub(crate) fn hash(&self, store: &Store, account: AccountId, version: Version) -> String {
        use std::fmt::Write;
        let mut text = String::with_capacity(32);
        for byte in store.fingerprint(account, &self.document().encode(version)).iter().take(16) {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Whether a policy that was taken then is to be taken anew by now.
    pub(crate) fn is_old(&self, taken_at: Timestamp, now: Timestamp) -> bool {
        self.refresh_hours.is_some_and(|hours| now.0 - taken_at.0 >= hours * HOUR_MS)
    }

    /// Whether a device may come in that took only a part of it, or none.
    #[must_use]
    pub fn allows_non_provisionable(&self) -> bool {
        self.non_provisionable.unwrap_or_else(|| !self.document.demands())
    }

    /// Whether a device may come in that says it is managed by somebody else.
    #[must_use]
    pub fn allows_external(&self) -> bool {
        self.external.unwrap_or_else(|| !self.document.demands())
    }
}

/// What can be set.
enum Name {
    Setting(Setting),
    Unapproved,
    Approved,
    NonProvisionable,
    External,
    Refresh,
}

impl Name {
    fn of(name: &str) -> Result<Self, PolicyError> {
        let is = |known: &str| known.eq_ignore_ascii_case(name.trim());
        if let Some(setting) = Setting::ALL.iter().find(|setting| is(setting.name())) {
            return Ok(Self::Setting(*setting));
        }
        let others = [
            (UNAPPROVED, Self::Unapproved),
            (APPROVED, Self::Approved),
            (NON_PROVISIONABLE, Self::NonProvisionable),
            (EXTERNAL, Self::External),
            (REFRESH, Self::Refresh),
        ];
        let found = others.into_iter().find(|(known, _)| is(known));
        found.map(|(_, name)| name).ok_or_else(|| PolicyError::Unknown(name.to_owned()))
    }
}

fn refresh_values() -> String {
    format!("hours, 1 to {REFRESH_HOURS_MAX}")
}

fn add(list: &mut Option<Vec<String>>, entry: &str, good: bool) -> Option<()> {
    let entry = entry.trim().to_owned();
    if !good {
        return None;
    }
    let entries = list.get_or_insert_default();
    if !entries.contains(&entry) {
        if entries.len() >= ENTRIES_MAX {
            return None;
        }
        entries.push(entry);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA_1: &str = "2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

    #[test]
    fn a_policy_reads_back_as_it_was_set() {
        let mut policy = DomainPolicy::default();
        assert_eq!(policy.to_text(), "");
        for (name, value) in [
            ("devicepasswordenabled", "1"),
            ("MinDevicePasswordLength", "6"),
            ("MaxEmailBodyTruncationSize", "-1"),
            ("UnapprovedInROMApplicationList", "bad game.exe"),
            ("UnapprovedInROMApplicationList", "other.exe"),
            ("ApprovedApplicationList", SHA_1),
            ("AllowNonProvisionableDevices", "1"),
            ("policyrefreshhours", "8760"),
        ] {
            policy.set(name, value).unwrap();
        }
        policy.unset("MinDevicePasswordLength").unwrap();
        assert_eq!(DomainPolicy::parse(&policy.to_text()).as_ref(), Some(&policy));
        assert!(policy.to_text().contains("DevicePasswordEnabled 1\nMinDevicePasswordLength\n"));
        policy.clear();
        assert!(!policy.document.demands(), "{policy:?}");
        assert_eq!(DomainPolicy::parse(&policy.to_text()).as_ref(), Some(&policy));
    }

    #[test]
    fn a_value_outside_of_its_range_changes_nothing() {
        let mut policy = DomainPolicy::default();
        for (name, value) in [
            ("NoSuchSetting", "1"),
            ("AllowCamera", "yes"),
            ("AllowBluetooth", "3"),
            ("MinDevicePasswordLength", "17"),
            ("UnapprovedInROMApplicationList", ""),
            ("UnapprovedInROMApplicationList", "a\nAllowCamera 1"),
            ("ApprovedApplicationList", "AAAA"),
            ("AllowExternalDeviceManagement", "2"),
            ("PolicyRefreshHours", "0"),
            ("PolicyRefreshHours", "8761"),
        ] {
            assert!(policy.set(name, value).is_err(), "{name} {value}");
        }
        assert!(policy.document.values().next().is_none() && !policy.document.demands());
        assert_eq!(DomainPolicy::parse("AllowCamera 7\n"), None);
        for number in 0..ENTRIES_MAX {
            policy.set(UNAPPROVED, &number.to_string()).unwrap();
        }
        assert!(policy.set(UNAPPROVED, "one more").is_err());
    }

    #[test]
    fn whoever_cannot_apply_it_comes_in_until_something_is_demanded() {
        let mut policy = DomainPolicy::default();
        assert!(policy.allows_non_provisionable() && policy.allows_external());
        policy.set("AllowCamera", "0").unwrap();
        assert!(!policy.allows_non_provisionable() && !policy.allows_external());
        policy.set("AllowNonProvisionableDevices", "1").unwrap();
        assert!(policy.allows_non_provisionable() && !policy.allows_external());
    }

    #[test]
    fn every_setting_that_is_listed_can_be_set() {
        let mut policy = DomainPolicy::default();
        for (name, _) in DomainPolicy::settings() {
            assert!([SHA_1, "1", "4"].iter().any(|value| policy.set(name, value).is_ok()), "{name}");
            policy.unset(name).unwrap();
        }
    }
}
