//! Faults become a line in the log and a number for the client, so that the two can be matched
//! without telling the client anything.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use storage::Fault;

/// Logs the cause of a fault once and returns what the client may be told: an id of this process
/// and a count, `3f9a01c2-17`.
#[must_use = "the client is told the incident's id"]
pub fn incident(fault: &Fault) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let id = format!("{:08x}-{}", process(), COUNT.fetch_add(1, Ordering::Relaxed));
    // Debug and not Display: it escapes line ends, so that no text of a client forges a log line.
    tracing::error!(incident = id, ?fault, "fault");
    id
}

/// Tells the incidents of one run of the server from those of the next.
fn process() -> u32 {
    static PROCESS: OnceLock<u32> = OnceLock::new();
    // Without random bytes the ids are still unique within the run.
    *PROCESS.get_or_init(|| getrandom::u32().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_incidents_have_two_ids_and_tell_nothing() {
        let fault = Fault::Blob("/var/lib/secret".to_owned());
        let (one, two) = (incident(&fault), incident(&fault));
        assert_ne!(one, two);
        assert_eq!(one.split('-').next(), two.split('-').next());
        assert!(!one.contains("secret"));
    }
}
