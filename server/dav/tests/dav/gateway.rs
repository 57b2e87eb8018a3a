//! The address book of the house: draft-daboo-carddav-directory-gateway, RFC 6352 section 7.1.2.

use crate::client::{Client, NAMESPACES, card};
use crate::world::on_each_database;
use vocabulary::{AccountKind, EmailAddress};

async fn search(
    client: &Client<'_>,
    path: &str,
    data: &str,
    filter: &str,
    more: &str,
) -> crate::answer::Answer {
    let body = format!(
        "<r:addressbook-query><prop><getetag/>{data}</prop><r:filter>{filter}</r:filter>{more}</r:addressbook-query>"
    );
    client.report(path, &body).await
}

fn by_address(text: &str) -> String {
    format!("<r:prop-filter name='EMAIL'><r:text-match>{text}</r:text-match></r:prop-filter>")
}

#[test]
fn the_people_of_the_domain_are_found_and_no_others() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let path = anna.book("directory/");
        for place in [anna.principal(), anna.book("")] {
            let found = anna.propfind(&place, "0", "<r:directory-gateway/>").await.of(&place);
            assert_eq!(found.paths("directory-gateway"), std::slice::from_ref(&path), "{place}");
        }
        let other = anna.propfind(&people.ben.principal(), "0", "<r:directory-gateway/>").await;
        assert_eq!(other.of(&people.ben.principal()).code_of("directory-gateway"), Some(404));
        assert!(!anna.propfind(&anna.book(""), "1", "<resourcetype/>").await.hrefs().contains(&path));

        let data = "<r:address-data content-type='text/vcard' version='3.0'/>";
        let everybody = search(anna, &path, data, "", "").await;
        let of = |client: &Client<'_>| format!("{path}{}.vcf", client.address);
        assert_eq!(everybody.hrefs(), [of(anna), of(&people.ben), of(&people.cara)]);
        let ben = everybody.of(&of(&people.ben)).text("address-data").unwrap();
        assert!(ben.contains("VERSION:3.0\r\n") && ben.contains("FN:Ben\r\n"), "{ben}");
        assert!(ben.contains(&format!("EMAIL:{}\r\n", people.ben.address)), "{ben}");
        let found = search(anna, &path, "", &by_address("CARA@"), "").await;
        assert_eq!(found.hrefs(), [of(&people.cara)]);
        let cut = search(anna, &path, "", "", "<r:limit><r:nresults>1</r:nresults></r:limit>").await;
        assert_eq!(cut.hrefs(), [of(anna), path.clone()]);
        assert_eq!(cut.of(&path).status(), Some(507));

        let theirs = people.ben.principal();
        let found = anna.propfind(&theirs, "0", "<r:principal-address/>").await.of(&theirs);
        let card = found.paths("principal-address").remove(0);
        assert_eq!(card, of(&people.ben));
        let got = anna.get(&card).await;
        assert!(got.body.contains("VERSION:4.0\r\n") && got.body.contains("KIND:individual\r\n"), "{got:?}");
        let three = anna.send("GET", &card, &[("Accept", "text/vcard; version=3.0")], "").await;
        assert!(three.body.contains("VERSION:3.0\r\n") && three.header("etag") != got.header("etag"));
        let known = got.header("etag").unwrap();
        assert_eq!(anna.send("GET", &card, &[("If-None-Match", &known)], "").await.status, 304);
        let multiget = format!(
            "<r:addressbook-multiget><prop><getetag/></prop><href>{card}</href><href>{path}x.vcf</href>\
             </r:addressbook-multiget>"
        );
        let answer = anna.report(&path, &multiget).await;
        assert_eq!(answer.of(&card).text("getetag"), Some(known));
        assert_eq!(answer.of(&format!("{path}x.vcf")).status(), Some(404));
        // It is there for its own people only.
        assert_eq!(people.dora.get(&card).await.status, 404);
        assert_eq!(people.ben.get(&card).await.status, 404, "everybody has one of its own");
    });
}

