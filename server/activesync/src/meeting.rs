//! Changes of calendars that concern others: `workflow::meeting` plans, posts and delivers.

use activesync_wire::Version;
use activesync_wire::server_id::FolderId;
use calendar::schedule::Agent;
use storage::{Account, Outgoing, Read, right};
use vocabulary::{AccountId, CollectionKind, Door, Principal};
use workflow::meeting::{self, PlanError, RemovalOfAll, Writer};

use crate::call::Call;

impl Call {
    /// Delivers what a change of meetings has posted.
    pub(crate) async fn deliver(&self, posted: Vec<Outgoing>) {
        meeting::deliver_in_task(self.store(), &self.server.context.tasks, posted).await;
    }

    /// Somebody who changes a calendar of `owner`. From 16.0 the server tells those whom it concerns; before, phones
    /// send the mails themselves.
    pub(crate) fn writer(&self, owner: &Account) -> Writer {
        let agent = if self.version >= Version::V16_0 { Agent::Server } else { Agent::Client };
        Writer { owner: owner.clone(), author: self.login.account.clone(), agent, uris: Vec::new() }
    }

    /// The owner of a folder. Accounts are for the house to read.
    pub(crate) async fn owner(&self, owner: AccountId) -> storage::Result<Account> {
        if owner == self.account() {
            return Ok(self.login.account.clone());
        }
        let house = Principal::System { door: Door::ActiveSync };
        self.store().read(&house, move |tx| tx.account(owner)).await
    }

    /// What it means to others that all of a folder is removed; `None` if it is no calendar. No phone of any version
    /// sends mails for that.
    ///
    /// # Errors
    /// What keeps the user from removing the folder; [`storage::Refusal::Invalid`] for more meetings than can be cancelled
    /// at once.
    pub(crate) async fn removal_of_all(&self, folder: FolderId) -> storage::Result<Option<RemovalOfAll>> {
        let kind = move |tx: &Read<'_>| {
            let grant = tx.open::<right::DeleteCollection>(folder.account, folder.collection)?;
            Ok(grant.collection().kind)
        };
        if self.store().read(self.principal(), kind).await? != CollectionKind::Calendar {
            return Ok(None);
        }
        let owner = self.owner(folder.account).await?;
        let writer = Writer { agent: Agent::Server, ..self.writer(&owner) };
        match meeting::plan_removal_of_all(self.store(), &writer, folder.collection).await {
            Ok(removal) => Ok(Some(removal)),
            Err(PlanError::Store(error)) => Err(error),
            // Each of them that cannot be planned goes without a word.
            Err(PlanError::Refused(_)) => Ok(None),
        }
    }
}
