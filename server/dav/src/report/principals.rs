//! Looking for people and groups: RFC 3744 sections 9.4 and 9.5, and the search field of macOS and iOS.

use dav_wire::collation::{Collation, MatchType, matches};
use dav_wire::method::PropFind;
use dav_wire::name::QName;
use dav_wire::property::UserType;
use dav_wire::report::{
    CalendarServerPrincipalSearch, PrincipalPropertySearch, PropertySearch, Report, SearchContext, Test,
};
use dav_wire::{MultiStatus, Precondition, Property, Status, Value, principal_search_property_set};

use crate::call::{Answer, Call};
use crate::directory;
use crate::property::{self, Subject};
use crate::status;

/// Most principals that one search gives.
pub(super) const FOUND_MAX: usize = 500;
/// What can be searched, and what it is called.
const SEARCHED: [(Property, &str); 4] = [
    (Property::DisplayName, "Name"),
    (Property::EmailAddressSet, "E-mail address"),
    (Property::CalendarUserAddressSet, "Calendar address"),
    (Property::CalendarUserType, "Person, group, room or resource"),
];

pub(super) async fn run(call: &Call, report: Report) -> Answer {
    match report {
        Report::PrincipalSearchPropertySet => {
            Ok(status::document(Status::OK, principal_search_property_set(&SEARCHED)))
        }
        Report::PrincipalPropertySearch(wanted) => {
            let found = |subject: &Subject| meets(call, subject, &wanted);
            // Wherever it is asked, as if for all collections of principals: programs ask at the path that they know,
            // and nobody wants to hear that there are no people in a calendar.
            let all = directory::all(call).await?;
            Ok(told(call, all.into_iter().filter(found), wanted.limit, &wanted.properties))
        }
        Report::CalendarServerPrincipalSearch(wanted) => {
            let found = |subject: &Subject| has_tokens(call, subject, &wanted);
            let all = directory::all(call).await?;
            Ok(told(call, all.into_iter().filter(found), wanted.limit, &wanted.properties))
        }
        _ => Err(Precondition::SupportedReport.into()),
    }
}

/// What was found, as far as the limits go: RFC 3744 section 9.4.
pub(super) fn told(
    call: &Call,
    found: impl Iterator<Item = Subject>,
    limit: Option<u32>,
    selection: &PropFind,
) -> actix_web::HttpResponse {
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(FOUND_MAX).min(FOUND_MAX);
    let mut output = MultiStatus::new(call.detail());
    for (index, subject) in found.enumerate() {
        if index >= limit {
            let why = Precondition::NumberOfMatchesWithinLimits;
            output.status(&call.location.href().to_string(), why.status(), Some(&why));
            break;
        }
        respond(call, &mut output, &subject, selection);
    }
    status::document(Status::MULTI_STATUS, output.finish())
}

/// One resource that was found.
pub(super) fn respond(call: &Call, output: &mut MultiStatus, subject: &Subject, selection: &PropFind) {
    let href = subject.href().to_string();
    match selection {
        // RFC 3744 section 9.3.1: who they are, without properties.
        PropFind::Prop(names) if names.is_empty() => output.status(&href, Status::OK, None),
        _ => output.response(&href, &property::answers(call.account(), subject, selection)),
    }
}

/// RFC 3744 section 9.4: without case. Without anything to be searched everybody who has calendars meets it: that is no
/// search of the RFC, but caldav lists people so, and wants the home of each.
fn meets(call: &Call, subject: &Subject, wanted: &PrincipalPropertySearch) -> bool {
    let is_of_type = wanted.user_type.is_none_or(|wanted| user_type(call, subject) == Some(wanted));
    if wanted.searches.is_empty() {
        let home = property::value(call.account(), subject, &Property::CalendarHomeSet.into());
        return is_of_type && home.is_some();
    }
    let mut searches = wanted.searches.iter().map(|search| meets_one(call, subject, search));
    is_of_type
        && match wanted.test {
            Test::AnyOf => searches.any(|met| met),
            Test::AllOf => searches.all(|met| met),
        }
}

/// Every property that a search names must have the text.
fn meets_one(call: &Call, subject: &Subject, search: &PropertySearch) -> bool {
    search.properties.iter().all(|name| {
        let has =
            |text: &String| matches(Collation::UnicodeCasemap, search.match_type, false, &search.text, text);
        texts(call, subject, name).iter().any(has)
    })
}

/// What there is to be searched in a property. Calendar user addresses are URIs, and are looked for as people write
/// them too: without `mailto:`.
fn texts(call: &Call, subject: &Subject, name: &QName) -> Vec<String> {
    let is_searched = SEARCHED.iter().any(|(property, _)| *name == (*property).into());
    match property::value(call.account(), subject, name).filter(|_| is_searched) {
        Some(Value::Text(text)) => vec![text],
        Some(Value::Hrefs(uris)) => {
            let bare: Vec<String> =
                uris.iter().filter_map(|uri| uri.strip_prefix("mailto:")).map(str::to_owned).collect();
            uris.into_iter().chain(bare).collect()
        }
        Some(Value::EmailAddresses(texts)) => texts,
        Some(Value::UserType(kind)) => vec![kind.name().to_owned()],
        _ => Vec::new(),
    }
}

fn user_type(call: &Call, subject: &Subject) -> Option<UserType> {
    match property::value(call.account(), subject, &Property::CalendarUserType.into()) {
        Some(Value::UserType(kind)) => Some(kind),
        _ => None,
    }
}

/// Each token stands in the name or in an address, and the principal is of the kind that the field is for.
fn has_tokens(call: &Call, subject: &Subject, wanted: &CalendarServerPrincipalSearch) -> bool {
    let kind = user_type(call, subject);
    let fits = match wanted.context {
        None | Some(SearchContext::Attendee) => true,
        Some(SearchContext::User) => matches!(kind, Some(UserType::Individual | UserType::Group)),
        Some(SearchContext::Location) => kind == Some(UserType::Room),
        Some(SearchContext::Resource) => kind == Some(UserType::Resource),
        Some(SearchContext::Group) => kind == Some(UserType::Group),
    };
    let searched = [Property::DisplayName, Property::EmailAddressSet].map(QName::from);
    let texts: Vec<String> = searched.iter().flat_map(|name| texts(call, subject, name)).collect();
    let has = |token: &String| {
        texts.iter().any(|text| matches(Collation::UnicodeCasemap, MatchType::Contains, false, token, text))
    };
    fits && wanted.tokens.iter().all(has)
}
