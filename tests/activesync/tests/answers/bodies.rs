//! How much of a body is sent: BodyPreference.

use blackbox::{Account, Demo, Element, Mail, Phone, Store, unique};

/// Long enough to be cut.
const TEXT_BYTES: usize = 2000;

/// A folder with one mail, and a phone that has primed it.
struct Shelf {
    phone: Phone,
    folder: String,
    item: String,
    text: String,
}

fn preference(fields: &[(&str, &str)]) -> Element {
    Element::of("AirSyncBase:BodyPreference", blackbox::texts("AirSyncBase", fields))
}

impl Shelf {
    fn new(demo: &Demo, anna: &Account, version: &str) -> Self {
        let (name, text) = (unique(), "Words of a mail. ".repeat(TEXT_BYTES / 17 + 1));
        let text = text[..TEXT_BYTES].to_owned();
        let mime = format!(
            "From: <{0}>\r\nTo: <{0}>\r\nSubject: {name}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n{text}",
            anna.address
        );
        let mail = Mail { subject: name.clone(), bytes: mime.into_bytes() };
        let mut imap = demo.imap(anna);
        imap.ok(&format!("CREATE {name}"));
        imap.append(&name, "", &mail.bytes);
        let mut phone = demo.phone(anna, version);
        phone.provision();
        let mut folder = phone.folders().into_iter().find(|folder| folder.name == name).unwrap();
        phone.sync_all(&mut folder);
        let item = folder.items.keys().next().unwrap().clone();
        Self { phone, folder: folder.id, item, text }
    }

    /// The Body by Sync from key 0 on, with Options of its own.
    fn synced(&self, options: &[Element]) -> Element {
        let sync = |key: &str, more: Vec<Element>| {
            let mut inner = vec![
                Element::text("AirSync:SyncKey", key),
                Element::text("AirSync:CollectionId", &self.folder),
            ];
            inner.extend(more);
            let collection = Element::of("AirSync:Collection", inner);
            let request = Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])]);
            self.phone.command("Sync", Some(&request)).unwrap()
        };
        let key = sync("0", vec![]).get("Collections/Collection/SyncKey").unwrap();
        let root = sync(&key, vec![Element::of("AirSync:Options", options.iter().cloned())]);
        let body = root.at("Collections/Collection/Commands/Add/ApplicationData/Body");
        body.unwrap_or_else(|| panic!("{}", root.shown())).clone()
    }

    /// The Body by ItemOperations.
    fn fetched(&self, options: &[Element]) -> Element {
        let fetch = Element::of(
            "ItemOperations:Fetch",
            [
                Element::text("ItemOperations:Store", "Mailbox"),
                Element::text("AirSync:CollectionId", &self.folder),
                Element::text("AirSync:ServerId", &self.item),
                Element::of("ItemOperations:Options", options.iter().cloned()),
            ],
        );
        let request = Element::of("ItemOperations:ItemOperations", [fetch]);
        let root = self.phone.command("ItemOperations", Some(&request)).unwrap();
        let body = root.at("Response/Fetch/Properties/Body");
        body.unwrap_or_else(|| panic!("{}", root.shown())).clone()
    }

    /// By both ways, which say the same.
    fn body(&self, fields: &[(&str, &str)]) -> Element {
        let options = [preference(fields)];
        let (synced, fetched) = (self.synced(&options), self.fetched(&options));
        assert_eq!(synced, fetched);
        synced
    }
}

fn on_each_version(claim: impl Fn(&Shelf, &str)) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in super::VERSIONS {
        claim(&Shelf::new(&demo, &anna, version), version);
    }
    demo.consistent();
}

// MS-ASAIRS R378 R379 R381 R382 R420 R421 R423 R424 R180 R276 R277 R300
#[test]
fn a_body_is_cut_at_the_size_that_is_wanted_and_says_so() {
    on_each_version(|shelf, version| {
        for all_or_none in [&[("AllOrNone", "0")][..], &[]] {
            let with = |size: &'static str| {
                let mut fields = vec![("Type", "1")];
                fields.extend((!size.is_empty()).then_some(("TruncationSize", size)));
                fields.extend_from_slice(all_or_none);
                shelf.body(&fields)
            };
            let cut = with("100");
            assert_eq!(cut.get("Data").as_deref(), Some(&shelf.text[..100]), "{version}");
            assert_eq!(cut.get("Truncated").as_deref(), Some("1"), "{version}");
            for size in ["5000", ""] {
                let whole = with(size);
                assert_eq!(whole.get("Data").unwrap().trim_end(), shelf.text.trim_end(), "{version}");
                assert!(matches!(whole.get("Truncated").as_deref(), None | Some("0")), "{version}");
            }
        }
    });
}

// MS-ASAIRS R373 R54 R376 R377 R401
#[test]
fn a_body_that_is_wanted_whole_or_not_at_all_comes_so() {
    on_each_version(|shelf, version| {
        let with = |size: &'static str, all_or_none: &'static str| {
            let mut fields = vec![("Type", "1")];
            fields.extend((!size.is_empty()).then_some(("TruncationSize", size)));
            fields.push(("AllOrNone", all_or_none));
            shelf.body(&fields)
        };
        let whole = with("5000", "1");
        assert_eq!(whole.get("Data").unwrap().trim_end(), shelf.text.trim_end(), "{version}");
        let nothing = with("100", "1");
        assert_eq!(nothing.get("Data").unwrap_or_default(), "", "{version}: {}", nothing.shown());
        assert_eq!(nothing.get("Truncated").as_deref(), Some("1"), "{version}");
        assert_eq!(with("", "1"), with("", "0"), "{version}: without a size it means nothing");
    });
}

// MS-ASAIRS R112 R250 R1001036
#[test]
fn a_preview_has_no_more_characters_than_are_wanted_and_none_stands_beside_text() {
    on_each_version(|shelf, version| {
        if version < "14" {
            return;
        }
        let html = shelf.body(&[("Type", "2"), ("TruncationSize", "100"), ("Preview", "30")]);
        let preview = html.get("Preview").unwrap_or_else(|| panic!("{version}: {}", html.shown()));
        assert!(!preview.is_empty() && preview.chars().count() <= 30, "{version}: {preview}");
        let order = ["Type", "EstimatedDataSize", "Truncated", "Data", "Part", "Preview"];
        let names = html.children.iter().map(|child| child.tag.split(':').nth(1).unwrap());
        let places: Vec<_> = names.map(|name| order.iter().position(|one| *one == name).unwrap()).collect();
        assert!(places.is_sorted() && places.len() == 5, "{version}: {}", html.shown());
        let text = shelf.body(&[("Type", "1"), ("TruncationSize", "100"), ("Preview", "30")]);
        assert!(text.at("Data").is_some() && text.at("Preview").is_none(), "{version}: {}", text.shown());
    });
}
