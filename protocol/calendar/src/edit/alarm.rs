//! The one alarm that a phone knows: the first that shows or sounds.

use chrono::TimeDelta;
use content_line::{NewLine, Value, block};

use super::time::moment_line;
use super::{EditError, Field, Patch, Target, patched, plain};
use crate::Moment;
use crate::component::{Component, Trigger};
use crate::term::AlarmAction;
use crate::zone::Zone;

/// Moves the alarms of the whole that ring at a moment, as far as the clocks of `zone` show. Those that ring so long before
/// something move with it anyway.
///
/// # Errors
/// If the bytes are no calendar object.
pub fn shift_alarms(bytes: &[u8], by: TimeDelta, zone: &Zone) -> Result<Vec<u8>, EditError> {
    patched(bytes, |patch| {
        let component = patch.find(Target::Master)?;
        patch.shift_alarms(component, by, zone);
        Ok(())
    })
}

impl Patch<'_, '_> {
    pub(super) fn shift_alarms(&mut self, component: &Component, by: TimeDelta, zone: &Zone) {
        for alarm in &component.alarms {
            let Some(Trigger::At(at)) = alarm.trigger else { continue };
            let Some(local) = zone.local(at).checked_add_signed(by) else { continue };
            if let Some((line, _)) = self.document.property(alarm.lines, "TRIGGER") {
                self.edit.replace(line, trigger_line(&Trigger::At(zone.instant(local))));
            }
        }
    }

    pub(super) fn set_alarm(&mut self, component: &Component, field: &Field<Trigger>) {
        let ours = component
            .alarms
            .iter()
            .find(|alarm| matches!(alarm.action, Some(AlarmAction::Display | AlarmAction::Audio)));
        match (field.wanted(), ours) {
            (None, _) | (Some(None), None) => {}
            (Some(None), Some(alarm)) => self.edit.remove_component(alarm.lines),
            (Some(Some(trigger)), Some(alarm)) if alarm.trigger.as_ref() == Some(trigger) => {}
            (Some(Some(trigger)), Some(alarm)) => {
                let old = self.document.property(alarm.lines, "TRIGGER").map(|(line, _)| line);
                match old {
                    Some(line) => self.edit.replace(line, trigger_line(trigger)),
                    None => self.edit.append_line(alarm.lines, trigger_line(trigger)),
                }
            }
            (Some(Some(trigger)), None) => {
                let text = component.summary.as_deref().filter(|text| !text.is_empty()).unwrap_or("Reminder");
                // RFC 5545 section 3.6.6: a display alarm has these three.
                let lines = [
                    NewLine::new("ACTION", plain("DISPLAY")),
                    NewLine::new("DESCRIPTION", Value::text(text)),
                    trigger_line(trigger),
                ];
                self.edit.append_component(component.lines, block("VALARM", lines));
            }
        }
    }
}

fn trigger_line(trigger: &Trigger) -> NewLine {
    match trigger {
        Trigger::FromStart(duration) => NewLine::new("TRIGGER", plain(duration)),
        Trigger::FromEnd(duration) => NewLine::new("TRIGGER", plain(duration)).parameter("RELATED", &["END"]),
        Trigger::At(at) => {
            moment_line("TRIGGER", &Moment::Utc(Zone::utc().local(*at))).parameter("VALUE", &["DATE-TIME"])
        }
    }
}
