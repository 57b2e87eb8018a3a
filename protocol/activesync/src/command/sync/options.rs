//! The Options of a collection: MS-ASCMD section 2.2.3.125.6. They stay in force until others come (R3597).

use wbxml::Element;
use wbxml::page::{airsync as page, airsync_base, rights_management};

use crate::body::{BodyPreference, MimeSupport, body_part_preference, body_preferences, mime_support};
use crate::error::RequestError;
use crate::item::Class;
use crate::parse;

/// How far back: MS-ASCMD section 2.2.3.68.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub enum FilterType {
    /// 0; also when nothing is said (R3076).
    #[default]
    All,
    /// 1
    OneDay,
    /// 2
    ThreeDays,
    /// 3
    OneWeek,
    /// 4
    TwoWeeks,
    /// 5
    OneMonth,
    /// 6
    ThreeMonths,
    /// 7
    SixMonths,
    /// 8: tasks that are not done.
    Incomplete,
}

/// Who wins when both sides changed an item: MS-ASCMD section 2.2.3.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Conflict {
    /// 0 (R2067)
    Client,
    /// 1, the default (R2066, R2068)
    #[default]
    Server,
}

/// One Options element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Which items of the collection these options are for; `None` for its own class.
    pub class: Option<Class>,
    /// How far back.
    pub filter_type: FilterType,
    /// `None` if not said: then the server wins, but see MS-ASCMD R2066.
    pub conflict: Option<Conflict>,
    /// When the whole message is wanted.
    pub mime_support: MimeSupport,
    /// MIMETruncation in bytes; `None` for all.
    pub mime_truncation: Option<u32>,
    /// The forms of body that the client takes.
    pub body_preferences: Vec<BodyPreference>,
    /// How the client takes what is a message's own part (14.1).
    pub body_part_preference: Option<BodyPreference>,
    /// Most items of a recipient cache (14.0).
    pub max_items: Option<u32>,
    /// The client enforces rights management (14.1).
    pub rights_management: bool,
}

impl FilterType {
    const ALL: [Self; 9] = [
        Self::All,
        Self::OneDay,
        Self::ThreeDays,
        Self::OneWeek,
        Self::TwoWeeks,
        Self::OneMonth,
        Self::ThreeMonths,
        Self::SixMonths,
        Self::Incomplete,
    ];

    /// By its number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// How many days back; `None` for no limit by age.
    #[must_use]
    pub fn days(self) -> Option<u16> {
        match self {
            Self::All | Self::Incomplete => None,
            Self::OneDay => Some(1),
            Self::ThreeDays => Some(3),
            Self::OneWeek => Some(7),
            Self::TwoWeeks => Some(14),
            Self::OneMonth => Some(30),
            Self::ThreeMonths => Some(91),
            Self::SixMonths => Some(182),
        }
    }

    /// Whether items of this class can be filtered so: MS-ASCMD R3035 to R3061, R3078, R3080.
    #[must_use]
    pub fn fits(self, class: Class) -> bool {
        match class {
            Class::Email | Class::Sms => self <= Self::OneMonth,
            Class::Calendar => self == Self::All || (self >= Self::TwoWeeks && self <= Self::SixMonths),
            Class::Tasks => self == Self::All || self == Self::Incomplete,
            Class::Contacts | Class::Notes => true, // ignored: R3078
        }
    }

    pub(crate) fn read(parent: &Element) -> Result<Self, RequestError> {
        match parse::child_number(parent, page::FILTER_TYPE, "FilterType is no number")? {
            None => Ok(Self::All),
            Some(code) => Self::from_code(code).ok_or(RequestError::Structure("FilterType above 8")),
        }
    }
}

impl Options {
    /// Reads one Options element.
    ///
    /// # Errors
    /// Status 4 (Sync) for values outside their range, an unknown class, or a filter that the class does
    /// not have.
    pub fn parse(element: &Element) -> Result<Self, RequestError> {
        let options = Self {
            class: class(element)?,
            filter_type: FilterType::read(element)?,
            conflict: match parse::child_number(element, page::CONFLICT, "Conflict is no number")? {
                None => None,
                Some(0_u8) => Some(Conflict::Client),
                Some(1) => Some(Conflict::Server),
                Some(_) => return Err(RequestError::Structure("Conflict above 1")),
            },
            mime_support: mime_support(element)?,
            mime_truncation: mime_truncation(element)?,
            body_preferences: body_preferences(element, airsync_base::BODY_PREFERENCE)?,
            body_part_preference: body_part_preference(element)?,
            max_items: parse::child_number(element, page::MAX_ITEMS, "MaxItems is no number")?,
            rights_management: parse::flag(element.child(rights_management::RIGHTS_MANAGEMENT_SUPPORT)),
        };
        match options.class {
            Some(class) if !options.filter_type.fits(class) => Err(UNFIT_FILTER),
            _ => Ok(options),
        }
    }

