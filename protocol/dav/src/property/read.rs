//! Values that clients set: PROPPATCH, MKCALENDAR and extended MKCOL.

use super::{Component, Property, ResourceType, Transparency, Value};
use crate::name::{Name, attribute, caldav, dav};
use crate::xml::Element;
use crate::{Precondition, RequestError};

impl Property {
    /// The value that an element sets.
    ///
    /// # Errors
    /// [`RequestError::Refused`] for a protected property, a resource type or component that we do not know;
    /// [`RequestError::Malformed`] for what the property cannot hold.
    pub fn read(self, element: &Element) -> Result<Value, RequestError> {
        match self {
            Self::DisplayName
            | Self::CalendarDescription
            | Self::CalendarTimezone
            | Self::CalendarAvailability
            | Self::AddressBookDescription => Ok(Value::Text(element.text())),
            Self::CalendarTimezoneId | Self::CalendarColor => {
                Ok(Value::Text(element.text().trim().to_owned()))
            }
            Self::CalendarOrder => {
                let number = element.text().trim().parse();
                number
                    .map(Value::Integer)
                    .map_err(|_| RequestError::malformed(element.name(), "not a number"))
            }
            Self::GroupMemberSet | Self::CalendarFreeBusySet => Ok(Value::Hrefs(hrefs(element))),
            Self::ScheduleDefaultCalendarUrl | Self::Source => {
                let href = hrefs(element).into_iter().next();
                href.map(Value::Href).ok_or_else(|| RequestError::malformed(element.name(), "no href"))
            }
            Self::ResourceType => {
                let types = element.children().map(|kind| ResourceType::from_name(kind.name()));
                let types: Option<_> = types.collect();
                Ok(Value::ResourceTypes(types.ok_or(Precondition::ValidResourceType)?))
            }
            Self::SupportedCalendarComponentSet => {
                let names = elements(element, caldav::COMP).map(|comp| comp.attribute(attribute::NAME));
                let components: Option<Vec<_>> =
                    names.map(|name| name.and_then(Component::from_name)).collect();
                // Of a set without any of these nothing could ever be stored.
                let held = [Component::Event, Component::ToDo, Component::Journal];
                let components = components.filter(|set| held.iter().any(|kind| set.contains(kind)));
                Ok(Value::Components(components.ok_or(Precondition::SupportedCalendarComponent)?))
            }
            Self::ScheduleCalendarTransp => transparency(element),
            _ => Err(Precondition::CannotModifyProtectedProperty.into()),
        }
    }
}

fn elements<'a>(element: &'a Element, name: Name<'static>) -> impl Iterator<Item = &'a Element> {
    element.children().filter(move |child| child.name() == name)
}

fn hrefs(element: &Element) -> Vec<String> {
    elements(element, dav::HREF).map(|href| href.text().trim().to_owned()).collect()
}

fn transparency(element: &Element) -> Result<Value, RequestError> {
    let transparency = if element.child(caldav::OPAQUE).is_some() {
        Transparency::Opaque
    } else if element.child(caldav::TRANSPARENT).is_some() {
        Transparency::Transparent
    } else {
        return Err(RequestError::malformed(element.name(), "neither opaque nor transparent"));
    };
    Ok(Value::Transparency(transparency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multistatus::Detail;
    use crate::property::Access;
    use crate::xml::Writer;

    fn written(property: Property, value: &Value) -> Element {
        let mut writer = Writer::fragment();
        value.element(property.name(), Detail::Full, &mut writer);
        Element::decode(&writer.finish()).unwrap()
    }

    #[test]
    fn what_can_be_set_is_read_as_it_is_written() {
        let text = || Value::Text("a <b> & ]]> \u{1F600}\r\n".into());
        let hrefs = || Value::Hrefs(vec!["/a/".into(), "/b/?&".into()]);
        for (property, value) in [
            (Property::DisplayName, text()),
            (Property::CalendarDescription, text()),
            (Property::CalendarTimezone, text()),
            (Property::CalendarAvailability, text()),
            (Property::AddressBookDescription, text()),
            (Property::CalendarTimezoneId, Value::Text("Europe/Berlin".into())),
            (Property::CalendarColor, Value::Text("#FF0000FF".into())),
            (Property::CalendarOrder, Value::Integer(-3)),
            (Property::GroupMemberSet, hrefs()),
            (Property::GroupMemberSet, Value::Hrefs(Vec::new())),
            (Property::CalendarFreeBusySet, hrefs()),
            (Property::ScheduleDefaultCalendarUrl, Value::Href("/a/".into())),
            (Property::Source, Value::Href("https://a.test/x.ics?a&b".into())),
            (
                Property::ResourceType,
                Value::ResourceTypes(vec![ResourceType::Collection, ResourceType::Calendar]),
            ),
            (Property::SupportedCalendarComponentSet, Value::Components(Component::ALL.into())),
            (Property::ScheduleCalendarTransp, Value::Transparency(Transparency::Opaque)),
            (Property::ScheduleCalendarTransp, Value::Transparency(Transparency::Transparent)),
        ] {
            assert_ne!(property.access(), Access::Protected);
            assert_eq!(property.read(&written(property, &value)), Ok(value));
        }
    }

    // RFC 4918 section 15, RFC 4791 section 5.2.3.
    #[test]
    fn exactly_the_protected_properties_cannot_be_set() {
        for property in Property::ALL {
            let refused = property.read(&Element::new(property.name()))
                == Err(Precondition::CannotModifyProtectedProperty.into());
            assert_eq!(refused, property.access() == Access::Protected, "{property:?}");
        }
    }

    #[test]
    fn what_a_property_cannot_hold_is_refused() {
        for (property, content, expected) in [
            (Property::CalendarOrder, "first", None),
            (Property::ScheduleDefaultCalendarUrl, "/a/", None),
            (Property::ScheduleCalendarTransp, "<C:glass/>", None),
            (Property::ResourceType, "<D:collection/><C:planner/>", Some(Precondition::ValidResourceType)),
            (
                Property::SupportedCalendarComponentSet,
                "<C:comp name='VEVENT'/><C:comp name='VWISH'/>",
                Some(Precondition::SupportedCalendarComponent),
            ),
            (Property::SupportedCalendarComponentSet, "", Some(Precondition::SupportedCalendarComponent)),
            (
                Property::SupportedCalendarComponentSet,
                "<C:comp name='VFREEBUSY'/><C:comp name='VAVAILABILITY'/>",
                Some(Precondition::SupportedCalendarComponent),
            ),
        ] {
            let namespaces = "xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'";
            let element = Element::decode(&format!("<x {namespaces}>{content}</x>")).unwrap();
            match (property.read(&element), expected) {
                (Err(RequestError::Malformed { .. }), None) => {}
                (Err(RequestError::Refused(found)), Some(expected)) => assert_eq!(found, expected),
                (found, _) => panic!("{property:?}: {found:?}"),
            }
        }
    }
}
