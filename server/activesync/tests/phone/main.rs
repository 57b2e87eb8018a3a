//! Phones against the front end, over its HTTP resource: laws that hold for any interleaving, and the
//! cases that are worth a name.

mod law;
mod phone;
mod world;
