//! The 3,000 mails of the demo: the flower shop Blumen Huber and its neighbour. The same seed and
//! moment give the same bytes.
//!
//! Ten mails in a row make a round: a conversation of five with its references, a customer, a
//! newsletter, an invoice, then by turns a photo, an invitation, a signed list mail, a supplier, and
//! last something rare or broken.

use super::mails_files::{self as files, Random};
use super::mails_text as text;
use mime::Mailbox;
use mime::compose::{Attachment, Draft, date_text};
use vocabulary::{Flags, Timestamp};

/// Mails of each person, in the order of [`text::PEOPLE`]: 3,000 in total.
pub(crate) const MAILS_OF: [usize; 6] = [2_400, 120, 120, 120, 120, 120];
/// How far back they go.
const SPAN_DAYS: i64 = 640;
/// Emil collects large files: his account is shown with little room left.
const COLLECTOR: usize = 4;
const DAY_MS: i64 = 86_400_000;

/// One mail and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DemoMail {
    /// Place in [`text::PEOPLE`].
    pub(crate) to_account: usize,
    /// Path of the folder.
    pub(crate) folder: &'static str,
    /// When it arrived; rises within an account.
    pub(crate) received: Timestamp,
    /// System flags.
    pub(crate) flags: Flags,
    /// RFC 5322 with CRLF; a few are broken on purpose.
    pub(crate) raw: Vec<u8>,
}

/// All mails, account by account, oldest first.
pub(crate) fn mails(seed: u64, now: Timestamp) -> impl Iterator<Item = DemoMail> {
    MAILS_OF.iter().enumerate().flat_map(move |(account, count)| {
        (0..*count).map(move |number| Writer::new(seed, now, account, number, *count).mail())
    })
}

type Person = (&'static str, &'static str);

struct Writer {
    random: Random,
    account: usize,
    number: usize,
    received: Timestamp,
    now: Timestamp,
    owner: Person,
    /// Shared by the mails of one round: who and what it is about.
    round: Random,
}

impl Writer {
    fn new(seed: u64, now: Timestamp, account: usize, number: usize, count: usize) -> Self {
        let round_seed = seed ^ (account as u64) << 40 ^ (number as u64 / 10) << 20;
        let mut random = Random::new(round_seed ^ (number as u64 + 1));
        let step_ms = SPAN_DAYS * DAY_MS / count as i64;
        let jitter_ms = random.below(usize::try_from(step_ms).unwrap_or(1).max(1)) as i64;
        let received = now.0 - (count - number) as i64 * step_ms + jitter_ms;
        let received = Timestamp(received.div_euclid(1_000) * 1_000);
        Self {
            random,
            account,
            number,
            received,
            now,
            owner: text::PEOPLE[account],
            round: Random::new(round_seed),
        }
    }

    fn mail(mut self) -> DemoMail {
        let turn = self.number / 10;
        let own = self.number % 10 < 5 && (self.number % 10) % 2 == 1;
        let raw = match self.number % 10 {
            reply @ 0..=4 => self.conversation(reply),
            5 => self.customer(),
            6 => self.newsletter(),
            7 => self.invoice(),
            8 => match turn % 4 {
                0 => self.photo(),
                1 => self.invitation(),
                2 => self.signed_list_mail(),
                _ => self.supplier(),
            },
            _ => match turn % 12 {
                0 => self.without_date(),
                3 => self.raw_8_bit(),
                6 => self.never_closed(),
                9 => self.bounce(),
                other if other % 2 == 0 => self.supplier(),
                _ => self.customer(),
            },
        };
        let raw = if own { raw } else { self.with_trace(&raw) };
        DemoMail {
            to_account: self.account,
            folder: self.folder(own),
            received: self.received,
            flags: self.flags(own),
            raw,
        }
    }

    fn age_days(&self) -> i64 {
        (self.now.0 - self.received.0) / DAY_MS
    }

