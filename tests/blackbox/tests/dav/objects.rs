//! Single events and cards: what is put, got, refused, copied and moved.

use blackbox::on_each_store;

use super::{VEVENT, anna, event, new_calendar};

#[test]
fn what_was_put_is_got_byte_for_byte() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let (target, text) = (format!("{calendar}a%20b%C3%BC.ics"), event("{A-1}/x", 3));
        let put = dav.put(&target, &text).is(201);
        let got = dav.get(&target).is(200);
        assert_eq!(got.text(), text);
        assert_eq!(got.etag(), put.etag(), "the bytes are those that were sent");
        assert!(got.etag().starts_with('"'), "strong: {}", got.etag());
        let kind = got.header("content-type").unwrap().to_ascii_lowercase();
        assert!(kind.starts_with("text/calendar"), "{kind}");
        let head = dav.ask("HEAD", &target, &[], b"");
        assert_eq!((head.status, head.etag()), (200, put.etag()));

        let other = text.replace("Grüße", "Other");
        let changed = dav.put(&target, &other).is(204);
        assert_ne!(changed.etag(), put.etag());
        assert_eq!(dav.get(&target).is(200).text(), other);
        let listed = dav.propfind(&calendar, "1", &["D:getetag", "D:getcontentlength"]);
        let member = listed.iter().find(|one| one.href == target).unwrap_or_else(|| panic!("{listed:#?}"));
        assert_eq!(member.found.get("D:getetag"), Some(changed.etag().as_str()));
        assert_eq!(member.found.get("D:getcontentlength"), Some(other.len().to_string().as_str()));
    });
}

#[test]
fn conditions_hold_or_nothing_happens() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let target = format!("{calendar}x.ics");
        let (first, second) = (event("x", 1), event("x", 2));
        // RFC 9110 section 13.1: nothing is there, so no tag matches.
        dav.put_if(&target, &first, &[("If-Match", "*")]).is(412);
        dav.put_if(&target, &first, &[("If-Match", "\"a\"")]).is(412);
        dav.get(&target).is(404);
        let etag = dav.put_if(&target, &first, &[("If-None-Match", "*")]).is(201).etag();
        dav.put_if(&target, &second, &[("If-None-Match", "*")]).is(412);
        dav.put_if(&target, &second, &[("If-None-Match", &etag)]).is(412);
        dav.put_if(&target, &second, &[("If-Match", "\"other\"")]).is(412);
        dav.ask("DELETE", &target, &[("If-Match", "\"other\"")], b"").is(412);
        assert_eq!(dav.get(&target).is(200).text(), first);
        dav.ask("GET", &target, &[("If-None-Match", &etag)], b"").is(304);

        let list = format!("\"other\", {etag}");
        let newer = dav.put_if(&target, &second, &[("If-Match", &list)]).is(204).etag();
        dav.put_if(&target, &first, &[("If-Match", &etag)]).is(412);
        dav.ask("DELETE", &target, &[("If-Match", &etag)], b"").is(412);
        assert_eq!(dav.get(&target).is(200).text(), second);
        dav.ask("DELETE", &target, &[("If-Match", &newer)], b"").is(204);
        dav.get(&target).is(404);
    });
}

#[test]
fn a_uid_is_in_a_calendar_once_and_stays_with_its_address() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let first = format!("{calendar}first.ics");
        dav.put(&first, &event("same", 1)).is(201);
        let answer = dav.put(&format!("{calendar}second.ics"), &event("same", 1));
        assert!([403, 409].contains(&answer.status), "{}", answer.shown());
        let error = answer.xml();
        // RFC 4791 section 5.3.2.1
        assert_eq!(error.get("C:no-uid-conflict/D:href"), Some(first.as_str()), "{error:?}");
        let answer = dav.put(&first, &event("another", 1));
        assert!([403, 409].contains(&answer.status), "{}", answer.shown());
        assert!(dav.get(&first).text().contains("UID:same\r\n"));
    });
}

#[test]
fn an_object_that_is_none_is_refused_with_its_reason() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let (calendar, _) = new_calendar(&dav, VEVENT);
        let good = event("x", 1);
        let two_uids = good.replace(
            "END:VCALENDAR\r\n",
            "BEGIN:VEVENT\r\nUID:y\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        );
        let with_method = good.replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n");
        let target = format!("{calendar}x.ics");
        for (text, condition) in [
            ("nonsense", "C:valid-calendar-data"),
            (good.split("END:VEVENT").next().unwrap(), "C:valid-calendar-data"),
            (&two_uids, "C:valid-calendar-object-resource"),
            (&with_method, "C:valid-calendar-object-resource"),
        ] {
            dav.put(&target, text).is_error(403, condition);
        }
        let book = dav.own(None);
        let headers = [("Content-Type", "text/vcard")];
        dav.ask("PUT", &format!("{book}x.vcf"), &headers, b"BEGIN:VCARD\r\nFN:x")
            .is_error(403, "A:valid-address-data");
        let headers = [("Content-Type", "text/plain")];
        dav.ask("PUT", &target, &headers, b"hello").is_error(403, "C:supported-calendar-data");
        dav.get(&target).is(404);
    });
}

#[test]
fn an_object_moves_to_another_calendar_and_copies_stay() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let ((one, _), (two, _)) = (new_calendar(&dav, VEVENT), new_calendar(&dav, VEVENT));
        let (from, to) = (format!("{one}m.ics"), format!("{two}n.ics"));
        dav.put(&from, &event("m", 1)).is(201);
        let (mut copy_one, mut copy_two) = (dav.copy_of(&one), dav.copy_of(&two));
        let destination = format!("{}{to}", demo.url("https").trim_end_matches('/'));

        dav.ask("MOVE", &from, &[("Destination", &destination), ("Overwrite", "F")], b"").is(201);

        dav.get(&from).is(404);
        assert_eq!(dav.get(&to).is(200).text(), event("m", 1));
        assert_eq!(dav.refresh(&mut copy_one, None).removed, ["m.ics"]);
        assert_eq!(dav.refresh(&mut copy_two, None).changed, ["n.ics"]);
        let back = format!("{}{from}", demo.url("https").trim_end_matches('/'));
        dav.ask("COPY", &to, &[("Destination", &back), ("Overwrite", "F")], b"").is(201);
        dav.ask("COPY", &to, &[("Destination", &back), ("Overwrite", "F")], b"").is(412);
        assert_eq!(dav.get(&from).is(200).body, dav.get(&to).is(200).body);
    });
}
