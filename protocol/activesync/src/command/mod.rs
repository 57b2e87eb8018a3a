//! The commands: one file each, requests in and answers out. MS-ASCMD section 2.2.1.

pub mod find;
pub mod folder_change;
pub mod folder_sync;
pub mod get_item_estimate;
pub mod item_operations;
pub mod meeting_response;
pub mod move_items;
pub mod options;
pub mod ping;
pub mod policy;
pub mod provision;
pub mod resolve_recipients;
pub mod search;
pub mod send_mail;
pub mod settings;
pub mod sync;
pub mod validate_cert;

use wbxml::{Element, Tag, page};

use crate::version::Version;

/// Every command that has a name in the protocol, built here or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Items of collections.
    Sync,
    /// A new message.
    SendMail,
    /// A forward; the server appends the original.
    SmartForward,
    /// A reply; the server appends the original.
    SmartReply,
    /// An attachment (12.1; from 14.0 on ItemOperations fetches it).
    GetAttachment,
    /// The folder hierarchy.
    FolderSync,
    /// A new folder.
    FolderCreate,
    /// A folder's end.
    FolderDelete,
    /// A folder's new name or parent.
    FolderUpdate,
    /// Items to other folders.
    MoveItems,
    /// How much Sync would bring.
    GetItemEstimate,
    /// Accept or decline.
    MeetingResponse,
    /// Directory and mailbox search.
    Search,
    /// Out of office, device and user.
    Settings,
    /// Wait for changes.
    Ping,
    /// Fetch, empty, move.
    ItemOperations,
    /// Policies and wipes.
    Provision,
    /// Recipients, certificates, free/busy.
    ResolveRecipients,
    /// Certificates.
    ValidateCert,
    /// Search of 16.1.
    Find,
}

/// Code of the base64 query (MS-ASHTTP R58 to R78), name, and whether this crate can read it.
const COMMANDS: &[(u8, &str, Command, bool)] = &[
    (0, "Sync", Command::Sync, true),
    (1, "SendMail", Command::SendMail, true),
    (2, "SmartForward", Command::SmartForward, true),
    (3, "SmartReply", Command::SmartReply, true),
    (4, "GetAttachment", Command::GetAttachment, true),
    (9, "FolderSync", Command::FolderSync, true),
    (10, "FolderCreate", Command::FolderCreate, true),
    (11, "FolderDelete", Command::FolderDelete, true),
    (12, "FolderUpdate", Command::FolderUpdate, true),
    (13, "MoveItems", Command::MoveItems, true),
    (14, "GetItemEstimate", Command::GetItemEstimate, true),
    (15, "MeetingResponse", Command::MeetingResponse, true),
    (16, "Search", Command::Search, true),
    (17, "Settings", Command::Settings, true),
    (18, "Ping", Command::Ping, true),
    (19, "ItemOperations", Command::ItemOperations, true),
    (20, "Provision", Command::Provision, true),
    (21, "ResolveRecipients", Command::ResolveRecipients, true),
    (22, "ValidateCert", Command::ValidateCert, true),
    (23, "Find", Command::Find, true),
];

impl Command {
    /// The commands that this crate reads and answers.
    pub fn supported() -> impl Iterator<Item = Self> {
        COMMANDS.iter().filter(|row| row.3).map(|row| row.2)
    }

