//! People and groups as principals: RFC 3744 sections 4 and 9.

use crate::client::{Client, anonymous, event};
use crate::world::{World, on_each_database};
use storage::Write;
use vocabulary::{AccountClass, EmailAddress, Preset, Role};

async fn alias(world: &World, of: &Client<'_>, address: &str) {
    let (id, address) = (of.id, EmailAddress::parse(address).unwrap());
    world.write(&[], move |tx: &mut Write<'_>| tx.add_alias(&tx.administer()?, id, &address)).await;
}

fn domain(who: &Client<'_>) -> String {
    who.address.split_once('@').unwrap().1.to_owned()
}

#[test]
fn a_principal_is_found_by_every_address_of_its_domain_and_by_no_other() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, dora) = (&people.anna, &people.ben, &people.dora);
        let own = domain(anna);
        alias(world, anna, &format!("chefin@{own}")).await;
        let (also, id) = (format!("auch-{own}"), anna.id);
        let name = also.clone();
        world
            .write(&[], move |tx| {
                let (admin, domain) = (tx.administer()?, tx.account(id)?.domain);
                tx.add_domain_alias(&admin, domain, &name)
            })
            .await;
        for address in [
            anna.address.clone(),
            anna.address.to_uppercase(),
            anna.address.replace('@', "%40"),
            format!("chefin@{own}"),
            format!("anna@{also}"),
            format!("chefin@{also}"),
        ] {
            let path = format!("/dav/principals/{address}/");
            let answer = ben.propfind(&path, "0", "<principal-URL/><displayname/><alternate-URI-set/>").await;
            let found = &answer.responses()[0];
            assert_eq!(found.paths("principal-URL"), [anna.principal()], "{path}");
            assert_eq!(found.text("displayname").as_deref(), Some("Anna"));
            assert_eq!(found.paths("alternate-URI-set"), [format!("/dav/principals/chefin@{own}/")]);
            // Under the path that was asked for, in its one spelling.
            let asked = path.replace("%40", "@").to_lowercase();
            assert_eq!(found.href(), asked, "{path}");
        }
        for address in [format!("anna+x@{own}"), format!("nobody@{own}"), format!("anna@{}", domain(dora))] {
            let path = format!("/dav/principals/{address}/");
            assert_eq!(ben.propfind(&path, "0", "<displayname/>").await.status, 404, "{path}");
        }
        assert_eq!(dora.propfind(&anna.principal(), "0", "<displayname/>").await.status, 404);
        // What lies below has one path.
        let other = format!("/dav/calendars/chefin@{own}/");
        assert_eq!(anna.propfind(&other, "0", "<displayname/>").await.status, 404);
    });
}

#[test]
fn a_group_is_a_principal_of_its_domain() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let (_, team) = world.group("team", &[ben, cara]).await;
        let path = format!("/dav/principals/{team}/");
        let wanted = "<resourcetype/><displayname/><principal-URL/><group-member-set/><group-membership/>\
             <c:calendar-user-type/><c:calendar-user-address-set/><s:email-address-set/><c:calendar-home-set/>";
        let found = anna.propfind(&path, "0", wanted).await.of(&path);
        assert_eq!(found.names("resourcetype"), ["collection", "principal"]);
        assert_eq!(found.text("displayname").as_deref(), Some("team"));
        assert_eq!(found.paths("principal-URL"), std::slice::from_ref(&path));
        assert_eq!(found.paths("group-member-set"), [ben.principal(), cara.principal()]);
        assert_eq!(found.text("calendar-user-type").as_deref(), Some("GROUP"));
        assert_eq!(found.paths("calendar-user-address-set")[0], format!("mailto:{team}"));
        assert_eq!(found.paths("email-address-set"), std::slice::from_ref(&team));
        assert_eq!(found.code_of("calendar-home-set"), Some(404));
        let member = ben.propfind(&ben.principal(), "0", "<group-membership/>").await.of(&ben.principal());
        assert_eq!(member.paths("group-membership"), std::slice::from_ref(&path));
        let refused = anna.proppatch(&path, "<set><prop><group-member-set/></prop></set>").await.of(&path);
        assert_eq!(refused.code_of("group-member-set"), Some(403), "the house says who is in it");
        assert_eq!(dora.propfind(&path, "0", "<displayname/>").await.status, 404);
        let expanded = "<expand-property><property name='group-member-set'><property name='displayname'/></property>\
             </expand-property>";
        let body = anna.report(&path, expanded).await.body;
        assert!(body.contains(">Ben</") && body.contains(">Cara</"), "{body}");
    });
}

