//! calendar-query, addressbook-query, multiget, and reports about people.

use crate::client::{Client, card, event, event_at, todo};
use crate::world::on_each_database;
use vocabulary::{Component, Role};

fn series(uid: &str) -> String {
    event_at(uid, "series", "20260105T090000Z").replace("SUMMARY", "RRULE:FREQ=WEEKLY\r\nSUMMARY")
}

async fn query(client: &Client<'_>, path: &str, filter: &str) -> Vec<String> {
    let body = format!(
        "<c:calendar-query><prop><getetag/></prop><c:filter><c:comp-filter name='VCALENDAR'>{filter}\
         </c:comp-filter></c:filter></c:calendar-query>"
    );
    let answer = client.report(path, &body).await;
    let names = answer.hrefs().into_iter().map(|href| href.rsplit_once('/').unwrap().1.to_owned());
    names.collect()
}

#[test]
fn a_calendar_gives_what_lies_in_the_range() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("any/");
        anna.send("MKCALENDAR", &path, &[], "").await;
        let all_day =
            event_at("3", "day", "x").replace("DTSTART:x\r\nDURATION:PT1H", "DTSTART;VALUE=DATE:20261124");
        let done = todo("5").replace("SUMMARY", "STATUS:COMPLETED\r\nDUE:20261124T100000Z\r\nSUMMARY");
        for (name, body) in [
            ("one.ics", event("1", "meeting")),
            ("series.ics", series("2")),
            ("day.ics", all_day),
            ("todo.ics", todo("4")),
            ("done.ics", done),
        ] {
            assert_eq!(anna.put(&format!("{path}{name}"), body).await.status, 201, "{name}");
        }
        let between = |component: &str, start: &str, end: &str| {
            format!(
                "<c:comp-filter name='{component}'><c:time-range start='{start}' end='{end}'/></c:comp-filter>"
            )
        };
        let of = |filter: String| {
            let (anna, path) = (&anna, &path);
            async move { query(anna, path, &filter).await }
        };
        assert_eq!(
            of(between("VEVENT", "20261123T000000Z", "20261124T000000Z")).await,
            ["one.ics", "series.ics"]
        );
        assert_eq!(of(between("VEVENT", "20261124T000000Z", "20261125T000000Z")).await, ["day.ics"]);
        assert_eq!(of(between("VEVENT", "24000103T000000Z", "24000104T000000Z")).await, ["series.ics"]);
        assert_eq!(of(between("VEVENT", "20200101T000000Z", "20260105T090000Z")).await, [] as [&str; 0]);
        assert_eq!(
            of(between("VTODO", "20261124T000000Z", "20261125T000000Z")).await,
            ["todo.ics", "done.ics"]
        );
        assert_eq!(of(between("VTODO", "20261125T000000Z", "20261126T000000Z")).await, ["todo.ics"]);
        let open = "<c:comp-filter name='VEVENT'><c:time-range start='20261124T000000Z'/></c:comp-filter>";
        assert_eq!(of(open.to_owned()).await, ["series.ics", "day.ics"]);
        assert_eq!(of("<c:comp-filter name='VTODO'/>".to_owned()).await, ["todo.ics", "done.ics"]);
        assert_eq!(of(String::new()).await.len(), 5);
        let not_done = "<c:comp-filter name='VTODO'><c:prop-filter name='STATUS'><c:is-not-defined/></c:prop-filter>\
             </c:comp-filter>";
        assert_eq!(of(not_done.to_owned()).await, ["todo.ics"]);
        let text = "<c:comp-filter name='VEVENT'><c:prop-filter name='SUMMARY'><c:text-match>MEET</c:text-match>\
             </c:prop-filter></c:comp-filter>";
        assert_eq!(of(text.to_owned()).await, ["one.ics"]);
    });
}

