//! What the answer to an Add or Change of 16.x tells of the item.

use wbxml::Element;
use wbxml::page::{airsync_base, email2};

/// To which conversation a draft belongs: MS-ASEMAIL R1184 and R1190.
pub fn told_conversation(data: &mut Element, id: &[u8; 16], index: &[u8]) {
    data.push(Element::opaque(email2::CONVERSATION_ID, id.to_vec()));
    data.push(Element::opaque(email2::CONVERSATION_INDEX, index.to_vec()));
}

/// How files that were added are called now, by the client's names for them: MS-ASAIRS R1082, R1336 and section 2.2.2.7.
pub fn told_attachments(data: &mut Element, files: impl Iterator<Item = (String, String)>) {
    let mut list = Element::new(airsync_base::ATTACHMENTS);
    for (client_id, reference) in files {
        let file = Element::new(airsync_base::ATTACHMENT)
            .with_text(airsync_base::CLIENT_ID, client_id)
            .with_text(airsync_base::FILE_REFERENCE, reference);
        list.push(file);
    }
    if !list.is_empty() {
        data.push(list);
    }
}
