//! The kontor binary: configuration, wiring, command line, demo. It knows every front end; nobody
//! knows it.

mod allocator;
mod clock;
mod command;
mod config;
mod demo;
mod doors;
mod http;
mod log;
mod served;
mod server;

use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match command::run(command::CommandLine::parse()) {
        Ok(code) => code,
        Err(error) => {
            // There is nobody left to tell when standard error is closed.
            let _ = writeln!(std::io::stderr(), "kontor: {error:#}");
            ExitCode::FAILURE
        }
    }
}