    fn folder(&mut self, own: bool) -> &'static str {
        if own {
            return "Sent";
        }
        let (year, ..) = civil(self.received);
        if self.age_days() < 120 || !self.random.percent(70) {
            return "INBOX";
        }
        match year {
            2024 => "Archive/2024",
            2025 => "Archive/2025",
            2026 => "Archive/2026",
            2027 => "Archive/2027",
            2028 => "Archive/2028",
            _ => "Archive",
        }
    }

    fn flags(&mut self, own: bool) -> Flags {
        if own {
            return Flags::SEEN;
        }
        let unseen_percent = match self.age_days() {
            0..=2 => 70,
            3..=20 => 25,
            _ => 1,
        };
        let mut flags = if self.random.percent(unseen_percent) { Flags::NONE } else { Flags::SEEN };
        let was_answered = self.number % 10 < 4; // the next one of the conversation is our reply
        if was_answered || (flags.contains(Flags::SEEN) && self.random.percent(8)) {
            flags = flags | Flags::SEEN | Flags::ANSWERED;
        }
        if self.random.percent(4) {
            flags = flags | Flags::FLAGGED;
        }
        flags
    }

    fn id(&self, number: usize) -> String {
        format!("{}.{number}@blumen-huber.test", self.account)
    }

    fn draft(&self, from: Person, to: Person, subject: &str, body: &str) -> Draft {
        Draft::plain(mailbox(from), mailbox(to), subject, body, self.received, &self.id(self.number))
    }

    fn with_trace(&self, raw: &[u8]) -> Vec<u8> {
        let (_, domain) = self.owner.1.split_once('@').unwrap_or_default();
        mime::header::prepend(
            raw,
            &format!(
                "Received: from out.example.test (out.example.test [192.0.2.{}])\r\n by mail.{domain} with ESMTPS id {:x};\r\n {}",
                1 + self.number % 250,
                self.number,
                date_text(self.received)
            ),
        )
    }

    fn body(&mut self, to: Person, from: Person, english: bool) -> String {
        let (first_to, _) = to.0.split_once(' ').unwrap_or((to.0, ""));
        let (first_from, _) = from.0.split_once(' ').unwrap_or((from.0, ""));
        let greeting = if english { "Dear {}," } else { self.random.pick(&text::GREETINGS) };
        let mut out = greeting.replace("{}", first_to);
        out.push_str("\n\n");
        for paragraph in 0..=self.random.below(3) {
            if paragraph > 0 {
                out.push_str("\n\n");
            }
            for sentence in 0..=1 + self.random.below(3) {
                let (sentences, flowers): (&[&str], &[&str]) = if english {
                    (&text::SENTENCES_ENGLISH, &text::FLOWERS_ENGLISH)
                } else {
                    (&text::SENTENCES, &text::FLOWERS)
                };
                let chosen = self.random.pick(sentences).replace("{}", self.random.pick(flowers));
                out.push_str(if sentence > 0 { " " } else { "" });
                out.push_str(&if paragraph + sentence > 0 { capital(&chosen) } else { chosen });
            }
        }
        let closing = if english { "Kind regards" } else { self.random.pick(&text::CLOSINGS) };
        format!("{out}\n\n{closing}\n{first_from}\n")
    }

    /// Colleague and owner in turn; the owner's own mails lie in Sent.
    fn conversation(&mut self, reply: usize) -> Vec<u8> {
        let others: Vec<Person> =
            text::PEOPLE.iter().copied().filter(|person| *person != self.owner).collect();
        let other = self.round.pick(&others);
        let subject = self.round.pick(&text::SUBJECTS).replace("{}", self.round.pick(&text::FLOWERS));
        let first = self.number - reply;
        let (from, to) = if reply.is_multiple_of(2) { (other, self.owner) } else { (self.owner, other) };
        let mut body = self.body(to, from, false);
        let subject = if reply > 0 { format!("Re: {subject}") } else { subject };
        if reply > 0 {
            let quoted = self.random.pick(&text::SENTENCES).replace("{}", self.random.pick(&text::FLOWERS));
            body.push_str(&format!(
                "\nAm {} schrieb {}:\n> {}\n",
                date_text(self.received),
                to.0,
                capital(&quoted)
            ));
        }
        let mut draft = self.draft(from, to, &subject, &body);
        draft.message_id = self.conversation_id(self.number);
        draft.references = (first..self.number).map(|number| self.conversation_id(number)).collect();
        draft.build()
    }

    /// Must not depend on how often the random numbers were asked.
    fn conversation_id(&self, number: usize) -> String {
        format!("gespraech.{}.{number}@blumen-huber.test", self.account)
    }

    fn customer(&mut self) -> Vec<u8> {
        let from = self.random.pick(&text::CUSTOMERS);
        let subject = self.random.pick(&text::REQUESTS).replace("{}", self.random.pick(&text::FLOWERS));
        let body = self.body(self.owner, from, false);
        let mut draft = self.draft(from, self.owner, &subject, &body);
        if self.random.percent(10) {
            draft.fields.push(("Importance".to_owned(), "high".to_owned()));
        }
        draft.build()
    }

    fn supplier(&mut self) -> Vec<u8> {
        let from = self.random.pick(&text::SUPPLIERS);
        let subject = self.random.pick(&text::OFFERS).replace("{}", self.random.pick(&text::FLOWERS_ENGLISH));
        let body = self.body(self.owner, from, true);
        self.draft(from, self.owner, &subject, &body).build()
    }

    fn newsletter(&mut self) -> Vec<u8> {
        let from = self.random.pick(&text::NEWSLETTERS);
        let week = self.number / 10 % 52 + 1;
        let mut plain = format!("Angebote der Woche {week}\n\n");
        let mut html = format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><style>td {{ padding: 8px }} h1 {{ color: #2e7d32 }}</style></head>\
             <body><h1>Angebote der Woche {week}</h1>\n<table>"
        );
        for _ in 0..6 + self.random.below(14) {
            let flower = capital(self.random.pick(&text::FLOWERS));
            let (euros, cents) = (1 + self.random.below(30), self.random.below(100));
            plain.push_str(&format!("* {flower}: {euros},{cents:02} € je Bund\n"));
            html.push_str(&format!(
                "<tr><td><b>{flower}</b></td><td>{euros},{cents:02}&nbsp;&euro; je Bund</td></tr>\n"
            ));
        }
        plain.push_str("\nAbbestellen: https://grossmarkt-sued.test/abbestellen\n");
        html.push_str("</table><p><a href=\"https://grossmarkt-sued.test/abbestellen\">Abbestellen</a></p></body></html>\n");
        let mut draft = self.draft(from, self.owner, &format!("Frisch eingetroffen – Woche {week}"), &plain);
        draft.html = Some(html);
        draft
            .fields
            .push(("List-Unsubscribe".to_owned(), "<https://grossmarkt-sued.test/abbestellen>".to_owned()));
        draft.fields.push(("Precedence".to_owned(), "bulk".to_owned()));
        draft.build()
    }

    fn invoice(&mut self) -> Vec<u8> {
        let from = self.random.pick(&text::CUSTOMERS);
        let number = 10_000 + self.number;
        let body = format!(
            "Sehr geehrte Damen und Herren,\n\nanbei erhalten Sie unsere Rechnung Nr. {number}. Zahlbar innerhalb von 14 Tagen.\n\nMit freundlichen Grüßen\n{}\n",
            from.0
        );
        let kilobytes =
            if self.account == COLLECTOR { 200 + self.random.below(200) } else { 2 + self.random.below(10) };
        let mut draft = self.draft(from, self.owner, &format!("Rechnung Nr. {number}"), &body);
        draft.attachments.push(Attachment {
            name: format!("Rechnung für Blumen Huber {number}.pdf"),
            content_type: "application/pdf".to_owned(),
            bytes: files::pdf(&mut self.random, number, kilobytes * 1_024),
        });
        draft.build()
    }

    fn photo(&mut self) -> Vec<u8> {
        let from = self.random.pick(&text::CUSTOMERS);
        let flower = self.random.pick(&text::FLOWERS);
        let body = self.body(self.owner, from, false);
        let mut draft = self.draft(from, self.owner, &format!("Foto: {flower}"), &body);
        draft.attachments.push(Attachment {
            name: format!("{flower}.png"),
            content_type: "image/png".to_owned(),
            bytes: files::picture(self.random.next()),
        });
        draft.build()
    }

    fn invitation(&mut self) -> Vec<u8> {
        let from = text::PEOPLE[(self.account + 1) % 5];
        let starts = Timestamp((self.received.0.div_euclid(DAY_MS) + 3) * DAY_MS + 13 * 3_600_000);
        let stamp = |moment: Timestamp| {
            let (year, month, day) = civil(moment);
            let second = moment.seconds().rem_euclid(86_400);
            format!(
                "{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z",
                second / 3_600,
                second / 60 % 60,
                second % 60
            )
        };
        let id = self.id(self.number);
        let lines = [
            format!("Date: {}", date_text(self.received)),
            format!("From: {} <{}>", from.0.replace("ö", "oe"), from.1),
            format!("To: <{}>", self.owner.1),
            "Subject: Besprechung Schaufenster".to_owned(),
            format!("Message-ID: <{id}>"),
            "MIME-Version: 1.0".to_owned(),
            "Content-Type: multipart/alternative; boundary=\"=_termin\"".to_owned(),
            String::new(),
            "--=_termin".to_owned(),
            "Content-Type: text/plain; charset=utf-8".to_owned(),
            "Content-Transfer-Encoding: 8bit".to_owned(),
            String::new(),
            "Besprechung Schaufenster, im Büro, eine Stunde.".to_owned(),
            "--=_termin".to_owned(),
            "Content-Type: text/calendar; charset=utf-8; method=REQUEST".to_owned(),
            "Content-Transfer-Encoding: 8bit".to_owned(),
            String::new(),
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Blumen Huber//Demo//DE".to_owned(),
            "METHOD:REQUEST".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{id}"),
            format!("DTSTAMP:{}", stamp(self.received)),
            format!("DTSTART:{}", stamp(starts)),
            format!("DTEND:{}", stamp(Timestamp(starts.0 + 3_600_000))),
            "SUMMARY:Besprechung Schaufenster".to_owned(),
            "LOCATION:Büro".to_owned(),
            format!("ORGANIZER:mailto:{}", from.1),
            format!("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{}", self.owner.1),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
            "--=_termin--".to_owned(),
            String::new(),
        ];
        lines.join("\r\n").into_bytes()
    }

    fn signed_list_mail(&mut self) -> Vec<u8> {
        let from = self.random.pick(&text::SUPPLIERS);
        let body = self.body(("list", ""), from, true).replace('\n', "\r\n");
        let signature: String = (0..4)
            .map(|_| {
                format!(
                    "{:016x}{:016x}{:016x}\r\n",
                    self.random.next(),
                    self.random.next(),
                    self.random.next()
                )
            })
            .collect();
        format!(
            "Date: {date}\r\nFrom: {name} <{address}>\r\nTo: <florists@lists.garden-weekly.test>\r\nSubject: [florists] Vase life, again\r\n\
             Message-ID: <{id}>\r\nList-Id: Florists of Europe <florists.lists.garden-weekly.test>\r\n\
             List-Post: <mailto:florists@lists.garden-weekly.test>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/signed; micalg=pgp-sha256;\r\n protocol=\"application/pgp-signature\"; boundary=\"=_signed\"\r\n\r\n\
             --=_signed\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{body}\r\n--=_signed\r\n\
             Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n\
             -----BEGIN PGP SIGNATURE-----\r\n\r\n{signature}-----END PGP SIGNATURE-----\r\n\r\n--=_signed--\r\n",
            date = date_text(self.received),
            name = from.0,
            address = from.1,
            id = self.id(self.number),
        )
        .into_bytes()
    }

    fn without_date(&mut self) -> Vec<u8> {
        let mail = self.customer();
        mime::header::remove(&mail, &["Date", "Message-ID"]).into_owned()
    }

    /// ISO 8859-1 in the head and in the body, and no word about it.
    fn raw_8_bit(&mut self) -> Vec<u8> {
        let mail = format!(
            "Date: {}\r\nFrom: K\u{fc}chenstudio Gr\u{f6}\u{df}l <info@kuechenstudio.test>\r\nTo: {}\r\nSubject: Gr\u{fc}\u{df}e aus der K\u{fc}che\r\n\r\n\
             Sch\u{f6}ne Gr\u{fc}\u{df}e, der Kasten f\u{fc}rs B\u{fc}ro ist fertig.\r\n",
            date_text(self.received),
            self.owner.1
        );
        mail.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
    }

    /// A multipart that was cut off on its way.
    fn never_closed(&mut self) -> Vec<u8> {
        let mut mail = self.photo();
        mail.truncate(mail.len() / 2);
        mail
    }

    fn bounce(&mut self) -> Vec<u8> {
        let failed = self.random.pick(&text::CUSTOMERS);
        format!(
            "Date: {date}\r\nFrom: Mail Delivery System <mailer-daemon@mail.blumen-huber.test>\r\nTo: <{owner}>\r\n\
             Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <{id}>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_dsn\"\r\n\r\n\
             --=_dsn\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n\
             Your message could not be delivered to <{failed}>: mailbox full.\r\n--=_dsn\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mail.blumen-huber.test\r\n\r\nFinal-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n\
             --=_dsn\r\nContent-Type: message/rfc822\r\n\r\nFrom: <{owner}>\r\nTo: <{failed}>\r\nSubject: Ihre Bestellung\r\n\r\n\
             Ihre Bestellung ist fertig.\r\n\r\n--=_dsn--\r\n",
            date = date_text(self.received),
            owner = self.owner.1,
            id = self.id(self.number),
            failed = failed.1,
        )
        .into_bytes()
    }
}

