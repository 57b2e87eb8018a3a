//! One command inside the transaction, through its grant.

use activesync_wire::command::sync::Conflict;
use activesync_wire::item::Class;
use activesync_wire::item::email::Change;
use activesync_wire::status::SyncStatus;
use storage::{
    Error, FlagChange, Item, MarkChange, Marks, NewItem, Outgoing, Refusal, Subject, Write, right,
};
use vocabulary::{Flags, ItemId, Keywords, ModSeq, Role};
use workflow::meeting::Letters;

use super::prepare::{Deed, Task};
use super::{Done, Effect, Kind, object, result};
use crate::call::StateKey;
use crate::cursor::{Ahead, Progress};
use crate::{follow_up, keyword, status};

/// Where the commands of one request play.
pub(super) struct Scene {
    pub(super) key: StateKey,
    pub(super) sync_key: String,
    pub(super) progress: Progress,
    pub(super) class: Class,
    pub(super) conflict: Conflict,
    pub(super) quiet_name: String,
}

/// What a deed came to inside the transaction.
enum Outcome {
    Effect(Effect),
    /// Others are to be told.
    Told(Effect, Letters),
    /// Somebody was faster: the bytes are to be made again of what is there now.
    Again,
}

impl Outcome {
    fn telling(self, letters: Letters) -> Self {
        match self {
            Self::Effect(effect) if !letters.is_empty() => Self::Told(effect, letters),
            other => other,
        }
    }

    /// The same, but the client is told what the item is.
    fn restored(self) -> Self {
        match self {
            Self::Effect(effect) => Self::Effect(Effect { restore: true, ..effect }),
            Self::Told(effect, letters) => Self::Told(Effect { restore: true, ..effect }, letters),
            Self::Again => Self::Again,
        }
    }
}

impl From<Effect> for Outcome {
    fn from(effect: Effect) -> Self {
        Self::Effect(effect)
    }
}

impl Scene {
    /// Runs a command, or finds what it came to before. The flag: it ran, now or then. `None`: it is to be
    /// prepared again.
    pub(super) fn run(
        &self,
        tx: &mut Write<'_>,
        task: Task,
        is_stale: bool,
        posted: &mut Vec<Outgoing>,
    ) -> storage::Result<Option<(Done, bool)>> {
        let key = self.key.request(&self.sync_key, &task.client_key);
        let known = tx.remembered(&key)?;
        let Task { kind, name, instance_id, id, hash, attached, deed, .. } = task;
        let done = |effect| Done { kind, name, instance_id, id, attached, effect };
        if let Some((before, result)) = &known
            && *before == hash
            && let Some(effect) = result::read(result)
        {
            return Ok(Some((done(effect), true)));
        }
        // What was sent was sent; all else waits until the device has begun anew.
        if is_stale && !matches!(deed, Deed::Sent) {
            return Ok(Some((done(Effect::failed(SyncStatus::Retry)), false)));
        }
        // An Add that says more than when it ran before: the draft that it made then. Objects have UIDs.
        let prior = known.filter(|_| self.class == Class::Email);
        let prior = prior.and_then(|(_, result)| result::read(&result)).and_then(|effect| effect.made);
        let target = id.or(object::target(&deed)).or(prior.map(|made| made.id));
        let effect = match self.perform(tx, kind, target, deed) {
            Ok(Outcome::Effect(effect)) => effect,
            // The letters of what was done.
            Ok(Outcome::Told(effect, letters)) => {
                posted.extend(letters.post(tx)?);
                effect
            }
            Ok(Outcome::Again) => return Ok(None),
            Err(Error::Refusal(refusal)) => refused(kind, &refusal),
            Err(fault) => return Err(fault),
        };
        tx.remember(&key, &hash, &result::write(&effect))?;
        Ok(Some((done(effect), true)))
    }

