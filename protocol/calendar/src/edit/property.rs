//! Properties with one plain value.

use content_line::{NewLine, Value};
use vocabulary::Timestamp;

use super::{Change, Field, Patch, plain};
use crate::Moment;
use crate::component::Component;
use crate::term::Term;
use crate::zone::Zone;

impl Patch<'_, '_> {
    pub(super) fn set_properties(&mut self, component: &Component, change: &Change) {
        self.set(component, "UID", &change.uid, component.uid.as_ref(), |uid| Value::text(uid));
        self.set(component, "SUMMARY", &change.summary, component.summary.as_ref(), |text| Value::text(text));
        self.set_shown(component, "DESCRIPTION", &change.description, component.description.as_ref());
        self.set_shown(component, "LOCATION", &change.location, component.location.as_ref());
        self.set_html(component, &change.html_description);
        self.set(component, "URL", &change.url, component.url.as_ref(), |url| plain(url));
        self.set(component, "GEO", &change.geo, component.geo.as_ref(), |geo| {
            plain(format!("{};{}", geo.latitude, geo.longitude))
        });
        self.set_terms(component, change);
        self.set(component, "PRIORITY", &change.priority, component.priority.as_ref(), |number| {
            plain(number)
        });
        self.set(
            component,
            "PERCENT-COMPLETE",
            &change.percent_complete,
            component.percent_complete.as_ref(),
            |number| plain(number),
        );
        self.set(component, "COMPLETED", &change.completed, component.completed.as_ref(), |at| stamp(*at));
        self.set_categories(component, &change.categories);
        if self.set(component, "RRULE", &change.rule, component.rules.first(), |rule| plain(rule)) {
            self.remove_others(component, "RRULE");
        }
    }

    fn set_terms(&mut self, component: &Component, change: &Change) {
        self.set_term(component, "STATUS", &change.status, component.status);
        self.set_term(component, "TRANSP", &change.transparency, component.transparency);
        self.set_term(component, "X-MICROSOFT-CDO-BUSYSTATUS", &change.busy_status, component.busy_status);
        self.set_term(
            component,
            "X-MICROSOFT-CDO-INTENDEDSTATUS",
            &change.intended_status,
            component.intended_status,
        );
        self.set(
            component,
            "X-MICROSOFT-DISALLOW-COUNTER",
            &change.disallow_counter,
            component.disallow_counter.as_ref(),
            |disallows| plain(if *disallows { "TRUE" } else { "FALSE" }),
        );
        self.set_term(component, "CLASS", &change.class, component.class);
    }

    fn set_term<T: Term>(&mut self, component: &Component, name: &str, field: &Field<T>, current: Option<T>) {
        self.set(component, name, field, current.as_ref(), |term| plain(term.word()));
    }

    /// Returns whether anything changes.
    fn set<T: PartialEq>(
        &mut self,
        component: &Component,
        name: &str,
        field: &Field<T>,
        current: Option<&T>,
        write: impl FnOnce(&T) -> Value,
    ) -> bool {
        let Some(wanted) = field.wanted().filter(|wanted| *wanted != current) else { return false };
        match wanted {
            Some(value) => self.put(component, name, &write(value)),
            None => self.remove_all(component, name),
        }
        true
    }

    /// A text that may have another representation beside it (RFC 5545 section 3.2.1), which goes with the old text.
    fn set_shown(
        &mut self,
        component: &Component,
        name: &str,
        field: &Field<String>,
        current: Option<&String>,
    ) {
        if self.set(component, name, field, current, |text| Value::text(text))
            && let Some((line, _)) = self.document.property(component.lines, name)
            && matches!(field, Field::Set(_))
        {
            self.edit.remove_parameter(line, "ALTREP");
        }
    }

    fn set_html(&mut self, component: &Component, field: &Field<String>) {
        let Some(wanted) = field.wanted().filter(|wanted| *wanted != component.html_description.as_ref())
        else {
            return;
        };
        let lines: Vec<usize> = (self.document.properties(component.lines, "X-ALT-DESC"))
            .filter(|(_, line)| crate::read::is_html(line))
            .map(|(line, _)| line)
            .collect();
        match (wanted, lines.first()) {
            (Some(html), Some(line)) => self.edit.set_value(*line, &Value::text(html)),
            (Some(html), None) => {
                let line = NewLine::new("X-ALT-DESC", Value::text(html)).parameter("FMTTYPE", &["text/html"]);
                self.edit.append_line(component.lines, line);
            }
            (None, _) => lines.iter().for_each(|line| self.edit.remove(*line)),
        }
    }

    fn set_categories(&mut self, component: &Component, field: &Field<Vec<String>>) {
        match field.wanted().map(|wanted| wanted.map_or(&[][..], Vec::as_slice)) {
            Some(wanted) if wanted == component.categories => {}
            Some([]) => self.remove_all(component, "CATEGORIES"),
            Some(wanted) => {
                self.put(component, "CATEGORIES", &Value::texts(wanted.iter().map(String::as_str)));
                self.remove_others(component, "CATEGORIES");
            }
            None => {}
        }
    }

    pub(super) fn set_stamps(&mut self, component: &Component, change: &Change) {
        if let Some(at) = change.stamp {
            self.put(component, "DTSTAMP", &stamp(at));
            self.put(component, "LAST-MODIFIED", &stamp(at));
        }
        if change.next_sequence {
            self.put(component, "SEQUENCE", &plain(component.sequence.saturating_add(1)));
        }
    }
}

pub(crate) fn stamp(at: Timestamp) -> Value {
    plain(Moment::Utc(Zone::utc().local(at)))
}
