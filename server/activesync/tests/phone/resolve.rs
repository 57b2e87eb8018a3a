//! ResolveRecipients: who is meant, when are they busy, how to write to them.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use calendar::schedule::BusyRequest;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use storage::{NewAccount, Scope};
use vocabulary::{AccountClass, AccountId, AccountKind, Door, EmailAddress, Principal, Rights, Role};
use wbxml::page::resolve_recipients as page;
use wbxml::{Element, Tag};
use workflow::meeting::{FREE_BUSY, free_busy};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::phone::{Phone, text};
use crate::world::{People, World, editor, on_each_database};

struct Case<'w> {
    people: People,
    contacts: FolderId,
    phone: Phone<'w>,
}

async fn case<'w>(world: &'w World, version: &'static str) -> Case<'w> {
    let people = world.people().await;
    let contacts = world.folder(people.anna, Role::Contacts).await;
    let phone = Phone::new(world, &people.anna_address, "phone", version, contacts).await;
    Case { people, contacts, phone }
}

async fn card(world: &World, folder: FolderId, name: &str, address: &str, more: &str) {
    let card = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}-{address}\r\nFN:{name}\r\nN:{name};;;;\r\nEMAIL:{address}\r\n{more}END:VCARD\r\n"
    );
    world.put_bytes(folder, Class::Contacts, card.into_bytes()).await;
}

fn request(to: &[&str], options: &[(Tag, &str)]) -> Element {
    let request =
        to.iter().fold(Element::new(page::RESOLVE_RECIPIENTS), |all, one| all.with_text(page::TO, *one));
    request
        .with(options.iter().fold(Element::new(page::OPTIONS), |all, (tag, text)| all.with_text(*tag, *text)))
}

fn with_picture(to: &[&str], bytes: &str, count: &str) -> Element {
    let picture =
        Element::new(page::PICTURE).with_text(page::MAX_SIZE, bytes).with_text(page::MAX_PICTURES, count);
    let request =
        to.iter().fold(Element::new(page::RESOLVE_RECIPIENTS), |all, one| all.with_text(page::TO, *one));
    request.with(Element::new(page::OPTIONS).with(picture))
}

fn availability(to: &[&str], start: &str, end: &str) -> Element {
    let span =
        Element::new(page::AVAILABILITY).with_text(page::START_TIME, start).with_text(page::END_TIME, end);
    let request =
        to.iter().fold(Element::new(page::RESOLVE_RECIPIENTS), |all, one| all.with_text(page::TO, *one));
    request.with(Element::new(page::OPTIONS).with(span))
}

async fn ask(phone: &Phone<'_>, request: &Element) -> Vec<Element> {
    let root = phone.command("ResolveRecipients", Some(request)).await.unwrap();
    assert_eq!(text(&root, page::STATUS), "1", "{root:?}");
    root.all(page::RESPONSE).cloned().collect()
}

/// Status, RecipientCount, and of each recipient its type and address.
fn outline(response: &Element) -> (String, String, Vec<(String, String)>) {
    let recipient = |one: &Element| (text(one, page::TYPE), text(one, page::EMAIL_ADDRESS));
    let recipients = response.all(page::RECIPIENT).map(recipient).collect();
    (text(response, page::STATUS), text(response, page::RECIPIENT_COUNT), recipients)
}

fn part(response: &Element, tag: Tag) -> &Element {
    response.child(page::RECIPIENT).unwrap().child(tag).unwrap_or_else(|| panic!("{response:?}"))
}

