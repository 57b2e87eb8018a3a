//! The documents of WebDAV-Push: draft-bitfire-webdav-push, <https://github.com/bitfireAT/webdav-push>, whose parts are
//! named here by their titles.
//!
//! Liberties: depths are not looked at, since a trigger that asks for more or less is met by what there is; a
//! registration without `trigger` asks for all that there is, as some programs send none. What is absent: a choice of
//! properties (the draft lets a server ignore it), other transports than Web Push.

use crate::Precondition;
use crate::name::{Name, attribute, dav, push};
use crate::time::parse_http_date;
use crate::xml::{Attribute, Element, Node, Writer};
use vocabulary::Timestamp;

/// The only content coding in which messages are sent: RFC 8188 section 2.
const ENCODING: &str = "aes128gcm";
/// What kind of key a client's is.
const CLIENT_KEY_TYPE: &str = "p256dh";
/// What kind of key the server's is.
const SERVER_KEY_TYPE: &str = "p256ecdsa";
/// Most registrations that a request names as those that it is not told to.
const NAMED_MAX: usize = 100;

/// A registration: "Subscription Registration", "Web Push Transport".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRegister {
    /// The URL to which messages are sent.
    pub push_resource: String,
    /// The client's key, base64url.
    pub public_key: String,
    /// What client and server share for it, base64url.
    pub auth_secret: String,
    /// To be told when members change.
    pub content_update: bool,
    /// To be told when properties of the collection change.
    pub property_update: bool,
    /// Until when, if the client says so and it can be read.
    pub expires: Option<Timestamp>,
}

impl PushRegister {
    /// Reads a [`push::PUSH_REGISTER`] element.
    ///
    /// # Errors
    /// [`Precondition::InvalidSubscription`], [`Precondition::NoSupportedTrigger`].
    pub fn read(root: &Element) -> Result<Self, Precondition> {
        let subscription = only(root, push::SUBSCRIPTION)
            .and_then(|subscription| only(subscription, push::WEB_PUSH_SUBSCRIPTION))
            .ok_or(Precondition::InvalidSubscription)?;
        let encoding = subscription.child(push::CONTENT_ENCODING).map(|encoding| encoding.text());
        let key =
            only(subscription, push::SUBSCRIPTION_PUBLIC_KEY).ok_or(Precondition::InvalidSubscription)?;
        let is_ours = encoding.is_none_or(|encoding| encoding.trim() == ENCODING)
            && key.attribute(attribute::TYPE) == Some(CLIENT_KEY_TYPE);
        if !is_ours {
            return Err(Precondition::InvalidSubscription);
        }
        let text = |name| -> Result<String, Precondition> {
            let element = only(subscription, name).ok_or(Precondition::InvalidSubscription)?;
            Ok(element.text().trim().to_owned())
        };
        let asks = |name| root.child(push::TRIGGER).is_none_or(|trigger| trigger.child(name).is_some());
        let register = Self {
            push_resource: text(push::PUSH_RESOURCE)?,
            public_key: key.text().trim().to_owned(),
            auth_secret: text(push::AUTH_SECRET)?,
            content_update: asks(push::CONTENT_UPDATE),
            property_update: asks(push::PROPERTY_UPDATE),
            expires: root.child(push::EXPIRES).and_then(|expires| parse_http_date(&expires.text())),
        };
        let asks_anything = register.content_update || register.property_update;
        if asks_anything { Ok(register) } else { Err(Precondition::NoSupportedTrigger) }
    }
}

/// The child of a name, if there is exactly one.
fn only<'e>(element: &'e Element, name: Name<'static>) -> Option<&'e Element> {
    let mut named = element.children().filter(|child| child.name() == name);
    named.next().filter(|_| named.next().is_none())
}

/// The property [`PushTransports`](crate::Property::PushTransports): Web Push, with the key by which the server proves
/// who it is (uncompressed, base64url).
#[must_use]
pub fn transports(vapid_public_key: &str) -> Element {
    let mut key = leaf(push::VAPID_PUBLIC_KEY, vapid_public_key);
    key.attributes.push(Attribute { name: attribute::TYPE.into(), value: SERVER_KEY_TYPE.to_owned() });
    around(push::TRANSPORTS, [around(push::WEB_PUSH, [key])])
}

