//! Pictures, sounds and keys: base64 of a type in version 3.0, a URI in version 4.0. RFC 6350 sections 6.2.4,
//! 6.6.3, 6.7.5 and 6.8.1, RFC 2426 sections 3.1.4, 3.5.3, 3.6.6 and 3.7.2.

use super::entry::Entry;
use crate::{base64_bytes, picture, text};

/// What nobody says the type of.
const BYTES: &str = "application/octet-stream";
/// Characters of base64 that are enough to tell a picture's type.
const SNIFFED_CHARACTERS: usize = 16;

pub(super) fn to_4(entry: &mut Entry) {
    if entry.parameter("ENCODING").is_some() {
        // What is broken stays so.
        if is_base64(&entry.value) {
            let media = take_media_type(entry).unwrap_or_else(|| guess(entry));
            entry.take("ENCODING");
            entry.take("VALUE");
            entry.value = format!("data:{media};base64,{}", entry.value);
        }
    } else if !entry.is_of_type("text") && !entry.value.is_empty() {
        entry.value = text::uri(&entry.text());
        entry.drop_value_type(Some("uri"));
        if let Some(media) = take_media_type(entry) {
            entry.set("MEDIATYPE", &[&media]);
        }
    }
}

pub(super) fn to_3(entry: &mut Entry) {
    if entry.parameter("ENCODING").is_some() || entry.is_of_type("text") || entry.value.is_empty() {
        return;
    }
    let said = entry.take("MEDIATYPE").and_then(|values| values.into_iter().next());
    let media = match data(&entry.text()) {
        Some((media, data)) => {
            entry.take("VALUE");
            entry.set("ENCODING", &["b"]);
            entry.value = data;
            Some(media).filter(|media| !media.is_empty()).or(said)
        }
        None => {
            entry.set("VALUE", &["uri"]);
            said
        }
    };
    if let Some(word) = media.and_then(|media| word(entry, &media)) {
        // The first word is the one that the way back takes for it.
        entry.add_first_type(&word);
    }
}

/// The media type and the base64 of a URI that holds its data: RFC 2397.
fn data(uri: &str) -> Option<(String, String)> {
    let rest = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and(uri.get(5..))?;
    let (media, data) = rest.split_once(',')?;
    let (media, encoding) = media.rsplit_once(';')?;
    let data: String = data.split_ascii_whitespace().collect();
    let is_sound = encoding.trim().eq_ignore_ascii_case("base64") && is_base64(&data);
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    is_sound.then_some((media, data))
}

fn is_base64(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    !text.is_empty() && text.bytes().all(is_digit)
}

/// Takes the word out of TYPE that names what the data is, and gives it as a media type.
fn take_media_type(entry: &mut Entry) -> Option<String> {
    let is_media =
        |word: &String| !matches!(word.as_str(), "home" | "work" | "pref") && !word.starts_with("x-");
    let word = entry.types().iter().map(|word| word.to_ascii_lowercase()).find(is_media)?;
    entry.take_type(&word);
    Some(match word.as_str() {
        word if word.contains('/') => word.to_owned(),
        "pgp" if entry.is("KEY") => "application/pgp-keys".to_owned(),
        "x509" if entry.is("KEY") => "application/pkix-cert".to_owned(),
        word => format!("{}/{word}", family(entry)),
    })
}

/// The word of TYPE for a media type; `None` for one that says nothing.
fn word(entry: &Entry, media: &str) -> Option<String> {
    let media = media.to_ascii_lowercase();
    match media.split_once('/') {
        _ if media == BYTES => None,
        _ if entry.is("KEY") && media == "application/pgp-keys" => Some("PGP".to_owned()),
        _ if entry.is("KEY") && media == "application/pkix-cert" => Some("X509".to_owned()),
        Some((found, subtype)) if found == family(entry) && !subtype.contains('/') => {
            Some(subtype.to_ascii_uppercase())
        }
        _ => Some(media),
    }
}

fn family(entry: &Entry) -> &'static str {
    match () {
        () if entry.is("SOUND") => "audio",
        () if entry.is("KEY") => "application",
        () => "image",
    }
}

/// What data of no named type is, told from its first bytes.
fn guess(entry: &Entry) -> String {
    if family(entry) != "image" {
        return BYTES.to_owned();
    }
    let first = entry.value.get(..SNIFFED_CHARACTERS).unwrap_or(&entry.value);
    let (subtype, _) = picture::kind(&base64_bytes::decode(first).unwrap_or_default());
    format!("image/{subtype}")
}
