//! What a policy can demand of a device: the elements of EASProvisionDoc. MS-ASPROV section 2.2.2.28.

use std::ops::RangeInclusive;
use wbxml::page::provision as page;
use wbxml::{Element, Tag, encode};

use crate::version::Version;

/// Which values a setting takes, and which of them demands nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// 0 or 1.
    Flag {
        /// The one that demands nothing.
        mild: i64,
    },
    /// Some numbers.
    Among {
        /// Which.
        numbers: &'static [i64],
        /// The one that demands nothing.
        mild: i64,
    },
    /// All numbers of a range.
    Range {
        /// Which.
        range: RangeInclusive<i64>,
        /// The one that demands nothing; none: an empty element does.
        mild: Option<i64>,
    },
}

impl Values {
    /// Whether a setting may have a value.
    #[must_use]
    pub fn contain(&self, value: i64) -> bool {
        match self {
            Self::Flag { .. } => matches!(value, 0 | 1),
            Self::Among { numbers, .. } => numbers.contains(&value),
            Self::Range { range, .. } => range.contains(&value),
        }
    }

    /// What demands nothing: a value, or an empty element.
    #[must_use]
    pub fn mild(&self) -> Option<i64> {
        match self {
            Self::Flag { mild } | Self::Among { mild, .. } => Some(*mild),
            Self::Range { mild, .. } => *mild,
        }
    }

    /// In words: `0 or 1`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Flag { .. } => "0 or 1".to_owned(),
            Self::Among { numbers, .. } => {
                numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            Self::Range { range, .. } => format!("{} to {}", range.start(), range.end()),
        }
    }
}

/// The settings of a policy. Only what is set is sent, and only what the version knows; so a hash over
/// [`PolicyDocument::encode`] changes exactly when a device of that version has to take the policy anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDocument {
    values: Vec<(Setting, Option<i64>)>,
    /// Programs of the device that may not run; empty: the list is sent without names, because it had some.
    pub unapproved_applications: Option<Vec<String>>,
    /// Hashes (SHA-1, base64) of the only programs that may be installed; empty: as above.
    pub approved_application_hashes: Option<Vec<String>>,
}

macro_rules! policy_settings {
    ($($variant:ident, $tag:ident, $since:ident, $values:expr;)+) => {
        /// A setting with a number or boolean (0, 1) as value: MS-ASPROV section 2.2.2.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Setting {
            $(#[doc = concat!("`", stringify!($variant), "`")] $variant,)+
        }

        impl Setting {
            /// All of them, in the order of the document.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// As in the specification; also for configuration.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }

            /// Which values it takes.
            #[must_use]
            pub fn values(self) -> Values {
                match self {
                    $(Self::$variant => $values,)+
                }
            }

            fn row(self) -> (Tag, Version) {
                match self {
                    $(Self::$variant => (page::$tag, Version::$since),)+
                }
            }
        }
    };
}

/// What is 1 unless something is demanded.
const ALLOWED: Values = Values::Flag { mild: 1 };
/// What is 0 unless something is demanded.
const DEMANDED: Values = Values::Flag { mild: 0 };
const UNSIGNED: i64 = 0xffff_ffff;

const fn or_empty(from: i64, to: i64) -> Values {
    Values::Range { range: from..=to, mild: None }
}

const fn number(from: i64, to: i64, mild: i64) -> Values {
    Values::Range { range: from..=to, mild: Some(mild) }
}

const fn among(numbers: &'static [i64], mild: i64) -> Values {
    Values::Among { numbers, mild }
}

