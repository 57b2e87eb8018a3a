//! What a client asks of Sync. The tree stays where it is: commands borrow their ApplicationData, for the
//! class of the collection to read.
//!
//! A request without a body repeats the last one (MS-ASCMD R658); the server keeps that one's bytes.

use std::str::FromStr;

use wbxml::page::{airsync as page, airsync_base, email2};
use wbxml::{Element, Tag};

use super::options::{self, Options};
use crate::error::RequestError;
use crate::item::Class;
use crate::parse;
use crate::server_id::FolderId;
use crate::status::SyncStatus;
use crate::sync_key::ClientKey;

/// Most collections of one request; above it status 15 (MS-ASCMD R4463).
pub const COLLECTIONS_MAX: usize = 200;
/// Most commands of one collection.
pub const COMMANDS_MAX: usize = 4096;
/// Window if none is asked: MS-ASCMD R4767.
pub const WINDOW_SIZE_DEFAULT: u16 = 100;
/// Largest window; 0 means this too: MS-ASCMD R4768.
pub const WINDOW_SIZE_MAX: u16 = 512;
/// Shortest and longest Wait, in minutes: MS-ASCMD R4745.
pub const WAIT_MINUTES: (u32, u32) = (1, 59);
/// Shortest and longest HeartbeatInterval, in seconds: MS-ASCMD R3229, R3230.
pub const HEARTBEAT_SECONDS: (u32, u32) = (60, 3540);

/// A whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// In the order of the request, which is the order of service (MS-ASCMD R4777).
    pub collections: Vec<Collection<'a>>,
    /// Wait so long for changes, in seconds, from Wait or HeartbeatInterval.
    pub hold_seconds: Option<u32>,
    /// Bound on the changes of all collections together.
    pub window_size: Option<u16>,
    /// The collections not named are as in the last request (MS-ASCMD R3644).
    pub partial: bool,
}

/// One collection of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection<'a> {
    /// As the client sent it, to be echoed.
    pub id: String,
    /// Up to 12.1 only.
    pub class: Option<Class>,
    /// Where the client stands.
    pub key: ClientKey,
    /// The properties that the client manages (MS-ASCMD section 2.2.3.179); at key 0 only, later ones are
    /// ignored (R4552). `Some(vec![])` is an empty Supported element.
    pub supported: Option<Vec<Tag>>,
    /// Deleted items go to the trash (MS-ASCMD R2160).
    pub deletes_as_moves: bool,
    /// Server changes are wanted.
    pub get_changes: bool,
    /// 1 to [`WINDOW_SIZE_MAX`].
    pub window_size: u16,
    /// Mails of the same conversation are wanted whatever their age.
    pub conversation_mode: bool,
    /// `None` if the request has no Options: the last ones stay in force (MS-ASCMD R3598).
    pub options: Option<Vec<Options>>,
    /// What the client did.
    pub commands: Vec<ClientCommand<'a>>,
}

/// One thing that the client did. Ids are as the client sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCommand<'a> {
    /// A new item.
    Add {
        /// The client's name for it until the answer.
        client_id: String,
        /// If it is not of the collection's class.
        class: Option<Class>,
        /// `ApplicationData`.
        data: &'a Element,
        /// A draft to be sent at once (16.0): MS-ASEMAIL R1389.
        send: bool,
    },
    /// Another version of an item.
    Change {
        /// Which item.
        server_id: String,
        /// Which occurrence of it (16.0).
        instance_id: Option<String>,
        /// `ApplicationData`; absent only if a draft is to be sent as it is.
        data: Option<&'a Element>,
        /// A draft to be sent (16.0).
        send: bool,
    },
    /// The end of an item.
    Delete {
        /// Which item.
        server_id: String,
        /// Which occurrence of it (16.0).
        instance_id: Option<String>,
    },
    /// The whole item is wanted.
    Fetch {
        /// Which item.
        server_id: String,
    },
}

impl Request<'_> {
    /// What is left of it once its commands have run: nothing of the tree that it was read from.
    #[must_use]
    pub fn without_commands(self) -> Request<'static> {
        let Self { collections, hold_seconds, window_size, partial } = self;
        let collections = collections.into_iter().map(Collection::without_commands).collect();
        Request { collections, hold_seconds, window_size, partial }
    }
}

impl<'a> Request<'a> {
    /// Reads `<Sync>`.
    ///
    /// # Errors
    /// Status 4 for whatever the schema forbids, 13 if nothing is named, 14 with the nearest wait allowed,
    /// 15 with the number of collections allowed.
    pub fn parse(root: &'a Element) -> Result<Self, RequestError> {
        parse::expect_root(root, page::SYNC)?;
        let partial = parse::flag(root.child(page::PARTIAL));
        let hold_seconds = hold(root)?;
        let window_size = root.child(page::WINDOW_SIZE).map(window_size).transpose()?;
        let collections = collections(root)?;
        if collections.is_empty() {
            if !partial {
                return Err(own(SyncStatus::Incomplete, None, "Sync names no collection"));
            }
            if hold_seconds.is_none() && window_size.is_none() {
                return Err(RequestError::Structure("Partial stands alone")); // MS-ASCMD R3642
            }
        }
        Ok(Self { collections, hold_seconds, window_size, partial })
    }
}

