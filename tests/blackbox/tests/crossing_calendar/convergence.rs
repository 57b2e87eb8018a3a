//! Several clients that change the same calendars end with the same.

use std::collections::BTreeMap;

use blackbox::{
    Account, Dav, DavCopy, Demo, Element, Items, Part, Phone, berlin_as_utc, day_after, kind, on_each_store,
    parts, texts, unique,
};

use super::{
    Kind, VERSIONS, VEVENT, annas, event_of_app, event_of_phone, folder_with, grant, phone_of, shared,
};

/// A small generator of its own, so that a run can be repeated from its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count).unwrap()).unwrap()
    }

    /// A moment of the same hour, but never the hour itself.
    fn minutes_after(&mut self, moment: &str) -> String {
        format!("{}{:02}{}", &moment[..11], 1 + self.below(59), &moment[13..])
    }
}

/// What an event says of itself, read at either door; moments in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    subject: String,
    start: String,
    end: String,
    /// Of which occurrence, and its own subject, start and end.
    exceptions: Vec<[String; 4]>,
}

/// All events of a calendar by their place, which nobody edits and no two have in common.
type Events = BTreeMap<String, Event>;

fn insert(events: &mut Events, (place, event): (String, Event)) {
    let twice = events.insert(place.clone(), event);
    assert!(twice.is_none(), "{place} was made twice");
}

fn read_in_app(text: &str) -> (String, Event) {
    let all = parts(text, "VEVENT");
    let (own, master): (Vec<_>, Vec<_>) = all.iter().partition(|part| part.line("RECURRENCE-ID").is_some());
    let [master] = &master[..] else { panic!("one event: {text}") };
    let exception = |part: &&Part| {
        let moment = |name: &str| part.moment(name).unwrap();
        let subject = part.value("SUMMARY").unwrap().to_owned();
        [moment("RECURRENCE-ID"), subject, moment("DTSTART"), moment("DTEND")]
    };
    let event = Event {
        subject: master.value("SUMMARY").unwrap().to_owned(),
        start: master.moment("DTSTART").unwrap(),
        end: master.moment("DTEND").unwrap(),
        exceptions: own.iter().map(exception).collect(),
    };
    (master.value("LOCATION").unwrap().to_owned(), event)
}

fn read_on_phone(version: &str, data: &Element) -> (String, Event) {
    let text = |name: &str| data.get(name).unwrap_or_else(|| panic!("{name}: {}", data.shown()));
    let (subject, end) = (text("Subject"), text("EndTime"));
    let of = if version < "16" { "ExceptionStartTime" } else { "InstanceId" };
    // What an exception leaves out is as in the series (MS-ASCAL R82, R108, R436).
    let exception = |one: &Element| {
        let of = one.get(of).unwrap_or_else(|| panic!("{}", data.shown()));
        let regular_end = format!("{}{}", &of[..8], &end[8..]);
        let subject = one.get("Subject").unwrap_or_else(|| subject.clone());
        let start = one.get("StartTime").unwrap_or_else(|| of.clone());
        let end = one.get("EndTime").unwrap_or(regular_end);
        [of, subject, start, end]
    };
    let exceptions = data.at("Exceptions").into_iter().flat_map(|list| list.all("Exception"));
    let exceptions = exceptions.map(exception).collect();
    let place = data.get("Location/DisplayName").unwrap_or_else(|| text("Location"));
    let event = Event { start: text("StartTime"), subject: subject.clone(), end: end.clone(), exceptions };
    (place, event)
}

fn all_in_app(app: &Dav, target: &str) -> Events {
    let mut all = Events::new();
    for (_, text) in app.objects(target) {
        insert(&mut all, read_in_app(&text));
    }
    all
}

fn all_on_phone(version: &str, items: &Items) -> Events {
    let mut all = Events::new();
    for data in items.items.values() {
        insert(&mut all, read_on_phone(version, data));
    }
    all
}

/// What the calendars must hold: of each event the last edit that was accepted, and where it is.
#[derive(Default)]
struct Accepted {
    events: BTreeMap<String, (usize, Event)>,
    made: usize,
}

impl Accepted {
    /// Every third event that is made repeats.
    fn next_repeats(&mut self) -> bool {
        self.made += 1;
        self.made.is_multiple_of(3)
    }

    fn add(&mut self, calendar: usize, (place, event): (String, Event)) {
        let twice = self.events.insert(place, (calendar, event));
        assert!(twice.is_none(), "an event was added that is there: {twice:?}");
    }

