//! What single programs read differently, known by what they call themselves.

/// How a program wants to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Quirks {
    /// Hour of UTC at which it wants days without a time, such as birthdays; at another one it shows the day before.
    pub(crate) day_hour: u8,
}

/// Beginning of the User-Agent, and what that program wants.
const KNOWN: &[(&str, Quirks)] = &[
    // Android's own mail program, not Gmail's (`Android-Mail/`).
    ("Android/", Quirks { day_hour: 8 }),
    ("RIM-", Quirks { day_hour: 11 }), // BlackBerry 10
];

impl Quirks {
    pub(crate) fn of(user_agent: &str) -> Self {
        let known = KNOWN.iter().find(|(beginning, _)| user_agent.starts_with(beginning));
        known.map(|(_, quirks)| *quirks).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_their_names() {
        for (user_agent, hour) in [
            ("Android/5.1-EAS-2.0", 8),
            ("Android-Mail/2025.11.02.834567890.Release", 0),
            ("Apple-iPhone15C2/2201.1", 0),
            ("RIM-Z30-STA100-2-SMARTPHONE/10.3.3.2205", 11),
            ("", 0),
        ] {
            assert_eq!(Quirks::of(user_agent).day_hour, hour, "{user_agent}");
        }
    }
}