fn own(status: SyncStatus, limit: Option<u32>, reason: &'static str) -> RequestError {
    RequestError::Own { status: status.code(), limit, reason }
}

fn hold(root: &Element) -> Result<Option<u32>, RequestError> {
    match (root.child(page::WAIT), root.child(page::HEARTBEAT_INTERVAL)) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(RequestError::Structure("Wait and HeartbeatInterval")), // MS-ASCMD R3162
        (Some(wait), None) => Ok(Some(within(wait, WAIT_MINUTES)? * 60)),
        (None, Some(heartbeat)) => within(heartbeat, HEARTBEAT_SECONDS).map(Some),
    }
}

/// MS-ASCMD R3160, R3226: what is out of range is answered with the nearest value.
fn within(element: &Element, (least, most): (u32, u32)) -> Result<u32, RequestError> {
    let asked: i64 = parse::number(element).ok_or(RequestError::Structure("wait is no number"))?;
    match u32::try_from(asked) {
        Ok(asked) if (least..=most).contains(&asked) => Ok(asked),
        _ => {
            let nearest = if asked < i64::from(least) { least } else { most };
            Err(own(SyncStatus::InvalidWait, Some(nearest), "wait out of range"))
        }
    }
}

fn window_size(element: &Element) -> Result<u16, RequestError> {
    let asked: u32 = parse::number(element).ok_or(RequestError::Structure("WindowSize is no number"))?;
    Ok(match u16::try_from(asked) {
        Ok(asked @ 1..=WINDOW_SIZE_MAX) => asked,
        _ => WINDOW_SIZE_MAX, // MS-ASCMD R4768
    })
}

fn collections(root: &Element) -> Result<Vec<Collection<'_>>, RequestError> {
    let Some(list) = root.child(page::COLLECTIONS) else { return Ok(Vec::new()) };
    let mut collections = Vec::new();
    for element in list.all(page::COLLECTION) {
        if collections.len() == COLLECTIONS_MAX {
            let limit = u32::try_from(COLLECTIONS_MAX).ok();
            return Err(own(SyncStatus::TooManyCollections, limit, "too many collections")); // MS-ASCMD R3231
        }
        collections.push(Collection::parse(element)?);
    }
    Ok(collections)
}

impl Collection<'_> {
    fn without_commands(self) -> Collection<'static> {
        Collection {
            id: self.id,
            class: self.class,
            key: self.key,
            supported: self.supported,
            deletes_as_moves: self.deletes_as_moves,
            get_changes: self.get_changes,
            window_size: self.window_size,
            conversation_mode: self.conversation_mode,
            options: self.options,
            commands: Vec::new(),
        }
    }
}

impl<'a> Collection<'a> {
    fn parse(element: &'a Element) -> Result<Self, RequestError> {
        check_order(element)?;
        let key = parse::required(element, page::SYNC_KEY, "collection has no SyncKey")?;
        let key = ClientKey::parse(&key);
        let primes = key == ClientKey::Initial;
        let supported = element.child(page::SUPPORTED).filter(|_| primes);
        Ok(Self {
            id: parse::required(element, page::COLLECTION_ID, "collection has no CollectionId")?, // R4545
            class: options::class(element)?,
            key,
            supported: supported.map(|list| list.children().map(|child| child.tag).collect()),
            deletes_as_moves: parse::child_boolean(
                element,
                page::DELETES_AS_MOVES,
                true, // MS-ASCMD R2161
                "DeletesAsMoves is no boolean",
            )?,
            get_changes: get_changes(element, primes)?,
            window_size: match element.child(page::WINDOW_SIZE) {
                None => WINDOW_SIZE_DEFAULT,
                Some(child) => window_size(child)?,
            },
            conversation_mode: parse::child_boolean(
                element,
                page::CONVERSATION_MODE,
                false,
                "ConversationMode is no boolean",
            )?,
            options: all_options(element)?,
            commands: commands(element)?,
        })
    }

    /// The folder, if the id has the form of ours.
    #[must_use]
    pub fn folder(&self) -> Option<FolderId> {
        FolderId::from_str(&self.id).ok()
    }

    /// What can be checked only once the class of the collection is known.
    ///
    /// # Errors
    /// Status 4 for a filter that the class does not have, for conversations of what is no mail (MS-ASCMD
    /// R2117), for options of two classes other than mail and SMS (R935), and for Supported elements of notes
    /// (MS-ASNOTE R114).
    pub fn check(&self, class: Class) -> Result<(), RequestError> {
        if self.supported.is_some() && class == Class::Notes {
            return Err(RequestError::Structure("Supported of notes"));
        }
        if self.conversation_mode && class != Class::Email {
            return Err(RequestError::Structure("ConversationMode without mail"));
        }
        for options in self.options.iter().flatten() {
            options.check(class)?;
            let foreign = options.class.is_some_and(|asked| asked != class);
            let text_messages = class == Class::Email && options.class == Some(Class::Sms);
            if foreign && !text_messages {
                return Err(RequestError::Structure("Options of a class that the collection does not hold"));
            }
        }
        Ok(())
    }

