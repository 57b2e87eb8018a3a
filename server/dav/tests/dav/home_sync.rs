//! sync-collection on homes: RFC 6578.

use crate::answer::Answer;
use crate::client::{Client, NAMESPACES, card, event};
use crate::sync::sync;
use crate::world::on_each_database;
use vocabulary::{Preset, Rights, Role};

async fn token(client: &Client<'_>, home: &str) -> String {
    client.propfind(home, "0", "<sync-token/>").await.text("sync-token").unwrap()
}

fn must_begin_anew(answer: &Answer) {
    assert_eq!(answer.refusal(), (403, "valid-sync-token".into()));
}

#[test]
fn whoever_follows_a_home_learns_which_collections_came_changed_and_went() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let home = anna.calendar("");
        let [calendar, tasks, notes, work] =
            ["calendar/", "tasks/", "notes/", "work/"].map(|name| anna.calendar(name));
        let initial = sync(&anna, &home, "", None).await;
        assert_eq!(initial.hrefs(), [calendar.clone(), tasks.clone(), notes.clone()]);
        let begin = initial.sync_token();
        assert_eq!(token(&anna, &home).await, begin);
        assert!(begin.contains([':', '/']), "GNOME takes it for a ctag otherwise");
        let nothing = sync(&anna, &home, &begin, None).await;
        assert_eq!((nothing.hrefs(), nothing.sync_token()), (Vec::new(), begin.clone()));
        anna.send("MKCALENDAR", &work, &[], "").await;
        anna.put(&format!("{calendar}x.ics"), event("x", "1")).await;
        anna.proppatch(&tasks, "<set><prop><a:calendar-color>#00FF00</a:calendar-color></prop></set>").await;
        let news = sync(&anna, &home, &begin, None).await;
        assert_eq!(news.hrefs(), [calendar.clone(), tasks.clone(), work.clone()]);
        assert!(news.responses().iter().all(|one| one.status().is_none()));
        let between = news.sync_token();
        anna.proppatch(&notes, "<set><prop><displayname>Ideas</displayname></prop></set>").await;
        anna.delete(&work).await;
        let news = sync(&anna, &home, &between, None).await;
        assert_eq!(news.hrefs(), [work.clone(), notes.clone()]);
        assert_eq!((news.of(&work).status(), news.of(&notes).status()), (Some(404), None));
        let since_begin = sync(&anna, &home, &begin, None).await;
        assert_eq!(since_begin.of(&work).status(), Some(404), "whoever made it is told too");
        assert_eq!(since_begin.responses().len(), 4);
        assert!(!sync(&anna, &home, "", None).await.hrefs().contains(&work));
        anna.send("MKCALENDAR", &work, &[], "").await;
        let again = sync(&anna, &home, &between, None).await;
        assert_eq!(again.responses().len(), 2, "one answer for one path");
        assert_eq!(again.of(&work).status(), None);
        // What happens to address books and mails is no matter of calendars.
        let last = again.sync_token();
        anna.put(&anna.book("contacts/1.vcf"), card("1", "A")).await;
        assert_eq!(token(&anna, &home).await, last);
        let books = sync(&anna, &anna.book(""), "", None).await;
        assert_eq!(books.hrefs(), [anna.book("contacts/")]);
        must_begin_anew(&sync(&anna, &home, &books.sync_token(), None).await);
    });
}

#[test]
fn a_calendar_that_moves_leaves_its_path_and_comes_to_another() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (home, from, to) = (anna.calendar(""), anna.calendar("from/"), anna.calendar("to/"));
        anna.send("MKCALENDAR", &from, &[], "").await;
        let token = sync(&anna, &home, "", None).await.sync_token();
        assert_eq!(anna.send("MOVE", &from, &[("Destination", &to)], "").await.status, 201);
        let news = sync(&anna, &home, &token, None).await;
        assert_eq!(news.responses().len(), 2);
        assert_eq!((news.of(&from).status(), news.of(&to).status()), (Some(404), None));
    });
}

#[test]
fn a_limit_ends_a_page_of_a_home_and_the_token_goes_on_from_there() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (home, calendar) = (anna.calendar(""), anna.calendar("calendar/"));
        let mut expected = vec![calendar.clone(), anna.calendar("tasks/"), anna.calendar("notes/")];
        for name in ["a/", "b/", "c/"] {
            anna.send("MKCALENDAR", &anna.calendar(name), &[], "").await;
            expected.push(anna.calendar(name));
        }
        let (mut token, mut seen, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let page = sync(&anna, &home, &token, Some(2)).await;
            token = page.sync_token();
            pages += 1;
            if pages == 1 {
                // It was told already.
                anna.put(&format!("{calendar}x.ics"), event("x", "1")).await;
            }
            let (more, collections): (Vec<_>, Vec<_>) =
                page.responses().into_iter().partition(|one| one.href() == home);
            assert!(collections.len() <= 2);
            seen.extend(collections.iter().map(|one| one.href()));
            match more.as_slice() {
                [] => break,
                [one] => assert_eq!(one.status(), Some(507)),
                _ => panic!("{page:?}"),
            }
        }
        assert_eq!((pages, &seen), (3, &expected));
        let news = sync(&anna, &home, &token, None).await;
        assert_eq!(news.hrefs(), [calendar], "what changed behind the page is told in the next pass");
        anna.delete(&anna.calendar("a/")).await;
        anna.delete(&anna.calendar("c/")).await;
        let first = sync(&anna, &home, &news.sync_token(), Some(1)).await;
        assert_eq!(first.of(&anna.calendar("a/")).status(), Some(404));
        assert_eq!(first.of(&home).status(), Some(507));
        let second = sync(&anna, &home, &first.sync_token(), Some(1)).await;
        assert_eq!(second.hrefs(), [anna.calendar("c/")]);
        assert!(sync(&anna, &home, &second.sync_token(), Some(1)).await.hrefs().is_empty());
    });
}

