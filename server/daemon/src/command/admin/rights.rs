//! Rights as the command line writes them: a word, or the letters of RFC 4314.

use vocabulary::{Preset, Rights};

const WORDS: [(&str, Preset); 5] = [
    ("free-busy", Preset::FreeBusy),
    ("reader", Preset::Reader),
    ("author", Preset::Author),
    ("editor", Preset::Editor),
    ("owner", Preset::Owner),
];

/// Reads a word or letters.
pub(super) fn parse(text: &str) -> Result<Rights, String> {
    let known = Preset::from_word(text).map(Preset::rights).or_else(|| Rights::from_letters(text));
    known.filter(|rights| !rights.is_empty()).ok_or_else(|| {
        let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        format!("'{text}' gives no rights; write {} or letters of RFC 4314 (lrswipkxtea)", words.join(", "))
    })
}

/// The word, if the rights are exactly those.
pub(super) fn word(rights: Rights) -> Option<&'static str> {
    WORDS.iter().find(|(_, preset)| preset.rights() == rights).map(|(word, _)| *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_preset() {
        for (word, preset) in WORDS {
            assert_eq!(Preset::from_word(word), Some(preset));
            assert_eq!(super::word(preset.rights()), Some(word));
            assert_eq!(parse(word), Ok(preset.rights()));
        }
        assert_eq!(parse("lr").map(Rights::letters).as_deref(), Ok("lr"));
        for bad in ["", "boss", "LR"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