policy_settings! {
    DevicePasswordEnabled, DEVICE_PASSWORD_ENABLED, V12_1, DEMANDED;
    // MS-ASPROV R184
    AlphanumericDevicePasswordRequired, ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED, V12_1, DEMANDED;
    PasswordRecoveryEnabled, PASSWORD_RECOVERY_ENABLED, V12_1, DEMANDED; // MS-ASPROV R293
    RequireStorageCardEncryption, REQUIRE_STORAGE_CARD_ENCRYPTION, V12_1, DEMANDED; // MS-ASPROV R361
    AttachmentsEnabled, ATTACHMENTS_ENABLED, V12_1, ALLOWED; // MS-ASPROV R205
    MinDevicePasswordLength, MIN_DEVICE_PASSWORD_LENGTH, V12_1, or_empty(1, 16); // MS-ASPROV R288
    MaxInactivityTimeDeviceLock, MAX_INACTIVITY_TIME_DEVICE_LOCK, V12_1, or_empty(1, UNSIGNED); // MS-ASPROV R278
    // MS-ASPROV R253
    MaxDevicePasswordFailedAttempts, MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS, V12_1, or_empty(4, 16);
    MaxAttachmentSize, MAX_ATTACHMENT_SIZE, V12_1, or_empty(0, UNSIGNED);
    AllowSimpleDevicePassword, ALLOW_SIMPLE_DEVICE_PASSWORD, V12_1, ALLOWED;
    DevicePasswordExpiration, DEVICE_PASSWORD_EXPIRATION, V12_1, or_empty(0, UNSIGNED); // MS-ASPROV R219
    DevicePasswordHistory, DEVICE_PASSWORD_HISTORY, V12_1, number(0, UNSIGNED, 0); // MS-ASPROV R226
    AllowStorageCard, ALLOW_STORAGE_CARD, V12_1, ALLOWED;
    AllowCamera, ALLOW_CAMERA, V12_1, ALLOWED;
    RequireDeviceEncryption, REQUIRE_DEVICE_ENCRYPTION, V12_1, DEMANDED; // MS-ASPROV R328
    AllowUnsignedApplications, ALLOW_UNSIGNED_APPLICATIONS, V12_1, ALLOWED;
    AllowUnsignedInstallationPackages, ALLOW_UNSIGNED_INSTALLATION_PACKAGES, V12_1, ALLOWED;
    // MS-ASPROV R282
    MinDevicePasswordComplexCharacters, MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS, V12_1, number(1, 4, 1);
    AllowWiFi, ALLOW_WI_FI, V12_1, ALLOWED;
    AllowTextMessaging, ALLOW_TEXT_MESSAGING, V12_1, ALLOWED;
    AllowPOPIMAPEmail, ALLOW_POPIMAP_EMAIL, V12_1, ALLOWED;
    AllowBluetooth, ALLOW_BLUETOOTH, V12_1, among(&[0, 1, 2], 2); // MS-ASPROV R72
    AllowIrDA, ALLOW_IR_DA, V12_1, ALLOWED;
    RequireManualSyncWhenRoaming, REQUIRE_MANUAL_SYNC_WHEN_ROAMING, V12_1, DEMANDED; // MS-ASPROV R346
    AllowDesktopSync, ALLOW_DESKTOP_SYNC, V12_1, ALLOWED;
    MaxCalendarAgeFilter, MAX_CALENDAR_AGE_FILTER, V12_1, among(&[0, 4, 5, 6, 7], 0); // MS-ASPROV R245
    AllowHTMLEmail, ALLOW_HTML_EMAIL, V12_1, ALLOWED;
    MaxEmailAgeFilter, MAX_EMAIL_AGE_FILTER, V12_1, among(&[0, 1, 2, 3, 4, 5], 0); // MS-ASPROV R257
    // MS-ASPROV R266
    MaxEmailBodyTruncationSize, MAX_EMAIL_BODY_TRUNCATION_SIZE, V12_1, number(-1, 0x7fff_ffff, -1);
    // MS-ASPROV R272
    MaxEmailHTMLBodyTruncationSize, MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE, V12_1, number(-1, 0x7fff_ffff, -1);
    RequireSignedSMIMEMessages, REQUIRE_SIGNED_SMIME_MESSAGES, V12_1, DEMANDED; // MS-ASPROV R356
    RequireEncryptedSMIMEMessages, REQUIRE_ENCRYPTED_SMIME_MESSAGES, V12_1, DEMANDED; // MS-ASPROV R333
    RequireSignedSMIMEAlgorithm, REQUIRE_SIGNED_SMIME_ALGORITHM, V12_1, among(&[0, 1], 0); // MS-ASPROV R351
    // MS-ASPROV R338
    RequireEncryptionSMIMEAlgorithm, REQUIRE_ENCRYPTION_SMIME_ALGORITHM, V12_1, among(&[0, 1, 2, 3, 4], 0);
    // MS-ASPROV R145
    AllowSMIMEEncryptionAlgorithmNegotiation, ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION, V12_1, among(&[0, 1, 2], 2);
    AllowSMIMESoftCerts, ALLOW_SMIME_SOFT_CERTS, V12_1, ALLOWED;
    AllowBrowser, ALLOW_BROWSER, V12_1, ALLOWED;
    AllowConsumerEmail, ALLOW_CONSUMER_EMAIL, V12_1, ALLOWED;
    AllowRemoteDesktop, ALLOW_REMOTE_DESKTOP, V12_1, ALLOWED;
    AllowInternetSharing, ALLOW_INTERNET_SHARING, V12_1, ALLOWED;
}

