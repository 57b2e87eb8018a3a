//! Names of things for the world outside, which no other store gives and no other thing ever has.

use crate::transaction::Read;
use std::fmt;

/// Gives names that are the same for ever, say nothing, and are found nowhere else: keyed by the store's own key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ResourceNames([u8; 32]);

impl ResourceNames {
    const CONTEXT: &'static str = "kontor 2026-11-28 names of resources";

    /// The octets of a UUID, version 8 (RFC 9562 section 5.8), of what these numbers name.
    #[must_use]
    pub fn uuid(&self, numbers: &[i64]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for number in numbers {
            hasher.update(&number.to_be_bytes());
        }
        let mut uuid = [0; 16];
        hasher.finalize_xof().fill(&mut uuid);
        uuid[6] = uuid[6] & 0x0f | 0x80;
        uuid[8] = uuid[8] & 0x3f | 0x80;
        uuid
    }
}

/// The key is a secret: whoever knows it can tell which numbers a name stands for.
impl fmt::Debug for ResourceNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResourceNames")
    }
}

impl Read<'_> {
    /// What gives names to accounts, folders and items.
    #[must_use]
    pub fn resource_names(&self) -> ResourceNames {
        ResourceNames(blake3::derive_key(ResourceNames::CONTEXT, &self.context.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9562 section 5.8.
    #[test]
    fn a_name_is_a_uuid_of_its_numbers_and_of_its_store() {
        let (one, other) = (ResourceNames([1; 32]), ResourceNames([2; 32]));
        let uuid = one.uuid(&[7, 3]);
        assert_eq!(uuid, one.uuid(&[7, 3]));
        assert_eq!((uuid[6] >> 4, uuid[8] >> 6), (8, 0b10));
        for different in [one.uuid(&[7, 4]), one.uuid(&[7]), one.uuid(&[7, 3, 0]), other.uuid(&[7, 3])] {
            assert_ne!(uuid, different);
        }
        assert!(!format!("{one:?}").contains('1'));
    }
}
