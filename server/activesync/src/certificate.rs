//! Certificates of signed and encrypted mail: RFC 5280 by the `webpki` crate, whose types end here.
//!
//! Who is trusted is the operator's file, with the lists of revoked certificates that stand in it; nothing is fetched:
//! a certificate must not make the server open connections to where it points.

use activesync_wire::status::ValidateCertStatus as Status;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, TrustAnchor, UnixTime};
use std::collections::HashMap;
use std::time::Duration;
use vocabulary::Timestamp;
use webpki::{
    CertRevocationList, EndEntityCert, Error, ExpirationPolicy, ExtendedKeyUsageValidator, KeyPurposeIdIter,
    KeyUsage, OwnedCertRevocationList, RequiredEkuNotFoundContext, RevocationCheckDepth, RevocationOptions,
    RevocationOptionsBuilder, UnknownStatusPolicy,
};

/// `id-kp-emailProtection` (RFC 5280 section 4.2.1.12) and `anyExtendedKeyUsage`.
const FOR_MAIL: [&[usize]; 2] = [&[1, 3, 6, 1, 5, 5, 7, 3, 4], &[2, 5, 29, 37, 0]];

/// Most certificates of one name in a chain: an authority has one key, or two while it changes it. Every further one of
/// a name multiplies the paths that are tried, once for each step of a path.
const OF_ONE_SUBJECT_MAX: usize = 2;

/// The first of them in DER.
const EMAIL_PROTECTION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 4];

/// Who is trusted to say whose a certificate is.
#[derive(Debug, Default)]
pub struct Authorities {
    anchors: Vec<TrustAnchor<'static>>,
    revoked: Vec<CertRevocationList<'static>>,
}

/// A file of authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("no usable certificate of an authority in PEM")]
pub struct NoAuthorities;

impl Authorities {
    /// Reads a file of PEM: certificates of authorities, and lists of revoked certificates (`X509 CRL`). What of them
    /// cannot be read is left out, as bundles of systems hold all kinds.
    ///
    /// # Errors
    /// If there is no certificate at all.
    pub fn from_pem(pem: &[u8]) -> Result<Self, NoAuthorities> {
        let anchor =
            |der: CertificateDer<'static>| Some(webpki::anchor_from_trusted_cert(&der).ok()?.to_owned());
        let anchors: Vec<_> = CertificateDer::pem_slice_iter(pem).flatten().filter_map(anchor).collect();
        let list = |der: CertificateRevocationListDer<'static>| {
            OwnedCertRevocationList::from_der(&der).ok().map(CertRevocationList::from)
        };
        let revoked = CertificateRevocationListDer::pem_slice_iter(pem).flatten().filter_map(list).collect();
        if anchors.is_empty() { Err(NoAuthorities) } else { Ok(Self { anchors, revoked }) }
    }

    /// How many authorities there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.anchors.len()
    }

    /// Whether there is none: then nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.anchors.is_empty()
    }

    /// Validates a certificate (DER) with those that may stand between it and an authority.
    pub(crate) fn validate(&self, der: &[u8], chain: &[Vec<u8>], now: Timestamp, check_crl: bool) -> Status {
        let der = CertificateDer::from(der);
        let certificate = match alone(&der, now) {
            Ok(certificate) => certificate,
            Err(status) => return status,
        };
        let chain = few_of_each(chain);
        let lists: Vec<&CertRevocationList<'_>> = self.revoked.iter().collect();
        let verify = |depth: RevocationCheckDepth| {
            let revocation = revocation(&lists, depth, check_crl);
            certificate
                .verify_for_usage(
                    webpki::ALL_VERIFICATION_ALGS,
                    &self.anchors,
                    &chain,
                    moment(now),
                    ForMail,
                    revocation,
                    None,
                )
                .map(drop)
        };
        match verify(RevocationCheckDepth::Chain) {
            // MS-ASCMD R893: it must not be ignored that nothing is known.
            Ok(()) if check_crl && lists.is_empty() => Status::RevocationUnknown,
            Ok(()) => Status::Success,
            Err(Error::CertRevoked) => match verify(RevocationCheckDepth::EndEntity) {
                Err(Error::CertRevoked) => Status::Revoked,
                _ => Status::ChainRevoked,
            },
            Err(error) => in_chain(&error),
        }
    }
}