#[test]
fn what_colleagues_share_is_followed_in_ones_own_home() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let home = ben.calendar("");
        let folder = world.folder(anna.id, Role::Calendar).await;
        let mount = ben.mounted(anna, folder, "");
        let before = sync(ben, &home, "", None).await.sync_token();
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        must_begin_anew(&sync(ben, &home, &before, None).await);
        let initial = sync(ben, &home, "", None).await;
        assert_eq!(initial.responses().len(), 4);
        assert!(initial.hrefs().contains(&mount));
        let mut token = initial.sync_token();
        assert!(sync(ben, &home, &token, None).await.hrefs().is_empty());
        let only_the_mount = async |token: &mut String, what: &str| {
            let news = sync(ben, &home, token, None).await;
            assert_eq!(news.hrefs(), std::slice::from_ref(&mount), "{what}");
            *token = news.sync_token();
            assert!(sync(ben, &home, token, None).await.hrefs().is_empty(), "{what}");
        };
        anna.put(&anna.calendar("calendar/x.ics"), event("x", "1")).await;
        only_the_mount(&mut token, "an event").await;
        ben.proppatch(&mount, "<set><prop><a:calendar-color>#00FF00</a:calendar-color></prop></set>").await;
        only_the_mount(&mut token, "a colour of one's own").await;
        ben.proppatch(&mount, "<remove><prop><a:calendar-color/></prop></remove>").await;
        only_the_mount(&mut token, "no colour any more").await;
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        only_the_mount(&mut token, "other rights").await;
        anna.put(&anna.calendar("tasks/y.ics"), crate::client::todo("y")).await;
        assert!(sync(ben, &home, &token, None).await.hrefs().is_empty(), "what is not shared is not seen");
        ben.put(&ben.calendar("calendar/z.ics"), event("z", "1")).await;
        let own = sync(ben, &home, &token, None).await;
        assert_eq!(own.hrefs(), [ben.calendar("calendar/")]);
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        must_begin_anew(&sync(ben, &home, &own.sync_token(), None).await);
        assert!(!sync(ben, &home, "", None).await.hrefs().contains(&mount));
    });
}

#[test]
fn a_delegate_follows_the_home_of_the_owner_as_far_as_it_sees_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (home, calendar) = (anna.calendar(""), anna.calendar("calendar/"));
        let owners = sync(anna, &home, "", None).await.sync_token();
        let body = "<sync-collection><sync-token/><sync-level>1</sync-level><prop/></sync-collection>";
        assert_eq!(ben.report(&home, body).await.status, 404);
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let initial = sync(ben, &home, "", None).await;
        assert_eq!(initial.hrefs(), std::slice::from_ref(&calendar));
        must_begin_anew(&sync(ben, &home, &owners, None).await);
        must_begin_anew(&sync(anna, &home, &initial.sync_token(), None).await);
        anna.put(&format!("{calendar}x.ics"), event("x", "1")).await;
        let news = sync(ben, &home, &initial.sync_token(), None).await;
        assert_eq!(news.hrefs(), std::slice::from_ref(&calendar));
        assert_eq!(token(ben, &home).await, news.sync_token());
        assert_eq!(sync(anna, &home, &owners, None).await.hrefs(), [calendar]);
    });
}

#[test]
fn what_a_home_cannot_answer_is_refused_by_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let home = anna.calendar("");
        let told = anna.propfind(&home, "0", "<supported-report-set/>").await;
        assert!(told.of(&home).names("supported-report-set").contains(&"sync-collection".to_owned()));
        let body = |level: &str| {
            format!(
                "<sync-collection {NAMESPACES}><sync-token/><sync-level>{level}</sync-level><prop/></sync-collection>"
            )
        };
        // RFC 6578 section 3.3.
        let deep = anna.send("REPORT", &home, &[("Depth", "0")], body("infinite")).await;
        assert_eq!(deep.refusal(), (403, "sync-traversal-supported".into()));
        assert_eq!(anna.send("REPORT", &home, &[("Depth", "infinity")], body("1")).await.status, 400);
        assert_eq!(anna.send("REPORT", &home, &[], body("1")).await.status, 207);
        let good = sync(&anna, &home, "", None).await.sync_token();
        let collection = sync(&anna, &anna.calendar("calendar/"), "", None).await.sync_token();
        let (before, shared) = good.rsplit_once('/').unwrap();
        let (before, modseq) = before.rsplit_once('/').unwrap();
        let later = format!("{before}/{modseq}9/{shared}");
        for bad in ["1", "http://sabre.io/ns/sync/5", &collection, &later, &format!("{good}/1")] {
            must_begin_anew(&sync(&anna, &home, bad, None).await);
        }
        must_begin_anew(&sync(&anna, &anna.calendar("calendar/"), &good, None).await);
        let everywhere = anna.propfind("/dav/calendars/", "1", "<sync-token/>").await;
        assert_eq!(everywhere.of(&home).text("sync-token"), Some(good));
        assert_eq!(everywhere.of("/dav/calendars/").code_of("sync-token"), Some(404));
    });
}