fn search(searches: &[(&str, &str, &str)], attributes: &str) -> String {
    let one = |(property, kind, text): &(&str, &str, &str)| {
        format!(
            "<property-search><prop><{property}/></prop><match match-type='{kind}'>{text}</match></property-search>"
        )
    };
    let searches: String = searches.iter().map(one).collect();
    format!(
        "<principal-property-search {attributes}>{searches}<prop><displayname/></prop></principal-property-search>"
    )
}

#[test]
fn people_rooms_and_groups_are_searched_in_all_ways() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let own = domain(anna);
        alias(world, ben, &format!("lager@{own}")).await;
        let room = world.person_of("Saal", &own, AccountClass::Room).await;
        let (_, team) = world.group("team", &[ben]).await;
        let team = format!("/dav/principals/{team}/");
        let found = async |body: &str| {
            let mut hrefs = anna.report("/dav/principals/", body).await.hrefs();
            hrefs.sort();
            hrefs
        };
        let name = "displayname";
        let mail = "s:email-address-set";
        let kind = "c:calendar-user-type";
        for (searches, attributes, expected) in [
            (&[(name, "contains", "N")][..], "", vec![anna.principal(), ben.principal()]),
            (&[(name, "equals", "anna")], "", vec![anna.principal()]),
            (&[(name, "starts-with", "a")], "", vec![anna.principal()]),
            (&[(name, "ends-with", "a")], "", vec![anna.principal(), cara.principal()]),
            (&[(name, "ends-with", "a"), (name, "contains", "r")], "", vec![cara.principal()]),
            (
                &[(name, "equals", "anna"), (mail, "starts-with", "lager@")],
                "test='anyof'",
                vec![anna.principal(), ben.principal()],
            ),
            (&[(name, "equals", "anna"), (mail, "starts-with", "lager@")], "test='allof'", vec![]),
            (
                &[("c:calendar-user-address-set", "equals", &format!("MAILTO:TEAM@{own}"))],
                "",
                vec![team.clone()],
            ),
            (&[(kind, "equals", "room")], "", vec![room.principal()]),
            (&[(name, "contains", "a")], "type='ROOM'", vec![room.principal()]),
            (&[(name, "contains", "a")], "type='GROUP'", vec![team.clone()]),
            (&[("x:unknown", "contains", "a")], "", vec![]),
            (&[("principal-URL", "contains", "dav")], "", vec![]),
        ] {
            let mut expected = expected;
            expected.sort();
            assert_eq!(found(&search(searches, attributes)).await, expected, "{searches:?} {attributes}");
        }
    });
}

#[test]
fn a_search_tells_of_each_which_groups_it_belongs_to() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let (_, team) = world.group("team", &[anna, ben]).await;
        let (_, board) = world.group("board", &[ben]).await;
        let [team, board] = [team, board].map(|group| format!("/dav/principals/{group}/"));
        let body = search(&[("s:email-address-set", "contains", "@")], "")
            .replace("<displayname/>", "<group-membership/><group-member-set/>");
        let found = anna.report("/dav/principals/", &body).await;
        let of = |path: &str, property: &str| {
            let mut paths = found.of(path).paths(property);
            paths.sort();
            paths
        };
        assert_eq!(of(&anna.principal(), "group-membership"), std::slice::from_ref(&team));
        assert!(of(&cara.principal(), "group-membership").is_empty());
        assert_eq!(of(&team, "group-member-set"), [anna.principal(), ben.principal()]);
        assert_eq!(of(&board, "group-member-set"), [ben.principal()]);
        assert_eq!(of(&ben.principal(), "group-membership"), [board, team]);
    });
}

