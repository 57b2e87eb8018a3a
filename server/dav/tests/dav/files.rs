//! Plain files: RFC 4918 on collections within collections, and RFC 9110 on what lies in them.

use crate::answer::Response;
use crate::client::{Client, NAMESPACES, anonymous};
use crate::world::{World, on_each_database};
use storage::{Grantee, right};
use vocabulary::{Preset, Rights};

/// Gives rights on a collection of plain files.
pub(crate) async fn share(
    world: &World,
    owner: &Client<'_>,
    names: &[&str],
    with: &Client<'_>,
    rights: Rights,
) {
    let (owner, with) = (owner.id, with.id);
    let path: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    world
        .write(&[owner], move |tx| {
            let grant = tx.open_files::<right::Administer>(owner, &path)?;
            tx.set_permission(&grant, Grantee::Account(with), rights)
        })
        .await;
}

async fn made(client: &Client<'_>, path: &str) {
    let answer = client.send("MKCOL", path, &[], "").await;
    assert_eq!(answer.status, 201, "{path}: {answer:?}");
}

#[test]
fn files_and_folders_lie_where_they_are_put() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        made(&anna, &anna.file("a/")).await;
        made(&anna, &anna.file("a/%C3%A9%20b")).await;
        let path = anna.file("a/%C3%A9%20b/x%3F.txt");
        let put = anna.send("PUT", &path, &[("Content-Type", "text/x-own; a=\"b\"")], "one").await;
        assert_eq!(put.status, 201);
        let tag = put.header("etag").unwrap();
        let got = anna.get(&path).await;
        assert_eq!((got.status, got.body.as_str()), (200, "one"));
        assert_eq!(got.header("etag"), Some(tag.clone()));
        assert_eq!(got.header("content-type").as_deref(), Some("text/x-own; a=\"b\""));
        let head = anna.send("HEAD", &path, &[], "").await;
        for name in ["etag", "content-type", "last-modified", "accept-ranges", "x-content-type-options"] {
            assert_eq!(head.header(name), got.header(name), "{name}");
            assert!(head.header(name).is_some(), "{name}");
        }
        let again = anna.put(&path, "three").await;
        assert_eq!(again.status, 204);
        assert_ne!(again.header("etag"), Some(tag));
        let found = anna.get(&path).await;
        assert_eq!(found.body, "three");
        assert_eq!(found.header("content-type").as_deref(), Some("application/octet-stream"));

        let wanted = "<resourcetype/><getcontenttype/><getcontentlength/><getetag/><getlastmodified/><creationdate/>\
             <supportedlock/><lockdiscovery/><owner/><current-user-privilege-set/><quota-used-bytes/><sync-token/>";
        let folder = anna.file("a/%C3%A9%20b/");
        let listed = anna.propfind(&folder, "1", wanted).await;
        assert_eq!(listed.hrefs(), [folder.clone(), path.clone()]);
        let file: Response = listed.of(&path);
        assert_eq!(file.text("getcontentlength").as_deref(), Some("5"));
        assert_eq!(file.text("getetag"), again.header("etag"));
        assert_eq!(file.text("getlastmodified"), found.header("last-modified"));
        assert!(file.text("creationdate").unwrap().starts_with("2026-11-24T09:"));
        assert_eq!(file.names("resourcetype"), [""; 0]);
        assert_eq!(file.names("supportedlock").iter().filter(|name| *name == "lockentry").count(), 2);
        assert_eq!(file.names("lockdiscovery"), [""; 0]);
        let collection = listed.of(&folder);
        assert_eq!(collection.names("resourcetype"), ["collection"]);
        assert_eq!(collection.paths("owner"), [anna.principal()]);
        assert_eq!(collection.text("quota-used-bytes").as_deref(), Some("5"));
        assert_eq!(collection.code_of("sync-token"), Some(404));

        let root = anna.propfind(&anna.file(""), "1", "<displayname/>").await;
        assert_eq!(root.hrefs(), [anna.file(""), anna.file("a/")]);
        assert_eq!(
            anna.propfind("/dav/files/", "1", "<resourcetype/>").await.hrefs(),
            ["/dav/files/", &anna.file("")]
        );
        assert_eq!(anna.propfind(&anna.file("a"), "0", "<resourcetype/>").await.hrefs(), [anna.file("a/")]);
        assert_eq!(anna.delete(&path).await.status, 204);
        assert_eq!(anna.get(&path).await.status, 404);
        assert_eq!(anna.delete(&anna.file("a")).await.status, 204);
        assert_eq!(anna.propfind(&anna.file(""), "1", "<displayname/>").await.hrefs(), [anna.file("")]);
    });
}

