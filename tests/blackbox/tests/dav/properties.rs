//! PROPFIND and PROPPATCH: RFC 4918 sections 9.1 and 9.2.

use std::collections::BTreeSet;

use blackbox::{Node, on_each_store, unique};

use super::{VEVENT, anna, hrefs, new_calendar, proppatch};

#[test]
fn the_home_lists_each_collection_with_what_apps_ask_for() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let homes = dav.homes();
        let names = [
            "D:resourcetype",
            "D:displayname",
            "D:owner",
            "D:current-user-privilege-set",
            "D:supported-report-set",
            "D:sync-token",
            "S:getctag",
        ];
        for (home, kind, reports) in [
            (&homes.calendars, "C:calendar", &["C:calendar-query", "C:calendar-multiget"]),
            (&homes.contacts, "A:addressbook", &["A:addressbook-query", "A:addressbook-multiget"]),
        ] {
            let all = dav.propfind(home, "1", &names);
            assert!(all.iter().any(|resource| resource.href == *home), "the home itself: {all:?}");
            let collections: Vec<_> =
                all.iter().filter(|one| one.found.has(&format!("D:resourcetype/{kind}"))).collect();
            assert!(!collections.is_empty(), "{home}: {all:#?}");
            for collection in collections {
                assert!(collection.href.ends_with('/'), "{collection:?}");
                assert!(collection.lacking.is_empty(), "{collection:#?}");
                assert!(collection.privileges().contains(&"D:read"), "{collection:#?}");
                let token = collection.found.get("D:sync-token").unwrap();
                assert!(token.contains(':'), "RFC 6578 section 4: a URI: {token}");
                let set = collection.found.at("D:supported-report-set").unwrap();
                for report in reports.iter().chain(&["D:sync-collection"]) {
                    let has = |one: &Node| one.has(&format!("D:report/{report}"));
                    assert!(set.all("D:supported-report").any(has), "{report}: {set:#?}");
                }
            }
        }
    });
}

#[test]
fn an_address_with_an_escaped_at_sign_is_the_same_resource() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let team = format!("{calendar}team.ics");
        let plain = dav.get(&team).is(200);
        // RFC 3986 section 6.2.2.2
        let other = if team.contains('@') { team.replace('@', "%40") } else { team.replace("%40", "@") };
        assert_ne!(other, team);
        assert_eq!(dav.get(&other).is(200).body, plain.body);
        let found = dav.propfind(&other, "0", &["D:getetag"]);
        assert_eq!(hrefs(&found), BTreeSet::from([team]), "one spelling in answers");
    });
}

#[test]
fn what_is_not_there_is_told_by_name() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let found = dav.propfind(&calendar, "0", &["D:displayname", "X:nothing"]);
        assert_eq!(found[0].lacking, [(404, "X:nothing".to_owned())], "{found:?}");
        assert!(found[0].found.has("D:displayname"));
        dav.ask_propfind(&format!("{calendar}nothing.ics"), "0", &["D:getetag"]).is(404);
        dav.get(&format!("{calendar}nothing.ics")).is(404);
        dav.delete(&format!("{calendar}nothing.ics")).is(404);
    });
}

#[test]
fn all_properties_do_not_include_those_of_calendars() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let all = dav.ask_xml("PROPFIND", &calendar, "0", "D:propfind", "<D:allprop/>").resources();
        let silent = dav.ask("PROPFIND", &calendar, &[("Depth", "0")], b"").resources();
        for found in [&all, &silent] {
            assert!(found[0].found.has("D:resourcetype/C:calendar"), "{found:?}");
            // RFC 4791 section 5.2 asks so of each of its properties.
            let foreign: Vec<_> =
                found[0].found.children.iter().filter(|one| one.name.starts_with("C:")).collect();
            assert!(foreign.is_empty(), "{foreign:?}");
        }
        assert_eq!(all[0].found, silent[0].found, "RFC 4918 section 9.1: no body asks for all");
        let names = dav.ask_xml("PROPFIND", &calendar, "0", "D:propfind", "<D:propname/>").resources();
        let has = |name: &str| names[0].found.has(name);
        assert!(has("D:displayname") && has("C:supported-calendar-component-set"), "{names:?}");
        assert!(names[0].found.children.iter().all(|one| one.text.is_empty() && one.children.is_empty()));
    });
}

