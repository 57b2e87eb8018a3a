//! Events, contacts, tasks and notes: only what is seen of them can be looked for.

use activesync_wire::convert::texts::texts;
use mime::search::{Content, Facts, Haystack};

/// Decides everything by the bytes.
pub(super) fn read(facts: &mut Facts, contents: &[Content], bytes: &[u8]) {
    for at in 0..contents.len() {
        facts.learn(at, false);
    }
    texts(bytes, |text| {
        let hay = Haystack::new(text);
        for (at, content) in contents.iter().enumerate() {
            if let Content::Seen(needle) = content
                && needle.is_among(&hay)
            {
                facts.learn(at, true);
            }
        }
    });
}
