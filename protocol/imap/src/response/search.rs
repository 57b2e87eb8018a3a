//! SEARCH of RFC 3501 and ESEARCH: RFC 9051 section 7.3.4.

use vocabulary::ModSeq;

use crate::{Numbering, Output, Tag};

/// One `* ESEARCH` response. What is `None` was not asked for or not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Esearch<'a> {
    /// The command that is answered.
    pub tag: &'a Tag,
    /// What the numbers are.
    pub numbering: Numbering,
    /// The lowest.
    pub min: Option<u32>,
    /// The highest.
    pub max: Option<u32>,
    /// How many.
    pub count: Option<u32>,
    /// All of them; left out when empty (RFC 4731 section 3.1).
    pub all: Option<&'a [(u32, u32)]>,
    /// The highest stamp of what is told, if the search asked for MODSEQ (RFC 4731 section 3.2).
    pub modseq: Option<ModSeq>,
}

impl Output {
    /// `* ESEARCH (TAG "a") [UID] ...`
    pub fn esearch(&mut self, found: &Esearch<'_>) {
        self.raw(b"* ESEARCH (TAG ");
        self.string(found.tag.as_str().as_bytes());
        self.raw(b")");
        if found.numbering == Numbering::Uid {
            self.raw(b" UID");
        }
        for (name, number) in [(&b" MIN "[..], found.min), (b" MAX ", found.max), (b" COUNT ", found.count)] {
            if let Some(number) = number {
                self.raw(name);
                self.number(number);
            }
        }
        if let Some(all) = found.all.filter(|all| !all.is_empty()) {
            self.raw(b" ALL ");
            self.ranges(all);
        }
        if let Some(modseq) = found.modseq {
            self.raw(b" MODSEQ ");
            self.number64(modseq.0.unsigned_abs());
        }
        self.crlf();
    }

    /// `* SEARCH n ... [(MODSEQ n)]` (RFC 3501, RFC 7162 section 3.1.6). The stamp only if anything was found.
    pub fn search(&mut self, numbers: impl IntoIterator<Item = u32>, modseq: Option<ModSeq>) {
        self.raw(b"* SEARCH");
        let mut any = false;
        for number in numbers {
            any = true;
            self.raw(b" ");
            self.number(number);
        }
        if let Some(modseq) = modseq.filter(|_| any) {
            self.raw(b" (MODSEQ ");
            self.number64(modseq.0.unsigned_abs());
            self.raw(b")");
        }
        self.crlf();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let tag = Tag::new(b"A285").unwrap();
        let nothing = Esearch {
            tag: &tag,
            numbering: Numbering::Sequence,
            min: None,
            max: None,
            count: None,
            all: None,
            modseq: None,
        };
        let mut out = Output::default();
        out.esearch(&Esearch { numbering: Numbering::Uid, min: Some(7), max: Some(3800), ..nothing });
        out.esearch(&Esearch {
            all: Some(&[(2, 2), (10, 11)]),
            count: Some(3),
            modseq: Some(ModSeq(9)),
            ..nothing
        });
        out.esearch(&Esearch { all: Some(&[]), ..nothing });
        out.search([2, 84, 882], None);
        out.search([2, 5], Some(ModSeq(917_162_500)));
        out.search([], Some(ModSeq(1)));
        let expected = "* ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800\r\n\
            * ESEARCH (TAG \"A285\") COUNT 3 ALL 2,10:11 MODSEQ 9\r\n\
            * ESEARCH (TAG \"A285\")\r\n* SEARCH 2 84 882\r\n* SEARCH 2 5 (MODSEQ 917162500)\r\n* SEARCH\r\n";
        assert_eq!(String::from_utf8(out.take()).unwrap(), expected);
    }
}
