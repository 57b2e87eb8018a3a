//! LOCK and UNLOCK, and what locks keep from whom: RFC 4918 sections 6, 7, 9.10 and 9.11.

use dav_wire::name::dav;
use dav_wire::xml::Element;
use vocabulary::Preset;

use crate::answer::Answer;
use crate::client::{Client, NAMESPACES};
use crate::files::share;
use crate::world::on_each_database;

pub(crate) fn lock_body(scope: &str) -> String {
    format!(
        "<lockinfo {NAMESPACES}><lockscope><{scope}/></lockscope><locktype><write/></locktype>\
         <owner>me &amp; <x:also>you</x:also></owner></lockinfo>"
    )
}

async fn ask(client: &Client<'_>, path: &str, depth: &str, scope: &str) -> Answer {
    client.send("LOCK", path, &[("Depth", depth)], lock_body(scope)).await
}

/// The URI of a new lock.
pub(crate) async fn lock(client: &Client<'_>, path: &str, depth: &str, scope: &str) -> String {
    let answer = ask(client, path, depth, scope).await;
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    token(&answer)
}

fn token(answer: &Answer) -> String {
    let header = answer.header("lock-token").unwrap();
    header.strip_prefix('<').unwrap().strip_suffix('>').unwrap().to_owned()
}

async fn unlock(client: &Client<'_>, path: &str, token: &str) -> Answer {
    client.send("UNLOCK", path, &[("Lock-Token", &format!("<{token}>"))], "").await
}

/// The locks that an answer tells of.
fn active(document: &Element) -> Vec<Element> {
    document.child(dav::LOCKDISCOVERY).unwrap().children().cloned().collect()
}

fn href(lock: &Element, name: dav_wire::name::Name<'static>) -> String {
    lock.child(name).unwrap().child(dav::HREF).unwrap().text()
}

/// `a/` with `f` and `b/` with `g`; Ben may change it all.
async fn furnished(world: &crate::world::World, anna: &Client<'_>, ben: &Client<'_>) {
    anna.send("MKCOL", &anna.file("a/"), &[], "").await;
    share(world, anna, &["a"], ben, Preset::Owner.rights()).await;
    anna.send("MKCOL", &anna.file("a/b/"), &[], "").await;
    anna.put(&anna.file("a/f"), "f").await;
    anna.put(&anna.file("a/b/g"), "g").await;
}