    /// An edit was accepted: it must have been made of what had been accepted before it.
    fn change(&mut self, calendar: usize, before: &Event, (place, event): (String, Event)) {
        let known = self.events.insert(place.clone(), (calendar, event));
        assert_eq!(known, Some((calendar, before.clone())), "an accepted edit of {place} is lost");
    }

    fn delete(&mut self, calendar: usize, place: &str) {
        // Who deletes what is elsewhere by now has deleted nothing.
        if self.events.get(place).is_some_and(|(there, _)| *there == calendar) {
            self.events.remove(place);
        }
    }

    /// Somebody else may have moved it there before, and it may be gone since.
    fn relocate(&mut self, to: usize, place: &str) {
        if let Some((there, _)) = self.events.get_mut(place) {
            *there = to;
        }
    }

    fn within(&self, calendar: usize) -> Events {
        let there = self.events.iter().filter(|(_, (there, _))| *there == calendar);
        there.map(|(place, (_, event))| (place.clone(), event.clone())).collect()
    }
}

/// A phone and what it shows of both calendars; nothing of one that it was not given or that was taken away.
struct Holder<'a> {
    account: &'a Account,
    version: &'static str,
    phone: Phone,
    folders: [Option<Items>; 2],
}

fn made_on_phone(version: &str, repeats: bool) -> Vec<Element> {
    let name = unique();
    let mut data = event_of_phone(version, &name, "20270601T080000Z", "20270601T090000Z");
    if version < "16" {
        data.extend(texts("Calendar", &[("Location", &name)]));
    } else {
        let place = texts("AirSyncBase", &[("DisplayName", &name)]);
        data.push(Element::holding("AirSyncBase:Location", place));
    }
    if repeats {
        // Tuesdays.
        let rule = [("Type", "1"), ("Interval", "1"), ("DayOfWeek", "4"), ("Occurrences", "4")];
        data.push(Element::holding("Calendar:Recurrence", texts("Calendar", &rule)));
    }
    data
}

/// A week later.
fn next_week(moment: &str) -> String {
    format!("{}{}", day_after(&moment[..8], 7), &moment[8..])
}

/// One random act of a phone on what it shows; an answer is lost now and then and asked for again.
fn act_of_phone(holder: &mut Holder<'_>, dice: &mut Dice, accepted: &mut Accepted) {
    let (version, phone, folders) = (holder.version, &holder.phone, &mut holder.folders);
    let (here, deed) = (dice.below(2), dice.below(6));
    let Some(mut items) = folders[here].take() else { return };
    items.window = 1 + dice.below(5);
    let ids: Vec<String> = items.items.keys().cloned().collect();
    let chosen = (!ids.is_empty()).then(|| ids[dice.below(ids.len())].clone());
    match (deed, chosen, &folders[1 - here]) {
        (0 | 1, ..) | (_, None, _) => {
            let data = made_on_phone(version, accepted.next_repeats());
            let shown = Element::holding("AirSync:ApplicationData", data.clone());
            let command = Element::add_item(&Phone::client_id(), data);
            let (is_accepted, answer) = sent(phone, &mut items, &command, Some(&shown), dice);
            assert!(is_accepted, "an Add is accepted: {answer:?}");
            accepted.add(here, read_on_phone(version, &shown));
        }
        (2, Some(id), _) => {
            let (place, _) = read_on_phone(version, &items.items[&id]);
            let (is_accepted, _) = sent(phone, &mut items, &Element::delete(&id), None, dice);
            if is_accepted {
                accepted.delete(here, &place);
            }
        }
        (3, Some(id), Some(there)) => {
            let (place, _) = read_on_phone(version, &items.items[&id]);
            // MS-ASCMD, `Status` of MoveItems: 3 is success.
            if phone.move_item(&id, &items.folder, &there.folder).0 == "3" {
                items.items.remove(&id);
                items.gone.insert(id);
                accepted.relocate(1 - here, &place);
            }
        }
        (_, Some(id), _) => {
            let before = items.items[&id].clone();
            let (_, event) = read_on_phone(version, &before);
            let subject = unique();
            let (command, shown) = if deed == 4 {
                let edits = [("Subject", subject.as_str())];
                let data = before.edited(version, "Calendar", &edits);
                (Element::change_item(&id, data), before.showing("Calendar", &edits))
            } else if before.at("Recurrence").is_some() {
                let (of, end) = (next_week(&event.start), next_week(&event.end));
                let end = dice.minutes_after(&end);
                let edits = [("Subject", subject.as_str()), ("EndTime", end.as_str())];
                let command = before.edit_occurrence(version, &id, &of, &edits);
                (command, before.showing_occurrence(version, &of, &edits))
            } else {
                let end = dice.minutes_after(&event.end);
                let edits = [("EndTime", end.as_str())];
                let data = before.edited(version, "Calendar", &edits);
                (Element::change_item(&id, data), before.showing("Calendar", &edits))
            };
            let (is_accepted, _) = sent(phone, &mut items, &command, Some(&shown), dice);
            if is_accepted {
                accepted.change(here, &event, read_on_phone(version, &shown));
            }
        }
    }
    folders[here] = Some(items);
}

