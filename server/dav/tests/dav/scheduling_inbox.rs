//! Inbox and outbox as resources: RFC 6638 sections 2, 4.3, 6 and 9.2.

use crate::client::{NAMESPACES, anonymous};
use crate::meeting::{event, meeting};
use crate::world::on_each_database;

/// RFC 6638 sections 2.1, 2.2 and 2.4.
#[test]
fn a_principal_leads_to_inbox_and_outbox() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let options = anonymous(world, "OPTIONS", "/dav/", &[], "").await;
        assert!(options.header("dav").unwrap().contains("calendar-auto-schedule"));
        let properties = "<c:schedule-inbox-URL/><c:schedule-outbox-URL/><c:calendar-user-type/>\
                          <c:calendar-user-address-set/>";
        let found = anna.propfind(&anna.principal(), "0", properties).await.responses().remove(0);
        let (inbox, outbox) = (anna.scheduling("inbox/"), anna.scheduling("outbox/"));
        assert_eq!(found.paths("schedule-inbox-URL"), std::slice::from_ref(&inbox));
        assert_eq!(found.paths("schedule-outbox-URL"), std::slice::from_ref(&outbox));
        assert_eq!(found.text("calendar-user-type").as_deref(), Some("INDIVIDUAL"));
        assert_eq!(found.paths("calendar-user-address-set")[0], format!("mailto:{}", anna.address));

        let asked = "<resourcetype/><current-user-privilege-set/><owner/><supported-report-set/>";
        let both = anna.propfind(&anna.scheduling(""), "1", asked).await;
        assert_eq!(both.hrefs(), [anna.scheduling(""), outbox.clone(), inbox.clone()]);
        assert_eq!(both.of(&inbox).names("resourcetype"), ["collection", "schedule-inbox"]);
        assert_eq!(both.of(&outbox).names("resourcetype"), ["collection", "schedule-outbox"]);
        let held = both.of(&inbox).names("current-user-privilege-set");
        assert!(
            held.contains(&"schedule-deliver".to_owned()) && held.contains(&"unbind".to_owned()),
            "{held:?}"
        );
        let held = both.of(&outbox).names("current-user-privilege-set");
        assert!(held.contains(&"schedule-send-freebusy".to_owned()), "{held:?}");
        assert_eq!(both.of(&outbox).paths("owner"), [anna.principal()]);
        for path in [inbox, outbox] {
            assert_eq!(ben.propfind(&path, "0", asked).await.status, 404);
        }
    });
}

/// RFC 6638 section 2.2.
#[test]
fn messages_are_read_and_taken_out_and_nothing_is_put_in() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let inbox = ben.scheduling("inbox/");
        let sync = |token: &str| {
            format!(
                "<sync-collection><sync-token>{token}</sync-token><sync-level>1</sync-level>\
                     <prop><getetag/></prop></sync-collection>"
            )
        };
        let start = ben.report(&inbox, &sync("")).await.sync_token();
        anna.put(&anna.calendar("calendar/m.ics"), meeting("m", anna, &[ben], "")).await;
        let news = ben.report(&inbox, &sync(&start)).await;
        let path = news.hrefs().remove(0);
        let message = ben.get(&path).await;
        assert_eq!(
            message.header("content-type").as_deref(),
            Some("text/calendar; charset=utf-8; component=vevent")
        );
        assert!(message.body.contains("METHOD:REQUEST"), "{}", message.body);
        let multiget = format!(
            "<c:calendar-multiget><prop><c:calendar-data/></prop><href>{path}</href></c:calendar-multiget>"
        );
        let data = ben.report(&inbox, &multiget).await.of(&path).text("calendar-data");
        assert_eq!(data.unwrap().replace('\r', ""), message.body.replace('\r', ""));
        let query = "<c:calendar-query><prop><getetag/></prop><c:filter><c:comp-filter name='VCALENDAR'>\
                     <c:comp-filter name='VEVENT'/></c:comp-filter></c:filter></c:calendar-query>";
        assert_eq!(ben.report(&inbox, query).await.hrefs(), std::slice::from_ref(&path));

        assert_eq!(ben.put(&path, event("m", "")).await.status, 405);
        assert_eq!(ben.put(&format!("{inbox}new.ics"), event("n", "")).await.status, 405);
        assert_eq!(ben.delete(&inbox).await.status, 403);
        let made = ben.send("MKCALENDAR", &ben.scheduling("second/"), &[], "").await;
        assert_eq!(made.refusal(), (403, "calendar-collection-location-ok".to_owned()));
        let target = ben.calendar("calendar/stolen.ics");
        assert_eq!(ben.send("MOVE", &path, &[("Destination", &target)], "").await.status, 403);
        assert_eq!(anna.get(&path).await.status, 404);

        let token = news.sync_token();
        assert_eq!(ben.delete(&path).await.status, 204);
        let gone = ben.report(&inbox, &sync(&token)).await;
        assert_eq!(gone.of(&path).status(), Some(404));
        assert_eq!(ben.copies().await.len(), 1, "the calendar is another thing");
    });
}

