//! ResolveRecipients: MS-ASCMD section 2.2.1.15.
//!
//! Whom a text means is looked for in the directory of one's own domain and in the contacts that the phone can see, one's
//! own and those that are shared with it. Photos and certificates are those of contacts: with whoever has the same
//! address in the directory they are shown too. Certificates in the short form are not made: nothing says what it is, and
//! whoever asks for it is told that there is none.

mod extra;
mod find;

use activesync_wire::command::resolve_recipients::{Options, Recipient, Request, Response, answer};
use activesync_wire::status::{RecipientStatus, ResolveRecipientsStatus};
use wbxml::Element;

use crate::call::{Answer, Call, Reply};
use extra::Extras;
use find::{Book, Found, Meant};

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let Request { to, options } = Request::parse(root, call.version)?;
    let book = Book::read(call, &to).await?;
    let mut extras = Extras::new(call, &options, &book);
    let mut responses = Vec::with_capacity(to.len());
    for text in to {
        responses.push(response(&mut extras, &options, book.meant(&text), text).await?);
    }
    let status = ResolveRecipientsStatus::Success.code();
    Ok(Reply::document(&answer(responses)).with_status(status))
}

async fn response(
    extras: &mut Extras<'_>,
    options: &Options,
    meant: Meant,
    to: String,
) -> storage::Result<Response> {
    extras.begin();
    match meant {
        Meant::Nobody => {
            Ok(Response { to, status: RecipientStatus::Unknown, count: 0, recipients: Vec::new() })
        }
        Meant::One(found) => {
            let mut recipient = plain(&found);
            recipient.busy = extras.busy(&found).await?;
            recipient.certificates = extras.certificates(&found).await?;
            recipient.picture = extras.picture(&found).await?;
            Ok(Response { to, status: RecipientStatus::Resolved, count: 1, recipients: vec![recipient] })
        }
        Meant::Several(mut found) => {
            let count = found.len();
            let shown = count.min(usize::try_from(options.ambiguous_max).unwrap_or(usize::MAX));
            found.truncate(shown.min(SUGGESTIONS_MAX));
            // MS-ASCMD R4279, R4284, R4623: neither certificates nor busy times of whom it only might be.
            let mut recipients = Vec::with_capacity(found.len());
            for found in &found {
                let picture = extras.picture(found).await?;
                recipients.push(Recipient { picture, ..plain(found) });
            }
            let status = match recipients.len() == count {
                true => RecipientStatus::Ambiguous,
                false => RecipientStatus::AmbiguousPartial,
            };
            Ok(Response { to, status, count, recipients })
        }
    }
}

/// Most suggestions for one text, whatever a client asks for.
const SUGGESTIONS_MAX: usize = 100;

fn plain(found: &Found) -> Recipient {
    Recipient {
        source: found.source,
        name: found.name.clone(),
        address: found.address.clone(),
        busy: None,
        certificates: None,
        picture: None,
    }
}
