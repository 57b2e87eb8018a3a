//! What lists show of a message, decoded.

use crate::SUMMARY_ADDRESSES_MAX;
use crate::address::Entry;
use crate::body::Leaf;
use crate::charset;
use crate::describe;
use crate::envelope::Head;
use crate::field;
use crate::message::Message;
use crate::structure::{Kind, Part};
use crate::word;
use vocabulary::Timestamp;

/// Longest subject and name that are kept, in bytes.
const TEXT_BYTES_MAX: usize = 4_096;
/// Most attachments that are kept.
const ATTACHMENTS_MAX: usize = 500;
/// How much of a calendar or report part is looked at.
const PEEK_BYTES_MAX: usize = 64 * 1024;

/// A name and an address; either may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mailbox {
    /// Display name.
    pub name: String,
    /// `local@domain` as the sender wrote it.
    pub address: String,
}

/// `Importance` (RFC 4021), or `X-Priority`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Importance {
    /// `low`, priority 4 and 5.
    Low,
    /// Anything else.
    #[default]
    Normal,
    /// `high`, priority 1 and 2.
    High,
}

/// MS-ASEMAIL `MessageClass`: what a client shows the message as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageClass {
    /// Mail.
    #[default]
    Note,
    /// S/MIME, opaque: encrypted, or signed with the text inside.
    Smime,
    /// S/MIME, signed, text readable.
    SmimeMultipartSigned,
    /// iTIP REQUEST.
    MeetingRequest,
    /// iTIP CANCEL.
    MeetingCanceled,
    /// iTIP REPLY, accepted.
    MeetingAccepted,
    /// iTIP REPLY, declined.
    MeetingDeclined,
    /// iTIP REPLY, tentative.
    MeetingTentative,
    /// RFC 3464, not delivered.
    ReportNotDelivered,
    /// RFC 3464, delivered.
    ReportDelivered,
    /// RFC 3464, not yet.
    ReportDelayed,
    /// RFC 8098, read.
    ReportRead,
}

impl MessageClass {
    /// Every class; the place is the number in [`Summary::to_bytes`].
    pub(crate) const ALL: [Self; 12] = [
        Self::Note,
        Self::Smime,
        Self::SmimeMultipartSigned,
        Self::MeetingRequest,
        Self::MeetingCanceled,
        Self::MeetingAccepted,
        Self::MeetingDeclined,
        Self::MeetingTentative,
        Self::ReportNotDelivered,
        Self::ReportDelivered,
        Self::ReportDelayed,
        Self::ReportRead,
    ];

    /// The string on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "IPM.Note",
            Self::Smime => "IPM.Note.SMIME",
            Self::SmimeMultipartSigned => "IPM.Note.SMIME.MultipartSigned",
            Self::MeetingRequest => "IPM.Schedule.Meeting.Request",
            Self::MeetingCanceled => "IPM.Schedule.Meeting.Canceled",
            Self::MeetingAccepted => "IPM.Schedule.Meeting.Resp.Pos",
            Self::MeetingDeclined => "IPM.Schedule.Meeting.Resp.Neg",
            Self::MeetingTentative => "IPM.Schedule.Meeting.Resp.Tent",
            Self::ReportNotDelivered => "REPORT.IPM.NOTE.NDR",
            Self::ReportDelivered => "REPORT.IPM.NOTE.DR",
            Self::ReportDelayed => "REPORT.IPM.NOTE.DELAYED",
            Self::ReportRead => "REPORT.IPM.NOTE.IPNRN",
        }
    }

    /// MS-ASEMAIL `ContentClass` that goes with it.
    #[must_use]
    pub fn content_class(self) -> &'static str {
        match self {
            Self::MeetingRequest
            | Self::MeetingCanceled
            | Self::MeetingAccepted
            | Self::MeetingDeclined
            | Self::MeetingTentative => "urn:content-classes:calendarmessage",
            Self::ReportNotDelivered | Self::ReportDelivered | Self::ReportDelayed => {
                "urn:content-classes:dsn"
            }
            Self::ReportRead => "urn:content-classes:mdn",
            Self::Note | Self::Smime | Self::SmimeMultipartSigned => "urn:content-classes:message",
        }
    }
}

