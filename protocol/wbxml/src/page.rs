//! The code pages: MS-ASWBXML section 2.1.2.1. One page, one file; one tag, one constant.
//!
//! The constants are named after the tags (`SyncKey` is `SYNC_KEY`). Tags of protocol version 2.5 that later
//! ones lack are here as well, so that they can be named when met.

/// Declares the constants of one code page and the table of their names.
macro_rules! code_page {
    ($page:literal, $namespace:literal, $($constant:ident = $token:literal, $name:literal;)+) => {
        $(
            #[doc = concat!("`", $namespace, ":", $name, "`, token ", stringify!($token), ".")]
            pub const $constant: $crate::Tag = $crate::Tag::new($page, $token);
        )+

        pub(crate) const NAMES: $crate::page::CodePage =
            $crate::page::CodePage::new($namespace, &[$(($token, $name)),+]);

        #[cfg(test)]
        pub(crate) const CONSTANTS: &[(&str, $crate::Tag)] = &[$((stringify!($constant), $constant)),+];
    };
}

pub mod airsync;
pub mod airsync_base;
pub mod calendar;
pub mod compose_mail;
pub mod contacts;
pub mod contacts2;
pub mod document_library;
pub mod email;
pub mod email2;
pub mod find;
pub mod folder_hierarchy;
pub mod gal;
pub mod get_item_estimate;
pub mod item_operations;
pub mod meeting_response;
pub mod move_items;
pub mod notes;
pub mod ping;
pub mod provision;
pub mod resolve_recipients;
pub mod rights_management;
pub mod search;
pub mod settings;
pub mod tasks;
pub mod validate_cert;

use crate::token::{TAG_MASK, TAG_MIN};

/// Tokens that fit in the tag bits.
const TOKENS: usize = TAG_MASK as usize + 1;

/// The names of one code page, by token.
pub(crate) struct CodePage {
    namespace: &'static str,
    names: [Option<&'static str>; TOKENS],
}

impl CodePage {
    /// Evaluated by the compiler: a token that is out of range or stands twice fails the build.
    const fn new(namespace: &'static str, tags: &[(u8, &'static str)]) -> Self {
        let mut names = [None; TOKENS];
        let mut row = 0;
        while row < tags.len() {
            let (token, name) = tags[row];
            assert!(token >= TAG_MIN && names[token as usize].is_none());
            names[token as usize] = Some(name);
            row += 1;
        }
        Self { namespace, names }
    }

    pub(crate) fn namespace(&self) -> &'static str {
        self.namespace
    }

    pub(crate) fn name(&self, token: u8) -> Option<&'static str> {
        self.names.get(usize::from(token)).copied().flatten()
    }
}

/// By number. Page 3 (AirNotify) was never ours.
static PAGES: [Option<CodePage>; 26] = [
    Some(airsync::NAMES),
    Some(contacts::NAMES),
    Some(email::NAMES),
    None,
    Some(calendar::NAMES),
    Some(move_items::NAMES),
    Some(get_item_estimate::NAMES),
    Some(folder_hierarchy::NAMES),
    Some(meeting_response::NAMES),
    Some(tasks::NAMES),
    Some(resolve_recipients::NAMES),
    Some(validate_cert::NAMES),
    Some(contacts2::NAMES),
    Some(ping::NAMES),
    Some(provision::NAMES),
    Some(search::NAMES),
    Some(gal::NAMES),
    Some(airsync_base::NAMES),
    Some(settings::NAMES),
    Some(document_library::NAMES),
    Some(item_operations::NAMES),
    Some(compose_mail::NAMES),
    Some(email2::NAMES),
    Some(notes::NAMES),
    Some(rights_management::NAMES),
    Some(find::NAMES),
];

