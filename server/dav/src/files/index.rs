//! GET of a collection of plain files: a page for people, without a script.

use actix_web::HttpResponse;
use actix_web::http::header;
use dav_wire::Href;
use storage::{Error, Grant, Read, Refusal, right};
use vocabulary::{CollectionId, Uid};

use super::place::FilePath;
use super::{get, place};

/// Most entries of a page; programs read on by PROPFIND.
const ENTRIES_MAX: usize = 1_000;

/// What is listed of a collection.
#[derive(Debug)]
pub(super) struct Index {
    title: String,
    above: Option<Href>,
    /// Names of collections and items, with their paths; the collections first, each by name.
    entries: Vec<(String, Href, Option<i64>)>,
    more: bool,
}

impl Index {
    pub(super) fn read<'tx>(
        tx: &Read<'tx>,
        grant: &Grant<'tx, right::Lookup>,
        path: &FilePath,
    ) -> storage::Result<Self> {
        let here = path.href(true);
        let mut entries = Vec::new();
        for visible in tx.files_beneath(grant, CollectionId(0), ENTRIES_MAX)? {
            let name = visible.collection.resource_name.unwrap_or_default();
            entries.push((name.clone(), place::within(&here, &name, true), None));
        }
        let read = match tx.open::<right::ReadItems>(path.account(), grant.collection().id) {
            Ok(read) => Some(read),
            Err(Error::Refusal(Refusal::Denied { .. })) => None,
            Err(error) => return Err(error),
        };
        let items = match &read {
            Some(read) => tx.files(read, Uid(0), ENTRIES_MAX)?,
            None => Vec::new(),
        };
        let mut files: Vec<_> = items
            .into_iter()
            .filter_map(|item| {
                let name = item.resource_name?;
                Some((name.clone(), place::within(&here, &name, false), Some(item.size_bytes)))
            })
            .collect();
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        files.sort_by(|one, other| one.0.cmp(&other.0));
        let more = entries.len() >= ENTRIES_MAX || entries.len() + files.len() > ENTRIES_MAX;
        entries.extend(files);
        entries.truncate(ENTRIES_MAX);
        let above = path.split().map(|(above, _)| above.href(true));
        let title = path.names.last().cloned().unwrap_or_else(|| path.owner.address.to_string());
        Ok(Self { title, above, entries, more })
    }

    pub(super) fn answer(&self) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        get::harmless(&mut response, "text/plain", "");
        // Nothing but the page itself is ever loaded.
        response
            .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .content_type("text/html; charset=utf-8")
            .body(self.page())
    }

    fn page(&self) -> String {
        let title = escaped(&self.title);
        let mut page = format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body><h1>{title}</h1>\n\
             <ul>\n"
        );
        if let Some(above) = &self.above {
            page.push_str(&format!("<li><a href=\"{}\">..</a></li>\n", escaped(&above.to_string())));
        }
        for (name, href, size) in &self.entries {
            let (name, href) = (escaped(name), escaped(&href.to_string()));
            match size {
                None => page.push_str(&format!("<li><a href=\"{href}\">{name}/</a></li>\n")),
                Some(bytes) => page.push_str(&format!("<li><a href=\"{href}\">{name}</a> {bytes}</li>\n")),
            }
        }
        page.push_str("</ul>\n");
        if self.more {
            page.push_str(&format!("<p>Only {ENTRIES_MAX} are shown.</p>\n"));
        }
        page.push_str("</body></html>\n");
        page
    }
}

/// Text that stands between tags or in a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_markup() {
        let index = Index {
            title: "<b>&'".to_owned(),
            above: None,
            entries: vec![
                ("\"><script>".to_owned(), Href::parse("/a/%22%3E%3Cscript%3E/").unwrap(), None),
                ("x".to_owned(), Href::parse("/a/x").unwrap(), Some(7)),
            ],
            more: true,
        };
        let page = index.page();
        assert!(page.contains("<h1>&lt;b&gt;&amp;&#39;</h1>"), "{page}");
        assert!(page.contains("<a href=\"/a/%22%3E%3Cscript%3E/\">&quot;&gt;&lt;script&gt;/</a>"), "{page}");
        assert!(page.contains("<a href=\"/a/x\">x</a> 7"), "{page}");
        assert!(page.contains("Only 1000 are shown"), "{page}");
        assert!(!page.contains("<script"), "{page}");
    }
}
