//! What a TZID means: by its name, else by its VTIMEZONE (RFC 5545 section 3.6.5).

use content_line::{Document, Line, split, unescape};

use super::component::moment;
use crate::Rule;
use crate::zone::{Definition, Observance, REFERENCE_YEAR, Zone};

/// Most STANDARD and DAYLIGHT parts of one definition that are read; those with the full history have about 200.
const OBSERVANCES_MAX: usize = 500;

pub(crate) fn resolve(document: &Document<'_>, calendar: usize, tzid: &str) -> Option<Zone> {
    if let Some(zone) = Zone::by_name(tzid) {
        return Some(zone);
    }
    let definition = definition(document, calendar, tzid)?;
    // What libical and Evolution write beside a name of their own.
    if let Some(zone) = text(document, definition, "X-LIC-LOCATION").and_then(|name| Zone::by_name(&name)) {
        return Some(zone);
    }
    let zone = as_written(document, calendar, tzid)?;
    Some(zone.twin(REFERENCE_YEAR, None).unwrap_or(zone))
}

/// What the VTIMEZONE says, whatever others call by its name.
pub(crate) fn as_written(document: &Document<'_>, calendar: usize, tzid: &str) -> Option<Zone> {
    let definition = definition(document, calendar, tzid)?;
    let observances: Vec<Observance> = document
        .children(definition)
        .take(OBSERVANCES_MAX)
        .filter_map(|child| observance(document, child))
        .collect();
    Some(Zone::defined(Definition::new(tzid, &observances)?))
}

/// Whether a VTIMEZONE defines the TZID.
pub(crate) fn has_timezone(document: &Document<'_>, calendar: usize, tzid: &str) -> bool {
    definition(document, calendar, tzid).is_some()
}

fn definition(document: &Document<'_>, calendar: usize, tzid: &str) -> Option<usize> {
    document.children(calendar).find(|child| {
        document.component(*child).is_some_and(|child| child.name() == "VTIMEZONE")
            && text(document, *child, "TZID").as_deref() == Some(tzid)
    })
}

fn text(document: &Document<'_>, component: usize, name: &str) -> Option<String> {
    document.property(component, name).map(|(_, line)| unescape(&line.value()).into_owned())
}

fn observance(document: &Document<'_>, index: usize) -> Option<Observance> {
    let property = |name: &str| document.property(index, name).map(|(_, line)| line);
    let dates = |line: &Line<'_>| {
        split(&line.value(), ',')
            .filter_map(|value| Some(crate::Moment::parse(value, None)?.local()))
            .collect::<Vec<_>>()
    };
    Some(Observance {
        offset_from_s: offset_s(&property("TZOFFSETFROM")?.value())?,
        offset_to_s: offset_s(&property("TZOFFSETTO")?.value())?,
        start: moment(property("DTSTART")?)?.local(),
        rules: document
            .properties(index, "RRULE")
            .take(2)
            .filter_map(|(_, line)| Rule::parse(&line.value()))
            .collect(),
        dates: document.properties(index, "RDATE").flat_map(|(_, line)| dates(line)).collect(),
    })
}

/// UTC-OFFSET: RFC 5545 section 3.3.14.
fn offset_s(text: &str) -> Option<i32> {
    let text = text.trim();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.trim_start_matches(['+', '-']);
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range| digits.get(range).map_or(Some(0), |part: &str| part.parse::<i32>().ok());
    Some(sign * (part(0..2)? * 3_600 + part(2..4)? * 60 + part(4..6)?))
        .filter(|offset| offset.abs() <= 86_400)
}
