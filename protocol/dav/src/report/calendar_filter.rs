//! The filter of `calendar-query`: RFC 4791 section 9.7.
//!
//! All conditions of a filter must hold. What we do not know is refused: a condition that is overlooked would
//! give too much.

use super::{TextMatch, bounded, required};
use crate::name::{attribute, caldav};
use crate::time::TimeRange;
use crate::xml::Element;
use crate::{Precondition, RequestError};

/// A condition on a component: RFC 4791 section 9.7.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentFilter {
    /// The name of the component, upper-case.
    pub name: String,
    /// What it must be like.
    pub condition: ComponentCondition,
}

/// What a component must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentCondition {
    /// It must not be there.
    IsNotDefined,
    /// It must be there.
    Defined {
        /// An instance of it touches this.
        time_range: Option<TimeRange>,
        /// Conditions on its properties.
        properties: Vec<PropertyFilter>,
        /// Conditions on the components within.
        components: Vec<ComponentFilter>,
    },
}

/// A condition on a property: RFC 4791 section 9.7.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyFilter {
    /// The name of the property, upper-case.
    pub name: String,
    /// What it must be like.
    pub condition: PropertyCondition,
}

/// What a property must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyCondition {
    /// It must not be there.
    IsNotDefined,
    /// It must be there.
    Defined {
        /// A condition on its value.
        value: Option<ValueTest>,
        /// Conditions on its parameters.
        parameters: Vec<ParameterFilter>,
    },
}

/// What the value of a property must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueTest {
    /// It touches this.
    TimeRange(TimeRange),
    /// It matches this.
    Text(TextMatch),
}

/// A condition on a parameter: RFC 4791 section 9.7.3, RFC 6352 section 10.5.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterFilter {
    /// The name of the parameter, upper-case.
    pub name: String,
    /// What it must be like.
    pub condition: ParameterCondition,
}

/// What a parameter must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterCondition {
    /// It must not be there.
    IsNotDefined,
    /// It must be there, and match this.
    Defined(Option<TextMatch>),
}

impl ComponentFilter {
    /// The filter of a report. Anything wrong with it has a name: RFC 4791 section 7.8.
    pub(super) fn parse(filter: Option<&Element>) -> Result<Self, RequestError> {
        if let Some(filter) = filter {
            bounded(filter, Precondition::SupportedFilter)?;
        }
        let mut children = filter.into_iter().flat_map(Element::children);
        let (Some(outermost), None) = (children.next(), children.next()) else {
            return Err(Precondition::ValidFilter.into());
        };
        let named = |error| match error {
            RequestError::Malformed { .. } => Precondition::ValidFilter.into(),
            other => other,
        };
        let filter = Self::within(outermost).map_err(named)?;
        // Section 9.9: only what lies in a VCALENDAR has a time.
        let has_time = matches!(filter.condition, ComponentCondition::Defined { time_range: Some(_), .. });
        if filter.name == "VCALENDAR" && !has_time {
            Ok(filter)
        } else {
            Err(Precondition::ValidFilter.into())
        }
    }

    /// The reader has bounded the depth.
    fn within(element: &Element) -> Result<Self, RequestError> {
        if element.name() != caldav::COMP_FILTER {
            return Err(Precondition::SupportedFilter.into());
        }
        let condition = if is_not_defined(element)? {
            ComponentCondition::IsNotDefined
        } else {
            let mut time_range = None;
            let (mut properties, mut components) = (Vec::new(), Vec::new());
            for child in element.children() {
                match child.name() {
                    caldav::TIME_RANGE => set_once(&mut time_range, TimeRange::parse(child)?, element)?,
                    caldav::PROP_FILTER => properties.push(PropertyFilter::parse(child)?),
                    _ => components.push(Self::within(child)?),
                }
            }
            ComponentCondition::Defined { time_range, properties, components }
        };
        Ok(Self { name: name(element)?, condition })
    }
}

impl PropertyFilter {
    fn parse(element: &Element) -> Result<Self, RequestError> {
        let condition = if is_not_defined(element)? {
            PropertyCondition::IsNotDefined
        } else {
            let (mut value, mut parameters) = (None, Vec::new());
            for child in element.children() {
                match child.name() {
                    caldav::TIME_RANGE => {
                        set_once(&mut value, ValueTest::TimeRange(TimeRange::parse(child)?), element)?;
                    }
                    caldav::TEXT_MATCH => {
                        set_once(&mut value, ValueTest::Text(TextMatch::in_calendar(child)?), element)?;
                    }
                    caldav::PARAM_FILTER => parameters.push(ParameterFilter::in_calendar(child)?),
                    _ => return Err(Precondition::SupportedFilter.into()),
                }
            }
            PropertyCondition::Defined { value, parameters }
        };
        Ok(Self { name: name(element)?, condition })
    }
}

impl ParameterFilter {
    fn in_calendar(element: &Element) -> Result<Self, RequestError> {
        let condition = if is_not_defined(element)? {
            ParameterCondition::IsNotDefined
        } else {
            let mut text = None;
            for child in element.children() {
                match child.name() {
                    caldav::TEXT_MATCH => set_once(&mut text, TextMatch::in_calendar(child)?, element)?,
                    _ => return Err(Precondition::SupportedFilter.into()),
                }
            }
            ParameterCondition::Defined(text)
        };
        Ok(Self { name: name(element)?, condition })
    }
}

/// Whether an element has `is-not-defined`, which must then be all it has.
fn is_not_defined(element: &Element) -> Result<bool, RequestError> {
    if element.child(caldav::IS_NOT_DEFINED).is_none() {
        return Ok(false);
    }
    if element.children().count() == 1 {
        return Ok(true);
    }
    Err(RequestError::malformed(element.name(), "conditions on what is not defined"))
}

fn set_once<T>(slot: &mut Option<T>, value: T, element: &Element) -> Result<(), RequestError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(RequestError::malformed(element.name(), "two conditions where one may stand")),
    }
}

fn name(element: &Element) -> Result<String, RequestError> {
    required(element, attribute::NAME).map(str::to_ascii_uppercase)
}
