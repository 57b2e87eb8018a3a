//! principal-match: RFC 3744 section 9.3. What of a collection is the user, a group of the user's, or names one of them.
//!
//! What is absent: items below a home, as a collection tells of its own; plain files.

use actix_web::HttpResponse;
use dav_wire::method::PropFind;
use dav_wire::name::QName;
use dav_wire::report::{PrincipalMatch, PropertyRequest, SelfMatch};
use dav_wire::{MultiStatus, Precondition, Property, Value};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use storage::Candidates;
use vocabulary::{Home, Rights};

use super::principals::{respond, told};
use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::folder::{Folder, Kept};
use crate::home::{HomeListing, read_if_there};
use crate::location::{Location, ProxyAccess};
use crate::members::{Listing, MATCHES_MAX, Members};
use crate::pages;
use crate::property::{self, Subject};
use crate::subject;

/// The homes that a path may lead to.
const HOMES: [Home; 2] = [Home::Calendars, Home::AddressBooks];

pub(super) async fn run(call: &Arc<Call>, wanted: PrincipalMatch) -> Answer {
    let own = own_principals(call).await?;
    match wanted.of {
        SelfMatch::Principal => {
            let found = principals_below(call, own).await?;
            Ok(told(call, found.into_iter(), None, &wanted.properties))
        }
        SelfMatch::Property(name) => {
            let principals = own.iter().map(|principal| principal.href().to_string()).collect();
            let search = Search { name, principals, selection: wanted.properties };
            search.run(call, own).await
        }
    }
}

/// The user as a principal, and the groups that the user is in.
async fn own_principals(call: &Call) -> Answer<Vec<Subject>> {
    let nothing = Kept::nothing();
    let location = Location::Principal(call.account().address.clone());
    let user = subject::find(call, &location, &nothing).await?;
    let Subject::Principal(person) = &user else { return Ok(vec![user]) };
    let mut locations: Vec<Location> = person.groups.iter().cloned().map(Location::Principal).collect();
    for access in ProxyAccess::ALL {
        locations.extend(person.relations.with(access).map(|owner| Location::Proxy(owner.clone(), access)));
    }
    let mut own = vec![user];
    for location in locations {
        own.push(subject::find(call, &location, &nothing).await?);
    }
    Ok(own)
}

/// Those of one's own principals that lie below the resource.
async fn principals_below(call: &Call, own: Vec<Subject>) -> Answer<Vec<Subject>> {
    match &call.location {
        Location::Root | Location::Principals => Ok(own),
        Location::Principal(_) => {
            let base = subject::find(call, &call.location, &Kept::nothing()).await?.href().to_string();
            let lies_below = |principal: &Subject| match principal {
                Subject::Proxy(_) => principal.href().to_string().starts_with(&base),
                _ => false,
            };
            Ok(own.into_iter().filter(lies_below).collect())
        }
        other => subject::find(call, other, &Kept::nothing()).await.map(|_| Vec::new()),
    }
}

/// What is looked for below a resource: a property that names one of these principals.
struct Search {
    name: QName,
    principals: HashSet<String>,
    selection: PropFind,
}

impl Search {
    async fn run(self, call: &Arc<Call>, own: Vec<Subject>) -> Answer {
        let homes: Vec<Home> = match &call.location {
            Location::Root => HOMES.to_vec(),
            Location::Principals => {
                let found = own.into_iter().filter(|subject| self.is_met(call, subject));
                return Ok(told(call, found, None, &self.selection));
            }
            Location::Homes(home) => vec![*home],
            Location::Home(home, owner) => {
                let location = Location::Home(*home, owner.clone());
                let found = subject::find(call, &location, &Kept::nothing()).await?;
                let Subject::Home(_, owner) = found else { return Ok(self.nothing(call)) };
                let folders = subject::addresses(call, *home, &owner).await?;
                return self.answer(call, Vec::new(), folders).await;
            }
            location => {
                return match subject::find(call, location, &Kept::nothing()).await? {
                    Subject::Folder(folder) => self.items(call, folder).await,
                    _ => Ok(self.nothing(call)),
                };
            }
        };
        let mut found = if call.location == Location::Root { own } else { Vec::new() };
        let mut folders = Vec::new();
        for home in homes {
            found.push(Subject::Home(home, call.account().clone()));
            folders.extend(subject::addresses(call, home, call.account()).await?);
        }
        self.answer(call, found, folders).await
    }

    fn nothing(&self, call: &Call) -> HttpResponse {
        told(call, std::iter::empty(), None, &self.selection)
    }

    async fn answer(self, call: &Arc<Call>, found: Vec<Subject>, folders: Vec<FolderAddress>) -> Answer {
        let mut output = MultiStatus::new(call.detail());
        for subject in found.iter().filter(|subject| self.is_met(call, subject)) {
            respond(call, &mut output, subject, &self.selection);
        }
        let (search, viewer) = (Arc::new(self), call.account().clone());
        let selection = search.selection.clone();
        let read = call.store().read(call.principal(), move |tx| {
            let kept = Kept::named([search.name.clone()]);
            let mut collections = VecDeque::new();
            for address in folders {
                if let Some(folder) = read_if_there(tx, address.clone(), &kept)?
                    && search.is_met_for(&viewer, &Subject::Folder(Arc::new(folder)))
                {
                    collections.push_back(address);
                }
            }
            Ok(collections)
        });
        let collections = read.await?;
        let listing = HomeListing { call: Arc::clone(call), selection, output, collections, token: None };
        pages::answer(call, listing).await
    }

    /// Of items nothing names a principal but their owner, which is that of the collection.
    async fn items(self, call: &Arc<Call>, folder: Arc<Folder>) -> Answer {
        let is_of_owner = self.name == Property::Owner.into();
        if folder.kind_if_any().is_none() {
            return Err(Precondition::SupportedReport.into());
        }
        if !is_of_owner || !self.is_met(call, &Subject::Folder(Arc::clone(&folder))) {
            return Ok(self.nothing(call));
        }
        // Who may see the folder only sees no items.
        let sees_items = folder.rights.contains(Rights::READ);
        let kept = Kept::nothing().and_of_items(&Kept::of(&self.selection));
        let address = folder.address.clone();
        let read = call.store().read(call.principal(), move |tx| Folder::read(tx, address, &kept));
        let members = Members {
            call: Arc::clone(call),
            folder: Arc::new(read.await?),
            request: PropertyRequest { selection: self.selection, calendar_data: None, address_data: None },
            entries: VecDeque::new(),
            listing: sees_items.then_some(Listing::of(Candidates::All)),
            filter: None,
            data: None,
            matches_max: MATCHES_MAX,
            tell_of_vanished: false,
            token: None,
        };
        members.answer().await
    }

    fn is_met(&self, call: &Call, subject: &Subject) -> bool {
        self.is_met_for(call.account(), subject)
    }

    fn is_met_for(&self, viewer: &storage::Account, subject: &Subject) -> bool {
        // It names the user whatever the resource.
        if self.name == Property::CurrentUserPrincipal.into() {
            return false;
        }
        match property::value(viewer, subject, &self.name) {
            Some(Value::Href(href)) => self.principals.contains(&href),
            Some(Value::Hrefs(hrefs)) => hrefs.iter().any(|href| self.principals.contains(href)),
            _ => false,
        }
    }
}
