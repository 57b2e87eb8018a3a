//! Addresses: of a message that is to be sent, and in the texts that phones write.

use activesync_wire::status::CommonStatus;
use mime::Mailbox;
use vocabulary::EmailAddress;

/// Whom a message names: To, Cc and Bcc.
///
/// # Errors
/// [`CommonStatus::NoRecipient`], [`CommonStatus::RecipientUnresolved`], and
/// [`CommonStatus::SubmissionFailed`] for more recipients than one mail may have.
pub(crate) fn recipients(message: &[u8]) -> Result<Vec<EmailAddress>, CommonStatus> {
    let head = message.get(..mime::header::head_length(message)).unwrap_or(message);
    let summary = mime::describe(head).summary;
    let fields = [&summary.to, &summary.cc, &summary.bcc];
    if fields.iter().any(|field| field.len() >= mime::SUMMARY_ADDRESSES_MAX) {
        // The summary stops there: whoever stands behind would silently get nothing.
        return Err(CommonStatus::SubmissionFailed);
    }
    let mut recipients = Vec::new();
    for mailbox in summary.to.iter().chain(&summary.cc).chain(&summary.bcc) {
        let address = EmailAddress::parse(&mailbox.address).map_err(|_| CommonStatus::RecipientUnresolved)?;
        if !recipients.contains(&address) {
            recipients.push(address);
        }
    }
    if recipients.is_empty() { Err(CommonStatus::NoRecipient) } else { Ok(recipients) }
}

/// Mailboxes out of a text as phones write it.
pub(crate) fn mailboxes(text: &str) -> Vec<Mailbox> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    mime::describe(format!("To: {line}\r\n\r\n").as_bytes()).summary.to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_named_gets_the_mail_once() {
        let message =
            b"To: \"A, B\" <a@x.test>, b@x.test\r\nCc: <b@x.test>\r\nBcc: c@x.test\r\n\r\nTo: d@x.test\r\n";
        let found: Vec<String> = recipients(message).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found, ["a@x.test", "b@x.test", "c@x.test"]);
        assert_eq!(recipients(b"Subject: x\r\n\r\n"), Err(CommonStatus::NoRecipient));
        assert_eq!(recipients(b"To: nobody\r\n\r\n"), Err(CommonStatus::RecipientUnresolved));
    }

    #[test]
    fn texts_of_phones_become_mailboxes() {
        let list = mailboxes("\"Ann \\\"A\\\" Ex\" <a@x.test>, M\u{fc}ller <m@x.test>\r\nBcc: evil@x.test");
        assert_eq!(list[0].name, "Ann \"A\" Ex");
        assert_eq!(list[1].address, "m@x.test");
        assert_eq!(list.len(), 2);
    }
}
