//! A client's copy of a collection, kept by sync-collection: RFC 6578.

use std::collections::BTreeMap;

use crate::dav::{Dav, DavAnswer, resources};

const ROUNDS_MAX: u32 = 200;

/// What a client keeps of a collection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DavCopy {
    /// The address of the collection.
    pub collection: String,
    /// What to ask with next; empty at first.
    pub token: String,
    /// Entity tags by address.
    pub items: BTreeMap<String, String>,
}

/// What one or more answers said, by the last segment of each address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// New, or with another entity tag.
    pub changed: Vec<String>,
    /// Gone.
    pub removed: Vec<String>,
    /// More is left (section 3.6).
    pub more: bool,
}

impl Told {
    /// Whether there was nothing at all.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.removed.is_empty()
    }
}

impl Dav {
    /// A copy with everything in it.
    pub fn copy_of(&self, collection: &str) -> DavCopy {
        let mut copy = DavCopy { collection: collection.to_owned(), ..DavCopy::default() };
        let told = self.refresh(&mut copy, None);
        assert!(told.removed.is_empty(), "section 3.4: nothing is gone at first: {told:?}");
        copy
    }

    /// Asks until nothing is left.
    pub fn refresh(&self, copy: &mut DavCopy, limit: Option<usize>) -> Told {
        let mut all = Told::default();
        for _ in 0..ROUNDS_MAX {
            let told = self.refresh_once(copy, limit);
            all.changed.extend(told.changed);
            all.removed.extend(told.removed);
            if !told.more {
                return all;
            }
        }
        panic!("still more after {ROUNDS_MAX} rounds of {}", copy.collection)
    }

    /// Asks once and takes over what came.
    pub fn refresh_once(&self, copy: &mut DavCopy, limit: Option<usize>) -> Told {
        let root = self.ask_sync(&copy.collection, &copy.token, limit, "0").is(207).xml();
        let mut told = Told::default();
        for resource in resources(&root) {
            if resource.href == copy.collection {
                assert_eq!(resource.status, Some(507), "{resource:?}");
                told.more = true;
                continue;
            }
            let name = resource.name().to_owned();
            match resource.status {
                Some(404) => {
                    copy.items.remove(&resource.href);
                    told.removed.push(name);
                }
                None => {
                    let etag = resource.found.get("D:getetag").unwrap_or_else(|| panic!("{resource:?}"));
                    copy.items.insert(resource.href.clone(), etag.to_owned());
                    told.changed.push(name);
                }
                Some(_) => panic!("{resource:?}"),
            }
        }
        let count = told.changed.len() + told.removed.len();
        assert!(limit.is_none_or(|limit| count <= limit), "{count} with the limit {limit:?}");
        copy.token = root.get("D:sync-token").expect("a token").to_owned();
        told
    }

    /// The report as it came.
    pub fn ask_sync(&self, collection: &str, token: &str, limit: Option<usize>, depth: &str) -> DavAnswer {
        let limit = limit
            .map_or_else(String::new, |limit| format!("<D:limit><D:nresults>{limit}</D:nresults></D:limit>"));
        let inner = format!(
            "<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{limit}\
             <D:prop><D:getetag/></D:prop>"
        );
        self.ask_xml("REPORT", collection, depth, "D:sync-collection", &inner)
    }
}
