//! The query string, plain or base64: MS-ASHTTP section 2.2.1.1.1.
//!
//! Liberties: parameter names are matched without regard to case, base64 may lack its padding, and
//! unknown parameters are skipped.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::command::Command;
use crate::error::RequestError;
use crate::status::CommonStatus;
use crate::version::Version;

/// Longest query string that is looked at, in bytes.
pub const QUERY_BYTES_MAX: usize = 4096;
/// Longest device id: MS-ASHTTP R98.
pub const DEVICE_ID_CHARACTERS_MAX: usize = 32;
/// Longest device type that is kept.
pub const DEVICE_TYPE_BYTES_MAX: usize = 64;

/// What the query string says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The command to run.
    pub command: Command,
    /// Letters and digits, never longer than [`DEVICE_ID_CHARACTERS_MAX`].
    pub device_id: String,
    /// `iPhone`, `SmartPhone`: visible ASCII.
    pub device_type: String,
    /// For the log only: who asks is said by the credentials.
    pub user: Option<String>,
    /// Base64 form only: stands for the MS-ASProtocolVersion header.
    pub version: Option<Version>,
    /// Base64 form only: stands for the X-MS-PolicyKey header.
    pub policy_key: Option<u32>,
    /// Base64 form only: the language of the answer, MS-LCID.
    pub locale: Option<u16>,
    /// GetAttachment.
    pub attachment_name: Option<String>,
    /// Folder of the message to reply to or forward.
    pub collection_id: Option<String>,
    /// The message to reply to or forward.
    pub item_id: Option<String>,
    /// The same, by search result.
    pub long_id: Option<String>,
    /// One occurrence of a meeting.
    pub occurrence: Option<String>,
    /// Keep a copy among the sent items (12.1 only).
    pub save_in_sent: bool,
    /// The answer may be multipart; stands for the MS-ASAcceptMultiPart header.
    pub accept_multipart: bool,
}

impl Query {
    /// Reads the part of the URL behind the question mark.
    ///
    /// # Errors
    /// Status 137 for an unknown command, 138 for an unknown version, 108 and 109 for a bad device, 101
    /// for anything else that cannot be read. Before the version is known the front end answers with HTTP:
    /// [`CommonStatus::http`].
    pub fn parse(query: &str) -> Result<Self, RequestError> {
        if query.len() > QUERY_BYTES_MAX {
            return Err(RequestError::common(CommonStatus::InvalidContent, "query is too long"));
        }
        if is_plain(query) { plain(query) } else { binary(&decoded(query)?) }
    }

    fn new(command: Command) -> Self {
        Self {
            command,
            device_id: String::new(),
            device_type: String::new(),
            user: None,
            version: None,
            policy_key: None,
            locale: None,
            attachment_name: None,
            collection_id: None,
            item_id: None,
            long_id: None,
            occurrence: None,
            save_in_sent: false,
            accept_multipart: false,
        }
    }

    fn checked(self) -> Result<Self, RequestError> {
        let id = &self.device_id;
        if id.is_empty()
            || id.len() > DEVICE_ID_CHARACTERS_MAX
            || !id.bytes().all(|b| b.is_ascii_alphanumeric())
        {
            return Err(RequestError::common(CommonStatus::InvalidDeviceId, "bad device id")); // MS-ASHTTP R98
        }
        let kind = &self.device_type;
        if kind.is_empty()
            || kind.len() > DEVICE_TYPE_BYTES_MAX
            || !kind.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(RequestError::common(CommonStatus::InvalidDeviceType, "bad device type"));
        }
        Ok(self)
    }
}

const MALFORMED: RequestError = RequestError::common(CommonStatus::InvalidContent, "malformed query");

/// Base64 has `=` at its end only.
fn is_plain(query: &str) -> bool {
    query.trim_end_matches('=').contains('=') || query.contains('&')
}

