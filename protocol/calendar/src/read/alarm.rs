//! VALARM: RFC 5545 section 3.6.6.

use content_line::{Document, Line, unescape};

use super::component::{instant, moment};
use crate::component::{Alarm, Trigger};
use crate::term::Term;
use crate::{Duration, Moment};

/// Most alarms of one component that are looked at.
pub const ALARMS_MAX: usize = 100;

pub(super) fn read_all(document: &Document<'_>, component: usize) -> Vec<Alarm> {
    document
        .children(component)
        .filter(|child| document.component(*child).is_some_and(|child| child.name() == "VALARM"))
        .take(ALARMS_MAX)
        .map(|child| read(document, child))
        .collect()
}

fn read(document: &Document<'_>, index: usize) -> Alarm {
    let value = |name: &str| document.property(index, name).map(|(_, line)| line.value());
    Alarm {
        action: value("ACTION").and_then(|action| Term::parse(&action)),
        trigger: document.property(index, "TRIGGER").and_then(|(_, line)| trigger(line)),
        repeat: value("REPEAT").and_then(|repeat| repeat.trim().parse().ok()).unwrap_or(0),
        interval: value("DURATION").and_then(|duration| Duration::parse(&duration)),
        description: value("DESCRIPTION").map(|text| unescape(&text).into_owned()),
        lines: index,
    }
}

/// A value that is a time is one, whatever VALUE says.
pub(crate) fn trigger(line: &Line<'_>) -> Option<Trigger> {
    if moment(line).is_some_and(|moment| !matches!(moment, Moment::Date(_))) {
        return instant(line).map(Trigger::At);
    }
    let duration = Duration::parse(&line.value())?;
    let from_end = line.parameter_value("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
    Some(if from_end { Trigger::FromEnd(duration) } else { Trigger::FromStart(duration) })
}
