//! Cards that we author.

use content_line::{LineEnd, NewLine, Value, block, write_lines};

use crate::edit::{edit, wanted};
use crate::{CardChange, Change, TextField, name};

/// Who made a card: RFC 2426 section 3.6.3.
pub(crate) const PRODID: &str = "-//Kontor//Kontor//EN";

/// A new card of version 3.0 with these fields. `uid` must be unique in its address book.
pub fn new_card(uid: &str, fields: &CardChange) -> Vec<u8> {
    let text = |field| wanted(fields, field).apply(None);
    let formatted = match wanted(fields, TextField::FormattedName) {
        Change::Set(formatted) => formatted,
        Change::Keep | Change::Clear => name::formatted(text),
    };
    let lines = [
        NewLine::new("VERSION", Value::text("3.0")),
        NewLine::new("PRODID", Value::text(PRODID)),
        NewLine::new("UID", Value::text(uid)),
        NewLine::new("FN", Value::text(&formatted)),
        NewLine::new("N", Value::structured([[""]; 5])),
    ];
    let empty = write_lines(&block("VCARD", lines), LineEnd::CrLf);
    edit(&empty, fields).unwrap_or(empty)
}
