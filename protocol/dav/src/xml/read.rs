//! Reading: bytes to a tree.

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{LocalName, NamespaceResolver, PrefixDeclaration, ResolveResult};

use super::character::{is_character, is_name};
use super::{Attribute, Element, Limits, Node, XmlError, XmlErrorKind as Kind};
use crate::name::QName;

/// The namespace of namespace declarations.
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// Reads one document.
///
/// Line ends become LF (XML 1.0 section 2.11), references and CDATA sections become text.
///
/// # Errors
/// [`XmlError`] says what is wrong and where.
pub fn parse(document: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    let fail = |kind| XmlError { kind, offset: 0 };
    if document.len() > limits.bytes_max {
        return Err(fail(Kind::TooLarge));
    }
    let text = str::from_utf8(document)
        .map_err(|error| XmlError { kind: Kind::Encoding, offset: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if let Some(offset) = text.find(|c| !is_character(c)) {
        return Err(XmlError { kind: Kind::Character, offset });
    }

    let mut reader = NsReader::from_str(text);
    let mut tree = Tree::new(limits);
    loop {
        let event = reader.read_event();
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let fail = |kind| XmlError { kind, offset };
        match event.map_err(|error| fail(kind_of(&error)))? {
            Event::Eof => return tree.finish().map_err(fail),
            event => tree.take(event, reader.resolver(), text).map_err(fail)?,
        }
    }
}

fn kind_of(error: &quick_xml::Error) -> Kind {
    match error {
        quick_xml::Error::Namespace(_) => Kind::Namespace,
        _ => Kind::Syntax,
    }
}

/// The tree as far as it has grown.
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    began: bool,
    nodes_left: usize,
    depth_max: usize,
    attributes_max: usize,
}

impl Tree {
    fn new(limits: &Limits) -> Self {
        Self {
            open: Vec::new(),
            root: None,
            began: false,
            nodes_left: limits.nodes_max,
            depth_max: limits.depth_max,
            attributes_max: limits.attributes_max,
        }
    }

    fn take(&mut self, event: Event<'_>, names: &NamespaceResolver, document: &str) -> Result<(), Kind> {
        let first = !std::mem::replace(&mut self.began, true);
        match event {
            Event::Start(tag) => {
                let element = self.element(&tag, names)?;
                self.open.push(element);
                Ok(())
            }
            Event::Empty(tag) => {
                let element = self.element(&tag, names)?;
                self.end(element)
            }
            Event::End(_) => {
                let element = self.open.pop().ok_or(Kind::Syntax)?;
                self.end(element)
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(_) if self.open.is_empty() => Err(Kind::Syntax),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Decl(declaration) if first => check_encoding(&declaration, document),
            Event::Decl(_) => Err(Kind::Syntax),
            Event::DocType(_) => Err(Kind::Doctype),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn element(&mut self, tag: &BytesStart<'_>, names: &NamespaceResolver) -> Result<Element, Kind> {
        if self.root.is_some() {
            return Err(Kind::Syntax);
        }
        if self.open.len() >= self.depth_max {
            return Err(Kind::TooDeep);
        }
        self.spend()?;
        let mut element = Element::new(qualified(names.resolve_element(tag.name()))?);
        for (index, found) in tag.attributes().enumerate() {
            if index >= self.attributes_max {
                return Err(Kind::TooManyAttributes);
            }
            self.spend()?;
            let found = found.map_err(|_| Kind::Syntax)?;
            let value = attribute_value(&found)?;
            match found.key.as_namespace_binding() {
                Some(PrefixDeclaration::Default) => {}
                // Namespaces in XML 1.0 section 5: a prefix cannot be undeclared.
                Some(PrefixDeclaration::Named(prefix)) if value.is_empty() || !is_name(prefix) => {
                    return Err(Kind::Namespace);
                }
                Some(PrefixDeclaration::Named(_)) => {}
                None => {
                    let name = qualified(names.resolve_attribute(found.key))?;
                    if element.attributes.iter().any(|known| known.name == name) {
                        return Err(Kind::Syntax);
                    }
                    element.attributes.push(Attribute { name, value });
                }
            }
        }
        Ok(element)
    }

    fn end(&mut self, element: Element) -> Result<(), Kind> {
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Kind> {
        let Some(parent) = self.open.last_mut() else {
            let blank = text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
            return if blank { Ok(()) } else { Err(Kind::Syntax) };
        };
        if let Some(Node::Text(before)) = parent.nodes.last_mut() {
            before.push_str(text);
        } else if !text.is_empty() {
            parent.nodes.push(Node::Text(text.to_owned()));
            return self.spend();
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Kind> {
        if self.open.is_empty() {
            return Err(Kind::Syntax);
        }
        let character = if reference.is_char_ref() {
            let character = reference.resolve_char_ref().map_err(|_| Kind::Character)?;
            character.filter(|c| is_character(*c)).ok_or(Kind::Character)?
        } else {
            predefined(reference).ok_or(Kind::Entity)?
        };
        self.text(character.encode_utf8(&mut [0; 4]))
    }

    fn spend(&mut self) -> Result<(), Kind> {
        self.nodes_left = self.nodes_left.checked_sub(1).ok_or(Kind::TooManyNodes)?;
        Ok(())
    }

    fn finish(self) -> Result<Element, Kind> {
        if self.open.is_empty() { self.root.ok_or(Kind::Syntax) } else { Err(Kind::Syntax) }
    }
}

/// XML 1.0 section 4.6. Without a document type there are no others.
fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

fn qualified((namespace, local): (ResolveResult<'_>, LocalName<'_>)) -> Result<QName, Kind> {
    let namespace = match namespace {
        ResolveResult::Unbound => "",
        // Namespaces in XML 1.0 section 3: no element may have the prefix `xmlns`.
        ResolveResult::Bound(namespace) if namespace.0 == XMLNS => return Err(Kind::Namespace),
        ResolveResult::Bound(namespace) => namespace.0,
        ResolveResult::Unknown(_) => return Err(Kind::Namespace),
    };
    let local = local.as_ref();
    // The resolver holds namespaces as they stand in their attribute, references and all.
    if namespace.contains('&') {
        return QName::new(&unescaped(namespace)?, local).ok_or(Kind::Name);
    }
    QName::new(namespace, local).ok_or(Kind::Name)
}

fn attribute_value(attribute: &quick_xml::events::attributes::Attribute<'_>) -> Result<String, Kind> {
    if attribute.value.contains('<') {
        return Err(Kind::Syntax);
    }
    let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| Kind::Entity)?;
    if value.chars().all(is_character) { Ok(value.into_owned()) } else { Err(Kind::Character) }
}

fn unescaped(text: &str) -> Result<String, Kind> {
    quick_xml::escape::unescape(text).map(std::borrow::Cow::into_owned).map_err(|_| Kind::Entity)
}

/// A document that says to be of another encoding is one that we would misread, unless all of it is ASCII.
fn check_encoding(declaration: &BytesDecl<'_>, document: &str) -> Result<(), Kind> {
    let Some(encoding) = declaration.encoding() else { return Ok(()) };
    let encoding = encoding.map_err(|_| Kind::Syntax)?;
    let known = ["utf-8", "utf8", "us-ascii"].iter().any(|name| encoding.eq_ignore_ascii_case(name));
    if known || document.is_ascii() { Ok(()) } else { Err(Kind::Encoding) }
}