#[test]
fn a_lock_is_made_found_refreshed_and_ended() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        let folder = anna.file("a/");
        let headers = [("Depth", "infinity"), ("Timeout", "Infinite, Second-7")];
        let made = anna.send("LOCK", &folder, &headers, lock_body("exclusive")).await;
        assert_eq!(made.status, 200, "{made:?}");
        let uri = token(&made);
        assert!(uri.starts_with("urn:uuid:"), "{uri}");
        let told = active(&made.document());
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].child(dav::TIMEOUT).unwrap().text(), "Second-86400");
        assert_eq!(href(&told[0], dav::LOCKTOKEN), uri);
        assert_eq!(href(&told[0], dav::LOCKROOT), folder);
        assert_eq!(told[0].child(dav::OWNER).unwrap().text(), "me & ");
        for path in [&folder, &anna.file("a/b/"), &anna.file("a/b/g")] {
            let found = anna.propfind(path, "0", "<lockdiscovery/>").await.of(path);
            let found = found.property("lockdiscovery").unwrap();
            let found: Vec<_> = found.children().cloned().collect();
            assert_eq!(
                found.iter().map(|one| href(one, dav::LOCKTOKEN)).collect::<Vec<_>>(),
                std::slice::from_ref(&uri),
                "{path}"
            );
            assert_eq!(found[0].child(dav::DEPTH).unwrap().text(), "infinity");
            assert_eq!(href(&found[0], dav::LOCKROOT), folder, "{path}");
        }
        // Any resource of its scope will do.
        let at = anna.file("a/b/g");
        let state = format!("(<{uri}>)");
        let refreshed = anna.send("LOCK", &at, &[("If", &state), ("Timeout", "Second-60")], "").await;
        assert_eq!(refreshed.status, 200, "{refreshed:?}");
        assert_eq!(refreshed.header("lock-token"), None);
        assert_eq!(active(&refreshed.document())[0].child(dav::TIMEOUT).unwrap().text(), "Second-60");
        assert_eq!(anna.send("LOCK", &at, &[], "").await.status, 400, "it does not say which");
        assert_eq!(anna.send("LOCK", &at, &[("If", "(<urn:uuid:x>)")], "").await.status, 412);
        assert_eq!(ben.send("LOCK", &at, &[("If", &state)], "").await.status, 403);
        assert_eq!(anna.send("LOCK", &anna.file("no"), &[("If", &state)], "").await.status, 404);

        assert_eq!(unlock(ben, &folder, &uri).await.status, 403);
        let elsewhere = unlock(anna, &anna.file(""), &uri).await;
        assert_eq!(elsewhere.refusal(), (409, "lock-token-matches-request-uri".into()));
        assert_eq!(unlock(anna, &folder, "opaquelocktoken:x").await.status, 409);
        assert_eq!(unlock(anna, &anna.file("no"), &uri).await.status, 404);
        assert_eq!(anna.send("UNLOCK", &folder, &[], "").await.status, 400);
        assert_eq!(anna.send("UNLOCK", &folder, &[("Lock-Token", &uri)], "").await.status, 400);
        assert_eq!(unlock(anna, &at, &uri).await.status, 204);
        assert_eq!(unlock(anna, &at, &uri).await.status, 409);
        assert_eq!(
            anna.propfind(&folder, "0", "<lockdiscovery/>").await.of(&folder).names("lockdiscovery"),
            [""; 0]
        );
    });
}

// RFC 4918 section 9.10.5.
#[test]
fn which_locks_stand_side_by_side() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        for (path, depth, scope, other, other_depth, other_scope, status) in [
            ("a/f", "0", "exclusive", "a/f", "0", "shared", 423),
            ("a/f", "0", "shared", "a/f", "0", "exclusive", 423),
            ("a/f", "0", "shared", "a/f", "0", "shared", 200),
            ("a/", "0", "exclusive", "a/f", "0", "exclusive", 200),
            ("a/", "infinity", "exclusive", "a/f", "0", "shared", 423),
            ("a/", "infinity", "shared", "a/b/g", "0", "shared", 200),
            ("a/", "infinity", "shared", "a/b/g", "0", "exclusive", 423),
            ("a/b/g", "0", "exclusive", "a/", "0", "exclusive", 200),
            ("a/b/g", "0", "exclusive", "a/", "infinity", "shared", 207),
            ("a/b/g", "0", "shared", "a/", "infinity", "shared", 200),
        ] {
            let first = lock(anna, &anna.file(path), depth, scope).await;
            let second = ask(ben, &anna.file(other), other_depth, other_scope).await;
            assert_eq!(
                second.status, status,
                "{path} {depth} {scope}, {other} {other_depth} {other_scope}: {second:?}"
            );
            match status {
                200 => assert_eq!(unlock(ben, &anna.file(other), &token(&second)).await.status, 204),
                423 => assert_eq!(second.unmet(), "no-conflicting-lock"),
                _ => {
                    assert_eq!(second.of(&anna.file(path)).status(), Some(423));
                    assert_eq!(second.of(&anna.file(other)).status(), Some(424));
                }
            }
            assert_eq!(unlock(anna, &anna.file(path), &first).await.status, 204);
        }
        assert_eq!(ask(anna, &anna.file("a/"), "1", "shared").await.status, 400);
        let bad = anna.send("LOCK", &anna.file("a/"), &[], "<lockinfo xmlns='DAV:'/>").await;
        assert_eq!(bad.status, 400);
        let long = lock_body("shared").replace("you", &"y".repeat(9_000));
        assert_eq!(anna.send("LOCK", &anna.file("a/"), &[], long).await.status, 413);
    });
}

