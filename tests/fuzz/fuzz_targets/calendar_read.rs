//! Any bytes are an object or are refused; edits give objects again, and what is set is read.

#![no_main]

use calendar::edit::{self, Change, Field, Target};
use calendar::{Moment, Object, Zone, describe};
use libfuzzer_sys::fuzz_target;
use vocabulary::Timestamp;

fuzz_target!(|bytes: &[u8]| {
    let described = describe(bytes);
    let Ok(object) = Object::parse(bytes) else {
        assert!(described.is_err());
        return;
    };
    if let Ok(described) = described {
        assert!(described.end.is_none() || described.start <= described.end);
    }
    let change = Change {
        summary: Field::Set("Fuzz, \"all\"; of\nit".to_owned()),
        priority: Field::Set(3),
        attendees: Field::Set(object.components[0].attendees.clone()),
        stamp: Some(Timestamp(0)),
        ..Change::default()
    };
    if let Ok(after) = edit::change(bytes, Target::Master, &change) {
        let read = Object::parse(&after).expect("an edited object is an object");
        let component = read.master().or(read.components.first()).expect("an object has a component");
        assert_eq!(component.summary.as_deref(), Some("Fuzz, \"all\"; of\nit"));
        assert_eq!(component.priority, Some(3));
        assert_eq!(edit::change(&after, Target::Master, &change).as_deref(), Ok(&after[..]));
    }
    for occurrence in object.components.iter().filter_map(|component| component.start.as_ref()) {
        let _ = edit::add_override(bytes, occurrence);
        let _ = edit::add_exception(bytes, occurrence);
        let _ = edit::remove_exception(bytes, &Moment::Date(occurrence.local().date()));
    }
    let _ = edit::drop_exceptions(bytes);
    let _ = edit::advance(bytes, &Zone::utc());
    let _ = edit::completed_copy(bytes, "copy", Timestamp(0));
});
