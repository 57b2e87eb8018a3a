//! Reports about people: RFC 3744 sections 9.3 to 9.5, and the search field of macOS and iOS.

use dav_wire::collation::{Collation, MatchType, matches};
use dav_wire::method::PropFind;
use dav_wire::name::QName;
use dav_wire::report::{
    CalendarServerPrincipalSearch, PrincipalPropertySearch, PropertySearch, Report, SearchContext, SelfMatch,
    Test,
};
use dav_wire::{MultiStatus, Precondition, Property, Status, principal_search_property_set};
use storage::Account;
use vocabulary::AccountClass;

use crate::call::{Answer, Call};
use crate::method::propfind;
use crate::property::principal::calendar_addresses;
use crate::property::{self, Subject};
use crate::{directory, folder, status};

/// Most principals that one search gives.
const FOUND_MAX: usize = 500;
/// What can be searched, and what it is called.
const SEARCHED: [(Property, &str); 3] = [
    (Property::DisplayName, "Name"),
    (Property::EmailAddressSet, "E-mail address"),
    (Property::CalendarUserAddressSet, "Calendar address"),
];

pub(super) async fn run(call: &Call, report: Report) -> Answer {
    match report {
        Report::PrincipalMatch(wanted) => {
            // The user is a principal, and the member of no group.
            let own = match wanted.of {
                SelfMatch::Principal => Some(Subject::Principal(call.account().clone())),
                SelfMatch::Property(_) => None,
            };
            Ok(propfind::multistatus(call, own, &wanted.properties))
        }
        Report::PrincipalSearchPropertySet => {
            Ok(status::document(Status::OK, principal_search_property_set(&SEARCHED)))
        }
        Report::PrincipalPropertySearch(wanted) => {
            let found = |account: &Account| meets(account, &wanted);
            search(call, found, wanted.limit, &wanted.properties).await
        }
        Report::CalendarServerPrincipalSearch(wanted) => {
            let found = |account: &Account| has_tokens(account, &wanted);
            search(call, found, wanted.limit, &wanted.properties).await
        }
        _ => Err(Precondition::SupportedReport.into()),
    }
}

async fn search(
    call: &Call,
    found: impl Fn(&Account) -> bool,
    limit: Option<u32>,
    selection: &PropFind,
) -> Answer {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(FOUND_MAX).min(FOUND_MAX);
    let mut everybody = directory::everybody(call).await?;
    everybody.retain(|account| found(account));
    let mut output = MultiStatus::new(call.detail());
    let truncated = everybody.len() > limit;
    for account in everybody.into_iter().take(limit) {
        let subject = Subject::Principal(account);
        output.response(&subject.href().to_string(), &property::answers(call.account(), &subject, selection));
    }
    if truncated {
        let why = Precondition::NumberOfMatchesWithinLimits;
        output.status(&call.location.href().to_string(), why.status(), Some(&why));
    }
    Ok(status::document(Status::MULTI_STATUS, output.finish()))
}

/// RFC 3744 section 9.4: without case.
fn meets(account: &Account, wanted: &PrincipalPropertySearch) -> bool {
    let mut searches = wanted.searches.iter().map(|search| meets_one(account, search));
    match wanted.test {
        Test::AnyOf => searches.any(|met| met),
        Test::AllOf => searches.all(|met| met),
    }
}

/// Every property that a search names must have the text.
fn meets_one(account: &Account, search: &PropertySearch) -> bool {
    search.properties.iter().all(|name| {
        let has =
            |text: &String| matches(Collation::UnicodeCasemap, search.match_type, false, &search.text, text);
        texts(account, name).iter().any(has)
    })
}

fn texts(account: &Account, name: &QName) -> Vec<String> {
    match Property::from_name(name.name()) {
        Some(Property::DisplayName) => vec![folder::called(account)],
        Some(Property::EmailAddressSet) => addresses(account),
        Some(Property::CalendarUserAddressSet) => calendar_addresses(account),
        _ => Vec::new(),
    }
}

fn addresses(account: &Account) -> Vec<String> {
    std::iter::once(&account.address).chain(&account.aliases).map(ToString::to_string).collect()
}

/// Each token stands in the name or in an address, and the account is of the kind that the field is for.
fn has_tokens(account: &Account, wanted: &CalendarServerPrincipalSearch) -> bool {
    let is_place = matches!(account.class, AccountClass::Room);
    let is_thing = matches!(account.class, AccountClass::Resource);
    let fits = match wanted.context {
        None | Some(SearchContext::Attendee) => true,
        Some(SearchContext::User) => !is_place && !is_thing,
        Some(SearchContext::Location) => is_place,
        Some(SearchContext::Resource) => is_thing,
        Some(SearchContext::Group) => false,
    };
    let mut texts = addresses(account);
    texts.push(folder::called(account));
    let has = |token: &String| {
        texts.iter().any(|text| matches(Collation::UnicodeCasemap, MatchType::Contains, false, token, text))
    };
    fits && wanted.tokens.iter().all(has)
}
