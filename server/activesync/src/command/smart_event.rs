//! An event as a message that can be answered and forwarded: what it says as text, and itself as a file.

use calendar::schedule::normal;
use calendar::{Object, Zone};
use mime::Mailbox;
use mime::compose::{Attachment, Draft};
use vocabulary::Timestamp;
use workflow::meeting;

/// The message; `None` if the bytes are no event, or it has no such occurrence. With an occurrence the whole series is not
/// told.
pub(super) fn as_mail(bytes: &[u8], instance: Option<Timestamp>, zone: &Zone) -> Option<Vec<u8>> {
    let object = Object::parse(bytes).ok()?;
    let master = object.master().or(object.components.first())?;
    let (component, begins) = match instance {
        Some(at) => {
            let meant = meeting::occurrence(&object, at, zone)?;
            (meant.component, Some(meant.start))
        }
        None => (master, master.start.as_ref().map(|start| object.instant(start, zone))),
    };
    let mailbox = |name: &Option<String>, address: &str| Mailbox {
        name: name.clone().unwrap_or_default(),
        address: normal(address).trim_start_matches("mailto:").to_owned(),
    };
    let organizer = component.organizer.as_ref();
    let from = organizer.map(|one| mailbox(&one.name, &one.address)).unwrap_or_default();
    let subject = component.summary.clone().unwrap_or_default();
    let mut text = String::new();
    if let Some(begins) = begins {
        text.push_str(&format!(
            "When: {} ({zone})\r\n",
            zone.local(begins).format("%Y-%m-%d %H:%M"),
            zone = zone.name()
        ));
    }
    if let Some(location) = &component.location {
        text.push_str(&format!("Where: {location}\r\n"));
    }
    text.push_str(&format!("\r\n{}\r\n", component.description.as_deref().unwrap_or_default()));
    let file = || Attachment {
        name: "meeting.ics".to_owned(),
        content_type: "text/calendar".to_owned(),
        bytes: bytes.to_vec(),
    };
    let id = component.uid.clone().unwrap_or_default();
    let date = component.stamp.or(begins).unwrap_or(Timestamp(0));
    let to = component.attendees.iter().map(|one| mailbox(&one.name, &one.address)).collect();
    let draft = Draft {
        to,
        attachments: if instance.is_none() { vec![file()] } else { Vec::new() },
        ..Draft::plain(from.clone(), from, &subject, &text, date, &id)
    };
    // No mail can answer it by that.
    Some(mime::header::remove(&draft.build(), &["Message-ID"]).into_owned())
}
