//! COPY and MOVE of plain files and of whole collections: RFC 4918 sections 9.8 and 9.9. What is kept of them goes along,
//! locks do not.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::header::{Depth, Overwrite};
use http_door::text_header;
use storage::{Grant, Locks, Refusal, Write, right};
use vocabulary::CollectionId;

use super::change;
use super::delete::{Outcome, locked};
use super::guard::Guard;
use super::place::{FilePath, Place, missing};
use crate::call::{Answer, Call};
use crate::location::Location;
use crate::method::put::no_parent;
pub(super) use crate::method::transfer::Method;
use crate::method::transfer::destination;

/// What goes where.
struct Transfer {
    from: FilePath,
    to: FilePath,
    method: Method,
    depth: Option<Depth>,
    overwrite: Overwrite,
    guard: Guard,
}

pub(super) async fn run(call: &Call, request: &HttpRequest, from: FilePath, method: Method) -> Answer {
    let Location::File(target) = destination(request)? else { return Err(StatusCode::FORBIDDEN.into()) };
    let to = FilePath::of(call, &target).await.map_err(no_parent)?;
    if to.account() != from.account() {
        return Err(Refusal::Invalid("files are copied between accounts by their bytes").into());
    }
    let overwrite =
        Overwrite::parse(text_header(request, "Overwrite")).map_err(|_| StatusCode::BAD_REQUEST)?;
    let (guard, account) = (Guard::of(call, request)?, from.account());
    let transfer = Transfer { from, to, method, depth: call.depth, overwrite, guard };
    let outcome = change(call, account, move |tx| transfer.carry_out(tx)).await?;
    Ok(match outcome {
        Outcome::Done { is_new: true } => HttpResponse::Created().finish(),
        Outcome::Done { is_new: false } => HttpResponse::NoContent().finish(),
        Outcome::Locked(members) => locked(call, &members),
    })
}

impl Transfer {
    fn carry_out(&self, tx: &mut Write<'_>) -> Answer<Outcome> {
        let Self { from, to, guard, .. } = self;
        let source = from.place(tx)?;
        let locks = source.locks(tx)?;
        if !source.is_there() {
            return Err(missing().into());
        }
        // The rights that are missing are told before anything else is.
        self.open_source(tx, &source)?;
        guard.check(tx, from, &source, &locks)?;
        let deep = self.is_deep(&source)?;
        let is_above = |one: &FilePath, other: &FilePath| other.names.starts_with(&one.names);
        // RFC 4918 sections 9.8.5 and 9.9.4. What lies in a collection cannot be made of all of it.
        let within = source.is_collection() && deep && is_above(from, to);
        if from.names == to.names || within {
            return Err(StatusCode::FORBIDDEN.into());
        }
        let target = to.place(tx)?;
        if matches!(target, Place::Nowhere) {
            return Err(StatusCode::CONFLICT.into());
        }
        if target.is_there() {
            if self.overwrite == Overwrite::Keep {
                return Err(StatusCode::PRECONDITION_FAILED.into());
            }
            // What is above the source would take it along.
            if is_above(to, from) {
                return Err(StatusCode::FORBIDDEN.into());
            }
        }
        let members = self.locked(tx, &locks, &source, &target)?;
        if !members.is_empty() {
            return Ok(Outcome::Locked(members));
        }
        self.clear(tx, &target)?;
        self.place(tx, &source, deep)?;
        Ok(Outcome::Done { is_new: !target.is_there() })
    }

    /// How far COPY and MOVE reach: RFC 4918 sections 9.8.3 and 9.9.2.
    fn is_deep(&self, source: &Place<'_>) -> Answer<bool> {
        match (self.depth, self.method) {
            (None | Some(Depth::Infinity), _) => Ok(true),
            (Some(_), _) if !source.is_collection() => Ok(true),
            (Some(Depth::Zero), Method::Copy) => Ok(false),
            (Some(_), _) => Err(StatusCode::BAD_REQUEST.into()),
        }
    }

