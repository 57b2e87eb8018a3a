//! What a client is told when the store says no: one function for each command's own numbers, each
//! of them naming every [`Refusal`].

use activesync_wire::status::{
    CommonStatus, EstimateStatus, FolderChangeStatus, ItemOperationsStatus, MeetingResponseStatus,
    MoveStatus, SearchStatus, SettingsStatus, SyncStatus,
};
use activesync_wire::{Answer, Command, RequestError, Version};
use storage::{Error, Fault, Refusal, Subject};

use crate::call::{Failure, Reply};

/// The answer to a command that failed as a whole.
pub(crate) fn failed(failure: &Failure, command: Command, version: Version) -> Reply {
    let (error, code) = match failure {
        Failure::Request(error) => (*error, code_of(error)),
        Failure::Store(error) => {
            let status = whole(error);
            (RequestError::common(status, "the store refused"), Some(status.code()))
        }
    };
    match error.answer(command, version) {
        Answer::Http(code) => Reply::Http(code),
        Answer::Document(document) => match code {
            Some(code) => Reply::document(&document).with_status(code),
            None => Reply::document(&document),
        },
    }
}

fn code_of(error: &RequestError) -> Option<u16> {
    match error {
        RequestError::Common { status, .. } => Some(status.code()),
        RequestError::Own { status, .. } => Some(*status),
        RequestError::Structure(_) => None,
    }
}

/// MS-ASCMD section 2.2.2.
fn whole(error: &Error) -> CommonStatus {
    match error {
        Error::Refusal(refusal) => common(refusal),
        Error::Fault(fault) => {
            let _told_by_the_log = session::incident(fault);
            match fault {
                // It passes: R4834.
                Fault::Database(_) | Fault::Poisoned | Fault::Blob(_) | Fault::Closed => {
                    CommonStatus::ServerErrorRetryLater
                }
                // The same request would come to the same: R4832.
                Fault::Damaged { .. }
                | Fault::Row(_)
                | Fault::NotDeclared(_)
                | Fault::Panic(_)
                | Fault::Open(_) => CommonStatus::ServerError,
            }
        }
    }
}

fn common(refusal: &Refusal) -> CommonStatus {
    match refusal {
        Refusal::NotFound(Subject::Account) => CommonStatus::NoMailbox,
        Refusal::NotFound(Subject::Address) => CommonStatus::RecipientUnresolved,
        Refusal::NotFound(_) => CommonStatus::InvalidIds,
        Refusal::Denied { .. } => CommonStatus::AccessDenied,
        Refusal::AlreadyExists(_) | Refusal::Invalid(_) => CommonStatus::InvalidCombination,
        Refusal::Stale { .. } | Refusal::ResyncRequired { .. } | Refusal::Busy => {
            CommonStatus::ServerErrorRetryLater
        }
        Refusal::OverQuota { .. } => CommonStatus::MailboxQuotaExceeded,
        Refusal::TooLarge { .. } => CommonStatus::AttachmentTooLarge,
    }
}

/// SendMail and its like: MS-ASCMD section 2.2.2.
pub(crate) fn sending(refusal: &Refusal) -> CommonStatus {
    match refusal {
        Refusal::NotFound(Subject::Address | Subject::Domain | Subject::Group) => {
            CommonStatus::RecipientUnresolved // R4844
        }
        Refusal::NotFound(_) => CommonStatus::SourceNotFound, // R4930
        Refusal::Denied { .. } => CommonStatus::AccessDenied, // R4878
        Refusal::OverQuota { .. } => CommonStatus::MailboxQuotaExceeded,
        Refusal::TooLarge { .. } => CommonStatus::AttachmentTooLarge,
        Refusal::Invalid(_) | Refusal::AlreadyExists(_) => CommonStatus::SubmissionFailed, // R4855
        Refusal::Stale { .. } | Refusal::ResyncRequired { .. } | Refusal::Busy => {
            CommonStatus::ServerErrorRetryLater
        }
    }
}