// MS-ASCMD R343 R2199 R2438 R3765 R3767 R3825 R4264 R4275 R4609 R4686 R5309
#[test]
fn people_are_found_in_the_directory_and_in_contacts_and_nowhere_else() {
    on_each_database(async |world| {
        let Case { people, contacts, phone } = case(world, "12.1").await;
        let strangers = world.people().await;
        card(world, contacts, "Zoe Zimt", "zoe@elsewhere.test", "NICKNAME:Zuzu\r\n").await;
        card(world, contacts, "Ben at work", &people.ben_address, "").await;
        let bens = world.folder(people.ben, Role::Contacts).await;
        card(world, bens, "Yves Ypsilon", "yves@elsewhere.test", "").await;
        let upper = people.ben_address.to_uppercase();
        let asked = [
            people.ben_address.as_str(),
            &upper,
            "ben",
            "zoe@elsewhere.test",
            "zimt",
            "zuzu",
            &strangers.ben_address,
            "nobody",
            "",
            "yves",
        ];
        let responses = ask(&phone, &request(&asked, &[])).await;
        let found: Vec<_> = responses.iter().map(outline).collect();
        let one = |kind: &str, address: &str| {
            ("1".to_owned(), "1".to_owned(), vec![(kind.to_owned(), address.to_owned())])
        };
        let nobody = || ("4".to_owned(), "0".to_owned(), Vec::new());
        let (ben, zoe) = (one("1", &people.ben_address), one("2", "zoe@elsewhere.test"));
        let expected = [
            ben.clone(),
            ben.clone(),
            ben,
            zoe.clone(),
            zoe.clone(),
            zoe,
            nobody(),
            nobody(),
            nobody(),
            nobody(),
        ];
        assert_eq!(found, expected);
        for (response, asked) in responses.iter().zip(asked) {
            assert_eq!(text(response, page::TO), asked);
            assert!(response.child(page::RECIPIENT).is_none_or(|one| one.children().count() == 3));
        }
        // What colleagues share is in sight on the phone, and is looked through too.
        world.share(bens, people.anna, editor()).await;
        let shared = ask(&phone, &request(&["yves"], &[])).await;
        assert_eq!(outline(&shared[0]), one("2", "yves@elsewhere.test"));
        world.share(bens, people.anna, Rights::NONE).await;
        assert_eq!(outline(&ask(&phone, &request(&["yves"], &[])).await[0]), nobody());
    });
}

// MS-ASCMD R3761 R4270 R4274 R4279 R4623 R5656
#[test]
fn whoever_is_ambiguous_is_suggested_within_bounds() {
    on_each_database(async |world| {
        let Case { people, contacts, phone } = case(world, "16.1").await;
        for name in ["Annika", "Anton", "Antje"] {
            card(world, contacts, name, &format!("{}@elsewhere.test", name.to_lowercase()), "").await;
        }
        let certificates = (page::CERTIFICATE_RETRIEVAL, "2");
        let all = ask(&phone, &request(&["an"], &[certificates])).await;
        let (status, count, found) = outline(&all[0]);
        assert_eq!((status.as_str(), count.as_str(), found.len()), ("2", "4", 4));
        assert_eq!(found[0], ("1".to_owned(), people.anna_address.clone()), "the directory first");
        assert!(all[0].all(page::RECIPIENT).all(|one| one.child(page::CERTIFICATES).is_none()));
        for (limit, shown) in [("2", 2), ("0", 0)] {
            let some = ask(&phone, &request(&["an"], &[(page::MAX_AMBIGUOUS_RECIPIENTS, limit)])).await;
            let (status, count, found) = outline(&some[0]);
            assert_eq!((status.as_str(), count.as_str(), found.len()), ("3", "4", shown), "{limit}");
        }
        let whole = ask(&phone, &request(&["anton", "anna"], &[])).await;
        assert_eq!(outline(&whole[0]).0, "1");
        assert_eq!(
            outline(&whole[1]),
            ("1".into(), "1".into(), vec![("1".into(), people.anna_address.clone())])
        );
        let busy = availability(&["an"], "2026-12-02T00:00:00.000Z", "2026-12-03T00:00:00.000Z");
        let busy = ask(&phone, &busy).await;
        assert!(busy[0].all(page::RECIPIENT).all(|one| one.child(page::AVAILABILITY).is_none()));
        for refused in [
            request(&[], &[]),
            request(&["x"; 101], &[]),
            request(&["x"], &[(page::MAX_CERTIFICATES, "10000")]),
            availability(&["x"], "2026-12-02T00:00:00.000Z", "2026-12-02T00:29:00.000Z"),
        ] {
            let root = phone.command("ResolveRecipients", Some(&refused)).await.unwrap();
            assert_eq!((text(&root, page::STATUS).as_str(), root.children().count()), ("5", 1));
        }
    });
}

fn certificate(until: i32) -> String {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    STANDARD.encode(params.self_signed(&KeyPair::generate().unwrap()).unwrap().der())
}

