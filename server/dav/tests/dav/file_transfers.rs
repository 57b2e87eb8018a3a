//! COPY and MOVE of plain files and whole collections, and of calendars: RFC 4918 sections 9.8 and 9.9.

use crate::client::{Client, event};
use crate::world::on_each_database;

/// Every path beneath a collection, with what a file holds; those of collections end in a slash.
pub(crate) async fn tree(client: &Client<'_>, root: &str) -> Vec<String> {
    let (mut waiting, mut found) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = waiting.pop() {
        for href in client.propfind(&folder, "1", "<getetag/>").await.hrefs() {
            let relative = href.strip_prefix(root).unwrap().to_owned();
            if href == folder {
                continue;
            }
            if href.ends_with('/') {
                found.push(relative);
                waiting.push(href);
            } else {
                found.push(format!("{relative}={}", client.get(&href).await.body));
            }
        }
    }
    found.sort();
    found
}

/// `a/` with `f` and `b/` with `g`; `to/`; `x`.
async fn furnished(client: &Client<'_>) {
    for path in ["a/", "a/b/", "to/"] {
        assert_eq!(client.send("MKCOL", &client.file(path), &[], "").await.status, 201);
    }
    for (path, text) in [("a/f", "f"), ("a/b/g", "g"), ("x", "x")] {
        assert_eq!(client.put(&client.file(path), text).await.status, 201);
    }
}

const FURNITURE: [&str; 6] = ["a/", "a/b/", "a/b/g=g", "a/f=f", "to/", "x=x"];

#[test]
fn trees_and_files_go_where_they_are_sent() {
    on_each_database(async |world| {
        for (method, from, to, headers, status, expected) in [
            ("COPY", "x", "y", &[][..], 201, &["a/", "a/b/", "a/b/g=g", "a/f=f", "to/", "x=x", "y=x"][..]),
            ("MOVE", "x", "y", &[], 201, &["a/", "a/b/", "a/b/g=g", "a/f=f", "to/", "y=x"]),
            ("COPY", "x", "a/f", &[], 204, &["a/", "a/b/", "a/b/g=g", "a/f=x", "to/", "x=x"]),
            ("MOVE", "x", "a/f", &[("Overwrite", "T")], 204, &["a/", "a/b/", "a/b/g=g", "a/f=x", "to/"]),
            (
                "COPY",
                "a/",
                "to/c/",
                &[("Depth", "infinity")],
                201,
                &[
                    "a/",
                    "a/b/",
                    "a/b/g=g",
                    "a/f=f",
                    "to/",
                    "to/c/",
                    "to/c/b/",
                    "to/c/b/g=g",
                    "to/c/f=f",
                    "x=x",
                ],
            ),
            (
                "COPY",
                "a",
                "c",
                &[("Depth", "0")],
                201,
                &["a/", "a/b/", "a/b/g=g", "a/f=f", "c/", "to/", "x=x"],
            ),
            ("MOVE", "a/", "to/c", &[], 201, &["to/", "to/c/", "to/c/b/", "to/c/b/g=g", "to/c/f=f", "x=x"]),
            // What was there is gone, not mixed in.
            ("COPY", "a/b/", "to/", &[], 204, &["a/", "a/b/", "a/b/g=g", "a/f=f", "to/", "to/g=g", "x=x"]),
            ("COPY", "to/", "a/", &[], 204, &["a/", "to/", "x=x"]),
            ("MOVE", "to/", "a/", &[], 204, &["a/", "x=x"]),
            // A file instead of a collection, and a collection instead of a file.
            ("COPY", "x", "a/", &[], 204, &["a=x", "to/", "x=x"]),
            ("MOVE", "x", "a", &[], 204, &["a=x", "to/"]),
            (
                "COPY",
                "a/",
                "x",
                &[],
                204,
                &["a/", "a/b/", "a/b/g=g", "a/f=f", "to/", "x/", "x/b/", "x/b/g=g", "x/f=f"],
            ),
            ("MOVE", "a/b/", "x", &[], 204, &["a/", "a/f=f", "to/", "x/", "x/g=g"]),
            (
                "COPY",
                "a/",
                "a/b/c/",
                &[("Depth", "0")],
                201,
                &["a/", "a/b/", "a/b/c/", "a/b/g=g", "a/f=f", "to/", "x=x"],
            ),
        ] {
            let anna = world.people().await.anna;
            furnished(&anna).await;
            let to = anna.file(to);
            let mut all = vec![("Destination", to.as_str())];
            all.extend(headers);
            let answer = anna.send(method, &anna.file(from), &all, "").await;
            assert_eq!(answer.status, status, "{method} {from} {to} {headers:?}: {answer:?}");
            assert_eq!(tree(&anna, &anna.file("")).await, expected, "{method} {from} {to} {headers:?}");
        }
    });
}

