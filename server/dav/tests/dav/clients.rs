//! What each program asks for when an account is set up and looked at, in its own shape: everything that it needs is
//! answered with a value that it can use, and everything else that it asks for is answered too.
//!
//! Inboxes and outboxes are tested with scheduling.

use crate::answer::{Answer, Response};
use crate::client::{Client, NAMESPACES, anonymous, event};
use crate::world::{World, on_each_database};
use dav_wire::name::dav;
use dav_wire::xml::Element;
use vocabulary::{Preset, Role};

/// The prefixes of this file for the namespaces that programs use.
const SPACES: [(&str, &str); 7] = [
    ("D", "DAV:"),
    ("C", "urn:ietf:params:xml:ns:caldav"),
    ("R", "urn:ietf:params:xml:ns:carddav"),
    ("S", "http://calendarserver.org/ns/"),
    ("A", "http://apple.com/ns/ical/"),
    ("M", "http://me.com/_namespace/"),
    ("P", "https://bitfire.at/webdav-push"),
];

fn split(name: &str) -> (&str, &'static str) {
    let (prefix, local) = name.split_once(':').unwrap();
    let space = SPACES.iter().find(|(known, _)| *known == prefix).unwrap();
    (local, space.1)
}

/// In the manner of Apple's programs: each name declares its namespace where it stands.
fn apple(list: &str) -> String {
    let element = |name: &str| match split(name) {
        (local, "DAV:") => format!("    <A:{local}/>\n"),
        (local, space) => format!("    <B:{local} xmlns:B=\"{space}\"/>\n"),
    };
    let names: String = list.split_whitespace().map(element).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A:propfind xmlns:A=\"DAV:\">\n  <A:prop>\n{names}  </A:prop>\n\
         </A:propfind>\n"
    )
}

/// In the manner of the others: all namespaces are declared at the root.
fn plain(list: &str) -> String {
    let spaces: String = SPACES.iter().map(|(prefix, space)| format!(" xmlns:{prefix}='{space}'")).collect();
    let names: String = list.split_whitespace().map(|name| format!("<{name}/>")).collect();
    format!("<?xml version='1.0' encoding='UTF-8'?><D:propfind{spaces}><D:prop>{names}</D:prop></D:propfind>")
}

async fn ask(who: &Client<'_>, path: &str, depth: &str, body: String) -> Answer {
    let headers = [("Depth", depth), ("Content-Type", "text/xml; charset=utf-8")];
    who.send("PROPFIND", path, &headers, body).await
}

/// Every property that was asked for is answered once, with a value or as what is not there.
fn is_complete(response: &Response, list: &str) {
    let answered = response.properties();
    for name in list.split_whitespace() {
        let (local, space) = split(name);
        let of_name =
            |element: &Element| (element.name().local(), element.name().namespace()) == (local, space);
        let codes: Vec<u16> =
            answered.iter().filter(|(_, element)| of_name(element)).map(|(code, _)| *code).collect();
        assert!(codes == [200] || codes == [404], "{name} of {}: {codes:?}", response.href());
    }
    assert_eq!(answered.len(), list.split_whitespace().count(), "{response:?}");
}

/// These have a value: text, an element, or paths that lead somewhere.
async fn has(who: &Client<'_>, response: &Response, needed: &str) {
    for name in needed.split_whitespace() {
        let (local, _) = split(name);
        let found =
            response.property(local).unwrap_or_else(|| panic!("{name} of {}: {response:?}", response.href()));
        let hrefs: Vec<String> =
            found.children().filter(|child| child.name() == dav::HREF).map(Element::text).collect();
        assert!(!found.text().trim().is_empty() || found.children().next().is_some(), "{name} is empty");
        for href in hrefs.iter().filter(|href| href.starts_with('/')) {
            let there = who.propfind(href, "0", "<resourcetype/>").await.status;
            assert_eq!(there, 207, "{name} leads to {href}");
        }
    }
}

