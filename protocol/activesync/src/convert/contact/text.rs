//! Which text of a card is which element of a contact.

use contact::TextField;
use wbxml::Tag;
use wbxml::page::{contacts, contacts2};

use crate::item::Sent;
use crate::item::contact::Contact;

/// One text.
pub(super) struct Row {
    pub(super) field: TextField,
    pub(super) tag: Tag,
    pub(super) slot: fn(&mut Contact) -> &mut Sent<String>,
}

const fn row(field: TextField, tag: Tag, slot: fn(&mut Contact) -> &mut Sent<String>) -> Row {
    Row { field, tag, slot }
}

/// All texts but the notes, which are a body.
pub(super) const TEXTS: &[Row] = &[
    row(TextField::FileAs, contacts::FILE_AS, |contact| &mut contact.file_as),
    row(TextField::Prefix, contacts::TITLE, |contact| &mut contact.title),
    row(TextField::FirstName, contacts::FIRST_NAME, |contact| &mut contact.first_name),
    row(TextField::MiddleName, contacts::MIDDLE_NAME, |contact| &mut contact.middle_name),
    row(TextField::LastName, contacts::LAST_NAME, |contact| &mut contact.last_name),
    row(TextField::Suffix, contacts::SUFFIX, |contact| &mut contact.suffix),
    row(TextField::Nickname, contacts2::NICK_NAME, |contact| &mut contact.nick_name),
    row(TextField::YomiFirstName, contacts::YOMI_FIRST_NAME, |contact| &mut contact.yomi_first_name),
    row(TextField::YomiLastName, contacts::YOMI_LAST_NAME, |contact| &mut contact.yomi_last_name),
    row(TextField::YomiCompany, contacts::YOMI_COMPANY_NAME, |contact| &mut contact.yomi_company_name),
    row(TextField::Company, contacts::COMPANY_NAME, |contact| &mut contact.company_name),
    row(TextField::Department, contacts::DEPARTMENT, |contact| &mut contact.department),
    row(TextField::JobTitle, contacts::JOB_TITLE, |contact| &mut contact.job_title),
    row(TextField::OfficeLocation, contacts::OFFICE_LOCATION, |contact| &mut contact.office_location),
    row(TextField::Manager, contacts2::MANAGER_NAME, |contact| &mut contact.manager_name),
    row(TextField::Assistant, contacts::ASSISTANT_NAME, |contact| &mut contact.assistant_name),
    row(TextField::Email1, contacts::EMAIL1_ADDRESS, |contact| &mut contact.email1),
    row(TextField::Email2, contacts::EMAIL2_ADDRESS, |contact| &mut contact.email2),
    row(TextField::Email3, contacts::EMAIL3_ADDRESS, |contact| &mut contact.email3),
    row(TextField::BusinessPhone, contacts::BUSINESS_PHONE_NUMBER, |contact| &mut contact.business_phone),
    row(TextField::BusinessPhone2, contacts::BUSINESS2_PHONE_NUMBER, |contact| &mut contact.business_phone2),
    row(TextField::BusinessFax, contacts::BUSINESS_FAX_NUMBER, |contact| &mut contact.business_fax),
    row(TextField::CompanyMainPhone, contacts2::COMPANY_MAIN_PHONE, |contact| {
        &mut contact.company_main_phone
    }),
    row(TextField::AssistantPhone, contacts::ASSISTANT_PHONE_NUMBER, |contact| &mut contact.assistant_phone),
    row(TextField::HomePhone, contacts::HOME_PHONE_NUMBER, |contact| &mut contact.home_phone),
    row(TextField::HomePhone2, contacts::HOME2_PHONE_NUMBER, |contact| &mut contact.home_phone2),
    row(TextField::HomeFax, contacts::HOME_FAX_NUMBER, |contact| &mut contact.home_fax),
    row(TextField::MobilePhone, contacts::MOBILE_PHONE_NUMBER, |contact| &mut contact.mobile_phone),
    row(TextField::CarPhone, contacts::CAR_PHONE_NUMBER, |contact| &mut contact.car_phone),
    row(TextField::RadioPhone, contacts::RADIO_PHONE_NUMBER, |contact| &mut contact.radio_phone),
    row(TextField::Pager, contacts::PAGER_NUMBER, |contact| &mut contact.pager),
    row(TextField::Mms, contacts2::MMS, |contact| &mut contact.mms),
    row(TextField::InstantMessage1, contacts2::IM_ADDRESS, |contact| &mut contact.im_address),
    row(TextField::InstantMessage2, contacts2::IM_ADDRESS2, |contact| &mut contact.im_address2),
    row(TextField::InstantMessage3, contacts2::IM_ADDRESS3, |contact| &mut contact.im_address3),
    row(TextField::BusinessStreet, contacts::BUSINESS_ADDRESS_STREET, |contact| {
        &mut contact.business_address.street
    }),
    row(TextField::BusinessCity, contacts::BUSINESS_ADDRESS_CITY, |contact| {
        &mut contact.business_address.city
    }),
    row(TextField::BusinessState, contacts::BUSINESS_ADDRESS_STATE, |contact| {
        &mut contact.business_address.state
    }),
    row(TextField::BusinessPostalCode, contacts::BUSINESS_ADDRESS_POSTAL_CODE, |contact| {
        &mut contact.business_address.postal_code
    }),
    row(TextField::BusinessCountry, contacts::BUSINESS_ADDRESS_COUNTRY, |contact| {
        &mut contact.business_address.country
    }),
    row(TextField::HomeStreet, contacts::HOME_ADDRESS_STREET, |contact| &mut contact.home_address.street),
    row(TextField::HomeCity, contacts::HOME_ADDRESS_CITY, |contact| &mut contact.home_address.city),
    row(TextField::HomeState, contacts::HOME_ADDRESS_STATE, |contact| &mut contact.home_address.state),
    row(TextField::HomePostalCode, contacts::HOME_ADDRESS_POSTAL_CODE, |contact| {
        &mut contact.home_address.postal_code
    }),
    row(TextField::HomeCountry, contacts::HOME_ADDRESS_COUNTRY, |contact| &mut contact.home_address.country),
    row(TextField::OtherStreet, contacts::OTHER_ADDRESS_STREET, |contact| &mut contact.other_address.street),
    row(TextField::OtherCity, contacts::OTHER_ADDRESS_CITY, |contact| &mut contact.other_address.city),
    row(TextField::OtherState, contacts::OTHER_ADDRESS_STATE, |contact| &mut contact.other_address.state),
    row(TextField::OtherPostalCode, contacts::OTHER_ADDRESS_POSTAL_CODE, |contact| {
        &mut contact.other_address.postal_code
    }),
    row(TextField::OtherCountry, contacts::OTHER_ADDRESS_COUNTRY, |contact| {
        &mut contact.other_address.country
    }),
    row(TextField::Spouse, contacts::SPOUSE, |contact| &mut contact.spouse),
    row(TextField::WebPage, contacts::WEB_PAGE, |contact| &mut contact.web_page),
    row(TextField::AccountName, contacts2::ACCOUNT_NAME, |contact| &mut contact.account_name),
    row(TextField::CustomerId, contacts2::CUSTOMER_ID, |contact| &mut contact.customer_id),
    row(TextField::GovernmentId, contacts2::GOVERNMENT_ID, |contact| &mut contact.government_id),
];
