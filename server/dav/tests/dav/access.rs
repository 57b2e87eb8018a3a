//! RFC 3744: lists of who may do what, read and written, and how they and the grants say the same.

use crate::answer::Answer;
use crate::client::{Client, NAMESPACES, event};
use crate::file_locks::lock;
use crate::world::{World, on_each_database};
use dav_wire::name::dav;
use dav_wire::xml::{Element, Node};
use storage::{Grantee, Permission};
use vocabulary::{Preset, Rights, Role};

/// The property as it came.
async fn list(who: &Client<'_>, path: &str) -> Element {
    let found = who.propfind(path, "0", "<acl/>").await.of(path);
    found.property("acl").unwrap_or_else(|| panic!("no acl: {found:?}"))
}

/// Who may do what: the principal, and the privileges.
async fn entries(who: &Client<'_>, path: &str) -> Vec<(String, Vec<String>)> {
    let acl = list(who, path).await;
    let entry = |ace: &Element| {
        let principal = ace.child(dav::PRINCIPAL).unwrap().children().next().unwrap();
        let name = match principal.name() {
            dav::HREF => principal.text(),
            dav::PROPERTY => principal.children().next().unwrap().name().local().to_owned(),
            other => other.local().to_owned(),
        };
        let granted = ace.child(dav::GRANT).unwrap().children();
        (name, granted.map(|one| one.children().next().unwrap().name().local().to_owned()).collect())
    };
    acl.children().map(entry).collect()
}

fn ace(principal: &str, privileges: &str) -> String {
    format!("<ace><principal>{principal}</principal><grant><privilege>{privileges}</privilege></grant></ace>")
}

fn href(who: &Client<'_>) -> String {
    format!("<href>{}</href>", who.principal())
}

/// The content of an element, to be sent in another.
fn inner(element: &Element) -> String {
    let encode = |node: &Node| match node {
        Node::Element(element) => element.encode(),
        Node::Text(text) => text.clone(),
    };
    element.nodes.iter().map(encode).collect()
}

fn granted(grantee: Grantee, rights: Rights) -> Permission {
    Permission { grantee, rights }
}

#[test]
fn a_list_says_what_was_granted_at_any_door() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/");
        assert_eq!(entries(anna, &path).await, [("owner".to_owned(), vec!["all".to_owned()])]);
        let (group, team) = world.group("team", &[ben, cara]).await;
        for (grantee, preset) in [
            (Grantee::Account(ben.id), Preset::Editor),
            (Grantee::Account(cara.id), Preset::Author),
            (Grantee::Anyone, Preset::FreeBusy),
            (Grantee::Group(group), Preset::Reader),
        ] {
            world.grant(anna, Role::Calendar, grantee, preset.rights()).await;
        }
        let entry = |who: &str, privileges: &[&str]| {
            (who.to_owned(), privileges.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let team = format!("/dav/principals/{team}/");
        let mut told = entries(anna, &path).await;
        told.sort();
        let mut expected = [
            entry("owner", &["all"]),
            entry(&ben.principal(), &["read", "write"]),
            entry(&cara.principal(), &["read", "bind"]),
            entry("authenticated", &["read-free-busy"]),
            entry(&team, &["read"]),
        ];
        expected.sort();
        assert_eq!(told, expected);
        // An item has the list of its collection, and says so.
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        let item = format!("{path}x.ics");
        let mut told = entries(anna, &item).await;
        told.sort();
        assert_eq!(told, expected);
        let found = anna.propfind(&item, "0", "<acl/><inherited-acl-set/>").await.of(&item);
        assert_eq!(found.code_of("inherited-acl-set"), Some(200));
        assert!(found.paths("inherited-acl-set").is_empty(), "no second list narrows this one");
        let from = found.names("acl").iter().filter(|name| *name == "inherited").count();
        assert_eq!(from, 5);
    });
}