/// Anna, whose calendar Ben edits, and whose contacts he reads.
async fn household(world: &World) -> (Client<'_>, Client<'_>) {
    let people = world.people().await;
    let (anna, ben) = (people.anna, people.ben);
    anna.put(&anna.calendar("calendar/x.ics"), event("x", "1")).await;
    world.share(&anna, Role::Calendar, &ben, Preset::Editor.rights()).await;
    world.share(&anna, Role::Contacts, &ben, Preset::Reader.rights()).await;
    (anna, ben)
}

const MACOS_PRINCIPAL: &str = "C:calendar-home-set C:calendar-user-address-set D:current-user-principal D:displayname \
     S:dropbox-home-URL S:email-address-set S:notification-URL D:principal-collection-set D:principal-URL D:resource-id \
     C:schedule-inbox-URL C:schedule-outbox-URL D:supported-report-set";
const MACOS_HOME: &str = "D:add-member S:allowed-sharing-modes A:autoprovisioned M:bulk-requests C:calendar-alarm \
     A:calendar-color C:calendar-description C:calendar-free-busy-set A:calendar-order C:calendar-timezone \
     D:current-user-privilege-set C:default-alarm-vevent-date C:default-alarm-vevent-datetime D:displayname S:getctag \
     S:invite A:language-code A:location-code D:owner S:pre-publish-url S:publish-url S:push-transports S:pushkey \
     D:quota-available-bytes D:quota-used-bytes A:refreshrate D:resource-id D:resourcetype C:schedule-calendar-transp \
     C:schedule-default-calendar-URL S:source S:subscribed-strip-alarms S:subscribed-strip-attachments \
     S:subscribed-strip-todos C:supported-calendar-component-set C:supported-calendar-component-sets \
     D:supported-report-set D:sync-token C:managed-attachments-server-URL";

#[test]
fn macos_calendar_sets_an_account_up() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let first = anonymous(world, "PROPFIND", "/.well-known/caldav", &[("Depth", "0")], "").await;
        assert_eq!((first.status, first.header("location").as_deref()), (301, Some("/dav/")));
        let unknown = apple("D:current-user-principal D:principal-URL D:resourcetype");
        assert_eq!(
            anonymous(world, "PROPFIND", "/dav/", &[("Depth", "0")], unknown.clone()).await.status,
            401
        );
        let root = ask(&ben, "/dav/", "0", unknown).await;
        has(&ben, &root.of("/dav/"), "D:current-user-principal D:resourcetype").await;
        assert!(root.header("dav").unwrap().contains("calendar-access"));

        let principal = ask(&ben, &ben.principal(), "0", apple(MACOS_PRINCIPAL)).await;
        let dav = principal.header("dav").unwrap();
        for feature in
            ["calendar-access", "calendar-proxy", "calendarserver-sharing", "calendarserver-principal-search"]
        {
            assert!(dav.split(", ").any(|one| one == feature), "{feature}: {dav}");
        }
        let principal = principal.of(&ben.principal());
        is_complete(&principal, MACOS_PRINCIPAL);
        let needed = "C:calendar-home-set C:calendar-user-address-set D:current-user-principal D:displayname \
             S:email-address-set S:notification-URL D:principal-collection-set D:principal-URL D:resource-id \
             D:supported-report-set";
        has(&ben, &principal, needed).await;

        let home = ask(&ben, &ben.calendar(""), "1", apple(MACOS_HOME)).await;
        let mount = ben.mounted(&anna, world.folder(anna.id, Role::Calendar).await, "");
        assert_eq!(home.responses().len(), 5, "the home, three of one's own, and what is shared");
        for response in home.responses() {
            is_complete(&response, MACOS_HOME);
            has(
                &ben,
                &response,
                "D:current-user-privilege-set D:displayname D:owner D:resourcetype D:supported-report-set",
            )
            .await;
        }
        let in_home = "D:quota-available-bytes D:quota-used-bytes C:supported-calendar-component-sets";
        has(&ben, &home.of(&ben.calendar("")), in_home).await;
        let in_calendar = "S:getctag D:sync-token D:resource-id C:schedule-calendar-transp \
             C:supported-calendar-component-set";
        for path in [ben.calendar("calendar/"), ben.calendar("tasks/"), mount.clone()] {
            has(&ben, &home.of(&path), in_calendar).await;
        }
        has(&ben, &home.of(&ben.calendar("calendar/")), "S:allowed-sharing-modes D:quota-used-bytes").await;
        let shared = home.of(&mount);
        has(&ben, &shared, "S:invite").await;
        assert_eq!(shared.names("resourcetype"), ["collection", "calendar", "shared"]);
        assert!(shared.names("invite").ends_with(&[
            "invite-accepted".into(),
            "access".into(),
            "read-write".into()
        ]));
        assert!(shared.names("current-user-privilege-set").contains(&"write".to_owned()));

        // An order that a drag in the list left, of somebody else's calendar too; answered briefly.
        let order = format!(
            "<propertyupdate {NAMESPACES}><set><prop><a:calendar-order>3</a:calendar-order></prop></set></propertyupdate>"
        );
        for path in [ben.calendar("calendar/"), mount] {
            assert_eq!(
                ben.send("PROPPATCH", &path, &[("Brief", "t")], order.clone()).await.status,
                200,
                "{path}"
            );
        }
    });
}

