//! Where mail to an address goes.

use storage::{Destination, Store};
use vocabulary::{Door, EmailAddress, Principal};

/// The account or group behind an address of this house.
///
/// # Errors
/// [`storage::Refusal::NotFound`] for an unknown domain or address.
pub async fn resolve(store: &Store, address: &EmailAddress) -> storage::Result<Destination> {
    let address = address.clone();
    store
        .read(&Principal::System { door: Door::Lmtp }, move |tx| {
            let admin = tx.administer()?;
            tx.resolve(&admin, &address)
        })
        .await
}
