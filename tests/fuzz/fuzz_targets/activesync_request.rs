//! A query string or a document is a request of every command, or an error of it.
//!
//! The first byte says which: up to 127 a query string, above it a document, which is given to all commands.

#![no_main]

use activesync_wire::Version;
use activesync_wire::command::{
    find, folder_change, folder_sync, get_item_estimate, move_items, ping, provision, search, send_mail, settings,
    sync,
};
use activesync_wire::query::{DEVICE_ID_CHARACTERS_MAX, DEVICE_TYPE_BYTES_MAX, Query};
use libfuzzer_sys::fuzz_target;
use wbxml::{Limits, decode};

fuzz_target!(|input: &[u8]| match input.split_first() {
    Some((0..=127, query)) => read_query(&String::from_utf8_lossy(query)),
    Some((_, document)) => read_document(document),
    None => (),
});

fn read_query(query: &str) {
    let Ok(query) = Query::parse(query) else { return };
    assert!(query.device_id.len() <= DEVICE_ID_CHARACTERS_MAX);
    assert!(query.device_type.len() <= DEVICE_TYPE_BYTES_MAX);
    let _ = send_mail::Request::from_query(&query, b"Subject: x\r\n\r\n");
}

fn read_document(document: &[u8]) {
    let Ok(root) = decode(document, &Limits::default()) else { return };
    let _ = folder_change::Request::parse(&root);
    let _ = folder_sync::Request::parse(&root);
    let _ = get_item_estimate::parse(&root);
    let _ = move_items::parse(&root);
    let _ = ping::Request::parse(&root);
    let _ = settings::parse(&root);
    let _ = find::Request::parse(&root, vocabulary::Timestamp(0));
    for version in Version::ALL {
        let _ = provision::Request::parse(&root, version);
        let _ = search::parse(&root, version);
        let _ = send_mail::Request::parse(&root, version);
    }
    if let Ok(request) = sync::Request::parse(&root) {
        assert!(request.collections.len() <= sync::request::COLLECTIONS_MAX);
        for collection in &request.collections {
            let _ = collection.folder();
        }
    }
}