/// RFC 6638 sections 4.3, 4.3.1.1, 4.3.1.2 and 9.2.
#[test]
fn invitations_go_where_the_owner_wants_them() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (inbox, other) = (ben.scheduling("inbox/"), ben.calendar("other/"));
        ben.send("MKCALENDAR", &other, &[], "").await;
        let asked = "<c:schedule-default-calendar-URL/>";
        let default = async || {
            let found = ben.propfind(&inbox, "0", asked).await.responses().remove(0);
            found.paths("schedule-default-calendar-URL")
        };
        assert_eq!(default().await, [ben.calendar("calendar/")]);
        let set = |href: &str| {
            format!(
                "<set><prop><c:schedule-default-calendar-URL><href>{href}</href>\
                     </c:schedule-default-calendar-URL><x:y>z</x:y></prop></set>"
            )
        };
        for bad in [
            "/dav/calendars/nobody@x.test/c/",
            &anna.calendar("calendar/"),
            &ben.calendar("tasks/"),
            &inbox,
            "",
        ] {
            let refused = ben.proppatch(&inbox, &set(bad)).await.responses().remove(0);
            assert_eq!(refused.code_of("schedule-default-calendar-URL"), Some(403), "{bad}");
            assert_eq!(refused.code_of("y"), Some(424), "{bad}");
        }
        assert!(ben.proppatch(&inbox, &set("/x")).await.body.contains("valid-schedule-default-calendar-URL"));
        let done = ben.proppatch(&inbox, &set(&other)).await.responses().remove(0);
        assert_eq!(done.code_of("schedule-default-calendar-URL"), Some(200));
        assert_eq!(default().await, std::slice::from_ref(&other));
        assert_eq!(ben.propfind(&inbox, "0", "<x:y/>").await.text("y").as_deref(), Some("z"));

        anna.put(&anna.calendar("calendar/m.ics"), meeting("m", anna, &[ben], "")).await;
        assert_eq!(ben.propfind(&other, "1", "<getetag/>").await.hrefs().len(), 2);
        assert_eq!(ben.copies().await.len(), 0);
        let refused = ben.delete(&other).await;
        assert_eq!(refused.refusal(), (403, "default-calendar-needed".to_owned()));
        let unset = "<remove><prop><c:schedule-default-calendar-URL/></prop></remove>";
        assert_eq!(ben.proppatch(&inbox, unset).await.status, 207);
        assert_eq!(default().await, [ben.calendar("calendar/")]);
        assert_eq!(ben.delete(&other).await.status, 204);
        assert_eq!(anna.told().await, ["REPLY"], "with the calendar the meeting is declined");
        let first = ben.delete(&ben.calendar("calendar/")).await;
        assert_eq!(first.refusal(), (403, "default-calendar-needed".to_owned()));
    });
}

/// RFC 6638 sections 6.1 and 6.2; RFC 3744 section 5.3.
#[test]
fn scheduling_privileges_are_part_of_all() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let body = format!("<propfind {NAMESPACES}><prop><supported-privilege-set/></prop></propfind>");
        let found = anna.send("PROPFIND", &anna.scheduling("inbox/"), &[("Depth", "0")], body).await;
        let names = found.responses().remove(0).names("supported-privilege-set");
        for privilege in [
            "schedule-deliver",
            "schedule-deliver-invite",
            "schedule-deliver-reply",
            "schedule-query-freebusy",
            "schedule-send",
            "schedule-send-invite",
            "schedule-send-reply",
            "schedule-send-freebusy",
        ] {
            assert!(names.contains(&privilege.to_owned()), "{privilege} is not in {names:?}");
        }
    });
}