    fn perform(
        &self,
        tx: &mut Write<'_>,
        kind: Kind,
        id: Option<ItemId>,
        deed: Deed,
    ) -> storage::Result<Outcome> {
        let read = tx.open::<right::ReadItems>(self.key.owner, self.key.collection)?;
        let item = id.map(|id| tx.item_by_id(&read, id)).transpose()?.flatten();
        // The answer to an Add was lost, the item is gone, and the phone has written on: it is new.
        let item = item.filter(|item| !(item.vanished && matches!(deed, Deed::Add { .. })));
        match (deed, item) {
            (Deed::Refuse(status), _) => Ok(Effect::failed(status).into()),
            (Deed::Ignore, _) => Ok(Effect::DONE.into()),
            // What is to be added was there, and is gone again.
            (Deed::Replace { .. }, item)
                if kind == Kind::Add && item.as_ref().is_none_or(|one| one.vanished) =>
            {
                Ok(Outcome::Again)
            }
            (Deed::NotNow, _) => Ok(Effect::failed(SyncStatus::Retry).into()),
            (Deed::Add { new, flags, letters }, None) => {
                Ok(self.add(tx, &marked(*new, &flags))?.telling(letters))
            }
            (Deed::Sent, None) => Ok(Effect::DONE.into()),
            // The deletion wins, and a second one changes nothing.
            (Deed::Delete { .. } | Deed::Cancel { .. } | Deed::Sent, Some(item)) if item.vanished => {
                Ok(Effect::DONE.into())
            }
            (_, Some(item)) if item.vanished => Err(Refusal::NotFound(Subject::Item).into()),
            (_, None) => Err(Refusal::NotFound(Subject::Item).into()),
            (Deed::Restore, Some(_)) => {
                Ok(Effect { status: SyncStatus::Conflict, made: None, restore: true }.into())
            }
            (Deed::Cancel { was, .. }, Some(item)) if item.content != was => Ok(Outcome::Again),
            (Deed::Cancel { letters, .. }, Some(item)) => Ok(self.delete(tx, &item, false)?.telling(letters)),
            (Deed::Add { new, flags, .. }, Some(item)) => self.redraft(tx, &item, *new, &flags),
            (Deed::Redraft { was, new, flags, restore }, Some(item)) => {
                self.check_conflict(&item)?;
                if item.content != was {
                    return Ok(Outcome::Again);
                }
                let outcome = self.redraft(tx, &item, *new, &flags)?;
                Ok(if restore { outcome.restored() } else { outcome })
            }
            (Deed::Replace { was, .. }, Some(item)) if item.content != was => {
                if kind != Kind::Add {
                    self.check_conflict(&item)?;
                }
                Ok(Outcome::Again)
            }
            (Deed::Replace { new, also, restore, letters, .. }, Some(item)) => {
                let outcome = match self.replace(tx, kind, &item, new, also)? {
                    // The server's version stands: what was planned did not happen.
                    Outcome::Effect(effect) if effect.restore => return Ok(effect.into()),
                    outcome => outcome.telling(letters),
                };
                Ok(if restore { outcome.restored() } else { outcome })
            }
            (Deed::Flags(change), Some(item)) => self.change_flags(tx, &item, &change),
            (Deed::Delete { to_trash }, Some(item)) => self.delete(tx, &item, to_trash),
            (Deed::Sent, Some(item)) => self.delete(tx, &item, false),
        }
    }

    /// Who wins when somebody else changed the content too: MS-ASCMD section 2.2.3.34. Flags merge, and a
    /// deletion wins.
    ///
    /// # Errors
    /// [`Refusal::Stale`]: the server's version stands (MS-ASCMD R2066, R2068).
    fn check_conflict(&self, item: &Item) -> Result<(), Refusal> {
        match self.conflict {
            Conflict::Server if !self.knows_content(item) => {
                Err(Refusal::Stale { current: item.content_modseq })
            }
            Conflict::Server | Conflict::Client => Ok(()),
        }
    }

    /// What the device knows once it has the answer.
    fn made(&self, tx: &Write<'_>, id: ItemId) -> storage::Result<Outcome> {
        let read = tx.open::<right::ReadItems>(self.key.owner, self.key.collection)?;
        let made = tx.item_by_id(&read, id)?.map(|item| Ahead::held(&item));
        Ok(Effect { made, ..Effect::DONE }.into())
    }