#[test]
fn locks_are_told_of_where_they_are() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (path, has_locks) in [
            (anna.file(""), true),
            (anna.file("x/y"), true),
            (anna.calendar("calendar/"), false),
            ("/dav/".to_owned(), false),
            ("/dav/files/".to_owned(), false),
        ] {
            for method in ["OPTIONS", "PROPFIND"] {
                let answer = anna.send(method, &path, &[("Depth", "0")], "").await;
                let classes = answer.header("dav").unwrap();
                assert_eq!(
                    classes.split(", ").any(|class| class == "2"),
                    has_locks,
                    "{method} {path}: {classes}"
                );
            }
            let allowed = anonymous(world, "OPTIONS", &path, &[], "").await.header("allow").unwrap();
            assert_eq!(allowed.contains("LOCK"), has_locks, "{path}: {allowed}");
        }
        let body = format!(
            "<lockinfo {NAMESPACES}><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>"
        );
        for path in
            [anna.calendar("calendar/"), anna.calendar("calendar/x.ics"), anna.principal(), anna.calendar("")]
        {
            assert_eq!(anna.send("LOCK", &path, &[], body.as_str()).await.status, 405, "{path}");
            assert_eq!(
                anna.send("UNLOCK", &path, &[("Lock-Token", "<urn:uuid:x>")], "").await.status,
                405,
                "{path}"
            );
        }
    });
}

#[test]
fn what_cannot_be_there_is_refused_by_its_status() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        made(&anna, &anna.file("a/")).await;
        anna.put(&anna.file("f"), "x").await;
        let calendar = format!(
            "<mkcol {NAMESPACES}><set><prop><resourcetype><collection/><c:calendar/></resourcetype></prop></set></mkcol>"
        );
        let plain = format!(
            "<mkcol {NAMESPACES}><set><prop><resourcetype><collection/></resourcetype></prop></set></mkcol>"
        );
        for (method, path, headers, body, status) in [
            ("PUT", "no/x", &[][..], "x", 409),
            ("PUT", "f/x", &[], "x", 409),
            ("PUT", "a/", &[], "x", 405),
            ("PUT", "", &[], "x", 405),
            ("PUT", "y", &[("Content-Range", "bytes 0-0/9")], "x", 400),
            ("MKCOL", "a/", &[], "", 405),
            ("MKCOL", "f", &[], "", 405),
            ("MKCOL", "", &[], "", 405),
            ("MKCOL", "no/x/", &[], "", 409),
            ("MKCOL", "f/x/", &[], "", 409),
            ("MKCOL", "b/", &[("Content-Type", "x/y")], "nothing", 415),
            ("MKCOL", "b/", &[("Content-Type", "text/xml")], "nothing", 400),
            ("MKCOL", "b/", &[], &calendar, 403),
            ("MKCOL", "b/", &[], &plain, 201),
            ("DELETE", "no", &[], "", 404),
            ("DELETE", "", &[], "", 403),
            ("DELETE", "a/", &[("Depth", "0")], "", 400),
            ("DELETE", "a/", &[("Depth", "infinity")], "", 204),
            ("GET", "no", &[], "", 404),
            ("PROPFIND", "no", &[("Depth", "0")], "", 404),
            ("PROPFIND", "", &[], "", 403),
            ("PROPFIND", "", &[("Depth", "infinity")], "", 403),
            ("PROPFIND", "f", &[], "", 207),
            (
                "PROPPATCH",
                "no",
                &[],
                "<propertyupdate xmlns='DAV:'><remove><prop><x/></prop></remove></propertyupdate>",
                404,
            ),
            ("POST", "f", &[], "", 405),
        ] {
            let answer = anna.send(method, &anna.file(path), headers, body).await;
            assert_eq!(answer.status, status, "{method} {path} {headers:?}: {answer:?}");
        }
        let report = anna
            .report(
                &anna.file(""),
                "<sync-collection><sync-token/><sync-level>1</sync-level><prop/></sync-collection>",
            )
            .await;
        assert_eq!(report.refusal(), (403, "supported-report".into()));
    });
}

