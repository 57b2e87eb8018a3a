//! The house rules of `ARCHITECTURE.md` and `CONTRIBUTING.md`, as ordinary tests.
//!
//! Each file is one rule, and its message says what to do. Nothing here is product code.

#[cfg(test)]
mod budget;
#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod names;
#[cfg(test)]
mod places;
#[cfg(test)]
mod purity;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod requirements;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod sleeps;
#[cfg(test)]
mod source;
#[cfg(test)]
mod specifications;
#[cfg(test)]
mod unused;
