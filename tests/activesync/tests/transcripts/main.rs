//! The examples of the specifications as conversations with the server: `transcripts/*.txt`, one per example.
//!
//! What was said there is told in a notation of ours with names and words of ours. `>` is a request: the command
//! and its document; `<` is what the answer must hold, in this order, and perhaps more; `<` alone is the empty
//! answer. `Tag(..)` holds elements, `Tag=text` a text (in quotes if it has spaces), `$name` is a text that is
//! remembered, and the same again later, `!$name` is another one; `-Tag` must not be there, `-Tag=text` not with that
//! text. A page stands before a tag where it changes.
//! `version` begins a conversation of a new phone, `mail` puts one with a subject into the folder
//! Example by IMAP, and `event` one into the calendar by CalDAV; `policy` holds a policy key from then on.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod conversions;
mod notation;

use std::collections::BTreeMap;

use blackbox::{Account, Demo, Element, Phone, Store, calendar, unique};

use notation::{Tree, parse};

/// What the names of a conversation stand for.
type Names = BTreeMap<String, String>;

struct Conversation<'a> {
    demo: &'a Demo,
    anna: Account,
    ben: Account,
    phone: Option<Phone>,
    names: Names,
    answer: Option<Element>,
}

impl Conversation<'_> {
    fn line(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "version" => {
                let mut phone = self.demo.phone(&self.anna, rest);
                phone.provision();
                self.phone = Some(phone);
                self.names.clear();
                self.names.insert("own".to_owned(), self.anna.address.clone());
                self.names.insert("other".to_owned(), self.ben.address.clone());
                self.names.insert("client".to_owned(), unique());
            }
            "mail" => {
                let text = format!(
                    "From: <{}>\r\nTo: <{}>\r\nSubject: {rest}\r\nMIME-Version: 1.0\r\n\
                     Content-Type: text/plain\r\n\r\nOf {rest}, with some words more.\r\n",
                    self.ben.address, self.anna.address
                );
                let mut imap = self.demo.imap(&self.anna);
                let _there_already = imap.command("CREATE Example");
                imap.append("Example", "", text.as_bytes());
            }
            "event" => {
                let (app, uid) = (self.demo.dav(&self.anna), unique());
                let inner = format!("DTSTART:20270315T080000Z\nDTEND:20270315T090000Z\nSUMMARY:{rest}\n");
                let target = format!("{}{uid}.ics", app.own(Some("VEVENT")));
                app.put(&target, &calendar("VEVENT", &uid, &inner)).is(201);
            }
            "policy" => {
                let name = rest.strip_prefix('$').unwrap_or_else(|| panic!("{line}"));
                let key = self.names.get(name).unwrap_or_else(|| panic!("{line}: it is nothing"));
                self.phone.as_mut().unwrap_or_else(|| panic!("no version before {line}")).hold_policy(key);
            }
            ">" => {
                let (command, document) = rest.split_once(' ').unwrap_or((rest, ""));
                let request = (!document.is_empty()).then(|| written(&parse(document), "", &self.names));
                let phone = self.phone.as_ref().unwrap_or_else(|| panic!("no version before {line}"));
                self.answer = phone.command(command, request.as_ref());
            }
            "<" if rest.is_empty() => {
                assert!(
                    self.answer.is_none(),
                    "want an empty answer: {}",
                    self.answer.as_ref().unwrap().shown()
                );
            }
            "<" => {
                let answer = self.answer.clone().unwrap_or_else(|| panic!("an empty answer, want {rest}"));
                let mut names = self.names.clone();
                assert!(
                    fits(&parse(rest), &answer, &mut names),
                    "want {rest}\n{names:?}\n{}",
                    answer.shown()
                );
                self.names = names;
            }
            other => panic!("{other} begins no line: {line}"),
        }
    }
}

/// A request; a tag without a page is of the page before.
fn written(tree: &Tree, page: &str, names: &Names) -> Element {
    let page = tree.tag.split_once(':').map_or(page, |(page, _)| page);
    let tag = tree.tag.split_once(':').map_or(tree.tag.as_str(), |(_, name)| name);
    let tag = format!("{page}:{tag}");
    match &tree.text {
        Some(text) => {
            let known = |name: &str| names.get(name).unwrap_or_else(|| panic!("${name} is nothing")).clone();
            let text = text.strip_prefix('$').map_or_else(|| text.clone(), known);
            if tag == "ComposeMail:Mime" {
                let mime = text.replace("{other}", &names["other"]).replace("\\n", "\r\n");
                return Element::opaque(&tag, mime.as_bytes());
            }
            Element::text(&tag, &text)
        }
        None => {
            let mut page = page;
            let inner = tree.children.iter().map(|child| {
                page = child.tag.split_once(':').map_or(page, |(page, _)| page);
                written(child, page, names)
            });
            Element::of(&tag, inner.collect::<Vec<_>>())
        }
    }
}

