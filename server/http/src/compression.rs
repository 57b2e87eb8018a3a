//! Nothing is not to be compressed: it would become twenty bytes.
//!
//! actix compresses what does not name an encoding. So an answer without a body names `identity`, and
//! [`without_mark`], wrapped around the compression, takes that off again.

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;

/// Marks an answer without a body as what it is.
pub fn leave_plain(response: &mut HttpResponse) {
    if matches!(response.body().size(), BodySize::None | BodySize::Sized(0)) {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
}

/// Takes the mark of [`leave_plain`] off again: it is for the compression only.
///
/// # Errors
/// What the service inside answers.
pub async fn without_mark(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    Ok(response)
}
