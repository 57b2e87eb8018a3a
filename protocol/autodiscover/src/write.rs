//! Writing XML: a tree of names and texts.

/// The namespace of the root of every answer.
const ROOT: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";

/// A document that grows.
pub(crate) struct Writer {
    text: String,
}

impl Writer {
    /// A whole answer: what stands in Response, whose namespace is that of its schema, if it has one.
    pub(crate) fn answer(namespace: Option<&str>, inside: impl FnOnce(&mut Self)) -> String {
        let mut writer = Self { text: "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n".to_owned() };
        writer.element("Autodiscover", &[("xmlns", ROOT)], |writer| {
            let attributes: Vec<_> = namespace.map(|namespace| ("xmlns", namespace)).into_iter().collect();
            writer.element("Response", &attributes, inside);
        });
        writer.text
    }

    /// An element and what is in it.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            self.text.push(' ');
            self.text.push_str(name);
            self.text.push_str("=\"");
            self.escaped(value);
            self.text.push('"');
        }
        self.text.push('>');
        inside(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// An element without attributes.
    pub(crate) fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.element(name, &[], inside);
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.within(name, |writer| writer.escaped(text));
    }

    /// What XML has no character for is left out: XML 1.0 section 2.2.
    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'.. => {
                    self.text.push(character);
                }
                _ => {}
            }
        }
    }
}
