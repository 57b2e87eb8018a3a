//! Who acted for somebody: RFC 5545 section 3.2.18.

use super::address::normal;
use super::copy::Copy;
use super::message::Method;

/// A message in which `sender` is said to have let `delegate` act: the line of the organiser, or in what an attendee
/// says that of the attendee, has SENT-BY. `None`: no line names the sender.
#[must_use]
pub fn sent_by(object: &[u8], method: Method, sender: &str, delegate: &str) -> Option<Vec<u8>> {
    let copy = Copy::parse(object).ok()?;
    let (sender, uri) = (normal(sender), format!("mailto:{}", normal(delegate)));
    let is_sender = |address: &str| address == sender;
    let mut edit = copy.document.edit();
    let mut is_said = false;
    for people in &copy.people {
        let line = match method {
            Method::Reply | Method::Counter | Method::Refresh => people.find(is_sender),
            Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => {
                people.organizer.as_ref().filter(|organizer| is_sender(&organizer.address))
            }
        };
        if let Some(person) = line {
            edit.set_parameter(person.line, "SENT-BY", &[&uri]);
            is_said = true;
        }
    }
    is_said.then(|| edit.finish())
}