/// A part that is not the text of the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentSummary {
    /// Where it is: see [`Message::section`].
    pub section: Vec<u32>,
    /// Name of the file; never empty, made up if the sender gave none.
    pub name: String,
    /// `type/subtype` in lower case.
    pub content_type: String,
    /// About how many bytes it has when decoded.
    pub size_bytes: u64,
    /// Content-ID without `<>`; empty if there is none.
    pub content_id: String,
    /// Content-Location; empty if there is none.
    pub content_location: String,
    /// Shown within the text.
    pub inline: bool,
}

/// Decoded fields for lists, stored as bytes in a column. All counts and lengths are bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// `From`.
    pub from: Vec<Mailbox>,
    /// `Sender`; empty if the head has none.
    pub sender: Vec<Mailbox>,
    /// `Reply-To`; empty if the head has none.
    pub reply_to: Vec<Mailbox>,
    /// `To`, groups dissolved.
    pub to: Vec<Mailbox>,
    /// `Cc`.
    pub cc: Vec<Mailbox>,
    /// `Bcc`.
    pub bcc: Vec<Mailbox>,
    /// Decoded, at most 4,096 bytes.
    pub subject: String,
    /// `Date`.
    pub date: Option<Timestamp>,
    /// `Importance` or `X-Priority`.
    pub importance: Importance,
    /// At most 500, in the order of the message.
    pub attachments: Vec<AttachmentSummary>,
    /// There is a text/plain body.
    pub has_text: bool,
    /// There is a text/html body.
    pub has_html: bool,
    /// What it is shown as.
    pub class: MessageClass,
    /// multipart/signed or S/MIME signed-data.
    pub is_signed: bool,
    /// multipart/encrypted or S/MIME enveloped-data.
    pub is_encrypted: bool,
    /// MS-ASEMAIL `InternetCPID`: Windows code page of the body.
    pub code_page: u32,
    /// The id within `<>` of List-Id (RFC 2919); empty if there is none.
    pub list_id: String,
    /// Where the text/calendar part with an iTIP method is.
    pub invitation: Option<Vec<u32>>,
}

impl Summary {
    /// The subject without reply and forward marks: MS-ASEMAIL `ThreadTopic`, and nearly RFC 5256
    /// section 2.1.
    #[must_use]
    pub fn thread_topic(&self) -> &str {
        mail_parser::parsers::fields::thread::thread_name(&self.subject)
    }

    /// Whether a reader would say that something is attached: what is shown within the text does not count.
    #[must_use]
    pub fn has_attachments(&self) -> bool {
        self.attachments.iter().any(|file| !file.inline)
    }

