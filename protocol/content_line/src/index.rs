//! The texts that an object is searched by, in a form that is kept beside its bytes: a search need not read it.
//!
//! One byte says the format; then comes each text as the number of its property (one byte), its length in bytes
//! (two, big endian) and the text. An index holds all texts of each of its properties, or there is none.

/// Largest index in bytes. An object that would have a larger one is searched itself.
const BYTES_MAX: usize = 4 * 1024;

/// Which properties the indexes of a kind of object hold.
#[derive(Debug)]
pub struct IndexFormat {
    /// The first byte: another one for other properties.
    pub id: u8,
    /// The names; each has the number of its place.
    pub properties: &'static [&'static str],
}

impl IndexFormat {
    /// The number of a property; names are compared without regard to case.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u8> {
        let place = self.properties.iter().position(|known| name.eq_ignore_ascii_case(known))?;
        u8::try_from(place).ok()
    }

    /// The index of these numbers and texts; empty if it would have too much text.
    #[must_use]
    pub fn write<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = (u8, T)>) -> Vec<u8> {
        let mut index = vec![self.id];
        for (number, text) in texts {
            let text = text.as_ref();
            let Ok(length) = u16::try_from(text.len()) else { return Vec::new() };
            index.push(number);
            index.extend_from_slice(&length.to_be_bytes());
            index.extend_from_slice(text.as_bytes());
            if index.len() > BYTES_MAX {
                return Vec::new();
            }
        }
        index
    }

    /// The numbers and texts of an index in their order; `None` for what is no index of this format: then the object
    /// must be read.
    #[must_use]
    pub fn read<'a>(&self, bytes: &'a [u8]) -> Option<IndexTexts<'a>> {
        let (id, texts) = bytes.split_first()?;
        let mut rest = texts;
        while !rest.is_empty() {
            let (number, _, after) = entry(rest)?;
            self.properties.get(usize::from(number))?;
            rest = after;
        }
        (*id == self.id).then_some(IndexTexts(texts))
    }
}

/// What an index holds.
#[derive(Debug, Clone, Copy)]
pub struct IndexTexts<'a>(&'a [u8]);

impl<'a> Iterator for IndexTexts<'a> {
    type Item = (u8, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (number, text, after) = entry(self.0)?;
        self.0 = after;
        Some((number, text))
    }
}

/// The number of a property, its text, and what follows.
fn entry(bytes: &[u8]) -> Option<(u8, &str, &[u8])> {
    let (&number, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((number, std::str::from_utf8(text).ok()?, rest))
}
