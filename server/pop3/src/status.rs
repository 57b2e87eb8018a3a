//! Why not, in POP3's words: ARCHITECTURE part 5.

use pop3_wire::{Response, ResponseCode};
use session::Denied;
use storage::{Error, Refusal};

/// The answer to an error of the store. A fault is logged here, once.
pub(crate) fn response(error: &Error) -> Response {
    match error {
        Error::Refusal(refusal) => refused(refusal),
        Error::Fault(fault) => Response::err_code(
            // RFC 3206 section 4.
            ResponseCode::SysTemp,
            format!("internal trouble, incident {}", session::incident(fault)),
        ),
    }
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NotFound(_)
        | Refusal::AlreadyExists(_)
        | Refusal::Stale { .. }
        | Refusal::ResyncRequired { .. }
        | Refusal::OverQuota { .. }
        | Refusal::TooLarge { .. }
        | Refusal::Invalid(_) => Response::err(refusal.to_string()),
        Refusal::Denied { .. } => Response::err_code(ResponseCode::SysPerm, refusal.to_string()),
        // Not IN-USE: nobody holds a lock, and trying again soon helps.
        Refusal::Busy => Response::err_code(ResponseCode::SysTemp, "busy, try again soon"),
    }
}

/// The answer to a login that failed.
pub(crate) fn denied(denied: &Denied) -> Response {
    match denied {
        // RFC 3206 section 5.
        Denied::Wrong => Response::err_code(ResponseCode::Auth, "wrong user name or password"),
        Denied::DoorClosed { kind, door } => Response::err_code(
            ResponseCode::SysPerm,
            format!("the password is right, but accounts of the kind {kind} have no {door}"),
        ),
        Denied::Throttled { retry_after_s } => Response::err_code(
            ResponseCode::SysTemp,
            format!("too many failed logins, try again in {retry_after_s} seconds"),
        ),
        Denied::Fault(error) => response(error),
    }
}

/// The last answer to a client whose login does not hold any more.
pub(crate) fn login_is_over() -> Response {
    // RFC 3206 section 5.
    Response::err_code(ResponseCode::Auth, "the password was changed or the account closed, log in again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::Subject;
    use vocabulary::{AccountKind, Door, Rights};

    #[test]
    fn known_answers() {
        let text = |error: Error| String::from_utf8(response(&error).to_bytes()).unwrap();
        assert_eq!(text(Refusal::NotFound(Subject::Item).into()), "-ERR item does not exist\r\n");
        assert!(text(Refusal::Denied { need: Rights::READ }.into()).starts_with("-ERR [SYS/PERM] "));
        assert!(text(Refusal::Busy.into()).starts_with("-ERR [SYS/TEMP] "));
        let fault = text(storage::Fault::Blob("/secret".to_owned()).into());
        assert!(fault.starts_with("-ERR [SYS/TEMP] ") && !fault.contains("secret"), "{fault}");
    }

    #[test]
    fn a_closed_door_is_named_and_a_wrong_password_tells_nothing() {
        let text = |denied: Denied| String::from_utf8(super::denied(&denied).to_bytes()).unwrap();
        let closed = text(Denied::DoorClosed { kind: AccountKind::Pop3, door: Door::Imap });
        assert_eq!(
            closed,
            "-ERR [SYS/PERM] the password is right, but accounts of the kind pop3 have no imap\r\n"
        );
        assert_eq!(text(Denied::Wrong), "-ERR [AUTH] wrong user name or password\r\n");
        assert!(text(Denied::Throttled { retry_after_s: 30 }).starts_with("-ERR [SYS/TEMP] "));
    }
}
