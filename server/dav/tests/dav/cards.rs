//! Cards in the version, the part and the style that a reader wants: RFC 6352 sections 5.1.1, 8.6, 8.7, 10.4.

use crate::client::{Client, NAMESPACES, card};
use crate::world::on_each_database;
use vocabulary::{Component, Role};

const FOUR: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID;VALUE=text:4\r\nFN:Vier\r\nN:Vier;;;;\r\nEMAIL;PREF=1:v@x.test\r\n\
     BDAY:--0517\r\nEND:VCARD\r\n";
const GROUP: &str = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:uuid:g\r\nFN:Freunde\r\nKIND:group\r\n\
     MEMBER:urn:uuid:03a0e51f\r\nEND:VCARD\r\n";

/// The card at a path as a multiget gives it, with the version that the answer names.
async fn given(client: &Client<'_>, path: &str, agent: &str, data: &str) -> (String, Option<String>) {
    let body = format!(
        "<r:addressbook-multiget {NAMESPACES}><prop><getetag/>{data}</prop><href>{path}</href></r:addressbook-multiget>"
    );
    let headers = [("Depth", "0"), ("User-Agent", agent)];
    let answer = client.send("REPORT", &client.book("contacts/"), &headers, body).await;
    let found = answer.of(path);
    assert_eq!(found.text("getetag"), client.etag(path).await, "the tag is that of the item");
    let data = found.property("address-data").unwrap_or_else(|| panic!("{answer:?}"));
    let attributes = data.attributes.iter();
    let version = attributes.clone().find(|attribute| attribute.name.name().local() == "version");
    (data.text(), version.map(|attribute| attribute.value.clone()))
}

// RFC 6352 sections 8.7.2 and 10.4.
#[test]
fn a_report_gives_cards_in_the_version_that_is_asked_for() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (three, four) = (anna.book("contacts/three.vcf"), anna.book("contacts/four.vcf"));
        let stored = card("3", "Drei").replace("item1.X-ABLABEL:x", "EMAIL;TYPE=INTERNET,pref:d@x.test");
        anna.put(&three, stored.clone()).await;
        anna.put(&four, FOUR).await;
        let in_4 = "<r:address-data content-type='text/vcard' version='4.0'/>";
        let in_3 = "<r:address-data content-type='text/vcard' version='3.0'/>";
        let version = |number: &str| Some(number.to_owned());
        let (text, named) = given(&anna, &three, "x", in_4).await;
        assert!(text.contains("VERSION:4.0\r\n") && text.contains("EMAIL;PREF=1:d@x.test\r\n"), "{text}");
        assert_eq!(named, version("4.0"));
        let (text, named) = given(&anna, &four, "x", in_3).await;
        assert!(text.contains("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-17\r\n"), "{text}");
        assert!(text.contains("EMAIL;TYPE=pref:v@x.test\r\n") && text.contains("UID:4\r\n"), "{text}");
        assert_eq!(named, version("3.0"));
        // What is of the version already, and what is asked for without one, is what was put.
        assert_eq!(given(&anna, &three, "x", in_3).await, (stored.clone(), version("3.0")));
        assert_eq!(given(&anna, &four, "x", in_4).await, (FOUR.to_owned(), version("4.0")));
        assert_eq!(given(&anna, &three, "x", "<r:address-data/>").await, (stored.clone(), None));
        assert_eq!(given(&anna, &four, "x", "<r:address-data/>").await, (FOUR.to_owned(), version("4.0")));
        assert_eq!(anna.get(&four).await.body, FOUR);
        // The other reports, and PROPFIND where it is named.
        let path = anna.book("contacts/");
        let filter =
            "<r:filter><r:prop-filter name='FN'><r:text-match>drei</r:text-match></r:prop-filter></r:filter>";
        let query = format!("<r:addressbook-query><prop>{in_4}</prop>{filter}</r:addressbook-query>");
        let sync = format!(
            "<sync-collection><sync-token/><sync-level>1</sync-level><prop>{in_4}</prop></sync-collection>"
        );
        for answer in [
            anna.report(&path, &query).await,
            anna.report(&path, &sync).await,
            anna.propfind(&path, "1", in_4).await,
            anna.propfind(&three, "0", in_4).await,
        ] {
            let text = answer.of(&three).text("address-data").unwrap_or_else(|| panic!("{answer:?}"));
            assert!(text.contains("VERSION:4.0\r\n") && text.contains("FN:Drei\r\n"), "{text}");
        }
        let listing = anna.propfind(&path, "1", in_4).await;
        assert_eq!(listing.of(&path).code_of("address-data"), Some(404), "a book is no card");
        let all = anna.send("PROPFIND", &three, &[("Depth", "0")], "").await;
        assert_eq!(all.of(&three).code_of("address-data"), None);
        let refused = anna.propfind(&three, "0", "<r:address-data version='5.0'/>").await;
        assert_eq!(refused.refusal(), (403, "supported-address-data".into()));
    });
}

