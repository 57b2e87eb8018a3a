//! Queries over the demo's calendar, tasks and contacts, and multiget.

use std::collections::BTreeSet;

use blackbox::{Dav, DavAnswer, Part, day_after, is_sunday, lines, on_each_store, parts};

use super::{VEVENT, anna};

/// What the demo's calendar has from the 20th of a month to the 10th of the next, noon to noon in UTC, by
/// the rules that the demo gave its series. Nothing of the rules is left to the server.
fn expected_in(objects: &[(String, String)], start: &str, end: &str) -> Vec<String> {
    let (first, last) = (&start[..8], &end[..8]);
    let days: Vec<String> =
        (0..).map(|days| day_after(first, days)).take_while(|day| day.as_str() <= last).collect();
    let ends_a_month = |day: &String| day_after(day, 1).ends_with("01");
    let happens = |(name, text): &(String, String)| match name.as_str() {
        "team.ics" | "watering.ics" | "delivery.ics" => true, // at least every other week
        "night-market.ics" => {
            days.iter().any(|day| is_sunday(day) && ("20260322".."20270401").contains(&day.as_str()))
                || days.iter().any(|day| day == "20261224")
        }
        "stocktaking.ics" | "auction.ics" => days.iter().any(ends_a_month), // at the end of a month
        "accounts.ics" => days.iter().any(|day| day.ends_with("31")),
        "leap.ics" => days.iter().any(|day| day.ends_with("0229")),
        _ => {
            let [event] = &parts(text, VEVENT)[..] else { panic!("{name} is a series: {text}") };
            assert!(event.line("RRULE").is_none(), "{name}: {text}");
            overlaps(event, start, end)
        }
    };
    let mut names: Vec<String> =
        objects.iter().filter(|one| happens(one)).map(|(name, _)| name.clone()).collect();
    names.sort();
    names
}

/// RFC 4791 section 9.9 for an event with an end, where the window begins and ends at noon.
fn overlaps(event: &Part, start: &str, end: &str) -> bool {
    let moment = |name: &str| {
        let moment = event.moment(name).unwrap_or_else(|| panic!("{name}: {event:?}"));
        if moment.len() == 8 { format!("{moment}T000000Z") } else { moment }
    };
    moment("DTSTART").as_str() < end && moment("DTEND").as_str() > start
}

#[test]
fn a_month_holds_what_happens_in_it_of_series_too() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let objects = dav.objects(&calendar);
        assert!(objects.len() > 200, "a year of appointments: {}", objects.len());
        let (_, team) = objects.iter().find(|(name, _)| name == "team.ics").unwrap();
        let begin = parts(team, VEVENT)[0].moment("DTSTART").unwrap()[..8].to_owned();
        for months in [2, 5, 8] {
            let month = day_after(&begin, months * 30)[..6].to_owned();
            let start = format!("{month}20T120000Z");
            let end = format!("{}10T120000Z", &day_after(&format!("{month}20"), 20)[..6]);
            assert_eq!(
                dav.happening(&calendar, &start, &end),
                expected_in(&objects, &start, &end),
                "{start}"
            );
        }
    });
}

#[test]
fn an_occurrence_is_where_it_was_moved_to_and_not_where_it_was() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let team = dav.get(&format!("{calendar}team.ics")).is(200).text();
        let all = parts(&team, VEVENT);
        let excluded = all[0].moment("EXDATE").unwrap();
        let moved = all[1].moment("RECURRENCE-ID").unwrap();
        let (now_start, now_end) = (all[1].moment("DTSTART").unwrap(), all[1].moment("DTEND").unwrap());
        let is_in = |start: &str, end: &str| {
            dav.happening(&calendar, start, end).iter().any(|name| name == "team.ics")
        };
        let day = |moment: &str| (format!("{}T000000Z", &moment[..8]), format!("{}T235959Z", &moment[..8]));
        let (start, end) = day(&excluded);
        assert!(!is_in(&start, &end), "EXDATE {excluded}");
        let (start, end) = day(&moved);
        assert!(!is_in(&start, &end), "moved away from {moved}");
        assert!(is_in(&now_start, &now_end), "moved to {now_start}");
        // RFC 4791 section 9.9: the end of one is not within the other.
        assert!(!is_in(&now_end, &format!("{}T235959Z", &now_end[..8])));
        let week_later = format!("{}{}", day_after(&moved[..8], 14), &moved[8..]);
        let (start, end) = day(&week_later);
        assert!(is_in(&start, &end), "the next one but one: {week_later}");
    });
}

