//! What a line of a card is for, told from its name, its types and its label.

use content_line::Line;

use crate::types::Types;

/// What a line is for. Several lines may have one role; see [`slot`](crate::slot) for which of them counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    FormattedName,
    FileAs,
    Name,
    Nickname,
    YomiFirstName,
    YomiLastName,
    YomiCompany,
    Organization,
    JobTitle,
    Email,
    BusinessPhone,
    BusinessFax,
    CompanyMainPhone,
    AssistantPhone,
    HomePhone,
    HomeFax,
    MobilePhone,
    CarPhone,
    RadioPhone,
    Pager,
    Mms,
    InstantMessage,
    WebPage,
    BusinessAddress,
    HomeAddress,
    OtherAddress,
    Manager,
    Assistant,
    Spouse,
    Child,
    Birthday,
    Anniversary,
    Categories,
    CustomerId,
    GovernmentId,
    AccountName,
    Note,
    Picture,
}

/// Names whose role depends on nothing else. How new lines are called is in `author.rs`.
const BY_NAME: &[(&str, Role)] = &[
    ("FN", Role::FormattedName),
    ("X-EVOLUTION-FILE-AS", Role::FileAs),
    ("N", Role::Name),
    ("NICKNAME", Role::Nickname),
    ("X-PHONETIC-FIRST-NAME", Role::YomiFirstName),
    ("X-PHONETIC-LAST-NAME", Role::YomiLastName),
    ("X-PHONETIC-ORG", Role::YomiCompany),
    ("ORG", Role::Organization),
    ("TITLE", Role::JobTitle),
    ("EMAIL", Role::Email),
    ("X-KONTOR-MMS", Role::Mms),
    ("IMPP", Role::InstantMessage),
    ("X-JABBER", Role::InstantMessage),
    ("X-AIM", Role::InstantMessage),
    ("X-ICQ", Role::InstantMessage),
    ("X-MSN", Role::InstantMessage),
    ("X-YAHOO", Role::InstantMessage),
    ("X-SKYPE", Role::InstantMessage),
    ("X-SKYPE-USERNAME", Role::InstantMessage),
    ("X-GOOGLE-TALK", Role::InstantMessage),
    ("X-GADUGADU", Role::InstantMessage),
    ("X-GROUPWISE", Role::InstantMessage),
    ("X-QQ", Role::InstantMessage),
    ("URL", Role::WebPage),
    ("BDAY", Role::Birthday),
    ("ANNIVERSARY", Role::Anniversary),
    ("CATEGORIES", Role::Categories),
    ("X-KONTOR-CUSTOMER-ID", Role::CustomerId),
    ("X-KONTOR-GOVERNMENT-ID", Role::GovernmentId),
    ("X-KONTOR-ACCOUNT-NAME", Role::AccountName),
    ("NOTE", Role::Note),
    ("PHOTO", Role::Picture),
];

/// What stands before names that nobody registered, the longest first.
const VENDORS: &[&str] = &["X-KADDRESSBOOK-X-", "X-EVOLUTION-", "X-MS-", "X-"];

/// Names that have their role after any of [`VENDORS`].
const BY_VENDOR: &[(&str, Role)] = &[
    ("MANAGER", Role::Manager),
    ("MANAGERSNAME", Role::Manager),
    ("ASSISTANT", Role::Assistant),
    ("ASSISTANTSNAME", Role::Assistant),
    ("SPOUSE", Role::Spouse),
    ("SPOUSENAME", Role::Spouse),
    ("CHILD", Role::Child),
    ("ANNIVERSARY", Role::Anniversary),
    ("IMADDRESS", Role::InstantMessage),
];

