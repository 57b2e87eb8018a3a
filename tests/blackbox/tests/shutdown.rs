//! SIGTERM: open waits are answered, what was acknowledged is there afterwards, and the server ends well.

use blackbox::{Demo, Mail, Store};

const INBOX: u32 = 2;
/// Far longer than this test: a wait that is not answered at the signal shows as a panic, not as luck.
const HEARTBEAT_S: u32 = 600;

#[test]
fn held_requests_are_answered_at_sigterm_and_the_server_ends_well() {
    for store in [Store::Sqlite, Store::Postgres] {
        let mut demo = Demo::start(store);
        let (anna, ben) = demo.colleagues();
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        // A device each: a newer request of the same device would end the older one.
        let (mut pinging, mut syncing) = (demo.phone(&anna, "16.1"), demo.phone(&anna, "14.1"));
        let watched = pinging.synced(INBOX);
        let mut synced = syncing.synced(INBOX);
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        let mut waiting_room = demo.imap(&ben);
        // Each of them is proven to wait when this has been said.
        let ping = pinging.ping(&[&watched], HEARTBEAT_S);
        let sync = syncing.sync_waiting(&synced, HEARTBEAT_S);
        desktop.idle();
        waiting_room.idle();

        demo.begin_to_terminate();

        let answer = ping.answer();
        assert_eq!(answer.status, "1", "1: nothing has changed");
        assert!(answer.changed.is_empty(), "{answer:?}");
        let delta = sync.answer(&mut synced);
        assert!(delta.is_none_or(|delta| delta.is_empty()), "nothing is new");
        for imap in [&mut desktop, &mut waiting_room] {
            let words = imap.last_words();
            assert!(words.len() == 1 && words[0].starts_with("* BYE "), "{words:?}");
        }
        assert_eq!(demo.ended(), Some(0), "{}", demo.log());
        demo.consistent();
    }
}

#[test]
fn what_was_acknowledged_before_sigterm_is_there_after_the_next_start() {
    for store in [Store::Sqlite, Store::Postgres] {
        let mut demo = Demo::start(store);
        let (anna, ben) = demo.colleagues();
        let mails: Vec<Mail> = (0..20).map(|_| Mail::plain(&ben.address, &anna.address)).collect();
        let mut lmtp = demo.lmtp();
        for mail in &mails {
            lmtp.deliver(&ben.address, &[&anna.address], mail);
        }
        demo.begin_to_terminate();
        assert_eq!(demo.ended(), Some(0), "{}", demo.log());
        demo.start_again();
        let mut desktop = demo.imap(&anna);
        desktop.select("INBOX");
        for mail in &mails {
            let uids = desktop.uids_of(&mail.subject);
            assert!(desktop.body_of(*uids.first().unwrap()).ends_with(&mail.bytes));
            assert_eq!(uids.len(), 1);
        }
        demo.consistent();
    }
}