// RFC 4791 section 9.7.
#[test]
fn a_search_finds_objects_with_and_without_an_index() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let exception = "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20261101T000000Z\r\n\
             RECURRENCE-ID:20260112T090000Z\r\nDTSTART:20260112T100000Z\r\nSUMMARY:Ausflug\r\nSTATUS:TENTATIVE\r\n\
             END:VEVENT\r\nEND:VCALENDAR";
        let changed = series("2").replace("END:VEVENT\r\nEND:VCALENDAR", exception);
        let long =
            event("3", "Ausflug").replace("DTSTART", &format!("LOCATION:{}\r\nDTSTART", "x".repeat(5_000)));
        for (name, body) in
            [("plain.ics", event("1", "Planung")), ("series.ics", changed), ("long.ics", long)]
        {
            assert_eq!(anna.put(&format!("{path}{name}"), body).await.status, 201, "{name}");
        }
        let put = async |name, text| {
            world.put_without_index(&anna, Role::Calendar, Component::Event, name, text).await
        };
        put("old.ics", event("4", "Ausflug")).await;
        put("odd.ics", "no object".to_owned()).await;
        let event = |inner: &str| format!("<c:comp-filter name='VEVENT'>{inner}</c:comp-filter>");
        let text = |name: &str, text: &str| {
            format!("<c:prop-filter name='{name}'><c:text-match>{text}</c:text-match></c:prop-filter>")
        };
        let of = async |filter: String| query(&anna, &path, &filter).await;
        assert_eq!(of(event(&text("SUMMARY", "ausflug"))).await, ["series.ics", "long.ics", "old.ics"]);
        assert_eq!(of(event(&text("LOCATION", "xxx"))).await, ["long.ics"]);
        assert_eq!(of(event(&text("UID", "4"))).await, ["old.ics"]);
        let both = format!("{}{}", text("SUMMARY", "ausflug"), text("STATUS", "tentative"));
        assert_eq!(of(event(&both)).await, ["series.ics"]);
        let both = format!("{}{}", text("SUMMARY", "series"), text("STATUS", "tentative"));
        assert_eq!(of(event(&both)).await, [""; 0], "of one and the same component");
        let absent = event("<c:prop-filter name='STATUS'><c:is-not-defined/></c:prop-filter>");
        assert_eq!(of(absent).await, ["plain.ics", "series.ics", "long.ics", "old.ics"]);
        // Times are asked of the objects.
        let range = "<c:time-range start='20260112T000000Z' end='20260113T000000Z'/>";
        assert_eq!(of(event(&format!("{range}{}", text("SUMMARY", "ausflug")))).await, ["series.ics"]);
        // A kind is looked for among its own.
        let any = anna.calendar("any/");
        anna.send("MKCALENDAR", &any, &[], "").await;
        anna.put(&format!("{any}todo.ics"), todo("t")).await;
        anna.put(&format!("{any}event.ics"), crate::client::event("e", "Ausflug")).await;
        let open = "<c:comp-filter name='VTODO'><c:prop-filter name='COMPLETED'><c:is-not-defined/></c:prop-filter>\
             </c:comp-filter>";
        assert_eq!(query(&anna, &any, open).await, ["todo.ics"]);
        // However many conditions there are, and whoever answers them.
        for conditions in [16, 17] {
            let many = text("SUMMARY", "ausflug").repeat(conditions);
            assert_eq!(of(event(&many)).await, ["series.ics", "long.ics", "old.ics"], "{conditions}");
        }
        // RFC 7809 section 3.1.6, also where no zone is needed.
        let nowhere = format!(
            "<c:calendar-query><prop><getetag/></prop><c:filter><c:comp-filter name='VCALENDAR'>{}</c:comp-filter>\
             </c:filter><c:timezone-id>Nowhere</c:timezone-id></c:calendar-query>",
            event(&text("SUMMARY", "ausflug"))
        );
        assert_eq!(anna.report(&path, &nowhere).await.status, 403);
        // What changes is found by what it says now.
        anna.put(&format!("{path}plain.ics"), crate::client::event("1", "Ausflug ans Meer")).await;
        assert_eq!(of(event(&text("SUMMARY", "planung"))).await, [""; 0]);
        assert_eq!(of(event(&text("SUMMARY", "meer"))).await, ["plain.ics"]);
    });
}