#[test]
fn conditions_keep_from_overwriting() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.file("x");
        let tag = anna.put(&path, "1").await.header("etag").unwrap();
        for (method, header, value, status) in [
            ("PUT", "If-None-Match", "*", 412),
            ("PUT", "If-Match", "\"0-0\"", 412),
            ("DELETE", "If-Match", "\"0-0\"", 412),
            ("PUT", "If", "([\"0-0\"])", 412),
            ("PUT", "If", "(bad", 400),
            ("GET", "If-None-Match", tag.as_str(), 304),
            ("GET", "If-Match", "\"0-0\"", 412),
            ("GET", "If-Match", tag.as_str(), 200),
            ("PUT", "If-Match", tag.as_str(), 204),
        ] {
            assert_eq!(
                anna.send(method, &path, &[(header, value)], "2").await.status,
                status,
                "{method} {header}: {value}"
            );
        }
        let absent = anna.file("y");
        assert_eq!(anna.send("PUT", &absent, &[("If-Match", "*")], "1").await.status, 412);
        assert_eq!(anna.send("PUT", &absent, &[("If-None-Match", "*")], "1").await.status, 201);
        assert_eq!(anna.send("MKCOL", &anna.file("z/"), &[("If-Match", "*")], "").await.status, 412);
    });
}

// RFC 9110 sections 14.2, 15.3.7 and 15.5.17.
#[test]
fn parts_of_a_file_are_given() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.file("x");
        let tag = anna.put(&path, "0123456789").await.header("etag").unwrap();
        let weak = format!("W/{tag}");
        for (range, condition, status, body, content_range) in [
            ("bytes=2-4", None, 206, "234", Some("bytes 2-4/10")),
            ("bytes=-3", None, 206, "789", Some("bytes 7-9/10")),
            ("bytes=8-", None, 206, "89", Some("bytes 8-9/10")),
            ("bytes=10-", None, 416, "", Some("bytes */10")),
            ("bytes=0-1,4-5", None, 200, "0123456789", None),
            ("bytes=x", None, 200, "0123456789", None),
            ("bytes=2-4", Some(tag.as_str()), 206, "234", Some("bytes 2-4/10")),
            ("bytes=2-4", Some("\"other\""), 200, "0123456789", None),
            ("bytes=2-4", Some(weak.as_str()), 200, "0123456789", None),
            ("bytes=2-4", Some("Mon, 23 Nov 2026 09:00:00 GMT"), 200, "0123456789", None),
        ] {
            let mut headers = vec![("Range", range)];
            headers.extend(condition.map(|condition| ("If-Range", condition)));
            let answer = anna.send("GET", &path, &headers, "").await;
            assert_eq!((answer.status, answer.body.as_str()), (status, body), "{headers:?}");
            assert_eq!(answer.header("content-range").as_deref(), content_range, "{headers:?}");
        }
        let compressed = anna.send("GET", &path, &[("Accept-Encoding", "gzip")], "").await;
        assert_eq!((compressed.header("content-encoding"), compressed.body.as_str()), (None, "0123456789"));
    });
}

