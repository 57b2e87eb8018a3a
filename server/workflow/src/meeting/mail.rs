//! The mail that goes with a scheduling message: RFC 6047, in German or English.

use calendar::schedule::{Brief, Method, brief};
use calendar::{Object, Participation, Zone};
use mime::Mailbox;
use mime::compose::{CalendarPart, Draft};
use storage::{Account, Store};
use vocabulary::Timestamp;

/// Longest text of a meeting that its mail repeats, in characters; the whole of it is in the calendar part.
const DESCRIPTION_CHARACTERS_MAX: usize = 4_000;

/// A mail to be written.
pub(super) struct Mail<'a> {
    /// The organiser or attendee in whose name it is.
    pub(super) from: Mailbox,
    /// The delegate who wrote it for that one.
    pub(super) sender: Option<Mailbox>,
    pub(super) to: Vec<Mailbox>,
    pub(super) method: Method,
    /// The scheduling message.
    pub(super) object: &'a [u8],
    pub(super) is_german: bool,
    /// A room says it, nobody else.
    pub(super) is_automatic: bool,
    /// Where whoever reads it lives.
    pub(super) zone: &'a Zone,
    pub(super) date: Timestamp,
    pub(super) message_id: String,
    /// The conversation that it belongs to.
    pub(super) root: Option<String>,
}

/// The id by which all mails about one meeting with one guest hang together: that of the invitation.
pub(super) fn thread_root(store: &Store, organizer: &Account, guest: &str, uid: &str) -> String {
    use std::fmt::Write;
    let seed = format!("meeting\0{uid}\0{guest}");
    let mut id = String::with_capacity(64);
    for byte in store.fingerprint(organizer.id, seed.as_bytes()).iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    format!("{id}@{}", organizer.address.domain())
}

pub(super) fn mailbox_of(account: &Account) -> Mailbox {
    Mailbox { name: account.name.clone(), address: account.address.to_string() }
}

