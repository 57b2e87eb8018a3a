//! Any bytes are read or refused; what was read is the same when it is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wbxml::{Limits, decode, encode};

fuzz_target!(|document: &[u8]| {
    let limits = Limits { bytes_max: 1 << 20, ..Limits::default() };
    match decode(document, &limits) {
        Ok(tree) => {
            // Without string table and with more page switches it may be longer than it was.
            let limits = Limits { bytes_max: 4 << 20, ..limits };
            assert_eq!(decode(&encode(&tree), &limits), Ok(tree));
        }
        Err(error) => assert!(error.offset <= document.len(), "{error}"),
    }
});
