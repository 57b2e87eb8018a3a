//! PROPFIND: RFC 4918 section 9.1.

use dav_wire::header::Depth;
use dav_wire::method::PropFind;
use dav_wire::report::PropertyRequest;
use dav_wire::{MultiStatus, Precondition, Status};
use std::sync::Arc;
use storage::{Error, Refusal, right};
use vocabulary::Home;

use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::location::Location;
use crate::members::{Entry, MATCHES_MAX, Members};
use crate::property::{self, Subject};
use crate::{status, subject};

pub(crate) async fn run(call: &Arc<Call>, body: &[u8]) -> Answer {
    let selection = PropFind::parse(body)?;
    let subject = subject::find(call, &call.location).await?;
    let deep = match (call.depth, &subject) {
        (_, Subject::Item(..)) | (Some(Depth::Zero), _) => false,
        (Some(Depth::One), _) => true,
        // RFC 4918 section 9.1: a missing header stands for infinity, which need not be served.
        (Some(Depth::Infinity) | None, _) => return Err(Precondition::PropfindFiniteDepth.into()),
    };
    match subject {
        Subject::Folder(folder) if deep => listing(call, folder, selection).await,
        subject => {
            let members = if deep { members(call, &subject).await? } else { Vec::new() };
            // RFC 8144 section 4.
            let root = (!(deep && call.prefer.depth_noroot)).then_some(subject);
            Ok(multistatus(call, root.into_iter().chain(members), &selection))
        }
    }
}

/// One response for each resource.
pub(crate) fn multistatus(
    call: &Call,
    subjects: impl IntoIterator<Item = Subject>,
    selection: &PropFind,
) -> actix_web::HttpResponse {
    let mut output = MultiStatus::new(call.detail());
    for subject in subjects {
        let answers = property::answers(call.account(), &subject, selection);
        output.response(&subject.href().to_string(), &answers);
    }
    status::document(Status::MULTI_STATUS, output.finish())
}

/// What lies beneath. Of principals and homes only one's own is listed: a directory is to be searched, not read.
async fn members(call: &Call, subject: &Subject) -> Answer<Vec<Subject>> {
    let own = || call.account().clone();
    Ok(match subject {
        Subject::Public(Location::Root) => {
            [Location::Principals, Location::Homes(Home::Calendars), Location::Homes(Home::AddressBooks)]
                .map(Subject::Public)
                .into()
        }
        Subject::Public(Location::Principals) => vec![Subject::Principal(own())],
        Subject::Public(Location::Homes(home)) => vec![Subject::Home(*home, own())],
        Subject::Home(home, owner) => {
            let folders = subject::folders(call, *home, owner).await?;
            folders.into_iter().map(|folder| Subject::Folder(Arc::new(folder))).collect()
        }
        Subject::Public(_) | Subject::Principal(_) | Subject::Folder(_) | Subject::Item(..) => Vec::new(),
    })
}

/// A collection and its items. No body is read.
async fn listing(call: &Arc<Call>, folder: Arc<Folder>, selection: PropFind) -> Answer {
    let address = folder.address.clone();
    let read = call.store().read(call.principal(), move |tx| {
        let items = match address.open::<right::ReadItems>(tx) {
            Ok(grant) => tx.items(&grant, &[1..=u32::MAX])?,
            // Who may see the folder only sees no items.
            Err(Error::Refusal(Refusal::Denied { .. })) => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok((Folder::read(tx, address)?, items))
    });
    let (folder, items) = read.await?;
    let root = (!call.prefer.depth_noroot).then_some(Entry::Collection);
    let items = items.into_iter().map(|item| Entry::Item(Box::new(item)));
    let members = Members {
        call: Arc::clone(call),
        folder: Arc::new(folder),
        request: PropertyRequest { selection, calendar_data: None, address_data: None },
        entries: root.into_iter().chain(items).collect(),
        filter: None,
        data: None,
        matches_max: MATCHES_MAX,
        tell_of_vanished: false,
        token: None,
    };
    members.answer().await
}
