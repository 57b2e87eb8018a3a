//! WebDAV-Push: what is told to whom, seen from a push service that can read it.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dav_wire::name::{dav, push};
use dav_wire::parse_http_date;
use dav_wire::xml::{Element, Limits, parse};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use vocabulary::{Rights, Role};

use crate::answer::Answer;
use crate::client::{Client, anonymous, event};
use crate::world::{World, on_each_database};

const PATIENCE: Duration = Duration::from_secs(20);
const HOST: &str = "http://localhost:8080";
const NAMESPACE: &str = "xmlns='https://bitfire.at/webdav-push'";

/// A phone with its push service.
struct Device {
    listener: TcpListener,
    key: PrivateKey,
}

const SECRET: [u8; 16] = [7; 16];

/// What the push service got.
struct Message {
    /// The last part of the endpoint.
    name: String,
    headers: BTreeMap<String, String>,
    document: Element,
}

impl Device {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, key: PrivateKey::generate(&ECDH_P256).unwrap() }
    }

    fn endpoint(&self, name: &str) -> String {
        format!("http://{}/{name}", self.listener.local_addr().unwrap())
    }

    fn public_key(&self) -> Vec<u8> {
        let key = self.key.compute_public_key().unwrap();
        AsRef::<[u8]>::as_ref(&key).to_vec()
    }

    /// A registration document.
    fn document(&self, endpoint: &str, rest: &str) -> String {
        let (key, secret) = (URL_SAFE_NO_PAD.encode(self.public_key()), URL_SAFE_NO_PAD.encode(SECRET));
        format!(
            "<push-register {NAMESPACE}><subscription><web-push-subscription><push-resource>{endpoint}</push-resource>\
             <content-encoding>aes128gcm</content-encoding>\
             <subscription-public-key type='p256dh'>{key}</subscription-public-key>\
             <auth-secret>{secret}</auth-secret></web-push-subscription></subscription>{rest}</push-register>"
        )
    }

    /// Registers an endpoint; the path of the registration.
    async fn register(&self, client: &Client<'_>, path: &str, name: &str) -> String {
        let answer = register(client, path, &self.document(&self.endpoint(name), "")).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        let location = answer.header("location").unwrap();
        location.strip_prefix(HOST).unwrap_or_else(|| panic!("not whole: {location}")).to_owned()
    }

    /// The next message, answered with a status line.
    async fn receive(&self, answer: &str) -> Message {
        let (mut tcp, _) = self.listener.accept().await.unwrap();
        let mut received = Vec::new();
        let (head, length) = loop {
            let mut piece = [0; 4096];
            let bytes = tcp.read(&mut piece).await.unwrap();
            received.extend_from_slice(&piece[..bytes]);
            let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            let Some(end) = end else { continue };
            let head = String::from_utf8(received[..end].to_vec()).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            let length: usize = length.unwrap().parse().unwrap();
            if received.len() >= end + 4 + length {
                break (head, length);
            }
        };
        tcp.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await.unwrap();
        let body = &received[received.len() - length..];
        let mut lines = head.lines();
        let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Message {
            name: path.trim_start_matches('/').to_owned(),
            headers: lines.map(header).collect(),
            document: parse(&self.decrypt(body), &Limits::REQUEST).unwrap(),
        }
    }

    async fn next(&self, answer: &str) -> Message {
        tokio::time::timeout(PATIENCE, self.receive(answer)).await.expect("nothing was pushed")
    }

    /// What is pushed once it is time again. Nobody tells when the answer before was noted, from which that counts.
    async fn taken_later(&self, world: &World) -> Message {
        for _ in 0..40 {
            world.pass_minutes(3);
            let soon = PATIENCE / 40;
            if let Ok(message) = tokio::time::timeout(soon, self.receive("201 Created")).await {
                return message;
            }
        }
        panic!("nothing was pushed again")
    }

    async fn taken(&self) -> Message {
        self.next("201 Created").await
    }

    /// RFC 8291 section 3 and RFC 8188 section 2, from the other side.
    fn decrypt(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        assert_eq!(rest[..4], 4096_u32.to_be_bytes());
        let (key_id, sealed) = rest[5..].split_at(usize::from(rest[4]));
        let mut record = sealed.to_vec();
        let public_key = self.public_key();
        let sender = UnparsedPublicKey::new(&ECDH_P256, key_id);
        agree(&self.key, sender, (), |shared| {
            let key = derive::<32>(&SECRET, shared, &[b"WebPush: info\0", &public_key, key_id]);
            let content_key = derive::<16>(salt, &key, &[b"Content-Encoding: aes128gcm\0"]);
            let nonce = derive::<12>(salt, &key, &[b"Content-Encoding: nonce\0"]);
            let opening = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key).unwrap());
            let nonce = Nonce::assume_unique_for_key(nonce);
            let text = opening.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
            let (last, text) = text.split_last().unwrap();
            assert_eq!(*last, 2);
            Ok(text.to_vec())
        })
        .unwrap()
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> [u8; N] {
    let mut derived = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Length(N)).unwrap().fill(&mut derived).unwrap();
    derived
}

