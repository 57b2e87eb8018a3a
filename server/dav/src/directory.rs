//! The people of one's own domain. Others do not exist.

use storage::{Account, Error, Read, Refusal, Subject};
use vocabulary::{AccountId, Door, EmailAddress, Principal};

use crate::call::{Answer, Call};

pub(crate) static HOUSE: Principal = Principal::System { door: Door::Dav };

/// The account that is called by an address. Its other addresses lead to no resource: each has one path.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn by_address(call: &Call, address: &EmailAddress) -> Answer<Account> {
    if call.account().address == *address {
        return Ok(call.account().clone());
    }
    let wanted = address.clone();
    let find = move |tx: &Read<'_>| tx.account_by_address(&tx.administer()?, &wanted);
    let found = call.store().read(&HOUSE, find).await?;
    if found.address == *address && is_seen(call, &found) {
        Ok(found)
    } else {
        Err(Refusal::NotFound(Subject::Account).into())
    }
}

/// An account by its identity, such as the owner of a folder that is shared.
///
/// # Errors
/// [`Refusal::NotFound`].
pub(crate) async fn by_id(call: &Call, id: AccountId) -> Answer<Account> {
    if call.account().id == id {
        return Ok(call.account().clone());
    }
    let found = call.store().read(&HOUSE, move |tx| tx.account(id)).await?;
    if is_seen(call, &found) { Ok(found) } else { Err(Refusal::NotFound(Subject::Account).into()) }
}

/// Accounts by their identity; those that are gone are left out.
pub(crate) async fn by_ids(call: &Call, ids: Vec<AccountId>) -> Answer<Vec<Account>> {
    let find = move |tx: &Read<'_>| {
        let mut found = Vec::new();
        for id in ids {
            match tx.account(id) {
                Ok(account) => found.push(account),
                Err(Error::Refusal(Refusal::NotFound(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    };
    let mut found = call.store().read(&HOUSE, find).await?;
    found.retain(|account| is_seen(call, account));
    Ok(found)
}

/// Everybody of the domain.
pub(crate) async fn everybody(call: &Call) -> Answer<Vec<Account>> {
    let domain = call.account().domain;
    let find = move |tx: &Read<'_>| tx.accounts(&tx.administer()?, Some(domain));
    let mut found = call.store().read(&HOUSE, find).await?;
    found.retain(|account| is_seen(call, account));
    Ok(found)
}

fn is_seen(call: &Call, account: &Account) -> bool {
    account.domain == call.account().domain && !account.suspended
}
