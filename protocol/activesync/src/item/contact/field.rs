//! The elements of a contact.

use wbxml::page::{airsync_base, contacts, contacts2};

use super::Contact;
use super::picture::PICTURE;
use crate::item::format::{BODY, DATE_TIME, Format, LINE, LINES, entries, write_entries};
use crate::item::sent::{Field, Sent, Versions, field};
use crate::version::Version;

const ALL: Versions = Versions::since(Version::V12_1);

/// MS-ASCNTC section 2.2.2.
pub(super) const FIELDS: &[Field<Contact>] = &[
    field!(contacts::FILE_AS, ALL, file_as, LINE),
    field!(contacts::TITLE, ALL, title, LINE),
    field!(contacts::FIRST_NAME, ALL, first_name, LINE),
    field!(contacts::MIDDLE_NAME, ALL, middle_name, LINE),
    field!(contacts::LAST_NAME, ALL, last_name, LINE),
    field!(contacts::SUFFIX, ALL, suffix, LINE),
    field!(contacts2::NICK_NAME, ALL, nick_name, LINE),
    field!(contacts::YOMI_FIRST_NAME, ALL, yomi_first_name, LINE),
    field!(contacts::YOMI_LAST_NAME, ALL, yomi_last_name, LINE),
    field!(contacts::YOMI_COMPANY_NAME, ALL, yomi_company_name, LINE),
    field!(contacts::COMPANY_NAME, ALL, company_name, LINE),
    field!(contacts::DEPARTMENT, ALL, department, LINE),
    field!(contacts::JOB_TITLE, ALL, job_title, LINE),
    field!(contacts::OFFICE_LOCATION, ALL, office_location, LINE),
    field!(contacts2::MANAGER_NAME, ALL, manager_name, LINE),
    field!(contacts::ASSISTANT_NAME, ALL, assistant_name, LINE),
    field!(contacts::EMAIL1_ADDRESS, ALL, email1, LINE),
    field!(contacts::EMAIL2_ADDRESS, ALL, email2, LINE),
    field!(contacts::EMAIL3_ADDRESS, ALL, email3, LINE),
    field!(contacts::BUSINESS_PHONE_NUMBER, ALL, business_phone, LINE),
    field!(contacts::BUSINESS2_PHONE_NUMBER, ALL, business_phone2, LINE),
    field!(contacts::BUSINESS_FAX_NUMBER, ALL, business_fax, LINE),
    field!(contacts2::COMPANY_MAIN_PHONE, ALL, company_main_phone, LINE),
    field!(contacts::ASSISTANT_PHONE_NUMBER, ALL, assistant_phone, LINE),
    field!(contacts::HOME_PHONE_NUMBER, ALL, home_phone, LINE),
    field!(contacts::HOME2_PHONE_NUMBER, ALL, home_phone2, LINE),
    field!(contacts::HOME_FAX_NUMBER, ALL, home_fax, LINE),
    field!(contacts::MOBILE_PHONE_NUMBER, ALL, mobile_phone, LINE),
    field!(contacts::CAR_PHONE_NUMBER, ALL, car_phone, LINE),
    field!(contacts::RADIO_PHONE_NUMBER, ALL, radio_phone, LINE),
    field!(contacts::PAGER_NUMBER, ALL, pager, LINE),
    field!(contacts2::MMS, ALL, mms, LINE),
    field!(contacts2::IM_ADDRESS, ALL, im_address, LINE),
    field!(contacts2::IM_ADDRESS2, ALL, im_address2, LINE),
    field!(contacts2::IM_ADDRESS3, ALL, im_address3, LINE),
    field!(contacts::BUSINESS_ADDRESS_STREET, ALL, business_address.street, LINES),
    field!(contacts::BUSINESS_ADDRESS_CITY, ALL, business_address.city, LINE),
    field!(contacts::BUSINESS_ADDRESS_STATE, ALL, business_address.state, LINE),
    field!(contacts::BUSINESS_ADDRESS_POSTAL_CODE, ALL, business_address.postal_code, LINE),
    field!(contacts::BUSINESS_ADDRESS_COUNTRY, ALL, business_address.country, LINE),
    field!(contacts::HOME_ADDRESS_STREET, ALL, home_address.street, LINES),
    field!(contacts::HOME_ADDRESS_CITY, ALL, home_address.city, LINE),
    field!(contacts::HOME_ADDRESS_STATE, ALL, home_address.state, LINE),
    field!(contacts::HOME_ADDRESS_POSTAL_CODE, ALL, home_address.postal_code, LINE),
    field!(contacts::HOME_ADDRESS_COUNTRY, ALL, home_address.country, LINE),
    field!(contacts::OTHER_ADDRESS_STREET, ALL, other_address.street, LINES),
    field!(contacts::OTHER_ADDRESS_CITY, ALL, other_address.city, LINE),
    field!(contacts::OTHER_ADDRESS_STATE, ALL, other_address.state, LINE),
    field!(contacts::OTHER_ADDRESS_POSTAL_CODE, ALL, other_address.postal_code, LINE),
    field!(contacts::OTHER_ADDRESS_COUNTRY, ALL, other_address.country, LINE),
    field!(contacts::BIRTHDAY, ALL, birthday, DATE_TIME),
    field!(contacts::ANNIVERSARY, ALL, anniversary, DATE_TIME),
    field!(contacts::SPOUSE, ALL, spouse, LINE),
    field!(contacts::CHILDREN, ALL, children, CHILDREN),
    field!(contacts::WEB_PAGE, ALL, web_page, LINE),
    field!(contacts2::ACCOUNT_NAME, ALL, account_name, LINE),
    field!(contacts2::CUSTOMER_ID, ALL, customer_id, LINE),
    field!(contacts2::GOVERNMENT_ID, ALL, government_id, LINE),
    field!(contacts::CATEGORIES, ALL, categories, CATEGORIES),
    field!(airsync_base::BODY, ALL, body, BODY),
    field!(contacts::PICTURE, ALL, picture, PICTURE),
];

const CATEGORIES: Format<Vec<String>> = Format {
    read: |element| entries(element, contacts::CATEGORY).map(Some),
    write: |categories, tag, out| write_entries(categories, tag, contacts::CATEGORY, out),
};

const CHILDREN: Format<Vec<String>> = Format {
    read: |element| entries(element, contacts::CHILD).map(Some),
    write: |children, tag, out| write_entries(children, tag, contacts::CHILD, out),
};