    fn add(&self, tx: &mut Write<'_>, new: &NewItem) -> storage::Result<Outcome> {
        let grant = tx.open::<right::Insert>(self.key.owner, self.key.collection)?;
        match tx.insert(&grant, new) {
            Ok(added) => self.made(tx, added.id),
            // Somebody else added the same, after this was prepared.
            Err(Error::Refusal(Refusal::AlreadyExists(_))) if self.sees_twin(tx, new)? => Ok(Outcome::Again),
            Err(other) => Err(other),
        }
    }

    /// Whether the twin of a new object is one that the device may know of.
    fn sees_twin(&self, tx: &Write<'_>, new: &NewItem) -> storage::Result<bool> {
        let read = tx.open::<right::ReadItems>(self.key.owner, self.key.collection)?;
        let twin = new.component_uid.as_deref().map(|uid| tx.item_by_component_uid(&read, uid));
        Ok(twin.transpose()?.flatten().is_some())
    }

    /// New bytes for an event, contact, task or note. Who adds one that is there already gets its name, and
    /// the server's version if it did not know it.
    fn replace(
        &self,
        tx: &mut Write<'_>,
        kind: Kind,
        item: &Item,
        new: Option<Box<NewItem>>,
        also: Option<Box<NewItem>>,
    ) -> storage::Result<Outcome> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        if let Some(new) = new {
            match self.check_conflict(item) {
                Err(_) if kind == Kind::Add => {
                    let effect = Effect { made: Some(Ahead::held(item)), restore: true, ..Effect::DONE };
                    return Ok(effect.into());
                }
                checked => checked?,
            }
            let grant = tx.open::<right::Replace>(owner, folder)?;
            // A task that goes on is not what the device sent: it has to hear of it.
            let is_as_sent = self.knows_content(item) && also.is_none();
            let own = is_as_sent.then_some(self.quiet_name.as_str());
            tx.replace(&grant, item.uid, &new, Some(item.content_modseq), own)?;
        }
        if let Some(also) = also {
            let grant = tx.open::<right::Insert>(owner, folder)?;
            tx.insert(&grant, &also)?;
        }
        match kind {
            Kind::Add => self.made(tx, item.id),
            Kind::Change | Kind::Delete | Kind::DeleteOccurrence => Ok(Effect::DONE.into()),
        }
    }

    /// The text is the device's, the flags are everybody's.
    fn redraft(
        &self,
        tx: &mut Write<'_>,
        item: &Item,
        new: NewItem,
        change: &Change,
    ) -> storage::Result<Outcome> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let (keywords, marks) = (item.keywords.clone(), item.marks.clone());
        let new = marked(NewItem { flags: item.flags | Flags::DRAFT, keywords, marks, ..new }, change);
        let remove = tx.open::<right::Remove>(owner, folder)?;
        let insert = tx.open::<right::Insert>(owner, folder)?;
        let added = tx.replace_mail(&remove, &insert, item.uid, &new)?;
        let made = self.made(tx, added.id)?;
        match made {
            // It has the new text, but not the flags: no stamp says so.
            Outcome::Effect(Effect { made: Some(made), .. }) if !self.knows(item) => {
                let made = Ahead { modseq: ModSeq::ZERO, ..made };
                Ok(Effect { made: Some(made), ..Effect::DONE }.into())
            }
            made => Ok(made),
        }
    }

    fn is_own_change(&self, item: &Item) -> bool {
        item.quiet_for.as_deref() == Some(self.quiet_name.as_str())
    }

    /// Whether the device knows this version, because it saw it or made it.
    fn knows(&self, item: &Item) -> bool {
        self.progress.saw(item) || self.is_own_change(item)
    }

    /// Whether the device knows these bytes.
    fn knows_content(&self, item: &Item) -> bool {
        self.progress.saw_content(item) || self.is_own_change(item)
    }

    fn change_flags(&self, tx: &mut Write<'_>, item: &Item, change: &Change) -> storage::Result<Outcome> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let grant = tx.open::<right::ChangeFlags>(owner, folder)?;
        let Changed { flags, keywords, follow_up } = changed(item.flags, &item.keywords, &item.marks, change);
        // Who had not seen the version before must hear of it, own change or not.
        let own = self.quiet_name.as_str();
        let quiet = self.knows(item);
        let wanted = FlagChange::Replace(flags, keywords.clone());
        let said = follow_up.clone();
        let wanted = MarkChange { flags: wanted, follow_up: said, verb: None };
        tx.change_marks(&grant, item.uid, &wanted, quiet.then_some(own))?;
        let read = tx.open::<right::ReadItems>(owner, folder)?;
        let now = tx.item_by_id(&read, item.id)?.ok_or(Refusal::NotFound(Subject::Item))?;
        let has_all = |names: &Vec<String>| keyword::categories(&now.keywords).len() >= names.len();
        let restore = now.flags != flags
            || now.keywords != keywords
            || follow_up.is_some_and(|text| text != now.marks.follow_up)
            || !change.categories.as_ref().is_none_or(has_all);
        let ahead = self.progress.exception(item.id).is_some();
        let made = (ahead && quiet && !restore).then(|| Ahead::held(&now));
        Ok(Effect { made, restore, ..Effect::DONE }.into())
    }

    fn delete(&self, tx: &mut Write<'_>, item: &Item, to_trash: bool) -> storage::Result<Outcome> {
        let (owner, folder) = (self.key.owner, self.key.collection);
        let remove = tx.open::<right::Remove>(owner, folder)?;
        let uids = [item.uid.0..=item.uid.0];
        if to_trash && self.class == Class::Email && remove.collection().role != Some(Role::Trash) {
            // Who may delete here but not add to the owner's trash deletes for good, as in IMAP.
            match tx.open_role::<right::Insert>(owner, Role::Trash) {
                Ok(trash) => {
                    let read = tx.open::<right::ReadItems>(owner, folder)?;
                    tx.move_items(&remove, &read, &trash, &uids)?;
                    return Ok(Effect::DONE.into());
                }
                Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => {}
                Err(other) => return Err(other),
            }
        }
        tx.remove(&remove, &uids)?;
        Ok(Effect::DONE.into())
    }
}