#[test]
fn a_day_that_a_rule_hits_rarely_is_hit_only_then() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        let is_in = |name: &str, start: &str, end: &str| {
            dav.happening(&calendar, start, end).iter().any(|one| one == name)
        };
        // Yearly on the 29th of February: RFC 5545 section 3.3.10 ignores days that are not.
        assert!(!is_in("leap.ics", "20270227T120000Z", "20270302T120000Z"));
        assert!(is_in("leap.ics", "20280229T000000Z", "20280229T235959Z"));
        assert!(is_in("leap.ics", "19520229T000000Z", "19520229T235959Z"), "before 1970 too");
        // An hour that the clock jumps over is shown an hour later, as apps and phones do (RFC 5545 section
        // 3.3.10 would have it not take place); and one of RDATE on a Thursday.
        assert!(is_in("night-market.ics", "20260329T013000Z", "20260329T013100Z"), "02:30 is 03:30 that day");
        assert!(is_in("night-market.ics", "20260405T003000Z", "20260405T003100Z"));
        assert!(is_in("night-market.ics", "20261224T013000Z", "20261224T013100Z"));
        assert!(!is_in("night-market.ics", "20270404T000000Z", "20270405T000000Z"), "after UNTIL");
    });
}

#[test]
fn open_tasks_are_found_by_what_they_lack() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let tasks = dav.own(Some("VTODO"));
        let filter = "<C:prop-filter name=\"COMPLETED\"><C:is-not-defined/></C:prop-filter>";
        let open: BTreeSet<String> =
            dav.calendar_query(&tasks, "VTODO", filter).iter().map(|one| one.name().to_owned()).collect();
        let expected: BTreeSet<String> = dav
            .objects(&tasks)
            .into_iter()
            .filter(|(_, text)| !text.contains("\r\nCOMPLETED"))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(open, expected);
        assert!(open.contains("lamp.ics") && !open.contains("signs.ics"), "{open:?}");
        // RFC 4791 section 9.7.5: without regard to case, and turned round.
        let says = |negate: &str| {
            let filter = format!(
                "<C:prop-filter name=\"SUMMARY\"><C:text-match{negate}>GIESSKANNEN</C:text-match></C:prop-filter>"
            );
            dav.calendar_query(&tasks, "VTODO", &filter.replace("GIESSKANNEN", "BESTELLEN")).len()
        };
        assert_eq!(says(""), 1);
        assert_eq!(says(" negate-condition=\"yes\""), dav.objects(&tasks).len() - 1);
    });
}

/// The data in an answer to multiget or query, by address, and the addresses that are not there.
fn data_of(answer: DavAnswer, name: &str) -> (Vec<(String, String)>, Vec<String>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for resource in answer.resources() {
        match resource.status {
            Some(404) => missing.push(resource.href),
            None => {
                let data = resource.found.get(name).unwrap_or_else(|| panic!("{resource:?}")).to_owned();
                found.push((resource.href, data));
            }
            Some(_) => panic!("{resource:?}"),
        }
    }
    (found, missing)
}

#[test]
fn several_objects_are_got_at_once() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        for (collection, report, data, names) in [
            (dav.own(Some(VEVENT)), "C:calendar-multiget", "C:calendar-data", ["team.ics", "leap.ics"]),
            (dav.own(None), "A:addressbook-multiget", "A:address-data", ["contact-00.vcf", "contact-03.vcf"]),
        ] {
            let ask: String = names
                .iter()
                .chain(&["nothing"])
                .map(|name| format!("<D:href>{collection}{name}</D:href>"))
                .collect();
            let inner = format!("<D:prop><D:getetag/><{data}/></D:prop>{ask}");
            let (found, missing) = data_of(dav.ask_xml("REPORT", &collection, "1", report, &inner), data);
            assert_eq!(missing, [format!("{collection}nothing")]);
            assert_eq!(found.len(), names.len());
            for (href, text) in found {
                assert_eq!(text, dav.get(&href).is(200).text(), "{href}: CR survives XML as a reference");
            }
        }
    });
}

/// addressbook-query; the last segments of what it found, sorted.
fn cards(dav: &Dav, book: &str, filter: &str, limit: &str) -> (Vec<String>, bool) {
    let inner = format!("<D:prop><D:getetag/></D:prop><A:filter>{filter}</A:filter>{limit}");
    let found = dav.ask_xml("REPORT", book, "1", "A:addressbook-query", &inner).resources();
    let is_cut = found.iter().any(|one| one.href == book && one.status == Some(507));
    let mut names: Vec<String> =
        found.iter().filter(|one| one.href != book).map(|one| one.name().to_owned()).collect();
    names.sort();
    (names, is_cut)
}

