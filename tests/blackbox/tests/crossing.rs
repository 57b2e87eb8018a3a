//! One truth, seen through several doors at once, on both databases.
//!
//! Each test is one claim with two witnesses. What must happen at all has patience, what must happen soon
//! is measured; the tests run one after the other (tests/nextest.toml), so that none slows another down.
//! An IDLE or Ping is proven to wait before anything happens that it is to tell.
#![expect(clippy::expect_used, reason = "a test that fails says why")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use blackbox::{Element, Folder, Imap, Mail, Phone, eventually, on_each_store, unique};

const SOON: Duration = Duration::from_secs(1);
const HEARTBEAT_S: u32 = 120;
const PATIENCE: Duration = blackbox::PATIENCE;

const INBOX: u32 = 2;
const DRAFTS: u32 = 3;
const DELETED_ITEMS: u32 = 4;
const SENT_ITEMS: u32 = 5;

fn item_of(phone: &Phone, folder: &mut blackbox::Folder, subject: &str) -> String {
    eventually(subject, || {
        phone.sync_all(folder);
        folder.items.iter().find(|(_, message)| message.subject == subject).map(|(id, _)| id.clone())
    })
}

/// The mailboxes of the account in which a mail with this subject is.
fn mailboxes_with(imap: &mut Imap, subject: &str) -> Vec<String> {
    let list = imap.ok("LIST \"\" \"*\"");
    let names: Vec<String> = list
        .with("LIST ")
        .iter()
        .filter(|line| !line.to_ascii_lowercase().contains("\\noselect"))
        .map(|line| line.rsplit_once("\"/\" ").expect("the delimiter is /").1.trim_matches('"').to_owned())
        .collect();
    let holds = |name: &String| {
        imap.ok(&format!("EXAMINE \"{name}\""));
        !imap.uids_of(subject).is_empty()
    };
    names.into_iter().filter(holds).collect()
}

#[test]
fn delivered_mail_reaches_idle_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        desktop.idle();
        let mail = Mail::plain(&ben.address, &anna.address);

        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);

        let after = desktop.told("EXISTS", PATIENCE);
        assert!(after <= SOON, "{after:?}");
        desktop.done();
        let uids = desktop.uids_of(&mail.subject);
        assert_eq!(uids.len(), 1);
    });
}

#[test]
fn delivered_mail_wakes_the_phone_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let waiting = phone.ping(&[&inbox], HEARTBEAT_S);
        let mail = Mail::plain(&ben.address, &anna.address);

        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);

        let answer = waiting.answer();
        assert_eq!((answer.status.as_str(), &answer.changed[..]), ("2", &[inbox.id.clone()][..]));
        assert!(answer.after <= SOON, "{answer:?}");
        assert_eq!(phone.sync_all(&mut inbox).subjects(), [mail.subject.as_str()]);
        assert!(phone.sync_all(&mut inbox).is_empty(), "nothing is sent twice");
    });
}

#[test]
fn what_lmtp_took_is_what_imap_and_the_phone_give() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);

        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&mail.subject)[0];
        let mut phone = demo.phone(&anna, "14.1");
        let mut inbox = phone.synced(INBOX);
        let item = item_of(&phone, &mut inbox, &mail.subject);

        // Only trace fields may stand before what was sent: RFC 5321 section 4.4.
        let by_imap = desktop.body_of(uid);
        assert!(by_imap.ends_with(&mail.bytes), "{}", String::from_utf8_lossy(&by_imap));
        assert_eq!(phone.fetch_mime(&inbox, &item), by_imap);
    });
}

#[test]
fn mail_read_on_the_desktop_is_read_on_the_phone_without_its_body() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let item = item_of(&phone, &mut inbox, &mail.subject);
        assert!(!inbox.items[&item].read);
        let waiting = phone.ping(&[&inbox], HEARTBEAT_S);

        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&mail.subject)[0];
        desktop.ok(&format!(r"UID STORE {uid} +FLAGS.SILENT (\Seen)"));

        let answer = waiting.answer();
        assert_eq!(answer.status, "2", "{answer:?}");
        let delta = phone.sync_all(&mut inbox);
        assert!(delta.added.is_empty() && delta.deleted.is_empty(), "{delta:?}");
        let [(changed, data)] = &delta.changed[..] else { panic!("{delta:?}") };
        assert_eq!((changed, data.get("Email:Read").as_deref()), (&item, Some("1")));
        assert!(data.at("AirSyncBase:Body").is_none(), "the body is not sent again: {}", data.shown());
        assert!(phone.sync_all(&mut inbox).is_empty(), "nothing is sent twice");
    });
}