#[test]
fn what_cannot_go_there_changes_nothing() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        furnished(anna).await;
        let own = |rest: &str| anna.file(rest);
        for method in ["COPY", "MOVE"] {
            for (from, to, headers, status) in [
                ("x", own("x"), &[][..], 403),
                ("a/", own("a"), &[], 403),
                ("x", own("a/f"), &[("Overwrite", "F")], 412),
                ("a/", own("to/"), &[("Overwrite", "F")], 412),
                ("x", own("no/y"), &[], 409),
                ("x", own("x/y"), &[], 409),
                ("a/", own("no/c/"), &[], 409),
                ("a/", own("a/b/c/"), &[], 403),
                ("a/b/", own("a/"), &[], 403),
                ("a/b/g", own("a/"), &[], 403),
                ("a/b/g", own("a/"), &[("Overwrite", "F")], 412),
                ("x", own(""), &[], 403),
                ("no", own("y"), &[], 404),
                ("x", own("y"), &[("Overwrite", "maybe")], 400),
                ("a/", own("y"), &[("Depth", "1")], 400),
                ("x", own("y"), &[("If-Match", "\"0-0\"")], 412),
                ("x", anna.calendar("calendar/x.ics"), &[], 403),
                ("x", people.ben.file("x"), &[], 403),
                ("x", people.dora.file("x"), &[], 409),
                ("x", "/elsewhere".to_owned(), &[], 409),
                ("x", "mailto:x".to_owned(), &[], 400),
            ] {
                let mut all = vec![("Destination", to.as_str())];
                all.extend(headers);
                let answer = anna.send(method, &own(from), &all, "").await;
                assert_eq!(answer.status, status, "{method} {from} {to} {headers:?}: {answer:?}");
            }
            assert_eq!(anna.send(method, &own("x"), &[], "").await.status, 400, "without a destination");
        }
        let shallow = anna.send("MOVE", &own("a/"), &[("Destination", &own("y")), ("Depth", "0")], "").await;
        assert_eq!(shallow.status, 400);
        assert_eq!(anna.send("MOVE", &own(""), &[("Destination", &own("to/y"))], "").await.status, 403);
        assert_eq!(tree(anna, &own("")).await, FURNITURE);
    });
}

#[test]
fn what_is_kept_goes_along() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        furnished(&anna).await;
        for path in ["a/", "a/f", "a/b/g"] {
            anna.proppatch(&anna.file(path), "<set><prop><x:p>kept</x:p></prop></set>").await;
        }
        anna.send("COPY", &anna.file("a/"), &[("Destination", &anna.file("c/"))], "").await;
        anna.send("MOVE", &anna.file("a/"), &[("Destination", &anna.file("d/"))], "").await;
        anna.send("MOVE", &anna.file("d/f"), &[("Destination", &anna.file("m"))], "").await;
        anna.send("COPY", &anna.file("m"), &[("Destination", &anna.file("x"))], "").await;
        for path in ["c/", "c/f", "c/b/g", "d/", "d/b/g", "m", "x"] {
            assert_eq!(
                anna.propfind(&anna.file(path), "0", "<x:p/>").await.text("p").as_deref(),
                Some("kept"),
                "{path}"
            );
        }
        // A copy is one of its own.
        anna.proppatch(&anna.file("x"), "<set><prop><x:p>changed</x:p></prop></set>").await;
        assert_eq!(anna.propfind(&anna.file("m"), "0", "<x:p/>").await.text("p").as_deref(), Some("kept"));
    });
}

#[test]
fn a_calendar_moves_within_its_home_and_stays_what_it_was() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let (work, moved) = (anna.calendar("work/"), anna.calendar("moved/"));
        assert_eq!(anna.send("MKCALENDAR", &work, &[], "").await.status, 201);
        anna.proppatch(&work, "<set><prop><a:calendar-color>#123456</a:calendar-color></prop></set>").await;
        anna.put(&format!("{work}x.ics"), event("1", "a")).await;
        let to = |path: &str| [("Destination", path.to_owned())];
        let send = async |method: &str, from: &str, headers: &[(&str, String)]| {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            anna.send(method, from, &headers, "").await
        };
        let token = anna.propfind(&work, "0", "<sync-token/>").await.text("sync-token");
        assert_eq!(send("MOVE", &work, &to(&moved)).await.status, 201);
        assert_eq!(anna.get(&format!("{work}x.ics")).await.status, 404);
        assert_eq!(anna.get(&format!("{moved}x.ics")).await.body, event("1", "a"));
        let found = anna.propfind(&moved, "0", "<a:calendar-color/><displayname/>").await.of(&moved);
        assert_eq!(found.text("calendar-color").as_deref(), Some("#123456"));
        assert_eq!(found.text("displayname").as_deref(), Some("work"));
        assert!(token.is_some());

        assert_eq!(send("COPY", &moved, &to(&work)).await.status, 201);
        assert_eq!(anna.get(&format!("{work}x.ics")).await.body, event("1", "a"));
        assert_eq!(
            anna.propfind(&work, "0", "<a:calendar-color/>").await.text("calendar-color").as_deref(),
            Some("#123456")
        );
        let mut kept = to(&moved).to_vec();
        kept.push(("Overwrite", "F".to_owned()));
        assert_eq!(send("MOVE", &work, &kept).await.status, 412);
        anna.delete(&format!("{work}x.ics")).await;
        assert_eq!(send("MOVE", &work, &to(&moved)).await.status, 204);
        assert_eq!(anna.propfind(&moved, "1", "<getetag/>").await.hrefs(), std::slice::from_ref(&moved));
        for (from, path, status) in [
            (moved.clone(), moved.clone(), 403),
            (moved.clone(), anna.calendar("calendar/"), 403),
            (anna.calendar("calendar/"), work.clone(), 403),
            (moved.clone(), anna.book("x/"), 403),
            (moved.clone(), people.ben.calendar("x/"), 403),
            (moved.clone(), anna.calendar("~1.1/"), 403),
            (moved.clone(), anna.file("x/"), 403),
            (work.clone(), anna.calendar("y/"), 404),
        ] {
            assert_eq!(send("MOVE", &from, &to(&path)).await.status, status, "{from} to {path}");
        }
        let mut shallow = to(&anna.calendar("empty/")).to_vec();
        shallow.push(("Depth", "0".to_owned()));
        assert_eq!(send("COPY", &anna.calendar("calendar/"), &shallow).await.status, 201);
    });
}
