//! Entity tags and the conditions on them: RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2.

use std::fmt;

use vocabulary::{ItemId, ModSeq};

/// Longest value of `If-Match` or `If-None-Match` that is read, in bytes.
pub const ETAG_LIST_BYTES_MAX: usize = 16 * 1024;

/// The strong entity tag of an item: it changes with every byte of the content and never comes back.
/// Display gives it with its quotes, as it stands in headers and in `getetag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ETag {
    /// The item.
    pub item: ItemId,
    /// When its content changed last.
    pub content: ModSeq,
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}-{}\"", self.item, self.content)
    }
}

/// The tag of a scheduling object resource: RFC 6638 section 3.2.10. It changes with what its owner's client must see
/// before it writes, and not when only others' answers came. Display gives it with its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScheduleTag {
    /// The item.
    pub item: ItemId,
    /// When it last changed in such a way.
    pub schedule: ModSeq,
}

impl ScheduleTag {
    /// Whether the value of `If-Schedule-Tag-Match` (RFC 6638 section 8.3) names this tag; quotes may be missing, and
    /// weakness is ignored as with entity tags.
    #[must_use]
    pub fn is_named_by(&self, value: &str) -> bool {
        let value = value.trim();
        let value = value.strip_prefix("W/").or_else(|| value.strip_prefix("w/")).unwrap_or(value);
        value.trim_matches('"') == self.to_string().trim_matches('"')
    }
}

impl fmt::Display for ScheduleTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}-{}\"", self.item, self.schedule)
    }
}

/// The forms in which an item is given other than as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// vCard 3.0.
    VCard3,
    /// vCard 4.0.
    VCard4,
    /// jCal or jCard.
    Json,
}

impl Form {
    const ALL: [Self; 3] = [Self::VCard3, Self::VCard4, Self::Json];

    /// What stands behind the tag of an item in the tag of a form of it, within the quotes.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::VCard3 => "-v3",
            Self::VCard4 => "-v4",
            Self::Json => "-json",
        }
    }
}

impl ETag {
    /// The tag of another form of the item than the stored one, with its quotes. Other bytes have another strong
    /// tag: RFC 9110 section 8.8.3.3. As a condition on a change it names the item, of which the client has seen this
    /// state; as a condition on reading it names these bytes only.
    #[must_use]
    pub fn of_form(&self, form: Form) -> String {
        format!("\"{}-{}{}\"", self.item, self.content, form.suffix())
    }
}

/// An entity tag as a client sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    /// It had the prefix `W/`.
    pub weak: bool,
    /// What stood between the quotes.
    pub opaque: String,
}

impl EntityTag {
    /// Whether it names the item that `etag` names, as it is now, in whatever form the client was given it. Weakness is ignored, because Thunderbird and caches on the way
    /// weaken what they were given; so is the suffix that web servers add to what they compress.
    #[must_use]
    pub fn names(&self, etag: &ETag) -> bool {
        let ours = etag.to_string();
        let opaque = self.uncompressed();
        let stored = Form::ALL.iter().find_map(|form| opaque.strip_suffix(form.suffix())).unwrap_or(opaque);
        ours.trim_matches('"') == stored
    }

    /// What stood between the quotes, without what web servers add to it.
    fn uncompressed(&self) -> &str {
        let opaque = self.opaque.as_str();
        opaque.strip_suffix("-gzip").or_else(|| opaque.strip_suffix(";gzip")).unwrap_or(opaque)
    }

    /// Cuts the tag that a text begins with, and gives the rest.
    pub(crate) fn cut(text: &str) -> Option<(Self, &str)> {
        let (weak, rest) = match text.strip_prefix("W/").or_else(|| text.strip_prefix("w/")) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (opaque, rest) = rest.strip_prefix('"')?.split_once('"')?;
        // RFC 4918 section 10.4.6 has a tag with spaces, as the HTTP of its time allowed.
        let valid = !opaque.contains(char::is_control);
        valid.then(|| (Self { weak, opaque: opaque.to_owned() }, rest))
    }
}

/// The value of `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ETagList {
    /// `*`: whatever it is, as long as it is there.
    Any,
    /// One of these.
    Of(Vec<EntityTag>),
}

/// The value is neither `*` nor a list of entity tags, or longer than [`ETAG_LIST_BYTES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of entity tags")]
pub struct NotAnETagList;

