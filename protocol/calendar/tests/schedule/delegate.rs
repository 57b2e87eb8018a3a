//! Messages in the name of somebody else.

use calendar::schedule::{Method, sent_by};

use super::given::*;

const DORA: &str = "Dora@Example.test";
const SENT_BY: &str = "SENT-BY=\"mailto:dora@example.test\"";

#[test]
fn the_delegate_stands_beside_whom_the_message_is_from() {
    let request = for_one(&put(ORG, None, &daily()).messages, ANNA).object.clone();
    let by_dora = sent_by(&request, Method::Request, ORG, DORA).unwrap();
    let organizer = lines(&by_dora, "ORGANIZER").remove(0);
    assert_eq!(organizer, format!("ORGANIZER;CN=Org;{SENT_BY}:mailto:org@example.test"));
    assert_eq!(text(&by_dora).matches("SENT-BY").count(), 1);
    assert_eq!(
        text(&by_dora).replace(&format!(";{SENT_BY}"), ""),
        text(&request),
        "and nothing else changes"
    );

    let annas = copy_of(&daily(), ANNA);
    let accepted = with(&annas, "CN=Anna;PARTSTAT=NEEDS-ACTION", "CN=Anna;PARTSTAT=ACCEPTED");
    let reply = for_one(&put(ANNA, Some(&annas), &accepted).messages, ORG).object.clone();
    let by_dora = sent_by(&reply, Method::Reply, ANNA, DORA).unwrap();
    let own = lines(&by_dora, "ATTENDEE").remove(0);
    assert!(own.contains(SENT_BY) && own.contains("anna@"), "{own}");
    assert!(!lines(&by_dora, "ORGANIZER").concat().contains("SENT-BY"));

    assert_eq!(sent_by(&request, Method::Request, BEN, DORA), None, "it is not from Ben");
    assert_eq!(sent_by(b"x", Method::Request, ORG, DORA), None);
}