fn refused(kind: Kind, refusal: &Refusal) -> Effect {
    let restore = matches!(refusal, Refusal::Denied { .. } | Refusal::Stale { .. });
    let status = match (kind, refusal) {
        // There is no version of the server that could stand.
        (Kind::Add, Refusal::Denied { .. }) => SyncStatus::Conversion,
        _ => status::sync_item(refusal),
    };
    Effect { status, made: None, restore }
}

/// Marks after a change.
struct Changed {
    flags: Flags,
    keywords: Keywords,
    /// What is said of the follow-up, if anything.
    follow_up: Option<String>,
}

/// A mail that is not stored yet, with what is said of its marks.
fn marked(new: NewItem, change: &Change) -> NewItem {
    let Changed { flags, keywords, follow_up } = changed(new.flags, &new.keywords, &new.marks, change);
    let follow_up = follow_up.unwrap_or_else(|| new.marks.follow_up.clone());
    NewItem { flags, keywords, marks: Marks { follow_up, ..new.marks }, ..new }
}

fn changed(mut flags: Flags, keywords: &Keywords, marks: &Marks, change: &Change) -> Changed {
    let (mut keywords, mut follow_up) = (keywords.clone(), None);
    if let Some(read) = change.read {
        flags = if read { flags | Flags::SEEN } else { flags & !Flags::SEEN };
    }
    if let Some(flag) = &change.flag {
        let (now, said) = follow_up::changed(flags, marks, flag);
        (flags, follow_up) = (now, Some(said));
    }
    if let Some(names) = &change.categories {
        keywords = keyword::with_categories(&keywords, names);
    }
    Changed { flags, keywords, follow_up }
}
