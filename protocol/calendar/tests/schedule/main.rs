//! Scheduling as the authority uses it.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod attendee;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod busy;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod convergence;
#[cfg(test)]
mod crossings;
#[cfg(test)]
mod delegate;
#[cfg(test)]
mod given;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod organizer;
#[cfg(test)]
mod reply;
#[cfg(test)]
mod request;
#[cfg(test)]
mod world;