// RFC 6352 sections 5.1.1 and 6.3.2.3, RFC 9110 sections 8.8.3.3, 12.5.1 and 13.1.
#[test]
fn a_get_gives_what_is_accepted_under_a_tag_of_its_own() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/four.vcf");
        let put = anna.put(&path, FOUR).await;
        let tag = put.header("etag").unwrap();
        let get = async |accept: &'static str, known: &str| {
            anna.send("GET", &path, &[("Accept", accept), ("If-None-Match", known)], "").await
        };
        let stored = get("*/*", "\"x\"").await;
        assert_eq!((stored.status, stored.body.as_str()), (200, FOUR));
        assert_eq!(stored.header("etag").as_ref(), Some(&tag));
        assert!(stored.header("vary").unwrap().to_ascii_lowercase().contains("accept"), "{stored:?}");
        let same = get("text/vcard; version=4.0", "\"x\"").await;
        assert_eq!((same.body.as_str(), same.header("etag")), (FOUR, Some(tag.clone())));
        assert_eq!(same.header("content-type").as_deref(), Some("text/vcard; charset=utf-8; version=4.0"));
        let three = get("text/vcard; version=3.0, text/vcard; q=0.5", "\"x\"").await;
        assert!(three.body.contains("VERSION:3.0\r\n"), "{three:?}");
        assert_eq!(three.header("content-type").as_deref(), Some("text/vcard; charset=utf-8; version=3.0"));
        let form = three.header("etag").unwrap();
        assert!(form != tag && !form.starts_with("W/"), "{form}");
        // Each tag names its own bytes when they are read.
        assert_eq!(get("text/vcard; version=3.0", &form).await.status, 304);
        assert_eq!(get("text/vcard; version=3.0", &tag).await.status, 200);
        assert_eq!(get("text/vcard; version=4.0", &form).await.status, 200);
        assert_eq!(get("*/*", &form).await.status, 200);
        assert_eq!(get("*/*", &tag).await.status, 304);
        for other in ["application/calendar+json", "text/html", "text/vcard; version=5.0"] {
            let answer = get(other, "\"x\"").await;
            assert_eq!(answer.refusal(), (406, "supported-address-data-conversion".into()), "{other}");
        }
        // And each names the state of the item when it is changed.
        let changed = three.body.replace("FN:Vier", "FN:Drei");
        assert_eq!(anna.send("PUT", &path, &[("If-Match", &form)], changed.clone()).await.status, 204);
        assert_eq!(anna.get(&path).await.body, changed, "as it came");
        assert_eq!(anna.send("PUT", &path, &[("If-Match", &form)], changed).await.status, 412);
    });
}

