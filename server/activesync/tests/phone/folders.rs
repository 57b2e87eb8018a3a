//! Folders that a phone makes, renames and removes: of its own account and of colleagues.

use activesync_wire::server_id::FolderId;
use storage::right;
use vocabulary::{AccountId, CollectionKind, Flags, Preset, Role};
use wbxml::page::folder_hierarchy as hierarchy;
use wbxml::{Element, Tag};

use crate::phone::{Phone, text};
use crate::world::{World, editor, on_each_database};

/// A phone and the key of its list of folders.
struct Folders<'w> {
    phone: Phone<'w>,
    key: String,
}

/// A folder as a phone is told of it: id, parent and name.
type Told = (String, String, String);

impl<'w> Folders<'w> {
    async fn of(world: &'w World, user: &str, account: AccountId) -> Self {
        let inbox = world.folder(account, Role::Inbox).await;
        let mut folders = Self { phone: Phone::new(world, user, "f", "16.1", inbox).await, key: "0".into() };
        folders.changes().await;
        folders
    }

    /// FolderSync: what was added or changed, and what is gone.
    async fn changes(&mut self) -> (Vec<Told>, Vec<String>) {
        let ask = Element::new(hierarchy::FOLDER_SYNC).with_text(hierarchy::SYNC_KEY, &self.key);
        let root = self.phone.command("FolderSync", Some(&ask)).await.unwrap();
        self.key = text(&root, hierarchy::SYNC_KEY);
        let changes = root.child(hierarchy::CHANGES).unwrap().clone();
        let told = |one: &Element| {
            (
                text(one, hierarchy::SERVER_ID),
                text(one, hierarchy::PARENT_ID),
                text(one, hierarchy::DISPLAY_NAME),
            )
        };
        let shown = changes.children().filter(|one| matches!(one.tag, hierarchy::ADD | hierarchy::UPDATE));
        let gone = changes.all(hierarchy::DELETE).map(|one| text(one, hierarchy::SERVER_ID));
        (shown.map(told).collect(), gone.collect())
    }

    /// One change: its status, and the id of what was made. Success moves the key, unless the answer is lost.
    async fn change(&mut self, command: &str, fields: &[(Tag, &str)], is_lost: bool) -> (String, String) {
        let tag = match command {
            "FolderCreate" => hierarchy::FOLDER_CREATE,
            "FolderUpdate" => hierarchy::FOLDER_UPDATE,
            _ => hierarchy::FOLDER_DELETE,
        };
        let document = Element::new(tag).with_text(hierarchy::SYNC_KEY, &self.key);
        let document =
            fields.iter().fold(document, |document, (tag, value)| document.with_text(*tag, *value));
        let root = self.phone.command(command, Some(&document)).await.unwrap();
        if let Some(key) = root.child_value(hierarchy::SYNC_KEY).filter(|_| !is_lost) {
            self.key = key.into_owned();
        }
        let made = root.child_value(hierarchy::SERVER_ID).unwrap_or_default().into_owned();
        (text(&root, hierarchy::STATUS), made)
    }
}

async fn stored(world: &World, folder: FolderId) -> storage::Collection {
    let read = move |tx: &storage::Read<'_>| {
        Ok(tx.open::<right::Lookup>(folder.account, folder.collection)?.collection().clone())
    };
    world.read(read).await
}

