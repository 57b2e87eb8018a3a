//! Follow-up flags of phones: `\Flagged` says whether the matter is open, a text beside it all the rest.
//!
//! The text has a line for each thing that is said. When another door takes `\Flagged` away or sets it, the store
//! forgets the text: then the flag is gone, or one of which nothing is known.

use activesync_wire::item::email::{Flag, FlagChange, FlagDates, FlagStatus};
use std::collections::HashMap;
use storage::Marks;
use vocabulary::{Flags, Timestamp};

/// What a flag is called that another program set.
const FLAG_TYPE: &str = "Flag for follow up";

const TEXTS: [&str; 3] = ["type", "subject", "sub-ordinal"];

fn encode(flag: &Flag) -> String {
    let mut text = match flag.status {
        FlagStatus::Active => "active".to_owned(),
        FlagStatus::Complete => "complete".to_owned(),
    };
    for (name, value) in TEXTS.into_iter().zip([&flag.flag_type, &flag.subject, &flag.sub_ordinal_date]) {
        if let Some(value) = value {
            // They are of one line each.
            text.push_str(&format!("\n{name} {value}"));
        }
    }
    let dates = flag.dates;
    for (name, moment) in [
        ("complete-time", flag.complete_time),
        ("date-completed", flag.date_completed),
        ("start", dates.map(|dates| dates.start)),
        ("due", dates.map(|dates| dates.due)),
        ("utc-start", dates.map(|dates| dates.utc_start)),
        ("utc-due", dates.map(|dates| dates.utc_due)),
        ("reminder", flag.reminder),
        ("ordinal", flag.ordinal_date),
    ] {
        if let Some(Timestamp(ms)) = moment {
            text.push_str(&format!("\n{name} {ms}"));
        }
    }
    text
}

/// `None` if nothing is said, or not by us.
fn decode(text: &str) -> Option<Flag> {
    let mut lines = text.split('\n');
    let status = match lines.next()? {
        "active" => FlagStatus::Active,
        "complete" => FlagStatus::Complete,
        _ => return None,
    };
    let said: HashMap<&str, &str> = lines.filter_map(|line| line.split_once(' ')).collect();
    let text = |name: &str| said.get(name).map(|value| (*value).to_owned());
    let moment = |name: &str| said.get(name)?.parse().ok().map(Timestamp);
    let dates = || {
        let (start, due) = (moment("start")?, moment("due")?);
        Some(FlagDates { start, due, utc_start: moment("utc-start")?, utc_due: moment("utc-due")? })
    };
    let [flag_type, subject, sub_ordinal_date] = TEXTS.map(text);
    Some(Flag {
        status,
        flag_type,
        subject,
        complete_time: moment("complete-time"),
        date_completed: moment("date-completed"),
        dates: dates(),
        reminder: moment("reminder"),
        ordinal_date: moment("ordinal"),
        sub_ordinal_date,
    })
}

/// One of which no more is known than that it is open.
fn bare() -> Flag {
    Flag {
        status: FlagStatus::Active,
        flag_type: Some(FLAG_TYPE.to_owned()),
        subject: None,
        complete_time: None,
        date_completed: None,
        dates: None,
        reminder: None,
        ordinal_date: None,
        sub_ordinal_date: None,
    }
}

/// The flag that a phone shows.
pub(crate) fn flag(flags: Flags, marks: &Marks) -> Option<Flag> {
    let said = decode(&marks.follow_up);
    if flags.contains(Flags::FLAGGED) {
        return Some(said.filter(|flag| flag.status == FlagStatus::Active).unwrap_or_else(bare));
    }
    said.filter(|flag| flag.status == FlagStatus::Complete)
}

