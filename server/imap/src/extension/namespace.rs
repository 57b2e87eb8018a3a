//! NAMESPACE: RFC 9051 section 6.3.10.

use crate::completion::Completion;
use crate::name::OTHER_USERS;
use imap_wire::Output;
use imap_wire::response::NamespaceDescription;

pub(crate) fn run(out: &mut Output) -> Completion {
    let others = format!("{OTHER_USERS}/");
    let personal = [NamespaceDescription { prefix: "" }];
    let others = [NamespaceDescription { prefix: &others }];
    out.namespace(&[&personal, &others, &[]]);
    Completion::ok("those are all")
}
