//! People by their mail addresses, however a client has named them.

use super::copy::Copy;
use crate::edit::plain;

/// The object with `mailto:` in place of other calendar user addresses, such as the URIs of principals: `mail_of` gives the
/// mail address of one that is none. `None`: nobody is named so, or the bytes are no calendar object.
#[must_use]
pub fn by_mail(bytes: &[u8], mail_of: &dyn Fn(&str) -> Option<String>) -> Option<Vec<u8>> {
    let copy = Copy::parse(bytes).ok()?;
    let mut edit = copy.document.edit();
    let mut is_changed = false;
    for people in &copy.people {
        for person in people.organizer.iter().chain(&people.attendees) {
            let line = copy.document.line(person.line);
            if let Some(mail) = line.and_then(|line| mail_of(&line.value())) {
                edit.set_value(person.line, &plain(format!("mailto:{mail}")));
                is_changed = true;
            }
        }
    }
    is_changed.then(|| edit.finish())
}