/// Evolution looks for a mail address at its calendar, Python's `caldav` for names at whatever path it was given.
#[test]
fn a_search_finds_people_wherever_it_is_asked() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let addresses = "c:calendar-user-address-set";
        let everywhere = [
            "/dav/".to_owned(),
            "/dav/principals/".to_owned(),
            ben.principal(),
            anna.calendar(""),
            anna.calendar("calendar/"),
            anna.book("contacts/"),
            anna.scheduling("inbox/"),
        ];
        for path in &everywhere {
            for (kind, text) in [
                ("equals", ben.address.clone()),
                ("equals", format!("MAILTO:{}", ben.address)),
                ("starts-with", "ben@".to_owned()),
                ("contains", ben.address.clone()),
            ] {
                let body = search(&[(addresses, kind, text.as_str())], "");
                let anywhere = body
                    .replace("</prop></principal", "</prop><apply-to-principal-collection-set/></principal");
                for body in [body, anywhere] {
                    let found = anna.report(path, &body).await.hrefs();
                    assert_eq!(found, [ben.principal()], "{kind} {text} at {path}");
                }
            }
            let of_python = |search: &str| {
                format!(
                    "<principal-property-search>{search}<prop/><c:calendar-home-set/><displayname/>\
                     </principal-property-search>"
                )
            };
            let by_name = "<property-search><prop><displayname/></prop><match>Ben</match></property-search>";
            let found = anna.report(path, &of_python(by_name)).await.of(&ben.principal());
            assert_eq!(found.text("displayname").as_deref(), Some("Ben"), "{path}");
            assert_eq!(found.paths("calendar-home-set"), [ben.calendar("")], "{path}");
            let mut all = anna.report(path, &of_python("")).await.hrefs();
            all.sort();
            assert_eq!(all, [anna.principal(), ben.principal(), cara.principal()], "{path}");
        }
        let body = search(&[(addresses, "equals", anna.address.as_str())], "");
        for path in [dora.calendar("calendar/"), anna.calendar("none/"), ben.scheduling("outbox/")] {
            assert_eq!(anna.report(&path, &body).await.status, 404, "{path}");
        }
    });
}

#[test]
fn the_search_field_of_macos_finds_what_it_is_for() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let own = domain(anna);
        let saal = world.person_of("Saal", &own, AccountClass::Room).await;
        let beamer = world.person_of("Beamer", &own, AccountClass::Resource).await;
        let (_, team) = world.group("team", &[ben]).await;
        let team = format!("/dav/principals/{team}/");
        let report = |attributes: &str, tokens: &[&str], more: &str| {
            let tokens: String =
                tokens.iter().map(|token| format!("<s:search-token>{token}</s:search-token>")).collect();
            format!(
                "<s:calendarserver-principal-search {attributes}>{tokens}{more}<prop><displayname/>\
                 <c:calendar-user-type/></prop></s:calendarserver-principal-search>"
            )
        };
        for (context, tokens, expected) in [
            ("context='attendee'", &["ea"][..], vec![beamer.principal(), team.clone()]),
            ("", &["anna"], vec![anna.principal()]),
            ("context='user'", &["ea"], vec![team.clone()]),
            ("context='group'", &["a"], vec![team.clone()]),
            ("context='location'", &["a"], vec![saal.principal()]),
            ("context='resource'", &["a"], vec![beamer.principal()]),
            ("context='attendee'", &["anna", &own], vec![anna.principal()]),
            ("context='attendee'", &["anna", "ben"], vec![]),
        ] {
            let mut hrefs = anna.report("/dav/principals/", &report(context, tokens, "")).await.hrefs();
            hrefs.sort();
            let mut expected = expected;
            expected.sort();
            assert_eq!(hrefs, expected, "{context} {tokens:?}");
        }
        let limit = "<s:limit><s:nresults>1</s:nresults></s:limit>";
        let answer = anna.report("/dav/principals/", &report("", &["a"], limit)).await;
        let last = answer.of("/dav/principals/");
        assert_eq!((answer.hrefs().len(), last.status()), (2, Some(507)));
        assert!(answer.body.contains("number-of-matches-within-limits"), "{}", answer.body);
    });
}

#[test]
fn what_can_be_searched_is_told() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for path in ["/dav/principals/", "/dav/"] {
            let answer =
                anna.report(path, "<principal-search-property-set></principal-search-property-set>").await;
            assert_eq!(answer.status, 200);
            for name in
                ["displayname", "email-address-set", "calendar-user-address-set", "calendar-user-type"]
            {
                assert!(answer.body.contains(name), "{name}: {}", answer.body);
            }
        }
    });
}

