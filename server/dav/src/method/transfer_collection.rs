//! COPY and MOVE of a whole calendar or address book within its owner's home: RFC 4918 sections 9.8.3 and 9.9.2. A move
//! gives it another path; what phones and mail programs know it by stays, and nobody is told of its meetings. What a move
//! or copy takes the place of is removed: its meetings are cancelled or declined.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::Precondition;
use dav_wire::header::{Depth, Overwrite};
use http_door::text_header;
use storage::{COPY_MEMBERS_MAX, Error, Outgoing, Refusal, Write, right};
use vocabulary::Home;
use workflow::meeting::RemovalOfAll;

use super::delete;
use super::make_collection::{check_home, make};
use super::transfer::{Method, destination};
use crate::address::FolderAddress;
use crate::call::{Answer, Call, Failure, checked, retried, settled};
use crate::condition::Conditions;
use crate::kind::Kind;
use crate::location::{CollectionLocation, Location};
use crate::schedule;

/// What goes where.
#[derive(Clone)]
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
    if source.home == Home::Scheduling {
        return Err(StatusCode::FORBIDDEN.into());
    }
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
    let transfer = Transfer { from, to, name, method, deep, overwrite, conditions };
    let (is_new, posted) = retried(async || attempt_once(call, transfer.clone()).await).await?;
    schedule::deliver(call, posted).await;
    Ok(if is_new { HttpResponse::Created() } else { HttpResponse::NoContent() }.finish())
}

async fn attempt_once(call: &Call, transfer: Transfer) -> Answer<(bool, Vec<Outgoing>)> {
    let removal = match transfer.overwrite {
        Overwrite::Keep => None,
        Overwrite::Replace => match delete::plan_whole(call, &transfer.to).await {
            Err(Failure::Store(Error::Refusal(Refusal::NotFound(_)))) => None,
            planned => planned?,
        },
    };
    let accounts = call.accounts(transfer.from.owner.id);
    let write = call.write(&accounts, move |tx| checked(transfer.carry_out(tx, removal.as_ref())));
    settled(write.await)
}

impl Transfer {
    /// Whether nothing was at the target, and what others are told of what was.
    fn carry_out(&self, tx: &mut Write<'_>, removal: Option<&RemovalOfAll>) -> Answer<(bool, Vec<Outgoing>)> {
        let source = self.from.open::<right::ReadItems>(tx)?;
        if self.method == Method::Move {
            drop(self.from.open::<right::DeleteCollection>(tx)?);
        }
        self.conditions.check_collection(&self.from, &source)?;
        if self.method == Method::Copy && self.deep {
            if source.collection().messages > COPY_MEMBERS_MAX {
                return Err(Refusal::Invalid("too much to be copied at once").into());
            }
            // RFC 6638 section 3.2.4.1: it would be the same meeting twice.
            if tx.items(&source, &[1..=u32::MAX])?.iter().any(|item| item.schedule_modseq.is_some()) {
                return Err(Precondition::UniqueSchedulingObjectResource(None).into());
            }
        }
        let target = match self.to.open::<right::DeleteCollection>(tx) {
            Ok(target) => Some(target),
            Err(Error::Refusal(Refusal::NotFound(_))) => None,
            Err(error) => return Err(error.into()),
        };
        if target.is_some() && self.overwrite == Overwrite::Keep {
            return Err(StatusCode::PRECONDITION_FAILED.into());
        }
        let mut posted = Vec::new();
        if let Some(target) = &target {
            match removal {
                Some(removal) => posted = removal.post(tx)?,
                // It came to be after it was looked for.
                None if self.to.home == Home::Calendars => {
                    return Err(Refusal::Stale { current: target.collection().highest }.into());
                }
                None => {}
            }
            tx.delete_collection(target)?;
        }
        match self.method {
            Method::Move => {
                let grant = self.from.open::<right::DeleteCollection>(tx)?;
                tx.rename_resource(&grant, &self.name)?;
            }
            Method::Copy => self.copy(tx)?,
        }
        Ok((target.is_none(), posted))
    }

    fn copy(&self, tx: &mut Write<'_>) -> storage::Result<()> {
        let source = self.from.open::<right::ReadItems>(tx)?;
        let collection = source.collection();
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