#[test]
fn the_zone_of_the_request_places_whole_days() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let body =
            event_at("1", "day", "x").replace("DTSTART:x\r\nDURATION:PT1H", "DTSTART;VALUE=DATE:20261124");
        anna.put(&format!("{path}day.ics"), body).await;
        let ask = |zone: &'static str| {
            let (anna, path) = (&anna, &path);
            async move {
                // 23 November, 23:10 to 23:20 UTC: in Berlin it is the 24th.
                let body = format!(
                    "<c:calendar-query><prop><getetag/></prop><c:filter><c:comp-filter name='VCALENDAR'>\
                     <c:comp-filter name='VEVENT'><c:time-range start='20261123T231000Z' end='20261123T232000Z'/>\
                     </c:comp-filter></c:comp-filter></c:filter>{zone}</c:calendar-query>"
                );
                anna.report(path, &body).await.responses().len()
            }
        };
        assert_eq!(ask("").await, 0);
        assert_eq!(ask("<c:timezone-id>Europe/Berlin</c:timezone-id>").await, 1);
        let definition = "<c:timezone>BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Europe/Berlin\nEND:VTIMEZONE\n\
             END:VCALENDAR</c:timezone>";
        assert_eq!(ask(definition).await, 1);
        anna.proppatch(
            &path,
            &format!("<set><prop>{}</prop></set>", definition.replace("c:timezone", "c:calendar-timezone")),
        )
        .await;
        assert_eq!(ask("").await, 1, "that of the collection");
    });
}

#[test]
fn bodies_come_as_they_are_or_as_they_are_wanted() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let (one, two) = (format!("{path}one.ics"), format!("{path}two.ics"));
        anna.put(&one, event("1", "a<b>&c")).await;
        anna.put(&two, series("2")).await;
        let gone = format!("{path}gone.ics");
        let body = format!(
            "<c:calendar-multiget><prop><getetag/><c:calendar-data/></prop><href>{two}</href><href>{gone}</href>\
             <href>http://dav.blumen.test{}</href><href>{path}</href><href>nonsense</href></c:calendar-multiget>",
            one.replace('@', "%40")
        );
        let answer = anna.report(&path, &body).await;
        assert_eq!(answer.hrefs(), [&two, &gone, &one, &path, "nonsense"].map(|href| href.to_owned()));
        assert_eq!(answer.of(&one).text("calendar-data").unwrap(), event("1", "a<b>&c"));
        assert_eq!(answer.of(&one).text("getetag"), anna.etag(&one).await);
        for href in [gone.as_str(), path.as_str(), "nonsense"] {
            assert_eq!(answer.of(href).status(), Some(404), "{href}");
        }
        let expand = format!(
            "<c:calendar-multiget><prop><c:calendar-data><c:expand start='20261123T000000Z' end='20261201T000000Z'/>\
             </c:calendar-data></prop><href>{two}</href></c:calendar-multiget>"
        );
        let expanded = anna.report(&path, &expand).await.of(&two).text("calendar-data").unwrap();
        assert_eq!(expanded.matches("BEGIN:VEVENT").count(), 2, "{expanded}");
        assert!(!expanded.contains("RRULE"));
    });
}

