//! A year of appointments with difficult series, contacts with photos, tasks and notes: as phones and
//! calendar apps write them. The same moment gives the same bytes.

use super::mails_files::{Random, picture};
use super::mails_text::{CUSTOMERS, FLOWERS, PEOPLE, SUPPLIERS};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime};
use vocabulary::{Role, Timestamp};

/// The zone in which everybody of the demo lives.
pub(super) const TIME_ZONE: &str = "Europe/Berlin";

/// One object and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DemoObject {
    /// Place in [`PEOPLE`].
    pub(super) to_account: usize,
    /// The folder.
    pub(super) role: Role,
    /// Name of its resource.
    pub(super) name: String,
    /// iCalendar or vCard.
    pub(super) text: String,
}

const ANNA: usize = 0;
const BEN: usize = 1;
const DAVID: usize = 3;

/// All of them.
pub(super) fn objects(seed: u64, now: Timestamp) -> Vec<DemoObject> {
    let today = DateTime::from_timestamp_millis(now.0).unwrap_or_default().date_naive();
    let mut writer = Writer { today, random: Random::new(seed ^ 0x000c_a1e0), objects: Vec::new() };
    writer.series();
    writer.year();
    writer.of_colleagues();
    writer.contacts();
    writer.tasks();
    writer.notes();
    writer.objects
}

struct Writer {
    today: NaiveDate,
    random: Random,
    objects: Vec<DemoObject>,
}