fn plain(query: &str) -> Result<Query, RequestError> {
    let mut command = None;
    let mut read = Query::new(Command::Sync);
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decoded(value, true);
        match name.to_ascii_lowercase().as_str() {
            "cmd" => command = Some(value),
            "user" => read.user = Some(value),
            "deviceid" => read.device_id = value,
            "devicetype" => read.device_type = value,
            "attachmentname" => read.attachment_name = Some(value),
            "collectionid" => read.collection_id = Some(value),
            "itemid" => read.item_id = Some(value),
            "longid" => read.long_id = Some(value),
            "occurrence" => read.occurrence = Some(value),
            "saveinsent" => read.save_in_sent = value.eq_ignore_ascii_case("t"), // MS-ASHTTP R121
            _ => {}
        }
    }
    let command = command.ok_or(MALFORMED)?;
    read.command = Command::from_name(&command).ok_or(RequestError::UNSUPPORTED)?;
    read.checked()
}

/// `%41` becomes `A`; in the plain form `+` is a blank. Bytes that are no UTF-8 become U+FFFD.
fn percent_decoded(text: &str, plus_is_blank: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match (byte, after) {
            (b'%', [high, low, ..]) => hexadecimal(*high, *low),
            _ => None,
        };
        rest = after;
        if let Some(escaped) = escaped {
            bytes.push(escaped);
            rest = rest.get(2..).unwrap_or_default();
        } else if byte == b'+' && plus_is_blank {
            bytes.push(b' ');
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let value = char::from(high).to_digit(16)? * 16 + char::from(low).to_digit(16)?;
    u8::try_from(value).ok()
}

fn decoded(query: &str) -> Result<Vec<u8>, RequestError> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(percent_decoded(query, false)).map_err(|_| MALFORMED)
}

/// MS-ASHTTP section 2.2.1.1.1.1, field by field.
fn binary(bytes: &[u8]) -> Result<Query, RequestError> {
    let mut fields = Fields(bytes);
    let version = Version::from_code(fields.byte()?)
        .ok_or(RequestError::common(CommonStatus::VersionNotSupported, "unknown protocol version"))?;
    let command = Command::from_code(fields.byte()?).ok_or(RequestError::UNSUPPORTED)?;
    let mut read = Query::new(command);
    read.version = Some(version);
    read.locale = Some(u16::from_le_bytes([fields.byte()?, fields.byte()?]));
    read.device_id = device_id(fields.counted()?);
    read.policy_key = match *fields.counted()? {
        [] => None,
        [a, b, c, d] => Some(u32::from_le_bytes([a, b, c, d])),
        _ => return Err(MALFORMED), // MS-ASHTTP R38
    };
    read.device_type = text(fields.counted()?);
    while !fields.0.is_empty() {
        let (tag, value) = (fields.byte()?, fields.counted()?);
        match tag {
            0 => read.attachment_name = Some(text(value)), // MS-ASHTTP R81 to R86
            1 => read.collection_id = Some(text(value)),
            3 => read.item_id = Some(text(value)),
            4 => read.long_id = Some(text(value)),
            6 => read.occurrence = Some(text(value)),
            7 => {
                let options = value.first().copied().unwrap_or_default();
                read.save_in_sent = options & 0x01 != 0; // MS-ASHTTP R92
                read.accept_multipart = options & 0x02 != 0;
            }
            8 => read.user = Some(text(value)),
            _ => {}
        }
    }
    read.checked()
}

