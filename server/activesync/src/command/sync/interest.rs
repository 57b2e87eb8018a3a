//! Which items of a collection a device wants: MS-ASCMD section 2.2.3.68.2.

use activesync_wire::command::sync::{FilterType, Options};
use activesync_wire::convert::calendar::month_of;
use activesync_wire::item::Class;
use storage::Item;
use vocabulary::{Component, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// A class, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interest {
    class: Class,
    /// Items before this moment are not wanted: mail by when it was received, events by when they end
    /// for the last time. Tasks that are not done stand at the end of time.
    pub(crate) since: Timestamp,
    /// Items look as they do at this moment. `None`: time does not change how they look.
    pub(crate) as_of: Option<Timestamp>,
    /// Of a conversation of which any mail is wanted all are.
    pub(crate) conversations: bool,
}

impl Interest {
    /// Days begin at midnight UTC, so that phones hear once a day of what became too old, and not at
    /// every minute.
    pub(crate) fn new(class: Class, options: &Options, now: Timestamp) -> Self {
        let filter = match class {
            Class::Contacts | Class::Notes => FilterType::All, // MS-ASCMD R3078
            Class::Email | Class::Calendar | Class::Tasks | Class::Sms => options.filter_type,
        };
        let since = match (filter, filter.days()) {
            (FilterType::Incomplete, _) => Timestamp(i64::MAX),
            (_, None) => Timestamp(i64::MIN),
            (_, Some(days)) => Timestamp((now.0.div_euclid(DAY_MS) - i64::from(days)) * DAY_MS),
        };
        Self { class, since, as_of: (class == Class::Calendar).then(|| month_of(now)), conversations: false }
    }

    /// Of mail: whole conversations, or single ones.
    pub(crate) fn of_conversations(self, whole: bool) -> Self {
        Self { conversations: whole && self.class == Class::Email, ..self }
    }

    /// Whether the class has such items. A calendar can hold to-dos of other clients, for instance.
    pub(crate) fn shows(self, item: &Item) -> bool {
        item.component == component_of(self.class)
    }

    pub(crate) fn wants(self, item: &Item) -> bool {
        self.shows(item) && item.filter_at >= self.since
    }

    /// Only mail has flags that phones show.
    pub(crate) fn has_flags(self) -> bool {
        self.class == Class::Email
    }
}

/// What an item of a class is in the store.
pub(crate) fn component_of(class: Class) -> Option<Component> {
    match class {
        Class::Email | Class::Sms => None,
        Class::Calendar => Some(Component::Event),
        Class::Contacts => Some(Component::Card),
        Class::Tasks => Some(Component::Todo),
        Class::Notes => Some(Component::Journal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_begin_at_midnight() {
        let noon = Timestamp(10 * DAY_MS + DAY_MS / 2);
        let since = |class, filter_type| {
            Interest::new(class, &Options { filter_type, ..Options::default() }, noon).since.0
        };
        assert_eq!(since(Class::Email, FilterType::OneDay), 9 * DAY_MS);
        assert_eq!(since(Class::Email, FilterType::OneWeek), 3 * DAY_MS);
        assert_eq!(since(Class::Calendar, FilterType::TwoWeeks), -4 * DAY_MS);
        assert_eq!(since(Class::Email, FilterType::All), i64::MIN);
        assert_eq!(since(Class::Tasks, FilterType::Incomplete), i64::MAX);
        assert_eq!(since(Class::Contacts, FilterType::OneDay), i64::MIN);
        assert_eq!(since(Class::Notes, FilterType::Incomplete), i64::MIN);
    }
}