impl Message {
    fn topic(&self) -> String {
        self.document.child(push::TOPIC).unwrap().text()
    }

    /// The state of the members, if it says that they changed.
    fn sync_token(&self) -> Option<String> {
        let update = self.document.child(push::CONTENT_UPDATE)?;
        Some(update.child(dav::SYNC_TOKEN).unwrap().text())
    }

    fn of_properties(&self) -> bool {
        self.document.child(push::PROPERTY_UPDATE).is_some()
    }
}

async fn register(client: &Client<'_>, path: &str, document: &str) -> Answer {
    let headers = [("Content-Type", "application/xml; charset=\"utf-8\"")];
    client.send("POST", path, &headers, document).await
}

async fn property(client: &Client<'_>, path: &str, name: &str) -> Option<Element> {
    let answer = client.propfind(path, "0", &format!("<{name} {NAMESPACE}/>")).await;
    answer.responses()[0].property(name)
}

async fn topic(client: &Client<'_>, path: &str) -> String {
    property(client, path, "topic").await.unwrap().text()
}

async fn sync_token(client: &Client<'_>, path: &str) -> Option<String> {
    client.propfind(path, "0", "<sync-token/>").await.text("sync-token")
}

async fn recolour(client: &Client<'_>, path: &str, colour: &str) {
    let changes = format!("<set><prop><a:calendar-color>{colour}</a:calendar-color></prop></set>");
    assert_eq!(client.proppatch(path, &changes).await.status, 207);
}

#[test]
fn a_collection_says_how_one_is_told_of_its_changes() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        let classes = anonymous(world, "OPTIONS", &path, &[], "").await.header("dav").unwrap();
        assert!(classes.split(", ").any(|class| class == "webdav-push"), "{classes}");
        let transports = property(anna, &path, "transports").await.unwrap();
        let key = transports.child(push::WEB_PUSH).unwrap().child(push::VAPID_PUBLIC_KEY).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(key.text()).unwrap().len(), 65);
        let triggers = property(anna, &path, "supported-triggers").await.unwrap();
        let depth = |name| triggers.child(name).map(|trigger| trigger.child(dav::DEPTH).unwrap().text());
        assert_eq!(depth(push::CONTENT_UPDATE).as_deref(), Some("1"));
        assert_eq!(depth(push::PROPERTY_UPDATE).as_deref(), Some("0"));
        assert_ne!(topic(anna, &path).await, topic(anna, &anna.book("contacts/")).await);
        assert!(property(anna, &anna.calendar(""), "topic").await.is_none());
        // One collection has one topic, wherever it is mounted, and none for who may not read it.
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        world.share(anna, Role::Calendar, ben, Rights::LOOKUP | Rights::READ).await;
        assert_eq!(topic(ben, &mount).await, topic(anna, &path).await);
        world.share(anna, Role::Calendar, ben, Rights::LOOKUP | Rights::FREE_BUSY).await;
        assert!(property(ben, &mount, "topic").await.is_none());
    });
}

