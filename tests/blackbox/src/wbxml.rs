//! The part of WBXML that a phone needs (MS-ASWBXML), written apart from the product's codec.

use std::fmt::Write as _;

/// Code pages: number, name, and the tags from token 5 upwards (`-` is a gap).
const PAGES: &[(u8, &str, &str)] = &[
    (
        0,
        "AirSync",
        "Sync Responses Add Change Delete Fetch SyncKey ClientId ServerId Status Collection Class Version CollectionId \
         GetChanges MoreAvailable WindowSize Commands Options FilterType Truncation RTFTruncation Conflict Collections \
         ApplicationData DeletesAsMoves NotifyGUID Supported SoftDelete MIMESupport MIMETruncation Wait Limit Partial \
         ConversationMode MaxItems HeartbeatInterval",
    ),
    (
        1,
        "Contacts",
        "Anniversary AssistantName AssistantPhoneNumber Birthday Body BodySize BodyTruncated Business2PhoneNumber \
         BusinessAddressCity BusinessAddressCountry BusinessAddressPostalCode BusinessAddressState \
         BusinessAddressStreet BusinessFaxNumber BusinessPhoneNumber CarPhoneNumber Categories Category Children Child \
         CompanyName Department Email1Address Email2Address Email3Address FileAs FirstName Home2PhoneNumber \
         HomeAddressCity HomeAddressCountry HomeAddressPostalCode HomeAddressState HomeAddressStreet HomeFaxNumber \
         HomePhoneNumber JobTitle LastName MiddleName MobilePhoneNumber OfficeLocation OtherAddressCity \
         OtherAddressCountry OtherAddressPostalCode OtherAddressState OtherAddressStreet PagerNumber RadioPhoneNumber \
         Spouse Suffix Title WebPage YomiCompanyName YomiFirstName YomiLastName CompressedRTF Picture Alias \
         WeightedRank",
    ),
    (
        2,
        "Email",
        "Attachment Attachments AttName AttSize Att0Id AttMethod - Body BodySize BodyTruncated DateReceived DisplayName \
         DisplayTo Importance MessageClass Subject Read To Cc From ReplyTo AllDayEvent Categories Category DtStamp \
         EndTime InstanceType BusyStatus Location MeetingRequest Organizer RecurrenceId Reminder ResponseRequested \
         Recurrences Recurrence Type Until Occurrences Interval DayOfWeek DayOfMonth WeekOfMonth MonthOfYear StartTime \
         Sensitivity TimeZone GlobalObjId ThreadTopic MIMEData MIMETruncated MIMESize InternetCPID Flag Status \
         ContentClass FlagType CompleteTime DisallowNewTimeProposal",
    ),
    (
        4,
        "Calendar",
        "Timezone AllDayEvent Attendees Attendee Email Name Body BodyTruncated BusyStatus Categories Category \
         CompressedRTF DtStamp EndTime Exception Exceptions Deleted ExceptionStartTime Location MeetingStatus \
         OrganizerEmail OrganizerName Recurrence Type Until Occurrences Interval DayOfWeek DayOfMonth WeekOfMonth \
         MonthOfYear Reminder Sensitivity Subject StartTime UID AttendeeStatus AttendeeType - - - - - - - - \
         DisallowNewTimeProposal ResponseRequested AppointmentReplyTime ResponseType CalendarType IsLeapMonth \
         FirstDayOfWeek OnlineMeetingConfLink OnlineMeetingExternalLink ClientUid",
    ),
    (5, "Move", "MoveItems Move SrcMsgId SrcFldId DstFldId Response Status DstMsgId"),
    (
        6,
        "GetItemEstimate",
        "GetItemEstimate Version Collections Collection Class CollectionId DateTime Estimate Response Status",
    ),
    (
        7,
        "FolderHierarchy",
        "Folders Folder DisplayName ServerId ParentId Type Response Status ContentClass Changes Add Delete Update \
         SyncKey FolderCreate FolderDelete FolderUpdate FolderSync Count",
    ),
    (
        8,
        "MeetingResponse",
        "CalendarId CollectionId MeetingResponse RequestId Request Result Status UserResponse - InstanceId - \
         ProposedStartTime ProposedEndTime SendResponse",
    ),
    (
        9,
        "Tasks",
        "Body BodySize BodyTruncated Categories Category Complete DateCompleted DueDate UtcDueDate Importance Recurrence \
         Type Start Until Occurrences Interval DayOfMonth DayOfWeek WeekOfMonth MonthOfYear Regenerate DeadOccur \
         ReminderSet ReminderTime Sensitivity StartDate UtcStartDate Subject CompressedRTF OrdinalDate SubOrdinalDate \
         CalendarType IsLeapMonth FirstDayOfWeek",
    ),
    (
        10,
        "ResolveRecipients",
        "ResolveRecipients Response Status Type Recipient DisplayName EmailAddress Certificates \
         Certificate MiniCertificate Options To CertificateRetrieval RecipientCount MaxCertificates \
         MaxAmbiguousRecipients CertificateCount Availability StartTime EndTime MergedFreeBusy Picture \
         MaxSize Data MaxPictures",
    ),
    (11, "ValidateCert", "ValidateCert Certificates Certificate CertificateChain CheckCRL Status"),
    (
        12,
        "Contacts2",
        "CustomerId GovernmentId IMAddress IMAddress2 IMAddress3 ManagerName CompanyMainPhone AccountName NickName MMS",
    ),
    (13, "Ping", "Ping AutdState Status HeartbeatInterval Folders Folder Id Class MaxFolders"),
    (
        14,
        "Provision",
        "Provision Policies Policy PolicyType PolicyKey Data Status RemoteWipe EASProvisionDoc DevicePasswordEnabled \
         AlphanumericDevicePasswordRequired RequireStorageCardEncryption PasswordRecoveryEnabled - AttachmentsEnabled \
         MinDevicePasswordLength MaxInactivityTimeDeviceLock MaxDevicePasswordFailedAttempts MaxAttachmentSize \
         AllowSimpleDevicePassword DevicePasswordExpiration DevicePasswordHistory AllowStorageCard AllowCamera \
         RequireDeviceEncryption AllowUnsignedApplications AllowUnsignedInstallationPackages \
         MinDevicePasswordComplexCharacters AllowWiFi AllowTextMessaging AllowPOPIMAPEmail AllowBluetooth AllowIrDA \
         RequireManualSyncWhenRoaming AllowDesktopSync MaxCalendarAgeFilter AllowHTMLEmail MaxEmailAgeFilter \
         MaxEmailBodyTruncationSize MaxEmailHTMLBodyTruncationSize RequireSignedSMIMEMessages \
         RequireEncryptedSMIMEMessages RequireSignedSMIMEAlgorithm RequireEncryptionSMIMEAlgorithm \
         AllowSMIMEEncryptionAlgorithmNegotiation AllowSMIMESoftCerts AllowBrowser AllowConsumerEmail \
         AllowRemoteDesktop AllowInternetSharing UnapprovedInROMApplicationList ApplicationName \
         ApprovedApplicationList Hash AccountOnlyRemoteWipe",
    ),
    (
        15,
        "Search",
        "Search - Store Name Query Options Range Status Response Result Properties Total EqualTo Value \
         And Or FreeText - DeepTraversal LongId RebuildResults LessThan GreaterThan - - UserName Password \
         ConversationId Picture MaxSize MaxPictures",
    ),
    (
        16,
        "GAL",
        "DisplayName Phone Office Title Company Alias FirstName LastName HomePhone MobilePhone \
         EmailAddress Picture Status Data",
    ),
    (
        17,
        "AirSyncBase",
        "BodyPreference Type TruncationSize AllOrNone - Body Data EstimatedDataSize Truncated Attachments Attachment \
         DisplayName FileReference Method ContentId ContentLocation IsInline NativeBodyType ContentType Preview \
         BodyPartPreference BodyPart Status Add Delete ClientId Content Location Annotation Street City State Country \
         PostalCode Latitude Longitude Accuracy Altitude AltitudeAccuracy LocationUri InstanceId",
    ),
    (
        18,
        "Settings",
        "Settings Status Get Set Oof OofState StartTime EndTime OofMessage AppliesToInternal AppliesToExternalKnown \
         AppliesToExternalUnknown Enabled ReplyMessage BodyType DevicePassword Password DeviceInformation Model IMEI \
         FriendlyName OS OSLanguage PhoneNumber UserInformation EmailAddresses SMTPAddress UserAgent EnableOutboundSMS \
         MobileOperator PrimarySmtpAddress Accounts Account AccountId AccountName UserDisplayName SendDisabled - \
         RightsManagementInformation",
    ),
    (
        20,
        "ItemOperations",
        "ItemOperations Fetch Store Options Range Total Properties Data Status Response Version Schema Part \
         EmptyFolderContents DeleteSubFolders UserName Password Move DstFldId ConversationId MoveAlways",
    ),
    (
        21,
        "ComposeMail",
        "SendMail SmartForward SmartReply SaveInSentItems ReplaceMime - Source FolderId ItemId LongId InstanceId Mime \
         ClientId Status AccountId - Forwardees Forwardee Name Email",
    ),
    (
        22,
        "Email2",
        "UmCallerID UmUserNotes UmAttDuration UmAttOrder ConversationId ConversationIndex LastVerbExecuted \
         LastVerbExecutionTime ReceivedAsBcc Sender CalendarType IsLeapMonth AccountId FirstDayOfWeek \
         MeetingMessageType - IsDraft Bcc Send",
    ),
    (23, "Notes", "Subject MessageClass LastModifiedDate Categories Category"),
    (
        25,
        "Find",
        "Find SearchId ExecuteSearch MailBoxSearchCriterion Query Status FreeText Options Range \
         DeepTraversal - - Response Result Properties Preview HasAttachments Total DisplayCc DisplayBcc \
         GalSearchCriterion - - - - - - MaxPictures MaxSize Picture",
    ),
];

