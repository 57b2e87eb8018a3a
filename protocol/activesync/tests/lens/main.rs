//! The lenses: what a phone reads of stored objects, and what its changes leave of them.

#[cfg(test)]
mod all_day;
#[cfg(test)]
mod all_day_elsewhere;
#[cfg(test)]
mod any;
#[cfg(test)]
mod carrier;
#[cfg(test)]
mod contact;
#[cfg(test)]
mod contact_law;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod event;
#[cfg(test)]
mod law;
#[cfg(test)]
mod note;
#[cfg(test)]
mod phone;
#[cfg(test)]
mod series;
#[cfg(test)]
mod task;
#[cfg(test)]
mod task_law;
