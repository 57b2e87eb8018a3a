//! A phone that asks for everything, right and wrong.

use blackbox::{Account, Demo, Element, Mail, Phone, unique};

/// Folders by type, each with the key to ask with next.
struct Session<'a> {
    phone: Phone,
    version: &'a str,
    folders: Vec<(u32, String)>,
    word: &'a str,
}

/// All answers are in the phone that comes back.
pub(crate) fn drive(demo: &Demo, anna: &Account, version: &str, word: &str) -> Phone {
    let mut phone = demo.phone(anna, version);
    phone.provision();
    let folders = phone.folders().into_iter().map(|folder| (folder.kind, folder.id)).collect();
    let session = Session { phone, version, folders, word };
    session.hierarchy(demo, anna);
    session.settings();
    let inbox = session.mail(demo, anna);
    session.items();
    session.estimates(&inbox);
    session.waiting(demo, anna, &inbox);
    session.people(&inbox.1, &demo.colleagues().1.address);
    session.wrong();
    session.phone
}

fn text(tag: &str, text: &str) -> Element {
    Element::text(tag, text)
}

fn body_preference(body_type: &str, bytes: Option<&str>, more: &[(&str, &str)]) -> Element {
    let mut inner = vec![text("AirSyncBase:Type", body_type)];
    inner.extend(bytes.map(|bytes| text("AirSyncBase:TruncationSize", bytes)));
    inner.extend(more.iter().map(|(name, value)| text(&format!("AirSyncBase:{name}"), value)));
    Element::of("AirSyncBase:BodyPreference", inner)
}

/// A Sync of one collection with what stands after GetChanges.
fn sync(key: &str, folder: &str, rest: Vec<Element>) -> Element {
    let mut inner = vec![text("AirSync:SyncKey", key), text("AirSync:CollectionId", folder)];
    inner.extend(rest);
    let collection = Element::of("AirSync:Collection", inner);
    Element::of("AirSync:Sync", [Element::of("AirSync:Collections", [collection])])
}