const SWITCH_PAGE: u8 = 0x00;
const END: u8 = 0x01;
const STR_I: u8 = 0x03;
const OPAQUE: u8 = 0xC3;
const HAS_CONTENT: u8 = 0x40;
/// Version 1.3, unknown public identifier, UTF-8, no string table.
const HEADER: &[u8] = &[0x03, 0x01, 0x6A, 0x00];

/// One element. `tag` is `Page:Name`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// For instance `AirSync:SyncKey`.
    pub tag: String,
    /// Elements within.
    pub children: Vec<Element>,
    /// Text or opaque bytes within.
    pub content: Vec<u8>,
    /// Whether the content came, or goes, as opaque data instead of as an inline string.
    pub opaque: bool,
}

impl Element {
    /// An element with others within.
    pub fn of(tag: &str, children: impl IntoIterator<Item = Self>) -> Self {
        Self { tag: tag.to_owned(), children: children.into_iter().collect(), ..Self::default() }
    }

    /// An element with text.
    pub fn text(tag: &str, text: &str) -> Self {
        Self { tag: tag.to_owned(), content: text.as_bytes().to_vec(), ..Self::default() }
    }

    /// An element with opaque data.
    pub fn opaque(tag: &str, bytes: &[u8]) -> Self {
        Self { tag: tag.to_owned(), content: bytes.to_vec(), opaque: true, ..Self::default() }
    }

