//! The HTTP side: what the door tells of itself, whom it sends away, and files without WBXML.

use activesync_server::ActiveSync;
use actix_web::App;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::{Context, Limits};
use storage::{NewItem, Scope};
use vocabulary::{AccountId, Flags, Role};
use wbxml::page::{airsync, folder_hierarchy};
use wbxml::{Element, encode};

use crate::phone::Phone;
use crate::world::{PASSWORD, World, on_each_database};

/// An answer as it came.
struct Told {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Told {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// One request at some front end, by its query string.
async fn ask(server: &ActiveSync, phone: &Phone<'_>, method: Method, query: &str, body: Vec<u8>) -> Told {
    let app = init_service(App::new().configure(|config| server.configure(config))).await;
    let secret = STANDARD.encode(format!("{}:{PASSWORD}", phone.user));
    let mut request = TestRequest::with_uri(&format!("/Microsoft-Server-ActiveSync{query}"))
        .method(method)
        .peer_addr("127.0.0.1:9".parse().unwrap())
        .insert_header(("Authorization", format!("Basic {secret}")))
        .insert_header(("X-MS-PolicyKey", phone.policy_key.as_str()));
    if !phone.version.is_empty() {
        request = request.insert_header(("MS-ASProtocolVersion", phone.version));
    }
    let response = call_service(&app, request.set_payload(body).to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Told { status, headers, body: read_body(response).await.to_vec() }
}

fn plain(phone: &Phone<'_>, command: &str) -> String {
    format!("?Cmd={command}&User=u&DeviceId={}&DeviceType=Model", phone.device)
}

/// The same as base64, with one command parameter; the policy key is in it.
fn base64_query(phone: &Phone<'_>, code: u8, parameter: (u8, &str)) -> String {
    let mut bytes = vec![121, code, 9, 4];
    let mut put = |value: &[u8]| {
        bytes.push(u8::try_from(value.len()).unwrap());
        bytes.extend_from_slice(value);
    };
    put(phone.device.as_bytes());
    put(&phone.policy_key.parse::<u32>().unwrap().to_le_bytes());
    put(b"Model");
    bytes.push(parameter.0);
    bytes.push(u8::try_from(parameter.1.len()).unwrap());
    bytes.extend_from_slice(parameter.1.as_bytes());
    format!("?{}", STANDARD.encode(bytes))
}

fn folder_sync(key: &str) -> Vec<u8> {
    encode(&Element::new(folder_hierarchy::FOLDER_SYNC).with_text(folder_hierarchy::SYNC_KEY, key))
}

/// The same store behind another front end.
async fn limited(world: &World, limits: Limits) -> ActiveSync {
    ActiveSync::new(Context::new(world.store.clone(), "mail.blumen.test", limits).await.unwrap())
}

// MS-ASCMD R157 R160 R164 R166 R6020 R6021 R6022 R6023 R6023100601; MS-ASHTTP R64 R81 R115 R220 R230 R443 R487 R490
#[test]
fn a_phone_of_12_1_gets_a_file_by_its_reference() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = "Subject: with file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nSee file.\r\n--b\r\nContent-Type: application/pdf\r\n\
            Content-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            MDEyMzQ1Njc4OQ==\r\n--b--\r\n";
        let content = workflow::ingest(&world.store, people.anna, mail.as_bytes().into()).await.unwrap();
        world.insert(inbox, NewItem::mail(content, world.now())).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "12.1", inbox).await;
        phone.sync_all().await;
        let reference = format!("{}y0", phone.id_of("with file"));
        let by_name = |phone: &Phone<'_>, name: &str| {
            format!("{}&AttachmentName={}", plain(phone, "GetAttachment"), name.replace('y', "%79"))
        };
        let post = |query: String| ask(&world.server, &phone, Method::POST, query.leak(), Vec::new());
        for query in [by_name(&phone, &reference), base64_query(&phone, 4, (0, &reference))] {
            let told = post(query.clone()).await;
            assert_eq!((told.status, told.body.as_slice()), (200, b"0123456789".as_slice()), "{query}");
            assert_eq!(told.header("content-type"), Some("application/pdf"));
        }
        for (query, status) in [
            (by_name(&phone, &format!("{}y1", phone.id_of("with file"))), 500),
            (by_name(&phone, "nonsense"), 500),
            (plain(&phone, "GetAttachment"), 400),
        ] {
            assert_eq!(post(query.clone()).await.status, status, "{query}");
        }
        // What is another's is as if it were not there.
        let ben = Phone::new(world, &people.ben_address, "phone", "12.1", inbox).await;
        let theirs = ask(&world.server, &ben, Method::POST, &by_name(&ben, &reference), Vec::new()).await;
        assert_eq!((theirs.status, theirs.body.len()), (500, 0));
        for version in ["14.0", "14.1", "16.0", "16.1"] {
            let newer = Phone::new(world, &people.anna_address, "newer", version, inbox).await;
            let told =
                ask(&world.server, &newer, Method::POST, &by_name(&newer, &reference), Vec::new()).await;
            assert_eq!((told.status, told.body.len()), (501, 0), "{version}");
        }
        for (item, _) in world.items(inbox).await {
            world.remove(inbox, &item).await;
        }
        assert_eq!(post(by_name(&phone, &reference)).await.status, 500, "deleted");
    });
}