#[test]
fn a_change_is_told_to_who_registered_until_the_registration_ends() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, device) = (anna.calendar("calendar/"), Device::new().await);
        let first = device.register(&anna, &path, "1").await;
        assert_eq!(device.register(&anna, &path, "1").await, first, "one endpoint has one registration");
        anna.put(&anna.calendar("calendar/a.ics"), event("a", "one")).await;
        let told = device.taken().await;
        assert_eq!((told.name.as_str(), told.topic()), ("1", topic(&anna, &path).await));
        assert_eq!(told.sync_token(), sync_token(&anna, &path).await);
        assert!(!told.of_properties());
        // RFC 8030 section 5, RFC 8292 section 3.
        let header = |name: &str| told.headers.get(name).map(String::as_str);
        assert_eq!(header("content-encoding"), Some("aes128gcm"));
        assert_eq!(header("urgency"), Some("normal"));
        assert!(header("ttl").unwrap().parse::<u32>().unwrap() > 0);
        let of_header = header("topic").unwrap();
        assert!(of_header.len() <= 32 && of_header != told.topic(), "{of_header}");
        let key = property(&anna, &path, "transports").await.unwrap();
        let key = key.child(push::WEB_PUSH).unwrap().child(push::VAPID_PUBLIC_KEY).unwrap().text();
        let proof = header("authorization").unwrap();
        assert!(proof.starts_with("vapid t=") && proof.ends_with(&format!(", k={key}")), "{proof}");
        let claims = proof.split('.').nth(1).unwrap();
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        let origin = device.endpoint("");
        assert!(claims.contains(&format!("\"{}\"", origin.trim_end_matches('/'))), "{claims}");

        recolour(&anna, &path, "#00FF00FF").await;
        let told = device.taken().await;
        assert_eq!((told.sync_token(), told.of_properties()), (None, true));

        assert_eq!(anna.delete(&first).await.status, 204);
        assert_eq!(anna.delete(&first).await.status, 404);
        device.register(&anna, &path, "2").await;
        anna.delete(&anna.calendar("calendar/a.ics")).await;
        assert_eq!(device.taken().await.name, "2");
    });
}

#[test]
fn a_client_is_not_told_of_what_it_did_itself() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, device) = (anna.calendar("calendar/"), Device::new().await);
        let own = device.register(&anna, &path, "own").await;
        device.register(&anna, &path, "other").await;
        let quoted = format!("\"{HOST}{own}\"");
        let silently = [("Push-Dont-Notify", quoted.as_str())];
        let item = anna.calendar("calendar/a.ics");
        let copy = anna.calendar("calendar/b.ics");
        let requests = [
            ("PUT", item.as_str(), vec![], event("a", "one")),
            ("MOVE", item.as_str(), vec![("Destination", copy.as_str())], String::new()),
            ("DELETE", copy.as_str(), vec![], String::new()),
            ("PUT", item.as_str(), vec![("If-None-Match", "*")], event("b", "two")),
        ];
        for (method, target, mut headers, body) in requests {
            headers.extend(silently);
            let status = anna.send(method, target, &headers, body).await.status;
            assert!((200..300).contains(&status), "{method}: {status}");
            let told = device.taken().await;
            assert_eq!((told.name.as_str(), told.of_properties()), ("other", false), "{method}");
        }
        recolour(&anna, &path, "#FF0000FF").await;
        let mut told = BTreeMap::new();
        for _ in 0..2 {
            let message = device.taken().await;
            told.insert(message.name.clone(), (message.sync_token(), message.of_properties()));
        }
        let expected = ["other", "own"].map(|name| (name.to_owned(), (None, true)));
        assert_eq!(told, BTreeMap::from(expected), "nothing that was kept from it comes later");
    });
}