impl ETagList {
    /// Reads the value of a header. A single tag may lack its quotes, as some clients send it.
    ///
    /// # Errors
    /// [`NotAnETagList`].
    pub fn parse(value: &str) -> Result<Self, NotAnETagList> {
        if value.len() > ETAG_LIST_BYTES_MAX {
            return Err(NotAnETagList);
        }
        let value = value.trim();
        if value == "*" {
            return Ok(Self::Any);
        }
        if !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Ok(Self::Of(vec![EntityTag { weak: false, opaque: value.to_owned() }]));
        }
        let mut tags = Vec::new();
        let mut rest = value;
        // RFC 9110 section 5.6.1.2: empty elements of a list are ignored.
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return if tags.is_empty() { Err(NotAnETagList) } else { Ok(Self::Of(tags)) };
            }
            let (tag, after) = EntityTag::cut(rest).ok_or(NotAnETagList)?;
            rest = after.trim_start();
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err(NotAnETagList);
            }
            tags.push(tag);
        }
    }

    /// Whether the list names the resource as it is now; `None` if there is no resource.
    ///
    /// `If-Match` holds if it does, `If-None-Match` holds if it does not.
    #[must_use]
    pub fn matches(&self, current: Option<&ETag>) -> bool {
        match (self, current) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::Of(tags), Some(etag)) => tags.iter().any(|tag| tag.names(etag)),
        }
    }

    /// Whether the list has this very tag, quotes included: then the client has these bytes.
    #[must_use]
    pub fn has(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.iter().any(|known| known.uncompressed() == tag.trim_matches('"')),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ETAG: ETag = ETag { item: ItemId(7), content: ModSeq(1_099_511_627_777) };

    fn matches(value: &str) -> bool {
        ETagList::parse(value).unwrap().matches(Some(&ETAG))
    }

    #[test]
    fn clients_send_tags_back_in_many_forms() {
        for same in [
            "*",
            "\"7-1099511627777\"",
            "W/\"7-1099511627777\"",
            " \"x\" ,W/\"7-1099511627777\"",
            ", \"7-1099511627777\",,",
            "\"7-1099511627777-gzip\"",
            "7-1099511627777",
        ] {
            assert!(matches(same), "{same}");
        }
        for other in ["\"7-1099511627778\"", "\"77-1099511627777\"", "\"\"", "W/\"x\", \"y\"", "8-1"] {
            assert!(!matches(other), "{other}");
        }
    }

    // RFC 9110 section 8.8.3.3.
    #[test]
    fn the_tag_of_a_form_names_the_item_and_other_bytes() {
        let [three, four, json] = Form::ALL.map(|form| ETAG.of_form(form));
        let stored = ETAG.to_string();
        for (held, given) in [
            (&three, &four),
            (&four, &three),
            (&stored, &four),
            (&four, &stored),
            (&json, &stored),
            (&four, &json),
        ] {
            let list = ETagList::parse(&format!("W/{held}")).unwrap();
            assert!(list.matches(Some(&ETAG)), "{held}");
            assert!(list.has(held) && !list.has(given), "{held} {given}");
        }
        assert!(ETagList::parse(&four.replace("-v4", "-v4-gzip")).unwrap().has(&four));
        assert!(ETagList::parse("*").unwrap().has(&four));
        assert!(!matches("\"7-1099511627777-v5\"") && !matches("\"7-1099511627778-v4\""));
    }

    // RFC 9110 sections 13.1.1 and 13.1.2.
    #[test]
    fn nothing_matches_what_is_not_there() {
        for value in ["*", "\"7-1099511627777\""] {
            assert!(!ETagList::parse(value).unwrap().matches(None));
        }
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for bad in ["", " ", ",", "\"a", "a\"", "\"a\" \"b\"", "\"a\"b", "W/", "*, \"a\"", "\"a\u{1}\""] {
            assert_eq!(ETagList::parse(bad), Err(NotAnETagList), "{bad:?}");
        }
        let long = "\"a\",".repeat(ETAG_LIST_BYTES_MAX / 4);
        assert!(ETagList::parse(&long).is_ok());
        assert_eq!(ETagList::parse(&format!("{long},")), Err(NotAnETagList));
    }

    proptest! {
        #[test]
        fn a_tag_matches_itself_and_no_other(item: i64, content: i64, other: i64) {
            let etag = ETag { item: ItemId(item), content: ModSeq(content) };
            let list = ETagList::parse(&etag.to_string()).unwrap();
            prop_assert!(list.matches(Some(&etag)));
            let changed = ETag { content: ModSeq(other), ..etag };
            prop_assert_eq!(list.matches(Some(&changed)), other == content);
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = ETagList::parse(&text);
        }
    }
}
