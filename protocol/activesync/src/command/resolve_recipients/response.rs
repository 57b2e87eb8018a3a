//! What is answered.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wbxml::Element;
use wbxml::page::resolve_recipients as page;

use crate::status::{
    AvailabilityStatus, CertificatesStatus, PictureStatus, RecipientStatus, ResolveRecipientsStatus,
};

/// The answer for one `To`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// As the client wrote it.
    pub to: String,
    /// Whether it is known who is meant.
    pub status: RecipientStatus,
    /// How many there are; with a partial list more than are shown (MS-ASCMD R4283).
    pub count: usize,
    /// Who it is, or might be.
    pub recipients: Vec<Recipient>,
}

/// Where somebody was found: MS-ASCMD R4686.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// 1
    Directory,
    /// 2
    Contacts,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where it was found.
    pub source: Source,
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub address: String,
    /// When it is busy, if that was asked.
    pub busy: Option<Busy>,
    /// Its certificates, if they were asked for.
    pub certificates: Option<Certificates>,
    /// Its photo, if that was asked for.
    pub picture: Option<Picture>,
}

/// The digits of MergedFreeBusy, or why there are none.
pub type Busy = Result<String, AvailabilityStatus>;

/// The photo, or why there is none.
pub type Picture = Result<Vec<u8>, PictureStatus>;

/// The certificates of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// Whether they are here.
    pub status: CertificatesStatus,
    /// How many are here, or with status 8 how many were held back.
    pub count: usize,
    /// The members of a list; 1 for a person (MS-ASCMD R3768).
    pub recipient_count: usize,
    /// DER.
    pub certificates: Vec<Vec<u8>>,
}

/// `<ResolveRecipients>`.
#[must_use]
pub fn answer(responses: Vec<Response>) -> Element {
    let success = ResolveRecipientsStatus::Success.code().to_string();
    let document = Element::new(page::RESOLVE_RECIPIENTS).with_text(page::STATUS, success);
    responses.into_iter().map(response).fold(document, Element::with)
}

fn response(response: Response) -> Element {
    let element = Element::new(page::RESPONSE)
        .with_text(page::TO, response.to)
        .with_text(page::STATUS, response.status.code().to_string())
        .with_text(page::RECIPIENT_COUNT, response.count.to_string());
    response.recipients.into_iter().map(recipient).fold(element, Element::with)
}

fn recipient(recipient: Recipient) -> Element {
    let source = match recipient.source {
        Source::Directory => "1",
        Source::Contacts => "2",
    };
    let mut element = Element::new(page::RECIPIENT)
        .with_text(page::TYPE, source)
        .with_text(page::DISPLAY_NAME, recipient.name)
        .with_text(page::EMAIL_ADDRESS, recipient.address);
    if let Some(busy) = recipient.busy {
        let status = busy.as_ref().err().copied().unwrap_or(AvailabilityStatus::Success);
        let mut part = Element::new(page::AVAILABILITY).with_text(page::STATUS, status.code().to_string());
        if let Ok(digits) = busy {
            part.push(Element::text(page::MERGED_FREE_BUSY, digits));
        }
        element.push(part);
    }
    if let Some(certificates) = recipient.certificates {
        let mut part = Element::new(page::CERTIFICATES)
            .with_text(page::STATUS, certificates.status.code().to_string())
            .with_text(page::CERTIFICATE_COUNT, certificates.count.to_string())
            .with_text(page::RECIPIENT_COUNT, certificates.recipient_count.to_string());
        for certificate in certificates.certificates {
            part.push(Element::text(page::CERTIFICATE, STANDARD.encode(certificate)));
        }
        element.push(part);
    }
    if let Some(picture) = recipient.picture {
        let status = picture.as_ref().err().copied().unwrap_or(PictureStatus::Success);
        let mut part = Element::new(page::PICTURE).with_text(page::STATUS, status.code().to_string());
        if let Ok(bytes) = picture {
            part.push(Element::opaque(page::DATA, bytes));
        }
        element.push(part);
    }
    element
}
