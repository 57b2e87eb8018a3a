//! acl-principal-prop-set: RFC 3744 section 9.2. Properties of everybody whom the list of a resource names.

use dav_wire::method::PropFind;
use dav_wire::property::{AcePrincipal, Privilege};
use dav_wire::{Property, Value};

use super::expand_property::follow;
use super::principals::told;
use crate::call::{Answer, Call};
use crate::folder::Kept;
use crate::property;
use crate::{acl, subject};

pub(super) async fn run(call: &Call, selection: &PropFind) -> Answer {
    let kept = Kept::named([Property::Acl]);
    let resource = subject::find(call, &call.location, &kept).await?;
    let Some(entries) = acl::entries(&resource) else {
        return Err(property::missing(&resource, Privilege::ReadAcl).into());
    };
    let mut paths: Vec<String> = Vec::new();
    for entry in entries {
        let path = match entry.principal {
            AcePrincipal::Href(href) => Some(href),
            AcePrincipal::Property(name) => match property::value(call.account(), &resource, &name) {
                Some(Value::Href(href)) => Some(href),
                _ => None,
            },
            _ => None,
        };
        paths.extend(path.filter(|path| !paths.contains(path)));
    }
    let mut principals = Vec::with_capacity(paths.len());
    for path in paths {
        // Whoever is suspended has a right, and is not there.
        principals.extend(follow(call, &path, &Kept::nothing()).await?);
    }
    Ok(told(call, principals.into_iter(), None, selection))
}
