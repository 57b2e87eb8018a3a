//! Any object in any window: the occurrences are in the window, in order, within the limits.
//!
//! The first 16 octets are the window.

#![no_main]

use calendar::{ComponentKind, Limits, Object, Zone, alarm_overlaps, occurrences, overlaps};
use libfuzzer_sys::fuzz_target;
use vocabulary::Timestamp;

const LIMITS: Limits = Limits { occurrences_max: 200, steps_max: 20_000 };

fuzz_target!(|input: &[u8]| {
    let Some((window, bytes)) = input.split_at_checked(16) else { return };
    let Ok(object) = Object::parse(bytes) else { return };
    let end = |octets: &[u8]| Timestamp(i64::from_le_bytes(octets.try_into().unwrap_or_default()));
    let window = end(&window[..8])..end(&window[8..]);
    for floating in [Zone::utc(), Zone::by_name("America/St_Johns").expect("a zone of the database")] {
        let expansion = occurrences(&object, window.clone(), &floating, &LIMITS);
        assert!(expansion.occurrences.len() <= LIMITS.occurrences_max);
        assert!(expansion.occurrences.is_sorted_by_key(|occurrence| occurrence.start));
        for occurrence in &expansion.occurrences {
            assert!(occurrence.start <= occurrence.end && occurrence.overlaps(&window));
            assert!(occurrence.component < object.components.len());
        }
    }
    let kind = object.kind();
    let _ = overlaps(&object, kind, &window, &Zone::utc());
    let _ = alarm_overlaps(&object, kind, &window, &Zone::utc());
    assert!(kind == ComponentKind::Event || !overlaps(&object, ComponentKind::Event, &window, &Zone::utc()));
});
