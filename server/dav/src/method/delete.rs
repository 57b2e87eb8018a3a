//! DELETE: RFC 4918 section 9.6.

use actix_web::{HttpRequest, HttpResponse};
use storage::{Refusal, Subject, Write, right};

use crate::address::FolderAddress;
use crate::call::{Answer, Call, Checked, Failure, settled};
use crate::condition::Conditions;
use crate::location::Location;
use crate::property::item::etag;

pub(crate) async fn run(call: &Call, request: &HttpRequest) -> Answer {
    let conditions = Conditions::of(request)?;
    match &call.location {
        Location::Item(collection, name) => {
            let (address, name) = (call.folder(collection).await?, name.as_str().to_owned());
            let accounts = call.accounts(address.owner.id);
            let write = call
                .store()
                .write(call.principal(), &accounts, move |tx| remove(tx, &address, &name, &conditions));
            write.await??;
        }
        Location::Collection(collection) => {
            let address = call.folder(collection).await?;
            let accounts = call.accounts(address.owner.id);
            let write = call.store().write(call.principal(), &accounts, move |tx| {
                let grant = address.open::<right::DeleteCollection>(tx)?;
                if let Err(failure) = conditions.check_collection(&address, &grant) {
                    return Ok(Err(failure));
                }
                tx.delete_collection(&grant).map(Ok)
            });
            settled(write.await)?;
        }
        _ => return Err(Failure::not_allowed()),
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Removes an item, if the conditions hold.
pub(crate) fn remove(
    tx: &mut Write<'_>,
    address: &FolderAddress,
    name: &str,
    conditions: &Conditions,
) -> Checked<()> {
    let read = address.open::<right::ReadItems>(tx)?;
    let item = tx.item_by_resource(&read, name)?.ok_or(Refusal::NotFound(Subject::Item))?;
    if let Err(failure) = conditions.check(address, &read, name, Some(&etag(&item))) {
        return Ok(Err(failure));
    }
    let grant = address.open::<right::Remove>(tx)?;
    tx.remove(&grant, &[item.uid.0..=item.uid.0])?;
    Ok(Ok(()))
}