// MS-ASHTTP R238 R244 R247 R465 R1107
#[test]
fn the_door_says_what_is_spoken_here() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let told = ask(&world.server, &phone, Method::OPTIONS, "", Vec::new()).await;
        assert_eq!((told.status, told.body.len()), (200, 0));
        assert_eq!(told.header("ms-asprotocolversions"), Some("12.1,14.0,14.1,16.0,16.1"));
        assert_eq!(told.header("ms-server-activesync"), Some("16.1"));
        for methods in ["allow", "public"] {
            assert_eq!(told.header(methods), Some("OPTIONS,POST"));
        }
        let commands: Vec<&str> = told.header("ms-asprotocolcommands").unwrap().split(',').collect();
        for command in ["Sync", "FolderSync", "GetAttachment", "Provision", "Settings", "ItemOperations"] {
            assert!(commands.contains(&command), "{command}: {commands:?}");
        }
        assert_eq!(told.header("content-type"), None);
        for (method, query) in [
            (Method::GET, plain(&phone, "Sync")),
            (Method::PUT, String::new()),
            (Method::DELETE, String::new()),
        ] {
            let told = ask(&world.server, &phone, method.clone(), &query, Vec::new()).await;
            assert_eq!(told.status, 501, "{method}");
        }
    });
}

// MS-ASHTTP R38 R98 R100 R188 R404
#[test]
fn what_cannot_be_understood_is_refused_by_http() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        // Three bytes of a policy key.
        let odd = STANDARD.encode(b"\x8d\x09\x09\x04\x05phone\x03abc\x05Model");
        let long = "a".repeat(33);
        for (query, status) in [
            (plain(&phone, "NoCommand"), 501),
            (format!("?{odd}"), 400),
            ("?User=u&DeviceId=phone&DeviceType=Model".to_owned(), 400),
            ("?Cmd=FolderSync&User=u&DeviceId=&DeviceType=Model".to_owned(), 400),
            ("?Cmd=FolderSync&User=u&DeviceId=a-b&DeviceType=Model".to_owned(), 400),
            (format!("?Cmd=FolderSync&User=u&DeviceId={long}&DeviceType=Model"), 400),
            ("?Cmd=FolderSync&User=u&DeviceId=phone".to_owned(), 400),
            (plain(&phone, "FolderSync"), 200),
        ] {
            let told = ask(&world.server, &phone, Method::POST, &query, folder_sync("0")).await;
            assert_eq!(told.status, status, "{query}");
        }
        for unknown in ["2.5", "17.0", ""] {
            phone.version = unknown;
            let told =
                ask(&world.server, &phone, Method::POST, &plain(&phone, "FolderSync"), folder_sync("0"))
                    .await;
            assert_eq!(told.status, 501, "{unknown:?}");
        }
    });
}

// MS-ASHTTP R225 R226 R227 R478 R707 R708 R709 R800 R1104 R1105 R1202
#[test]
fn a_device_that_begins_anew_is_told_what_is_spoken_here() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let sync = |key: &'static str| {
            let query = plain(&phone, "FolderSync").leak();
            ask(&world.server, &phone, Method::POST, query, folder_sync(key))
        };
        for (key, status) in [("0", "1"), ("nonsense", "9")] {
            let told = sync(key).await;
            let root = wbxml::decode(&told.body, &wbxml::Limits::default()).unwrap();
            assert_eq!(root.child_value(folder_hierarchy::STATUS).as_deref(), Some(status));
            for name in ["x-ms-rp", "ms-asprotocolversions"] {
                assert_eq!(told.header(name), Some("12.1,14.0,14.1,16.0,16.1"), "{key} {name}");
            }
            assert!(told.header("ms-asprotocolcommands").unwrap().contains("FolderSync"));
        }
        let root = phone
            .command(
                "FolderSync",
                Some(&wbxml::decode(&folder_sync("0"), &wbxml::Limits::default()).unwrap()),
            )
            .await
            .unwrap();
        let key = root.child_value(folder_hierarchy::SYNC_KEY).unwrap().into_owned().leak();
        let told = sync(key).await;
        assert_eq!((told.status, told.header("x-ms-rp")), (200, None), "it goes on");
    });
}

async fn send_phones(world: &World, whose: Option<AccountId>, address: &str, to: &'static str) {
    let domain = address.rsplit('@').next().unwrap().to_owned();
    world
        .write(&[], move |tx| {
            let domain = tx.domain_by_name(&domain)?.id;
            let scope = whose.map_or(Scope::Domain(domain), Scope::Account);
            tx.put_setting(scope, workflow::PHONES, to)
        })
        .await;
}

