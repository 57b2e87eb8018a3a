//! The command line. One command, one file.

mod admin;
mod demo;
mod serve;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use crate::allocator;

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
    if matches!(line.command, Command::Demo(_) | Command::Serve(_)) {
        allocator::settle();
    }
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

    fn examples(command: &clap::Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let example = |line: &str| {
            Some(line.trim_start()).filter(|line| line.starts_with("kontor ")).map(str::to_owned)
        };
        help.lines().filter_map(example).collect()
    }

    /// The arguments of an example, without what a shell or the reader makes of the rest of the line.
    fn arguments(example: &str) -> Vec<String> {
        let ends = [" <", " |", "  "].iter().filter_map(|mark| example.find(mark));
        let command = &example[..ends.min().unwrap_or(example.len())];
        let mut arguments = Vec::new();
        for (index, piece) in command.split('\'').enumerate() {
            match index % 2 {
                0 => arguments.extend(piece.split_whitespace().map(str::to_owned)),
                _ => arguments.push(piece.to_owned()),
            }
        }
        arguments
    }

    #[test]
    fn every_command_or_the_one_above_it_teaches_by_an_example() {
        fn walk(command: &clap::Command) {
            for sub in command.get_subcommands() {
                let taught = !examples(sub).is_empty() || !examples(command).is_empty();
                assert!(taught || sub.has_subcommands(), "{} {}", command.get_name(), sub.get_name());
                walk(sub);
            }
        }
        walk(&CommandLine::command());
    }

    #[test]
    fn every_example_is_a_command_that_is_understood() {
        fn walk(command: &clap::Command) {
            for example in examples(command) {
                if let Err(error) = CommandLine::try_parse_from(arguments(&example)) {
                    panic!("{example}: {error}");
                }
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&CommandLine::command());
    }

    #[test]
    fn a_device_is_not_added_and_the_help_says_why() {
        let line = CommandLine::command();
        let device = line.find_subcommand("admin").unwrap().find_subcommand("device").unwrap();
        assert!(device.find_subcommand("add").is_none());
        let help = device.get_after_help().unwrap().to_string();
        assert!(help.contains("devices come by themselves"), "{help}");
    }
}
