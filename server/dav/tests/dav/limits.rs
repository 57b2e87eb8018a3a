//! Bounds of what is taken.

use crate::client::{Client, NAMESPACES, card, event, event_at};
use crate::world::on_each_database;

#[test]
fn bodies_are_bounded() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let max = 10 << 20;
        let padded = |text: String, bytes: usize| {
            let (head, tail) =
                text.split_once("END:V").map(|(head, tail)| (head.to_owned(), tail.to_owned())).unwrap();
            let line = format!("X-PAD:{}\r\n", "x".repeat(1000));
            let missing = bytes - text.len();
            let mut padding = line.repeat(missing / line.len());
            padding.push_str(&format!("X-P:{}\r\n", "x".repeat(missing - padding.len() - "X-P:\r\n".len())));
            format!("{head}{padding}END:V{tail}")
        };
        let path = anna.book("contacts/big.vcf");
        let answer = anna.put(&path, padded(card("1", "A"), max + 1)).await;
        assert_eq!(answer.refusal(), (403, "max-resource-size".into()));
        assert_eq!(anna.put(&path, padded(card("1", "A"), max)).await.status, 201);
        let answer = anna.put(&anna.calendar("calendar/big.ics"), padded(event("1", "A"), max + 1)).await;
        assert_eq!(answer.refusal(), (403, "max-resource-size".into()));
        let propfind = |bytes: usize| {
            let body = format!("<propfind {NAMESPACES}><prop><displayname/></prop></propfind>");
            format!("{body}{}", " ".repeat(bytes - body.len()))
        };
        let root = "/dav/";
        assert_eq!(anna.send("PROPFIND", root, &[("Depth", "0")], propfind(1 << 20)).await.status, 207);
        assert_eq!(anna.send("PROPFIND", root, &[("Depth", "0")], propfind((1 << 20) + 1)).await.status, 413);
        let gzip = [("Depth", "0"), ("Content-Encoding", "gzip")];
        assert_eq!(anna.send("PROPFIND", root, &gzip, "x").await.status, 415);
    });
}

#[test]
fn a_long_answer_comes_in_pages_and_is_one_document() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/");
        let count = 150;
        for number in 0..count {
            anna.put(&format!("{path}{number}.vcf"), card(&format!("uid{number}"), &format!("N{number}")))
                .await;
        }
        let everything =
            "<r:addressbook-query><prop><getetag/><r:address-data/></prop><r:filter/></r:addressbook-query>";
        let answer = anna.report(&path, everything).await;
        assert_eq!(answer.responses().len(), count);
        let last = answer.of(&format!("{path}{}.vcf", count - 1));
        assert_eq!(last.text("address-data").unwrap(), card("uid149", "N149"));
        let hrefs: String =
            (0..count + 1).rev().map(|number| format!("<href>{path}{number}.vcf</href>")).collect();
        let multiget =
            format!("<r:addressbook-multiget><prop><r:address-data/></prop>{hrefs}</r:addressbook-multiget>");
        let answer = anna.report(&path, &multiget).await;
        let in_order: Vec<_> = (0..count + 1).rev().map(|number| format!("{path}{number}.vcf")).collect();
        assert_eq!(answer.hrefs(), in_order);
        assert_eq!(answer.of(&format!("{path}{count}.vcf")).status(), Some(404));
    });
}

