//! Flags and categories of phones as IMAP flags and keywords.
//!
//! Of a follow-up flag only its status is kept: `\Flagged` while it is open, a keyword when it is
//! done. A category that is no IMAP atom becomes one by base64; one that does not fit is dropped.

use activesync_wire::item::email::{Flag, FlagChange, FlagStatus};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vocabulary::{Flags, Keyword, Keywords};

/// The follow-up is done.
const COMPLETE: &str = "$FollowUpComplete";
/// The mail was forwarded: registered with IANA for IMAP (RFC 5550 section 2.8).
pub(crate) const FORWARDED: &str = "$Forwarded";
/// Before a category that is no atom.
const ENCODED: &str = "Category=";
/// What mail programs set for themselves; people would not know these as their categories.
const NO_CATEGORY: &[&str] = &["NonJunk", "Junk", "Forwarded"];

fn is_category(keyword: &Keyword) -> bool {
    let text = keyword.as_str();
    !text.starts_with('$') && !NO_CATEGORY.iter().any(|word| text.eq_ignore_ascii_case(word))
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

fn complete() -> Option<Keyword> {
    Keyword::new(COMPLETE).ok()
}

/// The flag that a phone shows.
pub(crate) fn flag(flags: Flags, keywords: &Keywords) -> Option<Flag> {
    let done = complete().is_some_and(|keyword| keywords.contains(&keyword));
    let status = match (flags.contains(Flags::FLAGGED), done) {
        (true, _) => FlagStatus::Active,
        (false, true) => FlagStatus::Complete,
        (false, false) => return None,
    };
    Some(Flag {
        status,
        flag_type: Some("Flag for follow up".to_owned()),
        subject: None,
        complete_time: None,
        date_completed: None,
        dates: None,
        reminder: None,
        ordinal_date: None,
        sub_ordinal_date: None,
    })
}

/// What becomes of flags and keywords when a phone changes the flag.
pub(crate) fn with_flag(flags: Flags, keywords: &Keywords, change: &FlagChange) -> (Flags, Keywords) {
    let mut words = keywords.clone();
    let Some(done) = complete() else { return (flags, words) };
    words.remove(&done);
    match change {
        FlagChange::Clear => (flags & !Flags::FLAGGED, words),
        FlagChange::Set(Flag { status: FlagStatus::Active, .. }) => (flags | Flags::FLAGGED, words),
        FlagChange::Set(Flag { status: FlagStatus::Complete, .. }) => {
            words.insert(done);
            (flags & !Flags::FLAGGED, words)
        }
    }
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

    #[test]
    fn flags_are_open_done_or_none() {
        let none = Keywords::default();
        assert_eq!(flag(Flags::SEEN, &none), None);
        let open = flag(Flags::FLAGGED, &none).unwrap();
        assert_eq!(open.status, FlagStatus::Active);
        let done = Flag { status: FlagStatus::Complete, ..open.clone() };
        let (flags, words) = with_flag(Flags::FLAGGED, &none, &FlagChange::Set(done));
        assert_eq!(flag(flags, &words).unwrap().status, FlagStatus::Complete);
        let (again, words) = with_flag(flags, &words, &FlagChange::Set(open));
        assert_eq!((again, flag(again, &words).unwrap().status), (Flags::FLAGGED, FlagStatus::Active));
        let (cleared, words) = with_flag(again, &words, &FlagChange::Clear);
        assert_eq!(flag(cleared, &words), None);
    }
}