    /// The same options, once the class of the collection is known.
    ///
    /// # Errors
    /// Status 4 for a filter that the class does not have: MS-ASCMD R3080.
    pub fn check(&self, collection: Class) -> Result<(), RequestError> {
        if self.filter_type.fits(self.class.unwrap_or(collection)) { Ok(()) } else { Err(UNFIT_FILTER) }
    }
}

/// What Sync says of it.
pub(crate) const UNFIT_FILTER: RequestError = RequestError::Structure("the class has no such FilterType");

/// The Class child of Options, a collection, or a command.
pub(crate) fn class(parent: &Element) -> Result<Option<Class>, RequestError> {
    match parent.child_value(page::CLASS) {
        None => Ok(None),
        Some(name) => Class::from_name(&name).map(Some).ok_or(RequestError::Structure("unknown Class")),
    }
}

/// MS-ASCMD R3418 to R3426.
fn mime_truncation(element: &Element) -> Result<Option<u32>, RequestError> {
    const BYTES_MAX: [u32; 8] = [0, 4096, 5120, 7168, 10_240, 20_480, 51_200, 102_400];
    match parse::child_number::<usize>(element, page::MIME_TRUNCATION, "MIMETruncation is no number")? {
        None | Some(8) => Ok(None),
        Some(step) => match BYTES_MAX.get(step) {
            Some(bytes) => Ok(Some(*bytes)),
            None => Err(RequestError::Structure("MIMETruncation above 8")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(children: &[(wbxml::Tag, &str)]) -> Result<Options, RequestError> {
        let mut element = Element::new(page::OPTIONS);
        for (tag, value) in children {
            element.push(Element::text(*tag, *value));
        }
        Options::parse(&element)
    }

    #[test]
    fn all_options_are_read() {
        let read = options(&[
            (page::FILTER_TYPE, "2"),
            (page::CLASS, "Email"),
            (page::CONFLICT, "0"),
            (page::MIME_SUPPORT, "1"),
            (page::MIME_TRUNCATION, "4"),
            (page::MAX_ITEMS, "50"),
            (page::TRUNCATION, "9"),
        ]);
        let read = read.unwrap();
        assert_eq!((read.filter_type, read.class), (FilterType::ThreeDays, Some(Class::Email)));
        assert_eq!((read.conflict, read.mime_support), (Some(Conflict::Client), MimeSupport::SmimeOnly));
        assert_eq!((read.mime_truncation, read.max_items), (Some(10_240), Some(50)));
        assert_eq!(options(&[]).unwrap(), Options::default());
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for children in [
            [(page::FILTER_TYPE, "9")],
            [(page::FILTER_TYPE, "x")],
            [(page::CONFLICT, "2")],
            [(page::MIME_SUPPORT, "3")],
            [(page::MIME_TRUNCATION, "9")],
            [(page::CLASS, "Nonsense")],
        ] {
            assert!(options(&children).is_err(), "{children:?}");
        }
        assert!(options(&[(page::FILTER_TYPE, "8"), (page::CLASS, "Email")]).is_err());
        assert!(options(&[(page::FILTER_TYPE, "8"), (page::CLASS, "Tasks")]).is_ok());
    }

    #[test]
    fn each_class_has_its_filters() {
        for (class, allowed) in [
            (Class::Email, &[0_u8, 1, 2, 3, 4, 5][..]),
            (Class::Calendar, &[0, 4, 5, 6, 7]),
            (Class::Tasks, &[0, 8]),
            (Class::Contacts, &[0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ] {
            for code in 0..9 {
                let filter = FilterType::from_code(code).unwrap();
                assert_eq!(filter.code(), code);
                assert_eq!(filter.fits(class), allowed.contains(&code), "{class:?} {code}");
            }
        }
        let eight = options(&[(page::FILTER_TYPE, "8")]).unwrap();
        assert!(eight.check(Class::Email).is_err() && eight.check(Class::Tasks).is_ok());
    }
}
