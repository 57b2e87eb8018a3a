//! Mailbox names and where they lead: one's own folders at the root, those of colleagues beneath
//! `Other Users/<address>/`.

use crate::completion::{Completion, Failure};
use crate::session_state::Session;
use imap_wire::MailboxName;
use imap_wire::response::Code;
use storage::{Destination, Refusal, Subject};
use vocabulary::{AccountId, EmailAddress, LeafName, MailboxPath};

/// The namespace of colleagues.
pub(crate) const OTHER_USERS: &str = "Other Users";

/// A folder by its owner and its path there; it need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) path: MailboxPath,
}

/// What a name says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Own(MailboxPath),
    /// Of the account with this address.
    Colleague(String, MailboxPath),
}

impl Named {
    fn read(path: MailboxPath) -> Option<Self> {
        match path.parts() {
            [first, ..] if first.as_str() != OTHER_USERS => Some(Self::Own(path)),
            [_, address, beneath @ ..] if !beneath.is_empty() => {
                let mut beneath = beneath.to_vec();
                // RFC 9051 section 5.1: INBOX in any case of letters, theirs as well.
                if let Some(first) = beneath.first_mut()
                    && first.as_str().eq_ignore_ascii_case("inbox")
                {
                    *first = LeafName::new("INBOX").ok()?;
                }
                Some(Self::Colleague(address.as_str().to_owned(), MailboxPath::from_parts(beneath)))
            }
            _ => None,
        }
    }
}

/// The whole name of a colleague's folder.
pub(crate) fn of_colleague(address: &EmailAddress, path: &MailboxPath) -> Option<MailboxPath> {
    let mut parts = vec![LeafName::new(OTHER_USERS).ok()?, LeafName::new(&address.to_string()).ok()?];
    parts.extend_from_slice(path.parts());
    Some(MailboxPath::from_parts(parts))
}

impl Session {
    /// Where a name leads. That there is a folder is not said.
    pub(crate) async fn locate(&self, name: &MailboxName) -> Result<Place, Failure> {
        let missing = || Failure::from(Refusal::NotFound(Subject::Collection));
        // No folder can have such a name, so there is none.
        let path = name.path().map_err(|_| missing())?;
        match Named::read(path).ok_or_else(missing)? {
            Named::Own(path) => Ok(Place { account: self.account, path }),
            Named::Colleague(address, path) => {
                let address = EmailAddress::parse(&address).map_err(|_| missing())?;
                let found = self.read_as_house(move |tx| tx.resolve(&tx.administer()?, &address)).await;
                match found {
                    Ok(Destination::Account(account)) => Ok(Place { account, path }),
                    // An address that nobody has and one that is not shared look the same.
                    Ok(Destination::Group(..)) | Err(storage::Error::Refusal(_)) => Err(missing()),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Where a new name leads.
    pub(crate) async fn locate_new(&self, name: &MailboxName) -> Result<Place, Failure> {
        if let Err(error) = name.path() {
            return Err(Completion::no(Code::Cannot, error.to_string()).into());
        }
        match self.locate(name).await {
            Err(Failure::Store(storage::Error::Refusal(_))) => Err(not_there().into()),
            place => place,
        }
    }

    /// Why nothing was made in an account. With somebody who shares nothing it is the same answer as
    /// with an address that nobody has.
    pub(crate) fn not_made(&self, account: AccountId, error: storage::Error) -> Failure {
        match error {
            storage::Error::Refusal(Refusal::NotFound(Subject::Account)) if account != self.account => {
                not_there().into()
            }
            error => error.into(),
        }
    }
}

/// Nothing can be made in that place, whether or not there is somebody.
pub(crate) fn not_there() -> Completion {
    Completion::no(Code::NoPerm, "nothing can be made there")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<Named> {
        Named::read(MailboxPath::parse(text).unwrap())
    }

    #[test]
    fn a_name_is_ones_own_or_a_colleagues() {
        let path = |text: &str| MailboxPath::parse(text).unwrap();
        assert_eq!(named("a/b"), Some(Named::Own(path("a/b"))));
        let colleague = |text| Some(Named::Colleague("ben@a.test".to_owned(), path(text)));
        assert_eq!(named("Other Users/ben@a.test/inbox/x"), colleague("INBOX/x"));
        assert_eq!(named("Other Users/ben@a.test"), None);
        assert_eq!(named("Other Users"), None);
        let whole = of_colleague(&EmailAddress::parse("ben@a.test").unwrap(), &path("a/b")).unwrap();
        assert_eq!(whole.to_string(), "Other Users/ben@a.test/a/b");
    }
}
