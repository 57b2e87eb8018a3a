//! A client of CalDAV and CardDAV: RFC 4918, RFC 4791, RFC 6352, RFC 6578.
//!
//! It finds everything from the address of the server, as an app does, and shows each answer as it came.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::ClientConfig;

use crate::demo::Account;
use crate::http::{self, Url};
use crate::xml::{Node, document};

const REDIRECTIONS_MAX: u32 = 5;

/// One account at the door, or nobody.
pub struct Dav {
    root: Url,
    trust: Arc<ClientConfig>,
    authorization: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct DavAnswer {
    /// Method and target, for messages.
    pub asked: String,
    /// Of HTTP.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Content.
    pub body: Vec<u8>,
}

/// Where an account's things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Homes {
    /// The account itself.
    pub principal: String,
    /// Its calendars.
    pub calendars: String,
    /// Its address books.
    pub contacts: String,
}

/// What a multistatus says of one resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// As it stands in the answer.
    pub href: String,
    /// The status of the resource itself, where the answer has one.
    pub status: Option<u16>,
    /// Its properties with status 200, as children.
    pub found: Node,
    /// Status and name of its other properties.
    pub lacking: Vec<(u16, String)>,
}

impl DavAnswer {
    /// The first header with a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Fails unless the status is this one.
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.shown());
        self
    }

    /// The entity tag.
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {}", self.shown())).to_owned()
    }

    /// The content as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap_or_else(|error| panic!("{error}: {}", self.shown()))
    }

    /// The content as XML.
    pub fn xml(&self) -> Node {
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/xml") || kind.starts_with("text/xml"), "{}", self.shown());
        Node::parse(&self.body)
    }

    /// The content of a 207.
    pub fn resources(self) -> Vec<Resource> {
        let root = self.is(207).xml();
        assert_eq!(root.name, "D:multistatus");
        resources(&root)
    }

    /// Fails unless this is that status with this precondition or postcondition in a `DAV:error` (RFC 4918
    /// section 16).
    pub fn is_error(self, status: u16, condition: &str) -> Node {
        let answer = self.is(status);
        let root = answer.xml();
        assert_eq!(root.name, "D:error", "{}", answer.shown());
        assert!(root.has(condition), "{condition} is not in {}", answer.shown());
        root
    }

    /// For messages of failed tests.
    pub fn shown(&self) -> String {
        let text: String = String::from_utf8_lossy(&self.body).chars().take(2000).collect();
        format!("{}: {} {:?}\n{text}", self.asked, self.status, self.headers)
    }
}

impl Dav {
    pub(crate) fn new(url: &str, trust: Arc<ClientConfig>, account: Option<&Account>) -> Self {
        let basic = |account: &Account| {
            format!("Basic {}", STANDARD.encode(format!("{}:{}", account.address, account.password)))
        };
        Self { root: Url::parse(url), trust, authorization: account.map(basic) }
    }

    /// The path of the server's own root of WebDAV.
    pub fn root(&self) -> &str {
        &self.root.path
    }

    /// One request.
    pub fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> DavAnswer {
        let mut all = headers.to_vec();
        if let Some(authorization) = &self.authorization {
            all.push(("Authorization", authorization));
        }
        let answer = http::send(&self.root, &self.trust, method, target, &all, body).answer();
        let asked = format!("{method} {target} {headers:?}");
        DavAnswer { asked, status: answer.status, headers: answer.headers, body: answer.body }
    }

    /// One request with a body of XML.
    pub fn ask_xml(&self, method: &str, target: &str, depth: &str, root: &str, inner: &str) -> DavAnswer {
        let headers = [("Depth", depth), ("Content-Type", "application/xml; charset=utf-8")];
        self.ask(method, target, &headers, document(root, inner).as_bytes())
    }

    /// PROPFIND of named properties.
    pub fn propfind(&self, target: &str, depth: &str, names: &[&str]) -> Vec<Resource> {
        self.ask_propfind(target, depth, names).resources()
    }

    /// The same, as it came.
    pub fn ask_propfind(&self, target: &str, depth: &str, names: &[&str]) -> DavAnswer {
        self.ask_xml("PROPFIND", target, depth, "D:propfind", &format!("<D:prop>{}</D:prop>", empty(names)))
    }

