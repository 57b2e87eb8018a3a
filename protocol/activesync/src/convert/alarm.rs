//! The alarm that a phone can show.

use calendar::{Alarm, AlarmAction, Component, Duration};
use vocabulary::Timestamp;

const DAY_SECONDS: i64 = 86_400;

/// The first alarm that tells the user something; e-mails and procedures are none of a phone's business.
pub(super) fn shown(component: &Component) -> Option<&Alarm> {
    let tells = |alarm: &&Alarm| matches!(alarm.action, Some(AlarmAction::Display | AlarmAction::Audio));
    component.alarms.iter().find(tells)
}

/// When it rings. Days count 24 hours, as phones count them.
pub(super) fn after(moment: Timestamp, span: Duration) -> Timestamp {
    let seconds = span.days.saturating_mul(DAY_SECONDS).saturating_add(span.seconds);
    Timestamp(moment.0.saturating_add(seconds.saturating_mul(1000)))
}
