//! What lies in the account before the first phone comes: as much as the classes can say.

use blackbox::{Account, Demo, Mail, calendar, unique};

/// Lines between DTSTART and the end of events, one event per form that a series can have, and others.
const EVENTS: &[(&str, &str)] = &[
    ("daily", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=9\n"),
    ("workdays", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=MO\n"),
    ("weekly", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20280101T000000Z;WKST=SU\n"),
    ("monthly", "RRULE:FREQ=MONTHLY;BYMONTHDAY=15\n"),
    ("monthly nth", "RRULE:FREQ=MONTHLY;BYDAY=3MO\n"),
    ("yearly", "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15\n"),
    ("yearly nth", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=3MO\n"),
    ("private", "CLASS:PRIVATE\nTRANSP:TRANSPARENT\nCATEGORIES:Work,Home\nGEO:52.5;13.4\n"),
    ("away", "X-MICROSOFT-CDO-BUSYSTATUS:OOF\n"),
    ("confidential", "CLASS:CONFIDENTIAL\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\n"),
];

/// Puts it there and gives the word that is in all of it.
pub(crate) fn fill(demo: &Demo, anna: &Account, ben: &Account) -> String {
    let word = unique();
    let app = demo.dav(anna);
    let calendar_of = app.own(Some("VEVENT"));
    for (number, (name, lines)) in EVENTS.iter().enumerate() {
        let uid = format!("{word}-event{number}");
        let inner = format!(
            "DTSTART;TZID=Europe/Berlin:20270315T090000\nDTEND;TZID=Europe/Berlin:20270315T100000\n\
             SUMMARY:{word} {name}\nLOCATION:Werkstatt\nDESCRIPTION:Line one\\nline two\n{lines}\
             BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT30M\nEND:VALARM\n"
        );
        app.put(&format!("{calendar_of}{uid}.ics"), &calendar("VEVENT", &uid, &inner)).is(201);
    }
    app.put(&format!("{calendar_of}{word}-meeting.ics"), &meeting(&word, anna, ben)).is(201);
    let uid = format!("{word}-day");
    let inner = format!("DTSTART;VALUE=DATE:20270320\nDTEND;VALUE=DATE:20270321\nSUMMARY:{word} whole day\n");
    app.put(&format!("{calendar_of}{uid}.ics"), &calendar("VEVENT", &uid, &inner)).is(201);

    let tasks = app.own(Some("VTODO"));
    for (number, rule) in [
        "",
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=TU",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=MONTHLY;BYDAY=3MO",
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=15",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=3MO",
    ]
    .iter()
    .enumerate()
    {
        let uid = format!("{word}-task{number}");
        let end = if number == 2 { "UNTIL=20280101" } else { "COUNT=5" };
        let rule = if rule.is_empty() { String::new() } else { format!("RRULE:{rule};{end}\n") };
        let inner = format!(
            "DTSTART;VALUE=DATE:20270315\nDUE;VALUE=DATE:20270316\nSUMMARY:{word} task {number}\n\
             DESCRIPTION:Of a task\nPRIORITY:1\nCLASS:PRIVATE\nCATEGORIES:Work\n{rule}\
             BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\n\
             TRIGGER;VALUE=DATE-TIME:20270315T060000Z\nEND:VALARM\n"
        );
        app.put(&format!("{tasks}{uid}.ics"), &calendar("VTODO", &uid, &inner)).is(201);
    }
    let uid = format!("{word}-done");
    let inner = format!("SUMMARY:{word} done\nSTATUS:COMPLETED\nCOMPLETED:20260105T100000Z\n");
    app.put(&format!("{tasks}{uid}.ics"), &calendar("VTODO", &uid, &inner)).is(201);

    let uid = format!("{word}-note");
    let inner = format!("SUMMARY:{word} note\nDESCRIPTION:Of a note\nCATEGORIES:Work\n");
    app.put(&format!("{}{uid}.ics", app.own(Some("VJOURNAL"))), &calendar("VJOURNAL", &uid, &inner)).is(201);

    // Anna knows Ben: his picture and a certificate.
    let certificate = std::fs::read_to_string(demo.ca()).unwrap();
    let base64: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
    let card = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{word}-ben\r\nFN:Ben\r\nN:;Ben;;;\r\nEMAIL:{}\r\n\
         PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=\r\nKEY;ENCODING=b;TYPE=X509:{base64}\r\nEND:VCARD\r\n",
        ben.address
    );
    app.put(&format!("{}{word}-ben.vcf", app.own(None)), &card).is(201);

    // Ben invites Anna: the server writes the mails.
    let (his, rules) =
        (demo.dav(ben), ["MONTHLY;BYDAY=3MO;UNTIL=20280101T000000Z", "YEARLY;BYMONTH=3;BYMONTHDAY=15"]);
    for (number, rule) in rules.iter().enumerate() {
        let uid = format!("{word}-asked{number}");
        let inner = format!(
            "DTSTART;TZID=Europe/Berlin:20270315T130000\nDTEND;TZID=Europe/Berlin:20270315T140000\n\
             SUMMARY:{word} asked {number}\nLOCATION:Saal\nRRULE:FREQ={rule}\nORGANIZER:mailto:{}\n\
             ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{}\n\
             BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT10M\nEND:VALARM\n",
            ben.address, anna.address
        );
        his.put(&format!("{}{uid}.ics", his.own(Some("VEVENT"))), &calendar("VEVENT", &uid, &inner)).is(201);
    }
    let mut imap = demo.imap(anna);
    imap.select("INBOX");
    blackbox::eventually("both invitations arrive", || {
        imap.ok("NOOP");
        (imap.uids_of(&format!("{word} asked")).len() == 2).then_some(())
    });

    for mail in mails(&word, anna, ben) {
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
    }
    word
}

/// A series with people and an occurrence that differs.
fn meeting(word: &str, anna: &Account, ben: &Account) -> String {
    let uid = format!("{word}-meeting");
    let people = format!(
        "ORGANIZER;CN=Anna:mailto:{}\nATTENDEE;CN=Ben;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:{}\n\
         ATTENDEE;CN=Cleo;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:cleo@elsewhere.test\n",
        anna.address, ben.address
    );
    let part = |day: &str, name: &str, rest: &str| {
        format!(
            "BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:{day}T110000\n\
             DTEND;TZID=Europe/Berlin:{day}T120000\nSUMMARY:{word} {name}\nDESCRIPTION:Of {name}\n\
             LOCATION:Saal\nCATEGORIES:Work\n{people}{rest}BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\n\
             TRIGGER:-PT10M\nEND:VALARM\nEND:VEVENT\n"
        )
    };
    let master = part(
        "20270315",
        "meeting",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=6\nEXDATE;TZID=Europe/Berlin:20270322T110000\n",
    );
    let other = part(
        "20270330",
        "moved meeting",
        "RECURRENCE-ID;TZID=Europe/Berlin:20270329T110000\nCLASS:PRIVATE\nTRANSP:TRANSPARENT\n",
    );
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//probe//EN\n{master}{other}END:VCALENDAR\n")
        .replace('\n', "\r\n")
}

fn mails(word: &str, anna: &Account, ben: &Account) -> Vec<Mail> {
    let head = |name: &str| {
        format!(
            "From: Ben <{ben}>\r\nTo: Anna <{anna}>, Cleo <cleo@elsewhere.test>\r\n\
             Cc: Dora <dora@elsewhere.test>, Emil <emil@elsewhere.test>\r\n\
             Reply-To: <desk@elsewhere.test>, <shop@elsewhere.test>\r\nSubject: {word} {name}\r\nMessage-ID: <{name}.{word}@probe.test>\r\n\
             Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nImportance: high\r\nMIME-Version: 1.0\r\n",
            ben = ben.address,
            anna = anna.address
        )
    };
    let mixed = format!(
        "{}Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/related; boundary=r\r\n\r\n\
         --r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Grüße {}</p><img src=\"cid:one@probe\">\r\n--r\r\n\
         Content-Type: image/png; name=dot.png\r\nContent-Disposition: inline; filename=dot.png\r\n\
         Content-ID: <one@probe>\r\nContent-Location: dot.png\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         iVBORw0KGgo=\r\n--r--\r\n--o\r\nContent-Type: application/pdf; name=plan.pdf\r\n\
         Content-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {}\r\n--o--\r\n",
        head("mixed"),
        "and more words. ".repeat(200),
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY".repeat(2)
    );
    let invitation = format!(
        "{}Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\nCome!\r\n\
         --a\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
         PRODID:-//probe//EN\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{word}-invited\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:20270405T080000Z\r\nDTEND:20270405T090000Z\r\nSUMMARY:{word} invited\r\nLOCATION:Saal\r\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\r\nORGANIZER:mailto:{}\r\n\
         ATTENDEE;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--a--\r\n",
        head("invited"),
        ben.address,
        anna.address
    );
    let day = invitation
        .replace(&format!("{word} invited"), &format!("{word} wholly invited"))
        .replace(&format!("<invited.{word}"), &format!("<wholly.{word}"))
        .replace(&format!("UID:{word}-invited"), &format!("UID:{word}-wholly"))
        .replace("DTSTART:20270405T080000Z", "DTSTART;VALUE=DATE:20270405")
        .replace("DTEND:20270405T090000Z", "DTEND;VALUE=DATE:20270406")
        .replace("RSVP=TRUE", "RSVP=FALSE");
    let sent_for = format!(
        "Sender: Zoe <zoe@elsewhere.test>\r\n{}Content-Type: text/plain\r\n\r\nFor Ben.\r\n",
        head("sent for")
    );
    let plain = format!("{}Content-Type: text/plain; charset=iso-8859-2\r\n\r\nShort.\r\n", head("plain"));
    let reply = format!(
        "Sender: Ben <{}>\r\n{}References: <plain.{word}@probe.test>\r\nContent-Type: text/plain\r\n\r\nIndeed.\r\n",
        ben.address,
        head("reply")
    );
    let all = [("mixed", mixed), ("invited", invitation), ("plain", plain), ("reply", reply)];
    let more = [("wholly invited", day), ("sent for", sent_for)];
    all.into_iter()
        .chain(more)
        .map(|(name, text)| Mail { subject: format!("{word} {name}"), bytes: text.into_bytes() })
        .collect()
}

/// A contact with every element that a phone can send of one, under a name.
pub(crate) fn contact(name: &str) -> Vec<blackbox::Element> {
    let mut data = Vec::new();
    for row in super::contact_rows() {
        let value = if row.element == "Contacts:LastName" { name } else { row.value };
        data.push(row.written(value));
    }
    data.push(blackbox::Element::body("Of a contact\r\nin two lines"));
    data
}
