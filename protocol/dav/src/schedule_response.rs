//! The answer to a POST to a scheduling outbox: RFC 6638 section 10.1.

use crate::name::{caldav, dav};
use crate::xml::Writer;

/// What is told about one recipient: RFC 6638 section 10.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleResponse {
    /// The calendar user address, as a URI.
    pub recipient: String,
    /// The status of RFC 5546 section 3.6 with its words, such as `2.0;Success`.
    pub status: String,
    /// The iCalendar object.
    pub data: Option<String>,
}

/// The document, one response for each recipient.
#[must_use]
pub fn schedule_response(responses: &[ScheduleResponse]) -> Vec<u8> {
    let mut writer = Writer::document(caldav::SCHEDULE_RESPONSE);
    for ScheduleResponse { recipient, status, data } in responses {
        writer.open(caldav::RESPONSE);
        writer.open(caldav::RECIPIENT);
        writer.leaf(dav::HREF, recipient);
        writer.close();
        writer.leaf(caldav::REQUEST_STATUS, status);
        if let Some(data) = data {
            writer.leaf(caldav::CALENDAR_DATA, data);
        }
        writer.close();
    }
    writer.finish().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    // RFC 6638 sections 10.1 to 10.4.
    #[test]
    fn each_recipient_has_a_response() {
        let response = |recipient: &str, status: &str, data: Option<&str>| ScheduleResponse {
            recipient: recipient.to_owned(),
            status: status.to_owned(),
            data: data.map(str::to_owned),
        };
        let object = "BEGIN:VCALENDAR\r\nX-A:<&>\r\nEND:VCALENDAR\r\n";
        let written = schedule_response(&[
            response("mailto:a@x.test", "2.0;Success", Some(object)),
            response("mailto:b@x.test", "3.7;Invalid calendar user", None),
        ]);
        let root = parse(&written, &Limits::REQUEST).unwrap();
        assert_eq!(root.name(), caldav::SCHEDULE_RESPONSE);
        let read: Vec<_> = root
            .children()
            .map(|one| {
                let recipient = one.child(caldav::RECIPIENT).unwrap().child(dav::HREF).unwrap().text();
                let status = one.child(caldav::REQUEST_STATUS).unwrap().text();
                (recipient, status, one.child(caldav::CALENDAR_DATA).map(|data| data.text()))
            })
            .collect();
        let expected = [
            ("mailto:a@x.test", "2.0;Success", Some(object.to_owned())),
            ("mailto:b@x.test", "3.7;Invalid calendar user", None),
        ];
        let expected = expected.map(|(a, b, data)| (a.to_owned(), b.to_owned(), data));
        assert_eq!(read, expected);
    }
}
