//! Other people: RFC 6350 section 6.6.6, and Apple's `X-ABRELATEDNAMES`, which says in a label who they are.

use super::entry::Entry;
use super::group::Groups;
use crate::types::plain_label;

/// Apple's label, the word of TYPE that means the same, and the registered word that is less exact. Those that
/// decide what a phone shows come first.
const RELATIONS: &[(&str, &str, Option<&str>)] = &[
    ("Spouse", "spouse", None),
    ("Partner", "partner", None),
    ("Son", "son", Some("child")),
    ("Daughter", "daughter", Some("child")),
    ("Child", "child", None),
    ("Manager", "manager", None),
    ("Assistant", "assistant", None),
    ("Mother", "mother", Some("parent")),
    ("Father", "father", Some("parent")),
    ("Parent", "parent", None),
    ("Brother", "brother", Some("sibling")),
    ("Sister", "sister", Some("sibling")),
    ("Sibling", "sibling", None),
    ("Friend", "friend", None),
    ("Colleague", "colleague", None),
    ("Co-worker", "co-worker", None),
    ("Co-resident", "co-resident", None),
    ("Neighbor", "neighbor", None),
    ("Acquaintance", "acquaintance", None),
    ("Contact", "contact", None),
    ("Kin", "kin", None),
    ("Sweetheart", "sweetheart", None),
    ("Emergency", "emergency", None),
];
/// The label of a relation of no known kind.
const OTHER: &str = "Other";

/// A name becomes a relation. Whether its label is said by it now.
pub(super) fn to_4(entry: &mut Entry, label: Option<&str>) -> bool {
    entry.rename("RELATED");
    entry.set("VALUE", &["text"]);
    let Some(label) = label.map(plain_label) else { return false };
    if label.eq_ignore_ascii_case(OTHER) {
        return true;
    }
    let known = RELATIONS.iter().find(|(known, ..)| label.eq_ignore_ascii_case(known));
    let Some((_, exact, registered)) = known else { return false };
    entry.add_type(exact);
    registered.iter().for_each(|word| entry.add_type(word));
    true
}

/// A relation to somebody of whom only the name is known becomes a name with a label; one to a card stays.
pub(super) fn to_3(entry: &mut Entry, groups: &mut Groups) -> Option<Entry> {
    if !entry.is_of_type("text") {
        if entry.has_type("agent") && entry.types().len() == 1 {
            // RFC 2426 section 3.5.4.
            entry.rename("AGENT");
            entry.take("TYPE");
            entry.set("VALUE", &["uri"]);
        }
        return None;
    }
    entry.rename("X-ABRELATEDNAMES");
    entry.take("VALUE");
    if groups.label(entry).is_some() {
        return None;
    }
    let Some((label, exact, registered)) = RELATIONS.iter().find(|(_, exact, _)| entry.has_type(exact))
    else {
        return Some(groups.give_label(entry, &marked(OTHER)));
    };
    entry.take_type(exact);
    if let Some(word) = registered {
        entry.take_type(word);
    }
    Some(groups.give_label(entry, &marked(label)))
}

/// A label that Apple's programs show in the user's language.
pub(super) fn marked(label: &str) -> String {
    format!("_$!<{label}>!$_")
}
