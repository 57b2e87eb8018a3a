//! Special-use attributes: RFC 6154 section 2.

use vocabulary::Role;

use crate::{Input, SyntaxError};

/// What a mailbox is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpecialUse {
    /// `\All`
    All,
    /// `\Archive`
    Archive,
    /// `\Drafts`
    Drafts,
    /// `\Flagged`
    Flagged,
    /// `\Junk`
    Junk,
    /// `\Sent`
    Sent,
    /// `\Trash`
    Trash,
}

impl SpecialUse {
    const ALL: [Self; 7] =
        [Self::All, Self::Archive, Self::Drafts, Self::Flagged, Self::Junk, Self::Sent, Self::Trash];

    /// The attribute on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "\\All",
            Self::Archive => "\\Archive",
            Self::Drafts => "\\Drafts",
            Self::Flagged => "\\Flagged",
            Self::Junk => "\\Junk",
            Self::Sent => "\\Sent",
            Self::Trash => "\\Trash",
        }
    }

    /// The attribute of a folder with this role.
    #[must_use]
    pub fn of_role(role: Role) -> Option<Self> {
        match role {
            Role::Archive => Some(Self::Archive),
            Role::Drafts => Some(Self::Drafts),
            Role::Junk => Some(Self::Junk),
            Role::Sent => Some(Self::Sent),
            Role::Trash => Some(Self::Trash),
            Role::Inbox
            | Role::Outbox
            | Role::Calendar
            | Role::Contacts
            | Role::Tasks
            | Role::Notes
            | Role::ScheduleInbox
            | Role::Files => None,
        }
    }

    /// The role of a folder with this attribute; `\All` and `\Flagged` are views, which no folder is.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        match self {
            Self::All | Self::Flagged => None,
            Self::Archive => Some(Role::Archive),
            Self::Drafts => Some(Role::Drafts),
            Self::Junk => Some(Role::Junk),
            Self::Sent => Some(Role::Sent),
            Self::Trash => Some(Role::Trash),
        }
    }

    pub(crate) fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let unknown = input.error("a special-use attribute");
        if !input.take(b'\\') {
            return Err(unknown);
        }
        let name = input.atom().map_err(|_| unknown)?;
        let known =
            |special: &Self| special.as_str().get(1..).is_some_and(|text| text.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().find(known).ok_or(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_attributes_agree() {
        for special in SpecialUse::ALL {
            if let Some(role) = special.role() {
                assert_eq!(SpecialUse::of_role(role), Some(special));
            }
        }
    }
}
