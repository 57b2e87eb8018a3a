//! Contacts: MS-ASCNTC. [`Contact`] goes both ways.
//!
//! What is absent: the elements that only the recipient information cache has (Alias, WeightedRank); the server's Sync
//! writes the latter itself.

mod field;
mod picture;

pub use picture::{PICTURE_BASE64_BYTES_MAX, Picture};

use vocabulary::Timestamp;
use wbxml::Element;

use super::ConversionError;
use super::email::Body;
use super::encode::{Destination, Selection};
use super::sent::{self, Sent};
use crate::version::Version;

/// An address, one element a part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// Lines.
    pub street: Sent<String>,
    /// Town.
    pub city: Sent<String>,
    /// State or province.
    pub state: Sent<String>,
    /// Postal code.
    pub postal_code: Sent<String>,
    /// Country.
    pub country: Sent<String>,
}

/// A contact. Days are moments whose time of day means nothing (MS-ASCNTC R109001, R999).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names of the elements say it: MS-ASCNTC section 2.2.2")]
pub struct Contact {
    pub file_as: Sent<String>,
    pub title: Sent<String>,
    pub first_name: Sent<String>,
    pub middle_name: Sent<String>,
    pub last_name: Sent<String>,
    pub suffix: Sent<String>,
    pub nick_name: Sent<String>,
    pub yomi_first_name: Sent<String>,
    pub yomi_last_name: Sent<String>,
    pub yomi_company_name: Sent<String>,
    pub company_name: Sent<String>,
    pub department: Sent<String>,
    pub job_title: Sent<String>,
    pub office_location: Sent<String>,
    pub manager_name: Sent<String>,
    pub assistant_name: Sent<String>,
    pub email1: Sent<String>,
    pub email2: Sent<String>,
    pub email3: Sent<String>,
    pub business_phone: Sent<String>,
    pub business_phone2: Sent<String>,
    pub business_fax: Sent<String>,
    pub company_main_phone: Sent<String>,
    pub assistant_phone: Sent<String>,
    pub home_phone: Sent<String>,
    pub home_phone2: Sent<String>,
    pub home_fax: Sent<String>,
    pub mobile_phone: Sent<String>,
    pub car_phone: Sent<String>,
    pub radio_phone: Sent<String>,
    pub pager: Sent<String>,
    pub mms: Sent<String>,
    pub im_address: Sent<String>,
    pub im_address2: Sent<String>,
    pub im_address3: Sent<String>,
    pub business_address: Address,
    pub home_address: Address,
    pub other_address: Address,
    pub birthday: Sent<Timestamp>,
    pub anniversary: Sent<Timestamp>,
    pub spouse: Sent<String>,
    pub children: Sent<Vec<String>>,
    pub web_page: Sent<String>,
    pub account_name: Sent<String>,
    pub customer_id: Sent<String>,
    pub government_id: Sent<String>,
    pub categories: Sent<Vec<String>>,
    pub body: Sent<Body>,
    pub picture: Sent<Picture>,
}

impl Contact {
    /// Reads the ApplicationData of an Add or Change.
    ///
    /// # Errors
    /// Item status 6: a picture above 48 KB of base64 (MS-ASCNTC R384), a moment that is none, or more than
    /// the limits allow.
    pub fn parse(data: &Element, version: Version) -> Result<Self, ConversionError> {
        sent::read(data, version, field::FIELDS, None)
    }

    /// Writes what stands inside ApplicationData or Properties.
    pub fn write(&self, selection: Selection<'_>, destination: Destination<'_>) {
        sent::write_item(self, field::FIELDS, selection, destination);
    }
}
