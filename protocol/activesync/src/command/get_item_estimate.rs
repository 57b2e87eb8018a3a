//! GetItemEstimate: how many changes Sync would bring. MS-ASCMD section 2.2.1.9.
//!
//! Up to 12.1 Class and FilterType stand in the collection itself, from 14.0 in its Options; both are read,
//! whatever the version says.

use wbxml::Element;
use wbxml::page::{airsync, get_item_estimate as page};

use super::sync::{FilterType, Options, UNFIT_FILTER};
use crate::error::RequestError;
use crate::item::Class;
use crate::parse;
use crate::status::{CommonStatus, EstimateStatus};
use crate::sync_key::ClientKey;

/// Most collections of one request.
pub const COLLECTIONS_MAX: usize = super::sync::request::COLLECTIONS_MAX;

/// One collection to estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// As the client sent it, to be echoed.
    pub id: String,
    /// Where the client stands.
    pub key: ClientKey,
    /// Mails of the same conversation count whatever their age.
    pub conversation_mode: bool,
    /// `None` if nothing was said: as in the last Sync.
    pub options: Option<Options>,
}

/// The answer for one collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// As in the request.
    pub id: String,
    /// Up to 12.1 only, as in the request.
    pub class: Option<Class>,
    /// How many changes, or why that cannot be said.
    pub outcome: Result<u32, EstimateStatus>,
}

/// Reads `<GetItemEstimate>`.
///
/// # Errors
/// Status 103 if a collection has no id or key, there are too many, or their options are out of range; 110 for a filter
/// that the class does not have (MS-ASCMD R3009, R3018).
pub fn parse(root: &Element) -> Result<Vec<Collection>, RequestError> {
    parse::expect_root(root, page::GET_ITEM_ESTIMATE)?;
    let list = root.child(page::COLLECTIONS).ok_or(RequestError::Structure("no Collections"))?;
    let mut collections = Vec::new();
    for element in list.all(page::COLLECTION) {
        if collections.len() == COLLECTIONS_MAX {
            return Err(RequestError::Structure("too many collections"));
        }
        let key = parse::required(element, airsync::SYNC_KEY, "collection has no SyncKey")?;
        collections.push(Collection {
            id: parse::required(element, page::COLLECTION_ID, "collection has no CollectionId")?,
            key: ClientKey::parse(&key),
            conversation_mode: parse::flag(element.child(airsync::CONVERSATION_MODE)),
            options: options(element).map_err(|error| if error == UNFIT_FILTER { UNFIT } else { error })?,
        });
    }
    if collections.is_empty() {
        return Err(RequestError::Structure("no Collection"));
    }
    Ok(collections)
}

const UNFIT: RequestError =
    RequestError::common(CommonStatus::ServerError, "the class has no such FilterType");

fn options(element: &Element) -> Result<Option<Options>, RequestError> {
    let all: Vec<_> = element.all(airsync::OPTIONS).map(Options::parse).collect::<Result<_, _>>()?;
    if let Some(options) = all.into_iter().find(|options| options.class != Some(Class::Sms)) {
        return Ok(Some(options));
    }
    let class = element.child_value(page::CLASS).as_deref().and_then(Class::from_name);
    let filtered = element.child(airsync::FILTER_TYPE).is_some();
    if class.is_none() && !filtered {
        return Ok(None);
    }
    let options = Options { class, filter_type: FilterType::read(element)?, ..Options::default() };
    options.check(class.unwrap_or(Class::Contacts))?;
    Ok(Some(options))
}

/// The answer, one Response for each collection.
#[must_use]
pub fn answer(estimates: impl IntoIterator<Item = Estimate>) -> Element {
    let mut document = Element::new(page::GET_ITEM_ESTIMATE);
    for estimate in estimates {
        let status = match estimate.outcome {
            Ok(_) => EstimateStatus::Success,
            Err(status) => status,
        };
        let mut response =
            Element::new(page::RESPONSE).with(Element::text(page::STATUS, status.code().to_string()));
        if let Ok(count) = estimate.outcome {
            let mut collection = Element::new(page::COLLECTION);
            if let Some(class) = estimate.class {
                collection.push(Element::text(page::CLASS, class.name()));
            }
            response.push(
                collection
                    .with(Element::text(page::COLLECTION_ID, estimate.id))
                    .with(Element::text(page::ESTIMATE, count.to_string())),
            );
        }
        document.push(response);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(collection: Element) -> Element {
        Element::new(page::GET_ITEM_ESTIMATE).with(Element::new(page::COLLECTIONS).with(collection))
    }

    #[test]
    fn both_shapes_say_the_same() {
        let old = request(
            Element::new(page::COLLECTION)
                .with(Element::text(page::CLASS, "Email"))
                .with(Element::text(airsync::FILTER_TYPE, "2"))
                .with(Element::text(airsync::SYNC_KEY, "3.1"))
                .with(Element::text(page::COLLECTION_ID, "1w5")),
        );
        let new = request(
            Element::new(page::COLLECTION)
                .with(Element::text(airsync::SYNC_KEY, "3.1"))
                .with(Element::text(page::COLLECTION_ID, "1w5"))
                .with(
                    Element::new(airsync::OPTIONS)
                        .with(Element::text(airsync::CLASS, "Email"))
                        .with(Element::text(airsync::FILTER_TYPE, "2")),
                ),
        );
        let read = parse(&old).unwrap();
        assert_eq!(read, parse(&new).unwrap());
        assert_eq!(read[0].options.as_ref().unwrap().filter_type, FilterType::ThreeDays);
        assert_eq!((read[0].id.as_str(), read[0].conversation_mode), ("1w5", false));
    }

    #[test]
    fn without_options_the_last_ones_count() {
        let bare = request(
            Element::new(page::COLLECTION)
                .with(Element::text(airsync::SYNC_KEY, "0"))
                .with(Element::text(page::COLLECTION_ID, "1w5")),
        );
        let read = parse(&bare).unwrap();
        assert_eq!((read[0].key, &read[0].options), (ClientKey::Initial, &None));
        assert!(parse(&request(Element::new(page::COLLECTION))).is_err());
        assert!(parse(&Element::new(page::GET_ITEM_ESTIMATE)).is_err());
    }

    #[test]
    fn the_answer_tells_counts_or_reasons() {
        let document = answer([
            Estimate { id: "1w5".into(), class: None, outcome: Ok(12) },
            Estimate { id: "1w6".into(), class: None, outcome: Err(EstimateStatus::NotPrimed) },
        ]);
        let responses: Vec<_> = document.all(page::RESPONSE).collect();
        let collection = responses[0].child(page::COLLECTION).unwrap();
        assert_eq!(collection.child_value(page::ESTIMATE).as_deref(), Some("12"));
        assert_eq!(responses[1].child_value(page::STATUS).as_deref(), Some("3"));
        assert!(responses[1].child(page::COLLECTION).is_none());
    }
}
