//! A calendar of many objects, cut into what is stored: calendar object resources of one UID each (RFC 4791 section 4.1).
//!
//! Nothing is written anew: each object has the very lines of the calendar that concern it. METHOD is left out, for what
//! is stored has none.

use content_line::{Document, unescape};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::{DataFault, Invalid, read};

/// The objects of a calendar.
#[derive(Debug)]
pub struct Split<'a> {
    document: Document<'a>,
    /// Its lines before the first component, END not among them.
    head: Vec<Range<usize>>,
    head_bytes: usize,
    end: Option<usize>,
    objects: Vec<Object>,
}

/// One of them, by its components in the document.
#[derive(Debug)]
struct Object {
    uid: Option<String>,
    components: Vec<usize>,
    zones: BTreeSet<usize>,
}

impl<'a> Split<'a> {
    /// Finds the objects, in the order in which each is named first. Components without a UID stand by themselves: what
    /// is wrong with them is found when they are stored.
    ///
    /// # Errors
    /// If there is no calendar, or it exceeds a limit of [`content_line`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let document = Document::parse(bytes)?;
        let calendar = read::calendar(&document).ok_or(DataFault::NotOneCalendar)?;
        let (begin, end) = document.component(calendar).map_or((0, None), |component| {
            let lines = component.lines();
            (lines.start, component.is_closed().then(|| lines.end.saturating_sub(1)))
        });
        let own = document.own_lines(calendar).filter(|(_, line)| !line.is("METHOD")).map(|(index, _)| index);
        let head: Vec<_> =
            std::iter::once(begin).chain(own).map(|line| line..line.saturating_add(1)).collect();
        let around = head.iter().cloned().chain(end.map(|end| end..end.saturating_add(1)));
        let head_bytes: usize = around.map(|lines| bytes_of(&document, lines)).sum();
        let objects = objects(&document, calendar);
        Ok(Self { head, head_bytes, end, objects, document })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.objects.len()
    }

    /// How long all of them are together, in bytes. It may be much more than the calendar, for each takes along the
    /// properties of the calendar and the time zones that it names.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        let mut known = HashMap::new();
        let mut of_component = |component: usize| {
            *known.entry(component).or_insert_with(|| bytes_of(&self.document, self.lines_of(component)))
        };
        self.objects.iter().fold(0_usize, |total, object| {
            let components = object.zones.iter().chain(&object.components);
            let own = components
                .fold(self.head_bytes, |sum, component| sum.saturating_add(of_component(*component)));
            total.saturating_add(own)
        })
    }

    /// The UID of an object, if it has one.
    #[must_use]
    pub fn uid(&self, object: usize) -> Option<&str> {
        self.objects.get(object)?.uid.as_deref()
    }

    /// An object as a calendar of its own; empty if there are not so many.
    #[must_use]
    pub fn bytes(&self, object: usize) -> Vec<u8> {
        let Some(object) = self.objects.get(object) else { return Vec::new() };
        let components = object.zones.iter().chain(&object.components).map(|one| self.lines_of(*one));
        let end = self.end.map(|end| end..end.saturating_add(1));
        let lines = self.head.iter().cloned().chain(components).chain(end).flatten();
        let raw = lines.filter_map(|line| self.document.line(line)).map(|line| line.raw());
        raw.fold(Vec::new(), |mut bytes, line| {
            bytes.extend_from_slice(line);
            bytes
        })
    }

    fn lines_of(&self, component: usize) -> Range<usize> {
        self.document.component(component).map(|component| component.lines()).unwrap_or_default()
    }
}

fn bytes_of(document: &Document<'_>, lines: Range<usize>) -> usize {
    lines.filter_map(|line| document.line(line)).map(|line| line.raw().len()).sum()
}

