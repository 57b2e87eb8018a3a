//! PROPPATCH: RFC 4918 section 9.2.

use actix_web::{HttpRequest, HttpResponse};
use dav_wire::method::{Instruction, PropPatch};
use dav_wire::{MultiStatus, Precondition, PropertyAnswer, Status};
use storage::right;
use vocabulary::Home;

use crate::call::{Answer, Call, settled};
use crate::condition::Conditions;
use crate::folder::Kept;
use crate::location::Location;
use crate::property::{Changes, Occasion};
use crate::{proxy, schedule, status, subject};

pub(crate) async fn run(call: &Call, request: &HttpRequest, body: &[u8]) -> Answer {
    let conditions = Conditions::of(request)?;
    let instructions = PropPatch::parse(body)?.instructions;
    if let Location::Proxy(address, access) = &call.location {
        let answers = proxy::change(call, address, *access, instructions).await?;
        return Ok(multistatus(call, &answers));
    }
    let Location::Collection(collection) = &call.location else {
        subject::find(call, &call.location, &Kept::nothing()).await?;
        return Ok(multistatus(call, &refused(instructions)));
    };
    let address = call.folder(collection).await?;
    if collection.home == Home::Scheduling {
        let answers = schedule::patch_inbox(call, address, conditions, instructions).await?;
        return Ok(match answers {
            Ok(_) if call.prefer.minimal => HttpResponse::Ok().finish(),
            Ok(answers) | Err(answers) => multistatus(call, &answers),
        });
    }
    let changes = match Changes::check(instructions, Occasion::Later) {
        Ok(changes) => changes,
        Err(answers) => {
            subject::find(call, &call.location, &Kept::nothing()).await?;
            return Ok(multistatus(call, &answers));
        }
    };
    let answers = changes.done();
    let accounts = call.accounts(address.owner.id);
    let write = call.write(&accounts, move |tx| {
        let grant = address.open::<right::Lookup>(tx)?;
        if let Err(failure) = conditions.check_collection(&address, &grant) {
            return Ok(Err(failure));
        }
        changes.apply(tx, &address).map(Ok)
    });
    settled(write.await)?;
    if call.prefer.minimal {
        // RFC 8144 section 2.2: all went well, and nothing is to be told.
        return Ok(HttpResponse::Ok().finish());
    }
    Ok(multistatus(call, &answers))
}

/// Nothing but collections keeps properties.
fn refused(instructions: Vec<Instruction>) -> Vec<PropertyAnswer> {
    let name = |instruction| match instruction {
        Instruction::Set(element) => element.name,
        Instruction::Remove(name) => name,
    };
    let why = || Some(Precondition::CannotModifyProtectedProperty);
    instructions.into_iter().map(|one| PropertyAnswer::failed(name(one), Status::FORBIDDEN, why())).collect()
}

fn multistatus(call: &Call, answers: &[PropertyAnswer]) -> HttpResponse {
    let mut output = MultiStatus::new(dav_wire::Detail::Full);
    output.response(&call.location.href().to_string(), answers);
    status::document(Status::MULTI_STATUS, output.finish())
}
