//! The demo's own certificate authority: made once per directory, so that a client that trusts
//! `ca.pem` still does after a restart.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Datelike as _, Days, NaiveDate};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use session::Certificates;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const CERTIFICATE_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca.key";
/// Names of the server certificate: every way to write this machine.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const AUTHORITY_DAYS: u64 = 3_650;
/// Apple's systems refuse server certificates that live longer than 825 days.
const SERVER_DAYS: u64 = 800;

/// The authority of one demo directory.
#[derive(Debug)]
pub(crate) struct Authority {
    file: PathBuf,
    certificate: String,
    key: KeyPair,
}

impl Authority {
    /// Reads the authority of a directory, or makes it.
    pub(crate) fn in_directory(directory: &Path) -> Result<Self> {
        let (file, key_file) = (directory.join(CERTIFICATE_FILE), directory.join(KEY_FILE));
        if !file.exists() {
            let key = KeyPair::generate()?;
            let certificate = authority_params()?.self_signed(&key)?;
            // The certificate comes last: while it is missing, both are made again.
            write(&key_file, &key.serialize_pem(), 0o600)?;
            write(&file, &certificate.pem(), 0o644)?;
        }
        let certificate = read(&file)?;
        let key = KeyPair::from_pem(&read(&key_file)?).with_context(|| broken(&key_file))?;
        Ok(Self { file, certificate, key })
    }

    /// The PEM file that clients are to trust.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// A server certificate, new at every start.
    pub(crate) fn certificates(&self) -> Result<Certificates> {
        let issuer =
            Issuer::from_ca_cert_pem(&self.certificate, &self.key).with_context(|| broken(&self.file))?;
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
        params.distinguished_name.push(DnType::CommonName, "Kontor demo");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        live(&mut params, SERVER_DAYS)?;
        let certificate = params.signed_by(&key, &issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Certificates::from_der(vec![certificate.der().clone()], key).context("the demo's certificate")
    }
}

fn authority_params() -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Kontor demo authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    live(&mut params, AUTHORITY_DAYS)?;
    Ok(params)
}

/// By the computer's clock also when the demo has another: clients go by theirs.
fn live(params: &mut CertificateParams, days: u64) -> Result<()> {
    let today = DateTime::from_timestamp_millis(session::system_clock().now().0)
        .context("the computer's clock shows no date")?
        .date_naive();
    let from = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let until = today.checked_add_days(Days::new(days)).unwrap_or(today);
    let moment = |date: NaiveDate| -> Result<_> {
        Ok(date_time_ymd(date.year(), u8::try_from(date.month())?, u8::try_from(date.day())?))
    };
    params.not_before = moment(from)?;
    params.not_after = moment(until)?;
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| broken(file))
}

fn broken(file: &Path) -> String {
    format!("{} cannot be used; delete it and ca.pem, and both are made again", file.display())
}

fn write(file: &Path, text: &str, mode: u32) -> Result<()> {
    let open = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(file);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_has_the_same_authority() {
        let directory = tempfile::tempdir().unwrap();
        let first = Authority::in_directory(directory.path()).unwrap();
        let pem = read(first.file()).unwrap();
        first.certificates().unwrap();
        let second = Authority::in_directory(directory.path()).unwrap();
        second.certificates().unwrap();
        assert_eq!(read(second.file()).unwrap(), pem);
        assert_eq!(first.key.serialize_der(), second.key.serialize_der());
    }
}
