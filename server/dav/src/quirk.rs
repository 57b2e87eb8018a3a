//! Programs that mean something else than they say.

/// The beginnings of what Apple's own programs call themselves. Their address books ask for cards without a version, by
/// which RFC 6352 section 10.4 means 3.0, and of the groups of cards they know those of version 3.0 only.
const VCARD_3_ONLY: [&str; 6] = ["iOS/", "iPadOS/", "macOS/", "Mac OS X/", "Mac+OS+X/", "Mac_OS_X/"];

/// Whether a program reads cards of version 3.0 only.
pub(crate) fn reads_vcard_3_only(user_agent: Option<&str>) -> bool {
    user_agent.is_some_and(|agent| VCARD_3_ONLY.iter().any(|start| agent.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apples_programs_and_no_others() {
        for agent in [
            "macOS/14.4.1 (23E224) AddressBookCore/2617.4.1",
            "Mac OS X/10.9.5 (13F34) AddressBook/1369",
            "iOS/17.5.1 (21F90) dataaccessd/1.0",
        ] {
            assert!(reads_vcard_3_only(Some(agent)), "{agent}");
        }
        for agent in ["DAVx5/4.4-ose", "Mozilla/5.0 (Macintosh) Thunderbird/128.0", "Evolution/3.46", ""] {
            assert!(!reads_vcard_3_only(Some(agent)), "{agent}");
        }
        assert!(!reads_vcard_3_only(None));
    }
}