#[test]
fn mail_read_on_the_phone_is_read_on_the_desktop() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut phone = demo.phone(&anna, "14.1");
        let mut inbox = phone.synced(INBOX);
        let item = item_of(&phone, &mut inbox, &mail.subject);
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&mail.subject)[0];
        desktop.idle();

        let delta = phone.sync(&mut inbox, &[Element::change_read(&item, true)]);

        assert!(delta.changed.is_empty(), "the phone's own change does not come back: {delta:?}");
        desktop.told("\\Seen", PATIENCE);
        desktop.done();
        let flags = desktop.ok(&format!("UID FETCH {uid} FLAGS"));
        assert!(!flags.with("\\Seen").is_empty(), "{flags:?}");
        assert!(phone.sync_all(&mut inbox).is_empty(), "nor later");
    });
}

#[test]
fn mail_moved_on_the_phone_moves_on_the_desktop() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let mut bin = phone.synced(DELETED_ITEMS);
        let item = item_of(&phone, &mut inbox, &mail.subject);
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        desktop.idle();

        let (status, moved) = phone.move_item(&item, &inbox, &bin);

        assert_eq!(status, "3", "3 is success"); // MS-ASCMD, `Status` of MoveItems
        let moved = moved.expect("a new ServerId");
        desktop.told("EXPUNGE", PATIENCE);
        desktop.done();
        // The answer was lost, the phone asks again: the same answer, and nothing moves twice.
        assert_eq!(phone.move_item(&item, &inbox, &bin), ("3".to_owned(), Some(moved.clone())));
        assert_eq!(mailboxes_with(&mut desktop, &mail.subject), std::slice::from_ref(&bin.name));
        phone.sync_all(&mut inbox);
        phone.sync_all(&mut bin);
        assert!(!inbox.items.contains_key(&item));
        assert_eq!(bin.items[&moved].subject, mail.subject);

        // The phone knows: there is nothing to move.
        assert_eq!(phone.move_item(&item, &inbox, &bin), ("1".to_owned(), None)); // MS-ASCMD R4206
        assert_eq!(mailboxes_with(&mut desktop, &mail.subject), [bin.name]);
    });
}

#[test]
fn mail_deleted_on_the_phone_goes_to_the_bin_on_the_desktop() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut phone = demo.phone(&anna, "14.1");
        let bin = phone.synced(DELETED_ITEMS).name;
        let mut inbox = phone.synced(INBOX);
        let item = item_of(&phone, &mut inbox, &mail.subject);

        phone.sync(&mut inbox, &[Element::delete(&item)]);

        let mut desktop = demo.imap(&anna);
        assert_eq!(mailboxes_with(&mut desktop, &mail.subject), [bin]);
    });
}

#[test]
fn mail_expunged_on_the_desktop_vanishes_from_the_phone() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let item = item_of(&phone, &mut inbox, &mail.subject);
        let waiting = phone.ping(&[&inbox], HEARTBEAT_S);

        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&mail.subject)[0];
        desktop.ok(&format!(r"UID STORE {uid} +FLAGS.SILENT (\Deleted)"));
        desktop.ok(&format!("UID EXPUNGE {uid}"));

        assert_eq!(waiting.answer().status, "2");
        eventually("the phone deletes it", || {
            phone.sync_all(&mut inbox);
            (!inbox.items.contains_key(&item)).then_some(())
        });
    });
}

#[test]
fn mail_appended_on_the_desktop_reaches_the_phone() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let mail = Mail::plain(&ben.address, &anna.address);

        let uid = demo.imap(&anna).append("INBOX", r"\Seen \Flagged", &mail.bytes);

        let delta = phone.sync_all(&mut inbox);
        assert_eq!(delta.subjects(), [mail.subject.as_str()]);
        let (_, data) = &delta.added[0];
        assert_eq!(data.get("Email:Read").as_deref(), Some("1"), "{}", data.shown());
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        assert_eq!(desktop.body_of(uid), mail.bytes, "APPEND adds no byte");
    });
}

/// Who idles is told of what is done within a second.
fn is_told_soon(desktop: &mut Imap, part: &str, what: &str, act: impl FnOnce()) {
    desktop.idle();
    act();
    let after = desktop.told(part, PATIENCE);
    desktop.done();
    assert!(after <= SOON, "{what}: {part} after {after:?}");
}