/// Words of TYPE or of a label that decide a telephone number's role, the deciding ones first. Faxes are
/// decided before.
const PHONES: &[(&str, Role)] = &[
    ("pager", Role::Pager),
    ("car", Role::CarPhone),
    ("radio", Role::RadioPhone),
    ("x-radio", Role::RadioPhone),
    ("x-evolution-radio", Role::RadioPhone),
    ("assistant", Role::AssistantPhone),
    ("x-assistant", Role::AssistantPhone),
    ("x-evolution-assistant", Role::AssistantPhone),
    ("main", Role::CompanyMainPhone),
    ("company", Role::CompanyMainPhone),
    ("x-company", Role::CompanyMainPhone),
    ("x-evolution-company", Role::CompanyMainPhone),
    ("cell", Role::MobilePhone),
    ("mobile", Role::MobilePhone),
    ("iphone", Role::MobilePhone),
    ("work", Role::BusinessPhone),
    ("home", Role::HomePhone),
];
/// What has a number and is nothing to talk to.
const NO_PHONES: &[&str] = &["modem", "bbs", "isdn", "textphone", "x-evolution-telex", "telex", "tlx"];

/// Words of TYPE or of a label that say who a related person is.
const RELATED: &[(&str, Role)] = &[
    ("spouse", Role::Spouse),
    ("partner", Role::Spouse),
    ("husband", Role::Spouse),
    ("wife", Role::Spouse),
    ("child", Role::Child),
    ("son", Role::Child),
    ("daughter", Role::Child),
    ("manager", Role::Manager),
    ("boss", Role::Manager),
    ("assistant", Role::Assistant),
];

impl Role {
    /// Of a line, if the view has a place for it.
    pub(crate) fn of(line: &Line<'_>, types: &Types) -> Option<Self> {
        let name = line.name();
        if let Some((_, role)) = BY_NAME.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)) {
            return Some(*role);
        }
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "TEL" => Self::of_phone(types),
            "ADR" if types.has("work") => Some(Self::BusinessAddress),
            "ADR" if types.has("home") => Some(Self::HomeAddress),
            "ADR" => Some(Self::OtherAddress),
            "X-ABRELATEDNAMES" => types.first_of(RELATED),
            // A related person is a URI unless it says that it is text: RFC 6350 section 6.6.6.
            "RELATED" if is_text(line) => types.first_of(RELATED),
            "X-ABDATE" if types.has("anniversary") => Some(Self::Anniversary),
            _ => Self::of_vendor(&name),
        }
    }

    fn of_vendor(name: &str) -> Option<Self> {
        let name = VENDORS.iter().find_map(|vendor| name.strip_prefix(vendor))?;
        BY_VENDOR.iter().find(|(known, _)| name == *known).map(|(_, role)| *role)
    }

    fn of_phone(types: &Types) -> Option<Self> {
        if types.has("fax") {
            return match () {
                () if types.has("home") => Some(Self::HomeFax),
                () if types.has("other") => None,
                () => Some(Self::BusinessFax),
            };
        }
        if NO_PHONES.iter().any(|word| types.has(word)) {
            return None;
        }
        // A number of no known kind is shown where a person's numbers are.
        Some(types.first_of(PHONES).unwrap_or(Self::HomePhone))
    }

    /// Whether a line says itself that it has this role, or only has it for want of a better one.
    pub(crate) fn is_guess(self, types: &Types) -> bool {
        self == Self::HomePhone && !types.has("home")
    }

    /// How many lines of this role the view shows one by one.
    pub(crate) fn slots(self) -> usize {
        match self {
            Self::Email | Self::InstantMessage => 3,
            Self::BusinessPhone | Self::HomePhone => 2,
            // Lists: all lines together are one field.
            Self::Child | Self::Categories => usize::MAX,
            _ => 1,
        }
    }

    /// How many parts the value has between semicolons; `None`: it is one text.
    pub(crate) fn components(self) -> Option<usize> {
        match self {
            Self::Name => Some(5),
            Self::BusinessAddress | Self::HomeAddress | Self::OtherAddress => Some(7),
            Self::Organization => Some(1),
            _ => None,
        }
    }

    /// Whether the value is a URI, in which commas and semicolons are not escaped.
    pub(crate) fn is_uri(self) -> bool {
        matches!(self, Self::WebPage | Self::InstantMessage)
    }
}

fn is_text(line: &Line<'_>) -> bool {
    line.parameter_value("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("text"))
}