/// Whatever the grants are: what is read is sent back, and nothing changes.
#[test]
fn a_list_that_is_read_and_sent_back_changes_nothing() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        let (group, _) = world.group("team", &[ben]).await;
        let presets = [Preset::FreeBusy, Preset::Reader, Preset::Author, Preset::Editor, Preset::Owner];
        let odd = ["l", "lr", "lrs", "lrsw", "lri", "lrit", "lrte", "lra", "lrswipkxtea", "p", "i", "te"];
        let odd = odd.map(|letters| Rights::from_letters(letters).unwrap());
        let rights = presets.map(Preset::rights).into_iter().chain(odd);
        for rights in rights.chain([Preset::Reader.rights() | Rights::SEE_PRIVATE, Rights::ALL]) {
            for grantee in [Grantee::Account(ben.id), Grantee::Group(group), Grantee::Anyone] {
                world.grant(anna, Role::Calendar, grantee, rights).await;
                let before = world.granted(anna, Role::Calendar).await;
                let answer = anna.acl(&path, &inner(&list(anna, &path).await)).await;
                assert_eq!(answer.status, 200, "{rights:?} for {grantee:?}: {answer:?}");
                assert_eq!(world.granted(anna, Role::Calendar).await, before, "{rights:?} for {grantee:?}");
                world.grant(anna, Role::Calendar, grantee, Rights::NONE).await;
            }
        }
    });
}

#[test]
fn what_a_list_asks_for_is_granted_and_then_told() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/");
        let (group, team) = world.group("team", &[ben]).await;
        let (bens, teams) = (href(ben), format!("<href>/dav/principals/{team}/</href>"));
        let everybody = "<authenticated/>".to_owned();
        let see = "<k:see-private xmlns:k='urn:x-kontor:dav'/>";
        for (principal, grantee) in [
            (&bens, Grantee::Account(ben.id)),
            (&teams, Grantee::Group(group)),
            (&everybody, Grantee::Anyone),
        ] {
            for (privileges, rights) in [
                ("<c:read-free-busy/>", Preset::FreeBusy.rights()),
                ("<read/>", Preset::Reader.rights()),
                ("<read/></privilege><privilege><bind/>", Preset::Author.rights()),
                ("<read/><write/>", Preset::Editor.rights()),
                ("<all/>", Preset::Owner.rights()),
                ("<read/><share/>", Preset::Reader.rights() | Rights::ADMINISTER),
                (&format!("<read/>{see}"), Preset::Reader.rights() | Rights::SEE_PRIVATE),
                ("<read/><unbind/>", Preset::Reader.rights() | Rights::DELETE_ITEMS | Rights::EXPUNGE),
                ("<read/><write-content/>", Preset::Reader.rights() | Rights::REPLACE),
                ("<read-current-user-privilege-set/>", Rights::LOOKUP),
            ] {
                assert_eq!(anna.acl(&path, &ace(principal, privileges)).await.status, 200, "{privileges}");
                assert_eq!(
                    world.granted(anna, Role::Calendar).await,
                    [granted(grantee, rights)],
                    "{privileges}"
                );
                let told = inner(&list(anna, &path).await);
                assert_eq!(anna.acl(&path, &told).await.status, 200);
                assert_eq!(
                    world.granted(anna, Role::Calendar).await,
                    [granted(grantee, rights)],
                    "{privileges}"
                );
            }
        }
        // Entries of one are joined; who is not named any more has nothing left.
        let both = ace(&bens, "<read/>") + &ace(&bens, "<write/>") + &ace(&href(cara), "<read/>");
        assert_eq!(anna.acl(&path, &both).await.status, 200);
        let expected = [
            granted(Grantee::Account(ben.id), Preset::Editor.rights()),
            granted(Grantee::Account(cara.id), Preset::Reader.rights()),
        ];
        assert_eq!(world.granted(anna, Role::Calendar).await, expected);
        assert_eq!(anna.acl(&path, "").await.status, 200);
        assert_eq!(world.granted(anna, Role::Calendar).await, []);
        assert_eq!(ben.propfind(&path, "0", "<displayname/>").await.status, 404);
        // An address book has a list too, without busy times.
        let book = anna.book("contacts/");
        assert_eq!(anna.acl(&book, &ace(&bens, "<read/><write/>")).await.status, 200);
        assert_eq!(ben.propfind(&book, "0", "<displayname/>").await.status, 207);
        let busy = anna.acl(&book, &ace(&bens, "<c:read-free-busy/>")).await;
        assert_eq!(busy.refusal(), (403, "not-supported-privilege".into()));
    });
}