#[test]
fn a_delegate_is_told_as_long_as_it_may_read() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let device = Device::new().await;
        let refused = register(ben, &mount, &device.document(&device.endpoint("ben"), "")).await;
        assert_eq!(refused.status, 404);
        world.share(anna, Role::Calendar, ben, Rights::LOOKUP | Rights::FREE_BUSY).await;
        let refused = register(ben, &mount, &device.document(&device.endpoint("ben"), "")).await;
        assert_eq!(refused.refusal(), (403, "push-not-available".to_owned()));

        world.share(anna, Role::Calendar, ben, Rights::LOOKUP | Rights::READ).await;
        let registration = device.register(ben, &mount, "ben").await;
        assert_eq!(anna.delete(&registration).await.status, 404, "it is Ben's");
        anna.put(&anna.calendar("calendar/a.ics"), event("a", "one")).await;
        let token = device.taken().await.sync_token().unwrap();
        // The token is one of Ben's view: from there on there is nothing new.
        let sync = format!(
            "<sync-collection><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop>\
             </sync-collection>"
        );
        let answer = ben.report(&mount, &sync).await;
        assert_eq!(answer.hrefs(), Vec::<String>::new(), "{answer:?}");

        // Anna's own registration is told after Ben's would have been: both are asked for in one look.
        device.register(anna, &anna.calendar("calendar/"), "anna").await;
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        for number in 0..2 {
            anna.put(&anna.calendar("calendar/b.ics"), event("b", &number.to_string())).await;
            assert_eq!(device.taken().await.name, "anna");
        }
    });
}

#[test]
fn an_endpoint_that_is_gone_is_forgotten_and_one_that_fails_is_tried_again() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, device) = (anna.calendar("calendar/"), Device::new().await);
        let gone = device.register(&anna, &path, "gone").await;
        let busy = device.register(&anna, &path, "busy").await;
        let change = async |number: u32| {
            anna.put(&anna.calendar("calendar/a.ics"), event("a", &number.to_string())).await;
        };
        change(1).await;
        // Nobody knows which of the two comes first: the second answer is for whom the first was not.
        let first = device.next("410 Gone").await.name;
        let second = device.next("503 Busy\r\nRetry-After: 120").await.name;
        assert_ne!(first, second);
        let (gone, failing) = if first == "gone" { (gone, "busy") } else { (busy, "gone") };
        change(2).await;
        let told = device.taken_later(world).await;
        assert_eq!(told.name, failing);
        assert_eq!(told.sync_token(), sync_token(&anna, &path).await);
        assert_eq!(anna.delete(&gone).await.status, 404);
    });
}

#[test]
fn a_push_service_that_is_silent_is_asked_once_for_all_of_its_registrations() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, device) = (anna.calendar("calendar/"), Device::new().await);
        let silent = Device::new().await;
        for name in ["1", "2", "3"] {
            silent.register(&anna, &path, name).await;
        }
        device.register(&anna, &path, "alive").await;
        let change = async |number: u32| {
            anna.put(&anna.calendar("calendar/a.ics"), event("a", &number.to_string())).await;
        };
        change(1).await;
        let hang_up = async { drop(silent.listener.accept().await.unwrap()) };
        let ((), told) = tokio::join!(hang_up, device.taken());
        assert_eq!(told.name, "alive");
        // Of a second request that nobody takes the end would be waited for before this is told.
        change(2).await;
        assert_eq!(device.taken().await.name, "alive");
        // It was noted before that, so the pause of a minute is over then.
        world.pass_minutes(3);
        change(3).await;
        let others = async {
            loop {
                device.receive("201 Created").await;
            }
        };
        let again = tokio::select! {
            again = silent.taken() => again,
            () = others => unreachable!("it goes on"),
        };
        assert!(["1", "2", "3"].contains(&again.name.as_str()));
    });
}

