//! LOCK: RFC 4918 section 9.10.

use crate::RequestError;
use crate::name::dav;
use crate::property::LockScope;
use crate::xml::{Attribute, Element};

/// A lock to be made: RFC 4918 section 14.11.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockInfo {
    /// Whether others may hold locks beside it.
    pub scope: LockScope,
    /// What the client says of who holds it: the element `DAV:owner`, with the `xml:lang` that is in scope.
    pub owner: Option<Element>,
}

impl LockInfo {
    /// Reads the body of a LOCK; `None` for an empty one, which asks for a refreshment (RFC 4918 section 9.10.2).
    ///
    /// # Errors
    /// If it is no `DAV:lockinfo`, or asks for neither or both of the scopes, or for another type than `DAV:write`.
    pub fn parse(body: &[u8]) -> Result<Option<Self>, RequestError> {
        if body.trim_ascii().is_empty() {
            return Ok(None);
        }
        let root = super::root(body, dav::LOCKINFO)?;
        let within = |name| root.child(name).map(|found| found.children().map(Element::name).collect());
        let kinds: Vec<_> = within(dav::LOCKTYPE).unwrap_or_default();
        if !kinds.contains(&dav::WRITE) {
            return Err(RequestError::malformed(dav::LOCKTYPE, "not a write lock"));
        }
        let scopes: Vec<_> = within(dav::LOCKSCOPE).unwrap_or_default();
        let scope = match (scopes.contains(&dav::EXCLUSIVE), scopes.contains(&dav::SHARED)) {
            (true, false) => LockScope::Exclusive,
            (false, true) => LockScope::Shared,
            _ => return Err(RequestError::malformed(dav::LOCKSCOPE, "neither exclusive nor shared")),
        };
        let mut owner = root.child(dav::OWNER).cloned();
        if let (Some(owner), Some(language)) = (&mut owner, root.language())
            && owner.language().is_none()
        {
            let name = crate::name::attribute::LANG.into();
            owner.attributes.push(Attribute { name, value: language.to_owned() });
        }
        Ok(Some(Self { scope, owner }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str) -> Result<Option<LockInfo>, RequestError> {
        LockInfo::parse(format!("<D:lockinfo xmlns:D='DAV:'>{content}</D:lockinfo>").as_bytes())
    }

    const WRITE: &str = "<D:locktype><D:write/></D:locktype>";

    // RFC 4918 section 9.10.7.
    #[test]
    fn a_lock_has_a_scope_and_may_have_an_owner() {
        let owner = "<D:owner><D:href>http://example.org/~ejw/contact.html</D:href></D:owner>";
        let found =
            read(&format!("<D:lockscope><D:exclusive/></D:lockscope>{WRITE}{owner}")).unwrap().unwrap();
        assert_eq!(found.scope, LockScope::Exclusive);
        assert_eq!(
            found.owner.unwrap().child(dav::HREF).unwrap().text(),
            "http://example.org/~ejw/contact.html"
        );
        let shared = read(&format!("{WRITE}<D:lockscope><D:shared/></D:lockscope>")).unwrap().unwrap();
        assert_eq!(shared, LockInfo { scope: LockScope::Shared, owner: None });
    }

    // RFC 4918 section 9.10.2.
    #[test]
    fn nothing_asks_for_a_refreshment() {
        assert_eq!(LockInfo::parse(b" \r\n"), Ok(None));
    }

    #[test]
    fn what_is_no_lock_is_refused() {
        for bad in [
            "",
            WRITE,
            "<D:lockscope><D:exclusive/></D:lockscope>",
            "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:read/></D:locktype>",
            "<D:lockscope><D:exclusive/><D:shared/></D:lockscope><D:locktype><D:write/></D:locktype>",
            "<D:lockscope/><D:locktype><D:write/></D:locktype>",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(LockInfo::parse(b"<propfind xmlns='DAV:'/>").is_err());
    }
}
