//! Reports to a sender about recipients that could not be reached.
//!
//! A report is written to the outbox in the transaction that refused the recipient, and leaves it in
//! the transaction that puts it into the sender's Inbox: exactly one, whatever crashes in between.

use crate::fresh_id::fresh_id;
use crate::ingest::ingest;
use crate::submit::RecipientOutcome;
use mime::compose::Draft;
use storage::{Account, NewItem, Outgoing, Store, right};
use vocabulary::{Door, EmailAddress, Principal, Role, Timestamp};

/// The kind of these rows in the outbox.
pub(crate) const UNDELIVERED: &str = "undelivered";
/// Reports per look into the outbox.
const REPORTS_MAX: i64 = 100;

/// What a report needs besides the outcome.
pub(crate) struct Undelivered {
    to: mime::Mailbox,
    german: bool,
    subject: String,
    message_id: String,
    domain: String,
    now: Timestamp,
}

impl Undelivered {
    /// What `sender` wanted to tell about `subject`.
    pub(crate) fn about(sender: &Account, subject: String, now: Timestamp) -> storage::Result<Self> {
        let domain = sender.address.domain().to_owned();
        Ok(Self {
            to: mime::Mailbox { name: sender.name.clone(), address: sender.address.to_string() },
            german: sender.language == "de",
            subject,
            message_id: format!("{}@{domain}", fresh_id()?),
            domain,
            now,
        })
    }

    /// The report, if anybody was refused.
    pub(crate) fn build(self, outcomes: &[(EmailAddress, RecipientOutcome)]) -> Option<Vec<u8>> {
        let failed: String = outcomes
            .iter()
            .filter_map(|(address, outcome)| match outcome {
                RecipientOutcome::Refused(reason) => Some(format!("<{address}>: {reason}\r\n")),
                RecipientOutcome::Delivered => None,
            })
            .collect();
        if failed.is_empty() {
            return None;
        }
        let (title, text) = if self.german {
            ("Unzustellbar", "Diese Nachricht konnte nicht allen Empfängern zugestellt werden:")
        } else {
            ("Undelivered", "This message could not be delivered to all of its recipients:")
        };
        let report = Draft {
            from: mime::Mailbox { name: "Kontor".to_owned(), address: format!("postmaster@{}", self.domain) },
            sender: None,
            to: vec![self.to],
            subject: format!("{title}: {}", self.subject),
            text: format!("{text}\r\n\r\n{failed}"),
            html: None,
            calendar: None,
            attachments: Vec::new(),
            date: self.now,
            message_id: self.message_id,
            references: Vec::new(),
            fields: vec![("Auto-Submitted".to_owned(), "auto-replied".to_owned())],
        };
        Some(report.build())
    }
}

/// Puts every report that waits in the outbox into its sender's Inbox. Also run at start: a crash may
/// have left some.
///
/// # Errors
/// [`storage::Fault`]; what was not sent waits on.
pub async fn send_reports(store: &Store) -> storage::Result<()> {
    let house = Principal::System { door: Door::Submission };
    let due = store
        .read(&house, |tx| {
            let admin = tx.administer()?;
            tx.outbox_due(&admin, UNDELIVERED, REPORTS_MAX)
        })
        .await?;
    for report in due {
        send(store, &house, report).await?;
    }
    Ok(())
}

async fn send(store: &Store, house: &Principal, report: Outgoing) -> storage::Result<()> {
    let account = report.account;
    let content = ingest(store, account, report.payload.into()).await?;
    store
        .write(house, &[account], move |tx| {
            let admin = tx.administer()?;
            if !tx.settle_outgoing(&admin, account, report.id, None)? {
                // Another process was faster.
                return Ok(());
            }
            let inbox = tx.open_role::<right::Insert>(account, Role::Inbox)?;
            let now = tx.now();
            tx.insert(&inbox, &NewItem { counted: false, ..NewItem::mail(content, now) }).map(drop)
        })
        .await
}
