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
use crate::location::Location;
use crate::members::{Entry, Listing, Members};
use crate::property::{self, Subject};
use crate::{census, pages, status, subject};

pub(crate) async fn run(call: &Arc<Call>, body: &[u8]) -> Answer {
    let selection = PropFind::parse(body)?;
    let subject = subject::find(call, &call.location, &Kept::of(&selection)).await?;
    let deep = match (call.depth, &subject) {
        (_, Subject::Item(..)) | (Some(Depth::Zero), _) => false,
        (Some(Depth::One), _) => true,
        // RFC 4918 section 9.1: a missing header stands for infinity, which need not be served.
        (Some(Depth::Infinity) | None, _) => return Err(Precondition::PropfindFiniteDepth.into()),
    };
    let token = census::wanted_token(call, &subject, &selection).await?;
    // RFC 8144 section 4.
    let with_root = !(deep && call.prefer.depth_noroot);
    match subject {
        Subject::Folder(folder) if deep => listing(call, folder, selection, with_root).await,
        Subject::Home(home, owner) if deep => {
            let collections = subject::addresses(call, home, &owner).await?;
            let root = with_root.then_some(Subject::Home(home, owner));
            let output = written(call, root, &selection, token.as_deref());
            let listing = HomeListing {
                call: Arc::clone(call),
                selection,
                output,
                collections: collections.into(),
                token: None,
            };
            pages::answer(call, listing).await
        }
        subject => {
            let members = if deep { members(call, &subject) } else { Vec::new() };
            let root = with_root.then_some(subject);
            let output = written(call, root.into_iter().chain(members), &selection, token.as_deref());
            Ok(status::document(Status::MULTI_STATUS, output.finish()))
        }
    }
}

/// One response for each resource.
pub(crate) fn multistatus(
    call: &Call,
    subjects: impl IntoIterator<Item = Subject>,
    selection: &PropFind,
) -> actix_web::HttpResponse {
    status::document(Status::MULTI_STATUS, written(call, subjects, selection, None).finish())
}

/// `token`: that of the home that is among the resources.
fn written(
    call: &Call,
    subjects: impl IntoIterator<Item = Subject>,
    selection: &PropFind,
    token: Option<&str>,
) -> MultiStatus {
    let mut output = MultiStatus::new(call.detail());
    for subject in subjects {
        let mut answers = property::answers(call.account(), &subject, selection);
        if let (Subject::Home(..), Some(token)) = (&subject, token) {
            census::tell_token(&mut answers, token);
        }
        output.response(&subject.href().to_string(), &answers);
    }
    output
}

/// What lies beneath. Of principals and homes only one's own is listed: a directory is to be searched, not read.
fn members(call: &Call, subject: &Subject) -> Vec<Subject> {
    let own = || call.account().clone();
    match subject {
        Subject::Public(Location::Root) => {
            let homes = [Home::Calendars, Home::AddressBooks, Home::Files].map(Location::Homes);
            std::iter::once(Location::Principals).chain(homes).map(Subject::Public).collect()
        }
        Subject::Public(Location::Principals) => vec![Subject::Principal(own())],
        Subject::Public(Location::Homes(home)) => vec![Subject::Home(*home, own())],
        Subject::Public(_)
        | Subject::Principal(_)
        | Subject::Home(..)
        | Subject::Folder(_)
        | Subject::Item(..) => Vec::new(),
    }
}

/// A collection and its items, as both were when the collection was read. No body is read.
async fn listing(call: &Arc<Call>, folder: Arc<Folder>, selection: PropFind, with_root: bool) -> Answer {
    // Who may see the folder only sees no items.
    let sees_items = folder.rights.contains(Rights::READ);
    let members = Members {
        call: Arc::clone(call),
        folder,
        request: PropertyRequest { selection, calendar_data: None, address_data: None },
        entries: with_root.then_some(Entry::Collection).into_iter().collect(),
        listing: sees_items.then_some(Listing::of(Candidates::All)),
        filter: None,
        data: None,
        matches_max: usize::MAX,
        tell_of_vanished: false,
        token: None,
    };
    members.answer().await
}
