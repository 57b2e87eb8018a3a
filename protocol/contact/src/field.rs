//! The texts of a card, as ActiveSync's contact class has them: MS-ASCNTC section 2.2.2.

use crate::role::Role;

/// Where a text stands: the lines that can hold it, which of them, and which part of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) role: Role,
    /// Which of the lines with this role, from 0.
    pub(crate) slot: usize,
    /// Which part between semicolons; `None`: the whole value.
    pub(crate) component: Option<usize>,
}

/// One row per text: its name, its meaning, its place.
macro_rules! text_fields {
    ($($(#[$doc:meta])* $name:ident = $role:ident $slot:literal $($component:literal)?;)*) => {
        /// A text of a card.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TextField {
            $($(#[$doc])* $name,)*
        }

        impl TextField {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub(crate) fn place(self) -> Place {
                match self {
                    $(Self::$name => Place {
                        role: Role::$role,
                        slot: $slot,
                        component: [$($component,)?].first().copied(),
                    },)*
                }
            }
        }
    };
}

text_fields! {
    /// `FN`. Cleared, it becomes what the name is made of.
    FormattedName = FormattedName 0;
    /// What the card is filed under. Without a line of its own it is `FN`, and so it is when cleared.
    FileAs = FileAs 0;
    /// Family name.
    LastName = Name 0 0;
    /// Given name.
    FirstName = Name 0 1;
    /// Additional names.
    MiddleName = Name 0 2;
    /// What stands before the name: `Dr.` (element `Title`).
    Prefix = Name 0 3;
    /// What stands after the name: `Jr.`
    Suffix = Name 0 4;
    /// Nickname; several ones with commas between them.
    Nickname = Nickname 0;
    /// Phonetic given name.
    YomiFirstName = YomiFirstName 0;
    /// Phonetic family name.
    YomiLastName = YomiLastName 0;
    /// Phonetic company name.
    YomiCompany = YomiCompany 0;
    /// Company.
    Company = Organization 0 0;
    /// Department.
    Department = Organization 0 1;
    /// Office, the third part of `ORG` as Evolution has it.
    OfficeLocation = Organization 0 2;
    /// Job title.
    JobTitle = JobTitle 0;
    /// First e-mail address: the preferred one.
    Email1 = Email 0;
    /// Second e-mail address.
    Email2 = Email 1;
    /// Third e-mail address.
    Email3 = Email 2;
    /// First business number.
    BusinessPhone = BusinessPhone 0;
    /// Second business number.
    BusinessPhone2 = BusinessPhone 1;
    /// Business fax.
    BusinessFax = BusinessFax 0;
    /// Main number of the company.
    CompanyMainPhone = CompanyMainPhone 0;
    /// Number of the assistant.
    AssistantPhone = AssistantPhone 0;
    /// First private number.
    HomePhone = HomePhone 0;
    /// Second private number.
    HomePhone2 = HomePhone 1;
    /// Private fax.
    HomeFax = HomeFax 0;
    /// Mobile number.
    MobilePhone = MobilePhone 0;
    /// Number in the car.
    CarPhone = CarPhone 0;
    /// Radio telephone.
    RadioPhone = RadioPhone 0;
    /// Pager.
    Pager = Pager 0;
    /// Address for multimedia messages.
    Mms = Mms 0;
    /// First instant messaging address, as written: often a URI.
    InstantMessage1 = InstantMessage 0;
    /// Second instant messaging address.
    InstantMessage2 = InstantMessage 1;
    /// Third instant messaging address.
    InstantMessage3 = InstantMessage 2;
    /// Web page.
    WebPage = WebPage 0;
    /// Business address: street, perhaps of several lines.
    BusinessStreet = BusinessAddress 0 2;
    /// Business address: city.
    BusinessCity = BusinessAddress 0 3;
    /// Business address: state.
    BusinessState = BusinessAddress 0 4;
    /// Business address: postal code.
    BusinessPostalCode = BusinessAddress 0 5;
    /// Business address: country.
    BusinessCountry = BusinessAddress 0 6;
    /// Home address: street, perhaps of several lines.
    HomeStreet = HomeAddress 0 2;
    /// Home address: city.
    HomeCity = HomeAddress 0 3;
    /// Home address: state.
    HomeState = HomeAddress 0 4;
    /// Home address: postal code.
    HomePostalCode = HomeAddress 0 5;
    /// Home address: country.
    HomeCountry = HomeAddress 0 6;
    /// Other address: street, perhaps of several lines.
    OtherStreet = OtherAddress 0 2;
    /// Other address: city.
    OtherCity = OtherAddress 0 3;
    /// Other address: state.
    OtherState = OtherAddress 0 4;
    /// Other address: postal code.
    OtherPostalCode = OtherAddress 0 5;
    /// Other address: country.
    OtherCountry = OtherAddress 0 6;
    /// Name of the manager.
    Manager = Manager 0;
    /// Name of the assistant.
    Assistant = Assistant 0;
    /// Name of the spouse or partner.
    Spouse = Spouse 0;
    /// Customer number.
    CustomerId = CustomerId 0;
    /// Number given by the government.
    GovernmentId = GovernmentId 0;
    /// Account name or number.
    AccountName = AccountName 0;
    /// Notes, plain text of many lines.
    Note = Note 0;
}