fn objects(document: &Document<'_>, calendar: usize) -> Vec<Object> {
    let text_of = |component: usize, name: &str| {
        let (_, line) = document.property(component, name)?;
        Some(unescape(&line.value()).trim().to_owned()).filter(|text| !text.is_empty())
    };
    let is_zone =
        |component: &usize| document.component(*component).is_some_and(|one| one.name() == "VTIMEZONE");
    let (zones, others): (Vec<usize>, Vec<usize>) = document.children(calendar).partition(is_zone);
    let mut defined = HashMap::new();
    for zone in zones {
        if let Some(name) = text_of(zone, "TZID") {
            defined.entry(name).or_insert(zone);
        }
    }
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut objects: Vec<Object> = Vec::new();
    for component in others {
        let uid = text_of(component, "UID");
        let zones = zones_of(document, component, &defined);
        let found = uid.as_ref().and_then(|uid| known.get(uid)).and_then(|index| objects.get_mut(*index));
        if let Some(object) = found {
            object.components.push(component);
            object.zones.extend(zones);
            continue;
        }
        if let Some(uid) = &uid {
            known.insert(uid.clone(), objects.len());
        }
        objects.push(Object { uid, components: vec![component], zones });
    }
    objects
}

/// The definitions of the time zones that the lines of a component name.
fn zones_of(document: &Document<'_>, component: usize, defined: &HashMap<String, usize>) -> BTreeSet<usize> {
    let lines = document.component(component).map(|component| component.lines()).unwrap_or_default();
    let named = lines.filter_map(|line| document.line(line)?.parameter_value("TZID"));
    named.filter_map(|name| defined.get(name.trim()).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe;

    const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nPRODID:-//x//EN\r\n\
        BEGIN:VTIMEZONE\r\nTZID:Here\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
        TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Here:20261123T090000\r\nRRULE:FREQ=DAILY\r\n\
        SUMMARY:folded\r\n  as it is\r\nEND:VEVENT\r\n\
        BEGIN:VTODO\r\nUID:b\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:to do\r\nEND:VTODO\r\nX-WR-CALNAME:All\r\n\
        BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T000000Z\r\nRECURRENCE-ID;TZID=Here:20261124T090000\r\n\
        DTSTART;TZID=Here:20261124T100000\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261123T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn each_uid_is_an_object_with_its_lines_and_the_zones_that_it_names() {
        let split = Split::new(CALENDAR.as_bytes()).unwrap();
        let uids: Vec<_> = (0..split.count()).map(|object| split.uid(object)).collect();
        assert_eq!(uids, [Some("a"), Some("b"), None]);
        let text = |object| String::from_utf8(split.bytes(object)).unwrap();
        let (series, task, nameless) = (text(0), text(1), text(2));
        assert_eq!(describe(series.as_bytes()).unwrap().uid, "a");
        assert_eq!(describe(task.as_bytes()).unwrap().uid, "b");
        assert!(describe(nameless.as_bytes()).is_err());
        assert!(
            series.contains("TZID:Here") && series.contains("SUMMARY:folded\r\n  as it is\r\n"),
            "{series}"
        );
        assert_eq!(series.matches("BEGIN:VEVENT").count(), 2);
        assert!(!task.contains("VTIMEZONE"), "{task}");
        for object in [&series, &task, &nameless] {
            assert!(
                object
                    .starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nX-WR-CALNAME:All\r\n")
            );
            assert!(object.ends_with("END:VCALENDAR\r\n") && !object.contains("METHOD"), "{object}");
        }
        assert_eq!(split.total_bytes(), series.len() + task.len() + nameless.len());
        assert_eq!((split.bytes(3), split.uid(3)), (Vec::new(), None));
    }

    #[test]
    fn an_object_alone_stays_as_it_is() {
        let alone = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20261101T000000Z\n\
             DTSTART:20261123T090000Z\nEND:VEVENT\nEND:VCALENDAR";
        let split = Split::new(alone.as_bytes()).unwrap();
        assert_eq!((split.count(), split.bytes(0)), (1, alone.as_bytes().to_vec()));
        assert!(Split::new(b"BEGIN:VCARD\r\nEND:VCARD\r\n").is_err());
        assert_eq!(Split::new(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").unwrap().count(), 0);
    }
}
