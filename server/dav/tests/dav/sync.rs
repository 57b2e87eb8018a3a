//! sync-collection: RFC 6578.

use crate::answer::Answer;
use crate::client::{Client, NAMESPACES, event};
use crate::world::on_each_database;
use vocabulary::{Preset, Role};

pub(crate) async fn sync(client: &Client<'_>, path: &str, token: &str, limit: Option<usize>) -> Answer {
    let limit =
        limit.map_or_else(String::new, |limit| format!("<limit><nresults>{limit}</nresults></limit>"));
    let body = format!(
        "<sync-collection><sync-token>{token}</sync-token><sync-level>1</sync-level>{limit}<prop><getetag/></prop>\
         </sync-collection>"
    );
    client.report(path, &body).await
}

#[test]
fn a_reader_learns_what_came_changed_and_went() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let item = |name: &str| format!("{path}{name}.ics");
        let empty = sync(&anna, &path, "", None).await;
        assert_eq!(empty.responses().len(), 0);
        for name in ["a", "b", "c"] {
            anna.put(&item(name), event(name, "1")).await;
        }
        anna.delete(&item("c")).await;
        let initial = sync(&anna, &path, "", None).await;
        assert_eq!(initial.hrefs(), [item("a"), item("b")], "what is gone was never there");
        assert_eq!(initial.of(&item("a")).text("getetag"), anna.etag(&item("a")).await);
        let since = sync(&anna, &path, &empty.sync_token(), None).await;
        assert_eq!(since.hrefs(), [item("a"), item("b")]);
        let token = initial.sync_token();
        assert_eq!(sync(&anna, &path, &token, None).await.responses().len(), 0);
        anna.put(&item("a"), event("a", "2")).await;
        anna.delete(&item("b")).await;
        anna.put(&item("d"), event("d", "1")).await;
        let news = sync(&anna, &path, &token, None).await;
        assert_eq!(news.hrefs(), [item("a"), item("b"), item("d")]);
        assert_eq!(news.of(&item("b")).status(), Some(404));
        assert_eq!(news.of(&item("a")).text("getetag"), anna.etag(&item("a")).await);
        assert_eq!(sync(&anna, &path, &token, None).await.hrefs(), news.hrefs(), "a token may be used again");
    });
}

#[test]
fn what_went_and_came_again_has_changed() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let item = format!("{path}a.ics");
        anna.put(&item, event("a", "1")).await;
        let token = sync(&anna, &path, "", None).await.sync_token();
        anna.delete(&item).await;
        anna.put(&item, event("a", "2")).await;
        let news = sync(&anna, &path, &token, None).await;
        assert_eq!(news.hrefs(), std::slice::from_ref(&item), "one answer for one path");
        assert_eq!(news.of(&item).text("getetag"), anna.etag(&item).await);
    });
}

#[test]
fn a_limit_ends_a_page_and_the_token_goes_on_from_there() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        for number in 0..5 {
            anna.put(&format!("{path}{number}.ics"), event(&number.to_string(), "1")).await;
        }
        let (mut token, mut seen, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let page = sync(&anna, &path, &token, Some(2)).await;
            token = page.sync_token();
            pages += 1;
            let (more, items): (Vec<_>, Vec<_>) =
                page.responses().into_iter().partition(|one| one.href() == path);
            assert!(items.len() <= 2);
            seen.extend(items.iter().map(|item| item.href()));
            match more.as_slice() {
                [] => break,
                [one] => assert_eq!(one.status(), Some(507)),
                _ => panic!("{page:?}"),
            }
        }
        assert_eq!(pages, 3);
        let all: Vec<_> = (0..5).map(|number| format!("{path}{number}.ics")).collect();
        assert_eq!(seen, all);
    });
}

#[test]
fn a_token_that_was_not_given_is_refused() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        let good = sync(anna, &path, "", None).await.sync_token();
        for bad in
            ["1", "http://sabre.io/ns/sync/5", "data:,kontor/items/0/1/2/3", "data:,kontor/items/7/1/2/3/4"]
        {
            let answer = sync(anna, &path, bad, None).await;
            assert_eq!(answer.refusal(), (403, "valid-sync-token".into()), "{bad}");
        }
        // With marks that the collection has not come to.
        let (before, told) = good.rsplit_once('/').unwrap();
        let (before, added) = before.rsplit_once('/').unwrap();
        for later in [format!("{before}/{added}/{told}9"), format!("{before}/9/{told}")] {
            let answer = sync(anna, &path, &later, None).await;
            assert_eq!(answer.refusal(), (403, "valid-sync-token".into()), "{later}");
        }
        // Rights that change make every older token useless: other items may be seen now.
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let token = sync(ben, &path, "", None).await.sync_token();
        assert_eq!(sync(ben, &path, &token, None).await.status, 207);
        world.share(anna, Role::Calendar, ben, Preset::Owner.rights()).await;
        assert_eq!(sync(ben, &path, &token, None).await.refusal(), (403, "valid-sync-token".into()));
        assert_eq!(sync(anna, &path, &good, None).await.status, 207);
    });
}

