//! Find: MS-ASCMD section 2.2.1.2, from 16.1.
//!
//! A search begins with its first result: which one a device is at is remembered by the process, so that the pages of
//! one search are told from the middle of another. When the process ended meanwhile, the device begins again.

use activesync_wire::RequestError;
use activesync_wire::Version;
use activesync_wire::command::find::{Criterion, Found, RESULT_LAST, Request, ResponseWriter};
use activesync_wire::command::search::{PictureOptions, Range};
use activesync_wire::item::Class;
use activesync_wire::item::email::Importance;
use activesync_wire::search_text::Term;
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::{CommonStatus, FindStatus as Status};
use mime::search::Expression;
use storage::{Item, Parsed};
use vocabulary::Flags;
use wbxml::Element;

use super::refuse;
use super::sync::ranges;
use crate::call::{Answer, Call, Reply};
use crate::item::email::{list, names};
use crate::search::{self, Missing, part};

/// Most results of one answer.
const PAGE_RESULTS: u32 = 100;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    if call.version < Version::V16_1 {
        return refuse(CommonStatus::VersionNotSupported, "Find is younger than this version");
    }
    let request = Request::parse(root, call.now())?;
    let range = request.range.unwrap_or(Range { first: 0, last: PAGE_RESULTS - 1 });
    let range = Range { last: range.last.min(range.first + PAGE_RESULTS - 1), ..range };
    let (id, criterion) = (&request.search_id, &request.criterion);
    if range.first > 0 && !call.server.searches.has_begun(call, id, criterion) {
        let bytes = ResponseWriter::new(Status::BeginAtZero, 0).finish(None); // MS-ASCMD R72172518
        return Ok(Reply::bytes(bytes).with_status(Status::BeginAtZero.code()));
    }
    let bytes = match criterion {
        Criterion::Mailbox { text, collection, is_deep } => {
            mailbox(call, text.clone(), collection.as_ref(), *is_deep, range).await?
        }
        Criterion::Directory { text, picture } => directory(call, text, *picture, range).await?,
    };
    if range.first == 0 {
        call.server.searches.begin(call, id, criterion);
    }
    Ok(Reply::bytes(bytes).with_status(Status::Success.code()))
}

/// The whole request fails with a number of its own.
fn fails<T>(status: Status, reason: &'static str) -> Answer<T> {
    Err(RequestError::Own { status: status.code(), limit: None, reason }.into())
}

async fn mailbox(
    call: &Call,
    text: Expression<Term>,
    collection: Option<&String>,
    is_deep: bool,
    range: Range,
) -> Answer<Vec<u8>> {
    let Some(mut query) = search::Query::new(text) else {
        return fails(Status::InvalidRequest, "too much to look for");
    };
    query.classes = vec![Class::Email];
    let named: Vec<String> = collection.into_iter().cloned().collect();
    let folders = match search::places(call, &named, is_deep).await? {
        Ok(folders) => folders,
        // MS-ASCMD R72172515
        Err(Missing::NeverWas | Missing::Gone) => return fails(Status::HierarchyChanged, "no such folder"),
    };
    let enough = usize::try_from(RESULT_LAST).unwrap_or(usize::MAX).saturating_add(1);
    let hits = search::run(call, &query, &folders, enough).await?;
    let page = part(&hits.list, range);
    let parsed = search::of_hits(call, page, |tx, grant, uids| {
        Ok(tx.parsed(grant, &ranges(uids.into_iter()))?.into_iter().collect())
    });
    let parsed = parsed.await?;
    let mut writer = ResponseWriter::new(Status::Success, range.first);
    for hit in page {
        // Removed meanwhile.
        let Some(parsed) = parsed.get(&(hit.folder, hit.item.uid)) else { continue };
        writer.mail(&found(hit.folder, &hit.item, parsed));
    }
    Ok(writer.finish(u32::try_from(hits.list.len()).ok()))
}

fn found(folder: FolderId, item: &Item, parsed: &Parsed) -> Found {
    let summary = workflow::summary(parsed);
    let is_draft = item.flags.contains(Flags::DRAFT);
    Found {
        server_id: ServerId { folder, item: item.id }.to_string(),
        collection_id: folder.to_string(),
        subject: summary.subject.clone(),
        date_received: item.received_at,
        display_to: names(&summary.to),
        display_cc: names(&summary.cc),
        // Only who writes a mail knows its blind recipients.
        display_bcc: if is_draft { names(&summary.bcc) } else { String::new() },
        importance: match summary.importance {
            mime::Importance::Low => Importance::Low,
            mime::Importance::Normal => Importance::Normal,
            mime::Importance::High => Importance::High,
        },
        is_read: item.flags.contains(Flags::SEEN),
        is_draft,
        preview: parsed.preview.clone(),
        has_attachments: summary.has_attachments(),
        from: list(&summary.from, ", "),
    }
}

async fn directory(
    call: &Call,
    text: &str,
    picture: Option<PictureOptions>,
    range: Range,
) -> Answer<Vec<u8>> {
    let people = search::people(call, text).await?;
    let mut page = part(&people, range).to_vec();
    if let Some(options) = picture {
        search::add_pictures(call, options, &mut page).await?;
    }
    let mut writer = ResponseWriter::new(Status::Success, range.first);
    page.iter().for_each(|entry| writer.entry(entry));
    Ok(writer.finish(u32::try_from(people.len()).ok()))
}