/// What becomes of it when a phone changes it: the flags, and what is said beside.
pub(crate) fn changed(flags: Flags, marks: &Marks, change: &FlagChange) -> (Flags, String) {
    match change {
        FlagChange::Clear => (flags & !Flags::FLAGGED, String::new()),
        FlagChange::Set(new) if new.status == FlagStatus::Active => (flags | Flags::FLAGGED, encode(new)),
        FlagChange::Set(done) => {
            // Of what is done a phone says only that (MS-ASEMAIL R86): all else stays.
            let old = flag(flags, marks);
            let kept = |of: fn(&Flag) -> Option<String>| of(done).or_else(|| old.as_ref().and_then(of));
            let done = Flag {
                flag_type: kept(|flag| flag.flag_type.clone()),
                subject: kept(|flag| flag.subject.clone()),
                sub_ordinal_date: kept(|flag| flag.sub_ordinal_date.clone()),
                dates: done.dates.or(old.as_ref().and_then(|flag| flag.dates)),
                ordinal_date: done.ordinal_date.or(old.as_ref().and_then(|flag| flag.ordinal_date)),
                ..done.clone()
            };
            (flags & !Flags::FLAGGED, encode(&done))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marks(follow_up: &str) -> Marks {
        Marks { follow_up: follow_up.to_owned(), verb: None }
    }

    fn any_flag() -> impl Strategy<Value = Flag> {
        let moment = || proptest::option::of(any::<i64>().prop_map(Timestamp));
        let text = || proptest::option::of("[^\\pC]{1,255}");
        let dates = proptest::option::of(any::<(i64, i64, i64, i64)>());
        let texts = (text(), text(), text());
        let moments = (moment(), moment(), moment(), moment());
        (any::<bool>(), texts, moments, dates).prop_map(|(done, texts, moments, dates)| Flag {
            status: if done { FlagStatus::Complete } else { FlagStatus::Active },
            flag_type: texts.0,
            subject: texts.1,
            sub_ordinal_date: texts.2,
            complete_time: moments.0,
            date_completed: moments.1,
            reminder: moments.2,
            ordinal_date: moments.3,
            dates: dates.map(|(start, due, utc_start, utc_due)| FlagDates {
                start: Timestamp(start),
                due: Timestamp(due),
                utc_start: Timestamp(utc_start),
                utc_due: Timestamp(utc_due),
            }),
        })
    }

    proptest! {
        /// Whatever a phone says of a flag it is told again.
        #[test]
        fn a_flag_is_kept_whole(flag in any_flag()) {
            let text = encode(&flag);
            prop_assert!(text.len() <= storage::FOLLOW_UP_BYTES_MAX);
            prop_assert_eq!(decode(&text), Some(flag.clone()));
            let (flags, said) = changed(Flags::SEEN, &Marks::default(), &FlagChange::Set(flag.clone()));
            prop_assert_eq!(super::flag(flags, &marks(&said)), Some(flag));
        }
    }

    #[test]
    fn flags_are_open_done_or_none() {
        assert_eq!(flag(Flags::SEEN, &marks("")), None);
        assert_eq!(flag(Flags::FLAGGED, &marks("")), Some(bare()));
        assert_eq!(flag(Flags::FLAGGED, &marks("of another program")), Some(bare()));
        let subject = Some("Tulips".to_owned());
        let open = Flag { subject: subject.clone(), ..bare() };
        let (flags, said) = changed(Flags::NONE, &marks(""), &FlagChange::Set(open));
        let now = Some(Timestamp(5));
        let done = Flag {
            status: FlagStatus::Complete,
            flag_type: None,
            complete_time: now,
            date_completed: now,
            ..bare()
        };
        let (flags, said) = changed(flags, &marks(&said), &FlagChange::Set(done));
        assert!(!flags.contains(Flags::FLAGGED));
        let shown = flag(flags, &marks(&said)).unwrap();
        assert_eq!((shown.status, shown.subject, shown.complete_time), (FlagStatus::Complete, subject, now));
        assert_eq!(shown.flag_type.as_deref(), Some(FLAG_TYPE));
        let (flags, said) = changed(flags, &marks(&said), &FlagChange::Clear);
        assert_eq!((flags, said.as_str()), (Flags::NONE, ""));
    }
}
