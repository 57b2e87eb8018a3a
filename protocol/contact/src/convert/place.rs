//! Where somebody is: RFC 6350 sections 6.5.1 and 6.5.2, RFC 2426 sections 3.4.1 and 3.4.2.

use super::entry::Entry;

const SCHEME: &str = "geo:";

/// `37.386;-122.083` becomes `geo:37.386,-122.083`.
pub(super) fn geo_to_4(entry: &mut Entry) {
    let text = entry.text();
    if without_scheme(&text).is_some() {
        entry.drop_value_type(Some("uri"));
    } else if let Some((latitude, longitude)) = pair(&text) {
        entry.take("VALUE");
        entry.value = format!("{SCHEME}{latitude},{longitude}");
    } else if !text.is_empty() {
        entry.set("VALUE", &["text"]);
    }
}

/// The other way. Height and accuracy have no place there.
pub(super) fn geo_to_3(entry: &mut Entry) {
    let text = entry.text();
    let place = without_scheme(&text).and_then(|rest| rest.split([';', '?']).next());
    let mut numbers = place.into_iter().flat_map(|place| place.split(','));
    if let (Some(latitude), Some(longitude)) = (numbers.next(), numbers.next())
        && is_number(latitude)
        && is_number(longitude)
    {
        entry.take("VALUE");
        entry.value = format!("{latitude};{longitude}");
    }
}

fn without_scheme(text: &str) -> Option<&str> {
    text.get(..SCHEME.len())
        .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
        .and(text.get(SCHEME.len()..))
}

/// Version 2.1 has a comma between the two.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (latitude, longitude) = text.split_once([';', ','])?;
    let (latitude, longitude) = (latitude.trim(), longitude.trim());
    (is_number(latitude) && is_number(longitude)).then_some((latitude, longitude))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'))
}

/// `-05:00` becomes `-0500` of the type `utc-offset`; a name is a text, as it is without VALUE.
pub(super) fn zone_to_4(entry: &mut Entry) {
    match offset(&entry.text()) {
        Some((sign, digits)) => {
            entry.value = format!("{sign}{digits}");
            entry.set("VALUE", &["utc-offset"]);
        }
        None => entry.drop_value_type(Some("text")),
    }
}

/// The other way. A name must say that it is one.
pub(super) fn zone_to_3(entry: &mut Entry) {
    let text = entry.text();
    if entry.is_of_type("uri") {
        return;
    }
    match offset(&text) {
        Some((sign, digits)) => {
            entry.take("VALUE");
            let (hours, minutes) = digits.split_at(2);
            entry.value = format!("{sign}{hours}:{minutes}");
        }
        None if text.is_empty() => {}
        None => entry.set("VALUE", &["text"]),
    }
}

/// The sign and four digits of an offset from UTC.
fn offset(text: &str) -> Option<(&str, String)> {
    let text = text.trim();
    let (sign, digits) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let digits = digits.replace(':', "");
    let is_sound = digits.bytes().all(|byte| byte.is_ascii_digit()) && matches!(digits.len(), 2 | 4);
    is_sound.then(|| (sign, if digits.len() == 2 { digits + "00" } else { digits }))
}
