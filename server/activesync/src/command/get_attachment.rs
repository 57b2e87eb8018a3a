//! GetAttachment: MS-ASCMD section 2.2.1.7, protocol 12.1. The file comes as it is, without WBXML around it.
//!
//! From 14.0 on there is no such command (R6021 R6022 R6023): ItemOperations fetches files. Who asks all the same expects a
//! file, so it is told by HTTP, where a document with a status would be kept as one.

use activesync_wire::status::CommonStatus;
use activesync_wire::{RequestError, Version};

use super::item_operations;
use crate::call::{Answer, Call, Reply};

/// Of something that is not there: MS-ASCMD R166.
const GONE: u16 = 500;
/// MS-ASHTTP R443.
const NOT_IMPLEMENTED: u16 = 501;

pub(crate) async fn run(call: &Call) -> Answer {
    if call.version >= Version::V14_0 {
        return Ok(Reply::Http(NOT_IMPLEMENTED));
    }
    let Some(name) = &call.query.attachment_name else {
        return Err(RequestError::common(CommonStatus::InvalidContent, "no attachment is named").into());
    };
    match item_operations::file(call, name).await {
        Ok(file) => Ok(Reply::File { content_type: file.content_type, bytes: file.data }),
        Err(status) => {
            tracing::debug!(account = call.account().0, ?status, "no such attachment");
            Ok(Reply::Http(GONE))
        }
    }
}