#[test]
fn what_a_list_cannot_say_stays_while_its_entry_stays() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/");
        let odd = Rights::from_letters("lrswp").unwrap();
        world.share(anna, Role::Calendar, ben, odd).await;
        let told = inner(&list(anna, &path).await);
        assert_eq!(anna.acl(&path, &(told + &ace(&href(cara), "<read/>"))).await.status, 200);
        let expected = [
            granted(Grantee::Account(ben.id), odd),
            granted(Grantee::Account(cara.id), Preset::Reader.rights()),
        ];
        assert_eq!(world.granted(anna, Role::Calendar).await, expected);
        assert_eq!(anna.acl(&path, &ace(&href(ben), "<read/>")).await.status, 200);
        assert_eq!(
            world.granted(anna, Role::Calendar).await,
            [granted(Grantee::Account(ben.id), Preset::Reader.rights())],
            "another entry is another grant"
        );
    });
}

#[test]
fn each_rule_that_a_list_breaks_is_named_and_nothing_is_changed() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, dora) = (&people.anna, &people.ben, &people.dora);
        let path = anna.calendar("calendar/");
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let before = world.granted(anna, Role::Calendar).await;
        let bens = href(ben);
        let read = "<grant><privilege><read/></privilege></grant>";
        let principal = format!("<principal>{bens}</principal>");
        let who = |inner: &str| ace(inner, "<read/>");
        let proxy = format!("<href>{}calendar-proxy-read/</href>", anna.principal());
        for (entry, status, expected) in [
            (format!("<ace><invert>{principal}</invert>{read}</ace>"), 403, "no-invert"),
            (
                format!("<ace>{principal}<deny><privilege><write/></privilege></deny></ace>"),
                403,
                "grant-only",
            ),
            (ace(&bens, "<read-acl/>"), 403, "no-abstract"),
            (ace(&bens, "<write-acl/>"), 403, "no-abstract"),
            (ace(&bens, "<unlock/>"), 403, "not-supported-privilege"),
            (ace(&bens, "<x:fly/>"), 403, "not-supported-privilege"),
            (who("<all/>"), 403, "allowed-principal"),
            (who("<unauthenticated/>"), 403, "allowed-principal"),
            (who("<self/>"), 403, "allowed-principal"),
            (who(&proxy), 403, "allowed-principal"),
            (who("<property><group/></property>"), 403, "recognized-principal"),
            (who("<href>/dav/principals/nobody@nowhere.test/</href>"), 403, "recognized-principal"),
            (who(&format!("<href>{}</href>", ben.calendar(""))), 403, "recognized-principal"),
            (who("<href>urn:x</href>"), 403, "recognized-principal"),
            (who(&href(dora)), 403, "recognized-principal"),
            (ace(&bens, "<write/>"), 409, "no-ace-conflict"),
            (format!("<ace>{principal}{read}<protected/></ace>"), 403, "no-protected-ace-conflict"),
            (
                format!("<ace><principal><property><owner/></property></principal>{read}<protected/></ace>"),
                403,
                "no-protected-ace-conflict",
            ),
            (
                format!("<ace>{principal}{read}<inherited><href>/dav/</href></inherited></ace>"),
                403,
                "no-inherited-ace-conflict",
            ),
            (who(&bens).repeat(1001), 403, "limited-number-of-aces"),
        ] {
            // One that is well is not done either.
            let with_a_good_one = ace("<authenticated/>", "<c:read-free-busy/>") + &entry;
            let answer = anna.acl(&path, &with_a_good_one).await;
            assert_eq!(answer.refusal(), (status, expected.to_owned()), "{entry:.300}");
            assert_eq!(world.granted(anna, Role::Calendar).await, before, "{entry:.300}");
        }
        for malformed in ["<ace/>", "<ace><principal/></ace>", &format!("<ace>{principal}</ace>")] {
            assert_eq!(anna.acl(&path, malformed).await.status, 400, "{malformed}");
        }
        assert_eq!(anna.send("ACL", &path, &[], "").await.status, 400);
        let stale = format!("<acl {NAMESPACES}/>");
        let answer = anna.send("ACL", &path, &[("If-None-Match", "*")], stale).await;
        assert_eq!((answer.status, world.granted(anna, Role::Calendar).await), (412, before));
    });
}

