//! Why not, in IMAP's words: ARCHITECTURE part 5, the codes of RFC 9051 section 7.1 (RFC 5530).

use crate::completion::Completion;
use imap_wire::response::Code;
use session::Denied;
use storage::{Error, Refusal, Subject};

/// The answer to an error of the store. A fault is logged here, once.
pub(crate) fn completion(error: &Error) -> Completion {
    match error {
        Error::Refusal(refusal) => Completion::no(code(refusal), refusal.to_string()),
        Error::Fault(fault) => {
            let incident = session::incident(fault);
            Completion::no(Code::ServerBug, format!("internal trouble, incident {incident}"))
        }
    }
}

fn code(refusal: &Refusal) -> Code<'static> {
    match refusal {
        Refusal::NotFound(_) => Code::NonExistent,
        Refusal::Denied { .. } => Code::NoPerm,
        Refusal::AlreadyExists(_) => Code::AlreadyExists,
        // Neither reaches a client: STORE reports what was modified, and a view reloads itself.
        Refusal::Stale { .. } => Code::ExpungeIssued,
        Refusal::ResyncRequired { .. } => Code::Unavailable,
        Refusal::OverQuota { .. } => Code::OverQuota,
        Refusal::TooLarge { .. } => Code::TooBig,
        Refusal::Invalid(_) => Code::Cannot,
        Refusal::Busy => Code::InUse,
    }
}

/// The same for the target of APPEND, COPY and MOVE: the client may make it and try again
/// (RFC 9051 section 6.3.12).
pub(crate) fn of_target(error: &Error) -> Completion {
    match error {
        Error::Refusal(refusal @ Refusal::NotFound(Subject::Collection)) => {
            Completion::no(Code::TryCreate, refusal.to_string())
        }
        error => completion(error),
    }
}

/// The answer to a login that failed.
pub(crate) fn denied(denied: &Denied) -> Completion {
    match denied {
        Denied::Wrong => Completion::no(Code::AuthenticationFailed, "wrong user name or password"),
        Denied::DoorClosed { kind, door } => Completion::no(
            Code::AuthorizationFailed,
            format!("the password is right, but accounts of the kind {kind} have no {door}"),
        ),
        Denied::Throttled { retry_after_s } => Completion::no(
            Code::Unavailable,
            format!("too many failed logins, try again in {retry_after_s} seconds"),
        ),
        Denied::Fault(error) => completion(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use imap_wire::{Output, Tag};
    use storage::Fault;
    use vocabulary::{ModSeq, Rights};

    fn line(completion: &Completion) -> String {
        let mut out = Output::default();
        completion.write(&Tag::new(b"a").unwrap(), &mut out);
        String::from_utf8(out.take()).unwrap()
    }

    #[test]
    fn every_refusal_has_its_code() {
        for (refusal, code) in [
            (Refusal::NotFound(Subject::Collection), "NONEXISTENT"),
            (Refusal::Denied { need: Rights::READ }, "NOPERM"),
            (Refusal::AlreadyExists(Subject::Collection), "ALREADYEXISTS"),
            (Refusal::OverQuota { limit_bytes: 1 }, "OVERQUOTA"),
            (Refusal::TooLarge { limit_bytes: 1 }, "TOOBIG"),
            (Refusal::Invalid("so"), "CANNOT"),
            (Refusal::Busy, "INUSE"),
            (Refusal::ResyncRequired { floor: ModSeq(1) }, "UNAVAILABLE"),
        ] {
            let line = line(&completion(&refusal.into()));
            assert!(line.starts_with(&format!("a NO [{code}] ")), "{line}");
        }
    }

    #[test]
    fn a_target_that_is_not_there_can_be_made() {
        let missing: Error = Refusal::NotFound(Subject::Collection).into();
        assert!(line(&of_target(&missing)).starts_with("a NO [TRYCREATE] "));
        assert!(line(&of_target(&Refusal::Busy.into())).starts_with("a NO [INUSE] "));
    }

    #[test]
    fn a_fault_tells_an_incident_and_nothing_else() {
        let line = line(&completion(&Fault::Blob("/var/secret".to_owned()).into()));
        assert!(line.starts_with("a NO [SERVERBUG] internal trouble, incident "), "{line}");
        assert!(!line.contains("secret"));
    }
}
