//! Any bytes are a request for Autodiscover, or are refused.

#![no_main]

use autodiscover_wire::{REQUEST_BYTES_MAX, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if Request::parse(bytes).is_ok() {
        assert!(bytes.len() <= REQUEST_BYTES_MAX);
    }
});
