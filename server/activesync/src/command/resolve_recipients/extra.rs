//! What else is told of somebody: when it is busy, how it looks, how to encrypt for it.

use activesync_wire::command::resolve_recipients::{
    Busy, CertificateRetrieval, Certificates, Options, Picture, merged_free_busy,
};
use activesync_wire::status::{AvailabilityStatus, CertificatesStatus, PictureStatus};
use bytes::Bytes;
use contact::Card;
use storage::{Error, Refusal, Stored, right};
use workflow::meeting::{BusyTimes, busy_times};

use super::find::{Book, Found, Place};
use crate::call::Call;
use crate::certificate;

/// Most people whose time is asked for: MS-ASCMD R7499.
const BUSY_MAX: usize = 100;
/// Most members of a list whose times are merged: MS-ASCMD R4626.
const MEMBERS_MAX: usize = 20;
/// Contacts of one address that are looked at.
const CARDS_MAX: usize = 5;
/// All photos of an answer together, in bytes.
const PICTURE_BYTES_MAX: usize = 8 << 20;
/// All certificates of an answer together, in bytes.
const CERTIFICATE_BYTES_MAX: usize = 4 << 20;

/// What is told, within the bounds of the whole answer.
pub(super) struct Extras<'a> {
    call: &'a Call,
    options: &'a Options,
    book: &'a Book,
    /// People whose time was asked for.
    asked: usize,
    /// Photos for this recipient of the request, and bytes of all.
    pictures: u32,
    picture_bytes: usize,
    certificates: usize,
    certificate_bytes: usize,
}

impl<'a> Extras<'a> {
    pub(super) fn new(call: &'a Call, options: &'a Options, book: &'a Book) -> Self {
        let (asked, pictures, picture_bytes, certificates, certificate_bytes) = (0, 0, 0, 0, 0);
        Self { call, options, book, asked, pictures, picture_bytes, certificates, certificate_bytes }
    }

    /// Another recipient of the request: MaxPictures counts for each (MS-ASCMD R3290).
    pub(super) fn begin(&mut self) {
        self.pictures = 0;
    }

    /// When somebody, or anybody of a list, is busy.
    pub(super) async fn busy(&mut self, found: &Found) -> storage::Result<Option<Busy>> {
        let Some(availability) = &self.options.availability else { return Ok(None) };
        let people = match &found.members {
            Some(members) if members.len() > MEMBERS_MAX => {
                return Ok(Some(Err(AvailabilityStatus::GroupTooLarge)));
            }
            Some(members) => members.as_slice(),
            None => std::slice::from_ref(&found.address),
        };
        self.asked += people.len();
        if self.asked > BUSY_MAX {
            return Ok(Some(Err(AvailabilityStatus::TooManyRecipients)));
        }
        let (call, range) = (self.call, &availability.range);
        let (mut periods, mut is_known) = (Vec::new(), false);
        for address in people {
            let asker = &call.login.account;
            match busy_times(call.store(), asker, call.principal(), address, range.clone()).await {
                Ok(BusyTimes::Known(found)) => {
                    is_known = true;
                    periods.extend(found);
                }
                Ok(BusyTimes::Nobody | BusyTimes::Hidden) => {}
                // More than can be told, or something passing.
                Err(Error::Refusal(_)) => return Ok(Some(Err(AvailabilityStatus::TemporaryFailure))),
                Err(fault) => return Err(fault),
            }
        }
        Ok(Some(match is_known {
            true => Ok(merged_free_busy(range, &periods)),
            false => Err(AvailabilityStatus::NotAvailable),
        }))
    }

    /// The photo of the first contact with the address that has one.
    pub(super) async fn picture(&mut self, found: &Found) -> storage::Result<Option<Picture>> {
        let Some(limits) = self.options.pictures else { return Ok(None) };
        let mut picture = None;
        for place in self.book.cards(&found.address).take(CARDS_MAX) {
            let card = self.card(place).await?;
            picture = card.and_then(|bytes| Card::read(&bytes).ok()?.picture);
            if picture.is_some() {
                break;
            }
        }
        Ok(Some(match picture {
            None => Err(PictureStatus::NoPicture),
            Some(bytes) if bytes.len() > limits.bytes_max as usize => Err(PictureStatus::TooLarge),
            Some(bytes)
                if self.pictures >= limits.count_max
                    || self.picture_bytes + bytes.len() > PICTURE_BYTES_MAX =>
            {
                Err(PictureStatus::LimitReached)
            }
            Some(bytes) => {
                self.pictures += 1;
                self.picture_bytes += bytes.len();
                Ok(bytes)
            }
        }))
    }

    /// The certificates of somebody, or of everybody of a list: all or none (MS-ASCMD R3254).
    pub(super) async fn certificates(&mut self, found: &Found) -> storage::Result<Option<Certificates>> {
        let people = match &found.members {
            Some(members) => members.as_slice(),
            None => std::slice::from_ref(&found.address),
        };
        let mut certificates: Vec<Vec<u8>> = Vec::new();
        match self.options.certificates {
            CertificateRetrieval::No => return Ok(None),
            CertificateRetrieval::Mini => {}
            CertificateRetrieval::Full => {
                for address in people {
                    for certificate in self.certificates_of(address).await? {
                        if !certificates.contains(&certificate) {
                            certificates.push(certificate);
                        }
                    }
                }
            }
        }
        let (count, recipient_count) = (certificates.len(), people.len());
        let bytes: usize = certificates.iter().map(Vec::len).sum();
        let has_room = self.certificates + count
            <= usize::try_from(self.options.certificates_max).unwrap_or(usize::MAX)
            && self.certificate_bytes + bytes <= CERTIFICATE_BYTES_MAX;
        let status = match (count, has_room) {
            (0, _) => CertificatesStatus::NoCertificate,
            (_, false) => CertificatesStatus::LimitReached, // MS-ASCMD R3255
            (_, true) => CertificatesStatus::Success,
        };
        if status == CertificatesStatus::Success {
            self.certificates += count;
            self.certificate_bytes += bytes;
        } else {
            certificates.clear();
        }
        Ok(Some(Certificates { status, count, recipient_count, certificates }))
    }

    async fn certificates_of(&self, address: &str) -> storage::Result<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        for place in self.book.cards(address).take(CARDS_MAX) {
            let card = self.card(place).await?.unwrap_or_default();
            found.extend(contact::keys(&card));
        }
        let now = self.call.now();
        found.retain(|key| certificate::is_usable(key, now));
        Ok(found)
    }

    /// `None`: it is gone, or may no longer be seen.
    async fn card(&self, place: Place) -> storage::Result<Option<Bytes>> {
        let Place { folder, uid } = place;
        let find = move |tx: &storage::Read<'_>| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            Ok(tx.contents(&grant, &[uid.0..=uid.0], false)?.pop().map(|(_, stored)| stored))
        };
        let stored: Option<Stored> = match self.call.store().read(self.call.principal(), find).await {
            Ok(stored) => stored,
            Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => None,
            Err(error) => return Err(error),
        };
        match stored {
            Some(stored) => Ok(Some(self.call.store().load(stored).await?)),
            None => Ok(None),
        }
    }
}
