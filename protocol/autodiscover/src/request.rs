//! What is posted: an address, and the schema of the answer that is wanted.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Longest request in bytes.
pub const REQUEST_BYTES_MAX: usize = 16 << 10;
/// Deepest nesting that is looked at; a request has three levels.
const DEPTH_MAX: usize = 16;
/// Longest text that is kept of one element, in bytes.
const TEXT_BYTES_MAX: usize = 1024;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// EMailAddress as it was written, without blanks around it; never empty.
    pub address: String,
    /// AcceptableResponseSchema.
    pub schema: Schema,
}

/// How the answer shall look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// For phones: MS-ASCMD R711.
    MobileSync,
    /// For Outlook: MS-OXDSCLI.
    Outlook,
}

/// Why a request cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It is no XML, or not a request.
    #[error("not a request: {0}")]
    Invalid(&'static str),
    /// It asks for an answer that nobody here can write.
    #[error("a schema that is not known")]
    UnknownSchema,
}

impl Schema {
    /// The namespace of an answer.
    #[must_use]
    pub fn namespace(self) -> &'static str {
        match self {
            Self::MobileSync => {
                "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
            }
            Self::Outlook => {
                "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
            }
        }
    }

    fn of(namespace: &str) -> Option<Self> {
        let same = |schema: &Self| schema.namespace().eq_ignore_ascii_case(namespace);
        [Self::MobileSync, Self::Outlook].into_iter().find(same)
    }
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// [`RequestError`]; exactly one Request with one address and one schema is asked for (MS-ASCMD R3799).
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        let fields = Fields::read(body)?;
        let address = fields.address.ok_or(RequestError::Invalid("no EMailAddress"))?;
        let schema = fields.schema.ok_or(RequestError::Invalid("no AcceptableResponseSchema"))?; // MS-ASCMD R703
        let (address, schema) = (address.trim(), schema.trim());
        if address.is_empty() {
            return Err(RequestError::Invalid("an empty EMailAddress"));
        }
        let schema = Schema::of(schema).ok_or(RequestError::UnknownSchema)?;
        Ok(Self { address: address.to_owned(), schema })
    }
}

/// The texts of a request as far as it was read.
#[derive(Default)]
struct Fields {
    requests: usize,
    address: Option<String>,
    schema: Option<String>,
    /// Local names of the elements that are open.
    open: Vec<String>,
}

