//! What a phone is told without asking, and an app as soon as it asks.

use std::time::Instant;

use blackbox::{Dav, Element, Items, Phone, calendar, eventually, kind, on_each_store, unique};

use super::{
    HEARTBEAT_S, Kind, SOON, VEVENT, add, annas, change, event_of_app, event_of_phone, folder_with, phone_of,
    shared,
};

/// What somebody does to an event of their own, in this order.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Add,
    Change,
    Delete,
}

fn done_by_app(app: &Dav, target: &str, deed: Deed, subject: &str) {
    let href = format!("{target}{subject}.ics");
    let text = event_of_app(subject, "");
    match deed {
        Deed::Add => app.put(&href, &text).is(201),
        Deed::Change => app.put(&href, &text.replace("Werkstatt", "Laden")).is(204),
        Deed::Delete => app.delete(&href).is(204),
    };
}

fn done_by_phone(phone: &Phone, items: &mut Items, deed: Deed, subject: &str) {
    match deed {
        Deed::Add => {
            add(phone, items, event_of_phone("16.1", subject, "20270601T080000Z", "20270601T090000Z"));
        }
        Deed::Change => {
            let id = items.id_of(subject);
            let data = items.items[&id].edited("16.1", "Calendar", &[("EndTime", "20270601T100000Z")]);
            change(phone, items, Element::change_item(&id, data));
        }
        Deed::Delete => {
            let id = items.id_of(subject);
            change(phone, items, Element::delete(&id));
            items.items.remove(&id);
        }
    }
}

#[test]
fn what_each_door_does_to_a_calendar_is_told_at_the_others_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let (target, name) = shared(demo, &anna, &ben, Kind::Calendar, "editor");
        let waiter = phone_of(demo, &anna, "14.1");
        let mut watched = folder_with(&waiter, &name);
        let poller = demo.dav(&anna);
        let mut copy = poller.copy_of(&target);
        for account in [&anna, &ben] {
            let (phone, app) = (phone_of(demo, account, "16.1"), demo.dav(account));
            let mut items = folder_with(&phone, &name);
            for is_phone in [false, true] {
                let subject = unique();
                for deed in [Deed::Add, Deed::Change, Deed::Delete] {
                    let door = if is_phone { "phone" } else { "app" };
                    let what = format!("{deed:?} by the {door} of {}", account.address);
                    let waiting = waiter.ping(&[&watched.folder], HEARTBEAT_S);

                    if is_phone {
                        done_by_phone(&phone, &mut items, deed, &subject);
                    } else {
                        done_by_app(&app, &target, deed, &subject);
                    }

                    let begin = Instant::now();
                    let answer = waiting.answer();
                    assert_eq!(answer.status, "2", "{what}: {answer:?}");
                    assert!(answer.after <= SOON, "{what}: {answer:?}");
                    eventually(&what, || (!poller.refresh_once(&mut copy, None).is_empty()).then_some(()));
                    let after = begin.elapsed();
                    assert!(after <= SOON, "{what}: the app after {after:?}");
                    assert!(!waiter.sync_items(&mut watched).is_empty(), "{what}");
                }
            }
        }
    });
}

#[test]
fn the_phone_is_woken_within_a_second_by_what_the_app_does_in_each_folder() {
    on_each_store(|demo| {
        let (phone, app) = annas(demo, "16.1");
        let text = |component: &str, uid: &str| match component {
            "VCARD" => {
                format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\nN:{uid};;;;\r\nEND:VCARD\r\n")
            }
            "VEVENT" => event_of_app(uid, ""),
            _ => calendar(component, uid, &format!("SUMMARY:{uid}\n")),
        };
        let all = [
            (kind::CALENDAR, "VEVENT"),
            (kind::CONTACTS, "VCARD"),
            (kind::TASKS, "VTODO"),
            (kind::NOTES, "VJOURNAL"),
        ];
        let mut folders: Vec<Items> = all.iter().map(|(kind, _)| phone.items(*kind)).collect();
        for (number, (_, component)) in all.iter().enumerate() {
            let target = app.own((*component != "VCARD").then_some(*component));
            let waiting =
                phone.ping(&folders.iter().map(|items| &items.folder).collect::<Vec<_>>(), HEARTBEAT_S);

            app.put(&format!("{target}{}.ics", unique()), &text(component, &unique())).is(201);

            let answer = waiting.answer();
            let id = folders[number].folder.id.clone();
            assert_eq!((answer.status.as_str(), &answer.changed[..]), ("2", &[id][..]), "{component}");
            assert!(answer.after <= SOON, "{component}: {answer:?}");
            assert_eq!(phone.sync_items(&mut folders[number]).added.len(), 1);
        }
    });
}

#[test]
fn a_phone_is_woken_within_a_second_by_another_phone_and_not_by_itself() {
    on_each_store(|demo| {
        let (phone, app) = annas(demo, "16.1");
        let (other, _) = annas(demo, "14.1");
        let mut items = phone.items(kind::CALENDAR);
        let mut others = other.items(kind::CALENDAR);
        let mut copy = app.copy_of(&app.own(VEVENT));
        let waiting = phone.ping(&[&items.folder], HEARTBEAT_S);
        let subject = unique();
        add(&other, &mut others, event_of_phone("14.1", &subject, "20270601T080000Z", "20270601T090000Z"));
        let answer = waiting.answer();
        assert_eq!(answer.status, "2");
        assert!(answer.after <= SOON, "{answer:?}");
        assert_eq!(app.refresh(&mut copy, None).changed.len(), 1);
        phone.sync_items(&mut items);
        assert!(items.find("Subject", &subject).is_some());

        // What the phone has done itself does not wake it: `ping` fails if it is answered at once.
        let id = items.id_of(&subject);
        let data = items.items[&id].edited("16.1", "Calendar", &[("Subject", &unique())]);
        change(&phone, &mut items, Element::change_item(&id, data));
        drop(phone.ping(&[&items.folder], HEARTBEAT_S));
    });
}
