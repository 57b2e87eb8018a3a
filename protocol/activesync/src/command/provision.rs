//! Provision: policies in two phases, and wipes. MS-ASPROV.
//!
//! First the device asks and gets the policy under a temporary key; then it acknowledges that key and gets
//! the final one, which differs (MS-ASPROV R650, R662). A key of 0 counts as none.
//!
//! What is absent: the WAP form of policies (2.5), which is answered with policy status 3.

use wbxml::page::{provision as page, settings};
use wbxml::{Element, encode};

pub use super::policy::{PolicyDocument, Setting, Values};
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
        // MS-ASPROV R1011: older versions know no DeviceInformation here.
        if let Some(status) = self.device.filter(|_| version >= Version::V14_1) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use wbxml::{Limits, Tag, decode};

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
            .with(Setting::AllowCamera, Some(0))
            .with(Setting::DevicePasswordEnabled, Some(0))
            .with(Setting::DevicePasswordEnabled, Some(1));
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
}