#[test]
fn macos_calendar_finds_whom_one_acts_for_and_whom_to_invite() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let inner = "<A:property name=\"calendar-user-address-set\" namespace=\"urn:ietf:params:xml:ns:caldav\"/>\
             <A:property name=\"email-address-set\" namespace=\"http://calendarserver.org/ns/\"/>\
             <A:property name=\"displayname\" namespace=\"DAV:\"/>";
        let proxy = |access: &str| {
            format!(
                "<A:property name=\"calendar-proxy-{access}-for\" namespace=\"http://calendarserver.org/ns/\">{inner}\
                 </A:property>"
            )
        };
        let body = format!(
            "<A:expand-property xmlns:A=\"DAV:\">{}{}</A:expand-property>",
            proxy("read"),
            proxy("write")
        );
        let answer = ben.send("REPORT", &ben.principal(), &[("Depth", "0")], body).await;
        let found = answer.of(&ben.principal());
        assert_eq!(found.names("calendar-proxy-read-for"), [] as [String; 0]);
        let writes = found.property("calendar-proxy-write-for").unwrap();
        let response = writes.child(dav::RESPONSE).expect("the principal behind the path");
        assert_eq!(response.child(dav::HREF).unwrap().text(), anna.principal());
        let text = writes.encode();
        assert!(text.contains(&format!("mailto:{}", anna.address)) && text.contains(">Anna<"), "{text}");

        let delegate = "S:allowed-calendar-component-set C:calendar-home-set C:calendar-user-address-set \
             D:current-user-principal D:displayname S:dropbox-home-URL S:email-address-set S:notification-URL \
             D:principal-collection-set D:principal-URL D:resource-id C:schedule-inbox-URL C:schedule-outbox-URL \
             D:supported-report-set";
        let found = ask(&ben, &anna.principal(), "0", apple(delegate)).await.of(&anna.principal());
        is_complete(&found, delegate);
        let needed = "C:calendar-home-set C:calendar-user-address-set D:displayname S:email-address-set D:principal-URL";
        has(&ben, &found, needed).await;

        let search = "<C:calendarserver-principal-search xmlns:C=\"http://calendarserver.org/ns/\" context=\"attendee\">\
             <C:search-token>ann</C:search-token><A:prop xmlns:A=\"DAV:\">\
             <B:calendar-user-type xmlns:B=\"urn:ietf:params:xml:ns:caldav\"/><C:email-address-set/><A:displayname/>\
             <C:first-name/><C:last-name/><A:principal-URL/><C:record-type/>\
             <B:calendar-user-address-set xmlns:B=\"urn:ietf:params:xml:ns:caldav\"/></A:prop>\
             </C:calendarserver-principal-search>";
        let found = ben.send("REPORT", "/dav/principals/", &[("Depth", "0")], search).await;
        let found = found.of(&anna.principal());
        let needed = "C:calendar-user-type S:email-address-set D:displayname D:principal-URL C:calendar-user-address-set";
        has(&ben, &found, needed).await;

        let notes = format!("/dav/notifications/{}/", ben.address);
        let wanted = "D:getetag D:resourcetype S:notificationtype";
        let told = ask(&ben, &notes, "1", apple(wanted)).await;
        assert_eq!(told.responses().len(), 3, "a calendar and contacts were shared");
        for response in told.responses().iter().skip(1) {
            has(&ben, response, "D:getetag S:notificationtype").await;
        }
    });
}

