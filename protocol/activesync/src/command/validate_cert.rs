//! ValidateCert: whether certificates of signed mail are to be trusted. MS-ASCMD section 2.2.1.22.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use wbxml::page::validate_cert as page;
use wbxml::{Element, Tag};

use crate::error::RequestError;
use crate::parse;
use crate::status::ValidateCertStatus;

/// Most certificates of one request, those of the chain included: MS-ASCMD R5661.
pub const CERTIFICATES_MAX: usize = 100;
/// Largest certificate, in bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 16 * 1024;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Certificates to validate, DER; `None` for one that cannot be read.
    pub certificates: Vec<Option<Vec<u8>>>,
    /// Those between them and a root; what cannot be read among them is left out.
    pub chain: Vec<Vec<u8>>,
    /// A certificate of which it cannot be known whether it was revoked is not valid (MS-ASCMD R893).
    pub check_crl: bool,
}

impl Request {
    /// Reads `<ValidateCert>`.
    ///
    /// # Errors
    /// Status 2 without certificates, with too many, or for a CheckCRL that is no boolean.
    pub fn parse(root: &Element) -> Result<Self, RequestError> {
        parse::expect_root(root, page::VALIDATE_CERT)?;
        let certificates = root.child(page::CERTIFICATES).map(read).unwrap_or_default();
        let chain = root.child(page::CERTIFICATE_CHAIN).map(read).unwrap_or_default();
        if certificates.is_empty() {
            return Err(RequestError::Structure("no certificate")); // MS-ASCMD R865
        }
        if certificates.len() + chain.len() > CERTIFICATES_MAX {
            return Err(RequestError::Structure("too many certificates")); // MS-ASCMD R5662
        }
        let check_crl = parse::child_boolean(root, page::CHECK_CRL, false, "CheckCRL is no boolean")?;
        Ok(Self { certificates, chain: chain.into_iter().flatten().collect(), check_crl })
    }
}

fn read(list: &Element) -> Vec<Option<Vec<u8>>> {
    const TAG: Tag = page::CERTIFICATE;
    list.all(TAG)
        .take(CERTIFICATES_MAX + 1)
        .map(|element| {
            let mut base64 = element.bytes().into_owned();
            base64.retain(|byte| !byte.is_ascii_whitespace());
            if base64.len() > CERTIFICATE_BYTES_MAX.div_ceil(3) * 4 {
                return None;
            }
            LENIENT.decode(base64).ok().filter(|der| !der.is_empty())
        })
        .collect()
}

/// `<ValidateCert>`, a status for each certificate in the order of the request.
#[must_use]
pub fn answer(statuses: &[ValidateCertStatus]) -> Element {
    let success = ValidateCertStatus::Success.code().to_string();
    let document = Element::new(page::VALIDATE_CERT).with_text(page::STATUS, success);
    statuses
        .iter()
        .map(|status| Element::new(page::CERTIFICATE).with_text(page::STATUS, status.code().to_string()))
        .fold(document, Element::with)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tag: Tag, certificates: &[&str]) -> Element {
        certificates.iter().fold(Element::new(tag), |list, one| list.with_text(page::CERTIFICATE, *one))
    }

    // MS-ASCMD R5387 R5662
    #[test]
    fn certificates_are_read_and_bounded() {
        let root = Element::new(page::VALIDATE_CERT)
            .with(list(page::CERTIFICATE_CHAIN, &["AA==", "%"]))
            .with(list(page::CERTIFICATES, &["AQ\r\nI=", "nonsense!", ""]))
            .with_text(page::CHECK_CRL, "1");
        let read = Request::parse(&root).unwrap();
        assert_eq!(read.certificates, [Some(vec![1, 2]), None, None]);
        assert_eq!((read.chain, read.check_crl), (vec![vec![0]], true));
        let many = |count: usize| {
            let root = Element::new(page::VALIDATE_CERT).with(list(page::CERTIFICATE_CHAIN, &["AA=="; 50]));
            Request::parse(&root.with(list(page::CERTIFICATES, &vec!["AA=="; count])))
        };
        assert!(!many(50).unwrap().check_crl);
        for count in [0, 51, 500] {
            assert!(matches!(many(count), Err(RequestError::Structure(_))), "{count}");
        }
        let large = "A".repeat(CERTIFICATE_BYTES_MAX * 2);
        let large = Element::new(page::VALIDATE_CERT).with(list(page::CERTIFICATES, &[&large]));
        assert_eq!(Request::parse(&large).unwrap().certificates, [None]);
        let document = answer(&[ValidateCertStatus::Success, ValidateCertStatus::Untrusted]);
        assert_eq!(document.child_value(page::STATUS).as_deref(), Some("1"));
        let statuses: Vec<_> =
            document.all(page::CERTIFICATE).map(|one| one.child_value(page::STATUS).unwrap()).collect();
        assert_eq!(statuses, ["1", "4"]);
    }
}