impl Fields {
    fn read(body: &[u8]) -> Result<Self, RequestError> {
        let fail = RequestError::Invalid;
        if body.len() > REQUEST_BYTES_MAX {
            return Err(fail("too long"));
        }
        let text = str::from_utf8(body).map_err(|_| fail("not UTF-8"))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}').trim_start());
        let mut fields = Self::default();
        loop {
            match reader.read_event().map_err(|_| fail("not XML"))? {
                Event::Start(tag) => fields.begin(tag.local_name().as_ref())?,
                Event::Empty(tag) => {
                    fields.begin(tag.local_name().as_ref())?;
                    fields.open.pop();
                }
                Event::End(_) => drop(fields.open.pop()),
                Event::Text(text) => fields.text(&text.xml10_content())?,
                Event::CData(text) => fields.text(&text.xml10_content())?,
                Event::GeneralRef(reference) => fields.reference(&reference)?,
                Event::DocType(_) => return Err(fail("a document type")),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        if !fields.open.is_empty() || fields.requests != 1 {
            return Err(fail("not one Request"));
        }
        Ok(fields)
    }

    fn begin(&mut self, name: &str) -> Result<(), RequestError> {
        if self.open.len() >= DEPTH_MAX {
            return Err(RequestError::Invalid("nested too deeply"));
        }
        self.open.push(name.to_owned());
        if self.is_at(&["Autodiscover", "Request"]) {
            self.requests += 1;
        }
        let field = self.field();
        if field.as_ref().is_some_and(|field| field.is_some()) {
            return Err(RequestError::Invalid("an element twice"));
        }
        if let Some(field) = field {
            *field = Some(String::new());
        }
        Ok(())
    }

    fn is_at(&self, path: &[&str]) -> bool {
        self.open.len() == path.len() && self.open.iter().zip(path).all(|(open, name)| open == name)
    }

    /// Where the text of the innermost element belongs.
    fn field(&mut self) -> Option<&mut Option<String>> {
        if self.is_at(&["Autodiscover", "Request", "EMailAddress"]) {
            return Some(&mut self.address);
        }
        if self.is_at(&["Autodiscover", "Request", "AcceptableResponseSchema"]) {
            return Some(&mut self.schema);
        }
        None
    }

    fn text(&mut self, text: &str) -> Result<(), RequestError> {
        let Some(Some(field)) = self.field() else { return Ok(()) };
        if field.len() + text.len() > TEXT_BYTES_MAX {
            return Err(RequestError::Invalid("a text too long"));
        }
        field.push_str(text);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), RequestError> {
        let unknown = RequestError::Invalid("an unknown reference");
        let character = if reference.is_char_ref() {
            reference.resolve_char_ref().map_err(|_| unknown)?.ok_or(unknown)?
        } else {
            let name: &str = reference;
            match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => return Err(unknown),
            }
        };
        self.text(character.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOBILE: &str = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006";
    const OUTLOOK: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

    fn document(inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/\
             autodiscover/mobilesync/requestschema/2006\">{inside}</Autodiscover>"
        )
    }

    fn request(address: &str, schema: &str) -> String {
        document(&format!(
            "<Request><EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{schema}\
             </AcceptableResponseSchema></Request>"
        ))
    }

    // MS-ASCMD R703 R806 R807 R2225
    #[test]
    fn both_schemas_are_read_in_any_spelling() {
        let parse = |text: &str| Request::parse(text.as_bytes()).unwrap();
        let read = parse(&request(" anna&amp;ben@a.test\r\n", MOBILE));
        assert_eq!((read.address.as_str(), read.schema), ("anna&ben@a.test", Schema::MobileSync));
        let read = parse(&request("<![CDATA[a@a.test]]>", &format!("\n  {OUTLOOK}\n")));
        assert_eq!((read.address.as_str(), read.schema), ("a@a.test", Schema::Outlook));
        let prefixed = format!(
            "\u{FEFF}<x:Autodiscover xmlns:x=\"urn:x\"><x:Request><x:AcceptableResponseSchema>{MOBILE}\
             </x:AcceptableResponseSchema><x:LegacyDN/><x:EMailAddress>&#97;@a.test</x:EMailAddress></x:Request>\
             </x:Autodiscover>"
        );
        assert_eq!(parse(&prefixed).address, "a@a.test");
    }

    // MS-ASCMD R3799
    #[test]
    fn what_is_no_request_is_told_apart_from_an_unknown_schema() {
        let one = "<Request><EMailAddress>a@a.test</EMailAddress></Request>";
        let two = request("a@a.test", MOBILE).replace("</Autodiscover>", "<Request/></Autodiscover>");
        let twice = request("a@a.test</EMailAddress><EMailAddress>b@a.test", MOBILE);
        let typed = format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{}", document(one));
        for bad in [
            String::new(),
            "no XML".to_owned(),
            "<Autodiscover>".to_owned(),
            document(""),
            document(one),
            document(&format!(
                "<Request><AcceptableResponseSchema>{MOBILE}</AcceptableResponseSchema></Request>"
            )),
            request("", MOBILE),
            request(&"a".repeat(2000), MOBILE),
            request("&b;", MOBILE),
            "<a>".repeat(100),
            " ".repeat(REQUEST_BYTES_MAX + 1),
            two,
            twice,
            typed,
        ] {
            let refused = Request::parse(bad.as_bytes());
            assert!(matches!(refused, Err(RequestError::Invalid(_))), "{bad:?} {refused:?}");
        }
        let unknown = Request::parse(request("a@a.test", "urn:unknown").as_bytes());
        assert_eq!(unknown, Err(RequestError::UnknownSchema));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/&;a-zA-Z \"=]{0,80}") {
            let _ = Request::parse(&bytes);
            let _ = Request::parse(document(&text).as_bytes());
        }
    }
}
