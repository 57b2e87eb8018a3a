//! Time zones by name and by definition: RFC 7808, RFC 7809.

use crate::client::{anonymous, event_at};
use crate::world::on_each_database;

const BERLIN: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n\
     TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

#[test]
fn definitions_are_left_out_or_added_only_on_request() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let named =
            event_at("1", "x", "y").replace("DTSTART:y", "DTSTART;TZID=Europe/Berlin:20261123T090000");
        let defined =
            named.replace("UID:1", "UID:2").replacen("BEGIN:VEVENT", &format!("{BERLIN}BEGIN:VEVENT"), 1);
        let own = defined.replace("UID:2", "UID:3").replace("Europe/Berlin", "Our village");
        for (name, body) in [("named.ics", &named), ("defined.ics", &defined), ("own.ics", &own)] {
            let item = format!("{path}{name}");
            assert_eq!(anna.put(&item, body.as_str()).await.status, 201, "{name}");
            let tag = anna.etag(&item).await;
            for (wish, has) in [(None, *body != named), (Some("T"), true), (Some("F"), name == "own.ics")] {
                let headers: Vec<_> = wish.map(|wish| ("CalDAV-Timezones", wish)).into_iter().collect();
                let got = anna.send("GET", &item, &headers, "").await;
                assert_eq!(got.body.contains("BEGIN:VTIMEZONE"), has, "{name} {wish:?}");
                assert!(got.body.contains("X-OWN;X-P=1:kept\r\n  as it is\r\n"), "all else stays");
                if wish.is_none() {
                    assert_eq!(got.body, *body);
                }
                assert_eq!(got.header("etag"), tag);
                assert!(got.header("vary").unwrap().contains("CalDAV-Timezones"), "{got:?}");
                let report = format!(
                    "<c:calendar-multiget xmlns='DAV:' xmlns:c='urn:ietf:params:xml:ns:caldav'><prop>\
                     <c:calendar-data/></prop><href>{item}</href></c:calendar-multiget>"
                );
                let told = anna.send("REPORT", &path, &headers, report).await;
                let data = told.of(&item).text("calendar-data").unwrap();
                assert_eq!(data.contains("BEGIN:VTIMEZONE"), has, "{name} {wish:?}");
            }
        }
        let dav = anonymous(world, "OPTIONS", &path, &[], "").await.header("dav").unwrap();
        assert!(dav.contains("calendar-no-timezone"));
    });
}

#[test]
fn the_name_and_the_definition_of_a_calendars_zone_agree() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let set = |properties: String| {
            let (anna, path) = (&anna, &path);
            async move {
                let answer = anna.proppatch(path, &format!("<set><prop>{properties}</prop></set>")).await;
                answer.of(path).properties()[0].0
            }
        };
        let told = || async {
            let answer = anna.propfind(&path, "0", "<c:calendar-timezone/><c:calendar-timezone-id/>").await;
            let found = answer.of(&path);
            (found.text("calendar-timezone"), found.text("calendar-timezone-id"))
        };
        let named = |name: &str| format!("<c:calendar-timezone-id>{name}</c:calendar-timezone-id>");
        let defined = |zone: &str| {
            format!("<c:calendar-timezone>BEGIN:VCALENDAR\n{zone}END:VCALENDAR\n</c:calendar-timezone>")
        };
        assert_eq!(told().await, (None, None));
        assert_eq!(set(named("Nowhere/Land")).await, 403);
        assert_eq!(set("<c:calendar-timezone>x</c:calendar-timezone>".to_owned()).await, 403);
        assert_eq!(set(named("America/New_York")).await, 200);
        let (definition, name) = told().await;
        assert!(definition.unwrap().contains("TZID:America/New_York"));
        assert_eq!(name.as_deref(), Some("America/New_York"));
        // What is set later counts, and keeps its bytes.
        assert_eq!(set(defined(BERLIN)).await, 200);
        let (definition, name) = told().await;
        assert!(definition.unwrap().contains("DTSTART:19701025T030000"));
        assert_eq!(name.as_deref(), Some("Europe/Berlin"));
        assert_eq!(set(named("Europe/Berlin")).await, 200);
        assert!(told().await.0.unwrap().contains("DTSTART:19701025T030000"), "they agree: both stay");
        anna.proppatch(&path, "<remove><prop><c:calendar-timezone-id/></prop></remove>").await;
        assert_eq!(told().await, (None, None));
        // A query may bring its own; one that means nothing is refused by name.
        for (zone, why) in [
            ("<c:timezone-id>Nowhere/Land</c:timezone-id>", "valid-timezone"),
            ("<c:timezone>BEGIN:VCALENDAR\nEND:VCALENDAR</c:timezone>", "valid-calendar-data"),
        ] {
            let body = format!(
                "<c:calendar-query><prop><getetag/></prop><c:filter><c:comp-filter name='VCALENDAR'>\
                 <c:comp-filter name='VEVENT'><c:time-range start='20261123T231000Z'/></c:comp-filter>\
                 </c:comp-filter></c:filter>{zone}</c:calendar-query>"
            );
            assert_eq!(anna.report(&path, &body).await.refusal(), (403, why.into()));
        }
    });
}

