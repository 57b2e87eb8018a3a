//! Looking for principals: RFC 3744 section 9, and Apple's search by one field.

use super::{Test, results_limit};
use crate::RequestError;
use crate::collation::MatchType;
use crate::method::{PROPERTIES_MAX, PropFind};
use crate::name::{QName, attribute, calendarserver, dav};
use crate::property::{Property, UserType};
use crate::xml::Element;

/// Most texts that one search may look for.
const SEARCHES_MAX: usize = 50;

/// The properties to give of what is found.
fn selection(root: &Element) -> Result<PropFind, RequestError> {
    Ok(PropFind::within(root)?.unwrap_or_else(|| PropFind::Prop(Vec::new())))
}

/// The resources of a collection that are, or belong to, the current user: RFC 3744 section 9.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalMatch {
    /// Which.
    pub of: SelfMatch,
    /// What to tell of each.
    pub properties: PropFind,
}

/// How a resource is the current user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelfMatch {
    /// It is the principal, or a group that the principal is in.
    Principal,
    /// This property of it names the principal.
    Property(QName),
}

impl PrincipalMatch {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let named = root.child(dav::PRINCIPAL_PROPERTY).and_then(|element| element.children().next());
        let of = match named {
            Some(property) => SelfMatch::Property(property.name.clone()),
            None if root.child(dav::SELF).is_some() => SelfMatch::Principal,
            None => return Err(RequestError::malformed(root.name(), "neither self nor a property")),
        };
        Ok(Self { of, properties: selection(root)? })
    }
}

/// The principals whose properties hold given texts: RFC 3744 section 9.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalPropertySearch {
    /// How the searches are joined. RFC 3744 joins all; macOS may ask for any.
    pub test: Test,
    /// The searches. None: everybody is meant, as Python's `caldav` asks for all that there are.
    pub searches: Vec<PropertySearch>,
    /// Search all collections of `principal-collection-set` instead of the one addressed.
    pub in_all_collections: bool,
    /// Only principals of this type; macOS says it.
    pub user_type: Option<UserType>,
    /// At most so many.
    pub limit: Option<u32>,
    /// What to tell of each.
    pub properties: PropFind,
}

/// A text in one of several properties. Case does not matter: RFC 3744 section 9.4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertySearch {
    /// The properties.
    pub properties: Vec<QName>,
    /// The text.
    pub text: String,
    /// Where it must stand; macOS says it, RFC 3744 means anywhere.
    pub match_type: MatchType,
}

impl PrincipalPropertySearch {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let searches = root.children().filter(|child| child.name() == dav::PROPERTY_SEARCH);
        let searches: Vec<_> =
            searches.take(SEARCHES_MAX + 1).map(PropertySearch::parse).collect::<Result<_, _>>()?;
        if searches.len() > SEARCHES_MAX {
            return Err(RequestError::malformed(root.name(), "too many searches"));
        }
        let any = root.attribute(attribute::TEST) == Some("anyof");
        Ok(Self {
            test: if any { Test::AnyOf } else { Test::AllOf },
            searches,
            in_all_collections: root.child(dav::APPLY_TO_PRINCIPAL_COLLECTION_SET).is_some(),
            user_type: root.attribute(attribute::TYPE).and_then(UserType::from_name),
            limit: results_limit(root, calendarserver::LIMIT, calendarserver::NRESULTS)?,
            properties: match selection(root)? {
                PropFind::Prop(names) if names.is_empty() => PropFind::Prop(names_beside(root)),
                asked => asked,
            },
        })
    }
}

/// The properties that stand beside an empty `prop` instead of in it, as Python's `caldav` writes them.
fn names_beside(root: &Element) -> Vec<QName> {
    let known = root.children().filter(|child| Property::from_name(child.name()).is_some());
    known.take(PROPERTIES_MAX).map(|child| child.name.clone()).collect()
}

impl PropertySearch {
    fn parse(element: &Element) -> Result<Self, RequestError> {
        let (Some(prop), Some(text)) = (element.child(dav::PROP), element.child(dav::MATCH)) else {
            return Err(RequestError::malformed(element.name(), "no prop or no match"));
        };
        let match_type = text.attribute(attribute::MATCH_TYPE).and_then(MatchType::parse);
        Ok(Self {
            properties: crate::method::names(prop)?,
            text: text.text().trim().to_owned(),
            match_type: match_type.unwrap_or_default(),
        })
    }
}

/// For what a search field of macOS or iOS looks for principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchContext {
    /// People, groups, rooms and things to invite.
    Attendee,
    /// People and groups.
    User,
    /// Groups.
    Group,
    /// Rooms.
    Location,
    /// Things.
    Resource,
}

/// The principals of whom every token is part of a name or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarServerPrincipalSearch {
    /// `None`: of any kind.
    pub context: Option<SearchContext>,
    /// The tokens, at least one.
    pub tokens: Vec<String>,
    /// At most so many.
    pub limit: Option<u32>,
    /// What to tell of each.
    pub properties: PropFind,
}

impl CalendarServerPrincipalSearch {
    pub(super) fn parse(root: &Element) -> Result<Self, RequestError> {
        let tokens = root.children().filter(|child| child.name() == calendarserver::SEARCH_TOKEN);
        let tokens: Vec<_> =
            tokens.take(SEARCHES_MAX + 1).map(|token| token.text().trim().to_owned()).collect();
        if tokens.is_empty() || tokens.len() > SEARCHES_MAX {
            return Err(RequestError::malformed(root.name(), "no search-token, or too many"));
        }
        let context = match root.attribute(attribute::CONTEXT) {
            Some("attendee") => Some(SearchContext::Attendee),
            Some("user") => Some(SearchContext::User),
            Some("group") => Some(SearchContext::Group),
            Some("location") => Some(SearchContext::Location),
            Some("resource") => Some(SearchContext::Resource),
            _ => None,
        };
        Ok(Self {
            context,
            tokens,
            limit: results_limit(root, calendarserver::LIMIT, calendarserver::NRESULTS)?,
            properties: selection(root)?,
        })
    }
}