/// What of a chain can be read, and not too many of one name: else one request tries hundreds of thousands of paths.
fn few_of_each(chain: &[Vec<u8>]) -> Vec<CertificateDer<'_>> {
    let mut counts: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut is_one_of_few = |der: &CertificateDer<'_>| {
        let Ok(anchor) = webpki::anchor_from_trusted_cert(der) else { return false };
        let count = counts.entry(anchor.subject.to_vec()).or_default();
        *count += 1;
        *count <= OF_ONE_SUBJECT_MAX
    };
    chain.iter().map(|der| CertificateDer::from(der.as_slice())).filter(|der| is_one_of_few(der)).collect()
}

/// Whether a certificate (DER) can be read, holds now, and is for mail; by whom it was issued is not asked.
pub(crate) fn is_usable(der: &[u8], now: Timestamp) -> bool {
    alone(&CertificateDer::from(der), now).is_ok()
}

fn moment(now: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(now.0).unwrap_or_default()))
}

/// What can be said of a certificate without its chain.
fn alone<'a>(der: &'a CertificateDer<'a>, now: Timestamp) -> Result<EndEntityCert<'a>, Status> {
    let certificate = EndEntityCert::try_from(der).map_err(|_| Status::Malformed)?;
    let algorithms = webpki::ALL_VERIFICATION_ALGS;
    let found =
        certificate.verify_for_usage(algorithms, &[], &[], moment(now), ForMail, None, None).map(drop);
    match found {
        Ok(()) | Err(Error::UnknownIssuer) => Ok(certificate),
        Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => Err(Status::Expired),
        Err(Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension) => Err(Status::NotForMail),
        Err(Error::CaUsedAsEndEntity) => Err(Status::WrongRole),
        Err(_) => Err(Status::Malformed),
    }
}

fn in_chain(error: &Error) -> Status {
    match error {
        Error::UnknownIssuer => Status::Untrusted,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => Status::ChainExpired,
        Error::EndEntityUsedAsCa | Error::CaUsedAsEndEntity => Status::WrongRole,
        Error::InvalidSignatureForPublicKey
        | Error::SignatureAlgorithmMismatch
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Status::BadSignature,
        Error::RequiredEkuNotFoundContext(_)
        | Error::PathLenConstraintViolated
        | Error::NameConstraintViolation
        | Error::CertDistrusted => Status::ChainMisused,
        Error::UnknownRevocationStatus
        | Error::CrlExpired { .. }
        | Error::InvalidCrlSignatureForPublicKey
        | Error::IssuerNotCrlSigner => Status::RevocationUnknown,
        Error::BadDer
        | Error::BadDerTime
        | Error::TrailingData(_)
        | Error::MaximumPathDepthExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumSignatureChecksExceeded => Status::BadChain,
        _ => Status::UnknownError,
    }
}

fn revocation<'a>(
    lists: &'a [&'a CertRevocationList<'a>],
    depth: RevocationCheckDepth,
    check_crl: bool,
) -> Option<RevocationOptions<'a>> {
    let builder = RevocationOptionsBuilder::new(lists).ok()?.with_depth(depth);
    // MS-ASCMD R893, R895
    let builder = match check_crl {
        true => builder
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce),
        false => builder.with_status_policy(UnknownStatusPolicy::Allow),
    };
    Some(builder.build())
}

/// A certificate that says what it is for says mail, or anything.
struct ForMail;