/// `20261123`.
fn date(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// `20261123T093000`.
fn at(day: NaiveDate, hour: u32, minute: u32) -> String {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    day.and_time(time).format("%Y%m%dT%H%M%S").to_string()
}

fn calendar(producer: &str, body: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:{producer}\n{body}END:VCALENDAR\n").replace('\n', "\r\n")
}

const APPLE: &str = "-//Apple Inc.//macOS 15.1//EN";
const GOOGLE: &str = "-//Google Inc//Google Calendar 70.9054//EN";
const THUNDERBIRD: &str = "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN";
const OUTLOOK: &str = "-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN";
const DAVX5: &str = "DAVx5/4.4.5-ose ical4j/3.2.19";

/// As Outlook defines a zone under a name of its own.
const OUTLOOK_ZONE: &str = "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16011028T030000\n\
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nBEGIN:DAYLIGHT\n\
DTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\n\
END:VTIMEZONE\n";

impl Writer {
    fn put(&mut self, to_account: usize, role: Role, name: &str, ending: &str, text: String) {
        self.objects.push(DemoObject { to_account, role, name: format!("{name}.{ending}"), text });
    }

    fn event(&mut self, uid: &str, producer: &str, zone: &str, lines: &str) {
        let stamp = at(self.today, 6, 0);
        let body = format!("{zone}BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:{stamp}Z\n{lines}END:VEVENT\n");
        self.put(ANNA, Role::Calendar, uid, "ics", calendar(producer, &body));
    }

    /// The Monday half a year ago: where most series begin.
    fn begin(&self) -> NaiveDate {
        let monday = self.today - Days::new(self.today.weekday().num_days_from_monday().into());
        monday - Days::new(26 * 7)
    }

    fn series(&mut self) {
        let begin = self.begin();
        let day = |days: u64| begin + Days::new(days);
        let zoned = |day, hour, minute| format!("TZID={TIME_ZONE}:{}", at(day, hour, minute));
        // Moved once, said off once, renamed once.
        let (moved, cancelled, renamed) = (day(26 * 7), day(27 * 7), day(28 * 7));
        let master = format!(
            "SUMMARY:Teamrunde\nDTSTART;{}\nDTEND;{}\nRRULE:FREQ=WEEKLY\nEXDATE;{}\nLOCATION:Werkstatt\n\
             CATEGORIES:Laden\nBEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Teamrunde\nTRIGGER:-PT15M\nEND:VALARM\n",
            zoned(begin, 9, 0),
            zoned(begin, 9, 45),
            zoned(cancelled, 9, 0),
        );
        let stamp = at(self.today, 6, 0);
        let exception = |day: NaiveDate, lines: String| {
            format!(
                "END:VEVENT\nBEGIN:VEVENT\nUID:team\nDTSTAMP:{stamp}Z\nRECURRENCE-ID;{}\n{lines}",
                zoned(day, 9, 0)
            )
        };
        let later = exception(
            moved,
            format!(
                "SUMMARY:Teamrunde (verschoben)\nDTSTART;{}\nDTEND;{}\n",
                zoned(moved + Days::new(1), 14, 0),
                zoned(moved + Days::new(1), 14, 45),
            ),
        );
        let other = exception(
            renamed,
            format!(
                "SUMMARY:Teamrunde mit Inventur\nDTSTART;{}\nDTEND;{}\n",
                zoned(renamed, 9, 0),
                zoned(renamed, 11, 0),
            ),
        );
        self.event("team", APPLE, "", &format!("{master}{later}{other}"));
        let outlook = |day, hour, minute| format!("TZID=W. Europe Standard Time:{}", at(day, hour, minute));
        self.event(
            "delivery",
            OUTLOOK,
            OUTLOOK_ZONE,
            &format!(
                "SUMMARY:Lieferung Großmarkt\nDTSTART;{}\nDTEND;{}\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;WKST=MO\n\
                 X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE\nX-MICROSOFT-CDO-IMPORTANCE:2\nPRIORITY:1\n",
                outlook(day(1), 5, 30),
                outlook(day(1), 7, 0),
            ),
        );
        let last_friday = format!("TZID={TIME_ZONE}:{}", at(day(4), 17, 0));
        self.event(
            "stocktaking",
            GOOGLE,
            "",
            &format!(
                "SUMMARY:Inventur\nDTSTART;{last_friday}\nDURATION:PT2H\nRRULE:FREQ=MONTHLY;BYDAY=-1FR\n"
            ),
        );
        let first = begin.with_day(31).or_else(|| (begin + Months::new(1)).with_day(31)).unwrap_or(begin);
        self.event(
            "accounts",
            THUNDERBIRD,
            "",
            &format!(
                "SUMMARY:Monatsabschluss\nDTSTART;VALUE=DATE:{}\nDTEND;VALUE=DATE:{}\nRRULE:FREQ=MONTHLY;BYMONTHDAY=31\n\
                 TRANSP:TRANSPARENT\nX-MOZ-GENERATION:3\n",
                date(first),
                date(first + Days::new(1)),
            ),
        );
        self.event(
            "leap",
            APPLE,
            "",
            "SUMMARY:Geburtstag Oma Lina\nDTSTART;VALUE=DATE:19480229\nDURATION:P1D\nRRULE:FREQ=YEARLY\n\
             X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\n",
        );
        // The clock jumps over this hour once a year.
        self.event(
            "night-market",
            DAVX5,
            "",
            &format!(
                "SUMMARY:Nachtmarkt\nDTSTART;TZID={TIME_ZONE}:20260322T023000\nDTEND;TZID={TIME_ZONE}:20260322T043000\n\
                 RRULE:FREQ=WEEKLY;UNTIL=20270401T003000Z\nRDATE;TZID={TIME_ZONE}:20261224T023000\n"
            ),
        );
        self.event(
            "auction",
            GOOGLE,
            "",
            &format!(
                "SUMMARY:Call with the auction\nDTSTART;TZID=America/New_York:{}\nDTEND;TZID=America/New_York:{}\n\
                 RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\nORGANIZER;CN=Anna Huber:mailto:{}\n\
                 ATTENDEE;CN=Anna Huber;PARTSTAT=ACCEPTED;ROLE=CHAIR:mailto:{}\n\
                 ATTENDEE;CN=Willem de Vries;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{}\n\
                 X-GOOGLE-CONFERENCE:https://meet.greenlogistics.test/auction\n",
                at(day(2), 10, 0),
                at(day(2), 10, 30),
                PEOPLE[0].1,
                PEOPLE[0].1,
                SUPPLIERS[0].1,
            ),
        );
        self.event(
            "watering",
            THUNDERBIRD,
            "",
            &format!(
                "SUMMARY:Gießen\nDTSTART:{}\nDTEND:{}\nRRULE:FREQ=DAILY;COUNT=400\nCLASS:PRIVATE\n",
                at(begin, 7, 0),
                at(begin, 7, 15),
            ),
        );
    }

    /// What happens once: some on every working day.
    fn year(&mut self) {
        let begin = self.begin();
        for offset in 0..364_u64 {
            let day = begin + Days::new(offset);
            if day.weekday().num_days_from_monday() > 5 || !self.random.percent(70) {
                continue;
            }
            let (customer, address) = self.random.pick(&CUSTOMERS);
            let flower = self.random.pick(&FLOWERS);
            let (hour, length) = (8 + self.random.below(9) as u32, 1 + self.random.below(3) as u32);
            let producer = self.random.pick(&[APPLE, GOOGLE, THUNDERBIRD, DAVX5]);
            self.event(
                &format!("order-{offset:03}"),
                producer,
                "",
                &format!(
                    "SUMMARY:{flower} für {customer}\nDTSTART;TZID={TIME_ZONE}:{}\nDTEND;TZID={TIME_ZONE}:{}\n\
                     DESCRIPTION:Bestellt von {address}\\nBitte mit Karte.\nLOCATION:{customer}\n",
                    at(day, hour, 0),
                    at(day, hour + length, 0),
                ),
            );
        }
        for (uid, weeks, days, summary) in [
            ("fair", 8, 3, "Messe IPM"),
            ("holiday", 30, 12, "Betriebsferien"),
            ("wedding", 40, 1, "Hochzeit Nowak"),
        ] {
            let day = begin + Days::new(weeks * 7);
            self.event(
                uid,
                APPLE,
                "",
                &format!(
                    "SUMMARY:{summary}\nDTSTART;VALUE=DATE:{}\nDTEND;VALUE=DATE:{}\n",
                    date(day),
                    date(day + Days::new(days)),
                ),
            );
        }
    }

    /// Ben and David have a few of their own.
    fn of_colleagues(&mut self) {
        let stamp = at(self.today, 6, 0);
        for (account, uid, summary, rule) in [
            (BEN, "football", "Fußball", "RRULE:FREQ=WEEKLY;BYDAY=WE\n"),
            (BEN, "dentist", "Zahnarzt", ""),
            (DAVID, "german", "Deutschkurs", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=40\n"),
        ] {
            let body = format!(
                "BEGIN:VEVENT\nUID:{uid}\nDTSTAMP:{stamp}Z\nSUMMARY:{summary}\nDTSTART;TZID={TIME_ZONE}:{}\n\
                 DTEND;TZID={TIME_ZONE}:{}\n{rule}END:VEVENT\n",
                at(self.today, 18, 0),
                at(self.today, 19, 30),
            );
            self.put(account, Role::Calendar, uid, "ics", calendar(APPLE, &body));
        }
    }

    fn contacts(&mut self) {
        for (number, (name, address)) in CUSTOMERS.iter().chain(&SUPPLIERS).enumerate() {
            let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
            let mut card = format!(
                "BEGIN:VCARD\nVERSION:3.0\nUID:contact-{number:02}\nFN:{name}\nN:{last};{first};;;\n\
                 EMAIL;TYPE=INTERNET,HOME:{address}\nTEL;TYPE=CELL:+49 151 55500{number:02}\n"
            );
            if number % 3 == 0 {
                let photo =
                    fold(&format!("PHOTO;ENCODING=b;TYPE=PNG:{}", STANDARD.encode(picture(number as u64))));
                card.push_str(&photo);
            }
            match number % 4 {
                0 => card.push_str(&format!(
                    "item1.TEL:+49 30 55500{number:02}\nitem1.X-ABLABEL:Laden\nBDAY:19{:02}-0{}-1{}\n",
                    50 + number,
                    1 + number % 9,
                    number % 9
                )),
                1 => card.push_str(
                    "ADR;TYPE=WORK:;;Marktplatz 3;Neustadt;;01234;Deutschland\nX-SKYPE:blumenfreund\n",
                ),
                2 => {
                    card.push_str("ORG:Großhandel;Einkauf\nTITLE:Einkäuferin\nCATEGORIES:Stammkunde,Firma\n")
                }
                _ => card.push_str(
                    "NOTE:Zahlt auf Rechnung\\, nie bar.\\nMag keine Lilien.\nURL:https://kunde.test/\n",
                ),
            }
            card.push_str("END:VCARD\n");
            self.put(
                ANNA,
                Role::Contacts,
                &format!("contact-{number:02}"),
                "vcf",
                card.replace('\n', "\r\n"),
            );
        }
    }

    fn tasks(&mut self) {
        let stamp = at(self.today, 6, 0);
        let due = |days: u64| date(self.today + Days::new(days));
        let tasks = [
            ("watering-can", "Gießkannen bestellen", format!("DUE;VALUE=DATE:{}\nPRIORITY:1\n", due(3))),
            (
                "fridge",
                "Kühlraum reinigen",
                format!(
                    "DTSTART;VALUE=DATE:{}\nDUE;VALUE=DATE:{}\nRRULE:FREQ=WEEKLY;BYDAY=SA\n",
                    due(0),
                    due(0)
                ),
            ),
            (
                "vat",
                "Umsatzsteuer melden",
                format!(
                    "DTSTART;TZID={TIME_ZONE}:{}\nDUE;TZID={TIME_ZONE}:{}\nRRULE:FREQ=MONTHLY;BYMONTHDAY=10;COUNT=12\n\
                     BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Steuer\nTRIGGER:-P1D\nEND:VALARM\n",
                    at(self.today, 8, 0),
                    at(self.today, 12, 0)
                ),
            ),
            ("lamp", "Lampe im Schaufenster tauschen", "STATUS:IN-PROCESS\nPERCENT-COMPLETE:50\n".to_owned()),
            (
                "signs",
                "Preisschilder drucken",
                format!("STATUS:COMPLETED\nCOMPLETED:{stamp}Z\nPERCENT-COMPLETE:100\nCATEGORIES:Laden\n"),
            ),
            ("idea", "Adventskränze: neue Ideen sammeln", "X-APPLE-SORT-ORDER:714000000\n".to_owned()),
        ];
        for (uid, summary, lines) in tasks {
            let body =
                format!("BEGIN:VTODO\nUID:{uid}\nDTSTAMP:{stamp}Z\nSUMMARY:{summary}\n{lines}END:VTODO\n");
            self.put(ANNA, Role::Tasks, uid, "ics", calendar(DAVX5, &body));
        }
    }

    fn notes(&mut self) {
        let stamp = at(self.today, 6, 0);
        let notes = [
            ("alarm", "Alarmanlage", "Code liegt beim Nachbarn."),
            ("opening", "Öffnungszeiten", "Mo-Fr 8-18\\nSa 8-14\\nAdvent bis 16 Uhr"),
            ("care", "Pflege der Orchideen", "Wenig gießen\\, kein kaltes Wasser."),
        ];
        for (uid, summary, text) in notes {
            let body = format!(
                "BEGIN:VJOURNAL\nUID:{uid}\nDTSTAMP:{stamp}Z\nLAST-MODIFIED:{stamp}Z\nSUMMARY:{summary}\n\
                 DESCRIPTION:{text}\nEND:VJOURNAL\n"
            );
            self.put(ANNA, Role::Notes, uid, "ics", calendar(DAVX5, &body));
        }
    }
}

/// A long line of ASCII in pieces of 75 octets (RFC 6350 section 3.2).
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + line.len() / 37);
    for (place, piece) in line.as_bytes().chunks(74).enumerate() {
        folded.push_str(if place == 0 { "" } else { " " });
        folded.push_str(&String::from_utf8_lossy(piece));
        folded.push('\n');
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp(1_795_510_800_000);

    #[test]
    fn the_same_moment_gives_the_same_bytes_and_every_object_can_be_stored() {
        let made = objects(1, NOW);
        assert_eq!(made, objects(1, NOW));
        let mut names = BTreeSet::new();
        for object in &made {
            assert!(names.insert((object.to_account, object.role, object.name.clone())), "{}", object.name);
            let text = object.text.as_bytes();
            match object.role {
                Role::Contacts => drop(contact::describe(text).expect(&object.name)),
                _ => drop(calendar::describe(text).expect(&object.name)),
            }
            assert!(object.text.lines().all(|line| line.len() <= 200), "{}", object.name);
        }
        let events = made.iter().filter(|object| object.role == Role::Calendar).count();
        assert!(events > 200, "{events} events are no year");
        assert!(made.iter().any(|object| object.text.contains("PHOTO")));
    }

    #[test]
    fn a_folded_line_reads_back() {
        let line = "X".repeat(500);
        let folded = fold(&line);
        assert!(folded.lines().all(|line| line.len() <= 75));
        assert_eq!(folded.replace("\n ", "").trim_end(), line);
    }
}
