//! The command line. One command, one file.

mod admin;
mod demo;
mod serve;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Try it:
  kontor demo                                   a server with sample data, on loopback only
Run it:
  kontor serve --config /etc/kontor/kontor.toml --check
  kontor admin domain add example.org
  kontor admin account add anna@example.org --kind exchange --name 'Anna Huber' --password-stdin
  kontor serve --config /etc/kontor/kontor.toml";

/// Mail for phones and mail programs: ActiveSync, IMAP, POP3 and SMTP in one server.
#[derive(Debug, Parser)]
#[command(name = "kontor", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a server with sample data, on loopback only, to try everything
    Demo(demo::Arguments),
    /// Start the server
    Serve(serve::Arguments),
    /// Set up domains, accounts, passwords and rights; look after the store
    Admin(admin::Arguments),
}

/// Runs a command to its end.
pub(crate) fn run(line: CommandLine) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot start its threads")?;
    runtime.block_on(async {
        match line.command {
            Command::Demo(arguments) => Box::pin(demo::run(arguments)).await,
            Command::Serve(arguments) => Box::pin(serve::run(arguments)).await,
            Command::Admin(arguments) => Box::pin(admin::run(arguments)).await,
        }
    })
}

/// Writes to standard output; a reader that has gone (`| head`) is no error.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output cannot be written")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does() {
        fn walk(command: &clap::Command) {
            for sub in command.get_subcommands() {
                assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
                walk(sub);
            }
        }
        walk(&CommandLine::command());
    }
}
