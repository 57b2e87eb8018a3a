//! The recurrence of a task: MS-ASTASK section 2.2.2.20.

use vocabulary::Timestamp;
use wbxml::Element;
use wbxml::page::tasks as page;

use crate::date;
use crate::item::ConversionError;
use crate::item::encode;
use crate::item::format::{Format, moment, number};
use crate::item::recurrence::{Page, Pattern, Recurrence};

/// When a task recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskRecurrence {
    /// Which days.
    pub rule: Recurrence,
    /// Local date of the first occurrence.
    pub start: Timestamp,
    /// The next occurrence is counted from the day on which this one is done (R239).
    pub regenerates: bool,
    /// This is one occurrence that was taken out of its series, which goes on elsewhere (R152).
    pub is_dead_occurrence: bool,
}

const PAGE: Page = Page {
    kind: page::TYPE,
    interval: page::INTERVAL,
    occurrences: page::OCCURRENCES,
    until: page::UNTIL,
    day_of_week: page::DAY_OF_WEEK,
    day_of_month: page::DAY_OF_MONTH,
    week_of_month: page::WEEK_OF_MONTH,
    month_of_year: page::MONTH_OF_YEAR,
    calendar_type: page::CALENDAR_TYPE,
    is_leap_month: page::IS_LEAP_MONTH,
    first_day_of_week: page::FIRST_DAY_OF_WEEK,
    moment: date::date_time, // R305
};

pub(super) const RECURRENCE: Format<TaskRecurrence> = Format {
    read: |element| read(element).map(Some),
    write: |recurrence, tag, out| {
        out.writer.open(tag);
        recurrence.rule.write(&PAGE, out);
        encode::text(out, page::START, &date::date_time(recurrence.start));
        encode::boolean(out, page::REGENERATE, recurrence.regenerates);
        encode::boolean(out, page::DEAD_OCCUR, recurrence.is_dead_occurrence);
        out.writer.close();
    },
};

fn read(element: &Element) -> Result<TaskRecurrence, ConversionError> {
    if element.child(page::TYPE).is_none() {
        return Err(ConversionError("a task's recurrence lacks its type")); // R289
    }
    let rule = Recurrence::read(element, &PAGE)?;
    if matches!(rule.pattern, Pattern::Daily | Pattern::Weekly { .. })
        && element.child(page::CALENDAR_TYPE).is_some()
    {
        return Err(ConversionError("days and weeks are of no calendar")); // R81
    }
    let start = element.child(page::START).map(moment).transpose()?.flatten();
    let is_set = |tag| match element.child(tag).filter(|child| !child.is_empty()) {
        None => Ok(false),
        Some(child) => number::<u8>(child).map(|value| value != 0), // any number but 0: R156
    };
    Ok(TaskRecurrence {
        rule,
        start: start.ok_or(ConversionError("a task's recurrence lacks its start"))?, // R37011
        regenerates: is_set(page::REGENERATE)?,
        is_dead_occurrence: is_set(page::DEAD_OCCUR)?,
    })
}