// RFC 4918 section 7.3.
#[test]
fn a_lock_where_nothing_is_makes_something_empty() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        let path = anna.file("a/new");
        let made = ask(anna, &path, "0", "exclusive").await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!((anna.get(&path).await.status, anna.get(&path).await.body.as_str()), (200, ""));
        assert_eq!(ben.put(&path, "his").await.refusal(), (423, "lock-token-submitted".into()));
        let state = format!("(<{}>)", token(&made));
        assert_eq!(anna.send("PUT", &path, &[("If", &state)], "hers").await.status, 204);
        assert_eq!(unlock(anna, &path, &token(&made)).await.status, 204);
        assert_eq!(anna.get(&path).await.body, "hers", "it stays");
        assert_eq!(ask(anna, &anna.file("no/x"), "0", "exclusive").await.status, 409);
        let above = lock(ben, &anna.file("a/"), "0", "exclusive").await;
        assert_eq!(
            ask(anna, &anna.file("a/other"), "0", "shared").await.refusal(),
            (423, "lock-token-submitted".into())
        );
        assert_eq!(anna.get(&anna.file("a/other")).await.status, 404);
        let state = format!("<{}> (<{above}>)", anna.file("a/"));
        let headers = [("If", state.as_str()), ("Depth", "0")];
        assert_eq!(ben.send("LOCK", &anna.file("a/other"), &headers, lock_body("shared")).await.status, 201);
    });
}

/// What may be done of a locked resource by whom: RFC 4918 sections 7, 7.4 and 7.6.
#[test]
fn a_lock_keeps_from_changes_and_from_nothing_else() {
    on_each_database(async |world| {
        let patch =
            format!("<propertyupdate {NAMESPACES}><set><prop><x:x>1</x:x></prop></set></propertyupdate>");
        let patch = patch.as_str();
        for (locked, depth, method, path, to, body, free) in [
            // The file itself.
            ("a/f", "0", "PUT", "a/f", "", "x", false),
            ("a/f", "0", "DELETE", "a/f", "", "", false),
            ("a/f", "0", "PROPPATCH", "a/f", "", patch, false),
            ("a/f", "0", "MOVE", "a/f", "a/m", "", false),
            ("a/f", "0", "COPY", "a/b/g", "a/f", "", false),
            ("a/f", "0", "MOVE", "a/b/g", "a/f", "", false),
            ("a/f", "0", "GET", "a/f", "", "", true),
            ("a/f", "0", "COPY", "a/f", "a/c", "", true),
            ("a/f", "0", "PUT", "a/new", "", "x", true),
            ("a/f", "0", "PROPPATCH", "a/", "", patch, true),
            // A collection alone: its names and its properties.
            ("a/", "0", "PUT", "a/new", "", "x", false),
            ("a/", "0", "MKCOL", "a/new/", "", "", false),
            ("a/", "0", "DELETE", "a/f", "", "", false),
            ("a/", "0", "MOVE", "a/f", "a/m", "", false),
            ("a/", "0", "MOVE", "a/f", "a/b/m", "", false),
            ("a/", "0", "COPY", "a/f", "a/c", "", false),
            ("a/", "0", "PROPPATCH", "a/", "", patch, false),
            ("a/", "0", "PUT", "a/f", "", "x", true),
            ("a/", "0", "PROPPATCH", "a/f", "", patch, true),
            ("a/", "0", "COPY", "a/b/g", "a/f", "", true),
            ("a/", "0", "PUT", "a/b/new", "", "x", true),
            ("a/b/", "0", "PUT", "a/b/new", "", "x", false),
            ("a/b/", "0", "DELETE", "a/b/", "", "", false),
            // A collection with all that is in it.
            ("a/", "infinity", "PUT", "a/f", "", "x", false),
            ("a/", "infinity", "PUT", "a/b/new", "", "x", false),
            ("a/", "infinity", "PROPPATCH", "a/b/g", "", patch, false),
            ("a/", "infinity", "DELETE", "a/b/", "", "", false),
            ("a/", "infinity", "GET", "a/b/g", "", "", true),
            ("a/b/", "infinity", "PUT", "a/f", "", "x", true),
        ] {
            let case = format!("{locked} {depth}: {method} {path} {to}");
            let people = world.people().await;
            let (anna, ben) = (&people.anna, &people.ben);
            furnished(world, anna, ben).await;
            let uri = lock(anna, &anna.file(locked), depth, "exclusive").await;
            let (path, to) = (anna.file(path), anna.file(to));
            // A list that holds whatever is locked: the token is named, no more.
            let state = format!("(<{uri}>) (Not <DAV:no-lock>)");
            let wrong = "(<urn:uuid:0>) (Not <DAV:no-lock>)";
            let send = async |who: &Client<'_>, state: Option<&str>| {
                let mut headers = vec![("Destination", to.as_str())];
                headers.extend(state.map(|state| ("If", state)));
                who.send(method, &path, &headers, body).await
            };
            if free {
                let answer = send(ben, None).await;
                assert!(answer.status < 300, "{case}: {answer:?}");
                continue;
            }
            for (who, state) in [(ben, None), (ben, Some(state.as_str())), (anna, None), (anna, Some(wrong))]
            {
                let answer = send(who, state).await;
                assert_eq!(answer.refusal(), (423, "lock-token-submitted".into()), "{case}: {state:?}");
                let root = answer.document().children().next().unwrap().child(dav::HREF).unwrap().text();
                assert_eq!(root, anna.file(locked), "{case}");
            }
            let answer = send(anna, Some(&state)).await;
            assert!(answer.status < 300, "{case}: {answer:?}");
        }
    });
}