#[test]
fn nothing_that_is_stored_runs_in_our_origin() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (media_type, attached) in
            [("text/html", true), ("image/svg+xml", true), ("text/plain", false), ("image/png", false)]
        {
            let path = anna.file("%22x-y.html");
            anna.send("PUT", &path, &[("Content-Type", media_type)], "<script>1</script>").await;
            let got = anna.get(&path).await;
            assert_eq!(got.header("content-security-policy").as_deref(), Some("sandbox"));
            assert_eq!(got.header("x-content-type-options").as_deref(), Some("nosniff"));
            let disposition = attached.then_some("attachment; filename*=UTF-8''%22x-y.html");
            assert_eq!(got.header("content-disposition").as_deref(), disposition, "{media_type}");
        }
        made(&anna, &anna.file("%3Cscript%3E/")).await;
        let page = anna.get(&anna.file("")).await;
        assert_eq!(
            (page.status, page.header("content-type").as_deref()),
            (200, Some("text/html; charset=utf-8"))
        );
        assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
        assert!(page.body.contains("&lt;script&gt;/</a>") && !page.body.contains("<script"), "{}", page.body);
        assert!(page.body.contains("&quot;x-y.html</a> 18"), "{}", page.body);
        assert_eq!(anna.send("HEAD", &anna.file(""), &[], "").await.status, 200);
    });
}

#[test]
fn properties_are_set_in_order_all_or_none() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        made(&anna, &anna.file("a/")).await;
        anna.put(&anna.file("f"), "x").await;
        for path in [anna.file("a/"), anna.file("f")] {
            let changes = "<set><prop><x:one>1</x:one><x:two xml:lang='de'><x:in>ä</x:in></x:two></prop></set>\
                 <remove><prop><x:one/></prop></remove><set><prop><x:one>2</x:one><displayname>D</displayname></prop></set>";
            let answer = anna.proppatch(&path, changes).await;
            let set = answer.of(&path);
            assert_eq!(set.properties().iter().filter(|(status, _)| *status == 200).count(), 3, "{answer:?}");
            let wanted = "<x:one/><x:two/><x:none/><displayname/>";
            let found = anna.propfind(&path, "0", wanted).await.of(&path);
            assert_eq!(found.text("one").as_deref(), Some("2"));
            assert_eq!(found.property("two").unwrap().language(), Some("de"));
            assert_eq!(found.text("displayname").as_deref(), Some("D"));
            assert_eq!(found.code_of("none"), Some(404));
            let failed = anna
                .proppatch(&path, "<set><prop><x:one>3</x:one><getetag>x</getetag></prop></set>")
                .await
                .of(&path);
            assert_eq!((failed.code_of("one"), failed.code_of("getetag")), (Some(424), Some(403)));
            let all = anna.send("PROPFIND", &path, &[("Depth", "0")], "").await.of(&path);
            assert_eq!(all.text("one").as_deref(), Some("2"));
            assert!(all.property("resourcetype").is_some() && all.property("lockdiscovery").is_some());
            let names = format!("<propfind {NAMESPACES}><propname/></propfind>");
            let names = anna.send("PROPFIND", &path, &[("Depth", "0")], names).await.of(&path);
            assert!(names.property("one").is_some() && names.property("supportedlock").is_some());
            anna.proppatch(&path, "<remove><prop><x:one/><x:never/></prop></remove>").await;
            assert_eq!(anna.propfind(&path, "0", "<x:one/>").await.of(&path).code_of("one"), Some(404));
        }
        let made_with = format!(
            "<mkcol {NAMESPACES}><set><prop><resourcetype><collection/></resourcetype><x:one>1</x:one></prop></set></mkcol>"
        );
        assert_eq!(anna.send("MKCOL", &anna.file("b/"), &[], made_with).await.status, 201);
        let listed = anna.propfind(&anna.file(""), "1", "<x:one/><x:two/>").await;
        assert_eq!(listed.of(&anna.file("b/")).text("one").as_deref(), Some("1"));
        assert_eq!(listed.of(&anna.file("f")).text("two").as_deref(), Some(""));
        let protected = format!("<mkcol {NAMESPACES}><set><prop><getetag>x</getetag></prop></set></mkcol>");
        assert_eq!(anna.send("MKCOL", &anna.file("c/"), &[], protected).await.status, 403);
        assert_eq!(anna.propfind(&anna.file("c/"), "0", "<x:one/>").await.status, 404);
    });
}