#[test]
fn an_address_book_is_searched() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/");
        for name in ["Anton", "Berta", "Bernd"] {
            anna.put(&format!("{path}{name}.vcf"), card(name, name)).await;
        }
        let search = |filter: &'static str, more: &'static str| {
            let (anna, path) = (&anna, &path);
            async move {
                let body = format!(
                    "<r:addressbook-query><prop><getetag/><r:address-data><r:prop name='FN'/></r:address-data></prop>\
                     <r:filter>{filter}</r:filter>{more}</r:addressbook-query>"
                );
                anna.report(path, &body).await
            }
        };
        let starts = "<r:prop-filter name='FN'><r:text-match match-type='starts-with'>be</r:text-match></r:prop-filter>";
        let found = search(starts, "").await;
        assert_eq!(found.hrefs(), [format!("{path}Berta.vcf"), format!("{path}Bernd.vcf")]);
        let data = found.of(&format!("{path}Berta.vcf")).text("address-data").unwrap();
        assert!(
            data.contains("FN:Berta") && data.contains("VERSION:3.0") && !data.contains("X-ABLABEL"),
            "{data}"
        );
        assert_eq!(search("", "").await.responses().len(), 3);
        // RFC 6352 section 8.6.2.
        let limited = search(starts, "<r:limit><r:nresults>1</r:nresults></r:limit>").await;
        assert_eq!(limited.hrefs(), [format!("{path}Berta.vcf"), path.clone()]);
        assert_eq!(limited.of(&path).status(), Some(507));
        let exact = search(starts, "<r:limit><r:nresults>2</r:nresults></r:limit>").await;
        assert_eq!(exact.responses().len(), 2, "nothing was left out");
        let multiget = format!(
            "<r:addressbook-multiget><prop><r:address-data/></prop><href>{path}Anton.vcf</href></r:addressbook-multiget>"
        );
        let data = anna.report(&path, &multiget).await.of(&format!("{path}Anton.vcf")).text("address-data");
        assert_eq!(data.unwrap(), card("Anton", "Anton"));
    });
}

#[test]
fn a_report_is_answered_where_it_is_said_to_be() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        for (path, report) in [
            (anna.calendar("calendar/"), "<r:addressbook-multiget></r:addressbook-multiget>"),
            (anna.book("contacts/"), "<c:calendar-multiget></c:calendar-multiget>"),
            (anna.principal(), "<sync-collection><sync-token/></sync-collection>"),
            (anna.calendar("calendar/"), "<x:planning></x:planning>"),
            (
                anna.calendar("calendar/"),
                "<s:calendarserver-principal-search><s:search-token>a</s:search-token></s:calendarserver-principal-search>",
            ),
        ] {
            let answer = anna.report(&path, report).await;
            assert_eq!(answer.refusal(), (403, "supported-report".into()), "{report} on {path}");
        }
        let unknown = "<c:calendar-query><prop/><c:filter><c:comp-filter name='VCALENDAR'><x:new/></c:comp-filter>\
             </c:filter></c:calendar-query>";
        let answer = anna.report(&anna.calendar("calendar/"), unknown).await;
        assert_eq!(answer.refusal(), (403, "supported-filter".into()));
        let collation = "<c:calendar-query><prop/><c:filter><c:comp-filter name='VCALENDAR'>\
             <c:prop-filter name='X'><c:text-match collation='i;klingon'>a</c:text-match></c:prop-filter>\
             </c:comp-filter></c:filter></c:calendar-query>";
        let answer = anna.report(&anna.calendar("calendar/"), collation).await;
        assert_eq!(answer.refusal(), (403, "supported-collation".into()));
    });
}

#[test]
fn people_are_found_within_their_domain() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let search = |property: &str, text: &str| {
            format!(
                "<principal-property-search><property-search><prop>{property}</prop><match>{text}</match>\
                 </property-search><prop><displayname/></prop></principal-property-search>"
            )
        };
        let found = anna.report("/dav/principals/", &search("<displayname/>", "BE")).await;
        assert_eq!(found.hrefs(), [ben.principal()]);
        let all = anna.report("/dav/principals/", &search("<s:email-address-set/>", "@")).await;
        assert_eq!(all.hrefs(), [anna.principal(), ben.principal(), people.cara.principal()]);
        let none = anna.report("/dav/principals/", &search("<displayname/>", "Dora")).await;
        assert_eq!(none.responses().len(), 0);
        assert_eq!(anna.propfind(&people.dora.principal(), "0", "<displayname/>").await.status, 404);
        assert_eq!(anna.propfind(&ben.principal(), "0", "<displayname/>").await.status, 207);
        // The property says so of the collections of homes too.
        for path in ["/dav/", "/dav/calendars/", "/dav/addressbooks/"] {
            let reports = anna.propfind(path, "0", "<supported-report-set/>").await.of(path);
            assert!(reports.names("supported-report-set").contains(&"principal-property-search".to_owned()));
            assert_eq!(anna.report(path, &search("<displayname/>", "BE")).await.hrefs(), [ben.principal()]);
        }
        let own = "<principal-match><self/><prop><displayname/></prop></principal-match>";
        assert_eq!(anna.report("/dav/principals/", own).await.hrefs(), [anna.principal()]);
        let tokens = "<s:calendarserver-principal-search><s:search-token>be</s:search-token><prop><displayname/></prop>\
             </s:calendarserver-principal-search>";
        assert_eq!(anna.report("/dav/principals/", tokens).await.hrefs(), [ben.principal()]);
    });
}

