//! The time zone of an event: 172 bytes in base64 (MS-ASDTYPE section 2.7.4).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Length of the structure, in bytes.
pub const TIME_ZONE_BYTES: usize = 172;
/// UTF-16 units of a name, unused ones 0 (MS-ASDTYPE R107, R109).
const NAME_UNITS: usize = 32;
/// Longest base64 that is looked at, in bytes: line ends and blanks included.
const BASE64_BYTES_MAX: usize = 1024;

/// Clients leave the padding away, or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The structure as it is on the wire: Windows' TIME_ZONE_INFORMATION.
///
/// Biases are minutes; UTC = local time + bias, so that lands east of Greenwich have negative ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimeZone {
    /// Of the zone.
    pub bias: i32,
    /// Name of standard time, often empty.
    pub standard_name: String,
    /// When standard time begins (R111).
    pub standard_date: Transition,
    /// Added to [`Self::bias`] during standard time.
    pub standard_bias: i32,
    /// Name of daylight saving time, often empty.
    pub daylight_name: String,
    /// When daylight saving time begins (R118).
    pub daylight_date: Transition,
    /// Added to [`Self::bias`] during daylight saving time.
    pub daylight_bias: i32,
}

/// A SYSTEMTIME as a rule of change. Month 0: there is none. Year 0: `week` counts the days
/// `day_of_week` in the month, 5 for the last; else `week` is the day of the month in that year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transition {
    /// 0 for every year.
    pub year: u16,
    /// 1 to 12, or 0.
    pub month: u16,
    /// 0 for Sunday to 6 for Saturday. Stands before [`Self::week`] on the wire.
    pub day_of_week: u16,
    /// 1 to 5.
    pub week: u16,
    /// Local time before the change.
    pub hour: u16,
    /// Minutes.
    pub minute: u16,
    /// Seconds.
    pub second: u16,
    /// Milliseconds.
    pub millisecond: u16,
}

impl TimeZone {
    /// Reads base64; `None` if it is none or not of 172 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > BASE64_BYTES_MAX {
            return None;
        }
        let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes: [u8; TIME_ZONE_BYTES] = BASE64.decode(compact).ok()?.try_into().ok()?;
        let mut rest = bytes.as_slice();
        Some(Self {
            bias: long(&mut rest)?,
            standard_name: name(&mut rest)?,
            standard_date: Transition::read(&mut rest)?,
            standard_bias: long(&mut rest)?,
            daylight_name: name(&mut rest)?,
            daylight_date: Transition::read(&mut rest)?,
            daylight_bias: long(&mut rest)?,
        })
    }

    /// As base64.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(TIME_ZONE_BYTES);
        bytes.extend(self.bias.to_le_bytes());
        write_name(&self.standard_name, &mut bytes);
        self.standard_date.write(&mut bytes);
        bytes.extend(self.standard_bias.to_le_bytes());
        write_name(&self.daylight_name, &mut bytes);
        self.daylight_date.write(&mut bytes);
        bytes.extend(self.daylight_bias.to_le_bytes());
        BASE64.encode(bytes)
    }

    /// Whether the structure says nothing: all zero, as some clients send it for their own zone.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

impl Transition {
    fn read(rest: &mut &[u8]) -> Option<Self> {
        Some(Self {
            year: word(rest)?,
            month: word(rest)?,
            day_of_week: word(rest)?,
            week: word(rest)?,
            hour: word(rest)?,
            minute: word(rest)?,
            second: word(rest)?,
            millisecond: word(rest)?,
        })
    }

