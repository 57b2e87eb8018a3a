//! The recurrence of an event: MS-ASCAL section 2.2.2.37.

use wbxml::page::calendar as page;

use crate::date;
use crate::item::format::Format;
use crate::item::recurrence::{Page, Recurrence};

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
    moment: date::compact, // MS-ASCAL R470
};

pub(super) const RECURRENCE: Format<Recurrence> = Format {
    read: |element| Recurrence::read(element, &PAGE).map(Some),
    write: |recurrence, tag, out| {
        out.writer.open(tag);
        recurrence.write(&PAGE, out);
        out.writer.close();
    },
};