// MS-ASHTTP R183 R207 R224 R268 R272 R285
#[test]
fn phones_that_belong_to_another_server_are_sent_there() {
    on_each_database(async |world| {
        let (people, others) = (world.people().await, world.people().await);
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let anna = Phone::new(world, &people.anna_address, "phone", "12.1", inbox).await;
        let ben = Phone::new(world, &people.ben_address, "phone", "16.1", inbox).await;
        let other = Phone::new(world, &others.anna_address, "phone", "14.1", inbox).await;
        let both = async |phone: &Phone<'_>| {
            let query = plain(phone, "FolderSync");
            let post = ask(&world.server, phone, Method::POST, &query, folder_sync("0")).await;
            let options = ask(&world.server, phone, Method::OPTIONS, "", Vec::new()).await;
            assert_eq!(post.status, options.status);
            assert_eq!(post.header("x-ms-location"), options.header("x-ms-location"));
            (post.status, post.header("x-ms-location").map(str::to_owned))
        };
        let sent = |host: &str| (451, Some(format!("https://{host}/Microsoft-Server-ActiveSync")));
        send_phones(world, None, &people.anna_address, "mail.elsewhere.test:8443").await;
        assert_eq!(both(&anna).await, sent("mail.elsewhere.test:8443"));
        assert_eq!(both(&ben).await, sent("mail.elsewhere.test:8443"));
        assert_eq!(both(&other).await, (200, None), "another domain");
        send_phones(world, Some(people.ben), &people.ben_address, "ben@elsewhere.test").await;
        assert_eq!(both(&ben).await, (451, None), "Autodiscover tells the address");
        send_phones(world, Some(people.anna), &people.anna_address, "mail.blumen.test").await;
        assert_eq!(both(&anna).await, (200, None), "nobody is sent in a circle");
        for (host, here) in
            [("Phones.blumen.test:8443", true), ("mail.blumen.test:443", true), ("phones.blumen.test", false)]
        {
            send_phones(world, Some(people.anna), &people.anna_address, host).await;
            let expected = if here { (200, None) } else { sent(host) };
            assert_eq!(both(&anna).await, expected, "{host}");
        }
        send_phones(world, Some(people.anna), &people.anna_address, "").await;
        send_phones(world, None, &people.anna_address, "").await;
        assert_eq!(both(&anna).await, (200, None));
    });
}

// MS-ASHTTP R190 R273 R276 R287 R288 R9051 R9052
#[test]
fn a_device_that_asks_far_too_often_is_told_to_wait() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for number in 0..10 {
            world.append(inbox, &format!("mail {number}"), world.now(), Flags::NONE).await;
        }
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let tablet = Phone::new(world, &people.anna_address, "tablet", "16.1", inbox).await;
        let ben = Phone::new(world, &people.ben_address, "phone", "16.1", inbox).await;
        let few =
            Limits { activesync_requests_at_once: 3, activesync_requests_per_minute: 1, ..Limits::default() };
        let server = limited(world, few).await;
        let post = async |phone: &Phone<'_>, command: &str, body: Vec<u8>| {
            ask(&server, phone, Method::POST, &plain(phone, command), body).await
        };
        let sync = |key: &str| {
            let collection = Element::new(airsync::COLLECTION)
                .with_text(airsync::SYNC_KEY, key)
                .with_text(airsync::COLLECTION_ID, inbox.to_string())
                .with_text(airsync::WINDOW_SIZE, "1");
            encode(&Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection)))
        };
        // Ten windows of a first sync: only the key that they begin with counts.
        let (mut key, mut got) = ("0".to_owned(), 0);
        while got < 10 {
            let told = post(&phone, "Sync", sync(&key)).await;
            assert_eq!(told.status, 200, "{got}");
            let root = wbxml::decode(&told.body, &wbxml::Limits::default()).unwrap();
            let collection = root.child(airsync::COLLECTIONS).unwrap().child(airsync::COLLECTION).unwrap();
            key = collection.child_value(airsync::SYNC_KEY).unwrap().into_owned();
            got += collection.child(airsync::COMMANDS).map_or(0, |list| list.children().count());
        }
        for _ in 0..2 {
            assert_eq!(post(&phone, "FolderSync", folder_sync("0")).await.status, 200);
        }
        let told = post(&phone, "FolderSync", folder_sync("0")).await;
        assert_eq!((told.status, told.body.len()), (503, 0));
        assert_eq!(told.header("x-ms-asthrottle"), Some("CommandFrequency"));
        let after_s: u32 = told.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&after_s), "{after_s}");
        for other in [&tablet, &ben] {
            assert_eq!(post(other, "FolderSync", folder_sync("0")).await.status, 200, "{}", other.user);
        }
        // Who asks too often costs no look at where it belongs.
        send_phones(world, Some(people.anna), &people.anna_address, "mail.elsewhere.test").await;
        assert_eq!(post(&phone, "FolderSync", folder_sync("0")).await.status, 503);
        assert_eq!(post(&tablet, "FolderSync", folder_sync("0")).await.status, 451);
    });
}
