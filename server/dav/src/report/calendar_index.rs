//! The filter of calendar-query on the index of an object: RFC 4791 section 9.7.

use calendar::{Index, IndexedComponent};
use dav_wire::report::{ComponentCondition, ComponentFilter, PropertyCondition, PropertyFilter, ValueTest};

/// Whether an index can answer a filter: it knows all its components and properties, no times and no parameters.
pub(super) fn is_covered(filter: &ComponentFilter) -> bool {
    let ComponentCondition::Defined { time_range: None, properties, components } = &filter.condition else {
        return false;
    };
    filter.name.eq_ignore_ascii_case("VCALENDAR")
        && properties.is_empty()
        && components.iter().all(is_component_covered)
}

/// How many conditions on properties a filter has.
pub(super) fn conditions(filter: &ComponentFilter) -> usize {
    match &filter.condition {
        ComponentCondition::IsNotDefined => 0,
        ComponentCondition::Defined { properties, components, .. } => {
            properties.len() + components.iter().map(conditions).sum::<usize>()
        }
    }
}

fn is_component_covered(filter: &ComponentFilter) -> bool {
    Index::covers_component(&filter.name)
        && match &filter.condition {
            ComponentCondition::IsNotDefined => true,
            ComponentCondition::Defined { time_range, properties, components } => {
                time_range.is_none() && components.is_empty() && properties.iter().all(is_property_covered)
            }
        }
}

fn is_property_covered(filter: &PropertyFilter) -> bool {
    Index::covers(&filter.name)
        && match &filter.condition {
            PropertyCondition::IsNotDefined => true,
            PropertyCondition::Defined { value, parameters } => {
                !matches!(value, Some(ValueTest::TimeRange(_))) && parameters.is_empty()
            }
        }
}

/// Whether the object of an index matches a filter that is [covered](is_covered).
pub(super) fn matches(filter: &ComponentFilter, index: Index<'_>) -> bool {
    let ComponentCondition::Defined { components, .. } = &filter.condition else { return false };
    components.iter().all(|filter| {
        let mut named = index.components(&filter.name);
        match &filter.condition {
            ComponentCondition::IsNotDefined => named.next().is_none(),
            ComponentCondition::Defined { properties, .. } => {
                named.any(|component| properties.iter().all(|filter| property(filter, component)))
            }
        }
    })
}

fn property(filter: &PropertyFilter, component: IndexedComponent<'_>) -> bool {
    let mut texts = component.texts(&filter.name);
    match &filter.condition {
        PropertyCondition::IsNotDefined => texts.next().is_none(),
        PropertyCondition::Defined { value: Some(ValueTest::Text(wanted)), .. } => {
            texts.any(|text| wanted.matches(text))
        }
        PropertyCondition::Defined { .. } => texts.next().is_some(),
    }
}
