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
        Self::of_length(demo, anna, version, TEXT_BYTES)
    }

    /// With a text of so many bytes.
    fn of_length(demo: &Demo, anna: &Account, version: &str, bytes: usize) -> Self {
        let (name, text) = (unique(), "Words of a mail. ".repeat(bytes / 17 + 1));
        let text = text[..bytes].to_owned();
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
        let data = self.synced_data(options);
        data.at("Body").unwrap_or_else(|| panic!("{}", data.shown())).clone()
    }

    /// The ApplicationData by the same.
    fn synced_data(&self, options: &[Element]) -> Element {
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
        let data = root.at("Collections/Collection/Commands/Add/ApplicationData");
        data.unwrap_or_else(|| panic!("{}", root.shown())).clone()
    }

    /// The Body by ItemOperations.
    fn fetched(&self, options: &[Element]) -> Element {
        let data = self.fetched_data(options);
        data.at("Body").unwrap_or_else(|| panic!("{}", data.shown())).clone()
    }

    /// The Properties by the same.
    fn fetched_data(&self, options: &[Element]) -> Element {
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
        let data = root.at("Response/Fetch/Properties");
        data.unwrap_or_else(|| panic!("{}", root.shown())).clone()
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

// MS-ASAIRS R120 R186 R188 R255 R256 R282 R283 R294 R400 R403 R407 R408 R410 R411
// MS-ASCON R38 R39 R46
#[test]
fn a_message_part_is_cut_as_a_body_is() {
    on_each_version(|shelf, version| {
        if version < "14.1" {
            return;
        }
        let part = |fields: &[(&str, &str)]| {
            let preference =
                Element::of("AirSyncBase:BodyPartPreference", blackbox::texts("AirSyncBase", fields));
            let of = |command: &str, root: Element| {
                let at =
                    root.at("BodyPart").unwrap_or_else(|| panic!("{version} {command}: {}", root.shown()));
                assert_eq!(at.get("Status").as_deref(), Some("1"), "{version} {command}: {}", at.shown());
                assert!(at.content.is_empty(), "{version}: a container");
                at.clone()
            };
            let synced = of("Sync", shelf.synced_data(std::slice::from_ref(&preference)));
            assert_eq!(synced, of("ItemOperations", shelf.fetched_data(&[preference])), "{version}");
            synced
        };
        let begin = &shelf.text[..30];
        let cut = part(&[("Type", "2"), ("TruncationSize", "100"), ("Preview", "20")]);
        let data = cut.get("Data").unwrap();
        assert!(data.len() <= 100 && !data.contains(&shelf.text), "{version}: {}", cut.shown());
        assert_eq!(cut.get("Truncated").as_deref(), Some("1"), "{version}: {}", cut.shown());
        assert!(cut.at("EstimatedDataSize").is_some(), "{version}: {}", cut.shown());
        let preview = cut.get("Preview").unwrap_or_else(|| panic!("{version}: {}", cut.shown()));
        assert!(!preview.is_empty() && preview.chars().count() <= 20, "{version}: {preview}");
        let said = part(&[("Type", "2"), ("TruncationSize", "100"), ("AllOrNone", "0"), ("Preview", "20")]);
        assert_eq!(said, cut, "{version}: 0 is meant without AllOrNone");

        let whole = part(&[("Type", "2")]);
        let data = whole.get("Data").unwrap();
        assert!(data.contains(begin) && data.len() >= shelf.text.trim_end().len(), "{version}: {data}");
        assert!(data.contains('<') && data.contains('>'), "{version}: HTML was asked for: {data}");
        assert_eq!(whole.get("Type").as_deref(), Some("2"), "{version}");
        assert!(matches!(whole.get("Truncated").as_deref(), None | Some("0")), "{version}");
        for all_or_none in ["0", "1"] {
            assert_eq!(part(&[("Type", "2"), ("AllOrNone", all_or_none)]), whole, "{version}");
        }
        let room = part(&[("Type", "2"), ("TruncationSize", "100000")]);
        assert_eq!(room.get("Data"), whole.get("Data"), "{version}");
        let room = part(&[("Type", "2"), ("TruncationSize", "100000"), ("AllOrNone", "0")]);
        assert_eq!(room.get("Data"), whole.get("Data"), "{version}");
    });
}

#[test]
fn a_body_that_cannot_be_as_it_is_wanted_is_text() {
    on_each_version(|shelf, version| {
        // Nobody makes RTF, and MIME is for those whose MIMESupport wants it.
        for wanted in ["3", "4"] {
            let body = shelf.body(&[("Type", wanted)]);
            assert_eq!(body.get("Type").as_deref(), Some("1"), "{version} {wanted}: {}", body.shown());
            assert_eq!(body.get("Data").unwrap().trim_end(), shelf.text.trim_end(), "{version} {wanted}");
        }
    });
}

/// The Body of what DAV has put into a folder of a type, by Sync with one preference.
fn body_of_object(demo: &Demo, phone: &Phone, kind: u32, subject: &str, wanted: &str) -> Element {
    let folders = phone.hierarchy("0").added;
    let folder = folders.iter().find(|folder| folder.kind == kind).unwrap();
    let sync = |key: &str, more: Vec<Element>| {
        let mut inner =
            vec![Element::text("AirSync:SyncKey", key), Element::text("AirSync:CollectionId", &folder.id)];
        inner.extend(more);
        let collection = Element::of("AirSync:Collection", inner);
        let request = Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])]);
        phone.command("Sync", Some(&request)).unwrap()
    };
    let key = sync("0", vec![]).get("Collections/Collection/SyncKey").unwrap();
    let options = Element::of("AirSync:Options", [preference(&[("Type", wanted)])]);
    let root = sync(&key, vec![Element::text("AirSync:WindowSize", "512"), options]);
    let added = root.at("Collections/Collection/Commands").unwrap().all("Add");
    let mut its = added.filter(|add| {
        ["Subject", "FileAs"].iter().any(|name| {
            add.get(&format!("ApplicationData/{name}")).is_some_and(|text| text.contains(subject))
        })
    });
    let data = its.next().unwrap_or_else(|| panic!("{subject} of type {kind} is not there"));
    demo.consistent();
    data.at("ApplicationData/Body").unwrap_or_else(|| panic!("{}", data.shown())).clone()
}

