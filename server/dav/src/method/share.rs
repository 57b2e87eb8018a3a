//! Sharing by POST, of the calendar server's extensions and of the draft on resource sharing: an owner says who may do
//! what with a collection, and whoever it is shared with takes it up or away.

use actix_web::HttpResponse;
use dav_wire::sharing::{InviteReply, ShareAccess, ShareChange, shared_as};
use dav_wire::{Href, MultiStatus, Segment, Status, xml};
use std::collections::BTreeMap;
use storage::{Grantee, Refusal, Subject, Write, right};
use vocabulary::{EmailAddress, Preset, Rights};

use crate::address::{self, FolderAddress, FolderName};
use crate::call::{Answer, Call, settled};
use crate::condition::Conditions;
use crate::directory::{self, Named};
use crate::location::{self, CollectionLocation, Location};
use crate::sharing::access_of;
use crate::status;

/// What the draft calls its documents by; others call them XML.
pub(super) const CONTENT_TYPE: &str = "application/davsharing+xml";

/// Changes of who may do what. Those that name nobody are told; the others are made, all at once.
pub(super) async fn change(call: &Call, location: &CollectionLocation, changes: Vec<ShareChange>) -> Answer {
    let address = call.folder(location).await?;
    let owner = address.owner.id;
    let known = directory::named(call, changes.iter().map(|change| change.href.as_str())).await?;
    let grantee = |href: &str| match known.get(href) {
        Some(Named::Grantee(Grantee::Account(id))) if *id == owner => None,
        Some(Named::Grantee(grantee)) => Some(*grantee),
        Some(Named::Proxy) | None => None,
    };
    let named: Vec<(Option<Grantee>, ShareChange)> =
        changes.into_iter().map(|change| (grantee(&change.href), change)).collect();
    let wanted: Vec<(Grantee, Option<ShareAccess>)> =
        named.iter().filter_map(|(grantee, change)| Some(((*grantee)?, change.access))).collect();
    let accounts = call.accounts(owner);
    let write = call.write(&accounts, move |tx| grant(tx, &address, &wanted));
    write.await?;
    if named.iter().all(|(grantee, _)| grantee.is_some()) {
        return Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-cache")).finish());
    }
    let mut output = MultiStatus::new(call.detail());
    for (grantee, change) in &named {
        let status = if grantee.is_some() { Status::OK } else { Status::FORBIDDEN };
        output.status(&change.href, status, None);
    }
    Ok(status::document(Status::MULTI_STATUS, output.finish()))
}

/// Whoever has the access already keeps what it has: more may be in it than the two words say.
fn grant(
    tx: &mut Write<'_>,
    address: &FolderAddress,
    wanted: &[(Grantee, Option<ShareAccess>)],
) -> storage::Result<()> {
    const READS: Rights = Rights::of(&[Rights::LOOKUP, Rights::READ]);
    let grant = address.open::<right::Administer>(tx)?;
    let shares = tx.shares(&grant)?.into_iter();
    let mut held: BTreeMap<Grantee, Rights> = shares.map(|share| (share.grantee, share.rights)).collect();
    for (grantee, access) in wanted {
        let rights = held.get(grantee).copied().unwrap_or(Rights::NONE);
        let is_so = match access {
            Some(access) => rights.contains(READS) && access_of(rights) == *access,
            None => rights.is_empty(),
        };
        if is_so {
            continue;
        }
        let rights = match access {
            Some(ShareAccess::ReadWrite) => Preset::Editor.rights(),
            Some(ShareAccess::Read) => Preset::Reader.rights(),
            None => Rights::NONE,
        };
        tx.set_permission(&grant, *grantee, rights)?;
        held.insert(*grantee, rights);
    }
    Ok(())
}

/// An answer to an invitation, sent to one's own home: the collection is in sight there from now on, or not.
pub(super) async fn reply(call: &Call, owner: &EmailAddress, reply: &InviteReply) -> Answer {
    if *owner != call.account().address {
        return Err(Refusal::NotFound(Subject::Account).into());
    }
    let address = source(call, &reply.host).await?;
    let (of, accounts) = (address.owner.id, call.accounts(address.owner.id));
    let accepted = reply.accepted;
    let write = call.write(&accounts, move |tx| {
        let grant = match &address.name {
            FolderName::Resource(_) => address.open::<right::Lookup>(tx)?,
            // Out of sight it has no path here, but the one that it had.
            FolderName::Mount(id) | FolderName::Id(id) => tx.open(address.owner.id, *id)?,
        };
        tx.show_share(&grant, accepted)?;
        Ok((grant.collection().id, grant.collection().kind.home()))
    });
    let (id, home) = write.await?;
    if !accepted {
        return Ok(HttpResponse::NoContent().finish());
    }
    let home = location::home(home, &call.account().address);
    let href: Href = match Segment::new(address::mount(of, id)) {
        Ok(name) => home.collection(name),
        Err(_) => home,
    };
    let mut response = HttpResponse::Ok();
    Ok(response.content_type(xml::CONTENT_TYPE).body(shared_as(&href.to_string())))
}

/// The collection that an invitation is about: where its owner has it, or where it was mounted.
async fn source(call: &Call, host: &str) -> Answer<FolderAddress> {
    let missing = || Refusal::NotFound(Subject::Collection);
    match Href::parse(host).ok().and_then(|href| Location::of(&href)) {
        Some(Location::Collection(location)) => call.folder(&location).await,
        _ => Err(missing().into()),
    }
}

/// DELETE of what another shares, where it is mounted: it goes out of sight, and nothing is deleted.
pub(super) async fn remove(call: &Call, address: FolderAddress, conditions: Conditions) -> Answer {
    let accounts = call.accounts(address.owner.id);
    let write = call.write(&accounts, move |tx| {
        let grant = address.open::<right::Lookup>(tx)?;
        if let Err(failure) = conditions.check_collection(&address, &grant) {
            return Ok(Err(failure));
        }
        tx.show_share(&grant, false).map(Ok)
    });
    settled(write.await)?;
    Ok(HttpResponse::NoContent().finish())
}