#[test]
fn what_a_phone_or_another_desktop_does_reaches_idle_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut lmtp = demo.lmtp();
        let mails: Vec<Mail> = (0..4).map(|_| Mail::plain(&ben.address, &anna.address)).collect();
        for mail in &mails {
            lmtp.deliver(&ben.address, &[&anna.address], mail);
        }
        let mut phone = demo.phone(&anna, "16.1");
        let bin = phone.synced(DELETED_ITEMS);
        let mut inbox = phone.synced(INBOX);
        let [read, deleted, moved, _] =
            [0, 1, 2, 3].map(|number: usize| item_of(&phone, &mut inbox, &mails[number].subject));
        let (mut desktop, mut other) = (demo.imap(&anna), demo.imap(&anna));
        desktop.select("INBOX");
        other.select("INBOX");
        let uid = other.uids_of(&mails[3].subject)[0];

        is_told_soon(&mut desktop, "\\Seen", "a phone's flag", || {
            phone.sync(&mut inbox, &[Element::change_read(&read, true)]);
        });
        is_told_soon(&mut desktop, "EXPUNGE", "a phone's deletion", || {
            phone.sync(&mut inbox, &[Element::delete(&deleted)]);
        });
        is_told_soon(&mut desktop, "EXPUNGE", "a phone's move", || {
            assert_eq!(phone.move_item(&moved, &inbox, &bin).0, "3");
        });
        is_told_soon(&mut desktop, "\\Flagged", "another desktop's STORE", || {
            other.ok(&format!(r"UID STORE {uid} +FLAGS (\Flagged)"));
        });
        is_told_soon(&mut desktop, "EXPUNGE", "another desktop's EXPUNGE", || {
            other.ok(&format!(r"UID STORE {uid} +FLAGS.SILENT (\Deleted)"));
            other.ok(&format!("UID EXPUNGE {uid}"));
        });
        for mail in &mails[1..] {
            assert!(desktop.uids_of(&mail.subject).is_empty(), "{} is still there", mail.subject);
        }
    });
}

/// Who pings is told of what is done within a second.
fn is_woken_soon(phone: &Phone, folder: &mut Folder, what: &str, act: impl FnOnce()) {
    let waiting = phone.ping(&[&*folder], HEARTBEAT_S);
    act();
    let answer = waiting.answer();
    let expected = ("2", std::slice::from_ref(&folder.id));
    assert_eq!((answer.status.as_str(), &answer.changed[..]), expected, "{what}");
    assert!(answer.after <= SOON, "{what}: {answer:?}");
    assert!(!phone.sync_all(folder).is_empty(), "{what}");
}

#[test]
fn what_a_desktop_does_wakes_the_phone_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "14.1");
        let mut inbox = phone.synced(INBOX);
        let mail = Mail::plain(&ben.address, &anna.address);
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let mut uid = 0;

        is_woken_soon(&phone, &mut inbox, "APPEND", || uid = desktop.append("INBOX", "", &mail.bytes));
        is_woken_soon(&phone, &mut inbox, "STORE", || {
            desktop.ok(&format!(r"UID STORE {uid} +FLAGS (\Seen)"));
        });
        // That a mail is to be expunged is perhaps nothing for a phone.
        desktop.ok(&format!(r"UID STORE {uid} +FLAGS.SILENT (\Deleted)"));
        phone.sync_all(&mut inbox);
        is_woken_soon(&phone, &mut inbox, "EXPUNGE", || {
            desktop.ok(&format!("UID EXPUNGE {uid}"));
        });
        assert!(!inbox.items.values().any(|message| message.subject == mail.subject));
    });
}

#[test]
fn a_mail_folder_that_is_taken_away_wakes_the_phone_and_ends_idle_within_a_second() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let name = unique();
        demo.imap(&anna).ok(&format!("CREATE {name}"));
        demo.admin(&["grant", "set", &anna.address, &name, &ben.address, "reader"]);
        let mut phone = demo.phone(&ben, "16.1");
        phone.provision();
        let folders = phone.folders();
        let folder = folders.into_iter().find(|folder| folder.name.contains(&name));
        let mut folder = folder.expect("the folder is on the phone");
        phone.sync_all(&mut folder);
        let mut desktop = demo.imap(&ben);
        desktop.select(&format!("Other Users/{}/{name}", anna.address));
        desktop.idle();
        let waiting = phone.ping(&[&folder], HEARTBEAT_S);

        demo.admin(&["grant", "remove", &anna.address, &name, &ben.address]);

        let begin = Instant::now();
        // MS-ASCMD: 7 says that the folders must be asked for.
        let answer = waiting.answer();
        assert_eq!(answer.status, "7", "{answer:?}");
        // RFC 9051 section 7.1.5: there is no mailbox any more that could stay selected.
        let said = desktop.last_words();
        assert!(said.iter().any(|line| line.starts_with("* BYE")), "{said:?}");
        let after = begin.elapsed();
        assert!(after <= SOON, "{after:?}");
    });
}