impl Session<'_> {
    fn id(&self, kind: u32) -> &str {
        let found = self.folders.iter().find(|(one, _)| *one == kind);
        &found.unwrap_or_else(|| panic!("no folder of type {kind}")).1
    }

    fn ask(&self, command: &str, request: &Element) -> Option<Element> {
        self.phone.command(command, Some(request))
    }

    /// What may be answered with HTTP's own status in old versions is not heard then.
    fn ask_wrongly(&self, command: &str, request: &Element) {
        let status = self.phone.status_of(command, &blackbox::encode(request));
        if status == 200 {
            self.ask(command, request);
        }
    }

    fn hierarchy(&self, demo: &Demo, anna: &Account) {
        let name = unique();
        let folder_sync = |key: &str| {
            let key = text("FolderHierarchy:SyncKey", key);
            self.ask("FolderSync", &Element::of("FolderHierarchy:FolderSync", [key])).unwrap()
        };
        let change = |command: &str, fields: &[(&str, &str)]| {
            let inner = fields.iter().map(|(name, value)| text(&format!("FolderHierarchy:{name}"), value));
            self.ask(command, &Element::of(&format!("FolderHierarchy:{command}"), inner)).unwrap()
        };
        let mut key = folder_sync("0").get("SyncKey").unwrap();
        let fields = [("SyncKey", key.as_str()), ("ParentId", "0"), ("DisplayName", &name), ("Type", "12")];
        let made = change("FolderCreate", &fields);
        let (id, next) = (made.get("ServerId").unwrap(), made.get("SyncKey").unwrap());
        let fields = [("SyncKey", next.as_str()), ("ParentId", "0"), ("DisplayName", &name), ("Type", "12")];
        assert_eq!(
            change("FolderCreate", &fields).get("Status").as_deref(),
            Some("2"),
            "it is there already"
        );
        let other = unique();
        let fields =
            [("SyncKey", next.as_str()), ("ServerId", &id), ("ParentId", "0"), ("DisplayName", &other)];
        key = change("FolderUpdate", &fields).get("SyncKey").unwrap();
        let fields =
            [("SyncKey", key.as_str()), ("ServerId", "no-such"), ("ParentId", "0"), ("DisplayName", &other)];
        assert_ne!(change("FolderUpdate", &fields).get("Status").as_deref(), Some("1"));
        key = change("FolderDelete", &[("SyncKey", key.as_str()), ("ServerId", &id)]).get("SyncKey").unwrap();
        let inbox = self.id(2);
        let refused = change("FolderDelete", &[("SyncKey", key.as_str()), ("ServerId", inbox)]);
        assert_eq!(refused.get("Status").as_deref(), Some("3"), "{}", refused.shown());

        // Made, renamed and deleted at another door, two of each.
        let mut imap = demo.imap(anna);
        imap.ok(&format!("CREATE {name}"));
        imap.ok(&format!("CREATE {name}b"));
        let root = folder_sync(&key);
        assert!(root.at("Changes/Add").is_some(), "{}", root.shown());
        key = root.get("SyncKey").unwrap();
        imap.ok(&format!("RENAME {name} {other}"));
        imap.ok(&format!("RENAME {name}b {other}b"));
        let root = folder_sync(&key);
        assert!(root.at("Changes/Update").is_some(), "{}", root.shown());
        key = root.get("SyncKey").unwrap();
        imap.ok(&format!("DELETE {other}"));
        imap.ok(&format!("DELETE {other}b"));
        let root = folder_sync(&key);
        assert!(root.at("Changes/Delete").is_some(), "{}", root.shown());
        assert_eq!(folder_sync("12345").get("Status").as_deref(), Some("9"));
    }

    fn settings(&self) {
        let settings = |inner: Element| Element::of("Settings:Settings", [inner]);
        let get = Element::of("Settings:Get", []);
        self.ask("Settings", &settings(Element::of("Settings:UserInformation", [get])));
        let set =
            Element::of("Settings:Set", [text("Settings:Model", "probe"), text("Settings:OS", "probe 1")]);
        self.ask("Settings", &settings(Element::of("Settings:DeviceInformation", [set])));
        let form = text("Settings:BodyType", "Text");
        let asked = Element::of("Settings:Oof", [Element::of("Settings:Get", [form])]);
        self.ask("Settings", &settings(asked));
        let message = |audience: &str| {
            let mut inner = vec![Element::of(&format!("Settings:{audience}"), [])];
            let fields = [("Enabled", "1"), ("ReplyMessage", "Away."), ("BodyType", "Text")];
            inner.extend(blackbox::texts("Settings", &fields));
            Element::of("Settings:OofMessage", inner)
        };
        let mut inner = blackbox::texts(
            "Settings",
            &[
                ("OofState", "2"),
                ("StartTime", "2027-03-15T08:00:00.000Z"),
                ("EndTime", "2027-03-19T08:00:00.000Z"),
            ],
        );
        inner
            .extend(["AppliesToInternal", "AppliesToExternalKnown", "AppliesToExternalUnknown"].map(message));
        for set in [Element::of("Settings:Set", inner), Element::of("Settings:Set", [])] {
            self.ask("Settings", &settings(Element::of("Settings:Oof", [set])));
            let form = text("Settings:BodyType", "Text");
            let asked = Element::of("Settings:Oof", [Element::of("Settings:Get", [form])]);
            self.ask("Settings", &settings(asked));
        }
        let password = Element::of("Settings:Set", [text("Settings:Password", "1234")]);
        self.ask("Settings", &settings(Element::of("Settings:DevicePassword", [password])));
        if self.version >= "14.1" {
            let get = Element::of("Settings:Get", []);
            self.ask("Settings", &settings(Element::of("Settings:RightsManagementInformation", [get])));
        }
    }

    /// One folder from key 0 on with Options; what came, and the key to go on with.
    fn all(&self, folder: &str, options: &[Element], window: &str) -> (String, Vec<Element>) {
        let primed = self.ask("Sync", &sync("0", folder, vec![])).unwrap();
        let mut key = primed.get("Collections/Collection/SyncKey").unwrap();
        let mut found = Vec::new();
        loop {
            let rest = vec![
                text("AirSync:GetChanges", "1"),
                text("AirSync:WindowSize", window),
                Element::of("AirSync:Options", options.iter().cloned()),
            ];
            let Some(root) = self.ask("Sync", &sync(&key, folder, rest)) else { return (key, found) };
            let collection = root.at("Collections/Collection").unwrap();
            assert_eq!(collection.get("Status").as_deref(), Some("1"), "{}", root.shown());
            key = collection.get("SyncKey").unwrap();
            if let Some(commands) = collection.at("Commands") {
                found.extend(commands.children.iter().cloned());
            }
            if collection.at("MoreAvailable").is_none() {
                return (key, found);
            }
        }
    }

    fn mail(&self, demo: &Demo, anna: &Account) -> (String, String) {
        let inbox = self.id(2).to_owned();
        let is_old = self.version < "14";
        let preview: &[(&str, &str)] = if is_old { &[] } else { &[("Preview", "100")] };
        let filter = text("AirSync:FilterType", "0");
        let whole =
            [filter.clone(), text("AirSync:MIMESupport", "2"), body_preference("4", Some("400"), preview)];
        self.all(&inbox, &whole, "100");
        let plain = [filter.clone(), body_preference("1", Some("20"), &[])];
        self.all(&inbox, &plain, "7");
        let mut html = vec![filter.clone(), body_preference("2", Some("300"), preview)];
        if self.version >= "14.1" {
            let inner = [("Type", "2"), ("TruncationSize", "200"), ("Preview", "50")]
                .map(|(name, value)| text(&format!("AirSyncBase:{name}"), value));
            html.push(Element::of("AirSyncBase:BodyPartPreference", inner));
        }
        let (mut key, found) = self.all(&inbox, &html, "100");
        let with = |name: &str| {
            let subject = format!("{} {name}", self.word);
            let is_it =
                |add: &&Element| add.get("ApplicationData/Subject").as_deref() == Some(subject.as_str());
            found.iter().find(is_it).unwrap_or_else(|| panic!("{subject}: {found:?}")).clone()
        };
        let id = |add: &Element| add.get("ServerId").unwrap();
        let (mixed, short) = (with("mixed"), with("plain"));
        let asked = format!("{} asked 0", self.word);
        let is_asked = |add: &&Element| {
            add.get("ApplicationData/Subject").is_some_and(|subject| subject.ends_with(&asked))
        };
        let invited = found.iter().find(is_asked).unwrap_or_else(|| panic!("{asked}: {found:?}")).clone();

        // Its own changes, one that fails, a Fetch, and what others change meanwhile.
        let flag = [("Status", "2"), ("FlagType", "for Follow Up")]
            .map(|(name, value)| text(&format!("Email:{name}"), value));
        let times = ["StartDate", "UtcStartDate", "DueDate", "UtcDueDate"]
            .map(|name| text(&format!("Tasks:{name}"), "2027-03-15T00:00:00.000Z"));
        let reminder =
            [text("Tasks:ReminderSet", "1"), text("Tasks:ReminderTime", "2027-03-14T00:00:00.000Z")];
        let flag = Element::of("Email:Flag", flag.into_iter().chain(times).chain(reminder));
        let commands = [
            Element::change_item(&id(&mixed), vec![text("Email:Read", "1"), flag]),
            Element::change_item("no-such", vec![text("Email:Read", "1")]),
            Element::change_item("nor-this", vec![text("Email:Read", "1")]),
            Element::of("AirSync:Fetch", [text("AirSync:ServerId", &id(&short))]),
            Element::of("AirSync:Fetch", [text("AirSync:ServerId", &id(&mixed))]),
        ];
        let rest = vec![
            text("AirSync:GetChanges", "1"),
            Element::of("AirSync:Options", html.iter().cloned()),
            Element::of("AirSync:Commands", commands),
        ];
        let root = self.ask("Sync", &sync(&key, &inbox, rest)).unwrap();
        key = root.get("Collections/Collection/SyncKey").unwrap();
        let mut imap = demo.imap(anna);
        imap.select("INBOX");
        let uid = imap.uids_of(&format!("{} reply", self.word))[0];
        imap.ok(&format!(r"UID STORE {uid} +FLAGS (\Flagged \Answered Work)"));
        let other = imap.uids_of(&format!("{} invited", self.word))[0];
        imap.ok(&format!(r"UID STORE {other} +FLAGS (\Seen)"));
        let gone = [(); 2].map(|()| Mail::plain(&anna.address, &anna.address));
        for mail in &gone {
            demo.lmtp().deliver(&anna.address, &[&anna.address], mail);
        }
        key = self.refreshed(&key, &inbox, &html);
        imap.ok("NOOP");
        for mail in &gone {
            let uid = imap.uids_of(&mail.subject)[0];
            imap.ok(&format!(r"UID STORE {uid} +FLAGS (\Deleted)"));
        }
        imap.ok("EXPUNGE");
        key = self.refreshed(&key, &inbox, &html);
        let uid = imap.uids_of(&format!("{} reply", self.word))[0];
        imap.ok(&format!(r"UID STORE {uid} -FLAGS (\Flagged \Answered Work)"));
        imap.ok(&format!(r"UID STORE {other} -FLAGS (\Seen)"));
        // Less time: what is old goes softly.
        let mut short_time = html.clone();
        short_time[0] = text("AirSync:FilterType", "1");
        key = self.refreshed(&key, &inbox, &short_time);
        key = self.refreshed(&key, &inbox, &html);

        self.operations(&inbox, &mixed);
        self.moves(&inbox, &id(&short));
        self.meeting(&inbox, &id(&invited));
        (key, inbox)
    }

    fn refreshed(&self, key: &str, folder: &str, options: &[Element]) -> String {
        let mut key = key.to_owned();
        loop {
            let rest = vec![
                text("AirSync:GetChanges", "1"),
                Element::of("AirSync:Options", options.iter().cloned()),
            ];
            let Some(root) = self.ask("Sync", &sync(&key, folder, rest)) else { return key };
            key = root.get("Collections/Collection/SyncKey").unwrap();
            if root.at("Collections/Collection/MoreAvailable").is_none() {
                return key;
            }
        }
    }

    fn operations(&self, inbox: &str, mixed: &Element) {
        let operation = |inner: Element| Element::of("ItemOperations:ItemOperations", [inner]);
        let fetch = |rest: Vec<Element>| {
            let store = text("ItemOperations:Store", "Mailbox");
            operation(Element::of("ItemOperations:Fetch", std::iter::once(store).chain(rest)))
        };
        let item = |id: &str| vec![text("AirSync:CollectionId", inbox), text("AirSync:ServerId", id)];
        let id = mixed.get("ServerId").unwrap();
        for body_type in ["1", "2", "4"] {
            let mut rest = item(&id);
            rest.push(Element::of(
                "ItemOperations:Options",
                [text("AirSync:MIMESupport", "2"), body_preference(body_type, Some("500"), &[])],
            ));
            self.ask("ItemOperations", &fetch(rest));
        }
        let file = mixed.get("ApplicationData/Attachments/Attachment/FileReference");
        let file = file.unwrap_or_else(|| panic!("{}", mixed.shown()));
        self.ask("ItemOperations", &fetch(vec![text("AirSyncBase:FileReference", &file)]));
        let part = Element::of("ItemOperations:Options", [text("ItemOperations:Range", "0-3")]);
        self.ask("ItemOperations", &fetch(vec![text("AirSyncBase:FileReference", &file), part]));
        self.ask("ItemOperations", &fetch(item("no-such")));
        let several = [fetch(item(&id)), fetch(item("no-such"))].map(|mut one| one.children.remove(0));
        self.ask("ItemOperations", &Element::of("ItemOperations:ItemOperations", several));
        self.ask("ItemOperations", &fetch(vec![text("AirSyncBase:FileReference", "no-such")]));
        let emptied = [self.id(4), "no-such"].map(|folder| {
            let inner = [
                text("AirSync:CollectionId", folder),
                Element::of("ItemOperations:Options", [Element::of("ItemOperations:DeleteSubFolders", [])]),
            ];
            Element::of("ItemOperations:EmptyFolderContents", inner)
        });
        self.ask("ItemOperations", &Element::of("ItemOperations:ItemOperations", emptied));
        if self.version >= "14"
            && let Some(conversation) = mixed.at("ApplicationData/ConversationId")
        {
            let moves = [inbox, "no-such"].map(|folder| {
                let inner = [
                    Element::opaque("ItemOperations:ConversationId", &conversation.content),
                    text("ItemOperations:DstFldId", folder),
                    Element::of("ItemOperations:Options", [Element::of("ItemOperations:MoveAlways", [])]),
                ];
                Element::of("ItemOperations:Move", inner)
            });
            self.ask("ItemOperations", &Element::of("ItemOperations:ItemOperations", moves));
        }
    }

    fn moves(&self, inbox: &str, id: &str) {
        let one = |item: &str, from: &str, to: &str| {
            Element::of(
                "Move:Move",
                [("SrcMsgId", item), ("SrcFldId", from), ("DstFldId", to)]
                    .map(|(name, value)| text(&format!("Move:{name}"), value)),
            )
        };
        let all = [one(id, inbox, self.id(4)), one("no-such", inbox, self.id(4)), one(id, inbox, inbox)];
        let root = self.ask("MoveItems", &Element::of("Move:MoveItems", all)).unwrap();
        let new = root.get("Response/DstMsgId").unwrap_or_else(|| panic!("{}", root.shown()));
        self.ask("MoveItems", &Element::of("Move:MoveItems", [one(&new, self.id(4), inbox)]));
    }

    fn meeting(&self, inbox: &str, id: &str) {
        let one = |item: &str| {
            Element::of(
                "MeetingResponse:Request",
                [("UserResponse", "1"), ("CollectionId", inbox), ("RequestId", item)]
                    .map(|(name, value)| text(&format!("MeetingResponse:{name}"), value)),
            )
        };
        let wrong = one("no-such");
        self.ask("MeetingResponse", &Element::of("MeetingResponse:MeetingResponse", [wrong]));
        // Only the newest phone answers: it is the last one, and the others find the invitation as it came.
        if self.version == "16.1" {
            let right = one(id);
            self.ask("MeetingResponse", &Element::of("MeetingResponse:MeetingResponse", [right]));
        }
    }

    fn items(&self) {
        let body = body_preference("1", Some("32768"), &[]);
        let filter = text("AirSync:FilterType", "0");
        for (kind, window) in [(8, "5"), (9, "100"), (7, "100"), (10, "100")] {
            if kind == 10 && self.version < "14" {
                continue;
            }
            let folder = self.id(kind).to_owned();
            let options =
                if matches!(kind, 7 | 8) { vec![filter.clone(), body.clone()] } else { vec![body.clone()] };
            let (key, found) = self.all(&folder, &options, window);
            let first = found.first().unwrap_or_else(|| panic!("nothing in the folder of type {kind}"));
            let first = first.get("ServerId").unwrap();
            let data = self.new_item(kind);
            let commands = [
                Element::add_item(&Phone::client_id(), data),
                Element::add_item(&Phone::client_id(), vec![text("Calendar:EndTime", "x")]),
                Element::change_item("no-such", self.new_item(kind)),
                Element::of("AirSync:Delete", [text("AirSync:ServerId", "no-such")]),
                Element::of("AirSync:Fetch", [text("AirSync:ServerId", &first)]),
            ];
            let rest = vec![
                text("AirSync:GetChanges", "1"),
                Element::of("AirSync:Options", options.clone()),
                Element::of("AirSync:Commands", commands),
            ];
            let root = self.ask("Sync", &sync(&key, &folder, rest)).unwrap();
            let status = root.get("Collections/Collection/Status");
            assert_eq!(status.as_deref(), Some("1"), "{}", root.shown());
            let key = root.get("Collections/Collection/SyncKey").unwrap();
            self.refreshed(&key, &folder, &options);
            let fetch = Element::of(
                "ItemOperations:Fetch",
                [
                    text("ItemOperations:Store", "Mailbox"),
                    text("AirSync:CollectionId", &folder),
                    text("AirSync:ServerId", &first),
                ],
            );
            self.ask("ItemOperations", &Element::of("ItemOperations:ItemOperations", [fetch]));
        }
        self.draft();
    }

    fn new_item(&self, kind: u32) -> Vec<Element> {
        let name = unique();
        match kind {
            9 => super::content::contact(&name),
            7 => {
                let fields = [
                    ("Subject", name.as_str()),
                    ("Importance", "1"),
                    ("Complete", "0"),
                    ("Sensitivity", "0"),
                    ("ReminderSet", "0"),
                ];
                blackbox::texts("Tasks", &fields)
            }
            10 => {
                let fields = [("Subject", name.as_str()), ("MessageClass", "IPM.StickyNote")];
                let mut data = blackbox::texts("Notes", &fields);
                data.push(Element::body("Of a note"));
                data
            }
            _ => {
                let zone = blackbox::berlin();
                let mut data = blackbox::texts("Calendar", &[("Timezone", &zone), ("AllDayEvent", "0")]);
                let own = if self.version < "16" { "UID" } else { "ClientUid" };
                data.push(text(&format!("Calendar:{own}"), &name));
                data.extend(blackbox::texts(
                    "Calendar",
                    &[
                        ("BusyStatus", "2"),
                        ("StartTime", "20270701T070000Z"),
                        ("EndTime", "20270701T080000Z"),
                        ("Subject", &name),
                        ("Sensitivity", "0"),
                        ("MeetingStatus", "0"),
                    ],
                ));
                data
            }
        }
    }

    /// Drafts are synced both ways since 16.0.
    fn draft(&self) {
        let drafts = self.id(3).to_owned();
        let (key, _) = self.all(&drafts, &[body_preference("1", None, &[])], "100");
        let draft = Element::add_draft(&Phone::client_id(), "cleo@elsewhere.test", &unique());
        let rest = vec![Element::of("AirSync:Commands", [draft])];
        self.ask("Sync", &sync(&key, &drafts, rest));
        self.all(&drafts, &[body_preference("1", None, &[])], "100");
    }

    fn estimates(&self, (key, inbox): &(String, String)) {
        for (key, folder) in [(key.as_str(), inbox.as_str()), ("12345", inbox), (key, "no-such")] {
            let inner = if self.version < "14" {
                vec![
                    text("GetItemEstimate:Class", "Email"),
                    text("AirSync:FilterType", "0"),
                    text("AirSync:SyncKey", key),
                    text("GetItemEstimate:CollectionId", folder),
                ]
            } else {
                vec![text("AirSync:SyncKey", key), text("GetItemEstimate:CollectionId", folder)]
            };
            let collection = Element::of("GetItemEstimate:Collection", inner);
            let collections = Element::of("GetItemEstimate:Collections", [collection]);
            self.ask("GetItemEstimate", &Element::of("GetItemEstimate:GetItemEstimate", [collections]));
        }
    }

    fn waiting(&self, demo: &Demo, anna: &Account, (_, inbox): &(String, String)) {
        let ping = |heartbeat: &str, folders: &[&str]| {
            let folder =
                |id: &&str| Element::of("Ping:Folder", [text("Ping:Id", id), text("Ping:Class", "Email")]);
            let folders = Element::of("Ping:Folders", folders.iter().map(folder));
            Element::of("Ping:Ping", [text("Ping:HeartbeatInterval", heartbeat), folders])
        };
        self.ask("Ping", &ping("5", &[inbox]));
        self.ask("Ping", &ping("999999", &[inbox]));
        self.ask("Ping", &ping("60", &["no-such"]));
        let many: Vec<String> = (0..2000).map(|number| format!("f{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        self.ask("Ping", &ping("60", &many));
        // A change that is there already ends it at once.
        let mail = Mail::plain(&anna.address, &anna.address);
        demo.lmtp().deliver(&anna.address, &[&anna.address], &mail);
        let root = self.ask("Ping", &ping("60", &[inbox])).unwrap();
        assert_eq!(root.get("Status").as_deref(), Some("2"), "{}", root.shown());
        let name = if self.version < "14" { ("Wait", "100") } else { ("HeartbeatInterval", "99999") };
        let mut request = sync("0", self.id(5), vec![]);
        request.children.push(text(&format!("AirSync:{}", name.0), name.1));
        self.ask("Sync", &request);
    }

    /// What is asked for people, certificates and words; of a server that has the command.
    fn people(&self, inbox: &str, ben: &str) {
        let of = |tag: &str, inner: Vec<Element>| Element::of(tag, inner);
        let commands = self.phone.options("MS-ASProtocolCommands").unwrap();
        let has = |command: &str| commands.split(',').any(|one| one == command);
        if has("Search") {
            for (name, query) in [
                ("GAL", text("Search:Query", "Huber")),
                ("GAL", text("Search:Query", ben)),
                (
                    "Mailbox",
                    of(
                        "Search:Query",
                        vec![of(
                            "Search:And",
                            vec![
                                text("AirSync:Class", "Email"),
                                text("AirSync:CollectionId", inbox),
                                text("Search:FreeText", self.word),
                            ],
                        )],
                    ),
                ),
            ] {
                let mut options = vec![text("Search:Range", "0-9")];
                options
                    .extend((self.version >= "14.1" && name == "GAL").then(|| of("Search:Picture", vec![])));
                let options = of("Search:Options", options);
                let store = of("Search:Store", vec![text("Search:Name", name), query, options]);
                self.ask("Search", &of("Search:Search", vec![store]));
            }
        }
        if has("Find") && self.version == "16.1" {
            let range = || text("Find:Range", "0-9");
            let options = || of("Find:Options", vec![range()]);
            let with_picture = || of("Find:Options", vec![range(), of("Find:Picture", vec![])]);
            let words = vec![
                text("Find:FreeText", self.word),
                text("AirSync:Class", "Email"),
                text("AirSync:CollectionId", inbox),
            ];
            for criterion in [
                of("Find:MailBoxSearchCriterion", vec![of("Find:Query", words), options()]),
                of("Find:GalSearchCriterion", vec![text("Find:Query", "Huber"), with_picture()]),
                of("Find:GalSearchCriterion", vec![text("Find:Query", ben), with_picture()]),
            ] {
                let id = text("Find:SearchId", "11111111-2222-3333-4444-555555555555");
                self.ask("Find", &of("Find:Find", vec![id, of("Find:ExecuteSearch", vec![criterion])]));
            }
        }
        if has("ResolveRecipients") {
            let mut options = vec![
                text("ResolveRecipients:CertificateRetrieval", "2"),
                text("ResolveRecipients:MaxAmbiguousRecipients", "5"),
            ];
            if self.version >= "14" {
                let moment = |name: &str, at: &str| text(&format!("ResolveRecipients:{name}"), at);
                options.push(of(
                    "ResolveRecipients:Availability",
                    vec![
                        moment("StartTime", "2027-03-15T00:00:00.000Z"),
                        moment("EndTime", "2027-03-16T00:00:00.000Z"),
                    ],
                ));
            }
            if self.version >= "14.1" {
                options.push(of("ResolveRecipients:Picture", vec![]));
            }
            let inner = vec![
                text("ResolveRecipients:To", "Huber"),
                text("ResolveRecipients:To", ben),
                text("ResolveRecipients:To", "nobody at all"),
                of("ResolveRecipients:Options", options),
            ];
            self.ask("ResolveRecipients", &of("ResolveRecipients:ResolveRecipients", inner));
        }
        if has("ValidateCert") {
            let two = ["AAAA", "BBBB"].map(|one| text("ValidateCert:Certificate", one));
            let certificates = of("ValidateCert:Certificates", two.to_vec());
            self.ask("ValidateCert", &of("ValidateCert:ValidateCert", vec![certificates]));
        }
    }

    fn wrong(&self) {
        let inbox = self.id(2);
        self.ask_wrongly("Sync", &sync("12345", inbox, vec![]));
        self.ask_wrongly("Sync", &sync("0", "no-such", vec![]));
        let several = [inbox, self.id(5)].map(|folder| {
            let inner = [text("AirSync:SyncKey", "0"), text("AirSync:CollectionId", folder)];
            Element::of("AirSync:Collection", inner)
        });
        self.ask("Sync", &Element::of("AirSync:Sync", [Element::of("AirSync:Collections", several)]));
        if self.version < "14" {
            // What is asked with a Class is answered with it.
            let mut request = sync("0", inbox, vec![]);
            request.children[0].children[0].children.insert(0, text("AirSync:Class", "Email"));
            self.ask("Sync", &request);
        }
        self.ask_wrongly("Sync", &Element::of("AirSync:Sync", [Element::of("AirSync:Partial", [])]));
        if self.version >= "14" {
            let mime = Element::opaque("ComposeMail:Mime", b"To: \r\n\r\n");
            let id = text("ComposeMail:ClientId", &Phone::client_id());
            self.ask_wrongly("SendMail", &Element::of("ComposeMail:SendMail", [id.clone(), mime.clone()]));
            for command in ["SmartReply", "SmartForward"] {
                let source = Element::of(
                    "ComposeMail:Source",
                    [text("ComposeMail:FolderId", inbox), text("ComposeMail:ItemId", "no-such")],
                );
                let inner = [text("ComposeMail:ClientId", &Phone::client_id()), source, mime.clone()];
                self.ask_wrongly(command, &Element::of(&format!("ComposeMail:{command}"), inner));
            }
        }
    }
}