// MS-ASCMD R843 R856 R857 R1114 R1130 R3435 R3764 R3768 R4301 R4302 R4304
#[test]
fn certificates_of_contacts_are_given_whole_or_not_at_all() {
    on_each_database(async |world| {
        let Case { people, contacts, phone } = case(world, "14.1").await;
        let (good, other, old) = (certificate(2030), certificate(2031), certificate(2021));
        let key = |key: &str| format!("KEY;TYPE=X509;ENCODING=b:{key}\r\n");
        let keys = [key(&good), key(&old), key("bm8ga2V5")].concat();
        card(world, contacts, "Ben", &people.ben_address, &keys).await;
        card(world, contacts, "Zoe", "zoe@elsewhere.test", &[key(&good), key(&other)].concat()).await;
        card(world, contacts, "Yves", "yves@elsewhere.test", "").await;
        let asked = [people.ben_address.as_str(), "zoe@elsewhere.test", "yves@elsewhere.test"];
        let of = async |options: &[(Tag, &str)]| {
            let responses = ask(&phone, &request(&asked, options)).await;
            let found = responses.iter().map(|response| {
                let part = response.child(page::RECIPIENT).unwrap().child(page::CERTIFICATES)?;
                let certificates: Vec<String> =
                    part.all(page::CERTIFICATE).map(|one| one.value().into_owned()).collect();
                assert_eq!(text(part, page::RECIPIENT_COUNT), "1");
                assert!(part.child(page::MINI_CERTIFICATE).is_none());
                Some((text(part, page::STATUS), text(part, page::CERTIFICATE_COUNT), certificates))
            });
            found.collect::<Vec<_>>()
        };
        let some = |status: &str, count: &str, certificates: &[&String]| {
            let certificates = certificates.iter().map(|one| (*one).clone()).collect();
            Some((status.to_owned(), count.to_owned(), certificates))
        };
        for options in [&[][..], &[(page::CERTIFICATE_RETRIEVAL, "1")]] {
            assert_eq!(of(options).await, [None, None, None]);
        }
        let full = (page::CERTIFICATE_RETRIEVAL, "2");
        let (ben, none) = (some("1", "1", &[&good]), some("7", "0", &[]));
        assert_eq!(of(&[full]).await, [ben.clone(), some("1", "2", &[&good, &other]), none.clone()]);
        assert_eq!(
            of(&[full, (page::MAX_CERTIFICATES, "2")]).await,
            [ben, some("8", "2", &[]), none.clone()]
        );
        let mini = of(&[(page::CERTIFICATE_RETRIEVAL, "3")]).await;
        assert_eq!(mini, [none.clone(), none.clone(), none]);
    });
}

// MS-ASCMD R1469 R2133 R2375 R3287 R4309 R4310 R4311 R4312 R4313 R5350 R5351
#[test]
fn photos_are_given_within_their_bounds_from_14_1() {
    on_each_database(async |world| {
        let Case { people, contacts, phone } = case(world, "16.1").await;
        let photo =
            |bytes: usize| format!("PHOTO;ENCODING=b;TYPE=JPEG:{}\r\n", STANDARD.encode(vec![7; bytes]));
        card(world, contacts, "Ben", &people.ben_address, &photo(100)).await;
        card(world, contacts, "Zoe Zimt", "zoe@elsewhere.test", &photo(200)).await;
        card(world, contacts, "Yves Zander", "yves@elsewhere.test", &photo(50)).await;
        card(world, contacts, "Xaver", "xaver@elsewhere.test", "").await;
        let to = [people.ben_address.as_str(), "zoe@elsewhere.test", "xaver@elsewhere.test"];
        let responses = ask(&phone, &with_picture(&to, "150", "1")).await;
        let picture = |response: &Element| {
            let part = part(response, page::PICTURE);
            (text(part, page::STATUS), part.child(page::DATA).map(|data| data.bytes().len()))
        };
        let found: Vec<_> = responses.iter().map(picture).collect();
        assert_eq!(found, [("1".to_owned(), Some(100)), ("174".to_owned(), None), ("173".to_owned(), None)]);
        // The bound counts for each who is asked for, suggestions included.
        let suggested = ask(&phone, &with_picture(&["z", "ben"], "1000", "1")).await;
        let statuses: Vec<String> = suggested[0]
            .all(page::RECIPIENT)
            .map(|one| text(one.child(page::PICTURE).unwrap(), page::STATUS))
            .collect();
        assert_eq!(statuses, ["1", "175"]);
        assert_eq!(picture(&suggested[1]).0, "1");
        let old = Phone::new(world, &people.anna_address, "old", "14.0", contacts).await;
        let responses = ask(&old, &with_picture(&to, "150", "1")).await;
        assert!(responses[0].child(page::RECIPIENT).unwrap().child(page::PICTURE).is_none());
    });
}