async fn refuses(answer: Answer, privilege: &str, path: &str) {
    assert_eq!(answer.refusal(), (403, "need-privileges".into()));
    let missing = answer.document();
    let resource = missing.children().next().unwrap().child(dav::RESOURCE).unwrap();
    assert_eq!(resource.child(dav::HREF).unwrap().text(), path);
    let named = resource.child(dav::PRIVILEGE).unwrap().children().next().unwrap();
    assert_eq!(named.name().local(), privilege);
}

#[test]
fn only_who_may_administer_sees_and_changes_the_list() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let path = anna.calendar("calendar/");
        anna.put(&format!("{path}x.ics"), event("x", "1")).await;
        let carl = ace(&href(cara), "<read/>");
        for who in [ben, dora] {
            assert_eq!(who.acl(&path, &carl).await.status, 404, "what is not seen is not there");
        }
        world.share(anna, Role::Calendar, ben, Preset::Editor.rights()).await;
        let before = world.granted(anna, Role::Calendar).await;
        refuses(ben.acl(&path, &carl).await, "write-acl", &path).await;
        refuses(ben.acl(&path, &ace("<all/>", "<read/>")).await, "write-acl", &path).await;
        let found = ben.propfind(&path, "0", "<acl/><displayname/>").await.of(&path);
        assert_eq!((found.code_of("acl"), found.code_of("displayname")), (Some(403), Some(200)));
        let report = "<acl-principal-prop-set><prop><displayname/></prop></acl-principal-prop-set>";
        refuses(ben.report(&path, report).await, "read-acl", &path).await;
        let share =
            format!("<s:share><s:set><href>mailto:{}</href><s:read/></s:set></s:share>", cara.address);
        refuses(ben.post(&path, &share).await, "write-acl", &path).await;
        assert_eq!(world.granted(anna, Role::Calendar).await, before);
        // Nothing else has a list of its own.
        for other in [
            format!("{path}x.ics"),
            anna.calendar(""),
            anna.principal(),
            "/dav/principals/".to_owned(),
            "/dav/".to_owned(),
        ] {
            refuses(anna.acl(&other, &carl).await, "write-acl", &other).await;
        }
        // Whoever may administer does so for the owner, where it is mounted too.
        world.share(anna, Role::Calendar, ben, Preset::Owner.rights()).await;
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let told = inner(&list(ben, &mount).await);
        assert_eq!(ben.acl(&mount, &(told + &carl)).await.status, 200);
        assert_eq!(cara.propfind(&path, "0", "<displayname/>").await.status, 207);
    });
}

#[test]
fn every_resource_tells_what_the_document_asks_for() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let calendar = anna.calendar("calendar/");
        anna.put(&format!("{calendar}x.ics"), event("x", "1")).await;
        let wanted = "<acl/><acl-restrictions/><inherited-acl-set/><group/><principal-collection-set/>\
             <supported-privilege-set/><current-user-privilege-set/><supported-report-set/>";
        for path in [
            "/dav/".to_owned(),
            "/dav/principals/".to_owned(),
            anna.principal(),
            format!("{}calendar-proxy-read/", anna.principal()),
            "/dav/calendars/".to_owned(),
            anna.calendar(""),
            calendar.clone(),
            format!("{calendar}x.ics"),
            anna.book("contacts/"),
            format!("/dav/notifications/{}/", anna.address),
            anna.scheduling(""),
            anna.scheduling("inbox/"),
            anna.scheduling("outbox/"),
        ] {
            let found = anna.propfind(&path, "0", wanted).await.of(&path);
            for (status, property) in found.properties() {
                assert_eq!(status, 200, "{} of {path}", property.name());
            }
            assert_eq!(found.names("acl-restrictions"), ["grant-only", "no-invert"]);
            assert_eq!(found.paths("principal-collection-set"), ["/dav/principals/"]);
            // What one has is what there is.
            let supported = found.names("supported-privilege-set");
            let held = found.names("current-user-privilege-set");
            assert!(
                held.iter().all(|one| one == "privilege" || supported.contains(one)),
                "{held:?} of {path}"
            );
            for report in ["expand-property", "acl-principal-prop-set", "principal-match"] {
                assert!(
                    found.names("supported-report-set").contains(&report.to_owned()),
                    "{report} of {path}"
                );
            }
        }
    });
}