/// The property [`PushTriggers`](crate::Property::PushTriggers): changes of members, and of the properties of the
/// collection itself.
#[must_use]
pub fn supported_triggers() -> Element {
    let trigger = |name, depth| around(name, [leaf(dav::DEPTH, depth)]);
    let triggers = [trigger(push::CONTENT_UPDATE, "1"), trigger(push::PROPERTY_UPDATE, "0")];
    around(push::SUPPORTED_TRIGGERS, triggers)
}

fn leaf(name: Name<'static>, text: &str) -> Element {
    let mut element = Element::new(name);
    element.nodes.push(Node::Text(text.to_owned()));
    element
}

fn around<const N: usize>(name: Name<'static>, children: [Element; N]) -> Element {
    let mut element = Element::new(name);
    element.nodes.extend(children.into_iter().map(Node::Element));
    element
}

/// A message: "Push Message". `sync_token`: members changed, and that is the state they have now.
#[must_use]
pub fn push_message(topic: &str, sync_token: Option<&str>, property_update: bool) -> Vec<u8> {
    let mut writer = Writer::document(push::PUSH_MESSAGE);
    writer.leaf(push::TOPIC, topic);
    if let Some(token) = sync_token {
        writer.open(push::CONTENT_UPDATE);
        writer.leaf(dav::SYNC_TOKEN, token);
        writer.close();
    }
    if property_update {
        writer.empty(push::PROPERTY_UPDATE);
    }
    writer.finish().into_bytes()
}

/// Who is not to be told of what a request does: "Suppressing Notifications".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DontNotify {
    /// All are.
    #[default]
    Nobody,
    /// The registrations with these URLs.
    These(Vec<String>),
    /// None.
    Everybody,
}