/// Whether an element is what is wanted; names that are new get their meaning.
fn fits(want: &Tree, element: &Element, names: &mut Names) -> bool {
    let name = element.tag.split_once(':').map_or("", |(_, name)| name);
    if want.tag != name && want.tag != element.tag {
        return false;
    }
    if let Some(text) = &want.text {
        let is = String::from_utf8_lossy(&element.content).into_owned();
        return match (text.strip_prefix("!$"), text.strip_prefix('$')) {
            (Some(name), _) => !is.is_empty() && names.get(name).is_some_and(|other| *other != is),
            (None, Some(name)) => *names.entry(name.to_owned()).or_insert_with(|| is.clone()) == is,
            (None, None) => *text == is,
        };
    }
    let mut rest = element.children.iter();
    want.children.iter().all(|child| match child.tag.strip_prefix('-') {
        Some(absent) => {
            let is_it = |one: &Element| match &child.text {
                Some(text) => *text == String::from_utf8_lossy(&one.content),
                None => true,
            };
            !element.all(absent).any(is_it)
        }
        None => rest.by_ref().any(|one| {
            let mut tried = names.clone();
            let good = fits(child, one, &mut tried);
            if good {
                *names = tried;
            }
            good
        }),
    })
}

fn holds(text: &str) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    let mut conversation =
        Conversation { demo: &demo, anna, ben, phone: None, names: Names::new(), answer: None };
    // A line that begins with a space goes on with the line above.
    let text = text.replace("\n  ", " ");
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        conversation.line(line.trim_end());
    }
    demo.consistent();
}

// MS-ASCMD R79 R99 R113 R116 R139 R140 R2120 R3903 R3904 R4011 R4013 R4018 R4019 R4032 R4040 R4045 R4048
// MS-ASCMD R4060 R4068 R4074 R4083 R4096 R4100 R4105 R4108 R4120 R4569 R4570 R4573 R4578 R4581 R5008 R5012 R5438
// MS-ASCMD R4123 R4568
// MS-ASCMD R5783 R5784 R5785 R5786; MS-ASHTTP R68 R431
#[test]
fn the_hierarchy_is_read_and_changed() {
    holds(include_str!("../../transcripts/folders.txt"));
}

// MS-ASCMD R648 R654 R656 R667 R679 R748 R957 R3119 R3125 R3126 R3456 R3834 R3835 R4423 R4425 R4599 R4602 R4606
// MS-ASCMD R5032 R5051 R5053; MS-ASHTTP R482; MS-ASEMAIL R55 R70 R640; MS-ASCNTC R473 R492
#[test]
fn a_folder_is_read_and_changed() {
    holds(include_str!("../../transcripts/sync.txt"));
}

// MS-ASCMD R171 R194 R285 R290 R2711 R4129 R4130 R4134 R4201 R4142 R4207 R4212 R4217 R4219 R4594
#[test]
fn a_mail_is_moved_fetched_and_estimated() {
    holds(include_str!("../../transcripts/items.txt"));
}

// MS-ASCMD R306 R335 R4228 R4235 R4236 R4240
#[test]
fn a_phone_is_woken() {
    holds(include_str!("../../transcripts/ping.txt"));
}

// MS-ASCMD R463 R4379 R4380 R4848
#[test]
fn a_mail_is_sent_and_answered() {
    holds(include_str!("../../transcripts/compose.txt"));
}

// MS-ASCMD R4387 R4392 R4396
#[test]
fn what_the_device_and_its_user_are() {
    holds(include_str!("../../transcripts/settings.txt"));
}

// MS-ASPROV R208 R209 R382 R417 R419 R441 R466 R471 R486 R502 R507 R601 R650 R657 R661 R662 R692 R695 R708
// MS-ASCMD R4990 R4992 R4996 R5026 R5028
#[test]
fn a_phone_provisions_in_two_phases() {
    holds(include_str!("../../transcripts/provision.txt"));
}

// MS-ASNOTE R10002 R10003 R110 R112 R113 R210
#[test]
fn a_note_is_made_and_changed() {
    holds(include_str!("../../transcripts/notes.txt"));
}

// MS-ASTASK R366 R368 R369 R370 R436
#[test]
fn a_task_is_made_and_changed() {
    holds(include_str!("../../transcripts/tasks.txt"));
}

// MS-ASCMD R4327
#[test]
fn mails_and_people_are_searched_and_found() {
    holds(include_str!("../../transcripts/search.txt"));
}

#[test]
fn people_are_resolved_with_their_busy_times() {
    holds(include_str!("../../transcripts/recipients.txt"));
}

#[test]
fn absence_is_set_and_read() {
    holds(include_str!("../../transcripts/absence.txt"));
}

#[test]
fn a_conversation_is_moved() {
    holds(include_str!("../../transcripts/conversation.txt"));
}