    /// By the name of a plain query, without regard to case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        COMMANDS.iter().find(|row| row.1.eq_ignore_ascii_case(name)).map(|row| row.2)
    }

    /// By the code of a base64 query.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        COMMANDS.iter().find(|row| row.0 == code).map(|row| row.2)
    }

    /// As in the query and in MS-ASProtocolCommands.
    #[must_use]
    pub fn name(self) -> &'static str {
        COMMANDS.iter().find(|row| row.2 == self).map_or("", |row| row.1)
    }

    /// Whether requests of this version carry WBXML; mail is sent as the bare message before 14.0.
    #[must_use]
    pub fn has_document(self, version: Version) -> bool {
        match self {
            Self::SendMail | Self::SmartForward | Self::SmartReply => version >= Version::V14_0,
            Self::GetAttachment => false,
            _ => true,
        }
    }

    /// A document that says nothing but a status: `<Sync><Status>4</Status></Sync>`.
    ///
    /// `limit` becomes the element in which the command names the nearest allowed value, if it has one.
    #[must_use]
    pub fn status_document(self, status: u16, limit: Option<u32>) -> Element {
        let (root, tag) = self.tags();
        let document = Element::new(root).with(Element::text(tag, status.to_string()));
        match (limit, self.limit_tag(status)) {
            (Some(limit), Some(tag)) => document.with(Element::text(tag, limit.to_string())),
            _ => document,
        }
    }

    /// The command's own status for a request that breaks its schema.
    pub(crate) fn protocol_error(self) -> Option<u16> {
        match self {
            Self::Sync | Self::Ping => Some(4), // MS-ASCMD R4429, R4243
            Self::FolderSync | Self::FolderCreate | Self::FolderDelete | Self::FolderUpdate => Some(10),
            Self::ItemOperations | Self::Settings | Self::Provision => Some(2), // R7238, R4388, ASPROV R395
            Self::Find => Some(2),                                              // MS-ASCMD R72172512
            Self::ResolveRecipients => Some(5),                                 // MS-ASCMD R4270
            Self::ValidateCert => Some(2),                                      // MS-ASCMD R4476
            _ => None,
        }
    }

    fn limit_tag(self, status: u16) -> Option<Tag> {
        match (self, status) {
            (Self::Sync, 14 | 15) => Some(page::airsync::LIMIT), // MS-ASCMD R3223
            (Self::Ping, 5) => Some(page::ping::HEARTBEAT_INTERVAL), // MS-ASCMD R5690
            (Self::Ping, 6) => Some(page::ping::MAX_FOLDERS),    // MS-ASCMD R3259
            _ => None,
        }
    }

    /// Root element and its status element.
    fn tags(self) -> (Tag, Tag) {
        use page::{
            airsync, compose_mail, find, folder_hierarchy, get_item_estimate, item_operations,
            meeting_response, move_items, ping, provision, resolve_recipients, search, settings,
            validate_cert,
        };
        match self {
            Self::Sync => (airsync::SYNC, airsync::STATUS),
            Self::SendMail => (compose_mail::SEND_MAIL, compose_mail::STATUS),
            Self::SmartForward => (compose_mail::SMART_FORWARD, compose_mail::STATUS),
            Self::SmartReply => (compose_mail::SMART_REPLY, compose_mail::STATUS),
            Self::FolderSync => (folder_hierarchy::FOLDER_SYNC, folder_hierarchy::STATUS),
            Self::FolderCreate => (folder_hierarchy::FOLDER_CREATE, folder_hierarchy::STATUS),
            Self::FolderDelete => (folder_hierarchy::FOLDER_DELETE, folder_hierarchy::STATUS),
            Self::FolderUpdate => (folder_hierarchy::FOLDER_UPDATE, folder_hierarchy::STATUS),
            Self::MoveItems => (move_items::MOVE_ITEMS, move_items::STATUS),
            Self::GetItemEstimate => (get_item_estimate::GET_ITEM_ESTIMATE, get_item_estimate::STATUS),
            Self::MeetingResponse => (meeting_response::MEETING_RESPONSE, meeting_response::STATUS),
            Self::Search => (search::SEARCH, search::STATUS),
            Self::Settings => (settings::SETTINGS, settings::STATUS),
            Self::Ping => (ping::PING, ping::STATUS),
            Self::ItemOperations | Self::GetAttachment => {
                (item_operations::ITEM_OPERATIONS, item_operations::STATUS)
            }
            Self::Provision => (provision::PROVISION, provision::STATUS),
            Self::ResolveRecipients => (resolve_recipients::RESOLVE_RECIPIENTS, resolve_recipients::STATUS),
            Self::ValidateCert => (validate_cert::VALIDATE_CERT, validate_cert::STATUS),
            Self::Find => (find::FIND, find::STATUS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Answer, RequestError};

    #[test]
    fn every_command_reads_back_by_name_and_code() {
        for &(code, name, command, _) in COMMANDS {
            assert_eq!(Command::from_code(code), Some(command));
            assert_eq!(Command::from_name(name), Some(command));
            assert_eq!(command.name(), name);
        }
        assert_eq!(Command::from_code(5), None);
    }

    #[test]
    fn each_fault_has_its_answer_by_command_and_version() {
        let structure = RequestError::Structure("x");
        for (error, command, version, expected) in [
            (RequestError::WBXML, Command::FolderSync, Version::V12_1, Err(400)),
            (RequestError::WBXML, Command::FolderSync, Version::V14_1, Ok(102)),
            (RequestError::BODY, Command::Sync, Version::V16_1, Ok(101)),
            (RequestError::UNSUPPORTED, Command::Find, Version::V16_1, Ok(137)),
            (RequestError::UNSUPPORTED, Command::Search, Version::V12_1, Err(501)),
            (structure, Command::Sync, Version::V12_1, Ok(4)),
            (structure, Command::FolderSync, Version::V16_1, Ok(10)),
            (structure, Command::ItemOperations, Version::V14_1, Ok(2)),
            (structure, Command::MoveItems, Version::V14_1, Ok(103)),
            (structure, Command::MoveItems, Version::V12_1, Err(400)),
        ] {
            let answer = match error.answer(command, version) {
                Answer::Http(code) => Err(code),
                Answer::Document(document) => {
                    Ok(document.child_value(command.tags().1).unwrap().parse::<u16>().unwrap())
                }
            };
            assert_eq!(answer, expected, "{error:?} {command:?} {version}");
        }
    }

    #[test]
    fn limits_stand_in_the_element_of_the_command() {
        let sync = Command::Sync.status_document(14, Some(60));
        assert_eq!(sync.child_value(page::airsync::LIMIT).as_deref(), Some("60"));
        let ping = Command::Ping.status_document(5, Some(60));
        assert_eq!(ping.child_value(page::ping::HEARTBEAT_INTERVAL).as_deref(), Some("60"));
        assert_eq!(Command::Sync.status_document(4, Some(1)).children().count(), 1);
    }
}