const START: &str = "2026-12-01T23:45:00.000Z";
const END: &str = "2026-12-03T00:00:00.000Z";

async fn event(world: &World, account: AccountId, uid: &str, lines: &str) {
    let calendar = world.folder(account, Role::Calendar).await;
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    world.put_bytes(calendar, Class::Calendar, text.into_bytes()).await;
}

/// The digits that DAV's answer to the same question amounts to.
async fn by_dav(world: &World, people: &People, of: &str) -> String {
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:fb\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:20261201T234500Z\r\nDTEND:20261203T000000Z\r\nORGANIZER:mailto:{}\r\nATTENDEE:mailto:{of}\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n",
        people.anna_address
    );
    let anna = people.anna;
    let account = world.read(move |tx| tx.account(anna)).await;
    let principal = Principal::System { door: Door::Admin };
    let request = BusyRequest::parse(text.as_bytes()).unwrap();
    let answers = free_busy(&world.store, &account, &principal, &request).await.unwrap();
    let object = String::from_utf8(answers[0].object.clone().unwrap()).unwrap().replace("\r\n ", "");
    let moment = |text: &str| activesync_wire::date::parse(text).unwrap().0;
    let (start, end) = (moment(START), moment(END));
    let mut periods: Vec<(i64, i64, char)> = Vec::new();
    for line in object.lines().filter(|line| line.starts_with("FREEBUSY")) {
        let (head, values) = line.split_once(':').unwrap();
        let digit = match head {
            _ if head.contains("BUSY-TENTATIVE") => '1',
            _ if head.contains("BUSY-UNAVAILABLE") => '3',
            _ => '2',
        };
        for value in values.split(',') {
            let (from, until) = value.split_once('/').unwrap();
            let from = moment(from);
            let until = match until.strip_prefix("PT") {
                None => moment(until),
                Some(length) => {
                    let (hours, rest) = length.split_once('H').unwrap_or(("0", length));
                    let minutes = rest.strip_suffix('M').unwrap_or("0");
                    from + (hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap()) * 60_000
                }
            };
            periods.push((from, until, digit));
        }
    }
    let mut digits = String::new();
    let mut slot = start;
    while slot < end {
        let until = (slot + 1_800_000).min(end);
        let touching = periods.iter().filter(|(from, to, _)| *from < until && *to > slot);
        digits.push(touching.map(|(.., digit)| *digit).max().unwrap_or('0'));
        slot = until;
    }
    digits
}

// MS-ASCMD R809 R810 R814 R819 R1092 R3315 R3319 R3330 R3338 R3339 R4291 R4298 R4624
#[test]
fn busy_times_are_those_that_calendar_apps_are_told() {
    on_each_database(async |world| {
        let Case { people, contacts, phone } = case(world, "16.1").await;
        let ben = people.ben;
        event(
            world,
            ben,
            "a",
            "DTSTART:20261202T090000Z\r\nDTEND:20261202T093000Z\r\nRRULE:FREQ=HOURLY;COUNT=3\r\n",
        )
        .await;
        event(world, ben, "b", "DTSTART:20261202T130000Z\r\nDTEND:20261202T130500Z\r\nSTATUS:TENTATIVE\r\n")
            .await;
        event(
            world,
            ben,
            "c",
            "DTSTART:20261202T150000Z\r\nDTEND:20261202T160000Z\r\nTRANSP:TRANSPARENT\r\n",
        )
        .await;
        event(world, ben, "d", "DTSTART:20261202T170000Z\r\nDTEND:20261202T180000Z\r\nCLASS:PRIVATE\r\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n").await;
        card(world, contacts, "Zoe", "zoe@elsewhere.test", "").await;
        let asked = availability(&[&people.ben_address, "zoe@elsewhere.test"], START, END);
        let responses = ask(&phone, &asked).await;
        let busy = part(&responses[0], page::AVAILABILITY);
        assert_eq!(text(busy, page::STATUS), "1");
        let digits = text(busy, page::MERGED_FREE_BUSY);
        assert_eq!(digits, by_dav(world, &people, &people.ben_address).await);
        assert_eq!(digits.len(), 49, "24 hours and a quarter");
        assert!(['1', '2', '3'].iter().all(|digit| digits.contains(*digit)), "{digits}");
        let elsewhere = part(&responses[1], page::AVAILABILITY);
        assert_eq!((text(elsewhere, page::STATUS).as_str(), elsewhere.children().count()), ("163", 1));

        world.write(&[ben], move |tx| tx.put_setting(Scope::Account(ben), FREE_BUSY, "granted")).await;
        let hidden = ask(&phone, &asked).await;
        assert_eq!(text(part(&hidden[0], page::AVAILABILITY), page::STATUS), "163");
        world
            .share(world.folder(ben, Role::Calendar).await, people.anna, Rights::LOOKUP | Rights::FREE_BUSY)
            .await;
        let granted = ask(&phone, &asked).await;
        assert_eq!(text(part(&granted[0], page::AVAILABILITY), page::MERGED_FREE_BUSY), digits);
        let old = Phone::new(world, &people.anna_address, "old", "12.1", contacts).await;
        let responses = ask(&old, &asked).await;
        assert!(responses[0].child(page::RECIPIENT).unwrap().child(page::AVAILABILITY).is_none());
    });
}