#[test]
fn it_is_an_address_book_that_nobody_changes() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let path = anna.book("directory/");
        let wanted = "<resourcetype/><displayname/><current-user-privilege-set/><supported-report-set/><s:getctag/>\
             <sync-token/><r:supported-address-data/>";
        let listing = anna.propfind(&path, "1", wanted).await;
        assert_eq!(listing.responses().len(), 4);
        let book = listing.of(&path);
        assert_eq!(book.names("resourcetype"), ["collection", "addressbook", "directory"]);
        assert_eq!(book.text("displayname").as_deref(), Some("Directory"));
        assert!(!book.names("current-user-privilege-set").contains(&"write".to_owned()));
        assert_eq!(book.code_of("sync-token"), Some(404));
        let named = anna.send(
            "PROPFIND",
            &path,
            &[("Depth", "0")],
            format!("<propfind {NAMESPACES}><propname/></propfind>"),
        );
        assert_eq!(named.await.of(&path).code_of("getctag"), Some(200));
        let infinite = anna.send("PROPFIND", &path, &[], "").await;
        assert_eq!(infinite.refusal(), (403, "propfind-finite-depth".into()));
        let card_path = format!("{path}{}.vcf", people.ben.address);
        for (method, path, body) in [
            ("PUT", card_path.as_str(), card("1", "A")),
            ("PUT", &format!("{path}new.vcf"), card("1", "A")),
            ("DELETE", &card_path, String::new()),
            ("DELETE", &path, String::new()),
            ("PROPPATCH", &path, String::new()),
        ] {
            assert_eq!(
                anna.send(method, path, &[], body).await.refusal(),
                (403, "need-privileges".into()),
                "{method}"
            );
        }
        assert_eq!(anna.send("MKCOL", &path, &[], "").await.status, 405);
        let sync = "<sync-collection><sync-token/><sync-level>1</sync-level><prop/></sync-collection>";
        assert_eq!(anna.report(&path, sync).await.refusal(), (403, "supported-report".into()));
        // Its tag says that somebody came, and the tag of a card that it changed.
        let ctag = async || anna.propfind(&path, "0", "<s:getctag/>").await.text("getctag");
        let before = (ctag().await, anna.etag(&card_path).await);
        let (_, domain) = anna.address.split_once('@').unwrap();
        world.person("Emil", domain, AccountKind::Exchange).await;
        let between = (ctag().await, anna.etag(&card_path).await);
        assert!(before.0 != between.0 && before.1 == between.1, "{before:?} {between:?}");
        let (ben, alias) = (people.ben.id, EmailAddress::parse(&format!("benjamin@{domain}")).unwrap());
        world.write(&[], move |tx| tx.add_alias(&tx.administer()?, ben, &alias)).await;
        assert_ne!(anna.etag(&card_path).await, between.1);
        assert_eq!(search(anna, &path, "", &by_address("benjamin@"), "").await.hrefs(), [card_path]);
    });
}

#[test]
fn groups_name_their_members() {
    on_each_database(async |world| {
        let people = world.people().await;
        let anna = &people.anna;
        let (_, domain) = anna.address.split_once('@').unwrap();
        let (ben, address) = (people.ben.id, EmailAddress::parse(&format!("team@{domain}")).unwrap());
        world
            .write(&[], move |tx| {
                let admin = tx.administer()?;
                let group = tx.create_group(&admin, &address)?;
                tx.set_member(&admin, group, ben, true)
            })
            .await;
        let path = anna.book("directory/");
        let card = async |name: &str, version: &str| {
            let accept = format!("text/vcard; version={version}");
            anna.send("GET", &format!("{path}{name}@{domain}.vcf"), &[("Accept", &accept)], "").await.body
        };
        let uid = card("ben", "4.0").await;
        let uid = uid.lines().find_map(|line| line.strip_prefix("UID:")).unwrap().to_owned();
        assert!(uid.starts_with("urn:uuid:") && uid.len() == "urn:uuid:".len() + 36, "{uid}");
        let team = card("team", "4.0").await;
        assert!(team.contains("KIND:group\r\n") && team.contains(&format!("MEMBER:{uid}\r\n")), "{team}");
        let team = card("team", "3.0").await;
        assert!(team.contains("X-ADDRESSBOOKSERVER-KIND:group\r\n"), "{team}");
        assert!(team.contains(&format!("X-ADDRESSBOOKSERVER-MEMBER:{uid}")), "{team}");
    });
}

#[test]
fn a_book_of_the_users_own_stands_before_it() {
    on_each_database(async |world| {
        let anna = world.people().await.anna;
        let folder = storage::NewCollection {
            parent: vocabulary::CollectionId(0),
            kind: vocabulary::CollectionKind::Contacts,
            role: None,
            name: vocabulary::LeafName::new("Directory").unwrap(),
            resource_name: Some("directory".to_owned()),
        };
        let owner = anna.id;
        world.write(&[owner], move |tx| tx.create_collection(owner, &folder).map(drop)).await;
        let path = anna.book("directory/mine.vcf");
        assert_eq!(anna.put(&path, card("1", "Mine")).await.status, 201);
        assert_eq!(anna.get(&path).await.body, card("1", "Mine"));
        assert!(anna.propfind(&anna.book(""), "1", "").await.hrefs().contains(&anna.book("directory/")));
    });
}
