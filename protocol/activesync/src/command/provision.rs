//! Provision: policies in two phases, and wipes. MS-ASPROV.
//!
//! First the device asks and gets the policy under a temporary key; then it acknowledges that key and gets
//! the final one, which differs (MS-ASPROV R650, R662). A key of 0 counts as none.
//!
//! What is absent: the WAP form of policies (2.5), which is answered with policy status 3.

use wbxml::page::{provision as page, settings};
use wbxml::{Element, Tag, encode};

use super::settings::DeviceInformation;
use crate::error::RequestError;
use crate::parse;
use crate::status::{CommonStatus, PolicyStatus, ProvisionStatus, SettingsStatus};
use crate::version::Version;

/// The only policy type of 12.0 and later: MS-ASPROV R971.
pub const POLICY_TYPE: &str = "MS-EAS-Provisioning-WBXML";

/// How much a wipe takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wipe {
    /// The whole device.
    Device,
    /// The account only; 16.1.
    Account,
}

/// What the device wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What the device says of itself; from 14.1 always there in the first phase.
    pub device: Option<DeviceInformation>,
    /// Which phase.
    pub phase: Phase,
}

/// Where a device stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// First: which policy is there? `policy_type` other than [`POLICY_TYPE`] is answered with
    /// [`PolicyStatus::UnknownPolicyType`].
    Ask {
        /// As the client sent it.
        policy_type: String,
    },
    /// Second: the policy was taken, or not.
    Acknowledge {
        /// As the client sent it.
        policy_type: String,
        /// The temporary key; `None` if it is no number, which is answered with [`PolicyStatus::WrongKey`].
        key: Option<u32>,
        /// 1 taken, 2 in part, 3 not, 4 managed elsewhere.
        status: u8,
    },
    /// Asks whether to wipe.
    AskForWipe,
    /// Tells how the wipe went.
    WipeDone {
        /// Which wipe.
        wipe: Wipe,
        /// Whether it succeeded (status 1).
        success: bool,
    },
}

impl Request {
    /// Reads `<Provision>`.
    ///
    /// # Errors
    /// Status 165 if a device of 14.1 or later asks for the policy and says nothing of itself, 2 if the
    /// document is malformed.
    pub fn parse(root: &Element, version: Version) -> Result<Self, RequestError> {
        parse::expect_root(root, page::PROVISION)?;
        let device = root.child(settings::DEVICE_INFORMATION).map(DeviceInformation::parse).transpose()?;
        let phase = phase(root)?;
        if matches!(phase, Phase::Ask { .. }) && device.is_none() && version >= Version::V14_1 {
            return Err(RequestError::common(
                CommonStatus::DeviceInformationRequired,
                "no DeviceInformation",
            ));
        }
        Ok(Self { device, phase })
    }
}

fn phase(root: &Element) -> Result<Phase, RequestError> {
    for (tag, wipe) in [(page::REMOTE_WIPE, Wipe::Device), (page::ACCOUNT_ONLY_REMOTE_WIPE, Wipe::Account)] {
        if let Some(done) = root.child(tag) {
            let status: u8 = parse::child_number(done, page::STATUS, "wipe status is no number")?
                .ok_or(RequestError::Structure("wipe without Status"))?;
            return Ok(Phase::WipeDone { wipe, success: status == 1 });
        }
    }
    let Some(policies) = root.child(page::POLICIES) else { return Ok(Phase::AskForWipe) };
    let policy = policies.child(page::POLICY).ok_or(RequestError::Structure("no Policy"))?;
    let policy_type = parse::required(policy, page::POLICY_TYPE, "no PolicyType")?;
    let key = parse::optional(policy, page::POLICY_KEY)?.filter(|key| !matches!(key.trim(), "" | "0"));
    Ok(match key {
        None => Phase::Ask { policy_type },
        Some(key) => Phase::Acknowledge {
            policy_type,
            key: key.trim().parse().ok(),
            status: parse::child_number(policy, page::STATUS, "policy status is no number")?.unwrap_or(1),
        },
    })
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// How the command went.
    pub status: ProvisionStatus,
    /// The answer to DeviceInformation, if the request had some.
    pub device: Option<SettingsStatus>,
    /// The answer about the policy.
    pub policy: Option<PolicyAnswer>,
    /// A wipe that waits, or that failed and is asked for again.
    pub wipe: Option<Wipe>,
}