#[test]
fn ios_finds_one_home_with_all_calendars_and_who_shares_them() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let wanted = "C:calendar-home-set C:calendar-user-address-set D:current-user-principal D:displayname \
             S:email-address-set D:principal-URL D:resource-id D:supported-report-set";
        let found = ask(&ben, &ben.principal(), "0", apple(wanted)).await.of(&ben.principal());
        is_complete(&found, wanted);
        assert_eq!(found.paths("calendar-home-set"), [ben.calendar("")]);
        let properties = "<A:principal-search-property-set xmlns:A=\"DAV:\"/>";
        assert_eq!(ben.send("REPORT", "/dav/principals/", &[("Depth", "0")], properties).await.status, 200);
        let home = ask(
            &ben,
            &ben.calendar(""),
            "1",
            apple("D:displayname D:owner D:resourcetype S:getctag D:sync-token"),
        )
        .await;
        let mount = home.of(&ben.mounted(&anna, world.folder(anna.id, Role::Calendar).await, ""));
        assert_eq!(mount.text("displayname").as_deref(), Some("Calendar (Anna)"));
        let sharer = mount.paths("owner");
        let found =
            ask(&ben, &sharer[0], "0", apple("D:displayname S:email-address-set")).await.of(&sharer[0]);
        assert_eq!(found.text("displayname").as_deref(), Some("Anna"));
    });
}

#[test]
fn contacts_of_macos_and_ios_find_their_own_book_first() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let wanted = "R:addressbook-home-set R:directory-gateway D:displayname S:email-address-set \
             D:principal-collection-set D:principal-URL D:resource-id D:supported-report-set";
        let found = ask(&ben, &ben.principal(), "0", apple(wanted)).await.of(&ben.principal());
        is_complete(&found, wanted);
        has(&ben, &found, "R:addressbook-home-set D:displayname D:principal-URL").await;
        let book = "D:add-member M:bulk-requests D:current-user-privilege-set D:displayname R:max-image-size \
             R:max-resource-size S:me-card D:owner S:push-transports S:pushkey D:quota-available-bytes \
             D:quota-used-bytes D:resource-id D:resourcetype D:supported-report-set D:sync-token S:getctag";
        let home = ask(&ben, &ben.book(""), "1", apple(book)).await;
        for response in home.responses() {
            is_complete(&response, book);
        }
        let books: Vec<String> = home.hrefs();
        assert_eq!(books[1], ben.book("contacts/"), "macOS takes the first");
        let shared = format!("~{}.{}/", anna.id, world.folder(anna.id, Role::Contacts).await);
        assert_eq!(books[2], ben.book(&shared));
        for path in &books[1..] {
            let needed = "S:getctag D:sync-token D:displayname D:owner R:max-resource-size D:current-user-privilege-set";
            has(&ben, &home.of(path), needed).await;
            assert_eq!(home.of(path).names("resourcetype"), ["collection", "addressbook"]);
        }
    });
}

