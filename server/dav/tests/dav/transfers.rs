//! COPY and MOVE: RFC 4918 sections 9.8 and 9.9.

use crate::client::{event, todo};
use crate::world::on_each_database;
use vocabulary::{Preset, Role};

#[test]
fn items_move_and_are_copied_to_the_very_path() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let work = anna.calendar("work/");
        anna.send("MKCALENDAR", &work, &[], "").await;
        let source = anna.calendar("calendar/x.ics");
        anna.put(&source, event("1", "a")).await;
        let target = format!("{work}new%20name.ics");
        let to = |path: &str| format!("https://somewhere.test:8443{}", path.replace('@', "%40"));
        assert_eq!(anna.send("COPY", &source, &[("Destination", &to(&target))], "").await.status, 201);
        assert_eq!(anna.get(&target).await.body, event("1", "a"));
        assert_eq!(anna.get(&source).await.status, 200);
        let kept = anna.send("MOVE", &source, &[("Destination", &to(&target)), ("Overwrite", "F")], "").await;
        assert_eq!(kept.status, 412);
        assert_eq!(anna.send("MOVE", &source, &[("Destination", &to(&target))], "").await.status, 204);
        assert_eq!((anna.get(&source).await.status, anna.get(&target).await.status), (404, 200));
        // To another name in the same collection.
        let renamed = format!("{work}b.ics");
        assert_eq!(anna.send("MOVE", &target, &[("Destination", &renamed)], "").await.status, 201);
        assert_eq!((anna.get(&target).await.status, anna.get(&renamed).await.body), (404, event("1", "a")));
    });
}

#[test]
fn what_may_not_lie_at_the_target_stays_where_it_is() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let source = anna.calendar("calendar/x.ics");
        anna.put(&source, event("1", "a")).await;
        anna.put(&anna.calendar("calendar/y.ics"), event("2", "a")).await;
        anna.put(&anna.calendar("tasks/t.ics"), todo("3")).await;
        for method in ["COPY", "MOVE"] {
            for (destination, status) in [
                (anna.calendar("tasks/x.ics"), 403),
                (anna.calendar("calendar/y.ics"), 403),
                (anna.calendar("calendar/x.ics"), 403),
                (anna.calendar("nothing/x.ics"), 409),
                (anna.book("contacts/x.vcf"), 403),
                (people.dora.calendar("calendar/x.ics"), 409),
                (people.ben.calendar("calendar/x.ics"), 409),
                (anna.calendar("calendar/"), 403),
                ("/elsewhere".to_owned(), 409),
                ("mailto:x".to_owned(), 400),
            ] {
                let answer = anna.send(method, &source, &[("Destination", &destination)], "").await;
                assert_eq!(answer.status, status, "{method} to {destination}: {answer:?}");
            }
            assert_eq!(anna.send(method, &source, &[], "").await.status, 400);
            let stale = [("Destination", "/dav/calendars/x@x.test/a/b.ics"), ("If-Match", "\"0-0\"")];
            assert!(anna.send(method, &source, &stale, "").await.status >= 400);
            let missing = anna.calendar("calendar/no.ics");
            let to = anna.calendar("calendar/z.ics");
            assert_eq!(anna.send(method, &missing, &[("Destination", &to)], "").await.status, 404);
        }
        let twin = anna.send("COPY", &source, &[("Destination", &anna.calendar("calendar/z.ics"))], "").await;
        assert_eq!(twin.refusal(), (403, "no-uid-conflict".into()));
        assert_eq!(anna.get(&source).await.body, event("1", "a"));
    });
}

#[test]
fn an_editor_moves_between_two_accounts() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let theirs = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "x.ics");
        let own = ben.calendar("calendar/x.ics");
        ben.put(&own, event("1", "a")).await;
        assert_eq!(ben.send("MOVE", &own, &[("Destination", &theirs)], "").await.status, 201);
        assert_eq!(
            (ben.get(&own).await.status, anna.get(&anna.calendar("calendar/x.ics")).await.status),
            (404, 200)
        );
        assert_eq!(ben.send("COPY", &theirs, &[("Destination", &own)], "").await.status, 201);
        assert_eq!(ben.send("MOVE", &theirs, &[("Destination", &own)], "").await.status, 204);
        assert_eq!(anna.get(&anna.calendar("calendar/x.ics")).await.status, 404);
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        assert_eq!(ben.send("MOVE", &own, &[("Destination", &theirs)], "").await.status, 403);
        assert_eq!(ben.get(&own).await.body, event("1", "a"));
    });
}

#[test]
fn a_move_between_accounts_loses_nothing_that_was_written_meanwhile() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let folder = world.folder(anna.id, Role::Calendar).await;
        for round in 0..12 {
            let uid = format!("race{round}");
            let own = ben.calendar(&format!("calendar/{uid}.ics"));
            let theirs = ben.mounted(anna, folder, &format!("{uid}.ics"));
            assert_eq!(ben.put(&own, event(&uid, "old")).await.status, 201);
            let to = [("Destination", theirs.as_str())];
            let (moved, written) =
                tokio::join!(ben.send("MOVE", &own, &to, ""), ben.put(&own, event(&uid, "new")));
            assert_eq!(moved.status, 201, "{moved:?}");
            // Whoever was told that it replaced the item did so before it moved.
            let newest = match written.status {
                204 => &theirs,
                201 => &own,
                other => panic!("{other}: {written:?}"),
            };
            assert_eq!(ben.get(newest).await.body, event(&uid, "new"), "round {round}");
        }
    });
}

#[test]
fn an_item_is_not_moved_or_copied_onto_itself_by_another_path() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let mounted = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "x.ics");
        let own = anna.calendar("calendar/x.ics");
        anna.put(&own, event("1", "a")).await;
        let tag = anna.etag(&own).await;
        for method in ["COPY", "MOVE"] {
            for (from, to) in [(&mounted, &own), (&own, &mounted)] {
                assert_eq!(ben.send(method, from, &[("Destination", to)], "").await.status, 403, "{method}");
            }
        }
        assert_eq!(anna.etag(&own).await, tag);
    });
}