    fn write(self, bytes: &mut Vec<u8>) {
        let words = [
            self.year,
            self.month,
            self.day_of_week,
            self.week,
            self.hour,
            self.minute,
            self.second,
            self.millisecond,
        ];
        words.iter().for_each(|word| bytes.extend(word.to_le_bytes()));
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn long(rest: &mut &[u8]) -> Option<i32> {
    take(rest).map(i32::from_le_bytes)
}

fn word(rest: &mut &[u8]) -> Option<u16> {
    take(rest).map(u16::from_le_bytes)
}

/// UTF-16, little endian, up to the first 0.
fn name(rest: &mut &[u8]) -> Option<String> {
    let bytes: [u8; NAME_UNITS * 2] = take(rest)?;
    let (units, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> =
        units.iter().map(|unit| u16::from_le_bytes(*unit)).take_while(|unit| *unit != 0).collect();
    Some(String::from_utf16_lossy(&units))
}

/// Cut to 32 units without splitting a character.
fn write_name(name: &str, bytes: &mut Vec<u8>) {
    let mut units = Vec::with_capacity(NAME_UNITS);
    let mut pair = [0; 2];
    for character in name.chars() {
        let encoded = character.encode_utf16(&mut pair);
        if units.len() + encoded.len() > NAME_UNITS {
            break;
        }
        units.extend_from_slice(encoded);
    }
    units.resize(NAME_UNITS, 0);
    units.iter().for_each(|unit| bytes.extend(unit.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Central Europe, as Exchange 2010 sends it.
    fn central_europe() -> TimeZone {
        let change =
            |month, hour| Transition { month, day_of_week: 0, week: 5, hour, ..Transition::default() };
        TimeZone {
            bias: -60,
            standard_name: "W. Europe Standard Time".into(),
            standard_date: change(10, 3),
            standard_bias: 0,
            daylight_name: "W. Europe Daylight Time".into(),
            daylight_date: change(3, 2),
            daylight_bias: -60,
        }
    }

    #[test]
    fn the_fields_lie_where_windows_has_them() {
        let bytes = BASE64.decode(central_europe().encode()).unwrap();
        assert_eq!(bytes.len(), TIME_ZONE_BYTES);
        assert_eq!(bytes[..4], (-60_i32).to_le_bytes());
        assert_eq!(bytes[4..8], [b'W', 0, b'.', 0]);
        // Year, month, day of week, week, hour: grommunio had the middle two swapped for years.
        assert_eq!(bytes[68..78], [0, 0, 10, 0, 0, 0, 5, 0, 3, 0]);
        assert_eq!(bytes[152..162], [0, 0, 3, 0, 0, 0, 5, 0, 2, 0]);
        assert_eq!(bytes[168..172], (-60_i32).to_le_bytes());
        assert_eq!(TimeZone::parse(&central_europe().encode()), Some(central_europe()));
    }

    #[test]
    fn what_is_no_zone_is_refused_and_blanks_are_forgiven() {
        let text = central_europe().encode();
        let (head, tail) = text.split_at(76);
        assert_eq!(TimeZone::parse(&format!(" {head}\r\n{tail}\n")), Some(central_europe()));
        assert_eq!(TimeZone::parse(text.trim_end_matches('=')), Some(central_europe()));
        let blank = BASE64.encode([0; TIME_ZONE_BYTES]);
        assert!(TimeZone::parse(&blank).unwrap().is_blank());
        for wrong in ["", "AAAA", &text[..228], &BASE64.encode([0; 173]), &"A".repeat(2000)] {
            assert_eq!(TimeZone::parse(wrong), None);
        }
    }

    proptest! {
        #[test]
        fn every_zone_survives(
            bias: i32,
            standard_name in "[^\\x00]{0,16}",
            words: [u16; 8],
            daylight_bias: i32,
        ) {
            let [year, month, day_of_week, week, hour, minute, second, millisecond] = words;
            let date = Transition { year, month, day_of_week, week, hour, minute, second, millisecond };
            let zone = TimeZone {
                bias,
                standard_name,
                standard_date: date,
                standard_bias: 0,
                daylight_name: String::new(),
                daylight_date: date,
                daylight_bias,
            };
            prop_assert_eq!(TimeZone::parse(&zone.encode()), Some(zone));
        }

        #[test]
        fn long_names_are_cut_between_characters(name in "[a-z😀]{0,60}") {
            let zone = TimeZone { standard_name: name.clone(), ..TimeZone::default() };
            let read = TimeZone::parse(&zone.encode()).unwrap();
            prop_assert!(name.starts_with(&read.standard_name));
        }
    }
}
