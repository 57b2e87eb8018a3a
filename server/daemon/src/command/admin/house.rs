//! The store, entered as the house itself.

use super::dns::Served;
use super::reason::explained;
use anyhow::{Context as _, Result};
use storage::{Account, Admin, Domain, Read, Store, Write};
use vocabulary::{AccountId, Door, EmailAddress, Principal};

/// The operator at the store.
#[derive(Debug)]
pub(super) struct House {
    store: Store,
    principal: Principal,
    served: Option<Served>,
}

impl House {
    pub(super) fn new(store: Store, served: Option<Served>) -> Self {
        Self { store, principal: Principal::System { door: Door::Admin }, served }
    }

    /// Who the server is and where it listens, if there is a configuration.
    pub(super) fn served(&self) -> Option<&Served> {
        self.served.as_ref()
    }

    /// The store itself, for what is no transaction.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// One reading transaction.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&Read<'tx>, &Admin<'tx>) -> storage::Result<T> + Send + 'static,
    {
        let read = self.store.read(&self.principal, move |tx| work(tx, &tx.administer()?));
        read.await.map_err(explained)
    }

    /// One writing transaction on these accounts.
    pub(super) async fn write<T, F>(&self, accounts: &[AccountId], work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&mut Write<'tx>, &Admin<'tx>) -> storage::Result<T> + Send + 'static,
    {
        let write = self.store.write(&self.principal, accounts, move |tx| {
            let admin = tx.administer()?;
            work(tx, &admin)
        });
        write.await.map_err(explained)
    }

    /// The account of an address.
    pub(super) async fn account(&self, address: &EmailAddress) -> Result<Account> {
        let asked = address.clone();
        let found = self.read(move |tx, admin| tx.account_by_address(admin, &asked)).await;
        found.with_context(|| address.to_string())
    }

    /// The domain of a name.
    pub(super) async fn domain(&self, name: &str) -> Result<Domain> {
        let asked = name.to_lowercase();
        let found = self.read(move |tx, _| tx.domain_by_name(&asked)).await;
        found.with_context(|| name.to_owned())
    }
}
