//! ValidateCert: MS-ASCMD section 2.2.1.22.

use activesync_wire::command::validate_cert::{Request, answer};
use activesync_wire::status::ValidateCertStatus;
use std::sync::Arc;
use storage::Fault;
use wbxml::Element;

use crate::call::{Answer, Call, Reply};
use crate::wait::Subject;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let Request { certificates, chain, check_crl } = Request::parse(root)?;
    let (authorities, now) = (Arc::clone(call.server.authorities()), call.now());
    // One after the other, whichever device asks: they are work for a whole core.
    let turn = call.server.turns.take(call.account(), "", vec![Subject::Certificates]).await;
    // Many signatures: not on the threads that serve connections.
    let validating = tokio::task::spawn_blocking(move || {
        // Also if the device has gone meanwhile: this work goes on.
        let _turn = turn;
        let validate = |certificate: &Option<Vec<u8>>| match certificate {
            Some(der) => authorities.validate(der, &chain, now, check_crl),
            None => ValidateCertStatus::Malformed,
        };
        certificates.iter().map(validate).collect::<Vec<_>>()
    });
    let statuses = validating.await.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())))?;
    Ok(Reply::document(&answer(&statuses)).with_status(ValidateCertStatus::Success.code()))
}
