//! Messages that only the client can read: RFC 8291, by the content coding of RFC 8188. One record; no padding, as what
//! is sent differs in length by a few digits.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

/// A point of P-256 in uncompressed form: RFC 8291 section 3.1.
const PUBLIC_KEY_BYTES: usize = 65;
const UNCOMPRESSED: u8 = 4;
/// RFC 8291 section 3.2.
const AUTH_SECRET_BYTES: usize = 16;
/// RFC 8188 section 2.1.
const SALT_BYTES: usize = 16;
/// RFC 8291 section 4: what every push service takes, as one record or less.
const BODY_BYTES_MAX: u32 = 4096;
/// RFC 8188 section 2: what follows the text of the last record.
const LAST: u8 = 2;

/// Who can read a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipient<'a> {
    pub(super) public_key: &'a [u8],
    pub(super) auth_secret: &'a [u8],
}

impl Recipient<'_> {
    /// Whether messages can be encrypted for it.
    pub(super) fn is_valid(self) -> bool {
        let is_point = self.public_key.len() == PUBLIC_KEY_BYTES
            && self.public_key.first() == Some(&UNCOMPRESSED)
            && self.auth_secret.len() == AUTH_SECRET_BYTES;
        is_point && self.encrypt(b"").is_ok()
    }

    /// The body of a message, with a key pair and a salt of its own.
    ///
    /// # Errors
    /// If the recipient's key is none, the text is too long, or there are no random bytes.
    pub(super) fn encrypt(self, text: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut salt = [0_u8; SALT_BYTES];
        aws_lc_rs::rand::fill(&mut salt)?;
        self.encrypt_with(&PrivateKey::generate(&ECDH_P256)?, &salt, text)
    }

    /// RFC 8291 section 3.4.
    fn encrypt_with(
        self,
        own: &PrivateKey,
        salt: &[u8; SALT_BYTES],
        text: &[u8],
    ) -> Result<Vec<u8>, Unspecified> {
        let own_public = own.compute_public_key()?;
        let recipient = UnparsedPublicKey::new(&ECDH_P256, self.public_key);
        agree(own, recipient, Unspecified, |shared| {
            let info: [&[u8]; 3] = [b"WebPush: info\0", self.public_key, own_public.as_ref()];
            let key: [u8; 32] = derive(self.auth_secret, shared, &info)?;
            encode(&key, salt, own_public.as_ref(), text)
        })
    }
}

/// The content coding `aes128gcm`: RFC 8188 section 2.
fn encode(key: &[u8], salt: &[u8; SALT_BYTES], key_id: &[u8], text: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let content_key: [u8; 16] = derive(salt, key, &[b"Content-Encoding: aes128gcm\0"])?;
    // Of the first record, so nothing is added to it: RFC 8188 section 2.3.
    let nonce: [u8; NONCE_LEN] = derive(salt, key, &[b"Content-Encoding: nonce\0"])?;
    let mut record = text.to_vec();
    record.push(LAST);
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key)?);
    sealing.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
    let mut body = salt.to_vec();
    body.extend_from_slice(&BODY_BYTES_MAX.to_be_bytes());
    body.push(u8::try_from(key_id.len())?);
    body.extend_from_slice(key_id);
    body.append(&mut record);
    if u32::try_from(body.len())? <= BODY_BYTES_MAX { Ok(body) } else { Err(Unspecified) }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF with SHA-256: RFC 5869.
fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut derived = [0_u8; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Length(N))?.fill(&mut derived)?;
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    fn salt(text: &str) -> [u8; SALT_BYTES] {
        bytes(text).try_into().unwrap()
    }

    // RFC 8188 section 3.1.
    #[test]
    fn the_walrus_is_encoded_as_in_its_example() {
        let body = encode(
            &bytes("yqdlZ-tYemfogSmv7Ws5PQ"),
            &salt("I1BsxtFttlv3u_Oo94xnmw"),
            b"",
            b"I am the walrus",
        )
        .unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(body),
            "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"
        );
    }

    const PUBLIC_KEY: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH_SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    // RFC 8291 section 5.
    #[test]
    fn the_watermelon_is_encrypted_as_in_its_example() {
        let (public_key, auth_secret) = (bytes(PUBLIC_KEY), bytes(AUTH_SECRET));
        let recipient = Recipient { public_key: &public_key, auth_secret: &auth_secret };
        let own =
            PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
                .unwrap();
        let text = b"When I grow up, I want to be a watermelon";
        let body = recipient.encrypt_with(&own, &salt("DGv6ra1nlYgDCS1FRnbzlw"), text).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
             EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
        assert_ne!(recipient.encrypt(text).unwrap(), recipient.encrypt(text).unwrap());
    }

    // RFC 8291 section 4.
    #[test]
    fn a_body_is_no_longer_than_a_push_service_takes() {
        let (public_key, auth_secret) = (bytes(PUBLIC_KEY), bytes(AUTH_SECRET));
        let recipient = Recipient { public_key: &public_key, auth_secret: &auth_secret };
        let most = 3993;
        assert_eq!(recipient.encrypt(&vec![0; most]).unwrap().len(), 4096);
        assert!(recipient.encrypt(&vec![0; most + 1]).is_err());
    }

    #[test]
    fn what_is_no_key_is_known_before_anything_is_sent() {
        let (good, secret) = (bytes(PUBLIC_KEY), bytes(AUTH_SECRET));
        let valid = |public_key: &[u8], auth_secret: &[u8]| Recipient { public_key, auth_secret }.is_valid();
        assert!(valid(&good, &secret));
        let mut beside_the_curve = good.clone();
        beside_the_curve[64] ^= 1;
        for bad in [&[][..], &good[..64], &good[1..], &[4; 65][..], &beside_the_curve[..]] {
            assert!(!valid(bad, &secret), "{bad:?}");
        }
        assert!(!valid(&good, &secret[1..]));
    }
}
