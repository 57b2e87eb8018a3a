//! Who is who in the demo.

use super::mails_text::PEOPLE;
use storage::Account;
use vocabulary::{AccountClass, AccountId, AccountKind, EmailAddress};

/// Everybody's password. There is none outside of the demo.
pub(crate) const PASSWORD: &str = "demo";
/// The shop and its neighbour: delegation never crosses from one to the other.
pub(super) const DOMAINS: [&str; 2] = ["blumen-huber.test", "nachbar.test"];
/// The account that is shown with little room left.
pub(super) const COLLECTOR: usize = 4;

/// The room of the shop, which answers invitations by itself. Nobody logs in as a room.
pub(super) const ROOM: (&str, &str) = ("Workshop", "workshop@blumen-huber.test");

/// In the order of [`PEOPLE`]: what each account is sold as.
const KINDS: [AccountKind; 6] = [
    AccountKind::Exchange,
    AccountKind::Exchange,
    AccountKind::Imap,
    AccountKind::Exchange,
    AccountKind::Pop3,
    AccountKind::Exchange,
];

/// One of the six, or the room.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Its account.
    pub(crate) id: AccountId,
    /// Login and address.
    pub(crate) address: EmailAddress,
    /// What it is sold as.
    pub(crate) kind: AccountKind,
    /// As it is shown.
    pub(crate) name: String,
    /// Whether it is a room.
    pub(crate) is_room: bool,
}

impl From<Account> for Person {
    fn from(account: Account) -> Self {
        let is_room = account.class == AccountClass::Room;
        Self { id: account.id, address: account.address, kind: account.kind, name: account.name, is_room }
    }
}

/// Address, kind and name of everybody, in the order of [`PEOPLE`].
pub(super) fn everybody() -> anyhow::Result<Vec<(EmailAddress, AccountKind, &'static str)>> {
    PEOPLE
        .iter()
        .zip(KINDS)
        .map(|((name, address), kind)| Ok((EmailAddress::parse(address)?, kind, *name)))
        .collect()
}