impl ExtendedKeyUsageValidator for ForMail {
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let mut present = Vec::new();
        for purpose in purposes {
            let purpose = purpose?.to_decoded_oid();
            if FOR_MAIL.contains(&purpose.as_slice()) {
                return Ok(());
            }
            present.push(purpose);
        }
        if present.is_empty() {
            return Ok(());
        }
        let required = KeyUsage::required_if_present(EMAIL_PROTECTION);
        Err(Error::RequiredEkuNotFoundContext(RequiredEkuNotFoundContext { required, present }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams,
        ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
        SerialNumber, date_time_ymd,
    };

    /// 23 November 2026.
    const NOW: Timestamp = Timestamp(1_795_510_800_000);

    struct Authority {
        issuer: Issuer<'static, KeyPair>,
        certificate: Certificate,
    }

    fn params(name: &str, serial: u64) -> CertificateParams {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.serial_number = Some(SerialNumber::from(serial));
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        params
    }

    fn of_authority(name: &str, serial: u64) -> CertificateParams {
        let mut params = params(name, serial);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    fn of_person(serial: u64) -> CertificateParams {
        let mut params = params("Ann", serial);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
        params
    }

    impl Authority {
        fn root(name: &str) -> Self {
            let (params, key) = (of_authority(name, 1), KeyPair::generate().unwrap());
            let certificate = params.self_signed(&key).unwrap();
            Self { issuer: Issuer::new(params, key), certificate }
        }

        fn beneath(&self, params: CertificateParams) -> Self {
            let key = KeyPair::generate().unwrap();
            let certificate = params.signed_by(&key, &self.issuer).unwrap();
            Self { issuer: Issuer::new(params, key), certificate }
        }

        fn issue(&self, params: &CertificateParams) -> Vec<u8> {
            params.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap().der().to_vec()
        }

        fn der(&self) -> Vec<u8> {
            self.certificate.der().to_vec()
        }

        /// The list of those that it revoked.
        fn revoking(&self, serials: &[u64], until: i32) -> String {
            let revoked = serials.iter().map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from(*serial),
                revocation_time: date_time_ymd(2025, 1, 1),
                reason_code: None,
                invalidity_date: None,
            });
            let list = CertificateRevocationListParams {
                this_update: date_time_ymd(until, 1, 1),
                next_update: date_time_ymd(until, 12, 1),
                crl_number: SerialNumber::from(1_u64),
                issuing_distribution_point: None,
                revoked_certs: revoked.collect(),
                key_identifier_method: KeyIdMethod::Sha256,
            };
            list.signed_by(&self.issuer).unwrap().pem().unwrap()
        }
    }

    fn trusting(pem: &[&str]) -> Authorities {
        Authorities::from_pem(pem.concat().as_bytes()).unwrap()
    }

    // MS-ASCMD R4479 R5389
    #[test]
    fn a_certificate_is_as_good_as_its_chain() {
        let (root, stranger) = (Authority::root("root"), Authority::root("stranger"));
        let between = root.beneath(of_authority("between", 2));
        let mut old = of_authority("old", 3);
        old.not_after = date_time_ymd(2026, 2, 1);
        let old = root.beneath(old);
        let trusted = trusting(&[&root.certificate.pem()]);
        let validate = |der: &[u8], chain: &[Vec<u8>]| trusted.validate(der, chain, NOW, false);
        let good = root.issue(&of_person(10));
        assert_eq!(validate(&good, &[]), Status::Success);
        let below = between.issue(&of_person(11));
        assert_eq!(validate(&below, &[between.der()]), Status::Success);
        assert_eq!(validate(&below, &[stranger.der(), vec![1, 2, 3], between.der()]), Status::Success);
        assert_eq!(validate(&below, &[]), Status::Untrusted);
        assert_eq!(validate(&stranger.issue(&of_person(12)), &[stranger.der()]), Status::Untrusted);
        assert_eq!(Authorities::default().validate(&good, &[root.der()], NOW, false), Status::Untrusted);

        let mut late = of_person(13);
        late.not_after = date_time_ymd(2026, 11, 1);
        assert_eq!(validate(&root.issue(&late), &[]), Status::Expired);
        let mut early = of_person(14);
        early.not_before = date_time_ymd(2026, 12, 1);
        assert_eq!(validate(&root.issue(&early), &[]), Status::Expired);
        assert_eq!(validate(&old.issue(&of_person(15)), &[old.der()]), Status::ChainExpired);

        let mut web = of_person(16);
        web.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        assert_eq!(validate(&root.issue(&web), &[]), Status::NotForMail);
        web.extended_key_usages.push(ExtendedKeyUsagePurpose::Any);
        assert_eq!(validate(&root.issue(&web), &[]), Status::Success);
        web.extended_key_usages.clear();
        assert_eq!(validate(&root.issue(&web), &[]), Status::Success);

        assert_eq!(validate(&between.der(), &[]), Status::WrongRole);
        let person = root.beneath(of_person(17));
        assert_eq!(validate(&person.issue(&of_person(18)), &[person.der()]), Status::WrongRole);

        let mut forged = good.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(validate(&forged, &[]), Status::BadSignature);
    }