/// Sends one command; whether it was accepted, and the answer to it. The phone shows its own edit until the
/// server says otherwise.
fn sent(
    phone: &Phone,
    items: &mut Items,
    command: &Element,
    shown: Option<&Element>,
    dice: &mut Dice,
) -> (bool, Option<Element>) {
    if dice.below(3) == 0 {
        // Served, but the answer never comes: the phone's key is still the old one.
        phone.sync_items_once(&mut items.clone(), std::slice::from_ref(command));
    }
    match (command.get("ServerId"), shown) {
        (Some(id), Some(shown)) => drop(items.items.insert(id, shown.clone())),
        (Some(id), None) => {
            items.items.remove(&id);
            // A Delete of the server's for the same item may cross it.
            items.gone.insert(id);
        }
        (None, _) => {}
    }
    let delta = phone.sync_items_once(items, std::slice::from_ref(command));
    let answer = delta.responses.into_iter().find(|one| one.tag == command.tag);
    // MS-ASCMD: only an Add that succeeded is answered in any case.
    let status = answer.as_ref().and_then(|answer| answer.get("Status"));
    let is_accepted = status.as_deref().is_none_or(|status| status == "1");
    let made = answer.as_ref().filter(|answer| is_accepted && answer.tag == "AirSync:Add");
    if let (Some(made), Some(shown)) = (made, shown) {
        let twice = items.items.insert(made.get("ServerId").unwrap(), shown.clone());
        assert!(twice.is_none(), "the phone's own event came back too: {}", made.shown());
    }
    (is_accepted && (answer.is_some() || command.tag != "AirSync:Add"), answer)
}

/// One random act of the app, which has looked right before.
fn act_of_app(
    app: &Dav,
    targets: &[String; 2],
    copies: &mut [DavCopy; 2],
    dice: &mut Dice,
    accepted: &mut Accepted,
) {
    let (here, deed) = (dice.below(2), dice.below(6));
    app.refresh(&mut copies[here], Some(1 + dice.below(5)));
    let hrefs: Vec<String> = copies[here].items.keys().cloned().collect();
    if deed < 2 || hrefs.is_empty() {
        let name = unique();
        let rule = if accepted.next_repeats() { "RRULE:FREQ=WEEKLY;COUNT=4\n" } else { "" };
        let text = event_of_app(&name, rule).replace("Werkstatt", &name);
        app.put(&format!("{}{name}.ics", targets[here]), &text).is(201);
        accepted.add(here, read_in_app(&text));
        return;
    }
    let href = &hrefs[dice.below(hrefs.len())];
    let before = app.get(href).is(200).text();
    let (place, event) = read_in_app(&before);
    match deed {
        2 => {
            app.delete(href).is(204);
            accepted.delete(here, &place);
        }
        3 => {
            let name = href.rsplit('/').next().unwrap();
            let to = format!("{}{name}", targets[1 - here]);
            app.ask("MOVE", href, &[("Destination", &to), ("Overwrite", "F")], b"").is(201);
            accepted.relocate(1 - here, &place);
        }
        _ => {
            let subject = format!("SUMMARY:{}\r\n", unique());
            let old = format!("SUMMARY:{}\r\n", event.subject);
            let master = parts(&before, "VEVENT").remove(0);
            let after = if deed == 4 {
                before.replace(&old, &subject)
            } else if let [[_, own, ..]] = &event.exceptions[..] {
                before.replace(&format!("SUMMARY:{own}\r\n"), &subject)
            } else if master.line("RRULE").is_some() {
                with_exception(&before, &old, &subject)
            } else {
                let line = master.line("DTEND").unwrap();
                let (name, end) = line.split_once(':').unwrap();
                before.replace(line, &format!("{name}:{}", dice.minutes_after(end)))
            };
            app.put(href, &after).is(204);
            accepted.change(here, &event, read_in_app(&after));
        }
    }
}

