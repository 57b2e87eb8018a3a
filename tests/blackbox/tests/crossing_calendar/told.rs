//! What a phone is told without asking.

use blackbox::{Element, Items, calendar, kind, on_each_store, unique};

use super::{HEARTBEAT_S, SOON, VEVENT, add, annas, change, event_of_app, event_of_phone};

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