#[test]
fn a_phone_that_lost_an_answer_gets_the_same_again() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let mut lmtp = demo.lmtp();
        let mails: Vec<Mail> = (0..3).map(|_| Mail::plain(&ben.address, &anna.address)).collect();
        for mail in &mails {
            lmtp.deliver(&ben.address, &[&anna.address], mail);
        }
        let before = inbox.clone();

        phone.sync_and_lose_the_answer(&inbox, &[]);
        phone.sync_and_lose_the_answer(&inbox, &[]);
        let delta = phone.sync(&mut inbox, &[]);

        let mut subjects = delta.subjects();
        subjects.sort();
        let mut expected: Vec<String> = mails.iter().map(|mail| mail.subject.clone()).collect();
        expected.sort();
        assert_eq!(subjects, expected);
        assert_ne!(inbox.key, before.key);

        assert_eq!(inbox.items.len(), before.items.len() + mails.len());

        // A change whose answer is lost is made, and made once: what the desktop does after it stays.
        let (item, subject) = (&delta.added[0].0, delta.subjects()[0].clone());
        let change = [Element::change_read(item, true)];
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&subject)[0];
        let is_seen =
            |desktop: &mut Imap| !desktop.ok(&format!("UID FETCH {uid} FLAGS")).with("\\Seen").is_empty();
        assert!(!is_seen(&mut desktop));
        phone.sync_and_lose_the_answer(&inbox, &change);
        assert!(is_seen(&mut desktop), "the change whose answer was lost is made");
        desktop.ok(&format!(r"UID STORE {uid} -FLAGS.SILENT (\Seen)"));
        if let Some(message) = inbox.items.get_mut(item) {
            message.read = true; // so it is shown on the phone
        }
        let repeated = phone.sync(&mut inbox, &change);
        // MS-ASCMD: a Change that succeeded has no response; one with another status has failed.
        let failed: Vec<_> =
            repeated.responses.iter().filter(|one| one.get("Status").as_deref() != Some("1")).collect();
        assert!(failed.is_empty(), "{repeated:?}");
        assert!(!is_seen(&mut desktop), "the repeated change is not made again");
        phone.sync_all(&mut inbox);
        assert!(!inbox.items[item].read, "the phone learns what the desktop did");
        assert!(phone.sync_all(&mut inbox).is_empty(), "nothing is left");
    });
}

#[test]
fn a_draft_whose_answer_was_lost_is_in_the_folder_once() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        let mut drafts = phone.synced(DRAFTS);
        let before = drafts.items.len();
        let (client_id, subject) = (Phone::client_id(), unique());
        let add = [Element::add_draft(&client_id, &ben.address, &subject)];

        phone.sync_and_lose_the_answer(&drafts, &add);
        phone.sync_and_lose_the_answer(&drafts, &add);
        let delta = phone.sync(&mut drafts, &add);

        let [response] = &delta.responses[..] else { panic!("one answer to one Add: {delta:?}") };
        assert_eq!(response.get("Status").as_deref(), Some("1"), "{}", response.shown());
        assert_eq!(response.get("ClientId"), Some(client_id));
        let item = response.get("ServerId").expect("the draft has a name");
        assert!(delta.added.is_empty(), "what the phone wrote does not come back: {delta:?}");
        assert!(phone.sync_all(&mut drafts).is_empty(), "nor later");
        assert_eq!(drafts.items.len(), before);

        let mut desktop = demo.imap(&anna);
        assert_eq!(mailboxes_with(&mut desktop, &subject), std::slice::from_ref(&drafts.name));
        desktop.select(&drafts.name);
        let uids = desktop.uids_of(&subject);
        assert_eq!(uids.len(), 1, "one draft");
        let flags = desktop.ok(&format!("UID FETCH {} FLAGS", uids[0]));
        assert!(!flags.with("\\Draft").is_empty(), "{flags:?}");

        // It is the one that the answer named: another phone's deletion of it takes it from the desktop.
        let mut other = demo.phone(&anna, "16.1");
        let mut same = other.synced(DRAFTS);
        assert_eq!(same.items[&item].subject, subject);
        other.sync(&mut same, &[Element::delete(&item)]);
        desktop.ok("NOOP");
        assert!(desktop.uids_of(&subject).is_empty());
    });
}

