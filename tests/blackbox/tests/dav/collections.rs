//! Calendars and address books that an app makes: RFC 4791 section 5.3.1, RFC 5689.

use blackbox::{Dav, calendar, on_each_store, unique};

use super::{VEVENT, anna, event, new_calendar};

#[test]
fn a_calendar_is_made_under_the_address_that_the_app_chose_and_can_go_again() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, name) = new_calendar(&dav, VEVENT);
        let home = dav.homes().calendars;
        let names = ["D:displayname", "D:resourcetype", "C:supported-calendar-component-set"];
        let listed =
            |dav: &Dav| dav.propfind(&home, "1", &names).into_iter().find(|one| one.href == calendar);
        let made = listed(&dav).unwrap_or_else(|| panic!("{calendar} is not in its home"));
        assert_eq!(made.found.get("D:displayname"), Some(name.as_str()));
        assert!(made.found.has("D:resourcetype/C:calendar"));
        assert_eq!(made.components(), [VEVENT]);

        // RFC 4791 section 5.3.1.1: there must be nothing yet.
        let again = dav.make_calendar(&calendar, &name, VEVENT);
        assert!([403, 405].contains(&again.status), "{}", again.shown());
        dav.put(&format!("{calendar}one.ics"), &event("one", 1)).is(201);
        dav.delete(&calendar).is(204);
        assert!(listed(&dav).is_none());
        dav.get(&format!("{calendar}one.ics")).is(404);
        dav.make_calendar(&calendar, &name, VEVENT).is(201);
        dav.get(&format!("{calendar}one.ics")).is(404);
    });
}

#[test]
fn a_calendar_for_one_component_refuses_others() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (tasks, _) = new_calendar(&dav, "VTODO");
        dav.put(&format!("{tasks}e.ics"), &event("e", 1)).is_error(403, "C:supported-calendar-component");
        dav.put(&format!("{tasks}t.ics"), &calendar("VTODO", "t", "SUMMARY:T\n")).is(201);
    });
}

#[test]
fn an_address_book_is_made_by_extended_mkcol() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let name = unique();
        let book = format!("{}{name}/", dav.homes().contacts);
        let set = format!(
            "<D:set><D:prop><D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>\
             <D:displayname>{name}</D:displayname></D:prop></D:set>"
        );
        dav.ask_xml("MKCOL", &book, "0", "D:mkcol", &set).is(201);
        let found = &dav.propfind(&book, "0", &["D:resourcetype", "D:displayname"])[0];
        assert!(found.found.has("D:resourcetype/A:addressbook"), "{found:?}");
        assert_eq!(found.found.get("D:displayname"), Some(name.as_str()));
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:C\r\nN:C;;;;\r\nEND:VCARD\r\n";
        dav.put(&format!("{book}c.vcf"), card).is(201);
        assert_eq!(dav.get(&format!("{book}c.vcf")).is(200).text(), card);
    });
}

#[test]
fn making_a_calendar_with_a_property_that_cannot_be_set_makes_none() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = format!("{}{}/", dav.homes().calendars, unique());
        let set = "<D:set><D:prop><D:displayname>x</D:displayname><D:getetag>y</D:getetag></D:prop></D:set>";
        let answer = dav.ask_xml("MKCALENDAR", &calendar, "0", "C:mkcalendar", set);
        assert!([207, 403, 424].contains(&answer.status), "{}", answer.shown());
        dav.ask_propfind(&calendar, "0", &["D:displayname"]).is(404);
    });
}
