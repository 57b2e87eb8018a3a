//! The examples of the specifications as conversations with the server: `transcripts/*.txt`, one per example.
//!
//! What was said there is told in a notation of ours with names and words of ours. `>` is a request: the command
//! and its document; `<` is what the answer must hold, in this order, and perhaps more; `<` alone is the empty
//! answer. `Tag(..)` holds elements, `Tag=text` a text (in quotes if it has spaces), `$name` is a text that is
//! remembered, and the same again later; `-Tag` must not be there. A page stands before a tag where it changes.
//! `version` begins a conversation of a new phone, `mail` delivers one with a subject, and `event` puts one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod notation;

use std::collections::BTreeMap;

use blackbox::{Account, Demo, Element, Mail, Phone, Store, calendar, unique};

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
                let mail = Mail { subject: rest.to_owned(), bytes: text.into_bytes() };
                self.demo.lmtp().deliver(&self.ben.address, &[&self.anna.address], &mail);
            }
            "event" => {
                let (app, uid) = (self.demo.dav(&self.anna), unique());
                let inner = format!("DTSTART:20270315T080000Z\nDTEND:20270315T090000Z\nSUMMARY:{rest}\n");
                let target = format!("{}{uid}.ics", app.own(Some("VEVENT")));
                app.put(&target, &calendar("VEVENT", &uid, &inner)).is(201);
            }
            ">" => {
                let (command, document) = rest.split_once(' ').unwrap_or((rest, ""));
                let request = (!document.is_empty()).then(|| self.written(&parse(document), ""));
                let phone = self.phone.as_ref().unwrap_or_else(|| panic!("no version before {line}"));
                self.answer = phone.command(command, request.as_ref());
            }
            "<" if rest.is_empty() => {
                assert!(self.answer.is_none(), "want an empty answer: {}", self.answer.as_ref().unwrap().shown());
            }
            "<" => {
                let answer = self.answer.clone().unwrap_or_else(|| panic!("an empty answer, want {rest}"));
                let mut names = self.names.clone();
                assert!(fits(&parse(rest), &answer, &mut names), "want {rest}\n{names:?}\n{}", answer.shown());
                self.names = names;
            }
            other => panic!("{other} begins no line: {line}"),
        }
    }

    /// A request; a tag without a page is of the page before.
    fn written(&self, tree: &Tree, page: &str) -> Element {
        let page = tree.tag.split_once(':').map_or(page, |(page, _)| page);
        let tag = tree.tag.split_once(':').map_or(tree.tag.as_str(), |(_, name)| name);
        let tag = format!("{page}:{tag}");
        match &tree.text {
            Some(text) => {
                let known = |name: &str| {
                    self.names.get(name).unwrap_or_else(|| panic!("${name} stands for nothing")).clone()
                };
                let text = text.strip_prefix('$').map_or_else(|| text.clone(), known);
                if tag == "ComposeMail:Mime" {
                    let mime = text.replace("{other}", &self.ben.address).replace("\\n", "\r\n");
                    return Element::opaque(&tag, mime.as_bytes());
                }
                Element::text(&tag, &text)
            }
            None => Element::of(&tag, tree.children.iter().map(|child| self.written(child, page))),
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
        return match text.strip_prefix('$') {
            Some(name) => *names.entry(name.to_owned()).or_insert_with(|| is.clone()) == is,
            None => *text == is,
        };
    }
    let mut rest = element.children.iter();
    want.children.iter().all(|child| match child.tag.strip_prefix('-') {
        Some(absent) => element.all(absent).next().is_none(),
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

macro_rules! transcripts {
    ($($name:ident: $file:literal;)*) => {$(
        #[test]
        fn $name() {
            holds(include_str!(concat!("../../transcripts/", $file)));
        }
    )*};
}

transcripts! {
    the_hierarchy_is_read_and_changed: "folders.txt";
    a_folder_is_read_and_changed: "sync.txt";
    a_mail_is_moved_fetched_and_estimated: "items.txt";
    a_phone_is_woken: "ping.txt";
    a_mail_is_sent_and_answered: "compose.txt";
    what_the_device_and_its_user_are: "settings.txt";
}
