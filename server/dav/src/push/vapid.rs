//! Who we are, to push services: RFC 8292. A client makes its subscription for our key, and its push service then takes
//! messages from nobody else.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use vocabulary::Timestamp;

/// How long a proof may be used, in seconds: RFC 8292 section 2 allows a day.
const PROOF_S: i64 = 12 * 3_600;
/// RFC 7515 section 3.1, RFC 7518 section 3.4.
const HEADER: &[u8] = br#"{"typ":"JWT","alg":"ES256"}"#;

/// Our key.
pub(super) struct Vapid {
    pair: EcdsaKeyPair,
    public_key: String,
    contact: String,
    names: hmac::Key,
}

impl Vapid {
    /// A new key, in the form in which it is kept.
    ///
    /// # Errors
    /// If there are no random bytes.
    pub(super) fn draw() -> Result<String, Unspecified> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
        Ok(STANDARD.encode(document))
    }

    /// A key as it was kept. `contact` is a URI by which the operator of a push service reaches ours.
    ///
    /// # Errors
    /// If the text is no key.
    pub(super) fn from_kept(kept: &str, contact: String) -> Result<Self, Unspecified> {
        let document = STANDARD.decode(kept).map_err(|_| Unspecified)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document)?;
        let public_key = URL_SAFE_NO_PAD.encode(pair.public_key());
        Ok(Self { pair, public_key, contact, names: hmac::Key::new(hmac::HMAC_SHA256, &document) })
    }

    /// Uncompressed, base64url: RFC 8292 section 3.2.
    pub(super) fn public_key(&self) -> &str {
        &self.public_key
    }

    /// `Authorization` for a push service, which is called by its origin: RFC 8292 sections 2 and 3.
    ///
    /// # Errors
    /// If the signature fails.
    pub(super) fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, Unspecified> {
        let claims = json!({ "aud": origin, "exp": now.seconds() + PROOF_S, "sub": self.contact });
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", encode(HEADER), encode(claims.to_string().as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(format!("vapid t={signed}.{}, k={}", encode(signature.as_ref()), self.public_key))
    }

    /// A name for something, in the alphabet of base64url, from which nobody but us can tell what it is. At most 32
    /// bytes of it may be asked for.
    pub(super) fn pseudonym(&self, of: &str, bytes: usize) -> String {
        let tag = hmac::sign(&self.names, of.as_bytes());
        let tag: &[u8] = tag.as_ref();
        URL_SAFE_NO_PAD.encode(tag.get(..bytes).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    fn vapid() -> Vapid {
        Vapid::from_kept(&Vapid::draw().unwrap(), "mailto:postmaster@a.test".to_owned()).unwrap()
    }

    // RFC 8292 sections 2, 3 and 3.2.
    #[test]
    fn a_proof_names_the_service_and_its_end_and_is_signed() {
        let vapid = vapid();
        let header = vapid.authorization("https://push.test", Timestamp(1_000_000)).unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, vapid.public_key());
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        assert_eq!((key.len(), key[0]), (65, 4));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key).verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            claims,
            json!({"aud": "https://push.test", "exp": 44_200, "sub": "mailto:postmaster@a.test"})
        );
    }

    #[test]
    fn the_same_thing_has_the_same_name_under_one_key_only() {
        let (one, other) = (vapid(), vapid());
        assert_eq!(one.pseudonym("1/2", 16), one.pseudonym("1/2", 16));
        assert_ne!(one.pseudonym("1/2", 16), one.pseudonym("1/3", 16));
        assert_ne!(one.pseudonym("1/2", 16), other.pseudonym("1/2", 16));
        // RFC 8030 section 5.4.
        assert_eq!(one.pseudonym("x", 24).len(), 32);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["", "?", "AAAA"] {
            assert!(Vapid::from_kept(bad, String::new()).is_err(), "{bad}");
        }
    }
}
