//! What Sync tells of mails that changed elsewhere, how many at once, and where deleted ones go.

use blackbox::{Account, Demo, Element, Imap, Phone, Store, unique};

/// A folder of a number of mails, shown by IMAP and by a phone.
struct Mailbox {
    phone: Phone,
    imap: Imap,
    name: String,
    folder: String,
    trash: String,
    key: String,
}

/// ServerIds and ApplicationData of commands with a tag.
fn all<'a>(root: &'a Element, tag: &str) -> Vec<(String, &'a [Element])> {
    let commands = root.at("Collections/Collection/Commands");
    let commands = commands.map(|commands| commands.children.as_slice()).unwrap_or_default();
    let of_tag = commands.iter().filter(|command| command.tag == format!("AirSync:{tag}"));
    let data = |command: &'a Element| command.at("ApplicationData").map_or(&[][..], |data| &data.children);
    of_tag.map(|command| (command.get("ServerId").unwrap(), data(command))).collect()
}

impl Mailbox {
    fn new(demo: &Demo, anna: &Account, version: &str, mails: usize) -> Self {
        let (name, mut imap) = (unique(), demo.imap(anna));
        imap.ok(&format!("CREATE {name}"));
        for number in 0..mails {
            imap.append(&name, "", format!("Subject: {number}\r\n\r\nWords.\r\n").as_bytes());
        }
        imap.select(&name);
        let mut phone = demo.phone(anna, version);
        phone.provision();
        let folders = phone.folders();
        let folder = folders.iter().find(|folder| folder.name == name).unwrap().id.clone();
        let trash = folders.iter().find(|folder| folder.kind == 4).unwrap().id.clone();
        let mut mailbox = Self { phone, imap, name, folder, trash, key: "0".to_owned() };
        mailbox.sync(vec![]).unwrap();
        mailbox
    }

    /// One Sync with elements after the CollectionId; the answer, if it has a body.
    fn sync(&mut self, more: Vec<Element>) -> Option<Element> {
        let mut inner = vec![
            Element::text("AirSync:SyncKey", &self.key),
            Element::text("AirSync:CollectionId", &self.folder),
        ];
        inner.extend(more);
        let collection = Element::of("AirSync:Collection", inner);
        let request = Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])]);
        let root = self.phone.command("Sync", Some(&request))?;
        assert_eq!(root.get("Collections/Collection/Status").as_deref(), Some("1"), "{}", root.shown());
        self.key = root.get("Collections/Collection/SyncKey").unwrap();
        Some(root)
    }
}

fn on_each_version(mails: usize, claim: impl Fn(&mut Mailbox, &str)) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in super::VERSIONS {
        claim(&mut Mailbox::new(&demo, &anna, version, mails), version);
    }
    demo.consistent();
}

// MS-ASEMAIL R81 R104
#[test]
fn of_a_mail_whose_marks_changed_the_marks_are_told_and_nothing_else() {
    on_each_version(1, |mailbox, version| {
        mailbox.sync(vec![]).unwrap();
        let quiet = mailbox.sync(vec![]);
        let is_quiet = quiet.as_ref().is_none_or(|root| root.at("Collections/Collection/Commands").is_none());
        assert!(is_quiet, "{version}: nothing has changed: {quiet:?}");
        let (mut sign, categories) = ("+", version >= "14");
        for (flags, told) in [
            ("\\Seen", &["Read"][..]),
            ("\\Flagged", &["Flag"]),
            ("Work", &["Categories"]),
            ("\\Seen \\Flagged", &["Read", "Flag"]),
            ("\\Seen Work", &["Read", "Categories"]),
            ("\\Flagged Work", &["Flag", "Categories"]),
            ("\\Seen \\Flagged Work", &["Read", "Flag", "Categories"]),
        ] {
            if !categories && told.contains(&"Categories") {
                continue;
            }
            // Set, and cleared again.
            for _ in 0..2 {
                mailbox.imap.ok(&format!("STORE 1 {sign}FLAGS ({flags})"));
                sign = if sign == "+" { "-" } else { "+" };
                let root = mailbox.sync(vec![]).unwrap();
                let changes = all(&root, "Change");
                let [(_, data)] = &changes[..] else { panic!("{}", root.shown()) };
                let names: Vec<&str> =
                    data.iter().map(|child| child.tag.split(':').nth(1).unwrap()).collect();
                let all_of_them = told.iter().all(|name| names.contains(name));
                let no_others = names.iter().all(|name| ["Read", "Flag", "Categories"].contains(name));
                assert!(all_of_them && no_others, "{version} {flags}: {names:?}");
            }
        }
    });
}