    /// Reads a message whose head has been read already.
    pub(crate) fn read(message: &Message<'_>, head: &Head<'_>, leaves: &[Leaf<'_>]) -> Self {
        let shown = leaves.iter().find(|leaf| leaf.is_body("html") || leaf.is_body("plain"));
        let charset = shown.map(|leaf| charset::guess(leaf.part.content.charset())).unwrap_or_default();
        let invitation = leaves.iter().find(|leaf| leaf.part.content.is("text", "calendar"));
        let (class, is_signed, is_encrypted) = classify(message, leaves);
        Self {
            from: mailboxes(&head.from),
            sender: mailboxes(&head.sender),
            reply_to: mailboxes(&head.reply_to),
            to: mailboxes(&head.to),
            cc: mailboxes(&head.cc),
            bcc: mailboxes(&head.bcc),
            subject: head.subject.map(|raw| cut(word::decode(&field::unfold(raw)))).unwrap_or_default(),
            date: head.date.and_then(describe::timestamp),
            importance: importance(head),
            attachments: attachments(message, leaves),
            has_text: leaves.iter().any(|leaf| leaf.is_body("plain")),
            has_html: leaves.iter().any(|leaf| leaf.is_body("html")),
            class,
            is_signed,
            is_encrypted,
            code_page: charset::code_page(&charset),
            list_id: head.list_id.map(list_id).unwrap_or_default(),
            invitation: invitation
                .filter(|_| class.content_class().ends_with(":calendarmessage"))
                .map(|leaf| leaf.path.clone()),
        }
    }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

fn mailboxes(entries: &[Entry]) -> Vec<Mailbox> {
    let mailboxes = entries.iter().filter_map(|entry| match entry {
        Entry::Mailbox { name, local, domain } => {
            let mut address = charset::guess(local).into_owned();
            if !domain.is_empty() {
                address.push('@');
                address.push_str(&charset::guess(domain));
            }
            Some(Mailbox { name: cut(word::decode(name)), address: cut(address) })
        }
        Entry::GroupStart(_) | Entry::GroupEnd => None,
    });
    mailboxes.take(SUMMARY_ADDRESSES_MAX).collect()
}

fn importance(head: &Head<'_>) -> Importance {
    let value = |raw: Option<&[u8]>| field::unfold(raw.unwrap_or_default()).to_ascii_lowercase();
    match (value(head.importance).as_slice(), value(head.priority).first()) {
        (b"high", _) => Importance::High,
        (b"low", _) => Importance::Low,
        (b"", Some(b'1' | b'2')) => Importance::High,
        (b"", Some(b'4' | b'5')) => Importance::Low,
        _ => Importance::Normal,
    }
}

fn list_id(raw: &[u8]) -> String {
    let text = word::decode(&field::unfold(raw));
    let id = text.rsplit_once('<').map_or(text.as_str(), |(_, id)| id.split('>').next().unwrap_or_default());
    cut(id.trim().to_owned())
}

fn attachments(message: &Message<'_>, leaves: &[Leaf<'_>]) -> Vec<AttachmentSummary> {
    leaves
        .iter()
        .filter(|leaf| is_attachment(leaf))
        .take(ATTACHMENTS_MAX)
        .map(|leaf| attachment(message, leaf))
        .collect()
}

/// Everything but the body, and but the calendar object that the body is an alternative of.
fn is_attachment(leaf: &Leaf<'_>) -> bool {
    let content = &leaf.part.content;
    let is_alternative = leaf.within == b"alternative" && content.main == b"text" && !content.is_attachment();
    !leaf.is_body("plain") && !leaf.is_body("html") && !is_alternative
}

fn attachment(message: &Message<'_>, leaf: &Leaf<'_>) -> AttachmentSummary {
    let part = leaf.part;
    let content = &part.content;
    let text = |bytes: &Option<Vec<u8>>| cut(word::decode(bytes.as_deref().unwrap_or_default()));
    let content_id = text(&content.id).trim_matches(['<', '>', ' ']).to_owned();
    let body = message.body(part).unwrap_or_default();
    let size = content.encoding().decoded_size(body, part.lines);
    let disposed_inline = content.disposition.as_ref().is_some_and(|d| d.value == b"inline");
    AttachmentSummary {
        section: leaf.path.clone(),
        name: cut(content.file_name().unwrap_or_else(|| made_up_name(message, part))),
        content_type: format!("{}/{}", charset::guess(&content.main), charset::guess(&content.sub)),
        size_bytes: u64::try_from(size).unwrap_or(u64::MAX),
        inline: !content.is_attachment()
            && (disposed_inline || (leaf.within == b"related" && !content_id.is_empty())),
        content_id,
        content_location: text(&content.location),
    }
}

fn made_up_name(message: &Message<'_>, part: &Part) -> String {
    if part.kind == Kind::Message
        && let Some(embedded) = part.children.first().and_then(|at| message.part(*at))
    {
        let head = Head::read(message.head(embedded).unwrap_or_default());
        let subject = word::decode(&field::unfold(head.subject.unwrap_or_default()));
        let safe: String =
            subject.chars().filter(|c| !c.is_control() && !"/\\:*?\"<>|".contains(*c)).take(80).collect();
        return format!("{}.eml", if safe.trim().is_empty() { "message" } else { safe.trim() });
    }
    let extension = match (part.content.main.as_slice(), part.content.sub.as_slice()) {
        (b"text", b"plain") => "txt",
        (b"text", b"calendar") => "ics",
        (b"text", b"vcard" | b"x-vcard") => "vcf",
        (b"text" | b"image" | b"audio" | b"video", sub) if sub.len() <= 5 && sub.is_ascii() => {
            return format!("attachment.{}", charset::guess(sub));
        }
        (b"application", b"pdf") => "pdf",
        (b"application", b"pgp-signature") => "asc",
        (b"application", b"pkcs7-signature" | b"x-pkcs7-signature") => "p7s",
        (b"application", b"pkcs7-mime" | b"x-pkcs7-mime") => "p7m",
        _ => "bin",
    };
    format!("attachment.{extension}")
}

/// Class, signed, encrypted.
fn classify(message: &Message<'_>, leaves: &[Leaf<'_>]) -> (MessageClass, bool, bool) {
    let Some(root) = message.part(0).map(|part| &part.content) else {
        return (MessageClass::Note, false, false);
    };
    let parameter = |name: &str| root.parameters.plain(name).unwrap_or_default().to_ascii_lowercase();
    if root.is("application", "pkcs7-mime") || root.is("application", "x-pkcs7-mime") {
        let signed = parameter("smime-type") == b"signed-data";
        return (MessageClass::Smime, signed, !signed);
    }
    if root.is("multipart", "signed") {
        let smime = parameter("protocol").ends_with(b"pkcs7-signature");
        return (if smime { MessageClass::SmimeMultipartSigned } else { MessageClass::Note }, true, false);
    }
    if root.is("multipart", "encrypted") {
        return (MessageClass::Note, false, true);
    }
    if root.is("multipart", "report") {
        return (report_class(message, leaves, &parameter("report-type")), false, false);
    }
    let calendar = leaves.iter().find(|leaf| leaf.part.content.is("text", "calendar"));
    (calendar.map_or(MessageClass::Note, |leaf| meeting_class(&peek(message, leaf))), false, false)
}

