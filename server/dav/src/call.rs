//! One request whose sender is known, and why it may fail.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::header::{Depth, Prefer};
use dav_wire::push::DontNotify;
use dav_wire::{Detail, Precondition, RequestError};
use http_door::text_header;
use session::{Context, Login};
use storage::{Account, Refusal, Silenced, Store, Subject, Write};
use vocabulary::{AccountId, Home, Principal};

use crate::address::{self, FolderAddress, FolderName};
use crate::location::{CollectionLocation, Location};
use crate::push::Push;
use crate::time_zones::TimeZones;
use crate::{attachment, directory, quirk};

/// A request whose sender is known.
pub(crate) struct Call {
    pub(crate) context: Context,
    pub(crate) login: Login,
    pub(crate) location: Location,
    pub(crate) depth: Option<Depth>,
    pub(crate) prefer: Prefer,
    /// What the program is known to mean by cards without a version.
    pub(crate) reads_vcard_3_only: bool,
    pub(crate) time_zones: TimeZones,
    /// Scheme and host by which the client knows us.
    pub(crate) origin: String,
    /// By which clients are told of changes.
    pub(crate) push: Option<Push>,
    /// Whose clients are not told of what this request does.
    silenced: Silenced,
}

impl Call {
    /// # Errors
    /// 400 for a `Depth` that is none.
    pub(crate) fn new(
        context: Context,
        login: Login,
        location: Location,
        push: Option<Push>,
        request: &HttpRequest,
    ) -> Result<Self, Failure> {
        let depth = text_header(request, "Depth").map(Depth::parse).transpose();
        let prefer = request.headers().get_all("Prefer").filter_map(|value| value.to_str().ok());
        let silent = request.headers().get_all("Push-Dont-Notify").filter_map(|value| value.to_str().ok());
        Ok(Self {
            context,
            login,
            location,
            depth: depth.map_err(|_| StatusCode::BAD_REQUEST)?,
            prefer: Prefer::parse(prefer, text_header(request, "Brief")),
            reads_vcard_3_only: quirk::reads_vcard_3_only(text_header(request, "User-Agent")),
            time_zones: TimeZones::parse(text_header(request, "CalDAV-Timezones")),
            origin: attachment::origin(request),
            silenced: silenced(DontNotify::parse(silent)),
            push,
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.context.store
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.login.principal
    }

    /// One transaction that writes. The clients that the request names are not told of it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub(crate) fn write<T, F>(
        &self,
        accounts: &[AccountId],
        work: F,
    ) -> impl Future<Output = storage::Result<T>>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&mut Write<'tx>) -> storage::Result<T> + Send + 'static,
    {
        let silenced = self.silenced.clone();
        self.store().write(self.principal(), accounts, move |tx| {
            tx.silence_pushes(&silenced)?;
            work(tx)
        })
    }

    /// The account that asks.
    pub(crate) fn account(&self) -> &Account {
        &self.login.account
    }

    pub(crate) fn detail(&self) -> Detail {
        if self.prefer.minimal { Detail::Minimal } else { Detail::Full }
    }

    /// Where a collection lies in the store.
    ///
    /// # Errors
    /// 404 if its owner is not of the same domain; whether it exists is seen when it is opened.
    pub(crate) async fn folder(&self, location: &CollectionLocation) -> Result<FolderAddress, Failure> {
        let whose_home = directory::by_address(self, &location.owner).await?;
        let (owner, name) = match address::mounted(&location.name) {
            // It is mounted in the homes of those it is shared with only.
            Some((owner, id)) if whose_home.id == self.account().id && owner != whose_home.id => {
                (directory::by_id(self, owner).await?, FolderName::Mount(id))
            }
            Some(_) => return Err(Refusal::NotFound(Subject::Collection).into()),
            None => (whose_home, FolderName::Resource(location.name.as_str().to_owned())),
        };
        let (href, push) = (location.href(), self.push.clone());
        Ok(FolderAddress { href, home: location.home, owner: owner.into(), name, push })
    }

    /// The accounts that a write of this folder declares: its owner's, and one's own for what one keeps of it.
    pub(crate) fn accounts(&self, owner: AccountId) -> [AccountId; 2] {
        [owner, self.account().id]
    }

    /// The home that the request is about, for the preconditions that calendars and address books name differently.
    pub(crate) fn home(&self) -> Option<Home> {
        match &self.location {
            Location::Root
            | Location::Principals
            | Location::Principal(_)
            | Location::Proxy(..)
            | Location::Notifications(_)
            | Location::Notification(..)
            | Location::Attachment(_)
            | Location::Push(_) => None,
            Location::Outbox(_) => Some(Home::Scheduling),
            Location::Homes(home) | Location::Home(home, _) => Some(*home),
            Location::Collection(collection) | Location::Item(collection, _) => Some(collection.home),
            Location::File(_) => Some(Home::Files),
        }
    }
}

/// The registrations that a request names by their URLs. Those of other accounts are none of its business, so that
/// nobody keeps from others what happens: "all" are all of its own.
fn silenced(dont_notify: DontNotify) -> Silenced {
    let token = |url: String| url.rsplit('/').next().unwrap_or_default().to_owned();
    match dont_notify {
        DontNotify::Nobody => Silenced::Nothing,
        DontNotify::These(urls) => Silenced::These(urls.into_iter().map(token).collect()),
        DontNotify::Everybody => Silenced::Own,
    }
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The body cannot be read, or may not be asked.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A rule of the protocol that has a name.
    #[error("precondition {}", .0.name())]
    Precondition(Precondition),
    /// An answer that says everything by its status.
    #[error("status {0}")]
    Status(StatusCode),
    /// The store refuses or is broken.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

impl Failure {
    /// The resource knows no such method.
    pub(crate) fn not_allowed() -> Self {
        StatusCode::METHOD_NOT_ALLOWED.into()
    }
}

impl From<StatusCode> for Failure {
    fn from(status: StatusCode) -> Self {
        Self::Status(status)
    }
}

impl From<Precondition> for Failure {
    fn from(precondition: Precondition) -> Self {
        Self::Precondition(precondition)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Store(refusal.into())
    }
}

pub(crate) type Answer<T = HttpResponse> = Result<T, Failure>;

/// The outcome of a transaction that may also fail by a rule of the protocol.
pub(crate) fn settled<T>(written: storage::Result<Answer<T>>) -> Answer<T> {
    written?
}

/// Does what was planned against what others have changed meanwhile again.
///
/// # Errors
/// [`storage::Refusal::Stale`] in the end; all else at once.
pub(crate) async fn retried<T>(attempt: impl AsyncFn() -> Answer<T>) -> Answer<T> {
    const ATTEMPTS_MAX: usize = 4;
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(Failure::Store(storage::Error::Refusal(storage::Refusal::Stale { .. }))) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

/// What a transaction gives when its work ended. The store's errors undo it; a rule that does not hold was found before
/// anything was written.
pub(crate) fn checked<T>(outcome: Answer<T>) -> Checked<T> {
    match outcome {
        Ok(value) => Ok(Ok(value)),
        Err(Failure::Store(error)) => Err(error),
        Err(failure) => Ok(Err(failure)),
    }
}

/// What a transaction gives: the store's errors undo it, a rule of the protocol that does not hold is found before
/// anything is written.
pub(crate) type Checked<T> = storage::Result<Result<T, Failure>>;