#[test]
fn what_of_a_collection_is_mine_or_me_is_told() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (_, team) = world.group("team", &[ben]).await;
        let team = format!("/dav/principals/{team}/");
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let proxy = format!("{}calendar-proxy-read/", anna.principal());
        let me = "<principal-match><self/><prop><displayname/></prop></principal-match>";
        let found = async |path: &str, body: &str| ben.report(path, body).await.hrefs();
        assert_eq!(found("/dav/principals/", me).await, [ben.principal(), team.clone(), proxy.clone()]);
        assert_eq!(found(&anna.principal(), me).await, [proxy]);
        assert_eq!(found(&ben.principal(), me).await, [] as [String; 0]);
        assert_eq!(found(&ben.calendar(""), me).await, [] as [String; 0]);
        let mine = "<principal-match><principal-property><owner/></principal-property></principal-match>";
        let own = ["calendar/", "tasks/", "notes/"].map(|name| ben.calendar(name));
        assert_eq!(found(&ben.calendar(""), mine).await, own, "what is mounted is another's");
        ben.put(&ben.calendar("calendar/x.ics"), event("x", "1")).await;
        assert_eq!(found(&ben.calendar("calendar/"), mine).await, [ben.calendar("calendar/x.ics")]);
        assert_eq!(found(&anna.calendar("calendar/"), mine).await, [] as [String; 0]);
        let members =
            "<principal-match><principal-property><group-member-set/></principal-property></principal-match>";
        assert_eq!(
            found("/dav/principals/", members).await,
            [team, format!("{}calendar-proxy-read/", anna.principal())]
        );
    });
}

// RFC 5397 section 3: nobody is nobody, where nobody is asked who it is.
#[test]
fn nobody_is_told_to_be_nobody_at_the_root_and_asked_everywhere_else() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let body = |inner: &str| format!("<propfind xmlns='DAV:'>{inner}</propfind>");
        let wanted = body("<prop><current-user-principal/><resourcetype/><displayname/></prop>");
        let ask = |path: &'static str, depth: &'static str, body: String| async move {
            anonymous(world, "PROPFIND", path, &[("Depth", depth)], body).await
        };
        let answer = ask("/", "0", wanted.clone()).await;
        let found = answer.of("/dav/");
        assert_eq!(found.names("current-user-principal"), ["unauthenticated"]);
        assert_eq!(found.names("resourcetype"), ["collection"]);
        assert_eq!(found.code_of("displayname"), Some(404));
        assert!(answer.header("www-authenticate").unwrap().starts_with("Basic"), "a hint for who can use it");
        for (path, depth, body) in [
            ("/dav/", "0", wanted.clone()),
            ("/", "1", wanted.clone()),
            ("/", "0", body("<prop><displayname/></prop>")),
            ("/", "0", body("<allprop/>")),
            ("/", "0", String::new()),
            ("/", "0", "<propfind".to_owned()),
            ("/", "0", body(&format!("<prop><current-user-principal/><x>{}</x></prop>", "y".repeat(20_000)))),
        ] {
            let answer = ask(path, depth, body).await;
            assert_eq!(answer.status, 401, "{path} {depth}");
            assert!(answer.header("www-authenticate").is_some());
        }
        let mut wrong = world.people().await.anna;
        wrong.password = "another".to_owned();
        assert_eq!(wrong.propfind("/", "0", "<current-user-principal/>").await.status, 401);
        let known = anna.propfind("/", "0", "<current-user-principal/>").await;
        assert_eq!(known.of("/dav/").paths("current-user-principal"), [anna.principal()]);
    });
}

// RFC 5842 section 3.1.
#[test]
fn a_resource_has_one_identity_at_every_path() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let id = async |who: &Client<'_>, path: &str| {
            let found = who.propfind(path, "0", "<resource-id/>").await;
            let ids = found.responses()[0].paths("resource-id");
            assert!(ids.len() == 1 && ids[0].starts_with("urn:uuid:"), "{path}: {ids:?}");
            ids[0].clone()
        };
        let calendar = anna.calendar("calendar/");
        let item = format!("{calendar}x.ics");
        anna.put(&item, event("x", "1")).await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let folder = world.folder(anna.id, Role::Calendar).await;
        assert_eq!(id(anna, &calendar).await, id(ben, &ben.mounted(anna, folder, "")).await);
        let before = id(anna, &item).await;
        assert_eq!(before, id(ben, &ben.mounted(anna, folder, "x.ics")).await);
        anna.send("MKCALENDAR", &anna.calendar("other/"), &[], "").await;
        let moved = anna.calendar("other/y.ics");
        assert_eq!(anna.send("MOVE", &item, &[("Destination", &moved)], "").await.status, 201);
        assert_eq!(id(anna, &moved).await, before);
        let all = [
            id(anna, &anna.principal()).await,
            id(ben, &ben.principal()).await,
            id(anna, &calendar).await,
            id(anna, &anna.calendar("tasks/")).await,
            before,
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    });
}
