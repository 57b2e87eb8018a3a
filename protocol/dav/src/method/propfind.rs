//! PROPFIND: RFC 4918 section 9.1; the same choice stands in reports.

use std::collections::HashSet;

use crate::RequestError;
use crate::name::{Name, QName, dav};
use crate::property::Property;
use crate::xml::Element;

/// Most different properties that one request may ask for. Each is answered for each resource; macOS asks
/// for about 40.
pub const PROPERTIES_MAX: usize = 200;

/// Which properties are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropFind {
    /// These, each once, in the order of the request. Those that do not exist are answered too.
    Prop(Vec<QName>),
    /// The names of all that exist.
    PropName,
    /// Dead properties, live ones of RFC 4918 ([`Property::in_allprop`](crate::property::Property)), and
    /// those included.
    AllProp {
        /// RFC 4918 section 14.8.
        include: Vec<QName>,
    },
}

impl PropFind {
    /// Reads a body. An empty one asks for all: RFC 4918 section 9.1.
    ///
    /// # Errors
    /// If it is no `DAV:propfind` with exactly one of `prop`, `propname` and `allprop`.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::AllProp { include: Vec::new() });
        }
        let root = super::root(body, dav::PROPFIND)?;
        Self::within(&root)?.ok_or_else(|| RequestError::malformed(root.name(), "asks for nothing"))
    }

    /// What an element asks for with its children; `None` if it has none of the three. Other children are
    /// ignored: RFC 4918 section 17.
    pub(crate) fn within(element: &Element) -> Result<Option<Self>, RequestError> {
        let mut found = None;
        for child in element.children() {
            let asked = match child.name() {
                dav::PROP => Self::Prop(names(child)?),
                dav::PROPNAME => Self::PropName,
                dav::ALLPROP => {
                    let include = element.child(dav::INCLUDE).map(names).transpose()?;
                    Self::AllProp { include: include.unwrap_or_default() }
                }
                _ => continue,
            };
            if found.replace(asked).is_some() {
                return Err(RequestError::malformed(element.name(), "asks for properties twice"));
            }
        }
        Ok(found)
    }
}

/// The names of the children of an element, each once.
pub(crate) fn names(element: &Element) -> Result<Vec<QName>, RequestError> {
    let mut seen = HashSet::<Name<'_>>::new();
    let first = element.children().filter(|child| seen.insert(child.name()));
    let names: Vec<_> = first.take(PROPERTIES_MAX + 1).map(|child| kept(&child.name)).collect();
    if names.len() > PROPERTIES_MAX {
        return Err(RequestError::malformed(element.name(), "too many properties"));
    }
    Ok(names)
}

/// An answer repeats a name for every resource: one that we know is not copied each time.
fn kept(name: &QName) -> QName {
    Property::from_name(name.name()).map_or_else(|| name.clone(), QName::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::name::{apple, caldav};

    fn propfind(content: &str) -> Result<PropFind, RequestError> {
        let body =
            format!("<propfind xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>{content}</propfind>");
        PropFind::parse(body.as_bytes())
    }

    // RFC 4918 section 9.1.
    #[test]
    fn three_ways_to_ask() {
        let getetag = || QName::from(dav::GETETAG);
        let home = || QName::from(caldav::CALENDAR_HOME_SET);
        for (content, expected) in [
            ("<prop><getetag/>\n<C:calendar-home-set/></prop>", PropFind::Prop(vec![getetag(), home()])),
            (
                "<prop><getetag/><C:calendar-home-set/><getetag/></prop>",
                PropFind::Prop(vec![getetag(), home()]),
            ),
            ("<prop/>", PropFind::Prop(vec![])),
            ("<propname/>", PropFind::PropName),
            ("<allprop/>", PropFind::AllProp { include: vec![] }),
            (
                "<include><C:calendar-home-set/></include><allprop/>",
                PropFind::AllProp { include: vec![home()] },
            ),
            ("<C:news/><propname/>", PropFind::PropName),
        ] {
            assert_eq!(propfind(content), Ok(expected), "{content}");
        }
        for body in [&b""[..], b" \r\n"] {
            assert_eq!(PropFind::parse(body), Ok(PropFind::AllProp { include: vec![] }));
        }
    }

    #[test]
    fn what_asks_for_nothing_or_twice_is_400() {
        for content in ["", "<C:prop/>", "<prop/><allprop/>", "<prop/><prop/>", "<propname/><propname/>"] {
            assert_eq!(propfind(content).unwrap_err().status(), Status::BAD_REQUEST, "{content}");
        }
        for body in
            ["<prop xmlns='DAV:'/>", "<propfind/>", "<propfind xmlns='DAV'><allprop/></propfind>", "<"]
        {
            assert_eq!(PropFind::parse(body.as_bytes()).unwrap_err().status(), Status::BAD_REQUEST, "{body}");
        }
    }

    #[test]
    fn properties_are_counted_once() {
        let many = |count| (0..count).map(|n| format!("<p{n}/>")).collect::<String>();
        assert!(propfind(&format!("<prop>{}</prop>", many(PROPERTIES_MAX).repeat(2))).is_ok());
        assert!(propfind(&format!("<prop>{}</prop>", many(PROPERTIES_MAX + 1))).is_err());
    }

    #[test]
    fn unknown_and_nameless_namespaces_are_kept() {
        let content = "<prop><x xmlns=''/><a:calendar-color xmlns:a='http://apple.com/ns/ical/'/></prop>";
        let names = vec![QName::new("", "x").unwrap(), QName::from(apple::CALENDAR_COLOR)];
        assert_eq!(propfind(content), Ok(PropFind::Prop(names)));
    }
}
