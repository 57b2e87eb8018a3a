//! COPY and MOVE of a whole calendar or address book within its owner's home: RFC 4918 sections 9.8.3 and 9.9.2. A move
//! gives it another path; what phones and mail programs know it by stays.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::header::{Depth, Overwrite};
use http_door::text_header;
use storage::{COPY_MEMBERS_MAX, Error, Refusal, Write, right};

use super::make_collection::{check_home, make};
use super::transfer::{Method, destination};
use crate::address::FolderAddress;
use crate::call::{Answer, Call, checked, settled};
use crate::condition::Conditions;
use crate::kind::Kind;
use crate::location::{CollectionLocation, Location};

/// What goes where.
struct Transfer {
    from: FolderAddress,
    to: FolderAddress,
    name: String,
    method: Method,
    /// With the items in it.
    deep: bool,
    overwrite: Overwrite,
    conditions: Conditions,
}

pub(super) async fn run(
    call: &Call,
    request: &HttpRequest,
    source: &CollectionLocation,
    method: Method,
) -> Answer {
    let target = match destination(request)? {
        // RFC 4918 sections 9.8.5 and 9.9.4.
        destination if destination == call.location => return Err(StatusCode::FORBIDDEN.into()),
        Location::Collection(target) => target,
        _ => return Err(StatusCode::FORBIDDEN.into()),
    };
    if target.home != source.home || target.owner != source.owner {
        return Err(Kind::of_folder(target.home).location_not_ok.clone().into());
    }
    check_home(call, &target).await?;
    let overwrite =
        Overwrite::parse(text_header(request, "Overwrite")).map_err(|_| StatusCode::BAD_REQUEST)?;
    let deep = match (call.depth, method) {
        (None | Some(Depth::Infinity), _) => true,
        (Some(Depth::Zero), Method::Copy) => false,
        (Some(_), _) => return Err(StatusCode::BAD_REQUEST.into()),
    };
    let (from, to) = (call.folder(source).await?, call.folder(&target).await?);
    let (conditions, name) = (Conditions::of(request)?, target.name.as_str().to_owned());
    let accounts = call.accounts(from.owner.id);
    let transfer = Transfer { from, to, name, method, deep, overwrite, conditions };
    let write = call.store().write(call.principal(), &accounts, move |tx| checked(transfer.carry_out(tx)));
    let is_new = settled(write.await)?;
    Ok(if is_new { HttpResponse::Created() } else { HttpResponse::NoContent() }.finish())
}

impl Transfer {
    /// Whether nothing was at the target.
    fn carry_out(&self, tx: &mut Write<'_>) -> Answer<bool> {
        let source = self.from.open::<right::ReadItems>(tx)?;
        if self.method == Method::Move {
            drop(self.from.open::<right::DeleteCollection>(tx)?);
        }
        self.conditions.check_collection(&self.from, &source)?;
        let target = match self.to.open::<right::DeleteCollection>(tx) {
            Ok(target) => Some(target),
            Err(Error::Refusal(Refusal::NotFound(_))) => None,
            Err(error) => return Err(error.into()),
        };
        if target.is_some() && self.overwrite == Overwrite::Keep {
            return Err(StatusCode::PRECONDITION_FAILED.into());
        }
        if let Some(target) = &target {
            tx.delete_collection(target)?;
        }
        match self.method {
            Method::Move => {
                let grant = self.from.open::<right::DeleteCollection>(tx)?;
                tx.rename_resource(&grant, &self.name)?;
            }
            Method::Copy => self.copy(tx)?,
        }
        Ok(target.is_none())
    }

    fn copy(&self, tx: &mut Write<'_>) -> storage::Result<()> {
        let source = self.from.open::<right::ReadItems>(tx)?;
        let collection = source.collection();
        if self.deep && collection.messages > COPY_MEMBERS_MAX {
            return Err(Refusal::Invalid("too much to be copied at once").into());
        }
        let (kind, called) = (collection.kind, &collection.name);
        let made = make(tx, self.to.owner.id, kind, called, &self.name)?;
        let target = tx.open::<right::Insert>(made.account, made.id)?;
        tx.copy_properties(&source, &target)?;
        if self.deep {
            tx.copy(&source, &target, &[1..=u32::MAX])?;
        }
        Ok(())
    }
}