#[test]
fn a_mail_sent_twice_by_a_phone_is_sent_once() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "14.1");
        let mut sent = phone.synced(SENT_ITEMS);
        let mail = Mail::plain(&anna.address, &ben.address);
        let client_id = Phone::client_id();

        assert_eq!(phone.send_mail(&client_id, &mail), None, "an empty answer is success");
        // The answer was lost. MS-ASCMD, common status codes: 118 says that it was sent before.
        assert_eq!(phone.send_mail(&client_id, &mail).as_deref(), Some("118"));

        let mut desktop = demo.imap(&ben);
        desktop.select("INBOX");
        let uids = eventually("the mail arrives", || {
            desktop.ok("NOOP");
            Some(desktop.uids_of(&mail.subject)).filter(|uids| !uids.is_empty())
        });
        assert_eq!(uids.len(), 1);
        assert_eq!(phone.sync_all(&mut sent).subjects(), [mail.subject.as_str()]);
    });
}

#[test]
fn a_mail_sent_by_submission_arrives_at_a_colleague() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&ben, "16.1");
        let mut inbox = phone.synced(INBOX);
        let waiting = phone.ping(&[&inbox], HEARTBEAT_S);
        let mail = Mail::plain(&anna.address, &ben.address);

        demo.submission(&anna).deliver(&anna.address, &[&ben.address], &mail);

        assert_eq!(waiting.answer().status, "2");
        item_of(&phone, &mut inbox, &mail.subject);
    });
}

/// Milliseconds since 1970, on the clock that the server's is too.
fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_millis()
}

/// Does it again until it began and ended in one and the same second; gives what that one gave.
fn in_one_second<T>(what: &str, mut act: impl FnMut() -> T) -> T {
    const TRIES: usize = 20;
    const SECOND_MS: u128 = 1_000;
    // What is left of the second then is enough for it, as a rule.
    const EARLY_MS: u128 = 100;
    let mut tries = 0;
    loop {
        let second = eventually("a second begins", || {
            let now = now_ms();
            (now % SECOND_MS < EARLY_MS).then_some(now / SECOND_MS)
        });
        let given = act();
        if now_ms() / SECOND_MS == second {
            return given;
        }
        tries += 1;
        assert!(tries < TRIES, "{what} took longer than a second, {TRIES} times");
    }
}

#[test]
fn two_writes_in_one_second_both_arrive() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut phone = demo.phone(&anna, "16.1");
        let mut inbox = phone.synced(INBOX);
        let mut lmtp = demo.lmtp();

        // A synchronisation lies between the two: a stamp of whole seconds would lose the second one.
        let subject = in_one_second("two deliveries", || {
            let mails = [(); 2].map(|()| Mail::plain(&ben.address, &anna.address));
            for mail in &mails {
                lmtp.deliver(&ben.address, &[&anna.address], mail);
                assert_eq!(phone.sync_all(&mut inbox).subjects(), [mail.subject.as_str()]);
            }
            mails[1].subject.clone()
        });

        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let uid = desktop.uids_of(&subject)[0];
        let item = item_of(&phone, &mut inbox, &subject);
        in_one_second("two changes of a flag", || {
            for (sign, read) in [('+', true), ('-', false)] {
                desktop.ok(&format!(r"UID STORE {uid} {sign}FLAGS (\Seen)"));
                phone.sync_all(&mut inbox);
                assert_eq!(inbox.items[&item].read, read);
            }
        });
    });
}

#[test]
fn two_desktops_and_a_pop3_client_see_the_same_mail() {
    on_each_store(|demo| {
        let (anna, ben) = demo.colleagues();
        let mut first = demo.imap(&anna);
        let mut second = demo.imap(&anna);
        first.select("INBOX");
        second.select("INBOX");
        second.idle();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        second.told("EXISTS", PATIENCE);
        second.done();
        first.ok("NOOP");
        let uid = first.uids_of(&mail.subject)[0];
        assert_eq!(second.uids_of(&mail.subject), [uid]);

        let mut pop3 = demo.pop3(&anna);
        let number = pop3.listing("LIST").len(); // the newest is the last
        let text = pop3.lines(&format!("RETR {number}"));
        assert!(text.ends_with(&mail.bytes), "{}", String::from_utf8_lossy(&text));
        pop3.ok(&format!("DELE {number}"));
        pop3.ok("QUIT");

        eventually("the first desktop is told", || {
            let told = first.ok("NOOP");
            (!told.with("EXPUNGE").is_empty()).then_some(())
        });
        second.ok("NOOP");
        assert!(second.uids_of(&mail.subject).is_empty());
    });
}
