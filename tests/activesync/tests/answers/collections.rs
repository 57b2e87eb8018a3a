//! Several folders in one Sync: what each of them is answered, and how much in all.

use blackbox::{Account, Demo, Element, Imap, Phone, Store, unique};

/// Folders made by IMAP, as one phone asks for them.
struct Shelves {
    phone: Phone,
    imap: Imap,
    shelves: Vec<Shelf>,
}

struct Shelf {
    name: String,
    id: String,
    key: String,
}

/// What one folder was answered.
#[derive(Debug)]
struct Told {
    status: String,
    subjects: Vec<String>,
    more: bool,
    /// Bytes of the bodies.
    bytes: usize,
}

fn get_changes(value: &str) -> Element {
    Element::text("AirSync:GetChanges", value)
}

fn window(size: &str) -> Element {
    Element::text("AirSync:WindowSize", size)
}

impl Shelves {
    /// So many folders, primed.
    fn new(demo: &Demo, anna: &Account, version: &str, count: usize) -> Self {
        let (mut imap, mut phone) = (demo.imap(anna), demo.phone(anna, version));
        phone.provision();
        let names: Vec<String> = (0..count).map(|_| unique()).collect();
        for name in &names {
            imap.ok(&format!("CREATE {name}"));
        }
        let folders = phone.folders();
        let shelf = |name: &String| {
            let folder = folders.iter().find(|folder| folder.name == *name).unwrap();
            Shelf { name: name.clone(), id: folder.id.clone(), key: "0".to_owned() }
        };
        let shelves = names.iter().map(shelf).collect();
        let mut shelves = Self { phone, imap, shelves };
        let told = shelves.sync(&vec![vec![]; count], vec![]);
        assert!(told.iter().all(|told| told.as_ref().is_some_and(|told| told.status == "1")), "{told:?}");
        shelves
    }

    fn put(&mut self, shelf: usize, subject: &str, text: &str) {
        let mail = format!("Subject: {subject}\r\n\r\n{text}\r\n");
        let name = self.shelves[shelf].name.clone();
        self.imap.append(&name, "", mail.as_bytes());
    }

    fn collection(&self, shelf: usize, key: &str, more: &[Element]) -> Element {
        let mut inner = vec![
            Element::text("AirSync:SyncKey", key),
            Element::text("AirSync:CollectionId", &self.shelves[shelf].id),
        ];
        inner.extend_from_slice(more);
        Element::of("AirSync:Collection", inner)
    }

    /// One Sync of all folders, each with elements after its CollectionId, and elements after the Collections.
    fn sync(&mut self, more: &[Vec<Element>], at_the_end: Vec<Element>) -> Vec<Option<Told>> {
        let collections = (0..self.shelves.len())
            .map(|shelf| self.collection(shelf, &self.shelves[shelf].key, &more[shelf]))
            .collect();
        self.ask(collections, at_the_end)
    }

    fn ask(&mut self, collections: Vec<Element>, at_the_end: Vec<Element>) -> Vec<Option<Told>> {
        let collections = Element::of("AirSync:Collections", collections);
        let request = Element::of("AirSync:Sync", std::iter::once(collections).chain(at_the_end));
        let answer = self.phone.command("Sync", Some(&request));
        let answered = answer.as_ref().and_then(|root| root.at("Collections"));
        let mut told = Vec::new();
        for shelf in &mut self.shelves {
            let its = |one: &&Element| one.get("CollectionId").as_ref() == Some(&shelf.id);
            let one = answered.and_then(|all| all.all("Collection").find(its));
            let status = one.and_then(|one| one.get("Status"));
            if status.as_deref() == Some("1") {
                shelf.key = one.and_then(|one| one.get("SyncKey")).unwrap();
            }
            told.push(one.map(|one| {
                let added: Vec<&Element> =
                    one.at("Commands").into_iter().flat_map(|commands| commands.all("Add")).collect();
                let subject = |add: &&Element| add.get("ApplicationData/Subject").unwrap();
                let bytes =
                    |add: &&Element| add.at("ApplicationData/Body/Data").map_or(0, |data| data.content.len());
                Told {
                    status: status.unwrap(),
                    subjects: added.iter().map(subject).collect(),
                    more: one.at("MoreAvailable").is_some(),
                    bytes: added.iter().map(bytes).sum(),
                }
            }));
        }
        told
    }

    /// Asks until every folder is quiet.
    fn quiet(&mut self) {
        let count = self.shelves.len();
        for _ in 0..20 {
            let told = self.sync(&vec![vec![]; count], vec![]);
            if told.iter().flatten().all(|told| told.subjects.is_empty() && !told.more) {
                return;
            }
        }
        panic!("never quiet");
    }
}

fn on_each_version(folders: usize, claim: impl Fn(&mut Shelves, &str)) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in super::VERSIONS {
        claim(&mut Shelves::new(&demo, &anna, version, folders), version);
    }
    demo.consistent();
}

/// Subjects of a folder that was answered with 1, perhaps with nothing.
fn subjects(told: &Option<Told>) -> Vec<String> {
    let Some(told) = told else { return Vec::new() };
    assert_eq!(told.status, "1");
    told.subjects.clone()
}

