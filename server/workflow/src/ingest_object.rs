//! Events, to-dos, journals and cards become items: described once, bytes kept as they came.

use bytes::Bytes;
use calendar::{Class, ComponentKind, Object};
use storage::{Attachments, NewItem, Parsed, Store};
use vocabulary::{AccountId, Component, Timestamp};

/// Why an object cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// It is no calendar object resource.
    #[error(transparent)]
    Calendar(#[from] calendar::Invalid),
    /// It is no card.
    #[error(transparent)]
    Card(#[from] contact::Invalid),
    /// The store refuses or is broken.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

/// Makes a calendar object ready to be inserted or to replace another.
///
/// `filter_at` is the end of the last occurrence of an event, or never; a task is wanted by every filter until it is
/// complete and by none that asks for what is to be done then. Its summary is what it is searched by ([`calendar::Index`]).
///
/// # Errors
/// [`ObjectError::Calendar`] says what is wrong with the bytes; else as [`Store::prepare`].
pub async fn ingest_calendar_object(
    store: &Store,
    account: AccountId,
    bytes: Bytes,
    now: Timestamp,
) -> Result<NewItem, ObjectError> {
    let described = calendar::describe(&bytes)?;
    let component = match described.kind {
        ComponentKind::Event => Component::Event,
        ComponentKind::ToDo => Component::Todo,
        ComponentKind::Journal => Component::Journal,
        ComponentKind::FreeBusy => {
            return Err(calendar::Invalid::ObjectResource(calendar::ResourceFault::NoComponent).into());
        }
    };
    let filter_at = match component {
        Component::Event => described.end.unwrap_or(NEVER),
        Component::Todo if described.is_completed => ALWAYS,
        Component::Todo | Component::Journal | Component::Card | Component::File => NEVER,
    };
    let preview = described.summary.unwrap_or_default();
    let content = prepare(store, account, bytes, preview, described.index).await?;
    Ok(NewItem {
        component: Some(component),
        component_uid: Some(described.uid),
        starts_at: described.start.unwrap_or(ALWAYS),
        filter_at,
        private: described.is_private,
        attachments: Attachments { named: described.attachments, new: Vec::new() },
        ..NewItem::mail(content, now)
    })
}

/// Makes a scheduling message ready for a schedule inbox: its bytes as they came, METHOD and all. `None`: it is none.
///
/// # Errors
/// As [`Store::prepare`].
pub(crate) async fn ingest_scheduling_message(
    store: &Store,
    account: AccountId,
    bytes: &[u8],
    now: Timestamp,
) -> storage::Result<Option<NewItem>> {
    let Ok(object) = Object::parse(bytes) else { return Ok(None) };
    let component = match object.kind() {
        ComponentKind::Event => Component::Event,
        ComponentKind::ToDo => Component::Todo,
        ComponentKind::Journal => Component::Journal,
        ComponentKind::FreeBusy => return Ok(None),
    };
    let summary = object.components.iter().find_map(|component| component.summary.clone());
    let is_public = |component: &calendar::Component| matches!(component.class, None | Some(Class::Public));
    let content =
        prepare(store, account, Bytes::copy_from_slice(bytes), summary.unwrap_or_default(), Vec::new())
            .await?;
    Ok(Some(NewItem {
        component: Some(component),
        starts_at: ALWAYS,
        filter_at: NEVER,
        private: !object.components.iter().all(is_public),
        counted: false,
        ..NewItem::mail(content, now)
    }))
}

/// Makes a card ready to be inserted or to replace another. Its summary is what it is searched by ([`contact::Index`]).
///
/// # Errors
/// [`ObjectError::Card`] says what is wrong with the bytes; else as [`Store::prepare`].
pub async fn ingest_card(
    store: &Store,
    account: AccountId,
    bytes: Bytes,
    now: Timestamp,
) -> Result<NewItem, ObjectError> {
    let described = contact::describe(&bytes)?;
    let index = contact::index(&bytes);
    let content = prepare(store, account, bytes, described.name, index).await?;
    Ok(NewItem {
        component: Some(Component::Card),
        component_uid: described.uid,
        starts_at: ALWAYS,
        filter_at: NEVER,
        private: described.is_private,
        ..NewItem::mail(content, now)
    })
}

/// After every moment that a filter can ask for.
const NEVER: Timestamp = Timestamp(i64::MAX);
/// Before every one.
const ALWAYS: Timestamp = Timestamp(i64::MIN);

async fn prepare(
    store: &Store,
    account: AccountId,
    bytes: Bytes,
    mut preview: String,
    summary: Vec<u8>,
) -> storage::Result<storage::Prepared> {
    /// As for mail: what a list shows.
    const PREVIEW_CHARACTERS: usize = 255;
    if let Some((end, _)) = preview.char_indices().nth(PREVIEW_CHARACTERS) {
        preview.truncate(end);
    }
    store.prepare(account, bytes, Parsed { preview, summary, ..Parsed::default() }).await
}
