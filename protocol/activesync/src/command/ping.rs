//! Ping: wait until one of some folders changes. MS-ASCMD section 2.2.1.13.

use std::collections::HashSet;

use wbxml::Element;
use wbxml::page::ping as page;

use crate::error::RequestError;
use crate::item::Class;
use crate::parse;
use crate::status::PingStatus;

/// Shortest heartbeat that is served, in seconds.
pub const HEARTBEAT_SECONDS_MIN: u32 = 60;
/// Longest heartbeat that is served, in seconds.
pub const HEARTBEAT_SECONDS_MAX: u32 = 3540;
/// Most folders that one Ping may watch.
pub const FOLDERS_MAX: usize = 200;

/// What to wait for. What is `None` is as in the device's last Ping (MS-ASCMD R335, R3152); a request
/// without a body is `Request::default()`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// How long, in seconds.
    pub heartbeat: Option<u32>,
    /// Which folders.
    pub folders: Option<Vec<Watched>>,
}

/// One folder to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// ServerId as the client sent it.
    pub id: String,
    /// What the client synchronises there; `None` for a class unknown here.
    pub class: Option<Class>,
}

impl Request {
    /// Reads `<Ping>`.
    ///
    /// # Errors
    /// Status 3 without parameters, 4 for broken ones, 5 with the nearest heartbeat allowed, 6 with the
    /// number of folders allowed.
    pub fn parse(root: &Element) -> Result<Self, RequestError> {
        parse::expect_root(root, page::PING)?;
        let heartbeat = root.child(page::HEARTBEAT_INTERVAL).map(heartbeat).transpose()?;
        let folders = root.child(page::FOLDERS).map(folders).transpose()?;
        if heartbeat.is_none() && folders.is_none() {
            return Err(own(PingStatus::MissingParameters, None, "Ping says nothing")); // MS-ASCMD R323
        }
        Ok(Self { heartbeat, folders })
    }
}

fn own(status: PingStatus, limit: Option<u32>, reason: &'static str) -> RequestError {
    RequestError::Own { status: status.code(), limit, reason }
}

fn heartbeat(element: &Element) -> Result<u32, RequestError> {
    let asked: u32 = parse::number(element).ok_or(RequestError::Structure("heartbeat is no number"))?;
    let allowed = asked.clamp(HEARTBEAT_SECONDS_MIN, HEARTBEAT_SECONDS_MAX);
    if asked == allowed {
        return Ok(asked);
    }
    // MS-ASCMD R5690, R5691
    Err(own(PingStatus::HeartbeatOutOfRange, Some(allowed), "heartbeat out of range"))
}

fn folders(element: &Element) -> Result<Vec<Watched>, RequestError> {
    let mut seen = HashSet::new();
    let mut folders = Vec::new();
    for folder in element.all(page::FOLDER) {
        if folders.len() == FOLDERS_MAX {
            let limit = u32::try_from(FOLDERS_MAX).ok();
            return Err(own(PingStatus::TooManyFolders, limit, "too many folders")); // MS-ASCMD R3259
        }
        let id = parse::required(folder, page::ID, "folder has no Id")?;
        if !seen.insert(id.clone()) {
            return Err(RequestError::Structure("a folder stands twice")); // MS-ASCMD R6699
        }
        let class = folder.child_value(page::CLASS).as_deref().and_then(Class::from_name);
        folders.push(Watched { id, class });
    }
    if folders.is_empty() {
        return Err(own(PingStatus::MissingParameters, None, "Folders is empty"));
    }
    Ok(folders)
}

/// The heartbeat passed and nothing happened.
#[must_use]
pub fn expired() -> Element {
    super::Command::Ping.status_document(PingStatus::Expired.code(), None)
}

/// These folders changed.
#[must_use]
pub fn changed(folders: impl IntoIterator<Item = String>) -> Element {
    let mut list = Element::new(page::FOLDERS);
    for id in folders {
        list.push(Element::text(page::FOLDER, id));
    }
    super::Command::Ping.status_document(PingStatus::Changes.code(), None).with(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::error::Answer;
    use crate::version::Version;

    fn ping(heartbeat: Option<&str>, folders: &[(&str, &str)]) -> Element {
        let mut root = Element::new(page::PING);
        if let Some(heartbeat) = heartbeat {
            root.push(Element::text(page::HEARTBEAT_INTERVAL, heartbeat));
        }
        if !folders.is_empty() {
            let mut list = Element::new(page::FOLDERS);
            for (id, class) in folders {
                list.push(
                    Element::new(page::FOLDER)
                        .with(Element::text(page::ID, *id))
                        .with(Element::text(page::CLASS, *class)),
                );
            }
            root.push(list);
        }
        root
    }

    fn refusal(root: &Element) -> Element {
        match Request::parse(root).unwrap_err().answer(Command::Ping, Version::V16_1) {
            Answer::Document(document) => document,
            Answer::Http(code) => panic!("HTTP {code}"),
        }
    }

    #[test]
    fn a_ping_is_read() {
        let request = Request::parse(&ping(Some("480"), &[("1w5", "Email"), ("1w6", "Odd")])).unwrap();
        assert_eq!(request.heartbeat, Some(480));
        let folders = request.folders.unwrap();
        assert_eq!(folders[0], Watched { id: "1w5".into(), class: Some(Class::Email) });
        assert_eq!(folders[1].class, None);
        let only_heartbeat = Request::parse(&ping(Some("60"), &[])).unwrap();
        assert_eq!(only_heartbeat, Request { heartbeat: Some(60), folders: None });
    }

    #[test]
    fn each_mistake_has_its_status_and_limit() {
        let many: Vec<_> = (0..=FOLDERS_MAX).map(|n| (n.to_string(), "Email")).collect();
        let many: Vec<_> = many.iter().map(|(id, class)| (id.as_str(), *class)).collect();
        for (root, status, limit) in [
            (ping(None, &[]), "3", None),
            (Element::new(page::PING).with(Element::new(page::FOLDERS)), "3", None),
            (ping(Some("soon"), &[]), "4", None),
            (ping(Some("60"), &[("a", "Email"), ("a", "Email")]), "4", None),
            (ping(Some("5"), &[("a", "Email")]), "5", Some((page::HEARTBEAT_INTERVAL, "60"))),
            (ping(Some("59"), &[]), "5", Some((page::HEARTBEAT_INTERVAL, "60"))),
            (ping(Some("3541"), &[]), "5", Some((page::HEARTBEAT_INTERVAL, "3540"))),
            (ping(Some("60"), &many), "6", Some((page::MAX_FOLDERS, "200"))),
        ] {
            let document = refusal(&root);
            assert_eq!(document.child_value(page::STATUS).as_deref(), Some(status));
            if let Some((tag, value)) = limit {
                assert_eq!(document.child_value(tag).as_deref(), Some(value));
            }
        }
        assert!(Request::parse(&ping(Some("3540"), &many[1..])).is_ok());
    }

    #[test]
    fn changed_folders_are_named_by_text() {
        let document = changed(["1w5".to_owned()]);
        assert_eq!(document.child_value(page::STATUS).as_deref(), Some("2"));
        assert_eq!(document.child(page::FOLDERS).unwrap().child_value(page::FOLDER).as_deref(), Some("1w5"));
        assert_eq!(expired().child_value(page::STATUS).as_deref(), Some("1"));
    }
}