impl Mail<'_> {
    pub(super) fn build(&self) -> Vec<u8> {
        let brief = brief(self.object);
        let summary = brief.as_ref().and_then(|brief| brief.summary.as_deref()).unwrap_or_default().trim();
        let summary = match summary {
            "" => self.word("(ohne Betreff)", "(no subject)"),
            summary => summary,
        };
        let automatic = self.is_automatic.then(|| ("Auto-Submitted".to_owned(), "auto-replied".to_owned()));
        let references = self.root.iter().filter(|root| **root != self.message_id).cloned().collect();
        Draft {
            from: self.from.clone(),
            sender: self.sender.clone(),
            to: self.to.clone(),
            subject: format!("{}: {summary}", self.title(brief.as_ref())),
            text: self.text(brief.as_ref(), summary),
            html: None,
            calendar: Some(CalendarPart {
                method: self.method.name().to_owned(),
                bytes: self.object.to_vec(),
            }),
            attachments: Vec::new(),
            date: self.date,
            message_id: self.message_id.clone(),
            references,
            fields: automatic.into_iter().collect(),
        }
        .build()
    }

    fn word(&self, german: &'static str, english: &'static str) -> &'static str {
        if self.is_german { german } else { english }
    }

    fn title(&self, brief: Option<&Brief>) -> &'static str {
        let is_update = brief.is_some_and(|brief| brief.is_update);
        match (self.method, brief.and_then(|brief| brief.answer)) {
            (Method::Request, _) if is_update => self.word("Aktualisiert", "Updated"),
            (Method::Request | Method::Publish, _) => self.word("Einladung", "Invitation"),
            (Method::Add, _) => self.word("Weiterer Termin", "Additional date"),
            (Method::Cancel, _) => self.word("Abgesagt", "Canceled"),
            (Method::Reply, Some(Participation::Accepted)) => self.word("Zugesagt", "Accepted"),
            (Method::Reply, Some(Participation::Declined)) => self.word("Abgelehnt", "Declined"),
            (Method::Reply, Some(Participation::Tentative)) => self.word("Mit Vorbehalt", "Tentative"),
            (Method::Reply, _) => self.word("Antwort", "Answer"),
            (Method::Counter, _) => self.word("Neuer Terminvorschlag", "New time proposed"),
            (Method::DeclineCounter, _) => self.word("Terminvorschlag abgelehnt", "Proposed time declined"),
            (Method::Refresh, _) => self.word("Bitte um den neuesten Stand", "Request for an update"),
        }
    }

    fn text(&self, brief: Option<&Brief>, summary: &str) -> String {
        let mut lines = vec![self.sentence(brief)];
        if let Some(sender) = &self.sender {
            let on_behalf = self.word("gesendet im Auftrag durch", "sent on behalf by");
            lines.push(format!("({on_behalf} {})", called(sender)));
        }
        lines.push(String::new());
        let mut said = |german: &'static str, english: &'static str, text: &str| {
            if !text.trim().is_empty() {
                lines.push(format!("{}: {}", self.word(german, english), text.trim()));
            }
        };
        said("Betreff", "Subject", summary);
        if let Some(brief) = brief {
            said("Zeit", "When", &self.when(brief).unwrap_or_default());
            said("Ort", "Where", brief.location.as_deref().unwrap_or_default());
            said("Bemerkung", "Comment", brief.comment.as_deref().unwrap_or_default());
            let description = brief.description.as_deref().unwrap_or_default().trim();
            if !description.is_empty() && self.method != Method::Reply {
                lines.push(String::new());
                lines.push(description.chars().take(DESCRIPTION_CHARACTERS_MAX).collect());
            }
        }
        let mut text = lines.join("\r\n");
        text.push_str("\r\n");
        text
    }

    fn sentence(&self, brief: Option<&Brief>) -> String {
        let who = called(&self.from);
        let (german, english) = match (self.method, brief.and_then(|brief| brief.answer)) {
            (Method::Request, _) if brief.is_some_and(|brief| brief.is_update) => {
                ("hat einen Termin geändert.", "has changed a meeting.")
            }
            (Method::Request | Method::Publish | Method::Add, _) => ("lädt Sie ein.", "invites you."),
            (Method::Cancel, _) => ("hat einen Termin abgesagt.", "has canceled a meeting."),
            (Method::Reply, Some(Participation::Accepted)) => ("nimmt teil.", "will attend."),
            (Method::Reply, Some(Participation::Declined)) => ("nimmt nicht teil.", "will not attend."),
            (Method::Reply, Some(Participation::Tentative)) => ("nimmt vielleicht teil.", "may attend."),
            (Method::Reply, _) => ("hat geantwortet.", "has answered."),
            (Method::Counter, _) => ("schlägt eine andere Zeit vor.", "proposes another time."),
            (Method::DeclineCounter, _) => {
                ("hat die vorgeschlagene Zeit abgelehnt.", "has declined the proposed time.")
            }
            (Method::Refresh, _) => ("bittet um den neuesten Stand.", "asks for the latest version."),
        };
        format!("{who} {}", self.word(german, english))
    }

    /// On the clocks of whoever reads it.
    fn when(&self, brief: &Brief) -> Option<String> {
        let object = Object::parse(self.object).ok()?;
        let start = brief.start.as_ref()?;
        let begins = object.instant(start, self.zone);
        let ends = brief.end.as_ref().map(|end| object.instant(end, self.zone)).filter(|end| *end > begins);
        let mut text = self.day(begins);
        if start.is_date() {
            // DTEND of a day is the day after it: RFC 5545 section 3.6.1.
            let last = ends.map(|end| self.day(Timestamp(end.0.saturating_sub(1))));
            if let Some(last) = last.filter(|last| *last != text) {
                text = format!("{text} – {last}");
            }
        } else {
            let clock = |at: Timestamp| self.zone.local(at).format("%H:%M").to_string();
            text = format!("{text}, {}", clock(begins));
            if let Some(end) = ends {
                let same_day = self.day(end) == self.day(begins);
                let until = if same_day { clock(end) } else { format!("{}, {}", self.day(end), clock(end)) };
                text = format!("{text} – {until}");
            }
            text = format!("{text} ({})", self.zone.name());
        }
        if brief.is_series && brief.occurrence.is_none() {
            text.push_str(self.word(", Terminserie", ", recurring"));
        }
        Some(text)
    }

    fn day(&self, at: Timestamp) -> String {
        const DAYS: [(&str, &str); 7] = [
            ("Mo", "Mon"),
            ("Di", "Tue"),
            ("Mi", "Wed"),
            ("Do", "Thu"),
            ("Fr", "Fri"),
            ("Sa", "Sat"),
            ("So", "Sun"),
        ];
        let local = self.zone.local(at);
        // 1 is Monday.
        let weekday = local.format("%u").to_string().parse::<usize>().unwrap_or(1);
        let (german, english) = DAYS.get(weekday.saturating_sub(1)).copied().unwrap_or_default();
        let form = self.word("%d.%m.%Y", "%Y-%m-%d");
        format!("{}, {}", self.word(german, english), local.format(form))
    }
}

fn called(mailbox: &Mailbox) -> &str {
    if mailbox.name.trim().is_empty() { &mailbox.address } else { &mailbox.name }
}
