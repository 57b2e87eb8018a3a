//! The one meeting authority: whoever writes a meeting by whatever door, each guest is told once.
//!
//! `calendar::schedule` decides, this carries out:
//! 1. A door reads the object that is there and asks [`plan`] what its write amounts to.
//! 2. It writes the planned bytes in a transaction that finds the object as it was read, and in the same transaction
//!    [`Letters::post`] puts what is to be told into the outbox.
//! 3. After the commit, and at the start of the server, [`deliver`] takes each letter out of the outbox in the
//!    transaction that changes its recipients' calendars, schedule inboxes and mailboxes. A crash anywhere loses nothing
//!    and tells nobody twice.
//!
//! What comes in by mail takes the same way: the transaction that stores the mail posts a letter, whose delivery changes
//! the recipient's calendar and leaves the mail as it is.
//!
//! Recipients elsewhere get a mail in the queue, from which the mail transport takes it (RFC 6047).

mod busy;
mod calendars;
mod commit;
mod delegate;
mod deliver;
mod effect;
mod forward;
mod incoming;
mod letter;
mod mail;
mod occurrence;
mod people;
mod plan;
mod removal;
mod repeat;
mod respond;
mod room;
mod taken;

pub use busy::{BusyAnswer, BusyTimes, FREE_BUSY, FreeBusyPolicy, busy_times, free_busy};
pub use calendars::{
    CALENDAR_AVAILABILITY, CALENDAR_TRANSPARENCY, DEFAULT_CALENDAR, TRANSPARENT, default_calendar,
};
pub use commit::Letters;
pub use delegate::{makes_delegate, may_send_for};
pub use deliver::{deliver, deliver_in_task, deliver_left};
pub use forward::{FORWARDEES_MAX, Forward, Forwardee, forward};
pub use occurrence::{Meant, occurrence};
pub use plan::{PlanError, Planned, Writer, is_address_of, names_somebody, plan};
pub use removal::{RemovalOfAll, plan_removal_of_all};
pub use repeat::repeated;
pub use respond::{AnswerError, Answered, Meeting, Response, respond};
pub use taken::{Taken, Window, taken};

pub(crate) use commit::post;
pub(crate) use incoming::{Origin, invitation_in};
pub(crate) use letter::Guest;
pub(crate) use plan::owner_addresses;