// MS-ASCMD R97 R98 R4046
#[test]
fn what_lies_beneath_a_deleted_folder_goes_with_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let above = world.make_folder(people.anna, CollectionKind::Mail, "Reisen").await;
        let between = world.make_folder_in(above, CollectionKind::Mail, "2026").await;
        let below = world.make_folder_in(between, CollectionKind::Mail, "Mai").await;
        let beside = world.make_folder(people.anna, CollectionKind::Mail, "Haus").await;
        world.append(below, "gone with it", world.now(), Flags::NONE).await;
        let mut folders = Folders::of(world, &people.anna_address, people.anna).await;
        let delete = [(hierarchy::SERVER_ID, above.to_string())];
        let delete = delete.each_ref().map(|(tag, id)| (*tag, id.as_str()));
        for is_lost in [true, false] {
            assert_eq!(folders.change("FolderDelete", &delete, is_lost).await.0, "1", "lost: {is_lost}");
        }
        let account = people.anna;
        let left = world.read(move |tx| tx.collections(account)).await;
        let left: Vec<_> = left.into_iter().map(|one| one.collection.id).collect();
        let is_there = |folder: FolderId| left.contains(&folder.collection);
        assert_eq!([above, between, below, beside].map(is_there), [false, false, false, true]);
        assert_eq!(folders.changes().await, (Vec::new(), Vec::new()), "it knows what it did");
        assert_eq!(folders.change("FolderDelete", &delete, false).await.0, "4");
    });
}

// MS-ASCMD R4932
#[test]
fn a_folder_that_would_nest_too_deep_is_no_special_one() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut above = world.make_folder(people.anna, CollectionKind::Mail, "1").await;
        for depth in 2..=vocabulary::MailboxPath::DEPTH_MAX {
            above = world.make_folder_in(above, CollectionKind::Mail, &depth.to_string()).await;
        }
        let mut folders = Folders::of(world, &people.anna_address, people.anna).await;
        let parent = above.to_string();
        let fields = [
            (hierarchy::PARENT_ID, parent.as_str()),
            (hierarchy::DISPLAY_NAME, "deeper"),
            (hierarchy::TYPE, "12"),
        ];
        assert_eq!(folders.change("FolderCreate", &fields, false).await.0, "151");
        folders.phone.version = "12.1";
        assert_eq!(folders.change("FolderCreate", &fields, false).await.0, "6");
    });
}

#[test]
fn a_colleagues_folder_is_renamed_where_it_is_and_its_maker_sees_what_it_makes_there() {
    on_each_database(async |world| {
        let people = world.people().await;
        let above = world.make_folder(people.anna, CollectionKind::Mail, "Garten").await;
        let beneath = world.make_folder_in(above, CollectionKind::Mail, "Beete").await;
        world.share(above, people.ben, editor()).await;
        world.share(beneath, people.ben, Preset::Owner.rights()).await;
        let mut folders = Folders::of(world, &people.ben_address, people.ben).await;
        let (above_id, id) = (above.to_string(), beneath.to_string());
        let shown = |name: &str| format!("{name} ({})", people.anna_address);
        for (sent, kept) in [(shown("Rosen"), "Rosen"), ("Nelken".to_owned(), "Nelken")] {
            let fields = [
                (hierarchy::SERVER_ID, id.as_str()),
                (hierarchy::PARENT_ID, "0"),
                (hierarchy::DISPLAY_NAME, sent.as_str()),
            ];
            assert_eq!(folders.change("FolderUpdate", &fields, false).await.0, "1");
            let now = stored(world, beneath).await;
            assert_eq!((now.name.as_str(), now.parent), (kept, above.collection));
            let told: Vec<Told> = match sent == shown(kept) {
                true => Vec::new(),
                false => vec![(id.clone(), "0".to_owned(), shown(kept))],
            };
            assert_eq!(folders.changes().await, (told, Vec::new()), "as it is shown: {sent}");
        }
        let fields = [
            (hierarchy::PARENT_ID, above_id.as_str()),
            (hierarchy::DISPLAY_NAME, "Neu"),
            (hierarchy::TYPE, "12"),
        ];
        let (status, made) = folders.change("FolderCreate", &fields, false).await;
        assert_eq!(status, "1");
        assert_eq!(folders.changes().await.0, [(made.clone(), "0".to_owned(), shown("Neu"))]);
        let mut new = Phone { folder: made.parse().unwrap(), ..folders.phone.clone() };
        new.prime().await;
        assert_eq!(new.ask(1).await.status, "1");
    });
}
