//! Any bytes that have a card can be had in both versions: bounded, as text, and the same again after a while.

#![no_main]

use contact::{Index, Target, convert, declared_version, index};
use libfuzzer_sys::fuzz_target;

/// To version 4.0 and to 3.0. `None`: there is no card, or more of it than is read.
fn round(bytes: &[u8]) -> Option<Vec<u8>> {
    let four = convert(bytes, Target::V4_0).ok()?.into_owned();
    Some(convert(&four, Target::V3_0).ok()?.into_owned())
}

fuzz_target!(|bytes: &[u8]| {
    let kept = index(bytes);
    assert!(kept.is_empty() || Index::read(&kept).is_some());
    for target in [Target::V3_0, Target::V4_0] {
        let Ok(converted) = convert(bytes, target) else { return };
        assert_eq!(declared_version(&converted).as_deref(), Some(target.number()));
        assert!(converted.len() <= 16 * bytes.len() + 1_000);
    }
    let Some(once) = round(bytes) else { return };
    assert!(std::str::from_utf8(&once).is_ok());
    let Some(thrice) = round(&once).and_then(|twice| round(&twice)) else { return };
    assert!(thrice.len() <= 2 * once.len() + 1_000);
    if let Some(again) = round(&thrice) {
        assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&thrice));
    }
});