/// A device id may be text or the sixteen bytes of a GUID (MS-ASHTTP R34); those are written as hexadecimal
/// digits, so that they name the same device as its plain form.
fn device_id(bytes: &[u8]) -> String {
    let is_text = bytes.iter().all(u8::is_ascii_alphanumeric);
    if bytes.len() != 16 || is_text {
        return text(bytes);
    }
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The bytes that are still to be read.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn byte(&mut self) -> Result<u8, RequestError> {
        let (&first, rest) = self.0.split_first().ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(first)
    }

    /// A length byte and as many bytes.
    fn counted(&mut self) -> Result<&'a [u8], RequestError> {
        let length = usize::from(self.byte()?);
        let (value, rest) = self.0.split_at_checked(length).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn status(query: &str) -> CommonStatus {
        match Query::parse(query).unwrap_err() {
            RequestError::Common { status, .. } => status,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_query_is_read() {
        let query =
            Query::parse("Cmd=SmartReply&User=a%40b.test&DeviceId=v140Device&DeviceType=SmartPhone&SaveInSent=T&CollectionId=1w5&ItemId=1w5x2k")
                .unwrap();
        assert_eq!(query.command, Command::SmartReply);
        assert_eq!(query.user.as_deref(), Some("a@b.test"));
        assert_eq!((query.device_id.as_str(), query.device_type.as_str()), ("v140Device", "SmartPhone"));
        assert_eq!((query.collection_id.as_deref(), query.item_id.as_deref()), (Some("1w5"), Some("1w5x2k")));
        assert!(query.save_in_sent && query.version.is_none());
        assert_eq!(Query::parse("cmd=sync&deviceid=a&DEVICETYPE=b").unwrap().command, Command::Sync);
    }

    /// MS-ASHTTP R18: the document's own example.
    #[test]
    fn the_example_of_the_document_is_read() {
        let query = Query::parse("jAAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l").unwrap();
        assert_eq!(query.command, Command::Sync);
        assert_eq!(query.version, Some(Version::V14_0));
        assert_eq!((query.locale, query.policy_key), (Some(0x0409), None));
        assert_eq!((query.device_id.as_str(), query.device_type.as_str()), ("v140Device", "SmartPhone"));
    }

    #[test]
    fn sixteen_raw_bytes_become_hexadecimal_digits() {
        let mut bytes = vec![141, 9, 9, 4, 16];
        bytes.extend(0xf0..=0xff_u8);
        bytes.extend([4, 0x78, 0x56, 0x34, 0x12, 2, b'P', b'C', 7, 1, 3, 8, 1, b'u']);
        let query = Query::parse(&STANDARD.encode(bytes)).unwrap();
        assert_eq!(query.device_id, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        assert_eq!(query.policy_key, Some(0x1234_5678));
        assert!(query.save_in_sent && query.accept_multipart);
        assert_eq!(query.user.as_deref(), Some("u"));
    }

    #[test]
    fn bad_queries_are_told_apart() {
        for (query, expected) in [
            ("", CommonStatus::InvalidContent),
            ("User=a&DeviceId=b&DeviceType=c", CommonStatus::InvalidContent),
            ("Cmd=Nonsense&User=a&DeviceId=b&DeviceType=c", CommonStatus::CommandNotSupported),
            ("Cmd=Sync&User=a&DeviceType=c", CommonStatus::InvalidDeviceId),
            ("Cmd=Sync&User=a&DeviceId=b,c&DeviceType=c", CommonStatus::InvalidDeviceId),
            (
                "Cmd=Sync&User=a&DeviceId=abcdefghijklmnopqrstuvwxyz0123456&DeviceType=c",
                CommonStatus::InvalidDeviceId,
            ),
            ("Cmd=Sync&User=a&DeviceId=b", CommonStatus::InvalidDeviceType),
            ("GQAJBAp2MTQwRGV2aWNlAApTbWFydFBob25l", CommonStatus::VersionNotSupported),
            ("jAAJBAp2MTQwRGV2aWNl", CommonStatus::InvalidContent),
            ("!!!", CommonStatus::InvalidContent),
        ] {
            assert_eq!(status(query), expected, "{query}");
        }
        assert_eq!(status(&"a".repeat(QUERY_BYTES_MAX + 1)), CommonStatus::InvalidContent);
    }

    proptest! {
        #[test]
        fn both_forms_say_the_same(
            code in prop::sample::select(vec![0_u8, 1, 2, 3, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20]),
            device in "[a-zA-Z0-9]{1,32}", kind in "[a-zA-Z]{1,20}", folder in "[a-z0-9]{1,20}",
        ) {
            let command = Command::from_code(code).unwrap();
            let plain = format!("Cmd={}&DeviceId={device}&DeviceType={kind}&CollectionId={folder}", command.name());
            let mut bytes = vec![161, code, 9, 4];
            bytes.push(device.len() as u8);
            bytes.extend(device.bytes());
            bytes.push(0);
            bytes.push(kind.len() as u8);
            bytes.extend(kind.bytes());
            bytes.extend([1, folder.len() as u8]);
            bytes.extend(folder.bytes());
            let mut binary = Query::parse(&STANDARD.encode(bytes)).unwrap();
            prop_assert_eq!(binary.version.take(), Some(Version::V16_1));
            prop_assert_eq!(binary.locale.take(), Some(0x0409));
            prop_assert_eq!(binary, Query::parse(&plain).unwrap());
        }

        #[test]
        fn any_query_is_read_or_refused_without_panic(query in "\\PC{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = Query::parse(&query);
            let _ = Query::parse(&STANDARD.encode(bytes));
        }
    }
}
