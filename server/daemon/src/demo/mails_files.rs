//! Random numbers and files for the demo's mails.

/// splitmix64: every mail has its own, so that any can be made alone.
pub(crate) struct Random(u64);

impl Random {
    /// Starts a sequence.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// Below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or(0)
    }

    /// One of some, of which there is one at least.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Whether a chance of so many in a hundred came true.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// A PDF of one page with one line, filled up with comments to the wanted size.
pub(crate) fn pdf(random: &mut Random, number: usize, size_bytes: usize) -> Vec<u8> {
    let page = format!("BT /F1 18 Tf 72 720 Td (Rechnung {number}) Tj ET");
    let mut pdf = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n\
         4 0 obj<</Length {}>>stream\n{page}\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n",
        page.len()
    );
    while pdf.len() < size_bytes {
        pdf.push_str(&format!("%{:016x}{:016x}{:016x}\n", random.next(), random.next(), random.next()));
    }
    pdf.push_str("trailer<</Root 1 0 R>>\n%%EOF\n");
    pdf.into_bytes()
}

/// A PNG of 48 by 48 pixels in shades of a colour, not compressed (RFC 1951 section 3.2.4).
pub(crate) fn picture(colour: u64) -> Vec<u8> {
    const SIDE: u32 = 48;
    let [red, green, blue, ..] = colour.to_be_bytes();
    let mut pixels = Vec::new();
    for row in 0..SIDE {
        pixels.push(0); // no filter
        for column in 0..SIDE {
            let shade =
                |channel: u8| u8::try_from((u32::from(channel) * (row + column)) / (2 * SIDE)).unwrap_or(255);
            pixels.extend([shade(red), shade(green), shade(blue)]);
        }
    }
    let length = u16::try_from(pixels.len()).unwrap_or(0);
    let mut zlib = vec![0x78, 0x01, 0x01];
    zlib.extend(length.to_le_bytes());
    zlib.extend((!length).to_le_bytes());
    zlib.extend(&pixels);
    zlib.extend(adler_32(&pixels).to_be_bytes());
    let mut head = [SIDE.to_be_bytes(), SIDE.to_be_bytes()].concat();
    head.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", head), (b"IDAT", zlib), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(content.len()).unwrap_or(0).to_be_bytes());
        let chunk = [kind.as_slice(), &content].concat();
        png.extend(&chunk);
        png.extend(crc_32(&chunk).to_be_bytes());
    }
    png
}

fn adler_32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn crc_32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_have_their_known_values() {
        assert_eq!(crc_32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler_32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn files_have_the_marks_of_their_formats() {
        let png = picture(0xff80_4000_0000_0000);
        assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xae\x42\x60\x82"));
        let pdf = pdf(&mut Random::new(1), 7, 10_000);
        assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF\n") && pdf.len() >= 10_000);
    }

    #[test]
    fn random_numbers_are_those_of_splitmix64() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }
}
