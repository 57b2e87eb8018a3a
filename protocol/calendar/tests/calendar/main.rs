//! The crate as its users see it.

#[cfg(test)]
mod attachments;
#[cfg(test)]
mod availability;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod describe;
#[cfg(test)]
mod edit;
#[cfg(test)]
mod expand;
#[cfg(test)]
mod given;
#[cfg(test)]
mod index;
#[cfg(test)]
mod json;
#[cfg(test)]
mod known_rules;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod overlap;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod scales;
#[cfg(test)]
mod traps;
