//! Several clients that change one calendar end with the same.

use blackbox::{Dav, Element, Items, Phone, berlin_as_utc, kind, on_each_store, parts, unique};

use super::{VERSIONS, VEVENT, annas, event_of_app, event_of_phone, folder_with, phone_of, shared};

/// A small generator of its own, so that a run can be repeated from its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count).unwrap()).unwrap()
    }
}

/// The subjects that a calendar has, sorted.
fn subjects_of_app(app: &Dav, target: &str) -> Vec<String> {
    let of = |text: &str| parts(text, "VEVENT")[0].value("SUMMARY").unwrap().to_owned();
    let mut all: Vec<String> = app.objects(target).iter().map(|(_, text)| of(text)).collect();
    all.sort();
    all
}

fn subjects_of_phone(items: &Items) -> Vec<String> {
    let mut all: Vec<String> = items.items.values().map(|data| data.get("Subject").unwrap()).collect();
    all.sort();
    all
}

/// One random act of a phone on its copy: an Add, Change or Delete, the answer lost now and then and asked
/// for again.
fn act(phone: &Phone, version: &str, items: &mut Items, dice: &mut Dice) {
    let ids: Vec<String> = items.items.keys().cloned().collect();
    let command = match (dice.below(4), ids.is_empty()) {
        (0 | 1, _) | (_, true) => {
            let data = event_of_phone(version, &unique(), "20270601T080000Z", "20270601T090000Z");
            Element::add_item(&Phone::client_id(), data)
        }
        (2, _) => {
            let id = &ids[dice.below(ids.len())];
            Element::change_item(id, items.items[id].edited(version, "Calendar", &[("Subject", &unique())]))
        }
        _ => Element::delete(&ids[dice.below(ids.len())]),
    };
    if dice.below(3) == 0 {
        // Served, but the answer never comes: the phone's key is still the old one.
        phone.sync_items_once(&mut items.clone(), std::slice::from_ref(&command));
    }
    // The phone shows its own edit until the server says otherwise.
    let id = command.get("ServerId");
    let data = command.at("ApplicationData").cloned();
    match (command.tag.as_str(), &id, &data) {
        ("AirSync:Change", Some(id), Some(data)) => drop(items.items.insert(id.clone(), data.clone())),
        ("AirSync:Delete", Some(id), _) => drop(items.items.remove(id)),
        _ => {}
    }
    let removed_here = (command.tag == "AirSync:Delete").then_some(id).flatten();
    if let Some(id) = &removed_here {
        // A Delete of the server's for the same item may cross it.
        items.gone.insert(id.clone());
    }
    let delta = phone.sync_items_once(items, std::slice::from_ref(&command));
    for response in &delta.responses {
        if response.tag == "AirSync:Add" && response.get("Status").as_deref() == Some("1") {
            let twice = items.items.insert(response.get("ServerId").unwrap(), data.clone().unwrap());
            assert!(twice.is_none(), "the phone's own event came back too: {}", response.shown());
        }
    }
}

#[test]
fn two_phones_an_app_and_a_delegate_end_with_the_same_calendar() {
    const ROUNDS: usize = 40;
    // The long round does more.
    let factor = std::env::var("KONTOR_TEST_FACTOR").map_or(1, |factor| factor.parse().unwrap());
    let seed = std::env::var("KONTOR_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1);
    eprintln!("KONTOR_TEST_SEED={seed}");
    on_each_store(|demo| {
        let mut dice = Dice(seed);
        let (anna, ben) = demo.colleagues();
        let (target, name) = shared(demo, &anna, &ben, "editor");
        let app = demo.dav(&anna);
        let mut copy = app.copy_of(&target);
        let actors = [(&anna, "14.1"), (&anna, "16.1"), (&ben, "16.1")];
        let mut phones: Vec<(Phone, &str, Items)> = actors
            .iter()
            .map(|(account, version)| {
                let phone = phone_of(demo, account, version);
                let items = folder_with(&phone, &name);
                (phone, *version, items)
            })
            .collect();
        for _ in 0..ROUNDS * factor {
            let actor = dice.below(phones.len() + 1);
            if let Some((phone, version, items)) = phones.get_mut(actor) {
                act(phone, version, items, &mut dice);
                continue;
            }
            app.refresh(&mut copy, Some(1 + dice.below(5)));
            let hrefs: Vec<String> = copy.items.keys().cloned().collect();
            match dice.below(3) {
                0 if !hrefs.is_empty() => drop(app.delete(&hrefs[dice.below(hrefs.len())]).is(204)),
                1 if !hrefs.is_empty() => {
                    let href = &hrefs[dice.below(hrefs.len())];
                    let before = app.get(href).is(200).text();
                    let summary = parts(&before, "VEVENT")[0].line("SUMMARY").unwrap().to_owned();
                    app.put(href, &before.replace(&summary, &format!("SUMMARY:{}", unique()))).is(204);
                }
                _ => {
                    let uid = unique();
                    app.put(&format!("{target}{uid}.ics"), &event_of_app(&uid, "")).is(201);
                }
            }
        }
        app.refresh(&mut copy, None);
        let expected = subjects_of_app(&app, &target);
        assert_eq!(copy.items, app.copy_of(&target).items, "the app's copy");
        let mut distinct = expected.clone();
        distinct.dedup();
        assert_eq!(distinct, expected, "nothing was made twice");
        for (phone, version, items) in &mut phones {
            phone.sync_items(items);
            assert_eq!(subjects_of_phone(items), expected, "a phone of {version}");
            assert!(phone.sync_items(items).is_empty(), "quiet");
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