/// RFC 6638 section 6: inbox and outbox have lists that follow from what they are.
#[test]
fn nobody_writes_the_lists_of_inbox_and_outbox() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (inbox, outbox) = (anna.scheduling("inbox/"), anna.scheduling("outbox/"));
        let proxies = format!("{}calendar-proxy-write/", anna.principal());
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            entries(anna, &inbox).await,
            [
                ("owner".to_owned(), owned(&["read", "write-properties", "unbind"])),
                ("authenticated".to_owned(), owned(&["schedule-deliver"])),
            ]
        );
        let sends = owned(&["read", "schedule-send"]);
        assert_eq!(entries(anna, &outbox).await, [("owner".to_owned(), sends.clone()), (proxies, sends)]);
        for path in [&inbox, &outbox] {
            refuses(anna.acl(path, &ace(&href(ben), "<read/>")).await, "write-acl", path).await;
            let share =
                format!("<s:share><s:set><href>{}</href><s:read/></s:set></s:share>", ben.principal());
            let posted = anna.post(path, &share).await;
            assert!((400..500).contains(&posted.status), "{posted:?}");
            assert_eq!(ben.propfind(path, "0", "<displayname/>").await.status, 404);
        }
        assert_eq!(anna.post(&inbox, "<s:share></s:share>").await.status, 405);
        // Nor are its privileges given for a calendar.
        let calendar = anna.calendar("calendar/");
        let refused = anna.acl(&calendar, &ace(&href(ben), "<c:schedule-deliver/>")).await;
        assert_eq!(refused.refusal(), (403, "not-supported-privilege".into()));
    });
}

/// What is forbidden is told apart from what is not there.
#[test]
fn whatever_is_missing_is_named_where_it_is_missing() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let path = anna.calendar("calendar/");
        let item = format!("{path}x.ics");
        anna.put(&item, event("x", "1")).await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        refuses(ben.put(&format!("{path}new.ics"), event("y", "1")).await, "bind", &path).await;
        refuses(ben.put(&item, event("x", "2")).await, "write-content", &item).await;
        refuses(ben.delete(&item).await, "unbind", &path).await;
        refuses(ben.delete(&path).await, "unbind", &anna.calendar("")).await;
        refuses(ben.send("MKCALENDAR", &anna.calendar("new/"), &[], "").await, "bind", &anna.calendar(""))
            .await;
        let own = ben.calendar("calendar/y.ics");
        ben.put(&own, event("y", "1")).await;
        let onto = [("Destination", item.as_str())];
        assert_eq!(ben.send("COPY", &own, &onto, "").await.status, 403);
        world.share(anna, Role::Calendar, ben, Rights::LOOKUP).await;
        refuses(ben.get(&item).await, "read", &item).await;
        assert_eq!(ben.propfind(&path, "1", "<getetag/>").await.hrefs(), std::slice::from_ref(&path));
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        assert_eq!(ben.get(&item).await.status, 404);
    });
}

/// A member of the group of whoever asks: what is found through it is told.
#[test]
fn the_people_of_a_list_are_told_by_a_report() {
    on_each_database(async |world: &World| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let path = anna.calendar("calendar/");
        let (group, team) = world.group("team", &[ben, cara]).await;
        world.grant(anna, Role::Calendar, Grantee::Group(group), Preset::Reader.rights()).await;
        world.share(anna, Role::Calendar, ben, Preset::Reader.rights()).await;
        let report =
            "<acl-principal-prop-set><prop><displayname/><group-member-set/></prop></acl-principal-prop-set>";
        let answer = anna.report(&path, report).await;
        let team = format!("/dav/principals/{team}/");
        let mut hrefs = answer.hrefs();
        hrefs.sort();
        let mut expected = [anna.principal(), ben.principal(), team.clone()];
        expected.sort();
        assert_eq!(hrefs, expected);
        assert_eq!(answer.of(&ben.principal()).text("displayname").as_deref(), Some("Ben"));
        assert_eq!(answer.of(&team).paths("group-member-set"), [ben.principal(), cara.principal()]);
    });
}

