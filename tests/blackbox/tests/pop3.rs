//! POP3 at the wire: RFC 1939.

use std::collections::BTreeSet;

use blackbox::{Mail, on_each_store};

#[test]
fn what_is_listed_can_be_fetched_and_deletions_wait_for_quit() {
    on_each_store(|demo| {
        let account = demo.account("pop3");
        let mail = Mail::plain(&account.address, &account.address);
        demo.lmtp().deliver(&account.address, &[&account.address], &mail);

        let mut pop3 = demo.pop3(&account);
        let sizes = pop3.listing("LIST");
        let names = pop3.listing("UIDL");
        assert_eq!(sizes.len(), names.len());
        let distinct: BTreeSet<&String> = names.iter().map(|(_, name)| name).collect();
        assert_eq!(distinct.len(), names.len(), "each name once");
        let total: u64 = sizes.iter().filter_map(|(_, size)| size.parse::<u64>().ok()).sum();
        assert_eq!(pop3.ok("STAT"), format!("{} {total}", sizes.len()));

        let (last, size) = sizes[sizes.len() - 1].clone();
        let text = pop3.lines(&format!("RETR {last}"));
        assert_eq!(text.len().to_string(), size);
        assert!(text.ends_with(&mail.bytes), "{}", String::from_utf8_lossy(&text));
        let top = String::from_utf8_lossy(&pop3.lines(&format!("TOP {last} 0"))).into_owned();
        assert!(top.contains(&mail.subject) && top.ends_with("\r\n\r\n"), "{top}");

        pop3.ok(&format!("DELE {last}"));
        assert!(pop3.command(&format!("RETR {last}")).starts_with("-ERR"));
        drop(pop3); // without QUIT nothing is deleted: section 6
        let mut again = demo.pop3(&account);
        assert_eq!(again.listing("UIDL"), names);
        again.ok(&format!("DELE {last}"));
        again.ok("QUIT");
        assert_eq!(demo.pop3(&account).listing("UIDL"), names[..names.len() - 1]);
    });
}