/// What is said of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// As in the request.
    pub policy_type: String,
    /// How it went.
    pub status: PolicyStatus,
    /// The temporary key in the first phase, the final one in the second; none after a failure.
    pub key: Option<u32>,
    /// The policy, in the first phase only (MS-ASPROV R601).
    pub document: Option<PolicyDocument>,
}

impl Response {
    /// The document, in the order of MS-ASPROV section 3.2.5.1.1.
    #[must_use]
    pub fn encode(&self, version: Version) -> Vec<u8> {
        let mut root = Element::new(page::PROVISION);
        if let Some(status) = self.device {
            root.push(DeviceInformation::answer(status));
        }
        root.push(Element::text(page::STATUS, self.status.code().to_string()));
        if let Some(policy) = &self.policy {
            root.push(Element::new(page::POLICIES).with(policy.element(version)));
        }
        match self.wipe {
            Some(Wipe::Device) => root.push(Element::new(page::REMOTE_WIPE)), // MS-ASPROV R653
            Some(Wipe::Account) => root.push(Element::new(page::ACCOUNT_ONLY_REMOTE_WIPE)),
            None => {}
        }
        encode(&root)
    }
}

impl PolicyAnswer {
    fn element(&self, version: Version) -> Element {
        let mut policy = Element::new(page::POLICY)
            .with(Element::text(page::POLICY_TYPE, self.policy_type.clone()))
            .with(Element::text(page::STATUS, self.status.code().to_string()));
        if let Some(key) = self.key {
            policy.push(Element::text(page::POLICY_KEY, key.to_string()));
        }
        if let Some(document) = &self.document {
            policy.push(Element::new(page::DATA).with(document.element(version)));
        }
        policy
    }
}

/// The settings of a policy. Only what is set is sent, and only what the version knows; so a hash over
/// [`PolicyDocument::encode`] changes exactly when a device of that version has to take the policy anew.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyDocument {
    values: Vec<(Setting, u32)>,
    /// Programs of the device that may not run.
    pub unapproved_applications: Vec<String>,
    /// Hashes (SHA-1, base64) of the only programs that may be installed.
    pub approved_application_hashes: Vec<String>,
}

macro_rules! policy_settings {
    ($($variant:ident, $tag:ident, $since:ident;)+) => {
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

            fn row(self) -> (Tag, Version) {
                match self {
                    $(Self::$variant => (page::$tag, Version::$since),)+
                }
            }
        }
    };
}

