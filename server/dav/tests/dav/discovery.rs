//! RFC 6764, RFC 5397, RFC 4791 section 6.2, RFC 6352 section 7.1: how a program finds what is there.

use crate::client::{anonymous, event};
use crate::world::on_each_database;
use vocabulary::AccountKind;

#[test]
fn a_program_finds_its_homes_from_nothing_but_a_host() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for path in ["/.well-known/caldav", "/.well-known/carddav/"] {
            for method in ["GET", "PROPFIND", "OPTIONS", "REPORT"] {
                let answer = anonymous(world, method, path, &[], "").await;
                assert_eq!(
                    (answer.status, answer.header("location").as_deref()),
                    (301, Some("/dav/")),
                    "{method}"
                );
            }
        }
        for path in ["/", "/dav", "/dav/"] {
            let answer = anna.propfind(path, "0", "<current-user-principal/><resourcetype/>").await;
            assert_eq!(answer.hrefs(), ["/dav/"]);
            assert_eq!(answer.responses()[0].paths("current-user-principal"), [anna.principal()]);
            assert_eq!(answer.responses()[0].names("resourcetype"), ["collection"]);
        }
        let wanted = "<displayname/><c:calendar-home-set/><r:addressbook-home-set/><c:calendar-user-address-set/>\
             <principal-URL/><s:email-address-set/><c:schedule-inbox-URL/>\
             <c:schedule-outbox-URL/><c:calendar-user-type/>";
        let answer = anna.propfind(&anna.principal(), "0", wanted).await;
        let found = answer.of(&anna.principal());
        assert_eq!(found.text("displayname").as_deref(), Some("Anna"));
        assert_eq!(found.paths("calendar-home-set"), [anna.calendar("")]);
        assert_eq!(found.paths("addressbook-home-set"), [anna.book("")]);
        assert_eq!(found.paths("principal-URL"), [anna.principal()]);
        assert_eq!(found.paths("email-address-set"), std::slice::from_ref(&anna.address));
        assert_eq!(found.paths("calendar-user-address-set")[0], format!("mailto:{}", anna.address));
        let scheduling = format!("/dav/scheduling/{}/", anna.address);
        assert_eq!(found.paths("schedule-inbox-URL"), [format!("{scheduling}inbox/")]);
        assert_eq!(found.paths("schedule-outbox-URL"), [format!("{scheduling}outbox/")]);
        assert_eq!(found.text("calendar-user-type").as_deref(), Some("INDIVIDUAL"));
    });
}

#[test]
fn a_home_lists_the_folders_that_every_account_begins_with() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let wanted = "<resourcetype/><displayname/><c:supported-calendar-component-set/><s:getctag/><sync-token/>\
             <supported-report-set/><current-user-privilege-set/><owner/>";
        let answer = anna.propfind(&anna.calendar(""), "1", wanted).await;
        let paths =
            [anna.calendar(""), anna.calendar("calendar/"), anna.calendar("tasks/"), anna.calendar("notes/")];
        assert_eq!(answer.hrefs(), paths);
        let calendar = answer.of(&anna.calendar("calendar/"));
        assert_eq!(calendar.names("resourcetype"), ["collection", "calendar"]);
        assert_eq!(calendar.paths("owner"), [anna.principal()]);
        assert!(
            calendar.text("sync-token").unwrap().contains([':', '/']),
            "GNOME takes it for a ctag otherwise"
        );
        for (collection, component) in [("calendar/", "VEVENT"), ("tasks/", "VTODO"), ("notes/", "VJOURNAL")]
        {
            let set =
                answer.of(&anna.calendar(collection)).property("supported-calendar-component-set").unwrap();
            let names: Vec<_> = set.children().map(|comp| comp.attributes[0].value.clone()).collect();
            assert_eq!(names, [component]);
        }
        let reports = calendar.names("supported-report-set");
        for report in ["calendar-query", "calendar-multiget", "sync-collection", "expand-property"] {
            assert!(reports.iter().any(|found| found == report), "{report} of {reports:?}");
        }
        let book = anna.propfind(&anna.book(""), "1", wanted).await.of(&anna.book("contacts/"));
        assert_eq!(book.names("resourcetype"), ["collection", "addressbook"]);
        assert!(book.names("supported-report-set").contains(&"addressbook-query".to_owned()));
        let beneath = anna.propfind("/dav/", "1", "<resourcetype/>").await.hrefs();
        assert_eq!(
            beneath,
            ["/dav/", "/dav/principals/", "/dav/calendars/", "/dav/addressbooks/", "/dav/files/"]
        );
        let homes = anna.propfind("/dav/calendars/", "1", "<resourcetype/>").await.hrefs();
        assert_eq!(homes, ["/dav/calendars/".to_owned(), anna.calendar("")]);
    });
}