// MS-ASNOTE R37
#[test]
fn what_is_no_mail_has_its_body_as_text_or_html_and_nothing_else() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let (app, uid) = (demo.dav(&anna), unique());
    for component in ["VEVENT", "VTODO", "VJOURNAL"] {
        let inner = format!("DTSTART:20270315T080000Z\nSUMMARY:{uid}\nDESCRIPTION:Words & more\n");
        let target = format!("{}{uid}.ics", app.own(Some(component)));
        app.put(&target, &blackbox::calendar(component, &uid, &inner)).is(201);
    }
    let card = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\nN:{uid};;;;\r\nNOTE:Words & more\r\nEND:VCARD\r\n"
    );
    app.put(&format!("{}{uid}.vcf", app.own(None)), &card).is(201);
    for version in super::VERSIONS {
        for kind in [7, 8, 9, 10] {
            if kind == 10 && version < "14" {
                continue;
            }
            for (wanted, comes, text) in [
                ("1", "1", "Words & more"),
                ("2", "2", "Words &amp; more"),
                ("3", "1", "Words & more"),
                ("4", "1", "Words & more"),
            ] {
                let mut phone = demo.phone(&anna, version);
                phone.provision();
                let body = body_of_object(&demo, &phone, kind, &uid, wanted);
                let told = (body.get("Type"), body.get("Data").unwrap_or_default());
                assert_eq!(told.0.as_deref(), Some(comes), "{version} {kind} {wanted}: {}", body.shown());
                assert!(told.1.contains(text), "{version} {kind} {wanted}: {}", body.shown());
            }
        }
    }
}

// MS-ASAIRS R214
// MS-ASCMD R4166
#[test]
fn a_file_without_a_name_is_not_found() {
    on_each_version(|shelf, version| {
        let fetch = Element::of(
            "ItemOperations:Fetch",
            [
                Element::text("ItemOperations:Store", "Mailbox"),
                Element::text("AirSyncBase:FileReference", ""),
            ],
        );
        let request = Element::of("ItemOperations:ItemOperations", [fetch]);
        let root = shelf.phone.command("ItemOperations", Some(&request)).unwrap();
        assert_eq!(root.get("Response/Fetch/Status").as_deref(), Some("15"), "{version}: {}", root.shown());
    });
}

// MS-ASCMD R3418 R3419 R3420 R3421 R3422 R3423 R3424 R3425 R3426
#[test]
fn mime_is_cut_where_the_old_element_says() {
    let steps = [
        Some(0),
        Some(4096),
        Some(5120),
        Some(7168),
        Some(10_240),
        Some(20_480),
        Some(51_200),
        Some(102_400),
        None,
    ];
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in super::VERSIONS {
        let shelf = Shelf::of_length(&demo, &anna, version, 120_000);
        for (step, bytes) in steps.iter().enumerate() {
            let options = [
                Element::text("AirSync:MIMETruncation", &step.to_string()),
                Element::text("AirSync:MIMESupport", "2"),
                preference(&[("Type", "4")]),
            ];
            let body = shelf.synced(&options);
            assert_eq!(body.get("Type").as_deref(), Some("4"), "{version} {step}");
            let told = body.at("Data").map_or(0, |data| data.content.len());
            match bytes {
                Some(bytes) => assert_eq!(told, *bytes, "{version} {step}"),
                None => assert!(told > shelf.text.len(), "{version}: {told}"),
            }
        }
    }
    demo.consistent();
}

// MS-ASCMD R3363 R3364 R3366 R3367 R3368
#[test]
fn a_whole_message_is_fetched_as_it_came() {
    on_each_version(|shelf, version| {
        let options = [Element::text("AirSync:MIMESupport", "2"), preference(&[("Type", "4")])];
        let body = shelf.fetched_data(&options).at("Body").cloned().unwrap();
        assert!(body.content.is_empty() && !body.children.is_empty(), "{version}: {}", body.shown());
        assert_eq!(body.get("Type").as_deref(), Some("4"), "{version}");
        assert!(body.get("EstimatedDataSize").unwrap().parse::<usize>().unwrap() > 0, "{version}");
        let data = body.get("Data").unwrap();
        assert!(data.starts_with("From: ") && data.contains("MIME-Version: 1.0"), "{version}: {data}");
        assert!(data.trim_end().ends_with(shelf.text.trim_end()), "{version}: {data}");
    });
}
