//! The configuration: one TOML file, overlaid by the environment, composed once at the start.
//!
//! Each section is a struct whose doc comments are the manual; `deploy/kontor.example.toml` shows them
//! all. Unknown keys are refused with their line. Nothing below the daemon reads files or variables.

mod environment;
mod explain;
mod read;
mod section;
mod validate;

pub(crate) use read::read;
pub(crate) use section::{
    Config, HttpSection, ListenSection, LogFormat, LogSection, PushSection, ServerSection, StoreSection,
};