#[test]
fn a_registration_ends_when_it_says() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, device) = (anna.calendar("calendar/"), Device::new().await);
        let expires = async |rest: &str| {
            let answer = register(&anna, &path, &device.document(&device.endpoint("1"), rest)).await;
            let text = answer.header("expires").unwrap();
            parse_http_date(&text).unwrap_or_else(|| panic!("{text}"))
        };
        let asked = "<expires>Fri, 27 Nov 2026 09:00:00 GMT</expires>";
        assert_eq!(dav_wire::http_date(expires(asked).await), "Fri, 27 Nov 2026 09:00:00 GMT");
        let long = expires("<expires>Fri, 27 Nov 2099 09:00:00 GMT</expires>").await;
        assert!(long > expires("").await);
        assert!(expires("").await > expires(asked).await, "three days are no more than is possible");

        // An hour at least, and no more than that for one that is of yesterday.
        let ended = expires("<expires>Fri, 20 Nov 2026 09:00:00 GMT</expires>").await;
        device.register(&anna, &anna.book("contacts/"), "2").await;
        world.pass_minutes(61);
        assert!(ended < world.now());
        anna.put(&anna.calendar("calendar/a.ics"), event("a", "one")).await;
        anna.put(&anna.book("contacts/a.vcf"), crate::client::card("a", "Carl")).await;
        assert_eq!(device.taken().await.name, "2");
    });
}

#[test]
fn what_is_no_registration_is_refused_by_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, device) = (anna.calendar("calendar/"), Device::new().await);
        let good = device.endpoint("1");
        for endpoint in [
            "",
            "push",
            "ftp://push.test/1",
            "http://push.test/1",
            "http://localhost:1/1",
            "http://127.0.0.2:1/1",
            "http://10.0.0.1/1",
            "https://127.0.0.2/1",
            "https://10.0.0.1/1",
            "https://169.254.169.254/latest",
            "https://0x7f.2/1",
            "https://[::1]/1",
            "https://[::ffff:10.0.0.1]/1",
            "https://anna:secret@push.test/1",
            &format!("https://push.test/{}", "x".repeat(2_000)),
        ] {
            let refused = register(&anna, &path, &device.document(endpoint, "")).await;
            assert_eq!(refused.refusal(), (403, "invalid-subscription".to_owned()), "{endpoint}");
        }
        let document = device.document(&good, "");
        for (old, new) in
            [("aes128gcm", "aesgcm"), ("p256dh", "rsa"), ("'p256dh'>B", "'p256dh'>C"), ("auth-secret", "x")]
        {
            let refused = register(&anna, &path, &document.replace(old, new)).await;
            assert_eq!(refused.refusal(), (403, "invalid-subscription".to_owned()), "{old}");
        }
        let refused = register(&anna, &path, &device.document(&good, "<trigger/>")).await;
        assert_eq!(refused.refusal(), (403, "no-supported-trigger".to_owned()));
        let refused = register(&anna, &anna.calendar(""), &document).await;
        assert_eq!(refused.refusal(), (403, "push-not-available".to_owned()));
        let inbox = format!("/dav/scheduling/{}/inbox/", anna.address);
        for other in [anna.principal(), anna.file(""), inbox] {
            assert_eq!(register(&anna, &other, &document).await.status, 405, "{other}");
            assert!(property(&anna, &other, "topic").await.is_none(), "{other}");
        }
        assert_eq!(register(&anna, &anna.calendar("none/"), &document).await.status, 404);
        assert_eq!(register(&anna, &path, "<push-register").await.status, 400);
        assert_eq!(register(&anna, &path, "<x/>").await.status, 415);
        assert_eq!(anna.get("/dav/push/x").await.status, 405);
        assert_eq!(anna.propfind("/dav/push/x", "0", "<displayname/>").await.status, 404);
        assert_eq!(anna.delete("/dav/push/x").await.status, 404);
    });
}