// RFC 6352 sections 8.4, 10.4.1 and 10.4.2.
#[test]
fn a_part_of_a_card_is_given_as_it_is_wanted() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/p.vcf");
        let stored = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:p\r\nFN:P\r\nN:P;;;;\r\nitem1.TEL;TYPE=pref:1\r\n\
             item1.X-ABLabel:Dacha\r\nTEL;TYPE=WORK:2\r\nNOTE:long\r\n  note\r\nEND:VCARD\r\n";
        anna.put(&path, stored).await;
        let part = async |attributes: &str, inner: &str| {
            given(&anna, &path, "x", &format!("<r:address-data {attributes}>{inner}</r:address-data>"))
                .await
                .0
        };
        let frame =
            |version: &str, lines: &str| format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{lines}END:VCARD\r\n");
        let prop = |name: &str| format!("<r:prop name='{name}'/>");
        let tel = "item1.TEL;TYPE=pref:1\r\nTEL;TYPE=WORK:2\r\n";
        assert_eq!(part("", &prop("tel")).await, frame("3.0", tel));
        assert_eq!(part("", &prop("item1.TEL")).await, frame("3.0", "item1.TEL;TYPE=pref:1\r\n"));
        assert_eq!(part("", &prop("item2.TEL")).await, frame("3.0", ""));
        assert_eq!(part("", &prop("X-ABLABEL")).await, frame("3.0", "item1.X-ABLabel:Dacha\r\n"));
        let empty = "<r:prop name='NOTE' novalue='yes'/><r:prop name='TEL' novalue='yes'/>";
        let lines = "item1.TEL;TYPE=pref:\r\nTEL;TYPE=WORK:\r\nNOTE:\r\n";
        assert_eq!(part("", empty).await, frame("3.0", lines));
        assert_eq!(part("", "<r:allprop/>").await, stored);
        assert_eq!(part("", "").await, stored);
        // The names are those of the version that is asked for.
        let in_4 = part("content-type='text/vcard' version='4.0'", &prop("TEL")).await;
        assert_eq!(in_4, frame("4.0", "item1.TEL;PREF=1:1\r\nTEL;TYPE=WORK:2\r\n"));
    });
}

#[test]
fn groups_are_shown_in_the_style_of_each_program() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/g.vcf");
        anna.put(&path, GROUP).await;
        // Contacts of macOS and iOS name no version and know their own groups only.
        for agent in ["macOS/14.4.1 (23E224) AddressBookCore/2617.4.1", "iOS/17.5.1 (21F90) dataaccessd/1.0"]
        {
            let (text, _) = given(&anna, &path, agent, "<r:address-data/>").await;
            assert!(
                text.contains("X-ADDRESSBOOKSERVER-KIND:group\r\n") && text.contains("N:Freunde;;;;\r\n"),
                "{text}"
            );
            assert!(text.contains("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:03a0e51f\r\n"), "{text}");
        }
        assert_eq!(given(&anna, &path, "DAVx5/4.4", "<r:address-data/>").await.0, GROUP);
        // And what they make is a group to others.
        let made = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:m\r\nN:Team\r\nFN:Team\r\nX-ADDRESSBOOKSERVER-KIND:group\r\n\
             X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:4\r\nEND:VCARD\r\n";
        let path = anna.book("contacts/m.vcf");
        anna.put(&path, made).await;
        let (text, _) =
            given(&anna, &path, "DAVx5/4.4", "<r:address-data content-type='text/vcard' version='4.0'/>")
                .await;
        assert!(text.contains("KIND:group\r\n") && text.contains("\r\nMEMBER:urn:uuid:4\r\n"), "{text}");
    });
}

// RFC 6352 section 6.2.2 and 6.3.2.1.
#[test]
fn versions_that_are_not_offered_are_refused_and_old_ones_are_kept() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/x.vcf");
        let future = card("1", "A").replace("VERSION:3.0", "VERSION:5.0");
        assert_eq!(anna.put(&path, future).await.refusal(), (403, "supported-address-data".into()));
        let old =
            "BEGIN:VCARD\r\nVERSION:2.1\r\nUID:1\r\nN:Doe;John\r\nFN:John Doe\r\nTEL;CELL:1\r\nEND:VCARD\r\n";
        assert_eq!(anna.put(&path, old).await.status, 201);
        assert_eq!(anna.get(&path).await.body, old);
        let (text, named) = given(&anna, &path, "x", "<r:address-data/>").await;
        assert_eq!((text.as_str(), named.as_deref()), (old, Some("2.1")));
        let (text, _) = given(&anna, &path, "x", "<r:address-data version='3.0'/>").await;
        assert!(text.contains("VERSION:3.0\r\n") && text.contains("TEL;TYPE=CELL:1\r\n"), "{text}");
    });
}