#[test]
fn everybody_may_ask_the_service() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let get = |path: &'static str| async move {
            let answer = anonymous(world, "GET", path, &[], "").await;
            let json = serde_json::from_str::<serde_json::Value>(&answer.body).unwrap_or_default();
            (answer, json)
        };
        let (moved, _) = get("/.well-known/timezone").await;
        let there = moved.header("location").unwrap();
        assert_eq!((moved.status, there.as_str()), (301, "/dav/timezones"));
        for path in [anna.calendar(""), anna.calendar("calendar/")] {
            let set = anna.propfind(&path, "0", "<c:timezone-service-set/>").await;
            assert_eq!(set.of(&path).paths("timezone-service-set"), [there.as_str()]);
        }

        let (answer, capabilities) = get("/dav/timezones/capabilities").await;
        assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
        let actions = capabilities["actions"].as_array().unwrap();
        let names: Vec<_> = actions.iter().map(|action| action["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["capabilities", "list", "get", "expand", "find"]);
        let (_, all) = get("/dav/timezones/zones").await;
        let all = all["timezones"].as_array().unwrap();
        assert!(all.len() > 400 && all.iter().any(|zone| zone["tzid"] == "Europe/Berlin"));
        let (_, found) = get("/dav/timezones/zones?pattern=*new_yo*").await;
        assert_eq!(found["timezones"][0]["tzid"], "America/New_York");

        let (zone, _) = get("/dav/timezones/zones/Europe%2FBerlin").await;
        assert!(zone.header("content-type").unwrap().starts_with("text/calendar"));
        assert!(zone.body.contains("TZID:Europe/Berlin\r\n"), "{zone:?}");
        let changes = "/dav/timezones/zones/Europe%2FBerlin/observances?start=2026-01-01T00:00:00Z&end=2027-01-01T00:00:00Z";
        let (_, changes) = get(changes).await;
        let shown: Vec<_> = changes["observances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                (
                    one["name"].as_str().unwrap(),
                    one["onset"].as_str().unwrap(),
                    one["utc-offset-to"].as_i64().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("CET", "2026-01-01T00:00:00Z", 3_600),
                ("CEST", "2026-03-29T01:00:00Z", 7_200),
                ("CET", "2026-10-25T01:00:00Z", 3_600),
            ]
        );
        for (path, status, error) in [
            ("/dav/timezones/x", 400, "invalid-action"),
            ("/dav/timezones/zones/Nowhere", 404, "tzid-not-found"),
            ("/dav/timezones/zones?changedsince=x", 400, "invalid-changedsince"),
            ("/dav/timezones/zones?pattern=**", 400, "invalid-pattern"),
            ("/dav/timezones/zones/UTC/observances?end=2027-01-01T00:00:00Z", 400, "invalid-start"),
            (
                "/dav/timezones/zones/UTC/observances?start=2026-01-01T00:00:00Z&end=9999-01-01T00:00:00Z",
                400,
                "invalid-end",
            ),
        ] {
            let (answer, problem) = get(path).await;
            assert_eq!(answer.status, status, "{path}");
            assert_eq!(problem["type"], format!("urn:ietf:params:tzdist:error:{error}"));
        }
    });
}