/// One item of Sync: MS-ASCMD section 2.2.3.177.17.
pub(crate) fn sync_item(refusal: &Refusal) -> SyncStatus {
    match refusal {
        Refusal::NotFound(_) => SyncStatus::NotFound,
        // The server's version stands and is sent again.
        Refusal::Denied { .. } | Refusal::Stale { .. } => SyncStatus::Conflict,
        Refusal::AlreadyExists(_) | Refusal::TooLarge { .. } | Refusal::Invalid(_) => SyncStatus::Conversion,
        Refusal::ResyncRequired { .. } | Refusal::Busy => SyncStatus::Retry,
        Refusal::OverQuota { .. } => SyncStatus::CannotComplete, // R4449
    }
}

/// One collection of Sync.
pub(crate) fn sync_collection(error: &Error) -> SyncStatus {
    match error {
        Error::Fault(fault) => {
            let _told_by_the_log = session::incident(fault);
            SyncStatus::ServerError
        }
        Error::Refusal(refusal) => match refusal {
            // Gone, or no longer shared: FolderSync shows it (R4452).
            Refusal::NotFound(_) | Refusal::Denied { .. } => SyncStatus::HierarchyChanged,
            Refusal::ResyncRequired { .. } => SyncStatus::InvalidSyncKey,
            Refusal::Busy | Refusal::Stale { .. } => SyncStatus::Retry,
            Refusal::OverQuota { .. } => SyncStatus::CannotComplete,
            Refusal::AlreadyExists(_) | Refusal::TooLarge { .. } | Refusal::Invalid(_) => {
                SyncStatus::ServerError
            }
        },
    }
}

/// One collection of GetItemEstimate: MS-ASCMD section 2.2.3.177.7.
pub(crate) fn estimate(error: &Error) -> EstimateStatus {
    match error {
        Error::Fault(fault) => {
            let _told_by_the_log = session::incident(fault);
            EstimateStatus::InvalidCollection
        }
        Error::Refusal(refusal) => match refusal {
            Refusal::ResyncRequired { .. } => EstimateStatus::InvalidSyncKey,
            Refusal::NotFound(_)
            | Refusal::Denied { .. }
            | Refusal::AlreadyExists(_)
            | Refusal::Stale { .. }
            | Refusal::OverQuota { .. }
            | Refusal::TooLarge { .. }
            | Refusal::Invalid(_)
            | Refusal::Busy => EstimateStatus::InvalidCollection,
        },
    }
}

/// FolderCreate, FolderDelete and FolderUpdate: MS-ASCMD sections 2.2.3.177.3, .4 and .6.
pub(crate) fn folder_change(refusal: &Refusal) -> FolderChangeStatus {
    match refusal {
        Refusal::NotFound(_) => FolderChangeStatus::NotFound,
        Refusal::AlreadyExists(_) => FolderChangeStatus::AlreadyExists,
        Refusal::Denied { .. } | Refusal::Invalid(_) => FolderChangeStatus::SpecialFolder,
        Refusal::ResyncRequired { .. } => FolderChangeStatus::InvalidSyncKey,
        Refusal::Stale { .. } | Refusal::OverQuota { .. } | Refusal::TooLarge { .. } | Refusal::Busy => {
            FolderChangeStatus::ServerError
        }
    }
}

/// One item of MoveItems whose folders are known to exist: MS-ASCMD section 2.2.3.177.10.
pub(crate) fn moving(refusal: &Refusal) -> MoveStatus {
    match refusal {
        Refusal::NotFound(_) => MoveStatus::InvalidSource,
        Refusal::Denied { .. }
        | Refusal::AlreadyExists(_)
        | Refusal::OverQuota { .. }
        | Refusal::TooLarge { .. }
        | Refusal::Invalid(_) => MoveStatus::Failed,
        Refusal::Stale { .. } | Refusal::ResyncRequired { .. } | Refusal::Busy => MoveStatus::Locked,
    }
}

