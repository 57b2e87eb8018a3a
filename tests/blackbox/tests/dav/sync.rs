//! Copies that follow a collection: RFC 6578.

use blackbox::{DavCopy, on_each_store, resources};

use super::{VEVENT, anna, event, hrefs, new_calendar};

#[test]
fn a_copy_learns_what_is_new_changed_and_gone_and_nothing_twice() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let at = |name: &str| format!("{calendar}{name}");
        dav.put(&at("gone-before.ics"), &event("gone-before", 1)).is(201);
        dav.delete(&at("gone-before.ics")).is(204);
        dav.put(&at("a.ics"), &event("a", 1)).is(201);
        let mut copy = dav.copy_of(&calendar);
        assert_eq!(copy.items.len(), 1, "{copy:?}");
        assert!(dav.refresh(&mut copy, None).is_empty());

        dav.put(&at("b.ics"), &event("b", 2)).is(201);
        dav.put(&at("c.ics"), &event("c", 2)).is(201);
        dav.delete(&at("c.ics")).is(204);
        let etag = dav.put(&at("a.ics"), &event("a", 3)).is(204).etag();
        let mut told = dav.refresh(&mut copy, None);
        told.changed.sort();
        assert_eq!(told.changed, ["a.ics", "b.ics"]);
        assert_eq!(copy.items[&at("a.ics")], etag);
        // What came and went between may be told as gone: RFC 6578 section 3.5.2.
        assert!(told.removed.iter().all(|name| name == "c.ics"), "{told:?}");

        dav.delete(&at("a.ics")).is(204);
        let told = dav.refresh(&mut copy, None);
        assert_eq!((told.changed.len(), &told.removed[..]), (0, &["a.ics".to_owned()][..]));
        dav.put(&at("a.ics"), &event("a2", 4)).is(201);
        assert_eq!(dav.refresh(&mut copy, None).changed, ["a.ics"], "back under its address");
        assert_eq!(copy, DavCopy { token: copy.token.clone(), ..dav.copy_of(&calendar) });
        // The token is the property too.
        assert_eq!(dav.property(&calendar, "D:sync-token").text, copy.token);
    });
}

#[test]
fn a_copy_made_in_small_pieces_is_whole() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let at = |number: u32| format!("{calendar}{number}.ics");
        for number in 0..7 {
            dav.put(&at(number), &event(&number.to_string(), 1)).is(201);
        }
        let mut copy = DavCopy { collection: calendar.clone(), ..DavCopy::default() };
        let first = dav.refresh_once(&mut copy, Some(3));
        assert!(first.more, "{first:?}");
        assert_eq!(first.changed.len(), 3);
        // Something happens between two pieces: to what was told, and to what was not.
        let held: Vec<String> = copy.items.keys().cloned().collect();
        dav.delete(&held[0]).is(204);
        let late = (0..7).map(at).find(|href| !held.contains(href)).unwrap();
        dav.delete(&late).is(204);
        dav.put(&at(9), &event("9", 2)).is(201);
        dav.refresh(&mut copy, Some(3));
        assert_eq!(copy, DavCopy { token: copy.token.clone(), ..dav.copy_of(&calendar) });
        assert_eq!(copy.items.len(), 6);
        // Deletions are cut into pieces as well.
        for number in 0..7 {
            let answer = dav.delete(&at(number));
            assert!([204, 404].contains(&answer.status), "{}", answer.shown());
        }
        let told = dav.refresh_once(&mut copy, Some(2));
        assert_eq!((told.removed.len(), told.more), (2, true));
        dav.refresh(&mut copy, Some(2));
        assert_eq!(copy.items.keys().collect::<Vec<_>>(), [&at(9)]);
    });
}

#[test]
fn a_token_that_was_never_given_is_refused() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        dav.put(&format!("{calendar}x.ics"), &event("x", 1)).is(201);
        let token = dav.copy_of(&calendar).token;
        // A mark of the future would hide all that happens until then.
        for token in ["urn:probe:never", "nonsense", &format!("{token}9"), &format!("{token}/1")] {
            // RFC 6578 section 3.2
            dav.ask_sync(&calendar, token, None, "0").is_error(403, "D:valid-sync-token");
        }
        assert!(dav.refresh(&mut dav.copy_of(&calendar), None).is_empty());
    });
}

#[test]
fn a_token_of_another_calendar_is_refused() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let ((one, _), (two, _)) = (new_calendar(&dav, VEVENT), new_calendar(&dav, VEVENT));
        dav.put(&format!("{one}x.ics"), &event("x", 1)).is(201);
        let (first, second) = (dav.copy_of(&one).token, dav.copy_of(&two).token);
        // RFC 6578 section 3.2: one that was given for this collection. The event would never be told.
        dav.ask_sync(&one, &second, None, "0").is_error(403, "D:valid-sync-token");
        dav.ask_sync(&two, &first, None, "0").is_error(403, "D:valid-sync-token");
    });
}

#[test]
fn both_depths_that_apps_send_are_accepted() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let of = |depth: &str| hrefs(&resources(&dav.ask_sync(&calendar, "", None, depth).is(207).xml()));
        assert_eq!(of("0"), of("1"));
    });
}