#[test]
fn shared_locks_let_their_holders_through_and_nobody_else() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        let path = anna.file("a/f");
        let hers = lock(anna, &path, "0", "shared").await;
        assert_eq!(ben.put(&path, "1").await.status, 423);
        let his = lock(ben, &path, "0", "shared").await;
        let with = |uri: &str| format!("(<{uri}>)");
        assert_eq!(ben.send("PUT", &path, &[("If", &with(&his))], "2").await.status, 204);
        assert_eq!(anna.send("PUT", &path, &[("If", &with(&hers))], "3").await.status, 204);
        assert_eq!(ben.send("PUT", &path, &[("If", &with(&hers))], "4").await.status, 423, "it is not his");
        assert_eq!(unlock(anna, &path, &hers).await.status, 204);
        assert_eq!(anna.put(&path, "5").await.status, 423);
        assert_eq!(anna.get(&path).await.body, "3");
    });
}

// RFC 4918 sections 9.6.2, 9.8.3 and 9.9.2.
#[test]
fn a_locked_member_keeps_its_tree_whole() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        anna.send("MKCOL", &anna.file("c/"), &[], "").await;
        let member = anna.file("a/b/g");
        let uri = lock(anna, &member, "0", "exclusive").await;
        let before = crate::file_transfers::tree(anna, &anna.file("")).await;
        let (elsewhere, over) = (anna.file("d/"), anna.file("a/"));
        for (method, path, headers) in [
            ("DELETE", anna.file("a/"), vec![]),
            ("MOVE", anna.file("a/"), vec![("Destination", elsewhere.as_str())]),
            ("COPY", anna.file("c/"), vec![("Destination", over.as_str())]),
            ("MOVE", anna.file("c/"), vec![("Destination", over.as_str())]),
        ] {
            let answer = anna.send(method, &path, &headers, "").await;
            assert_eq!(answer.hrefs(), std::slice::from_ref(&member), "{method}");
            assert_eq!(answer.of(&member).status(), Some(423), "{method}");
            assert!(answer.body.contains("lock-token-submitted"), "{method}");
            assert_eq!(crate::file_transfers::tree(anna, &anna.file("")).await, before, "{method}");
        }
        // What is read only is read.
        assert_eq!(anna.send("COPY", &anna.file("a/"), &[("Destination", &elsewhere)], "").await.status, 201);
        assert_eq!(anna.put(&anna.file("d/b/g"), "free").await.status, 204, "a copy has no locks");
        let state = format!("<{member}> (<{uri}>)");
        let moved = anna
            .send("MOVE", &anna.file("a/"), &[("Destination", &anna.file("e/")), ("If", &state)], "")
            .await;
        assert_eq!(moved.status, 201, "{moved:?}");
        assert_eq!(anna.put(&anna.file("e/b/g"), "free").await.status, 204, "locks do not move");
    });
}