#[test]
fn paths_are_replaced_by_what_they_lead_to() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let body = "<expand-property><property name='owner'><property name='displayname'/>\
             <property name='calendar-home-set' namespace='urn:ietf:params:xml:ns:caldav'/></property>\
             <property name='nothing'/></expand-property>";
        let path = anna.calendar("calendar/");
        let answer = anna.report(&path, body).await.of(&path);
        let owner = answer.property("owner").unwrap();
        let names = answer.names("owner");
        assert!(names.contains(&"displayname".to_owned()) && names.contains(&"calendar-home-set".to_owned()));
        assert_eq!(owner.children().next().unwrap().children().next().unwrap().text(), anna.principal());
        assert_eq!(answer.code_of("nothing"), Some(404));
    });
}

#[test]
fn a_multiget_answers_once_for_each_resource() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let (one, gone) = (format!("{path}one.ics"), format!("{path}gone.ics"));
        anna.put(&one, event("1", "a")).await;
        let encoded = one.replace('@', "%40");
        let hrefs: String =
            [&one, &gone, &encoded, &one, &gone].iter().map(|href| format!("<href>{href}</href>")).collect();
        let body =
            format!("<c:calendar-multiget><prop><c:calendar-data/></prop>{hrefs}</c:calendar-multiget>");
        let answer = anna.report(&path, &body).await;
        assert_eq!(answer.hrefs(), [one.clone(), gone.clone()]);
        assert_eq!(answer.of(&one).text("calendar-data").unwrap(), event("1", "a"));
        assert_eq!(answer.of(&gone).status(), Some(404));
    });
}

// RFC 6352 section 10.4.
#[test]
fn a_form_that_is_not_given_is_refused_and_another_is_named() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (calendar, book) = (anna.calendar("calendar/"), anna.book("contacts/"));
        for form in ["content-type='text/plain'", "version='3.0'", "content-type='application/vcard+json'"] {
            let body =
                format!("<c:calendar-multiget><prop><c:calendar-data {form}/></prop></c:calendar-multiget>");
            let answer = anna.report(&calendar, &body).await;
            assert_eq!(answer.refusal(), (403, "supported-calendar-data".into()), "{form}");
        }
        let (three, four) = (format!("{book}three.vcf"), format!("{book}four.vcf"));
        anna.put(&three, card("3", "A")).await;
        let put = anna.put(&four, card("4", "A").replace("VERSION:3.0", "VERSION:4.0")).await;
        assert_eq!(put.status, 201, "{put:?}");
        let ask = async |path: &str, form: &str| {
            let body = format!(
                "<r:addressbook-multiget><prop><r:address-data {form}/></prop><href>{path}</href>\
                 </r:addressbook-multiget>"
            );
            anna.report(&book, &body).await
        };
        for form in ["version='5.0'", "content-type='text/calendar'"] {
            assert_eq!(ask(&three, form).await.refusal(), (403, "supported-address-data".into()), "{form}");
        }
        for (path, form, version) in [
            (&three, "", None),
            (&three, "version='4.0'", Some("4.0")),
            (&four, "", Some("4.0")),
            (&four, "version='3.0'", Some("3.0")),
        ] {
            let answer = ask(path, form).await;
            assert!(answer.of(path).text("address-data").unwrap().contains("FN:A"));
            // The first version is that of the XML.
            let named = answer.body.split(" version=\"").nth(2).and_then(|rest| rest.split('"').next());
            assert_eq!(named, version, "{path} {form}");
        }
    });
}