    /// The options for the collection's own class: those of SMS never overwrite those of mail.
    #[must_use]
    pub fn own_options(&self, class: Class) -> Option<&Options> {
        self.options.as_ref()?.iter().find(|options| options.class.is_none_or(|asked| asked == class))
    }
}

/// MS-ASCMD R976, R4546. Class stands first in 12.1 and is free elsewhere.
fn check_order(element: &Element) -> Result<(), RequestError> {
    const ORDER: [Tag; 9] = [
        page::SYNC_KEY,
        page::COLLECTION_ID,
        page::SUPPORTED,
        page::DELETES_AS_MOVES,
        page::GET_CHANGES,
        page::WINDOW_SIZE,
        page::CONVERSATION_MODE,
        page::OPTIONS,
        page::COMMANDS,
    ];
    let mut last = None;
    for child in element.children() {
        let Some(place) = ORDER.iter().position(|tag| *tag == child.tag) else { continue };
        let repeats = last == Some(place) && child.tag != page::OPTIONS;
        if last.is_some_and(|last| place < last) || repeats {
            return Err(RequestError::Structure("collection out of order"));
        }
        last = Some(place);
    }
    Ok(())
}

/// MS-ASCMD R5555, R5556 (the default), R3127 (empty means yes), R3128 and R5838 (not at key 0).
fn get_changes(element: &Element, primes: bool) -> Result<bool, RequestError> {
    let present = element.child(page::GET_CHANGES).is_some();
    let wanted = parse::child_boolean(element, page::GET_CHANGES, true, "GetChanges is no boolean")?;
    if !primes {
        return Ok(wanted);
    }
    if present && wanted { Err(RequestError::Structure("GetChanges at key 0")) } else { Ok(false) }
}

fn all_options(element: &Element) -> Result<Option<Vec<Options>>, RequestError> {
    let mut all: Vec<Options> = Vec::new();
    for child in element.all(page::OPTIONS) {
        let options = Options::parse(child)?;
        if all.iter().any(|other| other.class == options.class) {
            return Err(RequestError::Structure("Options of a class stand twice")); // MS-ASCMD R930
        }
        all.push(options);
    }
    Ok(if all.is_empty() { None } else { Some(all) })
}

fn commands(element: &Element) -> Result<Vec<ClientCommand<'_>>, RequestError> {
    let Some(list) = element.child(page::COMMANDS) else { return Ok(Vec::new()) };
    let mut commands = Vec::new();
    for child in list.children() {
        if commands.len() == COMMANDS_MAX {
            return Err(RequestError::Structure("too many commands"));
        }
        commands.extend(command(child)?);
    }
    Ok(commands)
}

/// `None` for an element that is no command.
fn command(element: &Element) -> Result<Option<ClientCommand<'_>>, RequestError> {
    let server_id = || parse::required(element, page::SERVER_ID, "command has no ServerId"); // MS-ASCMD R3929
    let instance_id = || parse::optional(element, airsync_base::INSTANCE_ID);
    let data = element.child(page::APPLICATION_DATA);
    Ok(Some(match element.tag {
        page::ADD => ClientCommand::Add {
            client_id: parse::required(element, page::CLIENT_ID, "Add has no ClientId")?, // MS-ASCMD R955
            class: options::class(element)?,
            data: data.ok_or(RequestError::Structure("Add has no ApplicationData"))?,
            send: sends(element),
        },
        page::CHANGE => {
            let send = sends(element);
            if data.is_none() && !send {
                return Err(RequestError::Structure("Change has no ApplicationData"));
            }
            ClientCommand::Change { server_id: server_id()?, instance_id: instance_id()?, data, send }
        }
        page::DELETE => {
            // What is not understood may be what spares the rest, as InstanceId does.
            let known = [page::SERVER_ID, page::CLASS, airsync_base::INSTANCE_ID];
            if element.children().any(|child| !known.contains(&child.tag)) {
                return Err(RequestError::Structure("Delete has an unknown element"));
            }
            ClientCommand::Delete { server_id: server_id()?, instance_id: instance_id()? }
        }
        page::FETCH => ClientCommand::Fetch { server_id: server_id()? },
        _ => return Ok(None),
    }))
}

/// MS-ASEMAIL R1386 puts Send beside ApplicationData; some clients put it inside.
fn sends(element: &Element) -> bool {
    let inside = || element.child(page::APPLICATION_DATA).and_then(|data| data.child(email2::SEND));
    element.child(email2::SEND).or_else(inside).is_some()
}