fn report_class(message: &Message<'_>, leaves: &[Leaf<'_>], kind: &[u8]) -> MessageClass {
    match kind {
        b"disposition-notification" => MessageClass::ReportRead,
        b"delivery-status" => {
            let status = leaves.iter().find(|leaf| leaf.part.content.main == b"message");
            let text = status.map(|leaf| peek(message, leaf)).unwrap_or_default();
            let action = text.lines().find_map(|line| line.strip_prefix("ACTION:")).unwrap_or_default();
            match action.trim() {
                "DELIVERED" | "RELAYED" | "EXPANDED" => MessageClass::ReportDelivered,
                "DELAYED" => MessageClass::ReportDelayed,
                _ => MessageClass::ReportNotDelivered,
            }
        }
        _ => MessageClass::Note,
    }
}

/// RFC 5546: METHOD of the object, PARTSTAT of an answer.
fn meeting_class(calendar: &str) -> MessageClass {
    let method = calendar.lines().find_map(|line| line.strip_prefix("METHOD:")).unwrap_or_default();
    match method.trim() {
        "REQUEST" => MessageClass::MeetingRequest,
        "CANCEL" => MessageClass::MeetingCanceled,
        "REPLY" if calendar.contains("PARTSTAT=ACCEPTED") => MessageClass::MeetingAccepted,
        "REPLY" if calendar.contains("PARTSTAT=DECLINED") => MessageClass::MeetingDeclined,
        "REPLY" if calendar.contains("PARTSTAT=TENTATIVE") => MessageClass::MeetingTentative,
        _ => MessageClass::Note,
    }
}

/// The beginning of a part in upper case, with folded lines joined (RFC 5545 section 3.1).
fn peek(message: &Message<'_>, leaf: &Leaf<'_>) -> String {
    let body = message.body(leaf.part).unwrap_or_default();
    let bytes = leaf.part.content.encoding().decode(body.get(..PEEK_BYTES_MAX).unwrap_or(body));
    charset::guess(&bytes).replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "").to_ascii_uppercase()
}