#[test]
fn what_cannot_be_turned_into_a_version_is_refused_by_name_and_alone() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (large, small) = (anna.book("contacts/large.vcf"), anna.book("contacts/small.vcf"));
        // In version 3.0 each has a line more: more lines than are read.
        let lines = "RELATED;VALUE=text:a\r\n".repeat(120_000);
        let card =
            FOUR.replace("UID;VALUE=text:4", "UID;VALUE=text:5").replace("END:", &format!("{lines}END:"));
        assert_eq!(anna.put(&large, card).await.status, 201);
        anna.put(&small, FOUR).await;
        let body = format!(
            "<r:addressbook-multiget><prop><r:address-data version='3.0'><r:prop name='FN'/></r:address-data></prop>\
             <href>{large}</href><href>{small}</href></r:addressbook-multiget>"
        );
        let answer = anna.report(&anna.book("contacts/"), &body).await;
        assert_eq!(answer.hrefs(), [large.clone(), small.clone()]);
        assert_eq!(answer.of(&large).status(), Some(415));
        assert!(answer.body.contains("supported-address-data-conversion"));
        assert!(answer.of(&small).text("address-data").unwrap().contains("FN:Vier\r\n"));
    });
}

/// The last segments of what an addressbook-query finds, with the code of the book if it is among them.
async fn found(client: &Client<'_>, path: &str, depth: &str, query: &str) -> (Vec<String>, Option<u16>) {
    let body =
        format!("<r:addressbook-query {NAMESPACES}><prop><getetag/></prop>{query}</r:addressbook-query>");
    let headers: &[(&str, &str)] = if depth.is_empty() { &[] } else { &[("Depth", depth)] };
    let answer = client.send("REPORT", path, headers, body).await;
    let (mut names, mut book) = (Vec::new(), None);
    for response in answer.responses() {
        match response.status() {
            Some(code) => book = Some(code),
            None => names.push(response.href().rsplit_once('/').unwrap().1.to_owned()),
        }
    }
    (names, book)
}

fn filter(inner: &str) -> String {
    format!("<r:filter>{inner}</r:filter>")
}

fn named(text: &str) -> String {
    filter(&format!("<r:prop-filter name='FN'><r:text-match>{text}</r:text-match></r:prop-filter>"))
}