    /// One property of one resource, which must be there.
    pub fn property(&self, target: &str, name: &str) -> Node {
        let mut found = self.propfind(target, "0", &[name]);
        assert_eq!(found.len(), 1, "{found:?}");
        let resource = found.remove(0);
        resource.found.at(name).unwrap_or_else(|| panic!("{name} of {target}: {resource:?}")).clone()
    }

    /// Follows the redirections of a well-known address (RFC 6764 section 5); gives where they end.
    pub fn followed(&self, method: &str, target: &str) -> String {
        let mut target = target.to_owned();
        for _ in 0..REDIRECTIONS_MAX {
            let answer = self.ask(method, &target, &[("Depth", "0")], b"");
            if ![301, 302, 307, 308].contains(&answer.status) {
                answer.is(207);
                return target;
            }
            let location = answer.header("location").unwrap_or_else(|| panic!("{}", answer.shown()));
            target = match location.strip_prefix("https://") {
                Some(rest) => format!("/{}", rest.split_once('/').expect("a path").1),
                None => location.to_owned(),
            };
            assert!(target.starts_with('/'), "{}", answer.shown());
        }
        panic!("{REDIRECTIONS_MAX} redirections of {target}")
    }

    /// What an app finds when it knows the server only.
    pub fn homes(&self) -> Homes {
        let href = |node: &Node| node.get("D:href").unwrap_or_else(|| panic!("{node:?}")).to_owned();
        let principal = href(&self.property(self.root(), "D:current-user-principal"));
        Homes {
            calendars: href(&self.property(&principal, "C:calendar-home-set")),
            contacts: href(&self.property(&principal, "A:addressbook-home-set")),
            principal,
        }
    }

    /// The account's own first collection for a component; `None` is an address book.
    pub fn own(&self, component: Option<&str>) -> String {
        let homes = self.homes();
        let home = if component.is_some() { &homes.calendars } else { &homes.contacts };
        let names = ["D:resourcetype", "D:owner", "C:supported-calendar-component-set"];
        let all = self.propfind(home, "1", &names);
        let fits = |resource: &&Resource| match component {
            None => resource.found.has("D:resourcetype/A:addressbook"),
            Some(component) => {
                let set = resource.components();
                resource.found.has("D:resourcetype/C:calendar") && set == [component]
            }
        };
        let is_own = |resource: &&Resource| resource.found.get("D:owner/D:href") == Some(&homes.principal);
        let own = all.iter().filter(fits).find(is_own);
        own.unwrap_or_else(|| panic!("none for {component:?} of {homes:?} in {all:#?}")).href.clone()
    }

    /// GET.
    pub fn get(&self, target: &str) -> DavAnswer {
        self.ask("GET", target, &[], b"")
    }

    /// PUT of iCalendar or vCard, whichever it begins with, without a condition.
    pub fn put(&self, target: &str, content: &str) -> DavAnswer {
        self.put_if(target, content, &[])
    }

    /// The same under conditions.
    pub fn put_if(&self, target: &str, content: &str, conditions: &[(&str, &str)]) -> DavAnswer {
        let kind = if content.starts_with("BEGIN:VCARD") { "text/vcard" } else { "text/calendar" };
        let kind = format!("{kind}; charset=utf-8");
        let mut headers = vec![("Content-Type", kind.as_str())];
        headers.extend_from_slice(conditions);
        self.ask("PUT", target, &headers, content.as_bytes())
    }

    /// DELETE without a condition.
    pub fn delete(&self, target: &str) -> DavAnswer {
        self.ask("DELETE", target, &[], b"")
    }

    /// MKCALENDAR at a path of the client's own choice (RFC 4791 section 5.3.1) for one component.
    pub fn make_calendar(&self, target: &str, name: &str, component: &str) -> DavAnswer {
        let set = format!(
            "<D:set><D:prop><D:displayname>{name}</D:displayname><C:supported-calendar-component-set>\
             <C:comp name=\"{component}\"/></C:supported-calendar-component-set></D:prop></D:set>"
        );
        self.ask_xml("MKCALENDAR", target, "0", "C:mkcalendar", &set)
    }

