//! Access control lists: RFC 3744 section 5.5.

use super::Privilege;
use crate::name::{QName, dav};
use crate::xml::Writer;

/// Whom an entry is about: RFC 3744 section 5.5.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcePrincipal {
    /// The principal at a path.
    Href(String),
    /// Everybody.
    All,
    /// Everybody who has logged in.
    Authenticated,
    /// Everybody who has not.
    Unauthenticated,
    /// Whom a property of the resource names, such as its owner.
    Property(QName),
    /// The resource itself, which is a principal.
    Current,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ace {
    /// Whom it is about.
    pub principal: AcePrincipal,
    /// What they may do.
    pub grant: Vec<Privilege>,
    /// It cannot be changed: RFC 3744 section 5.5.3.
    pub is_protected: bool,
    /// The resource that it comes from: RFC 3744 section 5.5.4.
    pub inherited_from: Option<String>,
}

impl Ace {
    pub(crate) fn element(&self, writer: &mut Writer) {
        writer.open(dav::ACE);
        self.principal.element(writer);
        writer.open(dav::GRANT);
        for privilege in &self.grant {
            privilege.element(writer);
        }
        writer.close();
        if self.is_protected {
            writer.empty(dav::PROTECTED);
        }
        if let Some(href) = &self.inherited_from {
            writer.open(dav::INHERITED);
            writer.leaf(dav::HREF, href);
            writer.close();
        }
        writer.close();
    }
}

impl AcePrincipal {
    fn element(&self, writer: &mut Writer) {
        writer.open(dav::PRINCIPAL);
        match self {
            Self::Href(href) => writer.leaf(dav::HREF, href),
            Self::All => writer.empty(dav::ALL),
            Self::Authenticated => writer.empty(dav::AUTHENTICATED),
            Self::Unauthenticated => writer.empty(dav::UNAUTHENTICATED),
            Self::Property(name) => {
                writer.open(dav::PROPERTY);
                writer.empty(name.name());
                writer.close();
            }
            Self::Current => writer.empty(dav::SELF),
        }
        writer.close();
    }
}

/// What an ACL cannot hold: RFC 3744 section 5.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AclRestrictions {
    /// Nothing can be denied.
    pub grant_only: bool,
    /// Nothing can be given to all but one.
    pub no_invert: bool,
}

impl AclRestrictions {
    pub(crate) fn elements(self, writer: &mut Writer) {
        if self.grant_only {
            writer.empty(dav::GRANT_ONLY);
        }
        if self.no_invert {
            writer.empty(dav::NO_INVERT);
        }
    }
}
