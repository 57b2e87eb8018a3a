//! Autodiscover as a phone, as Outlook and as nobody: MS-ASCMD section 2.2.1.1, MS-OXDSCLI.

use std::collections::BTreeSet;

use blackbox::{Account, Dav, DavAnswer, Demo, Node, Store, on_each_store};

const MOBILE: &str = "mobilesync/responseschema/2006";
const OUTLOOK: &str = "outlook/responseschema/2006a";
const BASE: &str = "http://schemas.microsoft.com/exchange/autodiscover";
const XML: &str = "/autodiscover/autodiscover.xml";

fn request(address: &str, schema: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"{BASE}/mobilesync/requestschema/2006\"><Request>\
         <EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{BASE}/{schema}</AcceptableResponseSchema>\
         </Request></Autodiscover>"
    )
}

fn post(program: &Dav, body: &str) -> DavAnswer {
    program.ask("POST", XML, &[("Content-Type", "text/xml; charset=utf-8")], body.as_bytes())
}

/// The text at a path of names within Response, all of one namespace.
fn get(answer: &DavAnswer, schema: &str, path: &str) -> Option<String> {
    let root = answer.xml();
    assert_eq!(root.name, format!("{{{BASE}/responseschema/2006}}Autodiscover"), "{}", answer.shown());
    let named = |name: &str| {
        if schema.is_empty() {
            format!("{{{BASE}/responseschema/2006}}{name}")
        } else {
            format!("{{{BASE}/{schema}}}{name}")
        }
    };
    let mut node: &Node = &root;
    // A namespace has slashes of its own, so `Node::get` cannot walk.
    for name in std::iter::once("Response").chain(path.split('/')) {
        node = node.children.iter().find(|child| child.name == named(name))?;
    }
    Some(node.text.clone())
}

fn error_code(answer: &DavAnswer) -> Option<String> {
    get(answer, "", "Error/ErrorCode")
}

fn told(program: &Dav, account: &Account, schema: &str, path: &str) -> Option<String> {
    get(&post(program, &request(&account.address, schema)).is(200), schema, path)
}

// MS-ASCMD R7 R8 R41 R46 R2228 R3482 R3484 R5718; MS-ASHTTP R178 R445 R519 R523
#[test]
fn a_phone_that_knows_address_and_password_finds_the_door() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (program, nobody) = (demo.dav(&anna), demo.dav_of_nobody());
        let refused = post(&nobody, &request(&anna.address, MOBILE)).is(401);
        assert!(refused.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic")));
        let guesser = demo.dav(&Account { password: "wrong".to_owned(), ..anna.clone() });
        assert_eq!(post(&guesser, &request(&anna.address, MOBILE)).status, 401);
        let url = demo.url("activesync");
        for path in ["Action/Settings/Server/Url", "Action/Settings/Server/Name"] {
            assert_eq!(told(&program, &anna, MOBILE, path).as_deref(), Some(url.as_str()), "{path}");
        }
        for (path, expected) in [
            ("Action/Settings/Server/Type", "MobileSync"),
            ("User/DisplayName", anna.name.as_str()),
            ("User/EMailAddress", anna.address.as_str()),
        ] {
            assert_eq!(told(&program, &anna, MOBILE, path).as_deref(), Some(expected), "{path}");
        }
        let any_case = program.ask(
            "POST",
            "/Autodiscover/AutoDiscover.XML",
            &[],
            request(&anna.address, MOBILE).as_bytes(),
        );
        assert_eq!(get(&any_case, MOBILE, "Action/Settings/Server/Type").as_deref(), Some("MobileSync"));
        // Whether somebody else has the address is not told.
        for address in
            [ben.address.as_str(), "nobody@blumen-huber.test", "nobody@elsewhere.test", "no address"]
        {
            let answer = post(&program, &request(address, MOBILE)).is(200);
            assert_eq!(get(&answer, MOBILE, "Action/Error/Status").as_deref(), Some("2"), "{address}");
            assert_eq!(get(&answer, MOBILE, "User/EMailAddress").as_deref(), Some(address));
            let answer = post(&program, &request(address, OUTLOOK)).is(200);
            assert_eq!(error_code(&answer).as_deref(), Some("500"), "{address}");
        }
        assert!(!demo.log().contains("nobody@elsewhere.test"), "addresses are not logged");
    });
}

/// Elements of answers, what each may stand in, and what is in it.
const SHAPE: &[(&str, &[&str], Within)] = &[
    ("Autodiscover", &[], Within::Elements),
    ("Response", &["Autodiscover"], Within::Elements),
    ("Culture", &["Response"], Within::Text),
    ("User", &["Response"], Within::Elements),
    ("DisplayName", &["User"], Within::Text),
    ("EMailAddress", &["User"], Within::Text),
    ("Action", &["Response"], Within::Elements),
    ("Settings", &["Action"], Within::Elements),
    ("Server", &["Settings"], Within::Elements),
    ("Type", &["Server"], Within::Text),
    ("Url", &["Server"], Within::Text),
    ("Name", &["Server"], Within::Text),
    ("Error", &["Action", "Response"], Within::Elements),
    ("ErrorCode", &["Error"], Within::Number),
    ("Status", &["Error"], Within::Number),
    ("Message", &["Error"], Within::Text),
    ("DebugData", &["Error"], Within::Text),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Elements,
    Text,
    Number,
}

