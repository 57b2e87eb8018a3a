//! LIST with RETURN and selection options, and LSUB: RFC 9051 section 6.3.9, RFC 3501 section 6.3.9,
//! RFC 5258, RFC 5819, RFC 6154.

use super::directory::{self, Entry};
use super::status::{self, Counted};
use crate::completion::{Completion, Outcome};
use crate::session_state::Session;
use imap_wire::command::{List, ListSelection, Lsub};
use imap_wire::extension::SpecialUse;
use imap_wire::response::{ListAttribute, ListResponse};
use imap_wire::{ListPattern, Output};
use storage::{Error, Refusal};

pub(crate) async fn run(session: &Session, out: &mut Output, list: &List) -> Outcome {
    if !list.extended && list.patterns.iter().all(ListPattern::is_empty) {
        // RFC 9051 section 6.3.9: only the delimiter is asked for.
        out.list(&ListResponse { attributes: &[ListAttribute::NoSelect], ..ListResponse::default() });
        return Ok(Completion::ok("that is all"));
    }
    let patterns: Vec<ListPattern> =
        list.patterns.iter().filter_map(|pattern| pattern.beneath(&list.reference)).collect();
    let directory = directory::read(session).await?;
    let chosen: Vec<(&String, &Entry)> = directory
        .iter()
        .filter(|(_, entry)| is_chosen(entry, list.selection))
        .filter(|(name, _)| patterns.iter().any(|pattern| pattern.matches(name)))
        .collect();
    let counted = count(session, &chosen, list).await?;
    for ((name, entry), counted) in chosen.into_iter().zip(counted) {
        let mut attributes = attributes(entry);
        if list.returns.subscribed && entry.subscribed {
            attributes.push(ListAttribute::Subscribed);
        }
        out.list(&ListResponse {
            attributes: &attributes,
            mailbox: name,
            child_subscribed: list.selection.recursive_match && entry.child_subscribed,
            old_name: None,
        });
        if let Some(counted) = counted {
            // RFC 5819 section 2: after its LIST response.
            status::write(out, name, &counted, &list.returns.status);
        }
    }
    Ok(Completion::ok("those are all"))
}

fn is_chosen(entry: &Entry, selection: ListSelection) -> bool {
    let subscribed =
        !selection.subscribed || entry.subscribed || (selection.recursive_match && entry.child_subscribed);
    subscribed && (!selection.special_use || special_use(entry).is_some())
}

fn special_use(entry: &Entry) -> Option<SpecialUse> {
    let collection = entry.collection.as_ref()?;
    collection.role.and_then(SpecialUse::of_role)
}

fn attributes(entry: &Entry) -> Vec<ListAttribute> {
    let mut attributes = Vec::with_capacity(4);
    if entry.collection.is_none() {
        // The first is for those who know it (RFC 5258 section 3), the second for all others.
        attributes.extend([ListAttribute::NonExistent, ListAttribute::NoSelect]);
    }
    attributes.push(if entry.has_children {
        ListAttribute::HasChildren
    } else {
        ListAttribute::HasNoChildren
    });
    attributes.extend(special_use(entry).map(ListAttribute::Use));
    attributes
}

/// The counts of RETURN (STATUS), all of one moment; `None` where there is nothing to count.
async fn count(
    session: &Session,
    chosen: &[(&String, &Entry)],
    list: &List,
) -> Result<Vec<Option<Counted>>, Error> {
    if list.returns.status.is_empty() {
        return Ok(chosen.iter().map(|_| None).collect());
    }
    let collections: Vec<_> = chosen.iter().map(|(_, entry)| entry.collection.clone()).collect();
    let items = list.returns.status.clone();
    session
        .read(move |tx| {
            let counted = |collection: &storage::Collection| match status::count(tx, collection, &items) {
                Ok(counted) => Ok(Some(counted)),
                // RFC 5819 section 2: no STATUS response where there is no right to it.
                Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => Ok(None),
                Err(error) => Err(error),
            };
            collections.iter().map(|one| one.as_ref().map_or(Ok(None), counted)).collect()
        })
        .await
}

/// RFC 3501 section 6.3.9: the names subscribed to, and with `%` the parents of such names.
pub(crate) async fn lsub(session: &Session, out: &mut Output, lsub: &Lsub) -> Outcome {
    if lsub.pattern.is_empty() {
        out.lsub(&ListResponse { attributes: &[ListAttribute::NoSelect], ..ListResponse::default() });
        return Ok(Completion::ok("that is all"));
    }
    let Some(pattern) = lsub.pattern.beneath(&lsub.reference) else {
        return Ok(Completion::ok("those are all"));
    };
    let ends_with_percent = pattern.as_str().ends_with('%');
    for (name, entry) in directory::read(session).await? {
        let parent_only = !entry.subscribed && entry.child_subscribed && ends_with_percent;
        if !(entry.subscribed || parent_only) || !pattern.matches(&name) {
            continue;
        }
        let attributes: &[ListAttribute] = if parent_only { &[ListAttribute::NoSelect] } else { &[] };
        out.lsub(&ListResponse { attributes, mailbox: &name, ..ListResponse::default() });
    }
    Ok(Completion::ok("those are all"))
}
