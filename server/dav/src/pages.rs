//! Answers that are written while the client takes them.
//!
//! The status goes out with the first page, so what fails in that one is answered as ever. What fails later breaks the
//! connection off: a document without an end is not well-formed, and no client takes it for the whole.

use actix_web::HttpResponse;
use bytes::Bytes;
use dav_wire::{Status, xml};
use futures::stream::{self, StreamExt};
use std::io;
use std::sync::Arc;

use crate::call::{Answer, Call, Failure};
use crate::status;

/// After so many bytes a page ends.
pub(crate) const PAGE_WRITTEN_BYTES: usize = 256 << 10;

/// A multistatus document, written page by page.
pub(crate) trait Pages: Sized + 'static {
    /// The next bytes. `None`: all is written, and what has not been given stands in the end.
    async fn page(&mut self) -> Answer<Option<Bytes>>;

    /// The end of the document.
    fn end(self) -> Vec<u8>;
}

/// The answer. A short one is made at once; a long one begins with its first page.
pub(crate) async fn answer(call: &Arc<Call>, mut pages: impl Pages) -> Answer {
    let Some(first) = pages.page().await? else {
        return Ok(status::document(Status::MULTI_STATUS, pages.end()));
    };
    let begin = stream::once(async move { Ok::<_, io::Error>(first) });
    let rest = stream::unfold(Some((Arc::clone(call), pages)), |left| async move {
        let (call, mut pages) = left?;
        match pages.page().await {
            Ok(Some(page)) => Some((Ok(page), Some((call, pages)))),
            Ok(None) => Some((Ok(pages.end().into()), None)),
            Err(failure) => Some((Err(broken_off(&call, &failure)), None)),
        }
    });
    let mut response = HttpResponse::build(status::http(Status::MULTI_STATUS));
    Ok(response.content_type(xml::CONTENT_TYPE).streaming(Box::pin(begin.chain(rest))))
}

/// The line of the request says 207, for that is what the client was told; this one says what became of it.
fn broken_off(call: &Call, failure: &Failure) -> io::Error {
    match failure {
        Failure::Store(storage::Error::Fault(cause)) => drop(session::incident(cause)),
        // Rights that ended, or a collection that went.
        Failure::Store(storage::Error::Refusal(_))
        | Failure::Request(_)
        | Failure::Precondition(_)
        | Failure::Status(_) => {
            let (account, resource) = (call.account().id.0, call.location.word());
            tracing::info!(account, resource, reason = %failure, "an answer was broken off");
        }
    }
    io::Error::other(failure.to_string())
}
