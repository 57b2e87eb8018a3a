//! Several changes of one collection in one request: "Calendar Server Bulk Change Requests for *DAV Protocols" (Apple,
//! 2011), section 4.

use crate::RequestError;
use crate::etag::ETagList;
use crate::name::{QName, dav, mobileme};
use crate::xml::{Element, Node};

/// Changes that are made one after the other, each for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiPut {
    /// At least one, in document order.
    pub changes: Vec<BulkChange>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkChange {
    /// A new resource, under a name that the server chooses.
    Create(PropertyChanges),
    /// Another content of a resource that is there.
    Update {
        /// Its path, as the client wrote it.
        href: String,
        /// What it must be.
        if_match: Option<ETagList>,
        /// What it is to be.
        changes: PropertyChanges,
    },
    /// A resource is to be gone.
    Delete {
        /// Its path, as the client wrote it.
        href: String,
        /// What it must be.
        if_match: Option<ETagList>,
    },
}

/// Properties to set and to remove. The content of the resource is one of them: `calendar-data` or `address-data`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PropertyChanges {
    /// Those that are to be this.
    pub set: Vec<Element>,
    /// Those that are to be gone.
    pub removed: Vec<QName>,
}

impl MultiPut {
    /// Reads the document of a body.
    ///
    /// # Errors
    /// If it is no `multiput`, changes nothing, or a change of it is none of the three kinds.
    pub fn parse(root: Element) -> Result<Self, RequestError> {
        if root.name() != mobileme::MULTIPUT {
            return Err(RequestError::malformed(mobileme::MULTIPUT, "another root element"));
        }
        let resources = children(root).filter(|child| child.name() == mobileme::RESOURCE);
        let changes: Vec<_> = resources.map(BulkChange::read).collect::<Result<_, _>>()?;
        if changes.is_empty() {
            return Err(RequestError::malformed(mobileme::MULTIPUT, "changes nothing"));
        }
        Ok(Self { changes })
    }
}

impl BulkChange {
    fn read(resource: Element) -> Result<Self, RequestError> {
        let (mut href, mut if_match, mut is_deletion) = (None, None, false);
        let mut changes = PropertyChanges::default();
        for child in children(resource) {
            let name = child.name.clone();
            match name.name() {
                dav::HREF => href = Some(child.text().trim().to_owned()),
                dav::SET => changes.set.extend(properties(child)),
                dav::REMOVE => changes.removed.extend(properties(child).map(|property| property.name)),
                mobileme::IF_MATCH => if_match = Some(tags(&child)?),
                mobileme::DELETE => is_deletion = true,
                _ => {}
            }
        }
        let changes_nothing = changes.set.is_empty() && changes.removed.is_empty();
        match (href, is_deletion, changes_nothing) {
            (Some(href), true, true) => Ok(Self::Delete { href, if_match }),
            (Some(href), false, false) => Ok(Self::Update { href, if_match, changes }),
            (None, false, false) if if_match.is_none() => Ok(Self::Create(changes)),
            _ => Err(RequestError::malformed(
                mobileme::RESOURCE,
                "neither a creation nor an update nor a deletion",
            )),
        }
    }
}

fn children(element: Element) -> impl Iterator<Item = Element> {
    element.nodes.into_iter().filter_map(|node| match node {
        Node::Element(child) => Some(child),
        Node::Text(_) => None,
    })
}

fn properties(change: Element) -> impl Iterator<Item = Element> {
    children(change).filter(|child| child.name() == dav::PROP).flat_map(children)
}

fn tags(if_match: &Element) -> Result<ETagList, RequestError> {
    let malformed = |problem| RequestError::malformed(mobileme::IF_MATCH, problem);
    let tag = if_match.child(dav::GETETAG).ok_or_else(|| malformed("no getetag"))?;
    ETagList::parse(&tag.text()).map_err(|_| malformed("not an entity tag"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn multiput(content: &str) -> Result<MultiPut, RequestError> {
        let body = format!(
            "<M:multiput xmlns:M='http://me.com/_namespace/' xmlns='DAV:' \
             xmlns:c='urn:ietf:params:xml:ns:caldav'>{content}</M:multiput>"
        );
        MultiPut::parse(parse(body.as_bytes(), &Limits::REPORT)?)
    }

    #[test]
    fn each_kind_of_change_is_told_apart() {
        let data = "<set><prop><c:calendar-data>BEGIN:VCALENDAR&#13;\n</c:calendar-data></prop></set>";
        let tag = "<M:if-match><getetag>\"7-5\"</getetag></M:if-match>";
        let parsed = multiput(&format!(
            "<M:resource>{data}</M:resource>\
             <M:resource><href> /c/2.ics\n</href>{tag}{data}<remove><prop><displayname/></prop></remove></M:resource>\
             <M:resource><href>/c/3.ics</href>{tag}<M:delete/></M:resource>\
             <M:resource><href>/c/4.ics</href><M:delete/></M:resource>"
        ))
        .unwrap();
        let if_match = Some(ETagList::parse("\"7-5\"").unwrap());
        let [
            BulkChange::Create(created),
            BulkChange::Update { href, if_match: wanted, changes },
            deleted @ ..,
        ] = &parsed.changes[..]
        else {
            panic!("{parsed:?}")
        };
        assert_eq!(created.set[0].text(), "BEGIN:VCALENDAR\r\n");
        assert_eq!((href.as_str(), wanted), ("/c/2.ics", &if_match));
        assert_eq!(changes.set, created.set);
        assert_eq!(changes.removed, [QName::from(dav::DISPLAYNAME)]);
        let gone = |href: &str, if_match| BulkChange::Delete { href: href.to_owned(), if_match };
        assert_eq!(deleted, [gone("/c/3.ics", if_match), gone("/c/4.ics", None)]);
    }

    #[test]
    fn what_is_none_of_them_is_malformed() {
        let set = "<set><prop><c:calendar-data/></prop></set>";
        for content in [
            String::new(),
            "<resource/>".to_owned(),
            "<M:resource/>".to_owned(),
            "<M:resource><href>/x</href></M:resource>".to_owned(),
            "<M:resource><M:delete/></M:resource>".to_owned(),
            format!("<M:resource><href>/x</href>{set}<M:delete/></M:resource>"),
            format!("<M:resource><M:if-match><getetag>\"a\"</getetag></M:if-match>{set}</M:resource>"),
            format!("<M:resource><href>/x</href><M:if-match/>{set}</M:resource>"),
            format!("<M:resource><href>/x</href><M:if-match><getetag/></M:if-match>{set}</M:resource>"),
        ] {
            assert!(multiput(&content).is_err(), "{content}");
        }
        assert!(MultiPut::parse(Element::new(dav::SET)).is_err());
    }
}
