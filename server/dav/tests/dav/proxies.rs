//! Delegation comes out three ways at once: as groups of proxies (macOS), as further homes by group-membership and
//! proxy-for (DAVx5, Thunderbird), and as mounts in one's own home (iOS).

use crate::client::{Client, event, todo};
use crate::meeting::meeting;
use crate::world::{World, on_each_database};
use storage::{Grantee, Permission};
use vocabulary::{Preset, Rights, Role};

const READ: &str = "calendar-proxy-read/";
const WRITE: &str = "calendar-proxy-write/";

fn group(of: &Client<'_>, name: &str) -> String {
    of.principal() + name
}

async fn members(who: &Client<'_>, of: &Client<'_>, name: &str) -> Vec<String> {
    let path = group(of, name);
    who.propfind(&path, "0", "<group-member-set/>").await.of(&path).paths("group-member-set")
}

/// PROPPATCH as macOS sends it; the code of the property.
async fn set(who: &Client<'_>, of: &Client<'_>, name: &str, members: &[String]) -> Option<u16> {
    let hrefs: String = members.iter().map(|member| format!("<href>{member}</href>")).collect();
    let path = group(of, name);
    let change = format!("<set><prop><group-member-set>{hrefs}</group-member-set></prop></set>");
    who.proppatch(&path, &change).await.of(&path).code_of("group-member-set")
}

async fn granted(world: &World, owner: &Client<'_>, role: Role) -> Vec<(Grantee, Rights)> {
    let granted = world.granted(owner, role).await;
    granted.into_iter().map(|Permission { grantee, rights }| (grantee, rights)).collect()
}

/// What follows from a principal: its own properties.
async fn relations(who: &Client<'_>, of: &Client<'_>) -> [Vec<String>; 3] {
    let wanted = "<s:calendar-proxy-read-for/><s:calendar-proxy-write-for/><group-membership/>";
    let found = who.propfind(&of.principal(), "0", wanted).await.of(&of.principal());
    ["calendar-proxy-read-for", "calendar-proxy-write-for", "group-membership"].map(|name| found.paths(name))
}

#[test]
fn what_is_granted_at_any_door_comes_out_three_ways() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        assert_eq!(relations(ben, ben).await, [const { Vec::<String>::new() }; 3]);
        for (preset, of_read, of_write, name) in [
            (Preset::Reader, vec![anna.principal()], vec![], READ),
            (Preset::Author, vec![], vec![anna.principal()], WRITE),
            (Preset::Editor, vec![], vec![anna.principal()], WRITE),
        ] {
            world.share(anna, Role::Calendar, ben, preset.rights()).await;
            // The groups of the owner.
            assert_eq!(members(anna, anna, name).await, [ben.principal()], "{preset:?}");
            let other = if name == READ { WRITE } else { READ };
            assert_eq!(members(anna, anna, other).await, [] as [String; 0]);
            // What the delegate is in, and for whom.
            assert_eq!(relations(ben, ben).await, [of_read, of_write, vec![group(anna, name)]]);
            // The homes behind it hold what may be seen, and nothing else.
            let home = ben.propfind(&anna.principal(), "0", "<c:calendar-home-set/>").await;
            let home = home.of(&anna.principal()).paths("calendar-home-set");
            assert_eq!(home, [anna.calendar("")]);
            let seen = ben.propfind(&home[0], "1", "<resourcetype/>").await.hrefs();
            assert_eq!(seen, [anna.calendar(""), anna.calendar("calendar/")]);
            // And it is mounted in the delegate's own home, which is one.
            let own = ben.propfind(&ben.principal(), "0", "<c:calendar-home-set/>").await;
            let own = own.of(&ben.principal()).paths("calendar-home-set");
            assert_eq!(own, [ben.calendar("")], "iOS takes one only");
            let mount = ben.mounted(anna, world.folder(anna.id, Role::Calendar).await, "");
            assert!(ben.propfind(&own[0], "1", "<resourcetype/>").await.hrefs().contains(&mount));
        }
        // It is nobody else's business.
        assert_eq!(relations(cara, ben).await, [const { Vec::<String>::new() }; 3]);
        assert_eq!(members(cara, anna, WRITE).await, [] as [String; 0]);
        assert_eq!(members(ben, anna, WRITE).await, [ben.principal()], "but one's own");
        world.share(anna, Role::Calendar, ben, Rights::NONE).await;
        assert_eq!(relations(ben, ben).await, [const { Vec::<String>::new() }; 3]);
        assert_eq!(members(anna, anna, WRITE).await, [] as [String; 0]);
    });
}

