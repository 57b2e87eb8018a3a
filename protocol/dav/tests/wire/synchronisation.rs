//! `sync-collection`: RFC 6578.

use dav_wire::header::Depth;
use dav_wire::method::PropFind;
use dav_wire::report::{Report, SyncCollection, SyncLevel};
use dav_wire::{RequestError, Status};

use crate::names;

fn sync(content: &str) -> Result<SyncCollection, RequestError> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<sync-collection xmlns=\"DAV:\">{content}</sync-collection>"
    );
    match Report::parse(body.as_bytes())? {
        Report::SyncCollection(report) => Ok(report),
        other => panic!("{other:?}"),
    }
}

/// In the manner of DAVx5: RFC 6578 sections 3.2 and 3.7.
#[test]
fn davx5_goes_on_from_its_token() {
    let found = sync(
        "<sync-token>data:,kontor/items/1/2/3/4/5</sync-token><sync-level>1</sync-level>\
         <limit><nresults>500</nresults></limit><prop><getetag /></prop>",
    )
    .unwrap();
    assert_eq!(found.token.as_deref(), Some("data:,kontor/items/1/2/3/4/5"));
    assert_eq!(found.level, Some(SyncLevel::One));
    assert_eq!(found.limit, Some(500));
    assert_eq!(found.properties.selection, PropFind::Prop(names("D:getetag")));
}

#[test]
fn an_empty_token_is_the_beginning() {
    for token in ["<sync-token/>", "<sync-token></sync-token>", "<sync-token>\n </sync-token>"] {
        assert_eq!(sync(&format!("{token}<sync-level>1</sync-level><prop/>")).unwrap().token, None);
    }
}

/// In the manner of Thunderbird and of clients from before the RFC: RFC 6578 appendix A.
#[test]
fn the_header_counts_where_the_body_has_no_level() {
    let level = |content: &str, depth| sync(&format!("<sync-token/>{content}<prop/>")).unwrap().level(depth);
    assert_eq!(level("<sync-level>1</sync-level>", Some(Depth::Zero)), SyncLevel::One);
    assert_eq!(level("<sync-level>1</sync-level>", Some(Depth::One)), SyncLevel::One);
    assert_eq!(level("<sync-level>infinite</sync-level>", Some(Depth::Zero)), SyncLevel::Infinite);
    assert_eq!(level("", Some(Depth::One)), SyncLevel::One);
    assert_eq!(level("", Some(Depth::Infinity)), SyncLevel::Infinite);
    assert_eq!(level("", None), SyncLevel::One);
}

#[test]
fn what_is_no_synchronisation_is_malformed() {
    for bad in [
        "<sync-level>1</sync-level><prop/>",
        "<sync-token/><sync-level>2</sync-level><prop/>",
        "<sync-token/><sync-level>1</sync-level><limit><nresults>-1</nresults></limit><prop/>",
        "<sync-token/><prop/><prop/>",
    ] {
        assert_eq!(sync(bad).unwrap_err().status(), Status::BAD_REQUEST, "{bad}");
    }
}
