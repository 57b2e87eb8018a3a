//! Any bytes are jCal or jCard or are refused; what was taken is a sound document. Any document has a JSON form that is
//! taken back. After the first time both stay as they are.

#![no_main]

use content_line::Document;
use libfuzzer_sys::fuzz_target;

/// A way to JSON, and the way back. `None`: there is nothing, or more than is taken.
struct Ways {
    to_json: fn(&[u8]) -> Option<Vec<u8>>,
    from_json: fn(&[u8]) -> Option<Vec<u8>>,
}

const WAYS: [Ways; 2] = [
    Ways { to_json: |bytes| calendar::to_json(bytes).ok(), from_json: |json| calendar::from_json(json).ok() },
    Ways { to_json: |bytes| contact::to_json(bytes).ok(), from_json: |json| contact::from_json(json).ok() },
];

fn there_and_back(ways: &Ways, bytes: &[u8]) -> Option<Vec<u8>> {
    let json = (ways.to_json)(bytes)?;
    assert!(std::str::from_utf8(&json).is_ok());
    (ways.from_json)(&json)
}

fuzz_target!(|bytes: &[u8]| {
    for ways in WAYS {
        let json_taken = (ways.from_json)(bytes);
        if let Some(taken) = &json_taken {
            let document = Document::parse(taken).expect("what is taken keeps the limits");
            assert!(document.faults().is_empty(), "{:?}", document.faults());
        }
        for document in json_taken.iter().map(Vec::as_slice).chain([bytes]) {
            let Some(once) = there_and_back(&ways, document) else { continue };
            let Some(twice) = there_and_back(&ways, &once) else { continue };
            let thrice = there_and_back(&ways, &twice).expect("it was taken before");
            assert_eq!(String::from_utf8_lossy(&thrice), String::from_utf8_lossy(&twice));
        }
    }
});