#[test]
fn contacts_are_found_by_what_stands_in_them() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let book = dav.own(None);
        let objects = dav.objects(&book);
        let with = |holds: &dyn Fn(&str) -> bool| {
            let mut names: Vec<String> = objects
                .iter()
                .filter(|(_, text)| lines(text).iter().any(|line| holds(line)))
                .map(|(name, _)| name.clone())
                .collect();
            names.sort();
            names
        };
        let prop =
            |name: &str, inner: &str| format!("<A:prop-filter name=\"{name}\">{inner}</A:prop-filter>");
        let text =
            |kind: &str, text: &str| format!("<A:text-match match-type=\"{kind}\">{text}</A:text-match>");
        let name_has = |word: &str| {
            let word = word.to_owned();
            move |line: &str| line.strip_prefix("FN:").is_some_and(|name| name.to_lowercase().contains(&word))
        };

        let (found, _) = cards(&dav, &book, &prop("FN", &text("contains", "MÜLLER")), "");
        assert_eq!(found, with(&name_has("müller")));
        assert!(!found.is_empty());
        let (found, _) = cards(&dav, &book, &prop("EMAIL", &text("ends-with", "@kundenpost.test")), "");
        assert_eq!(found, with(&|line| line.starts_with("EMAIL") && line.ends_with("@kundenpost.test")));
        // The group before a name is not of the name: RFC 6350 section 3.3.
        let (found, _) = cards(&dav, &book, &prop("X-ABLABEL", &text("equals", "Laden")), "");
        assert_eq!(found, with(&|line| line == "item1.X-ABLABEL:Laden"));
        assert!(!found.is_empty());
        let (found, _) = cards(&dav, &book, &prop("PHOTO", "<A:is-not-defined/>"), "");
        assert_eq!(found.len(), objects.len() - with(&|line| line.starts_with("PHOTO")).len());
        // What is escaped in the card is compared as it reads.
        let (found, _) = cards(&dav, &book, &prop("NOTE", &text("contains", "Rechnung, nie bar.")), "");
        assert_eq!(found, with(&|line| line.contains("Rechnung\\, nie bar.")));
        assert!(!found.is_empty());
    });
}

#[test]
fn a_query_for_contacts_stops_at_its_limit_and_says_so() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let book = dav.own(None);
        let all = "<A:prop-filter name=\"FN\"/>";
        let (found, is_cut) = cards(&dav, &book, all, "<A:limit><A:nresults>3</A:nresults></A:limit>");
        assert_eq!((found.len(), is_cut), (3, true), "RFC 6352 section 8.6.1");
        assert_eq!(cards(&dav, &book, all, ""), (cards(&dav, &book, all, "").0, false));
    });
}

/// The same contacts in both versions, by multiget and by GET, with what they say and without a byte changed in the store.
#[test]
fn contacts_are_given_in_the_version_that_a_program_reads() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let book = dav.own(None);
        let before = dav.objects(&book);
        let hrefs: String = before.iter().map(|(name, _)| format!("<D:href>{book}{name}</D:href>")).collect();
        let data = "<A:address-data content-type=\"text/vcard\" version=\"4.0\"/>";
        let inner = format!("<D:prop><D:getetag/>{data}</D:prop>{hrefs}");
        let answer = dav.ask_xml("REPORT", &book, "1", "A:addressbook-multiget", &inner);
        let (found, missing) = data_of(answer, "A:address-data");
        assert!(missing.is_empty() && found.len() == before.len());
        for ((href, four), (name, three)) in found.into_iter().zip(&before) {
            assert!(href.ends_with(name), "{href}");
            let (three_lines, four_lines) = (lines(three), lines(&four));
            let has = |line: &str| four_lines.iter().any(|known| known == line);
            for line in &three_lines {
                let value = || line.split_once(':').unwrap().1.to_owned();
                let expected = match line.split([':', ';']).next().unwrap() {
                    "VERSION" => "VERSION:4.0".to_owned(),
                    "UID" => format!("UID;VALUE=text:{}", value()),
                    "EMAIL" => line.replace("INTERNET,", ""),
                    "PHOTO" => format!("PHOTO:data:image/png;base64,{}", value()),
                    "BDAY" => format!("BDAY:{}", value().replace('-', "")),
                    _ => line.clone(),
                };
                assert!(has(&expected), "{expected} in {four}");
            }
            assert_eq!(four_lines.len(), three_lines.len(), "{four}");
            let accept = [("Accept", "text/vcard; version=4.0")];
            let got = dav.ask("GET", &href, &accept, b"").is(200);
            assert_eq!(got.text(), four);
            let (tag, of_stored) = (got.etag(), dav.get(&href).is(200).etag());
            assert_ne!(tag, of_stored, "other bytes have another tag");
            let known = [accept[0], ("If-None-Match", tag.as_str())];
            dav.ask("GET", &href, &known, b"").is(304);
        }
        assert_eq!(dav.objects(&book), before);
    });
}
