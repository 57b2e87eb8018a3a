//! Kinds and roles of accounts and folders, and the doors that lead to them.

/// A word of the database or of the command line that names none of the known kinds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not one of {1}")]
pub struct UnknownWord(pub String, pub &'static str);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the database and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord(word.to_owned(), concat!($($word, " "),+))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What an account is sold as: a template of the doors that are open to it.
    AccountKind {
        /// POP3, submission and the web.
        Pop3 = "pop3",
        /// The same and IMAP.
        Imap = "imap",
        /// Every door.
        Exchange = "exchange",
    }
}

words! {
    /// What stands behind an account.
    AccountClass {
        /// A human being.
        Person = "person",
        /// A mailbox that several people work in.
        Shared = "shared",
        /// A room that can be booked.
        Room = "room",
        /// A car, a projector.
        Resource = "resource",
    }
}

words! {
    /// What a folder holds.
    CollectionKind {
        /// RFC 5322 messages.
        Mail = "mail",
        /// iCalendar events.
        Calendar = "calendar",
        /// vCards.
        Contacts = "contacts",
        /// iCalendar to-dos.
        Tasks = "tasks",
        /// Notes.
        Notes = "notes",
        /// Scheduling messages that came in: RFC 6638 section 2.2. No mailbox, and no folder of a phone.
        Schedule = "schedule",
        /// Bytes of any kind, and collections within collections.
        Files = "files",
    }
}

words! {
    /// What kind of object an item is that is no mail.
    Component {
        /// RFC 5545 section 3.6.1.
        Event = "event",
        /// RFC 5545 section 3.6.2.
        Todo = "todo",
        /// RFC 5545 section 3.6.3; notes are journals.
        Journal = "journal",
        /// RFC 6350.
        Card = "card",
        /// Bytes that the house does not read.
        File = "file",
    }
}

words! {
    /// Where collections live side by side: the name of a resource is unique there.
    Home {
        /// IMAP's mailboxes.
        Mailboxes = "mailboxes",
        /// RFC 4791 section 6.2.1: calendars, task lists, notes.
        Calendars = "calendars",
        /// RFC 6352 section 7.1.1.
        AddressBooks = "addressbooks",
        /// RFC 6638 section 2: scheduling inboxes.
        Scheduling = "scheduling",
        /// Plain files: here names are unique within each collection.
        Files = "files",
    }
}

words! {
    /// Identity of a special folder (its name is only for people): RFC 6154, MS-ASCMD `Type`.
    Role {
        /// Where mail arrives; cannot be removed or renamed away.
        Inbox = "inbox",
        /// RFC 6154 `\Drafts`.
        Drafts = "drafts",
        /// RFC 6154 `\Sent`.
        Sent = "sent",
        /// RFC 6154 `\Trash`.
        Trash = "trash",
        /// RFC 6154 `\Junk`.
        Junk = "junk",
        /// RFC 6154 `\Archive`.
        Archive = "archive",
        /// ActiveSync outbox: always empty on the server.
        Outbox = "outbox",
        /// The default calendar.
        Calendar = "calendar",
        /// The default address book.
        Contacts = "contacts",
        /// The default task list.
        Tasks = "tasks",
        /// The default notes.
        Notes = "notes",
        /// RFC 6638 section 2.2.
        ScheduleInbox = "schedule-inbox",
        /// The root of the account's plain files.
        Files = "files",
    }
}

words! {
    /// The protocol through which somebody acts; written to the `activity` table.
    Door {
        /// RFC 9051.
        Imap = "imap",
        /// RFC 1939.
        Pop3 = "pop3",
        /// RFC 2033.
        Lmtp = "lmtp",
        /// RFC 6409.
        Submission = "submission",
        /// MS-ASCMD.
        ActiveSync = "activesync",
        /// RFC 4918, 4791, 6352.
        Dav = "dav",
        /// Kontor's own pages.
        Web = "web",
        /// The operator's command line.
        Admin = "admin",
    }
}

impl CollectionKind {
    /// Where collections of this kind live.
    #[must_use]
    pub fn home(self) -> Home {
        match self {
            Self::Mail => Home::Mailboxes,
            Self::Calendar | Self::Tasks | Self::Notes => Home::Calendars,
            Self::Contacts => Home::AddressBooks,
            Self::Schedule => Home::Scheduling,
            Self::Files => Home::Files,
        }
    }

    /// Whether collections of this kind are shown at a door: phones and mail programs have no use for plain files, and
    /// are told by mail what a schedule inbox holds.
    #[must_use]
    pub fn is_shown_at(self, door: Door) -> bool {
        match self {
            Self::Mail | Self::Calendar | Self::Contacts | Self::Tasks | Self::Notes => true,
            Self::Schedule => matches!(door, Door::Dav | Door::Admin),
            Self::Files => matches!(door, Door::Dav | Door::Web | Door::Admin),
        }
    }
}

impl AccountKind {
    /// Whether an account of this kind may come through a door.
    #[must_use]
    pub fn opens(self, door: Door) -> bool {
        match door {
            Door::Pop3 | Door::Lmtp | Door::Submission | Door::Web | Door::Admin => true,
            Door::Imap => self >= Self::Imap,
            Door::ActiveSync | Door::Dav => self == Self::Exchange,
        }
    }
}