    fn open_source(&self, tx: &Write<'_>, source: &Place<'_>) -> Answer<()> {
        let (account, collection) = (self.from.account(), source.collection().ok_or_else(missing)?);
        match (source, self.method) {
            (Place::Collection(_), Method::Move) => {
                drop(tx.open::<right::DeleteCollection>(account, collection)?);
            }
            (Place::File(_, item), Method::Move) => {
                let remove = tx.open::<right::Remove>(account, collection)?;
                tx.refuse_foreign(&remove, &(item.uid.0..=item.uid.0))?;
            }
            (_, Method::Copy) => drop(tx.open::<right::ReadItems>(account, collection)?),
            (Place::Free(_) | Place::Nowhere, _) => return Err(missing().into()),
        }
        Ok(())
    }

    /// Members of collections whose locks are in the way.
    ///
    /// # Errors
    /// 423 if one of the two resources is locked, or a collection that a name comes into or goes from: RFC 4918
    /// sections 7.4 and 7.6.
    fn locked(
        &self,
        tx: &Write<'_>,
        locks: &Locks,
        source: &Place<'_>,
        target: &Place<'_>,
    ) -> Answer<Vec<String>> {
        let (source_above, target_above) = (self.from.split(), self.to.split());
        let mut touched: Vec<&FilePath> = Vec::new();
        if self.method == Method::Move {
            touched.push(&self.from);
            touched.extend(source_above.as_ref().map(|(above, _)| above));
        }
        // The bytes of one file instead of those of another change that file alone.
        let is_in_place = matches!((source, target), (Place::File(..), Place::File(..)));
        if target.is_there() {
            touched.push(&self.to);
        }
        if !is_in_place {
            touched.extend(target_above.as_ref().map(|(above, _)| above));
        }
        self.guard.may_change(tx, locks, &touched)?;
        let mut members = Vec::new();
        if self.method == Method::Move && source.is_collection() {
            members = self.guard.locked_beneath(tx, locks, &self.from)?;
        }
        if target.is_collection() {
            members.extend(self.guard.locked_beneath(tx, locks, &self.to)?);
        }
        Ok(members)
    }

    /// What is at the target goes: RFC 4918 sections 9.8.4 and 9.9.3.
    fn clear(&self, tx: &mut Write<'_>, target: &Place<'_>) -> storage::Result<()> {
        let account = self.to.account();
        match target {
            Place::File(above, item) => {
                let grant = tx.open::<right::Remove>(account, above.collection().id)?;
                tx.remove(&grant, &[item.uid.0..=item.uid.0]).map(drop)
            }
            Place::Collection(found) => {
                let grant = tx.open::<right::DeleteCollection>(account, found.collection().id)?;
                tx.delete_files(&grant)
            }
            Place::Free(_) | Place::Nowhere => Ok(()),
        }
    }

    /// Every failure undoes what was cleared.
    fn place(&self, tx: &mut Write<'_>, source: &Place<'_>, deep: bool) -> storage::Result<()> {
        let (above, name) = self.to.split().ok_or_else(missing)?;
        let account = self.from.account();
        let id: CollectionId = source.collection().ok_or_else(missing)?;
        match (source, self.method) {
            (Place::Collection(_), Method::Copy) => {
                let read: Grant<'_, right::ReadItems> = tx.open(account, id)?;
                tx.copy_files(&read, &above.open(tx)?, name, deep).map(drop)
            }
            (Place::Collection(_), Method::Move) => {
                let grant: Grant<'_, right::DeleteCollection> = tx.open(account, id)?;
                tx.move_files(&grant, &above.open(tx)?, name)
            }
            (Place::File(_, item), Method::Copy) => {
                let read: Grant<'_, right::ReadItems> = tx.open(account, id)?;
                tx.copy_resource(&read, &above.open(tx)?, item.uid, name).map(drop)
            }
            (Place::File(_, item), Method::Move) => {
                let (remove, read) = (tx.open(account, id)?, tx.open(account, id)?);
                tx.move_resource(&remove, &read, &above.open(tx)?, item.uid, name).map(drop)
            }
            (Place::Free(_) | Place::Nowhere, _) => Err(missing().into()),
        }
    }
}