#[test]
fn infinite_depth_is_refused() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let home = dav.homes().calendars;
        dav.ask_propfind(&home, "infinity", &["D:displayname"]).is_error(403, "D:propfind-finite-depth");
        // RFC 4918 section 9.1: without the header it is infinite.
        let body = "<propfind xmlns=\"DAV:\"><prop><displayname/></prop></propfind>";
        dav.ask("PROPFIND", &home, &[], body.as_bytes()).is_error(403, "D:propfind-finite-depth");
    });
}

#[test]
fn xml_that_is_none_is_answered_with_400() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let kind = ("Content-Type", "application/xml");
        let unbound = "<D:propfind><D:prop/></D:propfind>";
        let deep = format!("<propfind xmlns=\"DAV:\">{}", "<prop>".repeat(5_000));
        for body in ["<propfind xmlns=\"DAV:\"><prop>", "nonsense", unbound, &deep] {
            for method in ["PROPFIND", "REPORT", "PROPPATCH"] {
                let answer = dav.ask(method, &calendar, &[kind, ("Depth", "0")], body.as_bytes());
                assert_eq!(answer.status, 400, "{}\n{:.80}", answer.shown(), body);
            }
        }
    });
}

#[test]
fn xml_that_brings_entities_of_its_own_is_refused() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let bomb = "<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\
                    <propfind xmlns=\"DAV:\"><prop><displayname>&b;</displayname></prop></propfind>";
        let outside = "<!DOCTYPE p [<!ENTITY b SYSTEM \"file:///etc/hostname\">]>\
                       <propfind xmlns=\"DAV:\"><prop><displayname>&b;</displayname></prop></propfind>";
        for body in [bomb, outside] {
            let headers = [("Content-Type", "application/xml"), ("Depth", "0")];
            dav.ask("PROPFIND", &calendar, &headers, body.as_bytes()).is_error(403, "D:no-external-entities");
        }
    });
}

#[test]
fn properties_are_set_kept_and_removed() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let name = unique();
        let set = format!(
            "<D:set><D:prop><I:calendar-color>#FF8800FF</I:calendar-color><D:displayname>{name} &amp; ü</D:displayname>\
             <C:calendar-description xml:lang=\"de\">Schön</C:calendar-description>\
             <X:own a=\"1\"><X:inner>text</X:inner> mixed</X:own></D:prop></D:set>"
        );
        let answer = proppatch(&dav, &calendar, &set);
        assert!(answer[0].lacking.is_empty(), "{answer:?}");
        let names = ["I:calendar-color", "D:displayname", "C:calendar-description", "X:own"];
        let found = &dav.propfind(&calendar, "0", &names)[0];
        assert_eq!(found.found.get("I:calendar-color"), Some("#FF8800FF"));
        assert_eq!(found.found.get("D:displayname"), Some(format!("{name} & ü").as_str()));
        assert_eq!(found.found.get("C:calendar-description"), Some("Schön"));
        let own = found.found.at("X:own").unwrap_or_else(|| panic!("{found:?}"));
        assert_eq!((own.get("X:inner"), own.text.as_str()), (Some("text"), " mixed"));
        assert_eq!(own.attributes, [("a".to_owned(), "1".to_owned())]);

        let answer = proppatch(&dav, &calendar, "<D:remove><D:prop><X:own/><X:never/></D:prop></D:remove>");
        assert!(answer[0].lacking.is_empty(), "RFC 4918 section 14.23: {answer:?}");
        let found = &dav.propfind(&calendar, "0", &names)[0];
        assert_eq!(found.lacking, [(404, "X:own".to_owned())]);
    });
}

#[test]
fn of_several_properties_all_are_set_or_none() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, name) = new_calendar(&dav, VEVENT);
        let set = "<D:set><D:prop><D:displayname>changed</D:displayname><X:own>1</X:own>\
                   <D:getetag>mine</D:getetag></D:prop></D:set>";
        let answer = proppatch(&dav, &calendar, set);
        let mut lacking = answer[0].lacking.clone();
        lacking.sort();
        let expected =
            [(403, "D:getetag".to_owned()), (424, "D:displayname".to_owned()), (424, "X:own".to_owned())];
        assert_eq!(lacking, expected, "{answer:?}");
        let found = &dav.propfind(&calendar, "0", &["D:displayname", "X:own"])[0];
        assert_eq!(found.found.get("D:displayname"), Some(name.as_str()));
        assert_eq!(found.lacking, [(404, "X:own".to_owned())]);
    });
}
