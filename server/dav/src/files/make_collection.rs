//! MKCOL among plain files: RFC 4918 section 9.3, RFC 5689 section 3.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::method::{Instruction, MakeCollection};
use dav_wire::property::ResourceType;
use dav_wire::{Precondition, Status};
use storage::{Write, right};

use super::change;
use super::guard::Guard;
use super::place::{FilePath, Place};
use crate::call::{Answer, Call, Failure};
use crate::method::make_collection::check_media_type;
use crate::property::{Changes, Occasion};
use crate::status;

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath, body: &[u8]) -> Answer {
    check_media_type(request, body)?;
    let made = MakeCollection::parse_mkcol(body)?;
    let types = made.resource_types()?;
    if types.iter().any(|wanted| *wanted != ResourceType::Collection) {
        return Err(Precondition::ValidResourceType.into());
    }
    let instructions = made.properties.into_iter().map(Instruction::Set).collect();
    let changes = match Changes::check(instructions, Occasion::Creation) {
        Ok(changes) => changes,
        Err(answers) => {
            return Ok(status::document(Status::FORBIDDEN, dav_wire::mkcol_response(&answers)));
        }
    };
    let guard = Guard::of(call, request)?;
    let account = path.account();
    change(call, account, move |tx| make(tx, &path, &guard, &changes)).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-cache")).finish())
}

fn make(tx: &mut Write<'_>, path: &FilePath, guard: &Guard, changes: &Changes) -> Answer<()> {
    let place = path.place(tx)?;
    let locks = place.locks(tx)?;
    let above = match &place {
        Place::Collection(_) | Place::File(..) => return Err(Failure::not_allowed()),
        Place::Nowhere => return Err(StatusCode::CONFLICT.into()),
        Place::Free(above) => above.collection().id,
    };
    let grant = tx.open::<right::CreateChild>(path.account(), above)?;
    guard.check(tx, path, &place, &locks)?;
    let (parent, name) = path.split().ok_or(StatusCode::CONFLICT)?;
    guard.may_change(tx, &locks, &[&parent])?;
    let made = tx.create_files(&grant, name)?;
    for (name, value) in changes.kept() {
        let grant = tx.open::<right::Replace>(path.account(), made.id)?;
        tx.set_file_property(&grant, None, &name, value.as_deref())?;
    }
    Ok(())
}
