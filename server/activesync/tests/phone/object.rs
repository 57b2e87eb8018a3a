//! Events, contacts, tasks and notes: as phones write them, and as other clients store them.

use activesync_wire::Version;
use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use storage::{Item, NewItem, right};
use vocabulary::{CollectionKind, ItemId, Timestamp};
use wbxml::page::{airsync, calendar, contacts, email, notes, tasks};
use wbxml::{Element, Tag};

use crate::phone::{Did, Phone};
use crate::world::{DAY_MS, World};

/// By what each class is called.
pub(crate) const SUBJECTS: [Tag; 5] =
    [email::SUBJECT, calendar::SUBJECT, contacts::LAST_NAME, tasks::SUBJECT, notes::SUBJECT];
/// What decides on which side of the filter's edge an item is.
pub(crate) const WHENS: [Tag; 2] = [calendar::START_TIME, tasks::COMPLETE];

const HOUR_MS: i64 = 3_600_000;

pub(crate) fn kind_of(class: Class) -> CollectionKind {
    match class {
        Class::Email | Class::Sms => CollectionKind::Mail,
        Class::Calendar => CollectionKind::Calendar,
        Class::Contacts => CollectionKind::Contacts,
        Class::Tasks => CollectionKind::Tasks,
        Class::Notes => CollectionKind::Notes,
    }
}

/// `20261123T090000Z`.
pub(crate) fn compact(at: Timestamp) -> String {
    activesync_wire::date::compact(at)
}

/// The ApplicationData of an Add or a Change: up to 14.1 all of the item, from 16.0 of an event what differs.
pub(crate) fn data(phone: &Phone<'_>, id: &str, did: &Did) -> Element {
    let is_old = Version::parse(phone.version).unwrap() < Version::V16_0;
    let item = phone.items.get(id).filter(|_| is_old || phone.class != Class::Calendar);
    let (mut subject, mut when) = (item.map(|item| &item.subject), item.map(|item| &item.when));
    match did {
        Did::Add { subject: new, when: at, .. } => (subject, when) = (Some(new), Some(at)),
        Did::Subject(new) => subject = Some(new),
        Did::When(new) => when = Some(new),
        Did::Read(_) | Did::Flag(_) | Did::Delete { .. } => {}
    }
    let mut data = Element::new(airsync::APPLICATION_DATA);
    if phone.class == Class::Email && matches!(did, Did::Add { .. }) {
        data.push(Element::text(email::TO, "ben@x.test"));
    }
    if let (Class::Calendar, Did::Add { client_id, .. }) = (phone.class, did) {
        let name = if is_old { calendar::UID } else { calendar::CLIENT_UID };
        data.push(Element::text(name, format!("{}-{client_id}", phone.device)));
    }
    if let Some(subject) = subject {
        let tag = match phone.class {
            Class::Email | Class::Sms => email::SUBJECT,
            Class::Calendar => calendar::SUBJECT,
            Class::Contacts => contacts::LAST_NAME,
            Class::Tasks => tasks::SUBJECT,
            Class::Notes => notes::SUBJECT,
        };
        data.push(Element::text(tag, subject.as_str()));
    }
    match (phone.class, when) {
        (Class::Calendar, Some(start)) => {
            let end = activesync_wire::date::parse(start).unwrap().0 + HOUR_MS;
            data.push(Element::text(calendar::START_TIME, start.as_str()));
            data.push(Element::text(calendar::END_TIME, compact(Timestamp(end))));
        }
        (Class::Tasks, Some(complete)) => {
            data.push(Element::text(tasks::COMPLETE, complete.as_str()));
            if complete == "1" {
                data.push(Element::text(tasks::DATE_COMPLETED, "2026-11-23T09:00:00.000Z"));
            }
        }
        _ => {}
    }
    data
}

/// An object as another client writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) class: Class,
    pub(crate) uid: String,
    pub(crate) subject: String,
    /// As in [`crate::phone::Shown`].
    pub(crate) when: String,
    pub(crate) private: bool,
}

