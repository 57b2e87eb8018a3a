//! `Range`: RFC 9110 section 14.2.

/// Which bytes of a representation are wanted.
///
/// Of several ranges nothing is read: RFC 9110 section 14.2 lets a server ignore the header, and then all is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// All.
    Whole,
    /// From the first to the last, which is not before it and lies within.
    Part(usize, usize),
    /// None of them exists: 416.
    Outside,
}

impl ByteRange {
    /// What a value means for a representation of so many bytes. A value that is not understood is ignored.
    #[must_use]
    pub fn parse(value: &str, length: usize) -> Self {
        let Some((unit, set)) = value.split_once('=') else { return Self::Whole };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return Self::Whole;
        }
        let Some((first, last)) = set.trim().split_once('-') else { return Self::Whole };
        match (number(first), number(last)) {
            // The last so many bytes.
            (Some(None), Some(Some(suffix))) => match suffix.min(length) {
                0 => Self::Outside,
                suffix => Self::Part(length - suffix, length - 1),
            },
            (Some(Some(first)), Some(None)) if first < length => Self::Part(first, length - 1),
            (Some(Some(first)), Some(Some(last))) if last < first => Self::Whole,
            (Some(Some(first)), Some(Some(last))) if first < length => {
                Self::Part(first, last.min(length - 1))
            }
            (Some(Some(_)), Some(_)) => Self::Outside,
            _ => Self::Whole,
        }
    }
}

/// Digits, or nothing; too many are more than there can be.
fn number(text: &str) -> Option<Option<usize>> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| (!text.is_empty()).then(|| text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // RFC 9110 section 14.1.2.
    #[test]
    fn known_answers() {
        for (value, length, expected) in [
            ("bytes=0-499", 10_000, ByteRange::Part(0, 499)),
            ("bytes=9500-", 10_000, ByteRange::Part(9500, 9999)),
            ("bytes=-500", 10_000, ByteRange::Part(9500, 9999)),
            ("Bytes = 0-0", 10_000, ByteRange::Part(0, 0)),
            ("bytes=0-99999999999999999999999", 10, ByteRange::Part(0, 9)),
            ("bytes=-99", 10, ByteRange::Part(0, 9)),
            ("bytes=10-", 10, ByteRange::Outside),
            ("bytes=10-11", 10, ByteRange::Outside),
            ("bytes=-0", 10, ByteRange::Outside),
            ("bytes=0-", 0, ByteRange::Outside),
            ("bytes=-5", 0, ByteRange::Outside),
            ("bytes=5-4", 10, ByteRange::Whole),
            ("bytes=0-1,3-4", 10, ByteRange::Whole),
            ("bytes=", 10, ByteRange::Whole),
            ("bytes=-", 10, ByteRange::Whole),
            ("bytes=a-b", 10, ByteRange::Whole),
            ("lines=0-1", 10, ByteRange::Whole),
            ("", 10, ByteRange::Whole),
        ] {
            assert_eq!(ByteRange::parse(value, length), expected, "{value} of {length}");
        }
    }

    proptest! {
        #[test]
        fn a_part_lies_within(value in "bytes=[0-9,-]{0,8}", length in 0..2000_usize) {
            if let ByteRange::Part(first, last) = ByteRange::parse(&value, length) {
                prop_assert!(first <= last && last < length);
            }
        }
    }
}
