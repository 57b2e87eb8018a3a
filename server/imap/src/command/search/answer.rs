//! SEARCH and ESEARCH responses, and what is kept as `$`: RFC 9051 sections 6.4.4 and 7.3.4.

use crate::connection::Connection;
use crate::mailbox::Mailbox;
use crate::session_state::Session;
use crate::view::Places;
use imap_wire::command::{ReturnOptions, Search};
use imap_wire::response::Esearch;
use imap_wire::{Resolved, Tag};

pub(super) fn write(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    tag: &Tag,
    search: &Search,
    found: &Places,
) {
    let view = &mailbox.view;
    let numbers = || found.iter().cloned().flatten().map(|place| view.number(search.numbering, place));
    let stamps = || found.iter().cloned().flatten().filter_map(|place| view.row(place)).map(|row| row.modseq);
    let stamped = search.asks_modseq();
    let highest = || stamped.then(|| stamps().max()).flatten();
    // RFC 9051 section 6.4.4: IMAP4rev2 has only ESEARCH.
    let all = ReturnOptions { all: true, ..ReturnOptions::default() };
    let Some(returns) = search.returns.or(session.enabled.rev2.then_some(all)) else {
        connection.out.search(numbers(), highest());
        return;
    };
    let ends = [numbers().next(), numbers().next_back()];
    if returns.save {
        let uids = found.iter().cloned().flatten().filter_map(|place| view.row(place)).map(|row| row.uid.0);
        mailbox.saved = kept(returns, uids);
    }
    let view = &mailbox.view;
    let tells = returns.min || returns.max || returns.all || returns.count;
    if !tells {
        return; // RFC 5182: SAVE alone gives no response.
    }
    // RFC 4731 section 3.2: of what is told, which is not all when only MIN or MAX is asked for.
    let modseq = if returns.all || returns.count {
        highest()
    } else {
        let first = stamps().next().filter(|_| returns.min);
        let last = stamps().next_back().filter(|_| returns.max);
        first.max(last).filter(|_| stamped)
    };
    let ranges = Resolved::from_ascending(
        found.iter().cloned().flatten().map(|place| view.number(search.numbering, place)),
    );
    connection.out.esearch(&Esearch {
        tag,
        numbering: search.numbering,
        min: ends[0].filter(|_| returns.min),
        max: ends[1].filter(|_| returns.max),
        count: returns.count.then(|| u32::try_from(ranges.count()).unwrap_or(u32::MAX)),
        all: returns.all.then(|| ranges.ranges()),
        modseq,
    });
}

/// RFC 5182: all that was found, unless only MIN or MAX was asked for.
fn kept(returns: ReturnOptions, uids: impl Iterator<Item = u32>) -> Resolved {
    let uids: Vec<u32> = uids.collect();
    if returns.all || returns.count || !(returns.min || returns.max) {
        return Resolved::from_ascending(uids);
    }
    let first = uids.first().copied().filter(|_| returns.min);
    let last = uids.last().copied().filter(|_| returns.max);
    Resolved::from_ascending(first.into_iter().chain(last))
}