impl DontNotify {
    /// Reads all `Push-Dont-Notify` headers of a request: `*`, or URLs in quotes or, as older programs write them,
    /// without.
    #[must_use]
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let parts = values.into_iter().flat_map(|value| value.split(',')).map(str::trim);
        let named: Vec<_> = parts.filter(|part| !part.is_empty()).take(NAMED_MAX).collect();
        match named.as_slice() {
            [] => Self::Nobody,
            named if named.contains(&"*") => Self::Everybody,
            named => Self::These(named.iter().map(|url| url.trim_matches('"').to_owned()).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn element(text: &str) -> Element {
        parse(text.as_bytes(), &Limits::REQUEST).unwrap()
    }

    fn register(subscription: &str, rest: &str) -> Result<PushRegister, Precondition> {
        PushRegister::read(&element(&format!(
            "<push-register xmlns='https://bitfire.at/webdav-push' xmlns:D='DAV:'><subscription>\
             <web-push-subscription>{subscription}</web-push-subscription></subscription>{rest}</push-register>"
        )))
    }

    const SUBSCRIPTION: &str = "<push-resource> https://up.test/x?a&amp;b\n</push-resource>\
         <content-encoding>aes128gcm</content-encoding>\
         <subscription-public-key type='p256dh'>BCVx</subscription-public-key><auth-secret>BTBZ</auth-secret>";

    #[test]
    fn a_registration_says_where_what_and_how_long() {
        let all = "<trigger><content-update><D:depth>infinity</D:depth></content-update>\
             <property-update><D:depth>0</D:depth><D:prop><D:displayname/></D:prop></property-update></trigger>\
             <expires>Wed, 20 Dec 2023 10:03:31 GMT</expires>";
        let expected = PushRegister {
            push_resource: "https://up.test/x?a&b".to_owned(),
            public_key: "BCVx".to_owned(),
            auth_secret: "BTBZ".to_owned(),
            content_update: true,
            property_update: true,
            expires: Some(Timestamp(1_703_066_611_000)),
        };
        assert_eq!(register(SUBSCRIPTION, all), Ok(expected.clone()));
        let without_end = PushRegister { expires: None, ..expected };
        assert_eq!(register(SUBSCRIPTION, ""), Ok(without_end.clone()), "all that there is");
        assert_eq!(register(SUBSCRIPTION, "<expires>soon</expires>"), Ok(without_end.clone()));
        let of_content = PushRegister { property_update: false, ..without_end };
        let trigger = "<trigger><content-update/></trigger>";
        assert_eq!(register(SUBSCRIPTION, trigger), Ok(of_content.clone()));
        let plain = SUBSCRIPTION.replace("<content-encoding>aes128gcm</content-encoding>", "");
        assert_eq!(register(&plain, trigger), Ok(of_content));
    }

    #[test]
    fn what_cannot_be_met_is_refused_by_name() {
        for trigger in ["<trigger/>", "<trigger><weather-update/></trigger>"] {
            assert_eq!(register(SUBSCRIPTION, trigger), Err(Precondition::NoSupportedTrigger), "{trigger}");
        }
        for (old, new) in [
            ("aes128gcm", "aesgcm"),
            ("p256dh", "p384"),
            ("<auth-secret>BTBZ</auth-secret>", ""),
            ("<auth-secret>", "<auth-secret>x</auth-secret><auth-secret>"),
            ("push-resource", "pull-resource"),
        ] {
            let subscription = SUBSCRIPTION.replace(old, new);
            assert_eq!(register(&subscription, ""), Err(Precondition::InvalidSubscription), "{subscription}");
        }
        let other = "<push-register xmlns='https://bitfire.at/webdav-push'><subscription><pigeon/></subscription>\
             </push-register>";
        assert_eq!(PushRegister::read(&element(other)), Err(Precondition::InvalidSubscription));
    }

    #[test]
    fn a_message_says_no_more_than_that_something_changed() {
        let message = |token, properties| {
            let root = parse(&push_message("topic", token, properties), &Limits::REQUEST).unwrap();
            assert_eq!(root.name(), push::PUSH_MESSAGE);
            root.children().map(Element::encode).collect::<String>()
        };
        let told = message(Some("data:,1"), true);
        let order: Vec<_> = [">topic<", ":content-update", ">data:,1<", ":property-update"]
            .iter()
            .map(|part| told.find(part).unwrap_or_else(|| panic!("no {part} in {told}")))
            .collect();
        assert!(order.is_sorted(), "{told}");
        assert!(!message(None, true).contains("content-update"));
        assert!(!message(Some("x"), false).contains("property-update"));
    }

    #[test]
    fn properties_tell_what_there_is() {
        let transports = Element::decode(&transports("BA1H").encode()).unwrap();
        let key = transports.child(push::WEB_PUSH).unwrap().child(push::VAPID_PUBLIC_KEY).unwrap();
        assert_eq!((key.text().as_str(), key.attribute(attribute::TYPE)), ("BA1H", Some("p256ecdsa")));
        let triggers = supported_triggers();
        let depth = |name| triggers.child(name).unwrap().child(dav::DEPTH).unwrap().text();
        assert_eq!((depth(push::CONTENT_UPDATE), depth(push::PROPERTY_UPDATE)), ("1".into(), "0".into()));
    }

    #[test]
    fn a_request_names_who_is_not_told() {
        let these = |urls: &[&str]| DontNotify::These(urls.iter().map(|url| (*url).to_owned()).collect());
        for (values, expected) in [
            (&[][..], DontNotify::Nobody),
            (&["", " , "], DontNotify::Nobody),
            (&["*"], DontNotify::Everybody),
            (&["\"https://a.test/1\""], these(&["https://a.test/1"])),
            (&["https://a.test/1"], these(&["https://a.test/1"])),
            (
                &["\"https://a.test/1\", \"https://a.test/2\"", "x"],
                these(&["https://a.test/1", "https://a.test/2", "x"]),
            ),
            (&["\"https://a.test/1\", *"], DontNotify::Everybody),
        ] {
            assert_eq!(DontNotify::parse(values.iter().copied()), expected, "{values:?}");
        }
        let many = "x,".repeat(2 * NAMED_MAX);
        assert!(
            matches!(DontNotify::parse([many.as_str()]), DontNotify::These(named) if named.len() == NAMED_MAX)
        );
    }
}
