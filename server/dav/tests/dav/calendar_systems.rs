//! Rules that count in other calendar systems than the Gregorian one: RFC 7529.

use crate::client::event_at;
use crate::world::on_each_database;

/// The Chinese new year of 2026 and of all years after it.
fn new_year(uid: &str, scale: &str) -> String {
    let lines = format!("DTSTART;VALUE=DATE:20260217\r\nRRULE:RSCALE={scale};FREQ=YEARLY");
    event_at(uid, "new year", "x").replace("DTSTART:x\r\nDURATION:PT1H", &lines)
}

/// RFC 7529 sections 10 and 10.1.
#[test]
fn a_calendar_says_which_calendar_systems_rules_count_in() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let answer = anna.propfind(&path, "0", "<c:supported-rscale-set/>").await;
        let set = answer.of(&path).property("supported-rscale-set").unwrap();
        let known: Vec<String> = set.children().map(|scale| scale.text()).collect();
        assert!(set.children().all(|scale| scale.name().local() == "supported-rscale"));
        for wanted in ["GREGORIAN", "CHINESE", "HEBREW", "ETHIOPIC", "ISLAMIC-CIVIL", "PERSIAN"] {
            assert!(known.iter().any(|name| name == wanted), "{wanted}: {known:?}");
        }
        for (number, scale) in known.iter().enumerate() {
            let made = anna.put(&format!("{path}{number}.ics"), new_year(scale, scale)).await;
            assert_eq!(made.status, 201, "{scale}");
        }
        let item = format!("{path}x.ics");
        let refused = anna.put(&item, new_year("x", "RUSSIAN")).await;
        assert_eq!(refused.refusal(), (403, "supported-rscale".into()));
        assert_eq!(anna.get(&item).await.status, 404, "nothing was stored");
        let unchanged = format!("{path}0.ics");
        let before = anna.get(&unchanged).await.body;
        let refused = anna.put(&unchanged, new_year("GREGORIAN", "MAYAN")).await;
        assert_eq!(refused.refusal(), (403, "supported-rscale".into()));
        assert_eq!(anna.get(&unchanged).await.body, before);
        let books = anna.book("contacts/");
        let answer = anna.propfind(&books, "0", "<c:supported-rscale-set/>").await;
        assert_eq!(answer.of(&books).code_of("supported-rscale-set"), Some(404));
    });
}

#[test]
fn queries_and_free_busy_know_where_the_days_lie() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.calendar("calendar/");
        let item = format!("{path}new-year.ics");
        assert_eq!(anna.put(&item, new_year("1", "CHINESE")).await.status, 201);
        // 14 Kislev, once in 2025 and once in 2026.
        let hebrew = event_at("2", "x", "20251204T090000Z")
            .replace("SUMMARY", "RRULE:RSCALE=HEBREW;FREQ=YEARLY\r\nSUMMARY");
        assert_eq!(anna.put(&format!("{path}hebrew.ics"), hebrew).await.status, 201);
        for (day, next, found) in [
            ("20270206", "20270207", true),
            ("20270217", "20270218", false),
            ("20280126", "20280127", true),
            ("20290213", "20290214", true),
        ] {
            let answer = anna
                .report(
                    &path,
                    &format!(
                        "<c:calendar-query><prop><getetag/></prop><c:filter><c:comp-filter name='VCALENDAR'>\
                         <c:comp-filter name='VEVENT'><c:time-range start='{day}T000000Z' end='{next}T000000Z'/>\
                         </c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
                    ),
                )
                .await;
            assert_eq!(answer.hrefs().contains(&item), found, "{day}");
        }
        let expanded = anna
            .report(
                &path,
                &format!(
                    "<c:calendar-multiget><prop><c:calendar-data>\
                     <c:expand start='20270101T000000Z' end='20290101T000000Z'/></c:calendar-data></prop>\
                     <href>{item}</href></c:calendar-multiget>"
                ),
            )
            .await;
        let data = expanded.of(&item).text("calendar-data").unwrap();
        assert_eq!(data.matches("BEGIN:VEVENT").count(), 2, "{data}");
        for day in ["20270206", "20280126"] {
            assert!(data.contains(&format!("VALUE=DATE:{day}")), "{data}");
        }
        let busy = anna
            .report(
                &path,
                "<c:free-busy-query><c:time-range start='20261123T000000Z' end='20261125T000000Z'/></c:free-busy-query>",
            )
            .await;
        assert!(busy.body.contains("FREEBUSY:20261124T090000Z/20261124T100000Z"), "{busy:?}");
    });
}