#[test]
fn a_long_listing_comes_in_pages_and_tells_of_everything_once() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let mut expected = vec![anna.file("")];
        for number in 0..130 {
            made(&anna, &anna.file(&format!("d{number}/"))).await;
            expected.push(anna.file(&format!("d{number}/")));
        }
        for number in 0..230 {
            anna.put(&anna.file(&format!("f{number}")), "x").await;
            expected.push(anna.file(&format!("f{number}")));
        }
        let large = format!("<set><prop><x:large>{}</x:large></prop></set>", "x".repeat(60_000));
        for number in 0..25 {
            assert_eq!(anna.proppatch(&anna.file(&format!("f{number}")), &large).await.status, 207);
        }
        let listed = anna.propfind(&anna.file(""), "1", "<x:large/><getetag/>").await;
        assert_eq!(listed.hrefs(), expected);
        assert_eq!(listed.of(&anna.file("f24")).text("large").unwrap().len(), 60_000);
        assert_eq!(listed.body.matches(&"x".repeat(60_000)).count(), 25);
    });
}

#[test]
fn other_peoples_files_are_not_there() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, dora) = (&people.anna, &people.ben, &people.dora);
        made(anna, &anna.file("a/")).await;
        anna.put(&anna.file("a/x"), "x").await;
        for who in [ben, dora] {
            for path in [anna.file(""), anna.file("a/"), anna.file("a/x"), anna.file("no")] {
                for method in ["GET", "DELETE", "PROPFIND", "PROPPATCH"] {
                    let body = match method {
                        "PROPPATCH" => format!(
                            "<propertyupdate {NAMESPACES}><remove><prop><x:x/></prop></remove></propertyupdate>"
                        ),
                        _ => String::new(),
                    };
                    let answer = who.send(method, &path, &[("Depth", "infinity")], body).await;
                    assert_eq!(answer.status, 404, "{} {method} {path}", who.address);
                }
            }
        }
        assert_eq!(ben.put(&anna.file("a/y"), "y").await.status, 409);
        share(world, anna, &["a"], ben, Preset::Reader.rights()).await;
        assert_eq!(ben.get(&anna.file("a/x")).await.body, "x");
        assert_eq!(
            ben.propfind(&anna.file("a/"), "1", "<getetag/>").await.hrefs(),
            [anna.file("a/"), anna.file("a/x")]
        );
        assert_eq!(ben.propfind(&anna.file(""), "0", "<getetag/>").await.status, 404);
        assert_eq!(ben.put(&anna.file("a/x"), "y").await.refusal(), (403, "need-privileges".into()));
        assert_eq!(ben.delete(&anna.file("a/x")).await.status, 403);
        share(world, anna, &["a"], ben, Preset::Editor.rights()).await;
        assert_eq!(ben.put(&anna.file("a/x"), "y").await.status, 204);
        made(ben, &anna.file("a/b/")).await;
        assert_eq!(ben.put(&anna.file("a/b/y"), "y").await.status, 201);
        assert_eq!(anna.get(&anna.file("a/b/y")).await.body, "y");
        share(world, anna, &["a"], ben, Rights::NONE).await;
        assert_eq!(ben.get(&anna.file("a/x")).await.status, 404);
    });
}

#[test]
fn files_count_towards_the_quota() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let id = anna.id;
        anna.put(&anna.file("x"), "0123456789").await;
        world.write(&[id], move |tx| tx.set_account_quota(&tx.administer()?, id, 15)).await;
        assert_eq!(
            anna.put(&anna.file("y"), "0123456789").await.refusal(),
            (507, "quota-not-exceeded".into())
        );
        let to = anna.file("z");
        assert_eq!(anna.send("COPY", &anna.file("x"), &[("Destination", &to)], "").await.status, 507);
        assert_eq!(anna.send("MOVE", &anna.file("x"), &[("Destination", &to)], "").await.status, 201);
        assert_eq!(anna.put(&to, "012345").await.status, 204);
        assert_eq!(anna.put(&anna.file("y"), "012345678").await.status, 201);
    });
}