#[test]
fn a_partial_request_changes_one_folder_and_means_the_others_as_they_were() {
    on_each_version(3, |shelves, version| {
        shelves.put(0, "old", "x");
        shelves.quiet();
        // The folders whose key has changed since the request that is remembered.
        shelves.quiet();
        for shelf in 0..3 {
            shelves.put(shelf, &format!("new {shelf}"), "x");
            shelves.put(shelf, &format!("newer {shelf}"), "x");
        }
        let partial = Element::of("AirSync:Partial", []);
        let key = shelves.shelves[1].key.clone();
        let changed = vec![shelves.collection(1, &key, &[window("1")])];
        let told = shelves.ask(changed, vec![partial]);
        let counts: Vec<usize> = told.iter().map(|told| subjects(told).len()).collect();
        assert_eq!(counts, [2, 1, 2], "{version}: {told:?}");
        assert!(told[1].as_ref().unwrap().more, "{version}: {told:?}");
    });
}

#[test]
fn the_window_of_a_request_is_shared_by_its_folders() {
    on_each_version(3, |shelves, version| {
        for shelf in 0..3 {
            for number in 0..4 {
                shelves.put(shelf, &format!("{shelf} {number}"), "x");
            }
        }
        let mut all = Vec::new();
        for round in 0..3 {
            let told = shelves.sync(&vec![vec![window("3")]; 3], vec![window("5")]);
            let here: Vec<String> = told.iter().flat_map(subjects).collect();
            assert!(here.len() <= 5, "{version}: {told:?}");
            if round == 0 {
                // In the order of the request (MS-ASCMD R4777).
                let counts: Vec<usize> = told.iter().map(|told| subjects(told).len()).collect();
                assert_eq!(counts, [3, 2, 0], "{version}: {told:?}");
                let more: Vec<bool> =
                    told.iter().map(|told| told.as_ref().is_some_and(|one| one.more)).collect();
                assert_eq!(more, [true, true, true], "{version}: {told:?}");
            }
            all.extend(here);
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 12, "{version}: {all:?}");
    });
}

#[test]
fn an_answer_that_is_long_ends_early_and_everything_arrives() {
    const TEXT_BYTES: usize = 1_500_000;
    const ANSWER_BYTES_MAX: usize = 4 << 20;
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let mut shelves = Shelves::new(&demo, &anna, "16.1", 2);
    let text = "Words of a mail, many of them.\r\n".repeat(TEXT_BYTES / 32);
    for number in 0..7 {
        shelves.put(number / 4, &number.to_string(), &text);
    }
    let preference = Element::of("AirSyncBase:BodyPreference", [Element::text("AirSyncBase:Type", "1")]);
    let options = vec![window("100"), Element::of("AirSync:Options", [preference])];
    let (mut all, mut more) = (Vec::new(), true);
    while more {
        let told = shelves.sync(&[options.clone(), options.clone()], vec![]);
        let told: Vec<Told> = told.into_iter().flatten().collect();
        let count: usize = told.iter().map(|one| one.subjects.len()).sum();
        // The one that takes it over the bound is the last, of all folders.
        assert!(count > 0 && (count - 1) * TEXT_BYTES < ANSWER_BYTES_MAX, "{told:?}");
        let bytes: usize = told.iter().map(|one| one.bytes).sum();
        assert!(bytes >= count * (TEXT_BYTES - 100), "each comes whole: {told:?}");
        more = told.iter().any(|one| one.more);
        all.extend(told.into_iter().flat_map(|one| one.subjects));
        assert_eq!(more, all.len() < 7, "{all:?}");
    }
    all.sort();
    assert_eq!(all, ["0", "1", "2", "3", "4", "5", "6"]);
    demo.consistent();
}

// MS-ASCMD R749 R5839
#[test]
fn changes_are_held_back_until_they_are_asked_for() {
    on_each_version(2, |shelves, version| {
        let primed = shelves
            .ask((0..2).map(|shelf| shelves.collection(shelf, "0", &[get_changes("0")])).collect(), vec![]);
        assert!(primed.iter().all(|told| told.as_ref().is_some_and(|told| told.status == "1")), "{primed:?}");
        shelves.put(0, "one", "x");
        shelves.put(1, "two", "x");
        let told = shelves.sync(&[vec![get_changes("0")], vec![get_changes("1")]], vec![]);
        assert!(subjects(&told[0]).is_empty(), "{version}: {told:?}");
        assert!(told[0].as_ref().is_none_or(|told| !told.more), "{version}: {told:?}");
        assert_eq!(subjects(&told[1]), ["two"], "{version}");
        let told = shelves.sync(&[vec![get_changes("1")], vec![get_changes("1")]], vec![]);
        assert_eq!(subjects(&told[0]), ["one"], "{version}");
    });
}

// MS-ASCMD R4417
#[test]
fn a_key_that_is_wrong_is_told_of_its_folder_alone() {
    on_each_version(3, |shelves, version| {
        for shelf in 0..3 {
            shelves.put(shelf, "new", "x");
        }
        let collections = (0..3)
            .map(|shelf| {
                let key = if shelf == 1 { "4711".to_owned() } else { shelves.shelves[shelf].key.clone() };
                shelves.collection(shelf, &key, &[])
            })
            .collect();
        let told = shelves.ask(collections, vec![]);
        assert_eq!(told[1].as_ref().unwrap().status, "3", "{version}: {told:?}");
        assert!(told[1].as_ref().unwrap().subjects.is_empty(), "{version}: {told:?}");
        for good in [0, 2] {
            assert_eq!(subjects(&told[good]), ["new"], "{version}: {told:?}");
        }
        // It begins anew, the others go on.
        "0".clone_into(&mut shelves.shelves[1].key);
        shelves.sync(&vec![vec![]; 3], vec![]);
        let told = shelves.sync(&vec![vec![]; 3], vec![]);
        assert_eq!([0, 1, 2].map(|shelf| subjects(&told[shelf]).len()), [0, 1, 0], "{version}: {told:?}");
    });
}