    /// The first element at a path of tags, each with or without its page.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, tag| element.children.iter().find(|child| child.is(tag)))
    }

    /// The direct children with a tag, with or without its page.
    pub fn all<'a>(&'a self, tag: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.is(tag))
    }

    fn is(&self, tag: &str) -> bool {
        self.tag == tag || self.tag.split(':').nth(1) == Some(tag)
    }

    /// The text at a path.
    pub fn get(&self, path: &str) -> Option<String> {
        self.at(path).map(|element| String::from_utf8_lossy(&element.content).into_owned())
    }

    /// For messages of failed tests.
    pub fn shown(&self) -> String {
        let mut out = String::new();
        self.show(0, &mut out);
        out
    }

    fn show(&self, depth: usize, out: &mut String) {
        let text = String::from_utf8_lossy(&self.content);
        let text: String = text.chars().take(200).collect();
        writeln!(out, "{:width$}{} {text}", "", self.tag, width = depth * 2).unwrap();
        for child in &self.children {
            child.show(depth + 1, out);
        }
    }
}

/// The bytes of a request.
pub fn encode(root: &Element) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    let mut page = 0;
    write(root, &mut page, &mut out);
    out
}

fn write(element: &Element, page: &mut u8, out: &mut Vec<u8>) {
    let (wanted, token) = token_of(&element.tag);
    if *page != wanted {
        out.extend([SWITCH_PAGE, wanted]);
        *page = wanted;
    }
    let empty = element.children.is_empty() && element.content.is_empty();
    out.push(if empty { token } else { token | HAS_CONTENT });
    for child in &element.children {
        write(child, page, out);
    }
    if element.opaque {
        out.push(OPAQUE);
        write_length(element.content.len(), out);
        out.extend_from_slice(&element.content);
    } else if !element.content.is_empty() {
        out.push(STR_I);
        out.extend_from_slice(&element.content);
        out.push(0);
    }
    if !empty {
        out.push(END);
    }
}

