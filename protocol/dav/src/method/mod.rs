//! Bodies of methods other than REPORT.

mod acl;
mod lock;
mod mkcol;
mod multiput;
mod propfind;
mod proppatch;

pub use acl::{ACES_MAX, SetAcl};
pub use lock::LockInfo;
pub use mkcol::MakeCollection;
pub use multiput::{BulkChange, MultiPut, PropertyChanges};
pub(crate) use propfind::names;
pub use propfind::{PROPERTIES_MAX, PropFind};
pub use proppatch::{Instruction, PropPatch};

use crate::RequestError;
use crate::name::Name;
use crate::xml::{Element, Limits, parse};

/// The tree of a body whose root has a given name.
fn root(body: &[u8], name: Name<'static>) -> Result<Element, RequestError> {
    let root = parse(body, &Limits::REQUEST)?;
    if root.name() == name { Ok(root) } else { Err(RequestError::malformed(name, "another root element")) }
}
