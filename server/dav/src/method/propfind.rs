//! PROPFIND: RFC 4918 section 9.1.

use dav_wire::header::Depth;
use dav_wire::method::PropFind;
use dav_wire::report::PropertyRequest;
use dav_wire::{MultiStatus, Precondition, Status};
use std::sync::Arc;
use storage::Candidates;
use vocabulary::{Home, Rights};

use crate::call::{Answer, Call};
use crate::folder::{Folder, Kept};
use crate::home::HomeListing;
use crate::location::{Location, ProxyAccess};
use crate::members::{Entry, Listing, Members};
use crate::property::{self, Subject};
use crate::report::Data;
use crate::{census, pages, status, subject};

pub(crate) async fn run(call: &Arc<Call>, body: &[u8]) -> Answer {
    let request = PropertyRequest::of_propfind(body)?;
    let subject = subject::find(call, &call.location, &Kept::of(&request.selection)).await?;
    let deep = match (call.depth, &subject) {
        (_, Subject::Item(..) | Subject::Notification(..)) | (Some(Depth::Zero), _) => false,
        (Some(Depth::One), _) => true,
        // RFC 4918 section 9.1: a missing header stands for infinity, which need not be served.
        (Some(Depth::Infinity) | None, _) => return Err(Precondition::PropfindFiniteDepth.into()),
    };
    let token = census::wanted_token(call, &subject, &request.selection).await?;
    // RFC 8144 section 4.
    let with_root = !(deep && call.prefer.depth_noroot);
    match subject {
        Subject::Folder(folder) if deep => {
            let root = with_root.then_some(Entry::Collection);
            // Who may see the folder only sees no items.
            let listing = folder.rights.contains(Rights::READ).then(|| Listing::of(Candidates::All));
            told(call, folder, request, root, listing).await
        }
        Subject::Item(folder, item) if request.address_data.is_some() => {
            told(call, folder, request, Some(Entry::Item(item)), None).await
        }
        Subject::Home(home, owner) if deep => {
            let collections = subject::addresses(call, home, &owner).await?;
            // It holds nothing and is no row of the store.
            let outbox = (home == Home::Scheduling).then(|| Subject::Outbox(owner.clone()));
            let root = with_root.then_some(Subject::Home(home, owner));
            let members = outbox.as_slice();
            let output = written(call, root.as_ref(), members, &request.selection, token.as_deref());
            let listing = HomeListing {
                call: Arc::clone(call),
                selection: request.selection,
                output,
                collections: collections.into(),
                token: None,
            };
            pages::answer(call, listing).await
        }
        subject => {
            let kept = Kept::of(&request.selection);
            let members = if deep { members(call, &subject, &kept).await? } else { Vec::new() };
            let root = with_root.then_some(&subject);
            let output = written(call, root, &members, &request.selection, token.as_deref());
            Ok(status::document(Status::MULTI_STATUS, output.finish()))
        }
    }
}

/// One response for each resource.
///
/// `token`: that of the home that is among the resources.
fn written(
    call: &Call,
    root: Option<&Subject>,
    members: &[Subject],
    selection: &PropFind,
    token: Option<&str>,
) -> MultiStatus {
    let mut output = MultiStatus::new(call.detail());
    // Under the path that was asked for, as a principal is found by other addresses too.
    let root = root.map(|root| (call.location.href(), root));
    for (href, subject) in root.into_iter().chain(members.iter().map(|member| (member.href(), member))) {
        let mut answers = property::answers(call.account(), subject, selection);
        if let (Subject::Home(..), Some(token)) = (subject, token) {
            census::tell_token(&mut answers, token);
        }
        output.response(&href.to_string(), &answers);
    }
    output
}

/// What lies beneath. Of principals and homes only one's own is listed: a directory is to be searched, not read.
async fn members(call: &Call, subject: &Subject, kept: &Kept) -> Answer<Vec<Subject>> {
    let own = || call.account().clone();
    Ok(match subject {
        Subject::Public(Location::Root) => {
            let homes = [Home::Calendars, Home::AddressBooks, Home::Files].map(Location::Homes);
            std::iter::once(Location::Principals).chain(homes).map(Subject::Public).collect()
        }
        Subject::Public(Location::Principals) => {
            vec![subject::find(call, &Location::Principal(own().address), kept).await?]
        }
        Subject::Principal(person) => {
            let mut proxies = Vec::new();
            for access in ProxyAccess::ALL {
                let location = Location::Proxy(person.address.clone(), access);
                proxies.push(subject::find(call, &location, kept).await?);
            }
            proxies
        }
        Subject::Notifications(owner, told) => {
            told.iter().map(|one| Subject::Notification(owner.clone(), Arc::clone(one))).collect()
        }
        Subject::Public(Location::Homes(home)) => vec![Subject::Home(*home, own())],
        Subject::Public(_)
        | Subject::Group(_)
        | Subject::Proxy(_)
        | Subject::Home(..)
        | Subject::Notification(..)
        | Subject::Folder(_)
        | Subject::Item(..)
        | Subject::Outbox(_) => Vec::new(),
    })
}

/// A collection and its items, as both were when the collection was read, or one of them. No body is read, unless cards
/// are asked for by name.
async fn told(
    call: &Arc<Call>,
    folder: Arc<Folder>,
    request: PropertyRequest,
    first: Option<Entry>,
    listing: Option<Listing>,
) -> Answer {
    let members = Members {
        call: Arc::clone(call),
        data: Data::of(call, &folder, &request, None).await?,
        folder,
        request,
        entries: first.into_iter().collect(),
        listing,
        filter: None,
        matches_max: usize::MAX,
        tell_of_vanished: false,
        token: None,
    };
    members.answer().await
}