#[test]
fn a_lock_stays_where_something_comes_anew_and_goes_with_the_last() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        let path = anna.file("a/f");
        let uri = lock(anna, &path, "0", "exclusive").await;
        let state = format!("(<{uri}>) (Not <DAV:no-lock>)");
        let over = [("Destination", path.as_str()), ("If", state.as_str())];
        assert_eq!(anna.send("COPY", &anna.file("a/b/g"), &over, "").await.status, 204);
        assert_eq!(ben.put(&path, "x").await.status, 423);
        assert_eq!(anna.send("MOVE", &anna.file("a/b/g"), &over, "").await.status, 204);
        assert_eq!(ben.put(&path, "x").await.status, 423);
        assert_eq!(anna.send("DELETE", &path, &[("If", &state)], "").await.status, 204);
        assert_eq!(ben.put(&path, "x").await.status, 201);
        assert_eq!(unlock(anna, &path, &uri).await.status, 409);
    });
}

// RFC 4918 section 10.4.
#[test]
fn conditions_speak_of_any_file_among_the_same() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        furnished(world, anna, ben).await;
        let path = anna.file("a/f");
        let tag = anna.etag(&path).await.unwrap();
        let other = anna.etag(&anna.file("a/b/g")).await.unwrap();
        let uri = lock(anna, &anna.file("a/b/"), "infinity", "shared").await;
        let (b, g) = (anna.file("a/b/"), anna.file("a/b/g"));
        let hers = anna.file("");
        for (state, status) in [
            (format!("([{tag}])"), 207),
            (format!("([{other}])"), 412),
            (format!("(Not [{other}])"), 207),
            (format!("(<{uri}>)"), 412),
            (format!("<{b}> (<{uri}>)"), 207),
            (format!("<{g}> (<{uri}> [{other}])"), 207),
            (format!("<http://elsewhere.test:8443{g}> (<{uri}> [{other}])"), 207),
            (format!("<{g}> (<{uri}> [{tag}])"), 412),
            (format!("<{g}> ([{tag}]) ([{other}])"), 207),
            (format!("<{path}> (<{uri}>) <{g}> (<{uri}>)"), 207),
            (format!("<{g}> (Not <{uri}>)"), 412),
            (format!("<{hers}no> (Not <{uri}>)"), 207),
            (format!("<{hers}no> (<{uri}>)"), 412),
            (format!("</dav/files/{}/x> (Not <{uri}>)", ben.address), 207),
            (format!("</dav/calendars/x> (<{uri}>)"), 412),
            ("(<DAV:no-lock>)".to_owned(), 412),
            ("(Not <DAV:no-lock>)".to_owned(), 207),
            ("()".to_owned(), 400),
        ] {
            let body =
                format!("<propertyupdate {NAMESPACES}><set><prop><x:x>1</x:x></prop></set></propertyupdate>");
            let answer = anna.send("PROPPATCH", &path, &[("If", &state)], body).await;
            assert_eq!(answer.status, status, "{state}: {answer:?}");
        }
    });
}
