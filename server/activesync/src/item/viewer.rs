//! Who looks: in which version and form, at which moment, at whose folder.

use ::calendar::Zone;
use activesync_wire::Version;
use activesync_wire::body::{BodyPreference, BodyType, MimeSupport};
use activesync_wire::command::sync::Options;
use activesync_wire::item::Class;
use storage::Account;
use tokio::sync::OnceCell;
use vocabulary::{AccountId, Door, Principal, Timestamp};

use crate::call::Call;
use crate::quirk::Quirks;

/// The forms of body that a client takes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) preferences: Vec<BodyPreference>,
    pub(crate) mime_support: MimeSupport,
    pub(crate) mime_truncation: Option<u32>,
    /// What is a message's own is wanted too, from 14.1.
    pub(crate) part: Option<BodyPreference>,
}

impl Wanted {
    /// No body: an empty text that says that it was cut.
    pub(crate) fn bare() -> Self {
        let nothing = BodyPreference {
            body_type: BodyType::Plain,
            truncation_size: Some(0),
            all_or_none: false,
            preview: 0,
        };
        Self { preferences: vec![nothing], mime_truncation: Some(0), ..Self::default() }
    }
}

impl From<&Options> for Wanted {
    fn from(options: &Options) -> Self {
        Self {
            preferences: options.body_preferences.clone(),
            mime_support: options.mime_support,
            mime_truncation: options.mime_truncation,
            part: options.body_part_preference,
        }
    }
}

/// Who looks at a folder.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    /// What the folder holds.
    pub(crate) class: Class,
    pub(crate) version: Version,
    pub(crate) wanted: Wanted,
    pub(crate) quirks: Quirks,
    pub(crate) now: Timestamp,
    /// Where the folder's owner is.
    pub(crate) zone: Zone,
    /// Addresses of the folder's owner, the main one first.
    pub(crate) addresses: Vec<String>,
    /// The owner's name.
    pub(crate) name: String,
    /// The owner, where items can have an organiser or bring invitations.
    pub(crate) owner: Option<Account>,
}

impl Viewer {
    /// # Errors
    /// [`storage::Fault`]; [`storage::Refusal::NotFound`] if the owner is gone.
    pub(crate) async fn new(
        call: &Call,
        owner: AccountId,
        class: Class,
        wanted: Wanted,
    ) -> storage::Result<Self> {
        let (version, now) = (call.version, call.now());
        let mut viewer = Self {
            class,
            version,
            wanted,
            quirks: call.quirks,
            now,
            zone: Zone::utc(),
            addresses: Vec::new(),
            name: String::new(),
            owner: None,
        };
        // Mails bring invitations.
        if matches!(class, Class::Calendar | Class::Tasks | Class::Email) {
            // Delegation never crosses the wall of the domain.
            viewer.zone = workflow::time_zone(call.store(), owner, call.login.account.domain).await?;
            viewer.belongs_to(call, owner).await?;
        }
        Ok(viewer)
    }

    async fn belongs_to(&mut self, call: &Call, owner: AccountId) -> storage::Result<()> {
        let account = if owner == call.account() {
            call.login.account.clone()
        } else {
            // Accounts are for the house to read.
            let house = Principal::System { door: Door::ActiveSync };
            call.store().read(&house, move |tx| tx.account(owner)).await?
        };
        let addresses = std::iter::once(&account.address).chain(&account.aliases);
        self.addresses = addresses.map(ToString::to_string).collect();
        self.name = account.name.clone();
        self.owner = Some(account);
        Ok(())
    }
}

/// One that is made once there is something to look at: most requests find nothing, and read no time zone.
pub(crate) struct LateViewer<'c> {
    call: &'c Call,
    owner: AccountId,
    class: Class,
    wanted: Wanted,
    made: OnceCell<Viewer>,
}

impl<'c> LateViewer<'c> {
    pub(crate) fn new(call: &'c Call, owner: AccountId, class: Class, wanted: Wanted) -> Self {
        Self { call, owner, class, wanted, made: OnceCell::new() }
    }

    /// # Errors
    /// As [`Viewer::new`].
    pub(crate) async fn get(&self) -> storage::Result<&Viewer> {
        let make = || Viewer::new(self.call, self.owner, self.class, self.wanted.clone());
        self.made.get_or_try_init(make).await
    }
}