// RFC 6352 sections 8.6, 8.6.1 and 8.6.2.
#[test]
fn a_search_finds_cards_with_and_without_an_index() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/");
        for name in ["Berta", "Bernd", "Anton"] {
            anna.put(&format!("{path}{name}.vcf"), card(name, name)).await;
        }
        let limited = format!("{}<r:limit><r:nresults>1</r:nresults></r:limit>", named("ber"));
        assert_eq!(found(&anna, &path, "1", &limited).await, (vec!["Berta.vcf".to_owned()], Some(507)));
        let put = async |name, text| {
            world.put_without_index(&anna, Role::Contacts, Component::Card, name, text).await
        };
        put("old.vcf", card("old", "Bertram")).await;
        put("odd.vcf", "no card".to_owned()).await;
        let long =
            card("long", "Bertold").replace("item1.", &format!("NICKNAME:{}\r\nitem1.", "x".repeat(5_000)));
        anna.put(&format!("{path}long.vcf"), long).await;
        let of = async |query: String| found(&anna, &path, "1", &query).await;
        assert_eq!(of(named("BERT")).await.0, ["Berta.vcf", "old.vcf", "long.vcf"]);
        let not = "<r:prop-filter name='FN'><r:text-match negate-condition='yes'>bert</r:text-match></r:prop-filter>";
        assert_eq!(of(filter(not)).await.0, ["Bernd.vcf", "Anton.vcf"]);
        let absent = "<r:prop-filter name='EMAIL'><r:is-not-defined/></r:prop-filter>";
        assert_eq!(of(filter(absent)).await.0.len(), 5);
        let labelled = "<r:prop-filter name='X-ABLABEL'><r:text-match>x</r:text-match></r:prop-filter>";
        assert_eq!(of(filter(labelled)).await.0.len(), 5, "no index knows of labels");
        let (all, _) = of(filter("")).await;
        assert_eq!(all.len(), 6, "an empty filter is about every card, one that cannot be read too");
        // A limit, where bodies are read and where they are not.
        let limit = |number: usize| format!("<r:limit><r:nresults>{number}</r:nresults></r:limit>");
        for (query, expected) in
            [(named("Anton"), 1), (named("ber"), 4), (filter(absent), 5), (filter(""), 6)]
        {
            let whole = of(format!("{query}{}", limit(expected))).await;
            assert_eq!((whole.0.len(), whole.1), (expected, None), "{query}");
            if expected > 1 {
                let cut = of(format!("{query}{}", limit(expected - 1))).await;
                assert_eq!((cut.0.len(), cut.1), (expected - 1, Some(507)), "{query}");
            }
        }
        // What is private is not there for who may not see it, in the index neither.
        let secret = card("secret", "Bertrand").replace("FN:", "CLASS:PRIVATE\r\nFN:");
        anna.put(&format!("{path}secret.vcf"), secret).await;
        let people = world.people().await;
        assert_eq!(of(named("bertrand")).await.0, ["secret.vcf"]);
        world.share(&people.anna, Role::Contacts, &people.ben, vocabulary::Preset::Reader.rights()).await;
        let theirs = people.anna.book("contacts/secret.vcf");
        people.anna.put(&theirs, card("s", "Bertrand").replace("FN:", "CLASS:PRIVATE\r\nFN:")).await;
        let shared = people.anna.book("contacts/");
        assert_eq!(found(&people.anna, &shared, "1", &named("bertrand")).await.0, ["secret.vcf"]);
        assert_eq!(found(&people.ben, &shared, "1", &named("bertrand")).await.0, [""; 0]);
    });
}

#[test]
fn matches_far_from_each_other_are_all_found() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let path = anna.book("contacts/");
        for number in 0..140 {
            let name = if number % 2 == 0 { "Even" } else { "Odd" };
            anna.put(&format!("{path}{number}.vcf"), card(&format!("u{number}"), name)).await;
        }
        let (names, _) = found(&anna, &path, "1", &named("even")).await;
        let expected: Vec<_> = (0..140).step_by(2).map(|number| format!("{number}.vcf")).collect();
        assert_eq!(names, expected);
        let limit = "<r:limit><r:nresults>69</r:nresults></r:limit>";
        let cut = found(&anna, &path, "1", &format!("{}{limit}", named("even"))).await;
        assert_eq!((cut.0.as_slice(), cut.1), (&expected[..69], Some(507)));
        // Where bodies are given as well.
        let data = "<prop><r:address-data><r:prop name='FN'/></r:address-data></prop>";
        let query = format!("<r:addressbook-query>{data}{}</r:addressbook-query>", named("even"));
        let answer = anna.report(&path, &query).await;
        let hrefs: Vec<_> = expected.iter().map(|name| format!("{path}{name}")).collect();
        assert_eq!(answer.hrefs(), hrefs);
        for href in hrefs {
            assert!(answer.of(&href).text("address-data").unwrap().contains("FN:Even\r\n"), "{href}");
        }
    });
}