    #[test]
    fn hostile_bytes_are_malformed_and_nothing_else() {
        let root = Authority::root("root");
        let trusted = trusting(&[&root.certificate.pem()]);
        let good = root.issue(&of_person(10));
        for der in [&[][..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"nonsense"] {
            assert_eq!(trusted.validate(der, &[], NOW, true), Status::Malformed, "{der:?}");
            assert!(!is_usable(der, NOW));
        }
        for length in 0..good.len() {
            assert_eq!(trusted.validate(&good[..length], &[], NOW, false), Status::Malformed, "{length}");
        }
        for at in 0..good.len() {
            // Whatever one byte is, it is judged, and never trusted.
            let mut other = good.clone();
            other[at] ^= 0x55;
            assert_ne!(trusted.validate(&other, &[root.der()], NOW, false), Status::Success, "{at}");
        }
        assert!(is_usable(&good, NOW) && !is_usable(&root.der(), NOW));
        assert!(Authorities::from_pem(b"nothing").is_err());
        let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(trusting(&[odd, &root.certificate.pem()]).len(), 1);
    }

    /// Fifty authorities of one name, each signed by another of them: a search through all paths takes minutes.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test of time needs a clock")]
    fn a_chain_of_one_name_is_judged_at_once() {
        let trusted = trusting(&[&Authority::root("root").certificate.pem()]);
        let name = "the same";
        let mut all = vec![Authority::root(name)];
        for serial in 2..50 {
            let next = all[all.len() - 1].beneath(of_authority(name, serial));
            all.push(next);
        }
        let chain: Vec<Vec<u8>> = all.iter().map(Authority::der).collect();
        let begin = std::time::Instant::now();
        for one in &all {
            assert_ne!(trusted.validate(&one.issue(&of_person(99)), &chain, NOW, true), Status::Success);
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        // The same with many names, as many of each as are tried.
        let mut all = vec![Authority::root("0")];
        for level in 1..24 {
            let above = all.len() - 1;
            for serial in [1, 2] {
                all.push(all[above].beneath(of_authority(&level.to_string(), serial)));
            }
        }
        let chain: Vec<Vec<u8>> = all.iter().map(Authority::der).collect();
        let begin = std::time::Instant::now();
        for serial in 0..50 {
            let person = all[all.len() - 1].issue(&of_person(serial));
            assert_ne!(trusted.validate(&person, &chain, NOW, true), Status::Success);
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
        // What stands first of a name counts.
        let root = Authority::root("root");
        let between: Vec<_> = (2..7).map(|serial| root.beneath(of_authority("between", serial))).collect();
        let chain: Vec<Vec<u8>> = between.iter().map(Authority::der).collect();
        let trusted = trusting(&[&root.certificate.pem()]);
        for (at, expected) in
            [(OF_ONE_SUBJECT_MAX - 1, Status::Success), (OF_ONE_SUBJECT_MAX, Status::BadSignature)]
        {
            let good = between[at].issue(&of_person(100));
            assert_eq!(trusted.validate(&good, &chain, NOW, false), expected, "{at}");
        }
    }

    // MS-ASCMD R5389
    #[test]
    fn what_was_revoked_is_known_from_the_lists_of_the_operator() {
        let root = Authority::root("root");
        let (between, bad) = (root.beneath(of_authority("between", 2)), root.beneath(of_authority("bad", 3)));
        let pem = root.certificate.pem();
        let (good, revoked) = (root.issue(&of_person(10)), root.issue(&of_person(11)));
        let without = trusting(&[&pem]);
        assert_eq!(without.validate(&good, &[], NOW, false), Status::Success);
        assert_eq!(without.validate(&good, &[], NOW, true), Status::RevocationUnknown);

        let with = trusting(&[&pem, &root.revoking(&[3, 11], 2026)]);
        for check in [false, true] {
            assert_eq!(with.validate(&good, &[], NOW, check), Status::Success);
            assert_eq!(with.validate(&revoked, &[], NOW, check), Status::Revoked);
        }
        let below = bad.issue(&of_person(12));
        assert_eq!(with.validate(&below, &[bad.der()], NOW, false), Status::ChainRevoked);
        assert_ne!(with.validate(&below, &[bad.der()], NOW, true), Status::Success);
        // No list of the authority between says anything of its own certificates.
        let below = between.issue(&of_person(13));
        assert_eq!(with.validate(&below, &[between.der()], NOW, false), Status::Success);
        assert_eq!(with.validate(&below, &[between.der()], NOW, true), Status::RevocationUnknown);
        let outdated = trusting(&[&pem, &root.revoking(&[], 2025)]);
        assert_eq!(outdated.validate(&good, &[], NOW, false), Status::Success);
        assert_eq!(outdated.validate(&good, &[], NOW, true), Status::RevocationUnknown);
    }
}