#[test]
fn a_token_is_of_its_collection_and_of_no_other_at_the_same_path() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, other) = (anna.calendar("work/"), anna.calendar("calendar/"));
        anna.send("MKCALENDAR", &path, &[], "").await;
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        let token = sync(&anna, &path, "", None).await.sync_token();
        assert_eq!(sync(&anna, &other, &token, None).await.refusal(), (403, "valid-sync-token".into()));
        anna.delete(&path).await;
        anna.send("MKCALENDAR", &path, &[], "").await;
        assert_eq!(sync(&anna, &path, &token, None).await.refusal(), (403, "valid-sync-token".into()));
    });
}

#[test]
fn depth_is_0_or_1_or_not_said() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let body = format!(
            "<sync-collection {}><sync-token/><sync-level>1</sync-level><prop/></sync-collection>",
            crate::client::NAMESPACES
        );
        for (headers, status) in [
            (&[][..], 207),
            (&[("Depth", "0")], 207),
            (&[("Depth", "1")], 207),
            (&[("Depth", "infinity")], 400),
        ] {
            assert_eq!(anna.send("REPORT", &path, headers, body.clone()).await.status, status, "{headers:?}");
        }
    });
}

#[test]
fn a_moved_item_leaves_one_collection_and_enters_the_other() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (from, to) = (anna.calendar("calendar/"), anna.calendar("work/"));
        anna.send("MKCALENDAR", &to, &[], "").await;
        anna.put(&format!("{from}x.ics"), event("x", "1")).await;
        let (left, entered) =
            (sync(&anna, &from, "", None).await.sync_token(), sync(&anna, &to, "", None).await.sync_token());
        let target = format!("{to}y.ics");
        let moved = anna.send("MOVE", &format!("{from}x.ics"), &[("Destination", &target)], "").await;
        assert_eq!(moved.status, 201);
        let gone = sync(&anna, &from, &left, None).await;
        assert_eq!(gone.of(&format!("{from}x.ics")).status(), Some(404));
        let come = sync(&anna, &to, &entered, None).await;
        assert_eq!(come.of(&target).text("getetag"), anna.etag(&target).await);
    });
}

// RFC 6578 section 5.
#[test]
fn a_token_in_a_condition_says_that_nothing_happened_since() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("work/");
        anna.send("MKCALENDAR", &path, &[], "").await;
        let item = |name: &str| format!("{path}{name}.ics");
        anna.put(&item("a"), event("a", "1")).await;
        let property =
            || async { anna.propfind(&path, "0", "<sync-token/>").await.text("sync-token").unwrap() };
        let condition = |token: &str| format!("<{path}> (<{token}>)");
        let stale = condition(&property().await);
        let put = async |name: &str, condition: &str| {
            anna.send("PUT", &item(name), &[("If", condition)], event(name, "1")).await.status
        };
        assert_eq!(put("b", &stale).await, 201);
        assert_eq!(put("c", &stale).await, 412);
        let told = condition(&sync(&anna, &path, "", None).await.sync_token());
        assert_eq!(put("c", &told).await, 201, "a report gives the same token");
        let change = format!(
            "<propertyupdate {NAMESPACES}><set><prop><a:calendar-color>#00FF00</a:calendar-color></prop></set>\
             </propertyupdate>"
        );
        let patch = async |header: (&str, &str)| {
            anna.send("PROPPATCH", &path, &[header], change.clone()).await.status
        };
        let delete =
            async |path: &str, header: (&str, &str)| anna.send("DELETE", path, &[header], "").await.status;
        assert_eq!(delete(&item("a"), ("If", stale.as_str())).await, 412);
        for header in [("If", stale.as_str()), ("If-None-Match", "*"), ("If-Match", "\"0-0\"")] {
            assert_eq!(patch(header).await, 412, "{header:?}");
            assert_eq!(delete(&path, header).await, 412, "{header:?}");
        }
        assert_eq!(anna.propfind(&path, "0", "<a:calendar-color/>").await.text("calendar-color"), None);
        let fresh = condition(&property().await);
        assert_eq!(delete(&item("a"), ("If", fresh.as_str())).await, 204);
        let fresh = condition(&property().await);
        assert_eq!(patch(("If", fresh.as_str())).await, 207);
        assert_eq!(patch(("If-Match", "*")).await, 207);
        let fresh = condition(&property().await);
        assert_eq!(delete(&path, ("If", fresh.as_str())).await, 204);
    });
}