policy_settings! {
    DevicePasswordEnabled, DEVICE_PASSWORD_ENABLED, V12_1;
    AlphanumericDevicePasswordRequired, ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED, V12_1;
    PasswordRecoveryEnabled, PASSWORD_RECOVERY_ENABLED, V12_1;
    RequireStorageCardEncryption, REQUIRE_STORAGE_CARD_ENCRYPTION, V12_1;
    AttachmentsEnabled, ATTACHMENTS_ENABLED, V12_1;
    MinDevicePasswordLength, MIN_DEVICE_PASSWORD_LENGTH, V12_1;
    MaxInactivityTimeDeviceLock, MAX_INACTIVITY_TIME_DEVICE_LOCK, V12_1;
    MaxDevicePasswordFailedAttempts, MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS, V12_1;
    MaxAttachmentSize, MAX_ATTACHMENT_SIZE, V12_1;
    AllowSimpleDevicePassword, ALLOW_SIMPLE_DEVICE_PASSWORD, V12_1;
    DevicePasswordExpiration, DEVICE_PASSWORD_EXPIRATION, V12_1;
    DevicePasswordHistory, DEVICE_PASSWORD_HISTORY, V12_1;
    AllowStorageCard, ALLOW_STORAGE_CARD, V12_1;
    AllowCamera, ALLOW_CAMERA, V12_1;
    RequireDeviceEncryption, REQUIRE_DEVICE_ENCRYPTION, V12_1;
    AllowUnsignedApplications, ALLOW_UNSIGNED_APPLICATIONS, V12_1;
    AllowUnsignedInstallationPackages, ALLOW_UNSIGNED_INSTALLATION_PACKAGES, V12_1;
    MinDevicePasswordComplexCharacters, MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS, V12_1;
    AllowWiFi, ALLOW_WI_FI, V12_1;
    AllowTextMessaging, ALLOW_TEXT_MESSAGING, V12_1;
    AllowPOPIMAPEmail, ALLOW_POPIMAP_EMAIL, V12_1;
    AllowBluetooth, ALLOW_BLUETOOTH, V12_1;
    AllowIrDA, ALLOW_IR_DA, V12_1;
    RequireManualSyncWhenRoaming, REQUIRE_MANUAL_SYNC_WHEN_ROAMING, V12_1;
    AllowDesktopSync, ALLOW_DESKTOP_SYNC, V12_1;
    MaxCalendarAgeFilter, MAX_CALENDAR_AGE_FILTER, V12_1;
    AllowHTMLEmail, ALLOW_HTML_EMAIL, V12_1;
    MaxEmailAgeFilter, MAX_EMAIL_AGE_FILTER, V12_1;
    MaxEmailBodyTruncationSize, MAX_EMAIL_BODY_TRUNCATION_SIZE, V12_1;
    MaxEmailHTMLBodyTruncationSize, MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE, V12_1;
    RequireSignedSMIMEMessages, REQUIRE_SIGNED_SMIME_MESSAGES, V12_1;
    RequireEncryptedSMIMEMessages, REQUIRE_ENCRYPTED_SMIME_MESSAGES, V12_1;
    RequireSignedSMIMEAlgorithm, REQUIRE_SIGNED_SMIME_ALGORITHM, V12_1;
    RequireEncryptionSMIMEAlgorithm, REQUIRE_ENCRYPTION_SMIME_ALGORITHM, V12_1;
    AllowSMIMEEncryptionAlgorithmNegotiation, ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION, V12_1;
    AllowSMIMESoftCerts, ALLOW_SMIME_SOFT_CERTS, V12_1;
    AllowBrowser, ALLOW_BROWSER, V12_1;
    AllowConsumerEmail, ALLOW_CONSUMER_EMAIL, V12_1;
    AllowRemoteDesktop, ALLOW_REMOTE_DESKTOP, V12_1;
    AllowInternetSharing, ALLOW_INTERNET_SHARING, V12_1;
}

