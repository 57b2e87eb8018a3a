//! ACL: RFC 3744 section 8.1.

use actix_web::{HttpRequest, HttpResponse};
use dav_wire::method::SetAcl;
use storage::right;
use vocabulary::{Home, Rights};

use crate::acl::Plan;
use crate::call::{Answer, Call, settled};
use crate::condition::Conditions;
use crate::folder::Kept;
use crate::location::Location;
use crate::{directory, privilege, subject};

pub(crate) async fn run(call: &Call, request: &HttpRequest, body: &[u8]) -> Answer {
    let conditions = Conditions::of(request)?;
    let wanted = SetAcl::parse(body)?;
    let location = match &call.location {
        Location::Collection(location) if location.home != Home::Scheduling => location,
        other => {
            subject::find(call, other, &Kept::nothing()).await?;
            // The lists of all others follow from what they are.
            return Err(privilege::missing(call, Rights::ADMINISTER).into());
        }
    };
    let address = call.folder(location).await?;
    let known = directory::named(call, wanted.hrefs()).await?;
    let plan = Plan::of(&wanted.entries, address.home, address.owner.id, &known);
    let accounts = call.accounts(address.owner.id);
    let write = call.write(&accounts, move |tx| {
        // Whoever may not change the list is not told what is wrong with it.
        let grant = address.open::<right::Administer>(tx)?;
        if let Err(failure) = conditions.check_collection(&address, &grant) {
            return Ok(Err(failure));
        }
        match &plan {
            Ok(plan) => plan.apply(tx, &address),
            Err(unmet) => Ok(Err(unmet.clone().into())),
        }
    });
    settled(write.await)?;
    Ok(HttpResponse::Ok().finish())
}