// MS-ASCMD R4765 R4771 R5015 R5041
#[test]
fn no_more_is_told_at_once_than_the_window_has_room_for() {
    on_each_version(7, |mailbox, version| {
        let mut told = Vec::new();
        for (window, more) in [(3, true), (3, true), (3, false)] {
            let root = mailbox.sync(vec![Element::text("AirSync:WindowSize", &window.to_string())]).unwrap();
            let added = all(&root, "Add");
            assert!(added.len() <= window, "{version}");
            told.extend(added.into_iter().map(|(id, _)| id));
            let is_more = root.at("Collections/Collection/MoreAvailable").is_some();
            assert_eq!(is_more, more, "{version}: {}", root.shown());
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 7, "{version}");
    });
}

// MS-ASCMD R2158 R2160 R5874 R5875
#[test]
fn a_deleted_mail_goes_to_the_trash_unless_the_client_says_otherwise() {
    on_each_version(4, |mailbox, version| {
        let root = mailbox.sync(vec![]).unwrap();
        let mails: Vec<String> = all(&root, "Add").into_iter().map(|(id, _)| id).collect();
        let moves: [(Option<Element>, bool); 4] = [
            (Some(Element::text("AirSync:DeletesAsMoves", "0")), false),
            (Some(Element::text("AirSync:DeletesAsMoves", "1")), true),
            (Some(Element::of("AirSync:DeletesAsMoves", [])), true),
            (None, true),
        ];
        for (mail, (element, moved)) in mails.iter().zip(moves) {
            let in_trash = |mailbox: &Mailbox| estimate(mailbox, &mailbox.trash);
            let before = in_trash(mailbox);
            let deletion = Element::of("AirSync:Commands", [Element::delete(mail)]);
            mailbox.sync(element.into_iter().chain([deletion]).collect());
            let after = in_trash(mailbox);
            assert_eq!(after - before, usize::from(moved), "{version} {mail}");
        }
        mailbox.imap.ok("NOOP");
        let left = mailbox.imap.ok(&format!("STATUS {} (MESSAGES)", mailbox.name));
        assert!(!left.with("MESSAGES 0").is_empty(), "{version}: {left:?}");
    });
}

/// How many items a folder has that has just been primed.
fn estimate(mailbox: &Mailbox, folder: &str) -> usize {
    let text = Element::text;
    let inner = [text("AirSync:SyncKey", "0"), text("AirSync:CollectionId", folder)];
    let collection = Element::of("AirSync:Collection", inner);
    let request = Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])]);
    let mut key = mailbox.phone.command("Sync", Some(&request)).unwrap();
    let mut count = 0;
    loop {
        let key_now = key.get("Collections/Collection/SyncKey").unwrap();
        let inner = [
            text("AirSync:SyncKey", &key_now),
            text("AirSync:CollectionId", folder),
            text("AirSync:WindowSize", "512"),
        ];
        let collection = Element::of("AirSync:Collection", inner);
        let request = Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])]);
        let Some(root) = mailbox.phone.command("Sync", Some(&request)) else { return count };
        count += all(&root, "Add").len();
        if root.at("Collections/Collection/MoreAvailable").is_none() {
            return count;
        }
        key = root;
    }
}

