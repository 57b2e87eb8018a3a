//! The store: rows, rights, numbers. Knows no protocol.
//!
//! One door: [`Store::write`] and [`Store::read`], each one transaction around a synchronous
//! closure, entered as a [`vocabulary::Principal`]. A folder is reached only through a [`Grant`] of
//! the right that is needed. Commit wakes readers, and every reader learns what changed from the
//! rows themselves ([`Read::changes_since`]). Design: ARCHITECTURE.md part 3.

mod absence;
mod access;
mod account;
mod attachment;
mod backend;
mod blob;
mod change;
mod check;
mod collection;
mod content;
mod conversation;
mod credential;
mod cursor;
mod delegation;
mod device;
mod device_access;
mod device_control;
mod device_event;
mod device_expiry;
mod domain;
mod entity;
mod error;
mod file;
mod file_property;
mod home;
mod identity;
mod item;
mod item_flags;
mod listing;
mod lock;
mod marks;
mod migration;
mod open;
mod property;
mod push;
mod queue;
mod recipient;
mod replace;
mod resource;
mod retention;
mod schedule;
mod setting;
mod share;
mod store;
mod transaction;
mod transfer;
mod wake;

pub use absence::{ABSENCE_REPLY_BYTES_MAX, Absence, AbsenceReply, Audience, Away};
pub use access::{Admin, Grant, right};
pub use account::{Account, Destination, NewAccount};
pub use attachment::{
    ATTACHMENT_NAME_BYTES_MAX, ATTACHMENT_TOKEN_BYTES_MAX, Attachment, AttachmentUse, Attachments,
    NewAttachment,
};
pub use change::{Before, Change, ChangeKind, Changes, Cursor};
pub use check::Violation;
pub use collection::{COLLECTIONS_MAX, Collection, NewCollection, Visible};
pub use content::{CONTENT_BYTES_MAX, INLINE_BYTES_MAX, Parsed, Prepared, Stored};
pub use credential::{
    APP_PASSWORDS_MAX, Credential, PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, PasswordKeys, ScramKeys,
};
pub use cursor::{CursorKey, RequestKey, STATE_BYTES_MAX};
pub use delegation::{Grantee, Group, Permission};
pub use device::{DEVICES_MAX, Device};
pub use device_access::{
    DEVICE_RULE_CHARACTERS_MAX, DEVICE_RULES_MAX, DeviceRule, DeviceRules, DeviceSettings, DeviceTrait,
    Verdict,
};
pub use device_control::{DeviceGate, WipeKind};
pub use device_event::{DeviceDeed, DeviceEvent};
pub use device_expiry::DeviceExpiry;
pub use domain::{Domain, QUOTA_BYTES};
pub use error::{Error, Fault, Refusal, Result, Subject};
pub use file::COPY_MEMBERS_MAX;
pub use home::{HomeLog, Vanished};
pub use identity::ResourceNames;
pub use item::{
    Added, COMPONENT_UID_BYTES_MAX, Item, ItemFlags, Moved, NewItem, RESOURCE_NAME_BYTES_MAX, UidRanges,
};
pub use item_flags::{FlagChange, FlagsChanged};
pub use listing::{Candidates, Listed};
pub use lock::{LOCK_OWNER_BYTES_MAX, LOCK_S_MAX, LOCKS_MAX, Lock, Locks, NewLock};
pub use marks::{FOLLOW_UP_BYTES_MAX, MarkChange, MarkStamps, Marks, Verb};
pub use open::announce_restore;
pub use property::{PROPERTIES_MAX, PROPERTY_BYTES_MAX};
pub use push::{
    DuePush, DuePushes, NewPush, PUSH_ENDPOINT_BYTES_MAX, PUSH_REGISTRATIONS_MAX, PushOutcome, Silenced, Told,
};
pub use queue::{Delivery, DueRecipient, Outgoing};
pub use recipient::{RECIPIENTS_KEPT_MAX, RECIPIENTS_OF_A_MAIL_MAX, Recipient};
pub use resource::Resource;
pub use retention::Swept;
pub use schedule::{PlacedObject, SCHEDULE_INBOX, SCHEDULE_MESSAGES_MAX, ScheduleTag};
pub use setting::{SETTING_BYTES_MAX, Scope};
pub use share::{Delegation, News, Notice, Share};
pub use store::{Clock, Database, Options, Store};
pub use transaction::{Read, Write};
pub use wake::{HouseWakes, Wakes, Whose};