#[test]
fn thunderbird_takes_a_calendar_for_what_it_is() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let options = ben.send("OPTIONS", &ben.calendar("calendar/"), &[], "").await;
        assert!(options.header("dav").unwrap().contains("calendar-access"));
        let wanted = "D:resourcetype D:owner D:current-user-principal D:current-user-privilege-set D:supported-report-set \
             C:supported-calendar-component-set S:getctag";
        let mount = ben.mounted(&anna, world.folder(anna.id, Role::Calendar).await, "");
        for (path, owner) in [(ben.calendar("calendar/"), &ben), (mount.clone(), &anna)] {
            let found = ask(&ben, &path, "0", plain(wanted)).await.of(&path);
            is_complete(&found, wanted);
            has(&ben, &found, wanted).await;
            assert_eq!(found.paths("owner"), [owner.principal()]);
            assert!(found.names("current-user-privilege-set").contains(&"write".to_owned()));
            assert!(found.names("supported-report-set").contains(&"sync-collection".to_owned()));
        }
        // What may only be read must not look as if it could be written.
        world.share(&anna, Role::Calendar, &ben, Preset::Reader.rights()).await;
        let found = ask(&ben, &mount, "0", plain(wanted)).await.of(&mount);
        let held = found.names("current-user-privilege-set");
        for write in ["write", "write-properties", "write-content", "bind", "unbind", "all"] {
            assert!(!held.contains(&write.to_owned()), "{write}: {held:?}");
        }
        let sync = "<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><prop><getcontenttype/><getetag/>\
             </prop></sync-collection>";
        for depth in ["0", "1"] {
            let answer = ben.send("REPORT", &mount, &[("Depth", depth)], sync).await;
            assert_eq!(answer.hrefs(), [format!("{mount}x.ics")], "it sends both");
        }
    });
}

/// It follows what a principal is in and acts for, and the principal above a group of proxies.
#[test]
fn davx5_follows_groups_and_proxies_to_further_homes() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let (_, team) = world.group("team", &[&ben]).await;
        let wanted = "D:displayname C:calendar-home-set R:addressbook-home-set S:calendar-proxy-read-for \
             S:calendar-proxy-write-for D:group-membership D:resourcetype";
        let found = ask(&ben, &ben.principal(), "0", plain(wanted)).await.of(&ben.principal());
        is_complete(&found, wanted);
        let related: Vec<String> =
            ["calendar-proxy-read-for", "calendar-proxy-write-for", "group-membership"]
                .iter()
                .flat_map(|name| found.paths(name))
                .collect();
        let proxy = format!("{}calendar-proxy-write/", anna.principal());
        assert_eq!(related, [anna.principal(), format!("/dav/principals/{team}/"), proxy.clone()]);
        let mut homes = found.paths("calendar-home-set");
        for path in related {
            let found = ask(&ben, &path, "0", plain(wanted)).await.of(&path);
            is_complete(&found, wanted);
            homes.extend(found.paths("calendar-home-set"));
            if path == proxy {
                assert!(found.names("resourcetype").contains(&"calendar-proxy-write".to_owned()));
            }
        }
        assert_eq!(homes, [ben.calendar(""), anna.calendar("")]);
        let wanted = "D:resourcetype D:displayname D:owner D:current-user-privilege-set D:supported-report-set \
             A:calendar-color C:calendar-description C:calendar-timezone C:calendar-timezone-id \
             C:supported-calendar-component-set S:source R:addressbook-description R:supported-address-data \
             R:max-resource-size S:getctag D:sync-token P:transports P:topic";
        for home in homes {
            for response in ask(&ben, &home, "1", plain(wanted)).await.responses() {
                is_complete(&response, wanted);
                if response.names("resourcetype").contains(&"calendar".to_owned()) {
                    let needed = "D:displayname D:owner D:current-user-privilege-set D:supported-report-set \
                         C:supported-calendar-component-set S:getctag D:sync-token";
                    has(&ben, &response, needed).await;
                }
            }
        }
    });
}