/// The code page of this number, if it is known.
pub(crate) fn by_number(page: u8) -> Option<&'static CodePage> {
    PAGES.get(usize::from(page)).and_then(Option::as_ref)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Tag;

    /// Pages 0 to 25 as the specification has them; the file names its origin.
    const TOKENS_TSV: &str = include_str!("../tests/wbxml_tokens.tsv");

    const CONSTANTS: [&[(&str, Tag)]; 25] = [
        airsync::CONSTANTS,
        contacts::CONSTANTS,
        email::CONSTANTS,
        calendar::CONSTANTS,
        move_items::CONSTANTS,
        get_item_estimate::CONSTANTS,
        folder_hierarchy::CONSTANTS,
        meeting_response::CONSTANTS,
        tasks::CONSTANTS,
        resolve_recipients::CONSTANTS,
        validate_cert::CONSTANTS,
        contacts2::CONSTANTS,
        ping::CONSTANTS,
        provision::CONSTANTS,
        search::CONSTANTS,
        gal::CONSTANTS,
        airsync_base::CONSTANTS,
        settings::CONSTANTS,
        document_library::CONSTANTS,
        item_operations::CONSTANTS,
        compose_mail::CONSTANTS,
        email2::CONSTANTS,
        notes::CONSTANTS,
        rights_management::CONSTANTS,
        find::CONSTANTS,
    ];

    /// `SyncKey` to `SYNC_KEY`, `IMAddress2` to `IM_ADDRESS2`.
    fn screaming(name: &str) -> String {
        let letters: Vec<char> = name.chars().collect();
        let mut out = String::new();
        for (at, &letter) in letters.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| letters[before]);
            let after = letters.get(at + 1);
            let word_begins = letter.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
                });
            if word_begins {
                out.push('_');
            }
            out.push(letter.to_ascii_uppercase());
        }
        out
    }

    fn specified() -> BTreeMap<Tag, (&'static str, &'static str)> {
        let rows = TOKENS_TSV.lines().filter(|line| !line.starts_with('#')).skip(1);
        rows.map(|row| {
            let columns: Vec<&str> = row.split('\t').collect();
            let token = u8::from_str_radix(columns[3].trim_start_matches("0x"), 16).unwrap();
            (Tag::new(columns[0].parse().unwrap(), token), (columns[1], columns[2]))
        })
        .collect()
    }

    // MS-ASWBXML R8 R12 R14 R15 R18 R20
    #[test]
    fn every_specified_token_has_its_name_and_no_other_token_has_one() {
        let specified = specified();
        assert_eq!(specified.len(), 608);
        for page in 0..=u8::MAX {
            for token in TAG_MIN..=TAG_MASK {
                let tag = Tag::new(page, token);
                let expected = specified.get(&tag);
                assert_eq!(tag.name(), expected.map(|row| row.1), "page {page} token {token:#04x}");
                if let Some(expected) = expected {
                    assert_eq!(tag.namespace(), Some(expected.0));
                }
            }
        }
    }

    #[test]
    fn every_constant_is_named_after_its_tag_and_every_tag_has_a_constant() {
        let specified = specified();
        let mut seen = BTreeMap::new();
        for &(constant, tag) in CONSTANTS.iter().copied().flatten() {
            assert_eq!(constant, screaming(specified[&tag].1), "{tag}");
            assert_eq!(seen.insert(tag, constant), None, "{tag} stands twice");
        }
        assert_eq!(seen.len(), specified.len());
    }

    #[test]
    fn the_names_that_are_easily_guessed_wrong() {
        for (constant, expected) in [
            (email::ATT0_ID, (2, 0x09)),
            (email::MIME_DATA, (2, 0x36)),
            (email::INTERNET_CPID, (2, 0x39)),
            (calendar::UID, (4, 0x28)),
            (contacts2::IM_ADDRESS, (12, 0x07)),
            (contacts2::MMS, (12, 0x0E)),
            (provision::ALLOW_HTML_EMAIL, (14, 0x29)),
            (settings::OS, (18, 0x1A)),
            (airsync_base::BODY_PREFERENCE, (17, 0x05)),
        ] {
            assert_eq!((constant.page(), constant.token()), expected, "{constant}");
        }
    }
}
