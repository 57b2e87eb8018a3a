//! ACL: RFC 3744 section 8.1.

use crate::name::dav;
use crate::property::{Ace, AcePrincipal};
use crate::{Precondition, RequestError};

/// Most entries of a list. Each is compared with those that are there.
pub const ACES_MAX: usize = 1_000;

/// The entries that a list is to have, beside those that are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAcl {
    /// In the order of the request.
    pub entries: Vec<Ace>,
}

impl SetAcl {
    /// Reads a body.
    ///
    /// # Errors
    /// If it is no `DAV:acl`; [`Precondition::LimitedNumberOfAces`] above [`ACES_MAX`]; as [`Ace::parse`].
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let root = super::root(body, dav::ACL)?;
        let entries = || root.children().filter(|child| child.name() == dav::ACE);
        if entries().nth(ACES_MAX).is_some() {
            return Err(Precondition::LimitedNumberOfAces.into());
        }
        Ok(Self { entries: entries().map(Ace::parse).collect::<Result<_, _>>()? })
    }

    /// The paths of those whom it names.
    pub fn hrefs(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match &entry.principal {
            AcePrincipal::Href(href) => Some(href.as_str()),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::property::{Privilege, Property, Value};
    use crate::{Detail, xml::Writer};

    const WHO: &str = "<D:principal><D:href>/p/</D:href></D:principal>";
    const READ: &str = "<D:grant><D:privilege><D:read/></D:privilege></D:grant>";

    fn acl(content: &str) -> Result<Vec<Ace>, RequestError> {
        let namespaces = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";
        SetAcl::parse(format!("<D:acl {namespaces}>{content}</D:acl>").as_bytes()).map(|acl| acl.entries)
    }

    fn ace(principal: AcePrincipal, grant: &[Privilege]) -> Ace {
        Ace { principal, grant: grant.to_vec(), is_protected: false, inherited_from: None }
    }

    // RFC 3744 section 8.1.2.
    #[test]
    fn entries_are_read_in_their_order() {
        let href = || AcePrincipal::Href("/p/".into());
        let several = "<D:grant><D:privilege><D:read/><D:bind/></D:privilege><D:privilege><D:read/></D:privilege>\
             <D:privilege><C:read-free-busy/></D:privilege></D:grant>";
        let known = [Privilege::Read, Privilege::Bind, Privilege::ReadFreeBusy];
        assert_eq!(acl(""), Ok(Vec::new()));
        assert_eq!(
            acl(&format!("<D:ace>{WHO}{READ}</D:ace><D:ace>{WHO}{several}</D:ace>")),
            Ok(vec![ace(href(), &[Privilege::Read]), ace(href(), &known)])
        );
        for (principal, expected) in [
            ("<D:all/>", AcePrincipal::All),
            ("<D:authenticated/>", AcePrincipal::Authenticated),
            ("<D:unauthenticated/>", AcePrincipal::Unauthenticated),
            ("<D:self/>", AcePrincipal::Current),
            ("<D:property><D:owner/></D:property>", AcePrincipal::Property(Property::Owner.into())),
        ] {
            let entry = format!("<D:ace><D:principal>{principal}</D:principal>{READ}</D:ace>");
            assert_eq!(acl(&entry), Ok(vec![ace(expected, &[Privilege::Read])]), "{principal}");
        }
    }

    // RFC 3744 section 8.1.1.
    #[test]
    fn what_no_list_can_hold_is_refused_by_its_name() {
        let deny = "<D:deny><D:privilege><D:read/></D:privilege></D:deny>";
        let unknown = "<D:grant><D:privilege><D:fly/></D:privilege></D:grant>";
        for (content, expected) in [
            (format!("<D:ace><D:invert>{WHO}</D:invert>{READ}</D:ace>"), Precondition::NoInvert),
            (format!("<D:ace>{WHO}{deny}</D:ace>"), Precondition::GrantOnly),
            (format!("<D:ace>{WHO}{unknown}</D:ace>"), Precondition::NotSupportedPrivilege),
            (
                format!("<D:ace><D:principal><D:somebody/></D:principal>{READ}</D:ace>"),
                Precondition::RecognizedPrincipal,
            ),
        ] {
            assert_eq!(acl(&content), Err(RequestError::Refused(expected)), "{content}");
        }
        for content in [
            format!("<D:ace>{READ}</D:ace>"),
            format!("<D:ace>{WHO}{WHO}{READ}</D:ace>"),
            format!("<D:ace>{WHO}{READ}{deny}</D:ace>"),
            format!("<D:ace>{WHO}</D:ace>"),
            format!("<D:ace>{WHO}<D:grant/></D:ace>"),
            format!("<D:ace><D:principal/>{READ}</D:ace>"),
            format!("<D:ace><D:principal><D:property/></D:principal>{READ}</D:ace>"),
        ] {
            assert!(matches!(acl(&content), Err(RequestError::Malformed { .. })), "{content}");
        }
        assert!(SetAcl::parse(b"<acl xmlns='urn:x'/>").is_err());
    }

    #[test]
    fn the_number_of_entries_is_limited() {
        let many = |count| format!("<D:ace>{WHO}{READ}</D:ace>").repeat(count);
        assert_eq!(acl(&many(ACES_MAX)).map(|entries| entries.len()), Ok(ACES_MAX));
        assert_eq!(acl(&many(ACES_MAX + 1)), Err(Precondition::LimitedNumberOfAces.into()));
    }

    #[test]
    fn a_list_that_is_written_is_read_back() {
        let entries = vec![
            Ace {
                is_protected: true,
                ..ace(AcePrincipal::Property(Property::Owner.into()), &[Privilege::All])
            },
            Ace {
                inherited_from: Some("/a/".into()),
                ..ace(AcePrincipal::Authenticated, &[Privilege::Read])
            },
            ace(AcePrincipal::Href("/p/?&".into()), Privilege::ALL),
        ];
        let mut writer = Writer::fragment();
        Value::Acl(entries.clone()).element(Property::Acl.name(), Detail::Full, &mut writer);
        assert_eq!(SetAcl::parse(writer.finish().as_bytes()), Ok(SetAcl { entries }));
    }
}
