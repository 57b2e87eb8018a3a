//! The crate seen from outside: documents in, documents out.

#[cfg(test)]
mod calendar;
#[cfg(test)]
mod contact;
#[cfg(test)]
mod email;
#[cfg(test)]
mod find;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod item_operations;
#[cfg(test)]
mod note;
#[cfg(test)]
mod people;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod search;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod task;
#[cfg(test)]
mod tree;
