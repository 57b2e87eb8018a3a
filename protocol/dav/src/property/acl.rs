//! Access control lists: RFC 3744 section 5.5.

use super::Privilege;
use crate::name::{QName, dav};
use crate::xml::{Element, Writer};
use crate::{Precondition, RequestError};

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
    /// Reads an entry of a request.
    ///
    /// # Errors
    /// [`Precondition::NoInvert`], [`Precondition::GrantOnly`] and [`Precondition::NotSupportedPrivilege`] for what no
    /// list of this server can hold; malformed without exactly one principal and one privilege at least, and if it
    /// both grants and denies.
    pub fn parse(element: &Element) -> Result<Self, RequestError> {
        let malformed = |problem| RequestError::malformed(element.name(), problem);
        if element.child(dav::INVERT).is_some() {
            return Err(Precondition::NoInvert.into());
        }
        let mut principals = element.children().filter(|child| child.name() == dav::PRINCIPAL);
        let (Some(principal), None) = (principals.next(), principals.next()) else {
            return Err(malformed("not one principal"));
        };
        if element.child(dav::DENY).is_some() {
            return Err(match element.child(dav::GRANT) {
                Some(_) => malformed("grants and denies"),
                None => Precondition::GrantOnly.into(),
            });
        }
        let granted = element.children().filter(|child| child.name() == dav::GRANT);
        let privileges = granted.flat_map(Element::children).filter(|child| child.name() == dav::PRIVILEGE);
        let mut grant = Vec::new();
        for named in privileges.flat_map(Element::children) {
            let privilege = Privilege::from_name(named.name()).ok_or(Precondition::NotSupportedPrivilege)?;
            if !grant.contains(&privilege) {
                grant.push(privilege);
            }
        }
        if grant.is_empty() {
            return Err(malformed("grants nothing"));
        }
        let inherited = element.child(dav::INHERITED).map(|inherited| {
            inherited.child(dav::HREF).map(|href| href.text().trim().to_owned()).unwrap_or_default()
        });
        Ok(Self {
            principal: AcePrincipal::parse(principal)?,
            grant,
            is_protected: element.child(dav::PROTECTED).is_some(),
            inherited_from: inherited,
        })
    }

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
    fn parse(principal: &Element) -> Result<Self, RequestError> {
        let malformed = |problem| RequestError::malformed(principal.name(), problem);
        let named = principal.children().next().ok_or_else(|| malformed("names nobody"))?;
        Ok(match named.name() {
            dav::HREF => Self::Href(named.text().trim().to_owned()),
            dav::ALL => Self::All,
            dav::AUTHENTICATED => Self::Authenticated,
            dav::UNAUTHENTICATED => Self::Unauthenticated,
            dav::SELF => Self::Current,
            dav::PROPERTY => {
                let property =
                    named.children().next().ok_or_else(|| malformed("a property without a name"))?;
                Self::Property(property.name.clone())
            }
            // RFC 3744 section 8.1.1: what is named must be a principal.
            _ => return Err(Precondition::RecognizedPrincipal.into()),
        })
    }

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
