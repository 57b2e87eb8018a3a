//! POST to a collection: a new member under a name that the server chooses, RFC 5995.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use calendar::schedule::Agent;
use storage::right;
use vocabulary::Home;

use super::bulk;
use super::put::{self, Target};
use crate::call::{Answer, Call, Failure};
use crate::condition::Conditions;
use crate::kind::Kind;
use crate::location::Location;

/// What the path is followed by when it stands for a member to come. The collection itself takes many at once.
pub(crate) const QUERY: &str = "add-member";

pub(crate) async fn run(call: &Call, request: &HttpRequest, payload: web::Payload) -> Answer {
    let Location::Collection(collection) = &call.location else { return Err(Failure::not_allowed()) };
    if request.query_string() != QUERY {
        return bulk::run(call, collection, request, payload).await;
    }
    let kind = Kind::of_folder(collection.home);
    let form = put::check_head(kind, request)?;
    let target = Target {
        address: call.folder(collection).await?,
        name: fresh_name(collection.home)?,
        conditions: Conditions::of_absence(),
    };
    let address = target.address.clone();
    // RFC 9110 section 9.3.3: what is posted to must be there.
    let open = move |tx: &storage::Read<'_>| address.open::<right::Insert>(tx).map(drop);
    call.store().read(call.principal(), open).await?;
    let href = target.address.item(&target.name).to_string();
    let bytes = put::receive_object(call, kind, request, payload, form).await?;
    let stored = put::store(call, target, bytes, Agent::Server).await?.having_come_in(form);
    let mut response = HttpResponse::Created();
    Ok(stored.tell(response.insert_header((header::LOCATION, href))).finish())
}

/// A name that no item of a home of this kind has.
pub(super) fn fresh_name(home: Home) -> Answer<String> {
    let extension = if home == Home::AddressBooks { "vcf" } else { "ics" };
    Ok(format!("{}.{extension}", workflow::fresh_id()?))
}
