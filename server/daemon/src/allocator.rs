//! Memory that is given back.
//!
//! The allocator of glibc raises the size from which a block comes straight from the system with every such block that is
//! freed, and keeps in each thread what is smaller. One login takes 19 MiB for its key: after some the process held more
//! memory for them than for all else. With a fixed size they go back at once. glibc takes that from the environment
//! alone, and only when a process begins.

use std::env;
use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{self, Command};

/// Octets, from which a block is one of its own.
const BLOCK_BYTES: &str = "1048576";
const VARIABLE: &str = "MALLOC_MMAP_THRESHOLD_";
/// The number of the process that has begun anew. The variable above cannot say so: from a program with capabilities of
/// its own (`setcap`) the loader of glibc 2.39 and later takes it away, and the program would begin for ever.
const MARK: &str = "_KONTOR_BEGUN_ANEW";

/// Begins this process anew under the same number, once, unless the operator has set how memory is kept. Where that fails,
/// the server uses more memory.
#[expect(clippy::disallowed_methods, reason = "glibc reads its settings there, no configuration of ours")]
pub(crate) fn settle() {
    let is_set = env::var_os(VARIABLE).is_some() || env::var_os("GLIBC_TUNABLES").is_some();
    if !cfg!(target_env = "gnu") || is_set || has_begun_anew(env::var_os(MARK).as_deref(), process::id()) {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments).env(VARIABLE, BLOCK_BYTES).env(MARK, process::id().to_string());
    // It gives no answer but an error.
    let _ = command.exec();
}

/// A mark of another process was inherited and says nothing of this one.
fn has_begun_anew(mark: Option<&OsStr>, process: u32) -> bool {
    mark.and_then(OsStr::to_str).and_then(|mark| mark.parse().ok()) == Some(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_begins_anew_once_whatever_becomes_of_the_setting() {
        for (mark, expected) in [(None, false), (Some("7"), true), (Some("8"), false), (Some(""), false)] {
            assert_eq!(has_begun_anew(mark.map(OsStr::new), 7), expected, "{mark:?}");
        }
    }
}
