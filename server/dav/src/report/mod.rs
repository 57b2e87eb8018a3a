//! One file for each report: RFC 3253 section 3.6.

mod acl_principals;
mod calendar_data;
mod calendar_filter;
mod calendar_index;
mod card_filter;
mod data;
mod expand_property;
mod filter;
mod free_busy;
mod multiget;
mod principal_match;
mod principals;
mod query;
mod sync_collection;
mod sync_home;
mod zone;

pub(crate) use data::{Data, Ungiven};
pub(crate) use filter::Filter;

use dav_wire::Precondition;
use dav_wire::report::Report;
use std::sync::Arc;
use vocabulary::Home;

use crate::call::{Answer, Call};
use crate::folder::Kept;
use crate::location::Location;
use crate::subject;

/// Answers a report. Which are answered where is what `supported-report-set` says.
pub(crate) async fn run(call: &Arc<Call>, body: &[u8]) -> Answer {
    let report = Report::parse(body)?;
    match (report, &call.location) {
        (Report::ExpandProperty(wanted), _) => expand_property::run(call, &wanted).await,
        (Report::AclPrincipalPropSet(wanted), _) => acl_principals::run(call, &wanted).await,
        (Report::PrincipalMatch(wanted), _) => principal_match::run(call, wanted).await,
        (report @ (Report::PrincipalPropertySearch(_) | Report::PrincipalSearchPropertySet), location) => {
            subject::find(call, location, &Kept::nothing()).await?;
            principals::run(call, report).await
        }
        (Report::SyncCollection(wanted), Location::Collection(collection)) => {
            sync_collection::run(call, collection, wanted).await
        }
        (Report::SyncCollection(wanted), Location::Home(..)) => sync_home::run(call, wanted).await,
        (
            Report::CalendarMultiget(wanted),
            Location::Collection(collection) | Location::Item(collection, _),
        ) if holds_calendar_objects(collection.home) => multiget::run(call, collection, wanted).await,
        (
            Report::AddressBookMultiget(wanted),
            Location::Collection(collection) | Location::Item(collection, _),
        ) if collection.home == Home::AddressBooks => multiget::run(call, collection, wanted).await,
        (Report::CalendarQuery(wanted), Location::Collection(collection))
            if holds_calendar_objects(collection.home) =>
        {
            query::calendar(call, collection, wanted).await
        }
        (Report::FreeBusyQuery(wanted), Location::Collection(collection))
            if collection.home == Home::Calendars =>
        {
            free_busy::run(call, collection, wanted).await
        }
        (Report::AddressBookQuery(wanted), Location::Collection(collection))
            if collection.home == Home::AddressBooks =>
        {
            query::address_book(call, collection, None, wanted).await
        }
        (Report::AddressBookQuery(wanted), Location::Item(collection, name))
            if collection.home == Home::AddressBooks =>
        {
            query::address_book(call, collection, Some(name), wanted).await
        }
        (
            report,
            Location::Root
            | Location::Principals
            | Location::Principal(_)
            | Location::Proxy(..)
            | Location::Homes(_),
        ) => principals::run(call, report).await,
        _ => Err(Precondition::SupportedReport.into()),
    }
}

/// Calendars, and the inboxes of scheduling messages: RFC 6638 section 2.2.
fn holds_calendar_objects(home: Home) -> bool {
    matches!(home, Home::Calendars | Home::Scheduling)
}