fn bare(node: &Node) -> &str {
    node.name.rsplit('}').next().unwrap_or_default()
}

/// Fails on an element that is not of [`SHAPE`]; notes each with what it stands in.
fn has_shape(node: &Node, parent: Option<&Node>, seen: &mut BTreeSet<(String, String)>) {
    let name = bare(node);
    let known = SHAPE.iter().find(|(one, ..)| *one == name);
    assert!(known.is_some(), "{name}");
    let Some((_, parents, within)) = known else { return };
    let above = parent.map(bare).unwrap_or_default();
    assert!(parents.contains(&above) || parents.is_empty() && above.is_empty(), "{name} in {above}");
    let (has_text, has_elements) = (!node.text.trim().is_empty(), !node.children.is_empty());
    match within {
        Within::Elements => assert!(has_elements && !has_text, "{name}"),
        Within::Text => assert!(!has_elements, "{name}"),
        Within::Number => assert!(!has_elements && node.text.parse::<i32>().is_ok(), "{name}: {}", node.text),
    }
    seen.insert((name.to_owned(), above.to_owned()));
    for child in &node.children {
        // Several doors are several Servers; of all else there is one.
        let alike = node.children.iter().filter(|other| other.name == child.name).count();
        assert!(alike == 1 || bare(child) == "Server", "{} {alike} times", child.name);
        has_shape(child, Some(node), seen);
    }
}

// MS-ASCMD R1029 R1030 R1083 R1085 R1459 R1460 R1461 R1475 R1476 R1477 R1519 R1520 R1521 R1583 R1584 R1585 R1631
// MS-ASCMD R1633 R1635 R1637 R1639 R1640 R1641 R1896 R1897 R1898 R1979 R1980 R1981 R2479 R2481 R2561 R2563 R2623
// MS-ASCMD R2625 R2691 R2692 R2693 R2859 R2860 R2861 R2883 R2884 R2885 R2887 R2889 R5123
#[test]
fn each_element_stands_where_it_belongs_and_holds_what_it_may() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let program = demo.dav(&anna);
    let mut seen = BTreeSet::new();
    for body in [request(&anna.address, MOBILE), request(&ben.address, MOBILE), "no XML".to_owned()] {
        for content_type in ["text/xml", "text/html"] {
            let headers = [("Content-Type", content_type)];
            let answer = program.ask("POST", XML, &headers, body.as_bytes()).is(200);
            has_shape(&answer.xml(), None, &mut seen);
        }
    }
    for (name, parents, _) in SHAPE {
        for parent in parents.iter().copied().chain(parents.is_empty().then_some("")) {
            assert!(
                seen.contains(&((*name).to_owned(), parent.to_owned())),
                "{name} in {parent} was not told"
            );
        }
    }
    demo.consistent();
}

// MS-ASCMD R703 R2286 R2287 R2288 R3799 R3818
#[test]
fn what_is_no_request_is_told_its_error() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let program = demo.dav(&anna);
        let two = request(&anna.address, MOBILE).replace("</Autodiscover>", "<Request/></Autodiscover>");
        let unknown = request(&anna.address, "x");
        for (body, code) in [("", "600"), ("no XML", "600"), (two.as_str(), "600"), (unknown.as_str(), "601")]
        {
            assert_eq!(error_code(&post(&program, body).is(200)).as_deref(), Some(code), "{body}");
        }
        let found = demo.dav_of_nobody().ask("GET", XML, &[], b"").is(200);
        assert_eq!(error_code(&found).as_deref(), Some("600"));
        assert_eq!(program.ask("PUT", XML, &[], b"").status, 405);
        assert_eq!(program.ask("POST", XML, &[], &vec![b' '; 20 << 10]).status, 413);
    });
}

#[test]
fn outlook_is_told_the_doors_that_its_account_may_use() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let port = |door: &str| demo.door(door).tls_port.unwrap().to_string();
        let answer = post(&demo.dav(&anna), &request(&anna.address, OUTLOOK)).is(200).text();
        for (kind, door) in [("IMAP", "imap"), ("POP3", "pop3"), ("SMTP", "submission")] {
            let begin = format!("<Type>{kind}</Type>");
            let (_, protocol) = answer.split_once(&begin).unwrap_or_else(|| panic!("{kind}: {answer}"));
            assert!(protocol.contains(&format!("<Port>{}</Port>", port(door))), "{kind}: {answer}");
            assert!(protocol.contains(&format!("<LoginName>{}</LoginName>", anna.address)), "{answer}");
        }
        // Of the kind that has less it is told less.
        demo.admin(&["account", "kind", &anna.address, "pop3"]);
        let program = demo.dav(&anna);
        let answer = post(&program, &request(&anna.address, OUTLOOK)).is(200).text();
        assert!(answer.contains("<Type>POP3</Type>") && !answer.contains("<Type>IMAP</Type>"), "{answer}");
        assert_eq!(told(&program, &anna, MOBILE, "Action/Error/Status").as_deref(), Some("2"));
        demo.admin(&["account", "kind", &anna.address, "exchange"]);
    });
}

