//! Which devices of a domain are served: its rules, and its other settings about devices.
//!
//! What an administrator decided about one device stands above the rules; the first rule that fits decides; where none
//! fits the domain's default does, which is to allow.

use crate::access::Admin;
use crate::backend::params;
use crate::device::Device;
use crate::device_expiry::DeviceExpiry;
use crate::error::{Refusal, Result, row_fault};
use crate::setting::Scope;
use crate::transaction::{Read, Write};
use std::fmt;
use std::str::FromStr;
use vocabulary::{AccountId, DomainId};

/// Most rules of one domain.
pub const DEVICE_RULES_MAX: usize = 100;
/// Longest prefix of a rule, in characters.
pub const DEVICE_RULE_CHARACTERS_MAX: usize = 100;

const POLICY: &str = "device-policy";
const RULES: &str = "device-rules";
const EXPIRY: &str = "device-expiry";

/// What is made of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// It is served.
    #[default]
    Allow,
    /// It waits for an administrator's decision, and gets no data.
    Quarantine,
    /// It gets no data.
    Block,
}

/// By what a rule knows devices. All of it is the device's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceTrait {
    /// Its type: `iPhone`, `WindowsOutlook15`.
    Type,
    /// Its model, out of what it told of itself.
    Model,
    /// Its program, from the request or out of what it told of itself.
    Agent,
}

macro_rules! words {
    ($type:ident: $($word:literal => $variant:ident,)+) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// As it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = Refusal;

            fn from_str(text: &str) -> std::result::Result<Self, Refusal> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Refusal::Invalid("that is no word of the rules about devices")),
                }
            }
        }
    };
}

words! { Verdict: "allow" => Allow, "quarantine" => Quarantine, "block" => Block, }
words! { DeviceTrait: "type" => Type, "model" => Model, "agent" => Agent, }

/// One rule: devices whose trait begins with the prefix, in whichever case, get the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRule {
    /// What is made of them.
    pub verdict: Verdict,
    /// What is looked at.
    pub by: DeviceTrait,
    /// With what it begins.
    pub prefix: String,
}

/// The rules of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceRules {
    /// Of a device that no rule fits.
    pub default: Verdict,
    /// The first that fits decides.
    pub rules: Vec<DeviceRule>,
}

impl DeviceRule {
    /// Whether it speaks of a device.
    #[must_use]
    pub fn fits(&self, device: &Device) -> bool {
        let told = |name: &str| {
            device.information.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let begins = |text: &str| text.to_lowercase().starts_with(&self.prefix.to_lowercase());
        match self.by {
            DeviceTrait::Type => begins(&device.device_type),
            DeviceTrait::Model => told("model").is_some_and(begins),
            DeviceTrait::Agent => begins(&device.user_agent) || told("user_agent").is_some_and(begins),
        }
    }
}

impl DeviceRules {
    /// What they make of a device.
    #[must_use]
    pub fn judge(&self, device: &Device) -> Verdict {
        self.rules.iter().find(|rule| rule.fits(device)).map_or(self.default, |rule| rule.verdict)
    }

    fn check(&self) -> std::result::Result<(), Refusal> {
        if self.rules.len() > DEVICE_RULES_MAX {
            return Err(Refusal::Invalid("a domain has at most 100 rules about devices"));
        }
        let good = |rule: &DeviceRule| {
            (1..=DEVICE_RULE_CHARACTERS_MAX).contains(&rule.prefix.chars().count())
                && !rule.prefix.contains(char::is_control)
        };
        if self.rules.iter().all(good) {
            Ok(())
        } else {
            Err(Refusal::Invalid("a rule about devices names 1 to 100 printable characters"))
        }
    }

    fn to_text(&self) -> String {
        let mut text = format!("default {}\n", self.default);
        for DeviceRule { verdict, by, prefix } in &self.rules {
            text.push_str(&format!("{verdict} {by} {prefix}\n"));
        }
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let default = lines.next()?.strip_prefix("default ")?.parse().ok()?;
        let rule = |line: &str| {
            let (verdict, rest) = line.split_once(' ')?;
            let (by, prefix) = rest.split_once(' ')?;
            Some(DeviceRule {
                verdict: verdict.parse().ok()?,
                by: by.parse().ok()?,
                prefix: prefix.to_owned(),
            })
        };
        Some(Self { default, rules: lines.map(rule).collect::<Option<_>>()? })
    }
}

/// What a domain has set about devices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceSettings {
    /// What is demanded of them, as the front end wrote it.
    pub policy: Option<String>,
    /// Which are served.
    pub rules: DeviceRules,
    /// For how long they are remembered.
    pub expiry: DeviceExpiry,
}

impl DeviceSettings {
    fn take(&mut self, name: &str, value: &str) -> Result<()> {
        let damaged = || row_fault(format!("the setting {name} cannot be read"));
        match name {
            POLICY => self.policy = Some(value.to_owned()),
            RULES => self.rules = DeviceRules::parse(value).ok_or_else(damaged)?,
            EXPIRY => self.expiry = DeviceExpiry::parse(value).ok_or_else(damaged)?,
            _ => {}
        }
        Ok(())
    }
}

