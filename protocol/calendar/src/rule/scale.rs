//! What RFC 7529 section 4 adds to a rule: the calendar system that it counts in, and what becomes of days and months
//! that are not there.

use std::fmt;

use chrono::NaiveDate;

use super::reckoning::Reckoning;
use crate::term::name_of;

/// RSCALE: a calendar system, by its name in CLDR, RFC 7529 section 5.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "the names are those of CLDR")]
pub enum Scale {
    #[default]
    Gregorian,
    /// The months of the Gregorian calendar, as are those of Japan and Taiwan; only the years have other numbers.
    Buddhist,
    Chinese,
    Coptic,
    /// The Korean one.
    Dangi,
    Ethiopic,
    EthiopicAmeteAlem,
    /// Tishri is the first month, and the leap month Adar I is `5L`.
    Hebrew,
    Indian,
    /// As it is reckoned in Mecca: that of [`IslamicUmalqura`](Self::IslamicUmalqura).
    Islamic,
    IslamicCivil,
    IslamicTbla,
    IslamicUmalqura,
    Japanese,
    Persian,
    Roc,
    /// One that is not known, by its name in capitals. Of a rule that counts in it only DTSTART is known.
    Other(String),
}

static NAMES: [(&str, Scale); 16] = [
    ("GREGORIAN", Scale::Gregorian),
    ("BUDDHIST", Scale::Buddhist),
    ("CHINESE", Scale::Chinese),
    ("COPTIC", Scale::Coptic),
    ("DANGI", Scale::Dangi),
    ("ETHIOPIC", Scale::Ethiopic),
    ("ETHIOPIC-AMETE-ALEM", Scale::EthiopicAmeteAlem),
    ("HEBREW", Scale::Hebrew),
    ("INDIAN", Scale::Indian),
    ("ISLAMIC", Scale::Islamic),
    ("ISLAMIC-CIVIL", Scale::IslamicCivil),
    ("ISLAMIC-TBLA", Scale::IslamicTbla),
    ("ISLAMIC-UMALQURA", Scale::IslamicUmalqura),
    ("JAPANESE", Scale::Japanese),
    ("PERSIAN", Scale::Persian),
    ("ROC", Scale::Roc),
];
/// Other names in CLDR.
const ALIASES: [(&str, &str); 3] =
    [("GREGORY", "GREGORIAN"), ("ETHIOAA", "ETHIOPIC-AMETE-ALEM"), ("ISLAMICC", "ISLAMIC-CIVIL")];

impl Scale {
    /// The names of the calendar systems that rules can count in.
    pub fn supported() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// The calendar system of a name in any case.
    #[must_use]
    pub fn by_name(name: &str) -> Self {
        let name = name.trim().to_ascii_uppercase();
        let meant = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(&*name, |(_, meant)| *meant);
        let known = NAMES.iter().find(|(known, _)| *known == meant).map(|(_, scale)| scale.clone());
        known.unwrap_or(Self::Other(name))
    }

    /// Its name in CLDR.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => name_of(&NAMES, known),
        }
    }

    /// Whether days of rules that count in it can be found.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// The month that a day lies in, and which day of it it is; `None` in a calendar system that is not known.
    #[must_use]
    pub fn month_and_day(&self, date: NaiveDate) -> Option<(RuleMonth, u8)> {
        let month = Reckoning::of(self)?.month_of(date)?;
        Some((month.name, u8::try_from(month.day_of(date)).ok()?))
    }

    /// Whether a year may have such a month.
    pub(super) fn has_month(&self, month: RuleMonth) -> bool {
        let last = match self {
            Self::Coptic | Self::Ethiopic | Self::EthiopicAmeteAlem | Self::Other(_) => 13,
            _ => 12,
        };
        let may_be_leap = match self {
            Self::Chinese | Self::Dangi | Self::Other(_) => true,
            Self::Hebrew => month.number == 5,
            _ => false,
        };
        (1..=last).contains(&month.number) && (may_be_leap || !month.is_leap)
    }

    /// Most days and weeks of a year.
    pub(super) const fn year_lengths(&self) -> (i16, i8) {
        match self {
            Self::Chinese | Self::Dangi | Self::Hebrew | Self::Other(_) => (385, 55),
            _ => (366, 53),
        }
    }
}

/// SKIP: what becomes of a day or of a leap month that is not there, RFC 7529 section 4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Skip {
    /// Nothing.
    #[default]
    Omit,
    /// The day or month before it.
    Backward,
    /// The day or month after it.
    Forward,
}

/// A month of BYMONTH: RFC 7529 section 4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleMonth {
    /// From 1; a leap month has that of the month before it.
    pub number: u8,
    /// Whether it is the leap month of this number.
    pub is_leap: bool,
}

impl RuleMonth {
    /// `5`, or `5L` for a leap month.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let number = text.strip_suffix(['L', 'l']);
        Some(Self { number: number.unwrap_or(text).parse().ok()?, is_leap: number.is_some() })
    }

    /// Its place in a [`Mask`](super::mask::Mask).
    pub(super) fn bit(self) -> u32 {
        u32::from(self.number) + if self.is_leap { 32 } else { 0 }
    }
}

impl From<u8> for RuleMonth {
    fn from(number: u8) -> Self {
        Self { number, is_leap: false }
    }
}

impl fmt::Display for RuleMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.number, if self.is_leap { "L" } else { "" })
    }
}
