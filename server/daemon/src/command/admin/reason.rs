//! Why the store refused, and what to do about it.

use anyhow::anyhow;
use storage::{Error, Refusal, Subject};

/// The error as the operator reads it.
pub(super) fn explained(error: Error) -> anyhow::Error {
    match &error {
        Error::Refusal(refusal) => match advice(refusal) {
            Some(advice) => anyhow!("{refusal}; {advice}"),
            None => anyhow!("{refusal}"),
        },
        Error::Fault(_) => error.into(),
    }
}

fn advice(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::NotFound(subject) => list_of(*subject),
        Refusal::AlreadyExists(Subject::Address) => {
            Some("`kontor admin alias show ADDRESS` tells where it leads")
        }
        Refusal::AlreadyExists(Subject::Credential) => {
            Some("remove it first, or take another name: each app password has its own")
        }
        Refusal::AlreadyExists(subject) => list_of(*subject),
        Refusal::Busy => Some("try again in a moment"),
        Refusal::OverQuota { .. } => Some("`kontor admin account quota ADDRESS SIZE` changes it"),
        Refusal::Denied { .. }
        | Refusal::Stale { .. }
        | Refusal::ResyncRequired { .. }
        | Refusal::TooLarge { .. }
        | Refusal::Invalid(_) => None,
    }
}

fn list_of(subject: Subject) -> Option<&'static str> {
    match subject {
        Subject::Domain => Some("`kontor admin domain list` shows all that do"),
        Subject::Account | Subject::Address => Some("`kontor admin account list` shows all that do"),
        Subject::Group => Some("`kontor admin group list` shows all that do"),
        Subject::Collection => Some("`kontor admin grant list ADDRESS --all` shows all folders"),
        Subject::Credential => Some("`kontor admin app-password list ADDRESS` shows all that do"),
        Subject::Device => Some("`kontor admin device list ADDRESS` shows all that do"),
        Subject::Grant => Some("`kontor admin grant list ADDRESS` shows all that do"),
        Subject::Item | Subject::Content | Subject::Registration => None,
    }
}
