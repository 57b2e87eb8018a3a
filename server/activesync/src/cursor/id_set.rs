//! Identities of items, as many as a few answers can name.

use vocabulary::ItemId;

/// Most identities of one set.
pub(crate) const IDS_MAX: usize = 1024;

/// A set of identities of bounded size.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct IdSet {
    /// Ascending.
    ids: Vec<ItemId>,
}

impl IdSet {
    pub(crate) fn iter(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.ids.iter().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn contains(&self, id: ItemId) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// `false`: there is no room.
    pub(crate) fn insert(&mut self, id: ItemId) -> bool {
        match self.ids.binary_search(&id) {
            Ok(_) => true,
            Err(_) if self.ids.len() >= IDS_MAX => false,
            Err(at) => {
                self.ids.insert(at, id);
                true
            }
        }
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, id: ItemId) -> bool {
        let found = self.ids.binary_search(&id);
        found.is_ok_and(|at| {
            self.ids.remove(at);
            true
        })
    }

    /// All of them; `None`: there is no room.
    pub(crate) fn collect(ids: impl IntoIterator<Item = ItemId>) -> Option<Self> {
        let mut set = Self::default();
        ids.into_iter().all(|id| set.insert(id)).then_some(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_set_says_so() {
        let mut set = IdSet::collect((0..IDS_MAX as i64).rev().map(ItemId)).unwrap();
        assert!(set.insert(ItemId(7)) && !set.insert(ItemId(-1)));
        assert!(set.remove(ItemId(7)) && !set.remove(ItemId(7)));
        assert!(set.insert(ItemId(-1)));
        assert_eq!(set.iter().next(), Some(ItemId(-1)));
        assert!(set.iter().is_sorted() && set.iter().all(|id| id != ItemId(7)));
        assert_eq!(IdSet::collect((0..=IDS_MAX as i64).map(ItemId)), None);
    }
}