    /// calendar-query (RFC 4791 section 7.8) for objects of a component under a filter; their hrefs.
    pub fn calendar_query(&self, target: &str, component: &str, filter: &str) -> Vec<Resource> {
        let inner = format!(
            "<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter \
             name=\"{component}\">{filter}</C:comp-filter></C:comp-filter></C:filter>"
        );
        self.ask_xml("REPORT", target, "1", "C:calendar-query", &inner).resources()
    }

    /// The last segments of what happens within a time; both ends as `20261123T090000Z`.
    pub fn happening(&self, target: &str, start: &str, end: &str) -> Vec<String> {
        let filter = format!("<C:time-range start=\"{start}\" end=\"{end}\"/>");
        let mut names: Vec<String> = self
            .calendar_query(target, "VEVENT", &filter)
            .iter()
            .map(|found| found.name().to_owned())
            .collect();
        names.sort();
        names
    }

    /// Every object of a collection, as stored: the last segment of its address and its text.
    pub fn objects(&self, target: &str) -> Vec<(String, String)> {
        let all = self.propfind(target, "1", &["D:getetag"]);
        let members =
            all.iter().filter(|resource| resource.found.has("D:getetag") && !resource.href.ends_with('/'));
        members.map(|member| (member.name().to_owned(), self.get(&member.href).is(200).text())).collect()
    }

    /// The address of the object in which a text stands, and its content; the text must be in one only.
    pub fn object_with(&self, target: &str, text: &str) -> (String, String) {
        let mut found: Vec<_> =
            self.objects(target).into_iter().filter(|(_, content)| content.contains(text)).collect();
        assert_eq!(found.len(), 1, "objects with {text} in {target}: {found:?}");
        let (name, content) = found.remove(0);
        (format!("{target}{name}"), content)
    }
}

impl Resource {
    /// The last segment of the address.
    pub fn name(&self) -> &str {
        self.href.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }

    /// The names in `supported-calendar-component-set`.
    pub fn components(&self) -> Vec<&str> {
        let set = self.found.at("C:supported-calendar-component-set");
        let names = set.into_iter().flat_map(|set| set.all("C:comp")).flat_map(|comp| &comp.attributes);
        names.filter(|(name, _)| name == "name").map(|(_, value)| value.as_str()).collect()
    }

    /// The privileges that the account has on it (RFC 3744 section 5.5).
    pub fn privileges(&self) -> Vec<&str> {
        let set = self.found.at("D:current-user-privilege-set");
        let privileges = set.into_iter().flat_map(|set| set.all("D:privilege"));
        privileges.flat_map(|privilege| &privilege.children).map(|one| one.name.as_str()).collect()
    }
}

/// The responses of a multistatus (RFC 4918 section 14.24).
pub fn resources(root: &Node) -> Vec<Resource> {
    let status_of = |node: &Node| -> Option<u16> {
        let line = node.get("D:status")?;
        let code = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next());
        Some(code.and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{line} is no status line")))
    };
    let read = |response: &Node| {
        let href = response.get("D:href").unwrap_or_else(|| panic!("{response:?}")).to_owned();
        assert!(href.starts_with('/'), "{href} is no absolute path");
        let mut resource =
            Resource { href, status: status_of(response), found: Node::default(), lacking: Vec::new() };
        for part in response.all("D:propstat") {
            let status = status_of(part).unwrap_or_else(|| panic!("{part:?}"));
            let properties = &part.at("D:prop").unwrap_or_else(|| panic!("{part:?}")).children;
            if status == 200 {
                resource.found.children.extend_from_slice(properties);
            } else {
                resource.lacking.extend(properties.iter().map(|property| (status, property.name.clone())));
            }
        }
        let says = resource.status.is_some() || response.has("D:propstat");
        assert!(says, "neither status nor propstat: {response:?}");
        resource
    };
    root.all("D:response").map(read).collect()
}

/// Empty elements with these names.
fn empty(names: &[&str]) -> String {
    names.iter().map(|name| format!("<{name}/>")).collect()
}