impl PolicyDocument {
    /// Sets one value, in place of an earlier one.
    #[must_use]
    pub fn with(mut self, setting: Setting, value: u32) -> Self {
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

    /// The document alone, to be hashed: MS-ASPROV R652 and the note at [`PolicyDocument`].
    #[must_use]
    pub fn encode(&self, version: Version) -> Vec<u8> {
        encode(&self.element(version))
    }

    fn element(&self, version: Version) -> Element {
        let mut document = Element::new(page::EAS_PROVISION_DOC);
        for (setting, value) in &self.values {
            let (tag, since) = setting.row();
            if version >= since {
                document.push(Element::text(tag, value.to_string()));
            }
        }
        for (list, entry, names) in [
            (page::UNAPPROVED_IN_ROM_APPLICATION_LIST, page::APPLICATION_NAME, &self.unapproved_applications),
            (page::APPROVED_APPLICATION_LIST, page::HASH, &self.approved_application_hashes),
        ] {
            if !names.is_empty() {
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
    use wbxml::{Limits, decode};

    fn policy(children: &[(Tag, &str)]) -> Element {
        let mut policy = Element::new(page::POLICY).with(Element::text(page::POLICY_TYPE, POLICY_TYPE));
        for (tag, value) in children {
            policy.push(Element::text(*tag, *value));
        }
        Element::new(page::PROVISION).with(Element::new(page::POLICIES).with(policy))
    }

    fn device() -> Element {
        let set = Element::new(settings::SET).with(Element::text(settings::MODEL, "easprobe"));
        Element::new(settings::DEVICE_INFORMATION).with(set)
    }

    #[test]
    fn both_phases_are_told_apart() {
        let ask = policy(&[]).with(device());
        let request = Request::parse(&ask, Version::V16_1).unwrap();
        assert_eq!(request.device.unwrap().model.as_deref(), Some("easprobe"));
        assert_eq!(request.phase, Phase::Ask { policy_type: POLICY_TYPE.into() });
        assert!(Request::parse(&policy(&[]), Version::V14_0).unwrap().device.is_none());

        let taken = policy(&[(page::POLICY_KEY, "4711"), (page::STATUS, "1")]);
        let expected = Phase::Acknowledge { policy_type: POLICY_TYPE.into(), key: Some(4711), status: 1 };
        assert_eq!(Request::parse(&taken, Version::V16_1).unwrap().phase, expected);
        let odd = policy(&[(page::POLICY_KEY, "x"), (page::STATUS, "2")]);
        let expected = Phase::Acknowledge { policy_type: POLICY_TYPE.into(), key: None, status: 2 };
        assert_eq!(Request::parse(&odd, Version::V12_1).unwrap().phase, expected);
        let zero = policy(&[(page::POLICY_KEY, "0")]);
        assert!(matches!(Request::parse(&zero, Version::V12_1).unwrap().phase, Phase::Ask { .. }));
    }

    #[test]
    fn a_device_that_says_nothing_of_itself_gets_165() {
        let error = Request::parse(&policy(&[]), Version::V14_1).unwrap_err();
        let RequestError::Common { status, .. } = error else { panic!("{error:?}") };
        assert_eq!(status.code(), 165);
    }

    #[test]
    fn wipes_are_asked_for_and_reported() {
        let bare = Element::new(page::PROVISION);
        assert_eq!(Request::parse(&bare, Version::V16_1).unwrap().phase, Phase::AskForWipe);
        for (tag, wipe) in
            [(page::REMOTE_WIPE, Wipe::Device), (page::ACCOUNT_ONLY_REMOTE_WIPE, Wipe::Account)]
        {
            for (status, success) in [("1", true), ("2", false)] {
                let done = Element::new(tag).with(Element::text(page::STATUS, status));
                let root = Element::new(page::PROVISION).with(done);
                let phase = Request::parse(&root, Version::V16_1).unwrap().phase;
                assert_eq!(phase, Phase::WipeDone { wipe, success });
            }
        }
        let silent = Element::new(page::PROVISION).with(Element::new(page::REMOTE_WIPE));
        assert!(Request::parse(&silent, Version::V16_1).is_err());
    }

    #[test]
    fn the_first_answer_carries_key_and_policy_in_order() {
        let document = PolicyDocument::default()
            .with(Setting::AllowCamera, 0)
            .with(Setting::DevicePasswordEnabled, 0)
            .with(Setting::DevicePasswordEnabled, 1);
        let policy = PolicyAnswer {
            policy_type: POLICY_TYPE.into(),
            status: PolicyStatus::Success,
            key: Some(u32::MAX),
            document: Some(document),
        };
        let response = Response {
            status: ProvisionStatus::Success,
            device: Some(SettingsStatus::Success),
            policy: Some(policy),
            wipe: None,
        };
        let root = decode(&response.encode(Version::V14_1), &Limits::default()).unwrap();
        let tags: Vec<_> = root.children().map(|child| child.tag).collect();
        assert_eq!(tags, [settings::DEVICE_INFORMATION, page::STATUS, page::POLICIES]);
        let policy = root.child(page::POLICIES).unwrap().child(page::POLICY).unwrap();
        assert_eq!(policy.child_value(page::POLICY_KEY).as_deref(), Some("4294967295"));
        let document = policy.child(page::DATA).unwrap().child(page::EAS_PROVISION_DOC).unwrap();
        let rows: Vec<_> = document.children().map(|child| (child.tag, child.value().into_owned())).collect();
        let expected =
            [(page::DEVICE_PASSWORD_ENABLED, "1".to_owned()), (page::ALLOW_CAMERA, "0".to_owned())];
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_wipe_is_an_empty_element() {
        for (wipe, tag) in
            [(Wipe::Device, page::REMOTE_WIPE), (Wipe::Account, page::ACCOUNT_ONLY_REMOTE_WIPE)]
        {
            let response =
                Response { status: ProvisionStatus::Success, device: None, policy: None, wipe: Some(wipe) };
            let root = decode(&response.encode(Version::V16_1), &Limits::default()).unwrap();
            assert!(root.child(tag).unwrap().is_empty());
            assert_eq!(root.children().count(), 2);
        }
    }

    #[test]
    fn every_setting_has_its_own_element() {
        let full =
            Setting::ALL.iter().fold(PolicyDocument::default(), |policy, setting| policy.with(*setting, 1));
        let root = full.element(Version::V12_1);
        let tags: std::collections::HashSet<_> = root.children().map(|child| child.tag).collect();
        assert_eq!(tags.len(), Setting::ALL.len());
    }
}
