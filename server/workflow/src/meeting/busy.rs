//! Who is busy when: RFC 6638 section 5. Within a domain everybody may see that of everybody, as with Exchange, unless
//! an account or its domain says otherwise; then only those whom the owner has given the right. Nobody learns with what
//! somebody is busy.

use calendar::schedule::{Addresses, BusyPeriod, BusyRequest, merged};
use std::ops::Range;
use std::sync::Arc;
use storage::{Account, Error, Read, Refusal, Scope, Store};
use vocabulary::{Principal, Timestamp};

use super::effect::known;
use super::people::{HOUSE, Place, addresses_of, place_of};
use super::taken::{Window, out_of_hours, taken};
use crate::time_zone::time_zone;

/// The setting of an account or its domain: `domain` or `granted`.
pub const FREE_BUSY: &str = "free_busy";
/// Most people that one request asks about.
const ATTENDEES_MAX: usize = 500;
/// Longest range that is answered; what is asked beyond is left out.
const RANGE_MS_MAX: i64 = 3 * 366 * 86_400_000;
/// RFC 5546 section 3.6.
const SUCCESS: &str = "2.0;Success";
const NOBODY: &str = "3.7;Invalid calendar user";
const UNAVAILABLE: &str = "5.1;Service unavailable";

/// Who may see when an account is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FreeBusyPolicy {
    /// Everybody of the domain.
    #[default]
    Domain,
    /// Those who were given the right on a calendar.
    Granted,
}

impl FreeBusyPolicy {
    /// The policy of a word.
    #[must_use]
    pub fn by_word(word: &str) -> Option<Self> {
        match word {
            "domain" => Some(Self::Domain),
            "granted" => Some(Self::Granted),
            _ => None,
        }
    }

    /// Of an account, else of its domain, else the house's.
    fn of(tx: &Read<'_>, account: &Account) -> storage::Result<Self> {
        let own = tx.setting(Scope::Account(account.id), FREE_BUSY)?;
        let word = match own {
            None => tx.setting(Scope::Domain(account.domain), FREE_BUSY)?,
            own => own,
        };
        Ok(word.and_then(|word| Self::by_word(&word)).unwrap_or_default())
    }
}

/// What is told about one of those who were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyAnswer {
    /// The address, as the request has it.
    pub recipient: String,
    /// The status of RFC 5546 section 3.6, with its words.
    pub status: &'static str,
    /// The VFREEBUSY.
    pub object: Option<Vec<u8>>,
}

/// Answers a request of an account.
///
/// # Errors
/// [`Refusal::Invalid`] for more people than can be asked for; [`storage::Fault`].
pub async fn free_busy(
    store: &Store,
    asker: &Account,
    principal: &Principal,
    request: &BusyRequest,
) -> storage::Result<Vec<BusyAnswer>> {
    if request.attendees.len() > ATTENDEES_MAX {
        return Err(Refusal::Invalid("too many people are asked for").into());
    }
    let Range { start, end } = request.range;
    let end = Timestamp(end.0.min(start.0.saturating_add(RANGE_MS_MAX)));
    let now = store.clock().now();
    let mut answers = Vec::with_capacity(request.attendees.len());
    for address in &request.attendees {
        let visible = visible(store, asker, principal, address).await?;
        let Some(visible) = visible else {
            answers.push(BusyAnswer { recipient: address.clone(), status: NOBODY, object: None });
            continue;
        };
        let (status, object) = match busy(store, visible, start..end, request.masked_uid.clone()).await {
            Ok(busy) => (SUCCESS, Some(request.reply(address, &busy, now))),
            // The others are told all the same.
            Err(Error::Refusal(_)) => (UNAVAILABLE, None),
            Err(fault) => return Err(fault),
        };
        answers.push(BusyAnswer { recipient: address.clone(), status, object });
    }
    Ok(answers)
}

/// What may be told of the time of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusyTimes {
    /// Nobody of the asker's domain has the address.
    Nobody,
    /// It is not for the asker to know.
    Hidden,
    /// In order, without overlaps.
    Known(Vec<BusyPeriod>),
}

/// When the person with an address is busy, by the same rules as [`free_busy`].
///
/// # Errors
/// [`Refusal::Invalid`] for more than can be told; [`storage::Fault`].
pub async fn busy_times(
    store: &Store,
    asker: &Account,
    principal: &Principal,
    address: &str,
    range: Range<Timestamp>,
) -> storage::Result<BusyTimes> {
    let Some(visible) = visible(store, asker, principal, address).await? else {
        return Ok(BusyTimes::Nobody);
    };
    if !visible.hours {
        return Ok(BusyTimes::Hidden);
    }
    let end = Timestamp(range.end.0.min(range.start.0.saturating_add(RANGE_MS_MAX)));
    Ok(BusyTimes::Known(busy(store, visible, range.start..end, None).await?))
}

/// An account, and the calendars whose times may be told.
struct Visible {
    account: Account,
    addresses: Addresses,
    calendars: Vec<vocabulary::CollectionId>,
    /// Whether it may be told in which hours it can be asked to come: to whom any of its times may be told.
    hours: bool,
}

/// `None`: nobody of the asker's domain has the address.
async fn visible(
    store: &Store,
    asker: &Account,
    principal: &Principal,
    address: &str,
) -> storage::Result<Option<Visible>> {
    let (domain, asker, wanted) = (asker.domain, asker.id, address.to_owned());
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let Place::Account(account) = place_of(tx, &admin, &wanted)? else { return Ok(None) };
        let Some(account) = known(tx, Some(account))? else { return Ok(None) };
        if account.domain != domain {
            return Ok(None);
        }
        let is_open = account.id == asker || FreeBusyPolicy::of(tx, &account)? == FreeBusyPolicy::Domain;
        let addresses = addresses_of(tx, &account, &[])?;
        let calendars = if is_open { tx.busy_calendars(account.id)? } else { Vec::new() };
        Ok(Some((account, addresses, is_open, calendars)))
    };
    let Some((account, addresses, is_open, mut calendars)) = store.read(&HOUSE, find).await? else {
        return Ok(None);
    };
    if !is_open {
        let owner = account.id;
        calendars = store.read(principal, move |tx| tx.busy_calendars(owner)).await?;
    }
    let hours = is_open || !calendars.is_empty();
    Ok(Some(Visible { account, addresses, calendars, hours }))
}

async fn busy(
    store: &Store,
    visible: Visible,
    range: Range<Timestamp>,
    masked_uid: Option<String>,
) -> storage::Result<Vec<BusyPeriod>> {
    let Visible { account, addresses, calendars, hours } = visible;
    let zone = time_zone(store, account.id, account.domain).await?;
    let window =
        Arc::new(Window { account: account.id, addresses, range, zone, masked_uid, transparent_too: false });
    let mut periods = if hours { out_of_hours(store, &window).await? } else { Vec::new() };
    for calendar in calendars {
        match taken(store, &window, calendar).await {
            Ok(taken) => periods.extend(taken.periods),
            // It was removed meanwhile.
            Err(Error::Refusal(Refusal::NotFound(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(merged(&periods))
}