#[test]
fn gnome_synchronises_and_edits_who_may_do_what() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let path = anna.calendar("calendar/");
        let wanted = "D:resourcetype D:displayname D:current-user-principal D:current-user-privilege-set \
             C:calendar-home-set R:addressbook-home-set S:getctag D:sync-token D:supported-report-set \
             C:supported-calendar-component-set A:calendar-color A:calendar-order";
        let found = ask(&anna, &path, "0", plain(wanted)).await.of(&path);
        is_complete(&found, wanted);
        assert!(found.text("sync-token").unwrap().contains([':', '/']), "else it is taken for a ctag");
        let editor = "D:acl D:acl-restrictions D:supported-privilege-set D:principal-collection-set D:owner";
        let found = ask(&anna, &path, "0", plain(editor)).await.of(&path);
        is_complete(&found, editor);
        has(&anna, &found, editor).await;
        // It writes what is neither protected nor inherited.
        let acl = found.property("acl").unwrap();
        let own = acl.children().filter(|ace| ace.child(dav::PROTECTED).is_none());
        let entries: String = own.map(Element::encode).collect();
        assert!(entries.contains(&ben.principal()), "{entries}");
        let before = world.granted(&anna, Role::Calendar).await;
        assert_eq!(anna.acl(&path, &entries).await.status, 200);
        assert_eq!(world.granted(&anna, Role::Calendar).await, before);
    });
}

#[test]
fn kde_finds_people_by_the_collections_of_principals() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let wanted = "D:current-user-principal D:principal-collection-set";
        let found = ask(&ben, "/dav/", "0", plain(wanted)).await.of("/dav/");
        has(&ben, &found, wanted).await;
        let people = found.paths("principal-collection-set");
        let search = "<principal-property-search xmlns='DAV:' test='anyof'><property-search><prop><displayname/></prop>\
             <match match-type='contains'>nn</match></property-search><prop><displayname/>\
             <calendar-home-set xmlns='urn:ietf:params:xml:ns:caldav'/></prop></principal-property-search>";
        let found = ben.send("REPORT", &people[0], &[("Depth", "0")], search).await.of(&anna.principal());
        has(&ben, &found, "D:displayname C:calendar-home-set").await;
        let wanted = "D:displayname D:resourcetype C:supported-calendar-component-set A:calendar-color \
             D:current-user-privilege-set S:getctag";
        for response in ask(&ben, &ben.calendar(""), "1", plain(wanted)).await.responses() {
            is_complete(&response, wanted);
            has(&ben, &response, "D:displayname D:resourcetype D:current-user-privilege-set").await;
        }
    });
}

#[test]
fn outlook_finds_calendars_books_and_delegates() {
    on_each_database(async |world| {
        let (anna, ben) = household(world).await;
        let options = anonymous(world, "OPTIONS", &ben.calendar(""), &[], "").await;
        let dav = options.header("dav").unwrap();
        for feature in ["calendar-access", "addressbook", "calendar-proxy"] {
            assert!(dav.split(", ").any(|one| one == feature), "{feature}: {dav}");
        }
        for path in [ben.calendar("calendar/"), ben.book("contacts/"), ben.principal()] {
            let options = anonymous(world, "OPTIONS", &path, &[], "").await;
            assert!(options.header("allow").unwrap().split(", ").any(|one| one == "REPORT"), "{path}");
        }
        let found =
            ask(&ben, &ben.principal(), "0", plain("S:calendar-proxy-read-for S:calendar-proxy-write-for"))
                .await;
        let owners = found.of(&ben.principal()).paths("calendar-proxy-write-for");
        assert_eq!(owners, [anna.principal()]);
        let home =
            ask(&ben, &owners[0], "0", plain("C:calendar-home-set D:displayname")).await.of(&owners[0]);
        let wanted = "D:resourcetype D:displayname A:calendar-color A:calendar-order D:resource-id \
             C:supported-calendar-component-set D:current-user-privilege-set";
        let home = home.paths("calendar-home-set").remove(0);
        let found = ask(&ben, &home, "1", plain(wanted)).await.of(&anna.calendar("calendar/"));
        is_complete(&found, wanted);
        has(&ben, &found, "D:resourcetype D:displayname D:resource-id D:current-user-privilege-set").await;
        // By the address of a guest.
        let search = format!(
            "<principal-property-search><property-search><prop><s:email-address-set/></prop><match>{}</match>\
             </property-search><prop><displayname/></prop></principal-property-search>",
            anna.address
        );
        assert_eq!(ben.report("/dav/principals/", &search).await.hrefs(), [anna.principal()]);
    });
}