#[test]
fn what_everybody_may_see_makes_nobody_a_proxy_and_a_group_does() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        world.grant(anna, Role::Calendar, Grantee::Anyone, Preset::Editor.rights()).await;
        assert_eq!(relations(ben, ben).await, [const { Vec::<String>::new() }; 3]);
        assert_eq!(members(anna, anna, WRITE).await, [] as [String; 0]);
        let (id, team) = world.group("team", &[ben]).await;
        world.grant(anna, Role::Tasks, Grantee::Group(id), Preset::Reader.rights()).await;
        let team = format!("/dav/principals/{team}/");
        assert_eq!(members(anna, anna, READ).await, std::slice::from_ref(&team));
        assert_eq!(
            relations(ben, ben).await,
            [vec![anna.principal()], vec![], vec![team, group(anna, READ)]]
        );
        world.share(anna, Role::Contacts, cara, Preset::Editor.rights()).await;
        assert_eq!(
            relations(cara, cara).await,
            [const { Vec::<String>::new() }; 3],
            "an address book is no calendar"
        );
    });
}

#[test]
fn who_is_put_into_a_group_may_use_all_calendars_and_who_is_taken_out_none() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let (reader, editor) = (Preset::Reader.rights(), Preset::Editor.rights());
        let (bens, caras) = (Grantee::Account(ben.id), Grantee::Account(cara.id));
        assert_eq!(set(anna, anna, WRITE, &[ben.principal()]).await, Some(200));
        for role in [Role::Calendar, Role::Tasks] {
            assert_eq!(granted(world, anna, role).await, [(bens, editor)], "{role:?}");
        }
        for role in [Role::Notes, Role::Contacts] {
            assert_eq!(granted(world, anna, role).await, [], "{role:?}");
        }
        assert_eq!(ben.put(&anna.calendar("calendar/x.ics"), event("x", "1")).await.status, 201);
        assert_eq!(ben.put(&anna.calendar("tasks/t.ics"), todo("t")).await.status, 201);

        // Whoever stays keeps what it has, were it less than all.
        world.share(anna, Role::Tasks, ben, Rights::NONE).await;
        let (id, team) = world.group("team", &[cara]).await;
        let team = format!("/dav/principals/{team}/");
        assert_eq!(set(anna, anna, WRITE, &[ben.principal(), team.clone()]).await, Some(200));
        assert_eq!(
            granted(world, anna, Role::Calendar).await,
            [(bens, editor), (Grantee::Group(id), editor)]
        );
        assert_eq!(granted(world, anna, Role::Tasks).await, [(Grantee::Group(id), editor)]);
        assert_eq!(members(anna, anna, WRITE).await, [ben.principal(), team]);

        // From one group into the other, in either order.
        assert_eq!(set(anna, anna, READ, &[ben.principal()]).await, Some(200));
        assert_eq!(set(anna, anna, WRITE, &[]).await, Some(200));
        for role in [Role::Calendar, Role::Tasks] {
            assert_eq!(granted(world, anna, role).await, [(bens, reader)], "{role:?}");
        }
        assert_eq!(set(anna, anna, READ, &[]).await, Some(200));
        assert_eq!(set(anna, anna, WRITE, &[cara.principal()]).await, Some(200));
        assert_eq!(granted(world, anna, Role::Calendar).await, [(caras, editor)]);
        let removed =
            anna.proppatch(&group(anna, WRITE), "<remove><prop><group-member-set/></prop></remove>").await;
        assert_eq!(removed.of(&group(anna, WRITE)).code_of("group-member-set"), Some(200));
        assert_eq!(granted(world, anna, Role::Calendar).await, []);
        assert_eq!(cara.propfind(&anna.calendar(""), "0", "<owner/>").await.status, 404);

        // An alias and a mail address name the same.
        assert_eq!(set(anna, anna, READ, &[format!("mailto:{}", ben.address)]).await, Some(200));
        assert_eq!(members(anna, anna, READ).await, [ben.principal()]);
    });
}

