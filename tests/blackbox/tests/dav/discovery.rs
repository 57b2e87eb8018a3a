//! What an app finds out by itself, with and without a login.

use blackbox::on_each_store;

use super::{VEVENT, anna};

#[test]
fn an_app_that_knows_the_server_only_finds_the_homes() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let homes = dav.homes();
        let principal = dav.property(&homes.principal, "D:principal-URL");
        assert_eq!(principal.get("D:href"), Some(homes.principal.as_str()));
        for (well_known, home) in
            [("/.well-known/caldav", &homes.calendars), ("/.well-known/carddav", &homes.contacts)]
        {
            let end = dav.followed("PROPFIND", well_known);
            let found = dav.property(&end, "D:current-user-principal");
            assert_eq!(found.get("D:href"), Some(homes.principal.as_str()), "{well_known}");
            let kinds = dav.property(home, "D:resourcetype");
            assert!(kinds.has("D:collection"), "{home}: {kinds:?}");
        }
        let addresses = dav.property(&homes.principal, "C:calendar-user-address-set");
        let (account, _) = demo.colleagues();
        let mailto = format!("mailto:{}", account.address);
        assert!(addresses.all("D:href").any(|href| href.text == mailto), "{addresses:?}");
    });
}

#[test]
fn a_well_known_address_redirects_every_method_within_the_server() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        for method in ["GET", "PROPFIND", "OPTIONS"] {
            for well_known in ["/.well-known/caldav", "/.well-known/carddav"] {
                let answer = dav.ask(method, well_known, &[("Depth", "0")], b"");
                let is_redirection = [301, 307, 308].contains(&answer.status);
                assert!(is_redirection || method == "OPTIONS" && answer.status == 200, "{}", answer.shown());
                if let Some(location) = answer.header("location") {
                    let own = demo.url("https");
                    let within = location.starts_with('/') || location.starts_with(own.trim_end_matches('/'));
                    assert!(within, "scheme and port are kept: {location}");
                }
            }
        }
    });
}

#[test]
fn who_is_not_logged_in_is_asked_to() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let homes = dav.homes();
        let nobody = demo.dav_of_nobody();
        for target in [&homes.principal, &homes.calendars, "/dav/calendars/nobody@nowhere.test/x/"] {
            let answer = nobody.ask_propfind(target, "0", &["D:displayname"]).is(401);
            let asks = answer.header("www-authenticate").unwrap_or_default();
            assert!(asks.to_ascii_lowercase().starts_with("basic"), "{}", answer.shown());
        }
    });
}

#[test]
fn options_says_what_is_spoken_even_before_the_login() {
    on_each_store(|demo| {
        let (_, dav) = anna(demo);
        let calendar = dav.own(Some(VEVENT));
        for answer in [
            dav.ask("OPTIONS", &calendar, &[], b"").is(200),
            demo.dav_of_nobody().ask("OPTIONS", dav.root(), &[], b"").is(200),
        ] {
            let classes = answer.header("dav").unwrap_or_default();
            let classes: Vec<&str> = classes.split(',').map(str::trim).collect();
            for class in [
                "1",
                "3",
                "access-control",
                "calendar-access",
                "calendar-auto-schedule",
                "addressbook",
                "extended-mkcol",
            ] {
                assert!(classes.contains(&class), "{class}: {classes:?}");
            }
            assert!(!classes.contains(&"2"), "there are no locks: {classes:?}");
        }
        let allow = dav.ask("OPTIONS", &calendar, &[], b"");
        let allow = allow.header("allow").unwrap_or_default().to_owned();
        for method in ["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "DELETE"] {
            assert!(allow.split(',').any(|one| one.trim() == method), "{method}: {allow}");
        }
        assert!(!allow.contains("LOCK"), "{allow}");
    });
}

#[test]
fn an_account_that_is_sold_for_imap_only_has_no_calendar() {
    on_each_store(|demo| {
        let dav = demo.dav(&demo.account("imap"));
        dav.ask_propfind(dav.root(), "0", &["D:current-user-principal"]).is(403);
    });
}
