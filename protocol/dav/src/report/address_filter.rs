//! The filter of `addressbook-query`: RFC 6352 section 10.5.

use super::{ParameterCondition, ParameterFilter, TextMatch, bounded, required};
use crate::name::{attribute, carddav};
use crate::xml::Element;
use crate::{Precondition, RequestError};

/// How conditions are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Test {
    /// One of them is enough.
    #[default]
    AnyOf,
    /// All must hold.
    AllOf,
}

/// A condition on a card: RFC 6352 section 10.5. Without any property every card matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFilter {
    /// How the conditions are joined.
    pub test: Test,
    /// The conditions.
    pub properties: Vec<CardPropertyFilter>,
}

/// A condition on a property: RFC 6352 section 10.5.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardPropertyFilter {
    /// The name of the property, upper-case. With a group (`ITEM1.TEL`) only that very one, else any.
    pub name: String,
    /// What it must be like.
    pub condition: CardCondition,
}

/// What a property of a card must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CardCondition {
    /// It must not be there.
    IsNotDefined,
    /// It must be there and meet the conditions, if there are any.
    Defined {
        /// How the conditions are joined.
        test: Test,
        /// Conditions on its value.
        texts: Vec<TextMatch>,
        /// Conditions on its parameters.
        parameters: Vec<ParameterFilter>,
    },
}

impl CardFilter {
    pub(super) fn parse(element: &Element) -> Result<Self, RequestError> {
        bounded(element, Precondition::CardSupportedFilter)?;
        let properties = element.children().map(CardPropertyFilter::parse).collect::<Result<_, _>>()?;
        Ok(Self { test: test(element)?, properties })
    }
}

impl CardPropertyFilter {
    fn parse(element: &Element) -> Result<Self, RequestError> {
        if element.name() != carddav::PROP_FILTER {
            return Err(Precondition::CardSupportedFilter.into());
        }
        let (mut texts, mut parameters) = (Vec::new(), Vec::new());
        let mut not_defined = false;
        for child in element.children() {
            match child.name() {
                carddav::IS_NOT_DEFINED => not_defined = true,
                carddav::TEXT_MATCH => texts.push(TextMatch::in_card(child)?),
                carddav::PARAM_FILTER => parameters.push(ParameterFilter::in_card(child)?),
                _ => return Err(Precondition::CardSupportedFilter.into()),
            }
        }
        let condition = match (not_defined, texts.is_empty() && parameters.is_empty()) {
            (true, true) => CardCondition::IsNotDefined,
            (true, false) => {
                return Err(RequestError::malformed(element.name(), "conditions on what is not defined"));
            }
            (false, _) => CardCondition::Defined { test: test(element)?, texts, parameters },
        };
        Ok(Self { name: required(element, attribute::NAME)?.to_ascii_uppercase(), condition })
    }
}

impl ParameterFilter {
    fn in_card(element: &Element) -> Result<Self, RequestError> {
        let mut children = element.children();
        let condition = match (children.next(), children.next()) {
            (None, _) => ParameterCondition::Defined(None),
            (Some(child), None) if child.name() == carddav::IS_NOT_DEFINED => {
                ParameterCondition::IsNotDefined
            }
            (Some(child), None) if child.name() == carddav::TEXT_MATCH => {
                ParameterCondition::Defined(Some(TextMatch::in_card(child)?))
            }
            _ => return Err(Precondition::CardSupportedFilter.into()),
        };
        Ok(Self { name: required(element, attribute::NAME)?.to_ascii_uppercase(), condition })
    }
}

fn test(element: &Element) -> Result<Test, RequestError> {
    match element.attribute(attribute::TEST) {
        None | Some("anyof") => Ok(Test::AnyOf),
        Some("allof") => Ok(Test::AllOf),
        Some(_) => Err(RequestError::malformed(element.name(), "test is neither anyof nor allof")),
    }
}
