//! Documents that are posted: the root element says what is wanted, and where it has a meaning.

use crate::client::{Client, NAMESPACES, event};
use crate::world::on_each_database;
use storage::{Grantee, Permission};
use vocabulary::{Preset, Role};

fn document(root: &str, inner: &str) -> String {
    format!("<{root} {NAMESPACES} xmlns:m='http://me.com/_namespace/'>{inner}</{root}>")
}

fn changes(object: &str) -> String {
    let data = format!("<set><prop><c:calendar-data>{object}</c:calendar-data></prop></set>");
    document("m:multiput", &format!("<m:resource>{data}</m:resource>"))
}

fn share(with: &Client<'_>) -> String {
    let set = format!("<s:set><href>mailto:{}</href><s:read/></s:set>", with.address);
    document("s:share", &set)
}

fn share_resource(with: &Client<'_>) -> String {
    let sharee = format!(
        "<sharee><href>mailto:{}</href><share-access><read-write/></share-access></sharee>",
        with.address
    );
    document("share-resource", &sharee)
}

fn accepts(host: &str) -> String {
    document("s:invite-reply", &format!("<s:invite-accepted/><s:hosturl><href>{host}</href></s:hosturl>"))
}

#[test]
fn the_root_element_says_what_is_wanted() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna, &people.ben);
        let (path, home) = (anna.calendar("calendar/"), anna.calendar(""));
        let post = async |who: &Client<'_>, path: &str, form: &str, body: String| {
            who.send("POST", path, &[("Content-Type", form)], body).await
        };
        for (number, form) in ["application/xml", "Text/XML; charset=utf-8"].into_iter().enumerate() {
            let uid = number.to_string();
            let answer = post(anna, &path, form, changes(&event(&uid, "x"))).await;
            assert_eq!(answer.status, 207, "{answer:?}");
            let made = &answer.responses()[0];
            assert_eq!(made.text("uid"), Some(uid), "{answer:?}");
            assert_eq!(anna.get(&made.href()).await.status, 200);
        }
        let granted = async || world.granted(anna, Role::Calendar).await;
        let to_ben =
            |preset: Preset| [Permission { grantee: Grantee::Account(ben.id), rights: preset.rights() }];
        assert_eq!(post(anna, &path, "application/xml", share(ben)).await.status, 200);
        assert_eq!(granted().await, to_ben(Preset::Reader));
        assert_eq!(post(anna, &path, "application/davsharing+xml", share_resource(ben)).await.status, 200);
        assert_eq!(granted().await, to_ben(Preset::Editor));
        assert_eq!(post(ben, &ben.calendar(""), "text/xml", accepts(&path)).await.status, 200);

        // What has a meaning elsewhere has none here, and what has none anywhere neither.
        let other = document("x:other", "");
        let own = |path: &str| (path.to_owned(), 415);
        for (target, body) in [
            (own(&path), accepts(&path)),
            (own(&path), other.clone()),
            (own(&home), changes(&event("9", "x"))),
            (own(&home), share(ben)),
            (own(&home), other.clone()),
            ((path.clone(), 400), "<s:share".to_owned()),
            ((path.clone(), 400), document("m:multiput", "")),
            ((path.clone(), 400), document("s:share", "")),
            ((home.clone(), 400), document("s:invite-reply", "")),
            ((anna.scheduling("inbox/"), 405), share(ben)),
            ((anna.calendar("none/"), 404), other.clone()),
            ((anna.principal(), 405), other.clone()),
        ] {
            let (target, status) = target;
            let answer = post(anna, &target, "application/xml", body.clone()).await;
            assert_eq!(answer.status, status, "{body} at {target}");
        }
        // A document is no member.
        let member = format!("{path}?add-member");
        let refused = post(anna, &member, "application/xml", share(ben)).await;
        assert_eq!(refused.refusal(), (403, "supported-calendar-data".into()));
        assert_eq!(granted().await, to_ben(Preset::Editor));
        assert_eq!(anna.propfind(&path, "1", "<getetag/>").await.responses().len(), 3);
    });
}