// RFC 6352 sections 8 and 8.7: reports on a card, and their depth.
#[test]
fn a_card_answers_reports_about_itself() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let (path, book) = (anna.book("contacts/a.vcf"), anna.book("contacts/"));
        anna.put(&path, card("a", "Anton")).await;
        assert_eq!(found(&anna, &path, "0", &named("anton")).await.0, ["a.vcf"]);
        assert_eq!(found(&anna, &path, "0", &named("berta")).await.0, [""; 0]);
        assert_eq!(found(&anna, &book, "0", &named("anton")).await.0, [""; 0], "the book is no card");
        for depth in ["1", "infinity", ""] {
            assert_eq!(found(&anna, &book, depth, &named("anton")).await.0, ["a.vcf"], "{depth}");
        }
        let gone = anna.book("contacts/b.vcf");
        let query = format!("<r:addressbook-query>{}</r:addressbook-query>", named("x"));
        assert_eq!(anna.report(&gone, &query).await.status, 404);
        let itself = "<r:addressbook-multiget><prop><r:address-data/></prop></r:addressbook-multiget>";
        assert_eq!(anna.report(&path, itself).await.text("address-data").unwrap(), card("a", "Anton"));
        assert_eq!(anna.report(&book, itself).await.responses().len(), 0);
        let wanted = "<supported-report-set/><r:supported-collation-set/>";
        let answer = anna.propfind(&path, "0", wanted).await.of(&path);
        let reports = answer.names("supported-report-set");
        for report in ["addressbook-query", "addressbook-multiget", "expand-property"] {
            assert!(reports.contains(&report.to_owned()), "{report} of {reports:?}");
        }
        assert_eq!(answer.names("supported-collation-set").len(), 3);
    });
}

#[test]
fn a_multiget_is_bounded_and_says_so() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let book = anna.book("contacts/");
        let hrefs: String = (0..20_001).map(|number| format!("<href>{book}{number}</href>")).collect();
        let ask = |hrefs: &str| {
            format!("<r:addressbook-multiget><prop><getetag/></prop>{hrefs}</r:addressbook-multiget>")
        };
        // The answer has more elements than the parser of requests takes.
        let count = |answer: &crate::answer::Answer, text: &str| answer.body.matches(text).count();
        let answer = anna.report(&book, &ask(&hrefs)).await;
        assert_eq!(count(&answer, "HTTP/1.1 404 Not Found"), 20_000);
        let cut = format!("<D:href>{book}</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
        assert_eq!(count(&answer, &cut), 1);
        let fewer = hrefs.replacen(&format!("<href>{book}0</href>"), "", 1);
        let answer = anna.report(&book, &ask(&fewer)).await;
        assert_eq!(
            (count(&answer, "HTTP/1.1 404 Not Found"), count(&answer, "507 Insufficient Storage")),
            (20_000, 0)
        );
    });
}

// RFC 6352 sections 6.2 and 8.3.1.
#[test]
fn a_book_says_what_it_takes() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let book = anna.book("contacts/");
        let wanted = "<r:supported-address-data/><r:max-resource-size/><r:max-image-size/><r:supported-collation-set/>\
             <r:addressbook-description/>";
        let found = anna.propfind(&book, "0", wanted).await.of(&book);
        let types = found.property("supported-address-data").unwrap();
        let versions: Vec<_> = types.children().map(|kind| kind.attributes[1].value.clone()).collect();
        assert_eq!(versions, ["3.0", "4.0", "4.0"], "the last is jCard");
        assert_eq!(found.text("max-resource-size").as_deref(), Some("10485760"));
        assert_eq!(found.text("max-image-size").as_deref(), Some("7864320"));
        let collations: Vec<_> =
            found.property("supported-collation-set").unwrap().children().map(|c| c.text()).collect();
        assert_eq!(collations, ["i;ascii-casemap", "i;octet", "i;unicode-casemap"]);
        assert_eq!(found.code_of("addressbook-description"), Some(404));
        let set = "<set><prop><r:addressbook-description xml:lang='de'>Kunden</r:addressbook-description></prop></set>";
        assert_eq!(anna.proppatch(&book, set).await.status, 207);
        let found = anna.propfind(&book, "0", wanted).await.of(&book);
        assert_eq!(found.text("addressbook-description").as_deref(), Some("Kunden"));
        let unknown = "<r:filter><r:prop-filter name='FN'><r:text-match collation='i;klingon'>a</r:text-match>\
             </r:prop-filter></r:filter>";
        let query = format!("<r:addressbook-query>{unknown}</r:addressbook-query>");
        assert_eq!(anna.report(&book, &query).await.refusal(), (403, "supported-collation".into()));
    });
}