// MS-ASCMD R46 R2442 R3770; MS-ASHTTP R183 R224 R285
#[test]
fn who_moved_is_sent_on() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let domain = anna.address.split('@').nth(1).unwrap();
        let (program, other) = (demo.dav(&anna), demo.dav(&ben));
        demo.admin(&["phones", "send", domain, "mail.elsewhere.test"]);
        let shown = demo.admin(&["phones", "send", &ben.address, "ben@moved.test"]);
        assert_eq!(shown["phones"], "ben@moved.test");
        let url = "https://mail.elsewhere.test/Microsoft-Server-ActiveSync";
        assert_eq!(told(&program, &anna, MOBILE, "Action/Settings/Server/Url").as_deref(), Some(url));
        assert_eq!(told(&other, &ben, MOBILE, "Action/Redirect").as_deref(), Some("ben@moved.test"));
        assert_eq!(told(&other, &ben, OUTLOOK, "Account/RedirectAddr").as_deref(), Some("ben@moved.test"));
        assert!(told(&program, &anna, OUTLOOK, "Account/RedirectAddr").is_none(), "mail is still here");
        let door = "/Microsoft-Server-ActiveSync?Cmd=FolderSync&User=a&DeviceId=probe&DeviceType=Probe";
        let sent = program.ask("POST", door, &[("MS-ASProtocolVersion", "16.1")], b"").is(451);
        assert_eq!(sent.header("x-ms-location"), Some(url));
        assert_eq!(
            other.ask("OPTIONS", "/Microsoft-Server-ActiveSync", &[], b"").is(451).header("x-ms-location"),
            None
        );
        let refused = demo.admin_refuses(&["phones", "send", domain, "ben@moved.test"]);
        assert!(refused.contains("mail.example.org"), "{refused}");
        demo.admin(&["phones", "keep", domain]);
        assert_eq!(demo.admin(&["phones", "keep", &ben.address])["phones"], "as the domain's");
        let url = demo.url("activesync");
        assert_eq!(told(&other, &ben, MOBILE, "Action/Settings/Server/Url").as_deref(), Some(url.as_str()));
    });
}

#[test]
fn version_2_tells_everybody_the_same_without_a_password() {
    on_each_store(|demo| {
        let (anna, _) = demo.colleagues();
        let nobody = demo.dav_of_nobody();
        let json = |target: &str, status: u16| -> serde_json::Value {
            let answer = nobody.ask("GET", target, &[], b"").is(status);
            assert!(answer.header("content-type").unwrap_or_default().starts_with("application/json"));
            serde_json::from_slice(&answer.body).unwrap()
        };
        let known =
            json(&format!("/autodiscover/autodiscover.json?Email={}&Protocol=ActiveSync", anna.address), 200);
        assert_eq!(known["Protocol"], "ActiveSync");
        assert_eq!(known["Url"], demo.url("activesync"));
        for target in [
            "/autodiscover/autodiscover.json?Email=nobody@elsewhere.test&Protocol=ActiveSync",
            "/AutoDiscover/AutoDiscover.json/v1.0/nobody@elsewhere.test?protocol=activesync",
        ] {
            assert_eq!(json(target, 200), known, "{target}");
        }
        let xml = json("/autodiscover/autodiscover.json?Email=a@b.test&Protocol=AutodiscoverV1", 200);
        assert_eq!(xml["Url"], demo.url("autodiscover"));
        let unknown = json("/autodiscover/autodiscover.json?Email=a@b.test&Protocol=Ews", 400);
        assert_eq!(unknown["ErrorCode"], "InvalidProtocol");
        let missing = json("/autodiscover/autodiscover.json?Email=a@b.test", 400);
        assert_eq!(missing["ErrorCode"], "MandatoryParameterMissing");
    });
}

// MS-ASHTTP R182 R441
#[test]
fn without_activesync_that_door_is_not_there_and_all_others_are() {
    let demo = Demo::start_with(Store::Sqlite, &[("KONTOR_HTTP_ACTIVESYNC", "false")]);
    let (anna, _) = demo.colleagues();
    let program = demo.dav(&anna);
    for method in ["OPTIONS", "POST"] {
        let target = "/Microsoft-Server-ActiveSync?Cmd=FolderSync&User=a&DeviceId=probe&DeviceType=Probe";
        assert_eq!(program.ask(method, target, &[("MS-ASProtocolVersion", "16.1")], b"").status, 404);
    }
    assert_eq!(error_code(&post(&program, &request(&anna.address, MOBILE))).as_deref(), Some("601"));
    let json = "/autodiscover/autodiscover.json?Email=a@b.test&Protocol=ActiveSync";
    assert_eq!(program.ask("GET", json, &[], b"").status, 400);
    assert_eq!(told(&program, &anna, OUTLOOK, "Account/Action").as_deref(), Some("settings"));
    program.homes();
    demo.imap(&anna).select("INBOX");
    demo.consistent();
}