// MS-ASCMD R3761 R3768 R4290 R4294 R4625 R4626
#[test]
fn a_list_is_busy_when_any_of_its_members_is() {
    on_each_database(async |world| {
        let Case { people, contacts, phone } = case(world, "14.0").await;
        event(
            world,
            people.anna,
            "a",
            "DTSTART:20261202T000000Z\r\nDTEND:20261202T003000Z\r\nSTATUS:TENTATIVE\r\n",
        )
        .await;
        event(world, people.ben, "b", "DTSTART:20261202T003000Z\r\nDTEND:20261202T010000Z\r\n").await;
        let good = certificate(2030);
        let key = format!("KEY;TYPE=X509;ENCODING=b:{good}\r\n");
        card(world, contacts, "Ben", &people.ben_address, &key).await;
        let (_, domain) = people.anna_address.split_once('@').unwrap();
        let (team, crowd) = (format!("team@{domain}"), format!("crowd@{domain}"));
        let (small, large, of) = (team.clone(), crowd.clone(), domain.to_owned());
        let members = [people.anna, people.ben];
        world
            .write(&[], move |tx| {
                let admin = tx.administer()?;
                let group = tx.create_group(&admin, &EmailAddress::parse(&small).unwrap())?;
                for member in members {
                    tx.set_member(&admin, group, member, true)?;
                }
                let group = tx.create_group(&admin, &EmailAddress::parse(&large).unwrap())?;
                for number in 0..21 {
                    let new = NewAccount {
                        address: EmailAddress::parse(&format!("m{number}@{of}")).unwrap(),
                        kind: AccountKind::Exchange,
                        class: AccountClass::Person,
                        name: format!("Member {number}"),
                        language: None,
                        quota_bytes: None,
                    };
                    let member = tx.create_account(&admin, &new)?;
                    tx.set_member(&admin, group, member, true)?;
                }
                Ok(())
            })
            .await;
        let span = ("2026-12-02T00:00:00.000Z", "2026-12-02T02:00:00.000Z");
        let responses = ask(&phone, &availability(&[&team, &crowd, "team"], span.0, span.1)).await;
        for response in [&responses[0], &responses[2]] {
            assert_eq!(outline(response), ("1".into(), "1".into(), vec![("1".into(), team.clone())]));
            assert_eq!(text(part(response, page::AVAILABILITY), page::MERGED_FREE_BUSY), "1200");
        }
        let crowded = part(&responses[1], page::AVAILABILITY);
        assert_eq!((text(crowded, page::STATUS).as_str(), crowded.children().count()), ("161", 1));
        let certificates = ask(&phone, &request(&[&team], &[(page::CERTIFICATE_RETRIEVAL, "2")])).await;
        let part = part(&certificates[0], page::CERTIFICATES);
        assert_eq!(
            (text(part, page::RECIPIENT_COUNT).as_str(), text(part, page::CERTIFICATE_COUNT).as_str()),
            ("2", "1")
        );
    });
}
