//! Memory that is given back.
//!
//! The allocator of glibc raises the size from which a block comes straight from the system with every such block that is
//! freed, and keeps in each thread what is smaller. One login takes 19 MiB for its key: after some the process held more
//! memory for them than for all else. With a fixed size they go back at once. glibc takes that from the environment
//! alone, and only when a process begins.

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// Octets, from which a block is one of its own.
const BLOCK_BYTES: &str = "1048576";
const VARIABLE: &str = "MALLOC_MMAP_THRESHOLD_";

/// Begins this process anew under the same number, once, unless the operator has set how memory is kept. Where that fails,
/// the server uses more memory.
#[expect(clippy::disallowed_methods, reason = "glibc reads its settings there, no configuration of ours")]
pub(crate) fn settle() {
    if !cfg!(target_env = "gnu") || env::var_os(VARIABLE).is_some() || env::var_os("GLIBC_TUNABLES").is_some()
    {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut arguments = env::args_os();
    let mut command = Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // It gives no answer but an error.
    let _ = command.args(arguments).env(VARIABLE, BLOCK_BYTES).exec();
}
