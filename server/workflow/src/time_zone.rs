//! The time zone in which an account lives: it places floating times and whole days.

use calendar::Zone;
use storage::{Scope, Store};
use vocabulary::{AccountId, DomainId, Door, Principal};

/// The setting that names the zone, of an account or of its domain: a name of the IANA database.
pub const TIME_ZONE: &str = "time_zone";

/// The name by which a zone is kept, if it is known.
#[must_use]
pub fn known_time_zone(name: &str) -> Option<String> {
    Zone::by_name(name).map(|zone| zone.name().to_owned())
}

/// The zone that the account's setting names, else the one of its domain, else UTC.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn time_zone(store: &Store, account: AccountId, domain: DomainId) -> storage::Result<Zone> {
    let house = Principal::System { door: Door::Admin };
    let name = store.read(&house, move |tx| match tx.setting(Scope::Account(account), TIME_ZONE)? {
        None => tx.setting(Scope::Domain(domain), TIME_ZONE),
        name => Ok(name),
    });
    let zone = name.await?.and_then(|name| Zone::by_name(&name));
    Ok(zone.unwrap_or_else(Zone::utc))
}