/// The series with another name for its second occurrence.
fn with_exception(text: &str, old: &str, subject: &str) -> String {
    let master = parts(text, "VEVENT").remove(0);
    let (start, rule) = (master.line("DTSTART").unwrap(), master.line("RRULE").unwrap());
    let day = &master.value("DTSTART").unwrap()[..8];
    let later = day_after(day, 7);
    let of = start.replacen("DTSTART", "RECURRENCE-ID", 1).replace(day, &later);
    let (begin, end) = (text.find("BEGIN:VEVENT").unwrap(), text.find("END:VCALENDAR").unwrap());
    let own = text[begin..end].replace(rule, &of).replace(old, subject);
    let own = own.replace(&format!(":{day}T"), &format!(":{later}T"));
    format!("{}{own}{}", &text[..end], &text[end..])
}

/// The delegate loses a calendar, or gets it again.
fn give_or_take(demo: &Demo, owner: &Account, name: &str, here: usize, holder: &mut Holder<'_>) {
    match holder.folders[here].take() {
        Some(items) => {
            demo.admin(&["grant", "remove", &owner.address, name, &holder.account.address]);
            let status = holder.phone.sync_items_status(&items);
            assert!(["3", "8", "12"].contains(&status.as_str()), "no data any more: {status}");
        }
        None => {
            grant(demo, owner, name, holder.account, "editor");
            holder.folders[here] = Some(folder_with(&holder.phone, name));
        }
    }
}

#[test]
fn two_phones_an_app_and_a_delegate_end_with_the_same_calendars_and_lose_no_edit() {
    const ROUNDS: usize = 40;
    // The long round does more.
    let factor = std::env::var("KONTOR_TEST_FACTOR").map_or(1, |factor| factor.parse().unwrap());
    let seed = std::env::var("KONTOR_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1);
    eprintln!("KONTOR_TEST_SEED={seed}");
    on_each_store(|demo| {
        let (mut dice, mut accepted) = (Dice(seed), Accepted::default());
        let (anna, ben) = demo.colleagues();
        let app = demo.dav(&anna);
        let shared = [(); 2].map(|()| shared(demo, &anna, &ben, Kind::Calendar, "editor"));
        let (targets, names) = (shared.each_ref().map(|one| one.0.clone()), shared.map(|one| one.1));
        for (target, name) in targets.iter().zip(&names) {
            app.delete(&Kind::Calendar.href(target, name)).is(204);
        }
        let mut copies = targets.each_ref().map(|target| app.copy_of(target));
        let mut holders = [(&anna, "14.1"), (&anna, "16.1"), (&ben, "16.1")].map(|(account, version)| {
            let phone = phone_of(demo, account, version);
            let folders = names.each_ref().map(|name| Some(folder_with(&phone, name)));
            Holder { account, version, phone, folders }
        });
        for _ in 0..ROUNDS * factor {
            match dice.below(10) {
                0 => {
                    let here = dice.below(2);
                    give_or_take(demo, &anna, &names[here], here, &mut holders[2]);
                }
                1..=3 => act_of_app(&app, &targets, &mut copies, &mut dice, &mut accepted),
                other => act_of_phone(&mut holders[other % 3], &mut dice, &mut accepted),
            }
        }
        for (here, target) in targets.iter().enumerate() {
            let expected = accepted.within(here);
            assert_eq!(all_in_app(&app, target), expected, "the app");
            app.refresh(&mut copies[here], None);
            assert_eq!(copies[here].items, app.copy_of(target).items, "the app's copy");
            for holder in &mut holders {
                if holder.folders[here].is_none() {
                    give_or_take(demo, &anna, &names[here], here, holder);
                }
                let items = holder.folders[here].as_mut().unwrap();
                holder.phone.sync_items(items);
                let who = format!("{} with {}", holder.account.address, holder.version);
                assert_eq!(all_on_phone(holder.version, items), expected, "{who}");
                assert!(holder.phone.sync_items(items).is_empty(), "{who}: quiet");
            }
        }
    });
}

#[test]
fn what_the_demo_has_is_the_same_at_both_doors() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let items = phone.items(kind::CALENDAR);
            let objects = app.objects(&app.own(VEVENT));
            assert_eq!(items.items.len(), objects.len());
            for (name, text) in objects.iter().filter(|(name, _)| name.starts_with("order-")) {
                let event = &parts(text, "VEVENT")[0];
                let start = berlin_as_utc(event.value("DTSTART").unwrap());
                let subject = event.value("SUMMARY").unwrap().replace("\\,", ",");
                let mut shown =
                    items.items.values().filter(|data| data.get("StartTime").as_ref() == Some(&start));
                let same = shown.any(|data| {
                    data.get("Subject") == Some(subject.clone())
                        && data.get("EndTime") == event.moment("DTEND")
                });
                assert!(same, "{version} {name}: {subject} at {start}");
            }
        }
    });
}