/// One answer of MeetingResponse: MS-ASCMD section 2.2.3.177.9.
pub(crate) fn meeting_response(error: &Error) -> MeetingResponseStatus {
    match error {
        Error::Fault(fault) => {
            let _told_by_the_log = session::incident(fault);
            MeetingResponseStatus::ServerError
        }
        Error::Refusal(refusal) => match refusal {
            Refusal::NotFound(_)
            | Refusal::Denied { .. }
            | Refusal::AlreadyExists(_)
            | Refusal::TooLarge { .. }
            | Refusal::Invalid(_) => MeetingResponseStatus::InvalidRequest,
            Refusal::Stale { .. }
            | Refusal::ResyncRequired { .. }
            | Refusal::OverQuota { .. }
            | Refusal::Busy => MeetingResponseStatus::MailboxError,
        },
    }
}

/// One operation of ItemOperations: MS-ASCMD section 2.2.3.177.8.
pub(crate) fn item_operations(error: &Error) -> ItemOperationsStatus {
    match error {
        Error::Fault(fault) => {
            let _told_by_the_log = session::incident(fault);
            ItemOperationsStatus::ServerError
        }
        Error::Refusal(refusal) => match refusal {
            Refusal::NotFound(_) => ItemOperationsStatus::NotFound,
            Refusal::Denied { .. } => ItemOperationsStatus::AccessDenied,
            Refusal::TooLarge { .. } => ItemOperationsStatus::TooLarge,
            Refusal::Invalid(_) | Refusal::AlreadyExists(_) => ItemOperationsStatus::NotSupported,
            Refusal::Stale { .. }
            | Refusal::ResyncRequired { .. }
            | Refusal::OverQuota { .. }
            | Refusal::Busy => ItemOperationsStatus::ServerError,
        },
    }
}

/// One store of Search: MS-ASCMD section 2.2.3.177.13.
pub(crate) fn search(error: &Error) -> SearchStatus {
    match error {
        Error::Fault(fault) => {
            let _told_by_the_log = session::incident(fault);
            SearchStatus::ServerError
        }
        Error::Refusal(refusal) => match refusal {
            Refusal::NotFound(_) => SearchStatus::NotFound,
            Refusal::Denied { .. } => SearchStatus::AccessDenied,
            Refusal::Invalid(_) | Refusal::AlreadyExists(_) | Refusal::TooLarge { .. } => {
                SearchStatus::InvalidRequest
            }
            Refusal::Stale { .. }
            | Refusal::ResyncRequired { .. }
            | Refusal::OverQuota { .. }
            | Refusal::Busy => SearchStatus::ServerError,
        },
    }
}

/// Oof Set of Settings: MS-ASCMD section 2.2.3.177.15.
pub(crate) fn absence(refusal: &Refusal) -> SettingsStatus {
    match refusal {
        Refusal::TooLarge { .. } | Refusal::Invalid(_) => SettingsStatus::InvalidArguments, // R5582
        Refusal::NotFound(_) | Refusal::Denied { .. } => SettingsStatus::AccessDenied,
        Refusal::AlreadyExists(_)
        | Refusal::Stale { .. }
        | Refusal::ResyncRequired { .. }
        | Refusal::OverQuota { .. }
        | Refusal::Busy => SettingsStatus::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-ASCMD R4832 R4834
    #[test]
    fn a_fault_that_passes_asks_for_the_request_again_and_another_does_not() {
        let again = || {
            vec![
                Fault::Database("locked".into()),
                Fault::Poisoned,
                Fault::Blob("no such device".into()),
                Fault::Closed,
            ]
        };
        let never = || {
            vec![
                Fault::Damaged { account: 1, content: 1 },
                Fault::Row("odd".into()),
                Fault::NotDeclared(1),
                Fault::Panic("bug".into()),
            ]
        };
        for (faults, status, http) in [(again(), 111, 503), (never(), 110, 500)] {
            for fault in faults {
                let failure = Failure::Store(fault.into());
                let old = failed(&failure, Command::FolderSync, Version::V12_1);
                assert!(matches!(old, Reply::Http(code) if code == http), "{old:?}");
                let new = failed(&failure, Command::FolderSync, Version::V16_1);
                assert!(matches!(new, Reply::Body { status: Some(code), .. } if code == status), "{new:?}");
            }
        }
    }
}