fn mailbox((name, address): Person) -> Mailbox {
    Mailbox { name: name.to_owned(), address: address.to_owned() }
}

fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Year, month and day in UTC, by the days of the eras of 400 years that begin on a 1st of March.
fn civil(moment: Timestamp) -> (i64, i64, i64) {
    let days = moment.0.div_euclid(DAY_MS) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mime::{MessageClass, describe};
    use std::collections::{BTreeMap, HashSet};

    const NOW: Timestamp = Timestamp(1_795_400_000_000); // 2026-11-23

    #[test]
    fn there_are_3_000_mails_of_which_anna_has_2_400() {
        let mut counts = [0; 6];
        mails(1, NOW).for_each(|mail| counts[mail.to_account] += 1);
        assert_eq!(counts, MAILS_OF);
        assert_eq!(counts.iter().sum::<usize>(), 3_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_mails_and_another_gives_others() {
        assert!(mails(7, NOW).eq(mails(7, NOW)));
        assert!(mails(7, NOW).ne(mails(8, NOW)));
    }

    #[test]
    fn mails_arrive_in_order_before_now_and_lie_in_known_folders() {
        let mut last = BTreeMap::new();
        let mut folders = BTreeMap::<&str, usize>::new();
        for mail in mails(1, NOW) {
            let before = last.insert(mail.to_account, mail.received);
            assert!(before.is_none_or(|before| before <= mail.received) && mail.received <= NOW);
            *folders.entry(mail.folder).or_default() += 1;
        }
        assert!(folders.contains_key("Archive/2025") && folders.contains_key("Sent"), "{folders:?}");
        assert!(folders["INBOX"] > 1_000, "{folders:?}");
    }

    #[test]
    fn ids_are_unique_and_every_reference_leads_to_a_mail_of_the_same_account() {
        let mut seen = HashSet::new();
        let mut threads = 0;
        for mail in mails(1, NOW) {
            let described = describe(&mail.raw);
            for reference in described.references {
                assert!(seen.contains(&(mail.to_account, reference)));
                threads += 1;
            }
            let id = described.message_id;
            assert!(id.is_none_or(|id| seen.insert((mail.to_account, id))));
        }
        assert!(threads > 1_000);
    }

    #[test]
    fn every_kind_of_mail_occurs_and_all_use_crlf() {
        let (mut html, mut files, mut meetings, mut signed, mut bounces, mut undated, mut emil) =
            (0, 0, 0, 0, 0, 0, 0);
        let mut all_bytes = 0;
        for mail in mails(1, NOW) {
            let summary = describe(&mail.raw).summary;
            all_bytes += mail.raw.len();
            html += usize::from(summary.has_html);
            files += usize::from(!summary.attachments.is_empty());
            meetings += usize::from(summary.class == MessageClass::MeetingRequest);
            signed += usize::from(summary.is_signed && !summary.list_id.is_empty());
            bounces += usize::from(summary.class == MessageClass::ReportNotDelivered);
            undated += usize::from(summary.date.is_none());
            emil += if mail.to_account == COLLECTOR { mail.raw.len() } else { 0 };
            assert_eq!(
                mime::normalise_line_ends(&mail.raw).len(),
                mail.raw.len() + usize::from(mail.raw.ends_with(b"\r"))
            );
            assert!(!summary.subject.is_empty() && !summary.from.is_empty());
        }
        assert!([html, files, meetings, signed, bounces, undated].iter().all(|count| *count >= 20));
        assert!(emil > 3_000_000 && all_bytes < 40_000_000, "{emil} of {all_bytes}");
    }

    #[test]
    fn umlauts_survive_in_every_form() {
        let subjects: HashSet<String> =
            mails(1, NOW).map(|mail| describe(&mail.raw).summary.subject).collect();
        assert!(subjects.contains("Gr\u{fc}\u{df}e aus der K\u{fc}che"), "8-bit");
        assert!(subjects.iter().any(|subject| subject.contains("f\u{fc}r Samstag")), "encoded words");
    }
}