#[test]
fn only_the_principal_says_who_its_proxies_are() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara, dora) = (&people.anna, &people.ben, &people.cara, &people.dora);
        world.share(anna, Role::Calendar, ben, Preset::Owner.rights()).await;
        let path = group(anna, READ);
        let change = format!(
            "<set><prop><group-member-set><href>{}</href></group-member-set></prop></set>",
            cara.principal()
        );
        let answer = ben.proppatch(&path, &change).await;
        assert_eq!(answer.refusal(), (403, "need-privileges".into()));
        assert!(answer.body.contains("write-properties"), "{}", answer.body);
        assert_eq!(dora.proppatch(&path, &change).await.status, 404);
        assert_eq!(dora.propfind(&path, "0", "<displayname/>").await.status, 404);
        for (member, unmet) in [
            (dora.principal(), "recognized-principal"),
            ("/dav/principals/nobody@nowhere.test/".to_owned(), "recognized-principal"),
            ("urn:x".to_owned(), "recognized-principal"),
            (anna.principal(), "allowed-principal"),
            (group(anna, WRITE), "allowed-principal"),
        ] {
            let members = [cara.principal(), member];
            let hrefs: String = members.iter().map(|member| format!("<href>{member}</href>")).collect();
            let change = format!("<set><prop><group-member-set>{hrefs}</group-member-set></prop></set>");
            let answer = anna.proppatch(&path, &change).await;
            assert_eq!(answer.of(&path).code_of("group-member-set"), Some(403), "{members:?}");
            assert!(answer.body.contains(unmet), "{unmet}: {}", answer.body);
            assert_eq!(granted(world, anna, Role::Calendar).await.len(), 1, "nothing is changed");
        }
        let both = "<set><prop><group-member-set/><displayname>x</displayname></prop></set>";
        let answer = anna.proppatch(&path, both).await.of(&path);
        assert_eq!(
            (answer.code_of("displayname"), answer.code_of("group-member-set")),
            (Some(403), Some(424))
        );
    });
}

#[test]
fn the_groups_lie_below_their_principal_and_say_what_they_are() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        for who in [anna, ben] {
            let wanted = "<resourcetype/><displayname/><principal-URL/><owner/>";
            let answer = who.propfind(&anna.principal(), "1", wanted).await;
            assert_eq!(answer.hrefs(), [anna.principal(), group(anna, READ), group(anna, WRITE)]);
            for name in ["calendar-proxy-read", "calendar-proxy-write"] {
                let path = group(anna, &format!("{name}/"));
                let found = answer.of(&path);
                assert_eq!(found.names("resourcetype"), ["collection", "principal", name]);
                assert_eq!(found.text("displayname").as_deref(), Some(name));
                assert_eq!(found.paths("principal-URL"), std::slice::from_ref(&path));
                assert_eq!(found.paths("owner"), [anna.principal()]);
            }
        }
        let held = async |who: &Client<'_>| {
            let path = group(anna, READ);
            who.propfind(&path, "0", "<current-user-privilege-set/>")
                .await
                .of(&path)
                .names("current-user-privilege-set")
        };
        assert!(held(anna).await.contains(&"write-properties".to_owned()));
        assert!(!held(ben).await.contains(&"write-properties".to_owned()));
        for path in ["calendar-proxy/", "calendar-proxy-read/x/", "x/"] {
            assert_eq!(anna.propfind(&group(anna, path), "0", "<displayname/>").await.status, 404, "{path}");
        }
    });
}

/// RFC 6638 section 6.2: an assistant looks up when others are busy, and invites, in the name of the one assisted.
#[test]
fn whoever_may_write_for_somebody_has_the_outbox_too() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben, cara) = (&people.anna, &people.ben, &people.cara);
        let outbox = anna.scheduling("outbox/");
        let seen = async || ben.propfind(&outbox, "0", "<current-user-privilege-set/>").await;
        assert_eq!(seen().await.status, 404);
        assert_eq!(set(anna, anna, READ, &[ben.principal()]).await, Some(200));
        assert_eq!(seen().await.status, 404);
        assert_eq!(set(anna, anna, WRITE, &[ben.principal()]).await, Some(200));
        let held = seen().await.of(&outbox).names("current-user-privilege-set");
        assert!(held.contains(&"schedule-send-freebusy".to_owned()), "{held:?}");
        let asked = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:fb1\r\n\
             DTSTAMP:20261101T000000Z\r\nDTSTART:20261202T000000Z\r\nDTEND:20261203T000000Z\r\n\
             ORGANIZER:mailto:{}\r\nATTENDEE:mailto:{}\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n",
            anna.address, cara.address
        );
        let answer = ben.send("POST", &outbox, &[("Content-Type", "text/calendar")], asked).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body.contains(&format!("mailto:{}", cara.address)), "{answer:?}");
        let path = anna.calendar("calendar/m.ics");
        assert_eq!(ben.put(&path, meeting("m", anna, &[cara], "")).await.status, 201);
        assert_eq!(cara.told().await, ["REQUEST"]);
        assert_eq!(set(anna, anna, WRITE, &[]).await, Some(200));
        assert_eq!(seen().await.status, 404);
        // The groups and the outbox tell the same of whatever was granted at another door.
        for (preset, status) in [(Preset::Reader, 404), (Preset::Author, 207), (Preset::FreeBusy, 404)] {
            world.share(anna, Role::Calendar, ben, preset.rights()).await;
            assert_eq!(seen().await.status, status, "{preset:?}");
            let is_member = members(anna, anna, WRITE).await == [ben.principal()];
            assert_eq!(is_member, status == 207, "{preset:?}");
        }
    });
}