impl Object {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { uid, subject, when, .. } = self;
        let class = if self.private { "CLASS:PRIVATE\r\n" } else { "" };
        let text = match self.class {
            Class::Contacts => {
                format!(
                    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{subject}\r\nN:{subject};;;;\r\n{class}END:VCARD\r\n"
                )
            }
            Class::Calendar => {
                let end = compact(Timestamp(activesync_wire::date::parse(when).unwrap().0 + HOUR_MS));
                component(
                    "VEVENT",
                    &format!(
                        "UID:{uid}\r\nDTSTAMP:20261123T090000Z\r\nDTSTART:{when}\r\nDTEND:{end}\r\nSUMMARY:{subject}\r\n{class}"
                    ),
                )
            }
            Class::Tasks => {
                let done =
                    if when == "1" { "STATUS:COMPLETED\r\nCOMPLETED:20261123T090000Z\r\n" } else { "" };
                component(
                    "VTODO",
                    &format!("UID:{uid}\r\nDTSTAMP:20261123T090000Z\r\nSUMMARY:{subject}\r\n{done}{class}"),
                )
            }
            Class::Email | Class::Sms | Class::Notes => component(
                "VJOURNAL",
                &format!("UID:{uid}\r\nDTSTAMP:20261123T090000Z\r\nSUMMARY:{subject}\r\n{class}"),
            ),
        };
        text.into_bytes()
    }
}

fn component(name: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x.test//EN\r\nBEGIN:{name}\r\n{lines}END:{name}\r\nEND:VCALENDAR\r\n"
    )
}

/// A moment some days from now, at nine.
pub(crate) fn day(world: &World, days: i64) -> String {
    compact(Timestamp(world.now().0.div_euclid(DAY_MS) * DAY_MS + 9 * HOUR_MS + days * DAY_MS))
}

impl World {
    async fn ingest(&self, folder: FolderId, class: Class, bytes: Vec<u8>) -> NewItem {
        let (store, now) = (&self.store, self.now());
        match class {
            Class::Contacts => workflow::ingest_card(store, folder.account, bytes.into(), now).await.unwrap(),
            _ => workflow::ingest_calendar_object(store, folder.account, bytes.into(), now).await.unwrap(),
        }
    }

    /// As PUT of a new resource.
    pub(crate) async fn put(&self, folder: FolderId, object: &Object) -> ItemId {
        self.put_bytes(folder, object.class, object.bytes()).await
    }

    pub(crate) async fn put_bytes(&self, folder: FolderId, class: Class, bytes: Vec<u8>) -> ItemId {
        let new = self.ingest(folder, class, bytes).await;
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::Insert>(folder.account, folder.collection)?;
            Ok(tx.insert(&grant, &new)?.id)
        })
        .await
    }

    /// As PUT of a resource that is there.
    pub(crate) async fn replace(&self, folder: FolderId, item: &Item, object: &Object) {
        let new = self.ingest(folder, object.class, object.bytes()).await;
        let uid = item.uid;
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::Replace>(folder.account, folder.collection)?;
            tx.replace(&grant, uid, &new, None, None)
        })
        .await;
    }

    /// The items of a folder with their bytes.
    pub(crate) async fn stored(&self, folder: FolderId) -> Vec<(Item, String)> {
        let (items, contents) = self
            .read(move |tx| {
                let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
                Ok((tx.items(&grant, &[1..=u32::MAX])?, tx.contents(&grant, &[1..=u32::MAX], false)?))
            })
            .await;
        let mut stored = Vec::new();
        for (item, (_, content)) in items.into_iter().zip(contents) {
            let bytes = self.store.load(content).await.unwrap();
            stored.push((item, String::from_utf8(bytes.to_vec()).unwrap()));
        }
        stored
    }

    /// The items of a folder, read line by line.
    pub(crate) async fn objects(&self, folder: FolderId, class: Class) -> Vec<(Item, Object)> {
        let object = |(item, text): (Item, String)| {
            let line = |name: &str| {
                let lines = text.lines().filter_map(|line| line.split_once(':'));
                let mut named = lines.filter(|(key, _)| key.split(';').next() == Some(name));
                named.next().map(|(_, value)| value.to_owned())
            };
            let subject = match class {
                Class::Contacts => line("N").unwrap().split(';').next().unwrap().to_owned(),
                _ => line("SUMMARY").unwrap_or_default(),
            };
            let when = match class {
                Class::Calendar => compact(Timestamp(item.filter_at.0 - HOUR_MS)),
                Class::Tasks => {
                    if line("COMPLETED").is_some() {
                        "1".into()
                    } else {
                        "0".into()
                    }
                }
                _ => String::new(),
            };
            let (uid, private) = (item.component_uid.clone().unwrap_or_default(), item.private);
            (item, Object { class, uid, subject, when, private })
        };
        self.stored(folder).await.into_iter().map(object).collect()
    }
}
