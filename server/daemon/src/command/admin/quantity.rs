//! Sizes as people write them. A GB is 10^9 bytes, as on a disk's label.

const UNITS: [(&str, i64); 4] =
    [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)];

/// Reads `10GB`, `1.5 GB`, `500MB` or plain bytes.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let wrong = || format!("'{text}' is no size; write 10GB, 500MB or a number of bytes");
    let upper = text.trim().to_uppercase();
    let unit = UNITS.iter().find_map(|(name, bytes)| Some((upper.strip_suffix(name)?, *bytes)));
    let (number, bytes_per_unit) = unit.unwrap_or((upper.trim_end_matches('B'), 1));
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    if fraction.len() > 9 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let mut bytes = whole.checked_mul(bytes_per_unit).ok_or_else(wrong)?;
    let mut place = bytes_per_unit;
    for digit in fraction.chars().filter_map(|digit| digit.to_digit(10)) {
        place /= 10;
        bytes = bytes.checked_add(place * i64::from(digit)).ok_or_else(wrong)?;
    }
    if bytes > 0 { Ok(bytes) } else { Err(wrong()) }
}

/// `1.5 GB`: the largest unit, one place.
pub(super) fn shown(bytes: i64) -> String {
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = (bytes.saturating_mul(10)) / unit;
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown() {
        for (text, bytes) in [
            ("10GB", 10_000_000_000),
            ("1.5 gb", 1_500_000_000),
            ("500MB", 500_000_000),
            ("12", 12),
            ("0.25KB", 250),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "GB", "-1GB", "0", "1.x GB", "10 XB", "99999999999TB", "1..5GB"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(shown(10_000_000_000), "10.0 GB");
        assert_eq!(shown(1_550_000), "1.5 MB");
        assert_eq!(shown(17), "17 B");
    }
}
