//! How fast the two large ones are: a multiget of 5,000 paths is read, 5,000 responses are written.

use std::time::{Duration, Instant};

use dav_wire::report::Report;
use dav_wire::{Detail, ETag, MultiStatus, Property, PropertyAnswer, Value};
use vocabulary::{ItemId, ModSeq};

const ITEMS: usize = 5_000;

#[expect(clippy::disallowed_methods, reason = "a measurement needs the real clock")]
fn best_of_ten(mut work: impl FnMut()) -> Duration {
    let times = (0..10).map(|_| {
        let started = Instant::now();
        work();
        started.elapsed()
    });
    times.min().unwrap_or(Duration::MAX)
}

#[test]
fn a_multiget_of_thousands_is_read_in_milliseconds() {
    let hrefs: String =
        (0..ITEMS).map(|n| format!("<href>/dav/anna@a.test/office/{n:08}.ics</href>\n")).collect();
    let body = format!(
        "<C:calendar-multiget xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><prop><getetag/>\
         <C:calendar-data/></prop>{hrefs}</C:calendar-multiget>"
    );
    let best = best_of_ten(|| assert!(Report::parse(body.as_bytes()).is_ok()));
    eprintln!("multiget of {ITEMS} paths, {} bytes: {best:?}", body.len());
    assert!(best < Duration::from_millis(100), "{best:?}");
}

#[test]
fn thousands_of_responses_are_written_in_milliseconds() {
    let hrefs: Vec<_> = (0..ITEMS).map(|n| format!("/dav/anna@a.test/office/{n:08}.ics")).collect();
    let event = "BEGIN:VEVENT\r\nSUMMARY:Meeting\r\nEND:VEVENT\r\n".repeat(20);
    let etag = ETag { item: ItemId(7), content: ModSeq(1_099_511_627_777) }.to_string();
    let answers = [
        PropertyAnswer::value(Property::ETag, Value::Text(etag)),
        PropertyAnswer::value(Property::CalendarData, Value::Data { text: event, media: None }),
    ];
    let mut bytes = 0;
    let best = best_of_ten(|| {
        let mut answer = MultiStatus::new(Detail::Full);
        bytes = hrefs
            .iter()
            .map(|href| {
                answer.response(href, &answers);
                answer.take().len()
            })
            .sum();
    });
    eprintln!("{ITEMS} responses, {bytes} bytes: {best:?}");
    assert!(best < Duration::from_millis(500), "{best:?}");
}
