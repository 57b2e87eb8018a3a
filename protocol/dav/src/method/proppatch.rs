//! PROPPATCH: RFC 4918 section 9.2.

use crate::RequestError;
use crate::name::{QName, attribute, dav};
use crate::xml::{Attribute, Element};

use super::PROPERTIES_MAX;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instruction {
    /// The property is to be this. The element has the `xml:lang` that is in scope (RFC 4918 section 4.3).
    Set(Element),
    /// The property is to be gone.
    Remove(QName),
}

/// Changes that are all made or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropPatch {
    /// In document order, which is the order of effect: RFC 4918 section 9.2.
    pub instructions: Vec<Instruction>,
}

impl PropPatch {
    /// Reads a body.
    ///
    /// # Errors
    /// If it is no `DAV:propertyupdate`, changes nothing, or more than [`PROPERTIES_MAX`] properties.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let root = super::root(body, dav::PROPERTYUPDATE)?;
        let mut instructions = Vec::new();
        for change in root.children() {
            match change.name() {
                dav::SET => instructions.extend(set_properties(&[&root], change).map(Instruction::Set)),
                dav::REMOVE => {
                    let removed = properties(change).map(|(_, property)| property.name.clone());
                    instructions.extend(removed.map(Instruction::Remove));
                }
                _ => {}
            }
            if instructions.len() > PROPERTIES_MAX {
                return Err(RequestError::malformed(root.name(), "too many properties"));
            }
        }
        if instructions.is_empty() {
            return Err(RequestError::malformed(root.name(), "changes nothing"));
        }
        Ok(Self { instructions })
    }
}

fn properties(change: &Element) -> impl Iterator<Item = (&Element, &Element)> {
    let props = change.children().filter(|child| child.name() == dav::PROP);
    props.flat_map(|prop| prop.children().map(move |property| (prop, property)))
}

/// The properties within a `DAV:set`, each with the language that its ancestors give it.
pub(super) fn set_properties<'a>(
    ancestors: &'a [&'a Element],
    set: &'a Element,
) -> impl Iterator<Item = Element> + 'a {
    let outer = ancestors.iter().rev().find_map(|ancestor| ancestor.language());
    properties(set).map(move |(prop, property)| {
        let mut property = property.clone();
        if let Some(language) = prop.language().or(set.language()).or(outer)
            && property.language().is_none()
        {
            property.attributes.push(Attribute { name: attribute::LANG.into(), value: language.to_owned() });
        }
        property
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proppatch(content: &str) -> Result<PropPatch, RequestError> {
        let body = format!("<D:propertyupdate xmlns:D='DAV:' xmlns:x='urn:x'>{content}</D:propertyupdate>");
        PropPatch::parse(body.as_bytes())
    }

    fn set(text: &str) -> Instruction {
        Instruction::Set(Element::decode(text).unwrap())
    }

    // RFC 4918 section 9.2.
    #[test]
    fn changes_keep_their_order() {
        let content = "<D:set><D:prop><x:a>1</x:a></D:prop></D:set>\
                       <D:remove><D:prop><x:a/><x:b/></D:prop></D:remove>\
                       <D:set><D:prop><x:b>2</x:b><x:c/></D:prop></D:set>";
        let removed = |local| Instruction::Remove(QName::new("urn:x", local).unwrap());
        let expected = vec![
            set("<a xmlns='urn:x'>1</a>"),
            removed("a"),
            removed("b"),
            set("<b xmlns='urn:x'>2</b>"),
            set("<c xmlns='urn:x'/>"),
        ];
        assert_eq!(proppatch(content).unwrap().instructions, expected);
    }

    // RFC 4918 section 4.3.
    #[test]
    fn a_property_takes_its_language_along() {
        for (content, expected) in [
            (
                "<D:set><D:prop xml:lang='de'><x:a>ä</x:a></D:prop></D:set>",
                "<a xmlns='urn:x' xml:lang='de'>ä</a>",
            ),
            ("<D:set xml:lang='de'><D:prop><x:a/></D:prop></D:set>", "<a xmlns='urn:x' xml:lang='de'/>"),
            (
                "<D:set xml:lang='de'><D:prop><x:a xml:lang='fr'/></D:prop></D:set>",
                "<a xmlns='urn:x' xml:lang='fr'/>",
            ),
        ] {
            assert_eq!(proppatch(content).unwrap().instructions, [set(expected)]);
        }
    }

    // RFC 4918 section 4.3.
    #[test]
    fn a_dead_property_comes_back_from_storage_as_it_went() {
        let content = "<D:set><D:prop><x:a y='1' x:z='2'><n xmlns=''>t\r\n&#13;<D:href/></n> \
                       <deep xmlns='urn:y'>&lt;]]&gt;</deep></x:a></D:prop></D:set>";
        let [Instruction::Set(element)] = &proppatch(content).unwrap().instructions[..] else { panic!() };
        assert_eq!(Element::decode(&element.encode()).as_ref(), Ok(element));
    }

    #[test]
    fn nothing_to_do_is_malformed() {
        for content in ["", "<D:set/>", "<D:set><D:prop/></D:set>", "<x:set><D:prop><x:a/></D:prop></x:set>"]
        {
            assert!(proppatch(content).is_err(), "{content}");
        }
        let many = |count| format!("<D:remove><D:prop>{}</D:prop></D:remove>", "<x:a/>".repeat(count));
        assert!(proppatch(&many(PROPERTIES_MAX)).is_ok());
        assert!(proppatch(&many(PROPERTIES_MAX + 1)).is_err());
    }
}