/// The right to share is none to have more, by whichever way it is asked for.
#[test]
fn whoever_may_share_gives_nobody_more_than_it_has() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let path = anna.calendar("calendar/");
        let shares = Preset::Reader.rights() | Rights::ADMINISTER;
        world.share(anna, Role::Calendar, ben, shares).await;
        let before = world.granted(anna, Role::Calendar).await;
        let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
        let own = ace(&href(ben), "<read/><share/>");
        let see = "<read/><k:see-private xmlns:k='urn:x-kontor:dav'/>";
        for entries in [
            ace(&href(ben), "<all/>"),
            ace(&href(ben), "<read/><share/><write/>"),
            own.clone() + &ace(&href(cara), "<read/><bind/>"),
            own.clone() + &ace("<authenticated/>", "<read/><write/>"),
            own.clone() + &ace(&href(cara), see),
        ] {
            for path in [&path, &mount] {
                let answer = ben.acl(path, &entries).await;
                assert_eq!(answer.refusal(), (403, "need-privileges".into()), "{entries}");
            }
        }
        for who in [cara, ben] {
            let share = format!(
                "<s:share><s:set><href>mailto:{}</href><s:read-write/></s:set></s:share>",
                who.address
            );
            assert_eq!(ben.post(&path, &share).await.refusal(), (403, "need-privileges".into()));
        }
        assert_eq!(ben.acl(&path, &(own.clone() + &ace(&href(dora), "<read/>"))).await.status, 403);
        assert_eq!(world.granted(anna, Role::Calendar).await, before);
        assert_eq!(ben.acl(&path, &(own + &ace(&href(cara), "<read/>"))).await.status, 200);
        assert_eq!(cara.propfind(&path, "0", "<displayname/>").await.status, 207);
        // Nor does it open anything else of the owner's.
        assert_eq!(ben.acl(&anna.book("contacts/"), &ace(&href(ben), "<read/>")).await.status, 404);
    });
}

/// Collections of plain files have lists like any other; a lock on them guards the list too.
#[test]
fn plain_files_have_lists_too() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        let path = anna.file("a/");
        anna.send("MKCOL", &path, &[], "").await;
        anna.put(&anna.file("a/f"), "f").await;
        assert_eq!(entries(anna, &path).await, [("owner".to_owned(), vec!["all".to_owned()])]);
        let bens = ace(&href(ben), "<read/>");
        for who in [ben, dora] {
            assert_eq!(who.acl(&path, &bens).await.status, 404, "what is not seen is not there");
        }
        assert_eq!(anna.acl(&path, &bens).await.status, 200);
        assert_eq!(ben.get(&anna.file("a/f")).await.status, 200);
        assert_eq!(ben.propfind(&anna.file(""), "0", "<displayname/>").await.status, 404);
        let told = [("owner".to_owned(), vec!["all".to_owned()]), (ben.principal(), vec!["read".to_owned()])];
        for path in [&path, &anna.file("a/f")] {
            assert_eq!(entries(anna, path).await, told, "{path}");
            assert_eq!(ben.propfind(path, "0", "<acl/>").await.of(path).code_of("acl"), Some(403));
        }
        let named = path.trim_end_matches('/');
        refuses(ben.acl(&path, &ace(&href(cara), "<read/>")).await, "write-acl", named).await;
        refuses(anna.acl(&anna.file("a/f"), &bens).await, "write-acl", &anna.file("a/f")).await;
        assert_eq!(anna.acl(&anna.file("none"), &bens).await.status, 404);
        assert_eq!(anna.acl(&path, &ace(&href(dora), "<read/>")).await.refusal().1, "recognized-principal");
        let busy = anna.acl(&path, &ace(&href(ben), "<c:read-free-busy/>")).await;
        assert_eq!(busy.refusal(), (403, "not-supported-privilege".into()));
        let token = lock(anna, &path, "0", "exclusive").await;
        assert_eq!(anna.acl(&path, "").await.refusal(), (423, "lock-token-submitted".into()));
        let held = format!("(<{token}>)");
        let acl = format!("<acl {NAMESPACES}/>");
        assert_eq!(anna.send("ACL", &path, &[("If", &held)], acl).await.status, 200);
        assert_eq!(ben.get(&anna.file("a/f")).await.status, 404);
    });
}
