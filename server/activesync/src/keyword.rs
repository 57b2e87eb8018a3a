//! Categories of phones as IMAP keywords. One that is no IMAP atom becomes one by base64; one that does not fit is
//! dropped, and the phone is told so.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vocabulary::{Keyword, Keywords};

/// Before a category that is no atom.
const ENCODED: &str = "Category=";
/// What mail programs set for themselves; people would not know these as their categories.
const NO_CATEGORY: &[&str] = &["NonJunk", "Junk", "Forwarded"];

fn is_category(keyword: &Keyword) -> bool {
    let text = keyword.as_str();
    keyword.is_label() && !NO_CATEGORY.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The categories that a phone shows.
pub(crate) fn categories(keywords: &Keywords) -> Vec<String> {
    let name = |keyword: &Keyword| {
        let text = keyword.as_str();
        let encoded = text.strip_prefix(ENCODED).and_then(|code| URL_SAFE_NO_PAD.decode(code).ok());
        encoded.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| text.to_owned())
    };
    keywords.iter().filter(|keyword| is_category(keyword)).map(name).collect()
}

/// The keywords once a phone has set all categories anew.
pub(crate) fn with_categories(keywords: &Keywords, names: &[String]) -> Keywords {
    let mut changed: Keywords = keywords.iter().filter(|keyword| !is_category(keyword)).cloned().collect();
    for name in names {
        let plain = Keyword::new(name).ok().filter(is_category);
        let plain = plain.filter(|_| !name.starts_with(ENCODED));
        let encoded = || Keyword::new(&format!("{ENCODED}{}", URL_SAFE_NO_PAD.encode(name))).ok();
        if let Some(keyword) = plain.or_else(encoded) {
            changed.insert(keyword);
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_survive_the_way_through_imap_keywords() {
        let kept: Keywords =
            ["$Forwarded", "NonJunk", "Old"].iter().map(|w| Keyword::new(w).unwrap()).collect();
        let names = ["Red", "Müller & Söhne", "two words", "Category=x", "$odd"].map(str::to_owned);
        let changed = with_categories(&kept, &names);
        assert_eq!(categories(&changed), names);
        assert!(changed.contains(&Keyword::new("$Forwarded").unwrap()), "what is no category stays");
        assert!(!changed.contains(&Keyword::new("Old").unwrap()));
        assert!(categories(&with_categories(&changed, &[])).is_empty());
        assert!(categories(&with_categories(&kept, &["ü".repeat(90)])).is_empty(), "too long to keep");
    }
}