// MS-ASCMD R2167 R2243 R2244
#[test]
fn a_folder_is_emptied_without_its_subfolders_unless_they_are_named() {
    on_each_version(2, |mailbox, version| {
        let name = mailbox.name.clone();
        mailbox.imap.ok(&format!("CREATE {name}/sub"));
        for (subfolders, left) in [(false, 1), (true, 0)] {
            let options = Element::of(
                "ItemOperations:Options",
                subfolders.then(|| Element::of("ItemOperations:DeleteSubFolders", [])),
            );
            let mut inner = vec![Element::text("AirSync:CollectionId", &mailbox.folder)];
            inner.extend(subfolders.then_some(options));
            let operation = Element::of("ItemOperations:EmptyFolderContents", inner);
            let request = Element::of("ItemOperations:ItemOperations", [operation]);
            let root = mailbox.phone.command("ItemOperations", Some(&request)).unwrap();
            let status = root.get("Response/EmptyFolderContents/Status");
            assert_eq!(status.as_deref(), Some("1"), "{version}: {}", root.shown());
            let listed = mailbox.imap.ok(&format!("LIST \"\" {name}/*"));
            assert_eq!(listed.with("LIST").len(), left, "{version}: {listed:?}");
        }
        mailbox.imap.ok("NOOP");
        let left = mailbox.imap.ok(&format!("STATUS {name} (MESSAGES)"));
        assert!(!left.with("MESSAGES 0").is_empty(), "{version}: {left:?}");
    });
}

// MS-ASCMD R119
#[test]
fn a_phone_that_begins_is_told_of_every_folder() {
    const MAIL: [u32; 8] = [1, 2, 3, 4, 5, 6, 12, 18];
    on_each_version(0, |mailbox, version| {
        let name = mailbox.name.clone();
        mailbox.imap.ok(&format!("CREATE {name}/sub"));
        let leaf = |line: &String| line.rsplit('/').next().unwrap().trim_matches(['"', ' ']).to_owned();
        let mut listed: Vec<String> =
            mailbox.imap.ok("LIST \"\" \"*\"").with("LIST").iter().map(leaf).collect();
        for _ in 0..2 {
            let told = mailbox.phone.hierarchy("0").added;
            let mut told: Vec<String> = told
                .iter()
                .filter(|folder| MAIL.contains(&folder.kind))
                .map(|folder| if folder.kind == 2 { "INBOX".to_owned() } else { folder.name.clone() })
                .collect();
            told.sort();
            listed.sort();
            assert_eq!(told, listed, "{version}");
        }
    });
}

// MS-ASCMD R755
#[test]
fn a_mail_is_not_added_by_a_phone() {
    on_each_version(0, |mailbox, version| {
        if version >= "16" {
            return; // Drafts are.
        }
        let add = Element::add_item(&Phone::client_id(), blackbox::texts("Email", &[("Subject", "x")]));
        let root = mailbox.sync(vec![Element::of("AirSync:Commands", [add])]).unwrap();
        let status = root.get("Collections/Collection/Responses/Add/Status");
        assert_eq!(status.as_deref(), Some("6"), "{version}: {}", root.shown());
    });
}

// MS-ASCMD R873 R5825 R5826
#[test]
fn of_read_flag_and_categories_each_changes_alone() {
    on_each_version(1, |mailbox, version| {
        let root = mailbox.sync(vec![]).unwrap();
        let mail = all(&root, "Add").remove(0).0;
        let flag = Element::of("Email:Flag", []);
        let read = Element::text("Email:Read", "0");
        let categories = Element::of("Email:Categories", []);
        for (change, cleared) in [(flag, "\\Flagged"), (read, "\\Seen"), (categories, "Work")] {
            if cleared == "Work" && version < "14" {
                continue;
            }
            mailbox.imap.ok("STORE 1 FLAGS (\\Seen \\Flagged Work)");
            mailbox.sync(vec![]);
            let change = Element::change_item(&mail, vec![change]);
            mailbox.sync(vec![Element::of("AirSync:Commands", [change])]);
            mailbox.imap.ok("NOOP");
            let line = mailbox.imap.ok("FETCH 1 (FLAGS)").with("FLAGS").remove(0);
            for mark in ["\\Flagged", "\\Seen", "Work"] {
                assert_eq!(line.contains(mark), mark != cleared, "{version} {cleared}: {line}");
            }
        }
    });
}