fn write_length(length: usize, out: &mut Vec<u8>) {
    let mut shift = usize::BITS - length.leading_zeros();
    shift = shift.saturating_sub(1) / 7 * 7;
    while shift > 0 {
        out.push(0x80 | u8::try_from(length >> shift & 0x7F).unwrap());
        shift -= 7;
    }
    out.push(u8::try_from(length & 0x7F).unwrap());
}

pub(crate) fn decode(bytes: &[u8]) -> Element {
    let body = bytes.strip_prefix(HEADER).unwrap_or_else(|| panic!("not WBXML of ActiveSync: {bytes:02x?}"));
    let mut rest = body.iter().copied();
    let mut page = 0;
    let mut open: Vec<Element> = vec![Element::default()];
    while let Some(token) = rest.next() {
        match token {
            SWITCH_PAGE => page = rest.next().unwrap(),
            END => close(&mut open),
            STR_I => {
                let text: Vec<u8> = rest.by_ref().take_while(|byte| *byte != 0).collect();
                open.last_mut().unwrap().content.extend(text);
            }
            OPAQUE => {
                let length = read_length(&mut rest);
                let content: Vec<u8> = rest.by_ref().take(length).collect();
                assert_eq!(content.len(), length, "opaque data are cut short");
                let element = open.last_mut().unwrap();
                element.content.extend(content);
                element.opaque = true;
            }
            tag => {
                assert!(tag & 0x80 == 0, "token {tag:02x} has attributes");
                open.push(Element { tag: tag_of(page, tag & 0x3F), ..Element::default() });
                if tag & HAS_CONTENT == 0 {
                    close(&mut open);
                }
            }
        }
    }
    assert_eq!(open.len(), 1, "{} elements are not closed", open.len() - 1);
    let mut roots = open.remove(0).children;
    assert_eq!(roots.len(), 1, "one root");
    roots.remove(0)
}

fn close(open: &mut Vec<Element>) {
    let element = open.pop().unwrap();
    open.last_mut().expect("more ENDs than elements").children.push(element);
}

fn read_length(rest: &mut impl Iterator<Item = u8>) -> usize {
    let mut length = 0;
    loop {
        let byte = rest.next().unwrap();
        length = length << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return length;
        }
    }
}

fn token_of(tag: &str) -> (u8, u8) {
    let (page_name, name) = tag.split_once(':').unwrap_or_else(|| panic!("{tag} has no page"));
    let (page, _, names) =
        PAGES.iter().find(|(_, page, _)| *page == page_name).unwrap_or_else(|| panic!("{tag}"));
    let index = names.split_whitespace().position(|known| known == name).unwrap_or_else(|| panic!("{tag}"));
    (*page, u8::try_from(index + 5).unwrap())
}

fn tag_of(page: u8, token: u8) -> String {
    let (_, page_name, names) =
        PAGES.iter().find(|(number, _, _)| *number == page).unwrap_or_else(|| panic!("code page {page}"));
    let name = usize::from(token).checked_sub(5).and_then(|index| names.split_whitespace().nth(index));
    format!("{page_name}:{}", name.unwrap_or_else(|| panic!("token {token:02x} of code page {page_name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let long = vec![7; 20_000];
        let root = Element::of(
            "AirSync:Sync",
            [Element::of(
                "AirSync:Options",
                [
                    Element::of("AirSyncBase:BodyPreference", [Element::text("AirSyncBase:Type", "ü1")]),
                    Element::of("AirSync:GetChanges", []),
                    Element::text("AirSync:FilterType", "0"),
                ],
            )],
        );
        assert_eq!(decode(&encode(&root)), root);
        let opaque = Element::opaque("ComposeMail:Mime", &long);
        assert_eq!(decode(&encode(&opaque)).content, long);
    }

    /// The first bytes of a FolderSync with key 0, as every phone sends them.
    #[test]
    fn a_known_request_has_the_known_bytes() {
        let request =
            Element::of("FolderHierarchy:FolderSync", [Element::text("FolderHierarchy:SyncKey", "0")]);
        let bytes = [0x03, 0x01, 0x6A, 0x00, 0x00, 0x07, 0x56, 0x52, 0x03, 0x30, 0x00, 0x01, 0x01];
        assert_eq!(encode(&request), bytes);
        assert_eq!(decode(&bytes), request);
    }
}
