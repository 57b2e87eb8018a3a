//! Any bytes can be asked for a card; setting what is read changes nothing, and what is set is read.

#![no_main]

use contact::{Card, CardChange, Change, Query, TextField, describe, edit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = describe(bytes);
    if let Ok(query) = Query::new(bytes) {
        for property in ["FN", "TEL", "item1.EMAIL", "N"].into_iter().flat_map(|name| query.properties(name))
        {
            let _ = (property.text(), property.parameter("TYPE"));
        }
    }
    let Ok(card) = Card::read(bytes) else { return };
    let mut same = card.texts().fold(CardChange::new(), |change, (field, text)| change.set(field, text));
    same.birthday = card.birthday.map_or(Change::Keep, Change::Set);
    same.children = Change::Set(card.children.clone());
    same.categories = Change::Set(card.categories.clone());
    same.picture = card.picture.clone().map_or(Change::Keep, Change::Set);
    assert_eq!(edit(bytes, &same).expect("it was read"), bytes, "nothing was changed");

    let field = TextField::ALL[bytes.len() % TextField::ALL.len()];
    let after = edit(bytes, &CardChange::new().set(field, "new; text\nof a phone")).expect("it was read");
    let after = Card::read(&after).expect("it was written");
    assert_eq!(after.text(field), Some("new; text\nof a phone"));
});