impl PolicyDocument {
    /// Sets one value, in place of an earlier one. None is what was set before and is not any more: its mild value, or
    /// an empty element where there is none (MS-ASPROV R652).
    #[must_use]
    pub fn with(mut self, setting: Setting, value: Option<i64>) -> Self {
        match self.values.binary_search_by_key(&setting, |row| row.0) {
            Ok(at) => {
                if let Some(row) = self.values.get_mut(at) {
                    row.1 = value;
                }
            }
            Err(at) => self.values.insert(at, (setting, value)),
        }
        self
    }

    /// What is set, in the order of the document.
    pub fn values(&self) -> impl Iterator<Item = (Setting, Option<i64>)> + '_ {
        self.values.iter().copied()
    }

    /// Whether it asks anything of a device.
    #[must_use]
    pub fn demands(&self) -> bool {
        let names = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|names| !names.is_empty());
        names(&self.unapproved_applications)
            || names(&self.approved_application_hashes)
            || self.values().any(|(setting, value)| value.is_some() && value != setting.values().mild())
    }

    /// The document alone, to be hashed: MS-ASPROV R652 and the note at [`PolicyDocument`].
    #[must_use]
    pub fn encode(&self, version: Version) -> Vec<u8> {
        encode(&self.element(version))
    }

    pub(super) fn element(&self, version: Version) -> Element {
        let mut document = Element::new(page::EAS_PROVISION_DOC);
        for (setting, value) in self.values() {
            let (tag, since) = setting.row();
            if version < since {
                continue;
            }
            document.push(match value.or(setting.values().mild()) {
                Some(value) => Element::text(tag, value.to_string()),
                None => Element::new(tag),
            });
        }
        for (list, entry, names) in [
            (page::UNAPPROVED_IN_ROM_APPLICATION_LIST, page::APPLICATION_NAME, &self.unapproved_applications),
            (page::APPROVED_APPLICATION_LIST, page::HASH, &self.approved_application_hashes),
        ] {
            if let Some(names) = names {
                let mut element = Element::new(list);
                for name in names {
                    element.push(Element::text(entry, name.clone()));
                }
                document.push(element);
            }
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-ASPROV R70 R71 R80 R81 R85 R86 R92 R93 R97 R98 R104 R105 R109 R110 R116 R117 R123 R124 R128 R129
    // MS-ASPROV R135 R137 R143 R144 R149 R150 R154 R155 R160 R161 R166 R167 R171 R172 R176 R177 R182 R183
    // MS-ASPROV R203 R204 R211 R212 R216 R218 R224 R225 R232 R235 R236 R240 R241 R242 R243 R244 R251 R252
    // MS-ASPROV R255 R256 R265 R271 R276 R277 R280 R281 R286 R287 R291 R292 R326 R327 R331 R332 R336 R337
    // MS-ASPROV R344 R345 R349 R350 R354 R355 R359 R360
    #[test]
    fn every_setting_has_one_element_of_its_name_with_nothing_but_its_value() {
        let full = Setting::ALL.iter().fold(PolicyDocument::default(), |policy, setting| {
            let value = (0..=9).rev().find(|value| setting.values().contain(*value));
            policy.with(*setting, Some(9)).with(*setting, value)
        });
        for version in Version::ALL {
            let root = wbxml::decode(&full.encode(version), &wbxml::Limits::default()).unwrap();
            assert_eq!(root.tag.name(), Some("EASProvisionDoc"));
            let told: Vec<_> = root.children().map(|child| child.tag.name().unwrap()).collect();
            let asked: Vec<_> = Setting::ALL.iter().map(|setting| setting.name()).collect();
            assert_eq!(told, asked, "each once, and nothing else");
            for (setting, element) in Setting::ALL.iter().zip(root.children()) {
                assert_eq!(element.children().count(), 0, "{}", setting.name());
                let value = element.value().parse().unwrap();
                assert!(setting.values().contain(value), "{} {value}", setting.name());
            }
        }
    }

    // MS-ASPROV R189 R194 R195 R199 R202 R404 R405 R408 R409
    #[test]
    fn lists_of_programs_have_their_entries_and_nothing_else() {
        let policy = PolicyDocument {
            unapproved_applications: Some(vec!["game.exe".into(), "other.exe".into()]),
            approved_application_hashes: Some(vec!["2jmj7l5rSw0yVb/vlWAYkK/YBwk=".into()]),
            ..PolicyDocument::default()
        };
        let root = wbxml::decode(&policy.encode(Version::V12_1), &wbxml::Limits::default()).unwrap();
        for (list, entry, names) in [
            (
                page::UNAPPROVED_IN_ROM_APPLICATION_LIST,
                page::APPLICATION_NAME,
                policy.unapproved_applications.as_ref().unwrap(),
            ),
            (
                page::APPROVED_APPLICATION_LIST,
                page::HASH,
                policy.approved_application_hashes.as_ref().unwrap(),
            ),
        ] {
            assert_eq!(root.all(list).count(), 1);
            let told: Vec<_> = root.child(list).unwrap().children().collect();
            assert!(told.iter().all(|one| one.tag == entry && one.children().count() == 0));
            assert!(told.iter().map(|one| one.value()).eq(names.iter().map(|name| name.as_str())));
        }
    }

    #[test]
    fn what_was_set_once_is_told_by_its_mild_value_or_an_empty_element() {
        let values = Setting::ALL.iter().fold(PolicyDocument::default(), |all, one| all.with(*one, None));
        let unset = PolicyDocument {
            unapproved_applications: Some(Vec::new()),
            approved_application_hashes: Some(Vec::new()),
            ..values
        };
        assert!(!unset.demands());
        let root = unset.element(Version::V16_1);
        for (setting, element) in Setting::ALL.iter().zip(root.children()) {
            let told = element.value().into_owned();
            let mild = setting.values().mild().map(|value| value.to_string()).unwrap_or_default();
            assert_eq!(told, mild, "{}", setting.name());
        }
        for list in [page::UNAPPROVED_IN_ROM_APPLICATION_LIST, page::APPROVED_APPLICATION_LIST] {
            assert!(root.child(list).unwrap().is_empty());
        }
        assert!(PolicyDocument::default().element(Version::V16_1).is_empty());
    }

    #[test]
    fn a_policy_demands_something_as_soon_as_one_value_is_not_the_mild_one() {
        for setting in Setting::ALL {
            let values = setting.values();
            let mild = values.mild();
            assert!(mild.is_none_or(|value| values.contain(value)), "{}", setting.name());
            assert!(!PolicyDocument::default().with(*setting, mild).demands());
            let other = (-1..=5).find(|value| values.contain(*value) && Some(*value) != mild).unwrap();
            assert!(PolicyDocument::default().with(*setting, Some(other)).demands());
        }
        let listed = PolicyDocument {
            unapproved_applications: Some(vec!["game.exe".into()]),
            ..PolicyDocument::default()
        };
        assert!(listed.demands());
    }

    // MS-ASPROV R106 R205 R245 R257 R266 R272 R333 R338 R351 R356
    #[test]
    fn values_outside_of_their_table_are_none() {
        for (setting, good, bad) in [
            (Setting::AllowBluetooth, &[0, 1, 2][..], &[-1, 3][..]),
            (Setting::AllowCamera, &[0, 1], &[2, -1]),
            (Setting::AllowHTMLEmail, &[0, 1], &[2, -1]),
            (Setting::AttachmentsEnabled, &[0, 1], &[2, -1]),
            (Setting::RequireEncryptedSMIMEMessages, &[0, 1], &[2, -1]),
            (Setting::RequireSignedSMIMEMessages, &[0, 1], &[2, -1]),
            (Setting::RequireEncryptionSMIMEAlgorithm, &[0, 4], &[5, -1]),
            (Setting::RequireSignedSMIMEAlgorithm, &[0, 1], &[2, -1]),
            (Setting::MaxEmailHTMLBodyTruncationSize, &[-1, 0, 1024], &[-2]),
            (Setting::MinDevicePasswordLength, &[1, 16], &[0, 17]),
            (Setting::MaxDevicePasswordFailedAttempts, &[4, 16], &[0, 3, 17]),
            (Setting::MinDevicePasswordComplexCharacters, &[1, 4], &[0, 5]),
            (Setting::MaxCalendarAgeFilter, &[0, 4, 7], &[1, 3, 8]),
            (Setting::MaxEmailAgeFilter, &[0, 5], &[6]),
            (Setting::MaxEmailBodyTruncationSize, &[-1, 0, 1024], &[-2]),
            (Setting::MaxAttachmentSize, &[0, UNSIGNED], &[-1, UNSIGNED + 1]),
        ] {
            assert!(good.iter().all(|value| setting.values().contain(*value)), "{}", setting.name());
            assert!(!bad.iter().any(|value| setting.values().contain(*value)), "{}", setting.name());
        }
        assert_eq!(Setting::MaxCalendarAgeFilter.values().words(), "0, 4, 5, 6, 7");
        assert_eq!(Setting::MinDevicePasswordLength.values().words(), "1 to 16");
    }
}
