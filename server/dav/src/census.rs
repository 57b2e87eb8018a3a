//! The collections of a home at one moment, and how that moment stands in a token: RFC 6578 section 4.
//!
//! Those of the owner are followed by their stamps, which one account gives, and by the names that went. What others share
//! has stamps of other accounts: which collections it is, and how they stand, is one number each. If it is others than
//! before, the reader begins anew; if they stand otherwise, all of them are told again.

use dav_wire::method::PropFind;
use dav_wire::{HomeMarks, Property, PropertyAnswer, SyncToken, Value};
use storage::{Account, Collection, HomeLog, Visible};
use vocabulary::{Home, ModSeq};

use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::kind::Kind;
use crate::location::Location;
use crate::property::Subject;
use crate::subject;

/// The collections of a home as one account sees them.
pub(crate) struct Census {
    pub(crate) shown: Vec<(FolderAddress, Visible)>,
    /// What went of the owner's own; `None`: the home is another's.
    pub(crate) log: Option<HomeLog>,
    /// Whose home it is to whom, and which collections of others stand in it.
    pub(crate) shared: u64,
    pub(crate) marks: HomeMarks,
}

impl Census {
    /// What went of the owner's collections after `since`, and what is there. What happens meanwhile is behind the marks,
    /// so it is told next time, if it is not told now.
    ///
    /// # Errors
    /// [`storage::Refusal::ResyncRequired`] if it is not known any more what went.
    pub(crate) async fn take(call: &Call, home: Home, owner: &Account, since: ModSeq) -> Answer<Self> {
        let (id, is_own) = (owner.id, owner.id == call.account().id);
        let read = call.store().read(call.principal(), move |tx| {
            let log = if is_own { Some(tx.home_log(id, home, since)?) } else { None };
            Ok((log, tx.kept_of_others()?))
        });
        let (log, (kept, last_kept)) = read.await?;
        let shown = subject::shown(call, home, owner).await?;
        let (mut which, mut how) = (Digest::default(), Digest::default());
        which.add(call.account().id.0);
        which.add(id.0);
        which.text(home.as_str());
        how.add(kept);
        how.add(last_kept.0);
        let followed = |collection: &Collection| is_own && collection.account == id;
        for (address, visible) in shown.iter().filter(|(_, visible)| !followed(&visible.collection)) {
            let Visible { collection, rights, epoch } = visible;
            which.add(collection.account.0);
            which.add(collection.id.0);
            which.text(&address.href.to_string());
            how.add(stamp(collection).0);
            how.add(rights.bits());
            how.add(*epoch);
        }
        let modseq = log.as_ref().map_or(0, |log| log.end.0);
        let marks = HomeMarks { modseq, shared: how.number() };
        Ok(Self { shown, log, shared: which.number(), marks })
    }

    /// Whether a collection, or anything in it, has changed since it was told.
    pub(crate) fn has_changed(&self, owner: &Account, collection: &Collection, told: HomeMarks) -> bool {
        if self.log.is_some() && collection.account == owner.id {
            return stamp(collection).0 > told.modseq;
        }
        told.shared != self.marks.shared
    }
}

/// The last change of a collection or of anything in it.
fn stamp(collection: &Collection) -> ModSeq {
    collection.highest.max(collection.modseq)
}

/// The token of a home, if it is asked for: of the resource itself, or of one's own home that lies beneath it.
pub(crate) async fn wanted_token(
    call: &Call,
    subject: &Subject,
    selection: &PropFind,
) -> Answer<Option<String>> {
    let named = match selection {
        PropFind::Prop(names) => names,
        PropFind::AllProp { include } => include,
        PropFind::PropName => return Ok(None),
    };
    if !named.iter().any(|name| name.name() == Property::SyncToken.name()) {
        return Ok(None);
    }
    match subject {
        Subject::Home(home, owner) => token(call, *home, owner).await,
        Subject::Public(Location::Homes(home)) => token(call, *home, call.account()).await,
        _ => Ok(None),
    }
}

/// `None`: the home is not followed.
async fn token(call: &Call, home: Home, owner: &Account) -> Answer<Option<String>> {
    if Kind::of(home).is_none() {
        return Ok(None);
    }
    let Census { shared, marks, .. } = Census::take(call, home, owner, ModSeq::ZERO).await?;
    Ok(Some(SyncToken::Home { shared, told: marks, pass: None }.to_string()))
}

/// Puts the token of a home among what is answered about it.
pub(crate) fn tell_token(answers: &mut [PropertyAnswer], token: &str) {
    for answer in answers.iter_mut().filter(|answer| answer.name.name() == Property::SyncToken.name()) {
        *answer = PropertyAnswer::value(Property::SyncToken, Value::Text(token.to_owned()));
    }
}

/// FNV-1a: the same number after every restart and on every machine. Nobody gains by two that are alike.
#[derive(Debug, Clone, Copy)]
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, number: i64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        // No text holds this byte: two of them are not taken for one.
        self.bytes(&[0xFF]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Never 0, which stands for nothing told.
    fn number(self) -> u64 {
        self.0.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_one_that_everybody_computes() {
        // The vectors of the algorithm's authors.
        for (text, expected) in [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c)] {
            let mut digest = Digest::default();
            digest.bytes(text.as_bytes());
            assert_eq!(digest.number(), expected, "{text}");
        }
    }

    #[test]
    fn two_texts_are_not_one() {
        let digest = |texts: &[&str]| {
            let mut digest = Digest::default();
            texts.iter().for_each(|text| digest.text(text));
            digest.number()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    }
}
