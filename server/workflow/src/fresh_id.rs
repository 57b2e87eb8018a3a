//! Names that nobody has used: for Message-IDs and resources.

/// 128 random bits in hexadecimal. Without randomness the host cannot run TLS either; then a name is
/// refused rather than repeated.
///
/// # Errors
/// [`storage::Fault`] only.
pub fn fresh_id() -> storage::Result<String> {
    use std::fmt::Write;
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| storage::Fault::Open(error.to_string()))?;
    let mut name = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(name, "{byte:02x}");
    }
    Ok(name)
}
