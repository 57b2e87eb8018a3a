//! CLASS and Sensitivity: RFC 5545 section 3.8.1.3, MS-ASCAL section 2.2.2.41, MS-ASTASK section 2.2.2.24.

use calendar::Class;

use crate::item::calendar::Sensitivity;

/// As it is shown.
pub(super) fn sensitivity(class: Option<Class>) -> Sensitivity {
    match class {
        None | Some(Class::Public) => Sensitivity::Normal,
        Some(Class::Private) => Sensitivity::Private,
        Some(Class::Confidential) => Sensitivity::Confidential,
    }
}

/// As it is stored. Personal has no word of its own and becomes private.
pub(super) fn class(sensitivity: Sensitivity) -> Class {
    match sensitivity {
        Sensitivity::Normal => Class::Public,
        Sensitivity::Personal | Sensitivity::Private => Class::Private,
        Sensitivity::Confidential => Class::Confidential,
    }
}