#[test]
fn what_is_kept_of_a_collection_counts_in_the_quota() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (id, path) = (anna.id, anna.calendar("calendar/"));
        world.write(&[id], move |tx| tx.set_account_quota(&tx.administer()?, id, 2_000)).await;
        let own = |bytes: usize| format!("<set><prop><x:own>{}</x:own></prop></set>", "x".repeat(bytes));
        let kept = async || {
            let answer = anna.propfind(&path, "0", "<x:own/><quota-used-bytes/>").await.of(&path);
            (answer.text("own").unwrap_or_default().len(), answer.text("quota-used-bytes").unwrap())
        };
        assert_eq!(anna.proppatch(&path, &own(1_000)).await.of(&path).code_of("own"), Some(200));
        let before = kept().await;
        assert_eq!(before.0, 1_000);
        assert!(before.1.parse::<u32>().unwrap() > 1_000, "{before:?}");
        // RFC 4331 section 6.
        let full = (507, "quota-not-exceeded".to_owned());
        assert_eq!(anna.proppatch(&path, &own(2_000)).await.refusal(), full);
        let both =
            format!("<set><prop><a:calendar-color>#00FF00</a:calendar-color></prop></set>{}", own(2_000));
        assert_eq!(anna.proppatch(&path, &both).await.refusal(), full);
        assert_eq!(kept().await, before, "all or nothing");
        let made = format!("<c:mkcalendar {NAMESPACES}>{}</c:mkcalendar>", own(1_000));
        let new = anna.calendar("new/");
        assert_eq!(anna.send("MKCALENDAR", &new, &[], made).await.refusal(), full);
        assert_eq!(anna.propfind(&new, "0", "<displayname/>").await.status, 404);
        let (item, large) = (format!("{path}x.ics"), event("x", &"x".repeat(1_000)));
        assert_eq!(anna.put(&item, large.clone()).await.refusal(), full);
        let removed = anna.proppatch(&path, "<remove><prop><x:own/></prop></remove>").await;
        assert_eq!(removed.of(&path).code_of("own"), Some(200));
        assert_eq!(anna.put(&item, large).await.status, 201);
    });
}

fn daily(uid: &str, text_bytes: usize) -> String {
    let lines = format!("RRULE:FREQ=DAILY\r\nDESCRIPTION:{}\r\nSUMMARY", "x".repeat(text_bytes));
    event_at(uid, "daily", "20260105T090000Z").replace("SUMMARY", &lines)
}

/// Asks for the occurrences of some events until a day.
fn expansion(paths: &[String], until: &str) -> String {
    let hrefs: String = paths.iter().map(|path| format!("<href>{path}</href>")).collect();
    format!(
        "<c:calendar-multiget><prop><c:calendar-data><c:expand start='20260105T000000Z' end='{until}T000000Z'/>\
         </c:calendar-data></prop>{hrefs}</c:calendar-multiget>"
    )
}

async fn put_daily(client: &Client<'_>, name: &str, text_bytes: usize) -> String {
    let path = client.calendar(&format!("calendar/{name}.ics"));
    assert_eq!(client.put(&path, daily(name, text_bytes)).await.status, 201);
    path
}

#[test]
fn a_series_is_given_to_its_end_or_refused_by_name() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let paths = [put_daily(&anna, "large", 200_000).await, put_daily(&anna, "small", 10).await];
        let calendar = anna.calendar("calendar/");
        // A hundred days: 20 MB of the one, some kilobytes of the other.
        let answer = anna.report(&calendar, &expansion(&paths, "20260415")).await;
        assert_eq!(answer.hrefs(), paths);
        assert_eq!(answer.of(&paths[0]).status(), Some(507));
        assert!(answer.body.contains("number-of-matches-within-limits"));
        let small = answer.of(&paths[1]).text("calendar-data").unwrap();
        assert_eq!(small.matches("BEGIN:VEVENT").count(), 100);
        // Seventy years: more occurrences than are counted.
        let answer = anna.report(&calendar, &expansion(&paths[1..], "20960101")).await;
        assert_eq!(answer.of(&paths[1]).status(), Some(507));
    });
}

#[test]
fn a_page_ends_by_what_is_written_and_nothing_is_left_out() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let mut paths = Vec::new();
        for name in ["a", "b", "c", "d"] {
            paths.push(put_daily(&anna, name, 100_000).await);
        }
        // Seventy days: 7 MB of each.
        let answer = anna.report(&anna.calendar("calendar/"), &expansion(&paths, "20260316")).await;
        assert_eq!(answer.status, 207);
        assert_eq!(answer.body.matches("BEGIN:VEVENT").count(), 4 * 70);
        let places: Vec<_> = paths.iter().map(|path| answer.body.find(path.as_str()).unwrap()).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert!(answer.body.ends_with("</D:multistatus>"));
    });
}
