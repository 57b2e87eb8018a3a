//! Items as phones see them and as they are stored: one file for each class, and here what they have in
//! common.

pub(crate) mod calendar;
mod contact;
pub(crate) mod email;
mod note;
mod task;
mod viewer;

pub(crate) use viewer::{LateViewer, Viewer, Wanted};

use activesync_wire::item::calendar::Event;
use activesync_wire::item::contact::Contact;
use activesync_wire::item::email::Email;
use activesync_wire::item::note::Note;
use activesync_wire::item::task::Task;
use activesync_wire::item::{BodyData, Class, ConversionError, Destination, Selection, Supported};
use activesync_wire::server_id::ServerId;
use storage::{Item, Parsed};
use vocabulary::Timestamp;
use wbxml::Element;

/// An item as it is written.
#[derive(Debug)]
pub(crate) enum Content {
    Email(Box<Email>),
    Event(Box<Event>),
    Contact(Box<Contact>),
    Task(Box<Task>),
    Note(Box<Note>),
}

/// A stored item with its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) id: ServerId,
    pub(crate) item: &'a Item,
    pub(crate) parsed: &'a Parsed,
    pub(crate) bytes: &'a [u8],
}

impl Content {
    /// The whole item.
    ///
    /// # Errors
    /// If the bytes are no item of the class.
    pub(crate) fn whole(source: Source<'_>, viewer: &Viewer) -> Result<Self, ConversionError> {
        let bytes = source.bytes;
        match viewer.class {
            Class::Email | Class::Sms => Ok(Self::Email(Box::new(email::whole(source, viewer)))),
            Class::Calendar => {
                let mut event = calendar::show(bytes, viewer)?;
                event.name_attachments(source.id);
                Ok(Self::Event(Box::new(event)))
            }
            Class::Contacts => contact::show(bytes, viewer).map(Box::new).map(Self::Contact),
            Class::Tasks => task::show(bytes, viewer).map(Box::new).map(Self::Task),
            Class::Notes => note::show(bytes, viewer).map(Box::new).map(Self::Note),
        }
    }

    /// Writes what stands inside ApplicationData or Properties.
    pub(crate) fn write(&self, selection: Selection<'_>, destination: Destination<'_>) {
        match self {
            Self::Email(email) => email.write(selection, destination),
            Self::Event(event) => event.write(selection, destination),
            Self::Contact(contact) => contact.write(selection, destination),
            Self::Task(task) => task.write(selection, destination),
            Self::Note(note) => note.write(selection, destination),
        }
    }

    /// Size of the body as it is written.
    pub(crate) fn body_bytes(&self) -> usize {
        let body = match self {
            Self::Email(email) => email.body.as_ref(),
            Self::Event(event) => event.body.value(),
            Self::Contact(contact) => contact.body.value(),
            Self::Task(task) => task.body.value(),
            Self::Note(note) => note.body.value(),
        };
        match body.and_then(|body| body.data.as_ref()) {
            Some(BodyData::Text(text)) => text.len(),
            Some(BodyData::Message(bytes)) => bytes.len(),
            None => 0,
        }
    }
}

/// Whether an item looks different to a viewer than it did at `told`. Only a series does without having changed.
pub(crate) fn has_aged(bytes: &[u8], viewer: &Viewer, told: Timestamp) -> bool {
    viewer.class == Class::Calendar && calendar::has_aged(bytes, viewer, told)
}

/// What a client says of an event, contact, task or note.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Edit<'a> {
    /// `ApplicationData` of an Add or a Change.
    Whole(&'a Element),
    /// `ApplicationData` for the occurrence of an InstanceId (16.0).
    Instance(&'a str, &'a Element),
    /// The occurrence of an InstanceId does not take place (16.0).
    WithoutInstance(&'a str),
}

/// Who says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Author<'a> {
    pub(crate) viewer: &'a Viewer,
    pub(crate) supported: &'a Supported,
    /// UID of an object that comes to be.
    pub(crate) uid: &'a str,
}

/// What it makes of the stored bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edited {
    pub(crate) bytes: Vec<u8>,
    /// A further item: the occurrence of a task that was completed.
    pub(crate) also: Option<Vec<u8>>,
    /// The item is not as the client believes now, and is to be told again.
    pub(crate) restore: bool,
}

impl From<Vec<u8>> for Edited {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, also: None, restore: false }
    }
}

/// Bytes of an item after an edit; `old` is `None` for a new one.
///
/// # Errors
/// Item status 6.
pub(crate) fn edit(
    old: Option<&[u8]>,
    edit: Edit<'_>,
    author: Author<'_>,
) -> Result<Edited, ConversionError> {
    let data = match edit {
        _ if author.viewer.class == Class::Calendar => return calendar::edit(old, edit, author),
        Edit::Whole(data) => data,
        Edit::Instance(..) | Edit::WithoutInstance(_) => {
            return Err(ConversionError("only events have occurrences of their own"));
        }
    };
    match author.viewer.class {
        Class::Contacts => contact::edit(old, data, author),
        Class::Tasks => task::edit(old, data, author),
        Class::Notes => note::edit(old, data, author),
        Class::Email | Class::Sms | Class::Calendar => Err(ConversionError("mail is not made of fields")),
    }
}

/// By what an object that a client adds is known again, whatever request it comes with.
pub(crate) fn identity(data: &Element, viewer: &Viewer) -> Identity {
    match viewer.class {
        Class::Calendar => calendar::identity(data, viewer),
        Class::Email | Class::Sms | Class::Contacts | Class::Tasks | Class::Notes => Identity::Request,
    }
}

/// What names an object that a client adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Its UID.
    Uid(String),
    /// A word of the client's own (MS-ASCAL R2061, R2062).
    ClientUid(String),
    /// The command.
    Request,
}
