//! Changes of calendars that concern others: `workflow::meeting` plans, posts and delivers.

use activesync_wire::Version;
use activesync_wire::item::Class;
use calendar::schedule::Agent;
use storage::right::Right;
use storage::{Account, Outgoing, Read, Refusal, Write};
use vocabulary::{AccountId, CollectionId, CollectionKind, Door, Home, ModSeq, Principal};
use workflow::meeting::{self, RemovalOfAll, Writer};

use crate::call::Call;

impl Call {
    /// Delivers what a change of meetings has posted.
    pub(crate) async fn deliver(&self, posted: Vec<Outgoing>) {
        meeting::deliver_in_task(self.store(), &self.server.context.tasks, posted).await;
    }

    /// Somebody who changes items of `owner`. The server tells those whom it concerns; only of meetings phones before
    /// 16.0 send the mails themselves.
    pub(crate) fn writer(&self, owner: &Account, class: Class) -> Writer {
        let by_phone = class != Class::Tasks && self.version < Version::V16_0;
        let agent = if by_phone { Agent::Client } else { Agent::Server };
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

    /// What it means to others that all is removed of these folders. No phone of any version sends mails for that.
    ///
    /// # Errors
    /// What keeps the user from removing it, who needs the right `R` on each; as [`meeting::plan_removal_of_all`].
    pub(crate) async fn plan_removals<R: Right>(
        &self,
        account: AccountId,
        folders: Vec<CollectionId>,
    ) -> storage::Result<Removals> {
        let calendars = move |tx: &Read<'_>| {
            let mut calendars = Vec::new();
            for folder in folders {
                if has_meetings(tx.open::<R>(account, folder)?.collection().kind) {
                    calendars.push(folder);
                }
            }
            Ok(calendars)
        };
        let calendars = self.store().read(self.principal(), calendars).await?;
        let mut removals = Removals::default();
        if !calendars.is_empty() {
            let owner = self.owner(account).await?;
            let writer = Writer { agent: Agent::Server, ..self.writer(&owner, Class::Calendar) };
            for calendar in calendars {
                removals.0.push(meeting::plan_removal_of_all(self.store(), &writer, calendar).await?);
            }
        }
        Ok(removals)
    }
}

/// What it means to others that all is removed of some folders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Removals(Vec<RemovalOfAll>);

impl Removals {
    /// Posts what is to be told of one folder, in the transaction that removes.
    ///
    /// # Errors
    /// [`Refusal::Stale`] for a calendar that has changed since, or was not planned for.
    pub(crate) fn post(
        &self,
        tx: &mut Write<'_>,
        folder: CollectionId,
        kind: CollectionKind,
    ) -> storage::Result<Vec<Outgoing>> {
        if !has_meetings(kind) {
            return Ok(Vec::new());
        }
        let planned = self.0.iter().find(|removal| removal.collection() == folder);
        planned.ok_or(Refusal::Stale { current: ModSeq::ZERO })?.post(tx)
    }

    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }
}

fn has_meetings(kind: CollectionKind) -> bool {
    kind.home() == Home::Calendars
}
