//! Why not, in SMTP's words: ARCHITECTURE part 5. Codes: RFC 5321 section 4.2.2; enhanced codes: RFC
//! 3463 section 3.

use session::Denied;
use smtp_wire::{Enhanced, Reply};
use storage::{Error, Refusal};

/// The reply to an error of the store. A fault is logged here, once.
pub(crate) fn reply(error: &Error) -> Reply {
    match error {
        Error::Refusal(refusal) => refused(refusal),
        Error::Fault(fault) => {
            let incident = session::incident(fault);
            Reply::new(451, Enhanced(4, 3, 0), format!("trouble here, try again, incident {incident}"))
        }
    }
}

/// The reply to a refusal.
pub(crate) fn refused(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::NotFound(_) => Reply::no_such_recipient(),
        Refusal::Denied { .. } => Reply::not_permitted(refusal.to_string()),
        Refusal::OverQuota { .. } => Reply::mailbox_full(),
        Refusal::TooLarge { .. } => Reply::new(552, Enhanced(5, 3, 4), "message too large"),
        Refusal::Invalid(why) => Reply::new(554, Enhanced(5, 6, 0), *why),
        // Delivery adds and never names a state, so these do not come from it; later may be better.
        Refusal::AlreadyExists(_)
        | Refusal::Stale { .. }
        | Refusal::ResyncRequired { .. }
        | Refusal::Busy => Reply::trouble(),
    }
}

/// The reply to a login that failed (RFC 4954 section 6).
pub(crate) fn denied(denied: &Denied) -> Reply {
    match denied {
        Denied::Wrong => Reply::credentials_invalid(),
        Denied::DoorClosed { kind, door } => Reply::new(
            535,
            Enhanced(5, 7, 8),
            format!("the password is right, but accounts of the kind {kind} have no {door}"),
        ),
        Denied::Throttled { retry_after_s } => Reply::new(
            454,
            Enhanced(4, 7, 0),
            format!("too many failed logins, try again in {retry_after_s} seconds"),
        ),
        Denied::Fault(Error::Refusal(_)) => Reply::authentication_trouble(),
        Denied::Fault(Error::Fault(fault)) => {
            let incident = session::incident(fault);
            Reply::new(454, Enhanced(4, 7, 0), format!("trouble here, try again, incident {incident}"))
        }
    }
}

/// The reply to a client whose login does not hold any more. It is told to come again (RFC 5321
/// section 3.8), not that its mail is bad: with the new password it will be taken.
pub(crate) fn login_is_over() -> Reply {
    Reply::new(421, Enhanced(4, 7, 0), "the password was changed or the account closed, log in again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::Subject;
    use vocabulary::{AccountKind, Door, Rights};

    #[test]
    fn known_answers() {
        let text = |error: Error| String::from_utf8(reply(&error).to_bytes()).unwrap();
        for (refusal, start) in [
            (Refusal::NotFound(Subject::Address), "550 5.1.1 "),
            (Refusal::Denied { need: Rights::SEND_AS }, "550 5.7.1 "),
            (Refusal::OverQuota { limit_bytes: 1 }, "452 4.2.2 "),
            (Refusal::TooLarge { limit_bytes: 1 }, "552 5.3.4 "),
            (Refusal::Invalid("no"), "554 5.6.0 no"),
            (Refusal::Busy, "451 4.3.0 "),
        ] {
            assert!(text(refusal.clone().into()).starts_with(start), "{refusal:?}");
        }
        let fault = text(storage::Fault::Blob("/secret".to_owned()).into());
        assert!(fault.starts_with("451 4.3.0 ") && !fault.contains("secret"), "{fault}");
    }

    #[test]
    fn a_closed_door_is_named_and_a_wrong_password_tells_nothing() {
        let text = |denied: Denied| String::from_utf8(super::denied(&denied).to_bytes()).unwrap();
        let closed = text(Denied::DoorClosed { kind: AccountKind::Pop3, door: Door::Imap });
        assert!(closed.starts_with("535 5.7.8 ") && closed.contains("kind pop3 have no imap"), "{closed}");
        assert_eq!(text(Denied::Wrong), "535 5.7.8 credentials invalid\r\n");
        assert!(text(Denied::Throttled { retry_after_s: 9 }).starts_with("454 4.7.0 "));
    }
}
