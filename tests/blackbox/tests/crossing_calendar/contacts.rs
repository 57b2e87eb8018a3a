//! Contacts, with what a phone cannot show.

use blackbox::{Element, Items, kind, lines, on_each_store, parts, texts, unique};

use super::{VERSIONS, add, annas, change, differing};

/// The lines as they stand, folds too.
fn raw(text: &str) -> Vec<&str> {
    text.split("\r\n").collect()
}

fn without<'a>(lines: &[&'a str], starts: &[&str]) -> Vec<&'a str> {
    lines.iter().filter(|line| !starts.iter().any(|start| line.starts_with(start))).copied().collect()
}

#[test]
fn a_contact_with_photo_and_unknown_lines_survives_an_edit_on_the_phone() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let target = format!("{}contact-00.vcf", app.own(None));
            let before = app.get(&target).is(200).text();
            assert!(before.contains("PHOTO;") && before.contains("item1.X-ABLABEL:Laden"), "{before}");
            let address = lines(&before)
                .iter()
                .find_map(|line| line.strip_prefix("EMAIL;TYPE=INTERNET,HOME:").map(str::to_owned));
            let address = address.unwrap();
            let mut items = phone.items(kind::CONTACTS);
            let has =
                |data: &Element| data.get("Email1Address").is_some_and(|shown| shown.contains(&address));
            let (id, shown) = items.items.iter().find(|(_, data)| has(data)).unwrap();
            assert!(shown.get("Picture").is_some_and(|photo| photo.len() > 100), "{}", shown.shown());
            let number = format!("+49 170 {}", if version < "16" { "5550001" } else { "5550002" });
            let data = shown.edited(version, "Contacts", &[("MobilePhoneNumber", &number)]);
            let id = id.clone();

            change(&phone, &mut items, Element::change_item(&id, data));

            let after = app.get(&target).is(200).text();
            assert!(lines(&after).contains(&format!("TEL;TYPE=CELL:{number}")), "{after}");
            let touched = ["TEL;TYPE=CELL:", "REV"];
            assert_eq!(without(&raw(&before), &touched), without(&raw(&after), &touched), "{version}");
        }
    });
}

#[test]
fn what_a_phone_does_not_show_stays_when_it_leaves_it_out() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let uid = unique();
            let target = format!("{}{uid}.vcf", app.own(None));
            let card = format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\nN:{uid};Zoë;;;\r\nTEL;TYPE=CELL:+49 1\r\n\
                 TITLE:Gärtnerin\r\nNICKNAME:Zo\r\nX-SKYPE:zoe\r\nEND:VCARD\r\n"
            );
            app.put(&target, &card).is(201);
            let folder =
                phone.hierarchy("0").added.into_iter().find(|one| one.kind == kind::CONTACTS).unwrap();
            let mut items = Items::of(folder);
            // MS-ASCMD R5907, R5908: what is named may be deleted by leaving it out, all else is kept.
            items.supported = Some(vec!["Contacts:JobTitle", "Contacts:MobilePhoneNumber"]);
            phone.sync_items(&mut items);
            let id = items.find("LastName", &uid).unwrap();

            let data = texts("Contacts", &[("MobilePhoneNumber", "+49 2")]);
            change(&phone, &mut items, Element::change_item(&id, data));

            let after = app.get(&target).is(200).text();
            let (gone, new) = differing(&card, &after);
            assert_eq!(gone, ["TEL;TYPE=CELL:+49 1", "TITLE:Gärtnerin"], "{version}: {after}");
            assert_eq!(new, ["TEL;TYPE=CELL:+49 2"], "{version}: {after}");
        }
    });
}

#[test]
fn a_contact_made_at_one_door_is_whole_at_the_other() {
    on_each_store(|demo| {
        for version in VERSIONS {
            let (phone, app) = annas(demo, version);
            let book = app.own(None);
            let mut items = phone.items(kind::CONTACTS);
            let mut copy = app.copy_of(&book);
            let name = unique();
            let data = texts(
                "Contacts",
                &[
                    ("FirstName", "Zoë"),
                    ("LastName", &name),
                    ("FileAs", &format!("{name}, Zoë")),
                    ("Email1Address", &format!("\"Zoë\" <{name}@probe.test>")),
                    ("CompanyName", "Müller; Söhne, KG"),
                    ("Birthday", "1990-05-01T00:00:00.000Z"),
                ],
            );
            add(&phone, &mut items, data);

            let told = app.refresh(&mut copy, None);
            assert_eq!(told.changed.len(), 1, "{told:?}");
            let text = app.get(&format!("{book}{}", told.changed[0])).is(200).text();
            let card = &parts(&text, "VCARD")[0];
            assert!(card.value("N").is_some_and(|n| n.starts_with(&format!("{name};Zoë;"))), "{text}");
            assert_eq!(card.value("EMAIL"), Some(format!("{name}@probe.test").as_str()), "{text}");
            assert_eq!(card.value("ORG"), Some("Müller\\; Söhne\\, KG"), "{text}");
            assert!(["1990-05-01", "19900501"].contains(&card.value("BDAY").unwrap_or_default()), "{text}");
            assert!(
                card.value("FN").is_some_and(|shown| !shown.is_empty()),
                "RFC 6350 section 6.2.1: {text}"
            );

            let other = unique();
            let text = format!(
                "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:{other}\r\nFN:Jörg {other}\r\nN:{other};Jörg;;;\r\n\
                 TEL;TYPE=cell;VALUE=uri:tel:+49-151-1\r\nADR;TYPE=home:;;Weg 1;Ort;;12345;DE\r\nEND:VCARD\r\n"
            );
            app.put(&format!("{book}{other}.vcf"), &text).is(201);
            phone.sync_items(&mut items);
            let shown = &items.items[&items.find("LastName", &other).unwrap()];
            for (path, value) in [
                ("FirstName", "Jörg"),
                ("MobilePhoneNumber", "+49-151-1"),
                ("HomeAddressStreet", "Weg 1"),
                ("HomeAddressCity", "Ort"),
                ("HomeAddressPostalCode", "12345"),
            ] {
                assert_eq!(shown.get(path).as_deref(), Some(value), "{path}: {}", shown.shown());
            }
        }
    });
}
