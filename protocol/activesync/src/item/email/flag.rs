//! The follow-up flag of a mail: MS-ASEMAIL section 2.2.2.34.

use vocabulary::Timestamp;
use wbxml::page::{email, tasks};
use wbxml::{Element, Tag, Writer};

use crate::date;
use crate::item::ConversionError;
use crate::parse;

/// Longest text of a flag that is kept, in characters.
pub const FLAG_TEXT_CHARACTERS_MAX: usize = 255;

/// How far the matter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagStatus {
    /// R755
    Complete,
    /// R756
    Active,
}

/// A flag that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Open or done.
    pub status: FlagStatus,
    /// `Flag for follow up`, or anything else.
    pub flag_type: Option<String>,
    /// The matter, if it is not the subject of the mail.
    pub subject: Option<String>,
    /// When it was done, by the clock.
    pub complete_time: Option<Timestamp>,
    /// The day on which it was done.
    pub date_completed: Option<Timestamp>,
    /// The days of beginning and end, local and UTC: all four or none (R408).
    pub dates: Option<FlagDates>,
    /// When to remind; `Some` means ReminderSet 1.
    pub reminder: Option<Timestamp>,
    /// When the flag was set; for sorting.
    pub ordinal_date: Option<Timestamp>,
    /// For sorting among equal ordinal dates.
    pub sub_ordinal_date: Option<String>,
}

/// When a flagged matter begins and is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagDates {
    /// `tasks:StartDate`
    pub start: Timestamp,
    /// `tasks:DueDate`
    pub due: Timestamp,
    /// `tasks:UtcStartDate`
    pub utc_start: Timestamp,
    /// `tasks:UtcDueDate`
    pub utc_due: Timestamp,
}

impl Flag {
    /// Reads `<Flag>`; `None` if it clears the flag.
    ///
    /// # Errors
    /// Item status 6: an unknown status (R757), a completed matter that does not say when (R92), dates that are incomplete or the wrong way round (R407, R409,
    /// R851), a reminder without time (R702), or a moment that is none.
    pub(super) fn parse(element: &Element) -> Result<Option<Self>, ConversionError> {
        let status = match element.child(email::STATUS).map(parse::number::<u8>) {
            None if element.is_empty() => return Ok(None),
            Some(Some(0)) => return Ok(None), // R754
            Some(Some(1)) => FlagStatus::Complete,
            Some(Some(2)) | None => FlagStatus::Active,
            Some(_) => return Err(ConversionError("flag status is not 0, 1 or 2")),
        };
        let reminder_set = match element.child(tasks::REMINDER_SET) {
            None => false,
            Some(child) => parse::boolean(child).ok_or(ConversionError("ReminderSet is no boolean"))?,
        };
        let reminder_time = moment(element, tasks::REMINDER_TIME)?;
        if reminder_set && reminder_time.is_none() {
            return Err(ConversionError("ReminderSet without ReminderTime"));
        }
        let complete_time = moment(element, email::COMPLETE_TIME)?;
        let date_completed = moment(element, tasks::DATE_COMPLETED)?;
        let says_when = complete_time.is_some() && date_completed.is_some();
        // R334, R358, R359
        if status == FlagStatus::Complete && !says_when {
            return Err(ConversionError("complete without saying when"));
        }
        if date_completed.is_some() && complete_time.is_none() {
            return Err(ConversionError("DateCompleted without CompleteTime"));
        }
        Ok(Some(Self {
            status,
            flag_type: text(element, email::FLAG_TYPE),
            subject: text(element, tasks::SUBJECT),
            complete_time,
            date_completed,
            dates: dates(element)?,
            reminder: reminder_time.filter(|_| reminder_set),
            ordinal_date: moment(element, tasks::ORDINAL_DATE)?,
            sub_ordinal_date: text(element, tasks::SUB_ORDINAL_DATE),
        }))
    }

    /// Writes `<Flag>`; an empty one if there is no flag (R437).
    pub(super) fn write(flag: Option<&Self>, writer: &mut Writer) {
        writer.open(email::FLAG);
        if let Some(flag) = flag {
            flag.write_children(writer);
        }
        writer.close();
    }

    fn write_children(&self, writer: &mut Writer) {
        let status = match self.status {
            FlagStatus::Complete => "1",
            FlagStatus::Active => "2",
        };
        let texts = [
            (tasks::SUBJECT, self.subject.as_deref()),
            (email::STATUS, Some(status)),
            (email::FLAG_TYPE, self.flag_type.as_deref()),
            (tasks::SUB_ORDINAL_DATE, self.sub_ordinal_date.as_deref()),
            (tasks::REMINDER_SET, Some(if self.reminder.is_some() { "1" } else { "0" })),
        ];
        for (tag, text) in texts {
            if let Some(text) = text {
                writer.text(tag, text);
            }
        }
        let moments = [
            (email::COMPLETE_TIME, self.complete_time),
            (tasks::DATE_COMPLETED, self.date_completed),
            (tasks::START_DATE, self.dates.map(|dates| dates.start)),
            (tasks::DUE_DATE, self.dates.map(|dates| dates.due)),
            (tasks::UTC_START_DATE, self.dates.map(|dates| dates.utc_start)),
            (tasks::UTC_DUE_DATE, self.dates.map(|dates| dates.utc_due)),
            (tasks::REMINDER_TIME, self.reminder),
            (tasks::ORDINAL_DATE, self.ordinal_date),
        ];
        for (tag, moment) in moments {
            if let Some(moment) = moment {
                writer.text(tag, &date::date_time(moment));
            }
        }
    }
}

fn text(element: &Element, tag: Tag) -> Option<String> {
    let value = element.child_value(tag)?;
    let text: String = value.chars().filter(|c| !c.is_control()).take(FLAG_TEXT_CHARACTERS_MAX).collect();
    (!text.is_empty()).then_some(text)
}

fn moment(element: &Element, tag: Tag) -> Result<Option<Timestamp>, ConversionError> {
    match element.child(tag) {
        None => Ok(None),
        Some(child) if child.is_empty() => Ok(None),
        Some(child) => parse::timestamp(child).map(Some).ok_or(ConversionError("not a moment")),
    }
}

fn dates(element: &Element) -> Result<Option<FlagDates>, ConversionError> {
    let start = moment(element, tasks::START_DATE)?;
    let due = moment(element, tasks::DUE_DATE)?;
    let utc_start = moment(element, tasks::UTC_START_DATE)?;
    let utc_due = moment(element, tasks::UTC_DUE_DATE)?;
    match (start, due, utc_start, utc_due) {
        (None, None, None, None) => Ok(None),
        (Some(start), Some(due), Some(utc_start), Some(utc_due)) => {
            if due < start || utc_due < utc_start {
                return Err(ConversionError("due before start")); // R407, R851
            }
            Ok(Some(FlagDates { start, due, utc_start, utc_due }))
        }
        _ => Err(ConversionError("start and due dates are incomplete")), // R409
    }
}