#[test]
fn who_asks_is_known_before_anything_is_said() {
    on_each_database(async |world| {
        let people = world.people().await;
        for path in ["/dav/", "/dav/nothing/", "/dav/calendars/nobody@x.test/calendar/"] {
            let answer = anonymous(world, "PROPFIND", path, &[], "").await;
            assert_eq!(answer.status, 401, "{path}");
            assert_eq!(
                answer.header("www-authenticate").unwrap(),
                "Basic realm=\"Kontor\", charset=\"UTF-8\""
            );
        }
        let mut wrong = world.people().await.anna;
        wrong.password = "another".to_owned();
        assert_eq!(wrong.propfind("/dav/", "0", "<displayname/>").await.status, 401);
        let domain = people.anna.address.split_once('@').unwrap().1;
        let mail_only = world.person("Emil", domain, AccountKind::Imap).await;
        let answer = mail_only.propfind("/dav/", "0", "<displayname/>").await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("exchange"), "{}", answer.body);
    });
}

#[test]
fn options_say_what_is_there_without_a_password() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let allow = |path: String| async move {
            let answer = anonymous(world, "OPTIONS", &path, &[], "").await;
            assert_eq!(answer.status, 200);
            let dav = answer.header("dav").unwrap();
            let classes: Vec<_> = dav.split(", ").collect();
            assert!(!classes.contains(&"2"), "there are no locks");
            for class in [
                "1",
                "3",
                "access-control",
                "calendar-access",
                "calendar-auto-schedule",
                "addressbook",
                "extended-mkcol",
            ] {
                assert!(classes.contains(&class), "{class}");
            }
            answer.header("allow").unwrap().split(", ").map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(allow("/".to_owned()).await.contains(&"PROPFIND".to_owned()));
        assert!(allow(anna.calendar("new/")).await.contains(&"MKCALENDAR".to_owned()));
        let item = allow(anna.calendar("calendar/x.ics")).await;
        assert!(item.contains(&"PUT".to_owned()) && !item.contains(&"MKCOL".to_owned()));
        for method in ["LOCK", "FOO"] {
            let answer = anna.send(method, &anna.calendar("calendar/"), &[], "").await;
            assert_eq!(answer.status, 405, "{method}");
            assert!(answer.header("allow").unwrap().contains("PROPFIND"));
        }
    });
}

#[test]
fn both_spellings_of_an_address_are_one_path() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let encoded = anna.calendar("calendar/").replace('@', "%40");
        assert_eq!(
            anna.propfind(&encoded, "0", "<displayname/>").await.hrefs(),
            [anna.calendar("calendar/")]
        );
        for path in ["/dav/calendars/", "/dav/x/", "/dav/calendars/anna/", "/dav/calendars/a@b.test/c/d/e"] {
            let status = anna.propfind(path, "0", "<displayname/>").await.status;
            assert_eq!(status, if path == "/dav/calendars/" { 207 } else { 404 }, "{path}");
        }
    });
}

#[test]
fn an_address_is_one_segment_whatever_it_holds() {
    on_each_database(async |world| {
        let people = world.people().await;
        let domain = people.anna.address.split_once('@').unwrap().1;
        // The second is what the first would be if it were decoded twice.
        for (name, segment) in [("A/B", "a%2Fb"), ("A%2fB", "a%252fb"), ("..", ".."), ("../..", "..%2F..")] {
            let odd = world.person(name, domain, AccountKind::Exchange).await;
            let principal = format!("/dav/principals/{segment}@{domain}/");
            let answer = odd.propfind("/dav/", "0", "<current-user-principal/>").await;
            assert_eq!(answer.responses()[0].paths("current-user-principal"), [principal.as_str()]);
            let answer = people.ben.propfind(&principal, "0", "<displayname/><c:calendar-home-set/>").await;
            assert_eq!(answer.text("displayname").as_deref(), Some(name), "also for a colleague");
            let home = format!("/dav/calendars/{segment}@{domain}/");
            assert_eq!(answer.of(&principal).paths("calendar-home-set"), [home.as_str()]);
            let item = format!("{home}calendar/x.ics");
            assert_eq!(odd.put(&item, event("1", name)).await.status, 201);
            let listed = odd.propfind(&format!("{home}calendar/"), "1", "<getetag/>").await.hrefs();
            assert_eq!(listed, [format!("{home}calendar/"), item]);
        }
    });
}
