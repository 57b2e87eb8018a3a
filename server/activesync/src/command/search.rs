//! Search: MS-ASCMD section 2.2.1.16.
//!
//! Results are not kept between requests (RebuildResults is what every request does). Up to a thousand can be
//! retrieved, a hundred at a time; Total counts them, and no further.

use activesync_wire::body::MimeSupport;
use activesync_wire::command::search::{
    DirectoryQuery, MailboxQuery, Query, Range, ResponseWriter, failed, parse,
};
use activesync_wire::item::{Class, Selection};
use activesync_wire::server_id::LongId;
use activesync_wire::status::SearchStatus as Status;
use std::collections::HashMap;
use vocabulary::AccountId;
use wbxml::Element;

use super::sync::{materials, whole};
use crate::call::{Answer, Call, Reply};
use crate::conversation;
use crate::item::{Content, Viewer, Wanted};
use crate::search::{self, Hit, Missing, part};
use crate::status;

/// Most results of one answer: MS-ASCMD R3733, R3735.
const PAGE_RESULTS: u32 = 100;
/// Results of the mailbox that can be retrieved.
const MAILBOX_RESULTS: u32 = 1_000;
/// Results of the directory that can be retrieved: MS-ASCMD R416.
const DIRECTORY_RESULTS: u32 = 100;
/// An answer ends behind the result that takes it over this.
const ANSWER_BYTES_MAX: usize = 4 << 20;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let outcome = match parse(root, call.version)? {
        Ok(Query::Mailbox(query)) => mailbox(call, *query).await,
        Ok(Query::Directory(query)) => directory(call, &query).await,
        Err(status) => Err(status),
    };
    Ok(match outcome {
        Ok(bytes) => Reply::bytes(bytes).with_status(Status::Success.code()),
        Err(status) => Reply::document(&failed(status)).with_status(status.code()),
    })
}

/// What of the range is given, and whether it went beyond what can be.
fn page(range: Option<Range>, retrievable: u32) -> Result<(Range, Status), Status> {
    let range = range.unwrap_or(Range { first: 0, last: PAGE_RESULTS - 1 });
    if range.first >= retrievable {
        return Err(Status::EndOfRange); // MS-ASCMD R4361
    }
    let last = (retrievable - 1).min(range.first + PAGE_RESULTS - 1);
    let status = if range.last > last { Status::EndOfRange } else { Status::Success }; // MS-ASCMD R3736
    Ok((Range { last: range.last.min(last), ..range }, status))
}

fn count<T>(all: &[T]) -> u32 {
    u32::try_from(all.len()).unwrap_or(u32::MAX)
}

async fn mailbox(call: &Call, asked: MailboxQuery) -> Result<Vec<u8>, Status> {
    let failed = |error| status::search(&error);
    let (range, status) = page(asked.range, MAILBOX_RESULTS)?;
    let mut query = search::Query::new(asked.text).ok_or(Status::TooComplex)?;
    query.classes = asked.classes;
    (query.after, query.before) = (asked.after, asked.before);
    let thread = |id: &[u8]| conversation::thread(id).ok_or(Status::InvalidRequest);
    query.conversation = asked.conversation.as_deref().map(thread).transpose()?;
    let folders = search::places(call, &asked.collections, asked.is_deep).await.map_err(failed)?;
    let folders = folders.map_err(|missing| match missing {
        Missing::NeverWas => Status::NotFound,
        Missing::Gone => Status::HierarchyChanged, // MS-ASCMD R4358
    })?;
    let enough = usize::try_from(MAILBOX_RESULTS).unwrap_or(usize::MAX);
    let hits = search::run(call, &query, &folders, enough).await.map_err(failed)?;
    let page = part(&hits.list, range);
    if page.is_empty() && hits.is_cut_short {
        return Err(Status::TimedOut); // MS-ASCMD R4354
    }
    let wanted =
        Wanted { preferences: asked.body_preferences, mime_support: asked.mime_support, ..Wanted::default() };
    let mut writer = ResponseWriter::new(status, range.first);
    write(call, page, wanted, &mut writer).await.map_err(failed)?;
    Ok(writer.finish(count(&hits.list), true))
}

async fn write(
    call: &Call,
    hits: &[Hit],
    wanted: Wanted,
    writer: &mut ResponseWriter,
) -> storage::Result<()> {
    let material = search::of_hits(call, hits, |tx, grant, uids| materials(tx, grant, uids.into_iter()));
    let mut material = material.await?;
    let mut viewers: HashMap<(AccountId, Class), Viewer> = HashMap::new();
    let no_body = wanted.preferences.is_empty() && wanted.mime_support == MimeSupport::Never;
    for hit in hits {
        if writer.len() > ANSWER_BYTES_MAX {
            break;
        }
        let (folder, owner) = (hit.folder, hit.folder.account);
        // Removed meanwhile.
        let Some(material) = material.remove(&(folder, hit.item.uid)) else { continue };
        let viewer = match viewers.entry((owner, hit.class)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(Viewer::new(call, owner, hit.class, wanted.clone()).await?)
            }
        };
        let Some(mut content) = whole(call, folder, &hit.item, Some(material), viewer).await? else {
            continue;
        };
        if let (true, Content::Email(email)) = (no_body, &mut content) {
            // A list of results; the mail itself is fetched.
            email.body = None;
        }
        let selection = Selection { version: call.version, schema: None };
        let long_id = LongId { account: owner, item: hit.item.id }.to_string();
        writer.item(hit.class, &long_id, &folder.to_string(), |out| content.write(selection, out));
    }
    Ok(())
}

async fn directory(call: &Call, asked: &DirectoryQuery) -> Result<Vec<u8>, Status> {
    let failed = |error| status::search(&error);
    let (range, status) = page(asked.range, DIRECTORY_RESULTS)?;
    let people = search::people(call, &asked.text).await.map_err(failed)?;
    let mut page = part(&people, range).to_vec();
    if let Some(options) = asked.picture {
        search::add_pictures(call, options, &mut page).await.map_err(failed)?;
    }
    let mut writer = ResponseWriter::new(status, range.first);
    page.iter().for_each(|entry| writer.entry(entry));
    Ok(writer.finish(count(&people), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    // MS-ASCMD R3729
    #[test]
    fn a_range_is_cut_to_what_can_be_retrieved() {
        let range = |first, last| Some(Range { first, last });
        let given = |range: Option<Range>| {
            page(range, 250).map(|(range, status)| (range.first, range.last, status.code()))
        };
        assert_eq!(given(None), Ok((0, 99, 1)));
        assert_eq!(given(range(0, 0)), Ok((0, 0, 1)));
        assert_eq!(given(range(100, 199)), Ok((100, 199, 1)));
        assert_eq!(given(range(0, 100)), Ok((0, 99, 12)));
        assert_eq!(given(range(200, 299)), Ok((200, 249, 12)));
        assert_eq!(given(range(250, 250)), Err(Status::EndOfRange));
        assert_eq!(given(range(u32::MAX, u32::MAX)), Err(Status::EndOfRange));
        assert_eq!(part(&[1, 2, 3], Range { first: 1, last: 9 }), [2, 3]);
        assert_eq!(part(&[1, 2, 3], Range { first: 0, last: 0 }), [1]);
        assert!(part(&[1], Range { first: 5, last: 9 }).is_empty());
    }
}
