//! Mail: MS-ASEMAIL. [`Email`] goes out, [`Change`] and [`Draft`] come in.
//!
//! What is absent: rights management licenses, voice messages.

mod body;
mod change;
mod encode;
mod flag;
mod meeting;
mod told;

pub use body::{Body, BodyData, BodyPart};
pub use change::{
    ATTACHMENTS_MAX, AttachmentChanges, CATEGORIES_MAX, CATEGORY_CHARACTERS_MAX, Change, Draft,
    DraftAttachment, FlagChange, RECIPIENTS_CHARACTERS_MAX,
};
pub use flag::{FLAG_TEXT_CHARACTERS_MAX, Flag, FlagDates, FlagStatus};
pub use meeting::MeetingRequest;
pub use told::{told_attachments, told_conversation};

pub(super) use encode::attachments as write_attachments;

use vocabulary::Timestamp;

use crate::body::BodyType;
pub use crate::item::encode::{Destination, Parts, Selection};

/// A message as a client shall see it. Addresses are whole header values: `"Anna" <a@b.test>, ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// Separated by commas (MS-ASEMAIL R787).
    pub to: String,
    /// Separated by commas (MS-ASEMAIL R331).
    pub cc: String,
    /// Of a draft only, from 16.0.
    pub bcc: Option<String>,
    /// Who wrote it.
    pub from: String,
    /// Who sent it, if that was not [`Email::from`]; from 14.0.
    pub sender: Option<String>,
    /// Separated by semicolons (MS-ASEMAIL R711).
    pub reply_to: Option<String>,
    /// The subject as it is.
    pub subject: String,
    /// The subject without `Re:` and its like.
    pub thread_topic: String,
    /// Names of the recipients, separated by semicolons (MS-ASEMAIL R400).
    pub display_to: String,
    /// When it reached the mailbox.
    pub date_received: Timestamp,
    /// As the sender said.
    pub importance: Importance,
    /// Whether it has been read.
    pub read: bool,
    /// Its follow-up flag, if it has one.
    pub flag: Option<Flag>,
    /// `IPM.Note` and its derivatives: MS-ASEMAIL section 2.2.2.49.
    pub message_class: MessageClass,
    /// The meeting that it is about, of an invitation.
    pub meeting_request: Option<Box<MeetingRequest>>,
    /// Code page of the text as it came, 65001 for UTF-8 (MS-ASEMAIL R496).
    pub internet_cpid: u32,
    /// From 14.0.
    pub categories: Vec<String>,
    /// The same for the whole thread on every device; from 14.0.
    pub conversation_id: [u8; 16],
    /// MS-ASCON section 2.2.2.4; from 14.0.
    pub conversation_index: Vec<u8>,
    /// What the user last did with it; from 14.0.
    pub last_verb: Option<(LastVerb, Timestamp)>,
    /// The user is a blind recipient; from 14.0.
    pub received_as_bcc: bool,
    /// From 16.0.
    pub is_draft: bool,
    /// How the stored text is written.
    pub native_body_type: BodyType,
    /// What is given of the body; `None` if none was asked for.
    pub body: Option<Body>,
    /// What of it is its own, if that was asked for; from 14.1.
    pub body_part: Option<BodyPart>,
    /// In the order of the message.
    pub attachments: Vec<Attachment>,
}

/// Which marks of a mail changed: MS-ASEMAIL section 3.2.5.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MarksChanged {
    /// Read.
    pub read: bool,
    /// Flag.
    pub flag: bool,
    /// Categories; from 14.0.
    pub categories: bool,
    /// What was last done with it (from 14.0), whether it is a draft.
    pub other: bool,
}

impl MarksChanged {
    /// Those that a version has.
    #[must_use]
    pub fn of(self, version: crate::Version) -> Self {
        let has_all = version >= crate::Version::V14_0;
        Self { categories: self.categories && has_all, other: self.other && has_all, ..self }
    }
}

/// MS-ASEMAIL section 2.2.2.38.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub enum Importance {
    /// 0
    Low,
    /// 1
    #[default]
    Normal,
    /// 2
    High,
}

/// The classes of message that are told apart here: MS-ASEMAIL section 2.2.2.49.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum MessageClass {
    /// R590
    #[default]
    Note,
    /// Encrypted or signed opaquely: R591.
    Smime,
    /// Signed in clear: R592.
    SmimeSigned,
    /// An invitation: R595.
    MeetingRequest,
    /// A meeting does not take place.
    MeetingCanceled,
    /// Somebody accepts.
    MeetingAccepted,
    /// Somebody may come.
    MeetingTentative,
    /// Somebody declines.
    MeetingDeclined,
    /// A report that it could not be delivered: R604.
    NonDeliveryReport,
    /// A report that it was delivered: R605.
    DeliveryReport,
    /// A report that it was read: R607.
    ReadReport,
}

/// What the user last did with a message: MS-ASEMAIL R515 to R518.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LastVerb {
    /// 1
    Reply,
    /// 2
    ReplyAll,
    /// 3
    Forward,
}

/// MS-ASAIRS section 2.2.2.7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name; an enclosed message should end in `.eml`, or phones do not open it.
    pub display_name: String,
    /// Where to fetch it: [`crate::server_id::FileReference`].
    pub file_reference: String,
    /// What it is.
    pub method: AttachmentMethod,
    /// Bytes, decoded.
    pub estimated_data_size: u64,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Content-Location.
    pub content_location: Option<String>,
    /// Shown within the text.
    pub is_inline: bool,
}

/// MS-ASAIRS section 2.2.2.31.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttachmentMethod {
    /// 1
    Normal,
    /// 5
    EmbeddedMessage,
    /// 6
    Ole,
}

impl Importance {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// By its number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Low, Self::Normal, Self::High].into_iter().find(|importance| importance.code() == code)
    }
}

impl MessageClass {
    /// As written on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "IPM.Note",
            Self::Smime => "IPM.Note.SMIME",
            Self::SmimeSigned => "IPM.Note.SMIME.MultipartSigned",
            Self::MeetingRequest => "IPM.Schedule.Meeting.Request",
            Self::MeetingCanceled => "IPM.Schedule.Meeting.Canceled",
            Self::MeetingAccepted => "IPM.Schedule.Meeting.Resp.Pos",
            Self::MeetingTentative => "IPM.Schedule.Meeting.Resp.Tent",
            Self::MeetingDeclined => "IPM.Schedule.Meeting.Resp.Neg",
            Self::NonDeliveryReport => "REPORT.IPM.NOTE.NDR",
            Self::DeliveryReport => "REPORT.IPM.NOTE.DR",
            Self::ReadReport => "REPORT.IPM.NOTE.IPNRN",
        }
    }
}

impl MessageClass {
    /// MS-ASEMAIL section 2.2.2.20.
    pub(super) fn content_class(self) -> &'static str {
        match self {
            Self::MeetingRequest
            | Self::MeetingCanceled
            | Self::MeetingAccepted
            | Self::MeetingTentative
            | Self::MeetingDeclined => "urn:content-classes:calendarmessage",
            Self::Note
            | Self::Smime
            | Self::SmimeSigned
            | Self::NonDeliveryReport
            | Self::DeliveryReport
            | Self::ReadReport => "urn:content-classes:message",
        }
    }
}

impl LastVerb {
    fn code(self) -> u8 {
        match self {
            Self::Reply => 1,
            Self::ReplyAll => 2,
            Self::Forward => 3,
        }
    }
}

impl AttachmentMethod {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Normal => 1,
            Self::EmbeddedMessage => 5,
            Self::Ole => 6,
        }
    }
}