impl<'tx> Read<'tx> {
    /// What the domain of an account has set about devices.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the owner and the house.
    pub fn device_settings(&self, account: AccountId) -> Result<DeviceSettings> {
        const OF_ACCOUNT: &str = "SELECT s.name, s.value FROM account a \
             JOIN setting s ON s.scope = 'domain/' || a.domain_id WHERE a.id = ?1 AND s.name LIKE 'device-%'";
        self.require_owner(account)?;
        let mut settings = DeviceSettings::default();
        self.connection
            .for_each(OF_ACCOUNT, params![account.0], |row| settings.take(row.text(0)?, row.text(1)?))?;
        Ok(settings)
    }

    /// What a domain has set about devices.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn domain_device_settings(&self, _admin: &Admin<'tx>, domain: DomainId) -> Result<DeviceSettings> {
        let mut settings = DeviceSettings::default();
        for name in [POLICY, RULES, EXPIRY] {
            if let Some(value) = self.setting(Scope::Domain(domain), name)? {
                settings.take(name, &value)?;
            }
        }
        Ok(settings)
    }
}

impl<'tx> Write<'tx> {
    /// Sets what a domain demands of devices, in the words of the front end; the front end has checked them.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`].
    pub fn set_device_policy(&mut self, _admin: &Admin<'tx>, domain: DomainId, policy: &str) -> Result<()> {
        self.put_setting(Scope::Domain(domain), POLICY, policy)
    }

    /// Sets which devices of a domain are served.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for too many rules, and for a prefix that is empty, too long or not printable.
    pub fn set_device_rules(
        &mut self,
        _admin: &Admin<'tx>,
        domain: DomainId,
        rules: &DeviceRules,
    ) -> Result<()> {
        rules.check()?;
        self.put_setting(Scope::Domain(domain), RULES, &rules.to_text())
    }

    /// Sets for how long the devices of a domain are remembered.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for less than no day.
    pub fn set_device_expiry(
        &mut self,
        _admin: &Admin<'tx>,
        domain: DomainId,
        expiry: DeviceExpiry,
    ) -> Result<()> {
        expiry.check()?;
        self.put_setting(Scope::Domain(domain), EXPIRY, &expiry.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vocabulary::Timestamp;

    fn device(device_type: &str, user_agent: &str, information: &str) -> Device {
        Device {
            id: "d".into(),
            device_type: device_type.into(),
            user_agent: user_agent.into(),
            protocol_version: "16.1".into(),
            information: information.into(),
            policy_key: 0,
            pending_policy_key: 0,
            policy_hash: String::new(),
            wipe: String::new(),
            created_at: Timestamp(1),
            last_seen_at: Timestamp(1),
        }
    }

    fn rule(verdict: Verdict, by: DeviceTrait, prefix: &str) -> DeviceRule {
        DeviceRule { verdict, by, prefix: prefix.into() }
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_else_the_default() {
        let rules = DeviceRules {
            default: Verdict::Quarantine,
            rules: vec![
                rule(Verdict::Block, DeviceTrait::Agent, "Outlook-iOS-Android/"),
                rule(Verdict::Allow, DeviceTrait::Type, "iphone"),
                rule(Verdict::Allow, DeviceTrait::Model, "SM-"),
            ],
        };
        let judged = |device_type, agent, told| rules.judge(&device(device_type, agent, told));
        assert_eq!(judged("iPhone", "Outlook-iOS-Android/1.0", ""), Verdict::Block);
        assert_eq!(judged("iPhone", "", "user_agent: outlook-ios-android/2\n"), Verdict::Block);
        assert_eq!(judged("iPhone", "Apple-iPhone15C2", ""), Verdict::Allow);
        assert_eq!(judged("SamsungDevice", "", "imei: 1\nmodel: sm-a5\n"), Verdict::Allow);
        assert_eq!(judged("SamsungDevice", "", "friendly_name: SM-A5\n"), Verdict::Quarantine);
        assert_eq!(judged("iPhon", "", ""), Verdict::Quarantine);
        assert_eq!(DeviceRules::default().judge(&device("x", "", "")), Verdict::Allow);
    }

    #[test]
    fn rules_read_back_as_they_were_written_and_bad_ones_are_refused() {
        let rules = DeviceRules {
            default: Verdict::Block,
            rules: vec![rule(Verdict::Quarantine, DeviceTrait::Model, "Pixel 9 Pro ")],
        };
        assert_eq!(DeviceRules::parse(&rules.to_text()), Some(rules));
        for bad in ["", "default maybe\n", "default allow\nallow colour red\n", "default allow\nallow type\n"]
        {
            assert_eq!(DeviceRules::parse(bad), None, "{bad:?}");
        }
        let with = |rules| DeviceRules { default: Verdict::Allow, rules }.check();
        assert!(
            with(vec![rule(Verdict::Block, DeviceTrait::Type, &"x".repeat(100)); DEVICE_RULES_MAX]).is_ok()
        );
        assert!(with(vec![rule(Verdict::Block, DeviceTrait::Type, "x"); DEVICE_RULES_MAX + 1]).is_err());
        for prefix in ["", "a\nallow type b", &"x".repeat(101)] {
            assert!(with(vec![rule(Verdict::Block, DeviceTrait::Type, prefix)]).is_err(), "{prefix:?}");
        }
    }
}
